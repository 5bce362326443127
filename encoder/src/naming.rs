//! Dimensions that are words: the turn of the latent under which every dimension follows a concept of its own.

use serde::{Deserialize, Serialize};

use crate::DIMS;
use crate::concepts::{ALL, Concept};
use crate::rotation::{self, Matrix, Square};

/// What a dimension is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// Unique among the dimensions, short, one word: what is typed. Empty when it has no name.
    pub name: String,
    /// The end of small values.
    pub low: String,
    /// The end of large values.
    pub high: String,
}

/// Fewer images than this say nothing of directions.
const LEAST: usize = 20 * DIMS;
/// Share of the mean variance that the regression adds to every direction.
const RIDGE: f64 = 0.01;

/// The orthogonal matrix whose columns are closest to the directions of up to 32 concepts, and the names of its columns. Directions are
/// chosen greedily by what is left of them beside those chosen before. `latents` have mean 0; `logits` are the teacher's of every
/// tag, image by image. With too little to go by: the identity, without names.
pub(crate) fn fit(latents: &[[f32; DIMS]], logits: &[&[f32]], tags: &[String]) -> (Matrix, Vec<Axis>) {
    let rows: Vec<[f64; DIMS]> = latents.iter().map(|r| r.map(f64::from)).collect();
    if rows.len() < LEAST || logits.len() != rows.len() || logits.iter().any(|l| l.len() != tags.len() || l.is_empty()) {
        return (rotation::identity(), Vec::new());
    }
    let (values, vectors) = rotation::eigen(rotation::second_moments(&rows));
    let ridge = RIDGE * values.iter().sum::<f64>() / DIMS as f64;
    let columns: Vec<Vec<f64>> = (0..tags.len()).map(|t| standard(logits.iter().map(|l| f64::from(l[t])).collect())).collect();
    let mut open: Vec<(&Concept, [f64; DIMS])> = Vec::new();
    for concept in ALL {
        let parts: Option<Vec<(f64, &Vec<f64>)>> = concept
            .tags
            .iter()
            .map(|(tag, weight)| Some((f64::from(*weight), columns.get(tags.iter().position(|t| t == tag)?)?)))
            .collect();
        let Some(parts) = parts else { continue };
        let target: Vec<f64> = (0..rows.len()).map(|i| parts.iter().map(|(w, c)| w * c[i]).sum()).collect();
        open.push((concept, direction(&rows, &standard(target), &values, &vectors, ridge)));
    }
    // Greedily, the one of which most is left beside those chosen.
    let mut chosen: Vec<(&Concept, [f64; DIMS])> = Vec::new();
    let mut basis: Vec<[f64; DIMS]> = Vec::new();
    while chosen.len() < DIMS {
        let left = |d: &[f64; DIMS]| {
            let mut rest = *d;
            for b in &basis {
                let along: f64 = rest.iter().zip(b).map(|(x, y)| x * y).sum();
                rest.iter_mut().zip(b).for_each(|(x, y)| *x -= along * y);
            }
            rest
        };
        let size = |d: &[f64; DIMS]| d.iter().map(|x| x * x).sum::<f64>().sqrt();
        let best = open.iter().enumerate().map(|(i, (_, d))| (size(&left(d)), i)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((most, i)) = best.filter(|(most, _)| *most > 1e-3) else { break };
        let picked = open.swap_remove(i);
        basis.push(left(&picked.1).map(|x| x / most));
        chosen.push(picked);
    }
    chosen.sort_by_key(|(concept, _)| ALL.iter().position(|c| c.name == concept.name));
    let mut all: Square = [[0.0; DIMS]; DIMS];
    let mut axes = Vec::with_capacity(DIMS);
    for (d, (concept, direction)) in chosen.iter().enumerate() {
        (0..DIMS).for_each(|i| all[i][d] = direction[i]);
        axes.push(Axis { name: concept.name.into(), low: concept.low.into(), high: concept.high.into() });
    }
    // What no concept claims: the directions of most variance that are left.
    for v in (0..DIMS).rev().map(|k| std::array::from_fn::<f64, DIMS, _>(|i| vectors[i][k])) {
        if axes.len() == DIMS {
            break;
        }
        let mut rest = v;
        for b in &basis {
            let along: f64 = rest.iter().zip(b).map(|(x, y)| x * y).sum();
            rest.iter_mut().zip(b).for_each(|(x, y)| *x -= along * y);
        }
        let size = rest.iter().map(|x| x * x).sum::<f64>().sqrt();
        if size > 0.3 {
            let unit = rest.map(|x| x / size);
            (0..DIMS).for_each(|i| all[i][axes.len()] = unit[i]);
            basis.push(unit);
            axes.push(Axis::default());
        }
    }
    axes.resize(DIMS, Axis::default());
    (rotation::closest(all), axes)
}

/// The unit direction along which latents follow a standardised target best: least squares with a ridge.
fn direction(rows: &[[f64; DIMS]], target: &[f64], values: &[f64; DIMS], vectors: &Square, ridge: f64) -> [f64; DIMS] {
    let mut with = [0.0; DIMS];
    for (row, y) in rows.iter().zip(target) {
        with.iter_mut().zip(row).for_each(|(w, x)| *w += x * y / rows.len() as f64);
    }
    let mut out = [0.0; DIMS];
    for k in 0..DIMS {
        let along: f64 = (0..DIMS).map(|i| vectors[i][k] * with[i]).sum::<f64>() / (values[k] + ridge);
        (0..DIMS).for_each(|i| out[i] += vectors[i][k] * along);
    }
    let size = out.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
    out.map(|x| x / size)
}

/// Mean 0, variance 1.
fn standard(mut column: Vec<f64>) -> Vec<f64> {
    let n = column.len().max(1) as f64;
    let mean = column.iter().sum::<f64>() / n;
    column.iter_mut().for_each(|x| *x -= mean);
    let scale = (column.iter().map(|x| x * x).sum::<f64>() / n).sqrt().max(1e-12);
    column.iter_mut().for_each(|x| *x /= scale);
    column
}
