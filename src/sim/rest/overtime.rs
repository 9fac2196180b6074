//! The session of single prices after the close (시간외 단일가), which the exchange held until its
//! after-market began: an auction every ten minutes from 16:10 to 18:00, within 10 % of the close.
//!
//! FHPST02300000 inquire-overtime-price, FHPST02300400 inquire-overtime-asking-price,
//! FHPST02310000 inquire-time-overtimeconclusion, FHPST02320000 inquire-daily-overtimeprice. What
//! the broker's services say since the session is no more is not known: here its last one stands,
//! and the days since are days without a trade in it.

use crate::domain::{
    Candle, Day, Minute, Won, price_limits, round_down_to_tick, round_up_to_tick, tick_size,
};
use crate::sim::market::{Rng, after_market_since};
use crate::sim::rest::facts::{Facts, percent, sign};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, hollow, object};
use crate::sim::shared::Shared;

/// Rows of the daily table and of the auctions.
const ROWS: usize = 30;
/// Auctions of one session, and minutes between them.
const AUCTIONS: u16 = 12;
const EVERY: u16 = 10;
const FIRST: Minute = Minute::hm(16, 10);

macro_rules! levels {
    ($name:literal) => {
        [
            concat!($name, "1"),
            concat!($name, "2"),
            concat!($name, "3"),
            concat!($name, "4"),
            concat!($name, "5"),
            concat!($name, "6"),
            concat!($name, "7"),
            concat!($name, "8"),
            concat!($name, "9"),
            concat!($name, "10"),
        ]
    };
}

/// What one auction matched.
struct Match {
    minute: Minute,
    price: i64,
    size: i64,
}

/// The session of one day, as far as it has come.
struct Session {
    /// The day's close, on which its prices rest.
    close: i64,
    /// A tenth from it, and never beyond the day's limits.
    lower: i64,
    upper: i64,
    matches: Vec<Match>,
}

impl Session {
    fn of(shared: &Shared, f: &Facts, day: Day) -> Option<Self> {
        let figures = shared.market.figures(f.index, day, day);
        let candle = figures.first()?.candle;
        let until = match day == f.view.day.day {
            true => Minute((f.view.ms / 60_000) as u16),
            false => Minute::hm(23, 59),
        };
        let held = day < after_market_since() && 0 < candle.volume;
        let key = [f.index as u64, day.number() as u64, 0x0712];
        let mut rng = Rng::keyed(shared.market.seed(), &key);
        let (least, most) = price_limits(Won(shared.market.plan_of(f.index, day)?.base));
        let lower = round_up_to_tick(Won(candle.close * 9 / 10)).max(least).0;
        let upper = round_down_to_tick(Won(candle.close * 11 / 10)).min(most).0;
        let mut session = Self {
            close: candle.close,
            lower,
            upper,
            matches: Vec::new(),
        };
        let mut price = candle.close;
        for n in 0..AUCTIONS {
            let minute = FIRST.plus(i32::from(n * EVERY));
            let step = rng.below(5) as i64 - 2;
            price = (price + step * tick_size(Won(price))).clamp(lower, upper);
            let size = (candle.volume as f64 * rng.between(0.0002..0.002)) as i64;
            if held && minute <= until && 0 < size {
                session.matches.push(Match {
                    minute,
                    price,
                    size,
                });
            }
        }
        Some(session)
    }

    /// The last session that has begun.
    fn last(shared: &Shared, f: &Facts) -> Option<Self> {
        let today = f.view.day.day;
        let begun = today < after_market_since() && u32::from(FIRST.0) * 60_000 <= f.view.ms;
        let day = match begun {
            true => today,
            false => shared
                .market
                .calendar()
                .previous_open(today.min(after_market_since())),
        };
        Self::of(shared, f, day)
    }

    /// Open, high, low, close and volume; all zero without a match.
    fn candle(&self) -> Candle {
        let one = |m: &Match| Candle {
            volume: m.size,
            ..Candle::flat(m.price)
        };
        let mut matches = self.matches.iter().map(one);
        let Some(mut all) = matches.next() else {
            return Candle::default();
        };
        matches.for_each(|next| all.absorb(&next));
        all
    }

    /// Won.
    fn value(&self) -> i64 {
        self.matches.iter().map(|m| m.price * m.size).sum()
    }

    /// Change from the close, its sign and its percentage; nothing without a price.
    fn change(&self, price: i64) -> (String, String, String) {
        if price == 0 {
            return ("0".into(), "3".into(), "0.00".into());
        }
        let change = price - self.close;
        (
            change.to_string(),
            sign(price, self.close, self.lower, self.upper).to_owned(),
            percent(change, self.close),
        )
    }

