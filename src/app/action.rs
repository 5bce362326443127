//! Command lines, parsed: [`parse`] makes an [`Action`] of a line, or says what would have been right.

use std::path::PathBuf;

use crate::latent::Choice;
use crate::queue::{Mode, Repeat, Shuffle};

use super::commands::{self, ArgKind, Scope};
use super::course::{self, BlendAction, CourseAction, MoodAction};
use super::playlist::{self, PlaylistAction, SortKey};
use super::sets::{self, SignatureAction};
use super::sounding::{ReplayGain, WAYS};
use super::taste::{self, TasteAction};

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
    Sort(Vec<(SortKey, bool)>),
    /// Read and change playlists.
    Playlist(PlaylistAction),
    /// Write the queue into a file.
    Write(Option<PathBuf>),
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
        "sort" => Action::Sort(playlist::sort_keys(rest)?),
        "playlist" => Action::Playlist(playlist::parse(rest)?),
        "save" => Action::Write(path()),
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
                Some(ArgKind::ReplayGain) => "smart",
                Some(ArgKind::Seconds | ArgKind::Balance | ArgKind::Output) => "3",
                Some(ArgKind::Sleep) => "1h30m",
                Some(ArgKind::Repeat) => "all",
                Some(ArgKind::Shuffle) => "albums",
                Some(ArgKind::Engine | ArgKind::Theme | ArgKind::Filter | ArgKind::Text) => "x",
                Some(ArgKind::Dims) => "3,7",
                Some(ArgKind::Dim | ArgKind::Less) => "tempo",
                Some(ArgKind::Artist) => "off",
                Some(ArgKind::Direction) => "tempo up",
                Some(ArgKind::Journey) => "\"A\" \"B\" 12",
                Some(ArgKind::Blend) => "+A -B",
                Some(ArgKind::Mood) => "late-night 22-2",
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
    fn how_it_sounds() {
        let sound = |line: &str| match parse(line) {
            Ok(Action::Sound(action)) => action,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(sound("vol -2dB"), SoundAction::Volume(Some(Loudly::Decibels(-2.0))));
        assert_eq!(sound("volume +5%"), SoundAction::Volume(Some(Loudly::Percent(Amount::By(5)))));
        assert_eq!(sound("crossfade off"), SoundAction::Crossfade(Some(0.0)));
        assert_eq!(sound("balance -30"), SoundAction::Balance(Some(-30)));
        assert_eq!(sound("device hw:CARD=PCH,DEV=0"), SoundAction::Device(Some("hw:CARD=PCH,DEV=0".into())));
        for (text, secs) in [("45m", 2700.0), ("45", 2700.0), ("1h30m", 5400.0), ("90s", 90.0), ("1h30", 5400.0)] {
            assert_eq!(sound(&format!("sleep {text}")), SoundAction::Sleep(Some(SleepAt::After(secs))), "{text}");
        }
        for bad in ["m", "0", "1x", "-5m", "99h", "1.5h"] {
            assert!(parse(&format!("sleep {bad}")).unwrap_err().starts_with("sleep wants"), "{bad}");
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
    fn answers_name_a_track_or_mean_the_playing_one() {
        let answer = |line: &str| parse(line).map(|a| if let Action::Answer(a) = a { a } else { panic!("{a:?}") });
        assert_eq!(answer("keep 2 #7"), Ok(Answer::Keep(vec![Entry::Nth(2), Entry::Serial(7)])));
        assert_eq!(answer("not"), Ok(Answer::Not(Vec::new())));
        assert_eq!(answer("not-artist #7"), Ok(Answer::NotArtist(Some(Entry::Serial(7)))));
        assert_eq!(answer("not-artist off"), Ok(Answer::AllArtists));
        assert_eq!(answer("less tempo #7"), Ok(Answer::Less(Some(32), Some(Entry::Serial(7)))));
        assert_eq!((answer("less 7"), answer("less")), (Ok(Answer::Less(Some(6), None)), Ok(Answer::Less(None, None))));
        assert!(answer("less 99").unwrap_err().contains("no dimension 99"));
        assert!(answer("less 3 7").is_err() && answer("not-artist 1 2").is_err() && answer("not x").is_err());
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
        let volume = "volume wants a percentage like 80, +5 or -5, or a step like +2dB";
        for bad in ["300", "2dB", "+0dB", "-dB", "+99dB", "+nandb"] {
            assert_eq!(parse(&format!("volume {bad}")).unwrap_err(), volume, "{bad}");
        }
        assert!(parse("replaygain loud").is_err() && parse("crossfade 16").is_err() && parse("balance nan").is_err());
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
