//! The two operations that training spends its time in, each in as few passes over memory as there need be: a
//! convolution, and a normalisation with everything that follows it.
//!
//! On the CPU they and their gradients are plain loops ([`convolution`], [`channels`]): Burn's own operations there unfold
//! every image into nine, take the gradient of a weight as a convolution with the image as its kernel, and pass over
//! memory a dozen times for a normalisation. On a GPU they are Burn's ([`generic`]).

mod autodiff;
mod channels;
mod convolution;
mod flex;
mod generic;
mod pass;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

pub(crate) use pass::{EPSILON, Normalised, Pass, Slopes, Window};

/// See the module.
pub(crate) trait Kernels: Backend {
    /// `[N, C, H, W]` with `[out, C, kh, kw]` and perhaps a bias `[out]`.
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        window: Window,
    ) -> Tensor<Self, 4> {
        generic::convolve(x, weight, bias, window)
    }

    /// The gradients of image (where wanted) and weight.
    fn convolve_back(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        grad: Tensor<Self, 4>,
        window: Window,
        image: bool,
    ) -> (Option<Tensor<Self, 4>>, Tensor<Self, 4>) {
        generic::convolve_back(x, weight, grad, window, image)
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
        generic::normalise(x, gamma, beta, residual, relu)
    }

    /// The gradients of [`Kernels::normalise`] (Ioffe & Szegedy 2015, §3).
    fn normalise_back(pass: Pass<Self>, grad: Tensor<Self, 4>) -> Slopes<Self> {
        generic::normalise_back(pass, grad)
    }
}

#[cfg(feature = "cuda")]
impl Kernels for burn::backend::Cuda {}
