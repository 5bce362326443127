//! Evaluation of a trained network: its frozen statistics, and its accuracy on unseen clips.

use anyhow::{Result, ensure};

use crate::aims::Aims;
use crate::arch::Arch;
use crate::encode::{Inference, largest, numbers, place};
use crate::fault::Diverged;
use crate::heads::{Errors, Guesses, Heads};
use crate::job::Clips;
use crate::kernels::{EPSILON, Kernels};
use crate::model::{Dense, Guess, Model, Moment};
use crate::net::Tracked;
use crate::parameters::Parameters;
use crate::strobe::{Reader, Standard};
use crate::{DIMS, rotation};

/// Maximum number of clips to measure the statistics on; `WORK`: multiply-accumulates per batch.
const SAMPLE: usize = 768;
const WORK: u64 = 2_400_000_000;

/// Re-estimates the statistics of every normalisation on unaugmented training clips with the current parameters
/// ("precise batch normalisation", Wu & Johnson 2021), because averaged parameters have no batch statistics of their
/// own.
pub(crate) fn moments<B: Kernels>(
    arch: &Arch,
    parameters: &Parameters,
    clips: &Clips,
    standard: &Standard,
    device: &B::Device,
) -> Result<Vec<Moment>> {
    let network = Tracked::<B>::new(*arch, parameters, device);
    let reader = Reader::new(arch.form.levels, standard);
    // Spread over the whole set, independent of its order.
    let picked = spread(clips.len(), SAMPLE);
    let mut sums: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    let mut weight = 0.0;
    // For a large network, smaller batches suffice for the statistics.
    let most = (WORK / arch.cost().1.max(1)).clamp(2, 64) as usize;
    for batch in picked.chunks(most) {
        let mut values = Vec::with_capacity(batch.len() * clips.bands * clips.steps);
        for &i in batch {
            reader.read(clips.image(i), &mut values);
        }
        let pass = network.forward(place(values, [batch.len(), clips.bands], device), None, None);
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
    let mut moments: Vec<Moment> = sums.into_iter().map(moment).collect();
    if let Some(latent) = moments.last_mut().filter(|_| !arch.normalises_latent()) {
        // Only the mean is subtracted.
        latent.var.fill(1.0 - EPSILON);
    }
    let finite = moments.iter().all(|m| m.mean.iter().chain(&m.var).all(|v| v.is_finite()));
    ensure!(finite, Diverged::Statistic);
    Ok(moments)
}

/// At most `most` of `n` indices, evenly spaced.
pub(crate) fn spread(n: usize, most: usize) -> Vec<usize> {
    let count = n.min(most);
    (0..count).map(|i| i * n / count).collect()
}

/// A network with frozen statistics, without a change of basis. `running` are the statistics of the normalised layers
/// (mean and variance in turn) if they were averaged over the steps; otherwise they are measured.
pub(crate) fn freeze<B: Kernels>(
    arch: &Arch,
    parameters: &Parameters,
    running: Option<&Parameters>,
    clips: &Clips,
    standard: &Standard,
    device: &B::Device,
) -> Result<Model> {
    let moments = match running {
        None => moments::<B>(arch, parameters, clips, standard, device)?,
        Some(running) => {
            let pairs = running.values.chunks_exact(2);
            pairs.map(|pair| Moment { mean: pair[0].clone(), var: pair[1].clone() }).collect()
        }
    };
    let (parameters, standard) = (parameters.clone(), standard.clone());
    let mut model = Model { arch: *arch, parameters, moments, standard, transform: rotation::identity() };
    if running.is_some() {
        // The latent's own statistics are those of its frozen layers.
        model.moments.push(Moment { mean: vec![0.0; DIMS], var: vec![1.0 - EPSILON; DIMS] });
        let own = latents::<B>(&model, clips, device)?;
        if let Some(last) = model.moments.last_mut() {
            *last = own;
        }
    }
    Ok(model)
}

/// Mean and variance of a frozen network's raw numbers over a sample of the clips.
fn latents<B: Kernels>(model: &Model, clips: &Clips, device: &B::Device) -> Result<Moment> {
    let count = clips.len().min(SAMPLE);
    ensure!(count > 0, "there are no clips to measure statistics on");
    let images: Vec<&[u8]> = (0..count).map(|i| clips.image(i * clips.len() / count)).collect();
    let heard = Inference::<B>::new(model, device.clone()).encode(&images)?;
    let of =
        |d: usize, f: &dyn Fn(f64) -> f64| heard.iter().map(|e| f(f64::from(e.latent[d]))).sum::<f64>() / count as f64;
    let mean: Vec<f64> = (0..DIMS).map(|d| of(d, &|x| x)).collect();
    let var = match model.arch.normalises_latent() {
        true => (0..DIMS).map(|d| of(d, &|x| (x - mean[d]).powi(2)) as f32).collect(),
        // Only the mean is subtracted.
        false => vec![1.0 - EPSILON; DIMS],
    };
    ensure!(mean.iter().all(|m| m.is_finite()), Diverged::Statistic);
    Ok(Moment { mean: mean.into_iter().map(|m| m as f32).collect(), var })
}

/// Accuracy of the genre head, or, without genres, of the estimate of the teacher's vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Score {
    /// Share of clips whose most probable genre is correct; or the explained share of the teacher's variance (R²).
    pub accuracy: f64,
    /// Mean cross-entropy in nats; or the mean squared error.
    pub loss: f64,
    /// The accuracy within every genre; 0 for a genre without clips.
    pub recalls: Vec<f64>,
    /// What the heads of the training come to.
    pub guesses: Guesses,
}

