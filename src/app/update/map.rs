//! The map: what is told of it, and what the screen wants of it.

use crate::ask::map::News;

use super::super::effect::{Effect, MapOrder};
use super::super::msg::Msg;
use super::super::state::map::{Map, Progress};

/// Takes a message about the map, and returns what it asks for.
pub(super) fn take(map: &mut Map, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::MapShown(shown) => {
            map.shown = shown;
            return Some(Effect::Map(if shown { MapOrder::Show } else { MapOrder::Hide }));
        }
        Msg::Refit => return Some(Effect::Map(MapOrder::Refit)),
        Msg::StopMap => return Some(Effect::Map(MapOrder::Stop)),
        Msg::Chart(wanted) => return Some(Effect::Chart(wanted)),
        Msg::Area(area) => return Some(Effect::Within(area)),
        Msg::Charted(chart) => map.chart = Some(chart),
        Msg::Within(songs) => map.within = Some(songs),
        Msg::Map(News::Working(share)) => map.progress = Progress::Working(share),
        Msg::Map(News::Stopped) if map.tracks > 0 => map.progress = Progress::Ready,
        Msg::Map(News::Stopped) => map.progress = Progress::Stopped,
        Msg::Map(News::Failed(why)) => map.progress = Progress::Failed(crate::text::sanitize(&why)),
        Msg::Map(News::Ready { tracks, later, bounds }) => {
            (map.progress, map.tracks, map.later, map.bounds) = (Progress::Ready, tracks, later, bounds);
            map.revision += 1;
        }
        _ => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_the_map_is_kept_and_what_is_wanted_is_asked_for() {
        let mut map = Map::default();
        assert_eq!(take(&mut map, Msg::MapShown(true)), Some(Effect::Map(MapOrder::Show)));
        assert_eq!(take(&mut map, Msg::Map(News::Working(0.4))), None);
        assert_eq!((map.shown, &map.progress), (true, &Progress::Working(0.4)));
        assert_eq!(take(&mut map, Msg::StopMap), Some(Effect::Map(MapOrder::Stop)));
        take(&mut map, Msg::Map(News::Stopped));
        assert_eq!(map.progress, Progress::Stopped);
        let bounds = [[-1.0, -0.5], [1.0, 0.5]];
        take(&mut map, Msg::Map(News::Ready { tracks: 40, later: 3, bounds }));
        assert_eq!((&map.progress, map.tracks, map.later, map.revision), (&Progress::Ready, 40, 3, 1));
        assert_eq!(take(&mut map, Msg::Chart(Box::default())), Some(Effect::Chart(Box::default())));
        take(&mut map, Msg::Charted(Box::default()));
        assert_eq!(take(&mut map, Msg::Refit), Some(Effect::Map(MapOrder::Refit)));
        take(&mut map, Msg::Map(News::Working(0.1)));
        take(&mut map, Msg::Map(News::Stopped));
        assert_eq!(map.progress, Progress::Ready, "the former map stays");
        take(&mut map, Msg::Map(News::Failed("no \u{1b}[31m thread".into())));
        assert!(map.chart.is_some() && matches!(&map.progress, Progress::Failed(why) if !why.contains('\u{1b}')));
    }
}
