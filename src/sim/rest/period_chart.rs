//! FHKST03010100 inquire-daily-itemchartprice (기간별 시세): days, weeks, months and years.

use crate::domain::{Candle, Day, Market as Venue};
use crate::sim::market::DayFigures;
use crate::sim::rest::asking::{newest_book, usual_size};
use crate::sim::rest::facts::{Facts, percent, sign};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, hollow, object};
use crate::sim::shared::Shared;

const ROWS: usize = 100;
/// Rows of the short chart.
const NEWEST: usize = 30;

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let date = |key| Day::parse_compact(query_value(query, key));
    let (Some(from), Some(to)) = (date("FID_INPUT_DATE_1"), date("FID_INPUT_DATE_2")) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let Some(period) = Period::parse(query_value(query, "FID_PERIOD_DIV_CODE")) else {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_PERIOD_DIV_CODE");
    };
    // 0 adjusted, 1 raw.
    if !matches!(
        query_value(query, "FID_ORG_ADJ_PRC").trim_start_matches('0'),
        "" | "1"
    ) {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_ORG_ADJ_PRC");
    }
    let Some(facts) = Facts::of(shared, query) else {
        let head = Facts::any(shared).map_or_else(Vec::new, |f| hollow(header(shared, &f)));
        return Reply::ok(&[("output1", object(&head)), ("output2", array(&[]))]);
    };
    let raw = query_value(query, "FID_ORG_ADJ_PRC").ends_with('1');
    let mut rows = rows(shared, &facts, (from, to), period, raw);
    let listed = shared.market.listed()[facts.index].listed;
    if rows.is_empty() && listed.is_some_and(|listed| to < listed) {
        rows.push(Vec::new());
    }
    let head = header(shared, &facts);
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Period {
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "D" => Some(Self::Day),
            "W" => Some(Self::Week),
            "M" => Some(Self::Month),
            "Y" => Some(Self::Year),
            _ => None,
        }
    }

    /// The first calendar day of the period `day` lies in.
    pub(super) fn start(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => day.monday(),
            Self::Month => day.first_of_month(),
            Self::Year => Day::from_ymd(day.year(), 1, 1).unwrap_or(day),
        }
    }

    /// About as many days as `rows` periods hold, and one more.
    pub(super) fn span(self, rows: i32) -> i32 {
        (rows + 1)
            * match self {
                Self::Day => 2,
                Self::Week => 7,
                Self::Month => 31,
                Self::Year => 366,
            }
    }
}

/// One bar of the period.
#[derive(Clone, Copy)]
struct PeriodBar {
    /// The first trading day in it.
    day: Day,
    candle: Candle,
    value: i64,
}

/// FHKST01010400 inquire-daily-price (일자별): the newest 30 days, weeks or months.
pub(super) fn newest(shared: &Shared, query: &Query) -> Reply {
    let period = match Period::parse(query_value(query, "FID_PERIOD_DIV_CODE")) {
        Some(period) if period != Period::Year => period,
        _ => return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_PERIOD_DIV_CODE"),
    };
    let Some(f) = Facts::of(shared, query) else {
        return Reply::ok(&[("output", array(&[]))]);
    };
    let to = f.view.day.day;
    // The other way round than on the long chart: 0 raw, 1 adjusted.
    let raw = !query_value(query, "FID_ORG_ADJ_PRC").ends_with('1');
    let from = to.plus(-period.span(NEWEST as i32));
    let bars = bars(shared, &f, (from, to), period, raw);
    let first = bars.len().saturating_sub(NEWEST);
    let rows: Vec<Fields> = (first..bars.len())
        .rev()
        .map(|i| newest_row(&bars, i))
        .collect();
    Reply::ok(&[("output", array(&rows))])
}

fn newest_row(bars: &[PeriodBar], i: usize) -> Fields {
    let bar = &bars[i];
    let earlier = i.checked_sub(1).map(|b| bars[b]);
    let before = earlier.map_or(bar.candle.open, |b| b.candle.close);
    let volume = earlier.map_or(0, |b| b.candle.volume);
    // The same facts as on the long chart, in another order and with other neighbours.
    let long = row(bar, before);
    let take = |name: &'static str| {
        let found = long.iter().find(|(n, _)| *n == name);
        (
            name,
            found.map_or_else(String::new, |(_, value)| value.clone()),
        )
    };
    vec![
        take("stck_bsop_date"),
        take("stck_oprc"),
        take("stck_hgpr"),
        take("stck_lwpr"),
        take("stck_clpr"),
        take("acml_vol"),
        (
            "prdy_vrss_vol_rate",
            percent(bar.candle.volume - volume, volume),
        ),
        take("prdy_vrss"),
        take("prdy_vrss_sign"),
        ("prdy_ctrt", percent(bar.candle.close - before, before)),
        ("hts_frgn_ehrt", "0.00".to_owned()),
        ("frgn_ntby_qty", "0".to_owned()),
        take("flng_cls_code"),
        ("acml_prtt_rate", "0.00".to_owned()),
    ]
}

