//! What stands before the services: keys, token, rate limit, and the way to the right one.

use std::collections::BTreeMap;

use hyper::HeaderMap;

use crate::sim::faults::Faults;
use crate::sim::keys::{BadToken, plausible};
use crate::sim::market::lock;
use crate::sim::options::Environment;
use crate::sim::rest::header;
use crate::sim::rest::reply::Reply;
use crate::sim::rest::services::{MARKET, SERVICES};
use crate::sim::shared::Shared;

/// Query values by upper-case key; the server takes either case.
pub(super) type Query = BTreeMap<String, String>;

/// The request header that asks for the next page, beside the query's keys.
pub(super) const TR_CONT: &str = "tr_cont";

/// Calls a second on the paper host, and in a customer's first three days.
const PAPER_CALLS: f64 = 2.0;
const NEW_CUSTOMER_CALLS: f64 = 3.0;

const ROOT: &str = "/uapi/domestic-stock/v1/";

/// Keys, token and rate limit of a quotation that arrives now.
pub(super) fn admit(shared: &Shared, headers: &HeaderMap) -> Result<(), Reply> {
    let now = shared.clock.now();
    let app_key = check_content_type(headers)
        .and_then(|()| check_keys(headers))
        .inspect_err(|_| shared.count(|c| c.unauthorised += 1))?;
    let mut keys = lock(&shared.keys);
    let checked = check_token(headers).and_then(|token| {
        if shared.faults.change(|f| Faults::take(&mut f.revoke_tokens)) {
            keys.forget_token(token);
            return Err(unknown());
        }
        if shared.faults.change(|f| Faults::take(&mut f.expire_tokens)) {
            keys.forget_token(token);
            return Err(expired());
        }
        keys.check_token(token, app_key, now)
            .map_err(|bad| match bad {
                BadToken::Unknown => unknown(),
                BadToken::Expired => expired(),
            })
    });
    if let Err(refusal) = checked {
        shared.count(|c| c.unauthorised += 1);
        return Err(refusal);
    }
    let (limit, count_refused) = shared.faults.change(|f| {
        let usual = match (f.environment, f.new_customer) {
            (Environment::Paper, _) => shared.calls_per_second.min(PAPER_CALLS),
            (Environment::Real, true) => shared.calls_per_second.min(NEW_CUSTOMER_CALLS),
            (Environment::Real, false) => shared.calls_per_second,
        };
        let limit = (f.limit_model, f.calls_per_second.unwrap_or(usual));
        (limit, f.count_refused)
    });
    if shared.faults.change(|f| Faults::take(&mut f.ledger_busy)) {
        shared.count(|c| c.refused += 1);
        return Err(Reply::gateway(
            "EGW00215",
            "원장에서 허용 가능한 초당 거래건수를 초과하였습니다",
        ));
    }
    if !keys.admit(app_key, limit, count_refused, now) {
        shared.count(|c| c.refused += 1);
        return Err(Reply::gateway(
            "EGW00201",
            "초당 거래건수를 초과하였습니다.",
        ));
    }
    Ok(())
}

fn unknown() -> Reply {
    Reply::gateway("EGW00121", "유효하지 않은 token 입니다.")
}

fn expired() -> Reply {
    Reply::gateway("EGW00123", "기간이 만료된 token 입니다.")
}

/// Bodies and queries are announced as JSON, if announced at all.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), Reply> {
    let kind = header(headers, "content-type").unwrap_or("application/json");
    if kind.to_ascii_lowercase().contains("application/json") {
        return Ok(());
    }
    Err(Reply::gateway(
        "EGW00132",
        "유효하지 않은 Content-Type 입니다.",
    ))
}

pub(super) fn check_keys(headers: &HeaderMap) -> Result<&str, Reply> {
    let app_key = header(headers, "appkey").unwrap_or_default();
    let secret = header(headers, "appsecret").unwrap_or_default();
    let (code, message) = match (app_key, secret) {
        ("", _) => ("EGW00102", "AppKey는 필수입니다."),
        (key, _) if !plausible(key, 64) => ("EGW00103", "유효하지 않은 AppKey입니다."),
        (_, "") => ("EGW00104", "AppSecret은 필수입니다."),
        (_, secret) if !plausible(secret, 256) => ("EGW00105", "유효하지 않은 AppSecret입니다."),
        _ => return Ok(app_key),
    };
    Err(Reply::gateway(code, message))
}

fn check_token(headers: &HeaderMap) -> Result<&str, Reply> {
    let authorization = header(headers, "authorization").unwrap_or_default();
    // A blank behind the word may be lost on the way.
    let Some(token) = authorization
        .strip_prefix("Bearer")
        .filter(|token| token.is_empty() || token.starts_with(' '))
    else {
        return Err(Reply::gateway(
            "EGW00205",
            "credentials_type이 유효하지 않습니다.(Bearer)",
        ));
    };
    if token.trim().is_empty() {
        return Err(Reply::gateway("EGW00122", "token이 존재하지 않습니다."));
    }
    match header(headers, "custtype") {
        None | Some("" | "P" | "B") => Ok(token.trim()),
        Some(_) => Err(Reply::gateway(
            "EGW00208",
            "고객타입(custtype)이 유효하지 않습니다.",
        )),
    }
}

/// Finds the service, checks its query and lets it answer.
pub(super) fn dispatch(shared: &Shared, tr_id: &str, path: &str, query: &str, page: &str) -> Reply {
    if tr_id.is_empty() {
        return Reply::gateway("OPSQ9999", "HEADER TR_ID NOT FOUND");
    }
    let service = SERVICES
        .iter()
        .find(|s| s.tr_id == tr_id && path.strip_prefix(ROOT) == Some(s.path));
    let Some(service) = service else {
        return Reply::gateway("OPSQ0002", "없는 서비스 코드 입니다.");
    };
    let paper = shared.faults.change(|f| f.environment) == Environment::Paper;
    if paper && !service.paper {
        return Reply::gateway("EGW02004", "모의투자 TR 이 아닙니다.");
    }
    shared.count(|c| *c.requests.entry(tr_id.to_owned()).or_default() += 1);
    let mut query = parse_query(query);
    query.insert(TR_CONT.to_owned(), page.to_owned());
    for (key, may_be_blank) in service.keys {
        let there = match query.get(*key) {
            Some(value) => *may_be_blank || !value.trim().is_empty(),
            None => false,
        };
        if !there {
            let message = format!("ERROR INPUT FIELD NOT FOUND [{key}]");
            return Reply::bad_input("OPSQ2001", &message);
        }
    }
    let market = query_value(&query, MARKET.0);
    if !service.markets.is_empty() && !service.markets.contains(&market) {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_COND_MRKT_DIV_CODE");
    }
    (service.answer)(shared, &query)
}

/// The value of a key, blank when it is missing.
pub(super) fn query_value<'a>(query: &'a Query, key: &str) -> &'a str {
    query.get(key).map_or("", |v| v.trim())
}

fn parse_query(query: &str) -> Query {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (decode(key).to_ascii_uppercase(), decode(value)))
        .collect()
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|h| std::str::from_utf8(h).ok())
            .and_then(|h| u8::from_str_radix(h, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let query = parse_query("fid_input_iscd=005930&FID_X=%EC%82%BC+1&blank=&%");
        assert_eq!(query_value(&query, "FID_INPUT_ISCD"), "005930");
        assert_eq!(query_value(&query, "FID_X"), "삼 1");
        assert_eq!(query_value(&query, "BLANK"), "");
        assert_eq!(query.len(), 3);
    }
}
