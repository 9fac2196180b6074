//! One running window per data folder.
//!
//! The first start holds a lock and listens on a local socket in the user's own runtime folder (on
//! Windows, a named pipe that only the user may write to).
//! A later one finds the lock taken, hands its wish over and ends. The lock is the system's: it
//! goes with the process, however that ends, so nothing stale is ever in the way.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use crate::domain::StockCode;

/// How long either side waits for the other's line.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the ear rests after something went wrong: no busy loop where descriptors run out.
const REST: Duration = Duration::from_millis(50);
/// The longest line that is read, in bytes.
const LONGEST: u64 = 64;
/// Wishes that may wait for the window; a further one is refused.
const WAITING: usize = 16;
/// The answer to a wish that was taken.
const TAKEN: &str = "ok";

/// What a later start asks of the running one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Come to the front.
    Show,
    /// Come to the front with the window of this stock.
    Open(StockCode),
}

impl Wish {
    /// As it goes over the socket, without the line's end.
    fn to_line(self) -> String {
        match self {
            Self::Show => "show".to_owned(),
            Self::Open(code) => format!("open {code}"),
        }
    }

    /// Reads a line; anything else than [`Wish::to_line`] writes is nothing.
    fn parse(line: &str) -> Option<Self> {
        match line.split_once(' ') {
            None if line == "show" => Some(Self::Show),
            Some(("open", code)) => StockCode::parse(code).map(Self::Open),
            _ => None,
        }
    }
}

/// Hands the wish of a line that was heard to the window.
fn take(line: &str, wishes: &SyncSender<Wish>) -> std::io::Result<()> {
    let wish = Wish::parse(line)
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "not a wish"))?;
    wishes
        .try_send(wish)
        .map_err(|e| std::io::Error::other(e.to_string()))
}

/// Who has the data folder.
pub enum Claim {
    /// This process; keep the value as long as the program runs.
    Ours(Instance),
    /// Another process, and it has taken the wish.
    Passed,
}

/// Why the other one could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// It holds the folder and does not answer.
    #[error("{}", t!("정배가 이미 실행 중인데 응답하지 않습니다 (%{reason}). 창이 보이지 않으면 실행 중인 정배를 끝내고 다시 시작하세요.", reason = reason))]
    Deaf {
        /// What the system said.
        reason: String,
    },
    /// The lock cannot be made.
    #[error("{}", t!("%{file}: 실행 중인지 확인할 수 없습니다 (%{reason}). 폴더의 권한을 확인하세요.", file = file.display(), reason = reason))]
    NoLock {
        /// The lock's file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// The right to the data folder, and the ear for later starts.
pub struct Instance {
    /// Held, not read: the lock goes when the file is closed.
    _lock: File,
    /// Wishes of later starts.
    pub wishes: Receiver<Wish>,
}

/// Called after each wish, so that a sleeping window looks.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// Claims `data_dir`, or hands `wish` to who has it. `runtime_dir` is a folder of the user's own;
/// it is made if it is not there. `wake` is for the wishes of later starts.
///
/// # Errors
///
/// See [`ClaimError`].
pub fn claim(
    runtime_dir: &Path,
    data_dir: &Path,
    wish: Wish,
    wake: Wake,
) -> Result<Claim, ClaimError> {
    let name = format!("{:016x}", fingerprint(&settled(data_dir)));
    let lock_file = runtime_dir.join(format!("{name}.lock"));
    let no_lock = |e: std::io::Error| ClaimError::NoLock {
        file: lock_file.clone(),
        reason: e.to_string(),
    };
    make_private(runtime_dir).map_err(no_lock)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_file)
        .map_err(no_lock)?;
    let socket = runtime_dir.join(format!("{name}.sock"));
    match lock.try_lock() {
        Ok(()) => Ok(Claim::Ours(Instance {
            _lock: lock,
            wishes: wire::listen(&socket, wake),
        })),
        Err(fs::TryLockError::WouldBlock) => match wire::pass(&socket, wish) {
            Ok(()) => Ok(Claim::Passed),
            Err(e) => Err(ClaimError::Deaf {
                reason: e.to_string(),
            }),
        },
        Err(fs::TryLockError::Error(e)) => Err(no_lock(e)),
    }
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// The folder by one name, however it is written and whether or not it is there already.
fn settled(dir: &Path) -> PathBuf {
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    for above in whole.ancestors() {
        if let Ok(real) = above.canonicalize() {
            let below = whole.strip_prefix(above).unwrap_or(Path::new(""));
            return if below.as_os_str().is_empty() {
                real
            } else {
                real.join(below)
            };
        }
    }
    whole
}

/// FNV-1a, 64 bits: the same in every version of the program, unlike the standard library's.
fn fingerprint(dir: &Path) -> u64 {
    dir.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(unix)]
mod wire {
    //! One line each way over a Unix socket.

    use std::fs;
    use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::Path;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::{LONGEST, PATIENCE, REST, TAKEN, WAITING, Wake, Wish, take};

    /// Listens on a thread of its own. A socket that cannot be made is logged: the program is of
    /// use without.
    pub(super) fn listen(socket: &Path, wake: Wake) -> Receiver<Wish> {
        let (sender, wishes) = sync_channel(WAITING);
        let listening = (|| {
            // The lock is ours, so whoever made a socket here is gone.
            match fs::remove_file(socket) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let listener = UnixListener::bind(socket)?;
            std::thread::Builder::new()
                .name("later starts".into())
                .spawn(move || {
                    for stream in listener.incoming() {
                        match stream.and_then(|stream| serve(&stream, &sender)) {
                            Ok(()) => wake(),
                            Err(e) => {
                                tracing::warn!("A later start was not understood: {e}");
                                std::thread::sleep(REST);
                            }
                        }
                    }
                })?;
            Ok(())
        })();
        if let Err(e) = listening {
            tracing::warn!("Later starts cannot be heard at {}: {e}", socket.display());
        }
        wishes
    }

    fn serve(stream: &UnixStream, wishes: &SyncSender<Wish>) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        take(&line(stream)?, wishes)?;
        let mut stream = stream;
        writeln!(stream, "{TAKEN}")
    }

    /// Hands a wish to who listens.
    pub(super) fn pass(socket: &Path, wish: Wish) -> io::Result<()> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        writeln!(stream, "{}", wish.to_line())?;
        match line(&stream)? == TAKEN {
            true => Ok(()),
            false => Err(io::Error::other("no answer")),
        }
    }

    fn line(stream: &UnixStream) -> io::Result<String> {
        let mut text = String::new();
        BufReader::new(stream.take(LONGEST)).read_line(&mut text)?;
        Ok(text.trim_end().to_owned())
    }
}

