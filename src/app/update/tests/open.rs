//! Files named from outside.

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
