//! Chooses the most informative question: three tracks on which plausible weights disagree.
//!
//! Weights are sampled from a normal density around the fitted ones (Laplace's approximation). Of
//! some hundred random triplets, the one with the largest mutual information between answer and
//! weights is asked (BALD, Houlsby et al. 2011).

use fastrand::Rng;
use jukebox_encoder::linear::Cholesky;

use crate::latent::Space;
use crate::latent::simulation::normal;
use crate::library::Catalog;
use crate::track::TrackId;

use super::evidence::{BELIEFS, OPEN};
use super::fit::{Row, Seen, Told, WIDTH, dot};
use super::seen::differences;

/// Number of random triplets compared.
const TRIPLETS: usize = 300;
/// Number of weight vectors sampled.
const DRAWS: usize = 16;
/// Attempts to find three tracks by different artists.
const ATTEMPTS: usize = 60;
/// Number of triplets from which the typical gap between distances is estimated.
const USUAL: usize = 50;

/// A random triplet of tracks by different artists, as far as artists are known; `None` where the library has none.
pub(super) fn any(catalog: &Catalog, space: &Space, rng: &mut Rng) -> Option<[TrackId; 3]> {
    (0..ATTEMPTS).find_map(|_| {
        let mut songs = Vec::with_capacity(3);
        for _ in 0..3 {
            songs.push(catalog.of_track(space.id(rng.u32(..u32::try_from(space.len()).ok()?.max(1)))?)?);
        }
        let artist = |i: usize| songs[i].artist().to_lowercase();
        let same =
            |a: usize, b: usize| songs[a].track == songs[b].track || (!artist(a).is_empty() && artist(a) == artist(b));
        (!same(0, 1) && !same(1, 2) && !same(0, 2)).then(|| [songs[0].track, songs[1].track, songs[2].track])
    })
}

/// The triplet with the most information, given the observations so far.
pub(super) fn best(seen: &[Seen], catalog: &Catalog, space: &Space, rng: &mut Rng) -> Option<[TrackId; 3]> {
    let mut triplets = Vec::with_capacity(TRIPLETS);
    for _ in 0..TRIPLETS {
        let tracks = any(catalog, space, rng)?;
        triplets.extend(differences(space, &tracks).map(|apart| (tracks, apart)));
    }
    let draws = draws(seen, rng);
    // A typical gap is scaled to 4 nats: each sample then answers with near certainty, and the
    // mutual information measures how much the samples disagree, however uncertain the fitted scale
    // still is.
    let scale = 4.0 / usual(&triplets, &draws).max(1e-6);
    let information = |apart: &[Row; 3]| {
        let answers = draws.iter().map(|weights| softmin(apart.map(|row| scale * dot(&row, weights))));
        let (mut mean, mut each) = ([0.0; 3], 0.0);
        for p in answers {
            mean.iter_mut().zip(p).for_each(|(m, p)| *m += p / DRAWS as f32);
            each += entropy(&p) / DRAWS as f32;
        }
        entropy(&mean) - each
    };
    triplets
        .iter()
        .map(|(tracks, apart)| (information(apart), tracks))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, tracks)| *tracks)
}

/// Samples weights from the approximate posterior, clipped at 0.
fn draws(seen: &[Seen], rng: &mut Rng) -> Vec<Row> {
    let told = Told::new(seen.iter());
    let beliefs: Vec<f32> = BELIEFS.into_iter().filter(|belief| *belief >= OPEN).collect();
    let fit = told.path(&beliefs).pop().unwrap_or_else(|| told.flat());
    let curvature = told.curvature(&fit, OPEN).1;
    // Positive definite, as the prior's precision is on its diagonal; if it is not nevertheless, nothing is sampled.
    let root = Cholesky::of(curvature.iter().map(|row| row.iter().copied().map(f64::from).collect()).collect());
    (0..DRAWS)
        .map(|_| {
            let noise: Vec<f64> = (0..WIDTH).map(|_| f64::from(normal(rng))).collect();
            let away = root.as_ref().map_or_else(|| vec![0.0; WIDTH], |root| root.colour(noise));
            std::array::from_fn(|d| (fit.weights[d] + away[d] as f32).max(0.0))
        })
        .collect()
}

/// Mean difference of the largest and the smallest distance within a triplet.
fn usual(triplets: &[([TrackId; 3], [Row; 3])], draws: &[Row]) -> f32 {
    let each = triplets.iter().take(USUAL).flat_map(|(_, apart)| {
        draws.iter().map(move |weights| {
            let [a, b, c] = apart.map(|row| dot(&row, weights));
            a.max(b).max(c) - a.min(b).min(c)
        })
    });
    let (sum, n) = each.fold((0.0, 0.0f32), |(sum, n), gap| (sum + gap, n + 1.0));
    sum / n.max(1.0)
}

fn softmin(d: [f32; 3]) -> [f32; 3] {
    let least = d[0].min(d[1]).min(d[2]);
    let e = d.map(|d| (least - d).exp());
    let all: f32 = e.iter().sum();
    e.map(|e| e / all)
}

fn entropy(p: &[f32; 3]) -> f32 {
    -p.iter().map(|p| p * p.max(1e-12).ln()).sum::<f32>()
}
