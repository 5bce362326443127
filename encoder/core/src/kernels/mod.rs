//! The operations that dominate training time, each with as few passes over memory as possible: a convolution with its
//! bias and ReLU, a normalisation with everything that follows it, and a pool.
//!
//! On the CPU, these and their gradients are loops of our own. A convolution is a matrix product of the weights and the
//! shifted planes of an image ([`convolution`], [`planes`], [`product`]); a normalisation ([`channels`]) and a pool
//! ([`pool`]) are plain loops. Burn's CPU operations copy each image nine times (im2col), compute the gradient of a weight
//! as a convolution with the image as the kernel, and make a dozen passes over memory for a normalisation. On a GPU,
//! Burn's operations are used ([`generic`]).

mod autodiff;
mod channels;
mod convolution;
mod flex;
mod generic;
mod pass;
mod planes;
mod pool;
mod product;
pub(crate) mod threads;

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

pub(crate) use pass::{ConvolutionSlopes, Convolved, EPSILON, Normalised, Pass, Pool, Pooled, Slopes, Window};

/// See the module documentation.
pub(crate) trait Kernels: Backend {
    /// Convolves `[N, C, H, W]` with `[out, C, kh, kw]`, adds a bias `[out]` and applies a ReLU, if requested.
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        window: Window,
        relu: bool,
    ) -> Tensor<Self, 4> {
        generic::convolve(x, weight, bias, window, relu)
    }

    /// The gradients of [`Kernels::convolve`]; `image` requests that of the image.
    fn convolve_back(pass: Convolved<Self>, grad: Tensor<Self, 4>, image: bool) -> ConvolutionSlopes<Self> {
        generic::convolve_back(pass, grad, image)
    }

    /// Pools windows of `[rows, columns]`, the stride equal to the window.
    fn pool(x: Tensor<Self, 4>, kind: Pool, window: [usize; 2]) -> Tensor<Self, 4> {
        generic::pool(x, kind, window)
    }

    /// The gradient of [`Kernels::pool`].
    fn pool_back(pass: Pooled<Self>, grad: Tensor<Self, 4>) -> Tensor<Self, 4> {
        generic::pool_back(pass, grad)
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
