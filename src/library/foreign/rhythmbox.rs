//! Reads Rhythmbox's `rhythmdb.xml`: one `<entry type="song">` per file with `location` (a `file:`
//! URL), `rating` (0 to 5), `play-count` and `last-played` (Unix seconds).

use std::path::{Path, PathBuf};

use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;

use super::Known;
use super::error::{ContentError, ImportError};
use crate::files;
use crate::library::playlist::file_of_address;
use crate::library::xml::{self, Element, Visitor, XmlError};

/// Size limit of a database, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// The default path of the database; `None` without a home directory.
pub fn file() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    let data = std::env::var_os("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
    Some(data.join("rhythmbox/rhythmdb.xml"))
}

/// Reads the songs with a rating, a play count or a time from a database.
///
/// # Errors
/// The file cannot be read or parsed.
pub fn read(file: &Path) -> Result<Vec<Known>, ImportError> {
    parse(&files::read(file, LARGEST).map_err(ImportError::file(file))?).map_err(ImportError::content(file))
}

fn parse(bytes: &[u8]) -> Result<Vec<Known>, ContentError> {
    let mut database = Database::default();
    xml::visit(&xml::utf8(bytes), &mut database)?;
    if database.root { Ok(database.out) } else { Err(ContentError::NotRhythmbox) }
}

/// The state of reading a database.
#[derive(Default)]
struct Database {
    root: bool,
    /// The song whose entry is open.
    known: Option<Known>,
    out: Vec<Known>,
}

impl Visitor for Database {
    fn open(&mut self, start: &BytesStart<'_>) {
        self.root |= start.local_name().as_ref() == b"rhythmdb";
        if start.local_name().as_ref() == b"entry" {
            let song = |a: Attribute<'_>| a.key.as_ref() == b"type" && a.value.as_ref() == b"song";
            // Duplicate attributes do not matter, and checking for them takes quadratic time.
            self.known = start.attributes().with_checks(false).flatten().any(song).then(Known::default);
        }
    }

    fn close(&mut self, element: &Element<'_>) -> Result<(), XmlError> {
        if let Some(known) = &mut self.known {
            field(known, element.name, element.text);
        }
        if element.name == b"entry" {
            let usable = |k: &Known| !k.path.as_os_str().is_empty() && !k.is_empty();
            self.out.extend(self.known.take().filter(usable));
        }
        Ok(())
    }
}

fn field(known: &mut Known, name: &[u8], value: &[u8]) {
    let text = || std::str::from_utf8(value).unwrap_or_default();
    match name {
        b"location" => known.path = file_of_address(value).unwrap_or_default(),
        b"rating" => {
            let stars: Option<f64> = text().parse().ok().filter(|r| (0.0..=5.0).contains(r) && *r > 0.0);
            known.rating = stars.map(|r| (r * 20.0).round() as u8);
        }
        b"play-count" => known.plays = text().parse().unwrap_or(0),
        b"last-played" => known.last = text().parse().ok().filter(|at| *at > 0),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn songs_are_read_and_nothing_else() {
        let xml = br#"<?xml version="1.0" standalone="yes"?>
<rhythmdb version="2.0">
  <entry type="song"><title>A &amp; B</title><location>file:///m/a%20b&amp;c.mp3</location>
    <rating>4</rating><play-count>12</play-count><last-played>1700000000</last-played></entry>
  <entry type="song"><location>file:///m/never.mp3</location></entry>
  <entry type="iradio"><location>http://x/</location><play-count>3</play-count></entry>
  <entry type="song"><location>http://x/y.mp3</location><rating>5</rating></entry>
</rhythmdb>"#;
        let known = parse(xml).unwrap();
        let a = Known {
            path: "/m/a b&c.mp3".into(),
            rating: Some(80),
            plays: 12,
            last: Some(1_700_000_000),
            ..Known::default()
        };
        assert_eq!(known, [a]);
        let many: String = (0..120_000).map(|i| format!("a{i}='x' ")).collect();
        let wide = format!(
            "<rhythmdb><entry {many}type='song'><location>file:///m/&#97;</location><rating>5</rating></entry></rhythmdb>"
        );
        assert_eq!(parse(wide.as_bytes()).unwrap()[0].path, PathBuf::from("/m/a"));
        assert!(parse(b"<playlist/>").is_err() && parse(b"").is_err() && parse(b"<rhythmdb><entry").is_err());
    }
}
