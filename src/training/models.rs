//! The installation's models, in the directory `data/models`: each kept model is a file `NAME.safetensors`, and
//! `current` is the one that the player uses. The built-in model is always available as `shipped`; older built-in
//! models have their own names.
//!
//! `current` is a complete file, not a pointer, so it cannot dangle. Changing it takes three steps, each one atomic
//! rename (or, to go back to the shipped model, one unlink); the state after each of them is usable:
//!
//! 1. the model in use is kept under a name, if it has none yet;
//! 2. `previous` is written: the hash of the model in use, which `jukebox model use previous` goes back to;
//! 3. `current` is replaced.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jukebox_encoder::{Card, Device, Encoder, Input};

use super::fault::{Damage, ModelError, NameError, Unfit};
use crate::files;
use crate::latent::soundness;
use crate::paths::Paths;
use crate::sound::trial;
use crate::store::{ImageCache, private};
use crate::text;

/// The name of the model built in.
pub const SHIPPED: &str = "shipped";
/// The name under which a model in use is listed that was not kept under any other name.
pub const CURRENT: &str = "current";
/// The name of the encoder that shipped before: strobe images, trained on genres.
pub const STROBE: &str = "strobe";
/// The name that refers to the model in use before.
pub const PREVIOUS: &str = "previous";

const ENDING: &str = ".safetensors";
/// The minimum number of hash digits for finding a model.
const FEWEST_DIGITS: usize = 4;
/// Files above this size are not read: no encoder is that large.
const LARGEST: u64 = 64 << 20;
/// Number of library images that a model is tried on.
const TRIED: usize = 16;

/// A model that can be used, or whose file is damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its file; `None` for one that is built in.
    pub path: Option<PathBuf>,
    /// The weights of a built-in model; empty for others.
    built_in: &'static [u8],
    /// Size of the weights in bytes.
    pub size: u64,
    /// Whether the player uses it.
    pub in_use: bool,
    /// Its card, or what is wrong with its file.
    pub card: Result<Card, Damage>,
}

impl Entry {
    /// A model stored in a file, not in use.
    pub fn of_file(name: String, path: PathBuf, size: u64, card: Result<Card, Damage>) -> Entry {
        Entry { name, path: Some(path), built_in: &[], size, in_use: false, card }
    }

    /// The first 12 digits of its hash, for lists; empty for a damaged model.
    pub fn short_hash(&self) -> &str {
        self.card.as_ref().map_or("", |card| card.hash.get(..12).unwrap_or(&card.hash))
    }
}

/// The models of an installation.
#[derive(Clone, Debug)]
pub struct Models {
    directory: PathBuf,
    shipped: &'static [u8],
    /// Further built-in models, by name.
    older: &'static [(&'static str, &'static [u8])],
    /// The image caches of the library.
    caches: Vec<(Input, PathBuf)>,
}

impl Models {
    /// The models in a directory, which need not exist, and the shipped one.
    pub fn new(directory: &Path, shipped: &'static [u8]) -> Models {
        Models { directory: directory.to_owned(), shipped, older: &[], caches: Vec::new() }
    }

    /// Adds further built-in models.
    pub fn with_older(self, older: &'static [(&'static str, &'static [u8])]) -> Models {
        Models { older, ..self }
    }

    /// Has models tried on cached images of the library, if it has some of their kind, before they are used.
    pub fn with_images(self, paths: &Paths) -> Models {
        Models { caches: vec![(Input::Strobe, paths.strobes()), (Input::Patch, paths.patches())], ..self }
    }

    /// The file of the model in use; if it is missing, the shipped model is in use.
    pub fn current_file(&self) -> PathBuf {
        self.directory.join(CURRENT)
    }

    /// All models: the built-in ones, then the others by name. Damaged files are listed with their error. A model in
    /// use that was never kept is listed as `current`.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>, ModelError> {
        let built_in = |(name, bytes): (&str, &'static [u8])| Entry {
            name: name.into(),
            path: None,
            built_in: bytes,
            size: bytes.len() as u64,
            in_use: false,
            card: Card::read(bytes).map_err(|e| Damage::BuiltIn { name: name.into(), why: format!("{e:#}") }),
        };
        let older = self.older.iter().copied();
        let mut all: Vec<Entry> = std::iter::once((SHIPPED, self.shipped)).chain(older).map(built_in).collect();
        let mut kept: Vec<(String, PathBuf)> = Vec::new();
        match fs::read_dir(&self.directory) {
            Ok(files) => {
                for file in files {
                    let file = file.map_err(|e| self.unreadable(e))?;
                    let name = file.file_name();
                    if let Some(name) = name.to_string_lossy().strip_suffix(ENDING) {
                        kept.push((text::sanitize(name).to_string(), file.path()));
                    }
                }
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(self.unreadable(e)),
        }
        kept.sort();
        all.extend(kept.into_iter().map(|(name, path)| entry(name, path)));
        let file = self.current_file();
        if !file.exists() {
            all[0].in_use = true;
            return Ok(all);
        }
        let mut current = entry(CURRENT.into(), file);
        let hash = current.card.as_ref().ok().map(|card| card.hash.clone());
        let same = |e: &Entry| hash.is_some() && e.card.as_ref().ok().map(|card| &card.hash) == hash.as_ref();
        // Search kept ones first: if the shipped model was also kept, the user's name for it is clearer.
        match all.iter().rposition(same) {
            Some(at) => all[at].in_use = true,
            None => {
                current.in_use = true;
                all.push(current);
            }
        }
        Ok(all)
    }

