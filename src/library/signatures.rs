//! Saved signatures: one JSON file each, made by the user and never repaired or removed automatically.
//!
//! A file holds the members and the choice of dimensions, but nothing that depends on an encoder:
//! the signature is recomputed from the members. Unknown fields at the top level are preserved.

mod error;

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::change::{Change, Owner, What};
use super::name::{self, NameError, Named};
use crate::files;
use crate::store::private;
use crate::track::TrackId;

pub use error::SignatureError;

/// Size limit in bytes: a larger file was not written by jukebox.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A saved signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Version of the format.
    #[serde(default)]
    pub version: u32,
    /// The tracks that the signature is computed from.
    pub members: Vec<SavedMember>,
    /// The choice of dimensions in the user's notation: `auto`, `3,7*2,tempo`.
    #[serde(default)]
    pub choice: String,
    /// Fields of newer versions.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

/// A track of a saved signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedMember {
    /// The track's identity, 32 hexadecimal digits.
    pub track: String,
    /// Path of its file, to find the track if its identity is no longer known.
    #[serde(with = "file_name")]
    pub path: PathBuf,
}

impl Saved {
    /// The format version that this program writes.
    pub const VERSION: u32 = 1;

    /// Creates a signature from its members and choice of dimensions.
    pub fn new<'a>(members: impl IntoIterator<Item = (TrackId, &'a Path)>, choice: String) -> Saved {
        let member = |(track, path): (TrackId, &Path)| SavedMember { track: track.to_string(), path: path.into() };
        Saved {
            version: Saved::VERSION,
            members: members.into_iter().map(member).collect(),
            choice,
            ..Saved::default()
        }
    }
}

/// What a change is about to do to the files of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch<'a> {
    /// Remove a signature.
    Removed(&'a str),
    /// Give a signature another name.
    Renamed(&'a str, &'a str),
    /// Copy a signature under another name.
    Copied(&'a str),
}

/// The directory of the saved signatures.
#[derive(Clone, Debug)]
pub struct Signatures {
    dir: PathBuf,
}

impl Signatures {
    /// Uses the signatures in a directory, which is created by the first save.
    pub fn in_dir(dir: PathBuf) -> Signatures {
        Signatures { dir }
    }

    /// Saves a signature under a new name.
    ///
    /// # Errors
    /// The name is invalid or taken, or the file cannot be written.
    pub fn save(&self, name: &str, saved: &Saved) -> Result<(), SignatureError> {
        let file = self.file(name)?;
        if file.symlink_metadata().is_ok() {
            return Err(SignatureError::Exists(name.into()));
        }
        let bytes = serde_json::to_vec_pretty(saved).map_err(io::Error::from);
        let written = bytes.and_then(|bytes| private::replace(&file, &bytes));
        written.map_err(SignatureError::file(&file, "not saved"))
    }

    /// Reads a signature.
    ///
    /// # Errors
    /// There is none of this name, or its file is damaged (and left unchanged) or from a newer
    /// version.
    pub fn load(&self, name: &str) -> Result<Saved, SignatureError> {
        let file = self.file(name)?;
        let bytes = match files::read(&file, LARGEST) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(self.none(name)),
            read => read.map_err(SignatureError::file(&file, "cannot be read"))?,
        };
        let saved: Saved =
            serde_json::from_slice(&bytes).map_err(|cause| SignatureError::Damaged { path: file.clone(), cause })?;
        if saved.version > Saved::VERSION {
            return Err(SignatureError::Newer { path: file, version: saved.version });
        }
        Ok(saved)
    }

    /// Deletes a signature.
    ///
    /// # Errors
    /// There is none of this name, or the file cannot be deleted.
    pub fn delete(&self, name: &str) -> Result<(), SignatureError> {
        let file = self.file(name)?;
        match fs::remove_file(&file) {
            Err(e) if e.kind() == ErrorKind::NotFound => Err(self.none(name)),
            other => other.map_err(SignatureError::file(&file, "not deleted")),
        }
    }

    /// Renames a signature.
    ///
    /// # Errors
    /// There is none named `from`, `to` is invalid or taken, or the file cannot be renamed.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), SignatureError> {
        let (old, new) = self.both(from, to)?;
        fs::rename(&old, new).map_err(SignatureError::file(&old, "not renamed"))
    }

    /// Copies a signature under another name, byte for byte.
    ///
    /// # Errors
    /// As [`Self::rename`].
    pub fn duplicate(&self, from: &str, to: &str) -> Result<(), SignatureError> {
        let (old, new) = self.both(from, to)?;
        let bytes = files::read(&old, LARGEST).map_err(SignatureError::file(&old, "cannot be read"))?;
        private::create(&new, &bytes).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => SignatureError::Taken(to.into()),
            _ => SignatureError::Uncopied { path: new, cause },
        })
    }

    /// Reads what a change is about to replace, so that it can be undone; call [`Change::done`] after it. `None` when
    /// that is not possible: a file cannot be read, or there is none.
    pub fn begin(&self, touch: Touch<'_>) -> Option<Change> {
        let owner = |name: &str, file: &Path| Owner {
            what: What::Signature,
            name: name.into(),
            files: vec![file.to_path_buf()],
        };
        match touch {
            Touch::Removed(name) | Touch::Copied(name) => {
                let file = self.file(name).ok()?;
                Change::of_contents(owner(name, &file), file)
            }
            Touch::Renamed(from, to) => {
                let file = self.file(from).ok()?;
                Change::of_name(owner(from, &file), file, self.file(to).ok()?)
            }
        }
    }

    /// The file of a signature.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn existing(&self, name: &str) -> Result<PathBuf, SignatureError> {
        let file = self.file(name)?;
        if file.symlink_metadata().is_ok() { Ok(file) } else { Err(self.none(name)) }
    }

    /// The file of a signature, and the one that it would have under another name.
    ///
    /// # Errors
    /// There is none named `from`, or `to` is invalid or taken.
    pub fn both(&self, from: &str, to: &str) -> Result<(PathBuf, PathBuf), SignatureError> {
        let (old, new) = (self.existing(from)?, self.file(to)?);
        if new.symlink_metadata().is_ok() { Err(SignatureError::Taken(to.into())) } else { Ok((old, new)) }
    }

    /// The names of all signatures, sorted. Other files in the directory are ignored.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let name = |file: OsString| Some(file.to_str()?.strip_suffix(".json")?.to_string());
        let mut names: Vec<String> =
            entries.filter_map(|e| name(e.file_name())).filter(|name| check(name).is_ok()).collect();
        names.sort();
        names
    }

    fn none(&self, name: &str) -> SignatureError {
        SignatureError::Missing { name: name.into(), names: self.names() }
    }

    fn file(&self, name: &str) -> Result<PathBuf, SignatureError> {
        check(name)?;
        Ok(self.dir.join(format!("{name}.json")))
    }
}

