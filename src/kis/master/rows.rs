//! Rows of the files, by position in bytes.
//!
//! A row is a head (code 9, ISIN 12, name) and a tail of fixed width, in cp949. Fields are cut
//! from the row's end, which survives a wider name column, and before decoding, because a Hangul
//! letter is two bytes. Layouts: the official `stocks_info` headers, as checked against real rows.

use std::ops::Range;
use std::sync::Arc;

use encoding_rs::EUC_KR;

use super::{MasterError, MasterFile};
use crate::domain::{Board, Caution, ListedStock, Paper, StockCode, Won};

/// Bytes before the name.
const BEFORE_NAME: usize = 21;
/// Bytes of the code.
const CODE: usize = 9;

/// Where a tail's fields lie, from the tail's first byte.
struct Layout {
    board: Board,
    width: usize,
    etp: Option<usize>,
    spac: Option<usize>,
    overheat: Option<usize>,
    alert: Option<usize>,
    base: Range<usize>,
    halted: usize,
    liquidation: usize,
    administrative: usize,
    caution: Range<usize>,
    unfaithful: usize,
    /// 락구분 and 액면변경, two letters each.
    rescaled: Range<usize>,
    margin: Range<usize>,
    preferred: usize,
    market_cap: Range<usize>,
}

const KOSPI: Layout = Layout {
    board: Board::Kospi,
    width: 227,
    etp: Some(22),
    spac: Some(29),
    overheat: Some(32),
    alert: None,
    base: 41..50,
    halted: 60,
    liquidation: 61,
    administrative: 62,
    caution: 63..65,
    unfaithful: 66,
    rescaled: 68..72,
    margin: 74..77,
    preferred: 158,
    market_cap: 212..221,
};

const KOSDAQ: Layout = Layout {
    board: Board::Kosdaq,
    width: 221,
    etp: Some(18),
    spac: Some(24),
    overheat: Some(27),
    alert: Some(30),
    base: 36..45,
    halted: 55,
    liquidation: 56,
    administrative: 57,
    caution: 58..60,
    unfaithful: 61,
    rescaled: 63..67,
    margin: 69..72,
    preferred: 153,
    market_cap: 206..215,
};

const KONEX: Layout = Layout {
    board: Board::Konex,
    width: 184,
    etp: None,
    spac: None,
    overheat: None,
    alert: None,
    base: 2..11,
    halted: 21,
    liquidation: 22,
    administrative: 23,
    caution: 24..26,
    unfaithful: 27,
    rescaled: 29..33,
    margin: 35..38,
    preferred: 119,
    market_cap: 172..181,
};

/// The security group codes the exchange has.
const GROUPS: [(&[u8], Paper); 16] = [
    (b"ST", Paper::Share),
    (b"FS", Paper::Share),
    (b"DR", Paper::Share),
    (b"KN", Paper::Share),
    (b"EF", Paper::Etf),
    (b"FE", Paper::Etf),
    (b"EN", Paper::Etn),
    (b"RT", Paper::Reit),
    (b"MF", Paper::Fund),
    (b"SC", Paper::Fund),
    (b"IF", Paper::Fund),
    (b"BC", Paper::Fund),
    (b"SW", Paper::Right),
    (b"SR", Paper::Right),
    (b"EW", Paper::Right),
    (b"PF", Paper::Other),
];

/// One row and where it stands, for errors.
struct Row<'a> {
    file: &'static str,
    number: usize,
    head: &'a [u8],
    tail: &'a [u8],
}

/// The stocks of a board's file.
///
/// # Errors
///
/// [`MasterError::Row`] with row and field for the first thing that is not as it should be;
/// [`MasterError::Empty`]. A Nextrade file has another use: [`nextrade_codes`].
pub fn stocks(file: MasterFile, bytes: &[u8]) -> Result<Vec<ListedStock>, MasterError> {
    let layout = match file {
        MasterFile::Kospi | MasterFile::NextradeKospi => &KOSPI,
        MasterFile::Kosdaq | MasterFile::NextradeKosdaq => &KOSDAQ,
        MasterFile::Konex => &KONEX,
    };
    let read = |(number, line): (usize, &[u8])| {
        let split = line.len().checked_sub(layout.width);
        let Some(at) = split.filter(|&at| BEFORE_NAME < at) else {
            return Err(bad(file, number, "length", "too short", line));
        };
        let (head, tail) = line.split_at(at);
        let row = Row {
            file: file.name(),
            number,
            head,
            tail,
        };
        row.stock(layout)
    };
    let found: Result<Vec<_>, _> = lines(bytes).map(read).collect();
    some(file, found?)
}

/// The codes of a Nextrade file: its rows are the board's own, of which only the code is used.
///
/// # Errors
///
/// As [`stocks`].
pub fn nextrade_codes(file: MasterFile, bytes: &[u8]) -> Result<Vec<StockCode>, MasterError> {
    let read = |(number, line): (usize, &[u8])| {
        let head = line.get(..CODE).unwrap_or(line);
        code(head).ok_or_else(|| bad(file, number, "단축코드", "not a code", head))
    };
    let found: Result<Vec<_>, _> = lines(bytes).map(read).collect();
    some(file, found?)
}

