//! The rest of the listed stocks, invented: enough of them, and of every kind, that a search
//! over the master files has as much to do as over the real ones.

mod words;

use std::borrow::Cow;

use crate::domain::{Day, StockCode, Won, round_down_to_tick};
use crate::sim::market::rng::Rng;
use crate::sim::market::stocks::{Board, Group, Marks, StockInfo};
use words::{FIRST, FUND_HOUSES, FUND_TAILS, FUND_THEMES, SECOND, SECTORS};

/// The list is the same for every seed; only prices differ.
const LIST_SEED: u64 = 0x4A42;

/// Companies on each board, preferred shares, ETFs, ETNs, REITs, SPACs and KONEX companies.
const KOSPI_COMPANIES: usize = 900;
const KOSDAQ_COMPANIES: usize = 1_730;
const PREFERRED: usize = 60;
const ETFS: usize = 1_020;
const ETNS: usize = 380;
const REITS: usize = 25;
const SPACS: usize = 75;
const KONEX_COMPANIES: usize = 120;
/// The largest companies of a board are traded on Nextrade as well.
const NXT_KOSPI: usize = 336;
const NXT_KOSDAQ: usize = 268;

/// Codes that the broker's published samples ask about; all else about these companies is
/// invented too. Whether they are traded on Nextrade.
const ASKED: [(&str, Board, bool); 12] = [
    ("006220", Board::Kospi, true),
    ("010950", Board::Kospi, true),
    ("023460", Board::Kospi, false),
    ("032640", Board::Kospi, true),
    ("092070", Board::Kosdaq, false),
    ("158430", Board::Kosdaq, true),
    ("199480", Board::Kosdaq, false),
    ("308100", Board::Kosdaq, false),
    ("417450", Board::Kosdaq, false),
    ("419530", Board::Kosdaq, true),
    ("440790", Board::Kosdaq, false),
    ("462860", Board::Kosdaq, false),
];

/// All of them, in a fixed order.
pub(crate) fn all() -> Vec<StockInfo> {
    let mut rng = Rng::keyed(LIST_SEED, &[]);
    let mut list = Vec::with_capacity(4_600);
    for i in 0..KOSPI_COMPANIES + KOSDAQ_COMPANIES + KONEX_COMPANIES {
        let (board, rank, nxt) = match i {
            i if i < KOSPI_COMPANIES => (Board::Kospi, i, i < NXT_KOSPI),
            i if i < KOSPI_COMPANIES + KOSDAQ_COMPANIES => {
                let rank = i - KOSPI_COMPANIES;
                (Board::Kosdaq, rank, rank < NXT_KOSDAQ)
            }
            i => (Board::Konex, i - KOSPI_COMPANIES - KOSDAQ_COMPANIES, false),
        };
        let company = company(&mut rng, i, board, rank, nxt);
        if board == Board::Kospi && rank < PREFERRED {
            list.extend(preferred(&mut rng, &company, rank));
        }
        list.push(company);
    }
    list.extend((0..ETFS).map(|i| etf(&mut rng, i)));
    list.extend((0..ETNS).map(|i| etn(&mut rng, i)));
    list.extend((0..REITS).map(|i| reit(&mut rng, i)));
    list.extend((0..SPACS).map(|i| spac(&mut rng, i)));
    let companies = KOSPI_COMPANIES + KOSDAQ_COMPANIES + KONEX_COMPANIES;
    list.extend((0..).zip(ASKED).map(|(n, (text, board, nxt))| {
        let rank = KOSPI_COMPANIES / 2 + n;
        StockInfo {
            code: code(text),
            // Nothing that would keep them from being traded.
            marks: Marks {
                nxt,
                ..Marks::default()
            },
            ..company(&mut rng, companies + n, board, rank, nxt)
        }
    }));
    list
}

/// A code made here. The list's own test shows that all of them are codes.
fn code(text: &str) -> StockCode {
    #[expect(clippy::expect_used, reason = "the texts are made in this file")]
    StockCode::parse(text).expect("six or seven digits and capitals")
}

