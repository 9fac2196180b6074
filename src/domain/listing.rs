//! What is listed: codes, names, and what the exchange says about each stock.

use std::sync::Arc;

use super::{Moment, StockCode, Won};

/// The list every copy of the program carries, for the first start without a network.
const BUNDLED: &str = include_str!("../../assets/stocks.csv");

/// The board a stock is listed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Board {
    /// 유가증권시장.
    Kospi,
    /// 코스닥.
    Kosdaq,
    /// 코넥스.
    Konex,
}

impl Board {
    /// As Koreans write it in Latin letters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kospi => "KOSPI",
            Self::Kosdaq => "KOSDAQ",
            Self::Konex => "KONEX",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Kospi, Self::Kosdaq, Self::Konex]
            .into_iter()
            .find(|board| board.as_str() == text)
    }
}

/// What kind of paper it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Paper {
    /// A company's share, also of a foreign one and on KONEX.
    Share,
    /// A fund traded like a share.
    Etf,
    /// A note that pays an index.
    Etn,
    /// Real estate.
    Reit,
    /// Infrastructure, ship and investment funds, beneficiary certificates.
    Fund,
    /// Warrants and subscription rights, short lived.
    Right,
    /// Anything else.
    Other,
}

/// 시장경고.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Caution {
    /// None.
    #[default]
    None,
    /// 투자주의.
    Attention,
    /// 투자경고.
    Warning,
    /// 투자위험.
    Danger,
}

/// One line of the exchange's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedStock {
    /// The short code.
    pub code: StockCode,
    /// The Korean name.
    pub name: Arc<str>,
    /// Where it is listed.
    pub board: Board,
    /// What it is.
    pub paper: Paper,
    /// 우선주.
    pub preferred: bool,
    /// 기업인수목적회사.
    pub spac: bool,
    /// 거래정지.
    pub halted: bool,
    /// 정리매매.
    pub liquidation: bool,
    /// 관리종목.
    pub administrative: bool,
    /// 투자주의환기종목 (KOSDAQ).
    pub alert: bool,
    /// 불성실공시.
    pub unfaithful: bool,
    /// 단기과열 지정 or its extension.
    pub overheated: bool,
    /// 시장경고.
    pub caution: Caution,
    /// 기준가 of the day the list was made for, won; `None` if unknown.
    pub base: Option<Won>,
    /// 증거금률 in percent; `None` if unknown.
    pub margin_percent: Option<u8>,
    /// 권리락, 권배락, 액면분할 or 액면병합 on the day the list was made for: prices of before are of
    /// another scale.
    pub rescaled: bool,
    /// 시가총액 at the previous close in hundred million won (억원); `None` if unknown.
    pub market_cap: Option<i64>,
    /// Tradable on Nextrade; `None` if not known.
    pub nextrade: Option<bool>,
}

impl ListedStock {
    /// A plain share of which only this is known.
    pub fn plain(code: StockCode, name: &str, board: Board) -> Self {
        Self {
            code,
            name: name.into(),
            board,
            paper: Paper::Share,
            preferred: false,
            spac: false,
            halted: false,
            liquidation: false,
            administrative: false,
            alert: false,
            unfaithful: false,
            overheated: false,
            caution: Caution::None,
            base: None,
            margin_percent: None,
            rescaled: false,
            market_cap: None,
            nextrade: None,
        }
    }

    /// What is worth a badge, the gravest first.
    pub fn remarks(&self) -> Vec<Remark> {
        let told = [
            (self.liquidation, Remark::Liquidation),
            (self.halted, Remark::Halted),
            (self.administrative, Remark::Administrative),
            (self.caution == Caution::Danger, Remark::Danger),
            (self.caution == Caution::Warning, Remark::Warning),
            (self.alert, Remark::Alert),
            (self.caution == Caution::Attention, Remark::Attention),
            (self.overheated, Remark::Overheated),
            (self.unfaithful, Remark::Unfaithful),
            (self.spac, Remark::Spac),
            (self.paper == Paper::Etf, Remark::Etf),
            (self.paper == Paper::Etn, Remark::Etn),
            (self.paper == Paper::Reit, Remark::Reit),
            (self.preferred, Remark::Preferred),
            (self.board == Board::Konex, Remark::Konex),
        ];
        told.into_iter()
            .filter_map(|(holds, remark)| holds.then_some(remark))
            .collect()
    }
}

