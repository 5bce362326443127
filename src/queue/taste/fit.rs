//! Maximum a posteriori weights of the dimensions, given the user's answers and verdicts and the
//! precision of the prior.
//!
//! One softmax model serves both kinds of observation, with one set of weights w ≥ 0 and one scale
//! s per kind. Answers: of three tracks, c is called the odd one with P ∝ exp(−s·Σ w·δ(a, b)), δ
//! being the squared difference of the scores of the other two. Verdicts: a track is liked with P =
//! 1/(1 + exp(−b + s·Σ w·x)), x being its per-dimension parts of the signature distance. Prior: w ~
//! N(1, 1/λ). The overall size of the weights is absorbed by the scales; their mean is held at 1.

use crate::latent::ALL_DIMS;

/// Length of a `Row`: the dimensions, padded with zeros to a multiple of 16 so that loops over it
/// vectorise without a remainder.
pub(super) const WIDTH: usize = ALL_DIMS.next_multiple_of(16);

/// One number for each dimension.
pub(super) type Row = [f32; WIDTH];

/// Prior standard deviation of a scale in units of 1/RMS margin, and of the offset. Without this
/// prior, a few answers that all agree would make the scale infinite.
const REACH: f32 = 5.0;
/// Maximum number of alternating updates of weights and scales. The fit for each precision starts
/// from that of the next stronger one.
const ROUNDS: usize = 5;
/// The alternation stops when no weight moved by more than this.
const SETTLED: f32 = 0.02;

/// One observation (an answer or a verdict) as margins: the dot product of a row with the weights
/// is how much more the distances speak for what the user said than for one of the alternatives.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Answer: one row for each track that was not called odd. Verdict: only the first row is used.
    pub rows: [Row; 2],
    /// 1 for a verdict of liked, −1 for disliked, 0 for an answer.
    pub liked: f32,
    /// Cross-validation key: observations with equal keys are always in the same fold.
    pub key: u32,
    /// Weight of the observation in the likelihood.
    pub weight: f32,
}

impl Seen {
    fn margins(&self, weights: &Row) -> [f32; 2] {
        let second = if self.liked == 0.0 { dot(&self.rows[1], weights) } else { 0.0 };
        [dot(&self.rows[0], weights), second]
    }
}

/// Scales of the utilities, and the offset of verdicts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scale {
    /// Scale s of answers.
    answers: f32,
    /// Scale s of verdicts.
    verdicts: f32,
    /// Offset b of verdicts: the log odds that a track at distance 0 is liked.
    offset: f32,
}

impl Scale {
    /// ln P of the observation, and the probabilities of its two alternatives (the second is 0 for
    /// a verdict), from its unscaled margins.
    pub fn chances(&self, seen: &Seen, margins: [f32; 2]) -> (f32, [f32; 2]) {
        let [a, b] = match seen.liked {
            0.0 => [self.answers * margins[0], self.answers * margins[1]],
            liked => [self.verdicts * margins[0] + liked * self.offset, f32::INFINITY],
        };
        let top = (-a).max(-b).max(0.0);
        let (said, first, second) = ((-top).exp(), (-a - top).exp(), (-b - top).exp());
        let all = said + first + second;
        (-(top + all.ln()), [first / all, second / all])
    }

    fn of(&self, seen: &Seen) -> f32 {
        if seen.liked == 0.0 { self.answers } else { self.verdicts }
    }

    /// The maximum a posteriori scales and offset for given margins.
    pub fn fitted<'a>(told: impl Iterator<Item = (&'a Seen, [f32; 2])> + Clone) -> Scale {
        let answers = told.clone().filter(|(seen, _)| seen.liked == 0.0);
        let verdicts = told.filter(|(seen, _)| seen.liked != 0.0);
        let (offset, sharp) = of_verdicts(verdicts);
        Scale { answers: of_answers(answers), verdicts: sharp, offset }
    }
}

/// Scale of the answers, by Newton's method in one unknown.
fn of_answers<'a>(told: impl Iterator<Item = (&'a Seen, [f32; 2])> + Clone) -> f32 {
    let Some(spread) = spread(told.clone()) else { return 0.0 };
    let belief = spread * spread / (REACH * REACH);
    let mut scale = Scale { answers: 1.0 / spread, ..Scale::default() };
    for _ in 0..20 {
        let (mut slope, mut bend) = (-belief * scale.answers, belief);
        for (seen, q) in told.clone() {
            let (_, p) = scale.chances(seen, q);
            let mean = p[0] * q[0] + p[1] * q[1];
            slope += seen.weight * mean;
            bend += seen.weight * (p[0] * q[0] * q[0] + p[1] * q[1] * q[1] - mean * mean);
        }
        let next = (scale.answers + slope / bend).clamp(0.0, 2.0 * scale.answers + 1.0 / spread);
        let moved = (next - scale.answers).abs();
        scale.answers = next;
        if moved * spread < 1e-3 {
            break;
        }
    }
    scale.answers
}

