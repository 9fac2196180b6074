//! What each of the broker's hosts gives for each venue, as data.
//!
//! The client asks this table before it sends anything; nobody else compares environments.
//! Sources: the portal's list of transactions offered to paper trading, its notice of 2026-04-20
//! on rates (18 a second; paper 1), its notice of 2026-04-03 on new customers (3 a second for
//! their first days), and the pages of the endpoints.

use super::endpoint::Environment;
use super::{many, tr};
use crate::domain::Market;

/// What one host gives for one venue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capabilities {
    /// The host.
    pub environment: Environment,
    /// The venue.
    pub market: Market,
    /// Requests a second that are safe. Paper: one every 1.11 s; at 1.0 s some are refused.
    pub requests_per_second: f64,
    /// The same for a customer in the first days after subscribing.
    pub new_customer_per_second: f64,
    /// Stocks in one request for quotes; 0: one by one only.
    pub quotes_at_once: usize,
    /// Minutes of past days.
    pub past_minutes: bool,
    /// The exchange's open days.
    pub holidays: bool,
    /// The list of volatility interruptions (VI).
    pub interruptions: bool,
    /// The realtime feed of executions; `None`: this host has none for the venue.
    pub prints_feed: Option<&'static str>,
    /// The realtime feed of order books; `None`: this host has none for the venue.
    pub book_feed: Option<&'static str>,
    /// Rows of a page of today's minutes.
    pub rows_today: usize,
    /// Rows of a page of a past day's minutes.
    pub rows_dated: usize,
    /// Rows of a page of days, weeks or months.
    pub rows_period: usize,
}

const fn real(market: Market, prints: &'static str, book: &'static str) -> Capabilities {
    Capabilities {
        environment: Environment::Real,
        market,
        requests_per_second: 18.0,
        new_customer_per_second: 3.0,
        quotes_at_once: many::AT_ONCE,
        past_minutes: true,
        holidays: true,
        interruptions: true,
        prints_feed: Some(prints),
        book_feed: Some(book),
        rows_today: 30,
        rows_dated: 120,
        rows_period: 100,
    }
}

const fn paper(
    market: Market,
    prints: Option<&'static str>,
    book: Option<&'static str>,
) -> Capabilities {
    Capabilities {
        environment: Environment::Paper,
        requests_per_second: 0.9,
        // The rule names real customers only.
        new_customer_per_second: 0.9,
        quotes_at_once: 0,
        past_minutes: false,
        holidays: false,
        interruptions: false,
        prints_feed: prints,
        book_feed: book,
        ..real(market, "", "")
    }
}

/// The table. Of realtime feeds the paper host has the Korea Exchange's only.
const TABLE: [Capabilities; 6] = [
    real(Market::Krx, "H0STCNT0", "H0STASP0"),
    real(Market::Nxt, "H0NXCNT0", "H0NXASP0"),
    real(Market::Unified, "H0UNCNT0", "H0UNASP0"),
    paper(Market::Krx, Some("H0STCNT0"), Some("H0STASP0")),
    paper(Market::Nxt, None, None),
    paper(Market::Unified, None, None),
];

impl Capabilities {
    /// What `environment` gives for `market`.
    pub fn of(environment: Environment, market: Market) -> &'static Self {
        let [first, rest @ ..] = &TABLE;
        rest.iter()
            .find(|row| (row.environment, row.market) == (environment, market))
            .unwrap_or(first)
    }

    /// Why the host does not answer this transaction, with a way out, marked with `key!`; `None`
    /// where it does.
    pub(super) fn refusal(&self, tr_id: &str) -> Option<&'static str> {
        let lacks = |id, has: bool, why| (tr_id == id && !has).then_some(why);
        lacks(tr::MINUTES_DATED.id, self.past_minutes, PAST_MINUTES)
            .or(lacks(tr::QUOTES.id, 0 < self.quotes_at_once, MANY))
            .or(lacks(tr::HOLIDAYS.id, self.holidays, DAYS))
            .or(lacks(
                tr::INTERRUPTIONS.id,
                self.interruptions,
                INTERRUPTIONS,
            ))
    }
}

const PAST_MINUTES: &str = key!(
    "모의투자는 과거 분봉을 주지 않습니다. 오늘 분봉만으로 계산합니다. 지난 분봉이 필요한 이동평균은 실전 앱 키를 쓰면 볼 수 있습니다."
);
const MANY: &str = key!(
    "모의투자는 여러 종목의 시세를 한 번에 주지 않습니다. 종목마다 따로 조회하거나 실전 앱 키를 쓰세요."
);
const DAYS: &str = key!(
    "모의투자는 휴장일을 알려 주지 않습니다. 프로그램에 든 달력을 씁니다. 실전 앱 키를 쓰면 조회할 수 있습니다."
);
const INTERRUPTIONS: &str = key!(
    "모의투자는 변동성완화장치(VI) 현황을 주지 않습니다. 종목 창을 열어 두면 호가로 알 수 있습니다. 실전 앱 키를 쓰면 조회할 수 있습니다."
);

#[cfg(test)]
mod tests {
    use super::super::stream::Feed;
    use super::*;

    #[test]
    fn every_host_and_venue_has_a_row_of_its_own() {
        for environment in [Environment::Real, Environment::Paper] {
            for market in [Market::Krx, Market::Nxt, Market::Unified] {
                let row = Capabilities::of(environment, market);
                assert_eq!((row.environment, row.market), (environment, market));
                let lacking = [
                    tr::QUOTES.id,
                    tr::MINUTES_DATED.id,
                    tr::HOLIDAYS.id,
                    tr::INTERRUPTIONS.id,
                ];
                for id in lacking {
                    let paper = environment == Environment::Paper;
                    assert_eq!(row.refusal(id).is_some(), paper, "{row:?} {id}");
                }
                assert_eq!(row.refusal(tr::QUOTE.id), None);
                let offered = environment == Environment::Real || market == Market::Krx;
                for feed in [Feed::Trades, Feed::Book] {
                    assert_eq!(feed.tr_id(row).is_some(), offered, "{row:?} {feed:?}");
                }
            }
        }
    }
}
