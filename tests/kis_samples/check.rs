//! One sample against the parser of its kind, and its numbers against the raw text.

use jeongbae::domain::{Day, Interruption, LEVELS, Moment, OrderBook, Print, Quote, StockCode};
use jeongbae::kis::parse::{self, Control, FrameItem};
use jeongbae::kis::{HolidayRow, KisError, RecentPrint};
use serde_json::Value;

/// One line of a manifest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// The file's name.
    pub(crate) file: String,
    /// `body`, `rows`, `frame`, `control`, `oauth`, `error`, …
    pub(crate) shape: String,
    /// The endpoint or the feed.
    pub(crate) endpoint: String,
    /// `parsed` or `refused`.
    pub(crate) expect: String,
    /// The code a refusal must carry.
    pub(crate) msg_cd: Option<String>,
    /// The HTTP status it came with.
    pub(crate) http: u16,
}

/// What became of a sample.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Read; what was in it.
    Parsed(String),
    /// Refused.
    Refused {
        /// In words.
        why: String,
        /// The broker's code, if any.
        msg_cd: Option<String>,
    },
    /// Nothing in the program reads such messages.
    NoParser,
    /// Read, but a number is not what the text says.
    Differs(String),
}

impl Entry {
    pub(crate) fn new(item: &Value) -> Self {
        let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let first = |keys: [&str; 3]| {
            let found = keys.iter().map(|key| text(key)).find(|t| !t.is_empty());
            found.unwrap_or_default()
        };
        let http = item["http"].as_u64().unwrap_or(200);
        Self {
            file: text("file"),
            shape: text("shape"),
            endpoint: named(&first(["endpoint", "tr_id", "what"])),
            expect: text("expect"),
            msg_cd: item["msg_cd"].as_str().map(str::to_owned),
            http: u16::try_from(http).expect("an HTTP status"),
        }
    }

    pub(crate) fn what(&self) -> String {
        format!("{} {}", self.shape, self.endpoint)
    }

    /// Whether the outcome is the expected one.
    pub(crate) fn judge(&self, outcome: &Outcome) -> Result<(), String> {
        match (outcome, self.expect.as_str()) {
            (Outcome::NoParser, _) | (Outcome::Parsed(_), "parsed") => Ok(()),
            // One row cannot be read; the others are.
            (Outcome::Differs(_), "differs") => Ok(()),
            (Outcome::Refused { msg_cd, .. }, "refused") => match &self.msg_cd {
                Some(wanted) if Some(wanted) != msg_cd.as_ref() => {
                    Err(format!("expected the code {wanted}, found {msg_cd:?}"))
                }
                _ => Ok(()),
            },
            _ => Err(format!("expected: {}", self.expect)),
        }
    }
}

/// Endpoints go by their path's last part; some manifests write the TR or underscores.
fn named(endpoint: &str) -> String {
    match endpoint {
        "FHKST01010100" => "inquire-price".into(),
        "FHKST01010200" => "inquire-asking-price-exp-ccn".into(),
        "FHKST01010300" => "inquire-ccnl".into(),
        "FHKST03010100" => "inquire-daily-itemchartprice".into(),
        "FHKST03010200" => "inquire-time-itemchartprice".into(),
        "FHKST03010230" => "inquire-time-dailychartprice".into(),
        other => other.replace('_', "-"),
    }
}

/// Sends one sample through its parser.
pub(crate) fn try_one(entry: &Entry, bytes: &[u8]) -> Outcome {
    match entry.shape.as_str() {
        "body" => body(entry, bytes),
        "rows" => rows(entry, bytes),
        "frame" => frame(bytes),
        "control" => control(bytes),
        "oauth" => oauth(entry, bytes),
        "master" => master(entry, bytes),
        "error" => match parse::verdict(entry.http, bytes) {
            Ok(()) => Outcome::Parsed("a success".into()),
            Err(error) => refused(&error),
        },
        _ => Outcome::NoParser,
    }
}

