//! What the broker does where its documentation is silent, noted as it happens.
//!
//! Lines of the target [`TARGET`], of the form `kind key=value …`, go to a small file of their own;
//! `jeongbae check --report` sums them up. They hold times, counts and codes, nothing of the user.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::KisError;
use crate::domain::{Minute, MinuteRow, Moment, Print, StockCode};

/// The target of the lines.
pub const TARGET: &str = "jeongbae::observed";

/// Sends looked back at: as many as a second may hold, and some more.
const SENDS: usize = 64;
/// Minutes of prints that are kept.
const MINUTES: usize = 6;
/// A row is believed to be final so many seconds after its minute.
const FINAL_SECS: i64 = 5;

/// What is needed to note it.
#[derive(Debug, Default)]
pub(super) struct Observed {
    sends: Mutex<VecDeque<Moment>>,
    prints: Mutex<Prints>,
}

/// Volume of one stock's prints by minute.
#[derive(Debug, Default)]
struct Prints {
    code: Option<StockCode>,
    /// Ascending; the first one may have begun before we listened.
    minutes: VecDeque<(Minute, i64)>,
    told: Option<Minute>,
}

/// Which minute's prints a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stamp {
    /// Those of the minute it names: the label is the start.
    Start,
    /// Those of the minute before: the label is the end.
    End,
    /// Neither.
    Neither,
}

impl Observed {
    /// A request leaves.
    pub(super) fn sent(&self, at: Moment) {
        let mut sends = lock(&self.sends);
        sends.push_back(at);
        while SENDS < sends.len() {
            sends.pop_front();
        }
    }

    /// The request that left at `sent` was answered with an error.
    pub(super) fn failed(&self, sent: Moment, error: &KisError) {
        if error.is_rate_limit() {
            let (within, same_second, gap_ms) = self.company(sent);
            tracing::info!(
                target: TARGET,
                "refused within_1s={within} same_second={same_second} gap_ms={gap_ms} \
                 ms_of_second={} code={}",
                sent.0.rem_euclid(1_000),
                error.msg_cd().unwrap_or("-")
            );
        }
    }

    /// Requests in the second up to `sent`, in the same second of the clock, and milliseconds
    /// since the one before it; it counts itself.
    fn company(&self, sent: Moment) -> (usize, usize, i64) {
        let sends = lock(&self.sends);
        let before = sends.iter().filter(|at| **at <= sent);
        let within = before
            .clone()
            .filter(|at| sent.ms_since(**at) < 1_000)
            .count();
        let second = sent.0.div_euclid(1_000);
        let same = before
            .clone()
            .filter(|at| at.0.div_euclid(1_000) == second)
            .count();
        let last = before.filter(|at| **at < sent).max();
        (within, same, last.map_or(-1, |at| sent.ms_since(*at)))
    }

    /// A heartbeat came; `before` is the time since the last one.
    pub(super) fn heartbeat(before_ms: i64) {
        tracing::info!(target: TARGET, "heartbeat after_ms={before_ms}");
    }

    /// An answer on the socket.
    pub(super) fn socket_code(msg_cd: &str) {
        let code: String = msg_cd
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        tracing::info!(target: TARGET, "socket code={code}");
    }

    /// A print of the socket. Only the first stock seen is looked at.
    pub(super) fn print(&self, print: &Print) {
        let mut prints = lock(&self.prints);
        if *prints.code.get_or_insert(print.code) == print.code && print.regular {
            let minute = print.at().minute();
            match prints.minutes.back_mut() {
                Some((last, volume)) if *last == minute => *volume += print.size.0,
                Some((last, _)) if minute < *last => prints.minutes.clear(),
                _ => prints.minutes.push_back((minute, print.size.0)),
            }
            while MINUTES < prints.minutes.len() {
                prints.minutes.pop_front();
            }
        }
    }

    /// Prints may have been missed.
    pub(super) fn link_lost(&self) {
        *lock(&self.prints) = Prints::default();
    }

    /// Rows of today, answered at `now`.
    pub(super) fn rows(&self, code: StockCode, rows: &[MinuteRow], now: Moment) {
        let mut prints = lock(&self.prints);
        if prints.code != Some(code) {
            return;
        }
        if let Some((minute, stamp)) = prints.stamp(rows, now) {
            prints.told = Some(minute);
            let word = match stamp {
                Stamp::Start => "start",
                Stamp::End => "end",
                Stamp::Neither => "neither",
            };
            tracing::info!(target: TARGET, "minute label={word}");
        }
    }
}

impl Prints {
    /// What the newest final row says that can be compared.
    fn stamp(&self, rows: &[MinuteRow], now: Moment) -> Option<(Minute, Stamp)> {
        let row = rows.iter().rev().find(|row| {
            let over = row.day.at(row.minute.plus(1)).plus_secs(FINAL_SECS) <= now;
            over && row.day == now.day() && 0 < row.candle.volume
        })?;
        if self.told.is_some_and(|told| row.minute <= told) {
            return None;
        }
        // The first minute may be incomplete.
        let of = |minute: Minute| {
            let mut whole = self.minutes.iter().skip(1);
            whole.find(|(m, _)| *m == minute).map(|(_, volume)| *volume)
        };
        let (here, before) = (of(row.minute)?, of(row.minute.plus(-1))?);
        let stamp = match row.candle.volume {
            volume if volume == here && here != before => Stamp::Start,
            volume if volume == before && here != before => Stamp::End,
            _ if here == before => return None,
            _ => Stamp::Neither,
        };
        Some((row.minute, stamp))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Candle, Day};

    fn row(day: Day, minute: Minute, volume: i64) -> MinuteRow {
        let candle = Candle {
            open: 1,
            high: 1,
            low: 1,
            close: 1,
            volume,
        };
        MinuteRow {
            day,
            minute,
            candle,
        }
    }

    #[test]
    fn labels_are_told_by_the_volume_of_prints() {
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        let at = |minute| Minute::hm(10, minute);
        let mut prints = Prints::default();
        for (minute, volume) in [(0, 900), (1, 120), (2, 340), (3, 80)] {
            prints.minutes.push_back((at(minute), volume));
        }
        let now = day.at(at(3)).plus_secs(30);
        for (volume, stamp) in [
            (340, Some(Stamp::Start)),
            (120, Some(Stamp::End)),
            (341, Some(Stamp::Neither)),
        ] {
            let rows = [
                row(day, at(1), 7),
                row(day, at(2), volume),
                row(day, at(3), 9),
            ];
            let found = prints.stamp(&rows, now);
            assert_eq!(found, stamp.map(|stamp| (at(2), stamp)), "{volume}");
        }
        // A minute that was not seen whole, or is not final yet, says nothing.
        assert_eq!(prints.stamp(&[row(day, at(1), 120)], now), None);
        assert_eq!(prints.stamp(&[row(day, at(3), 80)], now), None);
        prints.told = Some(at(2));
        assert_eq!(prints.stamp(&[row(day, at(2), 340)], now), None);
    }

    #[test]
    fn a_refused_call_is_seen_among_those_before_it() {
        let observed = Observed::default();
        for ms in [5_200, 5_900, 6_100, 6_150] {
            observed.sent(Moment(ms));
        }
        assert_eq!(observed.company(Moment(6_150)), (4, 2, 50));
        assert_eq!(observed.company(Moment(5_200)), (1, 1, -1));
    }
}
