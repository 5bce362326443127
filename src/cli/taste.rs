//! `jukebox taste`: asks which of three tracks is the odd one out, and shows what was learned.

use std::io::BufRead;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::asker::{Asker, OTHER_ANSWER};
use super::print;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::Hit;
use crate::ask::taste;
use crate::audio::output::OutputKind;
use crate::audio::player::Player;
use crate::audio::{Command, Event as Played, Sounding};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::library::journal::Event;
use crate::paths::Paths;
use crate::queue::taste::TasteReport;
use crate::runtime::socket;
use crate::track::TrackId;

/// `SAMPLE`: how long a track is played; `FROM`: where playing starts, as a fraction of its length.
const SAMPLE: Duration = Duration::from_secs(10);
const FROM: f64 = 0.3;

/// `jukebox taste`
#[derive(Debug, Args)]
pub struct TasteArgs {
    /// Show what was learned, without asking questions
    #[arg(long, conflicts_with_all = ["reset", "undo"])]
    pub show: bool,
    /// Forget everything that was learned; --undo restores it
    #[arg(long, conflicts_with = "undo")]
    pub reset: bool,
    /// Undo the last answer or judgement
    #[arg(long)]
    pub undo: bool,
    /// Print what was learned as JSON, without asking questions
    #[arg(long)]
    pub json: bool,
}

/// Asks questions, shows what was learned, or undoes an answer.
///
/// # Errors
/// When too few tracks are analysed, or neither the player nor the store can be reached.
pub fn run(args: &TasteArgs, config: &Config, paths: &Paths) -> Result<()> {
    let mut asker = Asker::new(paths, config);
    if args.reset || args.undo {
        let said = if args.undo { undo(&mut asker)? } else { reset(&mut asker)? };
        print::note(&said);
        if !args.json {
            return Ok(());
        }
    }
    if args.json {
        return print::json(&report(&mut asker)?);
    }
    if !args.show {
        ask(&mut asker, paths)?;
    }
    let (report, cards) = (report(&mut asker)?, asker.cards()?);
    taste::lines(&report, &cards).iter().for_each(|line| print::line(line));
    Ok(())
}

fn report(asker: &mut Asker) -> Result<TasteReport> {
    match asker.ask(Request::Taste)? {
        Reply::Taste(report) => Ok(*report),
        _ => Err(anyhow!(OTHER_ANSWER)),
    }
}

fn undo(asker: &mut Asker) -> Result<String> {
    let report = report(asker)?;
    // Do not write events without effect into the journal.
    if !report.undoes.is_empty() {
        asker.ask(Request::Note(Event::TasteUndone))?;
    }
    Ok(if report.undoes.is_empty() { "taste: nothing to undo".into() } else { report.undoes })
}

fn reset(asker: &mut Asker) -> Result<String> {
    asker.ask(Request::Note(Event::TasteReset))?;
    Ok("taste was reset; `jukebox taste --undo` restores it".into())
}

/// The user's input.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Odd(u8),
    Play(usize),
    Skip,
    Undo,
    End,
}

fn typed(line: &str) -> Option<Typed> {
    let line = line.trim().to_lowercase();
    let number = |text: &str| text.trim().parse::<u8>().ok().filter(|n| (1..=3).contains(n)).map(|n| n - 1);
    match line.as_str() {
        "s" | "skip" => Some(Typed::Skip),
        "u" | "undo" => Some(Typed::Undo),
        "q" | "quit" | "end" => Some(Typed::End),
        text => match text.strip_prefix('p') {
            Some(rest) => number(rest).map(|n| Typed::Play(usize::from(n))),
            None => number(text).map(Typed::Odd),
        },
    }
}

const HELP: &str = "1, 2 or 3: that one sounds least like the other two; p1, p2 or p3 plays ten seconds; s skips, u takes the \
last answer back, q ends";

