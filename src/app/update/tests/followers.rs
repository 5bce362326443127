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
    assert!(all.contains(&Happening::Track { track: None }));
}
