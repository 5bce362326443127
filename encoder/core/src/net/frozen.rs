//! Inference, with statistics folded into the weights.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData, activation};

use super::plan::Kind;
use super::recurrent::Gru;
use super::{Conv, Net, Pool};
use crate::arch::Arch;
use crate::kernels::{Kernels, Window};

/// The body of a network for inference. The dense layers after it run on the host ([`crate::model::Dense`]): they are
/// small, and there the result for a clip cannot depend on the rest of its batch.
pub(crate) struct Frozen<B: Backend> {
    arch: Arch,
    /// Weight and bias of each convolution and four tensors of each recurrent layer, flat and with their shapes, in the
    /// plan's order.
    tensors: Vec<(Tensor<B, 1>, Vec<usize>)>,
}

impl<B: Kernels> Frozen<B> {
    /// Creates the body from the folded parameters ([`crate::model::Model::folded`]).
    pub fn new(arch: Arch, folded: Vec<Vec<f32>>, device: &B::Device) -> Self {
        let plan = arch.plan();
        let shapes = plan.layers.iter().flat_map(|layer| {
            let count = if layer.kind == Kind::Recurrent { 4 } else { 2 };
            (0..count).map(|i| plan.specs[layer.at + i].shape.clone()).collect::<Vec<_>>()
        });
        let tensors = folded
            .into_iter()
            .zip(shapes)
            .map(|(v, shape)| (Tensor::from_data(TensorData::new(v.clone(), [v.len()]), device), shape))
            .collect();
        Frozen { arch, tensors }
    }

    /// `[N, 1, 128, steps]` → `[N, features]`.
    pub fn forward(&self, images: Tensor<B, 4>) -> Tensor<B, 2> {
        self.arch.body(&mut Walk { own: self, at: 0 }, images).flatten::<2>(1, 3)
    }
}

struct Walk<'a, B: Backend> {
    own: &'a Frozen<B>,
    at: usize,
}

impl<B: Kernels> Walk<'_, B> {
    fn next<const D: usize>(&mut self) -> Tensor<B, D> {
        let (tensor, own) = &self.own.tensors[self.at];
        let mut shape = [1; D];
        shape[D - own.len()..].copy_from_slice(own);
        self.at += 1;
        tensor.clone().reshape(shape)
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
        scale(x, self.next::<1>(), self.next::<1>(), residual)
    }

    fn conv(&mut self, _: &str, x: Self::X, conv: Conv, residual: Option<Self::X>, relu: bool) -> Self::X {
        convolve(x, self.next::<4>(), self.next::<1>(), conv.window(), residual, relu)
    }

    fn pool(&mut self, x: Self::X, kind: Pool, window: [usize; 2]) -> Self::X {
        B::pool(x, kind, window)
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
        bands_to_channels(x)
    }

    fn over_time(&mut self, x: Self::X) -> Self::X {
        over_time(x)
    }
}

pub(super) fn scale<B: Backend>(
    x: Tensor<B, 4>,
    factor: Tensor<B, 1>,
    offset: Tensor<B, 1>,
    residual: Option<Tensor<B, 4>>,
) -> Tensor<B, 4> {
    let channels = x.dims()[1];
    let [factor, offset] = [factor, offset].map(|t| t.reshape([1, channels, 1, 1]));
    let y = x * factor + offset;
    match residual {
        Some(r) => y + r,
        None => y,
    }
}

/// A convolution with a bias, then adds `residual`, then ReLU.
pub(super) fn convolve<B: Kernels>(
    x: Tensor<B, 4>,
    weight: Tensor<B, 4>,
    bias: Tensor<B, 1>,
    window: Window,
    residual: Option<Tensor<B, 4>>,
    relu: bool,
) -> Tensor<B, 4> {
    let y = B::convolve(x, weight, Some(bias), window, relu && residual.is_none());
    match residual {
        Some(r) if relu => activation::relu(y + r),
        Some(r) => y + r,
        None => y,
    }
}

pub(super) fn bands_to_channels<B: Backend>(x: Tensor<B, 4>) -> Tensor<B, 4> {
    let [n, c, h, t] = x.dims();
    x.reshape([n, c * h, 1, t])
}

pub(super) fn over_time<B: Backend>(x: Tensor<B, 4>) -> Tensor<B, 4> {
    let [n, c, h, _] = x.dims();
    let mean = x.clone().mean_dim(3).reshape([n, c * h]);
    let max = x.max_dim(3).reshape([n, c * h]);
    Tensor::cat(vec![mean, max], 1).reshape([n, 2 * c * h, 1, 1])
}
