//! Prints and polled prices of one stock: whether they are complete, and what they change.

use std::ops::Range;

use crate::domain::{Bar, Candle, Day, Minute, Moment, Print, Quote, Won};
use crate::engine::history::Sessions;
use crate::engine::snapshot::{Freshness, QuoteView};
use crate::engine::stock::Stock;
use crate::engine::track::OpenSlot;

/// A print made so much later than now was not made then. The clock is corrected up to ten
/// minutes, and may not have been yet.
pub(super) const AHEAD_MS: i64 = 15 * 60_000;

/// Of another day, or made long after now: it says nothing of this session, and what it says of
/// the day's volume would make every true print after it an old one.
pub(super) fn is_foreign(print: &Print, now: Moment) -> bool {
    print.day != now.day() || AHEAD_MS < print.at().ms_since(now)
}

/// Whether prints arrive without a hole.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PrintFeed {
    /// Every print since this moment has been seen; `None` while not.
    pub(super) complete_since: Option<Moment>,
    /// Prices have been followed since this moment, by prints or by asking; `None` before the
    /// first one, and after a sleep.
    pub(super) followed_since: Option<Moment>,
    /// When the last print was made; `None` from the moment the link is lost until the next one.
    pub(super) last: Option<Moment>,
    /// Shares traded on its day by then.
    pub(super) day_volume: i64,
}

impl PrintFeed {
    /// Prints may have been missed until now.
    pub(super) fn missed_some(&mut self, now: Moment) {
        self.complete_since = self.complete_since.map(|_| now);
        self.followed_since = self.followed_since.map(|_| now);
    }

    /// The stretch of which every print has been seen, as far as prints themselves prove it: up to
    /// the last one. Silence proves nothing: the registration may be deaf, or the next print
    /// tells that one before it never arrived.
    pub(super) fn proven(&self) -> Option<Range<Moment>> {
        Some(self.complete_since?..self.last?)
    }

    /// From when on every print of `day` seems to have been seen; nothing before its first one.
    pub(super) fn heard_since(&self, day: Day) -> Option<Moment> {
        let heard = self.last.is_some_and(|last| last.day() == day);
        self.complete_since.filter(|_| heard)
    }
}

/// What a print did to the stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is part of the bars.
    Counted,
    /// It only changed the price shown.
    PriceOnly,
    /// It had been seen before.
    Repeated,
}

impl Stock {
    /// Takes a print.
    pub(super) fn print(&mut self, print: &Print, sessions: &Sessions<'_>, now: Moment) -> Taken {
        let same_day = self.feed.last.map(Moment::day) == Some(print.day);
        if same_day && print.day_volume.0 <= self.feed.day_volume {
            return Taken::Repeated;
        }
        // The first one says how much traded before it, unseen.
        let before = if same_day { self.feed.day_volume } else { 0 };
        if before + print.size.0 != print.day_volume.0 {
            // Some prints between the last one and this one never arrived, or nobody knows.
            self.feed.missed_some(now);
        }
        self.feed.followed_since.get_or_insert(now);
        self.feed.last = Some(print.at());
        self.is_known(now);
        if print.regular {
            // The match that ends it, or a trade after that.
            self.interruption.learn(false, print.at());
        }
        self.feed.day_volume = print.day_volume.0;

        let minute = Minute((print.second / 60) as u16);
        let counts = print.regular
            && self.today.as_ref().is_some_and(|today| {
                today.day == print.day && sessions.bars.slot_of(&today.hours, 1, minute).is_some()
            });
        let base = Won(print.price.0 - print.change.0);
        if print.regular && self.base.is_none_or(|(day, _)| day != print.day) {
            self.base = Some((print.day, base));
        }
        let (upper, lower) = self
            .quote
            .filter(|q| q.base == base)
            .map_or((Won(0), Won(0)), |q| (q.upper_limit, q.lower_limit));
        self.quote = Some(QuoteView {
            price: print.price,
            change: print.change,
            base,
            open: print.day_open,
            high: print.day_high,
            low: print.day_low,
            upper_limit: upper,
            lower_limit: lower,
            volume: print.day_volume,
            value: print.day_value,
            at: print.at(),
            freshness: Freshness::Live,
            off_hours: !counts,
            halted: print.halted,
            interrupted: None,
        });
        if !counts {
            return Taken::PriceOnly;
        }
        if let Some(today) = &mut self.today {
            today.print(minute, print);
        }
        self.grow_forming(print.price.0, print.size.0, minute);
        Taken::Counted
    }

