//! The tick grid (호가단위) and the daily price limits, since 2023-01-25 the same on KOSPI,
//! KOSDAQ and NXT.

use super::Won;

/// The tick at `price`, won.
pub fn tick_size(price: Won) -> i64 {
    match price.0 {
        ..2_000 => 1,
        2_000..5_000 => 5,
        5_000..20_000 => 10,
        20_000..50_000 => 50,
        50_000..200_000 => 100,
        200_000..500_000 => 500,
        _ => 1_000,
    }
}

/// The largest grid price not above `price`. Every band starts on its own grid, so the band of
/// `price` decides.
pub fn round_down_to_tick(price: Won) -> Won {
    let tick = tick_size(price);
    Won(price.0.div_euclid(tick) * tick)
}

/// The smallest grid price not below `price`.
pub fn round_up_to_tick(price: Won) -> Won {
    let down = round_down_to_tick(price);
    if down == price {
        price
    } else {
        Won(down.0 + tick_size(price))
    }
}

/// The day's limits (하한가, 상한가) for a base price: ± floor(30 % ÷ tick of the base) ticks,
/// then cut to the grid of the band they fall into.
pub fn price_limits(base: Won) -> (Won, Won) {
    let tick = tick_size(base);
    let width = base.0 * 3 / 10 / tick * tick;
    (
        round_up_to_tick(Won(base.0 - width)),
        round_down_to_tick(Won(base.0 + width)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_as_published() {
        assert_eq!(price_limits(Won(128_500)), (Won(90_000), Won(167_000)));
        assert_eq!(price_limits(Won(78_200)), (Won(54_800), Won(101_600)));
        assert_eq!(price_limits(Won(193_000)).1, Won(250_500));
    }

    #[test]
    fn the_grid_holds_on_both_sides_of_every_border() {
        for border in [2_000, 5_000, 20_000, 50_000, 200_000, 500_000] {
            let border = Won(border);
            assert_eq!(round_up_to_tick(border), border);
            let below = round_down_to_tick(Won(border.0 - 1));
            assert_eq!(below.0, border.0 - tick_size(below));
            assert_eq!(round_up_to_tick(Won(below.0 + 1)), border);
        }
    }
}
