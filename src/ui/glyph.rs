//! The alignment glyph: four short bars in the averages' order, drawn.

use egui::{Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::indicators::Alignment;

use super::theme::Theme;

/// Size of the glyph.
pub(crate) const SIZE: egui::Vec2 = vec2(19.0, 14.0);

/// Draws the glyph of `state` centred on `at`. The shortest average stands at the left: in
/// 정배열 it lies highest, so the bars rise from right to left.
pub(crate) fn draw(p: &Painter, at: Pos2, state: Alignment, theme: &Theme, plain: bool) {
    let heights: [f32; 4] = match state {
        Alignment::Bullish => [13.0, 10.0, 7.0, 4.0],
        Alignment::Bearish => [4.0, 7.0, 10.0, 13.0],
        Alignment::Mixed => [8.0, 4.0, 10.0, 6.0],
        Alignment::Unknown => [5.0; 4],
    };
    let color = match state {
        _ if plain => theme.on_signal,
        Alignment::Bullish => theme.up,
        Alignment::Bearish => theme.down,
        Alignment::Mixed | Alignment::Unknown => theme.faint,
    };
    let corner = pos2((at.x - SIZE.x / 2.0).round(), (at.y + SIZE.y / 2.0).round());
    for (i, height) in heights.into_iter().enumerate() {
        let left = corner.x + i as f32 * 5.0;
        let bar = Rect::from_min_max(pos2(left, corner.y - height), pos2(left + 4.0, corner.y));
        if state == Alignment::Unknown {
            p.rect_stroke(bar, 0.0, Stroke::new(1.0, color), StrokeKind::Inside);
        } else {
            p.rect_filled(bar, 0.0, color);
        }
    }
}
