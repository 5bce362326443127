//! Courses: `:direction` with its short forms, and `:journey`.

use crate::app::effect::Effect;
use crate::app::effect::SetOrder;
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::update::course::{begin, ready};
use crate::ask::names::Part;
use crate::describe::reason;
use crate::latent::named;
use crate::library::Song;
use crate::queue::course::{FEWEST, MOST, MOST_VIA, USUAL, goes_round};
use crate::queue::{Course, Way};
use crate::text::words::Word;
use std::sync::Arc;

use super::names;
use super::row::{Args, Completion, Row, Takes, Typed, row};
use super::words::{Wanted, dimension, dimensions, meaning, quoted};

/// What `:direction` and `:journey` ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CourseAction {
    /// Show the current one.
    Show,
    /// End it.
    Off,
    /// Move along a dimension.
    Direction {
        /// The dimension.
        dim: Wanted,
        /// Whether towards its high end.
        up: bool,
        /// The number of tracks.
        steps: u16,
    },
    /// Move from one track or set to another.
    Journey {
        /// Start and end; only the end to start from the playing track; none for the selected tracks.
        ends: Vec<String>,
        /// What it goes by.
        via: Vec<String>,
        /// How many tracks.
        steps: u16,
        /// Which way it takes; `None` for any.
        seed: Option<u32>,
    },
}

/// The commands.
pub const ROWS: &[Row<CourseAction>] = &[
    row(
        "direction",
        Args::Typed("[DIM up|down [N]|off]", complete_direction),
        "the next tracks climb or fall: tempo up, 7 down 20; off ends it",
        |t| direction(t.rest),
    ),
    row("calmer", Args::Count, "the next tracks calm down: energy down", |t| towards("energy", false, t)),
    row("wilder", Args::Count, "the next tracks get wilder: energy up", |t| towards("energy", true, t)),
    row("brighter", Args::Count, "the next tracks get brighter", |t| towards("brightness", true, t)),
    row("darker", Args::Count, "the next tracks get darker", |t| towards("brightness", false, t)),
    row("faster", Args::Count, "the next tracks get faster, from 80 to 160 beats a minute", |t| {
        towards("tempo", true, t)
    }),
    row("slower", Args::Count, "the next tracks get slower", |t| towards("tempo", false, t)),
    row("louder", Args::Count, "the next tracks get louder", |t| towards("loudness", true, t)),
    row("quieter", Args::Count, "the next tracks get quieter", |t| towards("loudness", false, t)),
    row(
        "journey",
        Args::Quoted("[[A] B] [via C]… [N] [seed:S]|off", |rest, model| names::complete(rest, false, model)),
        "from what plays, or the first named or marked, to the last: \"So What\" 12",
        |t| journey(t.rest),
    )
    .takes(Takes::Songs { when: |rest| rest != "off", unmarks: true }),
];

/// The number of tracks, taken off the end of the words; the usual number if the last word is not a number.
fn count(words: &mut Vec<Word>, what: &'static str) -> Result<u16, Refusal> {
    let Some(number) = words.last().filter(|w| !w.quoted).and_then(|w| w.text.parse::<u64>().ok()) else {
        return Ok(USUAL);
    };
    words.pop();
    u16::try_from(number)
        .ok()
        .filter(|n| (FEWEST..=MOST).contains(n))
        .ok_or_else(|| Refusal::takes(what, format!("{FEWEST} to {MOST} tracks")))
}

fn direction(line: &str) -> Result<CourseAction, Refusal> {
    match line.trim() {
        "" => return Ok(CourseAction::Show),
        "off" => return Ok(CourseAction::Off),
        _ => {}
    }
    let wants = || Refusal::wants("direction", "a dimension and up or down: tempo up, 7 down 20, off");
    let mut words = quoted(line)?;
    // In `7 up` the number is the dimension.
    let steps = if words.len() > 2 { count(&mut words, "a direction")? } else { USUAL };
    // A dimension's name may have several words.
    let Some((way, dim)) = words.split_last().filter(|(_, dim)| !dim.is_empty()) else { return Err(wants()) };
    let dim = dim.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    let up = match way.text.as_str() {
        "up" => true,
        "down" => false,
        _ => return Err(wants()),
    };
    Ok(CourseAction::Direction { dim: one_dimension(&dim)?, up, steps })
}

