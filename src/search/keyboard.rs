//! Hangul typed while the keyboard writes Latin letters: `tkatjd` for `삼성`, on the two-set
//! layout (두벌식) of KS X 5002, the one of Korean keyboards.

use super::hangul::{FINALS, PAIRS, Syllable, compose, pair};

/// A key of the layout: a consonant, or the place of a vowel in the order of the code points.
#[derive(Clone, Copy)]
enum Key {
    Consonant(char),
    Vowel(u32),
}

/// Two vowels that make one: first, second, both.
const TOGETHER: [(u32, u32, u32); 7] = [
    (8, 0, 9),
    (8, 1, 10),
    (8, 20, 11),
    (13, 4, 14),
    (13, 5, 15),
    (13, 20, 16),
    (18, 20, 19),
];

fn key(latin: char) -> Option<Key> {
    let with_shift = match latin {
        'Q' => Some(Key::Consonant('ㅃ')),
        'W' => Some(Key::Consonant('ㅉ')),
        'E' => Some(Key::Consonant('ㄸ')),
        'R' => Some(Key::Consonant('ㄲ')),
        'T' => Some(Key::Consonant('ㅆ')),
        'O' => Some(Key::Vowel(3)),
        'P' => Some(Key::Vowel(7)),
        _ => None,
    };
    with_shift.or(match latin.to_ascii_lowercase() {
        'q' => Some(Key::Consonant('ㅂ')),
        'w' => Some(Key::Consonant('ㅈ')),
        'e' => Some(Key::Consonant('ㄷ')),
        'r' => Some(Key::Consonant('ㄱ')),
        't' => Some(Key::Consonant('ㅅ')),
        'a' => Some(Key::Consonant('ㅁ')),
        's' => Some(Key::Consonant('ㄴ')),
        'd' => Some(Key::Consonant('ㅇ')),
        'f' => Some(Key::Consonant('ㄹ')),
        'g' => Some(Key::Consonant('ㅎ')),
        'z' => Some(Key::Consonant('ㅋ')),
        'x' => Some(Key::Consonant('ㅌ')),
        'c' => Some(Key::Consonant('ㅊ')),
        'v' => Some(Key::Consonant('ㅍ')),
        'k' => Some(Key::Vowel(0)),
        'o' => Some(Key::Vowel(1)),
        'i' => Some(Key::Vowel(2)),
        'j' => Some(Key::Vowel(4)),
        'p' => Some(Key::Vowel(5)),
        'u' => Some(Key::Vowel(6)),
        'h' => Some(Key::Vowel(8)),
        'y' => Some(Key::Vowel(12)),
        'n' => Some(Key::Vowel(13)),
        'b' => Some(Key::Vowel(17)),
        'm' => Some(Key::Vowel(18)),
        'l' => Some(Key::Vowel(20)),
        _ => None,
    })
}

/// The letter of a vowel that stands alone.
fn letter(vowel: u32) -> Option<char> {
    char::from_u32(u32::from('ㅏ') + vowel)
}

/// What is not finished yet.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    Initial(char),
    /// The last consonant is `'\0'` while there is none.
    Syllable(Syllable),
}

/// What the same keys write in Hangul; `None` if a letter is none of the layout's, or there is
/// none at all.
pub(super) fn as_hangul(typed: &str) -> Option<String> {
    let mut text = String::new();
    let mut open = Open::Nothing;
    let mut letters = 0;
    for c in typed.chars() {
        if !c.is_ascii_alphabetic() {
            if !c.is_ascii() {
                return None;
            }
            close(&mut text, open);
            open = Open::Nothing;
            text.push(c);
            continue;
        }
        letters += 1;
        open = step(&mut text, open, key(c)?);
    }
    close(&mut text, open);
    (0 < letters).then_some(text)
}

fn close(text: &mut String, open: Open) {
    match open {
        Open::Nothing => {}
        Open::Initial(c) => text.push(c),
        Open::Syllable(s) => text.push(compose(s)),
    }
}

fn step(text: &mut String, open: Open, key: Key) -> Open {
    match (open, key) {
        (Open::Syllable(s), Key::Consonant(c)) => {
            let both = match s.last {
                '\0' => FINALS.contains(&c).then_some(c),
                last => PAIRS
                    .iter()
                    .find(|(_, two)| *two == [last, c])
                    .map(|(one, _)| *one),
            };
            match both {
                Some(last) => Open::Syllable(Syllable { last, ..s }),
                None => {
                    close(text, open);
                    Open::Initial(c)
                }
            }
        }
        (Open::Nothing | Open::Initial(_), Key::Consonant(c)) => {
            close(text, open);
            Open::Initial(c)
        }
        (Open::Nothing, Key::Vowel(vowel)) => {
            text.extend(letter(vowel));
            Open::Nothing
        }
        (Open::Initial(initial), Key::Vowel(vowel)) => Open::Syllable(Syllable {
            initial,
            vowel,
            last: '\0',
        }),
        (Open::Syllable(s), Key::Vowel(vowel)) if s.last == '\0' => {
            let both = TOGETHER
                .iter()
                .find(|&&(a, b, _)| (a, b) == (s.vowel, vowel));
            match both {
                Some(&(_, _, vowel)) => Open::Syllable(Syllable { vowel, ..s }),
                None => {
                    close(text, open);
                    text.extend(letter(vowel));
                    Open::Nothing
                }
            }
        }
        // The last consonant belongs to the syllable that begins now.
        (Open::Syllable(s), Key::Vowel(vowel)) => {
            let (last, initial) = match pair(s.last) {
                Some([stays, moves]) => (stays, moves),
                None => ('\0', s.last),
            };
            close(text, Open::Syllable(Syllable { last, ..s }));
            Open::Syllable(Syllable {
                initial,
                vowel,
                last: '\0',
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_write_hangul() {
        let cases = [
            ("tkatjd", "삼성"),
            ("guseockfh", "현대차로"),
            ("zkzkdh", "카카오"),
            ("ttww", "ㅅㅅㅈㅈ"),
            ("Tkddyd", "쌍용"),
            ("rhk", "과"),
            ("dlrtks", "익산"),
            ("rkqt", "값"),
            ("rkqtl", "갑시"),
            ("k", "ㅏ"),
            ("tk tk", "사 사"),
            ("qhdLn", "보이ㅜ"),
        ];
        for (typed, expected) in cases {
            assert_eq!(as_hangul(typed).as_deref(), Some(expected), "{typed}");
        }
        for none in ["", "005930", "삼성", "삼tjd"] {
            assert_eq!(as_hangul(none), None, "{none}");
        }
    }
}
