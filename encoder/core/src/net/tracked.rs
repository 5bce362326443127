//! A pass with batch statistics, which tracks gradients if the backend can.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData, activation};

use super::recurrent::Gru;
use super::{Conv, Net, Pool};
use crate::arch::Arch;
use crate::heads::{HIDDEN, PIXELS};
use crate::kernels::{Kernels, Normalised};
use crate::parameters::{Parameters, Spec};
use crate::recipe::Head;

/// The statistics of a normalisation over a batch, `[channels]` each.
pub(crate) struct Moments<B: Backend> {
    pub mean: Tensor<B, 1>,
    pub var: Tensor<B, 1>,
}

/// The result of a forward pass.
pub(crate) struct Pass<B: Backend> {
    /// `[N, 32]`; if normalised, each dimension has mean 0 and variance 1 over the batch.
    pub latent: Tensor<B, 2>,
    /// `[N, genres]`
    pub logits: Option<Tensor<B, 2>>,
    /// `[N, tags]`, logits
    pub tags: Option<Tensor<B, 2>>,
    /// `[N, teacher]`
    pub teacher: Option<Tensor<B, 2>>,
    /// `[N, 16 · 32]`, the guessed coarse images
    pub image: Option<Tensor<B, 2>>,
    /// `[N, descriptors]`
    pub descriptors: Option<Tensor<B, 2>>,
    /// Of the normalised layers, then of the latent.
    pub moments: Vec<Moments<B>>,
}

/// Dropout after convolutions and in the genre head.
pub(crate) struct Noise<'a> {
    /// The share of values set to 0 after each convolution.
    pub convolutions: f32,
    /// The share set to 0 after each hidden layer of the head.
    pub head: f32,
    pub rng: &'a mut fastrand::Rng,
}

impl Noise<'_> {
    /// Sets a random share of values to 0 and scales the others so that their sum is expected to stay.
    fn mask<B: Backend, const D: usize>(&mut self, x: Tensor<B, D>, share: f32) -> Tensor<B, D> {
        if share <= 0.0 {
            return x;
        }
        let keep = 1.0 - share;
        let shape = x.dims();
        let mut one = || if self.rng.f32() < keep { 1.0 / keep } else { 0.0f32 };
        let mask: Vec<f32> = (0..shape.iter().product()).map(|_| one()).collect();
        let device = x.device();
        x * Tensor::from_data(TensorData::new(mask, shape), &device)
    }
}

/// The network during training: parameters as flat tensors, in the order of [`Arch::plan`].
pub(crate) struct Tracked<B: Backend> {
    arch: Arch,
    specs: Vec<Spec>,
    /// The first tensor of the convolution that computes the 32 numbers, if one does: it has no dropout.
    last: Option<usize>,
    pub tensors: Vec<Tensor<B, 1>>,
}

impl<B: Kernels> Tracked<B> {
    /// Places the parameters on a device; gradients are tracked if the backend can.
    pub fn new(arch: Arch, parameters: &Parameters, device: &B::Device) -> Self {
        let tensors = parameters
            .values
            .iter()
            .map(|v| Tensor::from_data(TensorData::new(v.clone(), [v.len()]), device).require_grad())
            .collect();
        let plan = arch.plan();
        let last = plan.layers.last().filter(|_| !arch.has_dense_latent()).map(|layer| layer.at);
        Tracked { arch, specs: plan.specs, last, tensors }
    }

