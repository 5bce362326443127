//! The training loop: labelled strobe images in, an encoder's file out.
//!
//! The loss is the cross-entropy of genres with label smoothing, plus the distance to a teacher's vectors where there
//! are any (distillation keeps the 32 numbers rich: genres alone would leave seven directions), plus a penalty on
//! correlated dimensions. AdamW, one-cycle rate, an exponential moving average of the parameters is what is kept;
//! the epoch is chosen on the validation clips. Reproducible: a seed gives the same file on the same machine.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use burn::backend::{Autodiff, Flex};
use burn::tensor::backend::AutodiffBackend;
use serde::{Deserialize, Serialize};

use crate::Augment;
use crate::checkpoint::State;
use crate::device::{Chosen, Device, choose};
use crate::encode::{Inference, only_latents};
use crate::evaluate;
use crate::network::Arch;
use crate::optimise::{self, AdamW};
use crate::parameters::Parameters;
use crate::rotation;
use crate::step::{Lesson, Losses};
use crate::strobe::{BYTES, Standard};
use crate::weights::{self, Facts};

/// Labelled clips in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clips {
    /// Packed images of 8192 bytes, one after another.
    pub strobes: Vec<u8>,
    /// The genre of every clip, an index into the data set's names.
    pub genres: Vec<u16>,
    /// A teacher's vector for every clip, one after another, of mean 0 and variance 1 a component; or none at all.
    pub teacher: Vec<f32>,
}

impl Clips {
    /// How many clips there are.
    pub fn len(&self) -> usize {
        self.genres.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.genres.is_empty()
    }
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Channels of the network's first stage; cost and size grow with its square.
    pub width: usize,
    /// Times that every clip is seen.
    pub epochs: usize,
    /// Clips a step.
    pub batch: usize,
    /// Clips that are normalised together, and the unit of parallel work; a divisor of `batch`.
    pub shard: usize,
    /// The highest learning rate.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
    /// Begin and course of everything random.
    pub seed: u64,
    /// Label smoothing, 0 to 1.
    pub smoothing: f32,
    /// Weight of the distance to the teacher.
    pub distil: f32,
    /// Weight of the penalty on correlated dimensions.
    pub decorrelate: f32,
    /// Share of pooled features that are dropped.
    pub dropout: f32,
    /// Decay of the moving average, a step.
    pub average: f64,
    /// What is done to the images.
    pub augment: Augment,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            width: 16,
            epochs: 40,
            batch: 64,
            shard: 32,
            rate: 3e-3,
            decay: 0.05,
            seed: 1,
            smoothing: 0.1,
            distil: 1.0,
            decorrelate: 1.0,
            dropout: 0.2,
            average: 0.995,
            augment: Augment::default(),
        }
    }
}

/// What one epoch came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: usize,
    /// The mean loss while training.
    pub loss: f64,
    /// Its part from genres.
    pub genre_loss: f64,
    /// Its part from the teacher, before weighting.
    pub teacher_loss: f64,
    /// Its part from correlated dimensions, before weighting.
    pub decorrelation: f64,
    /// Share of validation clips whose genre is right, of the averaged network.
    pub validation: f64,
    /// Cross-entropy on the validation clips, of the averaged network.
    pub validation_loss: f64,
    /// Whether this is the best epoch so far.
    pub best: bool,
    /// How long it took.
    pub seconds: f64,
}

/// What is told while training.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A step is done.
    Step {
        /// Epoch, counted from 1.
        epoch: usize,
        /// Step in the epoch, counted from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// The step's loss.
        loss: f64,
    },
    /// An epoch is done and, where there is one, the checkpoint is written.
    Epoch(&'a EpochReport),
}

/// What to train on, and where.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The names of the genres.
    pub genres: &'a [String],
    /// The clips to learn from.
    pub training: &'a Clips,
    /// The clips to choose the epoch by.
    pub validation: &'a Clips,
    /// How.
    pub config: &'a Config,
    /// Where.
    pub device: Device,
    /// The file of an encoder to begin from; its genre head is kept when it has as many genres.
    pub start: Option<&'a [u8]>,
    /// Where the state is written after every epoch.
    pub checkpoint: Option<&'a Path>,
    /// Whether to take up the state that is there.
    pub resume: bool,
    /// What to write into the encoder's file about its data.
    pub data: &'a str,
}

/// The result of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The encoder's file, of the best epoch.
    pub weights: Vec<u8>,
    /// All epochs.
    pub epochs: Vec<EpochReport>,
    /// False when `progress` stopped it.
    pub finished: bool,
}

