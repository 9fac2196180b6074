//! What is shown as text for a spreadsheet: cells between tabs, numbers without separators.

use egui::Ui;

use crate::domain::Timeframe;
use crate::engine::{MarketRow, Row, Snapshot};

use crate::ui::keys::{self, Act};
use crate::ui::{format, words};

use super::matrix::short;
use super::row::{state_text, threshold_text};

/// Whether the user asked for the whole list, with a key.
pub(super) fn asked(ui: &Ui) -> bool {
    let ctx = ui.ctx();
    !ctx.text_edit_focused() && ctx.input_mut(|i| keys::pressed(i, Act::CopyList))
}

/// One row of the watchlist.
pub(super) fn row_as_text(row: &Row, snapshot: &Snapshot) -> String {
    let mut cells = vec![row.code.to_string(), row.name.to_string()];
    match &row.quote {
        Some(q) => {
            let percent = q.change_basis_points().map(format::percent);
            cells.extend([q.price.0.to_string(), q.change.0.to_string()]);
            cells.extend([percent.unwrap_or_default(), q.volume.0.to_string()]);
        }
        None => cells.extend([const { String::new() }; 4]),
    }
    let known = row.alignments.iter().take(snapshot.columns.len());
    cells.extend(known.map(words::alignment_cell));
    let threshold = row.threshold.as_ref().map(threshold_text);
    let (price, distance) = threshold.unwrap_or_default();
    cells.extend([price.replace(',', ""), distance]);
    cells.push(state_text(row, snapshot).0);
    line(cells)
}

/// These rows of the watchlist below their heads.
pub(super) fn list_as_text(rows: &[&Row], snapshot: &Snapshot) -> String {
    let heads = [
        t!("종목코드"),
        t!("종목명"),
        t!("현재가"),
        t!("등락"),
        "%",
        t!("거래량"),
    ];
    let heads = heads.map(str::to_owned).into_iter();
    let heads = heads.chain(names(&snapshot.columns));
    let ends = [t!("성립가"), t!("거리"), t!("상태")].map(str::to_owned);
    let heads = line(heads.chain(ends));
    below(heads, rows.iter().map(|row| row_as_text(row, snapshot)))
}

/// These rows of the matrix of alignments below their heads.
pub(super) fn matrix_as_text(rows: &[&Row], snapshot: &Snapshot) -> String {
    let heads = [t!("종목코드"), t!("종목명")].map(str::to_owned);
    let heads = line(heads.into_iter().chain(names(&snapshot.columns)));
    let row = |row: &&Row| {
        let cells = [row.code.to_string(), row.name.to_string()];
        let known = row.alignments.iter().take(snapshot.columns.len());
        line(cells.into_iter().chain(known.map(short)))
    };
    below(heads, rows.iter().map(row))
}

/// These rows of the whole market below their heads.
pub(super) fn market_as_text<'a>(rows: impl Iterator<Item = &'a MarketRow>) -> String {
    let heads = [
        t!("종목코드"),
        t!("종목명"),
        t!("시장" in "exchange"),
        t!("종가"),
        "%",
        t!("배열"),
        t!("일수"),
    ];
    let row = |row: &MarketRow| {
        line([
            row.code.to_string(),
            row.name.to_string(),
            row.board.as_str().to_owned(),
            row.close.0.to_string(),
            row.change_basis_points
                .map_or_else(String::new, format::percent),
            words::alignment(row.state).to_owned(),
            row.age.to_string(),
        ])
    };
    below(line(heads.map(str::to_owned)), rows.map(row))
}

fn names(frames: &[Timeframe]) -> impl Iterator<Item = String> {
    frames.iter().map(|frame| frame.name())
}

/// A tab or a line end within a cell would be taken for one between cells.
fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells
        .into_iter()
        .map(|cell| cell.replace(['\t', '\n', '\r'], " "))
        .collect();
    cells.join("\t")
}

fn below(heads: String, rows: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = std::iter::once(heads).chain(rows).collect();
    lines.join("\n")
}
