//! The store's jobs, one after another.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use crate::domain::packed::PackedDay;
use crate::domain::{Day, Market, MinuteRow, StockCode, Timeframe};
use crate::engine::{Effect, Event, Head, Loaded, Partial};
use crate::store::{Store, StoreError};

use super::{plain_failure, send};

/// Carries out the store's jobs one after another, so that what was said first is written first.
pub async fn store_task(
    store: Store,
    market: Market,
    mut jobs: mpsc::UnboundedReceiver<Effect>,
    waiting: Arc<AtomicUsize>,
    events: mpsc::Sender<Event>,
) {
    while let Some(job) = jobs.recv().await {
        waiting.fetch_sub(1, Ordering::Relaxed);
        let outcome = match job {
            Effect::LoadStock { code, from } => {
                let loaded = load(&store, market, code, from).await;
                let outcome = loaded.as_ref().map(|_| ()).map_err(Clone::clone);
                // What cannot be read is fetched again.
                let loaded = loaded.unwrap_or_default();
                let loaded = Loaded {
                    code: Some(code),
                    ..loaded
                };
                send(&events, Event::Loaded(Box::new(loaded))).await;
                outcome
            }
            Effect::LoadCloses => {
                let loaded = store.load_closes(market).await;
                let outcome = loaded.as_ref().map(|_| ()).map_err(Clone::clone);
                // What cannot be read is fetched again.
                let all = loaded.unwrap_or_default();
                send(&events, Event::ClosesLoaded(all)).await;
                outcome
            }
            Effect::SaveCloses { code, closes } => store.save_closes(code, market, closes).await,
            Effect::Record {
                batch,
                signals,
                marks,
            } => {
                let signals = signals.iter().map(|s| (**s).clone()).collect();
                let written = store.record(signals, marks).await;
                let error = written.err().map(|error| error.said());
                send(&events, Event::Recorded { batch, error }).await;
                Ok(())
            }
            Effect::SaveRows {
                code,
                day,
                known,
                rows,
            } => {
                let saved = store.save_rows(code, market, day, known, rows).await;
                if !matches!(saved, Ok(true)) {
                    send(&events, Event::RowsUnsaved { code, day }).await;
                }
                saved.map(|_| ())
            }
            Effect::SaveCorrections {
                code,
                from,
                day,
                rows,
            } => store.save_corrections(code, market, from, day, rows).await,
            Effect::SaveDay { code, day, rows } => {
                store.save_day(code, market, day, rows.to_vec()).await
            }
            Effect::SavePartial { code, partial } => {
                let Partial { day, from, rows } = partial;
                store.save_partial(code, market, day, from, rows).await
            }
            Effect::SavePeriod {
                code,
                timeframe,
                rows,
                joins,
            } => {
                store
                    .save_period(code, market, timeframe, rows, joins)
                    .await
            }
            Effect::SaveEnd { code, end } => store.save_end(code, market, end).await,
            Effect::SaveOpenDays { asked, days } => store.save_open_days(asked, days).await,
            Effect::SaveName { code, name } => store.save_name(code, name.to_string()).await,
            Effect::ForgetStock(code) => store.forget_stock(code, market).await,
            Effect::KeepMarksOf(rules) => store.delete_marks_except(&rules).await,
            Effect::MarkShown { keys, at } => store.mark_shown(keys, at).await,
            Effect::MarkSeen(keys) => store.mark_seen(keys).await,
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            tracing::error!("The store failed: {error}");
            send(&events, Event::Trouble(plain_failure(error.said()))).await;
        }
    }
}

async fn load(
    store: &Store,
    market: Market,
    code: StockCode,
    from: Day,
) -> Result<Loaded, StoreError> {
    let complete = store.days_held(code, market).await?;
    let running = store.load_heads(code, market).await?;
    let mut days = Vec::new();
    let mut rest: BTreeMap<Day, Vec<MinuteRow>> = BTreeMap::new();
    // Packed before anything else is waited for: else the rows of every stock that is being
    // loaded would be held at once.
    for (day, rows) in store.load_minutes(code, market, from).await? {
        match complete.binary_search(&day) {
            Ok(_) => days.push((day, PackedDay::new(&rows))),
            Err(_) => {
                rest.insert(day, rows);
            }
        }
    }
    let heads = running.into_iter().map(|(day, known)| {
        let mut rows = rest.remove(&day).unwrap_or_default();
        rows.retain(|row| known.contains(&row.minute));
        Head { day, known, rows }
    });
    let heads = heads.collect();
    let name = store
        .load_names()
        .await?
        .into_iter()
        .find(|(c, _)| *c == code)
        .map(|(_, n)| n);
    let partials = store.load_partials(code, market).await?;
    Ok(Loaded {
        code: Some(code),
        corrections: store.load_corrections(code, market).await?,
        name,
        days,
        heads,
        partials: partials
            .into_iter()
            .map(|(day, from, rows)| Partial { day, from, rows })
            .collect(),
        ends: store.load_ends(code, market).await?,
        daily: store.load_period(code, market, Timeframe::Day).await?,
        weekly: store.load_period(code, market, Timeframe::Week).await?,
        monthly: store.load_period(code, market, Timeframe::Month).await?,
    })
}
