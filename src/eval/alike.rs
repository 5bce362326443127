//! Whether neighbours sound alike: how far a track's nearest are from it in each descriptor, against the tracks of its genre
//! by other artists. The paper says by ear that they do, in percussion above all (§5.2).

use std::collections::HashSet;
use std::f64::consts::TAU;

use serde::Serialize;

use super::corpus::{Corpus, Relations};
use super::row::{Kind, Row};
use crate::latent::NAMED;
use crate::measure::{Bootstrap, Interval};

/// The descriptor in which the paper hears it most.
pub const HEARD: &str = "percussiveness";
/// Minimum number of other artists with tracks of the query's genre.
pub const ARTISTS: usize = 3;

/// How much closer in sound neighbours are than their genre.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Alike {
    /// Why it was not measured.
    pub missing: Option<String>,
    /// Number of queries that were measured.
    pub queries: usize,
    /// Queries left out because their genre is unknown.
    pub without_genre: usize,
    /// Queries left out because too few tracks are by other artists: of their genre, or to be neighbours.
    pub without_others: usize,
    /// The current encoder's neighbours in each descriptor, the closest first.
    pub descriptors: Vec<Closeness>,
    /// Each row's neighbours in the mean over all descriptors (the descriptor distance).
    pub rows: Vec<Closeness>,
}

/// How much closer neighbours are than their genre.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Closeness {
    /// The descriptor, or the row.
    pub name: String,
    /// Mean absolute difference of a query to its nearest, in standard deviations of the corpus.
    pub near: f64,
    /// The same to the tracks of its genre by other artists.
    pub genre: f64,
    /// 1 − near/genre: 0 where neighbours are no closer than the genre, 1 where they are equal.
    pub closer: Interval,
}

/// The paper's descriptor against the closest of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// The closest of the other descriptors.
    pub against: String,
    /// How much closer neighbours are in [`HEARD`], less how much they are in the other one.
    pub interval: Interval,
}

/// Measures each row's `length` nearest, as lists in the order of `queries`. The second result is `None` where [`HEARD`]
/// or every other descriptor is unknown.
pub fn of(
    corpus: &Corpus,
    about: &Relations,
    queries: &[usize],
    rows: &[(&Row, &[Vec<usize>])],
    length: usize,
    draw: &Bootstrap,
) -> (Alike, Option<Lead>) {
    let Some(own) = rows.iter().position(|(row, _)| row.kind == Kind::Current) else {
        return (Alike::missing("the encoder in use has no latents of these tracks; `jukebox scan` makes them"), None);
    };
    let columns: Vec<Column> = (0..NAMED.len()).filter_map(|i| Column::of(corpus, i)).collect();
    if columns.is_empty() {
        return (
            Alike::missing("no descriptor is known that differs between tracks; `jukebox scan` measures them"),
            None,
        );
    }
    if about.genre.iter().all(Option::is_none) {
        let why = "no track has a genre to compare with; tag the files, or sort them into a folder for each genre and use \
                   `--genre folder`";
        return (Alike::missing(why), None);
    }
    let mut out = Alike::default();
    let mut descriptors = vec![Tally::new(about.len()); columns.len()];
    let mut all = vec![Tally::new(about.len()); rows.len()];
    for (i, &q) in queries.iter().enumerate() {
        let others = others(about, q).filter(|_| rows.iter().all(|(_, lists)| lists[i].len() >= length));
        let Some(others) = others else {
            match about.genre[q] {
                Some(_) => out.without_others += 1,
                None => out.without_genre += 1,
            }
            continue;
        };
        out.queries += 1;
        let genre: Vec<Option<Apart>> = columns.iter().map(|column| column.apart(q, &others)).collect();
        for (row, (_, lists)) in rows.iter().enumerate() {
            let near: Vec<Option<Apart>> = columns.iter().map(|column| column.apart(q, &lists[i])).collect();
            let pairs = near.iter().zip(&genre).enumerate();
            let pairs: Vec<(usize, [&Apart; 2])> =
                pairs.filter_map(|(c, (near, genre))| Some((c, [near.as_ref()?, genre.as_ref()?]))).collect();
            all[row].queries += usize::from(!pairs.is_empty());
            for &(c, pair) in &pairs {
                all[row].add(q, pair, 1.0 / pairs.len() as f64);
                if row == own {
                    descriptors[c].queries += 1;
                    descriptors[c].add(q, pair, 1.0);
                }
            }
        }
    }
    if out.queries == 0 {
        out.missing = Some(format!(
            "no track has both {length} tracks by other artists to be its neighbours and {ARTISTS} other artists in its genre; measure a \
             larger library, or one with more artists a genre"
        ));
        return (out, None);
    }
    let closeness = |(name, tally): (&str, &Tally)| tally.closeness(name, &about.artist, draw);
    out.rows = rows.iter().map(|(row, _)| row.name.as_str()).zip(&all).filter_map(closeness).collect();
    out.descriptors = columns.iter().map(|c| c.name).zip(&descriptors).filter_map(closeness).collect();
    out.descriptors.sort_by(|a, b| b.closer.mean.total_cmp(&a.closer.mean));
    let lead = lead(&out.descriptors, &columns, &descriptors, &about.artist, draw);
    (out, lead)
}

