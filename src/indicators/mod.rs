//! Indicators over closed bars and, where asked, the price of the bar being built.
//!
//! Prices are whole won, so sums are exact and averages are compared without a division. A
//! mean appears only when a number is drawn.

mod alignment;
mod average;
mod band;

pub use alignment::{Alignment, alignment_age, alignment_at, alignment_forming};
pub use average::{
    Average, average_at, average_forming, volume_average_at, volume_average_forming,
};
pub use band::{Band, Ratio, alignment_thresholds};
