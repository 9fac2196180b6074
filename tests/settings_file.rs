//! The configuration file from the outside: what is read, what is refused and in which words,
//! and what an edit leaves as it was.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper fails its test"
)]

use std::fs;
use std::path::Path;

use jeongbae::domain::{ClosingAuction, Day, Market, StockCode, Timeframe};
use jeongbae::lang;
use jeongbae::settings::{
    Change, DEFAULT_TEXT, Environment, GroupChange, LanguageChoice, OnClose, PriceColors, Repeat,
    RuleStage, ScreenSettings, Settings, SettingsError, SettingsFile, Theme, load, load_or_bundled,
};

fn code(text: &str) -> StockCode {
    text.parse().unwrap()
}

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(Path::new("my.toml"), text)
}

/// The error's one line, in English; `tests/contract.rs` has both languages.
fn refusal(text: &str) -> String {
    lang::speak(lang::Language::English);
    let line = parse(text).expect_err(text).to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

const RULE: &str = "[[watchlist]]\ngroup = \"A\"\ncodes = [\"005930\"]\n\n[[rule]]\nname = \"R\"\n\
                    timeframe = \"30m\"\nwhen = \"alignment becomes bullish\"\n";

#[test]
fn the_bundled_file_states_the_defaults() {
    let mut bundled = Settings::bundled().unwrap();
    assert_eq!(bundled.groups[0].name, "관심");
    let rule = &bundled.rules[0];
    assert_eq!(
        (rule.name.as_str(), rule.timeframe),
        ("30분 정배열", Timeframe::Minutes(30))
    );
    assert_eq!(
        (rule.stage, rule.repeat),
        (RuleStage::Close, Repeat::OncePerBar)
    );
    assert_eq!(bundled.codes_of(rule), bundled.groups[0].codes);
    bundled.groups.clear();
    bundled.rules.clear();
    assert_eq!(bundled, Settings::default());
    assert_eq!(parse("").unwrap(), Settings::default());
}

#[test]
fn the_bundled_file_lists_every_key() {
    // The program itself says which keys it knows.
    for table in [
        "kis",
        "kis.cache",
        "candles",
        "averages",
        "screen",
        "desktop",
        "reach",
        "watchlist",
        "rule",
    ] {
        let several = ["watchlist", "rule"].contains(&table);
        let header = if several {
            format!("[[{table}]]")
        } else {
            format!("[{table}]")
        };
        let said = refusal(&format!("{header}\nnonsense = 1"));
        let (_, keys) = said.split_once("allowed: ").unwrap();
        let (_, section) = DEFAULT_TEXT.split_once(&header).unwrap();
        let section = section.split("\n[").next().unwrap();
        for key in keys.split(", ") {
            let stated = section
                .lines()
                .any(|l| l.trim_start_matches("# ").starts_with(&format!("{key} = ")));
            let stated = stated || DEFAULT_TEXT.contains(&format!("\n[{table}.{key}]\n"));
            assert!(stated, "{table}.{key} is not in config/default.toml");
        }
    }
}

#[test]
fn the_demo_has_eight_stocks_and_ordinary_rules() {
    let demo = Settings::demo().unwrap();
    assert_eq!(demo.watched().len(), 8);
    let rules: Vec<_> = demo.rules.iter().map(|r| (r.timeframe, r.stage)).collect();
    assert!(rules.contains(&(Timeframe::Minutes(30), RuleStage::Close)));
    assert!(rules.contains(&(Timeframe::Minutes(5), RuleStage::Forming)));
}

#[test]
fn every_key_is_read() {
    let settings = parse(
        r##"[kis]
environment = "paper"
market = "NX"
rest_url = "http://127.0.0.1:18080/"
ws_url = "ws://127.0.0.1:18081"
requests_per_second = 5
realtime_registrations = 20
new_customer = true
cache = { price_secs = 0, candles_secs = 1.5 }
[candles]
regular_session_only = false
closing_auction = "own-bar"
[averages]
periods = [60, 5, 20]
[screen]
columns = ["5m", "W"]
theme = "high-contrast"
colors = "color-blind"
average_colors = { 20 = "#000000", 5 = "#12abFF" }
language = "en"
reduced_motion = true
font_size = 120
[[watchlist]]
group = "A"
codes = ["005930", "0126Z0", "005930"]
[[watchlist]]
group = "B"
codes = ["000660"]
[[rule]]
name = "one"
codes = ["035420"]
timeframe = "D"
when = "ma20 crosses above ma60"
stage = "forming"
repeat = "until-reversed"
periods = [10, 5]
hours = "09:00-10:30"
expires = "2026-12-31"
[[rule]]
name = "two"
groups = ["B"]
timeframe = "1m"
when = "close > ma20"
expires = 2027-01-04
[[rule]]
name = "three"
timeframe = "M"
when = "close > ma20"
"##,
    )
    .unwrap();
    let kis = &settings.kis;
    assert_eq!(
        (kis.environment, kis.market),
        (Environment::Paper, Market::Nxt)
    );
    assert_eq!(kis.rest_url.as_deref(), Some("http://127.0.0.1:18080"));
    assert_eq!(kis.ws_url.as_deref(), Some("ws://127.0.0.1:18081"));
    let master = Some("http://127.0.0.1:18080/common/master");
    assert_eq!(kis.master_url.as_deref(), master);
    assert_eq!(
        (kis.requests_per_second, kis.realtime_registrations),
        (Some(5.0), 20)
    );
    assert!(kis.new_customer);
    let cache = (
        kis.cache.price_secs,
        kis.cache.book_secs,
        kis.cache.candles_secs,
    );
    assert_eq!(cache, (0.0, 1.0, 1.5));
    assert!(!settings.candles.regular_session_only);
    assert_eq!(settings.candles.closing_auction, ClosingAuction::OwnBar);
    assert_eq!(settings.averages, [5, 20, 60], "sorted on load");
    let first = [code("005930"), code("0126Z0")];
    assert_eq!(settings.groups[0].codes, first, "each once");
    let [one, two, three] = &settings.rules[..] else {
        panic!("three rules");
    };
    assert_eq!(settings.periods_of(one), [5, 10]);
    assert_eq!(settings.periods_of(two), [5, 20, 60]);
    assert_eq!(settings.codes_of(one), [code("035420")]);
    assert_eq!(settings.codes_of(two), [code("000660")]);
    let all = ["005930", "0126Z0", "000660", "035420"].map(code);
    assert_eq!(settings.codes_of(three), all);
    assert_eq!(
        (two.stage, two.repeat),
        (RuleStage::Close, Repeat::OncePerBar)
    );
    assert_eq!(one.when_at, 33);
    let hours = one.hours.map(|hours| hours.to_string());
    assert_eq!(hours.as_deref(), Some("09:00-10:30"));
    assert_eq!(one.expires, Day::from_ymd(2026, 12, 31));
    assert_eq!((two.hours, two.expires), (None, Day::from_ymd(2027, 1, 4)));
    assert_eq!((three.hours, three.expires), (None, None));
    let screen = ScreenSettings {
        columns: vec![Timeframe::Minutes(5), Timeframe::Week],
        theme: Theme::HighContrast,
        colors: PriceColors::ColorBlind,
        language: LanguageChoice::English,
        average_colors: vec![(5, [0x12, 0xab, 0xff]), (20, [0, 0, 0])],
        reduced_motion: true,
        font_size: 120,
    };
    assert_eq!(settings.screen, screen);
}

#[test]
fn every_error_names_file_line_and_key() {
    let rule = |line: &str| format!("{RULE}{line}\n");
    let cases: Vec<(String, &str, &str)> = vec![
        (
            "[kis]\nspeed = 1".into(),
            "2: kis.speed: ",
            "allowed: environment",
        ),
        ("[kiss]\n".into(), "1: kiss: ", "unknown key"),
        (
            "[screen]\naverage_colors = { 20 = \"red\" }".into(),
            "2: screen.average_colors: ",
            "#F5B83D",
        ),
        (
            "\n[kis]\nmarket = \"X\"".into(),
            "3: kis.market: ",
            "\"J\", \"NX\" or \"UN\"",
        ),
        (
            "[kis]\nmarket = 1".into(),
            "2: kis.market: ",
            "is a TOML integer",
        ),
        ("kis = 3".into(), "1: kis: ", "[kis]"),
        (
            "[kis]\nrest_url = \"ftp://x\"".into(),
            "2: kis.rest_url: ",
            "http://",
        ),
        (
            "[kis]\nws_url = \"wss://x\"".into(),
            "2: kis.ws_url: ",
            "ws://",
        ),
        (
            "[kis]\n[kis.cache]\nprice_secs = -1".into(),
            "3: kis.cache.price_secs: ",
            "0",
        ),
        ("[kis]\ncache = 3".into(), "2: kis.cache: ", "[kis.cache]"),
        (
            "[kis]\nrequests_per_second = 0".into(),
            "2: kis.requests_per_second: ",
            "0.01",
        ),
        (
            "[kis]\nrequests_per_second = nan".into(),
            "2: kis.requests_per_second: ",
            "0.01",
        ),
        (
            "[kis]\nrealtime_registrations = -1".into(),
            "2: kis.realtime_",
            "from 1",
        ),
        (
            "[candles]\nregular_session_only = 1".into(),
            "2: candles.regular_",
            "true or false",
        ),
        (
            "[averages]\nperiods = [20]".into(),
            "2: averages.periods: ",
            "2 to 8",
        ),
        (
            "[averages]\nperiods = [1,2,3,4,5,6,7,8,9]".into(),
            "2: averages.periods: ",
            "2 to 8",
        ),
        (
            "[averages]\nperiods = [20,\n20]".into(),
            "2: averages.periods: ",
            "twice",
        ),
        (
            "[averages]\nperiods = [\n20,\n1000]".into(),
            "4: averages.periods: ",
            "1 to 999",
        ),
        (
            "[averages]\nperiods = [0, 5]".into(),
            "2: averages.periods: ",
            "1 to 999",
        ),
        (
            "[averages]\nperiods = [2.5, 5]".into(),
            "2: averages.periods: ",
            "float",
        ),
        (
            "[screen]\ncolumns = [\"7m\"]".into(),
            "2: screen.columns: ",
            "\"30m\"",
        ),
        (
            RULE.replace("\"005930\"", "\n\"5930\""),
            "4: watchlist.codes: ",
            "stock code",
        ),
        (
            RULE.replace("\"005930\"", "5930"),
            "3: watchlist.codes: ",
            "in quotes",
        ),
        (
            "[[watchlist]]\ngroup = \"A\"".into(),
            "1: watchlist.codes: ",
            "is missing",
        ),
        (
            "[[watchlist]]\ngroup = \" \"".into(),
            "2: watchlist.group: ",
            "name",
        ),
        (
            format!("{RULE}[[watchlist]]\ngroup = \"A\"\ncodes = []"),
            "10: watchlist.group: ",
            "earlier",
        ),
        (format!("{RULE}{}", &RULE[45..]), "", "earlier rule"),
        (rule("groups = [\"B\"]"), "9: rule.groups: ", "(\"A\")"),
        (rule("groups = []"), "9: rule.groups: ", "no group"),
        (rule("codes = []"), "9: rule.codes: ", "no stock"),
        (
            rule("codes = [\"005930\"]\ngroups = [\"A\"]"),
            "10: rule.groups: ",
            "not both",
        ),
        (
            rule("stage = \"open\""),
            "9: rule.stage: ",
            "\"close\" or \"forming\"",
        ),
        (
            rule("repeat = \"twice\""),
            "9: rule.repeat: ",
            "\"until-reversed\"",
        ),
        (rule("periods = [5]"), "9: rule.periods: ", "2 to 8"),
        (rule("hours = 9"), "9: rule.hours: ", "09:00-10:30"),
        (
            rule("hours = \"10:30-09:00\""),
            "9: rule.hours: ",
            "the earlier one first",
        ),
        (
            rule("expires = 20261231"),
            "9: rule.expires: ",
            "2026-12-31",
        ),
        (
            rule("expires = \"2026-2-3\""),
            "9: rule.expires: ",
            "2026-12-31",
        ),
        (
            rule("expires = 2026-12-31T09:00:00"),
            "9: rule.expires: ",
            "2026-12-31",
        ),
        (RULE.replace("30m", "7m"), "7: rule.timeframe: ", "\"240m\""),
        (
            RULE.replace("alignment becomes bullish", " "),
            "8: rule.when: ",
            "",
        ),
        (
            "[kis]\nmarket = \"J\"\nmarket = \"J\"".into(),
            "3: ",
            "twice",
        ),
        ("[kis\n".into(), "1: ", ""),
        ("[kis]\nmarket = \"J\n".into(), "2: ", ""),
    ];
    for (text, start, part) in cases {
        let line = refusal(&text);
        let start = format!("my.toml:{start}");
        assert!(
            line.starts_with(&start),
            "{text}\n  gave {line}\n  not  {start}"
        );
        assert!(line.contains(part), "{line} lacks {part}");
    }
}

#[test]
fn keys_in_the_file_are_refused_without_repeating_them() {
    for text in [
        "app_key = \"hidden-value\"",
        "[kis]\napp_secret = \"hidden-value\"",
        "[kis]\nAppKey = \"hidden-value\"",
        "[kis.token]\nvalue = \"hidden-value\"",
        "[kis]\nrest_url = \"http://user:hidden-value@host\"",
        "[kis]\nrest_url = \"http://host/?appkey=hidden-value\"",
    ] {
        let line = refusal(text);
        assert!(!line.contains("hidden-value"), "{line}");
        let told = line.contains("KIS_APP_SECRET") && line.contains("keyring");
        assert!(told || text.contains("rest_url"), "{line}");
    }
}

#[test]
fn a_missing_file_is_an_error_only_where_it_was_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("none.toml");
    let line = load(&path).unwrap_err().to_string();
    assert!(
        line.contains("none.toml") && line.lines().count() == 1,
        "{line}"
    );
    assert_eq!(
        load_or_bundled(&path).unwrap(),
        Settings::bundled().unwrap()
    );
    fs::write(&path, b"\xff\xfe").unwrap();
    assert!(
        load_or_bundled(&path)
            .unwrap_err()
            .to_string()
            .contains("UTF-8")
    );
    assert!(load(dir.path()).is_err(), "a folder");
}

