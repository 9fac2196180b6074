//! How far this machine's clock is from the broker's.
//!
//! Every answer carries the broker's time in its `Date` header, in whole seconds. Half a second is
//! added for what is cut off there, half the round trip is taken for the way back, and the median
//! of the last answers counts. A clock that is wrong by less than the uncertainty of that is left
//! alone.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use crate::clock::Clock;
use crate::domain::Moment;

/// Answers that are looked at.
const ANSWERS: usize = 15;
/// Answers before anything is said.
const ENOUGH: usize = 5;
/// Answers that took longer say little.
const SLOWEST_MS: i64 = 2_000;
/// Answers that disagree by more than this do not come from one steady clock.
const SPREAD_MS: i64 = 2_500;
/// A difference from the correction in force that is believed.
const BELIEVED_MS: i64 = 500;
/// A clock that is ahead by less does no harm: rows are asked for so long after their minute.
const AHEAD_MS: i64 = 1_000;
/// What is corrected at most. A clock that is wrong by more was set wrong, and is the user's to
/// set right: quotes of another day are no matter of seconds.
const LARGEST_MS: i64 = 10 * 60_000;

/// The measurement.
#[derive(Debug, Default)]
pub(super) struct Skew(Mutex<Measured>);

#[derive(Debug, Default)]
struct Measured {
    samples: VecDeque<i64>,
    offset_ms: Option<i64>,
}

impl Skew {
    /// Takes in an answer that left at `sent` and began to arrive at `came`, both by the
    /// machine's own clock, and corrects `clock` where that is called for.
    pub(super) fn observe(&self, clock: Clock, sent: Moment, came: Moment, date: &str) {
        let Some(date) = moment(date) else { return };
        let trip = came.ms_since(sent);
        if !(0..=SLOWEST_MS).contains(&trip) {
            return;
        }
        let mut measured = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        let Some(offset) = measured.take(date.plus_ms(500).ms_since(sent.plus_ms(trip / 2))) else {
            return;
        };
        let wrong = offset - clock.correction_ms();
        if BELIEVED_MS < wrong.abs() && offset.abs() <= LARGEST_MS && clock.correct(offset) {
            tracing::warn!(
                "this machine's clock is {} ms behind the broker's; market time is corrected",
                offset
            );
        }
    }

    /// The broker's clock minus this machine's, ms; `None` until enough answers agree.
    pub(super) fn offset_ms(&self) -> Option<i64> {
        self.0
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
            .offset_ms
    }
}

impl Measured {
    fn take(&mut self, sample: i64) -> Option<i64> {
        self.samples.push_back(sample);
        while ANSWERS < self.samples.len() {
            self.samples.pop_front();
        }
        let mut sorted: Vec<i64> = self.samples.iter().copied().collect();
        sorted.sort_unstable();
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        if SPREAD_MS < most - least {
            // A clock that was just set, or a server that is no clock: begin anew.
            self.samples.clear();
            self.samples.push_back(sample);
            self.offset_ms = None;
            return None;
        }
        if sorted.len() < ENOUGH {
            return None;
        }
        self.offset_ms = sorted.get(sorted.len() / 2).copied();
        self.offset_ms
    }
}

/// How far the clock stood ahead of the broker's, ms, when a request left at `sent` whose answer
/// of `date` began to arrive at `came`, both by that clock; 0 unless it surely did.
///
/// A clock that is set wrong is corrected only after some answers agree. Until then an answer must
/// not pass for one of a minute later: what was read of a minute that still ran would be taken for
/// what it closed at.
pub(super) fn surely_ahead(sent: Moment, came: Moment, date: &str) -> i64 {
    let Some(date) = moment(date) else { return 0 };
    let trip = came.ms_since(sent);
    let surely = sent.ms_since(date) - 1_000;
    if !(AHEAD_MS..=LARGEST_MS).contains(&surely) || !(0..=LARGEST_MS).contains(&trip) {
        return 0;
    }
    // Whatever it says was so when the request came there: a trip before the date at most.
    sent.ms_since(date) + trip
}

