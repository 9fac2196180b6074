//! The chosen stock of a list, the keys that choose it, and how far the list is scrolled.

use egui::{Context, Order, ScrollArea};

use crate::domain::StockCode;
use crate::ui::keys::{self, Act};
use crate::ui::theme::ROW_HEIGHT;

/// What a list of stocks remembers of its cursor.
#[derive(Default)]
pub(super) struct Cursor {
    pub(super) selected: Option<StockCode>,
    /// To be chosen as soon as it is in the list.
    awaited: Option<StockCode>,
    scroll_to: Option<f32>,
    offset: f32,
}

impl Cursor {
    /// Nothing chosen, scrolled to the top.
    pub(super) fn go_top(&mut self) {
        self.selected = None;
        self.scroll_to = Some(0.0);
    }

    /// Chooses a stock once it is in the list, which scrolls to it.
    pub(super) fn wait_for(&mut self, code: StockCode) {
        self.awaited = Some(code);
    }

    /// Whether the list's keys are for it: with the focus on some widget that one's come first.
    pub(super) fn listens(ctx: &Context) -> bool {
        ctx.memory(|m| m.focused()).is_none()
    }

    /// Moves the choice among the stocks of a list that shows `height` points of itself; answers
    /// the place of the chosen one.
    pub(super) fn steps(
        &mut self,
        ctx: &Context,
        codes: impl ExactSizeIterator<Item = StockCode> + Clone,
        height: f32,
    ) -> Option<usize> {
        let place = codes.clone().position(|code| Some(code) == self.selected);
        let last = codes.len().checked_sub(1)?;
        let page = ((height / ROW_HEIGHT) as usize).saturating_sub(1).max(1);
        let hit = |act| ctx.input_mut(|i| keys::pressed(i, act));
        let which = |act| ctx.input_mut(|i| keys::which(i, act));
        let (down, up) = (hit(Act::RowDown), hit(Act::RowUp));
        // A window that lies upon the list has these keys for itself.
        let covered = ctx.memory(|m| {
            let top = m.areas().top_layer_id(Order::Middle);
            top.is_some_and(|layer| m.areas().is_visible(&layer))
        });
        let which = |act| if covered { None } else { which(act) };
        let target = match (which(Act::RowPage), which(Act::RowEnd)) {
            (Some(0), _) => Some(place.map_or(0, |i| i.saturating_sub(page))),
            (Some(_), _) => Some(place.map_or(page, |i| i + page).min(last)),
            (_, Some(0)) => Some(0),
            (_, Some(_)) => Some(last),
            (None, None) => match (down, up, place) {
                (true, _, None) => Some(0),
                (true, _, Some(i)) => Some((i + 1).min(last)),
                (_, true, None) => Some(last),
                (_, true, Some(i)) => Some(i.saturating_sub(1)),
                _ => None,
            },
        };
        let arrived = codes.clone().position(|code| Some(code) == self.awaited);
        let Some(target) = target.or(arrived) else {
            return place;
        };
        self.awaited = None;
        self.selected = codes.clone().nth(target);
        let (top, bottom) = (target as f32 * ROW_HEIGHT, (target + 1) as f32 * ROW_HEIGHT);
        if top < self.offset {
            self.scroll_to = Some(top);
        } else if self.offset + height < bottom {
            self.scroll_to = Some(bottom - height);
        }
        Some(target)
    }

    /// The list's scroll area, moved to where the keys went.
    pub(super) fn area(&mut self, name: &str) -> ScrollArea {
        let area = ScrollArea::vertical().id_salt(name).auto_shrink(false);
        match self.scroll_to.take() {
            Some(offset) => area.vertical_scroll_offset(offset),
            None => area,
        }
    }

    /// The list was drawn, scrolled by this much.
    pub(super) fn drawn(&mut self, offset: f32) {
        self.offset = offset;
    }
}
