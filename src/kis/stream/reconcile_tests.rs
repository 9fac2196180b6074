//! Wanted against registered, as pure data.

use super::super::Feed;
use super::*;
use crate::domain::StockCode;

fn registration(n: usize) -> Registration {
    Registration {
        kind: Feed::Trades,
        code: StockCode::parse(&format!("{n:06}")).unwrap(),
    }
}

fn list(numbers: &[usize]) -> Arc<[Registration]> {
    numbers.iter().map(|n| registration(*n)).collect()
}

const T0: Duration = Duration::ZERO;

/// Everything that may be sent now, as numbers: positive registers, negative removes.
fn drain(state: &mut Reconcile, now: Duration) -> Vec<i64> {
    let number = |r: Registration| r.code.as_str().parse::<i64>().unwrap();
    std::iter::from_fn(|| state.next(now))
        .map(|message| match message {
            Message::Register(r) => number(r),
            Message::Remove(r) => -number(r),
        })
        .collect()
}

fn confirm(state: &mut Reconcile, n: usize, code: &str) -> Meaning {
    state.answer(Some(registration(n)), code, T0)
}

#[test]
fn removals_go_first_and_the_cap_holds_until_they_are_confirmed() {
    let mut state = Reconcile::new(3, list(&[1, 2, 3, 4]));
    assert_eq!(drain(&mut state, T0), [1, 2, 3]);
    for n in [1, 2, 3] {
        let meaning = confirm(&mut state, n, "OPSP0000");
        assert_eq!(meaning, Meaning::Confirmed(registration(n)));
    }
    state.want(list(&[4, 5, 3]));
    assert_eq!(drain(&mut state, T0), [-1, -2]);
    confirm(&mut state, 1, "OPSP0001");
    assert_eq!(drain(&mut state, T0), [4]);
    confirm(&mut state, 2, "OPSP0003");
    assert_eq!(drain(&mut state, T0), [5]);
}

#[test]
fn answers_without_a_name_belong_to_the_oldest_message() {
    let mut state = Reconcile::new(9, list(&[1, 2]));
    drain(&mut state, T0);
    assert_eq!(
        state.answer(None, "OPSP0002", T0),
        Meaning::Confirmed(registration(1))
    );
    assert_eq!(
        state.answer(None, "OPSP8992", T0),
        Meaning::Refused(Some(registration(2)))
    );
    assert_eq!(state.answer(None, "OPSP0000", T0), Meaning::Refused(None));
    // A bad symbol is not asked for again, until it was unwanted for a while.
    assert_eq!(drain(&mut state, Duration::from_secs(500)), [0_i64; 0]);
    state.want(list(&[1]));
    state.want(list(&[1, 2]));
    assert_eq!(drain(&mut state, T0), [2]);
}

#[test]
fn a_lower_cap_of_the_broker_stops_adding() {
    let mut state = Reconcile::new(41, list(&[1, 2, 3, 4]));
    assert_eq!(drain(&mut state, T0).len(), 4);
    confirm(&mut state, 1, "OPSP0000");
    confirm(&mut state, 2, "OPSP0000");
    for n in [3, 4] {
        let meaning = confirm(&mut state, n, "OPSP0008");
        assert_eq!(meaning, Meaning::Refused(Some(registration(n))));
    }
    assert!(drain(&mut state, Duration::from_secs(500)).is_empty());
    // Room for the more important one is made within the broker's cap.
    state.want(list(&[3, 1]));
    assert_eq!(drain(&mut state, T0), [-2]);
    confirm(&mut state, 2, "OPSP0001");
    assert_eq!(drain(&mut state, T0), [3]);
}

#[test]
fn lost_answers_and_passing_failures_are_tried_again() {
    let mut state = Reconcile::new(9, list(&[1, 2]));
    drain(&mut state, T0);
    confirm(&mut state, 2, "OPSP0007");
    let secs = Duration::from_secs;
    assert!(drain(&mut state, secs(9)).is_empty());
    assert_eq!(state.wake(secs(9)), Some(secs(10)));
    assert_eq!(drain(&mut state, secs(10)), [1]);
    assert_eq!(state.wake(secs(10)), Some(secs(15)));
    assert_eq!(drain(&mut state, secs(15)), [2]);
    // What is under way is waited for, not looked at again and again.
    assert_eq!(state.wake(secs(15)), Some(secs(20)));
    // An unanswered registration that is no longer wanted is removed.
    state.want(list(&[1]));
    assert_eq!(drain(&mut state, secs(25)), [-2, 1]);
}

#[test]
fn some_answers_end_the_session() {
    let mut state = Reconcile::new(9, list(&[1]));
    for (code, meaning) in [
        ("OPSP8996", Meaning::InUse),
        ("OPSP0011", Meaning::Approval),
        ("OPSP9994", Meaning::Fatal),
    ] {
        assert_eq!(state.answer(None, code, T0), meaning);
    }
}

