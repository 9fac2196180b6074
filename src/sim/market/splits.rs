//! A split of shares (액면분할): from its day on prices are a fraction, and so is all history
//! when it is asked for adjusted.

use crate::domain::{Candle, Day, StockCode};
use crate::sim::market::plan::{DayPlan, on_grid, within};

/// One share becomes `ratio` on `day`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) code: StockCode,
    pub(crate) day: Day,
    pub(crate) ratio: i64,
}

impl Split {
    /// The plan of a day from the split on; its prices lie on the grid of the new price.
    pub(crate) fn after(&self, plan: DayPlan) -> DayPlan {
        let part = |price: i64| on_grid(price as f64 / self.ratio as f64);
        let base = part(plan.base);
        DayPlan {
            base,
            open: within(base, part(plan.open)),
            close: within(base, part(plan.close)),
            volume: plan.volume * self.ratio,
            sigma: plan.sigma,
        }
    }

    /// An earlier candle as it looks afterwards: such prices lie on no grid.
    pub(crate) fn adjust(&self, candle: &mut Candle) {
        for price in [
            &mut candle.open,
            &mut candle.high,
            &mut candle.low,
            &mut candle.close,
        ] {
            *price = (*price + self.ratio / 2) / self.ratio;
        }
        candle.volume *= self.ratio;
    }
}
