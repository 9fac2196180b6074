//! The engine between a virtual broker and a virtual disk, in virtual time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Instant;

use jeongbae::domain::{
    Calendar, Mark, Moment, RuleKey, SignalKey, Source, Stage, StockCode, Timeframe,
};
use jeongbae::engine::{
    Command, Effect, EngineConfig, Event, Feed, Registration, Report, State, StreamNews,
};

use crate::broker::Broker;
use crate::disk::Disk;
use crate::kills::RealDisk;
use crate::rng::Rng;
use crate::tape::{DayTape, Tape};

/// A line that was told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) key: SignalKey,
    pub(crate) stage: Stage,
    pub(crate) source: Source,
    pub(crate) price: i64,
    pub(crate) at: Moment,
}

/// What may happen at a moment.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// The link is lost for this many milliseconds.
    CutLink(i64),
    /// Every request fails until so many milliseconds have passed.
    RefuseRest(i64),
    /// Answers take 20 to 90 s.
    SlowRest(i64),
    /// Rows of a minute are served so much later than usual.
    LagRows(i64),
    /// Prints are lost, doubled, or swapped, one in so many of each.
    SpoilPrints {
        lost: u64,
        doubled: u64,
        swapped: u64,
    },
    /// The process is killed and started again after so many milliseconds.
    Kill(i64),
    /// The queue of the disk is full for so many milliseconds: candles do not get in.
    FullDisk(i64),
    /// Signals cannot be written for so many milliseconds.
    FailRecords(i64),
    /// The machine sleeps.
    Sleep(i64),
    /// Rows of the last minutes are served otherwise from now on.
    Correct(StockCode),
    /// The machine's clock is set to be so many milliseconds ahead of the market's.
    SetClock(i64),
    /// The user does something.
    Do(Command),
}

enum Item {
    Event(u32, Event),
    LinkUp(u32, u32),
    Action(Action),
    Start,
    Wake,
}

/// Everything.
pub(crate) struct World {
    pub(crate) tape: Rc<Tape>,
    pub(crate) config: EngineConfig,
    /// What the program believes of open days; `None`: the truth.
    pub(crate) believed: Option<Calendar>,
    pub(crate) state: Option<State>,
    pub(crate) now: Moment,
    pub(crate) disk: Disk,
    /// The real store instead of the disk's model.
    pub(crate) real: Option<RealDisk>,
    pub(crate) broker: Broker,
    pub(crate) told: Vec<Told>,
    /// Lines about bars held and needed, as they came.
    pub(crate) history: Vec<(StockCode, Timeframe, usize, usize, Moment)>,
    /// Signals whose note "shown" was lost with the process: they may be told again.
    pub(crate) may_repeat: BTreeSet<SignalKey>,
    /// Stretches in which no process ran or the machine slept.
    pub(crate) away: Vec<(Moment, Moment)>,
    /// Ticks are sent this far apart in most of a minute.
    pub(crate) coarse_ms: i64,
    /// Picture after every so many ticks; 0: never.
    pub(crate) picture_every: u64,
    pub(crate) requests: u64,
    pub(crate) forgotten: usize,
    store: VecDeque<(Moment, Effect)>,
    agenda: BTreeMap<(Moment, u64), Item>,
    serial: u64,
    process: u32,
    asleep: bool,
    wanted: Vec<Registration>,
    confirmed: BTreeSet<Registration>,
    link_up: bool,
    link_serial: u32,
    no_link_until: Moment,
    full_until: Moment,
    unwritten_until: Moment,
    /// The running day's prints of each stock, and how many have been sent.
    wires: Vec<(StockCode, Rc<DayTape>, usize)>,
    wires_day: Option<jeongbae::domain::Day>,
    held_back: Option<Event>,
    spoil: (u64, u64, u64),
    rng: Rng,
    ticks: u64,
}

impl World {
    pub(crate) fn new(tape: Rc<Tape>, config: EngineConfig, now: Moment, seed: u64) -> Self {
        Self {
            broker: Broker::new(tape.clone(), seed),
            tape,
            config,
            believed: None,
            state: None,
            now,
            disk: Disk::default(),
            real: None,
            told: Vec::new(),
            history: Vec::new(),
            may_repeat: BTreeSet::new(),
            away: Vec::new(),
            coarse_ms: 5_000,
            picture_every: 0,
            requests: 0,
            forgotten: 0,
            store: VecDeque::new(),
            agenda: BTreeMap::new(),
            serial: 0,
            process: 0,
            asleep: false,
            wanted: Vec::new(),
            confirmed: BTreeSet::new(),
            link_up: false,
            link_serial: 0,
            no_link_until: Moment(0),
            full_until: Moment(0),
            unwritten_until: Moment(0),
            wires: Vec::new(),
            wires_day: None,
            held_back: None,
            spoil: (0, 0, 0),
            rng: Rng::new(seed ^ 0x77),
            ticks: 0,
        }
    }

