//! The store's thread and the queue in front of it.

use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::error::Fault;
use super::files::Files;

/// Calls that may wait. When the queue is full the next caller waits for a place (without
/// blocking its thread); nothing is dropped.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Files) + Send>;

/// A handle to the thread; the last one to go waits until everything asked for is done.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    // Both are there until the drop.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start(mut files: Files) -> Result<Self, StoreError> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                while let Some(job) = waiting.blocking_recv() {
                    job(&mut files);
                }
            })
            .map_err(|e| StoreError::Closed(e.to_string().into()))?;
        let shared = Shared {
            jobs: Some(jobs),
            thread: Some(thread),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Works on the candles.
    pub(super) async fn candles<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(|files| files.on_candles(work)).await
    }

    /// Works on the user's data.
    pub(super) async fn user<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(|files| files.on_user(work)).await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Files) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::Closed(said!("스레드가 끝났습니다"));
        let Some(jobs) = &self.shared.jobs else {
            return Err(closed());
        };
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |files| {
            let result = work(files);
            if let Err(error) = &result {
                tracing::error!("{error}");
            }
            // Nobody may be waiting any more; the work is done all the same.
            drop(reply.send(result));
        });
        jobs.send(job).await.or(Err(closed()))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Without a sender the thread ends after the last waiting job.
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread ended in a panic");
        }
    }
}
