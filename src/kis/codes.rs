//! The broker's message codes (`msg_cd`) as data.
//!
//! Source: the portal's FAQ list and the codes users have met. Unknown codes are shown to the
//! user with the broker's own words and never repeated.

/// What may be done after a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Too many calls a second: not executed; the same call may follow.
    RateLimited,
    /// The ledger's own limit, shared by all customers: not executed; the same call may follow,
    /// and our own rate has nothing to do with it.
    Ledger,
    /// A passing failure of the broker; once more, later.
    Passing,
    /// The access token is not accepted; a new one, then once more.
    Token,
    /// One token a minute; wait.
    TokenWait,
    /// Not an error: there is nothing.
    Nothing,
    /// Never again without a change of keys, settings or code.
    Never,
}

/// Codes, what they allow, and what to tell the user where the broker's words do not help.
const TABLE: &[(&str, Class, &str)] = &[
    ("EGW00201", Class::RateLimited, RATE),
    ("EGW00215", Class::Ledger, LEDGER),
    ("EGW00133", Class::TokenWait, ""),
    ("EGW00121", Class::Token, TOKEN),
    ("EGW00122", Class::Token, TOKEN),
    ("EGW00123", Class::Token, TOKEN),
    ("KIOK0560", Class::Nothing, ""),
    ("MCA05918", Class::Nothing, ""),
    ("EGW00001", Class::Passing, PASSING),
    ("EGW00002", Class::Passing, PASSING),
    ("EGW00202", Class::Passing, PASSING),
    ("EGW00203", Class::Passing, PASSING),
    ("EGW00300", Class::Passing, PASSING),
    ("EGW00301", Class::Passing, PASSING),
    ("EGW00302", Class::Passing, PASSING),
    ("EGW00316", Class::Passing, PASSING),
    ("OPSQ0001", Class::Passing, PASSING),
    ("OPSQ0003", Class::Passing, PASSING),
    ("OPSQ0004", Class::Passing, PASSING),
    ("OPSQ0005", Class::Passing, PASSING),
    ("OPSQ0006", Class::Passing, PASSING),
    ("OPSQ0007", Class::Passing, PASSING),
    ("OPSQ0008", Class::Passing, PASSING),
    ("OPSQ0009", Class::Passing, PASSING),
    ("OPSQ0010", Class::Passing, PASSING),
    ("OPSQ0011", Class::Passing, PASSING),
    ("OPSQ1002", Class::Passing, PASSING),
    ("OPSQ3001", Class::Passing, PASSING),
    ("OPSQ3002", Class::Passing, PASSING),
    ("OPSQ3004", Class::Passing, PASSING),
    ("EGW00102", Class::Never, KEY),
    ("EGW00103", Class::Never, KEY),
    ("EGW00104", Class::Never, SECRET),
    ("EGW00105", Class::Never, SECRET),
    ("EGW00304", Class::Never, SECRET),
    ("EGW00206", Class::Never, PERMISSION),
    ("EGW02004", Class::Never, PAPER),
    ("EGW2004", Class::Never, PAPER),
    ("90000000", Class::Never, PAPER),
    ("OPSP0008", Class::Never, FULL),
    ("OPSP0010", Class::Never, KEY),
    ("OPSP0011", Class::Passing, APPROVAL),
    ("OPSP8992", Class::Never, SYMBOL),
    ("OPSP9990", Class::Never, SYMBOL),
    ("OPSP8991", Class::Never, NOT_OFFERED),
    ("OPSP8993", Class::Never, OURS),
    ("OPSP8994", Class::Never, OURS),
    ("OPSP8995", Class::Never, OURS),
    ("OPSP8997", Class::Never, OURS),
    ("OPSP8998", Class::Never, OURS),
    ("OPSP9991", Class::Never, OURS),
    ("OPSP9992", Class::Never, OURS),
    ("OPSP9996", Class::Never, OURS),
    ("OPSP9997", Class::Never, OURS),
    ("OPSP9998", Class::Never, OURS),
    ("OPSP9999", Class::Never, OURS),
    ("OPSP8996", Class::Passing, IN_USE),
    ("OPSP9994", Class::Never, KEY),
    ("OPSP0007", Class::Passing, LATER),
    ("OPSP0009", Class::Passing, LATER),
    ("OPSP8999", Class::Passing, LATER),
    ("OPSP9993", Class::Passing, LATER),
    ("OPSP9995", Class::Passing, LATER),
];

