//! Reads play counts from the cache of cmus (its `cache.c`). A header: "CTC", a version byte, and
//! flags (u32, big-endian: 1 = entries are padded to 8 bytes instead of 4, 2 = integers are
//! big-endian). Then entries: `size` (u32, without padding), `play_count` (i32), 20 bytes of times
//! and rates, 52 reserved bytes, and NUL-terminated texts, the first of which is the file's path.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::Known;
use super::error::{ContentError, ImportError};
use crate::files;

/// The cache version of cmus 2.9 to 2.12.
const VERSION: u8 = 0x0d;
/// Offset of the texts in an entry, in bytes.
const TEXTS: usize = 80;
/// Size limit of a cache file, in bytes.
const LARGEST: u64 = 1 << 30;

/// The default path of cmus' cache; `None` without a home directory.
pub fn file() -> Option<PathBuf> {
    if let Some(home) = std::env::var_os("CMUS_HOME") {
        return Some(PathBuf::from(home).join("cache"));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    let old = home.join(".cmus/cache");
    let config = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    Some(if old.exists() { old } else { config.join("cmus/cache") })
}

/// Reads the files with a play count from a cache.
///
/// # Errors
/// The file cannot be read or parsed.
pub fn read(file: &Path) -> Result<Vec<Known>, ImportError> {
    parse(&files::read(file, LARGEST).map_err(ImportError::file(file))?).map_err(ImportError::content(file))
}

fn parse(bytes: &[u8]) -> Result<Vec<Known>, ContentError> {
    let (head, mut rest) = bytes.split_first_chunk::<8>().ok_or(ContentError::NotCmus)?;
    let [b'C', b'T', b'C', version, flags @ ..] = *head else { return Err(ContentError::NotCmus) };
    if version != VERSION {
        return Err(ContentError::CmusVersion { found: version, supported: VERSION });
    }
    let flags = u32::from_be_bytes(flags);
    let (pad, big) = (if flags & 1 != 0 { 8 } else { 4 }, flags & 2 != 0);
    let number = |b: [u8; 4]| if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) };
    let mut out = Vec::new();
    while !rest.is_empty() {
        let size = rest.first_chunk::<4>().map_or(0, |b| number(*b) as usize);
        let entry = rest.get(..size).filter(|e| e.len() > TEXTS).ok_or(ContentError::CmusEntry)?;
        let plays = entry.get(4..8).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| number(*b));
        let path = entry[TEXTS..].split(|b| *b == 0).next().unwrap_or_default();
        // A negative count means that there is none.
        let plays = i32::try_from(plays).unwrap_or(0) as u32;
        let known = Known { path: PathBuf::from(OsStr::from_bytes(path)), plays, ..Known::default() };
        if known.path.is_absolute() && !known.is_empty() {
            out.push(known);
        }
        rest = rest.get(size.next_multiple_of(pad)..).unwrap_or_default();
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(plays: u32, texts: &str, pad: usize) -> Vec<u8> {
        let mut entry = ((TEXTS + texts.len()) as u32).to_le_bytes().to_vec();
        entry.extend(plays.to_le_bytes());
        entry.resize(TEXTS, 0xff);
        entry.extend(texts.bytes());
        entry.resize(entry.len().next_multiple_of(pad), 0);
        entry
    }

    #[test]
    fn play_counts_are_read() {
        let head = b"CTC\x0d\0\0\0\x01".to_vec();
        let texts = "/m/a.flac\0flac\0\0title\0A\0";
        let all = [head, entry(7, texts, 8), entry(0, "/m/b\0", 8), entry(u32::MAX, "/m/c\0", 8)].concat();
        assert_eq!(parse(&all).unwrap(), [Known { path: "/m/a.flac".into(), plays: 7, ..Known::default() }]);
        let small = [b"CTC\x0d\0\0\0\0".to_vec(), entry(1, "/m/a\0", 4), entry(2, "/m/bb\0", 4)].concat();
        assert_eq!(parse(&small).unwrap().len(), 2);
        // A file cut off anywhere gives an error or fewer entries, but never a panic.
        for cut in 0..all.len() {
            let _ = parse(&all[..cut]);
        }
        assert!(parse(b"CTC\x0c\0\0\0\0").unwrap_err().to_string().contains("another version of cmus"));
        assert!(parse(b"").is_err() && parse(&[0xff; 200]).is_err());
    }
}