/// Offset and scale of the verdicts, by Newton's method in two unknowns.
fn of_verdicts<'a>(told: impl Iterator<Item = (&'a Seen, [f32; 2])> + Clone) -> (f32, f32) {
    let Some(spread) = spread(told.clone()) else { return (0.0, 0.0) };
    let (belief, belief_offset) = (spread * spread / (REACH * REACH), 1.0 / (REACH * REACH));
    let mut scale = Scale { verdicts: 0.5 / spread, ..Scale::default() };
    for _ in 0..20 {
        let mut slope = [-belief * scale.verdicts, -belief_offset * scale.offset];
        let (mut ss, mut sb, mut bb) = (belief, 0.0, belief_offset);
        for (seen, [q, _]) in told.clone() {
            let (_, [p, _]) = scale.chances(seen, [q, 0.0]);
            let (pull, bend) = (seen.weight * p, seen.weight * p * (1.0 - p));
            slope = [slope[0] + pull * q, slope[1] + pull * seen.liked];
            ss += bend * q * q;
            sb += bend * q * seen.liked;
            bb += bend;
        }
        let det = ss * bb - sb * sb;
        let mut step = [(bb * slope[0] - sb * slope[1]) / det, (ss * slope[1] - sb * slope[0]) / det];
        if scale.verdicts + step[0] <= 0.0 {
            // The scale is at its bound of 0; only the offset is optimised further.
            step = [-scale.verdicts, slope[1] / bb];
        }
        scale.verdicts += step[0].min(scale.verdicts + 1.0 / spread);
        scale.offset += step[1].clamp(-2.0, 2.0);
        if step[0].abs() * spread < 1e-3 && step[1].abs() < 1e-3 {
            break;
        }
    }
    (scale.offset, scale.verdicts)
}

/// Root mean square of the margins; `None` when all are 0 or there are none.
fn spread<'a>(told: impl Iterator<Item = (&'a Seen, [f32; 2])>) -> Option<f32> {
    let (mut sum, mut n) = (0.0, 0.0);
    for (seen, q) in told {
        sum += q[0] * q[0] + if seen.liked == 0.0 { q[1] * q[1] } else { 0.0 };
        n += if seen.liked == 0.0 { 2.0 } else { 1.0 };
    }
    (sum > 1e-9).then(|| (sum / n).sqrt())
}

/// Weights with their scales.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    /// Their mean is 1 over the dimensions that have any nonzero margin; all others are 1.
    pub weights: Row,
    /// The scales that go with them.
    pub scale: Scale,
}

/// A set of observations to fit.
pub(super) struct Told<'a> {
    seen: Vec<&'a Seen>,
    /// Dimensions with any nonzero margin.
    live: [bool; WIDTH],
}

