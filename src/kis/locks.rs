//! One realtime session and one token a minute for each app key, across the copies of this program
//! that the user runs.
//!
//! The broker allows one socket a key and one token a minute, whoever asks. Copies agree on it by
//! locked files in a folder of the user's. A file is named by a fingerprint of the key and never
//! holds it; the system drops the lock of a process that dies. Where the folder or its locks do
//! not work, a copy goes on alone: the broker's own refusals remain.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::credentials::Credentials;
use super::endpoint::Endpoint;
use crate::domain::Moment;

/// The locks of one app key at one host.
#[derive(Clone, Debug)]
pub(super) struct Locks {
    dir: PathBuf,
    name: String,
}

/// A lock that is ours until dropped.
#[derive(Debug)]
pub(super) struct Held(File);

impl Locks {
    pub(super) fn new(dir: &Path, endpoint: &Endpoint, credentials: &Credentials) -> Self {
        let host = format!("{}\n{}", endpoint.rest_url, endpoint.ws_url);
        Self {
            dir: dir.to_owned(),
            name: format!(
                "{}-{}",
                endpoint.environment.code(),
                credentials.fingerprint_at(&host)
            ),
        }
    }

    /// The right to the realtime session; `None` while another copy has it.
    pub(super) fn session(&self) -> io::Result<Option<Held>> {
        self.take("session")
    }

    /// The right to ask for a token; `None` while another copy is asking.
    pub(super) fn token(&self) -> io::Result<Option<Held>> {
        self.take("token")
    }

    fn take(&self, what: &str) -> io::Result<Option<Held>> {
        fs::create_dir_all(&self.dir)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(self.dir.join(format!("{}.{what}", self.name)))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Held {
    /// The time noted in the file; `None` where there is none or it cannot be read.
    pub(super) fn noted(&mut self) -> Option<Moment> {
        let mut text = String::new();
        self.0.rewind().ok()?;
        (&self.0).take(32).read_to_string(&mut text).ok()?;
        text.trim().parse().ok().map(Moment)
    }

    /// Forgets the time.
    pub(super) fn forget(&self) -> io::Result<()> {
        self.0.set_len(0)
    }

    /// Notes a time in the file.
    pub(super) fn note(&mut self, at: Moment) -> io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(at.0.to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Market;
    use crate::kis::Environment;

    fn locks(dir: &Path, key: &str) -> Locks {
        let endpoint = Endpoint::of(Environment::Real, Market::Krx);
        Locks::new(dir, &endpoint, &Credentials::new(key, "S"))
    }

    #[test]
    fn one_at_a_time_for_a_key_and_no_key_in_any_name() {
        let dir = tempfile::tempdir().unwrap();
        let run = dir.path().join("run");
        let (ours, theirs) = (locks(&run, "PSFAKEKEY1"), locks(&run, "PSFAKEKEY1"));
        let held = ours.session().unwrap().unwrap();
        assert!(theirs.session().unwrap().is_none());
        assert!(locks(&run, "PSFAKEKEY2").session().unwrap().is_some());
        assert!(theirs.token().unwrap().is_some(), "another right");
        drop(held);
        assert!(theirs.session().unwrap().is_some());
        for entry in fs::read_dir(&run).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                name.starts_with("real-") && !name.contains("FAKE"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_time_is_noted_and_nonsense_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let locks = locks(dir.path(), "K");
        let mut held = locks.token().unwrap().unwrap();
        assert_eq!(held.noted(), None);
        for at in [Moment(1_790_000_000_000), Moment(5)] {
            held.note(at).unwrap();
            assert_eq!(held.noted(), Some(at));
        }
        drop(held);
        let mut held = locks.token().unwrap().unwrap();
        assert_eq!(held.noted(), Some(Moment(5)));
        held.0.set_len(0).unwrap();
        held.0.rewind().unwrap();
        held.0.write_all(b"\xff\xfe").unwrap();
        assert_eq!(held.noted(), None);
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_and_no_panic() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, b"x").unwrap();
        assert!(locks(&file, "K").session().is_err());
    }
}
