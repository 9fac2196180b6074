//! What is wrong with a text that is no rule: the place, what stands there, and what the grammar
//! wants there instead. The screen words the same kinds in its own language.

use std::fmt;

use super::expr::{FARTHEST, MOST_OTHERS};

/// How deep parentheses and `not` may nest. Far beyond what anyone writes; it keeps reading
/// and judging within a small stack.
pub(super) const DEEPEST: usize = 32;
/// How many words, numbers and signs a rule may have.
pub(super) const LONGEST: usize = 2_000;

/// Why a text is no rule. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: expected {expected}, found {found}")]
pub struct RuleTextError {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What the grammar wants there.
    pub expected: Wanted,
    /// What stands there.
    pub found: Found,
}

/// What stands where something else belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The rule ends there.
    End,
    /// A piece of the text in backticks: short, control characters spelt out.
    Piece(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "the end of the rule",
            Self::Piece(piece) => piece,
        })
    }
}

/// What the grammar wants at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A piece of any kind.
    Piece,
    /// A number as the grammar writes it.
    Number,
    /// One of `>`, `<`, `>=`, `<=`.
    Sign,
    /// A condition, or the term it begins with.
    Condition,
    /// A quantity or a number.
    Term,
    /// A quantity of a bar.
    Quantity,
    /// An average of closes.
    Average,
    /// An average of volumes.
    VolumeAverage,
    /// A sign or a crossing.
    Comparison,
    /// `is` or `becomes`.
    Verb,
    /// `bullish` or `bearish`.
    Order,
    /// `above` or `below`.
    Side,
    /// How many bars.
    Bars,
    /// The word `bars`.
    BarsWord,
    /// The word `ago`.
    Ago,
    /// A timeframe.
    Timeframe,
    /// One of the timeframes that the rule has named already: it may name no more.
    NamedTimeframe,
    /// A smaller factor.
    Factor,
    /// `and`, `or` or nothing more.
    JointOrEnd,
    /// The same, because what stands there would have had to come before `on`.
    JointOrEndAfterOn,
    /// `and`, `or` or the closing parenthesis.
    JointOrClose,
    /// No second `on` on one condition.
    OnOnce,
    /// No second `within`, `for` or `bars ago` on one condition.
    PastOnce,
    /// A shorter rule.
    Shorter,
    /// Fewer parentheses and `not` in one another.
    Shallower,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BAR: &str = "close, open, high, low, volume, ma1 to ma999, volma1 to volma999";
        let fixed = match self {
            Self::Piece => "a word, a number, a parenthesis or one of > < >= <= *",
            Self::Number => {
                "a number of at most 15 digits, 6 of them after the point, without separators (such as 70000 or 0.5)"
            }
            Self::Sign => "one of > < >= <=",
            Self::Condition => {
                "a condition (such as `alignment becomes bullish` or `close > ma20`)"
            }
            Self::Term => return write!(f, "{BAR}, disparity1 to disparity999 or a number"),
            Self::Quantity => return write!(f, "{BAR} or disparity1 to disparity999"),
            Self::Average => "an average from ma1 to ma999",
            Self::VolumeAverage => "an average from volma1 to volma999",
            Self::Comparison => "> < >= <=, `crosses above` or `crosses below`",
            Self::Verb => "`is` or `becomes`",
            Self::Order => "`bullish` or `bearish`",
            Self::Side => "`above` or `below`",
            Self::Bars => return write!(f, "a number of bars from 1 to {FARTHEST}"),
            Self::BarsWord => "`bars`",
            Self::Ago => "`ago`",
            Self::Timeframe => "a timeframe (1m 3m 5m 10m 15m 30m 60m 120m 240m D W M)",
            Self::NamedTimeframe => {
                return write!(f, "one of the {MOST_OTHERS} other timeframes named before");
            }
            Self::Factor => "a factor of at most 9 digits",
            Self::JointOrEnd => "`and`, `or` or the end of the rule",
            Self::JointOrEndAfterOn => {
                "`and`, `or` or the end of the rule (`within`, `for` and `bars ago` come before `on`)"
            }
            Self::JointOrClose => "`and`, `or` or `)`",
            Self::OnOnce => "no second `on` on one condition",
            Self::PastOnce => "no second `within`, `for` or `bars ago` on one condition",
            Self::Shorter => return write!(f, "a rule of at most {LONGEST} words and signs"),
            Self::Shallower => return write!(f, "a rule nested at most {DEEPEST} deep"),
        };
        f.write_str(fixed)
    }
}
