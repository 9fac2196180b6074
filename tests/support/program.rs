//! The built program as a child process, away from the user's files and keyring.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Real time after which a test gives up; nothing is proved by it.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The program with a scratch home and without a session bus: no keyring can be reached.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jeongbae"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .stdin(Stdio::null());
    // Windows' programs do not start without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// What a finished program said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs the program to its end.
pub fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[derive(Default)]
struct Output {
    lines: Vec<String>,
    err: String,
    closed: bool,
}

type Shared = Arc<(Mutex<Output>, Condvar)>;

/// A running program whose lines are read as they come.
pub struct Running {
    child: Child,
    shared: Shared,
    readers: Vec<thread::JoinHandle<()>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let shared = Shared::default();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (s1, s2) = (shared.clone(), shared.clone());
        let lines = spawn(move || {
            let mut out = BufReader::new(out);
            let mut bytes = Vec::new();
            while out.read_until(b'\n', &mut bytes).is_ok_and(|n| 0 < n) {
                // A line cut off by kill -9 never came.
                if bytes.ends_with(b"\n") {
                    let line = String::from_utf8(bytes.clone()).unwrap();
                    s1.0.lock().unwrap().lines.push(line.trim_end().to_owned());
                    s1.1.notify_all();
                }
                bytes.clear();
            }
            s1.0.lock().unwrap().closed = true;
            s1.1.notify_all();
        });
        let errors = spawn(move || {
            let mut err = BufReader::new(err);
            let mut text = Vec::new();
            err.read_to_end(&mut text).unwrap();
            s2.0.lock().unwrap().err = String::from_utf8_lossy(&text).into_owned();
        });
        Self {
            child,
            shared,
            readers: vec![lines, errors],
        }
    }

    /// Waits for a line; panics with what there was when the output ends without it.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut output = self.shared.0.lock().unwrap();
        let mut seen = 0;
        loop {
            for line in &output.lines[seen..] {
                if wanted(line) {
                    return line.clone();
                }
            }
            seen = output.lines.len();
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !output.closed && !left.is_zero(),
                "no {what} in {:#?}",
                output.lines
            );
            output = self.shared.1.wait_timeout(output, left).unwrap().0;
        }
    }

    /// Waits for a line of JSON.
    pub fn wait_for_json(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        json(&self.wait_for(what, |line| wanted(&json(line))))
    }

    /// Waits for a line of JSON of that type.
    pub fn wait_for_type(&self, kind: &str) -> Value {
        let line = self.wait_for(kind, |line| json(line)["type"] == kind);
        json(&line)
    }

    /// Ctrl+C.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Any signal, by its name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let done = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(done.success());
    }

    /// kill -9.
    pub fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.end()
    }

    /// Waits for its end; kills it when it does not come.
    pub fn wait(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            if deadline < Instant::now() {
                self.child.kill().unwrap();
                let ended = self.end();
                panic!("it did not end: {ended:#?}");
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.end()
    }

    fn end(&mut self) -> Ended {
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        let output = self.shared.0.lock().unwrap();
        Ended {
            status,
            lines: output.lines.clone(),
            err: output.err.clone(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    let named = thread::Builder::new().name("reader".into());
    named.spawn(work).unwrap()
}

/// What an ended program said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub lines: Vec<String>,
    pub err: String,
}

impl Ended {
    /// Every line, which must be a JSON object with a type.
    pub fn json(&self) -> Vec<Value> {
        self.lines.iter().map(|line| json(line)).collect()
    }

    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        let mut lines = self.json();
        lines.retain(|line| line["type"] == kind);
        lines
    }
}

/// A line of `watch --json`.
pub fn json(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    assert!(value["type"].is_string(), "no type: {line}");
    value
}
