//! Hand-made pictures of the engine for the tests of the screen. No price in here is real.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test file uses its own part"
)]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod drive;

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jeongbae::bars::Series;
use jeongbae::conditions::Threshold;
use jeongbae::domain::{
    Bar, Candle, Day, LEVELS, Level, Listing, Market, Minute, Moment, OrderBook, RuleKey, Shares,
    Side, Signal, SignalKey, Source, Stage, StockCode, Timeframe, Won, tick_size,
};
use jeongbae::engine::{
    AlignmentCell, Badge, ChartState, ChartView, Command, Freshness, GroupView, Link, LinkState,
    MarketPhase, Notice, OlderBars, Part, PrintLine, QuoteView, ReachView, RestView, Ring, Row,
    Snapshot, StockView, ThresholdCell, Trouble, Watching,
};
use jeongbae::indicators::Alignment;
use jeongbae::search::Index;
use jeongbae::ui::{Bridge, Export, KeyNews, KeyWish, Saved};

pub use drive::*;

/// A background that keeps what the screen sends.
pub struct Fake {
    pub snapshot: Mutex<Arc<Snapshot>>,
    pub sent: Mutex<Vec<Command>>,
    pub deaf: std::sync::atomic::AtomicBool,
    pub saved: Mutex<Vec<Export>>,
    /// What was wished of keys, with the way to tell what becomes of it.
    pub wished: Mutex<Vec<(KeyWish, std::sync::mpsc::Sender<KeyNews>)>>,
}

impl Fake {
    pub fn new(snapshot: Snapshot) -> Arc<Self> {
        Arc::new(Self {
            snapshot: Mutex::new(Arc::new(snapshot)),
            sent: Mutex::default(),
            deaf: false.into(),
            saved: Mutex::default(),
            wished: Mutex::default(),
        })
    }

    /// Changes the picture.
    pub fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut guard = self.snapshot.lock().unwrap();
        let mut next = (**guard).clone();
        next.seq += 1;
        next.made = fresh();
        change(&mut next);
        *guard = Arc::new(next);
    }

    /// Changes the picture of one stock's window.
    pub fn change_stock(&self, code: StockCode, change: impl FnOnce(&mut StockView)) {
        self.change(|s| {
            let mut view = (*s.stocks[&code]).clone();
            change(&mut view);
            s.stocks.insert(code, Arc::new(view));
        });
    }

    /// What has been sent, in order.
    pub fn sent(&self) -> Vec<Command> {
        self.sent.lock().unwrap().clone()
    }
}

impl Bridge for Fake {
    fn latest(&self) -> Arc<Snapshot> {
        self.snapshot.lock().unwrap().clone()
    }

    fn send(&self, command: Command) -> bool {
        if self.deaf.load(std::sync::atomic::Ordering::Relaxed) {
            return false;
        }
        self.sent.lock().unwrap().push(command);
        true
    }

    fn save(&self, export: Export) -> Receiver<Saved> {
        let (sender, receiver) = std::sync::mpsc::channel();
        sender
            .send(Ok(format!("/내려받기/{}", export.name)))
            .unwrap();
        self.saved.lock().unwrap().push(export);
        receiver
    }

    fn load(&self, path: std::path::PathBuf) -> Receiver<Result<String, String>> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let read = std::fs::read_to_string(path).map_err(|e| e.to_string());
        sender.send(read).unwrap();
        receiver
    }

    fn keys(&self, wish: KeyWish) -> Receiver<KeyNews> {
        let (sender, receiver) = std::sync::mpsc::channel();
        self.wished.lock().unwrap().push((wish, sender));
        receiver
    }
}

pub fn code(text: &str) -> StockCode {
    StockCode::parse(text).unwrap()
}

pub fn now() -> Moment {
    Moment::on(Day::from_ymd(2026, 11, 20).unwrap(), 38_537)
}

pub fn quote(price: i64, base: i64) -> QuoteView {
    QuoteView {
        price: Won(price),
        change: Won(price - base),
        base: Won(base),
        open: Won(base),
        high: Won(price.max(base) + tick_size(Won(base)) * 4),
        low: Won(price.min(base) - tick_size(Won(base)) * 3),
        upper_limit: Won(base * 13 / 10 / 100 * 100),
        lower_limit: Won(base * 7 / 10 / 100 * 100),
        volume: Shares(12_345_678 * 1_000 / base.max(1) + 4_321),
        value: 0,
        at: now(),
        freshness: Freshness::Live,
        off_hours: false,
        halted: false,
        interrupted: None,
    }
}

pub fn cell(timeframe: Timeframe, state: Alignment, age: u32) -> AlignmentCell {
    AlignmentCell {
        timeframe,
        state,
        age,
        have: 500,
        need: 240,
    }
}

/// The sections of the settings, the one that stands open at first last.
pub const SECTIONS: [&str; 7] = [
    "봉·평균",
    "API 키",
    "한도",
    "시스템",
    "정보",
    "알림",
    "화면",
];

