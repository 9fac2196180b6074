//! The picture of the state that the screen shows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::conditions::{Threshold, Verdict};
use crate::domain::{Moment, StockCode, Timeframe};
use crate::engine::link::worth_a_word;
use crate::engine::phase::phase_at;
use crate::engine::snapshot::{
    AlignmentCell, ChartState, ChartView, Freshness, GroupView, Marker, OlderBars, Part, QuoteView,
    RestView, Row, Snapshot, StockView, ThresholdCell, Watching,
};
use crate::engine::state::State;
use crate::engine::stock::{RuleState, Stock, Window};
use crate::engine::ticking::OVERDUE_MS;
use crate::indicators::{Alignment, alignment_age, alignment_at};

/// Signals in the list.
pub(super) const LISTED: usize = 500;

impl State {
    /// The picture now. `made` is the machine's steady clock, for the heartbeat.
    pub fn snapshot(&mut self, made: Instant) -> Snapshot {
        self.seq += 1;
        self.refresh_windows();
        let codes = self.config.watched();
        let rows = codes
            .iter()
            .filter_map(|code| Some(self.row(self.stocks.get(code)?)))
            .collect();
        let places: BTreeMap<StockCode, usize> = codes
            .iter()
            .enumerate()
            .map(|(at, code)| (*code, at))
            .collect();
        let at = |code: &StockCode| places.get(code).copied();
        let groups = self
            .config
            .groups
            .iter()
            .map(|group| GroupView {
                name: group.name.clone(),
                rows: group.codes.iter().filter_map(at).collect(),
            })
            .collect();
        let unread = self.book.told().filter(|s| !s.seen).count();
        let stocks: BTreeMap<StockCode, Arc<StockView>> = self
            .stocks
            .values()
            .filter_map(|stock| Some((stock.code, stock.window.as_ref()?.view.clone()?)))
            .collect();
        let phase = phase_at(&self.calendar, self.config.market, self.now);
        Snapshot {
            clock_offset_ms: worth_a_word(self.rest.clock_offset_ms),
            seq: self.seq,
            now: self.now,
            made,
            badge: self.config.badge,
            phase,
            calendar: self.calendar.clone(),
            market_of_bars: self.config.market,
            link: self.link_view(phase),
            rest: RestView {
                registrations: self.confirmed.len(),
                prints: self.prints,
                ..self.rest.clone()
            },
            index: self.names.index.clone(),
            groups,
            rows,
            columns: self.config.columns.clone(),
            periods: self.config.periods.clone(),
            rules: self.rule_views(),
            preview: self.preview_view(),
            backtest: self.backtest_view(),
            signals: self.book.newest(),
            unread,
            late: self.late.view(),
            watching: self.watching(),
            takeover: self.takeovers.current(),
            takeovers_waiting: self.takeovers.waiting(),
            notices: self.notices.list().to_vec(),
            muted: self.takeovers.muted,
            market: self.whole_market.view(),
            reach: self.reach_view(),
            stocks,
        }
    }

    /// Stocks whose window has news since the last picture.
    pub fn windows_with_news(&self) -> Vec<StockCode> {
        let news = |stock: &&Stock| stock.window.as_ref().is_some_and(|window| window.dirty);
        self.stocks
            .values()
            .filter(news)
            .map(|stock| stock.code)
            .collect()
    }

    fn watching(&self) -> Watching {
        let mut timeframes: Vec<Timeframe> = self.rules.iter().map(|r| r.timeframe).collect();
        timeframes.sort();
        timeframes.dedup();
        let ruled = |stock: &&Stock| !stock.rules.is_empty();
        let next = |stock: &Stock| {
            let open = stock
                .tracks
                .iter()
                .filter(|t| t.ruled)
                .filter_map(|t| t.slot);
            open.filter(|slot| !slot.goes_on).map(|slot| slot.end).min()
        };
        Watching {
            stocks: self.stocks.values().filter(ruled).count(),
            timeframes,
            rules: self.rules.len(),
            last_judged: self.last_judged,
            overdue: self
                .stocks
                .values()
                .filter(|s| self.overdue(s).is_some())
                .count(),
            missed: self.missed,
            polled: self.polls.stocks(),
            poll_bound_ms: self.polls.bound_ms(),
            next_close: self.stocks.values().filter_map(next).min(),
        }
    }

    /// Since when a judgement of the stock is overdue.
    fn overdue(&self, stock: &Stock) -> Option<Moment> {
        let planned = |end: Moment| end.plus_ms(super::today::SETTLE_MS);
        stock
            .closes
            .iter()
            .filter(|close| close.ruled)
            .map(|close| planned(close.slot.end))
            .chain(self.unscaled(stock).map(planned))
            .filter(|at| OVERDUE_MS < self.now.ms_since(*at))
            .min()
    }

