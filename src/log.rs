//! Log files: bounded by size and number, one line a request, no secret.
//!
//! Only this program's own lines are written in detail. Libraries below us see headers, frames
//! and the keyring's messages; they are heard from warnings on, at every level asked for.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing::{Level, Metadata};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::writer::MakeWriterExt as _;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt, registry};

use crate::kis::OBSERVED;

/// Bytes of one file at most.
const LARGEST: u64 = 8 << 20;
/// Files kept, the one being written included.
const FILES: u32 = 6;

/// Bytes and number of the files of what was observed of the broker.
const OBSERVED_LARGEST: u64 = 512 << 10;
const OBSERVED_FILES: u32 = 2;

/// Copies of the program that may write logs into one folder at once.
const COPIES: u32 = 8;

/// Writes what is left when dropped.
pub struct Logging {
    _guards: [WorkerGuard; 3],
}

/// The files of what was observed of the broker, a copy's oldest first; they may not be there.
pub fn observed_files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let ages = |copy| (0..OBSERVED_FILES).rev().map(move |age| (copy, age));
    let all = (1..=COPIES).flat_map(ages);
    all.map(|(copy, age)| name(dir, &stem("observed", copy), age))
}

/// Starts logging to files in `dir` and, for our own warnings and above, to standard error; both in
/// threads of their own, so that neither a slow disk nor a reader that does not read holds
/// anything up. What libraries say would stand beside the one sentence that a user is to read, so
/// it goes to the files alone. `JEONGBAE_LOG` sets the level (default `info`).
///
/// # Errors
///
/// The folder cannot be written.
pub fn start(dir: &Path) -> Result<Logging, String> {
    let files_of = |kind, largest, count| {
        Files::of_a_copy(dir, kind, largest, count).map_err(|error| cannot(dir, &error))
    };
    let files = files_of("jeongbae", LARGEST, FILES)?;
    let observed = files_of("observed", OBSERVED_LARGEST, OBSERVED_FILES)?;
    let (observed, observed_guard) = tracing_appender::non_blocking(observed);
    let (files, files_guard) = tracing_appender::non_blocking(files);
    let (errors, errors_guard) = tracing_appender::non_blocking(io::stderr());
    let filter = EnvFilter::try_from_env("JEONGBAE_LOG")
        .unwrap_or_else(|_unset| EnvFilter::new("warn,jeongbae=info"));
    let wanted = filter_fn(|line| {
        line.target() != OBSERVED && (*line.level() <= Level::WARN || is_ours(line))
    });
    let lines = fmt::layer()
        .with_ansi(false)
        .with_writer(files.and(errors.with_max_level(Level::WARN).with_filter(is_ours)))
        .with_filter(filter.and(wanted));
    // These are kept at every level asked for.
    let notes = fmt::layer()
        .with_ansi(false)
        .with_writer(observed)
        .with_filter(filter_fn(|line| line.target() == OBSERVED));
    if registry().with(lines).with(notes).try_init().is_err() {
        // A test harness has its own logging.
        tracing::debug!("Logging had been started before");
    }
    Ok(Logging {
        _guards: [files_guard, errors_guard, observed_guard],
    })
}

/// Whether a line is this program's, and not a library's.
fn is_ours(line: &Metadata<'_>) -> bool {
    let target = line.target();
    target == "jeongbae" || target.starts_with("jeongbae::")
}

/// Why there is no log in `dir`, and what to do.
fn cannot(dir: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ResourceBusy => t!(
            "%{dir}: 이 폴더에 로그를 쓰는 프로그램이 이미 %{count}개 실행 중이므로, 그중 하나를 끝내거나 --data-dir로 다른 데이터 폴더를 지정하세요.",
            dir = dir.display(),
            count = COPIES
        ),
        _ => t!(
            "%{dir}: 로그를 쓸 수 없습니다 (%{error})",
            dir = dir.display(),
            error = error
        ),
    }
}

/// `jeongbae.log` and its predecessors `jeongbae.1.log` (the newest) and so on; of a second copy
/// at the same time `jeongbae-2.log`.
struct Files {
    dir: PathBuf,
    stem: String,
    /// Held as long as the files are written: no other copy renames them.
    _lock: Option<File>,
    file: File,
    size: u64,
    largest: u64,
    count: u32,
}

