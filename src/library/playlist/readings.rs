//! Alternative readings of a playlist's path that does not exist here: playlists are moved between
//! systems.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
use unicode_normalization::UnicodeNormalization;

use super::places::plain;
use super::url;

/// Code pages of old playlists, the most common first. A wrong one gives names that no file has.
const PAGES: [&Encoding; 7] = [WINDOWS_1252, WINDOWS_1251, SHIFT_JIS, GBK, WINDOWS_1250, BIG5, EUC_KR];

/// The components of a path, normalised for comparison: NFC (macOS writes decomposed names) and
/// lower case.
pub(super) type Parts = Vec<String>;

/// The readings of a path, the most literal first: as it is, with Windows separators replaced,
/// percent-decoded, and converted from an old code page, in all combinations.
pub(super) fn readings(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<Vec<u8>> = vec![path.as_os_str().as_bytes().to_vec()];
    let mut add = |make: &dyn Fn(&[u8]) -> Vec<Vec<u8>>| {
        let more: Vec<Vec<u8>> = all.iter().flat_map(|bytes| make(bytes)).collect();
        all.extend(more);
    };
    add(&|bytes| {
        let slashed = || bytes.iter().map(|b| if *b == b'\\' { b'/' } else { *b }).collect();
        if bytes.contains(&b'\\') { vec![slashed()] } else { Vec::new() }
    });
    add(&|bytes| {
        let escaped = bytes.contains(&b'%');
        let decoded = url::decoded(bytes).filter(|_| escaped).map(|path| path.into_os_string().into_encoded_bytes());
        decoded.filter(|bytes| !bytes.contains(&0)).into_iter().collect()
    });
    add(&|bytes| {
        let text = |page: &&'static Encoding| page.decode_without_bom_handling_and_without_replacement(bytes);
        let pages = || PAGES.iter().filter_map(text).map(|text| text.into_owned().into_bytes()).collect();
        if std::str::from_utf8(bytes).is_ok() { Vec::new() } else { pages() }
    });
    all.iter().map(|bytes| plain(Path::new(OsStr::from_bytes(bytes)))).collect()
}

/// The components of a path, normalised for comparison.
pub(super) fn parts(path: &Path) -> Parts {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(folded(name)),
        _ => None,
    };
    path.components().filter_map(name).collect()
}

/// A name, normalised for comparison.
pub(super) fn folded(name: &OsStr) -> String {
    let text = name.to_string_lossy();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a lower-case directory name says nothing about its content: `cd 2`, `disc1`.
pub(super) fn is_numbered(name: &str) -> bool {
    let rest = ["cd", "disc", "disk", "side", "lp", "vol", "volume"].iter().find_map(|word| name.strip_prefix(word));
    let number = |rest: &str| {
        let rest = rest.trim_start_matches([' ', '-', '_', '.']);
        !rest.is_empty() && rest.len() <= 3 && rest.chars().all(|c| c.is_ascii_alphanumeric())
    };
    name.chars().all(|c| c.is_ascii_digit()) || rest.is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &[u8]) -> Vec<String> {
        readings(Path::new(OsStr::from_bytes(path))).iter().map(|path| parts(path).join("/")).collect()
    }

    #[test]
    fn paths_of_other_systems_are_read() {
        assert_eq!(read(b"/l/A B.mp3"), ["l/a b.mp3"]);
        assert_eq!(read(br"/l/..\Music\A\1.mp3").last().unwrap(), "music/a/1.mp3");
        assert_eq!(read(br"/l/D:\Music\1.mp3").last().unwrap(), "l/d:/music/1.mp3");
        assert_eq!(read(br"/l/\\nas\m\1.mp3").last().unwrap(), "l/nas/m/1.mp3");
        assert_eq!(read(b"/l/../Bj%C3%B6rk/100%25.mp3").last().unwrap(), "bj\u{f6}rk/100%.mp3");
        assert_eq!(read(b"/l/50% off.mp3").len(), 1, "not an escape");
        assert_eq!(read(b"/l/%00.mp3").len(), 1);
        assert_eq!(read("/l/E\u{301}te\u{301}".as_bytes()), ["l/\u{e9}t\u{e9}"], "composed, in lower case");
        assert!(read(b"/l/caf\xe9").contains(&"l/caf\u{e9}".to_string()));
        assert!(read(b"/l/..\\%F6\\\x8f.mp3").len() > 3);
        let (japanese, ..) = SHIFT_JIS.encode("/l/\u{66f2}.mp3");
        assert!(read(&japanese).contains(&"l/\u{66f2}.mp3".to_string()));
    }

    #[test]
    fn numbers_say_nothing_and_names_do() {
        for name in ["cd 2", "cd2", "disc-1", "1", "side a", "vol. 3"] {
            assert!(is_numbered(name), "{name}");
        }
        for name in ["cdx albums", "discovery", "best of", "volumes of sound", "1999 live"] {
            assert!(!is_numbered(name), "{name}");
        }
    }
}
