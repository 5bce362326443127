//! No network access, and a music directory that is only read: every command that reads it runs without a network and
//! with its system calls recorded; contents and times are compared afterwards.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pty::Player;
use crate::support::{Home, figure, program};

/// The metadata and contents of a file or directory.
#[derive(Debug, PartialEq)]
struct Entry {
    mode: u32,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    content: Option<blake3::Hash>,
}

fn manifest(dir: &Path, out: &mut BTreeMap<PathBuf, Entry>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let meta = std::fs::symlink_metadata(&path).unwrap();
        let content = meta.is_file().then(|| blake3::hash(&std::fs::read(&path).unwrap()));
        let (modified, changed) = ((meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec()));
        out.insert(path.clone(), Entry { mode: meta.mode(), inode: meta.ino(), modified, changed, content });
        if meta.is_dir() {
            manifest(&path, out);
        }
    }
}

fn whole(dir: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut out = BTreeMap::new();
    manifest(dir, &mut out);
    out
}

fn library() -> Home {
    let home = Home::new();
    for n in 0..3 {
        home.wav(&format!("tones/t{n}.wav"), "tone", 3.0, n);
        home.wav(&format!("noises/n{n}.wav"), "noise", 3.0, n);
    }
    std::fs::write(home.music.join("noises/broken.mp3"), b"no music").unwrap();
    std::fs::write(home.music.join("list.m3u"), "tones/t0.wav\nhttp://radio.example/stream\n\\\\host\\share\\a.mp3\n")
        .unwrap();
    let sheet = "FILE \"t2.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:01:00\n";
    std::fs::write(home.music.join("tones/t2.cue"), sheet).unwrap();
    home
}

#[test]
fn nothing_is_sent_and_the_music_is_only_read() {
    let home = library();
    let trace = home.dir.path().join("trace");
    let by = [
        "unshare",
        "-rn",
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-e",
        "trace=%network",
        "-A",
        "-o",
        trace.to_str().unwrap(),
    ];
    let works = Command::new(by[0]).args(&by[1..]).arg("true").output();
    if !works.is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: no strace or no user namespace here");
        return;
    }
    let music = home.music.display().to_string();
    let before = whole(&home.music);
    let song = home.music.join("tones/t0.wav").display().to_string();
    let list = home.music.join("list.m3u").display().to_string();
    let exported = home.dir.path().join("exported.m3u8").display().to_string();
    let runs: [&[&str]; 11] = [
        &["scan", "--loudness", &music],
        &["scan", "--full", &music],
        &["search", "length > 0:01"],
        &["similar", &song],
        &["signature", &song, "--save", "calm"],
        &["duplicates", "--paths"],
        &["playlist", "import", &list],
        &["playlist", "export", "list", &exported],
        &["dims"],
        &["stats"],
        &["doctor"],
    ];
    for args in runs {
        let own = home.command(args);
        let mut command = Command::new(by[0]);
        command.args(&by[1..]).arg(program()).args(args).env_clear();
        // The shell's PATH, and the test's home.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1)), "{args:?}: {code:?}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut player = Player::start_by(&by, &home, &["--no-audio", &music], 100, 30, &[]);
    player.wait_for("t1");
    player.keys("gg\r");
    player.wait_for("▶");
    player.keys(":q!\r");
    player.wait_end();

    let trace = std::fs::read_to_string(&trace).unwrap();
    assert!(trace.contains("AF_UNIX"), "nothing was recorded: the control socket is not seen");
    let outside: Vec<&str> = trace
        .lines()
        .filter(|l| l.contains("AF_INET") || l.contains("AF_PACKET") || l.contains("sin_addr") || l.contains("sin6"))
        .collect();
    figure("calls to the network", outside.len(), "calls", "0", outside.is_empty());
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    let after = whole(&home.music);
    let changed = before.iter().filter(|(path, entry)| after.get(*path) != Some(entry)).count()
        + after.keys().filter(|path| !before.contains_key(*path)).count();
    figure("files of the music that changed", changed, &format!("of {}", before.len()), "0", changed == 0);
    assert_eq!(before, after);
}
