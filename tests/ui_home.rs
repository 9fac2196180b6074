//! The home window, the life of the stock windows, and the first run, driven as a user would.

mod ui_support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{Board, InterruptionKind, SignalKey, Stage, Won};
use jeongbae::engine::{
    Badge, Command, Freshness, LinkState, MarketPhase, MarketRow, MarketView, Ring, Snapshot,
    Takeover, Trouble,
};
use jeongbae::indicators::Alignment;
use jeongbae::settings::{Change, ScreenSettings, Theme as Ground};
use jeongbae::ui::home::row_look;
use jeongbae::ui::setup::{SetupChoice, SetupStatus, SetupView, setup_ui};
use jeongbae::ui::{RootOptions, Theme, fonts};
use ui_support::*;

fn options() -> RootOptions {
    RootOptions::default()
}

fn harness(fake: &Arc<Fake>) -> Harness<'static, App> {
    window(fake, vec2(1600.0, 1000.0), options())
}

/// Lets so many seconds of the screen's time pass.
fn pass(h: &mut Harness<'static, App>, seconds: f64) {
    h.run_steps((seconds / 0.05).round() as usize);
}

fn ringing() -> (Arc<Fake>, SignalKey) {
    let mut s = snapshot();
    s.rows[0].ring = Ring::Blinking(now());
    s.signals = vec![signal("005930", "삼성전자", 2, Stage::Confirmed)];
    s.unread = 1;
    (Fake::new(s), key("005930", 2))
}

#[test]
fn a_click_on_a_row_opens_the_stocks_window() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    assert!(h.query_by_label("호가").is_none());
    get(&h, Role::Row, "카카오");
    let row = get(&h, Role::Row, "삼성전자 005930");
    row.click();
    h.run();
    assert!(fake.sent().contains(&Command::OpenStock(code("005930"))));
    h.get_by_label_contains("총 잔량 매도 123,456주");
    h.get_by_label("창 닫기").click();
    h.run();
    h.run();
    assert!(fake.sent().contains(&Command::CloseStock(code("005930"))));
    assert!(h.query_by_label("창 닫기").is_none());
}

#[test]
fn a_row_tells_everything_in_words() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    let row = get(&h, Role::Row, "삼성전자");
    let words = row.accesskit_node().label().unwrap_or_default();
    for part in [
        "현재가 71,400원",
        "상승 1,200원",
        "+1.71%",
        "30분 정배열 3봉째",
        "성립가 71,500 +0.14%",
        "실시간",
    ] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    assert!(!words.contains("신호"));
}

#[test]
fn a_row_without_trades_says_that_a_volatility_interruption_is_the_reason() {
    for (kind, words) in [
        (InterruptionKind::Unknown, "VI 발동 중"),
        (InterruptionKind::Static, "정적 VI 발동"),
        (InterruptionKind::Dynamic, "동적 VI 발동"),
        (InterruptionKind::Both, "정적·동적 VI"),
    ] {
        let mut shown = snapshot();
        shown.rows[0].quote.as_mut().unwrap().interrupted = Some(kind);
        let mut h = harness(&Fake::new(shown));
        h.run();
        get(&h, Role::Row, words);
    }
}

#[test]
fn a_price_that_was_refused_is_asked_for_again_from_the_rows_menu() {
    let mut shown = snapshot();
    let code = shown.rows[0].code;
    shown.rows[0].trouble = Some(Arc::new(Trouble {
        what: "시세를 받지 못했습니다".into(),
        why: "증권사 서버가 답하지 않았습니다".into(),
        next: "다시 시도를 누르면 다시 요청합니다".into(),
        code: None,
    }));
    let fake = Fake::new(shown);
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Row, "카카오").click_secondary();
    h.run();
    assert!(
        h.query_by_label("다시 시도").is_none(),
        "nothing is wrong there"
    );
    h.key_press(egui::Key::Escape);
    h.run();
    get(&h, Role::Row, "시세를 받지 못했습니다").click_secondary();
    h.run();
    h.get_by_label("다시 시도").click();
    h.run();
    assert!(fake.sent().contains(&Command::Retry(code)));
}

#[test]
fn a_ringing_row_says_so_and_is_reported_as_painted_once() {
    let (fake, signal) = ringing();
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Row, "삼성전자 005930, 신호");
    pass(&mut h, 3.0);
    let painted = |c: &&Command| **c == Command::Painted(signal);
    assert_eq!(fake.sent().iter().filter(painted).count(), 1);
}