    /// The model with this name, or with a hash that begins so (at least four digits); `previous` is the one in use
    /// before. Damaged models are found by name.
    ///
    /// # Errors
    /// When there is none (the error lists the names), or several hashes begin so.
    pub fn find(&self, wanted: &str) -> Result<Entry, ModelError> {
        let all = self.list()?;
        if wanted == PREVIOUS && !all.iter().any(|e| e.name == PREVIOUS) {
            let hash = self.previous().ok_or(ModelError::NoPrevious)?;
            let found = all.into_iter().find(|e| e.card.as_ref().is_ok_and(|card| card.hash == hash));
            return found.ok_or(ModelError::PreviousGone);
        }
        if let Some(entry) = all.iter().find(|e| e.name == wanted) {
            return Ok(entry.clone());
        }
        // One model under several names counts as one: the last, which the user named.
        let mut by_hash: Vec<&Entry> = all.iter().filter(|e| begins(e, wanted)).collect();
        by_hash.dedup_by(|b, a| {
            a.card == b.card && {
                *a = &**b;
                true
            }
        });
        match by_hash[..] {
            [one] => Ok(one.clone()),
            [] => {
                let names = all.iter().map(|e| e.name.clone()).collect();
                Err(ModelError::Unknown { wanted: wanted.into(), names })
            }
            _ => Err(ModelError::Ambiguous(wanted.into())),
        }
    }

