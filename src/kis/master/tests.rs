//! Rows written by hand from the broker's documentation, field by field in its order, and what
//! becomes of files that are not whole. The stocks are invented.

use std::io::Write as _;

use super::*;
use crate::domain::{Board, Caution, ListedStock, Paper, StockCode, Won};

/// What a written row says.
#[derive(Clone)]
struct Written {
    code: &'static str,
    name: &'static str,
    group: &'static str,
    etp: &'static str,
    spac: &'static str,
    overheat: &'static str,
    base: &'static str,
    halted: &'static str,
    liquidation: &'static str,
    administrative: &'static str,
    caution: &'static str,
    ex: &'static str,
    par: &'static str,
    margin: &'static str,
    preferred: &'static str,
    profit: &'static str,
    cap: &'static str,
}

const PLAIN: Written = Written {
    code: "123450",
    name: "가상전자",
    group: "ST",
    etp: " ",
    spac: "N",
    overheat: "0",
    base: "000071400",
    halted: "N",
    liquidation: "N",
    administrative: "N",
    caution: "00",
    ex: "00",
    par: "00",
    margin: "020",
    preferred: "0",
    profit: "-00000029",
    cap: "000012345",
};

/// The columns of a board: every width in the documentation's order.
fn row(board: Board, w: &Written) -> Vec<u8> {
    let flags = |n: usize| "N".repeat(n);
    let index = |n: usize| "0000".repeat(n);
    let kospi = [
        w.group,
        "3",
        &index(3), // size and three sector codes
        &flags(3),
        "0",
        &flags(3),
        w.etp,
        &flags(6),
        w.spac,
        &flags(2),
        w.overheat,
        &flags(8),
        w.base,
        "00001",
        "00001",
        w.halted,
        w.liquidation,
        w.administrative,
        w.caution,
        "N",
        "N",
        "N",
        w.ex,
        w.par,
        "00",
        w.margin,
        "Y",
        "090",
        "000000050336",
        "000000005000",
        "19760324",
        "000000000027931",
        "000000000000279314700",
        "12",
        "       ",
        w.preferred,
        " ",
        "N",
        "N",
        "Y",
        "000004964",
        w.profit,
        "000000300",
        "-0038",
        "000002.31",
        "20251231",
        w.cap,
        "   ",
        "N",
        "N",
        "N",
    ];
    let kosdaq = [
        w.group,
        "1",
        &index(3),
        "N",
        "N",
        "N",
        w.etp,
        &flags(5),
        w.spac,
        &flags(2),
        w.overheat,
        &flags(2),
        "Y",
        &flags(4),
        "Y",
        w.base,
        "00001",
        "00001",
        w.halted,
        w.liquidation,
        w.administrative,
        w.caution,
        "N",
        "Y",
        "N",
        w.ex,
        w.par,
        "00",
        w.margin,
        "Y",
        "090",
        "000000050336",
        "000000000500",
        "19990324",
        "000000000027931",
        "000000000000279314700",
        "12",
        "       ",
        w.preferred,
        " ",
        "N",
        "N",
        "000004964",
        w.profit,
        "000000300",
        "-0038",
        "000000002",
        "20251231",
        w.cap,
        "   ",
        "N",
        "N",
        "N",
    ];
    let konex = [
        w.group,
        w.base,
        "00001",
        "00001",
        w.halted,
        w.liquidation,
        w.administrative,
        w.caution,
        "N",
        "N",
        "N",
        w.ex,
        w.par,
        "00",
        w.margin,
        "N",
        "000",
        "000000000336",
        "000000000500",
        "20180324",
        "000000000007931",
        "000000000000009314700",
        "12",
        "       ",
        w.preferred,
        "N",
        "N",
        "N",
        "000000064",
        w.profit,
        "000000001",
        "-0038",
        "000000002",
        "20251231",
        w.cap,
        "N",
        "N",
        "N",
    ];
    let (tail, width) = match board {
        Board::Kospi => (kospi.concat(), 227),
        Board::Kosdaq => (kosdaq.concat(), 221),
        Board::Konex => (konex.concat(), 184),
    };
    assert_eq!(tail.len(), width, "the columns of {board:?}");
    let (name, _, lossy) = encoding_rs::EUC_KR.encode(w.name);
    assert!(!lossy);
    let mut bytes = format!("{:<9}KR7000000000", w.code).into_bytes();
    bytes.extend_from_slice(&name);
    bytes.resize(21 + 40, b' ');
    bytes.extend_from_slice(tail.as_bytes());
    bytes.push(b'\n');
    bytes
}

