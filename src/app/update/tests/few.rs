//! The queue while few tracks are analysed: three picks ahead, chosen again as there are more to choose from.

use super::*;
use crate::track::TrackId;

fn analysed(latents: usize) -> Msg {
    let few = latents < 60;
    Msg::Progress(Progress { latents, stage: "listening".into(), tracks: 4000, few, ..Progress::default() })
}

/// Song 0, of over 200 s, plays; songs 10 to 12 were picked from ten analysed tracks.
fn picked() -> Model {
    let mut model = fixture::model(40);
    update(&mut model, analysed(10));
    let song = model.catalog.songs()[0].clone();
    let effects = give(&mut model, "play", &[&song]);
    assert_eq!(request(&effects).map(|r| r.1), Some(3));
    answer(&mut model, &effects, 10..13);
    assert_eq!(ahead(&model), [10, 11, 12]);
    model
}

/// The places in the catalog of the items ahead.
fn ahead(model: &Model) -> Vec<usize> {
    model.queue.ahead().iter().map(|item| place(model, item.song.track)).collect()
}

fn place(model: &Model, track: TrackId) -> usize {
    model.catalog.songs().iter().position(|song| song.track == track).unwrap()
}

/// What a request takes for granted to stand ahead, and how many picks it wants.
fn asked(model: &Model, effects: &[Effect]) -> Option<(Vec<usize>, usize)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Propose { situation, want, .. } => {
            Some((situation.ahead.iter().map(|track| place(model, *track)).collect(), *want))
        }
        _ => None,
    })
}

fn pick(model: &mut Model, effects: &[Effect], songs: &[usize]) -> Vec<Effect> {
    let request = request(effects).expect("a request").0;
    let all = model.catalog.clone();
    let proposal = |n: &usize| Proposal { id: all.songs()[*n].track, score: 1.0, why: Why::default() };
    let picks = songs.iter().map(proposal).collect();
    update(model, Msg::Picks { request, picks, note: None })
}

fn at(model: &mut Model, secs: f64) {
    let token = model.play.current;
    update(model, Msg::Player(audio::Event::Position { token, secs }));
}

#[test]
fn three_stand_ahead_until_enough_is_analysed() {
    let mut model = picked();
    let effects = give(&mut model, "next", &[]);
    assert_eq!(asked(&model, &effects), Some((vec![11, 12], 1)));
    pick(&mut model, &effects, &[13]);
    assert_eq!(ahead(&model), [11, 12, 13]);
    // What was chosen from few is chosen again, once.
    let effects = update(&mut model, analysed(60));
    assert_eq!(asked(&model, &effects), Some((vec![], 15)));
    pick(&mut model, &effects, &(20..35).collect::<Vec<_>>());
    assert_eq!(ahead(&model), (20..35).collect::<Vec<_>>());
    let effects = update(&mut model, analysed(90));
    assert_eq!(asked(&model, &effects), None);
}

#[test]
fn what_the_user_added_does_not_count_and_stays() {
    let mut model = picked();
    let (a, b) = (model.catalog.songs()[5].clone(), model.catalog.songs()[6].clone());
    let effects = give(&mut model, "enqueue", &[&a, &b]);
    assert_eq!(asked(&model, &effects), Some((vec![5, 6], 3)));
    pick(&mut model, &effects, &[20, 21, 22]);
    let effects = update(&mut model, analysed(14));
    assert_eq!(asked(&model, &effects), Some((vec![5, 6], 3)));
    pick(&mut model, &effects, &[30, 31, 32]);
    assert_eq!(ahead(&model), [5, 6, 30, 31, 32]);
}

#[test]
fn picks_are_chosen_again_whenever_there_are_enough_more_tracks() {
    let mut model = picked();
    let serial = |model: &Model, n: usize| {
        model.queue.ahead().iter().find(|item| place(model, item.song.track) == n).unwrap().serial
    };
    let before = serial(&model, 11);
    let effects = update(&mut model, analysed(13));
    assert_eq!(asked(&model, &effects), None, "three more are not enough");
    let effects = update(&mut model, analysed(14));
    assert_eq!(asked(&model, &effects), Some((vec![], 3)), "also the next one is chosen again");
    let effects = pick(&mut model, &effects, &[11, 30, 10]);
    assert_eq!(ahead(&model), [11, 30, 10]);
    assert_eq!(serial(&model, 11), before);
    assert!(follower(&effects).is_some(), "the player is told of the other next one");
    let effects = update(&mut model, analysed(17));
    assert_eq!(asked(&model, &effects), None);
    let effects = update(&mut model, analysed(18));
    let effects = pick(&mut model, &effects, &[11, 31, 32]);
    assert_eq!((ahead(&model), follower(&effects)), (vec![11, 31, 32], None), "the next one is the same");
    let effects = update(&mut model, analysed(40));
    pick(&mut model, &effects, &[]);
    assert_eq!(ahead(&model), [11, 31, 32], "without picks, the old ones stay");
    let effects = update(&mut model, analysed(41));
    pick(&mut model, &effects, &[11, 31, 32]);
    let effects = update(&mut model, analysed(50));
    assert_eq!(asked(&model, &effects), None, "a quarter more");
    let effects = update(&mut model, analysed(51));
    assert!(asked(&model, &effects).is_some());
}

