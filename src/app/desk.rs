//! The window among other programs: later starts, closing, staying awake, starting with the
//! system.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Context, UserAttentionType, ViewportCommand, ViewportId};

use crate::bars::{EARLY_START, LATE_END};
use crate::desktop::autostart::{self, Applied};
use crate::desktop::awake::{Keeper, State, ThisDesktop};
use crate::desktop::instance::{self, Claim, Instance, Wish};
use crate::desktop::tray::{Picture, Shown, Tray, TrayWish};
use crate::domain::StockCode;
use crate::engine::{Badge, Command, MarketPhase, Snapshot};
use crate::paths;
use crate::reach;
use crate::session::{self, Setup, Trouble};
use crate::settings::{DesktopSettings, OnClose};
use crate::ui::Awake;
use crate::ui::closing::{ClosingChoice, closing_ui};

use crate::cli::RunArgs;

/// Clicks that may wait for the window; a further one is dropped.
const OWN_WISHES: usize = 16;

/// The home window, for those who have to wake it: it appears only after they have started.
#[derive(Clone, Default)]
pub(super) struct Screen(Arc<Mutex<Option<Context>>>);

impl Screen {
    fn waker(&self) -> instance::Wake {
        let screen = self.0.clone();
        Box::new(move || {
            let ctx = screen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(ctx) = ctx {
                ctx.request_repaint_of(ViewportId::ROOT);
            }
        })
    }

    /// A window is there: whoever waits for it can wake it.
    pub(super) fn appears(&self, ctx: &Context) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ctx.clone());
        ctx.request_repaint_of(ViewportId::ROOT);
    }
}

/// Claims the data folder of a run. `None` where this system has no place for a lock: the
/// program then runs without.
///
/// # Errors
///
/// Another program has the folder and does not answer.
pub(super) fn claim(args: &RunArgs, wish: Wish, screen: &Screen) -> Result<Option<Claim>, Trouble> {
    let data_dir = session::places(args)?.data_dir;
    let Some(runtime_dir) = paths::runtime_dir() else {
        return Ok(None);
    };
    match instance::claim(&runtime_dir, &data_dir, wish, screen.waker()) {
        Ok(claim) => Ok(Some(claim)),
        Err(error @ instance::ClaimError::Deaf { .. }) => Err(Trouble::other(&error.to_string())),
        Err(error @ instance::ClaimError::NoLock { .. }) => {
            tracing::warn!("{error}");
            Ok(None)
        }
    }
}

/// What the window remembers of the desktop around it.
pub(super) struct Desk {
    screen: Screen,
    settings: DesktopSettings,
    /// Bars are made before and after the session too.
    outside_session: bool,
    /// What is to start with the system, as it was called at the start: an upgrade while this runs
    /// leaves the process without a name of its own.
    program: std::io::Result<PathBuf>,
    /// One for the folder of this run, and one for the demo's where it was chosen later.
    instances: Vec<Instance>,
    keeper: Option<Keeper>,
    /// Stocks to open once the program runs.
    open: Vec<StockCode>,
    /// The icon beside the clock, while it is wanted.
    tray: Option<Tray>,
    /// The end was chosen where it needs no question.
    quitting: bool,
    /// Wishes from this program's own notifications.
    own_wishes: (SyncSender<Wish>, Receiver<Wish>),
    asking: bool,
}

impl Desk {
    /// Begins; the entry for starting with the system is brought up to date by a thread.
    pub(super) fn new(
        args: &RunArgs,
        setup: &Setup,
        screen: Screen,
        instance: Option<Instance>,
        open: Option<StockCode>,
    ) -> Self {
        let desk = Self {
            screen,
            settings: setup.settings.desktop,
            outside_session: !setup.settings.candles.regular_session_only,
            program: std::env::current_exe(),
            instances: instance.into_iter().collect(),
            keeper: None,
            open: open.into_iter().collect(),
            tray: None,
            quitting: false,
            own_wishes: sync_channel(OWN_WISHES),
            asking: false,
        };
        // A run on files of its own says nothing about how the user's program should start.
        if !args.demo && args.config.is_none() && args.data_dir.is_none() {
            desk.start_with_system(desk.settings.autostart);
        }
        desk
    }

    /// The window is there: whoever waits for it can wake it.
    pub(super) fn appears(&self, ctx: &Context) {
        self.screen.appears(ctx);
    }

