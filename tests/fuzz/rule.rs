//! The text of a rule: text to tree to text, and what the tree says of bars.

use std::sync::LazyLock;

use jeongbae::bars::Series;
use jeongbae::conditions::{At, Building, Expr, Judged, Others, Threshold, Verdict};
use jeongbae::domain::{Bar, Candle, Moment, Won};

use crate::is_readable;

const PERIODS: [u16; 3] = [3, 5, 8];

/// Bars that wander up and down.
static SERIES: LazyLock<Series> = LazyLock::new(|| {
    let mut price = 50_000;
    let mut state = 1_u32;
    let bars = (0..60).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let open = price;
        price += i64::from(state >> 24) * 10 - 1_275;
        Bar {
            opened: Moment(i * 60_000),
            candle: Candle {
                open,
                high: open.max(price) + 50,
                low: open.min(price) - 50,
                close: price,
                volume: i64::from(state >> 16),
            },
            synthetic: false,
        }
    });
    Series::new(bars.collect())
});

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let expr = match Expr::parse(text) {
        Ok(expr) => expr,
        Err(error) => {
            let lines: Vec<&str> = text.split('\n').collect();
            let line = lines.get(error.line - 1).expect("the line is in the text");
            assert!(error.column <= line.chars().count() + 1, "{error:?}");
            is_readable(&error.to_string());
            return;
        }
    };
    let canonical = expr.to_string();
    let again = Expr::parse(&canonical);
    assert_eq!(again.as_ref(), Ok(&expr), "{text:?} became {canonical:?}");
    let shouted = Expr::parse(&text.to_ascii_uppercase());
    assert_eq!(shouted.as_ref(), Ok(&expr), "upper case counts in {text:?}");
    assert!(expr.need(&PERIODS) <= 1_201);
    for index in [0, 20, SERIES.len() - 1, SERIES.len()] {
        let at = At::new(&SERIES, Judged::Closed(index));
        let verdict = expr.judge(&at, &PERIODS);
        assert!(index < SERIES.len() || verdict == Verdict::Undefined);
        expr.underlying(&at, &PERIODS);
    }
    prices(&expr);
}

fn verdict(expr: &Expr, price: i64) -> Verdict {
    let bar = Bar {
        opened: Moment(3_600_000),
        candle: Candle::flat(price),
        synthetic: false,
    };
    let at = At::new(&SERIES, Judged::Forming(&bar));
    expr.judge(&at, &PERIODS)
}

/// The price of a rule, and the prices between which it says the same.
fn prices(expr: &Expr) {
    let building = Building {
        series: &SERIES,
        others: Others::default(),
        so_far: None,
    };
    match expr.threshold(&building, &PERIODS, None) {
        Threshold::Above(Won(price)) | Threshold::Below(Won(price)) => {
            assert_eq!(verdict(expr, price), Verdict::True, "{expr} at {price}");
        }
        Threshold::NotToday | Threshold::None => {}
    }
    for price in [1, 49_000, 50_000, 51_000, 1_000_000_000] {
        let Some((from, to)) = expr.unchanged_around(&SERIES, price, &PERIODS) else {
            continue;
        };
        assert!(
            from <= price && price <= to,
            "{expr}: {price} in {from}..={to}"
        );
        for end in [from.max(1), to.min(2_000_000_000)] {
            assert_eq!(
                verdict(expr, end),
                verdict(expr, price),
                "{expr}: {price} and {end}"
            );
        }
    }
}
