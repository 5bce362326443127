//! The files of an export: one file, a zip archive, or the directory of an unpacked one.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zip::ZipArchive;

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
/// Something cannot be read, or `each` fails; one line with the path.
pub(super) fn each(
    path: &Path,
    endings: &[&str],
    each: &mut dyn FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), String> {
    let shown = path.display();
    let explain = |e: &dyn std::fmt::Display| format!("{shown}: {e}");
    if path.is_dir() {
        let mut found = Vec::new();
        walk(path, DEEPEST, &mut found).map_err(|e| explain(&e))?;
        for file in wanted(found, endings) {
            let shown = file.display();
            let bytes = files::read(&file, LARGEST).map_err(|e| format!("{shown}: {e}"))?;
            each(&shown.to_string(), &text(&bytes))?;
        }
        return Ok(());
    }
    let (mut file, _) = files::open(path).map_err(|e| explain(&e))?;
    let mut head = Vec::new();
    file.by_ref().take(ZIP.len() as u64).read_to_end(&mut head).map_err(|e| explain(&e))?;
    if head != ZIP {
        return each(&shown.to_string(), &text(&files::read(path, LARGEST).map_err(|e| explain(&e))?));
    }
    let mut archive = ZipArchive::new(file).map_err(|e| explain(&e))?;
    let names = archive.file_names().map(PathBuf::from).collect();
    let mut left = LARGEST;
    for name in wanted(names, endings) {
        let name = name.to_string_lossy();
        let bytes = unpack(&mut archive, &name, left).map_err(|e| format!("{shown}: {name}: {e}"))?;
        left -= bytes.len() as u64;
        each(&format!("{shown}: {name}"), &text(&bytes))?;
    }
    Ok(())
}

fn unpack(archive: &mut ZipArchive<File>, name: &str, limit: u64) -> Result<Vec<u8>, String> {
    let entry = archive.by_name(name).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    entry.take(limit + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("the archive unpacks to more than {} MiB", LARGEST >> 20));
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

    fn read(path: &Path) -> Result<Vec<String>, String> {
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
        assert!(read(&packed).unwrap_err().contains("export.zip"));
        assert!(read(&dir.path().join("none")).unwrap_err().contains("none"));
    }
}
