//! What is kept on disk: candles in one SQLite file, the user's signals in another.
//!
//! Candles can be fetched again, so their file may lose the last second and is set aside when it
//! is broken. Signals cannot: their file is written through on every transaction and never
//! touched when it is broken. One named thread owns both; callers only wait for an answer.

mod candles;
mod closes;
mod error;
mod files;
mod kept;
mod known;
mod steps;
mod user;
mod worker;

use std::ops::Range;
use std::path::Path;

use crate::domain::{
    ChartEnd, DailyRow, Day, DayCloses, Mark, Market, Minute, MinuteRow, Moment, RuleKey, Signal,
    SignalKey, StockCode, Timeframe,
};
use crate::lang::Said;

pub use error::StoreError;
pub use kept::KeptFiles;

/// A handle to the store. Copies share it; when the last one is dropped everything asked for is
/// written and the files are closed.
///
/// Every call waits for its turn and its answer without blocking the thread. Once a call has
/// been polled to the point of waiting for its answer it is carried out, even if the caller
/// stops waiting.
#[derive(Clone, Debug)]
pub struct Store {
    worker: worker::Worker,
}

impl Store {
    /// Opens `candles.db` and `user.db` in a folder that exists, making or upgrading them. The
    /// texts are notices for the user.
    ///
    /// # Errors
    /// A file is of a newer version, the user's file is broken, or the folder cannot be written.
    pub fn open(dir: &Path) -> Result<(Self, Vec<Said>), StoreError> {
        let (files, notices) = files::Files::open(dir)?;
        let worker = worker::Worker::start(files)?;
        Ok((Self { worker }, notices))
    }

    /// A store that forgets everything when it is closed.
    ///
    /// # Errors
    /// No memory or no thread.
    pub fn in_memory() -> Result<Self, StoreError> {
        let worker = worker::Worker::start(files::Files::in_memory()?)?;
        Ok(Self { worker })
    }

