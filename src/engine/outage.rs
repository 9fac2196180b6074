//! Whether requests are answered at all. Prices of the link run on while every request fails, and
//! without a word nobody would know that neither history nor the rows of closed bars come.

use crate::domain::Moment;
use crate::engine::event::{Event, Failure};
use crate::engine::state::State;

/// So many failures in a row are no accident of one of them.
const FEW: u32 = 5;
/// What passes within this time is nothing to tell of, ms.
const PASSING_MS: i64 = 20_000;

/// Failures since the last good answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outage {
    since: Option<Moment>,
    failures: u32,
    /// The notice that tells of it.
    notice: Option<u64>,
}

impl Event {
    /// How a request for quotes ended, if this is the end of one.
    fn answered(&self) -> Option<Result<(), &Failure>> {
        fn bare<T>(answer: &Result<T, Failure>) -> Option<Result<(), &Failure>> {
            Some(answer.as_ref().map(|_| ()))
        }
        match self {
            Self::Quoted { answer, .. } => bare(answer),
            Self::QuotedMany(news) => bare(&news.answer),
            Self::BookAnswered { answer, .. } => bare(answer),
            Self::PrintsAnswered { answer, .. } => bare(answer),
            Self::Minutes { answer, .. } => bare(answer),
            Self::Period { answer, .. } | Self::Closes { answer, .. } => bare(answer),
            _ => None,
        }
    }
}

impl State {
    /// Tells once of requests that all fail while the link is up, and takes it back with the
    /// first good answer. Where the link is down, too, its light says enough.
    pub(super) fn look_for_outage(&mut self, event: &Event) {
        let failure = match event.answered() {
            None => return,
            Some(Ok(())) => {
                if let Some(id) = std::mem::take(&mut self.outage).notice {
                    self.notices.dismiss(id);
                    self.news = true;
                }
                return;
            }
            // What will never be answered otherwise says nothing about the others.
            Some(Err(failure)) if failure.retry_ms.is_none() => return,
            Some(Err(failure)) => failure,
        };
        let since = *self.outage.since.get_or_insert(self.now);
        self.outage.failures = self.outage.failures.saturating_add(1);
        let lasts = FEW <= self.outage.failures && PASSING_MS <= self.now.ms_since(since);
        if lasts && self.outage.notice.is_none() && self.link.is_live() {
            let text = said!(
                "조회가 계속 실패해 과거 봉과 봉 마감 판정이 늦어지고 있습니다. 다시 시도하는 중입니다. %{failure}",
                failure = failure.text.clone()
            );
            self.outage.notice = Some(self.notices.add(self.now, text, None));
            self.news = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Calendar, Day, Minute, StockCode};
    use crate::engine::config::watching;
    use crate::engine::event::{QuotedMany, StreamNews, Timed};
    use crate::engine::state::Remembered;

    #[test]
    fn requests_that_all_fail_are_told_of_once_and_no_longer_than_they_do() {
        let code = StockCode::parse("005930").unwrap();
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        let start = day.at(Minute::hm(10, 0));
        let mut out = Vec::new();
        let calendar = Calendar::new();
        let told = Remembered::default();
        let mut state = State::new(watching(code), calendar, told, start, &mut out);
        let mut after = |seconds: i64, event: Event| {
            out.clear();
            state.apply(start.plus_secs(seconds), event, &mut out);
            let texts = state.notices.list().iter().map(|n| n.text.to_string());
            texts.collect::<Vec<_>>()
        };
        let fails = |retry_ms| Event::Quoted {
            code,
            answer: Err(Failure {
                text: "HTTP 500".into(),
                tr_id: String::new(),
                msg_cd: String::new(),
                msg1: String::new(),
                http: 500,
                retry_ms,
            }),
        };
        let works = |seconds: i64| {
            Event::QuotedMany(Box::new(QuotedMany {
                codes: [].into(),
                answer: Ok(Timed {
                    value: vec![],
                    sent: start.plus_secs(seconds),
                    answered: start.plus_secs(seconds),
                }),
            }))
        };
        for seconds in 0..30 {
            let told = after(seconds, fails(Some(5_000)));
            assert!(told.is_empty(), "the link is down: its light says it");
        }
        after(30, Event::Stream(StreamNews::Live));
        assert!(after(31, works(31)).is_empty());
        for seconds in 32..52 {
            let told = after(seconds, fails(Some(5_000)));
            assert!(told.is_empty(), "{seconds} s: it may pass: {told:?}");
        }
        for seconds in 52..60 {
            let told = after(seconds, fails(Some(5_000)));
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains("HTTP 500"), "{told:?}");
        }
        assert!(after(60, works(60)).is_empty(), "it is over");
        for seconds in 61..120 {
            let told = after(seconds, fails(None));
            assert!(told.is_empty(), "a stock that does not exist: {told:?}");
        }
    }
}
