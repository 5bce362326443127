//! Moods: saved signatures for certain hours of the day, in one JSON file made by the user. A
//! damaged file is reported and left unchanged.

mod error;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::change::{Change, Owner, What};
use super::{own_file, signatures};

pub use error::{HoursError, MoodError};

/// A saved signature to follow during certain hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mood {
    /// The saved signature's name.
    pub name: String,
    /// First hour, 0 to 23.
    pub from: u8,
    /// Hour at which it ends (exclusive), 0 to 23; if less than `from`, on the next day.
    pub to: u8,
}

impl Mood {
    /// Whether an hour of the day is within the mood's hours.
    pub fn holds(&self, hour: u8) -> bool {
        match self.from < self.to {
            true => (self.from..self.to).contains(&hour),
            false => hour >= self.from || hour < self.to,
        }
    }

    /// Its hours in the user's notation: `22-2`.
    pub fn hours(&self) -> String {
        format!("{}-{}", self.from, self.to)
    }

    /// Parses hours such as `22-2` or `7-9`; 24 is 0.
    ///
    /// # Errors
    /// An example of valid hours.
    pub fn parse_hours(text: &str) -> Result<(u8, u8), HoursError> {
        let hour = |text: &str| text.trim().parse::<u8>().ok().filter(|h| *h <= 24).map(|h| h % 24);
        let hours = text.split_once(['-', '–']).and_then(|(a, b)| Some((hour(a)?, hour(b)?)));
        hours.filter(|(a, b)| a != b).ok_or(HoursError)
    }

    fn check(&self) -> Result<(), MoodError> {
        signatures::check(&self.name)?;
        if self.from > 23 || self.to > 23 || self.from == self.to {
            return Err(MoodError::Hours(self.name.clone()));
        }
        Ok(())
    }
}

/// The contents of the file.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    version: u32,
    moods: Vec<Mood>,
}

/// The format version that this program writes.
const VERSION: u32 = 1;

/// The file of the moods.
#[derive(Clone, Debug)]
pub struct Moods {
    file: PathBuf,
}

impl Moods {
    /// Uses the moods in `file`, which need not exist yet.
    pub fn in_file(file: PathBuf) -> Moods {
        Moods { file }
    }

    /// Reads all moods, sorted by first hour.
    ///
    /// # Errors
    /// The file cannot be read or parsed, or is from a newer version.
    pub fn load(&self) -> Result<Vec<Mood>, MoodError> {
        let kept = own_file::read(&self.file, "moods", |kept: &Kept| kept.version, VERSION)?.unwrap_or_default();
        let invalid = |cause| MoodError::Invalid { path: self.file.clone(), cause: Box::new(cause) };
        kept.moods.iter().try_for_each(Mood::check).map_err(invalid)?;
        Ok(sorted(kept.moods))
    }

    /// Saves a mood, replacing one of the same name; returns all moods.
    ///
    /// # Errors
    /// The hours overlap those of another mood, the file is damaged, or it cannot be written.
    pub fn put(&self, mood: Mood) -> Result<Vec<Mood>, MoodError> {
        mood.check()?;
        let mut moods = self.load()?;
        moods.retain(|m| m.name != mood.name);
        if let Some(other) = moods.iter().find(|m| (0..24).any(|hour| m.holds(hour) && mood.holds(hour))) {
            return Err(MoodError::Overlap { name: other.name.clone(), hours: other.hours() });
        }
        moods.push(mood);
        self.write(sorted(moods))
    }

    /// Deletes a mood, but not its signature; returns the remaining moods.
    ///
    /// # Errors
    /// There is no mood of this name, the file is damaged, or it cannot be written.
    pub fn delete(&self, name: &str) -> Result<Vec<Mood>, MoodError> {
        let mut moods = self.load()?;
        let before = moods.len();
        moods.retain(|m| m.name != name);
        if moods.len() == before {
            return Err(MoodError::Missing(name.into()));
        }
        self.write(moods)
    }

