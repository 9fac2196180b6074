//! Where the market stands at any moment, by the calendar alone.

use crate::domain::{Calendar, Day, Market, Minute, Moment, SessionHours};
use crate::engine::snapshot::{AfterHours, MarketPhase};

/// The opening call auction begins this long before the opening.
const OPENING_AUCTION_MINUTES: i32 = 30;

/// The phase of `market` at `at` (Korean time).
pub fn phase_at(calendar: &Calendar, market: Market, at: Moment) -> MarketPhase {
    let day = at.day();
    if let Some(hours) = calendar.hours(day, market) {
        let open = day.at(hours.open);
        let auction = day.at(hours.continuous_end);
        let end = day.at(hours.end());
        if at < open.plus_secs(-60 * i64::from(OPENING_AUCTION_MINUTES)) {
            return MarketPhase::Closed { opens: open };
        }
        if at < open {
            return MarketPhase::OpeningAuction { opens: open };
        }
        if at < auction {
            return MarketPhase::Open { until: auction };
        }
        if at < end {
            return MarketPhase::ClosingAuction { until: end };
        }
        if let Some(after) = after_hours(&hours, market, at) {
            return after;
        }
    }
    let next = calendar.next_open(day);
    let opens = calendar
        .hours(next, market)
        .map_or(Minute::hm(9, 0), |h| h.open);
    MarketPhase::Closed {
        opens: next.at(opens),
    }
}

/// The trading after the session that goes on at `at`, if any. On a day that closes later it
/// begins later; it ends at 20:00 on every day.
fn after_hours(hours: &SessionHours, market: Market, at: Moment) -> Option<MarketPhase> {
    let day = at.day();
    let shift = i32::from(hours.continuous_end.0) - i32::from(Minute::hm(15, 20).0);
    let time = |hour, minute| day.at(Minute::hm(hour, minute).plus(shift));
    let evening = day.at(Minute::hm(20, 0));
    // The single-price calls gave way to continuous trading on this day.
    let continuous = Day::from_ymd(2026, 9, 14).is_none_or(|first| first <= day);
    let phases = match market {
        Market::Krx if continuous => [
            (AfterHours::ClosingPrice, time(15, 40), time(16, 0)),
            (AfterHours::AfterMarket, time(16, 0), evening),
        ],
        Market::Krx => [
            (AfterHours::ClosingPrice, time(15, 40), time(16, 0)),
            (AfterHours::SinglePrice, time(16, 0), time(18, 0)),
        ],
        // The other venue's own trading at the closing price goes on beside its after-market.
        Market::Nxt | Market::Unified => [
            (AfterHours::ClosingPrice, time(15, 30), time(15, 40)),
            (AfterHours::AfterMarket, time(15, 40), evening),
        ],
    };
    phases
        .into_iter()
        .find(|(_, from, until)| *from <= at && at < *until)
        .map(|(kind, _, until)| MarketPhase::AfterHours { kind, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_day_has_its_phases() {
        let calendar = Calendar::new();
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        let at = |hour, minute| phase_at(&calendar, Market::Krx, day.at(Minute::hm(hour, minute)));
        let nine = day.at(Minute::hm(9, 0));
        assert_eq!(at(7, 0), MarketPhase::Closed { opens: nine });
        assert_eq!(at(8, 30), MarketPhase::OpeningAuction { opens: nine });
        let until = day.at(Minute::hm(15, 20));
        assert_eq!(at(9, 0), MarketPhase::Open { until });
        let until = day.at(Minute::hm(15, 31));
        assert_eq!(at(15, 25), MarketPhase::ClosingAuction { until });
        let monday = Day::from_ymd(2026, 11, 23).unwrap().at(Minute::hm(9, 0));
        assert_eq!(at(15, 35), MarketPhase::Closed { opens: monday });
        assert_eq!(at(20, 0), MarketPhase::Closed { opens: monday });
    }

    #[test]
    fn trading_after_the_session_is_named() {
        let calendar = Calendar::new();
        let after = |market, day: (i16, i8, i8), time: (u16, u16)| {
            let day = Day::from_ymd(day.0, day.1, day.2).unwrap();
            match phase_at(&calendar, market, day.at(Minute::hm(time.0, time.1))) {
                MarketPhase::AfterHours { kind, until } => Some((kind, until.minute())),
                _ => None,
            }
        };
        let friday = (2026, 11, 20);
        let close = Some((AfterHours::ClosingPrice, Minute::hm(16, 0)));
        assert_eq!(after(Market::Krx, friday, (15, 40)), close);
        let evening = Some((AfterHours::AfterMarket, Minute::hm(20, 0)));
        assert_eq!(after(Market::Krx, friday, (16, 0)), evening);
        assert_eq!(after(Market::Nxt, friday, (15, 40)), evening);
        let calls = Some((AfterHours::SinglePrice, Minute::hm(18, 0)));
        assert_eq!(after(Market::Krx, (2026, 9, 11), (17, 59)), calls);
        assert_eq!(after(Market::Krx, (2026, 9, 11), (18, 0)), None);
        // The day of the college entrance exam is an hour later.
        assert_eq!(after(Market::Krx, (2026, 11, 19), (16, 0)), None);
        let close = Some((AfterHours::ClosingPrice, Minute::hm(17, 0)));
        assert_eq!(after(Market::Krx, (2026, 11, 19), (16, 40)), close);
    }
}
