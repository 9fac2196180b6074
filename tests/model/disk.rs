//! What survives the process: as the store keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jeongbae::domain::packed::PackedDay;
use jeongbae::domain::{
    ChartEnd, DailyRow, Day, Mark, Minute, MinuteRow, RuleKey, Signal, SignalKey, StockCode,
    Timeframe,
};
use jeongbae::engine::{Effect, Event, Head, Loaded, Partial, Remembered};

#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) signals: BTreeMap<SignalKey, Signal>,
    pub(crate) marks: BTreeMap<(RuleKey, StockCode), Mark>,
    pub(crate) rows: BTreeMap<(StockCode, Day), BTreeMap<Minute, MinuteRow>>,
    pub(crate) complete: BTreeSet<(StockCode, Day)>,
    pub(crate) heads: BTreeMap<(StockCode, Day), Range<Minute>>,
    pub(crate) partials: BTreeMap<(StockCode, Day), Partial>,
    pub(crate) corrections: BTreeMap<(StockCode, Day), Vec<MinuteRow>>,
    pub(crate) period: BTreeMap<(StockCode, usize), BTreeMap<Day, DailyRow>>,
    pub(crate) ends: BTreeMap<(StockCode, usize), ChartEnd>,
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
            Effect::SaveRows {
                code,
                day,
                known,
                rows,
            } => {
                let key = (code, day);
                if self.complete.contains(&key) {
                    return None;
                }
                let held = self.heads.get(&key).cloned().unwrap_or(known.clone());
                if held.end < known.start {
                    return Some(Event::RowsUnsaved { code, day });
                }
                let all = match held.start <= known.end {
                    true => held.start.min(known.start)..held.end.max(known.end),
                    false => known,
                };
                self.heads.insert(key, all);
                let of_day = self.rows.entry(key).or_default();
                for row in rows {
                    of_day.entry(row.minute).or_insert(row);
                }
            }
            Effect::SaveCorrections {
                code,
                from,
                day,
                rows,
            } => {
                self.corrections
                    .retain(|(c, day), _| *c != code || from <= *day);
                self.corrections.insert((code, day), rows);
            }
            Effect::SaveDay { code, day, rows } => {
                let rows = rows.iter().map(|r| (r.minute, *r)).collect();
                self.rows.insert((code, day), rows);
                self.complete.insert((code, day));
                self.partials.remove(&(code, day));
                self.heads.remove(&(code, day));
            }
            Effect::SavePartial { code, partial } => {
                self.partials.insert((code, partial.day), partial);
            }
            Effect::SavePeriod {
                code,
                timeframe,
                rows,
                joins,
            } => {
                let held = self.period.entry((code, timeframe.index())).or_default();
                let newest = held.last_key_value().map(|(day, _)| *day);
                let first = rows.first().map(|row| row.day);
                match joins {
                    Some(day) if !held.contains_key(&day) => return None,
                    None if newest < first => held.clear(),
                    _ => {}
                }
                held.extend(rows.iter().map(|r| (r.day, *r)));
            }
            Effect::SaveEnd { code, end } => {
                self.ends.insert((code, end.timeframe.index()), end);
            }
            Effect::ForgetStock(code) => {
                self.ends.retain(|(c, _), _| *c != code);
                self.rows.retain(|(c, _), _| *c != code);
                self.complete.retain(|(c, _)| *c != code);
                self.period.retain(|(c, _), _| *c != code);
                self.partials.retain(|(c, _), _| *c != code);
                self.heads.retain(|(c, _), _| *c != code);
                self.corrections.retain(|(c, _), _| *c != code);
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
        let held = |key: &(StockCode, Day)| -> Vec<MinuteRow> {
            let rows = self.rows.get(key).into_iter().flat_map(BTreeMap::values);
            rows.copied().collect()
        };
        let days = self
            .complete
            .iter()
            .filter(|(c, day)| *c == code && from <= *day);
        let days = days
            .map(|key| (key.1, PackedDay::new(&held(key))))
            .collect();
        let heads = self.heads.iter().filter(|((c, _), _)| *c == code);
        let heads = heads.map(|(key, known)| Head {
            day: key.1,
            known: known.clone(),
            rows: held(key),
        });
        let heads = heads.collect();
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
            heads,
            partials: self
                .partials
                .iter()
                .filter(|((c, _), _)| *c == code)
                .map(|(_, partial)| partial.clone())
                .collect(),
            corrections: self
                .corrections
                .iter()
                .filter(|((c, _), _)| *c == code)
                .flat_map(|(_, rows)| rows.iter().copied())
                .collect(),
            ends: self
                .ends
                .iter()
                .filter(|((c, _), _)| *c == code)
                .map(|(_, end)| *end)
                .collect(),
            daily: period(Timeframe::Day),
            weekly: period(Timeframe::Week),
            monthly: period(Timeframe::Month),
        }))
    }
}
