//! The realtime link: when it should be there, and whether it is.

use crate::domain::{Minute, Moment};
use crate::engine::delay::Pace;
use crate::engine::effect::{Effect, Feed, Report, Urgency};
use crate::engine::event::{Failure, StreamNews};
use crate::engine::snapshot::{Freshness, Link, LinkState as Shown, MarketPhase, RestView};
use crate::engine::state::State;
use crate::lang::Said;

/// The after-markets of both venues end.
const EVENING: Minute = Minute::hm(20, 1);
/// Minutes before the opening at which the link is set up (pre-market and opening auction).
pub(super) const EARLY_MINUTES: i32 = 60;

/// The user is told of a clock that is wrong by more than this, ms.
const OFFSET_MS: i64 = 2_000;

/// Frames that cannot be read are told of once in so long: a feed whose form has changed brings
/// hundreds a second.
const UNREADABLE_MS: i64 = 5_000;

/// A difference of clocks that the user should know of.
pub(super) fn worth_a_word(offset_ms: Option<i64>) -> Option<i64> {
    offset_ms.filter(|ms| OFFSET_MS < ms.abs())
}

/// State of the realtime link.
#[derive(Clone, Debug)]
pub(super) struct LinkState {
    shown: Link,
    due: bool,
    pub(super) pace: Pace,
    /// When the user was last told of a frame that cannot be read.
    unreadable: Option<Moment>,
}

impl LinkState {
    pub(super) fn new(now: Moment) -> Self {
        let shown = Link {
            state: Shown::Connecting,
            reason: None,
            attempts: 0,
            since: now,
            delay: None,
        };
        Self {
            shown,
            due: true,
            pace: Pace::default(),
            unreadable: None,
        }
    }

    pub(super) fn shown(&self) -> &Link {
        &self.shown
    }

    pub(super) fn is_live(&self) -> bool {
        self.shown.state == Shown::Live
    }

    /// Whether the market's hours ask for a link.
    pub(super) fn is_due(&self) -> bool {
        self.due
    }

    /// Returns whether anything changed.
    fn set(&mut self, state: Shown, reason: Option<Said>, now: Moment) -> bool {
        if self.shown.state == state && self.shown.reason == reason {
            return false;
        }
        if self.shown.state != state {
            self.shown.since = now;
        }
        if state == Shown::Live || state == Shown::Closed {
            self.shown.attempts = 0;
        }
        self.shown.state = state;
        self.shown.reason = reason;
        self.pace = match state {
            Shown::Live => Pace::begun(now),
            _ => Pace::default(),
        };
        true
    }
}

impl State {
    /// Opens and closes the link by the clock.
    pub(super) fn look_at_link(&mut self, out: &mut Vec<Effect>) {
        let (day, minute) = (self.now.day(), self.now.minute());
        let hours = self.calendar.hours(day, self.config.market);
        let due = hours
            .is_some_and(|hours| hours.open.plus(-EARLY_MINUTES) <= minute && minute < EVENING);
        let first = self.link.shown().since == self.started && self.now == self.started;
        if due == self.link.due && !first {
            return;
        }
        self.link.due = due;
        let (state, reason) = match due {
            true => (
                Shown::Connecting,
                Some(said!("실시간 서버에 연결하는 중입니다")),
            ),
            false => (Shown::Closed, Some(said!("거래 시간이 아닙니다"))),
        };
        self.set_link(state, reason, out);
        self.subscribe(out);
    }

    /// The link for the screen, with how late it is.
    pub(super) fn link_view(&self, phase: MarketPhase) -> Link {
        // What the clock here is still wrong by.
        let ahead = self.rest.clock_offset_ms;
        let ahead = ahead.map(|offset| offset - self.rest.clock_corrected_ms);
        Link {
            delay: self.link.pace.delay(phase, self.now, ahead),
            ..self.link.shown().clone()
        }
    }

    fn set_link(&mut self, state: Shown, reason: Option<Said>, out: &mut Vec<Effect>) {
        if !self.link.set(state, reason.clone(), self.now) {
            return;
        }
        out.push(Effect::Report(Report::Link {
            state,
            at: self.now,
            reason,
        }));
        for stock in self.stocks.values_mut() {
            if let Some(window) = &mut stock.window {
                window.dirty = true;
            }
        }
    }

