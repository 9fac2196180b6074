//! Settings the user changes in the window: those in force at once, and all into the file.

use crate::domain::StockCode;
use crate::engine::effect::{Edit, Effect};
use crate::engine::state::State;
use crate::settings::{Change, ScreenSettings};

impl State {
    /// Another look: other timeframes in the watchlist want other history.
    pub(super) fn set_screen(&mut self, screen: ScreenSettings, out: &mut Vec<Effect>) {
        if self.config.columns != screen.columns {
            self.config.columns.clone_from(&screen.columns);
            let followed = self.config.followed();
            for &code in &followed {
                self.refit(code);
            }
            for code in followed {
                self.settle(code, out);
            }
        }
        out.push(Effect::Edit(Edit::Screen(screen)));
    }

    /// A change of a setting. Other averages are drawn and judged from now on.
    pub(super) fn change(&mut self, change: Change, out: &mut Vec<Effect>) {
        if let Change::Averages(periods) = &change {
            let before = std::mem::replace(&mut self.config.periods, periods.clone().into());
            if !self.renew_rules(self.config.written.clone(), out) {
                self.config.periods = before;
                return;
            }
            self.whole_market.renew(&self.config.periods);
            let open: Vec<StockCode> = self.stocks.keys().copied().collect();
            for &code in &open {
                self.refit(code);
            }
            for code in open {
                self.settle(code, out);
            }
        }
        if let Change::MarketFill(fill) = change {
            self.whole_market.set_fill(fill);
        }
        out.push(Effect::Edit(Edit::Change(change)));
    }
}
