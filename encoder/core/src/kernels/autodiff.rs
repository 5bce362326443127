//! The kernels with custom gradients, on any backend that implements both.

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::tensor::backend::Backend;
use burn::tensor::ops::FloatTensor;
use burn::tensor::{Tensor, TensorPrimitive};

use super::{Convolved, Kernels, Normalised, Pass, Pool, Pooled, Window};

fn tensor<B: Backend, const D: usize>(primitive: FloatTensor<B>) -> Tensor<B, D> {
    Tensor::from_primitive(TensorPrimitive::Float(primitive))
}

fn primitive<B: Backend, const D: usize>(tensor: Tensor<B, D>) -> FloatTensor<B> {
    tensor.into_primitive().tensor()
}

#[derive(Debug)]
struct Convolve;

impl<B: Kernels> Backward<B, 3> for Convolve {
    type State = Convolved<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = tensor::<B, 4>(grads.consume::<B>(&ops.node));
        let [x, weight, bias] = ops.parents;
        let slopes = B::convolve_back(ops.state, grad, x.is_some());
        if let (Some(node), Some(x)) = (x, slopes.x) {
            grads.register::<B>(node.id, primitive(x));
        }
        if let Some(node) = weight {
            grads.register::<B>(node.id, primitive(slopes.weight));
        }
        if let (Some(node), Some(slope)) = (bias, slopes.bias) {
            grads.register::<B>(node.id, primitive(slope));
        }
    }
}

#[derive(Debug)]
struct Combine;

impl<B: Kernels> Backward<B, 1> for Combine {
    type State = Pooled<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = tensor::<B, 4>(grads.consume::<B>(&ops.node));
        let [x] = ops.parents;
        if let Some(node) = x {
            grads.register::<B>(node.id, primitive(B::pool_back(ops.state, grad)));
        }
    }
}

#[derive(Debug)]
struct Normalise;

impl<B: Kernels> Backward<B, 4> for Normalise {
    type State = Pass<B>;

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = tensor::<B, 4>(grads.consume::<B>(&ops.node));
        let slopes = B::normalise_back(ops.state, grad);
        let [x, gamma, beta, residual] = ops.parents;
        if let Some(node) = x {
            grads.register::<B>(node.id, primitive(slopes.x));
        }
        if let Some(node) = gamma {
            grads.register::<B>(node.id, primitive(slopes.gamma));
        }
        if let Some(node) = beta {
            grads.register::<B>(node.id, primitive(slopes.beta));
        }
        if let (Some(node), Some(slope)) = (residual, slopes.residual) {
            grads.register::<B>(node.id, primitive(slope));
        }
    }
}

impl<B: Kernels, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn convolve(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Option<Tensor<Self, 1>>,
        window: Window,
        relu: bool,
    ) -> Tensor<Self, 4> {
        let (x, weight, bias) = (primitive(x), primitive(weight), bias.map(primitive));
        let (inner_x, inner_weight) = (tensor::<B, 4>(x.primitive), tensor::<B, 4>(weight.primitive));
        let inner_bias = bias.as_ref().map(|b| tensor::<B, 1>(b.primitive.clone()));
        let has_bias = bias.is_some();
        let y = B::convolve(inner_x.clone(), inner_weight.clone(), inner_bias, window, relu);
        let out = primitive(y.clone());
        // Without a bias, the weight's node fills its place and receives no gradient through it.
        let nodes = [x.node, weight.node.clone(), bias.map_or(weight.node, |b| b.node)];
        let out = match Convolve.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = relu.then_some(y);
                prep.finish(Convolved { x: inner_x, weight: inner_weight, y, bias: has_bias, window }, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(out),
        };
        tensor(out)
    }

    fn pool(x: Tensor<Self, 4>, kind: Pool, window: [usize; 2]) -> Tensor<Self, 4> {
        let x = primitive(x);
        let inner = tensor::<B, 4>(x.primitive);
        let y = B::pool(inner.clone(), kind, window);
        let out = primitive(y.clone());
        tensor(match Combine.prepare::<C>([x.node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(Pooled { x: inner, y, kind, window }, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        })
    }

    fn normalise(
        x: Tensor<Self, 4>,
        gamma: Tensor<Self, 1>,
        beta: Tensor<Self, 1>,
        residual: Option<Tensor<Self, 4>>,
        relu: bool,
    ) -> Normalised<Self> {
        let (x, gamma, beta) = (primitive(x), primitive(gamma), primitive(beta));
        let residual = residual.map(primitive);
        let (inner_x, inner_gamma) = (tensor::<B, 4>(x.primitive.clone()), tensor::<B, 1>(gamma.primitive.clone()));
        let beside = residual.as_ref().map(|r| tensor::<B, 4>(r.primitive.clone()));
        let inner_beta = tensor::<B, 1>(beta.primitive);
        let Normalised { y, mean, var } = B::normalise(inner_x.clone(), inner_gamma.clone(), inner_beta, beside, relu);
        let out = primitive(y.clone());
        let has_residual = residual.is_some();
        // Without a residual, the image's node fills its place and receives no gradient through it.
        let nodes = [x.node.clone(), gamma.node, beta.node, residual.map_or(x.node, |r| r.node)];
        let out = match Normalise.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = relu.then_some(y);
                let (mean, var) = (mean.clone(), var.clone());
                prep.finish(Pass { x: inner_x, y, gamma: inner_gamma, mean, var, residual: has_residual }, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(out),
        };
        Normalised { y: tensor(out), mean: Tensor::from_inner(mean), var: Tensor::from_inner(var) }
    }
}
