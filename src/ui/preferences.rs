//! The settings in the window: the look, and what the program is.

use egui::{Context, Id, Modal, Ui};

use crate::settings::{LanguageChoice, PriceColors, ScreenSettings, Theme as Ground};

use super::theme::{self, Theme};
use super::{fonts, paint};

/// What the panel remembers.
#[derive(Default)]
pub(crate) struct Preferences {
    pub(crate) open: bool,
    about: bool,
}

/// Draws the panel while it is open; the look the user chose, if it changed.
pub(crate) fn preferences_ui(
    ctx: &Context,
    view: &mut Preferences,
    screen: &ScreenSettings,
    theme: &Theme,
) -> Option<ScreenSettings> {
    if !view.open {
        return None;
    }
    let mut chosen = screen.clone();
    let room = ctx.content_rect();
    let shown = Modal::new(Id::unique("preferences")).show(ctx, |ui| {
        ui.set_width((room.width() - 64.0).clamp(200.0, 440.0));
        egui::Frame::new().inner_margin(16.0).show(ui, |ui| {
            let mut close = false;
            ui.horizontal(|ui| {
                for (name, about) in [(t!("화면"), false), (t!("정보"), true)] {
                    let font = fonts::bold(theme::TITLE);
                    let text = paint::rich(name, font, theme.text);
                    ui.selectable_value(&mut view.about, about, text);
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    close = paint::icon_button(ui, paint::Icon::Close, t!("설정 닫기"), theme)
                        .clicked();
                });
            });
            ui.add_space(8.0);
            let height = (room.height() - 120.0).max(60.0);
            egui::ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .show(ui, |ui| match view.about {
                    false => screen_ui(ui, &mut chosen, theme),
                    true => about_ui(ui, theme),
                });
            close
        })
    });
    if shown.should_close() || shown.inner.inner {
        view.open = false;
    }
    (chosen != *screen).then_some(chosen)
}

fn screen_ui(ui: &mut Ui, screen: &mut ScreenSettings, theme: &Theme) {
    let head = |ui: &mut Ui, text: &str| {
        ui.add_space(8.0);
        ui.label(paint::rich(text, fonts::bold(theme::BODY), theme.secondary));
    };
    head(ui, t!("언어"));
    // Each language by its own name: whoever cannot read the screen finds theirs.
    let languages = [
        (LanguageChoice::Korean, "한국어"),
        (LanguageChoice::English, "English"),
        (LanguageChoice::System, t!("시스템 설정대로")),
    ];
    ui.horizontal_wrapped(|ui| {
        for (language, name) in languages {
            ui.radio_value(&mut screen.language, language, name);
        }
    });
    head(ui, t!("바탕"));
    let grounds = [
        (Ground::Dark, t!("어둡게")),
        (Ground::Light, t!("밝게")),
        (Ground::System, t!("시스템 설정대로")),
        (Ground::HighContrast, t!("고대비")),
    ];
    ui.horizontal_wrapped(|ui| {
        for (ground, name) in grounds {
            ui.radio_value(&mut screen.theme, ground, name);
        }
    });
    head(ui, t!("상승·하락 색"));
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
    head(ui, t!("움직임"));
    let still = t!("깜박임 줄이기: 신호가 난 줄과 화살표를 깜박이지 않고 계속 켭니다");
    ui.checkbox(&mut screen.reduced_motion, still);
    head(ui, t!("글자와 화면 크기"));
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
    let font = fonts::regular(theme::SMALL);
    let where_kept = t!("바꾼 설정은 설정 파일의 [screen]에 적습니다. 데모에서는 적지 않습니다.");
    ui.label(paint::rich(where_kept, font, theme.secondary));
}

fn about_ui(ui: &mut Ui, theme: &Theme) {
    let lines = [
        (true, concat!("정배 ", env!("CARGO_PKG_VERSION"))),
        (
            false,
            t!(
                "한국투자증권 Open API로 관심 종목을 지켜보다가, 정한 조건이 맞는 순간 알려 줍니다. 주문은 내지 않습니다."
            ),
        ),
        (true, t!("투자 권유가 아닙니다")),
        (
            false,
            t!(
                "사용자가 정한 조건을 보여 줄 뿐입니다. 프로그램이나 시세가 틀리거나 늦거나 멈출 수 있습니다. 사고파는 결정과 그 결과는 모두 투자자 본인의 책임입니다. 한국투자증권과는 관계가 없습니다."
            ),
        ),
        (true, t!("라이선스")),
        (
            false,
            t!(
                "MIT 또는 Apache-2.0 가운데 골라 쓸 수 있습니다. 글꼴 Jeongbae UI는 Pretendard에서 필요한 글자만 추린 것으로, SIL Open Font License 1.1을 따릅니다."
            ),
        ),
    ];
    for (is_title, text) in lines {
        let (font, color) = match is_title {
            true => (fonts::bold(theme::BODY), theme.text),
            false => (fonts::regular(theme::BODY), theme.secondary),
        };
        ui.add(egui::Label::new(paint::rich(text, font, color)).wrap());
        ui.add_space(if is_title { 2.0 } else { 10.0 });
    }
}