fn read_one(file: MasterFile, board: Board, w: &Written) -> ListedStock {
    let mut found = stocks(file, &row(board, w)).unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn zipped(rows: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("kospi_code.mst", options).unwrap();
    zip.write_all(rows).unwrap();
    zip.finish().unwrap().into_inner()
}

const BOARDS: [(MasterFile, Board); 3] = [
    (MasterFile::Kospi, Board::Kospi),
    (MasterFile::Kosdaq, Board::Kosdaq),
    (MasterFile::Konex, Board::Konex),
];

#[test]
fn every_board_reads_back_what_was_written() {
    for (file, board) in BOARDS {
        let stock = read_one(file, board, &PLAIN);
        let code = StockCode::parse("123450").unwrap();
        let expected = ListedStock {
            base: Some(Won(71_400)),
            margin_percent: Some(20),
            market_cap: Some(12_345),
            alert: board == Board::Kosdaq,
            unfaithful: board == Board::Kosdaq,
            ..ListedStock::plain(code, "가상전자", board)
        };
        assert_eq!(stock, expected);
        let grave = Written {
            halted: "Y",
            administrative: "Y",
            caution: "03",
            margin: "100",
            base: "         ",
            cap: "-00000001",
            preferred: "2",
            ..PLAIN
        };
        let stock = read_one(file, board, &grave);
        assert!(stock.halted && stock.administrative && !stock.liquidation && stock.preferred);
        assert_eq!(stock.caution, Caution::Danger);
        assert_eq!((stock.base, stock.market_cap), (None, Some(-1)));
        assert_eq!(stock.margin_percent, Some(100));
        let leaving = Written {
            liquidation: "Y",
            caution: "01",
            ..PLAIN
        };
        let stock = read_one(file, board, &leaving);
        assert!(stock.liquidation && !stock.halted);
        assert_eq!(stock.caution, Caution::Attention);
    }
}

#[test]
fn days_on_which_prices_are_rescaled_are_told() {
    for (file, board) in BOARDS {
        for (ex, par, rescaled) in [
            ("00", "00", false),
            ("  ", "  ", false),
            ("01", "00", true),
            ("02", "00", false),
            ("03", "00", false),
            ("04", "00", true),
            ("05", "00", false),
            ("06", "00", true),
            ("00", "01", true),
            ("00", "02", true),
            ("02", "01", true),
            ("99", "00", true),
        ] {
            let written = Written { ex, par, ..PLAIN };
            let found = read_one(file, board, &written).rescaled;
            assert_eq!(found, rescaled, "{board:?} {ex:?} {par:?}");
        }
    }
}

#[test]
fn a_name_with_control_characters_is_none() {
    let written = Written {
        name: "가상\u{c}전자",
        ..PLAIN
    };
    let refused = stocks(MasterFile::Kospi, &row(Board::Kospi, &written)).unwrap_err();
    assert!(refused.to_string().contains("한글명"), "{refused}");
}

#[test]
fn papers_are_told_apart() {
    for (group, etp, expected) in [
        ("ST", " ", Paper::Share),
        ("ST", "0", Paper::Share),
        ("EF", "1", Paper::Etf),
        ("EF", "2", Paper::Etf),
        ("EN", "3", Paper::Etn),
        ("EN", "4", Paper::Etn),
        ("RT", "0", Paper::Reit),
        ("BC", "5", Paper::Fund),
        ("SR", " ", Paper::Right),
        ("FS", " ", Paper::Share),
    ] {
        let written = Written {
            group,
            etp,
            ..PLAIN
        };
        for (file, board) in &BOARDS[..2] {
            assert_eq!(
                read_one(*file, *board, &written).paper,
                expected,
                "{group}{etp}"
            );
        }
    }
    let spac = Written {
        spac: "Y",
        overheat: "3",
        ..PLAIN
    };
    for (file, board) in &BOARDS[..2] {
        let stock = read_one(*file, *board, &spac);
        assert!(stock.spac && stock.overheated);
    }
}

#[test]
fn codes_have_letters_and_names_two_bytes_a_syllable() {
    for (code, name) in [
        ("0126Z0", "삼성에피스홀딩스"),
        ("Q500001", "가상 레버리지 원유 선물 ETN"),
        ("F70100022", "펀드"),
        // Only in cp949, not in the older EUC-KR.
        ("000001", "뷁펲"),
    ] {
        let written = Written {
            code,
            name,
            ..PLAIN
        };
        let stock = read_one(MasterFile::Kospi, Board::Kospi, &written);
        assert_eq!((stock.code.as_str(), &*stock.name), (code, name));
    }
    // A wider name column moves nothing.
    let mut wide = row(Board::Kospi, &PLAIN);
    wide.splice(61..61, *b"          ");
    let stock = stocks(MasterFile::Kospi, &wide).unwrap().remove(0);
    assert_eq!((&*stock.name, stock.base), ("가상전자", Some(Won(71_400))));
    // CR LF, and no end at the last row.
    let mut two = row(Board::Kospi, &PLAIN);
    two.splice(288..289, *b"\r\n");
    two.extend(row(Board::Kospi, &PLAIN));
    two.pop();
    assert_eq!(stocks(MasterFile::Kospi, &two).unwrap().len(), 2);
}

#[test]
fn a_wrong_row_refuses_the_file_and_is_named() {
    let good = row(Board::Kospi, &PLAIN);
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut second = good.clone();
        change(&mut second);
        let mut bytes = good.clone();
        bytes.extend(second);
        stocks(MasterFile::Kospi, &bytes).unwrap_err()
    };
    let put = |at: usize, text: &'static [u8]| {
        with(&move |row: &mut Vec<u8>| row[at..at + text.len()].copy_from_slice(text))
    };
    for (error, field) in [
        (put(61, b"ZZ"), "그룹코드"),
        (put(0, b"12-450"), "단축코드"),
        (put(0, b"         "), "단축코드"),
        (put(21, b"\xff\xff"), "한글명"),
        (put(21, &[b' '; 40]), "한글명"),
        (put(102, b"0000714.0"), "기준가"),
        (put(121, b"X"), "거래정지"),
        (put(124, b"09"), "시장경고"),
        (put(273, b"12 456789"), "시가총액"),
        (with(&|row| row.truncate(120)), "length"),
        // Cut in the middle of the tail: the group code is no longer where it was.
        (with(&|row| row.truncate(270)), "그룹코드"),
    ] {
        match &error {
            MasterError::Row {
                row: 2, field: f, ..
            } if *f == field => {}
            other => panic!("{field}: {other:?}"),
        }
        let text = error.user_message().to_string();
        assert!(
            text.contains("2번째 줄") && text.contains("다시 받습니다"),
            "{text}"
        );
    }
    let empty = MasterError::Empty {
        file: "kospi_code.mst.zip",
    };
    assert_eq!(stocks(MasterFile::Kospi, b"\n\n"), Err(empty));
}

