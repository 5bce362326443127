//! Printing: plain lines to stdout, errors to stderr, quiet when the reader of a pipe has gone.

use std::io::{ErrorKind, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Serialize;

/// Writes a line to stdout.
pub fn line(text: &str) {
    bytes(text.as_bytes());
}

/// Writes a path to stdout as it is: names need not be UTF-8.
pub fn path(path: &Path) {
    bytes(path.as_os_str().as_bytes());
}

/// Writes pretty JSON to stdout.
pub fn json(value: &impl Serialize) -> Result<(), String> {
    let text = serde_json::to_string_pretty(value).map_err(|e| format!("cannot be written as JSON: {e}"))?;
    line(&text);
    Ok(())
}

fn bytes(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    match written {
        // `jukebox similar X | head -1`: nobody reads on, so there is nothing left to do.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        _ => {}
    }
}

/// Writes an error to stderr.
pub fn error(text: &str) {
    note(&format!("jukebox: {text}"));
}

/// Writes a note to stderr.
pub fn note(text: &str) {
    // In one piece: what others write at the same time, or a terminal that closes, must not come in between.
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// Whether a person reads stdout.
pub fn to_person() -> bool {
    std::io::stdout().is_terminal()
}
