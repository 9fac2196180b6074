//! From the file's tables to [`Settings`].

use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

use crate::domain::{StockCode, Timeframe};

use super::rule_text::check_rule_text;
use super::section::{Section, mistyped};
use super::source::Source;
use super::{
    CacheSettings, CandleSettings, DesktopSettings, Group, KisSettings, RuleHours, RuleSetting,
    RuleStage, ScreenSettings, Settings, SettingsError,
};
use crate::conditions::Repeat;

/// Every table and its keys.
pub(super) const KEYS: &[(&str, &[&str])] = &[
    (
        "kis",
        &[
            "environment",
            "market",
            "rest_url",
            "ws_url",
            "master_url",
            "requests_per_second",
            "new_customer",
            "realtime_registrations",
            "cache",
        ],
    ),
    (
        "kis.cache",
        &["price_secs", "book_secs", "executions_secs", "candles_secs"],
    ),
    ("candles", &["regular_session_only", "closing_auction"]),
    ("averages", &["periods"]),
    (
        "screen",
        &[
            "columns",
            "theme",
            "colors",
            "average_colors",
            "language",
            "reduced_motion",
            "font_size",
        ],
    ),
    ("market_view", &["fill"]),
    ("desktop", &["autostart", "on_close", "keep_awake"]),
    ("reach", super::reach::KEYS),
    ("watchlist", &["group", "codes"]),
    (
        "rule",
        &[
            "name",
            "enabled",
            "codes",
            "groups",
            "timeframe",
            "when",
            "stage",
            "repeat",
            "periods",
            "hours",
            "expires",
            "sound",
            "notification",
            "message",
            "takeover",
        ],
    ),
];

const CODES: &str = "a list of stock codes in quotes, such as [\"005930\"]";
const PERIODS: &str = "2 to 8 different numbers from 1 to 999";
const HOURS: &str = "hours such as \"09:00-10:30\"";
const TIMEFRAMES: &str = "one of \"1m\" \"3m\" \"5m\" \"10m\" \"15m\" \"30m\" \"60m\" \"120m\" \"240m\" \"D\" \"W\" \"M\"";

pub(super) fn settings(source: &Source<'_>) -> Result<Settings, SettingsError> {
    let document = source.document()?;
    let names: Vec<&str> = KEYS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.contains('.'))
        .collect();
    let root = Section::open(source, "", document.as_table(), None, &names)?;
    let mut settings = Settings::default();
    if let Some(s) = single(source, &root, "kis")? {
        settings.kis = kis(&s)?;
        if let Some(s) = inner(source, &s, "cache", "kis.cache")? {
            settings.kis.cache = cache(&s)?;
        }
    }
    if let Some(s) = single(source, &root, "candles")? {
        settings.candles = candles(&s)?;
    }
    if let Some(s) = single(source, &root, "averages")? {
        settings.averages = periods(&s)?.unwrap_or(settings.averages);
    }
    if let Some(s) = single(source, &root, "screen")? {
        settings.screen = screen(&s)?;
    }
    if let Some(s) = single(source, &root, "market_view")? {
        settings.market_view.fill = s.flag("fill")?.unwrap_or_default();
    }
    if let Some(s) = single(source, &root, "desktop")? {
        settings.desktop = desktop(&s)?;
    }
    if let Some(s) = single(source, &root, "reach")? {
        settings.reach = super::reach::read(&s)?;
    }
    for s in several(source, &root, "watchlist")? {
        let group = group(&s)?;
        if settings.groups.iter().any(|g| g.name == group.name) {
            let problem = format!("{:?} is the name of an earlier group", group.name);
            return Err(s.wrong("group", &problem));
        }
        settings.groups.push(group);
    }
    for s in several(source, &root, "rule")? {
        let rule = rule(&s, &settings.groups)?;
        if settings.rules.iter().any(|r| r.name == rule.name) {
            let problem = format!("{:?} is the name of an earlier rule", rule.name);
            return Err(s.wrong("name", &problem));
        }
        settings.rules.push(rule);
    }
    Ok(settings)
}

