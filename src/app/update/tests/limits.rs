//! Limits of the queue: what they keep out gives way, what the user added stays.

use super::undo::{filled, items, notice};
use super::*;
use crate::app::state::bounds::{Bounds, Ending, Until};
use crate::config::Config;
use crate::queue::Situation;

fn asked(effects: &[Effect]) -> Option<(&Situation, usize)> {
    effects.iter().find_map(|e| match e {
        Effect::Propose { situation, want, .. } => Some((&**situation, *want)),
        _ => None,
    })
}

fn picked(model: &mut Model, effects: &[Effect], picks: Vec<Proposal>) -> Vec<Effect> {
    let request = request(effects).expect("a request").0;
    update(model, Msg::Picks { request, picks, note: None })
}

/// Proposals of tracks that stay: they have no reason of their own.
fn staying(model: &Model, indices: std::ops::Range<usize>) -> Vec<Proposal> {
    let bare = |pick| Proposal { why: Why::default(), ..pick };
    proposals(model, indices).into_iter().map(bare).collect()
}

fn scarce(effects: &[Effect]) -> Msg {
    Msg::Scarce { request: request(effects).expect("a request").0, text: "too little is left".into() }
}

/// Bounds with a set of limits, and nothing else.
fn bounds() -> Bounds {
    let text = "[queue]\nleave_out = []\n[limits.party]\nonly = \"rating>=60\"\nartist_spacing = 2\nlength = \"20m\"\n\
        [limits.late]\nnever = \"genre~metal\"\nuntil = \"23:30\"\n[limits.bad]\nonly = \"genree=jazz\"\n";
    Bounds::new(&Config::parse(text).unwrap())
}

#[test]
fn what_a_limit_keeps_out_gives_way_and_the_rest_stays_where_it_is() {
    let mut model = filled();
    let before = items(&model);
    let effects = give(&mut model, "only year>=1970", &[]);
    let (situation, want) = asked(&effects).expect("a request");
    assert_eq!((situation.limits.only.as_str(), situation.staying.len(), want), ("year>=1970", 12, 12));
    assert_eq!(situation.ahead.len(), 3, "what was added is asked for no limit");
    assert_eq!(items(&model), before, "everything stays until the answer comes");
    // Two of the twelve pass, and one is new.
    let picks = [staying(&model, 10..12), proposals(&model, 30..31)].concat();
    picked(&mut model, &effects, picks);
    assert_eq!(model.queue.ahead()[..5], before[1..6]);
    assert_eq!(model.queue.ahead()[5].song, model.catalog.songs()[30]);
    assert_eq!(model.queue.ahead().len(), 6);
    give(&mut model, "undo", &[]);
    assert_eq!(notice(&model), "undone: only year>=1970");
    assert_eq!((items(&model), model.auto.bounds.limits.only.as_str(), model.undoable()), (before, "", None));
}

#[test]
fn steps_of_a_course_and_albums_are_chosen_anew_in_their_order() {
    let mut model = filled();
    model.auto.engine = "albums".into();
    let effects = give(&mut model, "never live", &[]);
    assert_eq!(asked(&effects).map(|(situation, _)| situation.staying.len()), Some(0));
    let picks = proposals(&model, 30..33);
    picked(&mut model, &effects, picks);
    let ahead: Vec<_> = model.queue.ahead()[3..].iter().map(|item| item.song.clone()).collect();
    assert_eq!(ahead, model.catalog.songs()[30..33]);
}

#[test]
fn an_engine_that_crashes_keeps_nothing_out() {
    let mut model = filled();
    let effects = give(&mut model, "never live", &[]);
    picked(&mut model, &effects, Vec::new());
    assert_eq!(model.queue.ahead().len(), 15);
    // Where the limits are the reason, what they keep out leaves.
    let mut model = filled();
    let effects = give(&mut model, "never live", &[]);
    update(&mut model, scarce(&effects));
    picked(&mut model, &effects, Vec::new());
    assert_eq!(model.queue.ahead().len(), 3);
    assert!(model.queue.ahead().iter().all(|item| item.origin == Origin::Hand));
}

#[test]
fn that_too_little_is_left_is_said_once_for_the_same_limits() {
    let mut model = filled();
    let effects = give(&mut model, "only jazz", &[]);
    update(&mut model, scarce(&effects));
    assert_eq!(notice(&model), "too little is left");
    picked(&mut model, &effects, Vec::new());
    // With another track heard something else may pass: it is asked for, and nothing is said.
    model.notice = None;
    let token = model.play.current;
    update(&mut model, Msg::Player(audio::Event::Position { token, secs: 1.5 }));
    assert_eq!(request(&give(&mut model, "volume 50", &[])), None);
    model.notice = None;
    let effects = give(&mut model, "next", &[]);
    update(&mut model, scarce(&effects));
    assert_eq!(notice(&model), "");
    let effects = give(&mut model, "only rock", &[]);
    update(&mut model, scarce(&effects));
    assert_eq!(notice(&model), "too little is left");
}

