//! Averages and alignment.

/// How the moving averages lie, shortest period first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// 정배열: every shorter average strictly above the next longer one.
    Bullish,
    /// 역배열: every shorter average strictly below the next longer one.
    Bearish,
    /// Neither.
    Mixed,
    /// Some average is not defined yet. Not the same as mixed: we do not know.
    Unknown,
}
