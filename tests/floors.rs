//! Checks the architecture (ARCHITECTURE.md): a room uses only rooms below it, files do not use each other in circles,
//! and a crate restricted to certain rooms is used only there. `reader` defines what counts as a use.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "floors/circles.rs"]
mod circles;
#[path = "floors/reader.rs"]
mod reader;
#[path = "floors/syntax.rs"]
mod syntax;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use circles::Graph;
use reader::{Use, Uses};

/// The rooms and their floors.
const FLOORS: &[(&str, u8)] = &[
    ("track", 0),
    ("measure", 0),
    ("config", 0),
    ("paths", 0),
    ("files", 0),
    ("text", 0),
    ("notice", 0),
    ("out", 0),
    ("clock", 0),
    ("picture", 0),
    ("system", 0),
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
    ("ask", 4),
    ("eval", 4),
    ("app", 5),
    ("runtime", 6),
    ("tui", 6),
    ("cli", 7),
    ("main", 8),
];

/// Crates that only these rooms may name.
const KEPT: &[(&str, &[&str])] = &[
    ("ratatui", &["tui"]),
    ("sled", &["store"]),
    ("symphonia", &["audio"]),
    ("oxideav_aac", &["audio"]),
    ("oxideav_core", &["audio"]),
    ("rodio", &["audio"]),
    ("lofty", &["library"]),
    ("notify", &["library"]),
    ("mlua", &["queue"]),
    ("clap", &["cli"]),
    ("zip", &["library", "training"]),
    ("zune_core", &["library"]),
    ("zune_jpeg", &["library"]),
    ("image_webp", &["library"]),
    ("burn", &["jukebox_encoder"]),
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
            // Tests may open files in any way.
            let test = path.file_name().is_some_and(|n| n.to_string_lossy().ends_with("tests.rs"));
            let code = if test { "" } else { code.split("#[cfg(test)]\nmod tests").next().unwrap_or("") };
            let code = code.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
            (path, room, code)
        })
        .collect()
}

#[test]
fn the_reader_resolves_names_as_the_compiler_does() {
    let files = [
        ("lib.rs", "mod a; mod b; #[path = \"else.rs\"] mod c; pub use a::One; pub struct Root;"),
        ("a.rs", "pub mod deep; pub use deep::*; pub struct One; fn f() { let x = crate::b::made(); }"),
        ("a/deep.rs", "use super::super::{Root as R, c::{self, Third}}; pub struct Deep(R, Third, c::Other);"),
        ("b.rs", "use crate::a; use crate::One; pub fn made() -> a::Deep { vec![crate::c::Third] } fn g(_: One) {}"),
        (
            "else.rs",
            "pub struct Third; pub struct Other; impl Third { fn f(&self) { self.method() } }
             #[cfg(test)] mod tests { use crate::Root; } pub(in crate::a) fn h() { serde::x(); let b = 1; dbg!(b); }
             #[path = \"more.rs\"] mod more;",
        ),
        ("more.rs", "impl super::Third { pub fn method(&self) {} }"),
    ];
    let dir = tempfile::tempdir().unwrap();
    for (name, code) in files {
        fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
        fs::write(dir.path().join(name), code).unwrap();
    }
    let uses = reader::read(dir.path(), &[("here", "lib.rs")]);
    let mut pairs: Vec<String> =
        uses.items.iter().map(|one| format!("{} {}", one.from.display(), one.to.display())).collect();
    pairs.sort();
    pairs.dedup();
    let expected = [
        "a.rs b.rs",
        "a/deep.rs else.rs",
        "a/deep.rs lib.rs",
        "b.rs a.rs",
        "b.rs a/deep.rs",
        "b.rs else.rs",
        "else.rs more.rs",
        "more.rs else.rs",
    ];
    assert_eq!(pairs, expected);
    assert!(uses.externs.iter().any(|one| one.name == "serde"));
    let knots: Vec<Vec<PathBuf>> =
        Graph::new(uses.items.iter()).knots().into_iter().map(|(files, _)| files.into_iter().collect()).collect();
    assert_eq!(knots, [vec![PathBuf::from("a.rs"), "b.rs".into()], vec!["else.rs".into(), "more.rs".into()]]);
}

/// The uses in the player and the encoder.
static USES: LazyLock<Uses> = LazyLock::new(|| {
    let crates = [
        ("jukebox_encoder_core", "encoder/core/src/lib.rs"),
        ("jukebox_encoder_cuda", "encoder/cuda/src/lib.rs"),
        ("jukebox_encoder", "encoder/src/lib.rs"),
        ("jukebox", "src/lib.rs"),
        ("main", "src/main.rs"),
    ];
    let uses = reader::read(Path::new(env!("CARGO_MANIFEST_DIR")), &crates);
    assert!(uses.files.len() > 200, "the sources were not found");
    uses
});

