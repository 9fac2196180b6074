//! Forty stocks with a few days behind them, ready for the next print.

use std::sync::LazyLock;

use jeongbae::bars::{BarRules, Series};
use jeongbae::conditions::{Expr, Repeat, Rule, RuleStage, Scope, rule_key, tell_apart};
use jeongbae::domain::packed::PackedDay;
use jeongbae::domain::{
    Bar, Calendar, Candle, ClosingAuction, Day, Market as Venue, Minute, MinuteRow, Moment, Quote,
    Shares, StockCode, Timeframe, Won,
};
use jeongbae::engine::{
    Badge, Effect, EngineConfig, Event, GroupConfig, Loaded, MinutesWant, PageRows, QuotedMany,
    Registration, Remembered, Rows, State, StreamNews, Timed,
};

/// The stocks.
pub(crate) static CODES: LazyLock<Vec<StockCode>> = LazyLock::new(|| {
    (0..40)
        .filter_map(|i| StockCode::parse(&format!("{:06}", 100_000 + i * 10)))
        .collect()
});

const DAYS: usize = 12;
const BARS: BarRules = BarRules {
    auction: ClosingAuction::Fold,
    regular_session_only: true,
};

/// The engine at half past ten, everything loaded, and what the peer needs.
pub(crate) struct Desk {
    pub(crate) state: State,
    pub(crate) now: Moment,
    pub(crate) rules: Vec<Rule>,
    /// By stock and [`Timeframe::index`].
    pub(crate) series: Vec<Vec<Series>>,
    past: Vec<Vec<MinuteRow>>,
}

/// Rules on forming bars: alignments over many periods, crossings, prices above averages.
pub(crate) fn rules(count: usize) -> Vec<Rule> {
    let frames = [1, 3, 5, 10, 15, 30, 60].map(Timeframe::Minutes);
    let mut made: Vec<Rule> = (0..count)
        .map(|i| {
            let n = 3 + (i / 7) % 50;
            let (text, periods) = match i % 3 {
                0 => (
                    "alignment becomes bullish".to_owned(),
                    vec![n, n + 5, n + 20],
                ),
                1 => (format!("close crosses above ma{n}"), vec![5, 20]),
                _ => (format!("ma{n} crosses above ma{}", 2 * n), vec![5, 20]),
            };
            let timeframe = frames[i % frames.len()];
            let periods: Vec<u16> = periods.into_iter().map(|n| n as u16).collect();
            let expr = Expr::parse(&text).expect("a rule");
            let stage = RuleStage::Forming;
            let key = rule_key(&expr, timeframe, stage, &periods, BARS, Venue::Krx);
            Rule {
                hours: None,
                expires: None,
                name: format!("{i}").into(),
                scope: Scope::All,
                timeframe,
                expr,
                text: text.into(),
                stage,
                repeat: Repeat::OncePerBar,
                periods,
                key,
                manners: Default::default(),
            }
        })
        .collect();
    // Keys must differ; the names see to it.
    if count <= 200 {
        tell_apart(&mut made);
    } else {
        for (i, rule) in made.iter_mut().enumerate() {
            rule.key.0 = rule.key.0.wrapping_mul(31).wrapping_add(i as u64);
        }
    }
    made
}