/// Trains. `progress` returns false to stop: the best epoch so far is the result.
///
/// # Errors
/// When the clips do not fit together, the checkpoint or the start cannot be used or written, the device fails, or the
/// training diverges, or is stopped before its first epoch is complete.
pub fn train(job: &Job, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Trained> {
    check(job)?;
    match choose(job.device)? {
        Chosen::Cpu => fit::<Autodiff<Flex>>(job, true, progress),
        #[cfg(feature = "cuda")]
        Chosen::Cuda(_) => fit::<Autodiff<burn::backend::Cuda>>(job, false, progress),
    }
}

/// An encoder with the parameters that a training would begin with, and everything else as after a training: the
/// baseline that learning has to beat.
///
/// # Errors
/// As [`train`].
pub fn untrained(job: &Job) -> Result<Vec<u8>> {
    check(job)?;
    type Backend = Autodiff<Flex>;
    let arch = arch(job);
    let (begin, standard) = begin(job, &arch)?;
    finish::<Backend>(job, &arch, &begin, &[], &standard, &Default::default())
}

fn arch(job: &Job) -> Arch {
    let teacher = job.training.teacher.len() / job.training.len();
    Arch { width: job.config.width, genres: job.genres.len(), teacher }
}

fn check(job: &Job) -> Result<()> {
    ensure!((1..=4096).contains(&job.genres.len()), "there are {} genres to learn", job.genres.len());
    let c = job.config;
    ensure!((1..=256).contains(&c.width), "a width of {} is out of range", c.width);
    ensure!(c.epochs > 0 && c.shard > 1 && c.batch >= c.shard, "epochs, batch or shard are too small");
    ensure!((0.0..1.0).contains(&c.dropout) && (0.0..1.0).contains(&c.smoothing), "a share must lie in 0 to 1");
    ensure!(job.training.len() >= 2, "there are {} clips to train on, which is too few", job.training.len());
    let wide = job.training.teacher.len() / job.training.len();
    for (name, clips) in [("training", job.training), ("validation", job.validation)] {
        let n = clips.len();
        ensure!(clips.strobes.len() == n * BYTES, "{name}: {} bytes of images for {n} clips", clips.strobes.len());
        ensure!(clips.genres.iter().all(|g| usize::from(*g) < job.genres.len()), "{name}: a genre without a name");
        ensure!(clips.teacher.iter().all(|t| t.is_finite()), "{name}: a teacher's number is not finite");
    }
    ensure!(job.training.teacher.len() == wide * job.training.len(), "training: the teacher's vectors do not fit");
    Ok(())
}

/// What a clip's random numbers come from: never from how far another thread got.
fn seed(parts: [u64; 4]) -> u64 {
    let bytes: Vec<u8> = parts.iter().flat_map(|p| p.to_le_bytes()).collect();
    let hash = blake3::hash(&bytes);
    hash.as_bytes()[..8].iter().fold(0, |a, b| (a << 8) | u64::from(*b))
}

fn fit<A: AutodiffBackend>(job: &Job, parallel: bool, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Trained>
where
    A::Device: Default + Sync,
{
    let (config, clips, device) = (job.config, job.training, A::Device::default());
    let arch = arch(job);
    let specs = arch.specs();
    let (begin, standard) = begin(job, &arch)?;
    let data = blake3::Hasher::new().update(&clips.strobes).update(bytemuck::cast_slice(&clips.genres)).finalize();
    let data = data.to_hex().to_string();
    let mut state = match job.checkpoint {
        Some(path) if job.resume && path.exists() => State::load(path, &specs, config, &data)?,
        _ => State {
            optimiser: AdamW::new(&specs),
            average: begin.clone(),
            best: begin.clone(),
            parameters: begin,
            reports: Vec::new(),
        },
    };
    let lesson = Lesson::<A> { arch, clips, config, standard: &standard, device: &device };
    // Shards of one size, so that statistics are equally good; a set smaller than one shard is one.
    let used = if clips.len() < config.shard { clips.len() } else { clips.len() / config.shard * config.shard };
    let steps = used.div_ceil(config.batch);
    let all_steps = (steps * config.epochs) as u64;
    let mut finished = true;
    'epochs: for epoch in state.reports.len() + 1..=config.epochs {
        let clock = Instant::now();
        let mut order: Vec<usize> = (0..clips.len()).collect();
        fastrand::Rng::with_seed(seed([config.seed, epoch as u64, 0, 0])).shuffle(&mut order);
        let mut sum = Losses::default();
        for (step, batch) in order[..used].chunks(config.batch).enumerate() {
            let (gradients, losses) = shards(&lesson, &state.parameters, batch, [epoch, step + 1], parallel)?;
            ensure!(losses.total.is_finite(), "the training has diverged: the loss is not finite; lower the rate");
            let rate = optimise::rate(config.rate, state.optimiser.steps, all_steps);
            state.optimiser.step(&specs, &mut state.parameters, &gradients, rate, config.decay);
            optimise::average(&mut state.average, &state.parameters, config.average, state.optimiser.steps);
            sum.add(losses, batch.len() as f64 / used as f64);
            let loss = losses.total;
            if !progress(Progress::Step { epoch, step: step + 1, steps, loss }) {
                finished = false;
                break 'epochs;
            }
        }
        let model = evaluate::freeze::<A::InnerBackend>(&arch, &state.average, clips, &standard, &device)?;
        let (validation, validation_loss) = evaluate::accuracy::<A::InnerBackend>(&model, job.validation, &device)?;
        let better = |r: &EpochReport| (validation, -validation_loss) > (r.validation, -r.validation_loss);
        // Without validation clips nothing chooses: the last epoch is the one.
        let best = job.validation.is_empty() || state.reports.iter().rfind(|r| r.best).is_none_or(better);
        if best {
            state.best = state.average.clone();
        }
        state.reports.push(EpochReport {
            epoch,
            loss: sum.total,
            genre_loss: sum.genre,
            teacher_loss: sum.teacher,
            decorrelation: sum.decorrelation,
            validation,
            validation_loss,
            best,
            seconds: clock.elapsed().as_secs_f64(),
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
    let weights = finish::<A>(job, &arch, &state.best, &state.reports, &standard, &device)?;
    Ok(Trained { weights, epochs: state.reports, finished })
}

/// The parameters and the standardisation that a training begins with.
fn begin(job: &Job, arch: &Arch) -> Result<(Parameters, Standard)> {
    let specs = arch.specs();
    let mut parameters = Parameters::random(&specs, seed([job.config.seed, 0, 0, 0]));
    let Some(start) = job.start else { return Ok((parameters, Standard::measure(&job.training.strobes))) };
    let (_, model) = weights::read(start)?;
    ensure!(
        model.arch.width == arch.width,
        "the encoder to begin from has width {}, not {}",
        model.arch.width,
        arch.width
    );
    for (old, values) in model.arch.specs().iter().zip(model.parameters.values) {
        if let Some(i) = specs.iter().position(|s| s.name == old.name && s.shape == old.shape) {
            parameters.values[i] = values;
        }
    }
    Ok((parameters, model.standard))
}

/// A batch's gradients and losses: means over its shards. The sum runs in the order of the shards, so that the result
/// does not depend on which thread was first.
fn shards<A: AutodiffBackend>(
    lesson: &Lesson<A>,
    parameters: &Parameters,
    batch: &[usize],
    [epoch, step]: [usize; 2],
    parallel: bool,
) -> Result<(Parameters, Losses)>
where
    A::Device: Sync,
{
    let one = |(i, picked): (usize, &[usize])| {
        let seed = seed([lesson.config.seed, epoch as u64, step as u64, i as u64]);
        lesson.gradients(parameters, picked, &mut fastrand::Rng::with_seed(seed))
    };
    let parts = batch.chunks(lesson.config.shard).enumerate();
    let results: Vec<Result<(Parameters, Losses)>> = if parallel {
        std::thread::scope(|scope| {
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || one(part))).collect();
            threads
                .into_iter()
                .map(|t| t.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread of the training panicked"))))
                .collect()
        })
    } else {
        parts.map(one).collect()
    };
    let mut sum = Parameters { values: parameters.values.iter().map(|v| vec![0.0; v.len()]).collect() };
    let mut losses = Losses::default();
    for (picked, result) in batch.chunks(lesson.config.shard).zip(results) {
        let (gradients, part) = result?;
        let weight = picked.len() as f64 / batch.len() as f64;
        losses.add(part, weight);
        for (s, g) in sum.values.iter_mut().flatten().zip(gradients.values.iter().flatten()) {
            *s += weight as f32 * g;
        }
    }
    Ok((sum, losses))
}

/// The best epoch's file: frozen statistics, the change of axes, the reference.
fn finish<A: AutodiffBackend>(
    job: &Job,
    arch: &Arch,
    parameters: &Parameters,
    reports: &[EpochReport],
    standard: &Standard,
    device: &A::Device,
) -> Result<Vec<u8>> {
    let mut model = evaluate::freeze::<A::InnerBackend>(arch, parameters, job.training, standard, device)?;
    let latents = |model: &_| -> Result<Vec<_>> {
        let inference = Inference::<A::InnerBackend>::new(model, device.clone());
        Ok(only_latents(&inference.latents(&job.training.strobes)?))
    };
    let own = latents(&model)?;
    model.transform = rotation::fit(&own);
    let reference = rotation::reference(&latents(&model)?);
    let best = reports.iter().rfind(|r| r.best);
    let facts = Facts {
        data: job.data.to_owned(),
        validation: best.filter(|_| !job.validation.is_empty()).map(|r| r.validation),
        test: None,
        seed: job.config.seed,
        epochs: reports.len(),
    };
    weights::write(&model, job.genres, &reference, &facts)
}
