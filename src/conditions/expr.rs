//! What a rule's text says, as a tree.

use crate::domain::Timeframe;

/// A rule's condition. [`Expr::parse`] and `Display` are inverse to each other: the text of a
/// tree reads back as the same tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub(super) root: Node,
    /// What it takes on the rule's own timeframe.
    own: Takes,
    /// What it takes on each other timeframe named by `on`; at most [`MOST_OTHERS`].
    elsewhere: Vec<(Timeframe, Takes)>,
}

/// How many other timeframes one rule may name.
pub(super) const MOST_OTHERS: usize = 3;

/// Which bars of one timeframe a rule looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Takes {
    /// What is said of the judged bar, all of it together: a rule with `becomes` or `crosses`
    /// needs one bar more than the longest average it names, whichever part names it.
    now: Span,
    /// What is said of other bars, each part with how many bars before the judged one its
    /// `within`, `for` or `bars ago` reaches.
    past: Vec<(Span, u16)>,
}

impl Takes {
    fn of(node: &Node) -> Self {
        let mut takes = Self::default();
        takes.add(node);
        takes
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::Past(past, bars, inner) => {
                self.past.push((Self::of(inner).now, past.reach(*bars)));
            }
            Node::Not(inner) => self.add(inner),
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| self.add(part)),
            Node::Compare(left, _, right) => self.now.name(*left, *right),
            Node::Cross(left, _, right) => {
                self.now.looks_back = true;
                self.now.name(*left, *right);
            }
            Node::Alignment { becomes, .. } => {
                self.now.names_alignment = true;
                self.now.looks_back |= becomes;
            }
            Node::On(..) => {}
        }
    }

    /// Bars needed up to the judged one; `state_only`: without `becomes` and `crosses`.
    fn need(&self, periods: &[u16], state_only: bool) -> usize {
        let past = self.past.iter();
        let past = past.map(|(span, reach)| span.need(periods, state_only) + usize::from(*reach));
        past.fold(self.now.need(periods, state_only), usize::max)
    }

    fn names_alignment(&self) -> bool {
        self.now.names_alignment || self.past.iter().any(|(span, _)| span.names_alignment)
    }
}

/// Which bars are needed to say something of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    /// The longest `maN`, `volmaN` or `disparityN` named; 0 where none is.
    longest: u16,
    names_alignment: bool,
    looks_back: bool,
}

impl Span {
    fn name(&mut self, left: Term, right: Term) {
        for quantity in [left, right].into_iter().filter_map(Term::quantity) {
            self.longest = self.longest.max(quantity.period().unwrap_or(1));
        }
    }

    /// Bars needed up to the one spoken of, which is one of them.
    fn need(self, periods: &[u16], state_only: bool) -> usize {
        let aligned = periods.iter().copied().filter(|_| self.names_alignment);
        let longest = aligned.fold(self.longest.max(1), u16::max);
        usize::from(longest) + usize::from(self.looks_back && !state_only)
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
        let mut elsewhere: Vec<(Timeframe, Takes)> = Vec::new();
        root.walk(&mut |node| {
            let Node::On(timeframe, inner) = node else {
                return;
            };
            match elsewhere.iter_mut().find(|(known, _)| known == timeframe) {
                Some((_, known)) => known.add(inner),
                None => elsewhere.push((*timeframe, Takes::of(inner))),
            }
        });
        Self {
            own: Takes::of(&root),
            elsewhere,
            root,
        }
    }

    /// How many bars the rule needs to be judged, the judged one included: the longest period
    /// named (`periods` where the rule says `alignment`), and one more with `becomes` or
    /// `crosses`. What is said of other bars needs as many before the farthest bar that its
    /// `within`, `for` or `bars ago` reaches; the neediest decides.
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
            .map(|(timeframe, takes)| (*timeframe, takes.need(periods, false)))
    }

    /// As [`Expr::needs_elsewhere`], for the state underneath.
    pub(super) fn state_needs_elsewhere<'a>(
        &'a self,
        periods: &'a [u16],
    ) -> impl Iterator<Item = (Timeframe, usize)> + 'a {
        self.elsewhere
            .iter()
            .map(|(timeframe, takes)| (*timeframe, takes.need(periods, true)))
    }

    /// The averages of its own timeframe that the rule rests on, shortest first: the alignment's
    /// periods where it says `alignment`, and the N of every `maN` and `disparityN`.
    pub fn averages(&self, periods: &[u16]) -> Vec<u16> {
        let mut named = if self.own.names_alignment() {
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
