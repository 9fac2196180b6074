//! A rule being written: sentences and text are two views of one thing.

use std::sync::Arc;

use crate::conditions::{Expr, Manners, RuleTextError, Sentences};
use crate::domain::{StockCode, Timeframe};
use crate::engine::rules::RuleView;
use crate::settings::{Repeat, RuleSetting, RuleStage, wrong_rule};

use super::span::day_of;

/// A rule being written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The rule as it is kept; `None` for a new one.
    pub(super) was: Option<Arc<RuleSetting>>,
    /// The rule as it stands in the editor. Its text is changed by [`Draft::write`] and
    /// [`Draft::say`] only.
    pub(super) setting: RuleSetting,
    /// The condition as sentences; `None` where it has no such form or is no condition.
    pub(super) sentences: Option<Sentences>,
    /// Why the text is no condition.
    pub(super) error: Option<RuleTextError>,
    /// The last day as it was typed, while that is not yet written the usual way.
    pub(super) last_day: Option<String>,
}

/// A rule with everything at its default.
pub(super) fn plain(name: &str, timeframe: Timeframe, when: &str) -> RuleSetting {
    RuleSetting {
        name: name.to_owned(),
        enabled: true,
        codes: None,
        groups: None,
        timeframe,
        when: when.to_owned(),
        when_at: 0,
        stage: RuleStage::Close,
        repeat: Repeat::OncePerBar,
        periods: None,
        hours: None,
        expires: None,
        manners: Manners::default(),
    }
}

/// A name that no rule has: `name`, or `name 2` and so on.
pub(super) fn free_name(name: &str, rules: &[RuleView]) -> String {
    let taken = |name: &str| rules.iter().any(|rule| rule.setting.name == name);
    let mut free = name.to_owned();
    let mut number = 2;
    while taken(&free) {
        free = format!("{name} {number}");
        number += 1;
    }
    free
}

impl Draft {
    /// Begins to change a rule that is kept.
    pub(super) fn of(kept: &Arc<RuleSetting>) -> Self {
        let mut draft = Self::new((**kept).clone());
        draft.was = Some(kept.clone());
        draft
    }

    /// Begins a new rule.
    pub(super) fn new(setting: RuleSetting) -> Self {
        let mut draft = Self {
            was: None,
            setting,
            sentences: None,
            error: None,
            last_day: None,
        };
        draft.read();
        draft
    }

    /// The user wrote the text.
    pub(super) fn write(&mut self, text: String) {
        self.setting.when = text;
        self.read();
    }

    /// The user changed the sentences.
    pub(super) fn say(&mut self, sentences: Sentences) {
        self.setting.when = sentences.to_string();
        self.error = Expr::parse(&self.setting.when).err();
        self.sentences = Some(sentences);
    }

    fn read(&mut self) {
        match Expr::parse(&self.setting.when) {
            Ok(expr) => {
                self.sentences = expr.sentences();
                self.error = None;
            }
            Err(error) => {
                self.error = Some(error);
                self.sentences = None;
            }
        }
    }

    /// Whether there is anything to keep.
    pub(super) fn is_changed(&self) -> bool {
        self.was.as_ref().is_none_or(|was| **was != self.setting)
    }

    /// Whether keeping it makes it a new rule with a new baseline; see
    /// [`crate::conditions::rule_key`].
    pub(super) fn begins_anew(&self) -> bool {
        let Some(was) = &self.was else { return false };
        let (old, new) = (was, &self.setting);
        let same_text = Expr::parse(&old.when).ok() == Expr::parse(&new.when).ok();
        !same_text
            || old.timeframe != new.timeframe
            || old.stage != new.stage
            || old.periods != new.periods
    }

