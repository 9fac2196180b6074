//! Messages on their way, kept in a file so that neither a lost network nor an end of the program
//! loses one. A message may go out twice if the program dies between its delivery and the note of
//! it; its id tells.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Messages that may wait. A further one drops the oldest, which is said.
pub(super) const WAITING: usize = 500;
/// The version this program writes and reads.
pub(super) const VERSION: i64 = 1;

/// A message in full. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// Of the signal and its stage; the same if it goes out again.
    pub(super) id: String,
    /// In a few words.
    pub(super) what: String,
    /// What is sent.
    pub(super) content: String,
    /// Without a sound at the other end.
    pub(super) quiet: bool,
    /// When it was written, milliseconds of market time.
    pub(super) at: i64,
    /// The user wants to see whether it arrives; never kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) trial: bool,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: i64,
    messages: VecDeque<Message>,
}

/// The queue and its file.
pub(super) struct Outbox {
    file: PathBuf,
    queue: VecDeque<Message>,
    written: bool,
    /// The file is a newer version's: it is neither read nor written.
    newer: bool,
}

/// Just enough of a file to tell whose it is.
#[derive(Deserialize)]
struct Versioned {
    version: i64,
}

/// The version of a file, if that is newer than ours.
pub(super) fn newer(text: &[u8]) -> Option<i64> {
    let found: Versioned = serde_json::from_slice(text).ok()?;
    Some(found.version).filter(|&found| VERSION < found)
}

impl Outbox {
    /// Reads what an earlier run left. A file that cannot be read is kept under another name; one
    /// of a newer version is left alone, though the session refuses such a folder before.
    pub(super) fn open(file: PathBuf) -> Self {
        let mut newer = false;
        let queue = match std::fs::read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => VecDeque::new(),
            Err(error) => {
                tracing::warn!("{}: cannot be read: {error}", file.display());
                VecDeque::new()
            }
            Ok(text) => match serde_json::from_slice::<Kept>(&text) {
                Ok(Kept {
                    version: VERSION,
                    messages,
                }) => messages,
                _ if self::newer(&text).is_some() => {
                    tracing::warn!("{}: of a newer version; left alone", file.display());
                    newer = true;
                    VecDeque::new()
                }
                _ => {
                    let aside = file.with_extension("json.unreadable");
                    let moved = std::fs::rename(&file, &aside);
                    tracing::warn!("{}: not understood; kept aside: {moved:?}", file.display());
                    VecDeque::new()
                }
            },
        };
        Self {
            file,
            queue,
            written: true,
            newer,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn first(&self) -> Option<&Message> {
        self.queue.front()
    }

    /// Adds a message; a trial goes first. The message that had to go, if one had to. The first
    /// one stays if it is being sent.
    pub(super) fn add(&mut self, message: Message, first_is_sent: bool) -> Option<Message> {
        let first = usize::from(first_is_sent);
        if message.trial {
            self.queue.insert(first.min(self.queue.len()), message);
            return None;
        }
        self.queue.push_back(message);
        self.written = false;
        match WAITING < self.queue.len() {
            true => self.queue.remove(first),
            false => None,
        }
    }

    /// The first message is done with.
    pub(super) fn take_first(&mut self) -> Option<Message> {
        let taken = self.queue.pop_front();
        self.written &= taken.as_ref().is_none_or(|message| message.trial);
        taken
    }

    /// Empties it.
    pub(super) fn take_all(&mut self) -> Vec<Message> {
        self.written &= self.queue.is_empty();
        self.queue.drain(..).collect()
    }

    /// Writes what changed.
    pub(super) async fn keep(&mut self) {
        if std::mem::replace(&mut self.written, true) || self.newer {
            return;
        }
        let messages = self.queue.iter().filter(|m| !m.trial).cloned().collect();
        let kept = Kept {
            version: VERSION,
            messages,
        };
        let file = self.file.clone();
        let write = move || {
            if kept.messages.is_empty() {
                return match std::fs::remove_file(&file) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                };
            }
            write_aside(&file, &serde_json::to_vec(&kept)?)
        };
        let done = match tokio::task::spawn_blocking(write).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = done {
            // It is still sent from memory.
            tracing::warn!("{}: cannot be written: {error}", self.file.display());
            self.written = false;
        }
    }
}

/// Writes to a name aside, makes it durable, renames.
fn write_aside(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write as _;
    let aside = file.with_extension("json.tmp");
    let mut written = std::fs::File::create(&aside)?;
    written.write_all(bytes)?;
    written.sync_data()?;
    std::fs::rename(&aside, file)
}
