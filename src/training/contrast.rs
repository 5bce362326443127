//! Compares two encoders on the same tracks: accuracy, correlation of their dimensions, and where their answers differ.

use jukebox_encoder::DIMS;
use serde::Serialize;

use super::DataSet;
use super::exam::Said;
use super::fault::MeasureError;
use super::heard::Heard;
use crate::measure::dimensions::pearson;
use crate::measure::{Bootstrap, Interval};

/// Bootstrap over artists.
const DRAW: Bootstrap = Bootstrap { rounds: 1000, seed: 1 };

/// Tracks of one genre that the two encoders classify differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differ {
    /// The true genre.
    pub genre: String,
    /// The first encoder's answer.
    pub first: String,
    /// The second encoder's answer.
    pub second: String,
    /// Number of tracks.
    pub tracks: usize,
}

/// The comparison of two encoders on the same tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// Accuracy of the first encoder, and that of the second minus the first, over the tracks whose genre both know,
    /// with 95 % intervals of the bootstrap over artists; `None` if there is no such track.
    pub accuracy: Option<[Interval; 2]>,
    /// The correlation of each dimension of the first with the same dimension of the second.
    pub correlation: Vec<f64>,
    /// For each dimension of the first, the 1-based dimension of the second with the largest absolute correlation, and
    /// the correlation.
    pub nearest: Vec<(usize, f64)>,
    /// Where they differ, most frequent first.
    pub differ: Vec<Differ>,
}

/// Compares the latents and answers of two encoders.
///
/// # Errors
/// When the two did not analyse the same tracks.
pub fn contrast(data: &DataSet, heard: [&Heard; 2], said: [&Said; 2]) -> Result<Contrast, MeasureError> {
    let [a, b] = heard;
    if a.tracks != b.tracks {
        return Err(MeasureError::OtherTracks);
    }
    let artists = a.artists(data);
    let [first, second] = said.map(Said::right);
    let both = |x: &[Option<f64>], y: &[Option<f64>]| -> Vec<Option<f64>> {
        x.iter().zip(y).map(|(x, y)| x.filter(|_| y.is_some())).collect()
    };
    let accuracy = DRAW.mean(&both(&first, &second), &artists).zip(DRAW.paired(&second, &first, &artists));
    let column = |heard: &Heard, d: usize| heard.latents.iter().map(|l| f64::from(l[d])).collect::<Vec<f64>>();
    let columns = [a, b].map(|h| (0..DIMS).map(|d| column(h, d)).collect::<Vec<_>>());
    let between = |d: usize, e: usize| pearson(&columns[0][d], &columns[1][e]).unwrap_or(0.0);
    let nearest = (0..DIMS).map(|d| {
        let all = (0..DIMS).map(|e| (e + 1, between(d, e)));
        all.max_by(|x, y| x.1.abs().total_cmp(&y.1.abs())).unwrap_or((d + 1, 0.0))
    });
    Ok(Contrast {
        accuracy: accuracy.map(|(a, b)| [a, b]),
        correlation: (0..DIMS).map(|d| between(d, d)).collect(),
        nearest: nearest.collect(),
        differ: differ(data, said),
    })
}

fn differ(data: &DataSet, [a, b]: [&Said; 2]) -> Vec<Differ> {
    let mut counts: std::collections::BTreeMap<(usize, usize, usize), usize> = std::collections::BTreeMap::new();
    for (first, second) in a.genres.iter().zip(&b.genres) {
        if let (Some((genre, x)), Some((_, y))) = (first, second)
            && x != y
        {
            *counts.entry((*genre, *x, *y)).or_default() += 1;
        }
    }
    let name = |g: usize| data.genres.get(g).cloned().unwrap_or_default();
    let mut all: Vec<Differ> = counts
        .into_iter()
        .map(|((genre, x, y), tracks)| Differ { genre: name(genre), first: name(x), second: name(y), tracks })
        .collect();
    all.sort_by_key(|d| std::cmp::Reverse(d.tracks));
    all
}

#[cfg(test)]
mod tests {
    use jukebox_encoder::train::Clips;

    use super::*;
    use crate::training::{Part, Source, Split};

    #[test]
    fn pairs_are_compared() {
        let n = 40;
        let data = DataSet {
            genres: vec!["jazz".into(), "rock".into()],
            tags: Vec::new(),
            split: Split(vec![Part::Test; n]),
            clips: Clips::default(),
            tracks: (0..n).map(|i| Source { artist: format!("a{}", i / 2), ..Source::default() }).collect(),
            track: (0..n as u32).collect(),
            labels: (0..n).map(|i| vec![(i % 2) as u16]).collect(),
            notes: Vec::new(),
            image: jukebox_encoder::Input::default(),
            name: "toy".into(),
        };
        let mut random = fastrand::Rng::with_seed(1);
        let latents: Vec<[f32; DIMS]> = (0..n).map(|_| std::array::from_fn(|_| random.f32())).collect();
        let heard = |latents: Vec<[f32; DIMS]>| Heard { tracks: (0..n as u32).collect(), latents, ..Heard::default() };
        let a = heard(latents.clone());
        // The second encoder's dimensions are shifted by one and negated.
        let b = heard(latents.iter().map(|l| std::array::from_fn(|d| -l[(d + 31) % DIMS])).collect());
        let said = |right: usize| Said {
            genres: (0..n).map(|i| (i != 3).then_some((i % 2, if i < right { i % 2 } else { 1 - i % 2 }))).collect(),
        };
        let (x, y) = (said(20), said(30));
        let found = contrast(&data, [&a, &b], [&x, &y]).unwrap();
        let [first, difference] = found.accuracy.unwrap();
        assert!((first.mean - 19.0 / 39.0).abs() < 1e-12 && (difference.mean - 10.0 / 39.0).abs() < 1e-12);
        assert!(difference.range.unwrap()[0] > 0.0 && difference.groups == 20);
        assert_eq!((found.nearest[0].0, found.nearest[31].0), (2, 1));
        assert!(found.nearest.iter().all(|n| (n.1 + 1.0).abs() < 1e-6));
        assert!(found.correlation.iter().all(|r| r.abs() < 0.6));
        let rock = Differ { genre: "rock".into(), first: "jazz".into(), second: "rock".into(), tracks: 5 };
        assert!(found.differ.len() == 2 && found.differ.contains(&rock), "{:?}", found.differ);
        let fewer = Heard { tracks: vec![0], ..Heard::default() };
        assert!(matches!(contrast(&data, [&a, &fewer], [&x, &y]), Err(MeasureError::OtherTracks)));
    }
}
