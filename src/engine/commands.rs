//! What the user asks for.

use std::collections::btree_map::Entry;

use crate::domain::{SignalKey, StockCode, Timeframe};
use crate::engine::command::Command;
use crate::engine::effect::{Effect, Urgency};
use crate::engine::snapshot::{Part, Ring};
use crate::engine::state::State;
use crate::engine::stock::{Stock, Window};

/// The timeframe a window opens with, unless a rule of the stock says otherwise.
const FIRST_TIMEFRAME: Timeframe = Timeframe::Minutes(30);
/// Bars asked for when the user scrolls to the oldest one.
const OLDER: usize = 240;

impl State {
    pub(super) fn on_command(&mut self, command: Command, out: &mut Vec<Effect>) {
        match command {
            Command::ShowGroup(name) => self.visible_group = Some(name),
            Command::OpenStock(code) => self.open(code, None, out),
            Command::CloseStock(code) => self.close(code, out),
            Command::ShowTimeframe(code, timeframe) => self.show_timeframe(code, timeframe, out),
            Command::LoadOlder(code, timeframe) => self.load_older(code, timeframe, out),
            Command::Retry(code) => self.try_again(code, out),
            Command::Watch { code, group } => self.watch(code, group, out),
            Command::Unwatch(code) => self.unwatch(code, out),
            Command::MoveStock { code, group, to } => self.move_stock(code, group, to, out),
            Command::Group(change) => self.change_group(change, out),
            Command::SetScreen(screen) => self.set_screen(screen, out),
            Command::ShowMarket(shown) => {
                self.whole_market.show(shown);
                self.look_at_whole_market(out);
            }
            Command::Change(change) => self.change(change, out),
            Command::SetReach(settings) => self.set_reach(settings, out),
            Command::TryReach(channel) => self.try_reaching(channel, out),
            Command::PutRule { was, rule, at } => self.put_rule(was, rule, at, out),
            Command::RemoveRule(name) => self.remove_rule(&name, out),
            Command::ShowRules(shown) => self.desk.shown = shown,
            Command::Preview(rule) => self.preview(rule, out),
            Command::Backtest(rule) => self.ask_backtest(rule, out),
            Command::Visit(code) => self.visit(code, out),
            Command::ShowSignal(key) => self.show_signal(key, out),
            Command::SeeAllSignals => {
                let keys: Vec<SignalKey> = self
                    .book
                    .told()
                    .filter(|s| !s.seen)
                    .map(|s| s.key)
                    .collect();
                self.see(keys, out);
                self.late.clear();
            }
            Command::DismissLate => self.late.clear(),
            Command::BroughtUp(key) => self.takeovers.brought_up(&key, self.now),
            Command::Painted(key) => self.mark_shown(key, out),
            Command::Mute(muted) => self.takeovers.mute(muted),
            Command::DismissNotice(id) => self.notices.dismiss(id),
        }
    }

    /// Opens a stock's window: price, order book, executions and chart, all at once; the
    /// scheduler gives each its turn.
    fn open(&mut self, code: StockCode, timeframe: Option<Timeframe>, out: &mut Vec<Effect>) {
        let by_rule = |stock: &Stock| stock.rules.first().map(|s| self.rules[s.rule].timeframe);
        let first = self
            .stocks
            .get(&code)
            .and_then(by_rule)
            .unwrap_or(FIRST_TIMEFRAME);
        if let Entry::Vacant(place) = self.stocks.entry(code) {
            place.insert(Stock::new(code));
            self.name_from_list(code);
            let from = self.now.day().plus(-400);
            out.push(Effect::LoadStock { code, from });
        }
        let known = self
            .stocks
            .get(&code)
            .is_some_and(|stock| stock.window.is_some());
        if known {
            if let Some(timeframe) = timeframe {
                self.show_timeframe(code, timeframe, out);
            }
            return;
        }
        let hours = self.calendar.hours(self.now.day(), self.config.market);
        if let Some(mut stock) = self.stocks.remove(&code) {
            if stock.today.is_none() {
                stock.today = hours.map(|hours| {
                    crate::engine::today::Today::new(self.now.day(), hours, &self.config.bars)
                });
            }
            stock.window = Some(Window::new(timeframe.unwrap_or(first)));
            self.fit_tracks(&mut stock);
            self.stocks.insert(code, stock);
        }
        out.push(Effect::FetchQuote {
            code,
            urgency: Urgency::User,
        });
        out.push(Effect::FetchBook(code));
        out.push(Effect::FetchPrints(code));
        self.catch_up(code, Urgency::User, out);
        self.subscribe(out);
        self.settle(code, out);
    }

