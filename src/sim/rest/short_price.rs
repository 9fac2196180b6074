//! FHPST01010000 inquire-price-2 (주식현재가 시세2).

use crate::sim::rest::facts::{Facts, percent};
use crate::sim::rest::gateway::Query;
use crate::sim::rest::reply::{Fields, Reply, hollow, object};
use crate::sim::rest::sectors;
use crate::sim::shared::Shared;

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let fields = match Facts::of(shared, query) {
        Some(facts) => fields(shared, &facts),
        None => Facts::any(shared).map_or_else(Vec::new, |f| hollow(fields(shared, &f))),
    };
    Reply::ok(&[("output", object(&fields))])
}

/// 2 above, 3 level with, 5 below what it is compared with.
pub(super) fn side(difference: i64) -> &'static str {
    match difference {
        1.. => "2",
        0 => "3",
        _ => "5",
    }
}

#[rustfmt::skip]
fn fields(shared: &Shared, f: &Facts) -> Fields {
    let yesterday = f.yesterday(shared);
    let (t, s, m) = (&f.totals, f.stock, f.stock.marks);
    let n = |x: i64| x.to_string();
    let yes = |yes: bool| if yes { "Y" } else { "N" }.to_owned();
    let blank = String::new;
    // Before the first print nothing stands beside the price.
    let beside = |price: i64| if t.volume == 0 { 0 } else { f.price - price };
    let opened = |price: i64| if t.volume == 0 { "0.00".to_owned() } else { percent(price - f.base, f.base) };
    let warning = ["", "투자주의", "투자경고", "투자위험"];
    let (large, _) = sectors::codes(s);
    let (halted, interrupted) = f.stopped();
    let at_limit = match f.sign().as_str() { "1" => "1", "4" => "2", _ => "0" };
    vec![
        ("rprs_mrkt_kor_name", s.index_name().into()),
        ("new_hgpr_lwpr_cls_code", blank()),
        ("mxpr_llam_cls_code", at_limit.into()),
        ("crdt_able_yn", yes(!f.needs_all_cash())),
        ("stck_mxpr", n(f.upper)),
        ("elw_pblc_yn", yes(500_000 < s.daily_volume)),
        ("prdy_clpr_vrss_oprc_rate", opened(t.open)),
        ("crdt_rate", if f.needs_all_cash() { "0.00" } else { "45.00" }.into()),
        ("marg_rate", if f.needs_all_cash() { "100.00" } else { "20.00" }.into()),
        ("lwpr_vrss_prpr", n(beside(t.low))),
        ("lwpr_vrss_prpr_sign", side(beside(t.low)).into()),
        ("prdy_clpr_vrss_lwpr_rate", opened(t.low)),
        ("stck_lwpr", n(t.low)),
        ("hgpr_vrss_prpr", n(beside(t.high))),
        ("hgpr_vrss_prpr_sign", side(beside(t.high)).into()),
        ("prdy_clpr_vrss_hgpr_rate", opened(t.high)),
        ("stck_hgpr", n(t.high)),
        ("oprc_vrss_prpr", n(beside(t.open))),
        ("oprc_vrss_prpr_sign", side(beside(t.open)).into()),
        ("mang_issu_yn", yes(m.administrative)),
        ("divi_app_cls_code", blank()),
        ("short_over_yn", yes(1 < m.overheated)),
        ("mrkt_warn_cls_code", format!("{:02}", m.warning)),
        ("invt_caful_yn", "N".into()),
        ("stange_runup_yn", "N".into()),
        ("ssts_hot_yn", "N".into()),
        ("low_current_yn", "N".into()),
        ("vi_cls_code", yes(interrupted)),
        ("short_over_cls_code", n(i64::from(m.overheated))),
        ("stck_llam", n(f.lower)),
        ("new_lstn_cls_name", blank()),
        ("vlnt_deal_cls_name", blank()),
        ("flng_cls_name", blank()),
        ("revl_issu_reas_name", blank()),
        ("mrkt_warn_cls_name", warning.get(usize::from(m.warning)).copied().unwrap_or_default().into()),
        ("stck_sdpr", n(f.base)),
        ("bstp_cls_code", large.into()),
        ("stck_prdy_clpr", n(f.last_close(shared))),
        ("insn_pbnt_yn", yes(m.unfaithful)),
        ("fcam_mod_cls_name", blank()),
        ("stck_prpr", n(f.price)),
        ("prdy_vrss", f.change()),
        ("prdy_vrss_sign", f.sign()),
        ("prdy_ctrt", f.rate()),
        ("acml_tr_pbmn", n(t.value)),
        ("acml_vol", n(t.volume)),
        ("prdy_vrss_vol_rate", percent(t.volume, yesterday.volume)),
        ("bstp_kor_isnm", s.sector.into()),
        ("sltr_yn", yes(m.liquidation)),
        ("trht_yn", yes(halted)),
        ("oprc_rang_cont_yn", "N".into()),
        ("vlnt_fin_cls_code", blank()),
        ("stck_oprc", n(t.open)),
        ("prdy_vol", n(yesterday.volume)),
    ]
}
