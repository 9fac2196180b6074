//! Names that the library gives to parts of its own windows, in the language of the screen: it has
//! them in English alone, and offers no way to say others.

use egui::accesskit::Role;
use egui::{Context, FullOutput, Plugin};

/// Puts our words in the place of the library's, in the tree that screen readers read.
pub(crate) struct OwnWords;

/// Ours for the library's; only for what it makes itself.
fn ours(role: Role, theirs: &str) -> Option<&'static str> {
    Some(match (role, theirs) {
        (Role::Button, "Hide") => t!("창 접기"),
        (Role::Button, "Show") => t!("창 펴기"),
        (Role::Button, "Close window") => t!("창 닫기"),
        (Role::Splitter, "Resize window right edge") => t!("창의 오른쪽 가장자리"),
        (Role::Splitter, "Resize window left edge") => t!("창의 왼쪽 가장자리"),
        (Role::Splitter, "Resize window bottom edge") => t!("창의 아래쪽 가장자리"),
        (Role::Splitter, "Resize window top edge") => t!("창의 위쪽 가장자리"),
        (Role::Splitter, "Resize window bottom-right corner") => t!("창의 오른쪽 아래 귀퉁이"),
        (Role::Splitter, "Resize window top-right corner") => t!("창의 오른쪽 위 귀퉁이"),
        (Role::Splitter, "Resize window bottom-left corner") => t!("창의 왼쪽 아래 귀퉁이"),
        (Role::Splitter, "Resize window top-left corner") => t!("창의 왼쪽 위 귀퉁이"),
        _ => return None,
    })
}

impl Plugin for OwnWords {
    fn debug_name(&self) -> &'static str {
        "own words"
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        let Some(update) = &mut output.platform_output.accesskit_update else {
            return;
        };
        for (_, node) in &mut update.nodes {
            if let Some(words) = node.label().and_then(|theirs| ours(node.role(), theirs)) {
                node.set_label(words);
            }
        }
    }
}