impl<'a> Told<'a> {
    pub fn new(seen: impl Iterator<Item = &'a Seen>) -> Told<'a> {
        let seen: Vec<&Seen> = seen.collect();
        let mut live = [false; WIDTH];
        for row in seen.iter().flat_map(|s| &s.rows) {
            live.iter_mut().zip(row).for_each(|(live, x)| *live |= *x != 0.0);
        }
        Told { seen, live }
    }

    /// Equal weights, with their best scales.
    pub fn flat(&self) -> Fit {
        let mut fit = Fit { weights: [1.0; WIDTH], scale: Scale::default() };
        self.rescale(&mut fit);
        fit
    }

    /// One fit for each prior precision; `beliefs` in descending order, since each fit starts from
    /// the one before.
    pub fn path(&self, beliefs: &[f32]) -> Vec<Fit> {
        let mut fit = self.flat();
        let each = |&belief: &f32| {
            for _ in 0..ROUNDS {
                let before = fit.weights;
                self.reweight(&mut fit, belief);
                self.rescale(&mut fit);
                let moved = before.iter().zip(&fit.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                if moved < SETTLED {
                    break;
                }
            }
            fit.clone()
        };
        beliefs.iter().map(each).collect()
    }

    fn rescale(&self, fit: &mut Fit) {
        let told = self.seen.iter().map(|seen| (*seen, seen.margins(&fit.weights)));
        fit.scale = Scale::fitted(told.collect::<Vec<_>>().iter().copied());
    }

    /// One Newton step for the weights under w ≥ 0, with backtracking until the cost does not rise.
    fn reweight(&self, fit: &mut Fit, belief: f32) {
        let start = fit.clone();
        let mut sharp = start.scale;
        // With a scale of 0 the gradient would vanish in every direction, so a small positive one
        // is used instead.
        sharp.answers = sharp.answers.max(self.least(true));
        sharp.verdicts = sharp.verdicts.max(self.least(false));
        let start = Fit { scale: sharp, ..start };
        let (slope, bend) = self.curvature(&start, belief);
        let target = nearest_minimum(&start.weights, slope, &bend);
        let before = self.cost(&start, belief);
        let mut step = 1.0;
        loop {
            let mut next = start.clone();
            next.weights.iter_mut().zip(&target).for_each(|(w, t)| *w += step * (t - *w));
            if step < 0.1 || self.cost(&next, belief) <= before + 1e-4 {
                *fit = next;
                break;
            }
            step *= 0.5;
        }
        let live = self.live.iter().filter(|live| **live).count().max(1) as f32;
        let sum: f32 = fit.weights.iter().zip(&self.live).filter(|(_, live)| **live).map(|(w, _)| w).sum();
        let mean = (sum / live).max(1e-3);
        for (weight, live) in fit.weights.iter_mut().zip(self.live) {
            *weight = if live { *weight / mean } else { 1.0 };
        }
    }

    fn least(&self, answers: bool) -> f32 {
        let of_kind = self.seen.iter().filter(|s| (s.liked == 0.0) == answers);
        spread(of_kind.map(|s| (*s, s.margins(&[1.0; WIDTH])))).map_or(0.0, |spread| 0.05 / spread)
    }

    /// Negative log posterior up to a constant.
    fn cost(&self, fit: &Fit, belief: f32) -> f32 {
        let said = |s: &&Seen| s.weight * fit.scale.chances(s, s.margins(&fit.weights)).0;
        let away: f32 = fit.weights.iter().map(|w| (w - 1.0) * (w - 1.0)).sum();
        0.5 * belief * away - self.seen.iter().map(said).sum::<f32>()
    }

    /// Gradient and Hessian (`WIDTH` × `WIDTH`) of [`Told::cost`] with respect to the weights.
    pub fn curvature(&self, fit: &Fit, belief: f32) -> (Row, Vec<Row>) {
        let mut slope: Row = fit.weights.map(|w| belief * (w - 1.0));
        let mut bend = vec![[0.0; WIDTH]; WIDTH];
        for seen in &self.seen {
            let (_, [p, q]) = fit.scale.chances(seen, seen.margins(&fit.weights));
            let s = fit.scale.of(seen);
            let [a, b] = &seen.rows;
            let k = s * seen.weight;
            slope.iter_mut().zip(a).zip(b).for_each(|((g, a), b)| *g -= k * (p * a + q * b));
            // The covariance `[[p(1−p), −pq], [−pq, q(1−q)]]` as a sum of two squares (its Cholesky
            // factor).
            let first = (p * (1.0 - p)).max(1e-12).sqrt();
            let cross = -p * q / first;
            let second = (q * (1.0 - q) - cross * cross).max(0.0).sqrt();
            let root = s * seen.weight.sqrt();
            add_square(&mut bend, &std::array::from_fn(|d| root * (first * a[d] + cross * b[d])));
            if seen.liked == 0.0 {
                add_square(&mut bend, &b.map(|b| root * second * b));
            }
        }
        for i in 0..WIDTH {
            bend[i][i] += belief;
            let (done, rest) = bend.split_at_mut(i);
            if let Some(row) = rest.first_mut() {
                done.iter().enumerate().for_each(|(j, above)| row[j] = above[i]);
            }
        }
        (slope, bend)
    }
}

/// Adds x·xᵀ on and above the diagonal.
fn add_square(to: &mut [Row], x: &Row) {
    for (i, (row, &xi)) in to.iter_mut().zip(x).enumerate() {
        if xi != 0.0 {
            // Starts at a multiple of 16 to keep whole chunks; the entries below the diagonal are
            // overwritten by the caller.
            let from = i / 16 * 16;
            row[from..].iter_mut().zip(&x[from..]).for_each(|(sum, xj)| *sum += xi * xj);
        }
    }
}

/// Minimises the quadratic with this gradient and Hessian at `start` over x ≥ 0, by coordinate
/// descent.
fn nearest_minimum(start: &Row, mut slope: Row, bend: &[Row]) -> Row {
    let mut at = *start;
    for _ in 0..30 {
        let mut moved = 0.0f32;
        for (d, row) in bend.iter().enumerate() {
            let step = (at[d] - slope[d] / row[d]).max(0.0) - at[d];
            if step != 0.0 {
                at[d] += step;
                slope.iter_mut().zip(row).for_each(|(g, h)| *g += step * h);
                moved = moved.max(step.abs());
            }
        }
        if moved < 1e-3 {
            break;
        }
    }
    at
}

/// The unscaled margins of an observation under `weights`.
pub(super) fn margins(seen: &Seen, weights: &Row) -> [f32; 2] {
    seen.margins(weights)
}

/// Σ a·b.
pub(super) fn dot(a: &Row, b: &Row) -> f32 {
    let mut sums = [0.0f32; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * b);
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f32]) -> Row {
        std::array::from_fn(|d| values.get(d).copied().unwrap_or(0.0))
    }