    /// What three of the four services say first.
    fn head(&self) -> Fields {
        let candle = self.candle();
        let (change, sign, rate) = self.change(candle.close);
        let n = |x: i64| x.to_string();
        vec![
            ("ovtm_untp_prpr", n(candle.close)),
            ("ovtm_untp_prdy_vrss", change),
            ("ovtm_untp_prdy_vrss_sign", sign),
            ("ovtm_untp_prdy_ctrt", rate),
            ("ovtm_untp_vol", n(candle.volume)),
            ("ovtm_untp_tr_pbmn", n(self.value())),
            ("ovtm_untp_mxpr", n(self.upper)),
            ("ovtm_untp_llam", n(self.lower)),
            ("ovtm_untp_oprc", n(candle.open)),
            ("ovtm_untp_hgpr", n(candle.high)),
            ("ovtm_untp_lwpr", n(candle.low)),
            ("ovtm_untp_antc_cnpr", n(0)),
            ("ovtm_untp_antc_cntg_vrss", n(0)),
            ("ovtm_untp_antc_cntg_vrss_sign", "3".into()),
            ("ovtm_untp_antc_cntg_ctrt", "0.00".into()),
        ]
    }
}

/// The stock and its last session; of an unknown stock another's, to be hollowed.
fn found<'a>(shared: &'a Shared, query: &Query) -> Option<(Facts<'a>, Session, bool)> {
    let (facts, known) = match Facts::of(shared, query) {
        Some(facts) => (facts, true),
        None => (Facts::any(shared)?, false),
    };
    let session = Session::last(shared, &facts)?;
    Some((facts, session, known))
}

fn said(fields: Fields, known: bool) -> Fields {
    if known { fields } else { hollow(fields) }
}

