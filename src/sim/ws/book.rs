//! H0STASP0, H0NXASP0, H0UNASP0: the order book.

use crate::domain::{Market as Venue, Won, tick_size};
use crate::sim::market::{Book, Phase, StockInfo, TradingDay};
use crate::sim::ws::record::{Record, hhmmss};
use crate::sim::ws::trade::Percent;

/// The 65 fields, in order; those of the middle prices are on the wire since 2025.
const FIELDS: &[&str] = &[
    "MKSC_SHRN_ISCD",
    "BSOP_HOUR",
    "HOUR_CLS_CODE",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "ASKP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "BIDP",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "ASKP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "BIDP_RSQN",
    "TOTAL_ASKP_RSQN",
    "TOTAL_BIDP_RSQN",
    "OVTM_TOTAL_ASKP_RSQN",
    "OVTM_TOTAL_BIDP_RSQN",
    "ANTC_CNPR",
    "ANTC_CNQN",
    "ANTC_VOL",
    "ANTC_CNTG_VRSS",
    "ANTC_CNTG_VRSS_SIGN",
    "ANTC_CNTG_PRDY_CTRT",
    "ACML_VOL",
    "TOTAL_ASKP_RSQN_ICDC",
    "TOTAL_BIDP_RSQN_ICDC",
    "OVTM_TOTAL_ASKP_ICDC",
    "OVTM_TOTAL_BIDP_ICDC",
    "STCK_DEAL_CLS_CODE",
    "KMID_PRC",
    "KMID_TOTAL_RSQN",
    "KMID_CLS_CODE",
    "NMID_PRC",
    "NMID_TOTAL_RSQN",
    "NMID_CLS_CODE",
];

/// The exchange's own book has no middle price of Nextrade.
const KRX_FIELDS: usize = 62;

/// The record of `book`; `before` are the ask and bid sums of the frame before it.
pub(super) fn write(
    out: &mut String,
    venue: Venue,
    stock: &StockInfo,
    day: &TradingDay,
    book: &Book,
    before: Option<(i64, i64)>,
) {
    let krx = venue == Venue::Krx;
    let names = if krx { &FIELDS[..KRX_FIELDS] } else { FIELDS };
    let mut r = Record::begin(out, names, true);
    r.put("MKSC_SHRN_ISCD", stock.code);
    r.put("BSOP_HOUR", hhmmss(book.ms / 1_000));
    let hour_class = match book.phase {
        Phase::OpeningCall => "B",
        Phase::Interruption => "C",
        Phase::ClosingCall => "A",
        Phase::Continuous | Phase::Closed | Phase::Over => "0",
    };
    r.put("HOUR_CLS_CODE", hour_class);
    for (price, _) in book.asks {
        r.put("ASKP", price);
    }
    for (price, _) in book.bids {
        r.put("BIDP", price);
    }
    for (_, size) in book.asks {
        r.put("ASKP_RSQN", size);
    }
    for (_, size) in book.bids {
        r.put("BIDP_RSQN", size);
    }
    r.put("TOTAL_ASKP_RSQN", book.total_ask);
    r.put("TOTAL_BIDP_RSQN", book.total_bid);
    r.put("OVTM_TOTAL_ASKP_RSQN", 0);
    r.put("OVTM_TOTAL_BIDP_RSQN", 0);
    // Outside auctions the expected price is 0 and what is derived from it is nonsense.
    let (price, shares) = book.expected;
    let base = day.plan.base;
    let change = price - base;
    r.put("ANTC_CNPR", price);
    r.put("ANTC_CNQN", shares);
    r.put("ANTC_VOL", shares);
    r.put("ANTC_CNTG_VRSS", change);
    let sign = match change {
        1.. => 2,
        0 => 3,
        _ => 5,
    };
    r.put("ANTC_CNTG_VRSS_SIGN", sign);
    r.put("ANTC_CNTG_PRDY_CTRT", Percent(change, base));
    r.put("ACML_VOL", book.volume);
    let (ask, bid) = before.unwrap_or((book.total_ask, book.total_bid));
    r.put("TOTAL_ASKP_RSQN_ICDC", book.total_ask - ask);
    r.put("TOTAL_BIDP_RSQN_ICDC", book.total_bid - bid);
    r.put("OVTM_TOTAL_ASKP_ICDC", 0);
    r.put("OVTM_TOTAL_BIDP_ICDC", 0);
    r.put("STCK_DEAL_CLS_CODE", "0");
    let middle = if book.phase == Phase::Continuous {
        book.bids[0].0 + tick_size(Won(book.bids[0].0)) / 2
    } else {
        0
    };
    r.put("KMID_PRC", middle);
    r.put("KMID_TOTAL_RSQN", 0);
    r.put("KMID_CLS_CODE", "0");
    if !krx {
        r.put("NMID_PRC", middle);
        r.put("NMID_TOTAL_RSQN", 0);
        r.put("NMID_CLS_CODE", "0");
    }
    r.end();
}
