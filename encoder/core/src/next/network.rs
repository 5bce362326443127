//! The next-track network, forward and backward, on plain slices.
//!
//! A GRU (Cho et al. 2014, its gates in the order of `net::recurrent`) runs over the last tracks. A dense layer on its
//! last state gives a correction to a linear prediction (the last tracks and their mean, weighted dimension by
//! dimension) and the log variances. The linear part can be learned from a few hundred plays; the recurrent part
//! corrects it.

use crate::DIMS;
use crate::parameters::{Fill, Parameters, Spec};

use super::{HIDDEN, INPUTS, STEPS};

const GATES: usize = 3 * HIDDEN;
/// Output size of the dense layer: the correction of the linear prediction, then the log variances.
const OUT: usize = 2 * DIMS;
/// Bound on the absolute value of log variances.
const WIDEST: f32 = 5.0;
/// Number of parallel partial sums.
const LANES: usize = 16;

/// Indexes into the list of parameters.
const INPUT: usize = 0;
const INPUT_BIAS: usize = 1;
const STATE: usize = 2;
const STATE_BIAS: usize = 3;
const HEAD: usize = 4;
const HEAD_BIAS: usize = 5;
const LAGS: usize = 6;
const LEVEL: usize = 7;
const TEMPERATURE: usize = 8;

/// Names, shapes and initial values of the parameters.
pub(crate) fn specs() -> Vec<Spec> {
    let bound = (HIDDEN as f32).powf(-0.5);
    let spec = |name: &str, shape: &[usize], fill| Spec::new(name.into(), shape, fill);
    vec![
        spec("input.weight", &[INPUTS, GATES], Fill::Uniform(bound)),
        spec("input.bias", &[GATES], Fill::Zero),
        spec("state.weight", &[HIDDEN, GATES], Fill::Uniform(bound)),
        spec("state.bias", &[GATES], Fill::Zero),
        spec("head.weight", &[HIDDEN, OUT], Fill::Normal(0.02)),
        spec("head.bias", &[OUT], Fill::Zero),
        // For the last track, the one before it, …
        spec("lags", &[STEPS, DIMS], Fill::Zero),
        spec("level", &[DIMS], Fill::One),
        spec("temperature", &[1], Fill::Zero),
    ]
}

/// A prediction of the next track.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The mean of its normal scores.
    pub mean: [f32; DIMS],
    /// The natural logarithm of the variance in each dimension.
    pub log_variance: [f32; DIMS],
    /// Factor on the log density.
    pub temperature: f32,
    /// The reciprocals of the variances.
    precision: [f32; DIMS],
}

impl Guess {
    /// How likely a track is to be the next: the Gaussian log density at `z` without its constant terms, times the
    /// temperature. Higher is likelier.
    #[inline(always)]
    pub fn score(&self, z: &[f32; DIMS]) -> f32 {
        let mut squares = [0.0f32; DIMS];
        for d in 0..DIMS {
            let off = z[d] - self.mean[d];
            squares[d] = self.precision[d] * off * off;
        }
        -0.5 * self.temperature * squares.iter().sum::<f32>()
    }
}

/// Intermediate values of a forward pass that the gradient needs.
pub(crate) struct Trace {
    n: usize,
    inputs: [[f32; INPUTS]; STEPS],
    /// The state before each step and after the last.
    states: [[f32; HIDDEN]; STEPS + 1],
    reset: [[f32; HIDDEN]; STEPS],
    update: [[f32; HIDDEN]; STEPS],
    candidate: [[f32; HIDDEN]; STEPS],
    /// The state's part of the candidate, before the reset gate.
    recalled: [[f32; HIDDEN]; STEPS],
    /// The last state after dropout, the dense layer's input.
    seen: [f32; HIDDEN],
    level: [f32; DIMS],
    /// Whether a log variance was clamped.
    cut: [bool; DIMS],
    pub guess: Guess,
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// `out += x · row`
#[inline(always)]
fn add(out: &mut [f32], x: f32, row: &[f32]) {
    for (o, r) in out.iter_mut().zip(row) {
        *o += x * r;
    }
}

/// The dot product, with parallel partial sums.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for l in 0..LANES {
            lanes[l] += a[l] * b[l];
        }
    }
    lanes.iter().sum()
}

