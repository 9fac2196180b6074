//! FHKST01010100 inquire-price (주식현재가 시세).

use crate::domain::{Day, Won, grouped, tick_size};
use crate::sim::market::DayFigures;
use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::Query;
use crate::sim::rest::reply::{Fields, Reply, hollow, object};
use crate::sim::shared::Shared;

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let fields = match Facts::of(shared, query) {
        Some(facts) => fields(shared, &facts),
        None => Facts::any(shared).map_or_else(Vec::new, |f| hollow(fields(shared, &f))),
    };
    Reply::ok(&[("output", object(&fields))])
}

/// A highest or lowest price and its day.
#[derive(Clone, Copy)]
struct Extreme {
    price: i64,
    day: Day,
}

/// Highest and lowest of `days` and of today.
fn extremes(facts: &Facts, days: &[DayFigures]) -> (Extreme, Extreme) {
    let today = facts.view.day.day;
    let (high, low) = match facts.totals.volume {
        0 => (facts.base, facts.base),
        _ => (facts.totals.high, facts.totals.low),
    };
    let (mut highest, mut lowest) = (
        Extreme {
            price: high,
            day: today,
        },
        Extreme {
            price: low,
            day: today,
        },
    );
    for figures in days.iter().rev() {
        if highest.price < figures.candle.high {
            highest = Extreme {
                price: figures.candle.high,
                day: figures.day,
            };
        }
        if figures.candle.low < lowest.price {
            lowest = Extreme {
                price: figures.candle.low,
                day: figures.day,
            };
        }
    }
    (highest, lowest)
}

