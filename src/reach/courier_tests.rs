//! Couriers on a fast clock.

use std::collections::VecDeque;
use std::sync::Mutex;

use secrecy::SecretString;
use tokio::time::Instant;

use super::courier::{Line, Sending, Verdict};
use super::tests::fresh;
use super::*;
use crate::domain::{Day, Minute, Moment, Stage};
use crate::engine::About;

/// Secrets of a test.
#[derive(Default)]
pub(super) struct Given(Mutex<BTreeMap<ReachSecret, String>>);

impl Given {
    pub(super) fn set(&self, which: ReachSecret, text: &str) {
        self.0.lock().unwrap().insert(which, text.to_owned());
    }
}

impl Secrets for Given {
    fn get(&self, which: ReachSecret) -> Result<Option<SecretString>, String> {
        let found = self.0.lock().unwrap().get(&which).cloned();
        Ok(found.map(SecretString::from))
    }
}

/// A line that answers as it is told, and keeps what it was given and when.
#[derive(Clone, Default)]
struct Told {
    verdicts: Arc<Mutex<VecDeque<Option<Verdict>>>>,
    sent: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Told {
    /// What comes of the next messages; `None`: nothing ever. Those beyond are delivered.
    fn answers(&self, verdicts: impl IntoIterator<Item = Option<Verdict>>) {
        self.verdicts.lock().unwrap().extend(verdicts);
    }

    fn ids(&self) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|(_, id)| id.clone()).collect()
    }

    /// Whole seconds of market time between one message and the next.
    fn gaps(&self) -> Vec<u64> {
        let sent = self.sent.lock().unwrap();
        let gap = |two: &[(Instant, String)]| (two[1].0 - two[0].0).mul_f64(SPEED).as_secs();
        sent.windows(2).map(gap).collect()
    }
}

/// Market seconds a second.
const SPEED: f64 = 400.0;
const GAP: Duration = Duration::from_millis(1_000);

impl Line for Told {
    fn send(&self, message: Message) -> Sending {
        let mut sent = self.sent.lock().unwrap();
        sent.push((Instant::now(), message.id));
        let verdict = self.verdicts.lock().unwrap().pop_front();
        Box::pin(async move {
            match verdict.unwrap_or(Some(Verdict::Delivered)) {
                Some(verdict) => verdict,
                None => std::future::pending().await,
            }
        })
    }

    fn how(&self) -> String {
        "as told".into()
    }

    fn gap(&self) -> Duration {
        GAP
    }
}

pub(super) fn on() -> ReachSettings {
    ReachSettings {
        telegram: true,
        webhook: true,
        telegram_chat: Some("4711".into()),
        ..ReachSettings::default()
    }
}

/// When the calls of these tests were made.
fn now() -> Moment {
    let day = Day::from_ymd(2026, 11, 20).unwrap();
    day.at(Minute::hm(10, 30)).plus_secs(2)
}

struct Post {
    reach: Reach,
    inbox: mpsc::Receiver<Event>,
    told: Vec<Reached>,
}

fn post_with(connect: Connect, data_dir: &std::path::Path, at: Moment) -> Post {
    let (events, inbox) = mpsc::channel(4_096);
    let options = Options {
        settings: on(),
        made_up: false,
        clock: Clock::simulated(at, SPEED),
        open: None,
        scratch: PathBuf::new(),
        data_dir: data_dir.to_owned(),
        secrets: Arc::new(Given::default()),
    };
    let reach = Reach::with(vec![], vec![(Channel::Telegram, connect)], &options, events);
    Post {
        reach,
        inbox,
        told: vec![],
    }
}

fn post(line: &Told, data_dir: &std::path::Path) -> Post {
    let line = line.clone();
    let connect: Connect = Arc::new(move |_| Ok(Arc::new(line.clone())));
    post_with(connect, data_dir, now())
}

impl Post {
    fn send(&self, numbers: std::ops::Range<u64>) {
        for n in numbers {
            let call = fresh(n, Stage::Confirmed);
            self.reach.call(&[Channel::Telegram], &call);
        }
    }

