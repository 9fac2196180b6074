//! Keeps the machine from going to sleep by itself while rules watch: a sleeping machine misses.
//!
//! What the user does (choosing sleep, closing the lid) is never stood in the way of, and the
//! screen may go dark.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// How often a hold is looked after, and one that was refused is tried again.
const LOOK: Duration = Duration::from_secs(60);

/// What the desktop says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Not asked for.
    Off = 0,
    /// The machine stays awake.
    Held = 1,
    /// Asked for, and no service of this desktop does it.
    Refused = 2,
}

/// A desktop that can be asked.
pub trait Desktop: Send {
    /// Asks to stay awake; the answer is held as long as it should.
    ///
    /// # Errors
    ///
    /// What each service said.
    fn hold(&mut self) -> Result<Box<dyn Hold>, String>;
}

/// The machine stays awake until this is dropped.
pub trait Hold {
    /// Whether the service that granted it is still there.
    fn lasts(&self) -> bool;
}

/// Asks on a thread of its own, because a service may take its time.
pub struct Keeper {
    wanted: SyncSender<bool>,
    asked: bool,
    state: Arc<AtomicU8>,
}

impl Keeper {
    /// Starts the thread; `wake` is called when the state has changed.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start(
        desktop: impl Desktop + 'static,
        wake: super::instance::Wake,
    ) -> std::io::Result<Self> {
        Self::start_looking(desktop, wake, LOOK)
    }

    fn start_looking(
        mut desktop: impl Desktop + 'static,
        wake: super::instance::Wake,
        look: Duration,
    ) -> std::io::Result<Self> {
        let (wanted, news) = sync_channel(4);
        let state = Arc::new(AtomicU8::new(State::Off as u8));
        let shared = state.clone();
        let tell = move |state: State| {
            if shared.swap(state as u8, Ordering::Relaxed) != state as u8 {
                wake();
            }
        };
        std::thread::Builder::new()
            .name("keep awake".into())
            .spawn(move || keep(&mut desktop, &news, &tell, look))?;
        Ok(Self {
            wanted,
            asked: false,
            state,
        })
    }

    /// Says whether the machine should stay awake. Cheap and never waits; call it as often as
    /// you like.
    pub fn want(&mut self, wanted: bool) {
        if wanted == self.asked {
            return;
        }
        match self.wanted.try_send(wanted) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => self.asked = wanted,
            // A service hangs: said again at the next call.
            Err(TrySendError::Full(_)) => {}
        }
    }

    /// What became of it.
    pub fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            1 => State::Held,
            2 => State::Refused,
            _ => State::Off,
        }
    }
}

