//! The daily alignment of everything that is listed, from closes that are fetched in the
//! background while nothing else is wanted.
//!
//! About three pages of the daily chart a stock, once; after that one a day. Nothing is asked for
//! unless the user wants it (`[market_view] fill`), and every answer is kept at once, so that a
//! restart goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bars::Series;
use crate::domain::{
    Bar, Board, Calendar, Candle, DailyRow, Day, DayCloses, ListedStock, Market, Minute, Moment,
    Paper, StockCode, Won,
};
use crate::engine::effect::Effect;
use crate::engine::event::{Failure, Rows, Timed};
use crate::engine::state::State;
use crate::indicators::{Alignment, alignment_age, alignment_at};
use crate::search::Index;

/// Days kept beyond the longest average, so that it can be said since when an alignment holds.
const BEYOND: usize = 20;
/// After the session's end until the broker's daily row is certain to be final.
const SETTLES_MS: i64 = 30 * 60 * 1_000;
/// After a failure until the stock is asked for again.
const AGAIN_MS: i64 = 10 * 60 * 1_000;
/// Between two looks for something to ask while there was nothing.
const REST_MS: i64 = 30_000;
/// Between two pictures while answers come.
const PICTURE_MS: i64 = 1_000;

/// One stock of the market view.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketRow {
    /// Its code.
    pub code: StockCode,
    /// Its name.
    pub name: Arc<str>,
    /// Where it is listed.
    pub board: Board,
    /// A fund traded like a share.
    pub is_etf: bool,
    /// The newest close.
    pub close: Won,
    /// The change against the close before, hundredths of a percent, rounded half up.
    pub change_basis_points: Option<i64>,
    /// The alignment on the newest close.
    pub state: Alignment,
    /// For how many days it has held, the newest included.
    pub age: u32,
    /// Days held.
    pub have: u32,
    /// The day of the newest close.
    pub day: Day,
}

impl MarketRow {
    /// The row of a stock from its closes; `periods` ascending. `None` without any.
    pub fn of(listed: &ListedStock, closes: &DayCloses, periods: &[u16]) -> Option<Self> {
        let &(day, close) = closes.rows().last()?;
        let bars = closes.rows().iter().map(|&(day, close)| Bar {
            opened: day.at(Minute(0)),
            candle: Candle {
                open: close,
                high: close,
                low: close,
                close,
                volume: 0,
            },
            synthetic: false,
        });
        let series = Series::new(bars.collect());
        let before = closes.rows().iter().rev().nth(1).map(|(_, close)| *close);
        let change = before.filter(|before| 0 < *before).map(|before| {
            let scaled = (close - before) * 10_000;
            (scaled * 2 + before * scaled.signum()) / (before * 2)
        });
        let have = closes.len();
        Some(Self {
            code: listed.code,
            name: listed.name.clone(),
            board: listed.board,
            is_etf: listed.paper == Paper::Etf,
            close: Won(close),
            change_basis_points: change,
            state: alignment_at(&series, have - 1, periods),
            age: alignment_age(&series, periods),
            have: u32::try_from(have).unwrap_or(u32::MAX),
            day,
        })
    }

    /// The alignment began on the newest day.
    pub fn is_new(&self) -> bool {
        self.age == 1 && matches!(self.state, Alignment::Bullish | Alignment::Bearish)
    }
}

/// Everything the market view shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarketView {
    /// Stocks of which closes are held, by code.
    pub rows: Arc<[MarketRow]>,
    /// Stocks that are listed and belong here.
    pub listed: usize,
    /// Stocks whose closes reach far enough back and up to the last session.
    pub complete: usize,
    /// What the data folder holds has been read.
    pub loaded: bool,
    /// Closes are being fetched.
    pub filling: bool,
    /// The last session whose closes are final.
    pub session: Day,
    /// Days an alignment needs.
    pub need: usize,
}

