//! Data frames of the socket: `0|TR|count|field^field^…`.
//!
//! The width of a record comes from the message (total fields / count), because the broker
//! appends fields without notice. A sound frame is read without touching the heap.

use super::control::{self, Control};
use super::error::KisError;
use super::number::cut;
use super::record::Record;
use super::{book_record, trade_record};
use crate::domain::{OrderBook, Print};

/// What a frame holds.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a box would be an allocation a frame; items are consumed at once"
)]
pub enum FrameItem {
    /// One execution.
    Print(Print),
    /// The book of one stock.
    Book(OrderBook),
    /// An answer to a registration, or the heartbeat.
    Control(Control),
}

/// Feeds with executions: same 46 positions on every market.
const TRADES: [&str; 3] = ["H0STCNT0", "H0NXCNT0", "H0UNCNT0"];
/// Feeds with books: the same first 59 positions on every market.
const BOOKS: [&str; 3] = ["H0STASP0", "H0NXASP0", "H0UNASP0"];

/// Whether [`parse_frame`] reads this feed.
pub fn has_parser(tr_id: &str) -> bool {
    TRADES.contains(&tr_id) || BOOKS.contains(&tr_id)
}

/// Reads one frame and hands out what it holds, in order.
///
/// # Errors
///
/// Names what cannot be read. Sound records of a frame are handed out even if another record of
/// the same frame is refused; the first refusal is returned.
#[inline]
pub fn parse_frame(bytes: &[u8], on: &mut impl FnMut(FrameItem)) -> Result<(), KisError> {
    match bytes.first() {
        Some(b'{') => {
            on(FrameItem::Control(control::parse(bytes)?));
            Ok(())
        }
        Some(b'0') => data(bytes, on),
        Some(b'1') => Err(encrypted(bytes)),
        _ => Err(wrong(bytes, "neither data nor a control message")),
    }
}

#[inline]
fn data(bytes: &[u8], on: &mut impl FnMut(FrameItem)) -> Result<(), KisError> {
    let [b'0', b'|', rest @ ..] = bytes else {
        return Err(wrong(bytes, "the head is not enc|tr_id|count|"));
    };
    let (tr_id, rest) = head(rest).ok_or_else(|| wrong(bytes, "the head has no tr_id"))?;
    let (count, payload) = head(rest).ok_or_else(|| wrong(bytes, "the head has no count"))?;
    let count = records(count).ok_or_else(|| wrong(bytes, "the count is no number from 1"))?;
    let payload = payload.strip_suffix(b"\n").unwrap_or(payload);
    let payload = payload.strip_suffix(b"\r").unwrap_or(payload);
    let same = |known: &&&str| known.as_bytes() == tr_id;
    if let Some(tr_id) = TRADES.iter().find(same) {
        let shape = Shape {
            tr_id,
            count,
            least: trade_record::FIELDS,
        };
        each(bytes, payload, &shape, |record| {
            trade_record::print(record).map(|print| on(FrameItem::Print(print)))
        })
    } else if let Some(tr_id) = BOOKS.iter().find(same) {
        let shape = Shape {
            tr_id,
            count,
            least: book_record::FIELDS,
        };
        each(bytes, payload, &shape, |record| {
            book_record::book(record).map(|book| on(FrameItem::Book(book)))
        })
    } else {
        Err(KisError::NoParser { tr_id: cut(tr_id) })
    }
}

/// The text before the next `|` and what follows it.
fn head(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().take(24).position(|&b| b == b'|')?;
    (0 < at).then(|| (&text[..at], &text[at + 1..]))
}

fn records(text: &[u8]) -> Option<usize> {
    if 6 < text.len() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = text.iter().fold(0, |n, b| n * 10 + usize::from(b - b'0'));
    (0 < count).then_some(count)
}

struct Shape {
    tr_id: &'static str,
    count: usize,
    least: usize,
}

