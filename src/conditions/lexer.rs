//! A rule's text as words, numbers and signs, each with its place.

use super::expr::{Comparator, Decimal};
use super::wanted::{Found, RuleTextError, Wanted};

/// Where a token begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn error(self, expected: Wanted, found: Found) -> RuleTextError {
        RuleTextError {
            line: self.line,
            column: self.column,
            expected,
            found,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// In lower case.
    Word(String),
    Number(Decimal),
    Sign(Comparator),
    Times,
    Open,
    Close,
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) place: Place,
    /// As it stands in the text.
    pub(super) text: String,
}

impl Placed {
    pub(super) fn error(&self, expected: Wanted) -> RuleTextError {
        let found = match self.token {
            Token::End => Found::End,
            _ => quoted(&self.text),
        };
        self.place.error(expected, found)
    }
}

/// Characters of the offending text that an error repeats.
const LONGEST_SHOWN: usize = 40;

/// A piece of the text for an error of one line: short, control characters spelt out.
fn quoted(piece: &str) -> Found {
    let mut shown = String::from("`");
    for (position, c) in piece.chars().enumerate() {
        match c {
            _ if LONGEST_SHOWN == position => {
                shown.push('…');
                break;
            }
            c if c.is_control() => shown.extend(c.escape_debug()),
            c => shown.push(c),
        }
    }
    shown.push('`');
    Found::Piece(shown)
}

/// All tokens of `text`, closed by one [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, RuleTextError> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut place = Place { line: 1, column: 1 };
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            place = after(place, first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let length = length_of(rest, first);
        let (piece, later) = rest.split_at(length);
        found.push(Placed {
            token: token(piece, first, place)?,
            place,
            text: piece.to_owned(),
        });
        place = piece.chars().fold(place, after);
        rest = later;
    }
    found.push(Placed {
        token: Token::End,
        place,
        text: String::new(),
    });
    Ok(found)
}

fn after(place: Place, passed: char) -> Place {
    if passed == '\n' {
        Place {
            line: place.line + 1,
            column: 1,
        }
    } else {
        Place {
            column: place.column + 1,
            ..place
        }
    }
}

/// How many bytes of `rest`, which begins with `first`, belong together. Numbers take letters
/// and separators along, so that the error shows all of `1,000` or `5x`.
fn length_of(rest: &str, first: char) -> usize {
    let end = |inside: fn(char) -> bool| rest.find(|c| !inside(c)).unwrap_or(rest.len());
    match first {
        '0'..='9' | '.' => end(|c| c.is_alphanumeric() || ".,_".contains(c)),
        '>' | '<' | '=' | '!' => end(|c| "><=!".contains(c)),
        c if c.is_alphabetic() || c == '_' => end(|c| c.is_alphanumeric() || c == '_'),
        c => c.len_utf8(),
    }
}

fn token(piece: &str, first: char, place: Place) -> Result<Token, RuleTextError> {
    let error = |expected| place.error(expected, quoted(piece));
    match piece {
        "(" => Ok(Token::Open),
        ")" => Ok(Token::Close),
        "*" => Ok(Token::Times),
        ">" => Ok(Token::Sign(Comparator::Above)),
        "<" => Ok(Token::Sign(Comparator::Below)),
        ">=" => Ok(Token::Sign(Comparator::AtLeast)),
        "<=" => Ok(Token::Sign(Comparator::AtMost)),
        _ if "><=!".contains(first) => Err(error(Wanted::Sign)),
        // `30m` after `on`: a timeframe is a word, though it begins with a digit.
        _ if first.is_ascii_digit() && minutes(piece) => Ok(Token::Word(piece.to_lowercase())),
        _ if first.is_ascii_digit() || first == '.' => number(piece)
            .map(Token::Number)
            .ok_or_else(|| error(Wanted::Number)),
        _ if first.is_alphabetic() || first == '_' => Ok(Token::Word(piece.to_lowercase())),
        _ => Err(error(Wanted::Piece)),
    }
}

/// Digits and an `m`.
fn minutes(piece: &str) -> bool {
    let digits = piece.strip_suffix(['m', 'M']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Digits, or digits, a point and digits.
fn number(piece: &str) -> Option<Decimal> {
    let (whole, part) = match piece.split_once('.') {
        Some((whole, part)) if !part.is_empty() => (whole, part),
        Some(_) => return None,
        None => (piece, ""),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    let part = part.trim_end_matches('0');
    if 6 < part.len() || 15 < whole.len() + part.len() {
        return None;
    }
    Some(Decimal {
        mantissa: format!("{whole}{part}").parse().ok()?,
        scale: u8::try_from(part.len()).ok()?,
    })
}
