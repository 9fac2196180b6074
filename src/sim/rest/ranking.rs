//! Rankings over the leading stocks, thirty rows each: FHPST01710000 volume-rank,
//! FHPST01700000 fluctuation, FHPST01740000 market-cap, FHPST01780000 disparity, FHPST01870000
//! near-new-highlow and FHKST130000C0 capture-uplowprice.

use crate::domain::Market as Venue;
use crate::sim::market::Board;
use crate::sim::rest::asking::{newest_book, usual_size};
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array};
use crate::sim::rest::sectors;
use crate::sim::rest::short_price::side;
use crate::sim::rest::trades::hhmmss;
use crate::sim::shared::Shared;

const ROWS: usize = 30;
/// A year, for highs and lows; long enough for the averages of 120 sessions.
const YEAR: i32 = 364;
const LONGEST_MEAN: i32 = 200;
/// So many of both boards make up the KRX 100.
const KRX_100: usize = 100;

/// The leading stocks of an index or a sector, of both boards for `0000`; `None` for an unknown one.
pub(super) fn of_index<'a>(shared: &'a Shared, code: &str, venue: Venue) -> Option<Vec<Facts<'a>>> {
    let is_known = matches!(code, "0000" | "4001") || sectors::name(code).is_some();
    if !is_known {
        return None;
    }
    let codes = shared.market.stocks().iter().map(|s| s.code);
    let all = codes.filter_map(|code| Facts::find(shared, venue, code));
    let mut found: Vec<Facts> = all.filter(|f| belongs(f, code)).collect();
    if code == "4001" {
        found.sort_by_key(|f| std::cmp::Reverse(f.market_value()));
        found.truncate(KRX_100);
    }
    Some(found)
}

/// Whether a stock is in the index or sector of a four-digit code.
fn belongs(f: &Facts, code: &str) -> bool {
    let board = match f.stock.board {
        Board::Kospi => "0",
        Board::Kosdaq => "1",
        Board::Konex => return code == "0000",
    };
    match code {
        "0000" | "4001" => true,
        "2001" => f.stock.index_name() == "KOSPI200",
        "0001" | "1001" => code.starts_with(board),
        "0002" | "0003" | "0004" | "1002" | "1003" | "1004" => {
            let size = sectors::size(f.stock.listed_shares / 10_000 * f.base / 10_000);
            code.starts_with(board) && code.ends_with(&(size + 1).to_string())
        }
        _ => {
            let (large, middle) = sectors::codes(f.stock);
            large == code || middle == code
        }
    }
}

/// The stocks a ranking is over, its bounds of price and volume kept.
fn candidates<'a>(
    shared: &'a Shared,
    query: &Query,
    bounds: [&str; 3],
) -> Result<Vec<Facts<'a>>, Reply> {
    let venue = Venue::parse(query_value(query, "FID_COND_MRKT_DIV_CODE")).unwrap_or(Venue::Krx);
    let Some(mut stocks) = of_index(shared, query_value(query, "FID_INPUT_ISCD"), venue) else {
        return Err(Reply::bad_input("OPSQ2001", "ERROR INVALID FID_INPUT_ISCD"));
    };
    // Blank or zero is no bound.
    let bound = |key: &str| {
        query_value(query, key)
            .parse::<i64>()
            .ok()
            .filter(|n| 0 < *n)
    };
    let [least, most, volume] = bounds.map(bound);
    stocks.retain(|f| {
        least.is_none_or(|n| n <= f.price)
            && most.is_none_or(|n| f.price <= n)
            && volume.is_none_or(|n| n <= f.totals.volume)
    });
    Ok(stocks)
}

const BOUNDS: [&str; 3] = ["FID_INPUT_PRICE_1", "FID_INPUT_PRICE_2", "FID_VOL_CNT"];

/// The first rows by `key`, largest first, each written with its rank.
fn ranked<'a>(
    mut stocks: Vec<Facts<'a>>,
    key: impl Fn(&Facts<'a>) -> f64,
    write: impl Fn(&Facts<'a>, usize) -> Fields,
) -> Reply {
    stocks.sort_by(|a, b| key(b).total_cmp(&key(a)));
    let rows: Vec<Fields> = stocks
        .iter()
        .take(ROWS)
        .enumerate()
        .map(|(i, f)| write(f, i + 1))
        .collect();
    Reply::ok(&[("output", array(&rows))])
}

fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}

