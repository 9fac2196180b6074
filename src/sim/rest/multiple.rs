//! FHKST11300006 intstock-multprice (관심종목 멀티시세): up to 30 stocks a call.

use crate::domain::{Market as Venue, StockCode};
use crate::sim::market::{Board, IndexFigures};
use crate::sim::rest::asking::{newest_book, usual_size};
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, hollow};
use crate::sim::rest::sectors;
use crate::sim::shared::Shared;

const MOST: usize = 30;

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let mut rows = Vec::new();
    for i in 1..=MOST {
        let code = query_value(query, &format!("FID_INPUT_ISCD_{i}"));
        let market = query_value(query, &format!("FID_COND_MRKT_DIV_CODE_{i}"));
        if code.is_empty() && market.is_empty() {
            continue;
        }
        if market != "U" && Venue::parse(market).is_none() {
            return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_COND_MRKT_DIV_CODE");
        }
        let facts = match (Venue::parse(market), StockCode::parse(code)) {
            (Some(venue), Some(code)) => Facts::find(shared, venue, code),
            _ => None,
        };
        if let Some(index) = (market == "U")
            .then(|| shared.market.index(code, shared.clock.now()))
            .flatten()
        {
            rows.push(index_row(code, &index));
            continue;
        }
        rows.push(match facts {
            Some(facts) => row(shared, &facts),
            // The row of an unknown code is blank.
            None => Facts::any(shared).map_or_else(Vec::new, |f| hollow(row(shared, &f))),
        });
    }
    Reply::ok(&[("output", array(&rows))])
}

/// Points with two decimals, thousand shares, million won; no limits and no orders.
fn index_row(code: &str, f: &IndexFigures) -> Fields {
    let points = |value: f64| format!("{value:.2}");
    let change = f.last - f.before;
    let sign = match change {
        c if 0.005 <= c => "2",
        c if c <= -0.005 => "5",
        _ => "3",
    };
    let none = String::new;
    let name = sectors::name(code).unwrap_or_default();
    vec![
        ("kospi_kosdaq_cls_name", "업종".to_owned()),
        ("mrkt_trtm_cls_name", none()),
        ("hour_cls_code", "2".to_owned()),
        ("inter_shrn_iscd", code.to_owned()),
        ("inter_kor_isnm", name.to_owned()),
        ("inter2_prpr", points(f.last)),
        ("inter2_prdy_vrss", points(change)),
        ("prdy_vrss_sign", sign.to_owned()),
        ("prdy_ctrt", points(change / f.before * 100.0)),
        ("acml_vol", f.volume.to_string()),
        ("inter2_oprc", points(f.open)),
        ("inter2_hgpr", points(f.high)),
        ("inter2_lwpr", points(f.low)),
        ("inter2_llam", none()),
        ("inter2_mxpr", none()),
        ("inter2_askp", none()),
        ("inter2_bidp", none()),
        ("seln_rsqn", none()),
        ("shnu_rsqn", none()),
        ("total_askp_rsqn", "0".to_owned()),
        ("total_bidp_rsqn", "0".to_owned()),
        ("acml_tr_pbmn", f.value.to_string()),
        ("inter2_prdy_clpr", points(f.before)),
        ("oprc_vrss_hgpr_rate", none()),
        ("intr_antc_cntg_vrss", "0.00".to_owned()),
        ("intr_antc_cntg_vrss_sign", "3".to_owned()),
        ("intr_antc_cntg_prdy_ctrt", "0.00".to_owned()),
        ("intr_antc_vol", "0".to_owned()),
        ("inter2_sdpr", points(f.before)),
    ]
}

fn row(shared: &Shared, f: &Facts) -> Fields {
    let book = newest_book(&f.view, usual_size(f.stock.daily_volume));
    let phase = f.view.day.phase(f.view.ms);
    let board = match f.stock.board {
        Board::Kospi => "거래소",
        Board::Kosdaq => "코스닥",
        Board::Konex => "코넥스",
    };
    let auction = phase.is_call();
    let (expected, shares) = if auction { book.expected } else { (0, 0) };
    let difference = if expected == 0 { 0 } else { expected - f.base };
    let t = &f.totals;
    let n = |x: i64| x.to_string();
    vec![
        ("kospi_kosdaq_cls_name", board.to_owned()),
        ("mrkt_trtm_cls_name", board.to_owned()),
        ("hour_cls_code", if auction { "1" } else { "0" }.to_owned()),
        ("inter_shrn_iscd", f.stock.code.to_string()),
        ("inter_kor_isnm", f.stock.name.to_string()),
        ("inter2_prpr", n(f.price)),
        ("inter2_prdy_vrss", f.change()),
        ("prdy_vrss_sign", f.sign()),
        ("prdy_ctrt", f.rate()),
        ("acml_vol", n(t.volume)),
        ("inter2_oprc", n(t.open)),
        ("inter2_hgpr", n(t.high)),
        ("inter2_lwpr", n(t.low)),
        ("inter2_llam", n(f.lower)),
        ("inter2_mxpr", n(f.upper)),
        ("inter2_askp", n(book.asks[0].0)),
        ("inter2_bidp", n(book.bids[0].0)),
        ("seln_rsqn", n(book.asks[0].1)),
        ("shnu_rsqn", n(book.bids[0].1)),
        ("total_askp_rsqn", n(book.total_ask)),
        ("total_bidp_rsqn", n(book.total_bid)),
        ("acml_tr_pbmn", n(t.value)),
        ("inter2_prdy_clpr", n(f.last_close(shared))),
        ("oprc_vrss_hgpr_rate", percent(t.high - t.open, t.open)),
        ("intr_antc_cntg_vrss", n(difference)),
        (
            "intr_antc_cntg_vrss_sign",
            f.sign_of(f.base + difference).to_owned(),
        ),
        ("intr_antc_cntg_prdy_ctrt", percent(difference, f.base)),
        ("intr_antc_vol", n(shares)),
        ("inter2_sdpr", n(f.base)),
    ]
}
