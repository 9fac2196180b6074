//! The store from the outside: what is written is read back, across restarts, kills, versions
//! and broken files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper fails its test"
)]

use std::fs;
use std::path::Path;

use jeongbae::domain::{
    Candle, ChartEnd, DailyRow, Day, DayCloses, Mark, Market, Minute, MinuteRow, Moment, RuleKey,
    Signal, SignalKey, Source, Stage, StockCode, Timeframe,
};
use jeongbae::store::{Store, StoreError};
use rusqlite::Connection;

const KRX: Market = Market::Krx;

fn code() -> StockCode {
    "005930".parse().unwrap()
}

fn day(number: i32) -> Day {
    Day::from_ymd(2026, 11, 2).unwrap().plus(number)
}

fn row(day: Day, minute: u16, close: i64) -> MinuteRow {
    let candle = Candle {
        open: close - 100,
        high: close + 300,
        low: close - 400,
        close,
        volume: i64::from(minute) * 17,
    };
    MinuteRow {
        day,
        minute: Minute::hm(9, 0).plus(i32::from(minute)),
        candle,
    }
}

fn full_day(day: Day, close: i64) -> Vec<MinuteRow> {
    (0..380)
        .map(|m| row(day, m, close + i64::from(m * 37 % 23) * 100))
        .collect()
}

fn signal(bar: i64, stage: Stage) -> Signal {
    let key = SignalKey {
        rule: RuleKey(u64::MAX - 5),
        code: code(),
        timeframe: Timeframe::Minutes(30),
        bar: Moment(bar),
    };
    Signal {
        key,
        stage,
        rule_name: "30분 정배열".into(),
        rule_text: "alignment becomes bullish".into(),
        stock_name: "삼성전자".into(),
        price: 71_300,
        averages: vec![(20, "71250.55".to_owned()), (240, "70900.3333".to_owned())],
        source: Source::Rest,
        at: Moment(bar + 1_800_300),
        bar_end: Moment(bar + 1_800_000),
        rows_asked: Some((Moment(bar + 1_800_100), Moment(bar + 1_800_200))),
        reason: None,
        shown: None,
        seen: false,
    }
}

fn mark(rule: u64, bar: i64) -> Mark {
    Mark {
        rule: RuleKey(rule),
        code: code(),
        timeframe: Timeframe::Week,
        bar: Moment(bar),
        baseline_true: true,
        judged_at: Moment(bar + 5),
        source: Source::Ticks,
    }
}

fn open(dir: &Path) -> Store {
    let (store, notices) = Store::open(dir).unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    store
}

/// The stretch of minutes from the `from`-th to before the `to`-th.
fn upto(from: u16, to: u16) -> std::ops::Range<Minute> {
    let minute = |n: u16| Minute::hm(9, 0).plus(i32::from(n));
    minute(from)..minute(to)
}

