//! The system's own place beside the clock, by a library: its calls are unsafe. The icon lives
//! on the window's thread, whose event loop brings the clicks.

use std::io;
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tray_icon::menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::{SIDE, Shown, TrayWish, marked, pass_on};
use crate::desktop::instance::Wake;

const OPEN: &str = "open";
const MUTE: &str = "mute";
const QUIT: &str = "quit";

/// Where choices go. The library takes a handler once for the life of the program, an icon
/// may come and go.
static ROUTE: Mutex<Option<Route>> = Mutex::new(None);

struct Route {
    wishes: SyncSender<TrayWish>,
    wake: Wake,
    muted: bool,
}

fn route() -> MutexGuard<'static, Option<Route>> {
    ROUTE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn chosen(wish: impl FnOnce(&Route) -> TrayWish) {
    if let Some(route) = &*route() {
        pass_on(wish(route), &route.wishes, &route.wake);
    }
}

pub(super) struct Place {
    plain: Icon,
    marked: Icon,
    icon: TrayIcon,
    open: MenuItem,
    mute: CheckMenuItem,
    quit: MenuItem,
}

impl Place {
    pub(super) fn start(
        icon: Vec<u8>,
        wishes: SyncSender<TrayWish>,
        wake: Wake,
    ) -> io::Result<Self> {
        MenuEvent::set_event_handler(Some(|event: MenuEvent| match event.id.0.as_str() {
            OPEN => chosen(|_| TrayWish::Open),
            MUTE => chosen(|route| TrayWish::Mute(!route.muted)),
            QUIT => chosen(|_| TrayWish::Quit),
            _ => {}
        }));
        TrayIconEvent::set_event_handler(Some(|event: TrayIconEvent| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                chosen(|_| TrayWish::Open);
            }
        }));
        let (plain, marked) = (picture(&icon)?, picture(&marked(&icon))?);
        let open = MenuItem::with_id(OPEN, t!("열기"), true, None);
        let mute = CheckMenuItem::with_id(MUTE, t!("음소거"), true, false, None);
        let quit = MenuItem::with_id(QUIT, t!("끝내기"), true, None);
        let line = PredefinedMenuItem::separator();
        let menu = Menu::with_items(&[&open, &mute, &line, &quit]).map_err(io::Error::other)?;
        let icon = TrayIconBuilder::new()
            .with_icon(plain.clone())
            .with_menu(Box::new(menu))
            .with_menu_on_left_click(false)
            .build()
            .map_err(io::Error::other)?;
        *route() = Some(Route {
            wishes,
            wake,
            muted: false,
        });
        Ok(Self {
            plain,
            marked,
            icon,
            open,
            mute,
            quit,
        })
    }

    pub(super) fn show(&mut self, shown: Shown) -> bool {
        let icon = match shown.unread {
            0 => &self.plain,
            _ => &self.marked,
        };
        let told = self
            .icon
            .set_icon(Some(icon.clone()))
            .and_then(|()| self.icon.set_tooltip(Some(shown.text())));
        if let Err(e) = told {
            tracing::warn!("The tray icon: {e}");
        }
        // The language may have changed.
        self.open.set_text(t!("열기"));
        self.mute.set_text(t!("음소거"));
        self.quit.set_text(t!("끝내기"));
        self.mute.set_checked(shown.muted);
        if let Some(route) = &mut *route() {
            route.muted = shown.muted;
        }
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *route() = None;
    }
}

fn picture(argb: &[u8]) -> io::Result<Icon> {
    let rgba = argb.as_chunks::<4>().0.iter();
    let rgba = rgba.flat_map(|&[a, r, g, b]| [r, g, b, a]).collect();
    Icon::from_rgba(rgba, SIDE as u32, SIDE as u32).map_err(io::Error::other)
}
