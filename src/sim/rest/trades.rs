//! FHKST01010300 inquire-ccnl (주식현재가 체결): the newest 30 prints.

use crate::domain::Moment;
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::Query;
use crate::sim::rest::reply::{Fields, Reply, array};
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

/// Milliseconds since midnight as the broker writes times.
pub(super) fn hhmmss(ms: u32) -> String {
    Moment::on(crate::domain::Day::default(), ms / 1_000)
        .clock_text()
        .replace(':', "")
}
