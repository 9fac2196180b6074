//! Faults by the clock, as a file: one JSON object a line.
//!
//! ```text
//! # The limit falls, then the sockets are cut.
//! {"at": "09:30:00", "calls_per_second": 5}
//! {"at": "09:31:00", "cut_sockets": true, "zombie_secs": 60}
//! {"at": "09:35:00", "html_answers": 3, "silent": ["005930"]}
//! ```
//!
//! `at` is a time of the day on which the simulator starts; a time gone by means at once. The
//! other keys are the fields of [`Faults`], and `cut_sockets`. What a line does not name stays.

use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::domain::{Day, Moment, time::second_of_day};
use crate::sim::faults::{Faults, FaultsHandle};

/// Steps in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    steps: Vec<Step>,
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
#[error("line {line}: {problem}")]
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
        let steps = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            .map(|(i, line)| {
                step(line).map_err(|problem| ScriptError {
                    line: i + 1,
                    problem,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { steps })
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

fn step(line: &str) -> Result<Step, String> {
    let mut faults: Map<String, Value> =
        serde_json::from_str(line).map_err(|e| format!("not a JSON object: {e}"))?;
    let at = faults.remove("at");
    let digits = at
        .as_ref()
        .and_then(Value::as_str)
        .map(|at| at.replace(':', ""))
        .unwrap_or_default();
    let second = second_of_day(digits.as_bytes())
        .ok_or("`at` must be a time of day such as \"09:30:00\"".to_owned())?;
    let cut_sockets = match faults.remove("cut_sockets") {
        None => false,
        Some(Value::Bool(cut)) => cut,
        Some(_) => return Err("`cut_sockets` must be true or false".to_owned()),
    };
    merge(&Faults::default(), &faults)?;
    Ok(Step {
        second,
        cut_sockets,
        faults,
    })
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
        assert!(problem("\n{nonsense").starts_with("line 2: not a JSON object"));
        assert_eq!(
            problem("{\"html_answers\": 1}"),
            "line 1: `at` must be a time of day such as \"09:30:00\""
        );
        let unknown = problem("{\"at\": \"09:00:00\", \"htlm_answers\": 1}");
        assert!(
            unknown.contains("unknown field `htlm_answers`"),
            "{unknown}"
        );
        assert!(problem("{\"at\": \"09:00:00\", \"html_answers\": -1}").contains("-1"));
    }
}
