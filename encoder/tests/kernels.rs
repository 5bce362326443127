//! The kernels of the CPU against Burn's own operations and their gradients.

// The kernels are no part of the public interface; their tests live here for the reason that all tests do
// (`[lib] test = false`).
#[path = "../core/src/kernels/mod.rs"]
#[allow(dead_code)]
mod kernels;

use burn::backend::{Autodiff, Flex};
use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorData, activation};

use kernels::{EPSILON, Kernels, Normalised, Pool, Window, threads};

type A = Autodiff<Flex>;

fn random<const D: usize>(shape: [usize; D], seed: u64) -> TensorData {
    let mut rng = fastrand::Rng::with_seed(seed);
    let n = shape.iter().product();
    TensorData::new((0..n).map(|_| 2.0 * rng.f32() - 1.0).collect::<Vec<f32>>(), shape)
}

fn tracked<const D: usize>(data: &TensorData) -> Tensor<A, D> {
    Tensor::from_data(data.clone(), &Default::default()).require_grad()
}

fn close<const D: usize>(a: Tensor<Flex, D>, b: Tensor<Flex, D>, what: &str) {
    assert_eq!(a.dims(), b.dims(), "{what}");
    let size = b.clone().abs().max().into_scalar().max(1e-3);
    let away = (a - b).abs().max().into_scalar();
    assert!(away <= 1e-4 * size, "{what}: {away} of {size}");
}

/// Images, channels, rows, columns; channels out; kernel; stride; padding.
type Case = ([usize; 4], usize, [usize; 2], [usize; 2], [usize; 2]);

const CONVOLUTIONS: [Case; 12] = [
    ([3, 4, 16, 8], 6, [3, 3], [1, 1], [1, 1]),
    ([2, 1, 128, 128], 5, [5, 4], [2, 4], [2, 0]),
    ([2, 3, 17, 13], 4, [3, 3], [2, 2], [1, 1]),
    ([2, 1, 20, 40], 3, [3, 11], [2, 5], [1, 5]),
    ([2, 3, 2, 8], 4, [2, 4], [1, 1], [0, 0]),
    ([3, 7, 1, 31], 5, [1, 7], [1, 2], [0, 3]),
    ([2, 5, 1, 9], 3, [1, 1], [1, 1], [0, 0]),
    ([1, 2, 3, 2], 2, [5, 5], [1, 1], [2, 2]),
    ([2, 2, 7, 7], 3, [3, 3], [3, 3], [0, 2]),
    ([2, 5, 16, 9], 4, [3, 1], [2, 1], [1, 0]),
    // Several tiles, slabs, panels and blocks.
    ([3, 40, 20, 24], 37, [3, 3], [1, 1], [1, 1]),
    ([17, 33, 9, 21], 40, [3, 3], [1, 2], [1, 1]),
];

#[test]
fn convolutions_and_their_gradients_are_burns() {
    for (i, (input, out, kernel, stride, padding)) in CONVOLUTIONS.into_iter().enumerate() {
        let what = |part: &str| format!("{part} of convolution {i}");
        let x = random(input, i as u64);
        let weight = random([out, input[1], kernel[0], kernel[1]], 100 + i as u64);
        let bias = random([out], 200 + i as u64);
        let options = ConvOptions::new(stride, padding, [1, 1], 1);
        // With a bias and a ReLU, and without.
        for relu in [false, true] {
            let leaves = || ([tracked::<4>(&x), tracked::<4>(&weight)], tracked::<1>(&bias));
            let (own, own_bias) = leaves();
            let given = relu.then(|| own_bias.clone());
            let ours = A::convolve(own[0].clone(), own[1].clone(), given, Window { stride, padding }, relu);
            let (theirs, their_bias) = leaves();
            let given = relu.then(|| their_bias.clone());
            let plain = conv2d(theirs[0].clone(), theirs[1].clone(), given, options.clone());
            let plain = if relu { activation::relu(plain) } else { plain };
            close(ours.clone().inner(), plain.clone().inner(), &what("the result"));
            let seen = tracked::<4>(&random(plain.dims(), 300 + i as u64)).detach();
            let ours = (ours * seen.clone()).sum().backward();
            let plain = (plain * seen).sum().backward();
            for ((own, their), part) in own.iter().zip(&theirs).zip(["image", "weight"]) {
                let (own, their) = (own.grad(&ours).expect("a gradient"), their.grad(&plain).expect("a gradient"));
                close(own, their, &what(part));
            }
            match (own_bias.grad(&ours), their_bias.grad(&plain)) {
                (Some(own), Some(their)) if relu => close(own, their, &what("bias")),
                (own, _) => assert!(own.is_none() && !relu, "{}", what("bias")),
            }
        }
        // Inference: with a bias, no gradients.
        let [x, weight] = [&x, &weight].map(|d| Tensor::<Flex, 4>::from_data(d.clone(), &Default::default()));
        let bias = Tensor::<Flex, 1>::from_data(bias, &Default::default());
        let ours = Flex::convolve(x.clone(), weight.clone(), Some(bias.clone()), Window { stride, padding }, false);
        close(ours, conv2d(x, weight, Some(bias), options), &what("the result with a bias"));
    }
}

