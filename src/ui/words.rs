//! The Korean words of states. Short, without a full stop when it is one phrase.

use crate::domain::{InterruptionKind, Market, Moment, Source, Stage, Timeframe};
use crate::engine::{
    AfterHours, AlignmentCell, Badge, Freshness, Link, LinkState, MarketPhase, QuoteView, Snapshot,
    phase_at,
};
use crate::indicators::Alignment;

use super::format;

/// Where the numbers come from.
pub(crate) fn badge(badge: Badge) -> &'static str {
    match badge {
        Badge::Real => t!("실전" in "badge"),
        Badge::Paper => t!("모의" in "badge"),
        Badge::Demo => t!("데모"),
    }
}

/// The link with its count of attempts.
pub(crate) fn link(link: &Link) -> String {
    match link.state {
        LinkState::Connecting if 1 < link.attempts => {
            t!("연결 중 %{attempts}번째", attempts = link.attempts)
        }
        LinkState::Connecting => t!("연결 중").to_owned(),
        LinkState::Live => match link.delay {
            Some(delay) => t!("지연 %{seconds}초", seconds = delay.seconds()),
            None => t!("실시간").to_owned(),
        },
        LinkState::Reconnecting => t!("재연결 중 %{attempts}번째", attempts = link.attempts.max(1)),
        LinkState::Closed => t!("장 마감").to_owned(),
    }
}

/// How long ago something was; from an hour on, when.
pub(crate) fn ago(at: Moment, now: Moment) -> String {
    match now.ms_since(at).max(0) / 1_000 {
        seconds @ 0..3_600 => t!("%{seconds}초 전", seconds = seconds),
        _ => format::when(at, now),
    }
}

/// Whether a price is the close: the market is closed, and was when the price was asked for.
pub(crate) fn is_close(quote: &QuoteView, snapshot: &Snapshot) -> bool {
    let closed = |phase| matches!(phase, MarketPhase::Closed { .. });
    let then = || phase_at(&snapshot.calendar, snapshot.market_of_bars, quote.at);
    quote.freshness == Freshness::Polled && closed(snapshot.phase) && closed(then())
}

/// How fresh a price is, and whether that needs attention. What came over the link is no better
/// than the link: both say the same.
pub(crate) fn freshness(quote: &QuoteView, snapshot: &Snapshot) -> (String, bool) {
    let ago = || ago(quote.at, snapshot.now);
    match quote.freshness {
        Freshness::Live => (link(&snapshot.link), !snapshot.link.is_prompt()),
        Freshness::Cut if snapshot.link.state == LinkState::Live => (ago(), false),
        Freshness::Cut => (format!("{} · {}", link(&snapshot.link), ago()), true),
        Freshness::Polled if is_close(quote, snapshot) => (t!("종가").to_owned(), false),
        Freshness::Polled => (t!("%{ago} 조회", ago = ago()), false),
        Freshness::Stale => (t!("지연 %{at}", at = quote.at.clock_text()), true),
    }
}

/// The market's phase, and what comes next.
pub(crate) fn phase(phase: MarketPhase, now: Moment) -> (&'static str, String) {
    match phase {
        MarketPhase::Closed { opens } => (
            t!("장 마감"),
            t!("%{at} 개장", at = format::when(opens, now)),
        ),
        MarketPhase::OpeningAuction { opens } => (
            t!("시가 동시호가"),
            t!("%{at} 개장", at = format::when(opens, now)),
        ),
        MarketPhase::Open { until } => (
            t!("정규장"),
            t!("%{at} 동시호가", at = format::when(until, now)),
        ),
        MarketPhase::ClosingAuction { until } => (
            t!("종가 동시호가"),
            t!("%{at} 마감", at = format::when(until, now)),
        ),
        MarketPhase::AfterHours { kind, until } => (
            match kind {
                AfterHours::ClosingPrice => t!("시간외 종가"),
                AfterHours::SinglePrice => t!("시간외 단일가"),
                AfterHours::AfterMarket => t!("애프터마켓"),
            },
            t!("시간외 거래, %{at}까지", at = format::when(until, now)),
        ),
    }
}

/// The venue whose prices make the bars.
pub(crate) fn market(market: Market) -> &'static str {
    match market {
        Market::Krx => "KRX",
        Market::Nxt => "NXT",
        Market::Unified => t!("통합"),
    }
}

/// A volatility interruption that is in force.
pub(crate) fn interruption(kind: InterruptionKind) -> &'static str {
    match kind {
        InterruptionKind::Unknown => t!("VI 발동 중"),
        InterruptionKind::Static => t!("정적 VI 발동"),
        InterruptionKind::Dynamic => t!("동적 VI 발동"),
        InterruptionKind::Both => t!("정적·동적 VI"),
    }
}

/// A signal's stage.
pub(crate) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Forming => t!("형성 중"),
        Stage::Confirmed => t!("확정"),
        Stage::Withdrawn => t!("취소" in "signal"),
        Stage::Late => t!("지연" in "signal"),
    }
}

/// What a judgement rests on.
pub(crate) fn source(source: Source) -> &'static str {
    match source {
        Source::Rest => t!("분봉 조회 (확정)"),
        Source::Ticks => t!("실시간 체결 (잠정)"),
    }
}

/// The alignment of averages.
pub(crate) fn alignment(state: Alignment) -> &'static str {
    match state {
        Alignment::Bullish => t!("정배열"),
        Alignment::Bearish => t!("역배열"),
        Alignment::Mixed => t!("혼조"),
        Alignment::Unknown => t!("봉 부족"),
    }
}

/// `30분 정배열 3봉째`, for tooltips and screen readers.
pub(crate) fn alignment_cell(cell: &AlignmentCell) -> String {
    let frame = cell.timeframe.name();
    match cell.state {
        Alignment::Unknown => t!(
            "%{frame} %{need}봉 필요 / %{have}봉 보유",
            frame = frame,
            need = cell.need,
            have = cell.have
        ),
        // How long it has held is not known beyond the bars held.
        state if cell.is_at_least() => {
            t!(
                "%{frame} %{state} %{age}봉 이상",
                frame = frame,
                state = alignment(state),
                age = cell.age
            )
        }
        state => t!(
            "%{frame} %{state} %{age}봉째",
            frame = frame,
            state = alignment(state),
            age = cell.age
        ),
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
            frame.name()
        ),
        Timeframe::Day | Timeframe::Week | Timeframe::Month => {
            t!("%{day} (%{frame}봉)", day = day, frame = frame.name())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trading_after_the_session_has_its_words() {
        let day = crate::domain::Day::from_ymd(2026, 11, 20).unwrap();
        let at = |hour| day.at(crate::domain::Minute::hm(hour, 0));
        let kind = AfterHours::AfterMarket;
        let after = MarketPhase::AfterHours {
            kind,
            until: at(20),
        };
        let (name, next) = phase(after, at(17));
        assert_eq!(
            (name, next.as_str()),
            ("애프터마켓", "시간외 거래, 20:00까지")
        );
    }

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