#[test]
fn a_row_blinks_at_one_hertz_by_one_wake_up_an_edge() {
    let (fake, _) = ringing();
    let theme = Theme::dark();
    let mut h = harness(&fake);
    h.step();
    let yellow = |h: &Harness<'static, App>| {
        let look = row_look(&theme, Ring::Blinking(now()), true, false);
        let ground = look.ground.unwrap();
        h.output().shapes.iter().any(|s| {
            matches!(&s.shape, egui::Shape::Rect(r) if r.fill == ground && 400.0 < r.rect.width())
        })
    };
    let mut edges = 0;
    let mut lit = yellow(&h);
    assert!(lit, "yellow at once");
    for _ in 0..80 {
        h.step();
        if yellow(&h) != lit {
            lit = !lit;
            edges += 1;
        }
    }
    // Four seconds: two edges each, give or take the one at the border.
    assert!((7..=9).contains(&edges), "{edges}");
    // After a minute only the mark is left.
    pass(&mut h, 60.0);
    assert!(!yellow(&h));
    fake.change(|s| s.rows[0].ring = Ring::Quiet);
    h.run();
}

#[test]
fn without_motion_a_ringing_row_is_steadily_yellow() {
    let (fake, _) = ringing();
    let still = RootOptions {
        screen: ScreenSettings {
            reduced_motion: true,
            ..ScreenSettings::default()
        },
        ..options()
    };
    let mut h = window(&fake, vec2(1600.0, 1000.0), still);
    let yellow = Theme::dark().signal;
    for _ in 0..40 {
        h.step();
        let wide = |s: &egui::epaint::ClippedShape| matches!(&s.shape, egui::Shape::Rect(r) if r.fill == yellow && 400.0 < r.rect.width());
        assert!(h.output().shapes.iter().any(wide));
    }
}

fn take(fake: &Fake) -> SignalKey {
    let key = key("000660", 2);
    fake.change(|s| s.takeover = Some(Takeover { key, at: now() }));
    key
}

#[test]
fn a_takeover_opens_the_window_and_reports_it_once() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    let key = take(&fake);
    pass(&mut h, 1.0);
    let sent = fake.sent();
    let count = |c: Command| sent.iter().filter(|s| **s == c).count();
    assert_eq!(count(Command::OpenStock(key.code)), 1);
    assert_eq!(count(Command::ShowSignal(key)), 1);
    assert_eq!(count(Command::BroughtUp(key)), 1);
    h.get_by_label_contains("SK하이닉스 000660 KRX");
    // Nobody has touched anything, so nobody has visited it.
    assert!(!sent.iter().any(|c| matches!(c, Command::Visit(_))));
}

#[test]
fn a_takeover_waits_for_typing_hands() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("종목 검색").focus();
    h.run();
    h.get_by_label("종목 검색").type_text("00");
    h.run();
    let key = take(&fake);
    pass(&mut h, 10.0);
    assert!(!fake.sent().contains(&Command::BroughtUp(key)));
    h.get_by_label("다음 신호 1");
    // F2 goes there at once.
    h.key_press(Key::F2);
    h.run();
    assert!(fake.sent().contains(&Command::BroughtUp(key)));
    assert!(h.query_by_label("다음 신호 1").is_none());
}

#[test]
fn a_takeover_waits_three_seconds_after_a_key() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    h.key_press(Key::ArrowDown);
    h.step();
    let key = take(&fake);
    pass(&mut h, 2.0);
    assert!(!fake.sent().contains(&Command::BroughtUp(key)));
    pass(&mut h, 1.5);
    assert!(fake.sent().contains(&Command::BroughtUp(key)));
}

#[test]
fn muted_means_no_window() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.muted = true);
    let mut h = harness(&fake);
    let key = take(&fake);
    h.run();
    assert_eq!(fake.sent(), [Command::BroughtUp(key)]);
    h.get_by_label("창 올리기 켜기").click();
    h.run();
    assert!(fake.sent().contains(&Command::Mute(false)));
}

