//! The grammar of `:direction`, `:journey`, `:blend` and `:mood`, and the parts that blends are made of.

use crate::latent::{Choice, named};
use crate::library::{Mood, signatures};
use crate::queue::course::{FEWEST, MOST, USUAL, goes_round};

/// What `:direction` and `:journey` ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CourseAction {
    /// Say which one there is.
    Show,
    /// End it.
    Off,
    /// Along a dimension (counted from 0) for so many tracks.
    Direction {
        /// The dimension.
        dim: u8,
        /// Towards its high end.
        up: bool,
        /// How many tracks.
        steps: u16,
    },
    /// To the last of these, from the first or from what plays; none means the selected tracks.
    Journey {
        /// One or two names, or none.
        ends: Vec<String>,
        /// How many tracks.
        steps: u16,
    },
}

/// What `:blend` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlendAction {
    /// Follow the playlist again.
    Off,
    /// Be like some names and unlike others; an empty name means the selected tracks.
    Of {
        /// To be like; none means the selected tracks, each by itself.
        plus: Vec<String>,
        /// To be unlike.
        minus: Vec<String>,
    },
}

/// What `:mood` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoodAction {
    /// Name them.
    List,
    /// Leave the one of this hour until its hours come again.
    Off,
    /// Keep one.
    Set(Mood),
    /// Forget one.
    Delete(String),
}

/// Commands that mean a direction: their dimension and whether it goes up.
pub const SYNONYMS: &[(&str, &str, bool)] = &[
    ("calmer", "energy", false),
    ("wilder", "energy", true),
    ("brighter", "brightness", true),
    ("darker", "brightness", false),
    ("faster", "tempo", true),
    ("slower", "tempo", false),
    ("louder", "loudness", true),
    ("quieter", "loudness", false),
];

/// A word of a line, and whether it stood in quotes.
struct Word {
    text: String,
    quoted: bool,
}

/// The words of a line; what stands in double quotes is one word.
fn words(line: &str) -> Result<Vec<Word>, String> {
    let mut words: Vec<Word> = Vec::new();
    let (mut open, mut within) = (false, false);
    for c in line.chars() {
        if c.is_whitespace() && !open {
            within = false;
            continue;
        }
        if !within {
            words.push(Word { text: String::new(), quoted: false });
            within = true;
        }
        let Some(word) = words.last_mut() else { continue };
        match c {
            '"' => (open, word.quoted) = (!open, true),
            c => word.text.push(c),
        }
    }
    if open { Err("a quote is open: \"So What\"".into()) } else { Ok(words) }
}

/// How many tracks, from the last word of a line; it is taken away. The usual number when it is none.
fn count(words: &mut Vec<Word>, what: &str) -> Result<u16, String> {
    let Some(number) = words.last().filter(|w| !w.quoted).and_then(|w| w.text.parse::<u64>().ok()) else {
        return Ok(USUAL);
    };
    words.pop();
    u16::try_from(number)
        .ok()
        .filter(|n| (FEWEST..=MOST).contains(n))
        .ok_or_else(|| format!("{what} takes {FEWEST} to {MOST} tracks"))
}

/// Reads what stands behind `:direction`.
///
/// # Errors
/// One line that says what would be right.
pub fn direction(line: &str) -> Result<CourseAction, String> {
    match line.trim() {
        "" => return Ok(CourseAction::Show),
        "off" => return Ok(CourseAction::Off),
        _ => {}
    }
    let wants = || "direction wants a dimension and up or down: tempo up, 7 down 20, off".to_string();
    let mut words = words(line)?;
    // `7 up`: the first word may be a number, too.
    let steps = if words.len() > 2 { count(&mut words, "a direction")? } else { USUAL };
    let [dim, way] = &words[..] else { return Err(wants()) };
    let up = match way.text.as_str() {
        "up" => true,
        "down" => false,
        _ => return Err(wants()),
    };
    Ok(CourseAction::Direction { dim: one_dimension(&dim.text)?, up, steps })
}

fn one_dimension(word: &str) -> Result<u8, String> {
    let dim = match word.parse::<Choice>()? {
        Choice::Dims(picks) if picks.len() == 1 => picks.first().map(|p| p.dim),
        _ => None,
    };
    let dim = dim.ok_or("direction wants one dimension, like 7 or tempo")?;
    if goes_round(dim) {
        return Err(format!("{} goes round: it has no up and no down", named::label(dim)));
    }
    Ok(dim)
}

/// Reads what stands behind one of [`SYNONYMS`]: how many tracks. `None` for another command.
///
/// # Errors
/// One line that says what would be right.
pub fn synonym(command: &str, line: &str) -> Option<Result<CourseAction, String>> {
    let &(_, name, up) = SYNONYMS.iter().find(|(word, ..)| *word == command)?;
    let dim = named::find(name)?;
    Some(words(line).and_then(|mut words| {
        let steps = count(&mut words, command)?;
        match words.is_empty() {
            true => Ok(CourseAction::Direction { dim, up, steps }),
            false => Err(format!("{command} takes a number of tracks, like {command} 20")),
        }
    }))
}

/// Reads what stands behind `:journey`.
///
/// # Errors
/// One line that says what would be right.
pub fn journey(line: &str) -> Result<CourseAction, String> {
    if line.trim() == "off" {
        return Ok(CourseAction::Off);
    }
    let mut words = words(line)?;
    let steps = count(&mut words, "a journey")?;
    if words.len() > 2 {
        return Err("journey wants one end or two, in quotes: journey \"So What\" \"Army of Me\" 12".into());
    }
    Ok(CourseAction::Journey { ends: words.into_iter().map(|w| w.text).collect(), steps })
}

