//! What a session leaves behind and no judgement needs any more: it goes, so that the program is
//! no larger at the end of a day than in the middle of it.

use crate::domain::StockCode;
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::engine::track::Track;

impl State {
    /// Lets bars go that were judged and lie further back than any rule of the stock looks, and
    /// the notes on whose close was watched.
    pub(super) fn let_judged_go(&mut self, code: StockCode) {
        let Some(stock) = self.stocks.get(&code) else {
            return;
        };
        let go = |(at, track)| Some((at, self.first_asked_for(stock, track)?));
        let tracks = stock.tracks.iter().enumerate();
        let firsts: Vec<(usize, usize)> = tracks
            .filter(|(_, track)| track.may_let_go())
            .filter_map(go)
            .collect();
        let unjudged = |&(timeframe, opened): &_| {
            stock.rules.iter().any(|state| {
                let rule = &self.rules[state.rule];
                let mark = self.book.mark(rule.key, code);
                rule.timeframe == timeframe && mark.is_some_and(|mark| mark.bar < opened)
            })
        };
        let watched = stock.watched.iter().filter(|entry| unjudged(entry));
        let watched = watched.copied().collect();
        if let Some(stock) = self.stocks.get_mut(&code) {
            stock.watched = watched;
            for (at, first) in firsts {
                stock.tracks[at].let_go(first);
            }
        }
    }

    /// The first bar of a track that a rule may still ask for: what it names of the bars before
    /// the first that is not judged. `None` where that is not known.
    fn first_asked_for(&self, stock: &Stock, track: &Track) -> Option<usize> {
        let sessions = Self::sessions(&self.config, &self.calendar);
        let mut first = track.series.len();
        for state in &stock.rules {
            let rule = &self.rules[state.rule];
            let mark = self.book.mark(rule.key, stock.code)?;
            let bars = stock.track(rule.timeframe)?.series.bars();
            // The newest judged one: a baseline is looked at, too.
            let judged = bars.partition_point(|bar| bar.opened <= mark.bar);
            let judged = judged.saturating_sub(1);
            if rule.timeframe == track.timeframe {
                first = first.min(judged.saturating_sub(rule.expr.need(&rule.periods)));
            }
            for (timeframe, need) in rule.expr.needs_elsewhere(&rule.periods) {
                if timeframe == track.timeframe {
                    let end = sessions.bar_end(rule.timeframe, bars.get(judged)?.opened);
                    let closed = sessions.closed_by(timeframe, &track.series, end);
                    first = first.min(closed.saturating_sub(need));
                }
            }
        }
        Some(first)
    }
}
