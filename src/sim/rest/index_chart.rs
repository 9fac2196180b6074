//! Charts of indices: FHKUP03500100 inquire-daily-indexchartprice (50 days, weeks, months or
//! years between two dates), FHPUP02120000 inquire-index-daily-price (100 until a date) and
//! FHKUP03500200 inquire-time-indexchartprice (102 bars of some seconds).

use crate::domain::{Day, Minute};
use crate::sim::market::{IndexFigures, IndexMinute};
use crate::sim::rest::facts::percent;
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::index::{Now, points, rate, sign, unknown};
use crate::sim::rest::period_chart::Period;
use crate::sim::rest::reply::{Fields, Reply, array, object};
use crate::sim::rest::sectors;
use crate::sim::shared::Shared;

const BETWEEN: usize = 50;
const UNTIL: usize = 100;
const BARS: usize = 102;
/// Days that 투자심리도 and 이격도 look back.
const MOOD_DAYS: usize = 10;
const MEAN_DAYS: usize = 20;
/// How far back the bars of some seconds reach, sessions.
const SESSIONS: usize = 5;

/// One bar of a period.
#[derive(Clone, Copy)]
struct Bar {
    day: Day,
    figures: IndexFigures,
}

/// The bars from `from` to `to`, oldest first, the running session among them once it has traded.
fn bars(
    shared: &Shared,
    code: &str,
    now: &Now,
    (from, to): (Day, Day),
    period: Period,
) -> Vec<Bar> {
    let mut out: Vec<Bar> = Vec::new();
    let mut put = |day: Day, figures: IndexFigures| match out.last_mut() {
        Some(bar) if period.start(bar.day) == period.start(day) => {
            let whole = &mut bar.figures;
            whole.high = whole.high.max(figures.high);
            whole.low = whole.low.min(figures.low);
            whole.last = figures.last;
            whole.volume += figures.volume;
            whole.value += figures.value;
        }
        _ => out.push(Bar { day, figures }),
    };
    for number in from.number()..=to.min(now.day.plus(-1)).number() {
        let day = Day::from_number(number);
        if let Some(figures) = shared.market.index_day(code, day) {
            put(day, figures);
        }
    }
    if from <= now.day && now.day <= to && 0 < now.figures.volume {
        put(now.day, now.figures);
    }
    out
}

