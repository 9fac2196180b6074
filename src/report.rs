//! `jeongbae check --report`: what the program has noted of the broker, in plain words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::cli::RunArgs;
use crate::kis::OBSERVED;
use crate::log;
use crate::session::{self, Setup};

/// Prints the report; 0 also when nothing has been noted yet.
pub fn run(args: &RunArgs) -> u8 {
    let setup = match Setup::look(args) {
        Ok(setup) => setup,
        Err(trouble) => return session::complain(&trouble),
    };
    let text = report(&setup.paths.log_dir());
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => 0,
        Err(_closed) => 1,
    }
}

/// The report on the notes in a folder of logs.
pub fn report(dir: &Path) -> String {
    let mut lines = String::new();
    // The older file first.
    for file in log::observed_files(dir) {
        lines.push_str(&String::from_utf8_lossy(
            &fs::read(file).unwrap_or_default(),
        ));
    }
    summary(&lines)
}

#[derive(Default)]
struct Found {
    first: Option<String>,
    last: Option<String>,
    lines: usize,
    refused: BTreeMap<&'static str, Vec<i64>>,
    heartbeats: Vec<i64>,
    socket: BTreeMap<String, usize>,
    labels: BTreeMap<String, usize>,
}

fn summary(text: &str) -> String {
    let mut found = Found::default();
    for line in text.lines() {
        let Some((before, note)) = line.split_once(&format!("{OBSERVED}: ")) else {
            continue;
        };
        if let Some(time) = before.split_whitespace().next() {
            found.first.get_or_insert_with(|| time.to_owned());
            found.last = Some(time.to_owned());
        }
        found.lines += 1;
        found.take(note);
    }
    found.text()
}

impl Found {
    fn take(&mut self, note: &str) {
        let value = |key: &str| {
            let mut words = note.split_whitespace();
            words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
        };
        let number = |key: &str| value(key).and_then(|text| text.parse::<i64>().ok());
        let word = |key: &str| {
            let plain = value(key).unwrap_or("?").chars();
            plain
                .filter(char::is_ascii_alphanumeric)
                .take(12)
                .collect::<String>()
        };
        match note.split_whitespace().next() {
            Some("refused") => {
                for key in ["within_1s", "same_second", "gap_ms", "ms_of_second"] {
                    self.refused.entry(key).or_default().extend(number(key));
                }
            }
            Some("heartbeat") => self.heartbeats.extend(number("after_ms")),
            Some("socket") => *self.socket.entry(word("code")).or_default() += 1,
            Some("minute") => *self.labels.entry(word("label")).or_default() += 1,
            _ => {}
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{}\n",
            t!("정배가 지켜본 한국투자증권 서버의 동작 (키와 계좌 정보는 없습니다)")
        );
        let (Some(first), Some(last)) = (&self.first, &self.last) else {
            text.push_str(t!(
                "아직 기록이 없습니다. 정배를 실제 시세로 쓰는 동안 쌓입니다."
            ));
            text.push('\n');
            return text;
        };
        let mut line = |label: &str, what: String| {
            // Writing to a text cannot fail.
            writeln!(text, "{label}: {what}").unwrap_or_default();
        };
        line(
            t!("기록"),
            t!(
                "%{lines}줄, %{first} ~ %{last} (UTC)",
                lines = self.lines,
                first = first,
                last = last
            ),
        );
        let of = |key: &str| self.refused.get(key).map(Vec::as_slice).unwrap_or_default();
        let refused = of("within_1s").len();
        line(
            t!("한도 초과로 거절된 요청"),
            t!("%{count}건", count = refused),
        );
        if 0 < refused {
            let count = |n: &str| t!("%{count}건", count = n);
            let ms = |n: &str| format!("{n}ms");
            for (label, key) in [
                (t!("직전 1초 동안 보낸 요청"), "within_1s"),
                (t!("같은 초(시계 기준)에 보낸 요청"), "same_second"),
            ] {
                line(&format!("  {label}"), spread(of(key), count, 1));
            }
            for (label, key) in [
                (t!("바로 앞 요청과의 간격"), "gap_ms"),
                (t!("초 안에서의 위치"), "ms_of_second"),
            ] {
                line(&format!("  {label}"), spread(of(key), ms, 1));
            }
        }
        line(
            t!("분봉의 시각 표시"),
            match self.labels.is_empty() {
                true => t!("아직 비교하지 못했습니다").to_owned(),
                false => t!(
                    "그 분의 체결과 같음 %{start}건, 앞 분의 체결과 같음 %{end}건, 둘 다 아님 %{neither}건",
                    start = self.count("start"),
                    end = self.count("end"),
                    neither = self.count("neither")
                ),
            },
        );
        line(
            t!("실시간 서버의 PINGPONG 간격"),
            match self.heartbeats.is_empty() {
                true => t!("기록 없음").to_owned(),
                false => t!(
                    "%{spread} (%{count}번)",
                    spread = spread(&self.heartbeats, |n| t!("%{seconds}초", seconds = n), 1_000),
                    count = self.heartbeats.len()
                ),
            },
        );
        let codes: Vec<String> = self
            .socket
            .iter()
            .map(|(code, n)| t!("%{code} %{count}번", code = code, count = n))
            .collect();
        line(
            t!("실시간 서버의 응답 코드"),
            match codes.is_empty() {
                true => t!("기록 없음").to_owned(),
                false => codes.join(", "),
            },
        );
        text
    }