/// An HTTP date.
fn moment(text: &str) -> Option<Moment> {
    let at = httpdate::parse_http_date(text).ok()?;
    let since: Duration = at.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_790_000_000_000);

    /// Answers of a broker whose clock is ahead by `ahead` ms, 190 ms apart, on their way for
    /// 20 and 60 ms.
    fn feed(skew: &Skew, clock: Clock, ahead: i64, answers: i64) {
        for n in 0..answers {
            let sent = NOW.plus_ms(n * 190);
            let broker = sent.plus_ms(20 + ahead);
            let second = UNIX_EPOCH + Duration::from_secs((broker.0 / 1_000) as u64);
            skew.observe(
                clock,
                sent,
                sent.plus_ms(80),
                &httpdate::fmt_http_date(second),
            );
        }
    }

    #[test]
    fn a_wrong_clock_is_corrected_within_half_a_second_and_a_right_one_is_left_alone() {
        for (ahead, corrected) in [(3_700, true), (-8_200, true), (90_000, true), (120, false)] {
            let clock = Clock::simulated(NOW, 1.0).correctable();
            let skew = Skew::default();
            feed(&skew, clock, ahead, 4);
            assert_eq!(
                (skew.offset_ms(), clock.correction_ms()),
                (None, 0),
                "too few"
            );
            feed(&skew, clock, ahead, 30);
            let measured = skew.offset_ms().unwrap();
            assert!((measured - ahead).abs() <= 500, "{ahead}: {measured}");
            let correction = clock.correction_ms();
            assert_eq!(correction != 0, corrected, "{ahead}: {correction}");
            assert!(
                !corrected || (correction - ahead).abs() <= 700,
                "{ahead}: {correction}"
            );
        }
    }

    #[test]
    fn what_is_no_clock_corrects_nothing() {
        let clock = Clock::simulated(NOW, 1.0).correctable();
        let skew = Skew::default();
        // A server whose time runs twenty times as fast.
        for n in 0..40 {
            let sent = NOW.plus_ms(n * 190);
            let second = UNIX_EPOCH + Duration::from_secs((NOW.0 / 1_000 + n * 4) as u64);
            skew.observe(
                clock,
                sent,
                sent.plus_ms(10),
                &httpdate::fmt_http_date(second),
            );
        }
        // Nonsense, and an answer that took too long.
        skew.observe(clock, NOW, NOW, "yesterday");
        skew.observe(
            clock,
            NOW,
            NOW.plus_secs(9),
            "Fri, 20 Nov 2026 00:30:02 GMT",
        );
        assert_eq!((skew.offset_ms(), clock.correction_ms()), (None, 0));
        // Hours: told, not corrected.
        let skew = Skew::default();
        feed(&skew, clock, 7_200_000, 30);
        assert!(skew.offset_ms().is_some_and(|ms| 7_199_000 < ms));
        assert_eq!(clock.correction_ms(), 0);
    }

    #[test]
    fn a_clock_that_is_right_by_definition_is_never_corrected() {
        let clock = Clock::simulated(NOW, 1.0);
        let skew = Skew::default();
        feed(&skew, clock, 5_000, 30);
        assert_eq!(clock.correction_ms(), 0);
    }

    #[test]
    fn a_clock_set_right_later_is_followed() {
        let clock = Clock::simulated(NOW, 1.0).correctable();
        let skew = Skew::default();
        feed(&skew, clock, 9_000, 20);
        assert!(8_000 < clock.correction_ms());
        feed(&skew, clock, 0, 20);
        assert!(
            clock.correction_ms().abs() <= 500,
            "{}",
            clock.correction_ms()
        );
    }

    #[test]
    fn an_answer_older_than_its_request_shows_a_clock_that_is_ahead() {
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(NOW.0 as u64));
        let ahead =
            |sent: i64, came: i64| surely_ahead(NOW.plus_ms(sent), NOW.plus_ms(came), &date);
        // Within the second of the date, or behind it: as it should be, or nobody knows.
        assert_eq!(
            [ahead(-80, 20), ahead(900, 999), ahead(1_000, 1_090)],
            [0; 3]
        );
        assert_eq!(ahead(-90_000, -89_900), 0);
        assert_eq!([ahead(1_300, 1_390), ahead(1_999, 2_050)], [0; 2]);
        // Ahead by a minute and a half: the answer is no younger than its date less the trip.
        assert_eq!(ahead(90_000, 90_150), 90_150);
        // What is wrong by more than is ever corrected proves nothing.
        assert_eq!(ahead(3_600_000, 3_600_100), 0);
        assert_eq!(surely_ahead(NOW, NOW, "today"), 0);
    }
}
