//! All user data can be exported and imported; data of other players can be imported.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use jukebox::library::journal::{Entry, Event, Journal};
use support::Home;

/// A player without a screen, which is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts a player, which knows so many songs once it says so.
    fn start(home: &Home, songs: usize) -> Running {
        let mut command = home.command(&["--headless", "--no-audio", &home.music_arg()]);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let player = Running(quiet.spawn().unwrap());
        home.wait_status("the library", |s| s["headless"] == true && s["songs"] == songs);
        support::wait("the library in the player's answers", || known(home, "plays>=0") == songs);
        player
    }
}

fn library() -> Home {
    let home = Home::new();
    for n in 0..4 {
        home.wav(&format!("tone{n}.wav"), "tone", 4.0, n);
    }
    home.run(&["scan", "--tags-only", &home.music.display().to_string()]).code(0);
    home
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn known(home: &Home, filter: &str) -> usize {
    home.run(&["search", filter]).out.lines().count()
}

/// A Rhythmbox database in which the first tone was rated and the second one played.
fn rhythmdb(home: &Home) -> String {
    let file = home.dir.path().join("rhythmdb.xml");
    let at = |n: u32| home.music.join(format!("tone{n}.wav")).display().to_string();
    let xml = format!(
        "<?xml version=\"1.0\"?><rhythmdb version=\"2.0\">\
         <entry type=\"song\"><location>file://{}</location><rating>4</rating></entry>\
         <entry type=\"song\"><location>file://{}</location><play-count>7</play-count></entry>\
         <entry type=\"song\"><location>file:///nowhere.mp3</location><play-count>3</play-count></entry></rhythmdb>",
        at(0),
        at(1)
    );
    fs::write(&file, xml).unwrap();
    file.display().to_string()
}

#[test]
fn what_was_made_goes_out_and_comes_back() {
    let home = library();
    home.run(&["import", "--from", "rhythmbox", &rhythmdb(&home)]).code(0);
    let list = home.dir.path().join("mine.m3u8");
    fs::write(&list, format!("#EXTM3U\n{}\n", home.music.join("tone2.wav").display())).unwrap();
    home.run(&["playlist", "import", &list.display().to_string()]).code(0);
    let (config, signatures) = (home.home().join("config"), home.home().join("data/signatures"));
    fs::create_dir_all(config.join("themes")).unwrap();
    fs::create_dir_all(&signatures).unwrap();
    fs::write(config.join("themes/own.toml"), "[colors]\n").unwrap();
    fs::write(config.join("config.toml"), "[player]\nvolume = 30\n").unwrap();
    fs::write(signatures.join("calm.json"), "{}").unwrap();
    let moods = r#"{"version":1,"moods":[{"name":"calm","from":22,"to":2}]}"#;
    fs::write(home.home().join("data/moods.json"), moods).unwrap();

    let out = home.dir.path().join("out");
    let to = out.display().to_string();
    let said = home.run(&["export", &to]).code(0);
    assert!(said.err.contains("2 events, 4 songs"), "{}", said.err);
    assert!(home.run(&["export", &to]).code(1).err.contains("already exists"));
    assert_eq!(text(&out.join("library.jsonl")).lines().count(), 4);
    assert!(text(&out.join("history.jsonl")).contains("tone0"), "names are for people");
    assert!(text(&out.join("playlists/mine.m3u8")).contains("tone2.wav"));

    // Another machine with the same music and its own configuration.
    let other = library();
    fs::create_dir_all(other.home().join("config")).unwrap();
    fs::write(other.home().join("config/config.toml"), "[player]\nvolume = 99\n").unwrap();
    let dry = other.run(&["import", &to, "--dry-run"]).code(0);
    assert!(dry.err.contains("2 events and 4 files") && dry.err.contains("nothing was written"), "{}", dry.err);
    assert_eq!(known(&other, "rating=80"), 0);
    let said = other.run(&["import", &to]).code(0);
    assert!(said.err.contains("2 events and 4 files are new"), "{}", said.err);
    assert_eq!((known(&other, "rating=80"), known(&other, "plays=7")), (1, 1));
    assert_eq!(text(&other.home().join("config/config.toml")), "[player]\nvolume = 99\n", "what was there stays");
    assert!(text(&other.home().join("data/playlists/mine.m3u8")).contains("tone2.wav"));
    assert_eq!(text(&other.home().join("data/signatures/calm.json")), "{}");
    assert_eq!(text(&other.home().join("data/moods.json")), moods);
    let again = other.run(&["import", &to]).code(0);
    assert!(again.err.contains("0 events and 0 files are new"), "{}", again.err);

    // A third one, whose user has since changed the rating.
    let later = library();
    let journal = later.home().join("data/journal.jsonl");
    let (_, entries, _) = Journal::open(&home.home().join("data/journal.jsonl")).unwrap();
    let track = entries.iter().find(|e| matches!(e.event, Event::Rated { .. })).unwrap().event.track();
    let mut own = Journal::open(&journal).unwrap().0;
    own.append(&Entry { at: entries[0].at + 60, event: Event::Rated { track: track.unwrap(), rating: Some(20) } })
        .unwrap();
    drop(own);
    let said = later.run(&["import", &to]).code(0);
    assert!(said.err.contains("1 event and"), "{}", said.err);
    assert_eq!((known(&later, "rating=20"), known(&later, "rating=80"), known(&later, "plays=7")), (1, 0, 1));
}

#[test]
fn other_players_are_taken_over_once() {
    let home = library();
    let file = rhythmdb(&home);
    let said = home.run(&["import", "--from", "rhythmbox", &file]).code(0);
    assert!(said.err.contains("knows 3 files, 2 of them in the library"), "{}", said.err);
    let again = home.run(&["import", "--from", "rhythmbox", &file]).code(0);
    assert!(again.err.contains("0 ratings and loves, 0 play counts are new"), "{}", again.err);
    assert_eq!((known(&home, "rating=80"), known(&home, "plays=7")), (1, 1));

    // A rating that the user removed here is not imported again.
    let (mut journal, entries, _) = Journal::open(&home.home().join("data/journal.jsonl")).unwrap();
    let track = entries.iter().find(|e| matches!(e.event, Event::Rated { .. })).unwrap().event.track();
    journal
        .append(&Entry { at: entries[0].at + 60, event: Event::Rated { track: track.unwrap(), rating: None } })
        .unwrap();
    drop(journal);
    let again = home.run(&["import", "--from", "rhythmbox", &file]).code(0);
    assert!(again.err.contains("0 ratings and loves"), "{}", again.err);
    assert_eq!(known(&home, "rating=80"), 0);

    let nothing = home.run(&["import", "--from", "cmus", "/nonexistent/cache"]).code(1);
    assert!(nothing.err.contains("/nonexistent/cache"), "{}", nothing.err);
    let wrong = home.run(&["import", "--from", "cmus", &file]).code(1);
    assert!(wrong.err.contains("not a cmus cache"), "{}", wrong.err);
    home.run(&["import"]).code(2);
    let list = home.music.join("a.m3u").display().to_string();
    assert!(home.run(&["import", &list]).code(1).err.contains("playlist import"));
    assert!(home.run(&["import", "/nonexistent"]).code(1).err.contains("is this an export?"));
}

/// The line of one listen as ListenBrainz exports it.
fn listen(at: u64, artist: &str, title: &str) -> String {
    format!(
        "{{\"listened_at\":{at},\"track_metadata\":{{\"artist_name\":\"{artist}\",\"track_name\":\"{title}\",\
         \"release_name\":\"Tones\",\"additional_info\":{{}},\"mbid_mapping\":null}}}}\n"
    )
}

#[test]
fn listens_of_services_become_plays_once() {
    let home = Home::new();
    home.tagged(("The Ones", "Tones", "First"), "tone", 4.0, 1);
    home.tagged(("The Ones", "Tones", "Second"), "tone", 4.0, 2);
    home.run(&["scan", "--tags-only", &home.music.display().to_string()]).code(0);
    let at = |name: &str| home.dir.path().join(name).display().to_string();
    let (brainz, scrobbles, missing) = (at("1.jsonl"), at("scrobbles.csv"), at("missing.csv"));
    let lines = [
        listen(1_600_000_000, "Ones", "first"),
        listen(1_600_000_400, "Ones", "First (2011 Remaster)"),
        listen(1_600_000_800, "Others", "Third"),
    ];
    fs::write(&brainz, lines.concat()).unwrap();
    // The first one again, as the other service has it, and a new one.
    let table = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n\
                 1600000030,,The Ones,,Tones,,First,\n1600009000,,The Ones,,,,Second,\n";
    fs::write(&scrobbles, table).unwrap();

    let dry = home.run(&["import", "--from", "listenbrainz", "--dry-run", &brainz]).code(0);
    assert!(dry.err.contains("2 plays are new, 0 were known; nothing was written"), "{}", dry.err);
    assert_eq!(known(&home, "plays>0"), 0);
    let said = home.run(&["import", "--from", "listenbrainz", "--missing", &missing, &brainz]).code(0);
    assert!(said.err.contains("3 listens; found 0 by recording, 2 by artist, title and album, 0"), "{}", said.err);
    assert!(said.err.contains("not in the library: Others – Third (Tones), 1 listen"), "{}", said.err);
    assert_eq!(text(Path::new(&missing)), "listens,artist,title,album\n1,Others,Third,Tones\n");
    assert_eq!((known(&home, "plays=2"), known(&home, "plays=1")), (1, 0));
    let again = home.run(&["import", "--from", "listenbrainz", &brainz]).code(0);
    assert!(again.err.contains("0 plays are new, 2 were known"), "{}", again.err);

    // The list of what is missing takes the place of nothing, least of all of the listens.
    for taken in [&scrobbles, &missing] {
        let refused = home.run(&["import", "--from", "lastfm", &scrobbles, "--missing", taken]).code(1);
        assert!(refused.err.contains(taken.as_str()) && refused.err.contains("already exists"), "{}", refused.err);
    }
    assert_eq!((text(Path::new(&scrobbles)).as_str(), known(&home, "plays=1")), (table, 0));
    let nowhere = at("none/missing.csv");
    let refused = home.run(&["import", "--from", "lastfm", "--dry-run", &scrobbles, "--missing", &nowhere]).code(1);
    assert!(refused.err.contains("no such directory") && !Path::new(&at("none")).exists(), "{}", refused.err);
    let listed = at("listed.csv");
    let dry = home.run(&["import", "--from", "listenbrainz", "--dry-run", &brainz, "--missing", &listed]).code(0);
    assert!(dry.err.contains("listed.csv: 1 track") && dry.err.contains("nothing was imported"), "{}", dry.err);
    assert!(text(Path::new(&listed)).contains("Others"));

    let said = home.run(&["import", "--from", "lastfm", &scrobbles]).code(0);
    assert!(said.err.contains("1 play is new, 1 was known"), "{}", said.err);
    assert_eq!((known(&home, "plays=2"), known(&home, "plays=1")), (1, 1));
    let stats = home.run(&["stats"]).code(0);
    assert!(stats.out.contains("3 listened to"), "{}", stats.out);

    // Beside a player the journal is the player's, which takes what is new.
    let player = Running::start(&home, 2);
    let new = home.dir.path().join("new.jsonl");
    fs::write(&new, [listen(1_600_000_000, "Ones", "first"), listen(1_650_000_000, "Ones", "Second")].concat())
        .unwrap();
    let new = new.display().to_string();
    let journal = || text(&home.home().join("data/journal.jsonl"));
    let before = journal();
    let dry = home.run(&["import", "--from", "listenbrainz", "--dry-run", &new]).code(0);
    assert!(dry.err.contains("1 play is new, 1 was known; nothing was written"), "{}", dry.err);
    assert_eq!(journal(), before);
    let said = home.run(&["import", "--from", "listenbrainz", &new]).code(0);
    assert!(said.err.contains("1 play is new, 1 was known"), "{}", said.err);
    let plays = || (known(&home, "plays=2"), known(&home, "plays=1"));
    assert_eq!(plays(), (2, 0), "the player knows");
    let again = home.run(&["import", "--from", "listenbrainz", &new]).code(0);
    assert!(again.err.contains("0 plays are new, 2 were known"), "{}", again.err);
    let left: Vec<_> = fs::read_dir(home.home().join("run")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("catalog")), "{left:?}");
    drop(player);
    assert_eq!(plays(), (2, 0));
    let player = Running::start(&home, 2);
    assert_eq!(plays(), (2, 0), "after a start too");
    drop(player);

    let wrong = home.run(&["import", "--from", "lastfm", &at("music")]).code(1);
    assert!(wrong.err.contains("music") && wrong.err.contains("Last.fm"), "{}", wrong.err);
    home.run(&["import", "--from", "lastfm"]).code(2);
    assert!(home.run(&["import", "--from", "mpd", "--missing", &missing]).code(1).err.contains("--from lastfm"));
    assert!(home.run(&["import", "a", "b"]).code(1).err.contains("one directory"));
}

