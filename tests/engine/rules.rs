//! Rules that are both text for the engine and structure for the reference.

use crate::rng::Rng;
use jeongbae::bars::BarRules;
use jeongbae::conditions::{Expr, Repeat, Rule, RuleHours, RuleStage, Scope, rule_key, tell_apart};
use jeongbae::domain::{Day, Market as Venue, Minute, RuleKey, Timeframe};

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Cond {
    Align {
        becomes: bool,
        bullish: bool,
    },
    CrossAbove(u16, u16),
    CrossBelow(u16, u16),
    CloseCrosses(u16),
    CloseOver(u16),
    HighOver(u16),
    VolumeOver(u16),
    Not(Box<Cond>),
    Both(Box<Cond>, Box<Cond>),
    Either(Box<Cond>, Box<Cond>),
    /// On one of so many bars, this one among them.
    Within(Box<Cond>, u8),
    /// So many bars before this one.
    Ago(Box<Cond>, u8),
    /// The first, and the second on the other timeframe.
    AndOn(Box<Cond>, Timeframe, Box<Cond>),
}

impl Cond {
    fn text(&self) -> String {
        match self {
            Self::Align { becomes, bullish } => format!(
                "alignment {} {}",
                if *becomes { "becomes" } else { "is" },
                if *bullish { "bullish" } else { "bearish" }
            ),
            Self::CrossAbove(a, b) => format!("ma{a} crosses above ma{b}"),
            Self::CrossBelow(a, b) => format!("ma{a} crosses below ma{b}"),
            Self::CloseCrosses(n) => format!("close crosses above ma{n}"),
            Self::CloseOver(n) => format!("close > ma{n}"),
            Self::HighOver(n) => format!("high > ma{n}"),
            Self::VolumeOver(n) => format!("volume > volma{n}"),
            Self::Not(of) => format!("not ({})", of.text()),
            Self::Both(a, b) => format!("({}) and ({})", a.text(), b.text()),
            Self::Either(a, b) => format!("({}) or ({})", a.text(), b.text()),
            Self::Within(of, bars) => format!("({}) within {bars} bars", of.text()),
            Self::Ago(of, bars) => format!("({}) {bars} bars ago", of.text()),
            Self::AndOn(own, timeframe, other) => {
                format!("{} and {} on {timeframe}", own.text(), other.text())
            }
        }
    }
}

/// A line of the rules: what, where, when, how often, with which averages.
type Line = (Cond, Timeframe, RuleStage, Repeat, Vec<u16>);

/// So many rules nobody thought of.
fn invented(rng: &mut Rng, count: usize) -> Vec<Line> {
    let one = |rng: &mut Rng| {
        let deep = rng.below(3) as u8;
        let cond = drawn(rng, deep);
        let minutes = [1, 1, 3, 5, 10, 15, 30, 60][rng.below(8) as usize];
        let timeframe = Timeframe::Minutes(minutes);
        // What trades on in a minute makes its volume, so that this says nothing while it forms.
        let stage = match cond.text().contains("volume") || rng.one_in(2) {
            true => RuleStage::Close,
            false => RuleStage::Forming,
        };
        let repeat = match rng.below(5) {
            // What is underneath of a crossing is plain; of a combination it is a matter of taste.
            0 if deep == 0 => Repeat::UntilReversed,
            1 => Repeat::OncePerDay,
            2 => Repeat::Once,
            _ => Repeat::OncePerBar,
        };
        let periods: [&[u16]; 4] = [&[2, 3], &[3, 5], &[3, 5, 10], &[2, 4, 7, 12]];
        let periods = periods[rng.below(4) as usize].to_vec();
        (cond, timeframe, stage, repeat, periods)
    };
    (0..count).map(|_| one(rng)).collect()
}

