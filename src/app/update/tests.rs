mod answers;
mod course;
mod ending;
mod few;
mod filter;
mod followers;
mod gains;
mod heard;
mod limits;
mod listened;
mod modes;
mod moved;
mod notices;
mod open;
mod outcomes;
mod playlists;
mod session;
mod sounding;
mod taste;
mod trial;
mod undo;
mod undo_laws;
mod undo_lists;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::app::commands;
use crate::app::commands::row::Selection;
use crate::app::commands::screen::{Motion, ScreenAction};
use crate::app::effect::{PlaylistOrder, SetOrder};
use crate::app::fixture;
use crate::app::msg::Progress;
use crate::app::state::lists::Placing;
use crate::app::state::session::Session;
use crate::ask::set::Set;
use crate::audio::{self, Command};
use crate::latent::Choice;
use crate::library::journal::{Entry, Event, Tallies, Verdict};
use crate::library::playlist;
use crate::library::{Catalog, Song};
use crate::queue::{Origin, Proposal, Why};

/// A line as the screen sends it: one that cannot be parsed is a notice.
fn command(line: &str, selection: Selection) -> Msg {
    match commands::parse(line) {
        Ok(line) => Msg::Command { action: line.action, selection },
        Err(text) => Msg::error(text),
    }
}

fn give(model: &mut Model, line: &str, selected: &[&Arc<Song>]) -> Vec<Effect> {
    let songs = selected.iter().map(|s| (*s).clone()).collect();
    update(model, command(line, Selection { songs, ..Selection::default() }))
}

fn playing(n: usize) -> (Model, Vec<Effect>) {
    let mut model = fixture::model(40);
    let song = model.catalog.songs()[n].clone();
    let effects = give(&mut model, "play", &[&song]);
    (model, effects)
}

fn proposals(model: &Model, indices: std::ops::Range<usize>) -> Vec<Proposal> {
    let why = || Why { engine: "signature".into(), ..Why::default() };
    model.catalog.songs()[indices].iter().map(|s| Proposal { id: s.track, score: 1.0, why: why() }).collect()
}

fn request(effects: &[Effect]) -> Option<(u64, usize)> {
    effects.iter().find_map(|e| match e {
        Effect::Propose { request, want, .. } => Some((*request, *want)),
        _ => None,
    })
}

fn follower(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|e| match e {
        Effect::Player(Command::Follow { token, .. }) => Some(*token),
        _ => None,
    })
}

fn started(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|e| match e {
        Effect::Player(Command::Play { token, .. }) => Some(*token),
        _ => None,
    })
}

fn end(model: &mut Model) -> Vec<Effect> {
    let token = model.play.current;
    update(model, Msg::Player(audio::Event::Finished { token }))
}

fn answer(model: &mut Model, effects: &[Effect], indices: std::ops::Range<usize>) -> Vec<Effect> {
    let request = request(effects).expect("a request").0;
    let picks = proposals(model, indices);
    update(model, Msg::Picks { request, picks, note: None })
}

#[test]
fn playing_a_song_asks_for_what_follows_and_tells_the_player() {
    let (mut model, effects) = playing(3);
    let token = started(&effects).unwrap();
    let path = model.catalog.songs()[3].path.to_path_buf();
    assert!(effects.contains(&Effect::Prefer { path, chosen: true }));
    assert_eq!(request(&effects), Some((1, 15)));
    assert_eq!(model.queue.playing().unwrap().origin, Origin::Hand);

    let effects = answer(&mut model, &effects, 10..25);
    let follow = follower(&effects).unwrap();
    assert_eq!((model.queue.ahead().len(), request(&effects)), (15, None));

    // Gapless: the end of one is the start of the other, and nothing is started by hand.
    update(&mut model, Msg::Player(audio::Event::Started { token, secs: Some(100.0) }));
    update(&mut model, Msg::Player(audio::Event::Position { token, secs: 1.5 }));
    let effects = update(&mut model, Msg::Player(audio::Event::Finished { token }));
    assert_eq!(
        effects,
        [Effect::Heard { song: model.catalog.songs()[3].clone(), secs: 1.5, whole: true, ended: true }]
    );
    let effects = update(&mut model, Msg::Player(audio::Event::Started { token: follow, secs: None }));
    assert_eq!(started(&effects), None);
    assert!(follower(&effects).is_some());
    assert_eq!(model.queue.playing().unwrap().song.track, model.catalog.songs()[10].track);
    assert_eq!(model.heard.len(), 1);
}

