//! `jukebox lab`: the experiments of docs/paper.md. They resume, never publish, and keep their runs in the data directory.

mod figure;
mod report;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use jukebox_encoder::{Architecture, Input};

use super::data::{self, Purpose};
use super::train::{place, signals};
use super::{child, print};
use crate::analysis::model;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::paths::Paths;
use crate::training::lab::arm::{Arm, Experiment};
use crate::training::lab::only::chosen;
use crate::training::lab::record::{Record, Setting, all};
use crate::training::lab::schedule::{Schedule, settings};
use crate::training::lab::work::{Plan, Told, run as work};
use crate::training::lab::{Asked, Stock, Take, page};
use crate::training::limit::{self, span};
use crate::training::{DataSet, Device, Lock};

/// Width of the networks on images averaged to 64 × 64.
const NARROW: usize = 32;

/// `jukebox lab`
#[derive(Debug, Args)]
#[command(after_help = "Every run can be stopped; the same command takes it up again. docs/paper.md has the results.")]
pub struct LabArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: LabVerb,
}

/// What the lab does.
#[derive(Debug, Subcommand)]
pub enum LabVerb {
    /// Draw the mel spectrograms of two tracks of different genres (the paper's Figure 1)
    Fig1(figure::Fig1Args),
    /// Train the authors' recipe, and with batch normalisation, with dropout and in one dimension (Figure 3)
    Fig3(RunArgs),
    /// Train every architecture with and without augmentation, and measure each on the test clips at its end (Table 4)
    Table4(RunArgs),
    /// Train a small network with a decoder, with descriptors, with shifted pitch and with overlapping windows (§6)
    Outlook(RunArgs),
    /// Train a new head on the shipped encoder, fine-tune all of it, and train the same network from scratch (Table 4)
    Transfer(RunArgs),
    /// Train sixteen arms: powers or decibels × sigmoid or logits × normalisation or none × fixed or new order
    Ablation(RunArgs),
    /// Write the tables and figures of all saved runs into docs/paper.md
    Report(report::ReportArgs),
    /// List all saved runs
    List,
}

/// `jukebox lab fig3`, `jukebox lab table4`, `jukebox lab outlook`, `jukebox lab transfer`, `jukebox lab ablation`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Data to train on: `strobe:DIR`, `tree:DIR` or `fma:DIR` as for `jukebox train`; `tree:DIR` for outlook, `tree:DIR` or
    /// `fma:DIR` for transfer
    #[arg(long, value_name = "KIND:DIR")]
    pub data: String,
    /// Use images of full size instead of averaging them to 64 × 64; Table 4, outlook and transfer always do
    #[arg(long)]
    pub full: bool,
    /// Width of the paper's networks; others have one of their own [default: 32; 512, the paper's, with --full and in Table 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub width: Option<u16>,
    /// Number of seeds of every arm [default: 1; three of baseline, bn and dropout in Figure 3; 2 in outlook and transfer]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub seeds: Option<u16>,
    /// Passes over the clips [default: 12; 40 in outlook, 20 in transfer]; arms of 100 epochs always have 100, and are refused
    /// beside any number but the default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub epochs: Option<u16>,
    /// Learning rate of all arms, of which those that fine-tune an encoder take a tenth; without it ablation and Table 4 choose
    /// one by pilots, Figure 3 takes the authors', and outlook and transfer take 0.003
    #[arg(long, value_name = "RATE")]
    pub rate: Option<f64>,
    /// Only this arm: its name, a part of it, or, of the ablation, `corners` or `authors` (repeatable). Arms of 100 epochs are
    /// run only where their whole name is given
    #[arg(long, value_name = "ARM", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Stop after this time: 20m, 2h
    #[arg(long = "for", value_name = "TIME", value_parser = limit::parse_for)]
    pub length: Option<Duration>,
    /// Runs at the same time [default: the number of cores; 1 on a GPU, with --full, in Table 4 and in transfer]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Where to train: auto, cpu or cuda
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "cuda"])]
    pub device: String,
    /// List the runs and what is done of them, of any music that was given before, and train nothing
    #[arg(long)]
    pub list: bool,
}

/// Runs the subcommand; runs are kept with the version of the program, which should name its commit.
///
/// # Errors
/// When the data cannot be read or is not suitable, another training is running, or a file cannot be written.
pub fn run(args: LabArgs, version: String, config: &Config, paths: &Paths) -> Result<()> {
    match args.verb {
        LabVerb::Fig1(args) => figure::run(&args, config, paths),
        LabVerb::Fig3(args) => experiment(Experiment::Fig3, &args, version, config, paths),
        LabVerb::Table4(args) => experiment(Experiment::Table4, &args, version, config, paths),
        LabVerb::Outlook(args) => experiment(Experiment::Outlook, &args, version, config, paths),
        LabVerb::Transfer(args) => experiment(Experiment::Transfer, &args, version, config, paths),
        LabVerb::Ablation(args) => experiment(Experiment::Ablation, &args, version, config, paths),
        LabVerb::Report(args) => report::run(&args, paths),
        LabVerb::List => report::list(paths),
    }
}

