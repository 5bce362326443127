//! Rows: the systems being compared. Each row defines a distance between tracks.

use std::collections::HashMap;

use crate::latent::{DIMS, Latent, NAMED, NamedValues, Reference, Space, z};
use crate::track::TrackId;

use super::corpus::Corpus;

/// The kind of a row, for the reported differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Random numbers.
    Random,
    /// Equality of genres.
    Tags,
    /// The named dimensions (descriptors).
    Descriptors,
    /// An untrained encoder.
    Untrained,
    /// The encoder in use.
    Current,
    /// Vectors of another system.
    External,
}

/// A row: one vector per track, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where its numbers come from, or why there are none.
    pub about: String,
    /// The vectors; `None` when there are none (random and tags need none).
    pub points: Option<Points>,
    /// Whether dimensions keep their shares of the variance ([`Reference::unit`]); otherwise all count equally.
    pub unit: bool,
}

impl Row {
    /// The row of random rankings.
    pub fn random() -> Row {
        Row::bare(Kind::Random, "random", "a random order for each query")
    }

    /// The row that uses the genre tag only.
    pub fn tags() -> Row {
        Row::bare(Kind::Tags, "tags only", "equal genre first, random order within")
    }

    /// A row of vectors.
    pub fn of(kind: Kind, name: &str, about: &str, points: Points) -> Row {
        Row { points: Some(points), ..Row::bare(kind, name, about) }
    }

    /// A row without vectors; `about` says why.
    pub fn bare(kind: Kind, name: &str, about: &str) -> Row {
        Row { kind, name: name.into(), about: about.into(), points: None, unit: false }
    }

    /// The row of the named dimensions: circular ones as cosine and sine.
    pub fn descriptors(corpus: &Corpus) -> Row {
        let known = |named: &[NamedValues]| named.iter().flatten().any(|v| v.is_finite());
        let name = "descriptors only";
        if !known(&corpus.named) {
            return Row::bare(Kind::Descriptors, name, "no track has descriptors yet");
        }
        let wide = NAMED.iter().map(|n| if n.circular { 2 } else { 1 }).sum();
        let values = corpus.named.iter().flat_map(unrolled).collect();
        Row::of(Kind::Descriptors, name, "the named dimensions", Points { dims: wide, values })
    }

    /// The vectors as the player's latent space (see [`Points::space`]).
    pub fn space(&self, named: Option<&[NamedValues]>) -> Option<Space> {
        self.points.as_ref()?.space(self.unit, named)
    }

    /// The vectors for Euclidean distance: normal scores, or [`Space::point`] for `unit`.
    pub fn compared(&self) -> Option<Points> {
        let space = if self.unit { self.space(None) } else { None };
        match space {
            Some(space) => {
                let rows: Vec<Latent> = (0..space.len() as u32).map(|row| space.point(row)).collect();
                Some(Points::of_latents(&rows))
            }
            None => self.points.as_ref().map(Points::scored),
        }
    }

    /// Whether it can be measured.
    pub fn measurable(&self) -> bool {
        self.points.is_some() || matches!(self.kind, Kind::Random | Kind::Tags)
    }
}

/// The named values, with circular ones as cosine and sine.
fn unrolled(values: &NamedValues) -> Vec<f32> {
    let turn = |v: f32| v * std::f32::consts::TAU;
    NAMED
        .iter()
        .zip(values)
        .flat_map(|(named, &v)| if named.circular { vec![turn(v).cos(), turn(v).sin()] } else { vec![v] })
        .collect()
}

/// A matrix with one row per track.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// Number of columns.
    pub dims: usize,
    /// The values in row-major order; non-finite ones are missing.
    pub values: Vec<f32>,
}

