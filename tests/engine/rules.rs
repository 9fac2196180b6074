//! Rules that are both text for the engine and structure for the reference.

use jeongbae::bars::BarRules;
use jeongbae::conditions::{Expr, Repeat, Rule, RuleStage, Scope, rule_key, tell_apart};
use jeongbae::domain::{Market as Venue, RuleKey, Timeframe};

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Cond {
    Align { becomes: bool, bullish: bool },
    CrossAbove(u16, u16),
    CrossBelow(u16, u16),
    CloseCrosses(u16),
    CloseOver(u16),
    HighOver(u16),
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
        }
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
}

/// The rules of a run, for the reference and for the engine.
pub(crate) fn rules(bars: BarRules) -> (Vec<TestRule>, Vec<Rule>) {
    use Repeat::{Once, OncePerBar, OncePerDay, UntilReversed};
    use RuleStage::{Close, Forming};
    let m = Timeframe::Minutes;
    let align = |becomes, bullish| Cond::Align { becomes, bullish };
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
    ];
    let mut made = Vec::new();
    for (index, (cond, timeframe, stage, repeat, periods)) in lines.iter().enumerate() {
        let text = cond.text();
        let expr = Expr::parse(&text).unwrap();
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
            key,
            manners: Default::default(),
        });
    }
    tell_apart(&mut made);
    let tests = lines
        .into_iter()
        .zip(&made)
        .map(|((cond, timeframe, _, repeat, periods), rule)| TestRule {
            cond,
            timeframe,
            repeat,
            periods: periods.to_vec(),
            key: rule.key,
        })
        .collect();
    (tests, made)
}