#[test]
fn wishes_wait_for_a_busy_background() {
    let fake = Fake::new(snapshot());
    fake.deaf.store(true, Ordering::Relaxed);
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Row, "카카오").click();
    h.step();
    h.step();
    h.get_by_label_contains("요청 1건이 처리를 기다립니다");
    fake.deaf.store(false, Ordering::Relaxed);
    h.run();
    assert_eq!(fake.sent(), [Command::OpenStock(code("035720"))]);
}

#[test]
fn the_search_field_takes_codes_and_explains_what_is_none() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    let mut enter = |text: &str| {
        h.key_press_modifiers(Modifiers::COMMAND, Key::K);
        h.run();
        h.get_by_label("종목 검색").type_text(text);
        h.run();
        h.key_press(Key::Enter);
        h.run();
        let sentence = h.query_by_label_contains("에 맞는 종목이 없습니다");
        let complained = sentence.is_some();
        h.key_press(Key::Escape);
        h.run();
        complained
    };
    assert!(enter("없는회사"));
    assert_eq!(fake.sent(), []);
    assert!(!enter("q500001"));
    let watch = Command::Watch {
        code: code("Q500001"),
        group: "관심".into(),
    };
    assert_eq!(fake.sent(), [watch]);
    // What is watched already opens, also by name.
    assert!(!enter("셀트"));
    assert_eq!(
        fake.sent().last(),
        Some(&Command::OpenStock(code("068270")))
    );
}

#[test]
fn the_keyboard_reaches_rows_and_groups() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    for _ in 0..2 {
        h.key_press(Key::ArrowDown);
        h.run();
    }
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(fake.sent(), [Command::OpenStock(code("000660"))]);
    h.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    h.run();
    get(&h, Role::Row, "에코프로비엠");
    assert!(find(&h, Role::Row, "카카오").is_none());
    get(&h, Role::Tab, "관심 그룹").click_accesskit();
    h.run();
    get(&h, Role::Row, "카카오");
}

#[test]
fn the_signal_list_opens_signals_and_tells_why() {
    let (fake, key) = ringing();
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("왜 울렸나: 삼성전자").click();
    h.run();
    h.get_by_label("KRX 정규장");
    h.get_by_label("조회까지 2.0초 · 응답 0.3초 · 판정 0.1초 · 모두 2.4초");
    h.get_by_label("20·60·120·240 정배열로 바뀔 때");
    h.get_by_label("20선 71,120.5원");
    h.get_by_label("240선 70,655원");
    h.get_by_label("분봉 조회 (확정)");
    h.get_by_label_contains("마감 2.4초 뒤");
    let item = "10:30 삼성전자 30분 정배열로 바뀜, 71,400원, 확정, 안 읽음";
    h.get_by_label(item).click();
    h.run();
    let sent = fake.sent();
    assert!(sent.contains(&Command::ShowSignal(key)));
    assert!(sent.contains(&Command::OpenStock(key.code)));
    h.get_by_label("모두 읽음").click();
    h.run();
    assert!(fake.sent().contains(&Command::SeeAllSignals));
    fake.sent.lock().unwrap().clear();
    h.get_by_label("차트에서 이 봉 보기").click();
    h.run();
    assert!(fake.sent().contains(&Command::ShowSignal(key)));
}

#[test]
fn the_whole_evidence_of_a_signal_is_inside_the_window() {
    let (fake, _) = ringing();
    fake.change(|s| {
        let signal = Arc::make_mut(&mut s.signals[0]);
        signal.shown = Some(signal.at.plus_ms(130));
    });
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("왜 울렸나: 삼성전자").click();
    h.run();
    let edge = h.ctx.content_rect().right();
    let delays = h.get_by_label_contains("조회까지 2.0초").rect();
    assert!(delays.right() < edge, "{delays:?} beyond {edge}");
}

#[test]
fn a_silent_engine_is_said_in_every_window() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.badge = Badge::Demo);
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Row, "삼성전자").click();
    h.run();
    assert!(h.query_by_label_contains("째 멈춰 있습니다").is_none());
    let bands = |h: &Harness<'static, App>, text: &str| h.query_all_by_label_contains(text).count();
    assert_eq!(bands(&h, "가상 시세 · 데모"), 2);
    // Some seconds more on a slow machine.
    fake.change(|s| s.made = ago(9));
    h.run();
    assert_eq!(
        bands(&h, "초째 멈춰 있습니다. 화면의 값은 지금 값이 아닙니다"),
        2
    );
}