#[tokio::test]
async fn a_month_of_minutes_reads_back_equal_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let days: Vec<_> = (0..19)
        .map(|n| (day(n), full_day(day(n), 70_000)))
        .collect();
    let store = open(dir.path());
    for (day, rows) in &days {
        store
            .save_day(code(), KRX, *day, rows.clone())
            .await
            .unwrap();
    }
    drop(store);
    let store = open(dir.path());
    let read = store.load_minutes(code(), KRX, day(0)).await.unwrap();
    assert!(7_200 <= read.iter().map(|(_, rows)| rows.len()).sum::<usize>());
    assert_eq!(read, days);
    assert_eq!(
        store.load_minutes(code(), KRX, day(18)).await.unwrap(),
        days[18..]
    );
    let held: Vec<Day> = days.iter().map(|(d, _)| *d).collect();
    assert_eq!(store.days_held(code(), KRX).await.unwrap(), held);
    assert!(
        store
            .load_minutes(code(), Market::Nxt, day(0))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_first_row_of_a_minute_stays_until_the_day_is_saved_whole() {
    let store = Store::in_memory().unwrap();
    let (yesterday, today) = (day(0), day(1));
    store
        .save_day(code(), KRX, yesterday, full_day(yesterday, 70_000))
        .await
        .unwrap();
    let first = vec![row(today, 1, 71_000), row(today, 0, 70_900)];
    let save = |known, rows| store.save_rows(code(), KRX, today, known, rows);
    assert!(save(upto(0, 2), first).await.unwrap());
    let changed = vec![row(today, 1, 99_000), row(today, 2, 71_100)];
    assert!(save(upto(1, 3), changed).await.unwrap());

    let read = store.load_minutes(code(), KRX, today).await.unwrap();
    let expected = [
        row(today, 0, 70_900),
        row(today, 1, 71_000),
        row(today, 2, 71_100),
    ];
    assert_eq!(
        read,
        [(today, expected.to_vec())],
        "ascending, the first of each minute"
    );
    assert_eq!(store.days_held(code(), KRX).await.unwrap(), [yesterday]);
    assert_eq!(
        store
            .load_minutes(code(), KRX, yesterday)
            .await
            .unwrap()
            .len(),
        2
    );

    let whole = full_day(today, 71_000);
    store
        .save_day(code(), KRX, today, whole.clone())
        .await
        .unwrap();
    let late = vec![row(today, 1, 1_000), row(today, 385, 1_000)];
    save(upto(1, 386), late).await.unwrap();
    assert!(store.load_heads(code(), KRX).await.unwrap().is_empty());
    assert_eq!(
        store.load_minutes(code(), KRX, today).await.unwrap(),
        [(today, whole)]
    );
}

#[tokio::test]
async fn rows_of_a_running_day_never_hide_a_hole() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let today = day(0);
    let rows = |from: u16, to: u16| (from..to).map(|n| row(today, n, 70_000)).collect();
    let held = async |store: &Store| store.load_heads(code(), KRX).await.unwrap();
    let save = async |store: &Store, from: u16, to: u16| {
        let saved = store.save_rows(code(), KRX, today, upto(from, to), rows(from, to));
        saved.await.unwrap()
    };
    assert!(save(&store, 0, 10).await);
    assert!(save(&store, 10, 12).await, "it joins on");
    assert!(!save(&store, 20, 25).await, "what lay between was lost");
    assert_eq!(held(&store).await, [(today, upto(0, 12))]);
    assert!(save(&store, 0, 30).await, "the whole again");
    drop(store);
    let store = open(dir.path());
    assert_eq!(held(&store).await, [(today, upto(0, 30))]);
    let read = store.load_minutes(code(), KRX, today).await.unwrap();
    assert_eq!(read, [(today, rows(0, 30))]);

    // Where the first rows were lost, the later ones wait for them.
    store.forget_stock(code(), KRX).await.unwrap();
    assert!(held(&store).await.is_empty());
    assert!(save(&store, 20, 25).await);
    assert!(save(&store, 0, 5).await, "from the beginning");
    assert_eq!(held(&store).await, [(today, upto(0, 5))]);
    assert!(!save(&store, 25, 26).await);
    store
        .save_day(code(), KRX, today, full_day(today, 70_000))
        .await
        .unwrap();
    assert!(held(&store).await.is_empty(), "a whole day needs none");
}

#[tokio::test]
async fn days_of_the_chart_never_hide_a_hole() {
    let store = Store::in_memory().unwrap();
    let days = |range: std::ops::Range<i32>| -> Vec<DailyRow> {
        let one = |n| DailyRow {
            day: day(n),
            candle: Candle::flat(i64::from(n) + 1),
        };
        range.map(one).collect()
    };
    let save = |rows, joins| store.save_period(code(), KRX, Timeframe::Day, rows, joins);
    let load = async || {
        store
            .load_period(code(), KRX, Timeframe::Day)
            .await
            .unwrap()
    };
    save(days(200..300), None).await.unwrap();
    // The page between these two was lost.
    save(days(0..100), Some(day(100))).await.unwrap();
    assert_eq!(load().await, days(200..300));
    save(days(100..200), Some(day(200))).await.unwrap();
    save(days(0..100), Some(day(100))).await.unwrap();
    assert_eq!(load().await, days(0..300));
    save(days(300..301), Some(day(299))).await.unwrap();
    save(days(302..303), Some(day(301))).await.unwrap();
    assert_eq!(load().await, days(0..301));
    // Away for longer than a page.
    save(days(400..500), None).await.unwrap();
    assert_eq!(load().await, days(400..500));
}