const WRITTEN: &str = "# mine\n[averages]   # drawn\nperiods = [60, 5]\n\n[[watchlist]]\n\
                       codes = [ # big\n  \"005930\", # Samsung\n  \"000660\",\n]\ngroup = 'A'\n\
                       # the end\n";

#[test]
fn an_edit_keeps_comments_and_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, WRITTEN).unwrap();
    let file = SettingsFile::new(&path);

    let settings = file.add_code("A", code("035420")).unwrap();
    assert_eq!(settings.groups[0].codes.len(), 3);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(load(&path).unwrap(), settings);
    for line in WRITTEN.lines() {
        assert!(text.contains(line), "{line:?} is gone from\n{text}");
    }

    file.add_code("A", code("035420")).unwrap();
    let again = fs::read_to_string(&path).unwrap();
    assert_eq!(again, text, "already there: nothing changes");

    let settings = file.remove_code("A", code("000660")).unwrap();
    assert_eq!(settings.groups[0].codes, [code("005930"), code("035420")]);
    let text = fs::read_to_string(&path).unwrap();
    for comment in ["# mine", "# drawn", "# big", "# Samsung", "# the end"] {
        assert!(text.contains(comment), "{comment} is gone from\n{text}");
    }

    let settings = file.add_code("새 그룹", code("0126Z0")).unwrap();
    assert_eq!(settings.groups[1].name, "새 그룹");
    assert_eq!(load(&path).unwrap(), settings);
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "nothing is left aside");
}

