//! The scheduler on a virtual clock.

use super::*;

const TODAY: u32 = 20_000;

fn day(number: u32) -> Day {
    Day::from_number(number as i32)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn send(pace: &mut Pace, now: Duration) -> Option<u64> {
    match pace.next(now, day(TODAY)) {
        Decision::Send { slot, .. } => Some(slot),
        _ => None,
    }
}

#[test]
fn a_slot_is_held_until_the_answer_plus_a_second_minus_a_part_of_the_round_trip() {
    let mut pace = Pace::new(1.0);
    let start = known(&mut pace, 40);
    pace.enqueue(Priority::User);
    pace.enqueue(Priority::User);
    let at = |after: u64| start + ms(after);
    let slot = send(&mut pace, at(0)).unwrap();
    assert_eq!(pace.next(at(10), day(TODAY)), Decision::AwaitAnswer);
    assert_eq!(pace.answered(slot, at(100)), ms(100));
    assert_eq!(pace.next(at(110), day(TODAY)), Decision::Wait(at(1_074)));
    assert!(send(&mut pace, at(1_073)).is_none());
    assert!(send(&mut pace, at(1_074)).is_some());
}

/// A hundred answers after `trip` ms each; when the last slot is free again.
fn known(pace: &mut Pace, trip: u64) -> Duration {
    let mut now = ms(0);
    for _ in 0..100 {
        pace.enqueue(Priority::User);
        let slot = send(pace, now).unwrap();
        pace.answered(slot, now + ms(trip));
        now += ms(2_000);
    }
    now
}

#[test]
fn slow_first_answers_do_not_make_the_next_requests_arrive_within_a_second() {
    let mut pace = Pace::new(18.0);
    let mut arrivals: Vec<Duration> = vec![];
    // The first round takes 400 ms (a connection is made), the others 20 ms; requests arrive
    // half-way.
    let mut now = ms(0);
    for round in 0..4 {
        let trip = if round == 0 { ms(400) } else { ms(20) };
        let mut slots = vec![];
        while slots.len() < 18 {
            pace.enqueue(Priority::User);
            match pace.next(now, day(TODAY)) {
                Decision::Send { slot, .. } => slots.push(slot),
                Decision::Wait(until) => now = until,
                other => panic!("{other:?}"),
            }
        }
        for slot in slots {
            arrivals.push(now + trip / 2);
            pace.answered(slot, now + trip);
        }
    }
    for (at, window) in arrivals.windows(19).enumerate() {
        let took = window[18] - window[0];
        assert!(ms(1_000) <= took, "{took:?} for 19 arrivals from {at} on");
    }
}

#[test]
fn a_shorter_trip_holds_slots_that_cool_already() {
    let mut pace = Pace::new(2.0);
    let start = known(&mut pace, 40);
    for _ in 0..3 {
        pace.enqueue(Priority::User);
    }
    let first = send(&mut pace, start).unwrap();
    let second = send(&mut pace, start).unwrap();
    pace.answered(first, start + ms(50));
    let wait = |us_after| Decision::Wait(start + Duration::from_micros(us_after));
    assert_eq!(pace.next(start + ms(50), day(TODAY)), wait(1_024_000));
    pace.returned(second);
    let third = send(&mut pace, start + ms(60)).unwrap();
    pace.answered(third, start + ms(70));
    pace.enqueue(Priority::User);
    assert_eq!(pace.next(start + ms(70), day(TODAY)), wait(1_043_500));
}

#[test]
fn priorities_then_first_come() {
    let mut pace = Pace::new(100.0);
    let order = [
        Priority::Backfill,
        Priority::Close { nearness: 5 },
        Priority::User,
        Priority::Close { nearness: 1 },
        Priority::User,
        Priority::Token,
        Priority::Tail,
    ];
    let tickets: Vec<u64> = order.iter().map(|p| pace.enqueue(*p)).collect();
    let mut sent = vec![];
    let mut now = ms(0);
    while let decision @ (Decision::Send { .. } | Decision::Wait(_)) = pace.next(now, day(TODAY)) {
        match decision {
            Decision::Send { ticket, .. } => sent.push(ticket),
            Decision::Wait(until) => now = until,
            _ => unreachable!(),
        }
    }
    let expected = [5, 2, 4, 3, 1, 6, 0].map(|i| tickets[i]);
    assert_eq!(sent, expected);
}

#[test]
fn background_is_spaced_and_the_user_is_not() {
    let mut pace = Pace::new(10.0);
    pace.enqueue(Priority::Backfill);
    pace.enqueue(Priority::Backfill);
    let slot = send(&mut pace, ms(0)).unwrap();
    pace.answered(slot, ms(1));
    assert_eq!(pace.next(ms(1), day(TODAY)), Decision::Wait(ms(97)));
    let slots = [(); 4].map(|()| {
        pace.enqueue(Priority::User);
        send(&mut pace, ms(1)).unwrap()
    });
    for slot in slots {
        pace.answered(slot, ms(2));
    }
    assert_eq!(pace.next(ms(2), day(TODAY)), Decision::Wait(ms(97)));
}

#[test]
fn in_the_background_an_answer_under_way_is_waited_for_half_a_gap_at_most() {
    let mut pace = Pace::new(10.0);
    for _ in 0..4 {
        pace.enqueue(Priority::Backfill);
    }
    let wait = |at: u64| Decision::Wait(Duration::from_micros(at));
    let first = send(&mut pace, ms(0)).unwrap();
    assert_eq!(pace.next(ms(97), day(TODAY)), wait(145_500));
    // With the answer it goes at once.
    pace.answered(first, ms(120));
    let second = send(&mut pace, ms(120)).unwrap();
    // Without it, after half a gap, and the time it lost counts for the next one.
    assert_eq!(pace.next(ms(194), day(TODAY)), wait(242_500));
    assert!(send(&mut pace, ms(243)).is_some());
    pace.answered(second, ms(250));
    assert_eq!(pace.next(ms(250), day(TODAY)), wait(340_000));
    // The user does not wait for it.
    pace.enqueue(Priority::User);
    assert!(send(&mut pace, ms(251)).is_some());
}

#[test]
fn what_came_too_late_in_the_background_is_made_good_by_half_a_gap() {
    let mut pace = Pace::new(10.0);
    for _ in 0..5 {
        pace.enqueue(Priority::Backfill);
    }
    let wait = |at: u64| Decision::Wait(Duration::from_micros(at));
    // Each is answered at once.
    let go = |pace: &mut Pace, at: u64| {
        let slot = send(pace, ms(at)).unwrap();
        pace.answered(slot, ms(at));
        pace.next(ms(at), day(TODAY))
    };
    assert_eq!(go(&mut pace, 0), wait(97_000));
    // Twenty milliseconds late: the next one keeps to the time it had.
    assert_eq!(go(&mut pace, 117), wait(194_000));
    // Long after: half a gap sooner, and a whole one after that.
    assert_eq!(go(&mut pace, 5_000), wait(5_048_500));
    assert_eq!(go(&mut pace, 5_049), wait(5_145_500));
}

#[test]
fn what_was_never_sent_is_free_at_once_and_what_may_arrive_is_not() {
    let mut pace = Pace::new(1.0);
    for _ in 0..3 {
        pace.enqueue(Priority::User);
    }
    let slot = send(&mut pace, ms(0)).unwrap();
    pace.returned(slot);
    let slot = send(&mut pace, ms(1)).unwrap();
    pace.lost(slot, ms(50));
    assert_eq!(pace.next(ms(60), day(TODAY)), Decision::Wait(ms(1_050)));
    let ticket = pace.enqueue(Priority::Token);
    pace.cancel(ticket);
    assert_eq!(pace.waiting(), 1);
}

#[test]
fn below_one_a_second_the_hold_grows() {
    let mut pace = Pace::new(0.5);
    pace.enqueue(Priority::User);
    pace.enqueue(Priority::User);
    let slot = send(&mut pace, ms(0)).unwrap();
    pace.answered(slot, ms(10));
    assert_eq!(pace.next(ms(10), day(TODAY)), Decision::Wait(ms(2_010)));
    assert_eq!(Pace::new(f64::NAN).permitted(), 1.0);
    assert_eq!(Pace::new(0.0).permitted(), 0.1);
}

/// Sends `n` at `now`, answered 10 ms later.
fn accepted(pace: &mut Pace, n: usize, now: Duration) {
    for _ in 0..n {
        pace.enqueue(Priority::User);
        let slot = send(pace, now).unwrap();
        pace.answered(slot, now + ms(10));
    }
}

fn refused(pace: &mut Pace, now: Duration, on: u32) {
    pace.enqueue(Priority::User);
    let Decision::Send { slot, .. } = pace.next(now, day(on)) else {
        panic!("a slot is free");
    };
    pace.refused(slot, now + ms(10), day(on));
}

#[test]
fn a_refusal_lowers_the_rate_to_what_went_through_minus_a_step() {
    let mut pace = Pace::new(18.0);
    accepted(&mut pace, 5, ms(0));
    refused(&mut pace, ms(100), TODAY);
    assert_eq!(pace.permitted(), 4.0);
    pace.enqueue(Priority::User);
    assert_eq!(pace.next(ms(120), day(TODAY)), Decision::Wait(ms(1_110)));
    // The limit is unknown: one at a time for two seconds.
    pace.enqueue(Priority::User);
    assert!(send(&mut pace, ms(1_110)).is_some());
    assert_eq!(pace.next(ms(1_120), day(TODAY)), Decision::AwaitAnswer);
}

#[test]
fn requests_under_way_do_not_lower_it_again() {
    let mut pace = Pace::new(18.0);
    accepted(&mut pace, 5, ms(0));
    pace.enqueue(Priority::User);
    pace.enqueue(Priority::User);
    let slots = [(); 2].map(|()| send(&mut pace, ms(100)).unwrap());
    pace.refused(slots[0], ms(110), day(TODAY));
    pace.refused(slots[1], ms(115), day(TODAY));
    assert_eq!(pace.permitted(), 4.0);
}

#[test]
fn three_refusals_in_a_row_rest_five_seconds() {
    let mut pace = Pace::new(18.0);
    for n in 0..3 {
        refused(&mut pace, ms(4_000 * n), TODAY);
    }
    pace.enqueue(Priority::User);
    assert_eq!(pace.next(ms(8_020), day(TODAY)), Decision::Wait(ms(13_010)));
}

#[test]
fn it_recovers_slowly_and_not_to_a_level_refused_today() {
    let mut pace = Pace::new(18.0);
    accepted(&mut pace, 5, ms(0));
    refused(&mut pace, ms(100), TODAY);
    let minutes = |n: u64| Duration::from_secs(n * 60 + 1);
    for (now, on, expected) in [
        (minutes(9), TODAY, 4.0),
        (minutes(10), TODAY, 5.0),
        (minutes(60), TODAY, 5.0),
        (minutes(61), TODAY + 1, 6.0),
        (minutes(65), TODAY + 1, 6.0),
        (minutes(72), TODAY + 1, 7.0),
    ] {
        pace.next(now, day(on));
        assert_eq!(pace.permitted(), expected, "{now:?}");
    }
}

#[test]
fn a_broker_that_answers_late_is_sent_half_of_what_can_wait() {
    let mut pace = Pace::new(10.0);
    let mut now = ms(0);
    let mut ask = |pace: &mut Pace, trip: Duration| {
        pace.enqueue(Priority::User);
        let slot = send(pace, now).unwrap();
        now += trip;
        pace.answered(slot, now);
        now += ms(1_100);
        now
    };
    // How long after one page of history the next one may go.
    let spacing = |pace: &mut Pace, now: Duration| {
        let tickets = [Priority::Backfill; 2].map(|p| pace.enqueue(p));
        let slot = send(pace, now).unwrap();
        let next = pace.next(now, day(TODAY));
        pace.returned(slot);
        for ticket in tickets {
            pace.cancel(ticket);
        }
        next
    };
    // After a while without any, the second may come half a gap sooner, but not before the first
    // one's answer unless that takes half a gap more.
    let gap_of = |at: Duration, gap: u64| Decision::Wait(at + ms(gap));
    let mut at = ask(&mut pace, ms(100));
    assert!(!pace.is_strained());
    assert_eq!(spacing(&mut pace, at), gap_of(at, 97));
    for late in 1..=5 {
        assert!(!pace.is_strained(), "{late} late answers are chance");
        at = ask(&mut pace, ms(2_000));
    }
    assert!(pace.is_strained());
    assert_eq!(spacing(&mut pace, at), gap_of(at, 194));
    // The user's own requests go as before.
    pace.enqueue(Priority::User);
    assert!(send(&mut pace, at).is_some());
    for _ in 0..5 {
        at = ask(&mut pace, ms(90));
    }
    assert!(!pace.is_strained(), "it has recovered");
    assert_eq!(spacing(&mut pace, at), gap_of(at, 97));
}
