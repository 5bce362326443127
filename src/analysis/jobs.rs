//! The jobs that touch untrusted bytes. They run in a worker process: a file that kills its worker costs that
//! file and nothing else (docs/design.md, "Processes and untrusted data").

mod fault;
mod hear;
mod stretches;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jukebox_encoder::Input;
use serde::{Deserialize, Serialize};

use crate::audio::decode::Decoder;
use crate::audio::{self, AudioError};
use crate::config::TagEncoding;
use crate::library::tags;
use crate::sound::{Descriptors, Loudness, describe, loudness};
use crate::track::{FileFault, Probe, Stat, codec_named};
use crate::worker::Limits;
use fault::{Fault, is_outside};
use hear::{Heard, listen, middle};

pub use hear::draw;
pub use stretches::Wanted;
pub use stretches::{Stretch, stretches};

/// The variable that tells a worker the encoding of texts in tags that do not say theirs.
pub const TAG_ENCODING: &str = "JUKEBOX_TAG_ENCODING";

/// What a worker is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Job {
    /// A first look: identity, duration, tags.
    Probe {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// A first look at several files: a message for each would cost more than the looking.
    Probes {
        /// The files.
        #[serde(with = "crate::paths::raw::list")]
        paths: Vec<PathBuf>,
    },
    /// Open it as the player will, before the player does: its beginning and its end.
    Open {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// Lyrics and cover.
    Extras {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// Decode what an encoder hears, make its images and describe the middle segment.
    Listen {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
        /// What the encoder hears.
        #[serde(with = "named")]
        input: Input,
    },
    /// The same without describing anything.
    Draw {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
        /// What the encoder hears.
        #[serde(with = "named")]
        input: Input,
    },
    /// Decode the middle segment and describe it.
    Describe {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
    },
    /// Decode the whole file and measure its loudness.
    Loudness {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
    },
}

/// The longest a file may take to be read, whatever is in it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest that opening a file may take: somebody waits for the music.
const OPENING: Duration = Duration::from_secs(5);
/// The longest time that a file is given for its own duration, in seconds.
const LONGEST: f64 = 24.0 * 3600.0;
/// What a file of unknown duration is taken for, in seconds.
const UNKNOWN: f64 = 3600.0;

impl Job {
    /// The file that the job reads; the first of several.
    pub fn path(&self) -> &Path {
        match self {
            Job::Probe { path }
            | Job::Open { path }
            | Job::Extras { path }
            | Job::Listen { path, .. }
            | Job::Draw { path, .. }
            | Job::Describe { path, .. }
            | Job::Loudness { path, .. } => path,
            Job::Probes { paths } => paths.first().map_or(Path::new(""), PathBuf::as_path),
        }
    }

    /// How long the job may take: half a minute, a few seconds when the music waits for it, and for what reads the whole file
    /// as long again as it plays.
    pub fn patience(&self) -> Duration {
        match self {
            Job::Loudness { secs, .. } if secs.is_finite() && *secs > 0.0 => {
                PATIENCE + Duration::from_secs_f64(secs.min(LONGEST))
            }
            Job::Loudness { .. } => PATIENCE + Duration::from_secs_f64(UNKNOWN),
            Job::Open { .. } => OPENING,
            // Uncompressed sound is read whole.
            Job::Probes { paths } => PATIENCE + Duration::from_secs(paths.len() as u64),
            _ => PATIENCE,
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
        /// The pieces that a cue sheet in the file takes it apart into.
        #[serde(with = "crate::paths::raw::list")]
        pieces: Vec<PathBuf>,
    },
    /// Answer to [`Job::Open`]: the player can.
    Opened,
    /// Answer to [`Job::Listen`].
    Heard {
        /// The packed images of what is not silent, [`Input::bytes`] each.
        images: Vec<Vec<u8>>,
        /// The file ends before it should; the images are of what is there.
        cut: bool,
        /// The descriptors of the middle segment.
        sound: Descriptors,
    },
    /// Answer to [`Job::Draw`]: the packed images of what is not silent.
    Drawn(Vec<Vec<u8>>),
    /// Answer to [`Job::Describe`].
    Sound(Descriptors),
    /// Answer to [`Job::Loudness`].
    Loudness(Loudness),
    /// Answer to [`Job::Probes`]: what was found of each, or what is wrong with it, in their order.
    Probes(Vec<Result<Found, FileFault>>),
    /// Answer to [`Job::Extras`].
    Extras(tags::Extras),
    /// The file changed while it was being read; ask again later.
    Changed,
    /// It could not be read for a reason outside of it: too few descriptors, too little memory, a disk or a network that
    /// failed. One line.
    Unable(String),
    /// The file is not there.
    Missing,
}

/// What an encoder hears, as the processes write it: its place in [`Input::ALL`].
mod named {
    use jukebox_encoder::Input;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(input: &Input, to: S) -> Result<S::Ok, S::Error> {
        (Input::ALL.iter().position(|own| own == input).unwrap_or_default() as u8).serialize(to)
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Input, D::Error> {
        let place = u8::deserialize(from)?;
        Input::ALL.get(usize::from(place)).copied().ok_or_else(|| D::Error::custom("no such input"))
    }
}

/// Limits of a decoding worker: 2 GiB of address space, the lowest priority.
pub const LIMITS: Limits = Limits { address_space: Some(2 << 30), nice: 19, parent_death: true };

/// Limits of the worker that opens a file before the player does: the music waits for it, so its priority is the player's. What it needs
/// the player will need as well, beside all else: it has less room than one that listens.
pub const LIMITS_OPEN: Limits = Limits { nice: 0, address_space: Some(768 << 20), ..LIMITS };

/// Does one job, as a worker process answers it.
///
/// # Errors
/// One line that says what is wrong with the file.
pub fn answer(job: Job) -> Result<Found, String> {
    match run(job) {
        Err(FileFault::Missing) => Ok(Found::Missing),
        found => found.map_err(|fault| fault.to_string()),
    }
}

/// Does one job.
///
/// # Errors
/// What is wrong with the file.
pub fn run(job: Job) -> Result<Found, FileFault> {
    if let Job::Probes { paths } = job {
        return Ok(Found::Probes(paths.into_iter().map(|path| run(Job::Probe { path })).collect()));
    }
    match read(&job) {
        Ok(found) => Ok(found),
        Err(Fault::Outside(why)) => Ok(Found::Unable(why)),
        Err(Fault::OfFile(why)) => Err(why),
    }
}

fn read(job: &Job) -> Result<Found, Fault> {
    let before = audio::cue::stat(job.path())?;
    let found = match job {
        Job::Probe { path } => {
            let sound = audio::probe::probe(path)?;
            let (tags, tag_fault) = tags::read(path, encoding().fixed());
            let audio::probe::Sound { track, former, secs, rate, channels, codec } = sound;
            let codec = codec_named(&codec);
            let probe = Probe { track, former, secs, rate, channels, codec, tags: tags.into(), tag_fault };
            let whole = audio::cue::split(path).is_none();
            let pieces = if whole { audio::cue::pieces_inside(path, secs) } else { Vec::new() };
            Found::Probe { stat: before, probe: Box::new(probe), pieces }
        }
        Job::Open { path } => {
            audio::player::rehearse(path)?;
            Found::Opened
        }
        Job::Listen { path, secs, input } => {
            let Heard { images, cut, middle } = listen(path, *secs, Wanted { input: *input, middle: true })?;
            Found::Heard { images, cut, sound: describe(&middle) }
        }
        Job::Draw { path, secs, input } => {
            Found::Drawn(listen(path, *secs, Wanted { input: *input, middle: false })?.images)
        }
        Job::Describe { path, secs } => Found::Sound(describe(&middle(path, *secs)?)),
        Job::Loudness { path, .. } => Found::Loudness(measure(path)?),
        Job::Extras { path } => Found::Extras(tags::extras(path, encoding().fixed())?),
        // Done above, one by one.
        Job::Probes { .. } => Found::Probes(Vec::new()),
    };
    Ok(if audio::cue::stat(job.path())? == before { found } else { Found::Changed })
}

/// The encoding that this worker was told.
fn encoding() -> TagEncoding {
    std::env::var(TAG_ENCODING).ok().and_then(|name| TagEncoding::named(&name).ok()).unwrap_or_default()
}

/// The loudness of a whole file, all channels at its own rate; of what there is when its end is damaged.
fn measure(path: &Path) -> Result<Loudness, Fault> {
    let mut decoder = Decoder::open(path)?;
    let (channels, rate) = (decoder.info().channels, decoder.info().rate);
    let mut meter = loudness::Meter::new(channels, rate)
        .ok_or_else(|| format!("{channels} channels at {rate} Hz have no loudness"))?;
    let (mut block, mut any) = (Vec::new(), false);
    loop {
        block.clear();
        match decoder.next(&mut block) {
            Ok(true) => meter.add(&block),
            Ok(false) => break,
            Err(AudioError::Io(e)) if is_outside(&e) => return Err(e.into()),
            Err(_) if any => break,
            Err(e) => return Err(e.into()),
        }
        any = true;
    }
    Ok(meter.finish())
}

#[cfg(test)]
mod tests;
