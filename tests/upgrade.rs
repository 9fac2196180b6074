//! An upgrade carries everything over: files as released versions wrote them are opened by this
//! one, and files of a version to come are refused and left alone.
//!
//! Each folder of `tests/fixtures` holds the files of one form, written by the code of its time,
//! with made-up prices. For a new form:
//! `MAKE_FIXTURE=release-X.Y.Z-candles-N cargo test --test upgrade releases_databases` writes the
//! files into a new folder, once; a folder is never changed afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper fails its test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jeongbae::domain::{
    Candle, ChartEnd, DailyRow, Day, DayCloses, Mark, Market, Minute, MinuteRow, Moment, RuleKey,
    Signal, SignalKey, Source, Stage, StockCode, Timeframe,
};
use jeongbae::places::Places;
use jeongbae::settings::{SettingsFile, Theme, load};
use jeongbae::store::Store;
use jeongbae::ui::Layout;
use rusqlite::Connection;

mod support;

use support::program;

const KRX: Market = Market::Krx;

/// Since which version `candles.db` has what it did not have from the beginning.
mod since {
    pub(super) const OPEN_DAYS: i64 = 2;
    /// Version 2 kept one half day of a stock alone; what it kept is fetched again.
    pub(super) const PARTIAL_DAYS: i64 = 3;
    pub(super) const DAY_HEADS: i64 = 4;
    pub(super) const CLOSES: i64 = 5;
    pub(super) const CORRECTIONS: i64 = 6;
    pub(super) const CHART_ENDS: i64 = 7;
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The folders of the releases.
fn releases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures()).unwrap().map(|e| e.unwrap().path());
    let mut found: Vec<PathBuf> = entries
        .filter(|p| {
            p.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("release-")
        })
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// A copy of a release's files that may be written.
fn copy(release: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(release).unwrap() {
        let file = entry.unwrap().path();
        fs::copy(&file, dir.path().join(file.file_name().unwrap())).unwrap();
    }
    dir
}

fn code() -> StockCode {
    "005930".parse().unwrap()
}

fn day(number: i32) -> Day {
    Day::from_ymd(2026, 11, 2).unwrap().plus(number)
}

fn candle(n: i64) -> Candle {
    let close = 70_000 + n * 37 % 2_300 * 100;
    Candle {
        open: close - 100,
        high: close + 300,
        low: close - 400,
        close,
        volume: n * 17,
    }
}

fn minutes_from(day: Day, first: Minute, count: i32) -> Vec<MinuteRow> {
    (0..count)
        .map(|n| MinuteRow {
            day,
            minute: first.plus(n),
            candle: candle(i64::from(n)),
        })
        .collect()
}

fn minutes(day: Day, count: i32) -> Vec<MinuteRow> {
    minutes_from(day, Minute::hm(9, 0), count)
}

/// A day of which only the afternoon is known.
fn afternoon() -> (Day, Minute, Vec<MinuteRow>) {
    let first = Minute::hm(13, 0);
    (day(-3), first, minutes_from(day(-3), first, 40))
}

/// The first minute as the broker served it later.
fn corrections() -> Vec<MinuteRow> {
    let mut rows = minutes(day(1), 1);
    rows[0].candle.high += 500;
    rows
}

fn closes() -> DayCloses {
    DayCloses::new((0..30).map(|n| (day(n), 70_000 + i64::from(n) * 100)), true)
}

fn open_days() -> Vec<(Day, bool)> {
    vec![(day(0), true), (day(5), false), (day(6), false)]
}

fn chart_end() -> ChartEnd {
    ChartEnd {
        timeframe: Timeframe::Week,
        day: day(0),
        asked: day(1),
    }
}

/// What the windows remember, as far as it is more than their first places.
fn layout() -> Layout {
    Layout {
        settings_at: Some((120.0, 80.0)),
        widths: [("signals".to_owned(), 320.0)].into(),
        ..Layout::default()
    }
}

fn weeks() -> Vec<DailyRow> {
    (0..5)
        .map(|n| DailyRow {
            day: day(7 * n),
            candle: candle(i64::from(n)),
        })
        .collect()
}

fn signals() -> Vec<Signal> {
    let stages = [Stage::Confirmed, Stage::Late, Stage::Withdrawn];
    let one = |(n, stage): (i64, Stage)| {
        let bar = day(1).at(Minute::hm(9, 30)).plus_ms(n * 1_800_000);
        Signal {
            key: SignalKey {
                rule: RuleKey(u64::MAX - 5),
                code: code(),
                timeframe: Timeframe::Minutes(30),
                bar,
            },
            stage,
            rule_name: "30분 정배열".into(),
            rule_text: "alignment becomes bullish".into(),
            stock_name: "가상전자".into(),
            price: 71_300 + n,
            averages: vec![(20, "71250.55".to_owned()), (240, "70900.3333".to_owned())],
            source: Source::Rest,
            at: bar.plus_ms(1_802_300),
            bar_end: bar.plus_ms(1_800_000),
            rows_asked: Some((bar.plus_ms(1_801_000), bar.plus_ms(1_802_000))),
            reason: (stage == Stage::Withdrawn).then(|| "체결로 본 값과 달랐습니다".into()),
            shown: (stage == Stage::Confirmed).then(|| bar.plus_ms(1_802_400)),
            seen: stage == Stage::Confirmed,
        }
    };
    (0..).zip(stages).map(one).collect()
}