/// The base of a company's code; every twelfth has a letter in it, as newer listings have.
fn stem(i: usize) -> String {
    let number = 50_000 + i * 7;
    if i % 12 == 11 {
        let letter = char::from(b'A' + (i % 26) as u8);
        format!("{:04}{letter}", i % 10_000)
    } else {
        format!("{number:05}")
    }
}

fn company(rng: &mut Rng, i: usize, board: Board, rank: usize, nxt: bool) -> StockInfo {
    let (p, q) = (i % FIRST.len(), i / FIRST.len());
    let (second, sector) = SECOND[(q + p) % SECOND.len()];
    let scale = match board {
        Board::Kospi => 60_000.0,
        Board::Kosdaq => 25_000.0,
        Board::Konex => 300.0,
    };
    // In 억원: few large ones and a long tail.
    let value = scale / (rank as f64 + 2.0).powf(0.75) * rng.between(0.7..1.4);
    let price = (rng.between(7.2..12.0)).exp();
    let price = round_down_to_tick(Won(price as i64)).0;
    let listed_shares = ((value * 1e8 / price as f64) as i64).max(500_000);
    let turnover = rng.between(0.001..0.012);
    StockInfo {
        code: code(&format!("{}0", stem(i))),
        name: Cow::Owned(format!("{}{second}", FIRST[p])),
        board,
        group: if board == Board::Konex {
            Group::Konex
        } else {
            Group::Share
        },
        sector: SECTORS[sector],
        price,
        daily_volume: ((listed_shares as f64 * turnover) as i64).max(300),
        listed_shares,
        volatility: rng.between(0.010..0.034),
        listed: listing_day(rng),
        marks: marks(rng, nxt),
    }
}

/// Some have been listed for less than the simulated twenty years.
fn listing_day(rng: &mut Rng) -> Option<Day> {
    let first = Day::from_ymd(2006, 3, 2)?;
    rng.chance(0.4).then(|| first.plus(rng.below(7_400) as i32))
}

fn marks(rng: &mut Rng, nxt: bool) -> Marks {
    let mut marks = Marks {
        nxt,
        ..Marks::default()
    };
    match rng.below(1_000) {
        0..=17 => {
            marks.administrative = true;
            marks.halted = rng.chance(0.4);
        }
        18..=22 => marks.halted = true,
        23..=25 => {
            marks.liquidation = true;
            marks.administrative = true;
        }
        26..=37 => marks.warning = 1,
        38..=45 => marks.warning = 2,
        46..=48 => marks.warning = 3,
        49..=53 => marks.overheated = 1 + rng.below(3) as u8,
        54..=63 => marks.unfaithful = true,
        _ => {}
    }
    if marks.halted {
        marks.nxt = false;
    }
    marks
}

fn preferred(rng: &mut Rng, company: &StockInfo, rank: usize) -> Option<StockInfo> {
    let stem = company.code.as_str().get(..5)?;
    let (last, tail, kind) = match rank % 5 {
        4 => ("K", "2우B", 2),
        3 => ("7", "2우", 1),
        _ => ("5", "우", 1),
    };
    let price = company.price as f64 * rng.between(0.45..0.95);
    Some(StockInfo {
        code: StockCode::parse(&format!("{stem}{last}"))?,
        name: Cow::Owned(format!("{}{tail}", company.name)),
        price: round_down_to_tick(Won((price as i64).max(600))).0,
        daily_volume: (company.daily_volume / 30).max(200),
        listed_shares: (company.listed_shares / 12).max(100_000),
        marks: Marks {
            preferred: kind,
            ..Marks::default()
        },
        ..company.clone()
    })
}

fn fund_name(i: usize) -> String {
    let theme = FUND_THEMES[i % FUND_THEMES.len()];
    let house = FUND_HOUSES[i / FUND_THEMES.len() % FUND_HOUSES.len()];
    let tail = FUND_TAILS[i / (FUND_THEMES.len() * FUND_HOUSES.len()) % FUND_TAILS.len()];
    format!("{house} {theme}{tail}")
}

