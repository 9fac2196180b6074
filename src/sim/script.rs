//! Faults by the clock, as a file: one JSON object a line.
//!
//! ```text
//! # The limit falls, then the sockets are cut.
//! {"at": "09:30:00", "calls_per_second": 5}
//! {"at": "09:31:00", "cut_sockets": true, "zombie_secs": 60}
//! {"at": "09:35:00", "html_answers": 3, "silent": ["005930"]}
//! {"at": "10:00:00", "vi": "005930"}
//! {"at": "10:30:00", "until": "11:00:00", "halt": "000660"}
//! {"at": "09:00:00", "split": "005930", "ratio": 50}
//! ```
//!
//! `split` makes `ratio` shares of one on the simulator's first day: its history is served
//! adjusted, or raw when that is asked for. `vi` makes a call auction of the two minutes of a
//! volatility interruption, `halt` stops a stock until `until`; both from the whole minute. They belong to
//! the market and not to the faults: charts, quotes and feeds agree on them.
//!
//! `at` is a time of the day on which the simulator starts; a time gone by means at once. The
//! other keys are the fields of [`Faults`], and `cut_sockets`. What a line does not name stays.

use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::domain::{Day, Minute, Moment, StockCode, time::second_of_day};
use crate::sim::faults::{Faults, FaultsHandle};
use crate::sim::market::{Events, Split, Stop};

/// A volatility interruption takes two minutes of call auction.
const VI_MINUTES: i32 = 2;

/// Steps in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    steps: Vec<Step>,
    stops: Vec<Stop>,
    splits: Vec<(StockCode, i64)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    /// Seconds since midnight, Korea.
    second: u32,
    cut_sockets: bool,
    faults: Map<String, Value>,
}

/// A line of a script that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", t!("%{line}번째 줄: %{problem}", line = line, problem = problem))]
pub struct ScriptError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl Script {
    /// Reads a script. Blank lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// The first line that is no JSON object, lacks `at` or names an unknown fault.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::default();
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        for (i, line) in lines {
            let read = step(line).map_err(|problem| ScriptError {
                line: i + 1,
                problem,
            })?;
            match read {
                Line::Step(step) => script.steps.push(step),
                Line::Stop(stop) => script.stops.push(stop),
                Line::Split(code, ratio) => script.splits.push((code, ratio)),
            }
        }
        Ok(script)
    }

    /// What happens to single stocks on `day`, the simulator's first.
    pub(crate) fn events(&self, day: Day) -> Events {
        let split = |(code, ratio): &(StockCode, i64)| Split {
            code: *code,
            day,
            ratio: *ratio,
        };
        Events {
            stops: self.stops.iter().map(|stop| (day, stop.clone())).collect(),
            splits: self.splits.iter().map(split).collect(),
        }
    }

    /// Plays the steps in order, each when its time has come.
    pub(crate) async fn play(self, clock: Clock, day: Day, faults: FaultsHandle) {
        for step in self.steps {
            clock.sleep_until(Moment::on(day, step.second)).await;
            let changed = faults.change(|f| {
                let merged = merge(f, &step.faults);
                merged.map(|new| *f = new)
            });
            if let Err(problem) = changed {
                tracing::warn!(problem, "a step of the simulator's script was left out");
            }
            if step.cut_sockets {
                faults.cut_sockets();
            }
        }
    }
}

/// What a line says.
enum Line {
    Step(Step),
    Stop(Stop),
    Split(StockCode, i64),
}

/// A time of the day, taken out of a line.
fn time(fields: &mut Map<String, Value>, name: &str) -> Result<u32, String> {
    let digits = fields
        .remove(name)
        .as_ref()
        .and_then(Value::as_str)
        .map(|at| at.replace(':', ""))
        .unwrap_or_default();
    second_of_day(digits.as_bytes()).ok_or_else(|| {
        t!(
            "`%{name}`은(는) \"09:30:00\" 같은 시각이어야 합니다",
            name = name
        )
    })
}