/// A condition with at most so many combinations inside each other.
fn drawn(rng: &mut Rng, deep: u8) -> Cond {
    let average = |rng: &mut Rng| [2, 3, 5, 8, 20][rng.below(5) as usize];
    let Some(inside) = deep.checked_sub(1) else {
        let (a, b) = (average(rng), average(rng));
        let (a, b) = (a, if a == b { 13 } else { b });
        let (becomes, bullish) = (rng.one_in(2), rng.one_in(2));
        return match rng.below(8) {
            0 | 1 => Cond::Align { becomes, bullish },
            2 => Cond::CrossAbove(a, b),
            3 => Cond::CrossBelow(a, b),
            4 => Cond::CloseCrosses(a),
            5 => Cond::HighOver(a),
            6 => Cond::VolumeOver(a),
            _ => Cond::CloseOver(a),
        };
    };
    let first = Box::new(drawn(rng, inside));
    let bars = 1 + rng.below(4) as u8;
    // The past of a condition has no past of its own.
    let most = if first.text().contains(" bars") { 4 } else { 6 };
    match rng.below(most) {
        0 => Cond::Not(first),
        1 | 2 => Cond::Both(first, Box::new(drawn(rng, inside))),
        3 => Cond::Either(first, Box::new(drawn(rng, inside))),
        4 => Cond::Within(first, bars),
        _ => Cond::Ago(first, bars),
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub(crate) struct TestRule {
    pub(crate) cond: Cond,
    pub(crate) timeframe: Timeframe,
    pub(crate) repeat: Repeat,
    pub(crate) periods: Vec<u16>,
    pub(crate) key: RuleKey,
    pub(crate) hours: Option<(u16, u16)>,
    pub(crate) expires: Option<Day>,
}

/// The rules of a run, for the reference and for the engine: those below, and so many invented.
pub(crate) fn rules(bars: BarRules, rng: &mut Rng, invent: usize) -> (Vec<TestRule>, Vec<Rule>) {
    use Repeat::{Once, OncePerBar, OncePerDay, UntilReversed};
    use RuleStage::{Close, Forming};
    let m = Timeframe::Minutes;
    let align = |becomes, bullish| Cond::Align { becomes, bullish };
    let and_on = |own, timeframe, other| Cond::AndOn(Box::new(own), timeframe, Box::new(other));
    let lines: Vec<(Cond, Timeframe, RuleStage, Repeat, &[u16])> = vec![
        (Cond::CloseCrosses(5), m(1), Close, OncePerBar, &[3, 5]),
        (align(true, true), m(1), Forming, OncePerBar, &[3, 5, 10]),
        (
            align(false, true),
            m(1),
            Forming,
            UntilReversed,
            &[3, 5, 10],
        ),
        (Cond::CloseOver(20), m(1), Close, UntilReversed, &[3, 5]),
        (Cond::HighOver(20), m(1), Forming, OncePerDay, &[3, 5]),
        (align(true, true), m(3), Forming, UntilReversed, &[3, 5, 10]),
        (align(false, false), m(3), Close, OncePerBar, &[2, 4]),
        (align(false, true), m(5), Close, OncePerDay, &[3, 5, 10]),
        (align(true, false), m(5), Forming, OncePerBar, &[3, 5, 10]),
        (Cond::CrossBelow(3, 5), m(10), Forming, OncePerBar, &[3, 5]),
        (Cond::CrossAbove(2, 5), m(10), Close, Once, &[3, 5]),
        (align(true, true), m(30), Forming, OncePerBar, &[2, 3, 5]),
        (Cond::CloseOver(20), m(30), Close, UntilReversed, &[3, 5]),
        (Cond::CloseOver(5), m(60), Forming, OncePerBar, &[3, 5]),
        (align(false, false), m(60), Close, UntilReversed, &[2, 3]),
        (
            Cond::CloseOver(5),
            Timeframe::Day,
            Forming,
            OncePerBar,
            &[3, 5],
        ),
        (
            align(false, false),
            Timeframe::Day,
            Close,
            UntilReversed,
            &[2, 3],
        ),
        (
            Cond::CloseOver(2),
            Timeframe::Week,
            Close,
            OncePerBar,
            &[3, 5],
        ),
        (
            and_on(Cond::CloseCrosses(3), m(10), Cond::CloseOver(3)),
            m(1),
            Forming,
            OncePerBar,
            &[3, 5],
        ),
        (
            and_on(align(false, true), m(30), align(false, true)),
            m(5),
            Close,
            UntilReversed,
            &[2, 3],
        ),
        (
            and_on(Cond::CloseOver(5), m(1), Cond::CloseCrosses(3)),
            m(10),
            Forming,
            OncePerBar,
            &[3, 5],
        ),
        (
            and_on(Cond::CloseOver(2), Timeframe::Day, Cond::CloseOver(2)),
            m(3),
            Close,
            OncePerBar,
            &[3, 5],
        ),
        (
            and_on(Cond::HighOver(3), Timeframe::Week, Cond::CloseOver(2)),
            m(30),
            Close,
            OncePerBar,
            &[3, 5],
        ),
    ];
    let owned = |(a, b, c, d, periods): (_, _, _, _, &[u16])| (a, b, c, d, periods.to_vec());
    let mut lines: Vec<Line> = lines.into_iter().map(owned).collect();
    lines.extend(invented(rng, invent));
    let mut made = Vec::new();
    for (index, (cond, timeframe, stage, repeat, periods)) in lines.iter().enumerate() {
        let text = cond.text();
        let expr = Expr::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let key = rule_key(&expr, *timeframe, *stage, periods, bars, Venue::Krx);
        made.push(Rule {
            name: format!("{index}").into(),
            scope: Scope::All,
            timeframe: *timeframe,
            expr,
            text: text.into(),
            stage: *stage,
            repeat: *repeat,
            periods: periods.to_vec(),
            hours: None,
            expires: None,
            key,
            manners: Default::default(),
        });
    }
    // Some rules a second time, with hours and a last day.
    let limits: [(usize, (u16, u16), Option<&str>); 4] = [
        (0, (600, 660), None),
        (3, (541, 555), None),
        (5, (920, 930), None),
        (12, (0, 1_439), Some("20261112")),
    ];
    let mut lines: Vec<_> = lines.into_iter().map(|line| (line, None, None)).collect();
    for (index, hours, expires) in limits {
        let mut rule = made[index].clone();
        rule.name = format!("{index} within {hours:?} until {expires:?}").into();
        rule.hours = RuleHours::new(Minute(hours.0), Minute(hours.1));
        rule.expires = expires.and_then(Day::parse_compact);
        lines.push((lines[index].0.clone(), Some(hours), rule.expires));
        made.push(rule);
    }
    tell_apart(&mut made);
    let tests = lines
        .into_iter()
        .zip(&made)
        .map(|((line, hours, expires), rule)| (line, hours, expires, rule))
        .map(
            |((cond, timeframe, _, repeat, periods), hours, expires, rule)| TestRule {
                hours,
                expires,
                cond,
                timeframe,
                repeat,
                periods: periods.to_vec(),
                key: rule.key,
            },
        )
        .collect();
    (tests, made)
}