#[test]
fn refills_below_the_mark_with_one_request_at_a_time() {
    let (mut model, effects) = playing(0);
    assert_eq!(request(&give(&mut model, "volume 50", &[])), None, "one is open");
    answer(&mut model, &effects, 10..25);
    for _ in 0..5 {
        assert_eq!(request(&give(&mut model, "next", &[])), None);
    }
    assert_eq!(model.queue.ahead().len(), 10);
    let effects = give(&mut model, "next", &[]);
    assert_eq!(request(&effects).map(|r| r.1), Some(6));
}

#[test]
fn after_a_short_answer_it_asks_again_when_more_is_known() {
    let (mut model, effects) = playing(0);
    let effects = answer(&mut model, &effects, 10..12);
    assert_eq!(request(&effects), None);
    assert_eq!(request(&update(&mut model, Msg::Tick { now: Duration::from_secs(1) })), None);
    let more = Progress { latents: 20, ..Progress::default() };
    assert_eq!(request(&update(&mut model, Msg::Progress(more))).map(|r| r.1), Some(13));
}

#[test]
fn a_new_choice_replaces_the_automatic_tail_only() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    let hand = model.catalog.songs()[5].clone();
    let effects = give(&mut model, "enqueue", &[&hand]);
    assert_eq!(request(&effects).map(|r| r.1), Some(14), "one place is taken by hand");
    let old = request(&effects).unwrap().0;
    let effects = give(&mut model, "signature 3,7,12", &[]);
    assert_eq!(model.auto.choice, Choice::dims([2, 6, 11]));
    assert!(effects.iter().any(|e| matches!(e, Effect::Signature { .. })));
    // The answer to the withdrawn question changes nothing.
    let picks = proposals(&model, 26..36);
    update(&mut model, Msg::Picks { request: old, picks, note: None });
    assert_eq!(model.queue.ahead().len(), 16);
    answer(&mut model, &effects, 20..34);
    let ahead = model.queue.ahead();
    assert_eq!((ahead.len(), &ahead[0].origin), (15, &Origin::Hand));
    assert_eq!(ahead[1].song.track, model.catalog.songs()[20].track);
}

#[test]
fn wrong_dimensions_change_nothing_and_say_why() {
    let (mut model, _) = playing(0);
    assert!(give(&mut model, "signature 3,99", &[]).is_empty());
    let notice = model.notice.clone().unwrap();
    assert!(notice.kind == Kind::Error && notice.text.contains("no dimension 99"), "{notice:?}");
    assert_eq!(model.auto.choice, Choice::Auto);
}

#[test]
fn auto_off_drops_the_tail_and_asks_no_more() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    let effects = give(&mut model, "auto off", &[]);
    assert!(effects.contains(&Effect::Player(Command::Unfollow)));
    assert!(model.queue.ahead().is_empty() && request(&effects).is_none());
    let effects = end(&mut model);
    assert!(effects.contains(&Effect::Player(Command::Stop)));
    assert_eq!(model.play.state, State::Stopped);
    // Play begins the last one again.
    assert!(started(&give(&mut model, "toggle", &[])).is_some());
}

#[test]
fn failures_go_on_to_the_next_and_stop_after_five() {
    let mut model = fixture::model(40);
    model.auto.on = false;
    let songs: Vec<_> = model.catalog.songs()[..8].to_vec();
    let refs: Vec<_> = songs.iter().collect();
    give(&mut model, "play", &refs);
    for n in 0..5 {
        assert_eq!(model.play.state, State::Playing, "after {n}");
        let token = model.play.current;
        let why = "broken".into();
        update(&mut model, Msg::Player(audio::Event::Failed { token, why }));
        if let Some(token) = model.play.following.as_ref().map(|f| f.token) {
            update(&mut model, Msg::Player(audio::Event::Started { token, secs: None }));
        }
    }
    assert_eq!(model.play.state, State::Stopped);
    assert_eq!(model.faults.len(), 5);
    assert!(model.notice.unwrap().text.contains("5 tracks in a row"));
}

