//! The JSON envelope of REST answers, and rows of text fields inside it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::{BadField, KisError};
use super::number::{self, Number, cut};
use super::signs;
use crate::domain::{Day, Shares, StockCode, Won, time};

/// Decides whether an answer is a success: JSON first, then the codes, HTTP only without JSON.
pub(super) fn judge(
    tr_id: &'static str,
    http: u16,
    body: &[u8],
) -> Result<Map<String, Value>, KisError> {
    let map = object(tr_id, http, body, body)?;
    let verdict = text_of(&map, "rt_cd");
    if verdict == "0" {
        return Ok(map);
    }
    Err(refused(tr_id, http, &map))
}

/// The same for the flat answers of OAuth, which carry no `rt_cd`.
pub(super) fn judge_flat(
    tr_id: &'static str,
    http: u16,
    body: &[u8],
) -> Result<Map<String, Value>, KisError> {
    // Half an answer may hold half a key, so it is never repeated.
    let map = object(tr_id, http, body, b"(not shown)")?;
    let failed = ["error_code", "msg_cd"]
        .iter()
        .any(|k| map.contains_key(*k));
    if failed || !(200..300).contains(&http) {
        return Err(refused(tr_id, http, &map));
    }
    Ok(map)
}

/// The answer as an object; an error shows the beginning of `shown`.
fn object(
    tr_id: &'static str,
    http: u16,
    body: &[u8],
    shown: &[u8],
) -> Result<Map<String, Value>, KisError> {
    let text = String::from_utf8_lossy(body);
    // A gateway on the way may put the mark of its encoding before it.
    match serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(KisError::NotJson {
            tr_id,
            http,
            text: cut(shown),
        }),
    }
}

fn refused(tr_id: &'static str, http: u16, map: &Map<String, Value>) -> KisError {
    let first = |names: [&str; 2]| {
        let found = names.iter().map(|name| text_of(map, name));
        found.into_iter().find(|text| !text.is_empty())
    };
    // A message is one line of the log, whatever the broker writes.
    let short = |text: Option<Cow<'_, str>>| -> String {
        let line = |c: char| if c.is_control() { ' ' } else { c };
        let text = text.unwrap_or_default();
        text.chars().take(200).map(line).collect()
    };
    KisError::Refused {
        tr_id,
        http,
        rt_cd: short(Some(text_of(map, "rt_cd"))),
        msg_cd: short(first(["error_code", "msg_cd"])),
        msg1: short(first(["error_description", "msg1"])),
    }
}

/// A text or number as trimmed text; empty where missing.
fn text_of<'a>(map: &'a Map<String, Value>, name: &str) -> Cow<'a, str> {
    match map.get(name) {
        Some(Value::String(text)) => Cow::Borrowed(text.trim()),
        Some(Value::Number(number)) => Cow::Owned(number.to_string()),
        _ => Cow::Borrowed(""),
    }
}

/// The rows under `name`: an array, one object, or nothing. Blank objects are left out.
pub(super) fn rows<'a>(
    tr_id: &'static str,
    map: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Vec<Row<'a>>, KisError> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(vec![]),
        Some(value) => rows_of(tr_id, value, name),
    }
}

/// As [`rows`], from the value itself.
pub(super) fn rows_of<'a>(
    tr_id: &'static str,
    value: &'a Value,
    name: &'static str,
) -> Result<Vec<Row<'a>>, KisError> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut found = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        found.extend(row_of(tr_id, index, item, name)?);
    }
    Ok(found)
}

/// As [`rows`], where every row stands for itself: those that are objects, and what is wrong with
/// the first that is none.
pub(super) fn rows_apart<'a>(
    tr_id: &'static str,
    map: &'a Map<String, Value>,
    name: &'static str,
) -> (Vec<Row<'a>>, Option<KisError>) {
    let items = match map.get(name) {
        None => &[],
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
    };
    let (mut found, mut broken) = (vec![], None);
    for (index, item) in items.iter().enumerate() {
        match row_of(tr_id, index, item, name) {
            Ok(row) => found.extend(row),
            Err(error) => {
                broken.get_or_insert(error);
            }
        }
    }
    (found, broken)
}

/// `None` for a blank.
fn row_of<'a>(
    tr_id: &'static str,
    index: usize,
    item: &'a Value,
    name: &'static str,
) -> Result<Option<Row<'a>>, KisError> {
    match item {
        Value::Object(map) if map.is_empty() => Ok(None),
        Value::Object(map) => Ok(Some(Row { tr_id, index, map })),
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        other => Err(KisError::Field(BadField {
            tr_id,
            field: name,
            position: None,
            record: index,
            why: "not an object",
            text: cut(other.to_string().as_bytes()),
        })),
    }
}

/// One object of text fields.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    tr_id: &'static str,
    index: usize,
    map: &'a Map<String, Value>,
}

