//! The seeded market behind the simulator: the same seed gives the same prices, whatever is
//! asked and in whatever order.

mod book;
mod day;
mod flows;
mod indices;
mod invented;
mod minutes;
mod plan;
mod prints;
mod rng;
mod splits;
mod stocks;
mod stops;
mod totals;
mod venues;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub use stocks::{Board, Group, Marks, StockInfo};

pub(crate) use book::{Book, Phase, book_at, book_times};
pub(crate) use day::{END_OF_DAY, TradingDay};
pub(crate) use flows::{Deal, Flows, Program};
pub(crate) use indices::{IndexFigures, IndexMinute};
pub(crate) use prints::Tick;
pub(crate) use rng::Rng;
pub(crate) use splits::Split;
pub(crate) use stops::Stop;
pub(crate) use totals::Totals;
pub(crate) use venues::after_market_since;

use crate::domain::{
    Calendar, Candle, DailyRow, Day, Market as Venue, MinuteRow, Moment, StockCode,
};
use plan::{DayPlan, YEARS, light_plan};

/// Stock-days kept in memory.
const DAYS_KEPT: usize = 600;

/// The market of one seed: 40 leading stocks and some 4,500 invented ones, trading days from
/// 2005 to 2035, everything made when first asked for.
#[derive(Debug)]
pub struct Market {
    seed: u64,
    calendar: Calendar,
    stocks: Vec<StockInfo>,
    /// So many of the stocks, at the front, are the leading ones.
    leading: usize,
    by_code: BTreeMap<StockCode, usize>,
    days: Vec<Day>,
    /// Of the leading stocks; the others' days are made one by one.
    plans: Vec<OnceLock<Vec<DayPlan>>>,
    kept: Mutex<Kept>,
    daily: Vec<Mutex<HashMap<Place, DayFigures>>>,
    /// Whether the exchange trades in the evening since September 2026.
    evening: bool,
    /// Every stock trades so many times its usual shares.
    volume_times: i64,
    events: Events,
    /// Past days of the indices, by the code's first digit and the day's number.
    index_days: Mutex<HashMap<(u8, i32), IndexFigures>>,
}

/// What happens to single stocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events {
    /// Pauses, by day.
    pub(crate) stops: Vec<(Day, Stop)>,
    pub(crate) splits: Vec<Split>,
}

/// A venue and a day's number.
type Place = (Venue, usize);

#[derive(Debug, Default)]
struct Kept {
    days: HashMap<(usize, Place), Arc<TradingDay>>,
    order: VecDeque<(usize, Place)>,
}

/// A past day in figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayFigures {
    pub(crate) day: Day,
    pub(crate) candle: Candle,
    /// Won traded, from the rows' typical prices.
    pub(crate) value: i64,
}

/// What has happened of a stock's current (or, when closed, last) session.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) day: Arc<TradingDay>,
    /// Milliseconds since midnight of that day; [`END_OF_DAY`] for a day gone by.
    pub(crate) ms: u32,
}

impl View {
    /// The sums so far. Once the evening is over the exchange's day is its regular session
    /// again, as tomorrow's base price is.
    pub(crate) fn totals(&self) -> Totals {
        let settled = u32::from(venues::SETTLED.0) * 60_000;
        match self.day.venue {
            Venue::Krx if settled <= self.ms => {
                self.day.at(u32::from(self.day.hours.end().0) * 60_000)
            }
            _ => self.day.at(self.ms),
        }
    }

    /// The last price, or the base price before the first print.
    pub(crate) fn price(&self, totals: &Totals) -> i64 {
        if totals.volume == 0 {
            self.day.plan.base
        } else {
            totals.last
        }
    }
}

impl Market {
    /// The market of `seed`, without trading in the evening.
    pub fn new(seed: u64) -> Self {
        Self::with(seed, false, 1, Events::default())
    }

