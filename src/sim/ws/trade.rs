//! H0STCNT0: trades.

use crate::domain::{Market as Venue, Minute, Side, Won, price_limits};
use crate::sim::market::{Book, Phase, StockInfo, Tick, Totals, TradingDay};
use crate::sim::ws::record::{Record, hhmmss};

/// The 46 fields, in order.
const FIELDS: &[&str] = &[
    "MKSC_SHRN_ISCD",
    "STCK_CNTG_HOUR",
    "STCK_PRPR",
    "PRDY_VRSS_SIGN",
    "PRDY_VRSS",
    "PRDY_CTRT",
    "WGHN_AVRG_STCK_PRC",
    "STCK_OPRC",
    "STCK_HGPR",
    "STCK_LWPR",
    "ASKP1",
    "BIDP1",
    "CNTG_VOL",
    "ACML_VOL",
    "ACML_TR_PBMN",
    "SELN_CNTG_CSNU",
    "SHNU_CNTG_CSNU",
    "NTBY_CNTG_CSNU",
    "CTTR",
    "SELN_CNTG_SMTN",
    "SHNU_CNTG_SMTN",
    "CCLD_DVSN",
    "SHNU_RATE",
    "PRDY_VOL_VRSS_ACML_VOL_RATE",
    "OPRC_HOUR",
    "OPRC_VRSS_PRPR_SIGN",
    "OPRC_VRSS_PRPR",
    "HGPR_HOUR",
    "HGPR_VRSS_PRPR_SIGN",
    "HGPR_VRSS_PRPR",
    "LWPR_HOUR",
    "LWPR_VRSS_PRPR_SIGN",
    "LWPR_VRSS_PRPR",
    "BSOP_DATE",
    "NEW_MKOP_CLS_CODE",
    "TRHT_YN",
    "ASKP_RSQN1",
    "BIDP_RSQN1",
    "TOTAL_ASKP_RSQN",
    "TOTAL_BIDP_RSQN",
    "VOL_TNRT",
    "PRDY_SMNS_HOUR_ACML_VOL",
    "PRDY_SMNS_HOUR_ACML_VOL_RATE",
    "HOUR_CLS_CODE",
    "MRKT_TRTM_CLS_CODE",
    "VI_STND_PRC",
];

/// What a record says beside the print itself.
pub(super) struct Context<'a> {
    pub(super) stock: &'a StockInfo,
    pub(super) day: &'a TradingDay,
    /// Shares of the day before: all of them, and up to the same time.
    pub(super) yesterday: i64,
    pub(super) yesterday_so_far: i64,
}

/// Adds the record of `tick`; `t` are the day's sums after it, `book` the book behind it.
pub(super) fn write(
    out: &mut String,
    first: bool,
    context: &Context,
    tick: &Tick,
    t: &Totals,
    book: &Book,
) {
    // Trades are no expectation, whatever the book does.
    let book = Book {
        phase: Phase::Continuous,
        ..book.clone()
    };
    record(out, FIELDS, first, context, tick, t, &book);
}

/// Adds the record of an expected match: like a trade's at the expected price, on the exchange
/// (H0STANC0, 45 fields) without the last field.
pub(super) fn write_expected(
    out: &mut String,
    venue: Venue,
    context: &Context,
    t: &Totals,
    book: &Book,
) {
    let (price, size) = book.expected;
    let tick = Tick {
        ms: book.ms,
        price,
        size,
        side: Side::Auction,
    };
    let names = match venue {
        Venue::Krx => &FIELDS[..45],
        Venue::Nxt | Venue::Unified => FIELDS,
    };
    record(out, names, true, context, &tick, t, book);
}