/// Asks questions until the user stops.
fn ask(asker: &mut Asker, paths: &Paths) -> Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    let mut sampler = Sampler::default();
    let mut answered = 0;
    print::line(&format!("Which of three tracks sounds least like the other two? {HELP}."));
    loop {
        let (tracks, songs, held_out) = question(asker)?;
        print::line("");
        songs.iter().enumerate().for_each(|(i, song)| print::line(&format!("{}  {}", i + 1, name(song))));
        loop {
            // Release the store while waiting for input, so that other processes can use it.
            asker.rest();
            let Some(Ok(line)) = lines.next() else { return Ok(()) };
            match typed(&line) {
                Some(Typed::End) => return Ok(()),
                Some(Typed::Skip) => break,
                Some(Typed::Odd(odd)) => {
                    asker.ask(Request::Note(Event::OddOne { tracks, odd, held_out }))?;
                    answered += 1;
                    break;
                }
                // Undo only answers of this session, not what a player recorded in the meantime.
                Some(Typed::Undo) if answered == 0 => print::line("no answer yet"),
                Some(Typed::Undo) if !report(asker)?.undoes_answer => {
                    print::line("the player has recorded something since; `jukebox taste --undo` undoes that first");
                }
                Some(Typed::Undo) => {
                    answered -= 1;
                    print::line(&undo(asker)?);
                    break;
                }
                Some(Typed::Play(n)) => {
                    if let Some(Err(why)) = songs.get(n).map(|song| sampler.play(song, paths)) {
                        print::line(&why.to_string());
                    }
                }
                None => print::line(HELP),
            }
        }
    }
}

fn question(asker: &mut Asker) -> Result<(Vec<TrackId>, Vec<Hit>, bool)> {
    let seed = SystemClock::new().unix() ^ u64::from(std::process::id()).rotate_left(32) ^ fastrand::u64(..);
    match asker.ask(Request::Triplet { seed })? {
        Reply::Triplet { tracks, songs, held_out } if tracks.len() == 3 && songs.len() == 3 => {
            Ok((tracks, songs, held_out))
        }
        _ => Err(anyhow!(OTHER_ANSWER)),
    }
}

fn name(song: &Hit) -> String {
    if song.artist.is_empty() { song.title.clone() } else { format!("{} – {}", song.title, song.artist) }
}

/// Plays excerpts of tracks.
#[derive(Default)]
struct Sampler {
    player: Option<(Player, crossbeam_channel::Receiver<Played>)>,
    token: u64,
}

impl Sampler {
    fn play(&mut self, song: &Hit, paths: &Paths) -> Result<()> {
        // Pause the player, so that its music does not mix with the sample. This has no effect if
        // it is paused already.
        socket::ask(&paths.socket(), &Request::Command("pause".into()))?;
        if self.player.is_none() {
            let started = Player::start(OutputKind::Auto).map_err(|e| anyhow!("no sound: {e}"))?;
            self.player = Some(started);
        }
        let Some((player, events)) = &self.player else { return Ok(()) };
        self.token += 1;
        let (token, path, at) = (self.token, song.file(), FROM * song.secs);
        player.send(Command::Play { token, path, at, paused: false, sounding: Sounding::default() });
        let ended = listen(events, token, &song.file());
        player.send(Command::Stop);
        ended
    }
}

/// Waits until the excerpt ends.
fn listen(events: &crossbeam_channel::Receiver<Played>, token: u64, file: &Path) -> Result<()> {
    let end = Instant::now() + SAMPLE;
    loop {
        match events.recv_deadline(end) {
            Ok(Played::Failed { token: of, why }) if of == token => bail!("{}: {why}", file.display()),
            Ok(Played::Output { silent: true, why, .. }) => {
                let why = why.map_or(String::new(), |why| format!(" ({why})"));
                bail!("there is no sound card to play it{why}; the file is {}", file.display());
            }
            Ok(Played::Finished { token: of }) if of == token => return Ok(()),
            Ok(_) => {}
            Err(_) => return Ok(()),
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        if let Some((player, _)) = &self.player {
            player.send(Command::Quit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood() {
        assert_eq!(typed(" 3\n"), Some(Typed::Odd(2)));
        assert_eq!(typed("P2"), Some(Typed::Play(1)));
        assert_eq!((typed("u"), typed("s"), typed("q")), (Some(Typed::Undo), Some(Typed::Skip), Some(Typed::End)));
        for nonsense in ["", "0", "4", "p", "p9", "one", "é"] {
            assert_eq!(typed(nonsense), None, "{nonsense}");
        }
    }
}
