//! Distance functions for ranking neighbours, used by every table.

use crate::latent::{Choice, DIMS, Hit, Member, Prior, Proximity, Scorer, Signature, Space, proximity};

use super::row::{Kind, Points, Row};

/// A way to rank all tracks for a query track.
pub trait Ranking {
    /// The distance of every track, including the query itself; lower is nearer. Not necessarily symmetric.
    fn distances(&self, query: usize) -> Vec<f32>;
}

/// The ranking of a row; `None` when it has no vectors. Vectors are compared by Euclidean distance ([`Row::compared`]).
pub fn of_row(row: &Row, genres: &[Option<u32>], seed: u64) -> Option<Box<dyn Ranking>> {
    Some(match row.kind {
        Kind::Random => Box::new(Drawn { genres: None, tracks: genres.len(), seed }),
        Kind::Tags => Box::new(Drawn { genres: Some(genres.to_vec()), tracks: genres.len(), seed }),
        _ => Box::new(Euclid { scored: row.compared()? }),
    })
}

/// Random numbers from 0 to 1, plus 1 for tracks of another or unknown genre.
struct Drawn {
    genres: Option<Vec<Option<u32>>>,
    tracks: usize,
    seed: u64,
}

impl Ranking for Drawn {
    fn distances(&self, query: usize) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(self.seed ^ (query as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let away = |track: usize| match &self.genres {
            Some(genres) if genres[query].is_none() || genres[track] != genres[query] => 1.0,
            _ => 0.0,
        };
        (0..self.tracks).map(|track| random.f32() + away(track)).collect()
    }
}

/// Ranks by the root mean square difference.
pub struct Euclid {
    /// The points to be compared.
    pub scored: Points,
}

impl Ranking for Euclid {
    fn distances(&self, query: usize) -> Vec<f32> {
        let from = self.scored.row(query);
        let square = |to: &[f32]| from.iter().zip(to).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        self.scored.values.chunks_exact(self.scored.dims).map(|to| (square(to) / from.len() as f32).sqrt()).collect()
    }
}

/// How a latent space measures the distance of a track's neighbours; row i is track i.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Euclidean distance over the whole space.
    Euclid,
    /// The distance from the signature of the track alone, with this prior of a set's variance.
    One(Prior),
}

impl Measure {
    /// The scorer around a track.
    fn scorer(self, space: &Space, row: u32) -> Scorer {
        let euclid = || Scorer::around(&space.point(row), 0..DIMS as u8);
        match self {
            Measure::Euclid => euclid(),
            Measure::One(prior) => {
                let member = Member { row, group: 0 };
                Signature::of(space, &[member], &Choice::Auto, prior).map_or_else(euclid, |s| s.scorer())
            }
        }
    }
}

/// Ranks the tracks of a latent space.
pub struct Near<'a> {
    space: &'a Space,
    measure: Measure,
    mutual: Option<Proximity>,
}

impl<'a> Near<'a> {
    /// Ranks by a measure alone.
    pub fn new(space: &'a Space, measure: Measure) -> Near<'a> {
        Near { space, measure, mutual: None }
    }

    /// Ranks by the mutual proximity derived from a measure.
    pub fn mutual(space: &'a Space, measure: Measure) -> Near<'a> {
        let mutual = Proximity::fit(space, &|row| measure.scorer(space, row), proximity::SAMPLE);
        Near { space, measure, mutual: Some(mutual) }
    }
}

impl Ranking for Near<'_> {
    fn distances(&self, query: usize) -> Vec<f32> {
        let scorer = self.measure.scorer(self.space, query as u32);
        match &self.mutual {
            Some(mutual) => in_order(self.space.len(), &mutual.scan(self.space, &scorer, self.space.len(), &|_| true)),
            None => self.space.distances(&scorer),
        }
    }
}

/// The distances of a scan in the order of the rows; infinite for rows that it did not return.
fn in_order(rows: usize, hits: &[Hit]) -> Vec<f32> {
    let mut out = vec![f32::INFINITY; rows];
    hits.iter().for_each(|hit| out[hit.row as usize] = hit.distance);
    out
}

/// The tracks nearest to a query for which `keep` is true, nearest first. Ties are broken by `lot`, a random number per
/// track: a row that cannot tell tracks apart must not benefit from their order in the list.
pub fn nearest(distances: &[f32], lot: &[u32], keep: impl Fn(usize) -> bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..distances.len() as u32).filter(|&t| keep(t as usize)).collect();
    order.sort_unstable_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        distances[a].total_cmp(&distances[b]).then(lot[a].cmp(&lot[b]))
    });
    order
}

/// The random tie-breakers of [`nearest`].
pub fn lots(tracks: usize, seed: u64) -> Vec<u32> {
    let mut lots: Vec<u32> = (0..tracks as u32).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut lots);
    lots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_put_the_genre_first_and_draw_the_rest() {
        let genres = [Some(1), Some(1), Some(2), None];
        let tags = of_row(&Row::tags(), &genres, 1).unwrap();
        let d = tags.distances(0);
        assert!(d[1] < 1.0 && d[2] >= 1.0 && d[3] >= 1.0);
        assert!(tags.distances(3).iter().all(|&d| d >= 1.0), "an unknown genre equals none");
        assert_eq!(tags.distances(0), d);
        assert_ne!(tags.distances(1)[..2], d[..2]);
    }

    #[test]
    fn euclid_is_the_root_mean_square() {
        let euclid = Euclid { scored: Points { dims: 2, values: vec![0.0, 0.0, 1.0, 1.0, 3.0, 0.0] } };
        assert_eq!(euclid.distances(0), [0.0, 1.0, 4.5f32.sqrt()]);
    }

    #[test]
    fn equals_go_by_lot() {
        assert_eq!(nearest(&[0.0, 0.0, 0.0, -1.0], &[2, 0, 1, 3], |t| t != 2), [3, 1, 0]);
        assert_ne!(lots(50, 1), lots(50, 2));
    }

    #[test]
    fn a_track_is_near_itself_by_every_measure() {
        let values: Vec<f32> = (0..20).flat_map(|n| [n as f32, (n * 7 % 20) as f32]).collect();
        let space = Points { dims: 2, values }.space(false, None).unwrap();
        let lot = lots(20, 1);
        for query in [0, 10, 19] {
            for near in [Near::new, Near::mutual] {
                let place = |measure| {
                    let order = nearest(&near(&space, measure).distances(query), &lot, |_| true);
                    order.iter().position(|&t| t as usize == query).unwrap()
                };
                assert_eq!(place(Measure::Euclid), 0);
                // A more distant track may rank higher because it is rarer in the library.
                let one = place(Measure::One(Prior::default()));
                assert!(one < 4, "{query} stands at {one}");
            }
        }
    }
}
