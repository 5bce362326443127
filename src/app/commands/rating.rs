//! `:rate` and `:love`.

use super::row::{Args, Row, Takes, free, row};
use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::undo::Undo;
use crate::app::update::meant;
use crate::library::Song;
use crate::library::journal::{Entry, Event, Tallies};
use crate::queue::Queue;
use std::collections::HashSet;
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

/// Carries a command out; what to say. The tallies take the events at once, so that the next command need not wait for
/// the journal to report them.
pub(super) fn act(
    queue: &Queue,
    tallies: &mut Tallies,
    undo: &mut Undo,
    action: RatingAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<String, Refusal> {
    let songs = meant::selected_or_playing(queue, selected)?;
    let mut seen = HashSet::new();
    let distinct: Vec<&Arc<Song>> = songs.iter().filter(|song| seen.insert(song.track)).collect();
    let (mut events, mut former, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let said = match action {
        RatingAction::Rate(rating) => {
            let mut from = String::new();
            for song in distinct {
                let (track, before) = (song.track, tallies.of_song(song).rating);
                events.push(Event::Rated { track, rating });
                if before != rating {
                    from = format!("{} → ", stars(before));
                    former.push(Event::Rated { track, rating: before });
                    changed.push(song);
                }
            }
            // Several tracks may have had different ratings.
            let from = if changed.len() == 1 { from } else { String::new() };
            let what = format!("rate {} {from}{}", meant::titles(changed.into_iter()), stars(rating));
            undo.push_ratings(what, former);
            rating.map_or_else(|| "no rating".into(), |rating| format!("{rating} %"))
        }
        RatingAction::Love => {
            // If all are loved already, that is removed.
            let loved = !songs.iter().all(|song| tallies.of_song(song).loved);
            for song in distinct {
                let track = song.track;
                events.push(Event::Loved { track, loved });
                if tallies.of_song(song).loved != loved {
                    former.push(Event::Loved { track, loved: !loved });
                    changed.push(song);
                }
            }
            let verb = if loved { "love" } else { "no longer love" };
            undo.push_ratings(format!("{verb} {}", meant::titles(changed.into_iter())), former);
            if loved { "loved" } else { "no longer loved" }.into()
        }
    };
    for event in events {
        tallies.note(&Entry { at: 0, event: event.clone() });
        effects.push(Effect::Note(event));
    }
    Ok(format!("{}: {said}", meant::titles(songs.iter())))
}

/// A rating as the user writes it: stars, or a percentage between them.
fn stars(rating: Option<u8>) -> String {
    match rating {
        None => "off".into(),
        Some(percent) if percent.is_multiple_of(20) => (percent / 20).to_string(),
        Some(percent) => format!("{percent}%"),
    }
}

/// `0` to `5` stars, `10` to `100` percent, any percentage with its sign (`7%`), `off` for no rating. A bare 6 to 9 is
/// rejected: it is more likely meant as points out of ten.
fn rating(text: &str) -> Result<Option<u8>, Refusal> {
    let percent = text.strip_suffix('%').map(str::trim_end);
    match (percent.unwrap_or(text).parse::<u8>(), percent) {
        (Ok(percent @ 0..=100), Some(_)) | (Ok(percent @ 10..=100), None) => Ok(Some(percent)),
        (Ok(stars @ 0..=5), None) => Ok(Some(stars * 20)),
        (Err(_), None) if text == "off" => Ok(None),
        _ => Err(Refusal::wants("rate", "0 to 5 stars, a percentage (10 to 100, or 7%), or off")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_are_written_as_they_are_read() {
        for (text, written) in [("0", "0"), ("4", "4"), ("100", "5"), ("7%", "7%"), ("85", "85%"), ("off", "off")] {
            let read = rating(text).unwrap();
            assert_eq!(stars(read), written);
            assert_eq!(rating(&stars(read)), Ok(read));
        }
    }

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
