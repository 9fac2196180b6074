//! The tree as text: the canonical spelling that reads back as the same tree.

use std::fmt;

use super::Expr;
use super::expr::{Comparator, Decimal, Node, Order, Past, Quantity, Side, Term};

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
            Self::Past(past, bars, inner) => {
                let composed = matches!(**inner, Self::Not(_) | Self::All(_) | Self::Any(_));
                inner.fmt_inside(f, composed)?;
                let unit = if *bars == 1 { "bar" } else { "bars" };
                match past {
                    Past::Within => write!(f, " within {bars} {unit}"),
                    Past::For => write!(f, " for {bars} {unit}"),
                    Past::Ago => write!(f, " {bars} {unit} ago"),
                }
            }
            Self::On(timeframe, inner) => {
                let composed = matches!(**inner, Self::Not(_) | Self::All(_) | Self::Any(_));
                inner.fmt_inside(f, composed)?;
                write!(f, " on {timeframe}")
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
            Self::Number(number) => number.fmt(f),
            Self::Of(quantity) => quantity.fmt(f),
            Self::Times(number, quantity) => write!(f, "{number} * {quantity}"),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Open => f.write_str("open"),
            Self::High => f.write_str("high"),
            Self::Low => f.write_str("low"),
            Self::Volume => f.write_str("volume"),
            Self::Average(period) => write!(f, "ma{period}"),
            Self::VolumeAverage(period) => write!(f, "volma{period}"),
            Self::Disparity(period) => write!(f, "disparity{period}"),
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
