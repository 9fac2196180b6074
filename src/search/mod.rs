//! Finding a stock by what the user types: code, name, first consonants (초성), a syllable that
//! is still being composed, Latin letters in either case, or Hangul typed with the keyboard still
//! writing Latin letters.
//!
//! Every name is kept as a run of folded characters; a query is compared at every place of every
//! name. With the few thousand names of the exchange that takes a fraction of a millisecond, and
//! nothing can be out of date.

mod hangul;
mod index;
mod keyboard;

pub use index::{Hit, Index, Rank};