#[test]
fn a_wrong_filter_changes_nothing_and_says_why() {
    let mut model = filled();
    for (line, says) in [
        ("only genree=jazz", "only: no field 'genree'; did you mean genre?"),
        ("never (live", "never: this parenthesis is not closed"),
        ("only find: calm", "only: a limit is a filter"),
        ("never ?live", "never: a limit is a filter"),
        ("limits party", "there is no set of limits 'party': config.toml has none"),
        ("until 7", "until wants a time of day like 23:30"),
    ] {
        assert_eq!(request(&give(&mut model, line, &[])), None, "{line}");
        let said = model.notice.clone().unwrap();
        assert!(said.kind == Kind::Error && said.text.starts_with(says), "{line}: {}", said.text);
        assert!(!model.auto.bounds.is_set() && model.undoable().is_none(), "{line}");
    }
    assert_eq!(request(&give(&mut model, "only off", &[])), None, "nothing to lift");
    assert_eq!(model.undoable(), None);
}

#[test]
fn named_sets_come_whole_and_go_whole() {
    let mut model = filled();
    model.auto.bounds = bounds();
    give(&mut model, "limits party", &[]);
    let held = "limits party: only rating>=60; 2 tracks between two of one artist; the queue ends in 20 min";
    assert!(notice(&model).starts_with(held), "{}", notice(&model));
    let bounds = &model.auto.bounds;
    assert_eq!(bounds.short(0.0, Duration::ZERO, false), ["limits party", "ends in 20 min"]);
    assert_eq!(bounds.limits.spacing.artist, 2);
    give(&mut model, "limits", &[]);
    assert_eq!((notice(&model), model.notice.as_ref().unwrap().kind), (held, Kind::Hint));
    give(&mut model, "never live", &[]);
    assert_eq!(model.auto.bounds.set, None, "that is another set");
    late(&mut model);
    assert_eq!((model.auto.bounds.limits.only.as_str(), model.auto.bounds.limits.never.as_str()), ("", "genre~metal"));
    give(&mut model, "limits bad", &[]);
    assert!(notice(&model).starts_with("limits.bad.only: no field 'genree'"), "{}", notice(&model));
    give(&mut model, "limits none", &[]);
    assert_eq!(notice(&model), "there is no set of limits 'none'; there are: bad, late, party");
    give(&mut model, "limits off", &[]);
    assert_eq!(notice(&model), "no limits any more");
    assert!(!model.auto.bounds.is_set() && model.auto.bounds.set.is_none());
    give(&mut model, "undo", &[]);
    assert_eq!(model.auto.bounds.set.as_deref(), Some("late"));
}

/// Puts the set into force that ends the queue at half past eleven, in two hours.
fn late(model: &mut Model) {
    let asked = Until::Set("late".into());
    let effects = give(model, "limits late", &[]);
    assert!(effects.contains(&Effect::Until { minute: 1410, asked: asked.clone() }));
    update(model, Msg::Until { minute: 1410, secs: 7200.0, asked });
}

#[test]
fn a_set_that_ends_the_queue_by_the_clock_comes_and_goes_in_one_step() {
    let mut model = filled();
    model.auto.bounds = bounds();
    let before = items(&model);
    late(&mut model);
    let said = "limits late: never genre~metal; the queue ends at 23:30, and the music with it";
    assert!(notice(&model).starts_with(said), "{}", notice(&model));
    let Some((steps, what)) = model.undoable() else { panic!("nothing to undo") };
    assert_eq!((steps, what), (1, "limits late"));
    let bounds = &model.auto.bounds;
    let at = model.now + Duration::from_secs(7200);
    assert_eq!((bounds.set.as_deref(), bounds.ending), (Some("late"), Some(Ending::Clock { at, minute: 1410 })));
    give(&mut model, "undo", &[]);
    assert_eq!((model.auto.bounds.is_set(), &model.auto.bounds.set, model.undoable()), (false, &None, None));
    assert_eq!(items(&model), before);
    // What has changed meanwhile is heeded.
    give(&mut model, "repeat all", &[]);
    update(&mut model, Msg::Until { minute: 1410, secs: 7200.0, asked: Until::Set("late".into()) });
    assert!(notice(&model).contains(":repeat off first") && !model.auto.bounds.is_set(), "{}", notice(&model));
}

