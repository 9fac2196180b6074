//! Answers: the envelope, objects of strings, errors and dates.

use crate::domain::{Day, Moment};

/// One HTTP answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) kind: &'static str,
    /// Whether more pages follow: the header of that name.
    pub(super) tr_cont: &'static str,
}

/// An object's fields in the order they are written; every value is text.
pub(super) type Fields = Vec<(&'static str, String)>;

impl Reply {
    pub(super) fn html(status: u16, body: &str) -> Self {
        Self {
            status,
            body: body.as_bytes().to_vec(),
            kind: "text/html",
            tr_cont: "",
        }
    }

    /// A file.
    pub(super) fn file(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            body,
            kind: "application/zip",
            tr_cont: "",
        }
    }

    /// Plain JSON without the envelope, as the OAuth requests answer.
    pub(super) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            body: body.into_bytes(),
            kind: "application/json; charset=utf-8",
            tr_cont: "",
        }
    }

    /// A successful quotation; `outputs` are written objects and arrays by name.
    pub(super) fn ok(outputs: &[(&str, String)]) -> Self {
        Self::said(outputs, "MCA00000", "정상처리 되었습니다.")
    }

    /// A successful answer with a code and text of its own.
    pub(super) fn said(outputs: &[(&str, String)], msg_cd: &str, msg1: &str) -> Self {
        let mut body = String::from("{");
        for (name, json) in outputs {
            body.push_str(&format!("\"{name}\":{json},"));
        }
        let (msg_cd, msg1) = (text(msg_cd), text(msg1));
        body.push_str(&format!(
            "\"rt_cd\":\"0\",\"msg_cd\":{msg_cd},\"msg1\":{msg1}}}"
        ));
        Self::json(200, body)
    }

    /// A refusal in the envelope's form.
    pub(super) fn refusal(status: u16, rt_cd: &str, msg_cd: &str, msg1: &str) -> Self {
        let body = format!(
            "{{\"rt_cd\":{},\"msg_cd\":{},\"msg1\":{}}}",
            text(rt_cd),
            text(msg_cd),
            text(msg1)
        );
        Self::json(status, body)
    }

    /// A refusal of the gateway: HTTP 500 with the same JSON.
    pub(super) fn gateway(msg_cd: &str, msg1: &str) -> Self {
        Self::refusal(500, "1", msg_cd, msg1)
    }

    /// A query the service does not understand.
    pub(super) fn bad_input(msg_cd: &str, msg1: &str) -> Self {
        Self::refusal(200, "2", msg_cd, msg1)
    }
}

/// A JSON string.
pub(crate) fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// A JSON object of strings.
pub(super) fn object(fields: &Fields) -> String {
    let inside: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}:{}", text(name), text(value)))
        .collect();
    format!("{{{}}}", inside.join(","))
}

/// A JSON array of objects.
pub(super) fn array(rows: &[Fields]) -> String {
    let inside: Vec<String> = rows.iter().map(object).collect();
    format!("[{}]", inside.join(","))
}

/// The same fields as an unknown stock has them: zeros for numbers, blanks for the rest.
pub(super) fn hollow(fields: Fields) -> Fields {
    fields
        .into_iter()
        .map(|(name, value)| {
            let zero = match value.parse::<f64>() {
                Err(_) => "",
                Ok(_) if value.contains('.') => "0.00",
                Ok(_) => "0",
            };
            let is_code = name == "stck_shrn_iscd" || name.ends_with("_date");
            (name, if is_code { "" } else { zero }.to_owned())
        })
        .collect()
}

/// `Fri, 20 Nov 2026 00:30:02 GMT`.
pub(super) fn http_date(at: Moment) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = at.0.div_euclid(1_000);
    let day = Day::from_number(seconds.div_euclid(86_400) as i32);
    let second = seconds.rem_euclid(86_400);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        DAYS[usize::from(day.weekday()) % 7],
        day.day_of_month(),
        MONTHS[(day.month() as usize).saturating_sub(1) % 12],
        day.year(),
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Minute;

    #[test]
    fn dates_are_greenwich_time() {
        let day = Day::parse_compact("20261120").unwrap();
        let at = day.at(Minute::hm(9, 30)).plus_secs(2);
        assert_eq!(http_date(at), "Fri, 20 Nov 2026 00:30:02 GMT");
        assert_eq!(
            http_date(day.at(Minute::hm(8, 59))),
            "Thu, 19 Nov 2026 23:59:00 GMT"
        );
    }

    #[test]
    fn unknown_stocks_are_zeros_and_blanks() {
        let fields = vec![
            ("stck_prpr", "71900".to_owned()),
            ("per", "-1.20".to_owned()),
            ("bstp_kor_isnm", "화학".to_owned()),
            ("stck_shrn_iscd", "005930".to_owned()),
        ];
        let values: Vec<String> = hollow(fields).into_iter().map(|f| f.1).collect();
        assert_eq!(values, ["0", "0.00", "", ""]);
    }
}
