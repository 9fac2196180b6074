//! 성립가 against trying every grid price.

use super::*;
use proptest::prelude::*;

fn series(closes: &[i64]) -> Series {
    let bar = |(i, &close): (usize, &i64)| Bar {
        opened: Moment(i as i64),
        candle: Candle::flat(close),
        synthetic: false,
    };
    Series::new(closes.iter().enumerate().map(bar).collect())
}

const PERIODS: [u16; 3] = [1, 2, 4];

fn building<'a>(series: &'a Series, so_far: Option<&'a Candle>) -> Building<'a> {
    Building {
        series,
        others: Others::default(),
        so_far,
    }
}

#[track_caller]
fn check(text: &str, closes: &[i64], limits: Option<(i64, i64)>, expected: Threshold) {
    let expr = Expr::parse(text).unwrap();
    let limits = limits.map(|(low, high)| (Won(low), Won(high)));
    let said = expr.threshold(&building(&series(closes), None), &PERIODS, limits);
    assert_eq!(said, expected, "{text} {closes:?}");
}

#[test]
fn cases() {
    use Threshold::{Above, Below, NotToday};
    let closes = [70_000, 70_000, 70_000, 70_000];
    let day = Some((49_000, 91_000));
    check("close > 70000", &closes, day, Above(Won(70_100)));
    check("close >= 70000", &closes, day, Above(Won(70_000)));
    check("close < 70000", &closes, day, Below(Won(69_900)));
    check("not close > 70000", &closes, day, Below(Won(70_000)));
    check(
        "close crosses above 70000",
        &closes,
        day,
        Above(Won(70_100)),
    );
    check("close > ma2", &closes, day, Above(Won(70_100)));
    check("ma1 crosses below ma4", &closes, day, Below(Won(69_900)));
    check(
        "alignment becomes bullish",
        &closes,
        day,
        Above(Won(70_100)),
    );
    check("alignment is bearish", &closes, day, Below(Won(69_900)));
    check(
        "alignment is bullish",
        &closes,
        Some((49_000, 70_000)),
        NotToday,
    );
    check("close >= 1.05 * ma2", &closes, day, Above(Won(77_400)));
    check(
        "close > 70000 within 2 bars",
        &closes,
        day,
        Above(Won(70_100)),
    );
    check("close > 95000", &closes, day, NotToday);
    check("close > 95000", &closes, None, Above(Won(95_100)));
    // No positive price makes it bearish.
    check("alignment is bearish", &[1, 1, 1], None, NotToday);
    // An interval: its lower end, or its upper where the lower lies below the day's limit.
    check(
        "close > 60000 and close < 80000",
        &closes,
        day,
        Above(Won(60_100)),
    );
    check(
        "close > 40000 and close < 80000",
        &closes,
        day,
        Below(Won(79_900)),
    );
    check(
        "alignment is bullish and close > 75000",
        &closes,
        day,
        Above(Won(75_100)),
    );
}

#[test]
fn where_there_is_none() {
    let closes = [10, 20, 30, 40];
    for text in [
        "volume > 5",
        "close > 5 and volume > 2 * volma2",
        // Already decided, whatever the price.
        "close > 35 1 bar ago",
        "close > open",
        "high > 5 and close > 3",
        "close > 5 and close < 3",
        "1 < 2",
        "close < 5 or close > 50",
        "ma5 > ma7",
        // It was so on the bar before, so it cannot become so on this one.
        "alignment becomes bullish",
        "close crosses above 30",
    ] {
        check(text, &closes, None, Threshold::None);
    }
    check("close > ma4", &closes[..2], None, Threshold::None);
    check("close > ma4", &[], None, Threshold::None);
    check("close > 5", &[], None, Threshold::Above(Won(6)));
}