/// The newest 100 bars of periods that touch `from..=to`, newest first.
fn rows(
    shared: &Shared,
    f: &Facts,
    (from, to): (Day, Day),
    period: Period,
    raw: bool,
) -> Vec<Fields> {
    let bars = bars(shared, f, (from, to), period, raw);
    let wanted = bars.partition_point(|b| b.day < period.start(from));
    let mut out = Vec::new();
    for i in (wanted..bars.len()).rev().take(ROWS) {
        let before = i
            .checked_sub(1)
            .map_or(bars[i].candle.open, |b| bars[b].candle.close);
        out.push(row(&bars[i], before));
    }
    out
}

/// The bars from a little before `from` to `to`, oldest first.
fn bars(
    shared: &Shared,
    f: &Facts,
    (from, to): (Day, Day),
    period: Period,
    raw: bool,
) -> Vec<PeriodBar> {
    let newest = to.min(f.view.day.day);
    // A period more than asked for, and over any run of holidays, so that the oldest row knows the close before it.
    let first = period
        .start(from)
        .max(newest.plus(-period.span(ROWS as i32 + 20)))
        .plus(-period.span(1).max(14));
    let last = newest.min(f.view.day.day.plus(-1));
    let mut days = match raw && f.venue == Venue::Krx {
        true => shared.market.raw_figures(f.index, first, last),
        false => shared.market.figures_on(f.venue, f.index, first, last),
    };
    let open_ms = u32::from(f.view.day.hours.open.0) * 60_000;
    let halted = f.view.day.plan.volume == 0 && open_ms <= f.view.ms;
    if newest == f.view.day.day && (0 < f.totals.volume || halted) {
        days.push(DayFigures {
            day: newest,
            candle: match f.totals.volume {
                0 => Candle::flat(f.price),
                _ => f.totals.candle(),
            },
            value: f.totals.value,
        });
    }
    fold(&days, period)
}

fn fold(days: &[DayFigures], period: Period) -> Vec<PeriodBar> {
    let mut bars: Vec<PeriodBar> = Vec::new();
    for figures in days {
        match bars.last_mut() {
            Some(bar) if period.start(bar.day) == period.start(figures.day) => {
                bar.candle.absorb(&figures.candle);
                bar.value += figures.value;
            }
            _ => bars.push(PeriodBar {
                day: figures.day,
                candle: figures.candle,
                value: figures.value,
            }),
        }
    }
    bars
}

fn row(bar: &PeriodBar, before: i64) -> Fields {
    let mut c = bar.candle;
    // A day without trades has a close only.
    if c.volume == 0 {
        (c.open, c.high, c.low) = (0, 0, 0);
    }
    vec![
        ("stck_bsop_date", bar.day.compact()),
        ("stck_clpr", c.close.to_string()),
        ("stck_oprc", c.open.to_string()),
        ("stck_hgpr", c.high.to_string()),
        ("stck_lwpr", c.low.to_string()),
        ("acml_vol", c.volume.to_string()),
        ("acml_tr_pbmn", bar.value.to_string()),
        ("flng_cls_code", "00".to_owned()),
        ("prtt_rate", "0.00".to_owned()),
        ("mod_yn", if c.volume == 0 { "Y" } else { "N" }.to_owned()),
        (
            "prdy_vrss_sign",
            sign(c.close, before, 0, i64::MAX).to_owned(),
        ),
        ("prdy_vrss", (c.close - before).to_string()),
        ("revl_issu_reas", String::new()),
    ]
}

#[rustfmt::skip]
fn header(shared: &Shared, f: &Facts) -> Fields {
    let before = f.view.day.day.plus(-1);
    let past = shared.market.figures(f.index, before.plus(-14), before);
    let yesterday = past.last().map(|d| d.candle).unwrap_or_default();
    let book = newest_book(&f.view, usual_size(f.stock.daily_volume));
    let t = &f.totals;
    let n = |x: i64| x.to_string();
    vec![
        ("prdy_vrss", f.change()),
        ("prdy_vrss_sign", f.sign()),
        ("prdy_ctrt", f.rate()),
        ("stck_prdy_clpr", n(f.base)),
        ("acml_vol", n(t.volume)),
        ("acml_tr_pbmn", n(t.value)),
        ("hts_kor_isnm", f.stock.name.to_string()),
        ("stck_prpr", n(f.price)),
        ("stck_shrn_iscd", f.stock.code.to_string()),
        ("prdy_vol", n(yesterday.volume)),
        ("stck_mxpr", n(f.upper)),
        ("stck_llam", n(f.lower)),
        ("stck_oprc", n(t.open)),
        ("stck_hgpr", n(t.high)),
        ("stck_lwpr", n(t.low)),
        ("stck_prdy_oprc", n(yesterday.open)),
        ("stck_prdy_hgpr", n(yesterday.high)),
        ("stck_prdy_lwpr", n(yesterday.low)),
        ("askp", n(book.asks[0].0)),
        ("bidp", n(book.bids[0].0)),
        ("prdy_vrss_vol", n(t.volume - yesterday.volume)),
        ("vol_tnrt", f.turnover()),
        ("stck_fcam", n(f.face_value())),
        ("lstn_stcn", n(f.stock.listed_shares)),
        ("cpfn", n(f.capital())),
        ("hts_avls", n(f.market_value())),
        ("per", format!("{:.2}", f.price as f64 / f.earnings() as f64)),
        ("eps", format!("{}.00", f.earnings())),
        ("pbr", format!("{:.2}", f.price as f64 / f.book_value() as f64)),
        ("itewhol_loan_rmnd_ratem", "0.22".to_owned()),
    ]
}