/// A file of listed stocks; the few numbers read are looked up in the raw row again, from its end.
fn master(entry: &Entry, bytes: &[u8]) -> Outcome {
    use jeongbae::kis::master::{MasterFile, stocks};
    let of = |file: &MasterFile| file.name().starts_with(&entry.endpoint.replace('-', "_"));
    let Some(file) = MasterFile::ALL.into_iter().find(of) else {
        return Outcome::NoParser;
    };
    let stocks = match stocks(file, bytes) {
        Ok(stocks) => stocks,
        Err(error) => {
            return Outcome::Refused {
                why: error.to_string(),
                msg_cd: None,
            };
        }
    };
    // Counted from the end of the row: market capitalisation and base price of a KOSPI row.
    let raw: Vec<&[u8]> = bytes.split(|&b| b == b'\n').collect();
    for (stock, row) in stocks.iter().zip(raw) {
        let field = |from_end: usize, width: usize| {
            let start = row.len() - from_end;
            String::from_utf8_lossy(&row[start..start + width]).into_owned()
        };
        let cap = stock.market_cap.unwrap_or_default();
        let base = stock.base.map_or(0, |won| won.0);
        if file == MasterFile::Kospi {
            let same = equal(&field(15, 9), cap, "cap").and(equal(&field(186, 9), base, "base"));
            if let Err(why) = same {
                return Outcome::Differs(why);
            }
        }
    }
    let names: Vec<&str> = stocks.iter().map(|stock| &*stock.name).collect();
    Outcome::Parsed(format!("{} stocks: {}", stocks.len(), names.join(", ")))
}

fn refused(error: &KisError) -> Outcome {
    Outcome::Refused {
        why: error.to_string(),
        msg_cd: error.msg_cd().map(str::to_owned),
    }
}

fn done<T>(
    result: Result<T, KisError>,
    check: impl FnOnce(T) -> Result<String, String>,
) -> Outcome {
    match result.map(check) {
        Ok(Ok(what)) => Outcome::Parsed(what),
        Ok(Err(what)) => Outcome::Differs(what),
        Err(error) => refused(&error),
    }
}

fn body(entry: &Entry, bytes: &[u8]) -> Outcome {
    let raw: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let asked = asked(&raw);
    match entry.endpoint.as_str() {
        "inquire-price" => done(parse::quote(entry.http, bytes, asked), |quote| {
            let row = one(&raw["output"]);
            for (field, value) in [
                ("stck_prpr", quote.price.0),
                ("prdy_vrss", quote.change.0),
                ("stck_sdpr", quote.base.0),
                ("stck_oprc", quote.day_open.0),
                ("stck_hgpr", quote.day_high.0),
                ("stck_lwpr", quote.day_low.0),
                ("stck_mxpr", quote.upper_limit.0),
                ("stck_llam", quote.lower_limit.0),
                ("acml_vol", quote.day_volume.0),
                ("acml_tr_pbmn", quote.day_value),
            ] {
                same(row, field, value)?;
            }
            Ok(format!("{} {} won", quote.code, quote.price.0))
        }),
        "inquire-asking-price-exp-ccn" => done(parse::book(entry.http, bytes, asked), |book| {
            json_book(&raw, &book)?;
            Ok(format!("book of {}", book.code))
        }),
        "inquire-ccnl" => done(parse::recent_prints(entry.http, bytes), |prints| {
            recent(&raw["output"], &prints)
        }),
        "intstock-multprice" => {
            let rows = list(&raw["output"]);
            let codes: Vec<StockCode> = rows
                .iter()
                .filter_map(|row| StockCode::parse(text(row, "inter_shrn_iscd")))
                .collect();
            done(parse::quotes(entry.http, bytes, &codes), |quotes| {
                many(&raw["output"], &quotes)
            })
        }
        "chk-holiday" => done(parse::holidays(entry.http, bytes, None), |(days, next)| {
            holidays(&raw["output"], &days, next.map(|key| key.nk).as_deref())
        }),
        "inquire-vi-status" => done(parse::interruptions(entry.http, bytes), |found| {
            interruptions(&raw["output"], &found)
        }),
        "inquire-daily-itemchartprice" => {
            done(parse::period_chart(entry.http, bytes, asked), |page| {
                let candles = page.rows.iter().map(|r| (r.day, None, r.candle));
                candles_match(
                    &raw["output2"],
                    &candles.collect::<Vec<_>>(),
                    "stck_clpr",
                    "acml_vol",
                )
            })
        }
        "inquire-time-itemchartprice" => {
            done(parse::minutes_today(entry.http, bytes, asked), |page| {
                let candles = page.rows.iter().map(|r| (r.day, Some(r.minute), r.candle));
                candles_match(
                    &raw["output2"],
                    &candles.collect::<Vec<_>>(),
                    "stck_prpr",
                    "cntg_vol",
                )
            })
        }
        "inquire-time-dailychartprice" => {
            done(parse::minutes_dated(entry.http, bytes, asked), |page| {
                let candles = page.rows.iter().map(|r| (r.day, Some(r.minute), r.candle));
                candles_match(
                    &raw["output2"],
                    &candles.collect::<Vec<_>>(),
                    "stck_prpr",
                    "cntg_vol",
                )
            })
        }
        _ => Outcome::NoParser,
    }
}

