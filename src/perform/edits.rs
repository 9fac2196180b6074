//! Changes of the configuration file, one after the other in the user's order: two written at
//! once would lose one of them.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{plain_failure, send};
use crate::domain::StockCode;
use crate::engine::{Edit, Event};
use crate::settings::{SettingsError, SettingsFile};

/// Changes that may wait for the disk. More than a hand makes in minutes.
pub(super) const EDITS: usize = 256;

/// Writes every change that comes, and tells of those that could not be written.
pub(super) async fn edit_task(
    file: SettingsFile,
    mut edits: mpsc::Receiver<Edit>,
    events: mpsc::Sender<Event>,
) {
    let file = Arc::new(file);
    while let Some(edit) = edits.recv().await {
        let place = file.clone();
        let problem = match tokio::task::spawn_blocking(move || write(&place, &edit)).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        let text = t!("설정 파일에 적지 못했습니다: %{problem}", problem = problem);
        send(&events, Event::Trouble(plain_failure(&text))).await;
    }
}

fn write(file: &SettingsFile, edit: &Edit) -> Result<(), SettingsError> {
    match edit {
        Edit::AddCode { group, code } => file.add_code(group, *code).map(drop),
        Edit::RemoveCode(code) => remove_everywhere(file, *code),
        Edit::MoveCode { group, code, to } => file.move_code(group, *code, *to).map(drop),
        Edit::Screen(screen) => file.set_screen(screen).map(drop),
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