    /// The market of `seed`; with `evening` the exchange trades from 16:00 to 20:00 since
    /// 14 September 2026. Every stock trades `volume_times` its usual shares. `events` happen to
    /// single stocks.
    pub(crate) fn with(seed: u64, evening: bool, volume_times: u32, events: Events) -> Self {
        let calendar = Calendar::new();
        let mut stocks = stocks::all();
        let leading = stocks.len();
        stocks.extend(invented::all());
        let by_code = stocks
            .iter()
            .enumerate()
            .map(|(i, s)| (s.code, i))
            .collect();
        let first = Day::from_ymd(YEARS.0, 1, 1).unwrap_or_default();
        let last = Day::from_ymd(YEARS.1, 12, 31).unwrap_or_default();
        let days = (first.number()..=last.number())
            .map(Day::from_number)
            .filter(|day| calendar.is_open(*day))
            .collect();
        let plans = (0..leading).map(|_| OnceLock::new()).collect();
        let daily = stocks.iter().map(|_| Mutex::default()).collect();
        Self {
            seed,
            calendar,
            stocks,
            leading,
            by_code,
            days,
            plans,
            kept: Mutex::default(),
            daily,
            evening,
            volume_times: i64::from(volume_times),
            events,
            index_days: Mutex::default(),
        }
    }

    /// The leading stocks, in a fixed order.
    pub fn stocks(&self) -> &[StockInfo] {
        &self.stocks[..self.leading]
    }

    /// All listed stocks, the leading ones first, in a fixed order.
    pub fn listed(&self) -> &[StockInfo] {
        &self.stocks
    }

    /// The calendar the market trades by.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The rows of the regular session of `day`, oldest first: one a continuous minute (volume 0
    /// where nothing traded) and the closing auction. Empty for unknown stocks, closed days and days before listing.
    pub fn minutes(&self, code: StockCode, day: Day) -> Arc<[MinuteRow]> {
        self.index_of(code)
            .and_then(|index| self.trading_day(index, day))
            .map_or_else(
                || Arc::from([]),
                |d| match d.rows.len() == d.hours.row_count() {
                    true => Arc::clone(&d.rows),
                    false => d.regular().copied().collect(),
                },
            )
    }

    /// The daily bars from `from` to `to`, both included, oldest first. Each is the fold of its
    /// minute rows.
    pub fn daily(&self, code: StockCode, from: Day, to: Day) -> Vec<DailyRow> {
        let Some(index) = self.index_of(code) else {
            return Vec::new();
        };
        self.figures(index, from, to)
            .into_iter()
            .map(|f| DailyRow {
                day: f.day,
                candle: f.candle,
            })
            .collect()
    }

