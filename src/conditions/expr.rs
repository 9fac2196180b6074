//! What a rule's text says, as a tree, and the tree as text.

use std::fmt;

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

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(left, comparator, right) => write!(f, "{left} {comparator} {right}"),
            Self::Cross(left, side, right) => write!(f, "{left} crosses {side} {right}"),
            Self::Alignment { becomes, order } => {
                let verb = if *becomes { "becomes" } else { "is" };
                write!(f, "alignment {verb} {order}")
            }
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.fmt_inside(f, matches!(**inner, Self::All(_) | Self::Any(_)))
            }
            Self::All(parts) => join(f, parts, " and ", |part| {
                matches!(part, Self::All(_) | Self::Any(_))
            }),
            Self::Any(parts) => join(f, parts, " or ", |part| matches!(part, Self::Any(_))),
        }
    }
}

impl Node {
    fn fmt_inside(&self, f: &mut fmt::Formatter<'_>, parentheses: bool) -> fmt::Result {
        if parentheses {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Node],
    word: &str,
    needs_parentheses: impl Fn(&Node) -> bool,
) -> fmt::Result {
    for (position, part) in parts.iter().enumerate() {
        if 0 < position {
            f.write_str(word)?;
        }
        part.fmt_inside(f, needs_parentheses(part))?;
    }
    Ok(())
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Open => f.write_str("open"),
            Self::High => f.write_str("high"),
            Self::Low => f.write_str("low"),
            Self::Volume => f.write_str("volume"),
            Self::Average(period) => write!(f, "ma{period}"),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_i64.pow(u32::from(self.scale));
        let (whole, part) = (self.mantissa / unit, self.mantissa % unit);
        match usize::from(self.scale) {
            0 => write!(f, "{whole}"),
            places => write!(f, "{whole}.{part:0places$}"),
        }
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => ">",
            Self::Below => "<",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Above => "above",
            Self::Below => "below",
        })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bullish => "bullish",
            Self::Bearish => "bearish",
        })
    }
}
