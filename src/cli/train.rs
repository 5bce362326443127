//! `jukebox train`: trains an encoder, for instance overnight.

mod judge;
pub(super) mod place;
mod recipe;
mod show;
pub(super) mod signals;
mod status;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use jukebox_encoder::{Architecture, Card, Input};

use super::data::{self, Purpose};
use super::{child, print};
use crate::analysis::model::{Model, can_hear};
use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::files;
use crate::paths::Paths;
use crate::training::limit::{self, Limit, Local, TimeOfDay};
use crate::training::night::Night;
use crate::training::{self, Config, DataSet, Device, Lock, Options, TAUGHT};

/// `jukebox train`
#[derive(Debug, Args)]
#[command(
    after_help = "Without --data it learns the genre tags of your library, starting from the encoder in use; with --data it starts from \
scratch. A time limit sets the number of epochs by the speed of the first steps. The encoder is used only if it is better on held-out \
artists; the report in the run's directory says why. Continue a stopped or killed run with --resume."
)]
pub struct TrainArgs {
    /// Train at most this long: 90m, 6h, 1h30m
    #[arg(long = "for", value_name = "TIME", value_parser = limit::parse_for, conflicts_with = "until")]
    pub length: Option<Duration>,
    /// Train at most until this time of day: 07:00
    #[arg(long, value_name = "HH:MM")]
    pub until: Option<TimeOfDay>,
    /// The architecture to train
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub encoder: Option<String>,
    /// Starting point: `current` (the encoder in use), `scratch`, or an encoder's file
    #[arg(long, value_name = "current|scratch|FILE", conflicts_with = "resume")]
    pub from: Option<String>,
    /// Continue the run in `--out`, or the last unfinished one
    #[arg(long)]
    pub resume: bool,
    /// Where to train: auto, cpu or cuda
    #[arg(long, value_parser = ["auto", "cpu", "cuda"])]
    pub device: Option<String>,
    /// Data to learn from instead of your library: `tree:DIR` has a folder of music for every genre, `fma:DIR` is an FMA
    /// folder (fma_metadata, fma_small), `strobe:DIR` is a directory with clips.tsv and mel128.q4.zst, `distil:DIR` is what
    /// scripts/teacher.py made: it needs no genres
    #[arg(long, value_name = "KIND:DIR")]
    pub data: Option<String>,
    /// Learn what an imported tagger says of your library, without its genre tags; MODEL is its name [default: musicnn]. See `jukebox
    /// model import`
    #[arg(long, value_name = "MODEL", num_args = 0..=1, default_missing_value = "musicnn", conflicts_with_all = ["data", "resume"])]
    pub from_teacher: Option<String>,
    /// Directory of the run, for checkpoints, log, model and report [default: a new one in jukebox's data directory]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number of passes over the data
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "resume")]
    pub epochs: Option<u16>,
    /// Weight of a contrast that draws clips of one track together and those of different tracks apart [default: 0.12 for `ear` from
    /// scratch, else 0]
    #[arg(long, value_name = "WEIGHT", conflicts_with = "resume")]
    pub contrast: Option<f32>,
    /// Random seed [default: 1]
    #[arg(long, conflicts_with = "resume")]
    pub seed: Option<u64>,
    /// Use the new encoder even if it is not better
    #[arg(long)]
    pub publish: bool,
    /// Print plain lines instead of drawing curves
    #[arg(long)]
    pub plain: bool,
    /// Tell which training runs and how the last ones ended, and do nothing else
    #[arg(long)]
    pub status: bool,
    /// Train in a session of its own, apart from the terminal; the player starts it so
    #[arg(long, hide = true)]
    pub background: bool,
    /// How it trains.
    #[command(flatten)]
    pub recipe: recipe::RecipeArgs,
}

