//! Helpers of the program's tests: a separate home, small music files, and the program itself.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::f32::consts::TAU;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use lofty::config::WriteOptions;
use lofty::file::FileType;
use lofty::tag::{ItemKey, ItemValue, Tag, TagExt, TagItem};
use serde_json::Value;
use tempfile::TempDir;

/// Limit for waits, so that a failing test does not hang; no result depends on it.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// An installation and a music directory for one test.
pub struct Home {
    pub dir: TempDir,
    pub music: PathBuf,
}

impl Home {
    pub fn new() -> Home {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let music = dir.path().join("music");
        std::fs::create_dir(&music).expect("a music directory");
        Home { dir, music: music.canonicalize().expect("a canonical path") }
    }

    /// A home with short songs: `each` per name and style; the name `tones/t` yields `tones/t0.wav` and so on.
    pub fn with_songs(kinds: &[(&str, &str)], each: u32, secs: f32) -> Home {
        let home = Home::new();
        for n in 0..each {
            for (name, style) in kinds {
                home.wav(&format!("{name}{n}.wav"), style, secs, n);
            }
        }
        home
    }

    /// The music directory, as an argument.
    pub fn music_arg(&self) -> String {
        self.music.display().to_string()
    }

    /// The output of `jukebox status`.
    #[track_caller]
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.run(&["status", "--json"]).code(0).out).expect("a status")
    }

    /// What the running player itself replies to a request, without starting a program; `None` when none answers.
    pub fn ask(&self, request: &Value) -> Option<Value> {
        let mut player = UnixStream::connect(self.home().join("run/control.sock")).ok()?;
        player.set_read_timeout(Some(PATIENCE)).ok()?;
        player.write_all(format!("{request}\n").as_bytes()).ok()?;
        let mut line = String::new();
        BufReader::new(player).read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// Waits until the status satisfies a condition; returns it.
    #[track_caller]
    pub fn wait_status(&self, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let told = self.ask(&"Status".into()).and_then(|mut reply| reply.get_mut("Status").map(Value::take));
            let now = told.unwrap_or_else(|| self.status());
            if condition(&now) {
                return now;
            }
            assert!(begun.elapsed() < PATIENCE, "never {what}: {now}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The program with this home, independent of the user's. Background work runs at normal priority: beside other
    /// programs that occupy every core it would hardly run otherwise.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).env("JUKEBOX_HOME", self.dir.path().join("home")).env("HOME", self.dir.path());
        command.env("JUKEBOX_NICE", "0");
        for name in ["XDG_MUSIC_DIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().expect("the program runs"))
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// Writes a wav with tags, as artist/album/title.
    pub fn tagged(&self, (artist, album, title): (&str, &str, &str), style: &str, secs: f32, seed: u32) -> PathBuf {
        let path = self.wav(&format!("{artist}/{album}/{title}.wav"), style, secs, seed);
        let mut tag = Tag::new(FileType::Wav.primary_tag_type());
        for (key, text) in [(ItemKey::TrackTitle, title), (ItemKey::TrackArtist, artist), (ItemKey::AlbumTitle, album)]
        {
            tag.push(TagItem::new(key, ItemValue::Text(text.into())));
        }
        tag.save_to_path(&path, WriteOptions::default()).expect("tags");
        path
    }

    /// Writes a short wav of a style; "tone" and "noise" sound as different as possible.
    pub fn wav(&self, name: &str, style: &str, secs: f32, seed: u32) -> PathBuf {
        let path = self.music.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("a directory");
        }
        std::fs::write(&path, wav(style, secs, seed)).expect("a file");
        path
    }

    /// Writes a pack of strobe images of two genres that differ in their bands: 24 training, 8 validation and 8 test
    /// clips. Returns it as an argument of `--data`.
    pub fn pack(&self) -> String {
        let dir = self.dir.path().join("pack");
        std::fs::create_dir(&dir).expect("a directory");
        let mut rows = String::from("row\ttrack_id\tgenre\tsplit\n");
        let mut images = Vec::new();
        for i in 0..40usize {
            let low = i % 2 == 0;
            let split = ["training", "training", "validation", "training", "test"][i / 2 % 5];
            rows += &format!("{i}\t{}\t{}\t{split}\n", 100 + i, if low { "Low" } else { "High" });
            for band in 0..128 {
                images.extend([if (band < 64) == low { 0xcb } else { 0x10 + (i % 7) as u8 }; 64]);
            }
        }
        std::fs::write(dir.join("clips.tsv"), rows).expect("a file");
        let packed = zstd::encode_all(&images[..], 1).expect("compressed images");
        std::fs::write(dir.join("mel128.q4.zst"), packed).expect("a file");
        format!("strobe:{}", dir.display())
    }
}

/// The result of a run of the program.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the program exited with this code.
    #[track_caller]
    pub fn code(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "a panic reached the user:\n{}", self.err);
        self
    }
}

/// The permissions of a file or directory.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_jukebox"))
}

/// A mono 16-bit wav at 22,050 Hz.
pub fn wav(style: &str, secs: f32, seed: u32) -> Vec<u8> {
    let rate = 22_050u32;
    let count = (secs * rate as f32) as usize;
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let base = 220.0 * 2f32.powf((seed % 12) as f32 / 12.0);
    let sample = |i: usize, state: &mut u32| {
        let t = i as f32 / rate as f32;
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (*state >> 8) as f32 / 8_388_608.0 - 1.0;
        match style {
            "tone" => 0.3 * (TAU * base * t).sin() + 0.2 * (TAU * base * 1.5 * t).sin() + 0.002 * noise,
            "noise" => 0.4 * noise * (-(t * (4.0 + (seed % 3) as f32)).fract() * 6.0).exp(),
            _ => 0.0,
        }
    };
    let length = 2 * count as u32;
    let mut out = Vec::with_capacity(44 + 2 * count);
    out.extend(b"RIFF");
    out.extend((36 + length).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    out.extend(1u16.to_le_bytes());
    out.extend(1u16.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend((rate * 2).to_le_bytes());
    out.extend(2u16.to_le_bytes());
    out.extend(16u16.to_le_bytes());
    out.extend(b"data");
    out.extend(length.to_le_bytes());
    for i in 0..count {
        out.extend_from_slice(&((sample(i, &mut state) * 32_000.0) as i16).to_le_bytes());
    }
    out
}

/// Prints a measured figure, which `scripts/reliability.py` collects into docs/reliability.md. The caller asserts the
/// value, unless it depends on the machine's speed.
pub fn figure(name: &str, value: impl std::fmt::Display, unit: &str, target: &str, pass: bool) {
    println!("figure: {name} | {value} | {unit} | {target} | {}", if pass { "yes" } else { "NO" });
}

/// Waits until a condition holds.
#[track_caller]
pub fn wait(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "never {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
