use jukebox_encoder::{Facts, with_facts};
use tempfile::TempDir;

use super::*;

static WEIGHTS: &[u8] = include_bytes!("../../models/strobe.safetensors");
/// 2026-11-23, 00:00 UTC.
const DAY: u64 = 1_795_392_000;

fn home() -> (TempDir, Models) {
    let directory = tempfile::tempdir().unwrap();
    let models = Models::new(&directory.path().join("models"), WEIGHTS);
    (directory, models)
}

/// Another model: the shipped one with other facts in its card.
fn other(seed: u64) -> Vec<u8> {
    with_facts(WEIGHTS, &Facts { seed, ..Facts::default() }).unwrap()
}

fn in_use(models: &Models) -> String {
    let all = models.list().unwrap();
    let used: Vec<&Entry> = all.iter().filter(|e| e.in_use).collect();
    assert_eq!(used.len(), 1, "exactly one is in use");
    used[0].name.clone()
}

#[test]
fn the_shipped_one_is_always_there() {
    let (_keep, models) = home();
    let all = models.list().unwrap();
    assert_eq!((all.len(), all[0].name.as_str(), all[0].in_use), (1, "shipped", true));
    assert_eq!(all[0].short_hash().len(), 12);
    assert_eq!(models.use_model("shipped", DAY).unwrap(), ("shipped".into(), "shipped".into()));
    assert!(matches!(models.find("previous"), Err(ModelError::NoPrevious)));
}

#[test]
fn models_are_kept_found_used_and_rolled_back() {
    let (_keep, models) = home();
    assert_eq!(models.add(&other(1), None, DAY).unwrap(), "strobe-2026-11-23");
    assert_eq!(models.add(&other(2), None, DAY).unwrap(), "strobe-2026-11-23-2");
    assert_eq!(models.add(&other(1), None, DAY + 86_400).unwrap(), "strobe-2026-11-23", "it is kept already");
    assert_eq!(models.add(&other(3), Some("mine"), DAY).unwrap(), "mine");
    assert!(models.add(&other(4), Some("mine"), DAY).unwrap_err().to_string().contains("another model has the name"));
    for bad in ["", "a/b", "..", ".hidden", "shipped", "current", "previous", "a b"] {
        assert!(models.add(&other(4), Some(bad), DAY).is_err(), "{bad}");
    }
    let hash = models.find("mine").unwrap().card.unwrap().hash;
    assert_eq!(models.find(&hash[..6]).unwrap().name, "mine");
    assert!(models.find(&hash[..3]).unwrap_err().to_string().contains("there are shipped, mine, strobe-2026-11-23"));

    assert_eq!(in_use(&models), "shipped");
    assert_eq!(models.use_model("mine", DAY).unwrap(), ("mine".into(), "shipped".into()));
    assert_eq!(in_use(&models), "mine");
    assert_eq!(fs::read(models.current_file()).unwrap(), other(3));
    assert_eq!(models.use_model("previous", DAY).unwrap(), ("shipped".into(), "mine".into()));
    assert!(!models.current_file().exists());
    assert_eq!(models.use_model("previous", DAY).unwrap(), ("mine".into(), "shipped".into()));
}

#[test]
fn a_current_that_was_only_copied_there_is_kept_when_it_goes() {
    let (_keep, models) = home();
    fs::create_dir_all(&models.directory).unwrap();
    fs::write(models.current_file(), other(9)).unwrap();
    assert_eq!(in_use(&models), "current");
    assert_eq!(models.use_model("shipped", DAY).unwrap(), ("shipped".into(), "strobe-2026-11-23".into()));
    assert_eq!(models.use_model("strobe-2026-11-23", DAY).unwrap().0, "strobe-2026-11-23");
    assert_eq!(fs::read(models.current_file()).unwrap(), other(9));
}

#[test]
fn damaged_files_are_named_and_stop_nothing() {
    let (_keep, models) = home();
    models.add(&other(1), Some("good"), DAY).unwrap();
    fs::write(models.directory.join("cut.safetensors"), &other(2)[..5000]).unwrap();
    fs::write(models.directory.join("empty.safetensors"), b"").unwrap();
    fs::create_dir(models.directory.join("dir.safetensors")).unwrap();
    let all = models.list().unwrap();
    let names: Vec<&str> = all.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["shipped", "cut", "dir", "empty", "good"]);
    assert!(matches!(&all[1].card, Err(Damage::Unusable { path, .. }) if path.ends_with("cut.safetensors")));
    assert!(matches!(&all[2].card, Err(Damage::Unreadable { .. })));
    assert!(models.use_model("cut", DAY).unwrap_err().to_string().contains("cut.safetensors"));
    assert_eq!(in_use(&models), "shipped");
    assert_eq!(models.use_model("good", DAY).unwrap().0, "good");
    // A damaged `current` is listed by name and can be replaced.
    fs::write(models.current_file(), b"no model").unwrap();
    assert_eq!(in_use(&models), "current");
    assert_eq!(models.use_model("good", DAY).unwrap(), ("good".into(), "current".into()));
    assert_eq!(in_use(&models), "good");
}

/// A home in which only the first `steps` file operations of a change were completed.
fn crash_after(steps: usize) -> (TempDir, Models) {
    let (keep, models) = home();
    models.add(&other(1), Some("next"), DAY).unwrap();
    fs::write(models.current_file(), other(7)).unwrap();
    let (done_keep, done) = home();
    done.add(&other(1), Some("next"), DAY).unwrap();
    fs::write(done.current_file(), other(7)).unwrap();
    done.use_model("next", DAY).unwrap();
    // The files in the order in which they are written; each exists completely or not at all.
    for file in ["strobe-2026-11-23.safetensors", PREVIOUS, CURRENT].into_iter().take(steps) {
        // If a crash prevented a rename, only the temporary file is left.
        fs::copy(done.directory.join(file), models.directory.join(file)).unwrap();
    }
    fs::write(models.directory.join("current.new"), &other(1)[..100]).unwrap();
    drop(done_keep);
    (keep, models)
}

#[test]
fn a_crash_between_any_two_steps_leaves_a_usable_model() {
    for (steps, used) in [(0, "current"), (1, "strobe-2026-11-23"), (2, "strobe-2026-11-23"), (3, "next")] {
        let (_keep, models) = crash_after(steps);
        assert_eq!(in_use(&models), used, "after {steps} steps");
        // Nothing is lost: both models can be used, and the change can be repeated.
        assert_eq!(models.use_model("next", DAY).unwrap().0, "next");
        let back = models.use_model("previous", DAY).unwrap().0;
        assert_eq!(
            (back.as_str(), fs::read(models.current_file()).unwrap()),
            ("strobe-2026-11-23", other(7)),
            "{steps}"
        );
    }
}

#[test]
fn what_cannot_be_written_changes_nothing() {
    let (_keep, models) = home();
    models.add(&other(1), Some("next"), DAY).unwrap();
    // Blocks writing `previous`, which happens before `current`.
    fs::create_dir_all(models.directory.join(PREVIOUS).join("in the way")).unwrap();
    let said = models.use_model("next", DAY).unwrap_err().to_string();
    assert!(said.contains("cannot write") && said.contains("previous"), "{said}");
    assert_eq!(in_use(&models), "shipped");
}

#[test]
fn days() {
    assert_eq!(date(0), "1970-01-01");
    assert_eq!(date(951_782_400), "2000-02-29");
    assert_eq!(date(DAY), "2026-11-23");
}
