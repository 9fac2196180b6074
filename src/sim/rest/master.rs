//! The master files below `/common/master/`: a row a stock in fixed byte columns, cp949, zipped.
//! They need no keys and have no rate limit; the real ones lie on a host of their own.

use std::io::Write as _;

use zip::write::SimpleFileOptions;

use crate::domain::Day;
use crate::sim::market::{Board, Group, Market, StockInfo};
use crate::sim::rest::reply::Reply;
use crate::sim::rest::sectors;
use crate::sim::shared::Shared;

const FOLDER: &str = "/common/master/";

/// The answer to a path below the folder; `None` for any other path.
pub(super) fn answer(shared: &Shared, path: &str) -> Option<Reply> {
    let file = path.strip_prefix(FOLDER)?;
    let rows = match file {
        "kospi_code.mst.zip" => stocks(shared, |s| s.board == Board::Kospi),
        "kosdaq_code.mst.zip" => stocks(shared, |s| s.board == Board::Kosdaq),
        "konex_code.mst.zip" => stocks(shared, |s| s.board == Board::Konex),
        "nxt_kospi_code.mst.zip" => stocks(shared, |s| s.board == Board::Kospi && s.marks.nxt),
        "nxt_kosdaq_code.mst.zip" => stocks(shared, |s| s.board == Board::Kosdaq && s.marks.nxt),
        "idxcode.mst.zip" => sectors::rows(),
        _ => {
            return Some(Reply::html(
                404,
                "<html><body><h1>Not Found</h1></body></html>",
            ));
        }
    };
    let name = file.trim_end_matches(".zip");
    Some(match zipped(name, &rows) {
        Ok(bytes) => Reply::file(bytes),
        Err(error) => {
            tracing::warn!(%error, name, "a master file could not be zipped");
            Reply::html(500, "")
        }
    })
}

fn zipped(name: &str, rows: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default())?;
    zip.write_all(rows)?;
    Ok(zip.finish()?.into_inner())
}

fn stocks(shared: &Shared, which: impl Fn(&StockInfo) -> bool) -> Vec<u8> {
    let market = &shared.market;
    let calendar = market.calendar();
    let today = shared.clock.now().day();
    let day = if calendar.is_open(today) {
        today
    } else {
        calendar.next_open(today)
    };
    let mut out = Row(Vec::new());
    let listed = market.listed().iter().enumerate();
    for (index, stock) in listed.filter(|(_, s)| which(s)) {
        if stock.listed.is_none_or(|listed| listed <= day) {
            out.stock(&Known::of(market, index, stock, day));
        }
    }
    out.0
}

/// What the columns need beside the stock.
struct Known<'a> {
    stock: &'a StockInfo,
    base: i64,
    /// About the shares of the day before.
    volume: i64,
    /// Market value at the close before, 억원.
    value: i64,
    /// Whether the share is split today.
    split: bool,
}

impl<'a> Known<'a> {
    fn of(market: &Market, index: usize, stock: &'a StockInfo, day: Day) -> Self {
        let base = market.plan_of(index, day).map_or(stock.price, |p| p.base);
        let before = market.calendar().previous_open(day);
        Self {
            stock,
            base,
            volume: market.plan_of(index, before).map_or(0, |p| p.volume),
            value: stock.listed_shares / 10_000 * base / 10_000,
            split: market.split_of(index).is_some_and(|s| s.day == day),
        }
    }

    fn is_fund(&self) -> bool {
        matches!(self.stock.group, Group::Etf | Group::Etn)
    }
}

/// Y or N.
fn yes(yes: bool) -> &'static str {
    if yes { "Y" } else { "N" }
}

/// Rows written column by column.
struct Row(Vec<u8>);

impl Row {
    /// Text in cp949, cut or padded with blanks to `width` bytes.
    fn text(&mut self, text: &str, width: usize) {
        let mut kept = Vec::with_capacity(width);
        for c in text.chars() {
            let one = c.to_string();
            let (bytes, _, _) = encoding_rs::EUC_KR.encode(&one);
            if width < kept.len() + bytes.len() {
                break;
            }
            kept.extend_from_slice(&bytes);
        }
        kept.resize(width, b' ');
        self.0.extend(kept);
    }

