//! The one place where settings judge a rule's text, and where what is wrong with one is worded.

use crate::conditions::{Expr, Found, RuleTextError, Wanted};
use crate::lang::Said;

/// Whether `text` is a rule; else what is wrong with it and where.
pub(super) fn check_rule_text(text: &str) -> Result<(), Said> {
    Expr::parse(text)
        .map(|_| ())
        .map_err(|error| wrong_rule(&error))
}

/// What is wrong with a rule's text, where, and what may stand there.
pub fn wrong_rule(error: &RuleTextError) -> Said {
    let found = match &error.found {
        Found::End => said!("글의 끝"),
        Found::Piece(piece) => piece.as_str().into(),
    };
    let Some(expected) = belongs(error.expected) else {
        return said!(
            "%{line}번째 줄 %{column}번째 글자: %{found}: 한 조건에 두 번 쓸 수 없습니다",
            line = error.line,
            column = error.column,
            found = found
        );
    };
    said!(
        "%{line}번째 줄 %{column}번째 글자: 여기에는 %{expected}이(가) 와야 하는데 %{found}이(가) 있습니다",
        line = error.line,
        column = error.column,
        expected = expected,
        found = found
    )
}

/// What the grammar wants; `None` where it wants nothing but that something is not said twice.
/// Words of the rule language stay as they are.
fn belongs(expected: Wanted) -> Option<Said> {
    let words = match expected {
        Wanted::Condition => key!("조건(예: alignment becomes bullish, close > ma20)"),
        Wanted::Term | Wanted::Quantity => key!(
            "종가 close, 시가 open, 고가 high, 저가 low, 거래량 volume, 이동평균 ma20, 거래량 평균 volma20"
        ),
        Wanted::Comparison => key!("비교(> < >= <=, crosses above, crosses below)"),
        Wanted::Sign => key!("비교 기호(> < >= <=)"),
        Wanted::Bars => key!("1에서 100까지의 봉 수"),
        Wanted::Number => key!("쉼표 없는 숫자(예: 70000, 0.5)"),
        Wanted::Factor => key!("9자리까지의 배수"),
        Wanted::Average => key!("ma1에서 ma999까지의 평균"),
        Wanted::VolumeAverage => key!("volma1에서 volma999까지의 거래량 평균"),
        Wanted::Timeframe => key!("봉 단위(1m 3m 5m 10m 15m 30m 60m 120m 240m D W M)"),
        Wanted::NamedTimeframe => key!("앞에 쓴 다른 봉 단위 3개 가운데 하나"),
        Wanted::Piece => key!("단어, 숫자, 괄호 또는 > < >= <= *"),
        Wanted::Shorter => key!("단어와 기호 2000개까지의 글"),
        Wanted::Shallower => key!("32겹까지의 괄호"),
        Wanted::JointOrEndAfterOn => {
            key!("and, or 또는 글의 끝(within, for, bars ago는 on 앞에 씁니다)")
        }
        Wanted::JointOrEnd => key!("and, or 또는 글의 끝"),
        Wanted::JointOrClose => key!("and, or 또는 닫는 괄호"),
        Wanted::Verb => key!("is 또는 becomes"),
        Wanted::Order => key!("bullish 또는 bearish"),
        Wanted::Side => key!("above 또는 below"),
        Wanted::BarsWord | Wanted::Ago => return Some(expected.to_string().as_str().into()),
        Wanted::OnOnce | Wanted::PastOnce => return None,
    };
    Some(Said::of_key(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_place_and_what_belongs_there() {
        let at = |text: &str| wrong_rule(&Expr::parse(text).unwrap_err()).to_string();
        assert_eq!(
            at("close over ma20"),
            "1번째 줄 7번째 글자: 여기에는 비교(> < >= <=, crosses above, crosses below)이(가) 와야 하는데 `over`이(가) 있습니다"
        );
        assert!(at("close > ").contains("글의 끝"));
    }

    #[test]
    fn no_error_is_left_in_the_words_of_the_grammar() {
        let deep = format!("{}close > 1", "(".repeat(40));
        let long = "close > 1 and ".repeat(700) + "close > 1";
        for text in [
            "",
            "close",
            "close over ma20",
            "close > ",
            "close > 1,000",
            "close => 1",
            "close >> 1",
            "alignment",
            "alignment is",
            "alignment becomes flat",
            "close crosses",
            "close crosses over ma20",
            "ma0 > 1",
            "volma1000 > 1",
            "close > 1 close",
            "(close > 1",
            "close > 1 within",
            "close > 1 within 200 bars",
            "close > 1 3",
            "close > 1 within 3 moons",
            "close > 1 on 7m",
            "close > 1 on D on W",
            "close > 1 within 3 bars for 3 bars",
            "close > 1 on D within 3 bars",
            "5 > volume > 3",
            "close ? 3",
            "9999999999 * ma20 > close",
            "2.5 * 3 > close",
            &deep,
            &long,
            "close > 1 on D and close > 1 on W and close > 1 on M and close > 1 on 5m",
        ] {
            let Err(error) = Expr::parse(text) else {
                continue;
            };
            let told = wrong_rule(&error).to_string();
            let (_, words) = told.split_once("여기에는 ").unwrap_or(("", ""));
            let own = [
                "expected",
                "end of",
                "such as",
                "a number",
                "a rule",
                "a word",
                "a timeframe",
                "a factor",
                "an average",
                "one of",
                "` or `",
            ];
            assert!(
                !own.iter().any(|word| words.contains(word)),
                "{text}: {told}"
            );
        }
    }
}
