//! Changes of the files of saved signatures, carried out on the diary thread. The mood of a signature has its name, so it
//! goes with it.

use super::change_error::ChangeError;
use super::changes::{Changes, Files};
use crate::app::effect::SignatureOrder;
use crate::app::msg::Msg;
use crate::library::Mood;
use crate::library::change::Change;
use crate::library::moods::{MoodError, Moods};
use crate::library::signatures::{SignatureError, Touch};

/// What an order changes, in words.
pub(super) fn change(order: &SignatureOrder) -> String {
    match order {
        SignatureOrder::Delete(name) | SignatureOrder::Rename(name, _) | SignatureOrder::Duplicate(_, name) => {
            format!("the signature {name}")
        }
        SignatureOrder::Step(_, order) => change(order),
    }
}

/// Carries an order out. A change with a number is kept among `changes`.
///
/// # Errors
/// What went wrong, in one line.
pub(super) fn carry_out(files: &Files, changes: &mut Changes, order: SignatureOrder) -> Result<Vec<Msg>, ChangeError> {
    let Files { signatures, moods, .. } = files;
    let names = || Msg::SavedNames(signatures.names());
    match order {
        SignatureOrder::Step(step, order) => {
            let begun = begin(files, &order);
            let renamed = match &*order {
                SignatureOrder::Rename(from, to) => Some((from.clone(), to.clone())),
                _ => None,
            };
            let mut answers = carry_out(files, changes, *order)?;
            changes.keep(step, begun, renamed, &mut answers);
            Ok(answers)
        }
        SignatureOrder::Delete(name) => {
            signatures.existing(&name)?;
            let left = together(moods, &name, || moods.delete(&name), || signatures.delete(&name))?;
            let hours = if left.is_some() { ", with its hours" } else { "" };
            let mut answers = vec![Msg::success(format!("{name} is deleted{hours}")), names()];
            answers.extend(left.map(Msg::Moods));
            Ok(answers)
        }
        SignatureOrder::Rename(from, to) => {
            signatures.both(&from, &to)?;
            let all = together(moods, &from, || moods.rename(&from, &to), || signatures.rename(&from, &to))?;
            let mut answers = vec![Msg::success(format!("{from} is now {to}"))];
            answers.extend([Msg::SignatureRenamed { from, to }, names()]);
            answers.extend(all.map(Msg::Moods));
            Ok(answers)
        }
        SignatureOrder::Duplicate(from, to) => {
            signatures.duplicate(&from, &to)?;
            Ok(vec![Msg::success(format!("{to} is a copy of {from}")), names()])
        }
    }
}

/// What the files are before an order changes them; the signature's last, which is undone first.
fn begin(files: &Files, order: &SignatureOrder) -> Vec<Option<Change>> {
    let Files { signatures, moods, .. } = files;
    let (touch, name) = match order {
        SignatureOrder::Delete(name) => (Touch::Removed(name), name),
        SignatureOrder::Rename(from, to) => (Touch::Renamed(from, to), from),
        SignatureOrder::Duplicate(_, to) => return vec![signatures.begin(Touch::Copied(to))],
        SignatureOrder::Step(..) => return Vec::new(),
    };
    let of_moods = has_mood(moods, name).then(|| moods.begin());
    of_moods.into_iter().chain([signatures.begin(touch)]).collect()
}

/// Changes the mood of a signature, if it has one, and the signature's file: both or neither. Returns all moods, if one was
/// changed. The mood comes first, as it can be put back.
fn together(
    moods: &Moods,
    name: &str,
    of_mood: impl FnOnce() -> Result<Vec<Mood>, MoodError>,
    of_file: impl FnOnce() -> Result<(), SignatureError>,
) -> Result<Option<Vec<Mood>>, ChangeError> {
    if !has_mood(moods, name) {
        of_file()?;
        return Ok(None);
    }
    let before = moods.begin();
    let all = of_mood()?;
    if let Err(why) = of_file() {
        let back = before.and_then(Change::done).is_some_and(|change| change.undo().is_ok());
        return Err(match back {
            true => why.into(),
            false => ChangeError::HoursLost { why, name: name.into() },
        });
    }
    Ok(Some(all))
}

