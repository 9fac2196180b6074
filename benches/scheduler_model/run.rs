//! The event loop: client, network, server.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use governor::clock::{Clock as _, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jeongbae::domain::Day;
use jeongbae::kis::Priority;
use jeongbae::kis::pace::{Decision, Pace};

use super::network::Random;
use super::server::Server;

/// A scheduler under test.
pub(crate) trait Client {
    /// Puts a request into the queue.
    fn ask(&mut self, priority: Priority) -> u64;
    /// A ticket to send now with its slot, or when to ask again.
    fn next(&mut self, now: Duration) -> Result<(u64, u64), Option<Duration>>;
    fn answered(&mut self, slot: u64, now: Duration, accepted: bool);
}

pub(crate) struct Ours(Pace);

impl Ours {
    pub(crate) fn new(rate: f64) -> Self {
        Self(Pace::new(rate))
    }
}

impl Client for Ours {
    fn ask(&mut self, priority: Priority) -> u64 {
        self.0.enqueue(priority)
    }

    fn next(&mut self, now: Duration) -> Result<(u64, u64), Option<Duration>> {
        match self.0.next(now, Day::default()) {
            Decision::Send { ticket, slot } => Ok((ticket, slot)),
            Decision::Wait(until) => Err(Some(until)),
            Decision::AwaitAnswer | Decision::Idle => Err(None),
        }
    }

    fn answered(&mut self, slot: u64, now: Duration, accepted: bool) {
        if accepted {
            self.0.answered(slot, now);
        } else {
            self.0.refused(slot, now, Day::default());
        }
    }
}

/// governor as one would use it: N a second, burst N, asked again when it says so.
pub(crate) struct Peer {
    clock: FakeRelativeClock,
    shown: Duration,
    limiter: RateLimiter<
        NotKeyed,
        InMemoryState,
        FakeRelativeClock,
        NoOpMiddleware<<FakeRelativeClock as governor::clock::Clock>::Instant>,
    >,
    waiting: u64,
}

impl Peer {
    pub(crate) fn new(n: u32) -> Self {
        let clock = FakeRelativeClock::default();
        let n = std::num::NonZeroU32::new(n).unwrap_or(std::num::NonZeroU32::MIN);
        Self {
            limiter: RateLimiter::direct_with_clock(Quota::per_second(n), clock.clone()),
            shown: Duration::ZERO,
            clock,
            waiting: 0,
        }
    }
}

impl Client for Peer {
    fn ask(&mut self, _: Priority) -> u64 {
        self.waiting += 1;
        self.waiting
    }

    fn next(&mut self, now: Duration) -> Result<(u64, u64), Option<Duration>> {
        self.clock.advance(now.saturating_sub(self.shown));
        self.shown = self.shown.max(now);
        if self.waiting == 0 {
            return Err(None);
        }
        match self.limiter.check() {
            Ok(()) => {
                self.waiting -= 1;
                Ok((0, 0))
            }
            Err(early) => Err(Some(now + early.wait_time_from(self.clock.now()))),
        }
    }

    fn answered(&mut self, _: u64, _: Duration, _: bool) {}
}

/// What is asked for.
pub(crate) struct Load {
    sends: u64,
    seconds: f64,
    pages: bool,
}

impl Load {
    /// History without end, until so many were sent.
    pub(crate) fn saturating(sends: u64) -> Self {
        Self {
            sends,
            seconds: f64::MAX,
            pages: false,
        }
    }

    /// History without end for so long.
    pub(crate) fn saturating_for(seconds: f64) -> Self {
        Self {
            sends: u64::MAX,
            seconds,
            pages: false,
        }
    }

    /// The same, and a page of four requests every two to four seconds.
    pub(crate) fn with_pages(seconds: f64) -> Self {
        Self {
            sends: u64::MAX,
            seconds,
            pages: true,
        }
    }
}

/// What happened.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) refused_at: Vec<f64>,
    pub(crate) pages: Vec<f64>,
    seconds: f64,
    trips: f64,
    shortest: f64,
}

