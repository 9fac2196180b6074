//! Keys and the words of the configuration.

use super::*;

const CANDLES: BarRules = BarRules {
    auction: ClosingAuction::Fold,
    regular_session_only: true,
};

fn key(text: &str) -> RuleKey {
    rule_key(
        &Expr::parse(text).unwrap(),
        Timeframe::Minutes(30),
        RuleStage::Close,
        &[20, 60, 120, 240],
        CANDLES,
        Market::Krx,
    )
}

#[test]
fn a_key_is_the_same_for_good() {
    // It lies in databases: this number may never change.
    let expected = 0xa2fa_4ca7_5afd_6dbd;
    assert_eq!(key("alignment becomes bullish").0, expected);
    assert_eq!(key("ALIGNMENT  becomes\n Bullish").0, expected);
}

#[test]
fn fnv_as_published() {
    assert_eq!(fnv1a(b"", FNV_START), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv1a(b"a", FNV_START), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv1a(b"foobar", FNV_START), 0x8594_4171_f739_67e8);
}

#[test]
fn every_setting_makes_another_key() {
    let expr = Expr::parse("close > ma20").unwrap();
    let periods = [20, 60];
    let mut keys = vec![key("close > ma21")];
    for timeframe in [Timeframe::Minutes(30), Timeframe::Day] {
        for stage in [RuleStage::Close, RuleStage::Forming] {
            for periods in [&periods[..], &[20, 61]] {
                for auction in [ClosingAuction::Fold, ClosingAuction::OwnBar] {
                    for regular_session_only in [true, false] {
                        for market in [Market::Krx, Market::Nxt, Market::Unified] {
                            let candles = BarRules {
                                auction,
                                regular_session_only,
                            };
                            keys.push(rule_key(&expr, timeframe, stage, periods, candles, market));
                        }
                    }
                }
            }
        }
    }
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((keys.len(), all), (97, 97));
}

#[test]
fn rules_that_say_the_same_are_told_apart() {
    let rule = |name: &str| Rule {
        hours: None,
        expires: None,
        name: name.into(),
        scope: Scope::All,
        timeframe: Timeframe::Day,
        expr: Expr::parse("close > 5").unwrap(),
        text: "close > 5".into(),
        stage: RuleStage::Close,
        repeat: Repeat::Once,
        periods: vec![5, 20],
        key: key("close > 5"),
        manners: Default::default(),
    };
    let mut rules = [rule("a"), rule("b"), rule(""), rule("")];
    tell_apart(&mut rules);
    assert_eq!(rules[0].key, key("close > 5"));
    let mut keys: Vec<_> = rules.iter().map(|r| r.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 4);
}

#[test]
fn words_read_back() {
    for stage in [RuleStage::Close, RuleStage::Forming] {
        assert_eq!(stage.as_str().parse(), Ok(stage));
    }
    for repeat in Repeat::ALL {
        assert_eq!(repeat.as_str().parse(), Ok(repeat));
    }
    let error = "onceperbar".parse::<Repeat>().unwrap_err().to_string();
    assert!(error.contains("once-per-bar") && error.contains("onceperbar"));
}

#[test]
fn periods_are_two_to_eight_different_numbers() {
    assert_eq!(sorted_periods(&[60, 20]), Ok(vec![20, 60]));
    for bad in [
        &[20][..],
        &[],
        &[20, 20],
        &[0, 5],
        &[5, 1_000],
        &[-5, 5],
        &[1, 2, 3, 4, 5, 6, 7, 8, 9],
    ] {
        assert_eq!(sorted_periods(bad), Err(BadPeriods(bad.to_vec())));
    }
}
