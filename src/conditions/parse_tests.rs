//! Texts that are rules, and texts that are none.

use super::*;
use crate::conditions::Found;
use proptest::prelude::*;

#[track_caller]
fn reads(text: &str, canonical: &str) {
    let expr = Expr::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(expr.to_string(), canonical);
    assert_eq!(Expr::parse(canonical).as_ref(), Ok(&expr));
}

#[track_caller]
fn refuses(text: &str, message: &str) {
    assert_eq!(Expr::parse(text).unwrap_err().to_string(), message);
}

#[test]
fn the_contract_s_examples() {
    for text in [
        "alignment becomes bullish",
        "alignment becomes bearish",
        "alignment is bullish",
        "alignment is bearish",
        "ma20 crosses above ma60",
        "ma20 crosses below ma60",
        "close > ma20",
        "close crosses above ma20",
        "close >= 70000 and not volume < 1000 or ma5 <= 0.5",
    ] {
        reads(text, text);
        reads(&text.to_uppercase(), text);
    }
}

#[test]
fn not_binds_tighter_than_and_and_tighter_than_or() {
    let a = "open > 1";
    let (b, c) = ("high > 2", "low > 3");
    reads(
        &format!("({a} and {b}) or {c}"),
        &format!("{a} and {b} or {c}"),
    );
    reads(
        &format!("{a} or ({b} and {c})"),
        &format!("{a} or {b} and {c}"),
    );
    reads(&format!("(not {a}) and {b}"), &format!("not {a} and {b}"));
    reads(
        &format!("not(({a})and({b}))"),
        &format!("not ({a} and {b})"),
    );
    let grouped = format!("({a} or {b}) and {c}");
    reads(&grouped, &grouped);
    assert_ne!(
        Expr::parse(&grouped),
        Expr::parse(&format!("{a} or {b} and {c}"))
    );
    reads(&format!("not not {a}"), &format!("not not {a}"));
}

#[test]
fn factors_and_volumes() {
    reads("CLOSE>=1.050*MA20", "close >= 1.05 * ma20");
    reads("volume > 2 * volma20", "volume > 2 * volma20");
    reads("1 * close crosses above ma5", "1 * close crosses above ma5");
    refuses(
        "close > 2 * 5",
        "line 1, column 13: expected close, open, high, low, volume, ma1 to ma999, volma1 to \
         volma999 or disparity1 to disparity999, found `5`",
    );
    refuses(
        "close > 1234567890 * ma5",
        "line 1, column 9: expected a factor of at most 9 digits, found `1234567890`",
    );
    refuses(
        "volume > volma0",
        "line 1, column 10: expected an average from volma1 to volma999, found `volma0`",
    );
}

#[test]
fn bars_before_the_judged_one() {
    reads("close > 5 within 3 bars", "close > 5 within 3 bars");
    reads("(close > ma20) for 1 bars", "close > ma20 for 1 bar");
    reads(
        "close > 70000 3 bars ago and not volume < 5 within 2 bars",
        "close > 70000 3 bars ago and not volume < 5 within 2 bars",
    );
    reads(
        "(not close > 5) within 2 bars",
        "(not close > 5) within 2 bars",
    );
    reads(
        "(close > 5 or alignment becomes bullish) within 10 bars",
        "(close > 5 or alignment becomes bullish) within 10 bars",
    );
    let bars = "a number of bars from 1 to 100";
    for (text, column, found) in [
        ("close > 5 within bars", 18, "bars"),
        ("close > 5 within 0 bars", 18, "0"),
        ("close > 5 for 1.5 bars", 15, "1.5"),
        ("close > 5 101 bars ago", 11, "101"),
    ] {
        refuses(
            text,
            &format!("line 1, column {column}: expected {bars}, found `{found}`"),
        );
    }
    refuses(
        "close > 5 3 bars",
        "line 1, column 17: expected `ago`, found the end of the rule",
    );
    refuses(
        "(close > 5 within 2 bars) for 3 bars",
        "line 1, column 27: expected no second `within`, `for` or `bars ago` on one condition, \
         found `for`",
    );
}