    /// The weights of a model.
    ///
    /// # Errors
    /// When its file is damaged or gone.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>, ModelError> {
        if let Err(why) = &entry.card {
            return Err(why.clone().into());
        }
        match &entry.path {
            None => Ok(entry.built_in.to_vec()),
            Some(path) => {
                files::read(path, LARGEST).map_err(|cause| ModelError::Unreadable { path: path.clone(), cause })
            }
        }
    }

    /// Keeps a model under `name`, or under one made of its architecture and the date (`unix`: seconds since 1970,
    /// UTC), and returns the name. Without `name`, a model that is already kept keeps its name.
    ///
    /// # Errors
    /// When it is no model, the name is invalid or taken by another model, or the file cannot be written.
    pub fn add(&self, weights: &[u8], name: Option<&str>, unix: u64) -> Result<String, ModelError> {
        let card = Card::read(weights).map_err(ModelError::NotKept)?;
        let all = self.list()?;
        let same = |e: &&Entry| e.card.as_ref().is_ok_and(|own| own.hash == card.hash);
        let name = match name {
            Some(name) => {
                check_name(name)?;
                match all.iter().find(|e| e.name == name) {
                    Some(taken) if same(&taken) => return Ok(name.into()),
                    Some(_) => return Err(NameError::Taken(name.into()).into()),
                    None => name.to_owned(),
                }
            }
            None => {
                if let Some(kept) = all.iter().filter(same).find(|e| e.name != CURRENT) {
                    return Ok(kept.name.clone());
                }
                let day = format!("{}-{}", card.arch, date(unix));
                let free = |name: &String| !all.iter().any(|e| e.name == *name);
                let mut names = std::iter::once(day.clone()).chain((2..).map(|n| format!("{day}-{n}")));
                names.find(free).unwrap_or(day)
            }
        };
        let path = self.directory.join(format!("{name}{ENDING}"));
        private::replace(&path, weights).map_err(ModelError::unwritten(&path))?;
        Ok(name)
    }

    /// Makes a model the one in use and keeps the old one under a name. Returns the names of the new and the old model.
    /// A running player notices within a second.
    ///
    /// # Errors
    /// When the model is damaged, takes images that the player does not make, or outputs no usable numbers, or when a
    /// file cannot be written; the model in use is then unchanged.
    pub fn use_model(&self, wanted: &str, unix: u64) -> Result<(String, String), ModelError> {
        let found = self.find(wanted)?;
        let bytes = self.read(&found)?;
        // The file may have changed since it was listed.
        let damage = |e| Damage::NoModel { name: found.name.clone(), why: format!("{e:#}") };
        let card = Card::read(&bytes).map_err(damage)?;
        if found.path.is_some() {
            let unused = |why| ModelError::Unused { model: told(&found), why, how: "; use or train another" };
            self.try_out(&bytes).map_err(unused)?;
        }
        let old = self.keep_current(unix)?;
        let hash_in_use = old.1;
        if hash_in_use != card.hash && !hash_in_use.is_empty() {
            let file = self.directory.join(PREVIOUS);
            private::replace(&file, hash_in_use.as_bytes()).map_err(ModelError::unwritten(&file))?;
        }
        let file = self.current_file();
        if found.name == SHIPPED {
            match fs::remove_file(&file) {
                Err(e) if e.kind() != ErrorKind::NotFound => {
                    return Err(ModelError::Unremoved { path: file, cause: e });
                }
                _ => {}
            }
        } else if hash_in_use != card.hash {
            private::replace(&file, &bytes).map_err(ModelError::unwritten(&file))?;
        }
        let name = if found.name == CURRENT { old.0.clone() } else { found.name };
        Ok((name, old.0))
    }

    /// Runs a model on some images of the library and some fixed ones: weights that load may still produce unusable
    /// output.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn try_out(&self, weights: &[u8]) -> Result<(), Unfit> {
        let encoder = Encoder::load(weights, Device::Cpu)?;
        let Card { bands, steps, .. } = *encoder.card();
        let heard = |input: &Input| matches!(input, Input::Strobe | Input::Patch);
        let Some(input) = encoder.card().input().filter(heard) else {
            return Err(Unfit::Images { bands, steps });
        };
        // A cache that cannot be read is ignored.
        let cache = self.caches.iter().find(|(own, _)| *own == input);
        let cache = cache.and_then(|(_, path)| ImageCache::open_read(path, input.bytes()).ok());
        let mut images = cache.map(|cache| cache.sample(TRIED)).unwrap_or_default();
        images.extend(trial::images(bands, steps));
        let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
        let heard = encoder.encode(&images)?;
        let latents: Vec<_> = heard.iter().map(|e| e.latent).collect();
        Ok(soundness::check(&latents)?)
    }

    /// Keeps the model in use under a name if it has none. Returns its name and hash; a damaged model cannot be kept,
    /// and its hash is empty.
    fn keep_current(&self, unix: u64) -> Result<(String, String), ModelError> {
        let all = self.list()?;
        let Some(current) = all.into_iter().find(|e| e.in_use) else { return Ok((SHIPPED.into(), String::new())) };
        let Ok(card) = &current.card else { return Ok((current.name, String::new())) };
        let hash = card.hash.clone();
        if current.name == CURRENT {
            return Ok((self.add(&self.read(&current)?, None, unix)?, hash));
        }
        Ok((current.name, hash))
    }

    /// The hash of the model in use before.
    fn previous(&self) -> Option<String> {
        let hash = files::text(&self.directory.join(PREVIOUS), files::SMALL).ok()?;
        Some(hash.trim().to_owned())
    }

    fn unreadable(&self, cause: std::io::Error) -> ModelError {
        ModelError::Directory { path: self.directory.clone(), cause }
    }
}

/// A model's name and file, for messages.
fn told(entry: &Entry) -> String {
    entry.path.as_ref().map_or_else(|| entry.name.clone(), |path| format!("{} ({})", entry.name, path.display()))
}

fn entry(name: String, path: PathBuf) -> Entry {
    let size = fs::metadata(&path).map_or(0, |m| m.len());
    let card = card(&path, size);
    Entry::of_file(name, path, size, card)
}

fn card(path: &Path, size: u64) -> Result<Card, Damage> {
    if size > LARGEST {
        return Err(Damage::TooLarge(path.to_owned()));
    }
    let unreadable = |e: std::io::Error| Damage::Unreadable { path: path.to_owned(), why: e.to_string() };
    let bytes = files::read(path, LARGEST).map_err(unreadable)?;
    Card::read(&bytes).map_err(|e| Damage::Unusable { path: path.to_owned(), why: format!("{e:#}") })
}

fn begins(entry: &Entry, digits: &str) -> bool {
    digits.len() >= FEWEST_DIGITS && entry.card.as_ref().is_ok_and(|card| card.hash.starts_with(digits))
}

/// Checks that a user may give a model this name.
///
/// # Errors
/// What is wrong with it.
fn check_name(name: &str) -> Result<(), NameError> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let reserved = [SHIPPED, CURRENT, PREVIOUS, STROBE].contains(&name);
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.chars().all(good) {
        return Err(NameError::Letters);
    }
    if reserved {
        return Err(NameError::Reserved(name.into()));
    }
    Ok(())
}

/// The date of a Unix time as `2026-11-23` (Howard Hinnant's `civil_from_days`).
fn date(unix: u64) -> String {
    let days = unix / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
#[path = "models_tests.rs"]
mod tests;
