//! Gets the files of a plugin from a folder, or by the user's own git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow, bail};

use crate::files;
use crate::queue::plugin::source;

/// Size limit of each file, in bytes.
const MOST_BYTES: u64 = 256 * 1024;
/// The files of a plugin that are taken, where they are; nothing else is.
const TAKEN: [&str; 8] =
    ["plugin.toml", "main.luau", "test.luau", "README.md", "README", "LICENSE", "LICENCE", "LICENSE.md"];

/// The files of a plugin: contents by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Where a plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder on this computer.
    Folder(PathBuf),
    /// A repository and a folder in it.
    Git {
        /// What git clones.
        url: String,
        /// The folder in it; empty for the whole.
        folder: String,
    },
}

/// What was found there.
#[derive(Debug)]
pub struct Found {
    /// The plugin's name.
    pub name: String,
    /// Its files.
    pub files: Files,
    /// The revision; empty for a folder.
    pub rev: String,
}

impl Place {
    /// Reads a source as it is typed.
    ///
    /// # Errors
    /// It is none.
    pub fn of(text: &str) -> Result<Place> {
        let wrong = || anyhow!("{text}: a source is a folder such as ./drift, OWNER/REPO[:FOLDER], or URL[#FOLDER]");
        if text.starts_with(['/', '.', '~']) {
            // A shell has expanded `~`.
            return Ok(Place::Folder(text.into()));
        }
        let (url, folder) = if text.contains("://") {
            let (url, folder) = text.split_once('#').unwrap_or((text, ""));
            if !url.starts_with("https://") && !url.starts_with("ssh://") && !url.starts_with("file://") {
                bail!("{text}: only https://, ssh:// and file:// are fetched from");
            }
            (url.to_string(), folder)
        } else {
            let (repo, folder) = text.split_once(':').unwrap_or((text, ""));
            let (owner, name) = repo.split_once('/').ok_or_else(wrong)?;
            let word = |word: &str| {
                let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                !word.is_empty() && !word.starts_with(['-', '.']) && word.chars().all(allowed)
            };
            if !word(owner) || !word(name) {
                return Err(wrong());
            }
            (format!("https://github.com/{owner}/{name}.git"), folder)
        };
        // It is joined to the clone's path.
        let inside = |part: &str| !part.is_empty() && part != ".." && part != ".";
        if !folder.is_empty() && !folder.split('/').all(inside) {
            bail!("{text}: the folder must lie in the repository");
        }
        Ok(Place::Git { url, folder: folder.to_string() })
    }

    /// Gets the plugin.
    ///
    /// # Errors
    /// git fails, or there is no plugin; one line.
    pub fn fetch(&self) -> Result<Found> {
        match self {
            Place::Folder(folder) => {
                let folder = folder.canonicalize().map_err(|e| anyhow!("{}: {e}", folder.display()))?;
                let (name, files) = taken(&folder, None)?;
                Ok(Found { name, files, rev: String::new() })
            }
            Place::Git { url, folder } => {
                let dir = Scratch::new()?;
                let clone = dir.0.join("clone");
                git(Command::new("git")
                    .args(["clone", "--quiet", "--depth", "1", "--no-tags", "--", url])
                    .arg(&clone))?;
                let rev = git(Command::new("git").arg("-C").arg(&clone).args(["rev-parse", "HEAD"]))?;
                let (name, files) = taken(&clone.join(folder), Some(url))?;
                Ok(Found { name, files, rev: rev.trim().to_string() })
            }
        }
    }
}

/// The name of the plugin in a folder, and its files; of a whole repository (`url`) the name is the repository's.
fn taken(folder: &Path, url: Option<&str>) -> Result<(String, Files)> {
    let at = url.map_or_else(|| folder.display().to_string(), str::to_string);
    if source::named(folder).is_ok_and(|name| name.is_none()) {
        let listed = std::fs::read_dir(folder).map_err(|e| anyhow!("{at}: {e}"))?;
        let mut inside: Vec<String> =
            listed.flatten().filter_map(|entry| source::named(&entry.path()).ok().flatten()).collect();
        inside.sort();
        return Err(match inside.is_empty() {
            true => anyhow!("{at}: there is no plugin.toml"),
            false => anyhow!("{at}: there is no plugin.toml, but in these folders: {}", inside.join(", ")),
        });
    }
    let last = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let named = match url.filter(|_| last == "clone") {
        Some(url) => url.rsplit('/').next().unwrap_or_default().trim_end_matches(".git").to_string(),
        None => last,
    };
    let name = named.trim_end_matches(source::ADDED).trim_start_matches("jukebox-").to_string();
    if !source::is_name(&name) {
        bail!("{at}: '{}' cannot be a plugin's name", crate::text::sanitize(&name));
    }
    Ok((name, read(folder)?))
}

/// The files of a plugin's folder. Links are not followed: what they lead to is not the plugin's.
///
/// # Errors
/// A file cannot be read, or is no regular file.
pub fn read(folder: &Path) -> Result<Files> {
    let mut found = Files::new();
    for name in TAKEN {
        let path = folder.join(name);
        match path.symlink_metadata() {
            Err(_) => {}
            Ok(meta) if !meta.is_file() => bail!("{}: not a regular file", path.display()),
            Ok(_) => {
                let contents = files::read(&path, MOST_BYTES).map_err(|e| anyhow!("{}: {e}", path.display()))?;
                found.insert(name.to_string(), contents);
            }
        }
    }
    Ok(found)
}

/// Runs git, which asks nothing; what it printed.
fn git(command: &mut Command) -> Result<String> {
    command.stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0");
    let ran = command.output().map_err(|e| anyhow!("git cannot be run: {e}; it fetches plugins, so install it"))?;
    if ran.status.success() {
        return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word");
    Err(anyhow!("git: {}", crate::text::sanitize(last)))
}

/// A directory that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let dir = std::env::temp_dir().join(format!("jukebox-plugin-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        // Not `private::dir`: one that is there already may be somebody else's.
        let made = std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(&dir);
        made.map(|()| Scratch(dir.clone())).map_err(|e| anyhow!("{}: cannot be made: {e}", dir.display()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
