//! Text to checked numbers. Everything the broker sends is text; nothing is guessed.

/// The largest price of a share that is believed, won: hundreds of times the dearest ever. With
/// it sums of closes fit an `i64` over billions of bars; a larger one is garbage.
pub(crate) const MOST_WON: i64 = 1_000_000_000;
/// The largest number of shares that is believed: more than any company has. Sums over a million
/// rows fit an `i64`.
pub(crate) const MOST_SHARES: i64 = 1_000_000_000_000;
/// The largest turnover of a day that is believed, won: thousands of times the whole market's.
pub(crate) const MOST_VALUE: i64 = 100_000_000_000_000_000;
/// Why a larger number is refused.
pub(crate) const TOO_LARGE: &str = "larger than anything traded";

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// A number.
    Is(i64),
    /// Nothing, or only blanks.
    Blank,
    /// Anything else.
    Bad,
}

/// An integer, maybe padded with blanks, signed, zero padded, or with a fraction of zeros
/// (`"70500.0000"`).
#[inline]
pub(crate) fn integer(text: &[u8]) -> Number {
    match plain(text) {
        Some(value) => Number::Is(value),
        None => decimal(text, 0),
    }
}

/// A decimal in hundredths, rounded half away from zero: `"105.12"` is 10 512.
#[inline]
pub(crate) fn hundredths(text: &[u8]) -> Number {
    match text {
        // The usual form: digits, a point, two digits.
        [whole @ .., b'.', x @ b'0'..=b'9', y @ b'0'..=b'9'] => match plain(whole) {
            Some(value) => {
                let cents = i64::from(x - b'0') * 10 + i64::from(y - b'0');
                match value.checked_mul(100).and_then(|v| v.checked_add(cents)) {
                    Some(value) => Number::Is(value),
                    None => Number::Bad,
                }
            }
            None => decimal(text, 2),
        },
        _ => decimal(text, 2),
    }
}

/// One to eighteen digits and nothing else: they always fit.
#[inline]
fn plain(text: &[u8]) -> Option<i64> {
    if text.is_empty() || 18 < text.len() {
        return None;
    }
    let mut value = 0_i64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if 9 < digit {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

/// The number that lies in `bytes[start..end]` if it is one to sixteen digits and nothing else,
/// and eight bytes precede the end (or sixteen, for more than eight digits). `None` says nothing.
#[inline]
pub(crate) fn digits_within(bytes: &[u8], start: usize, end: usize) -> Option<i64> {
    match end.checked_sub(start)? {
        0 => None,
        len @ 1..=8 => eight_digits(bytes, end, len),
        len @ 9..=16 => {
            let high = eight_digits(bytes, end - 8, len - 8)?;
            Some(high * 100_000_000 + eight_digits(bytes, end, 8)?)
        }
        _ => None,
    }
}

/// The last `len` (1 to 8) bytes before `end` as digits, all at once within one word.
#[inline]
fn eight_digits(bytes: &[u8], end: usize, len: usize) -> Option<i64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const SIX: u64 = 0x0606_0606_0606_0606;
    let word = bytes.get(end.checked_sub(8)?..end)?.first_chunk::<8>()?;
    // The first byte is the lowest; what lies before the number becomes zeros.
    let foreign = 8 * (8 - len as u32);
    let own = u64::MAX << foreign;
    let word = (u64::from_le_bytes(*word) & own) | (ZEROS & !own);
    if word & HIGH != ZEROS || word.wrapping_add(SIX) & HIGH != ZEROS {
        return None;
    }
    // Pairs, then fours, then eight.
    let word = word & !HIGH;
    let word = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00ff_00ff_00ff_00ff;
    let word = word.wrapping_mul(100).wrapping_add(word >> 16) & 0x0000_ffff_0000_ffff;
    let word = word.wrapping_mul(10_000).wrapping_add(word >> 32) & 0xffff_ffff;
    Some(word as i64)
}

/// The general form, scaled by `10^places`. With `places == 0` a fraction must be zero.
#[cold]
fn decimal(text: &[u8], places: usize) -> Number {
    let text = text.trim_ascii();
    let (negative, digits) = match text {
        [] => return Number::Blank,
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (whole, fraction) = match digits.iter().position(|&b| b == b'.') {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &b""[..]),
    };
    let all_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Number::Bad;
    }
    if places == 0 && fraction.iter().any(|&b| b != b'0') {
        return Number::Bad;
    }
    let shifted = (0..places).map(|i| fraction.get(i).copied().unwrap_or(b'0'));
    let mut value = 0_i64;
    for digit in whole.iter().copied().chain(shifted) {
        let next = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(i64::from(digit - b'0')));
        match next {
            Some(next) => value = next,
            None => return Number::Bad,
        }
    }
    let up = fraction.get(places).is_some_and(|&b| b'5' <= b);
    let Some(value) = value.checked_add(i64::from(up)) else {
        return Number::Bad;
    };
    Number::Is(if negative { -value } else { value })
}

/// The first characters of `text`, for an error: at most 40, without control characters.
pub(crate) fn cut(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(400)]);
    let mut short: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(40)
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        use Number::{Bad, Blank, Is};
        for (text, expected) in [
            ("0", Is(0)),
            ("71900", Is(71_900)),
            ("000071900", Is(71_900)),
            ("-500", Is(-500)),
            ("+500", Is(500)),
            ("  70500 ", Is(70_500)),
            ("70500.0000", Is(70_500)),
            ("-0.00", Is(0)),
            ("", Blank),
            ("   ", Blank),
            ("70500.5", Bad),
            ("1,000", Bad),
            ("--5", Bad),
            ("-", Bad),
            (".", Bad),
            ("1e5", Bad),
            ("12a", Bad),
            ("1 2", Bad),
            ("０", Bad),
            ("9223372036854775807", Is(i64::MAX)),
            ("9223372036854775808", Bad),
            ("99999999999999999999999", Bad),
        ] {
            assert_eq!(integer(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn the_fast_form_agrees_with_the_general_one() {
        let digits = "98765432101234567";
        for len in 0..=17 {
            for bad in ["", "x", "/", ":", "-", " "] {
                let text = format!("{}{bad}", &digits[..len]);
                let around = format!("12345^89012345678^{text}^77");
                let (start, end) = (18, 18 + text.len());
                let fast = digits_within(around.as_bytes(), start, end);
                let general = integer(text.as_bytes());
                let plain = bad.is_empty() && (1..=16).contains(&len);
                assert_eq!(fast.is_some(), plain, "{text:?}");
                if let Some(value) = fast {
                    assert_eq!(Number::Is(value), general);
                }
            }
        }
        assert_eq!(digits_within(b"1^234", 2, 5), None);
    }

    #[test]
    fn decimals() {
        use Number::{Bad, Blank, Is};
        for (text, expected) in [
            ("105.12", Is(10_512)),
            ("84.9", Is(8_490)),
            ("84", Is(8_400)),
            ("-0.87", Is(-87)),
            ("84.905", Is(8_491)),
            ("84.904", Is(8_490)),
            (".5", Is(50)),
            (" 114.05 ", Is(11_405)),
            ("", Blank),
            ("1.2.3", Bad),
            ("NaN", Bad),
            ("inf", Bad),
        ] {
            assert_eq!(hundredths(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(cut("가".repeat(50).as_bytes()), "가".repeat(40) + "…");
        assert_eq!(cut(b"a\nb"), "a b");
    }
}
