//! `:playlist`: saved playlists.

use crate::app::effect::Effect;
use crate::app::effect::PlaylistOrder;
use crate::app::refusal::Refusal;
use crate::app::update::meant;
use crate::ask::find;
use crate::library::filter::Language;
use crate::library::playlist::{Entry, Playlist};
use crate::library::{Song, fuzzy};
use crate::queue::Queue;
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::state::Model;
use crate::app::state::lists::Placing;
use crate::app::state::undo::Undo;
use crate::library::playlist::smart::Smart;
use crate::library::playlist::sort;
use crate::library::playlists;
use crate::track::TrackId;

use super::row::{Args, Completion, Row, Takes, Verb, row, verb};

/// What `:playlist` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaylistAction {
    /// List the names.
    List,
    /// Save the queue under a name; the flag allows replacing an existing playlist.
    Save(String, bool),
    /// Add the selected tracks, or else the playing one, to a playlist.
    Add(String),
    /// Append a playlist to the tracks that the user queued.
    Append(String),
    /// Replace the queue by a playlist and play it, from the track of this number on, counted from 1.
    Open(String, usize),
    /// Like `Open`, from a row of the view of the playlists on, counted from 0, which shows this track.
    OpenRow(String, usize, TrackId),
    /// Save a smart playlist under a name; the flag allows replacing an existing one.
    Smart(String, Smart, bool),
    /// Delete a playlist.
    Delete(String),
    /// Rename a playlist.
    Rename(String, String),
    /// Copy a playlist under another name.
    Duplicate(String, String),
    /// Export a playlist to a file; the flag allows overwriting.
    Export(String, PathBuf, bool),
}

/// The command.
pub const ROWS: &[Row<PlaylistAction>] = &[row(
    "playlist",
    Args::Typed("[VERB NAME]", complete),
    "open, append, save, add, smart, list, delete, rename, duplicate, export",
    |t| parse(t.rest),
)
.or(&["pl"])
.takes(Takes::Marked { when: |rest| rest.starts_with("add ") })];

/// The verbs of `:playlist` with their arguments and help texts.
pub const VERBS: &[Verb] = &[
    ("open", "NAME [N]", "put it in the queue's place and play it, from its Nth track on"),
    ("append", "NAME", "add it to what you chose"),
    ("save", "NAME", "keep the queue; save! in the place of one that is there"),
    ("add", "NAME", "add the marked or selected tracks to it"),
    (
        "smart",
        "NAME FILTER",
        "keep a filter: playlist smart calm genre=ambient sort:-added limit:50; smart! changes it",
    ),
    ("list", "", "show the names"),
    ("delete", "NAME", "remove it"),
    ("rename", "NAME NEW", "give it another name"),
    ("duplicate", "NAME NEW", "copy it, under another name"),
    ("export", "NAME FILE", "write it as .m3u8, .m3u, .pls or .xspf"),
];

fn complete(rest: &str, model: &Model) -> Vec<Completion> {
    match rest.split_once(' ') {
        Some((verb, _)) => {
            let names = model.saved_playlists.iter().filter(|_| verb != "list" && verb != "save");
            names.map(|name| Completion::new(format!("{verb} {name}"), "saved")).collect()
        }
        None => VERBS.iter().map(verb).collect(),
    }
}

