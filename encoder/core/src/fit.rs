//! The training loop, generic over the backend.

use std::time::Instant;

use anyhow::{Result, ensure};
use burn::tensor::backend::AutodiffBackend;

use crate::DIMS;
use crate::aims::Aims;
use crate::arch::Arch;
use crate::calibrate::calibrate;
use crate::check::check;
use crate::checkpoint::{Begun, State};
use crate::encode::{Inference, only_latents};
use crate::evaluate::{self, spread};
use crate::fault::Diverged;
use crate::heads::Heads;
use crate::job::{Clips, Config, EpochReport, Job, Progress, Trained};
use crate::kernels::{Kernels, threads};
use crate::losses::Losses;
use crate::model::Model;
use crate::naming;
use crate::optimise::{self, Moving};
use crate::parameters::{Parameters, Spec, filled};
use crate::recipe::{Form, Order};
use crate::reconstruct;
use crate::rotation;
use crate::running::{counted, initial, run_on};
use crate::step::Lesson;
use crate::strobe::Standard;
use crate::weights::{self, Facts, Words};

fn arch(job: &Job) -> Arch {
    let teacher = job.training.teacher.len() / job.training.len();
    let (kind, width) = (job.config.arch, job.config.width);
    let tags = if job.training.logits.is_empty() { 0 } else { job.tags.len() };
    let (bands, steps, form) = (job.training.bands, job.training.steps, Form::of(&job.config.recipe));
    // A head is there if its loss has a weight.
    let describe = if job.config.describe > 0.0 { job.training.descriptor_names.len() } else { 0 };
    let heads = Heads { decode: job.config.decode > 0.0, describe };
    Arch { kind, width, bands, steps, genres: job.genres.len(), tags, teacher, form, heads }
}

/// Derives a seed, so that random numbers do not depend on the progress of other threads.
fn seed(parts: [u64; 4]) -> u64 {
    let bytes: Vec<u8> = parts.iter().flat_map(|p| p.to_le_bytes()).collect();
    let hash = blake3::hash(&bytes);
    hash.as_bytes()[..8].iter().fold(0, |a, b| (a << 8) | u64::from(*b))
}

/// The hash of what a training learns from, by which a checkpoint knows its own; descriptors that nobody learns do not
/// matter.
fn hash(clips: &Clips, describe: bool) -> String {
    // Unknown ones are NaN, of which there are many bit patterns: which one a sine returns is unspecified.
    let bits = |x: &f32| if x.is_nan() { 0x7fc0_0000 } else { x.to_bits() };
    let descriptors: Vec<u32> = clips.descriptors.iter().filter(|_| describe).map(bits).collect();
    blake3::Hasher::new()
        .update(&clips.strobes)
        .update(&clips.variants)
        .update(bytemuck::cast_slice(&clips.genres))
        .update(bytemuck::cast_slice(&clips.targets))
        .update(bytemuck::cast_slice(&clips.teacher))
        .update(bytemuck::cast_slice(&clips.logits))
        .update(bytemuck::cast_slice(&descriptors))
        .finalize()
        .to_hex()
        .to_string()
}