/// Reads what stands behind `:blend`.
///
/// # Errors
/// One line that says what would be right.
pub fn blend(line: &str) -> Result<BlendAction, String> {
    if line.trim() == "off" {
        return Ok(BlendAction::Off);
    }
    let (mut plus, mut minus): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last_is_plus = None;
    for word in words(line)? {
        let (sign, name) = match word.text.chars().next() {
            Some('+') => (Some(true), word.text[1..].to_string()),
            Some('-') => (Some(false), word.text[1..].to_string()),
            _ => (None, word.text),
        };
        match (sign, last_is_plus) {
            (Some(sign), _) => {
                if sign { &mut plus } else { &mut minus }.push(name);
                last_is_plus = Some(sign);
            }
            // `+Nina Simone` without quotes.
            (None, Some(sign)) => {
                if let Some(begun) = if sign { &mut plus } else { &mut minus }.last_mut() {
                    *begun = format!("{begun} {name}").trim().to_string();
                }
            }
            (None, None) => return Err("blend wants names with + or - before them: +\"Nina Simone\" -metal".into()),
        }
    }
    if plus.is_empty() && !minus.is_empty() {
        return Err("a blend wants something to be like: blend +playlist -metal".into());
    }
    Ok(BlendAction::Of { plus, minus })
}

/// Reads what stands behind `:mood`.
///
/// # Errors
/// One line that says what would be right.
pub fn mood(line: &str) -> Result<MoodAction, String> {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    Ok(match (first, rest) {
        ("" | "list", "") => MoodAction::List,
        ("off", "") => MoodAction::Off,
        ("delete", "") => return Err("mood delete wants a name".into()),
        ("delete", name) => signatures::check(name).map(|()| MoodAction::Delete(name.into()))?,
        (_, "") => return Err("mood wants a saved signature and hours: late-night 22-2, list, delete NAME, off".into()),
        (name, hours) => {
            signatures::check(name)?;
            let (from, to) = Mood::parse_hours(hours)?;
            MoodAction::Set(Mood { name: name.into(), from, to })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_string()).collect()
    }

    #[test]
    fn directions_are_read() {
        let way = |dim, up, steps| Ok(CourseAction::Direction { dim, up, steps });
        assert_eq!(direction("tempo up"), way(32, true, 12));
        assert_eq!(direction("7 down"), way(6, false, 12));
        assert_eq!(direction("7 down 20"), way(6, false, 20));
        assert_eq!((direction(""), direction("off")), (Ok(CourseAction::Show), Ok(CourseAction::Off)));
        assert_eq!(synonym("calmer", ""), Some(way(42, false, 12)));
        assert_eq!(synonym("faster", "20"), Some(way(32, true, 20)));
        assert_eq!(synonym("play", ""), None);
        for (line, says) in [
            ("tempo", "tempo up"),
            ("up", "tempo up"),
            ("tempo sideways", "tempo up"),
            ("key up", "goes round"),
            ("temo up", "no dimension 'temo'"),
            ("3,4 up", "one dimension"),
            ("tempo up 2", "3 to 100"),
            ("tempo up 99999999", "3 to 100"),
        ] {
            let why = direction(line).unwrap_err();
            assert!(why.contains(says), "{line}: {why}");
        }
        assert!(synonym("calmer", "x").unwrap().unwrap_err().contains("calmer 20"));
    }

    #[test]
    fn journeys_have_quoted_ends() {
        let ends = |ends: &[&str], steps| Ok(CourseAction::Journey { ends: strings(ends), steps });
        assert_eq!(journey(""), ends(&[], 12));
        assert_eq!(journey("20"), ends(&[], 20));
        assert_eq!(journey("\"So What\" /m/a.mp3 8"), ends(&["So What", "/m/a.mp3"], 8));
        assert_eq!(journey("\"99\""), ends(&["99"], 12), "a title in quotes is no number");
        assert!(journey("\"So What").unwrap_err().contains("open"));
        assert!(journey("So What Army").unwrap_err().contains("in quotes"));
    }

    #[test]
    fn blends_have_signs() {
        let of = |plus: &[&str], minus: &[&str]| Ok(BlendAction::Of { plus: strings(plus), minus: strings(minus) });
        assert_eq!(blend("+\"Nina Simone\" +Björk -metal"), of(&["Nina Simone", "Björk"], &["metal"]));
        assert_eq!(blend("+Nina Simone -Fela Kuti"), of(&["Nina Simone"], &["Fela Kuti"]));
        assert_eq!(blend("+playlist -"), of(&["playlist"], &[""]));
        assert_eq!((blend(""), blend("off")), (of(&[], &[]), Ok(BlendAction::Off)));
        assert!(blend("Björk").is_err() && blend("-metal").unwrap_err().contains("to be like"));
    }

    #[test]
    fn moods_have_hours() {
        let night = Mood { name: "late-night".into(), from: 22, to: 2 };
        assert_eq!(mood("late-night 22-2"), Ok(MoodAction::Set(night)));
        assert_eq!(
            (mood(""), mood("list"), mood("off")),
            (Ok(MoodAction::List), Ok(MoodAction::List), Ok(MoodAction::Off))
        );
        assert_eq!(mood("delete x"), Ok(MoodAction::Delete("x".into())));
        assert!(mood("late-night").is_err() && mood("late-night 7").is_err() && mood("../x 1-2").is_err());
        assert!(mood("delete").is_err());
    }
}
