//! Files that have to be read from the disk again.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// Drops a file's pages from memory, where coreutils can do that; else only the database's own
/// cache is cold.
pub(crate) fn forget(file: &Path) {
    let mut input = OsString::from("if=");
    input.push(file);
    let done = Command::new("dd")
        .arg(input)
        .args(["iflag=nocache", "count=0"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !done.is_ok_and(|status| status.success()) {
        println!("the system keeps {} in memory", file.display());
    }
}