#[test]
fn shares_of_genres_are_set_shown_lifted_and_undone() {
    let mut model = fixture::of(fixture::world());
    let songs: Vec<Arc<Song>> = model.catalog.songs()[..4].to_vec();
    let effects = give(&mut model, "play", &songs.iter().collect::<Vec<_>>());
    answer(&mut model, &effects, 10..25);
    let effects = give(&mut model, "share 演歌 30%", &[]);
    assert_eq!(notice(&model), "at most 30 % 演歌 of what is picked: what is too much gives way; u takes it back");
    let (situation, _) = asked(&effects).expect("a request");
    assert_eq!((situation.limits.shares["演歌"], situation.staying.len(), situation.picked.len()), (30, 12, 0));
    assert_eq!(model.auto.bounds.short(0.0, Duration::ZERO, false), ["≤ 30 % 演歌"]);
    assert!(model.auto.bounds.words(0.0, Duration::ZERO).contains(&"at most 30 % 演歌".to_string()));
    let picks = staying(&model, 10..13);
    picked(&mut model, &effects, picks);
    assert_eq!(model.queue.ahead().len(), 6);
    give(&mut model, "share", &[]);
    assert_eq!(
        (notice(&model), model.notice.as_ref().unwrap().kind),
        ("at most 30 % 演歌; :share off lifts them", Kind::Hint)
    );
    // An automatic track that plays was picked.
    give(&mut model, "jump 4", &[]);
    let effects = give(&mut model, "share 演歌 40%", &[]);
    assert_eq!(asked(&effects).map(|(situation, _)| situation.picked.len()), Some(1));
    give(&mut model, "share jaz 30%", &[]);
    assert!(notice(&model).starts_with("no track of the library has the genre jaz"), "{}", notice(&model));
    give(&mut model, "share طرب off", &[]);
    assert_eq!(notice(&model), "there is no share of طرب; :share says which there are");
    give(&mut model, "share 演歌 off", &[]);
    assert_eq!((notice(&model), model.auto.bounds.is_set()), ("no share of 演歌 any more", false));
    give(&mut model, "share off", &[]);
    assert_eq!(notice(&model), "there are no shares to lift");
    for (what, share) in [("share 演歌 off", Some(40)), ("share 演歌 40%", Some(30)), ("share 演歌 30%", None)] {
        give(&mut model, "undo", &[]);
        assert_eq!(notice(&model), format!("undone: {what}"));
        assert_eq!(model.auto.bounds.limits.shares.get("演歌").copied(), share);
    }
    assert_eq!(model.undoable(), None);
    give(&mut model, "share 演歌 0", &[]);
    assert_eq!(notice(&model), "no 演歌 any more: automatic tracks of it give way; u takes it back");
}

#[test]
fn better_picks_are_kept_apart_from_what_stays() {
    // Four tracks an artist.
    let mut model = fixture::of(fixture::world());
    model.auto.bounds.limits.spacing.artist = 1;
    (model.auto.ahead, model.auto.refill) = (4, 2);
    let songs = model.catalog.songs().to_vec();
    let tracks = |numbers: &[usize]| numbers.iter().map(|n| songs[*n].track).collect::<Vec<_>>();
    let propose = |numbers: &[usize]| {
        let proposal = |id| Proposal { id, score: 1.0, why: Why::default() };
        tracks(numbers).into_iter().map(proposal).collect::<Vec<_>>()
    };
    let ahead = |model: &Model| model.queue.ahead().iter().map(|item| item.song.track).collect::<Vec<_>>();
    let effects = give(&mut model, "play", &[&songs[1]]);
    picked(&mut model, &effects, propose(&[5, 9, 13, 17]));
    // The next one stays, 13 is picked again, 6 is by the artist of the next one.
    let better = |model: &mut Model, latents: usize| {
        model.auto.chosen_from = latents / 2;
        update(model, Msg::Progress(Progress { latents, stage: "listening".into(), ..Progress::default() }))
    };
    let effects = better(&mut model, 40);
    picked(&mut model, &effects, propose(&[6, 13, 21, 14]));
    assert_eq!(ahead(&model), tracks(&[5, 13, 6, 21]));
    let effects = better(&mut model, 80);
    picked(&mut model, &effects, propose(&[7]));
    assert_eq!(ahead(&model), tracks(&[5]), "there is no place for it");
}

#[test]
fn limits_are_kept_over_a_restart() {
    let mut model = filled();
    give(&mut model, "only year>=1970", &[]);
    model.auto.bounds.limits.shares = [("jazz".to_string(), 30)].into();
    give(&mut model, "length 1h", &[]);
    let session: Session = serde_json::from_str(&serde_json::to_string(&model.session()).unwrap()).unwrap();
    let mut again = fixture::model(40);
    let catalog = again.catalog.clone();
    again.restore(session, &catalog);
    let short = again.auto.bounds.short(0.0, Duration::ZERO, false);
    assert_eq!(short, ["only year>=1970", "≤ 30 % jazz", "ends in 60 min"]);
    // A session of before there were limits.
    let mut older = serde_json::to_value(model.session()).unwrap();
    older.as_object_mut().unwrap().remove("bounds").unwrap();
    again.restore(serde_json::from_value(older).unwrap(), &catalog);
    assert!(!again.auto.bounds.is_set());
}
