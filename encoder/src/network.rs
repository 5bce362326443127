//! The `strobe` architecture: a small residual 2-D network over strobe images (DESIGN §5), from a batch of standardised
//! images to 32 numbers.
//!
//! ```text
//! [N, 1, 128, 128]  mel band × time step
//! stem   conv 5×4, stride 2×4          → [N,  w, 64, 32]
//! a      residual block (two 3×3)      → [N,  w, 64, 32]
//! b      conv 3×3 stride 2, block      → [N, 2w, 32, 16]
//! c      conv 3×3 stride 2, block      → [N, 4w, 16,  8]
//! pool   mean and max over time        → [N, 2·4w·16]     (the place on the frequency axis is kept)
//! latent linear                        → [N, 32]
//! ```
//! Every convolution is followed by batch normalisation; for inference that is folded into the weights.

use burn::tensor::backend::Backend;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorData, activation};

use crate::parameters::{Fill, Parameters, Spec};
use crate::{DIMS, strobe};

/// Added to a variance before its root is taken.
pub(crate) const EPSILON: f32 = 1e-5;

/// Width of the hidden layer of the genre head.
pub(crate) const HEAD: usize = 64;

/// Rows of the mel axis that are left before the dense layer.
const ROWS: usize = strobe::BANDS / 8;

/// One convolution of the network.
pub(crate) struct Conv {
    pub name: &'static str,
    pub channels: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
}

impl Conv {
    fn new(name: &'static str, channels: [usize; 2], kernel: [usize; 2], stride: [usize; 2]) -> Conv {
        // Time is cut into whole steps by the stem, everything else keeps its borders.
        let padding = [kernel[0] / 2, if kernel[1] == stride[1] { 0 } else { kernel[1] / 2 }];
        Conv { name, channels, kernel, stride, padding }
    }

    fn options(&self) -> ConvOptions<2> {
        ConvOptions::new(self.stride, self.padding, [1, 1], 1)
    }

    /// Shape of the weight: `[out, in, height, width]`.
    pub fn shape(&self) -> [usize; 4] {
        [self.channels[1], self.channels[0], self.kernel[0], self.kernel[1]]
    }
}

/// What the network is built from: the only choices that a weights file records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arch {
    /// Channels of the first stage.
    pub width: usize,
    /// Classes of the genre head.
    pub genres: usize,
    /// Numbers that the teacher gives for a clip; 0 without a teacher.
    pub teacher: usize,
}

impl Arch {
    /// The convolutions in the order in which a clip meets them.
    pub fn convs(&self) -> [Conv; 9] {
        let w = self.width;
        [
            Conv::new("stem", [1, w], [5, 4], [2, 4]),
            Conv::new("a1", [w, w], [3, 3], [1, 1]),
            Conv::new("a2", [w, w], [3, 3], [1, 1]),
            Conv::new("b0", [w, 2 * w], [3, 3], [2, 2]),
            Conv::new("b1", [2 * w, 2 * w], [3, 3], [1, 1]),
            Conv::new("b2", [2 * w, 2 * w], [3, 3], [1, 1]),
            Conv::new("c0", [2 * w, 4 * w], [3, 3], [2, 2]),
            Conv::new("c1", [4 * w, 4 * w], [3, 3], [1, 1]),
            Conv::new("c2", [4 * w, 4 * w], [3, 3], [1, 1]),
        ]
    }

    /// Numbers that go into the dense layer.
    pub fn features(&self) -> usize {
        2 * 4 * self.width * ROWS
    }