fn record(
    out: &mut String,
    names: &'static [&'static str],
    first: bool,
    context: &Context,
    tick: &Tick,
    t: &Totals,
    book: &Book,
) {
    let base = context.day.plan.base;
    let (lower, upper) = price_limits(Won(base));
    let price = tick.price;
    let mut r = Record::begin(out, names, first);
    r.put("MKSC_SHRN_ISCD", context.stock.code);
    r.put("STCK_CNTG_HOUR", hhmmss(tick.ms / 1_000));
    r.put("STCK_PRPR", price);
    let sign_code = match price {
        p if p == upper.0 => 1,
        p if p == lower.0 => 4,
        p => beside(p - base),
    };
    r.put("PRDY_VRSS_SIGN", sign_code);
    r.put("PRDY_VRSS", price - base);
    r.put("PRDY_CTRT", Percent(price - base, base));
    r.put("WGHN_AVRG_STCK_PRC", format_args!("{:.2}", t.average()));
    r.put("STCK_OPRC", t.open);
    r.put("STCK_HGPR", t.high);
    r.put("STCK_LWPR", t.low);
    r.put("ASKP1", book.asks[0].0);
    r.put("BIDP1", book.bids[0].0);
    r.put("CNTG_VOL", tick.size);
    r.put("ACML_VOL", t.volume);
    r.put("ACML_TR_PBMN", t.value);
    r.put("SELN_CNTG_CSNU", t.sells);
    r.put("SHNU_CNTG_CSNU", t.buys);
    r.put("NTBY_CNTG_CSNU", t.buys - t.sells);
    r.put("CTTR", format_args!("{:.2}", t.strength()));
    r.put("SELN_CNTG_SMTN", t.sell_volume);
    r.put("SHNU_CNTG_SMTN", t.buy_volume);
    let side = match tick.side {
        Side::Buy => 1,
        Side::Auction => 3,
        Side::Sell => 5,
    };
    r.put("CCLD_DVSN", side);
    let both = (t.buy_volume + t.sell_volume).max(1);
    r.put(
        "SHNU_RATE",
        format_args!("{:.2}", t.buy_volume as f64 / both as f64),
    );
    r.put(
        "PRDY_VOL_VRSS_ACML_VOL_RATE",
        Percent(t.volume, context.yesterday),
    );
    r.put("OPRC_HOUR", hhmmss(t.open_at));
    r.put("OPRC_VRSS_PRPR_SIGN", beside(price - t.open));
    r.put("OPRC_VRSS_PRPR", price - t.open);
    r.put("HGPR_HOUR", hhmmss(t.high_at));
    r.put("HGPR_VRSS_PRPR_SIGN", beside(price - t.high));
    r.put("HGPR_VRSS_PRPR", price - t.high);
    r.put("LWPR_HOUR", hhmmss(t.low_at));
    r.put("LWPR_VRSS_PRPR_SIGN", beside(price - t.low));
    r.put("LWPR_VRSS_PRPR", price - t.low);
    r.put("BSOP_DATE", context.day.day.compact());
    r.put("NEW_MKOP_CLS_CODE", context.session(tick.ms));
    r.put("TRHT_YN", "N");
    r.put("ASKP_RSQN1", book.asks[0].1);
    r.put("BIDP_RSQN1", book.bids[0].1);
    r.put("TOTAL_ASKP_RSQN", book.total_ask);
    r.put("TOTAL_BIDP_RSQN", book.total_bid);
    r.put("VOL_TNRT", Percent(t.volume, context.stock.listed_shares));
    r.put("PRDY_SMNS_HOUR_ACML_VOL", context.yesterday_so_far);
    r.put(
        "PRDY_SMNS_HOUR_ACML_VOL_RATE",
        Percent(t.volume, context.yesterday_so_far),
    );
    r.put("HOUR_CLS_CODE", hour_class(book.phase));
    r.put("MRKT_TRTM_CLS_CODE", "");
    if names.len() == FIELDS.len() {
        r.put("VI_STND_PRC", context.day.plan.open);
    }
    r.end();
}

impl Context<'_> {
    /// 1 before the regular session, 2 in it, 3 after it; nothing special.
    fn session(&self, ms: u32) -> &'static str {
        let minute = Minute((ms / 60_000) as u16);
        let hours = self.day.hours;
        if minute < hours.open {
            "10"
        } else if minute < hours.end() || hours.contains(minute) {
            "20"
        } else {
            "30"
        }
    }
}

/// B before the opening, C in an interruption, A before the close.
fn hour_class(phase: Phase) -> &'static str {
    match phase {
        Phase::OpeningCall => "B",
        Phase::Interruption => "C",
        Phase::ClosingCall => "A",
        Phase::Continuous | Phase::Closed | Phase::Over => "0",
    }
}

/// The sign of a difference: 2 up, 3 unchanged, 5 down.
fn beside(difference: i64) -> u8 {
    match difference {
        1.. => 2,
        0 => 3,
        _ => 5,
    }
}

/// The first of the second in percent, two decimals.
pub(super) struct Percent(pub(super) i64, pub(super) i64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.1 {
            0 => f.write_str("0.00"),
            whole => write!(f, "{:.2}", self.0 as f64 * 100.0 / whole as f64),
        }
    }
}
