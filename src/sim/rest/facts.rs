//! What several answers say of a stock at one moment.

use crate::domain::{Candle, Market as Venue, StockCode, Won, price_limits};
use crate::sim::market::{DayFigures, StockInfo, Totals, View};
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

    /// Whether trading stands still: halted altogether or for a while, and whether by a VI.
    pub(super) fn stopped(&self) -> (bool, bool) {
        match self.view.day.stop_at(self.view.ms) {
            Some(stop) => (!stop.is_vi, stop.is_vi),
            None => (self.stock.marks.halted, false),
        }
    }

    /// The last close as it was: on the day of a split another number than the base price.
    pub(super) fn last_close(&self, shared: &Shared) -> i64 {
        match shared.market.split_of(self.index) {
            Some(split) if split.day == self.view.day.day => {
                let before = shared.market.calendar().previous_open(split.day);
                let plan = shared.market.plan_of(self.index, before);
                plan.map_or(self.base, |plan| plan.close)
            }
            _ => self.base,
        }
    }

    /// The venue's session before; all zero where there was none.
    pub(super) fn yesterday(&self, shared: &Shared) -> Candle {
        let before = shared.market.calendar().previous_open(self.view.day.day);
        let figures = shared
            .market
            .figures_on(self.venue, self.index, before, before);
        figures.first().map(|f| f.candle).unwrap_or_default()
    }

    /// The exchange's sessions of the last `days` calendar days, the running one left out.
    pub(super) fn past(&self, shared: &Shared, days: i32) -> Vec<DayFigures> {
        let today = self.view.day.day;
        shared
            .market
            .figures(self.index, today.plus(-days), today.plus(-1))
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