fn parse(text: &str) -> Result<PlaylistAction, Refusal> {
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // `save!`, `smart!` and `export!` may overwrite.
    let (verb, over) = match verb.strip_suffix('!') {
        Some(verb @ ("save" | "smart" | "export")) => (verb, true),
        _ => (verb, false),
    };
    let rest = rest.trim();
    let wants = || {
        let args = VERBS.iter().find(|(v, ..)| *v == verb).map_or("", |(_, args, _)| args);
        Refusal::wants(format!("playlist {verb}"), args)
    };
    let name = || -> Result<String, Refusal> {
        if rest.is_empty() {
            return Err(wants());
        }
        playlists::check(rest)?;
        Ok(rest.to_string())
    };
    let two =
        || rest.split_once(char::is_whitespace).map(|(a, b)| (a.to_string(), b.trim().to_string())).ok_or_else(wants);
    Ok(match verb {
        "" | "list" => PlaylistAction::List,
        "save" => PlaylistAction::Save(name()?, over),
        "add" => PlaylistAction::Add(name()?),
        "open" => {
            let (name, from) = open(rest).ok_or_else(wants)?;
            playlists::check(name)?;
            PlaylistAction::Open(name.to_string(), from)
        }
        "append" => PlaylistAction::Append(name()?),
        "delete" => PlaylistAction::Delete(name()?),
        "smart" => {
            let (name, line) = two()?;
            playlists::check(&name)?;
            PlaylistAction::Smart(name, smart(&line)?, over)
        }
        "rename" => {
            let (from, to) = two()?;
            playlists::check(&to)?;
            PlaylistAction::Rename(from, to)
        }
        "duplicate" => {
            let (name, to) = two()?;
            playlists::check(&to)?;
            PlaylistAction::Duplicate(name, to)
        }
        "export" => two().map(|(name, file)| PlaylistAction::Export(name, file.into(), over))?,
        _ => {
            let verbs: Vec<_> = VERBS.iter().map(|(verb, ..)| *verb).collect();
            return Err(Refusal::wants("playlist", format!("one of {}", verbs.join(", "))));
        }
    })
}

/// Parses `NAME [N]`; without a number, the first track.
fn open(text: &str) -> Option<(&str, usize)> {
    match text.rsplit_once(char::is_whitespace) {
        Some((name, n)) => Some((name.trim_end(), n.parse().ok().filter(|n| *n > 0)?)),
        None => (!text.is_empty()).then_some((text, 1)),
    }
}

/// Parses the line of a smart playlist, all but its filter.
fn smart(line: &str) -> Result<Smart, Refusal> {
    let smart = Smart::typed(line)?;
    if !smart.sort.is_empty() {
        sort::keys(&smart.sort)?;
    }
    Ok(smart)
}

/// Parses the line of a smart playlist with its filter.
///
/// # Errors
/// One line: what is wrong with it.
pub fn smart_in(line: &str, language: &Language) -> Result<Smart, Refusal> {
    let smart = smart(line)?;
    check_filter(&smart.filter, language).map(|()| smart)
}

fn check_filter(filter: &str, language: &Language) -> Result<(), Refusal> {
    // Fuzzy searches and questions have languages of their own.
    if fuzzy::typed(filter).is_some() || find::typed(filter).is_some() {
        return Ok(());
    }
    language.parse(filter)?;
    Ok(())
}

/// Carries `:playlist` out.
pub(super) fn act(
    queue: &Queue,
    language: &Language,
    undo: &mut Undo,
    action: PlaylistAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let what = change(&action);
    let order = match action {
        PlaylistAction::List => PlaylistOrder::List,
        PlaylistAction::Save(name, over) => PlaylistOrder::Save(name, Box::new(whole(queue)?), over),
        PlaylistAction::Add(name) => {
            let songs = meant::selected_or_playing(queue, selected)?;
            PlaylistOrder::Add(name, Box::new(listed(songs.iter())))
        }
        PlaylistAction::Append(name) => PlaylistOrder::Open { name, placing: Placing::Append },
        PlaylistAction::Open(name, nth) => {
            PlaylistOrder::Open { name, placing: Placing::Open { from: nth.saturating_sub(1) } }
        }
        PlaylistAction::OpenRow(name, row, track) => {
            PlaylistOrder::Open { name, placing: Placing::OpenRow { row, track } }
        }
        PlaylistAction::Smart(name, smart, over) => {
            check_filter(&smart.filter, language)?;
            PlaylistOrder::Smart(name, smart, over)
        }
        PlaylistAction::Delete(name) => PlaylistOrder::Delete(name),
        PlaylistAction::Rename(from, to) => PlaylistOrder::Rename(from, to),
        PlaylistAction::Duplicate(from, to) => PlaylistOrder::Duplicate(from, to),
        PlaylistAction::Export(name, file, over) => PlaylistOrder::Export(name, file, over),
    };
    let order = match what {
        Some(what) => PlaylistOrder::Step(undo.push_files(what), Box::new(order)),
        None => order,
    };
    effects.push(Effect::Playlists(order));
    Ok(())
}

