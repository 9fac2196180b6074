//! The desktop app: the window, and what happens until the engine runs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use crate::cli::{Cli, RunArgs};
use crate::desktop::instance::{Claim, Wish};
use crate::lang;
use crate::places::Places;
use crate::runtime::Handle;
use crate::session::{self, Opened, Setup, Trouble};
use crate::settings::{Settings, SettingsFile};
use crate::ui::setup::{SetupChoice, SetupStatus, SetupView, setup_ui};
use crate::ui::stuck::{Stuck, StuckChoice, stuck_ui};
use crate::ui::{self, Kept, KeyPlace, Root, RootOptions};

mod bridge;
mod desk;
mod no_window;
mod stuck;
mod trial;

use bridge::{Background, background};
use desk::{Desk, Screen};
use trial::{Trial, Tried};

/// Runs the window until it is closed; returns the exit code.
pub fn run(cli: &Cli) -> u8 {
    let begun = Instant::now();
    // Before anything on disk is touched: the demo empties its folder at each start.
    let screen = Screen::default();
    let wish = cli.open.map_or(Wish::Show, Wish::Open);
    let instance = match desk::claim(&cli.run, wish, &screen) {
        Ok(Some(Claim::Passed)) => return 0,
        Ok(Some(Claim::Ours(instance))) => Some(instance),
        Ok(None) => None,
        Err(trouble) => return session::complain(&trouble),
    };
    let setup = match stuck::setup(&cli.run, &screen, instance.as_ref()) {
        Ok(setup) => setup,
        Err(code) => return code,
    };
    let logging = match crate::log::start(&setup.paths.log_dir()) {
        Ok(guard) => guard,
        Err(error) => return session::complain(&Trouble::other(&error)),
    };
    let places = Places::load(&setup.paths.data_dir);
    let mut viewport = egui::ViewportBuilder::default()
        .with_title(t!("정배"))
        .with_app_id(ui::icon::APP_ID)
        .with_inner_size(places.home_size().unwrap_or([1320.0, 820.0]))
        .with_maximized(places.home_is_maximized())
        .with_min_inner_size([480.0, 320.0]);
    if let Some(icon) = ui::icon::window_icon() {
        viewport = viewport.with_icon(icon);
    }
    let options = eframe::NativeOptions {
        viewport,
        ..Default::default()
    };
    let desk = Desk::new(&cli.run, &setup, screen, instance, cli.open);
    let (args, embed) = (cli.run.clone(), cli.embed_windows);
    let ran = no_window::run(move || {
        eframe::run_native(
            "정배",
            options,
            Box::new(move |cc| {
                let mut app = App::new(&cc.egui_ctx, args, setup, places, embed, desk);
                app.first_frame = FirstFrame::ToCome(begun);
                Ok(Box::new(app))
            }),
        )
    });
    drop(logging);
    match ran {
        Ok(()) => 0,
        Err(why) => session::complain(&Trouble::other(&why)),
    }
}

/// What the window shows.
enum Stage {
    /// Looking for keys, opening files, starting the engine.
    Starting(Receiver<Started>),
    /// No keys yet.
    FirstRun(Box<FirstRun>),
    /// The program.
    Running(Box<Root>),
    /// It cannot start; the reason.
    Stuck(Stuck),
}

/// What starting came to.
enum Started {
    NoKeys,
    Running(Handle),
    Stuck(String),
}

/// The first screen and the keys being tried.
#[derive(Default)]
struct FirstRun {
    view: SetupView,
    status: SetupStatus,
    trial: Option<Receiver<Trial>>,
    /// Keys that work but that the keyring cannot keep.
    unsaved: Option<Tried>,
}

struct App {
    args: RunArgs,
    settings: Settings,
    config: std::path::PathBuf,
    data_dir: std::path::PathBuf,
    /// Where the keys of the run are from; `Keyring` until it is known otherwise.
    keys: KeyPlace,
    embed: bool,
    ctx: egui::Context,
    places: Places,
    stage: Stage,
    desk: Desk,
    first_frame: FirstFrame,
}

/// How soon there is something to see.
enum FirstFrame {
    /// Nothing has been drawn; when the program began.
    ToCome(Instant),
    /// Drawn, and on its way to the screen.
    Drawn(Instant),
    /// Logged.
    Seen,
}

impl App {
    fn new(
        ctx: &egui::Context,
        args: RunArgs,
        setup: Setup,
        places: Places,
        embed: bool,
        desk: Desk,
    ) -> Self {
        desk.appears(ctx);
        ui::fonts::install(ctx);
        let settings = setup.settings.clone();
        let config = setup.paths.config.clone();
        let data_dir = setup.paths.data_dir.clone();
        let mut app = Self {
            args,
            settings,
            config,
            data_dir,
            keys: KeyPlace::Keyring,
            embed,
            ctx: ctx.clone(),
            places,
            stage: Stage::Stuck(Stuck::default()),
            desk,
            first_frame: FirstFrame::Seen,
        };
        lang::speak(app.settings.screen.language.language());
        app.look().apply(ctx);
        // The first screen too has the size the user reads.
        ctx.set_zoom_factor(f32::from(app.settings.screen.font_size) / 100.0);
        app.stage = app.start(move || setup.open());
        app
    }