#[test]
fn a_follower_that_fails_gives_way_to_the_one_after_it() {
    let (mut model, effects) = playing(0);
    let effects = answer(&mut model, &effects, 10..25);
    let token = follower(&effects).unwrap();
    let effects = update(&mut model, Msg::Player(audio::Event::Failed { token, why: "broken".into() }));
    assert!(follower(&effects).is_some_and(|t| t != token));
    assert_eq!(model.queue.ahead()[0].song.track, model.catalog.songs()[11].track);
    assert_eq!(model.faults.len(), 1);
}

#[test]
fn a_lost_follower_is_started_after_a_moment() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    end(&mut model);
    assert_eq!(started(&update(&mut model, Msg::Tick { now: Duration::from_secs(1) })), None);
    let effects = update(&mut model, Msg::Tick { now: Duration::from_secs(3) });
    assert!(started(&effects).is_some());
    assert_eq!(model.queue.playing().unwrap().song.track, model.catalog.songs()[10].track);
}

#[test]
fn music_that_ran_out_goes_on_when_picks_come() {
    let (mut model, effects) = playing(0);
    end(&mut model);
    assert_eq!(model.play.state, State::Stopped);
    let effects = answer(&mut model, &effects, 10..25);
    assert!(started(&effects).is_some());
    // But not after the user stopped it.
    let (mut model, effects) = playing(0);
    give(&mut model, "stop", &[]);
    assert_eq!(started(&answer(&mut model, &effects, 10..25)), None);
}

#[test]
fn picks_that_left_the_catalog_are_ignored() {
    let (mut model, effects) = playing(0);
    let request = request(&effects).unwrap().0;
    let picks = proposals(&model, 10..25);
    let fewer = Catalog::new(model.catalog.songs()[..12].to_vec());
    update(&mut model, Msg::Catalog(Arc::new(fewer)));
    update(&mut model, Msg::Picks { request, picks, note: None });
    assert_eq!(model.queue.ahead().len(), 2);
}

#[test]
fn events_of_a_track_that_was_left_do_not_count() {
    let (mut model, _) = playing(0);
    let old = model.play.current;
    let other = model.catalog.songs()[1].clone();
    give(&mut model, "play", &[&other]);
    update(&mut model, Msg::Player(audio::Event::Position { token: old, secs: 77.0 }));
    assert!(update(&mut model, Msg::Player(audio::Event::Finished { token: old })).is_empty());
    assert_eq!(model.play.position, 0.0);
    assert_eq!(model.queue.playing().unwrap().song, other);
}

#[test]
fn removing_the_playing_track_plays_the_next() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    let serial = model.queue.playing().unwrap().serial;
    let effects = give(&mut model, &format!("remove #{serial} 1"), &[]);
    assert!(started(&effects).is_some());
    assert_eq!(model.queue.playing().unwrap().song.track, model.catalog.songs()[11].track);
    give(&mut model, "remove 99", &[]);
    assert!(model.notice.as_ref().unwrap().text.contains("no track 99"));
}

#[test]
fn seek_and_volume_stay_in_bounds() {
    let (mut model, _) = playing(0);
    let effects = give(&mut model, "seek -5", &[]);
    assert_eq!(effects, [Effect::Player(Command::Seek(0.0))]);
    give(&mut model, "seek 99:00:00", &[]);
    assert_eq!(model.play.position, model.duration());
    give(&mut model, "volume +100", &[]);
    assert_eq!(model.play.volume, 100);
    give(&mut model, "volume -100", &[]);
    assert_eq!(model.play.volume, 0);
}

#[test]
fn screen_commands_from_outside_reach_the_screen() {
    let mut model = fixture::model(3);
    assert_eq!(give(&mut model, "down 3", &[]), [Effect::Screen(ScreenAction::Move(Motion::Rows(3)))]);
    assert_eq!(give(&mut model, "theme mono", &[]), [Effect::Theme("mono".into())]);
}

