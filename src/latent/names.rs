//! Names of dimensions, and which dimension a word means: the user's own names, the encoder's names of its axes and
//! their ends, the descriptors, and the encoder's words, each for the axis that correlates with it in this library.

mod error;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::choice::{Choice, ChoiceError, DimensionError, Pick};
use super::named::{self, NAMED};
use super::vocabulary::{self, key};
use super::words::Axis;
use super::{DIMS, Space};

pub use error::NameError;

/// The least absolute correlation over the library at which an axis carries a word.
const CARRIES: f64 = 0.4;
/// Maximum number of rows from which correlations are computed.
const SAMPLE: usize = 2048;
/// The longest user-given name, in characters.
const LONGEST: usize = 24;
/// Maximum number of suggestions for an unknown name.
const NEAREST: usize = 4;
/// Words with another meaning where a dimension can be written.
const TAKEN: [&str; 5] = ["auto", "off", "all", "up", "down"];

/// The names of the dimensions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Names {
    axes: Vec<Axis>,
    /// The user's names, by 0-based dimension.
    own: BTreeMap<u8, String>,
    /// The encoder's words.
    words: Vec<Carried>,
}

/// A word of the encoder, and the axis that carries it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Carried {
    name: String,
    also: Vec<String>,
    /// The dimension, and whether the word lies at its low end.
    axis: Option<(u8, bool)>,
}

/// A dimension that a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Counted from 0.
    pub dim: u8,
    /// Whether more of the word means less of the dimension.
    pub turned: bool,
}

impl Names {
    /// The names in a library's space; `own` maps [`Names::key_of`] to the user's names.
    pub fn of(space: &Space, own: &BTreeMap<String, String>) -> Names {
        let axes = space.words().axes.clone();
        let mut names = Names { axes, own: BTreeMap::new(), words: carried(space) };
        let known = (0..DIMS as u8).filter_map(|dim| Some((dim, own.get(&names.key_of(dim))?.clone())));
        names.own = known.collect::<BTreeMap<_, _>>();
        names
    }

    /// The key of a 0-based dimension in the user's file: the encoder's name where it has one, so that a user's name
    /// keeps its meaning under another encoder, else its number.
    pub fn key_of(&self, dim: u8) -> String {
        self.axis(dim).map_or_else(|| named::label(dim), |axis| axis.name.clone())
    }

    /// The label of a 0-based dimension: the user's name, the encoder's, or its number.
    pub fn label(&self, dim: u8) -> String {
        self.own.get(&dim).cloned().unwrap_or_else(|| self.key_of(dim))
    }

    /// The axis of a dimension, where the encoder has a name for it.
    pub fn axis(&self, dim: u8) -> Option<&Axis> {
        self.axes.get(usize::from(dim)).filter(|axis| !axis.name.is_empty())
    }

    /// The user's own name of a dimension.
    pub fn own(&self, dim: u8) -> Option<&str> {
        self.own.get(&dim).map(String::as_str)
    }