    fn look(&self) -> ui::Theme {
        let light = self.ctx.system_theme() == Some(egui::Theme::Light);
        ui::Theme::chosen(&self.settings.screen, light)
    }

    /// Opens files and keyring and starts the engine on a thread of its own: the keyring may
    /// wait for the user, and the window must not.
    fn start(&self, open: impl FnOnce() -> Result<Opened, Trouble> + Send + 'static) -> Stage {
        let (sender, receiver) = sync_channel(1);
        let ctx = self.ctx.clone();
        let window = self.desk.opener();
        let spawned = std::thread::Builder::new()
            .name("start".into())
            .spawn(move || {
                let started = match open() {
                    Ok(Opened::NoKeys) => Started::NoKeys,
                    Ok(Opened::Ready(ready)) => match background(ready.with_window(window), &ctx) {
                        Ok(handle) => Started::Running(handle),
                        Err(error) => Started::Stuck(error),
                    },
                    Err(trouble) => Started::Stuck(trouble.line),
                };
                if sender.send(started).is_err() {
                    tracing::debug!("The window was closed during the start");
                }
                ctx.request_repaint();
            });
        match spawned {
            Ok(_) => Stage::Starting(receiver),
            Err(error) => Stage::Stuck(Stuck::because(error.to_string())),
        }
    }

    fn running(&self, handle: Handle) -> Stage {
        let options = RootOptions {
            embed: self.embed,
            screen: self.settings.screen.clone(),
            kept: self.kept(),
            layout: self.places.layout(),
        };
        Stage::Running(Box::new(Root::new(
            &self.ctx,
            Arc::new(Background {
                handle,
                ctx: self.ctx.clone(),
                settings: self.settings.clone(),
                file: (!self.is_demo()).then(|| SettingsFile::new(self.config.clone())),
            }),
            options,
        )))
    }

    fn is_demo(&self) -> bool {
        self.args.demo || self.keys == KeyPlace::Demo
    }

    /// What the settings panel shows of this run.
    fn kept(&self) -> Kept {
        let variable = |name| std::env::var_os(name).is_some_and(|text| !text.is_empty());
        let keys = match self.keys {
            _ if self.is_demo() => KeyPlace::Demo,
            KeyPlace::Keyring if variable("KIS_APP_KEY") => KeyPlace::Environment,
            other => other,
        };
        // A run on files of its own says nothing about how the user's program should start.
        let own_files = self.args.config.is_some() || self.args.data_dir.is_some();
        Kept {
            settings: self.settings.clone(),
            config: self.config.display().to_string(),
            data_dir: self.data_dir.display().to_string(),
            keys,
            can_autostart: !self.is_demo() && !own_files && crate::paths::autostart().is_some(),
        }
    }

    /// Takes what the threads have to say.
    fn listen(&mut self) {
        let next = match &mut self.stage {
            Stage::Starting(receiver) => match receiver.try_recv() {
                Ok(Started::Running(handle)) => Some(self.running(handle)),
                Ok(Started::NoKeys) => Some(Stage::FirstRun(Box::default())),
                Ok(Started::Stuck(why)) => Some(Stage::Stuck(Stuck::because(why))),
                Err(_) => None,
            },
            Stage::FirstRun(first) => match first.news() {
                Some(Trial::Kept(environment)) => {
                    self.settings.kis.environment = environment;
                    let file = SettingsFile::new(self.config.clone());
                    let args = self.args.clone();
                    Some(self.start(move || {
                        file.set_environment(environment)
                            .map_err(|error| Trouble::other(&error.to_string()))?;
                        Setup::read(&args)?.open()
                    }))
                }
                _ => None,
            },
            Stage::Running(_) | Stage::Stuck(_) => None,
        };
        if let Some(next) = next {
            self.stage = next;
        }
    }

