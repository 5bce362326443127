//! All text output: lines for a person or a script, notes for stderr (the log while the player runs), and JSON. Everything
//! printed here is made safe for a terminal first, so that no file name, tag or error text can send control sequences.
//! `tests/prints.rs` checks that nothing is printed elsewhere.

use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};
use serde::Serialize;

use crate::text;

/// The stderr that the process was started with, where somebody reads it while the player runs.
static WATCHED: OnceLock<File> = OnceLock::new();

/// Writes a line to stdout. A newline inside it is shown as `?`: a name cannot forge a second line.
pub fn line(text: &str) {
    to_stdout(text::printable(text).as_bytes());
}

/// Writes a path to stdout. A script behind a pipe gets its exact bytes, for names need not be UTF-8; a person at a
/// terminal sees it with `?` for every control character.
pub fn path(path: &Path) {
    let bytes = path.as_os_str().as_bytes();
    if to_person() {
        line(&String::from_utf8_lossy(bytes));
    } else {
        to_stdout(bytes);
    }
}

/// Writes pretty JSON to stdout.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|e| anyhow!("cannot be written as JSON: {e}"))?;
    to_stdout(text::json(&text).as_bytes());
    Ok(())
}

/// Writes a value to stdout as JSON in one line.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn json_line(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|e| anyhow!("cannot be written as JSON: {e}"))?;
    to_stdout(text::json(&text).as_bytes());
    Ok(())
}

/// Writes a document of our own to stdout as it is: a completion script or a manual page, in which tabs, backslashes and
/// control characters mean something.
pub fn document(bytes: &[u8]) {
    to_stdout(bytes.trim_ascii_end());
}

fn to_stdout(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Ok(()) => {}
        // `jukebox similar X | head -1`: the reader is gone, so there is nothing left to do.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        // A script must not take partial output for all of it.
        Err(e) => {
            error(&format!("the output cannot be written: {e}"));
            std::process::exit(1);
        }
    }
}

/// Writes an error to stderr.
pub fn error(text: &str) {
    note(&format!("jukebox: {text}"));
}

/// Writes a note to stderr. Continuation lines of our own messages are indented by two spaces; any other newline is
/// shown as `?`.
pub fn note(text: &str) {
    // In one write, so that concurrent output or a closing terminal cannot split it.
    let _ = std::io::stderr().write_all(format!("{}\n", lines(text)).as_bytes());
}

/// Sends what [`trouble`] tells to this stderr too, while the process's own is the log. Only the first call counts.
pub fn tell_trouble(stderr: OwnedFd) {
    let _ = WATCHED.set(File::from(stderr));
}

/// Writes a note about something that went wrong behind the screen to stderr (the log while the player runs), and to the
/// stderr of [`tell_trouble`].
pub fn trouble(text: &str) {
    note(text);
    if let Some(mut watched) = WATCHED.get() {
        let _ = watched.write_all(format!("{}\n", lines(text)).as_bytes());
    }
}

/// Writes several lines to stderr, as formatted by clap. A newline in a quoted argument is kept.
pub fn block(text: &str) {
    let lines: String = text.trim_end().split('\n').map(|line| format!("{}\n", text::printable(line))).collect();
    let _ = std::io::stderr().write_all(lines.as_bytes());
}

/// Overwrites the last line on stderr, to show progress to a person.
pub fn progress(text: &str) {
    let _ = std::io::stderr().write_all(format!("\r\x1b[K{}", text::printable(text)).as_bytes());
}

/// Whether stdout is a terminal.
pub fn to_person() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether stderr is a terminal.
pub fn person_watches() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints panics through here too: a panic message may quote a file.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("without words");
        let at = info.location().map_or(String::new(), |at| format!(" at {at}"));
        let thread = std::thread::current();
        note(&format!("thread '{}' panicked{at}: {said}", thread.name().unwrap_or("unnamed")));
        let trace = std::backtrace::Backtrace::capture();
        if trace.status() == std::backtrace::BacktraceStatus::Captured {
            block(&trace.to_string());
        }
    }));
}

/// Safe text with the newlines that are kept.
fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains("\n  ") {
        return text::printable(text);
    }
    text.split("\n  ").map(text::printable).collect::<Vec<_>>().join("\n  ").into()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    #[test]
    fn trouble_reaches_whoever_started_the_program() {
        let (reader, writer) = std::io::pipe().unwrap();
        tell_trouble(writer.into());
        trouble("[hooks] on_track: x\x1b[2J: gone");
        // Other tests may have troubles, too.
        let told = BufReader::new(reader).lines().map_while(Result::ok).find(|line| line.contains("gone"));
        assert_eq!(told.as_deref(), Some("[hooks] on_track: x?[2J: gone"));
    }

    #[test]
    fn only_our_own_newlines_are_kept() {
        assert_eq!(lines("a\nb\x1b[2J"), "a?b?[2J");
        assert_eq!(lines("wrong here\n  genre==x\n        ^"), "wrong here\n  genre==x\n        ^");
    }
}
