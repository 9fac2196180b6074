//! A StatusNotifierItem, by ksni: D-Bus by the zbus that is here already, and no toolkit.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use ksni::blocking::TrayMethods as _;
use ksni::menu::{CheckmarkItem, StandardItem};
use ksni::{Icon, MenuItem, OfflineReason, Status, ToolTip};
use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::WellKnownName;

use super::{SIDE, Shown, TrayWish, marked, pass_on};
use crate::desktop::instance::Wake;

const APP_ID: &str = "kr.jeongbae.Jeongbae";

/// Who shows the icons of a desktop.
const WATCHER: WellKnownName<'static> =
    WellKnownName::from_static_str_unchecked("org.kde.StatusNotifierWatcher");

/// How long an icon that the desktop does not have waits to be tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// In this time a desktop that has just come up is asked to show the icon.
const MOMENT: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Item {
    icon: Vec<u8>,
    marked: Vec<u8>,
    shown: Shown,
    wishes: SyncSender<TrayWish>,
    wake: Arc<Wake>,
    asked: Arc<Asked>,
}

/// How it went with the desktop so far.
#[derive(Default)]
struct Asked {
    /// How often it was asked to show the icon and did not.
    refused: AtomicUsize,
    /// How often ksni heard of one that came up.
    heard: AtomicUsize,
}

pub(super) struct Place {
    shown: SyncSender<Shown>,
}

impl Place {
    /// On a thread of its own: a desktop may take its time.
    pub(super) fn start(
        icon: Vec<u8>,
        wishes: SyncSender<TrayWish>,
        wake: Wake,
    ) -> io::Result<Self> {
        let (shown, news) = sync_channel(4);
        std::thread::Builder::new()
            .name("tray".into())
            .spawn(move || keep(icon, &news, wishes, wake))?;
        Ok(Self { shown })
    }

    /// Whether it was taken; where the desktop hangs it is said again at the next call.
    pub(super) fn show(&mut self, shown: Shown) -> bool {
        !matches!(self.shown.try_send(shown), Err(TrySendError::Full(_)))
    }
}

/// Keeps the icon until nobody says any more what it shows.
fn keep(icon: Vec<u8>, news: &Receiver<Shown>, wishes: SyncSender<TrayWish>, wake: Wake) {
    let mut item = Item {
        marked: marked(&icon),
        icon,
        shown: Shown::default(),
        wishes,
        wake: Arc::new(wake),
        asked: Arc::default(),
    };
    let mut said = String::new();
    loop {
        item.asked = Arc::default();
        // The desktop may come up after the program.
        let next = match item.clone().assume_sni_available(true).spawn() {
            Ok(handle) => keep_shown(&handle, item.shown, news, &item.asked),
            Err(error) => {
                let error = error.to_string();
                if said != error {
                    tracing::info!("No tray icon: {error}");
                    said = error;
                }
                match news.recv_timeout(AGAIN) {
                    Ok(shown) => Some(shown),
                    Err(RecvTimeoutError::Timeout) => Some(item.shown),
                    Err(RecvTimeoutError::Disconnected) => None,
                }
            }
        };
        match next {
            Some(shown) => item.shown = shown,
            None => return,
        }
    }
}

/// Keeps an icon until nobody says any more what it shows (`None`), or until it has to be put
/// there anew, with what it should show then.
fn keep_shown(
    handle: &ksni::blocking::Handle<Item>,
    mut shown: Shown,
    news: &Receiver<Shown>,
    asked: &Asked,
) -> Option<Shown> {
    // ksni asks the desktop first and listens for one that comes up afterwards: of one that came
    // in between it never hears. It listens by now, so a look at once finds that one, and those
    // it hears of are asked within the moment that passes until a second look.
    let mut wait = Duration::ZERO;
    let mut settled = 0;
    let mut doubted = None;
    loop {
        match news.recv_timeout(wait) {
            Ok(new) => {
                shown = news.try_iter().last().unwrap_or(new);
                if handle.update(|item| item.shown = shown).is_none() {
                    return Some(shown);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                wait = AGAIN;
                let seen = (
                    asked.refused.load(Ordering::SeqCst),
                    asked.heard.load(Ordering::SeqCst),
                );
                if seen.0 == settled {
                    continue;
                }
                if doubted == Some(seen) {
                    handle.shutdown().wait();
                    return Some(shown);
                }
                // Of one that is not there now it will hear, and one it has heard of it has asked.
                let answered = doubted.is_some_and(|(refused, _)| refused == seen.0);
                if answered || !watched() {
                    (settled, doubted) = (seen.0, None);
                } else {
                    (wait, doubted) = (MOMENT, Some(seen));
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                handle.shutdown().wait();
                return None;
            }
        }
    }
}

/// Whether the desktop shows icons now.
fn watched() -> bool {
    let asked = Connection::session()
        .and_then(|bus| Ok(DBusProxy::new(&bus)?.name_has_owner(WATCHER.into())?));
    asked.unwrap_or(false)
}

impl Item {
    fn wish(&self, wish: TrayWish) {
        pass_on(wish, &self.wishes, &self.wake);
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        APP_ID.to_owned()
    }

    fn title(&self) -> String {
        self.shown.text()
    }

    fn status(&self) -> Status {
        match self.shown.unread {
            0 => Status::Active,
            _ => Status::NeedsAttention,
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        let data = match self.shown.unread {
            0 => &self.icon,
            _ => &self.marked,
        };
        vec![Icon {
            width: SIDE as i32,
            height: SIDE as i32,
            data: data.clone(),
        }]
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.shown.text(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.wish(TrayWish::Open);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        vec![
            StandardItem {
                label: t!("열기").to_owned(),
                activate: Box::new(|item: &mut Self| item.wish(TrayWish::Open)),
                ..StandardItem::default()
            }
            .into(),
            CheckmarkItem {
                label: t!("음소거").to_owned(),
                checked: self.shown.muted,
                activate: Box::new(|item: &mut Self| {
                    item.wish(TrayWish::Mute(!item.shown.muted));
                }),
                ..CheckmarkItem::default()
            }
            .into(),
            MenuItem::Separator,
            StandardItem {
                label: t!("끝내기").to_owned(),
                activate: Box::new(|item: &mut Self| item.wish(TrayWish::Quit)),
                ..StandardItem::default()
            }
            .into(),
        ]
    }

    fn watcher_online(&self) {
        self.asked.heard.fetch_add(1, Ordering::SeqCst);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!("The desktop shows no tray icons now: {reason:?}");
        // Of a desktop that went away it hears when one comes again.
        if !matches!(reason, OfflineReason::No) {
            self.asked.refused.fetch_add(1, Ordering::SeqCst);
        }
        true
    }
}
