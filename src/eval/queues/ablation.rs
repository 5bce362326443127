//! The effect of each weight of the policy: the player's queues with the weight at zero, half and double.

use crate::config::Weights;
use crate::measure::Bootstrap;

use super::findings::Variant;
use super::library::Library;
use super::listener::Listener;
use super::makers::Setup;
use super::sample::{self, Sample};
use super::seeds::Seed;

/// Access to one weight.
type Weight = fn(&mut Weights) -> &mut f32;

/// The weights that affect a queue without a history of its own and without a direction.
const WEIGHTS: [(&str, Weight); 7] = [
    ("fit", |w| &mut w.fit),
    ("closeness", |w| &mut w.closeness),
    ("run", |w| &mut w.run),
    ("album", |w| &mut w.album),
    ("heard", |w| &mut w.heard),
    ("heard_half_life", |w| &mut w.heard_half_life),
    ("liked", |w| &mut w.liked),
];
/// The factors applied to each.
const TIMES: [f32; 3] = [0.0, 0.5, 2.0];
/// What takes the place of a weight that is 0.
const INSTEAD: [f32; 3] = [0.25, 0.5, 1.0];
/// Minimum half-life, as 0 would cause a division by zero.
const SHORTEST: f32 = 1.0;

/// Measures the present weights, then each weight changed by itself, for one simulated listener.
pub fn run(
    library: &Library,
    setup: &Setup,
    draw: &Bootstrap,
    seeds: &[Seed],
    tell: &mut dyn FnMut(&str),
) -> Vec<Variant> {
    let groups: Vec<u32> = seeds.iter().map(|s| s.group).collect();
    let listener = Listener::of(library, setup.seed);
    let player = |setup: &Setup| sample::of_listener(library, setup, seeds, &listener);
    let as_it_is = player(setup);
    let variant = |weight: &str, value: f32, (sample, liking): &(Sample, Vec<Option<f64>>)| Variant {
        weight: weight.into(),
        value,
        values: sample.values.iter().map(|values| draw.mean(values, &groups)).collect(),
        change: sample.values.iter().zip(&as_it_is.0.values).map(|(a, b)| draw.paired(a, b, &groups)).collect(),
        totals: sample.totals(library.len()),
        liking: draw.mean(liking, &groups),
        liking_change: draw.paired(liking, &as_it_is.1, &groups),
    };
    let mut out = vec![variant("", 0.0, &as_it_is)];
    for (name, of) in WEIGHTS {
        let mut weights = setup.queue.weights;
        let present = *of(&mut weights);
        let values = if present == 0.0 { INSTEAD } else { TIMES.map(|times| times * present) };
        for value in values {
            let value = if name == "heard_half_life" { value.max(SHORTEST) } else { value };
            let mut changed = setup.clone();
            *of(&mut changed.queue.weights) = value;
            tell(&format!("{name} = {value}"));
            out.push(variant(name, value, &player(&changed)));
        }
    }
    out
}
