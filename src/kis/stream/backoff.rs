//! How long to wait before the next connection.

use std::time::Duration;

/// Why the last connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// No socket was opened: nothing at the broker's side is held.
    Unreached,
    /// A socket was open, or about to be, and broke.
    Lost,
    /// The broker holds another session of this key: contact only makes it worse.
    InUse,
    /// The approval key is not accepted; the first time a new key may help at once.
    Approval,
    /// Keys or address are wrong: nothing will change by itself.
    Fatal,
    /// No token or approval key for this many seconds.
    Wait(u64),
}

/// Seconds before each try. Hasty reconnecting locks the slot for longer (websocket.md §6).
const AFTER_LOSS: [u64; 4] = [15, 30, 60, 90];
/// While no socket of ours was ever live nothing can be locked.
const UNREACHED: [u64; 7] = [1, 2, 5, 15, 30, 60, 90];

#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
    was_live: bool,
    approvals: u32,
}

impl Backoff {
    /// The broker accepted a registration.
    pub(super) fn live(&mut self) {
        *self = Self {
            was_live: true,
            ..Self::default()
        };
    }

    /// Which try comes next, from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.tries + 1
    }

    /// The wait before the next try. `jitter` is below 1.
    pub(super) fn after(&mut self, cause: Cause, jitter: f64) -> Duration {
        let nth = self.tries as usize;
        self.tries = self.tries.saturating_add(1);
        let of = |steps: &[u64]| steps.get(nth).or(steps.last()).copied().unwrap_or(90);
        let seconds = match cause {
            Cause::Wait(seconds) => return Duration::from_secs(seconds),
            Cause::Fatal => 90,
            Cause::InUse => of(&AFTER_LOSS),
            Cause::Approval => {
                self.approvals += 1;
                if self.approvals == 1 {
                    2
                } else {
                    of(&AFTER_LOSS)
                }
            }
            Cause::Unreached if !self.was_live => of(&UNREACHED),
            Cause::Unreached | Cause::Lost => of(&AFTER_LOSS),
        };
        Duration::from_secs(seconds).mul_f64(1.0 + 0.2 * jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: &mut Backoff, cause: Cause, n: usize) -> Vec<u64> {
        (0..n)
            .map(|_| backoff.after(cause, 0.0).as_secs())
            .collect()
    }

    #[test]
    fn waits_grow_and_start_anew_after_success() {
        let mut backoff = Backoff::default();
        assert_eq!(
            waits(&mut backoff, Cause::Unreached, 8),
            [1, 2, 5, 15, 30, 60, 90, 90]
        );
        backoff.live();
        assert_eq!(waits(&mut backoff, Cause::Lost, 5), [15, 30, 60, 90, 90]);
        backoff.live();
        assert_eq!(waits(&mut backoff, Cause::Unreached, 3), [15, 30, 60]);
        assert_eq!(
            waits(&mut Backoff::default(), Cause::InUse, 5),
            [15, 30, 60, 90, 90]
        );
        let mut backoff = Backoff::default();
        assert_eq!(waits(&mut backoff, Cause::Approval, 3), [2, 30, 60]);
        assert_eq!(backoff.attempt(), 4);
        let longest = Backoff::default().after(Cause::InUse, 1.0);
        assert_eq!(longest, Duration::from_secs(18));
    }
}
