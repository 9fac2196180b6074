//! Wanted against registered, told the time by the test.

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
    assert_eq!(state.wake(), Some(secs(10)));
    assert_eq!(drain(&mut state, secs(10)), [1]);
    assert_eq!(drain(&mut state, secs(15)), [2]);
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