/// What ETFs, ETNs, REITs and SPACs share.
fn special(rng: &mut Rng, name: String, group: Group, board: Board, price: i64) -> StockInfo {
    let listed_shares = 200_000 + rng.below(20_000_000) as i64;
    StockInfo {
        code: code("000000"),
        name: Cow::Owned(name),
        board,
        group,
        sector: "",
        price,
        daily_volume: (listed_shares as f64 * rng.between(0.002..0.03)) as i64,
        listed_shares,
        volatility: rng.between(0.004..0.018),
        listed: listing_day(rng),
        marks: Marks::default(),
    }
}

fn etf(rng: &mut Rng, i: usize) -> StockInfo {
    let price = 5 * (1_000 + rng.below(9_000) as i64);
    // New ones have a letter in the code.
    let text = match i % 4 {
        3 => format!("{:04}{}0", 5_000 + i, char::from(b'A' + (i % 24) as u8)),
        _ => format!("{}", 700_000 + i * 10),
    };
    StockInfo {
        code: code(&text),
        ..special(rng, fund_name(i), Group::Etf, Board::Kospi, price)
    }
}

fn etn(rng: &mut Rng, i: usize) -> StockInfo {
    let price = 5 * (1_000 + rng.below(5_000) as i64);
    StockInfo {
        code: code(&format!("Q{}", 910_000 + i)),
        ..special(
            rng,
            format!("{} ETN", fund_name(i)),
            Group::Etn,
            Board::Kospi,
            price,
        )
    }
}

fn reit(rng: &mut Rng, i: usize) -> StockInfo {
    let name = format!("{}리츠", FIRST[i]);
    StockInfo {
        code: code(&format!("{}", 780_000 + i * 10)),
        sector: "부동산",
        ..special(rng, name, Group::Reit, Board::Kospi, 4_000 + 5 * i as i64)
    }
}

fn spac(rng: &mut Rng, i: usize) -> StockInfo {
    let name = format!("{}제{}호스팩", FIRST[i % 24], 1 + i / 24);
    let mut stock = StockInfo {
        code: code(&format!("{}", 790_000 + i * 10)),
        sector: "금융",
        ..special(
            rng,
            name,
            Group::Share,
            Board::Kosdaq,
            2_000 + 5 * (i as i64 % 40),
        )
    };
    stock.marks.spac = true;
    stock
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_names_are_all_different_and_of_every_kind() {
        let mut list = all();
        list.extend(crate::sim::market::stocks::all());
        let codes: BTreeSet<_> = list.iter().map(|s| s.code).collect();
        let names: BTreeSet<_> = list.iter().map(|s| &s.name).collect();
        assert_eq!((codes.len(), names.len()), (list.len(), list.len()));
        assert!((4_300..4_700).contains(&list.len()), "{}", list.len());
        let count = |which: fn(&StockInfo) -> bool| list.iter().filter(|s| which(s)).count();
        let nxt = |board| {
            list.iter()
                .filter(|s| s.board == board && s.marks.nxt)
                .count()
        };
        assert!(
            (340..=370).contains(&nxt(Board::Kospi)),
            "{}",
            nxt(Board::Kospi)
        );
        assert!(
            (260..=285).contains(&nxt(Board::Kosdaq)),
            "{}",
            nxt(Board::Kosdaq)
        );
        for some in [
            count(|s| s.marks.halted),
            count(|s| s.marks.administrative),
            count(|s| s.marks.liquidation),
            count(|s| s.marks.warning == 3),
            count(|s| s.marks.overheated == 2),
            count(|s| s.marks.unfaithful),
            count(|s| s.marks.spac),
            count(|s| s.marks.preferred == 2),
            count(|s| {
                s.code
                    .as_str()
                    .bytes()
                    .skip(1)
                    .any(|b| b.is_ascii_uppercase())
            }),
            count(|s| s.group == Group::Etn && s.code.as_str().starts_with('Q')),
        ] {
            assert!(0 < some);
        }
    }
}
