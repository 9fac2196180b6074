//! What the user is told, in Korean.

use crate::domain::{Moment, Signal, Stage, StockCode, Timeframe, grouped};
use serde_json::{Map, Value, json};

use crate::engine::{About, Call, Together};
use crate::lang;

/// Signals named in one call; the rest are counted.
const NAMED: usize = 10;
/// Stocks a voice names; the rest are counted.
const SPOKEN: usize = 3;

/// A call in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// One line.
    pub(super) title: String,
    /// One line or more.
    pub(super) body: String,
    /// The stock it leads to, if to one.
    pub(super) stock: Option<StockCode>,
}

/// A call in words. `made_up`: its prices are.
pub(super) fn words(call: &Call, made_up: bool) -> Words {
    let mut words = match &call.about {
        About::Signal { signal, .. } => of_signal(signal),
        About::Several { why, signals } => {
            let title = match why {
                Together::Late => t!("지연된 신호 %{n}건", n = signals.len()),
                Together::Storm => t!("자주 울리는 조건의 신호 %{n}건", n = signals.len()),
            };
            let mut lines: Vec<String> = signals.iter().take(NAMED).map(|s| line(s)).collect();
            if NAMED < signals.len() {
                lines.push(t!("외 %{n}건", n = signals.len() - NAMED));
            }
            Words {
                title,
                body: lines.join("\n"),
                stock: None,
            }
        }
        About::Trial => Words {
            title: t!("정배 시험 알림").to_owned(),
            body: t!("이 알림이 보이면 신호도 이렇게 전해집니다.").to_owned(),
            stock: None,
        },
    };
    if made_up {
        words.title = format!("[{}] {}", t!("가상 시세"), words.title);
    }
    words
}

fn of_signal(signal: &Signal) -> Words {
    let head = format!("{} · {}", signal.rule_name, stage(signal.stage));
    let tail = match (&signal.reason, signal.stage) {
        (Some(reason), Stage::Withdrawn) => t!("취소 이유: %{reason}", reason = lang::kept(reason)),
        _ => format!("{} · {}", won(signal.price), bar(signal)),
    };
    Words {
        title: stock(signal),
        body: format!("{head}\n{tail}"),
        stock: Some(signal.key.code),
    }
}

/// A call as the webhook's JSON: the keys of `watch --json` where they mean the same, and the text
/// once for each of the names that chat services read.
pub(super) fn json(call: &Call, made_up: bool) -> Value {
    let mut value = match &call.about {
        About::Signal { signal, again } => {
            let mut value = signal_json(signal);
            value["type"] = "trigger".into();
            value["again"] = (*again).into();
            value
        }
        About::Several { why, signals } => json!({
            "type": "triggers",
            "why": match why {
                Together::Late => "late",
                Together::Storm => "storm",
            },
            "signals": signals.iter().map(|s| signal_json(s)).collect::<Vec<_>>(),
        }),
        About::Trial => json!({"type": "test"}),
    };
    let text = text(call, made_up);
    value["quiet"] = call.quiet.into();
    value["simulated"] = made_up.into();
    value["content"] = text.as_str().into();
    value["text"] = text.into();
    value
}

fn signal_json(signal: &Signal) -> Value {
    let averages: Map<String, Value> = signal
        .averages
        .iter()
        .map(|(period, text)| (period.to_string(), text.as_str().into()))
        .collect();
    let mut value = json!({
        "id": signal.key.id(),
        "stage": signal.stage.as_str(),
        "rule": &*signal.rule_name,
        "code": signal.key.code.to_string(),
        "name": &*signal.stock_name,
        "timeframe": signal.key.timeframe.to_string(),
        "bar": signal.key.bar.rfc3339(),
        "price": signal.price,
        "averages": averages,
        "source": signal.source.as_str(),
        "at": signal.at.rfc3339(),
    });
    if let Some(reason) = &signal.reason {
        value["reason"] = lang::kept(reason).into();
    }
    value
}

/// A call as one text.
pub(super) fn text(call: &Call, made_up: bool) -> String {
    let Words { title, body, .. } = words(call, made_up);
    format!("{title}\n{body}")
}

/// What tells a call from every other, and is the same when it goes out again.
pub(super) fn id(call: &Call) -> String {
    match &call.about {
        About::Signal { signal, .. } => {
            format!("{}-{}", signal.key.id(), signal.stage.as_str())
        }
        About::Several { why, .. } => format!("{why:?}-{}", call.at.0).to_lowercase(),
        About::Trial => format!("test-{}", call.at.0),
    }
}

/// In a few words, for the list of what was told.
pub(super) fn short(call: &Call) -> String {
    match &call.about {
        About::Signal { signal, .. } => format!("{} {}", signal.stock_name, signal.rule_name),
        About::Several { .. } => words(call, false).title,
        About::Trial => t!("시험").to_owned(),
    }
}

/// What a voice says of calls that came together.
pub(super) fn spoken<'a>(calls: impl Iterator<Item = &'a Call>) -> String {
    let mut said: Vec<String> = Vec::new();
    for call in calls {
        let one = match &call.about {
            About::Trial => t!("정배 음성 시험입니다").to_owned(),
            _ => short(call),
        };
        if !said.contains(&one) {
            said.push(one);
        }
    }
    let more = said.len().saturating_sub(SPOKEN);
    said.truncate(SPOKEN);
    if 0 < more {
        said.push(t!("외 %{n}건", n = more));
    }
    said.join(", ")
}

fn stock(signal: &Signal) -> String {
    format!("{} ({})", signal.stock_name, signal.key.code)
}

fn line(signal: &Signal) -> String {
    format!(
        "{} · {} · {} · {}",
        stock(signal),
        signal.rule_name,
        won(signal.price),
        bar(signal)
    )
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Forming => t!("형성 중"),
        Stage::Confirmed => t!("확정"),
        Stage::Withdrawn => t!("취소" in "signal"),
        Stage::Late => t!("지연" in "signal"),
    }
}

/// `11월 20일 10:00~10:30 (30분봉)`, or `11월 20일 (일봉)`.
fn bar(signal: &Signal) -> String {
    let opened = signal.key.bar;
    let day = opened.day();
    let day = t!(
        "%{month}월 %{day}일",
        month = day.month(),
        day = day.day_of_month()
    );
    match signal.key.timeframe {
        Timeframe::Minutes(minutes) => {
            let (from, to) = (hour_minute(opened), hour_minute(signal.bar_end));
            t!(
                "%{day} %{from}~%{to} (%{minutes}분봉)",
                day = day,
                from = from,
                to = to,
                minutes = minutes
            )
        }
        Timeframe::Day => t!("%{day} (일봉)", day = day),
        Timeframe::Week => t!("%{day} (주봉)", day = day),
        Timeframe::Month => t!("%{day} (월봉)", day = day),
    }
}

fn hour_minute(at: Moment) -> String {
    at.clock_text().chars().take(5).collect()
}

/// `466,500원`.
fn won(price: i64) -> String {
    t!("%{price}원", price = grouped(price))
}
