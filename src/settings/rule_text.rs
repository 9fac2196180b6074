//! The one place where settings judge a rule's text.

use crate::conditions::Expr;

/// Whether `text` is a rule; else what is wrong with it and where.
pub(super) fn check_rule_text(text: &str) -> Result<(), String> {
    Expr::parse(text)
        .map(|_| ())
        .map_err(|error| error.to_string())
}
