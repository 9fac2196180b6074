//! The index: every name as one run of characters, and the order of what is found.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::{ListedStock, Listing, StockCode};

use super::hangul::{Pattern, fold};
use super::keyboard;

/// How well a stock is what was typed, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The whole code or name.
    Exact,
    /// The code or name begins with it.
    Prefix,
    /// It is somewhere inside.
    Inside,
}

/// Something found.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The stock.
    pub stock: &'a ListedStock,
    /// How well it fits.
    pub rank: Rank,
    /// The user watches it.
    pub watched: bool,
}

/// Finds stocks in a [`Listing`].
#[derive(Clone, Debug, Default)]
pub struct Index {
    listing: Arc<Listing>,
    /// The folded names, one after another.
    text: Vec<char>,
    /// Where each stock's name lies in `text`, in the listing's order.
    names: Vec<Range<usize>>,
}

impl Index {
    /// Makes the index of a listing.
    pub fn new(listing: Arc<Listing>) -> Self {
        let mut text = Vec::new();
        let mut names = Vec::with_capacity(listing.stocks().len());
        for stock in listing.stocks() {
            let start = text.len();
            text.extend(fold(&stock.name));
            names.push(start..text.len());
        }
        Self {
            listing,
            text,
            names,
        }
    }

    /// What it was made of.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The best `most` stocks for what was typed: exact before prefix before inside; among
    /// equals the watched, then the larger company, then the shorter name, then the code.
    /// Nothing for nothing. Latin letters that no stock has are read once more as the Hangul that
    /// the same keys write.
    pub fn find(
        &self,
        typed: &str,
        watched: impl Fn(StockCode) -> bool,
        most: usize,
    ) -> Vec<Hit<'_>> {
        let hits = self.look_up(typed, &watched, most);
        match keyboard::as_hangul(typed).filter(|_| hits.is_empty()) {
            Some(hangul) => self.look_up(&hangul, &watched, most),
            None => hits,
        }
    }

    fn look_up(
        &self,
        typed: &str,
        watched: &dyn Fn(StockCode) -> bool,
        most: usize,
    ) -> Vec<Hit<'_>> {
        let query = fold(typed);
        if query.is_empty() || most == 0 {
            return vec![];
        }
        let pattern = Pattern::new(&query);
        let code = code_of(&query);
        let mut hits: Vec<(Hit<'_>, usize)> = Vec::new();
        for (stock, name) in self.listing.stocks().iter().zip(&self.names) {
            let name = &self.text[name.clone()];
            let by_code = code.as_deref().and_then(|typed| rank_of_code(stock, typed));
            let ranks = [by_code, rank_of_name(name, &pattern)];
            let Some(rank) = ranks.into_iter().flatten().min() else {
                continue;
            };
            let watched = watched(stock.code);
            let hit = Hit {
                stock,
                rank,
                watched,
            };
            hits.push((hit, name.len()));
        }
        let key = |(hit, length): &(Hit<'_>, usize)| {
            let size = hit.stock.market_cap.unwrap_or(0);
            (
                hit.rank,
                !hit.watched,
                Reverse(size),
                *length,
                hit.stock.code,
            )
        };
        if most < hits.len() {
            hits.select_nth_unstable_by_key(most, key);
            hits.truncate(most);
        }
        hits.sort_unstable_by_key(key);
        hits.into_iter().map(|(hit, _)| hit).collect()
    }
}

/// What was typed, as a part of a code: it has a digit and nothing but digits and letters. Words
/// such as `sk` are no codes.
fn code_of(query: &[char]) -> Option<String> {
    let fits =
        query.iter().all(char::is_ascii_alphanumeric) && query.iter().any(char::is_ascii_digit);
    fits.then(|| query.iter().map(char::to_ascii_uppercase).collect())
}

fn rank_of_code(stock: &ListedStock, typed: &str) -> Option<Rank> {
    let code = stock.code.as_str();
    let at = code.find(typed)?;
    Some(match (at, code.len() == typed.len()) {
        (0, true) => Rank::Exact,
        (0, false) => Rank::Prefix,
        _ => Rank::Inside,
    })
}

