//! Rules on closed and forming bars, against hand-made cases and a naive evaluator.

use super::*;
use crate::domain::Moment;
use proptest::prelude::*;

fn bar(index: usize, candle: Candle) -> Bar {
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
    let closed = At {
        series: &all,
        bar: Judged::Closed(closes.len() - 1),
    };
    let verdict = expr.judge(&closed, &PERIODS);
    let (&price, before) = closes.split_last().unwrap();
    let before = series(before);
    let forming = bar(closes.len(), Candle::flat(price));
    let forming = At {
        series: &before,
        bar: Judged::Forming(&forming),
    };
    assert_eq!(expr.judge(&forming, &PERIODS), verdict, "{text} {closes:?}");
    verdict
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
            .underlying(&At { series: &all, bar }, &PERIODS)
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
            expr.judge(&At { series: &all, bar }, &PERIODS),
            Verdict::Undefined
        );
    }
}

/// The rule judged from plain closes by other means: floating averages are exact enough here,
/// because closes are small and periods are 1, 2 and 4.
fn naive(text: &str, candles: &[Candle], periods: &[usize]) -> Option<bool> {
    let mut words: Vec<&str> = text.split(' ').collect();
    if let Some(at) = words.iter().position(|&w| w == "or") {
        let (left, right) = (words[..at].join(" "), words[at + 1..].join(" "));
        let (left, right) = (
            naive(&left, candles, periods),
            naive(&right, candles, periods),
        );
        return Some(left? | right?);
    }
    if let Some(at) = words.iter().position(|&w| w == "and") {
        let (left, right) = (words[..at].join(" "), words[at + 1..].join(" "));
        let (left, right) = (
            naive(&left, candles, periods),
            naive(&right, candles, periods),
        );
        return Some(left? & right?);
    }
    if words[0] == "not" {
        words.remove(0);
        return naive(&words.join(" "), candles, periods).map(|held| !held);
    }
    let mean = |candles: &[Candle], n: usize| {
        let tail = &candles[candles.len().checked_sub(n)?..];
        Some(tail.iter().map(|c| c.close as f64).sum::<f64>() / n as f64)
    };
    let value = |word: &str, candles: &[Candle]| match word {
        "close" => candles.last().map(|c| c.close as f64),
        "open" => candles.last().map(|c| c.open as f64),
        "high" => candles.last().map(|c| c.high as f64),
        "low" => candles.last().map(|c| c.low as f64),
        "volume" => candles.last().map(|c| c.volume as f64),
        word => match word.strip_prefix("ma") {
            Some(n) => mean(candles, n.parse().unwrap()),
            None => candles.last().and(word.parse().ok()),
        },
    };
    let before = &candles[..candles.len() - 1];
    if words[0] == "alignment" {
        let is = |candles: &[Candle]| {
            let all: Option<Vec<f64>> = periods.iter().map(|&n| mean(candles, n)).collect();
            Some(match words[2] {
                "bullish" => all?.is_sorted_by(|a, b| a > b),
                _ => all?.is_sorted_by(|a, b| a < b),
            })
        };
        return match words[1] {
            "is" => is(candles),
            _ => Some(!is(before)? & is(candles)?),
        };
    }
    let pair = |candles| {
        Some((
            value(words[0], candles)?,
            value(words[words.len() - 1], candles)?,
        ))
    };
    let (left, right) = pair(candles)?;
    Some(match words[1] {
        ">" => left > right,
        "<" => left < right,
        ">=" => left >= right,
        "<=" => left <= right,
        _ => {
            let (was_left, was_right) = pair(before)?;
            match words[2] {
                "above" => was_left <= was_right && left > right,
                _ => was_left >= was_right && left < right,
            }
        }
    })
}

fn part() -> impl Strategy<Value = String> {
    let term = || {
        proptest::sample::select(vec![
            "close", "open", "high", "low", "volume", "ma1", "ma2", "ma4", "12", "10.5",
        ])
    };
    let verb =
        proptest::sample::select(vec![">", "<", ">=", "<=", "crosses above", "crosses below"]);
    let aligned = proptest::sample::select(vec![
        "alignment is bullish",
        "alignment is bearish",
        "alignment becomes bullish",
        "alignment becomes bearish",
    ]);
    let plain = prop_oneof![
        (term(), verb, term()).prop_map(|(l, v, r)| format!("{l} {v} {r}")),
        aligned.prop_map(str::to_owned),
    ];
    (any::<bool>(), plain).prop_map(|(not, text)| if not { format!("not {text}") } else { text })
}

fn candle() -> impl Strategy<Value = Candle> {
    (9_i64..15, 9_i64..15, 0_i64..3, 0_i64..3, 8_i64..14).prop_map(
        |(open, close, up, down, volume)| Candle {
            open,
            high: open.max(close) + up,
            low: open.min(close) - down,
            close,
            volume,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn judged_as_the_naive_evaluator_does(
        parts in proptest::collection::vec((part(), any::<bool>()), 1..4),
        candles in proptest::collection::vec(candle(), 1..9),
    ) {
        let mut text = String::new();
        for (part, and) in &parts {
            let word = if *and { " and " } else { " or " };
            text = if text.is_empty() { part.clone() } else { format!("{text}{word}{part}") };
        }
        let expr = Expr::parse(&text).unwrap();
        // The whole rule needs as many bars as its neediest part, so the naive evaluator is
        // asked only where that many exist.
        let enough = expr.need(&[1, 2, 4]) <= candles.len();
        let expected = match naive(&text, &candles, &[1, 2, 4]) {
            _ if !enough => Verdict::Undefined,
            Some(true) => Verdict::True,
            Some(false) => Verdict::False,
            None => Verdict::Undefined,
        };
        let bars = candles.iter().enumerate().map(|(i, &c)| bar(i, c));
        let all = Series::new(bars.collect());
        let closed = At { series: &all, bar: Judged::Closed(all.len() - 1) };
        prop_assert_eq!(expr.judge(&closed, &[1, 2, 4]), expected, "{}", text);
        let before = Series::new(all.bars()[..all.len() - 1].to_vec());
        let forming = At { series: &before, bar: Judged::Forming(all.last().unwrap()) };
        prop_assert_eq!(expr.judge(&forming, &[1, 2, 4]), expected, "{}", text);
    }
}
