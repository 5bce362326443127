//! Measures whether an encoder represents the music or the recording. `twins DIR… [--queries N] [--tracks N] [--encoder
//! FILE]` embeds the tracks of the folders as the player does (with the encoder in use, or FILE), changes N of them
//! (100) with ffmpeg, and prints for each change how often the nearest original of a changed track is its own. Then,
//! for non-overlapping pieces of 30 s, how often a piece's nearest other piece is from the same track. `--tracks` uses
//! that many of the folders' tracks, evenly spread; at least 300 are required.
//!
//!     cargo run --example twins -- ~/Music --queries 100

mod support;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jukebox::analysis::model::Model;
use jukebox::audio::segment::{RATE, Segments};
use jukebox::paths::Paths;
use jukebox::sound::segments::{SEGMENT_SECS, Span, patches, plan};
use jukebox::sound::{patch, strobe};
use jukebox_encoder::{DIMS, Device, Encoder, Input};

/// Minimum number of tracks, since with few it is too easy to be the nearest.
const LEAST: usize = 300;
const THREADS: usize = 2;
const KINDS: [&str; 6] = ["mp3", "ogg", "flac", "opus", "m4a", "wav"];
/// Name, file type and ffmpeg's options of each change. WAV has 16 bits, so +6 dB clips.
const CHANGES: [(&str, &str, &[&str]); 7] = [
    ("mp3 at 64 kbit/s", "mp3", &["-b:a", "64k"]),
    ("+6 dB, clipped", "wav", &["-af", "volume=6dB"]),
    ("-6 dB", "wav", &["-af", "volume=-6dB"]),
    ("mono", "wav", &["-ac", "1"]),
    ("48 kHz", "wav", &["-ar", "48000"]),
    ("22.05 kHz", "wav", &["-ar", "22050"]),
    ("begin cut by 0.1 s", "wav", &["-ss", "0.1"]),
];
const USAGE: &str = "usage: twins DIR… [--queries N] [--tracks N] [--encoder FILE]";

type Latent = [f32; DIMS];

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let (mut dirs, mut queries, mut tracks, mut weights) = (Vec::new(), 100, usize::MAX, None);
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(USAGE);
        match arg.to_str() {
            Some("--queries") => queries = number(&value()?)?,
            Some("--tracks") => tracks = number(&value()?)?,
            Some("--encoder") => {
                let file = PathBuf::from(value()?);
                let bytes = std::fs::read(&file).map_err(|e| format!("{}: cannot be read: {e}", file.display()))?;
                weights = Some(bytes.into());
            }
            _ => dirs.push(PathBuf::from(arg)),
        }
    }
    if dirs.is_empty() {
        return Err(USAGE.into());
    }
    Command::new("ffmpeg")
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|e| format!("ffmpeg, which makes the twins, cannot be run ({e}): install it"))?;
    let weights = match weights {
        Some(weights) => weights,
        None => Model::in_use(&Paths::from_env()?)?.weights,
    };
    let mut encoders = (0..THREADS)
        .map(|_| Encoder::load(&weights, Device::Cpu))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| format!("{e:#}"))?;

    let mut files = Vec::new();
    for dir in &dirs {
        walk(dir, &mut files)?;
    }
    files.sort();
    let files = spread(&files, tracks);
    let heard = each(&mut encoders, &files, |encoder, file| Track::of(encoder, file));
    let mut originals = Vec::new();
    for (file, track) in files.iter().zip(heard) {
        match track {
            Ok(track) => originals.push(track),
            Err(why) => eprintln!("{}: left out: {why}", file.display()),
        }
    }
    if originals.len() < LEAST {
        return Err(format!("{} tracks are too few: at least {LEAST} are needed", originals.len()));
    }
    println!(
        "{} originals, encoder {}",
        originals.len(),
        &encoders[0].card().hash[..12.min(encoders[0].card().hash.len())]
    );
    twins(&mut encoders, &originals, queries)?;
    pieces(&originals);
    Ok(())
}

fn number(text: &OsStr) -> Result<usize, String> {
    let number = text.to_str().and_then(|t| t.parse().ok()).filter(|n| *n > 0);
    number.ok_or_else(|| format!("`{}` is no number of tracks\n{USAGE}", text.to_string_lossy()))
}

