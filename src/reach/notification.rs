//! Notifications of the desktop.
//!
//! On Linux over D-Bus by zbus, which is in the program already for other services; the usual
//! notification library brings a second major version of it. Elsewhere by a program of the
//! system.

use super::Open;
use super::local::Device;
use super::program::Programs;

#[cfg(target_os = "linux")]
pub(super) fn device(open: Open, _programs: Programs) -> Box<dyn Device> {
    Box::new(linux::Notifications::new(open))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn device(_open: Open, programs: Programs) -> Box<dyn Device> {
    Box::new(elsewhere::Notifications { programs })
}

#[cfg(target_os = "linux")]
pub(super) mod linux {
    //! `org.freedesktop.Notifications`.

    use std::collections::{BTreeMap, HashMap};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use zbus::blocking::connection::Builder;
    use zbus::blocking::{Connection, MessageIterator};
    use zbus::zvariant::Value;
    use zbus::{MatchRule, message};

    use super::super::{Open, words};
    use super::Device;
    use crate::domain::{SignalKey, StockCode};
    use crate::engine::{About, Call};
    use crate::settings::ReachSettings;

    const SERVICE: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// A service that needs longer is taken for hanging.
    const PATIENCE: Duration = Duration::from_secs(5);
    /// Notifications whose stock is remembered for a click.
    const REMEMBERED: usize = 512;

    /// What a click on a notification leads to, by the service's number.
    type Links = Arc<Mutex<BTreeMap<u32, Option<StockCode>>>>;

    /// Asks the desktop to show what rang.
    pub(crate) struct Notifications {
        open: Open,
        patience: Duration,
        bus: Option<Bus>,
        /// The notification of a signal, which its later stages replace.
        shown: BTreeMap<SignalKey, u32>,
        links: Links,
    }

    struct Bus {
        connection: Connection,
        /// Text is read as markup.
        markup: bool,
        /// A click can be reported.
        actions: bool,
    }

    impl Notifications {
        pub(crate) fn new(open: Open) -> Self {
            Self::patient(open, PATIENCE)
        }

        pub(crate) fn patient(open: Open, patience: Duration) -> Self {
            Self {
                open,
                patience,
                bus: None,
                shown: BTreeMap::new(),
                links: Links::default(),
            }
        }

        /// The bus, opened where it is not; a service that restarts is found again by its name.
        fn bus(&mut self) -> zbus::Result<&Bus> {
            let bus = match self.bus.take() {
                Some(bus) => bus,
                None => self.connect()?,
            };
            Ok(self.bus.insert(bus))
        }

        fn connect(&self) -> zbus::Result<Bus> {
            let connection = Builder::session()?.method_timeout(self.patience).build()?;
            let reply = connection.call_method(
                Some(SERVICE),
                PATH,
                Some(SERVICE),
                "GetCapabilities",
                &(),
            )?;
            let can: Vec<String> = reply.body().deserialize()?;
            let can = |what: &str| can.iter().any(|c| c == what);
            let bus = Bus {
                markup: can("body-markup"),
                actions: can("actions"),
                connection,
            };
            if bus.actions {
                self.listen(&bus.connection)?;
            }
            Ok(bus)
        }

        /// Hears clicks on a thread of its own, until the connection ends.
        fn listen(&self, connection: &Connection) -> zbus::Result<()> {
            let rule = MatchRule::builder()
                .msg_type(message::Type::Signal)
                .interface(SERVICE)?
                .path(PATH)?
                .build();
            let signals = MessageIterator::for_match_rule(rule, connection, Some(64))?;
            let (open, links) = (self.open.clone(), self.links.clone());
            let hear = move || {
                for signal in signals {
                    let signal = match signal {
                        Ok(signal) => signal,
                        Err(error) => {
                            tracing::debug!(
                                "Clicks on notifications are not heard any more: {error}"
                            );
                            return;
                        }
                    };
                    let header = signal.header();
                    let member = header.member().map(|m| m.as_str());
                    let body = signal.body();
                    match member {
                        Some("ActionInvoked") => {
                            let link = body
                                .deserialize::<(u32, &str)>()
                                .ok()
                                .and_then(|(id, _)| locked(&links).get(&id).copied());
                            if let Some(stock) = link {
                                open(stock);
                            }
                        }
                        // A closed notification cannot be clicked; its number comes again.
                        Some("NotificationClosed") => {
                            if let Ok((id, _)) = body.deserialize::<(u32, u32)>() {
                                locked(&links).remove(&id);
                            }
                        }
                        _ => {}
                    }
                }
            };
            std::thread::Builder::new()
                .name("notification clicks".into())
                .spawn(hear)
                .map_err(|error| zbus::Error::InputOutput(Arc::new(error)))?;
            Ok(())
        }

        fn show(&mut self, call: &Call, made_up: bool) -> zbus::Result<()> {
            let words = words::words(call, made_up);
            let key = match &call.about {
                About::Signal { signal, .. } => Some(signal.key),
                _ => None,
            };
            let replaces = key.and_then(|key| self.shown.get(&key).copied());
            let bus = self.bus()?;
            let body = match bus.markup {
                true => escaped(&words.body),
                false => words.body,
            };
            let actions: &[&str] = match bus.actions {
                true => &["default", t!("열기"), "open", t!("열기")],
                false => &[],
            };
            let hints = HashMap::from([
                ("desktop-entry", Value::from(super::super::APP_ID)),
                ("category", Value::from("x-jeongbae.signal")),
                // The program has a chime of its own.
                ("suppress-sound", Value::from(true)),
                ("urgency", Value::from(1u8)),
            ]);
            let arguments = (
                "정배",
                replaces.unwrap_or_default(),
                super::super::APP_ID,
                &words.title,
                body,
                actions,
                hints,
                -1i32,
            );
            let reply = bus.connection.call_method(
                Some(SERVICE),
                PATH,
                Some(SERVICE),
                "Notify",
                &arguments,
            )?;
            let id: u32 = reply.body().deserialize()?;
            if let Some(key) = key {
                self.shown.insert(key, id);
            }
            let mut links = locked(&self.links);
            links.insert(id, words.stock);
            while REMEMBERED < links.len() {
                links.pop_first();
            }
            drop(links);
            while REMEMBERED < self.shown.len() {
                self.shown.pop_first();
            }
            Ok(())
        }
    }

    impl Device for Notifications {
        fn look(&mut self) -> Result<String, String> {
            match self.bus() {
                Ok(Bus { actions: true, .. }) => Ok(t!(
                    "데스크톱 알림 서비스가 있습니다. 알림을 누르면 종목 창이 열립니다."
                )
                .to_owned()),
                Ok(_) => Ok(t!("데스크톱 알림 서비스가 있습니다.").to_owned()),
                Err(error) => Err(sentence(&error)),
            }
        }

        fn set(&mut self, _settings: &ReachSettings) {}

        fn tell(&mut self, calls: &[Arc<Call>], made_up: bool) -> Result<(), String> {
            for call in calls {
                if let Err(error) = self.show(call, made_up) {
                    // The next call looks for the service anew.
                    self.bus = None;
                    return Err(sentence(&error));
                }
            }
            Ok(())
        }
    }

    fn sentence(error: &zbus::Error) -> String {
        use std::io::ErrorKind;
        let silent = || t!("데스크톱 알림 서비스가 대답하지 않습니다.").to_owned();
        let no_bus = || t!("D-Bus 세션이 없어 데스크톱 알림을 띄울 수 없습니다.").to_owned();
        match error {
            zbus::Error::MethodError(name, ..) => match refusal(name) {
                Some(Refusal::NoService) => t!(
                    "이 데스크톱에는 알림 서비스가 없습니다. 알림 데몬(예: dunst)을 설치하세요."
                )
                .to_owned(),
                Some(Refusal::NotStarted) => t!(
                    "데스크톱 알림 서비스를 시작하지 못했습니다. 알림 데몬(예: dunst)이 실행 중인지 확인하세요."
                )
                .to_owned(),
                Some(Refusal::Silent) => silent(),
                None => unreached(error),
            },
            zbus::Error::InputOutput(why) => match why.kind() {
                ErrorKind::TimedOut => silent(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => no_bus(),
                _ => unreached(error),
            },
            zbus::Error::Address(_) => no_bus(),
            other => unreached(other),
        }
    }

    fn unreached(error: &zbus::Error) -> String {
        t!(
            "데스크톱 알림 서비스에 연결하지 못했습니다 (%{error}).",
            error = error
        )
    }

    /// Why the bus did not pass a call on, or the service did not answer it.
    #[derive(Debug, PartialEq, Eq)]
    enum Refusal {
        NoService,
        NotStarted,
        Silent,
    }

    /// By the error names of the D-Bus specification.
    fn refusal(name: &str) -> Option<Refusal> {
        let name = name.strip_prefix("org.freedesktop.DBus.Error.")?;
        Some(match name {
            "ServiceUnknown" | "NameHasNoOwner" => Refusal::NoService,
            "NoReply" | "Timeout" | "TimedOut" => Refusal::Silent,
            _ if name.starts_with("Spawn.") => Refusal::NotStarted,
            _ => return None,
        })
    }

    /// The three characters that would be read as markup.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }

    fn locked(links: &Links) -> MutexGuard<'_, BTreeMap<u32, Option<StockCode>>> {
        links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_the_bus_refuses_is_told_apart() {
            let of = |name: &str| refusal(&format!("org.freedesktop.DBus.Error.{name}"));
            assert_eq!(of("ServiceUnknown"), Some(Refusal::NoService));
            assert_eq!(of("Spawn.ChildExited"), Some(Refusal::NotStarted));
            assert_eq!(of("NoReply"), Some(Refusal::Silent));
            assert_eq!(of("AccessDenied"), None);
            assert_eq!(refusal("com.example.Error.NoReply"), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    //! By a program of the system; what is told goes through its environment or its arguments,
    //! never into a script's text.

    use std::process::Command;
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::program::{self, Programs};
    use super::super::words;
    use super::Device;
    use crate::engine::{About, Call};
    use crate::settings::ReachSettings;

    const PATIENCE: Duration = Duration::from_secs(10);
    const PROGRAM: &str = if cfg!(windows) {
        "powershell"
    } else {
        "osascript"
    };

    fn none() -> String {
        t!("이 시스템에서는 데스크톱 알림을 쓸 수 없습니다.").to_owned()
    }

    /// A toast of Windows under PowerShell's name, which needs no registration.
    const TOAST: &str = "[Windows.UI.Notifications.ToastNotificationManager,Windows.UI.Notifications,ContentType=WindowsRuntime]|Out-Null; \
        $x=[Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent(1); \
        $t=$x.GetElementsByTagName('text'); \
        $t.Item(0).AppendChild($x.CreateTextNode($env:JEONGBAE_TITLE))|Out-Null; \
        $t.Item(1).AppendChild($x.CreateTextNode($env:JEONGBAE_BODY))|Out-Null; \
        if($env:JEONGBAE_LINK){$x.DocumentElement.SetAttribute('activationType','protocol'); \
        $x.DocumentElement.SetAttribute('launch',$env:JEONGBAE_LINK)}; \
        [Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe').Show([Windows.UI.Notifications.ToastNotification]::new($x))";
    const SCRIPT: &str =
        "on run a\ndisplay notification (item 2 of a) with title (item 1 of a)\nend run";

    /// What a click on a toast opens: a link the setup program registered, which starts
    /// `jeongbae --open`, which hands the stock to the program that runs. Empty where it is not
    /// registered or the call is about no single stock.
    fn link(call: &Call) -> String {
        match &call.about {
            About::Signal { signal, .. } if registered() => {
                format!("jeongbae:{}", signal.key.code)
            }
            _ => String::new(),
        }
    }

    #[cfg(windows)]
    fn registered() -> bool {
        windows_registry::CURRENT_USER
            .open(r"Software\Classes\jeongbae")
            .is_ok()
    }

    #[cfg(not(windows))]
    fn registered() -> bool {
        false
    }

    pub(super) struct Notifications {
        pub(super) programs: Programs,
    }

    impl Device for Notifications {
        fn look(&mut self) -> Result<String, String> {
            match self.programs.find(PROGRAM) {
                Some(_) => Ok(t!("시스템 알림으로 알립니다.").to_owned()),
                None => Err(none()),
            }
        }

        fn set(&mut self, _settings: &ReachSettings) {}

        fn tell(&mut self, calls: &[Arc<Call>], made_up: bool) -> Result<(), String> {
            let program = self.programs.find(PROGRAM).ok_or_else(none)?;
            for call in calls {
                let words = words::words(call, made_up);
                let mut command = Command::new(&program);
                if cfg!(windows) {
                    command
                        .args(["-NoProfile", "-NonInteractive", "-Command", TOAST])
                        .env("JEONGBAE_TITLE", words.title)
                        .env("JEONGBAE_BODY", words.body)
                        .env("JEONGBAE_LINK", link(call));
                } else {
                    command.args(["-e", SCRIPT, &words.title, &words.body]);
                }
                program::run(&mut command, PATIENCE)?;
            }
            Ok(())
        }
    }
}
