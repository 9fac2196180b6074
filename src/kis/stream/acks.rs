//! What each answer of the socket asks of us, as one table (websocket.md §3.1).
//!
//! Only `msg_cd` counts: the other fields of an answer are not reliable.

/// What an answer asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ack {
    /// The feed flows, be it since now or since before.
    Flows,
    /// The feed flows no more, or never did.
    Gone,
    /// The broker is unwell: the same once more, later and later.
    Later,
    /// No room for another registration.
    Full,
    /// This registration will never be taken; the others are not affected.
    Never,
    /// The approval key is not accepted.
    Approval,
    /// Another session holds the app key.
    InUse,
    /// The app key itself is wrong.
    Fatal,
}

const TABLE: &[(&str, Ack)] = &[
    ("OPSP0000", Ack::Flows), // of a removal: gone, see `Reconcile::answer`
    ("OPSP0001", Ack::Gone),
    ("OPSP0002", Ack::Flows),
    ("OPSP0003", Ack::Gone),
    ("OPSP0007", Ack::Later),
    ("OPSP0008", Ack::Full),
    ("OPSP0009", Ack::Later),
    ("OPSP0010", Ack::Fatal),
    ("OPSP0011", Ack::Approval),
    ("OPSP8991", Ack::Never), // a feed that this host does not offer
    ("OPSP8992", Ack::Never), // a symbol it does not know
    // From here on a message of ours is wrong in itself: the same again would be wrong again.
    ("OPSP8993", Ack::Never),
    ("OPSP8994", Ack::Never),
    ("OPSP8995", Ack::Never),
    ("OPSP8996", Ack::InUse),
    ("OPSP8997", Ack::Never),
    ("OPSP8998", Ack::Never),
    ("OPSP8999", Ack::Later),
    ("OPSP9990", Ack::Never),
    ("OPSP9991", Ack::Never),
    ("OPSP9992", Ack::Never),
    ("OPSP9993", Ack::Later),
    ("OPSP9994", Ack::Fatal),
    ("OPSP9995", Ack::Later),
    ("OPSP9996", Ack::Never),
    ("OPSP9997", Ack::Never),
    ("OPSP9998", Ack::Never),
    ("OPSP9999", Ack::Never),
];

/// What a code asks of us; a code nobody has written down is never repeated.
pub(super) fn ack(msg_cd: &str) -> Ack {
    TABLE
        .iter()
        .find(|(code, _)| *code == msg_cd)
        .map_or(Ack::Never, |(_, ack)| *ack)
}

#[cfg(test)]
pub(super) fn table() -> &'static [(&'static str, Ack)] {
    TABLE
}
