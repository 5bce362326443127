//! Notices which plugins the user has, for the thread "settings": a new folder can be chosen at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::app::Msg;
use crate::queue::director;
use crate::track::Stat;

/// The user's plugins, as they were last seen.
pub(super) struct Plugins {
    dir: PathBuf,
    /// The files of every plugin.
    stats: BTreeMap<PathBuf, Stat>,
    /// What was said of those that cannot be used.
    faults: Vec<String>,
}

impl Plugins {
    pub fn new(dir: PathBuf) -> Plugins {
        let (_, faults) = director::names(std::slice::from_ref(&dir));
        let mut plugins = Plugins { dir, stats: BTreeMap::new(), faults };
        plugins.stats = plugins.files();
        plugins
    }

    /// What has changed since the last look: the engines that there are now, and new faults.
    pub fn look(&mut self) -> Vec<Msg> {
        let stats = self.files();
        if stats == self.stats {
            return Vec::new();
        }
        self.stats = stats;
        let (names, faults) = director::names(std::slice::from_ref(&self.dir));
        let fresh = faults.iter().filter(|fault| !self.faults.contains(fault)).cloned().map(Msg::error);
        let messages = fresh.chain([Msg::Engines(names)]).collect();
        self.faults = faults;
        messages
    }

    /// The directories in which something can change.
    pub fn directories(&self) -> Vec<PathBuf> {
        let mut directories = folders(&self.dir);
        directories.push(self.dir.clone());
        directories
    }

    fn files(&self) -> BTreeMap<PathBuf, Stat> {
        let files = |folder: PathBuf| ["plugin.toml", "main.luau"].map(|file| folder.join(file));
        let listed = folders(&self.dir).into_iter().flat_map(files);
        listed.filter_map(|path| std::fs::metadata(&path).ok().map(|meta| (path, Stat::of(&meta)))).collect()
    }
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    listed.filter(|path| path.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_an_engine_and_a_fault_is_told_once() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("plugins");
        let mut plugins = Plugins::new(dir.clone());
        assert!(plugins.look().is_empty());
        std::fs::create_dir_all(dir.join("mine")).unwrap();
        std::fs::write(dir.join("mine/plugin.toml"), "api = 1\nkid = 2\n").unwrap();
        std::fs::write(dir.join("mine/main.luau"), "return {}").unwrap();
        let messages = plugins.look();
        assert!(matches!(&messages[..], [Msg::Notice { .. }, Msg::Engines(names)] if names.contains(&"mine".into())));
        assert!(plugins.look().is_empty());
        assert!(plugins.directories().contains(&dir.join("mine")));
        std::fs::write(dir.join("mine/plugin.toml"), "api = 1\n").unwrap();
        assert!(matches!(&plugins.look()[..], [Msg::Engines(_)]));
        std::fs::remove_dir_all(&dir).unwrap();
        assert!(matches!(&plugins.look()[..], [Msg::Engines(names)] if !names.contains(&"mine".into())));
    }
}