impl Desk {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let day = Day::from_ymd(2026, 11, 20).expect("a day");
        let now = day.at(Minute::hm(10, 30)).plus_ms(20_000);
        let before = day.at(Minute::hm(10, 29)).plus_ms(20_000);
        let calendar = Calendar::new();
        let past: Vec<Vec<MinuteRow>> = (0..CODES.len()).map(|i| rows(i, day, &calendar)).collect();
        let config = EngineConfig {
            badge: Badge::Demo,
            market: Venue::Krx,
            bars: BARS,
            periods: vec![5, 20, 60].into(),
            columns: vec![Timeframe::Minutes(30)],
            groups: vec![GroupConfig {
                name: "all".into(),
                codes: CODES.clone(),
            }],
            rules: rules.clone(),
            written: Vec::new(),
            registrations: 82,
            quotes_per_call: 30,
            pages: PageRows {
                today: 30,
                dated: 120,
                period: 100,
            },
            requests_per_second: 18.0,
            open_days: false,
            interruptions: false,
            past_minutes: false,
            headless: true,
            market_fill: false,
            reach: Default::default(),
        };
        let mut out = Vec::new();
        let mut state = State::new(
            config,
            calendar.clone(),
            Remembered::default(),
            before,
            &mut out,
        );
        let list: Vec<Registration> = CODES
            .iter()
            .map(|&code| Registration {
                feed: jeongbae::engine::Feed::Prints,
                code,
            })
            .collect();
        state.apply(before, Event::Stream(StreamNews::Live), &mut out);
        for registration in list {
            let news = StreamNews::Confirmed(registration);
            state.apply(before, Event::Stream(news), &mut out);
        }
        let mut desk = Self {
            series: past
                .iter()
                .map(|rows| series(rows, day, &calendar))
                .collect(),
            state,
            now,
            rules,
            past,
        };
        desk.answer_all(before, out);
        let mut out = Vec::new();
        for second in (0..=12).map(|s| s * 250) {
            let at = day.at(Minute::hm(10, 30)).plus_ms(second);
            desk.state.apply(at, Event::Tick, &mut out);
        }
        desk.answer_all(now, out);
        let mut out = Vec::new();
        desk.state.apply(now, Event::Tick, &mut out);
        desk
    }

    fn answer_all(&mut self, at: Moment, mut effects: Vec<Effect>) {
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                if let Some(event) = self.answer(at, effect) {
                    self.state.apply(at, event, &mut next);
                }
            }
            effects = next;
        }
    }

    fn answer(&self, at: Moment, effect: Effect) -> Option<Event> {
        let index = |code: StockCode| CODES.iter().position(|c| *c == code);
        Some(match effect {
            Effect::LoadStock { code, .. } => {
                let rows = &self.past[index(code)?];
                let mut days: Vec<(Day, Vec<MinuteRow>)> = Vec::new();
                for row in rows.iter().filter(|row| row.day < at.day()) {
                    match days.last_mut().filter(|(day, ..)| *day == row.day) {
                        Some((_, of_day)) => of_day.push(*row),
                        None => days.push((row.day, vec![*row])),
                    }
                }
                Event::Loaded(Box::new(Loaded {
                    code: Some(code),
                    days: days
                        .iter()
                        .map(|(day, rows)| (*day, PackedDay::new(rows)))
                        .collect(),
                    ..Loaded::default()
                }))
            }
            Effect::FetchQuote { code, .. } => Event::Quoted {
                code,
                answer: Ok(timed(at, self.quote(code, index(code)?))),
            },
            Effect::FetchQuotes { codes, .. } => {
                let each = |&code: &StockCode| Some((code, Ok(self.quote(code, index(code)?))));
                Event::QuotedMany(Box::new(QuotedMany {
                    answer: Ok(timed(at, codes.iter().filter_map(each).collect())),
                    codes,
                }))
            }
            Effect::FetchMinutes { code, want, .. } => {
                let MinutesWant::Today { newest } = want else {
                    return None;
                };
                let wanted = |r: &&MinuteRow| r.day == at.day() && r.minute <= newest;
                let rows = self.past[index(code)?].iter().filter(wanted);
                Event::Minutes {
                    code,
                    want,
                    answer: Ok(timed(
                        at,
                        Rows {
                            name: None,
                            rows: rows.copied().collect(),
                        },
                    )),
                }
            }
            Effect::FetchPeriod {
                code,
                timeframe,
                to,
                ..
            } => Event::Period {
                code,
                timeframe,
                to,
                answer: Ok(timed(
                    at,
                    Rows {
                        name: None,
                        rows: Vec::new(),
                    },
                )),
            },
            Effect::Record { batch, .. } => Event::Recorded { batch, error: None },
            _ => return None,
        })
    }

    /// A frame at the last price and so many ticks up.
    pub(crate) fn frame(&self, volume: &mut [i64], stock: usize, step: i64) -> String {
        frame(volume, stock, self.price(stock, step), step * 100)
    }

    fn quote(&self, code: StockCode, stock: usize) -> Quote {
        let price = Won(self.price(stock, 0));
        Quote {
            code,
            price,
            change: Won(0),
            base: price,
            day_open: price,
            day_high: price,
            day_low: price,
            upper_limit: Won(0),
            lower_limit: Won(0),
            day_volume: Shares(0),
            day_value: 0,
            halted: Some(false),
            interrupted: Some(false),
        }
    }

    /// The last price, so many ticks up.
    fn price(&self, stock: usize, step: i64) -> i64 {
        self.past[stock].last().map_or(0, |row| row.candle.close) + step * 100
    }

    /// Shares traded so far, by stock.
    pub(crate) fn tape(&self) -> Vec<i64> {
        vec![1_000_000; CODES.len()]
    }
}