#[test]
fn a_comment_stays_behind_its_stock() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let head = "[[watchlist]]\ngroup = \"A\"\ncodes = [";
    let (add, remove) = (true, false);
    let (a, b) = ("\n  \"005930\", # one", "\n  \"000660\", # two");
    let cases = [
        (
            add,
            format!("{a}{b}\n]"),
            format!("{a}{b}\n  \"035420\",\n]"),
        ),
        (add, "\"005930\"]".into(), "\"005930\", \"035420\"]".into()),
        (add, "]".into(), "\"035420\"]".into()),
        (remove, format!("{a}{b}\n]"), format!("{a}\n]")),
        (remove, format!("{b}{a}\n]"), format!("{a}\n]")),
        (remove, format!("{b}\n]"), "\n]".into()),
        (
            remove,
            "\"000660\", \"005930\"]".into(),
            "\"005930\"]".into(),
        ),
        (
            remove,
            "\"005930\", \"000660\"]".into(),
            "\"005930\"]".into(),
        ),
        (remove, "\"000660\"]".into(), "]".into()),
    ];
    for (adds, before, after) in cases {
        fs::write(&path, format!("{head}{before}\n")).unwrap();
        let file = SettingsFile::new(&path);
        if adds {
            file.add_code("A", code("035420")).unwrap();
        } else {
            file.remove_code("A", code("000660")).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!("{head}{after}\n")
        );
    }
}

