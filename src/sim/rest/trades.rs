//! Prints of a stock: FHKST01010300 inquire-ccnl (주식현재가 체결), the newest 30, and
//! FHPST01060000 inquire-time-itemconclusion (당일 시간대별 체결), 30 up to an hour.

use crate::domain::time::second_of_day;
use crate::domain::{Day, Moment};
use crate::sim::market::book_at;
use crate::sim::rest::asking::usual_size;
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, hollow, object};
use crate::sim::shared::Shared;

const ROWS: usize = 30;

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let rows = Facts::of(shared, query).map_or_else(Vec::new, |facts| rows(&facts));
    Reply::ok(&[("output", array(&rows))])
}

fn rows(f: &Facts) -> Vec<Fields> {
    f.view
        .day
        .newest(f.view.ms, ROWS)
        .into_iter()
        .map(|(tick, totals)| {
            vec![
                ("stck_cntg_hour", hhmmss(tick.ms)),
                ("stck_prpr", tick.price.to_string()),
                ("prdy_vrss", (tick.price - f.base).to_string()),
                ("prdy_vrss_sign", f.sign_of(tick.price).to_owned()),
                ("cntg_vol", tick.size.to_string()),
                ("tday_rltv", format!("{:.2}", totals.strength())),
                ("prdy_ctrt", percent(tick.price - f.base, f.base)),
            ]
        })
        .collect()
}

pub(super) fn until(shared: &Shared, query: &Query) -> Reply {
    let Some(second) = second_of_day(query_value(query, "FID_INPUT_HOUR_1").as_bytes()) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let Some(f) = Facts::of(shared, query) else {
        let head = Facts::any(shared).map_or_else(Vec::new, |f| hollow(head(shared, &f)));
        return Reply::ok(&[("output1", object(&head)), ("output2", array(&[]))]);
    };
    // The whole second counts.
    let ms = (second * 1_000 + 999).min(f.view.ms);
    let usual = usual_size(f.stock.daily_volume);
    let rows: Vec<Fields> = f
        .view
        .day
        .newest(ms, ROWS)
        .into_iter()
        .map(|(tick, totals)| {
            let book = book_at(&f.view.day, tick.ms, &totals, usual);
            vec![
                ("stck_cntg_hour", hhmmss(tick.ms)),
                ("stck_pbpr", tick.price.to_string()),
                ("prdy_vrss", (tick.price - f.base).to_string()),
                ("prdy_vrss_sign", f.sign_of(tick.price).to_owned()),
                ("prdy_ctrt", percent(tick.price - f.base, f.base)),
                ("askp", book.asks[0].0.to_string()),
                ("bidp", book.bids[0].0.to_string()),
                ("tday_rltv", format!("{:.2}", totals.strength())),
                ("acml_vol", totals.volume.to_string()),
                ("cnqn", tick.size.to_string()),
            ]
        })
        .collect();
    let head = head(shared, &f);
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

fn head(shared: &Shared, f: &Facts) -> Fields {
    vec![
        ("stck_prpr", f.price.to_string()),
        ("prdy_vrss", f.change()),
        ("prdy_vrss_sign", f.sign()),
        ("prdy_ctrt", f.rate()),
        ("acml_vol", f.totals.volume.to_string()),
        ("prdy_vol", f.yesterday(shared).volume.to_string()),
        ("rprs_mrkt_kor_name", f.stock.index_name().to_owned()),
    ]
}

/// Milliseconds since midnight as the broker writes times.
pub(super) fn hhmmss(ms: u32) -> String {
    Moment::on(Day::default(), ms / 1_000)
        .clock_text()
        .replace(':', "")
}
