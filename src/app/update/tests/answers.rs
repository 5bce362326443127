//! Answers to proposals, and taking them back.

use super::*;
use crate::latent::{Term, named};
use crate::library::journal::Verdict;

/// A session in which song 0 plays and songs 10 to 24 were picked.
fn filled() -> Model {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    model
}

fn tracks(model: &Model) -> Vec<crate::track::TrackId> {
    model.queue.ahead().iter().map(|i| i.song.track).collect()
}

fn situation(effects: &[Effect]) -> Option<crate::queue::Situation> {
    effects.iter().find_map(|e| match e {
        Effect::Propose { situation, .. } => Some(crate::queue::Situation::clone(situation)),
        _ => None,
    })
}

#[test]
fn not_this_goes_and_does_not_come_back_until_undone() {
    let mut model = filled();
    let (before, gone) = (tracks(&model), model.queue.ahead()[2].song.clone());
    let effects = give(&mut model, "not 3", &[]);
    let judged = |verdict| Event::Judged { track: gone.track, verdict, among: vec![model.catalog.songs()[0].track] };
    assert_eq!(notes(&effects), [Event::Removed { track: gone.track }, judged(Verdict::Refused)]);
    assert_eq!(situation(&effects).unwrap().refused, [gone.track]);
    // The tail stands until the answer is there, and is then another.
    assert_eq!(model.queue.ahead().len(), 14);
    answer(&mut model, &effects, 20..35);
    assert_ne!(tracks(&model)[..3], before[..3]);
    let effects = give(&mut model, "undo", &[]);
    assert_eq!((tracks(&model), situation(&effects)), (before, None), "as it was, and nothing is asked");
    assert_eq!(notes(&effects), [Event::TasteUndone]);
    assert!(model.auto.unwanted.tracks.is_empty() && model.notice.as_ref().unwrap().text.contains("undone: not"));
    assert!(give(&mut model, "undo", &[]).is_empty());
    assert!(model.notice.as_ref().unwrap().kind == Kind::Error);
}

#[test]
fn what_was_played_meanwhile_does_not_come_back() {
    let mut model = filled();
    let before = tracks(&model);
    let effects = give(&mut model, "not 5", &[]);
    answer(&mut model, &effects, 10..14);
    give(&mut model, "next", &[]);
    give(&mut model, "undo", &[]);
    assert_eq!(tracks(&model), before[1..], "its track plays, as another item");
    let serial = model.queue.ahead()[0].serial;
    give(&mut model, "not 5", &[]);
    give(&mut model, "next", &[]);
    assert_eq!(model.queue.playing().unwrap().serial, serial);
    give(&mut model, "undo", &[]);
    assert_eq!(tracks(&model), before[2..]);
}

#[test]
fn not_this_of_the_playing_track_goes_on() {
    let mut model = filled();
    give(&mut model, "next", &[]);
    let (playing, next) = (model.queue.playing().unwrap().serial, model.queue.ahead()[0].serial);
    let effects = give(&mut model, "not", &[]);
    assert!(started(&effects).is_some() && model.queue.get(playing).is_none());
    assert_eq!(model.queue.playing().unwrap().serial, next);
}

#[test]
fn an_artist_stays_away_for_the_night() {
    let mut model = filled();
    let artist = model.queue.ahead()[0].song.artist().to_string();
    let own = model.catalog.songs().iter().find(|s| s.artist() == artist).unwrap().clone();
    give(&mut model, "enqueue", &[&own]);
    let effects = give(&mut model, "not-artist 2", &[]);
    assert_eq!(situation(&effects).unwrap().artists_off, [artist.to_lowercase()]);
    assert_eq!(notes(&effects), [], "nothing is said against the tracks");
    let left: Vec<_> = model.queue.ahead().iter().filter(|i| i.song.artist() == artist).collect();
    assert_eq!((left.len(), &left[0].origin), (1, &Origin::Hand), "what was chosen by hand stays");
    // It lasts over a restart, and ends.
    let session = model.session();
    let mut later = fixture::model(40);
    later.now = Duration::from_secs(7);
    later.restore(session, &later.catalog.clone());
    assert_eq!(later.auto.unwanted.artists.len(), 1);
    update(&mut later, Msg::Tick { now: Duration::from_secs(12 * 3600 + 8) });
    assert!(later.auto.unwanted.artists.is_empty());
    let effects = give(&mut model, "not-artist off", &[]);
    assert!(situation(&effects).is_none_or(|s| s.artists_off.is_empty()) && model.auto.unwanted.artists.is_empty());
    give(&mut model, "undo", &[]);
    assert_eq!(model.auto.unwanted.artists.len(), 1);
}

