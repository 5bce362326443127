//! The packages that `cargo package` makes for crates.io: complete, and no larger than is accepted there.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// The largest package that crates.io accepts, compressed.
const MOST: u64 = 10 << 20;

/// Directories beside the sources of which all is compiled into the program.
const EMBEDDED: [&str; 4] = ["models", "themes", "keys", "plugins"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn toml(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files of the player's package.
fn packaged() -> BTreeSet<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--package", "jukebox-player", "--list", "--allow-dirty", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(PathBuf::from).collect()
}

/// The files below a directory, relative to the root.
fn below(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root().join(dir)).unwrap() {
        let entry = entry.unwrap();
        let path = dir.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() { below(&path, out) } else { out.push(path) }
    }
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The files that a source file has the compiler read.
fn embedded(source: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(root().join(source)).unwrap();
    let places = ["include_str!(\"", "include_bytes!(\""].into_iter().flat_map(|call| text.split(call).skip(1));
    places.filter_map(|rest| Some(plain(&source.parent()?.join(rest.split('"').next()?)))).collect()
}

#[test]
fn what_the_player_is_compiled_from_is_in_its_package() {
    let packaged = packaged();
    let mut sources = Vec::new();
    below(Path::new("src"), &mut sources);
    sources.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    let mut wanted: Vec<PathBuf> = sources.iter().flat_map(|source| embedded(source)).collect();
    assert!(wanted.len() > 20, "only {wanted:?}");
    wanted.extend(sources);
    EMBEDDED.iter().for_each(|dir| below(Path::new(dir), &mut wanted));
    let missing: Vec<_> = wanted.iter().filter(|path| !packaged.contains(*path)).collect();
    assert!(missing.is_empty(), "not in `include` of Cargo.toml: {missing:?}");
}

#[test]
fn what_an_installation_takes_is_in_the_package() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let taken = makefile.lines().filter_map(|line| line.strip_prefix("\tinstall -Dm644 ")?.split(' ').next());
    let taken: Vec<PathBuf> = taken.map(PathBuf::from).collect();
    for name in ["config.toml", "CHANGELOG.md", "LICENSE-MIT"] {
        assert!(taken.contains(&PathBuf::from(name)), "{name} is not installed: {taken:?}");
    }
    let packaged = packaged();
    let missing: Vec<_> = taken.iter().filter(|path| !packaged.contains(*path)).collect();
    assert!(missing.is_empty(), "not in `include` of Cargo.toml: {missing:?}");
}

#[test]
fn the_desktop_file_starts_the_installed_program_with_what_it_plays() {
    let entry = fs::read_to_string(root().join("contrib/jukebox.desktop")).unwrap();
    let value = |key: &str| entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap();
    assert_eq!(value("TryExec"), "@PROGRAM@");
    assert!(value("Exec").contains("@PROGRAM@") && value("Exec").ends_with(" jukebox %F"), "{entry}");
    let types: BTreeSet<&str> = value("MimeType").split_terminator(';').collect();
    let wanted = "audio/mpeg audio/mp2 audio/flac audio/ogg audio/x-vorbis+ogg audio/x-flac+ogg audio/x-opus+ogg audio/x-wav audio/x-aiff \
        audio/x-aifc audio/mp4 audio/x-m4b audio/x-m4r audio/aac audio/webm audio/x-matroska audio/x-caf audio/basic \
        audio/x-mpegurl audio/x-scpls application/xspf+xml application/x-cue";
    assert_eq!(types, wanted.split_whitespace().collect::<BTreeSet<_>>());
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let filled = |line: &str| line.contains("sed \"s|@PROGRAM@|") && line.contains("contrib/jukebox.desktop");
    assert!(makefile.lines().any(filled), "the Makefile puts the program in");
}

#[test]
fn the_package_takes_no_tests_and_no_pictures_along() {
    let packaged = packaged();
    let stray = packaged.iter().filter(|path| ["tests", "benches", "examples"].iter().any(|dir| path.starts_with(dir)));
    assert_eq!(stray.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    // The few files that cargo makes itself are small.
    let sizes = packaged.iter().filter_map(|path| fs::metadata(root().join(path)).ok()).map(|file| file.len());
    let (all, weights) = (sizes.sum::<u64>(), fs::metadata(root().join("models/ear.safetensors")).unwrap().len());
    // The two large encoders hardly shrink; all else is text, which shrinks to a third at least.
    let packed = (all - 2 * weights) / 3 + 2 * weights;
    assert!(packed < MOST, "about {packed} bytes");
}

#[test]
fn every_package_of_the_workspace_has_a_version_and_says_what_it_is() {
    let workspace = toml(&root().join("Cargo.toml"));
    let version = workspace["workspace"]["package"]["version"].as_str().unwrap();
    let dependencies = workspace["workspace"]["dependencies"].as_table().unwrap();
    let own: Vec<_> = dependencies.iter().filter(|(_, one)| one.get("path").is_some()).collect();
    assert_eq!(own.len(), 3, "{own:?}");
    for (name, dependency) in own {
        assert_eq!(dependency.get("version").and_then(|v| v.as_str()), Some(version), "{name}");
        let path = root().join(dependency["path"].as_str().unwrap()).join("Cargo.toml");
        let package = &toml(&path)["package"];
        assert_eq!(package["name"].as_str(), Some(name.as_str()));
        for key in ["description", "license", "keywords", "categories"] {
            assert!(package.get(key).is_some(), "{}: no {key}", path.display());
        }
    }
    let package = &workspace["package"];
    for key in ["description", "license", "keywords", "categories", "readme"] {
        assert!(package.get(key).is_some(), "Cargo.toml: no {key}");
    }
}
