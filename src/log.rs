//! Log files: bounded by number, one line a request, no secret (none implements `Display`).

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

/// Days of log files kept.
const FILES: usize = 7;

/// Starts logging to files in `dir` and, at warnings and above, to standard error. The guard
/// writes what is left when dropped. `JEONGBAE_LOG` sets the level (default `info`).
///
/// # Errors
///
/// The folder cannot be written.
pub fn start(dir: &Path) -> Result<WorkerGuard, String> {
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("jeongbae")
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(dir)
        .map_err(|error| format!("{}: 로그를 쓸 수 없습니다 ({error})", dir.display()))?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let filter = EnvFilter::try_from_env("JEONGBAE_LOG")
        .unwrap_or_else(|_unset| EnvFilter::new("warn,jeongbae=info"));
    let errors = std::io::stderr.with_max_level(tracing::Level::WARN);
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer.and(errors))
        .try_init();
    if started.is_err() {
        // A test harness has its own logging.
        tracing::debug!("Logging had been started before");
    }
    Ok(guard)
}
