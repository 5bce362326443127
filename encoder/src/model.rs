//! A trained encoder on the host: everything that its file holds, and the folding that makes it quick.

use crate::network::{Arch, EPSILON, HEAD};
use crate::parameters::Parameters;
use crate::rotation::Matrix;
use crate::strobe::Standard;
use crate::{DIMS, Embedding};

/// A normalisation's frozen statistics, per channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    pub mean: Vec<f32>,
    pub var: Vec<f32>,
}

impl Moment {
    fn scale(&self, channel: usize) -> f32 {
        1.0 / (self.var[channel] + EPSILON).sqrt()
    }
}

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub arch: Arch,
    /// In the order of [`Arch::specs`].
    pub parameters: Parameters,
    /// Of the nine convolutions and the latent.
    pub moments: Vec<Moment>,
    pub standard: Standard,
    /// From the network's own basis to the dimensions that users see.
    pub transform: Matrix,
}

impl Model {
    /// The convolutions with their normalisation folded in: weight and bias.
    pub fn folded(&self) -> Vec<(Vec<f32>, Vec<f32>)> {
        (0..self.arch.convs().len())
            .map(|i| {
                let [weight, gamma, beta] = [0, 1, 2].map(|k| &self.parameters.values[3 * i + k]);
                let moment = &self.moments[i];
                let size = weight.len() / gamma.len().max(1);
                let (mut folded, mut bias) = (Vec::with_capacity(weight.len()), Vec::with_capacity(gamma.len()));
                for (c, kernel) in weight.chunks_exact(size).enumerate() {
                    let scale = gamma[c] * moment.scale(c);
                    folded.extend(kernel.iter().map(|w| w * scale));
                    bias.push(beta[c] - moment.mean[c] * scale);
                }
                (folded, bias)
            })
            .collect()
    }

    /// The layers behind the pooling.
    pub fn dense(&self) -> Dense {
        let at = 3 * self.arch.convs().len();
        let moment = &self.moments[self.arch.convs().len()];
        let scale: [f32; DIMS] = std::array::from_fn(|d| moment.scale(d));
        let latent = self.parameters.values[at]
            .chunks_exact(DIMS)
            .map(|row| std::array::from_fn(|d| row[d] * scale[d]))
            .collect();
        Dense {
            latent,
            bias: std::array::from_fn(|d| -moment.mean[d] * scale[d]),
            transform: self.transform.clone(),
            hidden: (self.parameters.values[at + 1].clone(), self.parameters.values[at + 2].clone()),
            genres: (self.parameters.values[at + 3].clone(), self.parameters.values[at + 4].clone()),
        }
    }
}

/// The dense layers of inference, on the host.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    latent: Vec<[f32; DIMS]>,
    bias: [f32; DIMS],
    transform: Matrix,
    hidden: (Vec<f32>, Vec<f32>),
    genres: (Vec<f32>, Vec<f32>),
}

impl Dense {
    /// One clip's pooled features to its latent and the probabilities of the genres.
    pub fn apply(&self, features: &[f32]) -> Embedding {
        let mut own = self.bias;
        for (x, row) in features.iter().zip(&self.latent) {
            for (o, w) in own.iter_mut().zip(row) {
                *o += x * w;
            }
        }
        let mut latent = [0.0; DIMS];
        for (x, row) in own.iter().zip(&self.transform) {
            for (o, w) in latent.iter_mut().zip(row) {
                *o += x * w;
            }
        }
        let mut hidden = linear(&own, &self.hidden);
        debug_assert_eq!(hidden.len(), HEAD);
        hidden.iter_mut().for_each(|h| *h = h.max(0.0));
        Embedding { latent, genres: softmax(linear(&hidden, &self.genres)) }
    }
}

/// `x · W + b` with W as `[in, out]`.
fn linear(x: &[f32], (weight, bias): &(Vec<f32>, Vec<f32>)) -> Vec<f32> {
    let mut out = bias.clone();
    if out.is_empty() {
        return out;
    }
    for (x, row) in x.iter().zip(weight.chunks_exact(bias.len())) {
        for (o, w) in out.iter_mut().zip(row) {
            *o += x * w;
        }
    }
    out
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|l| *l = (*l - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|l| *l /= sum);
    logits
}
