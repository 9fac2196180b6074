//! The feeds on offer.

use crate::domain::Market as Venue;

/// The kinds of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Trades of a stock.
    Trades(Venue),
    /// Its order book.
    Book(Venue),
    /// The expected match in a stock's auctions. Nextrade has none, so that its feed is silent.
    Expected(Venue),
    /// What programs have traded of a stock.
    Program(Venue),
    /// The largest brokers behind a stock's trades.
    Members(Venue),
    /// Changes of session, halts.
    Operation(Venue),
    /// An index.
    Index,
    /// An index as the running auctions would have it.
    IndexExpected,
    /// What programs have traded of an index's stocks.
    IndexProgram,
    /// The session of single prices after the close, which ended in September 2026: silent.
    Overtime(Overtime),
    /// The customer's orders and fills: nobody orders here, so it stays silent.
    Notice,
}

/// What was told of the session of single prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overtime {
    Trades,
    Book,
    Expected,
}

const KINDS: [(&str, Kind); 26] = [
    ("H0STCNT0", Kind::Trades(Venue::Krx)),
    ("H0NXCNT0", Kind::Trades(Venue::Nxt)),
    ("H0UNCNT0", Kind::Trades(Venue::Unified)),
    ("H0STASP0", Kind::Book(Venue::Krx)),
    ("H0NXASP0", Kind::Book(Venue::Nxt)),
    ("H0UNASP0", Kind::Book(Venue::Unified)),
    ("H0STANC0", Kind::Expected(Venue::Krx)),
    ("H0NXANC0", Kind::Expected(Venue::Nxt)),
    ("H0UNANC0", Kind::Expected(Venue::Unified)),
    ("H0STPGM0", Kind::Program(Venue::Krx)),
    ("H0NXPGM0", Kind::Program(Venue::Nxt)),
    ("H0UNPGM0", Kind::Program(Venue::Unified)),
    ("H0STMBC0", Kind::Members(Venue::Krx)),
    ("H0NXMBC0", Kind::Members(Venue::Nxt)),
    ("H0UNMBC0", Kind::Members(Venue::Unified)),
    ("H0STMKO0", Kind::Operation(Venue::Krx)),
    ("H0NXMKO0", Kind::Operation(Venue::Nxt)),
    ("H0UNMKO0", Kind::Operation(Venue::Unified)),
    ("H0UPCNT0", Kind::Index),
    ("H0UPANC0", Kind::IndexExpected),
    ("H0UPPGM0", Kind::IndexProgram),
    ("H0STOUP0", Kind::Overtime(Overtime::Trades)),
    ("H0STOAA0", Kind::Overtime(Overtime::Book)),
    ("H0STOAC0", Kind::Overtime(Overtime::Expected)),
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
            Self::Trades(venue)
            | Self::Book(venue)
            | Self::Operation(venue)
            | Self::Expected(venue)
            | Self::Program(venue)
            | Self::Members(venue) => venue,
            Self::Index
            | Self::IndexExpected
            | Self::IndexProgram
            | Self::Overtime(_)
            | Self::Notice => Venue::Krx,
        }
    }

    /// Whether its key is an index.
    pub(super) fn is_of_index(self) -> bool {
        matches!(self, Self::Index | Self::IndexExpected | Self::IndexProgram)
    }
}