#[test]
fn another_configuration_is_told_and_handed_on() {
    let mut model = fixture::model(3);
    let changes = crate::config::Changes { file: "config.toml".into(), ..Default::default() };
    let changes = Box::new(crate::config::Changes { later: vec!["queue.ahead".into()], ..changes });
    assert_eq!(update(&mut model, Msg::Settings(changes.clone())), [Effect::Settings(changes)]);
    let said = model.notice.as_ref().map(|notice| (notice.kind, notice.text.as_str()));
    assert_eq!(said, Some((Kind::Hint, "config.toml: read anew; queue.ahead takes effect at the next start")));
    assert_eq!(update(&mut model, Msg::Themes), [Effect::Themes]);
}

fn order(effects: &[Effect]) -> Option<&SetOrder> {
    effects.iter().find_map(|e| match e {
        Effect::Sets(order) => Some(order),
        _ => None,
    })
}

#[test]
fn a_playlist_is_saved_with_its_choice() {
    let (mut model, _) = playing(3);
    let track = model.catalog.songs()[3].track;
    give(&mut model, "signature 3*2,tempo", &[]);
    let effects = give(&mut model, "signature save late-night", &[]);
    let Some(SetOrder::Save { name, side }) = order(&effects) else { panic!("{effects:?}") };
    assert_eq!((name.as_str(), side.choice.as_deref()), ("late-night", Some("3*2,tempo")));
    assert_eq!(side.set, Set::Tracks(vec![track]));
    let mut empty = fixture::model(3);
    assert!(order(&give(&mut empty, "signature save x", &[])).is_none());
    assert!(empty.notice.unwrap().text.contains("no playlist yet"));
}

#[test]
fn the_queue_follows_a_saved_signature_until_auto() {
    let (mut model, effects) = playing(3);
    answer(&mut model, &effects, 10..25);
    assert_eq!(order(&give(&mut model, "sig use late-night", &[])), Some(&SetOrder::Use("late-night".into())));
    let members: Vec<_> = model.catalog.songs()[30..33].iter().map(|s| s.track).collect();
    let choice = Choice::dims([2, 32]);
    let msg = Msg::Follow { name: "late-night".into(), members: members.clone(), choice: choice.clone() };
    let effects = update(&mut model, msg);
    let asked = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Propose { situation, choice, .. } => Some((situation.playlist.clone(), choice.clone())),
            _ => None,
        })
    };
    assert_eq!(asked(&effects), Some((members.clone(), choice)));
    assert!(model.notice.as_ref().unwrap().text.contains("follows late-night (3 tracks)"));
    // Adding by hand changes the queue, not what it follows.
    answer(&mut model, &effects, 10..25);
    let hand = model.catalog.songs()[5].clone();
    assert_eq!(asked(&give(&mut model, "enqueue", &[&hand])), None);
    // It outlives the session.
    let text = serde_json::to_string(&model.session()).unwrap();
    let mut again = fixture::model(40);
    let catalog = again.catalog.clone();
    again.restore(serde_json::from_str(&text).unwrap(), &catalog);
    assert_eq!(again.auto.following, model.auto.following);
    let effects = give(&mut model, "sig auto", &[]);
    let (playlist, choice) = asked(&effects).unwrap();
    assert_eq!(choice, Choice::Auto);
    assert!(playlist.contains(&hand.track) && !playlist.contains(&members[0]));
}

#[test]
fn sets_are_the_album_and_artist_of_what_plays() {
    let (mut model, _) = playing(12);
    let effects = give(&mut model, "sig compare album artist", &[]);
    let Some(SetOrder::Compare(album, artist)) = order(&effects) else { panic!("{effects:?}") };
    let song = model.playing().unwrap().song.clone();
    assert_eq!(album.set, Set::Files { paths: vec![song.path.to_path_buf()], albums: true });
    assert_eq!(artist.set, Set::Artist(song.artist().into()));
    assert!(order(&give(&mut model, "sig compare library library", &[])).is_none());
    assert!(order(&give(&mut fixture::model(3), "sig compare album library", &[])).is_none());
    let effects = give(&mut model, "sig export night.json", &[]);
    assert!(matches!(order(&effects), Some(SetOrder::Export { .. })));
}