fn known(name: &str) -> &'static [&'static str] {
    KEYS.iter()
        .find(|(n, _)| *n == name)
        .map_or(&[], |(_, keys)| keys)
}

fn single<'a>(
    source: &'a Source<'a>,
    root: &Section<'a>,
    name: &'static str,
) -> Result<Option<Section<'a>>, SettingsError> {
    let Some(item) = root.item(name) else {
        return Ok(None);
    };
    let Some(table) = item.as_table_like() else {
        let problem = mistyped(item.type_name(), &format!("one table [{name}]"));
        return Err(root.wrong(name, &problem));
    };
    Section::open(source, name, table, item.span(), known(name)).map(Some)
}

/// A table inside a table; `full` is its name in the file.
fn inner<'a>(
    source: &'a Source<'a>,
    outer: &Section<'a>,
    name: &'static str,
    full: &'static str,
) -> Result<Option<Section<'a>>, SettingsError> {
    let Some(item) = outer.item(name) else {
        return Ok(None);
    };
    let Some(table) = item.as_table_like() else {
        let problem = mistyped(item.type_name(), &format!("one table [{full}]"));
        return Err(outer.wrong(name, &problem));
    };
    Section::open(source, full, table, item.span(), known(full)).map(Some)
}

fn several<'a>(
    source: &'a Source<'a>,
    root: &Section<'a>,
    name: &'static str,
) -> Result<Vec<Section<'a>>, SettingsError> {
    let mut tables: Vec<(&'a dyn TableLike, Option<Range<usize>>)> = Vec::new();
    match root.item(name) {
        None => {}
        Some(Item::ArrayOfTables(array)) => {
            tables.extend(array.iter().map(|t| (t as &dyn TableLike, t.span())));
        }
        Some(Item::Value(Value::Array(array))) if array.iter().all(Value::is_inline_table) => {
            for value in array {
                if let Some(table) = value.as_inline_table() {
                    tables.push((table, value.span()));
                }
            }
        }
        Some(item) => {
            let problem = mistyped(item.type_name(), &format!("tables [[{name}]]"));
            return Err(root.wrong(name, &problem));
        }
    }
    tables
        .into_iter()
        .map(|(table, span)| Section::open(source, name, table, span, known(name)))
        .collect()
}

fn kis(s: &Section<'_>) -> Result<KisSettings, SettingsError> {
    let default = KisSettings::default();
    let rest_url = address(s, "rest_url", ["http", "https"])?;
    let master_url = address(s, "master_url", ["http", "https"])?
        .or_else(|| rest_url.as_ref().map(|url| format!("{url}/common/master")));
    let registrations = s.whole("realtime_registrations", 1..=1_000)?;
    Ok(KisSettings {
        environment: s.choice("environment")?.unwrap_or(default.environment),
        market: s.choice("market")?.unwrap_or(default.market),
        rest_url,
        ws_url: address(s, "ws_url", ["ws", "wss"])?,
        master_url,
        requests_per_second: s.number("requests_per_second", 0.01..=1_000.0)?,
        new_customer: s.flag("new_customer")?.unwrap_or(default.new_customer),
        realtime_registrations: registrations
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(default.realtime_registrations),
        cache: default.cache,
    })
}

fn cache(s: &Section<'_>) -> Result<CacheSettings, SettingsError> {
    let default = CacheSettings::default();
    let secs = |key, default| Ok(s.number(key, 0.0..=3_600.0)?.unwrap_or(default));
    Ok(CacheSettings {
        price_secs: secs("price_secs", default.price_secs)?,
        book_secs: secs("book_secs", default.book_secs)?,
        executions_secs: secs("executions_secs", default.executions_secs)?,
        candles_secs: secs("candles_secs", default.candles_secs)?,
    })
}