impl Alike {
    fn missing(why: &str) -> Alike {
        Alike { missing: Some(why.into()), ..Alike::default() }
    }
}

/// 1 − near/genre, of sums over the same queries.
fn closer([near, genre]: [f64; 2]) -> f64 {
    if genre > 0.0 { 1.0 - near / genre } else { 0.0 }
}

/// Sums of mean differences to the nearest and to the genre, kept by track so that whole artists can be drawn.
///
/// A track counts in every place where it stands: as a query by its two means, and among the tracks of another query by what it
/// adds to that one's mean, (difference − mean)/number. What it adds is 0 in total, so the sums are those of the
/// queries; but a draw that has an artist twice has it twice in both places (to first order). If only queries were drawn, a
/// track that is near to many, and a pair that are near to each other, would pass for several independent observations.
#[derive(Clone)]
struct Tally {
    queries: usize,
    /// `None` for tracks that stand nowhere.
    sums: Vec<Option<[f64; 2]>>,
}

impl Tally {
    fn new(tracks: usize) -> Tally {
        Tally { queries: 0, sums: vec![None; tracks] }
    }

    /// Adds a query's differences to its nearest and to its genre.
    fn add(&mut self, query: usize, pair: [&Apart; 2], weight: f64) {
        for (side, apart) in pair.into_iter().enumerate() {
            self.at(query)[side] += weight * apart.mean;
            for &(track, difference) in &apart.known {
                self.at(track)[side] += weight * (difference - apart.mean) / apart.known.len() as f64;
            }
        }
    }

    fn at(&mut self, track: usize) -> &mut [f64; 2] {
        self.sums[track].get_or_insert_default()
    }

    fn closeness(&self, name: &str, artists: &[u32], draw: &Bootstrap) -> Option<Closeness> {
        let interval = draw.of_sums(&self.sums, artists, closer)?;
        let mean = |side: usize| self.sums.iter().flatten().map(|sums| sums[side]).sum::<f64>() / self.queries as f64;
        let closer = Interval { values: self.queries, ..interval };
        Some(Closeness { name: name.into(), near: mean(0), genre: mean(1), closer })
    }
}

