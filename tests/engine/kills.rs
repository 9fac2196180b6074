//! The engine and the real store in a process of its own, killed between any two writes and in
//! the middle of one, again and again: nothing is lost but what had not been committed, nothing
//! is told that is not on disk, and in the end the same signals stand.
//!
//! `JEONGBAE_KILLS=1000 cargo test --test engine kills` kills as often instead of 20 times.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use jeongbae::domain::{
    Market as Venue, Minute, Moment, RuleKey, Signal, SignalKey, Source, Stage, StockCode,
};
use jeongbae::engine::{Effect, Event, Remembered};
use jeongbae::perform::store_task;
use jeongbae::store::Store;

use crate::check::differences;
use crate::rng::Rng;
use crate::tape::Tape;
use crate::world::{Told, World};
use crate::{CODES, FOLD, code, config, day, joined};

/// Kills in one stretch of market time before the next one begins.
const A_STRETCH: u64 = 100;
/// Set in the process that is killed: its folder.
const ENV: &str = "JEONGBAE_KILLED";
/// The test below, which that process runs too.
const NAME: &str = "kills::kill_9_between_any_two_writes_loses_nothing_that_was_committed";

/// The store on a real disk, and a note of every write.
pub(crate) struct RealDisk {
    store: Store,
    runtime: tokio::runtime::Runtime,
    notes: fs::File,
    /// Writes until the process ends itself; 0: never.
    left: u64,
}

impl RealDisk {
    fn open(dir: &Path, left: u64) -> Self {
        let notes = dir.join("notes");
        let notes = fs::File::options().create(true).append(true).open(notes);
        Self {
            store: Store::open(dir).unwrap().0,
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap(),
            notes: notes.unwrap(),
            left,
        }
    }

    pub(crate) fn remembered(&self) -> Remembered {
        self.runtime.block_on(async {
            Remembered {
                signals: self.store.load_signals(Moment(0)).await.unwrap(),
                marks: self.store.load_marks().await.unwrap(),
                ..Remembered::default()
            }
        })
    }

    /// Does a job of the store, by the program's own code; the answers.
    pub(crate) fn perform(&mut self, now: Moment, job: Effect) -> Vec<Event> {
        self.write(&format!("now {}", now.0));
        if self.left == 1 {
            // No destructor runs, nothing is flushed.
            std::process::abort();
        }
        self.left = self.left.saturating_sub(1);
        #[expect(clippy::disallowed_methods, reason = "one job at a time")]
        let (jobs, waiting) = tokio::sync::mpsc::unbounded_channel();
        let (events, mut answers) = tokio::sync::mpsc::channel(16);
        jobs.send(job).unwrap();
        drop(jobs);
        let count = Arc::new(AtomicUsize::new(1));
        let work = store_task(self.store.clone(), Venue::Krx, waiting, count, events);
        self.runtime.block_on(work);
        std::iter::from_fn(|| answers.try_recv().ok()).collect()
    }

    pub(crate) fn note(&mut self, told: &Told) {
        let key = told.key;
        self.write(&format!(
            "told {} {} {} {} {} {} {} {}",
            key.rule.0,
            key.code,
            key.timeframe,
            key.bar.0,
            told.stage.as_str(),
            told.source.as_str(),
            told.price,
            told.at.0
        ));
    }

    /// Writes a line by one call of the system: a kill cuts no line in two.
    fn write(&mut self, line: &str) {
        self.notes
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }
}

/// One stretch of market time.
struct Stretch {
    seed: u64,
    from: Moment,
    until: Moment,
}

impl Stretch {
    fn new(seed: u64, kills: u64) -> Self {
        let minutes = [7, 95][(seed % 2) as usize];
        let from = day(["20261112", "20261118"][(seed % 2) as usize]);
        let from = from.at(Minute::hm(10, 0)).plus_secs(minutes * 60 + 13);
        // Half a minute of market time and a pause for each.
        let until = Moment(from.plus_secs(900 + 60 * kills as i64).0 / 60_000 * 60_000);
        Self { seed, from, until }
    }

    fn codes() -> Vec<StockCode> {
        CODES[..2].iter().map(|c| code(c)).collect()
    }

    fn world(&self, now: Moment, luck: u64) -> (World, Vec<crate::rules::TestRule>) {
        let codes = Self::codes();
        let (config, rules) = config(&codes, FOLD);
        let tape = Rc::new(Tape::new(self.seed % 3));
        let mut world = World::new(tape, config, now, luck);
        world.broker.codes = codes;
        (world, rules)
    }
}

/// What the notes say: the last moment written about, and what was told.
fn notes(dir: &Path) -> (Option<Moment>, Vec<Told>) {
    let (mut last, mut told) = (None, Vec::new());
    for line in fs::read_to_string(dir.join("notes"))
        .unwrap_or_default()
        .lines()
    {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |i: usize| words[i].parse::<i64>().unwrap();
        match words[..] {
            ["now", _] => last = Some(Moment(number(1))),
            ["told", rule, code, timeframe, _, stage, source, ..] if words.len() == 9 => {
                told.push(Told {
                    key: SignalKey {
                        rule: RuleKey(rule.parse().unwrap()),
                        code: StockCode::parse(code).unwrap(),
                        timeframe: timeframe.parse().unwrap(),
                        bar: Moment(number(4)),
                    },
                    stage: Stage::parse(stage).unwrap(),
                    source: Source::parse(source).unwrap(),
                    price: number(7),
                    at: Moment(number(8)),
                });
            }
            _ => panic!("no note: {line}"),
        }
    }
    (last, told)
}