    #[test]
    fn the_slope_and_the_curvature_are_those_of_the_cost() {
        let mut rng = fastrand::Rng::with_seed(4);
        let mut random = || row(&(0..6).map(|_| rng.f32() * 4.0 - 2.0).collect::<Vec<_>>());
        let seen: Vec<Seen> = (0..20)
            .map(|i| {
                let liked = [0.0, 1.0, -1.0][i % 3];
                let rows = [random(), if liked == 0.0 { random() } else { [0.0; WIDTH] }];
                Seen { rows, liked, key: 0, weight: 0.5 + 0.1 * i as f32 }
            })
            .collect();
        let told = Told::new(seen.iter());
        let fit = Fit { weights: [0.7; WIDTH], scale: Scale { answers: 0.6, verdicts: 0.4, offset: 0.2 } };
        let (slope, bend) = told.curvature(&fit, 0.3);
        let nudged = |d: usize, by: f32| {
            let mut fit = fit.clone();
            fit.weights[d] += by;
            fit
        };
        for d in 0..6 {
            let h = 0.02;
            let numeric = (told.cost(&nudged(d, h), 0.3) - told.cost(&nudged(d, -h), 0.3)) / (2.0 * h);
            assert!((numeric - slope[d]).abs() < 0.02, "{d}: {numeric} {}", slope[d]);
            let (up, down) = (told.curvature(&nudged(d, h), 0.3).0, told.curvature(&nudged(d, -h), 0.3).0);
            for e in 0..6 {
                let numeric = (up[e] - down[e]) / (2.0 * h);
                assert!((numeric - bend[d][e]).abs() < 0.03, "{d} {e}: {numeric} {}", bend[d][e]);
            }
        }
    }

    #[test]
    fn the_one_dimension_that_decides_is_found() {
        let mut rng = fastrand::Rng::with_seed(5);
        let seen: Vec<Seen> = (0..300)
            .map(|_| {
                let rows: [Row; 2] = std::array::from_fn(|_| {
                    let mut row = row(&(0..8).map(|_| rng.f32() * 4.0 - 2.0).collect::<Vec<_>>());
                    row[3] = row[3].abs();
                    row
                });
                Seen { rows, liked: 0.0, key: 0, weight: 1.0 }
            })
            .collect();
        let fit = &Told::new(seen.iter()).path(&[1.0, 0.1])[1];
        assert!(fit.weights[3] > 5.0 && fit.weights[..3].iter().all(|w| *w < 0.6), "{:?}", &fit.weights[..8]);
        assert!(
            (fit.weights[..8].iter().sum::<f32>() - 8.0).abs() < 1e-3 && fit.weights[8..].iter().all(|w| *w == 1.0)
        );
        // Verdicts that are all positive carry no evidence for any dimension; the offset absorbs
        // them.
        let liked = |i: usize| Seen { liked: 1.0, ..seen[i].clone() };
        let all: Vec<Seen> = (0..50).map(liked).collect();
        let flat = Told::new(all.iter()).flat();
        assert!(flat.scale.offset > 1.0 && flat.scale.verdicts.is_finite());
    }
}