fn part() -> impl Strategy<Value = String> {
    let terms = || {
        proptest::sample::select(vec![
            "close",
            "ma1",
            "ma2",
            "ma4",
            "2001",
            "1998.5",
            "1.005 * ma4",
            "disparity4",
            "0.99 * disparity2",
            "100",
        ])
    };
    let verbs =
        proptest::sample::select(vec![">", "<", ">=", "<=", "crosses above", "crosses below"]);
    let order = proptest::sample::select(vec!["is bullish", "becomes bullish", "is bearish"]);
    let plain = prop_oneof![
        (terms(), verbs, terms()).prop_map(|(l, v, r)| format!("{l} {v} {r}")),
        order.prop_map(|order| format!("alignment {order}")),
    ];
    let bars =
        proptest::sample::select(vec!["", "", " within 2 bars", " for 2 bars", " 1 bar ago"]);
    (plain, bars).prop_map(|(text, bars)| format!("{text}{bars}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_same_as_trying_every_price(
        parts in proptest::collection::vec(part(), 1..3),
        closes in proptest::collection::vec(1_985_i64..2_015, 6..9),
    ) {
        // Around 2,000 won the grid changes from 1 to 5.
        let expr = Expr::parse(&parts.join(" and ")).unwrap();
        let series = series(&closes);
        let (low, high) = (Won(1_900), Won(2_100));
        let holds = |price: i64| {
            let bar = Bar { opened: Moment(0), candle: Candle::flat(price), synthetic: false };
            expr.judge(&At::new(&series, Judged::Forming(&bar)), &PERIODS) == Verdict::True
        };
        let grid: Vec<i64> = (low.0..=high.0).filter(|&p| p < 2_000 || p % 5 == 0).collect();
        let good: Vec<bool> = grid.iter().map(|&p| holds(p)).collect();
        let first = good.iter().position(|&g| g).map(|i| grid[i]);
        let last = good.iter().rposition(|&g| g).map(|i| grid[i]);
        match expr.threshold(&building(&series, None), &PERIODS, Some((low, high))) {
            Threshold::Above(price) if low < price => prop_assert_eq!(Some(price.0), first),
            Threshold::Below(price) if price < high => prop_assert_eq!(Some(price.0), last),
            Threshold::NotToday => prop_assert_eq!(first, None),
            Threshold::None if expr.turning_points(&series, &PERIODS) == Turns::Anywhere => {}
            Threshold::None => prop_assert!(first.is_none() || (first == Some(low.0) && last == Some(high.0))),
            // The whole of today's range holds.
            _ => prop_assert!(good.iter().all(|&g| g)),
        }
        for price in [1_950, 1_999, 2_000, 2_005, 2_050] {
            // A disparity against a price says the same nowhere for certain.
            let Some((from, to)) = expr.unchanged_around(&series, price, &PERIODS) else {
                prop_assert!(expr.to_string().contains("disparity"));
                continue;
            };
            prop_assert!(from <= price && price <= to);
            let same = |p: i64| holds(p) == holds(price);
            prop_assert!((from.max(1_900)..=to.min(2_100)).all(same));
        }
    }
}

#[test]
fn a_disparity_has_its_price() {
    let closes = [70_000, 70_000, 70_000, 70_000];
    let day = Some((49_000, 91_000));
    // p / ((70,000 + p) / 2) = 1.05 at 77,368.42.
    check(
        "disparity2 > 105",
        &closes,
        day,
        Threshold::Above(Won(77_400)),
    );
    check(
        "disparity2 < 95",
        &closes,
        day,
        Threshold::Below(Won(63_300)),
    );
    check(
        "disparity4 > disparity2",
        &closes,
        day,
        Threshold::Above(Won(70_100)),
    );
    // A percentage against a price: two places where they meet.
    check("disparity4 > 1.5 * ma4", &closes, day, Threshold::None);
}

#[test]
fn what_the_bar_has_shown_so_far_counts() {
    let closes = [70_000, 70_000, 70_000, 70_000];
    let series = series(&closes);
    let so_far = Candle {
        open: 70_500,
        high: 71_000,
        low: 69_000,
        close: 70_000,
        volume: 50,
    };
    for (text, expected) in [
        ("close > open", Threshold::Above(Won(70_600))),
        ("close < 0.99 * open", Threshold::Below(Won(69_700))),
        ("high > 71000", Threshold::Above(Won(71_100))),
        (
            "high > 70900 and close > 70000",
            Threshold::Above(Won(70_100)),
        ),
        ("low < 69000", Threshold::Below(Won(68_900))),
        ("close >= high", Threshold::Above(Won(71_000))),
        ("close > ma2 and volume > 49", Threshold::Above(Won(70_100))),
        ("close > ma2 and volume > 50", Threshold::None),
        (
            "close > ma2 and volume >= 2 * volma2",
            Threshold::Above(Won(70_100)),
        ),
        ("close > ma2 and volume >= 3 * volma2", Threshold::None),
    ] {
        let expr = Expr::parse(text).unwrap();
        let said = expr.threshold(&building(&series, Some(&so_far)), &PERIODS, None);
        assert_eq!(said, expected, "{text}");
    }
}

#[test]
fn another_timeframe_is_decided_whatever_the_price() {
    let own = series(&[70_000, 70_000]);
    let other = series(&[10, 20]);
    let price = |text: &str| {
        let expr = Expr::parse(text).unwrap();
        let mut building = building(&own, None);
        building.others.add(crate::conditions::Elsewhere {
            timeframe: crate::domain::Timeframe::Day,
            series: &other,
            closed: 2,
        });
        expr.threshold(&building, &PERIODS, None)
    };
    let above = Threshold::Above(Won(70_100));
    assert_eq!(price("close > ma2 and close > ma2 on D"), above);
    assert_eq!(price("close > ma2 and close < ma2 on D"), Threshold::None);
    assert_eq!(price("close > ma2 or close < ma2 on D"), above);
    assert_eq!(price("close > ma2 and close > ma4 on D"), Threshold::None);
}
