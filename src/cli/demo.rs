//! `jukebox demo [DIR]`: creates the demo library.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};
use clap::Args;
use crossbeam_channel::Sender;

use super::print;
use crate::app::Msg;
use crate::library::demo::{self, DemoError};
use crate::paths::Paths;
use crate::store::exported;

/// `jukebox demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Directory to write to [default: jukebox's data directory]
    pub dir: Option<PathBuf>,
}

/// Creates the demo library and prints its path.
///
/// # Errors
/// When the directory cannot be written to.
pub fn run(args: DemoArgs, paths: &Paths) -> Result<()> {
    if args.dir.is_some() {
        exported::restore_umask();
    }
    let dir = args.dir.unwrap_or_else(|| paths.demo());
    make(&dir)?;
    print::path(&dir);
    Ok(())
}

/// Creates the demo library, or completes it, with progress on stderr.
fn make(dir: &Path) -> Result<usize> {
    let made = demo::make(dir, &mut |done, total| {
        if done == total || done % 8 == 0 {
            print::note(&format!("composing the demo library: {done} of {total} pieces"));
        }
    });
    made.map_err(unmade)
}

/// The text alone: `anyhow` takes errors that can leave their thread, and those of the FLAC encoder cannot.
fn unmade(why: DemoError) -> Error {
    anyhow!("{why}")
}

/// Composes the first piece of the player's own demo library. Returns the library's canonical path,
/// and the piece if it was missing. [`complete`] composes the others.
///
/// # Errors
/// When the directory cannot be written to.
pub(super) fn begin(paths: &Paths) -> Result<(PathBuf, Option<PathBuf>)> {
    let dir = paths.demo();
    if !dir.is_dir() {
        print::note("no music directory: composing the demo library");
    }
    let first = demo::make_first(&dir).map_err(unmade)?;
    let found = dir.canonicalize().map_err(|e| anyhow!("{}: {e}", dir.display()))?;
    let first = first.map(|piece| piece.canonicalize().unwrap_or(piece));
    Ok((found, first))
}

/// Composes what is missing of a demo library on a thread of its own; the watcher of the library
/// finds the pieces. A failure is told as an error on the screen.
pub(super) fn complete(dir: PathBuf, messages: Sender<Msg>) {
    let tell = messages.clone();
    let work = move || {
        // On Linux a thread's own: what plays and what is analysed come first.
        let _ = rustix::process::nice(10);
        if let Err(why) = demo::make(&dir, &mut |_, _| {}) {
            let _ = messages.send(Msg::error(format!("the demo library is incomplete: {why}")));
        }
    };
    if let Err(e) = std::thread::Builder::new().name("demo".into()).spawn(work) {
        let _ = tell.send(Msg::error(format!("the demo library stays incomplete: no thread: {e}")));
    }
}