fn mark() -> Mark {
    Mark {
        rule: RuleKey(7),
        code: code(),
        timeframe: Timeframe::Week,
        bar: Moment(1_793_000_000_000),
        baseline_true: true,
        judged_at: Moment(1_793_000_000_005),
        source: Source::Ticks,
    }
}

/// Writes what the tests expect, by the code of today.
async fn write(dir: &Path) {
    let (store, _) = Store::open(dir).unwrap();
    store
        .save_day(code(), KRX, day(0), minutes(day(0), 380))
        .await
        .unwrap();
    store
        .save_rows(
            code(),
            KRX,
            day(1),
            Minute::hm(9, 0)..Minute::hm(9, 25),
            minutes(day(1), 25),
        )
        .await
        .unwrap();
    store
        .save_period(code(), KRX, Timeframe::Week, weeks(), None)
        .await
        .unwrap();
    store
        .save_name(code(), "가상전자".to_owned())
        .await
        .unwrap();
    let (half, from, rows) = afternoon();
    store
        .save_partial(code(), KRX, half, from, rows)
        .await
        .unwrap();
    store
        .save_corrections(code(), KRX, day(-30), day(1), corrections())
        .await
        .unwrap();
    store.save_closes(code(), KRX, closes()).await.unwrap();
    store.save_open_days(day(1), open_days()).await.unwrap();
    store.save_end(code(), KRX, chart_end()).await.unwrap();
    store.record(signals(), vec![mark()]).await.unwrap();
    let text = include_str!("../config/default.toml")
        .replace(r#"theme = "dark""#, r#"theme = "light""#)
        .replace(
            r#"["005930", "000660", "035420", "005380", "068270"]"#,
            r#"["005930", "000660"] # 반도체만"#,
        );
    fs::write(dir.join("config.toml"), text).unwrap();
    let mut places = Places::load(dir);
    places.keep(&layout());
    places.finish();
}

/// The version of a release's `candles.db`, read without opening it by the program.
fn version(dir: &Path) -> i64 {
    Connection::open(dir.join("candles.db"))
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap()
}

/// Fails if a store does not hold of what [`write`] wrote all that `candles.db` of this version
/// could.
async fn assert_holds(store: &Store, version: i64) {
    let whole = [
        (day(0), minutes(day(0), 380)),
        (day(1), minutes(day(1), 25)),
    ];
    let held = store.load_minutes(code(), KRX, day(0)).await.unwrap();
    assert_eq!(held, whole, "{version}");
    assert_eq!(store.days_held(code(), KRX).await.unwrap(), [day(0)]);
    let held = store.load_period(code(), KRX, Timeframe::Week).await;
    assert_eq!(held.unwrap(), weeks(), "{version}");
    let names = store.load_names().await.unwrap();
    assert_eq!(names, [(code(), "가상전자".to_owned())]);
    let held = store.load_signals(Moment(0)).await.unwrap();
    assert_eq!(held, signals(), "{version}");
    assert_eq!(store.load_marks().await.unwrap(), [mark()]);

    let held = store.load_open_days().await.unwrap();
    let expected = match since::OPEN_DAYS <= version {
        true => (Some(day(1)), open_days()),
        false => (None, vec![]),
    };
    assert_eq!(held, expected, "{version}");
    let held = store.load_partials(code(), KRX).await.unwrap();
    let expected = Vec::from_iter((since::PARTIAL_DAYS <= version).then(afternoon));
    assert_eq!(held, expected, "{version}");
    let held = store.load_heads(code(), KRX).await.unwrap();
    let head = (day(1), Minute::hm(9, 0)..Minute::hm(9, 25));
    let expected = Vec::from_iter((since::DAY_HEADS <= version).then_some(head));
    assert_eq!(held, expected, "{version}");
    let held = store.load_closes(KRX).await.unwrap();
    let expected = Vec::from_iter((since::CLOSES <= version).then(|| (code(), closes())));
    assert_eq!(held, expected, "{version}");
    let held = store.load_ends(code(), KRX).await.unwrap();
    let expected = Vec::from_iter((since::CHART_ENDS <= version).then(chart_end));
    assert_eq!(held, expected, "{version}");
}

/// Opens the files twice, the second time as the first one left them.
async fn assert_carried_over(dir: &Path, version: i64) {
    for opened in 0..2 {
        let (store, notices) = Store::open(dir).unwrap();
        assert!(notices.is_empty(), "{version}: {notices:?}");
        assert_holds(&store, version).await;
        let held = store.load_corrections(code(), KRX).await.unwrap();
        let known = since::CORRECTIONS <= version || 0 < opened;
        assert_eq!(held, if known { corrections() } else { vec![] });
        // What an older version had no room for is kept from now on.
        store
            .save_corrections(code(), KRX, day(-30), day(1), corrections())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn every_releases_databases_are_carried_over() {
    if let Some(name) = std::env::var_os("MAKE_FIXTURE") {
        let folder = fixtures().join(name);
        fs::create_dir(&folder).expect("a release's files are written once");
        write(&folder).await;
    }
    let mut versions = Vec::new();
    for release in releases() {
        let dir = copy(&release);
        versions.push(version(dir.path()));
        assert_carried_over(dir.path(), version(dir.path())).await;
    }
    // None is left out, and the newest is today's.
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    versions.sort_unstable();
    assert_eq!(versions, Vec::from_iter(1..=version(dir.path())));
}

#[test]
fn what_the_windows_remember_is_carried_over() {
    for release in releases() {
        let dir = copy(&release);
        if dir.path().join("windows.json").exists() {
            assert_eq!(Places::load(dir.path()).layout(), layout());
            assert!(!dir.path().join("windows.json.unreadable").exists());
        }
    }
}

#[test]
fn every_releases_configuration_is_read_and_keeps_its_words() {
    for release in releases() {
        let file = release.join("config.toml");
        if !file.exists() {
            continue;
        }
        let settings = load(&file).unwrap();
        assert_eq!(settings.screen.theme, Theme::Light);
        let codes: Vec<&str> = settings.groups[0]
            .codes
            .iter()
            .map(StockCode::as_str)
            .collect();
        assert_eq!(codes, ["005930", "000660"]);
        assert_eq!(settings.rules.len(), 1);
        // The first change by this version: what the user wrote stays.
        let dir = copy(&release);
        let place = SettingsFile::new(dir.path().join("config.toml"));
        place.add_code("관심", "035420".parse().unwrap()).unwrap();
        let before = fs::read_to_string(&file).unwrap();
        let after = fs::read_to_string(place.path()).unwrap();
        assert_eq!(
            after,
            before.replace(
                r#"["005930", "000660"] # 반도체만"#,
                r#"["005930", "000660", "035420"] # 반도체만"#
            )
        );
        assert_ne!(after, before);
    }
}

/// Everything that a folder holds.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|file| (file.clone(), fs::read(&file).unwrap()))
        .collect()
}

/// The program itself, on files that a version to come wrote.
#[test]
fn files_of_a_version_to_come_are_refused_with_a_sentence_and_left_alone() {
    for name in [
        "user.db",
        "candles.db",
        "windows.json",
        "outbox-telegram.json",
        "outbox-webhook.json",
    ] {
        let dir = copy(releases().last().unwrap());
        let file = dir.path().join(name);
        if name.ends_with(".db") {
            let db = Connection::open(&file).unwrap();
            db.pragma_update(None, "user_version", 9_999).unwrap();
        } else {
            // Of a form that this version cannot read beyond its number.
            fs::write(&file, r#"{"version":9999,"of_a_version_to_come":[1]}"#).unwrap();
        }
        let before = contents(dir.path());
        let home = tempfile::tempdir().unwrap();
        let said = program::run(
            program::command(home.path())
                .args(["watch", "--demo", "--for", "1", "--data-dir"])
                .arg(dir.path()),
        );
        assert_eq!(said.code, Some(2), "{said:?}");
        for part in [name, "더 새로운 버전", "9999"] {
            assert!(said.err.contains(part), "{part}: {said:?}");
        }
        assert_eq!(said.err.lines().count(), 1, "{said:?}");
        let after = contents(dir.path());
        assert!(after[&file] == before[&file], "{name} was changed");
        for kept in before.keys() {
            assert!(after.contains_key(kept), "{name}: {kept:?} is gone");
        }
        for new in after.keys().filter(|file| !before.contains_key(*file)) {
            let text = new.display().to_string();
            assert!(!text.contains("unreadable"), "{name}: {text}");
        }
    }
}

#[test]
fn a_configuration_with_a_key_to_come_is_refused_with_its_line_and_left_alone() {
    let dir = copy(releases().last().unwrap());
    let file = dir.path().join("config.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str("\n[of_a_version_to_come]\nkey = 1\n");
    fs::write(&file, &text).unwrap();
    let home = tempfile::tempdir().unwrap();
    let said = program::run(
        program::command(home.path())
            .args(["watch", "--config"])
            .arg(&file),
    );
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("of_a_version_to_come"), "{said:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
