//! Who trades: programs (H0STPGM0, H0NXPGM0, H0UNPGM0; of an index H0UPPGM0) and brokers
//! (H0STMBC0, H0NXMBC0, H0UNMBC0).

use crate::sim::market::{Book, Deal, Flows, Program, StockInfo};
use crate::sim::rest::through_foreigners;
use crate::sim::ws::record::{Record, hhmmss};
use crate::sim::ws::trade::Percent;

const PROGRAM: &[&str] = &[
    "MKSC_SHRN_ISCD",
    "STCK_CNTG_HOUR",
    "SELN_CNQN",
    "SELN_TR_PBMN",
    "SHNU_CNQN",
    "SHNU_TR_PBMN",
    "NTBY_CNQN",
    "NTBY_TR_PBMN",
    "SELN_RSQN",
    "SHNU_RSQN",
    "WHOL_NTBY_QTY",
];

/// Programs' part of the orders that wait, as of those that were matched: one in so many.
const WAITING: i64 = 5;

/// The record of what programs have traded of a stock, and what of the book is theirs.
pub(super) fn write_program(
    out: &mut String,
    stock: &StockInfo,
    ms: u32,
    p: &Program,
    book: &Book,
) {
    let (asks, bids) = (book.total_ask / WAITING, book.total_bid / WAITING);
    let mut r = Record::begin(out, PROGRAM, true);
    r.put("MKSC_SHRN_ISCD", stock.code);
    r.put("STCK_CNTG_HOUR", hhmmss(ms / 1_000));
    r.put("SELN_CNQN", p.sold);
    r.put("SELN_TR_PBMN", p.sold_value);
    r.put("SHNU_CNQN", p.bought);
    r.put("SHNU_TR_PBMN", p.bought_value);
    r.put("NTBY_CNQN", p.bought - p.sold);
    r.put("NTBY_TR_PBMN", p.bought_value - p.sold_value);
    r.put("SELN_RSQN", asks);
    r.put("SHNU_RSQN", bids);
    r.put("WHOL_NTBY_QTY", bids - asks);
    r.end();
}

/// Brokers on each side of a record.
const SHOWN: usize = 5;

/// The 78 fields in groups: sellers' and buyers' names, shares, whether foreign, numbers, parts
/// and latest shares; then the foreign ones together; then English names, which stay blank.
#[rustfmt::skip]
const MEMBERS: &[&str] = &[
    "MKSC_SHRN_ISCD",
    "SELN2_MBCR_NAME", "SELN2_MBCR_NAME", "SELN2_MBCR_NAME", "SELN2_MBCR_NAME", "SELN2_MBCR_NAME",
    "BYOV_MBCR_NAME", "BYOV_MBCR_NAME", "BYOV_MBCR_NAME", "BYOV_MBCR_NAME", "BYOV_MBCR_NAME",
    "TOTAL_SELN_QTY", "TOTAL_SELN_QTY", "TOTAL_SELN_QTY", "TOTAL_SELN_QTY", "TOTAL_SELN_QTY",
    "TOTAL_SHNU_QTY", "TOTAL_SHNU_QTY", "TOTAL_SHNU_QTY", "TOTAL_SHNU_QTY", "TOTAL_SHNU_QTY",
    "SELN_MBCR_GLOB_YN", "SELN_MBCR_GLOB_YN", "SELN_MBCR_GLOB_YN", "SELN_MBCR_GLOB_YN", "SELN_MBCR_GLOB_YN",
    "SHNU_MBCR_GLOB_YN", "SHNU_MBCR_GLOB_YN", "SHNU_MBCR_GLOB_YN", "SHNU_MBCR_GLOB_YN", "SHNU_MBCR_GLOB_YN",
    "SELN_MBCR_NO", "SELN_MBCR_NO", "SELN_MBCR_NO", "SELN_MBCR_NO", "SELN_MBCR_NO",
    "SHNU_MBCR_NO", "SHNU_MBCR_NO", "SHNU_MBCR_NO", "SHNU_MBCR_NO", "SHNU_MBCR_NO",
    "SELN_MBCR_RLIM", "SELN_MBCR_RLIM", "SELN_MBCR_RLIM", "SELN_MBCR_RLIM", "SELN_MBCR_RLIM",
    "SHNU_MBCR_RLIM", "SHNU_MBCR_RLIM", "SHNU_MBCR_RLIM", "SHNU_MBCR_RLIM", "SHNU_MBCR_RLIM",
    "SELN_QTY_ICDC", "SELN_QTY_ICDC", "SELN_QTY_ICDC", "SELN_QTY_ICDC", "SELN_QTY_ICDC",
    "SHNU_QTY_ICDC", "SHNU_QTY_ICDC", "SHNU_QTY_ICDC", "SHNU_QTY_ICDC", "SHNU_QTY_ICDC",
    "GLOB_TOTAL_SELN_QTY", "GLOB_TOTAL_SHNU_QTY", "GLOB_TOTAL_SELN_QTY_ICDC", "GLOB_TOTAL_SHNU_QTY_ICDC",
    "GLOB_NTBY_QTY", "GLOB_SELN_RLIM", "GLOB_SHNU_RLIM",
    "SELN2_MBCR_ENG_NAME", "SELN2_MBCR_ENG_NAME", "SELN2_MBCR_ENG_NAME", "SELN2_MBCR_ENG_NAME", "SELN2_MBCR_ENG_NAME",
    "BYOV_MBCR_ENG_NAME", "BYOV_MBCR_ENG_NAME", "BYOV_MBCR_ENG_NAME", "BYOV_MBCR_ENG_NAME", "BYOV_MBCR_ENG_NAME",
];

