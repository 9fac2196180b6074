//! Calling the user beyond the window: which signal, in which ways, and what became of it.
//!
//! The engine only decides; whoever delivers says later how it went.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::conditions::Manners;
use crate::domain::{Moment, Signal, SignalKey, Stage};
use crate::engine::effect::{Edit, Effect};
use crate::engine::state::State;
use crate::settings::ReachSettings;

/// Signals that are told of together are waited for so long after the last one, ms.
const GATHER_MS: i64 = 3_000;
/// And so long after the first one at most, ms.
const GATHER_MOST_MS: i64 = 60_000;
/// Signals remembered as called for; those beyond, the oldest first, would sound again.
const REMEMBERED: usize = 1_024;

/// A way to call the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A notification of the desktop.
    Notification,
    /// A chime.
    Sound,
    /// A voice.
    Voice,
    /// A message by the user's Telegram bot.
    Telegram,
    /// A post to the user's webhook.
    Webhook,
}

impl Channel {
    /// Every one, nearest first.
    pub const ALL: [Self; 5] = [
        Self::Notification,
        Self::Sound,
        Self::Voice,
        Self::Telegram,
        Self::Webhook,
    ];

    /// Whether the settings ask for it.
    pub fn is_on(self, settings: &ReachSettings) -> bool {
        match self {
            Self::Notification => settings.notification,
            Self::Sound => settings.sound,
            Self::Voice => settings.voice,
            Self::Telegram => settings.telegram,
            Self::Webhook => settings.webhook,
        }
    }

    /// Whether it leaves this machine; such a call also goes out from a run without a window.
    pub fn is_message(self) -> bool {
        matches!(self, Self::Telegram | Self::Webhook)
    }

    /// Whether a rule lets itself be heard this way.
    fn is_allowed(self, manners: Manners) -> bool {
        match self {
            Self::Notification => manners.notification,
            Self::Sound | Self::Voice => manners.sound,
            Self::Telegram | Self::Webhook => manners.message,
        }
    }

    /// The word on the screen, in its language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notification => t!("데스크톱 알림"),
            Self::Sound => t!("소리"),
            Self::Voice => t!("음성"),
            Self::Telegram => t!("텔레그램"),
            Self::Webhook => t!("웹훅"),
        }
    }
}

/// What the user is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Of what.
    pub about: About,
    /// When.
    pub at: Moment,
    /// The user wants quiet: a message comes without a sound.
    pub quiet: bool,
}

/// What a call is about.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// One signal that reached a stage.
    Signal {
        /// The signal.
        signal: Arc<Signal>,
        /// The user has been called for an earlier stage of it.
        again: bool,
    },
    /// Several signals at once, oldest first.
    Several {
        /// Why together.
        why: Together,
        /// The signals.
        signals: Vec<Arc<Signal>>,
    },
    /// Nothing: the user wants to see whether it arrives.
    Trial,
}

/// Why signals are told of together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Together {
    /// Their bars closed while the program was not watching.
    Late,
    /// Their rule rings too often; see [`crate::engine::takeover`].
    Storm,
}

/// What those who call have to say.
#[derive(Clone, Debug, PartialEq)]
pub struct ReachNews {
    /// Which of them.
    pub channel: Channel,
    /// What.
    pub what: Reached,
}

/// News of one way to call.
#[derive(Clone, Debug, PartialEq)]
pub enum Reached {
    /// It can be done, and how.
    Able(Arc<str>),
    /// It cannot be done: why, and what helps.
    Unable(Arc<str>),
    /// A call came to its end, or waits to be tried again.
    Told {
        /// What was told, in a few words.
        what: Arc<str>,
        /// When.
        at: Moment,
        /// How it went.
        outcome: Outcome,
        /// Calls that wait behind it.
        waiting: usize,
    },
}

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived, as far as can be known here.
    Delivered,
    /// Not yet: why. It is tried again.
    Waits(Arc<str>),
    /// It did not, and is not tried again: why.
    Failed(Arc<str>),
}

/// The ways to call the user, for the screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReachView {
    /// What is asked for.
    pub settings: ReachSettings,
    /// How each way stands; those nobody has heard of yet are not here.
    pub ways: BTreeMap<Channel, WayView>,
}

/// How one way to call stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WayView {
    /// How it is done, or why it cannot be done; `None` until it is known.
    pub able: Option<Result<Arc<str>, Arc<str>>>,
    /// The last call.
    pub last: Option<Told>,
    /// Calls that wait.
    pub waiting: usize,
    /// Calls that arrived, and that did not, since the start.
    pub delivered: u64,
    /// Calls that did not arrive since the start.
    pub failed: u64,
}

/// A call and how it went.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What was told, in a few words.
    pub what: Arc<str>,
    /// When.
    pub at: Moment,
    /// How it went.
    pub outcome: Outcome,
}

/// The engine's memory of calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Reaching {
    called: BTreeMap<SignalKey, Moment>,
    gathered: BTreeMap<Together, Gathered>,
    pub(super) ways: BTreeMap<Channel, WayView>,
}

#[derive(Clone, Debug)]
struct Gathered {
    first: Moment,
    last: Moment,
    signals: Vec<Arc<Signal>>,
}

impl Reaching {
    /// Remembers a call; whether there was one before.
    fn again(&mut self, signal: &Signal, now: Moment) -> bool {
        let shown = signal.shown.is_some();
        let before = self.called.insert(signal.key, now).is_some();
        if REMEMBERED < self.called.len()
            && let Some(oldest) = self.called.iter().min_by_key(|(_, at)| **at)
        {
            let oldest = *oldest.0;
            self.called.remove(&oldest);
        }
        before || shown
    }

