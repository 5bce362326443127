//! Maps genre tags to genres. Tags are free text in many spellings: `Hip-Hop`, `hip hop`, `Rap/Hip Hop`, `(7)`. A
//! built-in table (`genres.toml`) and `[train.genres]` of config.toml map each to one canonical name, and subgenres to
//! their parents.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fault::GenresError;
use crate::library::tags::id3v1_genre;
use crate::text;

const SHIPPED: &str = include_str!("genres.toml");
/// Maximum number of genres per track; any further ones are dropped.
const MOST: usize = 8;
/// Maximum depth of the genre hierarchy; a deeper one must contain a cycle.
const DEEPEST: usize = 8;

/// One entry of `genres.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Line {
    of: Option<String>,
    also: Vec<String>,
    out: bool,
}

/// The meaning of a spelling.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    Genre(String),
    /// Exclude the track from training.
    Out,
}

/// The spellings of genres and the genre hierarchy.
#[derive(Clone, Debug, PartialEq)]
pub struct Genres {
    /// Meaning by spelling, normalised with [`folded`].
    meanings: HashMap<String, Meaning>,
    /// Parent by canonical name.
    parents: HashMap<String, String>,
}

/// The result of reading a track's genre tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tagged {
    /// Canonical names of its genres, without duplicates, in the order of the tags. Unknown names are kept as written.
    pub genres: Vec<String>,
    /// Whether a tag excludes the track from training (an audiobook, or a spelling that the user maps to "").
    pub out: bool,
}

impl Genres {
    /// The built-in table overlaid with the user's entries: a spelling and its genre, or "" to exclude such tracks. An
    /// unknown genre is added.
    ///
    /// # Errors
    /// When a spelling has no letters.
    pub fn new(own: &BTreeMap<String, String>) -> Result<Genres, GenresError> {
        let mut genres = Genres::parse(SHIPPED)?;
        let mut added = Vec::new();
        for (spelling, genre) in own {
            let key = folded(spelling);
            if key.is_empty() {
                return Err(GenresError::NoLetters(spelling.clone()));
            }
            let genre = text::sanitize(genre);
            let meaning = match genre.as_str() {
                "" => Meaning::Out,
                // Resolve the genre as a spelling, so that "electronica" means the same as in a tag.
                _ => genres.meanings.get(&folded(&genre)).cloned().unwrap_or(Meaning::Genre(genre)),
            };
            added.push((key, meaning));
        }
        for (key, meaning) in added {
            if let Meaning::Genre(name) = &meaning {
                genres.meanings.entry(folded(name)).or_insert_with(|| meaning.clone());
            }
            genres.meanings.insert(key, meaning);
        }
        Ok(genres)
    }

    fn parse(toml: &str) -> Result<Genres, GenresError> {
        let lines: BTreeMap<String, Line> = toml::from_str(toml)?;
        let (mut meanings, mut parents) = (HashMap::new(), HashMap::new());
        for (name, line) in lines {
            for spelling in line.also.iter().chain([&name]) {
                let meaning = if line.out { Meaning::Out } else { Meaning::Genre(name.clone()) };
                if meanings.insert(folded(spelling), meaning).is_some() {
                    return Err(GenresError::Twice { spelling: spelling.clone(), genre: name.clone() });
                }
            }
            line.of.and_then(|of| parents.insert(name, of));
        }
        Ok(Genres { meanings, parents })
    }

    /// The parent of a genre; `None` for top-level and unknown genres, and where the user excludes the parent.
    pub fn parent(&self, genre: &str) -> Option<&str> {
        let parent = self.parents.get(genre)?;
        match self.meanings.get(&folded(parent))? {
            Meaning::Genre(name) if name != genre => Some(name),
            _ => None,
        }
    }

    /// Number of ancestors of a genre.
    pub fn depth(&self, genre: &str) -> usize {
        std::iter::successors(self.parent(genre), |g| self.parent(g)).take(DEEPEST).count()
    }

    /// Reads a track's genre tags: several values, several genres per value (separated by `;`, `/`, `,`, `|`, `\` or
    /// NUL), and ID3v1 numbers. Known compounds are not split: `Hip-Hop/Rap` is one genre.
    pub fn read(&self, values: &[impl AsRef<str>]) -> Tagged {
        let mut tagged = Tagged::default();
        for value in values {
            for part in value.as_ref().split(['\0', ';', '\n']) {
                let (numbers, rest) = numbered(part.trim());
                numbers.iter().for_each(|name| self.take(name, &mut tagged));
                self.take(rest, &mut tagged);
            }
        }
        tagged.genres.truncate(MOST);
        tagged
    }

    /// Adds the genres in a text: the longest known runs of pieces, the rest piece by piece.
    fn take(&self, text: &str, tagged: &mut Tagged) {
        if folded(text).is_empty() || self.add(text, tagged) {
            return;
        }
        let marks = |c: char| matches!(c, '/' | ',' | '|' | '\\');
        let pieces: Vec<&str> = text.split(marks).collect();
        let mut at = 0;
        while at < pieces.len() {
            // Concatenated without separators, which folding would remove anyway.
            let known = (at + 1..=pieces.len()).rev().find(|&end| self.add(&pieces[at..end].concat(), tagged));
            at = known.unwrap_or_else(|| {
                self.unknown(pieces[at], tagged);
                at + 1
            });
        }
    }

