//! The settings in the window: a panel beside the watchlist, which stays alive behind it.
//!
//! A field is checked while it is typed in, with the sentence beside it; what is right is in
//! force at once, or from the next start on where the panel says so, and is written into the
//! configuration file.

mod averages;
mod keys;
mod limits;
mod look;
mod reach;
mod system;

use std::sync::mpsc::Receiver;

use egui::{Align, Context, Id, Key, Layout, ScrollArea, Ui, vec2};

use crate::domain::Moment;
use crate::engine::{Badge, Command, ReachView};
use crate::settings::{Change, ScreenSettings, Settings};

use super::layout::Section;
use super::theme::{self, Theme};
use super::{Bridge, fonts, paint};

pub use keys::{KeyNews, KeyPlace, KeyWish};

/// What the panel shows besides the look, as this run found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The settings in force or, where they hold from the next start on, in the file.
    pub settings: Settings,
    /// The configuration file.
    pub config: String,
    /// The data folder.
    pub data_dir: String,
    /// Where this run's keys are from.
    pub keys: KeyPlace,
    /// The program can be started with this system.
    pub can_autostart: bool,
}

impl Section {
    const ALL: [Self; 7] = [
        Self::Look,
        Self::Reach,
        Self::Averages,
        Self::Keys,
        Self::Limits,
        Self::System,
        Self::About,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Keys => t!("API 키"),
            Self::Limits => t!("한도"),
            Self::Averages => t!("봉·평균"),
            Self::Look => t!("화면" in "settings"),
            Self::Reach => t!("알림"),
            Self::System => t!("시스템"),
            Self::About => t!("정보"),
        }
    }
}

/// What the panel remembers.
#[derive(Default)]
pub(crate) struct Preferences {
    pub(crate) open: bool,
    section: Section,
    /// Left and top edge, once the user has moved it.
    at: Option<(f32, f32)>,
    averages: averages::Form,
    limits: limits::Form,
    keys: keys::Form,
    reach: reach::Form,
}

impl Preferences {
    /// Closed; it opens as it was left in an earlier run.
    pub(crate) fn as_left(layout: &super::Layout) -> Self {
        Self {
            section: layout.chosen.section,
            at: layout.settings_at,
            ..Self::default()
        }
    }

    /// Notes where it stands and what is open in it.
    pub(crate) fn remember(&self, layout: &mut super::Layout) {
        layout.chosen.section = self.section;
        layout.settings_at = self.at;
    }
}

/// What the panel is drawn from.
pub(crate) struct Around<'a> {
    pub(crate) screen: &'a ScreenSettings,
    pub(crate) kept: &'a Kept,
    pub(crate) badge: Badge,
    pub(crate) reach: &'a ReachView,
    pub(crate) now: Moment,
    pub(crate) bridge: &'a dyn Bridge,
    pub(crate) theme: &'a Theme,
}

/// What the user changed.
#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) screen: Option<ScreenSettings>,
    pub(crate) settings: Vec<Change>,
    pub(crate) commands: Vec<Command>,
}

/// How far below the window's top the panel first stands, points.
const BELOW: f32 = 108.0;

