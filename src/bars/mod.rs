//! Bars: how minute rows become the bars of every timeframe, and the series rules are judged on.
//!
//! Pure functions over plain data; knows nothing of where rows come from.

mod fold;
mod period;
mod series;
mod slots;

pub use period::{Period, fold_days, period_of};
pub use series::Series;
pub use slots::{BarRules, EARLY_START, LATE_END, Slot};