    /// Why it cannot be kept now, with what to do.
    pub(super) fn problem(&self, rules: &[RuleView]) -> Option<String> {
        let name = &self.setting.name;
        if name.trim().is_empty() || name.contains(char::is_control) {
            return Some(t!("이름을 한 줄로 적으세요").to_owned());
        }
        let own = self.was.as_ref().map(|was| was.name.as_str());
        let taken = |rule: &RuleView| rule.setting.name == *name && own != Some(name);
        if rules.iter().any(taken) {
            return Some(t!(
                "‘%{name}’은 이미 있는 이름입니다. 다른 이름을 적으세요",
                name = name
            ));
        }
        if self.setting.codes.as_ref().is_some_and(Vec::is_empty) {
            return Some(t!("종목을 하나 이상 고르거나 ‘관심 종목 전체’를 고르세요").to_owned());
        }
        if self.setting.groups.as_ref().is_some_and(Vec::is_empty) {
            return Some(t!("그룹을 하나 이상 고르거나 ‘관심 종목 전체’를 고르세요").to_owned());
        }
        let lone = self.setting.periods.as_ref();
        if lone.is_some_and(|periods| !(2..=8).contains(&periods.len())) {
            return Some(t!("정배열에 쓸 이동평균을 2개에서 8개까지 적으세요").to_owned());
        }
        if let Some(problem) = self.day_problem() {
            return Some(problem);
        }
        self.error.as_ref().map(|e| wrong_rule(e).to_string())
    }

    /// Why what was typed is no last day.
    pub(super) fn day_problem(&self) -> Option<String> {
        let typed = self.last_day.as_ref()?;
        self.setting.expires?;
        day_of(typed).is_none().then(|| {
            t!(
                "‘%{typed}’은(는) 날짜가 아닙니다. 2026-12-31처럼 적으세요",
                typed = typed
            )
        })
    }

    /// The rule for the engine to try, if it can be judged as it stands.
    pub(super) fn to_try(&self) -> Option<RuleSetting> {
        let some = |list: Option<bool>| list != Some(true);
        let codes = some(self.setting.codes.as_ref().map(Vec::is_empty));
        let groups = some(self.setting.groups.as_ref().map(Vec::is_empty));
        (self.error.is_none() && codes && groups).then(|| self.setting.clone())
    }

    /// Takes a stock in or out of the rule's own stocks.
    pub(super) fn toggle_code(&mut self, code: StockCode) {
        let codes = self.setting.codes.get_or_insert_default();
        match codes.iter().position(|known| *known == code) {
            Some(place) => {
                codes.remove(place);
            }
            None => codes.push(code),
        }
        self.setting.groups = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::{Joint, Part};

    fn draft(when: &str) -> Draft {
        Draft::new(plain("이름", Timeframe::Minutes(30), when))
    }

    #[test]
    fn text_and_sentences_follow_each_other() {
        let mut draft = draft("close > ma20 and volume > 2 * volma20");
        let mut sentences = draft.sentences.clone().unwrap();
        assert_eq!(sentences.parts.len(), 2);
        sentences.joint = Joint::Any;
        draft.say(sentences);
        assert_eq!(draft.setting.when, "close > ma20 or volume > 2 * volma20");
        draft.write("alignment becomes bullish".to_owned());
        let parts = &draft.sentences.as_ref().unwrap().parts;
        assert!(matches!(parts.as_slice(), [Part::One(_)]));
        draft.write("alignment becomes".to_owned());
        let error = draft.error.clone().unwrap();
        assert_eq!((error.line, error.column), (1, 18));
        assert!(draft.problem(&[]).unwrap().contains("18"));
        // A condition that is no list of sentences is kept all the same.
        draft.write("not (close > ma5 and close > ma20)".to_owned());
        assert!(draft.sentences.is_none() && draft.problem(&[]).is_none());
    }

    #[test]
    fn only_what_is_judged_begins_anew() {
        let kept = Arc::new(plain("이름", Timeframe::Minutes(30), "close > ma20"));
        let mut draft = Draft::of(&kept);
        assert!(!draft.is_changed() && !draft.begins_anew());
        draft.setting.name = "다른 이름".to_owned();
        draft.setting.repeat = Repeat::OncePerDay;
        draft.write("CLOSE > ma20".to_owned());
        assert!(draft.is_changed() && !draft.begins_anew());
        draft.setting.timeframe = Timeframe::Day;
        assert!(draft.begins_anew());
    }
}
