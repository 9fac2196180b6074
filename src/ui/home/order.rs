//! The order of the rows: the user's own, or by a column. Prices never move a row: a sorted
//! list keeps the order it had at the click.

use crate::domain::StockCode;
use crate::engine::{Freshness, Row, Snapshot};
use crate::indicators::Alignment;

use super::columns::Cell;

/// A sorted list.
pub(super) struct Sort {
    cell: Cell,
    falling: bool,
    order: Vec<StockCode>,
}

impl Sort {
    /// What a click on a head makes of the order: the column's natural direction, then the
    /// other one, then the user's own order.
    pub(super) fn click(old: Option<&Self>, cell: Cell, snapshot: &Snapshot) -> Option<Self> {
        let first = falls_first(cell);
        let falling = match old.filter(|sort| sort.cell == cell) {
            None => first,
            Some(sort) if sort.falling == first => !first,
            Some(_) => return None,
        };
        let mut keyed: Vec<(Key, StockCode)> = snapshot
            .rows
            .iter()
            .filter_map(|row| Some((key(row, cell)?, row.code)))
            .collect();
        keyed.sort_by(|a, b| match falling {
            true => b.0.cmp(&a.0),
            false => a.0.cmp(&b.0),
        });
        let mut order: Vec<StockCode> = keyed.into_iter().map(|(_, code)| code).collect();
        // What has no value comes last, whatever the direction.
        let without = snapshot.rows.iter().filter(|row| key(row, cell).is_none());
        order.extend(without.map(|row| row.code));
        Some(Self {
            cell,
            falling,
            order,
        })
    }

    /// Puts rows into the order of the click; stocks added since come last.
    pub(super) fn apply(&self, rows: &mut [&Row]) {
        rows.sort_by_key(|row| {
            let place = self.order.iter().position(|&code| code == row.code);
            place.unwrap_or(usize::MAX)
        });
    }

    /// Whether the column is the one sorted by, and whether the largest comes first.
    pub(super) fn direction(&self, cell: Cell) -> Option<bool> {
        (self.cell == cell).then_some(self.falling)
    }
}

/// Large numbers are what one looks for; names and distances are read from the front.
fn falls_first(cell: Cell) -> bool {
    !matches!(cell, Cell::Name | Cell::Threshold | Cell::State)
}

type Key = (i64, i64, String);

fn key(row: &Row, cell: Cell) -> Option<Key> {
    let number = |n: i64| Some((n, 0, String::new()));
    let quote = row.quote.as_ref();
    match cell {
        Cell::Name => Some((0, 0, row.name.to_string())),
        Cell::Price => number(quote?.price.0),
        Cell::Change => number(quote?.change.0),
        Cell::Percent => number(quote?.change_basis_points()?),
        Cell::Volume => number(quote?.volume.0),
        Cell::Alignment(i) => {
            let cell = row.alignments.get(i)?;
            let rank = match cell.state {
                Alignment::Bullish => 2,
                Alignment::Mixed => 1,
                Alignment::Bearish => 0,
                Alignment::Unknown => return None,
            };
            // The newest first within a state.
            Some((rank, -i64::from(cell.age), String::new()))
        }
        Cell::Threshold => {
            let threshold = row.threshold.as_ref()?;
            match (threshold.holds, threshold.distance) {
                (true, _) => Some((0, 0, String::new())),
                (false, distance) => Some((1, distance?.abs(), String::new())),
            }
        }
        Cell::State => number(match (&row.trouble, &row.pending, quote) {
            (Some(_), _, _) => 0,
            (None, Some(_), _) => 1,
            (None, None, None) => 2,
            (None, None, Some(q)) => match q.freshness {
                Freshness::Stale => 3,
                Freshness::Cut => 4,
                Freshness::Polled => 5,
                Freshness::Live => 6,
            },
        }),
    }
}
