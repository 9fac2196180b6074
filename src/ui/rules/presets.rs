//! Rules that many want, each one click away.

use crate::domain::Timeframe;
use crate::lang::tr;
use crate::settings::{Repeat, RuleSetting};

use super::draft::plain;

/// A rule ready to be taken over.
pub(super) struct Preset {
    /// Its name, which becomes the rule's.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) about: &'static str,
    timeframe: Timeframe,
    when: &'static str,
    repeat: Repeat,
}

/// In the order they are offered.
pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: key!("30분 정배열 전환"),
        about: key!("이동평균이 짧은 것부터 위로 늘어서는 순간"),
        timeframe: Timeframe::Minutes(30),
        when: "alignment becomes bullish",
        repeat: Repeat::OncePerBar,
    },
    Preset {
        name: key!("30분 역배열 전환"),
        about: key!("이동평균이 짧은 것부터 아래로 늘어서는 순간"),
        timeframe: Timeframe::Minutes(30),
        when: "alignment becomes bearish",
        repeat: Repeat::OncePerBar,
    },
    Preset {
        name: key!("골든크로스 20/60"),
        about: key!("20선이 60선을 아래에서 위로 지나는 순간"),
        timeframe: Timeframe::Minutes(60),
        when: "ma20 crosses above ma60",
        repeat: Repeat::UntilReversed,
    },
    Preset {
        name: key!("데드크로스 20/60"),
        about: key!("20선이 60선을 위에서 아래로 지나는 순간"),
        timeframe: Timeframe::Minutes(60),
        when: "ma20 crosses below ma60",
        repeat: Repeat::UntilReversed,
    },
    Preset {
        name: key!("20선 눌림목"),
        about: key!("정배열인 채로 20선 아래로 눌렸다가 다시 올라서는 순간"),
        timeframe: Timeframe::Day,
        when: "alignment is bullish and close crosses above ma20",
        repeat: Repeat::OncePerDay,
    },
    Preset {
        name: key!("거래량 급증과 20선 돌파"),
        about: key!("종가가 20선을 넘으면서 거래량이 20봉 평균의 2배 이상"),
        timeframe: Timeframe::Minutes(30),
        when: "close crosses above ma20 and volume >= 2 * volma20",
        repeat: Repeat::OncePerBar,
    },
    Preset {
        name: key!("20선에서 멀어짐"),
        about: key!("종가가 20선보다 5% 넘게 위로 벌어지는 순간 (이격도 105)"),
        timeframe: Timeframe::Day,
        when: "close crosses above 1.05 * ma20",
        repeat: Repeat::UntilReversed,
    },
    Preset {
        name: key!("20선 위에서 3봉 유지"),
        about: key!("세 봉째 20선 위에서 마감"),
        timeframe: Timeframe::Minutes(60),
        when: "close > ma20 for 3 bars and not close > ma20 3 bars ago",
        repeat: Repeat::OncePerBar,
    },
];

impl Preset {
    /// As a rule for every watched stock.
    pub(super) fn rule(&self) -> RuleSetting {
        RuleSetting {
            repeat: self.repeat,
            ..plain(tr(self.name), self.timeframe, self.when)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::Expr;

    #[test]
    fn every_preset_can_be_judged_and_read_as_sentences() {
        for preset in PRESETS {
            let expr = Expr::parse(&preset.rule().when).unwrap();
            assert!(expr.sentences().is_some(), "{}", preset.name);
        }
    }
}
