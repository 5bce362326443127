//! The kernels with custom gradients, on any backend that implements both.

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::tensor::backend::Backend;
use burn::tensor::ops::FloatTensor;
use burn::tensor::{Tensor, TensorPrimitive};

use super::{Kernels, Normalised, Pass, Window};

fn tensor<B: Backend, const D: usize>(primitive: FloatTensor<B>) -> Tensor<B, D> {
    Tensor::from_primitive(TensorPrimitive::Float(primitive))
}

fn primitive<B: Backend, const D: usize>(tensor: Tensor<B, D>) -> FloatTensor<B> {
    tensor.into_primitive().tensor()
}

#[derive(Debug)]
struct Convolve;

impl<B: Kernels> Backward<B, 2> for Convolve {
    type State = (Tensor<B, 4>, Tensor<B, 4>, Window);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = tensor::<B, 4>(grads.consume::<B>(&ops.node));
        let [for_x, for_weight] = ops.parents;
        let (x, weight, window) = ops.state;
        let (x, weight) = B::convolve_back(x, weight, grad, window, for_x.is_some());
        if let (Some(node), Some(x)) = (for_x, x) {
            grads.register::<B>(node.id, primitive(x));
        }
        if let Some(node) = for_weight {
            grads.register::<B>(node.id, primitive(weight));
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
    ) -> Tensor<Self, 4> {
        let (x, weight) = (primitive(x), primitive(weight));
        let (inner_x, inner_weight) = (tensor::<B, 4>(x.primitive.clone()), tensor::<B, 4>(weight.primitive.clone()));
        let y = primitive(B::convolve(inner_x.clone(), inner_weight.clone(), None, window));
        let y = match Convolve.prepare::<C>([x.node, weight.node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((inner_x, inner_weight, window), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        let y: Tensor<Self, 4> = tensor(y);
        match bias {
            Some(bias) => {
                let out = bias.dims()[0];
                y + bias.reshape([1, out, 1, 1])
            }
            None => y,
        }
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
