//! Calling the user, with devices that can be held up and programs that can be looked at.

use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::domain::{Day, Minute, Moment, RuleKey, Signal, SignalKey, Source, Stage, Timeframe};
use crate::engine::{About, Effect, Remembered, Report, State, Together, reaching_tests};

/// Real time after which a test gives up; nothing is proved by it.
const LONG: Duration = Duration::from_secs(60);

fn now() -> Moment {
    let day = Day::from_ymd(2026, 11, 20).unwrap();
    day.at(Minute::hm(10, 30)).plus_secs(2)
}

pub(super) fn signal(number: u64, stage: Stage) -> Arc<Signal> {
    let bar = now().day().at(Minute::hm(10, 0));
    Arc::new(Signal {
        key: SignalKey {
            rule: RuleKey(number),
            code: StockCode::parse(&format!("{:06}", 5_930 + number)).unwrap(),
            timeframe: Timeframe::Minutes(30),
            bar,
        },
        stage,
        rule_name: "30분 정배열".into(),
        rule_text: "alignment becomes bullish".into(),
        stock_name: format!("종목 {number}").into(),
        price: 1_466_500,
        averages: vec![(20, "455950".into())],
        source: Source::Rest,
        at: now(),
        bar_end: bar.plus_secs(1_800),
        rows_asked: None,
        reason: None,
        shown: None,
        seen: false,
    })
}

pub(super) fn call_of(about: About) -> Arc<Call> {
    Arc::new(Call {
        about,
        at: now(),
        quiet: false,
    })
}

pub(super) fn fresh(number: u64, stage: Stage) -> Arc<Call> {
    let signal = signal(number, stage);
    call_of(About::Signal {
        signal,
        again: false,
    })
}

fn options(settings: ReachSettings) -> Options {
    Options {
        settings,
        made_up: false,
        clock: Clock::simulated(now(), 1.0),
        open: None,
        scratch: std::path::PathBuf::new(),
        data_dir: std::path::PathBuf::new(),
        secrets: Arc::new(courier_tests::Given::default()),
    }
}

/// A device that waits for a gate, then keeps what it was told.
#[derive(Clone, Default)]
struct Gate {
    open: Arc<(Mutex<bool>, Condvar)>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }
}

impl Device for Gate {
    fn look(&mut self) -> Result<String, String> {
        Ok("a gate".into())
    }

    fn set(&mut self, _settings: &ReachSettings) {}

    fn tell(&mut self, calls: &[Arc<Call>], _made_up: bool) -> Result<(), String> {
        let mut open = self.open.0.lock().unwrap();
        while !*open {
            open = self.open.1.wait(open).unwrap();
        }
        let mut told = self.told.lock().unwrap();
        told.extend(calls.iter().map(|call| words::short(call)));
        Ok(())
    }
}

fn engine(signals: Vec<Signal>, out: &mut Vec<Effect>) -> State {
    let remembered = Remembered {
        signals,
        ..Remembered::default()
    };
    reaching_tests::restarted(false, ReachSettings::default(), vec![], remembered, out)
}

#[tokio::test]
async fn a_notifier_that_never_answers_delays_no_signal_and_loses_none() {
    const COUNT: u64 = 200;
    let (events, mut inbox) = mpsc::channel(4_096);
    let (stuck, sound) = (Gate::default(), Gate::default());
    sound.open();
    let devices: Vec<(Channel, Box<dyn Device>)> = vec![
        (Channel::Notification, Box::new(stuck.clone())),
        (Channel::Sound, Box::new(sound.clone())),
    ];
    let reach = Reach::with(devices, vec![], &options(ReachSettings::default()), events);
    // Signals that are on disk and have not been shown are announced at the start.
    let mut effects = Vec::new();
    let signals = (0..COUNT).map(|n| (*signal(n, Stage::Confirmed)).clone());
    let mut state = engine(signals.collect(), &mut effects);
    let mut announced = 0;
    for effect in effects.drain(..) {
        match effect {
            Effect::Report(Report::Trigger(_)) => announced += 1,
            Effect::Reach { by, call } => reach.call(&by, &call),
            _ => {}
        }
    }
    assert_eq!(announced, COUNT, "while the first call still hangs");
    let mut next = async |state: &mut State| {
        let event = tokio::time::timeout(LONG, inbox.recv()).await.unwrap();
        state.apply(now(), event.unwrap(), &mut Vec::new());
    };
    let way = |state: &mut State, channel: Channel| {
        let view = state.snapshot(Instant::now()).reach;
        view.ways.get(&channel).cloned().unwrap_or_default()
    };
    // The one that works has told of everything; the one that hangs of nothing.
    while way(&mut state, Channel::Sound).delivered < COUNT {
        next(&mut state).await;
    }
    assert_eq!(way(&mut state, Channel::Notification).delivered, 0);
    assert!(stuck.told.lock().unwrap().is_empty());
    stuck.open();
    while way(&mut state, Channel::Notification).delivered < COUNT {
        next(&mut state).await;
    }
    let view = way(&mut state, Channel::Notification);
    assert_eq!((view.failed, view.waiting), (0, 0));
    let mut told = stuck.told.lock().unwrap().clone();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), COUNT as usize, "each once");
}

