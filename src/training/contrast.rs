//! Two encoders on the same tracks: which is right more often, whether their dimensions are the same, and where they differ.

use jukebox_encoder::DIMS;
use serde::Serialize;

use super::DataSet;
use super::exam::Said;
use super::heard::Heard;
use crate::measure::dimensions::pearson;
use crate::measure::{Bootstrap, Interval};

/// How whole artists are drawn again.
const DRAW: Bootstrap = Bootstrap { rounds: 1000, seed: 1 };

/// Tracks of a genre that one encoder takes for one genre and the other for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differ {
    /// What the tracks are.
    pub genre: String,
    /// What the first says.
    pub first: String,
    /// What the second says.
    pub second: String,
    /// How many.
    pub tracks: usize,
}

/// What two encoders came to on the same tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// Accuracy of the first and of the second less the first, over the tracks whose genre both know, with 95 % intervals
    /// of the bootstrap over artists; `None` when there is no such track.
    pub accuracy: Option<[Interval; 2]>,
    /// The correlation of each dimension of the first with the same one of the second.
    pub correlation: Vec<f64>,
    /// For each dimension of the first, the one of the second (from 1) that correlates most by amount, and how much.
    pub nearest: Vec<(usize, f64)>,
    /// Where they differ, the most frequent first.
    pub differ: Vec<Differ>,
}

/// Compares what two encoders heard and said.
///
/// # Errors
/// When they did not hear the same tracks.
pub fn contrast(data: &DataSet, heard: [&Heard; 2], said: [&Said; 2]) -> Result<Contrast, String> {
    let [a, b] = heard;
    if a.tracks != b.tracks {
        return Err("the two models have not analysed the same tracks: their images come from different files".into());
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
        // The second has its dimensions one further, mirrored.
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
        assert!(contrast(&data, [&a, &fewer], [&x, &y]).unwrap_err().contains("same tracks"));
    }
}
