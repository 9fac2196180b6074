//! What should have rung, worked out the naive way from the whole rows of all days.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jeongbae::conditions::Repeat;
use jeongbae::domain::{
    ClosingAuction, Day, Market as Venue, Minute, Moment, SignalKey, StockCode, Timeframe,
};

use crate::rules::{Cond, TestRule};
use crate::tape::Tape;

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct RefBar {
    pub(crate) opened: Moment,
    pub(crate) end: Moment,
    pub(crate) close: i64,
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) volume: i64,
}

/// Days looked back at: enough for the longest average used here.
const BACK: i32 = 75;

/// Bars of whole days up to and including `to`, prices as shown on `as_of`.
pub(crate) fn bars(
    tape: &Tape,
    code: StockCode,
    timeframe: Timeframe,
    to: Day,
    as_of: Day,
    auction: ClosingAuction,
) -> Vec<RefBar> {
    let from = match timeframe {
        Timeframe::Minutes(m) if m < 30 => to.plus(-16),
        _ => to.plus(-BACK),
    };
    let mut bars: Vec<RefBar> = Vec::new();
    let mut weeks: BTreeMap<Day, RefBar> = BTreeMap::new();
    for number in from.number()..=to.number() {
        let day = Day::from_number(number);
        let Some(hours) = tape.calendar.hours(day, Venue::Krx) else {
            continue;
        };
        let rows = tape.rows(code, day, as_of);
        let traded = |from: Minute, to: Minute| {
            let first = rows.partition_point(|r| r.minute < from);
            let of = rows[first..].iter().take_while(|r| r.minute < to);
            let mut whole: Option<(i64, i64, i64, i64)> = None;
            for c in of.map(|r| r.candle).filter(|c| 0 < c.volume) {
                let (low, high, sum) = whole.map_or((c.low, c.high, 0), |(_, l, h, v)| (l, h, v));
                whole = Some((c.close, low.min(c.low), high.max(c.high), sum + c.volume));
            }
            whole
        };
        let close_of_day = hours.auction.unwrap().plus(1);
        let Some(whole) = traded(hours.open, close_of_day) else {
            continue;
        };
        match timeframe {
            Timeframe::Minutes(minutes) => {
                let mut slots = Vec::new();
                let mut at = hours.open;
                while at < hours.continuous_end {
                    let end = at.plus(i32::from(minutes)).min(hours.continuous_end);
                    slots.push((at, end, end));
                    at = end;
                }
                let auction_label = hours.auction.unwrap();
                if minutes == 1 || auction == ClosingAuction::OwnBar {
                    slots.push((auction_label, close_of_day, close_of_day));
                } else {
                    let last = slots.last_mut().unwrap();
                    (last.1, last.2) = (close_of_day, close_of_day);
                }
                for (open, to, end) in slots {
                    let found = traded(open, to);
                    let before = bars.last().map(|b| b.close);
                    let found = found.or(before.map(|c| (c, c, c, 0)));
                    let Some((close, low, high, volume)) = found else {
                        continue;
                    };
                    bars.push(RefBar {
                        opened: day.at(open),
                        end: day.at(end),
                        close,
                        low,
                        high,
                        volume,
                    });
                }
            }
            Timeframe::Day => bars.push(RefBar {
                opened: day.at(hours.open),
                end: day.at(close_of_day),
                close: whole.0,
                low: whole.1,
                high: whole.2,
                volume: whole.3,
            }),
            _ => {
                // Dated by the calendar, whenever in it the stock was listed.
                let opening = |day: Day| Some(day.at(tape.calendar.hours(day, Venue::Krx)?.open));
                let first = (0..7).find_map(|n| opening(day.monday().plus(n)));
                let bar = weeks.entry(day.monday()).or_insert(RefBar {
                    opened: first.unwrap(),
                    end: day.at(close_of_day),
                    close: whole.0,
                    low: whole.1,
                    high: whole.2,
                    volume: 0,
                });
                (bar.end, bar.close) = (day.at(close_of_day), whole.0);
                bar.low = bar.low.min(whole.1);
                bar.high = bar.high.max(whole.2);
                bar.volume += whole.3;
            }
        }
    }
    if timeframe == Timeframe::Week {
        // A week that began before the days looked at is cut; that of a listing is whole. The
        // running one is not over.
        let runs = tape.calendar.next_open(to).monday() == to.monday();
        weeks.retain(|monday, _| from <= *monday);
        let mut weeks: Vec<RefBar> = weeks.into_values().collect();
        if runs {
            weeks.pop();
        }
        return weeks;
    }
    bars
}

