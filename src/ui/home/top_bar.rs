//! The bar at the top: home, add field, clock, link, requests, badge, mute.

use egui::{
    Align, Align2, Color32, Layout, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};

use crate::engine::{Badge, Command, Delay, LinkState, MarketPhase, RestView, Snapshot};

use crate::ui::paint::{self, Icon, icon_button, signal_button};
use crate::ui::rules::RulesAsk;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, words};

use super::{HomeContext, HomeOutcome, HomeView, add_field};

/// What stands in the bar beside the search field, the link and the clock, with the gaps, points.
const OTHERS: f32 = 380.0;
/// Room for the market's time with the gap before it, points.
const TIME: f32 = 66.0;
/// Room for the market's phase, points; only longer words take more.
const PHASE: f32 = 92.0;

/// Draws the bar. Where room is short the least important parts go first.
pub(super) fn top_bar_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    context: &HomeContext<'_>,
    out: &mut HomeOutcome,
) {
    let theme = context.theme;
    let width = ui.available_width();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        if icon_button(ui, Icon::Home, t!("홈으로 (Alt+Home)"), theme).clicked() {
            view.go_home();
        }
        // It gives way before the market's phase does.
        let words = link_width(ui, snapshot) + TIME + phase_width(ui, snapshot);
        let field = (width - OTHERS - words).clamp(90.0, 240.0);
        let found = add_field::add_field_ui(ui, snapshot, &mut view.add, view.group, field, theme);
        for command in &found {
            if let Command::Watch { code, .. } = command {
                view.table.cursor.wait_for(*code);
            }
        }
        out.commands.extend(found);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            right_side(ui, snapshot, view, context, out, width);
        });
    });
}

fn right_side(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    context: &HomeContext<'_>,
    out: &mut HomeOutcome,
    width: f32,
) {
    let theme = context.theme;
    let muted = snapshot.muted;
    let bell = if muted {
        t!("창 올리기 켜기")
    } else {
        t!("창 올리기 끄기")
    };
    if icon_button(ui, Icon::Bell { muted }, bell, theme).clicked() {
        out.commands.push(Command::Mute(!muted));
    }
    let name = t!("조건 (Ctrl+R)");
    if 420.0 < width && icon_button(ui, Icon::Rules, name, theme).clicked() {
        view.rules = Some(RulesAsk::List);
    }
    let name = t!("설정 (Ctrl+,)");
    if 360.0 < width && icon_button(ui, Icon::Sliders, name, theme).clicked() {
        out.preferences = true;
    }
    if 420.0 < width {
        badge(ui, snapshot.badge, theme);
    }
    if 620.0 < width && requests(ui, &snapshot.rest, view.show_requests, theme).clicked() {
        view.show_requests = !view.show_requests;
    }
    if 0 < context.held {
        let text = t!("다음 신호 %{held}", held = context.held);
        if signal_button(ui, &text, theme).clicked() {
            out.next_signal = true;
        }
    } else if 900.0 < width && 0 < snapshot.unread && view.hide_signals {
        let text = t!("안 읽은 신호 %{unread}", unread = snapshot.unread);
        if ui.button(text).clicked() {
            view.hide_signals = false;
        }
    }
    link(ui, snapshot, theme);
    if let Some(ms) = snapshot.clock_offset_ms {
        clock_offset(ui, ms, theme);
    }
    if 500.0 < width {
        clock(ui, snapshot, theme);
    }
}

/// The market's time, and before it the market's phase where the other parts leave it room.
fn clock(ui: &mut Ui, snapshot: &Snapshot, theme: &Theme) {
    let (name, next) = words::phase(snapshot.phase, snapshot.now);
    let color = match snapshot.phase {
        MarketPhase::Closed { .. } => theme.faint,
        _ => theme.secondary,
    };
    let time = snapshot.now.clock_text();
    let wide = TIME + phase_width(ui, snapshot);
    let phased = wide <= ui.available_width();
    let width = if phased { wide } else { TIME };
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    let spoken = format!("{name} {time}, {next}");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let p = ui.painter();
    let y = rect.center().y;
    let bold = fonts::bold(theme::BODY);
    paint::right(p, rect.right(), y, &time, bold, theme.text);
    if phased {
        let font = fonts::regular(theme::BODY);
        paint::right(p, rect.right() - TIME, y, name, font, color);
    }
    response.on_hover_text(next);
}

/// Room for the market's phase: the same for all that are not long, so that nothing jumps.
fn phase_width(ui: &Ui, snapshot: &Snapshot) -> f32 {
    let (name, _) = words::phase(snapshot.phase, snapshot.now);
    PHASE.max(text_width(ui, name) + 4.0)
}

/// Room for the link's light and its words.
fn link_width(ui: &Ui, snapshot: &Snapshot) -> f32 {
    (text_width(ui, &words::link(&snapshot.link)) + 16.0).max(56.0)
}

fn text_width(ui: &Ui, text: &str) -> f32 {
    paint::width(ui.painter(), text, fonts::regular(theme::BODY))
}

/// The machine's clock is wrong by more than a bar's close can bear.
fn clock_offset(ui: &mut Ui, ms: i64, theme: &Theme) {
    let size = format::delay(ms.abs());
    // The broker's clock minus the machine's.
    let word = if 0 < ms { t!("늦음") } else { t!("빠름") };
    let text = t!("PC 시계 %{size} %{word}", size = size, word = word);
    let font = fonts::bold(theme::SMALL);
    let tip = t!("이 컴퓨터의 시계가 증권사 시각과 다릅니다. 운영체제의 시간 자동 맞춤을 켜세요");
    ui.label(paint::rich(&text, font, theme.text))
        .on_hover_text(tip);
}

