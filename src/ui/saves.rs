//! Files the user asked for: handed to the background, which says where they lie.

use std::sync::mpsc::{Receiver, TryRecvError};

use egui::{Area, Id, Order, Ui, vec2};

use super::Bridge;
use super::theme::{self, Theme};
use super::{fonts, paint};

/// How long the answer stays, seconds.
const SHOWN: f64 = 8.0;

/// A file that the background writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Its name, without a folder.
    pub name: String,
    /// What it holds.
    pub content: Content,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A picture, to be written as PNG.
    Picture(egui::ColorImage),
}

impl Export {
    pub(crate) fn text(name: String, bytes: Vec<u8>) -> Self {
        let content = Content::Bytes(bytes);
        Self { name, content }
    }
}

/// Where the file lies, or why it could not be written, in the user's words.
pub type Saved = Result<String, String>;

/// What one window waits for and says.
#[derive(Default)]
pub(crate) struct Saves {
    waiting: Vec<Receiver<Saved>>,
    said: Option<(f64, String)>,
}

impl Saves {
    /// Hands a file over.
    pub(crate) fn save(&mut self, bridge: &dyn Bridge, export: Export) {
        self.waiting.push(bridge.save(export));
    }

    /// Shows the newest answer for a while.
    pub(crate) fn ui(&mut self, ui: &mut Ui, window: &str, theme: &Theme) {
        let now = ui.input(|i| i.time);
        let mut news = None;
        self.waiting.retain(|receiver| match receiver.try_recv() {
            Err(TryRecvError::Empty) => true,
            Ok(Ok(place)) => {
                news = Some(t!("저장했습니다: %{place}", place = place));
                false
            }
            Ok(Err(why)) => {
                news = Some(t!("저장하지 못했습니다: %{why}", why = why));
                false
            }
            Err(TryRecvError::Disconnected) => {
                news = Some(t!("저장하지 못했습니다. 다시 시도하세요").to_owned());
                false
            }
        });
        if let Some(text) = news {
            self.said = Some((now + SHOWN, text));
        }
        if !self.waiting.is_empty() {
            ui.ctx().request_repaint_after_secs(0.2);
        }
        let Some((until, text)) = &self.said else {
            return;
        };
        if *until <= now {
            self.said = None;
            return;
        }
        ui.ctx()
            .request_repaint_after_secs((until - now) as f32 + 0.02);
        let room = ui.ctx().content_rect();
        Area::new(Id::unique(("saved", window)))
            .order(Order::Foreground)
            .anchor(egui::Align2::CENTER_BOTTOM, vec2(0.0, -44.0))
            .show(ui.ctx(), |ui| {
                egui::Frame::popup(ui.style())
                    .inner_margin(10.0)
                    .show(ui, |ui| {
                        ui.set_max_width((room.width() - 60.0).max(80.0));
                        let font = fonts::regular(theme::BODY);
                        ui.label(paint::rich(text, font, theme.text));
                    });
            });
    }
}

/// A table as comma-separated text. It begins with the mark by which spreadsheets know UTF-8.
pub(crate) fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_quotes_and_lines_stay_inside_their_cell() {
        let row = ["a", "b,c", "say \"x\"", "two\nlines"].map(str::to_owned);
        let bytes = csv([row.to_vec()]);
        let text = String::from_utf8(bytes).unwrap();
        let expected = "\u{feff}a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\"\r\n";
        assert_eq!(text, expected);
    }
}
