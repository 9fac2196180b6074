//! Every key the program listens to, once: the handlers ask here, and the help is drawn from
//! here, so that neither can know a key that the other does not.

use egui::{Event, InputState, Key, Modifiers};

use Act::*;
use Place::*;

/// Where a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Everywhere,
    Home,
    Stock,
    Chart,
    Prints,
    Rules,
}

impl Place {
    /// In the order of the help.
    pub(crate) const ALL: [Self; 6] = [Everywhere, Home, Stock, Chart, Prints, Place::Rules];

    /// Its heading.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Everywhere => t!("어디서나"),
            Home => t!("홈"),
            Stock => t!("종목 창"),
            Chart => t!("차트 (먼저 누르세요)"),
            Prints => t!("체결 (멈춰 두었을 때)"),
            Place::Rules => t!("조건 창"),
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    NextSignal,
    GoHome,
    Help,
    Settings,
    Rules,
    NewRule,
    SaveRule,
    CloseRules,
    RowUp,
    RowDown,
    RowPage,
    RowEnd,
    OpenRow,
    RaiseRow,
    LowerRow,
    CopyRow,
    CopyList,
    Unwatch,
    Field,
    SlashField,
    Group,
    CloseWindow,
    BarBack,
    BarOn,
    PageBack,
    PageOn,
    CrossBack,
    CrossOn,
    ZoomIn,
    ZoomOut,
    Oldest,
    Latest,
    Leave,
    Resume,
}

/// One line of the table.
pub(crate) struct Binding {
    pub(crate) act: Act,
    pub(crate) place: Place,
    keys: &'static [(Modifiers, Key)],
    /// What it does, in the user's words.
    pub(crate) says: &'static str,
}

const fn bind(
    act: Act,
    place: Place,
    keys: &'static [(Modifiers, Key)],
    says: &'static str,
) -> Binding {
    Binding {
        act,
        place,
        keys,
        says,
    }
}

const NONE: Modifiers = Modifiers::NONE;
const COMMAND: Modifiers = Modifiers::COMMAND;
const CTRL: Modifiers = Modifiers::CTRL;
const ALT: Modifiers = Modifiers::ALT;
const SHIFT: Modifiers = Modifiers::SHIFT;

/// The table. A pattern without Shift or Alt also matches with them, so a handler asks for the
/// richer pattern first.
pub(crate) const TABLE: &[Binding] = &[
    bind(
        NextSignal,
        Everywhere,
        &[(NONE, Key::F2)],
        key!("기다리는 다음 신호로, 없으면 최근의 안 읽은 신호로"),
    ),
    bind(
        GoHome,
        Everywhere,
        &[(ALT, Key::Home)],
        key!("홈 창으로, 목록 맨 위로"),
    ),
    bind(
        Help,
        Everywhere,
        &[(NONE, Key::Questionmark), (NONE, Key::F1)],
        key!("이 도움말"),
    ),
    bind(
        Act::Rules,
        Everywhere,
        &[(COMMAND, Key::R)],
        key!("조건 목록과 편집"),
    ),
    bind(Settings, Home, &[(COMMAND, Key::Comma)], key!("설정")),
    bind(NewRule, Place::Rules, &[(COMMAND, Key::N)], key!("새 조건")),
    bind(SaveRule, Place::Rules, &[(COMMAND, Key::S)], key!("저장")),
    bind(
        CloseRules,
        Place::Rules,
        &[(COMMAND, Key::W)],
        key!("창 닫기"),
    ),
    bind(RowUp, Home, &[(NONE, Key::ArrowUp)], key!("위 종목 고르기")),
    bind(
        RowDown,
        Home,
        &[(NONE, Key::ArrowDown)],
        key!("아래 종목 고르기"),
    ),
    bind(
        RowPage,
        Home,
        &[(NONE, Key::PageUp), (NONE, Key::PageDown)],
        key!("한 화면 위·아래 종목 고르기"),
    ),
    bind(
        RowEnd,
        Home,
        &[(NONE, Key::Home), (NONE, Key::End)],
        key!("맨 처음·맨 끝 종목 고르기"),
    ),
    bind(
        OpenRow,
        Home,
        &[(NONE, Key::Enter)],
        key!("고른 종목의 창 열기"),
    ),
    bind(
        RaiseRow,
        Home,
        &[(ALT, Key::ArrowUp)],
        key!("고른 종목을 한 줄 위로"),
    ),
    bind(
        LowerRow,
        Home,
        &[(ALT, Key::ArrowDown)],
        key!("고른 종목을 한 줄 아래로"),
    ),
    bind(
        CopyRow,
        Home,
        &[(COMMAND, Key::C)],
        key!("고른 종목의 줄 복사"),
    ),
    bind(
        CopyList,
        Home,
        &[(COMMAND.plus(SHIFT), Key::C)],
        key!("보이는 목록을 모두 복사"),
    ),
    bind(
        Unwatch,
        Home,
        &[(NONE, Key::Delete)],
        key!("관심 종목에서 빼기"),
    ),
    bind(SlashField, Home, &[(NONE, Key::Slash)], key!("종목 찾기")),
    bind(Field, Home, &[(COMMAND, Key::K)], key!("종목 찾기")),
    bind(
        Group,
        Home,
        &[
            (COMMAND, Key::Num1),
            (COMMAND, Key::Num2),
            (COMMAND, Key::Num3),
            (COMMAND, Key::Num4),
            (COMMAND, Key::Num5),
            (COMMAND, Key::Num6),
            (COMMAND, Key::Num7),
            (COMMAND, Key::Num8),
            (COMMAND, Key::Num9),
        ],
        key!("관심 그룹 바꾸기"),
    ),
    bind(CloseWindow, Stock, &[(COMMAND, Key::W)], key!("창 닫기")),
    bind(
        BarBack,
        Chart,
        &[(NONE, Key::ArrowLeft)],
        key!("한 봉 뒤로"),
    ),
    bind(
        BarOn,
        Chart,
        &[(NONE, Key::ArrowRight)],
        key!("한 봉 앞으로"),
    ),
    bind(
        PageBack,
        Chart,
        &[(SHIFT, Key::ArrowLeft)],
        key!("한 화면 뒤로"),
    ),
    bind(
        PageOn,
        Chart,
        &[(SHIFT, Key::ArrowRight)],
        key!("한 화면 앞으로"),
    ),
    bind(
        CrossBack,
        Chart,
        &[(CTRL, Key::ArrowLeft), (ALT, Key::ArrowLeft)],
        key!("십자선을 한 봉 뒤로"),
    ),
    bind(
        CrossOn,
        Chart,
        &[(CTRL, Key::ArrowRight), (ALT, Key::ArrowRight)],
        key!("십자선을 한 봉 앞으로"),
    ),
    bind(
        ZoomIn,
        Chart,
        &[(NONE, Key::Plus), (NONE, Key::Equals)],
        key!("확대"),
    ),
    bind(ZoomOut, Chart, &[(NONE, Key::Minus)], key!("축소")),
    bind(
        Oldest,
        Chart,
        &[(NONE, Key::Home)],
        key!("가장 오래된 봉으로"),
    ),
    bind(Latest, Chart, &[(NONE, Key::End)], key!("최신 봉으로")),
    bind(
        Leave,
        Chart,
        &[(NONE, Key::Escape)],
        key!("십자선 지우기, 가격 축 자동, 차트에서 나오기"),
    ),
    bind(
        Resume,
        Prints,
        &[(NONE, Key::End), (NONE, Key::Escape)],
        key!("최신 체결로"),
    ),
];