fn link(ui: &mut Ui, snapshot: &Snapshot, theme: &Theme) {
    let text = words::link(&snapshot.link);
    // Shape and words tell the states apart, colour only helps.
    let (color, filled) = match snapshot.link.state {
        LinkState::Live if snapshot.link.delay.is_some() => (theme.trouble, true),
        LinkState::Live => (theme.averages[2], true),
        LinkState::Connecting | LinkState::Reconnecting => (theme.trouble, false),
        LinkState::Closed => (theme.faint, true),
    };
    let galley = ui
        .painter()
        .layout_no_wrap(text.clone(), fonts::regular(theme::BODY), theme.text);
    let size = vec2(link_width(ui, snapshot), 24.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, t!("실시간 연결: %{text}", text = text))
    });
    let center = pos2(rect.left() + 5.0, rect.center().y);
    if filled {
        paint::dot(ui.painter(), center, color);
    } else {
        ui.painter()
            .circle_stroke(center, 4.0, egui::Stroke::new(2.0, color));
    }
    let at = pos2(rect.left() + 14.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, theme.text);
    let since = snapshot.link.since.clock_text();
    let tip = match &snapshot.link.reason {
        Some(reason) => t!("%{reason} (%{since}부터)", reason = reason, since = since),
        None => t!("%{since}부터", since = since),
    };
    let delay = snapshot.link.delay.map(|delay| match delay {
        Delay::Late { .. } => t!("연결은 되어 있지만 체결과 호가가 거래소의 시각보다 늦게 옵니다"),
        Delay::Silent { .. } => {
            t!("연결은 되어 있지만 그동안 아무것도 오지 않았습니다. 계속되면 다시 연결합니다")
        }
    });
    response.on_hover_text(match delay {
        Some(delay) => format!("{delay}\n{tip}"),
        None => tip,
    });
}

/// The requests of the last second against the permitted rate, with a spark of the last ones.
fn requests(ui: &mut Ui, rest: &RestView, open: bool, theme: &Theme) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(128.0, 24.0), Sense::click());
    let now = rest.seconds.last().map_or(0, |s| s.0);
    let budget = format!("{now}/{}", rate(rest.permitted));
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::Button,
            true,
            open,
            t!("요청 %{budget}, 자세히 보기", budget = budget),
        )
    });
    let p = ui.painter();
    if open || response.hovered() {
        p.rect_filled(rect, 4.0, theme.hovered_row());
    }
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    let y = rect.center().y;
    let font = fonts::regular(theme::BODY);
    paint::left(
        p,
        rect.left() + 4.0,
        y,
        30.0,
        t!("요청"),
        font.clone(),
        theme.secondary,
    );
    paint::right(p, rect.left() + 76.0, y, &budget, font, theme.text);
    let bars = 12;
    let from = rest.seconds.len().saturating_sub(bars);
    let top = rest.permitted.max(1.0) as f32;
    for (i, (sent, refused)) in rest.seconds[from..].iter().enumerate() {
        let x = rect.left() + 80.0 + i as f32 * 3.5;
        let bar = |count: u32, color: Color32| {
            let height = (count as f32 / top).min(1.0) * 14.0;
            let low = rect.bottom() - 5.0;
            let rect = Rect::from_min_max(pos2(x, low - height.max(1.0)), pos2(x + 2.5, low));
            p.rect_filled(rect, 0.0, color);
        };
        bar(*sent, theme.secondary);
        if 0 < *refused {
            bar(*refused, theme.trouble);
        }
    }
    response.on_hover_text(t!("지난 1초에 보낸 요청 %{now}건, 허용 초당 %{permitted}건 · 거절 %{refused} · 실패 %{failed}", now = now, permitted = rate(rest.permitted), refused = rest.refused, failed = rest.failed))
}

/// `18`, `0.9`.
fn rate(permitted: f64) -> String {
    if permitted.fract() < 0.05 {
        format!("{permitted:.0}")
    } else {
        format!("{permitted:.1}")
    }
}

fn badge(ui: &mut Ui, badge: Badge, theme: &Theme) {
    let text = words::badge(badge);
    let (rect, response) = ui.allocate_exact_size(vec2(40.0, 22.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let (ground, color) = match badge {
        Badge::Real => (theme.text, theme.background),
        Badge::Paper => (theme.raised, theme.text),
        Badge::Demo => (theme.demo_ground, theme.text),
    };
    ui.painter().rect_filled(rect, 4.0, ground);
    ui.painter()
        .rect_stroke(rect, 4.0, theme.line(), egui::StrokeKind::Inside);
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        text,
        fonts::bold(theme::SMALL),
        color,
    );
    response.on_hover_text(match badge {
        Badge::Real => t!("실전 서버의 시세"),
        Badge::Paper => t!(
            "모의투자 서버의 시세. 모의투자는 과거 분봉, 여러 종목의 시세를 한 번에 조회하기, 휴장일, NXT·통합 실시간 시세를 주지 않습니다. 그래서 오늘 분봉만 쓰고, 종목마다 따로 조회하고, 프로그램에 든 달력을 씁니다."
        ),
        Badge::Demo => t!("가상 시세: 모든 가격은 만들어 낸 것입니다"),
    });
}
