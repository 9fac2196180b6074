//! The icon beside the clock, where the desktop has a place for it: whether there are unread
//! signals, and a menu. Where there is none, nothing happens; one that appears later is found.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// What the icon shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Signals nobody has looked at.
    pub unread: usize,
    /// Sound and windows are off.
    pub muted: bool,
    /// The prices are made up.
    pub demo: bool,
}

/// What the user chose of the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayWish {
    /// Bring the home window to the front.
    Open,
    /// Turn sound and windows off or on.
    Mute(bool),
    /// End the program.
    Quit,
}

/// A picture, four bytes a point: red, green, blue, opacity.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Points in a row, and rows.
    pub side: usize,
    /// `side * side * 4` bytes.
    pub rgba: &'a [u8],
}

/// The icon. It goes when this is dropped.
pub struct Tray {
    place: place::Place,
    last: Option<Shown>,
    /// What the user chose.
    pub wishes: Receiver<TrayWish>,
}

/// Choices that may wait for the window; a further one is dropped.
const WISHES: usize = 16;

impl Tray {
    /// Puts the icon there; call it on the window's thread. `wake` is called after each choice.
    ///
    /// # Errors
    ///
    /// The system gives no thread or no icon.
    pub fn start(picture: Picture<'_>, wake: super::instance::Wake) -> std::io::Result<Self> {
        let (sender, wishes) = sync_channel(WISHES);
        Ok(Self {
            place: place::Place::start(smaller(picture), sender, wake)?,
            last: None,
            wishes,
        })
    }

    /// Says what the icon should show. Cheap and never waits; call it as often as you like.
    pub fn show(&mut self, shown: Shown) {
        if self.last != Some(shown) && self.place.show(shown) {
            self.last = Some(shown);
        }
    }
}

impl Shown {
    /// The icon's name, with how many signals are unread.
    #[cfg(any(target_os = "linux", windows, target_os = "macos"))]
    fn text(self) -> String {
        let name = match self.demo {
            true => t!("정배 데모"),
            false => t!("정배"),
        };
        match self.unread {
            0 => name.to_owned(),
            n => t!("%{name} · 안 읽은 신호 %{n}", name = name, n = n),
        }
    }
}

/// Passes on what was chosen of the icon.
#[cfg(any(target_os = "linux", windows, target_os = "macos"))]
fn pass_on(wish: TrayWish, wishes: &SyncSender<TrayWish>, wake: &super::instance::Wake) {
    if wishes.try_send(wish).is_err() {
        tracing::warn!("The window takes no wishes of the tray icon now");
    }
    wake();
}

/// Points in a row of the icon.
const SIDE: usize = 64;

/// The picture at the icon's size, as opacity, red, green, blue; a block of points becomes their
/// mean.
fn smaller(picture: Picture<'_>) -> Vec<u8> {
    let step = (picture.side / SIDE).max(1);
    let mut argb = Vec::with_capacity(SIDE * SIDE * 4);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let mean = |channel: usize| {
                let mut sum = 0;
                for dy in 0..step {
                    for dx in 0..step {
                        let at = ((y * step + dy) * picture.side + x * step + dx) * 4 + channel;
                        sum += picture.rgba.get(at).map_or(0, |&byte| usize::from(byte));
                    }
                }
                u8::try_from(sum / (step * step)).unwrap_or(u8::MAX)
            };
            argb.extend([mean(3), mean(0), mean(1), mean(2)]);
        }
    }
    argb
}

/// A yellow dot in the lower right corner: something is unread.
fn marked(argb: &[u8]) -> Vec<u8> {
    const CENTRE: i64 = 47;
    const RADIUS: i64 = 15;
    let mut argb = argb.to_vec();
    for (at, point) in argb.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let at = i64::try_from(at).unwrap_or_default();
        let side = SIDE as i64;
        let (x, y) = (at % side - CENTRE, at / side - CENTRE);
        if x * x + y * y <= RADIUS * RADIUS {
            *point = [0xFF, 0xFF, 0xC8, 0x3D];
        }
    }
    argb
}

#[cfg(target_os = "linux")]
#[path = "tray/item.rs"]
mod place;

#[cfg(any(windows, target_os = "macos"))]
#[path = "tray/native.rs"]
mod place;