impl Binding {
    /// The keys in words: `Ctrl+K`, `? 또는 F1`, `Ctrl+1 … Ctrl+9`.
    pub(crate) fn keys_in_words(&self) -> String {
        let words: Vec<String> = self.keys.iter().map(|&(m, k)| key_in_words(m, k)).collect();
        match words.as_slice() {
            [first, .., last] if 3 < words.len() => format!("{first} … {last}"),
            _ => words.join(t!(" 또는 ")),
        }
    }
}

fn key_in_words(modifiers: Modifiers, key: Key) -> String {
    let mut text = String::new();
    if modifiers.command || modifiers.ctrl {
        text.push_str(if cfg!(target_os = "macos") && modifiers.command {
            "⌘"
        } else {
            "Ctrl+"
        });
    }
    if modifiers.alt {
        text.push_str("Alt+");
    }
    if modifiers.shift {
        text.push_str("Shift+");
    }
    text.push_str(match key {
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        Key::ArrowLeft => "←",
        Key::ArrowRight => "→",
        Key::Plus => "+",
        Key::Minus => "-",
        Key::Equals => "=",
        Key::Slash => "/",
        Key::Comma => ",",
        Key::Questionmark => "?",
        Key::Escape => "Esc",
        other => other.name(),
    });
    text
}

fn keys_of(act: Act) -> &'static [(Modifiers, Key)] {
    TABLE.iter().find(|b| b.act == act).map_or(&[], |b| b.keys)
}

/// How often the keys of `act` were pressed in this pass; takes them.
pub(crate) fn count(input: &mut InputState, act: Act) -> usize {
    // The desktop turns Ctrl+C into a wish to copy and sends no key.
    let copies = if act == CopyRow {
        let before = input.events.len();
        input.events.retain(|event| !matches!(event, Event::Copy));
        before - input.events.len()
    } else {
        0
    };
    let pressed: usize = keys_of(act)
        .iter()
        .map(|&(modifiers, key)| input.count_and_consume_key(modifiers, key))
        .sum();
    pressed + copies
}

/// Whether a key of `act` was pressed in this pass; takes it.
pub(crate) fn pressed(input: &mut InputState, act: Act) -> bool {
    0 < count(input, act)
}

/// Which of the keys of `act` was pressed, counted from 0; takes it.
pub(crate) fn which(input: &mut InputState, act: Act) -> Option<usize> {
    keys_of(act)
        .iter()
        .position(|&(modifiers, key)| input.consume_key(modifiers, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lines_of_a_place_share_a_key() {
        for (i, a) in TABLE.iter().enumerate() {
            assert!(!a.keys.is_empty() && !a.says.is_empty());
            for b in &TABLE[i + 1..] {
                assert_ne!(a.act, b.act);
                let meet = a.place == b.place || a.place == Everywhere || b.place == Everywhere;
                for key in a.keys {
                    assert!(!(meet && b.keys.contains(key)), "{:?} {:?}", a.act, b.act);
                }
            }
        }
    }

    #[test]
    fn keys_in_words_are_short() {
        let words = |act| TABLE.iter().find(|b| b.act == act).unwrap().keys_in_words();
        assert_eq!(words(Help), "? 또는 F1");
        assert_eq!(words(GoHome), "Alt+Home");
        assert_eq!(words(PageBack), "Shift+←");
        if !cfg!(target_os = "macos") {
            assert_eq!(words(Group), "Ctrl+1 … Ctrl+9");
        }
    }
}
