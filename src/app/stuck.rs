//! A configuration or a folder that cannot be used, told in a window: who starts the program by a
//! double click sees no terminal.
//!
//! The program does not begin with the bundled configuration instead. It would look as if it
//! watched, without the user's stocks and rules, and what is changed on its screen would have to go
//! into the broken file or nowhere.

use std::io::{IsTerminal as _, stderr, stdin};
use std::sync::mpsc::{Receiver, sync_channel};

use egui::{Context, ViewportBuilder, ViewportCommand};

use crate::cli::RunArgs;
use crate::desktop::instance::Instance;
use crate::session::{self, Setup, Trouble};
use crate::settings::ScreenSettings;
use crate::ui;
use crate::ui::stuck::{Stuck, StuckChoice, stuck_ui};

use super::desk::Screen;
use super::no_window;

/// Reads arguments and files. Where they cannot be used, the line on standard error is all in a
/// terminal; elsewhere a window says it too, until they can or the user gives up.
///
/// # Errors
///
/// The exit code.
pub(super) fn setup(
    args: &RunArgs,
    screen: &Screen,
    instance: Option<&Instance>,
) -> Result<Setup, u8> {
    let trouble = match Setup::read(args) {
        Ok(setup) => return Ok(setup),
        Err(trouble) => trouble,
    };
    let code = session::complain(&trouble);
    if stdin().is_terminal() || stderr().is_terminal() {
        return Err(code);
    }
    let mut found = None;
    let window = Window {
        args,
        instance,
        stuck: stuck_of(&trouble),
        reading: None,
        found: &mut found,
    };
    let options = eframe::NativeOptions {
        viewport: viewport(),
        ..Default::default()
    };
    let ran = no_window::run(move || {
        let begin = move |cc: &eframe::CreationContext<'_>| {
            let ctx = &cc.egui_ctx;
            ui::fonts::install(ctx);
            let light = ctx.system_theme() == Some(egui::Theme::Light);
            // Which look the file asks for cannot be known.
            ui::Theme::chosen(&ScreenSettings::default(), light).apply(ctx);
            screen.appears(ctx);
            Ok(Box::new(window) as Box<dyn eframe::App + '_>)
        };
        eframe::run_native("정배", options, Box::new(begin))
    });
    if let Err(why) = ran {
        // The line on standard error has to do.
        tracing::warn!("{why}");
    }
    found.map(|setup| *setup).ok_or(code)
}

fn viewport() -> ViewportBuilder {
    let viewport = ViewportBuilder::default()
        .with_title("정배")
        .with_app_id(ui::icon::APP_ID)
        .with_inner_size([640.0, 340.0])
        .with_min_inner_size([320.0, 200.0]);
    match ui::icon::window_icon() {
        Some(icon) => viewport.with_icon(icon),
        None => viewport,
    }
}

fn stuck_of(trouble: &Trouble) -> Stuck {
    match &trouble.config {
        Some((file, what)) => Stuck {
            why: what.clone(),
            file: Some(file.display().to_string()),
        },
        None => Stuck::because(trouble.line.clone()),
    }
}

struct Window<'a> {
    args: &'a RunArgs,
    instance: Option<&'a Instance>,
    stuck: Stuck,
    /// Files being read again, on a thread of their own.
    reading: Option<Receiver<Result<Box<Setup>, Trouble>>>,
    found: &'a mut Option<Box<Setup>>,
}

impl Window<'_> {
    fn again(&mut self, ctx: &Context) {
        if self.reading.is_some() {
            return;
        }
        let (sender, receiver) = sync_channel(1);
        let (args, ctx) = (self.args.clone(), ctx.clone());
        let read = move || {
            session::speak(&args);
            if sender.send(Setup::read(&args).map(Box::new)).is_err() {
                tracing::debug!("The window was closed before the files were read");
            }
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("setup".into()).spawn(read) {
            Ok(_) => self.reading = Some(receiver),
            Err(error) => self.stuck = Stuck::because(error.to_string()),
        }
    }
}

impl eframe::App for Window<'_> {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        // Started once more: the file has probably been mended.
        if self
            .instance
            .is_some_and(|i| 0 < i.wishes.try_iter().count())
        {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            self.again(ctx);
        }
        let Some(read) = self.reading.as_ref().and_then(|r| r.try_recv().ok()) else {
            return;
        };
        self.reading = None;
        match read {
            Ok(setup) => {
                *self.found = Some(setup);
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Err(trouble) => self.stuck = stuck_of(&trouble),
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        match stuck_ui(ui, &self.stuck) {
            Some(StuckChoice::Again) => self.again(&ui.ctx().clone()),
            Some(StuckChoice::Quit) => ui.ctx().send_viewport_cmd(ViewportCommand::Close),
            None => {}
        }
    }
}
