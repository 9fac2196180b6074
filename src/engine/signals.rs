//! Signals and marks held in memory, and the batches on their way to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{Mark, Moment, RuleKey, Signal, SignalKey, Stage, StockCode};
use crate::engine::effect::Effect;
use crate::engine::screen::LISTED;

/// Signals held with their evidence: as many as the list shows, and some more so that they are
/// looked through only now and then. Of older ones the evidence stays on disk.
const WHOLE: usize = LISTED + 100;

/// Signals and marks.
#[derive(Clone, Debug, Default)]
pub(super) struct SignalBook {
    signals: BTreeMap<SignalKey, Held>,
    /// How many of them are held whole.
    whole: usize,
    marks: BTreeMap<(RuleKey, StockCode), Mark>,
    changed: BTreeSet<SignalKey>,
    moved: BTreeSet<(RuleKey, StockCode)>,
    batches: BTreeMap<u64, Vec<(SignalKey, Stage)>>,
    next_batch: u64,
}

/// How far a signal has come: days may have thousands, so as little as possible.
#[derive(Clone, Debug)]
struct Held {
    stage: Stage,
    price: i64,
    at: Moment,
    shown: Option<Moment>,
    seen: bool,
    /// With its evidence, unless it is an old one.
    whole: Option<Arc<Signal>>,
    /// Judged on prints; its rows have not spoken yet.
    provisional: bool,
    /// The stage that is on disk and has been told.
    told: Option<Stage>,
}

/// What is held of every signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Brief {
    /// What identifies it.
    pub(super) key: SignalKey,
    /// Where it stands.
    pub(super) stage: Stage,
    /// Won: the print while forming, else the close.
    pub(super) price: i64,
    /// When this stage was reached.
    pub(super) at: Moment,
    /// When it was put on the screen.
    pub(super) shown: Option<Moment>,
    /// Whether the user has seen it.
    pub(super) seen: bool,
}

impl Held {
    fn brief(&self, key: SignalKey) -> Brief {
        Brief {
            key,
            stage: self.stage,
            price: self.price,
            at: self.at,
            shown: self.shown,
            seen: self.seen,
        }
    }
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
            self.hold(signal, provisional, told);
        }
        for mark in marks {
            self.marks.insert((mark.rule, mark.code), mark);
        }
        self.shorten();
        untold
    }

    fn hold(&mut self, signal: Signal, provisional: bool, told: Option<Stage>) {
        let key = signal.key;
        let held = Held {
            stage: signal.stage,
            price: signal.price,
            at: signal.at,
            shown: signal.shown,
            seen: signal.seen,
            whole: Some(Arc::new(signal)),
            provisional,
            told,
        };
        let before = self.signals.insert(key, held);
        self.whole += usize::from(before.is_none_or(|before| before.whole.is_none()));
    }

    /// Lets the evidence of old signals go: it is on disk, and the list does not show them.
    fn shorten(&mut self) {
        if self.whole <= WHOLE {
            return;
        }
        let settled = |held: &Held| {
            let told = held.told == Some(held.stage);
            told && !held.provisional && held.stage != Stage::Forming
        };
        let whole = self.signals.iter().filter(|(_, held)| held.whole.is_some());
        let mut order: Vec<(Moment, SignalKey)> =
            whole.map(|(key, held)| (held.at, *key)).collect();
        order.sort_unstable();
        order.truncate(order.len().saturating_sub(LISTED));
        for (_, key) in order {
            if self.changed.contains(&key) {
                continue;
            }
            if let Some(held) = self.signals.get_mut(&key).filter(|held| settled(held)) {
                held.whole = None;
                self.whole -= 1;
            }
        }
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

    /// A signal with its evidence; `None` also for an old one.
    pub(super) fn get(&self, key: &SignalKey) -> Option<&Arc<Signal>> {
        self.signals.get(key)?.whole.as_ref()
    }

    /// What is held of any signal.
    pub(super) fn brief(&self, key: &SignalKey) -> Option<Brief> {
        self.signals.get(key).map(|held| held.brief(*key))
    }

    pub(super) fn is_provisional(&self, key: &SignalKey) -> bool {
        self.signals.get(key).is_some_and(|held| held.provisional)
    }

    /// Puts a new stage of a signal; it is told once it is on disk.
    pub(super) fn put(&mut self, signal: Signal, provisional: bool) {
        let key = signal.key;
        let told = self.signals.get(&key).and_then(|held| held.told);
        self.hold(signal, provisional, told);
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
    ) -> impl DoubleEndedIterator<Item = Brief> {
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
        let signals = self.signals.range(from..=to);
        signals.map(|(key, held)| held.brief(*key))
    }

    /// Signals that have been told, in no particular order of time.
    pub(super) fn told(&self) -> impl Iterator<Item = Brief> {
        let told = self.signals.iter().filter(|(_, held)| held.told.is_some());
        told.map(|(key, held)| held.brief(*key))
    }

    /// The newest of them with their evidence, newest first.
    pub(super) fn newest(&self) -> Vec<Arc<Signal>> {
        let told = self.signals.values().filter(|held| held.told.is_some());
        let mut signals: Vec<Arc<Signal>> = told.filter_map(|held| held.whole.clone()).collect();
        signals.sort_by_key(|s| std::cmp::Reverse((s.at, s.key)));
        signals.truncate(LISTED);
        signals
    }

    /// Changes whether and when a signal was seen and shown.
    pub(super) fn amend(&mut self, key: &SignalKey, change: impl FnOnce(&mut Brief)) -> bool {
        let Some(held) = self.signals.get_mut(key) else {
            return false;
        };
        let mut brief = held.brief(*key);
        change(&mut brief);
        (held.shown, held.seen) = (brief.shown, brief.seen);
        if let Some(whole) = &mut held.whole {
            let whole = Arc::make_mut(whole);
            (whole.shown, whole.seen) = (held.shown, held.seen);
        }
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
        self.shorten();
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
        if held.told == Some(stage) || held.stage != stage {
            return false;
        }
        if held.told.is_none() && stage == Stage::Withdrawn {
            return false;
        }
        held.told = Some(stage);
        true
    }
}
