//! Strategy files in and out.

use super::*;

/// A file as the builder writes it, made up for this test.
const CROSS: &str = r#"
version: "1.0"
metadata:
  name: "골든크로스"
  description: "단기가 장기를 위로"
  author: "KIS"
  tags: [ma, trend]
strategy:
  id: golden_cross
  category: trend
  indicators:
    - id: sma
      alias: fast
      params:
        period: 5
    - id: sma
      params: { period: 20 }
    - id: disparity
      alias: gap
      params: { period: 60 }
    - id: rsi
      alias: rsi
      params: { period: 14 }
  entry:
    logic: AND
    conditions:
      - indicator: fast
        operator: cross_above
        compare_to: sma_1
      - indicator: close
        operator: gte
        compare_to: 70000.5
      - indicator: gap
        operator: less_than
        compare_to: "105"
      - indicator: rsi
        operator: less_than
        compare_to: 30
      - candlestick: doji_1
        signal: detected
  exit:
    logic: AND
    conditions:
      - indicator: fast
        operator: cross_below
        compare_to: sma_1
risk:
  stop_loss: { enabled: true, percent: 5.0 }
"#;

#[test]
fn entry_conditions_come_over_and_the_rest_is_named() {
    // The second average has no alias: the builder calls it sma_2.
    let imported = import(&CROSS.replace("sma_1", "sma_2")).unwrap();
    assert_eq!(imported.name, "골든크로스");
    assert_eq!(
        imported.when,
        "ma5 crosses above ma20 and close >= 70000.5 and disparity60 < 105"
    );
    let out = |text: &str| LeftOut::Condition(text.to_owned());
    assert_eq!(
        imported.left_out,
        [
            out("rsi less_than 30"),
            out("doji_1"),
            LeftOut::Exit,
            LeftOut::Risk
        ]
    );
    // A name nobody declared is no average.
    let imported = import(CROSS).unwrap();
    assert!(imported.left_out.contains(&out("fast cross_above sma_1")));
}

#[test]
fn equality_is_two_comparisons_also_where_one_of_many_is_enough() {
    let text = "strategy:\n  entry:\n    logic: or\n    conditions:\n      - {indicator: close, operator: eq, compare_to: open}\n      - {indicator: low, operator: lt, compare_to: 100}\n";
    let when = import(text).unwrap().when;
    assert_eq!(when, "(close >= open and close <= open) or low < 100");
}

#[test]
fn what_is_no_such_file_is_refused_with_its_reason() {
    for text in [
        "",
        "- 1\n- 2\n",
        "strategy: 3",
        "strategy: [",
        "\u{0}",
        "just words",
    ] {
        let error = import(text).unwrap_err();
        assert!(!error.to_string().is_empty());
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
    let long = format!("# {}", "x".repeat(LONGEST));
    assert_eq!(import(&long), Err(KisYamlError::TooLong));
    let nothing = "strategy:\n  entry:\n    conditions:\n      - {indicator: rsi, operator: lt, compare_to: -30}\n";
    let Err(KisYamlError::Nothing(left_out)) = import(nothing) else {
        panic!("carried over");
    };
    assert_eq!(left_out, [LeftOut::Condition("rsi lt -30".to_owned())]);
    // An alias of an alias of an alias: the reader's budget ends it.
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let inner = vec![format!("*a{}", n - 1); 8].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{inner}]\n"));
    }
    bomb.push_str("strategy: *a11\n");
    assert!(import(&bomb).is_err());
}

#[test]
fn what_goes_out_comes_back() {
    let back = |when: &str, out: &str| {
        let exported = export("이름: \"x\"", when, &[20, 60, 120]).unwrap();
        let imported = import(&exported.yaml).unwrap();
        assert_eq!(imported.name, "이름: \"x\"");
        assert_eq!(imported.when, out, "{}", exported.yaml);
        exported.left_out
    };
    let cross = "ma5 crosses above ma20 or close < 70000 or disparity20 >= 105.5";
    assert_eq!(back(cross, cross), [LeftOut::Manners]);
    back("alignment is bullish", "ma20 > ma60 and ma60 > ma120");
    let left_out = back(
        "close > ma20 and volume > 2 * volma20 and not close > ma5",
        "close > ma20",
    );
    let out = |text: &str| LeftOut::Condition(text.to_owned());
    assert_eq!(
        left_out,
        [
            out("volume > 2 * volma20"),
            out("not close > ma5"),
            LeftOut::Manners
        ]
    );
    for when in [
        "alignment becomes bullish",
        "not (close > ma5 and close > ma20)",
        "close >",
    ] {
        assert!(export("x", when, &[20, 60]).is_err(), "{when}");
    }
}