impl Files {
    /// The first files of a kind that no other copy writes.
    fn of_a_copy(dir: &Path, kind: &str, largest: u64, count: u32) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        for copy in 1..=COPIES {
            let stem = stem(kind, copy);
            let lock = File::create(dir.join(format!("{stem}.lock")))?;
            // A file system without locks is as good as one without another copy.
            if !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
                let files = Self::open(dir, &stem, largest, count)?;
                return Ok(Self {
                    _lock: Some(lock),
                    ..files
                });
            }
        }
        let text = format!("{COPIES} copies of the program write logs here already");
        Err(io::Error::new(io::ErrorKind::ResourceBusy, text))
    }

    fn open(dir: &Path, stem: &str, largest: u64, count: u32) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let file = append(&name(dir, stem, 0))?;
        let size = file.metadata()?.len();
        Ok(Self {
            dir: dir.to_owned(),
            stem: stem.to_owned(),
            _lock: None,
            file,
            size,
            largest,
            count,
        })
    }

    /// Every file becomes one older; the oldest is overwritten.
    fn turn(&mut self) -> io::Result<()> {
        for n in (1..self.count).rev() {
            match fs::rename(
                name(&self.dir, &self.stem, n - 1),
                name(&self.dir, &self.stem, n),
            ) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.file = append(&name(&self.dir, &self.stem, 0))?;
        self.size = 0;
        Ok(())
    }
}

impl Write for Files {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let length = line.len() as u64;
        if 0 < self.size && self.largest < self.size + length {
            self.turn()?;
        }
        self.file.write_all(line)?;
        self.size += length;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What the files of one copy are called.
fn stem(kind: &str, copy: u32) -> String {
    match copy {
        0 | 1 => kind.to_owned(),
        n => format!("{kind}-{n}"),
    }
}

fn name(dir: &Path, stem: &str, age: u32) -> PathBuf {
    match age {
        0 => dir.join(format!("{stem}.log")),
        n => dir.join(format!("{stem}.{n}.log")),
    }
}

fn append(file: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_too_many_is_told_why() {
        let dir = tempfile::tempdir().unwrap();
        let of = || Files::of_a_copy(dir.path(), "jeongbae", 40, 3);
        let copies: Vec<Files> = (0..COPIES).map(|_| of().unwrap()).collect();
        let Err(error) = of() else {
            panic!("a copy more than there are names");
        };
        let said = cannot(dir.path(), &error);
        assert!(
            said.contains("이미 8개") && said.contains("--data-dir"),
            "{said}"
        );
        drop(copies);
        assert!(of().is_ok());
    }

    #[test]
    fn copies_on_one_folder_write_files_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let of = || Files::of_a_copy(dir.path(), "jeongbae", 40, 3).unwrap();
        let (mut first, mut second) = (of(), of());
        for n in 0..9 {
            for (who, files) in [("first", &mut first), ("second", &mut second)] {
                files
                    .write_all(format!("the {who} says {n}\n").as_bytes())
                    .unwrap();
            }
        }
        let read = |stem: &str| -> String {
            let ages = (0..3).rev().map(|age| name(dir.path(), stem, age));
            ages.filter_map(|file| fs::read_to_string(file).ok())
                .collect()
        };
        // Each turned its own files.
        assert!(!read("jeongbae").contains("second") && read("jeongbae").contains("says 8"));
        assert!(!read("jeongbae-2").contains("first") && read("jeongbae-2").contains("says 8"));
        // A copy that has ended leaves its place.
        drop(first);
        let mut third = of();
        third.write_all(b"the third goes on\n").unwrap();
        assert!(read("jeongbae").contains("third"));
        let observed: Vec<_> = observed_files(dir.path()).collect();
        assert!(observed.contains(&dir.path().join("observed-2.1.log")));
    }

    #[test]
    fn neither_a_file_nor_their_number_grows_without_end() {
        let dir = tempfile::tempdir().unwrap();
        let mut files = Files::open(dir.path(), "jeongbae", 100, 3).unwrap();
        for n in 0..100 {
            let line = format!("line {n:03} of a talkative run\n");
            assert_eq!(files.write(line.as_bytes()).unwrap(), line.len());
        }
        let mut found: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        found.sort();
        assert_eq!(found.len(), 3, "{found:?}");
        for file in &found {
            assert!(fs::metadata(file).unwrap().len() <= 100, "{file:?}");
        }
        let newest = fs::read_to_string(name(dir.path(), "jeongbae", 0)).unwrap();
        assert!(newest.contains("line 099"), "{newest}");
        drop(files);
        // The next run goes on where this one ended.
        let mut files = Files::open(dir.path(), "jeongbae", 100, 3).unwrap();
        files.write_all(b"the next run\n").unwrap();
        let after: u64 = found.iter().map(|f| fs::metadata(f).unwrap().len()).sum();
        assert!(after <= 300);
    }
}