#[test]
fn other_timeframes() {
    reads("CLOSE > MA20 ON d", "close > ma20 on D");
    reads("close > ma20 on 60M", "close > ma20 on 60m");
    reads(
        "alignment is bullish on 60m and close crosses above ma20",
        "alignment is bullish on 60m and close crosses above ma20",
    );
    // The bars counted are those of the other timeframe, in whichever order it is written.
    let counted = "alignment is bullish for 3 bars on 60m";
    reads(counted, counted);
    reads("alignment is bullish on 60m for 3 bars", counted);
    reads("close > 5 on M 2 bars ago", "close > 5 2 bars ago on M");
    reads(
        "(close > 5 or open > 4) on W",
        "(close > 5 or open > 4) on W",
    );
    reads("not close > 5 on W", "not close > 5 on W");
    reads("(not close > 5) on W", "(not close > 5) on W");
    let timeframe = "a timeframe (1m 3m 5m 10m 15m 30m 60m 120m 240m D W M)";
    refuses(
        "close > 5 on 7m",
        &format!("line 1, column 14: expected {timeframe}, found `7m`"),
    );
    refuses(
        "close > 5 on",
        &format!("line 1, column 13: expected {timeframe}, found the end of the rule"),
    );
    refuses(
        "(close > 5 on D and open > 4) on W",
        "line 1, column 31: expected no second `on` on one condition, found `on`",
    );
    refuses(
        "(close > 5 on D and open > 4) for 3 bars",
        "line 1, column 31: expected `and`, `or` or the end of the rule (`within`, `for` and \
         `bars ago` come before `on`), found `for`",
    );
    refuses(
        "close > 1 on 1m and close > 1 on 3m and close > 1 on 5m and close > 1 on 5m \
         and close > 1 on D",
        "line 1, column 94: expected one of the 3 other timeframes named before, found `D`",
    );
}

#[test]
fn need_of_each_timeframe() {
    let expr = Expr::parse(
        "alignment becomes bullish on 60m and close > ma5 and (ma9 > 2 or ma7 > 3 for 4 bars) \
         on D and volume > volma30 on D",
    )
    .unwrap();
    let needs = |periods: &[u16]| expr.needs_elsewhere(periods).collect::<Vec<_>>();
    assert_eq!(expr.need(&[20, 240]), 5);
    assert_eq!(
        needs(&[20, 240]),
        [(Timeframe::Minutes(60), 241), (Timeframe::Day, 30)]
    );
    assert_eq!(expr.averages(&[20, 240]), [5]);
    assert_eq!(
        Expr::parse("disparity20 > 105").unwrap().averages(&[]),
        [20]
    );
}

#[test]
fn numbers() {
    reads("close>00070000", "close > 70000");
    reads("close > 0.50", "close > 0.5");
    reads("close > 0.000", "close > 0");
    reads("close > 1.05", "close > 1.05");
    reads("close > 999999999999999", "close > 999999999999999");
    for bad in [
        "70,000",
        "70_000",
        "5.",
        ".5",
        "1e5",
        "1.2.3",
        "0.1234567",
        "1234567890123456",
    ] {
        let error = Expr::parse(&format!("close > {bad}")).unwrap_err();
        let found = Found::Piece(format!("`{bad}`"));
        assert_eq!((error.column, error.found), (9, found));
        assert_eq!(error.expected, Wanted::Number, "{bad}");
    }
    assert!(Expr::parse("close > -5").is_err());
}