/// The clips that the options ask for.
fn stock(experiment: Experiment, arms: &[Arm], args: &RunArgs, paths: &Paths, config: &Config) -> Result<Stock> {
    let data = &args.data;
    if experiment.goes_beyond() {
        let set = beyond(experiment, arms, data, paths, config)?;
        check(&set, data)?;
        return Ok(Stock::of(set, experiment, arms, args.full)?);
    }
    let strobe = experiment == Experiment::Table4 || data.starts_with("strobe:");
    let image = if strobe { Input::Strobe } else { Input::Power };
    if data == "library" || data.starts_with("distil:") || data.starts_with("taught:") {
        bail!("--data {data}: the lab needs genres and powers; use strobe:DIR, tree:DIR or fma:DIR");
    }
    let set = data::read(data, image, Purpose::Measure, &paths.lab(), config, paths)?;
    check(&set, data)?;
    Ok(Stock::of(set, experiment, arms, args.full)?)
}

/// The data of an experiment that goes beyond the paper. Other pitches are drawn, and descriptors measured, only if an arm
/// takes them.
fn beyond(experiment: Experiment, arms: &[Arm], data: &str, paths: &Paths, config: &Config) -> Result<DataSet> {
    if experiment == Experiment::Outlook {
        let pitched = arms.iter().any(|arm| arm.take == Take::Pitched);
        let describe = arms.iter().any(|arm| arm.config.describe > 0.0);
        return data::read_views(data, (pitched, describe), config, paths);
    }
    if !(data.starts_with("tree:") || data.starts_with("fma:")) {
        bail!("--data {data}: transfer needs genres and patches, made from audio; use tree:DIR or fma:DIR");
    }
    data::read(data, Input::Patch, Purpose::Measure, &paths.lab(), config, paths)
}

fn check(set: &DataSet, data: &str) -> Result<()> {
    if set.genres.len() < 2 {
        bail!("--data {data}: it has fewer than two genres: use music of at least two");
    }
    Ok(())
}

/// The encoder that arms begin from: in transfer the one that ships, in the outlook the `strobe` that shipped before.
fn start(experiment: Experiment) -> Option<&'static [u8]> {
    match experiment {
        Experiment::Transfer => Some(model::SHIPPED),
        Experiment::Outlook => model::OLDER.iter().find(|(name, _)| *name == "strobe").map(|(_, bytes)| *bytes),
        Experiment::Fig3 | Experiment::Ablation | Experiment::Table4 => None,
    }
}

/// The command that repeats an experiment, without where its data is.
fn command(experiment: Experiment, args: &RunArgs, width: usize) -> String {
    let kind = args.data.split(':').next().unwrap_or_default();
    let mut line = format!("jukebox lab {} --data {kind}:DIR", experiment.name());
    if !experiment.goes_beyond() {
        line += &format!(" --width {width}");
    }
    line += &format!(" --epochs {}", epochs(experiment, args));
    if args.full {
        line += " --full";
    }
    if let Some(seeds) = args.seeds {
        line += &format!(" --seeds {seeds}");
    }
    if let Some(rate) = args.rate {
        line += &format!(" --rate {rate:e}");
    }
    line
}