#[test]
fn a_cut_or_foreign_zip_is_refused() {
    let rows = row(Board::Kospi, &PLAIN).repeat(50);
    let whole = zipped(&rows);
    assert_eq!(unpack(MasterFile::Kospi, &whole).unwrap(), rows);
    for cut in [0, 1, 4, 30, whole.len() / 2, whole.len() - 1] {
        let error = unpack(MasterFile::Kospi, &whole[..cut]).unwrap_err();
        assert!(
            matches!(error, MasterError::NotAZip { .. }),
            "{cut}: {error}"
        );
    }
    let error = unpack(MasterFile::Kospi, b"<html>\xb5\xbf</html>").unwrap_err();
    assert!(error.user_message().to_string().contains("온전하지 않아"));
    // A flipped byte in the data does not pass the checksum.
    let mut flipped = whole.clone();
    let at = 30 + "kospi_code.mst".len() + 10;
    flipped[at] ^= 0x10;
    assert!(unpack(MasterFile::Kospi, &flipped).is_err());
    // Small outside, huge inside.
    let huge = zipped(&vec![b'0'; LARGEST as usize + 1]);
    assert!(huge.len() < 1 << 20);
    let too_large = MasterError::TooLarge {
        file: "kospi_code.mst.zip",
    };
    assert_eq!(unpack(MasterFile::Kospi, &huge), Err(too_large));
}

#[test]
fn nextrade_files_name_codes() {
    let mut bytes = row(Board::Kosdaq, &PLAIN);
    let other = Written {
        code: "0126Z0",
        ..PLAIN
    };
    bytes.extend(row(Board::Kosdaq, &other));
    let codes = nextrade_codes(MasterFile::NextradeKosdaq, &bytes).unwrap();
    assert_eq!(codes.len(), 2);
    assert_eq!(codes[1].as_str(), "0126Z0");
    assert!(nextrade_codes(MasterFile::NextradeKosdaq, b"<html>\n").is_err());
}