pub(super) fn volume(shared: &Shared, query: &Query) -> Reply {
    // Both venues together is no error but nothing, as users measured.
    if query_value(query, "FID_COND_MRKT_DIV_CODE") == "UN" {
        return Reply::ok(&[("output", array(&[]))]);
    }
    let mut stocks = match candidates(shared, query, BOUNDS) {
        Ok(stocks) => stocks,
        Err(refusal) => return refusal,
    };
    // 1 common, 2 preferred shares.
    match query_value(query, "FID_DIV_CLS_CODE") {
        "1" => stocks.retain(|f| f.stock.marks.preferred == 0),
        "2" => stocks.retain(|f| f.stock.marks.preferred != 0),
        _ => {}
    }
    let sort = query_value(query, "FID_BLNG_CLS_CODE").to_owned();
    let key = |f: &Facts| match sort.as_str() {
        "1" => ratio(f.totals.volume, f.yesterday(shared).volume),
        "2" => ratio(f.totals.volume, f.stock.listed_shares),
        "3" => f.totals.value as f64,
        "4" => ratio(f.totals.value, f.stock.listed_shares * f.price),
        _ => f.totals.volume as f64,
    };
    ranked(stocks, key, |f, rank| {
        let yesterday = f.yesterday(shared).volume;
        let (t, n) = (&f.totals, |x: i64| x.to_string());
        let turned = percent(t.value, f.stock.listed_shares * f.price);
        vec![
            ("hts_kor_isnm", f.stock.name.to_string()),
            ("mksc_shrn_iscd", f.stock.code.to_string()),
            ("data_rank", rank.to_string()),
            ("stck_prpr", n(f.price)),
            ("prdy_vrss_sign", f.sign()),
            ("prdy_vrss", f.change()),
            ("prdy_ctrt", f.rate()),
            ("acml_vol", n(t.volume)),
            ("prdy_vol", n(yesterday)),
            ("lstn_stcn", n(f.stock.listed_shares)),
            ("avrg_vol", n(t.volume)),
            ("n_befr_clpr_vrss_prpr_rate", f.rate()),
            ("vol_inrt", percent(t.volume, yesterday)),
            ("vol_tnrt", f.turnover()),
            ("nday_vol_tnrt", f.turnover()),
            ("avrg_tr_pbmn", n(t.value)),
            ("tr_pbmn_tnrt", turned.clone()),
            ("nday_tr_pbmn_tnrt", turned),
            ("acml_tr_pbmn", n(t.value)),
        ]
    })
}

#[rustfmt::skip]
pub(super) fn fluctuation(shared: &Shared, query: &Query) -> Reply {
    let mut stocks = match candidates(shared, query, BOUNDS) {
        Ok(stocks) => stocks,
        Err(refusal) => return refusal,
    };
    let bound = |key: &str| query_value(query, key).parse::<f64>().ok();
    let (least, most) = (bound("FID_RSFL_RATE1"), bound("FID_RSFL_RATE2"));
    let moved = |f: &Facts| ratio(f.price - f.base, f.base) * 100.0;
    stocks.retain(|f| 0 < f.totals.volume && least.is_none_or(|r| r <= moved(f)) && most.is_none_or(|r| moved(f) <= r));
    let sort = query_value(query, "FID_RANK_SORT_CLS_CODE").to_owned();
    let to_close = query_value(query, "FID_PRC_CLS_CODE") == "1";
    let key = |f: &Facts| {
        let t = &f.totals;
        match sort.as_str() {
            "0" if !to_close => ratio(f.price - t.low, t.low),
            "0" => moved(f),
            "1" if !to_close => -ratio(f.price - t.high, t.high),
            "1" => -moved(f),
            "2" => ratio(f.price - t.open, t.open),
            "3" => -ratio(f.price - t.open, t.open),
            _ => ratio(t.high - t.low, f.base),
        }
    };
    let back = query_value(query, "FID_INPUT_CNT_1").parse::<usize>().unwrap_or(0);
    ranked(stocks, key, |f, rank| {
        let past = f.past(shared, 60 + 2 * back.min(250) as i32);
        let closes: Vec<i64> = past.iter().map(|d| d.candle.close).chain([f.price]).collect();
        let run = |up: bool| closes.windows(2).rev().take_while(|w| w[0] != w[1] && (w[0] < w[1]) == up).count();
        let day_ago = past.len().checked_sub(back.max(1)).and_then(|i| past.get(i));
        let then = if back == 0 { f.base } else { day_ago.map_or(f.base, |d| d.candle.close) };
        let (t, n) = (&f.totals, |x: i64| x.to_string());
        let today = f.view.day.day.compact();
        vec![
            ("stck_shrn_iscd", f.stock.code.to_string()),
            ("data_rank", rank.to_string()),
            ("hts_kor_isnm", f.stock.name.to_string()),
            ("stck_prpr", n(f.price)),
            ("prdy_vrss", f.change()),
            ("prdy_vrss_sign", f.sign()),
            ("prdy_ctrt", f.rate()),
            ("acml_vol", n(t.volume)),
            ("stck_hgpr", n(t.high)),
            ("hgpr_hour", hhmmss(t.high_at * 1_000)),
            ("acml_hgpr_date", today.clone()),
            ("stck_lwpr", n(t.low)),
            ("lwpr_hour", hhmmss(t.low_at * 1_000)),
            ("acml_lwpr_date", today),
            ("lwpr_vrss_prpr_rate", percent(f.price - t.low, t.low)),
            ("dsgt_date_clpr_vrss_prpr_rate", percent(f.price - then, then)),
            ("cnnt_ascn_dynu", run(true).to_string()),
            ("hgpr_vrss_prpr_rate", percent(f.price - t.high, t.high)),
            ("cnnt_down_dynu", run(false).to_string()),
            ("oprc_vrss_prpr_sign", side(f.price - t.open).into()),
            ("oprc_vrss_prpr", n(f.price - t.open)),
            ("oprc_vrss_prpr_rate", percent(f.price - t.open, t.open)),
            ("prd_rsfl", n(f.price - then)),
            ("prd_rsfl_rate", percent(f.price - then, then)),
        ]
    })
}