#[test]
fn what_is_kept_stays_in_its_place_and_shapes_the_rest() {
    let mut model = filled();
    let kept = model.queue.ahead()[4].clone();
    let effects = give(&mut model, "keep 5", &[]);
    let said = notes(&effects);
    assert_eq!(said[0], Event::Kept { track: kept.song.track });
    assert!(matches!(&said[1..], [Event::Judged { verdict: Verdict::Kept, .. }]), "{said:?}");
    let asked = situation(&effects).unwrap();
    assert!(asked.playlist.contains(&kept.song.track) && asked.ahead == [kept.song.track]);
    assert_eq!(model.queue.get(kept.serial).unwrap().origin, Origin::Hand);
    give(&mut model, &format!("keep #{}", kept.serial), &[]);
    assert!(model.notice.as_ref().unwrap().text.contains("yours already"));
    let effects = give(&mut model, "undo", &[]);
    assert_ne!(model.queue.get(kept.serial).unwrap().origin, Origin::Hand);
    assert!(situation(&effects).is_none(), "what stood was chosen for the playlist that stands again");
    // The playing one is taken back, too.
    give(&mut model, "next", &[]);
    give(&mut model, "keep", &[]);
    assert_eq!(model.queue.playing().unwrap().origin, Origin::Hand);
    give(&mut model, "undo", &[]);
    assert_ne!(model.queue.playing().unwrap().origin, Origin::Hand);
}

#[test]
fn what_was_added_since_an_answer_stays_when_it_is_taken_back() {
    let mut model = filled();
    let before = tracks(&model);
    give(&mut model, "not 3", &[]);
    let own = model.catalog.songs()[39].clone();
    give(&mut model, "enqueue", &[&own]);
    give(&mut model, "undo", &[]);
    let after = tracks(&model);
    assert_eq!((after[0], &after[1..]), (own.track, &before[..]), "before the automatic tail");
    // A queue that was emptied since comes back first.
    give(&mut model, "not 3", &[]);
    let left = tracks(&model);
    give(&mut model, "clear", &[]);
    give(&mut model, "undo", &[]);
    assert_eq!(tracks(&model), left);
    give(&mut model, "undo", &[]);
    assert_eq!(tracks(&model), after);
}

#[test]
fn what_was_said_elsewhere_is_not_taken_back_for_an_answer() {
    let mut model = filled();
    let noted = |model: &mut Model, effects: &[Effect]| {
        for event in notes(effects) {
            update(model, Msg::Noted(Entry { at: 1, event }));
        }
    };
    for _ in 0..2 {
        let effects = give(&mut model, "less tempo", &[]);
        noted(&mut model, &effects);
    }
    // Both are the last thing said when they are taken back.
    for _ in 0..2 {
        let effects = give(&mut model, "undo", &[]);
        assert_eq!(notes(&effects), [Event::TasteUndone]);
        noted(&mut model, &effects);
    }
    let effects = give(&mut model, "less tempo", &[]);
    noted(&mut model, &effects);
    let songs = model.catalog.songs();
    let tracks = songs[..3].iter().map(|s| s.track).collect();
    let elsewhere = Event::OddOne { tracks, odd: 0, held_out: false };
    update(&mut model, Msg::Noted(Entry { at: 2, event: elsewhere }));
    assert_eq!(notes(&give(&mut model, "undo", &[])), []);
}

