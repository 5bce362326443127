//! The jobs that touch untrusted bytes. They run in a worker process: a file that kills its worker costs that
//! file and nothing else (docs/design.md, "Processes and untrusted data").

mod fault;
mod hear;
mod stretches;
mod trace;
mod views;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jukebox_encoder::Input;
use serde::{Deserialize, Serialize};

use crate::audio::decode::Decoder;
use crate::audio::{self, AudioError};
use crate::config::TagEncoding;
use crate::library::{cover, lyrics, tags};
use crate::sound::trace::{Piece, Trace};
use crate::sound::{Descriptors, Loudness, describe, loudness};
use crate::track::{FileFault, Probe, Stat, codec_named};
use crate::worker::Limits;
use fault::{Fault, is_outside};
use hear::{Heard, listen, middle};
use trace::trace;

pub use hear::draw;
pub use stretches::Wanted;
pub use stretches::{Stretch, stretches};

/// Environment variable that tells a worker the encoding of tags that do not declare one.
pub const TAG_ENCODING: &str = "JUKEBOX_TAG_ENCODING";

/// A request to a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Job {
    /// Read identity, duration and tags without decoding.
    Probe {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// [`Job::Probe`] for several files: one message per file would cost more than the probing.
    Probes {
        /// The files.
        #[serde(with = "crate::paths::raw::list")]
        paths: Vec<PathBuf>,
    },
    /// Open the beginning and the end of a file as the player does, before the player does.
    Open {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// Read the cover in its tags or beside it.
    Cover {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Whether a cover may be reached through symbolic links.
        follow_links: bool,
        /// The most pixels across and down.
        within: (u16, u16),
    },
    /// Read the cover in its tags as it is stored there.
    Picture {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
    },
    /// Read the lyrics beside it or in its tags.
    Lyrics {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Whether lyrics may be reached through symbolic links.
        follow_links: bool,
    },
    /// Decode the parts that an encoder takes, make its images and describe the middle segment.
    Listen {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
        /// The encoder's kind of input.
        #[serde(with = "named")]
        input: Input,
    },
    /// [`Job::Listen`] without descriptors.
    Draw {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
        /// The encoder's kind of input.
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
    /// Draw the file as the lab sees it ([`crate::sound::views`]).
    Views {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
        /// Whether to draw its middle at other pitches too.
        pitched: bool,
    },
    /// Decode the whole file and measure its loudness.
    Loudness {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
    },
    /// Decode a piece of a file and make its trace.
    Trace {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// The piece.
        piece: Piece,
    },
}

/// Time limit for reading a file, whatever it contains.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time limit for opening a file, for which playback waits, and for a cover.
const OPENING: Duration = Duration::from_secs(5);
/// Maximum extra time for a file's own duration, in seconds.
const LONGEST: f64 = 24.0 * 3600.0;
/// Duration assumed for files of unknown duration, in seconds.
const UNKNOWN: f64 = 3600.0;

impl Job {
    /// The file that the job reads; the first one of several.
    pub fn path(&self) -> &Path {
        match self {
            Job::Probe { path }
            | Job::Open { path }
            | Job::Cover { path, .. }
            | Job::Picture { path }
            | Job::Lyrics { path, .. }
            | Job::Listen { path, .. }
            | Job::Draw { path, .. }
            | Job::Describe { path, .. }
            | Job::Views { path, .. }
            | Job::Loudness { path, .. }
            | Job::Trace { path, .. } => path,
            Job::Probes { paths } => paths.first().map_or(Path::new(""), PathBuf::as_path),
        }
    }

    /// Time limit of the job: half a minute; five seconds where playback waits, and for a cover; the file's duration on top where the
    /// whole file is read.
    pub fn patience(&self) -> Duration {
        match self {
            Job::Loudness { secs, .. } if secs.is_finite() && *secs > 0.0 => {
                PATIENCE + Duration::from_secs_f64(secs.min(LONGEST))
            }
            Job::Loudness { .. } => PATIENCE + Duration::from_secs_f64(UNKNOWN),
            // Nothing is worth looking at the disk for so long.
            Job::Open { .. } | Job::Cover { .. } | Job::Picture { .. } => OPENING,
            // Uncompressed sound is read whole.
            Job::Probes { paths } => PATIENCE + Duration::from_secs(paths.len() as u64),
            _ => PATIENCE,
        }
    }
}

/// A worker's answer; [`Found::Changed`] when the file's stat differs before and after reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Found {
    /// Answer to [`Job::Probe`].
    Probe {
        /// The file's stat when it was read.
        stat: Stat,
        /// The identity, duration and tags.
        probe: Box<Probe>,
        /// The tracks of a cue sheet embedded in the file.
        #[serde(with = "crate::paths::raw::list")]
        pieces: Vec<PathBuf>,
    },
    /// Answer to [`Job::Open`]: the file can be opened.
    Opened,
    /// Answer to [`Job::Listen`].
    Heard {
        /// The packed images of the parts that are not silent, [`Input::bytes`] each.
        images: Vec<Vec<u8>>,
        /// Whether the file ends too early; the images are of what is there.
        cut: bool,
        /// The descriptors of the middle segment.
        sound: Descriptors,
    },
    /// Answer to [`Job::Draw`]: the packed images of the parts that are not silent; and to [`Job::Views`]: of all views, or
    /// of none.
    Drawn(Vec<Vec<u8>>),
    /// Answer to [`Job::Describe`].
    Sound(Descriptors),
    /// Answer to [`Job::Loudness`].
    Loudness(Loudness),
    /// Answer to [`Job::Trace`].
    Trace(Box<Trace>),
    /// Answer to [`Job::Probes`]: the result for each file, in order.
    Probes(Vec<Result<Found, FileFault>>),
    /// Answer to [`Job::Cover`].
    Cover(Box<cover::Read>),
    /// Answer to [`Job::Picture`]: the picture, if there is one that can be shown.
    Picture(Option<Vec<u8>>),
    /// Answer to [`Job::Lyrics`].
    Lyrics(Box<lyrics::Read>),
    /// The file changed while it was being read; ask again later.
    Changed,
    /// The file could not be read for a reason outside of it, in one line: out of file descriptors or memory, a failed
    /// disk or network.
    Unable(String),
    /// The file is not there.
    Missing,
}

/// Serialises [`Input`] as its index in [`Input::ALL`].
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

/// Limits of the worker that opens a file before the player does. Playback waits for it, so it has the player's
/// priority; the player will need the same memory on top of its own, so it gets less than a listening worker.
pub const LIMITS_OPEN: Limits = Limits { nice: 0, address_space: Some(768 << 20), ..LIMITS };

/// Runs one job and converts the result to a worker process's answer.
///
/// # Errors
/// What is wrong with the file.
pub fn answer(job: Job) -> Result<Found, FileFault> {
    match run(job) {
        Err(FileFault::Missing) => Ok(Found::Missing),
        found => found,
    }
}

/// Runs one job.
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
        Job::Views { path, secs, pitched } => Found::Drawn(views::views(path, *secs, *pitched)?),
        Job::Loudness { path, .. } => Found::Loudness(measure(path)?),
        Job::Trace { path, piece } => Found::Trace(Box::new(trace(path, piece)?)),
        Job::Cover { path, follow_links, within } => {
            Found::Cover(Box::new(cover::read(path, *follow_links, *within, encoding().fixed())))
        }
        Job::Picture { path } => Found::Picture(cover::stored(path, encoding().fixed())),
        Job::Lyrics { path, follow_links } => {
            Found::Lyrics(Box::new(lyrics::read(path, *follow_links, encoding().fixed())))
        }
        // Handled one by one in `run`.
        Job::Probes { .. } => Found::Probes(Vec::new()),
    };
    Ok(if audio::cue::stat(job.path())? == before { found } else { Found::Changed })
}

/// The tag encoding passed to this worker.
fn encoding() -> TagEncoding {
    std::env::var(TAG_ENCODING).ok().and_then(|name| TagEncoding::named(&name).ok()).unwrap_or_default()
}

/// The loudness of a whole file, from all channels at its own rate; of the readable part when its end is damaged.
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