#[test]
fn an_export_is_taken_back_beside_a_player() {
    let home = library();
    home.run(&["import", "--from", "rhythmbox", &rhythmdb(&home)]).code(0);
    let data = home.home().join("data");
    fs::create_dir_all(data.join("signatures")).unwrap();
    fs::write(data.join("signatures/calm.json"), "{}").unwrap();
    fs::write(data.join("dimensions.json"), r#"{"version":1,"names":{"3":"twang"}}"#).unwrap();
    let sessions = home.home().join("state/sessions");
    fs::create_dir_all(&sessions).unwrap();
    fs::write(sessions.join("elsewhere-1.json"), "{}").unwrap();
    let out = home.dir.path().join("out").display().to_string();
    home.run(&["export", &out]).code(0);

    let other = library();
    let player = Running::start(&other, 4);
    let said = other.run(&["import", &out]).code(0);
    assert!(said.err.contains("2 events and 2 files are new"), "{}", said.err);
    let of_queue = "1 file of saved queues is left out: the running player writes its own; import again when none runs";
    assert!(said.err.contains(of_queue), "{}", said.err);
    let events = || (known(&other, "rating=80"), known(&other, "plays=7"));
    assert_eq!(events(), (1, 1), "the player knows");
    assert_eq!(text(&other.home().join("data/signatures/calm.json")), "{}");
    let again = other.run(&["import", &out]).code(0);
    assert!(again.err.contains("0 events and 0 files are new"), "{}", again.err);
    drop(player);
    assert_eq!(events(), (1, 1));
    let player = Running::start(&other, 4);
    assert_eq!(events(), (1, 1), "after a start too");
    drop(player);
    let said = other.run(&["import", &out]).code(0);
    assert!(said.err.contains("0 events and 1 file are new"), "{}", said.err);
    assert!(other.home().join("state/sessions/elsewhere-1.json").exists());
}
