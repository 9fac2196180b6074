//! The running simulator.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::clock::Clock;
use crate::sim::counters::Counters;
use crate::sim::faults::FaultsHandle;
use crate::sim::keys::Keys;
use crate::sim::market::{Market, lock};
use crate::sim::options::SimOptions;
use crate::sim::shared::Shared;
use crate::sim::{rest, ws};

/// A KIS lookalike on 127.0.0.1. Stops, with all its connections, when dropped.
pub struct Sim {
    shared: Arc<Shared>,
    rest: SocketAddr,
    ws: SocketAddr,
    tasks: [AbortHandle; 3],
}

impl Sim {
    /// Starts listening; it answers from the moment this returns. Needs a tokio runtime.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(options: SimOptions) -> std::io::Result<Self> {
        let rest_listener = TcpListener::bind(("127.0.0.1", options.rest_port)).await?;
        let ws_listener = TcpListener::bind(("127.0.0.1", options.ws_port)).await?;
        let clock = options.make_clock();
        let events = options.script.events(clock.now().day());
        let shared = Arc::new(Shared {
            clock,
            machine: Clock::machine(),
            market: Arc::new(Market::with(
                options.seed,
                options.evening,
                options.volume_times,
                events,
            )),
            faults: FaultsHandle::new(options.faults),
            keys: Mutex::new(Keys::default()),
            registrations: options.registrations,
            calls_per_second: options.calls_per_second,
            latency: options.latency,
            counters: Mutex::default(),
            serial: AtomicU64::new(1),
        });
        let script = options
            .script
            .play(clock, clock.now().day(), shared.faults.clone());
        Ok(Self {
            rest: rest_listener.local_addr()?,
            ws: ws_listener.local_addr()?,
            tasks: [
                tokio::spawn(accept(rest_listener, Arc::clone(&shared), rest::serve))
                    .abort_handle(),
                tokio::spawn(accept(ws_listener, Arc::clone(&shared), ws::serve)).abort_handle(),
                tokio::spawn(script).abort_handle(),
            ],
            shared,
        })
    }

    /// The address that stands for `https://openapi.koreainvestment.com:9443`.
    pub fn rest_url(&self) -> String {
        format!("http://{}", self.rest)
    }

    /// The address that stands for `ws://ops.koreainvestment.com:21000`, without a path.
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.ws)
    }

    /// The simulator's clock.
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }

    /// The market it serves.
    pub fn market(&self) -> Arc<Market> {
        Arc::clone(&self.shared.market)
    }

    /// What it has seen so far.
    pub fn counters(&self) -> Counters {
        lock(&self.shared.counters).clone()
    }

    /// Changes its faults while it runs.
    pub fn faults(&self) -> FaultsHandle {
        self.shared.faults.clone()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Serves every connection in a task that ends with this one.
async fn accept<F, Fut>(listener: TcpListener, shared: Arc<Shared>, serve: F)
where
    F: Fn(tokio::net::TcpStream, Arc<Shared>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection keeps its delay");
                }
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            // Too many open files, most likely: wait for some to close.
            Err(error) => {
                tracing::warn!(%error, "the simulator could not accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}
