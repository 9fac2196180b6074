//! The broker's sign codes: 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.

/// A change with its sign. The number usually carries the sign itself; where it does not, the
/// code decides.
#[inline]
pub(super) fn signed(code: &[u8], value: i64) -> i64 {
    match code {
        b"1" | b"2" => value.saturating_abs(),
        b"4" | b"5" => -value.saturating_abs(),
        _ => value,
    }
}