fn some<T>(file: MasterFile, found: Vec<T>) -> Result<Vec<T>, MasterError> {
    match found.is_empty() {
        true => Err(MasterError::Empty { file: file.name() }),
        false => Ok(found),
    }
}

/// The lines with something on them, and their numbers from 1.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let end = |line: &[u8]| line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len);
    bytes
        .split(|&b| b == b'\n')
        .map(move |line| &line[..end(line)])
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| (index + 1, line))
}

fn code(bytes: &[u8]) -> Option<StockCode> {
    StockCode::from_bytes(bytes.trim_ascii())
}

fn bad(
    file: MasterFile,
    row: usize,
    field: &'static str,
    why: &'static str,
    text: &[u8],
) -> MasterError {
    MasterError::Row {
        file: file.name(),
        row,
        field,
        why,
        text: shown(text),
    }
}

/// How a text begins, as far as it can be shown.
fn shown(text: &[u8]) -> String {
    EUC_KR
        .decode_without_bom_handling(text)
        .0
        .chars()
        .take(40)
        .collect()
}

impl Row<'_> {
    fn stock(&self, layout: &Layout) -> Result<ListedStock, MasterError> {
        let code = code(&self.head[..CODE])
            .ok_or_else(|| self.wrong("단축코드", "not a code", &self.head[..CODE]))?;
        let name = &self.head[BEFORE_NAME..].trim_ascii();
        let text = EUC_KR.decode_without_bom_handling_and_without_replacement(name);
        let text = text.filter(|text| !text.trim().is_empty() && !text.contains(char::is_control));
        let text = text.ok_or_else(|| self.wrong("한글명", "not a cp949 name", name))?;
        let name: Arc<str> = text.trim().into();
        // A shifted row shows here first: no other place holds these letters by chance.
        let group = &self.tail[..2];
        let paper = GROUPS.iter().find(|(code, _)| *code == group);
        let Some(&(_, paper)) = paper else {
            return Err(self.wrong("그룹코드", "unknown group", group));
        };
        let paper = match self.one(layout.etp) {
            b'1' | b'2' => Paper::Etf,
            b'3' | b'4' => Paper::Etn,
            _ => paper,
        };
        Ok(ListedStock {
            code,
            name,
            board: layout.board,
            paper,
            preferred: matches!(self.tail[layout.preferred], b'1' | b'2'),
            spac: self.flag(layout.spac, "SPAC")?,
            halted: self.flag(Some(layout.halted), "거래정지")?,
            liquidation: self.flag(Some(layout.liquidation), "정리매매")?,
            administrative: self.flag(Some(layout.administrative), "관리종목")?,
            alert: self.flag(layout.alert, "투자주의환기")?,
            unfaithful: self.flag(Some(layout.unfaithful), "불성실공시")?,
            overheated: matches!(self.one(layout.overheat), b'2' | b'3'),
            caution: self.caution(&layout.caution)?,
            base: self
                .number(&layout.base, "기준가")?
                .filter(|&won| 0 < won)
                .map(Won),
            margin_percent: self
                .number(&layout.margin, "증거금비율")?
                .and_then(|percent| u8::try_from(percent).ok()),
            rescaled: self.rescaled(&layout.rescaled),
            market_cap: self.number(&layout.market_cap, "시가총액")?,
            nextrade: None,
        })
    }

    fn one(&self, at: Option<usize>) -> u8 {
        at.map_or(b' ', |at| self.tail[at])
    }

    /// Y, or N or blank.
    fn flag(&self, at: Option<usize>, field: &'static str) -> Result<bool, MasterError> {
        match self.one(at) {
            b'Y' => Ok(true),
            b'N' | b' ' => Ok(false),
            other => Err(self.wrong(field, "neither Y nor N", &[other])),
        }
    }

    /// Dividends (02, 03, 05) rescale nothing. A code that is not known here may: then the stock's
    /// closes are looked at once more, and they decide.
    fn rescaled(&self, at: &Range<usize>) -> bool {
        let (rights, par) = self.tail[at.clone()].split_at(2);
        let says_nothing = |code: &[u8]| matches!(code, b"00" | b"  ");
        let dividend = matches!(rights, b"02" | b"03" | b"05");
        !says_nothing(par) || !says_nothing(rights) && !dividend
    }

    fn caution(&self, at: &Range<usize>) -> Result<Caution, MasterError> {
        let text = &self.tail[at.clone()];
        match text {
            b"00" | b"  " => Ok(Caution::None),
            b"01" => Ok(Caution::Attention),
            b"02" => Ok(Caution::Warning),
            b"03" => Ok(Caution::Danger),
            _ => Err(self.wrong("시장경고", "unknown", text)),
        }
    }

    /// A zero-padded number; its sign, if it has one, stands before the zeros. Blank is unknown.
    fn number(&self, at: &Range<usize>, field: &'static str) -> Result<Option<i64>, MasterError> {
        let text = self.tail[at.clone()].trim_ascii();
        if text.is_empty() {
            return Ok(None);
        }
        let number = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(field, "not a whole number", text)),
        }
    }

    fn wrong(&self, field: &'static str, why: &'static str, text: &[u8]) -> MasterError {
        MasterError::Row {
            file: self.file,
            row: self.number,
            field,
            why,
            text: shown(text),
        }
    }
}