#[rustfmt::skip]
fn fields(shared: &Shared, f: &Facts) -> Fields {
    let today = f.view.day.day;
    let past = shared.market.figures(f.index, today.plus(-370), today.plus(-1));
    let yesterday = past.last().map(|d| d.candle).unwrap_or_default();
    let from = |first: Day| past.get(past.partition_point(|d| d.day < first)..).unwrap_or_default();
    let (high250, low250) = extremes(f, past.get(past.len().saturating_sub(249)..).unwrap_or_default());
    let new_year = Day::from_ymd(today.year(), 1, 1).unwrap_or(today);
    let (high_year, low_year) = extremes(f, from(new_year));
    let (high52, low52) = extremes(f, from(today.plus(-364)));
    let pivot = (yesterday.high + yesterday.low + yesterday.close) / 3;
    let range = yesterday.high - yesterday.low;
    let t = &f.totals;
    let s = f.stock;
    let foreign = s.listed_shares / 100 * (20 + s.price % 37);
    let money = |x: i64| x.to_string();
    let beside = |e: Extreme| percent(f.price - e.price, e.price);
    let no = || "N".to_owned();
    let yes = |yes: bool| if yes { "Y" } else { "N" }.to_owned();
    let m = s.marks;
    vec![
        ("iscd_stat_cls_code", if f.stopped().0 { "58" } else { s.status() }.into()),
        ("marg_rate", if f.needs_all_cash() { "100.00" } else { "20.00" }.into()),
        ("rprs_mrkt_kor_name", s.index_name().into()),
        ("new_hgpr_lwpr_cls_code", String::new()),
        ("bstp_kor_isnm", s.sector.into()),
        ("temp_stop_yn", yes(f.stopped().0)),
        ("oprc_rang_cont_yn", no()),
        ("clpr_rang_cont_yn", no()),
        ("crdt_able_yn", yes(!f.needs_all_cash())),
        ("grmn_rate_cls_code", "40".into()),
        ("elw_pblc_yn", if 500_000 < s.daily_volume { "Y" } else { "N" }.into()),
        ("stck_prpr", money(f.price)),
        ("prdy_vrss", f.change()),
        ("prdy_vrss_sign", f.sign()),
        ("prdy_ctrt", f.rate()),
        ("acml_tr_pbmn", money(t.value)),
        ("acml_vol", money(t.volume)),
        ("prdy_vrss_vol_rate", percent(t.volume, yesterday.volume)),
        ("stck_oprc", money(t.open)),
        ("stck_hgpr", money(t.high)),
        ("stck_lwpr", money(t.low)),
        ("stck_mxpr", money(f.upper)),
        ("stck_llam", money(f.lower)),
        ("stck_sdpr", money(f.base)),
        ("wghn_avrg_stck_prc", format!("{:.2}", t.average())),
        ("hts_frgn_ehrt", percent(foreign, s.listed_shares)),
        ("frgn_ntby_qty", "0".into()),
        ("pgtr_ntby_qty", money((t.buy_volume - t.sell_volume) / 4)),
        ("pvt_scnd_dmrs_prc", money(pivot + range)),
        ("pvt_frst_dmrs_prc", money(2 * pivot - yesterday.low)),
        ("pvt_pont_val", money(pivot)),
        ("pvt_frst_dmsp_prc", money(2 * pivot - yesterday.high)),
        ("pvt_scnd_dmsp_prc", money(pivot - range)),
        ("dmrs_val", money((3 * pivot - yesterday.low) / 2)),
        ("dmsp_val", money((3 * pivot - yesterday.high) / 2)),
        ("cpfn", money(f.capital())),
        ("rstc_wdth_prc", money(f.base * 3 / 10 / tick_size(Won(f.base)) * tick_size(Won(f.base)))),
        ("stck_fcam", money(f.face_value())),
        ("stck_sspr", money(f.base * 7 / 10 / 10 * 10)),
        ("aspr_unit", money(tick_size(Won(f.price)))),
        ("hts_deal_qty_unit_val", "1".into()),
        ("lstn_stcn", money(s.listed_shares)),
        ("hts_avls", money(f.market_value())),
        ("per", format!("{:.2}", f.price as f64 / f.earnings() as f64)),
        ("pbr", format!("{:.2}", f.price as f64 / f.book_value() as f64)),
        ("stac_month", "12".into()),
        ("vol_tnrt", f.turnover()),
        ("eps", format!("{}.00", f.earnings())),
        ("bps", format!("{}.00", f.book_value())),
        ("d250_hgpr", money(high250.price)),
        ("d250_hgpr_date", high250.day.compact()),
        ("d250_hgpr_vrss_prpr_rate", beside(high250)),
        ("d250_lwpr", money(low250.price)),
        ("d250_lwpr_date", low250.day.compact()),
        ("d250_lwpr_vrss_prpr_rate", beside(low250)),
        ("stck_dryy_hgpr", money(high_year.price)),
        ("dryy_hgpr_vrss_prpr_rate", beside(high_year)),
        ("dryy_hgpr_date", high_year.day.compact()),
        ("stck_dryy_lwpr", money(low_year.price)),
        ("dryy_lwpr_vrss_prpr_rate", beside(low_year)),
        ("dryy_lwpr_date", low_year.day.compact()),
        ("w52_hgpr", money(high52.price)),
        ("w52_hgpr_vrss_prpr_ctrt", beside(high52)),
        ("w52_hgpr_date", high52.day.compact()),
        ("w52_lwpr", money(low52.price)),
        ("w52_lwpr_vrss_prpr_ctrt", beside(low52)),
        ("w52_lwpr_date", low52.day.compact()),
        ("whol_loan_rmnd_rate", "0.22".into()),
        ("ssts_yn", "Y".into()),
        ("stck_shrn_iscd", s.code.to_string()),
        ("fcam_cnnm", grouped(f.face_value())),
        ("cpfn_cnnm", format!("{} 억", grouped(f.capital()))),
        ("apprch_rate", String::new()),
        ("frgn_hldn_qty", money(foreign)),
        ("vi_cls_code", yes(f.stopped().1)),
        ("ovtm_vi_cls_code", no()),
        ("last_ssts_cntg_qty", money(yesterday.volume / 60)),
        ("invt_caful_yn", no()),
        ("mrkt_warn_cls_code", format!("{:02}", m.warning)),
        ("short_over_yn", yes(1 < m.overheated)),
        ("sltr_yn", yes(m.liquidation)),
        ("mang_issu_cls_code", yes(m.administrative)),
    ]
}
