//! The chart in words, for screen readers and tests.

use egui::{Role, WidgetInfo};

use super::spec::ChartSpec;
use super::text::{grouped, spoken_time};
use crate::domain::Stage;

/// Arrows named one by one.
const NAMED: usize = 3;

pub(super) fn widget_info(spec: &ChartSpec<'_>) -> WidgetInfo {
    WidgetInfo::labeled(Role::Image, true, label(spec))
}

/// `캔들 차트 30분, 187봉, 최근 종가 71,400원, 신호 화살표 1개: 11월 20일 10:30 봉`.
fn label(spec: &ChartSpec<'_>) -> String {
    let mut text = t!(
        "캔들 차트 %{timeframe}, %{bars}봉",
        timeframe = spec.timeframe.name(),
        bars = grouped(i64::try_from(spec.series.len()).unwrap_or(i64::MAX))
    );
    if let Some(bar) = spec.series.last() {
        text += &t!(", 최근 종가 %{close}원", close = grouped(bar.candle.close));
    }
    if let Some(bar) = spec.building() {
        text += &t!(
            ", 형성 중인 봉 %{close}원",
            close = grouped(bar.candle.close)
        );
    }
    if let Some(newest) = spec.gaps.last() {
        text += &t!(
            ", 받지 못한 구간 %{count}곳: %{from}부터 %{until}까지",
            count = spec.gaps.len(),
            from = spoken_time(newest.from, spec.timeframe),
            until = spoken_time(newest.until, spec.timeframe)
        );
    }
    let markers = || {
        let own = |m: &&crate::engine::Marker| m.key.timeframe == spec.timeframe;
        spec.markers.iter().filter(own)
    };
    let count = markers().count();
    if count == 0 {
        return text;
    }
    let named: Vec<String> = markers()
        .rev()
        .take(NAMED)
        .map(|marker| {
            let stage = match marker.stage {
                Stage::Forming => t!(" (형성 중)"),
                Stage::Withdrawn => t!(" (취소)"),
                Stage::Confirmed | Stage::Late => "",
            };
            let time = spoken_time(marker.key.bar, spec.timeframe);
            t!("%{time} 봉%{stage}", time = time, stage = stage)
        })
        .collect();
    text += &t!(
        ", 신호 화살표 %{count}개: %{named}",
        count = count,
        named = named.join(", ")
    );
    if NAMED < count {
        text += &t!(" 외 %{count}개", count = count - NAMED);
    }
    text
}