#[test]
fn an_edit_that_cannot_be_made_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, WRITTEN).unwrap();
    let file = SettingsFile::new(&path);
    for error in [
        file.remove_code("B", code("005930")).unwrap_err(),
        file.remove_code("A", code("035420")).unwrap_err(),
        file.add_code(" ", code("035420")).unwrap_err(),
    ] {
        assert!(error.to_string().contains("config.toml"), "{error}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), WRITTEN);

    fs::write(&path, "[kis]\nmarket = 1\n").unwrap();
    assert!(file.add_code("A", code("035420")).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "[kis]\nmarket = 1\n");
}

#[test]
fn what_closing_does_is_remembered_in_old_files_and_new_ones() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let file = SettingsFile::new(&path);
    let old = "# mine\n[screen]\ntheme = \"light\" # bright\n";
    fs::write(&path, old).unwrap();
    let settings = file.change(&Change::OnClose(OnClose::Background)).unwrap();
    assert_eq!(settings.desktop.on_close, OnClose::Background);
    assert_eq!(load(&path).unwrap(), settings);
    assert!(fs::read_to_string(&path).unwrap().starts_with(old));
    let new = "[desktop]\nautostart = true\non_close = \"ask\" # always\nkeep_awake = false\n";
    fs::write(&path, new).unwrap();
    let desktop = file
        .change(&Change::OnClose(OnClose::Quit))
        .unwrap()
        .desktop;
    assert!(desktop.autostart && !desktop.keep_awake);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, new.replace("\"ask\"", "\"quit\""));
    assert!(refusal("[desktop]\non_close = \"hide\"").contains("\"background\""));
}