    /// The minute rows of a stock from a day on, days and minutes ascending. A day that was
    /// saved whole and today's single rows look the same.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_minutes(
        &self,
        code: StockCode,
        market: Market,
        from: Day,
    ) -> Result<Vec<(Day, Vec<MinuteRow>)>, StoreError> {
        self.worker
            .candles(move |db| candles::load_minutes(db, code, market, from))
            .await
    }

    /// Saves a closed day that is complete; it takes the place of everything held of that day.
    /// Rows of other days are ignored.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_day(
        &self,
        code: StockCode,
        market: Market,
        day: Day,
        rows: Vec<MinuteRow>,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| candles::save_day(db, code, market, day, &rows))
            .await
    }

    /// Saves the newest rows of a closed day whose older rows are not known yet: every row from
    /// `from` on, in the place of those saved of that day before. [`Store::save_day`] of the day
    /// forgets them.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_partial(
        &self,
        code: StockCode,
        market: Market,
        day: Day,
        from: Minute,
        rows: Vec<MinuteRow>,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| candles::save_partial(db, code, market, (day, from), &rows))
            .await
    }

    /// What [`Store::save_partial`] kept of a stock: each day, from when its rows are known, and
    /// the rows, ascending.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_partials(
        &self,
        code: StockCode,
        market: Market,
    ) -> Result<Vec<(Day, Minute, Vec<MinuteRow>)>, StoreError> {
        self.worker
            .candles(move |db| candles::load_partials(db, code, market))
            .await
    }

    /// Saves rows of a day that is still going: every row of the stretch `known`. The first row of
    /// a minute stays; later ones, and rows of a day saved whole, change nothing. `false`: the
    /// stretch does not join on to the one held, and nothing was saved.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_rows(
        &self,
        code: StockCode,
        market: Market,
        day: Day,
        known: Range<Minute>,
        rows: Vec<MinuteRow>,
    ) -> Result<bool, StoreError> {
        self.worker
            .candles(move |db| candles::save_rows(db, code, market, day, &known, &rows))
            .await
    }

    /// Of each day that was still going when rows of it were saved, the stretch of which every
    /// row is held, days ascending.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_heads(
        &self,
        code: StockCode,
        market: Market,
    ) -> Result<Vec<(Day, Range<Minute>)>, StoreError> {
        self.worker
            .candles(move |db| candles::load_heads(db, code, market))
            .await
    }

    /// Keeps the rows of a day as the broker serves them now, where they differ from those that
    /// were accepted, in the place of those kept of that day; what is older than `from` is
    /// forgotten.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_corrections(
        &self,
        code: StockCode,
        market: Market,
        from: Day,
        day: Day,
        rows: Vec<MinuteRow>,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| candles::save_corrections(db, code, market, (from, day), &rows))
            .await
    }

    /// What [`Store::save_corrections`] kept of a stock, ascending.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_corrections(
        &self,
        code: StockCode,
        market: Market,
    ) -> Result<Vec<MinuteRow>, StoreError> {
        self.worker
            .candles(move |db| candles::load_corrections(db, code, market))
            .await
    }

    /// The days of which [`Store::save_day`] holds the whole, ascending.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn days_held(&self, code: StockCode, market: Market) -> Result<Vec<Day>, StoreError> {
        self.worker
            .candles(move |db| candles::days_held(db, code, market))
            .await
    }

    /// The rows of the day, week or month chart, ascending.
    ///
    /// # Errors
    /// [`StoreError::NotAPeriod`] for a minute timeframe; else as every call.
    pub async fn load_period(
        &self,
        code: StockCode,
        market: Market,
        timeframe: Timeframe,
    ) -> Result<Vec<DailyRow>, StoreError> {
        self.worker
            .candles(move |db| candles::load_period(db, code, market, timeframe))
            .await
    }

    /// Saves rows of the day, week or month chart; a row takes the place of the one of the same
    /// day, week or month. With `joins` they are saved only if the row of that day is held; without,
    /// they are the newest, and what is held is forgotten where it ends before them: there is never
    /// a hole.
    ///
    /// # Errors
    /// [`StoreError::NotAPeriod`] for a minute timeframe; else as every call.
    pub async fn save_period(
        &self,
        code: StockCode,
        market: Market,
        timeframe: Timeframe,
        rows: Vec<DailyRow>,
        joins: Option<Day>,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| candles::save_period(db, code, market, timeframe, &rows, joins))
            .await
    }

    /// Keeps where a chart ends, in the place of what was kept of that chart before.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_end(
        &self,
        code: StockCode,
        market: Market,
        end: ChartEnd,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| known::save_end(db, code, market, &end))
            .await
    }

    /// What [`Store::save_end`] kept of a stock.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_ends(
        &self,
        code: StockCode,
        market: Market,
    ) -> Result<Vec<ChartEnd>, StoreError> {
        self.worker
            .candles(move |db| known::load_ends(db, code, market))
            .await
    }

    /// Keeps the closes of a stock of the whole market, in the place of those held.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_closes(
        &self,
        code: StockCode,
        market: Market,
        closes: DayCloses,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| closes::save_closes(db, code, market, &closes))
            .await
    }

    /// The closes of the whole market, in one scan; stocks in no order.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_closes(
        &self,
        market: Market,
    ) -> Result<Vec<(StockCode, DayCloses)>, StoreError> {
        self.worker
            .candles(move |db| closes::load_closes(db, market))
            .await
    }

    /// Forgets every candle of a stock, as after a split. Its name and its signals stay.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn forget_stock(&self, code: StockCode, market: Market) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| candles::forget_stock(db, code, market))
            .await
    }

    /// Keeps which days the exchange is open, as the broker said on the day `asked`.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_open_days(
        &self,
        asked: Day,
        days: Vec<(Day, bool)>,
    ) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| known::save_open_days(db, asked, &days))
            .await
    }

    /// What [`Store::save_open_days`] kept, ascending, and when it was asked last.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_open_days(&self) -> Result<(Option<Day>, Vec<(Day, bool)>), StoreError> {
        self.worker.candles(known::load_open_days).await
    }

    /// The names of stocks, by code.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_names(&self) -> Result<Vec<(StockCode, String)>, StoreError> {
        self.worker.candles(known::load_names).await
    }

    /// Keeps the name of a stock; the newest counts.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn save_name(&self, code: StockCode, name: String) -> Result<(), StoreError> {
        self.worker
            .candles(move |db| known::save_name(db, code, &name))
            .await
    }

    /// Writes signals and marks, all or none. A signal takes the place of the one with its key;
    /// but `seen` never goes back and a `shown` of `None` leaves the one that is held.
    ///
    /// # Errors
    /// As every call: [`StoreError`]; nothing was written then.
    pub async fn record(&self, signals: Vec<Signal>, marks: Vec<Mark>) -> Result<(), StoreError> {
        self.worker
            .user(move |db| user::record(db, &signals, &marks))
            .await
    }

    /// The signals of bars that closed, or will close, at or after a moment; oldest bar first.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_signals(&self, since: Moment) -> Result<Vec<Signal>, StoreError> {
        self.worker
            .user(move |db| user::load_signals(db, since))
            .await
    }

    /// Every mark.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn load_marks(&self) -> Result<Vec<Mark>, StoreError> {
        self.worker.user(user::load_marks).await
    }

    /// Notes when signals were put on the screen.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn mark_shown(&self, keys: Vec<SignalKey>, at: Moment) -> Result<(), StoreError> {
        self.worker
            .user(move |db| user::mark_shown(db, &keys, at))
            .await
    }

    /// Notes that the user has seen signals.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn mark_seen(&self, keys: Vec<SignalKey>) -> Result<(), StoreError> {
        self.worker.user(move |db| user::mark_seen(db, &keys)).await
    }

    /// Deletes the marks of rules that are not among `kept`.
    ///
    /// # Errors
    /// As every call: [`StoreError`].
    pub async fn delete_marks_except(&self, kept: &[RuleKey]) -> Result<(), StoreError> {
        let kept = kept.to_vec();
        self.worker
            .user(move |db| user::delete_marks_except(db, &kept))
            .await
    }
}
