//! Files named from outside.

use std::path::PathBuf;

use super::*;
use crate::track::FileFault;

/// What a client is told of a message.
fn outcome(model: &mut Model, msg: Msg) -> Result<Option<String>, String> {
    let effects = update(model, msg.on_behalf(Some(7)));
    let told = |e: &Effect| if let Effect::Answer { outcome, .. } = e { Some(outcome.clone()) } else { None };
    effects.iter().find_map(told).unwrap()
}

/// The end of a scan before whose beginning this one was asked for.
fn scanned(asked: u64) -> Msg {
    Msg::Scanned { unsure: Vec::new().into(), asked }
}

#[test]
fn a_directory_plays_and_its_songs_come_in_their_order() {
    let mut model = fixture::model(30);
    let album: Vec<PathBuf> = model.catalog.songs()[10..20].iter().map(|song| song.path.to_path_buf()).collect();
    let dir = album[0].parent().unwrap().to_path_buf();
    assert!(outcome(&mut model, Msg::Open(vec![dir])).is_ok());
    let queued: Vec<PathBuf> = model.queue.items().iter().map(|item| item.song.path.to_path_buf()).collect();
    assert_eq!(queued, album);
    assert_eq!(model.playing().unwrap().song.path.to_path_buf(), album[0]);
    assert!(model.opening.is_empty());
}

#[test]
fn only_what_was_named_now_is_told_and_what_no_scan_finds_is_given_up() {
    let mut model = fixture::model(6);
    let paths = |names: &[&str]| names.iter().map(|name| format!("/music/{name}.mp3").into()).collect::<Vec<PathBuf>>();
    let open = |model: &mut Model, names: &[&str]| outcome(model, Msg::Open(paths(names)));
    let one = "/music/a.mp3 is not in the library (yet); it plays as soon as it is found";
    assert_eq!(open(&mut model, &["a"]), Ok(Some(one.into())));
    let two = "2 of 2 files are not in the library (yet); they play as soon as they are found";
    assert_eq!(open(&mut model, &["b", "c"]), Ok(Some(two.into())));
    assert_eq!(open(&mut model, &["a"]), Ok(Some(one.into())), "asked again, it is still one file");
    assert_eq!(model.opening, paths(&["a", "b", "c"]));
    // A scan decides about them.
    assert!(update(&mut model, Msg::Open(paths(&["d"]))).contains(&Effect::Rescan(4)));
    update(&mut model, Msg::Catalog(fixture::catalog(7)));
    assert_eq!(model.opening.len(), 4);
    // One that began before the last of them was named does not.
    update(&mut model, scanned(3));
    assert_eq!(model.opening.len(), 4);
    update(&mut model, scanned(4));
    assert!(model.opening.is_empty());
    let said = &model.notice.as_ref().unwrap().text;
    assert_eq!(said, "4 files are not played: the library does not have them");
    // What the library could not use is told with the reason: at once where it was tried before, else after the scan.
    model.faults.insert("/music/x.mp3".into(), FileFault::Other("no sound in it".into()));
    assert_eq!(open(&mut model, &["x"]), Err("/music/x.mp3: no sound in it".into()));
    open(&mut model, &["y"]).unwrap();
    model.faults.insert("/music/y.mp3".into(), FileFault::Other("cut off".into()));
    update(&mut model, scanned(5));
    assert_eq!(model.notice.as_ref().unwrap().text, "/music/y.mp3: cut off");
    let add = |path: &str| Msg::Add { paths: vec![path.into()], next: false };
    assert_eq!(outcome(&mut model, add("/music/x.mp3")), Err("/music/x.mp3: no sound in it".into()));
    assert_eq!(outcome(&mut model, add("/music/z.wma")), Err("/music/z.wma: WMA files are not supported".into()));
}

#[test]
fn the_music_does_not_jump_when_later_files_are_found() {
    let mut model = fixture::model(0);
    let all = fixture::catalog(9);
    let files = [2, 5, 7].map(|i| all.songs()[i].path.to_path_buf()).to_vec();
    model.resume_later(None, files.clone());
    let some = Arc::new(all.subset(|i, _| i < 6));
    update(&mut model, Msg::Catalog(some));
    let paths = |model: &Model| model.queue.items().iter().map(|i| i.song.path.to_path_buf()).collect::<Vec<_>>();
    assert_eq!(model.playing().unwrap().song.path.to_path_buf(), files[0]);
    assert_eq!(paths(&model), files[..2]);
    update(&mut model, Msg::Catalog(all.clone()));
    assert_eq!(model.playing().unwrap().song.path.to_path_buf(), files[0]);
    assert_eq!(paths(&model), files);
    // Named anew, they play now.
    update(&mut model, Msg::Open(vec![files[2].clone()]));
    assert_eq!(model.playing().unwrap().song.path.to_path_buf(), files[2]);
}

#[test]
fn what_is_added_is_chosen_and_what_is_unknown_is_named() {
    let mut model = fixture::model(6);
    let files: Vec<PathBuf> = model.catalog.songs().iter().map(|song| song.path.to_path_buf()).collect();
    update(&mut model, Msg::Add { paths: vec![files[1].clone(), files[2].clone()], next: false });
    let said = update(&mut model, Msg::Add { paths: vec![files[3].clone()], next: true }.on_behalf(Some(7)));
    let outcome =
        said.iter().find_map(|e| if let Effect::Answer { outcome, .. } = e { Some(outcome.clone()) } else { None });
    assert_eq!(outcome, Some(Ok(Some("1 track comes next".into()))));
    let ahead = |model: &Model| -> Vec<PathBuf> {
        model
            .queue
            .ahead()
            .iter()
            .filter(|item| item.origin == crate::queue::Origin::Hand)
            .map(|item| item.song.path.to_path_buf())
            .collect()
    };
    assert_eq!(ahead(&model), [files[3].clone(), files[1].clone(), files[2].clone()]);
    let two = vec![files[4].clone(), "/nowhere/a.mp3".into(), "/nowhere/b.mp3".into()];
    let said = update(&mut model, Msg::Add { paths: two, next: false }.on_behalf(Some(8)));
    let outcome =
        said.iter().find_map(|e| if let Effect::Answer { outcome, .. } = e { Some(outcome.clone()) } else { None });
    let why = outcome.unwrap().unwrap_err();
    assert!(why.contains("/nowhere/a.mp3") && why.contains("1 more"), "{why}");
    assert_eq!(ahead(&model).last(), Some(&files[4]));
}
