//! `jukebox scan --tags-only`: what it reads, rereads and keeps.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use support::Home;

/// Sets an old modification time, so that the scan does not wait for the file to be complete.
fn age(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
}

fn scan(home: &Home) -> serde_json::Value {
    let ran = home.run(&["scan", "--tags-only", "--json", home.music.to_str().unwrap()]).code(0);
    let mut out: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    out["notes"] = ran.err.into();
    out
}

#[test]
fn it_reads_each_file_once_and_listens_to_none() {
    let home = Home::new();
    for n in 0..150u32 {
        age(&home.wav(&format!("album {}/{n}.wav", n / 10), "tone", 0.1 + n as f32 / 1000.0, n));
    }
    for (name, bytes) in [("bad.mp3", &b"words"[..]), ("bad.flac", b"fLaC")] {
        fs::write(home.music.join(name), bytes).unwrap();
        age(&home.music.join(name));
    }
    let first = scan(&home);
    assert_eq!((&first["songs"], &first["read"], &first["latents"]), (&150.into(), &152.into(), &0.into()));
    assert_eq!(first["faults"].as_array().unwrap().len(), 2, "{first}");
    let second = scan(&home);
    assert_eq!((&second["songs"], &second["read"]), (&150.into(), &0.into()));
    assert_eq!(second["faults"].as_array().unwrap().len(), 2, "still said: {second}");
    // A rewritten file is read again.
    age(&home.wav("album 3/35.wav", "noise", 0.3, 1));
    assert_eq!(scan(&home)["read"], 1);
}

#[test]
fn a_disk_that_is_not_mounted_is_not_a_deleted_collection() {
    let home = Home::new();
    for n in 0..20u32 {
        age(&home.wav(&format!("disk/{n}.wav"), "tone", 0.1 + n as f32 / 100.0, n));
    }
    assert_eq!(scan(&home)["songs"], 20);
    let (disk, away) = (home.music.join("disk"), home.dir.path().join("away"));
    fs::rename(&disk, &away).unwrap();
    let without = scan(&home);
    assert_eq!(without["songs"], 20, "{without}");
    assert!(without["notes"].as_str().unwrap().contains("is a disk not mounted? nothing was forgotten"), "{without}");
    fs::rename(&away, &disk).unwrap();
    let with = scan(&home);
    assert_eq!((&with["songs"], &with["read"]), (&20.into(), &0.into()));
}

#[test]
fn files_of_formats_that_cannot_be_played_are_counted() {
    let home = Home::new();
    age(&home.wav("one.wav", "tone", 1.0, 1));
    for name in ["a.wma", "b.WMA", "c.ape", "cover.jpg"] {
        fs::write(home.music.join(name), "x").unwrap();
    }
    let scanned = scan(&home);
    assert_eq!(scanned["unsupported"], serde_json::json!({ "APE": 1, "WMA": 2 }), "{scanned}");
    let words = "1 APE and 2 WMA files are not supported";
    let told = home.run(&["scan", "--tags-only", home.music.to_str().unwrap()]).code(0);
    assert!(told.err.contains(words), "{}", told.err);
    let config = home.home().join("music.toml");
    fs::write(&config, format!("[library]\nmusic = {:?}\n", home.music)).unwrap();
    let found = home.run(&["--config", config.to_str().unwrap(), "doctor"]);
    assert!(found.out.contains(words), "{}", found.out);
    // They are known when the scan has ended, until another one finds fewer.
    assert_eq!(home.status()["unsupported"], scanned["unsupported"]);
    assert!(home.run(&["status"]).code(0).out.contains(words));
    for name in ["a.wma", "b.WMA", "c.ape"] {
        fs::remove_file(home.music.join(name)).unwrap();
    }
    scan(&home);
    assert_eq!(home.status()["unsupported"], serde_json::json!({}));
}
