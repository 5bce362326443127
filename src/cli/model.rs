//! `jukebox model`: lists, compares and tests the available encoders, and chooses the one in use.

mod import;
mod layers;
mod text;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Error, Result, anyhow, bail};
use clap::{Args, Subcommand};
use jukebox_encoder::{Card, Encoder};
use serde_json::json;

use super::data::{self, Purpose};
use super::{child, print};
use crate::analysis::model::{OLDER, SHIPPED};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::files;
use crate::paths::Paths;
use crate::training::contrast::contrast;
use crate::training::exam::{Exam, Said, examine};
use crate::training::heard::{Heard, hear};
use crate::training::models::{Entry, Models};
use crate::training::{Damage, DataSet, Device, Part};

/// `jukebox model`
#[derive(Debug, Args)]
#[command(
    after_help = "MODEL is a name from `jukebox model list`, the first digits of a hash, `shipped`, `previous`, or a file."
)]
pub struct ModelArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: ModelVerb,
}

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub enum ModelVerb {
    /// List every model with its size, cost and accuracy, and the architectures that can be trained
    List(ListArgs),
    /// Show a model's card
    Show {
        /// The model [default: the one in use]
        model: Option<String>,
        /// Show the layers of this architecture instead: shapes, parameters and cost
        #[arg(long, value_name = "NAME", conflicts_with = "model")]
        layers: Option<String>,
    },
    /// Use this model from now on; the library is analysed again from the cache
    Use {
        /// The model; `shipped` and `previous` always work
        model: String,
    },
    /// Make an encoder of a public music tagger that you downloaded
    Import(import::ImportArgs),
    /// Compare two models on the same tracks
    Compare(CompareArgs),
    /// Test a model on labelled tracks
    Test(TestArgs),
}

/// `jukebox model list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Measure how long a clip takes on this processor
    #[arg(long)]
    pub time: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// On which tracks to measure.
#[derive(Debug, Args)]
pub struct On {
    /// `library`, or `tree:DIR`, `fma:DIR`, `strobe:DIR` as for `jukebox train`
    #[arg(long, value_name = "KIND:DIR", default_value = "library")]
    pub data: String,
    /// Part of the data: training, validation, test or all [default: test, or all where there is none]
    #[arg(long, value_name = "NAME", value_parser = ["training", "validation", "test", "all"])]
    pub split: Option<String>,
    /// Where to run: auto, cpu or cuda
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "cuda"])]
    pub device: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `jukebox model compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The first model
    pub first: String,
    /// The second model
    pub second: String,
    /// On which tracks.
    #[command(flatten)]
    pub on: On,
}

/// `jukebox model test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The model [default: the one in use]
    pub model: Option<String>,
    /// On which tracks.
    #[command(flatten)]
    pub on: On,
}

/// Runs the subcommand.
///
/// # Errors
/// A message for the user, for instance when a model is missing or damaged, or the data cannot be
/// read.
pub fn run(args: ModelArgs, config: &Config, paths: &Paths) -> Result<()> {
    let models = Models::new(&paths.models(), SHIPPED).with_older(OLDER).with_images(paths);
    match args.verb {
        ModelVerb::List(args) => list(&models, &args),
        ModelVerb::Show { layers: Some(name), .. } => {
            layers::lines(&name)?.iter().for_each(|l| print::line(l));
            Ok(())
        }
        ModelVerb::Show { model, .. } => show(&models, model.as_deref()),
        ModelVerb::Use { model } => choose(&models, &model),
        ModelVerb::Import(args) => import::import(&models, &args),
        ModelVerb::Compare(args) => compare(&models, &args, config, paths),
        ModelVerb::Test(args) => test(&models, &args, config, paths),
    }
}

fn list(models: &Models, args: &ListArgs) -> Result<()> {
    let mut rows = Vec::new();
    for entry in models.list()? {
        let time = if args.time && entry.card.is_ok() { Some(milliseconds(&models.read(&entry)?)?) } else { None };
        rows.push((entry, time));
    }
    if args.json {
        return print::json(&rows.iter().map(|(entry, time)| row(entry, *time)).collect::<Vec<_>>());
    }
    text::list(&rows, args.time).iter().for_each(|l| print::line(l));
    Ok(())
}

