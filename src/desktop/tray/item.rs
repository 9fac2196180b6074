//! A StatusNotifierItem, by ksni: D-Bus by the zbus that is here already, and no toolkit.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use ksni::blocking::TrayMethods as _;
use ksni::menu::{CheckmarkItem, StandardItem};
use ksni::{Icon, MenuItem, OfflineReason, Status, ToolTip};

use super::{SIDE, Shown, TrayWish, marked, pass_on};
use crate::desktop::instance::Wake;

const APP_ID: &str = "kr.jeongbae.Jeongbae";

struct Item {
    icon: Vec<u8>,
    marked: Vec<u8>,
    shown: Shown,
    wishes: SyncSender<TrayWish>,
    wake: Wake,
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
    let item = Item {
        marked: marked(&icon),
        icon,
        shown: Shown::default(),
        wishes,
        wake,
    };
    // The desktop may come up after the program.
    let handle = match item.assume_sni_available(true).spawn() {
        Ok(handle) => handle,
        Err(error) => {
            tracing::info!("No tray icon: {error}");
            return;
        }
    };
    while let Ok(shown) = news.recv() {
        let shown = news.try_iter().last().unwrap_or(shown);
        if handle.update(|item| item.shown = shown).is_none() {
            return;
        }
    }
    handle.shutdown().wait();
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

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!("The desktop shows no tray icons now: {reason:?}");
        true
    }
}
