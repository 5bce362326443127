//! `jukebox demo [DIR]`: creates the demo library.

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::library::demo;
use crate::paths::Paths;

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
pub fn run(args: DemoArgs, paths: &Paths) -> Result<(), String> {
    let dir = args.dir.unwrap_or_else(|| paths.demo());
    make(&dir)?;
    print::path(&dir);
    Ok(())
}

/// Creates the demo library, or completes it, with progress on stderr.
///
/// # Errors
/// When the directory cannot be written to.
pub fn make(dir: &std::path::Path) -> Result<usize, String> {
    demo::make(dir, &mut |done, total| {
        if done == total || done % 8 == 0 {
            print::note(&format!("composing the demo library: {done} of {total} pieces"));
        }
    })
}
