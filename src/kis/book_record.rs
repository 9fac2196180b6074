//! H0STASP0, H0NXASP0, H0UNASP0: order books. 59 documented fields, 62 or 65 on the wire.

use super::error::KisError;
use super::record::{Field, Record};
use crate::domain::{LEVELS, Level, OrderBook, Shares, Won};

/// Fields of a record at least.
pub(super) const FIELDS: usize = 59;

const CODE: Field = ("MKSC_SHRN_ISCD", 0);
const TIME: Field = ("BSOP_HOUR", 1);
const HOUR_CLASS: Field = ("HOUR_CLS_CODE", 2);
const ASK: usize = 3;
const BID: usize = 13;
const ASK_SIZE: usize = 23;
const BID_SIZE: usize = 33;
const TOTAL_ASK: Field = ("TOTAL_ASKP_RSQN", 43);
const TOTAL_BID: Field = ("TOTAL_BIDP_RSQN", 44);
const EXPECTED: Field = ("ANTC_CNPR", 47);
const EXPECTED_SIZE: Field = ("ANTC_CNQN", 48);

const ASK_NAMES: [&str; LEVELS] = [
    "ASKP1", "ASKP2", "ASKP3", "ASKP4", "ASKP5", "ASKP6", "ASKP7", "ASKP8", "ASKP9", "ASKP10",
];
const BID_NAMES: [&str; LEVELS] = [
    "BIDP1", "BIDP2", "BIDP3", "BIDP4", "BIDP5", "BIDP6", "BIDP7", "BIDP8", "BIDP9", "BIDP10",
];
const ASK_SIZE_NAMES: [&str; LEVELS] = [
    "ASKP_RSQN1",
    "ASKP_RSQN2",
    "ASKP_RSQN3",
    "ASKP_RSQN4",
    "ASKP_RSQN5",
    "ASKP_RSQN6",
    "ASKP_RSQN7",
    "ASKP_RSQN8",
    "ASKP_RSQN9",
    "ASKP_RSQN10",
];
const BID_SIZE_NAMES: [&str; LEVELS] = [
    "BIDP_RSQN1",
    "BIDP_RSQN2",
    "BIDP_RSQN3",
    "BIDP_RSQN4",
    "BIDP_RSQN5",
    "BIDP_RSQN6",
    "BIDP_RSQN7",
    "BIDP_RSQN8",
    "BIDP_RSQN9",
    "BIDP_RSQN10",
];

/// Reads one book. Undisclosed levels are 0 or blank.
#[inline]
pub(super) fn book(record: &Record<'_>) -> Result<OrderBook, KisError> {
    let mut asks = [Level::default(); LEVELS];
    let mut bids = [Level::default(); LEVELS];
    for i in 0..LEVELS {
        asks[i] = Level {
            price: record.won((ASK_NAMES[i], ASK + i))?,
            size: record.shares((ASK_SIZE_NAMES[i], ASK_SIZE + i))?,
        };
        bids[i] = Level {
            price: record.won((BID_NAMES[i], BID + i))?,
            size: record.shares((BID_SIZE_NAMES[i], BID_SIZE + i))?,
        };
    }
    Ok(OrderBook {
        code: record.code(CODE)?,
        second: record.second(TIME)?,
        asks,
        bids,
        total_ask: record.shares(TOTAL_ASK)?,
        total_bid: record.shares(TOTAL_BID)?,
        expected: expected(record)?,
    })
}

/// Only auctions have an expected match; outside them the fields hold 0 or nonsense.
fn expected(record: &Record<'_>) -> Result<Option<Level>, KisError> {
    if matches!(record.text(HOUR_CLASS).trim_ascii(), b"0" | b"") {
        return Ok(None);
    }
    let level = Level {
        price: record.won(EXPECTED)?,
        size: record.shares(EXPECTED_SIZE)?,
    };
    Ok((Won(0) < level.price && Shares(0) <= level.size).then_some(level))
}
