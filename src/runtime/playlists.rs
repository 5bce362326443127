//! The user's playlists: operations carried out on the diary thread, and the lookup of a playlist's songs on the engine
//! thread.

use std::path::Path;
use std::sync::Arc;

use super::change_error::ChangeError;
use super::changes::{Changes, Files, touch};
use crate::app::effect::PlaylistOrder;
use crate::app::msg::Msg;
use crate::app::state::lists::Placing;
use crate::library::mixes::{Mixes, Plan};
use crate::library::playlist::{self, Finder, How, Paths, Playlist, PlaylistError};
use crate::library::playlists::{Playlists, PlaylistsError};
use crate::library::{Catalog, Song};

/// What an order changes among the user's playlists, in words; `None` when it only reads, or writes elsewhere.
pub(super) fn change(order: &PlaylistOrder) -> Option<String> {
    match order {
        PlaylistOrder::Save(name, ..)
        | PlaylistOrder::Add(name, _)
        | PlaylistOrder::Smart(name, ..)
        | PlaylistOrder::Delete(name)
        | PlaylistOrder::Rename(name, _)
        | PlaylistOrder::Duplicate(_, name) => Some(format!("the playlist {name}")),
        PlaylistOrder::Mix { .. } | PlaylistOrder::Unmix => Some("the list of the day's mixes".into()),
        PlaylistOrder::Step(_, order) => change(order),
        PlaylistOrder::Undo { what, .. } => Some(format!("what is saved (undo of {what})")),
        PlaylistOrder::Names
        | PlaylistOrder::List
        | PlaylistOrder::Open { .. }
        | PlaylistOrder::Export(..)
        | PlaylistOrder::Write(..) => None,
    }
}

/// Carries an order out. A change with a number is kept among `changes`.
///
/// # Errors
/// What went wrong, in one line.
pub(super) fn carry_out(files: &Files, changes: &mut Changes, order: PlaylistOrder) -> Result<Vec<Msg>, ChangeError> {
    let lists = &files.lists;
    let names = || Msg::PlaylistNames(lists.names());
    let changed = |text: String| Ok(vec![Msg::success(text), names()]);
    match order {
        PlaylistOrder::Names => Ok(vec![names()]),
        PlaylistOrder::List => Ok(vec![names(), Msg::Told { title: "Playlists".into(), lines: list(lists) }]),
        PlaylistOrder::Save(name, tracks, over) => {
            lists.save(&name, &tracks, over)?;
            changed(format!("saved {name}: {}", count(tracks.entries.len())))
        }
        PlaylistOrder::Add(name, tracks) => {
            let whole = lists.add(&name, &tracks)?;
            let said = Msg::success(format!("{name} has {} now", count(whole)));
            Ok(vec![said, names(), Msg::Added(name)])
        }
        PlaylistOrder::Smart(name, smart, over) => {
            lists.save_smart(&name, &smart, over)?;
            changed(format!("saved {name}: {}", smart.filter))
        }
        PlaylistOrder::Step(step, order) => {
            let begun = match mixed(lists, &order) {
                Some(plan) => Mixes::of(lists).begin(&plan),
                None => vec![touch(&order).and_then(|touch| lists.begin(touch))],
            };
            let mut answers = carry_out(files, changes, *order)?;
            changes.keep(step, begun, None, &mut answers);
            Ok(answers)
        }
        order @ (PlaylistOrder::Mix { .. } | PlaylistOrder::Unmix) => {
            let mixes = Mixes::of(lists);
            match order {
                PlaylistOrder::Unmix if mixes.day().is_none() => {
                    return Err(ChangeError::NoMixes);
                }
                // They were ended while the engine made them.
                PlaylistOrder::Mix { asked: false, .. } if mixes.day().is_none() => return Ok(Vec::new()),
                _ => {}
            }
            let plan = mixed(lists, &order).unwrap_or_default();
            mixes.carry_out(&plan)?;
            changed(match plan.names() {
                names if names.is_empty() => "the mixes are gone, and no more are made; :mix makes some".into(),
                names => format!("the mixes of today: {}; :playlist open plays one", names.join(", ")),
            })
        }
        PlaylistOrder::Undo { step, what } => {
            let undone = changes.undo(step)?;
            Ok([vec![Msg::success(format!("undone: {what}"))], undone.answers(files)].concat())
        }
        PlaylistOrder::Open { name, placing } => {
            if let Some(smart) = lists.smart(&name)? {
                return Ok(vec![Msg::Smart { name, smart, placing }]);
            }
            let playlist = Box::new(lists.load(&name)?);
            Ok(vec![Msg::Playlist { name, playlist, placing }])
        }
        PlaylistOrder::Delete(name) => {
            lists.delete(&name)?;
            changed(format!("{name} is deleted"))
        }
        PlaylistOrder::Rename(from, to) => {
            lists.rename(&from, &to)?;
            changed(format!("{from} is now {to}"))
        }
        PlaylistOrder::Duplicate(from, to) => {
            lists.duplicate(&from, &to)?;
            changed(format!("{to} is a copy of {from}"))
        }
        PlaylistOrder::Export(name, file, over) => {
            let how = format!("playlist export! {name}");
            playlist::export(&file, &lists.load(&name)?, Paths::Fitting, over)
                .map_err(|why| taken(why, &how, &file))?;
            changed(format!("written: {}", file.display()))
        }
        PlaylistOrder::Write(file, tracks, over) => {
            playlist::export(&file, &tracks, Paths::Fitting, over).map_err(|why| taken(why, "save!", &file))?;
            changed(format!("written: {}, {}", file.display(), count(tracks.entries.len())))
        }
    }
}

