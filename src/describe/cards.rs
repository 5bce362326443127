//! Dimension cards: what a dimension means to a listener (docs/design.md, "Dimension card").

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::latent::{ALL_DIMS, DIMS, Departure, NAMED, Names, Space, named};
use crate::library::{Catalog, Song};

use super::correlation::{Circle, Ranks, pearson, with_circle, with_group};

/// Weaker correlations are not shown: they mean nothing to a listener.
pub const FAINT: f32 = 0.25;
/// Number of tracks sampled from a library (standard error of a correlation 0.011).
const SAMPLE: usize = 8192;
/// Genres with fewer tracks are ignored.
const FEWEST_OF_GENRE: usize = 5;
/// How far from zero a correlation must lie, in standard errors: the strongest of some dozens is shown, and among few
/// tracks the strongest is large by chance alone.
const ERRORS: f64 = 3.0;
/// The same for circular dimensions, as χ² with two degrees of freedom.
const CIRCLE_ERRORS: f64 = 11.8;
/// The meaning of a dimension that correlates with nothing, until two tracks at its ends describe it.
const UNCLEAR: &str = "follows nothing that is known";
/// The most correlates kept on a card.
const CORRELATES: usize = 6;
/// Example tracks at each end.
const EXAMPLES: usize = 5;
/// How far from the library's centre a value must lie to be described by a word, in standard deviations.
const OFF_CENTRE: f32 = 0.5;

/// The cards of one latent space.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cards {
    /// The generation of latents that they describe.
    pub generation: String,
    /// Number of tracks they were made from.
    pub tracks: usize,
    /// One for each dimension, the latent's 32 first; empty while nothing is analysed.
    pub cards: Vec<Card>,
    /// What the dimensions are called.
    #[serde(default)]
    pub names: Names,
}

/// What one dimension means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Counted from 1; the named dimensions start at 33.
    pub dim: u8,
    /// Its name for the user: `7`, `tempo`.
    pub name: String,
    /// The meaning in one line.
    pub meaning: String,
    /// What the low end sounds like, in a word or two; empty when unclear.
    pub low: String,
    /// What the high end sounds like.
    pub high: String,
    /// What it correlates with, the strongest first.
    pub correlates: Vec<Correlate>,
    /// Tracks at the low end, the lowest first; none for a circular dimension.
    pub lowest: Vec<Example>,
    /// Tracks at the high end, the highest first.
    pub highest: Vec<Example>,
    /// The share of tracks that have the most common value; 0 if no two are equal.
    pub ties: f32,
    /// Whether every track has the same value.
    pub dead: bool,
    /// The share of tracks whose value is unknown.
    pub missing: f32,
    /// How the library's distribution departs from the model's reference; `None` for named dimensions and without a
    /// reference.
    pub departure: Option<Departure>,
}

/// What a dimension correlates with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Correlate {
    /// A named dimension or a genre.
    pub name: String,
    /// Whether it is a genre.
    pub genre: bool,
    /// −1 to 1: Spearman's ρ; 0 to 1 with a circular dimension; the rank-biserial correlation for a genre.
    pub strength: f32,
}

/// An example track at one end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or "".
    pub artist: String,
    /// Its normal score, or its value in the named dimension's own unit.
    pub value: f32,
}

impl Cards {
    /// The cards of a space. Correlations are computed from at most 8,192 tracks spread evenly over the library; the
    /// examples come from all of it. Pure.
    pub fn of(space: &Space, catalog: &Catalog) -> Cards {
        let n = space.len();
        let mut all = Cards { generation: space.generation().to_string(), tracks: n, ..Cards::default() };
        if n == 0 {
            return all;
        }
        let sample = Sample::of(space, catalog);
        let ends = ends(space, catalog);
        let card = |(dim, (lowest, highest))| sample.card(dim, space, lowest, highest);
        all.cards = ends.into_iter().enumerate().map(card).collect();
        all
    }

    /// Adds the names of the dimensions: the encoder's words for the two ends replace the correlates, and a dimension
    /// that follows nothing known is described by an example track for each end.
    pub fn with_names(mut self, names: &Names) -> Cards {
        for card in self.cards.iter_mut().take(DIMS) {
            let dim = card.dim.saturating_sub(1);
            card.name = names.label(dim);
            if let Some(axis) = names.axis(dim).filter(|_| !card.dead) {
                (card.low, card.high) = (axis.low.clone(), axis.high.clone());
                card.meaning = format!("{} ↔ {}", axis.low, axis.high);
            } else if card.meaning == UNCLEAR
                && let (Some(low), Some(high)) = (card.lowest.first(), card.highest.first())
            {
                card.meaning = format!("from {} to {}", low.title, high.title);
            }
        }
        self.names = names.clone();
        self
    }

    /// The card of a dimension counted from 0.
    pub fn card(&self, dim: u8) -> Option<&Card> {
        self.cards.get(usize::from(dim))
    }

    /// The meaning of a dimension (counted from 0) in one line; empty if unknown.
    pub fn meaning(&self, dim: u8) -> &str {
        self.card(dim).map_or("", |c| c.meaning.as_str())
    }
}