    /// The encoder's words, as they are shown.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.name.as_str())
    }

    /// The dimension that a word means: a number, the user's name, an axis name, a descriptor, the word for an axis
    /// end, or a word of the encoder that an axis carries; earlier kinds win.
    pub fn find(&self, word: &str) -> Option<Found> {
        let straight = |dim: u8| Found { dim, turned: false };
        if let Ok(number) = word.parse::<u32>() {
            return (1..=DIMS as u32).contains(&number).then(|| straight((number - 1) as u8));
        }
        let key = key(word);
        if key.is_empty() {
            return None;
        }
        let is = |name: &str| !name.is_empty() && vocabulary::key(name) == key;
        let own = || self.own.iter().find(|(_, name)| is(name)).map(|(dim, _)| straight(*dim));
        let axis = || self.axes.iter().position(|axis| is(&axis.name)).map(|dim| straight(dim as u8));
        let end = || {
            let place = self.axes.iter().position(|axis| is(&axis.low) || is(&axis.high))?;
            Some(Found { dim: place as u8, turned: is(&self.axes[place].low) })
        };
        let carried = || {
            let word = self.words.iter().find(|w| is(&w.name) || w.also.iter().any(|also| is(also)))?;
            word.axis.map(|(dim, turned)| Found { dim, turned })
        };
        own().or_else(axis).or_else(|| named::find(word).map(straight)).or_else(end).or_else(carried)
    }

    /// The dimension that a word means.
    ///
    /// # Errors
    /// When it means none; the message suggests the nearest names.
    pub fn one(&self, word: &str) -> Result<Found, DimensionError> {
        self.find(word.trim()).ok_or_else(|| self.unknown(word.trim()))
    }

    /// Parses a choice of dimensions by name: `calm,tempo`, `3,jazz*2`, `-female-voice`.
    ///
    /// # Errors
    /// When a word names no dimension, or [`Choice`] rejects the text.
    pub fn choice(&self, text: &str) -> Result<Choice, ChoiceError> {
        if TAKEN[..3].contains(&text.trim()) {
            return text.trim().parse();
        }
        let mut words: Vec<String> = Vec::new();
        let mut text = text.trim();
        // `auto` before others leaves the rest to the test.
        if let Some(rest) = text.strip_prefix("auto").filter(|rest| rest.starts_with([',', ' '])) {
            words.push("auto".into());
            text = rest;
        }
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match self.numbered(part) {
                Ok(word) => words.push(word),
                // First try the words as one name, then as several names.
                Err(_) if part.contains(char::is_whitespace) => {
                    for word in part.split_whitespace() {
                        words.push(self.numbered(word)?);
                    }
                }
                Err(why) => return Err(why.into()),
            }
        }
        words.join(",").parse()
    }

    /// A word with its sign and weight, the name replaced by the form that [`Choice`] parses.
    fn numbered(&self, word: &str) -> Result<String, DimensionError> {
        let (name, weight) = word.split_once('*').map_or((word, None), |(name, weight)| (name, Some(weight)));
        let (sign, name) = name.strip_prefix('-').map_or(("", name), |name| ("-", name));
        // Numbers out of range are left to `Choice`'s error.
        let label = if name.parse::<u32>().is_ok() { name.to_string() } else { named::label(self.one(name)?.dim) };
        let weight = weight.map_or(String::new(), |weight| format!("*{weight}"));
        Ok(format!("{sign}{label}{weight}"))
    }

    /// A choice as it is shown, with names.
    pub fn told(&self, choice: &Choice) -> String {
        let pick = |pick: &Pick| match pick.weight {
            1.0 => self.label(pick.dim),
            weight => format!("{}*{weight}", self.label(pick.dim)),
        };
        let left_out = |dim: &u8| format!("-{}", self.label(*dim));
        let words: Vec<String> = match choice {
            Choice::Dims(picks) => picks.iter().map(pick).collect(),
            Choice::Without(dims) => dims.iter().map(left_out).collect(),
            Choice::Tuned { used, never } => {
                let auto = std::iter::once("auto".to_string());
                auto.chain(used.iter().map(pick)).chain(never.iter().map(left_out)).collect()
            }
            Choice::Auto | Choice::All => return choice.to_string(),
        };
        words.join(",")
    }

    /// The error for an unknown name, with the nearest names.
    fn unknown(&self, word: &str) -> DimensionError {
        let said = crate::text::sanitize(word);
        if self.words.iter().any(|w| vocabulary::key(&w.name) == key(word) && w.axis.is_none()) {
            return DimensionError::NotCarried(said);
        }
        let of_axes = self.axes.iter().flat_map(|axis| [&axis.name, &axis.low, &axis.high]);
        let words = self.words.iter().filter(|w| w.axis.is_some()).map(|w| &w.name);
        let all = of_axes.chain(self.own.values()).chain(words).map(String::as_str).chain(NAMED.iter().map(|n| n.name));
        let near = crate::text::nearest(word, all.filter(|name| !name.is_empty()), NEAREST);
        match (near.is_empty(), self.axes.is_empty()) {
            (false, _) => DimensionError::Near { word: said, near: near.into_iter().map(str::to_string).collect() },
            (true, false) => DimensionError::Unlisted(said),
            (true, true) => DimensionError::Wordless(said),
        }
    }

    /// Checks a name that the user wants to give a 0-based dimension.
    ///
    /// # Errors
    /// Why the name is not allowed.
    pub fn check(&self, dim: u8, name: &str) -> Result<(), NameError> {
        let said = crate::text::sanitize(name);
        if usize::from(dim) >= DIMS {
            return Err(NameError::Descriptor(named::label(dim)));
        }
        let letters = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '&'));
        let begins = name.chars().next().is_some_and(char::is_alphabetic);
        if !letters || !begins || name.chars().count() > LONGEST {
            return Err(NameError::Characters { name: said, most: LONGEST });
        }
        if TAKEN.contains(&name.to_lowercase().as_str()) || named::find(name).is_some() {
            return Err(NameError::Reserved(said));
        }
        let of_others = |d: &u8| {
            *d != dim && (self.own(*d) == Some(name) || self.axis(*d).is_some_and(|a| key(&a.name) == key(name)))
        };
        match (0..DIMS as u8).find(of_others) {
            Some(other) => Err(NameError::Taken { number: u32::from(other) + 1, name: said }),
            None => Ok(()),
        }
    }
}

