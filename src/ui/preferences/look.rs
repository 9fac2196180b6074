//! 화면: language, colours, motion, size.

use egui::Ui;

use crate::settings::{LanguageChoice, PriceColors, ScreenSettings, Theme as Ground};

use super::{note, title};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

pub(super) fn look_ui(ui: &mut Ui, screen: &mut ScreenSettings, theme: &Theme) {
    title(ui, t!("언어"), theme);
    // Each language by its own name: whoever cannot read the screen finds theirs.
    let languages = [
        (LanguageChoice::Korean, "한국어"),
        (LanguageChoice::English, "English"),
        (LanguageChoice::System, t!("시스템 설정대로")),
    ];
    ui.horizontal_wrapped(|ui| {
        paint::choices(ui);
        for (language, name) in languages {
            ui.radio_value(&mut screen.language, language, name);
        }
    });
    title(ui, t!("바탕"), theme);
    let grounds = [
        (Ground::Dark, t!("어둡게")),
        (Ground::Light, t!("밝게")),
        (Ground::System, t!("시스템 설정대로")),
        (Ground::HighContrast, t!("고대비")),
    ];
    ui.horizontal_wrapped(|ui| {
        paint::choices(ui);
        for (ground, name) in grounds {
            ui.radio_value(&mut screen.theme, ground, name);
        }
    });
    title(ui, t!("상승·하락 색"), theme);
    let colors = [
        (PriceColors::RedUp, t!("빨강 상승, 파랑 하락")),
        (PriceColors::GreenUp, t!("초록 상승, 빨강 하락")),
        (
            PriceColors::ColorBlind,
            t!("주황 상승, 하늘 하락 (색각 이상에도 구별됨)"),
        ),
    ];
    for (choice, name) in colors {
        ui.radio_value(&mut screen.colors, choice, name);
    }
    title(ui, t!("움직임"), theme);
    let still = t!("깜박임 줄이기: 신호가 난 줄과 화살표를 깜박이지 않고 계속 켭니다");
    ui.checkbox(&mut screen.reduced_motion, still);
    title(ui, t!("글자와 화면 크기"), theme);
    ui.horizontal(|ui| {
        let (low, high) = ScreenSettings::FONT_SIZES.into_inner();
        if ui.button(t!("작게")).clicked() {
            screen.font_size = screen.font_size.saturating_sub(10).max(low);
        }
        let text = format!("{}%", screen.font_size);
        ui.label(paint::rich(&text, fonts::bold(theme::BODY), theme.text));
        if ui.button(t!("크게")).clicked() {
            screen.font_size = screen.font_size.saturating_add(10).min(high);
        }
        if screen.font_size != 100 && ui.button(t!("100%로")).clicked() {
            screen.font_size = 100;
        }
    });
    ui.add_space(8.0);
    let where_kept = t!("바꾼 설정은 설정 파일의 [screen]에 적습니다. 데모에서는 적지 않습니다.");
    note(ui, where_kept, theme);
}
