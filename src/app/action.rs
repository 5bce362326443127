//! Command lines, parsed: [`parse`] makes an [`Action`] of a line, or says what would have been right.

use std::path::PathBuf;

use crate::latent::Choice;
use crate::queue::{Mode, Repeat, Shuffle};

use super::commands::{self, ArgKind, Scope};
use super::playlist::{self, PlaylistAction, SortKey};
use super::sets::{self, SignatureAction};
use super::taste::{self, TasteAction};

/// Where to go in a track, or what to set the volume to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount<T> {
    /// To exactly this.
    To(T),
    /// By so much, in either direction.
    By(T),
}

/// Names an entry of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The nth ahead, counted from 1.
    Nth(usize),
    /// The item of a serial number, written `#12`.
    Serial(u64),
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
    /// Percent; `None` shows it.
    Volume(Option<Amount<i32>>),
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
    Sort(Vec<(SortKey, bool)>),
    /// Read and change playlists.
    Playlist(PlaylistAction),
    /// Write the queue into a file.
    Write(Option<PathBuf>),
    /// Rate; `None` takes the rating back.
    Rate(Option<u8>),
    /// Love, or no more.
    Love,
    /// Switch automatic filling; `None` toggles.
    Auto(Option<bool>),
    /// Choose an engine; `None` shows it.
    Engine(Option<String>),
    /// Show, choose, keep or compare signatures.
    Signature(SignatureAction),
    /// What the dimensions mean; one of them, counted from 0, by its card.
    Dims(Option<u8>),
    /// Show, switch or take back what was learned of the user's taste.
    Taste(TasteAction),
    /// Show only the songs that pass; empty for all.
    Filter(String),
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
        "volume" => Action::Volume(volume(rest)?),
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
        "sort" => Action::Sort(playlist::sort_keys(rest)?),
        "playlist" => Action::Playlist(playlist::parse(rest)?),
        "save" => Action::Write(path()),
        "rate" => Action::Rate(playlist::rating(rest)?),
        "love" => Action::Love,
        "engine" => Action::Engine(some(rest)),
        "signature" => Action::Signature(sets::parse(rest)?),
        "dims" => Action::Dims(dim(rest)?),
        "taste" => Action::Taste(taste::parse(rest)?),
        "filter" => Action::Filter(rest.to_string()),
        "rescan" => Action::Rescan,
        "theme" => Action::Theme(some(rest)),
        "quit" => Action::Quit,
        other => return Err(format!("{other} cannot be done here")),
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

fn volume(text: &str) -> Result<Option<Amount<i32>>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let (sign, digits) = signed(text.trim_end_matches('%'));
    let amount = digits.parse::<u8>().ok().filter(|n| *n <= 100).map(i32::from);
    let amount = amount.ok_or("volume wants a percentage like 80, +5 or -5")?;
    Ok(Some(sign.map_or(Amount::To(amount), |s| Amount::By(s as i32 * amount))))
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

