//! Judging against a naive evaluator that reads the text word by word.

use super::tests::bar;
use super::*;
use proptest::prelude::*;

/// The rule judged from plain closes by other means: floating averages are exact enough here,
/// because closes are small, periods are 1, 2 and 4 and factors halves.
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
    if let Some(inner) = text.strip_suffix(" bars ago") {
        let (inner, bars) = inner.rsplit_once(' ').unwrap();
        let end = candles.len().checked_sub(bars.parse().unwrap())?;
        return naive(inner, &candles[..end], periods);
    }
    for (word, wanted) in [(" within ", true), (" for ", false)] {
        let Some((inner, bars)) = text.split_once(word) else {
            continue;
        };
        let bars: usize = bars.strip_suffix(" bars").unwrap().parse().unwrap();
        let held: Option<Vec<bool>> = (0..bars)
            .map(|ago| naive(inner, &candles[..candles.len().checked_sub(ago)?], periods))
            .collect();
        return Some(held?.contains(&wanted) == wanted);
    }
    let mean = |candles: &[Candle], n: usize| {
        let tail = &candles[candles.len().checked_sub(n)?..];
        Some(tail.iter().map(|c| c.close as f64).sum::<f64>() / n as f64)
    };
    let volumes = |candles: &[Candle], n: usize| {
        let tail = &candles[candles.len().checked_sub(n)?..];
        Some(tail.iter().map(|c| c.volume as f64).sum::<f64>() / n as f64)
    };
    let value = |word: &str, candles: &[Candle]| match word {
        "close" => candles.last().map(|c| c.close as f64),
        "open" => candles.last().map(|c| c.open as f64),
        "high" => candles.last().map(|c| c.high as f64),
        "low" => candles.last().map(|c| c.low as f64),
        "volume" => candles.last().map(|c| c.volume as f64),
        word if word.starts_with("disparity") => {
            // Halves and quarters are exact as long as the quotient comes last.
            let mean = mean(candles, word["disparity".len()..].parse().unwrap())?;
            candles.last().map(|c| 100.0 * c.close as f64 / mean)
        }
        word => match (word.strip_prefix("ma"), word.strip_prefix("volma")) {
            (Some(n), _) => mean(candles, n.parse().unwrap()),
            (_, Some(n)) => volumes(candles, n.parse().unwrap()),
            _ => candles.last().and(word.parse().ok()),
        },
    };
    // `2 * ma4` is written as `2*ma4` here, so that words stay words.
    let value = |word: &str, candles: &[Candle]| match word.split_once('*') {
        Some((factor, of)) => Some(factor.parse::<f64>().unwrap() * value(of, candles)?),
        None => value(word, candles),
    };
    let before = &candles[..candles.len().saturating_sub(1)];
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

/// Bars that the whole rule needs: what is said of the judged bar needs the longest average of
/// all of it, and one more if some of it must be new; what is said of others stands alone.
fn needed(parts: &[String], periods: &[usize]) -> usize {
    let (mut longest, mut new, mut need) = (1, 0, 0);
    for part in parts {
        let mut named = vec![1];
        let mut part_new = 0;
        for word in part.split([' ', '*']) {
            let period = word
                .trim_start_matches(char::is_alphabetic)
                .parse::<usize>();
            match word {
                "alignment" => named.extend(periods),
                "becomes" | "crosses" => part_new = 1,
                _ if word.contains("ma") || word.starts_with("disparity") => named.extend(period),
                _ => {}
            }
        }
        let of_part = named.into_iter().max().unwrap();
        let count = |before: &str| -> usize {
            let words: Vec<&str> = part.split(' ').collect();
            let at = words.iter().position(|&word| word == before).unwrap();
            let near = if before == "ago" { at - 2 } else { at + 1 };
            words[near].parse().unwrap()
        };
        let reach = match () {
            () if part.ends_with(" ago") => count("ago"),
            () if part.contains(" within ") => count("within") - 1,
            () if part.contains(" for ") => count("for") - 1,
            () => {
                (longest, new) = (longest.max(of_part), new.max(part_new));
                continue;
            }
        };
        need = need.max(of_part + part_new + reach);
    }
    need.max(longest + new)
}

fn part() -> impl Strategy<Value = String> {
    let term = || {
        proptest::sample::select(vec![
            "close",
            "open",
            "high",
            "low",
            "volume",
            "ma1",
            "ma2",
            "ma4",
            "volma2",
            "volma4",
            "12",
            "10.5",
            "2*volma4",
            "1.5*ma2",
            "0.5*close",
            "disparity2",
            "100",
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
    let bars = proptest::sample::select(vec![
        "",
        "",
        "",
        " within 1 bars",
        " within 3 bars",
        " for 2 bars",
        " 1 bars ago",
        " 2 bars ago",
    ]);
    (any::<bool>(), plain, bars).prop_map(|(not, text, bars)| {
        let not = if not { "not " } else { "" };
        format!("{not}{text}{bars}")
    })
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
        // The naive evaluator goes part by part, and is asked only where the whole is defined.
        let parts: Vec<String> = parts.into_iter().map(|(part, _)| part).collect();
        let enough = needed(&parts, &[1, 2, 4]) <= candles.len();
        let expected = match naive(&text, &candles, &[1, 2, 4]) {
            _ if !enough => Verdict::Undefined,
            Some(true) => Verdict::True,
            Some(false) => Verdict::False,
            None => Verdict::Undefined,
        };
        let bars = candles.iter().enumerate().map(|(i, &c)| bar(i, c));
        let all = Series::new(bars.collect());
        let closed = At::new(&all, Judged::Closed(all.len() - 1));
        prop_assert_eq!(expr.judge(&closed, &[1, 2, 4]), expected, "{}", text);
        let before = Series::new(all.bars()[..all.len() - 1].to_vec());
        let forming = At::new(&before, Judged::Forming(all.last().unwrap()));
        prop_assert_eq!(expr.judge(&forming, &[1, 2, 4]), expected, "{}", text);
    }
}
