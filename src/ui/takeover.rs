//! When a ringing stock's window may come to the front.
//!
//! Not within 3 s of a key or button and not while a text field is being edited: a window that
//! jumps in front of a typing hand swallows what was meant for another.

use crate::domain::SignalKey;
use crate::engine::Takeover;

/// Seconds after a key or button during which nothing comes to the front.
const CALM: f64 = 3.0;

/// A text field that nobody has typed into for this long no longer holds signals back: the user
/// has left it open and gone.
const ABANDONED: f64 = 30.0;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Turn {
    /// Nothing is waiting.
    Nothing,
    /// Bring this signal's stock to the front.
    Raise(SignalKey),
    /// Do not, but tell the engine that its turn is over.
    Refuse(SignalKey),
    /// The user is busy; look again after so many seconds.
    Hold(f64),
}

/// Remembers when the user was last busy and which turn is done.
#[derive(Default)]
pub(crate) struct Takeovers {
    last_touch: Option<f64>,
    done: Option<Takeover>,
}

impl Takeovers {
    /// The user pressed a key or button.
    pub(crate) fn touched(&mut self, now: f64) {
        self.last_touch = Some(now);
    }

    /// Decides. `asked`: the user asked for the next signal, so nothing needs to be waited for.
    pub(crate) fn decide(
        &mut self,
        takeover: Option<Takeover>,
        muted: bool,
        now: f64,
        editing: bool,
        asked: bool,
    ) -> Turn {
        let Some(takeover) = takeover.filter(|t| self.done != Some(*t)) else {
            return Turn::Nothing;
        };
        if muted && !asked {
            self.done = Some(takeover);
            return Turn::Refuse(takeover.key);
        }
        let idle = self.last_touch.map_or(f64::INFINITY, |t| now - t);
        let needed = if editing { ABANDONED } else { CALM };
        if idle < needed && !asked {
            return Turn::Hold((needed.min(CALM) - idle).max(0.25));
        }
        self.done = Some(takeover);
        Turn::Raise(takeover.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Moment, RuleKey, StockCode, Timeframe};

    fn takeover(bar: i64) -> Takeover {
        Takeover {
            key: SignalKey {
                rule: RuleKey(1),
                code: StockCode::parse("005930").unwrap(),
                timeframe: Timeframe::Minutes(30),
                bar: Moment(bar),
            },
            at: Moment(bar),
        }
    }

    #[test]
    fn waits_for_a_calm_hand_and_comes_once() {
        let (mut turns, first) = (Takeovers::default(), takeover(1));
        turns.touched(10.0);
        assert_eq!(
            turns.decide(Some(first), false, 11.0, false, false),
            Turn::Hold(2.0)
        );
        assert_eq!(
            turns.decide(Some(first), false, 13.0, false, false),
            Turn::Raise(first.key)
        );
        assert_eq!(
            turns.decide(Some(first), false, 14.0, false, false),
            Turn::Nothing
        );
    }

    #[test]
    fn typing_holds_it_back_until_asked_or_abandoned() {
        let mut turns = Takeovers::default();
        turns.touched(10.0);
        assert!(matches!(
            turns.decide(Some(takeover(1)), false, 20.0, true, false),
            Turn::Hold(_)
        ));
        assert_eq!(
            turns.decide(Some(takeover(1)), false, 20.0, true, true),
            Turn::Raise(takeover(1).key)
        );
        assert_eq!(
            turns.decide(Some(takeover(2)), false, 41.0, true, false),
            Turn::Raise(takeover(2).key)
        );
    }

    #[test]
    fn muted_refuses_its_turn() {
        let mut turns = Takeovers::default();
        assert_eq!(
            turns.decide(Some(takeover(1)), true, 5.0, false, false),
            Turn::Refuse(takeover(1).key)
        );
    }
}