#[test]
fn answers_are_safe_and_keep_their_columns() {
    let mut model = fixture::model(3);
    let lines = vec!["   7  1.26\u{1b}[31m  x".to_string()];
    let effects = update(&mut model, Msg::Told { title: "T\u{7}".into(), lines });
    assert_eq!(effects, [Effect::Screen(ScreenAction::Answer)]);
    let (title, lines) = model.told.unwrap();
    assert_eq!(title, "T");
    assert!(lines[0].starts_with("   7  1.26") && !lines[0].contains('\u{1b}'));
}

#[test]
fn ratings_and_loves_are_noted_and_come_back() {
    let (mut model, _) = playing(0);
    let track = model.playing().unwrap().song.track;
    let other = model.catalog.songs()[5].clone();
    let rated = give(&mut model, "rate 4", &[&other, &other]);
    assert_eq!(notes(&rated), [Event::Rated { track: other.track, rating: Some(80) }]);
    assert_eq!(notes(&give(&mut model, "love", &[])), [Event::Loved { track, loved: true }]);
    let entry = Entry { at: 7, event: Event::Loved { track, loved: true } };
    update(&mut model, Msg::Noted(entry));
    assert!(model.tallies.of(track).loved);
    assert_eq!(notes(&give(&mut model, "love", &[])), [Event::Loved { track, loved: false }]);
}

#[test]
fn an_import_tells_of_the_whole_journal_and_what_was_just_heard_stays() {
    let mut model = fixture::model(40);
    let tracks: Vec<_> = model.catalog.songs().iter().map(|song| song.track).collect();
    let rated = |track, rating| Entry { at: 5, event: Event::Rated { track, rating: Some(rating) } };
    update(&mut model, Msg::Noted(rated(tracks[1], 20)));
    model.heard = tracks[..3].to_vec();
    let revision = model.revisions.journal;
    let tallies = Box::new(Tallies::new(&[rated(tracks[0], 80)]));
    update(&mut model, Msg::Imported { tallies, heard: vec![tracks[3], tracks[0], tracks[1]] });
    assert_eq!([0, 1].map(|n| model.tallies.of(tracks[n]).rating), [Some(80), None]);
    assert_eq!(model.heard, [tracks[3], tracks[0], tracks[1], tracks[2]]);
    assert_eq!(model.revisions.journal, revision + 1, "what is sorted by plays is sorted anew");
}

#[test]
fn what_is_done_with_automatic_tracks_is_noted() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..20);
    let auto = model.queue.ahead()[0].song.clone();
    let among = vec![model.playing().unwrap().song.track];
    let judged = |track, verdict| Event::Judged { track, verdict, among: among.clone() };
    let removed = [Event::Removed { track: auto.track }, judged(auto.track, Verdict::Removed)];
    assert_eq!(notes(&give(&mut model, "remove 1", &[])), removed);
    let auto = model.queue.ahead()[0].song.clone();
    let kept = [Event::Kept { track: auto.track }, judged(auto.track, Verdict::Kept)];
    assert_eq!(notes(&give(&mut model, "enqueue", &[&auto])), kept);
    assert_eq!(notes(&give(&mut model, "remove 1", &[])), [], "chosen by hand");
}

fn notes(effects: &[Effect]) -> Vec<Event> {
    let note = |e: &Effect| if let Effect::Note(event) = e { Some(event.clone()) } else { None };
    effects.iter().filter_map(note).collect()
}

#[test]
fn a_held_session_whose_track_fails_stays_held() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    let session = model.session();
    let (mut model, catalog) = (fixture::model(40), model.catalog);
    model.restore(session, &catalog);
    resume(&mut model);
    assert_eq!(model.play.state, State::Paused);
    let token = model.play.current;
    let effects = update(&mut model, Msg::Player(audio::Event::Failed { token, why: "broken".into() }));
    assert!(effects.iter().any(|e| matches!(e, Effect::Player(Command::Play { paused: true, .. }))), "{effects:?}");
    assert_eq!(model.play.state, State::Paused);
}