impl Card {
    /// The word for a value in normal scores; `None` near the centre, or if the dimension has no word there.
    pub fn word(&self, centre: f32) -> Option<&str> {
        let word = match centre {
            c if c <= -OFF_CENTRE => self.low.as_str(),
            c if c >= OFF_CENTRE => self.high.as_str(),
            _ => return None,
        };
        // "not jazz" does not describe how a track sounds.
        (!word.is_empty() && !word.starts_with("not ")).then_some(word)
    }

    /// The meaning without its numbers and qualifications, for narrow places: `dark ↔ bright`.
    pub fn short(&self) -> &str {
        let end = [" (", ": ", ";", ","].iter().filter_map(|stop| self.meaning.find(stop)).min();
        self.meaning.get(..end.unwrap_or(self.meaning.len())).unwrap_or(&self.meaning)
    }

    /// Sets both ends and the meaning from the correlates.
    fn interpret(&mut self, index: usize) {
        let named = index.checked_sub(DIMS).and_then(|i| NAMED.get(i));
        if let Some(named) = named {
            (self.low, self.high) = (named.low.into(), named.high.into());
            let ends = if named.circular { String::new() } else { format!("{} ↔ {}: ", named.low, named.high) };
            let known = if self.missing >= 1.0 { " (not measured yet)" } else { "" };
            self.meaning = format!("{ends}{}{known}", named.doc);
            return;
        }
        if self.dead {
            self.meaning = "does not vary in your library".into();
            return;
        }
        let mut parts = Vec::new();
        let sound = self.correlates.iter().find(|c| !c.genre).cloned();
        let genre = self.correlates.iter().find(|c| c.genre).cloned();
        if let Some(Correlate { name, strength, .. }) = &sound {
            match NAMED.iter().find(|n| n.name == name && !n.circular) {
                Some(n) => {
                    let (low, high) = if *strength > 0.0 { (n.low, n.high) } else { (n.high, n.low) };
                    (self.low, self.high) = (low.into(), high.into());
                    parts.push(format!("{low} ↔ {high} ({name} {strength:+.2})"));
                }
                None => parts.push(format!("follows {name} ({strength:.2})")),
            }
        }
        if let Some(Correlate { name, strength, .. }) = &genre {
            let more = if *strength > 0.0 { "more" } else { "less" };
            parts.push(format!("{more} in {name} ({strength:+.2})"));
            if self.high.is_empty() {
                let end = if *strength > 0.0 { &mut self.high } else { &mut self.low };
                *end = format!("like {name}");
            }
        }
        self.meaning = if parts.is_empty() { UNCLEAR.into() } else { parts.join("; ") };
    }
}

/// A sample of the library, column by column.
struct Sample {
    /// One per dimension; empty for circular ones.
    ranks: Vec<Ranks>,
    /// One per named dimension; `None` unless it is circular.
    circles: Vec<Option<Circle>>,
    /// The share of missing values in each dimension.
    missing: Vec<f32>,
    /// Genres as first written, with the sampled tracks that have them.
    genres: Vec<(String, Vec<u32>)>,
}