fn rows(entry: &Entry, bytes: &[u8]) -> Outcome {
    let raw: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match entry.endpoint.as_str() {
        "inquire-daily-itemchartprice" => done(parse::daily_rows(bytes), |rows| {
            let candles = rows.iter().map(|r| (r.day, None, r.candle));
            candles_match(&raw, &candles.collect::<Vec<_>>(), "stck_clpr", "acml_vol")
        }),
        "inquire-time-itemchartprice" | "inquire-time-dailychartprice" => {
            done(parse::minute_rows(bytes), |rows| {
                let candles = rows.iter().map(|r| (r.day, Some(r.minute), r.candle));
                candles_match(&raw, &candles.collect::<Vec<_>>(), "stck_prpr", "cntg_vol")
            })
        }
        "inquire-ccnl" => done(parse::recent_rows(bytes), |prints| recent(&raw, &prints)),
        _ => Outcome::NoParser,
    }
}

fn oauth(entry: &Entry, bytes: &[u8]) -> Outcome {
    match entry.endpoint.as_str() {
        "tokenP" => done(parse::token(entry.http, bytes), |token| {
            Ok(format!("{} s", token.expires_in.as_secs()))
        }),
        "Approval" => done(parse::approval(entry.http, bytes), |_| Ok("a key".into())),
        _ => Outcome::NoParser,
    }
}

fn control(bytes: &[u8]) -> Outcome {
    let mut found = vec![];
    let result = parse::parse_frame(bytes.trim_ascii(), &mut |item| found.push(item));
    done(result, |()| match found.as_slice() {
        [FrameItem::Control(Control::PingPong)] => Ok("heartbeat".into()),
        [FrameItem::Control(Control::Answer { msg_cd, .. })] => Ok(msg_cd.clone()),
        other => Err(format!("{other:?}")),
    })
}

fn frame(bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<&str> = text.trim_end_matches(['\r', '\n']).splitn(4, '|').collect();
    let mut items = vec![];
    let result = parse::parse_frame(bytes, &mut |item| items.push(item));
    if let Err(KisError::NoParser { .. }) = &result {
        return Outcome::NoParser;
    }
    done(result, |()| {
        let count: usize = parts[2].parse().map_err(|e| format!("{e}"))?;
        let fields: Vec<&str> = parts[3].split('^').collect();
        if items.len() != count {
            return Err(format!("{} items of {count}", items.len()));
        }
        for (item, record) in items.iter().zip(fields.chunks(fields.len() / count)) {
            match item {
                FrameItem::Print(print) => print_matches(print, record)?,
                FrameItem::Book(book) => book_matches(book, record)?,
                FrameItem::Control(_) => return Err("a control message".into()),
            }
        }
        Ok(format!("{count} × {} fields", fields.len() / count))
    })
}