    pub(super) fn on_stream(&mut self, news: StreamNews, out: &mut Vec<Effect>) {
        match news {
            StreamNews::Connecting { attempt } => {
                self.link.shown.attempts = attempt;
                if self.link.shown().state == Shown::Closed && self.link.due {
                    self.set_link(Shown::Connecting, None, out);
                }
            }
            StreamNews::Waiting { reason } => {
                if self.link.due {
                    self.set_link(Shown::Connecting, Some(reason), out);
                }
            }
            StreamNews::Live => self.set_link(Shown::Live, None, out),
            StreamNews::Heartbeat => self.link.pace.heartbeat(self.now),
            StreamNews::Lost { reason, retry_secs } => {
                self.confirmed.clear();
                for stock in self.stocks.values_mut() {
                    if stock.feed.complete_since.is_some() {
                        stock.feed.missed_some(self.now);
                    }
                    stock.feed.complete_since = None;
                    if let Some(quote) = &mut stock.quote
                        && quote.freshness == Freshness::Live
                    {
                        // What is printed from now on is not seen.
                        quote.freshness = Freshness::Cut;
                    }
                    stock.feed.last = None;
                }
                self.link.shown.attempts += 1;
                if self.link.due {
                    let state = match self.link.shown().state {
                        Shown::Connecting => Shown::Connecting,
                        _ => Shown::Reconnecting,
                    };
                    let reason = said!(
                        "%{reason} (%{seconds}초 뒤 다시 연결)",
                        reason = reason,
                        seconds = retry_secs
                    );
                    self.set_link(state, Some(reason), out);
                }
            }
            StreamNews::Confirmed(registration) => {
                self.confirmed.insert(registration);
                if registration.feed == Feed::Prints
                    && let Some(stock) = self.stocks.get_mut(&registration.code)
                {
                    stock.feed.missed_some(self.now);
                    stock.feed.complete_since = Some(self.now);
                    // Its turn in the rotation comes at once: see `polling`.
                    stock.polled_at = None;
                    self.catch_up(registration.code, Urgency::Tail, out);
                }
            }
            StreamNews::Refused {
                registration,
                failure,
            } => {
                if let Some(registration) = registration {
                    self.confirmed.remove(&registration);
                }
                self.report_failure(&failure, out);
            }
            StreamNews::Unreadable(failure) => {
                // A frame that cannot be read may have held prints of any stock.
                for stock in self.stocks.values_mut() {
                    if stock.feed.complete_since.is_some() {
                        stock.feed.missed_some(self.now);
                    }
                }
                let told = self.link.unreadable;
                if told.is_none_or(|at| UNREADABLE_MS <= self.now.ms_since(at).abs()) {
                    self.link.unreadable = Some(self.now);
                    self.report_failure(&failure, out);
                }
            }
        }
    }

    /// Takes in what the broker's REST side says of itself, and warns of a wrong clock.
    pub(super) fn on_rest(&mut self, rest: RestView) {
        let told = worth_a_word(self.rest.clock_offset_ms);
        let offset = worth_a_word(rest.clock_offset_ms);
        let corrected = rest.clock_corrected_ms;
        self.rest = rest;
        let Some(offset) = offset.filter(|ms| told.is_none_or(|t| OFFSET_MS < (ms - t).abs()))
        else {
            return;
        };
        let tenths = (offset.abs() + 50) / 100;
        let seconds = format!("{}.{}", tenths / 10, tenths % 10);
        let way = if 0 < offset {
            said!("늦습니다")
        } else {
            said!("빠릅니다")
        };
        let rest = match corrected {
            0 => said!("차이가 커서 바로잡지 못하니 봉과 신호의 시각이 맞지 않습니다."),
            _ => said!("정배는 그만큼 바로잡은 시각으로 판정합니다."),
        };
        let text = said!(
            "이 컴퓨터의 시계가 증권사보다 %{seconds}초 %{way}. %{rest} 운영체제의 시간 자동 설정을 켜 주세요.",
            seconds = seconds,
            way = way,
            rest = rest
        );
        self.notices.add(self.now, text, None);
    }

    /// Says what went wrong, once on the screen and as a line.
    pub(super) fn report_failure(&mut self, failure: &Failure, out: &mut Vec<Effect>) {
        let code = (!failure.msg_cd.is_empty()).then(|| failure.msg_cd.as_str().into());
        self.notices.add(self.now, failure.text.clone(), code);
        out.push(Effect::Report(Report::Error {
            failure: failure.clone(),
            at: self.now,
        }));
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