#[test]
fn the_first_edit_begins_with_the_bundled_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/config.toml");
    let file = SettingsFile::new(&path);
    file.add_code("관심", code("051910")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    for line in DEFAULT_TEXT.lines().filter(|l| l.starts_with('#')) {
        assert!(text.contains(line), "{line}");
    }
    assert!(!file.create_if_missing().unwrap());
    let other = SettingsFile::new(dir.path().join("other.toml"));
    assert!(other.create_if_missing().unwrap());
    assert_eq!(fs::read_to_string(other.path()).unwrap(), DEFAULT_TEXT);
}

#[test]
fn a_group_written_inline_can_be_edited_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(
        &path,
        "watchlist = [{ group = \"A\", codes = [\"005930\"] }]\n",
    )
    .unwrap();
    let file = SettingsFile::new(&path);
    let codes = |s: Settings| s.groups[0].codes.len();
    assert_eq!(codes(file.add_code("A", code("000660")).unwrap()), 2);
    assert_eq!(file.add_code("B", code("000660")).unwrap().groups.len(), 2);
    assert_eq!(codes(file.remove_code("A", code("005930")).unwrap()), 1);
}

#[test]
fn groups_are_made_renamed_and_taken_out_and_rules_follow() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let text = "# mine\n[[watchlist]]\ngroup = \"A\" # first\ncodes = [\"005930\"]\n\n[[watchlist]]\ngroup = \"B\"\ncodes = []\n\n[[rule]]\nname = \"r\"\ngroups = [\"B\", \"A\"] # both\ntimeframe = \"30m\"\nwhen = \"close > 1\"\n";
    fs::write(&path, text).unwrap();
    let file = SettingsFile::new(&path);
    let made = file
        .change_group(&GroupChange::Add("C".to_owned()))
        .unwrap();
    assert_eq!(made.groups.len(), 3);
    let rename = |was: &str, name: &str| GroupChange::Rename {
        was: was.to_owned(),
        name: name.to_owned(),
    };
    let renamed = file.change_group(&rename("A", "한글")).unwrap();
    let named = renamed.rules[0].groups.clone().unwrap();
    assert_eq!(named, ["B", "한글"]);
    let text = fs::read_to_string(&path).unwrap();
    for kept in [
        "# mine\n",
        "group = \"한글\" # first",
        "groups = [\"B\", \"한글\"] # both",
    ] {
        assert!(text.contains(kept), "{text}");
    }
    // Refused, and nothing is written: a name that is taken, a group a rule names, none at all.
    for change in [
        rename("한글", "B"),
        rename("A", "D"),
        GroupChange::Remove("B".to_owned()),
        GroupChange::Remove("A".to_owned()),
    ] {
        file.change_group(&change).unwrap_err();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let out = file
        .change_group(&GroupChange::Remove("C".to_owned()))
        .unwrap();
    assert_eq!(out.groups.len(), 2);
    let leave = GroupChange::Leave {
        group: "한글".to_owned(),
        code: code("005930"),
    };
    assert!(
        file.change_group(&leave).unwrap().groups[0]
            .codes
            .is_empty()
    );
}