#[test]
fn without_picks_no_limit_moves_the_old_ones() {
    let mut model = picked();
    // All three are by one artist, so that none may follow another, as where the limits have changed since they were picked.
    model.auto.bounds.limits.spacing.artist = 1;
    let effects = update(&mut model, analysed(14));
    pick(&mut model, &effects, &[]);
    assert_eq!(ahead(&model), [10, 11, 12]);
    let effects = update(&mut model, analysed(18));
    pick(&mut model, &effects, &[12, 11, 5]);
    assert_eq!(ahead(&model), [12, 5, 11], "with picks they are kept apart: 5 is by another artist");
}

#[test]
fn where_too_little_was_known_any_new_track_is_worth_it() {
    let mut model = fixture::model(40);
    update(&mut model, analysed(3));
    let song = model.catalog.songs()[0].clone();
    let effects = give(&mut model, "play", &[&song]);
    pick(&mut model, &effects, &[1]);
    let effects = update(&mut model, analysed(3));
    assert_eq!(asked(&model, &effects), None);
    let effects = update(&mut model, analysed(4));
    assert_eq!(asked(&model, &effects), Some((vec![], 3)));
}

#[test]
fn the_next_one_is_settled_in_the_last_seconds() {
    let mut model = picked();
    let near_the_end = model.duration() - 10.0;
    at(&mut model, near_the_end);
    let effects = update(&mut model, analysed(14));
    assert_eq!(asked(&model, &effects), Some((vec![10], 2)));
    pick(&mut model, &effects, &[30, 31]);
    assert_eq!(ahead(&model), [10, 30, 31]);
    // The last seconds begin while the engine is at work.
    let mut model = picked();
    at(&mut model, 100.0);
    let effects = update(&mut model, analysed(14));
    assert_eq!(asked(&model, &effects), Some((vec![], 3)));
    let near_the_end = model.duration() - 10.0;
    at(&mut model, near_the_end);
    pick(&mut model, &effects, &[30, 10, 31]);
    assert_eq!(ahead(&model), [10, 30, 31]);
}

#[test]
fn what_began_meanwhile_is_not_picked_again() {
    let mut model = picked();
    let effects = update(&mut model, analysed(14));
    end(&mut model);
    let token = model.play.following.as_ref().unwrap().token;
    update(&mut model, Msg::Player(audio::Event::Started { token, secs: None }));
    assert_eq!(place(&model, model.playing().unwrap().song.track), 10);
    pick(&mut model, &effects, &[30, 10, 31]);
    assert_eq!(ahead(&model), [30, 31]);
}

#[test]
fn what_an_engine_has_ordered_is_not_chosen_again() {
    for ordered in [false, true] {
        let mut model = fixture::model(40);
        update(&mut model, analysed(10));
        let song = model.catalog.songs()[0].clone();
        let effects = give(&mut model, "play", &[&song]);
        let why = Why { ordered, ..Why::default() };
        let picks = proposals(&model, 10..13).into_iter().map(|pick| Proposal { why: why.clone(), ..pick }).collect();
        let request = request(&effects).expect("a request").0;
        update(&mut model, Msg::Picks { request, picks, note: None });
        let effects = update(&mut model, analysed(40));
        assert_eq!(asked(&model, &effects).is_none(), ordered);
    }
}

#[test]
fn only_what_the_user_chose_is_a_seed() {
    let mut model = picked();
    let effects = give(&mut model, "next", &[]);
    let chosen = |effects: &[Effect]| {
        effects.iter().find_map(|e| if let Effect::Prefer { chosen, .. } = e { Some(*chosen) } else { None })
    };
    assert_eq!(chosen(&effects), Some(false));
    let song = model.catalog.songs()[30].clone();
    assert_eq!(chosen(&give(&mut model, "play", &[&song])), Some(true));
}

/// What plays first is not analysed yet: that is no obstacle while it is about to be, but one once nothing more comes.
#[test]
fn that_nothing_can_be_chosen_yet_is_no_notice_while_tracks_are_analysed() {
    for (stage, told) in [("listening", false), ("", true)] {
        let mut model = fixture::model(40);
        update(&mut model, Msg::Progress(Progress { stage: stage.into(), tracks: 40, ..Progress::default() }));
        let song = model.catalog.songs()[0].clone();
        let effects = give(&mut model, "play", &[&song]);
        let request = request(&effects).expect("a request").0;
        model.notice = None;
        let note = Some("nothing of the playlist is analysed yet".to_string());
        update(&mut model, Msg::Picks { request, picks: Vec::new(), note });
        assert_eq!(model.notice.is_some(), told, "{stage:?}");
        assert!(model.log.newest().any(|entry| entry.text.contains("analysed yet")), "the log has it");
    }
}