#[tokio::test]
async fn what_a_full_queue_cannot_take_is_said() {
    let (events, mut inbox) = mpsc::channel(4_096);
    let stuck = Gate::default();
    let devices: Vec<(Channel, Box<dyn Device>)> =
        vec![(Channel::Notification, Box::new(stuck.clone()))];
    let reach = Reach::with(devices, vec![], &options(ReachSettings::default()), events);
    for n in 0..600 {
        reach.call(&[Channel::Notification], &fresh(n, Stage::Confirmed));
    }
    stuck.open();
    let (mut delivered, mut failed) = (0, 0);
    while delivered + failed < 600 {
        let event = tokio::time::timeout(LONG, inbox.recv()).await.unwrap();
        let Some(Event::Reached(news)) = event else {
            panic!("{event:?}")
        };
        match news.what {
            Reached::Told {
                outcome: Outcome::Delivered,
                ..
            } => delivered += 1,
            Reached::Told {
                outcome: Outcome::Failed(why),
                ..
            } => {
                assert!(why.contains("더 받을 수 없습니다"), "{why}");
                failed += 1;
            }
            _ => {}
        }
    }
    assert!(512 <= delivered && 0 < failed, "{delivered} {failed}");
    assert_eq!(stuck.told.lock().unwrap().len(), delivered);
}

#[test]
fn words_name_stock_rule_price_and_bar() {
    let mut call = (*fresh(0, Stage::Confirmed)).clone();
    let told = words::words(&call, false);
    assert_eq!(told.title, "종목 0 (005930)");
    assert_eq!(
        told.body,
        "30분 정배열 · 확정\n1,466,500원 · 11월 20일 10:00~10:30 (30분봉)"
    );
    assert_eq!(told.stock, StockCode::parse("005930"));
    assert!(words::words(&call, true).title.starts_with("[가상 시세] "));
    let withdrawn = Signal {
        reason: Some("종가에서 성립하지 않음".into()),
        ..(*signal(0, Stage::Withdrawn)).clone()
    };
    call.about = About::Signal {
        signal: Arc::new(withdrawn),
        again: true,
    };
    let told = words::words(&call, false).body;
    assert_eq!(
        told,
        "30분 정배열 · 취소\n취소 이유: 종가에서 성립하지 않음"
    );
    call.about = About::Several {
        why: Together::Late,
        signals: (0..14).map(|n| signal(n, Stage::Late)).collect(),
    };
    let told = words::words(&call, false);
    assert_eq!(told.title, "지연된 신호 14건");
    assert_eq!(told.body.lines().count(), 11);
    assert!(told.body.ends_with("외 4건"), "{}", told.body);
    let calls: Vec<_> = (0..5).map(|n| fresh(n, Stage::Confirmed)).collect();
    assert_eq!(
        words::spoken(calls.iter().map(|c| &**c)),
        "종목 0 30분 정배열, 종목 1 30분 정배열, 종목 2 30분 정배열, 외 2건"
    );
}