/// FHPST02320000: the newest 30 days.
pub(super) fn days(shared: &Shared, query: &Query) -> Reply {
    let Some((f, session, known)) = found(shared, query) else {
        return Reply::ok(&[("output1", object(&Vec::new())), ("output2", array(&[]))]);
    };
    let mut head = session.head();
    head.push(("ovtm_untp_antc_vol", "0".to_owned()));
    // One more, whose close the oldest day is compared with.
    let past = f.past(shared, 60);
    let first = past.len().saturating_sub(ROWS).max(1);
    let rows = (first..past.len()).rev().filter_map(|i| {
        let (figures, before) = (past[i], past[i - 1].candle.close);
        let close = figures.candle.close;
        let session = Session::of(shared, &f, figures.day)?;
        let candle = session.candle();
        let (change, over, rate) = session.change(candle.close);
        Some(vec![
            ("stck_bsop_date", figures.day.compact()),
            ("ovtm_untp_prpr", candle.close.to_string()),
            ("ovtm_untp_prdy_vrss", change),
            ("ovtm_untp_prdy_vrss_sign", over),
            ("ovtm_untp_prdy_ctrt", rate),
            ("ovtm_untp_vol", candle.volume.to_string()),
            ("stck_clpr", close.to_string()),
            ("prdy_vrss", (close - before).to_string()),
            (
                "prdy_vrss_sign",
                sign(close, before, 0, i64::MAX).to_owned(),
            ),
            ("prdy_ctrt", percent(close - before, before)),
            ("acml_vol", figures.candle.volume.to_string()),
            ("ovtm_untp_tr_pbmn", session.value().to_string()),
        ])
    });
    let rows: Vec<Fields> = if known { rows.collect() } else { Vec::new() };
    let head = said(head, known);
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

/// FHPST02310000: the auctions of the last session, newest first.
pub(super) fn auctions(shared: &Shared, query: &Query) -> Reply {
    if query_value(query, "FID_HOUR_CLS_CODE") != "1" {
        return Reply::bad_input("OPSQ2001", "ERROR INVALID FID_HOUR_CLS_CODE");
    }
    let Some((_, session, known)) = found(shared, query) else {
        return Reply::ok(&[("output1", object(&Vec::new())), ("output2", array(&[]))]);
    };
    let mut head = session.head();
    head.extend([
        ("ovtm_untp_antc_vol", "0".to_owned()),
        ("uplm_sign", "1".to_owned()),
        ("lslm_sign", "4".to_owned()),
    ]);
    let mut volume = 0;
    let rows = session.matches.iter().map(|one| {
        volume += one.size;
        let (change, sign, rate) = session.change(one.price);
        let tick = tick_size(Won(one.price));
        vec![
            ("stck_cntg_hour", one.minute.compact()),
            ("stck_prpr", one.price.to_string()),
            ("prdy_vrss", change),
            ("prdy_vrss_sign", sign),
            ("prdy_ctrt", rate),
            ("askp", (one.price + tick).to_string()),
            ("bidp", one.price.to_string()),
            ("acml_vol", volume.to_string()),
            ("cntg_vol", one.size.to_string()),
        ]
    });
    let mut rows: Vec<Fields> = rows.collect();
    rows.reverse();
    rows.truncate(if known { ROWS } else { 0 });
    let head = said(head, known);
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}

/// FHPST02300000: the price.
pub(super) fn price(shared: &Shared, query: &Query) -> Reply {
    let Some((f, session, known)) = found(shared, query) else {
        return Reply::ok(&[("output", object(&Vec::new()))]);
    };
    let (s, m) = (f.stock, f.stock.marks);
    let yes = |yes: bool| if yes { "Y" } else { "N" }.to_owned();
    let blank = String::new;
    let marked = |is: bool, name: &str| if is { name.to_owned() } else { blank() };
    let warning = ["", "투자주의", "투자경고", "투자위험"];
    let warning = warning.get(usize::from(m.warning)).copied();
    let (halted, _) = f.stopped();
    let last = session.matches.last().map_or(0, |one| one.price);
    let mut fields = vec![
        ("bstp_kor_isnm", s.sector.to_owned()),
        ("mang_issu_cls_name", marked(m.administrative, "관리종목")),
    ];
    fields.extend(session.head());
    fields.extend([
        (
            "marg_rate",
            if f.needs_all_cash() {
                "100.00"
            } else {
                "20.00"
            }
            .to_owned(),
        ),
        ("ovtm_untp_antc_cnqn", "0".to_owned()),
        ("crdt_able_yn", yes(!f.needs_all_cash())),
        ("new_lstn_cls_name", blank()),
        ("sltr_yn", yes(m.liquidation)),
        ("mang_issu_yn", yes(m.administrative)),
        ("mrkt_warn_cls_code", format!("{:02}", m.warning)),
        ("trht_yn", yes(halted)),
        ("vlnt_deal_cls_name", blank()),
        ("ovtm_untp_sdpr", session.close.to_string()),
        ("mrkt_warn_cls_name", warning.unwrap_or_default().to_owned()),
        ("revl_issu_reas_name", blank()),
        ("insn_pbnt_yn", yes(m.unfaithful)),
        ("flng_cls_name", blank()),
        ("rprs_mrkt_kor_name", s.index_name().to_owned()),
        ("ovtm_vi_cls_code", "N".to_owned()),
        ("bidp", last.to_string()),
        ("askp", (last + tick_size(Won(last))).to_string()),
    ]);
    Reply::ok(&[("output", object(&said(fields, known)))])
}

/// FHPST02300400: the order book. Between auctions, and after the last, nothing waits in it.
pub(super) fn book(shared: &Shared, query: &Query) -> Reply {
    let Some((_, session, known)) = found(shared, query) else {
        return Reply::ok(&[("output", object(&Vec::new()))]);
    };
    let hour = session.matches.last().map(|one| one.minute.compact());
    let mut fields: Fields = vec![("ovtm_untp_last_hour", hour.unwrap_or_default())];
    let mut bid_sizes = levels!("ovtm_untp_bidp_rsqn");
    // The broker writes the second of them without its number.
    bid_sizes[1] = "ovtm_untp_bidp_rsqn";
    let names = [
        levels!("ovtm_untp_askp"),
        levels!("ovtm_untp_bidp"),
        levels!("ovtm_untp_askp_icdc"),
        levels!("ovtm_untp_bidp_icdc"),
        levels!("ovtm_untp_askp_rsqn"),
        bid_sizes,
    ];
    let totals = [
        "ovtm_untp_total_askp_rsqn",
        "ovtm_untp_total_bidp_rsqn",
        "ovtm_untp_total_askp_rsqn_icdc",
        "ovtm_untp_total_bidp_rsqn_icdc",
        "ovtm_untp_ntby_bidp_rsqn",
        "total_askp_rsqn",
        "total_bidp_rsqn",
        "total_askp_rsqn_icdc",
        "total_bidp_rsqn_icdc",
        "ovtm_total_askp_rsqn",
        "ovtm_total_bidp_rsqn",
        "ovtm_total_askp_icdc",
        "ovtm_total_bidp_icdc",
    ];
    let names = names.into_iter().flatten().chain(totals);
    fields.extend(names.map(|name| (name, "0".to_owned())));
    Reply::ok(&[("output", object(&said(fields, known)))])
}