impl Report {
    /// Accepted calls per call the server would have accepted.
    pub(crate) fn share(&self, n: u32) -> f64 {
        self.accepted as f64 / (self.seconds * f64::from(n))
    }

    pub(crate) fn mean_trip(&self) -> f64 {
        self.trips / (self.accepted + self.refused) as f64
    }

    pub(crate) fn shortest_trip(&self) -> f64 {
        self.shortest
    }
}

/// In nanoseconds, so that events have an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
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
    Page,
    Wake,
}

const NANO: f64 = 1e9;

/// A page under way: when it was asked for and which tickets are open.
struct Page {
    asked: u64,
    open: Vec<u64>,
}

pub(crate) fn simulate(
    client: &mut impl Client,
    server: &mut Server,
    load: Load,
    seed: u64,
) -> Report {
    let mut random = Random::new(seed);
    let mut events = BinaryHeap::new();
    let mut report = Report {
        shortest: f64::MAX,
        ..Report::default()
    };
    let mut pages: Vec<Page> = vec![];
    let (mut sent_count, mut queued, mut now) = (0_u64, 0_u64, 0_u64);
    let mut woken = u64::MAX;
    if load.pages {
        events.push(Reverse((3_000_000_000_u64, Event::Page)));
    }
    loop {
        // Always some history waits.
        while queued < 64 && sent_count + queued < load.sends {
            client.ask(Priority::Backfill);
            queued += 1;
        }
        loop {
            match client.next(Duration::from_nanos(now)) {
                Ok((ticket, slot)) => {
                    let of_page = pages.iter().any(|page| page.open.contains(&ticket));
                    queued -= u64::from(!of_page);
                    sent_count += 1;
                    let arrives = now + (random.one_way() * NANO) as u64;
                    events.push(Reverse((
                        arrives,
                        Event::Arrives {
                            slot,
                            ticket,
                            sent: now,
                        },
                    )));
                    if queued == 0 {
                        break;
                    }
                }
                Err(Some(until)) => {
                    let until = (until.as_nanos() as u64).max(now + 1);
                    if until < woken {
                        woken = until;
                        events.push(Reverse((until, Event::Wake)));
                    }
                    break;
                }
                Err(None) => break,
            }
        }
        let Some(Reverse((at, event))) = events.pop() else {
            break;
        };
        now = at;
        let seconds = now as f64 / NANO;
        if load.seconds < seconds {
            break;
        }
        match event {
            // An earlier one may have been asked for since.
            Event::Wake if now < woken => {}
            Event::Wake => woken = u64::MAX,
            Event::Page => {
                let open = (0..4).map(|_| client.ask(Priority::User)).collect();
                pages.push(Page { asked: now, open });
                let next = now + ((2.0 + 2.0 * random.unit()) * NANO) as u64;
                events.push(Reverse((next, Event::Page)));
            }
            Event::Arrives { slot, ticket, sent } => {
                let accepted = server.accepts(seconds);
                if !accepted {
                    report.refused_at.push(seconds);
                }
                let back = random.processing() + random.one_way();
                let answered = now + (back * NANO) as u64;
                events.push(Reverse((
                    answered,
                    Event::Answered {
                        slot,
                        ticket,
                        sent,
                        accepted,
                    },
                )));
            }
            Event::Answered {
                slot,
                ticket,
                sent,
                accepted,
            } => {
                let trip = (now - sent) as f64 / NANO;
                report.trips += trip;
                report.shortest = report.shortest.min(trip);
                report.seconds = seconds;
                report.accepted += u64::from(accepted);
                report.refused += u64::from(!accepted);
                client.answered(slot, Duration::from_nanos(now), accepted);
                for page in pages.iter_mut().filter(|page| page.open.contains(&ticket)) {
                    page.open.retain(|open| *open != ticket);
                    if page.open.is_empty() {
                        report.pages.push((now - page.asked) as f64 / NANO);
                    }
                }
                pages.retain(|page| !page.open.is_empty());
            }
        }
    }
    report
}
