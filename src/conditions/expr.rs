//! What a rule's text says, as a tree.

/// A rule's condition. [`Expr::parse`] and `Display` are inverse to each other: the text of a
/// tree reads back as the same tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub(super) root: Node,
    /// The longest `maN` named; 1 where none is.
    longest: u16,
    names_alignment: bool,
    looks_back: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Compare(Term, Comparator, Term),
    Cross(Term, Side, Term),
    Alignment { becomes: bool, order: Order },
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Term {
    Close,
    Open,
    High,
    Low,
    Volume,
    /// `maN`.
    Average(u16),
    Number(Decimal),
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
        };
        root.walk(&mut |node| match node {
            Node::Compare(..) => {}
            Node::Cross(..) => expr.looks_back = true,
            Node::Alignment { becomes, .. } => {
                expr.names_alignment = true;
                expr.looks_back |= becomes;
            }
            Node::Not(_) | Node::All(_) | Node::Any(_) => {}
        });
        root.walk_terms(&mut |term| {
            if let Term::Average(period) = term {
                expr.longest = expr.longest.max(period);
            }
        });
        expr.root = root;
        expr
    }

    /// How many bars the rule needs to be judged, the judged one included: the longest period
    /// named (`periods` where the rule says `alignment`), and one more with `becomes` or
    /// `crosses`.
    pub fn need(&self, periods: &[u16]) -> usize {
        self.need_of_state(periods) + usize::from(self.looks_back)
    }

    /// As [`Expr::need`], for the state underneath, which never looks back.
    pub(super) fn need_of_state(&self, periods: &[u16]) -> usize {
        let aligned = periods.iter().copied().max().unwrap_or(1);
        let aligned = if self.names_alignment { aligned } else { 1 };
        usize::from(self.longest.max(aligned))
    }

    /// The averages the rule rests on, shortest first: the alignment's periods where it says
    /// `alignment`, and every `maN` it names.
    pub fn averages(&self, periods: &[u16]) -> Vec<u16> {
        let mut named = if self.names_alignment {
            periods.to_vec()
        } else {
            Vec::new()
        };
        self.root.walk_terms(&mut |term| {
            if let Term::Average(period) = term {
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
        self.root.walk_terms(&mut |term| {
            only &= matches!(term, Term::Close | Term::Average(_) | Term::Number(_));
        });
        only
    }
}

impl Node {
    /// Visits every node, the outer before the inner. The depth is bounded by the parser.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Not(inner) => inner.walk(visit),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Self::Compare(..) | Self::Cross(..) | Self::Alignment { .. } => {}
        }
    }

    pub(super) fn walk_terms(&self, visit: &mut impl FnMut(Term)) {
        self.walk(&mut |node| {
            if let Self::Compare(left, _, right) | Self::Cross(left, _, right) = node {
                visit(*left);
                visit(*right);
            }
        });
    }
}