/// The dimension that a word names, counted from 0; `None` when there is no word.
fn dim(text: &str) -> Result<Option<u8>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<Choice>()? {
        Choice::Dims(picks) if picks.len() == 1 => Ok(picks.first().map(|p| p.dim)),
        _ => Err("dims wants one dimension, like 7 or tempo".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_parses_with_an_argument_of_its_kind() {
        for spec in commands::COMMANDS {
            let arg = match spec.arg {
                None => "",
                Some(ArgKind::Path) => "/m/a song.mp3",
                Some(ArgKind::Time | ArgKind::Percent | ArgKind::Entry | ArgKind::Count | ArgKind::View) => "3",
                Some(ArgKind::Move) => "5 1",
                Some(ArgKind::Playlist) => "save x",
                Some(ArgKind::Rating) => "4",
                Some(ArgKind::Sort) => "artist,-year",
                Some(ArgKind::Switch) => "on",
                Some(ArgKind::Repeat) => "all",
                Some(ArgKind::Shuffle) => "albums",
                Some(ArgKind::Engine | ArgKind::Theme | ArgKind::Filter | ArgKind::Text) => "x",
                Some(ArgKind::Dims) => "3,7",
                Some(ArgKind::Dim) => "tempo",
                Some(ArgKind::Taste) => "undo",
            };
            let line = format!("{} {arg}", spec.name);
            let action = parse(&line).unwrap_or_else(|e| panic!("{line}: {e}"));
            assert_eq!(matches!(action, Action::Screen(..)), spec.scope == Scope::Screen, "{line}");
        }
    }

    #[test]
    fn times_are_absolute_or_relative() {
        assert_eq!(parse("seek 30"), Ok(Action::Seek(Amount::To(30.0))));
        assert_eq!(parse("seek +5"), Ok(Action::Seek(Amount::By(5.0))));
        assert_eq!(parse("seek -1:20"), Ok(Action::Seek(Amount::By(-80.0))));
        assert_eq!(parse("seek 1:02:03"), Ok(Action::Seek(Amount::To(3723.0))));
        for bad in ["", "x", "1:", "+", "nan", "inf", "1::2", "--5", "1e999"] {
            assert_eq!(parse(&format!("seek {bad}")), Err("seek wants seconds like 30, +5 or 1:20".into()), "{bad}");
        }
    }

    #[test]
    fn signatures_are_checked() {
        let chosen = |choice| Ok(Action::Signature(SignatureAction::Choose(choice)));
        assert_eq!(parse("signature 12,3,7"), chosen(Choice::dims([2, 6, 11])));
        assert_eq!(parse("sig off"), chosen(Choice::All));
        assert_eq!(parse("sig auto"), chosen(Choice::Auto));
        assert_eq!(parse("sig"), Ok(Action::Signature(SignatureAction::Show)));
        assert_eq!(
            parse("sig 33").unwrap_err(),
            "there is no dimension 33: they count from 1 to 32, or go by name like tempo"
        );
        assert_eq!(
            parse("sig 0").unwrap_err(),
            "there is no dimension 0: they count from 1 to 32, or go by name like tempo"
        );
        assert_eq!(parse("sig 3,7,3").unwrap_err(), "dimension 3 stands twice");
        assert!(parse("sig temo").unwrap_err().contains("no dimension 'temo'"));
        assert!(parse("sig ,").is_err());
        assert_eq!(parse("sig save x"), Ok(Action::Signature(SignatureAction::Save("x".into()))));
    }

    #[test]
    fn a_card_is_named_by_number_or_name() {
        assert_eq!(parse("dims"), Ok(Action::Dims(None)));
        assert_eq!(parse("dims 7"), Ok(Action::Dims(Some(6))));
        assert_eq!(parse("dims tempo"), Ok(Action::Dims(Some(32))));
        assert!(parse("dims 3,7").is_err() && parse("dims -5").is_err() && parse("dims 46").is_err());
    }

    #[test]
    fn mistakes_say_what_would_be_right() {
        assert_eq!(parse("volume 300").unwrap_err(), "volume wants a percentage like 80, +5 or -5");
        assert_eq!(parse("repeat twice").unwrap_err(), "repeat wants off, all or one");
        assert_eq!(parse("auto maybe").unwrap_err(), "auto wants on or off");
        assert_eq!(parse("next 3").unwrap_err(), "next takes no argument");
        assert_eq!(parse("view 9").unwrap_err(), "view wants a number from 1 to 7");
        assert_eq!(parse("jump 1 2").unwrap_err(), "jump wants the number of a track ahead, like 3");
        assert_eq!(parse("remove 0").unwrap_err(), "remove wants numbers of tracks ahead, like 3 or 3 4 5");
        assert!(parse("").is_err());
        assert_eq!(parse("/text"), Ok(Action::Screen("find", "text".into())));
        assert_eq!(parse(":remove 2 #7"), Ok(Action::Remove(vec![Entry::Nth(2), Entry::Serial(7)])));
    }
}