    /// When the first bar closed whose rows are here but which cannot be judged, because nobody
    /// knows yet whether the stock's prices are still of the old scale.
    fn unscaled(&self, stock: &Stock) -> Option<Moment> {
        if self.knows_scale(stock) {
            return None;
        }
        let unjudged = |state: &RuleState| {
            let rule = &self.rules[state.rule];
            let mark = self.book.mark(rule.key, stock.code)?;
            let bars = stock.track(rule.timeframe)?.series.bars();
            let first = bars.partition_point(|bar| bar.opened <= mark.bar);
            Some(self.bar_end(rule.timeframe, bars.get(first)?.opened))
        };
        stock.rules.iter().filter_map(unjudged).min()
    }

    fn quote_of(&self, stock: &Stock) -> Option<QuoteView> {
        let mut quote = stock.quote?;
        quote.interrupted = stock.interruption.now(self.now);
        if quote.freshness == Freshness::Live
            && stock.feed.complete_since.is_none()
            && self.link.is_due()
        {
            quote.freshness = Freshness::Stale;
        }
        if matches!(quote.freshness, Freshness::Polled | Freshness::Cut) && self.link.is_due() {
            let old = self.polls.bound_ms() < self.now.ms_since(quote.at);
            quote.freshness = match stock.feed.complete_since {
                // Every print since would have been seen: silence says that it is still true.
                Some(since) if since <= quote.at => Freshness::Live,
                None if old => Freshness::Stale,
                Some(_) | None => quote.freshness,
            };
        }
        Some(quote)
    }

    fn row(&self, stock: &Stock) -> Row {
        let longest = self.config.periods.last().map_or(0, |&n| u32::from(n));
        let cell = |&timeframe: &Timeframe| {
            let Some(track) = stock.track(timeframe) else {
                return AlignmentCell {
                    timeframe,
                    state: Alignment::Unknown,
                    age: 0,
                    have: 0,
                    need: longest,
                };
            };
            let series = &track.series;
            let state = match series.len().checked_sub(1) {
                Some(newest) => alignment_at(series, newest, &self.config.periods),
                None => Alignment::Unknown,
            };
            AlignmentCell {
                timeframe,
                state,
                age: alignment_age(series, &self.config.periods),
                have: u32::try_from(series.len()).unwrap_or(u32::MAX),
                need: longest,
            }
        };
        let pending = self.overdue(stock).map(|since| {
            let seconds = self.now.ms_since(since) / 1_000;
            let why = match stock.chart_trouble {
                Some(_) => said!("분봉을 다시 받는 중"),
                None if stock.closes.is_empty() => said!("오늘의 기준가를 기다리는 중"),
                None => said!("분봉을 기다리는 중"),
            };
            said!(
                "판정 지연 %{seconds}초: %{why}",
                seconds = seconds.to_string(),
                why = why
            )
        });
        Row {
            code: stock.code,
            name: stock.name.clone(),
            remarks: self.names.remarks(stock.code),
            quote: self.quote_of(stock),
            alignments: self.config.columns.iter().map(cell).collect(),
            threshold: self.threshold(stock, None),
            ring: stock.ring,
            pending,
            trouble: stock.trouble.as_ref().or(stock.passing.as_ref()).cloned(),
        }
    }

    /// 성립가 of the rule nearest to firing, on one timeframe or on any.
    fn threshold(&self, stock: &Stock, only: Option<Timeframe>) -> Option<ThresholdCell> {
        let quote = stock.quote;
        let limits = quote
            .filter(|q| 0 < q.upper_limit.0)
            .map(|q| (q.lower_limit, q.upper_limit));
        let cells = stock.rules.iter().filter_map(|state| {
            let rule = &self.rules[state.rule];
            if only.is_some_and(|timeframe| timeframe != rule.timeframe) {
                return None;
            }
            let price = stock.threshold_of(rule, limits);
            let distance = match (price, quote) {
                (Threshold::Above(at) | Threshold::Below(at), Some(quote)) if 0 < quote.price.0 => {
                    Some((at.0 - quote.price.0) * 10_000 / quote.price.0)
                }
                _ => None,
            };
            let holds = stock.holds_now(rule) == Verdict::True;
            Some(ThresholdCell {
                rule: rule.name.clone(),
                timeframe: rule.timeframe,
                price,
                distance,
                holds,
            })
        });
        cells.min_by_key(|cell| {
            let far = cell.distance.map_or(i64::MAX, i64::abs);
            (!cell.holds, far)
        })
    }

