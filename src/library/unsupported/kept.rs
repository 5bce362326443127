//! The counts of files that cannot be played, kept for `jukebox status` when neither a player nor a scan runs. There is a file
//! for each music directory; as it lies in the cache, it may be missing at any time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::store::private;

/// What was counted in a music directory.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(with = "crate::paths::raw")]
    music: PathBuf,
    counts: BTreeMap<String, usize>,
}

/// Keeps in `file` what was counted in the directory `music`, in place of what was counted there before.
///
/// # Errors
/// Any I/O error.
pub fn keep(file: &Path, music: &Path, counts: &BTreeMap<String, usize>) -> io::Result<()> {
    if counts.is_empty() {
        return match fs::remove_file(file) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        };
    }
    let text = serde_json::to_vec(&Kept { music: music.to_path_buf(), counts: counts.clone() })?;
    // Usually nothing has changed since the last scan.
    match files::read(file, files::SMALL) {
        Ok(before) if before == text => Ok(()),
        _ => private::replace(file, &text),
    }
}

/// The sums of what is kept in the files of `dir`. A music directory inside another one is counted with that one only.
pub fn kept(dir: &Path) -> BTreeMap<String, usize> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let read = |path: PathBuf| -> Option<Kept> { serde_json::from_slice(&files::read(&path, files::SMALL).ok()?).ok() };
    let all: Vec<Kept> = entries.filter_map(|entry| read(entry.path())).collect();
    let within = |inner: &Kept, outer: &Kept| inner.music != outer.music && inner.music.starts_with(&outer.music);
    let mut sums: BTreeMap<String, usize> = BTreeMap::new();
    for own in all.iter().filter(|own| !all.iter().any(|other| within(own, other))) {
        for (format, count) in &own.counts {
            *sums.entry(format.clone()).or_default() += count;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_summed_over_the_directories() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = tmp.path().join("unsupported");
        let counts = |wma: usize, ape: usize| {
            let counts = [("WMA".to_string(), wma), ("APE".to_string(), ape)];
            counts.into_iter().filter(|(_, count)| *count > 0).collect::<BTreeMap<String, usize>>()
        };
        let keep = |name: &str, music: &str, counts: BTreeMap<String, usize>| {
            keep(&dir.join(name), Path::new(music), &counts).unwrap();
        };
        assert_eq!(kept(&dir), BTreeMap::new());
        keep("a", "/m", counts(3, 1));
        keep("b", "/n", counts(2, 0));
        assert_eq!(kept(&dir), counts(5, 1));
        keep("c", "/m/inside", counts(1, 0));
        assert_eq!(kept(&dir), counts(5, 1), "those are counted in /m");
        keep("a", "/m", counts(0, 0));
        keep("a", "/m", counts(0, 0));
        assert_eq!(kept(&dir), counts(3, 0));
        fs::write(dir.join("d"), "{").unwrap();
        assert_eq!(kept(&dir), counts(3, 0), "what is damaged is left out");
    }
}