#[cfg(not(any(target_os = "linux", windows, target_os = "macos")))]
#[path = "tray/none.rs"]
mod place;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_the_pictures_mean_and_the_mark_is_a_corner_of_it() {
        // Two halves, one of them see-through.
        let mut rgba = vec![];
        for _ in 0..256 * 128 {
            rgba.extend([200, 100, 50, 255]);
        }
        rgba.resize(256 * 256 * 4, 0);
        let small = smaller(Picture {
            side: 256,
            rgba: &rgba,
        });
        assert_eq!(small.len(), SIDE * SIDE * 4);
        assert_eq!(small[..4], [255, 200, 100, 50]);
        assert_eq!(small[small.len() - 4..], [0; 4]);
        let marked = marked(&small);
        let point = |x: usize, y: usize| &marked[(y * SIDE + x) * 4..][..4];
        assert_eq!(point(47, 47), [0xFF, 0xFF, 0xC8, 0x3D]);
        assert_eq!(point(0, 0), [255, 200, 100, 50], "the rest is as before");
    }

    /// Needs a session bus; see `.ci/run`. The watcher is one of ours, the bus is real.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_icon_on_a_real_bus_is_registered_marked_and_chosen_from() {
        use std::sync::mpsc::{Sender, channel};
        use std::time::Duration;

        use zbus::blocking::connection::Builder;
        use zbus::blocking::{Connection, Proxy};
        use zbus::zvariant::{OwnedValue, Value};

        const LONG: Duration = Duration::from_secs(60);

        /// Tells of who registers; the first `refused` it turns away.
        struct Watcher {
            refused: usize,
            registered: Sender<String>,
        }

        #[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
        impl Watcher {
            fn register_status_notifier_item(&mut self, service: String) -> zbus::fdo::Result<()> {
                if self.refused > 0 {
                    self.refused -= 1;
                    return Err(zbus::fdo::Error::Failed("not ready".into()));
                }
                self.registered.send(service).unwrap();
                Ok(())
            }

            #[zbus(property)]
            fn is_status_notifier_host_registered(&self) -> bool {
                true
            }
        }

        type Layout = (
            i32,
            std::collections::HashMap<String, OwnedValue>,
            Vec<OwnedValue>,
        );

        if std::env::var_os("JEONGBAE_BUS_TEST").is_none() {
            return;
        }
        let picture = vec![7; 256 * 256 * 4];
        let (woken, wakes) = channel();
        let start = || {
            let woken = woken.clone();
            let picture = Picture {
                side: 256,
                rgba: &picture,
            };
            let wake = Box::new(move || woken.send(()).unwrap_or_default());
            Tray::start(picture, wake).unwrap()
        };
        // It is there before the desktop's watcher is.
        let mut tray = start();
        let shown = Shown {
            unread: 3,
            muted: false,
            demo: false,
        };
        tray.show(shown);
        let watch = |refused| {
            let (sender, registered) = channel();
            let watcher = Watcher {
                refused,
                registered: sender,
            };
            let watcher = Builder::session()
                .unwrap()
                .serve_at("/StatusNotifierWatcher", watcher)
                .unwrap()
                .name("org.kde.StatusNotifierWatcher")
                .unwrap()
                .build()
                .unwrap();
            (watcher, registered)
        };
        let (watcher, registered) = watch(0);
        let service = registered.recv_timeout(LONG).unwrap();
        let bus = Connection::session().unwrap();
        // Asked each time: such an item tells of its changes by signals of its own.
        let item_of = |service: String| -> Proxy<'_> {
            zbus::blocking::proxy::Builder::new(&bus)
                .destination(service)
                .unwrap()
                .path("/StatusNotifierItem")
                .unwrap()
                .interface("org.kde.StatusNotifierItem")
                .unwrap()
                .cache_properties(zbus::proxy::CacheProperties::No)
                .build()
                .unwrap()
        };
        let item = item_of(service.clone());
        assert_eq!(
            item.get_property::<String>("Id").unwrap(),
            "kr.jeongbae.Jeongbae"
        );
        while item.get_property::<String>("Status").unwrap() != "NeedsAttention" {
            std::thread::yield_now();
        }
        assert_eq!(
            item.get_property::<String>("Title").unwrap(),
            "정배 · 안 읽은 신호 3"
        );
        let icons: Vec<(i32, i32, Vec<u8>)> = item.get_property("IconPixmap").unwrap();
        assert_eq!(
            (icons[0].0, icons[0].1, icons[0].2.len()),
            (64, 64, 64 * 64 * 4)
        );
        item.call_method("Activate", &(0, 0)).unwrap();
        wakes.recv_timeout(LONG).unwrap();
        assert_eq!(tray.wishes.try_recv(), Ok(TrayWish::Open));
        // The menu: what stands there, and what comes of choosing it.
        let menu = Proxy::new(&bus, service, "/MenuBar", "com.canonical.dbusmenu").unwrap();
        let entries = || -> Vec<(i32, String, i32)> {
            let none: Vec<String> = vec![];
            let (_, layout): (u32, Layout) = menu.call("GetLayout", &(0, -1, none)).unwrap();
            let entry = |value: &OwnedValue| {
                let entry: Layout = value.try_clone().unwrap().try_into().unwrap();
                let text = |key: &str| entry.1.get(key)?.downcast_ref::<String>().ok();
                let state = entry.1.get("toggle-state");
                let state = state.and_then(|s| s.downcast_ref::<i32>().ok());
                (
                    entry.0,
                    text("label").unwrap_or_default(),
                    state.unwrap_or(-1),
                )
            };
            layout.2.iter().map(entry).collect()
        };
        let choose = |label: &str| {
            let id = entries().iter().find(|e| e.1 == label).unwrap().0;
            let event = (id, "clicked", Value::from(0), 0u32);
            menu.call_method("Event", &event).unwrap();
            wakes.recv_timeout(LONG).unwrap();
            tray.wishes.recv_timeout(LONG).unwrap()
        };
        assert_eq!(choose("열기"), TrayWish::Open);
        assert_eq!(choose("음소거"), TrayWish::Mute(true));
        assert_eq!(choose("끝내기"), TrayWish::Quit);
        tray.show(Shown {
            unread: 0,
            muted: true,
            demo: true,
        });
        while item.get_property::<String>("Title").unwrap() != "정배 데모" {
            std::thread::yield_now();
        }
        assert_eq!(item.get_property::<String>("Status").unwrap(), "Active");
        // The menu follows the title.
        while entries().into_iter().find(|e| e.1 == "음소거").unwrap().2 != 1 {
            std::thread::yield_now();
        }
        // A desktop that restarts gets it again, also one that cannot take it at first; and with
        // the program it goes.
        watcher.close().unwrap();
        let (_watcher, registered) = watch(1);
        let service = registered.recv_timeout(LONG).unwrap();
        let item = item_of(service);
        assert_eq!(item.get_property::<String>("Title").unwrap(), "정배 데모");
        drop(tray);
        while item.get_property::<String>("Status").is_ok() {
            std::thread::yield_now();
        }
    }
}