pub const STOCKS: [(&str, &str, i64, i64); 12] = [
    ("005930", "삼성전자", 71_400, 70_200),
    ("000660", "SK하이닉스", 198_500, 201_000),
    ("035420", "NAVER", 182_300, 182_300),
    ("035720", "카카오", 48_150, 47_600),
    ("373220", "LG에너지솔루션", 412_500, 405_000),
    ("005380", "현대차", 243_000, 246_500),
    ("068270", "셀트리온", 187_900, 186_200),
    ("105560", "KB금융", 84_700, 84_100),
    ("005490", "POSCO홀딩스", 352_000, 361_500),
    ("051910", "LG화학", 318_500, 316_000),
    ("247540", "에코프로비엠", 171_900, 165_400),
    ("0126Z0", "삼성에피스홀딩스", 389_000, 299_500),
];

pub fn row(i: usize) -> Row {
    let (c, name, price, base) = STOCKS[i];
    let states = [Alignment::Bullish, Alignment::Mixed, Alignment::Bearish];
    let columns = [
        Timeframe::Minutes(30),
        Timeframe::Minutes(60),
        Timeframe::Day,
    ];
    let alignments = columns
        .into_iter()
        .enumerate()
        .map(|(k, t)| cell(t, states[(i + k) % 3], (i * 3 + k * 7 + 3) as u32))
        .collect();
    Row {
        code: code(c),
        name: name.into(),
        remarks: vec![],
        quote: Some(quote(price, base)),
        alignments,
        threshold: Some(ThresholdCell {
            rule: "30분 정배열".into(),
            timeframe: Timeframe::Minutes(30),
            price: Threshold::Above(Won(price + tick_size(Won(price)))),
            distance: Some(14 + i as i64 * 3),
            holds: false,
        }),
        ring: Ring::Quiet,
        pending: None,
        trouble: None,
    }
}

pub fn key(c: &str, bar: i64) -> SignalKey {
    SignalKey {
        rule: RuleKey(7),
        code: code(c),
        timeframe: Timeframe::Minutes(30),
        bar: now().day().at(Minute::hm(9, 0)).plus_secs(bar * 1_800),
    }
}

pub fn signal(c: &str, name: &str, bar: i64, stage: Stage) -> Arc<Signal> {
    let key = key(c, bar);
    let end = key.bar.plus_secs(1_800);
    Arc::new(Signal {
        key,
        stage,
        rule_name: "30분 정배열로 바뀜".into(),
        rule_text: "alignment becomes bullish".into(),
        stock_name: name.into(),
        price: 71_400,
        averages: vec![
            (20, "71120.5000".into()),
            (60, "70912.3333".into()),
            (120, "70804.1250".into()),
            (240, "70655.0000".into()),
        ],
        source: Source::Rest,
        at: end.plus_ms(2_412),
        bar_end: end,
        rows_asked: Some((end.plus_ms(2_010), end.plus_ms(2_300))),
        reason: (stage == Stage::Withdrawn).then(|| "종가에서 조건이 풀렸습니다".into()),
        shown: None,
        seen: stage == Stage::Withdrawn,
    })
}

pub fn book(c: StockCode, price: i64) -> OrderBook {
    let tick = tick_size(Won(price));
    let side = |sign: i64| {
        let mut levels = [Level::default(); LEVELS];
        for (i, level) in levels.iter_mut().enumerate() {
            let step = i as i64 + i64::from(0 < sign);
            level.price = Won(price + sign * tick * step);
            level.size = Shares(1_200 + (i as i64 * 7_919 + price) % 23_000);
        }
        levels
    };
    OrderBook {
        code: c,
        second: now().second_of_day(),
        asks: side(1),
        bids: side(-1),
        total_ask: Shares(123_456),
        total_bid: Shares(98_765),
        expected: None,
    }
}

pub fn prints(count: u64, price: i64, base: i64) -> Vec<PrintLine> {
    let tick = tick_size(Won(price));
    let line = |serial: u64| {
        let step = (serial * 7 % 5) as i64 - 2;
        PrintLine {
            serial,
            second: now().second_of_day() - 400 + serial as u32,
            price: Won(price + step * tick),
            change: Won(price + step * tick - base),
            size: Shares((serial * 37 % 900) as i64 + 1),
            side: [Side::Buy, Side::Sell, Side::Buy][(serial % 3) as usize],
        }
    };
    (1..=count).rev().map(line).collect()
}

pub fn bars(count: i64, last: i64) -> Vec<Bar> {
    let start = now().day().plus(-(count as i32) / 13).at(Minute::hm(9, 0));
    let close = |i: i64| last - (count - 1 - i) * 40 + (i * 37 % 11) * 60 - (i * 13 % 7) * 90;
    (0..count)
        .map(|i| {
            let (open, close) = (close(i - 1), close(i));
            Bar {
                opened: start.plus_secs(i / 13 * 86_400 + i % 13 * 1_800),
                candle: Candle {
                    open,
                    high: open.max(close) + 120,
                    low: open.min(close) - 80,
                    close,
                    volume: 20_000 + i * 7_919 % 90_000,
                },
                synthetic: false,
            }
        })
        .collect()
}

pub fn live_link() -> Link {
    Link {
        state: LinkState::Live,
        reason: None,
        attempts: 0,
        since: now().plus_secs(-6_000),
        delay: None,
    }
}

