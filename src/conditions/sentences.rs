//! A condition as a list of plain sentences: what a person can put together without a grammar.
//!
//! Not every condition has that form; see [`Expr::sentences`]. The text of sentences reads back
//! as the condition they came from.

use std::fmt;

use crate::domain::Timeframe;

use super::Expr;
use super::expr::{Comparator, Node, Order, Past, Quantity, Side, Term};

/// Sentences, all of which or any of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentences {
    /// How the parts are joined.
    pub joint: Joint,
    /// The parts, in order.
    pub parts: Vec<Part>,
}

/// How parts are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// Every one must hold (`and`).
    All,
    /// One is enough (`or`).
    Any,
}

/// One part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A sentence.
    One(Sentence),
    /// Sentences that are joined the other way than the list.
    Group(Vec<Sentence>),
}

/// One sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// It must not be so.
    pub negated: bool,
    /// What is said.
    pub said: Said,
    /// Of which bars.
    pub when: When,
    /// Of the bars of another timeframe than the rule's.
    pub on: Option<Timeframe>,
}

/// What a sentence says of a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The averages are in order.
    Alignment {
        /// Newly on this bar.
        becomes: bool,
        /// 정배열, else 역배열.
        bullish: bool,
    },
    /// Two values are compared.
    Compare {
        /// The one spoken of.
        left: Operand,
        /// How it stands.
        verb: Verb,
        /// To what.
        right: Operand,
    },
}

/// How one value stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `>`
    Above,
    /// `<`
    Below,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `crosses above`
    CrossesAbove,
    /// `crosses below`
    CrossesBelow,
}

/// A value of a sentence. Numbers are kept as they are typed; the text is read by
/// [`Expr::parse`], which says what is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A number.
    Number(String),
    /// What a bar has.
    Of(Measure),
    /// So many times what a bar has.
    Times(String, Measure),
}

/// What a bar has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its close, won.
    Close,
    /// Its open, won.
    Open,
    /// Its high, won.
    High,
    /// Its low, won.
    Low,
    /// Its volume, shares.
    Volume,
    /// The average of so many closes.
    Average(u16),
    /// The average of so many volumes.
    VolumeAverage(u16),
    /// The close in percent of the average of so many closes.
    Disparity(u16),
}

/// Of which bars a sentence speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The judged one.
    Now,
    /// At least one of the last so many, the judged one included.
    Within(u16),
    /// Each of the last so many, the judged one included.
    For(u16),
    /// The one so many before the judged one.
    Ago(u16),
}

impl Joint {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::All => Self::Any,
            Self::Any => Self::All,
        }
    }
}

impl Sentence {
    /// A sentence of the judged bar.
    pub fn now(said: Said) -> Self {
        Self {
            negated: false,
            said,
            when: When::Now,
            on: None,
        }
    }
}

impl Expr {
    /// The condition as sentences; `None` where it is nested deeper than a list with groups.
    pub fn sentences(&self) -> Option<Sentences> {
        let (joint, nodes) = match &self.root {
            Node::All(nodes) => (Joint::All, nodes.as_slice()),
            Node::Any(nodes) => (Joint::Any, nodes.as_slice()),
            one => (Joint::All, std::slice::from_ref(one)),
        };
        let parts = nodes.iter().map(|node| match (node, joint) {
            (Node::Any(inner), Joint::All) | (Node::All(inner), Joint::Any) => {
                let inner = inner.iter().map(sentence).collect::<Option<Vec<_>>>()?;
                Some(Part::Group(inner))
            }
            (node, _) => sentence(node).map(Part::One),
        });
        let parts = parts.collect::<Option<Vec<_>>>()?;
        Some(Sentences { joint, parts })
    }
}

fn sentence(node: &Node) -> Option<Sentence> {
    let (negated, node) = match node {
        Node::Not(inner) => (true, &**inner),
        node => (false, node),
    };
    let (on, node) = match node {
        Node::On(timeframe, inner) => (Some(*timeframe), &**inner),
        node => (None, node),
    };
    let (when, node) = match node {
        Node::Past(past, bars, inner) => {
            let when = match past {
                Past::Within => When::Within(*bars),
                Past::For => When::For(*bars),
                Past::Ago => When::Ago(*bars),
            };
            (when, &**inner)
        }
        node => (When::Now, node),
    };
    let said = match node {
        Node::Alignment { becomes, order } => Said::Alignment {
            becomes: *becomes,
            bullish: *order == Order::Bullish,
        },
        Node::Compare(left, comparator, right) => Said::Compare {
            left: operand(*left),
            verb: match comparator {
                Comparator::Above => Verb::Above,
                Comparator::Below => Verb::Below,
                Comparator::AtLeast => Verb::AtLeast,
                Comparator::AtMost => Verb::AtMost,
            },
            right: operand(*right),
        },
        Node::Cross(left, side, right) => Said::Compare {
            left: operand(*left),
            verb: match side {
                Side::Above => Verb::CrossesAbove,
                Side::Below => Verb::CrossesBelow,
            },
            right: operand(*right),
        },
        Node::Not(_) | Node::Past(..) | Node::On(..) | Node::All(_) | Node::Any(_) => return None,
    };
    Some(Sentence {
        negated,
        said,
        when,
        on,
    })
}

