//! Control messages of the socket: answers to registrations and the heartbeat.

use serde_json::Value;

use super::error::KisError;
use super::number::cut;

/// One control message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// The heartbeat; the very same text goes back.
    PingPong,
    /// An answer to a registration or a removal.
    Answer {
        /// The feed; `None` where the broker writes `(null)` or nothing.
        tr_id: Option<String>,
        /// What was registered; `None` where blank.
        tr_key: Option<String>,
        /// The code the program acts on.
        msg_cd: String,
        /// The broker's words, without keys.
        msg1: String,
    },
}

/// Reads a control message.
pub(super) fn parse(bytes: &[u8]) -> Result<Control, KisError> {
    let text = String::from_utf8_lossy(bytes);
    let wrong = |why| KisError::Frame {
        tr_id: "control".into(),
        why,
        text: cut(bytes),
    };
    let Ok(message) = serde_json::from_str::<Value>(&text) else {
        return Err(wrong("not JSON"));
    };
    let field = |part: &str, name: &str| {
        let text = message.get(part)?.get(name)?.as_str()?.trim();
        (!text.is_empty() && text != "(null)").then(|| text.to_owned())
    };
    let tr_id = field("header", "tr_id");
    if tr_id.as_deref() == Some("PINGPONG") {
        return Ok(Control::PingPong);
    }
    let Some(msg_cd) = field("body", "msg_cd") else {
        return Err(wrong("neither a heartbeat nor an answer: no msg_cd"));
    };
    let mut msg1 = field("body", "msg1").unwrap_or_default();
    if msg_cd == "OPSP0011" {
        // The broker repeats the approval key here.
        msg1.truncate(msg1.find(':').unwrap_or(msg1.len()));
    }
    Ok(Control::Answer {
        tr_id,
        tr_key: field("header", "tr_key"),
        msg_cd,
        msg1: msg1.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_heartbeats() {
        let ping = br#"{"header":{"tr_id":"PINGPONG","datetime":"20260605093000"}}"#;
        assert_eq!(parse(ping), Ok(Control::PingPong));
        let ack = br#"{"header":{"tr_id":"(null)","tr_key":""},"body":{"rt_cd":"1","msg_cd":"OPSP0011","msg1":"invalid approval : abcd-secret"}}"#;
        let Ok(Control::Answer {
            tr_id,
            tr_key,
            msg_cd,
            msg1,
        }) = parse(ack)
        else {
            panic!("an answer");
        };
        assert_eq!((tr_id, tr_key), (None, None));
        assert_eq!(
            (msg_cd.as_str(), msg1.as_str()),
            ("OPSP0011", "invalid approval")
        );
        assert!(parse(b"{\"header\":{}}").is_err());
        assert!(parse(b"{nonsense").is_err());
        assert!(parse(b"{\"body\":{\"msg_cd\":\"OPSP0000\",\"msg1\":\"\xff\"}}").is_ok());
    }
}