#[test]
fn what_is_asked_for_by_hand_is_no_longer_refused() {
    let mut model = filled();
    let song = model.queue.ahead()[2].song.clone();
    give(&mut model, "not 3", &[]);
    give(&mut model, "enqueue", &[&song]);
    assert!(model.auto.unwanted.tracks.is_empty());
    // A playlist that is appended is asked for, too.
    model.auto.refuse([song.track].into_iter());
    let songs = vec![song];
    update(&mut model, Msg::Queue { name: "calm".into(), songs, notes: String::new(), placing: Placing::Append });
    assert!(model.auto.unwanted.tracks.is_empty());
}

#[test]
fn where_no_picks_came_the_tail_stands() {
    let mut model = filled();
    let before = tracks(&model);
    let effects = give(&mut model, "signature 3,7", &[]);
    let request = request(&effects).unwrap().0;
    update(&mut model, Msg::Picks { request, picks: Vec::new(), note: Some("nothing fits".into()) });
    assert_eq!(tracks(&model), before);
}

#[test]
fn less_means_the_dimension_that_spoke_most() {
    let (mut model, effects) = playing(0);
    let request = request(&effects).unwrap().0;
    let mut picks = proposals(&model, 10..12);
    picks[1].why = Why { dims: vec![(33, -2.0), (4, -1.0)], terms: vec![(Term::Fit, 1.0)], ..Why::default() };
    update(&mut model, Msg::Picks { request, picks, note: None });
    let serial = model.queue.ahead()[1].serial;
    let effects = give(&mut model, &format!("less #{serial}"), &[]);
    assert_eq!(notes(&effects), [Event::TasteLess { dim: 33 }]);
    let said = format!("{} counts less", named::label(32));
    assert!(model.notice.as_ref().unwrap().text.contains(&said), "{:?}", model.notice);
    // Something else was said meanwhile: the last thing said is not this one any more.
    let picked = model.queue.ahead()[0].song.clone();
    give(&mut model, "enqueue", &[&picked]);
    assert_eq!(notes(&give(&mut model, "undo", &[])), []);
    assert!(model.notice.as_ref().unwrap().text.contains("what was learned from it stays"));
    give(&mut model, "less #1", &[]);
    assert!(model.notice.as_ref().unwrap().kind == Kind::Error, "a track of the user's own has no reason");
}

#[test]
fn better_picks_come_into_the_places_of_those_that_go() {
    let mut model = filled();
    update(&mut model, Msg::Progress(Progress { latents: 10, stage: "listening".into(), ..Progress::default() }));
    let before = tracks(&model);
    // Picks were made knowing nothing; now they are made knowing ten, and later forty.
    model.auto.chosen_from = 10;
    let more = Progress { latents: 40, stage: "listening".into(), ..Progress::default() };
    let effects = update(&mut model, Msg::Progress(more));
    assert!(situation(&effects).unwrap().ahead.is_empty(), "those ahead are candidates again");
    // The very next, three others and new ones: 13, 12, 20 stay; 30, 31 come.
    let request = request(&effects).unwrap().0;
    let songs = model.catalog.songs();
    let picks = [30, 13, 31, 12, 20].map(|n| Proposal { id: songs[n].track, score: 1.0, why: Why::default() }).to_vec();
    update(&mut model, Msg::Picks { request, picks, note: None });
    let after = tracks(&model);
    let songs = model.catalog.songs();
    assert_eq!(after[0], before[0], "the player holds it already");
    assert_eq!((after[1], after[2], after[3], after[4]), (songs[30].track, before[2], before[3], songs[31].track));
    assert_eq!((after[5], after.len()), (before[10], 6));
    // All is heard: once more.
    let all = Progress { latents: 41, ..Progress::default() };
    let effects = update(&mut model, Msg::Progress(all));
    assert!(situation(&effects).is_some());
}
