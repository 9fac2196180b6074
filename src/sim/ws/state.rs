//! What is neither trade nor book: the market's operation (H0STMKO0) and indices (H0UPCNT0).

use crate::sim::market::{IndexFigures, Phase, StockInfo, TradingDay};
use crate::sim::ws::record::{Record, hhmmss};

/// The 11 fields, in order.
const OPERATION: &[&str] = &[
    "MKSC_SHRN_ISCD",
    "TRHT_YN",
    "TR_SUSP_REAS_CNTT",
    "MKOP_CLS_CODE",
    "ANTC_MKOP_CLS_CODE",
    "MRKT_TRTM_CLS_CODE",
    "DIVI_APP_CLS_CODE",
    "ISCD_STAT_CLS_CODE",
    "VI_CLS_CODE",
    "OVTM_VI_CLS_CODE",
    "EXCH_CLS_CODE",
];

/// The record of a change of session.
pub(super) fn write_operation(out: &mut String, stock: &StockInfo, day: &TradingDay, ms: u32) {
    let (halted, interrupted) = match day.stop_at(ms) {
        Some(stop) => (!stop.is_vi, stop.is_vi),
        None => (stock.marks.halted, false),
    };
    // Start of the opening call, opening, start of the closing call, close.
    let (session, expected) = match day.phase(ms) {
        _ if halted => ("164", ""),
        Phase::Closed | Phase::OpeningCall => ("110", "311"),
        Phase::Continuous | Phase::Interruption => ("112", "112"),
        Phase::ClosingCall => ("121", "121"),
        Phase::Over => ("129", "129"),
    };
    let mut r = Record::begin(out, OPERATION, true);
    r.put("MKSC_SHRN_ISCD", stock.code);
    r.put("TRHT_YN", if halted { "Y" } else { "N" });
    r.put("TR_SUSP_REAS_CNTT", "(null)");
    r.put("MKOP_CLS_CODE", session);
    r.put("ANTC_MKOP_CLS_CODE", expected);
    r.put("MRKT_TRTM_CLS_CODE", "");
    r.put("DIVI_APP_CLS_CODE", "");
    r.put(
        "ISCD_STAT_CLS_CODE",
        if halted { "58" } else { stock.status() },
    );
    r.put("VI_CLS_CODE", if interrupted { "Y" } else { "N" });
    r.put("OVTM_VI_CLS_CODE", "N");
    r.put("EXCH_CLS_CODE", "1");
    r.end();
}

/// The 30 fields, in order.
const INDEX: &[&str] = &[
    "bstp_cls_code",
    "bsop_hour",
    "prpr_nmix",
    "prdy_vrss_sign",
    "bstp_nmix_prdy_vrss",
    "acml_vol",
    "acml_tr_pbmn",
    "pcas_vol",
    "pcas_tr_pbmn",
    "prdy_ctrt",
    "oprc_nmix",
    "nmix_hgpr",
    "nmix_lwpr",
    "oprc_vrss_nmix_prpr",
    "oprc_vrss_nmix_sign",
    "hgpr_vrss_nmix_prpr",
    "hgpr_vrss_nmix_sign",
    "lwpr_vrss_nmix_prpr",
    "lwpr_vrss_nmix_sign",
    "prdy_clpr_vrss_oprc_rate",
    "prdy_clpr_vrss_hgpr_rate",
    "prdy_clpr_vrss_lwpr_rate",
    "uplm_issu_cnt",
    "ascn_issu_cnt",
    "stnr_issu_cnt",
    "down_issu_cnt",
    "lslm_issu_cnt",
    "qtqt_ascn_issu_cnt",
    "qtqt_down_issu_cnt",
    "tick_vrss",
];

/// The record of an index; `before` is the frame before it.
pub(super) fn write_index(
    out: &mut String,
    code: &str,
    ms: u32,
    f: &IndexFigures,
    before: Option<&IndexFigures>,
) {
    let sign = |points: f64| match points {
        p if 0.005 <= p => 2,
        p if p <= -0.005 => 5,
        _ => 3,
    };
    let points = |value: f64| format!("{value:.2}");
    let rate = |value: f64| points((value - f.before) / f.before * 100.0);
    let earlier = before.copied().unwrap_or(*f);
    let mut r = Record::begin(out, INDEX, true);
    r.put("bstp_cls_code", code);
    r.put("bsop_hour", hhmmss(ms / 1_000));
    r.put("prpr_nmix", points(f.last));
    r.put("prdy_vrss_sign", sign(f.last - f.before));
    r.put("bstp_nmix_prdy_vrss", points(f.last - f.before));
    r.put("acml_vol", f.volume);
    r.put("acml_tr_pbmn", f.value);
    r.put("pcas_vol", (f.volume - earlier.volume).max(0));
    r.put("pcas_tr_pbmn", (f.value - earlier.value).max(0));
    r.put("prdy_ctrt", rate(f.last));
    r.put("oprc_nmix", points(f.open));
    r.put("nmix_hgpr", points(f.high));
    r.put("nmix_lwpr", points(f.low));
    // These three stand against the close before, not against the value now.
    r.put("oprc_vrss_nmix_prpr", points(f.open - f.before));
    r.put("oprc_vrss_nmix_sign", sign(f.open - f.before));
    r.put("hgpr_vrss_nmix_prpr", points(f.high - f.before));
    r.put("hgpr_vrss_nmix_sign", sign(f.high - f.before));
    r.put("lwpr_vrss_nmix_prpr", points(f.low - f.before));
    r.put("lwpr_vrss_nmix_sign", sign(f.low - f.before));
    r.put("prdy_clpr_vrss_oprc_rate", rate(f.open));
    r.put("prdy_clpr_vrss_hgpr_rate", rate(f.high));
    r.put("prdy_clpr_vrss_lwpr_rate", rate(f.low));
    let counts = [
        "uplm_issu_cnt",
        "ascn_issu_cnt",
        "stnr_issu_cnt",
        "down_issu_cnt",
    ];
    for (name, count) in counts.into_iter().zip(f.counts) {
        r.put(name, count);
    }
    r.put("lslm_issu_cnt", f.counts[4]);
    r.put("qtqt_ascn_issu_cnt", 0);
    r.put("qtqt_down_issu_cnt", 0);
    r.put("tick_vrss", points(f.last - earlier.last));
    r.end();
}