/// Trains, shows the progress, and publishes the new encoder if it is better.
///
/// # Errors
/// When the data cannot be read or is not suitable for training, another training is running, or the run directory
/// cannot be written.
pub fn run(args: TrainArgs, config: &config::Config, paths: &Paths) -> Result<()> {
    if args.status {
        status::tell(paths);
        return Ok(());
    }
    let clock = SystemClock::new();
    let (now, since) = (clock.unix() as i64, clock.now());
    let local = Local::system();
    let limit = match (args.length, args.until) {
        (Some(length), _) => Some(Limit::For(length)),
        (None, Some(time)) => Some(Limit::Until(local.next(time, now)?)),
        (None, None) => None,
    };
    if args.background {
        // Refused to a leader of processes, which a shell has made and can let go of.
        let _ = rustix::process::setsid();
    }
    let options = options(&args, paths, &local.stamp(now))?;
    let _lock = Lock::take(&paths.train_lock(), &options.out)?;
    let place = place::take(options.device, paths)?;
    let begins = match (&options.start, args.resume) {
        (_, true) => "going on".to_string(),
        (Some(_), _) => format!("from {}", args.from.as_deref().unwrap_or("the encoder in use")),
        (None, _) => "from scratch".to_string(),
    };
    print::note(&format!("{} on {}, {begins}", options.config.arch.name(), options.data));
    print::note(&format!("with {place}"));
    let data = read(&options, args.publish, config, paths)?;
    print::note(&format!("in {}", options.out.display()));
    if let Some(limit) = limit {
        let ends = match limit {
            Limit::For(length) => now + length.as_secs() as i64,
            Limit::Until(unix) => unix,
        };
        let left = limit::span(Duration::from_secs((ends - now).max(0) as u64));
        print::note(&format!("stops at {} at the latest, in {left}", local.show(ends, now)));
    }
    let night =
        Night { options, limit, publish: args.publish, device: place, notes: data.notes.clone(), clock: &clock, since };
    let mut judge = judge::incumbent(paths, night.options.device, clock.unix())?;
    show::show(&night, &data, &mut judge, args.plain || args.background, config, paths)
        .map(|ended| show::tell_end(&ended))
}

/// Reads the data set and prints a summary of it; rejects a data set that cannot be trained on.
fn read(options: &Options, publish: bool, config: &config::Config, paths: &Paths) -> Result<DataSet> {
    training::may_begin(&options.out, options.resume)?;
    let start = options.start.as_deref().and_then(|s| Card::read(s).ok()).and_then(|card| card.input());
    let arch = options.config.arch;
    // If the architecture accepts several kinds of image, keep the kind that the starting encoder
    // uses.
    let usual = match () {
        () if arch.steps().is_some() => arch.input(),
        () if options.data.starts_with("strobe:") && arch.takes(Input::Strobe.bands(), Input::Strobe.steps()) => {
            Input::Strobe
        }
        () => start.unwrap_or(arch.input()),
    };
    let image = recipe::image(&options.config, usual);
    if !arch.takes(image.bands(), image.steps()) {
        let (arch, bands, steps) = (arch.name(), image.bands(), image.steps());
        bail!(
            "`{arch}` does not take images of {bands} bands and {steps} steps; `--encoder paper` takes those of every --input"
        );
    }
    if publish && !can_hear(image) {
        let (arch, bands, steps) = (arch.name(), image.bands(), image.steps());
        bail!(
            "--publish: the player cannot use `{arch}`, which needs images of {bands} bands and {steps} steps; leave it out"
        );
    }
    if !options.resume {
        // Left by a training that got no further, perhaps before the library had what this one needs.
        data::forget_snapshot(&options.data, &options.out)?;
    }
    let purpose = Purpose::Learn { describe: options.config.describe > 0.0 };
    let data = data::read(&options.data, image, purpose, &options.out, config, paths)?;
    let summary = data.summary();
    summary.table().lines().for_each(print::note);
    summary.can_teach()?;
    Ok(data)
}