fn timed<T>(at: Moment, value: T) -> Timed<T> {
    Timed {
        value,
        sent: at,
        answered: at,
    }
}

/// An execution frame as the broker sends it.
fn frame(volume: &mut [i64], stock: usize, price: i64, change: i64) -> String {
    volume[stock] += 10;
    format!(
        "0|H0STCNT0|001|{}^103021^{price}^2^{change}^0.14^72023.83^{price}^{price}^{price}^{price}^{price}^10^{}^900000000^5105^6937^1832^101.02^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20261120^20^N^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^{price}",
        CODES[stock], volume[stock]
    )
}

/// Falling prices with some noise: whatever rises now is above many averages soon.
fn rows(stock: usize, today: Day, calendar: &Calendar) -> Vec<MinuteRow> {
    let mut state = 88_172_645_463_325_252_u64 ^ (stock as u64 * 7_919);
    let mut random = move |end: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % end) as i64
    };
    let mut days = calendar.open_days_before(today, DAYS);
    days.reverse();
    days.push(today);
    let mut close = 90_000;
    let mut rows = Vec::new();
    for day in days {
        let Some(hours) = calendar.hours(day, Venue::Krx) else {
            continue;
        };
        for minute in (hours.open.0..=hours.end().0).map(Minute) {
            let over = day < today || minute < Minute::hm(10, 30);
            if hours.contains(minute) && over {
                close = (close + 100 * (random(9) - 4) - 100 * random(11) / 10).max(52_000);
                rows.push(MinuteRow {
                    day,
                    minute,
                    candle: Candle {
                        volume: 100,
                        ..Candle::flat(close)
                    },
                });
            }
        }
    }
    rows
}

fn series(rows: &[MinuteRow], today: Day, calendar: &Calendar) -> Vec<Series> {
    Timeframe::ALL
        .iter()
        .map(|timeframe| {
            let Some(minutes) = timeframe.minutes() else {
                return Series::default();
            };
            let mut bars: Vec<Bar> = Vec::new();
            for number in today.number() - 40..=today.number() {
                let day = Day::from_number(number);
                let of_day: Vec<MinuteRow> =
                    rows.iter().filter(|r| r.day == day).copied().collect();
                if let Some(hours) = calendar.hours(day, Venue::Krx) {
                    let upto = if day == today {
                        Minute::hm(10, 30)
                    } else {
                        Minute(1_440)
                    };
                    let before = bars.last().map(|bar| bar.candle.close);
                    bars.extend(BARS.fold_day(&hours, day, minutes, &of_day, before, upto));
                }
            }
            Series::new(bars)
        })
        .collect()
}