impl Points {
    /// Latents as points.
    pub fn of_latents(latents: &[Latent]) -> Points {
        Points { dims: DIMS, values: latents.concat() }
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dims).unwrap_or(0)
    }

    /// Whether there are no tracks.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The vector of a track.
    pub fn row(&self, track: usize) -> &[f32] {
        &self.values[track * self.dims..(track + 1) * self.dims]
    }

    /// Mid-rank normal scores of every column within the corpus (`latent::z`), which gives all dimensions equal weight.
    /// Missing values and constant dimensions become 0.
    pub fn scored(&self) -> Points {
        let mut values = vec![0.0; self.values.len()];
        for d in 0..self.dims {
            let column: Vec<f32> = self.values.iter().skip(d).step_by(self.dims).copied().collect();
            for (track, score) in z::normal_scores(&column).into_iter().enumerate() {
                values[track * self.dims + d] = score;
            }
        }
        Points { dims: self.dims, values }
    }

    /// The points as a latent space, padded with constant dimensions; row i is track i. `None` with more than [`DIMS`]
    /// dimensions or a missing value. `unit`: dimensions keep their shares; `named`: optional named values.
    pub fn space(&self, unit: bool, named: Option<&[NamedValues]>) -> Option<Space> {
        if self.dims > DIMS || self.values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let latent = |track: usize| {
            let row = self.row(track);
            (place(track), std::array::from_fn(|d| row.get(d).copied().unwrap_or(0.0)))
        };
        let reference = Reference { unit, ..Reference::default() };
        let space = Space::build(String::new(), reference.into(), (0..self.len()).map(latent).collect());
        let Some(named) = named else { return Some(space) };
        let places: HashMap<TrackId, usize> = (0..self.len()).map(|track| (place(track), track)).collect();
        Some(space.with_named(|id| named.get(*places.get(&id)?).copied()))
    }
}

/// A track id that sorts like the track's index, as a space is sorted by id.
fn place(track: usize) -> TrackId {
    TrackId((track as u128).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_without_variation_scores_zero() {
        let points = Points { dims: 2, values: vec![1.0, 5.0, 2.0, 5.0, 3.0, 5.0, f32::NAN, 5.0] };
        let z = points.scored();
        assert!(z.row(0)[0] < 0.0 && z.row(1)[0].abs() < 1e-6 && z.row(2)[0] > 0.0);
        assert_eq!((z.row(3)[0], z.row(0)[1]), (0.0, 0.0));
        assert_eq!((points.len(), points.is_empty()), (4, false));
    }

    #[test]
    fn a_space_holds_what_fits() {
        let points = Points { dims: 2, values: vec![1.0, 5.0, 2.0, 5.0, 3.0, 5.0] };
        let space = points.space(false, None).unwrap();
        assert_eq!((space.len(), space.z(1)[0], space.z(0)[1], space.z(0)[31]), (3, 0.0, 0.0, 0.0));
        let mut named = [[f32::NAN; NAMED.len()]; 3];
        named[2][3] = 440.0;
        assert_eq!(points.space(false, Some(&named)).unwrap().named(2)[3], 440.0);
        let wide = Points { dims: 33, values: vec![0.0; 99] };
        assert_eq!(wide.space(false, None).map(|s| s.len()), None);
    }

    #[test]
    fn shares_are_kept_where_they_mean_something() {
        let values = (0..40).flat_map(|i| [i as f32, 0.1 * ((i * 39) % 40) as f32]).collect();
        let mut row = Row::of(Kind::Current, "c", "", Points { dims: 2, values });
        let near = |row: &Row| {
            let points = row.compared().unwrap();
            let apart = |a: usize, b: usize| -> f32 {
                points.row(a).iter().zip(points.row(b)).map(|(x, y)| (x - y) * (x - y)).sum()
            };
            (1..40).min_by(|&a, &b| apart(0, a).total_cmp(&apart(0, b))).unwrap()
        };
        // Track 1 is the nearest in the first dimension and the farthest in the second, in which tracks hardly differ.
        assert_ne!(near(&row), 1);
        row.unit = true;
        assert_eq!(near(&row), 1);
    }

    #[test]
    fn circles_unroll_and_missing_descriptors_are_said() {
        let mut named = [f32::NAN; NAMED.len()];
        (named[0], named[3]) = (0.25, 900.0);
        let corpus = Corpus { named: vec![named], ..Corpus::default() };
        let row = Row::descriptors(&corpus);
        let points = row.points.unwrap();
        assert_eq!(points.dims, NAMED.len() + 2);
        assert!(points.values[0].abs() < 1e-6 && (points.values[1] - 1.0).abs() < 1e-6 && points.values[2].is_nan());
        assert_eq!(points.values[5], 900.0);
        assert!(!Row::descriptors(&Corpus::default()).measurable() && Row::tags().measurable());
    }
}
