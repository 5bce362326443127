//! A trained encoder on the host: the contents of its file, and the folding of normalisations for fast inference.

use crate::arch::Arch;
use crate::heads::Guessed;
use crate::kernels::EPSILON;
use crate::net::Kind;
use crate::parameters::Parameters;
use crate::recipe::Head;
use crate::rotation::{self, Matrix};
use crate::strobe::Standard;
use crate::{DIMS, Embedding};

/// The frozen statistics of a normalisation, per channel.
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

/// See the module documentation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub arch: Arch,
    /// In the order of [`Arch::plan`].
    pub parameters: Parameters,
    /// Statistics of the normalised layers, then of the latent.
    pub moments: Vec<Moment>,
    pub standard: Standard,
    /// Maps the network's own basis to the dimensions that users see.
    pub transform: Matrix,
}

impl Model {
    /// The parameters of the body's layers for inference, with normalisations folded in: weight and bias of a
    /// convolution, four tensors of a recurrent layer.
    pub fn folded(&self) -> Vec<Vec<f32>> {
        let mut moments = self.moments.iter();
        let mut out = Vec::new();
        for layer in self.arch.plan().layers {
            let own = &self.parameters.values[layer.at..layer.at + layer.kind.tensors()];
            match (layer.kind, own) {
                (Kind::Normalised, [weight, gamma, beta]) => {
                    // The file was checked to have a moment for each normalised layer.
                    let Some(moment) = moments.next() else { break };
                    let size = weight.len() / gamma.len().max(1);
                    let (mut folded, mut bias) = (Vec::with_capacity(weight.len()), Vec::with_capacity(gamma.len()));
                    for (c, kernel) in weight.chunks_exact(size).enumerate() {
                        let scale = gamma[c] * moment.scale(c);
                        folded.extend(kernel.iter().map(|w| w * scale));
                        bias.push(beta[c] - moment.mean[c] * scale);
                    }
                    out.extend([folded, bias]);
                }
                _ => out.extend(own.iter().cloned()),
            }
        }
        out
    }

    /// The dense layers after the body.
    pub fn dense(&self) -> Dense {
        let plan = self.arch.plan();
        let mut at = plan.layers.last().map_or(0, |l| l.at + l.kind.tensors());
        let standard = self.moments.last().map_or_else(
            || [[0.0; DIMS], [1.0; DIMS]],
            |m| [std::array::from_fn(|d| m.mean[d]), std::array::from_fn(|d| m.scale(d))],
        );
        let latent = self.arch.has_dense_latent().then(|| {
            at += 1;
            self.parameters.values[at - 1].chunks_exact(DIMS).map(|row| std::array::from_fn(|d| row[d])).collect()
        });
        let mut layer = || {
            at += 2;
            (self.parameters.values[at - 2].clone(), self.parameters.values[at - 1].clone())
        };
        let head: Vec<_> = (0..self.arch.head().len()).map(|_| layer()).collect();
        let tags = (self.arch.tags > 0).then(&mut layer);
        let teacher = (self.arch.teacher > 0).then(&mut layer);
        let decoder = self.arch.heads.decode.then(|| [layer(), layer()]);
        let describer = (self.arch.heads.describe > 0).then(&mut layer);
        Dense {
            latent,
            mean: standard[0],
            scale: standard[1],
            transform: self.transform.clone(),
            head,
            tags,
            teacher,
            decoder,
            describer,
            squash: self.arch.form.head,
            head_hears_latent: self.arch.head_hears_latent(),
            normalises_latent: self.arch.normalises_latent(),
            tagger: self.arch.kind.is_tagger(),
        }
    }
}

/// Weight as `[in, out]`, and bias.
type Layer = (Vec<f32>, Vec<f32>);

/// A teacher's outputs for an image: a network's estimate, or the output of an imported tagger
/// itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guess {
    /// The teacher's vector, standardised as in training; an imported tagger's own vector unchanged; empty without
    /// either.
    pub vector: Vec<f32>,
    /// The logit of each tag; empty without a tag head.
    pub logits: Vec<f32>,
}