/// All audio files below a folder; links to folders are not followed.
fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |e| format!("{}: cannot be read: {e}", dir.display());
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            walk(&path, files)?;
        } else if path.extension().and_then(OsStr::to_str).is_some_and(|e| KINDS.contains(&e)) {
            files.push(path);
        }
    }
    Ok(())
}

/// At most `most` items, evenly spread.
fn spread<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    let n = all.len().min(most);
    (0..n).map(|i| all[i * all.len() / n].clone()).collect()
}

/// The results for all items, in order; one thread per encoder.
fn each<T: Sync, R: Send>(encoders: &mut [Encoder], items: &[T], work: impl Fn(&Encoder, &T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for encoder in encoders {
            scope.spawn(|| {
                let encoder = encoder;
                while let Some((i, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, items.get(i)?)))
                {
                    let answer = work(encoder, item);
                    if let Ok(mut done) = done.lock() {
                        done.push((i, answer));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// An original track.
struct Track {
    path: PathBuf,
    /// The mean over the segments that the player analyses.
    latent: Latent,
    /// One for each of up to three non-overlapping pieces of 30 s.
    pieces: Vec<Latent>,
}

impl Track {
    fn of(encoder: &Encoder, path: &Path) -> Result<Track, String> {
        let mut file = Segments::open(path).map_err(|e| e.to_string())?;
        let secs = file.info().secs.unwrap_or(0.0);
        let latent = whole(encoder, &mut file, secs)?;
        let n = ((secs / SEGMENT_SECS) as usize).min(3);
        let mut pieces = Vec::new();
        for i in 0..n {
            let start = secs * (i as f64 + 0.5) / n as f64 - SEGMENT_SECS / 2.0;
            let at = |span: Span| Span { start: start + span.start, ..span };
            let spans: Vec<Span> = listened(encoder, SEGMENT_SECS).into_iter().map(at).collect();
            // A silent piece has no latent.
            pieces.extend(mean(encoder, &latents(encoder, &mut file, &spans)?));
        }
        Ok(Track { path: path.to_owned(), latent, pieces })
    }
}

/// The spans that the player analyses in a track of `secs` seconds.
fn listened(encoder: &Encoder, secs: f64) -> Vec<Span> {
    if encoder.card().input() == Some(Input::Patch) { patches(secs) } else { plan(secs) }
}

/// A whole track's latent.
fn whole(encoder: &Encoder, file: &mut Segments, secs: f64) -> Result<Latent, String> {
    let heard = latents(encoder, file, &listened(encoder, secs))?;
    mean(encoder, &heard).ok_or_else(|| "silent".into())
}

/// A latent for each span that is not silent.
fn latents(encoder: &Encoder, file: &mut Segments, spans: &[Span]) -> Result<Vec<Latent>, String> {
    let mut images = Vec::new();
    for span in spans {
        let rate = if encoder.card().input() == Some(Input::Patch) { patch::RATE } else { RATE };
        let samples = file.read_at(rate, span.start, span.secs).map_err(|e| e.to_string())?;
        images.extend(match encoder.card().input() {
            Some(Input::Patch) => patch::patch(&samples),
            _ => strobe(&samples).map(|image| image.pack().to_vec()),
        });
    }
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let heard = encoder.encode(&images).map_err(|e| format!("{e:#}"))?;
    Ok(heard.iter().map(|h| h.latent).collect())
}

/// The mean, scaled to length 1 if latents are directions; `None` without latents.
fn mean(encoder: &Encoder, latents: &[Latent]) -> Option<Latent> {
    let n = latents.len() as f32;
    let mean: Latent = std::array::from_fn(|d| latents.iter().map(|l| l[d]).sum::<f32>() / n);
    let length = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
    let scale = if encoder.card().unit && length > 0.0 { length } else { 1.0 };
    (!latents.is_empty()).then(|| mean.map(|x| x / scale))
}

/// Squared Euclidean distance of latents.
fn euclid(a: &Latent, b: &Latent) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Cosine distance of latents.
fn cosine(a: &Latent, b: &Latent) -> f32 {
    let dot = |a: &Latent, b: &Latent| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
}

/// Results for a changed track: whether its original is found by Euclidean and by cosine distance, and its distance
/// from the original as a share of the distance from the nearest other track.
struct Found {
    euclid: bool,
    cosine: bool,
    ratio: f32,
}

fn twins(encoders: &mut [Encoder], originals: &[Track], queries: usize) -> Result<(), String> {
    let picked = spread(&(0..originals.len()).collect::<Vec<_>>(), queries);
    let found = each(encoders, &picked, |encoder, &own| {
        let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder can be made: {e}"))?;
        let files = change(&originals[own].path, folder.path())?;
        files.iter().map(|file| find(encoder, file, own, originals)).collect::<Result<Vec<_>, _>>()
    });
    let mut rows: [Vec<Found>; CHANGES.len()] = Default::default();
    for (own, found) in picked.iter().zip(found) {
        match found {
            Ok(found) => rows.iter_mut().zip(found).for_each(|(row, found)| row.push(found)),
            Err(why) => eprintln!("{}: no twins: {why}", originals[*own].path.display()),
        }
    }
    println!("{:<20} {:>6} {:>9} {:>9}   own / nearest other (median)", "change", "twins", "Euclid", "cosine");
    for ((name, ..), mut row) in CHANGES.iter().zip(rows) {
        let n = row.len().max(1) as f64;
        let share = |by: &dyn Fn(&Found) -> bool| 100.0 * row.iter().filter(|f| by(f)).count() as f64 / n;
        let (euclid, cosine) = (share(&|f| f.euclid), share(&|f| f.cosine));
        row.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let median = row.get(row.len() / 2).map_or(f32::NAN, |f| f.ratio);
        println!("{name:<20} {:>6} {euclid:>7.1} % {cosine:>7.1} %   {median:.3}", row.len());
    }
    Ok(())
}

/// Creates all changed versions of a file; returns their paths in the order of [`CHANGES`].
fn change(path: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-threads", "1", "-i"]).arg(path).stdin(Stdio::null());
    let mut files = Vec::new();
    for (i, (_, kind, options)) in CHANGES.iter().enumerate() {
        let file = folder.join(format!("{i}.{kind}"));
        ffmpeg.args(["-map", "0:a:0"]).args(*options).arg(&file);
        files.push(file);
    }
    let said = ffmpeg.output().map_err(|e| format!("ffmpeg cannot be run: {e}"))?;
    if said.status.success() { Ok(files) } else { Err(String::from_utf8_lossy(&said.stderr).trim().to_owned()) }
}

fn find(encoder: &Encoder, file: &Path, own: usize, originals: &[Track]) -> Result<Found, String> {
    let mut file = Segments::open(file).map_err(|e| e.to_string())?;
    let secs = file.info().secs.unwrap_or(0.0);
    let twin = whole(encoder, &mut file, secs)?;
    let of = |by: &dyn Fn(&Latent, &Latent) -> f32| {
        let others = (0..originals.len()).filter(|o| *o != own).map(|o| by(&twin, &originals[o].latent));
        (by(&twin, &originals[own].latent), others.fold(f32::INFINITY, f32::min))
    };
    let ((near, other), (turn, turned)) = (of(&euclid), of(&cosine));
    Ok(Found { euclid: near < other, cosine: turn < turned, ratio: (near / other).sqrt() })
}

fn pieces(originals: &[Track]) {
    let all: Vec<(usize, &Latent)> = originals
        .iter()
        .enumerate()
        .filter(|(_, t)| t.pieces.len() > 1)
        .flat_map(|(i, t)| t.pieces.iter().map(move |p| (i, p)))
        .collect();
    let share = |by: &dyn Fn(&Latent, &Latent) -> f32| {
        let hit = |own: usize| {
            let others = (0..all.len()).filter(|other| *other != own);
            let nearest = others.min_by(|a, b| by(all[own].1, all[*a].1).total_cmp(&by(all[own].1, all[*b].1)));
            nearest.is_some_and(|nearest| all[nearest].0 == all[own].0)
        };
        100.0 * (0..all.len()).filter(|own| hit(*own)).count() as f64 / all.len().max(1) as f64
    };
    println!("{:<20} {:>6} {:>7.1} % {:>7.1} %", "another segment", all.len(), share(&euclid), share(&cosine));
}