    /// Claims the demo's own folder as well; a sentence if another program has it.
    pub(super) fn claim_demo(&mut self, args: &RunArgs) -> Result<(), String> {
        match claim(&session::demo_args(args), Wish::Show, &self.screen) {
            Ok(Some(Claim::Ours(instance))) => {
                self.instances.push(instance);
                Ok(())
            }
            Ok(Some(Claim::Passed)) => Err(t!(
                "데모가 이미 다른 창에서 실행 중입니다. 그 창을 앞으로 가져왔습니다."
            )
            .to_owned()),
            Ok(None) => Ok(()),
            Err(trouble) => Err(trouble.line),
        }
    }

    /// Opens a stock for those who are no part of the window. Never waits.
    pub(super) fn opener(&self) -> reach::Open {
        let (wishes, wake) = (self.own_wishes.0.clone(), self.screen.waker());
        Arc::new(move |stock| {
            let wish = stock.map_or(Wish::Show, Wish::Open);
            if wishes.try_send(wish).is_err() {
                tracing::warn!("The window takes no wishes now");
            }
            wake();
        })
    }

    /// Keeps the icon beside the clock; what was chosen of it and is the engine's business.
    pub(super) fn keep_tray(&mut self, ctx: &Context, snapshot: &Snapshot) -> Option<Command> {
        if !snapshot.reach.settings.tray {
            self.tray = None;
            return None;
        }
        if self.tray.is_none() {
            let icon = crate::ui::icon::window_icon()?;
            let picture = Picture {
                side: usize::try_from(icon.width).unwrap_or_default(),
                rgba: &icon.rgba,
            };
            let tray = Tray::start(picture, self.screen.waker());
            self.tray = tray
                .inspect_err(|e| tracing::warn!("No tray icon: {e}"))
                .ok();
        }
        let tray = self.tray.as_mut()?;
        tray.show(Shown {
            unread: snapshot.unread,
            muted: snapshot.muted,
            demo: snapshot.badge == Badge::Demo,
        });
        match tray.wishes.try_iter().last()? {
            TrayWish::Open => {
                self.opener()(None);
                None
            }
            TrayWish::Mute(muted) => Some(Command::Mute(muted)),
            TrayWish::Quit => {
                self.quitting = true;
                ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Close);
                None
            }
        }
    }

    /// Does what later starts and clicks on notifications wished for.
    pub(super) fn hear(&mut self, ctx: &Context) {
        let later = self.instances.iter().flat_map(|i| i.wishes.try_iter());
        for wish in later.chain(self.own_wishes.1.try_iter()) {
            let call = UserAttentionType::Informational;
            for command in [
                ViewportCommand::Minimized(false),
                ViewportCommand::Focus,
                // Where the desktop refuses the focus, the task bar shows who was called.
                ViewportCommand::RequestUserAttention(call),
            ] {
                ctx.send_viewport_cmd_to(ViewportId::ROOT, command);
            }
            if let Wish::Open(code) = wish {
                self.open.push(code);
            }
        }
    }

    /// The stocks whose windows are to open, once each.
    pub(super) fn take_open(&mut self) -> Vec<StockCode> {
        std::mem::take(&mut self.open)
    }

    /// Keeps the machine awake while it is needed; what to say of it.
    pub(super) fn stay_awake(&mut self, snapshot: &Snapshot) -> Awake {
        let needed = self.settings.keep_awake
            && watches(
                snapshot.badge,
                snapshot.watching.rules,
                snapshot.phase,
                self.outside_session && bars_of_the_day(snapshot),
            );
        if needed && self.keeper.is_none() {
            self.keeper = Keeper::start(ThisDesktop, self.screen.waker())
                .inspect_err(|e| tracing::warn!("The machine may go to sleep: {e}"))
                .ok();
        }
        let Some(keeper) = &mut self.keeper else {
            return if needed { Awake::NotKept } else { Awake::Free };
        };
        keeper.want(needed);
        match keeper.state() {
            State::Off => Awake::Free,
            State::Held => Awake::Kept,
            State::Refused => Awake::NotKept,
        }
    }

    /// Other manners, from now on. The file is written by the engine's side.
    pub(super) fn set(&mut self, settings: DesktopSettings) {
        if settings.autostart != self.settings.autostart {
            self.start_with_system(settings.autostart);
        }
        self.settings = settings;
    }

    /// Writes or removes the entry, on a thread of its own.
    fn start_with_system(&self, wanted: bool) {
        let program = match &self.program {
            Ok(program) => program.clone(),
            Err(e) => {
                tracing::error!("Start with the system: {e}");
                return;
            }
        };
        let apply = move || {
            let Some(place) = paths::autostart() else {
                if wanted {
                    tracing::warn!("desktop.autostart does nothing on this system");
                }
                return;
            };
            match autostart::apply(&place, paths::APP_ID, &program, wanted) {
                Ok(Applied::Unchanged) => {}
                Ok(applied) => tracing::info!("Start with the system: {applied:?}"),
                Err(e) => tracing::error!("{place:?}: start with the system: {e}"),
            }
        };
        let spawned = std::thread::Builder::new()
            .name("autostart".into())
            .spawn(apply);
        if let Err(e) = spawned {
            tracing::error!("Start with the system: {e}");
        }
    }

    /// Answers the desktop's wish to close the home window. The demo just ends: nothing is missed.
    pub(super) fn close(&mut self, ctx: &Context, snapshot: &Snapshot) {
        if self.quitting
            || snapshot.badge == Badge::Demo
            || !ctx.input(|i| i.viewport().close_requested())
        {
            return;
        }
        match self.settings.on_close {
            OnClose::Quit => {}
            OnClose::Background => {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                ctx.send_viewport_cmd(ViewportCommand::Minimized(true));
            }
            // Closed again before an answer: the user means it.
            OnClose::Ask if self.asking => {}
            OnClose::Ask => {
                self.asking = true;
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                // It may have been closed from the task bar.
                ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
                ctx.send_viewport_cmd(ViewportCommand::Focus);
                ctx.request_repaint();
            }
        }
    }

    /// Draws the question while it is open; an answer that is to be kept.
    pub(super) fn question(&mut self, ui: &mut egui::Ui) -> Option<OnClose> {
        if !self.asking {
            return None;
        }
        let choice = closing_ui(ui)?;
        self.asking = false;
        let (kept, command) = match choice {
            ClosingChoice::Stay => return None,
            ClosingChoice::GoOn => (OnClose::Background, ViewportCommand::Minimized(true)),
            ClosingChoice::Quit => (OnClose::Quit, ViewportCommand::Close),
        };
        self.settings.on_close = kept;
        ui.ctx().send_viewport_cmd(command);
        Some(kept)
    }
}

