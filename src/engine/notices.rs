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
    /// Returns the notice's number.
    pub(super) fn add(&mut self, at: Moment, text: impl Into<Said>, code: Option<Arc<str>>) -> u64 {
        let text = text.into();
        let alike = |n: &&mut Notice| n.code == code && n.text.is_like(&text);
        if let Some(known) = self.list.iter_mut().find(alike) {
            known.text = text;
            known.at = at;
            known.times += 1;
            return known.id;
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
        self.next
    }

    pub(super) fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    pub(super) fn list(&self) -> &[Notice] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_one_notice_with_its_newest_numbers() {
        let mut notices = Notices::default();
        for seconds in [41_u64, 40, 12] {
            let text = said!("%{seconds}초 뒤 다시 시도합니다", seconds = seconds);
            notices.add(Moment(i64::from(seconds as u32)), text, None);
        }
        notices.add(Moment(99), "다른 일", None);
        let list = notices.list();
        assert_eq!((list.len(), list[0].times, list[0].at), (2, 3, Moment(12)));
        assert_eq!(list[0].text.to_string(), "12초 뒤 다시 시도합니다");
    }
}
