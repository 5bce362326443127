//! Where the places of a map are kept: one file for each encoder. They are derived; what cannot be read is made again.

use std::io;
use std::path::{Path, PathBuf};

use crate::files;
use crate::latent::map::Places;
use crate::store::private;

/// A larger file is none of ours: 24 bytes a track.
const LARGEST: u64 = 1 << 28;

/// The file of a generation of latents.
fn file(dir: &Path, generation: &str) -> PathBuf {
    let name: String = generation.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    dir.join(format!("{name}.map"))
}

/// The places of a generation; `None` where none are kept, or they are damaged or of another version.
pub fn read(dir: &Path, generation: &str) -> Option<Places> {
    let bytes = files::read(&file(dir, generation), LARGEST).ok()?;
    Places::kept(&bytes, generation)
}

/// Keeps places. Without bytes nothing is written.
///
/// # Errors
/// Any I/O error; what was kept before is then unchanged.
pub fn write(dir: &Path, places: &Places) -> io::Result<()> {
    match places.bytes() {
        bytes if bytes.is_empty() => Ok(()),
        bytes => private::replace(&file(dir, places.generation()), &bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::TrackId;

    #[test]
    fn every_encoder_has_a_map_of_its_own_and_a_damaged_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let places = |name: &str, x: f32| Places::of_tracks(name.into(), vec![(TrackId([1; 16]), [x, 0.5])]);
        for (name, x) in [("one", 0.1), ("two", 0.2)] {
            write(dir.path(), &places(name, x)).unwrap();
        }
        assert_eq!(read(dir.path(), "one"), Some(places("one", 0.1)));
        assert_eq!(read(dir.path(), "three"), None);
        std::fs::write(dir.path().join("two.map"), b"jbxmap1\nwhatever").unwrap();
        assert_eq!(read(dir.path(), "two"), None);
        write(dir.path(), &places("../../x", 0.3)).unwrap();
        assert!(dir.path().join("x.map").is_file(), "no generation leads out of the directory");
    }
}
