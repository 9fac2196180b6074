//! What a rule's text says, as a tree.

/// A rule's condition. [`Expr::parse`] and `Display` are inverse to each other: the text of a
/// tree reads back as the same tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub(super) root: Node,
    /// The longest `maN` or `volmaN` named; 1 where none is.
    longest: u16,
    names_alignment: bool,
    looks_back: bool,
    /// How many bars before the judged one `within`, `for` and `bars ago` reach.
    reach: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Compare(Term, Comparator, Term),
    Cross(Term, Side, Term),
    Alignment {
        becomes: bool,
        order: Order,
    },
    /// The same said of other bars than the judged one. Holds no further `Past`.
    Past(Past, u16, Box<Self>),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// Of which bars a condition is said. Bars are counted as Korean trading screens count them:
/// the judged bar is 0 bars ago (0봉전).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// `within N bars`: on at least one of the last N, the judged one included (N봉 이내).
    Within,
    /// `for N bars`: on each of the last N, the judged one included (N봉 연속).
    For,
    /// `N bars ago`: on the bar that many before the judged one (N봉전).
    Ago,
}

/// How many bars back a condition may look.
pub(super) const FARTHEST: u16 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Term {
    Number(Decimal),
    Of(Quantity),
    /// `1.05 * ma20`: so many times the quantity. 이격도 105 is `close >= 1.05 * ma20`.
    Times(Decimal, Quantity),
}

/// What a bar has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Close,
    Open,
    High,
    Low,
    Volume,
    /// `maN`: the average of the last N closes.
    Average(u16),
    /// `volmaN`: the average of the last N volumes.
    VolumeAverage(u16),
}

impl Term {
    pub(super) fn quantity(self) -> Option<Quantity> {
        match self {
            Self::Number(_) => None,
            Self::Of(quantity) | Self::Times(_, quantity) => Some(quantity),
        }
    }
}

/// `mantissa` / 10^`scale`, without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) mantissa: i64,
    pub(super) scale: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparator {
    Above,
    Below,
    AtLeast,
    AtMost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Bullish,
    Bearish,
}

impl Expr {
    pub(super) fn new(root: Node) -> Self {
        let mut expr = Self {
            root: Node::All(Vec::new()),
            longest: 1,
            names_alignment: false,
            looks_back: false,
            reach: 0,
        };
        root.walk(&mut |node| match node {
            Node::Compare(..) => {}
            Node::Cross(..) => expr.looks_back = true,
            Node::Alignment { becomes, .. } => {
                expr.names_alignment = true;
                expr.looks_back |= becomes;
            }
            Node::Past(past, bars, _) => expr.reach = expr.reach.max(past.reach(*bars)),
            Node::Not(_) | Node::All(_) | Node::Any(_) => {}
        });
        root.walk_quantities(&mut |quantity| {
            if let Quantity::Average(period) | Quantity::VolumeAverage(period) = quantity {
                expr.longest = expr.longest.max(period);
            }
        });
        expr.root = root;
        expr
    }

    /// How many bars the rule needs to be judged, the judged one included: the longest period
    /// named (`periods` where the rule says `alignment`), one more with `becomes` or `crosses`,
    /// and as many as `within`, `for` and `bars ago` reach back.
    pub fn need(&self, periods: &[u16]) -> usize {
        self.need_of_state(periods) + usize::from(self.looks_back)
    }

    /// As [`Expr::need`], for the state underneath, which has no `becomes` and
    /// no `crosses`.
    pub(super) fn need_of_state(&self, periods: &[u16]) -> usize {
        let aligned = periods.iter().copied().max().unwrap_or(1);
        let aligned = if self.names_alignment { aligned } else { 1 };
        usize::from(self.longest.max(aligned)) + usize::from(self.reach)
    }

    /// The averages the rule rests on, shortest first: the alignment's periods where it says
    /// `alignment`, and every `maN` it names.
    pub fn averages(&self, periods: &[u16]) -> Vec<u16> {
        let mut named = if self.names_alignment {
            periods.to_vec()
        } else {
            Vec::new()
        };
        self.root.walk_quantities(&mut |quantity| {
            if let Quantity::Average(period) = quantity {
                named.push(period);
            }
        });
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Whether the price alone decides: the rule names nothing of the bar but its close.
    pub fn rests_on_close(&self) -> bool {
        let mut only = true;
        self.root.walk_quantities(&mut |quantity| {
            only &= matches!(quantity, Quantity::Close | Quantity::Average(_));
        });
        only
    }
}

impl Node {
    /// Visits every node, the outer before the inner. The depth is bounded by the parser.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Not(inner) | Self::Past(_, _, inner) => inner.walk(visit),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Self::Compare(..) | Self::Cross(..) | Self::Alignment { .. } => {}
        }
    }

    fn walk_quantities(&self, visit: &mut impl FnMut(Quantity)) {
        self.walk(&mut |node| {
            if let Self::Compare(left, _, right) | Self::Cross(left, _, right) = node {
                for quantity in [left, right].into_iter().filter_map(|t| t.quantity()) {
                    visit(quantity);
                }
            }
        });
    }

    /// Whether it says something of other bars than the judged one by `within` and the like.
    pub(super) fn names_past(&self) -> bool {
        let mut found = false;
        self.walk(&mut |node| found |= matches!(node, Self::Past(..)));
        found
    }
}

impl Past {
    /// How many bars before the judged one are looked at.
    pub(super) fn reach(self, bars: u16) -> u16 {
        match self {
            Self::Within | Self::For => bars.saturating_sub(1),
            Self::Ago => bars,
        }
    }
}
