//! Rules on closed and forming bars, against hand-made cases and a naive evaluator.

use super::*;
use crate::domain::Moment;

pub(super) fn bar(index: usize, candle: Candle) -> Bar {
    Bar {
        opened: Moment(index as i64),
        candle,
        synthetic: false,
    }
}

fn series(closes: &[i64]) -> Series {
    let flat = |(i, &close): (usize, &i64)| bar(i, Candle::flat(close));
    Series::new(closes.iter().enumerate().map(flat).collect())
}

const PERIODS: [u16; 3] = [1, 2, 3];

/// The verdict on the last of `closes`, closed and forming: always the same.
#[track_caller]
fn last(text: &str, closes: &[i64]) -> Verdict {
    let expr = Expr::parse(text).unwrap();
    let all = series(closes);
    let closed = At::new(&all, Judged::Closed(closes.len() - 1));
    let verdict = expr.judge(&closed, &PERIODS);
    let (&price, before) = closes.split_last().unwrap();
    let before = series(before);
    let forming = bar(closes.len(), Candle::flat(price));
    let forming = At::new(&before, Judged::Forming(&forming));
    assert_eq!(expr.judge(&forming, &PERIODS), verdict, "{text} {closes:?}");
    verdict
}

#[test]
fn a_disparity_is_exact() {
    use Verdict::{False, True};
    // 105 / ((95 + 105) / 2) is 105 %.
    for (text, expected) in [
        ("disparity2 >= 105", True),
        ("disparity2 > 105", False),
        ("disparity2 < 105.000001", True),
        ("disparity2 > 104.999999", True),
        ("disparity1 >= 100", True),
        ("disparity1 > 100", False),
        ("2 * disparity2 <= 210", True),
        ("disparity2 crosses above disparity1", True),
    ] {
        assert_eq!(last(text, &[95, 95, 105]), expected, "{text}");
    }
    assert_eq!(last("disparity4 > 0", &[95, 95, 105]), Verdict::Undefined);
}

#[test]
fn another_timeframe_counts_as_far_as_it_had_closed() {
    use Verdict::{False, True, Undefined};
    let own = series(&[10, 10, 20]);
    let other = series(&[5, 6, 3, 9]);
    let judged = |text: &str, closed: usize| {
        let expr = Expr::parse(text).unwrap();
        let mut at = At::new(&own, Judged::Closed(2));
        at.others.add(Elsewhere {
            timeframe: Timeframe::Day,
            series: &other,
            closed,
        });
        expr.judge(&at, &PERIODS)
    };
    for (text, closed, expected) in [
        ("close > 8 on D", 4, True),
        ("close > 8 on D", 3, False),
        ("close > 8 on D and close > 15", 4, True),
        ("close > 5 within 3 bars on D", 3, True),
        ("close > 5 within 2 bars on D", 1, Undefined),
        ("close crosses above ma2 on D", 4, True),
        ("close crosses above ma2 on D", 2, Undefined),
        ("close > ma2 on D", 2, True),
        ("close > ma2 on D", 0, Undefined),
        ("not close > 8 on D", 3, True),
        // Not defined: nothing holds, under `or` neither.
        ("close > 15 or close > ma3 on D", 2, Undefined),
        ("close > 15 or close > 1 on W", 4, Undefined),
    ] {
        assert_eq!(judged(text, closed), expected, "{text} {closed}");
    }
}

#[test]
fn equal_is_neither_above_nor_below() {
    use Verdict::{False, True};
    for (text, expected) in [
        ("close > 10", False),
        ("close < 10", False),
        ("close >= 10", True),
        ("close <= 10", True),
        ("close > 9.999999", True),
        ("ma1 > ma2", False),
        ("ma2 >= ma1", True),
        ("alignment is bullish", False),
        ("not alignment is bullish", True),
        ("volume > 0", False),
        ("10 <= close and 11 > close", True),
        ("close > 10 or close < 11", True),
    ] {
        assert_eq!(last(text, &[10, 10, 10]), expected, "{text}");
    }
}

#[test]
fn crosses_and_becomes_need_the_bar_before_to_say_otherwise() {
    use Verdict::{False, True};
    let above = "close crosses above 10";
    assert_eq!(last(above, &[9, 11]), True);
    assert_eq!(last(above, &[10, 11]), True);
    assert_eq!(last(above, &[11, 12]), False);
    assert_eq!(last(above, &[9, 10]), False);
    let below = "close crosses below 10";
    assert_eq!(last(below, &[10, 9]), True);
    assert_eq!(last(below, &[9, 8]), False);
    let becomes = "alignment becomes bullish";
    // 5 = 5 = 5, then 6 > 5.5 > 5.33.
    assert_eq!(last(becomes, &[5, 5, 5, 6]), True);
    assert_eq!(last("alignment is bullish", &[1, 5, 5, 5]), False);
}

#[test]
fn becomes_fires_on_the_first_bar_only() {
    use Verdict::{False, True, Undefined};
    let closes = [5, 4, 3, 4, 6, 7];
    let verdicts: Vec<_> = (1..=closes.len())
        .map(|n| last("alignment becomes bullish", &closes[..n]))
        .collect();
    // Bearish on the third bar, 4 > 3.5 < 3.67 on the fourth, bullish from the fifth on.
    assert_eq!(
        verdicts,
        [Undefined, Undefined, Undefined, False, True, False]
    );
}

#[test]
fn what_is_undefined_anywhere_leaves_nothing_holding() {
    use Verdict::{False, True, Undefined};
    let two = [10, 20];
    assert_eq!(last("close > 1", &two), True);
    for text in [
        "ma3 > 1",
        "not ma3 > 1",
        "close > 1 or ma3 > 1",
        "close < 1 and ma3 > 1",
        "not alignment is bearish",
        "ma2 crosses above 1",
        "close > 1 or alignment becomes bearish",
    ] {
        assert_eq!(last(text, &two), Undefined, "{text}");
    }
    assert_eq!(last("ma2 crosses above 1", &[10, 20, 30]), False);
    assert_eq!(last("close crosses above 1", &[10]), Undefined);
}

#[test]
fn the_state_underneath() {
    let says = |text: &str, closes: &[i64]| {
        let all = series(closes);
        let bar = Judged::Closed(closes.len() - 1);
        Expr::parse(text)
            .unwrap()
            .underlying(&At::new(&all, bar), &PERIODS)
    };
    let rising = [1, 2, 3, 4, 5];
    assert_eq!(says("alignment becomes bullish", &rising), Verdict::True);
    assert_eq!(says("alignment becomes bearish", &rising), Verdict::False);
    assert_eq!(says("close crosses above 2", &rising), Verdict::True);
    assert_eq!(says("close crosses below 2", &rising), Verdict::False);
    // The state needs no bar before.
    assert_eq!(
        says("alignment becomes bullish", &rising[..3]),
        Verdict::True
    );
    assert_eq!(
        says("alignment becomes bullish", &rising[..2]),
        Verdict::Undefined
    );
}

#[test]
fn a_bar_outside_the_series_is_undefined() {
    let all = series(&[1, 2]);
    let expr = Expr::parse("close > 0").unwrap();
    for index in [2, usize::MAX] {
        let bar = Judged::Closed(index);
        assert_eq!(
            expr.judge(&At::new(&all, bar), &PERIODS),
            Verdict::Undefined
        );
    }
}
