//! FHKST01011800 news-title (종합 시황/공시 제목): what moved on the simulated market, told every
//! ten minutes of its sessions.

use crate::domain::{Day, Market as Venue, Minute, Moment};
use crate::sim::market::Rng;
use crate::sim::rest::facts::percent;
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array};
use crate::sim::shared::Shared;

const ROWS: usize = 40;
/// Between two titles.
const EVERY: u16 = 10;
/// How far back titles reach, sessions.
const SESSIONS: usize = 10;

#[rustfmt::skip]
const STOCKS: [&str; 10] = ["iscd1", "iscd2", "iscd3", "iscd4", "iscd5", "iscd6", "iscd7", "iscd8", "iscd9", "iscd10"];
#[rustfmt::skip]
const NAMES: [&str; 10] = ["kor_isnm1", "kor_isnm2", "kor_isnm3", "kor_isnm4", "kor_isnm5", "kor_isnm6", "kor_isnm7", "kor_isnm8", "kor_isnm9", "kor_isnm10"];

/// The newest titles up to the day and hour asked for (`00YYYYMMDD`, `0000HHMMSS`), of one stock
/// if one is named.
pub(super) fn titles(shared: &Shared, query: &Query) -> Reply {
    let now = shared.clock.now();
    let cut = |key: &str, zeros: &str| {
        let text = query_value(query, key);
        text.strip_prefix(zeros).unwrap_or(text).to_owned()
    };
    let day = Day::parse_compact(&cut("FID_INPUT_DATE_1", "00"));
    let hour = Minute::parse_hhmmss(&cut("FID_INPUT_HOUR_1", "0000"));
    let until = match (day, hour) {
        (Some(day), Some(hour)) => day.at(hour).min(now),
        (Some(day), None) => day.at(Minute::hm(23, 59)).min(now),
        (None, Some(hour)) => now.day().at(hour).min(now),
        (None, None) => now,
    };
    let wanted = query_value(query, "FID_INPUT_ISCD");
    let mut rows = Vec::new();
    let mut day = until.day();
    for _ in 0..SESSIONS {
        if shared.market.calendar().is_open(day) {
            rows.extend(of_day(shared, day, until, wanted));
        }
        if ROWS <= rows.len() {
            break;
        }
        day = shared.market.calendar().previous_open(day);
    }
    rows.truncate(ROWS);
    Reply::ok(&[("output", array(&rows))])
}

/// The titles of `day` until a moment, newest first.
fn of_day(shared: &Shared, day: Day, until: Moment, wanted: &str) -> Vec<Fields> {
    let Some(hours) = shared.market.calendar().hours(day, Venue::Krx) else {
        return Vec::new();
    };
    let minutes = (hours.open.0..=hours.end().0).step_by(usize::from(EVERY));
    let passed = minutes.skip(1).map(Minute).filter(|m| day.at(*m) <= until);
    let mut rows: Vec<Fields> = passed
        .filter_map(|m| title(shared, day, m, wanted))
        .collect();
    rows.reverse();
    rows
}

fn title(shared: &Shared, day: Day, minute: Minute, wanted: &str) -> Option<Fields> {
    let key = [21, day.number() as u64, u64::from(minute.0)];
    let mut rng = Rng::keyed(shared.market.seed(), &key);
    let index = rng.below(shared.market.stocks().len() as u64) as usize;
    let stock = shared.market.stocks().get(index)?;
    if !wanted.is_empty() && wanted != stock.code.as_str() {
        return None;
    }
    let second = rng.below(60);
    let made = shared.market.trading_day(index, day)?;
    let totals = made.at(u32::from(minute.0) * 60_000);
    if totals.volume == 0 {
        return None;
    }
    let change = totals.last - made.plan.base;
    let moved = match change.signum() {
        1 => "오름세",
        -1 => "내림세",
        _ => "보합",
    };
    let rate = percent(change, made.plan.base);
    let title = format!(
        "[장중시황] {} {moved}, {}원 ({rate}%)",
        stock.name, totals.last
    );
    let time = format!("{}{second:02}", &minute.compact()[..4]);
    let serial = format!("{}{time}{:05}", day.compact(), rng.below(100_000));
    let mut row = vec![
        ("cntt_usiq_srno", serial),
        ("news_ofer_entp_code", "9".to_owned()),
        ("data_dt", day.compact()),
        ("data_tm", time),
        ("hts_pbnt_titl_cntt", title),
        ("news_lrdv_code", "10".to_owned()),
        ("dorg", "시뮬레이터".to_owned()),
    ];
    let first = |i: usize, text: String| if i == 0 { text } else { String::new() };
    row.extend(
        STOCKS
            .iter()
            .enumerate()
            .map(|(i, n)| (*n, first(i, stock.code.to_string()))),
    );
    row.extend(
        NAMES
            .iter()
            .enumerate()
            .map(|(i, n)| (*n, first(i, stock.name.to_string()))),
    );
    Some(row)
}
