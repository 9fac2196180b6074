//! What the user asks for.

use std::sync::Arc;

use crate::domain::{SignalKey, StockCode, Timeframe};
use crate::engine::reaching::Channel;
use crate::settings::{Change, GroupChange, ReachSettings, RuleSetting, ScreenSettings};

/// A wish of the user. The only way from the screen back into the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The user turned to this watchlist group: its history comes first.
    ShowGroup(Arc<str>),
    /// Open the stock's window (or go on showing it); loads chart, order book and executions.
    OpenStock(StockCode),
    /// The stock's window was closed.
    CloseStock(StockCode),
    /// Show this timeframe in the stock's window.
    ShowTimeframe(StockCode, Timeframe),
    /// The chart was scrolled to its oldest bar: load more history.
    LoadOlder(StockCode, Timeframe),
    /// Try again what failed in the stock's window.
    Retry(StockCode),
    /// Put a stock into a watchlist group (written to the configuration file).
    Watch {
        /// The stock.
        code: StockCode,
        /// Name of the group; made if it does not exist.
        group: String,
    },
    /// Take a stock out of every watchlist group.
    Unwatch(StockCode),
    /// Put a stock at another place of its group (written to the configuration file).
    MoveStock {
        /// The stock.
        code: StockCode,
        /// Name of the group.
        group: String,
        /// Its index in the group afterwards.
        to: usize,
    },
    /// Change the groups of the watchlist (written to the configuration file).
    Group(GroupChange),
    /// The look the user chose, already in force on the screen; written to the configuration
    /// file.
    SetScreen(ScreenSettings),
    /// The view of the whole market is on the screen or not.
    ShowMarket(bool),
    /// Change a setting (written to the configuration file); [`Change`] says which are in force
    /// at once.
    Change(Change),
    /// The ways to call the user; written to the configuration file. Secrets are looked for anew,
    /// also when nothing changed.
    SetReach(ReachSettings),
    /// Call the user now, in one way, to see whether it arrives.
    TryReach(Channel),
    /// Keep a rule, new or in the place of the one named `was` (written to the configuration
    /// file). It is judged from now on; see [`crate::conditions::rule_key`] for when it counts as
    /// a new rule.
    PutRule {
        /// The rule's name until now; `None`: it is new.
        was: Option<String>,
        /// The rule.
        rule: Arc<RuleSetting>,
        /// Where a new one stands among the rules; `None`: last.
        at: Option<usize>,
    },
    /// Take out the rule of this name (written to the configuration file).
    RemoveRule(String),
    /// The list of rules is on the screen or not: only then is counted where each holds now.
    ShowRules(bool),
    /// Show on which stocks this rule, perhaps not kept yet, holds now; `None`: no longer.
    Preview(Option<Arc<RuleSetting>>),
    /// Judge this rule on the bars of the last sessions; `None`: forget what came of it.
    Backtest(Option<Arc<RuleSetting>>),
    /// The user looked at this stock: its row stops blinking, its arrows become steady.
    Visit(StockCode),
    /// The user opened this signal from the list: show its bar and mark it seen.
    ShowSignal(SignalKey),
    /// Mark every signal as seen, and put the summary of late ones away.
    SeeAllSignals,
    /// The user has done with the summary of late signals.
    DismissLate,
    /// The window of this signal has been brought to the front (or its turn was refused).
    BroughtUp(SignalKey),
    /// The signal's row or arrow has been painted for the first time.
    Painted(SignalKey),
    /// Sound and takeover off or on.
    Mute(bool),
    /// The user closed a notice.
    DismissNotice(u64),
}
