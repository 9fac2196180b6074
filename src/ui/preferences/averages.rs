//! 봉·평균: the timeframes of the watchlist, the periods of averages and their colours.

use egui::{
    Color32, Popup, PopupCloseBehavior, Response, Role, Sense, StrokeKind, TextEdit, Ui,
    WidgetInfo, vec2,
};

use crate::domain::Timeframe;
use crate::settings::{Change, ScreenSettings, periods_in};

use super::{Around, Changed, complaint, field, note, title};
use crate::ui::theme::{self, Theme};
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

/// Colours to choose from without knowing their numbers; each can be read on a dark and, most of
/// them, on a light ground.
const OFFERED: [[u8; 3]; 12] = [
    [0xFF, 0xC8, 0x3D],
    [0xFF, 0x9F, 0x43],
    [0xFF, 0x6B, 0x6B],
    [0xE8, 0x4A, 0x8A],
    [0xB9, 0x7C, 0xFF],
    [0x7A, 0x8C, 0xFF],
    [0x4A, 0xA3, 0xFF],
    [0x3D, 0xD6, 0xC4],
    [0x3C, 0xB3, 0x71],
    [0x9A, 0xCD, 0x32],
    [0xA9, 0x8B, 0x6F],
    [0x9A, 0xA4, 0xB2],
];

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
        let name = t!("%{n}이동평균", n = period);
        let button = swatch(ui, shown, &t!("%{name} 색", name = name), theme);
        let picked = Popup::menu(&button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| choice_ui(ui, shown, &name, theme));
        if let Some(color) = picked.and_then(|shown| shown.inner) {
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

/// A button filled with its colour.
fn swatch(ui: &mut Ui, color: Color32, name: &str, theme: &Theme) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(34.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let p = ui.painter();
    p.rect(rect, 3.0, color, theme.line(), StrokeKind::Inside);
    if response.has_focus() || response.hovered() {
        paint::focus_ring(p, rect, theme);
    }
    response
}

/// Colours to press, and a line for the number of any other. What is typed stands until the line
/// is left. Returns what was chosen.
fn choice_ui(ui: &mut Ui, shown: Color32, name: &str, theme: &Theme) -> Option<[u8; 3]> {
    let mut chosen = None;
    for row in OFFERED.chunks(6) {
        ui.horizontal(|ui| {
            for &[r, g, b] in row {
                let color = Color32::from_rgb(r, g, b);
                if swatch(ui, color, &number([r, g, b]), theme).clicked() {
                    chosen = Some([r, g, b]);
                }
            }
        });
    }
    let id = ui.scope_id().with("typed");
    let typed: Option<String> = ui.data(|data| data.get_temp(id));
    let mut text = typed.unwrap_or_else(|| number([shown.r(), shown.g(), shown.b()]));
    let edit = TextEdit::singleline(&mut text)
        .desired_width(90.0)
        .char_limit(7);
    let edit = ui
        .add(edit)
        .accessible_name(t!("%{name} 색 번호", name = name));
    match number_in(text.trim()) {
        Some(color) if edit.changed() => chosen = Some(color),
        Some(_) => {}
        None => complaint(ui, t!("#과 여섯 자리로 적으세요. 예: #FFC83D"), theme),
    }
    // Asked before the memory is taken: asking inside would wait for itself for ever.
    let typing = edit.has_focus();
    ui.data_mut(|data| match typing {
        true => {
            data.insert_temp(id, text);
        }
        false => data.remove::<String>(id),
    });
    chosen
}

/// `#FFC83D`.
fn number([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Red, green and blue of `#FFC83D`.
fn number_in(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let all = u32::from_str_radix(digits, 16).ok()?;
    let [_, r, g, b] = all.to_be_bytes();
    digits
        .chars()
        .all(|c| c.is_ascii_hexdigit())
        .then_some([r, g, b])
}
