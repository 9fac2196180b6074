//! Prints against rows, sums and auctions.

use std::collections::BTreeMap;

use jeongbae::domain::{Minute, Won, round_down_to_tick};
use serde_json::Value;

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn prints_add_up_to_the_rows_and_sums_to_the_prints() {
    let sim = sim("20261120 090000", 150.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let codes = ["005930", "247540", "002960"];
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    for code in codes {
        let ack = socket.ask("1", "H0STCNT0", code).await;
        assert_eq!(ack["body"]["msg_cd"], "OPSP0000", "{ack}");
    }
    // Whole minutes from the first after the registrations.
    let from = sim.clock().now().minute().plus(1);
    let end = from.plus(6).compact();
    let mut bars: BTreeMap<(String, String), Option<Ohlcv>> = BTreeMap::new();
    let mut sums: BTreeMap<String, [i64; 6]> = BTreeMap::new();
    let mut biggest_frame = 0;
    'all: loop {
        let frame = socket.hear().await.unwrap();
        let records = records(&frame, 46);
        biggest_frame = biggest_frame.max(records.len());
        for r in records {
            if "005930" == r[0] && end <= r[1] {
                break 'all;
            }
            let n = |i: usize| r[i].parse::<i64>().unwrap();
            let (price, size) = (n(2), n(12));
            let minute = format!("{}00", &r[1][..4]);
            add(bars.entry((r[0].clone(), minute)).or_default(), price, size);
            let sum = sums.entry(r[0].clone()).or_insert_with(|| {
                let own = |side: &str| i64::from(r[21] == side);
                [
                    n(13) - size,
                    n(14) - size * price,
                    n(19) - own("5") * size,
                    n(20) - own("1") * size,
                    n(15) - own("5"),
                    n(16) - own("1"),
                ]
            });
            let [volume, value, sold, bought, sells, buys] = sum;
            *volume += size;
            *value += size * price;
            match r[21].as_str() {
                "1" => (*bought, *buys) = (*bought + size, *buys + 1),
                "5" => (*sold, *sells) = (*sold + size, *sells + 1),
                other => assert_eq!((other, &r[1][..4]), ("3", "0900")),
            }
            assert_eq!([n(13), n(14)], [*volume, *value]);
            assert_eq!([n(15), n(16), n(17)], [*sells, *buys, *buys - *sells]);
            assert_eq!([n(19), n(20)], [*sold, *bought]);
            let strength: f64 = r[18].parse().unwrap();
            let exact = *bought as f64 * 100.0 / (*sold).max(1) as f64;
            assert!(*sold == 0 || (strength - exact).abs() < 0.006, "{r:?}");
            assert!(n(11) <= price && price <= n(10) && n(9) <= price && price <= n(8));
            assert_eq!(
                (r[33].as_str(), r[34].as_str(), r[43].as_str()),
                ("20261120", "20", "0")
            );
        }
    }
    assert!(1 < biggest_frame, "no burst came in one frame");
    for code in codes {
        let rows = rest.today(code, &from.plus(5).compact()).await;
        for row in &rows[..6] {
            let minute = row["stck_cntg_hour"].as_str().unwrap().to_owned();
            let seen = bars
                .get(&(code.to_owned(), minute.clone()))
                .copied()
                .flatten();
            match (served(row), seen) {
                ((o, h, l, c, 0), None) => assert!(o == h && h == l && l == c),
                (row, seen) => assert_eq!(Some(row), seen, "{code} {minute}"),
            }
        }
        assert_eq!(rows[5]["stck_cntg_hour"], from.compact().as_str());
    }
    assert!(6 <= bars.keys().filter(|k| k.0 == codes[0]).count());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_closing_auction_is_one_print_and_one_row() {
    let mut started = None;
    // A busy machine may need longer than the first lead to register.
    for start in ["20261120 151840", "20261120 150000", "20261120 130000"] {
        let sim = sim(start, 240.0, |_| {}).await;
        let rest = Rest::new(&sim).await;
        let mut socket = Socket::open(&sim, &rest.approval().await).await;
        socket.ask("1", "H0STCNT0", "000660").await;
        socket.ask("1", "H0STASP0", "000660").await;
        if sim.clock().now().minute() < Minute::hm(15, 20) {
            started = Some((sim, rest, socket));
            break;
        }
    }
    let (sim, rest, mut socket) = started.unwrap();
    let (mut last, mut auction_books) = (None, 0);
    let close = loop {
        let frame = socket.hear().await.unwrap();
        if frame.starts_with("0|H0STASP0") {
            let r = &records(&frame, 62)[0];
            let levels = (3..13).filter(|i| r[*i] != "0").count();
            if ("152000"..="152959").contains(&r[1].as_str()) {
                assert_eq!((r[2].as_str(), levels), ("A", 3), "{r:?}");
                let expected: i64 = r[47].parse().unwrap();
                assert!(0 < expected && round_down_to_tick(Won(expected)) == Won(expected));
                auction_books += 1;
            } else if r[1].as_str() < "152000" {
                assert_eq!((r[2].as_str(), levels, r[47].as_str()), ("0", 10, "0"));
                assert!(r[13].parse::<i64>().unwrap() < r[3].parse::<i64>().unwrap());
            }
            continue;
        }
        for r in records(&frame, 46) {
            assert!(!("152000"..="152959").contains(&r[1].as_str()), "{r:?}");
            last = Some(r);
        }
        if let Some(r) = last.take_if(|r| "153000" <= r[1].as_str()) {
            break r;
        }
    };
    assert!(30 < auction_books);
    assert!(
        ("153000"..="153009").contains(&close[1].as_str()),
        "{close:?}"
    );
    assert_eq!(close[21], "3");
    until(|| async { (Minute::hm(15, 31) <= sim.clock().now().minute()).then_some(()) }).await;
    let rows = rest.today("000660", "160000").await;
    let hours: Vec<&str> = rows
        .iter()
        .map(|r| r["stck_cntg_hour"].as_str().unwrap())
        .collect();
    assert_eq!(hours[..3], ["153000", "151900", "151800"]);
    let price: i64 = close[2].parse().unwrap();
    let size: i64 = close[12].parse().unwrap();
    assert_eq!(served(&rows[0]), (price, price, price, price, size));
    let quote = &rest.price("000660").await["output"];
    assert_eq!(quote["stck_prpr"], close[2].as_str());
    assert_eq!(quote["acml_vol"], close[13].as_str());
    assert_eq!(quote["acml_tr_pbmn"], close[14].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_books_and_prints_agree() {
    let (sim, rest) = still("20261120 131500").await;
    for stock in sim.market().stocks() {
        let code = stock.code.to_string();
        let quote = &rest.price(&code).await["output"];
        assert_eq!(quote["stck_shrn_iscd"], code.as_str());
        assert!(quote.as_object().unwrap().values().all(Value::is_string));
        assert!(number(quote, "d250_lwpr") <= number(quote, "stck_prpr"));
        assert!(number(quote, "stck_prpr") <= number(quote, "w52_hgpr"));
        let query = format!("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}");
        let prints = rest.get("FHKST01010300", "inquire-ccnl", &query).await;
        let prints = prints["output"].as_array().unwrap();
        assert_eq!(
            (prints.len(), &prints[0]["stck_prpr"]),
            (30, &quote["stck_prpr"])
        );
        let hours: Vec<&str> = prints
            .iter()
            .map(|p| p["stck_cntg_hour"].as_str().unwrap())
            .collect();
        assert!(hours.is_sorted_by(|a, b| b <= a) && hours[0] <= "131500");
        let book = rest
            .get("FHKST01010200", "inquire-asking-price-exp-ccn", &query)
            .await;
        let (one, two) = (&book["output1"], &book["output2"]);
        assert_eq!(two["stck_prpr"], quote["stck_prpr"]);
        let price = number(quote, "stck_prpr");
        assert!(
            number(one, "bidp1") <= price && price <= number(one, "askp1"),
            "{code}"
        );
        assert!(number(one, "bidp1") < number(one, "askp1"));
        let total: i64 = (1..=10)
            .map(|i| number(one, &format!("askp_rsqn{i}")))
            .sum();
        assert_eq!(total, number(one, "total_askp_rsqn"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_socket_on_a_fast_day_loses_nothing() {
    let sim = sim("20261120 095950", 200.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    let market = sim.market();
    for (tr_id, count) in [("H0STCNT0", 21), ("H0STASP0", 20)] {
        for stock in &market.stocks()[..count] {
            let ack = socket.ask("1", tr_id, stock.code.as_str()).await;
            assert_eq!(ack["body"]["msg_cd"], "OPSP0000", "{ack}");
        }
    }
    assert_eq!(sim.counters().max_registrations, 41);
    let end = sim.clock().now().minute().plus(8).compact();
    let (mut volumes, mut books, mut clock) = (BTreeMap::new(), 0, String::new());
    while clock < end {
        let frame = socket.hear().await.unwrap();
        if frame.starts_with("0|H0STASP0") {
            books += 1;
            continue;
        }
        for r in records(&frame, 46) {
            assert!(clock <= r[1], "{clock} then {}", r[1]);
            clock = r[1].clone();
            let (size, total): (i64, i64) = (r[12].parse().unwrap(), r[13].parse().unwrap());
            let before = volumes.insert(r[0].clone(), total);
            assert!(before.is_none_or(|b| b + size == total), "{r:?}");
        }
    }
    assert!(15 < volumes.len() && 500 < books);
}
