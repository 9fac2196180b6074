//! The bundled Korean font, in two weights.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

/// Installs the bundled font as the only one: identical on every system, every Hangul syllable,
/// digits of one width. Tests call it too.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let regular = include_bytes!("../../assets/fonts/jeongbae-ui-regular.otf");
    let semibold = include_bytes!("../../assets/fonts/jeongbae-ui-semibold.otf");
    for (name, bytes) in [("ui", &regular[..]), ("bold", &semibold[..])] {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec!["ui".to_owned()]);
    }
    fonts
        .families
        .insert(bold_family(), vec!["bold".to_owned(), "ui".to_owned()]);
    ctx.set_fonts(fonts);
}

/// The regular weight.
pub fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The semibold weight.
pub fn bold(size: f32) -> FontId {
    FontId::new(size, bold_family())
}

fn bold_family() -> FontFamily {
    FontFamily::Name("bold".into())
}
