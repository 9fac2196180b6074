//! Conditions in the user's words.

use crate::conditions::{
    Expr, Joint, Measure, Operand, Part, Said, Sentence, Sentences, Verb, When,
};
use crate::lang::{self, Language};
use crate::settings::RuleSetting;
use crate::ui::format;

/// `20·60·120·240`.
pub(super) fn periods(periods: &[u16]) -> String {
    let words: Vec<String> = periods.iter().map(u16::to_string).collect();
    words.join("·")
}

/// The rule's condition in words; its own text where that has no form in sentences. `averages`:
/// those of the configuration.
pub(super) fn rule(setting: &RuleSetting, averages: &[u16]) -> String {
    let averages = setting.periods.as_deref().unwrap_or(averages);
    condition(&setting.when, averages)
}

/// The text of a condition in words; the text itself where that has no form in sentences.
/// `averages`: those of an alignment.
pub(crate) fn condition(text: &str, averages: &[u16]) -> String {
    let said = Expr::parse(text).ok().and_then(|e| e.sentences());
    match said {
        Some(sentences) => all(&sentences, averages),
        None => text.to_owned(),
    }
}

/// All sentences in one.
pub(super) fn all(sentences: &Sentences, averages: &[u16]) -> String {
    let parts = sentences.parts.iter().map(|part| match part {
        Part::One(one) => sentence(one, averages),
        Part::Group(group) => {
            let words = group.iter().map(|one| sentence(one, averages));
            match joined(words, sentences.joint.other()) {
                words if 1 < group.len() => format!("({words})"),
                words => words,
            }
        }
    });
    joined(parts, sentences.joint)
}

fn joined(words: impl Iterator<Item = String>, joint: Joint) -> String {
    let joined = words.reduce(|a, b| match joint {
        Joint::All => t!("%{a}, 그리고 %{b}", a = a, b = b),
        Joint::Any => t!("%{a}, 또는 %{b}", a = a, b = b),
    });
    joined.unwrap_or_default()
}

/// One sentence.
pub(super) fn sentence(sentence: &Sentence, averages: &[u16]) -> String {
    let said = said(&sentence.said, averages);
    let said = match sentence.when {
        When::Now => said,
        When::Within(n) => t!("최근 %{n}봉 안에 %{said}", n = n, said = said),
        When::For(n) => t!("%{n}봉 내내 %{said}", n = n, said = said),
        When::Ago(n) => t!("%{n}봉 전에 %{said}", n = n, said = said),
    };
    let said = match sentence.on {
        Some(timeframe) => t!(
            "%{timeframe}봉에서 %{said}",
            timeframe = timeframe.name(),
            said = said
        ),
        None => said,
    };
    match sentence.negated {
        true => t!("‘%{said}’가 아닐 때", said = said),
        false => said,
    }
}

fn said(said: &Said, averages: &[u16]) -> String {
    let (left, verb, right) = match said {
        Said::Alignment { becomes, bullish } => {
            let averages = periods(averages);
            return match (becomes, bullish) {
                (true, true) => t!("%{averages} 정배열로 바뀔 때", averages = averages),
                (true, false) => t!("%{averages} 역배열로 바뀔 때", averages = averages),
                (false, true) => t!("%{averages} 정배열일 때", averages = averages),
                (false, false) => t!("%{averages} 역배열일 때", averages = averages),
            };
        }
        Said::Compare { left, verb, right } => (left, *verb, right),
    };
    let on_line = !counts_shares(left) && matches!(right, Operand::Of(Measure::Average(_)));
    let (l, r) = (operand(left, right), operand(right, left));
    let left = subject(&l);
    match verb {
        Verb::CrossesAbove => {
            let right = object(&r);
            t!(
                "%{left} %{right} 상향 돌파할 때",
                left = left,
                right = right
            )
        }
        Verb::CrossesBelow => {
            let right = object(&r);
            t!(
                "%{left} %{right} 하향 돌파할 때",
                left = left,
                right = right
            )
        }
        Verb::Above if on_line => t!("%{left} %{right} 위에 있을 때", left = left, right = r),
        Verb::Below if on_line => t!("%{left} %{right} 아래에 있을 때", left = left, right = r),
        Verb::Above => t!("%{left} %{right}보다 클 때", left = left, right = r),
        Verb::Below => t!("%{left} %{right}보다 작을 때", left = left, right = r),
        Verb::AtLeast => t!("%{left} %{right} 이상일 때", left = left, right = r),
        Verb::AtMost => t!("%{left} %{right} 이하일 때", left = left, right = r),
    }
}

