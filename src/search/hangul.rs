//! Hangul as it is typed.
//!
//! A composed syllable is `0xAC00 + (initial * 21 + vowel) * 28 + final`. While one types, the
//! input method shows what is not finished yet: `ㅅ`, `서`, `성`; and the consonant that will
//! begin the next syllable hangs below the one before (`현댗` on the way to `현대차`).

/// The initial consonants as the keys that type them, in the order of the code points.
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];

/// The final consonants likewise; the first means none.
pub(super) const FINALS: [char; 28] = [
    '\0', 'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ',
    'ㅁ', 'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];

/// Pairs of consonants that an input method draws as one letter.
pub(super) const PAIRS: [(char, [char; 2]); 11] = [
    ('ㄳ', ['ㄱ', 'ㅅ']),
    ('ㄵ', ['ㄴ', 'ㅈ']),
    ('ㄶ', ['ㄴ', 'ㅎ']),
    ('ㄺ', ['ㄹ', 'ㄱ']),
    ('ㄻ', ['ㄹ', 'ㅁ']),
    ('ㄼ', ['ㄹ', 'ㅂ']),
    ('ㄽ', ['ㄹ', 'ㅅ']),
    ('ㄾ', ['ㄹ', 'ㅌ']),
    ('ㄿ', ['ㄹ', 'ㅍ']),
    ('ㅀ', ['ㄹ', 'ㅎ']),
    ('ㅄ', ['ㅂ', 'ㅅ']),
];

/// Vowels that begin as another: the first is on the way to each of the second. Numbers are
/// places in the order of the code points (ㅗ 8, ㅜ 13, ㅡ 18).
const GROWING: [(u32, &[u32]); 3] = [(8, &[9, 10, 11]), (13, &[14, 15, 16]), (18, &[19])];

/// A composed syllable taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syllable {
    pub(super) initial: char,
    pub(super) vowel: u32,
    /// `'\0'` for none.
    pub(super) last: char,
}

fn take_apart(c: char) -> Option<Syllable> {
    let at = u32::from(c).checked_sub(0xAC00).filter(|&at| at < 11_172)?;
    Some(Syllable {
        initial: INITIALS[(at / 588) as usize],
        vowel: at / 28 % 21,
        last: FINALS[(at % 28) as usize],
    })
}

/// The initial consonant of a composed syllable; every other character is its own.
pub(super) fn initial(c: char) -> char {
    take_apart(c).map_or(c, |s| s.initial)
}

pub(super) fn pair(c: char) -> Option<[char; 2]> {
    PAIRS.iter().find(|(one, _)| *one == c).map(|(_, two)| *two)
}

/// Whether a key alone is a consonant.
fn is_consonant(c: char) -> bool {
    INITIALS.contains(&c)
}

/// One step of what a query wants of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// This character.
    Exactly(char),
    /// A syllable with this initial, or the letter itself.
    Begins(char),
    /// A syllable on the way to which this one lies.
    Growing(Syllable),
}

/// A query, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The ways to read it: as it stands, and with the last consonant moved to the next syllable.
    ways: Vec<Vec<Step>>,
}

impl Pattern {
    /// From folded characters; see [`fold`].
    pub(super) fn new(query: &[char]) -> Self {
        let Some((&newest, before)) = query.split_last() else {
            return Self { ways: vec![] };
        };
        let mut start = Vec::with_capacity(query.len() + 2);
        for &c in before {
            push_plain(&mut start, c);
        }
        let Some(syllable) = take_apart(newest) else {
            push_plain(&mut start, newest);
            return Self { ways: vec![start] };
        };
        let way = |steps: &[Step]| [start.as_slice(), steps].concat();
        let mut ways = vec![way(&[Step::Growing(syllable)])];
        let moved = |last: char, next: char| {
            let stays = compose(Syllable { last, ..syllable });
            way(&[Step::Exactly(stays), Step::Begins(next)])
        };
        match (syllable.last, pair(syllable.last)) {
            (_, Some([stays, next])) => ways.push(moved(stays, next)),
            (last, None) if is_consonant(last) => ways.push(moved('\0', last)),
            _ => {}
        }
        Self { ways }
    }

    /// Whether a name's characters from the first on are what is typed; the count of characters
    /// that took.
    pub(super) fn matches(&self, name: &[char]) -> Option<usize> {
        self.ways.iter().find_map(|way| {
            let here = name.get(..way.len())?;
            let fits = way.iter().zip(here).all(|(step, &c)| step.accepts(c));
            fits.then_some(way.len())
        })
    }
}

impl Step {
    fn accepts(self, c: char) -> bool {
        match self {
            Self::Exactly(wanted) => c == wanted,
            Self::Begins(wanted) => initial(c) == wanted,
            Self::Growing(typed) => take_apart(c)
                .is_some_and(|whole| whole.initial == typed.initial && grows(typed, whole)),
        }
    }
}

/// Whether more keys can make `whole` of `typed`, which has the same initial.
fn grows(typed: Syllable, whole: Syllable) -> bool {
    let same = typed.vowel == whole.vowel;
    match typed.last {
        '\0' => {
            let may = GROWING.iter().find(|(from, _)| *from == typed.vowel);
            same || may.is_some_and(|(_, to)| to.contains(&whole.vowel))
        }
        last => {
            let first = pair(whole.last).map(|[first, _]| first);
            same && (whole.last == last || first == Some(last))
        }
    }
}

