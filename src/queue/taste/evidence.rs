//! Model selection by cross-validation: whether learned weights predict held-out answers better
//! than equal weights.

use super::fit::{Fit, Row, Scale, Seen, Told, WIDTH, margins};

/// Candidate strengths of the prior that all weights are 1, as its precision (1/variance of a
/// weight), the strongest first. Leaving the weights at 1 is not among them: it is the alternative
/// they are all compared with.
pub(super) const BELIEFS: [f32; 4] = [3.0, 1.0, 0.3, 0.1];
/// The precision under which questions are chosen, whichever of `BELIEFS` the evidence supports.
pub(super) const OPEN: f32 = 0.3;
/// Gain in cross-validated log likelihood (nats) that weights must reach. Twice that is the 1.4 %
/// point of χ² with one degree of freedom: strict, because the best of several precisions is taken
/// and the test is repeated after every answer.
const GAIN: f32 = 3.0;
/// With fewer observations, nothing is learned.
const FEWEST: usize = 8;
/// Number of folds: `FOLDS` below `LITTLE` observations, where each one counts and fitting is
/// fast, else [`FEW_FOLDS`].
const FOLDS: u32 = 10;
const FEW_FOLDS: u32 = 5;
const LITTLE: usize = 200;

/// The weights that the evidence supports; `None` where equal weights explain the observations as
/// well.
///
/// Cross-validated: each observation gets its margins from weights fitted on the other folds. The
/// scales are then refitted to these margins, for each precision and for equal weights alike, so
/// that the comparison is about directions and not about overconfident scales. A precision
/// qualifies when the log likelihood of all observations rises by at least [`GAIN`] and by one
/// standard error of the gain; the one with the largest gain is used.
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

/// The weighted log likelihood of each observation, with the scales that fit these margins best.
fn likelihoods(seen: &[Seen], margins: &[[f32; 2]]) -> Vec<f32> {
    let told = seen.iter().zip(margins.iter().copied());
    let scale = Scale::fitted(told.clone());
    told.map(|(s, margins)| s.weight * scale.chances(s, margins).0).collect()
}