/// What one chooses between in a sentence's last word.
pub(super) fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::CrossesAbove => t!("상향 돌파할 때"),
        Verb::CrossesBelow => t!("하향 돌파할 때"),
        Verb::Above => t!("보다 위에 있을 때 (>)"),
        Verb::Below => t!("보다 아래에 있을 때 (<)"),
        Verb::AtLeast => t!("이상일 때 (≥)"),
        Verb::AtMost => t!("이하일 때 (≤)"),
    }
}

fn counts_shares(operand: &Operand) -> bool {
    let shares = |m: &Measure| matches!(m, Measure::Volume | Measure::VolumeAverage(_));
    match operand {
        Operand::Number(_) => false,
        Operand::Of(measure) | Operand::Times(_, measure) => shares(measure),
    }
}

/// A value; `other` is the one it is compared with and gives a number its unit.
fn operand(operand: &Operand, other: &Operand) -> String {
    match operand {
        Operand::Number(number) => {
            let number = match number.parse::<i64>() {
                Ok(whole) => format::grouped(whole),
                Err(_) => number.clone(),
            };
            match other {
                Operand::Number(_) => number,
                Operand::Of(Measure::Disparity(_)) | Operand::Times(_, Measure::Disparity(_)) => {
                    number
                }
                _ if counts_shares(other) => t!("%{number}주", number = number),
                _ => t!("%{number}원", number = number),
            }
        }
        Operand::Of(of) => measure(*of),
        Operand::Times(factor, of) => {
            let of = measure(*of);
            t!("%{of}의 %{factor}배", of = of, factor = factor)
        }
    }
}

/// What a bar has.
pub(super) fn measure(measure: Measure) -> String {
    match measure {
        Measure::Close => t!("종가").to_owned(),
        Measure::Open => t!("시가").to_owned(),
        Measure::High => t!("고가").to_owned(),
        Measure::Low => t!("저가").to_owned(),
        Measure::Volume => t!("거래량").to_owned(),
        Measure::Average(n) => t!("%{n}선", n = n),
        Measure::VolumeAverage(n) => t!("거래량 %{n}봉 평균", n = n),
        Measure::Disparity(n) => t!("%{n}선 이격도", n = n),
    }
}

/// With the particle of a subject, where the language has one.
pub(super) fn subject(word: &str) -> String {
    with_particle(word, "이", "가")
}

/// With the particle of an object, where the language has one.
pub(super) fn object(word: &str) -> String {
    with_particle(word, "을", "를")
}

fn with_particle(word: &str, closed: &str, open: &str) -> String {
    match lang::spoken() {
        Language::Korean if ends_closed(word) => format!("{word}{closed}"),
        Language::Korean => format!("{word}{open}"),
        Language::English => word.to_owned(),
    }
}

/// Whether the last syllable of a word, or of a number as it is read, ends in a consonant.
fn ends_closed(word: &str) -> bool {
    match word.chars().next_back() {
        Some(digit @ '0'..='9') => "013678".contains(digit),
        Some(letter) => {
            let syllable = u32::from(letter).checked_sub(0xac00);
            syllable.is_some_and(|n| n < 11_172 && n % 28 != 0)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let sentences = Expr::parse(text).unwrap().sentences().unwrap();
        all(&sentences, &[20, 60])
    }

    #[test]
    fn conditions_read_as_korean() {
        for (text, korean) in [
            ("alignment becomes bullish", "20·60 정배열로 바뀔 때"),
            ("alignment is bearish", "20·60 역배열일 때"),
            ("ma20 crosses above ma60", "20선이 60선을 상향 돌파할 때"),
            ("close > ma20", "종가가 20선 위에 있을 때"),
            (
                "disparity20 >= 105 on 60m",
                "60분봉에서 20선 이격도가 105 이상일 때",
            ),
            (
                "volume >= 2 * volma20",
                "거래량이 거래량 20봉 평균의 2배 이상일 때",
            ),
            (
                "close crosses below 70000",
                "종가가 70,000원을 하향 돌파할 때",
            ),
            (
                "low < ma5 within 3 bars",
                "최근 3봉 안에 저가가 5선 아래에 있을 때",
            ),
            (
                "not close > ma20 for 5 bars",
                "‘5봉 내내 종가가 20선 위에 있을 때’가 아닐 때",
            ),
            (
                "(close > ma5 or close > ma20) and volume > 100",
                "(종가가 5선 위에 있을 때, 또는 종가가 20선 위에 있을 때), 그리고 거래량이 100주보다 클 때",
            ),
        ] {
            assert_eq!(words(text), korean, "{text}");
        }
    }

    #[test]
    fn particles_follow_the_last_sound() {
        assert_eq!(subject("종가"), "종가가");
        assert_eq!(subject("20선"), "20선이");
        assert_eq!(object("거래량"), "거래량을");
        assert_eq!(object("70"), "70을");
        assert_eq!(object("5"), "5를");
    }
}
