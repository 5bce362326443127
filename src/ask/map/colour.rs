//! What the tracks of the map are coloured by: every track belongs to one of a few classes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ask::known::Known;
use crate::latent::Tags;
use crate::library::Song;
use crate::text;

/// What is coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// The commonest genres.
    #[default]
    Genre,
    /// The word of the encoder that stands out most.
    Tag,
    /// Beats a minute.
    Tempo,
    /// How forceful it sounds.
    Energy,
    /// The year of release.
    Year,
    /// How often it was played.
    Plays,
    /// How well it fits what the queue follows.
    Fit,
}

/// The most classes with names of their own; one more is for the rest.
pub const MOST: usize = 6;
/// The class of a track of which nothing is known.
pub const UNKNOWN: u8 = MOST as u8 + 1;

impl Colour {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Colour; 7] =
        [Colour::Genre, Colour::Tag, Colour::Tempo, Colour::Energy, Colour::Year, Colour::Plays, Colour::Fit];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Colour::Genre => "genre",
            Colour::Tag => "tag",
            Colour::Tempo => "tempo",
            Colour::Energy => "energy",
            Colour::Year => "year",
            Colour::Plays => "plays",
            Colour::Fit => "fit",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Colour> {
        Colour::ALL.into_iter().find(|colour| colour.name() == name)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Colour {
        let at = Colour::ALL.iter().position(|colour| *colour == self).unwrap_or(0);
        Colour::ALL[(at + 1) % Colour::ALL.len()]
    }

    /// Whether its classes go from little to much.
    pub fn is_ordered(self) -> bool {
        !matches!(self, Colour::Genre | Colour::Tag)
    }
}

/// A class in the legend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// What its tracks have in common (sanitised).
    pub name: String,
    /// How many tracks of the whole map are in it.
    pub count: usize,
}

/// The classes of all tracks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes {
    /// The class of each track.
    pub of: Vec<u8>,
    /// The classes by number: those with names of their own, the rest, the unknown. Empty ones are among them.
    pub all: Vec<Class>,
}

impl Classes {
    /// Classes by a colour; `songs` are the tracks of the map.
    pub fn by(colour: Colour, songs: &[Arc<Song>], known: &Known<'_>) -> Classes {
        let of_song = |value: &dyn Fn(&Song) -> Option<f32>| -> Vec<Option<f32>> {
            let finite = |song: &Arc<Song>| value(song).filter(|value| value.is_finite());
            songs.iter().map(finite).collect()
        };
        match colour {
            Colour::Genre => named(&songs.iter().map(|song| genre(song)).collect::<Vec<_>>()),
            Colour::Tag => {
                let tags = known.space.tags();
                let word = |song: &Arc<Song>| outstanding(tags, known.space.row(song.track)?);
                named(&songs.iter().map(word).collect::<Vec<_>>())
            }
            Colour::Tempo => {
                banded(&of_song(&|song| known.tempo(song)), &[96.0, 112.0, 128.0, 144.0], &|v| format!("{v:.0} bpm"))
            }
            Colour::Energy => fifths(&of_song(&|song| known.energy(song)), &|v| format!("{v:.2}")),
            Colour::Year => fifths(&of_song(&|song| song.tags.year.map(|year| year as f32)), &|v| format!("{v:.0}")),
            Colour::Plays => {
                let plays = |song: &Song| Some(known.tallies.of_song(song).plays as f32);
                banded(&of_song(&plays), &[1.0, 2.0, 5.0, 10.0], &|v| format!("{v:.0}"))
            }
            Colour::Fit => banded(
                &of_song(&|song| known.fits.of(song.track).map(|fit| 100.0 * fit)),
                &[20.0, 40.0, 60.0, 80.0],
                &|v| format!("{v:.0} %"),
            ),
        }
    }

    fn of_numbers(of: Vec<u8>, names: Vec<String>) -> Classes {
        let mut all: Vec<Class> = names.into_iter().map(|name| Class { name, count: 0 }).collect();
        all.resize(MOST, Class::default());
        all.extend(["other", "not known"].map(|name| Class { name: name.into(), count: 0 }));
        for class in &of {
            if let Some(class) = all.get_mut(usize::from(*class)) {
                class.count += 1;
            }
        }
        Classes { of, all }
    }
}

/// The first genre of a song in which anything can be seen.
pub fn genre(song: &Song) -> Option<&str> {
    song.tags.genres.iter().map(|genre| &**genre).find(|genre| !text::is_blank(genre))
}

