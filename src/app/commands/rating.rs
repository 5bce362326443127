//! `:rate` and `:love`.

use super::row::{Args, Row, Takes, free, row};
use crate::app::effect::Effect;
use crate::app::update::meant;
use crate::app::update::playlist::tracks;
use crate::library::Song;
use crate::library::journal::{Event, Tallies};
use crate::queue::Queue;
use std::sync::Arc;

/// What the commands of this family ask for; they apply to the selected tracks, or else to the playing one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RatingAction {
    /// Rate, in percent; `None` removes the rating.
    Rate(Option<u8>),
    /// Love the tracks; if all are loved already, remove that.
    Love,
}

/// The commands.
pub const ROWS: &[Row<RatingAction>] = &[
    row("rate", free("0-5|PERCENT|off"), "rate the selection, or what plays: 0 to 5 stars, 80, off", |t| {
        Ok(RatingAction::Rate(rating(t.rest)?))
    })
    .takes(Takes::SONGS),
    row("love", Args::None, "love the selection, or what plays; again: no more", |_| Ok(RatingAction::Love))
        .takes(Takes::SONGS),
];

/// Carries a command out; what to say.
pub(super) fn act(
    queue: &Queue,
    tallies: &Tallies,
    action: RatingAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<String, String> {
    let songs = meant::selected_or_playing(queue, selected)?;
    let said = match action {
        RatingAction::Rate(rating) => {
            effects.extend(tracks(&songs).map(|track| Effect::Note(Event::Rated { track, rating })));
            rating.map_or_else(|| "no rating".into(), |rating| format!("{rating} %"))
        }
        RatingAction::Love => {
            // If all are loved already, that is removed.
            let loved = !songs.iter().all(|song| tallies.of_song(song).loved);
            effects.extend(tracks(&songs).map(|track| Effect::Note(Event::Loved { track, loved })));
            if loved { "loved" } else { "no longer loved" }.into()
        }
    };
    Ok(format!("{}: {said}", meant::titles(songs.iter())))
}

/// `0` to `5` stars, `10` to `100` percent, any percentage with its sign (`7%`), `off` for no rating. A bare 6 to 9 is
/// rejected: it is more likely meant as points out of ten.
fn rating(text: &str) -> Result<Option<u8>, String> {
    let percent = text.strip_suffix('%').map(str::trim_end);
    match (percent.unwrap_or(text).parse::<u8>(), percent) {
        (Ok(percent @ 0..=100), Some(_)) | (Ok(percent @ 10..=100), None) => Ok(Some(percent)),
        (Ok(stars @ 0..=5), None) => Ok(Some(stars * 20)),
        (Err(_), None) if text == "off" => Ok(None),
        _ => Err("rate wants 0 to 5 stars, a percentage (10 to 100, or 7%), or off".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_stars_or_percent() {
        assert_eq!(
            (rating("0"), rating("5"), rating("80"), rating("off")),
            (Ok(Some(0)), Ok(Some(100)), Ok(Some(80)), Ok(None))
        );
        assert_eq!((rating("9%"), rating("3 %"), rating("100%")), (Ok(Some(9)), Ok(Some(3)), Ok(Some(100))));
        for wrong in ["101", "", "6", "9", "101%", "off%", "-1"] {
            assert!(rating(wrong).is_err(), "{wrong}");
        }
    }
}
