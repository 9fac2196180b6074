//! Tokens and approval keys: `POST /oauth2/…`, flat answers.

use hyper::HeaderMap;
use serde_json::Value;

use crate::domain::Moment;
use crate::sim::keys::{Issue, plausible};
use crate::sim::market::{Rng, lock};
use crate::sim::rest::gateway::{check_content_type, check_keys};
use crate::sim::rest::reply::{Reply, text};
use crate::sim::shared::Shared;

const HASHKEY: &str = "/uapi/hashkey";

pub(super) fn answer(shared: &Shared, path: &str, headers: &HeaderMap, body: &[u8]) -> Reply {
    if let Err(refusal) = check_content_type(headers) {
        return refusal;
    }
    if path == HASHKEY {
        return hash_key(headers, body);
    }
    if !["/oauth2/tokenP", "/oauth2/Approval", "/oauth2/revokeP"].contains(&path) {
        return Reply::gateway("OPSQ0002", "없는 서비스 코드 입니다.");
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return denied("EGW00101", "유효하지 않은 요청입니다.");
    };
    let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if path != "/oauth2/revokeP" {
        match field("grant_type") {
            "client_credentials" => {}
            "" => return denied("EGW00115", "grant_type이 존재하지 않습니다."),
            _ => return denied("EGW00116", "지원하지 않는 grant_type 입니다."),
        }
    }
    let secret_name = if path == "/oauth2/Approval" {
        "secretkey"
    } else {
        "appsecret"
    };
    let app_key = field("appkey");
    let refused = shared.faults.change(|f| f.refuse_token);
    match (app_key, field(secret_name)) {
        ("", _) => return denied("EGW00102", "AppKey는 필수입니다."),
        (key, _) if refused || !plausible(key, 64) => {
            return denied("EGW00103", "유효하지 않은 AppKey입니다.");
        }
        (_, "") => return denied("EGW00104", "AppSecret은 필수입니다."),
        (_, secret) if !plausible(secret, 256) => {
            return denied("EGW00105", "유효하지 않은 AppSecret입니다.");
        }
        _ => {}
    }
    match path {
        "/oauth2/tokenP" => token(shared, app_key),
        "/oauth2/Approval" => {
            shared.count(|c| c.approvals += 1);
            let serial = shared.next_serial();
            let key = lock(&shared.keys).approve(shared.market.seed(), app_key, serial);
            Reply::json(200, format!("{{\"approval_key\":{}}}", text(&key)))
        }
        _ => revoke(shared, field("token")),
    }
}

fn token(shared: &Shared, app_key: &str) -> Reply {
    let now = shared.clock.now();
    let single = shared.faults.change(|f| f.single_token);
    let issue = lock(&shared.keys).issue_token(shared.market.seed(), app_key, single, now);
    match issue {
        Issue::TooSoon => {
            shared.count(|c| c.tokens_refused += 1);
            denied(
                "EGW00133",
                "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)",
            )
        }
        Issue::Token {
            text: token_text,
            token,
            new,
        } => {
            shared.count(|c| {
                c.token_answers += 1;
                c.tokens_issued += u64::from(new);
            });
            let left = token.expires.ms_since(now) / 1_000;
            let until = end(shared, token.expires, now);
            let until = format!("{} {}", until.day(), until.clock_text());
            Reply::json(
                200,
                format!(
                    "{{\"access_token\":{},\"access_token_token_expired\":{},\
                     \"token_type\":\"Bearer\",\"expires_in\":{left}}}",
                    text(&token_text),
                    text(&until)
                ),
            )
        }
    }
}

/// The end of a token as it is written. The broker's published samples keep a token while their
/// machine's clock is before it, and ask for one at each start otherwise: in a market of the past,
/// too, it lives on by that clock as long as it does by market time, and a day at most.
fn end(shared: &Shared, expires: Moment, now: Moment) -> Moment {
    let left = expires.after(now);
    let real = left.div_f64(shared.clock.speed().max(1.0));
    let by_machine = shared.machine.now().plus_ms(real.as_millis() as i64);
    expires.max(by_machine)
}

/// `POST /uapi/hashkey`: the body itself and a number of 256 bits over it.
fn hash_key(headers: &HeaderMap, body: &[u8]) -> Reply {
    if let Err(refusal) = check_keys(headers) {
        return refusal;
    }
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return Reply::gateway("OPSQ9997", "JSON PARSING ERROR");
    };
    let mut rng = body.iter().fold(Rng::keyed(23, &[]), |mut rng, byte| {
        Rng::keyed(rng.next(), &[u64::from(*byte)])
    });
    let hash: String = (0..4).map(|_| format!("{:016x}", rng.next())).collect();
    Reply::json(200, format!("{{\"BODY\":{json},\"HASH\":\"{hash}\"}}"))
}

fn revoke(shared: &Shared, token: &str) -> Reply {
    lock(&shared.keys).forget_token(token);
    Reply::json(
        200,
        "{\"code\":200,\"message\":\"접근토큰 폐기에 성공하였습니다\"}".to_owned(),
    )
}

/// OAuth errors have keys of their own.
fn denied(code: &str, message: &str) -> Reply {
    let body = format!(
        "{{\"error_description\":{},\"error_code\":{}}}",
        text(message),
        text(code)
    );
    Reply::json(403, body)
}