/// What the engine holds of the whole market.
#[derive(Clone, Debug, Default)]
pub(super) struct WholeMarket {
    fill: bool,
    shown: bool,
    asked: bool,
    loaded: bool,
    held: BTreeMap<StockCode, DayCloses>,
    rows: BTreeMap<StockCode, MarketRow>,
    /// What is listed and belongs here, the largest company first; and the list it is from.
    order: Vec<StockCode>,
    index: Option<Arc<Index>>,
    busy: BTreeSet<StockCode>,
    /// Up to which session the broker was asked: a halted stock has no row of it.
    asked_up_to: BTreeMap<StockCode, Day>,
    not_before: BTreeMap<StockCode, Moment>,
    rest_until: Moment,
    pictured: Moment,
    dirty: bool,
    view: Arc<MarketView>,
}

/// Papers with a market of their own; warrants, notes and the like have no alignment to speak of.
fn belongs(paper: Paper) -> bool {
    match paper {
        Paper::Share | Paper::Etf | Paper::Reit | Paper::Fund => true,
        Paper::Etn | Paper::Right | Paper::Other => false,
    }
}

/// The last day whose daily rows are final.
fn last_session(calendar: &Calendar, market: Market, now: Moment) -> Day {
    let today = now.day();
    match calendar.hours(today, market) {
        Some(hours) if today.at(hours.end()).plus_ms(SETTLES_MS) <= now => today,
        _ => calendar.previous_open(today),
    }
}

impl WholeMarket {
    pub(super) fn new(fill: bool) -> Self {
        Self {
            fill,
            dirty: true,
            ..Self::default()
        }
    }

    pub(super) fn view(&self) -> Arc<MarketView> {
        self.view.clone()
    }

    pub(super) fn show(&mut self, shown: bool) {
        self.shown = shown;
        self.dirty = true;
    }

    pub(super) fn set_fill(&mut self, fill: bool) {
        self.fill = fill;
        self.rest_until = Moment::default();
        self.dirty = true;
    }

    /// Other averages: every row is another.
    pub(super) fn renew(&mut self, periods: &[u16]) {
        self.rows.clear();
        self.rest_until = Moment::default();
        let codes: Vec<StockCode> = self.held.keys().copied().collect();
        for code in codes {
            self.refresh(code, periods);
        }
    }

    fn refresh(&mut self, code: StockCode, periods: &[u16]) {
        let listed = self
            .index
            .as_ref()
            .and_then(|index| index.listing().get(code));
        let listed = listed.filter(|stock| belongs(stock.paper));
        let row = listed.zip(self.held.get(&code));
        match row.and_then(|(listed, closes)| MarketRow::of(listed, closes, periods)) {
            Some(row) => self.rows.insert(code, row),
            None => self.rows.remove(&code),
        };
        self.dirty = true;
    }

    /// Takes over a list of what is listed, if it is another one.
    fn take_listing(&mut self, index: &Arc<Index>, periods: &[u16]) {
        if self
            .index
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, index))
        {
            return;
        }
        let mut stocks: Vec<_> = index
            .listing()
            .stocks()
            .iter()
            .filter(|s| belongs(s.paper))
            .collect();
        stocks.sort_by_key(|s| (std::cmp::Reverse(s.market_cap), s.code));
        self.order = stocks.iter().map(|s| s.code).collect();
        self.index = Some(index.clone());
        self.renew(periods);
    }

    /// Up to which day the next page of a stock has to reach; `None`: it has all it needs.
    fn wants(&self, code: StockCode, session: Day, need: usize) -> Option<Day> {
        let Some(held) = self.held.get(&code) else {
            return Some(session);
        };
        let asked = self.asked_up_to.get(&code).is_some_and(|to| session <= *to);
        if !asked && held.newest().is_none_or(|newest| newest < session) {
            return Some(session);
        }
        let lacks = held.len() < need && !held.ended;
        held.oldest()
            .filter(|_| lacks)
            .map(|oldest| oldest.plus(-1))
    }

    /// What to ask for next, `room` stocks at most.
    fn next(
        &mut self,
        now: Moment,
        session: Day,
        need: usize,
        room: usize,
    ) -> Vec<(StockCode, Day)> {
        let mut asks = Vec::new();
        for &code in &self.order {
            if asks.len() == room {
                return asks;
            }
            let waits = self.not_before.get(&code).is_some_and(|at| now < *at);
            if waits || self.busy.contains(&code) {
                continue;
            }
            if let Some(to) = self.wants(code, session, need) {
                asks.push((code, to));
            }
        }
        if asks.is_empty() && self.busy.is_empty() {
            self.rest_until = now.plus_ms(REST_MS);
        }
        asks
    }

    fn picture(&mut self, now: Moment, session: Day, need: usize) -> bool {
        let due = PICTURE_MS <= now.ms_since(self.pictured) || !self.view.loaded;
        if !self.dirty || !self.shown || !due {
            return false;
        }
        (self.dirty, self.pictured) = (false, now);
        let complete = self
            .order
            .iter()
            .filter(|code| self.held.contains_key(code))
            .filter(|code| self.wants(**code, session, need).is_none())
            .count();
        self.view = Arc::new(MarketView {
            rows: self.rows.values().cloned().collect(),
            listed: self.order.len(),
            complete,
            loaded: self.loaded,
            filling: self.fill,
            session,
            need,
        });
        true
    }
}

