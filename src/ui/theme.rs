//! Every colour and spacing of the program. No other file names a colour.
//!
//! Colour is information: red is up, blue is down, yellow is a signal, grey is everything else.

use std::sync::Arc;

use egui::{Color32, CornerRadius, Margin, Shadow, Stroke, Visuals, style::WidgetVisuals};

use crate::settings::{PriceColors, ScreenSettings, Theme as Ground};

use super::fonts;

/// Height of a table row.
pub const ROW_HEIGHT: f32 = 26.0;
/// Column heads, labels.
pub const SMALL: f32 = 12.0;
/// Tables and everything else.
pub const BODY: f32 = 13.0;
/// Titles.
pub const TITLE: f32 = 15.0;
/// The price in a stock window's header.
pub const PRICE: f32 = 22.0;

/// The colours of one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Dark or light.
    pub dark: bool,
    /// Behind everything.
    pub background: Color32,
    /// Bars and side panels.
    pub panel: Color32,
    /// What lies on top or is hovered.
    pub raised: Color32,
    /// One-pixel lines.
    pub hairline: Color32,
    /// Lines between the sessions of a chart; behind the candles, so never stronger than they are.
    pub session: Color32,
    /// Outlines of what can be pressed: boxes to tick, buttons, fields.
    pub edge: Color32,
    /// Text.
    pub text: Color32,
    /// Labels.
    pub secondary: Color32,
    /// Small print.
    pub faint: Color32,
    /// Text of what rose.
    pub up: Color32,
    /// Text of what fell.
    pub down: Color32,
    /// Text and marks of what went wrong; never the colour of a price.
    pub trouble: Color32,
    /// Candle of a bar that rose.
    pub up_candle: Color32,
    /// Candle of a bar that fell.
    pub down_candle: Color32,
    /// A signal: row, arrow, badge. Nothing else is yellow.
    pub signal: Color32,
    /// Text on the signal colour.
    pub on_signal: Color32,
    /// Outline of a signal-coloured shape on the background.
    pub signal_outline: Color32,
    /// Focus ring, selection, links.
    pub accent: Color32,
    /// How much of the accent lies on what is selected, from 0 to 1: more on plain black, where a
    /// breath of colour is not seen.
    pub selection: f32,
    /// Averages over 5, 20, 60, 120 and 240 bars.
    pub averages: [Color32; 5],
    /// Averages whose colour the user chose, by period.
    pub own_averages: Vec<(u16, Color32)>,
    /// Ground of the ask side of the order book.
    pub ask_ground: Color32,
    /// Ground of the bid side of the order book.
    pub bid_ground: Color32,
    /// Size bars of the ask side.
    pub ask_bar: Color32,
    /// Size bars of the bid side.
    pub bid_bar: Color32,
    /// Ground of the band that says the engine is silent.
    pub alarm: Color32,
    /// Text on the alarm band.
    pub on_alarm: Color32,
    /// Ground of the band that says the prices are made up.
    pub demo_ground: Color32,
}

/// Where the look in force is kept.
fn applied() -> egui::Id {
    egui::Id::unique("theme")
}

impl Theme {
    /// Light text on dark ground.
    pub fn dark() -> Self {
        let (up_candle, down_candle) = (rgb(0xF04452), rgb(0x3182F6));
        Self {
            dark: true,
            background: rgb(0x0E1116),
            panel: rgb(0x141922),
            raised: rgb(0x1B222E),
            hairline: rgb(0x262F3D),
            session: rgb(0x262F3D),
            edge: rgb(0x5E6A7D),
            text: rgb(0xE8ECF3),
            secondary: rgb(0xA3ADBD),
            faint: rgb(0x8994A7),
            up: rgb(0xFF6E78),
            down: rgb(0x609AFF),
            trouble: rgb(0xFF6E78),
            up_candle,
            down_candle,
            signal: rgb(0xFFC83D),
            on_signal: rgb(0x191F28),
            signal_outline: rgb(0xFFC83D),
            accent: rgb(0x6EA8FE),
            selection: 0.12,
            averages: [0xF472B6, 0xF5B83D, 0x34C77B, 0xA78BFA, 0x94A3B8].map(rgb),
            own_averages: Vec::new(),
            ask_ground: veil(down_candle, 0.10),
            bid_ground: veil(up_candle, 0.10),
            ask_bar: veil(down_candle, 0.20),
            bid_bar: veil(up_candle, 0.20),
            alarm: rgb(0xB4232E),
            on_alarm: Color32::WHITE,
            demo_ground: rgb(0x1C2A40),
        }
    }