#[test]
fn threads_change_nothing() {
    let (x, weight, bias) = (random([5, 40, 20, 24], 1), random([37, 40, 3, 3], 2), random([37], 3));
    let window = Window { stride: [1, 1], padding: [1, 1] };
    let values = |threads: usize| {
        threads::with(threads, || {
            let [x, weight] = [&x, &weight].map(tracked::<4>);
            let bias = tracked::<1>(&bias);
            let y = A::convolve(x.clone(), weight.clone(), Some(bias.clone()), window, true);
            let y = A::pool(y, Pool::Mean, [2, 2]);
            let grads = (y.clone() * y.clone()).sum().backward();
            let [x, weight] = [x, weight].map(|t| t.grad(&grads).expect("a gradient").into_data());
            [y.inner().into_data(), x, weight, bias.grad(&grads).expect("a gradient").into_data()]
        })
    };
    let one = values(1);
    for threads in [2, 3, 8] {
        assert!(values(threads) == one, "{threads} threads");
    }
}

#[test]
fn pools_and_their_gradients_are_burns() {
    let cases = [([2, 3, 8, 12], [2, 2]), ([2, 2, 7, 9], [2, 2]), ([1, 4, 9, 1], [9, 1]), ([2, 2, 5, 16], [1, 5])];
    for (i, (shape, window)) in cases.into_iter().enumerate() {
        for kind in [Pool::Max, Pool::Mean] {
            let what = format!("{kind:?} of pool {i}");
            let data = random(shape, i as u64);
            let [x, px] = [tracked::<4>(&data), tracked::<4>(&data)];
            let y = A::pool(x.clone(), kind, window);
            let plain = match kind {
                Pool::Max => max_pool2d(px.clone(), window, window, [0, 0], [1, 1], false),
                Pool::Mean => avg_pool2d(px.clone(), window, window, [0, 0], true, false),
            };
            close(y.clone().inner(), plain.clone().inner(), &what);
            let seen = tracked::<4>(&random(plain.dims(), 50 + i as u64)).detach();
            let (own, their) = ((y * seen.clone()).sum().backward(), (plain * seen).sum().backward());
            close(x.grad(&own).expect("one"), px.grad(&their).expect("one"), &what);
        }
    }
}

#[test]
fn of_equal_maxima_the_first_has_the_gradient() {
    for (shape, window) in [([1, 1, 2, 4], [2, 2]), ([1, 1, 2, 6], [2, 3])] {
        let x = Tensor::<A, 4>::zeros(shape, &Default::default()).require_grad();
        let grads = A::pool(x.clone(), Pool::Max, window).sum().backward();
        let own: Vec<f32> = x.grad(&grads).expect("one").into_data().to_vec().expect("floats");
        let first: Vec<f32> = (0..own.len()).map(|i| f32::from(u8::from(i == 0 || i == window[1]))).collect();
        assert_eq!(own, first);
    }
}

#[test]
fn normalisations_and_their_gradients_are_burns() {
    for (i, (shape, residual, relu)) in [
        ([3, 4, 16, 8], true, true),
        ([2, 3, 5, 7], false, true),
        ([4, 2, 40, 60], false, false),
        ([32, 32, 1, 1], false, false),
        ([2, 5, 1, 33], true, false),
    ]
    .into_iter()
    .enumerate()
    {
        let c = shape[1];
        let i = i as u64;
        let data = [random(shape, i), random(shape, 50 + i)];
        let scales = [random([c], 100 + i), random([c], 150 + i)];
        let seen = tracked::<4>(&random(shape, 200 + i)).detach();
        let leaves = || (data.each_ref().map(tracked::<4>), scales.each_ref().map(tracked::<1>));

        let ([x, beside], [gamma, beta]) = leaves();
        let extra = residual.then(|| beside.clone());
        let Normalised { y, mean, var } = A::normalise(x.clone(), gamma.clone(), beta.clone(), extra, relu);
        let grads = (y.clone() * seen.clone()).sum().backward();

        let ([px, pbeside], [pgamma, pbeta]) = leaves();
        let wide = |t: Tensor<A, 1>| t.reshape([1, c, 1, 1]);
        let over = |t: Tensor<A, 4>| t.mean_dim(0).mean_dim(2).mean_dim(3);
        let pmean = over(px.clone());
        let off = px.clone() - pmean.clone();
        let pvar = over(off.clone() * off.clone());
        let plain = off / pvar.clone().add_scalar(EPSILON).sqrt() * wide(pgamma.clone()) + wide(pbeta.clone());
        let plain = if residual { plain + pbeside.clone() } else { plain };
        let plain = if relu { activation::relu(plain) } else { plain };
        let theirs = (plain.clone() * seen).sum().backward();

        close(y.inner(), plain.inner(), "the result");
        close(mean.inner(), pmean.inner().reshape([c]), "the mean");
        close(var.inner(), pvar.inner().reshape([c]), "the variance");
        close(x.grad(&grads).expect("one"), px.grad(&theirs).expect("one"), "the image's gradient");
        close(gamma.grad(&grads).expect("one"), pgamma.grad(&theirs).expect("one"), "the scale's gradient");
        close(beta.grad(&grads).expect("one"), pbeta.grad(&theirs).expect("one"), "the offset's gradient");
        if residual {
            let (own, their) = (beside.grad(&grads).expect("one"), pbeside.grad(&theirs).expect("one"));
            close(own, their, "the residual's gradient");
        }
    }
}
