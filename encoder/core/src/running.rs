//! Statistics of normalisations that are averaged over the steps of a training, as PyTorch does.

use crate::arch::Arch;
use crate::job::Config;
use crate::net::Kind;
use crate::parameters::Parameters;

/// Channels and values per channel and clip of each normalised layer, once for its mean and once for its variance; empty
/// unless statistics are averaged over the steps.
pub(crate) fn counted(arch: &Arch, config: &Config) -> Vec<[usize; 2]> {
    if !config.runs_statistics() {
        return Vec::new();
    }
    let layers = arch.plan().layers.into_iter().filter(|layer| layer.kind == Kind::Normalised);
    layers.flat_map(|layer| [[layer.channels, layer.places]; 2]).collect()
}

/// Means of 0 and variances of 1.
pub(crate) fn initial(channels: &[usize]) -> Parameters {
    Parameters { values: channels.iter().enumerate().map(|(i, n)| vec![(i % 2) as f32; *n]).collect() }
}

/// Moves running statistics a tenth of the way to those of a step, with the variance of the population estimated from
/// `images` of a shard, as PyTorch does.
pub(crate) fn run_on(running: &mut Parameters, step: &Parameters, counted: &[[usize; 2]], images: usize) {
    const SHARE: f32 = 0.1;
    for (i, (own, now)) in running.values.iter_mut().zip(&step.values).enumerate() {
        let n = (images * counted.get(i).map_or(1, |c| c[1])) as f32;
        let unbiased = if i % 2 == 1 && n > 1.0 { n / (n - 1.0) } else { 1.0 };
        own.iter_mut().zip(now).for_each(|(r, x)| *r = (1.0 - SHARE) * *r + SHARE * unbiased * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_move_a_tenth_of_the_way_with_the_populations_variance() {
        let mut running = initial(&[1, 1]);
        let step = Parameters { values: vec![vec![2.0], vec![4.0]] };
        run_on(&mut running, &step, &[[1, 3], [1, 3]], 3);
        // Nine values: the variance of the population is 4 · 9/8.
        assert!((running.values[0][0] - 0.2).abs() < 1e-6 && (running.values[1][0] - 1.35).abs() < 1e-6);
    }
}