    /// Dark text on light ground.
    pub fn light() -> Self {
        let (up_candle, down_candle) = (rgb(0xE42939), rgb(0x1B64DA));
        Self {
            dark: false,
            background: Color32::WHITE,
            panel: rgb(0xF5F7FA),
            raised: Color32::WHITE,
            hairline: rgb(0xE3E7ED),
            session: rgb(0xE3E7ED),
            edge: rgb(0x858F9E),
            text: rgb(0x191F28),
            secondary: rgb(0x4E5968),
            faint: rgb(0x5E6976),
            up: rgb(0xC21829),
            down: rgb(0x1557C2),
            trouble: rgb(0xC21829),
            up_candle,
            down_candle,
            signal: rgb(0xFFC83D),
            on_signal: rgb(0x191F28),
            signal_outline: rgb(0x8A6100),
            accent: rgb(0x1557C2),
            selection: 0.09,
            averages: [0xC026D3, 0xB45309, 0x15803D, 0x7C3AED, 0x475569].map(rgb),
            own_averages: Vec::new(),
            ask_ground: veil(down_candle, 0.08),
            bid_ground: veil(up_candle, 0.08),
            ask_bar: veil(down_candle, 0.16),
            bid_bar: veil(up_candle, 0.16),
            alarm: rgb(0xB4232E),
            on_alarm: Color32::WHITE,
            demo_ground: rgb(0xE4EEFC),
        }
    }

    /// White on black, with strong lines.
    pub fn high_contrast() -> Self {
        let (up_candle, down_candle) = (rgb(0xFF5662), rgb(0x5C9DFF));
        Self {
            background: Color32::BLACK,
            panel: rgb(0x0A0A0A),
            raised: rgb(0x1C1C1C),
            hairline: rgb(0x8A8A8A),
            session: rgb(0x484848),
            edge: rgb(0xB4B4B4),
            text: Color32::WHITE,
            secondary: rgb(0xE6E6E6),
            faint: rgb(0xC4C4C4),
            up: rgb(0xFF7A84),
            down: rgb(0x7FB2FF),
            up_candle,
            down_candle,
            signal: rgb(0xFFDD33),
            on_signal: Color32::BLACK,
            signal_outline: rgb(0xFFDD33),
            accent: rgb(0x9CC6FF),
            selection: 0.20,
            averages: [0xFF8CC8, 0xFFC95C, 0x5CE69A, 0xC4B0FF, 0xC4C4C4].map(rgb),
            own_averages: Vec::new(),
            ask_ground: veil(down_candle, 0.18),
            bid_ground: veil(up_candle, 0.18),
            ask_bar: veil(down_candle, 0.40),
            bid_bar: veil(up_candle, 0.40),
            demo_ground: rgb(0x10203A),
            ..Self::dark()
        }
    }

    /// The look the user chose. `system_light`: the desktop is light now.
    pub fn chosen(screen: &ScreenSettings, system_light: bool) -> Self {
        let ground = match (screen.theme, system_light) {
            (Ground::Dark, _) | (Ground::System, false) => Self::dark(),
            (Ground::Light, _) | (Ground::System, true) => Self::light(),
            (Ground::HighContrast, _) => Self::high_contrast(),
        };
        let own = screen.average_colors.iter();
        Self {
            own_averages: own
                .map(|&(period, [r, g, b])| (period, Color32::from_rgb(r, g, b)))
                .collect(),
            ..ground.with_prices(screen.colors)
        }
    }