/// A program of the test's own that keeps what it is given: its arguments, and the file named by
/// the last one.
#[cfg(unix)]
fn program(folder: &Path, name: &str, code: i32) {
    use std::os::unix::fs::PermissionsExt as _;
    let script = format!(
        "#!/bin/sh\nhere={}\nfor a; do printf '%s\\n' \"$a\" >>\"$here/{name}.args\"; last=$a; done\n\
         [ -f \"$last\" ] && cat \"$last\" >>\"$here/{name}.heard\"\nexit {code}\n",
        folder.display()
    );
    let place = folder.join(name);
    std::fs::write(&place, script).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_player_gets_the_chimes_samples_as_loud_as_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let programs = program::Programs::in_folder(dir.path());
    let mut sound = sound::Sound::new(programs, dir.path().join("scratch"));
    assert!(sound.look().unwrap_err().contains("pipewire-bin"));
    let calls = [fresh(0, Stage::Confirmed), fresh(1, Stage::Confirmed)];
    assert!(sound.tell(&calls, false).unwrap_err().contains("설치"));
    // The first one that is there and works is the one that plays.
    program(dir.path(), "pw-play", 1);
    program(dir.path(), "aplay", 0);
    assert!(sound.look().unwrap().contains("pw-play"));
    sound.set(&ReachSettings {
        volume: 50,
        ..ReachSettings::default()
    });
    sound.tell(&calls, false).unwrap();
    let heard = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert_eq!(heard("aplay.heard"), chime::wav(50), "once for both");
    assert_eq!(heard("pw-play.heard"), chime::wav(50), "it was tried");
    assert!(heard("aplay.args").starts_with(b"-q\n"));
    std::fs::remove_file(dir.path().join("aplay")).unwrap();
    let error = sound.tell(&calls, false).unwrap_err();
    assert!(error.contains("pw-play") && error.contains("1"), "{error}");
    // Silence is a loudness too.
    sound.set(&ReachSettings {
        volume: 0,
        ..ReachSettings::default()
    });
    assert_eq!(sound.tell(&calls, false), Ok(()));
}

