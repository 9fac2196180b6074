//! Rows of charts: minutes, days, weeks and months.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Answer, Kis};
use crate::domain::{Day, Minute, StockCode};
use crate::kis::charts::{self, MinutePage, PeriodPage};
use crate::kis::error::KisError;
use crate::kis::gate::Claim;
use crate::kis::pace::Priority;
use crate::kis::tr;

/// A minute's row may still change for so long after its end.
const SETTLED_MS: i64 = 10_000;

/// The unit of a period chart's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
}

/// Stock, day asked for (`None`: today's), newest minute, over midnight.
pub(super) type MinutesKey = (StockCode, Option<Day>, Minute, bool);
/// Stock, unit, from, to.
pub(super) type PeriodKey = (StockCode, Period, Day, Day);

impl Kis {
    /// Days, weeks or months between two dates, both included: the newest 100, adjusted,
    /// oldest first.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn period_chart(
        &self,
        code: StockCode,
        period: Period,
        from: Day,
        to: Day,
        priority: Priority,
    ) -> Result<Answer<PeriodPage>, KisError> {
        let unit = match period {
            Period::Day => "D",
            Period::Week => "W",
            Period::Month => "M",
        };
        let mut ask = self.stock(code);
        ask.extend([
            ("FID_INPUT_DATE_1", from.compact()),
            ("FID_INPUT_DATE_2", to.compact()),
            ("FID_PERIOD_DIV_CODE", unit.to_owned()),
            // 0 is adjusted here (and raw in inquire-daily-price).
            ("FID_ORG_ADJ_PRC", "0".to_owned()),
        ]);
        let (kis, shared) = (self.clone(), &self.shared);
        let want = self.want(priority, shared.times.candles, false);
        let fetch = async move |claim: Arc<Claim>| {
            kis.ask(&tr::PERIOD, &ask, &claim, |map| charts::period(map, code))
                .await
        };
        // The bar of today, of this week and of this month still changes.
        let lasts = move |answer: &Answer<PeriodPage>| {
            let today = answer.sent.day();
            let grows = match period {
                Period::Day => today,
                Period::Week => today.monday(),
                Period::Month => today.first_of_month(),
            };
            to < grows && !answer.value.rows.is_empty()
        };
        let key = (code, period, from, to);
        let kept = &shared.kept.periods;
        kept.get(key, want, &shared.gate, lasts, fetch).await
    }

    /// The 30 minutes of today up to and with `newest`, oldest first. Pass no future minute:
    /// the broker would invent rows.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn minutes_today(
        &self,
        code: StockCode,
        newest: Minute,
        priority: Priority,
    ) -> Result<Answer<MinutePage>, KisError> {
        let mut ask = self.stock(code);
        ask.extend([
            ("FID_INPUT_HOUR_1", newest.compact()),
            ("FID_PW_DATA_INCU_YN", "N".to_owned()),
            ("FID_ETC_CLS_CODE", String::new()),
        ]);
        let answer = self
            .minutes(
                &tr::MINUTES_TODAY,
                ask,
                (code, None, newest, false),
                priority,
            )
            .await?;
        let observed = &self.shared.observed;
        observed.rows(code, &answer.value.rows, answer.answered);
        Ok(answer)
    }

    /// The 120 minutes of `day` up to and with `newest`, oldest first; with `over_midnight` the
    /// page runs on into earlier days. A day without data is answered with another day's rows:
    /// look at the rows' dates. Real host only.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn minutes_dated(
        &self,
        code: StockCode,
        day: Day,
        newest: Minute,
        over_midnight: bool,
        priority: Priority,
    ) -> Result<Answer<MinutePage>, KisError> {
        let mut ask = self.stock(code);
        ask.extend([
            ("FID_INPUT_HOUR_1", newest.compact()),
            ("FID_INPUT_DATE_1", day.compact()),
            (
                "FID_PW_DATA_INCU_YN",
                if over_midnight { "Y" } else { "N" }.to_owned(),
            ),
            ("FID_FAKE_TICK_INCU_YN", String::new()),
        ]);
        let key = (code, Some(day), newest, over_midnight);
        self.minutes(&tr::MINUTES_DATED, ask, key, priority).await
    }

    async fn minutes(
        &self,
        tr: &'static tr::Tr,
        ask: Vec<(&'static str, String)>,
        key: MinutesKey,
        priority: Priority,
    ) -> Result<Answer<MinutePage>, KisError> {
        let (code, day, newest, _) = key;
        let (kis, shared) = (self.clone(), &self.shared);
        let want = self.want(priority, shared.times.candles, false);
        let fetch = async move |claim: Arc<Claim>| {
            let read = |map: &Map<String, Value>| charts::minutes(tr.id, map, code);
            kis.ask(tr, &ask, &claim, read).await
        };
        // What was asked for must be there, and have been over for long enough.
        let lasts = move |answer: &Answer<MinutePage>| {
            let day = day.unwrap_or(answer.sent.day());
            let over = day.at(newest).plus_ms(60_000 + SETTLED_MS) <= answer.sent;
            let last = answer.value.rows.last();
            over && last.is_some_and(|row| (row.day, row.minute) == (day, newest))
        };
        let kept = &shared.kept.minutes;
        kept.get(key, want, &shared.gate, lasts, fetch).await
    }
}