#[test]
fn an_answer_that_comes_twice_because_it_was_late_confirms() {
    let mut state = Reconcile::new(9, list(&[1]));
    assert_eq!(drain(&mut state, T0), [1]);
    let secs = Duration::from_secs;
    assert_eq!(drain(&mut state, secs(10)), [1]);
    let meaning = Meaning::Confirmed(registration(1));
    assert_eq!(confirm(&mut state, 1, "OPSP0000"), meaning);
    assert_eq!(confirm(&mut state, 1, "OPSP0002"), meaning);
    assert!(drain(&mut state, secs(60)).is_empty());
}

#[test]
fn every_answer_of_the_table_is_treated_as_it_says() {
    use super::super::acks::{Ack, table};
    assert_eq!(table().len(), 28);
    let secs = Duration::from_secs;
    for (row, (code, ack)) in table().iter().enumerate() {
        assert!(table()[row + 1..].iter().all(|(c, _)| c != code), "{code}");
        // One flows, the second is asked for and answered with the code.
        let mut state = Reconcile::new(9, list(&[1, 2]));
        drain(&mut state, T0);
        confirm(&mut state, 1, "OPSP0000");
        let second = registration(2);
        let meaning = confirm(&mut state, 2, code);
        let again = |state: &mut Reconcile| {
            (1..=1_000)
                .find(|s| drain(state, secs(*s)) == [2])
                .unwrap_or(0)
        };
        let refused = Meaning::Refused(Some(second));
        match ack {
            Ack::Flows => {
                assert_eq!(meaning, Meaning::Confirmed(second), "{code}");
                assert_eq!(again(&mut state), 0, "{code}: never asked for again");
            }
            Ack::Gone => {
                // It answers no registration; the open one is overdue in its time.
                assert_eq!(
                    (meaning, again(&mut state)),
                    (refused_or_removed(code, second), 10)
                );
                let mut state = Reconcile::new(9, list(&[2]));
                drain(&mut state, T0);
                confirm(&mut state, 2, "OPSP0000");
                state.want(list(&[]));
                assert_eq!(drain(&mut state, T0), [-2]);
                let meaning = confirm(&mut state, 2, code);
                assert_eq!(meaning, Meaning::Removed(second), "{code}");
                assert!(state.is_empty());
            }
            Ack::Later => {
                assert_eq!(meaning, refused, "{code}");
                assert_eq!(again(&mut state), 15, "{code}");
                let meaning = state.answer(Some(second), code, secs(15));
                assert_eq!(
                    (meaning, again(&mut state)),
                    (refused, 45),
                    "{code}: longer"
                );
            }
            Ack::Full => {
                assert_eq!((meaning, state.cap()), (refused, 1), "{code}");
                assert_eq!(again(&mut state), 0, "{code}: until something is released");
                state.want(list(&[2]));
                assert_eq!(drain(&mut state, T0), [-1], "{code}");
                confirm(&mut state, 1, "OPSP0001");
                assert_eq!(drain(&mut state, T0), [2], "{code}");
            }
            Ack::Never => {
                assert_eq!((meaning, again(&mut state)), (refused, 0), "{code}");
            }
            Ack::Approval => assert_eq!(meaning, Meaning::Approval, "{code}"),
            Ack::InUse => assert_eq!(meaning, Meaning::InUse, "{code}"),
            Ack::Fatal => assert_eq!(meaning, Meaning::Fatal, "{code}"),
        }
    }
    // A code that nobody has written down: refused, and not asked for again.
    let mut state = Reconcile::new(9, list(&[1]));
    drain(&mut state, T0);
    let meaning = confirm(&mut state, 1, "OPSP7777");
    assert_eq!(meaning, Meaning::Refused(Some(registration(1))));
    assert!(drain(&mut state, secs(1_000)).is_empty());
}

/// OPSP0003 for something that does not flow says what is so.
fn refused_or_removed(code: &str, registration: Registration) -> Meaning {
    match code {
        "OPSP0003" => Meaning::Removed(registration),
        _ => Meaning::Refused(Some(registration)),
    }
}

#[test]
fn a_full_broker_is_asked_again_when_nothing_flows() {
    let mut state = Reconcile::new(41, list(&[1, 2]));
    assert_eq!(drain(&mut state, T0), [1, 2]);
    for n in [1, 2] {
        confirm(&mut state, n, "OPSP0008");
    }
    let secs = Duration::from_secs;
    assert!(drain(&mut state, secs(14)).is_empty());
    assert_eq!(drain(&mut state, secs(15)), [1], "one by one: the cap is 1");
    state.answer(Some(registration(1)), "OPSP0000", secs(15));
    assert_eq!(state.cap(), 1);
}

#[test]
fn a_removal_that_fails_for_a_while_is_not_repeated_at_once() {
    let mut state = Reconcile::new(9, list(&[1]));
    drain(&mut state, T0);
    confirm(&mut state, 1, "OPSP0000");
    state.want(list(&[]));
    assert_eq!(drain(&mut state, T0), [-1]);
    confirm(&mut state, 1, "OPSP9993");
    let secs = Duration::from_secs;
    assert!(drain(&mut state, secs(14)).is_empty());
    assert_eq!(drain(&mut state, secs(15)), [-1]);
}
