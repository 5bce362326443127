//! `jukebox signature FILE…`: what a set of files agrees on, how two sets differ, and the saved
//! signatures.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{ArgGroup, Args};

use super::{asker, local, print};
use crate::app::sets::SetName;
use crate::ask::protocol::{Reply, Request};
use crate::ask::set::{Set, Side};
use crate::audio::cue;
use crate::config::Config;
use crate::describe;
use crate::latent::{ALL_DIMS, DIMS};
use crate::library::playlist;
use crate::library::signatures::Signatures;
use crate::paths::Paths;

/// Number of dimensions listed by which the library deviates most from the model's reference.
const LIBRARY_DIMS: usize = 10;

/// `jukebox signature`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(false).args(["files", "name", "library", "compare", "list"]))]
pub struct SignatureArgs {
    /// The members: files, directories of the library, playlists
    pub files: Vec<PathBuf>,
    /// Use the whole albums that the files belong to
    #[arg(long, requires = "files")]
    pub album: bool,
    /// Show the saved signature of this name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Compare the whole library with the encoder's reference
    #[arg(long)]
    pub library: bool,
    /// Compare two sets: saved names, files, directories, playlists, or `library`
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub compare: Option<Vec<PathBuf>>,
    /// List the saved signatures
    #[arg(long)]
    pub list: bool,
    /// Use these dimensions (`3,calm*2,tempo`: numbers or names), all but some (`-5`) or all (`off`) instead of choosing by test
    #[arg(long, value_name = "LIST", allow_hyphen_values = true, value_parser = numbers_exist, conflicts_with_all = ["library", "compare", "list"])]
    pub dims: Option<String>,
    /// Save the signature under a name
    #[arg(long, value_name = "NAME", requires = "files")]
    pub save: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Checks the numbers in a list of dimensions. Names can be checked only against the library.
fn numbers_exist(list: &str) -> Result<String> {
    for part in list.split(',') {
        let part = part.trim().trim_start_matches('-');
        let number = part.split('*').next().unwrap_or(part).trim();
        if number.parse::<usize>().is_ok_and(|n| n == 0 || n > ALL_DIMS) {
            bail!("there is no dimension {number}: they are 1 to {DIMS}, or names");
        }
    }
    Ok(list.to_owned())
}

/// Prints a signature, a comparison, or the names of the saved signatures.
///
/// # Errors
/// When a file cannot be read as music, or a name does not exist.
pub fn run(args: SignatureArgs, config: &Config, paths: &Paths) -> Result<()> {
    if args.list {
        return list(&Signatures::in_dir(paths.signatures()), args.json);
    }
    let mut asker = asker::Asker::new(paths, config);
    if let Some([a, b]) = args.compare.as_deref() {
        return compare(&mut asker, a, b, args.json);
    }
    let choice = args.dims.clone();
    let (label, set) = match (&args.name, args.library) {
        (Some(name), _) => (name.clone(), Set::Saved(name.clone())),
        (None, true) => ("library".into(), Set::Library),
        (None, false) => ("files".into(), files(&args.files, args.album)?),
    };
    let side = Side { label, set, choice };
    let card = match asker.ask(Request::Signature(side.clone()))? {
        Reply::Signature(card) => *card,
        _ => bail!(asker::OTHER_ANSWER),
    };
    if let Some(name) = &args.save {
        asker.ask(Request::Save { name: name.clone(), side })?;
        print::note(&format!("saved {name}"));
    }
    if args.json {
        return print::json(&card);
    }
    let cards = asker.cards()?;
    let lines = if card.library {
        describe::signature::library_lines(&card.report, LIBRARY_DIMS, Some(&cards))
    } else {
        describe::signature::lines(&card.report, ALL_DIMS, Some(&cards))
    };
    lines.iter().for_each(|l| print::line(l));
    if card.missing > 0 {
        print::note(&format!("{} of them are not analysed yet", card.missing));
    }
    Ok(())
}

fn compare(asker: &mut asker::Asker<'_>, a: &Path, b: &Path, json: bool) -> Result<()> {
    let request = Request::Compare(side(a)?, side(b)?);
    let Reply::Comparison(comparison) = asker.ask(request)? else { bail!(asker::OTHER_ANSWER) };
    if json {
        return print::json(&comparison);
    }
    let cards = asker.cards()?;
    describe::compare::lines(&comparison, Some(&cards)).iter().for_each(|l| print::line(l));
    Ok(())
}

/// Resolves an argument of `--compare`: the library, a path, or a saved signature.
fn side(word: &Path) -> Result<Side> {
    let label = crate::text::sanitize(&word.to_string_lossy());
    let set = match word.to_str().map(str::parse::<SetName>) {
        _ if word.exists() || cue::stat(word).is_ok() => files(&[word.to_path_buf()], false)?,
        Some(Ok(SetName::Library)) => Set::Library,
        Some(Ok(SetName::Saved(name))) => Set::Saved(name),
        Some(Ok(_)) => {
            bail!("'{label}' is known only to the player; use `jukebox send signature compare {label} …`");
        }
        _ => bail!("{label}: neither a file nor the name of a signature"),
    };
    Ok(Side { label, set, choice: None })
}

/// Collects files, with playlists expanded, by the paths that the store uses.
fn files(named: &[PathBuf], albums: bool) -> Result<Set> {
    let mut paths = Vec::new();
    for path in named {
        if playlist::is_playlist(path) {
            // Files of a playlist may no longer exist; they count as missing.
            let read = playlist::paths(path)?.into_iter().map(|entry| playlist::located(entry, cue::is_there));
            paths.extend(read.map(|entry| cue::canonicalize(&entry).unwrap_or(entry)));
        } else {
            paths.extend(local::absolute(std::slice::from_ref(path))?);
        }
    }
    if paths.is_empty() {
        bail!("the playlist names no files");
    }
    Ok(Set::Files { paths, albums })
}

fn list(signatures: &Signatures, json: bool) -> Result<()> {
    let names = signatures.names();
    if json {
        return print::json(&names);
    }
    if names.is_empty() {
        print::note("no saved signatures yet; `jukebox signature FILE… --save NAME` makes one");
    }
    for name in names {
        match signatures.load(&name) {
            Ok(saved) => {
                let choice = if saved.choice.is_empty() { "auto" } else { &saved.choice };
                let tracks = if saved.members.len() == 1 { "track" } else { "tracks" };
                print::line(&format!("{name}: {} {tracks}, {}", saved.members.len(), crate::text::sanitize(choice)));
            }
            Err(why) => print::error(&why.to_string()),
        }
    }
    Ok(())
}