    /// `images` is `[N, 1, bands, steps]`, standardised; `drop` is an optional dropout mask of the features, `[N,
    /// features]`; `noise` is further dropout.
    pub fn forward(&self, images: Tensor<B, 4>, drop: Option<Tensor<B, 2>>, noise: Option<Noise>) -> Pass<B> {
        let mut walk = Walk { own: self, at: 0, moments: Vec::new(), noise };
        let features = self.arch.body(&mut walk, images).flatten::<2>(1, 3);
        let features = match drop {
            Some(mask) => features * mask,
            None => features,
        };
        let raw =
            if self.arch.has_dense_latent() { features.clone().matmul(walk.next::<2>()) } else { features.clone() };
        let ones = || Tensor::ones([raw.dims()[1]], &raw.device());
        let zeros = || Tensor::zeros([raw.dims()[1]], &raw.device());
        let Normalised { y: latent, mean, var } =
            B::normalise(raw.clone().unsqueeze_dims::<4>(&[-1, -1]), ones(), zeros(), None, false);
        walk.moments.push(Moments { mean, var });
        let latent = if self.arch.normalises_latent() { latent.flatten::<2>(1, 3) } else { raw.clone() };
        let layers = self.arch.head().len();
        let logits = (layers > 0).then(|| {
            let mut x = if self.arch.head_hears_latent() { latent.clone() } else { raw };
            for i in 0..layers {
                x = x.matmul(walk.next::<2>()) + walk.next::<1>().unsqueeze::<2>();
                if i + 1 < layers {
                    x = activation::relu(x);
                    if let Some(noise) = &mut walk.noise {
                        x = noise.mask(x, noise.head);
                    }
                }
            }
            match self.arch.form.head {
                Head::Logits => x,
                Head::Sigmoid => activation::sigmoid(x),
                Head::Relu => activation::relu(x),
            }
        });
        let mut linear = |x: &Tensor<B, 2>, n: usize| {
            (n > 0).then(|| x.clone().matmul(walk.next::<2>()) + walk.next::<1>().unsqueeze::<2>())
        };
        let tags = linear(if self.arch.kind.is_tagger() { &features } else { &latent }, self.arch.tags);
        let teacher = linear(&latent, self.arch.teacher);
        let heads = self.arch.heads;
        let hidden = linear(&latent, if heads.decode { HIDDEN } else { 0 }).map(activation::relu);
        let image = hidden.and_then(|x| linear(&x, PIXELS));
        let descriptors = linear(&latent, heads.describe);
        Pass { latent, logits, tags, teacher, image, descriptors, moments: walk.moments }
    }
}

/// Iterates over the parameters in order.
struct Walk<'a, B: Backend> {
    own: &'a Tracked<B>,
    at: usize,
    moments: Vec<Moments<B>>,
    noise: Option<Noise<'a>>,
}

impl<B: Kernels> Walk<'_, B> {
    /// The next tensor, in its shape.
    fn next<const D: usize>(&mut self) -> Tensor<B, D> {
        let mut shape = [1; D];
        let own = &self.own.specs[self.at].shape;
        shape[D - own.len()..].copy_from_slice(own);
        self.at += 1;
        self.own.tensors[self.at - 1].clone().reshape(shape)
    }
}

impl<B: Kernels> Net for Walk<'_, B> {
    type X = Tensor<B, 4>;

    fn steps(&self, x: &Self::X) -> usize {
        x.dims()[3]
    }

    fn bands(&self, x: &Self::X) -> usize {
        x.dims()[2]
    }

    fn scale(&mut self, _: &str, x: Self::X, residual: Option<Self::X>) -> Self::X {
        super::frozen::scale(x, self.next::<1>(), self.next::<1>(), residual)
    }

    fn conv(&mut self, _: &str, x: Self::X, conv: Conv, residual: Option<Self::X>, relu: bool) -> Self::X {
        let is_last = self.own.last == Some(self.at);
        let (weight, window) = (self.next::<4>(), conv.window());
        let y = if self.own.arch.normalises() {
            let x = B::convolve(x, weight, None, window, false);
            let Normalised { y, mean, var } = B::normalise(x, self.next::<1>(), self.next::<1>(), residual, relu);
            self.moments.push(Moments { mean, var });
            y
        } else {
            super::frozen::convolve(x, weight, self.next::<1>(), window, residual, relu)
        };
        match &mut self.noise {
            Some(noise) if !is_last => noise.mask(y, noise.convolutions),
            _ => y,
        }
    }

    fn pool(&mut self, x: Self::X, pool: Pool, window: [usize; 2]) -> Self::X {
        B::pool(x, pool, window)
    }

    fn recurrent(&mut self, _: &str, x: Self::X, _: usize) -> Self::X {
        let (input, input_bias) = (self.next::<2>(), self.next::<1>());
        let (hidden, hidden_bias) = (self.next::<2>(), self.next::<1>());
        Gru { input, input_bias, hidden, hidden_bias }.run(x)
    }

    fn concat(&mut self, a: Self::X, b: Self::X) -> Self::X {
        Tensor::cat(vec![a, b], 1)
    }

    fn bands_to_channels(&mut self, x: Self::X) -> Self::X {
        super::frozen::bands_to_channels(x)
    }

    fn over_time(&mut self, x: Self::X) -> Self::X {
        super::frozen::over_time(x)
    }
}
