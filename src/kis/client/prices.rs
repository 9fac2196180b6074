//! Prices, order books, executions, and the days on which there are any.

use std::sync::Arc;

use super::{Answer, Kis};
use crate::domain::{Day, Interruption, OrderBook, Quote, StockCode};
use crate::kis::error::KisError;
use crate::kis::gate::Claim;
use crate::kis::holidays::{self, HolidayPage, PageKey};
use crate::kis::pace::Priority;
use crate::kis::quotes::{self, RecentPrint};
use crate::kis::{interruptions, many, tr};

impl Kis {
    /// The price.
    ///
    /// # Errors
    ///
    /// See [`KisError`]; [`KisError::UnknownStock`] for a code the broker does not know.
    pub async fn quote(
        &self,
        code: StockCode,
        priority: Priority,
    ) -> Result<Answer<Quote>, KisError> {
        let (kis, shared) = (self.clone(), &self.shared);
        let want = self.want(priority, shared.times.price, true);
        let fetch = async move |claim: Arc<Claim>| {
            let ask = kis.stock(code);
            kis.ask(&tr::QUOTE, &ask, &claim, |map| quotes::quote(map, code))
                .await
        };
        let kept = &shared.kept.quotes;
        kept.get(code, want, &shared.gate, |_| true, fetch).await
    }

    /// The order book.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn book(
        &self,
        code: StockCode,
        priority: Priority,
    ) -> Result<Answer<OrderBook>, KisError> {
        let (kis, shared) = (self.clone(), &self.shared);
        let want = self.want(priority, shared.times.book, true);
        let fetch = async move |claim: Arc<Claim>| {
            let ask = kis.stock(code);
            kis.ask(&tr::BOOK, &ask, &claim, |map| quotes::book(map, code))
                .await
        };
        let kept = &shared.kept.books;
        kept.get(code, want, &shared.gate, |_| true, fetch).await
    }

    /// The last executions, at most 30, newest first.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn recent_prints(
        &self,
        code: StockCode,
        priority: Priority,
    ) -> Result<Answer<Vec<RecentPrint>>, KisError> {
        let (kis, shared) = (self.clone(), &self.shared);
        let want = self.want(priority, shared.times.executions, true);
        let fetch = async move |claim: Arc<Claim>| {
            let ask = kis.stock(code);
            kis.ask(&tr::RECENT, &ask, &claim, quotes::recent_prints)
                .await
        };
        let kept = &shared.kept.prints;
        kept.get(code, want, &shared.gate, |_| true, fetch).await
    }

    /// The prices of at most 30 stocks in one request, in the order asked
    /// for. A stock that the answer lacks, or whose row cannot be read, has its own error; the
    /// others stand. Says nothing about halts. Real host only.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`]; [`KisError::NotOffered`], without a request, on the paper host and for
    /// more stocks than fit.
    pub async fn quotes(
        &self,
        codes: &[StockCode],
        priority: Priority,
    ) -> Result<Answer<many::QuotesByStock>, KisError> {
        let ask = many::query(self.shared.endpoint.market, codes)?;
        let claim = Claim::new(priority);
        self.ask(&tr::QUOTES, &ask, &claim, |map| many::quotes(map, codes))
            .await
    }

    /// The newest volatility interruptions (VI) of a day, of every stock. Real host only.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`]; [`KisError::NotOffered`], without a request, on the paper host.
    pub async fn interruptions(
        &self,
        day: Day,
        priority: Priority,
    ) -> Result<Answer<Vec<Interruption>>, KisError> {
        let ask = interruptions::query(day);
        let claim = Claim::new(priority);
        self.ask(&tr::INTERRUPTIONS, &ask, &claim, interruptions::rows)
            .await
    }

    /// Which days the exchange is open, from `from` on: about three months, oldest first. Ask
    /// once a day at most, the broker says. Real host only.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`]; [`KisError::NotOffered`], without a request, on the paper host.
    pub async fn holidays(
        &self,
        from: Day,
        priority: Priority,
    ) -> Result<Answer<HolidayPage>, KisError> {
        let mut found: Option<Answer<HolidayPage>> = None;
        let (mut key, claim) = (PageKey::default(), Claim::new(priority));
        for page in 0..holidays::PAGES {
            if 0 < page {
                self.shared.clock.sleep(holidays::REST).await;
            }
            let ask = [
                ("BASS_DT", from.compact()),
                ("CTX_AREA_NK", key.nk.clone()),
                ("CTX_AREA_FK", key.fk.clone()),
            ];
            let answer = self
                .ask_page(&tr::HOLIDAYS, &ask, 0 < page, &claim, holidays::page)
                .await?;
            let (days, next) = answer.value;
            let all = found.get_or_insert(Answer {
                value: HolidayPage::default(),
                sent: answer.sent,
                answered: answer.answered,
            });
            all.answered = answer.answered;
            all.value.add(days)?;
            match next {
                Some(next) if next != key => key = next,
                _ => break,
            }
        }
        // There is at least one page.
        found.ok_or(KisError::NotOffered {
            tr_id: tr::HOLIDAYS.id,
            why: key!("휴장일을 한 쪽도 조회하지 않았습니다."),
        })
    }
}
