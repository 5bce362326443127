//! Keeps the house: a room uses the rooms below it, never one of its own floor or above (ARCHITECTURE.md), and
//! what only one room may know stays there.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and their floors.
const FLOORS: &[(&str, u8)] = &[
    ("track", 0),
    ("measure", 0),
    ("config", 0),
    ("paths", 0),
    ("files", 0),
    ("text", 0),
    ("out", 0),
    ("clock", 0),
    ("picture", 0),
    ("store", 1),
    ("worker", 1),
    ("audio", 1),
    ("sound", 1),
    ("library", 2),
    ("latent", 2),
    ("jukebox_encoder", 2),
    ("queue", 3),
    ("analysis", 3),
    ("training", 3),
    ("describe", 3),
    ("app", 4),
    ("eval", 4),
    ("tui", 5),
    ("cli", 6),
    ("main", 6),
    ("lib", 6),
];

/// Crates that only these rooms may name.
const KEPT: &[(&str, &[&str])] = &[
    ("ratatui", &["tui"]),
    ("sled", &["store"]),
    ("symphonia", &["audio"]),
    ("rodio", &["audio"]),
    ("lofty", &["library"]),
    ("notify", &["library"]),
    ("mlua", &["queue"]),
    ("clap", &["cli"]),
    ("jukebox_encoder", &["analysis", "queue", "training", "eval", "cli"]),
];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|&(_, floor)| floor)
}

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file of the player with its room and its code without comments.
fn rooms() -> Vec<(PathBuf, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    files
        .into_iter()
        .map(|path| {
            let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
            let room = Path::new(first.as_os_str()).with_extension("").display().to_string();
            let code = fs::read_to_string(&path).unwrap();
            // Tests may look at a file with whatever they like.
            let test = path.file_name().is_some_and(|n| n.to_string_lossy().ends_with("tests.rs"));
            let code = if test { "" } else { code.split("#[cfg(test)]\nmod tests").next().unwrap_or("") };
            let code = code.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
            (path, room, code)
        })
        .collect()
}

/// The rooms that a piece of code names: `crate::room`, `jukebox::room`, also inside `use crate::{a, b::c}`.
fn uses(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for root in ["crate::", "jukebox::"] {
        for (at, _) in code.match_indices(root) {
            let rest = &code[at + root.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 0;
                let mut name = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.push(std::mem::take(&mut name)),
                        _ if depth == 0 => name.push(c),
                        _ => {}
                    }
                }
                found.push(name);
            } else {
                found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    }
    let first = |s: String| s.trim().split("::").next().unwrap_or("").trim().to_string();
    found.into_iter().map(first).filter(|s| !s.is_empty()).collect()
}

#[test]
fn the_parser_sees_what_is_used() {
    let code = "use crate::{audio, queue::{A, B},\n text}; fn f() { crate::latent::x(); }";
    assert_eq!(uses(code), ["audio", "queue", "text", "latent"]);
}

#[test]
fn no_room_uses_one_above_it_or_beside_it() {
    let mut wrong = Vec::new();
    for (path, room, code) in rooms() {
        let own = floor(&room).unwrap_or_else(|| panic!("{}: the room '{room}' has no floor", path.display()));
        for used in uses(&code) {
            // Names that are no rooms are items of the crate root: macros and the like.
            let Some(other) = floor(&used) else { continue };
            if used != room && (other > own || (other == own && own != 0 && own != 6)) {
                wrong.push(format!("{}: '{room}' (floor {own}) uses '{used}' (floor {other})", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_library_is_known_in_its_room_only() {
    let mut wrong = Vec::new();
    for (path, room, code) in rooms() {
        for (library, allowed) in KEPT {
            let named = code.match_indices(library).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                let after = &code[at + library.len()..];
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"') && after.starts_with("::")
            });
            if named && !allowed.contains(&room.as_str()) {
                wrong.push(format!("{}: '{room}' names {library}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = rooms()
        .into_iter()
        .filter_map(|(path, _, _)| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > 500).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split these by subject:\n{}", long.join("\n"));
}

/// Where a file is opened without `files`, and why that may be done there.
const OPENERS: &[(&str, &str)] = &[
    ("files.rs", "the one place"),
    ("analysis/coordinator/around.rs", "/proc"),
    ("audio/container/mod.rs", "refuses what is no regular file in its own words"),
    ("cli/doctor.rs", "/sys"),
    ("cli/play.rs", "/dev/null"),
    ("cli/train/signals.rs", "/proc"),
    ("library/tags/source.rs", "opens without waiting, and looks that it is a regular file"),
    ("store/private.rs", "directories"),
    ("worker/child.rs", "/dev/null"),
    ("worker/parent.rs", "/proc"),
    ("worker/patience.rs", "/proc"),
];

#[test]
fn what_others_may_have_put_there_is_opened_in_one_place() {
    let (mut wrong, mut unused) = (Vec::new(), OPENERS.to_vec());
    for (path, room, code) in rooms() {
        let words = ["fs::read(", "fs::read_to_string(", "File::open(", "File::options(", "OpenOptions::new()"];
        let opens = |line: &&str| {
            let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let own = words.iter().any(|word| line.match_indices(word).any(|(at, _)| begins(at)));
            // Beside `files::with`, only what makes a file that was not there does not wait.
            own && !line.contains("files::with(") && !line.contains("create_new(true)")
        };
        let test = path.components().any(|part| part.as_os_str() == "tests");
        if let Some(line) = code.lines().filter(|_| !test).find(opens) {
            let allowed = OPENERS.iter().find(|(file, _)| path.ends_with(Path::new("src").join(file)));
            match allowed {
                Some(allowed) => unused.retain(|other| other != allowed),
                None => wrong.push(format!("{} ({room}): {}", path.display(), line.trim())),
            }
        }
    }
    assert!(wrong.is_empty(), "use crate::files:\n{}", wrong.join("\n"));
    assert!(unused.is_empty(), "no longer opened there: {unused:?}");
}
