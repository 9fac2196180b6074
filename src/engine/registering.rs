//! The realtime registrations the broker allows, handed out by need.

use std::collections::BTreeMap;

use crate::domain::{Moment, StockCode};
use crate::engine::effect::{Effect, Feed, Registration};
use crate::engine::snapshot::Freshness;
use crate::engine::state::State;

/// Registrations are looked at again this often.
const LOOK_MS: i64 = 5_000;
/// One that was given is kept at least this long, unless a window needs its place.
const KEPT_MS: i64 = 60_000;
/// A stock takes another's place only if it is nearer to firing by this much, in hundredths of a
/// percent.
const MARGIN: u32 = 30;
/// Places that change hands at one look.
const CHANGES: usize = 2;

/// Which stocks' prints are registered, and since when.
#[derive(Clone, Debug, Default)]
pub(super) struct Registered {
    since: BTreeMap<StockCode, Moment>,
    looked: Option<Moment>,
}

/// How much a stock needs its prints; the smaller the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    /// No rule watches it.
    idle: bool,
    /// Distance from firing in hundredths of a percent.
    distance: u32,
}

impl Need {
    /// Whether a stock in need of this is so much nearer than `other` that it takes its place.
    fn beats(self, other: Self) -> bool {
        match (self.idle, other.idle) {
            (false, true) => true,
            (true, false) => false,
            _ => self.distance.saturating_add(MARGIN) < other.distance,
        }
    }
}

impl State {
    /// Prices move, and with them what is near: now and then a place changes hands.
    pub(super) fn look_at_registrations(&mut self, out: &mut Vec<Effect>) {
        let due = self
            .registered
            .looked
            .is_none_or(|at| LOOK_MS <= self.now.ms_since(at));
        if due {
            self.subscribe(out);
        }
    }

    /// The registrations wanted: prints and books of open windows first; then prints of the
    /// stocks nearest to their 성립가; then of the rest of the watchlist. A place once given is
    /// kept until another stock needs it clearly more.
    pub(super) fn subscribe(&mut self, out: &mut Vec<Effect>) {
        self.registered.looked = Some(self.now);
        let mut wanted: Vec<Registration> = Vec::new();
        if self.link.is_due() {
            for stock in self.stocks.values().filter(|s| s.window.is_some()) {
                for feed in [Feed::Prints, Feed::Book] {
                    wanted.push(Registration {
                        feed,
                        code: stock.code,
                    });
                }
            }
            wanted.truncate(self.config.registrations);
            let places = self.config.registrations - wanted.len();
            let others = self.others(places, &wanted);
            wanted.extend(others.into_iter().map(|code| Registration {
                feed: Feed::Prints,
                code,
            }));
        }
        self.hold(&wanted);
        let same = wanted.len() == self.wanted.len()
            && wanted
                .iter()
                .all(|registration| self.wanted.contains(registration));
        if !same {
            self.wanted = wanted.into();
            out.push(Effect::Subscribe(self.wanted.clone()));
        }
    }

    /// Who has a place without a window, those who need it most first.
    fn others(&self, places: usize, windows: &[Registration]) -> Vec<StockCode> {
        let in_window = |code: &StockCode| windows.iter().any(|r| r.code == *code);
        let candidates: Vec<StockCode> = self
            .config
            .followed()
            .into_iter()
            .filter(|code| self.stocks.contains_key(code) && !in_window(code))
            .collect();
        let held = |code: &StockCode| self.registered.since.get(code).copied();
        // Where there is room for all, who is nearer changes nothing.
        let (mut inside, mut outside): (Vec<StockCode>, Vec<StockCode>) = candidates
            .into_iter()
            .partition(|code| held(code).is_some());
        if inside.len() + outside.len() <= places {
            inside.extend(outside);
            return inside;
        }
        let needs: BTreeMap<StockCode, Need> = inside
            .iter()
            .chain(&outside)
            .map(|&code| (code, self.need_of(code)))
            .collect();
        // Sorting is stable: equals stay in the user's order.
        inside.sort_by_key(|code| needs[code]);
        outside.sort_by_key(|code| needs[code]);
        let mut outside = outside.into_iter().peekable();
        inside.truncate(places);
        while inside.len() < places
            && let Some(code) = outside.next()
        {
            inside.push(code);
        }
        for _ in 0..CHANGES {
            let old = |code: &StockCode| {
                held(code).is_some_and(|since| KEPT_MS <= self.now.ms_since(since))
            };
            let last = inside
                .iter()
                .enumerate()
                .filter(|(_, code)| old(code))
                .max_by_key(|(_, code)| needs[*code])
                .map(|(at, _)| at);
            let (Some(last), Some(next)) = (last, outside.peek()) else {
                break;
            };
            if !needs[next].beats(needs[&inside[last]]) {
                break;
            }
            inside[last] = *next;
            outside.next();
        }
        inside
    }

    fn need_of(&self, code: StockCode) -> Need {
        let Some(stock) = self.stocks.get(&code) else {
            return Need {
                idle: true,
                distance: u32::MAX,
            };
        };
        Need {
            idle: stock.rules.is_empty(),
            distance: self.distance(stock).unwrap_or(u32::MAX),
        }
    }

    /// Notes who holds a place from now on. Without one no print comes, and silence says
    /// nothing.
    fn hold(&mut self, wanted: &[Registration]) {
        let now = self.now;
        let prints = |code: StockCode| Registration {
            feed: Feed::Prints,
            code,
        };
        self.confirmed.retain(|r| wanted.contains(r));
        let since = &mut self.registered.since;
        since.retain(|&code, _| wanted.contains(&prints(code)));
        for registration in wanted.iter().filter(|r| r.feed == Feed::Prints) {
            since.entry(registration.code).or_insert(now);
        }
        for stock in self.stocks.values_mut() {
            if since.contains_key(&stock.code) {
                continue;
            }
            let Some(seen_since) = stock.feed.complete_since.take() else {
                continue;
            };
            stock.feed.last = None;
            // Every print was seen, so the price was true until now; from now on it is asked for.
            if let Some(quote) = stock.quote.as_mut()
                && (quote.freshness == Freshness::Live || seen_since <= quote.at)
            {
                quote.freshness = Freshness::Polled;
                quote.at = now;
            }
            stock.polled_at = Some(now);
        }
    }
}
