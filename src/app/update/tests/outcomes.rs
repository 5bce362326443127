//! What whoever sends a command through the socket is told of it.

use super::*;
use crate::app::commands::row::Args;
use crate::app::commands::{self, COMMANDS};

const ASKER: u64 = 7;

fn send(model: &mut Model, line: &str) -> Vec<Effect> {
    update(model, command(line, Selection::default()).on_behalf(Some(ASKER)))
}

fn told(effects: &[Effect]) -> Option<Result<(), String>> {
    effects.iter().find_map(|e| match e {
        Effect::Answer { asker: ASKER, outcome } => Some(outcome.clone().map(drop)),
        _ => None,
    })
}

/// The work for the asker that workers are to do.
fn given(effects: Vec<Effect>) -> Vec<Effect> {
    let inner = |effect| match effect {
        Effect::For { asker: ASKER, effect } => Some(*effect),
        _ => None,
    };
    effects.into_iter().filter_map(inner).collect()
}

#[test]
fn what_is_known_at_once_is_answered_at_once() {
    let mut model = fixture::model(12);
    assert_eq!(told(&send(&mut model, "volume 50")), Some(Ok(())));
    for (line, says) in [
        ("rate 4", "no track is selected"),
        ("enqueue /nonexistent", "has nothing at /nonexistent"),
        ("play", "the queue is empty: `jukebox play FILTER|FILE` plays something"),
        ("engine nope", "no engine 'nope'"),
        ("jump 3", "nothing is ahead"),
        ("filter nope=1", "no field 'nope'"),
        ("mood nope 1-2", "no signature 'nope'"),
    ] {
        let outcome = told(&send(&mut model, line)).unwrap_or_else(|| panic!("{line} is not answered"));
        assert!(outcome.as_ref().is_err_and(|why| why.contains(says)), "{line}: {outcome:?}");
    }
    // A key is told of keys.
    update(&mut model, command("play", Selection::default()));
    assert!(model.notice.as_ref().unwrap().text.contains("press enter"));
    // Nothing is left of them.
    assert!(update(&mut model, Msg::Ended(ASKER)).iter().all(|e| !matches!(e, Effect::Answer { .. })));
}

#[test]
fn what_a_worker_finds_out_is_waited_for() {
    let mut model = fixture::model(12);
    let effects = send(&mut model, "playlist open nope");
    assert_eq!(told(&effects), None);
    assert!(matches!(given(effects)[..], [Effect::Playlists(PlaylistOrder::Open { .. })]));
    // What others complain of meanwhile is not this command's fault.
    update(&mut model, Msg::error("the disk is full"));
    let why = Msg::error("no playlist 'nope'");
    assert_eq!(told(&update(&mut model, why.on_behalf(Some(ASKER)))), None);
    assert_eq!(told(&update(&mut model, Msg::Ended(ASKER))), Some(Err("no playlist 'nope'".into())));

    // One thing leads to another: the list is smart, and its songs are looked for.
    send(&mut model, "playlist append calm");
    let smart = playlist::smart::Smart { filter: "genre=ambient".into(), ..Default::default() };
    let read = Msg::Smart { name: "calm".into(), smart, placing: Placing::Append };
    let effects = update(&mut model, read.on_behalf(Some(ASKER)));
    assert_eq!(told(&update(&mut model, Msg::Ended(ASKER))), None);
    assert!(matches!(given(effects)[..], [Effect::Smart { .. }]));
    let none = Msg::Queue { name: "calm".into(), songs: Vec::new(), notes: String::new(), placing: Placing::Append };
    update(&mut model, none.on_behalf(Some(ASKER)));
    let outcome = told(&update(&mut model, Msg::Ended(ASKER)));
    assert!(outcome.is_some_and(|o| o.is_err_and(|why| why.contains("no track of the library is meant"))));
}

#[test]
fn an_engine_that_breaks_is_told_to_whoever_chose_it() {
    let (mut model, _) = playing(0);
    let effects = send(&mut model, "engine radio");
    assert_eq!(told(&effects), None, "it has not tried yet");
    let (request, _) = request(&effects).unwrap();
    let note = Some("radio: line 3: no; signature serves".to_string());
    let effects = update(&mut model, Msg::Picks { request, picks: Vec::new(), note: note.clone() });
    assert_eq!(told(&effects), Some(note.map_or(Ok(()), Err)));
    // Where nothing is asked for, there is nothing to wait for.
    let mut model = fixture::model(12);
    assert_eq!(told(&send(&mut model, "engine radio")), Some(Ok(())));
}