fn row(entry: &Entry, time: Option<f64>) -> serde_json::Value {
    let own = json!({ "name": entry.name, "in_use": entry.in_use, "bytes": entry.size, "file": entry.path });
    let more = match &entry.card {
        Ok(card) => json!({
            "arch": card.arch.name(), "hash": card.hash, "parameters": card.parameters, "macs": card.macs,
            "bands": card.bands, "steps": card.steps, "genres": card.genres, "data": card.facts.data, "seed": card.facts.seed,
            "epochs": card.facts.epochs, "validation": card.facts.validation, "test": card.facts.test,
            "ms_a_clip": time,
        }),
        Err(why) => json!({ "damaged": why.to_string() }),
    };
    let mut all = own.as_object().cloned().unwrap_or_default();
    all.extend(more.as_object().cloned().unwrap_or_default());
    all.into()
}

/// Milliseconds per clip on the CPU: the best of three runs of 32 clips, after a warm-up.
fn milliseconds(weights: &[u8]) -> Result<f64> {
    const CLIPS: usize = 32;
    let words = |e: Error| anyhow!("{e:#}");
    let encoder = Encoder::load(weights, Device::Cpu).map_err(words)?;
    let mut random = fastrand::Rng::with_seed(1);
    let image: Vec<u8> = (0..encoder.card().bands * encoder.card().steps / 2).map(|_| random.u8(..)).collect();
    let images = [&image[..]; CLIPS];
    encoder.encode(&images[..1]).map_err(words)?;
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let begun = Instant::now();
        encoder.encode(&images).map_err(words)?;
        best = best.min(begun.elapsed().as_secs_f64());
    }
    Ok(1000.0 * best / CLIPS as f64)
}

fn show(models: &Models, wanted: Option<&str>) -> Result<()> {
    let entry = match wanted {
        Some(file) if is_file(file) => {
            let card =
                Card::read(&read(file)?).map_err(|e| Damage::NoModel { name: file.into(), why: format!("{e:#}") });
            let size = std::fs::metadata(file).map_or(0, |m| m.len());
            Entry::of_file(file.into(), PathBuf::from(file), size, card)
        }
        Some(name) => models.find(name)?,
        None => in_use(models)?,
    };
    let card = entry.card.as_ref().map_err(|why| anyhow!("{why}"))?;
    text::card(&entry, card).iter().for_each(|l| print::line(l));
    Ok(())
}

fn choose(models: &Models, wanted: &str) -> Result<()> {
    let unix = SystemClock::new().unix();
    // A model file, such as one in a run's directory, is first added to the models under its own
    // name, if it works.
    let wanted = match is_file(wanted) {
        true => {
            let weights = read(wanted)?;
            models.try_out(&weights).map_err(|why| anyhow!("{wanted} cannot be used: {why}; use or train another"))?;
            models.add(&weights, None, unix)?
        }
        false => wanted.to_owned(),
    };
    let (name, before) = models.use_model(&wanted, unix)?;
    if name == before {
        print::line(&format!("{name} is already in use"));
        return Ok(());
    }
    print::line(&format!("{name} is now in use; `jukebox model use {before}` goes back"));
    print::note(
        "a running player analyses your library again, from its cache as far as that has what this encoder hears, and then switches",
    );
    Ok(())
}

fn in_use(models: &Models) -> Result<Entry> {
    let found = models.list()?.into_iter().find(|e| e.in_use);
    found.ok_or_else(|| anyhow!("no model is in use"))
}

fn is_file(word: &str) -> bool {
    (word.contains('/') || word.ends_with(".safetensors")) && Path::new(word).exists()
}

fn read(file: &str) -> Result<Vec<u8>> {
    files::read(Path::new(file), files::MODEL).map_err(|e| anyhow!("cannot read {file}: {e}"))
}

/// Loads an encoder by model name or file; returns it with its name.
fn load(models: &Models, wanted: Option<&str>, on: &On) -> Result<(String, Encoder)> {
    let (name, weights) = match wanted {
        Some(file) if is_file(file) => (file.to_owned(), read(file)?),
        other => {
            let entry = other.map_or_else(|| in_use(models), |name| Ok(models.find(name)?))?;
            let weights = models.read(&entry)?;
            (entry.name, weights)
        }
    };
    let encoder = Encoder::load(&weights, child::device(&on.device)?).map_err(|e| anyhow!("{name}: {e:#}"))?;
    Ok((name, encoder))
}

