//! The outside surface: subcommands, exit codes, configuration keys and the lines of
//! `watch --json`, as other programs see them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jeongbae::domain::{Day, StockCode};
use jeongbae::sim::Market;
use serde_json::Value;
use support::program::{Running, Said, command, json, run};
use support::{FAKE_KEY, FAKE_SECRET, expected};

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn said(home: &Path, args: &[&str]) -> Said {
    run(command(home).args(args))
}

fn one_line(said: &Said, code: i32, words: &[&str]) {
    assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{said:?}");
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    for word in words {
        assert!(said.err.contains(word), "no {word:?} in {}", said.err);
    }
}

#[test]
fn wrong_arguments_are_one_line_and_exit_code_2() {
    let home = home();
    for (args, word) in [
        (&["fly"][..], "fly"),
        (&["watch", "--for", "soon"], "soon"),
        (&["watch", "--speed", "3"], "--demo"),
        (&["sim", "--start", "2026-02-30T09:00"], "2026-02-30"),
        (&["sim", "--rest-port", "70000"], "70000"),
        (&["check", "--json"], "--json"),
    ] {
        one_line(&said(home.path(), args), 2, &[word]);
    }
}

#[test]
fn a_wrong_file_is_one_line_that_names_file_line_and_key() {
    let home = home();
    let file = home.path().join("my.toml");
    let path = file.to_str().unwrap();
    for (text, words) in [
        (
            "[kis]\nmarket = \"Z\"\n",
            &["my.toml:2", "kis.market", "\"J\""][..],
        ),
        (
            "[averages]\nperiods = [20]\n",
            &["my.toml:2", "averages.periods"],
        ),
        ("[candles]\nfold = 1\n", &["my.toml:2", "fold"]),
        ("\n\n[[watchlist\n", &["my.toml:3"]),
        (
            "[[rule]]\nname = \"x\"\ntimeframe = \"30m\"\nwhen = \"close >\"\n",
            &["my.toml:4", "rule.when"],
        ),
        (
            "[[rule]]\nname = \"x\"\ntimeframe = \"7m\"\nwhen = \"close > 1\"\n",
            &["my.toml:3", "rule.timeframe", "240m"],
        ),
    ] {
        fs::write(&file, text).unwrap();
        for args in [
            &["watch", "--demo", "--config", path][..],
            &["watch", "--config", path],
            &["check", "--config", path],
        ] {
            one_line(&said(home.path(), args), 2, words);
        }
    }
    let gone = home.path().join("gone.toml");
    let args = ["watch", "--config", gone.to_str().unwrap()];
    one_line(&said(home.path(), &args), 2, &["gone.toml"]);
}

#[test]
fn the_window_without_a_display_ends_on_a_wrong_file_as_the_others_do() {
    let home = home();
    let file = home.path().join("my.toml");
    fs::write(&file, "[kis]\nmarket = \"Z\"\n").unwrap();
    let args = ["--config", file.to_str().unwrap()];
    one_line(&said(home.path(), &args), 2, &["my.toml:2", "kis.market"]);
}

fn has_hangul(text: &str) -> bool {
    text.contains(|c| ('가'..='힣').contains(&c))
}

/// Two English words side by side that name no command.
fn english_words(text: &str) -> bool {
    let word = |w: &&str| 1 < w.len() && w.bytes().all(|b| b.is_ascii_lowercase());
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|w| *w != "jeongbae")
        .collect();
    words.windows(2).any(|pair| pair.iter().all(word))
}