fn keep(desktop: &mut dyn Desktop, news: &Receiver<bool>, tell: &dyn Fn(State), look: Duration) {
    let mut wanted = false;
    let mut held: Option<Box<dyn Hold>> = None;
    loop {
        let next = if wanted {
            news.recv_timeout(look)
        } else {
            news.recv().map_err(|_gone| RecvTimeoutError::Disconnected)
        };
        match next {
            Ok(newest) => wanted = news.try_iter().last().unwrap_or(newest),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        held = held.filter(|hold| wanted && hold.lasts());
        if wanted && held.is_none() {
            held = desktop
                .hold()
                .inspect_err(|why| tracing::warn!("The machine may go to sleep: {why}"))
                .ok();
        }
        tell(match (wanted, &held) {
            (false, _) => State::Off,
            (true, Some(_)) => State::Held,
            (true, None) => State::Refused,
        });
    }
}

/// The desktop this program runs on.
pub struct ThisDesktop;

#[cfg(any(windows, target_os = "macos"))]
mod elsewhere {
    //! By a library: the system's own calls are unsafe. Windows ties a hold to the thread that
    //! asked, and the keeper's thread is the one that asks and that lets go.

    use super::{Desktop, Hold, ThisDesktop};

    impl Hold for keepawake::KeepAwake {
        fn lasts(&self) -> bool {
            true
        }
    }

    impl Desktop for ThisDesktop {
        fn hold(&mut self) -> Result<Box<dyn Hold>, String> {
            let hold = keepawake::Builder::default()
                .idle(true)
                .reason(t!("매수 조건을 감시하는 중입니다"))
                .app_name(t!("정배"))
                .app_reverse_domain("kr.jeongbae.Jeongbae")
                .create();
            match hold {
                Ok(hold) => Ok(Box::new(hold)),
                Err(e) => Err(e.to_string()),
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", windows, target_os = "macos")))]
impl Desktop for ThisDesktop {
    fn hold(&mut self) -> Result<Box<dyn Hold>, String> {
        Err("not supported on this system".to_owned())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    //! Over D-Bus. A hold lives as long as the connection it was asked on, so nothing is left
    //! behind however the program ends.

    use std::time::Duration;

    use zbus::blocking::Connection;
    use zbus::blocking::connection::Builder;
    use zbus::blocking::fdo::DBusProxy;
    use zbus::names::BusName;
    use zbus::zvariant::OwnedFd;

    use super::{Desktop, Hold, ThisDesktop};
    use crate::lang;

    const PATIENCE: Duration = Duration::from_secs(5);
    const WHO: &str = "kr.jeongbae.Jeongbae";
    const WHY: &str = key!("매수 조건을 감시하는 중입니다");
    /// `org.gnome.SessionManager`: against suspending, not against a dark screen.
    const AGAINST_SUSPEND: u32 = 4;

    struct Granted {
        bus: Option<Connection>,
        /// Who granted it: the service's unique name.
        owner: String,
        service: &'static str,
        /// What logind's grant is.
        _fd: Option<OwnedFd>,
    }

    impl Hold for Granted {
        fn lasts(&self) -> bool {
            self.bus
                .as_ref()
                .is_some_and(|bus| owner(bus, self.service).is_ok_and(|now| now == self.owner))
        }
    }

    impl Drop for Granted {
        fn drop(&mut self) {
            if let Some(Err(e)) = self.bus.take().map(Connection::close) {
                tracing::debug!("Closing a bus: {e}");
            }
        }
    }

    fn owner(bus: &Connection, service: &'static str) -> zbus::Result<String> {
        let name = BusName::from_static_str(service)?;
        Ok(DBusProxy::new(bus)?.get_name_owner(name)?.to_string())
    }

    type Ask = fn(&Connection, &'static str) -> zbus::Result<Option<OwnedFd>>;

    /// Asks a service whose interface has its own name, and which lets go when the bus does.
    fn inhibit(
        bus: &Connection,
        name: &'static str,
        path: &str,
        arguments: &(impl serde::Serialize + zbus::zvariant::DynamicType),
    ) -> zbus::Result<Option<OwnedFd>> {
        bus.call_method(Some(name), path, Some(name), "Inhibit", arguments)?;
        Ok(None)
    }

    /// The services, the one that says best what is meant first; on the session's bus, but for
    /// logind. One that is not there is not started.
    const SERVICES: &[(&str, Ask)] = &[
        ("org.freedesktop.PowerManagement.Inhibit", |bus, name| {
            let path = "/org/freedesktop/PowerManagement/Inhibit";
            inhibit(bus, name, path, &(WHO, lang::tr(WHY)))
        }),
        ("org.gnome.SessionManager", |bus, name| {
            let path = "/org/gnome/SessionManager";
            let arguments = (WHO, 0u32, lang::tr(WHY), AGAINST_SUSPEND);
            inhibit(bus, name, path, &arguments)
        }),
        ("org.freedesktop.ScreenSaver", |bus, name| {
            let path = "/org/freedesktop/ScreenSaver";
            inhibit(bus, name, path, &(WHO, lang::tr(WHY)))
        }),
        ("org.freedesktop.login1", |bus, name| {
            let manager = "org.freedesktop.login1.Manager";
            let arguments = ("idle", WHO, lang::tr(WHY), "block");
            let path = "/org/freedesktop/login1";
            let reply = bus.call_method(Some(name), path, Some(manager), "Inhibit", &arguments)?;
            Ok(Some(reply.body().deserialize()?))
        }),
    ];

    impl Desktop for ThisDesktop {
        fn hold(&mut self) -> Result<Box<dyn Hold>, String> {
            let mut said = Vec::new();
            for &(service, ask) in SERVICES {
                match granted(service, ask) {
                    Ok(hold) => {
                        tracing::info!("{service} keeps the machine awake");
                        return Ok(Box::new(hold));
                    }
                    Err(e) => said.push(format!("{service}: {e}")),
                }
            }
            Err(said.join("; "))
        }
    }

    fn granted(service: &'static str, ask: Ask) -> zbus::Result<Granted> {
        let builder = match service {
            "org.freedesktop.login1" => Builder::system()?,
            _ => Builder::session()?,
        };
        let bus = builder.method_timeout(PATIENCE).build()?;
        let owner = owner(&bus, service)?;
        let fd = ask(&bus, service)?;
        Ok(Granted {
            bus: Some(bus),
            owner,
            service,
            _fd: fd,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize};
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[derive(Clone, Default)]
    struct Fake {
        refuses: Arc<AtomicBool>,
        gone: Arc<AtomicBool>,
        holding: Arc<AtomicUsize>,
        asked: Arc<AtomicUsize>,
    }

    impl Desktop for Fake {
        fn hold(&mut self) -> Result<Box<dyn Hold>, String> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.refuses.load(Ordering::SeqCst) {
                return Err("no service".into());
            }
            self.gone.store(false, Ordering::SeqCst);
            self.holding.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(self.clone()))
        }
    }

    impl Hold for Fake {
        fn lasts(&self) -> bool {
            !self.gone.load(Ordering::SeqCst)
        }
    }

    /// Counts down what is held when the hold is dropped.
    struct Counted(Fake, Box<dyn Hold>);
    impl Hold for Counted {
        fn lasts(&self) -> bool {
            self.1.lasts()
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.holding.fetch_sub(1, Ordering::SeqCst);
        }
    }
    struct Counting(Fake);
    impl Desktop for Counting {
        fn hold(&mut self) -> Result<Box<dyn Hold>, String> {
            let hold = self.0.hold()?;
            Ok(Box::new(Counted(self.0.clone(), hold)))
        }
    }

    fn started(fake: &Fake, look: Duration) -> (Keeper, Receiver<()>) {
        let (sender, changed) = channel();
        let wake = Box::new(move || sender.send(()).unwrap_or_default());
        let keeper = Keeper::start_looking(Counting(fake.clone()), wake, look).unwrap();
        (keeper, changed)
    }

    #[test]
    fn held_while_wanted_and_not_longer() {
        let fake = Fake::default();
        let (mut keeper, changed) = started(&fake, LONG);
        assert_eq!(keeper.state(), State::Off);
        for _ in 0..3 {
            keeper.want(true);
        }
        changed.recv_timeout(LONG).unwrap();
        assert_eq!(keeper.state(), State::Held);
        assert_eq!(fake.holding.load(Ordering::SeqCst), 1);
        keeper.want(false);
        changed.recv_timeout(LONG).unwrap();
        assert_eq!(keeper.state(), State::Off);
        assert_eq!(fake.holding.load(Ordering::SeqCst), 0);
        assert_eq!(fake.asked.load(Ordering::SeqCst), 1, "asked once");
    }

    #[test]
    fn a_refusal_is_said_and_tried_again_and_a_lost_hold_is_taken_anew() {
        let fake = Fake::default();
        fake.refuses.store(true, Ordering::SeqCst);
        let (mut keeper, changed) = started(&fake, Duration::from_millis(5));
        keeper.want(true);
        changed.recv_timeout(LONG).unwrap();
        assert_eq!(keeper.state(), State::Refused);
        fake.refuses.store(false, Ordering::SeqCst);
        changed.recv_timeout(LONG).unwrap();
        assert_eq!(keeper.state(), State::Held);
        // The service goes away and refuses: nothing is claimed that does not hold.
        fake.refuses.store(true, Ordering::SeqCst);
        fake.gone.store(true, Ordering::SeqCst);
        changed.recv_timeout(LONG).unwrap();
        assert_eq!(keeper.state(), State::Refused);
        assert_eq!(fake.holding.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn the_end_of_the_program_lets_go() {
        let fake = Fake::default();
        let (mut keeper, changed) = started(&fake, LONG);
        keeper.want(true);
        changed.recv_timeout(LONG).unwrap();
        drop(keeper);
        while 0 < fake.holding.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
    }

    /// Needs a session bus; see `.ci/run`. The service is one of ours, the bus is real.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_service_on_a_real_bus_is_asked_watched_and_let_go() {
        use std::sync::Mutex;
        use zbus::blocking::connection::Builder;
        use zbus::blocking::fdo::DBusProxy;

        struct Service(Arc<Mutex<Vec<String>>>);

        #[zbus::interface(name = "org.freedesktop.PowerManagement.Inhibit")]
        impl Service {
            fn inhibit(
                &self,
                who: &str,
                _why: &str,
                #[zbus(header)] header: zbus::message::Header<'_>,
            ) -> u32 {
                let asker = header.sender().map(ToString::to_string);
                let mut asked = self.0.lock().unwrap();
                asked.extend([who.to_owned(), asker.unwrap_or_default()]);
                7
            }
        }

        if std::env::var_os("JEONGBAE_BUS_TEST").is_none() {
            return;
        }
        let asked = Arc::new(Mutex::new(Vec::new()));
        let name = "org.freedesktop.PowerManagement.Inhibit";
        let path = "/org/freedesktop/PowerManagement/Inhibit";
        assert!(ThisDesktop.hold().is_err(), "nobody offers it yet");
        let service = Builder::session()
            .unwrap()
            .serve_at(path, Service(asked.clone()))
            .unwrap()
            .name(name)
            .unwrap()
            .build()
            .unwrap();
        let bus = Builder::session().unwrap().build().unwrap();
        let connected = |who: &str| {
            let name = zbus::names::BusName::try_from(who.to_owned()).unwrap();
            DBusProxy::new(&bus).unwrap().name_has_owner(name).unwrap()
        };
        let hold = ThisDesktop.hold().unwrap();
        let [who, asker] = <[String; 2]>::try_from(asked.lock().unwrap().clone()).unwrap();
        assert_eq!(who, "kr.jeongbae.Jeongbae");
        assert!(hold.lasts() && connected(&asker));
        drop(hold);
        // The bus hears of the end a little later.
        while connected(&asker) {
            std::thread::yield_now();
        }
        let hold = ThisDesktop.hold().unwrap();
        service.close().unwrap();
        while connected(name) {
            std::thread::yield_now();
        }
        assert!(!hold.lasts(), "the service is gone");
    }
}
