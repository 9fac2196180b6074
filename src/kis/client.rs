//! The REST client.

#[path = "calls.rs"]
mod calls;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::charts::{self, MinutePage, PeriodPage};
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::error::KisError;
use super::gate::{Claim, Gate};
use super::holidays::{self, HolidayPage, PageKey};
use super::http::Http;
use super::kept::{CacheTimes, Kept, Want};
use super::locks::Locks;
use super::many;
use super::observed::Observed;
use super::pace::Priority;
use super::quotes::{self, RecentPrint};
use super::stats::RestStats;
use super::token::{Keeper, SavedToken, TokenStore};
use super::tr;
use super::{oauth, quota::Quota};
use crate::clock::Clock;
use crate::domain::{Day, Minute, Moment, OrderBook, Quote, StockCode};

pub(super) use calls::jitter;

/// A minute's row may still change for so long after its end.
const SETTLED_MS: i64 = 10_000;

/// What a client needs.
pub struct KisOptions {
    /// Addresses and market.
    pub endpoint: Endpoint,
    /// The user's keys.
    pub credentials: Credentials,
    /// Market time.
    pub clock: Clock,
    /// The permitted rate; see [`super::Capabilities`].
    pub requests_per_second: f64,
    /// Where the token survives the program.
    pub token_store: Option<Arc<dyn TokenStore>>,
    /// The folder where copies of the program agree on who has the key's realtime session and
    /// who may ask for a token; `None`: this client is alone.
    pub lock_dir: Option<PathBuf>,
}

/// An answer with its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// When the request left, market time.
    pub sent: Moment,
    /// When its answer was complete.
    pub answered: Moment,
}

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

/// The broker's client. Copies share token, limits and counters.
#[derive(Clone)]
pub struct Kis {
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Endpoint,
    clock: Clock,
    http: Http,
    gate: Gate,
    tokens: Keeper,
    approvals: Keeper,
    messages: Quota,
    times: CacheTimes,
    kept: Answers,
    locks: Option<Locks>,
    observed: Observed,
    /// When the last renewal was tried, ms of uptime; 0 for never.
    renewal_ms: AtomicU64,
}

/// Kept answers, by kind.
struct Answers {
    quotes: Arc<Kept<StockCode, Quote>>,
    books: Arc<Kept<StockCode, OrderBook>>,
    prints: Arc<Kept<StockCode, Vec<RecentPrint>>>,
    minutes: Arc<Kept<MinutesKey, MinutePage>>,
    periods: Arc<Kept<PeriodKey, PeriodPage>>,
}

/// Stock, day asked for (`None`: today's), newest minute, over midnight.
type MinutesKey = (StockCode, Option<Day>, Minute, bool);
/// Stock, unit, from, to.
type PeriodKey = (StockCode, Period, Day, Day);

impl Kis {
    /// A client. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`KisError::Setup`] for an address or keys that cannot be used.
    pub fn new(options: KisOptions) -> Result<Self, KisError> {
        Self::with_cache(options, CacheTimes::default())
    }

