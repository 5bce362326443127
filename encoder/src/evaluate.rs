//! What a trained network is worth: its frozen statistics, and its accuracy on clips it has not seen.

use anyhow::{Result, ensure};
use burn::tensor::backend::Backend;

use crate::encode::{Inference, largest, numbers, place};
use crate::model::{Model, Moment};
use crate::network::{Arch, Tracked};
use crate::parameters::Parameters;
use crate::rotation;
use crate::strobe::{BANDS, BYTES, STEPS, Standard, unpack};
use crate::train::Clips;

/// Clips that the statistics are measured on, and how many go at once.
const SAMPLE: usize = 768;
const BATCH: usize = 64;

/// The statistics of every normalisation, measured anew on unchanged training clips with the parameters as they are
/// now ("precise batch normalisation", Wu & Johnson 2021): averaged parameters have never seen a batch of their own.
pub(crate) fn moments<B: Backend>(
    arch: &Arch,
    parameters: &Parameters,
    clips: &Clips,
    standard: &Standard,
    device: &B::Device,
) -> Result<Vec<Moment>> {
    let network = Tracked::<B>::new(*arch, parameters, device);
    let table = standard.table();
    let count = clips.len().min(SAMPLE);
    // Spread over the whole set, whatever its order.
    let picked: Vec<usize> = (0..count).map(|i| i * clips.len() / count).collect();
    let mut sums: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    let mut weight = 0.0;
    for batch in picked.chunks(BATCH) {
        let mut values = Vec::with_capacity(batch.len() * BANDS * STEPS);
        for &i in batch {
            unpack(&clips.strobes[i * BYTES..(i + 1) * BYTES], &table, &mut values);
        }
        let pass = network.forward(place(values, batch.len(), device), None);
        let n = batch.len() as f64;
        weight += n;
        for (i, m) in pass.moments.into_iter().enumerate() {
            let (mean, var) = (numbers(m.mean)?, numbers(m.var)?);
            if sums.len() <= i {
                sums.push((vec![0.0; mean.len()], vec![0.0; mean.len()]));
            }
            for (c, (m, v)) in mean.iter().zip(&var).enumerate() {
                let (m, v) = (f64::from(*m), f64::from(*v));
                sums[i].0[c] += n * m;
                sums[i].1[c] += n * (v + m * m);
            }
        }
    }
    ensure!(weight > 0.0, "there are no clips to measure statistics on");
    let moment = |(first, second): (Vec<f64>, Vec<f64>)| {
        let mean: Vec<f64> = first.iter().map(|s| s / weight).collect();
        let var = second.iter().zip(&mean).map(|(s, m)| (s / weight - m * m).max(0.0) as f32).collect();
        Moment { mean: mean.into_iter().map(|m| m as f32).collect(), var }
    };
    let moments: Vec<Moment> = sums.into_iter().map(moment).collect();
    let finite = moments.iter().all(|m| m.mean.iter().chain(&m.var).all(|v| v.is_finite()));
    ensure!(finite, "the training has diverged: a statistic is not finite; a lower learning rate helps");
    Ok(moments)
}

/// A network with frozen statistics, in its own basis.
pub(crate) fn freeze<B: Backend>(
    arch: &Arch,
    parameters: &Parameters,
    clips: &Clips,
    standard: &Standard,
    device: &B::Device,
) -> Result<Model> {
    let moments = moments::<B>(arch, parameters, clips, standard, device)?;
    let (parameters, standard) = (parameters.clone(), standard.clone());
    Ok(Model { arch: *arch, parameters, moments, standard, transform: rotation::identity() })
}

/// Share of clips whose most probable genre is theirs, and the mean cross-entropy (nats).
pub(crate) fn accuracy<B: Backend>(model: &Model, clips: &Clips, device: &B::Device) -> Result<(f64, f64)> {
    if clips.is_empty() {
        return Ok((0.0, 0.0));
    }
    let inference = Inference::<B>::new(model, device.clone());
    let (mut right, mut loss) = (0usize, 0.0);
    for (said, &own) in inference.latents(&clips.strobes)?.iter().zip(&clips.genres) {
        right += usize::from(largest(&said.genres) == usize::from(own));
        loss -= f64::from(said.genres.get(usize::from(own)).copied().unwrap_or(0.0).max(1e-12)).ln();
    }
    Ok((right as f64 / clips.len() as f64, loss / clips.len() as f64))
}
