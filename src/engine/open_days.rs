//! Which days the exchange is open: asked of the broker once a day and laid over the bundled
//! calendar, so that a day closed at short notice asks for nothing and misses nothing.

use std::sync::Arc;

use crate::domain::{Day, Minute, Moment, Timeframe};
use crate::engine::effect::{Effect, Report};
use crate::engine::event::{Failure, Timed};
use crate::engine::state::State;

/// Before this the day's news is not out and nobody trades.
const EARLIEST: Minute = Minute::hm(6, 0);
/// A broker that was not reached is tried again after this.
const UNREACHED_MS: i64 = 300_000;

/// What is known of the asking.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenDays {
    /// The day on which the broker was asked last, by this run or an earlier one.
    asked: Option<Day>,
    busy: bool,
    retry_at: Option<Moment>,
}

impl OpenDays {
    pub(super) fn new(asked: Option<Day>) -> Self {
        Self {
            asked,
            busy: false,
            retry_at: None,
        }
    }
}

impl State {
    /// Asks which days are open, unless it was asked today.
    pub(super) fn look_at_open_days(&mut self, out: &mut Vec<Effect>) {
        let today = self.now.day();
        let asked = self.open_days.asked.is_some_and(|day| today <= day);
        let waits = self.open_days.retry_at.is_some_and(|at| self.now < at);
        let early = self.now.minute() < EARLIEST;
        if !self.config.open_days || asked || waits || early || self.open_days.busy {
            return;
        }
        self.open_days.busy = true;
        out.push(Effect::FetchOpenDays { from: today });
    }

    pub(super) fn on_open_days(
        &mut self,
        answer: Result<Timed<Vec<(Day, bool)>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let today = self.now.day();
        self.open_days.busy = false;
        let days = match answer {
            Ok(timed) => timed.value,
            Err(failure) => {
                // The broker wants to be asked once a day: also if it said no.
                match failure.http {
                    0 => self.open_days.retry_at = Some(self.now.plus_ms(UNREACHED_MS)),
                    _ => self.open_days.asked = Some(today),
                }
                out.push(Effect::Report(Report::Error {
                    failure,
                    at: self.now,
                }));
                return;
            }
        };
        self.open_days.asked = Some(today);
        let was_open = self.calendar.is_open(today);
        for &(day, open) in &days {
            Arc::make_mut(&mut self.calendar).learn(day, open);
        }
        if self.calendar.is_open(today) != was_open {
            let text = match was_open {
                true => said!("증권사 휴장일 조회: 오늘은 휴장일입니다. 시세를 요청하지 않습니다."),
                false => said!("증권사 휴장일 조회: 오늘은 거래일입니다."),
            };
            self.notices.add(self.now, text, None);
        }
        // The running week or month may end on another day than it seemed.
        for code in self.stocks.keys().copied().collect::<Vec<_>>() {
            let Some(mut stock) = self.stocks.remove(&code) else {
                continue;
            };
            for track in &mut stock.tracks {
                if matches!(track.timeframe, Timeframe::Week | Timeframe::Month) {
                    track.slot = self.open_slot(track.timeframe);
                    track.dirty = true;
                }
            }
            self.stocks.insert(code, stock);
        }
        out.push(Effect::SaveOpenDays { asked: today, days });
    }
}