#[test]
fn help_is_in_the_configured_language() {
    let home = home();
    let config = home.path().join("config/jeongbae/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    let commands = ["", "watch", "sim", "check", "help"];
    let help = |command: &str| {
        let args: Vec<&str> = [command, "--help"]
            .into_iter()
            .filter(|a| !a.is_empty())
            .collect();
        let args = if command == "help" {
            vec!["help"]
        } else {
            args
        };
        let said = said(home.path(), &args);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        said.out
    };
    for command in commands {
        let text = help(command);
        assert!(
            text.contains("사용법: jeongbae") && text.contains("옵션"),
            "{text}"
        );
        assert!(!english_words(&text), "{text}");
    }
    // A file that is wrong elsewhere still says which language its user reads.
    for text in [
        "[screen]\nlanguage = \"en\"\n",
        "[[oops\n[screen]\nlanguage = \"en\"\n",
    ] {
        fs::write(&config, text).unwrap();
        for command in commands {
            let text = help(command);
            assert!(
                text.contains("Usage: jeongbae") && text.contains("Options"),
                "{text}"
            );
            assert!(!has_hangul(&text), "{text}");
        }
    }
}

#[test]
fn the_demo_speaks_the_users_language() {
    let home = home();
    let config = home.path().join("config/jeongbae/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "[screen]\nlanguage = \"en\"\n").unwrap();
    let said = said(home.path(), &["check", "--demo", "--speed", "5"]);
    assert_eq!(
        (said.code, said.out.lines().count()),
        (Some(0), 5),
        "{said:?}"
    );
    assert!(!has_hangul(&said.out), "{}", said.out);
}

#[test]
fn what_is_wrong_is_told_in_the_configured_language() {
    let home = home();
    let script = home.path().join("faults.jsonl");
    fs::write(&script, "{\"at\": 5}\n").unwrap();
    let file = home.path().join("my.toml");
    let sim = ["sim", "--script", script.to_str().unwrap()];
    let lines = |language: &str, rest: &str| {
        let text = format!("[screen]\nlanguage = \"{language}\"\n{rest}");
        fs::write(&file, &text).unwrap();
        let config = home.path().join("config/jeongbae/config.toml");
        fs::create_dir_all(config.parent().unwrap()).unwrap();
        fs::write(config, &text).unwrap();
        let path = file.to_str().unwrap();
        [
            &["watch", "--config", path][..],
            &["check", "--config", path],
            &["check", "--report", "--config", path],
            &["watch", "--config", path, "--for", "soon"],
            &["watch", "--config", path, "--speed", "3"],
            &["watch", "--config", path, "--json", "--json"],
            &["watch", "--for"],
            &["fly"],
            &["check", "--flags"],
            &["--open", "samsung"],
            &sim,
        ]
        .map(|args| {
            let said = said(home.path(), args);
            one_line(&said, 2, &[]);
            said.err
        })
    };
    for wrong in [
        "font_size = 7\n",
        "font_size = \"big\"\n",
        "colour = 3\n",
        "columns = [\"30m\", \"30m\"]\n",
        "[kis]\nrest_url = \"x\"\n",
        "[kis]\napp_key = \"x\"\n",
        "[averages]\nperiods = [20]\n",
        "[[rule]]\nname = \"x\"\ntimeframe = \"30m\"\nwhen = \"close >\"\n",
        "[[rule]]\nname = \"x\"\n",
        "\n\n[[watchlist\n",
        "theme = \"dark\"\ntheme = \"dark\"\n",
    ] {
        for line in lines("ko", wrong) {
            assert!(has_hangul(&line) && !english_words(&line), "{line}");
        }
        for line in lines("en", wrong) {
            assert!(!has_hangul(&line), "{line}");
        }
    }
}

#[test]
fn the_report_on_the_broker_is_in_the_configured_language() {
    let home = home();
    let file = home.path().join("my.toml");
    let logs = home.path().join("data/logs");
    fs::create_dir_all(&logs).unwrap();
    let note = "2026-11-20T00:30:01.000000Z  INFO jeongbae::observed: ";
    let notes = format!(
        "{note}heartbeat after_ms=11000\n{note}minute label=start\n{note}socket code=OPSP0000\n\
         {note}refused within_1s=19 same_second=4 gap_ms=31 ms_of_second=180 code=EGW00201\n"
    );
    for noted in ["", &notes] {
        fs::write(logs.join("observed.log"), noted).unwrap();
        for (language, korean) in [("ko", true), ("en", false)] {
            fs::write(&file, format!("[screen]\nlanguage = \"{language}\"\n")).unwrap();
            let data = home.path().join("data");
            let args = ["check", "--report", "--config", file.to_str().unwrap()];
            let said = said(
                home.path(),
                &[&args[..], &["--data-dir", data.to_str().unwrap()]].concat(),
            );
            assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
            assert_eq!(said.out.contains("OPSP0000"), !noted.is_empty(), "{said:?}");
            assert_eq!(
                (has_hangul(&said.out), english_words(&said.out)),
                (korean, !korean),
                "{said:?}"
            );
        }
    }
}

#[test]
fn without_keys_watch_exits_3_and_check_goes_on() {
    let home = home();
    let watch = said(home.path(), &["watch", "--json"]);
    let last = watch.err.lines().last().unwrap_or_default().to_owned();
    one_line(&watch, 3, &["KIS_APP_KEY", "KIS_APP_SECRET", "키링"]);
    assert!(last.contains("--demo"), "{last}");
    let check = said(home.path(), &["check"]);
    assert!(check.code.is_some_and(|code| code != 0), "{check:?}");
    let names: Vec<&str> = check
        .out
        .lines()
        .filter_map(|l| l.split(':').next())
        .collect();
    assert_eq!(
        names,
        ["설정", "키", "접근토큰", "시세", "실시간"],
        "{check:?}"
    );
    let keys = check.out.lines().nth(1).unwrap();
    assert!(
        keys.contains("실패") && keys.contains("KIS_APP_KEY"),
        "{keys}"
    );
}

#[test]
fn half_a_pair_of_keys_is_named() {
    let home = home();
    let said = run(command(home.path())
        .args(["watch"])
        .env("KIS_APP_KEY", FAKE_KEY));
    assert!(
        said.code.is_some_and(|code| code != 0) && said.out.is_empty(),
        "{said:?}"
    );
    assert!(
        said.err.contains("KIS_APP_SECRET") && !said.err.contains(FAKE_KEY),
        "{said:?}"
    );
}

#[test]
fn check_of_the_demo_passes_with_one_line_a_check() {
    let home = home();
    let said = said(home.path(), &["check", "--demo", "--speed", "5"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out.lines().count(), 5, "{}", said.out);
    assert!(
        said.out.lines().all(|line| line.contains("정상")),
        "{}",
        said.out
    );
}

/// Every key of the contract, at values other than the defaults where there are any.
const EVERY_KEY: &str = r#"
[kis]
environment = "paper"
market = "UN"
rest_url = "http://127.0.0.1:18080"
ws_url = "ws://127.0.0.1:18081"
master_url = "http://127.0.0.1:18080/common/master"
requests_per_second = 0.5
realtime_registrations = 20
[candles]
regular_session_only = false
closing_auction = "own-bar"
[averages]
periods = [5, 20]
[[watchlist]]
group = "관심"
codes = ["005930", "000660"]
[[rule]]
name = "codes"
codes = ["005930"]
timeframe = "240m"
when = "Alignment is bearish and not (close >= 1.5 or ma20 crosses below MA60)"
stage = "forming"
repeat = "until-reversed"
periods = [3, 7, 9]
[[rule]]
name = "groups"
groups = ["관심"]
timeframe = "W"
when = "close crosses above ma20"
stage = "close"
repeat = "once-per-day"
[[rule]]
name = "everything"
timeframe = "M"
when = "volume > 0 and low <= high and open < ma999"
repeat = "once"
"#;

#[test]
fn every_key_of_the_contract_is_understood() {
    let settings = jeongbae::settings::Settings::parse(Path::new("x"), EVERY_KEY).unwrap();
    assert_eq!(settings.kis.requests_per_second, Some(0.5));
    assert_eq!(settings.kis.realtime_registrations, 20);
    assert_eq!(settings.averages, [5, 20]);
    assert_eq!(settings.rules[0].periods.as_deref(), Some(&[3, 7, 9][..]));
    assert_eq!(settings.codes_of(&settings.rules[1]).len(), 2);
    for timeframe in [
        "1m", "3m", "5m", "10m", "15m", "30m", "60m", "120m", "240m", "D", "W", "M",
    ] {
        let text =
            format!("[[rule]]\nname = \"x\"\ntimeframe = \"{timeframe}\"\nwhen = \"ma1 > 0\"\n");
        jeongbae::settings::Settings::parse(Path::new("x"), &text).unwrap();
    }
}

/// The keys of every type of line; a reason is only there where there is one.
fn keys_of(line: &Value) -> (&'static [&'static str], &'static [&'static str]) {
    match line["type"].as_str().unwrap() {
        "link" => (&["type", "state", "at"], &["reason"]),
        "history" => (&["type", "code", "timeframe", "have", "need", "at"], &[]),
        "trigger" => (
            &[
                "type",
                "stage",
                "rule",
                "code",
                "name",
                "timeframe",
                "bar",
                "price",
                "averages",
                "source",
                "at",
                "id",
            ],
            &["reason"],
        ),
        "error" => (
            &["type", "tr_id", "msg_cd", "msg1", "http", "text", "at"],
            &[],
        ),
        "stats" => (
            &[
                "type",
                "sent",
                "refused",
                "failed",
                "ticks",
                "p50_ms",
                "p99_ms",
                "registrations",
                "at",
            ],
            &[],
        ),
        other => panic!("a type the contract does not know: {other}"),
    }
}