    pub(crate) fn index_of(&self, code: StockCode) -> Option<usize> {
        self.by_code.get(&code).copied()
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The open days from `from` to `to` on which the stock was listed.
    pub(crate) fn days(&self, index: usize, from: Day, to: Day) -> &[Day] {
        let from = self.stocks[index].listed.map_or(from, |l| l.max(from));
        let start = self.days.partition_point(|d| *d < from);
        let end = self.days.partition_point(|d| *d <= to);
        self.days.get(start..end).unwrap_or_default()
    }

    /// Daily figures of the exchange from `from` to `to`, oldest first.
    pub(crate) fn figures(&self, index: usize, from: Day, to: Day) -> Vec<DayFigures> {
        self.figures_on(Venue::Krx, index, from, to)
    }

    /// Daily figures of a venue from `from` to `to`, oldest first. Days before Nextrade are
    /// missing there, and the exchange's alone when merged.
    pub(crate) fn figures_on(
        &self,
        venue: Venue,
        index: usize,
        from: Day,
        to: Day,
    ) -> Vec<DayFigures> {
        self.days(index, from, to)
            .iter()
            .filter_map(|day| self.figure(venue, index, *day))
            .collect()
    }

    fn figure(&self, venue: Venue, index: usize, day: Day) -> Option<DayFigures> {
        let at = self.days.binary_search(&day).ok()?;
        if let Some(figures) = lock(&self.daily[index]).get(&(venue, at)) {
            return Some(*figures);
        }
        // The exchange's past days are those of the regular session.
        let rows = match venue {
            Venue::Krx => self.regular_rows(index, at)?,
            Venue::Nxt => self.nxt_rows(index, at, &self.rows_of(index, at)?)?,
            Venue::Unified => self.unified_rows(index, at)?,
        };
        let typical = |c: &Candle| c.volume * (c.open + c.high + c.low + c.close) / 4;
        let figures = DayFigures {
            day,
            // A day without trades stands at its base price.
            candle: match day::fold(rows.iter()) {
                Some(candle) => candle,
                None => Candle::flat(self.plan(index, at)?.base),
            },
            value: rows.iter().map(|r| typical(&r.candle)).sum(),
        };
        lock(&self.daily[index]).insert((venue, at), figures);
        Some(figures)
    }

    /// The stock's day on the exchange; `None` when it was closed or the stock not listed.
    pub(crate) fn trading_day(&self, index: usize, day: Day) -> Option<Arc<TradingDay>> {
        self.day_on(Venue::Krx, index, day)
    }

    /// The stock's day on a venue; `None` where it was not traded at all. Merged, a stock that
    /// Nextrade does not trade has the exchange's day.
    pub(crate) fn day_on(&self, venue: Venue, index: usize, day: Day) -> Option<Arc<TradingDay>> {
        let at = self.days.binary_search(&day).ok()?;
        let key = (index, (venue, at));
        if let Some(kept) = lock(&self.kept).days.get(&key) {
            return Some(Arc::clone(kept));
        }
        let (rows, parts) = match venue {
            Venue::Krx => (self.rows_of(index, at)?, None),
            Venue::Nxt => {
                let krx = self.trading_day(index, day)?;
                (self.nxt_rows(index, at, &krx.rows)?, None)
            }
            Venue::Unified => {
                let krx = self.trading_day(index, day)?;
                let Some(nxt) = self.day_on(Venue::Nxt, index, day) else {
                    return Some(krx);
                };
                (venues::merge(&krx.rows, &nxt.rows), Some([krx, nxt]))
            }
        };
        let made = Arc::new(TradingDay {
            venue,
            parts,
            stops: self.stops_of(index, day).cloned().collect(),
            seed: self.seed,
            index,
            day,
            hours: self.calendar.hours(day, venue)?,
            plan: self.plan(index, at)?,
            rows: rows.into(),
            sums: OnceLock::new(),
        });
        let mut kept = lock(&self.kept);
        if kept.days.insert(key, Arc::clone(&made)).is_none() {
            kept.order.push_back(key);
        }
        if DAYS_KEPT < kept.order.len()
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.days.remove(&oldest);
        }
        Some(made)
    }

    /// The session to show at `now`: today's on an open day, else the last one.
    pub(crate) fn view(&self, venue: Venue, index: usize, now: Moment) -> Option<View> {
        let today = now.day();
        if self.calendar.is_open(today)
            && let Some(day) = self.day_on(venue, index, today)
        {
            let ms = now
                .ms_since(Moment::on(today, 0))
                .clamp(0, i64::from(END_OF_DAY)) as u32;
            return Some(View { day, ms });
        }
        let day = self.day_on(venue, index, self.calendar.previous_open(today))?;
        Some(View {
            day,
            ms: END_OF_DAY,
        })
    }

    /// The stock's pauses on `day`.
    fn stops_of(&self, index: usize, day: Day) -> impl Iterator<Item = &Stop> {
        let code = self.stocks[index].code;
        let of_day = self
            .events
            .stops
            .iter()
            .filter(move |(d, s)| *d == day && s.code == code);
        of_day.map(|(_, stop)| stop)
    }

    /// All pauses on `day`, in the order of the script.
    pub(crate) fn stops_on(&self, day: Day) -> impl Iterator<Item = &Stop> {
        let of_day = self.events.stops.iter().filter(move |(d, _)| *d == day);
        of_day.map(|(_, stop)| stop)
    }

    /// All rows of the exchange, the evening's too.
    fn rows_of(&self, index: usize, at: usize) -> Option<Vec<MinuteRow>> {
        let mut rows = self.regular_rows(index, at)?;
        let day = *self.days.get(at)?;
        if self.evening && venues::has_evening(&self.stocks[index], day) {
            let hours = self.calendar.hours(day, Venue::Krx)?;
            let plan = self.plan(index, at)?;
            rows.extend(venues::evening(self.seed, index, day, &plan, &hours));
        }
        Some(rows)
    }

