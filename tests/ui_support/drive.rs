//! The windows of the program without a desktop, driven as a user would.

use std::sync::Arc;

use egui::{Key, Modifiers, OutputCommand, Rect, Role, Shape, Vec2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, HarnessBuilder, Node};
use jeongbae::ui::{Root, RootOptions, fonts};

use super::Fake;

/// The whole program's face, made in its first frame, and what stands behind it.
pub type App = (Option<Root>, Arc<Fake>);

/// The home window of this size, before its first frame. Stock windows open inside it.
pub fn window(fake: &Arc<Fake>, size: Vec2, options: RootOptions) -> Harness<'static, App> {
    build(Harness::builder().with_size(size), fake, options)
}

/// The home window as this builder makes it.
pub fn build(
    builder: HarnessBuilder<App>,
    fake: &Arc<Fake>,
    options: RootOptions,
) -> Harness<'static, App> {
    builder
        .with_step_dt(0.05)
        .with_context_setup(fonts::install)
        .build_ui_state(
            move |ui, (root, fake): &mut App| {
                let ctx = ui.ctx().clone();
                let root =
                    root.get_or_insert_with(|| Root::new(&ctx, fake.clone(), options.clone()));
                root.logic(&ctx);
                root.ui(ui);
            },
            (None, fake.clone()),
        )
}

/// A large home window that has been drawn.
pub fn home(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = window(fake, vec2(1600.0, 1000.0), RootOptions::default());
    h.run();
    h
}

/// The widget of that role whose accessible name contains `part`.
pub fn find<'h, S>(h: &'h Harness<'_, S>, role: Role, part: &str) -> Option<Node<'h>> {
    h.query_all_by_role(role).find(|n| {
        let node = n.accesskit_node();
        // A text says what it says as its value.
        let said = match role {
            Role::Label => node.label().or(node.value()),
            _ => node.label(),
        };
        said.is_some_and(|said| said.contains(part))
    })
}

/// As [`find`]; it must be there.
pub fn get<'h, S>(h: &'h Harness<'_, S>, role: Role, part: &str) -> Node<'h> {
    find(h, role, part).unwrap_or_else(|| panic!("no {role:?} whose name contains {part}"))
}

/// Clicks the widget whose name contains `part` and lets the window settle.
pub fn click<S>(h: &mut Harness<'_, S>, role: Role, part: &str) {
    get(h, role, part).click();
    h.run();
}

/// Clicks the widget of that very name.
pub fn click_exactly<S>(h: &mut Harness<'_, S>, role: Role, name: &str) {
    h.get_by_role_and_label(role, name).click();
    h.run();
}

/// Presses a key and lets the window settle.
pub fn press<S>(h: &mut Harness<'_, S>, modifiers: Modifiers, key: Key) {
    h.key_press_modifiers(modifiers, key);
    h.run();
}

/// Replaces what stands in a field.
pub fn type_over<S>(h: &mut Harness<'_, S>, role: Role, name: &str, text: &str) {
    get(h, role, name).focus();
    h.run();
    press(h, Modifiers::COMMAND, Key::A);
    get(h, role, name).type_text(text);
    h.run();
}

/// Whether the widget is switched on.
pub fn is_on(node: &Node<'_>) -> bool {
    node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
}

/// What the last frame put on the clipboard.
pub fn copied<S>(h: &Harness<'_, S>) -> Option<String> {
    let commands = &h.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

/// Everything painted that begins so: the letters that are seen, and where.
pub fn painted<S>(h: &Harness<'_, S>, start: &str) -> Vec<(String, Rect)> {
    fn collect(shape: &Shape, start: &str, found: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Text(text) if text.galley.text().starts_with(start) => {
                let place = text.galley.rect.translate(text.pos.to_vec2());
                // What is cut off ends with an ellipsis that only the laid-out letters show.
                let letters: String = text.galley.rows[0].glyphs.iter().map(|g| g.chr).collect();
                found.push((letters, place));
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|s| collect(s, start, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for clipped in &h.output().shapes {
        collect(&clipped.shape, start, &mut found);
    }
    found
}

/// Every filled rectangle of the last frame in that colour.
pub fn filled<S>(h: &Harness<'_, S>, color: egui::Color32) -> Vec<Rect> {
    let shapes = h.output().shapes.iter();
    shapes
        .filter_map(|clipped| match &clipped.shape {
            Shape::Rect(rect) if rect.fill == color => Some(rect.rect),
            _ => None,
        })
        .collect()
}

/// Role and name of what has the focus.
pub fn focused<S>(h: &Harness<'_, S>) -> Option<String> {
    let mut nodes = h.root().children_recursive();
    let node = nodes.find(|n| n.accesskit_node().is_focused())?;
    let node = node.accesskit_node();
    Some(format!(
        "{:?} {}",
        node.role(),
        node.label().unwrap_or_default()
    ))
}