/// What the exchange says of a stock, as far as it is worth a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remark {
    /// 정리매매.
    Liquidation,
    /// 거래정지.
    Halted,
    /// 관리종목.
    Administrative,
    /// 투자위험.
    Danger,
    /// 투자경고.
    Warning,
    /// 투자주의환기.
    Alert,
    /// 투자주의.
    Attention,
    /// 단기과열.
    Overheated,
    /// 불성실공시.
    Unfaithful,
    /// 스팩.
    Spac,
    /// ETF.
    Etf,
    /// ETN.
    Etn,
    /// 리츠.
    Reit,
    /// 우선주.
    Preferred,
    /// 코넥스.
    Konex,
}

impl Remark {
    /// The badge: two or three letters.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Liquidation => t!("정리"),
            Self::Halted => t!("정지"),
            Self::Administrative => t!("관리"),
            Self::Danger => t!("위험"),
            Self::Warning => t!("경고"),
            Self::Alert => t!("환기"),
            Self::Attention => t!("주의"),
            Self::Overheated => t!("과열"),
            Self::Unfaithful => t!("불성실"),
            Self::Spac => t!("스팩"),
            Self::Etf => "ETF",
            Self::Etn => "ETN",
            Self::Reit => t!("리츠"),
            Self::Preferred => t!("우선주"),
            Self::Konex => t!("코넥스"),
        }
    }

    /// The exchange's whole word.
    pub fn words(self) -> &'static str {
        match self {
            Self::Liquidation => t!("정리매매"),
            Self::Halted => t!("거래정지"),
            Self::Administrative => t!("관리종목"),
            Self::Danger => t!("투자위험종목"),
            Self::Warning => t!("투자경고종목"),
            Self::Alert => t!("투자주의환기종목"),
            Self::Attention => t!("투자주의종목"),
            Self::Overheated => t!("단기과열종목"),
            Self::Unfaithful => t!("불성실공시"),
            other => other.badge(),
        }
    }

    /// Whether it is a warning, and not merely what the paper is.
    pub fn is_warning(self) -> bool {
        self <= Self::Unfaithful
    }
}

/// Everything that is listed, by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    stocks: Vec<ListedStock>,
    /// When the oldest of the files it is made of was received; `None` for the bundled list.
    pub received: Option<Moment>,
}

impl Listing {
    /// A list of these stocks; of a code named twice the first stays.
    pub fn new(mut stocks: Vec<ListedStock>, received: Option<Moment>) -> Self {
        stocks.sort_by_key(|stock| stock.code);
        stocks.dedup_by_key(|stock| stock.code);
        Self { stocks, received }
    }

    /// The few well-known stocks every copy of the program carries: names only, no flags.
    pub fn bundled() -> Self {
        let stock = |line: &str| {
            let mut parts = line.splitn(3, ',');
            let code = StockCode::parse(parts.next()?.trim())?;
            let board = Board::parse(parts.next()?.trim())?;
            let name = parts.next()?.trim();
            Some(ListedStock::plain(code, name, board))
        };
        Self::new(BUNDLED.lines().filter_map(stock).collect(), None)
    }

    /// All stocks, ascending by code.
    pub fn stocks(&self) -> &[ListedStock] {
        &self.stocks
    }

    /// The stock of a code.
    pub fn get(&self, code: StockCode) -> Option<&ListedStock> {
        let found = self.stocks.binary_search_by_key(&code, |stock| stock.code);
        found.ok().map(|at| &self.stocks[at])
    }

    /// Whether it is the broker's list, and not the few the program carries.
    pub fn is_complete(&self) -> bool {
        self.received.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_line_is_read() {
        let listing = Listing::bundled();
        let lines = BUNDLED.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), listing.stocks().len());
        assert!(!listing.is_complete());
        let code = StockCode::parse("005930").unwrap();
        assert_eq!(&*listing.get(code).unwrap().name, "삼성전자");
        assert_eq!(listing.get(StockCode::parse("999999").unwrap()), None);
    }

    #[test]
    fn remarks_put_the_gravest_first() {
        let code = StockCode::parse("123450").unwrap();
        let mut stock = ListedStock::plain(code, "가상", Board::Kosdaq);
        assert_eq!(stock.remarks(), []);
        stock.preferred = true;
        stock.caution = Caution::Warning;
        stock.halted = true;
        let remarks = stock.remarks();
        assert_eq!(
            remarks,
            [Remark::Halted, Remark::Warning, Remark::Preferred]
        );
        assert!(remarks.is_sorted());
        assert!(Remark::Halted.is_warning() && !Remark::Etf.is_warning());
    }
}