fn rank_of_name(name: &[char], pattern: &Pattern) -> Option<Rank> {
    if let Some(length) = pattern.matches(name) {
        return Some(match length == name.len() {
            true => Rank::Exact,
            false => Rank::Prefix,
        });
    }
    (1..name.len())
        .any(|at| pattern.matches(&name[at..]).is_some())
        .then_some(Rank::Inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Board;

    /// Invented sizes; the names are real.
    const STOCKS: [(&str, &str, Option<i64>); 11] = [
        ("005930", "삼성전자", Some(4_000_000)),
        ("005935", "삼성전자우", Some(500_000)),
        ("006400", "삼성SDI", Some(200_000)),
        ("000660", "SK하이닉스", Some(1_400_000)),
        ("034730", "SK", Some(150_000)),
        ("017670", "SK텔레콤", Some(120_000)),
        ("035420", "NAVER", Some(400_000)),
        ("448730", "삼성FN리츠", Some(4_000)),
        ("0126Z0", "삼성에피스홀딩스", None),
        ("009150", "삼성전기", Some(300_000)),
        ("004000", "롯데정밀화학", Some(10_000)),
    ];

    fn index() -> Index {
        let stock = |&(code, name, size): &(&str, &str, Option<i64>)| ListedStock {
            market_cap: size,
            ..ListedStock::plain(StockCode::parse(code).unwrap(), name, Board::Kospi)
        };
        let stocks = STOCKS.iter().map(stock).collect();
        Index::new(Arc::new(Listing::new(stocks, None)))
    }

    fn found(typed: &str, watched: &[&str]) -> Vec<String> {
        let watched = |code: StockCode| watched.contains(&code.as_str());
        let index = index();
        let hits = index.find(typed, watched, 5);
        hits.iter().map(|hit| hit.stock.name.to_string()).collect()
    }

    #[test]
    fn the_order_of_what_is_found() {
        for (typed, watched, expected) in [
            ("삼성전자", &[][..], &["삼성전자", "삼성전자우"][..]),
            ("ㅅㅅㅈㄱ", &[], &["삼성전기"]),
            ("삼성전", &[], &["삼성전자", "삼성전자우", "삼성전기"]),
            // An exact name is first, however small the company.
            ("sk", &[], &["SK", "SK하이닉스", "SK텔레콤"]),
            // Watched first, but not before a better fit.
            ("sk", &["017670"], &["SK", "SK텔레콤", "SK하이닉스"]),
            (
                "삼성",
                &["448730"],
                &[
                    "삼성FN리츠",
                    "삼성전자",
                    "삼성전자우",
                    "삼성전기",
                    "삼성SDI",
                ],
            ),
            // Unknown size last.
            ("삼성에", &[], &["삼성에피스홀딩스"]),
            // Inside comes after prefix.
            ("전", &[], &["삼성전자", "삼성전자우", "삼성전기"]),
            // Codes, whole, begun, inside, with letters in either case.
            ("005930", &[], &["삼성전자"]),
            ("0059", &[], &["삼성전자", "삼성전자우"]),
            ("400", &[], &["삼성SDI", "롯데정밀화학"]),
            ("0126z", &[], &["삼성에피스홀딩스"]),
            ("nav", &[], &["NAVER"]),
            ("", &[], &[]),
            (" & ", &[], &[]),
            ("없는회사", &[], &[]),
        ] {
            assert_eq!(found(typed, watched), expected, "{typed}");
        }
    }

    #[test]
    fn no_more_than_asked_for_and_the_best_of_all() {
        let index = index();
        let all = index.find("ㅅ", |_| false, 100);
        for most in 0..all.len() {
            let some = index.find("ㅅ", |_| false, most);
            let codes = |hits: &[Hit<'_>]| hits.iter().map(|h| h.stock.code).collect::<Vec<_>>();
            assert_eq!(codes(&some), codes(&all[..most]));
        }
        assert_eq!(all[0].rank, Rank::Prefix);
    }
}