/// Whether a machine that fell asleep now would miss something. `outside` says whether bars are
/// made although it is no session.
fn watches(badge: Badge, rules: usize, phase: MarketPhase, outside: bool) -> bool {
    badge != Badge::Demo
        && 0 < rules
        && match phase {
            MarketPhase::Closed { .. } | MarketPhase::AfterHours { .. } => outside,
            _ => true,
        }
}

/// Whether it is a day of trading, between its first minute and its last of all.
fn bars_of_the_day(snapshot: &Snapshot) -> bool {
    let (now, day) = (snapshot.now, snapshot.now.day());
    let hours = snapshot.calendar.hours(day, snapshot.market_of_bars);
    hours.is_some() && day.at(EARLY_START) <= now && now < day.at(LATE_END)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;
    use crate::engine::AfterHours;

    #[test]
    fn only_rules_in_trading_hours_keep_the_machine_awake() {
        let at = Moment(0);
        let traded = [
            MarketPhase::OpeningAuction { opens: at },
            MarketPhase::Open { until: at },
            MarketPhase::ClosingAuction { until: at },
        ];
        for phase in traded {
            for badge in [Badge::Real, Badge::Paper] {
                assert!(watches(badge, 1, phase, false));
                assert!(!watches(badge, 0, phase, true), "nothing is watched");
            }
            assert!(!watches(Badge::Demo, 1, phase, true), "nothing is missed");
        }
        let kind = AfterHours::ClosingPrice;
        for phase in [
            MarketPhase::Closed { opens: at },
            MarketPhase::AfterHours { kind, until: at },
        ] {
            assert!(!watches(Badge::Real, 1, phase, false));
            assert!(watches(Badge::Real, 1, phase, true), "bars are made");
        }
    }
}