/// The record of the largest brokers; volumes are the day's now and at the record before.
pub(super) fn write_members(
    out: &mut String,
    stock: &StockInfo,
    flows: &Flows,
    (volume, before): (i64, i64),
) {
    let (sold, sold_before) = (flows.sellers(volume), flows.sellers(before));
    let (bought, bought_before) = (flows.buyers(volume), flows.buyers(before));
    let mut r = Record::begin(out, MEMBERS, true);
    r.put("MKSC_SHRN_ISCD", stock.code);
    let each = |r: &mut Record, name: &str, deals: &[Deal], write: &dyn Fn(&Deal) -> String| {
        for deal in deals.iter().take(SHOWN) {
            r.put(name, write(deal));
        }
    };
    let foreign = |d: &Deal| if d.broker.foreign { "Y" } else { "N" }.to_owned();
    each(&mut r, "SELN2_MBCR_NAME", &sold, &|d| {
        d.broker.name.to_owned()
    });
    each(&mut r, "BYOV_MBCR_NAME", &bought, &|d| {
        d.broker.name.to_owned()
    });
    each(&mut r, "TOTAL_SELN_QTY", &sold, &|d| d.shares.to_string());
    each(&mut r, "TOTAL_SHNU_QTY", &bought, &|d| d.shares.to_string());
    each(&mut r, "SELN_MBCR_GLOB_YN", &sold, &foreign);
    each(&mut r, "SHNU_MBCR_GLOB_YN", &bought, &foreign);
    each(&mut r, "SELN_MBCR_NO", &sold, &|d| {
        d.broker.number.to_owned()
    });
    each(&mut r, "SHNU_MBCR_NO", &bought, &|d| {
        d.broker.number.to_owned()
    });
    let part = |d: &Deal| Percent(d.shares, volume).to_string();
    each(&mut r, "SELN_MBCR_RLIM", &sold, &part);
    each(&mut r, "SHNU_MBCR_RLIM", &bought, &part);
    for (name, now, then) in [
        ("SELN_QTY_ICDC", &sold, &sold_before),
        ("SHNU_QTY_ICDC", &bought, &bought_before),
    ] {
        for (a, b) in now.iter().zip(then).take(SHOWN) {
            r.put(name, a.shares - b.shares);
        }
    }
    let (away, away_before) = (through_foreigners(&sold), through_foreigners(&sold_before));
    let (into, into_before) = (
        through_foreigners(&bought),
        through_foreigners(&bought_before),
    );
    r.put("GLOB_TOTAL_SELN_QTY", away);
    r.put("GLOB_TOTAL_SHNU_QTY", into);
    r.put("GLOB_TOTAL_SELN_QTY_ICDC", away - away_before);
    r.put("GLOB_TOTAL_SHNU_QTY_ICDC", into - into_before);
    r.put("GLOB_NTBY_QTY", into - away);
    r.put("GLOB_SELN_RLIM", Percent(away, volume));
    r.put("GLOB_SHNU_RLIM", Percent(into, volume));
    each(&mut r, "SELN2_MBCR_ENG_NAME", &sold, &|_| String::new());
    each(&mut r, "BYOV_MBCR_ENG_NAME", &bought, &|_| String::new());
    r.end();
}