    /// A number with leading zeros; a minus sign stands before them.
    fn number(&mut self, number: i64, width: usize) {
        let text = if number < 0 {
            format!("-{:0width$}", -number, width = width - 1)
        } else {
            format!("{number:0width$}")
        };
        self.text(&text, width);
    }

    fn all(&mut self, columns: &[&str]) {
        for column in columns {
            self.0.extend_from_slice(column.as_bytes());
        }
    }

    fn stock(&mut self, known: &Known) {
        let s = known.stock;
        self.text(s.code.as_str(), 9);
        self.text(&isin(s), 12);
        self.text(&s.name, 40);
        match s.board {
            Board::Kospi => self.kospi(known),
            Board::Kosdaq => self.kosdaq(known),
            Board::Konex => self.konex(known),
        }
        self.0.push(b'\n');
    }

    /// Group, size and the three sector codes.
    fn group(&mut self, known: &Known) {
        let s = known.stock;
        self.text(group_code(s.group), 2);
        let size = match known.is_fund() {
            true => 0,
            false => sectors::size(known.value),
        };
        self.number(size, 1);
        let (large, middle) = sectors::codes(s);
        self.all(&[large, middle, "0000"]);
    }

    fn kospi(&mut self, known: &Known) {
        let s = known.stock;
        let fund = known.is_fund();
        let large = !fund && 50_000 <= known.value;
        self.group(known);
        self.all(&[yes(!fund), "N", if fund { " " } else { "N" }]);
        // The sector of the KOSPI 200, KOSPI 100 and 50, KRX.
        let top = if large { "5" } else { "0" };
        self.all(&[top, yes(large), yes(300_000 <= known.value), yes(large)]);
        self.all(&[etp(s.group), yes(large), yes(large)]);
        self.sectors(s);
        // Media, building, a dead field, brokers, ships, insurers, transport, SRI.
        self.all(&["N", "N", "N", "N", "N", "N", "N", "N"]);
        self.trading(known);
        self.capital(known);
        self.text("", 7);
        self.number(i64::from(s.marks.preferred), 1);
        self.all(&["N", "N", yes(large), yes(!fund)]);
        self.accounts(known, true);
        self.all(&["   ", "N", yes(!fund), yes(large)]);
    }

    /// Automobiles, semiconductors, biotechnology, banks; SPAC; energy, steel; short-term
    /// overheating.
    fn sectors(&mut self, s: &StockInfo) {
        self.all(&[
            "N",
            "N",
            yes(s.sector == "제약"),
            "N",
            yes(s.marks.spac),
            "N",
            "N",
        ]);
        self.number(i64::from(s.marks.overheated), 1);
    }

    fn kosdaq(&mut self, known: &Known) {
        let s = known.stock;
        let large = 20_000 <= known.value;
        self.group(known);
        // Venture, illiquid, KRX.
        self.all(&[yes(s.code.as_str().ends_with("30")), "N", yes(large)]);
        self.all(&[etp(s.group), yes(large)]);
        self.sectors(s);
        // Media, building; 투자주의환기; brokers, ships, insurers, transport; KOSDAQ 150.
        self.all(&[
            "N",
            "N",
            yes(s.marks.administrative),
            "N",
            "N",
            "N",
            "N",
            yes(large),
        ]);
        self.trading(known);
        self.capital(known);
        self.text("", 7);
        self.number(i64::from(s.marks.preferred), 1);
        self.all(&["N", "N", yes(large)]);
        self.accounts(known, false);
        self.all(&["   ", "N", "Y", yes(large)]);
    }

    fn konex(&mut self, known: &Known) {
        let s = known.stock;
        self.text(group_code(s.group), 2);
        self.trading(known);
        self.capital(known);
        self.text("", 7);
        self.number(i64::from(s.marks.preferred), 1);
        self.all(&["N", "N", "N"]);
        self.accounts(known, false);
        self.all(&["N", "N", "N"]);
    }