    /// As [`Kis::new`], where answers hold for `times`.
    ///
    /// # Errors
    ///
    /// As [`Kis::new`].
    pub fn with_cache(options: KisOptions, times: CacheTimes) -> Result<Self, KisError> {
        let account = format!(
            "{} {}",
            options.endpoint.rest_url,
            options.credentials.fingerprint()
        );
        let clock = options.clock;
        let locks = options
            .lock_dir
            .map(|dir| Locks::new(&dir, &options.endpoint, &options.credentials));
        let http = Http::new(&options.endpoint, options.credentials, clock)?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                gate: Gate::of(account, clock, options.requests_per_second),
                tokens: Keeper::of_tokens(clock, options.token_store, locks.clone()),
                approvals: Keeper::of_approvals(clock),
                messages: Quota::one_every(Duration::from_millis(60), clock),
                endpoint: options.endpoint,
                clock,
                times,
                kept: Answers {
                    quotes: Kept::new(512),
                    books: Kept::new(128),
                    prints: Kept::new(128),
                    // Pages are large, and the engine holds its own rows.
                    minutes: Kept::new(32),
                    periods: Kept::new(32),
                },
                locks,
                observed: Observed::default(),
                renewal_ms: AtomicU64::new(0),
            }),
        })
    }

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

    fn want(&self, priority: Priority, holds: Duration, joins_sent: bool) -> Want {
        Want {
            priority,
            holds,
            joins_sent,
            now: self.shared.clock.now(),
        }
    }

    /// A realtime value of the stock came at `at`: kept quotes, books and executions are older
    /// and are not given again.
    pub fn heard(&self, code: StockCode, at: Moment) {
        let kept = &self.shared.kept;
        kept.quotes.heard(code, at);
        kept.books.heard(code, at);
        kept.prints.heard(code, at);
    }

    /// Drops every kept answer about the stock, as when all its prices were rescaled.
    pub fn forget(&self, code: StockCode) {
        let kept = &self.shared.kept;
        kept.quotes.forget(|key| *key == code);
        kept.books.forget(|key| *key == code);
        kept.prints.forget(|key| *key == code);
        kept.minutes.forget(|key| key.0 == code);
        kept.periods.forget(|key| key.0 == code);
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
            why: t!("휴장일을 한 쪽도 조회하지 않았습니다."),
        })
    }

    /// The key of the socket, kept for a day.
    ///
    /// # Errors
    ///
    /// As [`Kis::ensure_token`].
    pub async fn approval_key(&self) -> Result<SecretString, KisError> {
        self.approval_key_instead_of(None).await
    }

    /// An approval key other than `bad`, which the broker has refused.
    pub(super) async fn approval_key_instead_of(
        &self,
        bad: Option<&SecretString>,
    ) -> Result<SecretString, KisError> {
        let issue = || async {
            let map = self
                .oauth(&tr::APPROVAL, self.shared.http.approval_body())
                .await?;
            Ok(SavedToken {
                token: oauth::approval(&map)?,
                expires: Keeper::approval_ends(self.shared.clock.now()),
            })
        };
        self.shared.approvals.get_patiently(bad, issue).await
    }

    /// Makes sure that a valid token is there.
    ///
    /// # Errors
    ///
    /// [`KisError::TokenWait`] with the seconds left when a token was asked for less than a
    /// minute ago; wrong keys and the like as [`KisError::Refused`].
    pub async fn ensure_token(&self) -> Result<(), KisError> {
        self.token(None).await.map(|_| ())
    }

    /// Counters, queue and latencies.
    pub fn stats(&self) -> RestStats {
        let kept = &self.shared.kept;
        RestStats {
            saved: kept.quotes.saved()
                + kept.books.saved()
                + kept.prints.saved()
                + kept.minutes.saved()
                + kept.periods.saved(),
            ..self.shared.gate.stats()
        }
    }

    /// The broker's clock minus this machine's, ms; `None` until enough answers tell.
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.shared.http.clock_offset_ms()
    }

    pub(super) fn clock(&self) -> Clock {
        self.shared.clock
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    #[cfg(test)]
    pub(super) fn shared_tokens(&self) -> &Keeper {
        &self.shared.tokens
    }

    pub(super) fn observed(&self) -> &Observed {
        &self.shared.observed
    }

    pub(super) fn locks(&self) -> Option<&Locks> {
        self.shared.locks.as_ref()
    }

    /// Waits for the turn to send a message through the socket.
    pub(super) async fn message_turn(&self) {
        self.shared.messages.wait().await;
    }

    fn stock(&self, code: StockCode) -> Vec<(&'static str, String)> {
        let market = self.shared.endpoint.market.code();
        vec![
            ("FID_COND_MRKT_DIV_CODE", market.to_owned()),
            ("FID_INPUT_ISCD", code.to_string()),
        ]
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
