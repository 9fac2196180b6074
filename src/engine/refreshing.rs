//! The bars of a track, made of the rows held.

use crate::domain::{Bar, Minute, Moment, Timeframe};
use crate::engine::history::Sessions;
use crate::engine::stock::Stock;
use crate::engine::today::Today;

impl Stock {
    /// Brings a track up to date with the rows held.
    pub(super) fn refresh_track(&mut self, index: usize, now: Moment, sessions: &Sessions<'_>) {
        let timeframe = self.tracks[index].timeframe;
        let until = self.today.as_ref().map_or(Minute(0), Today::accepted_until);
        if self.tracks[index].older {
            self.add_older(index, now, sessions);
        }
        if self.tracks[index].dirty {
            let most = self.tracks[index].most();
            let base = match timeframe {
                Timeframe::Minutes(minutes) => {
                    self.history
                        .bars(sessions, now.day(), minutes, (None, most))
                }
                _ => self.period_base(timeframe, now.day(), sessions),
            };
            let previous = base.last().map(|bar| bar.candle.close);
            let today = self.today_bars(timeframe, previous, sessions, until);
            let reach = self.history.reach(sessions, now.day());
            self.tracks[index].replace(base, &today);
            self.tracks[index].joins = reach;
        } else {
            let previous = self.tracks[index].close_before_today();
            let today = self.today_bars(timeframe, previous, sessions, until);
            self.tracks[index].extend(&today);
        }
        self.refresh_provisional(index, now, sessions);
    }

    /// Puts the bars of older rows before those held: a page must not cost what all pages before
    /// it hold.
    fn add_older(&mut self, index: usize, now: Moment, sessions: &Sessions<'_>) {
        let track = &mut self.tracks[index];
        track.older = false;
        let Timeframe::Minutes(minutes) = track.timeframe else {
            return;
        };
        if track.dirty || track.has_let_go() || track.most() <= track.base {
            return;
        }
        let Some(joins) = track.joins else {
            // Nothing but a part of a day, whose end may have changed: made anew.
            track.dirty = true;
            return;
        };
        // Those of `joins` are made anew, in place of those held.
        let anew = track.upto(joins);
        let lacking = (track.most() - track.base).saturating_add(anew);
        let bars = self
            .history
            .bars(sessions, now.day(), minutes, (Some(joins), lacking));
        let reach = self.history.reach(sessions, now.day());
        let track = &mut self.tracks[index];
        track.put_before(joins, bars);
        track.joins = reach;
    }

    /// Makes the bars anew whose time is over but whose rows are not here. One without a print
    /// is shown only if its prints would have been seen.
    pub(super) fn refresh_provisional(
        &mut self,
        index: usize,
        now: Moment,
        sessions: &Sessions<'_>,
    ) {
        let Some(today) = self.today.as_ref().filter(|today| today.day == now.day()) else {
            self.tracks[index].provisional = Vec::new();
            return;
        };
        let track = &self.tracks[index];
        let newest = track.series.last().map(|bar| bar.opened);
        let open = track.slot.map(|slot| slot.opened);
        let upto = sessions.bars.day_end(&today.hours).min(now.minute());
        if upto <= today.accepted_until() || track.dirty {
            self.tracks[index].provisional = Vec::new();
            return;
        }
        let all = self.today_bars(track.timeframe, track.close_before_today(), sessions, upto);
        let seen = self.feed.heard_since(today.day);
        let known = |bar: &Bar| !bar.synthetic || seen.is_some_and(|since| since <= bar.opened);
        let waits =
            |bar: &&Bar| newest < Some(bar.opened) && open != Some(bar.opened) && known(bar);
        // Copied: collected from the bars themselves, one of them would keep the room of all of
        // a day.
        self.tracks[index].provisional = all.iter().filter(waits).copied().collect();
    }
}

#[cfg(test)]
#[path = "refreshing_tests.rs"]
mod tests;