pub(super) fn market_value(shared: &Shared, query: &Query) -> Reply {
    let stocks = match candidates(shared, query, BOUNDS) {
        Ok(stocks) => stocks,
        Err(refusal) => return refusal,
    };
    let all = of_index(shared, "0000", Venue::Krx).unwrap_or_default();
    let whole: i64 = all.iter().map(Facts::market_value).sum();
    ranked(
        stocks,
        |f| f.market_value() as f64,
        |f, rank| {
            vec![
                ("mksc_shrn_iscd", f.stock.code.to_string()),
                ("data_rank", rank.to_string()),
                ("hts_kor_isnm", f.stock.name.to_string()),
                ("stck_prpr", f.price.to_string()),
                ("prdy_vrss", f.change()),
                ("prdy_vrss_sign", f.sign()),
                ("prdy_ctrt", f.rate()),
                ("acml_vol", f.totals.volume.to_string()),
                ("lstn_stcn", f.stock.listed_shares.to_string()),
                ("stck_avls", f.market_value().to_string()),
                ("mrkt_whol_avls_rlim", percent(f.market_value(), whole)),
            ]
        },
    )
}

pub(super) fn disparity(shared: &Shared, query: &Query) -> Reply {
    let stocks = match candidates(shared, query, BOUNDS) {
        Ok(stocks) => stocks,
        Err(refusal) => return refusal,
    };
    const LENGTHS: [usize; 5] = [5, 10, 20, 60, 120];
    const NAMES: [&str; 5] = ["d5_dsrt", "d10_dsrt", "d20_dsrt", "d60_dsrt", "d120_dsrt"];
    let wanted = query_value(query, "FID_HOUR_CLS_CODE").parse::<usize>();
    let Some(wanted) = LENGTHS.iter().position(|n| Ok(*n) == wanted) else {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_HOUR_CLS_CODE");
    };
    let lowest = query_value(query, "FID_RANK_SORT_CLS_CODE") == "1";
    // The price in percent of the mean of the last closes, the price itself the newest of them.
    let of = |f: &Facts| {
        let mut closes: Vec<i64> = vec![f.price];
        closes.extend(
            f.past(shared, LONGEST_MEAN)
                .iter()
                .rev()
                .map(|d| d.candle.close),
        );
        LENGTHS.map(|length| {
            let newest = &closes[..length.min(closes.len())];
            let mean = newest.iter().sum::<i64>() as f64 / newest.len() as f64;
            f.price as f64 / mean * 100.0
        })
    };
    let key = |f: &Facts| {
        if lowest {
            -of(f)[wanted]
        } else {
            of(f)[wanted]
        }
    };
    ranked(stocks, key, |f, rank| {
        let mut row = vec![
            ("mksc_shrn_iscd", f.stock.code.to_string()),
            ("data_rank", rank.to_string()),
            ("hts_kor_isnm", f.stock.name.to_string()),
            ("stck_prpr", f.price.to_string()),
            ("prdy_vrss", f.change()),
            ("prdy_ctrt", f.rate()),
            ("prdy_vrss_sign", f.sign()),
            ("acml_vol", f.totals.volume.to_string()),
        ];
        row.extend(NAMES.into_iter().zip(of(f).map(|d| format!("{d:.2}"))));
        row
    })
}

