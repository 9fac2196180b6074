//! FHKST01010200 inquire-asking-price-exp-ccn (호가/예상체결).

use crate::sim::market::{Book, END_OF_DAY, Phase, View, book_at, book_times};
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::Query;
use crate::sim::rest::reply::{Fields, Reply, hollow, object};
use crate::sim::rest::trades::hhmmss;
use crate::sim::shared::Shared;

const ASKP: [&str; 10] = [
    "askp1", "askp2", "askp3", "askp4", "askp5", "askp6", "askp7", "askp8", "askp9", "askp10",
];
const BIDP: [&str; 10] = [
    "bidp1", "bidp2", "bidp3", "bidp4", "bidp5", "bidp6", "bidp7", "bidp8", "bidp9", "bidp10",
];
const ASKP_RSQN: [&str; 10] = [
    "askp_rsqn1",
    "askp_rsqn2",
    "askp_rsqn3",
    "askp_rsqn4",
    "askp_rsqn5",
    "askp_rsqn6",
    "askp_rsqn7",
    "askp_rsqn8",
    "askp_rsqn9",
    "askp_rsqn10",
];
const BIDP_RSQN: [&str; 10] = [
    "bidp_rsqn1",
    "bidp_rsqn2",
    "bidp_rsqn3",
    "bidp_rsqn4",
    "bidp_rsqn5",
    "bidp_rsqn6",
    "bidp_rsqn7",
    "bidp_rsqn8",
    "bidp_rsqn9",
    "bidp_rsqn10",
];
const ASKP_ICDC: [&str; 10] = [
    "askp_rsqn_icdc1",
    "askp_rsqn_icdc2",
    "askp_rsqn_icdc3",
    "askp_rsqn_icdc4",
    "askp_rsqn_icdc5",
    "askp_rsqn_icdc6",
    "askp_rsqn_icdc7",
    "askp_rsqn_icdc8",
    "askp_rsqn_icdc9",
    "askp_rsqn_icdc10",
];
const BIDP_ICDC: [&str; 10] = [
    "bidp_rsqn_icdc1",
    "bidp_rsqn_icdc2",
    "bidp_rsqn_icdc3",
    "bidp_rsqn_icdc4",
    "bidp_rsqn_icdc5",
    "bidp_rsqn_icdc6",
    "bidp_rsqn_icdc7",
    "bidp_rsqn_icdc8",
    "bidp_rsqn_icdc9",
    "bidp_rsqn_icdc10",
];

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let outputs = match Facts::of(shared, query) {
        Some(facts) => Some(outputs(shared, &facts)),
        None => Facts::any(shared).map(|f| {
            let (book, expected) = outputs(shared, &f);
            (hollow(book), hollow(expected))
        }),
    };
    let (book, expected) = outputs.unwrap_or_default();
    Reply::ok(&[("output1", object(&book)), ("output2", object(&expected))])
}

/// The newest book at the moment of the view: the one the socket sent last.
pub(super) fn newest_book(view: &View, usual_size: f64) -> Book {
    let day = &view.day;
    let latest = u32::from(day.span().1.0.saturating_sub(1));
    let minute = (view.ms / 60_000).min(latest);
    let ms = (minute.saturating_sub(60)..=minute)
        .rev()
        .find_map(|m| {
            book_times(day, m)
                .into_iter()
                .rev()
                .find(|ms| *ms <= view.ms)
        })
        .unwrap_or(view.ms);
    book_at(day, ms, &day.at(ms), usual_size)
}

