//! What a prompt asks about a saved list: another name, a filter, hours, or whether deleting it is meant.

use crate::app::Refusal;
use crate::app::commands::Action;
use crate::app::commands::mood::MoodAction;
use crate::app::commands::playlist::{PlaylistAction, smart_in};
use crate::app::commands::screen::OnList;
use crate::app::commands::signature::SignatureAction;
use crate::app::state::Model;
use crate::app::state::lists::{Kind, Listed};
use crate::library::{Mood, playlists, signatures};
use crate::text;

/// A question about a saved list, which may have left the view before it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done with the list.
    pub on: OnList,
    /// What the list is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The text that the prompt begins with.
    pub text: String,
}

impl Asked {
    /// The question about a list; `None` where there is nothing to ask.
    pub fn new(on: OnList, list: &Listed, model: &Model) -> Option<Asked> {
        let (kind, name) = (list.kind, list.name.clone());
        let text = match (on, kind) {
            (OnList::Add, _) | (OnList::Edit, Kind::Playlist | Kind::Signature) => return None,
            (OnList::Rename, _) => name.clone(),
            (OnList::Duplicate, _) => free_name(&name, names(kind, model)),
            // What is wrong with the file is no filter.
            (OnList::Edit, _) if list.broken => String::new(),
            (OnList::Edit, _) => list.about.clone(),
            (OnList::Delete, _) => String::new(),
        };
        Some(Asked { on, kind, name, text })
    }

    /// The words before what is typed.
    pub fn sign(&self) -> String {
        let name = text::sanitize(&self.name);
        match (self.on, self.kind) {
            (OnList::Duplicate, _) => format!("name of the copy of {name}: "),
            (OnList::Edit, Kind::Mood) => format!("hours of {name}: "),
            (OnList::Edit, _) => format!("filter of {name}: "),
            (OnList::Delete, kind) => format!("Delete the {} {name}? (y/n) ", kind.word()),
            (OnList::Add | OnList::Rename, _) => format!("new name of {name}: "),
        }
    }

    /// Whether a key answers it.
    pub fn is_question(&self) -> bool {
        self.on == OnList::Delete
    }

    /// Whether the songs of the line are counted while it is typed.
    pub fn is_counted(&self) -> bool {
        (self.on, self.kind) == (OnList::Edit, Kind::Smart)
    }

    /// What is wrong with what is typed.
    pub fn fault(&self, line: &str, model: &Model) -> Option<String> {
        let line = line.trim();
        match (self.on, self.kind) {
            (OnList::Rename, _) if line == self.name => None,
            (OnList::Rename | OnList::Duplicate, kind) => name_fault(line, kind, model),
            (OnList::Edit, Kind::Mood) => Mood::parse_hours(line).err().map(|why| why.to_string()),
            (OnList::Edit, _) => smart_in(line, &model.language).err().map(Into::into),
            (OnList::Add | OnList::Delete, _) => None,
        }
    }

    /// What the session is asked when the line was entered; `None` if that changes nothing.
    ///
    /// # Errors
    /// One line: what is wrong with the filter or the hours.
    pub fn action(&self, line: &str, model: &Model) -> Result<Option<Action>, Refusal> {
        let (line, name) = (line.trim(), self.name.clone());
        let of_tracks = matches!(self.kind, Kind::Playlist | Kind::Smart);
        Ok(Some(match self.on {
            OnList::Add => return Ok(None),
            OnList::Rename if line == name => return Ok(None),
            OnList::Edit if line == self.text => return Ok(None),
            OnList::Rename if of_tracks => PlaylistAction::Rename(name, line.into()).into(),
            OnList::Rename => SignatureAction::Rename(name, line.into()).into(),
            OnList::Duplicate if of_tracks => PlaylistAction::Duplicate(name, line.into()).into(),
            OnList::Duplicate => SignatureAction::Duplicate(name, line.into()).into(),
            OnList::Edit if self.kind == Kind::Mood => {
                let (from, to) = Mood::parse_hours(line)?;
                MoodAction::Set(Mood { name, from, to }).into()
            }
            OnList::Edit => PlaylistAction::Smart(name, smart_in(line, &model.language)?, true).into(),
            OnList::Delete if of_tracks => PlaylistAction::Delete(name).into(),
            OnList::Delete if self.kind == Kind::Mood => MoodAction::Delete(name).into(),
            OnList::Delete => SignatureAction::Delete(name).into(),
        }))
    }
}

/// The names that are taken among lists of a kind.
fn names(kind: Kind, model: &Model) -> &[String] {
    match kind {
        Kind::Playlist | Kind::Smart => &model.saved_playlists,
        Kind::Signature | Kind::Mood => &model.saved_signatures,
    }
}

fn name_fault(name: &str, kind: Kind, model: &Model) -> Option<String> {
    let (checked, what) = match kind {
        Kind::Playlist | Kind::Smart => (playlists::check(name), "playlist"),
        Kind::Signature | Kind::Mood => (signatures::check(name), "signature"),
    };
    let taken = || names(kind, model).iter().any(|taken| taken == name);
    checked.err().map(String::from).or_else(|| taken().then(|| format!("there is a {what} '{name}' already")))
}

