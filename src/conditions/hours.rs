//! The hours in which a rule rings.

use std::fmt;
use std::str::FromStr;

use crate::domain::Minute;

/// Hours of the day, KST, both ends included. What counts is when the bar closes; a bar that the
/// closing auction ends closes at the auction, 15:30 on ordinary days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleHours {
    from: Minute,
    to: Minute,
}

impl RuleHours {
    /// Hours from one minute to another of the same day; `None` unless the first comes first.
    pub fn new(from: Minute, to: Minute) -> Option<Self> {
        (from <= to && to < Minute(1_440)).then_some(Self { from, to })
    }

    /// Whether a bar that closes then is inside.
    pub fn contains(self, closes: Minute) -> bool {
        self.from <= closes && closes <= self.to
    }

    /// The first minute inside.
    pub fn from(self) -> Minute {
        self.from
    }

    /// The last minute inside.
    pub fn to(self) -> Minute {
        self.to
    }
}

/// The text names no hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not hours such as \"09:00-10:30\", the earlier one first")]
pub struct NotRuleHours(pub String);

impl FromStr for RuleHours {
    type Err = NotRuleHours;

    fn from_str(text: &str) -> Result<Self, NotRuleHours> {
        let hours = || {
            let (from, to) = text.split_once('-')?;
            Self::new(minute(from)?, minute(to)?)
        };
        hours().ok_or_else(|| NotRuleHours(text.to_owned()))
    }
}

/// `09:30`; two digits each.
fn minute(text: &str) -> Option<Minute> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| digits)
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    (hour < 24 && minute < 60).then_some(Minute::hm(hour, minute))
}

impl fmt::Display for RuleHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |minute: Minute| (minute.0 / 60, minute.0 % 60);
        let ((a, b), (c, d)) = (part(self.from), part(self.to));
        write!(f, "{a:02}:{b:02}-{c:02}:{d:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_with_both_ends_and_nothing_else_is() {
        let hours: RuleHours = "09:00-10:30".parse().unwrap();
        assert_eq!(hours.to_string(), "09:00-10:30");
        for (minute, inside) in [(539, false), (540, true), (630, true), (631, false)] {
            assert_eq!(hours.contains(Minute(minute)), inside, "{minute}");
        }
        assert_eq!(
            " 15:20 - 15:30 ".parse::<RuleHours>().unwrap().to(),
            Minute::hm(15, 30)
        );
        for bad in [
            "",
            "09:00",
            "9:00-10:00",
            "10:30-09:00",
            "09:00-24:00",
            "09:60-10:00",
            "+9:00-10:00",
        ] {
            assert_eq!(
                bad.parse::<RuleHours>(),
                Err(NotRuleHours(bad.to_owned())),
                "{bad}"
            );
        }
    }
}
