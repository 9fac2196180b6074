//! Registration messages and their acknowledgements.

use serde_json::Value;

use crate::domain::{Moment, StockCode};
use crate::sim::market::Market;
use crate::sim::rest::text;
use crate::sim::ws::kind::Kind;

/// What a client wants.
pub(super) struct Wish {
    pub(super) approval: String,
    pub(super) register: bool,
    pub(super) tr_id: String,
    pub(super) tr_key: String,
}

/// A message from the client.
pub(super) enum Message {
    /// The echo of a heartbeat.
    Heartbeat,
    /// A registration or its end.
    Wish(Wish),
}

/// A refusal: code and text.
pub(super) type Refusal = (&'static str, String);

/// Reads a client's text.
pub(super) fn read(message: &str) -> Result<Message, Refusal> {
    let parsing = |code: &'static str, what: &str| (code, format!("JSON PARSING ERROR : {what}"));
    let Ok(json) = serde_json::from_str::<Value>(message) else {
        return Err(parsing("OPSP9999", "invalid json format"));
    };
    let Some(header) = json.get("header").and_then(Value::as_object) else {
        return Err(parsing("OPSP9998", "header not found"));
    };
    let head = |name: &str| header.get(name).and_then(Value::as_str);
    if head("tr_id") == Some("PINGPONG") {
        return Ok(Message::Heartbeat);
    }
    let Some(body) = json.get("body") else {
        return Err(parsing("OPSP9992", "body not found"));
    };
    let Some(input) = body.get("input") else {
        return Err(parsing("OPSP9991", "input not found"));
    };
    let field = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    match head("custtype") {
        None => return Err(parsing("OPSP9997", "custtype not found")),
        Some("P" | "B") => {}
        Some(_) => return Err(parsing("OPSP8998", "INVALID custtype")),
    }
    let register = match head("tr_type") {
        Some("1") => true,
        Some("2") => false,
        _ => return Err(parsing("OPSP8997", "INVALID tr_type")),
    };
    if field("tr_key").is_empty() {
        return Err(parsing("OPSP9990", "tr_key not found"));
    }
    Ok(Message::Wish(Wish {
        approval: head("approval_key").unwrap_or("NOT FOUND").to_owned(),
        register,
        tr_id: field("tr_id").to_owned(),
        tr_key: field("tr_key").to_owned(),
    }))
}

/// The feed and stock a wish names.
pub(super) fn target(market: &Market, paper: bool, wish: &Wish) -> Result<Kind, Refusal> {
    let kind = Kind::parse(&wish.tr_id, paper)
        .ok_or_else(|| ("OPSP8991", "JSON PARSING ERROR : INVALID tr_id".to_owned()))?;
    let known = match kind {
        kind if kind.is_of_index() => market.is_index(&wish.tr_key),
        // Any name may be a customer's.
        Kind::Notice => true,
        _ => StockCode::parse(&wish.tr_key).is_some_and(|code| market.index_of(code).is_some()),
    };
    match known {
        true => Ok(kind),
        false => Err(("OPSP8992", "JSON PARSING ERROR : INVALID tr_key".to_owned())),
    }
}

/// An answer that names the registration; `secrets` are iv and key of a success.
pub(super) fn ack(
    wish: &Wish,
    rt_cd: &str,
    code: &str,
    message: &str,
    secrets: Option<(&str, &str)>,
) -> String {
    let output = secrets.map_or_else(String::new, |(iv, key)| {
        format!(",\"output\":{{\"iv\":{},\"key\":{}}}", text(iv), text(key))
    });
    format!(
        "{{\"header\":{{\"tr_id\":{},\"tr_key\":{},\"encrypt\":\"N\"}},\
         \"body\":{{\"rt_cd\":{},\"msg_cd\":{},\"msg1\":{}{output}}}}}",
        text(&wish.tr_id),
        text(&wish.tr_key),
        text(rt_cd),
        text(code),
        text(message)
    )
}

/// An answer that names nothing, as the server does when it could not use the message.
pub(super) fn nameless(code: &str, message: &str) -> String {
    format!(
        "{{\"header\":{{\"tr_id\":\"(null)\",\"tr_key\":\"\",\"encrypt\":\"N\"}},\
         \"body\":{{\"rt_cd\":\"9\",\"msg_cd\":{},\"msg1\":{}}}}}",
        text(code),
        text(message)
    )
}

/// The refusal of an approval key; it comes without a header.
pub(super) fn not_approved(approval: &str) -> String {
    let message = format!("invalid approval : {approval}");
    format!(
        "{{\"body\":{{\"rt_cd\":\"1\",\"msg_cd\":\"OPSP0011\",\"msg1\":{}}}}}",
        text(&message)
    )
}

/// The heartbeat of `now`.
pub(super) fn heartbeat(now: Moment) -> String {
    format!(
        "{{\"header\":{{\"tr_id\":\"PINGPONG\",\"datetime\":\"{}{}\"}}}}",
        now.day().compact(),
        now.clock_text().replace(':', "")
    )
}