#[test]
fn an_error_is_one_line_whatever_the_file_says() {
    let long = "x".repeat(9_000);
    for text in [
        "\"a\\nb\" = 1".to_owned(),
        "[kis]\n\"\\u001b[0m\" = 1".to_owned(),
        format!("{long} = 1"),
        format!("[kis]\nenvironment = \"{long}\""),
        "[kis]\nenvironment = \"\\u0085\"".to_owned(),
    ] {
        let line = refusal(&text);
        assert!(!line.contains(char::is_control), "{line:?}");
        assert!(line.chars().count() < 700, "{line}");
    }
}

/// The codes of the first group, with what the file says behind each.
fn lines_of(text: &str) -> Vec<&str> {
    let list = text.split_once("codes = [").unwrap().1;
    let list = list.split_once(']').unwrap().0;
    list.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect()
}

#[test]
fn a_moved_stock_takes_its_comment_along() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let written = "[[watchlist]]\ngroup = \"A\"\ncodes = [ # mine\n    \"005930\", # Samsung\n    \
                   # chips\n    \"000660\", # Hynix\n    \"035420\" # Naver\n    # the end\n]\n";
    fs::write(&path, written).unwrap();
    let file = SettingsFile::new(&path);
    let settings = file.move_code("A", code("005930"), 2).unwrap();
    let order = ["000660", "035420", "005930"].map(code);
    assert_eq!(settings.groups[0].codes, order);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        lines_of(&text),
        [
            "# mine",
            "# chips",
            "\"000660\", # Hynix",
            "\"035420\", # Naver",
            "\"005930\" # Samsung",
            "# the end"
        ]
    );
    file.move_code("A", code("005930"), 0).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), written, "and back");
    assert!(file.move_code("A", code("068270"), 0).is_err());
    assert!(file.move_code("B", code("005930"), 0).is_err());

    fs::write(
        &path,
        "watchlist = [{ group = \"A\", codes = [\"005930\", \"000660\"] }]\n",
    )
    .unwrap();
    file.move_code("A", code("000660"), 0).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("[\"000660\", \"005930\"]"), "{text}");
}

#[test]
fn the_look_is_written_beside_its_comments() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let written = "[screen]\ncolumns = [\"5m\"]\ntheme = \"light\" # for the day\n[[watchlist]]\n\
                   group = \"A\"\ncodes = []\n";
    let screen = ScreenSettings {
        theme: Theme::HighContrast,
        colors: PriceColors::GreenUp,
        reduced_motion: true,
        font_size: 150,
        ..ScreenSettings::default()
    };
    fs::write(&path, written).unwrap();
    let file = SettingsFile::new(&path);
    let settings = file.set_screen(&screen).unwrap();
    assert_eq!(settings.screen, screen);
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("theme = \"high-contrast\" # for the day"),
        "{text}"
    );
    fs::write(&path, "").unwrap();
    assert_eq!(
        file.set_screen(&screen).unwrap().screen.theme,
        Theme::HighContrast
    );
}

#[test]
fn comments_within_a_list_outlive_its_being_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let text = "[screen]\ncolumns = [ # short\n  \"30m\", # half an hour\n  # \"60m\",\n]\n\
        [averages]\nperiods = [20, 60 # three\n]\n";
    std::fs::write(&path, text).unwrap();
    let file = SettingsFile::new(&path);
    let screen = Settings::parse(&path, text).unwrap().screen;
    assert_eq!(file.set_screen(&screen).unwrap().screen, screen);
    file.change(&Change::Averages(vec![5, 20])).unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    for comment in ["# short", "# half an hour", "# \"60m\",", "# three"] {
        assert!(written.contains(comment), "{comment} in {written}");
    }
    let read = Settings::parse(&path, &written).unwrap();
    assert_eq!((read.screen, read.averages), (screen, vec![5, 20]));
}

