//! The publishing guard for data without genres: how well two encoders agree with the tagger that one of them learned
//! from, on tracks by artists that neither was trained on.
//!
//! **Agreement at 10**: of the ten tracks nearest to a track by the tagger's vectors, none by the same artist, the share
//! that is also among the ten nearest by the encoder's latents. The candidate is published when the 95 % interval of the
//! paired difference (candidate minus current, bootstrap of 1,000 rounds over artists) lies above 0.

use jukebox_encoder::DIMS;

use super::guard::FEWEST;
use super::judging::{Compared, Judgement};
use crate::measure::Bootstrap;

const NEIGHBOURS: usize = 10;
/// Maximum number of query tracks, spread evenly.
const MOST: usize = 2000;
const DRAW: Bootstrap = Bootstrap { rounds: 1000, seed: 1 };

/// Compares the latents of held-out tracks by the encoder in use (`before`) and by the candidate (`after`) with the
/// tagger's vectors. All slices are parallel; `artist` holds each track's artist number.
pub fn judge(before: &[[f32; DIMS]], after: &[[f32; DIMS]], teacher: &[Vec<f32>], artist: &[u32]) -> Judgement {
    let no = |why: String| Judgement { publish: false, why, measures: Vec::new() };
    let n = before.len();
    if [after.len(), teacher.len(), artist.len()] != [n; 3] {
        return no("Not published: the two encoders and the tagger have not heard the same tracks.".into());
    }
    let mut artists = artist.to_vec();
    artists.sort_unstable();
    artists.dedup();
    let artists = artists.len();
    if n < FEWEST[0] || artists < FEWEST[1] {
        let [tracks, least] = FEWEST;
        return no(format!(
            "Not published: {n} held-out tracks of {artists} artists are too few, {tracks} of {least} are needed."
        ));
    }
    let queries: Vec<usize> = (0..n.min(MOST)).map(|i| i * n / n.min(MOST)).collect();
    let by = |rows: &[&[f32]]| -> Vec<Vec<usize>> { queries.iter().map(|q| nearest(rows, artist, *q)).collect() };
    let latents = |all: &'_ [[f32; DIMS]]| by(&all.iter().map(|l| &l[..]).collect::<Vec<_>>());
    let wanted = by(&teacher.iter().map(|v| &v[..]).collect::<Vec<_>>());
    let shares = |found: Vec<Vec<usize>>| -> Vec<Option<f64>> {
        let share = |(found, wanted): (&Vec<usize>, &Vec<usize>)| {
            let both = wanted.iter().filter(|t| found.contains(t)).count();
            (!wanted.is_empty()).then(|| both as f64 / wanted.len() as f64)
        };
        found.iter().zip(&wanted).map(share).collect()
    };
    let groups: Vec<u32> = queries.iter().map(|q| artist[*q]).collect();
    let [old, new] = [before, after].map(|all| shares(latents(all)));
    let (Some(was), Some(is), Some(change)) =
        (DRAW.mean(&old, &groups), DRAW.mean(&new, &groups), DRAW.paired(&new, &old, &groups))
    else {
        return no("Not published: no track has a neighbour of another artist, so it cannot be judged.".into());
    };
    let publish = change.range.is_some_and(|[low, _]| low > 0.0);
    let range =
        change.range.map_or(String::new(), |[low, high]| format!(", 95 % {:+.1} to {:+.1}", 100.0 * low, 100.0 * high));
    let numbers = format!(
        "agreement with the tagger on the ten nearest {:.1} % after {:.1} % (difference {:+.1}{range})",
        100.0 * is.mean,
        100.0 * was.mean,
        100.0 * change.mean
    );
    let why = match publish {
        true => format!("Published: it agrees significantly better: {numbers}."),
        false => format!("Not published: it does not agree significantly better: {numbers}."),
    };
    let measures =
        vec![Compared { name: "agreement at 10".into(), values: [was.mean, is.mean], difference: change.range }];
    Judgement { publish, why, measures }
}

/// The ten tracks most similar to `query` by cosine, none by the same artist; fewer if there are
/// not enough.
fn nearest(rows: &[&[f32]], artist: &[u32], query: usize) -> Vec<usize> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let cosine = |t: usize| dot(rows[query], rows[t]) / dot(rows[t], rows[t]).sqrt().max(1e-9);
    let mut others: Vec<(f32, usize)> =
        (0..rows.len()).filter(|t| artist[*t] != artist[query]).map(|t| (cosine(t), t)).collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    others.into_iter().take(NEIGHBOURS).map(|(_, t)| t).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 120 tracks by 40 artists: latents with this amount of noise, the tagger's vectors, and the
    /// artists.
    fn tracks(noise: f32, seed: u64) -> (Vec<[f32; DIMS]>, Vec<Vec<f32>>, Vec<u32>) {
        let (mut own, mut other) = (fastrand::Rng::with_seed(1), fastrand::Rng::with_seed(seed));
        let teacher: Vec<Vec<f32>> = (0..120).map(|_| (0..DIMS).map(|_| own.f32() - 0.5).collect()).collect();
        let latents = teacher.iter().map(|v| std::array::from_fn(|d| v[d] + noise * (other.f32() - 0.5))).collect();
        (latents, teacher, (0..120).map(|i| i / 3).collect())
    }

    #[test]
    fn what_agrees_better_for_certain_is_published() {
        let ((poor, teacher, artist), (good, ..)) = (tracks(2.0, 2), tracks(0.2, 3));
        let word = judge(&poor, &good, &teacher, &artist);
        assert!(word.publish && word.measures[0].values[1] > word.measures[0].values[0] + 0.2, "{}", word.why);
        let word = judge(&good, &poor, &teacher, &artist);
        assert!(!word.publish && word.why.contains("does not agree"), "{}", word.why);
        // An encoder of the same quality is not significantly better.
        assert!(!judge(&good, &tracks(0.2, 4).0, &teacher, &artist).publish);
    }

    #[test]
    fn the_teacher_itself_agrees_wholly() {
        let (exact, teacher, artist) = tracks(0.0, 2);
        let word = judge(&tracks(2.0, 2).0, &exact, &teacher, &artist);
        assert!((word.measures[0].values[1] - 1.0).abs() < 1e-9);
        // None by the same artist.
        let rows: Vec<&[f32]> = teacher.iter().map(|v| &v[..]).collect();
        assert!(nearest(&rows, &artist, 4).iter().all(|t| artist[*t] != 1));
    }

    #[test]
    fn too_little_is_not_judged() {
        let (latents, teacher, artist) = tracks(0.0, 2);
        let word = judge(&latents[..30], &latents[..30], &teacher[..30], &artist[..30]);
        assert!(!word.publish && word.why.contains("too few"), "{}", word.why);
        assert!(judge(&latents, &latents[1..], &teacher, &artist).why.contains("same tracks"));
    }
}