    fn refresh_windows(&mut self) {
        let due: Vec<StockCode> = self.windows_with_news();
        for code in due {
            let Some(mut stock) = self.stocks.remove(&code) else {
                continue;
            };
            if let Some(mut window) = stock.window.take() {
                window.dirty = false;
                window.view = Some(Arc::new(self.view(&stock, &window)));
                let older = stock
                    .track(window.timeframe)
                    .is_some_and(|t| t.series.len() < t.need);
                window.loading_older &= older;
                stock.window = Some(window);
            }
            self.stocks.insert(code, stock);
        }
    }

    fn view(&self, stock: &Stock, window: &Window) -> StockView {
        let timeframe = window.timeframe;
        let markers = self
            .book
            .told()
            .filter(|s| s.key.code == stock.code && s.key.timeframe == timeframe)
            .map(|s| Marker {
                key: s.key,
                stage: s.stage,
                seen: s.seen,
                at: s.at,
            })
            .collect::<Vec<_>>();
        let prints = match (&window.prints, window.lines.is_empty()) {
            (Part::Failed(trouble), true) => Part::Failed(trouble.clone()),
            (Part::Loading, true) => Part::Loading,
            (known, _) => {
                let at = match known {
                    Part::Ready { at, .. } => *at,
                    Part::Loading | Part::Failed(_) => self.now,
                };
                let lines = Arc::new(window.lines.iter().copied().collect::<Vec<_>>());
                let live = stock.feed.complete_since.is_some();
                Part::Ready {
                    value: lines,
                    at,
                    live,
                }
            }
        };
        StockView {
            code: stock.code,
            name: stock.name.clone(),
            remarks: self.names.remarks(stock.code),
            now: self.now,
            badge: self.config.badge,
            venue: self.config.market,
            quote: self.quote_of(stock),
            timeframe,
            periods: self.config.periods.clone(),
            chart: self.chart(stock, window),
            markers,
            tested: self.tested_bars(stock.code, timeframe),
            focus: window.focus,
            threshold: self.threshold(stock, Some(timeframe)),
            nextrade: self.names.nextrade(stock.code),
            book: window.book.clone(),
            prints,
            strength: window.strength,
        }
    }

    fn chart(&self, stock: &Stock, window: &Window) -> ChartView {
        let longest = self.config.periods.last().map_or(0, |&n| usize::from(n));
        let track = stock.track(window.timeframe);
        let (have, need) = track.map_or((0, 0), |t| (t.series.len(), t.need));
        let minutes = window.timeframe.minutes();
        let (ended, busy) = match minutes {
            Some(_) => (stock.history.ended, stock.history.busy),
            None => (
                stock.period(window.timeframe).ended,
                stock.period(window.timeframe).busy,
            ),
        };
        let older = match (ended, busy || have < need) {
            (true, _) => OlderBars::End,
            (false, true) => OlderBars::Loading,
            (false, false) => OlderBars::Available,
        };
        let sessions = Self::sessions(&self.config, &self.calendar);
        let empty =
            have == 0 && track.is_none_or(|t| t.forming.is_none() && t.provisional.is_empty());
        let state = match (track, empty) {
            (Some(track), false) => ChartState::Ready {
                series: stock.series_for_screen(track, &sessions),
                forming: track.forming,
                trouble: stock.chart_trouble.clone(),
            },
            _ => match (&stock.chart_trouble, &stock.trouble) {
                (Some(trouble), _) | (None, Some(trouble)) => ChartState::Failed(trouble.clone()),
                (None, None) if ended && stock.loaded && !busy => {
                    ChartState::Failed(Arc::new(super::snapshot::Trouble {
                        what: said!("표시할 봉이 없습니다"),
                        why: said!("증권사가 이 종목의 지난 봉을 주지 않습니다"),
                        next: said!("체결이 일어나면 그때부터 봉을 그립니다"),
                        code: None,
                    }))
                }
                (None, None) => {
                    let pages = self.config.pages;
                    let planned = match minutes {
                        Some(minutes) => (need * usize::from(minutes)).div_ceil(pages.dated),
                        None => need.div_ceil(pages.period),
                    };
                    ChartState::Loading {
                        done: stock.history.pages.min(planned),
                        planned,
                    }
                }
            },
        };
        ChartView {
            state,
            older,
            need: longest,
            gaps: track.map_or(Arc::new([]), |t| {
                stock.gaps(t, (self.started, self.now), &sessions)
            }),
        }
    }
}