/// Predicts from at most [`STEPS`] tracks, ordered oldest to latest. `drop` is an optional dropout mask of the last
/// state, with values of 0 or 1 over the share kept.
#[inline(always)]
pub(crate) fn forward(p: &Parameters, steps: &[[f32; INPUTS]], drop: Option<&[f32; HIDDEN]>) -> Trace {
    let steps = &steps[steps.len().saturating_sub(STEPS)..];
    let n = steps.len();
    let mut t = Trace {
        n,
        inputs: [[0.0; INPUTS]; STEPS],
        states: [[0.0; HIDDEN]; STEPS + 1],
        reset: [[0.0; HIDDEN]; STEPS],
        update: [[0.0; HIDDEN]; STEPS],
        candidate: [[0.0; HIDDEN]; STEPS],
        recalled: [[0.0; HIDDEN]; STEPS],
        seen: [0.0; HIDDEN],
        level: [0.0; DIMS],
        cut: [false; DIMS],
        guess: Guess {
            mean: [0.0; DIMS],
            log_variance: [0.0; DIMS],
            temperature: p.values[TEMPERATURE][0].exp(),
            precision: [1.0; DIMS],
        },
    };
    t.inputs[..n].copy_from_slice(steps);
    for i in 0..n {
        let mut from_input = [0.0f32; GATES];
        let mut from_state = [0.0f32; GATES];
        from_input.copy_from_slice(&p.values[INPUT_BIAS]);
        from_state.copy_from_slice(&p.values[STATE_BIAS]);
        for (x, row) in t.inputs[i].iter().zip(p.values[INPUT].chunks_exact(GATES)) {
            add(&mut from_input, *x, row);
        }
        for (h, row) in t.states[i].iter().zip(p.values[STATE].chunks_exact(GATES)) {
            add(&mut from_state, *h, row);
        }
        for h in 0..HIDDEN {
            let reset = sigmoid(from_input[h] + from_state[h]);
            let update = sigmoid(from_input[HIDDEN + h] + from_state[HIDDEN + h]);
            let recalled = from_state[2 * HIDDEN + h];
            let candidate = (from_input[2 * HIDDEN + h] + reset * recalled).tanh();
            t.states[i + 1][h] = candidate + update * (t.states[i][h] - candidate);
            (t.reset[i][h], t.update[i][h], t.candidate[i][h], t.recalled[i][h]) = (reset, update, candidate, recalled);
        }
    }
    t.seen = t.states[n];
    if let Some(drop) = drop {
        t.seen.iter_mut().zip(drop).for_each(|(s, d)| *s *= d);
    }
    let mut out = [0.0f32; OUT];
    out.copy_from_slice(&p.values[HEAD_BIAS]);
    for (s, row) in t.seen.iter().zip(p.values[HEAD].chunks_exact(OUT)) {
        add(&mut out, *s, row);
    }
    for x in &t.inputs[..n] {
        add(&mut t.level, 1.0 / n as f32, &x[..DIMS]);
    }
    for d in 0..DIMS {
        let lags: f32 = (0..n).map(|k| p.values[LAGS][k * DIMS + d] * t.inputs[n - 1 - k][d]).sum();
        t.guess.mean[d] = out[d] + lags + p.values[LEVEL][d] * t.level[d];
        let wide = out[DIMS + d];
        t.cut[d] = wide.abs() > WIDEST;
        t.guess.log_variance[d] = wide.clamp(-WIDEST, WIDEST);
        t.guess.precision[d] = (-t.guess.log_variance[d]).exp();
    }
    t
}

