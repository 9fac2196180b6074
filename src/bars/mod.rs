//! Bars: how minute rows become the bars of every timeframe, and the series rules are judged on.
//!
//! Pure functions over plain data; knows nothing of where rows come from.

mod series;

pub use series::Series;
