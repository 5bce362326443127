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
    assert_eq!(parse("sig 3,7,3").unwrap_err(), "dimension 3 is listed twice");
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
