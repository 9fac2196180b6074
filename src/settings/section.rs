//! One table of the file: typed reading of its keys.

use std::ops::{Range, RangeInclusive};

use toml_edit::{Item, TableLike, Value};

use crate::domain::Day;
use crate::lang::Said;

use super::SettingsError;
use super::choice::Choice;
use super::source::{Source, quoted};

/// Words that would be secrets. They are refused with a hint, whatever table they stand in.
const SECRETS: &[&str] = &[
    "appkey",
    "appsecret",
    "secretkey",
    "secret",
    "accesstoken",
    "token",
    "approvalkey",
    "kisappkey",
    "kisappsecret",
];

/// A table with its name for errors.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    name: &'a str,
    table: &'a dyn TableLike,
    span: Option<Range<usize>>,
}

impl<'a> Section<'a> {
    /// Opens a table and refuses keys it does not know.
    pub(super) fn open(
        source: &'a Source<'a>,
        name: &'a str,
        table: &'a dyn TableLike,
        span: Option<Range<usize>>,
        known: &[&str],
    ) -> Result<Self, SettingsError> {
        let section = Self {
            source,
            name,
            table,
            span,
        };
        for (key, item) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let span = table
                .get_key_value(key)
                .and_then(|(k, _)| k.span())
                .or_else(|| item.span());
            let squeezed: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
            let problem = if SECRETS.contains(&squeezed.to_ascii_lowercase().as_str()) {
                said!(
                    "키와 비밀 값은 이 파일에 적지 않습니다. 프로그램에서 입력하거나(운영체제 키링에 보관합니다) 환경 변수 KIS_APP_KEY와 KIS_APP_SECRET을 설정하세요"
                )
            } else {
                said!(
                    "모르는 키입니다. 쓸 수 있는 키: %{keys}",
                    keys = known.join(", ")
                )
            };
            return Err(source.wrong(span, &section.path(key), problem));
        }
        Ok(section)
    }

    /// The table's own entry of a key.
    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key)
    }

    /// An error at a key.
    pub(super) fn wrong(&self, key: &str, problem: Said) -> SettingsError {
        let at = self.item(key).and_then(Item::span);
        self.wrong_at(at, key, problem)
    }

    fn wrong_at(&self, at: Option<Range<usize>>, key: &str, problem: Said) -> SettingsError {
        self.source
            .wrong(at.or(self.span.clone()), &self.path(key), problem)
    }

    /// The line a key's value begins on.
    pub(super) fn line(&self, key: &str) -> usize {
        let at = self.item(key).and_then(Item::span);
        self.source.line(at.or(self.span.clone()))
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    /// The key must be there.
    pub(super) fn needed<T>(
        &self,
        key: &str,
        value: Option<T>,
        allowed: Said,
    ) -> Result<T, SettingsError> {
        value.ok_or_else(|| {
            self.wrong(
                key,
                said!("빠져 있습니다. 필요한 것: %{allowed}", allowed = allowed),
            )
        })
    }

    pub(super) fn text(&self, key: &str, allowed: &Said) -> Result<Option<&'a str>, SettingsError> {
        self.item(key)
            .map(|item| {
                item.as_str()
                    .ok_or_else(|| self.wrong(key, mistyped(item.type_name(), allowed)))
            })
            .transpose()
    }

    /// A text that is not blank and has no control characters.
    pub(super) fn name(&self, key: &str) -> Result<String, SettingsError> {
        let allowed = said!("따옴표로 묶은 이름");
        let name = self.needed(key, self.text(key, &allowed)?, allowed)?;
        if name.trim().is_empty() || name.contains(char::is_control) {
            return Err(self.wrong(key, said!("비어 있지 않은 한 줄의 이름이어야 합니다")));
        }
        Ok(name.to_owned())
    }

    pub(super) fn choice<C: Choice>(&self, key: &str) -> Result<Option<C>, SettingsError> {
        let allowed = C::allowed();
        self.text(key, &allowed)?
            .map(|word| {
                C::read(word).ok_or_else(|| self.wrong(key, not_allowed(quoted(word), &allowed)))
            })
            .transpose()
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, SettingsError> {
        self.item(key)
            .map(|item| {
                item.as_bool().ok_or_else(|| {
                    self.wrong(key, mistyped(item.type_name(), &said!("true 또는 false")))
                })
            })
            .transpose()
    }

    pub(super) fn whole(
        &self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, SettingsError> {
        let allowed = said!(
            "%{from}에서 %{to}까지의 정수",
            from = *range.start(),
            to = *range.end()
        );
        self.item(key)
            .map(|item| match item.as_integer() {
                None => Err(self.wrong(key, mistyped(item.type_name(), &allowed))),
                Some(n) if range.contains(&n) => Ok(n),
                Some(n) => Err(self.wrong(key, not_allowed(n, &allowed))),
            })
            .transpose()
    }

    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>, SettingsError> {
        let allowed = said!(
            "%{from}에서 %{to}까지의 수",
            from = *range.start(),
            to = *range.end()
        );
        self.item(key)
            .map(|item| {
                let value = item.as_float().or(item.as_integer().map(|n| n as f64));
                match value {
                    None => Err(self.wrong(key, mistyped(item.type_name(), &allowed))),
                    Some(x) if range.contains(&x) => Ok(x),
                    Some(x) => Err(self.wrong(key, not_allowed(x, &allowed))),
                }
            })
            .transpose()
    }

    /// A day, in quotes or as a TOML date.
    pub(super) fn date(&self, key: &str) -> Result<Option<Day>, SettingsError> {
        let allowed = said!("\"2026-12-31\" 같은 날짜");
        let Some(item) = self.item(key) else {
            return Ok(None);
        };
        let text = match (item.as_str(), item.as_datetime()) {
            (Some(text), _) => text.to_owned(),
            (_, Some(date)) => date.to_string(),
            (None, None) => return Err(self.wrong(key, mistyped(item.type_name(), &allowed))),
        };
        let compact = |text: &str| {
            let mut parts = text.splitn(3, '-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let fits = (year.len(), month.len(), day.len()) == (4, 2, 2);
            fits.then(|| format!("{year}{month}{day}"))
        };
        match compact(&text).and_then(|text| Day::parse_compact(&text)) {
            Some(day) => Ok(Some(day)),
            None => Err(self.wrong(key, not_allowed(quoted(&text), &allowed))),
        }
    }

    /// A list, each element read by `read`, which answers what is wrong with one.
    pub(super) fn list<T>(
        &self,
        key: &str,
        allowed: &Said,
        read: impl Fn(&Value) -> Result<T, Said>,
    ) -> Result<Option<Vec<T>>, SettingsError> {
        let Some(item) = self.item(key) else {
            return Ok(None);
        };
        let Some(array) = item.as_array() else {
            return Err(self.wrong(key, mistyped(item.type_name(), allowed)));
        };
        let mut values = Vec::with_capacity(array.len());
        for element in array {
            values.push(read(element).map_err(|p| self.wrong_at(element.span(), key, p))?);
        }
        Ok(Some(values))
    }
}

/// A value of the wrong type, without repeating the value. `found` is the TOML name of its type.
pub(super) fn mistyped(found: &str, allowed: &Said) -> Said {
    let found = match found {
        "string" => said!("TOML 문자열"),
        "integer" => said!("TOML 정수"),
        "float" => said!("TOML 소수"),
        "boolean" => said!("TOML 참·거짓"),
        "datetime" => said!("TOML 날짜"),
        "array" => said!("TOML 목록"),
        "table" | "inline table" => said!("TOML 표"),
        "array of tables" => said!("TOML 표의 목록"),
        other => other.into(),
    };
    said!(
        "여기에는 %{allowed}이(가) 와야 하는데 %{found}이(가) 있습니다",
        allowed = allowed.clone(),
        found = found
    )
}

/// A value that is not among those allowed.
pub(super) fn not_allowed(value: impl Into<Said>, allowed: &Said) -> Said {
    said!(
        "%{value} 대신 %{allowed}을(를) 쓰세요",
        value = value.into(),
        allowed = allowed.clone()
    )
}