/// The InfoNCE loss of a prediction (van den Oord et al. 2018): −ln of the softmax probability of the true track among
/// the candidates. The log probability of being drawn is subtracted from each score (sampled softmax: Jean et al. 2015,
/// §3), so that sampling nearby tracks more often does not push the prediction away from them. Adds the gradient to
/// `grads`.
#[inline(always)]
pub(crate) fn loss(
    p: &Parameters,
    t: &Trace,
    candidates: &[([f32; DIMS], f32)],
    drop: Option<&[f32; HIDDEN]>,
    grads: Option<&mut Parameters>,
) -> f32 {
    let scores: Vec<f32> = candidates.iter().map(|(z, _)| t.guess.score(z)).collect();
    let logits: Vec<f32> = scores.iter().zip(candidates).map(|(s, (_, drawn))| s - drawn).collect();
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|l| (l - most).exp()).sum();
    let lost = most + sum.ln() - logits[0];
    let Some(grads) = grads else { return lost };
    let precision = &t.guess.precision;
    let mut out = [0.0f32; OUT];
    let mut warmth = 0.0;
    for (j, (z, _)) in candidates.iter().enumerate() {
        let g = (logits[j] - most).exp() / sum - if j == 0 { 1.0 } else { 0.0 };
        warmth += g * scores[j];
        let g = g * t.guess.temperature;
        for d in 0..DIMS {
            let off = precision[d] * (z[d] - t.guess.mean[d]);
            out[d] += g * off;
            out[DIMS + d] += 0.5 * g * off * (z[d] - t.guess.mean[d]);
        }
    }
    grads.values[TEMPERATURE][0] += warmth;
    backward(p, t, out, drop, grads);
    lost
}

#[inline(always)]
fn backward(p: &Parameters, t: &Trace, mut out: [f32; OUT], drop: Option<&[f32; HIDDEN]>, grads: &mut Parameters) {
    for d in 0..DIMS {
        for k in 0..t.n {
            grads.values[LAGS][k * DIMS + d] += out[d] * t.inputs[t.n - 1 - k][d];
        }
        grads.values[LEVEL][d] += out[d] * t.level[d];
        if t.cut[d] {
            out[DIMS + d] = 0.0;
        }
    }
    add(&mut grads.values[HEAD_BIAS], 1.0, &out);
    let mut state = [0.0f32; HIDDEN];
    for (h, state) in state.iter_mut().enumerate() {
        add(&mut grads.values[HEAD][h * OUT..][..OUT], t.seen[h], &out);
        *state = dot(&p.values[HEAD][h * OUT..][..OUT], &out);
    }
    if let Some(drop) = drop {
        state.iter_mut().zip(drop).for_each(|(s, d)| *s *= d);
    }
    for i in (0..t.n).rev() {
        // The gradients of the gates' inputs, from the input and from the state.
        let mut from_input = [0.0f32; GATES];
        let mut from_state = [0.0f32; GATES];
        let mut before = [0.0f32; HIDDEN];
        for h in 0..HIDDEN {
            let (reset, update, candidate) = (t.reset[i][h], t.update[i][h], t.candidate[i][h]);
            let for_candidate = state[h] * (1.0 - update) * (1.0 - candidate * candidate);
            let for_update = state[h] * (t.states[i][h] - candidate) * update * (1.0 - update);
            let for_reset = for_candidate * t.recalled[i][h] * reset * (1.0 - reset);
            before[h] = state[h] * update;
            (from_input[h], from_input[HIDDEN + h], from_input[2 * HIDDEN + h]) =
                (for_reset, for_update, for_candidate);
            (from_state[h], from_state[HIDDEN + h], from_state[2 * HIDDEN + h]) =
                (for_reset, for_update, for_candidate * reset);
        }
        add(&mut grads.values[INPUT_BIAS], 1.0, &from_input);
        add(&mut grads.values[STATE_BIAS], 1.0, &from_state);
        for (x, row) in t.inputs[i].iter().zip(grads.values[INPUT].chunks_exact_mut(GATES)) {
            add(row, *x, &from_input);
        }
        for h in 0..HIDDEN {
            add(&mut grads.values[STATE][h * GATES..][..GATES], t.states[i][h], &from_state);
            state[h] = before[h] + dot(&p.values[STATE][h * GATES..][..GATES], &from_state);
        }
    }
}
