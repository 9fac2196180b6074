//! Where the market stands at any moment, by the calendar alone.

use crate::domain::{Calendar, Market, Minute, Moment};
use crate::engine::snapshot::MarketPhase;

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
    }
    let next = calendar.next_open(day);
    let opens = calendar
        .hours(next, market)
        .map_or(Minute::hm(9, 0), |h| h.open);
    MarketPhase::Closed {
        opens: next.at(opens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Day;

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
        assert_eq!(at(16, 0), MarketPhase::Closed { opens: monday });
    }
}
