//! The leading stocks of the simulated market: real names and codes, invented prices.

use std::borrow::Cow;

use crate::domain::{Day, StockCode};

/// The board a stock is listed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Board {
    /// 유가증권시장.
    Kospi,
    /// 코스닥.
    Kosdaq,
    /// 코넥스.
    Konex,
}

/// What kind of security it is: the master files' group code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// 주권.
    Share,
    /// ETF.
    Etf,
    /// ETN; its code begins with `Q`.
    Etn,
    /// 리츠.
    Reit,
    /// A KONEX share.
    Konex,
}

/// What the exchange has marked a stock with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// 거래정지: not traded since `HALT_SINCE`.
    pub halted: bool,
    /// 정리매매.
    pub liquidation: bool,
    /// 관리종목.
    pub administrative: bool,
    /// 불성실공시.
    pub unfaithful: bool,
    /// 기업인수목적회사.
    pub spac: bool,
    /// Traded on Nextrade too.
    pub nxt: bool,
    /// 시장경고: 0 none, 1 주의, 2 경고, 3 위험.
    pub warning: u8,
    /// 단기과열: 0 none, 1 예고, 2 지정, 3 연장.
    pub overheated: u8,
    /// 우선주: 0 common, 1 old type, 2 new type.
    pub preferred: u8,
}

/// Stocks marked as halted have not been traded since this day.
pub(crate) const HALT_SINCE: (i16, i8, i8) = (2026, 9, 1);

/// What does not change from day to day.
#[derive(Clone, Debug, PartialEq)]
pub struct StockInfo {
    /// The short code.
    pub code: StockCode,
    /// The Korean name.
    pub name: Cow<'static, str>,
    /// Where it is listed.
    pub board: Board,
    /// What kind of security it is.
    pub group: Group,
    /// The sector's Korean name.
    pub sector: &'static str,
    /// About the price in November 2026, won, before the seed moves it.
    pub price: i64,
    /// About the shares traded on an ordinary day.
    pub daily_volume: i64,
    /// Shares listed.
    pub listed_shares: i64,
    /// Deviation of a day's return.
    pub volatility: f64,
    /// First trading day; `None` where it lies before the simulated twenty years.
    pub listed: Option<Day>,
    /// What the exchange says of it.
    pub marks: Marks,
}

type Line = (
    &'static str,
    &'static str,
    Board,
    &'static str,
    i64,
    i64,
    i64,
    f64,
    Option<&'static str>,
);

use Board::{Kosdaq as Q, Kospi as P};

