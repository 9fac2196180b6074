//! CTCA0903R chk-holiday (국내휴장일조회): 24 calendar days a page.

use crate::domain::Day;
use crate::sim::rest::gateway::{Query, TR_CONT, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, text};
use crate::sim::shared::Shared;

const DAYS: i32 = 24;

pub(super) fn answer(shared: &Shared, query: &Query) -> Reply {
    let Some(asked) = Day::parse_compact(query_value(query, "BASS_DT")) else {
        return Reply::bad_input("OPSQ2002", "ERROR INPUT INVALID_CHECK_FIELD_LENGTH");
    };
    // A page is the next one only when the header says so; the key is its last day.
    let next = query_value(query, TR_CONT) == "N";
    let from = match Day::parse_compact(query_value(query, "CTX_AREA_NK")) {
        Some(last) if next => last.plus(1),
        _ => asked,
    };
    // The table reaches to the end of the year after this one.
    let this_year = shared.clock.now().day().year();
    let end = Day::from_ymd(this_year + 1, 12, 31).unwrap_or(from);
    let last = from.plus(DAYS - 1).min(end);
    let rows: Vec<Fields> = (from.number()..=last.number())
        .map(|number| row(shared, Day::from_number(number)))
        .collect();
    let more = last < end;
    let padded = |day: Day| text(&format!("{:<20}", day.compact()));
    let blank = text(&" ".repeat(20));
    let (code, message) = match more {
        true => ("KIOK0500", "조회가 계속됩니다..다음버튼을 Click 하십시오."),
        false => ("KIOK0510", "조회가 완료되었습니다"),
    };
    let outputs = [
        ("ctx_area_nk", if more { padded(last) } else { blank }),
        ("ctx_area_fk", padded(asked)),
        ("output", array(&rows)),
    ];
    // Texts of the ledger are padded to 80 columns.
    let mut reply = Reply::said(&outputs, code, &format!("{message:<80}"));
    reply.tr_cont = match (next, more) {
        (false, true) => "F",
        (true, true) => "M",
        (true, false) => "D",
        (false, false) => "E",
    };
    reply
}

fn row(shared: &Shared, day: Day) -> Fields {
    let open = shared.market.calendar().is_open(day);
    // The last weekday of the year is a banking day without trading.
    let year_end = !day.is_weekend() && (day.month(), day.day_of_month()) == (12, 31);
    let yes = |yes: bool| if yes { "Y" } else { "N" }.to_owned();
    vec![
        ("bass_dt", day.compact()),
        (
            "wday_dvsn_cd",
            format!("{:02}", (day.weekday() + 1) % 7 + 1),
        ),
        ("bzdy_yn", yes(open || year_end)),
        ("tr_day_yn", yes(true)),
        ("opnd_yn", yes(open)),
        ("sttl_day_yn", yes(open)),
    ]
}
