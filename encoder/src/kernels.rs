//! The two operations that training and inference spend their time in.

use burn::backend::{Autodiff, Flex};
use burn::tensor::backend::Backend;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, activation};

/// Added to a variance before its root is taken.
pub(crate) const EPSILON: f32 = 1e-5;

/// What [`Kernels::normalise`] gives: the result, and mean and variance of every channel, detached.
pub(crate) type Normalised<B> = (Tensor<B, 4>, Tensor<B, 1>, Tensor<B, 1>);

/// See the module.
pub(crate) trait Kernels: Backend {
    /// `[N, C, H, W]` with `[out, C, kh, kw]` and perhaps a bias `[out]`.
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        stride: [usize; 2],
        padding: [usize; 2],
    ) -> Tensor<Self, 4> {
        conv2d(x, weight, bias, ConvOptions::new(stride, padding, [1, 1], 1))
    }

    /// Mean 0 and variance 1 for every channel over the batch and the image; times `gamma`, plus `beta` (`[C]` each);
    /// plus `residual`; ReLU.
    fn normalise(
        x: Tensor<Self, 4>,
        gamma: Tensor<Self, 1>,
        beta: Tensor<Self, 1>,
        residual: Option<Tensor<Self, 4>>,
        relu: bool,
    ) -> Normalised<Self> {
        let [n, c, h, w] = x.dims();
        let x = x.reshape([n * c, h * w]);
        let over = |x: Tensor<Self, 2>| x.mean_dim(1).reshape([n, c]).mean_dim(0);
        let mean = over(x.clone());
        let x = x - rows(mean.clone(), n);
        let var = over(x.clone() * x.clone());
        let scale = var.clone().add_scalar(EPSILON).sqrt().recip() * gamma.unsqueeze();
        let y = (x * rows(scale, n) + rows(beta.unsqueeze(), n)).reshape([n, c, h, w]);
        let y = match residual {
            Some(r) => y + r,
            None => y,
        };
        let y = if relu { activation::relu(y) } else { y };
        (y, mean.reshape([c]).detach(), var.reshape([c]).detach())
    }
}

impl Kernels for Flex {}
impl<B: Kernels> Kernels for Autodiff<B> {}
#[cfg(feature = "cuda")]
impl Kernels for burn::backend::Cuda {}

/// `[1, C]` → `[N·C, 1]`: one number for every channel of every image. In rank 2 a broadcast along the rows is a
/// contiguous loop; along the channels of rank 4 it is an index calculation a number.
fn rows<B: Backend>(x: Tensor<B, 2>, n: usize) -> Tensor<B, 2> {
    let c = x.dims()[1];
    x.repeat_dim(0, n).reshape([n * c, 1])
}
