//! The one place where settings judge a rule's text.

/// Whether `text` is a rule; else what is wrong with it.
pub(super) fn check_rule_text(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("a rule text is needed, such as \"alignment becomes bullish\"".to_owned());
    }
    Ok(())
}
