//! Signals and marks held in memory, and the batches on their way to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{Mark, Moment, RuleKey, Signal, SignalKey, Stage, StockCode};
use crate::engine::effect::Effect;

/// Signals and marks.
#[derive(Clone, Debug, Default)]
pub(super) struct SignalBook {
    signals: BTreeMap<SignalKey, Held>,
    marks: BTreeMap<(RuleKey, StockCode), Mark>,
    changed: BTreeSet<SignalKey>,
    moved: BTreeSet<(RuleKey, StockCode)>,
    batches: BTreeMap<u64, Vec<(SignalKey, Stage)>>,
    next_batch: u64,
}

/// A signal and how far it has come.
#[derive(Clone, Debug)]
struct Held {
    signal: Arc<Signal>,
    /// Judged on prints; its rows have not spoken yet.
    provisional: bool,
    /// The stage that is on disk and has been told.
    told: Option<Stage>,
}

impl SignalBook {
    /// Takes what the user's database holds. Returns the signals that were written but never
    /// shown: the program ended in between.
    pub(super) fn restore(&mut self, signals: Vec<Signal>, marks: Vec<Mark>) -> Vec<SignalKey> {
        let mut untold = Vec::new();
        for signal in signals {
            let key = signal.key;
            // Shown before this stage was reached: an earlier one was seen, this one was not.
            let told = match signal.shown {
                Some(shown) if signal.at <= shown => Some(signal.stage),
                Some(_) if signal.stage != Stage::Forming => Some(Stage::Forming),
                _ => None,
            };
            if told != Some(signal.stage) {
                untold.push(key);
            }
            // What was given on prints is settled by the first judgement on rows, also after a
            // restart.
            let provisional = signal.source == crate::domain::Source::Ticks
                && signal.stage != Stage::Forming
                && self.mark_before(&marks, &key);
            let held = Held {
                signal: Arc::new(signal),
                provisional,
                told,
            };
            self.signals.insert(key, held);
        }
        for mark in marks {
            self.marks.insert((mark.rule, mark.code), mark);
        }
        untold
    }

    fn mark_before(&self, marks: &[Mark], key: &SignalKey) -> bool {
        marks
            .iter()
            .filter(|m| m.rule == key.rule && m.code == key.code)
            .all(|m| m.bar < key.bar)
    }

    pub(super) fn mark(&self, rule: RuleKey, code: StockCode) -> Option<&Mark> {
        self.marks.get(&(rule, code))
    }

    pub(super) fn set_mark(&mut self, mark: Mark) {
        self.moved.insert((mark.rule, mark.code));
        self.marks.insert((mark.rule, mark.code), mark);
    }

    /// Forgets the marks of rules that are gone. Returns whether there were any.
    pub(super) fn keep_marks_of(&mut self, rules: &[RuleKey]) -> bool {
        let before = self.marks.len();
        self.marks.retain(|(rule, _), _| rules.contains(rule));
        before != self.marks.len()
    }

    pub(super) fn get(&self, key: &SignalKey) -> Option<&Arc<Signal>> {
        self.signals.get(key).map(|held| &held.signal)
    }

    pub(super) fn is_provisional(&self, key: &SignalKey) -> bool {
        self.signals.get(key).is_some_and(|held| held.provisional)
    }

    /// Puts a new stage of a signal; it is told once it is on disk.
    pub(super) fn put(&mut self, signal: Signal, provisional: bool) {
        let key = signal.key;
        let told = self.signals.get(&key).and_then(|held| held.told);
        let signal = Arc::new(signal);
        self.signals.insert(
            key,
            Held {
                signal,
                provisional,
                told,
            },
        );
        self.changed.insert(key);
    }

    /// The rows agree with what was judged on prints.
    pub(super) fn settle(&mut self, key: &SignalKey) {
        if let Some(held) = self.signals.get_mut(key) {
            held.provisional = false;
        }
    }

    /// Signals of one rule and stock, oldest first.
    pub(super) fn of_rule(
        &self,
        rule: RuleKey,
        code: StockCode,
    ) -> impl DoubleEndedIterator<Item = &Arc<Signal>> {
        use crate::domain::Timeframe;
        let from = SignalKey {
            rule,
            code,
            timeframe: Timeframe::Minutes(0),
            bar: Moment(i64::MIN),
        };
        let to = SignalKey {
            rule,
            code,
            timeframe: Timeframe::Month,
            bar: Moment(i64::MAX),
        };
        self.signals.range(from..=to).map(|(_, held)| &held.signal)
    }

    /// Signals that have been told, in no particular order of time.
    pub(super) fn told(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.signals
            .values()
            .filter(|held| held.told.is_some())
            .map(|held| &held.signal)
    }

    /// Changes a signal without a new stage (seen, shown).
    pub(super) fn amend(&mut self, key: &SignalKey, change: impl FnOnce(&mut Signal)) -> bool {
        let Some(held) = self.signals.get_mut(key) else {
            return false;
        };
        change(Arc::make_mut(&mut held.signal));
        true
    }

    /// Hands what changed to the store, in one transaction.
    pub(super) fn flush(&mut self, out: &mut Vec<Effect>) {
        if self.changed.is_empty() && self.moved.is_empty() {
            return;
        }
        let batch = self.next_batch;
        self.next_batch += 1;
        let signals: Vec<Arc<Signal>> = std::mem::take(&mut self.changed)
            .iter()
            .filter_map(|key| self.get(key).cloned())
            .collect();
        let marks = std::mem::take(&mut self.moved)
            .iter()
            .filter_map(|key| self.marks.get(key).copied())
            .collect();
        self.batches
            .insert(batch, signals.iter().map(|s| (s.key, s.stage)).collect());
        out.push(Effect::Record {
            batch,
            signals,
            marks,
        });
    }

    /// A batch is on disk (or never will be): what of it is to be told now.
    pub(super) fn written(&mut self, batch: u64) -> Vec<SignalKey> {
        let keys = self.batches.remove(&batch).unwrap_or_default();
        keys.into_iter()
            .filter(|(key, stage)| self.tell(key, *stage))
            .map(|(key, _)| key)
            .collect()
    }

    /// Marks a signal's stage as told; `false` if it was already, or was never more than an
    /// intention overtaken by a withdrawal nobody needs to hear of.
    pub(super) fn tell(&mut self, key: &SignalKey, stage: Stage) -> bool {
        let Some(held) = self.signals.get_mut(key) else {
            return false;
        };
        if held.told == Some(stage) || held.signal.stage != stage {
            return false;
        }
        if held.told.is_none() && stage == Stage::Withdrawn {
            return false;
        }
        held.told = Some(stage);
        true
    }
}