#[cfg(unix)]
#[test]
fn a_program_that_hangs_is_ended() {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "exec sleep 600"]);
    let error = program::run(&mut command, Duration::from_millis(50)).unwrap_err();
    assert!(error.contains("멈췄습니다"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_voice_says_stock_and_rule() {
    let dir = tempfile::tempdir().unwrap();
    let programs = program::Programs::in_folder(dir.path());
    let mut voice = voice::Voice::new(programs);
    assert!(voice.look().unwrap_err().contains("espeak-ng"));
    program(dir.path(), "espeak-ng", 0);
    voice.set(&ReachSettings {
        volume: 60,
        ..ReachSettings::default()
    });
    voice.tell(&[fresh(0, Stage::Confirmed)], false).unwrap();
    let said = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(
        said("espeak-ng.args"),
        "-v\nko\n-a\n60\n--\n종목 0 30분 정배열\n"
    );
    program(dir.path(), "spd-say", 0);
    voice.tell(&[fresh(1, Stage::Confirmed)], false).unwrap();
    assert_eq!(
        said("spd-say.args"),
        "-w\n-l\nko\n-i\n20\n--\n종목 1 30분 정배열\n"
    );
}

/// Needs a session bus; see `.ci/run`. The service is one of ours, the bus is real.
#[cfg(target_os = "linux")]
#[test]
fn a_notification_on_a_real_bus_is_shown_replaced_and_clicked() {
    use std::collections::HashMap;
    use std::sync::mpsc::{Sender, channel};

    use zbus::blocking::connection::Builder;
    use zbus::object_server::SignalEmitter;
    use zbus::zvariant::OwnedValue;

    const PATH: &str = "/org/freedesktop/Notifications";

    #[derive(Debug)]
    struct Shown {
        replaces: u32,
        summary: String,
        body: String,
        actions: Vec<String>,
        desktop_entry: String,
    }

    struct Service {
        shown: Sender<Shown>,
        last: u32,
        hangs: bool,
    }

    #[zbus::interface(name = "org.freedesktop.Notifications")]
    impl Service {
        fn get_capabilities(&self) -> Vec<String> {
            vec!["actions".into(), "body".into(), "body-markup".into()]
        }

        #[expect(clippy::too_many_arguments, reason = "the specification's")]
        async fn notify(
            &mut self,
            _program: &str,
            replaces: u32,
            _icon: &str,
            summary: String,
            body: String,
            actions: Vec<String>,
            hints: HashMap<String, OwnedValue>,
            _expires: i32,
        ) -> u32 {
            if self.hangs {
                std::future::pending::<()>().await;
            }
            let entry = hints["desktop-entry"].downcast_ref::<&str>().unwrap();
            self.shown
                .send(Shown {
                    replaces,
                    summary,
                    body,
                    actions,
                    desktop_entry: entry.to_owned(),
                })
                .unwrap();
            self.last = if replaces == 0 {
                self.last + 1
            } else {
                replaces
            };
            self.last
        }

        #[zbus(signal)]
        async fn action_invoked(
            emitter: &SignalEmitter<'_>,
            id: u32,
            action: &str,
        ) -> zbus::Result<()>;
    }

    if std::env::var_os("JEONGBAE_BUS_TEST").is_none() {
        return;
    }
    let (opened, opens) = channel();
    let open: Open = Arc::new(move |stock| opened.send(stock).unwrap_or_default());
    let patience = Duration::from_millis(300);
    let mut device = notification::linux::Notifications::patient(open, patience);
    let nobody = device.look().unwrap_err();
    assert!(nobody.contains("알림 서비스가 없습니다"), "{nobody}");

    let (sender, shown) = channel();
    let service = Service {
        shown: sender,
        last: 40,
        hangs: false,
    };
    let bus = Builder::session()
        .unwrap()
        .serve_at(PATH, service)
        .unwrap()
        .name("org.freedesktop.Notifications")
        .unwrap()
        .build()
        .unwrap();
    assert!(device.look().unwrap().contains("누르면"));
    let mut call = (*fresh(0, Stage::Forming)).clone();
    if let About::Signal { signal, .. } = &mut call.about {
        Arc::make_mut(signal).rule_name = "<b>5&6</b>".into();
    }
    device.tell(&[Arc::new(call.clone())], false).unwrap();
    let first = shown.recv_timeout(LONG).unwrap();
    assert_eq!(first.summary, "종목 0 (005930)");
    assert!(
        first
            .body
            .starts_with("&lt;b&gt;5&amp;6&lt;/b&gt; · 형성 중\n"),
        "{first:?}"
    );
    assert_eq!((first.replaces, first.desktop_entry.as_str()), (0, APP_ID));
    assert_eq!(first.actions[..2], ["default", "열기"]);
    // A later stage of the signal replaces it, another signal does not.
    device.tell(&[fresh(0, Stage::Confirmed)], false).unwrap();
    assert_eq!(shown.recv_timeout(LONG).unwrap().replaces, 41);
    device.tell(&[fresh(7, Stage::Confirmed)], true).unwrap();
    let other = shown.recv_timeout(LONG).unwrap();
    assert_eq!(other.replaces, 0);
    assert_eq!(other.summary, "[가상 시세] 종목 7 (005937)");
    // A click opens the stock.
    let object = bus.object_server().interface::<_, Service>(PATH).unwrap();
    let click = |id: u32| {
        let emitter = object.signal_emitter();
        zbus::block_on(Service::action_invoked(emitter, id, "default")).unwrap();
    };
    click(999);
    click(41);
    assert_eq!(
        opens.recv_timeout(LONG).unwrap(),
        StockCode::parse("005930")
    );
    click(42);
    assert_eq!(
        opens.recv_timeout(LONG).unwrap(),
        StockCode::parse("005937")
    );
    // A service that hangs is given up, and used again once it answers.
    object.get_mut().hangs = true;
    let error = device
        .tell(&[fresh(8, Stage::Confirmed)], false)
        .unwrap_err();
    assert!(error.contains("대답하지 않습니다"), "{error}");
    bus.close().unwrap();
    let gone = device
        .tell(&[fresh(9, Stage::Confirmed)], false)
        .unwrap_err();
    assert!(gone.contains("알림 서비스가 없습니다"), "{gone}");
}