/// Trains an encoder on the backend's default device, with several threads if `parallel`. `progress` returns false to
/// stop, which yields the best epoch so far.
///
/// # Errors
/// When the clips are inconsistent, the checkpoint or the starting encoder cannot be used or written, the device fails,
/// or the training diverges or is stopped before its first epoch is complete.
#[expect(private_bounds, reason = "a caller names a backend, not its kernels")]
pub fn fit<A: AutodiffBackend + Kernels>(
    job: &Job,
    parallel: bool,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Trained>
where
    A::Device: Default + Sync,
    A::InnerBackend: Kernels,
{
    check(job)?;
    let (config, clips, device) = (job.config, job.training, A::Device::default());
    let arch = arch(job);
    let specs = arch.plan().specs;
    let training = threads::Training::begin();
    let (begin, standard) = threads::with(training.share(1), || begin(job, &arch))?;
    let aims = threads::with(training.share(1), || Aims::of(config, [clips, job.validation], &standard));
    ensure!(
        config.describe == 0.0 || aims.describes(),
        "the weight `describe` needs descriptors that are known of the training clips, and differ between them"
    );
    // Of each normalised layer whose statistics are averaged over the steps: channels and places, twice.
    let counted = counted(&arch, config);
    let channels: Vec<usize> = counted.iter().map(|c| c[0]).collect();
    let data = hash(clips, arch.heads.describe > 0);
    let mut state = match job.checkpoint {
        Some(path) if job.resume && path.exists() => State::load(path, &specs, &channels, config, &data)?,
        _ => State {
            optimiser: Moving::new(&specs),
            average: begin.clone(),
            best: begin.clone(),
            parameters: begin,
            running: initial(&channels),
            best_running: initial(&channels),
            reports: Vec::new(),
            begun: Begun::default(),
        },
    };
    // If shards do not run in parallel, the images of a shard are prepared in parallel.
    let helpers = if parallel { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let (standard, aims) = (&standard, &aims);
    let lesson = Lesson::<A> { arch, clips, config, standard, aims, device: &device, threads: helpers };
    // Shards have equal sizes, so that statistics are equally reliable; a set smaller than a shard
    // is one shard.
    let (shard, batch) = (config.shard / config.views(), config.clips_a_step());
    let whole = clips.len() < shard || config.recipe.order == Order::Fixed && clips.len() % shard != 1;
    let used = if whole { clips.len() } else { clips.len() / shard * shard };
    let steps = used.div_ceil(batch);
    let all_steps = (steps * config.epochs) as u64;
    let mut finished = true;
    'epochs: for epoch in state.reports.len() + 1..=config.epochs {
        let mut clock = Instant::now();
        let mut saved = Instant::now();
        let order = order(clips, config, epoch);
        for (step, picked) in order[..used].chunks(batch).enumerate().skip(state.begun.steps) {
            let (mut gradients, losses, statistics) =
                shards(&lesson, &state.parameters, picked, [epoch, step + 1], parallel.then_some(&training))?;
            ensure!(losses.total.is_finite(), Diverged::Loss);
            if config.frozen {
                hold(&specs, &mut gradients);
            }
            let rate = optimise::rate(config.recipe.schedule, config.rate, state.optimiser.steps, all_steps);
            let sizes = [rate, config.decay];
            state.optimiser.step(&specs, &mut state.parameters, &gradients, sizes, &config.recipe);
            run_on(&mut state.running, &statistics, &counted, picked.len().min(shard) * config.views());
            optimise::average(&mut state.average, &state.parameters, config.average, state.optimiser.steps);
            state.begun.steps = step + 1;
            state.begun.losses.add(losses, picked.len() as f64 / used as f64);
            let loss = losses.total;
            let go_on = progress(Progress::Step { epoch, step: step + 1, steps, loss, rate });
            if let Some(path) = job.checkpoint
                && (saved.elapsed() >= job.every || !go_on)
            {
                state.begun.seconds += clock.elapsed().as_secs_f64();
                clock = Instant::now();
                state.save(path, &specs, config, &data)?;
                saved = Instant::now();
            }
            if !go_on {
                finished = false;
                break 'epochs;
            }
        }
        let Begun { losses: sum, seconds, .. } = std::mem::take(&mut state.begun);
        let running = (!counted.is_empty()).then_some(&state.running);
        let score = threads::with(training.share(1), || {
            let model = evaluate::freeze::<A::InnerBackend>(&arch, &state.average, running, clips, standard, &device)?;
            evaluate::score::<A::InnerBackend>(&model, job.validation, aims, &device)
        })?;
        let (validation, validation_loss) = (score.accuracy, score.loss);
        let better = |r: &EpochReport| (validation, -validation_loss) > (r.validation, -r.validation_loss);
        // Without validation clips the last epoch is used.
        let best = job.validation.is_empty() || state.reports.iter().rfind(|r| r.best).is_none_or(better);
        if best {
            state.best = state.average.clone();
            state.best_running = state.running.clone();
        }
        state.reports.push(EpochReport {
            epoch,
            loss: sum.total,
            genre_loss: sum.genre,
            teacher_loss: sum.teacher,
            cosine_loss: sum.cosines,
            tag_loss: sum.tags,
            contrast_loss: sum.contrast,
            decoder_loss: arch.heads.decode.then_some(sum.decode),
            descriptor_loss: (arch.heads.describe > 0).then_some(sum.describe),
            decorrelation: sum.decorrelation,
            disagreement: sum.agreement,
            validation,
            validation_loss,
            recalls: score.recalls,
            reconstruction: score.guesses.reconstruction,
            described: score.guesses.described,
            rate: optimise::rate(config.recipe.schedule, config.rate, state.optimiser.steps, all_steps),
            best,
            seconds: seconds + clock.elapsed().as_secs_f64(),
        });
        if let Some(path) = job.checkpoint {
            state.save(path, &specs, config, &data)?;
        }
        if let Some(report) = state.reports.last()
            && !progress(Progress::Epoch(report))
        {
            finished = epoch == config.epochs;
            break;
        }
    }
    ensure!(!state.reports.is_empty(), "stopped before the first epoch was complete");
    let running = (!counted.is_empty()).then_some(&state.best_running);
    let (weights, reconstructions) = threads::with(training.share(1), || -> Result<_> {
        let model = evaluate::freeze::<A::InnerBackend>(&arch, &state.best, running, clips, standard, &device)?;
        let some = reconstruct::some::<A::InnerBackend>(&model, job.validation, aims, &device)?;
        Ok((finish::<A::InnerBackend>(job, model, &state.reports, &device)?, some))
    })?;
    Ok(Trained { weights, epochs: state.reports, reconstructions, finished })
}

/// The names of the layers that belong to no encoder, but to what it is trained for.
const HEADS: [&str; 5] = ["genre.", "tags", "teacher", "decode.", "describe"];

/// Empties the gradients of all parameters but those of heads: the optimiser leaves parameters without a gradient alone,
/// decay included.
fn hold(specs: &[Spec], gradients: &mut Parameters) {
    let held = specs.iter().zip(&mut gradients.values).filter(|(spec, _)| !is_of_head(&spec.name));
    held.for_each(|(_, values)| values.clear());
}

fn is_of_head(name: &str) -> bool {
    HEADS.iter().any(|head| name.starts_with(head))
}

/// The initial parameters and standardisation of a training. The heads on a frozen encoder are new: those that it had are for
/// other classes, even where they have the same shape.
fn begin(job: &Job, arch: &Arch) -> Result<(Parameters, Standard)> {
    let specs = filled(arch.plan().specs, job.config.recipe.init);
    let mut parameters = Parameters::random(&specs, seed([job.config.seed, 0, 0, 0]));
    let Some(start) = job.start else {
        let clips = job.training;
        let standard = Standard::of(job.config.recipe.input, &clips.strobes, clips.bands, clips.steps);
        return Ok((parameters, standard));
    };
    let (_, model) = weights::read(start)?;
    let (old, new) = (model.arch, arch);
    ensure!(
        (old.kind, old.width, old.steps, old.bands) == (new.kind, new.width, new.steps, new.bands),
        "the encoder to begin from is `{}` of width {} for {} steps, not `{}` of width {} for {}",
        old.kind.name(),
        old.width,
        old.steps,
        new.kind.name(),
        new.width,
        new.steps
    );
    ensure!(
        old.form.levels == new.form.levels,
        "the encoder to begin from sees the input `{}`, not `{}`",
        old.form.levels,
        new.form.levels
    );
    let known = model.arch.plan().specs.into_iter().zip(model.parameters.values);
    for (old, values) in known.filter(|(old, _)| !(job.config.frozen && is_of_head(&old.name))) {
        if let Some(i) = specs.iter().position(|s| s.name == old.name && s.shape == old.shape) {
            parameters.values[i] = values;
        }
    }
    Ok((parameters, model.standard))
}

/// The order in which an epoch shows the clips: random, the same in all epochs if the recipe's order is fixed, and where tracks are contrasted in pairs of one track, those
/// without a partner last.
fn order(clips: &Clips, config: &Config, epoch: usize) -> Vec<usize> {
    let epoch = if config.recipe.order == Order::Fixed { 1 } else { epoch };
    let mut rng = fastrand::Rng::with_seed(seed([config.seed, epoch as u64, 0, 0]));
    let mut order: Vec<usize> = (0..clips.len()).collect();
    rng.shuffle(&mut order);
    if !config.pairs(clips) {
        return order;
    }
    let mut alone: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    let mut pairs = Vec::with_capacity(order.len() / 2);
    for clip in order {
        match alone.remove(&clips.tracks[clip]) {
            Some(other) => pairs.push([other, clip]),
            None => drop(alone.insert(clips.tracks[clip], clip)),
        }
    }
    rng.shuffle(&mut pairs);
    let mut alone: Vec<usize> = alone.into_values().collect();
    rng.shuffle(&mut alone);
    pairs.into_iter().flatten().chain(alone).collect()
}

/// The gradients and losses of a batch, and its statistics ([`Lesson::gradients`]): means over its shards, summed in the
/// order of the shards, so that the result does not depend on the timing of threads. Shards are worked on at the same
/// time if `parallel`.
fn shards<A: AutodiffBackend + Kernels>(
    lesson: &Lesson<A>,
    parameters: &Parameters,
    batch: &[usize],
    [epoch, step]: [usize; 2],
    parallel: Option<&threads::Training>,
) -> Result<(Parameters, Losses, Parameters)>
where
    A::Device: Sync,
{
    let one = |(i, picked): (usize, &[usize])| {
        let seed = seed([lesson.config.seed, epoch as u64, step as u64, i as u64]);
        lesson.gradients(parameters, picked, &mut fastrand::Rng::with_seed(seed))
    };
    let shard = lesson.config.shard / lesson.config.views();
    let parts = batch.chunks(shard).enumerate();
    let results: Vec<Result<(Parameters, Losses, Parameters)>> = if let Some(training) = parallel {
        let share = training.share(parts.len());
        std::thread::scope(|scope| {
            let workers: Vec<_> = parts.map(|part| scope.spawn(move || threads::with(share, || one(part)))).collect();
            workers
                .into_iter()
                .map(|t| t.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread of the training panicked"))))
                .collect()
        })
    } else {
        parts.map(one).collect()
    };
    let mut sum = Parameters { values: parameters.values.iter().map(|v| vec![0.0; v.len()]).collect() };
    let mut losses = Losses::default();
    let mut statistics = Parameters { values: Vec::new() };
    for (picked, result) in batch.chunks(shard).zip(results) {
        let (gradients, part, seen) = result?;
        let weight = picked.len() as f64 / batch.len() as f64;
        losses.add(part, weight);
        for (s, g) in sum.values.iter_mut().flatten().zip(gradients.values.iter().flatten()) {
            *s += weight as f32 * g;
        }
        if statistics.values.is_empty() {
            statistics.values = seen.values.iter().map(|v| vec![0.0; v.len()]).collect();
        }
        for (s, x) in statistics.values.iter_mut().flatten().zip(seen.values.iter().flatten()) {
            *s += weight as f32 * x;
        }
    }
    Ok((sum, losses, statistics))
}

/// An encoder with a training's initial parameters.
///
/// # Errors
/// As [`fit`].
#[expect(private_bounds, reason = "a caller names a backend, not its kernels")]
pub fn untrained<B: Kernels>(job: &Job) -> Result<Vec<u8>>
where
    B::Device: Default,
{
    check(job)?;
    let arch = arch(job);
    let (begin, standard) = begin(job, &arch)?;
    let running = initial(&counted(&arch, job.config).iter().map(|c| c[0]).collect::<Vec<_>>());
    let running = (!running.values.is_empty()).then_some(&running);
    let device = B::Device::default();
    let model = evaluate::freeze::<B>(&arch, &begin, running, job.training, &standard, &device)?;
    finish::<B>(job, model, &[], &device)
}

/// The encoder's file of a frozen network, that of the best epoch: with the change of axes, the reference, and the scale of the
/// genre logits.
fn finish<B: Kernels>(job: &Job, mut model: Model, reports: &[EpochReport], device: &B::Device) -> Result<Vec<u8>> {
    let arch = model.arch;
    let some: Vec<usize> = spread(job.training.len(), MEASURED);
    let images: Vec<&[u8]> = some.iter().map(|&i| job.training.image(i)).collect();
    let latents = |model: &_| -> Result<Vec<_>> {
        Ok(only_latents(&Inference::<B>::new(model, device.clone()).encode(&images)?))
    };
    if !arch.normalises_latent() {
        let off = latents(&model)?;
        center(&mut model, &off);
    }
    let own = latents(&model)?;
    let before = job.start.map(weights::read).transpose()?;
    let mut axes = before.as_ref().map_or_else(Vec::new, |(card, _)| card.axes.clone());
    model.transform = match &before {
        // The axes were fitted in the first training. Tuning keeps them as closely as a linear map can, or a rotation
        // where lengths are meaningful.
        Some((_, before)) if arch.normalises_latent() => rotation::onto(&own, &latents(before)?),
        Some((_, before)) => rotation::nearest(&own, &latents(before)?),
        None if arch.normalises_latent() => rotation::fit(&own),
        None => {
            let logits: Vec<&[f32]> = some.iter().map(|&i| job.training.said(i, arch.tags)).collect();
            let (turn, named) = naming::fit(&own, &logits, job.tags);
            axes = named;
            turn
        }
    };
    let heard = latents(&model)?;
    let reference = match arch.normalises_latent() {
        true => rotation::reference(&heard),
        false => rotation::reference(&tracks(&heard, some.iter().map(|&i| job.training.tracks.get(i).copied()))),
    };
    if !reports.is_empty() && !job.validation.is_empty() && arch.genres > 0 {
        let said = Inference::<B>::new(&model, device.clone()).latents(&job.validation.strobes)?;
        calibrate(&mut model, &said, &job.validation.genres);
    }
    let best = reports.iter().rfind(|r| r.best);
    let facts = Facts {
        data: job.data.to_owned(),
        validation: best.filter(|_| !job.validation.is_empty()).map(|r| r.validation),
        test: None,
        seed: job.config.seed,
        epochs: reports.len(),
    };
    let words = Words { genres: job.genres.to_vec(), tags: job.tags[..arch.tags].to_vec(), axes };
    weights::write(&model, &words, &reference, &facts)
}

/// Maximum number of training images for measuring the axes and the reference.
const MEASURED: usize = 20_000;

/// Each track's latent: the mean over its clips, scaled to length 1. A clip without a track counts as a track.
pub(crate) fn tracks(latents: &[[f32; DIMS]], of: impl Iterator<Item = Option<u32>>) -> Vec<[f32; DIMS]> {
    let mut sums: std::collections::BTreeMap<u32, [f32; DIMS]> = std::collections::BTreeMap::new();
    let mut all = Vec::new();
    for (latent, track) in latents.iter().zip(of) {
        match track {
            Some(track) => sums.entry(track).or_default().iter_mut().zip(latent).for_each(|(s, x)| *s += x),
            None => all.push(*latent),
        }
    }
    all.extend(sums.into_values());
    for latent in &mut all {
        let length = latent.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-9);
        latent.iter_mut().for_each(|x| *x /= length);
    }
    all
}

/// Sets the subtracted mean to that of these latents, which are in the network's own basis.
fn center(model: &mut Model, latents: &[[f32; DIMS]]) {
    let n = latents.len().max(1) as f64;
    let Some(moment) = model.moments.last_mut() else { return };
    for (d, mean) in moment.mean.iter_mut().enumerate() {
        *mean += (latents.iter().map(|l| f64::from(l[d])).sum::<f64>() / n) as f32;
    }
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