fn is_korean_time(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    ["0000-00-00T00:00:00+00:00", "0000-00-00T00:00:00.000+00:00"].contains(&shape.as_str())
        && text.ends_with("+09:00")
}

/// Whether a line is what the contract says.
fn obeys(line: &Value) {
    let (always, sometimes) = keys_of(line);
    let keys: BTreeSet<&str> = line
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for key in always {
        assert!(keys.contains(key), "no {key}: {line}");
    }
    for key in &keys {
        assert!(
            always.contains(key) || sometimes.contains(key),
            "{key}: {line}"
        );
    }
    assert!(is_korean_time(&line["at"]), "{line}");
    let among = |key: &str, words: &[&str]| {
        assert!(
            words.contains(&line[key].as_str().unwrap()),
            "{key}: {line}"
        );
    };
    let number = |key: &str| {
        assert!(
            line[key].as_f64().is_some_and(|n| 0.0 <= n),
            "{key}: {line}"
        )
    };
    match line["type"].as_str().unwrap() {
        "link" => {
            among("state", &["connecting", "live", "reconnecting", "closed"]);
            assert_eq!(
                line["state"] == "live",
                line.get("reason").is_none(),
                "{line}"
            );
        }
        "history" => ["have", "need"].iter().for_each(|key| number(key)),
        "trigger" => {
            among("stage", &["forming", "confirmed", "withdrawn", "late"]);
            among("source", &["rest", "ticks"]);
            assert!(
                is_korean_time(&line["bar"]) && line["price"].is_i64(),
                "{line}"
            );
            for (period, text) in line["averages"].as_object().unwrap() {
                let _: u16 = period.parse().unwrap();
                let _: f64 = text.as_str().unwrap().parse().unwrap();
            }
            assert_eq!(
                line["stage"] == "withdrawn",
                line.get("reason").is_some(),
                "{line}"
            );
        }
        "stats" => {
            for key in always.iter().filter(|key| !["type", "at"].contains(key)) {
                number(key);
            }
            assert!(line["p50_ms"].as_f64() <= line["p99_ms"].as_f64(), "{line}");
        }
        _ => {
            assert!(line["http"].is_u64(), "{line}");
            assert!(!line["text"].as_str().unwrap().is_empty(), "{line}");
        }
    }
}