    /// Takes a quoted price, which was true at `at`; it counts as a print without size where
    /// prints do not arrive.
    pub(super) fn quoted(
        &mut self,
        quote: &Quote,
        sessions: &Sessions<'_>,
        now: Moment,
        at: Moment,
    ) -> bool {
        if let Some(on) = quote.interrupted
            && self.feed.last.is_none_or(|print| print < at)
        {
            self.interruption.learn(on, at);
        }
        if self
            .quote
            .is_some_and(|q| q.freshness == Freshness::Live && now.ms_since(q.at) < 60_000)
            && self.feed.complete_since.is_some()
        {
            // A live price beats an asked one; only what prints do not carry is taken.
            if let Some(view) = &mut self.quote {
                view.upper_limit = quote.upper_limit;
                view.lower_limit = quote.lower_limit;
                view.base = quote.base;
            }
            return false;
        }
        if self.quote.is_some_and(|q| at < q.at) {
            // An answer that was kept, or overtaken by a newer one.
            return false;
        }
        self.feed.followed_since.get_or_insert(now);
        // Something traded between the last look and now; of a bar that began in between nobody
        // knows.
        let before = self.quote.filter(|q| q.at.day() == now.day());
        let minute = before.map_or(now.minute(), |q| q.at.minute());
        let counts = before.is_some_and(|q| q.volume < quote.day_volume)
            && self.today.as_ref().is_some_and(|today| {
                today.day == now.day() && sessions.bars.slot_of(&today.hours, 1, minute).is_some()
            });
        self.quote = Some(QuoteView {
            price: quote.price,
            change: quote.change,
            base: quote.base,
            open: quote.day_open,
            high: quote.day_high,
            low: quote.day_low,
            upper_limit: quote.upper_limit,
            lower_limit: quote.lower_limit,
            volume: quote.day_volume,
            value: quote.day_value,
            at,
            freshness: Freshness::Polled,
            off_hours: false,
            halted: quote.halted.unwrap_or(before.is_some_and(|q| q.halted)),
            interrupted: None,
        });
        if counts {
            if let Some(today) = &mut self.today {
                today.price(minute, quote.price.0);
            }
            self.grow_forming(quote.price.0, 0, minute);
        }
        counts
    }

    /// Whether the bar being built holds all that has traded in it: rows are there up to where
    /// prices have been followed.
    pub(super) fn is_whole(&self, slot: &OpenSlot) -> bool {
        let Some(today) = &self.today else {
            return false;
        };
        let known = today.day.at(slot.open.max(today.accepted_until()));
        self.feed.followed_since.is_some_and(|since| since <= known)
    }

    fn grow_forming(&mut self, price: i64, size: i64, minute: Minute) {
        for track in &mut self.tracks {
            let Some(slot) = track.slot else { continue };
            if minute < slot.open || slot.last_label < minute {
                continue;
            }
            match &mut track.forming {
                Some(bar) if bar.opened == slot.opened => {
                    bar.candle.high = bar.candle.high.max(price);
                    bar.candle.low = bar.candle.low.min(price);
                    bar.candle.close = price;
                    bar.candle.volume += size;
                    bar.synthetic = false;
                }
                forming => {
                    let candle = Candle {
                        volume: size,
                        ..Candle::flat(price)
                    };
                    *forming = Some(Bar {
                        opened: slot.opened,
                        candle,
                        synthetic: false,
                    });
                    self.watchpoints.bar_began();
                }
            }
        }
    }
}