fn experiment(experiment: Experiment, args: &RunArgs, version: String, config: &Config, paths: &Paths) -> Result<()> {
    let clock = SystemClock::new();
    let begun = clock.now();
    let arms = chosen(experiment, &args.only)?;
    suits(experiment, &arms, args)?;
    let width = width(experiment, args);
    let asked = Asked {
        width,
        epochs: epochs(experiment, args),
        rate: args.rate.or((experiment == Experiment::Fig3).then_some(1e-4)),
        command: command(experiment, args, width),
    };
    let schedule = |setting: Setting, arms: Vec<Arm>| Schedule {
        setting,
        arms,
        seeds: args.seeds.map(usize::from),
        usual: experiment.seeds(),
        root: paths.lab(),
    };
    if args.list {
        exists(&args.data)?;
        for setting in settings(&paths.lab(), experiment, &asked)? {
            show(&schedule(setting, arms.clone()))?;
        }
        return Ok(());
    }
    let device = child::device(&args.device)?;
    // Before the data is read: that may decode for hours, in threads that keep to the cores they begin with.
    let _lock = Lock::take(&paths.train_lock(), &paths.lab())?;
    let place = place::take(device, paths)?;
    let stock = stock(experiment, &arms, args, paths, config)?;
    let plan = Plan {
        schedule: schedule(stock.setting(experiment, &asked), arms),
        stock: &stock,
        device,
        jobs: jobs(experiment, args, device),
        version,
        start: start(experiment),
    };
    let (root, own) = (&plan.schedule.root, plan.schedule.setting.directory());
    print::note(&format!("{}: {}, {}", experiment.name(), stock.data, stock.images));
    print::note(&format!("with {place}, {} runs at a time; in {}", plan.jobs, root.display()));
    let stop = signals::Stop::default();
    signals::listen(stop.clone())?;
    let until = args.length.map(|length| begun + length);
    let up = || until.is_some_and(|until| clock.now() >= until);
    let said = Mutex::new(());
    let finished = work(&plan, &|told| {
        // One line at a time, from whichever run it comes.
        let _one = said.lock();
        tell(told);
        !stop.asked() && !up()
    })?;
    // The table of what there is, marked partial if something is missing.
    let records: Vec<Record> = all(root)?.into_iter().filter(|r| r.setting.directory() == own).collect();
    page::part(experiment.name(), &records).lines().for_each(print::line);
    let again = match (finished, up()) {
        (true, _) => "all runs are finished",
        (false, true) => "out of time: the same command goes on",
        (false, false) => "stopped: the same command goes on",
    };
    print::note(again);
    Ok(())
}

/// Whether the options suit the experiment and its arms.
fn suits(experiment: Experiment, arms: &[Arm], args: &RunArgs) -> Result<()> {
    if experiment == Experiment::Table4 && args.full {
        bail!("--full: Table 4 always takes strobe images as they are; leave it out");
    }
    if experiment.goes_beyond() && (args.full || args.width.is_some()) {
        let (option, name) = (if args.full { "--full" } else { "--width" }, experiment.name());
        bail!("{option}: {name} has networks and images of one size; leave it out");
    }
    if let Some(rate) = args.rate.filter(|rate| !(*rate > 0.0 && *rate <= 10.0)) {
        bail!("--rate {rate}: a rate above 0 and of at most 10 is wanted, such as 1e-4");
    }
    // The other runs of the setting would have another length, and this arm would be kept where nobody looks for it.
    let long = arms.iter().find_map(|arm| Some((&arm.name, arm.epochs?)));
    let asked = epochs(experiment, args);
    if let Some((name, own)) = long.filter(|_| asked != experiment.epochs()) {
        bail!("--epochs {asked}: {name} always has {own} epochs; leave --epochs or that arm out");
    }
    Ok(())
}

/// Passes over the clips.
fn epochs(experiment: Experiment, args: &RunArgs) -> usize {
    args.epochs.map_or(experiment.epochs(), usize::from)
}

/// The width of the paper's networks, or of the one network of an experiment.
fn width(experiment: Experiment, args: &RunArgs) -> usize {
    match experiment {
        Experiment::Outlook => return Architecture::Strobe.width(),
        Experiment::Transfer => return Architecture::Ear.width(),
        Experiment::Fig3 | Experiment::Ablation | Experiment::Table4 => {}
    }
    let usual = if whole(experiment, args) { Architecture::Paper.width() } else { NARROW };
    args.width.map_or(usual, usize::from)
}

/// Whether images are not averaged.
fn whole(experiment: Experiment, args: &RunArgs) -> bool {
    args.full || experiment == Experiment::Table4
}

/// Number of runs at a time: a run of these small networks uses one thread. One on whole images takes gigabytes: the
/// paper's first layer alone yields 537 MB for a batch of 16.
fn jobs(experiment: Experiment, args: &RunArgs, device: Device) -> usize {
    let gpu = device != Device::Cpu && jukebox_encoder::device::report().gpu.is_some();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Batches of `ear` are large enough for several threads.
    let one = gpu || whole(experiment, args) || experiment == Experiment::Transfer;
    args.jobs.map_or(if one { 1 } else { cores }, usize::from)
}

fn tell(told: &Told) {
    match told {
        Told::Begins { run, after: 0 } => print::note(&format!("{run} begins")),
        Told::Begins { run, after } => print::note(&format!("{run} goes on after epoch {after}")),
        Told::Epoch { run, point, epochs } => print::line(&format!(
            "{run}: epoch {} of {epochs}, loss {:.3}, validation {:.1} %, {}",
            point.epoch,
            point.loss,
            100.0 * point.validation,
            span(Duration::from_secs_f64(point.seconds.max(0.0)))
        )),
        Told::Rate { arm, rate } => print::note(&format!("{arm}: its pilots chose a rate of {rate:e}")),
        Told::Step => {}
    }
}

