//! Probes: the dimension that correlates most with each descriptor, and how well a linear model reads the descriptor off all
//! dimensions.

use crate::latent::{NAMED, NamedValues};
use crate::measure::spearman;

use super::corpus::{Corpus, Relations};
use super::findings::Probe;
use super::ridge;
use super::row::Points;

/// Minimum number of tracks for probing.
const FEWEST: usize = 50;
const FOLDS: u32 = 5;
/// The ridge penalty of the regression on normal scores.
const PENALTY: f64 = 1.0;

/// Runs the probes for every named dimension that enough tracks have. `scored` holds normal scores.
pub fn of(corpus: &Corpus, about: &Relations, scored: &Points, seed: u64) -> Vec<Probe> {
    let mut folds: Vec<u32> = (0..about.artist.iter().max().map_or(0, |m| m + 1)).map(|i| i % FOLDS).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut folds);
    let mut out = Vec::new();
    for (i, named) in NAMED.iter().enumerate() {
        type Read = fn(f32) -> f32;
        let parts: &[(&str, Read)] = match named.circular {
            true => &[(" cos", |v| (v * std::f32::consts::TAU).cos()), (" sin", |v| (v * std::f32::consts::TAU).sin())],
            false => &[("", |v| v)],
        };
        for (part, read) in parts {
            let value = |named: &NamedValues| read(named[i]);
            let known: Vec<usize> = (0..corpus.named.len()).filter(|&t| value(&corpus.named[t]).is_finite()).collect();
            if known.len() < FEWEST {
                continue;
            }
            let y: Vec<f64> = known.iter().map(|&t| f64::from(value(&corpus.named[t]))).collect();
            let column = |d: usize| -> Vec<f64> { known.iter().map(|&t| f64::from(scored.row(t)[d])).collect() };
            let follows = (0..scored.dims).filter_map(|d| Some((d, spearman(&column(d), &y)?)));
            let Some((dim, rho)) = follows.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) else { continue };
            let x: Vec<f64> = known.iter().flat_map(|&t| scored.row(t)).map(|&v| f64::from(v)).collect();
            let fold: Vec<u32> = known.iter().map(|&t| folds[about.artist[t] as usize]).collect();
            out.push(Probe {
                name: format!("{}{part}", named.name),
                tracks: known.len(),
                dim: dim + 1,
                spearman: rho,
                r_squared: ridge::r_squared(&x, scored.dims, &y, &fold, PENALTY),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;

    #[test]
    fn a_planted_descriptor_is_found() {
        let mut random = fastrand::Rng::with_seed(4);
        let points = Points { dims: 4, values: (0..800).map(|_| random.f32()).collect() };
        let mut corpus = Corpus { items: vec![Item::default(); 200], ..Corpus::default() };
        for t in 0..200 {
            let mut named = [f32::NAN; NAMED.len()];
            named[3] = -1000.0 * points.row(t)[2];
            named[0] = random.f32();
            named[5] = if t < 20 { 0.5 } else { f32::NAN };
            corpus.named.push(named);
        }
        let probes = of(&corpus, &Relations::of(&corpus.items), &points.scored(), 1);
        let names: Vec<&str> = probes.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["tempo cos", "tempo sin", "brightness"]);
        assert_eq!((probes[2].dim, probes[2].tracks), (3, 200));
        assert!(probes[2].spearman < -0.99 && probes[2].r_squared.unwrap() > 0.85, "{:?}", probes[2]);
        assert!(probes[0].r_squared.unwrap() < 0.1);
    }
}
