//! Reads the package of the public tagger MSD_musicnn as downloaded by the user: a wheel, or the folder of an unpacked
//! one.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use jukebox_encoder::import::{self, Axes};
use zip::ZipArchive;

use super::fault::ImportError;
use crate::files;

/// The network's folder in the package; `PARTS`: suffixes of the files read from it.
const FOLDER: &str = "MSD_musicnn";
const PARTS: [&str; 2] = [".index", ".data-00000-of-00001"];
/// Maximum size of a part in bytes.
const LARGEST: u64 = 64 << 20;
/// Maximum depth of folders searched.
const DEEPEST: usize = 8;

/// Converts the package at `source` into an encoder's file, with the 200 numbers projected onto dimensions by `axes`.
/// `full` evaluates every band and frame, otherwise every second one.
///
/// # Errors
/// When the file does not exist, is not a package of the tagger, or is damaged.
pub fn import(source: &Path, axes: &Axes, full: bool) -> Result<Vec<u8>, ImportError> {
    let [index, data] = if source.is_dir() { unpacked(source)? } else { wheel(source)? };
    import::musicnn(&index, &data, axes, full).map_err(|cause| ImportError::Network { path: source.to_owned(), cause })
}

/// The parts at any depth in a folder.
fn unpacked(folder: &Path) -> Result<[Vec<u8>; 2], ImportError> {
    // Resolves `.`, which may be the folder itself.
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let found = find(&whole, DEEPEST);
    let found = found.ok_or_else(|| ImportError::NoNetwork { path: folder.to_owned(), network: FOLDER })?;
    let read = |part: &str| {
        let path = found.join(part);
        files::read(&path, LARGEST).map_err(|cause| ImportError::Unreadable { path, cause })
    };
    Ok([read(PARTS[0])?, read(PARTS[1])?])
}

fn find(folder: &Path, depth: usize) -> Option<PathBuf> {
    if folder.ends_with(FOLDER) && PARTS.iter().all(|part| folder.join(part).is_file()) {
        return Some(folder.to_owned());
    }
    let folders = std::fs::read_dir(folder).ok()?.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_dir()));
    let mut folders: Vec<PathBuf> = folders.map(|e| e.path()).collect();
    folders.sort();
    // Links are not followed, which prevents cycles.
    folders.iter().filter(|_| depth > 0).find_map(|inner| find(inner, depth - 1))
}

/// The parts in a wheel, which is a zip archive.
fn wheel(path: &Path) -> Result<[Vec<u8>; 2], ImportError> {
    let whole = path.to_owned();
    let (file, _) = files::open(path).map_err(|cause| ImportError::NoWheel { path: whole.clone(), cause })?;
    let mut archive = ZipArchive::new(file).map_err(|cause| ImportError::NoArchive { path: whole, cause })?;
    Ok([part(&mut archive, path, PARTS[0])?, part(&mut archive, path, PARTS[1])?])
}

fn part(archive: &mut ZipArchive<File>, path: &Path, part: &str) -> Result<Vec<u8>, ImportError> {
    let (path, name) = (path.to_owned(), format!("musicnn/{FOLDER}/{part}"));
    let entry = match archive.by_name(&name) {
        Ok(entry) => entry,
        Err(cause) => return Err(ImportError::NoPart { path, name, cause }),
    };
    let mut bytes = Vec::new();
    match entry.take(LARGEST + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > LARGEST => Err(ImportError::TooLarge { path, name }),
        Ok(_) => Ok(bytes),
        Err(cause) => Err(ImportError::Damaged { path, name, cause }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    #[test]
    fn what_is_no_package_is_named_with_how_to_fetch_it() {
        let home = tempfile::tempdir().unwrap();
        let axes = Axes::none();
        let refused = |path: &Path| import(path, &axes, false).unwrap_err().to_string();
        let (text, folder, wheel) = (home.path().join("a.whl"), home.path().join("folder"), home.path().join("b.whl"));
        std::fs::write(&text, "no archive").unwrap();
        std::fs::create_dir_all(folder.join("deep")).unwrap();
        let mut archive = ZipWriter::new(File::create(&wheel).unwrap());
        archive.start_file("other/file", SimpleFileOptions::default()).unwrap();
        archive.write_all(b"x").unwrap();
        archive.finish().unwrap();
        for path in [&text, &folder, &wheel, &home.path().join("none.whl")] {
            let why = refused(path);
            assert!(why.contains("pip download") && why.contains(path.to_str().unwrap()), "{why}");
        }
    }

    #[test]
    fn a_damaged_network_is_named_in_wheel_and_folder() {
        let home = tempfile::tempdir().unwrap();
        let network = home.path().join("site/musicnn").join(FOLDER);
        std::fs::create_dir_all(&network).unwrap();
        let wheel = home.path().join("musicnn.whl");
        let mut archive = ZipWriter::new(File::create(&wheel).unwrap());
        for part in PARTS {
            std::fs::write(network.join(part), b"cut").unwrap();
            archive.start_file(format!("musicnn/{FOLDER}/{part}"), SimpleFileOptions::default()).unwrap();
            archive.write_all(b"cut").unwrap();
        }
        archive.finish().unwrap();
        for path in [&wheel, &home.path().join("site")] {
            let why = import(path, &Axes::none(), true).unwrap_err().to_string();
            assert!(why.contains("its index is cut off"), "{why}");
        }
    }
}