/// A name for a copy that no list has: `night-2`.
fn free_name(name: &str, taken: &[String]) -> String {
    let numbered = |n: usize| format!("{name}-{n}");
    let free = (2..).map(numbered).find(|name| !taken.contains(name));
    free.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;

    fn model() -> Model {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let mut model = fixture::model(3);
        model.saved_playlists = names(&["calm", "evening", "evening-2"]);
        model.saved_signatures = names(&["night", "run"]);
        model
    }

    fn asked(on: OnList, kind: Kind, name: &str, about: &str) -> Option<Asked> {
        Asked::new(on, &Listed::new(kind, name.into(), about.into(), Vec::new(), 0), &model())
    }

    /// The command that follows from a line, as its debugging text.
    fn command(on: OnList, kind: Kind, name: &str, line: &str) -> String {
        let asked = asked(on, kind, name, "").unwrap();
        assert_eq!(asked.fault(line, &model()), None, "{line}");
        asked.action(line, &model()).unwrap().map_or_else(String::new, |action| format!("{action:?}"))
    }

    #[test]
    fn a_prompt_begins_with_what_is_to_be_changed() {
        let begins = |on, kind, name, about| asked(on, kind, name, about).map(|asked| asked.text);
        assert_eq!(begins(OnList::Rename, Kind::Playlist, "evening", "").as_deref(), Some("evening"));
        assert_eq!(begins(OnList::Duplicate, Kind::Playlist, "evening", "").as_deref(), Some("evening-3"));
        assert_eq!(begins(OnList::Duplicate, Kind::Mood, "night", "22-2").as_deref(), Some("night-2"));
        assert_eq!(
            begins(OnList::Edit, Kind::Smart, "calm", "year>1990 limit:9").as_deref(),
            Some("year>1990 limit:9")
        );
        assert_eq!(begins(OnList::Edit, Kind::Mood, "night", "22-2").as_deref(), Some("22-2"));
        assert_eq!(begins(OnList::Edit, Kind::Playlist, "evening", ""), None);
        assert_eq!(begins(OnList::Edit, Kind::Signature, "night", "auto"), None);
        let broken = Listed::broken(Kind::Smart, "calm".into(), "no field 'x'".into());
        assert_eq!(Asked::new(OnList::Edit, &broken, &model()).unwrap().text, "");
    }

    #[test]
    fn each_kind_has_its_command() {
        for (on, kind, line, says) in [
            (OnList::Rename, Kind::Playlist, "dusk", "Playlist(Rename"),
            (OnList::Rename, Kind::Smart, "dusk", "Playlist(Rename"),
            (OnList::Rename, Kind::Mood, "dusk", "Signature(Rename"),
            (OnList::Duplicate, Kind::Signature, "dusk", "Signature(Duplicate"),
            (OnList::Edit, Kind::Smart, "year>1990 limit:5", "Playlist(Smart"),
            (OnList::Edit, Kind::Mood, "22-3", "Mood(Set"),
            (OnList::Delete, Kind::Smart, "y", "Playlist(Delete"),
            (OnList::Delete, Kind::Signature, "y", "Signature(Delete"),
            (OnList::Delete, Kind::Mood, "y", "Mood(Delete"),
        ] {
            let command = command(on, kind, "x", line);
            assert!(command.starts_with(says), "{on:?} {kind:?}: {command}");
        }
        assert_eq!(command(OnList::Rename, Kind::Playlist, "calm", " calm "), "", "the same name");
        let same = asked(OnList::Edit, Kind::Smart, "calm", "year>1990").unwrap();
        assert_eq!(same.action("year>1990 ", &model()), Ok(None), "the same filter");
        // The filter may be the list's name.
        assert!(command(OnList::Edit, Kind::Smart, "jazz", "jazz").starts_with("Playlist(Smart"));
        assert!(same.action("year=", &model()).is_err());
    }

    #[test]
    fn what_cannot_be_is_told_while_it_is_typed() {
        for (on, kind, line, says) in [
            (OnList::Rename, Kind::Playlist, "calm", "there is a playlist 'calm' already"),
            (OnList::Rename, Kind::Playlist, "a b", "cannot be a playlist's name"),
            (OnList::Duplicate, Kind::Signature, "run", "there is a signature 'run' already"),
            (OnList::Rename, Kind::Mood, "", "1 to 40 characters"),
            (OnList::Edit, Kind::Smart, "year=", "year wants"),
            (OnList::Edit, Kind::Smart, "x sort:mood", "sort takes"),
            (OnList::Edit, Kind::Mood, "22", "two hours"),
        ] {
            let fault = asked(on, kind, "x", "").unwrap().fault(line, &model());
            assert!(fault.as_ref().is_some_and(|fault| fault.contains(says)), "{line}: {fault:?}");
        }
        // A playlist and a signature may have the same name.
        assert_eq!(asked(OnList::Rename, Kind::Playlist, "x", "").unwrap().fault("night", &model()), None);
    }
}
