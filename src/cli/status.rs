//! `jukebox status`: what the player is doing, or what the store holds when none is running.

use anyhow::{Result, anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use super::asker::{OTHER_ANSWER, Who, player_or};
use super::{local, print};
use crate::ask::event::Happening;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::{Playing, Status};
use crate::library::unsupported;
use crate::paths::Paths;
use crate::runtime::socket;
use crate::text;

/// The upcoming tracks that are listed: a queue may hold the whole library.
const AHEAD: usize = 20;

/// `jukebox status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print JSON, with all of the queue; with --follow a line of it about what plays
    #[arg(long)]
    pub json: bool,
    /// Print a line about what plays whenever that changes, for a status bar
    #[arg(long)]
    pub follow: bool,
}

/// Prints the status.
///
/// # Errors
/// When the store cannot be read.
pub fn run(args: &StatusArgs, paths: &Paths) -> Result<()> {
    if args.follow {
        return follow(paths, args.json);
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
fn follow(paths: &Paths, as_json: bool) -> Result<()> {
    let (mut now, mut written) = (Now::default(), Ok(()));
    let followed = socket::follow(&paths.socket(), |happening| {
        if now.take(happening, as_json) {
            match as_json {
                true => written = print::json_line(&now.json()),
                false => print::line(&now.line()),
            }
        }
        written.is_ok()
    })?;
    if followed { written } else { Err(anyhow!(super::send::NO_PLAYER)) }
}

/// What plays, and whether it does, as told to whoever follows.
#[derive(Debug, Default)]
struct Now {
    track: Option<Playing>,
    state: String,
    /// What was told last.
    told: String,
}

impl Now {
    /// Takes notice of something; whether it is to be told, as JSON or as a line. A position is no news.
    fn take(&mut self, happening: Happening, as_json: bool) -> bool {
        match happening {
            Happening::Track { track, .. } => self.track = track,
            Happening::State { state, .. } => self.state = state,
            _ => return false,
        }
        // The first track arrives before the first state.
        if self.state.is_empty() {
            return false;
        }
        let now = if as_json { self.json().to_string() } else { self.line() };
        now != std::mem::replace(&mut self.told, now.clone())
    }

    fn line(&self) -> String {
        let title = self.track.as_ref().map(|t| match t.artist.as_str() {
            "" => t.title.clone(),
            artist => format!("{artist} – {}", t.title),
        });
        format!("{} {}", self.state, title.unwrap_or_default()).trim_end().to_string()
    }

    fn json(&self) -> Value {
        let track = self.track.as_ref().map(|t| {
            json!({ "title": t.title, "artist": t.artist, "album": t.album, "path": t.path, "duration": t.duration })
        });
        json!({ "state": self.state, "track": track })
    }
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
        // An older player does not say it.
        if !s.repeat.is_empty() {
            out.push(format!("repeat {}", s.repeat));
            out.push(format!("shuffle {}", if s.shuffle { "on" } else { "off" }));
        }
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
    out.push(format!("library {}, {} analysed, {} unusable", text::count(s.songs, "song"), s.latents, s.faults));
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
    fn whoever_follows_is_told_what_is_new() {
        for as_json in [false, true] {
            tell_a_session(as_json);
        }
    }

    fn tell_a_session(as_json: bool) {
        let mut session = Now::default();
        let state = |state: &str, position| Happening::State { state: state.into(), position };
        let track = |title: &str, artist: &str, position| {
            let (title, artist) = (title.into(), artist.into());
            let track = Playing { title, artist, position, ..Playing::default() };
            Happening::Track { track: Some(track), moved: false }
        };
        let mut take = |happening| session.take(happening, as_json).then(|| (session.line(), session.json()));
        assert_eq!(take(track("Halleluhwah", "Can", 0.0)), None, "the state is not known yet");
        let (line, json) = take(state("playing", 0.0)).unwrap();
        assert_eq!(line, "playing Can – Halleluhwah");
        assert_eq!((&json["state"], &json["track"]["title"]), (&json!("playing"), &json!("Halleluhwah")));
        for no_news in [state("playing", 9.0), track("Halleluhwah", "Can", 9.0), Happening::Volume { volume: 3 }] {
            assert_eq!(take(no_news), None);
        }
        assert_eq!(take(track("Rain", "", 0.0)).unwrap().0, "playing Rain");
        assert_eq!(take(Happening::Track { track: None, moved: false }).unwrap().0, "playing");
        assert_eq!(take(state("stopped", 0.0)), Some(("stopped".into(), json!({ "state": "stopped", "track": null }))));
    }

    #[test]
    fn modes_are_told_of_a_player() {
        let playing = Status { pid: Some(1), state: "playing".into(), ..Status::default() };
        let told = lines(&Status { repeat: "track".into(), shuffle: true, ..playing.clone() });
        assert!(told.contains(&"repeat track".into()) && told.contains(&"shuffle on".into()), "{told:?}");
        for without in [playing, Status::default()] {
            assert!(!lines(&without).iter().any(|line| line.starts_with("repeat") || line.starts_with("shuffle")));
        }
    }

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