fn push_plain(steps: &mut Vec<Step>, c: char) {
    match pair(c) {
        Some([a, b]) => steps.extend([Step::Begins(a), Step::Begins(b)]),
        None if is_consonant(c) => steps.push(Step::Begins(c)),
        None => steps.push(Step::Exactly(c)),
    }
}

pub(super) fn compose(s: Syllable) -> char {
    let place = |list: &[char], c: char| list.iter().position(|&x| x == c).unwrap_or(0) as u32;
    let at = (place(&INITIALS, s.initial) * 21 + s.vowel) * 28 + place(&FINALS, s.last);
    // Made of places inside the tables, so it is a syllable.
    char::from_u32(0xAC00 + at).unwrap_or('\0')
}

/// A text as it is compared: lower case, without spaces and punctuation, and with the letters of
/// a decomposing file system put together again.
pub(super) fn fold(text: &str) -> Vec<char> {
    let mut folded: Vec<char> = Vec::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        // Conjoining letters, as some systems paste them, come after one another.
        match (folded.last().copied(), u32::from(c)) {
            (_, at @ 0x1100..=0x1112) => folded.push(INITIALS[(at - 0x1100) as usize]),
            (Some(before), at @ 0x1161..=0x1175) if is_consonant(before) => {
                folded.pop();
                folded.push(compose(Syllable {
                    initial: before,
                    vowel: at - 0x1161,
                    last: '\0',
                }));
            }
            (Some(before), at @ 0x11A8..=0x11C2) => {
                let last = FINALS[(at - 0x11A7) as usize];
                match take_apart(before).filter(|s| s.last == '\0') {
                    Some(open) => {
                        folded.pop();
                        folded.push(compose(Syllable { last, ..open }));
                    }
                    None => folded.push(last),
                }
            }
            _ if c.is_alphanumeric() => folded.push(c),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(query: &str, name: &str) -> bool {
        let name = fold(name);
        let pattern = Pattern::new(&fold(query));
        (0..name.len()).any(|at| pattern.matches(&name[at..]).is_some())
    }

    #[test]
    fn what_is_typed_finds_the_name() {
        for (query, name) in [
            ("삼성", "삼성전자"),
            ("전자", "삼성전자"),
            // First consonants, alone, mixed, and as the input method draws two of them.
            ("ㅅㅅㅈㅈ", "삼성전자"),
            ("삼ㅅ", "삼성전자"),
            ("ㅅ성ㅈ", "삼성전자"),
            ("ㅄ", "부산산업"),
            ("ㄱㅄ", "그부산"),
            ("ㄳ", "기산텔레콤"),
            ("ㅃ", "빼빼로"),
            // A syllable being composed.
            ("사", "삼성전자"),
            ("삼서", "삼성전자"),
            ("다", "닭고기"),
            ("달", "닭고기"),
            ("고", "과자"),
            ("구", "귀뚜라미"),
            ("으", "의료"),
            // The consonant that belongs to the next syllable.
            ("현댗", "현대차"),
            ("카캉", "카카오"),
            ("갃", "각시"),
            ("닭", "달걀"),
            // Latin letters and digits.
            ("naver", "NAVER"),
            ("Sk하", "SK하이닉스"),
            ("sㅎㅇ", "S하이"),
            ("ktg", "KT&G"),
            ("kt&g", "KT&G"),
            ("s-oil", "S-Oil"),
            ("soil", "S-Oil"),
            ("jyp ent", "JYP Ent."),
            ("3", "코리아3호"),
            // Letters that come one by one.
            (
                "\u{1109}\u{1161}\u{11B7}\u{1109}\u{1165}\u{11BC}",
                "삼성전자",
            ),
        ] {
            assert!(hit(query, name), "{query} in {name}");
        }
    }

    #[test]
    fn what_is_not_typed_finds_nothing() {
        for (query, name) in [
            ("삼성전자우", "삼성전자"),
            ("ㅅㅈㅅ", "삼성전자"),
            // Only the newest syllable may be unfinished.
            ("사성", "삼성전자"),
            ("삼서전", "삼성전자"),
            // A finished final is not taken back.
            ("산", "삼성전자"),
            ("닭", "달나라"),
            ("과", "고기"),
            ("갂", "가가"),
            ("ㅏ", "가나다"),
            ("현댗", "현대건설"),
            ("ㅅ", "kt"),
        ] {
            assert!(!hit(query, name), "{query} in {name}");
        }
    }

    #[test]
    fn every_syllable_is_put_together_again() {
        for at in 0xAC00..=0xD7A3 {
            let c = char::from_u32(at).unwrap();
            assert_eq!(compose(take_apart(c).unwrap()), c);
        }
        assert_eq!(take_apart('a'), None);
        assert_eq!(take_apart('\u{D7A4}'), None);
        assert_eq!((initial('전'), initial('k')), ('ㅈ', 'k'));
    }
}
