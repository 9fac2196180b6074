//! Which days the exchange is open (국내휴장일조회).

use std::time::Duration;

use serde_json::{Map, Value};

use super::error::KisError;
use super::json;
use super::tr;
use crate::domain::Day;

/// A page covers 24 days; four reach beyond a quarter of a year. The broker asks for few of
/// these calls: its ledger answers them.
pub(super) const PAGES: usize = 4;
/// Between two pages: the ledger has a limit of its own that even slow callers meet.
pub(super) const REST: Duration = Duration::from_millis(1_100);

/// One day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolidayRow {
    /// The day, Korea.
    pub day: Day,
    /// The exchange is open (`opnd_yn`).
    pub open: bool,
    /// Banks are open (`bzdy_yn`).
    pub business: bool,
}

/// Days without a gap, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolidayPage {
    /// The days.
    pub days: Vec<HolidayRow>,
}

impl HolidayPage {
    /// Adds the days of the next page; a day told twice must be told alike.
    pub(super) fn add(&mut self, days: Vec<HolidayRow>) -> Result<(), KisError> {
        self.days.extend(days);
        self.days.sort_by_key(|row| row.day);
        self.days.dedup();
        let twice = self.days.windows(2).find(|pair| pair[0].day == pair[1].day);
        twice.map_or(Ok(()), |pair| Err(contradiction(pair[0].day)))
    }
}

/// Where the next page begins, as the broker wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageKey {
    /// `ctx_area_nk`.
    pub nk: String,
    /// `ctx_area_fk`.
    pub fk: String,
}

/// The days of one answer, and the key of the next page if there is one.
pub(super) fn page(
    map: &Map<String, Value>,
    more: Option<bool>,
) -> Result<(Vec<HolidayRow>, Option<PageKey>), KisError> {
    let mut days = vec![];
    for row in json::rows(tr::HOLIDAYS.id, map, "output")? {
        if let Some(day) = row.day("bass_dt")? {
            days.push(HolidayRow {
                day,
                open: row.yes("opnd_yn")?,
                business: row.yes("bzdy_yn")?,
            });
        }
    }
    let mut sorted = HolidayPage::default();
    sorted.add(days)?;
    // The header counts; where a proxy has eaten it, the code for "continues" does.
    let word = |name| map.get(name).and_then(Value::as_str).unwrap_or_default();
    let more = more.unwrap_or(word("msg_cd") == "KIOK0500");
    // The keys are padded with blanks, which the broker does not need back.
    let key = PageKey {
        nk: word("ctx_area_nk").trim_end().to_owned(),
        fk: word("ctx_area_fk").trim_end().to_owned(),
    };
    Ok((
        sorted.days,
        Some(key).filter(|key| more && !key.nk.is_empty()),
    ))
}

fn contradiction(day: Day) -> KisError {
    KisError::Field(super::error::BadField {
        tr_id: tr::HOLIDAYS.id,
        field: "bass_dt",
        position: None,
        record: 0,
        why: "two different rows of the same day",
        text: day.compact(),
    })
}
