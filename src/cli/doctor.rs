//! `jukebox doctor`: checks the installation and explains what does not work.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Error, Result, anyhow};
use clap::Args;
use serde::Serialize;

use super::asker::OTHER_ANSWER;
use super::{config, local, print};
use crate::analysis::model::Model;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::Status;
use crate::audio::output::describe;
use crate::config::Config;
use crate::latent::searcher::CROSSING;
use crate::library::scan;
use crate::library::unsupported::{self, Unsupported};
use crate::paths::Paths;
use crate::runtime::socket;
use crate::system::{self, Watches};
use crate::text::{self, clause};
use crate::tui::art::Art;
use crate::tui::keymap::KeymapError;
use crate::tui::{Depth, Keymap};

/// `jukebox doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The result of one check.
#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    finding: String,
}

/// Runs all checks and prints the results. Only what prevents the player from running counts as an error: a missing GPU
/// or sound card does not. Of a configuration with faults, what is valid is looked at.
///
/// # Errors
/// When the configuration, the store, the model or the keys cannot be used.
pub fn run(args: &DoctorArgs, file: &Path, paths: &Paths) -> Result<()> {
    let config = &Config::valid_of(file);
    let keymap = Keymap::new(&config.ui.preset, &config.keys);
    let running = running(paths);
    let checks = [
        configuration(file, paths),
        terminal(),
        covers(config),
        audio(config),
        gpu(config),
        store(paths, running.as_ref()),
        model(paths),
        index(paths),
        music(config, running.as_ref()),
        watches(config),
        keys(config, &keymap),
    ];
    if args.json {
        print::json(&checks)?;
    } else {
        for c in &checks {
            let mark = if c.ok { "ok " } else { "-- " };
            print::line(&format!("{mark} {:9} {}", c.what, c.finding));
        }
    }
    match checks.iter().find(|c| !c.ok && ["config", "store", "model"].contains(&c.what)) {
        Some(c) => Err(anyhow!("{}: {}", c.what, c.finding)),
        // A warning stops nothing.
        None => keymap.map(|_| ()).map_err(|why| anyhow!("keys: {why}")),
    }
}

fn check(what: &'static str, finding: Result<String>) -> Check {
    let ok = finding.is_ok();
    Check { what, ok, finding: finding.unwrap_or_else(|e| e.to_string()) }
}

/// The configuration: which file it is, or its first fault.
fn configuration(file: &Path, paths: &Paths) -> Check {
    check(
        "config",
        match Config::read(file) {
            Ok(_) if !file.exists() => Ok(format!("{}: does not exist, so the defaults apply", file.display())),
            Ok(_) => Ok(file.display().to_string()),
            Err(why) => Err(config::explained(&why, paths)),
        },
    )
}

fn terminal() -> Check {
    let term = std::env::var("TERM").unwrap_or_default();
    // As the player sees it.
    let colours = match Depth::detect(|name| std::env::var(name).ok()) {
        Depth::Mono => "no colour (NO_COLOR)",
        Depth::True => "true colour",
        Depth::Indexed => "256 colours",
        Depth::Sixteen => "16 colours",
    };
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).map(|s| format!("{}×{}", s.ws_col, s.ws_row));
    check(
        "terminal",
        match size {
            _ if term.is_empty() || term == "dumb" => {
                Err(anyhow!("TERM is '{term}': the player needs a real terminal"))
            }
            _ if !std::io::stdout().is_terminal() => Ok(format!("{term}, {colours} (stdout is not a terminal here)")),
            Ok(size) => Ok(format!("{term}, {colours}, {size}")),
            Err(_) => Ok(format!("{term}, {colours}")),
        },
    )
}

/// How covers are shown, which depends on what the terminal lies in.
fn covers(config: &Config) -> Check {
    let env = |name: &str| std::env::var(name).ok();
    let words = Art::words(config.ui.covers, Depth::detect(env), env);
    check("covers", words.map(Into::into).map_err(Error::msg))
}

/// The output that the player opens: the one of the configuration, or the default.
fn audio(config: &Config) -> Check {
    let own = Some(config.player.device.as_str()).filter(|id| !id.is_empty());
    // ALSA writes to stderr while it probes devices; those messages are irrelevant here.
    let quiet = super::play::quiet_stderr(None);
    let (found, default) = (describe(own), own.and_then(|_| describe(None).ok()));
    drop(quiet);
    let instead = match default {
        Some(name) => format!("the player uses the default output instead: {name}"),
        None => "the player uses a silent, clocked sink".into(),
    };
    let setting = if own.is_some() { "[player] device: " } else { "" };
    check("sound", found.map_err(|e| anyhow!("{setting}{}; {instead}", clause(&e.to_string()))))
}

/// What the encoder runs on, as the configuration says.
fn gpu(config: &Config) -> Check {
    let report = jukebox_encoder::device::report();
    check("gpu", runs_on(&config.analysis.device, report.gpu, report.why_not))
}

/// What the encoder runs on if `[analysis] device` is `device`, the GPU that was found is `gpu`, and none was found because
/// of `why`.
fn runs_on(device: &str, gpu: Option<String>, why: Option<String>) -> Result<String> {
    match (device, gpu) {
        ("cpu", Some(gpu)) => Ok(format!("{gpu}, not used: [analysis] device = \"cpu\"")),
        ("cpu", None) => Ok("not used: [analysis] device = \"cpu\"".into()),
        (_, Some(gpu)) => Ok(gpu),
        (device, None) => {
            let why = why.unwrap_or_else(|| "none".into());
            let result = match device {
                "cuda" => "the encoder cannot run, as [analysis] device = \"cuda\" allows nothing else; set \"auto\"",
                _ => "the encoder runs on the CPU",
            };
            Err(anyhow!("{}; {result}", clause(&why)))
        }
    }
}