#[test]
fn notices_are_listed_and_dismissed() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.notices = vec![notice()]);
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("알림 1건 보기").click();
    h.run();
    h.get_by_label_contains("3번 · EGW00201");
    h.get_by_label("알림 닫기").click();
    h.run();
    assert_eq!(fake.sent(), [Command::DismissNotice(5)]);
}

#[test]
fn the_request_panel_opens() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    let budget = h.get_by_label_contains("요청 11/18");
    budget.click();
    h.run();
    h.get_by_label("보냄 2,412");
    h.get_by_label("응답 99% 81 ms");
    h.get_by_label("지금 정상");
    h.get_by_label("다 보내는 때 -");
    fake.change(|s| {
        s.rest.queue = 60;
        s.rest.waiting = [0, 1, 2, 7, 50];
        s.rest.drained_in_ms = 3_400;
        s.rest.rests_ms = 1_200;
    });
    h.run();
    h.get_by_label("3 봉 마감 판정 2");
    h.get_by_label("5 과거 봉 50");
    h.get_by_label("다 보내는 때 약 4초 뒤");
    h.get_by_label("지금 거절 뒤 2초 쉼");
    fake.change(|s| {
        s.rest.rests_ms = 0;
        s.rest.strained = true;
    });
    h.run();
    h.get_by_label("지금 응답이 늦어 천천히");
    h.get_by_label_contains("요청 11/18").click();
    h.run();
    assert!(h.query_by_label("보냄 2,412").is_none());
}

#[test]
fn every_state_fits_every_window() {
    type Change = fn(&mut Snapshot);
    let changes: [Change; 8] = [
        |s| {
            s.rows.clear();
            s.groups.clear();
            s.watching.rules = 0;
        },
        |s| s.groups[0].rows = vec![999],
        |s| {
            for (i, row) in s.rows.iter_mut().enumerate() {
                row.quote = row.quote.filter(|_| i % 2 == 0);
                row.alignments[0].state = Alignment::Unknown;
                row.threshold = None;
                row.pending = Some("판정 지연 41초: 분봉을 다시 받는 중".into());
                if let Some(q) = &mut row.quote {
                    q.freshness = Freshness::Stale;
                    q.price.0 = 1_234_567_890;
                    q.change.0 = -987_654_321;
                }
            }
        },
        |s| {
            s.link.state = LinkState::Reconnecting;
            s.link.attempts = 3;
            s.link.reason = Some("연결이 끊겼습니다".into());
            s.phase = MarketPhase::Closed {
                opens: now().plus_secs(80_000),
            };
        },
        |s| {
            s.rows[1].trouble = Some(Arc::new(Trouble {
                what: "없는 종목입니다".into(),
                why: "증권사가 모르는 코드입니다".into(),
                next: "코드를 확인하세요".into(),
                code: None,
            }));
            s.rest.seconds = Arc::new([]);
            s.rest.permitted = 0.0;
            s.columns.clear();
        },
        |s| {
            for i in 0..400 {
                let stage = [
                    Stage::Forming,
                    Stage::Confirmed,
                    Stage::Withdrawn,
                    Stage::Late,
                ];
                s.signals
                    .push(signal("005930", "삼성전자", i, stage[i as usize % 4]));
            }
            s.unread = 400;
        },
        |s| {
            s.takeover = Some(Takeover {
                key: key("005930", 1),
                at: now(),
            })
        },
        |s| s.phase = MarketPhase::ClosingAuction { until: now() },
    ];
    for change in changes {
        for size in [vec2(320.0, 240.0), vec2(800.0, 600.0), vec2(1600.0, 1000.0)] {
            for ground in [Ground::Dark, Ground::Light] {
                let fake = Fake::new(snapshot());
                fake.change(change);
                let mut options = options();
                options.screen.theme = ground;
                let mut h = window(&fake, size, options);
                h.run_steps(4);
            }
        }
    }
}

