//! Behaviour with a full disk: nothing panics, messages say what to do, and everything continues afterwards. The disk
//! is a small tmpfs, which needs a mount namespace; where none is permitted the test reports that and is skipped.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::path::PathBuf;
use std::process::Command;

use pty::Player;
use support::{Home, program};

/// Three scans: on a disk of `SIZE`, on the same disk filled completely, and after it was enlarged. Prints a line for
/// each with its exit code and its output.
const SCANS: &str = r#"
mkdir -p "$JUKEBOX_HOME" && mount -t tmpfs -o size="$SIZE" tmpfs "$JUKEBOX_HOME" || exit 77
scan() { said=$("$PROGRAM" scan "$MUSIC" 2>&1); echo "$? $said" | tr '\n' ' '; echo; }
scan
dd if=/dev/zero of="$JUKEBOX_HOME/filler" bs=1024 2>/dev/null
scan
rm "$JUKEBOX_HOME/filler"
mount -o remount,size=100m "$JUKEBOX_HOME"
scan
"#;

fn scans(home: &Home, size: &str) -> Option<Vec<String>> {
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", SCANS]).env("JUKEBOX_HOME", home.home()).env("HOME", home.dir.path());
    command.env("JUKEBOX_NICE", "0");
    command.env("SIZE", size).env("PROGRAM", program()).env("MUSIC", &home.music);
    let output = command.output().ok()?;
    if !matches!(output.status.code(), Some(0)) {
        eprintln!("SKIPPED: no disk of its own here: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

#[test]
fn a_scan_says_that_the_disk_is_full_and_the_next_one_finishes() {
    let home = Home::new();
    for n in 0..10 {
        home.wav(&format!("tone{n}.wav"), "tone", 3.0, n);
    }
    // Sizes at which nothing fits, a part fits, and everything fits.
    for (size, first) in [("20k", "1"), ("100k", "1"), ("20m", "0")] {
        let Some(said) = scans(&home, size) else { return };
        let [small, full, again] = &said[..] else { panic!("three scans: {said:?}") };
        assert!(said.iter().all(|s| !s.contains("panicked")), "{said:?}");
        assert!(small.starts_with(first), "on {size}: {small}");
        assert_eq!(small.contains("the disk is full; free some space"), first == "1", "on {size}: {small}");
        assert!(full.starts_with("1 ") && full.contains("the disk is full; free some space"), "on {size}: {full}");
        assert!(again.starts_with("0 ") && again.contains("10 songs, 10 with a latent"), "on {size}: {again}");
    }
}

/// Starts the player with a separate disk for user data.
const PLAYER: &str = r#"
mkdir -p "$JUKEBOX_HOME/data" && mount -t tmpfs -o size=8m tmpfs "$JUKEBOX_HOME/data" && exec "$@"
"#;

fn ratings(journal: &std::path::Path) -> usize {
    std::fs::read_to_string(journal).unwrap_or_default().matches("\"rated\"").count()
}

#[test]
fn what_the_player_acknowledged_on_a_full_disk_is_kept_written_later_or_named() {
    let allowed = Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]).status();
    if !allowed.is_ok_and(|s| s.success()) {
        eprintln!("SKIPPED: no disk of its own here");
        return;
    }
    let home = Home::new();
    for n in 0..3 {
        home.wav(&format!("tone{n}.wav"), "tone", 3.0, n);
    }
    let music = home.music_arg();
    let by = ["unshare", "-rm", "sh", "-c", PLAYER, "sh"];
    let mut player = Player::start_by(&by, &home, &["--no-audio", &music], 160, 30, &[]);
    player.wait_for("tone0");
    let pid = home.wait_status("heard everything", |s| s["latents"] == 3)["pid"].to_string();
    home.run(&["send", "auto", "off"]).code(0);
    home.run(&["send", "play", &music]).code(0);
    home.run(&["send", "pause"]).code(0);
    // The disk as the player's mount namespace sees it.
    let inside = |path: PathBuf| PathBuf::from(format!("/proc/{pid}/root{}", path.display()));
    let data = inside(home.home().join("data"));
    let (journal, filler) = (data.join("journal.jsonl"), data.join("filler"));
    let fill = || {
        let full = std::fs::File::create(&filler).and_then(|mut f| std::io::copy(&mut std::io::repeat(0), &mut f));
        assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    };
    home.run(&["send", "rate", "1"]).code(0);
    home.wait_status("written", |s| s["unsaved"] == "" && ratings(&journal) == 1);
    fill();
    // The last block has space for some of them.
    for n in 0..80 {
        home.run(&["send", "rate", &format!("{}", n % 5)]).code(0);
    }
    let now = home.wait_status("told", |s| s["unsaved"].as_str().is_some_and(|u| u.contains("the disk is full")));
    assert!(now["unsaved"].as_str().unwrap().contains("journal.jsonl"), "{now}");
    player.wait_for("not saved");
    let written = ratings(&journal);
    assert!(written < 81);
    std::fs::remove_file(&filler).unwrap();
    home.wait_status("written later", |s| s["unsaved"] == "");
    assert_eq!(ratings(&journal), 81);
    player.wait_until("that all is well", |s| !s.contains("not saved"));
    // Full again, and the player exits: what could not be written is reported and can be imported.
    fill();
    for n in 0..80 {
        home.run(&["send", "rate", &format!("{}", n % 5)]).code(0);
    }
    home.wait_status("told", |s| s["unsaved"] != "");
    let lost = 161 - ratings(&journal);
    player.keys(":q!\r");
    assert_eq!(player.wait_end(), 1, "{}", player.contents());
    player.left("jukebox import");
    let rescued: Vec<_> = std::fs::read_dir(home.home().join("run")).unwrap().map(|e| e.unwrap().path()).collect();
    let rescued = rescued.iter().find(|p| p.to_string_lossy().contains("jukebox-unsaved-")).expect("a refuge");
    assert_eq!(std::fs::read_to_string(rescued.join("history.jsonl")).unwrap().matches("\"rated\"").count(), lost);
    assert!(!std::fs::read_to_string(home.home().join("state/jukebox.log")).unwrap().contains("panicked"));
}
