//! The first inputs: what the simulator sends, messages written for the tests, our own texts.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use jeongbae::settings::{DEFAULT_TEXT, DEMO_TEXT};
use serde_json::Value;

use crate::master::PACKED;
use crate::rest::{PARSERS, SECRET};
use crate::{own, simulator};

const RULES: [&str; 15] = [
    "volume > 2.5 * volma20 within 3 bars",
    "not (close > ma5 1 bar ago) for 100 bars",
    "(alignment becomes bullish or 0.5 * high < ma3) 2 bars ago",
    "alignment becomes bullish",
    "alignment is bearish and not (close < ma20 or volume >= 1000000)",
    "close crosses above ma20 and ma5 > ma20",
    "not not high <= 70000.5 or low crosses below ma3",
    "CLOSE > Open\n and ma1 < ma999",
    "((close > 1))",
    "close > 0.000001 and close < 999999999999999",
    "ma3 crosses above ma8",
    "alignment becomes bearish or ma5 crosses below 50000",
    "close > 1,000",
    "close > ma0",
    "(close > 1",
];

const CONFIGS: [&str; 4] = [
    "watchlist = [{ group = \"a\", codes = [\"005930\", \"000660\"] }, { group = 'b', codes = [] }] # c\n\
     rule = [{ name = \"r\", codes = [\"005930\"], timeframe = \"W\", when = \"close > ma5\", periods = [2, 3], repeat = \"once\", stage = \"forming\" }]\n\
     kis.environment = \"paper\" # of keys\n",
    "[[watchlist]]\ngroup = \"가\"\ncodes = [\n  \"005930\", # first\n  # between\n  \"000660\" # second\n  , \"035420\", # third\n  # end\n]\n",
    "[kis]\r\nenvironment = 'real' # here\r\nmarket = \"UN\"\r\nrest_url = \"http://127.0.0.1:1\"\r\nrequests_per_second = 2.5\r\n[averages]\r\nperiods = [ 2, # two\r\n 3 ]\r\n",
    "[[rule]]\nname = \"\"\"r\"\"\"\ngroups = [\"a\"]\ntimeframe = \"30m\"\nwhen = '''\nclose > ma5 # no comment\n'''\nrepeat = \"until-reversed\"\n[[watchlist]]\n\"group\" = \"a\" # x\n'codes' = [\"005930\"]\n",
];

const WORDS: [(&str, &str); 2] = [
    (
        "rule",
        "alignment is becomes bullish bearish close open high low volume ma volma and or not crosses above below within for bar bars ago * > < >= <= ( ) 0 . 999",
    ),
    (
        "config",
        "[kis] [candles] [averages] [screen] [[watchlist]] [[rule]] environment market rest_url ws_url master_url requests_per_second realtime_registrations regular_session_only closing_auction periods columns theme group groups codes name timeframe when stage repeat = # ' ''' , [ ] { } .",
    ),
];

/// Writes a folder of inputs for each target and the words of the languages.
pub(crate) fn write(folder: &Path) {
    let mut count = 0_usize;
    let mut put = |target: &str, bytes: &[u8]| {
        let place = folder.join(target);
        fs::create_dir_all(&place).expect("a folder for seeds");
        fs::write(place.join(format!("{count:04}")), bytes).expect("a seed");
        count += 1;
    };
    for (entry, bytes) in simulator::messages().into_iter().chain(own::messages()) {
        let kind = match entry.shape.as_str() {
            "frame" | "control" => {
                put("frame", &bytes);
                continue;
            }
            "rows" => format!("rows {}", entry.endpoint),
            "error" => "error".to_owned(),
            _ => entry.endpoint.clone(),
        };
        let Some(which) = PARSERS.iter().position(|name| *name == kind) else {
            continue;
        };
        let status = if entry.http == 200 { 0 } else { 0x80 };
        let mut input = vec![which as u8 | status];
        input.extend(short(&bytes));
        put("rest", &input);
    }
    for (which, text) in [
        (
            6,
            format!("{{\"access_token\":\"{SECRET}abc\",\"expires_in\":86400}}"),
        ),
        (7, format!("{{\"approval_key\":\"{SECRET}abc\"}}")),
    ] {
        let mut input = vec![which];
        input.extend(text.bytes());
        put("rest", &input);
    }
    for (which, width) in [(0, 227), (1, 221), (2, 184)] {
        let row = |code: &str| format!("{code}   KR7{code}003Name{:0<width$}\n", "ST");
        let rows = row("005930") + &row("000660");
        put("master", &[&[which], rows.as_bytes()].concat());
        put(
            "master",
            &[&[which | PACKED], &zipped(rows.as_bytes())[..]].concat(),
        );
    }
    RULES.iter().for_each(|text| put("rule", text.as_bytes()));
    CONFIGS
        .iter()
        .for_each(|text| put("config", text.as_bytes()));
    put("config", DEFAULT_TEXT.as_bytes());
    put("config", DEMO_TEXT.as_bytes());
    for (target, words) in WORDS {
        let lines: Vec<String> = words
            .split(' ')
            .map(|word| format!("\"{word}\"\n"))
            .collect();
        fs::write(folder.join(format!("{target}.dict")), lines.concat()).expect("the words");
    }
}

/// A body with at most three rows a list: a small input is tried more often. What is no JSON
/// stays as it is.
fn short(bytes: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else {
        return bytes.to_vec();
    };
    let lists = match &mut value {
        Value::Object(map) => map.values_mut().collect(),
        other => vec![other],
    };
    for list in lists {
        if let Value::Array(rows) = list {
            rows.truncate(3);
        }
    }
    value.to_string().into_bytes()
}

fn zipped(rows: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("rows", options).expect("a zip file");
    zip.write_all(rows).expect("rows");
    zip.finish().expect("a zip file").into_inner()
}