#[test]
fn errors_name_the_place_and_what_was_expected() {
    let condition = "a condition (such as `alignment becomes bullish` or `close > ma20`)";
    let comparison = "> < >= <=, `crosses above` or `crosses below`";
    refuses(
        "",
        &format!("line 1, column 1: expected {condition}, found the end of the rule"),
    );
    refuses(
        "close > ma20 and",
        &format!("line 1, column 17: expected {condition}, found the end of the rule"),
    );
    refuses(
        "close >\n  ma1000",
        "line 2, column 3: expected an average from ma1 to ma999, found `ma1000`",
    );
    refuses(
        "close > ma0",
        "line 1, column 9: expected an average from ma1 to ma999, found `ma0`",
    );
    refuses(
        "alignment grows bullish",
        "line 1, column 11: expected `is` or `becomes`, found `grows`",
    );
    refuses(
        "alignment is not bullish",
        "line 1, column 14: expected `bullish` or `bearish`, found `not`",
    );
    refuses(
        "close = 5",
        "line 1, column 7: expected one of > < >= <=, found `=`",
    );
    refuses(
        "close => 5",
        "line 1, column 7: expected one of > < >= <=, found `=>`",
    );
    refuses(
        "close",
        &format!("line 1, column 6: expected {comparison}, found the end of the rule"),
    );
    refuses(
        "close crosses ma5",
        "line 1, column 15: expected `above` or `below`, found `ma5`",
    );
    refuses(
        "(close > 5",
        "line 1, column 11: expected `and`, `or` or `)`, found the end of the rule",
    );
    refuses(
        "close > 5)",
        "line 1, column 10: expected `and`, `or` or the end of the rule, found `)`",
    );
    refuses(
        "close > 5 > 4",
        "line 1, column 11: expected `and`, `or` or the end of the rule, found `>`",
    );
    refuses(
        "종가 > 5",
        &format!("line 1, column 1: expected {condition}, found `종가`"),
    );
    refuses(
        "close > 5 & open > 4",
        "line 1, column 11: expected a word, a number, a parenthesis or one of > < >= <= *, found `&`",
    );
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = |n: usize| format!("{}close > 5{}", "(".repeat(n), ")".repeat(n));
    assert!(Expr::parse(&deep(31)).is_ok());
    let wanted = |text: String| Expr::parse(&text).unwrap_err().expected;
    assert_eq!(wanted(deep(32)), Wanted::Shallower);
    assert!(Expr::parse(&"(".repeat(1_900)).is_err());
    assert!(Expr::parse(&format!("{} close > 5", "not ".repeat(40))).is_err());
    let long = |n: usize| vec!["close > 5"; n].join(" and ");
    assert!(Expr::parse(&long(400)).is_ok());
    assert_eq!(wanted(long(600)), Wanted::Shorter);
}

#[test]
fn need_and_averages() {
    let said = |text: &str| {
        let expr = Expr::parse(text).unwrap();
        (expr.need(&[20, 60, 240]), expr.averages(&[20, 60, 240]))
    };
    assert_eq!(said("alignment becomes bullish"), (241, vec![20, 60, 240]));
    assert_eq!(said("alignment is bullish"), (240, vec![20, 60, 240]));
    assert_eq!(
        said("not alignment is bearish or ma5 crosses above ma300"),
        (301, vec![5, 20, 60, 240, 300])
    );
    assert_eq!(said("close > ma20"), (20, vec![20]));
    assert_eq!(said("close > 5"), (1, vec![]));
    assert_eq!(said("volume crosses above 5"), (2, vec![]));
    assert_eq!(said("volume > 2 * volma30"), (30, vec![]));
    assert_eq!(said("close >= 1.05 * ma20 within 3 bars"), (22, vec![20]));
    assert_eq!(said("close > ma20 for 3 bars"), (22, vec![20]));
    assert_eq!(
        said("ma5 crosses above ma20 within 5 bars and close > 5 7 bars ago"),
        (20 + 1 + 4, vec![5, 20])
    );
    // What is said of the judged bar is needed together, what is said of others part by part.
    assert_eq!(
        said("(close > ma30 or ma5 crosses above ma20) and (ma5 > 2 or close > ma9 for 4 bars)"),
        (31, vec![5, 9, 20, 30])
    );
}