/// The name of a change of saved playlists, for `undo`; `None` when the action changes none.
fn change(action: &PlaylistAction) -> Option<String> {
    match action {
        PlaylistAction::Save(name, _) => Some(format!("playlist save {name}")),
        PlaylistAction::Add(name) => Some(format!("playlist add {name}")),
        PlaylistAction::Smart(name, ..) => Some(format!("playlist smart {name}")),
        PlaylistAction::Delete(name) => Some(format!("playlist delete {name}")),
        PlaylistAction::Rename(from, to) => Some(format!("playlist rename {from} {to}")),
        PlaylistAction::Duplicate(from, to) => Some(format!("playlist duplicate {from} {to}")),
        PlaylistAction::List
        | PlaylistAction::Append(_)
        | PlaylistAction::Open(..)
        | PlaylistAction::OpenRow(..)
        | PlaylistAction::Export(..) => None,
    }
}

/// The whole queue as a playlist.
pub(super) fn whole(queue: &Queue) -> Result<Playlist, Refusal> {
    let items = queue.items();
    if items.is_empty() { Err(Refusal::EmptyQueue("")) } else { Ok(listed(items.iter().map(|i| &i.song))) }
}

/// Songs as a playlist.
pub(super) fn listed<'a>(songs: impl Iterator<Item = &'a Arc<Song>>) -> Playlist {
    Playlist { entries: songs.map(|song| Entry::from(&**song)).collect(), ..Playlist::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parsed() {
        assert_eq!(parse(""), Ok(PlaylistAction::List));
        assert_eq!(parse("save late-night"), Ok(PlaylistAction::Save("late-night".into(), false)));
        assert_eq!(parse("rename a b"), Ok(PlaylistAction::Rename("a".into(), "b".into())));
        assert_eq!(parse("duplicate a  b"), Ok(PlaylistAction::Duplicate("a".into(), "b".into())));
        assert_eq!(parse("open a"), Ok(PlaylistAction::Open("a".into(), 1)));
        assert_eq!(parse("open a 12"), Ok(PlaylistAction::Open("a".into(), 12)));
        for bad in ["open", "open a 0", "open a x", "open a 1 2"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse("duplicate a").unwrap_err().to_string(), "playlist duplicate wants NAME NEW");
        assert!(parse("duplicate a b/c").is_err() && parse("duplicate! a b").is_err());
        let export = |over| Ok(PlaylistAction::Export("a".into(), "/tmp/x y.pls".into(), over));
        assert_eq!(parse("export a /tmp/x y.pls"), export(false));
        assert_eq!(parse("export! a /tmp/x y.pls"), export(true));
        assert_eq!(parse("save! x"), Ok(PlaylistAction::Save("x".into(), true)));
        assert!(parse("delete! x").is_err());
        assert_eq!(parse("save").unwrap_err().to_string(), "playlist save wants NAME");
        assert!(parse("open ../x").is_err() && parse("frob").unwrap_err().to_string().contains("append"));
    }

    #[test]
    fn the_line_of_a_smart_playlist_is_checked_whole() {
        let language = crate::app::fixture::model(0).language;
        let smart = |line: &str| smart_in(line, &language);
        assert_eq!(smart("genre=jazz sort:-year limit:3").map(|s| s.limit), Ok(Some(3)));
        assert!(smart("?sgr hop").is_ok() && smart("find: calm acoustic").is_ok());
        for (bad, says) in
            [("genre=", "genre wants"), ("x sort:mood", "sort takes"), ("x limit:y", "a number"), ("", "filter")]
        {
            assert!(smart(bad).unwrap_err().to_string().contains(says), "{bad}");
        }
    }
}