/// The status of the running player or scan, if there is one that answers.
fn running(paths: &Paths) -> Option<Status> {
    match socket::ask(&paths.socket(), &Request::Status) {
        Ok(Some(Reply::Status(status))) => Some(*status),
        _ => None,
    }
}

fn store(paths: &Paths, running: Option<&Status>) -> Check {
    let dir = paths.store();
    let known = |s: &Status| {
        let songs = text::count(s.songs, "song");
        format!("{songs}, {} analysed, {} described, loudness of {}", s.latents, s.described, s.measured)
    };
    let finding = match running {
        Some(s) => Ok(format!("{} in use by the running jukebox: {}", dir.display(), known(s))),
        _ if !dir.exists() => Ok(format!("{} does not exist yet; it is created at the first start", dir.display())),
        _ => local::status(paths)
            .map(|s| format!("{}: {}, {} unusable", dir.display(), known(&s), s.faults))
            .map_err(Error::from),
    };
    check("store", finding)
}

fn model(paths: &Paths) -> Check {
    check(
        "model",
        Model::in_use(paths)
            .and_then(|m| {
                let from = m.path.as_ref().map_or("shipped".into(), |p| p.display().to_string());
                Ok(format!("{} {} ({from})", m.card.arch, m.generation()?))
            })
            .map_err(Error::from),
    )
}

/// How the nearest tracks are found, which a running player knows.
fn index(paths: &Paths) -> Check {
    check(
        "index",
        match socket::ask(&paths.socket(), &Request::Index) {
            Ok(Some(Reply::Said(words))) => Ok(words),
            Ok(Some(Reply::Error(why))) => Err(anyhow!(why)),
            Err(why) => Err(why.into()),
            Ok(Some(_)) => Err(anyhow!(OTHER_ANSWER)),
            Ok(None) => Ok(format!("exact scan; a running player builds an index from {CROSSING} tracks on")),
        },
    )
}

/// The music directory of the running player, which may have been named on its command line, or else the usual one.
fn music(config: &Config, running: Option<&Status>) -> Check {
    let found = match running.filter(|status| !status.music.is_empty()) {
        Some(status) => {
            let dir = text::sanitize(&status.music);
            Ok(Some((format!("{dir} (of the running jukebox)"), unsupported::words(&status.unsupported))))
        }
        None => local::music_dir(None, config)
            .map(|dir| dir.map(|dir| (dir.display().to_string(), unplayable(&dir, config)))),
    };
    check(
        "music",
        match found {
            Ok(Some((dir, Some(words)))) => Err(anyhow!("{dir}: {words}")),
            Ok(Some((dir, None))) => Ok(dir),
            Ok(None) => Ok("none set: `jukebox DIR`, or the demo library".into()),
            Err(e) => Err(e),
        },
    )
}

/// The formats in a directory that cannot be played, in words.
fn unplayable(dir: &Path, config: &Config) -> Option<String> {
    let report = scan::walk(dir, config.library.follow_links, &mut |_, _| {});
    unsupported::words(&Unsupported::of(report.unsupported).counts)
}

/// The keys: an error, every warning, or how many the user has.
fn keys(config: &Config, keymap: &Result<(Keymap, Vec<String>), KeymapError>) -> Check {
    let own = config.keys.bound.len();
    check(
        "keys",
        match keymap {
            Err(why) => Err(anyhow!("{why}")),
            Ok((_, warnings)) if !warnings.is_empty() => Err(anyhow!(warnings.join("; "))),
            Ok(_) if own == 0 => Ok(format!("preset {}", config.ui.preset)),
            Ok(_) => Ok(format!("preset {}, {own} of your own", config.ui.preset)),
        },
    )
}

fn watches(config: &Config) -> Check {
    check(
        "watch",
        match system::watches() {
            Watches::AtMost(n) if n < 16_384 => {
                Err(anyhow!("only {n} directories can be watched; raise fs.inotify.max_user_watches"))
            }
            Watches::AtMost(n) => Ok(format!("up to {n} directories")),
            Watches::Any => Ok("as many directories as there are".into()),
            Watches::None => Err(anyhow!(
                "no inotify: the directory is looked through every {} s (library.poll)",
                config.library.poll
            )),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_runs_on_what_the_configuration_says() {
        let found = || Some("GPU 1".to_string());
        let lacking = |device| runs_on(device, None, Some("no driver.".into()));
        assert_eq!(runs_on("auto", found(), None).unwrap(), "GPU 1");
        assert_eq!(runs_on("cuda", found(), None).unwrap(), "GPU 1");
        assert_eq!(runs_on("cpu", found(), None).unwrap(), "GPU 1, not used: [analysis] device = \"cpu\"");
        assert_eq!(lacking("cpu").unwrap(), "not used: [analysis] device = \"cpu\"");
        assert_eq!(lacking("auto").unwrap_err().to_string(), "no driver; the encoder runs on the CPU");
        assert!(lacking("cuda").unwrap_err().to_string().starts_with("no driver; the encoder cannot run"));
    }
}
