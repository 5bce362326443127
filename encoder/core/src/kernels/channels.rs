//! Normalisation on plain slices, forward and backward. All sums run in a fixed order.

use super::pass::EPSILON;

/// Number of parallel partial sums.
const LANES: usize = 16;

/// Σ f(i) over 0..n in parallel lanes, which the compiler keeps in registers; this also avoids adding a small number to
/// a much larger sum.
#[inline(always)]
fn sums<const K: usize>(n: usize, f: impl Fn(usize) -> [f32; K]) -> [f64; K] {
    let mut all = [0.0f64; K];
    let mut at = 0;
    while at < n {
        let end = (at + 64 * LANES).min(n);
        let mut lanes = [[0.0f32; LANES]; K];
        while at + LANES <= end {
            #[allow(clippy::needless_range_loop, reason = "the lane is a place in several tables")]
            for l in 0..LANES {
                let v = f(at + l);
                for k in 0..K {
                    lanes[k][l] += v[k];
                }
            }
            at += LANES;
        }
        while at < end {
            let v = f(at);
            for k in 0..K {
                lanes[k][0] += v[k];
            }
            at += 1;
        }
        for k in 0..K {
            all[k] += lanes[k].iter().map(|x| f64::from(*x)).sum::<f64>();
        }
    }
    all
}

/// Mean and variance of each channel of `[n, c, places]`.
pub(super) fn moments(x: &[f32], n: usize, c: usize) -> (Vec<f32>, Vec<f32>) {
    let places = x.len() / (n * c).max(1);
    let count = (n * places).max(1) as f64;
    let over = |channel: usize, f: &dyn Fn(&[f32]) -> f64| {
        (0..n).map(|i| f(&x[(i * c + channel) * places..][..places])).sum::<f64>() / count
    };
    (0..c)
        .map(|channel| {
            let mean = over(channel, &|row| sums(row.len(), |i| [row[i]])[0]);
            let m = mean as f32;
            let var = over(channel, &|row| sums(row.len(), |i| [(row[i] - m) * (row[i] - m)])[0]);
            (m, var as f32)
        })
        .unzip()
}

/// The parameters and statistics of each channel.
#[derive(Clone, Copy)]
pub(super) struct Channels<'a> {
    pub mean: &'a [f32],
    pub var: &'a [f32],
    pub gamma: &'a [f32],
}

impl Channels<'_> {
    fn count(&self) -> usize {
        self.mean.len().max(1)
    }

    /// The reciprocal of the standard deviation.
    fn recip(&self, channel: usize) -> f32 {
        1.0 / (self.var[channel] + EPSILON).sqrt()
    }
}

/// `[n, c, places]` normalised, scaled and shifted, plus `residual`, optionally followed by a ReLU.
pub(super) fn normalise(
    x: &[f32],
    n: usize,
    channels: Channels,
    beta: &[f32],
    residual: Option<&[f32]>,
    relu: bool,
) -> Vec<f32> {
    let c = channels.count();
    let places = (x.len() / (n * c).max(1)).max(1);
    let least = if relu { 0.0 } else { f32::NEG_INFINITY };
    let mut y = Vec::with_capacity(x.len());
    for (i, row) in x.chunks_exact(places).enumerate() {
        let factor = channels.gamma[i % c] * channels.recip(i % c);
        let offset = beta[i % c] - channels.mean[i % c] * factor;
        match residual {
            Some(r) => {
                let r = &r[i * places..(i + 1) * places];
                y.extend(row.iter().zip(r).map(|(x, r)| (x * factor + offset + r).max(least)));
            }
            None => y.extend(row.iter().map(|x| (x * factor + offset).max(least))),
        }
    }
    y
}

/// The gradients of [`normalise`].
pub(super) struct Slopes {
    pub x: Vec<f32>,
    pub gamma: Vec<f32>,
    pub beta: Vec<f32>,
    /// If requested.
    pub residual: Option<Vec<f32>>,
}

/// Backward pass of `normalise`; `y` is its output if it had a ReLU.
pub(super) fn normalise_back(
    x: &[f32],
    y: Option<&[f32]>,
    grad: &[f32],
    n: usize,
    channels: Channels,
    residual: bool,
) -> Slopes {
    let c = channels.count();
    let places = (x.len() / (n * c).max(1)).max(1);
    // The ReLU passes the gradient only where its output is positive.
    let gated;
    let grad = match y {
        Some(y) => {
            gated = grad.iter().zip(y).map(|(g, y)| if *y > 0.0 { *g } else { 0.0 }).collect::<Vec<f32>>();
            &gated[..]
        }
        None => grad,
    };
    let (mut gamma, mut beta) = (vec![0.0f32; c], vec![0.0f32; c]);
    for channel in 0..c {
        let (mean, recip) = (channels.mean[channel], channels.recip(channel));
        let mut sum = [0.0f64; 2];
        for i in 0..n {
            let at = (i * c + channel) * places;
            let (x, g) = (&x[at..at + places], &grad[at..at + places]);
            let part = sums(places, |k| [g[k], g[k] * (x[k] - mean)]);
            sum = [sum[0] + part[0], sum[1] + part[1]];
        }
        (beta[channel], gamma[channel]) = (sum[0] as f32, sum[1] as f32 * recip);
    }
    let count = (n * places) as f32;
    let mut for_x = Vec::with_capacity(x.len());
    for (i, (x, g)) in x.chunks_exact(places).zip(grad.chunks_exact(places)).enumerate() {
        let k = i % c;
        let recip = channels.recip(k);
        let scale = channels.gamma[k] * recip;
        // scale · (g − Σg/count − unit · Σ(g·unit)/count), unit = (x − mean) · recip
        let tilt = scale * recip * gamma[k] / count;
        let offset = tilt * channels.mean[k] - scale * beta[k] / count;
        for_x.extend(x.iter().zip(g).map(|(x, g)| scale * g - tilt * x + offset));
    }
    let residual = residual.then(|| grad.to_vec());
    Slopes { x: for_x, gamma, beta, residual }
}
