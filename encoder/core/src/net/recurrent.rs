//! The recurrent layer, shared by training and inference.

use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, activation};

/// Weights of a GRU, with the gates reset, update and candidate concatenated in this order.
pub(crate) struct Gru<B: Backend> {
    /// `[C, 3H]`
    pub input: Tensor<B, 2>,
    /// `[3H]`
    pub input_bias: Tensor<B, 1>,
    /// `[H, 3H]`
    pub hidden: Tensor<B, 2>,
    /// `[3H]`
    pub hidden_bias: Tensor<B, 1>,
}

impl<B: Backend> Gru<B> {
    /// `[N, C, 1, T]` → `[N, H, 1, T]`, with an initial state of zero.
    pub fn run(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        let [n, c, _, t] = x.dims();
        let h = self.hidden.dims()[0];
        // The inputs of all steps are multiplied at once; only the recurrence needs a loop.
        let inputs = x.reshape([n, c, t]).swap_dims(1, 2).reshape([n * t, c]).matmul(self.input.clone());
        let inputs = (inputs + self.input_bias.clone().unsqueeze()).reshape([n, t, 3 * h]);
        let mut state = Tensor::<B, 2>::zeros([n, h], &inputs.device());
        let mut states = Vec::with_capacity(t);
        for step in 0..t {
            let from_input = inputs.clone().slice([0..n, step..step + 1, 0..3 * h]).reshape([n, 3 * h]);
            let from_state = state.clone().matmul(self.hidden.clone()) + self.hidden_bias.clone().unsqueeze();
            let gate = |x: &Tensor<B, 2>, i: usize| x.clone().slice([0..n, i * h..(i + 1) * h]);
            let reset = activation::sigmoid(gate(&from_input, 0) + gate(&from_state, 0));
            let update = activation::sigmoid(gate(&from_input, 1) + gate(&from_state, 1));
            let candidate = activation::tanh(gate(&from_input, 2) + reset * gate(&from_state, 2));
            state = candidate.clone() + update * (state - candidate);
            states.push(state.clone().reshape([n, h, 1, 1]));
        }
        Tensor::cat(states, 3)
    }
}