    /// Waits for the next news of a call.
    async fn next(&mut self) -> (String, Outcome, usize) {
        loop {
            let Some(Event::Reached(news)) = self.inbox.recv().await else {
                panic!("no news")
            };
            self.told.push(news.what.clone());
            if let Reached::Told {
                what,
                outcome,
                waiting,
                ..
            } = news.what
            {
                return (what.to_string(), outcome, waiting);
            }
        }
    }

    /// Takes news until so many calls have arrived; how many did not.
    async fn until_delivered(&mut self, count: usize) -> usize {
        let (mut delivered, mut failed) = (0, 0);
        while delivered < count {
            match self.next().await.1 {
                Outcome::Delivered => delivered += 1,
                Outcome::Failed(_) => failed += 1,
                Outcome::Waits(_) => {}
            }
        }
        failed
    }
}

fn later() -> Option<Verdict> {
    Some(Verdict::Later("the network is away".into(), None))
}

#[tokio::test]
async fn messages_go_out_in_order_and_at_the_pace_the_other_side_bears() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let mut post = post(&line, dir.path());
    post.send(0..5);
    assert_eq!(post.until_delivered(5).await, 0);
    let expected: Vec<String> = (0..5)
        .map(|n| words::id(&fresh(n, Stage::Confirmed)))
        .collect();
    assert_eq!(line.ids(), expected);
    assert!(line.gaps().iter().all(|gap| 1 <= *gap));
}

#[tokio::test]
async fn a_network_that_is_away_loses_nothing_and_is_said_once() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let mut post = post(&line, dir.path());
    line.answers((0..12).map(|_| later()));
    post.send(0..3);
    let (what, outcome, waiting) = post.next().await;
    assert_eq!(what, "종목 0 30분 정배열");
    assert_eq!(outcome, Outcome::Waits("the network is away".into()));
    assert!(0 < waiting);
    assert_eq!(post.until_delivered(3).await, 0);
    let waits = |r: &&Reached| {
        let outcome = match r {
            Reached::Told { outcome, .. } => Some(outcome),
            _ => None,
        };
        matches!(outcome, Some(Outcome::Waits(_)))
    };
    assert_eq!(post.told.iter().filter(waits).count(), 1);
    // Then the next message after its gap.
    let least = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 1, 1];
    let gaps = line.gaps();
    assert_eq!(gaps.len(), least.len());
    assert!(
        gaps.iter().zip(least).all(|(gap, least)| least <= *gap),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn the_other_sides_wish_to_wait_is_heeded() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let mut post = post(&line, dir.path());
    let wait = Duration::from_secs(37);
    line.answers([Some(Verdict::Later("slower".into(), Some(wait)))]);
    post.send(0..2);
    assert_eq!(post.until_delivered(2).await, 0);
    assert!(37 <= line.gaps()[0], "{:?}", line.gaps());
}

#[tokio::test]
async fn what_was_not_sent_when_the_program_ended_is_sent_by_the_next() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let first = post(&line, dir.path());
    // The first message hangs; the others wait behind it.
    line.answers([None]);
    first.send(0..4);
    while line.ids().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    first.reach.finish().await;
    let file = dir.path().join("outbox-telegram.json");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert_eq!(kept.matches("\"id\"").count(), 4, "{kept}");
    let mut second = post(&line, dir.path());
    assert_eq!(second.until_delivered(4).await, 0);
    second.reach.finish().await;
    assert!(!file.exists(), "nothing waits any more");
    let sent = line.ids();
    assert_eq!(sent[0], sent[1], "under the same id");
    assert_eq!(sent.len(), 5);
}

/// The file is as the first release wrote it, with made-up signals; it is never changed.
#[tokio::test]
async fn what_an_earlier_release_left_waiting_is_sent() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let file = dir.path().join("outbox-telegram.json");
    let kept = include_str!("../../tests/fixtures/outbox-0.1.0.json");
    std::fs::write(&file, kept).unwrap();
    let mut post = post(&line, dir.path());
    assert_eq!(post.until_delivered(2).await, 0);
    post.reach.finish().await;
    let ids = line.ids();
    assert!(
        ids.iter()
            .all(|id| kept.contains(&format!("\"id\":\"{id}\"")))
    );
    assert_eq!(ids.len(), 2);
    assert!(!file.exists(), "nothing waits any more");
}