#[tokio::test]
async fn closes_of_the_whole_market_come_back_in_one_scan() {
    let dir = tempfile::tempdir().unwrap();
    let closes = |first: i64, ended| {
        let rows = (0..240).map(|i| (day(i), first + i64::from(i * 37 % 11) * 50));
        DayCloses::new(rows, ended)
    };
    let other: StockCode = "000660".parse().unwrap();
    {
        let (store, _) = Store::open(dir.path()).unwrap();
        store
            .save_closes(code(), KRX, closes(1, false))
            .await
            .unwrap();
        store
            .save_closes(code(), KRX, closes(70_000, true))
            .await
            .unwrap();
        store
            .save_closes(other, KRX, closes(198_500, false))
            .await
            .unwrap();
        let nxt = Market::Nxt;
        store
            .save_closes(other, nxt, DayCloses::default())
            .await
            .unwrap();
    }
    let (store, _) = Store::open(dir.path()).unwrap();
    let mut all = store.load_closes(KRX).await.unwrap();
    all.sort_by_key(|(code, _)| *code);
    let expected = [
        (other, closes(198_500, false)),
        (code(), closes(70_000, true)),
    ];
    assert_eq!(all, expected);
    store.forget_stock(other, KRX).await.unwrap();
    assert_eq!(store.load_closes(KRX).await.unwrap().len(), 1);
    drop(store);
    // One that cannot be read is as good as none.
    let db = Connection::open(dir.path().join("candles.db")).unwrap();
    db.execute("UPDATE day_closes SET closes = x'01ff'", [])
        .unwrap();
    drop(db);
    let (store, _) = Store::open(dir.path()).unwrap();
    assert_eq!(store.load_closes(KRX).await.unwrap(), []);
}

#[tokio::test]
async fn corrections_of_a_day_take_each_others_place_and_age() {
    let dir = tempfile::tempdir().unwrap();
    let rows = |n: i32, closes: &[i64]| -> Vec<MinuteRow> {
        (0..)
            .zip(closes)
            .map(|(i, close)| row(day(n), i, *close))
            .collect()
    };
    {
        let store = open(dir.path());
        let save = |n, rows| store.save_corrections(code(), KRX, day(n - 30), day(n), rows);
        save(0, rows(0, &[70_000, 70_100])).await.unwrap();
        save(1, rows(1, &[71_000])).await.unwrap();
        // The broker took one of them back.
        save(0, rows(0, &[70_000])).await.unwrap();
        store
            .save_rows(code(), KRX, day(1), upto(0, 1), rows(1, &[70_900]))
            .await
            .unwrap();
    }
    let store = open(dir.path());
    let load = async |store: &Store| store.load_corrections(code(), KRX).await.unwrap();
    assert_eq!(
        load(&store).await,
        [rows(0, &[70_000]), rows(1, &[71_000])].concat()
    );
    // What was accepted is another thing.
    let accepted = store.load_minutes(code(), KRX, day(0)).await.unwrap();
    assert_eq!(accepted, [(day(1), rows(1, &[70_900]))]);
    store
        .save_corrections(code(), KRX, day(1), day(31), Vec::new())
        .await
        .unwrap();
    assert_eq!(load(&store).await, rows(1, &[71_000]));
    store.forget_stock(code(), KRX).await.unwrap();
    assert!(load(&store).await.is_empty());
}

#[tokio::test]
async fn where_charts_end_is_kept_until_the_stock_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let end = |timeframe, n| ChartEnd {
        timeframe,
        day: day(n),
        asked: day(n + 40),
    };
    let (minutes, months) = (Timeframe::Minutes(1), Timeframe::Month);
    {
        let store = open(dir.path());
        for (timeframe, n) in [(minutes, 0), (months, 1), (minutes, 2)] {
            let saved = store.save_end(code(), KRX, end(timeframe, n));
            saved.await.unwrap();
        }
        let other = Market::Unified;
        let saved = store.save_end(code(), other, end(months, 9));
        saved.await.unwrap();
    }
    let store = open(dir.path());
    let load = async |market| store.load_ends(code(), market).await.unwrap();
    assert_eq!(load(KRX).await, [end(minutes, 2), end(months, 1)]);
    store.forget_stock(code(), KRX).await.unwrap();
    assert!(load(KRX).await.is_empty());
    assert_eq!(load(Market::Unified).await, [end(months, 9)]);
}

