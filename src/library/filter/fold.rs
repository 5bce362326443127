//! Case folding and accent removal for comparing texts, done once per song.

use unicode_normalization::UnicodeNormalization;

use crate::library::Song;

/// Number of folded fields: title, artists, album artists, album, genres, file name; then composer,
/// comment, codec.
pub(super) const FIELDS: usize = 9;
/// Number of leading fields that a word without a field name is searched in.
const ANYWHERE: usize = 6;
/// Separator between two fields; sanitised texts do not contain it.
pub(super) const FIELD: char = '\u{1f}';
/// Separator between two genres, artists, or lines of lyrics; sanitised texts do not contain it.
pub const PART: char = '\u{1e}';

/// Removes case and accents: "Sigur Rós" and "SIGUR ROS" become equal. Only combining marks in
/// U+0300 to U+036F are removed; those of other scripts stay, as they distinguish letters there.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            'þ' => out.push_str("th"),
            '’' | '‘' | '`' => out.push('\''),
            '“' | '”' => out.push('"'),
            '‐' | '‑' | '–' | '—' => out.push('-'),
            // The lower case of İ is i followed by a combining dot above.
            '\u{307}' => {}
            c => out.push(c),
        }
    }
    out
}

/// The folded texts of one song, in a single string.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    text: Box<str>,
    /// End of each field, in bytes.
    ends: [u16; FIELDS],
}

impl Folded {
    /// Folds the texts of a song.
    pub fn of(song: &Song) -> Folded {
        let name = song.path.file_name().unwrap_or_default().to_string_lossy();
        let mut text = String::new();
        let mut ends = [0; FIELDS];
        let tags = &song.tags;
        let genres = tags.genres.join(&PART.to_string());
        let fields: [&str; FIELDS] = [
            &song.title(),
            &several(song.artist(), &tags.artists),
            &several(tags.album_artist.as_deref().unwrap_or_default(), &tags.album_artists),
            song.album(),
            &genres,
            &crate::text::sanitize(&name),
            tags.composer().unwrap_or_default(),
            tags.comment().unwrap_or_default(),
            song.codec.name(),
        ];
        for (field, end) in fields.into_iter().zip(&mut ends) {
            text.push_str(&fold(field));
            *end = u16::try_from(text.len()).unwrap_or(u16::MAX);
            text.push(FIELD);
        }
        Folded { text: text.into(), ends }
    }

    /// The fields that a word without a field name is searched in, as one text.
    pub fn all(&self) -> &str {
        self.text.get(..usize::from(self.ends[ANYWHERE - 1])).unwrap_or(&self.text)
    }

    /// The field of index `n`; several genres or artists are separated by U+001E.
    pub fn field(&self, n: usize) -> &str {
        let from = n.checked_sub(1).map_or(0, |before| usize::from(self.ends[before]) + 1);
        self.text.get(from..usize::from(self.ends[n])).unwrap_or_default()
    }
}

/// The texts of one of a song's fields as they are tagged, each genre and each artist by itself; `n` is the field's place
/// in [`Folded`].
pub fn texts(song: &Song, n: usize) -> Vec<String> {
    let tags = &song.tags;
    let named = |shown: &str, each: &[String]| several(shown, each).split(PART).map(str::to_owned).collect();
    let texts: Vec<String> = match n {
        0 => vec![song.title()],
        1 => named(song.artist(), &tags.artists),
        2 => named(tags.album_artist.as_deref().unwrap_or_default(), &tags.album_artists),
        3 => vec![song.album().to_owned()],
        4 => tags.genres.to_vec(),
        5 => vec![crate::text::sanitize(&song.path.file_name().unwrap_or_default().to_string_lossy())],
        6 => vec![tags.composer().unwrap_or_default().to_owned()],
        7 => vec![tags.comment().unwrap_or_default().to_owned()],
        8 => vec![song.codec.name().to_owned()],
        _ => Vec::new(),
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// The name as displayed, followed by the separate names if there are several.
fn several(shown: &str, each: &[String]) -> String {
    let mut text = shown.to_owned();
    for name in each.iter().filter(|name| name.as_str() != shown) {
        text.push(PART);
        text.push_str(name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count_but_letters_do() {
        for (a, b) in [
            ("Sigur Rós", "SIGUR ROS"),
            ("Björk", "bjork"),
            ("Straße", "STRASSE"),
            ("Ｆｕｌｌ", "full"),
            ("İ", "i"),
            ("Ça ’ça", "ca 'ca"),
        ] {
            assert_eq!(fold(a), fold(b), "{a}");
        }
        for (a, b) in [("が", "か"), ("Beck", "Back"), ("", "a")] {
            assert_ne!(fold(a), fold(b), "{a}");
        }
        assert_eq!(fold(&fold("Ærøskøbing")), fold("Ærøskøbing"));
    }

    #[test]
    fn the_texts_of_a_field_are_those_that_are_folded() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_string()).collect();
        let tags = crate::track::Tags {
            title: Some("Sea Line".into()),
            artist: Some("Björk & Fela".into()),
            artists: list(&["Björk", "Fela"]),
            genres: list(&["Jazz", "Folk"]),
            ..Default::default()
        };
        let bare = Song::bare("/m/a b.flac", crate::track::TrackId([1; 16]));
        let song = Song { tags: tags.into(), codec: "flac".into(), ..bare };
        let folded = Folded::of(&song);
        for n in 0..FIELDS {
            let parts: Vec<String> = texts(&song, n).iter().map(|text| fold(text)).collect();
            let known: Vec<&str> = folded.field(n).split(PART).filter(|part| !part.is_empty()).collect();
            assert_eq!(parts, known, "field {n}");
        }
        assert_eq!(texts(&song, 1), ["Björk & Fela", "Björk", "Fela"]);
        assert!(texts(&song, FIELDS).is_empty());
    }
}