/// What an order does to the day's mixes; `None` for any other order.
fn mixed(lists: &Playlists, order: &PlaylistOrder) -> Option<Plan> {
    let mixes = Mixes::of(lists);
    match order {
        PlaylistOrder::Mix { day, lists, .. } => Some(mixes.plan(day, lists.clone())),
        PlaylistOrder::Unmix => Some(mixes.end()),
        _ => None,
    }
}

/// The songs of a playlist that the library has, as the message that queues them.
pub(crate) fn find(catalog: &Catalog, name: String, list: &Playlist, placing: Placing) -> Msg {
    let finder = Finder::new(catalog);
    let found: Vec<(&Arc<Song>, How)> = list.entries.iter().filter_map(|entry| finder.find(entry)).collect();
    let gone = list.entries.len() - found.len();
    if found.is_empty() {
        return Msg::error(format!("{name}: none of its tracks is in the library"));
    }
    let by = |wanted: How| found.iter().filter(|(_, how)| *how == wanted).count();
    let notes = [
        (by(How::Track), "moved"),
        (by(How::Tail), "found by the end of their path"),
        (by(How::Name), "found by name and length"),
        (gone, "not in the library"),
        (list.left_out, "left out (no local files)"),
    ];
    let notes = notes.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect();
    Msg::Queue { name, songs: found.into_iter().map(|(song, _)| song.clone()).collect(), notes, placing }
}

/// Why a file was not written; for an existing one, with the command that overwrites it.
fn taken(why: PlaylistError, command: &str, file: &Path) -> ChangeError {
    match why {
        PlaylistError::Taken(_) => ChangeError::Taken { file: file.to_path_buf(), command: command.into() },
        other => PlaylistsError::from(other).into(),
    }
}

/// A line for each playlist.
fn list(lists: &Playlists) -> Vec<String> {
    let names = lists.names();
    if names.is_empty() {
        return vec!["no playlists yet; :playlist save NAME saves the queue".into()];
    }
    let line = |name: String| match lists.smart(&name) {
        Ok(Some(smart)) => format!("{name}: {}", smart.filter),
        Ok(None) => lists.load(&name).map_or_else(String::from, |l| format!("{name}: {}", count(l.entries.len()))),
        Err(why) => why.into(),
    };
    names.into_iter().map(line).collect()
}

fn count(n: usize) -> String {
    crate::text::count(n, "track")
}
