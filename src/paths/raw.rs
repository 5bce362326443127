//! Serializes a path as bytes for another process, since paths need not be UTF-8. For `#[serde(with = "…")]`.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes the bytes.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    path.as_os_str().as_bytes().serialize(to)
}

/// Reads the bytes.
///
/// # Errors
/// The deserializer's.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    Vec::<u8>::deserialize(from).map(of_bytes)
}

fn of_bytes(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

/// Several paths. In JSON, one that is UTF-8 is written as text, which takes a quarter of the room; both forms are read.
pub mod list {
    use std::fmt;

    use serde::de::{Error, SeqAccess, Visitor};

    use super::*;

    /// The most paths accepted; a longer list is refused before it takes memory.
    pub const MOST: usize = 100_000;

    /// Writes each as text or bytes.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| Written(path)))
    }

    /// Reads the text or the bytes of each.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
        from.deserialize_seq(Paths)
    }

    struct Written<'a>(&'a Path);

    impl Serialize for Written<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            match self.0.to_str().filter(|_| to.is_human_readable()) {
                Some(text) => to.serialize_str(text),
                None => super::serialize(self.0, to),
            }
        }
    }

    struct Element(PathBuf);

    impl<'de> Deserialize<'de> for Element {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Element, D::Error> {
            // Formats that do not describe themselves cannot be asked which of the two it is.
            let path = if from.is_human_readable() { from.deserialize_any(Either) } else { super::deserialize(from) };
            path.map(Element)
        }
    }

    struct Either;

    impl<'de> Visitor<'de> for Either {
        type Value = PathBuf;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a path, as text or as a list of bytes")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<PathBuf, E> {
            Ok(PathBuf::from(text))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PathBuf, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = list.next_element::<u8>()? {
                bytes.push(byte);
            }
            Ok(of_bytes(bytes))
        }
    }

    struct Paths;

    impl<'de> Visitor<'de> for Paths {
        type Value = Vec<PathBuf>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST} paths")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<PathBuf>, A::Error> {
            let mut paths = Vec::new();
            while let Some(Element(path)) = list.next_element()? {
                if paths.len() == MOST {
                    return Err(A::Error::custom(format!("a list holds at most {MOST} paths")));
                }
                paths.push(path);
            }
            Ok(paths)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named(#[serde(with = "list")] Vec<PathBuf>);

    #[test]
    fn any_path_survives_as_text_or_as_bytes() {
        let odd = PathBuf::from(OsString::from_vec(b"/m/\xff\n.mp3".to_vec()));
        let named = Named(vec!["/m/ü \"1\".mp3".into(), odd]);
        let json = serde_json::to_string(&named).unwrap();
        assert_eq!(json, r#"["/m/ü \"1\".mp3",[47,109,47,255,10,46,109,112,51]]"#);
        assert_eq!(serde_json::from_str::<Named>(&json).unwrap(), named);
        // As a player of before writes every path.
        assert_eq!(serde_json::from_str::<Named>("[[47,97],[]]").unwrap(), Named(vec!["/a".into(), "".into()]));
        assert!(serde_json::from_str::<Named>("[[256]]").is_err() && serde_json::from_str::<Named>("[7]").is_err());
        // The form between processes has no text.
        let bytes = postcard::to_stdvec(&named).unwrap();
        assert_eq!(postcard::from_bytes::<Named>(&bytes).unwrap(), named);
    }
}