#[tokio::test]
async fn periods_names_and_forgetting() {
    let store = Store::in_memory().unwrap();
    let daily = |n: i32, close: i64| DailyRow {
        day: day(n),
        candle: Candle::flat(close),
    };
    let save = |timeframe, rows| store.save_period(code(), KRX, timeframe, rows, None);
    let load = |timeframe| store.load_period(code(), KRX, timeframe);
    save(Timeframe::Day, vec![daily(1, 10), daily(0, 20)])
        .await
        .unwrap();
    save(Timeframe::Day, vec![daily(1, 11)]).await.unwrap();
    assert_eq!(
        load(Timeframe::Day).await.unwrap(),
        [daily(0, 20), daily(1, 11)]
    );
    // The broker dates the running week by its newest day.
    save(Timeframe::Week, vec![daily(1, 10)]).await.unwrap();
    save(Timeframe::Week, vec![daily(3, 12), daily(9, 13)])
        .await
        .unwrap();
    assert_eq!(
        load(Timeframe::Week).await.unwrap(),
        [daily(3, 12), daily(9, 13)]
    );
    save(Timeframe::Month, vec![daily(1, 10)]).await.unwrap();
    save(Timeframe::Month, vec![daily(20, 12), daily(30, 13)])
        .await
        .unwrap();
    assert_eq!(
        load(Timeframe::Month).await.unwrap(),
        [daily(20, 12), daily(30, 13)]
    );
    let refused = load(Timeframe::Minutes(5)).await.unwrap_err();
    assert_eq!(refused, StoreError::NotAPeriod("5m".to_owned()));

    store
        .save_day(code(), KRX, day(0), full_day(day(0), 70_000))
        .await
        .unwrap();
    store
        .save_rows(
            code(),
            KRX,
            day(1),
            upto(0, 1),
            vec![row(day(1), 0, 70_000)],
        )
        .await
        .unwrap();
    store.save_name(code(), "옛 이름".to_owned()).await.unwrap();
    store
        .save_name(code(), "삼성전자".to_owned())
        .await
        .unwrap();
    store.forget_stock(code(), Market::Nxt).await.unwrap();
    assert_eq!(
        store.load_minutes(code(), KRX, day(0)).await.unwrap().len(),
        2
    );
    store.forget_stock(code(), KRX).await.unwrap();
    assert!(
        store
            .load_minutes(code(), KRX, day(0))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(load(Timeframe::Day).await.unwrap().is_empty());
    let names = store.load_names().await.unwrap();
    assert_eq!(names, [(code(), "삼성전자".to_owned())]);
}

#[tokio::test]
async fn signals_and_marks_read_back_with_all_their_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let forming = Signal {
        rows_asked: None,
        source: Source::Ticks,
        averages: vec![],
        ..signal(1_000, Stage::Forming)
    };
    let withdrawn = Signal {
        reason: Some("봉이 닫혔을 때 조건이 거짓".into()),
        shown: Some(Moment(7)),
        seen: true,
        ..signal(2_000, Stage::Withdrawn)
    };
    let all = vec![forming, withdrawn, signal(3_000, Stage::Late)];
    let marks = vec![mark(1, 10), mark(u64::MAX, 20)];
    let upside_down = all.iter().rev().cloned().collect();
    store.record(upside_down, marks.clone()).await.unwrap();
    drop(store);

    let store = open(dir.path());
    assert_eq!(store.load_signals(Moment(0)).await.unwrap(), all);
    assert_eq!(
        store.load_signals(Moment(1_802_000)).await.unwrap(),
        all[1..]
    );
    let mut read = store.load_marks().await.unwrap();
    read.sort_by_key(|m| m.rule);
    assert_eq!(read, marks);
}

