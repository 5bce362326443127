//! Whether weights explain more than chance: they are evaluated on held-out answers.

use super::fit::{Fit, Row, Scale, Seen, Told, WIDTH, margins};

/// Beliefs that all dimensions count the same, as 1/variance of a weight, the strongest first. None of them is the
/// belief that nothing may move.
pub(super) const BELIEFS: [f32; 4] = [3.0, 1.0, 0.3, 0.1];
/// The belief under which questions are thought up while nothing is learned yet.
pub(super) const OPEN: f32 = 0.3;
/// How much likelier weights must make what they were not learned from, in nats: twice it is the 1.4 % point of χ² with
/// one degree of freedom, because the best of several beliefs is taken and a user may look after every answer.
const GAIN: f32 = 3.0;
/// Fewer things said than this say nothing.
const FEWEST: usize = 8;
/// More folds than [`FEW_FOLDS`] are worth their time while there is little to learn from.
const FOLDS: u32 = 10;
const FEW_FOLDS: u32 = 5;
const LITTLE: usize = 200;

/// The weights that the evidence supports; `None` where all alike explain what was said as well.
///
/// Cross-validated: weights learned from the other folds give each thing said its margins; then each belief, and the flat
/// weights, get the scales that suit these margins best, so that directions are compared and not how sure of itself each
/// is. A belief counts when it makes all that was said likelier by [`GAIN`] and by one standard error of the gain.
pub(super) fn supported(seen: &[Seen]) -> Option<Fit> {
    let belief = best_belief(seen)?;
    Told::new(seen.iter()).path(&BELIEFS[..=belief]).pop()
}

fn best_belief(seen: &[Seen]) -> Option<usize> {
    if seen.len() < FEWEST {
        return None;
    }
    let folds = if seen.len() < LITTLE { FOLDS } else { FEW_FOLDS };
    let mut told = vec![vec![[0.0; 2]; seen.len()]; BELIEFS.len()];
    for fold in 0..folds {
        let others = Told::new(seen.iter().filter(|s| s.key % folds != fold));
        let fits = others.path(&BELIEFS);
        for (i, one) in seen.iter().enumerate().filter(|(_, s)| s.key % folds == fold) {
            fits.iter().zip(&mut told).for_each(|(fit, told)| told[i] = margins(one, &fit.weights));
        }
    }
    let flat = likelihoods(seen, &seen.iter().map(|s| margins(s, &FLAT)).collect::<Vec<_>>());
    let gains = told.iter().enumerate().filter_map(|(belief, told)| {
        let gains: Vec<f32> = likelihoods(seen, told).iter().zip(&flat).map(|(a, b)| a - b).collect();
        let (sum, n) = (gains.iter().sum::<f32>(), gains.len() as f32);
        let variance = gains.iter().map(|g| (g - sum / n) * (g - sum / n)).sum::<f32>() * n / (n - 1.0);
        (sum >= GAIN && sum >= variance.sqrt()).then_some((belief, sum))
    });
    gains.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(belief, _)| belief)
}

const FLAT: Row = [1.0; WIDTH];

/// How likely each thing was to be said, with the scales that suit the margins best.
fn likelihoods(seen: &[Seen], margins: &[[f32; 2]]) -> Vec<f32> {
    let told = seen.iter().zip(margins.iter().copied());
    let scale = Scale::fitted(told.clone());
    told.map(|(s, margins)| s.weight * scale.chances(s, margins).0).collect()
}
