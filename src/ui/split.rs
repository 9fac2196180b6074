//! Panels whose edge the user drags: the edge has a name and a visible focus, and its place is
//! remembered over a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{
    Context, Frame, Id, IdSalt, InnerResponse, Panel, Rangef, Ui, containers::panel::PanelState,
};

use super::theme::Theme;

/// Widths of the panels in points, by their names in the file of window places. Every window of
/// the program draws into one egui context, so its memory is where they meet.
type Widths = Arc<BTreeMap<String, f32>>;

fn place() -> Id {
    Id::unique("split widths")
}

/// Takes over what was remembered from an earlier run.
pub(crate) fn remember(ctx: &Context, widths: &BTreeMap<String, f32>) {
    ctx.data_mut(|data| data.insert_temp::<Widths>(place(), Arc::new(widths.clone())));
}

/// The widths of all panels drawn so far, and of those remembered.
pub(crate) fn widths(ctx: &Context) -> BTreeMap<String, f32> {
    let known: Option<Widths> = ctx.data(|data| data.get_temp(place()));
    known.map_or_else(BTreeMap::new, |widths| (*widths).clone())
}

/// At which side of the window.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Left,
    Right,
}

/// One panel at a side with an edge to drag.
pub(crate) struct Split<'a> {
    pub(crate) side: Side,
    /// Under which it is remembered; windows of one kind share it.
    pub(crate) kept: &'static str,
    /// Which panel of which window it is for egui.
    pub(crate) salt: &'a str,
    /// What the edge is called.
    pub(crate) name: &'static str,
    /// Width at first, points.
    pub(crate) width: f32,
    /// Between which widths it can be dragged, points.
    pub(crate) range: Rangef,
    /// Its ground and margins.
    pub(crate) frame: Frame,
}

impl Split<'_> {
    /// Draws the panel.
    pub(crate) fn show<R>(
        &self,
        ui: &mut Ui,
        theme: &Theme,
        add: impl FnOnce(&mut Ui) -> R,
    ) -> InnerResponse<R> {
        let ctx = ui.ctx().clone();
        let known: Option<Widths> = ctx.data(|data| data.get_temp(place()));
        let kept = known.as_ref().and_then(|widths| widths.get(self.kept));
        let width = kept.copied().unwrap_or(self.width);
        let id = ui.scope_id().with_salt(IdSalt::new(self.salt));
        // As egui names it; a test notices if that changes.
        let edge = id.with("__resize");
        let panel = match self.side {
            Side::Left => Panel::left(self.salt),
            Side::Right => Panel::right(self.salt),
        };
        let panel = panel
            .frame(self.frame)
            .default_size(self.range.clamp(width))
            .size_range(self.range);
        let out = panel.show(ui, add);
        ctx.accesskit_node_builder(edge, |node| node.set_label(self.name));
        if let Some(response) = ctx.read_response(edge)
            && response.has_focus()
        {
            super::paint::focus_ring(ui.painter(), response.rect.shrink(1.0), theme);
        }
        let now = PanelState::load(&ctx, id).map_or(width, |state| state.size().x.round());
        if kept != Some(&now) {
            let mut widths = known.map_or_else(BTreeMap::new, |widths| (*widths).clone());
            widths.insert(self.kept.to_owned(), now);
            remember(&ctx, &widths);
        }
        out
    }
}