    /// The same with other colours for what rises and what falls.
    fn with_prices(self, colors: PriceColors) -> Self {
        // Text up, text down, candle up, candle down.
        let [up, down, up_candle, down_candle] = match (colors, self.dark) {
            (PriceColors::RedUp, _) => return self,
            (PriceColors::GreenUp, true) => [0x34D17F, 0xFF7C86, 0x22B573, 0xF04452],
            (PriceColors::GreenUp, false) => [0x0B6637, 0xC21829, 0x16935A, 0xE42939],
            (PriceColors::ColorBlind, true) => [0xFF9152, 0x56B4E9, 0xE8762D, 0x3FA0DD],
            (PriceColors::ColorBlind, false) => [0x963C00, 0x005A8C, 0xD55E00, 0x0072B2],
        }
        .map(rgb);
        // The veils keep their strength.
        let like = |old: Color32, new: Color32| veil(new, f32::from(old.a()) / 255.0);
        Self {
            up,
            down,
            up_candle,
            down_candle,
            ask_ground: like(self.ask_ground, down_candle),
            bid_ground: like(self.bid_ground, up_candle),
            ask_bar: like(self.ask_bar, down_candle),
            bid_bar: like(self.bid_bar, up_candle),
            ..self
        }
    }

    /// The look that was made this program's, by [`Theme::apply`]; before that a plain one.
    pub fn of(ui: &egui::Ui) -> Arc<Self> {
        let applied = ui.data(|data| data.get_temp::<Arc<Self>>(applied()));
        applied.unwrap_or_else(|| {
            Arc::new(match ui.visuals().dark_mode {
                true => Self::dark(),
                false => Self::light(),
            })
        })
    }

    /// Text colour of a change: up, down or neither.
    pub fn direction(&self, change: i64) -> Color32 {
        match change.signum() {
            1 => self.up,
            -1 => self.down,
            _ => self.text,
        }
    }

    /// Colour of the average over `period` bars, the `place`th of those shown.
    pub fn average(&self, period: u16, place: usize) -> Color32 {
        let own = self.own_averages.iter().find(|(p, _)| *p == period);
        if let Some((_, color)) = own {
            return *color;
        }
        let known = [5, 20, 60, 120, 240].iter().position(|&p| p == period);
        self.averages[known.unwrap_or(place) % self.averages.len()]
    }

    /// The hovered version of a row.
    pub fn hovered_row(&self) -> Color32 {
        veil(self.secondary, if self.dark { 0.07 } else { 0.06 })
    }

    /// The selected version of a row.
    pub fn selected_row(&self) -> Color32 {
        veil(self.accent, self.selection)
    }

    /// The tint of a price that has just changed.
    pub fn flash(&self, change: i64) -> Color32 {
        veil(self.direction(change), if self.dark { 0.12 } else { 0.09 })
    }

    /// Diagonal lines over a row that cannot be judged now.
    pub fn hatch(&self) -> Color32 {
        veil(self.faint, 0.35)
    }

    /// Placeholder bars while something loads.
    pub fn skeleton(&self) -> Color32 {
        veil(self.faint, 0.18)
    }

    /// A one-pixel line.
    pub fn line(&self) -> Stroke {
        Stroke::new(1.0, self.hairline)
    }

    /// Makes egui's own widgets look like this.
    pub fn apply(&self, ctx: &egui::Context) {
        let theme = if self.dark {
            egui::Theme::Dark
        } else {
            egui::Theme::Light
        };
        ctx.set_theme(theme);
        ctx.data_mut(|data| data.insert_temp(applied(), Arc::new(self.clone())));
        ctx.all_styles_mut(|style| {
            style.visuals = self.visuals();
            for font in style.text_styles.values_mut() {
                *font = fonts::regular(BODY);
            }
            if let Some(small) = style.text_styles.get_mut(&egui::TextStyle::Small) {
                small.size = SMALL;
            }
            if let Some(heading) = style.text_styles.get_mut(&egui::TextStyle::Heading) {
                *heading = fonts::bold(TITLE);
            }
            style.spacing.item_spacing = egui::vec2(8.0, 4.0);
            style.spacing.button_padding = egui::vec2(8.0, 4.0);
            style.spacing.interact_size.y = 24.0;
            style.spacing.icon_spacing = 6.0;
            style.spacing.window_margin = Margin::same(0);
            style.spacing.scroll.bar_width = 8.0;
            style.interaction.selectable_labels = false;
            style.animation_time = 0.0;
        });
    }

