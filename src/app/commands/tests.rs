//! Lines of all families.

use std::collections::HashSet;

use super::answer::AnswerAction;
use super::dims::DimsAction;
use super::examples::example;
use super::playback::PlaybackAction;
use super::queue::QueueAction;
use super::screen::ScreenAction;
use super::signature::SignatureAction;
use super::sound::{Loudly, SleepAt, SoundAction};
use super::words::{Amount, Entry, Wanted};
use super::*;
use crate::latent::Choice;

fn action(line: &str) -> Result<Action, Refusal> {
    parse(line).map(|line| line.action)
}

#[test]
fn names_are_unique_and_documented() {
    let mut seen = HashSet::new();
    for spec in COMMANDS.iter() {
        for name in std::iter::once(&spec.name).chain(spec.aliases) {
            assert!(seen.insert(*name), "{name} stands twice");
        }
        assert!(!spec.help.is_empty() && spec.help.len() <= 80, "{}", spec.name);
    }
}

#[test]
fn abbreviations_must_be_unique() {
    assert_eq!(find("q").map(|c| c.name), Ok("quit"));
    assert_eq!(find("vol").map(|c| c.name), Ok("volume"));
    assert_eq!(find("resc").map(|c| c.name), Ok("rescan"));
    assert_eq!(find("enqueue").map(|c| c.name), Ok("enqueue"));
    assert_eq!(find("p").unwrap_err().to_string(), "'p' could be play, pause, previous, playlist, playlists …");
    assert!(find("frobnicate").unwrap_err().to_string().contains("no command 'frobnicate'"));
}

#[test]
fn two_letters_that_changed_places_are_found_out() {
    for (typed, meant) in
        [("quti", "quit"), ("nxet", "next"), ("stpo", "stop"), ("plya", "play"), ("clera", "clear"), ("sahre", "share")]
    {
        let why = find(typed).unwrap_err().to_string();
        assert_eq!(why, format!("no command '{typed}'; did you mean {meant}?"));
    }
}

#[test]
fn who_wants_to_change_a_setting_is_told_of_the_file() {
    for line in ["set volume 80", "set", "save-config", "config"] {
        let why = parse(line).unwrap_err();
        assert_eq!(why, Refusal::Settings, "{line}");
        assert!(why.to_string().contains("`jukebox config check`") && !why.to_string().contains('\n'));
    }
    let taken = |word: &&str| COMMANDS.iter().any(|c| c.name.starts_with(*word) || c.aliases.contains(word));
    assert_eq!(SETTINGS.iter().find(|word| taken(word)), None);
}

