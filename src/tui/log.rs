//! The rows of the log, and the cursor in them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::app::Model;
use crate::app::state::log::{Entry, Matter};
use crate::library::filter::fold;
use crate::library::unsupported;
use crate::notice::Kind;
use crate::text;

/// The most rows shown; what is typed narrows all of them first.
const MOST: usize = 2000;

/// The cursor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogCursor {
    /// The row that has it.
    pub at: usize,
    /// Whether the whole message of that row is shown.
    pub open: bool,
    /// What the row is about, to find it again when others come before it.
    held: Option<Key>,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Unsaved,
    Entry(u64),
    File(PathBuf),
}

/// What a row is about, by reference.
#[derive(Clone, Copy, Debug)]
enum About<'a> {
    Unsaved,
    Entry(u64),
    File(&'a Path),
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    about: About<'a>,
    /// When it was noted (`Log::moment`); unknown for what the library's copy tells.
    pub at: Option<Duration>,
    /// What it is about.
    pub matter: Matter,
    /// How serious it is.
    pub kind: Kind,
    /// The message (sanitised).
    pub text: Cow<'a, str>,
    /// The file.
    pub path: Option<&'a Path>,
    /// How often it was repeated in a row.
    pub times: u32,
}

impl<'a> Row<'a> {
    fn of(entry: &'a Entry) -> Row<'a> {
        Row {
            about: About::Entry(entry.number),
            at: Some(entry.at),
            matter: entry.matter,
            kind: entry.kind,
            text: Cow::Borrowed(&entry.text),
            path: entry.path.as_deref(),
            times: entry.times,
        }
    }

    /// Whether it has all these words, which [`words`] made, in its message, its path or the name of its matter.
    pub fn has(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let path = self.path.map(|path| path.to_string_lossy()).unwrap_or_default();
        let text = fold(&format!("{} {path} {}", self.matter.name(), self.text));
        words.iter().all(|word| text.contains(word.as_str()))
    }

    fn is(&self, key: &Key) -> bool {
        match (self.about, key) {
            (About::Unsaved, Key::Unsaved) => true,
            (About::Entry(own), Key::Entry(number)) => own == *number,
            (About::File(own), Key::File(path)) => own == path,
            _ => false,
        }
    }

    fn key(&self) -> Key {
        match self.about {
            About::Unsaved => Key::Unsaved,
            About::Entry(number) => Key::Entry(number),
            About::File(path) => Key::File(path.to_owned()),
        }
    }
}

impl LogCursor {
    /// Moves by so many rows.
    pub fn step(&mut self, step: isize, rows: &[Row]) {
        self.go(self.at.saturating_add_signed(step), rows);
    }

    /// Moves to a row; past the end, to the last one.
    pub fn go(&mut self, row: usize, rows: &[Row]) {
        self.at = row.min(rows.len().saturating_sub(1));
        self.held = rows.get(self.at).map(Row::key);
    }

    /// Stays on its row when others come or go. At the top it stays at the top, where the newest is.
    pub fn settle(&mut self, rows: &[Row]) {
        let held = self.held.as_ref().filter(|_| self.at > 0 || self.open);
        let found = held.and_then(|key| rows.iter().position(|row| row.is(key)));
        // The whole message of a row that is gone is not that of another one.
        self.open &= found.is_some();
        self.go(found.unwrap_or(self.at), rows);
    }
}

/// What a page is about (`Page::about`) when it shows this matter only.
pub fn about(matter: Option<Matter>) -> Option<u64> {
    let matter = matter?;
    Matter::ALL.iter().position(|one| *one == matter).map(|at| at as u64)
}

/// The matter that such a page shows; `None` for all of them.
pub fn matter(about: Option<u64>) -> Option<Matter> {
    Matter::ALL.get(usize::try_from(about?).ok()?).copied()
}

/// The rows about a matter, or about everything: the newest entry first. For files these are the ones that cannot be used
/// now, and those whose tags could be read in part only. `narrow` keeps the rows that have all its words.
pub fn rows<'a>(model: &'a Model, only: Option<Matter>, narrow: &str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    if matches!(only, None | Some(Matter::Error | Matter::File)) && !model.unsaved.is_empty() {
        let text = text::sanitize(&format!("not saved: {}", model.unsaved.words()));
        let (matter, kind) = (Matter::Error, Kind::Error);
        rows.push(Row { about: About::Unsaved, at: None, matter, kind, text: text.into(), path: None, times: 1 });
    }
    match only {
        Some(Matter::File) => files(model, &mut rows),
        _ => rows.extend(model.log.newest().filter(|one| only.is_none_or(|only| one.matter == only)).map(Row::of)),
    }
    let words = words(narrow);
    rows.retain(|row| row.has(&words));
    rows.truncate(MOST);
    rows
}

/// The words of a text that is sought in rows.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(fold).collect()
}

