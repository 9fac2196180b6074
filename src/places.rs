//! The file that remembers where the windows stood. It can cost nothing but itself: what of it
//! cannot be read is kept aside and is as at the first start; the rest holds. A file of a newer
//! version is left alone.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::ui::Layout;

const FILE: &str = "windows.json";
/// The version this program writes and reads.
const VERSION: i64 = 1;
/// A window has come to rest when it has not moved for this long.
const REST: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct File {
    version: i64,
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
    /// The file is a newer version's: it is neither read nor written.
    newer: bool,
}

impl Places {
    /// Reads `windows.json` in the data folder and starts the thread that writes it.
    pub fn load(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let newer = newer(data_dir).is_some();
        let found = if newer {
            tracing::warn!("{}: of a newer version; left alone", path.display());
            Layout::default()
        } else {
            read(&path)
        };
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
            newer,
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
        if !self.newer
            && rests
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
        if !self.newer && self.now.0 != self.written {
            write_or_say(&self.path, &self.now.0);
        }
    }
}

/// The file in a data folder if a newer version wrote it, that version, and the newest that this
/// program knows.
pub fn newer(data_dir: &Path) -> Option<(PathBuf, i64, i64)> {
    let path = data_dir.join(FILE);
    let value: Value = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    let found = value["version"].as_i64().filter(|&found| VERSION < found)?;
    Some((path, found, VERSION))
}

fn write_or_say(path: &Path, layout: &Layout) {
    if let Err(error) = write(path, layout) {
        tracing::warn!("{}: cannot be written: {error}", path.display());
    }
}

/// Reads the file. One of which something cannot be read, or of another version, is kept under
/// another name; the rest of it holds.
fn read(path: &Path) -> Layout {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Layout::default(),
        Err(error) => {
            tracing::warn!("{}: cannot be read: {error}", path.display());
            return Layout::default();
        }
    };
    let value: Value = match serde_json::from_slice(&text) {
        Ok(value) => value,
        Err(error) => {
            keep_aside(path, &error.to_string(), fs::rename(path, aside(path)));
            return Layout::default();
        }
    };
    if value["version"] != VERSION {
        let why = format!("version {} is not {VERSION}", value["version"]);
        keep_aside(path, &why, fs::rename(path, aside(path)));
        return Layout::default();
    }
    let (layout, unread) = Layout::read(&value["layout"]);
    if !unread.is_empty() {
        // The next write leaves out what could not be read.
        let why = format!("{} cannot be read", unread.join(", "));
        keep_aside(path, &why, fs::copy(path, aside(path)).map(drop));
    }
    layout
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("json.unreadable")
}

fn keep_aside(path: &Path, why: &str, kept: io::Result<()>) {
    let aside = aside(path);
    tracing::warn!("{}: {why}; kept as {}", path.display(), aside.display());
    if let Err(error) = kept {
        tracing::warn!("{}: cannot be set aside: {error}", path.display());
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
    use crate::ui::layout::{Chosen, Place, Section, View};

    fn layout() -> Layout {
        let place = Place {
            at: Some((40.0, 60.0)),
            size: (900.0, 600.0),
            maximized: false,
        };
        Layout {
            home: Some(place),
            stocks: [("005930".to_owned(), place)].into(),
            timeframes: [("005930".to_owned(), "W".to_owned())].into(),
            rules: Some(place),
            settings_at: Some((300.0, 108.0)),
            widths: [("signals".to_owned(), 420.0)].into(),
            chosen: Chosen {
                group: Some("반도체".to_owned()),
                view: View::Matrix,
                signals_hidden: true,
                rule: Some("정배열".to_owned()),
                section: Section::Averages,
            },
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
            "{\"version\":0,\"layout\":{\"home\":null,\"stocks\":{}}}",
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
    fn a_file_of_a_newer_version_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        assert_eq!(newer(dir.path()), None);
        let text = r#"{"version":2,"layout":{"home":"of another kind"}}"#;
        fs::write(&path, text).unwrap();
        assert_eq!(newer(dir.path()), Some((path.clone(), 2, VERSION)));
        let mut places = Places::load(dir.path());
        assert_eq!(places.layout(), Layout::default());
        places.keep(&layout());
        places.finish();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_part_that_cannot_be_read_costs_only_that_part() {
        let dir = tempfile::tempdir().unwrap();
        let mut places = Places::load(dir.path());
        places.keep(&layout());
        places.finish();
        let path = dir.path().join("windows.json");
        let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        value["layout"]["rules"] = "left".into();
        value["layout"]["timeframes"]["005930"] = 30.into();
        value["layout"]["chosen"]["section"] = "cellar".into();
        value["layout"]["widths"]["signals"] = (-4.0).into();
        let spoiled = value.to_string();
        fs::write(&path, &spoiled).unwrap();
        let expected = Layout {
            rules: None,
            timeframes: [].into(),
            chosen: Chosen::default(),
            widths: [].into(),
            ..layout()
        };
        assert_eq!(Places::load(dir.path()).layout(), expected);
        let kept = fs::read_to_string(dir.path().join("windows.json.unreadable")).unwrap();
        assert_eq!(kept, spoiled);
        assert!(path.exists(), "what can be read still stands");
    }

    #[test]
    fn a_file_of_the_first_release_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"{"version":1,"layout":{"home":{"at":[40.0,60.0],"size":[900.0,600.0],"maximized":false},"stocks":{}}}"#;
        fs::write(dir.path().join("windows.json"), text).unwrap();
        let layout = Places::load(dir.path()).layout();
        assert_eq!(layout.home, self::layout().home);
        assert_eq!(layout.chosen, Chosen::default());
        assert!(!dir.path().join("windows.json.unreadable").exists());
    }

    #[test]
    fn a_folder_that_is_gone_is_no_trouble() {
        let dir = tempfile::tempdir().unwrap();
        let mut places = Places::load(&dir.path().join("gone"));
        places.keep(&layout());
        places.finish();
    }
}
