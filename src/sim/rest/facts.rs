//! What several answers say of a stock at one moment.

use crate::domain::{Market as Venue, StockCode, Won, price_limits};
use crate::sim::market::{StockInfo, Totals, View};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::shared::Shared;

/// A stock as it stands now.
pub(super) struct Facts<'a> {
    pub(super) venue: Venue,
    pub(super) index: usize,
    pub(super) stock: &'a StockInfo,
    pub(super) view: View,
    pub(super) totals: Totals,
    /// Last price, or the base price before the first print.
    pub(super) price: i64,
    /// Base price of the day.
    pub(super) base: i64,
    pub(super) lower: i64,
    pub(super) upper: i64,
}

impl<'a> Facts<'a> {
    /// The stock the query asks for; `None` when there is no such stock, or when `NX` is asked
    /// for one that Nextrade does not trade.
    pub(super) fn of(shared: &'a Shared, query: &Query) -> Option<Self> {
        let venue = Venue::parse(query_value(query, "FID_COND_MRKT_DIV_CODE"))?;
        let code = StockCode::parse(query_value(query, "FID_INPUT_ISCD"))?;
        Self::find(shared, venue, code)
    }

    /// A stock as a venue shows it.
    pub(super) fn find(shared: &'a Shared, venue: Venue, code: StockCode) -> Option<Self> {
        Self::at(shared, venue, shared.market.index_of(code)?)
    }

    /// The first stock, whose fields lend an unknown one their names.
    pub(super) fn any(shared: &'a Shared) -> Option<Self> {
        Self::at(shared, Venue::Krx, 0)
    }

    fn at(shared: &'a Shared, venue: Venue, index: usize) -> Option<Self> {
        let view = shared.market.view(venue, index, shared.clock.now())?;
        let totals = view.totals();
        let base = view.day.plan.base;
        let (lower, upper) = price_limits(Won(base));
        Some(Self {
            venue,
            index,
            stock: &shared.market.listed()[index],
            price: view.price(&totals),
            totals,
            view,
            base,
            lower: lower.0,
            upper: upper.0,
        })
    }

    pub(super) fn change(&self) -> String {
        (self.price - self.base).to_string()
    }

    /// 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
    pub(super) fn sign(&self) -> String {
        self.sign_of(self.price).to_owned()
    }

    pub(super) fn sign_of(&self, price: i64) -> &'static str {
        sign(price, self.base, self.lower, self.upper)
    }

    /// Change in percent of the base price.
    pub(super) fn rate(&self) -> String {
        percent(self.price - self.base, self.base)
    }

    /// 증거금 100 %.
    pub(super) fn needs_all_cash(&self) -> bool {
        let m = self.stock.marks;
        m.halted || m.administrative || 1 < m.warning
    }

    /// Invented but steady earnings and book value per share, won.
    pub(super) fn earnings(&self) -> i64 {
        (self.stock.price / 13).max(1)
    }

    pub(super) fn book_value(&self) -> i64 {
        (self.stock.price * 5 / 8).max(1)
    }

    pub(super) fn face_value(&self) -> i64 {
        if 100_000 < self.stock.price {
            5_000
        } else {
            500
        }
    }

    /// Capital, 억원.
    pub(super) fn capital(&self) -> i64 {
        self.stock.listed_shares / 10_000 * self.face_value() / 10_000
    }

    /// Market capitalisation, 억원.
    pub(super) fn market_value(&self) -> i64 {
        self.stock.listed_shares / 10_000 * self.price / 10_000
    }

    /// Volume in percent of the listed shares.
    pub(super) fn turnover(&self) -> String {
        percent(self.totals.volume, self.stock.listed_shares)
    }
}

/// The sign of `price` against `base`, limits first.
pub(crate) fn sign(price: i64, base: i64, lower: i64, upper: i64) -> &'static str {
    match price {
        p if p == upper && base < upper => "1",
        p if p == lower && lower < base => "4",
        p if base < p => "2",
        p if p < base => "5",
        _ => "3",
    }
}

/// `part` of `whole` in percent, two decimals; `0.00` of nothing.
pub(crate) fn percent(part: i64, whole: i64) -> String {
    match whole {
        0 => "0.00".to_owned(),
        _ => format!("{:.2}", part as f64 * 100.0 / whole as f64),
    }
}
