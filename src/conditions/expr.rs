//! What a rule's text says, as a tree.

use crate::domain::Timeframe;

/// A rule's condition. [`Expr::parse`] and `Display` are inverse to each other: the text of a
/// tree reads back as the same tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub(super) root: Node,
    /// What it takes on the rule's own timeframe.
    own: Span,
    /// What it takes on each other timeframe named by `on`; at most [`MOST_OTHERS`].
    elsewhere: Vec<(Timeframe, Span)>,
}

/// How many other timeframes one rule may name.
pub(super) const MOST_OTHERS: usize = 3;

/// Which bars of one timeframe a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    /// The longest `maN`, `volmaN` or `disparityN` named; 1 where none is.
    longest: u16,
    names_alignment: bool,
    looks_back: bool,
    /// How many bars before the judged one `within`, `for` and `bars ago` reach.
    reach: u16,
}

impl Span {
    fn of(node: &Node) -> Self {
        let mut span = Self {
            longest: 1,
            names_alignment: false,
            looks_back: false,
            reach: 0,
        };
        node.walk(&mut |node| match node {
            Node::Cross(..) => span.looks_back = true,
            Node::Alignment { becomes, .. } => {
                span.names_alignment = true;
                span.looks_back |= becomes;
            }
            Node::Past(past, bars, _) => span.reach = span.reach.max(past.reach(*bars)),
            Node::Compare(..) | Node::On(..) | Node::Not(_) | Node::All(_) | Node::Any(_) => {}
        });
        node.walk_quantities(&mut |quantity| {
            span.longest = span.longest.max(quantity.period().unwrap_or(1));
        });
        span
    }

    /// Bars needed up to the judged one; `state_only`: without `becomes` and `crosses`.
    fn need(self, periods: &[u16], state_only: bool) -> usize {
        let aligned = periods.iter().copied().max().unwrap_or(1);
        let aligned = if self.names_alignment { aligned } else { 1 };
        let looks_back = self.looks_back && !state_only;
        usize::from(self.longest.max(aligned)) + usize::from(self.reach) + usize::from(looks_back)
    }

    /// Both at once.
    fn join(self, other: Self) -> Self {
        Self {
            longest: self.longest.max(other.longest),
            names_alignment: self.names_alignment || other.names_alignment,
            looks_back: self.looks_back || other.looks_back,
            reach: self.reach.max(other.reach),
        }
    }
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
    /// The same said of another timeframe's newest bar that closed no later than the judged
    /// one. Holds no further `On`, and no `Past` holds one.
    On(Timeframe, Box<Self>),
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
    /// `1.05 * ma20`: so many times the quantity.
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
    /// `disparityN` (이격도): the close in percent of `maN`.
    Disparity(u16),
}

impl Quantity {
    /// How many bars it is made of, where more than one may be.
    fn period(self) -> Option<u16> {
        match self {
            Self::Average(n) | Self::VolumeAverage(n) | Self::Disparity(n) => Some(n),
            Self::Close | Self::Open | Self::High | Self::Low | Self::Volume => None,
        }
    }
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
        let mut elsewhere: Vec<(Timeframe, Span)> = Vec::new();
        root.walk(&mut |node| {
            let Node::On(timeframe, inner) = node else {
                return;
            };
            let span = Span::of(inner);
            match elsewhere.iter_mut().find(|(known, _)| known == timeframe) {
                Some((_, known)) => *known = known.join(span),
                None => elsewhere.push((*timeframe, span)),
            }
        });
        Self {
            own: Span::of(&root),
            elsewhere,
            root,
        }
    }

    /// How many bars the rule needs to be judged, the judged one included: the longest period
    /// named (`periods` where the rule says `alignment`), one more with `becomes` or `crosses`,
    /// and as many as `within`, `for` and `bars ago` reach back.
    pub fn need(&self, periods: &[u16]) -> usize {
        self.own.need(periods, false)
    }

    /// As [`Expr::need`], for the state underneath, which has no `becomes` and
    /// no `crosses`.
    pub(super) fn need_of_state(&self, periods: &[u16]) -> usize {
        self.own.need(periods, true)
    }

    /// The other timeframes the rule names by `on`, each with the closed bars it needs of it.
    pub fn needs_elsewhere<'a>(
        &'a self,
        periods: &'a [u16],
    ) -> impl Iterator<Item = (Timeframe, usize)> + 'a {
        self.elsewhere
            .iter()
            .map(|(timeframe, span)| (*timeframe, span.need(periods, false)))
    }

    /// As [`Expr::needs_elsewhere`], for the state underneath.
    pub(super) fn state_needs_elsewhere<'a>(
        &'a self,
        periods: &'a [u16],
    ) -> impl Iterator<Item = (Timeframe, usize)> + 'a {
        self.elsewhere
            .iter()
            .map(|(timeframe, span)| (*timeframe, span.need(periods, true)))
    }

    /// The averages of its own timeframe that the rule rests on, shortest first: the alignment's
    /// periods where it says `alignment`, and the N of every `maN` and `disparityN`.
    pub fn averages(&self, periods: &[u16]) -> Vec<u16> {
        let mut named = if self.own.names_alignment {
            periods.to_vec()
        } else {
            Vec::new()
        };
        self.root.walk_quantities(&mut |quantity| {
            if let Quantity::Average(period) | Quantity::Disparity(period) = quantity {
                named.push(period);
            }
        });
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Whether the price alone decides: the rule names nothing of the bar but its close. What it
    /// says of other timeframes does not change while the bar is built.
    pub fn rests_on_close(&self) -> bool {
        let mut only = true;
        self.root.walk_quantities(&mut |quantity| {
            only &= matches!(
                quantity,
                Quantity::Close | Quantity::Average(_) | Quantity::Disparity(_)
            );
        });
        only
    }
}

impl Node {
    /// Visits every node that speaks of this one's timeframe, the outer before the inner: an
    /// `On` is visited, what it holds is not. The depth is bounded by the parser.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Not(inner) | Self::Past(_, _, inner) => inner.walk(visit),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Self::Compare(..) | Self::Cross(..) | Self::Alignment { .. } | Self::On(..) => {}
        }
    }

    /// Whether some part of it is said of another timeframe.
    pub(super) fn names_elsewhere(&self) -> bool {
        let mut found = false;
        self.walk(&mut |node| found |= matches!(node, Self::On(..)));
        found
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
