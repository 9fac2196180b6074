//! What can go wrong with the broker, with a sentence for the user and a verdict on retrying.

use std::time::Duration;

use super::codes::{self, Class};
use crate::domain::StockCode;
use crate::lang::Said;

/// A failed call or an unreadable message. Never holds a key, a token or an address with one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KisError {
    /// The broker answered with an error, or without a verdict (`rt_cd` blank here).
    #[error("{tr_id}: {}, {msg_cd} {msg1} (HTTP {http})", verdict(rt_cd))]
    Refused {
        /// The transaction.
        tr_id: &'static str,
        /// HTTP status.
        http: u16,
        /// The broker's verdict; empty where the answer has none.
        rt_cd: String,
        /// Message code; empty where the answer has none.
        msg_cd: String,
        /// The broker's own words, trimmed.
        msg1: String,
    },
    /// The answer is not JSON: a web page, nothing, or half an answer.
    #[error("{tr_id}: the answer is not JSON (HTTP {http}): {text:?}")]
    NotJson {
        /// The transaction.
        tr_id: &'static str,
        /// HTTP status.
        http: u16,
        /// How it begins.
        text: String,
    },
    /// A value that is not what its field says.
    #[error(transparent)]
    Field(#[from] BadField),
    /// The broker knows no such stock on this market.
    #[error("{tr_id}: no data for {code}")]
    UnknownStock {
        /// The transaction.
        tr_id: &'static str,
        /// The stock asked for.
        code: StockCode,
    },
    /// The answer is about another stock.
    #[error("{tr_id}: asked for {asked}, the answer is about {got:?}")]
    WrongStock {
        /// The transaction.
        tr_id: &'static str,
        /// The stock asked for.
        asked: StockCode,
        /// The code in the answer.
        got: String,
    },
    /// A token may be asked for once a minute only.
    #[error("tokenP: one token a minute; {seconds} s left")]
    TokenWait {
        /// Seconds until the next attempt may succeed, market time.
        seconds: u64,
    },
    /// Nothing came back.
    #[error("{tr_id}: {kind}: {text}")]
    Transport {
        /// The transaction.
        tr_id: &'static str,
        /// What happened.
        kind: Transport,
        /// The cause, without addresses.
        text: String,
    },
    /// A data frame whose head or shape is wrong.
    #[error("{tr_id} frame: {why}: {text:?}")]
    Frame {
        /// The feed as the frame names it, cut.
        tr_id: String,
        /// What is wrong.
        why: &'static str,
        /// How the frame begins.
        text: String,
    },
    /// A feed this program does not read.
    #[error("{tr_id} frame: no parser for this feed")]
    NoParser {
        /// The feed as the frame names it, cut.
        tr_id: String,
    },
    /// The host has no such thing, so nothing was sent.
    #[error("{tr_id}: not sent: {why}")]
    NotOffered {
        /// The transaction.
        tr_id: &'static str,
        /// Why and what to do instead, a text marked with `key!`.
        why: &'static str,
    },
    /// Keys or addresses that cannot be used at all.
    #[error("{0}")]
    Setup(Said),
}

/// How a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Nobody answers there.
    Connect,
    /// No answer in time.
    TimedOut,
    /// The connection broke, or the answer was cut.
    Broken,
}

impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "cannot connect",
            Self::TimedOut => "no answer in time",
            Self::Broken => "the connection broke",
        })
    }
}

/// One value that is not what its field says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tr_id} record {record}, field {field}{}: {why}: {text:?}", at(*.position))]
pub struct BadField {
    /// The transaction or feed.
    pub tr_id: &'static str,
    /// The field's name as the broker writes it.
    pub field: &'static str,
    /// Position in a frame's record, from 0; `None` in JSON, where names count.
    pub position: Option<usize>,
    /// The record or row, from 0.
    pub record: usize,
    /// What is wrong.
    pub why: &'static str,
    /// The offending text, cut.
    pub text: String,
}

fn verdict(rt_cd: &str) -> String {
    match rt_cd {
        "" => "no rt_cd".to_owned(),
        rt_cd => format!("rt_cd {rt_cd}"),
    }
}

fn at(position: Option<usize>) -> String {
    position.map_or_else(String::new, |at| format!(" at {at}"))
}

