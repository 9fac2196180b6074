//! Frames of the socket: control messages and records.

use jeongbae::domain::{OrderBook, Print};
use jeongbae::kis::parse::{FrameItem, parse_frame};

use crate::is_named;

pub(crate) fn run(data: &[u8]) {
    let mut items = Vec::new();
    let outcome = parse_frame(data, &mut |item| items.push(item));
    if let Err(error) = &outcome {
        is_named(error);
    }
    assert!(
        !items.is_empty() || outcome.is_err(),
        "a sound frame without anything"
    );
    if data.first() == Some(&b'{') {
        assert!(items.len() + usize::from(outcome.is_err()) == 1);
        return;
    }
    let Some(records) = records(data, items.len(), outcome.is_ok()) else {
        return;
    };
    for (item, fields) in items.iter().zip(records) {
        match item {
            FrameItem::Print(print) => same_print(print, &fields),
            FrameItem::Book(book) => same_book(book, &fields),
            FrameItem::Control(control) => panic!("in a data frame: {control:?}"),
        }
    }
}

/// The fields of each record, found the plain way; `None` where some record was refused, so that
/// it is not known which one an item belongs to.
fn records(data: &[u8], items: usize, sound: bool) -> Option<Vec<Vec<&[u8]>>> {
    let mut parts = data.splitn(4, |b| *b == b'|').skip(2);
    let count: usize = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    assert!(items <= count, "more items than records");
    let payload = parts.next()?;
    let payload = payload.strip_suffix(b"\n").unwrap_or(payload);
    let payload = payload.strip_suffix(b"\r").unwrap_or(payload);
    let fields: Vec<&[u8]> = payload.split(|b| *b == b'^').collect();
    if !sound {
        return None;
    }
    assert_eq!(items, count, "a sound frame gives every record");
    Some(
        fields
            .chunks(fields.len() / count)
            .map(<[_]>::to_vec)
            .collect(),
    )
}

/// Digits alone must be read as what they say.
fn same(text: &[u8], value: i64) {
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        let text = std::str::from_utf8(text).expect("digits");
        assert_eq!(text.parse(), Ok(value), "{text}");
    }
}

fn same_print(print: &Print, f: &[&[u8]]) {
    assert_eq!(print.code.as_str().as_bytes(), f[0].trim_ascii());
    assert!(0 < print.price.0 && print.day_low <= print.day_high && print.second < 86_400);
    for (at, value) in [
        (2, print.price.0),
        (7, print.day_open.0),
        (8, print.day_high.0),
        (9, print.day_low.0),
        (12, print.size.0),
        (13, print.day_volume.0),
        (14, print.day_value),
    ] {
        assert!(0 <= value);
        same(f[at], value);
    }
    same(f[4], print.change.0.abs());
    assert_eq!(print.day.compact().as_bytes(), f[33]);
    assert_eq!(print.at().day(), print.day);
    // What the screen and the bars work out of it.
    assert!(print.price.0.checked_sub(print.change.0).is_some());
    assert!(print.day_volume.0.checked_add(print.size.0).is_some());
    assert!(
        print.price.0.checked_mul(1_000_000).is_some(),
        "sums of prices must fit"
    );
}

fn same_book(book: &OrderBook, f: &[&[u8]]) {
    assert_eq!(book.code.as_str().as_bytes(), f[0].trim_ascii());
    for i in 0..10 {
        let (ask, bid) = (book.asks[i], book.bids[i]);
        for (at, value) in [
            (3 + i, ask.price.0),
            (13 + i, bid.price.0),
            (23 + i, ask.size.0),
            (33 + i, bid.size.0),
        ] {
            assert!(0 <= value);
            same(f[at], value);
        }
    }
    let sum = |levels: &[jeongbae::domain::Level]| levels.iter().map(|l| l.size.0).sum::<i64>();
    assert!(0 <= sum(&book.asks) && 0 <= sum(&book.bids));
}