    /// Nextrade's rows beside those of the exchange; `None` where it does not trade the stock.
    fn nxt_rows(&self, index: usize, at: usize, krx: &[MinuteRow]) -> Option<Vec<MinuteRow>> {
        let day = *self.days.get(at)?;
        if !venues::on_nextrade(&self.stocks[index], day) {
            return None;
        }
        // Where the exchange's auction stands decides when Nextrade's evening begins.
        let hours = self.calendar.hours(day, Venue::Krx)?;
        let plan = self.plan(index, at)?;
        Some(venues::nextrade(self.seed, index, day, &plan, &hours, krx))
    }

    fn unified_rows(&self, index: usize, at: usize) -> Option<Vec<MinuteRow>> {
        let krx = self.rows_of(index, at)?;
        Some(match self.nxt_rows(index, at, &krx) {
            Some(nxt) => venues::merge(&krx, &nxt),
            None => krx,
        })
    }

    fn regular_rows(&self, index: usize, at: usize) -> Option<Vec<MinuteRow>> {
        let day = *self.days.get(at)?;
        if self.stocks[index].listed.is_some_and(|l| day < l) {
            return None;
        }
        let hours = self.calendar.hours(day, Venue::Krx)?;
        let plan = self.plan(index, at)?;
        let mut rows = minutes::minute_rows(self.seed, index, day, &plan, &hours);
        for stop in self.stops_of(index, day) {
            stops::apply(&mut rows, stop);
        }
        if let Some(split) = self.split_of(index).filter(|split| day < split.day) {
            for row in &mut rows {
                split.adjust(&mut row.candle);
            }
        }
        Some(rows)
    }

    /// The stock's split, if it has one.
    pub(crate) fn split_of(&self, index: usize) -> Option<&Split> {
        let code = self.stocks.get(index)?.code;
        self.events.splits.iter().find(|split| split.code == code)
    }

    /// The daily figures as they were on their day (원주가).
    pub(crate) fn raw_figures(&self, index: usize, from: Day, to: Day) -> Vec<DayFigures> {
        let mut all = self.figures(index, from, to);
        let Some(split) = self.split_of(index) else {
            return all;
        };
        for figures in all.iter_mut().filter(|f| f.day < split.day) {
            let plain = || {
                let at = self.days.binary_search(&figures.day).ok()?;
                let hours = self.calendar.hours(figures.day, Venue::Krx)?;
                let plan = self.plan(index, at)?;
                let rows = minutes::minute_rows(self.seed, index, figures.day, &plan, &hours);
                day::fold(rows.iter())
            };
            if let Some(candle) = plain() {
                figures.candle = candle;
            }
        }
        all
    }

    /// The plan of the stock's day number `at`. Before a split it is that of the old share.
    fn plan(&self, index: usize, at: usize) -> Option<DayPlan> {
        let mut plan = self.drawn_plan(index, at)?;
        plan.volume *= self.volume_times;
        Some(match self.split_of(index) {
            Some(split) if split.day <= *self.days.get(at)? => split.after(plan),
            _ => plan,
        })
    }

    fn drawn_plan(&self, index: usize, at: usize) -> Option<DayPlan> {
        let stock = self.stocks.get(index)?;
        match self.plans.get(index) {
            Some(plans) => plans
                .get_or_init(|| plan::plans(self.seed, index, stock, &self.days))
                .get(at)
                .copied(),
            None => {
                (at < self.days.len()).then(|| light_plan(self.seed, index, stock, &self.days, at))
            }
        }
    }

    /// The plan of `day`; `None` when the exchange is closed.
    pub(crate) fn plan_of(&self, index: usize, day: Day) -> Option<DayPlan> {
        self.plan(index, self.days.binary_search(&day).ok()?)
    }
}

/// The data behind a lock; a panic of another holder leaves it usable, since every entry is
/// written whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