#[test]
fn no_edit_lets_a_comment_swallow_a_stock_or_loses_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let file = SettingsFile::new(&path);
    let group = |list: &str| format!("[[watchlist]]\ngroup = \"A\"\ncodes = [{list}]\n");
    let two = "\n  \"005930\", # first\n# between\n  \"000660\", \"035420\", # end\n";
    for (from, to) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        fs::write(&path, group(two)).unwrap();
        let mut expected = ["005930", "000660", "035420"].map(code).to_vec();
        let moved = expected.remove(from);
        expected.insert(to, moved);
        let settings = file.move_code("A", moved, to).unwrap();
        assert_eq!(settings.groups[0].codes, expected, "{from} to {to}");
        let text = fs::read_to_string(&path).unwrap();
        for comment in ["# first", "# between", "# end"] {
            assert!(text.contains(comment), "{from} to {to}: {text}");
        }
    }
    for list in [
        "\"005930\", # mine\n # between\n \"000660\"",
        "\"005930\" # mine\n # between\n",
        "\"005930\" # mine\n # between\n , \"000660\"",
        "\"000660\",\n \"005930\" # mine\n # between\n , \"035420\"",
    ] {
        fs::write(&path, group(list)).unwrap();
        file.remove_code("A", code("005930")).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("# between") && !text.contains("# mine"),
            "{text}"
        );
    }
}

fn rule_named(name: &str, when: &str) -> jeongbae::settings::RuleSetting {
    let text = format!("[[rule]]\nname = \"{name}\"\ntimeframe = \"5m\"\nwhen = \"{when}\"\n");
    parse(&text).unwrap().rules.remove(0)
}

#[test]
fn a_rule_is_written_beside_its_comments() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let written = "# mine\n[[watchlist]]\ngroup = \"A\"\ncodes = [\"005930\"]\n\n# the first\n\
                   [[rule]]\nname = \"one\" # dear\ncodes = [ \"005930\" ] # only this\n\
                   timeframe = \"30m\"\nwhen = \"close > ma20\"\n\
                   hours = \"09:00 - 10:00\" # early\nexpires = 2026-12-31\n\n[[rule]]\nname = \"two\"\n\
                   timeframe = \"D\"\nwhen = \"close < ma5\"\n# below the last\n";
    fs::write(&path, written).unwrap();
    let file = SettingsFile::new(&path);
    let mut one = parse(written).unwrap().rules[0].clone();
    // What does not change is left alone to the letter.
    file.put_rule(Some("one"), &one, None).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    one.name = "eins".to_owned();
    one.enabled = false;
    one.when = "alignment is bullish".to_owned();
    one.repeat = Repeat::OncePerDay;
    one.periods = Some(vec![5, 20]);
    one.hours = "09:30-10:00".parse().ok();
    one.expires = Day::from_ymd(2027, 1, 4);
    let settings = file.put_rule(Some("one"), &one, None).unwrap();
    let read = settings.rules[0].clone();
    assert_eq!(read.name, "eins");
    assert_eq!((read.enabled, read.repeat), (false, Repeat::OncePerDay));
    assert_eq!((read.when, read.periods), (one.when, one.periods));
    assert_eq!((read.hours, read.expires), (one.hours, one.expires));
    let text = fs::read_to_string(&path).unwrap();
    for kept in [
        "# the first\n[[rule]]\nname = \"eins\" # dear\n",
        "codes = [ \"005930\" ] # only this\n",
        "hours = \"09:30-10:00\" # early\nexpires = 2027-01-04\n",
        "# below the last\n",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    // A new one goes last, below what stands below the last one.
    let three = rule_named("three", "close > ma3");
    let settings = file.put_rule(None, &three, None).unwrap();
    assert_eq!(settings.rules.len(), 3);
    assert_eq!(settings.rules[2].name, "three");
    let text = fs::read_to_string(&path).unwrap();
    let (comment, last) = (text.find("# below"), text.find("\"three\""));
    assert!(comment < last, "{text}");
    // A name that is taken, a rule that is not there: nothing is written.
    assert!(file.put_rule(None, &three, None).is_err());
    assert!(file.put_rule(Some("four"), &three, None).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_removed_rule_comes_back_with_its_comments_and_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let rule = |name: &str, more: &str| {
        format!(
            "{more}[[rule]]\nname = \"{name}\" # {name}'s\ntimeframe = \"D\"\nwhen = \"close > ma5\"\n\n"
        )
    };
    let tables = [
        rule("one", "# first\n"),
        rule("two", ""),
        rule("three", "# third\n"),
    ]
    .concat();
    let inline = "rule = [\n  { name = \"one\", timeframe = \"D\", when = \"close > ma5\" },\n  \
                  { name = \"two\", timeframe = \"5m\", when = \"close > ma9\" },\n]\n";
    for (text, names) in [
        (tables.as_str(), &["one", "two", "three"][..]),
        (inline, &["one", "two"]),
    ] {
        let file = SettingsFile::new(&path);
        for name in names {
            fs::write(&path, text).unwrap();
            let before = parse(text).unwrap().rules;
            let back = before.iter().find(|r| r.name == *name).unwrap();
            let removed = file.remove_rule(name).unwrap();
            let left = fs::read_to_string(&path).unwrap();
            assert!(!left.contains(name), "{left}");
            file.put_rule(None, back, Some(&removed)).unwrap();
            let again = fs::read_to_string(&path).unwrap();
            if text == tables {
                assert_eq!(again, text, "{name}");
            }
            let names_of = |rules: &[jeongbae::settings::RuleSetting]| {
                rules.iter().map(|r| r.name.clone()).collect::<Vec<_>>()
            };
            let rules = parse(&again).unwrap().rules;
            assert_eq!(names_of(&rules), names_of(&before), "{again}");
            assert!(file.remove_rule("nobody").is_err());
        }
    }
    // Without any rule left the file still reads, and takes one again.
    fs::write(&path, rule("one", "# first\n")).unwrap();
    let file = SettingsFile::new(&path);
    let removed = file.remove_rule("one").unwrap();
    assert!(
        parse(&fs::read_to_string(&path).unwrap())
            .unwrap()
            .rules
            .is_empty()
    );
    let one = rule_named("one", "close > ma5");
    file.put_rule(None, &one, Some(&removed)).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("# first"));
}