#[cfg(windows)]
mod wire {
    //! One line each way over a named pipe. Tokio's, because the system's own calls are unsafe; its
    //! pipes refuse other machines, and by default no other user may write to one.

    use std::io;
    use std::path::Path;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeServer, ServerOptions};
    use tokio::time::{sleep, timeout};

    use super::{LONGEST, PATIENCE, REST, TAKEN, WAITING, Wake, Wish, fingerprint, take};

    /// `ERROR_PIPE_BUSY`: another start is being heard just now.
    const BUSY: i32 = 231;

    /// Pipes have a name space of their own; the place in the user's folder makes it theirs.
    fn pipe(socket: &Path) -> String {
        format!(
            r"\\.\pipe\kr.jeongbae.Jeongbae-{:016x}",
            fingerprint(socket)
        )
    }

    fn runtime() -> io::Result<tokio::runtime::Runtime> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
    }

    /// Listens on a thread of its own. A pipe that cannot be made is logged: the program is of
    /// use without.
    pub(super) fn listen(socket: &Path, wake: Wake) -> Receiver<Wish> {
        let (sender, wishes) = sync_channel(WAITING);
        let name = pipe(socket);
        let listening = (|| {
            let runtime = runtime()?;
            let mut server = {
                let _inside = runtime.enter();
                // First: a pipe somebody else made under this name is not spoken to.
                ServerOptions::new()
                    .first_pipe_instance(true)
                    .create(&name)?
            };
            std::thread::Builder::new()
                .name("later starts".into())
                .spawn(move || {
                    runtime.block_on(async {
                        loop {
                            match serve(&mut server, &sender).await {
                                Ok(()) => wake(),
                                Err(e) => {
                                    tracing::warn!("A later start was not understood: {e}");
                                    sleep(REST).await;
                                }
                            }
                            // The same pipe again: there is no moment without one.
                            if let Err(e) = server.disconnect() {
                                tracing::debug!("A later start's pipe: {e}");
                            }
                        }
                    });
                })?;
            Ok::<(), io::Error>(())
        })();
        if let Err(e) = listening {
            tracing::warn!("Later starts cannot be heard at {name}: {e}");
        }
        wishes
    }

    async fn serve(server: &mut NamedPipeServer, wishes: &SyncSender<Wish>) -> io::Result<()> {
        server.connect().await?;
        let heard = async {
            take(&line(server).await?, wishes)?;
            server.write_all(format!("{TAKEN}\n").as_bytes()).await?;
            // Until the other side has closed: what it has not read would go with the connection.
            let mut rest = [0; 1];
            match server.read(&mut rest).await {
                Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e),
                _ => Ok(()),
            }
        };
        timeout(PATIENCE, heard).await?
    }

    /// Hands a wish to who listens.
    pub(super) fn pass(socket: &Path, wish: Wish) -> io::Result<()> {
        let name = pipe(socket);
        let asked = async {
            let mut pipe = loop {
                match ClientOptions::new().open(&name) {
                    Err(e) if e.raw_os_error() == Some(BUSY) => sleep(REST).await,
                    opened => break opened?,
                }
            };
            pipe.write_all(format!("{}\n", wish.to_line()).as_bytes())
                .await?;
            match line(&mut pipe).await? == TAKEN {
                true => Ok(()),
                false => Err(io::Error::other("no answer")),
            }
        };
        runtime()?.block_on(async { timeout(PATIENCE, asked).await? })
    }

    async fn line(pipe: &mut (impl tokio::io::AsyncRead + Unpin)) -> io::Result<String> {
        let mut text = String::new();
        BufReader::new(pipe.take(LONGEST))
            .read_line(&mut text)
            .await?;
        Ok(text.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::io::{Read as _, Write as _};
    #[cfg(unix)]
    use std::os::unix::net::UnixStream;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn ours(dir: &Path, data: &Path) -> (Instance, Receiver<()>) {
        let (sender, woken) = channel();
        let wake = Box::new(move || sender.send(()).unwrap_or_default());
        match claim(dir, data, Wish::Show, wake) {
            Ok(Claim::Ours(instance)) => (instance, woken),
            Ok(Claim::Passed) => panic!("nobody else runs"),
            Err(error) => panic!("{error}"),
        }
    }

    fn again(dir: &Path, data: &Path, wish: Wish) -> Result<Claim, ClaimError> {
        claim(dir, data, wish, Box::new(|| {}))
    }

    #[test]
    fn a_second_start_hands_its_wish_over_and_a_third_after_the_end_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let (run, data) = (dir.path().join("run"), dir.path().join("data"));
        let (first, woken) = ours(&run, &data);
        let code = StockCode::parse("005930").unwrap();
        for wish in [Wish::Open(code), Wish::Show] {
            assert!(matches!(again(&run, &data, wish), Ok(Claim::Passed)));
            assert_eq!(first.wishes.recv_timeout(LONG), Ok(wish));
            woken.recv_timeout(LONG).unwrap();
        }
        drop(first);
        ours(&run, &data);
    }

    #[cfg(unix)]
    #[test]
    fn another_data_folder_is_another_program_and_another_spelling_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (run, data) = (dir.path().join("run"), dir.path().join("data"));
        let (first, _woken) = ours(&run, &data);
        let (_demo, _) = ours(&run, &data.join("demo"));
        // The folder is made after it was claimed, and reached through a link.
        std::fs::create_dir_all(&data).unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("link")).unwrap();
        let other = dir.path().join("link/data");
        assert!(matches!(again(&run, &other, Wish::Show), Ok(Claim::Passed)));
        assert_eq!(first.wishes.recv_timeout(LONG), Ok(Wish::Show));
    }

    #[cfg(unix)]
    #[test]
    fn nonsense_on_the_socket_is_no_wish_and_does_not_end_the_listening() {
        let dir = tempfile::tempdir().unwrap();
        let (run, data) = (dir.path().join("run"), dir.path().join("data"));
        let (first, _woken) = ours(&run, &data);
        let socket = std::fs::read_dir(&run)
            .unwrap()
            .map(|e| e.unwrap().path())
            .find(|p| p.extension().is_some_and(|e| e == "sock"))
            .unwrap();
        for bytes in [&b"open ;rm\n"[..], b"\xff\xfe\n", b"\n", &[b'x'; 4_096]] {
            let mut stream = UnixStream::connect(&socket).unwrap();
            // The other side may have closed already.
            stream.write_all(bytes).unwrap_or_default();
            stream
                .shutdown(std::net::Shutdown::Write)
                .unwrap_or_default();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap_or_default();
            assert_eq!(answer, b"");
        }
        assert!(matches!(again(&run, &data, Wish::Show), Ok(Claim::Passed)));
        assert_eq!(first.wishes.recv_timeout(LONG), Ok(Wish::Show));
        assert!(first.wishes.try_recv().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_taken_folder_without_an_ear_is_said_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let (run, data) = (dir.path().join("run"), dir.path().join("data"));
        let (_first, _woken) = ours(&run, &data);
        for entry in std::fs::read_dir(&run).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "sock") {
                std::fs::remove_file(path).unwrap();
            }
        }
        let Err(error) = again(&run, &data, Wish::Show) else {
            panic!("nobody can have taken the wish")
        };
        assert!(error.to_string().contains("이미 실행 중"), "{error}");
    }
}