pub(super) fn between(shared: &Shared, query: &Query) -> Reply {
    let date = |key| Day::parse_compact(query_value(query, key));
    let (Some(from), Some(to)) = (date("FID_INPUT_DATE_1"), date("FID_INPUT_DATE_2")) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let Some(period) = Period::parse(query_value(query, "FID_PERIOD_DIV_CODE")) else {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_PERIOD_DIV_CODE");
    };
    let code = query_value(query, "FID_INPUT_ISCD");
    let Some(now) = Now::of(shared, code) else {
        return unknown();
    };
    let to = to.min(now.day);
    let first = period
        .start(from)
        .max(to.plus(-period.span(BETWEEN as i32)));
    let bars = bars(shared, code, &now, (first, to), period);
    let rows: Vec<Fields> = bars.iter().rev().take(BETWEEN).map(long_row).collect();
    let head = head(code, &now);
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

fn long_row(bar: &Bar) -> Fields {
    let f = &bar.figures;
    vec![
        ("stck_bsop_date", bar.day.compact()),
        ("bstp_nmix_prpr", points(f.last)),
        ("bstp_nmix_oprc", points(f.open)),
        ("bstp_nmix_hgpr", points(f.high)),
        ("bstp_nmix_lwpr", points(f.low)),
        ("acml_vol", f.volume.to_string()),
        ("acml_tr_pbmn", f.value.to_string()),
        ("mod_yn", "N".to_owned()),
    ]
}

#[rustfmt::skip]
fn head(code: &str, now: &Now) -> Fields {
    // What is called the future's is the index's own day before.
    let (f, y) = (&now.figures, &now.yesterday);
    vec![
        ("bstp_nmix_prdy_vrss", points(f.last - f.before)),
        ("prdy_vrss_sign", sign(f.last - f.before).into()),
        ("bstp_nmix_prdy_ctrt", rate(f.last, f.before)),
        ("prdy_nmix", points(f.before)),
        ("acml_vol", f.volume.to_string()),
        ("acml_tr_pbmn", f.value.to_string()),
        ("hts_kor_isnm", sectors::name(code).unwrap_or_default().into()),
        ("bstp_nmix_prpr", points(f.last)),
        ("bstp_cls_code", code.into()),
        ("prdy_vol", y.volume.to_string()),
        ("bstp_nmix_oprc", points(f.open)),
        ("bstp_nmix_hgpr", points(f.high)),
        ("bstp_nmix_lwpr", points(f.low)),
        ("futs_prdy_oprc", points(y.open)),
        ("futs_prdy_hgpr", points(y.high)),
        ("futs_prdy_lwpr", points(y.low)),
    ]
}

pub(super) fn until(shared: &Shared, query: &Query) -> Reply {
    let Some(to) = Day::parse_compact(query_value(query, "FID_INPUT_DATE_1")) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let period = match Period::parse(query_value(query, "FID_PERIOD_DIV_CODE")) {
        Some(period) if period != Period::Year => period,
        _ => return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_PERIOD_DIV_CODE"),
    };
    let code = query_value(query, "FID_INPUT_ISCD");
    let Some(now) = Now::of(shared, code) else {
        return unknown();
    };
    let to = to.min(now.day);
    let from = period.start(to.plus(-period.span((UNTIL + MEAN_DAYS) as i32)));
    let bars = bars(shared, code, &now, (from, to), period);
    let shown = bars.len().saturating_sub(UNTIL);
    let whole: i64 = bars[shown..].iter().map(|b| b.figures.volume).sum();
    let rows: Vec<Fields> = (shown..bars.len())
        .rev()
        .map(|i| short_row(&bars[..=i], whole))
        .collect();
    Reply::ok(&[
        (
            "output1",
            object(&short_head(&now, now.extremes(shared, code))),
        ),
        ("output2", array(&rows)),
    ])
}

/// The row of the last of `bars`; `whole` is the volume of all rows shown.
fn short_row(bars: &[Bar], whole: i64) -> Fields {
    let Some((bar, past)) = bars.split_last() else {
        return Vec::new();
    };
    let f = &bar.figures;
    let before = past.last().map_or(f.before, |b| b.figures.last);
    let closes = |days: usize| {
        let from = bars.len().saturating_sub(days);
        bars[from..].iter().map(|b| b.figures.last)
    };
    let rises = closes(MOOD_DAYS + 1).zip(closes(MOOD_DAYS + 1).skip(1));
    let (count, up) = rises.fold((0, 0), |(n, up), (a, b)| (n + 1, up + i64::from(a < b)));
    let mean = closes(MEAN_DAYS).sum::<f64>() / closes(MEAN_DAYS).count().max(1) as f64;
    vec![
        ("stck_bsop_date", bar.day.compact()),
        ("bstp_nmix_prpr", points(f.last)),
        ("prdy_vrss_sign", sign(f.last - before).to_owned()),
        ("bstp_nmix_prdy_vrss", points(f.last - before)),
        ("bstp_nmix_prdy_ctrt", rate(f.last, before)),
        ("bstp_nmix_oprc", points(f.open)),
        ("bstp_nmix_hgpr", points(f.high)),
        ("bstp_nmix_lwpr", points(f.low)),
        ("acml_vol_rlim", percent(f.volume, whole)),
        ("acml_vol", f.volume.to_string()),
        ("acml_tr_pbmn", f.value.to_string()),
        ("invt_new_psdg", percent(up, count)),
        ("d20_dsrt", points(f.last / mean * 100.0)),
    ]
}

#[rustfmt::skip]
fn short_head(now: &Now, [high, low]: [(f64, Day); 2]) -> Fields {
    let (f, y) = (&now.figures, &now.yesterday);
    let count = |i: usize| f.counts[i].to_string();
    vec![
        ("bstp_nmix_prpr", points(f.last)),
        ("bstp_nmix_prdy_vrss", points(f.last - f.before)),
        ("prdy_vrss_sign", sign(f.last - f.before).into()),
        ("bstp_nmix_prdy_ctrt", rate(f.last, f.before)),
        ("acml_vol", f.volume.to_string()),
        ("acml_tr_pbmn", f.value.to_string()),
        ("bstp_nmix_oprc", points(f.open)),
        ("bstp_nmix_hgpr", points(f.high)),
        ("bstp_nmix_lwpr", points(f.low)),
        ("prdy_vol", y.volume.to_string()),
        ("ascn_issu_cnt", count(1)),
        ("down_issu_cnt", count(3)),
        ("stnr_issu_cnt", count(2)),
        ("uplm_issu_cnt", count(0)),
        ("lslm_issu_cnt", count(4)),
        ("prdy_tr_pbmn", y.value.to_string()),
        ("dryy_bstp_nmix_hgpr_date", high.1.compact()),
        ("dryy_bstp_nmix_hgpr", points(high.0)),
        ("dryy_bstp_nmix_lwpr", points(low.0)),
        ("dryy_bstp_nmix_lwpr_date", low.1.compact()),
    ]
}

/// A bar of some seconds.
#[derive(Clone)]
struct Short {
    at: String,
    open: f64,
    high: f64,
    low: f64,
    last: f64,
    volume: i64,
    /// Won of the day so far.
    value: i64,
}

pub(super) fn minutes(shared: &Shared, query: &Query) -> Reply {
    let seconds = query_value(query, "FID_INPUT_HOUR_1").parse::<u32>();
    let Some(length) = seconds.ok().filter(|s| (1..=86_400).contains(s)) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let code = query_value(query, "FID_INPUT_ISCD");
    let Some(now) = Now::of(shared, code) else {
        return unknown();
    };
    let late = query_value(query, "FID_ETC_CLS_CODE") != "1";
    let into_the_past = query_value(query, "FID_PW_DATA_INCU_YN").eq_ignore_ascii_case("Y");
    let length = (length / 60).max(1) as u16;
    let mut rows = Vec::new();
    let mut day = now.day;
    for i in 0..SESSIONS {
        let bars = day_bars(shared, code, day, length, late);
        if 0 < i {
            rows.extend(summaries(day, &bars));
        }
        rows.extend(bars.iter().rev().map(|bar| short_bar(day, bar)));
        if BARS <= rows.len() || !into_the_past {
            break;
        }
        day = shared.market.calendar().previous_open(day);
    }
    rows.truncate(BARS);
    let head = head(code, &now);
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

/// The bars of `length` minutes of `day` as far as it has come, oldest first.
fn day_bars(shared: &Shared, code: &str, day: Day, length: u16, late: bool) -> Vec<Short> {
    let Some((_, course)) = shared.market.index_course(code, day) else {
        return Vec::new();
    };
    let now = shared.clock.now();
    let begun = match now.day() == day {
        true => now.minute(),
        false => Minute(u16::MAX),
    };
    let mut bars: Vec<(Minute, Short)> = Vec::new();
    let mut value = 0;
    for minute in every_minute(&course, late) {
        if begun <= minute.minute {
            break;
        }
        value += minute.value;
        let label = Minute(minute.minute.0 / length * length);
        let point = minute.point;
        match bars.last_mut().filter(|(at, _)| *at == label) {
            Some((_, bar)) => {
                bar.high = bar.high.max(point);
                bar.low = bar.low.min(point);
                bar.last = point;
                bar.volume += minute.volume;
                bar.value = value;
            }
            None => bars.push((
                label,
                Short {
                    at: label.compact(),
                    open: point,
                    high: point,
                    low: point,
                    last: point,
                    volume: minute.volume,
                    value,
                },
            )),
        }
    }
    bars.into_iter().map(|(_, bar)| bar).collect()
}

/// The course with a flat row for each minute of the closing auction and, if `late`, one behind
/// it: indices go on being written while nothing trades.
fn every_minute(course: &[IndexMinute], late: bool) -> Vec<IndexMinute> {
    let flat = |last: &IndexMinute, minutes: i32| IndexMinute {
        minute: last.minute.plus(minutes),
        volume: 0,
        value: 0,
        ..*last
    };
    let mut all: Vec<IndexMinute> = Vec::with_capacity(course.len() + 12);
    for minute in course {
        while let Some(last) = all.last().filter(|l| l.minute.plus(1) < minute.minute) {
            all.push(flat(last, 1));
        }
        all.push(*minute);
    }
    if late && let Some(last) = course.last() {
        all.push(flat(last, 2));
    }
    all
}

fn short_bar(day: Day, bar: &Short) -> Fields {
    vec![
        ("stck_bsop_date", day.compact()),
        ("stck_cntg_hour", bar.at.clone()),
        ("bstp_nmix_prpr", points(bar.last)),
        ("bstp_nmix_oprc", points(bar.open)),
        ("bstp_nmix_hgpr", points(bar.high)),
        ("bstp_nmix_lwpr", points(bar.low)),
        ("cntg_vol", (bar.volume / 1_000).to_string()),
        ("acml_tr_pbmn", (bar.value / 1_000_000).to_string()),
    ]
}

/// Between two days stand two rows at hours that are none.
fn summaries(day: Day, bars: &[Short]) -> Vec<Fields> {
    let Some(last) = bars.last() else {
        return Vec::new();
    };
    ["999999", "888888"]
        .into_iter()
        .map(|at| {
            let bar = Short {
                at: at.to_owned(),
                open: last.last,
                high: last.last,
                low: last.last,
                volume: 0,
                ..last.clone()
            };
            short_bar(day, &bar)
        })
        .collect()
}
