//! What the editor remembers: the rules being written, which of them is in the form, and what the
//! user wants done with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::Timeframe;
use crate::engine::{Command, Snapshot};
use crate::settings::RuleSetting;
use crate::ui::saves::Saves;

use super::draft::{Draft, free_name, plain};
use super::form::Wish;
use super::strategy_file::StrategyFile;
use super::{RulesAsk, RulesOutcome};

/// So many pictures after a rule was kept the engine must show it; else it was refused.
const PICTURES: u64 = 45;

/// What the editor remembers between frames; nothing the engine already knows.
#[derive(Default)]
pub(crate) struct RulesView {
    /// Rules being written, by the name they are kept under; a new one has none. What is not
    /// saved stays while another rule is looked at.
    pub(super) drafts: BTreeMap<Option<String>, Draft>,
    pub(super) chosen: Chosen,
    pub(super) undo: Option<Undo>,
    /// The rule the engine tries.
    pub(super) told: Option<Arc<RuleSetting>>,
    ask: Option<RulesAsk>,
    /// The rule kept last, and the picture at that time: until the engine shows it, its list
    /// still has the old one.
    saved: Option<(Arc<RuleSetting>, u64)>,
    pub(super) saves: Saves,
    pub(super) strategy: StrategyFile,
    /// Where the window stands.
    pub(super) place: Option<crate::ui::layout::Place>,
}

/// The rule in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Chosen {
    #[default]
    None,
    Kept(String),
    New,
}

/// A rule that was taken out.
pub(super) struct Undo {
    pub(super) rule: Arc<RuleSetting>,
    pub(super) at: usize,
}

impl RulesView {
    /// Asks for a rule or a new one, from the next frame on.
    pub(crate) fn ask(&mut self, ask: RulesAsk) {
        self.ask = Some(ask);
    }

    /// The window is closed: the engine need not try anything any more.
    pub(crate) fn closed(&mut self) -> [Command; 2] {
        self.told = None;
        [Command::Preview(None), Command::ShowRules(false)]
    }

    /// The kept rule in the form, by name.
    pub(super) fn chosen_rule(&self) -> Option<&str> {
        match &self.chosen {
            Chosen::Kept(name) => Some(name),
            Chosen::None | Chosen::New => None,
        }
    }

    fn key(&self) -> Option<Option<String>> {
        match &self.chosen {
            Chosen::None => None,
            Chosen::Kept(name) => Some(Some(name.clone())),
            Chosen::New => Some(None),
        }
    }

    pub(super) fn draft(&mut self) -> Option<&mut Draft> {
        let key = self.key()?;
        self.drafts.get_mut(&key)
    }

    pub(super) fn begin(&mut self, setting: RuleSetting) {
        self.drafts.insert(None, Draft::new(setting));
        self.chosen = Chosen::New;
    }

    pub(super) fn choose(&mut self, rule: &Arc<RuleSetting>) {
        self.chosen = Chosen::Kept(rule.name.clone());
        self.drafts
            .entry(Some(rule.name.clone()))
            .or_insert_with(|| Draft::of(rule));
    }

    /// Answers what was asked for from outside, and follows what changed in the engine.
    pub(super) fn follow(&mut self, snapshot: &Snapshot) {
        if let Some((rule, since)) = &self.saved {
            let shown = snapshot.rules.iter().any(|known| known.setting == *rule);
            if !shown && snapshot.seq < since + PICTURES {
                return;
            }
            self.saved = None;
        }
        for rule in snapshot.rules.iter() {
            let Some(draft) = self.drafts.get_mut(&Some(rule.setting.name.clone())) else {
                continue;
            };
            let Some(was) = draft.was.clone().filter(|was| *was != rule.setting) else {
                continue;
            };
            if *was == draft.setting {
                *draft = Draft::of(&rule.setting);
            } else {
                // What the user has under way stays, but for the switch of the list.
                if was.enabled != rule.setting.enabled {
                    draft.setting.enabled = rule.setting.enabled;
                }
                draft.was = Some(rule.setting.clone());
            }
        }
        match self.ask.take() {
            None | Some(RulesAsk::List) => {}
            Some(RulesAsk::NewFor(code)) => {
                let name = snapshot.rows.iter().find(|row| row.code == code);
                let name = name.map_or(code.to_string(), |row| row.name.to_string());
                let name = t!("%{name} 조건", name = name);
                let mut new = plain(
                    &free_name(&name, &snapshot.rules),
                    Timeframe::Minutes(30),
                    "alignment becomes bullish",
                );
                new.codes = Some(vec![code]);
                self.begin(new);
            }
            Some(RulesAsk::Rule(name)) => {
                let known = snapshot.rules.iter().find(|r| r.setting.name == name);
                if let Some(rule) = known {
                    self.choose(&rule.setting);
                }
            }
        }
        // What was just taken out may still be in the picture.
        let gone = self.undo.as_ref().map(|undo| undo.rule.name.clone());
        let stays =
            |rule: &&crate::engine::rules::RuleView| Some(&rule.setting.name) != gone.as_ref();
        if self.chosen == Chosen::None
            && let Some(first) = snapshot.rules.iter().find(stays)
        {
            self.choose(&first.setting);
        }
    }
}

/// Begins a rule with nothing in particular.
pub(super) fn begin_plain(view: &mut RulesView, snapshot: &Snapshot) {
    let name = free_name(t!("새 조건"), &snapshot.rules);
    let when = "alignment becomes bullish";
    view.begin(plain(&name, Timeframe::Minutes(30), when));
}

/// Does what the user wants done with the rule in the form.
pub(super) fn grant(
    wish: Wish,
    snapshot: &Snapshot,
    view: &mut RulesView,
    bridge: &dyn crate::ui::Bridge,
    out: &mut RulesOutcome,
) {
    let Some(draft) = view.draft() else { return };
    match wish {
        Wish::Save => {
            if !draft.is_changed() || draft.problem(&snapshot.rules).is_some() {
                return;
            }
            let rule = Arc::new(draft.setting.clone());
            let was = draft.was.as_ref().map(|was| was.name.clone());
            out.commands.push(Command::PutRule {
                was,
                rule: rule.clone(),
                at: None,
            });
            if let Some(key) = view.key() {
                view.drafts.remove(&key);
            }
            view.choose(&rule);
            view.saved = Some((rule, snapshot.seq));
        }
        Wish::Revert => match draft.was.clone() {
            Some(was) => *draft = Draft::of(&was),
            None => {
                view.drafts.remove(&None);
                view.chosen = Chosen::None;
            }
        },
        Wish::Duplicate => {
            let mut copy = draft.setting.clone();
            copy.name = free_name(&copy.name, &snapshot.rules);
            view.begin(copy);
        }
        Wish::Remove => {
            let Some(was) = draft.was.clone() else { return };
            let place = snapshot
                .rules
                .iter()
                .position(|r| r.setting.name == was.name);
            out.commands.push(Command::RemoveRule(was.name.clone()));
            view.drafts.remove(&Some(was.name.clone()));
            view.undo = place.map(|at| Undo { rule: was, at });
            view.chosen = Chosen::None;
        }
        Wish::Export => {
            let setting = draft.setting.clone();
            if let Some(export) = view.strategy.export(&setting, &snapshot.periods) {
                view.saves.save(bridge, export);
            }
        }
    }
}
