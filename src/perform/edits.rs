//! Changes of the configuration file, one after the other in the user's order: two written at
//! once would lose one of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::{plain_failure, send};
use crate::domain::StockCode;
use crate::engine::{Edit, Event};
use crate::settings::{RemovedRule, SettingsError, SettingsFile};

/// Changes that may wait for the disk. More than a hand makes in minutes.
pub(super) const EDITS: usize = 256;

/// Writes every change that comes, and tells of those that could not be written.
pub(super) async fn edit_task(
    file: SettingsFile,
    mut edits: mpsc::Receiver<Edit>,
    events: mpsc::Sender<Event>,
) {
    let desk = Arc::new(Desk {
        file,
        removed: Mutex::default(),
    });
    while let Some(edit) = edits.recv().await {
        let desk = desk.clone();
        let problem = match tokio::task::spawn_blocking(move || desk.write(&edit)).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.said(),
            Err(error) => error.to_string().into(),
        };
        let text = said!("설정 파일에 적지 못했습니다: %{problem}", problem = problem);
        send(&events, Event::Trouble(plain_failure(text))).await;
    }
}

/// The file, and what was taken out of it in this run.
struct Desk {
    file: SettingsFile,
    /// So that a rule that comes back has its comments again.
    removed: Mutex<BTreeMap<String, RemovedRule>>,
}

impl Desk {
    fn write(&self, edit: &Edit) -> Result<(), SettingsError> {
        let file = &self.file;
        match edit {
            Edit::AddCode { group, code } => file.add_code(group, *code).map(drop),
            Edit::RemoveCode(code) => remove_everywhere(file, *code),
            Edit::MoveCode { group, code, to } => file.move_code(group, *code, *to).map(drop),
            Edit::Group(change) => file.change_group(change).map(drop),
            Edit::Screen(screen) => file.set_screen(screen).map(drop),
            Edit::Change(change) => file.change(change).map(drop),
            Edit::Reach(reach) => file.set_reach(reach).map(drop),
            Edit::PutRule { was, rule } => {
                let known = match was {
                    Some(_) => None,
                    None => self.removed().remove(&rule.name),
                };
                file.put_rule(was.as_deref(), rule, known.as_ref())
                    .map(drop)
            }
            Edit::RemoveRule(name) => {
                let removed = file.remove_rule(name)?;
                self.removed().insert(name.clone(), removed);
                Ok(())
            }
        }
    }

    fn removed(&self) -> MutexGuard<'_, BTreeMap<String, RemovedRule>> {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove_everywhere(file: &SettingsFile, code: StockCode) -> Result<(), SettingsError> {
    let settings = crate::settings::load(file.path())?;
    for group in settings
        .groups
        .iter()
        .filter(|group| group.codes.contains(&code))
    {
        file.remove_code(&group.name, code)?;
    }
    Ok(())
}
