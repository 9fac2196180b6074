//! Requests on their way, so that what nobody wants any more leaves the broker's queue.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::task::AbortHandle;

use crate::domain::StockCode;
use crate::engine::Effect;

/// The tasks of one stock.
#[derive(Default)]
struct Tasks {
    /// For its window alone: order book and executions.
    window: Vec<AbortHandle>,
    /// Everything else.
    other: Vec<AbortHandle>,
}

/// Requests on their way, by stock.
#[derive(Default)]
pub(super) struct Running(Mutex<BTreeMap<StockCode, Tasks>>);

impl Running {
    /// Remembers the task that does `effect`. Requests for many stocks belong to none of them.
    pub(super) fn add(&self, effect: &Effect, task: AbortHandle) {
        let (code, for_window) = match effect {
            Effect::FetchBook(code) | Effect::FetchPrints(code) => (*code, true),
            Effect::FetchQuote { code, .. }
            | Effect::FetchMinutes { code, .. }
            | Effect::FetchPeriod { code, .. } => (*code, false),
            _ => return,
        };
        let mut stocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = stocks.entry(code).or_default();
        let list = match for_window {
            true => &mut tasks.window,
            false => &mut tasks.other,
        };
        list.retain(|task| !task.is_finished());
        list.push(task);
    }

    /// Gives up the requests for a stock's window, and with `all` every other of the stock too.
    /// None of them is answered.
    pub(super) fn abandon(&self, code: StockCode, all: bool) {
        let mut stocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tasks) = stocks.get_mut(&code) else {
            return;
        };
        let other = if all { tasks.other.as_slice() } else { &[] };
        for task in tasks.window.iter().chain(other) {
            task.abort();
        }
        tasks.window.clear();
        if all {
            stocks.remove(&code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Urgency;

    #[tokio::test]
    async fn a_closed_window_gives_up_its_own_requests_only() {
        let code = StockCode::parse("005930").unwrap();
        let quote = Effect::FetchQuote {
            code,
            urgency: Urgency::User,
        };
        let running = Running::default();
        let tasks = [Effect::FetchBook(code), Effect::FetchPrints(code), quote].map(|effect| {
            let task = tokio::spawn(std::future::pending::<()>());
            running.add(&effect, task.abort_handle());
            task
        });
        let [book, prints, quote] = tasks;
        running.abandon(code, false);
        assert!(book.await.unwrap_err().is_cancelled());
        assert!(prints.await.unwrap_err().is_cancelled());
        assert!(!quote.is_finished());
        running.abandon(code, true);
        assert!(quote.await.unwrap_err().is_cancelled());
    }
}
