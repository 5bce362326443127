//! Parameters and results of the kernels other than images.

use burn::tensor::Tensor;
use burn::tensor::backend::Backend;

/// Added to a variance before taking the square root.
pub(crate) const EPSILON: f32 = 1e-5;

/// Stride and padding of a convolution, `[rows, columns]` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub stride: [usize; 2],
    pub padding: [usize; 2],
}

/// How the values of a pool's window are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pool {
    Max,
    Mean,
}

/// What the backward pass of a convolution needs from the forward pass.
#[derive(Clone, Debug)]
pub(crate) struct Convolved<B: Backend> {
    /// The input.
    pub x: Tensor<B, 4>,
    pub weight: Tensor<B, 4>,
    /// The output; `None` without a ReLU.
    pub y: Option<Tensor<B, 4>>,
    /// Whether the gradient of a bias is needed.
    pub bias: bool,
    pub window: Window,
}

/// The gradients of a convolution.
pub(crate) struct ConvolutionSlopes<B: Backend> {
    /// The gradient of the input, if requested.
    pub x: Option<Tensor<B, 4>>,
    pub weight: Tensor<B, 4>,
    /// The gradient of the bias, if needed.
    pub bias: Option<Tensor<B, 1>>,
}

/// What the backward pass of a pool needs from the forward pass.
#[derive(Clone, Debug)]
pub(crate) struct Pooled<B: Backend> {
    /// The input.
    pub x: Tensor<B, 4>,
    /// The output.
    pub y: Tensor<B, 4>,
    pub kind: Pool,
    /// Rows and columns of a window.
    pub window: [usize; 2],
}

/// The result of [`Kernels::normalise`](super::Kernels::normalise).
pub(crate) struct Normalised<B: Backend> {
    /// The output, with the shape of the input.
    pub y: Tensor<B, 4>,
    /// Mean of every channel, `[C]`, detached from the gradient.
    pub mean: Tensor<B, 1>,
    /// Variance of every channel, `[C]`, detached from the gradient.
    pub var: Tensor<B, 1>,
}

/// What the backward pass of a normalisation needs from the forward pass.
#[derive(Clone, Debug)]
pub(crate) struct Pass<B: Backend> {
    /// The input.
    pub x: Tensor<B, 4>,
    /// The output; `None` without a ReLU.
    pub y: Option<Tensor<B, 4>>,
    pub gamma: Tensor<B, 1>,
    pub mean: Tensor<B, 1>,
    pub var: Tensor<B, 1>,
    /// Whether the gradient of a residual is needed.
    pub residual: bool,
}

/// The gradients of a normalisation.
pub(crate) struct Slopes<B: Backend> {
    pub x: Tensor<B, 4>,
    pub gamma: Tensor<B, 1>,
    pub beta: Tensor<B, 1>,
    /// The gradient of the residual, if needed: the gradient after the ReLU.
    pub residual: Option<Tensor<B, 4>>,
}
