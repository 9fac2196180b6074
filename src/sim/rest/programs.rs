//! Program trading in a stock: FHPPG04650101 program-trade-by-stock (체결) by print, and
//! FHPPG04650201 program-trade-by-stock-daily (일별) by day.

use crate::domain::{Day, Market as Venue};
use crate::sim::market::{END_OF_DAY, Flows, Program, Totals};
use crate::sim::rest::facts::{Facts, percent, sign};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array};
use crate::sim::rest::trades::hhmmss;
use crate::sim::shared::Shared;

const ROWS: usize = 30;

/// The sums of both tables, and the change since the row before under a name of each.
fn sums(now: &Program, before: &Program, value_change: &'static str) -> Fields {
    let net = |p: &Program| (p.bought - p.sold, p.bought_value - p.sold_value);
    let ((shares, value), (shares_before, value_before)) = (net(now), net(before));
    vec![
        ("whol_smtn_seln_vol", now.sold.to_string()),
        ("whol_smtn_shnu_vol", now.bought.to_string()),
        ("whol_smtn_ntby_qty", shares.to_string()),
        ("whol_smtn_seln_tr_pbmn", now.sold_value.to_string()),
        ("whol_smtn_shnu_tr_pbmn", now.bought_value.to_string()),
        ("whol_smtn_ntby_tr_pbmn", value.to_string()),
        ("whol_ntby_vol_icdc", (shares - shares_before).to_string()),
        (value_change, (value - value_before).to_string()),
    ]
}

pub(super) fn by_print(shared: &Shared, query: &Query) -> Reply {
    let Some(f) = Facts::of(shared, query) else {
        return Reply::ok(&[("output", array(&[]))]);
    };
    let flows = Flows::of(shared.market.seed(), f.index, f.view.day.day);
    let prints = f.view.day.newest(f.view.ms, ROWS + 1);
    let rows = prints
        .iter()
        .enumerate()
        .take(ROWS)
        .map(|(i, (tick, totals))| {
            let before = prints.get(i + 1).map_or(Totals::default(), |(_, t)| *t);
            let mut row = vec![
                ("bsop_hour", hhmmss(tick.ms)),
                ("stck_prpr", tick.price.to_string()),
                ("prdy_vrss", (tick.price - f.base).to_string()),
                ("prdy_vrss_sign", f.sign_of(tick.price).to_owned()),
                ("prdy_ctrt", percent(tick.price - f.base, f.base)),
                ("acml_vol", totals.volume.to_string()),
            ];
            let (now, then) = (flows.program(totals), flows.program(&before));
            row.extend(sums(&now, &then, "whol_ntby_tr_pbmn_icdc"));
            row
        });
    let rows: Vec<Fields> = rows.collect();
    Reply::ok(&[("output", array(&rows))])
}

pub(super) fn by_day(shared: &Shared, query: &Query) -> Reply {
    let Some(f) = Facts::of(shared, query) else {
        return Reply::ok(&[("output", array(&[]))]);
    };
    let today = f.view.day.day;
    let until = match query_value(query, "FID_INPUT_DATE_1") {
        "" => today,
        date => match Day::parse_compact(date) {
            Some(date) => date.min(today),
            None => return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH"),
        },
    };
    let of = |day: Day| {
        let totals = match day == today {
            true => f.totals,
            false => {
                let tape = shared.market.day_on(f.venue, f.index, day)?;
                // The exchange's day is that of its regular session.
                tape.at(match f.venue {
                    Venue::Krx => u32::from(tape.hours.end().0) * 60_000,
                    Venue::Nxt | Venue::Unified => END_OF_DAY,
                })
            }
        };
        Some(Flows::of(shared.market.seed(), f.index, day).program(&totals))
    };
    // One session more, with which the oldest row is compared.
    let past = until.min(today.plus(-1));
    let figures = shared
        .market
        .figures_on(f.venue, f.index, until.plus(-70), past);
    let mut days: Vec<_> = figures.iter().map(|d| (d.day, d.candle, d.value)).collect();
    if until == today && 0 < f.totals.volume {
        days.push((today, f.totals.candle(), f.totals.value));
    }
    let first = days.len().saturating_sub(ROWS).max(1);
    let rows = (first..days.len()).rev().filter_map(|i| {
        let ((day, candle, value), before) = (days[i], days[i - 1]);
        let (close, last) = (candle.close, before.1.close);
        let mut row = vec![
            ("stck_bsop_date", day.compact()),
            ("stck_clpr", close.to_string()),
            ("prdy_vrss", (close - last).to_string()),
            ("prdy_vrss_sign", sign(close, last, 0, i64::MAX).to_owned()),
            ("prdy_ctrt", percent(close - last, last)),
            ("acml_vol", candle.volume.to_string()),
            ("acml_tr_pbmn", value.to_string()),
        ];
        row.extend(sums(&of(day)?, &of(before.0)?, "whol_ntby_tr_pbmn_icdc2"));
        Some(row)
    });
    let rows: Vec<Fields> = rows.collect();
    Reply::ok(&[("output", array(&rows))])
}
