//! From the file's tables to [`Settings`].

use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

use crate::domain::{StockCode, Timeframe};
use crate::lang::Said;

use super::rule_text::check_rule_text;
use super::section::{Section, mistyped, not_allowed};
use super::source::{LONGEST_LIST, Source, one_line, quoted};
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

const CODES: &str = key!("따옴표로 묶은 종목코드의 목록(예: [\"005930\"])");
const PERIODS: &str = key!("1에서 999까지의 서로 다른 수 2개에서 8개");
const HOURS: &str = key!("\"09:00-10:30\" 같은 시간대(앞 시각이 먼저)");
const TIMEFRAMES: &str = key!(
    "\"1m\" \"3m\" \"5m\" \"10m\" \"15m\" \"30m\" \"60m\" \"120m\" \"240m\" \"D\" \"W\" \"M\" 가운데 하나"
);

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
            return Err(s.wrong(
                "group",
                said!(
                    "%{name}: 앞에 같은 이름의 그룹이 있습니다",
                    name = quoted(&group.name)
                ),
            ));
        }
        settings.groups.push(group);
    }
    for s in several(source, &root, "rule")? {
        let rule = rule(&s, &settings.groups)?;
        if settings.rules.iter().any(|r| r.name == rule.name) {
            return Err(s.wrong(
                "name",
                said!(
                    "%{name}: 앞에 같은 이름의 조건이 있습니다",
                    name = quoted(&rule.name)
                ),
            ));
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

fn one_table(name: &str) -> Said {
    said!("표 [%{name}] 하나", name = name)
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
        let problem = mistyped(item.type_name(), &one_table(name));
        return Err(root.wrong(name, problem));
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
        let problem = mistyped(item.type_name(), &one_table(full));
        return Err(outer.wrong(name, problem));
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
            let allowed = said!("표 [[%{name}]]", name = name);
            return Err(root.wrong(name, mistyped(item.type_name(), &allowed)));
        }
    }
    tables
        .into_iter()
        .map(|(table, span)| Section::open(source, name, table, span, known(name)))
        .collect()
}