/// A demo of one seed: its first confirmed 30-minute signal, after checking every line.
fn demo_ring(seed: u64) -> Value {
    let home = home();
    let seed_text = seed.to_string();
    let args = [
        "watch", "--demo", "--json", "--seed", &seed_text, "--speed", "8", "--for", "600",
    ];
    let watch = Running::start(command(home.path()).args(args));
    let ring = watch.wait_for_json("confirmed 30-minute signal", |line| {
        line["type"] == "trigger" && line["stage"] == "confirmed" && line["timeframe"] == "30m"
    });
    let ended = watch.kill();
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    ended.json().iter().for_each(obeys);
    assert_eq!(ended.json()[0]["type"], "link");
    assert!(!ended.of_type("history").is_empty());
    ring
}

#[test]
fn a_watch_of_a_minute_has_every_type_of_line_and_counters_every_ten_seconds_at_most() {
    let home = home();
    let file = home.path().join("one.toml");
    let text = "[averages]\nperiods = [2, 3]\n[screen]\ncolumns = [\"1m\"]\n\
         [[watchlist]]\ngroup = \"a\"\ncodes = [\"005930\", \"999999\"]\n\
         [[rule]]\nname = \"r\"\ntimeframe = \"1m\"\nwhen = \"close > 1\"\n";
    fs::write(&file, text).unwrap();
    let args = [
        "watch",
        "--demo",
        "--json",
        "--seed",
        "5",
        "--speed",
        "10",
        "--for",
        "65",
        "--start",
        "2026-11-17T10:00",
        "--config",
        file.to_str().unwrap(),
    ];
    let ended = Running::start(command(home.path()).args(args)).wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    let lines = ended.json();
    lines.iter().for_each(obeys);
    for kind in ["link", "history", "stats", "trigger", "error"] {
        assert!(
            lines.iter().any(|l| l["type"] == kind),
            "no {kind}: {lines:#?}"
        );
    }
    let stats = ended.of_type("stats");
    // How late each is, and whether one is left out for it, depends on how busy the machine is;
    // none is ever early.
    let second = |line: &Value| {
        let at = line["at"].as_str().unwrap();
        at[14..16].parse::<usize>().unwrap() * 60 + at[17..19].parse::<usize>().unwrap()
    };
    let due = |(i, line): (usize, &Value)| 10 * (i + 1) <= second(line);
    assert!(
        (2..=6).contains(&stats.len()) && stats.iter().enumerate().all(due),
        "{stats:#?}"
    );
    let last = stats.last().unwrap();
    assert_eq!(last["refused"], 0, "{last}");
    assert!(
        last["sent"].as_u64() > Some(0) && last["ticks"].as_u64() > Some(0),
        "{last}"
    );
    // The time that the lines span is what was asked for.
    assert!(last["at"].as_str() <= Some("2026-11-17T10:01:06"), "{last}");
}