const RATE: &str = key!(
    "초당 호출 한도를 넘었습니다. 잠시 뒤 다시 시도합니다. 같은 앱 키를 쓰는 다른 프로그램이 있으면 꺼 주세요."
);
const LEDGER: &str = key!(
    "한국투자증권 원장이 모든 고객에게 함께 적용하는 초당 한도에 걸렸습니다. 이 프로그램의 호출 한도와는 무관하며, 잠시 뒤 다시 시도합니다."
);
const TOKEN: &str = key!("접근토큰이 거절되었습니다. 새로 발급받아 다시 시도합니다.");
const PASSING: &str = key!("한국투자증권 서버의 일시 오류입니다. 잠시 뒤 다시 시도해 주세요.");
const KEY: &str =
    key!("앱 키가 맞지 않습니다. 설정에서 앱 키와 환경(실전/모의)이 서로 맞는지 확인해 주세요.");
const SECRET: &str = key!("앱 시크릿이 맞지 않습니다. 설정에서 앱 시크릿을 다시 입력해 주세요.");
const PERMISSION: &str =
    key!("이 API를 쓸 권한이 없습니다. KIS Developers에서 서비스 신청 상태를 확인해 주세요.");
const PAPER: &str =
    key!("모의투자에서는 제공되지 않는 조회입니다. 실전 앱 키를 쓰면 볼 수 있습니다.");
const SYMBOL: &str = key!(
    "이 종목은 실시간으로 받을 수 없습니다. 종목코드를 확인하고, 없는 종목이면 관심 종목에서 빼 주세요."
);
const NOT_OFFERED: &str = key!(
    "이 서버는 이 종류의 실시간 시세를 보내지 않습니다. 설정의 environment와 market을 확인해 주세요."
);
const OURS: &str = key!(
    "실시간 등록 요청을 서버가 읽지 못했습니다. 정배를 새 판으로 바꿔 보고, 그래도 같으면 로그와 함께 알려 주세요."
);
const FULL: &str = key!(
    "실시간 등록 한도에 닿았습니다. 관심종목을 줄이거나 realtime_registrations를 낮춰 주세요."
);
const LATER: &str = key!("실시간 서버의 일시 오류로 등록하지 못했습니다. 잠시 뒤 다시 등록합니다.");
const APPROVAL: &str = key!("실시간 접속키가 거절되었습니다. 새로 받아 다시 연결합니다.");
const IN_USE: &str = key!(
    "같은 앱 키로 이미 실시간에 접속해 있습니다. 다른 프로그램을 끄면 잠시 뒤 다시 연결됩니다."
);

/// What a code allows.
pub(crate) fn class(msg_cd: &str) -> Class {
    entry(msg_cd).map_or(Class::Never, |(_, class, _)| *class)
}

/// Our own sentence for a code, marked with `key!`; `None` where the broker's words are shown as
/// they are.
pub(crate) fn sentence(msg_cd: &str) -> Option<&'static str> {
    entry(msg_cd)
        .map(|(_, _, text)| *text)
        .filter(|text| !text.is_empty())
}

fn entry(msg_cd: &str) -> Option<&'static (&'static str, Class, &'static str)> {
    TABLE.iter().find(|(code, _, _)| *code == msg_cd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_listed_once_and_unknown_ones_are_final() {
        for (i, (code, _, _)) in TABLE.iter().enumerate() {
            assert!(TABLE[i + 1..].iter().all(|(c, _, _)| c != code), "{code}");
        }
        assert_eq!(class("EGW00201"), Class::RateLimited);
        assert_eq!(class("EGW00123"), Class::Token);
        assert_eq!(class("ZZZ"), Class::Never);
        assert_eq!(sentence("ZZZ"), None);
    }
}
