//! Minute rows into bars.

use crate::domain::{Bar, Candle, Day, Minute, MinuteRow, SessionHours};

use super::{BarRules, Slot};

impl BarRules {
    /// The closed bars of one day: those whose slot ends at `upto` or before.
    ///
    /// `rows` are ascending; rows of other days, fillers (volume 0) and rows that count for no
    /// bar are passed over. As soon as the day has a trade anywhere in `rows`, every regular
    /// slot has a bar: one without a trade is flat at the close before it, marked synthetic.
    /// Where there is no close before it either (`previous_close` is `None`, a new listing),
    /// the bars begin with the first trade. Outside the session only bars with a trade exist.
    /// A day without a trade has no bars.
    pub fn fold_day(
        &self,
        hours: &SessionHours,
        day: Day,
        timeframe_minutes: u16,
        rows: &[MinuteRow],
        previous_close: Option<i64>,
        upto: Minute,
    ) -> Vec<Bar> {
        let slot_of = |row: &MinuteRow| self.slot_of(hours, timeframe_minutes, row.minute);
        let mut trades = trades(rows, day)
            .filter_map(|row| Some((slot_of(row)?, row.candle)))
            .peekable();
        if trades.peek().is_none() {
            return Vec::new();
        }
        let mut close = previous_close;
        let mut bars = Vec::new();
        for slot in self.slots(hours, timeframe_minutes) {
            if upto < slot.end {
                break;
            }
            let mut candle: Option<Candle> = None;
            while let Some((place, later)) = trades.next_if(|(place, _)| place.open <= slot.open) {
                // A row out of order is passed over, so that it cannot hold up the others.
                if place == slot {
                    join(&mut candle, &later);
                }
            }
            let bar = bar_of(day, slot, candle, close);
            close = bar.map_or(close, |b| Some(b.candle.close));
            bars.extend(bar);
        }
        bars
    }

    /// The day's own candle, of the rows that count; `None` without a trade. With
    /// [`BarRules::regular_session_only`] its close is the auction's price once its row is
    /// there.
    pub fn fold_session(
        &self,
        hours: &SessionHours,
        day: Day,
        rows: &[MinuteRow],
    ) -> Option<Candle> {
        let mut candle = None;
        for row in trades(rows, day).filter(|row| self.slot_of(hours, 1, row.minute).is_some()) {
            join(&mut candle, &row.candle);
        }
        candle
    }
}

/// The rows of `day` in which something traded.
fn trades(rows: &[MinuteRow], day: Day) -> impl Iterator<Item = &MinuteRow> {
    rows.iter()
        .filter(move |row| row.day == day && 0 < row.candle.volume)
}

fn join(candle: &mut Option<Candle>, later: &Candle) {
    match candle {
        Some(candle) => candle.absorb(later),
        None => *candle = Some(*later),
    }
}

fn bar_of(day: Day, slot: Slot, candle: Option<Candle>, close_before: Option<i64>) -> Option<Bar> {
    let flat = || close_before.filter(|_| slot.regular).map(Candle::flat);
    Some(Bar {
        opened: day.at(slot.open),
        synthetic: candle.is_none(),
        candle: candle.or_else(flat)?,
    })
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