#[test]
fn the_first_run_offers_the_demo_and_takes_keys() {
    type Setup = (SetupView, SetupStatus, Vec<SetupChoice>);
    let mut h = Harness::builder()
        .with_size(vec2(900.0, 900.0))
        .with_context_setup(|ctx| {
            fonts::install(ctx);
            Theme::dark().apply(ctx);
        })
        .build_ui_state(
            |ui, (view, status, out): &mut Setup| out.extend(setup_ui(ui, view, status)),
            Setup::default(),
        );
    h.run();
    h.key_press(Key::Tab);
    h.run();
    let demo = h.get_by_label("데모 시작").rect();
    let ring = |shape: &egui::Shape| match shape {
        egui::Shape::Rect(ring) => {
            ring.stroke.color == Theme::dark().accent && ring.rect.contains_rect(demo.expand(2.0))
        }
        _ => false,
    };
    let shapes = &h.output().shapes;
    assert!(shapes.iter().any(|s| ring(&s.shape)), "the focus is seen");
    h.get_by_label("데모 시작").click();
    h.run();
    assert_eq!(h.state().2, [SetupChoice::Demo]);

    h.get_by_label("연결 확인 후 시작").click();
    h.run();
    h.get_by_label("App Key와 App Secret을 모두 붙여 넣으세요");
    for (field, text) in [("App Key", "  key\n"), ("App Secret", " longer-secret ")] {
        h.get_by(|n| n.label().as_deref() == Some(field) && n.role() != Role::Label)
            .focus();
        h.run();
        h.event(egui::Event::Paste(text.to_owned()));
        h.run();
    }
    let shown = |h: &Harness<'_, Setup>| {
        h.root()
            .children_recursive()
            .any(|n| n.value().is_some_and(|v| v.contains("longer-secret")))
    };
    assert!(!shown(&h), "the secret is hidden");
    h.get_by_label("보기").click();
    h.run();
    assert!(shown(&h));
    h.get_by_label("모의투자 서버").click();
    h.run();
    h.get_by_label("연결 확인 후 시작").click();
    h.run();
    let keys = SetupChoice::TestKeys {
        environment_paper: true,
        key: "key".into(),
        secret: "longer-secret".into(),
    };
    assert_eq!(h.state().2.last(), Some(&keys));

    h.state_mut().1 = SetupStatus::Failed(Trouble {
        what: "키를 확인하지 못했습니다".into(),
        why: "증권사가 이 키를 모릅니다".into(),
        next: "App Key를 다시 복사해 주세요".into(),
        code: Some("EGW00103".into()),
    });
    h.run();
    h.get_by_label("App Key를 다시 복사해 주세요");
    h.state_mut().1 = SetupStatus::SessionOnly("키링이 없습니다".into());
    h.run();
    h.get_by_label("이번 실행에만 사용").click();
    h.run();
    assert_eq!(h.state().2.last(), Some(&SetupChoice::UseForSession));
}

fn market() -> MarketView {
    let row = |i: usize, board: Board, is_etf: bool, state: Alignment, age: u32| MarketRow {
        code: code(STOCKS[i].0),
        name: STOCKS[i].1.into(),
        board,
        is_etf,
        close: Won(STOCKS[i].2),
        change_basis_points: Some(100 - 50 * i as i64),
        state,
        age,
        have: 261,
        day: now().day().plus(-1),
    };
    MarketView {
        rows: [
            row(0, Board::Kospi, false, Alignment::Bullish, 7),
            row(1, Board::Kospi, false, Alignment::Bearish, 1),
            row(2, Board::Kosdaq, false, Alignment::Bullish, 1),
            row(3, Board::Kospi, true, Alignment::Bullish, 3),
            row(4, Board::Kospi, false, Alignment::Mixed, 2),
        ]
        .into(),
        listed: 8,
        complete: 5,
        loaded: true,
        filling: true,
        session: now().day().plus(-1),
        need: 260,
    }
}