    /// Every trained tensor, in the order of [`Tracked`]; the normalisation of the latent has none.
    pub fn specs(&self) -> Vec<Spec> {
        let mut specs = Vec::new();
        for conv in self.convs() {
            let shape = conv.shape();
            // The second convolution of a block begins at zero: every block begins as the identity.
            let gamma = if conv.name.ends_with('2') { Fill::Zero } else { Fill::One };
            let fan_in = shape[1] * shape[2] * shape[3];
            specs.push(Spec::new(format!("{}.weight", conv.name), &shape, Fill::Normal((2.0 / fan_in as f32).sqrt())));
            specs.push(Spec::new(format!("{}.gamma", conv.name), &[shape[0]], gamma));
            specs.push(Spec::new(format!("{}.beta", conv.name), &[shape[0]], Fill::Zero));
        }
        let linear = |name: &str, from: usize, to: usize| {
            [
                Spec::new(format!("{name}.weight"), &[from, to], Fill::Normal((1.0 / from as f32).sqrt())),
                Spec::new(format!("{name}.bias"), &[to], Fill::Zero),
            ]
        };
        // No bias before a normalisation.
        specs.extend(linear("latent", self.features(), DIMS).into_iter().take(1));
        specs.extend(linear("genre.hidden", DIMS, HEAD));
        specs.extend(linear("genre.out", HEAD, self.genres));
        if self.teacher > 0 {
            specs.extend(linear("teacher", DIMS, self.teacher));
        }
        specs
    }
}

/// A normalisation's statistics over a batch, `[channels]` each.
pub(crate) struct Moments<B: Backend> {
    pub mean: Tensor<B, 1>,
    pub var: Tensor<B, 1>,
}

/// What a forward pass in batch statistics gives.
pub(crate) struct Pass<B: Backend> {
    /// `[N, 32]`, every dimension of mean 0 and variance 1 over the batch.
    pub latent: Tensor<B, 2>,
    /// `[N, genres]`
    pub logits: Tensor<B, 2>,
    /// `[N, teacher]`
    pub teacher: Option<Tensor<B, 2>>,
    /// Of the nine convolutions and the latent, in this order.
    pub moments: Vec<Moments<B>>,
}

/// The network while it is trained: parameters as flat tensors, in the order of [`Arch::specs`].
pub(crate) struct Tracked<B: Backend> {
    arch: Arch,
    specs: Vec<Spec>,
    pub tensors: Vec<Tensor<B, 1>>,
}

impl<B: Backend> Tracked<B> {
    /// Parameters on a device; gradients are followed where the backend can.
    pub fn new(arch: Arch, parameters: &Parameters, device: &B::Device) -> Self {
        let tensors = parameters
            .values
            .iter()
            .map(|v| Tensor::from_data(TensorData::new(v.clone(), [v.len()]), device).require_grad())
            .collect();
        Tracked { arch, specs: arch.specs(), tensors }
    }

    fn get<const D: usize>(&self, index: usize) -> Tensor<B, D> {
        let mut shape = [1; D];
        let own = &self.specs[index].shape;
        shape[D - own.len()..].copy_from_slice(own);
        self.tensors[index].clone().reshape(shape)
    }

    /// Forward in batch statistics. `images` is `[N, 1, 128, 128]`, standardised; `drop` is the mask of the pooled
    /// features `[N, features]` when there is one.
    pub fn forward(&self, images: Tensor<B, 4>, drop: Option<Tensor<B, 2>>) -> Pass<B> {
        let convs = self.arch.convs();
        let mut moments = Vec::with_capacity(convs.len() + 1);
        let mut step = |i: usize, x: Tensor<B, 4>| {
            let x = conv2d(x, self.get::<4>(3 * i), None, convs[i].options());
            let (x, m) = normalise(x);
            moments.push(m);
            let [n, c, h, w] = x.dims();
            let (gamma, beta) = (self.get::<2>(3 * i + 1), self.get::<2>(3 * i + 2));
            let x = x.reshape([n * c, h * w]);
            (x * rows(gamma, n) + rows(beta, n)).reshape([n, c, h, w])
        };
        let mut x = activation::relu(step(0, images));
        for stage in [0, 1, 2] {
            if stage > 0 {
                x = activation::relu(step(3 * stage, x));
            }
            let y = activation::relu(step(3 * stage + 1, x.clone()));
            x = activation::relu(step(3 * stage + 2, y) + x);
        }
        let mut pooled = pool(x);
        if let Some(mask) = drop {
            pooled = pooled * mask;
        }
        let at = 3 * convs.len();
        let raw = pooled.matmul(self.get::<2>(at));
        let (latent, m) = normalise(raw.unsqueeze_dims::<4>(&[-1, -1]));
        moments.push(m);
        let latent = latent.flatten::<2>(1, 3);
        let hidden = activation::relu(self.linear(latent.clone(), at + 1));
        let logits = self.linear(hidden, at + 3);
        let teacher = (self.arch.teacher > 0).then(|| self.linear(latent.clone(), at + 5));
        Pass { latent, logits, teacher, moments }
    }