    pub(crate) fn at(&mut self, when: Moment, action: Action) {
        self.plan(when, Item::Action(action));
    }

    fn plan(&mut self, when: Moment, item: Item) {
        self.serial += 1;
        let when = when.max(self.now);
        self.agenda.insert((when, self.serial), item);
    }

    /// Starts the process.
    pub(crate) fn start(&mut self) {
        self.process += 1;
        let mut out = Vec::new();
        let state = State::new(
            self.config.clone(),
            self.believed
                .clone()
                .unwrap_or_else(|| self.tape.calendar.clone()),
            match &self.real {
                Some(real) => real.remembered(),
                None => self.disk.remembered(),
            },
            self.now.plus_ms(self.broker.skew_ms),
            &mut out,
        );
        self.state = Some(state);
        self.perform_all(out);
    }

    pub(crate) fn apply(&mut self, event: Event) {
        let Some(state) = &mut self.state else { return };
        let mut out = Vec::new();
        state.apply(self.now.plus_ms(self.broker.skew_ms), event, &mut out);
        self.perform_all(out);
    }

    fn perform_all(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Report(report) => self.hear(report),
            Effect::Subscribe(list) => {
                self.wanted = list.to_vec();
                let wanted = self.wanted.clone();
                self.confirmed.retain(|r| wanted.contains(r));
                if self.wanted.is_empty() {
                    self.link_up = false;
                    self.confirmed.clear();
                } else {
                    self.link_serial += 1;
                    let (p, l) = (self.process, self.link_serial);
                    let when = self.now.plus_ms(self.rng.between(200, 1_500));
                    self.plan(when.max(self.no_link_until), Item::LinkUp(p, l));
                }
            }
            // Names are no part of what is judged.
            Effect::LoadListing | Effect::FetchListing => {}
            Effect::Edit(_) => {}
            Effect::Backtest(job) => {
                let process = self.process;
                let event = Event::Backtested(Box::new(job.run()));
                let at = self.now.plus_ms(30);
                self.plan(at, Item::Event(process, event));
            }
            Effect::LoadStock { .. }
            | Effect::SaveRows { .. }
            | Effect::SaveCorrections { .. }
            | Effect::SaveDay { .. }
            | Effect::SavePartial { .. }
            | Effect::SavePeriod { .. }
            | Effect::SaveEnd { .. }
            | Effect::SaveName { .. }
            | Effect::ForgetStock(_)
            | Effect::Record { .. }
            | Effect::KeepMarksOf(_)
            | Effect::MarkShown { .. }
            | Effect::MarkSeen(_) => {
                if matches!(effect, Effect::ForgetStock(_)) {
                    self.forgotten += 1;
                }
                if self.now < self.full_until && is_candles(&effect) {
                    if let Effect::SaveRows { code, day, .. } = effect {
                        let event = Event::RowsUnsaved { code, day };
                        let process = self.process;
                        self.plan(self.now.plus_ms(1), Item::Event(process, event));
                    }
                    return;
                }
                let before = self.store.back().map_or(self.now, |(at, _)| *at);
                let due = before.max(self.now).plus_ms(self.rng.between(1, 40));
                self.store.push_back((due, effect));
            }
            fetch => {
                self.requests += 1;
                if let Some((at, event)) = self.broker.ask(self.now, fetch) {
                    let process = self.process;
                    self.plan(at, Item::Event(process, event));
                }
            }
        }
    }

    fn hear(&mut self, report: Report) {
        if let Report::History {
            code,
            timeframe,
            have,
            need,
            ..
        } = report
        {
            self.history.push((code, timeframe, have, need, self.now));
            return;
        }
        if let Report::Trigger(signal) = report {
            let told = Told {
                key: signal.key,
                stage: signal.stage,
                source: signal.source,
                price: signal.price,
                at: self.now,
            };
            if let Some(real) = &mut self.real {
                real.note(&told);
            }
            self.told.push(told);
        }
    }

    /// Lets time pass.
    pub(crate) fn run_until(&mut self, end: Moment) {
        while self.now < end {
            let tick = self.next_tick().min(end);
            self.happenings_until(tick);
            self.now = tick;
            if self.asleep || self.state.is_none() {
                continue;
            }
            self.apply(Event::Tick);
            self.ticks += 1;
            if 0 < self.picture_every && self.ticks.is_multiple_of(self.picture_every) {
                self.picture();
            }
        }
    }

    pub(crate) fn picture(&mut self) -> Option<jeongbae::engine::Snapshot> {
        self.state.as_mut().map(|s| s.snapshot(Instant::now()))
    }

    fn next_tick(&self) -> Moment {
        let second = self.now.second_of_day();
        let in_day = (7 * 3_600..20 * 3_600 + 120).contains(&second);
        let step = match (in_day, second % 60) {
            (false, _) => 25_000,
            (true, 0..5) => 250,
            (true, _) => self.coarse_ms,
        };
        // Minutes begin with a tick nearby, wherever the last one was.
        let next_minute = Moment((self.now.0 / 60_000 + 1) * 60_000);
        self.now.plus_ms(step).min(next_minute)
    }

    fn happenings_until(&mut self, end: Moment) {
        loop {
            let agenda = self.agenda.first_key_value().map(|(k, _)| k.0);
            // The disk sleeps, too.
            let awake = !self.asleep;
            let store = self.store.front().filter(|_| awake).map(|(at, _)| *at);
            let print = self.next_print();
            let soonest = [agenda, store, print.map(|p| p.0)]
                .into_iter()
                .flatten()
                .min();
            let Some(at) = soonest.filter(|at| *at <= end) else {
                return;
            };
            self.now = self.now.max(at);
            if store == Some(at) {
                if let Some((_, job)) = self.store.pop_front() {
                    self.do_job(job);
                }
            } else if agenda == Some(at) {
                if let Some((_, item)) = self.agenda.pop_first() {
                    self.happen(item);
                }
            } else if let Some((_, code)) = print.filter(|p| p.0 == at) {
                self.deliver_print(code);
            }
        }
    }

    fn do_job(&mut self, job: Effect) {
        let process = self.process;
        if let Some(real) = &mut self.real {
            let events = real.perform(self.now, job);
            let at = self.now.plus_ms(1);
            for event in events {
                self.plan(at, Item::Event(process, event));
            }
            return;
        }
        let job = match job {
            Effect::Record { batch, .. } if self.now < self.unwritten_until => {
                let error = Some("the disk is full".into());
                let event = Event::Recorded { batch, error };
                return self.plan(self.now.plus_ms(1), Item::Event(process, event));
            }
            job => job,
        };
        if let Some(event) = self.disk.perform(job) {
            let at = self.now.plus_ms(1);
            self.plan(at, Item::Event(process, event));
        }
    }

    /// The next print on any wire.
    fn next_print(&mut self) -> Option<(Moment, StockCode)> {
        let day = self.now.day();
        if self.wires_day != Some(day) {
            let wire = |&code: &StockCode| Some((code, self.tape.day(code, day)?, 0));
            self.wires = self.broker.codes.iter().filter_map(wire).collect();
            self.wires_day = Some(day);
        }
        let next = |(code, tape, sent): &(StockCode, Rc<DayTape>, usize)| {
            Some((tape.prints.get(*sent)?.0, *code))
        };
        self.wires.iter().filter_map(next).min_by_key(|(at, _)| *at)
    }

    fn deliver_print(&mut self, code: StockCode) {
        let wire = self.wires.iter_mut().find(|wire| wire.0 == code);
        let Some((_, tape, sent)) = wire else { return };
        let (at, print) = tape.prints[*sent];
        *sent += 1;
        let fresh = self.now.ms_since(at) < 1_000;
        let registered = self.confirmed.contains(&Registration {
            feed: Feed::Prints,
            code,
        });
        if !fresh || self.asleep || !self.link_up || !registered || self.state.is_none() {
            return;
        }
        let (lost, doubled, swapped) = self.spoil;
        if 0 < lost && self.rng.one_in(lost) {
            return;
        }
        let event = Event::Print(print);
        if 0 < swapped && self.held_back.is_none() && self.rng.one_in(swapped) {
            self.held_back = Some(event);
            return;
        }
        self.apply(event.clone());
        if 0 < doubled && self.rng.one_in(doubled) {
            self.apply(event);
        }
        if let Some(late) = self.held_back.take() {
            self.apply(late);
        }
    }

    fn happen(&mut self, item: Item) {
        match item {
            Item::Event(process, event) if process == self.process => self.apply(event),
            Item::Event(..) => {}
            Item::LinkUp(process, serial) => {
                if process != self.process || serial != self.link_serial || self.state.is_none() {
                    return;
                }
                if self.now < self.no_link_until {
                    let when = self.no_link_until.plus_ms(700);
                    self.plan(when, Item::LinkUp(process, serial));
                    return;
                }
                if !self.link_up {
                    self.link_up = true;
                    self.apply(Event::Stream(StreamNews::Live));
                }
                for registration in self.wanted.clone() {
                    if self.confirmed.insert(registration) {
                        self.apply(Event::Stream(StreamNews::Confirmed(registration)));
                    }
                }
            }
            Item::Start => self.start(),
            Item::Wake => {
                self.asleep = false;
                for (at, _) in &mut self.store {
                    *at = (*at).max(self.now);
                }
                if self.rng.one_in(2) {
                    self.apply(Event::Tick);
                }
                self.lose_link(self.now.plus_ms(1_500));
            }
            Item::Action(action) => self.act(action),
        }
    }

    fn lose_link(&mut self, until: Moment) {
        self.no_link_until = self.no_link_until.max(until);
        self.confirmed.clear();
        self.held_back = None;
        self.link_up = false;
        if self.wanted.is_empty() || self.state.is_none() {
            return;
        }
        self.apply(Event::Stream(StreamNews::Lost {
            reason: "연결이 끊겼습니다".into(),
            retry_secs: 1,
        }));
        self.link_serial += 1;
        let (process, serial) = (self.process, self.link_serial);
        self.plan(until.plus_ms(300), Item::LinkUp(process, serial));
    }

    pub(crate) fn act(&mut self, action: Action) {
        let now = self.now;
        if self.asleep || self.state.is_none() {
            // Nobody is there; a clock is right or wrong all the same.
            if let Action::SetClock(_) = action {
                self.at(now.plus_ms(900), action);
            }
            return;
        }
        match action {
            Action::CutLink(ms) => self.lose_link(now.plus_ms(ms)),
            Action::RefuseRest(ms) => self.broker.refuse_until = now.plus_ms(ms),
            Action::SlowRest(ms) => self.broker.slow_until = now.plus_ms(ms),
            Action::FailRecords(ms) => self.unwritten_until = now.plus_ms(ms),
            Action::FullDisk(ms) => self.full_until = now.plus_ms(ms),
            Action::LagRows(ms) => self.broker.lag_ms = ms,
            Action::SpoilPrints {
                lost,
                doubled,
                swapped,
            } => self.spoil = (lost, doubled, swapped),
            Action::Kill(ms) => {
                // What the store had taken in order is written up to some point.
                let written = self.rng.below(self.store.len() as u64 + 1);
                for index in 0..self.store.len() as u64 {
                    let Some((_, job)) = self.store.pop_front() else {
                        break;
                    };
                    if index < written {
                        self.disk.perform(job);
                    } else if let Effect::MarkShown { keys, .. } = job {
                        self.may_repeat.extend(keys);
                    }
                }
                self.state = None;
                self.process += 1;
                self.wanted.clear();
                self.confirmed.clear();
                self.link_up = false;
                self.held_back = None;
                self.away.push((now, now.plus_ms(ms)));
                self.plan(now.plus_ms(ms), Item::Start);
            }
            Action::Sleep(ms) => {
                self.asleep = true;
                let wake = now.plus_ms(ms);
                self.away.push((now, wake));
                // Answers on their way arrive after waking.
                let later: Vec<(Moment, u64)> = self
                    .agenda
                    .iter()
                    .filter(|((at, _), item)| {
                        *at <= wake && matches!(item, Item::Event(..) | Item::LinkUp(..))
                    })
                    .map(|(key, _)| *key)
                    .collect();
                self.plan(wake, Item::Wake);
                for key in later {
                    if let Some(item) = self.agenda.remove(&key) {
                        let at = wake.plus_ms(self.rng.between(1, 1_500));
                        self.plan(at, item);
                    }
                }
            }
            Action::Correct(code) => self.broker.correct(code, now),
            Action::SetClock(ahead) => {
                let by_ms = ahead - self.broker.skew_ms;
                self.broker.skew_ms = ahead;
                self.apply(Event::ClockMoved { by_ms });
            }
            Action::Do(command) => self.apply(Event::Command(command)),
        }
    }

    /// Marks as the disk holds them.
    pub(crate) fn mark(&self, rule: RuleKey, code: StockCode) -> Option<&Mark> {
        self.disk.marks.get(&(rule, code))
    }
}

/// What can be fetched again.
fn is_candles(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::SaveRows { .. }
            | Effect::SaveCorrections { .. }
            | Effect::SaveDay { .. }
            | Effect::SavePartial { .. }
            | Effect::SavePeriod { .. }
            | Effect::SaveEnd { .. }
    )
}