#[test]
fn every_command_parses_its_example() {
    for command in COMMANDS.iter() {
        let line = example(command);
        let parsed = parse(&line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(parsed.command, command, "{line}");
        assert_eq!(matches!(parsed.action, Action::Screen(_)), command.is_of_the_screen(), "{line}");
    }
}

#[test]
fn times_are_absolute_or_relative() {
    assert_eq!(action("seek 30"), Ok(PlaybackAction::Seek(Amount::To(30.0)).into()));
    assert_eq!(action("seek +5"), Ok(PlaybackAction::Seek(Amount::By(5.0)).into()));
    assert_eq!(action("seek -1:20"), Ok(PlaybackAction::Seek(Amount::By(-80.0)).into()));
    assert_eq!(action("seek 1:02:03"), Ok(PlaybackAction::Seek(Amount::To(3723.0)).into()));
    for bad in ["", "x", "1:", "+", "nan", "inf", "1::2", "--5", "1e999"] {
        assert_eq!(action(&format!("seek {bad}")), Err(Refusal::wants("seek", "seconds like 30, +5 or 1:20")), "{bad}");
    }
}

#[test]
fn how_it_sounds() {
    let sound = |line: &str| match action(line) {
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
        assert!(parse(&format!("sleep {bad}")).unwrap_err().to_string().starts_with("sleep wants"), "{bad}");
    }
}

#[test]
fn signatures_are_checked() {
    let chosen = |choice| Ok(SignatureAction::Choose(choice).into());
    assert_eq!(action("signature 12,3,7"), chosen(Choice::dims([2, 6, 11])));
    assert_eq!(action("sig off"), chosen(Choice::All));
    assert_eq!(action("sig auto"), chosen(Choice::Auto));
    assert_eq!(action("sig"), Ok(SignatureAction::Show.into()));
    assert_eq!(parse("sig 33").unwrap_err().to_string(), "no dimension 33: use 1 to 32, or a name such as tempo");
    assert_eq!(parse("sig 0").unwrap_err().to_string(), "no dimension 0: use 1 to 32, or a name such as tempo");
    assert_eq!(action("sig 3,7,3").unwrap_err().to_string(), "dimension 3 is listed twice");
    assert_eq!(action("sig calm,tempo*2"), Ok(SignatureAction::Named("calm,tempo*2".into()).into()));
    assert!(parse("sig ,").is_err());
    assert_eq!(action("sig save x"), Ok(SignatureAction::Save("x".into()).into()));
}

#[test]
fn answers_name_a_track_or_mean_the_playing_one() {
    let answer = |line: &str| action(line).map(|a| if let Action::Answer(a) = a { a } else { panic!("{a:?}") });
    assert_eq!(answer("keep 2 #7"), Ok(AnswerAction::Keep(vec![Entry::Nth(2), Entry::Serial(7)])));
    assert_eq!(answer("not"), Ok(AnswerAction::Not(Vec::new())));
    assert_eq!(answer("not-artist #7"), Ok(AnswerAction::NotArtist(Some(Entry::Serial(7)))));
    assert_eq!(answer("not-artist off"), Ok(AnswerAction::AllArtists));
    assert_eq!(answer("less tempo #7"), Ok(AnswerAction::Less(Some(Wanted::Dim(32)), Some(Entry::Serial(7)))));
    assert_eq!(
        (answer("less 7"), answer("less")),
        (Ok(AnswerAction::Less(Some(Wanted::Dim(6)), None)), Ok(AnswerAction::Less(None, None)))
    );
    assert!(answer("less 99").unwrap_err().to_string().contains("no dimension 99"));
    assert_eq!(answer("less calm"), Ok(AnswerAction::Less(Some(Wanted::Named("calm".into())), None)));
    assert!(answer("less 3 7").is_err() && answer("not-artist 1 2").is_err() && answer("not x").is_err());
}

#[test]
fn a_card_is_named_by_number_or_name() {
    assert_eq!(action("dims"), Ok(DimsAction::Show(None).into()));
    assert_eq!(action("dims 7"), Ok(DimsAction::Show(Some(Wanted::Dim(6))).into()));
    assert_eq!(action("dims tempo"), Ok(DimsAction::Show(Some(Wanted::Dim(32))).into()));
    assert_eq!(action("dims calm"), Ok(DimsAction::Show(Some(Wanted::Named("calm".into()))).into()));
    assert!(parse("dims 3,7").is_err() && parse("dims -5").is_err() && parse("dims 46").is_err());
}

#[test]
fn mistakes_say_what_would_be_right() {
    let volume = "volume wants a percentage like 80, +5 or -5, or a step like +2dB";
    for bad in ["300", "2dB", "+0dB", "-dB", "+99dB", "+nandb"] {
        assert_eq!(parse(&format!("volume {bad}")).unwrap_err().to_string(), volume, "{bad}");
    }
    assert!(parse("replaygain loud").is_err() && parse("crossfade 16").is_err() && parse("balance nan").is_err());
    assert_eq!(parse("repeat twice").unwrap_err().to_string(), "repeat wants off, all or one");
    assert_eq!(parse("auto maybe").unwrap_err().to_string(), "auto wants on or off");
    assert_eq!(parse("next 3").unwrap_err().to_string(), "next takes no argument");
    assert_eq!(parse("view").unwrap_err().to_string(), "view wants a number or a name, like 2 or queue");
    assert_eq!(action("view Queue"), Ok(ScreenAction::ViewNamed("queue".into()).into()));
    assert_eq!(parse("jump 1 2").unwrap_err().to_string(), "jump wants the number of a track ahead, like 3");
    assert_eq!(parse("remove 0").unwrap_err().to_string(), "remove wants numbers of tracks ahead, like 3 or 3 4 5");
    assert!(parse("").is_err());
    assert_eq!(action("/text"), Ok(ScreenAction::Find { text: "text".into(), back: false }.into()));
    let both = vec![Entry::Nth(2), Entry::Serial(7)];
    assert_eq!(action(":remove 2 #7"), Ok(QueueAction::Remove(both).into()));
}