/// Shares and million won, sold and bought.
#[derive(Clone, Copy)]
struct Sums {
    sold: (i64, i64),
    bought: (i64, i64),
}

impl Sums {
    /// So many percent of them.
    fn part(self, percent: i64) -> Self {
        let part = |(shares, value)| (shares * percent / 100, value * percent / 100);
        Self {
            sold: part(self.sold),
            bought: part(self.bought),
        }
    }

    fn less(self, other: Self) -> Self {
        let less = |a: (i64, i64), b: (i64, i64)| (a.0 - b.0, a.1 - b.1);
        Self {
            sold: less(self.sold, other.sold),
            bought: less(self.bought, other.bought),
        }
    }

    fn net(self) -> (i64, i64) {
        (self.bought.0 - self.sold.0, self.bought.1 - self.sold.1)
    }
}

/// Percent of programs that are arbitrage, and of either kind that follow a customer's order.
const ARBITRAGE: i64 = 12;
const ENTRUSTED: i64 = 90;

/// The record of program trading in an index (88 fields): arbitrage and the rest, for customers
/// (entrusted) and for the broker itself, thousand shares and million won as in all of an
/// index. `whole` is what the index has traded.
pub(super) fn write_index_program(
    out: &mut String,
    code: &str,
    ms: u32,
    p: &Program,
    whole: (i64, i64),
) {
    let all = Sums {
        sold: (p.sold / 1_000, p.sold_value / 1_000_000),
        bought: (p.bought / 1_000, p.bought_value / 1_000_000),
    };
    let arbitrage = all.part(ARBITRAGE);
    let rest = all.less(arbitrage);
    let kinds = [arbitrage, rest].map(|kind| {
        let entrusted = kind.part(ENTRUSTED);
        [entrusted, kind.less(entrusted)]
    });
    let [[a_entrusted, a_own], [n_entrusted, n_own]] = kinds;
    let entrusted = Sums {
        sold: (
            a_entrusted.sold.0 + n_entrusted.sold.0,
            a_entrusted.sold.1 + n_entrusted.sold.1,
        ),
        bought: (
            a_entrusted.bought.0 + n_entrusted.bought.0,
            a_entrusted.bought.1 + n_entrusted.bought.1,
        ),
    };
    let own = all.less(entrusted);
    let mut fields: Vec<String> = vec![code.to_owned(), hhmmss(ms / 1_000)];
    // Shares of the four, then their won: entrusted and own sales, entrusted and own purchases.
    let of = |shares: bool, pair: (i64, i64)| if shares { pair.0 } else { pair.1 };
    for shares in [true, false] {
        for [entrusted, own] in kinds {
            fields.extend(
                [entrusted.sold, own.sold, entrusted.bought, own.bought]
                    .map(|pair| of(shares, pair).to_string()),
            );
        }
    }
    // Sums of each kind, each with its percent of what the index has traded.
    for sums in [arbitrage, rest, entrusted, own, all] {
        for (shares, value) in [sums.sold, sums.bought, sums.net()] {
            fields.extend([shares.to_string(), Percent(shares, whole.0).to_string()]);
            fields.extend([value.to_string(), Percent(value, whole.1).to_string()]);
        }
    }
    for sums in [a_entrusted, a_own, n_entrusted, n_own] {
        let (shares, value) = sums.net();
        fields.extend([shares.to_string(), value.to_string()]);
    }
    fields.extend([whole.0.to_string(), whole.1.to_string()]);
    debug_assert_eq!(fields.len(), 88, "fields of the record");
    out.push_str(&fields.join("^"));
}