#[test]
fn an_output_is_looked_for_before_the_answer() {
    let mut model = fixture::model(12);
    let list = |model: &mut Model, found| {
        let standing = audio::Standing::Plays;
        update(model, Msg::Player(audio::Event::Devices { found, chosen: None, standing }))
    };
    assert_eq!(told(&send(&mut model, "device nope")), None);
    let outcome = told(&list(&mut model, Ok(Vec::new())));
    assert_eq!(outcome, Some(Err("there is no output 'nope'; :device lists them".into())));
    send(&mut model, "device");
    assert!(told(&list(&mut model, Err("no server".into()))).is_some_and(|outcome| outcome.is_err()));
    send(&mut model, "device");
    assert_eq!(told(&list(&mut model, Ok(Vec::new()))), Some(Ok(())));
}

#[test]
fn an_answer_of_several_lines_is_the_outcome() {
    let mut model = fixture::model(12);
    let outcome = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Answer { asker: ASKER, outcome } => Some(outcome.clone()),
            _ => None,
        })
    };
    let effects = send(&mut model, "playlist list");
    assert!(matches!(given(effects)[..], [Effect::Playlists(PlaylistOrder::List)]));
    let lines = vec!["calm: 3 tracks".to_string(), "loud\n: 2 tracks\u{1b}[2J".into()];
    let list = Msg::Told { title: "Playlists".into(), lines };
    update(&mut model, list.on_behalf(Some(ASKER)));
    // A notice does not take its place; the answer is shown, which is work for the client, too.
    update(&mut model, Msg::hint("by the way").on_behalf(Some(ASKER)));
    update(&mut model, Msg::Ended(ASKER));
    let told = outcome(&update(&mut model, Msg::Ended(ASKER))).unwrap().unwrap().unwrap();
    let lines: Vec<&str> = told.split('\n').collect();
    assert!(lines.len() == 2 && lines[0] == "calm: 3 tracks" && lines[1].starts_with("loud"), "{told:?}");
    assert!(!told.contains('\u{1b}'));
    // What no client asked for is nobody's answer.
    update(&mut model, Msg::Told { title: "Playlists".into(), lines: vec!["calm".into()] });
    assert_eq!(outcome(&send(&mut model, "volume 50")), Some(Ok(None)));

    send(&mut model, "device");
    let standing = audio::Standing::Plays;
    let listed = Msg::Player(audio::Event::Devices { found: Ok(Vec::new()), chosen: None, standing });
    let told = outcome(&update(&mut model, listed)).unwrap().unwrap().unwrap();
    assert!(told.starts_with("*   default") && told.contains("\n:device N"), "{told}");
    assert_eq!(model.told.as_ref().map(|(title, _)| title.as_str()), Some("outputs"));

    let (title, lines) = ("find calm frobnicated".to_string(), vec!["calm: slow, quiet".to_string()]);
    let found = Msg::Explained { title, lines, notes: vec!["'frobnicated' means nothing here".into()] };
    let told = outcome(&update(&mut model, found.on_behalf(Some(ASKER))));
    assert_eq!(told, Some(Ok(Some("calm: slow, quiet\n'frobnicated' means nothing here".into()))));
}

#[test]
fn files_outside_the_library_are_told_and_not_waited_for() {
    let mut model = fixture::model(12);
    let known = model.catalog.songs()[0].path.to_path_buf();
    let open = |model: &mut Model, paths: Vec<std::path::PathBuf>| {
        told(&update(model, Msg::Open(paths).on_behalf(Some(ASKER)))).unwrap()
    };
    assert_eq!(open(&mut model, vec![known.clone(), "/music/not yet.flac".into()]), Ok(()));
    let why = open(&mut model, vec![known, "/elsewhere/a.flac".into()]).unwrap_err();
    assert!(why.starts_with("1 of 2 files lies outside /music"), "{why}");
    assert_eq!(model.opening.len(), 1);
    let many = (0..50_000).map(|n| format!("/music/never {n}.flac").into()).collect();
    assert!(open(&mut model, many).is_err_and(|why| why.contains("are waited for")));
    assert!(model.opening.len() <= 10_000 && model.opening.capacity() < 20_000);
}

#[test]
fn no_command_takes_nonsense_for_done() {
    for spec in COMMANDS.iter() {
        let nonsense = match (spec.args, spec.name) {
            // Whether there are such songs, outputs, themes, topics or views is found out later; free text is no nonsense.
            (Args::None, _) => "nonsense",
            (_, "play" | "enqueue" | "enqueue-next" | "save") => "/nonexistent/file",
            (_, "filter" | "only" | "never") => "nonsense=1",
            (_, "device" | "theme" | "help" | "view" | "find" | "search-for" | "search-for-back" | "command-line") => {
                continue;
            }
            _ => "nonsense \u{1b}]0;x\u{7}",
        };
        let mut model = fixture::model(12);
        let line = format!("{} {nonsense}", spec.name);
        let outcome = match commands::parse(&line) {
            Err(why) => Err(why.to_string()),
            Ok(_) => told(&send(&mut model, &line)).unwrap_or(Ok(())),
        };
        // The names of sets in a journey or a blend are looked up by the engine.
        let later = matches!(spec.name, "journey" | "blend");
        assert!(outcome.is_err() || later, "{line} is taken for done");
    }
}