pub fn stock(i: usize) -> StockView {
    let (c, name, price, base) = STOCKS[i];
    let mut all = bars(300, price);
    let forming = all.pop();
    StockView {
        code: code(c),
        name: name.into(),
        remarks: vec![],
        now: now(),
        badge: Badge::Paper,
        venue: Market::Krx,
        quote: Some(quote(price, base)),
        timeframe: Timeframe::Minutes(30),
        periods: [20, 60, 120, 240].into(),
        chart: ChartView {
            state: ChartState::Ready {
                series: Arc::new(Series::new(all)),
                forming,
                trouble: None,
            },
            older: OlderBars::Available,
            need: 240,
            gaps: Arc::new([]),
        },
        markers: vec![],
        tested: Arc::new([]),
        focus: None,
        threshold: None,
        nextrade: Some(true),
        book: Part::Ready {
            value: book(code(c), price),
            at: now(),
            live: true,
        },
        prints: Part::Ready {
            value: Arc::new(prints(200, price, base)),
            at: now(),
            live: true,
        },
        strength: Some(10_512),
    }
}

pub fn snapshot() -> Snapshot {
    let rows: Vec<Row> = (0..STOCKS.len()).map(row).collect();
    let stocks: BTreeMap<_, _> = (0..3)
        .map(|i| (code(STOCKS[i].0), Arc::new(stock(i))))
        .collect();
    let group = |name: &str, rows: Vec<usize>| GroupView {
        name: name.into(),
        rows,
    };
    Snapshot {
        clock_offset_ms: None,
        seq: 1,
        now: now(),
        made: fresh(),
        badge: Badge::Paper,
        phase: MarketPhase::Open {
            until: now().day().at(Minute::hm(15, 20)),
        },
        calendar: Arc::default(),
        market_of_bars: Market::Krx,
        link: live_link(),
        rest: RestView {
            sent: 2_412,
            refused: 0,
            failed: 1,
            queue: 0,
            permitted: 18.0,
            p50_ms: 24.0,
            p99_ms: 81.0,
            seconds: (0..180).map(|i| ((i * 7 % 18) as u32, 0)).collect(),
            registrations: 24,
            prints: 123_456,
            clock_offset_ms: Some(12),
            clock_corrected_ms: 0,
            ..RestView::default()
        },
        index: Arc::new(Index::new(Arc::new(Listing::bundled()))),
        groups: vec![
            group("관심", (0..rows.len()).collect()),
            group("반도체", vec![0, 1]),
            group("2차전지", vec![4, 10]),
        ],
        rows,
        columns: vec![
            Timeframe::Minutes(30),
            Timeframe::Minutes(60),
            Timeframe::Day,
        ],
        periods: [20, 60, 120, 240].into(),
        rules: Arc::new([]),
        preview: None,
        backtest: None,
        signals: vec![],
        unread: 0,
        late: None,
        reach: ReachView::default(),
        watching: Watching {
            stocks: 24,
            timeframes: vec![Timeframe::Minutes(30)],
            rules: 3,
            last_judged: Some(now().plus_secs(-735)),
            overdue: 0,
            missed: 0,
            next_close: Some(now().day().at(Minute::hm(11, 0))),
            ..Watching::default()
        },
        takeover: None,
        takeovers_waiting: 0,
        notices: vec![],
        muted: false,
        market: Arc::default(),
        stocks,
    }
}

/// Why there is no chart.
pub fn trouble() -> Arc<Trouble> {
    Arc::new(Trouble {
        what: "차트를 불러오지 못했습니다".into(),
        why: "증권사 서버가 답하지 않았습니다".into(),
        next: "10초 뒤 다시 시도합니다".into(),
        code: Some("HTTP 500".into()),
    })
}

/// Said three times, and folded.
pub fn notice() -> Notice {
    Notice {
        id: 5,
        text: "분봉을 받지 못했습니다".into(),
        code: Some("EGW00201".into()),
        at: now(),
        times: 3,
    }
}

/// A day with something of everything.
pub fn busy_day() -> Snapshot {
    let mut s = snapshot();
    s.signals = vec![
        signal("005930", "삼성전자", 2, Stage::Confirmed),
        signal("000660", "SK하이닉스", 1, Stage::Withdrawn),
        signal("035420", "NAVER", 0, Stage::Late),
    ];
    s.unread = 2;
    s.rows[0].ring = Ring::Blinking(now());
    s.rows[1].ring = Ring::Marked;
    s.rows[2].quote.as_mut().unwrap().freshness = Freshness::Stale;
    s.rows[4].pending = Some("판정 지연 41초: 분봉을 다시 받는 중".into());
    s.rows[6].quote = None;
    s
}

/// When a picture was made that never grows old, however long a slow machine takes over a test:
/// the screen says so of one that is older than some seconds.
pub fn fresh() -> Instant {
    Instant::now() + Duration::from_secs(86_400)
}

/// An age on the machine's steady clock.
pub fn ago(seconds: u64) -> Instant {
    Instant::now()
        .checked_sub(Duration::from_secs(seconds))
        .unwrap()
}
