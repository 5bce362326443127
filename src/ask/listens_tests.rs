use super::*;
use crate::track::{More, Tags};

const ID: &str = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";
const NOW: u64 = 1_000_000;

fn song(n: u8, artist: &str, album: &str, title: &str) -> Song {
    let tags =
        Tags { artist: Some(artist.into()), album: Some(album.into()), title: Some(title.into()), ..Tags::default() };
    Song { tags: tags.into(), secs: 200.0, ..Song::bare(format!("/m/{n}.flac"), TrackId([n; 16])) }
}

fn catalog() -> Catalog {
    let with_id = |song: Song| {
        let mut tags = Tags::from(&song.tags);
        tags.more = Some(Box::new(More { mbid_track: ID.parse().ok(), ..More::default() }));
        Song { tags: tags.into(), ..song }
    };
    let songs = [
        with_id(song(1, "Can", "Tago Mago", "Paperhouse")),
        song(2, "The Beatles", "Help!", "Yesterday (Remastered 2009)"),
        song(3, "The Beatles", "1 (Deluxe Edition)", "Yesterday"),
        song(4, "The Beatles", "Live at the BBC", "Yesterday (Live)"),
        song(5, "Moby", "Play", "Intro"),
        song(6, "Moby", "18", "Intro"),
        song(7, "!!!", "Myth Takes", "???"),
        Song { former: TrackId([90; 16]), ..song(8, "Burial", "Untrue", "Archangel") },
    ];
    Catalog::new(songs.into_iter().map(Arc::new).collect())
}

fn listen(at: u64, artist: &str, title: &str, album: &str) -> Listen {
    Listen { at, artist: artist.into(), title: title.into(), album: album.into(), ..Listen::default() }
}

/// The track and how it was found.
fn found(listen: &Listen) -> Option<(u8, How)> {
    let catalog = catalog();
    Index::new(&catalog).find(listen).map(|(song, how)| (song.track.0[0], how))
}

#[test]
fn listens_are_found_by_recording_then_album_then_name() {
    let of = |artist, title, album| found(&listen(9, artist, title, album));
    let by_id = Listen { recordings: vec![ID.parse().unwrap()], ..listen(9, "CAN", "Paper House", "") };
    assert_eq!(found(&by_id), Some((1, How::Recording)));
    let other_id = Listen {
        recordings: vec!["5465ca86-3881-4349-81b2-6efbd3a59451".parse().unwrap()],
        ..listen(9, "can", "PAPERHOUSE", "tago mago (40th anniversary edition)")
    };
    assert_eq!(found(&other_id), Some((1, How::Album)), "an id that no file has says nothing");
    assert_eq!(of("Beatles", "Yesterday - Remastered 2009", "Help! (Remastered)"), Some((2, How::Album)));
    assert_eq!(of("The Beatles feat. Nobody", "Yesterday", "1"), Some((3, How::Album)));
    assert_eq!(of("The Beatles", "Yesterday", "Anthology"), Some((3, How::Name)), "the plain one of the two");
    assert_eq!(of("The Beatles", "Yesterday (Live)", ""), Some((4, How::Name)), "another performance is another song");
    assert_eq!(of("The Beatles", "Yesterday (Demo)", ""), None);
    assert_eq!(of("Moby", "Intro", "18"), Some((6, How::Album)));
    assert_eq!(of("Moby", "Intro", ""), None, "it could be either");
    assert_eq!(of("!!!", "???", ""), Some((7, How::Name)));
    assert_eq!(of("!!!", "!!!", ""), None, "names of signs alone are not all the same");
}

#[test]
fn one_of_several_artists_is_enough_and_the_nearest_duration_decides() {
    let tags = |album: &str| Tags {
        artist: Some("Robyn, Kleerup".into()),
        artists: ["Robyn".into(), "Kleerup".into()].into(),
        album: Some(album.into()),
        title: Some("With Every Heartbeat".into()),
        ..Tags::default()
    };
    let song = |n: u8, album, secs| {
        let bare = Song::bare(format!("/m/{n}.flac"), TrackId([n; 16]));
        Arc::new(Song { tags: tags(album).into(), secs, ..bare })
    };
    let catalog = Catalog::new(vec![song(1, "Robyn", 254.0), song(2, "Hits", 200.0)]);
    let index = Index::new(&catalog);
    let of = |artist, secs| {
        let listen = Listen { secs, ..listen(9, artist, "With Every Heartbeat", "") };
        index.find(&listen).map(|(song, how)| (song.track.0[0], how))
    };
    assert_eq!(of("Kleerup", Some(201.0)), Some((2, How::Name)));
    assert_eq!(of("Robyn, Kleerup", Some(260.0)), Some((1, How::Name)));
    assert_eq!(of("Kleer", None), None);
}