impl State {
    /// Reads what is held once somebody wants it, asks for more while nothing else is wanted, and
    /// renews the picture.
    pub(super) fn look_at_whole_market(&mut self, out: &mut Vec<Effect>) {
        if !self.whole_market.fill && !self.whole_market.shown {
            return;
        }
        let periods = self.config.periods.clone();
        let index = self.names.index.clone();
        self.whole_market.take_listing(&index, &periods);
        if !self.whole_market.asked {
            self.whole_market.asked = true;
            out.push(Effect::LoadCloses);
        }
        let session = last_session(&self.calendar, self.config.market, self.now);
        let need = self.market_need();
        let market = &mut self.whole_market;
        let quiet = !self.history_wanted && market.rest_until <= self.now;
        if market.fill && market.loaded && index.listing().is_complete() && quiet {
            // A quarter of a second's requests: whoever else comes waits behind so few.
            let most = (self.config.requests_per_second / 4.0).max(1.0) as usize;
            let room = most.saturating_sub(market.busy.len());
            for (code, to) in market.next(self.now, session, need, room) {
                market.busy.insert(code);
                out.push(Effect::FetchCloses { code, to });
            }
        }
        self.news |= market.picture(self.now, session, need);
    }

    /// Days the alignment needs, with those that say since when it holds.
    fn market_need(&self) -> usize {
        self.config.periods.last().map_or(0, |&n| usize::from(n)) + BEYOND
    }

    pub(super) fn on_closes_loaded(&mut self, all: Vec<(StockCode, DayCloses)>) {
        let market = &mut self.whole_market;
        market.loaded = true;
        // Also where nothing was held: the picture says so and offers to fetch it.
        market.dirty = true;
        // What was fetched meanwhile is newer.
        for (code, closes) in all {
            market.held.entry(code).or_insert(closes);
        }
        market.renew(&self.config.periods.clone());
    }

    pub(super) fn on_closes(
        &mut self,
        code: StockCode,
        to: Day,
        answer: Result<Timed<Rows<DailyRow>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let session = last_session(&self.calendar, self.config.market, self.now);
        let (need, full) = (self.market_need(), self.config.pages.period);
        let market = &mut self.whole_market;
        market.busy.remove(&code);
        let page = match answer {
            Ok(answer) => answer.value.rows,
            Err(failure) => {
                tracing::debug!("the closes of {code} were not received: {}", failure.text);
                let again = failure.retry_ms.unwrap_or(AGAIN_MS).max(AGAIN_MS);
                market.not_before.insert(code, self.now.plus_ms(again));
                return;
            }
        };
        let final_rows = page.iter().filter(|row| row.day <= session).count();
        let mut closes = market.held.get(&code).cloned().unwrap_or_default();
        // The row of a running day is not final; without it a full page is still a full page.
        let unfinished = page.len() - final_rows;
        closes.join(&page[..final_rows], full.saturating_sub(unfinished));
        closes.shorten(need);
        let up_to = market.asked_up_to.entry(code).or_default();
        *up_to = to.max(*up_to);
        market.held.insert(code, closes.clone());
        market.refresh(code, &self.config.periods.clone());
        out.push(Effect::SaveCloses { code, closes });
        self.look_at_whole_market(out);
    }
}

#[cfg(test)]
#[path = "whole_market_tests.rs"]
mod tests;