fn files<'a>(model: &'a Model, rows: &mut Vec<Row<'a>>) {
    let mut noted: HashMap<&Path, Duration> = HashMap::new();
    for entry in model.log.newest().filter(|entry| entry.matter == Matter::File) {
        if let Some(path) = &entry.path {
            noted.entry(path).or_insert(entry.at);
        }
    }
    let row = |path: &'a Path, kind, text: Cow<'a, str>| Row {
        about: About::File(path),
        at: noted.get(path).copied(),
        matter: Matter::File,
        kind,
        text,
        path: Some(path),
        times: 1,
    };
    let broken = model.faults.iter();
    let broken = broken.map(|(path, why)| row(path, Kind::Error, text::sanitize(&why.to_string()).into()));
    let first = rows.len();
    rows.extend(broken);
    // Those of the same time stay in the order of their paths.
    rows[first..].sort_by_key(|row| Reverse(row.at));
    let songs = model.catalog.partly_read();
    let partly = songs.filter_map(|song| Some((&*song.path, song.tag_fault.as_deref()?)));
    // A file that cannot be used at all is listed only as such.
    let partly = partly.filter(|(path, _)| !model.faults.contains_key(*path));
    rows.extend(partly.map(|(path, why)| row(path, Kind::Obstacle, why.into())));
    let other = model.unsupported.files.iter().filter_map(|path| Some((path, unsupported::format(path)?)));
    rows.extend(other.map(|(path, name)| row(path, Kind::Obstacle, format!("{name} files are not supported").into())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, fixture, update};

    fn fault(model: &mut Model, secs: u64, path: &str, why: &str) {
        model.now = Duration::from_secs(secs);
        update(model, Msg::Fault { path: path.into(), why: why.into() });
    }

    fn texts(model: &Model, only: Option<Matter>, narrow: &str) -> Vec<String> {
        rows(model, only, narrow).into_iter().map(|row| row.text.into_owned()).collect()
    }

    #[test]
    fn files_are_those_that_cannot_be_used_now_the_latest_first() {
        let mut model = fixture::model(3);
        fault(&mut model, 1, "/music/b.mp3", "no sound in it");
        fault(&mut model, 2, "/music/a.mp3", "the file ends early");
        fault(&mut model, 3, "/music/b.mp3", "no sound in it");
        assert_eq!(texts(&model, Some(Matter::File), ""), ["the file ends early", "no sound in it"]);
        update(&mut model, Msg::FaultGone("/music/a.mp3".into()));
        assert_eq!(texts(&model, Some(Matter::File), ""), ["no sound in it"]);
        let all = ["can be used again, or is gone", "the file ends early", "no sound in it"];
        assert_eq!(texts(&model, None, ""), all);
        assert_eq!(texts(&model, None, "EARLY file"), [all[1]]);
        assert_eq!(texts(&model, None, "b.mp3"), [all[2]], "paths are searched too");
        assert!(texts(&model, Some(Matter::Engine), "").is_empty());
    }

    #[test]
    fn files_of_formats_that_cannot_be_played_are_listed_behind_the_others() {
        let mut model = fixture::model(3);
        fault(&mut model, 1, "/music/b.mp3", "no sound in it");
        let found = unsupported::Unsupported::of(vec!["/music/a.wma".into(), "/music/c.ape".into()]);
        update(&mut model, Msg::Unsupported(found.into()));
        let all = ["no sound in it", "WMA files are not supported", "APE files are not supported"];
        assert_eq!(texts(&model, Some(Matter::File), ""), all);
        assert_eq!(texts(&model, Some(Matter::Watch), ""), ["1 APE and 1 WMA files are not supported"]);
        update(&mut model, Msg::Unsupported(Default::default()));
        assert_eq!(texts(&model, Some(Matter::File), ""), all[..1]);
    }

    #[test]
    fn the_cursor_stays_on_its_row() {
        let mut model = fixture::model(3);
        fault(&mut model, 1, "/music/a.mp3", "one");
        fault(&mut model, 2, "/music/b.mp3", "two");
        let mut cursor = LogCursor::default();
        cursor.step(1, &rows(&model, None, ""));
        fault(&mut model, 3, "/music/c.mp3", "three");
        cursor.settle(&rows(&model, None, ""));
        assert_eq!(cursor.at, 2);
        cursor.go(0, &rows(&model, None, ""));
        fault(&mut model, 4, "/music/d.mp3", "four");
        cursor.settle(&rows(&model, None, ""));
        assert_eq!(cursor.at, 0, "the newest is in sight");
        cursor.go(usize::MAX, &rows(&model, None, ""));
        cursor.settle(&rows(&model, None, "four"));
        assert_eq!(cursor.at, 0);
        cursor.settle(&[]);
        assert_eq!(cursor.at, 0);
    }

    #[test]
    fn a_matter_is_what_the_page_is_about() {
        for only in Matter::ALL.into_iter().map(Some).chain([None]) {
            assert_eq!(matter(about(only)), only);
        }
        assert_eq!(matter(Some(99)), None);
    }
}