fn outputs(shared: &Shared, f: &Facts) -> (Fields, Fields) {
    let usual = usual_size(f.stock.daily_volume);
    let phase = f.view.day.phase(f.view.ms);
    // Before the call begins, yesterday's last book still stands.
    let yesterday = (phase == Phase::Closed)
        .then(|| {
            let day = shared.market.calendar().previous_open(f.view.day.day);
            shared.market.day_on(f.venue, f.index, day)
        })
        .flatten()
        .map(|day| View {
            day,
            ms: END_OF_DAY,
        });
    let book = newest_book(yesterday.as_ref().unwrap_or(&f.view), usual);
    let mut one: Fields = vec![("aspr_acpt_hour", hhmmss(book.ms))];
    let sides = [(ASKP, ASKP_RSQN, &book.asks), (BIDP, BIDP_RSQN, &book.bids)];
    for (names, _, levels) in &sides {
        one.extend(
            names
                .iter()
                .zip(*levels)
                .map(|(n, l)| (*n, l.0.to_string())),
        );
    }
    for (_, names, levels) in &sides {
        one.extend(
            names
                .iter()
                .zip(*levels)
                .map(|(n, l)| (*n, l.1.to_string())),
        );
    }
    for names in [ASKP_ICDC, BIDP_ICDC] {
        one.extend(names.iter().map(|n| (*n, "0".to_owned())));
    }
    let zero = || "0".to_owned();
    one.extend([
        ("total_askp_rsqn", book.total_ask.to_string()),
        ("total_bidp_rsqn", book.total_bid.to_string()),
        ("total_askp_rsqn_icdc", zero()),
        ("total_bidp_rsqn_icdc", zero()),
        ("ovtm_total_askp_icdc", zero()),
        ("ovtm_total_bidp_icdc", zero()),
        ("ovtm_total_askp_rsqn", zero()),
        ("ovtm_total_bidp_rsqn", zero()),
        (
            "ntby_aspr_rsqn",
            (book.total_bid - book.total_ask).to_string(),
        ),
        ("new_mkop_cls_code", session_code(phase).to_owned()),
    ]);
    (one, expected(f, &book, phase))
}

fn expected(f: &Facts, book: &Book, phase: Phase) -> Fields {
    // Outside auctions the last auction's values stay.
    let (price, shares) = match (phase, book.expected) {
        (_, (price, shares)) if 0 < price => (price, shares),
        (Phase::Over, _) => (f.view.day.plan.close, f.view.day.closing_shares()),
        _ => (f.view.day.plan.open, f.view.day.opening_shares()),
    };
    let code = match phase {
        Phase::Closed | Phase::OpeningCall => "311",
        Phase::Continuous | Phase::Interruption => "112",
        Phase::ClosingCall => "121",
        Phase::Over => "112",
    };
    let (price, shares) = if phase == Phase::Closed {
        (0, 0)
    } else {
        (price, shares)
    };
    let change = if price == 0 { 0 } else { price - f.base };
    vec![
        ("antc_mkop_cls_code", code.to_owned()),
        ("stck_prpr", f.price.to_string()),
        ("stck_oprc", f.totals.open.to_string()),
        ("stck_hgpr", f.totals.high.to_string()),
        ("stck_lwpr", f.totals.low.to_string()),
        ("stck_sdpr", f.base.to_string()),
        ("antc_cnpr", price.to_string()),
        ("antc_cntg_vrss_sign", f.sign_of(f.base + change).to_owned()),
        ("antc_cntg_vrss", change.to_string()),
        ("antc_cntg_prdy_ctrt", percent(change, f.base)),
        ("antc_vol", shares.to_string()),
        ("stck_shrn_iscd", f.stock.code.to_string()),
        (
            "vi_cls_code",
            if f.stopped().1 { "Y" } else { "N" }.to_owned(),
        ),
    ]
}

/// Shares usually waiting at a level.
pub(crate) fn usual_size(daily_volume: i64) -> f64 {
    (daily_volume as f64 / 570.0).max(3.0)
}

/// First character: 1 before the open, 2 in session, 3 after; second: 0 ordinary, 1 at the end.
pub(crate) fn session_code(phase: Phase) -> &'static str {
    match phase {
        Phase::Closed | Phase::OpeningCall => "10",
        Phase::Continuous | Phase::Interruption => "20",
        Phase::ClosingCall => "21",
        Phase::Over => "31",
    }
}
