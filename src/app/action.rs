//! Command lines, parsed: [`parse`] makes an [`Action`] of a line, or says what would have been right.

use std::path::PathBuf;

use crate::latent::Choice;
use crate::library::playlist::sort;
use crate::queue::{Mode, Repeat, Shuffle};

use super::commands::{self, ArgKind, Scope};
use super::course::{self, BlendAction, CourseAction, MoodAction};
use super::playlist::{self, PlaylistAction};
use super::sets::{self, SignatureAction};
use super::state::sounds::{ReplayGain, WAYS};
use crate::ask::taste::{self, TasteAction};

/// Where to go in a track, or what to set the volume to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount<T> {
    /// To exactly this.
    To(T),
    /// By so much, in either direction.
    By(T),
}

/// How to change the volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loudly {
    /// By or to percent.
    Percent(Amount<i32>),
    /// By so many dB.
    Decibels(f64),
}

/// When the music is to stop by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SleepAt {
    /// Not at all.
    Off,
    /// After so many seconds.
    After(f64),
    /// After the current track.
    Track,
    /// After the current album.
    Album,
}

/// What changes how it sounds; `None` shows or toggles.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundAction {
    /// How loud.
    Volume(Option<Loudly>),
    /// By what gains are chosen.
    ReplayGain(Option<ReplayGain>),
    /// Seconds that two tracks share.
    Crossfade(Option<f32>),
    /// The same on both sides.
    Mono(Option<bool>),
    /// −100 (left) to 100 (right).
    Balance(Option<i8>),
    /// To which output; by number, id, or "default".
    Device(Option<String>),
    /// Whether the spectrum is shown.
    Spectrum(Option<bool>),
    /// When to stop.
    Sleep(Option<SleepAt>),
}

/// Names an entry of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The nth ahead, counted from 1.
    Nth(usize),
    /// The item of a serial number, written `#12`.
    Serial(u64),
}

/// What the user says to a track that was proposed; without an entry the one that plays is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is to stay, and to count as chosen.
    Keep(Vec<Entry>),
    /// Not this.
    Not(Vec<Entry>),
    /// Nothing more by its artist for a while.
    NotArtist(Option<Entry>),
    /// All artists again.
    AllArtists,
    /// A dimension (counted from 0; the one that spoke most for the track when it is not named) is to count less.
    Less(Option<u8>, Option<Entry>),
}

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Play the selection, or what lies at a path, or go on.
    Play(Option<PathBuf>),
    /// Pause or go on.
    Toggle,
    /// Pause.
    Pause,
    /// Stop.
    Stop,
    /// To the next track.
    Next,
    /// To the track before.
    Previous,
    /// Seconds.
    Seek(Amount<f64>),
    /// How it sounds.
    Sound(SoundAction),
    /// Add to the hand-added tracks.
    Enqueue(Option<PathBuf>),
    /// Add after the playing track.
    EnqueueNext(Option<PathBuf>),
    /// Take out of the queue.
    Remove(Vec<Entry>),
    /// Play an entry of the queue.
    Jump(Entry),
    /// Empty the queue.
    Clear,
    /// Set how the queue is gone through.
    Mode(Mode),
    /// Put an entry before another.
    Move(Entry, Entry),
    /// Sort what was chosen; `true` counts downwards.
    Sort(Vec<(sort::SortKey, bool)>),
    /// Read and change playlists.
    Playlist(PlaylistAction),
    /// Write the queue into a file; whether over one that is there.
    Write(Option<PathBuf>, bool),
    /// Rate; `None` takes the rating back.
    Rate(Option<u8>),
    /// Love, or no more.
    Love,
    /// Answer a proposal.
    Answer(Answer),
    /// Take the last answer back.
    Undo,
    /// Switch automatic filling; `None` toggles.
    Auto(Option<bool>),
    /// Choose an engine; `None` shows it.
    Engine(Option<String>),
    /// Show, choose, keep or compare signatures.
    Signature(SignatureAction),
    /// Begin, show or end a direction or a journey.
    Course(CourseAction),
    /// Follow a blend.
    Blend(BlendAction),
    /// Keep or leave signatures for hours of the day.
    Mood(MoodAction),
    /// What the dimensions mean; one of them, counted from 0, by its card.
    Dims(Option<u8>),
    /// Show, switch or take back what was learned of the user's taste.
    Taste(TasteAction),
    /// Show only the songs that pass; empty for all.
    Filter(String),
    /// Show the songs of which there is more than one file.
    Duplicates,
    /// Compare the disk with the library.
    Rescan,
    /// Another theme; `None` shows the names.
    Theme(Option<String>),
    /// End.
    Quit,
    /// A command of the screen: its name in the table and its argument.
    Screen(&'static str, String),
}