fn one_dimension(word: &str) -> Result<Wanted, Refusal> {
    let dim =
        dimension(word)?.ok_or_else(|| Refusal::wants("direction", "one dimension, like 7, tempo or electronic"))?;
    match dim {
        Wanted::Dim(dim) if goes_round(dim) => Err(goes_round_for(&named::label(dim))),
        dim => Ok(dim),
    }
}

/// A dimension along which nothing leads.
pub(super) fn goes_round_for(name: &str) -> Refusal {
    Refusal::impossible(format!("{name} goes round: it has no up and no down"))
}

/// A shorthand command for a direction along a named dimension, with an optional number of tracks.
fn towards(name: &str, up: bool, t: Typed) -> Result<CourseAction, Refusal> {
    let dim = named::find(name).ok_or_else(|| Refusal::unknown(format!("no dimension '{name}'"), ""))?;
    let mut words = quoted(t.rest)?;
    let steps = count(&mut words, t.name)?;
    match words.is_empty() {
        true => Ok(CourseAction::Direction { dim: Wanted::Dim(dim), up, steps }),
        false => Err(Refusal::takes(t.name, format!("a number of tracks, like {} 20", t.name))),
    }
}

fn journey(line: &str) -> Result<CourseAction, Refusal> {
    if line.trim() == "off" {
        return Ok(CourseAction::Off);
    }
    let mut words = quoted(line)?;
    let seed = seed(&mut words)?;
    let steps = count(&mut words, "a journey")?;
    let text = |words: &[Word]| words.iter().map(|word| word.text.clone()).collect::<Vec<String>>();
    let mut parts = words.split(|word| !word.quoted && word.text == "via");
    let ends = parts.next().map(text).unwrap_or_default();
    if ends.len() > 2 {
        return Err(Refusal::wants("journey", "one end or two, in quotes: journey \"So What\" \"Army of Me\" 12"));
    }
    let via: Vec<Vec<String>> = parts.map(text).collect();
    if via.iter().any(|names| names.len() != 1) {
        return Err(Refusal::wants(
            "journey",
            "one name after each via, in quotes: journey \"Army of Me\" via \"So What\"",
        ));
    }
    let via = via.concat();
    if via.len() > MOST_VIA {
        return Err(Refusal::impossible(format!("a journey goes by {MOST_VIA} points at most")));
    }
    Ok(CourseAction::Journey { ends, via, steps, seed })
}

/// The seed of a way, taken out of the words, if there is one.
fn seed(words: &mut Vec<Word>) -> Result<Option<u32>, Refusal> {
    let Some(at) = words.iter().position(|word| !word.quoted && word.text.starts_with("seed:")) else {
        return Ok(None);
    };
    let number = words.remove(at).text.split_off("seed:".len());
    number.parse().map(Some).map_err(|_| Refusal::wants("seed:", "a number, as :journey tells it: seed:4711"))
}

/// Completes the dimension, then `up` or `down`.
fn complete_direction(rest: &str, model: &Model) -> Vec<Completion> {
    if let Some((dim, _)) = rest.split_once(' ') {
        return ["up", "down"].map(|way| Completion::new(format!("{dim} {way}"), "")).into();
    }
    let off = Completion::new("off", "the queue goes on with the playlist");
    let usable = dimensions(model).filter(|dim| !goes_round(*dim));
    let dim = |dim| Completion::new(format!("{} ", model.names.label(dim)), meaning(dim, model));
    usable.map(dim).chain([off]).collect()
}

