//! Conditions (조건): the text of a rule, what it means, and how it is judged on a bar.
//!
//! The grammar and its meaning are those of `docs/manual.md`. Pure functions
//! over a [`Series`](crate::bars::Series); judging allocates nothing.

mod expr;
mod hours;
mod judge;
mod lexer;
mod parse;
mod ratio;
mod rule;
mod sentences;
mod text;
mod threshold;
mod wanted;

pub use expr::Expr;
pub use hours::{NotRuleHours, RuleHours};
pub use judge::{At, Elsewhere, Judged, Others, Verdict};
pub use rule::{
    BadPeriods, Manners, NotARepeat, NotARuleStage, Repeat, Rule, RuleStage, Scope, rule_key,
    sorted_periods, tell_apart,
};
pub use sentences::{Joint, Measure, Operand, Part, Said, Sentence, Sentences, Verb, When};
pub use threshold::{Building, Threshold, Turns};
pub use wanted::{Found, RuleTextError, Wanted};