/// Sum over period, as a fraction; the naive way.
fn average(bars: &[RefBar], at: usize, period: usize) -> Option<(i128, i128)> {
    let from = (at + 1).checked_sub(period)?;
    let sum: i64 = bars[from..=at].iter().map(|b| b.close).sum();
    Some((i128::from(sum), period as i128))
}

fn above(a: (i128, i128), b: (i128, i128)) -> bool {
    a.0 * b.1 > b.0 * a.1
}

/// The bars of every timeframe of one stock, as of one day.
struct Past<'a> {
    bars: &'a [RefBar],
    others: &'a BTreeMap<Timeframe, Rc<Vec<RefBar>>>,
}

impl<'a> Past<'a> {
    /// The newest bar of another timeframe that had closed when bar `at` did.
    fn elsewhere(&self, timeframe: Timeframe, at: usize) -> Option<(Self, usize)> {
        let bars = &self.others[&timeframe];
        let end = self.bars[at].end;
        let there = bars.iter().rposition(|bar| bar.end <= end)?;
        Some((Self { bars, ..*self }, there))
    }
}

/// The state underneath on one bar.
fn state(cond: &Cond, of: &Past<'_>, at: usize, periods: &[u16]) -> Option<bool> {
    let bars = of.bars;
    let ma = |n: u16| average(bars, at, usize::from(n));
    let close = (i128::from(bars[at].close), 1);
    Some(match *cond {
        Cond::AndOn(ref own, timeframe, ref other) => {
            let (there, newest) = of.elsewhere(timeframe, at)?;
            let (own, other) = (
                state(own, of, at, periods)?,
                state(other, &there, newest, periods)?,
            );
            own && other
        }
        Cond::Align { bullish, .. } => {
            let averages: Vec<_> = periods.iter().map(|&n| ma(n)).collect::<Option<_>>()?;
            averages.windows(2).all(|pair| match bullish {
                true => above(pair[0], pair[1]),
                false => above(pair[1], pair[0]),
            })
        }
        Cond::CrossAbove(a, b) => above(ma(a)?, ma(b)?),
        Cond::CrossBelow(a, b) => above(ma(b)?, ma(a)?),
        Cond::CloseCrosses(n) => above(close, ma(n)?),
        Cond::CloseOver(n) => above(close, ma(n)?),
        Cond::HighOver(n) => above((i128::from(bars[at].high), 1), ma(n)?),
        Cond::VolumeOver(n) => {
            let from = (at + 1).checked_sub(usize::from(n))?;
            let sum: i64 = bars[from..=at].iter().map(|b| b.volume).sum();
            sum < bars[at].volume * i64::from(n)
        }
        // Rules that look at the state underneath are made of no combination.
        Cond::Not(_) | Cond::Both(..) | Cond::Either(..) | Cond::Within(..) | Cond::Ago(..) => {
            return None;
        }
    })
}