/// The options that the arguments ask for, or those of the run to resume.
fn options(args: &TrainArgs, paths: &Paths, stamp: &str) -> Result<Options> {
    let runs = paths.runs();
    let device = args.device.as_deref().map(child::device).transpose()?;
    if args.resume {
        let none = || anyhow!("there is no run to continue in {}; start one without --resume", runs.display());
        let out = args.out.clone().or_else(|| training::latest_unfinished(&runs)).ok_or_else(none)?;
        let begun = training::begun(&out)?;
        let mut options = Options::new(args.data.clone().unwrap_or(begun.data), out);
        options.config = begun.config;
        options.device = device.unwrap_or(begun.device);
        options.resume = true;
        return Ok(options);
    }
    let out = args.out.clone().unwrap_or_else(|| unused(&runs, stamp));
    let taught = args.from_teacher.as_ref().map(|model| format!("{TAUGHT}{model}"));
    let mut options = Options::new(args.data.clone().or(taught).unwrap_or_else(|| "library".into()), out);
    // The encoder in use cannot be the starting point for another architecture.
    let other = |name: &str| Model::in_use(paths).is_ok_and(|model| model.card.arch.name() != name);
    let anew = args.data.is_some() || args.encoder.as_deref().is_some_and(other);
    let from = args.from.as_deref().unwrap_or(if anew { "scratch" } else { "current" });
    options.start = match from {
        "scratch" => None,
        "current" => Some(beginning(Model::in_use(paths)?)?),
        file => Some(
            files::read(Path::new(file), files::MODEL)
                .map_err(|e| anyhow!("--from {file}: {e}; use `current`, `scratch`, or the file of an encoder"))?,
        ),
    };
    let arch = architecture(args.encoder.as_deref(), options.start.as_deref(), &options.data)?;
    options.config = if options.start.is_some() { Config::tuning(arch) } else { Config::of(arch) };
    // Tuning keeps the width of the starting encoder.
    if let Some(card) = options.start.as_deref().and_then(|s| Card::read(s).ok()).filter(|c| c.arch == arch) {
        options.config.width = card.width;
    }
    options.config.seed = args.seed.unwrap_or(options.config.seed);
    args.recipe.apply(&mut options.config)?;
    if let Some(weight) = args.contrast {
        if !(0.0..=10.0).contains(&weight) {
            bail!("--contrast {weight}: a weight from 0 to 10 is wanted");
        }
        if weight > 0.0 && options.config.agree > 0.0 {
            let name = arch.name();
            bail!("--contrast: `{name}` is trained on two views of each clip, which it cannot be used with");
        }
        options.config.contrast = weight;
    }
    options.config.epochs = args.epochs.map_or(options.config.epochs, usize::from);
    options.device = device.unwrap_or(Device::Auto);
    Ok(options)
}

/// The weights to start from: the encoder in use, or the shipped one if that is a tagger, which is
/// never trained.
fn beginning(in_use: Model) -> Result<Vec<u8>> {
    let own = if in_use.card.arch.is_tagger() { Model::shipped()? } else { in_use };
    Ok(own.weights.to_vec())
}

/// The requested architecture; else that of the starting encoder; else the default for the data.
fn architecture(name: Option<&str>, start: Option<&[u8]>, data: &str) -> Result<Architecture> {
    let own = start.map(Card::read).transpose().map_err(|e| anyhow!("the encoder to start from: {e:#}"))?;
    let usual = if data.starts_with("strobe:") { Architecture::Strobe } else { Architecture::Ear };
    let Some(name) = name else { return Ok(own.map_or(usual, |card| card.arch)) };
    let all = || Architecture::ALL.map(Architecture::name).join(", ");
    let asked =
        Architecture::named(name).ok_or_else(|| anyhow!("no such architecture: '{name}'; use one of: {}", all()))?;
    if asked.is_tagger() {
        bail!("`{name}` is imported, not trained; use one of: {}", all());
    }
    match own.map(|card| card.arch).filter(|own| *own != asked) {
        Some(own) => Err(anyhow!("the encoder to start from is `{}`, not `{name}`; add --from scratch", own.name())),
        None => Ok(asked),
    }
}