    /// Base price to credit days: the same on every board.
    fn trading(&mut self, known: &Known) {
        let m = known.stock.marks;
        self.number(known.base, 9);
        self.number(1, 5);
        self.number(1, 5);
        self.all(&[yes(m.halted), yes(m.liquidation), yes(m.administrative)]);
        self.number(i64::from(m.warning), 2);
        // Warning ahead, 불성실공시, backdoor listing; ex-flag, par value, capital increase.
        let par = if known.split { "01" } else { "00" };
        self.all(&["N", yes(m.unfaithful), "N", "00", par, "00"]);
        let marked = m.administrative || m.halted || 1 < m.warning;
        self.number(if marked { 100 } else { 40 }, 3);
        self.all(&[yes(!marked && !known.is_fund())]);
        self.number(if marked { 0 } else { 90 }, 3);
    }

    /// Volume of the day before to fiscal month.
    fn capital(&mut self, known: &Known) {
        let s = known.stock;
        self.number(if s.marks.halted { 0 } else { known.volume }, 12);
        let par = if known.is_fund() { 0 } else { 500 };
        self.number(par, 12);
        let listed = s.listed.map_or("19900103".to_owned(), Day::compact);
        self.text(&listed, 8);
        self.number(s.listed_shares / 1_000, 15);
        self.number(s.listed_shares * par, 21);
        self.number(12, 2);
    }

    /// Sales to market value; on KOSPI the return on equity has decimals.
    fn accounts(&mut self, known: &Known, decimals: bool) {
        let value = if known.is_fund() { 0 } else { known.value };
        // A third of the small ones lose money.
        let loses = value < 2_000 && known.stock.price % 3 == 0;
        let profit = if loses { -value / 20 } else { value / 14 };
        self.number(value / 2, 9);
        self.number(profit, 9);
        self.number(profit, 9);
        self.number(profit.clamp(-9_999, 99_999), 5);
        let roe = if loses { -7 } else { 9 };
        match decimals {
            true if loses => self.text("-00007.10", 9),
            true => self.text("000009.30", 9),
            false => self.number(roe, 9),
        }
        self.text("20260630", 8);
        self.number(known.value, 9);
    }
}

fn group_code(group: Group) -> &'static str {
    match group {
        Group::Share => "ST",
        Group::Etf => "EF",
        Group::Etn => "EN",
        Group::Reit => "RT",
        Group::Konex => "KN",
    }
}

/// Blank for shares, as in real rows.
fn etp(group: Group) -> &'static str {
    match group {
        Group::Etf => "2",
        Group::Etn => "3",
        Group::Share | Group::Reit | Group::Konex => " ",
    }
}

/// `KR7` + the short code + `00` and the check digit; ETNs have `KRG`.
pub(super) fn isin(stock: &StockInfo) -> String {
    let code = stock.code.as_str();
    let kind = if stock.group == Group::Etn { "G" } else { "7" };
    let body = format!("KR{kind}{}00", &code[code.len() - 6..]);
    let digit = check_digit(&body);
    format!("{body}{digit}")
}

/// ISO 6166: letters become two digits, then Luhn from the right.
fn check_digit(body: &str) -> u32 {
    let digits: Vec<u32> = body
        .chars()
        .filter_map(|c| c.to_digit(36))
        .flat_map(|v| {
            if v < 10 {
                vec![v]
            } else {
                vec![v / 10, v % 10]
            }
        })
        .collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match i % 2 {
            0 => d * 2 / 10 + d * 2 % 10,
            _ => *d,
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_real_codes() {
        assert_eq!(check_digit("KR700593000"), 3);
        assert_eq!(check_digit("KR700066000"), 1);
        assert_eq!(check_digit("KR700002000"), 8);
    }

    #[test]
    fn columns_keep_their_width() {
        let mut row = Row(Vec::new());
        row.text("동화약품", 7);
        row.number(-29, 9);
        row.number(606, 9);
        let (text, _, _) = encoding_rs::EUC_KR.decode(&row.0);
        assert_eq!(text, "동화약 -00000029000000606");
    }
}
