//! Creates the set: originals, changed copies, traps.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use jukebox::audio::probe::probe;
use jukebox::library::tags;
use jukebox::track::is_audio;

use super::change::{CHANGES, Change, Names, TRAPS};

/// Minimum duration in seconds; shorter tracks are jingles without enough to cut.
const SHORTEST: f64 = 40.0;
/// One in this many tracks becomes part of a trap instead of an original with a changed copy.
const TRAP_EVERY: usize = 6;

/// A file to be created.
struct Order {
    from: PathBuf,
    secs: f64,
    to: PathBuf,
    options: Vec<String>,
    names: Names,
}

struct Original {
    path: PathBuf,
    secs: f64,
    names: Names,
}

pub fn run(dirs: &[PathBuf], out: &Path, most: usize) -> Result<(), String> {
    if out.join("truth.tsv").exists() {
        return Err(format!("{}: there is a set already; remove it or name another folder", out.display()));
    }
    let mut files = Vec::new();
    for dir in dirs {
        walk(dir, &mut files)?;
    }
    files.sort();
    let mut originals: Vec<Original> = files.into_iter().filter_map(original).collect();
    // Neighbours in the list are from one album; shuffling applies each change to all kinds of
    // music.
    let mut rng = Rng::with_seed(7);
    rng.shuffle(&mut originals);
    originals.truncate(most);
    println!("{} originals of {SHORTEST} s and more", originals.len());
    let mut truth = String::from("# file\tgroup\tkind\tfamily\thalf\n");
    let mut orders = Vec::new();
    let mut traps = Vec::new();
    for (i, original) in originals.iter().enumerate() {
        // Whole albums are in one half, so that no threshold is chosen on music that is evaluated.
        let half = half(original);
        let kind = original.path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if i % TRAP_EVERY == 0 {
            traps.push((i, half));
            continue;
        }
        // The file name may contain what the tags do not.
        let name = original.path.file_name().unwrap_or_default();
        let to = PathBuf::from(half).join(format!("o{i:04}")).join(name);
        lay(&original.path, &out.join(&to))?;
        note(&mut truth, &to, i, "original", "original", half);
        let change: &Change = &CHANGES[i % CHANGES.len()];
        let (names, name) = (change.names)(&original.names, &mut rng);
        let ending = if change.kind.is_empty() { kind } else { change.kind };
        // A separate folder, so that its name reveals nothing about the album.
        let to = PathBuf::from(half).join(format!("c{i:04}")).join(format!("{}.{ending}", safe(&name)));
        note(&mut truth, &to, i, change.name, change.family, half);
        let options = (change.options)(original.secs, &mut rng);
        orders.push(Order { from: original.path.clone(), secs: original.secs, to: out.join(to), options, names });
    }
    trap(&originals, &traps, out, &mut truth, &mut orders);
    carry_out(&orders);
    std::fs::write(out.join("truth.tsv"), truth).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{} changed copies; now `jukebox scan {}`", orders.len(), out.display());
    Ok(())
}

/// Gives pairs of tracks misleading names.
fn trap(
    originals: &[Original],
    traps: &[(usize, &'static str)],
    out: &Path,
    truth: &mut String,
    orders: &mut Vec<Order>,
) {
    let mut kinds = TRAPS.iter().cycle();
    for half in ["chosen", "held-out"] {
        let own: Vec<usize> = traps.iter().filter(|(_, h)| *h == half).map(|(i, _)| *i).collect();
        for pair in own.chunks_exact(2) {
            let cover = pair[0] % 4 == 0;
            let (kind, first, second) = kinds.next().copied().unwrap_or(TRAPS[0]);
            for (&i, title) in pair.iter().zip([first, second]) {
                let original = &originals[i];
                let artist = if cover { format!("Artist {i}") } else { format!("Artist {}", pair[0]) };
                let title = if cover { format!("Song of {}", pair[0]) } else { title.to_owned() };
                let names =
                    Names { title: Some(title), artist: Some(artist), album: Some(format!("Album {}", pair[0])) };
                let ending = original.path.extension().and_then(OsStr::to_str).unwrap_or_default();
                let to = PathBuf::from(half).join(format!("t{i:04}.{ending}"));
                note(truth, &to, i, if cover { "same title, other artist" } else { kind }, "trap", half);
                let options = vec!["-c".into(), "copy".into()];
                orders.push(Order {
                    from: original.path.clone(),
                    secs: original.secs,
                    to: out.join(to),
                    options,
                    names,
                });
            }
        }
    }
}

fn note(truth: &mut String, file: &Path, group: usize, kind: &str, family: &str, half: &str) {
    let _ = writeln!(truth, "{}\t{group}\t{kind}\t{family}\t{half}", file.display());
}

/// The half that a track belongs to, by its artist, or by its folder if the artist is unknown.
fn half(original: &Original) -> &'static str {
    let folder = original.path.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let key = original.names.artist.clone().unwrap_or(folder);
    let sum = key.to_lowercase().bytes().fold(0u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
    if (sum >> 3) % 2 == 0 { "chosen" } else { "held-out" }
}

fn original(path: PathBuf) -> Option<Original> {
    let (tags, _) = tags::read(&path, None);
    let secs = Some(probe(&path).ok()?.secs).filter(|secs| *secs >= SHORTEST)?;
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
    let names = Names {
        title: tags.title.map(Into::into).or(stem),
        artist: tags.artist.as_deref().map(Into::into),
        album: tags.album.as_deref().map(Into::into),
    };
    Some(Original { path, secs, names })
}

/// All audio files below a folder; links to folders are not followed.
fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |e| format!("{}: cannot be read: {e}", dir.display());
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            walk(&path, files)?;
        } else if is_audio(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// A file name of at most 80 characters.
fn safe(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c == '/' || c.is_control() { '_' } else { c }).take(80).collect();
    plain.trim_matches(['.', ' ']).to_owned()
}

/// Copies a file, unless the target exists from an earlier attempt.
fn lay(from: &Path, to: &Path) -> Result<(), String> {
    let explain = |e: std::io::Error| format!("{}: {e}", to.display());
    std::fs::create_dir_all(to.parent().unwrap_or(Path::new("."))).map_err(explain)?;
    if to.exists() { Ok(()) } else { std::fs::copy(from, to).map(|_| ()).map_err(explain) }
}

/// Creates the files, two at a time; failures of ffmpeg are reported and skipped.
fn carry_out(orders: &[Order]) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(order) = orders.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = carry(order) {
                        eprintln!("not made: {why}");
                    }
                }
            });
        }
    });
}

fn carry(order: &Order) -> Result<(), String> {
    let dir = order.to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-threads", "1", "-i"]).arg(&order.from).stdin(Stdio::null());
    ffmpeg.args(["-map", "0:a:0", "-map_metadata", "-1", "-map_metadata:s:a", "-1"]);
    for (key, value) in [("title", &order.names.title), ("artist", &order.names.artist), ("album", &order.names.album)]
    {
        if let Some(value) = value {
            ffmpeg.arg("-metadata").arg(format!("{key}={value}"));
        }
    }
    let said = ffmpeg.args(&order.options).arg(&order.to).output().map_err(|e| format!("ffmpeg cannot be run: {e}"))?;
    if said.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&said.stderr).trim().to_owned();
    Err(format!("{} ({:.0} s): {why}", order.from.display(), order.secs))
}
