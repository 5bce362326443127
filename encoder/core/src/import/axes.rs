//! The map from the tagger's 200 numbers to 32 that match another encoder's dimensions.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::DIMS;
use crate::arch::musicnn::VECTOR;
use crate::linear::Cholesky;
use crate::naming::Axis;
use crate::rotation::{self, REFERENCE};
use crate::weights::{floats, pack, unpack};

/// Ridge of the regression, as a share of the mean variance.
const RIDGE: f64 = 0.01;

#[derive(Serialize, Deserialize)]
struct Header {
    axes: Vec<Axis>,
}

/// See the module documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// `[200][32]`.
    pub(super) weight: Vec<[f32; DIMS]>,
    pub(super) bias: [f32; DIMS],
    /// As [`crate::Card::reference`].
    pub(super) reference: Vec<[f32; DIMS]>,
    pub(super) words: Vec<Axis>,
}

impl Axes {
    /// A map to zeros, without words, for a tagger of which only the vector is needed.
    pub fn none() -> Axes {
        let zeros = |n| vec![[0.0; DIMS]; n];
        Axes { weight: zeros(VECTOR), bias: [0.0; DIMS], reference: zeros(REFERENCE), words: Vec::new() }
    }

    /// Fits the map by ridge regression from the tagger's vectors to another encoder's latents of the same images,
    /// whose dimensions have these words. `tracks` holds the track of each image.
    ///
    /// # Errors
    /// When there are fewer than 200 images, or a vector has the wrong length.
    pub fn fit(vectors: &[Vec<f32>], latents: &[[f32; DIMS]], tracks: &[u32], words: &[Axis]) -> Result<Axes> {
        let n = vectors.len();
        ensure!(n >= VECTOR && latents.len() == n && tracks.len() == n, "{n} images are too few to fit axes on");
        ensure!(vectors.iter().all(|v| v.len() == VECTOR), "a vector has not {VECTOR} numbers");
        let mean: Vec<f64> =
            (0..VECTOR).map(|k| vectors.iter().map(|v| f64::from(v[k])).sum::<f64>() / n as f64).collect();
        let middle: Vec<f64> =
            (0..DIMS).map(|d| latents.iter().map(|l| f64::from(l[d])).sum::<f64>() / n as f64).collect();
        let (mut moments, mut with) = (vec![vec![0.0; VECTOR]; VECTOR], vec![vec![0.0; VECTOR]; DIMS]);
        for (vector, latent) in vectors.iter().zip(latents) {
            let off: Vec<f64> = vector.iter().zip(&mean).map(|(v, m)| f64::from(*v) - m).collect();
            for (row, a) in moments.iter_mut().zip(&off) {
                row.iter_mut().zip(&off).for_each(|(s, b)| *s += a * b);
            }
            for (d, row) in with.iter_mut().enumerate() {
                row.iter_mut().zip(&off).for_each(|(s, b)| *s += b * (f64::from(latent[d]) - middle[d]));
            }
        }
        let ridge = RIDGE * (0..VECTOR).map(|k| moments[k][k]).sum::<f64>() / VECTOR as f64;
        (0..VECTOR).for_each(|k| moments[k][k] += ridge);
        let root = Cholesky::of(moments);
        ensure!(root.is_some(), "the vectors do not vary");
        let columns: Vec<Vec<f64>> = root.iter().flat_map(|root| with.iter().map(|b| root.solve(b))).collect();
        let weight: Vec<[f32; DIMS]> = (0..VECTOR).map(|k| std::array::from_fn(|d| columns[d][k] as f32)).collect();
        let bias =
            std::array::from_fn(|d| (middle[d] - (0..VECTOR).map(|k| mean[k] * columns[d][k]).sum::<f64>()) as f32);
        let mut axes = Axes { weight, bias, reference: Vec::new(), words: words.to_vec() };
        let own: Vec<[f32; DIMS]> = vectors.iter().map(|v| axes.latent(v)).collect();
        axes.reference = rotation::reference(&crate::fit::tracks(&own, tracks.iter().map(|t| Some(*t))));
        Ok(axes)
    }

    /// Maps a vector to 32 numbers.
    pub fn latent(&self, vector: &[f32]) -> [f32; DIMS] {
        let mut latent = self.bias;
        for (x, row) in vector.iter().zip(&self.weight) {
            latent.iter_mut().zip(row).for_each(|(l, w)| *l += x * w);
        }
        latent
    }

    /// Serializes the map as a safetensors file.
    ///
    /// # Errors
    /// When serialization fails.
    pub fn write(&self) -> Result<Vec<u8>> {
        let tensors = [
            ("weight".into(), vec![VECTOR, DIMS], self.weight.concat()),
            ("bias".into(), vec![DIMS], self.bias.to_vec()),
            ("reference".into(), vec![REFERENCE, DIMS], self.reference.concat()),
        ];
        pack(&tensors, &Header { axes: self.words.clone() })
    }

    /// Reads what [`Axes::write`] wrote.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn read(bytes: &[u8]) -> Result<Axes> {
        let (file, header): (_, Header) = unpack(bytes)?;
        let rows = |name: &str, n: usize| -> Result<Vec<[f32; DIMS]>> {
            let flat = floats(&file, name, &[n, DIMS])?;
            Ok(flat.chunks_exact(DIMS).map(|r| std::array::from_fn(|d| r[d])).collect())
        };
        let bias = floats(&file, "bias", &[DIMS])?;
        Ok(Axes {
            weight: rows("weight", VECTOR)?,
            bias: std::array::from_fn(|d| bias[d]),
            reference: rows("reference", REFERENCE)?,
            words: header.axes,
        })
    }
}