    fn choose(&mut self, choice: SetupChoice) {
        let args = self.args.clone();
        match choice {
            SetupChoice::Demo => {
                self.stage = match self.desk.claim_demo(&args) {
                    Ok(()) => {
                        self.keys = KeyPlace::Demo;
                        self.start(move || Setup::as_demo(&args)?.open())
                    }
                    Err(why) => Stage::Stuck(Stuck::because(why)),
                };
            }
            SetupChoice::TestKeys {
                environment_paper,
                key,
                secret,
            } => {
                let keys = trial::typed(key, secret);
                let environment = trial::environment(environment_paper);
                let mut settings = self.settings.clone();
                settings.kis.environment = environment;
                let receiver = trial::try_keys(settings, keys, &self.ctx);
                if let Stage::FirstRun(first) = &mut self.stage {
                    first.status = SetupStatus::Testing(said!("접근토큰을 받는 중입니다"));
                    first.trial = Some(receiver);
                }
            }
            SetupChoice::UseForSession => {
                let tried = match &mut self.stage {
                    Stage::FirstRun(first) => first.unsaved.take(),
                    _ => None,
                };
                let Some(tried) = tried else { return };
                self.keys = KeyPlace::Session;
                self.settings.kis.environment = tried.environment;
                self.stage = self.start(move || {
                    let mut setup = Setup::read(&args)?;
                    setup.settings.kis.environment = tried.environment;
                    let ready = setup
                        .with_keys(tried.keys, false)?
                        .with_tokens(tried.tokens);
                    Ok(Opened::Ready(Box::new(ready)))
                });
            }
        }
    }
}

impl FirstRun {
    /// Takes the trial's news; returns what ends the screen.
    fn news(&mut self) -> Option<Trial> {
        let receiver = self.trial.as_ref()?;
        match receiver.try_recv().ok()? {
            Trial::Step(step) => self.status = SetupStatus::Testing(step),
            Trial::Failed(card) => {
                self.status = SetupStatus::Failed(card);
                self.trial = None;
            }
            Trial::NotKept(tried, why) => {
                self.status = SetupStatus::SessionOnly(why);
                self.unsaved = Some(tried);
                self.trial = None;
            }
            kept @ Trial::Kept(_) => return Some(kept),
        }
        None
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        // The next turn comes once the frame drawn in this one is on the screen.
        if let FirstFrame::Drawn(begun) = self.first_frame {
            let ms = begun.elapsed().as_millis();
            tracing::info!("The first frame was on the screen after {ms} ms");
            self.first_frame = FirstFrame::Seen;
        }
        self.listen();
        self.desk.hear(ctx);
        if let Stage::Running(root) = &mut self.stage {
            for code in self.desk.take_open() {
                root.open_stock(ctx, code);
            }
            let snapshot = root.latest();
            root.set_awake(self.desk.stay_awake(&snapshot));
            if let Some(command) = self.desk.keep_tray(ctx, &snapshot) {
                root.wish(command);
            }
            self.desk.close(ctx, &snapshot);
            root.logic(ctx);
            if let Some(desktop) = root.take_desktop() {
                self.desk.set(desktop);
            }
            self.places.keep(root.layout());
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.places.finish();
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        if let FirstFrame::ToCome(begun) = self.first_frame {
            self.first_frame = FirstFrame::Drawn(begun);
            ui.ctx().request_repaint();
        }
        let mut choice = None;
        if let Stage::Running(root) = &mut self.stage
            && let Some(window) = frame.winit_window()
            && self.places.asks_for_monitors()
        {
            let monitors = window.available_monitors().map(|monitor| {
                let (at, size) = (monitor.position(), monitor.size());
                // The window's own scale: its places are in points of that.
                let scale = window.scale_factor() as f32;
                let (x, y) = (at.x as f32 / scale, at.y as f32 / scale);
                let (w, h) = (size.width as f32 / scale, size.height as f32 / scale);
                [x, y, x + w, y + h]
            });
            let monitors: Vec<[f32; 4]> = monitors.collect();
            if let Some(at) = self.places.home_at(&monitors) {
                let at = egui::pos2(at[0], at[1]) / ui.ctx().zoom_factor();
                let move_to = egui::ViewportCommand::OuterPosition(at);
                ui.ctx().send_viewport_cmd(move_to);
            }
            root.set_monitors(monitors);
        }
        let closing = self.desk.question(ui);
        if let (Stage::Running(root), Some(on_close)) = (&mut self.stage, closing) {
            root.remember_closing(on_close);
        }
        let mut stuck = None;
        match &mut self.stage {
            Stage::Running(root) => root.ui(ui),
            Stage::FirstRun(first) => choice = setup_ui(ui, &mut first.view, &first.status),
            Stage::Starting(_) => message_ui(ui, t!("준비하는 중입니다")),
            Stage::Stuck(why) => stuck = stuck_ui(ui, why),
        }
        match stuck {
            Some(StuckChoice::Again) => {
                let args = self.args.clone();
                let demo = self.keys == KeyPlace::Demo;
                self.stage = self.start(move || match demo {
                    true => Setup::as_demo(&args)?.open(),
                    false => Setup::read(&args)?.open(),
                });
            }
            Some(StuckChoice::Quit) => ui.ctx().send_viewport_cmd(egui::ViewportCommand::Close),
            None => {}
        }
        if let Some(choice) = choice {
            self.choose(choice);
        }
    }
}

fn message_ui(ui: &mut egui::Ui, text: &str) {
    egui::CentralPanel::default().show(ui, |ui| {
        ui.centered_and_justified(|ui| ui.label(text));
    });
}