    /// Renames a mood, because its signature has another name now; returns all moods. Without a mood of this name, or if
    /// there is one of the other name too, nothing changes.
    ///
    /// # Errors
    /// The file is damaged, or it cannot be written.
    pub fn rename(&self, from: &str, to: &str) -> Result<Vec<Mood>, MoodError> {
        let mut moods = self.load()?;
        if moods.iter().any(|mood| mood.name == to) {
            return Ok(moods);
        }
        let Some(mood) = moods.iter_mut().find(|mood| mood.name == from) else { return Ok(moods) };
        to.clone_into(&mut mood.name);
        self.write(sorted(moods))
    }

    /// Reads what a change is about to replace, so that it can be undone; call [`Change::done`] after it. `None` when
    /// the file cannot be read.
    pub fn begin(&self) -> Option<Change> {
        let owner = Owner { what: What::Moods, name: "moods.json".into(), files: vec![self.file.clone()] };
        Change::of_contents(owner, self.file.clone())
    }

    fn write(&self, moods: Vec<Mood>) -> Result<Vec<Mood>, MoodError> {
        let kept = Kept { version: VERSION, moods };
        own_file::write(&self.file, &kept)?;
        Ok(kept.moods)
    }
}

fn sorted(mut moods: Vec<Mood>) -> Vec<Mood> {
    moods.sort_by(|a, b| a.from.cmp(&b.from).then_with(|| a.name.cmp(&b.name)));
    moods
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn mood(name: &str, from: u8, to: u8) -> Mood {
        Mood { name: name.into(), from, to }
    }

    #[test]
    fn hours_wrap_midnight() {
        let night = mood("night", 22, 2);
        let held: Vec<u8> = (0..24).filter(|&h| night.holds(h)).collect();
        assert_eq!(held, [0, 1, 22, 23]);
        assert!(mood("day", 7, 9).holds(8) && !mood("day", 7, 9).holds(9));
        assert_eq!((Mood::parse_hours("22-2").unwrap(), Mood::parse_hours(" 20 – 24 ").unwrap()), ((22, 2), (20, 0)));
        for bad in ["", "22", "7-7", "0-24", "25-2", "a-b", "-1-2"] {
            assert!(Mood::parse_hours(bad).unwrap_err().to_string().contains("22-2"), "{bad}");
        }
    }

    #[test]
    fn moods_are_kept_replaced_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let moods = Moods::in_file(dir.path().join("data/moods.json"));
        assert!(moods.load().unwrap().is_empty());
        moods.put(mood("night", 22, 2)).unwrap();
        assert!(
            moods
                .put(mood("late", 1, 3))
                .unwrap_err()
                .to_string()
                .contains("night already has some of these hours (22-2)")
        );
        moods.put(mood("morning", 7, 9)).unwrap();
        assert_eq!(moods.put(mood("night", 23, 2)).unwrap(), [mood("morning", 7, 9), mood("night", 23, 2)]);
        assert_eq!(moods.load().unwrap().len(), 2);
        assert_eq!(moods.delete("morning").unwrap(), [mood("night", 23, 2)]);
        assert!(moods.delete("morning").unwrap_err().to_string().contains("no mood 'morning'"));
        let begun = moods.begin().unwrap();
        assert_eq!(moods.rename("night", "late").unwrap(), [mood("late", 23, 2)]);
        assert_eq!(moods.rename("night", "x").unwrap(), [mood("late", 23, 2)], "there is none of this name");
        begun.done().unwrap().undo().unwrap();
        assert_eq!(moods.load().unwrap(), [mood("night", 23, 2)]);
        assert!(moods.put(mood("../x", 3, 4)).is_err());
    }

    #[test]
    fn a_damaged_file_is_named_and_left() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("moods.json");
        let moods = Moods::in_file(file.clone());
        let texts = [
            "{",
            "[]",
            r#"{"moods":[{"name":"x","from":99,"to":2}]}"#,
            r#"{"moods":[{"name":"a\u001bb","from":1,"to":2}]}"#,
            r#"{"version":9,"moods":[]}"#,
        ];
        for text in texts {
            fs::write(&file, text).unwrap();
            let why = moods.load().unwrap_err().to_string();
            assert!(why.contains("moods.json") && !why.contains('\u{1b}'), "{why}");
            assert!(moods.put(mood("x", 1, 2)).is_err() && moods.delete("x").is_err());
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }
}
