//! The meaning of a question's phrase in a library: words of the encoder, descriptors, genres and years of the tags,
//! and as a last resort any text of the tags.

use std::collections::HashSet;

use super::thesaurus::{self, Part};
use crate::ask::answers::Answers;
use crate::latent::named;
use crate::latent::vocabulary::{SPOKEN, key};
use crate::library::filter::fold;
use crate::sound::Key;

/// A property that a track can have.
#[derive(Clone, Debug, PartialEq)]
pub enum Carrier {
    /// A word of the encoder, by its index.
    Word(usize),
    /// One end of a dimension.
    Dim {
        /// The dimension, counted from 0.
        dim: u8,
        /// Whether the high end.
        high: bool,
    },
    /// A tempo in beats a minute, from and to.
    Tempo(f32, f32),
    /// A key, in turns of the circle of fifths, and whether it is minor, if stated.
    Key(f32, Option<bool>),
    /// Years, from and to, and the index of the encoder's word for that decade.
    Years(i32, i32, Option<usize>),
    /// One of the genres of the files' own tags, in lower case.
    Genre(String),
    /// A text in title, artist, album, genre, composer or comment, folded.
    Text(String),
    /// Seconds, from and to.
    Length(f64, f64),
}

/// The meaning of a phrase: the mean over properties, each of which may be negated.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// The properties, and whether each is negated.
    pub carriers: Vec<(Carrier, bool)>,
    /// Its weight among the phrases: less than 1 if it substitutes for an unknown word.
    pub weight: f32,
    /// The words that substitute for it.
    pub instead: Vec<String>,
}

impl Meaning {
    fn of(carriers: Vec<(Carrier, bool)>) -> Option<Meaning> {
        (!carriers.is_empty()).then_some(Meaning { carriers, weight: 1.0, instead: Vec::new() })
    }

    fn one(carrier: Carrier) -> Option<Meaning> {
        Meaning::of(vec![(carrier, false)])
    }
}

/// The weight of a meaning that substitutes for an unknown word.
const SUBSTITUTE: f32 = 0.5;
/// The least duration of a long track and the greatest of a short one, in seconds.
const LONG: f64 = 420.0;
const SHORT: f64 = 150.0;

/// Resolves phrases in a library.
pub struct Known<'a> {
    answers: &'a Answers,
    genres: HashSet<String>,
    newest: Option<i32>,
}