/// A directory in `runs` that does not exist yet, named after `stamp`.
fn unused(runs: &Path, stamp: &str) -> PathBuf {
    let names = std::iter::once(stamp.to_owned()).chain((2..1000).map(|n| format!("{stamp}-{n}")));
    names.map(|name| runs.join(name)).find(|dir| !dir.exists()).unwrap_or_else(|| runs.join(stamp))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::{Cli, Verb};

    fn parse(line: &str) -> Result<TrainArgs> {
        let words = ["jukebox", "train"].into_iter().chain(line.split_whitespace());
        match Cli::try_parse_from(words)?.verb {
            Some(Verb::Train(args)) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn times_are_parsed() {
        assert_eq!(parse("--for 1h30m").unwrap().length, Some(Duration::from_secs(5400)));
        assert!(parse("--until 07:00").unwrap().until.is_some());
        assert!(parse("--for soon").unwrap_err().to_string().contains("write 90m, 6h or 1h30m"));
        assert!(parse("--until 7").unwrap_err().to_string().contains("write 07:00"));
        assert!(parse("--for 6h --until 07:00").unwrap_err().to_string().contains("cannot be used with"));
        assert!(parse("--resume --seed 3").unwrap_err().to_string().contains("cannot be used with"));
    }

    #[test]
    fn a_library_begins_from_the_encoder_in_use_and_other_data_from_scratch() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let asked = |line: &str| options(&parse(line).unwrap(), &paths, "now");
        let library = asked("").unwrap();
        assert_eq!((library.data.as_str(), library.start.is_some()), ("library", true));
        assert_eq!(library.out, paths.data.join("runs/now"));
        let other = asked("--data strobe:/x --epochs 3 --seed 9 --device cpu").unwrap();
        assert_eq!((other.start, other.config.epochs, other.config.seed, other.device), (None, 3, 9, Device::Cpu));
        assert!(asked("--data tree:/x --from current").unwrap().start.is_some());
        assert!(asked("--from /nowhere").unwrap_err().to_string().contains("/nowhere"));
        assert!(asked("--encoder vgg").unwrap_err().to_string().contains("crnn"));
        assert!(asked("--encoder musicnn").unwrap_err().to_string().contains("imported, not trained; use one of: ear"));
        let taught = asked("--from-teacher").unwrap();
        assert_eq!((taught.data.as_str(), taught.start.is_some()), ("taught:musicnn", true));
        assert_eq!(asked("--from-teacher mine").unwrap().data, "taught:mine");
        assert_eq!(asked("--data strobe:/x --encoder crnn").unwrap().config.arch, Architecture::Crnn);
        let paper = asked("--encoder paper").unwrap();
        assert_eq!((paper.config.arch, paper.start, paper.data.as_str()), (Architecture::Paper, None, "library"));
        let own = Model::shipped().unwrap().card.arch.name();
        assert!(asked(&format!("--encoder {own}")).unwrap().start.is_some());
        let refused = asked("--encoder crnn --from current").unwrap_err().to_string();
        assert!(refused.contains(&format!("is `{own}`, not `crnn`; add --from scratch")), "{refused}");
        assert_eq!(asked("--data tree:/x").unwrap().config.arch, Architecture::Ear);
        assert_eq!(asked("--data strobe:/x").unwrap().config.arch, Architecture::Strobe);
        // Not the architecture of the shipped model, so training starts from scratch.
        let strobe = asked("--encoder strobe").unwrap();
        assert_eq!((strobe.config.arch, strobe.start), (Architecture::Strobe, None));
        std::fs::create_dir_all(paths.data.join("runs/now")).unwrap();
        assert_eq!(asked("").unwrap().out, paths.data.join("runs/now-2"));
    }

    /// The defaults that the help states, by option.
    fn stated() -> BTreeMap<String, String> {
        let cli = Cli::command();
        let of = |arg: &clap::Arg| {
            let help = arg.get_long_help().or(arg.get_help())?.to_string();
            let (default, _) = help.split_once("[default: ")?.1.split_once(']')?;
            Some((arg.get_long()?.to_owned(), default.to_owned()))
        };
        cli.find_subcommand("train").unwrap().get_arguments().filter_map(of).collect()
    }

    #[test]
    fn the_help_states_the_defaults_that_a_training_has() {
        let (stated, home) = (stated(), tempfile::tempdir().unwrap());
        let paths = Paths::under(home.path());
        let asked = |line: &str| options(&parse(line).unwrap(), &paths, "now").unwrap();
        let names: Vec<&str> = stated.keys().map(String::as_str).collect();
        let compared = ["contrast", "decode", "describe", "from-teacher", "out", "seed"];
        assert_eq!(names, compared, "each of them is compared below");
        let (weight, rest) = stated["contrast"].split_once(" for `").unwrap();
        let (named, other) = rest.split_once("` from scratch, else ").unwrap();
        let number = |text: &str| text.parse::<f32>().unwrap();
        assert!(Architecture::ALL.iter().any(|arch| arch.name() == named), "{named}");
        for arch in Architecture::ALL.into_iter().filter(|arch| !arch.is_tagger()) {
            let config = asked(&format!("--encoder {} --from scratch", arch.name())).config;
            let own = number(if arch.name() == named { weight } else { other });
            assert_eq!((config.contrast, Config::of(arch).contrast), (own, own), "{}", arch.name());
            assert_eq!(Config::tuning(arch).contrast, number(other), "{}", arch.name());
            assert_eq!(config.seed.to_string(), stated["seed"], "{}", arch.name());
            let heads = [
                ("decode", config.decode, Config::of(arch).decode),
                ("describe", config.describe, Config::of(arch).describe),
            ];
            for (name, asked, own) in heads {
                let (weight, _) = stated[name].split_once(',').unwrap();
                assert_eq!((asked, own), (number(weight), number(weight)), "{name} of {}", arch.name());
            }
        }
        let library = asked("");
        assert_eq!((library.config.contrast, library.config.seed.to_string()), (number(other), stated["seed"].clone()));
        assert_eq!(Config::default().seed.to_string(), stated["seed"]);
        assert_eq!(parse("--from-teacher").unwrap().from_teacher.as_ref(), Some(&stated["from-teacher"]));
        assert!(stated["out"].contains("jukebox's data directory") && library.out.starts_with(&paths.data));
    }

    #[test]
    fn an_old_snapshot_of_the_library_is_for_resumed_runs() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let out = home.path().join("run");
        let file = out.join(training::snapshot::SNAPSHOT);
        std::fs::create_dir_all(&out).unwrap();
        std::fs::write(&file, "stale").unwrap();
        let new = options(&parse(&format!("--out {} --encoder ear", out.display())).unwrap(), &paths, "now").unwrap();
        let read = |options: &Options| {
            super::read(options, false, &config::Config::default(), &paths).unwrap_err().to_string()
        };
        // What is there is read.
        let said = read(&Options { resume: true, ..new.clone() });
        assert!(said.contains("line 1: not a track"), "{said}");
        // There is no library to take another one of.
        let said = read(&new);
        assert!(said.contains("there is no library yet") && !file.exists(), "{said}");
        // That of a run is left alone.
        std::fs::write(&file, "stale").unwrap();
        std::fs::write(out.join("checkpoint.safetensors"), "").unwrap();
        let said = read(&new);
        assert!(said.contains("already has a run: add --resume") && file.exists(), "{said}");
    }

    #[test]
    fn the_last_unfinished_run_is_gone_on_with() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let asked = |line: &str| options(&parse(line).unwrap(), &paths, "now");
        assert!(asked("--resume").unwrap_err().to_string().contains("without --resume"));
        let begun = training::Begun {
            data: "strobe:/x".into(),
            config: Config { epochs: 7, ..Config::default() },
            device: Device::Cpu,
            version: String::new(),
        };
        for name in ["1", "2", "3"] {
            let dir = paths.data.join("runs").join(name);
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("config.json"), serde_json::to_vec(&begun).unwrap()).unwrap();
        }
        std::fs::write(paths.data.join("runs/3/outcome.json"), r#"{"finished": true}"#).unwrap();
        let resumed = asked("--resume").unwrap();
        assert_eq!(resumed.out, paths.data.join("runs/2"));
        assert_eq!((resumed.data.as_str(), resumed.config.epochs, resumed.device), ("strobe:/x", 7, Device::Cpu));
        assert_eq!(asked("--resume --data strobe:/moved").unwrap().data, "strobe:/moved");
        let out = paths.data.join("runs/3").display().to_string();
        assert!(asked(&format!("--resume --out {out}")).is_ok());
        assert!(asked("--resume --out /nowhere").unwrap_err().to_string().contains("/nowhere"));
    }
}
