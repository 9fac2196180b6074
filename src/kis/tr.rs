//! The broker's transactions this program uses.

/// One REST transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tr {
    /// `tr_id`, the same on the real and the paper host.
    pub(super) id: &'static str,
    /// Path below the host.
    pub(super) path: &'static str,
}

/// 주식현재가 시세.
pub(super) const QUOTE: Tr = Tr {
    id: "FHKST01010100",
    path: "/uapi/domestic-stock/v1/quotations/inquire-price",
};
/// 주식현재가 호가/예상체결.
pub(super) const BOOK: Tr = Tr {
    id: "FHKST01010200",
    path: "/uapi/domestic-stock/v1/quotations/inquire-asking-price-exp-ccn",
};
/// 주식현재가 체결.
pub(super) const RECENT: Tr = Tr {
    id: "FHKST01010300",
    path: "/uapi/domestic-stock/v1/quotations/inquire-ccnl",
};
/// 국내주식기간별시세.
pub(super) const PERIOD: Tr = Tr {
    id: "FHKST03010100",
    path: "/uapi/domestic-stock/v1/quotations/inquire-daily-itemchartprice",
};
/// 주식당일분봉조회.
pub(super) const MINUTES_TODAY: Tr = Tr {
    id: "FHKST03010200",
    path: "/uapi/domestic-stock/v1/quotations/inquire-time-itemchartprice",
};
/// 주식일별분봉조회; not offered on the paper host.
pub(super) const MINUTES_DATED: Tr = Tr {
    id: "FHKST03010230",
    path: "/uapi/domestic-stock/v1/quotations/inquire-time-dailychartprice",
};
/// 관심종목(멀티종목) 시세조회; not offered on the paper host.
pub(super) const QUOTES: Tr = Tr {
    id: "FHKST11300006",
    path: "/uapi/domestic-stock/v1/quotations/intstock-multprice",
};
/// 국내휴장일조회; not offered on the paper host.
pub(super) const HOLIDAYS: Tr = Tr {
    id: "CTCA0903R",
    path: "/uapi/domestic-stock/v1/quotations/chk-holiday",
};
/// 변동성완화장치(VI) 현황; not offered on the paper host.
pub(super) const INTERRUPTIONS: Tr = Tr {
    id: "FHPST01390000",
    path: "/uapi/domestic-stock/v1/quotations/inquire-vi-status",
};
/// Access token. Not a transaction of the broker's list; the name is used in logs and errors.
pub(super) const TOKEN: Tr = Tr {
    id: "tokenP",
    path: "/oauth2/tokenP",
};
/// Key of the socket.
pub(super) const APPROVAL: Tr = Tr {
    id: "Approval",
    path: "/oauth2/Approval",
};
