//! Rules.

use crate::domain::Won;

/// 성립가: the price at which a rule would hold on the bar being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Holds at this grid price and above.
    Above(Won),
    /// Holds at this grid price and below.
    Below(Won),
    /// Beyond the day's price limits.
    NotToday,
    /// The rule has no such price.
    None,
}