impl<'a> Known<'a> {
    /// Collects the library's genres and its newest year.
    pub fn of(answers: &'a Answers) -> Known<'a> {
        let songs = answers.catalog.songs().iter();
        let genres = songs.clone().flat_map(|s| s.tags.genres.iter().map(|g| g.to_lowercase())).collect();
        Known { answers, genres, newest: songs.filter_map(|s| s.tags.year).max() }
    }

    /// The meaning of a phrase; `None` if unknown. A quoted text is searched for in the files' tags.
    pub fn meaning(&self, text: &str, quoted: bool) -> Option<Meaning> {
        if quoted {
            return Meaning::one(Carrier::Text(fold(text)));
        }
        self.number(text)
            .or_else(|| self.word(text))
            .or_else(|| self.parts(text))
            .or_else(|| self.dimension(text))
            .or_else(|| self.genre(text).and_then(Meaning::one))
            .or_else(|| self.of_time(text))
    }

    /// A substitute for an unknown word: the nearest known words, and the tags if they contain it.
    pub fn substitute(&self, text: &str) -> Option<Meaning> {
        let near = thesaurus::substitutes(text).unwrap_or_default();
        let lexicon = self.answers.lexicon();
        let words: Vec<(usize, String)> =
            near.iter().filter_map(|word| Some((lexicon.find(word)?, (*word).to_string()))).collect();
        let written = self.is_written(text).then(|| (Carrier::Text(fold(text)), false));
        let instead: Vec<String> = words.iter().map(|(_, word)| word.clone()).collect();
        let carriers: Vec<_> = words.iter().map(|(place, _)| (Carrier::Word(*place), false)).chain(written).collect();
        (!carriers.is_empty()).then_some(Meaning { carriers, weight: SUBSTITUTE, instead })
    }

    /// Whether any song's tags contain a text of at least three characters.
    pub fn is_written(&self, text: &str) -> bool {
        let needle = fold(text);
        needle.chars().count() > 2 && self.answers.folded().iter().any(|f| f.all().contains(&needle))
    }

    /// Whether the encoder in use has no words, and this is one that other encoders have.
    pub fn is_word_of_others(&self, text: &str) -> bool {
        let key = key(text);
        self.answers.lexicon().is_empty()
            && SPOKEN.iter().any(|s| [s.name].iter().chain(s.tags).chain(s.also).any(|name| self::key(name) == key))
    }

    /// A word of the encoder, or a decade.
    fn word(&self, text: &str) -> Option<Meaning> {
        let place = self.answers.lexicon().find(text)?;
        if let Some(years) = decade(text) {
            return Meaning::one(Carrier::Years(years.0, years.1, Some(place)));
        }
        Meaning::one(Carrier::Word(place))
    }

    fn parts(&self, text: &str) -> Option<Meaning> {
        let carrier = |part: &Part| {
            let lexicon = self.answers.lexicon();
            let (carrier, denied) = match part {
                Part::Word(word) => (Carrier::Word(lexicon.find(word)?), false),
                Part::Lacks(word) => (Carrier::Word(lexicon.find(word)?), true),
                Part::High(name) => (Carrier::Dim { dim: named::find(name)?, high: true }, false),
                Part::Low(name) => (Carrier::Dim { dim: named::find(name)?, high: false }, false),
            };
            Some((carrier, denied))
        };
        Meaning::of(thesaurus::meaning(text)?.iter().filter_map(carrier).collect())
    }

    /// One end of a dimension, by the dimension's name (the high end) or by the word for the end.
    fn dimension(&self, text: &str) -> Option<Meaning> {
        let key = key(text);
        let end = |dim: usize, low: &str, high: &str, name: &str| {
            let is = |word: &str| !word.is_empty() && self::key(word) == key;
            let high = if is(high) || is(name) {
                true
            } else if is(low) {
                false
            } else {
                return None;
            };
            Some(Carrier::Dim { dim: dim as u8, high })
        };
        let axes = &self.answers.space.words().axes;
        let names = self.answers.names();
        let own = (0..crate::latent::DIMS).find_map(|dim| end(dim, "", "", names.own(dim as u8)?));
        let of_axes = || axes.iter().enumerate().find_map(|(dim, axis)| end(dim, &axis.low, &axis.high, &axis.name));
        let named = crate::latent::NAMED.iter().enumerate().filter(|(_, n)| !n.circular);
        let of_named = || named.clone().find_map(|(dim, n)| end(crate::latent::DIMS + dim, n.low, n.high, n.name));
        own.or_else(of_axes).or_else(of_named).and_then(Meaning::one)
    }

    fn genre(&self, text: &str) -> Option<Carrier> {
        let is = |genre: &&String| genre.as_str() == text || key(genre) == key(text);
        self.genres.iter().find(is).map(|genre| Carrier::Genre(genre.clone()))
    }

    /// `120 bpm`, `96-104 bpm`, `a minor`, `c# major`, `1994`, `1990-1995`, `80s`.
    fn number(&self, text: &str) -> Option<Meaning> {
        if let Some(tempo) = text.strip_suffix("bpm").map(str::trim) {
            let (low, high) = range(tempo)?;
            return ((30.0..=300.0).contains(&low) && high <= 300.0)
                .then_some(Carrier::Tempo(low as f32, high as f32))
                .and_then(Meaning::one);
        }
        if let Some(key) = musical_key(text) {
            return Meaning::one(key);
        }
        if let Some((from, to)) = decade(text) {
            return Meaning::one(Carrier::Years(from, to, self.answers.lexicon().find(text)));
        }
        let (from, to) = range(text)?;
        let year = |y: f64| (1900.0..2100.0).contains(&y) && y.fract() == 0.0;
        (year(from) && year(to)).then_some(Carrier::Years(from as i32, to as i32, None)).and_then(Meaning::one)
    }

    fn of_time(&self, text: &str) -> Option<Meaning> {
        let newest = || self.newest;
        Meaning::one(match text {
            "long" => Carrier::Length(LONG, f64::INFINITY),
            "short" => Carrier::Length(0.0, SHORT),
            "new" | "recent" | "modern" => Carrier::Years(newest()? - 5, 2100, None),
            "old" | "classic" => Carrier::Years(1900, newest()? - 25, None),
            _ => return None,
        })
    }
}

/// `120`, `96-104`, `96–104`, `96..104`.
fn range(text: &str) -> Option<(f64, f64)> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    if let Some(n) = number(text) {
        return Some((n, n));
    }
    let (low, high) = text.split_once("..").or_else(|| text.split_once(['-', '–']))?;
    let (low, high) = (number(low)?, number(high)?);
    (low <= high).then_some((low, high))
}