fn term() -> impl Strategy<Value = Term> {
    let number = || {
        "[0-9]{1,3}(\\.[0-9]{1,6})?".prop_map(|text| match &tokens(&text).unwrap()[0].token {
            Token::Number(number) => *number,
            other => panic!("{text}: {other:?}"),
        })
    };
    let quantity = prop_oneof![
        Just(Quantity::Close),
        Just(Quantity::Open),
        Just(Quantity::High),
        Just(Quantity::Low),
        Just(Quantity::Volume),
        (1_u16..=999).prop_map(Quantity::Average),
        (1_u16..=999).prop_map(Quantity::VolumeAverage),
        (1_u16..=999).prop_map(Quantity::Disparity),
    ];
    prop_oneof![
        quantity.clone().prop_map(Term::Of),
        number().prop_map(Term::Number),
        (number(), quantity).prop_map(|(factor, of)| Term::Times(factor, of)),
    ]
}

fn past() -> impl Strategy<Value = Past> {
    prop_oneof![Just(Past::Within), Just(Past::For), Just(Past::Ago)]
}

/// No more than a rule may name.
fn timeframe() -> impl Strategy<Value = Timeframe> {
    proptest::sample::select(vec![
        Timeframe::Minutes(60),
        Timeframe::Day,
        Timeframe::Month,
    ])
}

/// `JEONGBAE_CASES=100000` tries more of them.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("JEONGBAE_CASES").ok();
    asked.and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn tree() -> impl Strategy<Value = Node> {
    let comparator = prop_oneof![
        Just(super::super::expr::Comparator::Above),
        Just(super::super::expr::Comparator::Below),
        Just(super::super::expr::Comparator::AtLeast),
        Just(super::super::expr::Comparator::AtMost),
    ];
    let side = prop_oneof![Just(Side::Above), Just(Side::Below)];
    let order = prop_oneof![Just(Order::Bullish), Just(Order::Bearish)];
    let leaf = prop_oneof![
        (term(), comparator, term()).prop_map(|(l, c, r)| Node::Compare(l, c, r)),
        (term(), side, term()).prop_map(|(l, s, r)| Node::Cross(l, s, r)),
        (any::<bool>(), order).prop_map(|(becomes, order)| Node::Alignment { becomes, order }),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let many = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            (past(), 1_u16..=FARTHEST, inner.clone())
                .prop_filter("once only", |(_, _, node)| !node.names_past()
                    && !node.names_elsewhere())
                .prop_map(|(past, bars, node)| Node::Past(past, bars, Box::new(node))),
            (timeframe(), inner.clone())
                .prop_filter("once only", |(_, node)| !node.names_elsewhere())
                .prop_map(|(timeframe, node)| Node::On(timeframe, Box::new(node))),
            inner.prop_map(|node| Node::Not(Box::new(node))),
            many.clone().prop_map(Node::All),
            many.prop_map(Node::Any),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(1_000)) })]

    #[test]
    fn every_tree_reads_back_from_its_text(root in tree()) {
        let expr = Expr::new(root);
        prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
    }

    #[test]
    fn no_text_panics(text in "[a-z0-9 ().,<>=*\n가-힣]{0,60}") {
        if let Ok(expr) = Expr::parse(&text) {
            prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
        }
    }
}

#[test]
fn an_error_is_one_short_line_whatever_the_text() {
    for text in [
        "close\0",
        "close > \u{1b}[0m",
        "close > 1\u{7f}",
        &"x".repeat(5_000),
        &format!("close > {}", "9".repeat(5_000)),
    ] {
        let told = Expr::parse(text).unwrap_err().to_string();
        assert!(!told.contains(char::is_control), "{told:?}");
        assert!(told.chars().count() < 250, "{told}");
    }
}
