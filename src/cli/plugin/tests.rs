//! Tests of the commands about plugins; git is never run.

use std::path::Path;

use super::fetch::Place;
use super::lock::Lock;
use super::{NewKind, PAGE};
use super::{check, new, package};
use crate::config::Config;
use crate::paths::Paths;
use crate::queue::plugin::{Source, pages};

const SCRIPT: &str = "return { propose = function(ctx, want) return ctx.lib:nearest(ctx.seeds, want) end }";

fn put(folder: &Path, script: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("plugin.toml"), "name = \"x\"\napi = 1\n").unwrap();
    std::fs::write(folder.join("main.luau"), script).unwrap();
}

#[test]
fn the_page_and_the_types_are_those_of_the_program() {
    let begin = PAGE.find(pages::BEGIN).unwrap() + pages::BEGIN.len();
    let end = PAGE.find(pages::END).unwrap();
    assert_eq!(PAGE[begin..end].trim(), pages::reference().trim(), "run `jukebox plugin docs --reference`");
    let types = include_str!("../../../plugins/types.luau");
    assert_eq!(types, pages::types(), "run `jukebox plugin docs --types`");
}

#[test]
fn a_new_plugin_of_each_kind_works_at_once() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    for (name, kind) in [("a", NewKind::Source), ("b", NewKind::Filter), ("c", NewKind::Rank)] {
        new(name, kind, &paths).unwrap();
        assert!(new(name, kind, &paths).unwrap_err().to_string().contains("there already"));
        let source = Source::in_folder(&paths.plugins().join(name)).unwrap();
        let lines = check::examine(&source, &Config::default()).unwrap();
        assert!(lines.iter().any(|line| line.contains("of 200 tracks")), "{lines:?}");
    }
    assert!(new("../x", NewKind::Source, &paths).is_err());
}

#[test]
fn a_folder_is_added_updated_and_removed_but_never_what_was_changed() {
    let home = tempfile::tempdir().unwrap();
    let (from, dir) = (home.path().join("work/near"), home.path().join("plugins"));
    put(&from, SCRIPT);
    let text = from.display().to_string();
    package::add(&text, &dir).unwrap();
    let added = dir.join("near.jukebox/main.luau");
    assert!(added.is_file() && package::add(&text, &dir).unwrap_err().to_string().contains("was added already"));
    let hash = Lock::read(&dir).unwrap().entries["near"].hash.clone();
    package::update(None, &dir).unwrap();
    put(&from, &format!("-- better\n{SCRIPT}"));
    package::update(Some("near"), &dir).unwrap();
    assert!(std::fs::read_to_string(&added).unwrap().starts_with("-- better"));
    assert_ne!(Lock::read(&dir).unwrap().entries["near"].hash, hash);
    // A version that does not work is not taken over.
    put(&from, "return {}");
    assert!(package::update(None, &dir).is_err());
    assert!(std::fs::read_to_string(&added).unwrap().starts_with("-- better"));
    // Nor is anything of the user's touched.
    put(&from, SCRIPT);
    std::fs::write(&added, format!("-- mine\n{SCRIPT}")).unwrap();
    assert!(package::update(None, &dir).is_err() && package::remove("near", &dir).is_err());
    assert!(std::fs::read_to_string(&added).unwrap().starts_with("-- mine"));
    std::fs::write(&added, format!("-- better\n{SCRIPT}")).unwrap();
    package::remove("near", &dir).unwrap();
    assert!(!added.exists() && Lock::read(&dir).unwrap().entries.is_empty());
    assert!(package::remove("near", &dir).is_err());
}

#[test]
fn what_is_no_plugin_is_not_added() {
    let home = tempfile::tempdir().unwrap();
    let (from, dir) = (home.path().join("work"), home.path().join("plugins"));
    let add = |folder: &Path| package::add(&folder.display().to_string(), &dir).unwrap_err().to_string();
    put(&from.join("broken"), "return {}");
    assert!(add(&from.join("broken")).contains("it does not work"));
    assert!(add(&from).contains("in these folders: broken"));
    put(&from.join("linked"), SCRIPT);
    std::fs::remove_file(from.join("linked/main.luau")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", from.join("linked/main.luau")).unwrap();
    assert!(add(&from.join("linked")).contains("not a regular file"));
    assert!(add(&from.join("gone")).contains("No such file"));
    assert!(!dir.exists(), "nothing was written");
}

#[test]
fn sources_are_read_as_they_are_typed() {
    let git = |url: &str, folder: &str| Place::Git { url: url.into(), folder: folder.into() };
    assert_eq!(Place::of("me/engines").unwrap(), git("https://github.com/me/engines.git", ""));
    assert_eq!(Place::of("me/engines:a/b").unwrap(), git("https://github.com/me/engines.git", "a/b"));
    assert_eq!(Place::of("https://x.org/e.git#sub").unwrap(), git("https://x.org/e.git", "sub"));
    assert_eq!(Place::of("./drift").unwrap(), Place::Folder("./drift".into()));
    for wrong in ["drift", "-x/y", "a/--upload-pack=x", "a/b:../c", "a/b:/c", "ext::sh -c x", "http://x.org/e", "a/b/c"]
    {
        assert!(Place::of(wrong).is_err(), "{wrong}");
    }
}
