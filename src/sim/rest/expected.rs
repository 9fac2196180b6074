//! Auctions: FHPST01810000 exp-price-trend (예상체결가 추이), FHKST117300C0 exp-closing-price
//! (장마감 예상체결가) and FHPST01390000 inquire-vi-status (VI 현황).

use crate::domain::{Day, Market as Venue};
use crate::sim::market::{Book, Phase, Stop, book_at, book_times};
use crate::sim::rest::asking::usual_size;
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::ranking::of_index;
use crate::sim::rest::reply::{Fields, Reply, array, hollow, object};
use crate::sim::rest::trades::hhmmss;
use crate::sim::shared::Shared;

const ROWS: usize = 30;
/// An auction is looked for so many minutes back; the longest pause between two is shorter.
const MINUTES_BACK: u32 = 900;

pub(super) fn trend(shared: &Shared, query: &Query) -> Reply {
    let Some(f) = Facts::of(shared, query) else {
        let head = Facts::any(shared).map_or_else(Vec::new, |f| hollow(trend_head(&f, None)));
        return Reply::ok(&[("output1", object(&head)), ("output2", array(&[]))]);
    };
    let books = expected_books(&f);
    let head = trend_head(&f, books.first());
    // 4: without those nothing would be matched in.
    let some = query_value(query, "FID_MKOP_CLS_CODE") == "4";
    let rows: Vec<Fields> = books
        .iter()
        .filter(|book| !some || 0 < book.expected.1)
        .map(|book| {
            let price = book.expected.0;
            vec![
                ("stck_bsop_date", f.view.day.day.compact()),
                ("stck_cntg_hour", hhmmss(book.ms)),
                ("stck_prpr", price.to_string()),
                ("prdy_vrss_sign", f.sign_of(price).to_owned()),
                ("prdy_vrss", (price - f.base).to_string()),
                ("prdy_ctrt", percent(price - f.base, f.base)),
                ("acml_vol", book.expected.1.to_string()),
            ]
        })
        .collect();
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

/// The newest books of the running or the last auction of the day, newest first.
fn expected_books(f: &Facts) -> Vec<Book> {
    let day = &f.view.day;
    let usual = usual_size(f.stock.daily_volume);
    let newest = f.view.ms / 60_000;
    let mut books = Vec::new();
    for minute in (newest.saturating_sub(MINUTES_BACK)..=newest).rev() {
        let found = book_times(day, minute)
            .into_iter()
            .rev()
            .filter(|ms| *ms <= f.view.ms && day.phase(*ms).is_call())
            .map(|ms| book_at(day, ms, &day.at(ms), usual));
        let before = books.len();
        books.extend(found);
        let ended = 0 < before && books.len() == before;
        if ended || ROWS <= books.len() {
            break;
        }
    }
    books.truncate(ROWS);
    books
}

fn trend_head(f: &Facts, newest: Option<&Book>) -> Fields {
    let (price, shares) = newest.map_or((0, 0), |book| book.expected);
    let change = if price == 0 { 0 } else { price - f.base };
    vec![
        ("rprs_mrkt_kor_name", f.stock.index_name().to_owned()),
        ("antc_cnpr", price.to_string()),
        ("antc_cntg_vrss_sign", f.sign_of(f.base + change).to_owned()),
        ("antc_cntg_vrss", change.to_string()),
        ("antc_cntg_prdy_ctrt", percent(change, f.base)),
        ("antc_vol", shares.to_string()),
        ("antc_tr_pbmn", (price * shares).to_string()),
    ]
}

/// The closing auction's expected prices; nothing outside it.
pub(super) fn closing(shared: &Shared, query: &Query) -> Reply {
    let Some(stocks) = of_index(shared, query_value(query, "FID_INPUT_ISCD"), Venue::Krx) else {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_INPUT_ISCD");
    };
    let mut found: Vec<(Facts, i64, i64)> = stocks
        .into_iter()
        .filter(|f| f.view.day.phase(f.view.ms) == Phase::ClosingCall)
        .filter_map(|f| {
            let (price, shares) = expected_books(&f).first()?.expected;
            Some((f, price, shares))
        })
        .collect();
    let moved = |f: &Facts, price: i64| price as f64 / f.price as f64;
    match query_value(query, "FID_RANK_SORT_CLS_CODE") {
        "1" => found.retain(|(f, price, _)| *price == f.upper),
        "2" => found.retain(|(f, price, _)| *price == f.lower),
        "3" => found.sort_by(|a, b| moved(&b.0, b.1).total_cmp(&moved(&a.0, a.1))),
        "4" => found.sort_by(|a, b| moved(&a.0, a.1).total_cmp(&moved(&b.0, b.1))),
        _ => {}
    }
    let rows: Vec<Fields> = found
        .iter()
        .take(ROWS)
        .map(|(f, price, shares)| {
            vec![
                ("stck_shrn_iscd", f.stock.code.to_string()),
                ("hts_kor_isnm", f.stock.name.to_string()),
                ("stck_prpr", price.to_string()),
                ("prdy_vrss", (price - f.base).to_string()),
                ("prdy_vrss_sign", f.sign_of(*price).to_owned()),
                ("prdy_ctrt", percent(price - f.base, f.base)),
                ("sdpr_vrss_prpr", (price - f.price).to_string()),
                ("sdpr_vrss_prpr_rate", percent(price - f.price, f.price)),
                ("cntg_vol", shares.to_string()),
            ]
        })
        .collect();
    Reply::ok(&[("output", array(&rows))])
}

pub(super) fn interruptions(shared: &Shared, query: &Query) -> Reply {
    let Some(day) = Day::parse_compact(query_value(query, "FID_INPUT_DATE_1")) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    let wanted = query_value(query, "FID_INPUT_ISCD");
    let now = shared.clock.now();
    let of_stock = |stop: &&Stop| wanted.is_empty() || wanted == stop.code.as_str();
    let begun = |stop: &&Stop| day.at(stop.from) <= now;
    let mut stops: Vec<&Stop> = shared
        .market
        .stops_on(day)
        .filter(|s| s.is_vi)
        .filter(of_stock)
        .filter(begun)
        .collect();
    stops.sort_by_key(|stop| (stop.from, stop.code));
    let rows: Vec<Fields> = (0..stops.len())
        .rev()
        .filter_map(|i| {
            let earlier = stops[..i]
                .iter()
                .filter(|s| s.code == stops[i].code)
                .count();
            interruption(shared, day, stops[i], earlier + 1)
        })
        .take(ROWS)
        .collect();
    Reply::ok(&[("output", array(&rows))])
}

fn interruption(shared: &Shared, day: Day, stop: &Stop, count: usize) -> Option<Fields> {
    let index = shared.market.index_of(stop.code)?;
    let made = shared.market.trading_day(index, day)?;
    let over = day.at(stop.to) <= shared.clock.now();
    let start = u32::from(stop.from.0) * 60_000;
    // The last price before it, against the opening auction's: a static one.
    let price = made.at(start).last;
    let reference = made.plan.open;
    Some(vec![
        (
            "hts_kor_isnm",
            shared.market.listed().get(index)?.name.to_string(),
        ),
        ("mksc_shrn_iscd", stop.code.to_string()),
        ("vi_cls_code", if over { "N" } else { "Y" }.to_owned()),
        ("bsop_date", day.compact()),
        ("cntg_vi_hour", stop.from.compact()),
        (
            "vi_cncl_hour",
            if over {
                stop.to.compact()
            } else {
                String::new()
            },
        ),
        ("vi_kind_code", "1".to_owned()),
        ("vi_prc", price.to_string()),
        ("vi_stnd_prc", reference.to_string()),
        ("vi_dprt", percent(price - reference, reference)),
        ("vi_dmc_stnd_prc", "0".to_owned()),
        ("vi_dmc_dprt", "0.00".to_owned()),
        ("vi_count", count.to_string()),
    ])
}

/// Price and shares of the auction that runs now; zeros when none does.
pub(super) fn expected_now(f: &Facts) -> (i64, i64) {
    let day = &f.view.day;
    match day.phase(f.view.ms).is_call() {
        true => book_at(day, f.view.ms, &f.totals, usual_size(f.stock.daily_volume)).expected,
        false => (0, 0),
    }
}
