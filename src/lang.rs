//! The language of the screen: Korean is the source text, other languages are looked up by it.
//!
//! `t!("한국어 문장")` is the sentence in the language of the screen as `&'static str`;
//! `t!("%{n}봉 보유", n = have)` puts values in and is a `String`. A word that means two things
//! names which: `t!("월" in "weekday")`. `key!("…")` marks a text of a table that [`tr`] turns
//! when it is shown. What has no line in `assets/locales/en.toml` stays Korean; a test compares
//! that file with the sources. Catalogues are rust-i18n's, which builds them into the program; its
//! own macro is not used because it makes a new string of every text with a value, and looks up at
//! every call.
//!
//! A place of the code looks a sentence up once and keeps it, so that drawing costs one read of a
//! number a text, whatever the language.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

rust_i18n::i18n!("assets/locales");
// The compiler is told of the catalogue, so that a change of it is a change of the program.
const _: &str = include_str!("../assets/locales/en.toml");

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Korean, the language the texts are written in.
    #[default]
    Korean,
    /// English.
    English,
}

impl Language {
    /// The language of the desktop, from the variables POSIX names for it, in their order: a
    /// Korean one is Korean, every other is English, and none at all is Korean.
    pub fn of_desktop() -> Self {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        Self::of_locale(named.as_deref())
    }

    /// The language of a locale's name such as `ko_KR.UTF-8`. `C` and `POSIX` name none.
    pub fn of_locale(name: Option<&str>) -> Self {
        match name.map(|name| name.split(['_', '.', '-', '@']).next().unwrap_or(name)) {
            None | Some("" | "ko" | "C" | "POSIX") => Self::Korean,
            Some(_) => Self::English,
        }
    }
}

/// One for the program: every window shows the same language.
static SPOKEN: AtomicU8 = AtomicU8::new(0);

/// Takes a language into force, from the next drawn text on.
pub fn speak(language: Language) {
    SPOKEN.store(language as u8, Ordering::Relaxed);
}

/// The language in force.
pub fn spoken() -> Language {
    match SPOKEN.load(Ordering::Relaxed) {
        0 => Language::Korean,
        _ => Language::English,
    }
}

/// The sentence of the catalogue, if it has one.
fn english(key: &str) -> Option<&'static str> {
    let text: Cow<'static, str> = _rust_i18n_try_translate("en", key)?;
    Some(match text {
        Cow::Borrowed(text) => text,
        // The catalogue is part of the program; nothing of it is made while it runs.
        Cow::Owned(_) => return None,
    })
}

/// A text marked with `key!` in the language of the screen.
pub fn tr(korean: &'static str) -> &'static str {
    match spoken() {
        Language::Korean => korean,
        Language::English => english(korean).unwrap_or(korean),
    }
}

/// What `t!` becomes: the text in the language of the screen, looked up once a place.
#[doc(hidden)]
pub fn pick(
    korean: &'static str,
    key: &'static str,
    kept: &OnceLock<&'static str>,
) -> &'static str {
    match spoken() {
        Language::Korean => korean,
        Language::English => kept.get_or_init(|| english(key).unwrap_or(korean)),
    }
}

/// `pattern` with each `%{name}` replaced by its value; a name without a value stays as it is.
#[doc(hidden)]
pub fn fill(pattern: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::with_capacity(pattern.len() + 16 * values.len());
    // A value that cannot be shown leaves what it has written so far.
    write_filled(&mut text, pattern, values).unwrap_or_default();
    text
}

fn write_filled(to: &mut String, pattern: &str, values: &[(&str, &dyn Display)]) -> fmt::Result {
    use fmt::Write as _;
    let mut rest = pattern;
    while let Some(at) = rest.find("%{") {
        let (before, from) = rest.split_at(at);
        to.push_str(before);
        let value = from.find('}').and_then(|end| {
            let name = &from[2..end];
            let value = values.iter().find(|(known, _)| *known == name)?;
            Some((end, value.1))
        });
        match value {
            Some((end, value)) => {
                write!(to, "{value}")?;
                rest = &from[end + 1..];
            }
            None => {
                to.push_str("%{");
                rest = &from[2..];
            }
        }
    }
    to.push_str(rest);
    Ok(())
}

/// A sentence that is kept and put into words whenever it is shown, in the language of that
/// moment. `said!` makes one of a Korean text with its values; a text that comes
/// from outside, such as the broker's own words, stays as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Plain(Arc<str>),
    // Behind one pointer: an error that holds a sentence is handed on by value.
    Key(&'static str, Arc<Vec<(&'static str, Said)>>),
}

impl Said {
    /// What `said!` becomes.
    #[doc(hidden)]
    pub fn new(korean: &'static str, values: Vec<(&'static str, Said)>) -> Self {
        Self(Kind::Key(korean, Arc::new(values)))
    }

    /// A text marked with `key!`, such as one of a table.
    pub fn of_key(korean: &'static str) -> Self {
        Self::new(korean, vec![])
    }

    /// Whether both say the same, perhaps with other numbers, such as seconds that are left. A
    /// stock's code is no number in this.
    pub fn is_like(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Plain(a), Kind::Plain(b)) => a == b || (is_number(a) && is_number(b)),
            (Kind::Key(a, values), Kind::Key(b, others)) => {
                a == b
                    && values.len() == others.len()
                    && values
                        .iter()
                        .zip(others.iter())
                        .all(|((n, a), (m, b))| n == m && a.is_like(b))
            }
            _ => false,
        }
    }
}

