//! FHPUP02100000 inquire-index-price (업종 현재지수).

use crate::domain::{Day, Market as Venue};
use crate::sim::market::{IndexFigures, View};
use crate::sim::rest::asking::{newest_book, usual_size};
use crate::sim::rest::facts::percent;
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, object};
use crate::sim::shared::Shared;

pub(super) fn price(shared: &Shared, query: &Query) -> Reply {
    let code = query_value(query, "FID_INPUT_ISCD");
    let Some(now) = Now::of(shared, code) else {
        return unknown();
    };
    Reply::ok(&[("output", object(&fields(shared, code, &now)))])
}

/// The answer to an index code nobody has.
pub(super) fn unknown() -> Reply {
    Reply::bad_input("OPSQ2001", "ERROR INVALID FID_INPUT_ISCD")
}

/// An index as it stands.
pub(super) struct Now {
    pub(super) day: Day,
    pub(super) figures: IndexFigures,
    pub(super) yesterday: IndexFigures,
}

impl Now {
    pub(super) fn of(shared: &Shared, code: &str) -> Option<Self> {
        let calendar = shared.market.calendar();
        let today = shared.clock.now().day();
        let day = match calendar.is_open(today) {
            true => today,
            false => calendar.previous_open(today),
        };
        let before = calendar.previous_open(day);
        Some(Self {
            day,
            figures: shared.market.index(code, shared.clock.now())?,
            yesterday: shared.market.index_day(code, before)?,
        })
    }

    /// Highest and lowest close of the year and their days, the value now among them.
    pub(super) fn extremes(&self, shared: &Shared, code: &str) -> [(f64, Day); 2] {
        let here = (self.figures.last, self.day);
        let new_year = Day::from_ymd(self.day.year(), 1, 1).unwrap_or(self.day);
        let past = shared
            .market
            .index_extremes(code, new_year, self.day.plus(-1));
        let [mut high, mut low] = past.unwrap_or([here; 2]);
        if high.0 < here.0 {
            high = here;
        }
        if here.0 < low.0 {
            low = here;
        }
        [high, low]
    }
}

/// Points as the broker writes them.
pub(super) fn points(value: f64) -> String {
    format!("{value:.2}")
}

/// The sign of a difference in points.
pub(super) fn sign(difference: f64) -> &'static str {
    match difference {
        d if 0.005 <= d => "2",
        d if d <= -0.005 => "5",
        _ => "3",
    }
}

/// How far `value` lies from `from`, percent.
pub(super) fn rate(value: f64, from: f64) -> String {
    match from == 0.0 {
        true => "0.00".to_owned(),
        false => points((value - from) / from * 100.0),
    }
}

#[rustfmt::skip]
fn fields(shared: &Shared, code: &str, now: &Now) -> Fields {
    let f = &now.figures;
    let [high, low] = now.extremes(shared, code);
    let (asks, bids) = waiting(shared, code);
    let count = |i: usize| f.counts[i].to_string();
    let beside = |value: f64| points(value - f.before);
    vec![
        ("bstp_nmix_prpr", points(f.last)),
        ("bstp_nmix_prdy_vrss", beside(f.last)),
        ("prdy_vrss_sign", sign(f.last - f.before).into()),
        ("bstp_nmix_prdy_ctrt", rate(f.last, f.before)),
        ("acml_vol", f.volume.to_string()),
        ("prdy_vol", now.yesterday.volume.to_string()),
        ("acml_tr_pbmn", f.value.to_string()),
        ("prdy_tr_pbmn", now.yesterday.value.to_string()),
        ("bstp_nmix_oprc", points(f.open)),
        ("prdy_nmix_vrss_nmix_oprc", beside(f.open)),
        ("oprc_vrss_prpr_sign", sign(f.open - f.before).into()),
        ("bstp_nmix_oprc_prdy_ctrt", rate(f.open, f.before)),
        ("bstp_nmix_hgpr", points(f.high)),
        ("prdy_nmix_vrss_nmix_hgpr", beside(f.high)),
        ("hgpr_vrss_prpr_sign", sign(f.high - f.before).into()),
        ("bstp_nmix_hgpr_prdy_ctrt", rate(f.high, f.before)),
        ("bstp_nmix_lwpr", points(f.low)),
        ("prdy_clpr_vrss_lwpr", beside(f.low)),
        ("lwpr_vrss_prpr_sign", sign(f.low - f.before).into()),
        ("prdy_clpr_vrss_lwpr_rate", rate(f.low, f.before)),
        ("ascn_issu_cnt", count(1)),
        ("uplm_issu_cnt", count(0)),
        ("stnr_issu_cnt", count(2)),
        ("down_issu_cnt", count(3)),
        ("lslm_issu_cnt", count(4)),
        ("dryy_bstp_nmix_hgpr", points(high.0)),
        ("dryy_hgpr_vrss_prpr_rate", rate(high.0, f.last)),
        ("dryy_bstp_nmix_hgpr_date", high.1.compact()),
        ("dryy_bstp_nmix_lwpr", points(low.0)),
        ("dryy_lwpr_vrss_prpr_rate", rate(low.0, f.last)),
        ("dryy_bstp_nmix_lwpr_date", low.1.compact()),
        ("total_askp_rsqn", asks.to_string()),
        ("total_bidp_rsqn", bids.to_string()),
        ("seln_rsqn_rate", percent(asks, asks + bids)),
        ("shnu_rsqn_rate", percent(bids, asks + bids)),
        ("ntby_rsqn", (bids - asks).to_string()),
    ]
}

/// Shares waiting to be sold and bought in the books of the index's stocks.
fn waiting(shared: &Shared, code: &str) -> (i64, i64) {
    let (mut asks, mut bids) = (0, 0);
    for (index, stock) in shared.market.members(code) {
        let view: Option<View> = shared.market.view(Venue::Krx, index, shared.clock.now());
        if let Some(view) = view {
            let book = newest_book(&view, usual_size(stock.daily_volume));
            asks += book.total_ask;
            bids += book.total_bid;
        }
    }
    (asks, bids)
}