/// Highest and lowest price of a year, today's among them.
pub(super) fn year_extremes(shared: &Shared, f: &Facts) -> (i64, i64) {
    let today = match f.totals.volume {
        0 => (f.base, f.base),
        _ => (f.totals.high, f.totals.low),
    };
    f.past(shared, YEAR).iter().fold(today, |(high, low), d| {
        (high.max(d.candle.high), low.min(d.candle.low))
    })
}

pub(super) fn near_extremes(shared: &Shared, query: &Query) -> Reply {
    let bounds = [
        "FID_APLY_RANG_PRC_1",
        "FID_APLY_RANG_PRC_2",
        "FID_APLY_RANG_VOL",
    ];
    let mut stocks = match candidates(shared, query, bounds) {
        Ok(stocks) => stocks,
        Err(refusal) => return refusal,
    };
    // 0 near the year's high, 1 near its low, so many percent away.
    let near_low = query_value(query, "FID_PRC_CLS_CODE") == "1";
    let away = |f: &Facts| {
        let (high, low) = year_extremes(shared, f);
        let extreme = if near_low { low } else { high };
        ratio((f.price - extreme).abs(), extreme) * 100.0
    };
    let percent_of = |key: &str| query_value(query, key).parse::<f64>().ok();
    let least = percent_of("FID_INPUT_CNT_1").unwrap_or(0.0);
    let most = percent_of("FID_INPUT_CNT_2").unwrap_or(f64::MAX);
    stocks.retain(|f| (least..=most).contains(&away(f)));
    ranked(
        stocks,
        |f| -away(f),
        |f, _| {
            let (high, low) = year_extremes(shared, f);
            let book = newest_book(&f.view, usual_size(f.stock.daily_volume));
            let n = |x: i64| x.to_string();
            vec![
                ("hts_kor_isnm", f.stock.name.to_string()),
                ("mksc_shrn_iscd", f.stock.code.to_string()),
                ("stck_prpr", n(f.price)),
                ("prdy_vrss_sign", f.sign()),
                ("prdy_vrss", f.change()),
                ("prdy_ctrt", f.rate()),
                ("askp", n(book.asks[0].0)),
                ("askp_rsqn1", n(book.asks[0].1)),
                ("bidp", n(book.bids[0].0)),
                ("bidp_rsqn1", n(book.bids[0].1)),
                ("acml_vol", n(f.totals.volume)),
                ("new_hgpr", n(high)),
                ("hprc_near_rate", percent(f.price - high, high)),
                ("new_lwpr", n(low)),
                ("lwpr_near_rate", percent(low - f.price, f.price)),
                ("stck_sdpr", n(f.base)),
            ]
        },
    )
}

pub(super) fn at_limits(shared: &Shared, query: &Query) -> Reply {
    let mut stocks = match candidates(shared, query, BOUNDS) {
        Ok(stocks) => stocks,
        Err(refusal) => return refusal,
    };
    let lower = query_value(query, "FID_PRC_CLS_CODE") == "1";
    // At the limit, or so near it, in percent of the base price.
    let near = match query_value(query, "FID_DIV_CLS_CODE") {
        "6" => 8,
        "5" => 10,
        "1" => 15,
        "2" => 20,
        "3" => 25,
        _ => 0,
    };
    let away = |f: &Facts| {
        if lower {
            f.price - f.lower
        } else {
            f.upper - f.price
        }
    };
    stocks.retain(|f| away(f) * 100 <= near * f.base);
    ranked(
        stocks,
        |f| -ratio(away(f), f.base),
        |f, _| {
            let book = newest_book(&f.view, usual_size(f.stock.daily_volume));
            let yesterday = f.yesterday(shared).volume;
            let (t, n) = (&f.totals, |x: i64| x.to_string());
            vec![
                ("mksc_shrn_iscd", f.stock.code.to_string()),
                ("hts_kor_isnm", f.stock.name.to_string()),
                ("stck_prpr", n(f.price)),
                ("prdy_vrss_sign", f.sign()),
                ("prdy_vrss", f.change()),
                ("prdy_ctrt", f.rate()),
                ("acml_vol", n(t.volume)),
                ("total_askp_rsqn", n(book.total_ask)),
                ("total_bidp_rsqn", n(book.total_bid)),
                ("askp_rsqn1", n(book.asks[0].1)),
                ("bidp_rsqn1", n(book.bids[0].1)),
                ("prdy_vol", n(yesterday)),
                ("seln_cnqn", n(t.sell_volume)),
                ("shnu_cnqn", n(t.buy_volume)),
                ("stck_llam", n(f.lower)),
                ("stck_mxpr", n(f.upper)),
                ("prdy_vrss_vol_rate", percent(t.volume, yesterday)),
            ]
        },
    )
}