/// Code, name, board, sector, price, shares a day, listed shares, volatility, listing day.
#[rustfmt::skip]
const LINES: &[Line] = &[
    ("005930", "삼성전자", P, "전기·전자", 318_000, 14_000_000, 5_919_637_922, 0.021, None),
    ("000660", "SK하이닉스", P, "전기·전자", 1_420_000, 3_100_000, 728_002_365, 0.028, None),
    ("373220", "LG에너지솔루션", P, "전기·전자", 412_000, 310_000, 234_000_000, 0.024, Some("20220127")),
    ("207940", "삼성바이오로직스", P, "제약", 1_210_000, 62_000, 71_174_000, 0.018, Some("20161110")),
    ("005380", "현대차", P, "운송장비·부품", 496_000, 820_000, 204_757_766, 0.022, None),
    ("000270", "기아", P, "운송장비·부품", 158_400, 1_150_000, 393_516_672, 0.020, None),
    ("105560", "KB금융", P, "금융", 149_200, 1_020_000, 381_462_103, 0.019, Some("20081010")),
    ("055550", "신한지주", P, "금융", 92_300, 1_240_000, 488_000_000, 0.018, None),
    ("068270", "셀트리온", P, "제약", 203_500, 720_000, 230_000_000, 0.022, None),
    ("035420", "NAVER", P, "IT 서비스", 261_500, 690_000, 158_437_008, 0.023, None),
    ("035720", "카카오", P, "IT 서비스", 58_700, 2_100_000, 442_000_000, 0.025, None),
    ("005490", "POSCO홀딩스", P, "철강·금속", 341_500, 340_000, 82_624_377, 0.024, None),
    ("051910", "LG화학", P, "화학", 362_000, 250_000, 70_592_343, 0.026, None),
    ("006400", "삼성SDI", P, "전기·전자", 318_500, 610_000, 80_585_530, 0.029, None),
    ("012330", "현대모비스", P, "운송장비·부품", 402_500, 190_000, 91_000_000, 0.021, None),
    ("028260", "삼성물산", P, "유통", 283_500, 310_000, 169_976_544, 0.020, None),
    ("012450", "한화에어로스페이스", P, "운송장비·부품", 1_064_000, 260_000, 51_563_401, 0.033, None),
    ("034020", "두산에너빌리티", P, "기계·장비", 88_600, 6_400_000, 640_561_146, 0.034, None),
    ("015760", "한국전력", P, "전기·가스", 47_150, 3_600_000, 641_964_077, 0.021, None),
    ("009540", "HD한국조선해양", P, "운송장비·부품", 431_000, 210_000, 70_773_116, 0.028, None),
    ("066570", "LG전자", P, "전기·전자", 118_300, 680_000, 162_846_811, 0.023, None),
    ("017670", "SK텔레콤", P, "통신", 61_800, 520_000, 214_790_053, 0.013, None),
    ("033780", "KT&G", P, "음식료·담배", 146_700, 240_000, 115_000_000, 0.014, None),
    ("259960", "크래프톤", P, "IT 서비스", 287_000, 130_000, 47_900_000, 0.025, Some("20210810")),
    ("042700", "한미반도체", P, "기계·장비", 164_900, 1_450_000, 95_000_000, 0.036, None),
    ("247540", "에코프로비엠", Q, "전기·전자", 171_300, 960_000, 97_801_344, 0.037, Some("20190305")),
    ("086520", "에코프로", Q, "금융", 96_400, 2_700_000, 135_600_000, 0.039, None),
    ("196170", "알테오젠", Q, "제약", 438_500, 480_000, 53_400_000, 0.036, Some("20141212")),
    ("293490", "카카오게임즈", Q, "IT 서비스", 15_360, 410_000, 83_000_000, 0.026, Some("20200910")),
    ("035900", "JYP Ent.", Q, "오락·문화", 74_200, 290_000, 35_500_000, 0.028, None),
    ("263750", "펄어비스", Q, "IT 서비스", 38_450, 360_000, 64_200_000, 0.030, Some("20170914")),
    ("240810", "원익IPS", Q, "기계·장비", 69_900, 540_000, 49_100_000, 0.034, Some("20160502")),
    ("041510", "에스엠", Q, "오락·문화", 118_600, 120_000, 22_900_000, 0.025, None),
    ("095570", "AJ네트웍스", P, "기타서비스", 4_480, 61_000, 45_200_000, 0.017, Some("20150821")),
    ("002960", "한국쉘석유", P, "화학", 438_000, 1_900, 1_300_000, 0.011, None),
    ("017390", "서울가스", P, "전기·가스", 61_300, 2_600, 5_000_000, 0.012, None),
    ("004700", "조광피혁", P, "섬유·의류", 58_900, 1_300, 6_649_138, 0.013, None),
    ("092230", "KPX홀딩스", P, "금융", 66_200, 3_100, 4_224_646, 0.012, None),
    ("024720", "한국콜마홀딩스", P, "금융", 11_240, 38_000, 34_300_000, 0.023, None),
    ("043650", "국순당", Q, "음식료·담배", 4_905, 24_000, 17_800_000, 0.015, None),
];

/// The leading stocks, in a fixed order.
pub(crate) fn all() -> Vec<StockInfo> {
    LINES
        .iter()
        .filter_map(|line| {
            let (code, name, board, sector, price, daily_volume, listed_shares, volatility, listed) =
                *line;
            Some(StockInfo {
                code: StockCode::parse(code)?,
                name: Cow::Borrowed(name),
                board,
                group: Group::Share,
                sector,
                price,
                daily_volume,
                listed_shares,
                volatility,
                listed: listed.and_then(Day::parse_compact),
                marks: Marks {
                    nxt: 100_000 < daily_volume,
                    ..Marks::default()
                },
            })
        })
        .collect()
}

impl StockInfo {
    /// The status code: one only, the gravest.
    pub(crate) fn status(&self) -> &'static str {
        let m = self.marks;
        match () {
            () if m.halted => "58",
            () if m.administrative => "51",
            () if m.warning == 3 => "52",
            () if m.warning == 2 => "53",
            () if m.warning == 1 => "54",
            () if 1 < m.overheated => "59",
            () => "55",
        }
    }

    /// The index the stock belongs to, as the price request names it.
    pub(crate) fn index_name(&self) -> &'static str {
        match (self.board, 100_000 < self.daily_volume) {
            (Board::Kospi, true) => "KOSPI200",
            (Board::Kospi, false) => "KOSPI",
            (Board::Kosdaq, true) => "KSQ150",
            (Board::Kosdaq, false) => "KOSDAQ",
            (Board::Konex, _) => "KONEX",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_a_stock_of_its_own() {
        let stocks = all();
        assert_eq!(stocks.len(), LINES.len());
        let codes: BTreeSet<_> = stocks.iter().map(|s| s.code).collect();
        let names: BTreeSet<_> = stocks.iter().map(|s| &s.name).collect();
        assert!(30 <= codes.len() && codes.len() == names.len() && codes.len() == stocks.len());
    }
}