/// Draws the panel while it is open.
pub(crate) fn preferences_ui(
    ctx: &Context,
    view: &mut Preferences,
    around: &Around<'_>,
) -> Changed {
    let mut changed = Changed::default();
    // A trial of keys goes on behind a closed panel.
    view.keys.listen();
    if !view.open {
        return changed;
    }
    // As the key finds it: a field or a list inside takes the Escape that closes it.
    let taken = ctx.text_edit_focused() || egui::Popup::is_any_open(ctx);
    let mut screen = around.screen.clone();
    let room = ctx.content_rect();
    let width = (room.width() - 32.0).clamp(200.0, 440.0);
    let at = room.right_top() + vec2(-width - 56.0, BELOW);
    let frame = egui::Frame::window(&ctx.global_style())
        .fill(around.theme.panel)
        .inner_margin(16.0);
    let first = at.max(room.min);
    let shown = egui::Window::new(t!("설정"))
        .id(Id::unique("preferences"))
        .title_bar(false)
        .resizable(false)
        .frame(frame)
        .default_pos(view.at.map_or(first, Into::into))
        .constrain_to(room)
        .show(ctx, |ui| {
            ui.set_width(width);
            head(ui, view, around.theme);
            ui.add_space(8.0);
            // The sections may need a second line: what is left below them, with the frame's margin.
            let used = ui.min_rect().height() + 2.0 * 16.0;
            // As high for every section: a panel that grew would not fit where it stands, and their
            // buttons would move under the pointer.
            let most = (room.height() - used - 8.0).clamp(80.0, 620.0);
            let height = (room.height() - BELOW - used - 16.0).clamp(most.min(420.0), most);
            ScrollArea::vertical()
                .id_salt(view.section.name())
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink(false)
                .show(ui, |ui| {
                    // The bar lies over what is scrolled.
                    ui.set_max_width(width - 12.0);
                    match view.section {
                        Section::Look => look::look_ui(ui, &mut screen, around.theme),
                        Section::Averages => {
                            averages::averages_ui(
                                ui,
                                &mut view.averages,
                                around,
                                &mut screen,
                                &mut changed,
                            );
                        }
                        Section::Keys => keys::keys_ui(ui, &mut view.keys, around),
                        Section::Limits => {
                            limits::limits_ui(ui, &mut view.limits, around, &mut changed)
                        }
                        Section::Reach => {
                            changed.commands = reach::reach_settings(
                                ui,
                                &mut view.reach,
                                around,
                                around.reach,
                                around.now,
                            );
                        }
                        Section::System => system::system_ui(ui, around, &mut changed),
                        Section::About => system::about_ui(ui, around.theme),
                    }
                });
        });
    if let Some(shown) = shown
        && shown.response.dragged()
    {
        let corner = shown.response.rect.min;
        view.at = Some((corner.x, corner.y));
    }
    if !taken && ctx.input(|i| i.key_pressed(Key::Escape)) {
        view.open = false;
    }
    changed.screen = (screen != *around.screen).then_some(screen);
    changed
}

fn head(ui: &mut Ui, view: &mut Preferences, theme: &Theme) {
    ui.horizontal(|ui| {
        ui.label(paint::rich(
            t!("설정"),
            fonts::bold(theme::TITLE),
            theme.text,
        ));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if paint::icon_button(ui, paint::Icon::Close, t!("설정 닫기"), theme).clicked() {
                view.open = false;
            }
        });
    });
    ui.horizontal_wrapped(|ui| {
        for section in Section::ALL {
            let text = paint::rich(section.name(), fonts::regular(theme::BODY), theme.text);
            ui.selectable_value(&mut view.section, section, text);
        }
    });
}

/// The heading of a part of a section.
fn title(ui: &mut Ui, text: &str, theme: &Theme) {
    ui.add_space(8.0);
    ui.label(paint::rich(text, fonts::bold(theme::BODY), theme.secondary));
}

/// Small print.
fn note(ui: &mut Ui, text: &str, theme: &Theme) {
    let font = fonts::regular(theme::SMALL);
    ui.add(egui::Label::new(paint::rich(text, font, theme.secondary)).wrap());
}

/// What is wrong with a field.
fn complaint(ui: &mut Ui, text: &str, theme: &Theme) {
    let font = fonts::regular(theme::SMALL);
    ui.add(egui::Label::new(paint::rich(text, font, theme.trouble)).wrap());
}

/// One line to type in, checked while it is typed: the sentence says what is wrong. Returns the
/// value once the line is left, or Enter pressed, and it is right.
fn field<T>(
    ui: &mut Ui,
    label: &str,
    text: &mut String,
    theme: &Theme,
    check: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let name = ui.label(paint::rich(label, fonts::regular(theme::BODY), theme.text));
    let edit = egui::TextEdit::singleline(text)
        .desired_width(200.0)
        .char_limit(60)
        .margin(egui::Margin::symmetric(8, 5));
    let response = ui.add(edit).labelled_by(name.id);
    match check(text.trim()) {
        Ok(value) => response.lost_focus().then_some(value),
        Err(sentence) => {
            complaint(ui, &sentence, theme);
            None
        }
    }
}

/// The newest news of a channel, if there is one.
fn newest<T>(receiver: &Receiver<T>) -> Option<T> {
    receiver.try_iter().last()
}
