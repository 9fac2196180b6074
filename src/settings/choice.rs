//! The words a key may have, each set in one place.

use crate::conditions::{Repeat, RuleStage};
use crate::lang::{Language, Said};

/// A closed set of words in the configuration file.
pub(super) trait Choice: Copy + 'static {
    /// Every word with its meaning, in the order they are offered.
    const WORDS: &'static [(&'static str, Self)];

    /// Reads a word.
    fn read(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(w, _)| *w == word)
            .map(|&(_, c)| c)
    }

    /// The allowed words, for an error.
    fn allowed() -> Said {
        let mut words: Vec<String> = Self::WORDS.iter().map(|(w, _)| format!("{w:?}")).collect();
        let last = words.pop().unwrap_or_default();
        said!(
            "%{words} 또는 %{last}",
            words = words.join(", "),
            last = last
        )
    }
}

/// The broker's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// The real host.
    Real,
    /// The paper-trading host (모의투자): slower, and minutes of today only.
    Paper,
}

impl Environment {
    /// As the file and the keyring spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Paper => "paper",
        }
    }
}

impl Choice for Environment {
    const WORDS: &'static [(&'static str, Self)] = &[("real", Self::Real), ("paper", Self::Paper)];
}

impl Choice for RuleStage {
    const WORDS: &'static [(&'static str, Self)] =
        &[("close", Self::Close), ("forming", Self::Forming)];
}

impl Choice for Repeat {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("once", Self::Once),
        ("once-per-bar", Self::OncePerBar),
        ("until-reversed", Self::UntilReversed),
        ("once-per-day", Self::OncePerDay),
    ];
}

/// Colours of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark.
    Dark,
    /// Light.
    Light,
    /// As the system.
    System,
    /// White on black, with strong lines.
    HighContrast,
}

/// Colours of what rises and what falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PriceColors {
    /// Red up, blue down: as Korean screens have it.
    RedUp,
    /// Green up, red down: as Western screens have it.
    GreenUp,
    /// Orange up, sky blue down: apart for every kind of colour vision.
    ColorBlind,
}

impl Choice for PriceColors {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("red-up", Self::RedUp),
        ("green-up", Self::GreenUp),
        ("color-blind", Self::ColorBlind),
    ];
}

/// The word of a choice, as the file spells it.
pub(super) fn word<C: Choice + PartialEq>(choice: C) -> &'static str {
    let found = C::WORDS.iter().find(|(_, c)| *c == choice);
    found.map_or("", |(word, _)| word)
}

impl Choice for Theme {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("system", Self::System),
        ("high-contrast", Self::HighContrast),
    ];
}

/// The language of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LanguageChoice {
    /// Korean.
    Korean,
    /// English.
    English,
    /// As the desktop: Korean on a Korean one, English on every other.
    System,
}

impl LanguageChoice {
    /// The language to speak.
    pub fn language(self) -> Language {
        match self {
            Self::Korean => Language::Korean,
            Self::English => Language::English,
            Self::System => Language::of_desktop(),
        }
    }
}

impl Choice for LanguageChoice {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("ko", Self::Korean),
        ("en", Self::English),
        ("system", Self::System),
    ];
}

/// What closing the home window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnClose {
    /// Asks, once.
    Ask,
    /// Goes on watching, minimised.
    Background,
    /// Ends the program.
    Quit,
}

impl Choice for OnClose {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("ask", Self::Ask),
        ("background", Self::Background),
        ("quit", Self::Quit),
    ];
}

impl Choice for crate::domain::Market {
    const WORDS: &'static [(&'static str, Self)] =
        &[("J", Self::Krx), ("NX", Self::Nxt), ("UN", Self::Unified)];
}

impl Choice for crate::domain::ClosingAuction {
    const WORDS: &'static [(&'static str, Self)] =
        &[("fold", Self::Fold), ("own-bar", Self::OwnBar)];
}
