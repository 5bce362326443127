//! The fields of a song that filters can test.

use crate::library::Song;

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A non-negative number.
    Number,
    /// A number that may be negative; a leading minus is its sign and does not start a range.
    Signed,
    /// A duration, in seconds.
    Time,
    /// A point in time, in Unix seconds.
    Date,
    /// A musical key: twice its number on the Camelot wheel (1 to 12), plus 1 for a major one.
    Key,
}

/// Where a field's value comes from.
#[derive(Clone, Copy)]
pub enum Of {
    /// One of a song's folded texts, by its index in [`super::Folded`].
    Folded(usize),
    /// The whole path.
    Path,
    /// The lyrics, in which `Lookup` searches.
    Lyrics,
    /// A number of the `Song` itself.
    Song(fn(&Song) -> Option<f64>),
    /// A number that `Facts` supplies, by its index there.
    Above(u16),
}

/// A field that filters can test.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Alternative names.
    pub aliases: &'static [&'static str],
    /// Its letter in the short form (`~a`), as in cmus.
    pub letter: Option<char>,
    /// The type of its value.
    pub kind: Kind,
    /// The source of its value.
    pub of: Of,
    /// Description for the help, with the unit.
    pub doc: &'static str,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.name)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        self.name == other.name
    }
}

const fn field(
    name: &'static str,
    aliases: &'static [&'static str],
    letter: Option<char>,
    kind: Kind,
    of: Of,
    doc: &'static str,
) -> Field {
    Field { name, aliases, letter, kind, of, doc }
}

/// The fields that the library itself supplies.
pub static LIBRARY: [Field; 16] = [
    field("title", &[], Some('t'), Kind::Text, Of::Folded(0), "title, or the file's name"),
    field("artist", &[], Some('a'), Kind::Text, Of::Folded(1), "artist of the track"),
    field("albumartist", &["album_artist"], Some('A'), Kind::Text, Of::Folded(2), "artist of the album"),
    field("album", &[], Some('l'), Kind::Text, Of::Folded(3), "album"),
    field("genre", &[], Some('g'), Kind::Text, Of::Folded(4), "any of the genres"),
    field("file", &["path", "filename"], Some('f'), Kind::Text, Of::Path, "the whole path"),
    field("year", &["date"], Some('y'), Kind::Number, Of::Song(|s| s.tags.year.map(f64::from)), "year of release"),
    field("track", &["tracknumber"], Some('n'), Kind::Number, Of::Song(|s| s.tags.track.map(f64::from)), "its number"),
    field("disc", &["discnumber"], Some('D'), Kind::Number, Of::Song(|s| s.tags.disc.map(f64::from)), "its disc"),
    field(
        "length",
        &["duration", "time"],
        Some('d'),
        Kind::Time,
        Of::Song(|s| (s.secs > 0.0).then_some(s.secs)),
        "how long it is: 10:00, 90s, 1h",
    ),
    field("added", &[], None, Kind::Date, Of::Song(|s| (s.added > 0).then_some(s.added as f64)), "when it came"),
    field(
        "originalyear",
        &["original_year"],
        None,
        Kind::Number,
        Of::Song(|s| s.tags.original_year().map(f64::from)),
        "year of the first release",
    ),
    field("composer", &[], None, Kind::Text, Of::Folded(6), "composer"),
    field("comment", &[], Some('c'), Kind::Text, Of::Folded(7), "comment"),
    field("codec", &["format"], None, Kind::Text, Of::Folded(8), "mp3, flac, vorbis, opus, aac, alac, pcm, adpcm"),
    field("rate", &["samplerate"], None, Kind::Number, Of::Song(|s| (s.rate > 0).then_some(s.rate.into())), "Hz"),
];
