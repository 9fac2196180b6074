//! Bars that are let go, against all bars held by a plain list.

use proptest::prelude::*;

use super::*;
use crate::domain::Candle;

const DAY: i64 = 20_400;

/// The bar of a place in the list: so many of an earlier day, the others of today.
fn bar(at: usize, base: usize, price: i64, volume: i64) -> Bar {
    let (day, minute) = match at.checked_sub(base) {
        Some(today) => (DAY, today),
        None => (DAY - 1, at),
    };
    Bar {
        opened: Moment((day * 86_400 + 60 * minute as i64) * 1_000),
        candle: Candle {
            volume,
            ..Candle::flat(price)
        },
        synthetic: volume == 0,
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// So many more bars of today closed.
    Close(usize),
    /// So many of the newest are still asked for.
    LetGo(usize),
    /// The track is looked at, or no more.
    Show(bool),
    /// Everything is made anew, as after a correction of older rows.
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_usize..90).prop_map(Step::Close),
        4 => (0_usize..260).prop_map(Step::LetGo),
        1 => any::<bool>().prop_map(Step::Show),
        1 => Just(Step::Again),
    ]
}

proptest! {
    #[test]
    fn what_is_held_after_bars_went_is_the_end_of_all_bars(
        base in 0_usize..1_500,
        prices in prop::collection::vec((1_000_i64..200_000, 0_i64..9_000), 2_000),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let all: Vec<Bar> = prices.iter().enumerate().map(|(at, p)| bar(at, base, p.0, p.1)).collect();
        let mut track = Track::new(Timeframe::Minutes(1));
        let want = Want { need: 5, ruled: true, whole: true, ..Want::default() };
        track.fit(want);
        track.replace(all[..base].to_vec(), &[]);
        let mut closed = base;
        let mut asked_for = base;
        for step in steps {
            match step {
                Step::Close(more) => {
                    closed = (closed + more).min(all.len());
                    track.extend(&all[base..closed]);
                }
                Step::LetGo(asked) => {
                    // Nobody asks again for what is gone.
                    asked_for = asked.min(track.series.len());
                    if track.may_let_go() {
                        track.let_go(track.series.len() - asked_for);
                    }
                }
                Step::Show(shown) => track.fit(Want { shown, ..want }),
                Step::Again => track.dirty = true,
            }
            if track.dirty {
                track.replace(all[..base].to_vec(), &all[base..closed]);
            }
            let held = track.series.bars();
            let gone = closed - held.len();
            prop_assert_eq!(held, &all[gone..closed]);
            prop_assert!(asked_for <= held.len());
            prop_assert_eq!(track.gone, gone);
            let before = base.checked_sub(1).map(|at| all[at].candle.close);
            prop_assert_eq!(track.close_before_today(), before);
            for period in [1, 2, 5, 20, 60] {
                for end in [held.len(), held.len() / 2] {
                    let sum = (period <= end).then(|| {
                        let of = &all[gone + end - period..gone + end];
                        (of.iter().map(|b| b.candle.close).sum(), of.iter().map(|b| b.candle.volume).sum())
                    });
                    let had = track.series.sum(end, period).zip(track.series.volume_sum(end, period));
                    prop_assert_eq!(had, sum);
                }
            }
        }
    }
}
