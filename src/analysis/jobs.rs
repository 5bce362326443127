//! The jobs that touch untrusted bytes. They run in a worker process: a file that kills its worker costs that
//! file and nothing else (DESIGN §4).

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::audio;
use crate::library::tags;
use crate::sound::{segments, strobe};
use crate::track::{Probe, Stat};
use crate::worker::Limits;

/// What a worker is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Job {
    /// A first look: identity, duration, tags.
    Probe {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// Decode the segments and make their strobe images.
    Listen {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
    },
}

impl Job {
    /// The file that the job reads.
    pub fn path(&self) -> &Path {
        match self {
            Job::Probe { path } | Job::Listen { path, .. } => path,
        }
    }
}

/// What a worker answers, with the file's stat as it was before *and* after reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Found {
    /// Answer to [`Job::Probe`].
    Probe {
        /// The file when it was read.
        stat: Stat,
        /// What was found.
        probe: Box<Probe>,
    },
    /// Answer to [`Job::Listen`].
    Strobes {
        /// The packed strobe image of each segment that is not silent, 8192 bytes each.
        images: Vec<Vec<u8>>,
        /// The file ends before it should; the images are of what is there.
        cut: bool,
    },
    /// The file changed while it was being read; ask again later.
    Changed,
}

/// Limits of a decoding worker: 2 GiB of address space, the lowest priority.
pub const LIMITS: Limits = Limits { address_space: Some(2 << 30), nice: 19, parent_death: true };

/// Does one job.
///
/// # Errors
/// One line that says what is wrong with the file.
pub fn run(job: Job) -> Result<Found, String> {
    let before = stat(job.path())?;
    let found = match &job {
        Job::Probe { path } => {
            let sound = audio::probe::probe(path).map_err(|e| e.to_string())?;
            let (tags, tag_fault) = tags::read(path);
            let audio::probe::Sound { track, secs, rate, channels, codec } = sound;
            let probe = Probe { track, secs, rate, channels, codec, tags, tag_fault };
            Found::Probe { stat: before, probe: Box::new(probe) }
        }
        Job::Listen { path, secs } => {
            let (images, cut) = listen(path, *secs)?;
            Found::Strobes { images, cut }
        }
    };
    Ok(if stat(job.path())? == before { found } else { Found::Changed })
}

fn stat(path: &Path) -> Result<Stat, String> {
    std::fs::symlink_metadata(path).map(|m| Stat::of(&m)).map_err(|e| e.to_string())
}

/// The strobe images of a file's segments, silent ones left out, and whether the file is cut short.
fn listen(path: &Path, secs: f64) -> Result<(Vec<Vec<u8>>, bool), String> {
    let mut images = Vec::new();
    let mut reader = audio::segment::Segments::open(path).map_err(|e| e.to_string())?;
    let mut draw = |reader: &mut audio::segment::Segments, start: f64, secs: f64| {
        let samples = reader.read(start, secs)?;
        images.extend(strobe(&samples).map(|image| image.pack().to_vec()));
        Ok::<bool, audio::AudioError>(reader.truncated())
    };
    let mut cut = false;
    for (read, span) in segments::plan(secs).into_iter().enumerate() {
        match draw(&mut reader, span.start, span.secs) {
            Ok(short) => cut |= short,
            // Beyond the end of a file that is shorter than it says: what was read so far must do.
            Err(_) if read > 0 => {
                cut = true;
                break;
            }
            Err(_) => {
                cut = true;
                draw(&mut reader, 0.0, segments::SEGMENT_SECS).map_err(|e| e.to_string())?;
            }
        }
    }
    Ok((images, cut))
}
