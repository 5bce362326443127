//! Images of audio files: asked of whoever can decode them, and kept, so that a second run decodes nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jukebox_encoder::Input;

use crate::store::StrobeCache;
use crate::store::strobes::SEGMENT;
use crate::track::Probe;

/// What picture of a clip an encoder sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Image {
    /// 128 single frames out of 30 s ([`crate::sound::strobe()`]).
    #[default]
    Strobe,
    /// Every frame of 29.7 s ([`crate::sound::full()`]).
    Full,
    /// Every frame of 3 s at 16 kHz.
    Patch,
}

impl Image {
    /// The image of so many time steps; `None` when there is none.
    pub fn of_steps(steps: usize) -> Option<Image> {
        [Image::Strobe, Image::Full, Image::Patch].into_iter().find(|image| image.steps() == steps)
    }

    /// The same, as encoders call it.
    pub fn input(self) -> Input {
        match self {
            Image::Strobe => Input::Strobe,
            Image::Full => Input::Mel,
            Image::Patch => Input::Patch,
        }
    }

    /// Its time steps.
    pub fn steps(self) -> usize {
        self.input().steps()
    }

    /// Bytes of one when packed.
    pub fn bytes(self) -> usize {
        self.input().bytes()
    }

    /// The file that keeps them.
    fn cache(self) -> &'static str {
        match self {
            Image::Strobe => "strobes.bin",
            Image::Full => "full.bin",
            Image::Patch => "patches.bin",
        }
    }
}

/// Whoever can look into audio files: decoding is done in other processes, which this room does not know.
pub trait Listener {
    /// A first look at each file, without decoding: identity and tags. As many answers as files, in their order; what is
    /// wrong with a file is its own answer.
    fn probe(&mut self, files: &[PathBuf]) -> Result<Vec<Result<Probe, String>>, String>;

    /// Decodes files of a duration in seconds (0 when unknown) and tells `each` the position of every file with its
    /// packed images ([`Image::bytes`] each; none for silence), in whatever order they are done.
    ///
    /// # Errors
    /// When nothing can be decoded at all, or what `each` says.
    fn listen(&mut self, files: &[(PathBuf, f64)], image: Image, each: &mut Each<'_>) -> Result<(), String>;
}

/// Takes the images of the file at a position, or why there are none.
pub type Each<'a> = dyn FnMut(usize, Result<Vec<Vec<u8>>, String>) -> Result<(), String> + 'a;

/// A file that was listened to.
pub(super) struct Heard {
    pub probe: Probe,
    /// Its packed images, one after another; at least one.
    pub images: Vec<u8>,
}

/// Looks at every file, and listens to those whose images are not kept in `directory` yet. As many answers as files.
pub(super) fn hear(
    files: &[PathBuf],
    image: Image,
    directory: &Path,
    listener: &mut dyn Listener,
) -> Result<Vec<Result<Heard, String>>, String> {
    let path = directory.join(image.cache());
    let fault = |e: std::io::Error| match e.kind() {
        ErrorKind::WouldBlock => {
            format!("{}: another jukebox is analysing into it; wait until it is done", path.display())
        }
        _ => format!("{}: {e}", path.display()),
    };
    fs::create_dir_all(directory).map_err(fault)?;
    let mut cache = StrobeCache::open(&path).map_err(fault)?;
    let mut probes = listener.probe(files)?;
    let mut wanted = Vec::new();
    let mut positions = Vec::new();
    for (position, probe) in probes.iter().enumerate() {
        if let Ok(probe) = probe
            && kept(&cache, probe, image).map_err(fault)?.is_none()
        {
            wanted.push((files[position].clone(), probe.secs));
            positions.push(position);
        }
    }
    let mut faults: Vec<(usize, String)> = Vec::new();
    if !wanted.is_empty() {
        listener.listen(&wanted, image, &mut |at, heard| {
            let Some(&position) = positions.get(at) else { return Ok(()) };
            match (heard, &probes[position]) {
                (Ok(images), _) if images.is_empty() => faults.push((position, "silent from beginning to end".into())),
                (Ok(images), Ok(probe)) => {
                    let blocks: Vec<[u8; SEGMENT]> = images.concat().as_chunks().0.to_vec();
                    cache.put(probe.track, &blocks).map_err(fault)?;
                }
                (Err(why), _) => faults.push((position, why)),
                (_, Err(_)) => {}
            }
            Ok(())
        })?;
    }
    for (position, why) in faults {
        probes[position] = Err(why);
    }
    let heard = |probe: Result<Probe, String>| -> Result<Heard, String> {
        let probe = probe?;
        let images = kept(&cache, &probe, image).map_err(fault)?;
        images.map(|images| Heard { probe, images }).ok_or_else(|| "was not analysed".into())
    };
    Ok(probes.into_iter().map(heard).collect())
}

fn kept(cache: &StrobeCache, probe: &Probe, image: Image) -> std::io::Result<Option<Vec<u8>>> {
    let blocks = cache.get(probe.track)?;
    // A full image is ten blocks; anything else was written by somebody else.
    let whole = |b: &Vec<[u8; SEGMENT]>| !b.is_empty() && (b.len() * SEGMENT).is_multiple_of(image.bytes());
    Ok(blocks.filter(whole).map(|b| b.as_flattened().to_vec()))
}

/// The audio files under a directory, sorted, hidden ones and links left out; and how many names could not be read.
pub(super) fn audio_under(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = fs::read_dir(&next).map_err(|e| format!("{}: cannot be read: {e}", next.display()))?;
        for entry in entries {
            let entry = entry.map_err(|e| format!("{}: cannot be read: {e}", next.display()))?;
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