    fn visuals(&self) -> Visuals {
        let mut v = if self.dark {
            Visuals::dark()
        } else {
            Visuals::light()
        };
        let corner = CornerRadius::same(4);
        let look = |fill, line: Color32, text| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(1.0, line),
            corner_radius: corner,
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        v.widgets.noninteractive = look(self.panel, self.hairline, self.text);
        v.widgets.inactive = look(self.raised, self.edge, self.text);
        v.widgets.hovered = look(self.raised, self.secondary, self.text);
        v.widgets.active = look(self.hairline, self.accent, self.text);
        v.widgets.open = look(self.raised, self.faint, self.text);
        // The name of what is chosen stands on the ground of the choice. A field with the focus is
        // framed in the same colour.
        let chosen = match self.dark {
            true => self.accent,
            false => self.accent.lerp_to_gamma(self.text, 0.5),
        };
        v.selection.bg_fill = veil(self.accent, 0.25);
        v.selection.stroke = Stroke::new(1.0, chosen);
        v.hyperlink_color = self.accent;
        v.weak_text_color = Some(self.secondary);
        v.extreme_bg_color = self.background;
        v.text_edit_bg_color = Some(self.background);
        v.faint_bg_color = self.panel;
        v.warn_fg_color = self.text;
        v.error_fg_color = self.trouble;
        v.panel_fill = self.panel;
        v.window_fill = self.background;
        v.window_stroke = self.line();
        v.window_corner_radius = corner;
        v.window_shadow = Shadow::NONE;
        v.popup_shadow = Shadow::NONE;
        v.menu_corner_radius = corner;
        v
    }
}

fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// `color`, so transparent that a share of it remains.
fn veil(color: Color32, share: f32) -> Color32 {
    let alpha = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
    Color32::from_rgba_unmultiplied(color.r(), color.g(), color.b(), alpha)
}

/// Relative luminance, as the Web Content Accessibility Guidelines 2.1 define it.
fn luminance(c: Color32) -> f64 {
    let part = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.03928 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(c.r()) + 0.7152 * part(c.g()) + 0.0722 * part(c.b())
}

/// Contrast of two colours, 1 to 21, as the Web Content Accessibility Guidelines 2.1 define it.
pub(crate) fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_read() {
        let grounds = [Theme::dark(), Theme::light(), Theme::high_contrast()];
        let colors = [
            PriceColors::RedUp,
            PriceColors::GreenUp,
            PriceColors::ColorBlind,
        ];
        let all = grounds
            .into_iter()
            .flat_map(|t| colors.map(|c| t.clone().with_prices(c)));
        for t in all {
            let mut pairs = vec![
                (t.on_signal, t.signal),
                (t.on_alarm, t.alarm),
                (t.text, t.demo_ground),
            ];
            for ground in [t.background, t.panel] {
                for text in [
                    t.text,
                    t.secondary,
                    t.faint,
                    t.up,
                    t.down,
                    t.trouble,
                    t.accent,
                ] {
                    for row in [Color32::TRANSPARENT, t.hovered_row(), t.selected_row()] {
                        pairs.push((text, ground.blend(row)));
                    }
                }
                // What is chosen, and text being selected.
                let chosen = t.visuals().selection;
                pairs.push((chosen.stroke.color, ground.blend(chosen.bg_fill)));
            }
            for row in [Color32::TRANSPARENT, t.hovered_row(), t.selected_row()] {
                let ground = t.background.blend(row);
                for change in [1, -1] {
                    pairs.push((t.direction(change), ground.blend(t.flash(change))));
                }
            }
            for (ground, bar) in [(t.ask_ground, t.ask_bar), (t.bid_ground, t.bid_bar)] {
                let ground = t.panel.blend(ground);
                for text in [t.text, t.secondary] {
                    pairs.push((text, ground));
                    pairs.push((text, ground.blend(bar)));
                }
                pairs.push((t.up, ground));
                pairs.push((t.down, ground));
            }
            // Outlines need less: guideline 1.4.11.
            for ground in [t.background, t.panel] {
                let ratio = contrast(t.edge, ground);
                assert!(3.0 <= ratio, "{:?} on {ground:?}: {ratio:.2}", t.edge);
            }
            for (text, ground) in pairs {
                let ratio = contrast(text, ground);
                assert!(4.5 <= ratio, "{text:?} on {ground:?}: {ratio:.2}");
            }
        }
    }
}
