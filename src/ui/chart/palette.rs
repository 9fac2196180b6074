//! The chart's colours. The theme fills them; these are the defaults.

use egui::Color32;

/// Every colour the chart uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartPalette {
    /// Ground of plot and gutters.
    pub background: Color32,
    /// Borders of the panes.
    pub hairline: Color32,
    /// Session changes.
    pub session: Color32,
    /// Price and time grid, fainter than the hairlines.
    pub grid: Color32,
    /// Rising candles.
    pub up: Color32,
    /// Falling candles.
    pub down: Color32,
    /// Main text: dates, crosshair tags.
    pub text: Color32,
    /// Gutter labels and unchanged candles.
    pub secondary: Color32,
    /// Bars without a trade.
    pub faint: Color32,
    /// Arrows and 성립가.
    pub signal: Color32,
    /// Contour of the arrows where yellow alone would not stand out.
    pub signal_outline: Option<Color32>,
    /// Text of the 성립가 tag.
    pub signal_text: Color32,
    /// One colour per average, shortest period first; they repeat.
    pub averages: Vec<Color32>,
    /// Crosshair lines.
    pub crosshair: Color32,
    /// Ground of the crosshair's tags.
    pub crosshair_tag: Color32,
    /// Text of the crosshair's tags.
    pub crosshair_text: Color32,
    /// Ground of the tag of a last price that rose; text in this colour can be read too.
    pub tag_up: Color32,
    /// Ground of the tag of a last price that fell.
    pub tag_down: Color32,
    /// Text on the tag of the last price.
    pub tag_text: Color32,
    /// Ring around the chart while the keyboard drives it.
    pub focus: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl ChartPalette {
    /// On a dark ground.
    pub fn dark() -> Self {
        Self {
            background: rgb(0x0E1116),
            hairline: rgb(0x262F3D),
            session: rgb(0x262F3D),
            grid: rgb(0x181E28),
            up: rgb(0xF04452),
            down: rgb(0x3182F6),
            text: rgb(0xE8ECF3),
            secondary: rgb(0xA3ADBD),
            faint: rgb(0x7C879A),
            signal: rgb(0xFFC83D),
            signal_outline: None,
            signal_text: rgb(0xFFC83D),
            averages: [0xF472B6, 0xF5B83D, 0x34C77B, 0xA78BFA, 0x94A3B8]
                .map(rgb)
                .to_vec(),
            crosshair: rgb(0x7C879A),
            crosshair_tag: rgb(0x2F3949),
            crosshair_text: rgb(0xE8ECF3),
            tag_up: rgb(0xFF6E78),
            tag_down: rgb(0x609AFF),
            tag_text: rgb(0x0E1116),
            focus: rgb(0x6EA8FE),
        }
    }

    /// On a light ground.
    pub fn light() -> Self {
        Self {
            background: rgb(0xFFFFFF),
            hairline: rgb(0xE3E7ED),
            session: rgb(0xE3E7ED),
            grid: rgb(0xF1F3F6),
            up: rgb(0xE42939),
            down: rgb(0x1B64DA),
            text: rgb(0x191F28),
            secondary: rgb(0x4E5968),
            faint: rgb(0x6B7684),
            signal: rgb(0xFFC83D),
            signal_outline: Some(rgb(0x8A6100)),
            signal_text: rgb(0x8A6100),
            averages: [0xC026D3, 0xB45309, 0x15803D, 0x7C3AED, 0x475569]
                .map(rgb)
                .to_vec(),
            crosshair: rgb(0x6B7684),
            crosshair_tag: rgb(0x4E5968),
            crosshair_text: rgb(0xFFFFFF),
            tag_up: rgb(0xC21829),
            tag_down: rgb(0x1557C2),
            tag_text: rgb(0xFFFFFF),
            focus: rgb(0x1B64DA),
        }
    }

    /// The colour of the average at `place` among the periods.
    pub(super) fn average(&self, place: usize) -> Color32 {
        match self.averages.len() {
            0 => self.secondary,
            count => self.averages[place % count],
        }
    }
}

impl Default for ChartPalette {
    fn default() -> Self {
        Self::dark()
    }
}

/// `part` of `a` and the rest of `b`.
pub(super) fn mix(a: Color32, b: Color32, part: f32) -> Color32 {
    b.lerp_to_gamma(a, part)
}