/// `model` has the heads of the training, and `clips` are the validation clips that `aims` knows.
pub(crate) fn score<B: Kernels>(model: &Model, clips: &Clips, aims: &Aims, device: &B::Device) -> Result<Score> {
    if clips.is_empty() {
        return Ok(Score::default());
    }
    let inference = Inference::<B>::new(model, device.clone());
    if model.arch.genres == 0 {
        let (said, latents) = inference.heard(&clips.images(), Dense::guess)?;
        return Ok(Score { guesses: guesses(model, &latents, aims), ..of_teacher(&said, clips) });
    }
    let mut counts = vec![[0usize; 2]; model.arch.genres];
    let (mut right, mut loss) = (0usize, 0.0);
    let (said, latents) = inference.heard(&clips.images(), Dense::apply)?;
    for (said, &own) in said.iter().zip(&clips.genres) {
        let hit = usize::from(largest(&said.genres) == usize::from(own));
        right += hit;
        if let Some([hits, all]) = counts.get_mut(usize::from(own)) {
            *hits += hit;
            *all += 1;
        }
        loss -= f64::from(said.genres.get(usize::from(own)).copied().unwrap_or(0.0).max(1e-12)).ln();
    }
    let recalls = counts.iter().map(|[hits, all]| *hits as f64 / (*all).max(1) as f64).collect();
    let (accuracy, loss) = (right as f64 / clips.len() as f64, loss / clips.len() as f64);
    Ok(Score { accuracy, loss, recalls, guesses: guesses(model, &latents, aims) })
}

/// How well the heads guess the validation clips as they are, from what they hear of them ([`Dense::latent`]).
fn guesses(model: &Model, latents: &[[f32; DIMS]], aims: &Aims) -> Guesses {
    let mut errors = Errors::default();
    if model.arch.heads != Heads::default() {
        let dense = model.dense();
        for (latent, own) in latents.iter().zip(&aims.validation) {
            errors.add(&dense.guessed(latent), own);
        }
    }
    errors.guesses()
}

/// How well the teacher's vectors are estimated.
fn of_teacher(said: &[Guess], clips: &Clips) -> Score {
    let wide = clips.teacher.len() / clips.len();
    let n = clips.len() as f64;
    let (mut off, mut all) = (0.0, 0.0);
    for component in 0..wide {
        let of = |clip: usize| f64::from(clips.teacher[clip * wide + component]);
        let mean = (0..clips.len()).map(of).sum::<f64>() / n;
        for (clip, said) in said.iter().enumerate() {
            off += (f64::from(said.vector.get(component).copied().unwrap_or(0.0)) - of(clip)).powi(2);
            all += (of(clip) - mean).powi(2);
        }
    }
    let explained = if all > 0.0 { 1.0 - off / all } else { 0.0 };
    Score { accuracy: explained, loss: off / (n * wide.max(1) as f64), ..Score::default() }
}
