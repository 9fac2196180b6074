//! The services on offer.

use crate::sim::rest::gateway::Query;
use crate::sim::rest::reply::Reply;
use crate::sim::rest::{
    about, asking, condition_search, expected, holidays, index, index_chart, investors,
    minute_chart, multiple, news, overtime, period_chart, price, programs, ranking, short_price,
    trades, watch_groups,
};
use crate::sim::shared::Shared;

/// One service.
pub(super) struct Service {
    pub(super) tr_id: &'static str,
    /// Below `/uapi/domestic-stock/v1/`.
    pub(super) path: &'static str,
    /// Whether the paper host offers it.
    pub(super) paper: bool,
    /// What its market code may be; nothing where it has none.
    pub(super) markets: &'static [&'static str],
    /// Keys that must be there; those with `true` may be blank.
    pub(super) keys: &'static [Key],
    pub(super) answer: fn(&Shared, &Query) -> Reply,
}

type Key = (&'static str, bool);

pub(super) const MARKET: Key = ("FID_COND_MRKT_DIV_CODE", false);
const CODE: Key = ("FID_INPUT_ISCD", false);
const HOUR: Key = ("FID_INPUT_HOUR_1", false);
const PAST: Key = ("FID_PW_DATA_INCU_YN", false);
const SCREEN: Key = ("FID_COND_SCR_DIV_CODE", false);
const PERIOD: Key = ("FID_PERIOD_DIV_CODE", false);
const FROM: Key = ("FID_INPUT_DATE_1", false);
const TO: Key = ("FID_INPUT_DATE_2", false);
const CLASS: Key = ("FID_DIV_CLS_CODE", false);
const SORT: Key = ("FID_RANK_SORT_CLS_CODE", false);
/// What narrows a ranking.
const LEAST_PRICE: Key = ("FID_INPUT_PRICE_1", true);
const MOST_PRICE: Key = ("FID_INPUT_PRICE_2", true);
const LEAST_VOLUME: Key = ("FID_VOL_CNT", true);
const TARGETS: Key = ("FID_TRGT_CLS_CODE", true);
const EXCLUDED: Key = ("FID_TRGT_EXLS_CLS_CODE", true);
const BELONGS: Key = ("FID_BLNG_CLS_CODE", false);

/// Both venues alone and merged; those with a ranking; indices.
const VENUES: &[&str] = &["J", "NX", "UN"];
const RANKED: &[&str] = &["J", "NX"];
const INDEX: &[&str] = &["U"];

#[rustfmt::skip]
pub(super) const SERVICES: &[Service] = &[
    Service { tr_id: "FHKST01010100", path: "quotations/inquire-price", paper: true, markets: VENUES, keys: &[MARKET, CODE], answer: price::answer },
    Service { tr_id: "FHPST01010000", path: "quotations/inquire-price-2", paper: false, markets: VENUES, keys: &[MARKET, CODE], answer: short_price::answer },
    Service { tr_id: "FHKST01010200", path: "quotations/inquire-asking-price-exp-ccn", paper: true, markets: VENUES, keys: &[MARKET, CODE], answer: asking::answer },
    Service { tr_id: "FHKST01010300", path: "quotations/inquire-ccnl", paper: true, markets: VENUES, keys: &[MARKET, CODE], answer: trades::answer },
    Service { tr_id: "FHPST01060000", path: "quotations/inquire-time-itemconclusion", paper: true, markets: VENUES, keys: &[MARKET, CODE, HOUR], answer: trades::until },
    Service { tr_id: "FHKST01010600", path: "quotations/inquire-member", paper: true, markets: VENUES, keys: &[MARKET, CODE], answer: investors::brokers },
    Service { tr_id: "FHKST01010900", path: "quotations/inquire-investor", paper: true, markets: VENUES, keys: &[MARKET, CODE], answer: investors::days },
    Service {
        tr_id: "FHKST03010100", path: "quotations/inquire-daily-itemchartprice", paper: true,
        markets: VENUES, keys: &[MARKET, CODE, FROM, TO, PERIOD, ("FID_ORG_ADJ_PRC", false)],
        answer: period_chart::answer,
    },
    Service {
        tr_id: "FHKST03010200", path: "quotations/inquire-time-itemchartprice", paper: true,
        markets: VENUES, keys: &[MARKET, CODE, HOUR, PAST, ("FID_ETC_CLS_CODE", true)],
        answer: minute_chart::today,
    },
    Service {
        tr_id: "FHKST03010230", path: "quotations/inquire-time-dailychartprice", paper: false,
        markets: VENUES, keys: &[MARKET, CODE, HOUR, FROM, PAST],
        answer: minute_chart::dated,
    },
    Service {
        tr_id: "FHKST11300006", path: "quotations/intstock-multprice", paper: false,
        markets: &[], keys: &[("FID_COND_MRKT_DIV_CODE_1", false), ("FID_INPUT_ISCD_1", false)],
        answer: multiple::answer,
    },
    Service {
        tr_id: "FHKST01010400", path: "quotations/inquire-daily-price", paper: true,
        markets: VENUES, keys: &[MARKET, CODE, PERIOD, ("FID_ORG_ADJ_PRC", false)],
        answer: period_chart::newest,
    },
    Service {
        tr_id: "FHPST01810000", path: "quotations/exp-price-trend", paper: false,
        markets: &["J"], keys: &[MARKET, CODE, ("FID_MKOP_CLS_CODE", false)],
        answer: expected::trend,
    },
    Service {
        tr_id: "FHKST117300C0", path: "quotations/exp-closing-price", paper: false,
        markets: &["J"], keys: &[MARKET, CODE, SORT, SCREEN, BELONGS],
        answer: expected::closing,
    },
    Service {
        tr_id: "FHPST01390000", path: "quotations/inquire-vi-status", paper: false,
        markets: &[], keys: &[CLASS, SCREEN, ("FID_MRKT_CLS_CODE", false), ("FID_INPUT_ISCD", true), SORT, FROM, TARGETS, EXCLUDED],
        answer: expected::interruptions,
    },
    Service { tr_id: "HHPTJ04160200", path: "quotations/investor-trend-estimate", paper: false, markets: &[], keys: &[("MKSC_SHRN_ISCD", false)], answer: investors::estimates },
    Service { tr_id: "FHPPG04650101", path: "quotations/program-trade-by-stock", paper: false, markets: VENUES, keys: &[MARKET, CODE], answer: programs::by_print },
    Service {
        tr_id: "FHPPG04650201", path: "quotations/program-trade-by-stock-daily", paper: false,
        markets: VENUES, keys: &[MARKET, CODE, ("FID_INPUT_DATE_1", true)], answer: programs::by_day,
    },
    Service { tr_id: "FHPST02300000", path: "quotations/inquire-overtime-price", paper: false, markets: &["J"], keys: &[MARKET, CODE], answer: overtime::price },
    Service { tr_id: "FHPST02300400", path: "quotations/inquire-overtime-asking-price", paper: false, markets: &["J"], keys: &[MARKET, CODE], answer: overtime::book },
    Service {
        tr_id: "FHPST02310000", path: "quotations/inquire-time-overtimeconclusion", paper: true,
        markets: &["J"], keys: &[MARKET, CODE, ("FID_HOUR_CLS_CODE", false)], answer: overtime::auctions,
    },
    Service { tr_id: "FHPST02320000", path: "quotations/inquire-daily-overtimeprice", paper: true, markets: &["J"], keys: &[MARKET, CODE], answer: overtime::days },
    Service { tr_id: "FHPUP02100000", path: "quotations/inquire-index-price", paper: false, markets: INDEX, keys: &[MARKET, CODE], answer: index::price },
    Service {
        tr_id: "FHPUP02120000", path: "quotations/inquire-index-daily-price", paper: false,
        markets: INDEX, keys: &[PERIOD, MARKET, CODE, FROM], answer: index_chart::until,
    },
    Service {
        tr_id: "FHKUP03500100", path: "quotations/inquire-daily-indexchartprice", paper: true,
        markets: INDEX, keys: &[MARKET, CODE, FROM, TO, PERIOD], answer: index_chart::between,
    },
    Service {
        tr_id: "FHKUP03500200", path: "quotations/inquire-time-indexchartprice", paper: false,
        markets: INDEX, keys: &[MARKET, ("FID_ETC_CLS_CODE", false), CODE, HOUR, PAST], answer: index_chart::minutes,
    },
    Service {
        tr_id: "FHPST01710000", path: "quotations/volume-rank", paper: false, markets: VENUES,
        keys: &[MARKET, SCREEN, CODE, CLASS, BELONGS, TARGETS, EXCLUDED, LEAST_PRICE, MOST_PRICE, LEAST_VOLUME, ("FID_INPUT_DATE_1", true)],
        answer: ranking::volume,
    },
    Service {
        tr_id: "FHPST01700000", path: "ranking/fluctuation", paper: false, markets: RANKED,
        keys: &[("FID_RSFL_RATE2", true), MARKET, SCREEN, CODE, SORT, ("FID_INPUT_CNT_1", false), ("FID_PRC_CLS_CODE", false),
            LEAST_PRICE, MOST_PRICE, LEAST_VOLUME, TARGETS, EXCLUDED, CLASS, ("FID_RSFL_RATE1", true)],
        answer: ranking::fluctuation,
    },
    Service {
        tr_id: "FHPST01740000", path: "ranking/market-cap", paper: false, markets: RANKED,
        keys: &[MOST_PRICE, MARKET, SCREEN, CLASS, CODE, TARGETS, EXCLUDED, LEAST_PRICE, LEAST_VOLUME],
        answer: ranking::market_value,
    },
    Service {
        tr_id: "FHPST01780000", path: "ranking/disparity", paper: false, markets: RANKED,
        keys: &[MOST_PRICE, MARKET, SCREEN, CLASS, SORT, ("FID_HOUR_CLS_CODE", false), CODE, TARGETS, EXCLUDED, LEAST_PRICE, LEAST_VOLUME],
        answer: ranking::disparity,
    },
    Service {
        tr_id: "FHPST01870000", path: "ranking/near-new-highlow", paper: false, markets: RANKED,
        keys: &[("FID_APLY_RANG_VOL", true), MARKET, SCREEN, CLASS, ("FID_INPUT_CNT_1", true), ("FID_INPUT_CNT_2", true), ("FID_PRC_CLS_CODE", false),
            CODE, TARGETS, EXCLUDED, ("FID_APLY_RANG_PRC_1", true), ("FID_APLY_RANG_PRC_2", true)],
        answer: ranking::near_extremes,
    },
    Service {
        tr_id: "FHKST130000C0", path: "quotations/capture-uplowprice", paper: false, markets: RANKED,
        keys: &[MARKET, SCREEN, ("FID_PRC_CLS_CODE", false), CLASS, CODE, TARGETS, EXCLUDED, LEAST_PRICE, MOST_PRICE, LEAST_VOLUME],
        answer: ranking::at_limits,
    },
    Service {
        tr_id: "HHKCM113004C7", path: "quotations/intstock-grouplist", paper: false, markets: &[],
        keys: &[("TYPE", false), ("FID_ETC_CLS_CODE", false), ("USER_ID", false)],
        answer: watch_groups::list,
    },
    Service {
        tr_id: "HHKCM113004C6", path: "quotations/intstock-stocklist-by-group", paper: false, markets: &[],
        keys: &[("TYPE", false), ("USER_ID", false), ("DATA_RANK", true), ("INTER_GRP_CODE", false), ("INTER_GRP_NAME", true),
            ("HTS_KOR_ISNM", true), ("CNTG_CLS_CODE", true), ("FID_ETC_CLS_CODE", false)],
        answer: watch_groups::stocks,
    },
    Service { tr_id: "HHKST03900300", path: "quotations/psearch-title", paper: false, markets: &[], keys: &[("USER_ID", false)], answer: condition_search::titles },
    Service {
        tr_id: "HHKST03900400", path: "quotations/psearch-result", paper: false, markets: &[],
        keys: &[("USER_ID", false), ("SEQ", false)], answer: condition_search::found,
    },
    Service {
        tr_id: "FHKST01011800", path: "quotations/news-title", paper: false, markets: &[],
        keys: &[("FID_NEWS_OFER_ENTP_CODE", true), ("FID_COND_MRKT_CLS_CODE", true), ("FID_INPUT_ISCD", true), ("FID_TITL_CNTT", true),
            ("FID_INPUT_DATE_1", true), ("FID_INPUT_HOUR_1", true), ("FID_RANK_SORT_CLS_CODE", true), ("FID_INPUT_SRNO", true)],
        answer: news::titles,
    },
    Service {
        tr_id: "CTPF1002R", path: "quotations/search-stock-info", paper: false, markets: &[],
        keys: &[("PRDT_TYPE_CD", false), ("PDNO", false)],
        answer: about::stock,
    },
    Service {
        tr_id: "CTPF1604R", path: "quotations/search-info", paper: false, markets: &[],
        keys: &[("PRDT_TYPE_CD", false), ("PDNO", false)],
        answer: about::product_info,
    },
    Service { tr_id: "HHMCM000002C0", path: "quotations/market-time", paper: false, markets: &[], keys: &[], answer: about::market_time },
    Service {
        tr_id: "CTCA0903R", path: "quotations/chk-holiday", paper: false, markets: &[],
        keys: &[("BASS_DT", false), ("CTX_AREA_NK", true), ("CTX_AREA_FK", true)],
        answer: holidays::answer,
    },
];
