//! What is asked for on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

/// How it is called.
pub const USAGE: &str = "\
usage: big_library DIR [FILES=100000] [SEED=1] [--home HOME]

Writes so many small tagged files into DIR, which must be empty or new.
--home HOME  Also fills the store of a JUKEBOX_HOME with their tags and with made-up
             latents, words, descriptors and loudness, as if all of them had been listened
             to: JUKEBOX_HOME=HOME jukebox DIR, JUKEBOX_HOME=HOME jukebox map --measure.
             What is proposed there means nothing; name a home of its own.";

/// What is to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub dir: PathBuf,
    pub files: usize,
    pub seed: u64,
    pub home: Option<PathBuf>,
}

impl Options {
    /// Reads arguments; `None` where only the usage is wanted.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, String> {
        let (mut args, mut rest, mut home) = (args.into_iter(), Vec::new(), None);
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--home") => home = Some(PathBuf::from(args.next().ok_or("--home wants a directory")?)),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("{option}: no such option; a directory of that name is ./{option}\n{USAGE}"));
                }
                _ => rest.push(arg),
            }
        }
        let mut rest = rest.into_iter();
        let dir = rest.next().map(PathBuf::from).ok_or(USAGE)?;
        let mut number = |otherwise: u64| match rest.next() {
            None => Ok(otherwise),
            Some(text) => text.to_str().and_then(|t| t.parse().ok()).ok_or(format!("not a number: {}", text.display())),
        };
        let (files, seed) = (number(100_000)?, number(1)?);
        match rest.next() {
            None => Ok(Some(Options { dir, files: files as usize, seed, home })),
            Some(more) => Err(format!("{}: one argument too many\n{USAGE}", more.display())),
        }
    }
}