/// Compares [`HEARD`] with the first other of `sorted`, on the same draws of artists.
fn lead(
    sorted: &[Closeness],
    columns: &[Column],
    tallies: &[Tally],
    artists: &[u32],
    draw: &Bootstrap,
) -> Option<Lead> {
    let tally = |name: &str| columns.iter().position(|c| c.name == name).and_then(|i| tallies.get(i));
    sorted.iter().find(|c| c.name == HEARD)?;
    let against = sorted.iter().find(|c| c.name != HEARD)?;
    let (heard, other) = (tally(HEARD)?, tally(&against.name)?);
    let both = |(a, b): (&Option<[f64; 2]>, &Option<[f64; 2]>)| {
        a.or(*b)?;
        let ([a, b], [c, d]) = (a.unwrap_or_default(), b.unwrap_or_default());
        Some([a, b, c, d])
    };
    let sums: Vec<Option<[f64; 4]>> = heard.sums.iter().zip(&other.sums).map(both).collect();
    let interval = draw.of_sums(&sums, artists, |[a, b, c, d]| closer([a, b]) - closer([c, d]))?;
    Some(Lead {
        against: against.name.clone(),
        interval: Interval { values: heard.queries.min(other.queries), ..interval },
    })
}

/// The tracks of a query's genre by other artists; `None` without a genre or with fewer than [`ARTISTS`] of them.
fn others(about: &Relations, query: usize) -> Option<Vec<usize>> {
    let genre = about.genre[query]?;
    let other = |t: &usize| {
        about.genre[*t] == Some(genre) && about.artist[*t] != about.artist[query] && !about.same_song(*t, query)
    };
    let tracks: Vec<usize> = (0..about.len()).filter(other).collect();
    let artists: HashSet<u32> = tracks.iter().map(|&t| about.artist[t]).collect();
    (artists.len() >= ARTISTS).then_some(tracks)
}

/// A descriptor of all tracks.
struct Column {
    name: &'static str,
    circular: bool,
    /// Its values, of circular ones angles in radians; NaN where missing.
    values: Vec<f64>,
    /// The standard deviation of linear ones; of circular ones the angular deviation √(2(1 − R)) for the mean resultant length
    /// R (Zar, Biostatistical Analysis, §26.5), which is the same for small spreads and √2 at most.
    deviation: f64,
}

impl Column {
    /// The descriptor at an index of [`NAMED`]; `None` where it is unknown or does not vary.
    fn of(corpus: &Corpus, index: usize) -> Option<Column> {
        let named = NAMED.get(index)?;
        let unit = if named.circular { TAU } else { 1.0 };
        let values: Vec<f64> = corpus.named.iter().map(|values| unit * f64::from(values[index])).collect();
        let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let first = known.first()?;
        let mean = |of: &dyn Fn(f64) -> f64| known.iter().map(|&v| of(v)).sum::<f64>() / known.len() as f64;
        let square = if named.circular {
            2.0 * (1.0 - mean(&f64::cos).hypot(mean(&f64::sin)))
        } else {
            let centre = mean(&|v| v);
            mean(&|v| (v - centre) * (v - centre))
        };
        // Equal values may differ from their mean by rounding.
        let varied = known.iter().any(|v| v != first) && square > 0.0;
        varied.then(|| Column { name: named.name, circular: named.circular, values, deviation: square.sqrt() })
    }

    /// The differences of a track to those others of which the value is known; `None` where there are none.
    fn apart(&self, track: usize, others: &[usize]) -> Option<Apart> {
        let known: Vec<(usize, f64)> =
            others.iter().map(|&t| (t, self.difference(track, t))).filter(|(_, d)| d.is_finite()).collect();
        let mean = known.iter().map(|(_, d)| d).sum::<f64>() / known.len() as f64;
        (!known.is_empty()).then_some(Apart { known, mean })
    }

    /// The absolute difference of two tracks in standard deviations; NaN where a value is missing.
    fn difference(&self, a: usize, b: usize) -> f64 {
        let difference = (self.values[a] - self.values[b]).abs();
        let difference = if self.circular { difference.min((TAU - difference).abs()) } else { difference };
        difference / self.deviation
    }
}

/// How far some tracks are from a query in one descriptor.
struct Apart {
    /// Tracks with their differences in standard deviations.
    known: Vec<(usize, f64)>,
    /// The mean difference.
    mean: f64,
}

#[cfg(test)]
mod tests;
