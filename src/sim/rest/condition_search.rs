//! Conditions a user saved at the broker: HHKST03900300 psearch-title and HHKST03900400
//! psearch-result, over the leading stocks.

use crate::domain::Market as Venue;
use crate::sim::rest::expected::expected_now;
use crate::sim::rest::facts::Facts;
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::ranking::{of_index, year_extremes};
use crate::sim::rest::reply::{Fields, Reply, array};
use crate::sim::shared::Shared;

const MOST: usize = 100;

type Condition = (&'static str, fn(&Facts) -> bool);

/// What every user has saved.
const CONDITIONS: [Condition; 4] = [
    ("오르는 종목", |f| f.base < f.price),
    ("내리는 종목", |f| f.price < f.base),
    ("시가보다 3% 위", |f| {
        0 < f.totals.volume && f.totals.open * 103 <= f.price * 100
    }),
    ("상한가", |f| f.price == f.upper),
];

pub(super) fn titles(_: &Shared, query: &Query) -> Reply {
    let user = query_value(query, "USER_ID");
    let rows: Vec<Fields> = CONDITIONS
        .iter()
        .enumerate()
        .map(|(i, (name, _))| {
            vec![
                ("user_id", user.to_owned()),
                ("seq", i.to_string()),
                ("grp_nm", "기본그룹".to_owned()),
                ("condition_nm", (*name).to_owned()),
            ]
        })
        .collect();
    Reply::ok(&[("output2", array(&rows))])
}

/// No hit is told like a mistake.
pub(super) fn found(shared: &Shared, query: &Query) -> Reply {
    let number = query_value(query, "SEQ").parse::<usize>().ok();
    let condition = number.and_then(|n| CONDITIONS.get(n));
    let stocks = of_index(shared, "0000", Venue::Krx).unwrap_or_default();
    let rows: Vec<Fields> = stocks
        .iter()
        .filter(|f| condition.is_some_and(|(_, holds)| holds(f)))
        .take(MOST)
        .map(|f| row(shared, f))
        .collect();
    match rows.is_empty() {
        true => Reply::refusal(200, "1", "MCA05918", "종목코드 오류입니다."),
        false => Reply::ok(&[("output2", array(&rows))]),
    }
}

#[rustfmt::skip]
fn row(shared: &Shared, f: &Facts) -> Fields {
    // Prices are padded with zeros, everything else with blanks.
    let price = |won: i64| format!("{:016.4}", won as f64);
    let wide = |value: f64| format!("{value:16.4}");
    let n = |value: i64| wide(value as f64);
    let rate = |part: i64, whole: i64| wide(if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 });
    let t = &f.totals;
    let (expected, shares) = expected_now(f);
    let (high, low) = year_extremes(shared, f);
    let value = f.stock.listed_shares as f64 * f.price as f64 / 1e8;
    vec![
        ("code", f.stock.code.to_string()),
        ("name", f.stock.name.to_string()),
        ("daebi", if t.volume == 0 { "0".into() } else { f.sign() }),
        ("price", price(f.price)),
        ("chgrate", rate(f.price - f.base, f.base)),
        ("acml_vol", n(t.volume)),
        ("trade_amt", n(t.value)),
        ("change", n(f.price - f.base)),
        ("cttr", wide(t.strength())),
        ("open", n(t.open)),
        ("high", n(t.high)),
        ("low", n(t.low)),
        ("high52", n(high)),
        ("low52", n(low)),
        ("expprice", price(expected)),
        ("expchange", n(if expected == 0 { 0 } else { expected - f.base })),
        ("expchggrate", rate(expected - f.base, f.base)),
        ("expcvol", n(shares)),
        ("chgrate2", rate(t.volume, f.yesterday(shared).volume)),
        ("expdaebi", f.sign_of(expected).into()),
        ("recprice", n(f.base)),
        ("uplmtprice", n(f.upper)),
        ("dnlmtprice", n(f.lower)),
        ("stotprice", wide(value)),
    ]
}