#[tokio::test]
async fn one_key_is_one_signal_and_what_the_user_saw_stays() {
    let store = Store::in_memory().unwrap();
    let forming = signal(1_000, Stage::Forming);
    store
        .record(vec![forming.clone()], vec![mark(1, 10)])
        .await
        .unwrap();
    store
        .mark_shown(vec![forming.key], Moment(42))
        .await
        .unwrap();
    store.mark_seen(vec![forming.key]).await.unwrap();
    let confirmed = signal(1_000, Stage::Confirmed);
    store
        .record(vec![confirmed.clone()], vec![mark(1, 11)])
        .await
        .unwrap();
    let expected = Signal {
        shown: Some(Moment(42)),
        seen: true,
        ..confirmed
    };
    assert_eq!(store.load_signals(Moment(0)).await.unwrap(), [expected]);
    assert_eq!(store.load_marks().await.unwrap(), [mark(1, 11)]);

    store
        .record(vec![], vec![mark(2, 5), mark(3, 5)])
        .await
        .unwrap();
    store.delete_marks_except(&[RuleKey(2)]).await.unwrap();
    assert_eq!(store.load_marks().await.unwrap(), [mark(2, 5)]);
}

#[tokio::test]
async fn what_was_asked_for_is_written_when_the_last_handle_goes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let copy = store.clone();
    drop(store);
    // A caller that stops waiting as soon as its call is in the queue.
    let mut call = Box::pin(copy.record(vec![signal(1_000, Stage::Late)], vec![]));
    let waker = std::task::Waker::noop();
    let first = call
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    drop((first.is_ready(), call));
    drop(copy);
    let signals = open(dir.path()).load_signals(Moment(0)).await.unwrap();
    assert_eq!(signals.len(), 1);
}