/// The encoder's words, each with the axis that has the largest absolute correlation over the library.
fn carried(space: &Space) -> Vec<Carried> {
    let (tags, n) = (space.tags(), space.len());
    let step = n.div_ceil(SAMPLE).max(1);
    let rows: Vec<u32> = (0..n as u32).step_by(step).collect();
    let scores: Vec<_> = rows.iter().map(|&row| space.z(row)).collect();
    let term = |term: vocabulary::Term| {
        let logit = |&row: &u32| term.strongest(tags, row).and_then(|(_, tag)| tags.logit(row, tag)).map(f64::from);
        let values: Vec<Option<f64>> = rows.iter().map(logit).collect();
        let with = |dim: usize| {
            let pairs = values.iter().zip(&scores).filter_map(|(v, z)| Some(((*v)?, f64::from(z[dim]))));
            (correlation(pairs), dim)
        };
        let most = (0..DIMS).map(with).max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
        let axis = most.filter(|(r, _)| r.abs() >= CARRIES).map(|(r, dim)| (dim as u8, r < 0.0));
        Carried { name: term.name, also: term.also, axis }
    };
    vocabulary::terms(tags.names()).into_iter().map(term).collect()
}

/// Pearson's correlation; 0 where either side does not vary.
fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let n = pairs.clone().count().max(1) as f64;
    let sums = pairs.clone().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mx, my) = (sums.0 / n, sums.1 / n);
    let moments = pairs.fold((0.0, 0.0, 0.0), |(xx, yy, xy), (x, y)| {
        let (x, y) = (x - mx, y - my);
        (xx + x * x, yy + y * y, xy + x * y)
    });
    let scale = (moments.0 * moments.1).sqrt();
    if scale > 0.0 { moments.2 / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tags::encode;
    use super::super::{Latent, Reference, Words};
    use super::*;
    use crate::track::TrackId;

    /// Dimension 1 is electronic, 2 runs from calm to driving; 3 has no name. Mellow falls along 2, sad along nothing.
    fn space() -> Space {
        let axis = |name: &str, low: &str, high: &str| Axis { name: name.into(), low: low.into(), high: high.into() };
        let mut axes = vec![axis("electronic", "acoustic", "electronic"), axis("driving", "calm", "driving")];
        axes.resize(DIMS, Axis::default());
        let tags: Vec<String> = ["Mellow", "electronic", "sad"].map(String::from).into();
        let words = Words { axes, tags: tags.into() };
        let mut rng = fastrand::Rng::with_seed(3);
        let tracks: Vec<(TrackId, Latent)> =
            (0..200u8).map(|n| (TrackId([n; 16]), std::array::from_fn(|_| rng.f32() - 0.5))).collect();
        let codes: Vec<Box<[u8]>> =
            tracks.iter().map(|(_, z)| encode(&[0.4 - 0.6 * z[1], 0.4 + 0.6 * z[0], 0.1 + 0.1 * rng.f32()])).collect();
        Space::build("x".into(), Arc::new(Reference { words, ..Reference::default() }), tracks)
            .with_tags(|track| Some(&*codes[usize::from(track.0[0])]))
    }

    fn own(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())).collect()
    }

    #[test]
    fn every_kind_of_name_is_found() {
        let names = Names::of(&space(), &own(&[("3", "twang"), ("driving", "push")]));
        let at = |word: &str| names.find(word).map(|f| (f.dim, f.turned));
        assert_eq!((at("3"), at("33"), at("0")), (Some((2, false)), None, None));
        assert_eq!((at("Electronic"), at("acoustic")), (Some((0, false)), Some((0, true))));
        assert_eq!((at("calm"), at("driving"), at("push")), (Some((1, true)), Some((1, false)), Some((1, false))));
        assert_eq!((at("twang"), at("tempo")), (Some((2, false)), Some((32, false))));
        assert_eq!(at("mellow"), Some((1, true)), "carried by the axis against which it falls");
        assert_eq!((at("sad"), at("zzz"), at("")), (None, None, None));
        assert_eq!(
            (names.label(0), names.label(1), names.label(2), names.label(3)),
            ("electronic".into(), "push".into(), "twang".into(), "4".into())
        );
        assert_eq!((names.key_of(1), names.key_of(3), names.label(32)), ("driving".into(), "4".into(), "tempo".into()));
    }

    #[test]
    fn choices_take_names() {
        let names = Names::of(&space(), &own(&[("3", "twang")]));
        let read = |text: &str| names.choice(text).map(|c| c.to_string());
        assert_eq!(read("calm,tempo"), Ok("2,tempo".into()));
        assert_eq!(read("mellow twang*2"), Ok("2,3*2".into()));
        assert_eq!(read("-Electronic, -key"), Ok("-1,-key".into()));
        assert_eq!((read("auto"), read("off"), read("3,7")), (Ok("auto".into()), Ok("off".into()), Ok("3,7".into())));
        assert_eq!(names.told(&names.choice("3*2,calm,tempo").unwrap()), "driving,twang*2,tempo");
        assert_eq!((read("auto,calm,-key"), read("auto twang*2")), (Ok("auto,2,-key".into()), Ok("auto,3*2".into())));
        assert_eq!(names.told(&names.choice("auto,3*2,-calm").unwrap()), "auto,twang*2,-driving");
        for (text, says) in [
            ("clam", "did you mean calm"),
            ("sad", "no dimension follows 'sad'"),
            ("calm,driving", "listed twice"),
            ("33", "no dimension 33"),
            ("xxxxxxxxxx", "`jukebox dims` lists"),
            ("", "such as 3,7,tempo"),
        ] {
            let why = read(text).unwrap_err().to_string();
            assert!(why.contains(says), "{text}: {why}");
        }
        let bare = Names::default();
        assert!(bare.choice("xxxxxxxxxx").unwrap_err().to_string().contains("has no words"));
        assert_eq!(bare.choice("7,tempo").map(|c| c.to_string()), Ok("7,tempo".into()));
    }

    #[test]
    fn own_names_are_checked() {
        let names = Names::of(&space(), &own(&[("3", "twang")]));
        for (dim, name, says) in [
            (4, "two words", "cannot be"),
            (4, "7up", "cannot be"),
            (4, "", "cannot be"),
            (4, "tempo", "means something else"),
            (4, "off", "means something else"),
            (4, "twang", "dimension 3 is called twang already"),
            (4, "electronic", "dimension 1 is called"),
            (33, "groove", "has its own name"),
        ] {
            let why = names.check(dim, name).unwrap_err().to_string();
            assert!(why.contains(says), "{name}: {why}");
        }
        assert_eq!(
            (names.check(2, "twang"), names.check(0, "electronic"), names.check(4, "späť")),
            (Ok(()), Ok(()), Ok(()))
        );
    }
}
