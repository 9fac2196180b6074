//! `.kis.yaml` in and out: a place to paste or drop a file, and what could not be carried over.

use std::sync::mpsc::{Receiver, TryRecvError};

use egui::{ScrollArea, TextEdit, Ui};

use crate::domain::Timeframe;
use crate::engine::Snapshot;
use crate::settings::RuleSetting;
use crate::settings::kis_yaml::{self, KisYamlError, LeftOut};
use crate::ui::Bridge;
use crate::ui::saves::Export;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::draft::{free_name, plain};

/// What the panel remembers.
#[derive(Default)]
pub(super) struct StrategyFile {
    pub(super) open: bool,
    text: String,
    /// A dropped file on its way.
    coming: Option<Receiver<Result<String, String>>>,
    /// What to say of the last file: what was left out, or what is wrong.
    said: Vec<String>,
}

impl StrategyFile {
    /// Takes files dropped on the window.
    pub(super) fn listen(&mut self, ui: &Ui, bridge: &dyn Bridge) {
        let dropped = ui.input(|i| i.raw.dropped_files.first().cloned());
        if let Some(path) = dropped.map(|file| file.path().to_owned()) {
            self.open = true;
            self.coming = Some(bridge.load(path));
        }
        let Some(coming) = &self.coming else { return };
        match coming.try_recv() {
            Ok(Ok(text)) => {
                self.text = text;
                self.said.clear();
                self.coming = None;
            }
            Ok(Err(why)) => {
                self.said = vec![why];
                self.coming = None;
            }
            Err(TryRecvError::Disconnected) => self.coming = None,
            Err(TryRecvError::Empty) => ui.ctx().request_repaint_after_secs(0.1),
        }
    }

    /// Draws the panel; the rule that a file became.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        snapshot: &Snapshot,
        theme: &Theme,
    ) -> Option<RuleSetting> {
        let mut rule = None;
        if self.open {
            small(
                ui,
                t!(
                    "한국투자증권 전략 빌더의 .kis.yaml을 여기에 붙여 넣거나, 파일을 이 창에 끌어다 놓으세요"
                ),
                theme,
            );
            ScrollArea::vertical()
                .id_salt("strategy file")
                .max_height(160.0)
                .show(ui, |ui| {
                    let edit = TextEdit::multiline(&mut self.text)
                        .desired_rows(5)
                        .desired_width(f32::INFINITY)
                        .hint_text("strategy:");
                    ui.add(edit).accessible_name(t!(".kis.yaml 내용"));
                });
            ui.horizontal(|ui| {
                let ready = !self.text.trim().is_empty();
                let button = egui::Button::new(t!("조건으로 가져오기"));
                if ui.add_enabled(ready, button).clicked() {
                    rule = self.import(snapshot);
                }
                if ui.button(t!("접기")).clicked() {
                    self.open = false;
                }
            });
        }
        if !self.said.is_empty() {
            for line in &self.said {
                small(ui, line, theme);
            }
            if ui.small_button(t!("알겠습니다")).clicked() {
                self.said.clear();
            }
        }
        rule
    }

    fn import(&mut self, snapshot: &Snapshot) -> Option<RuleSetting> {
        match kis_yaml::import(&self.text) {
            Ok(imported) => {
                self.said = left_out(&imported.left_out);
                if !self.said.is_empty() {
                    self.said
                        .insert(0, t!("다음은 옮기지 못했습니다").to_owned());
                }
                self.open = false;
                self.text.clear();
                let name: String = imported.name.chars().filter(|c| !c.is_control()).collect();
                let name = match name.trim() {
                    "" => t!("가져온 조건"),
                    name => name,
                };
                let name = free_name(name, &snapshot.rules);
                // The builder's strategies are judged on days.
                Some(plain(&name, Timeframe::Day, &imported.when))
            }
            Err(error) => {
                self.said = wrong(error);
                None
            }
        }
    }

    /// Writes a rule as a file beside the downloads.
    pub(super) fn export(&mut self, setting: &RuleSetting, averages: &[u16]) -> Option<Export> {
        let averages = setting.periods.as_deref().unwrap_or(averages);
        match kis_yaml::export(&setting.name, &setting.when, averages) {
            Ok(exported) => {
                self.said = left_out(&exported.left_out);
                self.said.insert(0, t!("파일에 담지 못한 것").to_owned());
                let keep = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
                let name: String = setting
                    .name
                    .chars()
                    .map(|c| if keep(c) { c } else { '-' })
                    .take(60)
                    .collect();
                let name = format!("{name}.kis.yaml");
                Some(Export::text(name, exported.yaml.into_bytes()))
            }
            Err(error) => {
                self.said = wrong(error);
                None
            }
        }
    }
}

fn small(ui: &mut Ui, text: &str, theme: &Theme) {
    let text = paint::rich(text, fonts::regular(theme::SMALL), theme.secondary);
    ui.add(egui::Label::new(text).wrap());
}

fn wrong(error: KisYamlError) -> Vec<String> {
    match error {
        KisYamlError::Unreadable(why) => vec![t!(
            ".kis.yaml로 읽을 수 없습니다(%{why}). 전략 빌더에서 다시 내보낸 파일을 쓰세요",
            why = why
        )],
        KisYamlError::TooLong => {
            vec![t!("너무 큰 파일입니다. 전략 빌더가 만든 파일이 맞는지 확인하세요").to_owned()]
        }
        KisYamlError::Nothing(parts) => {
            let mut said = vec![t!("옮길 수 있는 조건이 없습니다").to_owned()];
            said.extend(left_out(&parts));
            said
        }
    }
}

fn left_out(parts: &[LeftOut]) -> Vec<String> {
    let words = |part: &LeftOut| match part {
        LeftOut::Condition(text) => t!("· 조건 %{text}", text = text),
        LeftOut::Exit => t!("· 청산 조건: 정배는 주문을 내지 않습니다").to_owned(),
        LeftOut::Risk => t!("· 손절과 익절: 정배는 주문을 내지 않습니다").to_owned(),
        LeftOut::Manners => t!("· 종목, 봉, 반복, 시간, 알리는 방법").to_owned(),
    };
    parts.iter().map(words).collect()
}
