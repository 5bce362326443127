//! The command line, one file per command. Commands contain no parsing or decisions of their own; they ask and print.

pub mod asker;
mod attach;
pub mod child;
pub mod config;
pub mod control;
mod count;
pub mod data;
pub mod demo;
pub mod dims;
pub mod doctor;
pub mod duplicates;
pub mod eval;
pub mod events;
pub mod find;
pub mod keep;
pub mod lab;
pub mod local;
pub mod map;
mod mistyped;
pub mod model;
mod named;
pub mod next_track;
pub mod play;
pub mod playlist;
pub mod plugin;
mod questions;
pub mod scan;
pub mod search;
pub mod send;
pub mod shell;
pub mod signature;
pub mod similar;
pub mod spectrogram;
pub mod stats;
pub mod status;
pub mod tags;
pub mod taste;
pub mod train;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::{CommandFactory, Error, FromArgMatches, Parser, Subcommand};

use crate::config::Config;
pub(crate) use crate::out as print;
use crate::paths::Paths;
use crate::store::exported;

/// A terminal music player that listens to your collection.
#[derive(Debug, Parser)]
#[command(name = "jukebox", version, about, max_term_width = 100)]
#[command(override_usage = "jukebox [OPTIONS] [DIR|FILE]...\n       jukebox [--config <FILE>] <COMMAND>")]
#[command(
    after_help = "Without a directory: `library.music` of config.toml, else the XDG music directory, else a demo library\n(but with --headless an error).\n\
While one jukebox runs, another one passes its files and questions to it, or shows its screen if it runs --headless.\nIn the player, `?` or F1 shows the keys \
and `:` takes commands."
)]
pub struct Cli {
    /// What to do instead of opening the player.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Options of the player.
    #[command(flatten)]
    pub play: play::PlayArgs,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Read and analyse a music directory, then exit
    Scan(scan::ScanArgs),
    /// Find songs by a filter over words, tags, plays and sound
    Search(search::SearchArgs),
    /// Find tracks by how they sound, in words: calm acoustic, no singing
    Find(find::FindArgs),
    /// List the tracks that sound most like a file
    Similar(similar::SimilarArgs),
    /// Show the words of a track: how it sounds, as the encoder hears it
    Tags(tags::TagsArgs),
    /// List songs that exist in several files: the same recording, remasters, edits, live takes
    Duplicates(duplicates::DuplicatesArgs),
    /// Show what a set of tracks agrees on: the dimensions of its signature
    Signature(signature::SignatureArgs),
    /// Show what the dimensions mean: what each correlates with, and your tracks at both of its ends
    Dims(dims::DimsArgs),
    /// Lay the library out as a map: draw it, measure how well it keeps neighbourhoods
    Map(map::MapArgs),
    /// List, show, export, import and check playlists
    Playlist(playlist::PlaylistArgs),
    /// List, make, check, measure, add and remove engines that propose tracks
    Plugin(plugin::PluginArgs),
    /// Show what you listened to: most played, forgotten, by genre, hour and week
    Stats(stats::StatsArgs),
    /// Answer which of three tracks is the odd one out, and see what was learned of your taste
    Taste(taste::TasteArgs),
    /// Export everything that you made in plain formats: history, ratings, playlists, signatures,
    /// configuration
    Export(keep::ExportArgs),
    /// Import what `jukebox export` wrote, ratings and play counts from mpd, Rhythmbox or cmus, or listens
    /// exported by ListenBrainz or Last.fm
    Import(keep::ImportArgs),
    /// Show what the player is doing, or what the store holds
    Status(status::StatusArgs),
    /// Print what happens in the running player, one line of JSON each
    Events(events::EventsArgs),
    /// Check the configuration, terminal, sound, GPU, store, model and keys
    Doctor(doctor::DoctorArgs),
    /// Train an encoder on your own music, for instance overnight
    Train(train::TrainArgs),
    /// List, compare, test and choose encoders
    Model(model::ModelArgs),
    /// Repeat the experiments of the paper that jukebox comes from (docs/paper.md)
    Lab(lab::LabArgs),
    /// Draw the mel spectrogram of a file, or of two side by side
    Spectrogram(spectrogram::SpectrogramArgs),
    /// Measure the encoder and the signatures on a library, with confidence intervals
    Eval(eval::EvalArgs),
    /// Show whether your history predicts what comes next, and how that was measured
    NextTrack(next_track::NextTrackArgs),
    /// Compose the demo library: 32 short pieces in four styles
    Demo(demo::DemoArgs),
    /// Send a command to the running player, as after `:` (for instance `jukebox send seek +30`)
    Send(send::SendArgs),
    /// Play files, directories, playlists or what passes a filter, in the running player; alone: go on
    Play(control::SongsArgs),
    /// Add files, directories, playlists or what passes a filter to the queue of the running player
    Add(control::AddArgs),
    /// Pause the running player
    Pause,
    /// Stop the running player
    Stop,
    /// Pause or resume the running player
    Toggle,
    /// Go to the next track
    Next,
    /// Go back to the previous track
    Previous,
    /// Show or change the volume of the running player
    Volume(control::VolumeArgs),
    /// Check the configuration, print the default one, or tell where it is
    Config(config::ConfigArgs),
    /// Print the completion script of a shell
    Completions(shell::CompletionsArgs),
    /// Print the manual page, or write a page per command into a directory
    Man(shell::ManArgs),
    /// This program as its own child.
    #[command(name = "__worker", hide = true)]
    Worker {
        /// What kind of work.
        kind: String,
    },
}