/// Whether a signature has a mood. A damaged file of moods has none, and is left as it is.
fn has_mood(moods: &Moods, name: &str) -> bool {
    moods.load().is_ok_and(|all| all.iter().any(|mood| mood.name == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::playlists::Playlists;
    use crate::library::signatures::{Saved, Signatures};

    struct Desk {
        files: Files,
        changes: Changes,
        dir: tempfile::TempDir,
    }

    impl Desk {
        /// With the signatures `night`, which has a mood, and `run`.
        fn new() -> Desk {
            let dir = tempfile::tempdir().unwrap();
            let files = Files {
                lists: Playlists::in_dir(dir.path().join("playlists")),
                signatures: Signatures::in_dir(dir.path().join("signatures")),
                moods: Moods::in_file(dir.path().join("moods.json")),
            };
            for name in ["night", "run"] {
                files.signatures.save(name, &Saved::default()).unwrap();
            }
            files.moods.put(Mood { name: "night".into(), from: 22, to: 2 }).unwrap();
            Desk { files, changes: Changes::default(), dir }
        }

        fn give(&mut self, step: u64, order: SignatureOrder) -> Result<Vec<Msg>, ChangeError> {
            let order = SignatureOrder::Step(step, Box::new(order));
            carry_out(&self.files, &mut self.changes, order)
        }

        fn all(&self) -> (Vec<String>, Vec<String>) {
            let moods = self.files.moods.load().unwrap().into_iter().map(|mood| mood.name).collect();
            (self.files.signatures.names(), moods)
        }
    }

    fn names(names: &[&str], moods: &[&str]) -> (Vec<String>, Vec<String>) {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        (owned(names), owned(moods))
    }

    #[test]
    fn a_mood_goes_with_its_signature_and_comes_back_with_it() {
        let mut desk = Desk::new();
        let answers = desk.give(1, SignatureOrder::Rename("night".into(), "dusk".into())).unwrap();
        assert!(matches!(&answers[1], Msg::SignatureRenamed { from, to } if from == "night" && to == "dusk"));
        assert_eq!(desk.all(), names(&["dusk", "run"], &["dusk"]));
        desk.give(2, SignatureOrder::Duplicate("dusk".into(), "dawn".into())).unwrap();
        assert_eq!(desk.all(), names(&["dawn", "dusk", "run"], &["dusk"]));
        desk.give(3, SignatureOrder::Delete("dusk".into())).unwrap();
        assert_eq!(desk.all(), names(&["dawn", "run"], &[]));
        let undone = desk.changes.undo(3).unwrap();
        assert_eq!((undone.of.len(), undone.renamed), (2, None));
        assert_eq!(desk.all(), names(&["dawn", "dusk", "run"], &["dusk"]));
        desk.changes.undo(2).unwrap();
        let told = desk.changes.undo(1).unwrap().answers(&desk.files);
        let [Msg::SignatureRenamed { from, to }, Msg::Moods(moods), Msg::SavedNames(saved)] = &told[..] else {
            panic!("{told:?}")
        };
        assert_eq!((from.as_str(), to.as_str(), moods.len(), saved.len()), ("dusk", "night", 1, 2));
        assert_eq!(desk.all(), names(&["night", "run"], &["night"]));
        assert!(desk.changes.undo(1).unwrap_err().to_string().contains("no longer"));
    }

    #[test]
    fn a_mood_keeps_its_hours_when_the_file_of_its_signature_cannot_be_changed() {
        let mut desk = Desk::new();
        // A directory cannot be deleted as a file.
        let file = desk.dir.path().join("signatures/night.json");
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        let before = desk.all();
        let why = desk.give(1, SignatureOrder::Delete("night".into())).unwrap_err().to_string();
        assert!(why.contains("night.json") && !why.contains("lost"), "{why}");
        assert_eq!((desk.all(), desk.changes.has(1)), (before, false));
        assert_eq!(desk.files.moods.load().unwrap(), [Mood { name: "night".into(), from: 22, to: 2 }]);
    }

    #[test]
    fn what_cannot_be_done_changes_nothing() {
        let mut desk = Desk::new();
        let before = desk.all();
        for order in [
            SignatureOrder::Delete("nope".into()),
            SignatureOrder::Rename("night".into(), "run".into()),
            SignatureOrder::Rename("night".into(), "../x".into()),
            SignatureOrder::Duplicate("night".into(), "run".into()),
        ] {
            assert!(desk.give(1, order.clone()).is_err(), "{order:?}");
            assert!(desk.all() == before && !desk.changes.has(1), "{order:?}");
        }
        // Half of a step is not undone: the moods were changed by something else.
        desk.give(2, SignatureOrder::Rename("night".into(), "dusk".into())).unwrap();
        desk.files.moods.put(Mood { name: "run".into(), from: 7, to: 9 }).unwrap();
        assert!(desk.changes.undo(2).unwrap_err().to_string().contains("moods.json"));
        assert_eq!(desk.all(), names(&["dusk", "run"], &["run", "dusk"]));
        // A damaged file of moods stands in nobody's way.
        std::fs::write(desk.dir.path().join("moods.json"), "{").unwrap();
        desk.give(3, SignatureOrder::Delete("run".into())).unwrap();
        desk.changes.undo(3).unwrap();
        assert_eq!(desk.files.signatures.names(), ["dusk", "run"]);
    }
}