fn print_matches(print: &Print, record: &[&str]) -> Result<(), String> {
    for (at, value) in [
        (2, print.price.0),
        (4, print.change.0),
        (7, print.day_open.0),
        (8, print.day_high.0),
        (9, print.day_low.0),
        (12, print.size.0),
        (13, print.day_volume.0),
        (14, print.day_value),
    ] {
        equal(record[at], value, &format!("field {at}"))?;
    }
    let strength = format!("{:.2}", print.strength as f64 / 100.0);
    let texts = [
        (0, print.code.to_string()),
        (33, print.day.compact()),
        (1, hhmmss(print.second)),
        (18, strength),
    ];
    for (at, text) in texts {
        if record[at].trim() != text {
            return Err(format!("field {at}: {:?} was read as {text}", record[at]));
        }
    }
    Ok(())
}

fn book_matches(book: &OrderBook, record: &[&str]) -> Result<(), String> {
    for i in 0..LEVELS {
        equal(record[3 + i], book.asks[i].price.0, "ask")?;
        equal(record[13 + i], book.bids[i].price.0, "bid")?;
        equal(record[23 + i], book.asks[i].size.0, "ask size")?;
        equal(record[33 + i], book.bids[i].size.0, "bid size")?;
    }
    equal(record[43], book.total_ask.0, "total ask")?;
    equal(record[44], book.total_bid.0, "total bid")?;
    let head = (book.code.to_string(), hhmmss(book.second));
    if (record[0], record[1]) != (head.0.as_str(), head.1.as_str()) {
        return Err(format!("{head:?}"));
    }
    Ok(())
}

fn json_book(raw: &Value, book: &OrderBook) -> Result<(), String> {
    let row = one(&raw["output1"]);
    for i in 0..LEVELS {
        let n = i + 1;
        same(row, &format!("askp{n}"), book.asks[i].price.0)?;
        same(row, &format!("bidp{n}"), book.bids[i].price.0)?;
        same(row, &format!("askp_rsqn{n}"), book.asks[i].size.0)?;
        same(row, &format!("bidp_rsqn{n}"), book.bids[i].size.0)?;
    }
    same(row, "total_askp_rsqn", book.total_ask.0)?;
    same(row, "total_bidp_rsqn", book.total_bid.0)
}

fn recent(raw: &Value, prints: &[RecentPrint]) -> Result<String, String> {
    let rows: Vec<&Value> = list(raw)
        .into_iter()
        .filter(|row| !text(row, "stck_cntg_hour").is_empty())
        .collect();
    if rows.len() != prints.len() {
        return Err(format!("{} of {} rows", prints.len(), rows.len()));
    }
    for (row, print) in rows.iter().zip(prints) {
        same(row, "stck_prpr", print.price.0)?;
        same(row, "prdy_vrss", print.change.0)?;
        same(row, "cntg_vol", print.size.0)?;
        let hour = hhmmss(print.second);
        if text(row, "stck_cntg_hour") != hour {
            return Err(format!("stck_cntg_hour was read as {hour}"));
        }
    }
    Ok(format!("{} rows", prints.len()))
}

fn many(raw: &Value, quotes: &[(StockCode, Result<Quote, KisError>)]) -> Result<String, String> {
    for (code, quote) in quotes {
        let quote = quote.as_ref().map_err(|error| format!("{code}: {error}"))?;
        let row = list(raw)
            .into_iter()
            .find(|row| text(row, "inter_shrn_iscd") == code.as_str());
        let row = row.ok_or_else(|| format!("{code} is not in the answer"))?;
        for (field, value) in [
            ("inter2_prpr", quote.price.0),
            ("inter2_prdy_vrss", quote.change.0),
            ("inter2_sdpr", quote.base.0),
            ("inter2_oprc", quote.day_open.0),
            ("inter2_hgpr", quote.day_high.0),
            ("inter2_lwpr", quote.day_low.0),
            ("inter2_mxpr", quote.upper_limit.0),
            ("inter2_llam", quote.lower_limit.0),
            ("acml_vol", quote.day_volume.0),
            ("acml_tr_pbmn", quote.day_value),
        ] {
            same(row, field, value)?;
        }
    }
    Ok(format!("{} of {} rows", quotes.len(), list(raw).len()))
}

