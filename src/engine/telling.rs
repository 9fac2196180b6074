//! Putting signals before the user, once they are on disk.

use crate::domain::{SignalKey, Stage};
use crate::engine::effect::{Effect, Report};
use crate::engine::snapshot::Ring;
use crate::engine::state::State;
use crate::lang::Said;

impl State {
    pub(super) fn on_recorded(&mut self, batch: u64, error: Option<Said>, out: &mut Vec<Effect>) {
        if let Some(error) = error {
            // Better told without a record than not told at all.
            self.notices.add(
                self.now,
                said!("신호를 저장하지 못했습니다(%{error}). 저장 공간을 확인하세요. 다시 시작하면 이 신호가 한 번 더 울릴 수 있습니다.", error = error),
                None,
            );
        }
        for key in self.book.written(batch) {
            self.announce(key, out);
        }
    }

    /// Tells of a signal that was on disk before this run but never shown.
    pub(super) fn tell(&mut self, key: SignalKey, out: &mut Vec<Effect>) {
        let Some(signal) = self.book.get(&key) else {
            return;
        };
        let stage = signal.stage;
        // What was still forming when the program ended is told by how it ends.
        if stage == Stage::Forming && signal.bar_end <= self.now {
            return;
        }
        if self.book.tell(&key, stage) {
            self.announce(key, out);
        }
    }

    /// Puts a signal before the user: it is on disk.
    fn announce(&mut self, key: SignalKey, out: &mut Vec<Effect>) {
        let Some(signal) = self.book.get(&key).cloned() else {
            return;
        };
        out.push(Effect::Report(Report::Trigger(signal.clone())));
        if self.config.headless {
            self.mark_shown(key, out);
        }
        self.late.note(&signal);
        let storm = self.takeovers.note(&key, signal.stage, self.now);
        if storm.begins {
            self.notices.add(
                self.now,
                said!("‘%{rule}’ 조건이 3분에 15번 넘게 울려 이 조건의 소리와 창 띄우기를 잠시 멈춥니다. 신호 기록은 계속됩니다.", rule = &signal.rule_name),
                None,
            );
        }
        if let Some(stock) = self.stocks.get_mut(&key.code) {
            match signal.stage {
                Stage::Forming | Stage::Confirmed if !signal.seen => {
                    stock.ring = Ring::Blinking(self.now);
                }
                Stage::Late if stock.ring == Ring::Quiet => stock.ring = Ring::Marked,
                _ => {}
            }
            if let Some(window) = &mut stock.window {
                window.dirty = true;
            }
        }
        self.call(&signal, storm.paused, out);
        let takes_over = !storm.paused && self.manners(&signal).takeover;
        match signal.stage {
            Stage::Forming | Stage::Confirmed if takes_over => self.takeovers.queue(key),
            Stage::Withdrawn => self.takeovers.drop_signal(&key),
            Stage::Late => {
                let text = said!(
                    "꺼져 있거나 연결이 없던 동안 성립한 신호가 있습니다. 신호 목록에서 ‘지연’을 확인하세요."
                );
                self.notices.add(self.now, text, None);
            }
            _ => {}
        }
    }

    pub(super) fn mark_shown(&mut self, key: SignalKey, out: &mut Vec<Effect>) {
        let now = self.now;
        let mut news = false;
        self.book.amend(&key, |signal| {
            // That an earlier stage was shown says nothing of this one.
            news = signal.shown.is_none_or(|shown| shown < signal.at);
            if news {
                signal.shown = Some(now.max(signal.at));
            }
        });
        if news {
            out.push(Effect::MarkShown {
                keys: vec![key],
                at: self.book.brief(&key).and_then(|s| s.shown).unwrap_or(now),
            });
        }
    }
}
