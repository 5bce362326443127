//! Nothing is printed except through `out`, which makes everything safe for a terminal or the log.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// Names through which output can reach a terminal.
const WAYS: [&str; 14] = [
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "stdout()",
    "stderr()",
    "stdout_raw",
    "io::Stdout",
    "io::Stderr",
    "/dev/tty",
    "/dev/stdout",
    "/dev/stderr",
    ".print()",
];

/// Exceptions: the file, a part of the line, and the reason. Every other line needs its own reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("src/out.rs", "", "is the way out"),
    ("src/tui/terminal.rs", "guard::leave(", "a fixed sequence"),
    ("src/tui/terminal.rs", "keeps.forget(", "a fixed sequence"),
    ("src/tui/terminal.rs", "stdout(), left", "the question about the background, a fixed sequence"),
    ("src/tui/terminal.rs", "Gate(io::", "fixed sequences, a sanitised title, and cells that `clean` has looked at"),
    ("src/tui/terminal.rs", "until_gone(", "waits, writes nothing"),
    ("src/tui/terminal.rs", "is_terminal()", "asks, writes nothing"),
    ("src/tui/guard.rs", "give_back(word", "a fixed sequence"),
    ("src/tui/guard.rs", "write_all(said", "its own words and a sanitised path, when the player is dead"),
    ("src/cli/play.rs", "is_terminal()", "asks, writes nothing"),
    ("src/cli/play.rs", "fcntl_dupfd_cloexec", "turns stderr to the log, writes nothing"),
    ("src/cli/doctor.rs", "is_terminal()", "asks, writes nothing"),
    ("src/cli/doctor.rs", "tcgetwinsize", "asks, writes nothing"),
    ("src/cli/mod.rs", "e.print()", "clap's help and version, which are our own words"),
    ("src/cli/mod.rs", "e.use_stderr()", "asks, writes nothing"),
    ("src/worker/child.rs", "greet(", "frames for the parent process"),
    ("src/worker/child.rs", "take_stdout()", "frames for the parent process"),
    ("src/worker/child.rs", "fcntl_dupfd_cloexec", "frames for the parent process"),
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            // Tests may print measurements.
            if !path.ends_with("tests") {
                sources(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().ends_with("tests.rs") {
            out.push(path);
        }
    }
}

/// The lines that contain one of these names, ignoring comments and the tests at the end.
fn naming(code: &str) -> Vec<&str> {
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
    let bare = |line: &'_ str| line.split("//").next().unwrap_or("").to_string();
    code.lines().map(str::trim).filter(|line| WAYS.iter().any(|way| bare(line).contains(way))).collect()
}

#[test]
fn a_way_is_seen_whatever_stands_around_it() {
    let code =
        "fn f() { let _ = write!(std::io::stderr(), \"{x}\"); }\n// println!\n#[cfg(test)]\nmod tests { dbg!(1); }";
    assert_eq!(naming(code), ["fn f() { let _ = write!(std::io::stderr(), \"{x}\"); }"]);
}

#[test]
fn nobody_prints_past_the_way_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for own in ["encoder/src", "encoder/core/src", "encoder/cuda/src"] {
        sources(&root.join(own), &mut files);
    }
    assert!(files.len() > 100, "the sources were not found");
    let (mut past, mut used) = (Vec::new(), vec![false; ALLOWED.len()]);
    for file in files {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        for line in naming(&fs::read_to_string(&file).unwrap()) {
            let allowed = ALLOWED.iter().position(|(f, code, _)| *f == name && line.contains(code));
            match allowed {
                Some(n) => used[n] = true,
                None => past.push(format!("{name}: {line}")),
            }
        }
    }
    assert!(past.is_empty(), "print through `crate::out` instead:\n{}", past.join("\n"));
    let unused: Vec<_> = ALLOWED.iter().zip(used).filter(|(_, used)| !used).map(|(a, _)| a).collect();
    assert!(unused.is_empty(), "no longer there: {unused:?}");
}
