//! What is known of a stock apart from its price: search-stock-info, search-info and the
//! server's own time.

use crate::domain::{Day, StockCode};
use crate::sim::market::{Board, Group, StockInfo};
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::master::isin;
use crate::sim::rest::reply::{Fields, Reply, object};
use crate::sim::rest::sectors;
use crate::sim::shared::Shared;

fn asked<'a>(shared: &'a Shared, query: &Query) -> Option<(usize, &'a StockInfo)> {
    let code = StockCode::parse(query_value(query, "PDNO"))?;
    let index = shared.market.index_of(code)?;
    Some((index, shared.market.listed().get(index)?))
}

fn found(fields: &Fields) -> Reply {
    // Texts of the ledger are padded to 80 columns.
    let said = format!("{:<80}", "조회되었습니다.");
    Reply::said(&[("output", object(fields))], "KIOK0530", &said)
}

fn unknown() -> Reply {
    Reply::refusal(
        200,
        "7",
        "KIOK0560",
        &format!("{:<80}", "조회할 내용이 없습니다."),
    )
}

/// The number of a product: twelve characters, `A` before the code, zeros before that.
fn product(stock: &StockInfo) -> String {
    let code = stock.code.as_str();
    match stock.group {
        Group::Etn => format!("{code:0>12}"),
        _ => format!("{:0>12}", format!("A{code}")),
    }
}

fn yes(yes: bool) -> String {
    if yes { "Y" } else { "N" }.to_owned()
}

/// CTPF1002R search-stock-info (주식기본조회).
#[rustfmt::skip]
pub(super) fn stock(shared: &Shared, query: &Query) -> Reply {
    let Some((index, s)) = asked(shared, query) else {
        return unknown();
    };
    let today = shared.clock.now().day();
    let calendar = shared.market.calendar();
    let day = if calendar.is_open(today) { today } else { calendar.previous_open(today) };
    let before = shared.market.plan_of(index, day).map_or(s.price, |p| p.base);
    let after = shared.market.plan_of(index, day).map_or(s.price, |p| p.close);
    let is_over = shared.market.view(crate::domain::Market::Krx, index, shared.clock.now())
        .is_some_and(|v| u32::from(v.day.hours.end().0) * 60_000 <= v.ms);
    let listed = s.listed.map_or("19900103".to_owned(), Day::compact);
    let on = |board: Board| if s.board == board { listed.clone() } else { String::new() };
    let (market, exchange) = match s.board {
        Board::Kospi => ("STK", "02"),
        Board::Kosdaq => ("KSQ", "03"),
        Board::Konex => ("KNX", "04"),
    };
    let group = match s.group {
        Group::Share => "ST",
        Group::Etf => "EF",
        Group::Etn => "EN",
        Group::Reit => "RT",
        Group::Konex => "KN",
    };
    let (large, middle) = sectors::codes(s);
    let last_three = |code: &str| code.get(1..).unwrap_or_default().to_owned();
    let par = if matches!(s.group, Group::Etf | Group::Etn) { 0 } else { 500 };
    let blank = String::new;
    let fields = vec![
        ("pdno", product(s)),
        ("prdt_type_cd", "300".into()),
        ("mket_id_cd", market.into()),
        ("scty_grp_id_cd", group.into()),
        ("excg_dvsn_cd", exchange.into()),
        ("setl_mmdd", "1231".into()),
        ("lstg_stqt", s.listed_shares.to_string()),
        ("lstg_cptl_amt", "0".into()),
        ("cpta", (s.listed_shares * par).to_string()),
        ("papr", par.to_string()),
        ("issu_pric", "0".into()),
        ("kospi200_item_yn", yes(s.index_name() == "KOSPI200")),
        ("scts_mket_lstg_dt", on(Board::Kospi)),
        ("scts_mket_lstg_abol_dt", blank()),
        ("kosdaq_mket_lstg_dt", on(Board::Kosdaq)),
        ("kosdaq_mket_lstg_abol_dt", blank()),
        ("frbd_mket_lstg_dt", on(Board::Konex)),
        ("frbd_mket_lstg_abol_dt", blank()),
        ("reits_kind_cd", blank()),
        ("etf_dvsn_cd", if s.group == Group::Etf { "1" } else { "0" }.into()),
        ("oilf_fund_yn", "N".into()),
        ("idx_bztp_lcls_cd", last_three(large)),
        ("idx_bztp_mcls_cd", last_three(middle)),
        ("idx_bztp_scls_cd", "000".into()),
        ("stck_kind_cd", if s.marks.preferred == 0 { "101" } else { "201" }.into()),
        ("mfnd_opng_dt", blank()),
        ("mfnd_end_dt", blank()),
        ("dpsi_erlm_cncl_dt", blank()),
        ("etf_cu_qty", "0".into()),
        ("prdt_name", s.name.to_string()),
        ("prdt_name120", s.name.to_string()),
        ("prdt_abrv_name", s.name.to_string()),
        ("std_pdno", isin(s)),
        ("prdt_eng_name", blank()),
        ("prdt_eng_name120", blank()),
        ("prdt_eng_abrv_name", blank()),
        ("dpsi_aptm_erlm_yn", "Y".into()),
        ("etf_txtn_type_cd", "00".into()),
        ("etf_type_cd", blank()),
        ("lstg_abol_dt", blank()),
        ("nwst_odst_dvsn_cd", "1".into()),
        ("sbst_pric", (before * 7 / 100 * 10).to_string()),
        ("thco_sbst_pric", (before * 7 / 100 * 10).to_string()),
        ("thco_sbst_pric_chng_dt", day.compact()),
        ("tr_stop_yn", yes(s.marks.halted)),
        ("admn_item_yn", yes(s.marks.administrative)),
        ("thdt_clpr", if is_over { after } else { 0 }.to_string()),
        ("bfdy_clpr", before.to_string()),
        ("clpr_chng_dt", day.compact()),
        ("std_idst_clsf_cd", "000000".into()),
        ("std_idst_clsf_cd_name", s.sector.into()),
        ("idx_bztp_lcls_cd_name", sectors::name(large).unwrap_or_default().into()),
        ("idx_bztp_mcls_cd_name", sectors::name(middle).unwrap_or_default().into()),
        ("idx_bztp_scls_cd_name", blank()),
        ("ocr_no", blank()),
        ("crfd_item_yn", "N".into()),
        ("elec_scty_yn", "Y".into()),
        ("issu_istt_cd", s.code.as_str().get(..5).unwrap_or_default().into()),
        ("etf_chas_erng_rt_dbnb", "0".into()),
        ("etf_etn_ivst_heed_item_yn", "N".into()),
        ("stln_int_rt_dvsn_cd", "01".into()),
        ("frnr_psnl_lmt_rt", "0.00000000".into()),
        ("lstg_rqsr_issu_istt_cd", blank()),
        ("lstg_rqsr_item_cd", blank()),
        ("trst_istt_issu_istt_cd", blank()),
        ("cptt_trad_tr_psbl_yn", yes(s.marks.nxt)),
        ("nxt_tr_stop_yn", yes(s.marks.halted)),
    ];
    found(&fields)
}

