//! The mixes of a day: playlists that the program makes anew every day. `mixes.json` beside the playlists says which they
//! are. One that the user has changed, renamed or deleted is the user's from then on and is left as it is.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::change::{Change, Owner, What};
use super::playlist::{self, Paths, Playlist};
use super::playlists::{Playlists, PlaylistsError};
use crate::files;
use crate::store::private;

/// The file that says which playlists are mixes.
const FILE: &str = "mixes.json";

/// The mixes that were made last.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    /// The day: `2026-11-30`.
    day: String,
    /// The playlists.
    lists: Vec<Kept>,
}

/// One of them.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The playlist's name.
    name: String,
    /// A checksum of its file as it was written.
    sum: String,
}

/// The mixes among the user's playlists.
#[derive(Clone, Debug)]
pub struct Mixes<'a> {
    lists: &'a Playlists,
    file: PathBuf,
}

/// What is to take the place of the last mixes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The day; empty where no mixes are to be made any more.
    day: String,
    /// The files to be removed.
    gone: Vec<PathBuf>,
    /// The playlists to be written, by name.
    new: Vec<(String, Playlist)>,
}

impl Plan {
    /// The names of the new mixes.
    pub fn names(&self) -> Vec<String> {
        self.new.iter().map(|(name, _)| name.clone()).collect()
    }

    /// How many playlists are removed, beside those that are written anew.
    pub fn removed(&self) -> usize {
        self.gone.len()
    }
}

impl<'a> Mixes<'a> {
    /// The mixes among these playlists.
    pub fn of(lists: &'a Playlists) -> Mixes<'a> {
        Mixes { lists, file: lists.dir().join(FILE) }
    }

    /// The day of the last mixes, `2026-11-30`; `None` where there are none to be kept up to date.
    pub fn day(&self) -> Option<String> {
        self.made().map(|made| made.day)
    }

    /// The names of those of the last mixes that are as they were made.
    pub fn names(&self) -> Vec<String> {
        self.untouched().into_iter().map(|(name, _)| name).collect()
    }

    /// What is to be done so that these playlists, each with the name that it is to have, take the place of the last
    /// mixes. A name that another playlist has is given a number.
    pub fn plan(&self, day: &str, lists: Vec<(String, Playlist)>) -> Plan {
        let former = self.untouched();
        let is_former = |name: &String| former.iter().any(|(of, _)| of == name);
        let mut taken: HashSet<String> = self.lists.names().into_iter().filter(|name| !is_former(name)).collect();
        let named = |(wanted, list): (String, Playlist)| {
            let numbered = (2..).map(|n: u32| format!("{wanted}-{n}"));
            // Where a disk knows no capitals, another name's file may be this one's.
            let free = |name: &String| is_former(name) || self.path(name).symlink_metadata().is_err();
            let mut names = std::iter::once(wanted.clone()).chain(numbered);
            let name = names.find(|name| !taken.contains(name) && free(name));
            let name = name.unwrap_or(wanted);
            taken.insert(name.clone());
            (name, list)
        };
        let new: Vec<(String, Playlist)> = lists.into_iter().map(named).collect();
        let stays = |name: &String| new.iter().any(|(of, _)| of == name);
        let gone = former.into_iter().filter(|(name, _)| !stays(name)).map(|(_, file)| file).collect();
        Plan { day: day.into(), gone, new }
    }

    /// What is to be done so that the last mixes are gone and no others are made.
    pub fn end(&self) -> Plan {
        Plan { gone: self.untouched().into_iter().map(|(_, file)| file).collect(), ..Plan::default() }
    }

    /// Reads every file that a plan is about to change, so that it can be undone; call [`Change::done`] after it. `None`
    /// for one that cannot be read.
    pub fn begin(&self, plan: &Plan) -> Vec<Option<Change>> {
        let list = |file: PathBuf| {
            let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            // A smart playlist may take the name of one that is removed.
            let files = vec![file.clone(), file.with_extension("smart")];
            (Owner { what: What::Playlist, name, files }, file)
        };
        let written = plan.new.iter().map(|(name, _)| self.path(name));
        let lists = plan.gone.iter().cloned().chain(written).map(list);
        let own = Owner { what: What::Playlist, name: "mixes".into(), files: vec![self.file.clone()] };
        lists.chain([(own, self.file.clone())]).map(|(owner, file)| Change::of_contents(owner, file)).collect()
    }

    /// Carries a plan out.
    ///
    /// # Errors
    /// A file cannot be written or removed; one line. What was written newly is removed again, and what was written over is
    /// as it was.
    pub fn carry_out(&self, plan: &Plan) -> Result<(), PlaylistsError> {
        let mut written = Vec::new();
        let result = self.write(plan, &mut written);
        if result.is_err() {
            // A mix that differs from what the list of mixes says would count as the user's.
            for (file, before) in written {
                drop(before.map_or_else(|| fs::remove_file(&file), |bytes| private::overwrite(&file, &bytes)));
            }
        }
        result
    }

    /// Notes what it has written so far, and what was there before.
    fn write(&self, plan: &Plan, written: &mut Vec<(PathBuf, Option<Vec<u8>>)>) -> Result<(), PlaylistsError> {
        // Nothing else is written over or removed.
        let former: HashSet<PathBuf> = self.untouched().into_iter().map(|(_, file)| file).collect();
        let mut lists = Vec::new();
        for (name, list) in &plan.new {
            let file = self.path(name);
            let over = former.contains(&file);
            let before = if over { files::read(&file, files::SMALL).map(Some) } else { Ok(None) };
            let before = before.map_err(PlaylistsError::unwritten(&file))?;
            playlist::write(&file, list, Paths::Absolute, over)?;
            written.push((file.clone(), before));
            let sum = sum(&file).ok_or_else(|| PlaylistsError::Unreadable(file.clone()))?;
            lists.push(Kept { name: name.clone(), sum });
        }
        if plan.day.is_empty() {
            remove(&self.file).map_err(PlaylistsError::unwritten(&self.file))?;
        } else {
            let made = Made { day: plan.day.clone(), lists };
            let text = serde_json::to_vec(&made).map_err(std::io::Error::from);
            let written = text.and_then(|text| private::replace(&self.file, &text));
            written.map_err(PlaylistsError::unwritten(&self.file))?;
        }
        // Last: they are no mixes any more, whether or not they can be removed.
        written.clear();
        let mut gone = plan.gone.iter().filter(|file| former.contains(*file));
        gone.try_for_each(|file| remove(file).map_err(PlaylistsError::unwritten(file)))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.lists.dir().join(format!("{name}.m3u8"))
    }

    /// What `mixes.json` says; `None` where there is none, or it cannot be read.
    fn made(&self) -> Option<Made> {
        let text = files::text(&self.file, files::SMALL).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The last mixes that are as they were made, with their files.
    fn untouched(&self) -> Vec<(String, PathBuf)> {
        let lists = self.made().map(|made| made.lists).unwrap_or_default();
        let file = |list: Kept| {
            // The name is from a file that anybody can write.
            super::playlists::check(&list.name).ok()?;
            let file = self.path(&list.name);
            (sum(&file)? == list.sum).then_some((list.name, file))
        };
        lists.into_iter().filter_map(file).collect()
    }
}

/// Removes a file; that it is gone already is no error.
fn remove(file: &Path) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// A checksum of a file (FNV-1a, 64 bits); `None` where it cannot be read.
fn sum(file: &Path) -> Option<String> {
    let bytes = files::read(file, files::SMALL).ok()?;
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    Some(format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)))
}