/// An address. Its text is not repeated in an error: somebody may have put a password in it.
pub(super) fn address(
    s: &Section<'_>,
    key: &str,
    schemes: [&str; 2],
) -> Result<Option<String>, SettingsError> {
    let [plain, safe] = schemes;
    let allowed = format!(
        "an address that begins with {plain}:// or {safe}://, without user, password, query"
    );
    let Some(text) = s.text(key, &allowed)? else {
        return Ok(None);
    };
    let fits = reqwest::Url::parse(text).is_ok_and(|url| {
        schemes.contains(&url.scheme())
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if !fits || text.trim() != text {
        return Err(s.wrong(key, &format!("must be {allowed}")));
    }
    Ok(Some(text.trim_end_matches('/').to_owned()))
}

fn candles(s: &Section<'_>) -> Result<CandleSettings, SettingsError> {
    let default = CandleSettings::default();
    Ok(CandleSettings {
        regular_session_only: s
            .flag("regular_session_only")?
            .unwrap_or(default.regular_session_only),
        closing_auction: s
            .choice("closing_auction")?
            .unwrap_or(default.closing_auction),
    })
}

fn screen(s: &Section<'_>) -> Result<ScreenSettings, SettingsError> {
    let default = ScreenSettings::default();
    let columns = s.list("columns", "a list of timeframes", timeframe)?;
    if let Some(columns) = &columns
        && (1..columns.len()).any(|i| columns[..i].contains(&columns[i]))
    {
        return Err(s.wrong("columns", "names a timeframe twice"));
    }
    let sizes = ScreenSettings::FONT_SIZES;
    let range = i64::from(*sizes.start())..=i64::from(*sizes.end());
    let font_size = s.whole("font_size", range)?;
    let font_size = font_size.and_then(|n| u16::try_from(n).ok());
    Ok(ScreenSettings {
        columns: columns.unwrap_or(default.columns),
        theme: s.choice("theme")?.unwrap_or(default.theme),
        colors: s.choice("colors")?.unwrap_or(default.colors),
        average_colors: average_colors(s)?,
        language: s.choice("language")?.unwrap_or(default.language),
        reduced_motion: s.flag("reduced_motion")?.unwrap_or(default.reduced_motion),
        font_size: font_size.unwrap_or(default.font_size),
    })
}

/// `{ 20 = "#F5B83D" }`: periods and their colours, shortest first.
fn average_colors(s: &Section<'_>) -> Result<Vec<(u16, [u8; 3])>, SettingsError> {
    const KEY: &str = "average_colors";
    const ALLOWED: &str = "a table of periods and colours, such as { 20 = \"#F5B83D\" }";
    let Some(item) = s.item(KEY) else {
        return Ok(Vec::new());
    };
    let Some(table) = item.as_table_like() else {
        return Err(s.wrong(KEY, &mistyped(item.type_name(), ALLOWED)));
    };
    let mut colors = Vec::new();
    for (period, color) in table.iter() {
        let known = period.parse().ok().filter(|n| (1..=999).contains(n));
        let digits = color.as_str().and_then(|text| text.strip_prefix('#'));
        let number = digits
            .filter(|text| text.len() == 6)
            .and_then(|text| u32::from_str_radix(text, 16).ok());
        let (Some(period), Some(number)) = (known, number) else {
            return Err(s.wrong(KEY, &format!("{period:?}: must be {ALLOWED}")));
        };
        let [_, red, green, blue] = number.to_be_bytes();
        colors.push((period, [red, green, blue]));
    }
    colors.sort_unstable();
    Ok(colors)
}

fn desktop(s: &Section<'_>) -> Result<DesktopSettings, SettingsError> {
    let default = DesktopSettings::default();
    Ok(DesktopSettings {
        autostart: s.flag("autostart")?.unwrap_or(default.autostart),
        on_close: s.choice("on_close")?.unwrap_or(default.on_close),
        keep_awake: s.flag("keep_awake")?.unwrap_or(default.keep_awake),
    })
}

fn group(s: &Section<'_>) -> Result<Group, SettingsError> {
    let name = s.name("group")?;
    let codes = s.needed("codes", codes(s)?, CODES)?;
    Ok(Group { name, codes })
}

fn rule(s: &Section<'_>, known_groups: &[Group]) -> Result<RuleSetting, SettingsError> {
    let name = s.name("name")?;
    let codes = codes(s)?;
    let groups = s.list("groups", "a list of group names", |value| {
        let allowed = || {
            let names: Vec<String> = known_groups
                .iter()
                .map(|g| format!("{:?}", g.name))
                .collect();
            format!("a group of the watchlist ({})", names.join(", "))
        };
        let name = value
            .as_str()
            .ok_or_else(|| mistyped(value.type_name(), &allowed()))?;
        if !known_groups.iter().any(|g| g.name == name) {
            return Err(format!("{name:?} is not {}", allowed()));
        }
        Ok(name.to_owned())
    })?;
    if codes.is_some() && groups.is_some() {
        return Err(s.wrong("groups", "give codes or groups, not both"));
    }
    if groups.as_ref().is_some_and(Vec::is_empty) {
        return Err(s.wrong(
            "groups",
            "names no group; leave the key out for every stock",
        ));
    }
    if codes.as_ref().is_some_and(Vec::is_empty) {
        return Err(s.wrong("codes", "names no stock; leave the key out for every stock"));
    }
    let bars = s
        .text("timeframe", TIMEFRAMES)?
        .map(|text| text.parse::<Timeframe>().or(Err(text)))
        .transpose()
        .map_err(|text| s.wrong("timeframe", &format!("{text:?} is not {TIMEFRAMES}")))?;
    let when_allowed = "a rule text such as \"alignment becomes bullish\"";
    let when = s.needed("when", s.text("when", when_allowed)?, when_allowed)?;
    check_rule_text(when).map_err(|problem| s.wrong("when", &problem))?;
    Ok(RuleSetting {
        name,
        enabled: s.flag("enabled")?.unwrap_or(true),
        codes,
        groups,
        timeframe: s.needed("timeframe", bars, TIMEFRAMES)?,
        when: when.to_owned(),
        when_at: s.line("when"),
        stage: s.choice("stage")?.unwrap_or(RuleStage::Close),
        repeat: s.choice("repeat")?.unwrap_or(Repeat::OncePerBar),
        periods: periods(s)?,
        hours: s
            .text("hours", HOURS)?
            .map(str::parse::<RuleHours>)
            .transpose()
            .map_err(|error| s.wrong("hours", &error.to_string()))?,
        expires: s.date("expires")?,
        manners: super::reach::manners(s)?,
    })
}

/// The codes of a table, each once.
fn codes(s: &Section<'_>) -> Result<Option<Vec<StockCode>>, SettingsError> {
    let read = s.list("codes", CODES, |value| {
        let text = value.as_str().ok_or_else(|| {
            mistyped(
                value.type_name(),
                "a stock code in quotes, such as \"005930\"",
            )
        })?;
        text.parse::<StockCode>().map_err(|e| e.to_string())
    })?;
    Ok(read.map(|codes| super::distinct(&codes)))
}

fn timeframe(value: &Value) -> Result<Timeframe, String> {
    let text = value
        .as_str()
        .ok_or_else(|| mistyped(value.type_name(), TIMEFRAMES))?;
    text.parse::<Timeframe>()
        .or(Err(format!("{text:?} is not {TIMEFRAMES}")))
}

/// The periods of a table, shortest first.
fn periods(s: &Section<'_>) -> Result<Option<Vec<u16>>, SettingsError> {
    let read = s.list("periods", PERIODS, |value| {
        let number = value
            .as_integer()
            .ok_or_else(|| mistyped(value.type_name(), "a whole number from 1 to 999"))?;
        u16::try_from(number)
            .ok()
            .filter(|n| (1..=999).contains(n))
            .ok_or_else(|| format!("{number} is not a whole number from 1 to 999"))
    })?;
    let Some(mut periods) = read else {
        return Ok(None);
    };
    periods.sort_unstable();
    if let Some(twice) = periods.windows(2).find(|w| w[0] == w[1]) {
        let problem = format!("{} is there twice; must be {PERIODS}", twice[0]);
        return Err(s.wrong("periods", &problem));
    }
    if !(2..=8).contains(&periods.len()) {
        let problem = format!("has {} numbers; must be {PERIODS}", periods.len());
        return Err(s.wrong("periods", &problem));
    }
    Ok(Some(periods))
}
