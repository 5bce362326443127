//! Descriptors of audio files: measured by a `Listener` and cached, so that a second run decodes nothing and a resumed one
//! learns from the same numbers. A file that could not be described is kept as one of which nothing is known.

use std::path::{Path, PathBuf};

use super::fault::{CacheError, ListenError, Unheard};
use super::listen::{Heard, Listener};
use crate::latent::named::{self, NAMED, NamedValues};
use crate::sound::descriptors::VERSION;
use crate::store::ImageCache;
use crate::track::Probe;

/// Bytes of a track in the cache.
const SIZE: usize = 4 * NAMED.len();

/// The name of the cache of these descriptors in this order; those of another version of the algorithms, or in another
/// order, are in another file.
fn cache_of(names: &[&str]) -> String {
    format!("descriptors-{VERSION}-{:08x}.bin", crc32fast::hash(names.join("\n").as_bytes()))
}

/// The descriptors of every file that could be heard, without its loudness, which takes the whole file; NaN where
/// unknown.
pub(super) fn measure(
    files: &[PathBuf],
    heard: &[Result<Heard, Unheard>],
    directory: &Path,
    listener: &mut dyn Listener,
) -> Result<Vec<NamedValues>, ListenError> {
    let path = directory.join(cache_of(&NAMED.map(|named| named.name)));
    let fault = CacheError::of(&path);
    let mut cache = ImageCache::open(&path, SIZE).map_err(&fault)?;
    let tracks: Vec<_> = heard.iter().map(|heard| heard.as_ref().ok().map(|heard| &heard.probe)).collect();
    let unknown = |(file, probe): (&PathBuf, &Option<&Probe>)| {
        let probe = (*probe)?;
        (!cache.contains(probe.track)).then(|| (probe.track, (file.clone(), probe.secs)))
    };
    let (wanted, asked): (Vec<_>, Vec<_>) = files.iter().zip(&tracks).filter_map(unknown).unzip();
    if !asked.is_empty() {
        listener.describe(&asked, &mut |at, sound| {
            let Some(track) = wanted.get(at) else { return Ok(()) };
            let values = sound.map_or([f32::NAN; NAMED.len()], |sound| named::values(&sound, None));
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            Ok(cache.put(*track, &[bytes]).map_err(&fault)?)
        })?;
    }
    let kept = |probe: &Option<&Probe>| -> Result<NamedValues, ListenError> {
        let bytes = probe.map(|probe| cache.get(probe.track)).transpose().map_err(&fault)?.flatten();
        let mut values = [f32::NAN; NAMED.len()];
        for (value, bytes) in values.iter_mut().zip(bytes.iter().flatten().flat_map(|b| b.chunks_exact(4))) {
            *value = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        Ok(values)
    };
    tracks.iter().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_of_descriptors_has_a_cache_of_its_own() {
        let [one, other] = [["tempo", "key"], ["key", "tempo"]].map(|names| cache_of(&names));
        assert_eq!(cache_of(&["tempo", "key"]), one);
        assert!(one != other && one != cache_of(&["tempokey"]) && one.starts_with("descriptors-"), "{one} {other}");
    }
}