    fn close(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let followed = self.config.followed().contains(&code);
        if let Some(stock) = self.stocks.get_mut(&code) {
            stock.window = None;
        }
        if !followed {
            self.stocks.remove(&code);
        }
        let all = !followed;
        out.push(Effect::Abandon { code, all });
        self.refit(code);
        self.subscribe(out);
    }

    /// Makes the tracks of a stock fit what is wanted of it now.
    pub(super) fn refit(&mut self, code: StockCode) {
        if let Some(mut stock) = self.stocks.remove(&code) {
            self.fit_tracks(&mut stock);
            self.stocks.insert(code, stock);
        }
    }

    fn show_timeframe(&mut self, code: StockCode, timeframe: Timeframe, out: &mut Vec<Effect>) {
        let Some(mut stock) = self.stocks.remove(&code) else {
            return;
        };
        if let Some(window) = &mut stock.window
            && window.timeframe != timeframe
        {
            window.timeframe = timeframe;
            window.wanted = 0;
            window.dirty = true;
        }
        self.fit_tracks(&mut stock);
        self.stocks.insert(code, stock);
        self.catch_up(code, Urgency::User, out);
        self.settle(code, out);
    }

    fn load_older(&mut self, code: StockCode, timeframe: Timeframe, out: &mut Vec<Effect>) {
        let Some(mut stock) = self.stocks.remove(&code) else {
            return;
        };
        let have = stock.track(timeframe).map_or(0, |track| track.series.len());
        let need = stock.track(timeframe).map_or(0, |track| track.need);
        if let Some(window) = &mut stock.window
            && window.timeframe == timeframe
            && need <= have
        {
            window.wanted += OLDER;
            window.loading_older = true;
            window.dirty = true;
        }
        self.fit_tracks(&mut stock);
        self.stocks.insert(code, stock);
        self.plan(code, out);
    }

    fn try_again(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        stock.chart_trouble = None;
        stock.trouble = None;
        stock.passing = None;
        stock.end_pauses(self.now);
        stock.rows_retry = None;
        out.push(Effect::FetchQuote {
            code,
            urgency: Urgency::User,
        });
        if let Some(window) = &mut stock.window {
            window.dirty = true;
            if matches!(window.book, Part::Failed(_)) {
                window.book = Part::Loading;
                out.push(Effect::FetchBook(code));
            }
            if matches!(window.prints, Part::Failed(_)) {
                window.prints = Part::Loading;
                out.push(Effect::FetchPrints(code));
            }
        }
        self.catch_up(code, Urgency::User, out);
        self.settle(code, out);
    }

    /// The user looked at the stock: its row and arrows become quiet.
    fn visit(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        if let Some(stock) = self.stocks.get_mut(&code) {
            stock.ring = Ring::Quiet;
        }
        let keys: Vec<SignalKey> = self
            .book
            .told()
            .filter(|s| s.key.code == code && !s.seen)
            .map(|s| s.key)
            .collect();
        self.see(keys, out);
    }

    fn show_signal(&mut self, key: SignalKey, out: &mut Vec<Effect>) {
        self.open(key.code, Some(key.timeframe), out);
        self.focus_serial += 1;
        let serial = self.focus_serial;
        if let Some(window) = self
            .stocks
            .get_mut(&key.code)
            .and_then(|s| s.window.as_mut())
        {
            window.focus = Some((serial, key.bar));
            window.dirty = true;
        }
    }

    fn see(&mut self, keys: Vec<SignalKey>, out: &mut Vec<Effect>) {
        let mut news = Vec::new();
        for key in keys {
            if self.book.amend(&key, |signal| signal.seen = true) {
                news.push(key);
            }
            if let Some(window) = self
                .stocks
                .get_mut(&key.code)
                .and_then(|s| s.window.as_mut())
            {
                window.dirty = true;
            }
        }
        if !news.is_empty() {
            out.push(Effect::MarkSeen(news));
        }
    }
}
