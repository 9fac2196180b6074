//! The configuration file: read, changed by the program, read again.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use jeongbae::domain::StockCode;
use jeongbae::settings::{Environment, Group, Settings, SettingsError, SettingsFile};

use crate::is_readable;

/// A stock that no seed names.
const NEW: &str = "0999Z9";

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("jeongbae-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the file");
    folder.join("config.toml")
});

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let before = match Settings::parse("config.toml".as_ref(), text) {
        Ok(settings) => settings,
        Err(error) => return is_placed(&error, text),
    };
    assert!((2..=8).contains(&before.averages.len()));
    for rule in &before.rules {
        assert!(jeongbae::conditions::Expr::parse(&rule.when).is_ok());
    }
    let Some(new) = StockCode::parse(NEW) else {
        return;
    };
    let group = before.groups.first().map_or("새 묶음", |group| &group.name);
    add(text, &before, group, new);
    take(text, &before);
    arrange(text, &before);
    environment(text, &before);
    screen(text, &before);
}

/// The error names a line of the file and is one line itself.
fn is_placed(error: &SettingsError, text: &str) {
    is_readable(&error.to_string());
    match error {
        SettingsError::Wrong { line, problem, .. } => {
            assert!((1..=text.split('\n').count()).contains(line), "{error}");
            assert!(!problem.to_string().is_empty());
        }
        other => panic!("reading a text cannot fail like this: {other}"),
    }
}

/// What matters of settings; lines of the file move with an edit.
fn sense(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    settings.rules.iter_mut().for_each(|rule| rule.when_at = 0);
    settings
}

/// Does one edit to the text; what the file says then, and the text.
fn edited(
    text: &str,
    edit: impl FnOnce(&SettingsFile) -> Result<Settings, SettingsError>,
) -> (Settings, String) {
    fs::write(&*FILE, text).expect("written");
    let told = match edit(&SettingsFile::new(&*FILE)) {
        Ok(settings) => settings,
        Err(error) => panic!("an edit of a sound file failed: {error}\n{text}"),
    };
    let after = fs::read_to_string(&*FILE).expect("text");
    let read = Settings::parse(&FILE, &after).expect("still sound");
    assert_eq!(told, read, "told and written differ");
    (sense(&read), after)
}

fn add(text: &str, before: &Settings, group: &str, code: StockCode) {
    let (after, written) = edited(text, |file| file.add_code(group, code));
    let mut expected = sense(before);
    match expected.groups.iter_mut().find(|g| g.name == group) {
        Some(group) if group.codes.contains(&code) => {}
        Some(group) => group.codes.push(code),
        None => expected.groups.push(Group {
            name: group.to_owned(),
            codes: vec![code],
        }),
    }
    assert_eq!(after, expected, "{text}\nbecame\n{written}");
    assert_eq!(
        comments(&written),
        comments(text),
        "{text}\nbecame\n{written}"
    );
}

fn take(text: &str, before: &Settings) {
    let Some((at, group)) = before
        .groups
        .iter()
        .enumerate()
        .find(|(_, g)| !g.codes.is_empty())
    else {
        return;
    };
    for index in [0, group.codes.len() / 2, group.codes.len() - 1] {
        let code = group.codes[index];
        let (after, written) = edited(text, |file| file.remove_code(&group.name, code));
        let mut expected = sense(before);
        expected.groups[at].codes.retain(|held| *held != code);
        assert_eq!(after, expected, "{text}\nbecame\n{written}");
        // The comment behind the stock goes with it, each time it is named; every other one
        // stays, in order.
        let (left, all) = (comments(&written), comments(text));
        let named = text.matches(code.as_str()).count();
        assert!(all.len() <= left.len() + named, "{text}\nbecame\n{written}");
        let mut rest = all.iter();
        assert!(
            left.iter().all(|c| rest.any(|a| a == c)),
            "{text}\nbecame\n{written}"
        );
    }
}

/// Moves stocks of a list that names each once; no comment goes away.
fn arrange(text: &str, before: &Settings) {
    let once = |group: &Group| {
        let single = |code: &StockCode| text.matches(code.as_str()).count() == 1;
        1 < group.codes.len() && group.codes.iter().all(single)
    };
    let Some((at, group)) = before.groups.iter().enumerate().find(|(_, g)| once(g)) else {
        return;
    };
    let last = group.codes.len() - 1;
    for (from, to) in [(0, last), (last, 0), (last / 2, last), (0, 0)] {
        let code = group.codes[from];
        let (after, written) = edited(text, |file| file.move_code(&group.name, code, to));
        let mut expected = sense(before);
        expected.groups[at].codes.remove(from);
        expected.groups[at].codes.insert(to, code);
        assert_eq!(after, expected, "{from} to {to}\n{text}\nbecame\n{written}");
        let sorted = |text: &str| {
            let mut found = comments(text);
            found.sort();
            found
        };
        assert_eq!(
            sorted(&written),
            sorted(text),
            "{from} to {to}\n{text}\nbecame\n{written}"
        );
    }
}

fn screen(text: &str, before: &Settings) {
    let mut expected = sense(before);
    expected.screen.reduced_motion = !before.screen.reduced_motion;
    expected.screen.font_size = 150;
    let (after, written) = edited(text, |file| file.set_screen(&expected.screen));
    assert_eq!(after, expected, "{text}\nbecame\n{written}");
    assert_eq!(
        comments(&written),
        comments(text),
        "{text}\nbecame\n{written}"
    );
}

fn environment(text: &str, before: &Settings) {
    for environment in [Environment::Real, Environment::Paper] {
        let (after, written) = edited(text, |file| file.set_environment(environment));
        let mut expected = sense(before);
        expected.kis.environment = environment;
        assert_eq!(after, expected, "{text}\nbecame\n{written}");
        assert_eq!(
            comments(&written),
            comments(text),
            "{text}\nbecame\n{written}"
        );
    }
}

/// The comments of a TOML text, found by its quotes alone.
fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['#', '"', '\'']) {
        rest = &rest[at..];
        if rest.starts_with('#') {
            let (comment, later) = rest.split_at(rest.find('\n').unwrap_or(rest.len()));
            found.push(comment.trim_end().to_owned());
            rest = later;
            continue;
        }
        let one = &rest[..1];
        let three = one.repeat(3);
        let quote = if rest.starts_with(&three) {
            &three
        } else {
            one
        };
        rest = &rest[quote.len()..];
        // An escaped sign ends nothing; up to two quotes may stand before the closing three.
        while !rest.is_empty() && !rest.starts_with(quote) {
            let mut signs = rest.chars();
            if signs.next() == Some('\\') && one == "\"" {
                signs.next();
            }
            rest = signs.as_str();
        }
        rest = rest.get(quote.len()..).unwrap_or_default();
        if quote.len() == 3 {
            rest = rest.trim_start_matches(one);
        }
    }
    found
}
