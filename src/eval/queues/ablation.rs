//! The effect of each weight of the policy: the player's queues with the weight at zero, half and double.

use crate::config::Weights;
use crate::measure::Bootstrap;

use super::findings::Variant;
use super::library::Library;
use super::makers::{Maker, Setup};
use super::sample::{self, Sample};
use super::seeds::Seed;

/// Access to one weight.
type Weight = fn(&mut Weights) -> &mut f32;

/// The weights that affect a queue without history and without a direction.
const WEIGHTS: [(&str, Weight); 6] = [
    ("fit", |w| &mut w.fit),
    ("closeness", |w| &mut w.closeness),
    ("run", |w| &mut w.run),
    ("album", |w| &mut w.album),
    ("heard", |w| &mut w.heard),
    ("heard_half_life", |w| &mut w.heard_half_life),
];
/// The factors applied to each.
const TIMES: [f32; 3] = [0.0, 0.5, 2.0];
/// Minimum half-life, as 0 would cause a division by zero.
const SHORTEST: f32 = 1.0;

/// Measures the present weights, then each weight changed by itself.
pub fn run(
    library: &Library,
    setup: &Setup,
    draw: &Bootstrap,
    seeds: &[Seed],
    tell: &mut dyn FnMut(&str),
) -> Vec<Variant> {
    let groups: Vec<u32> = seeds.iter().map(|s| s.group).collect();
    let player = |setup: &Setup| sample::of(library, setup, seeds, &[Maker::Player]).pop().unwrap_or_default();
    let as_it_is = player(setup);
    let variant = |weight: &str, value: f32, sample: &Sample| Variant {
        weight: weight.into(),
        value,
        values: sample.values.iter().map(|values| draw.mean(values, &groups)).collect(),
        change: sample.values.iter().zip(&as_it_is.values).map(|(a, b)| draw.paired(a, b, &groups)).collect(),
        totals: sample.totals(library.len()),
    };
    let mut out = vec![variant("", 0.0, &as_it_is)];
    for (name, of) in WEIGHTS {
        for times in TIMES {
            let mut changed = setup.clone();
            let weight = of(&mut changed.queue.weights);
            *weight *= times;
            if name == "heard_half_life" {
                *weight = weight.max(SHORTEST);
            }
            let value = *weight;
            tell(&format!("{name} = {value}"));
            out.push(variant(name, value, &player(&changed)));
        }
    }
    out
}