/// The word that is likeliest in proportion to the library, if it is likely at all.
fn outstanding(tags: &Tags, row: u32) -> Option<&str> {
    const LEAST: f32 = 0.1;
    let stands = |tag: usize| {
        let probability = tags.probability(row, tag).filter(|probability| *probability >= LEAST)?;
        Some((tag, probability / tags.mean(tag).max(1e-3)))
    };
    let all = (0..tags.names().len()).filter_map(stands);
    let best = all.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.and_then(|(tag, _)| tags.names().get(tag)).map(String::as_str)
}

/// Classes of the commonest names, the commonest first.
fn named(names: &[Option<&str>]) -> Classes {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    names.iter().flatten().for_each(|name| *counts.entry(name).or_default() += 1);
    let mut order: Vec<(&str, usize)> = counts.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    order.truncate(MOST);
    let numbers: HashMap<&str, u8> = (0..).zip(&order).map(|(number, (name, _))| (*name, number)).collect();
    let number = |name: &Option<&str>| match name {
        Some(name) => numbers.get(name).copied().unwrap_or(MOST as u8),
        None => UNKNOWN,
    };
    let of = names.iter().map(number).collect();
    Classes::of_numbers(of, order.iter().map(|(name, _)| text::sanitize(name)).collect())
}

/// Five classes of about as many tracks each; fewer where values are equal.
fn fifths(values: &[Option<f32>], told: &dyn Fn(f32) -> String) -> Classes {
    let mut known: Vec<f32> = values.iter().flatten().copied().collect();
    known.sort_by(f32::total_cmp);
    let cut = |nth: usize| known.get(known.len() * nth / 5).copied();
    let mut cuts: Vec<f32> = (1..5).filter_map(cut).collect();
    cuts.dedup();
    cuts.retain(|cut| known.first().is_some_and(|first| cut > first));
    banded(values, &cuts, told)
}

/// Classes between cuts, of which each belongs to what is above it; at most [`MOST`]` − 1` cuts.
fn banded(values: &[Option<f32>], cuts: &[f32], told: &dyn Fn(f32) -> String) -> Classes {
    let number = |value: &Option<f32>| value.map_or(UNKNOWN, |value| cuts.partition_point(|cut| *cut <= value) as u8);
    let of: Vec<u8> = values.iter().map(number).collect();
    let mut names: Vec<String> = Vec::new();
    for (at, cut) in cuts.iter().enumerate() {
        names.push(match at.checked_sub(1).and_then(|before| cuts.get(before)) {
            None => format!("below {}", told(*cut)),
            Some(before) => format!("from {}", told(*before)),
        });
    }
    names.push(cuts.last().map_or_else(|| "all".into(), |last| format!("from {}", told(*last))));
    Classes::of_numbers(of, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_round_and_have_names() {
        assert_eq!(Colour::Genre.next(), Colour::Tag);
        assert_eq!(Colour::Fit.next(), Colour::Genre);
        assert!(Colour::ALL.into_iter().all(|colour| Colour::named(colour.name()) == Some(colour)));
    }

    #[test]
    fn the_commonest_names_have_classes_of_their_own() {
        let names = ["a", "b", "a", "c", "d", "e", "f", "g", "h", "b", "a"].map(Some);
        let names = [&names[..], &[None]].concat();
        let classes = named(&names);
        assert_eq!((classes.all[0].name.as_str(), classes.all[0].count), ("a", 3));
        assert_eq!((classes.all[1].name.as_str(), classes.all[1].count), ("b", 2));
        assert_eq!((classes.all[MOST].count, classes.all[usize::from(UNKNOWN)].count), (2, 1));
        assert_eq!(classes.of.len(), 12);
    }

    #[test]
    fn numbers_are_banded() {
        let values = [Some(1.0), Some(2.0), Some(2.0), Some(9.0), None];
        let classes = banded(&values, &[2.0, 5.0], &|v| format!("{v:.0}"));
        assert_eq!(classes.of, [0, 1, 1, 2, UNKNOWN]);
        let names: Vec<&str> = classes.all[..3].iter().map(|class| class.name.as_str()).collect();
        assert_eq!(names, ["below 2", "from 2", "from 5"]);
        let same = fifths(&[Some(7.0); 9], &|v| v.to_string());
        assert_eq!((same.of, same.all[0].name.as_str()), (vec![0; 9], "all"));
        assert!(fifths(&[], &|v| v.to_string()).of.is_empty());
        let many: Vec<Option<f32>> = (0..100).map(|v| Some(v as f32)).collect();
        let classes = fifths(&many, &|v| v.to_string());
        assert!(classes.all[..5].iter().all(|class| class.count == 20), "{:?}", classes.all);
    }
}
