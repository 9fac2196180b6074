//! The minute charts: FHKST03010200 (today, 30 rows) and FHKST03010230 (any day, 120 rows),
//! newest first.

use std::sync::Arc;

use crate::domain::{Candle, Day, Minute, MinuteRow};
use crate::sim::market::TradingDay;
use crate::sim::rest::facts::Facts;
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, hollow, object};
use crate::sim::shared::Shared;

const ROWS_TODAY: usize = 30;
const ROWS_DATED: usize = 120;
/// How many sessions back the dated chart reaches, today's included.
const SESSIONS: usize = 246;

/// FHKST03010200 inquire-time-itemchartprice (당일 분봉).
pub(super) fn today(shared: &Shared, query: &Query) -> Reply {
    answer(shared, query, ROWS_TODAY, |facts, _| {
        Some(facts.view.day.day)
    })
}

/// FHKST03010230 inquire-time-dailychartprice (일별 분봉).
pub(super) fn dated(shared: &Shared, query: &Query) -> Reply {
    if Day::parse_compact(query_value(query, "FID_INPUT_DATE_1")).is_none() {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    }
    answer(shared, query, ROWS_DATED, |facts, sessions| {
        let wanted = Day::parse_compact(query_value(query, "FID_INPUT_DATE_1"))?;
        // A day without data is silently another day: the one before, or the oldest there is.
        let at = sessions.partition_point(|d| *d <= wanted);
        let day = sessions.get(at.saturating_sub(1)).copied();
        day.or(Some(facts.view.day.day))
    })
}

fn answer(
    shared: &Shared,
    query: &Query,
    page: usize,
    start: impl Fn(&Facts, &[Day]) -> Option<Day>,
) -> Reply {
    let Some(hour) = Minute::parse_hhmmss(query_value(query, "FID_INPUT_HOUR_1")) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let Some(facts) = Facts::of(shared, query) else {
        let head = Facts::any(shared).map_or_else(Vec::new, |f| hollow(header(&f)));
        return Reply::ok(&[("output1", object(&head)), ("output2", array(&[]))]);
    };
    let newest = facts.view.day.day;
    let all = shared.market.days(facts.index, newest.plus(-400), newest);
    let sessions = &all[all.len().saturating_sub(SESSIONS)..];
    let into_the_past = query_value(query, "FID_PW_DATA_INCU_YN").eq_ignore_ascii_case("Y");
    let drop_empty = shared.faults.change(|f| f.drop_empty_minutes);
    let mut rows = Vec::with_capacity(page);
    if let Some(start) = start(&facts, sessions) {
        let days = sessions.iter().rev().skip_while(|d| start < **d);
        for (i, day) in days.enumerate() {
            if page <= rows.len() || (0 < i && !into_the_past) {
                break;
            }
            let until = if i == 0 { hour } else { Minute::hm(23, 59) };
            let wanted = page - rows.len();
            if *day == newest {
                current(&facts, until, wanted, drop_empty, &mut rows);
            } else if let Some(day) = shared.market.day_on(facts.venue, facts.index, *day) {
                past(&day, until, wanted, drop_empty, &mut rows);
            }
        }
    }
    let rows: Vec<Fields> = rows.into_iter().map(row_fields).collect();
    Reply::ok(&[
        ("output1", object(&header(&facts))),
        ("output2", array(&rows)),
    ])
}

/// A row and the day's turnover up to its end, won.
type Row = (MinuteRow, i64);

/// The rows of a finished day up to `until`, newest first.
fn past(day: &Arc<TradingDay>, until: Minute, wanted: usize, drop_empty: bool, out: &mut Vec<Row>) {
    let end = day.rows.partition_point(|r| r.minute <= until);
    let rows = (0..end).rev().map(|i| (day.rows[i], day.after(i).value));
    out.extend(
        rows.filter(|(row, _)| !drop_empty || 0 < row.candle.volume)
            .take(wanted),
    );
}

/// The rows of the running session up to `until`, newest first: flat ones for the future, the
/// unfinished one as far as it has come, then the finished ones.
fn current(f: &Facts, until: Minute, wanted: usize, drop_empty: bool, out: &mut Vec<Row>) {
    let (day, ms) = (&f.view.day, f.view.ms);
    let begun = day.row_at(ms).map_or(0, |i| i + 1);
    let end = day.rows.partition_point(|r| r.minute <= until);
    let full = out.len() + wanted;
    for i in (0..end).rev() {
        if full <= out.len() {
            return;
        }
        let mut row = day.rows[i];
        if begun <= i {
            row.candle = Candle::flat(f.price);
            out.push((row, f.totals.value));
        } else if day.is_over(i, ms) {
            if !drop_empty || 0 < row.candle.volume {
                out.push((row, day.after(i).value));
            }
        } else {
            row.candle = day.candle_so_far(i, ms).unwrap_or_else(|| {
                // Until the minute's first trade its row shows the volume of the one before.
                let mut flat = Candle::flat(f.price);
                flat.volume = i
                    .checked_sub(1)
                    .map_or(0, |before| day.rows[before].candle.volume);
                flat
            });
            out.push((row, f.totals.value));
        }
    }
}

fn header(f: &Facts) -> Fields {
    vec![
        ("prdy_vrss", f.change()),
        ("prdy_vrss_sign", f.sign()),
        ("prdy_ctrt", f.rate()),
        ("stck_prdy_clpr", f.base.to_string()),
        ("acml_vol", f.totals.volume.to_string()),
        ("acml_tr_pbmn", f.totals.value.to_string()),
        ("hts_kor_isnm", f.stock.name.to_string()),
        ("stck_prpr", f.price.to_string()),
    ]
}

fn row_fields((row, value): Row) -> Fields {
    vec![
        ("stck_bsop_date", row.day.compact()),
        ("stck_cntg_hour", row.minute.compact()),
        ("stck_prpr", row.candle.close.to_string()),
        ("stck_oprc", row.candle.open.to_string()),
        ("stck_hgpr", row.candle.high.to_string()),
        ("stck_lwpr", row.candle.low.to_string()),
        ("cntg_vol", row.candle.volume.to_string()),
        ("acml_tr_pbmn", value.to_string()),
    ]
}
