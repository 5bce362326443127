//! Notices while the player runs that the user has changed the configuration, a theme or a plugin: the thread "settings".
//!
//! The kernel reports changes in the directories of these files; what has really changed is found by reading the
//! configuration and by the stats of the theme files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, PipeWriter};
use std::path::{Path, PathBuf};

use crossbeam_channel::Sender;
use rustix::event::Timespec;

use super::plugins::Plugins;
use super::start_error::StartError;
use crate::app::Msg;
use crate::config;
use crate::files;
use crate::system::{Changes, Wanted, Woken};
use crate::track::Stat;

/// How long nothing must happen before files are read: an editor may move a file aside, write it and move it back.
const QUIET: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// How many times that is waited for at most.
const WAITS: usize = 20;

/// Watches the user's files as long as it exists.
pub struct Settings {
    /// Dropping this end of the pipe ends the thread.
    _end: PipeWriter,
}

impl Settings {
    /// Watches a configuration file, a themes directory and one of plugins, none of which need exist. Changes are sent to
    /// the session, mistakes as notices.
    ///
    /// # Errors
    /// One line: the system does not report changes, or the thread cannot be started.
    pub fn watch(
        config: PathBuf,
        themes: PathBuf,
        plugins: PathBuf,
        messages: Sender<Msg>,
    ) -> Result<Settings, StartError> {
        let explain = |cause| StartError::Unwatched { file: config.clone(), cause };
        // A relative path has no directory to be watched.
        let file = std::path::absolute(&config).map_err(explain)?;
        let (changes, end) = Changes::start().map_err(explain)?;
        let files = Files { plugins: Some(Plugins::new(plugins)), ..Files::new(file, themes) };
        let mut sentry = Sentry { changes, files };
        sentry.set_watches();
        let thread = std::thread::Builder::new().name("settings".into()).spawn(move || sentry.run(&messages));
        thread.map_err(explain)?;
        Ok(Settings { _end: end })
    }
}

/// The state of the thread.
struct Sentry {
    changes: Changes,
    files: Files,
}

/// The result of one wait.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// Something happened in a directory.
    Stirred,
    /// Nothing happened.
    Quiet,
    /// Nobody wants to know any more, or waiting is no longer possible.
    Ended,
}

impl Sentry {
    fn run(&mut self, messages: &Sender<Msg>) {
        loop {
            match self.wait(None) {
                Turn::Ended => return,
                Turn::Quiet => continue,
                Turn::Stirred => {}
            }
            for _ in 0..WAITS {
                match self.wait(Some(&QUIET)) {
                    Turn::Ended => return,
                    Turn::Quiet => break,
                    Turn::Stirred => {}
                }
            }
            // Set the watches before reading, so that what happens meanwhile is reported too.
            self.set_watches();
            for msg in self.files.look() {
                if messages.send(msg).is_err() {
                    return;
                }
            }
        }
    }

    /// Watches every directory that matters; watching one again is harmless.
    fn set_watches(&self) {
        for dir in self.files.directories() {
            // One that is missing is waited for by the one above it.
            let _ = self.changes.watch(&dir, Wanted::ALL);
        }
    }

    /// Waits for the next change, at most for `limit`.
    fn wait(&self, limit: Option<&Timespec>) -> Turn {
        match self.changes.wait(None, limit) {
            Woken::Ended => Turn::Ended,
            Woken::By { changes: true, .. } => {
                // Which changes they are does not matter.
                self.changes.take(|_| ());
                Turn::Stirred
            }
            Woken::By { .. } | Woken::Interrupted => Turn::Quiet,
        }
    }
}

/// The user's files, as they were last seen.
struct Files {
    config: PathBuf,
    themes: PathBuf,
    /// The configuration's text when it was last read; `None` if it could not be.
    seen: Option<String>,
    /// The last text that was a valid configuration.
    valid: String,
    /// The theme files.
    stats: BTreeMap<PathBuf, Stat>,
    /// The user's plugins.
    plugins: Option<Plugins>,
}