#[test]
fn single_settings_are_changed_in_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let text = "# 내 설정\n[kis]\nrequests_per_second = 5.0 # 천천히\n[averages]\nperiods = [5, 20] # 짧게\n";
    fs::write(&path, text).unwrap();
    let file = SettingsFile::new(&path);
    let desktop = jeongbae::settings::DesktopSettings {
        autostart: true,
        on_close: OnClose::Background,
        keep_awake: false,
    };
    let changes = [
        Change::RequestsPerSecond(Some(90)),
        Change::NewCustomer(true),
        Change::Registrations(20),
        Change::Averages(vec![20, 60, 120]),
        Change::MarketFill(true),
        Change::Desktop(desktop),
    ];
    let mut expected = load(&path).unwrap();
    for change in &changes {
        expected.change(change);
        // What is written is what the change says.
        assert_eq!(file.change(change).unwrap(), expected, "{change:?}");
    }
    assert_eq!(load(&path).unwrap(), expected);
    assert_eq!(expected.kis.requests_per_second, Some(0.9));
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.starts_with("# 내 설정\n[kis]\nrequests_per_second = 0.9 # 천천히\n"));
    assert!(
        written.contains("periods = [20, 60, 120] # 짧게"),
        "{written}"
    );
    file.change(&Change::RequestsPerSecond(None)).unwrap();
    let written = fs::read_to_string(&path).unwrap();
    assert!(!written.contains("requests_per_second"), "{written}");
    // What the file would not take is not written.
    file.change(&Change::Averages(vec![20])).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
}

#[test]
fn colours_of_averages_are_written_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(dir.path().join("config.toml"));
    let mut screen = ScreenSettings {
        average_colors: vec![(20, [1, 2, 255])],
        columns: vec![Timeframe::Minutes(3), Timeframe::Month],
        ..ScreenSettings::default()
    };
    assert_eq!(file.set_screen(&screen).unwrap().screen, screen);
    screen.average_colors.clear();
    assert_eq!(file.set_screen(&screen).unwrap().screen, screen);
    let written = fs::read_to_string(file.path()).unwrap();
    assert!(!written.contains("\naverage_colors"), "{written}");
}
