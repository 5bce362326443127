//! The kernels on the CPU backend, with plain loops over the tensors' elements.

use burn::backend::Flex;
use burn::tensor::{Tensor, TensorData};
use burn_flex::FlexTensor;

use super::channels::{self, Channels};
use super::convolution::{self, Given};
use super::planes::Shape;
use super::{
    ConvolutionSlopes, Convolved, Kernels, Normalised, Pass, Pool, Pooled, Slopes, Window, generic, pool, threads,
};

/// A contiguous tensor, for access to its elements in order.
struct Numbers(FlexTensor);

impl Numbers {
    fn of<const D: usize>(tensor: Tensor<Flex, D>) -> Numbers {
        Numbers(tensor.into_primitive().tensor().to_contiguous())
    }

    /// `None` for types other than f32, which the networks here do not use.
    fn slice(&self) -> Option<&[f32]> {
        self.0.as_slice::<f32>()
    }
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<Flex, D> {
    Tensor::from_data(TensorData::new(values, shape), &Default::default())
}

fn shape(x: &Tensor<Flex, 4>, weight: &Tensor<Flex, 4>, window: Window) -> Shape {
    let [n, c, h, w] = x.dims();
    let [out, _, kh, kw] = weight.dims();
    Shape { n, input: [c, h, w], out, kernel: [kh, kw], window }
}

fn pool_shape(x: &Tensor<Flex, 4>, window: [usize; 2]) -> pool::Shape {
    let [n, c, h, w] = x.dims();
    pool::Shape { channels: n * c, size: [h, w], window }
}

impl Kernels for Flex {
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        window: Window,
        relu: bool,
    ) -> Tensor<Self, 4> {
        let s = shape(&x, &weight, window);
        let [oh, ow] = s.size();
        let numbers = (Numbers::of(x.clone()), Numbers::of(weight.clone()), bias.clone().map(Numbers::of));
        let (Some(pixels), Some(kernel)) = (numbers.0.slice(), numbers.1.slice()) else {
            return generic::convolve(x, weight, bias, window, relu);
        };
        let bias = numbers.2.as_ref().and_then(Numbers::slice);
        let y = convolution::convolve(&s, pixels, kernel, bias, relu, threads::allowed());
        tensor(y, [s.n, s.out, oh, ow])
    }

    fn convolve_back(pass: Convolved<Self>, grad: Tensor<Self, 4>, image: bool) -> ConvolutionSlopes<Self> {
        let s = shape(&pass.x, &pass.weight, pass.window);
        let (seen, kernel) = (pass.x.dims(), pass.weight.dims());
        let numbers = [pass.x.clone(), pass.weight.clone(), grad.clone()].map(Numbers::of);
        let out = pass.y.clone().map(Numbers::of);
        let [Some(x), Some(weight), Some(slope)] = [&numbers[0], &numbers[1], &numbers[2]].map(Numbers::slice) else {
            return generic::convolve_back(pass, grad, image);
        };
        let given = Given { x, weight, y: out.as_ref().and_then(Numbers::slice), grad: slope };
        let slopes = convolution::convolve_back(&s, given, image, threads::allowed());
        ConvolutionSlopes {
            x: slopes.x.map(|v| tensor(v, seen)),
            weight: tensor(slopes.weight, kernel),
            bias: pass.bias.then(|| tensor(slopes.bias, [s.out])),
        }
    }

    fn pool(x: Tensor<Self, 4>, kind: Pool, window: [usize; 2]) -> Tensor<Self, 4> {
        let s = pool_shape(&x, window);
        let ([n, c, ..], [h, w]) = (x.dims(), s.out());
        let numbers = Numbers::of(x.clone());
        match numbers.slice() {
            Some(values) => tensor(pool::pool(&s, kind, values, threads::allowed()), [n, c, h, w]),
            None => generic::pool(x, kind, window),
        }
    }

    fn pool_back(pass: Pooled<Self>, grad: Tensor<Self, 4>) -> Tensor<Self, 4> {
        let s = pool_shape(&pass.x, pass.window);
        let numbers = [pass.x.clone(), pass.y.clone(), grad.clone()].map(Numbers::of);
        let [Some(x), Some(y), Some(slope)] = [&numbers[0], &numbers[1], &numbers[2]].map(Numbers::slice) else {
            return generic::pool_back(pass, grad);
        };
        tensor(pool::pool_back(&s, pass.kind, [x, y, slope], threads::allowed()), pass.x.dims())
    }

    fn normalise(
        x: Tensor<Self, 4>,
        gamma: Tensor<Self, 1>,
        beta: Tensor<Self, 1>,
        residual: Option<Tensor<Self, 4>>,
        relu: bool,
    ) -> Normalised<Self> {
        let [n, c, ..] = x.dims();
        let shape = x.dims();
        let numbers = (Numbers::of(x.clone()), [gamma.clone(), beta.clone()].map(Numbers::of));
        let beside = residual.clone().map(Numbers::of);
        let (Some(values), [Some(g), Some(b)]) =
            (numbers.0.slice(), [&numbers.1[0], &numbers.1[1]].map(Numbers::slice))
        else {
            return generic::normalise(x, gamma, beta, residual, relu);
        };
        let (mean, var) = channels::moments(values, n, c);
        let known = Channels { mean: &mean, var: &var, gamma: g };
        let y = channels::normalise(values, n, known, b, beside.as_ref().and_then(Numbers::slice), relu);
        Normalised { y: tensor(y, shape), mean: tensor(mean, [c]), var: tensor(var, [c]) }
    }

    fn normalise_back(pass: Pass<Self>, grad: Tensor<Self, 4>) -> Slopes<Self> {
        let shape = grad.dims();
        let [n, c, ..] = shape;
        let all = [Numbers::of(pass.x.clone()), Numbers::of(grad.clone())];
        let of_channels = [pass.mean.clone(), pass.var.clone(), pass.gamma.clone()].map(Numbers::of);
        let out = pass.y.clone().map(Numbers::of);
        let ([Some(x), Some(slope)], [Some(mean), Some(var), Some(gamma)]) = (
            [&all[0], &all[1]].map(Numbers::slice),
            [&of_channels[0], &of_channels[1], &of_channels[2]].map(Numbers::slice),
        ) else {
            return generic::normalise_back(pass, grad);
        };
        let out = out.as_ref().and_then(Numbers::slice);
        let slopes = channels::normalise_back(x, out, slope, n, Channels { mean, var, gamma }, pass.residual);
        Slopes {
            x: tensor(slopes.x, shape),
            gamma: tensor(slopes.gamma, [c]),
            beta: tensor(slopes.beta, [c]),
            residual: slopes.residual.map(|r| tensor(r, shape)),
        }
    }
}
