//! `jukebox status`: what the player is doing, or what the store holds when none is running.

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::asker::{OTHER_ANSWER, Who, player_or};
use super::{local, print};
use crate::ask::event::Happening;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::Status;
use crate::library::unsupported;
use crate::paths::Paths;
use crate::runtime::socket;
use crate::text;

/// The upcoming tracks that are listed: a queue may hold the whole library.
const AHEAD: usize = 20;

/// `jukebox status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print JSON, with all of the queue
    #[arg(long)]
    pub json: bool,
    /// Print a line about what plays whenever that changes, for a status bar
    #[arg(long, conflicts_with = "json")]
    pub follow: bool,
}

/// Prints the status.
///
/// # Errors
/// When the store cannot be read.
pub fn run(args: &StatusArgs, paths: &Paths) -> Result<()> {
    if args.follow {
        return follow(paths);
    }
    let status = match player_or(paths, &Request::Status, || local::status(paths))? {
        Who::Player(Reply::Status(status)) => *status,
        Who::Player(Reply::Error(why)) => bail!(why),
        Who::Player(_) => bail!(OTHER_ANSWER),
        Who::Store(status) => status,
    };
    if args.json {
        return print::json(&status);
    }
    lines(&status).iter().for_each(|l| print::line(l));
    Ok(())
}

/// Prints what plays and whether it does, whenever that changes, until the player ends.
fn follow(paths: &Paths) -> Result<()> {
    let (mut title, mut state, mut said) = (String::new(), String::new(), String::new());
    let followed = socket::follow(&paths.socket(), |happening| {
        match happening {
            Happening::Track { track } => {
                title = track
                    .map(|t| if t.artist.is_empty() { t.title } else { format!("{} – {}", t.artist, t.title) })
                    .unwrap_or_default();
            }
            Happening::State { state: now, .. } => state = now,
            _ => return true,
        }
        let line = format!("{state} {title}");
        // The first track arrives before the first state.
        if !state.is_empty() && line != said {
            print::line(line.trim_end());
            said = line;
        }
        true
    })?;
    if followed { Ok(()) } else { Err(anyhow!(super::send::NO_PLAYER)) }
}

/// The status as `key value` lines, easy to read and to parse.
fn lines(s: &Status) -> Vec<String> {
    let mut out = Vec::new();
    match s.pid {
        Some(pid) if s.headless => out.push(format!("status {} (pid {pid}, without a screen)", s.state)),
        Some(pid) => out.push(format!("status {} (pid {pid})", s.state)),
        None => out.push("status not running".into()),
    }
    if let Some(p) = &s.playing {
        out.push(format!("title {}", p.title));
        out.push(format!("artist {}", p.artist));
        out.push(format!("album {}", p.album));
        out.push(format!("file {}", p.path));
        out.push(format!("position {} / {}", text::time(p.position), text::time(p.duration)));
    }
    if s.of_player() {
        out.push(format!("volume {}", s.volume));
        out.push(format!("output {}, {} underruns", s.output, s.underruns));
        let follows = if s.following.is_empty() { String::new() } else { format!(", follows {}", s.following) };
        out.push(format!("auto {} (engine {}{follows})", if s.auto { "on" } else { "off" }, s.engine));
        if !s.course.is_empty() {
            out.push(format!("course {}", s.course));
        }
        if !s.limits.is_empty() {
            out.push(format!("limits {}", text::sanitize(&s.limits)));
        }
        for c in s.ahead.iter().take(AHEAD) {
            let mark = match (c.away, c.auto) {
                (true, _) => '?',
                (_, true) => '~',
                _ => '+',
            };
            let artist = if c.artist.is_empty() { String::new() } else { format!("{} – ", c.artist) };
            let fit = c.fit.map(|fit| format!("{:.0} %: ", (fit * 100.0).clamp(0.0, 99.0))).unwrap_or_default();
            let why = if c.why.is_empty() { String::new() } else { format!("  ({fit}{})", c.why) };
            out.push(format!("next {mark} {artist}{}{why}", c.title));
        }
        if s.ahead.len() > AHEAD {
            out.push(format!("next and {} more", s.ahead.len() - AHEAD));
        }
    }
    out.push(format!("library {} songs, {} analysed, {} unusable", s.songs, s.latents, s.faults));
    out.extend(unsupported::words(&s.unsupported).map(|words| format!("unsupported {words}")));
    if !s.unsaved.is_empty() {
        out.push(format!("unsaved {}", text::sanitize(&s.unsaved)));
    }
    if !s.stage.is_empty() {
        out.push(format!("{} {} of {}", s.stage, s.done, s.total));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::report::Coming;

    #[test]
    fn a_long_queue_is_counted() {
        let ahead = |n: usize| {
            let coming = |n: usize| Coming { title: format!("Song {n}"), auto: true, ..Coming::default() };
            Status { pid: Some(1), state: "playing".into(), ahead: (0..n).map(coming).collect(), ..Status::default() }
        };
        let next = |n: usize| lines(&ahead(n)).into_iter().filter(|l| l.starts_with("next ")).collect::<Vec<_>>();
        assert_eq!((next(20).len(), &next(20)[19][..]), (20, "next ~ Song 19"));
        assert_eq!((next(500).len(), &next(500)[20][..]), (21, "next and 480 more"));
    }
}
