//! Intervals of genre precision at 10, for which whole artists are drawn: as queries and as neighbours.

use super::corpus::Relations;
use crate::measure::{Bootstrap, Interval};

/// The genre precisions of queries, kept by track.
///
/// A track counts in every place where it stands: as a query by its precision, and among the nearest of another query by what
/// it adds to that one's, (whether it has the genre − the share that has)/10. What the nearest add is 0 in total, so the mean is
/// that of the queries; but a draw that has an artist twice has it twice in both places (to first order). If only queries were
/// drawn, a track that is near to many would pass for several independent observations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Precision {
    /// The number of queries that have a precision.
    queries: usize,
    /// The artist of every track.
    artists: Vec<u32>,
    /// What each track adds, and how many queries it is (0 or 1); `None` for tracks that stand nowhere.
    sums: Vec<Option<[f64; 2]>>,
}

impl Precision {
    /// The precision of each query, over the list of its nearest in the same place of `nearest`.
    pub fn of(about: &Relations, queries: &[usize], precisions: &[Option<f64>], nearest: &[Vec<usize>]) -> Precision {
        let mut sums: Vec<Option<[f64; 2]>> = vec![None; about.len()];
        let mut add = |track: usize, value: f64, query: f64| {
            let sum = sums[track].get_or_insert_default();
            (sum[0], sum[1]) = (sum[0] + value, sum[1] + query);
        };
        let mut asked = 0;
        for ((&query, precision), list) in queries.iter().zip(precisions).zip(nearest) {
            let Some(precision) = *precision else { continue };
            asked += 1;
            add(query, precision, 1.0);
            let hit = |track: usize| if about.genre[track] == about.genre[query] { 1.0 } else { 0.0 };
            let hits: f64 = list.iter().map(|&track| hit(track)).sum();
            for &track in list.iter().filter(|_| hits > 0.0) {
                add(track, precision / hits * (hit(track) - hits / list.len() as f64), 0.0);
            }
        }
        Precision { queries: asked, artists: about.artist.clone(), sums }
    }

    /// The mean over the queries; `None` without one.
    pub fn mean(&self, draw: &Bootstrap) -> Option<Interval> {
        let (sum, count) = self.sums.iter().flatten().fold((0.0, 0.0), |(sum, count), [a, b]| (sum + a, count + b));
        // A draw of artists that are neighbours only says nothing.
        let figure = |[of, queries]: [f64; 2]| if queries > 0.0 { of / queries } else { sum / count };
        let interval = draw.of_sums(&self.sums, &self.artists, figure)?;
        Some(Interval { values: self.queries, ..interval })
    }

    /// The mean of this precision less another's, on the same draws; both are of the same queries.
    pub fn less(&self, other: &Precision, draw: &Bootstrap) -> Option<Interval> {
        let difference = |(a, b): (&Option<[f64; 2]>, &Option<[f64; 2]>)| {
            a.or(*b)?;
            let ([of, queries], [less, _]) = (a.unwrap_or_default(), b.unwrap_or_default());
            Some([of - less, queries])
        };
        let sums = self.sums.iter().zip(&other.sums).map(difference).collect();
        Precision { queries: self.queries, artists: self.artists.clone(), sums }.mean(draw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;
    use crate::eval::ranking::{Euclid, lots};
    use crate::eval::retrieval;
    use crate::eval::row::Points;

    const DRAW: Bootstrap = Bootstrap { rounds: 200, seed: 1 };

    fn about(tracks: &[(String, &str)]) -> Relations {
        let item = |(artist, genre): &(String, &str)| Item {
            artist: artist.clone(),
            genre: Some((*genre).into()),
            ..Item::default()
        };
        Relations::of(&tracks.iter().map(item).collect::<Vec<_>>())
    }

    #[test]
    fn a_track_counts_as_a_query_and_as_a_neighbour() {
        let about = about(&["a rock", "b rock", "c jazz", "d rock"].map(|track| {
            let (artist, genre) = track.split_once(' ').unwrap();
            (artist.to_string(), genre)
        }));
        let nearest = vec![vec![1, 2], vec![0, 2], Vec::new()];
        let found = Precision::of(&about, &[0, 1, 2], &[Some(0.1), Some(0.1), None], &nearest);
        // Of each of the two queries half of the nearest have the genre: one adds 0.05, the other takes 0.05 away.
        let near = |sum: Option<[f64; 2]>, value: f64, queries: f64| {
            let [of, count] = sum.unwrap();
            assert!((of - value).abs() < 1e-12 && count == queries, "{of} {count}");
        };
        near(found.sums[0], 0.15, 1.0);
        near(found.sums[1], 0.15, 1.0);
        near(found.sums[2], -0.1, 0.0);
        assert_eq!(found.sums[3], None);
        let mean = found.mean(&DRAW).unwrap();
        assert!((mean.mean - 0.1).abs() < 1e-12 && (mean.values, mean.groups) == (2, 3), "{mean:?}");
        assert!(mean.range.unwrap().iter().all(|end| end.is_finite()));
        let none = found.less(&found, &DRAW).unwrap();
        assert_eq!((none.mean, none.range), (0.0, Some([0.0, 0.0])));
        assert_eq!(Precision::default().mean(&DRAW), None);
    }

    /// Four genres of twelve artists with four tracks each, and two encoders that hear nothing.
    #[test]
    fn intervals_are_as_wide_as_noise_varies() {
        let tracks: Vec<(String, &str)> = (0..192)
            .map(|track| (format!("artist {}", track / 4), ["folk", "jazz", "pop", "rock"][track / 4 % 4]))
            .collect();
        let about = about(&tracks);
        let queries: Vec<usize> = (0..about.len()).collect();
        let lot = lots(about.len(), 1);
        let told_apart = |seed: u64| {
            let mut random = fastrand::Rng::with_seed(seed);
            let [a, b] = [(); 2].map(|()| {
                let scored = Points { dims: 1, values: queries.iter().map(|_| random.f32()).collect() };
                retrieval::ask(&Euclid { scored }, &about, &queries, &lot).precision
            });
            let [low, high] = a.less(&b, &DRAW).unwrap().range.unwrap();
            low > 0.0 || high < 0.0
        };
        // Of 100 intervals at 95 % five may leave 0 out. With draws of queries alone it is some eighteen.
        let wrong = (1..=100).filter(|&seed| told_apart(seed)).count();
        assert!(wrong <= 6, "{wrong} of 100");
    }
}
