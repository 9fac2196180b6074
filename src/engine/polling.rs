//! Prices of the stocks whose prints do not arrive: asked for in rotation, many in one request
//! where the host can, at a spacing that leaves the budget to others.

use crate::domain::{Moment, Quote, StockCode};
use crate::engine::effect::{Effect, Feed, Registration, Report, Urgency};
use crate::engine::event::{Failure, QuotedMany, Timed};
use crate::engine::link::EARLY_MINUTES;
use crate::engine::minutes::HOPELESS_MS;
use crate::engine::snapshot::{Freshness, Part, QuoteView};
use crate::engine::state::State;
use crate::engine::stock::Stock;

/// During the session the price of a stock without prints is asked for about this often, where
/// the budget allows it.
const ROTATION_MS: i64 = 5_000;
/// Outside the session prices hardly move.
const QUIET_ROTATION_MS: i64 = 30_000;
/// Polling takes at most one in so many of the permitted requests.
const SHARE: f64 = 4.0;
/// What the queue, the answer and the engine's clock may add to a rotation. A polled price older
/// than rotation and this together is shown as stale. 300 stocks on the real host (30 a call,
/// 18 calls a second) turn in 5 s: no price there is older than 12 s.
pub const POLL_SLACK_MS: i64 = 7_000;
/// An answer that has not come after this is not coming.
const LOST_MS: i64 = 30_000;
/// So many calls for many stocks refused for good, one after another: this host wants them one
/// by one.
const REFUSALS: u8 = 3;

/// The state of the rotation.
#[derive(Clone, Debug)]
pub(super) struct Polls {
    /// The next call not before this.
    next_at: Moment,
    /// Stocks in one call.
    together: usize,
    /// Calls for many that were refused for good, in a row.
    refusals: u8,
    /// The longest time a polled price is shown as fresh, ms.
    bound_ms: i64,
    /// Stocks in the rotation.
    stocks: usize,
}

impl Polls {
    pub(super) fn new(together: usize, now: Moment) -> Self {
        Self {
            next_at: now,
            together: together.max(1),
            refusals: 0,
            bound_ms: ROTATION_MS + POLL_SLACK_MS,
            stocks: 0,
        }
    }

    /// The next call does not wait for a time that the clock no longer nears.
    pub(super) fn back_to(&mut self, now: Moment) {
        self.next_at = self.next_at.min(now);
    }

    /// A polled price older than this has lost its source, ms.
    pub(super) fn bound_ms(&self) -> i64 {
        self.bound_ms
    }

    /// Stocks whose price is polled now.
    pub(super) fn stocks(&self) -> usize {
        self.stocks
    }
}

impl State {
    /// Milliseconds between two calls of the rotation.
    fn poll_spacing_ms(&self) -> i64 {
        (1_000.0 * SHARE / self.config.requests_per_second.max(0.01)) as i64
    }

    /// Asks for the prices of stocks, as many in one request as the host takes.
    pub(super) fn ask_prices(
        &mut self,
        codes: &[StockCode],
        urgency: Urgency,
        out: &mut Vec<Effect>,
    ) {
        let now = self.now;
        for &code in codes {
            if let Some(stock) = self.stocks.get_mut(&code) {
                stock.polled_at = Some(now);
                stock.price_asked = Some(now);
            }
        }
        let alone = |code: &StockCode| self.stocks.get(code).is_some_and(|s| s.asked_alone);
        let (singles, many): (Vec<StockCode>, Vec<StockCode>) =
            codes.iter().partition(|code| alone(code));
        for chunk in many.chunks(self.polls.together) {
            out.push(match chunk {
                [code] => Effect::FetchQuote {
                    code: *code,
                    urgency,
                },
                chunk => Effect::FetchQuotes {
                    codes: chunk.into(),
                    urgency,
                },
            });
        }
        for code in singles {
            out.push(Effect::FetchQuote { code, urgency });
        }
    }

    /// Whether nothing of a stock is judged for want of today's base price. Prints do not tell it:
    /// it is asked for although they arrive.
    fn lacks_base(&self, stock: &Stock) -> bool {
        let day = self.now.day();
        !self.knows_scale(stock) && stock.base.is_none_or(|(of, _)| of != day)
    }

    /// Asks for the prices of the stocks without prints that have waited longest.
    pub(super) fn poll(&mut self, out: &mut Vec<Effect>) {
        let count = self.stocks.values().filter(|stock| polled(stock)).count();
        self.news |= count != self.polls.stocks;
        self.polls.stocks = count;
        if !self.link.is_due() {
            return;
        }
        let now = self.now;
        let rotation = self.rotation_ms();
        self.polls.bound_ms = rotation + POLL_SLACK_MS;
        if now < self.polls.next_at {
            return;
        }
        let waits = |stock: &&Stock| {
            let flies = stock
                .price_asked
                .is_some_and(|at| now.ms_since(at) < LOST_MS);
            // What was refused for good is asked for again all the same, now and then: the broker
            // may have meant something else. Soon, where nothing is judged without it.
            let pause = match self.knows_scale(stock) || stock.rules.is_empty() {
                true => HOPELESS_MS,
                false => LOST_MS,
            };
            let rests = stock.trouble.is_some()
                && stock.polled_at.is_some_and(|at| now.ms_since(at) < pause);
            (polled(stock) || self.lacks_base(stock)) && !flies && !rests
        };
        let mut waiting: Vec<(Option<Moment>, StockCode)> = self
            .stocks
            .values()
            .filter(waits)
            .map(|stock| (stock.polled_at, stock.code))
            .collect();
        waiting.sort_unstable();
        let waited = |at: Option<Moment>, ms: i64| at.is_none_or(|at| ms <= now.ms_since(at));
        if !waiting.first().is_some_and(|(at, _)| waited(*at, rotation)) {
            return;
        }
        // A call that goes anyway takes those along whose turn comes soon.
        waiting.retain(|(at, _)| waited(*at, rotation / 2));
        let alone = |code: &StockCode| self.stocks.get(code).is_some_and(|s| s.asked_alone);
        let first_alone = waiting.first().is_some_and(|(_, code)| alone(code));
        let count = if first_alone { 1 } else { self.polls.together };
        let codes: Vec<StockCode> = waiting
            .into_iter()
            .map(|(_, code)| code)
            .filter(|code| first_alone || !alone(code))
            .take(count)
            .collect();
        self.polls.next_at = now.plus_ms(self.poll_spacing_ms());
        self.ask_prices(&codes, Urgency::Price, out);
    }