/// The stocks of the market view from top to bottom.
fn listed(h: &Harness<'static, App>) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = h
        .query_all_by_role(Role::Row)
        .map(|row| {
            let label = row.accesskit_node().label().unwrap_or_default();
            (
                row.rect().top(),
                label.split(' ').next().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn the_whole_market_is_filtered_sorted_and_opened() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Tab, "전체 시장").click_accesskit();
    h.run();
    assert_eq!(fake.sent(), [Command::ShowMarket(true)]);
    h.get_by_label("저장된 종가를 읽는 중입니다");
    let nothing = MarketView {
        rows: Arc::default(),
        filling: false,
        ..market()
    };
    fake.change(|s| s.market = Arc::new(nothing));
    h.run();
    h.get_by_label("전체 종목 받기").click();
    h.run();
    let fill = Command::Change(Change::MarketFill(true));
    assert_eq!(fake.sent().last(), Some(&fill));
    fake.change(|s| s.market = Arc::new(market()));
    h.run();
    h.get_by_label_contains("8종목 가운데 5종목 완료");
    // The newest alignments first; where there is none, none is new.
    let all = [
        "SK하이닉스",
        "NAVER",
        "카카오",
        "삼성전자",
        "LG에너지솔루션",
    ];
    assert_eq!(listed(&h), all);
    get(&h, Role::ColumnHeader, "% 정렬").click_accesskit();
    h.run();
    let by_change = [
        "삼성전자",
        "SK하이닉스",
        "NAVER",
        "카카오",
        "LG에너지솔루션",
    ];
    assert_eq!(listed(&h), by_change);
    get(&h, Role::ColumnHeader, "% 정렬").click_accesskit();
    h.run();
    assert_eq!(listed(&h)[0], "LG에너지솔루션");
    h.get_by(|n| n.label().as_deref() == Some("정배열") && n.role() == Role::Button)
        .click();
    h.run();
    assert_eq!(listed(&h), ["카카오", "NAVER", "삼성전자"]);
    h.get_by_label("ETF 제외").click();
    h.run();
    assert_eq!(listed(&h), ["NAVER", "삼성전자"]);
    h.get_by_label("오늘 바뀐 종목만").click();
    h.run();
    assert_eq!(listed(&h), ["NAVER"]);
    let row = "NAVER 035420 KOSDAQ, 종가 182,300원 0.00%, 정배열 1일째";
    get(&h, Role::Row, row).click();
    h.run();
    assert!(fake.sent().contains(&Command::OpenStock(code("035420"))));
    h.get_by_label("창 닫기").click();
    h.run();
    get(&h, Role::Tab, "관심 그룹").click_accesskit();
    h.run();
    assert_eq!(fake.sent().last(), Some(&Command::ShowMarket(false)));
}

/// The layout of a root, to start another with.
fn left(h: &Harness<'static, App>) -> jeongbae::ui::Layout {
    let root = h.state().0.as_ref();
    root.map(|root| root.layout().clone()).unwrap_or_default()
}

#[test]
fn what_was_chosen_is_found_again_after_a_restart() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Tab, "반도체").click();
    h.run();
    let edge = h.get_by_label("신호 목록의 너비").rect().center();
    h.drag_at(edge);
    h.step();
    h.hover_at(edge - vec2(100.0, 0.0));
    h.step();
    h.drop_at(edge - vec2(100.0, 0.0));
    h.run();
    let moved = h.get_by_label("신호 목록의 너비").rect().center();
    assert!((edge.x - 100.0 - moved.x).abs() < 2.0, "{edge} {moved}");
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    h.get_by_label("봉·평균").click();
    h.run();
    let kept = left(&h);
    assert_eq!(kept.chosen.group.as_deref(), Some("반도체"));

    // The groups are known only some time after the start.
    let groups = snapshot().groups;
    let fake = Fake::new(Snapshot {
        groups: Default::default(),
        ..snapshot()
    });
    let options = RootOptions {
        layout: kept.clone(),
        ..options()
    };
    let mut h = window(&fake, vec2(1600.0, 1000.0), options);
    h.run();
    assert_eq!(left(&h), kept, "nothing is forgotten while waiting");
    fake.change(|s| s.groups = groups);
    h.run();
    let tab = get(&h, Role::Tab, "반도체");
    assert_eq!(
        tab.accesskit_node().toggled(),
        Some(egui::accesskit::Toggled::True)
    );
    let again = h.get_by_label("신호 목록의 너비").rect().center();
    assert!((again.x - moved.x).abs() < 2.0, "{again} {moved}");
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    assert_eq!(left(&h), kept);
    h.get_by_label("이동평균");
}

#[test]
fn no_edge_of_a_panel_is_without_a_name() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    get(&h, Role::Row, "삼성전자 005930").click();
    h.run();
    h.get_by_label("신호 목록의 너비");
    h.get_by_label("호가와 체결의 너비");
    for node in h.root().children_recursive() {
        let label = node.accesskit_node().label().unwrap_or_default();
        assert!(!label.contains("Resize panel"), "{label}");
    }
}