impl Cli {
    /// Rejects player options before a subcommand; only `--config` is allowed on both sides of it.
    fn checked(self) -> Result<Cli, Error> {
        let stray = match self.play.paths.first() {
            Some(path) => Some(path.display().to_string()),
            None if self.play.no_audio => Some("--no-audio".to_string()),
            None => self.play.headless.then(|| "--headless".to_string()),
        };
        match stray.filter(|_| self.verb.is_some()) {
            None => Ok(self),
            Some(stray) => Err(Cli::command().error(
                clap::error::ErrorKind::ArgumentConflict,
                format!("'{stray}' is an option of the player and cannot precede a command"),
            )),
        }
    }
}

/// Runs the program. Exit codes: 0 for success, 1 for an error, 2 for wrong usage. `commit` is the one that the program
/// was built from, where that is known.
pub fn main(commit: Option<&'static str>) -> ExitCode {
    crate::system::begin_anew_with_one_arena();
    // Exceeding the file size limit (`ulimit -f`) then fails the write, as on a full disk, instead of killing the
    // process.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    print::tell_panics();
    crate::audio::quiet_panics();
    let cli = match parse(commit) {
        Ok(cli) => cli,
        Err(e) if e.use_stderr() => {
            // The message quotes the arguments, which may be a file's name, so it is printed
            // safely.
            print::block(&e.render().to_string());
            return ExitCode::from(2);
        }
        // Help and version contain only our own text and may be coloured.
        Err(e) => {
            let _ = e.print();
            return ExitCode::SUCCESS;
        }
    };
    if let Some(Verb::Worker { kind }) = &cli.verb {
        return child::run(kind);
    }
    match run(cli, commit) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            print::error(&e.to_string());
            ExitCode::from(1)
        }
    }
}

/// The version of the program, and the commit that it was built from, where that is known.
fn version(commit: Option<&str>) -> String {
    let own = env!("CARGO_PKG_VERSION");
    match commit.filter(|commit| !commit.is_empty()) {
        Some(commit) => format!("{own} ({commit})"),
        None => own.into(),
    }
}

fn parse(commit: Option<&'static str>) -> Result<Cli, Error> {
    // Made once in the life of the process.
    let command = Cli::command().version(&*version(commit).leak());
    let matches = command.try_get_matches().map_err(|error| mistyped::with_suggestion(error, &Cli::command()))?;
    Cli::from_arg_matches(&matches)?.checked()
}