    fn gather(&mut self, why: Together, signal: Arc<Signal>, now: Moment) {
        let gathered = self.gathered.entry(why).or_insert_with(|| Gathered {
            first: now,
            last: now,
            signals: vec![],
        });
        gathered.last = now;
        gathered.signals.push(signal);
    }

    /// Those that have been waited for long enough.
    fn ripe(&mut self, now: Moment) -> Vec<(Together, Vec<Arc<Signal>>)> {
        let is_ripe = |g: &Gathered| {
            GATHER_MS <= now.ms_since(g.last) || GATHER_MOST_MS <= now.ms_since(g.first)
        };
        let ripe: Vec<Together> = self
            .gathered
            .iter()
            .filter(|(_, g)| is_ripe(g))
            .map(|(why, _)| *why)
            .collect();
        ripe.into_iter()
            .filter_map(|why| Some((why, self.gathered.remove(&why)?.signals)))
            .collect()
    }
}

impl State {
    /// Calls the user for a signal that reached a stage. `paused`: its rule rings too often.
    pub(super) fn call(&mut self, signal: &Arc<Signal>, paused: bool, out: &mut Vec<Effect>) {
        let now = self.now;
        let together = match signal.stage {
            Stage::Late => Some(Together::Late),
            _ if paused => Some(Together::Storm),
            _ => None,
        };
        let again = self.reaching.again(signal, now);
        if let Some(why) = together {
            self.reaching.gather(why, signal.clone(), now);
            return;
        }
        let fresh = !again && signal.stage != Stage::Withdrawn;
        let manners = self.manners(signal);
        let by = self.ways(|channel| {
            let heard = matches!(channel, Channel::Sound | Channel::Voice);
            channel.is_allowed(manners) && (fresh || !heard)
        });
        let about = About::Signal {
            signal: signal.clone(),
            again,
        };
        self.reach(by, about, out);
    }

    /// Tells of what was gathered, when it is time.
    pub(super) fn call_together(&mut self, out: &mut Vec<Effect>) {
        for (why, signals) in self.reaching.ripe(self.now) {
            let all = signals;
            for channel in self.ways(|c| !matches!(c, Channel::Sound | Channel::Voice)) {
                let heard = |s: &&Arc<Signal>| channel.is_allowed(self.manners(s));
                let signals: Vec<_> = all.iter().filter(heard).cloned().collect();
                if !signals.is_empty() {
                    self.reach(vec![channel], About::Several { why, signals }, out);
                }
            }
        }
    }

    /// The user wants to see whether a way works.
    pub(super) fn try_reaching(&mut self, channel: Channel, out: &mut Vec<Effect>) {
        let call = Call {
            about: About::Trial,
            at: self.now,
            quiet: false,
        };
        out.push(Effect::Reach {
            by: vec![channel],
            call: Arc::new(call),
        });
    }

    /// The user chose other ways.
    pub(super) fn set_reach(&mut self, settings: ReachSettings, out: &mut Vec<Effect>) {
        if self.config.reach != settings {
            out.push(Effect::Edit(Edit::Reach(settings.clone())));
        }
        self.config.reach = settings.clone();
        out.push(Effect::SetReach(settings));
    }

    pub(super) fn on_reached(&mut self, news: ReachNews) {
        let ReachNews { channel, what } = news;
        let way = self.reaching.ways.entry(channel).or_default();
        match what {
            Reached::Able(how) => way.able = Some(Ok(how)),
            Reached::Unable(why) => way.able = Some(Err(why)),
            Reached::Told {
                what,
                at,
                outcome,
                waiting,
            } => {
                match &outcome {
                    Outcome::Delivered => way.delivered += 1,
                    Outcome::Failed(_) => way.failed += 1,
                    Outcome::Waits(_) => {}
                }
                let trouble = match &outcome {
                    Outcome::Waits(why) | Outcome::Failed(why) if channel.is_message() => {
                        Some(said!(
                            "%{way}: 보내지 못했습니다. %{why}",
                            way = channel.name(),
                            why = &**why
                        ))
                    }
                    _ => None,
                };
                way.waiting = waiting;
                way.last = Some(Told { what, at, outcome });
                if let Some(text) = trouble {
                    self.notices.add(self.now, text, None);
                }
            }
        }
    }

    pub(super) fn reach_view(&self) -> ReachView {
        ReachView {
            settings: self.config.reach.clone(),
            ways: self.reaching.ways.clone(),
        }
    }

    /// The ways that are on, quiet and the kind of run considered.
    fn ways(&self, wanted: impl Fn(Channel) -> bool) -> Vec<Channel> {
        let settings = &self.config.reach;
        let near = !self.config.headless && !self.takeovers.muted;
        let open = |channel: &Channel| channel.is_message() || near;
        Channel::ALL
            .into_iter()
            .filter(|channel| channel.is_on(settings) && open(channel) && wanted(*channel))
            .collect()
    }

    fn reach(&self, by: Vec<Channel>, about: About, out: &mut Vec<Effect>) {
        if by.is_empty() {
            return;
        }
        let call = Arc::new(Call {
            about,
            at: self.now,
            quiet: self.takeovers.muted,
        });
        out.push(Effect::Reach { by, call });
    }

    /// The manners of a signal's rule; those of a rule that is gone are the usual ones.
    pub(super) fn manners(&self, signal: &Signal) -> Manners {
        let rule = self.rules.iter().find(|rule| rule.key == signal.key.rule);
        rule.map(|rule| rule.manners).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "reaching_tests.rs"]
pub(crate) mod tests;
