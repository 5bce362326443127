//! The kernels implemented with Burn's operations: used on GPUs, and as the reference in tests of
//! the others.

use burn::tensor::backend::Backend;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorPrimitive, activation};

use super::pass::{EPSILON, Normalised, Pass, Slopes, Window};

pub(crate) fn convolve<B: Backend>(
    x: Tensor<B, 4>,
    weight: Tensor<B, 4>,
    bias: Option<Tensor<B, 1>>,
    window: Window,
) -> Tensor<B, 4> {
    conv2d(x, weight, bias, options(window))
}

pub(crate) fn convolve_back<B: Backend>(
    x: Tensor<B, 4>,
    weight: Tensor<B, 4>,
    grad: Tensor<B, 4>,
    window: Window,
    image: bool,
) -> (Option<Tensor<B, 4>>, Tensor<B, 4>) {
    let [x, weight, grad] = [x, weight, grad].map(|t| t.into_primitive().tensor());
    let tensor = |p| Tensor::from_primitive(TensorPrimitive::Float(p));
    let for_image =
        image.then(|| tensor(B::conv2d_x_backward(x.clone(), weight.clone(), grad.clone(), options(window))));
    (for_image, tensor(B::conv2d_weight_backward(x, weight, grad, options(window))))
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