/// The dense layers for inference, on the host.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    /// Maps features to raw numbers; if absent, the features are the raw numbers.
    latent: Option<Vec<[f32; DIMS]>>,
    mean: [f32; DIMS],
    scale: [f32; DIMS],
    transform: Matrix,
    /// Weight and bias of each layer of the genre head, with ReLU between them.
    head: Vec<Layer>,
    /// What the head's output passes before the softmax.
    squash: Head,
    tags: Option<Layer>,
    teacher: Option<Layer>,
    /// The heads of a training, which files do not have.
    decoder: Option<[Layer; 2]>,
    describer: Option<Layer>,
    head_hears_latent: bool,
    normalises_latent: bool,
    /// Whether the features are a tagger's own vector, from which its tags are computed.
    tagger: bool,
}

impl Dense {
    /// Maps one image's features to the 32 raw numbers.
    fn raw(&self, features: &[f32]) -> [f32; DIMS] {
        let mut raw = [0.0; DIMS];
        match &self.latent {
            Some(rows) => {
                for (x, row) in features.iter().zip(rows) {
                    raw.iter_mut().zip(row).for_each(|(r, w)| *r += x * w);
                }
            }
            None => raw.iter_mut().zip(features).for_each(|(r, f)| *r = *f),
        }
        raw
    }

    /// The input of the heads: the latent in the network's own basis, or the raw numbers.
    fn heard(&self, raw: &[f32; DIMS]) -> [f32; DIMS] {
        if self.head_hears_latent { self.own(raw) } else { *raw }
    }

    fn own(&self, raw: &[f32; DIMS]) -> [f32; DIMS] {
        std::array::from_fn(|d| (raw[d] - self.mean[d]) * self.scale[d])
    }

    /// Maps one image's features to the teacher's outputs.
    pub fn guess(&self, features: &[f32]) -> Guess {
        let heard = self.heard(&self.raw(features));
        let vector = if self.tagger { features.to_vec() } else { said(&heard, &self.teacher) };
        Guess { vector, logits: self.logits(features, &heard) }
    }

    /// What the heads of a training hear of an image: the latent in the network's own basis, normalised as in training.
    pub fn latent(&self, features: &[f32]) -> [f32; DIMS] {
        let raw = self.raw(features);
        if self.normalises_latent { self.own(&raw) } else { raw }
    }

    /// What these heads guess from it.
    pub fn guessed(&self, latent: &[f32; DIMS]) -> Guessed {
        let image = self.decoder.as_ref().map_or_else(Vec::new, |[hidden, out]| {
            let mut x = linear(latent, hidden);
            x.iter_mut().for_each(|h| *h = h.max(0.0));
            linear(&x, out)
        });
        Guessed { image, descriptors: said(latent, &self.describer) }
    }

    /// The logits of the tags.
    fn logits(&self, features: &[f32], heard: &[f32]) -> Vec<f32> {
        said(if self.tagger { features } else { heard }, &self.tags)
    }

    /// Maps one image's features to its latent and the probabilities of genres and tags.
    pub fn apply(&self, features: &[f32]) -> Embedding {
        let raw = self.raw(features);
        let own = self.own(&raw);
        let latent = rotation::turn(&own, &self.transform);
        let heard = self.heard(&raw);
        let mut x = heard.to_vec();
        for (i, layer) in self.head.iter().enumerate() {
            x = linear(&x, layer);
            if i + 1 < self.head.len() {
                x.iter_mut().for_each(|h| *h = h.max(0.0));
            }
        }
        match self.squash {
            Head::Logits => {}
            Head::Sigmoid => x.iter_mut().for_each(|h| *h = sigmoid(*h)),
            Head::Relu => x.iter_mut().for_each(|h| *h = h.max(0.0)),
        }
        let genres = if self.head.is_empty() { Vec::new() } else { softmax(x) };
        let tags = self.logits(features, &heard);
        Embedding { latent, genres, tags: tags.into_iter().map(sigmoid).collect() }
    }
}

/// The output of a layer for `x`; empty without a layer.
fn said(x: &[f32], layer: &Option<Layer>) -> Vec<f32> {
    layer.as_ref().map_or_else(Vec::new, |layer| linear(x, layer))
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

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|l| *l = (*l - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|l| *l /= sum);
    logits
}
