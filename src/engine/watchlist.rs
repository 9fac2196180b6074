//! The watchlist and its groups, changed by the user.

use std::sync::Arc;

use crate::domain::StockCode;
use crate::engine::config::GroupConfig;
use crate::engine::effect::{Edit, Effect, Urgency};
use crate::engine::state::State;
use crate::settings::GroupChange;

impl State {
    pub(super) fn watch(&mut self, code: StockCode, group: String, out: &mut Vec<Effect>) {
        match self.config.groups.iter_mut().find(|g| *g.name == *group) {
            Some(known) if known.codes.contains(&code) => return,
            Some(known) => known.codes.push(code),
            None => {
                let name: Arc<str> = group.as_str().into();
                self.config.groups.push(GroupConfig {
                    name,
                    codes: vec![code],
                });
            }
        }
        out.push(Effect::Edit(Edit::AddCode { group, code }));
        let known = self.stocks.contains_key(&code);
        self.follow(code, true, out);
        if !known {
            self.ask_prices(&[code], Urgency::Price, out);
        }
        self.subscribe(out);
        self.settle(code, out);
    }

    pub(super) fn unwatch(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        for group in &mut self.config.groups {
            group.codes.retain(|&c| c != code);
        }
        out.push(Effect::Edit(Edit::RemoveCode(code)));
        self.let_go(code, out);
    }

    /// What a stock that has left a group no longer needs.
    fn let_go(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let named = self.config.followed().contains(&code);
        if let Some(stock) = self.stocks.get_mut(&code) {
            let rules = self.rules.clone();
            let config = &self.config;
            stock
                .rules
                .retain(|state| config.applies(&rules[state.rule], code));
            if stock.window.is_none() && !named {
                self.stocks.remove(&code);
                out.push(Effect::Abandon { code, all: true });
            }
        }
        self.refit(code);
        self.subscribe(out);
    }

    pub(super) fn move_stock(
        &mut self,
        code: StockCode,
        group: String,
        to: usize,
        out: &mut Vec<Effect>,
    ) {
        let Some(known) = self.config.groups.iter_mut().find(|g| *g.name == *group) else {
            return;
        };
        let Some(from) = known.codes.iter().position(|&c| c == code) else {
            return;
        };
        let to = to.min(known.codes.len() - 1);
        if from == to {
            return;
        }
        known.codes.remove(from);
        known.codes.insert(to, code);
        out.push(Effect::Edit(Edit::MoveCode { group, code, to }));
    }

    pub(super) fn change_group(&mut self, change: GroupChange, out: &mut Vec<Effect>) {
        let done = match &change {
            GroupChange::Add(name) => self.add_group(name),
            GroupChange::Rename { was, name } => self.rename_group(was, name, out),
            GroupChange::Remove(name) => self.remove_group(name, out),
            GroupChange::Leave { group, code } => self.leave_group(group, *code, out),
        };
        if done {
            out.push(Effect::Edit(Edit::Group(change)));
        }
    }

    fn has_group(&self, name: &str) -> bool {
        self.config.groups.iter().any(|group| *group.name == *name)
    }

    fn add_group(&mut self, name: &str) -> bool {
        if self.has_group(name) {
            return false;
        }
        self.config.groups.push(GroupConfig {
            name: name.into(),
            codes: vec![],
        });
        true
    }

    /// Rules that name the group follow; they stay the same rules.
    fn rename_group(&mut self, was: &str, name: &str, out: &mut Vec<Effect>) -> bool {
        if self.has_group(name) {
            return false;
        }
        let mut groups = self.config.groups.iter_mut();
        let Some(group) = groups.find(|group| *group.name == *was) else {
            return false;
        };
        group.name = name.into();
        if self.visible_group.as_deref() == Some(was) {
            self.visible_group = Some(name.into());
        }
        let mut written = self.config.written.clone();
        let mut changed = false;
        for rule in &mut written {
            let names_it = |groups: &Vec<String>| groups.iter().any(|group| group == was);
            if rule.groups.as_ref().is_some_and(names_it) {
                let groups = Arc::make_mut(rule).groups.iter_mut().flatten();
                for group in groups.filter(|group| *group == was) {
                    name.clone_into(group);
                }
                changed = true;
            }
        }
        if changed {
            self.renew_rules(written, out);
        }
        true
    }

    /// A group that a rule names stays: the rule would watch nothing, or everything.
    fn remove_group(&mut self, name: &str, out: &mut Vec<Effect>) -> bool {
        let names_it = |groups: &Vec<String>| groups.iter().any(|group| group == name);
        let mut written = self.config.written.iter();
        if let Some(rule) = written.find(|rule| rule.groups.as_ref().is_some_and(names_it)) {
            let text = said!(
                "조건 ‘%{rule}’이(가) ‘%{group}’ 그룹을 지켜보고 있어 지우지 않았습니다. 조건을 먼저 고치세요.",
                rule = rule.name.as_str(),
                group = name
            );
            self.notices.add(self.now, text, None);
            return false;
        }
        let Some(at) = self.config.groups.iter().position(|g| *g.name == *name) else {
            return false;
        };
        for code in self.config.groups.remove(at).codes {
            self.let_go(code, out);
        }
        true
    }

    fn leave_group(&mut self, group: &str, code: StockCode, out: &mut Vec<Effect>) -> bool {
        let mut groups = self.config.groups.iter_mut();
        let Some(known) = groups.find(|known| *known.name == *group) else {
            return false;
        };
        if !known.codes.contains(&code) {
            return false;
        }
        known.codes.retain(|&other| other != code);
        self.let_go(code, out);
        true
    }
}

#[cfg(test)]
#[path = "watchlist_tests.rs"]
mod tests;