/// Checks the name of a signature; see [`name::check`].
///
/// # Errors
/// Why it is not allowed.
pub fn check(name: &str) -> Result<(), NameError> {
    name::check(name, Named::Signature)
}

/// Serialises a path as text, or as bytes if it is not UTF-8.
mod file_name {
    use super::*;
    use serde::{Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Name {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => text.serialize(to),
            None => path.as_os_str().as_bytes().serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        Ok(match Name::deserialize(from)? {
            Name::Text(text) => PathBuf::from(text),
            Name::Bytes(bytes) => PathBuf::from(OsString::from_vec(bytes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn signatures() -> (tempfile::TempDir, Signatures) {
        let dir = tempfile::tempdir().unwrap();
        let signatures = Signatures::in_dir(dir.path().join("data/signatures"));
        (dir, signatures)
    }

    fn saved() -> Saved {
        let odd = PathBuf::from(OsString::from_vec(b"/m/caf\xe9.mp3".to_vec()));
        let members = [(TrackId([1; 16]), Path::new("/m/日本.flac")), (TrackId([2; 16]), odd.as_path())];
        Saved::new(members, "3*2,7,tempo".into())
    }

    #[test]
    fn what_is_saved_is_loaded_listed_and_deleted() {
        let (_dir, signatures) = signatures();
        assert!(signatures.names().is_empty());
        signatures.save("late-night", &saved()).unwrap();
        signatures.save("日本", &Saved::default()).unwrap();
        assert_eq!(signatures.load("late-night").unwrap(), saved());
        assert_eq!(signatures.names(), ["late-night", "日本"]);
        let mode = fs::metadata(signatures.dir.join("late-night.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(signatures.save("late-night", &saved()).unwrap_err().to_string().contains("already"));
        signatures.delete("late-night").unwrap();
        assert!(signatures.load("late-night").unwrap_err().to_string().contains("there are: 日本"));
        assert!(signatures.delete("late-night").unwrap_err().to_string().starts_with("no signature 'late-night'"));
    }

    #[test]
    fn renamed_and_copied_files_are_the_same_and_changes_are_undone() {
        let (_dir, signatures) = signatures();
        let file = |name: &str| signatures.dir.join(format!("{name}.json"));
        fs::create_dir_all(&signatures.dir).unwrap();
        let text = r#"{"version":1,"members":[],"choice":"auto","of a later version":[1]}"#;
        fs::write(file("night"), text).unwrap();
        let change = |touch, act: &dyn Fn() -> Result<(), SignatureError>| {
            let begun = signatures.begin(touch).unwrap();
            act().unwrap();
            begun.done().unwrap()
        };
        let renamed = change(Touch::Renamed("night", "dusk"), &|| signatures.rename("night", "dusk"));
        assert_eq!((signatures.names(), fs::read_to_string(file("dusk")).unwrap()), (vec!["dusk".into()], text.into()));
        let copied = change(Touch::Copied("dawn"), &|| signatures.duplicate("dusk", "dawn"));
        assert_eq!(fs::read_to_string(file("dawn")).unwrap(), text);
        let deleted = change(Touch::Removed("dusk"), &|| signatures.delete("dusk"));
        signatures.save("dusk", &saved()).unwrap();
        assert!(deleted.undo().unwrap_err().to_string().contains("another signature 'dusk'"));
        fs::remove_file(file("dusk")).unwrap();
        for change in [deleted, copied, renamed] {
            change.undo().unwrap();
        }
        assert_eq!(
            (signatures.names(), fs::read_to_string(file("night")).unwrap()),
            (vec!["night".into()], text.into())
        );
        signatures.save("other", &saved()).unwrap();
        for refused in [signatures.rename("night", "other"), signatures.duplicate("night", "other")] {
            assert!(refused.unwrap_err().to_string().contains("signature 'other' already exists"));
        }
        assert!(signatures.rename("nope", "x").unwrap_err().to_string().contains("no signature 'nope'"));
        assert!(signatures.rename("night", "../x").is_err() && signatures.duplicate("night", "library").is_err());
        assert_eq!(signatures.begin(Touch::Renamed("nope", "x")), None);
    }

    #[test]
    fn names_are_no_paths() {
        let (dir, signatures) = signatures();
        for bad in ["", "../x", "a/b", ".hidden", "a b", "a\nb", "\u{202e}x", "-x", "..", "playlist", &"x".repeat(41)] {
            assert!(signatures.save(bad, &saved()).is_err(), "{bad:?}");
            assert!(signatures.load(bad).is_err() && signatures.delete(bad).is_err(), "{bad:?}");
        }
        assert!(!dir.path().join("data/x.json").exists());
        assert!(check("v1.2_x").is_ok());
    }

    #[test]
    fn unknown_fields_are_kept_and_newer_versions_refused() {
        let (_dir, signatures) = signatures();
        fs::create_dir_all(&signatures.dir).unwrap();
        let write = |name: &str, text: &str| fs::write(signatures.dir.join(format!("{name}.json")), text).unwrap();
        write(
            "new",
            r#"{"version":1,"members":[{"track":"00","path":"/m/a","stars":5}],"choice":"auto","mood":"blue"}"#,
        );
        let loaded = signatures.load("new").unwrap();
        assert_eq!((loaded.members.len(), loaded.rest["mood"].as_str()), (1, Some("blue")));
        signatures.save("copy", &loaded).unwrap();
        assert_eq!(signatures.load("copy").unwrap().rest["mood"], "blue");
        write("later", r#"{"version":2,"members":[]}"#);
        assert!(signatures.load("later").unwrap_err().to_string().contains("newer jukebox"));
    }

    #[test]
    fn a_damaged_file_is_named_and_left() {
        let (_dir, signatures) = signatures();
        signatures.save("x", &saved()).unwrap();
        let file = signatures.dir.join("x.json");
        for text in ["", "{", r#"{"members":7}"#, r#"{"members":[{"track":1,"path":"a"}]}"#] {
            fs::write(&file, text).unwrap();
            let why = signatures.load("x").unwrap_err().to_string();
            assert!(why.contains("x.json") && why.contains("damaged"), "{why}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert!(signatures.save("x", &saved()).is_err(), "a damaged one is not written over");
        }
    }
}