/// A number of what is counted or measured: fewer digits than a stock's code has.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (1..6).contains(&digits)
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || ".,-+".contains(c))
}

impl Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Plain(text) => f.write_str(text),
            Kind::Key(korean, values) if values.is_empty() => f.write_str(tr(korean)),
            Kind::Key(korean, values) => {
                let values: Vec<(&str, &dyn Display)> = values
                    .iter()
                    .map(|(name, value)| (*name, value as &dyn Display))
                    .collect();
                f.write_str(&fill(tr(korean), &values))
            }
        }
    }
}

/// The sentence in the language of this moment.
impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.to_string()
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self(Kind::Plain(text.into()))
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self(Kind::Plain(text.into()))
    }
}

impl From<&String> for Said {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

macro_rules! number_as_text {
    ($($number:ty),*) => {$(
        impl From<$number> for Said {
            fn from(number: $number) -> Self {
                Self::from(number.to_string())
            }
        }
    )*};
}
number_as_text!(i64, u64, usize, f64);

impl From<&Arc<str>> for Said {
    fn from(text: &Arc<str>) -> Self {
        Self(Kind::Plain(text.clone()))
    }
}

/// A text that was kept as the Korean sentence it is in the sources, in the language of the
/// screen; any other text as it is.
pub fn kept(text: &str) -> Cow<'_, str> {
    match spoken() {
        Language::Korean => Cow::Borrowed(text),
        Language::English => english(text).map_or(Cow::Borrowed(text), Cow::Borrowed),
    }
}

/// A [`Said`]: a Korean text of the sources, and its values.
#[macro_export]
macro_rules! said {
    ($korean:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::lang::Said::new(
            $korean,
            vec![$((stringify!($name), $crate::lang::Said::from($value))),*],
        )
    };
}

/// A sentence in the language of the screen; see [`lang`](crate::lang).
#[macro_export]
macro_rules! t {
    ($korean:literal $(in $context:literal)?) => {{
        static KEPT: ::std::sync::OnceLock<&'static str> = ::std::sync::OnceLock::new();
        $crate::lang::pick($korean, concat!($korean $(, "##", $context)?), &KEPT)
    }};
    ($korean:literal $(in $context:literal)?, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::lang::fill(
            {
                static KEPT: ::std::sync::OnceLock<&'static str> = ::std::sync::OnceLock::new();
                $crate::lang::pick($korean, concat!($korean $(, "##", $context)?), &KEPT)
            },
            &[$((stringify!($name), &$value as &dyn ::std::fmt::Display)),+],
        )
    };
}

/// Marks a text of a table that [`lang::tr`](crate::lang::tr) turns when it is shown.
#[macro_export]
macro_rules! key {
    ($korean:literal) => {
        $korean
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_their_names_stand() {
        let values: [(&str, &dyn Display); 2] = [("have", &187), ("need", &240)];
        let text = fill("%{need}봉 필요 / %{have}봉 보유", &values);
        assert_eq!(text, "240봉 필요 / 187봉 보유");
        assert_eq!(fill("%{other} 100% %{", &values), "%{other} 100% %{");
        // A value is not read as a pattern again.
        assert_eq!(fill("%{a}", &[("a", &"%{a}")]), "%{a}");
    }

    #[test]
    fn korean_is_what_the_source_says() {
        // The language belongs to the whole program: no unit test changes it.
        assert_eq!(spoken(), Language::Korean);
        assert_eq!(t!("월" in "weekday"), "월");
        assert_eq!(t!("%{n}초", n = 3), "3초");
    }

    #[test]
    fn what_is_kept_is_worded_when_shown() {
        let inner = said!("종가에서 조건이 풀렸습니다");
        let said = said!("%{name}: %{why}", name = "삼성전자", why = inner);
        assert_eq!(said.to_string(), "삼성전자: 종가에서 조건이 풀렸습니다");
        assert_eq!(said, said.clone());
        assert_eq!(Said::from("100% %{x}").to_string(), "100% %{x}");
        assert_eq!(kept("아무 말"), "아무 말");
    }

    #[test]
    fn the_same_said_with_other_numbers_is_alike() {
        let waits = |n: u64| said!("%{n}초", n = n);
        let of = |what: &str, n: u64| said!("%{name}: %{why}", name = what, why = waits(n));
        assert!(of("삼성전자", 7).is_like(&of("삼성전자", 41)));
        assert!(!of("삼성전자", 7).is_like(&of("카카오", 7)));
        assert!(!of("005930", 7).is_like(&of("000660", 7)), "codes");
        assert!(!waits(7).is_like(&said!("%{n}번", n = 7_u64)));
        assert!(!Said::from("EGW00133").is_like(&Said::from("EGW00105")));
    }

    #[test]
    fn the_catalogue_can_be_read() {
        assert_eq!(english("일##timeframe"), Some("Day"));
        assert_eq!(english("a text nobody wrote"), None);
    }

    #[test]
    fn desktops_name_their_language() {
        let of = |name| Language::of_locale(Some(name));
        assert_eq!(of("ko_KR.UTF-8"), Language::Korean);
        assert_eq!(of("ko"), Language::Korean);
        assert_eq!(of("en_US.UTF-8"), Language::English);
        assert_eq!(of("kok_IN"), Language::English);
        assert_eq!(of("de-DE"), Language::English);
        assert_eq!(of("C.UTF-8"), Language::Korean);
        assert_eq!(Language::of_locale(None), Language::Korean);
    }
}
