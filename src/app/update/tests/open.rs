//! Files named from outside.

use std::path::PathBuf;

use super::*;

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
    assert_eq!(outcome, Some(Ok(Some("1 track come next".into()))));
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
