//! From text to tree. `not` binds tighter than `and`, `and` tighter than `or`.

use crate::domain::Timeframe;

use super::Expr;
use super::expr::{Decimal, FARTHEST, MOST_OTHERS, Node, Order, Past, Quantity, Side, Term};
use super::lexer::{Placed, Token, tokens};
use super::wanted::{DEEPEST, LONGEST, RuleTextError, Wanted};

/// Digits of a factor: the exact arithmetic of `2.5 * ma20` must fit.
const LARGEST_FACTOR: i64 = 999_999_999;

impl Expr {
    /// Reads a rule's text; upper and lower case are the same.
    ///
    /// # Errors
    /// The place and what the grammar wants there.
    pub fn parse(text: &str) -> Result<Self, RuleTextError> {
        let tokens = tokens(text)?;
        if let Some(token) = tokens.get(LONGEST) {
            return Err(token.error(Wanted::Shorter));
        }
        let mut parser = Parser {
            tokens: &tokens,
            at: 0,
            others: Vec::new(),
        };
        let root = parser.any(0)?;
        match parser.now() {
            token if token.token == Token::End => Ok(Self::new(root)),
            token => Err(token.error(Wanted::JointOrEnd)),
        }
    }
}

struct Parser<'a> {
    /// Never empty, the last one is [`Token::End`].
    tokens: &'a [Placed],
    at: usize,
    /// The other timeframes named so far.
    others: Vec<Timeframe>,
}