#[cfg(test)]
mod tests {
    use super::super::playlist::Entry;
    use super::*;

    fn list(path: &str) -> Playlist {
        Playlist { entries: vec![Entry { path: path.into(), ..Entry::default() }], ..Playlist::default() }
    }

    fn named(names: &[&str]) -> Vec<(String, Playlist)> {
        names.iter().enumerate().map(|(n, name)| ((*name).to_string(), list(&format!("/m/{n}")))).collect()
    }

    fn make(lists: &Playlists, day: &str, names: &[&str]) -> Vec<String> {
        let mixes = Mixes::of(lists);
        let plan = mixes.plan(day, named(names));
        mixes.carry_out(&plan).unwrap();
        plan.names()
    }

    #[test]
    fn another_day_s_mixes_take_the_place_of_the_last_ones() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("playlists"));
        assert_eq!((Mixes::of(&lists).day(), Mixes::of(&lists).names()), (None, Vec::new()));
        lists.save("mix-rock", &list("/m/mine"), false).unwrap();
        assert_eq!(
            make(&lists, "2026-11-30", &["mix-jazz", "mix-rock", "mix-jazz"]),
            ["mix-jazz", "mix-rock-2", "mix-jazz-2"]
        );
        assert_eq!(lists.names(), ["mix-jazz", "mix-jazz-2", "mix-rock", "mix-rock-2"]);
        assert_eq!(Mixes::of(&lists).day().as_deref(), Some("2026-11-30"));
        assert_eq!(make(&lists, "2026-12-01", &["mix-folk", "mix-jazz"]), ["mix-folk", "mix-jazz"]);
        assert_eq!(lists.names(), ["mix-folk", "mix-jazz", "mix-rock"]);
        assert_eq!(lists.load("mix-rock").unwrap().entries[0].path, Path::new("/m/mine"));
        assert_eq!(lists.load("mix-jazz").unwrap().entries[0].path, Path::new("/m/1"));
    }

    #[test]
    fn what_the_user_has_changed_or_renamed_stays() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("playlists"));
        make(&lists, "2026-11-30", &["mix-a", "mix-b", "mix-c"]);
        lists.add("mix-a", &list("/m/more")).unwrap();
        lists.rename("mix-b", "mine").unwrap();
        assert_eq!(Mixes::of(&lists).names(), ["mix-c"]);
        assert_eq!(make(&lists, "2026-12-01", &["mix-a", "mix-d"]), ["mix-a-2", "mix-d"]);
        assert_eq!(lists.names(), ["mine", "mix-a", "mix-a-2", "mix-d"]);
        assert_eq!(lists.load("mix-a").unwrap().entries.len(), 2);
        let end = Mixes::of(&lists).end();
        assert_eq!(end.removed(), 2);
        Mixes::of(&lists).carry_out(&end).unwrap();
        assert_eq!((lists.names(), Mixes::of(&lists).day()), (vec!["mine".into(), "mix-a".to_string()], None));
        // A file that somebody else wrote leads nowhere else.
        fs::write(dir.path().join("playlists/mixes.json"), br#"{"day":"x","lists":[{"name":"../a","sum":""}]}"#)
            .unwrap();
        assert!(Mixes::of(&lists).names().is_empty());
        fs::write(dir.path().join("playlists/mixes.json"), b"[").unwrap();
        assert_eq!(Mixes::of(&lists).day(), None);
    }

    #[test]
    fn where_it_fails_all_is_as_it_was_and_nothing_of_the_user_s_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("playlists"));
        make(&lists, "2026-11-30", &["mix-b", "mix-a"]);
        let before = lists.load("mix-a").unwrap().entries;
        let mixes = Mixes::of(&lists);
        let plan = mixes.plan("2026-12-01", named(&["mix-a", "mix-c"]));
        // The user has taken the name meanwhile.
        lists.save("mix-c", &list("/m/mine"), false).unwrap();
        assert!(mixes.carry_out(&plan).is_err());
        assert_eq!((mixes.day().as_deref(), mixes.names().len()), (Some("2026-11-30"), 2), "they are mixes still");
        assert_eq!(lists.load("mix-a").unwrap().entries, before);
        assert_eq!(lists.load("mix-c").unwrap().entries[0].path, Path::new("/m/mine"));
        // What the user has changed since it was planned is not removed.
        let plan = mixes.plan("2026-12-01", named(&["mix-a"]));
        lists.add("mix-b", &list("/m/more")).unwrap();
        mixes.carry_out(&plan).unwrap();
        assert_eq!(lists.names(), ["mix-a", "mix-b", "mix-c"]);
    }

    #[test]
    fn a_removed_mix_whose_name_a_smart_playlist_has_taken_stays_removed() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("playlists"));
        make(&lists, "2026-11-30", &["mix-a"]);
        let mixes = Mixes::of(&lists);
        let end = mixes.end();
        let begun = mixes.begin(&end);
        mixes.carry_out(&end).unwrap();
        let changes: Vec<Change> = begun.into_iter().map(|change| change.unwrap().done().unwrap()).collect();
        changes.iter().try_for_each(Change::check).unwrap();
        fs::write(dir.path().join("playlists/mix-a.smart"), "genre=jazz").unwrap();
        let why = changes.iter().try_for_each(Change::check).unwrap_err();
        assert!(why.to_string().contains("another playlist 'mix-a'"), "{why}");
    }

    #[test]
    fn all_of_it_is_undone_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("playlists"));
        make(&lists, "2026-11-30", &["mix-a", "mix-b"]);
        let files = || -> Vec<(PathBuf, Vec<u8>)> {
            let mut files: Vec<PathBuf> =
                fs::read_dir(dir.path().join("playlists")).unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
        };
        let before = files();
        let mixes = Mixes::of(&lists);
        for plan in [mixes.plan("2026-12-01", named(&["mix-b", "mix-c"])), mixes.end()] {
            let begun = mixes.begin(&plan);
            mixes.carry_out(&plan).unwrap();
            assert_ne!(files(), before);
            let changes: Vec<Change> = begun.into_iter().map(|change| change.unwrap().done().unwrap()).collect();
            changes.iter().try_for_each(Change::check).unwrap();
            changes.iter().rev().try_for_each(Change::undo).unwrap();
            assert_eq!(files(), before);
        }
    }
}
