//! `.kis.yaml`: the strategy files of the broker's own strategy builder.
//!
//! Of such a file its entry conditions are conditions for us; exits, stops and orders are not.
//! What cannot be carried over is said by name, in both directions, and never replaced by
//! something like it.

use serde::{Deserialize, Serialize};

use crate::conditions::{
    Expr, Joint, Measure, Operand, Part, Said, Sentence, Sentences, Verb, When,
};

/// The longest file that is read, bytes. The builder's own are some kilobytes.
const LONGEST: usize = 256 * 1024;

/// What a file became.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The strategy's name; empty where it has none.
    pub name: String,
    /// The entry conditions as the text of a rule.
    pub when: String,
    /// What of the file is not in it.
    pub left_out: Vec<LeftOut>,
}

/// What a rule became.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The file's text.
    pub yaml: String,
    /// What of the rule is not in it.
    pub left_out: Vec<LeftOut>,
}

/// Something that could not be carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// An entry condition, as the file has it, or a sentence of a rule.
    Condition(String),
    /// The file's exit conditions: there is nothing here to exit from.
    Exit,
    /// The file's stops: nothing is bought here.
    Risk,
    /// The rule's stocks, timeframe, repeat and the like: the file has no place for them.
    Manners,
}

/// Why nothing could be carried over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KisYamlError {
    /// The text is not such a file.
    #[error("not a .kis.yaml file: {0}")]
    Unreadable(String),
    /// The text is too long to be one.
    #[error("longer than {LONGEST} bytes")]
    TooLong,
    /// It has no entry condition that means anything here.
    #[error("no condition can be carried over")]
    Nothing(Vec<LeftOut>),
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct File {
    version: String,
    metadata: Metadata,
    strategy: Strategy,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Metadata {
    name: String,
    description: String,
    tags: Vec<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Strategy {
    id: String,
    category: String,
    indicators: Vec<Indicator>,
    entry: Group,
    exit: Group,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Indicator {
    id: String,
    alias: String,
    params: Params,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Params {
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Group {
    logic: String,
    conditions: Vec<Condition>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Condition {
    indicator: String,
    operator: String,
    compare_to: serde_json::Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    compare_output: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    candlestick: String,
}

/// Reads the entry conditions of a strategy file.
///
/// # Errors
/// The text is no such file, or nothing of it can be carried over.
pub fn import(text: &str) -> Result<Imported, KisYamlError> {
    if LONGEST < text.len() {
        return Err(KisYamlError::TooLong);
    }
    let file: File = serde_saphyr::from_str(text)
        .map_err(|error| KisYamlError::Unreadable(first_line(&error.to_string())))?;
    let strategy = &file.strategy;
    let joint = match strategy.entry.logic.to_ascii_uppercase().as_str() {
        "OR" => Joint::Any,
        _ => Joint::All,
    };
    let mut parts = Vec::new();
    let mut left_out = Vec::new();
    for condition in &strategy.entry.conditions {
        match said(condition, &strategy.indicators) {
            Some(said) => parts.extend(as_parts(said, joint)),
            None => left_out.push(LeftOut::Condition(condition.in_words())),
        }
    }
    if !strategy.exit.conditions.is_empty() {
        left_out.push(LeftOut::Exit);
    }
    if file.risk.is_some() {
        left_out.push(LeftOut::Risk);
    }
    let when = Sentences { joint, parts }.to_string();
    if Expr::parse(&when).is_err() {
        return Err(KisYamlError::Nothing(left_out));
    }
    Ok(Imported {
        name: file.metadata.name.trim().to_owned(),
        when,
        left_out,
    })
}

/// The first line of a message, without control characters, cut at a readable length.
fn first_line(message: &str) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or_default().trim();
    line.chars().filter(|c| !c.is_control()).take(160).collect()
}

/// One comparison; two for `equals`, which the language does not have.
fn said(condition: &Condition, indicators: &[Indicator]) -> Option<Vec<Said>> {
    if !condition.candlestick.is_empty() {
        return None;
    }
    let left = operand(&condition.indicator, &condition.output, indicators)?;
    let right = match &condition.compare_to {
        serde_json::Value::Number(number) => number_of(&number.to_string())?,
        serde_json::Value::String(text) => {
            operand(text, &condition.compare_output, indicators).or_else(|| number_of(text))?
        }
        _ => return None,
    };
    let verbs: &[Verb] = match condition.operator.as_str() {
        "greater_than" | "gt" => &[Verb::Above],
        "less_than" | "lt" => &[Verb::Below],
        "greater_equal" | "gte" => &[Verb::AtLeast],
        "less_equal" | "lte" => &[Verb::AtMost],
        "cross_above" | "crosses_above" => &[Verb::CrossesAbove],
        "cross_below" | "crosses_below" => &[Verb::CrossesBelow],
        "equals" | "eq" => &[Verb::AtLeast, Verb::AtMost],
        _ => return None,
    };
    let one = |verb: &Verb| Said::Compare {
        left: left.clone(),
        verb: *verb,
        right: right.clone(),
    };
    let all: Vec<Said> = verbs.iter().map(one).collect();
    let readable = |said: &Said| Expr::parse(&said.to_string()).is_ok();
    all.iter().all(readable).then_some(all)
}

fn as_parts(said: Vec<Said>, joint: Joint) -> Vec<Part> {
    let sentences: Vec<Sentence> = said.into_iter().map(Sentence::now).collect();
    match joint {
        Joint::Any if 1 < sentences.len() => vec![Part::Group(sentences)],
        _ => sentences.into_iter().map(Part::One).collect(),
    }
}

/// A price, or the indicator of that alias.
fn operand(name: &str, output: &str, indicators: &[Indicator]) -> Option<Operand> {
    let price = match name {
        "close" => Some(Measure::Close),
        "open" => Some(Measure::Open),
        "high" => Some(Measure::High),
        "low" => Some(Measure::Low),
        "volume" => Some(Measure::Volume),
        _ => None,
    };
    if let Some(price) = price {
        return Some(Operand::Of(price));
    }
    // Without an alias the builder counts: `sma_1`, `sma_2`.
    let indicator = indicators
        .iter()
        .enumerate()
        .find(|(place, indicator)| match indicator.alias.as_str() {
            "" => {
                let same = indicators[..=*place]
                    .iter()
                    .filter(|i| i.id == indicator.id);
                name == format!("{}_{}", indicator.id, same.count())
            }
            alias => alias == name,
        })?
        .1;
    let period = match &indicator.params.period {
        Some(value) => u16::try_from(value.as_u64()?).ok()?,
        None => 20,
    };
    let output = match output {
        "" => indicator.output.as_str(),
        output => output,
    };
    match (indicator.id.as_str(), output) {
        ("sma", "" | "value") | ("bollinger", "" | "middle") => {
            Some(Operand::Of(Measure::Average(period)))
        }
        ("disparity", "" | "value") => Some(Operand::Of(Measure::Disparity(period))),
        _ => None,
    }
}

/// A number as the language writes it: not negative, at most six places.
fn number_of(text: &str) -> Option<Operand> {
    let number: f64 = text.trim().parse().ok()?;
    let text = format!("{number}");
    (0.0 <= number).then_some(Operand::Number(text))
}

impl Condition {
    fn in_words(&self) -> String {
        let compared = match &self.compare_to {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            value => value.to_string(),
        };
        let words = [
            self.candlestick.as_str(),
            &self.indicator,
            &self.output,
            &self.operator,
            &compared,
            &self.compare_output,
        ];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        first_line(&words.join(" "))
    }
}

/// Writes a rule's condition as the entry of a strategy file. `averages`: those of its
/// alignment.
///
/// # Errors
/// No part of the condition has a form in such a file.
pub fn export(name: &str, when: &str, averages: &[u16]) -> Result<Exported, KisYamlError> {
    let sentences = Expr::parse(when).ok().and_then(|expr| expr.sentences());
    let Some(sentences) = sentences else {
        return Err(KisYamlError::Nothing(vec![LeftOut::Condition(
            when.to_owned(),
        )]));
    };
    let mut file = File {
        version: "1.0".to_owned(),
        metadata: Metadata {
            name: name.to_owned(),
            description: when.to_owned(),
            tags: Vec::new(),
        },
        ..File::default()
    };
    let logic = |joint| match joint {
        Joint::All => "AND".to_owned(),
        Joint::Any => "OR".to_owned(),
    };
    let strategy = &mut file.strategy;
    strategy.id = "jeongbae_rule".to_owned();
    strategy.category = "custom".to_owned();
    strategy.entry.logic = logic(sentences.joint);
    strategy.exit.logic = logic(Joint::All);
    let mut left_out = Vec::new();
    for part in &sentences.parts {
        let written = match part {
            Part::One(sentence) => conditions(sentence, sentences.joint, averages),
            Part::Group(_) => None,
        };
        match written {
            Some(written) => {
                for [left, operator, right] in written {
                    let indicator = alias(&left, &mut strategy.indicators);
                    let compare_to = match right.parse::<f64>() {
                        Ok(number) => serde_json::Value::from(number),
                        Err(_) => alias(&right, &mut strategy.indicators).into(),
                    };
                    strategy.entry.conditions.push(Condition {
                        indicator,
                        operator,
                        compare_to,
                        ..Condition::default()
                    });
                }
            }
            None => left_out.push(LeftOut::Condition(part_text(part, sentences.joint))),
        }
    }
    left_out.push(LeftOut::Manners);
    if strategy.entry.conditions.is_empty() {
        return Err(KisYamlError::Nothing(left_out));
    }
    let yaml = serde_saphyr::to_string(&file)
        .map_err(|error| KisYamlError::Unreadable(first_line(&error.to_string())))?;
    Ok(Exported { yaml, left_out })
}

fn part_text(part: &Part, joint: Joint) -> String {
    let parts = vec![part.clone()];
    Sentences { joint, parts }.to_string()
}

/// A sentence as comparisons of terms; `None` where the file has no words for it.
fn conditions(sentence: &Sentence, joint: Joint, averages: &[u16]) -> Option<Vec<[String; 3]>> {
    if sentence.negated || sentence.when != When::Now || sentence.on.is_some() {
        return None;
    }
    match &sentence.said {
        // Each average above the next: several conditions that must all hold.
        Said::Alignment {
            becomes: false,
            bullish,
        } if joint == Joint::All => {
            let operator = if *bullish {
                "greater_than"
            } else {
                "less_than"
            };
            let pair = |pair: &[u16]| {
                let term = |n: u16| format!("ma{n}");
                [term(pair[0]), operator.to_owned(), term(pair[1])]
            };
            Some(averages.windows(2).map(pair).collect())
        }
        Said::Alignment { .. } => None,
        Said::Compare { left, verb, right } => {
            let operator = match verb {
                Verb::Above => "greater_than",
                Verb::Below => "less_than",
                Verb::AtLeast => "greater_equal",
                Verb::AtMost => "less_equal",
                Verb::CrossesAbove => "cross_above",
                Verb::CrossesBelow => "cross_below",
            };
            let known = |operand: &Operand, number: bool| match operand {
                Operand::Number(_) => number,
                Operand::Of(measure) => {
                    !matches!(measure, Measure::Volume | Measure::VolumeAverage(_))
                }
                Operand::Times(..) => false,
            };
            let fits = known(left, false) && known(right, true);
            fits.then(|| vec![[left.to_string(), operator.to_owned(), right.to_string()]])
        }
    }
}

/// The name of a term in the file; an average or a disparity is declared with its first use.
fn alias(term: &str, indicators: &mut Vec<Indicator>) -> String {
    let declared = [("ma", "sma"), ("disparity", "disparity")]
        .into_iter()
        .find_map(|(name, id)| Some((id, term.strip_prefix(name)?.parse::<u16>().ok()?)));
    let Some((id, period)) = declared else {
        return term.to_owned();
    };
    let alias = format!("{id}_{period}");
    if !indicators.iter().any(|known| known.alias == alias) {
        indicators.push(Indicator {
            id: id.to_owned(),
            alias: alias.clone(),
            params: Params {
                period: Some(period.into()),
            },
            output: String::new(),
        });
    }
    alias
}

#[cfg(test)]
#[path = "kis_yaml_tests.rs"]
mod tests;
