//! Who trades a stock: FHKST01010600 inquire-member (회원사), FHKST01010900 inquire-investor
//! (투자자) and HHPTJ04160200 investor-trend-estimate (추정가집계).

use crate::domain::{Day, Market as Venue, Minute, StockCode};
use crate::sim::market::{Deal, Flows};
use crate::sim::rest::facts::{Facts, percent, sign};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, hollow, object};
use crate::sim::shared::Shared;

/// Sessions an answer reaches back, the running one included.
const ROWS: usize = 30;
/// Brokers shown on each side.
const SHOWN: usize = 5;
/// What "newly traded" looks back to.
const LATELY_MS: u32 = 60_000;

pub(super) fn brokers(shared: &Shared, query: &Query) -> Reply {
    let fields = match Facts::of(shared, query) {
        Some(facts) => broker_fields(shared, &facts),
        None => Facts::any(shared).map_or_else(Vec::new, |f| hollow(broker_fields(shared, &f))),
    };
    Reply::ok(&[("output", object(&fields))])
}

/// The names of one side's fields.
struct Side {
    number: [&'static str; SHOWN],
    name: [&'static str; SHOWN],
    total: [&'static str; SHOWN],
    part: [&'static str; SHOWN],
    lately: [&'static str; SHOWN],
    foreign: [&'static str; SHOWN],
}

#[rustfmt::skip]
const SELLERS: Side = Side {
    number: ["seln_mbcr_no1", "seln_mbcr_no2", "seln_mbcr_no3", "seln_mbcr_no4", "seln_mbcr_no5"],
    name: ["seln_mbcr_name1", "seln_mbcr_name2", "seln_mbcr_name3", "seln_mbcr_name4", "seln_mbcr_name5"],
    total: ["total_seln_qty1", "total_seln_qty2", "total_seln_qty3", "total_seln_qty4", "total_seln_qty5"],
    part: ["seln_mbcr_rlim1", "seln_mbcr_rlim2", "seln_mbcr_rlim3", "seln_mbcr_rlim4", "seln_mbcr_rlim5"],
    lately: ["seln_qty_icdc1", "seln_qty_icdc2", "seln_qty_icdc3", "seln_qty_icdc4", "seln_qty_icdc5"],
    foreign: ["seln_mbcr_glob_yn_1", "seln_mbcr_glob_yn_2", "seln_mbcr_glob_yn_3", "seln_mbcr_glob_yn_4", "seln_mbcr_glob_yn_5"],
};

#[rustfmt::skip]
const BUYERS: Side = Side {
    number: ["shnu_mbcr_no1", "shnu_mbcr_no2", "shnu_mbcr_no3", "shnu_mbcr_no4", "shnu_mbcr_no5"],
    name: ["shnu_mbcr_name1", "shnu_mbcr_name2", "shnu_mbcr_name3", "shnu_mbcr_name4", "shnu_mbcr_name5"],
    total: ["total_shnu_qty1", "total_shnu_qty2", "total_shnu_qty3", "total_shnu_qty4", "total_shnu_qty5"],
    part: ["shnu_mbcr_rlim1", "shnu_mbcr_rlim2", "shnu_mbcr_rlim3", "shnu_mbcr_rlim4", "shnu_mbcr_rlim5"],
    lately: ["shnu_qty_icdc1", "shnu_qty_icdc2", "shnu_qty_icdc3", "shnu_qty_icdc4", "shnu_qty_icdc5"],
    foreign: ["shnu_mbcr_glob_yn_1", "shnu_mbcr_glob_yn_2", "shnu_mbcr_glob_yn_3", "shnu_mbcr_glob_yn_4", "shnu_mbcr_glob_yn_5"],
};

impl Side {
    /// All but whether a broker is a foreign one, which stands further back.
    fn write(&self, out: &mut Fields, now: &[Deal], before: &[Deal], volume: i64) {
        let top = || now.iter().zip(before).take(SHOWN);
        out.extend(
            self.number
                .into_iter()
                .zip(top().map(|(d, _)| d.broker.number.to_owned())),
        );
        out.extend(
            self.name
                .into_iter()
                .zip(top().map(|(d, _)| d.broker.name.to_owned())),
        );
        out.extend(
            self.total
                .into_iter()
                .zip(top().map(|(d, _)| d.shares.to_string())),
        );
        out.extend(
            self.part
                .into_iter()
                .zip(top().map(|(d, _)| percent(d.shares, volume))),
        );
        let lately = top().map(|(d, b)| (d.shares - b.shares).to_string());
        out.extend(self.lately.into_iter().zip(lately));
    }

    fn write_foreign(&self, out: &mut Fields, now: &[Deal]) {
        let marks = now.iter().map(|d| if d.broker.foreign { "Y" } else { "N" });
        out.extend(self.foreign.into_iter().zip(marks.map(str::to_owned)));
    }
}

/// Shares through foreign brokers.
pub(crate) fn through_foreigners(deals: &[Deal]) -> i64 {
    let foreign = deals.iter().filter(|d| d.broker.foreign);
    foreign.map(|d| d.shares).sum()
}

fn broker_fields(shared: &Shared, f: &Facts) -> Fields {
    let flows = Flows::of(shared.market.seed(), f.index, f.view.day.day);
    let volume = f.totals.volume;
    let earlier = f
        .view
        .day
        .at(f.view.ms.saturating_sub(LATELY_MS))
        .volume
        .min(volume);
    let (sold, sold_before) = (flows.sellers(volume), flows.sellers(earlier));
    let (bought, bought_before) = (flows.buyers(volume), flows.buyers(earlier));
    let mut fields = Vec::new();
    SELLERS.write(&mut fields, &sold, &sold_before, volume);
    BUYERS.write(&mut fields, &bought, &bought_before, volume);
    let (out, out_before) = (through_foreigners(&sold), through_foreigners(&sold_before));
    let (into, into_before) = (
        through_foreigners(&bought),
        through_foreigners(&bought_before),
    );
    fields.extend([
        ("glob_total_seln_qty", out.to_string()),
        ("glob_seln_rlim", percent(out, volume)),
        ("glob_ntby_qty", (into - out).to_string()),
        ("glob_total_shnu_qty", into.to_string()),
        ("glob_shnu_rlim", percent(into, volume)),
    ]);
    SELLERS.write_foreign(&mut fields, &sold);
    BUYERS.write_foreign(&mut fields, &bought);
    fields.extend([
        ("glob_total_seln_qty_icdc", (out - out_before).to_string()),
        ("glob_total_shnu_qty_icdc", (into - into_before).to_string()),
    ]);
    fields
}

/// Values are million won. The running session's are blank until it is over.
pub(super) fn days(shared: &Shared, query: &Query) -> Reply {
    let Some(f) = Facts::of(shared, query) else {
        return Reply::ok(&[("output", array(&[]))]);
    };
    let today = f.view.day.day;
    // Twice as many days, and over any run of holidays.
    let from = today.plus(-(ROWS as i32 * 2 + 15));
    let past = shared
        .market
        .figures_on(f.venue, f.index, from, today.plus(-1));
    let mut rows = Vec::with_capacity(ROWS);
    if 0 < f.totals.volume {
        let end = u32::from(f.view.day.hours.end().0) * 60_000;
        let known = end <= f.view.ms;
        rows.push(investor_row(
            shared,
            &f,
            today,
            (f.price, f.base),
            known.then_some((f.totals.volume, f.totals.value)),
        ));
    }
    for pair in past.windows(2).rev().take(ROWS - rows.len()) {
        let (before, day) = (&pair[0], &pair[1]);
        let prices = (day.candle.close, before.candle.close);
        rows.push(investor_row(
            shared,
            &f,
            day.day,
            prices,
            Some((day.candle.volume, day.value)),
        ));
    }
    Reply::ok(&[("output", array(&rows))])
}

/// When the broker's people count: foreigners, institutions, then both together.
const COUNTED: [(Minute, bool, bool); 5] = [
    (Minute::hm(9, 30), true, false),
    (Minute::hm(10, 0), false, true),
    (Minute::hm(11, 20), true, true),
    (Minute::hm(13, 20), true, true),
    (Minute::hm(14, 30), true, true),
];

/// What has been counted so far today, the newest first.
pub(super) fn estimates(shared: &Shared, query: &Query) -> Reply {
    let code = StockCode::parse(query_value(query, "MKSC_SHRN_ISCD"));
    let Some(f) = code.and_then(|code| Facts::find(shared, Venue::Krx, code)) else {
        return Reply::ok(&[("output2", array(&[]))]);
    };
    let flows = Flows::of(shared.market.seed(), f.index, f.view.day.day);
    let (mut foreigners, mut institutions) = (0, 0);
    let mut rows: Vec<Fields> = Vec::new();
    for (n, (minute, of_foreigners, of_institutions)) in (1..).zip(COUNTED) {
        let ms = u32::from(minute.0) * 60_000;
        if f.view.ms < ms {
            break;
        }
        let volume = f.view.day.at(ms).volume;
        let (bought, sold) = (flows.bought_by(volume), flows.sold_by(volume));
        if of_foreigners {
            foreigners = bought[1] - sold[1];
        }
        if of_institutions {
            institutions = bought[2] - sold[2];
        }
        rows.push(vec![
            ("bsop_hour_gb", n.to_string()),
            ("frgn_fake_ntby_qty", foreigners.to_string()),
            ("orgn_fake_ntby_qty", institutions.to_string()),
            ("sum_fake_ntby_qty", (foreigners + institutions).to_string()),
        ]);
    }
    rows.reverse();
    Reply::ok(&[("output2", array(&rows))])
}

fn investor_row(
    shared: &Shared,
    f: &Facts,
    day: Day,
    (close, before): (i64, i64),
    traded: Option<(i64, i64)>,
) -> Fields {
    let flows = Flows::of(shared.market.seed(), f.index, day);
    let mut row: Fields = vec![
        ("stck_bsop_date", day.compact()),
        ("stck_clpr", close.to_string()),
        ("prdy_vrss", (close - before).to_string()),
        (
            "prdy_vrss_sign",
            sign(close, before, 0, i64::MAX).to_owned(),
        ),
    ];
    let (volume, value) = traded.unwrap_or_default();
    let value = value / 1_000_000;
    let (bought, sold) = (flows.bought_by(volume), flows.sold_by(volume));
    let (paid, got) = (flows.bought_by(value), flows.sold_by(value));
    let less = |a: [i64; 3], b: [i64; 3]| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    let mut put = |names: [&'static str; 3], values: [i64; 3]| {
        let texts = values.map(|v| traded.map_or_else(String::new, |_| v.to_string()));
        row.extend(names.into_iter().zip(texts));
    };
    put(
        ["prsn_ntby_qty", "frgn_ntby_qty", "orgn_ntby_qty"],
        less(bought, sold),
    );
    put(
        [
            "prsn_ntby_tr_pbmn",
            "frgn_ntby_tr_pbmn",
            "orgn_ntby_tr_pbmn",
        ],
        less(paid, got),
    );
    put(["prsn_shnu_vol", "frgn_shnu_vol", "orgn_shnu_vol"], bought);
    put(
        [
            "prsn_shnu_tr_pbmn",
            "frgn_shnu_tr_pbmn",
            "orgn_shnu_tr_pbmn",
        ],
        paid,
    );
    put(["prsn_seln_vol", "frgn_seln_vol", "orgn_seln_vol"], sold);
    put(
        [
            "prsn_seln_tr_pbmn",
            "frgn_seln_tr_pbmn",
            "orgn_seln_tr_pbmn",
        ],
        got,
    );
    row
}