/// Whether the rule holds on a closed bar.
fn holds(cond: &Cond, of: &Past<'_>, at: usize, periods: &[u16]) -> Option<bool> {
    if let Cond::AndOn(own, timeframe, other) = cond {
        let (there, newest) = of.elsewhere(*timeframe, at)?;
        let (own, other) = (
            holds(own, of, at, periods)?,
            holds(other, &there, newest, periods)?,
        );
        return Some(own && other);
    }
    let there = |of_what: &Cond, at: usize| holds(of_what, of, at, periods);
    match cond {
        Cond::Not(inner) => return there(inner, at).map(|held| !held),
        Cond::Both(a, b) => return Some(there(a, at)? & there(b, at)?),
        Cond::Either(a, b) => return Some(there(a, at)? | there(b, at)?),
        Cond::Ago(inner, bars) => return there(inner, at.checked_sub(usize::from(*bars))?),
        Cond::Within(inner, bars) => {
            let one = |ago: usize| there(inner, at.checked_sub(ago)?);
            let held: Option<Vec<bool>> = (0..usize::from(*bars)).map(one).collect();
            return Some(held?.contains(&true));
        }
        _ => {}
    }
    let now = state(cond, of, at, periods)?;
    let looks_back = matches!(
        cond,
        Cond::Align { becomes: true, .. }
            | Cond::CrossAbove(..)
            | Cond::CrossBelow(..)
            | Cond::CloseCrosses(_)
    );
    if !looks_back {
        return Some(now);
    }
    let before = state(cond, of, at.checked_sub(1)?, periods)?;
    Some(now && !before)
}

/// The longest average among what is said of the judged bar itself, whether some of that must be
/// new there, and how many bars the parts need that are said of other bars.
fn needs(cond: &Cond, periods: &[u16]) -> (usize, bool, usize) {
    let whole = |&n: &u16| (usize::from(n), false, 0);
    let ago = |of: &Cond, bars: usize| (1, false, needed(of, periods) + bars);
    match cond {
        Cond::Align { becomes, .. } => {
            let (longest, ..) = whole(periods.iter().max().unwrap());
            (longest, *becomes, 0)
        }
        Cond::CrossAbove(a, b) | Cond::CrossBelow(a, b) => (usize::from(*a.max(b)), true, 0),
        Cond::CloseCrosses(n) => (usize::from(*n), true, 0),
        Cond::CloseOver(n) | Cond::HighOver(n) | Cond::VolumeOver(n) => whole(n),
        Cond::Not(of) => needs(of, periods),
        Cond::Both(a, b) | Cond::Either(a, b) => {
            let (a, b) = (needs(a, periods), needs(b, periods));
            (a.0.max(b.0), a.1 | b.1, a.2.max(b.2))
        }
        Cond::Within(of, bars) => ago(of, usize::from(*bars) - 1),
        Cond::Ago(of, bars) => ago(of, usize::from(*bars)),
        Cond::AndOn(own, ..) => needs(own, periods),
    }
}

/// How many bars a rule needs up to the judged one.
fn needed(cond: &Cond, periods: &[u16]) -> usize {
    let (longest, new, elsewhere) = needs(cond, periods);
    elsewhere.max(longest + usize::from(new))
}

/// Bars by what they are of and the day on which they are looked at.
type Made = BTreeMap<(StockCode, Timeframe, Day), Rc<Vec<RefBar>>>;

/// The bars of a tape, each stock's once for all rules.
pub(crate) struct Bars<'a> {
    tape: &'a Tape,
    auction: ClosingAuction,
    made: RefCell<Made>,
}

impl<'a> Bars<'a> {
    pub(crate) fn new(tape: &'a Tape, auction: ClosingAuction) -> Self {
        let made = RefCell::default();
        Self {
            tape,
            auction,
            made,
        }
    }

    /// Bars up to and including a day, as on that day.
    fn of(&self, code: StockCode, timeframe: Timeframe, day: Day) -> Rc<Vec<RefBar>> {
        let mut made = self.made.borrow_mut();
        let make = || Rc::new(bars(self.tape, code, timeframe, day, day, self.auction));
        let bars = made.entry((code, timeframe, day)).or_insert_with(make);
        bars.clone()
    }
}