fn kis(s: &Section<'_>) -> Result<KisSettings, SettingsError> {
    let default = KisSettings::default();
    let rest_url = address(s, "rest_url", &["http", "https"])?;
    let master_url = address(s, "master_url", &["http", "https"])?
        .or_else(|| rest_url.as_ref().map(|url| format!("{url}/common/master")));
    let registrations = s.whole("realtime_registrations", 1..=1_000)?;
    Ok(KisSettings {
        environment: s.choice("environment")?.unwrap_or(default.environment),
        market: s.choice("market")?.unwrap_or(default.market),
        rest_url,
        ws_url: address(s, "ws_url", &["ws"])?,
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

/// What a value must be, where it is not repeated.
pub(super) fn must_be(allowed: &Said) -> Said {
    said!("%{allowed}만 쓸 수 있습니다", allowed = allowed.clone())
}

/// An address. Its text is not repeated in an error: somebody may have put a password in it.
pub(super) fn address(
    s: &Section<'_>,
    key: &str,
    schemes: &[&str],
) -> Result<Option<String>, SettingsError> {
    let schemes_text = schemes.iter().map(|scheme| format!("{scheme}://"));
    let allowed = said!(
        "%{schemes}로 시작하고 사용자, 비밀번호, 질의가 없는 주소",
        schemes = schemes_text.collect::<Vec<_>>().join(", ")
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
        return Err(s.wrong(key, must_be(&allowed)));
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
    let columns = s.list("columns", &said!("봉 단위의 목록"), timeframe)?;
    if let Some(columns) = &columns
        && (1..columns.len()).any(|i| columns[..i].contains(&columns[i]))
    {
        return Err(s.wrong("columns", said!("같은 봉 단위가 두 번 있습니다")));
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
    let allowed = said!("기간과 색의 표(예: { 20 = \"#F5B83D\" })");
    let Some(item) = s.item(KEY) else {
        return Ok(Vec::new());
    };
    let Some(table) = item.as_table_like() else {
        return Err(s.wrong(KEY, mistyped(item.type_name(), &allowed)));
    };
    let mut colors = Vec::new();
    for (period, color) in table.iter() {
        let known = period.parse().ok().filter(|n| (1..=999).contains(n));
        let digits = color.as_str().and_then(|text| text.strip_prefix('#'));
        let number = digits
            .filter(|text| text.len() == 6)
            .and_then(|text| u32::from_str_radix(text, 16).ok());
        let (Some(period), Some(number)) = (known, number) else {
            return Err(s.wrong(
                KEY,
                said!(
                    "%{place}: %{problem}",
                    place = quoted(period),
                    problem = must_be(&allowed)
                ),
            ));
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
    let codes = s.needed("codes", codes(s)?, Said::of_key(CODES))?;
    Ok(Group { name, codes })
}

fn rule(s: &Section<'_>, known_groups: &[Group]) -> Result<RuleSetting, SettingsError> {
    let name = s.name("name")?;
    let codes = codes(s)?;
    let groups = s.list("groups", &said!("그룹 이름의 목록"), |value| {
        let allowed = || {
            let names: Vec<String> = known_groups
                .iter()
                .map(|g| format!("{:?}", g.name))
                .collect();
            said!(
                "관심 종목의 그룹(%{names})",
                names = one_line(&names.join(", "), LONGEST_LIST)
            )
        };
        let name = value
            .as_str()
            .ok_or_else(|| mistyped(value.type_name(), &allowed()))?;
        if !known_groups.iter().any(|g| g.name == name) {
            return Err(not_allowed(quoted(name), &allowed()));
        }
        Ok(name.to_owned())
    })?;
    if codes.is_some() && groups.is_some() {
        return Err(s.wrong("groups", said!("codes와 groups 가운데 하나만 쓰세요")));
    }
    if groups.as_ref().is_some_and(Vec::is_empty) {
        return Err(s.wrong(
            "groups",
            said!("그룹이 없습니다. 모든 종목이면 이 키를 지우세요"),
        ));
    }
    if codes.as_ref().is_some_and(Vec::is_empty) {
        return Err(s.wrong(
            "codes",
            said!("종목이 없습니다. 모든 종목이면 이 키를 지우세요"),
        ));
    }
    let timeframes = Said::of_key(TIMEFRAMES);
    let bars = s
        .text("timeframe", &timeframes)?
        .map(|text| text.parse::<Timeframe>().or(Err(quoted(text))))
        .transpose()
        .map_err(|text| s.wrong("timeframe", not_allowed(text, &timeframes)))?;
    let when_allowed = said!("\"alignment becomes bullish\" 같은 조건");
    let when = s.needed("when", s.text("when", &when_allowed)?, when_allowed)?;
    check_rule_text(when).map_err(|problem| s.wrong("when", problem))?;
    let hours_allowed = Said::of_key(HOURS);
    let hours = s
        .text("hours", &hours_allowed)?
        .map(|text| text.parse::<RuleHours>().or(Err(quoted(text))))
        .transpose()
        .map_err(|text| s.wrong("hours", not_allowed(text, &hours_allowed)))?;
    Ok(RuleSetting {
        name,
        enabled: s.flag("enabled")?.unwrap_or(true),
        codes,
        groups,
        timeframe: s.needed("timeframe", bars, timeframes)?,
        when: when.to_owned(),
        when_at: s.line("when"),
        stage: s.choice("stage")?.unwrap_or(RuleStage::Close),
        repeat: s.choice("repeat")?.unwrap_or(Repeat::OncePerBar),
        periods: periods(s)?,
        hours,
        expires: s.date("expires")?,
        manners: super::reach::manners(s)?,
    })
}

/// The codes of a table, each once.
fn codes(s: &Section<'_>) -> Result<Option<Vec<StockCode>>, SettingsError> {
    let allowed = said!("따옴표로 묶은 종목코드(숫자나 대문자 6자에서 9자, 예: \"005930\")");
    let read = s.list("codes", &Said::of_key(CODES), |value| {
        let text = value
            .as_str()
            .ok_or_else(|| mistyped(value.type_name(), &allowed))?;
        text.parse::<StockCode>()
            .or(Err(not_allowed(quoted(text), &allowed)))
    })?;
    Ok(read.map(|codes| super::distinct(&codes)))
}

fn timeframe(value: &Value) -> Result<Timeframe, Said> {
    let allowed = Said::of_key(TIMEFRAMES);
    let text = value
        .as_str()
        .ok_or_else(|| mistyped(value.type_name(), &allowed))?;
    text.parse::<Timeframe>()
        .or(Err(not_allowed(quoted(text), &allowed)))
}

/// The periods of a table, shortest first.
fn periods(s: &Section<'_>) -> Result<Option<Vec<u16>>, SettingsError> {
    let allowed = Said::of_key(PERIODS);
    let one = said!("%{from}에서 %{to}까지의 정수", from = 1_i64, to = 999_i64);
    let read = s.list("periods", &allowed, |value| {
        let number = value
            .as_integer()
            .ok_or_else(|| mistyped(value.type_name(), &one))?;
        u16::try_from(number)
            .ok()
            .filter(|n| (1..=999).contains(n))
            .ok_or_else(|| not_allowed(number, &one))
    })?;
    let Some(mut periods) = read else {
        return Ok(None);
    };
    periods.sort_unstable();
    if let Some(twice) = periods.windows(2).find(|w| w[0] == w[1]) {
        let problem = said!(
            "%{number}이(가) 두 번 있습니다. 필요한 것: %{allowed}",
            number = i64::from(twice[0]),
            allowed = allowed
        );
        return Err(s.wrong("periods", problem));
    }
    if !(2..=8).contains(&periods.len()) {
        let problem = said!(
            "수가 %{count}개 있습니다. 필요한 것: %{allowed}",
            count = periods.len(),
            allowed = allowed
        );
        return Err(s.wrong("periods", problem));
    }
    Ok(Some(periods))
}
