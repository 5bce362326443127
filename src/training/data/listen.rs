//! Images of audio files: made by a `Listener` and cached, so that a second run decodes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use jukebox_encoder::Input;

use super::fault::{CacheError, FolderError, ListenError, Unheard};
use crate::sound::{Descriptors, views};
use crate::store::ImageCache;
use crate::track::Probe;

/// What is drawn of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawing {
    /// The images of its parts that an encoder takes.
    Parts(Input),
    /// Strobe images of its views ([`crate::sound::views`]).
    Views {
        /// Whether its middle is drawn at other pitches too.
        pitched: bool,
    },
}

impl Drawing {
    /// The name of the cache file.
    fn cache(self) -> String {
        match self {
            Drawing::Parts(Input::Strobe) => "strobes.bin".into(),
            Drawing::Parts(Input::Mel) => "full.bin".into(),
            Drawing::Parts(Input::Patch) => "patches.bin".into(),
            Drawing::Parts(Input::Power) => "power.bin".into(),
            Drawing::Views { .. } => format!("views-{:08x}.bin", views::version()),
        }
    }

    /// Bytes per cache record: a full mel is stored as ten blocks of the size of a strobe image, powers as forty.
    fn block(self) -> usize {
        match self {
            Drawing::Parts(Input::Patch) => Input::Patch.bytes(),
            _ => Input::Strobe.bytes(),
        }
    }

    /// Those bytes of a file's record that are wanted; `None` if they are not all there, or were not written by this code.
    fn wanted(self, mut images: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Drawing::Parts(input) => {
                (!images.is_empty() && images.len().is_multiple_of(input.bytes())).then_some(images)
            }
            Drawing::Views { pitched } => {
                let size = views::count(pitched) * Input::Strobe.bytes();
                let all = images.len() >= size;
                images.truncate(size);
                all.then_some(images)
            }
        }
    }
}

/// Decodes audio files. The implementation uses other processes, which this module does not depend on.
pub trait Listener {
    /// Reads identity and tags of each file without decoding. Returns one result per file, in order.
    ///
    /// # Errors
    /// When no file can be read at all.
    fn probe(&mut self, files: &[PathBuf]) -> Result<Vec<Result<Probe, Unheard>>, ListenError>;

    /// Decodes files, given with their duration in seconds (0 if unknown). Calls `each` with the position of every file
    /// and its packed images ([`Input::bytes`] each; none for silence), in any order.
    ///
    /// # Errors
    /// When nothing can be decoded at all, or when `each` fails.
    fn listen(&mut self, files: &[(PathBuf, f64)], input: Input, each: &mut Each<'_>) -> Result<(), ListenError>;

    /// Decodes files, given as for [`Listener::listen`], and draws their views ([`crate::sound::views`]), with the middle at
    /// other pitches if `pitched`. Calls `each` with the position of every file and the images of all its views (none for
    /// silence), in any order.
    ///
    /// # Errors
    /// As [`Listener::listen`].
    fn views(&mut self, files: &[(PathBuf, f64)], pitched: bool, each: &mut Each<'_>) -> Result<(), ListenError>;

    /// Decodes the middle of files, given as for [`Listener::listen`], and describes it. Calls `each` with the position of
    /// every file, in any order.
    ///
    /// # Errors
    /// As [`Listener::listen`].
    fn describe(&mut self, files: &[(PathBuf, f64)], each: &mut EachSound<'_>) -> Result<(), ListenError>;
}

/// Receives the images of the file at a position, or the reason why there are none.
pub type Each<'a> = dyn FnMut(usize, Result<Vec<Vec<u8>>, Unheard>) -> Result<(), ListenError> + 'a;

/// Receives the descriptors of the file at a position, or the reason why there are none.
pub type EachSound<'a> = dyn FnMut(usize, Result<Descriptors, Unheard>) -> Result<(), ListenError> + 'a;

/// A file that was analysed.
pub(super) struct Heard {
    pub probe: Probe,
    /// Its packed images, concatenated; at least one.
    pub images: Vec<u8>,
}

/// Probes every file, and analyses those whose images are not in `directory` yet. Returns one result per file.
pub(super) fn hear(
    files: &[PathBuf],
    drawing: Drawing,
    directory: &Path,
    listener: &mut dyn Listener,
) -> Result<Vec<Result<Heard, Unheard>>, ListenError> {
    let path = directory.join(drawing.cache());
    let fault = CacheError::of(&path);
    fs::create_dir_all(directory).map_err(&fault)?;
    let mut cache = ImageCache::open(&path, drawing.block()).map_err(&fault)?;
    let mut probes = listener.probe(files)?;
    let mut wanted = Vec::new();
    let mut positions = Vec::new();
    for (position, probe) in probes.iter().enumerate() {
        if let Ok(probe) = probe
            && kept(&cache, probe, drawing).map_err(&fault)?.is_none()
        {
            wanted.push((files[position].clone(), probe.secs));
            positions.push(position);
        }
    }
    let mut faults: Vec<(usize, Unheard)> = Vec::new();
    if !wanted.is_empty() {
        let mut each = |at: usize, heard: Result<Vec<Vec<u8>>, Unheard>| {
            let Some(&position) = positions.get(at) else { return Ok(()) };
            match (heard, &probes[position]) {
                (Ok(images), _) if images.is_empty() => faults.push((position, Unheard::Silent)),
                (Ok(images), Ok(probe)) => {
                    let images = images.concat();
                    let blocks: Vec<&[u8]> = images.chunks(drawing.block()).collect();
                    cache.put(probe.track, &blocks).map_err(&fault)?;
                }
                (Err(why), _) => faults.push((position, why)),
                (_, Err(_)) => {}
            }
            Ok(())
        };
        match drawing {
            Drawing::Parts(input) => listener.listen(&wanted, input, &mut each)?,
            Drawing::Views { pitched } => listener.views(&wanted, pitched, &mut each)?,
        }
    }
    for (position, why) in faults {
        probes[position] = Err(why);
    }
    let heard = |probe: Result<Probe, Unheard>| -> Result<Heard, Unheard> {
        let probe = probe?;
        let images = kept(&cache, &probe, drawing).map_err(&fault)?;
        images.map(|images| Heard { probe, images }).ok_or(Unheard::Skipped)
    };
    Ok(probes.into_iter().map(heard).collect())
}

fn kept(cache: &ImageCache, probe: &Probe, drawing: Drawing) -> std::io::Result<Option<Vec<u8>>> {
    Ok(cache.get(probe.track)?.and_then(|blocks| drawing.wanted(blocks.concat())))
}

/// The audio files under a directory, sorted, without hidden files and links.
pub(super) fn audio_under(directory: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(next) = open.pop() {
        let fault = |cause| FolderError::Unreadable { path: next.clone(), cause };
        for entry in fs::read_dir(&next).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let (path, kind) = (entry.path(), entry.file_type());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            match kind {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() && crate::track::is_audio(&path) => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}