    fn count(&self, label: &str) -> usize {
        self.labels.get(label).copied().unwrap_or(0)
    }
}

/// Least, median and most, divided by `per` to one place; `unit` puts a number's unit to it.
fn spread(values: &[i64], unit: impl Fn(&str) -> String, per: i64) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let show = |value: Option<&i64>| match (value, per) {
        (None, _) => "?".to_owned(),
        (Some(value), 1) => value.to_string(),
        (Some(value), per) => format!("{:.1}", *value as f64 / per as f64),
    };
    let show = |value| unit(&show(value));
    t!(
        "최소 %{least}, 중간 %{median}, 최대 %{most}",
        least = show(sorted.first()),
        median = show(sorted.get(sorted.len() / 2)),
        most = show(sorted.last())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_summed_up_and_anything_else_is_passed_over() {
        let text = "\
2026-11-20T00:30:01.000000Z  INFO jeongbae::observed: heartbeat after_ms=11000
2026-11-20T00:30:02.000000Z  INFO jeongbae::observed: heartbeat after_ms=14000
2026-11-20T00:30:03.000000Z  INFO jeongbae::observed: heartbeat after_ms=12500
2026-11-20T00:30:03.000000Z  WARN jeongbae::kis: PSKEYPSKEY not ours
2026-11-20T00:30:04.000000Z  INFO jeongbae::observed: refused within_1s=19 same_second=4 gap_ms=31 ms_of_second=180 code=EGW00201
2026-11-20T00:30:05.000000Z  INFO jeongbae::observed: socket code=OPSP0000
2026-11-20T00:30:05.000000Z  INFO jeongbae::observed: socket code=OPSP0000
2026-11-20T00:30:06.000000Z  INFO jeongbae::observed: socket code=OPSP8996
2026-11-20T00:31:06.000000Z  INFO jeongbae::observed: minute label=start
2026-11-20T00:31:07.000000Z  INFO jeongbae::observed: heartbeat after_ms=torn\u{fffd}
";
        let told = summary(text);
        for part in [
            "9줄, 2026-11-20T00:30:01.000000Z ~ 2026-11-20T00:31:07.000000Z",
            "거절된 요청: 1건",
            "직전 1초 동안 보낸 요청: 최소 19건, 중간 19건, 최대 19건",
            "PINGPONG 간격: 최소 11.0초, 중간 12.5초, 최대 14.0초 (3번)",
            "OPSP0000 2번, OPSP8996 1번",
            "그 분의 체결과 같음 1건, 앞 분의 체결과 같음 0건",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        assert!(!told.contains("PSKEY"));
        assert!(summary("").contains("아직 기록이 없습니다"));
    }
}
