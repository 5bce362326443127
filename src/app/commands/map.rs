//! `:map`: the library as a map. The screen carries it out (`tui::screen::map`).

use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::ask::map::Colour;

use super::row::{Args, Completion, Row, row};

/// What `:map` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapAction {
    /// Show the map, or hide it.
    Show,
    /// Colour by this, or by the next.
    Colour(Option<Colour>),
    /// So many doublings nearer; negative is farther.
    Zoom(i8),
    /// See all of it.
    Whole,
    /// Begin an area at the cursor, or end it there.
    Select,
    /// Show the chosen area's tracks in the library.
    Filter,
    /// Lay the map out anew.
    Refit,
    /// Give up laying it out.
    Stop,
}

/// The command.
pub const ROWS: &[Row<MapAction>] = &[row(
    "map",
    Args::Typed("[VERB]", complete),
    "your library as a map; colour tempo, zoom +1, select, filter, refit, stop",
    |t| parse(t.rest),
)];

/// What may be typed behind `map`.
const VERBS: [(&str, &str); 8] = [
    ("colour ", "by genre, tag, tempo, energy, year, plays or fit; alone: by the next"),
    ("zoom +1", "twice as near"),
    ("zoom -1", "twice as far"),
    ("zoom whole", "all of it"),
    ("select", "begin an area at the cursor, or end it there"),
    ("filter", "the chosen area's tracks in the library"),
    ("refit", "lay all tracks out anew; they will stand elsewhere"),
    ("stop", "give up laying it out; a former map stays"),
];

fn parse(rest: &str) -> Result<MapAction, Refusal> {
    let (verb, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match (verb, rest.trim()) {
        ("", _) => Ok(MapAction::Show),
        ("colour" | "color", "") => Ok(MapAction::Colour(None)),
        ("colour" | "color", name) => {
            Colour::named(name).map(|colour| MapAction::Colour(Some(colour))).ok_or_else(|| {
                let names: Vec<&str> = Colour::ALL.into_iter().map(Colour::name).collect();
                Refusal::wants("map colour", format!("one of {}", names.join(", ")))
            })
        }
        ("zoom", "whole") => Ok(MapAction::Whole),
        ("zoom", steps) => match steps.parse() {
            Ok(steps @ -20..=20) if steps != 0 => Ok(MapAction::Zoom(steps)),
            _ => Err(Refusal::wants("map zoom", "+1, -1 or whole")),
        },
        ("select", "") => Ok(MapAction::Select),
        ("filter", "") => Ok(MapAction::Filter),
        ("refit", "") => Ok(MapAction::Refit),
        ("stop", "") => Ok(MapAction::Stop),
        _ => Err(Refusal::takes("map", "colour, zoom, select, filter, refit or stop, or nothing")),
    }
}

fn complete(rest: &str, _: &Model) -> Vec<Completion> {
    if rest.starts_with("colour ") {
        return Colour::ALL
            .into_iter()
            .map(|colour| Completion::new(format!("colour {}", colour.name()), ""))
            .collect();
    }
    VERBS.iter().map(|&(verb, doc)| Completion::new(verb, doc)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_map_is_to_do_is_read() {
        assert_eq!((parse(""), parse("refit")), (Ok(MapAction::Show), Ok(MapAction::Refit)));
        assert_eq!(parse("stop"), Ok(MapAction::Stop));
        assert_eq!(parse("colour  tempo"), Ok(MapAction::Colour(Some(Colour::Tempo))));
        assert_eq!(parse("color"), Ok(MapAction::Colour(None)));
        assert_eq!((parse("zoom +1"), parse("zoom -3")), (Ok(MapAction::Zoom(1)), Ok(MapAction::Zoom(-3))));
        assert_eq!(parse("zoom whole"), Ok(MapAction::Whole));
        for bad in ["zoom", "zoom 0", "zoom 99", "zoom x", "colour mood", "select 3", "stop 1", "frob"] {
            assert!(parse(bad).unwrap_err().to_string().starts_with("map "), "{bad}");
        }
    }
}
