//! What listening to the files would have found, made up: latents in clusters of genre, artist and album, and from them the
//! probabilities of the encoder's words and descriptors, so that these agree with each other as real ones do.

use std::path::{Path, PathBuf};

use fastrand::Rng;
use jukebox::analysis::jobs::{self, Found, Job};
use jukebox::analysis::model::Model;
use jukebox::analysis::shelf::Shelf;
use jukebox::config::TagEncoding;
use jukebox::latent::DIMS;
use jukebox::library::Song;
use jukebox::library::scan::walk;
use jukebox::paths::Paths;
use jukebox::sound::{Descriptors, Key, Loudness, Tempo};
use jukebox::store::{FileRecord, LatentRecord, Outcome};

/// How far genres, artists, albums and tracks lie apart.
const APART: [f32; 4] = [0.75, 0.45, 0.3, 0.5];
/// The length of a latent: the mean of patches of length 1 is shorter.
const LENGTH: f32 = 0.9;
/// Patches that a track is heard by.
const PATCHES: u8 = 7;
/// Seconds since the Unix epoch when all of it was found, so that the same seed gives the same store.
const FOUND: u64 = 1_700_000_000;

/// Fills the store of a home with the files of a directory as if they had been listened to, and returns how many songs it
/// has. Files that cannot be read are left to the player.
pub fn fill(dir: &Path, home: &Path, seed: u64) -> Result<usize, String> {
    let of_dir = |e: std::io::Error| format!("{}: {e}", dir.display());
    let of_home = |e: &dyn std::fmt::Display| format!("{}: {e}", home.display());
    let dir = dir.canonicalize().map_err(of_dir)?;
    let paths = Paths::under(&std::path::absolute(home).map_err(|e| of_home(&e))?);
    let model = Model::in_use(&paths)?;
    let (mut shelf, _) = Shelf::open(&paths.store(), model.generation()?).map_err(|e| of_home(&e))?;
    let mut files = Vec::new();
    walk(&dir, false, &mut |path, _| files.push(path));
    files.sort_unstable();
    for (path, record) in probed(&files) {
        shelf.put_file(path, record);
    }
    let makeup = Makeup::new(seed, model.card.tags.len());
    let catalog = shelf.catalog(&dir);
    for song in catalog.songs() {
        let (latent, sound, loudness) = makeup.of(song);
        shelf.put_latent(song.track, latent);
        shelf.put_sound(song.track, sound);
        shelf.put_loudness(song.track, loudness);
    }
    shelf.flush().and_then(|()| shelf.complete_generation()).map_err(|e| of_home(&e))?;
    Ok(catalog.songs().len())
}

/// The records of the files that can be read, by all threads.
fn probed(files: &[PathBuf]) -> Vec<(PathBuf, FileRecord)> {
    let record = |path: &PathBuf| match jobs::run(Job::Probe { path: path.clone() }) {
        Ok(Found::Probe { stat, probe, .. }) => {
            let (outcome, tags_version) = (Outcome::Probed(*probe), TagEncoding::default().mark());
            let record = FileRecord { stat, outcome, listen_fault: None, added: FOUND, tags_version, gone_since: None };
            Some((path.clone(), record))
        }
        _ => None,
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(threads).max(1));
        let parts: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().filter_map(record).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
    })
}

type Vector = [f32; DIMS];

/// The directions in which words and descriptors rise.
pub struct Makeup {
    seed: u64,
    words: Vec<Vector>,
    sounds: [Vector; 8],
}

impl Makeup {
    /// Directions for so many words.
    pub fn new(seed: u64, words: usize) -> Makeup {
        let mut rng = Rng::with_seed(seed);
        let words = (0..words).map(|_| scaled(random(&mut rng), 1.0)).collect();
        Makeup { seed, words, sounds: std::array::from_fn(|_| scaled(random(&mut rng), 1.0)) }
    }