#[tokio::test]
async fn a_kill_before_the_commit_loses_only_the_uncommitted() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let confirmed = signal(1_000, Stage::Confirmed);
    store
        .record(vec![confirmed.clone()], vec![mark(1, 10)])
        .await
        .unwrap();
    store
        .save_rows(
            code(),
            KRX,
            day(0),
            upto(0, 1),
            vec![row(day(0), 0, 70_000)],
        )
        .await
        .unwrap();

    // Another process in the middle of its transactions when it is killed: the files, journals
    // included, as they are on disk at that instant.
    let raw = Connection::open(dir.path().join("user.db")).unwrap();
    raw.execute_batch(
        "PRAGMA cache_size = 1; BEGIN; UPDATE signal SET stage = 'withdrawn'; DELETE FROM mark;",
    )
    .unwrap();
    let candles = Connection::open(dir.path().join("candles.db")).unwrap();
    candles
        .execute_batch("BEGIN; DELETE FROM minute_row;")
        .unwrap();
    let killed = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(dir.path()).unwrap().flatten() {
        // The -shm file is rebuilt from the -wal by whoever opens next.
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), killed.path().join(entry.file_name())).unwrap();
        }
    }
    let survivor = open(killed.path());
    assert_eq!(survivor.load_signals(Moment(0)).await.unwrap(), [confirmed]);
    assert_eq!(survivor.load_marks().await.unwrap(), [mark(1, 10)]);
    assert_eq!(
        survivor
            .load_minutes(code(), KRX, day(0))
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_call_that_fails_writes_nothing_of_itself() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let raw = Connection::open(dir.path().join("user.db")).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON mark WHEN NEW.bar = 13
         BEGIN SELECT RAISE(ABORT, 'thirteen'); END;",
    )
    .unwrap();
    let error = store
        .record(
            vec![signal(1_000, Stage::Confirmed)],
            vec![mark(1, 12), mark(2, 13)],
        )
        .await
        .unwrap_err();
    assert!(error.to_string().contains("user.db"), "{error}");
    assert!(store.load_signals(Moment(0)).await.unwrap().is_empty());
    assert!(store.load_marks().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_newer_file_is_refused_and_left_alone() {
    for name in ["candles.db", "user.db"] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        let db = Connection::open(&file).unwrap();
        db.execute_batch("CREATE TABLE future (x); PRAGMA user_version = 99;")
            .unwrap();
        drop(db);
        let before = fs::read(&file).unwrap();
        let error = Store::open(dir.path()).unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found: 99, .. }),
            "{error:?}"
        );
        let sentence = error.to_string();
        assert!(
            sentence.contains(name) && sentence.contains("99"),
            "{sentence}"
        );
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[tokio::test]
async fn a_broken_candle_file_is_set_aside_with_a_notice() {
    let dir = tempfile::tempdir().unwrap();
    let garbage = b"this is no database, whatever its name says".repeat(100);
    fs::write(dir.path().join("candles.db"), &garbage).unwrap();
    let (store, notices) = Store::open(dir.path()).unwrap();
    assert_eq!(notices.len(), 1);
    let notice = notices[0].to_string();
    assert!(notice.contains("candles.db"), "{notice}");
    assert_eq!(
        fs::read(dir.path().join("candles.db.broken-1")).unwrap(),
        garbage
    );
    store
        .save_rows(
            code(),
            KRX,
            day(0),
            upto(0, 1),
            vec![row(day(0), 0, 70_000)],
        )
        .await
        .unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(
        store.load_minutes(code(), KRX, day(0)).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn candles_that_break_while_running_are_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..60 {
        store
            .save_day(code(), KRX, day(n), full_day(day(n), 70_000))
            .await
            .unwrap();
    }
    store
        .record(vec![signal(1_000, Stage::Confirmed)], vec![])
        .await
        .unwrap();
    drop(store);
    // The first page (the schema) stays whole, so that only reading the rows shows it.
    let file = dir.path().join("candles.db");
    let mut bytes = fs::read(&file).unwrap();
    assert!(100_000 < bytes.len());
    bytes[4_096..].fill(0xA5);
    fs::write(&file, bytes).unwrap();

    let (store, _) = Store::open(dir.path()).unwrap();
    let error = store.load_minutes(code(), KRX, day(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    let aside = dir.path().join("candles.db.broken-1");
    assert!(aside.exists(), "{error:?}");
    assert!(
        store
            .load_minutes(code(), KRX, day(0))
            .await
            .unwrap()
            .is_empty()
    );
    store
        .save_rows(
            code(),
            KRX,
            day(0),
            upto(0, 1),
            vec![row(day(0), 0, 70_000)],
        )
        .await
        .unwrap();
    assert_eq!(store.load_signals(Moment(0)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_broken_user_file_is_an_error_that_names_it_and_nothing_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("user.db");
    let garbage = b"garbage".repeat(1_000);
    fs::write(&file, &garbage).unwrap();
    fs::write(dir.path().join("candles.db"), &garbage).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("user.db"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), garbage);
    assert_eq!(fs::read(dir.path().join("candles.db")).unwrap(), garbage);
}

#[tokio::test]
async fn one_unreadable_day_is_forgotten_and_the_rest_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..2 {
        store
            .save_day(code(), KRX, day(n), full_day(day(n), 70_000))
            .await
            .unwrap();
    }
    let raw = Connection::open(dir.path().join("candles.db")).unwrap();
    let broken = "UPDATE day_blob SET rows = x'01ff00' WHERE day = ?1";
    raw.execute(broken, [day(0).number()]).unwrap();
    let read = store.load_minutes(code(), KRX, day(0)).await.unwrap();
    assert_eq!(read, [(day(1), full_day(day(1), 70_000))]);
    let held = store.days_held(code(), KRX).await.unwrap();
    assert_eq!(held, [day(1)], "so it is fetched again");
}

#[tokio::test]
async fn a_signal_nobody_wrote_is_an_error_not_a_guess() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store
        .record(vec![signal(1_000, Stage::Confirmed)], vec![])
        .await
        .unwrap();
    let raw = Connection::open(dir.path().join("user.db")).unwrap();
    raw.execute("UPDATE signal SET stage = 'perhaps'", [])
        .unwrap();
    let error = store.load_signals(Moment(0)).await.unwrap_err();
    let sentence = error.to_string();
    assert!(
        sentence.contains("perhaps") && sentence.contains("user.db"),
        "{sentence}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open(&dir.path().join("nowhere")).unwrap_err();
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
    assert!(error.to_string().contains("nowhere"), "{error}");
}
