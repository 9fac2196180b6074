//! From text to tree. `not` binds tighter than `and`, `and` tighter than `or`.

use crate::domain::Timeframe;

use super::Expr;
use super::expr::{Decimal, FARTHEST, MOST_OTHERS, Node, Order, Past, Quantity, Side, Term};
use super::lexer::{Placed, RuleTextError, Token, tokens};

/// How deep parentheses and `not` may nest. Far beyond what anyone writes; it keeps reading
/// and judging within a small stack.
const DEEPEST: usize = 32;
/// How many words, numbers and signs a rule may have.
const LONGEST: usize = 2_000;

const CONDITION: &str = "a condition (such as `alignment becomes bullish` or `close > ma20`)";
const TERM: &str = "close, open, high, low, volume, ma1 to ma999, volma1 to volma999, disparity1 to disparity999 or a number";
const QUANTITY: &str = "close, open, high, low, volume, ma1 to ma999, volma1 to volma999 or disparity1 to disparity999";
const TIMEFRAME: &str = "a timeframe (1m 3m 5m 10m 15m 30m 60m 120m 240m D W M)";
const BARS: &str = "a number of bars from 1 to 100";
/// Digits of a factor: the exact arithmetic of `2.5 * ma20` must fit.
const LARGEST_FACTOR: i64 = 999_999_999;
const COMPARISON: &str = "> < >= <=, `crosses above` or `crosses below`";

impl Expr {
    /// Reads a rule's text; upper and lower case are the same.
    ///
    /// # Errors
    /// The place and what the grammar wants there.
    pub fn parse(text: &str) -> Result<Self, RuleTextError> {
        let tokens = tokens(text)?;
        if let Some(token) = tokens.get(LONGEST) {
            return Err(token.error("a rule of at most 2000 words and signs"));
        }
        let mut parser = Parser {
            tokens: &tokens,
            at: 0,
            others: Vec::new(),
        };
        let root = parser.any(0)?;
        match parser.now() {
            token if token.token == Token::End => Ok(Self::new(root)),
            token => Err(token.error("`and`, `or` or the end of the rule")),
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
            return Err(token.error("a rule nested at most 32 deep"));
        }
        if self.eat("not") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if token.token == Token::Open {
            self.skip();
            let inner = self.any(depth + 1)?;
            let close = self.now();
            if close.token != Token::Close {
                return Err(close.error("`and`, `or` or `)`"));
            }
            self.skip();
            return self.said_of(inner);
        }
        let condition = if self.eat("alignment") {
            self.alignment()?
        } else {
            let left = self.term(CONDITION)?;
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
            return Err(here.error("no second `on` on one condition"));
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
            return Err(here.error(TIMEFRAME));
        };
        if !self.others.contains(&timeframe) {
            if self.others.len() == MOST_OTHERS {
                return Err(here.error("one of the 3 other timeframes named before"));
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
                    return Err(self.now().error("`ago`"));
                }
                (Past::Ago, bars)
            }
            _ => return Ok(condition),
        };
        if condition.names_elsewhere() {
            return Err(here.error(
                "`and`, `or` or the end of the rule (`within`, `for` and `bars ago` come before `on`)",
            ));
        }
        if condition.names_past() {
            return Err(here.error("no second `within`, `for` or `bars ago` on one condition"));
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
        let number = number.ok_or_else(|| self.now().error(BARS))?;
        self.skip();
        if !self.eat("bars") && !self.eat("bar") {
            return Err(self.now().error("`bars`"));
        }
        Ok(number)
    }

    fn alignment(&mut self) -> Result<Node, RuleTextError> {
        let becomes = match self.word() {
            "is" => false,
            "becomes" => true,
            _ => return Err(self.now().error("`is` or `becomes`")),
        };
        self.skip();
        let order = match self.word() {
            "bullish" => Order::Bullish,
            "bearish" => Order::Bearish,
            _ => return Err(self.now().error("`bullish` or `bearish`")),
        };
        self.skip();
        Ok(Node::Alignment { becomes, order })
    }

    fn comparison(&mut self, left: Term) -> Result<Node, RuleTextError> {
        if let Token::Sign(comparator) = self.now().token {
            self.skip();
            return Ok(Node::Compare(left, comparator, self.term(TERM)?));
        }
        if !self.eat("crosses") {
            return Err(self.now().error(COMPARISON));
        }
        let side = match self.word() {
            "above" => Side::Above,
            "below" => Side::Below,
            _ => return Err(self.now().error("`above` or `below`")),
        };
        self.skip();
        Ok(Node::Cross(left, side, self.term(TERM)?))
    }

    fn term(&mut self, expected: &str) -> Result<Term, RuleTextError> {
        let here = self.now();
        let Token::Number(number) = here.token else {
            return self.quantity(expected).map(Term::Of);
        };
        self.skip();
        if self.now().token != Token::Times {
            return Ok(Term::Number(number));
        }
        if LARGEST_FACTOR < number.mantissa {
            return Err(here.error("a factor of at most 9 digits"));
        }
        self.skip();
        Ok(Term::Times(number, self.quantity(QUANTITY)?))
    }

    fn quantity(&mut self, expected: &str) -> Result<Quantity, RuleTextError> {
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
                        return Err(self.now().error("an average from ma1 to ma999"));
                    }
                    None if word.starts_with("volma") => {
                        return Err(self.now().error("an average from volma1 to volma999"));
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
