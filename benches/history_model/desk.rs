//! The engine and its scheduler against the virtual broker, on a network with delays and a server
//! that counts, in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use jeongbae::domain::{Moment, StockCode};
use jeongbae::engine::{Effect, EngineConfig, Event, Failure, MinutesWant, Report, State};
use jeongbae::kis::pace::{Decision, Pace};
use jeongbae::perform::priority_of;

use crate::model::broker::Broker;
use crate::model::disk::Disk;
use crate::model::tape::Tape;
use crate::scheduler_model::network::Random;
use crate::scheduler_model::server::{Kind, Server};

const NANO: f64 = 1e9;
const TICK: u64 = 250_000_000;

/// What one run of the program asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    /// Pages of minutes of past days.
    pub(crate) past: u64,
    /// Pages of minutes of the running day.
    pub(crate) today: u64,
    /// Pages of days.
    pub(crate) days: u64,
    /// Everything, prices too.
    pub(crate) all: u64,
    pub(crate) refused: u64,
}

/// In nanoseconds, so that events have an order; the number tells which request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Arrives {
        slot: u64,
        ticket: u64,
        sent: u64,
    },
    Answered {
        slot: u64,
        ticket: u64,
        sent: u64,
        accepted: bool,
    },
    Wake,
    Tick,
}

/// One run of the program.
pub(crate) struct Desk {
    broker: Broker,
    state: State,
    pace: Pace,
    server: Server,
    network: Random,
    start: Moment,
    now: u64,
    due: BinaryHeap<Reverse<(u64, Due)>>,
    asked: BTreeMap<u64, Effect>,
    woken: u64,
    answers: VecDeque<Event>,
    /// Bars held and needed.
    pub(crate) bars: BTreeMap<StockCode, (usize, usize)>,
    pub(crate) calls: Calls,
}

impl Desk {
    /// Starts the program at `start` with `rate` requests a second, which is all the server takes.
    pub(crate) fn start(
        tape: &Rc<Tape>,
        config: EngineConfig,
        start: Moment,
        rate: u32,
        disk: &mut Disk,
    ) -> Self {
        let mut first = Vec::new();
        let calendar = tape.calendar.clone();
        let state = State::new(config, calendar, disk.remembered(), start, &mut first);
        let mut desk = Self {
            broker: Broker::new(tape.clone(), 0),
            state,
            pace: Pace::new(f64::from(rate)),
            server: Server::new(Kind::Sliding, rate),
            network: Random::new(u64::from(rate)),
            start,
            now: 0,
            due: BinaryHeap::new(),
            asked: BTreeMap::new(),
            woken: u64::MAX,
            answers: VecDeque::new(),
            bars: BTreeMap::new(),
            calls: Calls::default(),
        };
        desk.plan(TICK, Due::Tick);
        desk.perform(first, disk);
        desk
    }

    /// Runs until every one of `stocks` has the bars it needs and nothing is on its way; seconds.
    pub(crate) fn run(&mut self, stocks: usize, disk: &mut Disk) -> f64 {
        loop {
            self.send();
            let full = self
                .bars
                .values()
                .filter(|(have, need)| need <= have)
                .count();
            if full == stocks && self.asked.is_empty() {
                return self.now as f64 / NANO;
            }
            let Some(Reverse((at, due))) = self.due.pop() else {
                return f64::NAN;
            };
            assert!(
                at < 3_600 * TICK * 4,
                "an hour was not enough: {:?}",
                self.bars
            );
            self.now = at;
            match due {
                Due::Wake => self.woken = u64::MAX,
                Due::Tick => {
                    self.plan(at + TICK, Due::Tick);
                    self.apply(Event::Tick, disk);
                }
                Due::Arrives { slot, ticket, sent } => {
                    let accepted = self.server.accepts(at as f64 / NANO);
                    let back = self.network.processing() + self.network.one_way();
                    let answered = at + (back * NANO) as u64;
                    self.plan(
                        answered,
                        Due::Answered {
                            slot,
                            ticket,
                            sent,
                            accepted,
                        },
                    );
                }
                Due::Answered {
                    slot,
                    ticket,
                    sent,
                    accepted,
                } => {
                    let since = Duration::from_nanos(at);
                    if accepted {
                        self.pace.answered(slot, since);
                    } else {
                        self.calls.refused += 1;
                        self.pace.refused(slot, since, self.start.day());
                    }
                    if let Some(fetch) = self.asked.remove(&ticket) {
                        let failure = (!accepted).then(too_many);
                        let (sent, answered) = (self.moment(sent), self.moment(at));
                        if let Some(event) = self.broker.answer(fetch, failure, sent, answered) {
                            self.apply(event, disk);
                        }
                    }
                }
            }
        }
    }

    fn send(&mut self) {
        loop {
            match self
                .pace
                .next(Duration::from_nanos(self.now), self.start.day())
            {
                Decision::Send { ticket, slot } => {
                    let at = self.now + (self.network.one_way() * NANO) as u64;
                    let sent = self.now;
                    self.plan(at, Due::Arrives { slot, ticket, sent });
                }
                Decision::Wait(until) => {
                    let until = (until.as_nanos() as u64).max(self.now + 1);
                    if until < self.woken {
                        self.woken = until;
                        self.plan(until, Due::Wake);
                    }
                    return;
                }
                Decision::AwaitAnswer | Decision::Idle => return,
            }
        }
    }

    fn apply(&mut self, event: Event, disk: &mut Disk) {
        self.answers.push_back(event);
        while let Some(event) = self.answers.pop_front() {
            let mut out = Vec::new();
            self.state.apply(self.moment(self.now), event, &mut out);
            self.perform(out, disk);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>, disk: &mut Disk) {
        for effect in effects {
            match effect {
                Effect::Report(Report::History {
                    code, have, need, ..
                }) => {
                    self.bars.insert(code, (have, need));
                }
                Effect::FetchMinutes { want, urgency, .. } => {
                    match want {
                        MinutesWant::Today { .. } | MinutesWant::TodayByDate { .. } => {
                            self.calls.today += 1;
                        }
                        MinutesWant::Dated { .. } => self.calls.past += 1,
                    }
                    self.ask(priority_of(urgency), effect);
                }
                Effect::FetchPeriod { urgency, .. } => {
                    self.calls.days += 1;
                    self.ask(priority_of(urgency), effect);
                }
                Effect::FetchQuote { urgency, .. } | Effect::FetchQuotes { urgency, .. } => {
                    self.ask(priority_of(urgency), effect);
                }
                // Nothing else is asked of the broker while the exchange is closed.
                other => self.answers.extend(disk.perform(other)),
            }
        }
        if let Some(event) = self.answers.pop_front() {
            self.apply(event, disk);
        }
    }

    fn ask(&mut self, priority: jeongbae::kis::Priority, effect: Effect) {
        self.calls.all += 1;
        let ticket = self.pace.enqueue(priority);
        self.asked.insert(ticket, effect);
    }

    fn plan(&mut self, at: u64, due: Due) {
        self.due.push(Reverse((at, due)));
    }

    fn moment(&self, nanos: u64) -> Moment {
        self.start.plus_ms((nanos / 1_000_000) as i64)
    }
}

fn too_many() -> Failure {
    Failure {
        text: "초당 거래건수를 초과하였습니다.".into(),
        tr_id: String::new(),
        msg_cd: "EGW00201".to_owned(),
        msg1: String::new(),
        http: 500,
        retry_ms: Some(1_000),
    }
}
