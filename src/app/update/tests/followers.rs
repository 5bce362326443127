//! What the followers of the session are told.

use super::*;
use crate::ask::event::Happening;

fn told(effects: Vec<Effect>) -> Option<(Vec<Happening>, Vec<Happening>)> {
    effects
        .into_iter()
        .find_map(|e| if let Effect::Announce { changed, all } = e { Some((changed, all)) } else { None })
}

#[test]
fn who_joins_is_told_everything_and_those_who_followed_before_hear_nothing_twice() {
    let mut model = fixture::model(3);
    assert_eq!(told(give(&mut model, "volume 40", &[])), None, "nobody follows");
    let (changed, all) = told(update(&mut model, Msg::Announce)).unwrap();
    assert_eq!(changed, all);
    assert!(all.contains(&Happening::Volume { volume: 40 }));
    let louder = vec![Happening::Volume { volume: 50 }];
    assert_eq!(told(give(&mut model, "volume 50", &[])), Some((louder, Vec::new())));
    let (changed, all) = told(update(&mut model, Msg::Announce)).unwrap();
    assert!(changed.is_empty(), "{changed:?}");
    assert!(all.contains(&Happening::Volume { volume: 50 }));
    assert!(all.contains(&Happening::Track { track: None, moved: false }));
}

#[test]
fn a_renamed_file_is_announced_as_the_same_track() {
    let (mut model, _) = playing(3);
    update(&mut model, Msg::Announce);
    let renamed = |catalog: &Catalog, to: &str| {
        let song = |song: &Arc<Song>| {
            let path = song.path.to_str().unwrap().replace("/music", to);
            Arc::new(Song { path: std::path::PathBuf::from(path).into(), ..(**song).clone() })
        };
        Msg::Catalog(Arc::new(Catalog::new(catalog.songs().iter().map(song).collect())))
    };
    let tracks = |effects: Vec<Effect>| -> Vec<(String, bool)> {
        let (changed, _) = told(effects).unwrap_or_default();
        let track = |happening: Happening| match happening {
            Happening::Track { track, moved } => Some((track.unwrap().path, moved)),
            _ => None,
        };
        changed.into_iter().filter_map(track).collect()
    };
    let msg = renamed(&model.catalog, "/songs");
    let told = tracks(update(&mut model, msg));
    let path = |model: &Model| model.playing().unwrap().song.path.display().to_string();
    assert_eq!(told, [(path(&model), true)]);
    assert!(path(&model).starts_with("/songs/"));
    // Another one is not, though its path is another, too.
    let song = model.catalog.songs()[5].clone();
    let told = tracks(give(&mut model, "play", &[&song]));
    assert_eq!(told, [(path(&model), false)]);
}