#[test]
fn the_demo_rings_on_the_markets_own_numbers_for_three_seeds() {
    const PERIODS: [usize; 4] = [20, 60, 120, 240];
    let mut bars = BTreeSet::new();
    let runs = [1, 2, 3].map(|seed| {
        let thread = std::thread::Builder::new().name(format!("seed {seed}"));
        (seed, thread.spawn(move || demo_ring(seed)).unwrap())
    });
    for (seed, run) in runs {
        let ring = run.join().unwrap();
        let bar = ring["bar"].as_str().unwrap();
        let day = Day::parse_compact(&bar[..10].replace('-', "")).unwrap();
        let code = StockCode::parse(ring["code"].as_str().unwrap()).unwrap();
        let market = Market::new(seed);
        let closes = expected::closes(&market, code, day, 21, 30);
        let at = closes
            .iter()
            .position(|c| bar.starts_with(&c.0.rfc3339()[..19]))
            .unwrap();
        assert!(expected::becomes_bullish(&closes, at, &PERIODS), "{ring}");
        assert_eq!(ring["price"], closes[at].1, "{ring}");
        for n in PERIODS {
            let average = expected::average_text(&closes, at, n).unwrap();
            assert_eq!(ring["averages"][n.to_string()], average, "{ring}");
        }
        println!("seed {seed}: {code} 30m bar {bar} at {}", ring["price"]);
        // On some dates two markets ring on the same bar of the same stock, at other prices.
        bars.insert((bar.to_owned(), code, ring["price"].to_string()));
    }
    assert_eq!(bars.len(), 3, "three different signals: {bars:?}");
}