impl Sample {
    fn of(space: &Space, catalog: &Catalog) -> Sample {
        let step = space.len().div_ceil(SAMPLE).max(1);
        let rows: Vec<u32> = (0..space.len() as u32).step_by(step).collect();
        let mut columns: Vec<Vec<f32>> = (0..ALL_DIMS).map(|_| Vec::with_capacity(rows.len())).collect();
        for &row in &rows {
            let values = space.z(row).into_iter().chain(space.named(row));
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
        let circular = |dim: usize| dim.checked_sub(DIMS).is_some_and(|i| NAMED[i].circular);
        let known = |column: &Vec<f32>| column.iter().filter(|v| v.is_finite()).count() as f32;
        let missing = columns.iter().map(|c| 1.0 - known(c) / rows.len() as f32).collect();
        let circles = (DIMS..ALL_DIMS).map(|dim| circular(dim).then(|| Circle::of(&columns[dim]))).collect();
        Sample {
            ranks: columns.iter().map(|c| Ranks::of(c)).collect(),
            circles,
            missing,
            genres: genres(space, catalog, &rows),
        }
    }

    fn card(&self, dim: usize, space: &Space, lowest: Vec<Example>, highest: Vec<Example>) -> Card {
        let ranks = &self.ranks[dim];
        let mut card = Card {
            dim: dim as u8 + 1,
            name: named::label(dim as u8),
            correlates: self.correlates(dim),
            lowest,
            highest,
            ties: ranks.ties,
            dead: ranks.known > 1 && !ranks.varies(),
            missing: self.missing[dim],
            departure: if dim < DIMS { space.departures().get(dim).copied() } else { None },
            ..Card::default()
        };
        card.interpret(dim);
        card
    }

    /// The correlates of a dimension that are both significant and strong enough, the strongest first.
    fn correlates(&self, dim: usize) -> Vec<Correlate> {
        let own = dim.checked_sub(DIMS).and_then(|i| self.circles[i].as_ref());
        let ranks = &self.ranks[dim];
        if !ranks.varies() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let clear = |r: f64, least: f64| r.abs() >= f64::from(FAINT).max(least);
        for (i, other) in NAMED.iter().enumerate().filter(|(i, _)| i + DIMS != dim) {
            let theirs = &self.ranks[i + DIMS];
            let least = |n: usize, square: f64| (square / n as f64).sqrt();
            let strength = match (own, &self.circles[i]) {
                (None, None) => pearson(&ranks.at, &theirs.at).filter(|&(r, n)| clear(r, least(n, ERRORS * ERRORS))),
                (None, Some(circle)) => {
                    with_circle(&ranks.at, circle).filter(|&(r, n)| clear(r, least(n, CIRCLE_ERRORS)))
                }
                (Some(circle), None) => {
                    with_circle(&theirs.at, circle).filter(|&(r, n)| clear(r, least(n, CIRCLE_ERRORS)))
                }
                // The correlation of two circles is not a single number.
                (Some(_), Some(_)) => None,
            };
            if let Some((strength, _)) = strength {
                found.push(Correlate { name: other.name.into(), genre: false, strength: strength as f32 });
            }
        }
        for (genre, members) in self.genres.iter().filter(|_| own.is_none()) {
            let Some((r, n1, n0)) = with_group(ranks, members) else { continue };
            // The standard error of a rank-biserial correlation under chance: √((n + 1)/(3·n₁·n₀)).
            let error = ((n1 + n0 + 1) as f64 / (3.0 * n1 as f64 * n0 as f64)).sqrt();
            if n1 >= FEWEST_OF_GENRE && n0 >= FEWEST_OF_GENRE && clear(r, ERRORS * error) {
                found.push(Correlate { name: genre.clone(), genre: true, strength: r as f32 });
            }
        }
        found.sort_by(|a, b| b.strength.abs().total_cmp(&a.strength.abs()).then_with(|| a.name.cmp(&b.name)));
        found.truncate(CORRELATES);
        found
    }
}

/// The genres with enough tracks, ignoring case, in alphabetical order.
fn genres(space: &Space, catalog: &Catalog, rows: &[u32]) -> Vec<(String, Vec<u32>)> {
    let mut genres: HashMap<String, (String, Vec<u32>)> = HashMap::new();
    for (i, song) in rows.iter().enumerate().filter_map(|(i, &row)| Some((i, catalog.of_track(space.id(row)?)?))) {
        for genre in song.tags.genres.iter().filter(|g| !g.is_empty()) {
            let members = &mut genres.entry(genre.to_lowercase()).or_insert_with(|| (genre.clone(), Vec::new())).1;
            // A song may state a genre twice.
            if members.last() != Some(&(i as u32)) {
                members.push(i as u32);
            }
        }
    }
    let mut genres: Vec<(String, Vec<u32>)> =
        genres.into_values().filter(|(_, members)| members.len() >= FEWEST_OF_GENRE).collect();
    genres.sort();
    genres
}

/// The example tracks at both ends of every dimension.
fn ends(space: &Space, catalog: &Catalog) -> Vec<(Vec<Example>, Vec<Example>)> {
    let mut lows = vec![End::default(); ALL_DIMS];
    let mut highs = vec![End::default(); ALL_DIMS];
    for row in 0..space.len() as u32 {
        for (dim, value) in space.z(row).into_iter().chain(space.named(row)).enumerate() {
            if value.is_finite() {
                lows[dim].offer(value, row);
                highs[dim].offer(-value, row);
            }
        }
    }
    let song = |row: u32| space.id(row).and_then(|id| catalog.of_track(id));
    let examples = |end: End, sign: f32| {
        let one = |&(value, row): &(f32, u32)| song(row).map(|song| example(song, sign * value));
        end.best.iter().filter_map(one).collect::<Vec<_>>()
    };
    let circular = |dim: usize| dim.checked_sub(DIMS).is_some_and(|i| NAMED[i].circular);
    lows.into_iter()
        .zip(highs)
        .enumerate()
        .map(|(dim, (low, high))| match circular(dim) {
            true => (Vec::new(), Vec::new()),
            false => (examples(low, 1.0), examples(high, -1.0)),
        })
        .collect()
}

fn example(song: &Song, value: f32) -> Example {
    Example { title: song.title(), artist: song.artist().into(), value }
}

/// The rows with the smallest values so far, ascending.
#[derive(Clone, Debug, Default)]
struct End {
    best: Vec<(f32, u32)>,
}

impl End {
    fn offer(&mut self, value: f32, row: u32) {
        if self.best.len() == EXAMPLES && self.best.last().is_some_and(|&(last, _)| value >= last) {
            return;
        }
        let at = self.best.partition_point(|&(v, _)| v <= value);
        self.best.insert(at, (value, row));
        self.best.truncate(EXAMPLES);
    }
}

#[cfg(test)]
mod tests;