fn run(cli: Cli, commit: Option<&str>) -> Result<()> {
    let paths = Paths::from_env()?;
    let config_file = cli.play.config.clone().unwrap_or_else(|| paths.config_file());
    if cli.play.config.is_some() && !config_file.exists() {
        bail!("{}: no such configuration file", config_file.display());
    }
    // These also work with a configuration that does not, and write only what the user names.
    match &cli.verb {
        Some(Verb::Config(args)) => return config::run(args.what, &config_file, &paths),
        Some(Verb::Completions(args)) => {
            shell::completions(args, &Cli::command());
            return Ok(());
        }
        Some(Verb::Man(args)) => return shell::man(args, Cli::command()),
        _ => {}
    }
    if cli.verb.is_none()
        && let Some(why) = mistyped::mistyped(&cli.play.paths, &Cli::command())
    {
        bail!(why);
    }
    exported::restrict_umask();
    if let Some(done) = without_configuration(&cli, &config_file, &paths) {
        return done;
    }
    let config = Config::read(&config_file).map_err(|why| config::explained(&why, &paths))?;
    match cli.verb {
        None => play::run(cli.play, config, paths),
        Some(Verb::Export(args)) => keep::export(&args, &config, &paths),
        Some(Verb::Import(args)) => keep::import(&args, &config, &paths),
        Some(Verb::Scan(args)) => scan::run(args, &config, &paths),
        Some(Verb::Search(args)) => search::run(&args, &config, &paths),
        Some(Verb::Find(args)) => find::run(&args, &config, &paths),
        Some(Verb::Similar(args)) => similar::run(args, &config, &paths),
        Some(Verb::Tags(args)) => tags::run(&args, &config, &paths),
        Some(Verb::Duplicates(args)) => duplicates::run(&args, &config, &paths),
        Some(Verb::Signature(args)) => signature::run(args, &config, &paths),
        Some(Verb::Dims(args)) => dims::run(&args, &config, &paths),
        Some(Verb::Map(args)) => map::run(&args, &config, &paths),
        Some(Verb::Playlist(args)) => playlist::run(args, &config, &paths),
        Some(Verb::Plugin(args)) => plugin::run(&args, &config, &paths),
        Some(Verb::Taste(args)) => taste::run(&args, &config, &paths),
        Some(Verb::Stats(args)) => stats::run(&args, &config, &paths),
        Some(Verb::Train(args)) => train::run(args, &config, &paths),
        Some(Verb::Model(args)) => model::run(args, &config, &paths),
        Some(Verb::Lab(args)) => lab::run(args, version(commit), &config, &paths),
        Some(Verb::Spectrogram(args)) => spectrogram::run(&args, &config),
        Some(Verb::Eval(args)) => eval::run(args, &config, &paths),
        Some(Verb::NextTrack(args)) => next_track::run(&args, &config, &paths),
        Some(Verb::Demo(args)) => demo::run(args, &paths),
        // Carried out above.
        Some(
            Verb::Config(_)
            | Verb::Completions(_)
            | Verb::Man(_)
            | Verb::Worker { .. }
            | Verb::Status(_)
            | Verb::Doctor(_)
            | Verb::Send(_)
            | Verb::Events(_)
            | Verb::Play(_)
            | Verb::Add(_)
            | Verb::Pause
            | Verb::Stop
            | Verb::Toggle
            | Verb::Next
            | Verb::Previous
            | Verb::Volume(_),
        ) => Ok(()),
    }
}

/// Carries out what needs no configuration, or only what is valid of one: the player that runs has its own, and goes on
/// to be paused and asked while the file is being edited. `None` for all else.
fn without_configuration(cli: &Cli, file: &Path, paths: &Paths) -> Option<Result<()>> {
    let valid = || Config::valid_of(file);
    Some(match cli.verb.as_ref()? {
        Verb::Doctor(args) => doctor::run(args, file, paths),
        Verb::Status(args) => status::run(args, paths),
        Verb::Events(_) => events::run(paths),
        Verb::Send(args) => send::run(&args.line.join(" "), args.json, paths),
        Verb::Play(args) => control::play(args, &valid(), paths),
        Verb::Add(args) => control::add(args, &valid(), paths),
        Verb::Pause => send::run("pause", false, paths),
        Verb::Stop => send::run("stop", false, paths),
        Verb::Toggle => send::run("toggle", false, paths),
        Verb::Next => send::run("next", false, paths),
        Verb::Previous => send::run("previous", false, paths),
        Verb::Volume(args) => control::volume(args, paths),
        _ => return None,
    })
}
