//! The files of an export: one file, a zip archive, or the directory of an unpacked one.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::error::ExportError;
use crate::files;

/// Size limit of what is read of one export, unpacked, in bytes.
const LARGEST: u64 = 2 << 30;
/// Depth limit of directories.
const DEEPEST: usize = 8;
/// What a zip archive begins with.
const ZIP: [u8; 4] = *b"PK\x03\x04";

/// Hands over the name and text of every file of an export. In archives and directories only files with these endings
/// count, and if a directory `listens` is in it, only those below that: the rest of an export is not listens.
///
/// # Errors
/// Something cannot be read, or `each` fails.
pub(super) fn each(
    path: &Path,
    endings: &[&str],
    each: &mut dyn FnMut(&str, &str) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let shown = path.display();
    let explain = |cause| ExportError::File { place: shown.to_string(), cause };
    if path.is_dir() {
        let mut found = Vec::new();
        walk(path, DEEPEST, &mut found).map_err(explain)?;
        for file in wanted(found, endings) {
            let place = file.display().to_string();
            match files::read(&file, LARGEST) {
                Ok(bytes) => each(&place, &text(&bytes))?,
                Err(cause) => return Err(ExportError::File { place, cause }),
            }
        }
        return Ok(());
    }
    let (mut file, _) = files::open(path).map_err(explain)?;
    let mut head = Vec::new();
    file.by_ref().take(ZIP.len() as u64).read_to_end(&mut head).map_err(explain)?;
    if head != ZIP {
        return each(&shown.to_string(), &text(&files::read(path, LARGEST).map_err(explain)?));
    }
    let mut archive =
        ZipArchive::new(file).map_err(|cause| ExportError::Archive { place: shown.to_string(), cause })?;
    let names = archive.file_names().map(PathBuf::from).collect();
    let mut left = LARGEST;
    for name in wanted(names, endings) {
        let name = name.to_string_lossy();
        let place = format!("{shown}: {name}");
        let bytes = unpack(&mut archive, &name, &place, left)?;
        left -= bytes.len() as u64;
        each(&place, &text(&bytes))?;
    }
    Ok(())
}

/// Unpacks a file of at most `limit` bytes; `place` is for messages.
fn unpack(archive: &mut ZipArchive<File>, name: &str, place: &str, limit: u64) -> Result<Vec<u8>, ExportError> {
    let place = || place.to_string();
    let entry = archive.by_name(name).map_err(|cause| ExportError::Archive { place: place(), cause })?;
    let mut bytes = Vec::new();
    let read = entry.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|cause| ExportError::File { place: place(), cause })?;
    if bytes.len() as u64 > limit {
        return Err(ExportError::TooLarge { place: place(), mib: LARGEST >> 20 });
    }
    Ok(bytes)
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
}

/// The files with these endings, those below `listens` if there are any, sorted.
fn wanted(mut paths: Vec<PathBuf>, endings: &[&str]) -> Vec<PathBuf> {
    let ends = |path: &Path| {
        path.extension().and_then(|e| e.to_str()).is_some_and(|e| endings.contains(&e.to_ascii_lowercase().as_str()))
    };
    paths.retain(|path| ends(path));
    let listens = |path: &PathBuf| path.parent().is_some_and(|dir| dir.iter().any(|part| part == "listens"));
    if paths.iter().any(listens) {
        paths.retain(listens);
    }
    paths.sort();
    paths
}

/// All regular files below a directory. Links are not followed, which prevents cycles.
fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_file() {
            found.push(entry.path());
        } else if kind.is_dir() && depth > 0 {
            walk(&entry.path(), depth - 1, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn read(path: &Path) -> Result<Vec<String>, ExportError> {
        let mut texts = Vec::new();
        each(path, &["json", "jsonl"], &mut |_, text| {
            texts.push(text.to_owned());
            Ok(())
        })?;
        Ok(texts)
    }

    #[test]
    fn an_export_is_read_packed_and_unpacked() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, packed) = (dir.path().join("export"), dir.path().join("export.zip"));
        let mut archive = ZipWriter::new(File::create(&packed).unwrap());
        for (name, text) in [
            ("user.json", "user"),
            ("listens/2023/2.jsonl", "\u{feff}second"),
            ("listens/2023/1.jsonl", "first"),
            ("listens/README.txt", "text"),
        ] {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, text).unwrap();
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        assert_eq!(read(&folder).unwrap(), ["first", "second"]);
        assert_eq!(read(&packed).unwrap(), ["first", "second"]);
        assert_eq!(read(&folder.join("listens/README.txt")).unwrap(), ["text"], "a named file has any ending");
        // Without a directory of listens every file counts.
        std::fs::remove_dir_all(folder.join("listens")).unwrap();
        assert_eq!(read(&folder).unwrap(), ["user"]);
        std::fs::write(&packed, b"PK\x03\x04 cut off").unwrap();
        assert!(read(&packed).unwrap_err().to_string().contains("export.zip"));
        assert!(read(&dir.path().join("none")).unwrap_err().to_string().contains("none"));
    }
}