impl<'a> Row<'a> {
    pub(super) fn has(&self, field: &str) -> bool {
        self.map.contains_key(field)
    }

    /// Trimmed text; empty where missing.
    pub(super) fn text(&self, field: &str) -> Cow<'a, str> {
        text_of(self.map, field)
    }

    /// A name to show; `None` where blank.
    pub(super) fn name(&self, field: &str) -> Option<String> {
        Some(self.text(field).into_owned()).filter(|name| !name.is_empty())
    }

    fn number(
        &self,
        field: &'static str,
        read: fn(&[u8]) -> Number,
    ) -> Result<Option<i64>, KisError> {
        match self.map.get(field) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(_) | Value::Number(_)) => (),
            Some(_) => return Err(self.bad(field, "neither text nor number")),
        }
        match read(self.text(field).as_bytes()) {
            Number::Is(value) => Ok(Some(value)),
            Number::Blank => Ok(None),
            Number::Bad => Err(self.bad(field, "not a number as expected")),
        }
    }

    /// A whole number of at most `most`, either way; `None` where blank or missing.
    fn within(&self, field: &'static str, most: i64) -> Result<Option<i64>, KisError> {
        match self.number(field, number::integer)? {
            Some(value) if !(-most..=most).contains(&value) => {
                Err(self.bad(field, number::TOO_LARGE))
            }
            value => Ok(value),
        }
    }

    /// The same, not negative.
    fn count(&self, field: &'static str, most: i64) -> Result<Option<i64>, KisError> {
        match self.within(field, most)? {
            Some(value) if value < 0 => Err(self.bad(field, "negative")),
            value => Ok(value),
        }
    }

    fn missing(&self, field: &'static str) -> KisError {
        self.bad(field, "missing or blank")
    }

    /// A price or a difference of prices, won; `None` where blank or missing.
    pub(super) fn maybe_won(&self, field: &'static str) -> Result<Option<i64>, KisError> {
        self.within(field, number::MOST_WON)
    }

    /// A price that must be there; 0 is left to the caller.
    pub(super) fn won(&self, field: &'static str) -> Result<Won, KisError> {
        let price = self.count(field, number::MOST_WON)?;
        price.map(Won).ok_or_else(|| self.missing(field))
    }

    /// A price; 0 where blank or missing.
    pub(super) fn won_or_zero(&self, field: &'static str) -> Result<Won, KisError> {
        let price = self.count(field, number::MOST_WON)?;
        Ok(Won(price.unwrap_or(0)))
    }

    /// Shares that must be there.
    pub(super) fn shares(&self, field: &'static str) -> Result<Shares, KisError> {
        let shares = self.count(field, number::MOST_SHARES)?;
        shares.map(Shares).ok_or_else(|| self.missing(field))
    }

    /// Shares; 0 where blank or missing.
    pub(super) fn shares_or_zero(&self, field: &'static str) -> Result<Shares, KisError> {
        let shares = self.count(field, number::MOST_SHARES)?;
        Ok(Shares(shares.unwrap_or(0)))
    }

    /// Won traded; 0 where blank or missing.
    pub(super) fn value_or_zero(&self, field: &'static str) -> Result<i64, KisError> {
        Ok(self.count(field, number::MOST_VALUE)?.unwrap_or(0))
    }

    /// Hundredths; 0 where blank or missing.
    pub(super) fn hundredths_or_zero(&self, field: &'static str) -> Result<i64, KisError> {
        Ok(self.number(field, number::hundredths)?.unwrap_or(0))
    }

    /// `prdy_vrss` with the sign of `prdy_vrss_sign`.
    pub(super) fn change(&self) -> Result<Won, KisError> {
        self.change_in("prdy_vrss")
    }

    /// As [`Row::change`], of another field.
    pub(super) fn change_in(&self, field: &'static str) -> Result<Won, KisError> {
        let value = self.maybe_won(field)?.ok_or_else(|| self.missing(field))?;
        let code = self.text("prdy_vrss_sign");
        Ok(Won(signs::signed(code.as_bytes(), value)))
    }

    /// `Y` or `N`, which must be there.
    pub(super) fn yes(&self, field: &'static str) -> Result<bool, KisError> {
        match self.text(field).as_ref() {
            "Y" => Ok(true),
            "N" => Ok(false),
            _ => Err(self.bad(field, "neither Y nor N")),
        }
    }

    /// A date; `None` where blank or missing.
    pub(super) fn day(&self, field: &'static str) -> Result<Option<Day>, KisError> {
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        match Day::parse_compact(&text) {
            Some(day) => Ok(Some(day)),
            None => Err(self.bad(field, "not a date")),
        }
    }

    /// Seconds since midnight.
    pub(super) fn second(&self, field: &'static str) -> Result<u32, KisError> {
        time::second_of_day(self.text(field).as_bytes())
            .ok_or_else(|| self.bad(field, "not a time of day"))
    }

    /// Refuses an answer about another stock. A missing field says nothing; a blank one means
    /// that the broker does not know the stock.
    pub(super) fn expect_code(&self, field: &str, asked: StockCode) -> Result<(), KisError> {
        let got = self.text(field);
        if !self.has(field) || got == asked.as_str() {
            return Ok(());
        }
        if got.is_empty() {
            return Err(self.unknown(asked));
        }
        Err(KisError::WrongStock {
            tr_id: self.tr_id,
            asked,
            got: cut(got.as_bytes()),
        })
    }

    pub(super) fn unknown(&self, code: StockCode) -> KisError {
        KisError::UnknownStock {
            tr_id: self.tr_id,
            code,
        }
    }

    pub(super) fn bad(&self, field: &'static str, why: &'static str) -> KisError {
        let text = match self.map.get(field) {
            None => "(missing)".to_owned(),
            Some(Value::String(text)) => cut(text.as_bytes()),
            Some(other) => cut(other.to_string().as_bytes()),
        };
        self.bad_text(field, why, &text)
    }

    pub(super) fn bad_text(&self, field: &'static str, why: &'static str, text: &str) -> KisError {
        KisError::Field(BadField {
            tr_id: self.tr_id,
            field,
            position: None,
            record: self.index,
            why,
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_counts_not_the_status() {
        let ok = br#"{"rt_cd":"0","msg_cd":"MCA00000"}"#;
        assert!(judge("T", 200, ok).is_ok());
        assert!(judge("T", 500, ok).is_ok());
        let marked = [b"\xef\xbb\xbf".as_slice(), ok].concat();
        assert!(judge("T", 200, &marked).is_ok());
        for (http, body, code) in [
            (
                200,
                r#"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"x"}"#,
                "EGW00201",
            ),
            (200, r#"{"msg_cd":"MCA00000"}"#, "MCA00000"),
            (
                403,
                r#"{"error_description":"x","error_code":"EGW00133"}"#,
                "EGW00133",
            ),
            (200, r#"{"rt_cd":0,"msg_cd":""}"#, ""),
        ] {
            match judge("T", http, body.as_bytes()) {
                Err(KisError::Refused { msg_cd, .. }) => assert_eq!(msg_cd, code),
                other => assert!(body.contains(":0,") && other.is_ok(), "{body}: {other:?}"),
            }
        }
        for body in ["<html>busy</html>", "", "[]", "{\"rt_cd\":"] {
            let error = judge("T", 502, body.as_bytes()).unwrap_err();
            assert!(matches!(error, KisError::NotJson { http: 502, .. }));
        }
    }

    #[test]
    fn half_an_answer_with_a_key_is_not_repeated() {
        for body in ["{\"approval_key\":\"SECRET", "\"SECRET\"", "<p>SECRET</p>"] {
            let told = judge_flat("T", 200, body.as_bytes()).unwrap_err();
            assert!(!told.to_string().contains("SECRET"), "{told}");
        }
    }

    #[test]
    fn the_brokers_words_are_one_line() {
        let body = br#"{"rt_cd":"1","msg_cd":"X","msg1":"one\ntwo\u001b[0m"}"#;
        let told = judge("T", 200, body).unwrap_err().to_string();
        assert!(!told.contains(char::is_control), "{told:?}");
    }

    #[test]
    fn numbers_beyond_belief_are_refused() {
        let map: Map<String, Value> = serde_json::from_str(
            r#"{"a":"1000000001","b":"-1000000001","prdy_vrss":"-9223372036854775807"}"#,
        )
        .unwrap();
        let row = Row {
            tr_id: "T",
            index: 0,
            map: &map,
        };
        assert!(row.won("a").is_err() && row.won_or_zero("a").is_err());
        assert!(row.maybe_won("b").is_err() && row.change().is_err());
        assert_eq!(row.shares("a"), Ok(Shares(1_000_000_001)));
        assert!(row.shares("prdy_vrss").is_err() && row.value_or_zero("prdy_vrss").is_err());
    }

    #[test]
    fn empty_answers_come_in_many_shapes() {
        for body in [
            "{}",
            r#"{"o":null}"#,
            r#"{"o":[]}"#,
            r#"{"o":{}}"#,
            r#"{"o":[{}]}"#,
            r#"{"o":""}"#,
        ] {
            let map: Map<String, Value> = serde_json::from_str(body).unwrap();
            assert!(rows("T", &map, "o").unwrap().is_empty(), "{body}");
        }
        let map: Map<String, Value> = serde_json::from_str(r#"{"o":[{"a":"1"},7]}"#).unwrap();
        assert!(rows("T", &map, "o").is_err());
    }
}
