//! What survives the process: as the store keeps it.

use std::collections::{BTreeMap, BTreeSet};

use jeongbae::domain::{
    DailyRow, Day, Mark, Minute, MinuteRow, RuleKey, Signal, SignalKey, StockCode, Timeframe,
};
use jeongbae::engine::{Effect, Event, Loaded, Partial, Remembered};

#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) signals: BTreeMap<SignalKey, Signal>,
    pub(crate) marks: BTreeMap<(RuleKey, StockCode), Mark>,
    pub(crate) rows: BTreeMap<(StockCode, Day), BTreeMap<Minute, MinuteRow>>,
    pub(crate) complete: BTreeSet<(StockCode, Day)>,
    pub(crate) partials: BTreeMap<(StockCode, Day), Partial>,
    pub(crate) period: BTreeMap<(StockCode, usize), BTreeMap<Day, DailyRow>>,
}

impl Disk {
    pub(crate) fn remembered(&self) -> Remembered {
        Remembered {
            signals: self.signals.values().cloned().collect(),
            marks: self.marks.values().copied().collect(),
            ..Remembered::default()
        }
    }

    /// Does a job of the store; the answer if it has one.
    pub(crate) fn perform(&mut self, job: Effect) -> Option<Event> {
        match job {
            Effect::LoadStock { code, from } => return Some(self.load(code, from)),
            Effect::SaveRows { code, rows } => {
                for row in rows {
                    if !self.complete.contains(&(code, row.day)) {
                        let of_day = self.rows.entry((code, row.day)).or_default();
                        of_day.entry(row.minute).or_insert(row);
                    }
                }
            }
            Effect::SaveDay { code, day, rows } => {
                let rows = rows.iter().map(|r| (r.minute, *r)).collect();
                self.rows.insert((code, day), rows);
                self.complete.insert((code, day));
                self.partials.remove(&(code, day));
            }
            Effect::SavePartial { code, partial } => {
                self.partials.insert((code, partial.day), partial);
            }
            Effect::SavePeriod {
                code,
                timeframe,
                rows,
            } => {
                let held = self.period.entry((code, timeframe.index())).or_default();
                held.extend(rows.iter().map(|r| (r.day, *r)));
            }
            Effect::ForgetStock(code) => {
                self.rows.retain(|(c, _), _| *c != code);
                self.complete.retain(|(c, _)| *c != code);
                self.period.retain(|(c, _), _| *c != code);
                self.partials.retain(|(c, _), _| *c != code);
            }
            Effect::Record {
                batch,
                signals,
                marks,
            } => {
                for signal in signals {
                    let mut signal = (*signal).clone();
                    if let Some(old) = self.signals.get(&signal.key) {
                        signal.shown = signal.shown.or(old.shown);
                        signal.seen |= old.seen;
                    }
                    self.signals.insert(signal.key, signal);
                }
                for mark in marks {
                    self.marks.insert((mark.rule, mark.code), mark);
                }
                return Some(Event::Recorded { batch, error: None });
            }
            Effect::KeepMarksOf(rules) => self.marks.retain(|(rule, _), _| rules.contains(rule)),
            Effect::MarkShown { keys, at } => {
                for key in keys {
                    if let Some(signal) = self.signals.get_mut(&key) {
                        signal.shown = Some(at);
                    }
                }
            }
            Effect::MarkSeen(keys) => {
                for key in keys {
                    if let Some(signal) = self.signals.get_mut(&key) {
                        signal.seen = true;
                    }
                }
            }
            _ => {}
        }
        None
    }

    fn load(&self, code: StockCode, from: Day) -> Event {
        let days = self
            .rows
            .iter()
            .filter(|((c, day), _)| *c == code && from <= *day)
            .map(|((_, day), rows)| {
                let rows: Vec<MinuteRow> = rows.values().copied().collect();
                (*day, rows, self.complete.contains(&(code, *day)))
            })
            .collect();
        let period = |timeframe: Timeframe| {
            self.period
                .get(&(code, timeframe.index()))
                .map(|rows| rows.values().copied().collect())
                .unwrap_or_default()
        };
        Event::Loaded(Box::new(Loaded {
            code: Some(code),
            name: None,
            days,
            partials: self
                .partials
                .iter()
                .filter(|((c, _), _)| *c == code)
                .map(|(_, partial)| partial.clone())
                .collect(),
            daily: period(Timeframe::Day),
            weekly: period(Timeframe::Week),
            monthly: period(Timeframe::Month),
        }))
    }
}