/// What is expected of one rule and stock: bars that stand, and all closed bars by opening.
pub(crate) struct Expected {
    pub(crate) standing: BTreeSet<SignalKey>,
    /// Opening → (end, close, low).
    pub(crate) bars: BTreeMap<SignalKey, RefBar>,
}

/// The signals that stand for a rule on a stock that met at `joined`, of bars closed by `until`.
pub(crate) fn expected(
    bars: &Bars<'_>,
    rule: &TestRule,
    code: StockCode,
    joined: Moment,
    until: Moment,
) -> Expected {
    let tape = bars.tape;
    let mut out = Expected {
        standing: BTreeSet::new(),
        bars: BTreeMap::new(),
    };
    let last = until.day();
    let mut given: Option<Moment> = None;
    let mut first = true;
    let mut free = true;
    let mut day = joined.day();
    // Day by day, because a split changes what the past looks like.
    while day <= last {
        let made = |timeframe| bars.of(code, timeframe, day);
        let bars = made(rule.timeframe);
        let others = match rule.cond {
            Cond::AndOn(_, timeframe, _) => BTreeMap::from([(timeframe, made(timeframe))]),
            _ => BTreeMap::new(),
        };
        let of = Past {
            bars: &bars,
            others: &others,
        };
        if first {
            if let Some(base) = bars.iter().rposition(|b| b.end <= joined) {
                free = rule.repeat != Repeat::UntilReversed
                    || state(&rule.cond, &of, base, &rule.periods) != Some(true);
            }
            first = false;
        }
        for (at, bar) in bars.iter().enumerate() {
            if bar.end <= joined || until < bar.end || bar.end.day() != day {
                continue;
            }
            let key = SignalKey {
                rule: rule.key,
                code,
                timeframe: rule.timeframe,
                bar: bar.opened,
            };
            out.bars.insert(key, bar.clone());
            let allowed = match rule.repeat {
                Repeat::OncePerBar => true,
                Repeat::Once => given.is_none(),
                Repeat::OncePerDay => given.is_none_or(|g| g.day() != bar.opened.day()),
                Repeat::UntilReversed => free,
            };
            // The auction's bar closes at 15:30 by the clock, or an hour later.
            let clock = match tape.calendar.hours(day, Venue::Krx).and_then(|h| h.auction) {
                Some(label) if bar.end == day.at(label.plus(1)) => label,
                _ => bar.end.minute(),
            };
            let allowed = allowed
                && rule
                    .hours
                    .is_none_or(|(from, to)| from <= clock.0 && clock.0 <= to)
                && rule.expires.is_none_or(|last| day <= last);
            let defined = needed(&rule.cond, &rule.periods) <= at + 1;
            if allowed && defined && holds(&rule.cond, &of, at, &rule.periods) == Some(true) {
                out.standing.insert(key);
                given = Some(bar.opened);
                free = false;
            } else if state(&rule.cond, &of, at, &rule.periods) == Some(false) {
                free = true;
            }
        }
        day = day.plus(1);
    }
    out
}

#[test]
fn the_week_of_a_listing_is_a_bar_and_a_week_that_is_cut_is_none() {
    let day = |text| Day::parse_compact(text).unwrap();
    let code = StockCode::parse("005930").unwrap();
    let mut tape = Tape::new(1);
    let to = day("20261230");
    let weeks = |tape: &Tape| {
        let bars = bars(tape, code, Timeframe::Week, to, to, ClosingAuction::Fold);
        bars.iter().map(|b| b.opened.day()).collect::<Vec<_>>()
    };
    // 75 days back is Friday 16 October: its week lacks four days.
    assert_eq!(weeks(&tape).first(), Some(&day("20261019")));
    tape.listed.insert(code, day("20261223"));
    assert_eq!(weeks(&tape), [day("20261221"), day("20261228")]);
}
