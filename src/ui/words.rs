//! The Korean words of states. Short, without a full stop when it is one phrase.

use crate::domain::{Moment, Source, Stage, Timeframe};
use crate::engine::{AlignmentCell, Badge, Link, LinkState, MarketPhase};
use crate::indicators::Alignment;

use super::format;

/// Where the numbers come from.
pub(crate) fn badge(badge: Badge) -> &'static str {
    match badge {
        Badge::Real => "실전",
        Badge::Paper => "모의",
        Badge::Demo => "데모",
    }
}

/// The link with its count of attempts.
pub(crate) fn link(link: &Link) -> String {
    match link.state {
        LinkState::Connecting if 1 < link.attempts => format!("연결 중 {}번째", link.attempts),
        LinkState::Connecting => "연결 중".to_owned(),
        LinkState::Live => "실시간".to_owned(),
        LinkState::Reconnecting => format!("재연결 중 {}번째", link.attempts.max(1)),
        LinkState::Closed => "장 마감".to_owned(),
    }
}

/// The market's phase, and what comes next.
pub(crate) fn phase(phase: MarketPhase, now: Moment) -> (&'static str, String) {
    match phase {
        MarketPhase::Closed { opens } => ("장 마감", format!("{} 개장", format::when(opens, now))),
        MarketPhase::OpeningAuction { opens } => (
            "시가 동시호가",
            format!("{} 개장", format::when(opens, now)),
        ),
        MarketPhase::Open { until } => ("정규장", format!("{} 동시호가", format::when(until, now))),
        MarketPhase::ClosingAuction { until } => (
            "종가 동시호가",
            format!("{} 마감", format::when(until, now)),
        ),
    }
}

/// A signal's stage.
pub(crate) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Forming => "형성 중",
        Stage::Confirmed => "확정",
        Stage::Withdrawn => "취소",
        Stage::Late => "지연",
    }
}

/// What a judgement rests on.
pub(crate) fn source(source: Source) -> &'static str {
    match source {
        Source::Rest => "분봉 조회 (확정)",
        Source::Ticks => "실시간 체결 (잠정)",
    }
}

/// The alignment of averages.
pub(crate) fn alignment(state: Alignment) -> &'static str {
    match state {
        Alignment::Bullish => "정배열",
        Alignment::Bearish => "역배열",
        Alignment::Mixed => "혼조",
        Alignment::Unknown => "봉 부족",
    }
}

/// `30분 정배열 3봉째`, for tooltips and screen readers.
pub(crate) fn alignment_cell(cell: &AlignmentCell) -> String {
    let frame = cell.timeframe.korean();
    match cell.state {
        Alignment::Unknown => format!("{frame} {}봉 필요 / {}봉 보유", cell.need, cell.have),
        // How long it has held is not known beyond the bars held.
        state if cell.is_at_least() => {
            format!("{frame} {} {}봉 이상", alignment(state), cell.age)
        }
        state => format!("{frame} {} {}봉째", alignment(state), cell.age),
    }
}

/// The bar that opened at `opened`, as `10:00~10:30`, or its date.
pub(crate) fn bar_span(frame: Timeframe, opened: Moment, end: Moment) -> String {
    let day = opened.day();
    match frame {
        Timeframe::Minutes(_) => format!(
            "{day} {}~{} ({})",
            format::hour_minute(opened),
            format::hour_minute(end),
            frame.korean()
        ),
        Timeframe::Day | Timeframe::Week | Timeframe::Month => {
            format!("{day} ({}봉)", frame.korean())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment_in_words() {
        let mut cell = AlignmentCell {
            timeframe: Timeframe::Minutes(30),
            state: Alignment::Bullish,
            age: 3,
            have: 500,
            need: 240,
        };
        assert_eq!(alignment_cell(&cell), "30분 정배열 3봉째");
        cell.have = 242;
        assert_eq!(alignment_cell(&cell), "30분 정배열 3봉 이상");
        cell.state = Alignment::Unknown;
        cell.have = 187;
        assert_eq!(alignment_cell(&cell), "30분 240봉 필요 / 187봉 보유");
    }
}
