//! 시스템: the program on the desktop. 정보: what it is.

use egui::Ui;

use crate::engine::Badge;
use crate::settings::{Change, OnClose};

use super::{Around, Changed, note, title};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

pub(super) fn system_ui(ui: &mut Ui, around: &Around<'_>, changed: &mut Changed) {
    let theme = around.theme;
    let mut desktop = around.kept.settings.desktop;
    title(ui, t!("시작"), theme);
    let can = around.kept.can_autostart;
    let start = t!("컴퓨터를 켤 때 함께 시작");
    ui.add_enabled_ui(can, |ui| ui.checkbox(&mut desktop.autostart, start));
    if !can {
        note(
            ui,
            t!("이 실행에서는 바꿀 수 없습니다. 운영체제의 시작 프로그램 설정을 쓰세요."),
            theme,
        );
    }
    title(ui, t!("홈 창을 닫으면"), theme);
    let closings = [
        (OnClose::Ask, t!("물어봄")),
        (OnClose::Background, t!("최소화한 채 계속 감시")),
        (OnClose::Quit, t!("끝내기")),
    ];
    for (choice, name) in closings {
        ui.radio_value(&mut desktop.on_close, choice, name);
    }
    if around.badge == Badge::Demo {
        note(ui, t!("데모는 묻지 않고 끝납니다."), theme);
    }
    title(ui, t!("절전"), theme);
    let awake = t!("장중에 조건을 감시하는 동안 저절로 절전에 들어가지 않게 함");
    ui.checkbox(&mut desktop.keep_awake, awake);
    if desktop != around.kept.settings.desktop {
        changed.settings.push(Change::Desktop(desktop));
    }
    title(ui, t!("파일"), theme);
    let places = [
        (t!("설정 파일"), &around.kept.config),
        (t!("데이터 폴더"), &around.kept.data_dir),
    ];
    for (name, place) in places.into_iter().filter(|(_, place)| !place.is_empty()) {
        note(ui, name, theme);
        ui.horizontal(|ui| {
            let copy = ui.button(t!("복사"));
            copy.widget_info(|| {
                let text = t!("%{name} 경로 복사", name = name);
                egui::WidgetInfo::labeled(egui::Role::Button, true, text)
            });
            if copy.clicked() {
                ui.ctx().copy_text(place.clone());
            }
            let font = fonts::regular(theme::SMALL);
            let text = paint::rich(place, font, theme.text);
            ui.add(egui::Label::new(text).truncate())
                .on_hover_text(place);
        });
    }
}

/// What is linked into the program, a crate a line with its licence: `.ci/licences` writes it, and
/// fails where it is not up to date.
const LIBRARIES: &str = include_str!("../../../assets/third-party.txt");

pub(super) fn about_ui(ui: &mut Ui, theme: &Theme) {
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
    title(ui, t!("포함된 라이브러리와 라이선스"), theme);
    note(
        ui,
        t!("라이선스 전문은 함께 설치된 third-party-licences.txt에 있습니다."),
        theme,
    );
    note(ui, LIBRARIES.trim_end(), theme);
}
