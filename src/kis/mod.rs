//! The broker: Korea Investment & Securities (KIS) Open API. The only place that knows it.
//!
//! Everything it sends is text; here it becomes a checked number or a named error. Requests are
//! paced by [`pace`], judged by their verdict and codes, and kept free of secrets. Knows nothing
//! of the engine, the store or the screen.

mod book_record;
mod capabilities;
mod charts;
mod client;
mod codes;
mod control;
mod credentials;
mod endpoint;
mod error;
#[cfg(test)]
mod fake;
mod frame;
mod gate;
mod holidays;
mod http;
mod interruptions;
mod json;
mod kept;
mod locks;
mod many;
pub mod master;
mod number;
mod oauth;
mod observed;
pub mod pace;
pub mod parse;
mod permitted;
mod quota;
mod quotes;
mod record;
#[cfg(test)]
mod rest_tests;
mod signs;
mod skew;
mod stats;
pub mod stream;
mod token;
mod tr;
mod trade_record;

pub use capabilities::Capabilities;
pub use charts::{MinutePage, PeriodPage};
pub use client::{Answer, Kis, KisOptions, Period};
pub use credentials::Credentials;
pub use endpoint::{Endpoint, Environment};
pub use error::{BadField, KisError, Retry, Transport};
pub use holidays::{HolidayPage, HolidayRow, PageKey};
pub use kept::CacheTimes;
pub use many::{AT_ONCE as QUOTES_AT_ONCE, QuotesByStock};
pub use oauth::TokenAnswer;
pub use observed::TARGET as OBSERVED;
pub use pace::Priority;
pub use quotes::RecentPrint;
pub use stats::{RestStats, SecondCount, Waiting};
pub use token::{SavedToken, TokenStore};
