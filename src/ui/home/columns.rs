//! Where the table's columns lie. Widths depend on the window alone, never on the numbers in
//! them, so nothing moves when prices do.

use egui::Rangef;

use crate::domain::Timeframe;
use crate::engine::Snapshot;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Name,
    Price,
    Change,
    Percent,
    Volume,
    /// Index into [`Snapshot::columns`].
    Alignment(usize),
    Threshold,
    State,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) cell: Cell,
    pub(super) x: Rangef,
}

const NAME: f32 = 146.0;
const STATE: f32 = 90.0;
const VOLUME: f32 = 90.0;
const ALIGNMENT: f32 = 58.0;
const THRESHOLD: f32 = 130.0;

/// The columns that fit into `width`, starting at `left`. The less important ones go first; the
/// name and the state share what is left over.
pub(super) fn columns(snapshot: &Snapshot, left: f32, width: f32) -> Vec<Column> {
    let frames = snapshot.columns.len();
    // In the order in which they are given up.
    let dear = [
        Cell::Volume,
        // The percentage says the same.
        Cell::Change,
        Cell::State,
        Cell::Threshold,
    ];
    let mut shown: Vec<(Cell, f32)> = vec![
        (Cell::Name, NAME),
        (Cell::Price, 78.0),
        (Cell::Change, 78.0),
        (Cell::Percent, 62.0),
        (Cell::Volume, VOLUME),
    ];
    shown.extend((0..frames).map(|i| (Cell::Alignment(i), ALIGNMENT)));
    shown.push((Cell::Threshold, THRESHOLD));
    shown.push((Cell::State, STATE));
    let total = |shown: &[(Cell, f32)]| shown.iter().map(|c| c.1).sum::<f32>();
    for cell in dear {
        if width < total(&shown) {
            shown.retain(|c| c.0 != cell);
        }
    }
    while width < total(&shown) {
        let last = shown
            .iter()
            .rposition(|c| matches!(c.0, Cell::Alignment(_) | Cell::Percent));
        let Some(last) = last else { break };
        shown.remove(last);
    }
    let spare = (width - total(&shown)).max(0.0);
    // The end of a fund's name tells which way it bets.
    let first = spare.min(70.0);
    let name = first + ((spare - first) * 0.4).min(80.0);
    let has_state = shown.iter().any(|c| c.0 == Cell::State);
    for column in &mut shown {
        match column.0 {
            Cell::Name if has_state => column.1 += name,
            Cell::Name => column.1 += spare,
            Cell::State => column.1 += spare - name,
            _ => {}
        }
    }
    let mut x = left;
    let place = |(cell, width): (Cell, f32)| {
        let column = Column {
            cell,
            x: Rangef::new(x.round(), (x + width).round()),
        };
        x += width;
        column
    };
    shown.into_iter().map(place).collect()
}

/// The head of a column.
pub(super) fn head(cell: Cell, frames: &[Timeframe]) -> String {
    match cell {
        Cell::Name => t!("종목").to_owned(),
        Cell::Price => t!("현재가").to_owned(),
        Cell::Change => t!("등락").to_owned(),
        Cell::Percent => "%".to_owned(),
        Cell::Volume => t!("거래량").to_owned(),
        Cell::Alignment(i) => frames.get(i).map_or_else(String::new, |f| f.name()),
        Cell::Threshold => t!("성립가").to_owned(),
        Cell::State => t!("상태").to_owned(),
    }
}

/// Whether the column's text ends at its right edge.
pub(super) fn is_number(cell: Cell) -> bool {
    matches!(
        cell,
        Cell::Price | Cell::Change | Cell::Percent | Cell::Volume | Cell::Threshold
    )
}