fn holidays(raw: &Value, days: &[HolidayRow], next: Option<&str>) -> Result<String, String> {
    let rows = list(raw);
    if rows.len() != days.len() {
        return Err(format!("{} of {} days", days.len(), rows.len()));
    }
    for (row, day) in rows.iter().zip(days) {
        let read = (day.day.compact(), if day.open { "Y" } else { "N" });
        if (text(row, "bass_dt"), text(row, "opnd_yn")) != (read.0.as_str(), read.1) {
            return Err(format!("{row} was read as {day:?}"));
        }
    }
    let open = days.iter().filter(|day| day.open).count();
    Ok(format!("{open} of {} days open, next {next:?}", days.len()))
}

fn interruptions(raw: &Value, found: &[Interruption]) -> Result<String, String> {
    let rows = list(raw);
    if rows.len() != found.len() {
        return Err(format!("{} of {} rows", found.len(), rows.len()));
    }
    for (row, one) in rows.iter().zip(found) {
        let second = |at: Moment| at.clock_text().replace(':', "");
        let ended = one.ended.map_or(String::new(), second);
        let read = [
            one.code.to_string(),
            one.began.day().compact(),
            second(one.began),
            ended,
            if one.on { "Y" } else { "N" }.to_owned(),
        ];
        let fields = [
            "mksc_shrn_iscd",
            "bsop_date",
            "cntg_vi_hour",
            "vi_cncl_hour",
            "vi_cls_code",
        ];
        if fields.map(|field| text(row, field)) != read.each_ref().map(String::as_str) {
            return Err(format!("{row} was read as {one:?}"));
        }
    }
    Ok(format!("{} interruptions", found.len()))
}

type Read = (
    Day,
    Option<jeongbae::domain::Minute>,
    jeongbae::domain::Candle,
);

/// Every row read must be in the answer with the same numbers, oldest first.
fn candles_match(raw: &Value, read: &[Read], close: &str, volume: &str) -> Result<String, String> {
    let label = |(day, minute, _): &Read| (day.compact(), minute.map(|m| m.compact()));
    if !read.is_sorted_by(|a, b| label(a) < label(b)) {
        return Err("not oldest first".into());
    }
    let raw = list(raw);
    for row in read {
        let (day, minute) = label(row);
        let found = raw.iter().find(|r| {
            text(r, "stck_bsop_date") == day
                && minute
                    .as_ref()
                    .is_none_or(|m| text(r, "stck_cntg_hour")[..4] == m[..4])
        });
        let Some(found) = found else {
            return Err(format!("{day} {minute:?} is not in the answer"));
        };
        same(found, close, row.2.close)?;
        same(found, volume, row.2.volume)?;
        if 0 < row.2.volume {
            same(found, "stck_oprc", row.2.open)?;
            same(found, "stck_hgpr", row.2.high)?;
            same(found, "stck_lwpr", row.2.low)?;
        }
    }
    Ok(format!("{} of {} rows", read.len(), raw.len()))
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => vec![],
        single => vec![single],
    }
}

fn one(value: &Value) -> &Value {
    list(value).first().copied().unwrap_or(&Value::Null)
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default().trim()
}

/// The number in the text, sign apart where the sign code decides it.
fn same(row: &Value, field: &str, value: i64) -> Result<(), String> {
    let text = text(row, field);
    let sign_matters = !field.ends_with("prdy_vrss");
    let value = if sign_matters { value } else { value.abs() };
    let text = if sign_matters {
        text
    } else {
        text.trim_start_matches('-')
    };
    equal(text, value, field)
}

fn equal(text: &str, value: i64, what: &str) -> Result<(), String> {
    let text = text.trim();
    // Blank is "none"; where it is a derived value there is nothing to compare.
    let number: f64 = match text {
        "" => return Ok(()),
        text => text.parse().map_err(|e| format!("{what}: {text:?}: {e}"))?,
    };
    if number == value as f64 {
        Ok(())
    } else {
        Err(format!("{what}: {text:?} was read as {value}"))
    }
}

fn hhmmss(second: u32) -> String {
    format!(
        "{:02}{:02}{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

/// The stock of the answer, where it has one.
fn asked(raw: &Value) -> StockCode {
    ["output", "output1", "output2"]
        .iter()
        .find_map(|part| StockCode::parse(text(one(&raw[part]), "stck_shrn_iscd")))
        .unwrap_or_else(|| StockCode::parse("005930").expect("a code"))
}