    fn linear(&self, x: Tensor<B, 2>, index: usize) -> Tensor<B, 2> {
        x.matmul(self.get::<2>(index)) + self.get::<1>(index + 1).unsqueeze::<2>()
    }
}

/// Mean 0 and variance 1 for every channel over the batch and the image, without affine.
fn normalise<B: Backend>(x: Tensor<B, 4>) -> (Tensor<B, 4>, Moments<B>) {
    let [n, c, h, w] = x.dims();
    let x = x.reshape([n * c, h * w]);
    let over = |x: Tensor<B, 2>| x.mean_dim(1).reshape([n, c]).mean_dim(0);
    let mean = over(x.clone());
    let x = x - rows(mean.clone(), n);
    let var = over(x.clone() * x.clone());
    let scale = var.clone().add_scalar(EPSILON).sqrt().recip();
    let y = (x * rows(scale, n)).reshape([n, c, h, w]);
    (y, Moments { mean: mean.reshape([c]).detach(), var: var.reshape([c]).detach() })
}

/// `[1, C]` → `[N·C, 1]`: one number for every channel of every image. In rank 2 a broadcast along the rows is a
/// contiguous loop; along the channels of rank 4 it is an index calculation a number.
fn rows<B: Backend>(x: Tensor<B, 2>, n: usize) -> Tensor<B, 2> {
    let c = x.dims()[1];
    x.repeat_dim(0, n).reshape([n * c, 1])
}

/// `[N, C, rows, time]` → `[N, 2·C·rows]`: the means over time, then the maxima.
fn pool<B: Backend>(x: Tensor<B, 4>) -> Tensor<B, 2> {
    let mean = x.clone().mean_dim(3).flatten::<2>(1, 3);
    let max = x.max_dim(3).flatten::<2>(1, 3);
    Tensor::cat(vec![mean, max], 1)
}

/// The convolutions for inference: normalisations folded in. The dense layers that follow are the host's
/// ([`crate::model::Dense`]): so small, and there one clip's numbers cannot depend on the rest of its batch.
pub(crate) struct Frozen<B: Backend> {
    arch: Arch,
    convs: Vec<(Tensor<B, 4>, Tensor<B, 1>)>,
}

impl<B: Backend> Frozen<B> {
    /// From the nine folded convolutions, weight and bias.
    pub fn new(arch: Arch, convs: Vec<(Vec<f32>, Vec<f32>)>, device: &B::Device) -> Self {
        let place = |(conv, (weight, bias)): (&Conv, (Vec<f32>, Vec<f32>))| {
            let shape = conv.shape();
            let weight = Tensor::from_data(TensorData::new(weight, shape), device);
            (weight, Tensor::from_data(TensorData::new(bias, [shape[0]]), device))
        };
        let convs = arch.convs().iter().zip(convs).map(place).collect();
        Frozen { arch, convs }
    }

    /// `[N, 1, 128, 128]` → pooled features `[N, features]`.
    pub fn forward(&self, images: Tensor<B, 4>) -> Tensor<B, 2> {
        let shapes = self.arch.convs();
        let step = |i: usize, x: Tensor<B, 4>| {
            let (weight, bias) = &self.convs[i];
            conv2d(x, weight.clone(), Some(bias.clone()), shapes[i].options())
        };
        let mut x = activation::relu(step(0, images));
        for stage in [0, 1, 2] {
            if stage > 0 {
                x = activation::relu(step(3 * stage, x));
            }
            let y = activation::relu(step(3 * stage + 1, x.clone()));
            x = activation::relu(step(3 * stage + 2, y) + x);
        }
        pool(x)
    }
}
