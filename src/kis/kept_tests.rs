//! Kept answers and shared requests, on a clock that stands still.

use std::sync::atomic::AtomicUsize;

use tokio::sync::oneshot;

use super::*;
use crate::clock::Clock;

const START: Moment = Moment(1_790_000_000_000);

/// Counts requests; each is answered with its number.
struct Scene {
    kept: Arc<Kept<u8, usize>>,
    gate: Gate,
    asked: Arc<AtomicUsize>,
}

impl Scene {
    fn new() -> Self {
        Self {
            kept: Kept::new(4),
            gate: Gate::new(Clock::simulated(START, 1.0), 5.0),
            asked: Arc::default(),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn want(priority: Priority, at: Moment) -> Want {
        Want {
            priority,
            holds: Duration::from_secs(2),
            joins_sent: true,
            now: at,
        }
    }

    /// Asks at `at` and is answered at once.
    async fn ask(&self, key: u8, priority: Priority, at: Moment) -> usize {
        let (asked, gate) = (self.asked.clone(), &self.gate);
        let fetch = async move |_| {
            let value = asked.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(Answer {
                value,
                sent: at,
                answered: at,
            })
        };
        let want = Self::want(priority, at);
        let answer = self.kept.get(key, want, gate, |_| true, fetch).await;
        answer.unwrap().value
    }

    /// Asks and is answered when `go` is, or never.
    fn ask_slowly(
        &self,
        priority: Priority,
        left: bool,
        go: oneshot::Receiver<()>,
    ) -> impl Future<Output = Result<Answer<usize>, KisError>> + use<> {
        let (asked, kept, gate) = (self.asked.clone(), self.kept.clone(), self.gate.clone());
        let fetch = async move |claim: Arc<Claim>| {
            claim.set_flying(left);
            let value = asked.fetch_add(1, Ordering::SeqCst) + 1;
            if go.await.is_err() {
                std::future::pending::<()>().await;
            }
            Ok(Answer {
                value,
                sent: START,
                answered: START.plus_ms(100),
            })
        };
        async move {
            let want = Self::want(priority, START);
            kept.get(1, want, &gate, |_| true, fetch).await
        }
    }
}

#[tokio::test]
async fn an_answer_holds_for_its_time_and_not_at_a_close() {
    let scene = Scene::new();
    assert_eq!(scene.ask(1, Priority::User, START).await, 1);
    let soon = START.plus_ms(1_999);
    assert_eq!(scene.ask(1, Priority::Tail, soon).await, 1);
    assert_eq!(scene.ask(2, Priority::Tail, soon).await, 2);
    let close = Priority::Close { nearness: 0 };
    assert_eq!(scene.ask(1, close, soon).await, 3);
    // The fresh answer is the one that is kept.
    assert_eq!(scene.ask(1, Priority::User, START.plus_ms(3_900)).await, 3);
    assert_eq!(scene.ask(1, Priority::User, START.plus_ms(4_000)).await, 4);
    // A clock that was set back makes nothing younger.
    assert_eq!(scene.ask(1, Priority::User, START).await, 5);
    assert_eq!((scene.asked(), scene.kept.saved()), (5, 2));
}

#[tokio::test]
async fn a_realtime_value_beats_a_kept_one() {
    let scene = Scene::new();
    scene.ask(1, Priority::User, START).await;
    scene.kept.heard(1, START.plus_ms(500));
    let soon = START.plus_ms(600);
    assert_eq!(scene.ask(1, Priority::User, soon).await, 2);
    assert_eq!(scene.ask(1, Priority::User, soon).await, 2);
    // One that was sent before the value came is not kept at all.
    scene.kept.heard(1, START.plus_ms(5_000));
    let before = START.plus_ms(4_000);
    assert_eq!(scene.ask(1, Priority::User, before).await, 3);
    assert_eq!(scene.ask(1, Priority::User, before).await, 4);
    scene.kept.forget(|key| *key == 1);
    assert_eq!(scene.ask(1, Priority::User, soon).await, 5);
}

#[tokio::test]
async fn who_asks_the_same_waits_for_the_same_request() {
    let scene = Scene::new();
    let (go, gone) = oneshot::channel();
    let one = tokio::spawn(scene.ask_slowly(Priority::User, true, gone));
    tokio::task::yield_now().await;
    let (_never, unheard) = oneshot::channel();
    let two = tokio::spawn(scene.ask_slowly(Priority::Tail, true, unheard));
    tokio::task::yield_now().await;
    assert_eq!(scene.asked(), 1);
    // A close takes no answer to a request that has left before it asked.
    let close = Priority::Close { nearness: 0 };
    assert_eq!(scene.ask(1, close, START).await, 2);
    go.send(()).unwrap();
    assert_eq!(one.await.unwrap().unwrap().value, 1);
    assert_eq!(two.await.unwrap().unwrap().value, 1);
    // The older answer came later; it does not replace the fresh one.
    assert_eq!(scene.ask(1, Priority::User, START.plus_ms(200)).await, 2);
}

#[tokio::test]
async fn a_close_joins_what_has_not_left_and_pulls_it_forward() {
    let scene = Scene::new();
    let gate = Gate::new(Clock::simulated(START, 1.0), 1.0);
    // The only slot is taken.
    let _taken = gate.acquire(&Claim::new(Priority::User)).await;
    let waits = |priority: Priority| {
        let (kept, gate, line) = (scene.kept.clone(), gate.clone(), gate.clone());
        let fetch = async move |claim: Arc<Claim>| {
            let _permit = line.acquire(&claim).await;
            Ok(Answer {
                value: 7,
                sent: START,
                answered: START,
            })
        };
        tokio::spawn(async move {
            let want = Scene::want(priority, START);
            kept.get(1, want, &gate, |_| true, fetch).await
        })
    };
    let one = waits(Priority::Backfill);
    tokio::task::yield_now().await;
    let stats = gate.stats();
    assert_eq!((stats.queue, stats.waiting.backfill), (1, 1));
    let two = waits(Priority::Close { nearness: 3 });
    tokio::task::yield_now().await;
    let stats = gate.stats();
    assert_eq!((stats.queue, stats.waiting.close), (1, 1));
    // One of two gives up: the request stays. Both do: it leaves the queue.
    one.abort();
    assert!(one.await.is_err());
    assert_eq!(gate.stats().queue, 1);
    two.abort();
    assert!(two.await.is_err());
    assert_eq!(gate.stats().queue, 0);
}

#[tokio::test]
async fn what_is_kept_has_a_bound() {
    let scene = Scene::new();
    for key in 0..200 {
        scene.ask(key, Priority::Backfill, START).await;
    }
    assert!(scene.kept.entries().len() <= 6);
    let before = scene.asked();
    scene
        .ask(250, Priority::Backfill, START.plus_ms(9_000))
        .await;
    scene.ask(250, Priority::User, START.plus_ms(9_000)).await;
    assert_eq!(scene.asked(), before + 1);
}