/// The tracks to measure on, as images of the kind that the encoder takes.
fn tracks(on: &On, card: &Card, config: &Config, paths: &Paths) -> Result<DataSet> {
    let image = card.input().ok_or_else(|| {
        anyhow!("this model needs images of {} bands and {} steps, and there are none", card.bands, card.steps)
    })?;
    let directory = paths.cache.join("measured");
    data::forget_snapshot(&on.data, &directory)?;
    std::fs::create_dir_all(&directory).map_err(|e| anyhow!("{}: cannot be created: {e}", directory.display()))?;
    let data = data::read(&on.data, image, Purpose::Measure, &directory, config, paths)?;
    data.notes.iter().for_each(|n| print::note(n));
    Ok(data)
}

/// The parts of the data to measure on, and their label.
fn parts(on: &On, data: &DataSet) -> (Vec<Part>, &'static str) {
    match on.split.as_deref() {
        Some("all") => (Part::ALL.to_vec(), "all"),
        Some(name) => Part::named(name).map_or((Vec::new(), ""), |p| (vec![p], p.name())),
        None if data.split.of(Part::Test).next().is_some() => (vec![Part::Test], Part::Test.name()),
        None => (Part::ALL.to_vec(), "all"),
    }
}

fn measure(name: &str, encoder: &Encoder, data: &DataSet, parts: &[Part]) -> Result<(Heard, Exam, Said)> {
    let heard = hear(encoder, data, parts).map_err(|e| anyhow!("{name}: {e}"))?;
    let (exam, said) = examine(encoder.card(), &heard, data)?;
    Ok((heard, exam, said))
}

fn test(models: &Models, args: &TestArgs, config: &Config, paths: &Paths) -> Result<()> {
    let (name, encoder) = load(models, args.model.as_deref(), &args.on)?;
    let data = tracks(&args.on, encoder.card(), config, paths)?;
    let (parts, split) = parts(&args.on, &data);
    let (_, exam, _) = measure(&name, &encoder, &data, &parts)?;
    if args.on.json {
        let mut all = json!({
            "model": name, "hash": encoder.card().hash, "arch": encoder.card().arch.name(), "data": args.on.data,
            "split": split, "device": encoder.device(),
        });
        let measured = serde_json::to_value(&exam).map_err(|e| anyhow!("cannot be written as JSON: {e}"))?;
        if let (Some(all), Some(measured)) = (all.as_object_mut(), measured.as_object()) {
            all.extend(measured.clone());
        }
        return print::json(&all);
    }
    print::line(&format!("{name} on {}, split {split}", args.on.data));
    text::exam(&exam).iter().for_each(|l| print::line(l));
    Ok(())
}

fn compare(models: &Models, args: &CompareArgs, config: &Config, paths: &Paths) -> Result<()> {
    let on = &args.on;
    let (first, a) = load(models, Some(&args.first), on)?;
    let (second, b) = load(models, Some(&args.second), on)?;
    let data = tracks(on, a.card(), config, paths)?;
    let other = if a.card().input() == b.card().input() { None } else { Some(tracks(on, b.card(), config, paths)?) };
    let (parts, split) = parts(on, &data);
    let (heard_a, exam_a, said_a) = measure(&first, &a, &data, &parts)?;
    let (heard_b, exam_b, said_b) = measure(&second, &b, other.as_ref().unwrap_or(&data), &parts)?;
    if other.as_ref().is_some_and(|o| o.tracks != data.tracks) {
        bail!("the two models cannot be compared on the same tracks: some files could be read for only one of them");
    }
    let found = contrast(&data, [&heard_a, &heard_b], [&said_a, &said_b])?;
    if on.json {
        return print::json(&json!({
            "data": on.data, "split": split, "first": { "model": first, "exam": exam_a },
            "second": { "model": second, "exam": exam_b }, "contrast": found,
        }));
    }
    print::line(&format!("{first} and {second} on {}, split {split}", on.data));
    text::contrast([&first, &second], [&exam_a, &exam_b], &found).iter().for_each(|l| print::line(l));
    Ok(())
}