#[tokio::test]
async fn a_full_outbox_drops_the_oldest_and_says_so() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let mut post = post(&line, dir.path());
    // The first one is under way and stays.
    line.answers([None]);
    post.send(0..1);
    while line.ids().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // In parts, so that the courier can take them.
    let all = outbox::WAITING as u64 + 3;
    let mut lost = vec![];
    for n in 1..all {
        post.send(n..n + 1);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    while lost.len() < 3 {
        let (what, outcome, waiting) = post.next().await;
        assert!(matches!(outcome, Outcome::Failed(why) if why.contains("가장 오래된")));
        assert_eq!(waiting, outbox::WAITING);
        lost.push(what);
    }
    assert_eq!(lost[0], "종목 1 30분 정배열");
    assert_eq!(lost[2], "종목 3 30분 정배열");
}

#[tokio::test]
async fn what_only_the_user_can_mend_waits_for_the_user() {
    let dir = tempfile::tempdir().unwrap();
    let (line, mended) = (Told::default(), Arc::new(Mutex::new(false)));
    let (given, seen) = (line.clone(), mended.clone());
    let connect: Connect = Arc::new(move |_| match *seen.lock().unwrap() {
        true => Ok(Arc::new(given.clone())),
        false => Err("no token".into()),
    });
    let mut post = post_with(connect, dir.path(), now());
    post.send(0..2);
    assert_eq!(post.next().await.1, Outcome::Waits("no token".into()));
    // A trial tells at once, and waits for nothing.
    let trial = super::tests::call_of(About::Trial);
    post.reach.call(&[Channel::Telegram], &trial);
    let (what, outcome, _) = post.next().await;
    assert_eq!(
        (&*what, outcome),
        ("시험", Outcome::Failed("no token".into()))
    );
    assert!(line.ids().is_empty());
    *mended.lock().unwrap() = true;
    post.reach.set(&on());
    assert_eq!(post.until_delivered(2).await, 0);
    // Turned off, nothing goes out that is left.
    line.answers([None]);
    post.send(5..7);
    while line.ids().len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    post.reach.set(&ReachSettings::default());
    for _ in 0..2 {
        let outcome = post.next().await.1;
        assert!(matches!(outcome, Outcome::Failed(why) if why.contains("꺼져")));
    }
}

#[tokio::test]
async fn messages_of_yesterday_are_not_sent() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let before = post(&line, dir.path());
    line.answers([None]);
    before.send(0..2);
    while line.ids().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    before.reach.finish().await;
    let given = line.clone();
    let connect: Connect = Arc::new(move |_| Ok(Arc::new(given.clone())));
    let mut after = post_with(connect, dir.path(), now().plus_secs(25 * 3_600));
    for _ in 0..2 {
        let outcome = after.next().await.1;
        assert!(matches!(outcome, Outcome::Failed(why) if why.contains("하루")));
    }
    assert_eq!(line.ids().len(), 1);
}

#[tokio::test]
async fn an_outbox_that_cannot_be_read_is_kept_aside() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let file = dir.path().join("outbox-telegram.json");
    for text in ["{", "{\"version\":0,\"messages\":[]}", ""] {
        std::fs::write(&file, text).unwrap();
        let mut post = post(&line, dir.path());
        post.send(0..1);
        assert_eq!(post.until_delivered(1).await, 0);
        post.reach.finish().await;
        let aside = dir.path().join("outbox-telegram.json.unreadable");
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), text);
        assert!(!file.exists());
    }
}

#[tokio::test]
async fn an_outbox_of_a_newer_version_is_left_alone() {
    let (line, dir) = (Told::default(), tempfile::tempdir().unwrap());
    let file = dir.path().join("outbox-telegram.json");
    assert_eq!(super::newer(dir.path()), None);
    let text = "{\"version\":2,\"messages\":[{\"of\":\"another kind\"}]}";
    std::fs::write(&file, text).unwrap();
    let found = Some((file.clone(), 2, outbox::VERSION));
    assert_eq!(super::newer(dir.path()), found);
    let mut post = post(&line, dir.path());
    post.send(0..2);
    // They go out all the same.
    assert_eq!(post.until_delivered(2).await, 0);
    post.reach.finish().await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