/// Parses a command line (without the colon). An empty line is an error too; callers skip it.
///
/// # Errors
/// One line that says what the command wants.
pub fn parse(line: &str) -> Result<Action, String> {
    let line = line.trim();
    let line = line.strip_prefix(':').unwrap_or(line).trim_start();
    // `/text` finds, as everywhere.
    if let Some(text) = line.strip_prefix('/') {
        return Ok(Action::Screen("find", text.to_string()));
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let spec = commands::find(word)?;
    if spec.arg.is_none() && !rest.is_empty() {
        return Err(format!("{} takes no argument", spec.name));
    }
    if spec.scope == Scope::Screen {
        return screen(spec.name, spec.arg, rest);
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
    let path = || some(rest).map(PathBuf::from);
    Ok(match spec.name {
        "play" => Action::Play(path()),
        "toggle" => Action::Toggle,
        "pause" => Action::Pause,
        "stop" => Action::Stop,
        "next" => Action::Next,
        "previous" => Action::Previous,
        "seek" => Action::Seek(time(rest).ok_or("seek wants seconds like 30, +5 or 1:20")?),
        "volume" | "replaygain" | "crossfade" | "mono" | "balance" | "device" | "spectrum" | "sleep" => {
            Action::Sound(sound(spec.name, rest)?)
        }
        "enqueue" => Action::Enqueue(path()),
        "enqueue-next" => Action::EnqueueNext(path()),
        "remove" => Action::Remove(entries(rest).ok_or("remove wants numbers of tracks ahead, like 3 or 3 4 5")?),
        "jump" => match entries(rest).as_deref() {
            Some([one]) => Action::Jump(*one),
            _ => return Err("jump wants the number of a track ahead, like 3".into()),
        },
        "clear" => Action::Clear,
        "shuffle" => Action::Mode(Mode::Shuffle(one_of(
            rest,
            &[("off", Shuffle::Off), ("tracks", Shuffle::Tracks), ("albums", Shuffle::Albums)],
            "shuffle wants off, tracks or albums",
        )?)),
        "repeat" => Action::Mode(Mode::Repeat(one_of(
            rest,
            &[("off", Repeat::Off), ("all", Repeat::All), ("one", Repeat::One)],
            "repeat wants off, all or one",
        )?)),
        "continue" => Action::Mode(Mode::Continue(one_of(rest, &SWITCH, "continue wants on or off")?)),
        "consume" => Action::Mode(Mode::Consume(one_of(rest, &SWITCH, "consume wants on or off")?)),
        "auto" => Action::Auto(one_of(rest, &SWITCH, "auto wants on or off")?),
        "move" => match entries(rest).as_deref() {
            Some([from, to]) => Action::Move(*from, *to),
            _ => return Err("move wants two numbers of tracks ahead, like 5 1".into()),
        },
        "sort" => Action::Sort(sort::keys(rest)?),
        "playlist" => Action::Playlist(playlist::parse(rest)?),
        "save" => Action::Write(path(), word.ends_with('!')),
        "rate" => Action::Rate(playlist::rating(rest)?),
        "love" => Action::Love,
        "keep" => Action::Answer(Answer::Keep(entries(rest).ok_or("keep wants numbers of tracks ahead, like 3")?)),
        "not" => Action::Answer(Answer::Not(entries(rest).ok_or("not wants numbers of tracks ahead, like 3")?)),
        "not-artist" if rest == "off" => Action::Answer(Answer::AllArtists),
        "not-artist" => match entries(rest).as_deref() {
            Some([]) => Action::Answer(Answer::NotArtist(None)),
            Some([one]) => Action::Answer(Answer::NotArtist(Some(*one))),
            _ => return Err("not-artist wants the number of a track ahead, like 3, or off".into()),
        },
        "less" => Action::Answer(less(rest)?),
        "undo" => Action::Undo,
        "engine" => Action::Engine(some(rest)),
        "signature" => Action::Signature(sets::parse(rest)?),
        "direction" => Action::Course(course::direction(rest)?),
        "journey" => Action::Course(course::journey(rest)?),
        "blend" => Action::Blend(course::blend(rest)?),
        "mood" => Action::Mood(course::mood(rest)?),
        "dims" => Action::Dims(dim(rest)?),
        "taste" => Action::Taste(taste::parse(rest)?),
        "filter" => Action::Filter(rest.to_string()),
        "duplicates" => Action::Duplicates,
        "rescan" => Action::Rescan,
        "theme" => Action::Theme(some(rest)),
        "quit" => Action::Quit,
        other => match course::synonym(other, rest) {
            Some(action) => Action::Course(action?),
            None => return Err(format!("{other} cannot be done here")),
        },
    })
}

const SWITCH: [(&str, bool); 2] = [("on", true), ("off", false)];

/// What a word means of a few; `None` for no word.
fn one_of<T: Copy>(word: &str, choices: &[(&str, T)], wants: &str) -> Result<Option<T>, String> {
    if word.is_empty() {
        return Ok(None);
    }
    choices.iter().find(|(name, _)| *name == word).map(|(_, value)| Some(*value)).ok_or_else(|| wants.to_string())
}

fn screen(name: &'static str, arg: Option<ArgKind>, rest: &str) -> Result<Action, String> {
    let fits = match arg {
        Some(ArgKind::Count) => rest.is_empty() || rest.parse::<usize>().is_ok(),
        Some(ArgKind::View) => matches!(rest.parse::<usize>(), Ok(1..=7)),
        Some(ArgKind::Entry) => rest.is_empty() || entries(rest).is_some(),
        _ => true,
    };
    let wants = match arg {
        Some(ArgKind::View) => "a number from 1 to 7",
        _ => "a number",
    };
    if fits { Ok(Action::Screen(name, rest.to_string())) } else { Err(format!("{name} wants {wants}")) }
}

/// `30`, `1:20`, `1:02:03`, each with a sign when relative.
fn time(text: &str) -> Option<Amount<f64>> {
    let (sign, digits) = signed(text);
    let mut secs = 0.0;
    for part in digits.split(':') {
        if !part.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        secs = secs * 60.0 + part.parse::<f64>().ok().filter(|s| s.is_finite())?;
    }
    // A number of many digits may still have grown beyond all bounds.
    secs.is_finite().then_some(())?;
    Some(sign.map_or(Amount::To(secs), |s| Amount::By(s * secs)))
}

fn sound(name: &str, rest: &str) -> Result<SoundAction, String> {
    let number = |low: f32, high: f32| rest.parse::<f32>().ok().filter(|n| (low..=high).contains(n));
    Ok(match name {
        "volume" => SoundAction::Volume(volume(rest)?),
        "replaygain" => SoundAction::ReplayGain(one_of(rest, &WAYS, "replaygain wants off, track, album or smart")?),
        "crossfade" => SoundAction::Crossfade(match rest {
            "" => None,
            "off" => Some(0.0),
            _ => Some(number(0.0, 15.0).ok_or("crossfade wants seconds, 0 to 15, or off")?),
        }),
        "mono" => SoundAction::Mono(one_of(rest, &SWITCH, "mono wants on or off")?),
        "balance" => SoundAction::Balance(match rest {
            "" => None,
            _ => Some(number(-100.0, 100.0).ok_or("balance wants -100 (left) to 100 (right)")?.round() as i8),
        }),
        "device" => SoundAction::Device((!rest.is_empty()).then(|| rest.to_string())),
        "spectrum" => SoundAction::Spectrum(one_of(rest, &SWITCH, "spectrum wants on or off")?),
        _ => SoundAction::Sleep(sleep(rest)?),
    })
}

fn volume(text: &str) -> Result<Option<Loudly>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let wants = "volume wants a percentage like 80, +5 or -5, or a step like +2dB";
    let (sign, digits) = signed(text.trim_end_matches('%'));
    if let Some(db) = digits.to_ascii_lowercase().strip_suffix("db") {
        let db = db.trim().parse::<f64>().ok().filter(|db| *db > 0.0 && *db <= 60.0);
        let (sign, db) = sign.zip(db).ok_or(wants)?;
        return Ok(Some(Loudly::Decibels(sign * db)));
    }
    let amount = digits.parse::<u8>().ok().filter(|n| *n <= 100).map(i32::from).ok_or(wants)?;
    Ok(Some(Loudly::Percent(sign.map_or(Amount::To(amount), |s| Amount::By(s as i32 * amount)))))
}

/// `45m`, `1h30m`, `90s`, `45` (minutes), `track`, `album`, `off`.
fn sleep(text: &str) -> Result<Option<SleepAt>, String> {
    let wants = "sleep wants a time like 45m or 1h30m, track, album or off";
    let (mut secs, mut digits) = (0.0, String::new());
    match text {
        "" => return Ok(None),
        "off" => return Ok(Some(SleepAt::Off)),
        "track" => return Ok(Some(SleepAt::Track)),
        "album" => return Ok(Some(SleepAt::Album)),
        _ => {}
    }
    // A number without a unit is minutes.
    let unit = if text.ends_with(|c: char| c.is_ascii_digit()) { "m" } else { "" };
    for c in text.chars().chain(unit.chars()) {
        let factor = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            'h' => 3600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return Err(wants.into()),
        };
        secs += factor * digits.parse::<f64>().map_err(|_| wants)?;
        digits.clear();
    }
    if secs > 0.0 && secs <= 86_400.0 { Ok(Some(SleepAt::After(secs))) } else { Err(wants.into()) }
}

