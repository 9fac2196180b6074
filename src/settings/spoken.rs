//! The language a configuration file asks for, also when the rest of it is wrong: what is wrong is
//! told in it.

use std::path::Path;

use toml_edit::{Document, Item};

use super::choice::{Choice as _, LanguageChoice};

/// The language that the file at `path` asks for in `[screen]`. `None` where there is no such
/// file, or where it names no language the program speaks.
pub fn language_in(path: &Path) -> Option<LanguageChoice> {
    language_of(&std::fs::read_to_string(path).ok()?)
}

fn language_of(text: &str) -> Option<LanguageChoice> {
    let word = match Document::parse(text) {
        Ok(document) => {
            let screen = document.get("screen").and_then(Item::as_table_like)?;
            screen.get("language")?.as_str()?.to_owned()
        }
        // The file is no TOML somewhere, and nothing of it is parsed: by its lines then.
        Err(_) => text.lines().find_map(word_of_line)?.to_owned(),
    };
    LanguageChoice::read(&word)
}

/// The word of a line `language = "…"`; no other table has such a key.
fn word_of_line(line: &str) -> Option<&str> {
    let value = line.trim().strip_prefix("language")?.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| "\"'".contains(*c))?;
    value[1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_in_a_broken_file_too() {
        let english = Some(LanguageChoice::English);
        assert_eq!(language_of("[screen]\nlanguage = \"en\"\n"), english);
        assert_eq!(language_of("screen = { language = 'en' }"), english);
        // Another key is wrong.
        assert_eq!(
            language_of("[kis]\nx = 1\n[screen]\nlanguage = 'en'"),
            english
        );
        // No TOML.
        for broken in [
            "[[rule\n[screen]\n language= 'en' # x",
            "a = \nlanguage = \"en",
        ] {
            assert_eq!(language_of(broken), english, "{broken}");
        }
        assert_eq!(language_of("[screen]\nlanguage = \"fr\""), None);
        assert_eq!(language_of("[screen]\nlanguage = 3"), None);
        assert_eq!(language_of("# language = \"en\"\n[[x"), None);
        assert_eq!(language_of(""), None);
    }
}