/// Starts the process; `writes` 0: it runs to the end. Killed after `after` if that comes first.
/// Whether it was killed.
fn run(
    stretch: &Stretch,
    dir: &Path,
    start: Moment,
    luck: u64,
    writes: u64,
    after: Option<Duration>,
) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(ENV, dir)
        .env(
            "JEONGBAE_STRETCH",
            format!("{} {} {luck} {writes}", stretch.seed, start.0),
        )
        .env("JEONGBAE_UNTIL", stretch.until.0.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(after) = after {
        std::thread::sleep(after);
        // SIGKILL; it may have come to its end already.
        let _gone = child.kill();
    }
    let ended = child.wait_with_output().unwrap();
    let killed = ended.status.signal().is_some();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(killed || ended.status.success(), "{said}");
    killed
}

/// What is killed.
fn be_killed(dir: &Path) {
    let numbers = std::env::var("JEONGBAE_STRETCH").unwrap();
    let numbers: Vec<i64> = numbers.split(' ').map(|n| n.parse().unwrap()).collect();
    let until = Moment(std::env::var("JEONGBAE_UNTIL").unwrap().parse().unwrap());
    let [seed, start, luck, writes] = numbers[..] else {
        panic!("four numbers");
    };
    let mut stretch = Stretch::new(seed as u64, 0);
    stretch.until = until;
    let (mut world, _) = stretch.world(Moment(start), luck as u64);
    world.real = Some(RealDisk::open(dir, writes as u64));
    world.start();
    world.run_until(until.plus_secs(240));
}

/// Kills one process after the other; the differences in words.
fn stretch(seed: u64, kills: u64) -> (u64, usize, String) {
    let stretch = Stretch::new(seed, kills);
    let dir = tempfile::tempdir().unwrap();
    let mut rng = Rng::new(seed ^ 0x4111);
    let mut start = stretch.from;
    let (mut away, mut may_repeat) = (Vec::new(), Vec::new());
    let mut text = String::new();
    let mut before: BTreeMap<(RuleKey, StockCode), Moment> = BTreeMap::new();
    let mut kill = 0;
    let mut from = stretch.from;
    while kill < kills {
        // Often between two writes, sometimes wherever it is just now.
        let (writes, after) = match rng.below(4) {
            // Wherever it is after a while; a machine so quick that it would be at the end of the
            // session by then dies at a write before.
            0 => {
                let after = (2 << rng.below(8)) + rng.below(20);
                (30 + rng.below(60), Some(Duration::from_millis(after)))
            }
            1 => (1 + rng.below(4), None),
            _ => (1 + rng.below(30), None),
        };
        let luck = rng.below(1 << 40);
        if !run(&stretch, dir.path(), start, luck, writes, after) {
            break;
        }
        kill += 1;
        let (last, told) = notes(dir.path());
        let died = last.map_or(start, |last| last.max(start));
        let disk = RealDisk::open(dir.path(), 0);
        let remembered = disk.remembered();
        let signals: BTreeMap<SignalKey, &Signal> =
            remembered.signals.iter().map(|s| (s.key, s)).collect();
        for told in &told {
            match signals.get(&told.key) {
                None => text.push_str(&format!(
                    "kill {kill}: told and not on disk {:?}\n",
                    told.key
                )),
                Some(signal) if signal.shown.is_none_or(|at| at < told.at) => {
                    may_repeat.push(told.key);
                }
                Some(_) => {}
            }
        }
        for mark in &remembered.marks {
            let old = before.insert((mark.rule, mark.code), mark.bar);
            if old.is_some_and(|old| mark.bar < old) {
                text.push_str(&format!("kill {kill}: a mark went back {mark:?}\n"));
            }
        }
        let pause = match rng.one_in(20) {
            true => rng.between(60_000, 200_000),
            false => rng.between(200, 9_000),
        };
        away.push((died, died.plus_ms(pause)));
        start = died.plus_ms(pause);
        if remembered.marks.is_empty() {
            // Nothing was committed yet: the rules begin with the next process.
            from = start;
        }
    }
    run(&stretch, dir.path(), start, 1, 0, None);
    let (mut world, rules) = stretch.world(start, 1);
    let remembered = RealDisk::open(dir.path(), 0).remembered();
    world.disk.signals = remembered.signals.into_iter().map(|s| (s.key, s)).collect();
    let marks = remembered.marks.into_iter();
    world.disk.marks = marks.map(|m| ((m.rule, m.code), m)).collect();
    world.told = notes(dir.path()).1;
    world.may_repeat = may_repeat.into_iter().collect();
    world.away = away;
    // Who is killed every minute is late or slow wherever he is not on time.
    let trouble = [(stretch.from, stretch.until)];
    let joined = joined(&Stretch::codes(), from, stretch.until);
    let (tally, differences) = differences(&world, &rules, &joined, &trouble);
    text.push_str(&differences);
    (kill, tally.standing, text)
}

#[test]
fn kill_9_between_any_two_writes_loses_nothing_that_was_committed() {
    if let Some(dir) = std::env::var_os(ENV) {
        return be_killed(Path::new(&dir));
    }
    let asked = std::env::var("JEONGBAE_KILLS").ok();
    let kills: u64 = asked.and_then(|n| n.parse().ok()).unwrap_or(20);
    let (mut seed, mut left, mut standing) = (0, kills, 0);
    let mut failed = Vec::new();
    while 0 < left {
        let of_these = left.min(A_STRETCH);
        let (killed, stood, text) = stretch(seed, of_these);
        assert!(0 < killed, "stretch {seed} came to its end at once");
        standing += stood;
        if !text.is_empty() {
            let lines: Vec<&str> = text.lines().take(12).collect();
            failed.push(format!("stretch {seed}\n  {}", lines.join("\n  ")));
        }
        left -= killed;
        seed += 1;
    }
    println!("{kills} kills in {seed} stretches, {standing} signals stand");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(10 < standing, "{standing} signals prove nothing");
}