impl Files {
    fn new(config: PathBuf, themes: PathBuf) -> Files {
        let (seen, valid, stats) = (None, String::new(), BTreeMap::new());
        let mut files = Files { config, themes, seen, valid, stats, plugins: None };
        files.stats = files.theme_files();
        files.seen = files.text().ok();
        files.valid = files.seen.clone().unwrap_or_default();
        files
    }

    /// What has changed since the last look.
    fn look(&mut self) -> Vec<Msg> {
        let mut messages = Vec::new();
        match self.text() {
            Ok(text) if self.seen.as_ref() == Some(&text) => {}
            Ok(text) => {
                match config::Changes::between(&self.valid, &text, &self.name()) {
                    Ok(changes) => {
                        messages.extend(changes.map(|changes| Msg::Settings(Box::new(changes))));
                        self.valid.clone_from(&text);
                    }
                    Err(why) => messages.push(mistake(&why.to_string())),
                }
                self.seen = Some(text);
            }
            Err(why) => {
                if self.seen.take().is_some() {
                    messages.push(mistake(&format!("{}: cannot be read: {why}", self.name())));
                }
            }
        }
        let stats = self.theme_files();
        if stats != self.stats {
            self.stats = stats;
            messages.push(Msg::Themes);
        }
        messages.extend(self.plugins.iter_mut().flat_map(Plugins::look));
        messages
    }

    /// The configuration's text; empty if there is no such file.
    fn text(&self) -> io::Result<String> {
        match files::text(&self.config, files::SMALL) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }

    /// The configuration file's name, for messages.
    fn name(&self) -> String {
        self.config.file_name().unwrap_or(self.config.as_os_str()).to_string_lossy().into_owned()
    }

    fn theme_files(&self) -> BTreeMap<PathBuf, Stat> {
        let listed = std::fs::read_dir(&self.themes).into_iter().flatten().flatten().map(|entry| entry.path());
        let themes = listed.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        themes.filter_map(|path| std::fs::metadata(&path).ok().map(|meta| (path, Stat::of(&meta)))).collect()
    }

    /// The directories of the files and of what they are links to; for one that is missing, the nearest above it.
    fn directories(&self) -> BTreeSet<PathBuf> {
        let mut directories = BTreeSet::new();
        let mut add = |dir: &Path| directories.extend(dir.ancestors().find(|dir| dir.is_dir()).map(Path::to_path_buf));
        add(&self.themes);
        self.plugins.iter().flat_map(Plugins::directories).for_each(|dir| add(&dir));
        for file in self.stats.keys().chain([&self.config]) {
            file.parent().into_iter().for_each(&mut add);
            // A link in a link's place is seen by its own directory.
            if let Ok(target) = file.canonicalize() {
                target.parent().into_iter().for_each(&mut add);
            }
        }
        directories
    }
}