    /// Asks again for order book and executions of an open window: after a failure that may pass,
    /// and now and then while no feed keeps them up.
    pub(super) fn ask_parts_again(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let open = |stock: &Stock| stock.window.is_some();
        if !self.stocks.get(&code).is_some_and(open) {
            return;
        }
        let now = self.now;
        let calls = 2 * self.stocks.values().filter(|stock| open(stock)).count();
        let calls = i64::try_from(calls).unwrap_or(i64::MAX);
        let pause = ROTATION_MS.max(calls.saturating_mul(self.poll_spacing_ms()));
        let due = self.link.is_due();
        let fed = |feed| self.confirmed.contains(&Registration { feed, code });
        let (prints_fed, book_fed) = (fed(Feed::Prints), fed(Feed::Book));
        let window = self.stocks.get_mut(&code).and_then(|s| s.window.as_mut());
        let Some(window) = window else { return };
        let asked = *window.asked.get_or_insert(now);
        if now.ms_since(asked) < pause {
            return;
        }
        let again = window.ask_again;
        let wanted = |fed: bool, flies: bool| !flies && (again || (due && !fed));
        let book = wanted(book_fed, matches!(window.book, Part::Loading));
        let prints = wanted(prints_fed, matches!(window.prints, Part::Loading));
        if book || prints {
            window.asked = Some(now);
            window.ask_again = false;
        }
        out.extend(book.then_some(Effect::FetchBook(code)));
        out.extend(prints.then_some(Effect::FetchPrints(code)));
    }

    /// How long a whole rotation takes, ms.
    fn rotation_ms(&self) -> i64 {
        let calls = self.polls.stocks.div_ceil(self.polls.together);
        let least = i64::try_from(calls)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.poll_spacing_ms());
        let hours = self
            .calendar
            .hours(self.now.day(), self.config.market)
            .filter(|hours| {
                let minute = self.now.minute();
                hours.open.plus(-EARLY_MINUTES) <= minute && minute <= hours.end()
            });
        least.max(match hours {
            Some(_) => ROTATION_MS,
            None => QUIET_ROTATION_MS,
        })
    }

    /// Takes the answer to a request for many prices.
    pub(super) fn on_quoted_many(&mut self, news: QuotedMany, out: &mut Vec<Effect>) {
        let timed = match news.answer {
            Ok(timed) => timed,
            Err(failure) => return self.refused_many(&news.codes, failure, out),
        };
        self.polls.refusals = 0;
        for &code in &*news.codes {
            if let Some(stock) = self.stocks.get_mut(&code) {
                stock.price_asked = None;
            }
        }
        let (sent, answered) = (timed.sent, timed.answered);
        for (code, quote) in timed.value {
            match quote {
                Ok(value) => self.on_quoted(code, Ok(of_one(value, sent, answered)), out),
                Err(failure) if failure.retry_ms.is_some() => {
                    if let Some(stock) = self.stocks.get_mut(&code) {
                        stock.price_failed(&failure, self.now);
                    }
                }
                Err(_) => {
                    // What it is about this stock the request for it alone has to say.
                    if let Some(stock) = self.stocks.get_mut(&code) {
                        stock.asked_alone = true;
                    }
                    self.ask_prices(&[code], Urgency::Price, out);
                }
            }
        }
    }

    fn refused_many(&mut self, codes: &[StockCode], failure: Failure, out: &mut Vec<Effect>) {
        for code in codes {
            if let Some(stock) = self.stocks.get_mut(code) {
                stock.price_asked = None;
                if failure.retry_ms.is_some() {
                    stock.price_failed(&failure, self.now);
                }
            }
        }
        let for_good = failure.retry_ms.is_none();
        out.push(Effect::Report(Report::Error {
            failure,
            at: self.now,
        }));
        if !for_good {
            return;
        }
        self.polls.refusals += 1;
        let together = self.polls.together;
        self.polls.together = 1;
        self.ask_prices(codes, Urgency::Price, out);
        if self.polls.refusals < REFUSALS {
            self.polls.together = together;
        }
    }
}

/// Whether the stock's price has to be asked for: its prints do not arrive, or nobody knows
/// what was printed before they did. Nothing is replayed.
fn polled(stock: &Stock) -> bool {
    let Some(since) = stock.feed.complete_since else {
        return true;
    };
    let known = |quote: &QuoteView| quote.freshness == Freshness::Live || since <= quote.at;
    !stock.quote.as_ref().is_some_and(known)
}

fn of_one(value: Quote, sent: Moment, answered: Moment) -> Timed<Quote> {
    Timed {
        value,
        sent,
        answered,
    }
}
