//! The program's icon and its id on the desktop.

use std::sync::{Arc, OnceLock};

/// The id of the program on the desktop: the `.desktop` file's name, WM_CLASS, the icon's name.
pub const APP_ID: &str = "kr.jeongbae.Jeongbae";

/// The icon of every window, decoded once; `None` only if the bundled file cannot be read.
pub fn window_icon() -> Option<Arc<egui::IconData>> {
    static ICON: OnceLock<Option<Arc<egui::IconData>>> = OnceLock::new();
    let icon = ICON.get_or_init(|| {
        let png = include_bytes!("../../assets/icons/jeongbae-256.png");
        eframe::icon_data::from_png_bytes(png).ok().map(Arc::new)
    });
    icon.clone()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_icon_can_be_read() {
        let icon = super::window_icon().expect("the icon is a PNG");
        assert_eq!((icon.width, icon.height), (256, 256));
    }
}