/// A pause, when the line is about one.
fn pause(second: u32, fields: &mut Map<String, Value>) -> Result<Option<Stop>, String> {
    let (code, is_vi) = match (fields.remove("vi"), fields.remove("halt")) {
        (None, None) => return Ok(None),
        (Some(code), None) => (code, true),
        (None, Some(code)) => (code, false),
        (Some(_), Some(_)) => {
            return Err(t!("한 줄에는 `vi`와 `halt` 가운데 하나만 씁니다").to_owned());
        }
    };
    let code = code
        .as_str()
        .and_then(StockCode::parse)
        .ok_or_else(|| t!("`vi`와 `halt`에는 \"005930\" 같은 종목코드를 씁니다"))?;
    let from = Minute((second / 60) as u16);
    let to = match is_vi {
        true => from.plus(VI_MINUTES),
        false => Minute((time(fields, "until")? / 60) as u16),
    };
    if to <= from {
        return Err(t!("`until`은 `at`보다 뒤의 분이어야 합니다").to_owned());
    }
    if let Some(name) = fields.keys().next() {
        return Err(t!("`%{name}`은(는) 멈춤에 쓸 수 없습니다", name = name));
    }
    Ok(Some(Stop {
        code,
        from,
        to,
        is_vi,
    }))
}

fn step(line: &str) -> Result<Line, String> {
    let mut faults: Map<String, Value> =
        serde_json::from_str(line).map_err(|e| t!("JSON 객체가 아닙니다 (%{error})", error = e))?;
    let second = time(&mut faults, "at")?;
    if let Some(code) = faults.remove("split") {
        let code = code.as_str().and_then(StockCode::parse);
        let ratio = faults.remove("ratio").as_ref().and_then(Value::as_i64);
        return match (code, ratio) {
            (Some(code), Some(ratio)) if (2..=1_000).contains(&ratio) => {
                Ok(Line::Split(code, ratio))
            }
            _ => Err(
                t!("`split`에는 종목코드를, `ratio`에는 2부터 1000까지의 수를 씁니다").to_owned(),
            ),
        };
    }
    if let Some(stop) = pause(second, &mut faults)? {
        return Ok(Line::Stop(stop));
    }
    let cut_sockets = match faults.remove("cut_sockets") {
        None => false,
        Some(Value::Bool(cut)) => cut,
        Some(_) => return Err(t!("`cut_sockets`는 true나 false여야 합니다").to_owned()),
    };
    merge(&Faults::default(), &faults)?;
    Ok(Line::Step(Step {
        second,
        cut_sockets,
        faults,
    }))
}

/// The faults with the named ones replaced.
fn merge(now: &Faults, named: &Map<String, Value>) -> Result<Faults, String> {
    let mut merged = match serde_json::to_value(now) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    merged.extend(named.clone());
    serde_json::from_value(Value::Object(merged)).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_change_only_what_they_name() {
        let text = "# limits\n\n{\"at\": \"09:30:00\", \"calls_per_second\": 5, \"cut_sockets\": true}\n\
                    {\"at\": \"09:31:00\", \"silent\": [\"005930\"]}\n";
        let script = Script::parse(text).unwrap();
        assert_eq!(
            (script.steps[0].second, script.steps[0].cut_sockets),
            (34_200, true)
        );
        let first = merge(&Faults::default(), &script.steps[0].faults).unwrap();
        let second = merge(&first, &script.steps[1].faults).unwrap();
        assert_eq!(second.calls_per_second, Some(5.0));
        assert_eq!(second.silent, ["005930"]);
    }

    #[test]
    fn a_bad_line_is_named() {
        let problem = |text: &str| Script::parse(text).unwrap_err().to_string();
        assert!(problem("\n{nonsense").starts_with("2번째 줄: JSON 객체가 아닙니다"));
        assert_eq!(
            problem("{\"html_answers\": 1}"),
            "1번째 줄: `at`은(는) \"09:30:00\" 같은 시각이어야 합니다"
        );
        assert!(problem("{\"at\": \"09:00:00\", \"vi\": 5}").contains("종목코드"));
        assert!(problem("{\"at\": \"09:00:00\", \"halt\": \"005930\"}").contains("`until`"));
        let unknown = problem("{\"at\": \"09:00:00\", \"htlm_answers\": 1}");
        assert!(
            unknown.contains("unknown field `htlm_answers`"),
            "{unknown}"
        );
        assert!(problem("{\"at\": \"09:00:00\", \"html_answers\": -1}").contains("-1"));
    }
}
