//! Requests to the broker and what their answers are to the engine.

use crate::domain::{Side, Timeframe};
use crate::engine::{
    Effect, Event, Failure, MinutesWant, PastPrint, QuotedMany, Rows, Timed, Urgency,
};
use crate::kis::{Answer, Kis, KisError, Period, Priority};

use super::failure;

/// Asks the broker.
pub(super) async fn fetch(kis: &Kis, effect: Effect) -> Option<Event> {
    Some(match effect {
        Effect::FetchQuote { code, urgency } => {
            let answer = kis.quote(code, priority_of(urgency)).await;
            Event::Quoted {
                code,
                answer: timed(answer, |quote| quote),
            }
        }
        Effect::FetchQuotes { codes, urgency } => {
            let answer = kis.quotes(&codes, priority_of(urgency)).await;
            let answer = timed(answer, |quotes| {
                let one = |(code, quote): (_, Result<_, KisError>)| {
                    (code, quote.map_err(|error| failure(&error)))
                };
                quotes.into_iter().map(one).collect()
            });
            Event::QuotedMany(Box::new(QuotedMany { codes, answer }))
        }
        Effect::FetchOpenDays { from } => {
            let answer = kis.holidays(from, Priority::Tail).await;
            Event::OpenDays(timed(answer, |page| {
                page.days.iter().map(|row| (row.day, row.open)).collect()
            }))
        }
        Effect::FetchInterruptions { day } => {
            let answer = kis.interruptions(day, Priority::Tail).await;
            Event::Interruptions(timed(answer, |rows| rows))
        }
        Effect::FetchBook(code) => {
            let answer = kis.book(code, Priority::User).await;
            Event::BookAnswered {
                code,
                answer: timed(answer, |book| book),
            }
        }
        Effect::FetchPrints(code) => {
            let answer = kis.recent_prints(code, Priority::User).await;
            let line = |p: &crate::kis::RecentPrint| PastPrint {
                second: p.second,
                price: p.price,
                change: p.change,
                size: p.size.0,
                side: Side::Auction,
                strength: Some(p.strength),
            };
            let answer = timed(answer, |prints| prints.iter().map(line).collect());
            Event::PrintsAnswered { code, answer }
        }
        Effect::FetchMinutes {
            code,
            want,
            urgency,
        } => {
            let priority = priority_of(urgency);
            let answer = match want {
                MinutesWant::Today { newest } => kis.minutes_today(code, newest, priority).await,
                // Not over midnight: the days before are fetched as such.
                MinutesWant::TodayByDate { day, newest } => {
                    kis.minutes_dated(code, day, newest, false, priority).await
                }
                MinutesWant::Dated { day, newest } => {
                    kis.minutes_dated(code, day, newest, true, priority).await
                }
            };
            let answer = timed(answer, |page| Rows {
                name: page.name,
                rows: page.rows,
            });
            Event::Minutes { code, want, answer }
        }
        Effect::FetchPeriod {
            code,
            timeframe,
            to,
            urgency,
        } => {
            let period = match timeframe {
                Timeframe::Week => Period::Week,
                Timeframe::Month => Period::Month,
                Timeframe::Day | Timeframe::Minutes(_) => Period::Day,
            };
            // The exchange's oldest listings are of 1956; the window only has to lie before.
            let from = to.plus(-80 * 365);
            let answer = kis
                .period_chart(code, period, from, to, priority_of(urgency))
                .await;
            let answer = timed(answer, |page| Rows {
                name: page.name,
                rows: page.rows,
            });
            Event::Period {
                code,
                timeframe,
                to,
                answer,
            }
        }
        Effect::FetchCloses { code, to } => {
            let from = to.plus(-80 * 365);
            let answer = kis
                .period_chart(code, Period::Day, from, to, Priority::Backfill)
                .await;
            let answer = timed(answer, |page| Rows {
                name: page.name,
                rows: page.rows,
            });
            Event::Closes { code, to, answer }
        }
        _ => return None,
    })
}

/// The answer to a request that has none.
pub(super) fn unanswered(asked: Effect, failure: Failure) -> Option<Event> {
    let failure = Failure {
        retry_ms: Some(5_000),
        ..failure
    };
    Some(match asked {
        Effect::FetchQuote { code, .. } => Event::Quoted {
            code,
            answer: Err(failure),
        },
        Effect::FetchQuotes { codes, .. } => Event::QuotedMany(Box::new(QuotedMany {
            codes,
            answer: Err(failure),
        })),
        Effect::FetchOpenDays { .. } => Event::OpenDays(Err(failure)),
        Effect::FetchInterruptions { .. } => Event::Interruptions(Err(failure)),
        Effect::FetchBook(code) => Event::BookAnswered {
            code,
            answer: Err(failure),
        },
        Effect::FetchPrints(code) => Event::PrintsAnswered {
            code,
            answer: Err(failure),
        },
        Effect::FetchMinutes { code, want, .. } => Event::Minutes {
            code,
            want,
            answer: Err(failure),
        },
        Effect::FetchPeriod {
            code,
            timeframe,
            to,
            ..
        } => Event::Period {
            code,
            timeframe,
            to,
            answer: Err(failure),
        },
        Effect::FetchCloses { code, to } => Event::Closes {
            code,
            to,
            answer: Err(failure),
        },
        _ => return None,
    })
}

/// Where a request of the engine's stands in the queue.
pub fn priority_of(urgency: Urgency) -> Priority {
    match urgency {
        // One call for thirty stocks: behind the rush of three hundred closes the prices that
        // forming bars are judged on would be older than what is promised of them.
        Urgency::User | Urgency::Price => Priority::User,
        Urgency::Close { nearness } => Priority::Close { nearness },
        Urgency::Tail => Priority::Tail,
        Urgency::Backfill => Priority::Backfill,
    }
}

fn timed<T, U>(
    answer: Result<Answer<T>, KisError>,
    read: impl FnOnce(T) -> U,
) -> Result<Timed<U>, Failure> {
    answer
        .map(|a| Timed {
            value: read(a.value),
            sent: a.sent,
            answered: a.answered,
        })
        .map_err(|error| failure(&error))
}