fn mistake(why: &str) -> Msg {
    Msg::error(format!("{why}; the settings stay as they were"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Kind;
    use std::fs;
    use std::os::unix::fs::symlink;

    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    /// A directory for the configuration, which has no files yet.
    fn home() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (config, themes) = (dir.path().join("config/config.toml"), dir.path().join("config/themes"));
        (dir, config, themes)
    }

    fn sentry(config: &Path, themes: &Path) -> (Sentry, PipeWriter) {
        let (changes, end) = Changes::start().unwrap();
        let sentry = Sentry { changes, files: Files::new(config.into(), themes.into()) };
        sentry.set_watches();
        (sentry, end)
    }

    /// The messages in words.
    fn words(messages: Vec<Msg>) -> Vec<String> {
        let words = |msg| match msg {
            Msg::Settings(changes) => changes.words(),
            Msg::Notice { kind: Kind::Error, text } => text,
            Msg::Themes => "themes".into(),
            other => panic!("{other:?}"),
        };
        messages.into_iter().map(words).collect()
    }

    #[test]
    fn another_configuration_is_told_once_and_a_mistake_changes_nothing() {
        let (_dir, config, themes) = home();
        fs::create_dir_all(&themes).unwrap();
        let mut files = Files::new(config.clone(), themes);
        let mut look = |text: &str| {
            fs::write(&config, text).unwrap();
            [words(files.look()), words(files.look())]
        };
        let nothing = Vec::<String>::new;
        let told = |text: &str| [vec![text.to_string()], nothing()];
        assert_eq!(look("# mine\n"), [nothing(), nothing()]);
        assert_eq!(look("[ui]\ntheme = \"nord\"\n"), told("config.toml: read anew"));
        let [first, second] = look("[ui]\ntheme = nord\n");
        assert!(first[0].starts_with("config.toml: line 2: ") && first[0].ends_with("stay as they were"), "{first:?}");
        assert_eq!((first.len(), second), (1, nothing()));
        assert_eq!(look("[ui]\ntheme = \"nord\"\n"), [nothing(), nothing()], "what it was before the mistake");
        assert_eq!(
            look("[queue]\nahead = 20\n"),
            told("config.toml: read anew; queue.ahead takes effect at the next start")
        );
        fs::remove_file(&config).unwrap();
        fs::create_dir(&config).unwrap();
        assert!(words(files.look())[0].starts_with("config.toml: cannot be read: a directory"));
        assert_eq!(words(files.look()), nothing());
    }

    #[test]
    fn theme_files_that_come_change_and_go_are_told() {
        let (_dir, config, themes) = home();
        let mut files = Files::new(config, themes.clone());
        assert!(files.look().is_empty());
        fs::create_dir_all(&themes).unwrap();
        fs::write(themes.join("notes.txt"), "no theme").unwrap();
        assert!(files.look().is_empty());
        let mine = themes.join("mine.toml");
        fs::write(&mine, "").unwrap();
        assert_eq!(words(files.look()), ["themes"]);
        fs::write(&mine, "inherits = \"nord\"\n").unwrap();
        assert_eq!(words(files.look()), ["themes"]);
        assert!(files.look().is_empty());
        fs::remove_file(&mine).unwrap();
        assert_eq!(words(files.look()), ["themes"]);
    }

    #[test]
    fn changes_are_reported_wherever_the_files_are() {
        let (dir, config, themes) = home();
        let (sentry, _end) = sentry(&config, &themes);
        // The kernel queues an event before the call that caused it returns.
        let turn = || {
            let turn = sentry.wait(Some(&NOW));
            sentry.set_watches();
            turn
        };
        assert_eq!(turn(), Turn::Quiet);
        fs::create_dir(config.parent().unwrap()).unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "the directory is made");
        fs::write(&config, "").unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "the file is made in it");
        fs::create_dir(&themes).unwrap();
        assert_eq!(turn(), Turn::Stirred);
        fs::write(themes.join("mine.toml"), "").unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "a theme");
        fs::read(&config).unwrap();
        assert_eq!(turn(), Turn::Quiet, "reading changes nothing");
        let other = dir.path().join("dotfiles/config.toml");
        fs::create_dir(other.parent().unwrap()).unwrap();
        fs::write(&other, "").unwrap();
        fs::remove_file(&config).unwrap();
        symlink(&other, &config).unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "a link in its place");
        fs::write(&other, "[ui]\n").unwrap();
        assert_eq!([turn(), turn()], [Turn::Stirred, Turn::Quiet], "what it is a link to");
    }

    #[test]
    fn the_thread_tells_and_ends_with_the_one_that_it_tells() {
        let (_dir, config, themes) = home();
        fs::create_dir_all(&themes).unwrap();
        let (messages, inbox) = crossbeam_channel::unbounded();
        let plugins = themes.with_file_name("plugins");
        let settings = Settings::watch(config.clone(), themes, plugins, messages).unwrap();
        fs::write(&config, "[ui]\ntheme = \"nord\"\n").unwrap();
        assert_eq!(words(vec![inbox.recv().unwrap()]), ["config.toml: read anew"]);
        drop(settings);
        while inbox.recv().is_ok() {}
    }
}
