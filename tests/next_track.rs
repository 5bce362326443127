//! `jukebox next-track`: from a journal to a model that is used, or not used for a stated reason.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use jukebox::cli::local::Local;
use jukebox::config::Config;
use jukebox::library::journal::{Entry, Event, Journal};
use jukebox::paths::Paths;
use jukebox::track::TrackId;
use support::Home;

/// Adds and scans ten tones and ten noises; returns their track ids.
fn scanned(home: &Home) -> [Vec<TrackId>; 2] {
    for n in 0..10 {
        home.wav(&format!("tones/t{n}.wav"), "tone", 4.0, n);
        home.wav(&format!("noises/n{n}.wav"), "noise", 4.0, n);
    }
    home.run(&["scan", &home.music.display().to_string()]).code(0);
    let local = Local::open(&Paths::under(&home.home()), &Config::default()).unwrap();
    let answers = local.answers();
    ["tones", "noises"].map(|style| {
        let songs = answers.catalog.songs().iter();
        let of = songs.filter(|song| song.path.to_string_lossy().contains(style)).map(|song| song.track);
        let tracks: Vec<TrackId> = of.filter(|track| answers.space.row(*track).is_some()).collect();
        assert_eq!(tracks.len(), 10);
        tracks
    })
}

/// Writes sessions of nine complete plays into the journal.
fn play(home: &Home, sessions: usize, mut next: impl FnMut(usize, &mut fastrand::Rng) -> TrackId) {
    let (mut journal, _, _) = Journal::open(&Paths::under(&home.home()).journal()).unwrap();
    let mut rng = fastrand::Rng::with_seed(1);
    for session in 0..sessions {
        for place in 0..9 {
            let at = (session * 10_000 + place * 200) as u64 + 1_700_000_000;
            let event = Event::Played { track: next(place, &mut rng), secs: 180.0, whole: true };
            journal.append(&Entry { at, event }).unwrap();
        }
    }
}

#[test]
fn a_habit_is_learned_and_told() {
    let home = Home::new();
    let styles = scanned(&home);
    let model = Paths::under(&home.home()).next_track().join("model.safetensors");

    let none = home.run(&["next-track"]).code(0);
    assert!(none.out.ends_with("not used: 0 transitions so far, 300 are needed\n"), "{}", none.out);
    assert!(!model.exists());

    play(&home, 80, |place, rng| styles[place % 2][rng.usize(..10)]);
    // The report stays until a new one is requested or the player finds it due.
    assert_eq!(home.run(&["next-track"]).code(0).out, none.out);
    let learned = home.run(&["next-track", "--train"]).code(0);
    assert!(learned.out.starts_with("720 plays in 80 sessions, 0 playlists: "), "{}", learned.out);
    assert!(learned.out.contains("\nused: it is better than what was just heard"), "{}", learned.out);
    assert_eq!(home.run(&["next-track"]).code(0).out, learned.out);
    let json: serde_json::Value = serde_json::from_str(&home.run(&["next-track", "--json"]).code(0).out).unwrap();
    assert_eq!((&json["verdict"], &json["rows"][0]["name"]), (&"used".into(), &"model".into()));
    assert!(json["at"].as_u64() > Some(0) && model.exists());

    let report = model.with_file_name("report.json");
    std::fs::write(&report, "nonsense").unwrap();
    let damaged = home.run(&["next-track"]).code(1);
    assert!(damaged.err.contains("report.json: ") && damaged.err.contains("--train"), "{}", damaged.err);
    let again = home.run(&["next-track", "--train"]).code(0);
    assert_eq!(again.out, learned.out, "the same history makes the same model");
}

#[test]
fn a_history_without_one_is_not_used() {
    let home = Home::new();
    let styles = scanned(&home);
    let all = styles.concat();
    play(&home, 60, |_, rng| all[rng.usize(..20)]);
    let learned = home.run(&["next-track"]).code(0);
    assert!(learned.out.contains("\nnot used: it "), "{}", learned.out);
}
