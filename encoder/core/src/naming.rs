//! Rotates the latent so that each dimension follows a concept, and names the dimensions.

use serde::{Deserialize, Serialize};

use crate::DIMS;
use crate::concepts::ALL;
use crate::rotation::{self, Matrix, Square};

/// The name of a dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// Unique among the dimensions, one short word, for typing. Empty if it has no name.
    pub name: String,
    /// The word for small values.
    pub low: String,
    /// The word for large values.
    pub high: String,
}

/// Minimum number of images for estimating directions.
const LEAST: usize = 20 * DIMS;
/// Ridge of the regression, as a share of the mean variance.
const RIDGE: f64 = 0.01;
/// Number of steps of the ascent; `STRIDE`: the overall length of each.
const STEPS: usize = 300;
const STRIDE: f64 = 0.17;

/// The orthogonal matrix under which each dimension best follows its concept, and the names of the dimensions. Starts
/// from the orthogonal matrix closest to the concepts' directions by least squares (polar factor; Löwdin 1950). From
/// there, gradient ascent within the orthogonal matrices maximises the sum of the correlations r of each dimension with
/// its concept, weak ones counting more (weight e^−r). `latents` have mean 0; `logits` are the teacher's,
/// `[images][tags]`. Returns the identity without names if there are too few images or a tag is missing.
pub(crate) fn fit(latents: &[[f32; DIMS]], logits: &[&[f32]], tags: &[String]) -> (Matrix, Vec<Axis>) {
    let unnamed = (rotation::identity(), Vec::new());
    let rows: Vec<[f64; DIMS]> = latents.iter().map(|r| r.map(f64::from)).collect();
    if rows.len() < LEAST || logits.len() != rows.len() || logits.iter().any(|l| l.len() != tags.len()) {
        return unnamed;
    }
    let Some(targets) = targets(logits, tags) else { return unnamed };
    let moments = rotation::second_moments(&rows);
    let mut with: Square = [[0.0; DIMS]; DIMS];
    for (row, target) in rows.iter().zip(&targets) {
        for (line, x) in with.iter_mut().zip(row) {
            line.iter_mut().zip(target).for_each(|(w, y)| *w += x * y / rows.len() as f64);
        }
    }
    let turn = climb(directions(&moments, &with), &moments, &with);
    let axes = ALL.iter().map(|c| Axis { name: c.name.into(), low: c.low.into(), high: c.high.into() });
    (turn.iter().map(|row| row.map(|x| x as f32)).collect(), axes.collect())
}

/// The value of each concept for each image, standardised to mean 0 and variance 1 over the images; `None` if a tag is
/// missing.
fn targets(logits: &[&[f32]], tags: &[String]) -> Option<Vec<[f64; DIMS]>> {
    let columns: Vec<Vec<f64>> =
        (0..tags.len()).map(|t| standard(logits.iter().map(|l| f64::from(l[t])).collect())).collect();
    let mut out = vec![[0.0; DIMS]; logits.len()];
    for (d, concept) in ALL.iter().enumerate() {
        let value = |i: usize| concept.value(tags, &columns.iter().map(|c| c[i]).collect::<Vec<f64>>());
        let values = (0..logits.len()).map(value).collect::<Option<Vec<f64>>>()?;
        out.iter_mut().zip(standard(values)).for_each(|(row, y)| row[d] = y);
    }
    Some(out)
}

/// The direction in which latents follow each concept (columns of length 1), by ridge regression.
fn directions(moments: &Square, with: &Square) -> Square {
    let (values, vectors) = rotation::eigen(*moments);
    let ridge = RIDGE * values.iter().sum::<f64>() / DIMS as f64;
    let mut out: Square = [[0.0; DIMS]; DIMS];
    for d in 0..DIMS {
        for k in 0..DIMS {
            let along = (0..DIMS).map(|i| vectors[i][k] * with[i][d]).sum::<f64>() / (values[k] + ridge).max(1e-12);
            (0..DIMS).for_each(|i| out[i][d] += vectors[i][k] * along);
        }
        let size = (0..DIMS).map(|i| out[i][d] * out[i][d]).sum::<f64>().sqrt().max(1e-12);
        (0..DIMS).for_each(|i| out[i][d] /= size);
    }
    out
}

/// Gradient ascent from a matrix of directions. The gradient of r = u·c / √(uᵀMu) is c/√(uᵀMu) − Mu · r/(uᵀMu).
fn climb(directions: Square, moments: &Square, with: &Square) -> Square {
    let mut turn = rotation::polar(directions);
    for _ in 0..STEPS {
        let spread = rotation::multiply(moments, &turn);
        let mut slope: Square = [[0.0; DIMS]; DIMS];
        let mut size = 0.0;
        for d in 0..DIMS {
            let column = |m: &Square, other: &Square| (0..DIMS).map(|i| m[i][d] * other[i][d]).sum::<f64>();
            let variance = column(&turn, &spread).max(1e-12);
            let r = column(&turn, with) / variance.sqrt();
            for i in 0..DIMS {
                slope[i][d] = (with[i][d] / variance.sqrt() - spread[i][d] * r / variance) * (-r).exp();
                size += slope[i][d] * slope[i][d];
            }
        }
        if size < 1e-16 {
            break;
        }
        let scale = STRIDE / size.sqrt();
        (0..DIMS).for_each(|i| (0..DIMS).for_each(|d| slope[i][d] = turn[i][d] + scale * slope[i][d]));
        turn = rotation::polar(slope);
    }
    turn
}

/// Scales to mean 0 and variance 1.
fn standard(mut column: Vec<f64>) -> Vec<f64> {
    let n = column.len().max(1) as f64;
    let mean = column.iter().sum::<f64>() / n;
    column.iter_mut().for_each(|x| *x -= mean);
    let scale = (column.iter().map(|x| x * x).sum::<f64>() / n).sqrt().max(1e-12);
    column.iter_mut().for_each(|x| *x /= scale);
    column
}
