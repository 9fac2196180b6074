//! Sectors and indices: `idxcode.mst` and the sector codes of the master rows.

use crate::sim::market::{Board, StockInfo};

/// Market digit and code, name.
const INDICES: &[(&str, &str)] = &[
    ("00001", "종합"),
    ("00002", "대형주"),
    ("00003", "중형주"),
    ("00004", "소형주"),
    ("00005", "음식료·담배"),
    ("00006", "섬유·의류"),
    ("00007", "종이·목재"),
    ("00008", "화학"),
    ("00009", "제약"),
    ("00010", "비금속"),
    ("00011", "금속"),
    ("00012", "기계·장비"),
    ("00013", "전기·전자"),
    ("00014", "의료·정밀기기"),
    ("00015", "운송장비·부품"),
    ("00016", "유통"),
    ("00017", "전기·가스"),
    ("00018", "건설"),
    ("00019", "운송·창고"),
    ("00020", "통신"),
    ("00021", "금융"),
    ("00026", "일반서비스"),
    ("00027", "제조"),
    ("00028", "부동산"),
    ("00029", "IT 서비스"),
    ("00030", "오락·문화"),
    ("11001", "KOSDAQ"),
    ("11002", "코스닥 대형주"),
    ("11003", "코스닥 중형주"),
    ("11004", "코스닥 소형주"),
    ("11006", "일반서비스"),
    ("11009", "제조"),
    ("11010", "건설"),
    ("11011", "유통"),
    ("11013", "운송·창고"),
    ("11014", "금융"),
    ("11015", "오락·문화"),
    ("11019", "음식료·담배"),
    ("11020", "섬유·의류"),
    ("11021", "종이·목재"),
    ("11023", "화학"),
    ("11024", "제약"),
    ("11025", "비금속"),
    ("11026", "금속"),
    ("11027", "기계·장비"),
    ("11028", "전기·전자"),
    ("11029", "의료·정밀기기"),
    ("11030", "운송장비·부품"),
    ("11032", "통신"),
    ("11033", "IT 서비스"),
    ("22001", "KOSPI200"),
];

/// The rows of `idxcode.mst`: market digit, code, name in 40 bytes.
pub(super) fn rows() -> Vec<u8> {
    let mut out = Vec::new();
    for (code, name) in INDICES {
        out.extend_from_slice(code.as_bytes());
        let (name, _, _) = encoding_rs::EUC_KR.encode(name);
        out.extend_from_slice(&name);
        out.resize(out.len() + 40 - name.len(), b' ');
        out.push(b'\n');
    }
    out
}

/// The name of the index with a four-digit code.
pub(super) fn name(code: &str) -> Option<&'static str> {
    let found = INDICES.iter().find(|(c, _)| c.get(1..) == Some(code));
    found.map(|(_, name)| *name)
}

/// Large, middle or small (1 to 3) by the market value in units of 100 million won.
pub(super) fn size(value: i64) -> i64 {
    match value {
        50_000.. => 1,
        10_000.. => 2,
        _ => 3,
    }
}

/// The large and the middle sector code of a stock; `0000` where it has none.
pub(super) fn codes(stock: &StockInfo) -> (&'static str, &'static str) {
    let market = match stock.board {
        Board::Kospi => "0",
        Board::Kosdaq => "1",
        Board::Konex => return ("0000", "0000"),
    };
    let wanted = match stock.sector {
        "철강·금속" => "금속",
        "기타서비스" => "일반서비스",
        "전기·가스" if market == "1" => "제조",
        "부동산" if market == "1" => "금융",
        sector => sector,
    };
    let find = |name: &str| {
        INDICES
            .iter()
            .find(|(code, n)| code.starts_with(market) && *n == name)
            .and_then(|(code, _)| code.get(1..))
    };
    let made = matches!(
        wanted,
        "음식료·담배"
            | "섬유·의류"
            | "종이·목재"
            | "화학"
            | "제약"
            | "비금속"
            | "금속"
            | "기계·장비"
            | "전기·전자"
            | "의료·정밀기기"
            | "운송장비·부품"
            | "제조"
    );
    let middle = find(wanted).unwrap_or("0000");
    match made {
        true => (find("제조").unwrap_or("0000"), middle),
        false => (middle, "0000"),
    }
}
