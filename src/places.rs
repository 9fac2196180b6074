//! The file that remembers where the windows stood. It can cost nothing but itself: one that
//! cannot be read is kept aside and the windows open where they open first.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::ui::Layout;

/// The version this program writes and reads.
const VERSION: u32 = 1;
/// A window has come to rest when it has not moved for this long.
const REST: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    layout: Layout,
}

/// The remembered places of one run.
pub struct Places {
    path: PathBuf,
    /// What the file held at the start.
    found: Layout,
    /// The newest, and since when.
    now: (Layout, Instant),
    written: Layout,
    writer: Option<(SyncSender<Layout>, JoinHandle<()>)>,
    monitors_known: bool,
}

impl Places {
    /// Reads `windows.json` in the data folder and starts the thread that writes it.
    pub fn load(data_dir: &Path) -> Self {
        let path = data_dir.join("windows.json");
        let found = read(&path);
        let (sender, layouts) = sync_channel::<Layout>(1);
        let place = path.clone();
        let spawned = std::thread::Builder::new()
            .name("windows".into())
            .spawn(move || {
                for layout in layouts {
                    write_or_say(&place, &layout);
                }
            });
        let writer = match spawned {
            Ok(thread) => Some((sender, thread)),
            Err(error) => {
                tracing::warn!("The places of the windows will not be written: {error}");
                None
            }
        };
        Self {
            path,
            now: (found.clone(), Instant::now()),
            written: found.clone(),
            found,
            writer,
            monitors_known: false,
        }
    }

    /// Where the windows stood.
    pub fn layout(&self) -> Layout {
        self.found.clone()
    }

    /// Width and height of the home window, points.
    pub fn home_size(&self) -> Option<[f32; 2]> {
        self.found.home.map(|home| [home.size.0, home.size.1])
    }

    /// Whether the home window filled its monitor.
    pub fn home_is_maximized(&self) -> bool {
        self.found.home.is_some_and(|home| home.maximized)
    }

    /// True once: the caller is to say which monitors there are.
    pub fn asks_for_monitors(&mut self) -> bool {
        !std::mem::replace(&mut self.monitors_known, true)
    }

    /// Where the home window stood, if a hand could reach it there now.
    pub fn home_at(&self, monitors: &[[f32; 4]]) -> Option<[f32; 2]> {
        let home = self.found.home.filter(|home| !home.maximized)?;
        let (x, y) = home.at.filter(|_| home.is_reachable(monitors))?;
        Some([x, y])
    }

    /// Takes the windows' places; they are written when they have come to rest. Never waits.
    pub fn keep(&mut self, layout: &Layout) {
        if *layout != self.now.0 {
            self.now = (layout.clone(), Instant::now());
            return;
        }
        let rests = REST <= self.now.1.elapsed();
        if rests
            && self.now.0 != self.written
            && let Some((writer, _)) = &self.writer
            && writer.try_send(layout.clone()).is_ok()
        {
            self.written = layout.clone();
        }
    }

    /// Writes what has not been written; the program ends.
    pub fn finish(&mut self) {
        // The thread ends first: two must not write at once.
        if let Some((sender, thread)) = self.writer.take() {
            drop(sender);
            if thread.join().is_err() {
                tracing::warn!("The thread that writes the places of the windows broke");
            }
        }
        if self.now.0 != self.written {
            write_or_say(&self.path, &self.now.0);
        }
    }
}

fn write_or_say(path: &Path, layout: &Layout) {
    if let Err(error) = write(path, layout) {
        tracing::warn!("{}: cannot be written: {error}", path.display());
    }
}

/// Reads the file. What cannot be read, or is of a newer version, is kept under another name.
fn read(path: &Path) -> Layout {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Layout::default(),
        Err(error) => {
            tracing::warn!("{}: cannot be read: {error}", path.display());
            return Layout::default();
        }
    };
    match serde_json::from_slice::<File>(&text) {
        Ok(file) if file.version == VERSION => file.layout.checked(),
        other => {
            let why = match other {
                Ok(file) => format!("version {} is newer", file.version),
                Err(error) => error.to_string(),
            };
            let aside = path.with_extension("json.unreadable");
            tracing::warn!("{}: {why}; kept as {}", path.display(), aside.display());
            if let Err(error) = fs::rename(path, &aside) {
                tracing::warn!("{}: cannot be set aside: {error}", path.display());
            }
            Layout::default()
        }
    }
}

/// Writes aside and renames, so that no half file is ever read.
fn write(path: &Path, layout: &Layout) -> io::Result<()> {
    let file = File {
        version: VERSION,
        layout: layout.clone().checked(),
    };
    let text = serde_json::to_vec_pretty(&file)?;
    let aside = path.with_extension(format!("{}.tmp", std::process::id()));
    let done = (|| {
        let mut out = fs::File::create(&aside)?;
        out.write_all(&text)?;
        out.sync_all()?;
        fs::rename(&aside, path)
    })();
    if done.is_err() {
        // What is left aside is of no use; that it may not go away is no second error.
        fs::remove_file(&aside).unwrap_or_default();
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::layout::Place;

    fn layout() -> Layout {
        let place = Place {
            at: Some((40.0, 60.0)),
            size: (900.0, 600.0),
            maximized: false,
        };
        Layout {
            home: Some(place),
            stocks: [("005930".to_owned(), place)].into(),
        }
    }

    #[test]
    fn what_is_written_at_the_end_is_found_at_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let mut places = Places::load(dir.path());
        assert_eq!(places.layout(), Layout::default());
        places.keep(&layout());
        places.finish();
        let mut again = Places::load(dir.path());
        assert_eq!(again.layout(), layout());
        assert_eq!(again.home_size(), Some([900.0, 600.0]));
        assert!(again.asks_for_monitors() && !again.asks_for_monitors());
        let monitor = [[0.0, 0.0, 1920.0, 1080.0]];
        assert_eq!(again.home_at(&monitor), Some([40.0, 60.0]));
        assert_eq!(again.home_at(&[[3000.0, 0.0, 4000.0, 900.0]]), None);
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "nothing is left aside");
    }

    #[test]
    fn an_unreadable_file_costs_only_itself_and_is_kept() {
        for text in [
            "{",
            "{\"version\":2,\"layout\":{\"home\":null,\"stocks\":{}}}",
            "\u{0}",
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("windows.json");
            fs::write(&path, text).unwrap();
            assert_eq!(Places::load(dir.path()).layout(), Layout::default());
            let kept = fs::read(dir.path().join("windows.json.unreadable")).unwrap();
            assert_eq!(kept, text.as_bytes());
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_folder_that_is_gone_is_no_trouble() {
        let dir = tempfile::tempdir().unwrap();
        let mut places = Places::load(&dir.path().join("gone"));
        places.keep(&layout());
        places.finish();
    }
}