fn operand(term: Term) -> Operand {
    match term {
        Term::Number(number) => Operand::Number(number.to_string()),
        Term::Of(quantity) => Operand::Of(measure(quantity)),
        Term::Times(number, quantity) => Operand::Times(number.to_string(), measure(quantity)),
    }
}

fn measure(quantity: Quantity) -> Measure {
    match quantity {
        Quantity::Close => Measure::Close,
        Quantity::Open => Measure::Open,
        Quantity::High => Measure::High,
        Quantity::Low => Measure::Low,
        Quantity::Volume => Measure::Volume,
        Quantity::Average(n) => Measure::Average(n),
        Quantity::VolumeAverage(n) => Measure::VolumeAverage(n),
        Quantity::Disparity(n) => Measure::Disparity(n),
    }
}

impl fmt::Display for Sentences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts.iter().enumerate() {
            if 0 < place {
                f.write_str(self.joint.word())?;
            }
            match part {
                Part::One(sentence) => sentence.fmt(f)?,
                Part::Group(sentences) => {
                    f.write_str("(")?;
                    for (place, sentence) in sentences.iter().enumerate() {
                        if 0 < place {
                            f.write_str(self.joint.other().word())?;
                        }
                        sentence.fmt(f)?;
                    }
                    f.write_str(")")?;
                }
            }
        }
        Ok(())
    }
}

impl Joint {
    fn word(self) -> &'static str {
        match self {
            Self::All => " and ",
            Self::Any => " or ",
        }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("not ")?;
        }
        self.said.fmt(f)?;
        let unit = |bars: u16| if bars == 1 { "bar" } else { "bars" };
        match self.when {
            When::Now => {}
            When::Within(n) => write!(f, " within {n} {}", unit(n))?,
            When::For(n) => write!(f, " for {n} {}", unit(n))?,
            When::Ago(n) => write!(f, " {n} {} ago", unit(n))?,
        }
        match self.on {
            Some(timeframe) => write!(f, " on {timeframe}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alignment { becomes, bullish } => {
                let verb = if *becomes { "becomes" } else { "is" };
                let order = if *bullish { "bullish" } else { "bearish" };
                write!(f, "alignment {verb} {order}")
            }
            Self::Compare { left, verb, right } => write!(f, "{left} {verb} {right}"),
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => ">",
            Self::Below => "<",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::CrossesAbove => "crosses above",
            Self::CrossesBelow => "crosses below",
        })
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(number),
            Self::Of(measure) => measure.fmt(f),
            Self::Times(number, measure) => write!(f, "{number} * {measure}"),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Open => f.write_str("open"),
            Self::High => f.write_str("high"),
            Self::Low => f.write_str("low"),
            Self::Volume => f.write_str("volume"),
            Self::Average(n) => write!(f, "ma{n}"),
            Self::VolumeAverage(n) => write!(f, "volma{n}"),
            Self::Disparity(n) => write!(f, "disparity{n}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_read_back_as_the_condition_they_came_from() {
        let texts = [
            "alignment becomes bullish",
            "alignment is bearish for 5 bars",
            "ma20 crosses above ma60 within 3 bars",
            "close crosses below ma20 and volume > 2 * volma20",
            "not close < ma120 1 bar ago or alignment is bullish and 0.5 < ma3",
            "(close >= 1.05 * ma20 or high > 70000) and not open <= low and volume < volma5",
            "(alignment is bullish and close crosses above ma20) or ma5 > ma20",
            "disparity20 > 105 and 1.5 * disparity5 < 200",
            "close > ma20 within 3 bars on 60m and not alignment is bullish on D",
        ];
        for text in texts {
            let expr = Expr::parse(text).unwrap();
            let sentences = expr.sentences().unwrap_or_else(|| panic!("{text}"));
            let again = Expr::parse(&sentences.to_string()).unwrap();
            assert_eq!(again, expr, "{text} became {sentences}");
            assert_eq!(again.sentences(), Some(sentences));
        }
    }

    #[test]
    fn what_is_nested_deeper_is_no_list_of_sentences() {
        for text in [
            "not (close > ma20 and volume > volma20)",
            "(close > ma20 and volume > volma20) within 3 bars",
            "close > ma5 and (close > ma20 or (volume > volma20 and high > ma5))",
            "not not close > ma20",
            "(close > ma20 or close > ma5) on 60m and close > ma5",
        ] {
            assert_eq!(Expr::parse(text).unwrap().sentences(), None, "{text}");
        }
    }
}