/// Whether there is such data; it is not read.
fn exists(data: &str) -> Result<()> {
    match data.split_once(':') {
        Some(("strobe" | "tree" | "fma", directory)) if Path::new(directory).is_dir() => Ok(()),
        Some(("strobe" | "tree" | "fma", directory)) => bail!("{directory}: no such directory"),
        _ => bail!("--data {data}: the lab needs genres; use strobe:DIR, tree:DIR or fma:DIR"),
    }
}

/// Prints the state of every run.
fn show(schedule: &Schedule) -> Result<()> {
    let Setting { data, images, counts: [training, validation], .. } = &schedule.setting;
    if !data.is_empty() {
        print::note(&format!("{data}: {training} to train on, {validation} to validate on, {images}"));
    }
    for row in schedule.list()? {
        let [done, all] = row.epochs;
        let best = row.best.map_or(String::new(), |best| format!(", best validation {:.1} %", 100.0 * best));
        let state = match (row.diverged, done) {
            (true, _) => format!("diverged after {done} of {all} epochs"),
            (false, 0) => "not run".into(),
            (false, _) => format!("{done} of {all} epochs{best}"),
        };
        print::line(&format!("{} seed {}: {state}", row.arm, row.seed));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Verb};

    fn parse(line: &str) -> Result<LabVerb> {
        let words = ["jukebox", "lab"].into_iter().chain(line.split_whitespace());
        match Cli::try_parse_from(words)?.verb {
            Some(Verb::Lab(args)) => Ok(args.verb),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_are_parsed_and_repeated_in_the_command() {
        let line = "ablation --data strobe:/home/ann/x --only corners,bn --only log --for 20m --seeds 2 --rate 0.0003";
        let Ok(LabVerb::Ablation(args)) = parse(line) else { panic!("not understood") };
        assert_eq!((args.only.join(" "), args.length), ("corners bn log".into(), Some(Duration::from_secs(1200))));
        let command = command(Experiment::Ablation, &args, width(Experiment::Ablation, &args));
        assert_eq!(command, "jukebox lab ablation --data strobe:DIR --width 32 --epochs 12 --seeds 2 --rate 3e-4");
        let line = "table4 --data strobe:x --only strobe --seeds 3";
        let Ok(LabVerb::Table4(args)) = parse(line) else { panic!("not understood") };
        assert_eq!((whole(Experiment::Table4, &args), whole(Experiment::Fig3, &args)), (true, false));
        let command = super::command(Experiment::Table4, &args, width(Experiment::Table4, &args));
        assert_eq!(command, "jukebox lab table4 --data strobe:DIR --width 512 --epochs 12 --seeds 3");
        let line = "outlook --data tree:/home/ann/x --only windows";
        let Ok(LabVerb::Outlook(args)) = parse(line) else { panic!("not understood") };
        let command = super::command(Experiment::Outlook, &args, width(Experiment::Outlook, &args));
        assert_eq!(command, "jukebox lab outlook --data tree:DIR --epochs 40");
        assert!(start(Experiment::Outlook).is_some() && start(Experiment::Transfer) == Some(model::SHIPPED));
        assert!(parse("ablation").unwrap_err().to_string().contains("--data"));
        assert!(parse("fig3 --data x --epochs 0").unwrap_err().to_string().contains("--epochs"));
    }

    #[test]
    fn a_long_arm_keeps_its_length_and_its_setting() {
        let suits = |line: &str| -> Result<(), String> {
            let Ok(LabVerb::Fig3(args)) = parse(&format!("fig3 --data x {line}")) else { panic!("not understood") };
            let arms = chosen(Experiment::Fig3, &args.only).unwrap();
            suits(Experiment::Fig3, &arms, &args).map_err(|e| e.to_string())
        };
        let refused = suits("--only bn,dropout-100 --epochs 48").unwrap_err();
        assert!(refused.contains("--epochs 48: dropout-100 always has 100 epochs"), "{refused}");
        for line in ["--only bn --epochs 48", "--only dropout-100", "--only dropout-100 --epochs 12"] {
            assert_eq!(suits(line), Ok(()), "{line}");
        }
        assert!(suits("--rate 0").unwrap_err().contains("--rate 0: a rate above 0"));
        let Ok(LabVerb::Transfer(args)) = parse("transfer --data tree:x --width 8") else { panic!("not understood") };
        let refused = super::suits(Experiment::Transfer, &[], &args).unwrap_err();
        assert_eq!(refused.to_string(), "--width: transfer has networks and images of one size; leave it out");
    }

    #[test]
    fn a_list_needs_no_music_but_its_directory() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().display();
        assert!(exists(&format!("tree:{directory}")).is_ok());
        let refused = exists(&format!("tree:{directory}/gone")).unwrap_err();
        assert_eq!(refused.to_string(), format!("{directory}/gone: no such directory"));
        assert!(exists("library").unwrap_err().to_string().contains("use strobe:DIR, tree:DIR or fma:DIR"));
    }
}