#[test]
fn a_history_becomes_plays_once() {
    let catalog = catalog();
    let listens = [
        listen(5000, "Burial", "Archangel", "Untrue"),
        listen(1000, "Can", "Paperhouse", ""),
        listen(1200, "Can", "Paperhouse", ""),
        listen(3000, "Nobody", "Nothing", "None"),
        listen(3600, "nobody", "Nothing", ""),
        listen(9000, "Nobody", "Else", ""),
        listen(NOW + 2 * AHEAD, "Can", "Paperhouse", ""),
    ];
    let (events, report) = plays(&listens, &catalog, &[], NOW);
    let played = |at, n: u8| Entry { at, event: Event::Played { track: TrackId([n; 16]), secs: 200.0, whole: true } };
    assert_eq!(events, [played(1200, 1), played(1400, 1), played(5200, 8)], "at their ends, in the order of time");
    assert_eq!((report.listens, report.found, report.known, report.ahead), (7, [0, 1, 2], 0, 1));
    assert_eq!(report.not_found(), 3);
    let first = Missing { artist: "Nobody".into(), title: "Nothing".into(), album: "None".into(), listens: 2 };
    assert_eq!((&report.missing[0], report.missing[1].title.as_str()), (&first, "Else"));
    // The same file again, and then a part of it beside a new listen.
    let (again, report) = plays(&listens, &catalog, &events, NOW);
    assert_eq!((again.len(), report.known), (0, 3));
    let more = [listens[1].clone(), listen(1600, "Can", "Paperhouse", "")];
    let (new, _) = plays(&more, &catalog, &events, NOW);
    assert_eq!(new, [played(1800, 1)]);
}

#[test]
fn what_was_played_here_or_scrobbled_elsewhere_too_counts_once() {
    let catalog = catalog();
    // Played here under its former identity, paused for a minute, and ended at 5300.
    let own = Entry { at: 5300, event: Event::Played { track: TrackId([90; 16]), secs: 200.0, whole: true } };
    let of = |listens: &[Listen]| plays(listens, &catalog, std::slice::from_ref(&own), NOW).0.len();
    let archangel = |at| listen(at, "Burial", "Archangel", "");
    assert_eq!(of(&[archangel(5040)]), 0);
    assert_eq!(of(&[archangel(5101), archangel(5101)]), 0, "twice in the same file, in the same second");
    assert_eq!(of(&[archangel(5040), archangel(5250)]), 1, "one play stands for one listen");
    assert_eq!(of(&[archangel(4900)]), 1);
}

#[test]
fn what_a_service_says_of_the_seconds_is_kept() {
    let catalog = catalog();
    let heard = |heard| {
        let listen = Listen { heard: Some(heard), ..listen(1000, "Can", "Paperhouse", "") };
        plays(&[listen], &catalog, &[], NOW).0[0].clone()
    };
    let track = TrackId([1; 16]);
    assert_eq!(heard(120.0), Entry { at: 1120, event: Event::Played { track, secs: 120.0, whole: false } });
    assert_eq!(heard(900.0), Entry { at: 1200, event: Event::Played { track, secs: 200.0, whole: true } });
}

#[test]
fn imported_listens_are_sessions_and_plays_like_any_others() {
    use crate::library::journal::Tallies;
    use crate::queue::next::sessions;
    let catalog = catalog();
    let listens = [
        listen(9000, "Burial", "Archangel", ""),
        listen(1000, "Can", "Paperhouse", ""),
        listen(1200, "The Beatles", "Yesterday", "Help!"),
    ];
    // The journal already has what came later.
    let own = Entry { at: 20_000, event: Event::Played { track: TrackId([5; 16]), secs: 200.0, whole: true } };
    let (events, _) = plays(&listens, &catalog, std::slice::from_ref(&own), NOW);
    let all: Vec<Entry> = [own].into_iter().chain(events).collect();
    // Next track: a pause ends a session, and the order is that of time.
    let cut: Vec<Vec<u8>> =
        sessions(&all, &|_| None).iter().map(|plays| plays.iter().map(|play| play.track.0[0]).collect()).collect();
    assert_eq!(cut, [vec![1, 2], vec![8], vec![5]]);
    // Rediscover: how often, and when last.
    let tally = Tallies::new(&all).of(TrackId([1; 16]));
    assert_eq!((tally.plays, tally.last_played), (1, Some(1200)));
}
