//! The encoder to listen with: the built-in one, or the user's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jukebox_encoder::{Card, Input};
use serde::{Deserialize, Serialize};

use super::error::ModelError;
use crate::files;
use crate::latent::{Axis, Reference, Words};
use crate::paths::Paths;
use crate::store::Generation;

/// The file of the encoder that ships.
pub static SHIPPED: &[u8] = include_bytes!("../../models/ear.safetensors");
/// Encoders that shipped earlier, by name; still built in for `jukebox model use`.
pub static OLDER: &[(&str, &[u8])] = &[("strobe", include_bytes!("../../models/strobe.safetensors"))];

/// The map from the output of the tagger `musicnn` to the shipped encoder's dimensions ([`jukebox_encoder::import`]).
pub static MUSICNN: &[u8] = include_bytes!("../../models/musicnn-axes.safetensors");

/// Whether the player makes this kind of image for its library; full mels would take ten times the space.
pub fn can_hear(input: Input) -> bool {
    matches!(input, Input::Strobe | Input::Patch)
}

/// The image cache file for a kind of image.
pub fn images(paths: &Paths, input: Input) -> PathBuf {
    match input {
        Input::Strobe => paths.strobes(),
        Input::Patch => paths.patches(),
        Input::Mel => paths.cache.join("full.bin"),
        Input::Power => paths.cache.join("power.bin"),
    }
}

/// A reference to a model file, with its hash because the file may be replaced at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The user's model file; `None` for the shipped one.
    pub path: Option<PathBuf>,
    /// Hexadecimal hash of the file's bytes.
    pub hash: String,
}

impl Source {
    /// The file's bytes.
    ///
    /// # Errors
    /// When it cannot be read, or has become another model.
    pub fn read(&self) -> Result<Vec<u8>, ModelError> {
        let Some(path) = &self.path else { return Ok(SHIPPED.to_vec()) };
        let bytes = files::read(path, files::MODEL).map_err(|cause| ModelError::Lost { path: path.clone(), cause })?;
        if blake3::hash(&bytes).to_hex().as_str() != self.hash {
            return Err(ModelError::Replaced(path.clone()));
        }
        Ok(bytes)
    }
}

/// The weights in use and their card.
#[derive(Clone, Debug)]
pub struct Model {
    /// The safetensors file's bytes.
    pub weights: Arc<[u8]>,
    /// Its card.
    pub card: Card,
    /// The file, or `None` for the shipped one.
    pub path: Option<PathBuf>,
}

impl Model {
    /// The model in use: `models/current` in the data directory when it is there, else the shipped one.
    ///
    /// # Errors
    /// When the user's model is damaged. (The shipped one is tested.)
    pub fn in_use(paths: &Paths) -> Result<Model, ModelError> {
        let own = Model::file(paths);
        match files::read(&own, files::MODEL) {
            Ok(bytes) => Model::of(bytes.into(), Some(&own)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Model::shipped(),
            Err(cause) => Err(ModelError::Unreadable { path: own, cause }),
        }
    }

    /// The file of the user's model.
    pub fn file(paths: &Paths) -> PathBuf {
        paths.models().join("current")
    }

    /// A short name for messages.
    pub fn name(&self) -> String {
        match self.path {
            Some(_) => format!("{} {}", self.card.arch, self.card.hash.get(..8).unwrap_or_default()),
            None => "the shipped encoder".into(),
        }
    }

    /// The built-in model.
    ///
    /// # Errors
    /// When the built-in file is broken.
    pub fn shipped() -> Result<Model, ModelError> {
        Model::of(SHIPPED.into(), None)
    }

    fn of(weights: Arc<[u8]>, path: Option<&Path>) -> Result<Model, ModelError> {
        let path = path.map(Path::to_path_buf);
        let card = Card::read(&weights).map_err(|cause| match path.clone() {
            Some(path) => ModelError::Unusable { path, cause },
            None => ModelError::Broken(cause),
        })?;
        if !card.input().is_some_and(can_hear) {
            let (arch, bands, steps) = (card.arch.to_string(), card.bands, card.steps);
            return Err(ModelError::Unheard { path, arch, bands, steps });
        }
        Ok(Model { weights, card, path })
    }

    /// The kind of images that it takes.
    pub fn input(&self) -> Input {
        self.card.input().unwrap_or_default()
    }

    /// A reference for reading its weights again.
    pub fn source(&self) -> Source {
        Source { path: self.path.clone(), hash: self.card.hash.clone() }
    }

    /// The name under which this encoder's latents are stored.
    ///
    /// # Errors
    /// When the card's hash is invalid.
    pub fn generation(&self) -> Result<Generation, ModelError> {
        Ok(self.card.hash[..16.min(self.card.hash.len())].parse()?)
    }

    /// Names of its dimensions; empty when they have none.
    pub fn axes(&self) -> Vec<jukebox_encoder::Axis> {
        self.card.axes.clone()
    }

    /// Names of its dimensions and tags, sanitised.
    pub fn words(&self) -> Words {
        let axis = |axis: &jukebox_encoder::Axis| Axis {
            name: crate::text::sanitize(&axis.name),
            low: crate::text::sanitize(&axis.low),
            high: crate::text::sanitize(&axis.high),
        };
        let tags = self.card.tags.iter().map(|tag| crate::text::sanitize(tag));
        Words { axes: self.card.axes.iter().map(axis).collect(), tags: tags.collect() }
    }

    /// The frozen reference distribution of its latents.
    pub fn reference(&self) -> Arc<Reference> {
        let quantiles = self.card.reference.clone();
        Arc::new(Reference { quantiles, unit: self.card.unit, words: self.words() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_replaced_is_not_taken_for_the_model() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("current");
        std::fs::write(&path, b"one").unwrap();
        let source = Source { path: Some(path.clone()), hash: blake3::hash(b"one").to_hex().to_string() };
        assert_eq!(source.read().unwrap(), b"one");
        std::fs::write(&path, b"two").unwrap();
        assert!(matches!(source.read(), Err(ModelError::Replaced(replaced)) if replaced == path));
        assert_eq!(Source::default().read().unwrap(), SHIPPED);
    }
}
