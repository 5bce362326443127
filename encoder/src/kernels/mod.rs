//! The two operations that dominate training time, each with as few passes over memory as possible: a convolution, and
//! a normalisation with everything that follows it.
//!
//! On the CPU, these and their gradients are plain loops ([`convolution`], [`channels`]). Burn's CPU operations copy
//! each image nine times (im2col), compute the gradient of a weight as a convolution with the image as the kernel, and
//! make a dozen passes over memory for a normalisation. On a GPU, Burn's operations are used ([`generic`]).

mod autodiff;
mod channels;
mod convolution;
mod flex;
mod generic;
mod pass;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

pub(crate) use pass::{EPSILON, Normalised, Pass, Slopes, Window};

/// See the module documentation.
pub(crate) trait Kernels: Backend {
    /// Convolves `[N, C, H, W]` with `[out, C, kh, kw]`, optionally adding a bias `[out]`.
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        window: Window,
    ) -> Tensor<Self, 4> {
        generic::convolve(x, weight, bias, window)
    }

    /// The gradients of the image (if requested) and of the weight.
    fn convolve_back(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        grad: Tensor<Self, 4>,
        window: Window,
        image: bool,
    ) -> (Option<Tensor<Self, 4>>, Tensor<Self, 4>) {
        generic::convolve_back(x, weight, grad, window, image)
    }

    /// Normalises every channel to mean 0 and variance 1 over the batch and the image, multiplies by `gamma` and adds
    /// `beta` (`[C]` each), then adds `residual` and applies a ReLU, if requested.
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