    /// Adds an unknown piece: known genres joined by a word or dash, or a new genre.
    fn unknown(&self, piece: &str, tagged: &mut Tagged) {
        for between in ["&", "+", " and ", " - ", ": ", " und ", " et "] {
            let halves: Vec<&str> = piece.split(between).collect();
            if halves.len() > 1 && halves.iter().all(|h| self.meanings.contains_key(&folded(h))) {
                for half in halves {
                    self.add(half, tagged);
                }
                return;
            }
        }
        let name = text::sanitize(piece);
        // A number that is not in ID3v1 names nothing.
        if name.chars().any(char::is_alphabetic) && !tagged.genres.iter().any(|g| folded(g) == folded(&name)) {
            tagged.genres.push(name);
        }
    }

    /// Adds a text that is known as a whole; returns whether it is.
    fn add(&self, text: &str, tagged: &mut Tagged) -> bool {
        match self.meanings.get(&folded(text)) {
            Some(Meaning::Genre(name)) => {
                if !tagged.genres.contains(name) {
                    tagged.genres.push(name.clone());
                }
                true
            }
            Some(Meaning::Out) => {
                tagged.out = true;
                true
            }
            None => false,
        }
    }
}

/// The names of leading ID3v1 numbers, as in ID3v2 ("(4)(9)Eurodisco") or alone ("17"), and the remaining text.
fn numbered(part: &str) -> (Vec<&'static str>, &str) {
    let number = |digits: &str| digits.parse().ok().and_then(id3v1_genre);
    if let Some(name) = number(part) {
        return (vec![name], "");
    }
    let (mut names, mut rest) = (Vec::new(), part);
    while let Some((inside, behind)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
        match (number(inside), inside) {
            (Some(name), _) => names.push(name),
            // Remix and cover: not a genre.
            (None, "RX" | "CR") => {}
            _ => break,
        }
        rest = behind.trim_start();
    }
    (names, rest)
}

/// Normalises a name for comparison: lower case, no accents, "&" as "and", letters and digits only.
pub fn folded(name: &str) -> String {
    name.replace('&', "and")
        .nfkd()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Genres {
        Genres::new(&BTreeMap::new()).unwrap()
    }

    #[track_caller]
    fn reads(values: &[&str], genres: &[&str]) {
        assert_eq!(table().read(values).genres, genres, "{values:?}");
    }

    #[test]
    fn spellings_are_one() {
        for hip_hop in ["Hip-Hop", "hip hop", "HipHop", "Rap/Hip Hop", "Hip-Hop/Rap", "RAP", "Rap & Hip-Hop", "hip‐hop"]
        {
            reads(&[hip_hop], &["Hip-Hop"]);
        }
        reads(&["Rhythm & Blues"], &["Soul-RnB"]);
        reads(&["rhythm and blues"], &["Soul-RnB"]);
        reads(&["Musique concrète"], &["Musique Concrete"]);
        reads(&["Folk, World, & Country"], &["International"]);
    }

    #[test]
    fn several_genres_come_apart() {
        reads(&["Rock; Pop"], &["Rock", "Pop"]);
        reads(&["Rock/Pop"], &["Rock", "Pop"]);
        reads(&["Rock\0Jazz", "Blues"], &["Rock", "Jazz", "Blues"]);
        reads(&["Techno, Hip-Hop/Rap"], &["Techno", "Hip-Hop"]);
        reads(&["Rock & Jazz"], &["Rock", "Jazz"]);
        reads(&["Electronic, electronica"], &["Electronic"]);
        reads(&["Zeuhl/Rock"], &["Zeuhl", "Rock"]);
        reads(&["Zeuhl", "zeuhl"], &["Zeuhl"]);
        reads(&["", " / ", "!!"], &[]);
    }

    #[test]
    fn numbers_of_id3v1_are_names() {
        reads(&["(17)"], &["Rock"]);
        reads(&["17"], &["Rock"]);
        reads(&["(4)(9)Black Metal"], &["Disco", "Metal", "Black Metal"]);
        reads(&["(RX)(7)"], &["Hip-Hop"]);
        reads(&["250", "1987"], &[]);
        reads(&["(I am) Zeuhl"], &["(I am) Zeuhl"]);
    }

    #[test]
    fn a_genre_belongs_to_a_larger_one() {
        let table = table();
        assert_eq!((table.parent("Black Metal"), table.parent("Metal")), (Some("Metal"), Some("Rock")));
        assert_eq!((table.depth("Black Metal"), table.depth("Rock"), table.depth("Zeuhl")), (2, 0, 0));
        assert_eq!((table.parent("Rock"), table.parent("Zeuhl")), (None, None));
        // Every chain of parents ends at a genre in the table.
        for (genre, parent) in &table.parents {
            assert!(table.meanings.contains_key(&folded(parent)), "{genre} belongs to {parent}, which is not there");
            assert!(table.depth(genre) < 4, "{genre} is in a circle");
        }
        assert!(table.meanings.len() > 600, "{} spellings", table.meanings.len());
    }

    #[test]
    fn the_user_has_the_last_word() {
        let own = [("chip-tune", "electronica"), ("Metal", ""), ("My Stuff", "Grandma's"), ("Hörspiel", "")];
        let own = own.map(|(a, b)| (a.to_string(), b.to_string())).into_iter().collect();
        let table = Genres::new(&own).unwrap();
        let read = |tag| table.read(&[tag]);
        assert_eq!(read("Chiptune").genres, ["Electronic"]);
        assert_eq!(read("my stuff").genres, ["Grandma's"]);
        assert_eq!(read("grandmas").genres, ["Grandma's"]);
        assert_eq!(read("Hoerspiel").genres, ["Hoerspiel"]);
        assert!(read("hörspiel").out && read("Audiobook").out && read("Metal").out);
        assert_eq!(table.parent("Black Metal"), None, "what it belongs to is left out");
        let none = [("!".to_string(), "Rock".to_string())].into_iter().collect();
        assert!(Genres::new(&none).unwrap_err().to_string().contains("[train.genres]"));
    }
}
