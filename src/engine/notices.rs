//! What went wrong, once each, folded when repeated.

use std::sync::Arc;

use crate::domain::Moment;
use crate::engine::snapshot::Notice;
use crate::lang::Said;

/// The newest notices are kept; older ones are in the log.
const KEPT: usize = 20;

/// The notices on screen.
#[derive(Clone, Debug, Default)]
pub(super) struct Notices {
    list: Vec<Notice>,
    next: u64,
}

impl Notices {
    pub(super) fn add(&mut self, at: Moment, text: impl Into<Said>, code: Option<Arc<str>>) {
        let text = text.into();
        if let Some(known) = self.list.iter_mut().find(|n| n.text == text) {
            known.at = at;
            known.times += 1;
            return;
        }
        self.next += 1;
        self.list.push(Notice {
            id: self.next,
            text,
            code,
            at,
            times: 1,
        });
        if KEPT < self.list.len() {
            self.list.remove(0);
        }
    }

    pub(super) fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    pub(super) fn list(&self) -> &[Notice] {
        &self.list
    }
}
