//! The optimisers on the host, on plain slices, so that its state can be saved and restored exactly.

use crate::parameters::{Parameters, Spec};
use crate::recipe::{Optimiser, Recipe, Schedule};

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// The share of its last change that gradient descent repeats.
const MOMENTUM: f32 = 0.9;
/// Share of the steps in which the learning rate rises.
const WARM_UP: f64 = 0.15;

/// The state of the optimiser. Decay is applied only to weights, not to biases or scales.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moving {
    /// Mean of the gradients, or the last change.
    pub first: Parameters,
    pub second: Parameters,
    /// Number of steps taken.
    pub steps: u64,
}

impl Moving {
    pub fn new(specs: &[Spec]) -> Moving {
        Moving { first: Parameters::zeros(specs), second: Parameters::zeros(specs), steps: 0 }
    }

    /// Performs one step. Gradients are scaled down to the recipe's norm.
    pub fn step(
        &mut self,
        specs: &[Spec],
        parameters: &mut Parameters,
        gradients: &Parameters,
        [rate, decay]: [f64; 2],
        recipe: &Recipe,
    ) {
        self.steps += 1;
        let norm = gradients.values.iter().flatten().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        let longest = recipe.clip.unwrap_or(f64::INFINITY);
        let scale = if norm > longest { (longest / norm) as f32 } else { 1.0 };
        let decoupled = recipe.optimiser == Optimiser::AdamW;
        let age = self.steps.min(1_000_000) as i32;
        let rate1 = (rate / (1.0 - f64::from(BETA1).powi(age))) as f32;
        let unbias2 = (1.0 / (1.0 - f64::from(BETA2).powi(age))) as f32;
        for (i, spec) in specs.iter().enumerate() {
            let decays = spec.shape.len() > 1;
            let keep = if decays && decoupled { (1.0 - rate * decay) as f32 } else { 1.0 };
            let pull = if decays && !decoupled { decay as f32 } else { 0.0 };
            let (m, v) = (&mut self.first.values[i], &mut self.second.values[i]);
            let both = m.iter_mut().zip(v.iter_mut());
            for ((p, g), (m, v)) in parameters.values[i].iter_mut().zip(&gradients.values[i]).zip(both) {
                let g = if pull > 0.0 { g * scale + pull * *p } else { g * scale };
                if recipe.optimiser == Optimiser::Sgd {
                    *m = MOMENTUM * *m + g;
                    *p -= rate as f32 * *m;
                    continue;
                }
                *m = BETA1 * *m + (1.0 - BETA1) * g;
                *v = BETA2 * *v + (1.0 - BETA2) * g * g;
                *p = keep * *p - rate1 * *m / ((*v * unbias2).sqrt() + EPSILON);
            }
        }
    }
}

/// The learning rate at step `at` of `of`. One-cycle: linear from a tenth of the peak over the first 15 %, then a cosine
/// down to 1/100.
pub(crate) fn rate(schedule: Schedule, peak: f64, at: u64, of: u64) -> f64 {
    if schedule == Schedule::Constant {
        return peak;
    }
    let t = at as f64 / of.max(1) as f64;
    if t < WARM_UP {
        peak * (0.1 + 0.9 * t / WARM_UP)
    } else {
        let fall = ((t - WARM_UP) / (1.0 - WARM_UP)).min(1.0);
        peak * (0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * fall).cos()))
    }
}

/// Updates an exponential moving average of the parameters; a young average moves faster.
pub(crate) fn average(slow: &mut Parameters, now: &Parameters, decay: f64, steps: u64) {
    let keep = decay.min((1.0 + steps as f64) / (10.0 + steps as f64)) as f32;
    for (s, p) in slow.values.iter_mut().flatten().zip(now.values.iter().flatten()) {
        *s = keep * *s + (1.0 - keep) * p;
    }
}