/// CTPF1604R search-info (상품기본조회).
pub(super) fn product_info(shared: &Shared, query: &Query) -> Reply {
    let Some((_, s)) = asked(shared, query) else {
        return unknown();
    };
    let name = s.name.to_string();
    let listed = s.listed.map_or("19900103".to_owned(), Day::compact);
    let blank = String::new;
    found(&vec![
        ("pdno", product(s)),
        ("prdt_type_cd", "300".to_owned()),
        ("prdt_name", name.clone()),
        ("prdt_name120", name.clone()),
        ("prdt_abrv_name", name),
        ("prdt_eng_name", blank()),
        ("prdt_eng_name120", blank()),
        ("prdt_eng_abrv_name", blank()),
        ("std_pdno", isin(s)),
        ("shtn_pdno", s.code.to_string()),
        ("prdt_sale_stat_cd", blank()),
        ("prdt_risk_grad_cd", blank()),
        ("prdt_clsf_cd", "101210".to_owned()),
        ("prdt_clsf_name", "주권".to_owned()),
        ("sale_strt_dt", listed.clone()),
        ("sale_end_dt", "99991231".to_owned()),
        ("wrap_asst_type_cd", "06".to_owned()),
        ("ivst_prdt_type_cd", "0101".to_owned()),
        ("ivst_prdt_type_cd_name", "국내주식".to_owned()),
        ("frst_erlm_dt", listed),
    ])
}

/// HHMCM000002C0 market-time: the server's day and time between the open days around it.
pub(super) fn market_time(shared: &Shared, _: &Query) -> Reply {
    let calendar = shared.market.calendar();
    let now = shared.clock.now();
    let today = match calendar.is_open(now.day()) {
        true => now.day(),
        false => calendar.next_open(now.day()),
    };
    let (before, after) = (calendar.previous_open(today), calendar.next_open(today));
    let fields = vec![
        ("date1", calendar.previous_open(before).compact()),
        ("date2", before.compact()),
        ("date3", today.compact()),
        ("date4", after.compact()),
        ("date5", calendar.next_open(after).compact()),
        ("today", now.day().compact()),
        ("time", now.clock_text().replace(':', "")),
        ("s_time", "084500".to_owned()),
        ("e_time", "154500".to_owned()),
    ];
    Reply::ok(&[("output1", object(&fields))])
}
