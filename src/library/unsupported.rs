//! Audio files in formats that cannot be played.

mod kept;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use kept::{keep, kept};

/// Extensions of audio formats that are not played here, in lower case: there is no decoder for them, they are encrypted
/// (m4p, aa, aax), they hold notes instead of sound (mid) or notes with their instruments (mod, xm, it, s3m).
pub const EXTENSIONS: [&str; 27] = [
    "wma", "wv", "ape", "mpc", "tta", "tak", "ofr", "shn", "dsf", "dff", "ac3", "eac3", "dts", "spx", "amr", "ra",
    "aa", "aax", "m4p", "mpga", "3gp", "mid", "midi", "mod", "xm", "it", "s3m",
];
/// Number of files that are listed; all are counted.
const LISTED: usize = 2000;

/// The files of a library that cannot be played because of their format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsupported {
    /// How many there are of each format, by its name.
    pub counts: BTreeMap<String, usize>,
    /// The first of them, sorted.
    pub files: Vec<PathBuf>,
}

impl Unsupported {
    /// Counts files; of those that are not of such a format nothing is said.
    pub fn of(mut files: Vec<PathBuf>) -> Unsupported {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        files.retain(|path| format(path).map(|name| *counts.entry(name).or_default() += 1).is_some());
        files.sort_unstable();
        files.truncate(LISTED);
        Unsupported { counts, files }
    }
}

/// The name of a file's format if it is one that cannot be played: "WMA".
pub fn format(path: &Path) -> Option<String> {
    let extension = path.extension()?.to_str()?;
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)).then(|| extension.to_ascii_uppercase())
}

/// That a file is of a format that cannot be played, if it is, with its name.
pub fn refusal(path: &Path) -> Option<String> {
    format(path).map(|format| format!("{}: {format} files are not supported", path.display()))
}

/// Such counts in words: `37 WMA and 2 APE files are not supported`; `None` without any.
pub fn words(counts: &BTreeMap<String, usize>) -> Option<String> {
    let named: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let all: usize = counts.values().sum();
    let named = match named.split_last()? {
        (only, []) => only.clone(),
        (last, before) => format!("{} and {last}", before.join(", ")),
    };
    Some(if all == 1 { format!("{named} file is not supported") } else { format!("{named} files are not supported") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_by_format() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let found = Unsupported::of(paths(&["/m/b.WMA", "/m/a.wma", "/m/c.ape", "/m/d.mp3", "/m/wma", "/m/.wv"]));
        assert_eq!(found.files, paths(&["/m/a.wma", "/m/b.WMA", "/m/c.ape"]));
        assert_eq!(words(&found.counts).unwrap(), "1 APE and 2 WMA files are not supported");
        assert_eq!(
            words(&Unsupported::of(paths(&["a.wv", "a.webm", "a.mp2"])).counts).unwrap(),
            "1 WV file is not supported"
        );
        let three = Unsupported::of(paths(&["a.wv", "a.tta", "a.dsf"]));
        assert_eq!(words(&three.counts).unwrap(), "1 DSF, 1 TTA and 1 WV files are not supported");
        let others = Unsupported::of(paths(&["a.m4p", "a.mpga", "a.3gp", "a.mid", "a.mod", "a.XM", "a.it", "a.s3m"]));
        assert_eq!(others.files.len(), 8);
        assert_eq!(words(&BTreeMap::new()), None);
        assert_eq!(refusal(Path::new("/m/a.wma")).unwrap(), "/m/a.wma: WMA files are not supported");
        assert_eq!(refusal(Path::new("/m/a.mp3")), None);
        let many = Unsupported::of((0..3000).map(|n| format!("/m/{n:04}.wma").into()).collect());
        assert_eq!(
            (many.counts["WMA"], many.files.len(), &many.files[0]),
            (3000, LISTED, &PathBuf::from("/m/0000.wma"))
        );
    }

    #[test]
    fn what_is_played_is_not_listed() {
        assert!(EXTENSIONS.iter().all(|extension| !crate::track::EXTENSIONS.contains(extension)));
    }
}
