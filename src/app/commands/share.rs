//! `:share`: how much of what is picked may be of a genre.

use crate::app::refusal::Refusal;
use std::collections::HashSet;

use crate::app::state::Model;
use crate::config::MOST_SHARES;
use crate::library::filter::fold;
use crate::queue::Limits;
use crate::queue::limits::shared;
use crate::text;

use super::limits::put_limits;
use super::row::{Args, Completion, Row, row};

/// About the most genres that are offered.
const MOST: usize = 50;

/// What `:share` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareAction {
    /// Say which shares hold.
    Show,
    /// Lift all.
    Off,
    /// Lift that of a genre.
    Lift(String),
    /// No more than so many percent of what is picked are of a genre.
    Put(String, u8),
}

use ShareAction as Do;

/// The command.
pub const ROWS: &[Row<ShareAction>] = &[row(
    "share",
    Args::Typed("[GENRE N%|off]", complete),
    "at most so much of what is picked is of a genre: jazz 30%",
    |t| parse(t.rest),
)];

fn parse(text: &str) -> Result<ShareAction, Refusal> {
    let wants = || Refusal::wants("share", "a genre and a percentage, or off: share jazz 30%, share jazz off");
    match text {
        "" => return Ok(Do::Show),
        "off" => return Ok(Do::Off),
        _ => {}
    }
    let (genre, share) = text.rsplit_once(char::is_whitespace).ok_or_else(wants)?;
    let genre = genre.trim().trim_matches('"').trim().to_string();
    if genre.is_empty() {
        return Err(wants());
    }
    if share == "off" {
        return Ok(Do::Lift(genre));
    }
    let percent = share.strip_suffix('%').unwrap_or(share).parse().ok().filter(|percent| *percent <= 100);
    percent.map(|percent| Do::Put(genre, percent)).ok_or_else(wants)
}

/// Completes a genre of the library, then its share.
fn complete(typed: &str, model: &Model) -> Vec<Completion> {
    if let Some(genre) = typed.strip_suffix(' ').filter(|genre| has(model, genre.trim_matches('"'))) {
        return ["10%", "30%", "50%", "off"].map(|share| Completion::new(format!("{genre} {share}"), "")).into();
    }
    let mut seen = HashSet::new();
    let held = model.auto.bounds.limits.shares.iter().map(|(genre, percent)| (genre.as_str(), shared(genre, *percent)));
    let known = model.catalog.songs().iter().flat_map(|song| song.tags.genres.iter());
    let known = known.map(|genre| (genre.as_str(), String::new()));
    let fits = |genre: &str| genre.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
    let mut offered: Vec<Completion> = held
        .chain(known)
        .filter(|(genre, _)| fits(genre) && seen.insert(*genre))
        // What is typed stays as it is typed.
        .map(|(genre, doc)| Completion::new(format!("{typed}{} ", &genre[typed.len()..]), doc))
        .take(MOST)
        .collect();
    offered.push(Completion::new("off", "no shares any more"));
    offered
}

/// Whether a track of the library has this genre.
fn has(model: &Model, genre: &str) -> bool {
    let folded = fold(genre);
    genres(model).into_iter().any(|own| fold(own) == folded)
}

/// The genres of the library as they are written, each once: a few of them have many tracks.
fn genres(model: &Model) -> HashSet<&str> {
    model.catalog.songs().iter().flat_map(|song| song.tags.genres.iter()).map(|genre| genre.as_str()).collect()
}

/// Carries the command out; what to say.
pub(super) fn act(model: &mut Model, action: ShareAction) -> Result<String, Refusal> {
    let limits = &model.auto.bounds.limits;
    let mut shares = limits.shares.clone();
    let held = |genre: &str| shares.keys().find(|own| fold(own) == fold(genre)).cloned();
    let (what, said) = match action {
        Do::Show => {
            let words: Vec<String> = shares.iter().map(|(genre, percent)| shared(genre, *percent)).collect();
            return Ok(match words.is_empty() {
                true => "no shares; share jazz 30% would be one".into(),
                false => format!("{}; :share off lifts them", words.join("; ")),
            });
        }
        Do::Off if shares.is_empty() => return Err(Refusal::NothingTo("there are no shares to lift")),
        Do::Off => {
            shares.clear();
            ("share off".to_string(), "no shares any more".to_string())
        }
        Do::Lift(genre) => {
            let Some(own) = held(&genre) else {
                let what = format!("there is no share of {}", text::sanitize(&genre));
                return Err(Refusal::unknown(what, "; :share says which there are"));
            };
            shares.remove(&own);
            (format!("share {own} off"), format!("no share of {own} any more"))
        }
        Do::Put(genre, percent) => {
            // One of another spelling gives way.
            if let Some(own) = held(&genre) {
                shares.remove(&own);
            } else if !has(model, &genre) {
                return Err(unknown(model, &genre));
            }
            if shares.len() >= MOST_SHARES {
                let already = format!("{MOST_SHARES} genres have a share already; :share GENRE off lifts one");
                return Err(Refusal::impossible(already));
            }
            shares.insert(genre.clone(), percent);
            let words = shared(&genre, percent);
            let said = match percent {
                0 => format!("{words} any more: automatic tracks of it give way; u takes it back"),
                _ => format!("{words} of what is picked: what is too much gives way; u takes it back"),
            };
            (format!("share {genre} {percent}%"), said)
        }
    };
    let limits = Limits { shares, ..limits.clone() };
    let said = text::sanitize(&said);
    Ok(model.change_bounds(|filling| put_limits(filling, limits, what, said)))
}

/// Why there can be no share of a genre that nothing has.
fn unknown(model: &Model, genre: &str) -> Refusal {
    let genre = text::sanitize(genre);
    let mut near = text::nearest(&genre, genres(model), 3);
    near.sort_unstable();
    let instead = match near.is_empty() {
        true => "; :by genre shows them".to_string(),
        false => format!("; did you mean {}?", near.join(" or ")),
    };
    Refusal::unknown(format!("no track of the library has the genre {genre}"), instead)
}

#[cfg(test)]
mod tests {
    use super::super::row::Typed;
    use super::*;
    use crate::app::fixture;

    fn parsed(rest: &str) -> Result<ShareAction, Refusal> {
        (ROWS[0].parse)(Typed { name: "share", forced: false, rest })
    }

    #[test]
    fn lines_are_read() {
        assert_eq!((parsed(""), parsed("off")), (Ok(Do::Show), Ok(Do::Off)));
        assert_eq!(parsed("jazz 30%"), Ok(Do::Put("jazz".into(), 30)));
        assert_eq!(parsed("hip hop 0"), Ok(Do::Put("hip hop".into(), 0)));
        assert_eq!(parsed("\"hip hop\" off"), Ok(Do::Lift("hip hop".into())));
        for bad in ["jazz", "30%", "jazz 101%", "jazz -1%", "jazz x%", "\"\" 30%"] {
            assert!(parsed(bad).unwrap_err().to_string().starts_with("share wants a genre"), "{bad}");
        }
    }

    #[test]
    fn genres_of_the_library_are_offered_and_then_shares() {
        let model = fixture::of(fixture::world());
        let lines = |typed: &str| complete(typed, &model).into_iter().map(|c| c.line).collect::<Vec<_>>();
        assert_eq!(lines("演"), ["演歌 ", "off"]);
        assert_eq!(lines("演歌 "), ["演歌 10%", "演歌 30%", "演歌 50%", "演歌 off"]);
        assert_eq!(lines("x"), ["off"]);
    }
}
