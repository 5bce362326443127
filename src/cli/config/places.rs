//! Whether there are the programs, directories and files that a configuration names.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{Access, access};

use super::finding::Findings;
use crate::cli::local::home_relative;
use crate::config::Config;
use crate::paths::Paths;
use crate::text::words::{Quotes, split};

/// Checks `[hooks]`, `library.music` and `history.log`; `path` are the directories that programs are looked for in.
pub(super) fn check(config: &Config, paths: &Paths, path: &OsStr, found: &mut Findings<'_>) {
    for (key, line) in [("on_track", &config.hooks.on_track), ("on_state", &config.hooks.on_state)] {
        if let Some(why) = fault_of_hook(line, path) {
            found.fault(&["hooks", key], format!("hooks.{key}: {why}"));
        }
    }
    music(&config.library.music, found);
    log(&config.history.log, paths, found);
}

/// What is wrong with the command line of a hook.
fn fault_of_hook(line: &str, path: &OsStr) -> Option<String> {
    let words = match split(line, Quotes::Shell) {
        Ok(words) => words,
        Err(why) => return Some(why.to_string()),
    };
    let program = words.into_iter().next()?.text;
    if program.contains('/') {
        // A relative one depends on where the player is started.
        return match Path::new(&program) {
            file if file.starts_with("~") => {
                Some(format!("{program}: `~` is not expanded here, for there is no shell; write the whole path"))
            }
            file if file.is_absolute() && !file.exists() => Some(format!("{program}: no such program")),
            file if file.is_absolute() && !is_program(file) => {
                Some(format!("{program}: not a program that can be run"))
            }
            _ => None,
        };
    }
    let there = std::env::split_paths(path).any(|dir| is_program(&dir.join(&program)));
    (!there).then(|| format!("no program '{program}' in PATH"))
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

fn music(dir: &Path, found: &mut Findings<'_>) {
    if dir.as_os_str().is_empty() {
        return;
    }
    let key = ["library", "music"];
    let say = |what: &str| format!("library.music: {}: {what}", dir.display());
    match std::fs::read_dir(home_relative(dir)) {
        Ok(_) => {}
        // Its drive may only not be mounted.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            found.warning(&key, say("there is no such directory now"))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => found.fault(&key, say("not a directory")),
        Err(e) => found.fault(&key, say(&format!("cannot be read ({e})"))),
    }
}

fn log(file: &Path, paths: &Paths, found: &mut Findings<'_>) {
    // A name alone stands among the data of the program, whose directory is made when it is needed.
    let is_name = file.parent().is_none_or(|dir| dir.as_os_str().is_empty());
    let whole = paths.data.join(home_relative(file));
    let key = ["history", "log"];
    let say = |what: &str| format!("history.log: {}: {what}", whole.display());
    if whole.is_dir() && !file.as_os_str().is_empty() {
        found.fault(&key, say("a directory, not a file"));
        return;
    }
    if is_name {
        return;
    }
    let dir = whole.parent().unwrap_or(&whole);
    let Some(there) = dir.ancestors().find(|dir| dir.exists()) else { return };
    if !there.is_dir() || access(there, Access::WRITE_OK).is_err() {
        found.fault(&key, say(&format!("nothing can be written in {}", there.display())));
    } else if there != dir {
        found.warning(&key, say("its directory does not exist now, and would be made"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::examine;

    /// What is said about a configuration, with the faults marked, where programs are looked for in `path`.
    fn told(text: &str, home: &Path) -> Vec<String> {
        let examined = examine(text);
        let mut found = Findings { places: &examined.places, all: Vec::new() };
        check(&examined.config.unwrap(), &Paths::under(home), home.join("bin").as_os_str(), &mut found);
        found.all.iter().map(super::super::finding::Finding::words).collect()
    }

    #[test]
    fn programs_are_looked_for() {
        let home = tempfile::tempdir().unwrap();
        let bin = home.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for (name, mode) in [("tell", 0o755), ("notes", 0o644)] {
            std::fs::write(bin.join(name), "").unwrap();
            std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let hook = |line: &str| told(&format!("[hooks]\non_track = {line:?}\n"), home.path());
        let whole = |name: &str| bin.join(name).display().to_string();
        for good in ["", "  ", "tell 'a b'", "./mine x", &whole("tell")] {
            assert_eq!(hook(good), Vec::<String>::new(), "{good}");
        }
        for (line, says) in [
            ("tell 'x", "a quote is open".to_string()),
            ("nobody x", "no program 'nobody' in PATH".into()),
            ("notes", "no program 'notes' in PATH".into()),
            ("~/bin/tell", "write the whole path".into()),
            (whole("none").as_str(), "no such program".into()),
            (whole("notes").as_str(), "not a program".into()),
        ] {
            let said = hook(line);
            assert!(said.len() == 1 && said[0].starts_with("line 2: hooks.on_track: "), "{said:?}");
            assert!(said[0].contains(&says), "{said:?}");
        }
    }

    #[test]
    fn a_directory_that_is_away_is_a_warning_and_a_file_in_its_place_a_fault() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        let music = |path: &Path| told(&format!("[library]\nmusic = {:?}\n", path.display().to_string()), home.path());
        assert_eq!(music(home.path()), Vec::<String>::new());
        let said = music(&home.path().join("usb"));
        assert!(said[0].starts_with("line 2: warning: library.music: ") && said.len() == 1, "{said:?}");
        let said = music(&file);
        assert!(said[0].starts_with("line 2: library.music: ") && said[0].ends_with("not a directory"), "{said:?}");
    }

    #[test]
    fn the_log_of_listens_needs_a_directory() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("file"), "").unwrap();
        let log = |path: &str| told(&format!("[history]\nlog = {path:?}\n"), home.path());
        let under = |name: &str| home.path().join(name).display().to_string();
        for good in ["", "listens.jsonl", &under("listens.jsonl")] {
            assert_eq!(log(good), Vec::<String>::new(), "{good}");
        }
        for (path, begins, says) in [
            (under("new/listens.jsonl"), "line 2: warning: history.log: ", "would be made"),
            (under("file/listens.jsonl"), "line 2: history.log: ", "nothing can be written in"),
            (under(""), "line 2: history.log: ", "a directory, not a file"),
        ] {
            let said = log(&path);
            assert!(said.len() == 1 && said[0].starts_with(begins) && said[0].contains(says), "{path}: {said:?}");
        }
    }
}
