//! Volatility interruptions (변동성완화장치, VI).

use super::{Moment, StockCode};

/// Why a stock was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterruptionKind {
    /// Nobody said.
    Unknown,
    /// 정적: the price left the band around the last auction's price.
    Static,
    /// 동적: one trade was too far from the one before.
    Dynamic,
    /// Both at once.
    Both,
}

/// One interruption of one stock, as the broker lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interruption {
    /// The stock.
    pub code: StockCode,
    /// Why.
    pub kind: InterruptionKind,
    /// When it began, to the second.
    pub began: Moment,
    /// When it ended, to the second; `None` while it lasts, or where that is not told.
    pub ended: Option<Moment>,
    /// It was in force when the list was made.
    pub on: bool,
}
