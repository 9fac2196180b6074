//! The flat answers of the OAuth endpoints.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::error::{BadField, KisError};
use super::tr;
use crate::domain::{Day, Moment, time};

/// What the token endpoint answers.
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    /// The bearer token.
    pub token: SecretString,
    /// Lifetime from now on.
    pub expires_in: Duration,
    /// The end of its life as the broker writes it, where readable.
    pub expires: Option<Moment>,
}

impl TokenAnswer {
    /// When the token ends, asked for at `now`. Within six hours the broker repeats an older
    /// token, so the earlier of both statements counts; a past date betrays a wrong clock of
    /// this machine, and then the lifetime counts.
    pub fn ends(&self, now: Moment) -> Moment {
        let lifetime = i64::try_from(self.expires_in.as_secs()).unwrap_or(0);
        let by_lifetime = now.plus_secs(lifetime);
        match self.expires {
            Some(expires) if now < expires => expires.min(by_lifetime),
            _ => by_lifetime,
        }
    }
}

pub(super) fn token(map: &Map<String, Value>) -> Result<TokenAnswer, KisError> {
    let token = secret(map, tr::TOKEN.id, "access_token")?;
    let lifetime = match map.get("expires_in") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let Some(seconds @ 1..=31_536_000) = lifetime else {
        return Err(hidden(tr::TOKEN.id, "expires_in", "no lifetime in seconds"));
    };
    let expires = map.get("access_token_token_expired");
    Ok(TokenAnswer {
        token,
        expires_in: Duration::from_secs(seconds),
        expires: expires.and_then(Value::as_str).and_then(moment),
    })
}

pub(super) fn approval(map: &Map<String, Value>) -> Result<SecretString, KisError> {
    secret(map, tr::APPROVAL.id, "approval_key")
}

fn secret(
    map: &Map<String, Value>,
    tr_id: &'static str,
    field: &'static str,
) -> Result<SecretString, KisError> {
    match map.get(field).and_then(Value::as_str).map(str::trim) {
        Some(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(SecretString::from(text))
        }
        _ => Err(hidden(tr_id, field, "missing, blank or not plain text")),
    }
}

fn hidden(tr_id: &'static str, field: &'static str, why: &'static str) -> KisError {
    KisError::Field(BadField {
        tr_id,
        field,
        position: None,
        record: 0,
        why,
        text: "(not shown)".into(),
    })
}

/// `YYYY-MM-DD HH:MM:SS` in Korea.
fn moment(text: &str) -> Option<Moment> {
    let (date, clock) = text.trim().split_once(' ')?;
    let day = Day::parse_compact(&date.replace('-', ""))?;
    let second = time::second_of_day(clock.replace(':', "").as_bytes())?;
    Some(Moment::on(day, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_end_counts_and_a_past_one_does_not() {
        let now = moment("2026-11-20 09:00:00").unwrap();
        let answer = |expires: &str| {
            let body = format!(
                r#"{{"access_token":"T","expires_in":86400,"access_token_token_expired":"{expires}"}}"#
            );
            token(&serde_json::from_str(&body).unwrap()).unwrap()
        };
        for (expires, end) in [
            ("2026-11-21 05:00:00", "2026-11-21 05:00:00"),
            ("2026-11-25 05:00:00", "2026-11-21 09:00:00"),
            ("2023-11-25 05:00:00", "2026-11-21 09:00:00"),
            ("soon", "2026-11-21 09:00:00"),
        ] {
            assert_eq!(answer(expires).ends(now), moment(end).unwrap());
        }
    }

    #[test]
    fn a_bad_token_answer_shows_nothing_of_it() {
        let map = serde_json::from_str(r#"{"access_token":"SECRET\n","expires_in":"x"}"#).unwrap();
        let error = token(&map).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
}