/// Carries `:direction` and `:journey` out.
pub(super) fn act(
    model: &mut Model,
    action: CourseAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    Ok(Some(match action {
        CourseAction::Show => match model.course() {
            Some(words) => format!("{words}; :direction off ends it"),
            None => "no direction and no journey; :direction tempo up begins one".into(),
        },
        CourseAction::Off => {
            let course =
                model.auto.course.take().ok_or(Refusal::NothingTo("no direction and no journey is under way"))?;
            model.auto.replace();
            format!("{} is off", reason::way(&course.way, &model.catalog, Some(&model.names)))
        }
        CourseAction::Direction { dim, up, steps } => {
            if model.anchor().is_empty() {
                return Err(Refusal::NothingTo("nothing to start from: play a track or add one to the queue"));
            }
            // More of a word may mean a lower value of its dimension.
            let found = dim.find(&model.names)?;
            let course = Course::new(0, Way::Direction { dim: found.dim, up: up != found.turned }, steps);
            let place = (&model.queue, model.order.modes.repeat);
            begin(&mut model.auto, place, (&*model.catalog, &*model.names), course)?
        }
        CourseAction::Journey { ends, via, steps, seed } => {
            ready(&model.auto, model.order.modes.repeat)?;
            let playing =
                || model.playing().map(|item| item.song.track).ok_or(Refusal::NothingPlays(": name two ends"));
            let track = |track| Part::Tracks { label: String::new(), tracks: vec![track] };
            let (from, to) = match (&ends[..], selected) {
                ([a, b], _) => (Part::Named(a.clone()), Part::Named(b.clone())),
                ([b], _) => (track(playing()?), Part::Named(b.clone())),
                (_, [a, .., b]) => (track(a.track), track(b.track)),
                (_, [b]) => (track(playing()?), track(b.track)),
                _ => return Err(Refusal::wants("journey", "where to go: a title in quotes, or two marked tracks")),
            };
            let via = via.into_iter().map(Part::Named).collect();
            effects.push(Effect::Sets(SetOrder::Journey { from, to, via, steps, seed }));
            return Ok(None);
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_string()).collect()
    }

    #[test]
    fn directions_are_read() {
        let way = |dim, up, steps| Ok(CourseAction::Direction { dim: Wanted::Dim(dim), up, steps });
        assert_eq!(direction("tempo up"), way(32, true, 12));
        assert_eq!(direction("7 down"), way(6, false, 12));
        assert_eq!(direction("7 down 20"), way(6, false, 20));
        let named = CourseAction::Direction { dim: Wanted::Named("female voice".into()), up: false, steps: 20 };
        assert_eq!(direction("female voice down 20"), Ok(named));
        assert_eq!((direction(""), direction("off")), (Ok(CourseAction::Show), Ok(CourseAction::Off)));
        let short = |line: &str| {
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            let row = ROWS.iter().find(|row| row.name == name).unwrap();
            (row.parse)(Typed { name: row.name, forced: false, rest })
        };
        assert_eq!(short("calmer"), way(42, false, 12));
        assert_eq!(short("faster 20"), way(32, true, 20));
        for (line, says) in [
            ("tempo", "tempo up"),
            ("up", "tempo up"),
            ("tempo sideways", "tempo up"),
            ("key up", "goes round"),
            ("3,4 up", "one dimension"),
            ("tempo up 2", "3 to 100"),
            ("tempo up 99999999", "3 to 100"),
        ] {
            let why = direction(line).unwrap_err().to_string();
            assert!(why.contains(says), "{line}: {why}");
        }
        assert!(short("calmer x").unwrap_err().to_string().contains("calmer 20"));
    }

    #[test]
    fn journeys_have_quoted_ends() {
        let by = |ends: &[&str], via: &[&str], steps, seed| {
            Ok(CourseAction::Journey { ends: strings(ends), via: strings(via), steps, seed })
        };
        let ends = |ends: &[&str], steps| by(ends, &[], steps, None);
        assert_eq!(journey(""), ends(&[], 12));
        assert_eq!(journey("20"), ends(&[], 20));
        assert_eq!(journey("\"So What\" /m/a.mp3 8"), ends(&["So What", "/m/a.mp3"], 8));
        assert_eq!(journey("\"99\""), ends(&["99"], 12), "a title in quotes is no number");
        assert!(journey("\"So What").unwrap_err().to_string().contains("open"));
        assert!(journey("So What Army").unwrap_err().to_string().contains("in quotes"));
        assert_eq!(journey("B via X via \"Y Z\" 9 seed:7"), by(&["B"], &["X", "Y Z"], 9, Some(7)));
        assert_eq!(journey("B seed:7 9"), by(&["B"], &[], 9, Some(7)), "in either order");
        assert_eq!(journey("A B via \"via\""), by(&["A", "B"], &["via"], 12, None));
        assert_eq!(journey("via X seed:0"), by(&[], &["X"], 12, Some(0)), "between what is marked");
        assert!(journey("B via So What").unwrap_err().to_string().contains("one name after each via"));
        assert!(journey("B via").unwrap_err().to_string().contains("one name after each via"));
        assert!(journey("B via 1a via 2a via 3a via 4a via 5a").unwrap_err().to_string().contains("4 points at most"));
        assert!(journey("B seed:x").unwrap_err().to_string().contains("seed: wants a number"));
    }
}