/// The first and last year of `80s`, `1980s` or `eighties`.
fn decade(text: &str) -> Option<(i32, i32)> {
    const WORDS: [(&str, i32); 6] = [
        ("fifties", 1950),
        ("sixties", 1960),
        ("seventies", 1970),
        ("eighties", 1980),
        ("nineties", 1990),
        ("noughties", 2000),
    ];
    let of_word = WORDS.iter().find(|(word, _)| *word == text).map(|(_, year)| *year);
    let of_digits = || {
        let digits = text.strip_suffix("'s").or_else(|| text.strip_suffix('s'))?;
        let number: i32 = digits.parse().ok()?;
        let year = match (digits.len(), number) {
            (2, 0 | 10 | 20) => 2000 + number,
            (2, 30..=90) => 1900 + number,
            (4, 1900..=2090) => number,
            _ => return None,
        };
        (year % 10 == 0).then_some(year)
    };
    of_word.or_else(of_digits).map(|year| (year, year + 9))
}

/// `a minor`, `c# major`, `b flat minor`, `eb major`.
fn musical_key(text: &str) -> Option<Carrier> {
    let (tonic, mode) = text.rsplit_once(' ')?;
    let minor = match mode {
        "minor" | "min" => true,
        "major" | "maj" => false,
        _ => return None,
    };
    let mut letters = tonic.chars();
    let step = match letters.next()? {
        'c' => 0i32,
        'd' => 2,
        'e' => 4,
        'f' => 5,
        'g' => 7,
        'a' => 9,
        'b' => 11,
        _ => return None,
    };
    let shift = match letters.as_str().trim() {
        "" => 0,
        "#" | "♯" | "sharp" => 1,
        "b" | "♭" | "flat" => -1,
        _ => return None,
    };
    let tonic = (step + shift).rem_euclid(12) as u8;
    Some(Carrier::Key(named::turns_of_key(Key { tonic, minor, confidence: 1.0 }), Some(minor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        assert_eq!((range("120"), range("96–104"), range("104-96")), (Some((120.0, 120.0)), Some((96.0, 104.0)), None));
        assert_eq!(
            (decade("80s"), decade("1980s"), decade("eighties")),
            (Some((1980, 1989)), Some((1980, 1989)), Some((1980, 1989)))
        );
        assert_eq!(
            (decade("00s"), decade("85s"), decade("s"), decade("beatles")),
            (Some((2000, 2009)), None, None, None)
        );
        assert_eq!(musical_key("a minor"), Some(Carrier::Key(0.0, Some(true))));
        assert_eq!(musical_key("bb major"), musical_key("a# major"));
        assert!(
            musical_key("a mineur").is_none() && musical_key("minor").is_none() && musical_key("h minor").is_none()
        );
    }
}