/// The room that a file belongs to.
fn room(file: &Path) -> String {
    match file.strip_prefix("src") {
        Ok(inside) => {
            let first = inside.components().next().expect("a file has a name");
            Path::new(first.as_os_str()).with_extension("").display().to_string()
        }
        Err(_) => "jukebox_encoder".to_string(),
    }
}

fn place(one: &Use) -> String {
    format!("{}:{}", one.from.display(), one.line)
}

/// One test, because nextest gives each a process of its own, in which all sources would be read again.
#[test]
fn rooms_files_and_libraries_are_where_they_belong() {
    no_room_uses_one_above_it_or_beside_it();
    files_do_not_use_each_other_in_a_circle();
    every_library_is_known_in_its_room_only();
}

fn no_room_uses_one_above_it_or_beside_it() {
    let mut wrong = Vec::new();
    for one in &USES.items {
        let (from, to) = (room(&one.from), room(&one.to));
        let number = |room: &str| floor(room).unwrap_or_else(|| panic!("the room '{room}' has no floor"));
        let (own, other) = (number(&from), number(&to));
        if from != to && (other > own || (other == own && own != 0)) {
            wrong.push(format!("{}: '{from}' (floor {own}) uses {} (floor {other})", place(one), one.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn files_do_not_use_each_other_in_a_circle() {
    let left = Graph::new(USES.items.iter()).knots();
    let text: Vec<String> = left
        .iter()
        .map(|(files, chains)| {
            let chains: Vec<String> = chains.iter().map(|chain| circles::text(chain)).collect();
            format!("{} files:\n{}", files.len(), chains.join("\n\n"))
        })
        .collect();
    assert!(left.is_empty(), "{} circles\n{}", left.len(), text.join("\n\n"));
}

fn every_library_is_known_in_its_room_only() {
    let mut wrong = Vec::new();
    for one in &USES.externs {
        let room = room(&one.file);
        if KEPT.iter().any(|(library, rooms)| *library == one.name && !rooms.contains(&room.as_str())) {
            wrong.push(format!("{}:{}: '{room}' names {}", one.file.display(), one.line, one.name));
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

/// Files that may open a file without `files`, and the reason.
const OPENERS: &[(&str, &str)] = &[
    ("files.rs", "the one place"),
    ("audio/container/bytes.rs", "refuses what is no regular file in its own words"),
    ("cli/play.rs", "/dev/null"),
    ("library/tags/source.rs", "opens without waiting, and looks that it is a regular file"),
    ("store/private.rs", "directories"),
    ("system/linux/files.rs", "/proc"),
    ("system/linux/process.rs", "/proc"),
    ("system/linux/times.rs", "/proc"),
    ("worker/child.rs", "/dev/null"),
];

#[test]
fn what_others_may_have_put_there_is_opened_in_one_place() {
    let (mut wrong, mut unused) = (Vec::new(), OPENERS.to_vec());
    for (path, room, code) in rooms() {
        let words = ["fs::read(", "fs::read_to_string(", "File::open(", "File::options(", "OpenOptions::new()"];
        let opens = |line: &&str| {
            let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let own = words.iter().any(|word| line.match_indices(word).any(|(at, _)| begins(at)));
            // Apart from `files::with`, only creating a new file cannot block.
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

/// What is written where one operating system is meant.
const OF_ONE_SYSTEM: &[&str] =
    &["target_os", "target_vendor", "\"/proc/", "\"/sys/", "\"/dev/snd", "os::linux::", "os::macos::", "inotify::"];

/// The first line that is for one operating system.
fn of_one_system(code: &str) -> Option<&str> {
    code.lines().find(|line| OF_ONE_SYSTEM.iter().any(|word| line.contains(word)))
}

#[test]
fn what_only_one_system_has_is_in_one_place() {
    assert!(of_one_system("let stat = read(\"/proc/self/stat\");").is_some());
    let (mut wrong, mut right) = (Vec::new(), 0);
    for (path, room, code) in rooms() {
        match of_one_system(&code) {
            Some(_) if room == "system" => right += 1,
            Some(line) => wrong.push(format!("{}: {}", path.display(), line.trim())),
            None => {}
        }
    }
    assert!(wrong.is_empty(), "this belongs in src/system, in the same words for every system:\n{}", wrong.join("\n"));
    assert!(right > 1, "src/system was not found");
}