impl<'a> Parser<'a> {
    fn now(&self) -> &'a Placed {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    /// The word here, empty if it is none.
    fn word(&self) -> &'a str {
        match &self.now().token {
            Token::Word(word) => word,
            _ => "",
        }
    }

    fn skip(&mut self) {
        self.at += 1;
    }

    fn eat(&mut self, word: &str) -> bool {
        let here = self.word() == word;
        self.at += usize::from(here);
        here
    }

    fn any(&mut self, depth: usize) -> Result<Node, RuleTextError> {
        let first = self.all(depth)?;
        let mut parts = vec![first];
        while self.eat("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single_or(parts, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, RuleTextError> {
        let first = self.one(depth)?;
        let mut parts = vec![first];
        while self.eat("and") {
            parts.push(self.one(depth)?);
        }
        Ok(single_or(parts, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node, RuleTextError> {
        let token = self.now();
        if depth == DEEPEST {
            return Err(token.error(Wanted::Shallower));
        }
        if self.eat("not") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if token.token == Token::Open {
            self.skip();
            let inner = self.any(depth + 1)?;
            let close = self.now();
            if close.token != Token::Close {
                return Err(close.error(Wanted::JointOrClose));
            }
            self.skip();
            return self.said_of(inner);
        }
        let condition = if self.eat("alignment") {
            self.alignment()?
        } else {
            let left = self.term(Wanted::Condition)?;
            self.comparison(left)?
        };
        self.said_of(condition)
    }

    /// Of which bars a condition is said: `within 3 bars`, `for 3 bars`, `3 bars ago`, and of
    /// which timeframe's, `on 60m`; in either order, the bars are those of that timeframe.
    fn said_of(&mut self, condition: Node) -> Result<Node, RuleTextError> {
        let condition = self.past(condition)?;
        let here = self.now();
        if !self.eat("on") {
            return Ok(condition);
        }
        if condition.names_elsewhere() {
            return Err(here.error(Wanted::OnOnce));
        }
        let timeframe = self.timeframe()?;
        let condition = self.past(condition)?;
        Ok(Node::On(timeframe, Box::new(condition)))
    }

    fn timeframe(&mut self) -> Result<Timeframe, RuleTextError> {
        let here = self.now();
        let word = match self.word() {
            word @ ("d" | "w" | "m") => word.to_uppercase(),
            word => word.to_owned(),
        };
        let Ok(timeframe) = word.parse::<Timeframe>() else {
            return Err(here.error(Wanted::Timeframe));
        };
        if !self.others.contains(&timeframe) {
            if self.others.len() == MOST_OTHERS {
                return Err(here.error(Wanted::NamedTimeframe));
            }
            self.others.push(timeframe);
        }
        self.skip();
        Ok(timeframe)
    }

    /// What may follow a condition: `within 3 bars`, `for 3 bars`, `3 bars ago`.
    fn past(&mut self, condition: Node) -> Result<Node, RuleTextError> {
        let here = self.now();
        let (past, bars) = match &here.token {
            Token::Word(word) if word == "within" => {
                self.skip();
                (Past::Within, self.bars()?)
            }
            Token::Word(word) if word == "for" => {
                self.skip();
                (Past::For, self.bars()?)
            }
            Token::Number(_) => {
                let bars = self.bars()?;
                if !self.eat("ago") {
                    return Err(self.now().error(Wanted::Ago));
                }
                (Past::Ago, bars)
            }
            _ => return Ok(condition),
        };
        if condition.names_elsewhere() {
            return Err(here.error(Wanted::JointOrEndAfterOn));
        }
        if condition.names_past() {
            return Err(here.error(Wanted::PastOnce));
        }
        Ok(Node::Past(past, bars, Box::new(condition)))
    }

    /// `3 bars`.
    fn bars(&mut self) -> Result<u16, RuleTextError> {
        let number = match self.now().token {
            Token::Number(Decimal { mantissa, scale: 0 }) => u16::try_from(mantissa).ok(),
            _ => None,
        };
        let number = number.filter(|n| (1..=FARTHEST).contains(n));
        let number = number.ok_or_else(|| self.now().error(Wanted::Bars))?;
        self.skip();
        if !self.eat("bars") && !self.eat("bar") {
            return Err(self.now().error(Wanted::BarsWord));
        }
        Ok(number)
    }

    fn alignment(&mut self) -> Result<Node, RuleTextError> {
        let becomes = match self.word() {
            "is" => false,
            "becomes" => true,
            _ => return Err(self.now().error(Wanted::Verb)),
        };
        self.skip();
        let order = match self.word() {
            "bullish" => Order::Bullish,
            "bearish" => Order::Bearish,
            _ => return Err(self.now().error(Wanted::Order)),
        };
        self.skip();
        Ok(Node::Alignment { becomes, order })
    }

    fn comparison(&mut self, left: Term) -> Result<Node, RuleTextError> {
        if let Token::Sign(comparator) = self.now().token {
            self.skip();
            return Ok(Node::Compare(left, comparator, self.term(Wanted::Term)?));
        }
        if !self.eat("crosses") {
            return Err(self.now().error(Wanted::Comparison));
        }
        let side = match self.word() {
            "above" => Side::Above,
            "below" => Side::Below,
            _ => return Err(self.now().error(Wanted::Side)),
        };
        self.skip();
        Ok(Node::Cross(left, side, self.term(Wanted::Term)?))
    }

    fn term(&mut self, expected: Wanted) -> Result<Term, RuleTextError> {
        let here = self.now();
        let Token::Number(number) = here.token else {
            return self.quantity(expected).map(Term::Of);
        };
        self.skip();
        if self.now().token != Token::Times {
            return Ok(Term::Number(number));
        }
        if LARGEST_FACTOR < number.mantissa {
            return Err(here.error(Wanted::Factor));
        }
        self.skip();
        Ok(Term::Times(number, self.quantity(Wanted::Quantity)?))
    }

    fn quantity(&mut self, expected: Wanted) -> Result<Quantity, RuleTextError> {
        let quantity = match self.word() {
            "close" => Quantity::Close,
            "open" => Quantity::Open,
            "high" => Quantity::High,
            "low" => Quantity::Low,
            "volume" => Quantity::Volume,
            word => {
                let average = period(word, "ma").map(Quantity::Average);
                let average =
                    average.or_else(|| period(word, "volma").map(Quantity::VolumeAverage));
                match average.or_else(|| period(word, "disparity").map(Quantity::Disparity)) {
                    Some(average) => average,
                    None if word.starts_with("ma") => {
                        return Err(self.now().error(Wanted::Average));
                    }
                    None if word.starts_with("volma") => {
                        return Err(self.now().error(Wanted::VolumeAverage));
                    }
                    None => return Err(self.now().error(expected)),
                }
            }
        };
        self.skip();
        Ok(quantity)
    }
}

/// The period of `ma1` to `ma999`, without leading zeros.
fn period(word: &str, name: &str) -> Option<u16> {
    let digits = word.strip_prefix(name)?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    let period = digits.parse().ok().filter(|_| plain)?;
    (1..=999).contains(&period).then_some(period)
}

fn single_or(mut parts: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
