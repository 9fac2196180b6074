//! The words of the trade: stocks, prices, days, sessions, candles, prints and books.
//!
//! Plain data without any knowledge of the broker, the runtime, the database or the screen.

pub mod book;
pub mod calendar;
pub mod candle;
pub mod closes;
pub mod code;
pub mod interruption;
pub mod listing;
pub mod money;
pub mod packed;
pub mod print;
pub mod session;
pub mod signal;
pub mod tick;
pub mod time;
pub mod timeframe;

pub use book::{LEVELS, Level, OrderBook};
pub use calendar::Calendar;
pub use candle::{Bar, Candle, ChartEnd, DailyRow, MinuteRow};
pub use closes::DayCloses;
pub use code::StockCode;
pub use interruption::{Interruption, InterruptionKind};
pub use listing::{Board, Caution, ListedStock, Listing, Paper, Remark};
pub use money::{Shares, Won, grouped};
pub use print::{Print, Quote, Side};
pub use session::{ClosingAuction, Market, SessionHours};
pub use signal::{Mark, RuleKey, Signal, SignalKey, Source, Stage};
pub use tick::{price_limits, round_down_to_tick, round_up_to_tick, tick_size};
pub use time::{Day, Minute, Moment};
pub use timeframe::Timeframe;
