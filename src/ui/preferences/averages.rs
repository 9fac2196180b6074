//! 봉·평균: the timeframes of the watchlist, the periods of averages and their colours.

use egui::Ui;

use crate::domain::Timeframe;
use crate::settings::{Change, ScreenSettings, periods_in};

use super::{Around, Changed, complaint, field, note, title};
use crate::ui::theme;
use crate::ui::{fonts, paint};

/// What has been typed; `None` before the section was looked at.
#[derive(Default)]
pub(super) struct Form(Option<String>);

pub(super) fn averages_ui(
    ui: &mut Ui,
    form: &mut Form,
    around: &Around<'_>,
    screen: &mut ScreenSettings,
    changed: &mut Changed,
) {
    let theme = around.theme;
    title(ui, t!("관심 종목 표에 배열을 보일 봉"), theme);
    ui.horizontal_wrapped(|ui| {
        for frame in Timeframe::ALL {
            let mut shown = screen.columns.contains(&frame);
            if ui.toggle_value(&mut shown, frame.name()).clicked() {
                screen.columns.retain(|known| *known != frame);
                if shown {
                    screen.columns.push(frame);
                    screen.columns.sort_by_key(|frame| frame.index());
                }
            }
        }
    });
    note(
        ui,
        t!("새로 고른 봉의 지난 봉은 요청 한도가 남는 대로 받습니다."),
        theme,
    );
    title(ui, t!("이동평균"), theme);
    let periods = &around.kept.settings.averages;
    let written = || {
        periods
            .iter()
            .map(u16::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let text = form.0.get_or_insert_with(written);
    let check = |text: &str| {
        periods_in(text).ok_or_else(|| {
            t!("1부터 999까지의 서로 다른 수를 2개에서 8개까지 쉼표로 나누어 적으세요. 예: 20, 60, 120, 240").to_owned()
        })
    };
    if let Some(new) = field(ui, t!("기간(봉)"), text, theme, check)
        && new != *periods
    {
        changed.settings.push(Change::Averages(new));
    }
    note(
        ui,
        t!(
            "기간을 바꾸면 따로 기간을 정하지 않은 정배열 조건은 새 조건이 되어, 그때부터 판정합니다."
        ),
        theme,
    );
    title(ui, t!("평균선 색"), theme);
    for (place, &period) in periods.iter().enumerate() {
        color_ui(ui, around, screen, period, place);
    }
}

fn color_ui(
    ui: &mut Ui,
    around: &Around<'_>,
    screen: &mut ScreenSettings,
    period: u16,
    place: usize,
) {
    let theme = around.theme;
    let shown = theme.average(period, place);
    let own = screen.average_colors.iter().position(|(p, _)| *p == period);
    ui.horizontal(|ui| {
        let mut color = [shown.r(), shown.g(), shown.b()];
        let name = t!("%{n}이동평균", n = period);
        let picker = ui.color_edit_button_srgb(&mut color);
        picker.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, t!("%{name} 색", name = name))
        });
        // egui shows the focus of every button but this one.
        if picker.has_focus() {
            paint::focus_ring(ui.painter(), picker.rect, theme);
        }
        if picker.changed() {
            match own {
                Some(at) => screen.average_colors[at].1 = color,
                None => screen.average_colors.push((period, color)),
            }
            screen.average_colors.sort_unstable();
        }
        ui.label(paint::rich(&name, fonts::regular(theme::BODY), shown));
        if let Some(at) = own
            && ui.button(t!("원래 색")).clicked()
        {
            screen.average_colors.remove(at);
        }
    });
    if theme::contrast(shown, theme.background) < 3.0 {
        complaint(ui, t!("바탕색과 잘 구별되지 않습니다"), theme);
    }
}
