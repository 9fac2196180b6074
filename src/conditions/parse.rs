//! From text to tree. `not` binds tighter than `and`, `and` tighter than `or`.

use super::Expr;
use super::expr::{Node, Order, Side, Term};
use super::lexer::{Placed, RuleTextError, Token, tokens};

/// How deep parentheses and `not` may nest. Far beyond what anyone writes; it keeps reading
/// and judging within a small stack.
const DEEPEST: usize = 32;
/// How many words, numbers and signs a rule may have.
const LONGEST: usize = 2_000;

const CONDITION: &str = "a condition (such as `alignment becomes bullish` or `close > ma20`)";
const TERM: &str = "close, open, high, low, volume, ma1 to ma999 or a number";
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
            return Ok(inner);
        }
        if self.eat("alignment") {
            return self.alignment();
        }
        let left = self.term(CONDITION)?;
        self.comparison(left)
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
        let term = match &self.now().token {
            Token::Number(number) => Term::Number(*number),
            Token::Word(word) => match word.as_str() {
                "close" => Term::Close,
                "open" => Term::Open,
                "high" => Term::High,
                "low" => Term::Low,
                "volume" => Term::Volume,
                word => match average(word) {
                    Some(period) => Term::Average(period),
                    None if word.starts_with("ma") => {
                        return Err(self.now().error("an average from ma1 to ma999"));
                    }
                    None => return Err(self.now().error(expected)),
                },
            },
            _ => return Err(self.now().error(expected)),
        };
        self.skip();
        Ok(term)
    }
}

/// `ma1` to `ma999`, without leading zeros.
fn average(word: &str) -> Option<u16> {
    let digits = word.strip_prefix("ma")?;
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