/// Whether and when the same call may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// After this long, market time.
    After(Duration),
    /// At once, after a new token (`Kis` has already tried that once).
    AfterNewToken,
    /// Not without a change of keys, settings or code.
    Never,
}

impl KisError {
    /// Whether and when to repeat.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Refused { http, msg_cd, .. } => match codes::class(msg_cd) {
                Class::RateLimited | Class::Ledger => Retry::After(Duration::from_secs(2)),
                Class::Passing => Retry::After(Duration::from_secs(5)),
                Class::Token => Retry::AfterNewToken,
                Class::TokenWait => Retry::After(Duration::from_secs(61)),
                Class::Never if msg_cd.is_empty() && 500 <= *http => {
                    Retry::After(Duration::from_secs(5))
                }
                Class::Nothing | Class::Never => Retry::Never,
            },
            Self::NotJson { .. } | Self::Transport { .. } => Retry::After(Duration::from_secs(5)),
            Self::TokenWait { seconds } => Retry::After(Duration::from_secs(*seconds)),
            Self::Field(_)
            | Self::UnknownStock { .. }
            | Self::WrongStock { .. }
            | Self::Frame { .. }
            | Self::NoParser { .. }
            | Self::NotOffered { .. }
            | Self::Setup(_) => Retry::Never,
        }
    }

    /// A sentence with the remedy in it.
    pub fn user_message(&self) -> Said {
        match self {
            Self::Refused { msg_cd, msg1, .. } => refused_message(msg_cd, msg1),
            Self::NotJson { tr_id, http, .. } => said!(
                "한국투자증권 서버가 읽을 수 없는 답을 보냈습니다(%{tr_id}, HTTP %{http}). 점검 중일 수 있으니 잠시 뒤 다시 시도해 주세요.",
                tr_id = *tr_id,
                http = http.to_string()
            ),
            Self::Field(bad) => said!(
                "한국투자증권이 보낸 값이 이상하여 쓰지 않았습니다(%{tr_id}의 %{field}: %{text}). 계속되면 프로그램을 새 판으로 바꿔 주세요.",
                tr_id = bad.tr_id,
                field = bad.field,
                text = format!("{:?}", bad.text)
            ),
            Self::UnknownStock { code, .. } => said!(
                "%{code} 종목의 시세가 없습니다. 종목코드와 시장 설정(J/NX/UN)을 확인해 주세요.",
                code = code.as_str()
            ),
            Self::WrongStock { asked, got, .. } => said!(
                "%{asked} 종목을 물었는데 %{got}에 대한 답이 와서 버렸습니다. 다시 시도해 주세요.",
                asked = asked.as_str(),
                got = format!("{got:?}")
            ),
            Self::TokenWait { seconds } => said!(
                "접근토큰은 1분에 한 번만 받을 수 있습니다. %{seconds}초 뒤에 다시 시도합니다.",
                seconds = *seconds
            ),
            Self::Transport { kind, .. } => transport_message(*kind),
            Self::Frame { tr_id, .. } | Self::NoParser { tr_id } => said!(
                "읽을 수 없는 실시간 메시지(%{tr_id})를 건너뛰었습니다. 계속되면 프로그램을 새 판으로 바꿔 주세요.",
                tr_id = tr_id
            ),
            Self::NotOffered { why, .. } => Said::of_key(why),
            Self::Setup(text) => text.clone(),
        }
    }

    /// The transaction, where one is known.
    pub fn tr_id(&self) -> Option<&str> {
        match self {
            Self::Refused { tr_id, .. }
            | Self::NotJson { tr_id, .. }
            | Self::UnknownStock { tr_id, .. }
            | Self::WrongStock { tr_id, .. }
            | Self::NotOffered { tr_id, .. }
            | Self::Transport { tr_id, .. } => Some(tr_id),
            Self::Field(bad) => Some(bad.tr_id),
            Self::TokenWait { .. } => Some("tokenP"),
            Self::Frame { tr_id, .. } | Self::NoParser { tr_id } => Some(tr_id),
            Self::Setup(_) => None,
        }
    }

    /// The broker's message code, where it gave one.
    pub fn msg_cd(&self) -> Option<&str> {
        match self {
            Self::Refused { msg_cd, .. } if !msg_cd.is_empty() => Some(msg_cd),
            Self::TokenWait { .. } => Some("EGW00133"),
            _ => None,
        }
    }

    /// The broker's own words, where it gave some.
    pub fn msg1(&self) -> Option<&str> {
        match self {
            Self::Refused { msg1, .. } if !msg1.is_empty() => Some(msg1),
            _ => None,
        }
    }

    /// The HTTP status, where there was one.
    pub fn http(&self) -> Option<u16> {
        match self {
            Self::Refused { http, .. } | Self::NotJson { http, .. } => Some(*http),
            _ => None,
        }
    }

    /// A stale connection or a web page of the load balancer: once more is worth it.
    pub(crate) fn may_repeat_at_once(&self) -> bool {
        match self {
            Self::Transport { kind, .. } => *kind == Transport::Broken,
            Self::NotJson { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn is_rate_limit(&self) -> bool {
        self.class() == Some(Class::RateLimited)
    }

    pub(crate) fn class(&self) -> Option<Class> {
        match self {
            Self::Refused { msg_cd, .. } => Some(codes::class(msg_cd)),
            _ => None,
        }
    }
}

/// A sentence for a message code: ours where we know better, else the broker's own words.
pub(crate) fn refused_message(msg_cd: &str, msg1: &str) -> Said {
    match codes::sentence(msg_cd) {
        Some(text) => said!(
            "%{text} (%{code})",
            text = Said::of_key(text),
            code = msg_cd
        ),
        None if msg_cd.is_empty() && msg1.is_empty() => {
            said!(
                "한국투자증권의 답에 처리 결과(rt_cd)가 없어 쓰지 않았습니다. 다시 시도해 주세요."
            )
        }
        None => said!(
            "한국투자증권: %{msg1} (%{msg_cd})",
            msg1 = msg1,
            msg_cd = msg_cd
        ),
    }
}

fn transport_message(kind: Transport) -> Said {
    match kind {
        Transport::Connect => said!(
            "한국투자증권 서버에 연결할 수 없습니다. 인터넷 연결과 방화벽, 서버 주소를 확인해 주세요."
        ),
        Transport::TimedOut => {
            said!("한국투자증권 서버가 제때 답하지 않았습니다. 잠시 뒤 다시 시도해 주세요.")
        }
        Transport::Broken => said!(
            "한국투자증권 서버와의 연결이 끊겼습니다. 인터넷 연결을 확인하고 다시 시도해 주세요."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(http: u16, msg_cd: &str, msg1: &str) -> KisError {
        KisError::Refused {
            tr_id: "FHKST01010100",
            http,
            rt_cd: "1".into(),
            msg_cd: msg_cd.into(),
            msg1: msg1.into(),
        }
    }

    #[test]
    fn retries_follow_the_table() {
        let secs = |s| Retry::After(Duration::from_secs(s));
        for (error, expected) in [
            (refused(500, "EGW00201", "x"), secs(2)),
            (refused(500, "EGW00123", "x"), Retry::AfterNewToken),
            (refused(403, "EGW00103", "x"), Retry::Never),
            (refused(200, "ABCD0001", "x"), Retry::Never),
            (refused(502, "", ""), secs(5)),
            (KisError::TokenWait { seconds: 7 }, secs(7)),
        ] {
            assert_eq!(error.retry(), expected, "{error}");
        }
    }

    #[test]
    fn unknown_codes_show_the_brokers_words() {
        let message = refused(200, "ABCD0001", "처음 보는 말")
            .user_message()
            .to_string();
        assert!(message.contains("처음 보는 말") && message.contains("ABCD0001"));
        assert!(
            refused(500, "EGW00105", "")
                .user_message()
                .to_string()
                .contains("시크릿")
        );
    }

    #[test]
    fn a_bad_field_names_everything() {
        let bad = BadField {
            tr_id: "H0STCNT0",
            field: "STCK_PRPR",
            position: Some(2),
            record: 1,
            why: "not a whole number",
            text: "7x".into(),
        };
        let text = KisError::from(bad).to_string();
        for part in ["H0STCNT0", "STCK_PRPR", " at 2", "record 1", "7x"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
