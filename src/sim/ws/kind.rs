//! The feeds on offer.

use crate::domain::Market as Venue;

/// The kinds of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Trades of a stock.
    Trades(Venue),
    /// Its order book.
    Book(Venue),
    /// The expected match in the exchange's auctions.
    Expected,
    /// Changes of session, halts.
    Operation(Venue),
    /// An index.
    Index,
    /// The customer's orders and fills: nobody orders here, so it stays silent.
    Notice,
}

const KINDS: [(&str, Kind); 13] = [
    ("H0STCNT0", Kind::Trades(Venue::Krx)),
    ("H0NXCNT0", Kind::Trades(Venue::Nxt)),
    ("H0UNCNT0", Kind::Trades(Venue::Unified)),
    ("H0STASP0", Kind::Book(Venue::Krx)),
    ("H0NXASP0", Kind::Book(Venue::Nxt)),
    ("H0UNASP0", Kind::Book(Venue::Unified)),
    ("H0STANC0", Kind::Expected),
    ("H0STMKO0", Kind::Operation(Venue::Krx)),
    ("H0NXMKO0", Kind::Operation(Venue::Nxt)),
    ("H0UNMKO0", Kind::Operation(Venue::Unified)),
    ("H0UPCNT0", Kind::Index),
    ("H0STCNI0", Kind::Notice),
    ("H0STCNI9", Kind::Notice),
];

impl Kind {
    /// The feed of a TR id on one of the two hosts. The paper host offers trades and books of
    /// the exchange and notices under an id of their own.
    pub(super) fn parse(tr_id: &str, paper: bool) -> Option<Self> {
        let (_, kind) = KINDS.into_iter().find(|(id, _)| *id == tr_id)?;
        let offered = match (kind, tr_id) {
            (Self::Notice, _) => paper == (tr_id == "H0STCNI9"),
            (Self::Trades(Venue::Krx) | Self::Book(Venue::Krx), _) => true,
            _ => !paper,
        };
        offered.then_some(kind)
    }

    pub(super) fn tr_id(self) -> &'static str {
        let found = KINDS.into_iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(id, _)| id)
    }

    pub(super) fn venue(self) -> Venue {
        match self {
            Self::Trades(venue) | Self::Book(venue) | Self::Operation(venue) => venue,
            Self::Expected | Self::Index | Self::Notice => Venue::Krx,
        }
    }
}