fn signed(text: &str) -> (Option<f64>, &str) {
    match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (Some(1.0), rest),
        (_, Some(rest)) => (Some(-1.0), rest),
        _ => (None, text),
    }
}

/// `3 4 #17`; an empty text is no entries. `None` when a word is none.
pub(crate) fn entries(text: &str) -> Option<Vec<Entry>> {
    text.split([' ', ',']).filter(|w| !w.is_empty()).map(entry).collect()
}

fn entry(word: &str) -> Option<Entry> {
    match word.strip_prefix('#') {
        Some(serial) => serial.parse().ok().map(Entry::Serial),
        None => word.parse().ok().filter(|n| *n > 0).map(Entry::Nth),
    }
}

/// `tempo`, `7`, `tempo #12`, `#12` or nothing.
fn less(text: &str) -> Result<Answer, String> {
    let (serials, words): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|w| w.starts_with('#'));
    let wants = "less wants one dimension, like 7 or tempo";
    let about = match serials.as_slice() {
        [] => None,
        [one] => Some(entry(one).ok_or(wants)?),
        _ => return Err(wants.into()),
    };
    let dim = dim(&words.join(" ")).map_err(|why| if words.len() > 1 { wants.into() } else { why })?;
    Ok(Answer::Less(dim, about))
}

/// The dimension that a word names, counted from 0; `None` when there is no word.
fn dim(text: &str) -> Result<Option<u8>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<Choice>()? {
        Choice::Dims(picks) if picks.len() == 1 => Ok(picks.first().map(|p| p.dim)),
        _ => Err("one dimension is wanted, like 7 or tempo".into()),
    }
}

#[cfg(test)]
mod tests;