    /// What listening to a song would have found.
    pub fn of(&self, song: &Song) -> (LatentRecord, Descriptors, Loudness) {
        let genre = song.tags.genres.first().map_or("", String::as_str);
        let name = song.path.file_name().unwrap_or_default().to_string_lossy();
        let album = format!("{}\0{}", song.artist(), song.album());
        let own = format!("{album}\0{name}");
        let mut mean = [0.0; DIMS];
        for (what, apart) in [genre, song.artist(), &album, &own].into_iter().zip(APART) {
            let centre = random(&mut self.dice(what));
            // As in a real space some dimensions tell more than others.
            let width = |dim: usize| 1.0 - 0.65 * dim as f32 / DIMS as f32;
            mean.iter_mut().zip(&centre).enumerate().for_each(|(dim, (sum, value))| *sum += apart * width(dim) * value);
        }
        let mean = scaled(mean, LENGTH);
        let mut dice = self.dice(&format!("{own}\0"));
        let spread = std::array::from_fn(|_| 0.12 * (0.7 + 0.6 * dice.f32()));
        let tags = self.words.iter().map(|word| share(10.0 * along(&mean, word) - 2.5)).collect();
        let latent = LatentRecord { mean, spread, segments: PATCHES, genres: Vec::new(), tags };
        // Each about as often above 0 as below, and rarely beyond ±2.
        let unit = (DIMS as f32).sqrt() / LENGTH;
        let rises: [f32; 8] = std::array::from_fn(|n| unit * along(&mean, &self.sounds[n]));
        (latent, sound(rises, &mut dice), loudness(rises[1], &mut dice))
    }

    /// Dice of a name's own.
    fn dice(&self, name: &str) -> Rng {
        let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Rng::with_seed(name.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325 ^ self.seed, fold))
    }
}

fn sound([fast, loud, bright, low, noisy, wide, struck, steady]: [f32; 8], dice: &mut Rng) -> Descriptors {
    let minor = dice.bool();
    let mode = 0.05 + 0.3 * dice.f32();
    Descriptors {
        tempo: Some(Tempo {
            bpm: (118.0 * (0.3 * fast + 0.05 * normal(dice)).exp2()).clamp(50.0, 210.0),
            confidence: (0.55 + 0.2 * steady).clamp(0.1, 1.0),
        }),
        key: Some(Key { tonic: dice.u8(..12), minor, confidence: 0.02 + 0.4 * dice.f32() }),
        mode: Some(if minor { -mode } else { mode }),
        brightness: Some((1900.0 * (0.5 * bright).exp2()).clamp(200.0, 9000.0)),
        noisiness: Some(share(noisy - 1.5)),
        bass: Some(share(low - 0.8)),
        dynamics: Some((11.0 + 4.0 * wide).clamp(1.0, 50.0)),
        percussiveness: Some(share(0.8 * struck - 0.5)),
        onsets: Some((3.2 + 0.8 * fast + 0.8 * struck).clamp(0.2, 12.0)),
        danceability: Some(share(steady + 0.4 * struck)),
        energy: Some(share(1.2 * loud + 0.3 * bright)),
    }
}

fn loudness(loud: f32, dice: &mut Rng) -> Loudness {
    let lufs = (-13.0 + 3.0 * loud).clamp(-30.0, -5.0);
    Loudness { lufs: Some(lufs), range: Some(3.0 + 9.0 * dice.f32()), peak: Some(-1.5 * dice.f32()) }
}

/// A number from 0 to 1.
fn share(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

fn random(dice: &mut Rng) -> Vector {
    std::array::from_fn(|_| normal(dice))
}

/// About a standard normal number.
fn normal(dice: &mut Rng) -> f32 {
    (0..12).map(|_| dice.f32()).sum::<f32>() - 6.0
}

fn along(a: &Vector, b: &Vector) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn scaled(vector: Vector, length: f32) -> Vector {
    let own = along(&vector, &vector).sqrt().max(1e-6);
    vector.map(|value| value * length / own)
}
