//! The kernels implemented with Burn's operations: used on GPUs, and as the reference in tests of
//! the others.

use burn::tensor::backend::Backend;
use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorPrimitive, activation};

use super::pass::{ConvolutionSlopes, Convolved, EPSILON, Normalised, Pass, Pool, Pooled, Slopes, Window};

pub(crate) fn convolve<B: Backend>(
    x: Tensor<B, 4>,
    weight: Tensor<B, 4>,
    bias: Option<Tensor<B, 1>>,
    window: Window,
    relu: bool,
) -> Tensor<B, 4> {
    let y = conv2d(x, weight, bias, options(window));
    if relu { activation::relu(y) } else { y }
}

pub(crate) fn convolve_back<B: Backend>(pass: Convolved<B>, grad: Tensor<B, 4>, image: bool) -> ConvolutionSlopes<B> {
    let grad = match pass.y {
        Some(y) => grad * y.greater_elem(0.0).float(),
        None => grad,
    };
    let [n, c, h, w] = grad.dims();
    let bias = pass.bias.then(|| over(grad.clone().reshape([n * c, h * w]), n).mul_scalar((n * h * w) as f32));
    let [x, weight, grad] = [pass.x, pass.weight, grad].map(|t| t.into_primitive().tensor());
    let tensor = |p| Tensor::from_primitive(TensorPrimitive::Float(p));
    let options = || options(pass.window);
    let x_slope = image.then(|| tensor(B::conv2d_x_backward(x.clone(), weight.clone(), grad.clone(), options())));
    ConvolutionSlopes { x: x_slope, weight: tensor(B::conv2d_weight_backward(x, weight, grad, options())), bias }
}

pub(crate) fn pool<B: Backend>(x: Tensor<B, 4>, kind: Pool, window: [usize; 2]) -> Tensor<B, 4> {
    match kind {
        Pool::Max => max_pool2d(x, window, window, [0, 0], [1, 1], false),
        Pool::Mean => avg_pool2d(x, window, window, [0, 0], true, false),
    }
}

pub(crate) fn pool_back<B: Backend>(pass: Pooled<B>, grad: Tensor<B, 4>) -> Tensor<B, 4> {
    let (kind, window) = (pass.kind, pass.window);
    let [x, grad] = [pass.x, grad].map(|t| t.into_primitive().tensor());
    Tensor::from_primitive(TensorPrimitive::Float(match kind {
        Pool::Max => {
            let at = B::max_pool2d_with_indices(x.clone(), window, window, [0, 0], [1, 1], false).indices;
            B::max_pool2d_with_indices_backward(x, window, window, [0, 0], [1, 1], false, grad, at).x_grad
        }
        Pool::Mean => B::avg_pool2d_backward(x, grad, window, window, [0, 0], true, false),
    }))
}

fn options(window: Window) -> ConvOptions<2> {
    ConvOptions::new(window.stride, window.padding, [1, 1], 1)
}

pub(crate) fn normalise<B: Backend>(
    x: Tensor<B, 4>,
    gamma: Tensor<B, 1>,
    beta: Tensor<B, 1>,
    residual: Option<Tensor<B, 4>>,
    relu: bool,
) -> Normalised<B> {
    let [n, c, h, w] = x.dims();
    let x = x.reshape([n * c, h * w]);
    let mean = over(x.clone(), n);
    let x = x - rows(mean.clone(), n);
    let var = over(x.clone() * x.clone(), n);
    let scale = deviation(&var).recip() * gamma;
    let y = (x * rows(scale, n) + rows(beta, n)).reshape([n, c, h, w]);
    let y = match residual {
        Some(r) => y + r,
        None => y,
    };
    let y = if relu { activation::relu(y) } else { y };
    Normalised { y, mean: mean.detach(), var: var.detach() }
}

pub(crate) fn normalise_back<B: Backend>(pass: Pass<B>, grad: Tensor<B, 4>) -> Slopes<B> {
    let [n, c, h, w] = grad.dims();
    let residual = match pass.y {
        Some(y) => grad * y.greater_elem(0.0).float(),
        None => grad,
    };
    let flat = residual.clone().reshape([n * c, h * w]);
    let recip = deviation(&pass.var).recip();
    let unit = (pass.x.reshape([n * c, h * w]) - rows(pass.mean, n)) * rows(recip.clone(), n);
    let slope = over(flat.clone(), n);
    let tilt = over(flat.clone() * unit.clone(), n);
    let x = (flat - rows(slope.clone(), n) - unit * rows(tilt.clone(), n)) * rows(recip * pass.gamma, n);
    let count = (n * h * w) as f32;
    let (gamma, beta) = (tilt.mul_scalar(count), slope.mul_scalar(count));
    let residual = pass.residual.then_some(residual);
    Slopes { x: x.reshape([n, c, h, w]), gamma, beta, residual }
}

fn deviation<B: Backend>(var: &Tensor<B, 1>) -> Tensor<B, 1> {
    var.clone().add_scalar(EPSILON).sqrt()
}

/// `[N·C, P]` → `[C]`: the mean of each channel.
fn over<B: Backend>(x: Tensor<B, 2>, n: usize) -> Tensor<B, 1> {
    let c = x.dims()[0] / n;
    x.mean_dim(1).reshape([n, c]).mean_dim(0).reshape([c])
}

/// `[C]` → `[N·C, 1]`: the channel's number for every channel of every image. In rank 2, broadcasting along rows is a
/// contiguous loop; along the channels of rank 4 it computes an index per element.
fn rows<B: Backend>(x: Tensor<B, 1>, n: usize) -> Tensor<B, 2> {
    let c = x.dims()[0];
    x.reshape([1, c]).repeat_dim(0, n).reshape([n * c, 1])
}