#[inline]
fn each(
    frame: &[u8],
    payload: &[u8],
    shape: &Shape,
    mut read: impl FnMut(&Record<'_>) -> Result<(), KisError>,
) -> Result<(), KisError> {
    const FEW: &str = "a record has too few fields";
    let mut record = Record::new(shape.tr_id);
    if shape.count == 1 {
        // The usual frame needs no count before its fields are found, nor those beyond.
        let (_, width) = record.split(payload, shape.least + 1, 0);
        if width < shape.least {
            return Err(wrong(frame, FEW));
        }
        return read(&record);
    }
    let total = payload.iter().filter(|&&b| b == b'^').count() + 1;
    if total % shape.count != 0 {
        return Err(wrong(frame, "the fields do not divide by the count"));
    }
    let width = total / shape.count;
    if width < shape.least {
        return Err(wrong(frame, FEW));
    }
    let mut outcome = Ok(());
    let mut rest = payload;
    for index in 0..shape.count {
        let (length, _) = record.split(rest, width, index);
        let read = read(&record);
        outcome = outcome.and(read);
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    outcome
}

/// None of the feeds read here is ever encrypted.
#[cold]
fn encrypted(bytes: &[u8]) -> KisError {
    let tr_id = bytes.split(|&b| b == b'|').nth(1).unwrap_or_default();
    match std::str::from_utf8(tr_id) {
        Ok(tr_id) if has_parser(tr_id) => wrong(bytes, "encrypted, which this feed never is"),
        _ if bytes.starts_with(b"1|") => KisError::NoParser { tr_id: cut(tr_id) },
        _ => wrong(bytes, "neither data nor a control message"),
    }
}

#[cold]
fn wrong(bytes: &[u8], why: &'static str) -> KisError {
    let tr_id = bytes.split(|&b| b == b'|').nth(1).unwrap_or_default();
    KisError::Frame {
        tr_id: cut(tr_id),
        why,
        text: cut(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Shares, Side, Won};

    fn execution(price: &str) -> String {
        let mut fields = vec!["0"; 46];
        (fields[0], fields[1], fields[2]) = ("005930", "093001", price);
        (fields[3], fields[4], fields[12], fields[13]) = ("5", "100", "7", "");
        (fields[18], fields[21]) = ("98.7", "5");
        (fields[33], fields[34], fields[45]) = ("20261120", "20", "");
        fields.join("^")
    }

    fn read(frame: &[u8]) -> (Vec<FrameItem>, Result<(), KisError>) {
        let mut items = vec![];
        let outcome = parse_frame(frame, &mut |item| items.push(item));
        (items, outcome)
    }

    #[test]
    fn sound_records_survive_a_bad_neighbour() {
        let records = ["70500", "x", "70600"].map(execution).join("^");
        let (items, outcome) = read(format!("0|H0NXCNT0|003|{records}\r\n").as_bytes());
        let prices: Vec<Won> = items
            .iter()
            .map(|item| match item {
                FrameItem::Print(print) => print.price,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(prices, [Won(70_500), Won(70_600)]);
        let error = outcome.unwrap_err().to_string();
        for part in ["H0NXCNT0", "record 1", "STCK_PRPR", "at 2", "\"x\""] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn every_used_field_of_an_execution() {
        let (items, outcome) = read(format!("0|H0STCNT0|001|{}", execution("70500")).as_bytes());
        assert_eq!(outcome, Ok(()));
        let [FrameItem::Print(print)] = items[..] else {
            panic!("{items:?}");
        };
        assert_eq!(print.change, Won(-100), "the sign code counts");
        assert_eq!((print.size, print.day_volume), (Shares(7), Shares(0)));
        assert_eq!((print.strength, print.side), (9_870, Side::Sell));
        assert_eq!(
            (print.day.compact().as_str(), print.second),
            ("20261120", 34_201)
        );
        assert!(print.regular && !print.halted);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let one = execution("70500");
        for (frame, part) in [
            (String::new(), "neither data"),
            ("hello".into(), "neither data"),
            ("0".into(), "head"),
            ("0|".into(), "tr_id"),
            ("0|H0STCNT0".into(), "tr_id"),
            ("0|H0STCNT0|001".into(), "count"),
            ("0|H0STCNT0|000|x".into(), "count"),
            ("0|H0STCNT0|99999999999|x".into(), "count"),
            ("0|H0STCNT0|001|".into(), "too few"),
            ("0|H0STCNT0|001|^^^".into(), "too few"),
            (format!("0|H0STCNT0|002|{one}"), "too few"),
            (format!("0|H0STCNT0|003|{one}^{one}"), "do not divide"),
            ("1|H0STCNT0|001|QUJD".into(), "encrypted"),
            ("1|H0STCNI0|001|QUJD".into(), "no parser"),
            ("0|H0UPCNT0|001|1^2".into(), "no parser"),
            ("{\"header\":".into(), "not JSON"),
            (format!("0|H0STCNT0|001|{}", execution("0")), "not a price"),
            (
                format!("0|H0STCNT0|001|{}", execution("-70500")),
                "not a price",
            ),
            (format!("0|H0STCNT0|001|{}", execution("")), "blank"),
        ] {
            let (items, outcome) = read(frame.as_bytes());
            assert!(items.is_empty());
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains(part), "{frame}: {error}");
            assert!(error.len() < 250, "{error}");
        }
    }

    #[test]
    fn no_frame_makes_it_panic() {
        // Every cut and every single changed byte of a good frame.
        let good = format!("0|H0STCNT0|002|{0}^{0}", execution("70500")).into_bytes();
        for at in 0..good.len() {
            assert!(read(&good[..at]).1.is_err() || at + 1 == good.len());
            for byte in [0, b'^', b'|', b'9', 0xff] {
                let mut changed = good.clone();
                changed[at] = byte;
                let (items, outcome) = read(&changed);
                assert!(items.len() == 2 || outcome.is_err(), "{at} {byte}");
            }
        }
    }
}
