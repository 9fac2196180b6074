//! The chart's colours. The theme fills them; these are the defaults.

use egui::Color32;

/// Every colour the chart uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartPalette {
    /// Ground of plot and gutters.
    pub background: Color32,
    /// Borders of the panes and session changes.
    pub hairline: Color32,
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
            background: rgb(0x0E_11_16),
            hairline: rgb(0x26_2F_3D),
            grid: rgb(0x18_1E_28),
            up: rgb(0xF0_44_52),
            down: rgb(0x31_82_F6),
            text: rgb(0xE8_EC_F3),
            secondary: rgb(0xA3_AD_BD),
            faint: rgb(0x7C_87_9A),
            signal: rgb(0xFF_C8_3D),
            signal_outline: None,
            signal_text: rgb(0xFF_C8_3D),
            averages: [0xF4_72_B6, 0xF5_B8_3D, 0x34_C7_7B, 0xA7_8B_FA, 0x94_A3_B8]
                .map(rgb)
                .to_vec(),
            crosshair: rgb(0x7C_87_9A),
            crosshair_tag: rgb(0x2F_39_49),
            crosshair_text: rgb(0xE8_EC_F3),
            // Near-black on the candle colours reads better than white (5.1 against 3.6).
            tag_text: rgb(0x0E_11_16),
            focus: rgb(0x6E_A8_FE),
        }
    }

    /// On a light ground.
    pub fn light() -> Self {
        Self {
            background: rgb(0xFF_FF_FF),
            hairline: rgb(0xE3_E7_ED),
            grid: rgb(0xF1_F3_F6),
            up: rgb(0xE4_29_39),
            down: rgb(0x1B_64_DA),
            text: rgb(0x19_1F_28),
            secondary: rgb(0x4E_59_68),
            faint: rgb(0x6B_76_84),
            signal: rgb(0xFF_C8_3D),
            signal_outline: Some(rgb(0x8A_61_00)),
            signal_text: rgb(0x8A_61_00),
            averages: [0xC0_26_D3, 0xB4_53_09, 0x15_80_3D, 0x7C_3A_ED, 0x47_55_69]
                .map(rgb)
                .to_vec(),
            crosshair: rgb(0x6B_76_84),
            crosshair_tag: rgb(0x4E_59_68),
            crosshair_text: rgb(0xFF_FF_FF),
            tag_text: rgb(0xFF_FF_FF),
            focus: rgb(0x1B_64_DA),
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
