//! What goes into the kernels beside the images, and what comes out.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// Added to a variance before its root is taken.
pub(crate) const EPSILON: f32 = 1e-5;

/// Stride and padding of a convolution, `[rows, columns]` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub stride: [usize; 2],
    pub padding: [usize; 2],
}

/// What [`Kernels::normalise`](super::Kernels::normalise) gives.
pub(crate) struct Normalised<B: Backend> {
    /// The result, shaped as what went in.
    pub y: Tensor<B, 4>,
    /// Mean of every channel, `[C]`, no gradient followed.
    pub mean: Tensor<B, 1>,
    /// Variance of every channel, `[C]`, no gradient followed.
    pub var: Tensor<B, 1>,
}

/// What the gradient of a normalisation needs of the pass before.
#[derive(Clone, Debug)]
pub(crate) struct Pass<B: Backend> {
    /// What went in.
    pub x: Tensor<B, 4>,
    /// What came out; `None` without a ReLU.
    pub y: Option<Tensor<B, 4>>,
    pub gamma: Tensor<B, 1>,
    pub mean: Tensor<B, 1>,
    pub var: Tensor<B, 1>,
    /// Whether the gradient of a residual is wanted.
    pub residual: bool,
}

/// The gradients of a normalisation.
pub(crate) struct Slopes<B: Backend> {
    pub x: Tensor<B, 4>,
    pub gamma: Tensor<B, 1>,
    pub beta: Tensor<B, 1>,
    /// Of the residual, where wanted: the gradient behind the ReLU.
    pub residual: Option<Tensor<B, 4>>,
}
