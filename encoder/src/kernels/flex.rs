//! The kernels on the CPU backend, with plain loops over the tensors' elements.

use burn::backend::Flex;
use burn::tensor::{Tensor, TensorData};
use burn_flex::FlexTensor;

use super::channels::{self, Channels};
use super::convolution::{self, Shape};
use super::{Kernels, Normalised, Pass, Slopes, Window, generic};

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

impl Kernels for Flex {
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        window: Window,
    ) -> Tensor<Self, 4> {
        let s = shape(&x, &weight, window);
        let [oh, ow] = s.size();
        let numbers = (Numbers::of(x.clone()), Numbers::of(weight.clone()), bias.clone().map(Numbers::of));
        let (Some(pixels), Some(kernel)) = (numbers.0.slice(), numbers.1.slice()) else {
            return generic::convolve(x, weight, bias, window);
        };
        let y = convolution::convolve(&s, pixels, kernel, numbers.2.as_ref().and_then(Numbers::slice));
        tensor(y, [s.n, s.out, oh, ow])
    }

    fn convolve_back(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        grad: Tensor<Self, 4>,
        window: Window,
        image: bool,
    ) -> (Option<Tensor<Self, 4>>, Tensor<Self, 4>) {
        let s = shape(&x, &weight, window);
        let numbers = [x.clone(), weight.clone(), grad.clone()].map(Numbers::of);
        let [Some(pixels), Some(kernel), Some(slope)] = [&numbers[0], &numbers[1], &numbers[2]].map(Numbers::slice)
        else {
            return generic::convolve_back(x, weight, grad, window, image);
        };
        let (for_image, for_weight) = convolution::convolve_back(&s, pixels, kernel, slope, image);
        (for_image.map(|v| tensor(v, x.dims())), tensor(for_weight, weight.dims()))
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
