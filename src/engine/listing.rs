//! What is listed: names and flags of stocks, renewed once a day.

use std::sync::Arc;

use crate::domain::{Day, Listing, Minute, Moment, Remark, StockCode};
use crate::engine::effect::Effect;
use crate::engine::event::Listed;
use crate::engine::state::State;
use crate::search::Index;

/// The list is fetched each day from this minute on: the broker makes it anew before trading, at
/// a time it does not document; clients fetch it between six and half past eight.
const RENEWED: Minute = Minute(7 * 60 + 30);
/// Between two attempts.
const AGAIN_MS: i64 = 10 * 60 * 1_000;

/// The list and when to renew it.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) index: Arc<Index>,
    /// Asked of the data folder or of the broker.
    busy: bool,
    /// Not before this moment.
    wait: Moment,
}

impl Names {
    /// The bundled list; what the data folder holds is asked for.
    pub(super) fn new(now: Moment, out: &mut Vec<Effect>) -> Self {
        out.push(Effect::LoadListing);
        Self {
            index: Arc::new(Index::new(Arc::new(Listing::bundled()))),
            busy: true,
            wait: now,
        }
    }

    /// The stock's name, if it is listed.
    pub(super) fn name(&self, code: StockCode) -> Option<Arc<str>> {
        self.index.listing().get(code).map(|s| s.name.clone())
    }

    /// The newer of the listed name and one learned earlier: today's list comes before, the
    /// bundled one after it.
    pub(super) fn better(&self, code: StockCode, learned: Option<Arc<str>>) -> Option<Arc<str>> {
        match self.index.listing().is_complete() {
            true => self.name(code).or(learned),
            false => learned.or_else(|| self.name(code)),
        }
    }

    /// Whether the stock is traded on Nextrade too; `None` if the list does not say.
    pub(super) fn nextrade(&self, code: StockCode) -> Option<bool> {
        self.index.listing().get(code)?.nextrade
    }

    /// Whether the list of `day` says that prices of before are of another scale.
    fn is_rescaled(&self, code: StockCode, day: Day) -> bool {
        let listing = self.index.listing();
        let of_today = listing.received.is_some_and(|at| day.at(RENEWED) <= at);
        of_today && listing.get(code).is_some_and(|stock| stock.rescaled)
    }

    /// What the exchange says of the stock.
    pub(super) fn remarks(&self, code: StockCode) -> Vec<Remark> {
        let listed = self.index.listing().get(code);
        listed.map_or_else(Vec::new, |stock| stock.remarks())
    }
}

impl State {
    /// Asks for a new list when the held one is older than this morning's.
    pub(super) fn look_at_listing(&mut self, out: &mut Vec<Effect>) {
        if self.names.busy || self.now < self.names.wait {
            return;
        }
        let today = self.now.day();
        let this_morning = today.at(RENEWED);
        let morning = match this_morning <= self.now {
            true => this_morning,
            false => today.plus(-1).at(RENEWED),
        };
        let received = self.names.index.listing().received;
        if received.is_none_or(|at| at < morning) {
            self.names.busy = true;
            out.push(Effect::FetchListing);
        }
    }

    pub(super) fn on_listed(&mut self, listed: Listed, out: &mut Vec<Effect>) {
        self.names.busy = false;
        if listed.asked {
            self.names.wait = self.now.plus_ms(AGAIN_MS);
        }
        if let Some(index) = listed.index {
            self.names.index = index;
            for stock in self.stocks.values_mut() {
                if let Some(name) = self.names.name(stock.code) {
                    stock.name = name;
                }
                if let Some(window) = &mut stock.window {
                    window.dirty = true;
                }
            }
            self.look_at_rescaled(out);
        }
        if let Some(trouble) = listed.trouble {
            let held = match self.names.index.listing().received {
                Some(Moment(1..)) => said!("그동안은 전에 받은 목록에서 찾습니다."),
                Some(_) => said!("그동안은 받아 둔 일부 목록에서 찾습니다."),
                None => said!("그동안은 프로그램에 든 주요 종목만 이름으로 찾습니다."),
            };
            let text = said!("%{trouble} %{held}", trouble = trouble, held = held);
            self.notices.add(self.now, text, None);
        }
    }

    /// Has the day chart fetched again of stocks that the morning's list calls split or ex rights,
    /// if it was fetched before: its closes say whether what is held is of another scale. Where
    /// the base price tells nothing (the other venues), only this finds it on the day itself.
    fn look_at_rescaled(&mut self, out: &mut Vec<Effect>) {
        let day = self.now.day();
        let morning = day.at(RENEWED);
        let early = |asked: Option<Moment>| asked.is_some_and(|at| at < morning);
        let codes: Vec<StockCode> = self
            .stocks
            .values()
            .filter(|stock| stock.daily.fresh && early(stock.daily.fresh_since))
            .map(|stock| stock.code)
            .filter(|code| self.names.is_rescaled(*code, day))
            .collect();
        for code in codes {
            if let Some(stock) = self.stocks.get_mut(&code) {
                stock.daily.fresh = false;
            }
            self.plan(code, out);
        }
    }

    /// Names a stock that has just come, if it is listed.
    pub(super) fn name_from_list(&mut self, code: StockCode) {
        let name = self.names.name(code);
        if let (Some(stock), Some(name)) = (self.stocks.get_mut(&code), name) {
            stock.name = name;
        }
    }
}