#[test]
fn watch_reaches_a_simulator_that_stands_alone() {
    let home = home();
    let sim = Running::start(command(home.path()).args(["sim", "--seed", "4"]));
    let url = |kind: &str, scheme: &str| {
        let prefix = format!("{kind} {scheme}://127.0.0.1:");
        let line = sim.wait_for(kind, |line| line.starts_with(&prefix));
        line.strip_prefix(&format!("{kind} ")).unwrap().to_owned()
    };
    let (rest, ws) = (url("rest", "http"), url("ws", "ws"));
    let file = home.path().join("watch.toml");
    let text = format!(
        "[kis]\nrest_url = \"{rest}\"\nws_url = \"{ws}\"\nrequests_per_second = 10.0\n\
         [[watchlist]]\ngroup = \"a\"\ncodes = [\"005930\"]\n\
         [[rule]]\nname = \"r\"\ntimeframe = \"30m\"\nwhen = \"close > ma20\"\n"
    );
    fs::write(&file, text).unwrap();
    let mut watch = command(home.path());
    watch
        .args(["watch", "--json", "--config", file.to_str().unwrap()])
        .env("KIS_APP_KEY", FAKE_KEY)
        .env("KIS_APP_SECRET", FAKE_SECRET);
    let watch = Running::start(&mut watch);
    let link = watch.wait_for_type("link");
    let states = ["connecting", "closed"].map(Value::from);
    assert!(states.contains(&link["state"]), "{link}");
    // Its rows come from there, at whatever hour this runs.
    watch.wait_for("history that has come", |line| {
        let line = json(line);
        line["type"] == "history"
            && line["code"] == "005930"
            && 21 <= line["have"].as_u64().unwrap()
    });
    #[cfg(unix)]
    {
        watch.interrupt();
        let ended = watch.wait();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
        ended.json().iter().for_each(obeys);
        sim.interrupt();
        let ended = sim.wait();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
        assert_eq!(ended.lines.len(), 2, "{:?}", ended.lines);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_watch_cleanly_from_the_first_moment_on() {
    let home = home();
    let args = ["watch", "--demo", "--json", "--start", "2026-11-17T10:00"];
    // As soon as it hears signals at all: its log folder is made right after.
    let watch = Running::start(command(home.path()).args(args));
    while !home.path().join("data").exists() {
        std::thread::yield_now();
    }
    watch.interrupt();
    let ended = watch.wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
    // And in the middle of its work.
    let watch = Running::start(command(home.path()).args(args));
    watch.wait_for_type("stats");
    watch.interrupt();
    let ended = watch.wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
    ended.json().iter().for_each(obeys);
}

#[test]
fn a_reader_that_goes_away_ends_watch() {
    let home = home();
    let args = [
        "watch",
        "--demo",
        "--json",
        "--speed",
        "20",
        "--start",
        "2026-11-17T10:00",
    ];
    let mut child = command(home.path())
        .args(args)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_end_of_the_terminal_ends_watch_cleanly_unless_it_is_to_go_on() {
    let home = home();
    let start = "2026-11-17T10:00";
    let args = ["watch", "--demo", "--json", "--start", start];
    // What runs these tests may be deaf to it itself, and so is then what they start.
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.unwrap().trim(), 16).unwrap();
    if ignored & 1 == 0 {
        let watch = Running::start(command(home.path()).args(args));
        watch.wait_for_type("stats");
        watch.signal("HUP");
        let ended = watch.wait();
        assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
    }
    // As `nohup` does it.
    let mut shell = std::process::Command::new("sh");
    let deaf = "trap '' HUP; exec \"$0\" watch --demo --json --speed 20 --start \"$1\"";
    let program = command(home.path());
    shell
        .args(["-c", deaf])
        .arg(program.get_program())
        .arg(start);
    shell.env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    let watch = Running::start(&mut shell);
    let before = watch.wait_for_type("stats");
    watch.signal("HUP");
    watch.wait_for("counters after it", |line| {
        let line = json(line);
        line["type"] == "stats" && line["at"] != before["at"]
    });
    watch.interrupt();
    let ended = watch.wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
}

#[cfg(target_os = "linux")]
#[test]
fn lines_that_cannot_be_written_end_watch_with_a_word() {
    let home = home();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(home.path())
        .args(["watch", "--demo", "--json", "--start", "2026-11-17T10:00"])
        .stdout(full)
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("출력을 쓸 수 없어"), "{err}");
}
