//! The jobs that touch untrusted bytes. They run in a worker process: a file that kills its worker costs that
//! file and nothing else (docs/design.md, "Processes and untrusted data").

mod fault;
mod hear;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::audio::decode::Decoder;
use crate::audio::{self, AudioError};
use crate::config::TagEncoding;
use crate::library::tags;
use crate::sound::{Descriptors, Loudness, describe, loudness};
use crate::track::{FileFault, Probe, Stat, codec_named};
use crate::worker::Limits;
use fault::{Fault, is_outside};
use hear::{Heard, full_image, listen, middle, strobe_image};

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
    /// Decode the segments, make their strobe images and describe the middle one.
    Listen {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
    },
    /// Decode the segments and make their full mel images.
    Full {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// Its duration in seconds, 0 when unknown.
        secs: f64,
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
            | Job::Full { path, .. }
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
    Strobes {
        /// The packed strobe image of each segment that is not silent, 8192 bytes each.
        images: Vec<Vec<u8>>,
        /// The file ends before it should; the images are of what is there.
        cut: bool,
        /// The descriptors of the middle segment.
        sound: Descriptors,
    },
    /// Answer to [`Job::Full`]: the packed full mel image of each segment that is not silent, 81,920 bytes each.
    Full(Vec<Vec<u8>>),
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
        Job::Listen { path, secs } => {
            let Heard { images, cut, middle } = listen(path, *secs, strobe_image)?;
            Found::Strobes { images, cut, sound: describe(&middle) }
        }
        Job::Full { path, secs } => Found::Full(listen(path, *secs, full_image)?.images),
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
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::sound::full;

    /// A stereo 16-bit wav at 44.1 kHz: a tone of 1 kHz whose level in dBFS is given by the second.
    fn wav(dir: &Path, secs: usize, level: impl Fn(usize) -> f32) -> PathBuf {
        let data: Vec<u8> = (0..secs * 44_100)
            .flat_map(|i| {
                let amplitude = 10f32.powf(level(i / 44_100) / 20.0);
                let sample = (amplitude * (TAU * 1000.0 * (i % 44_100) as f32 / 44_100.0).sin() * 32_767.0) as i16;
                [sample, sample].map(i16::to_le_bytes)
            })
            .flatten()
            .collect();
        let mut out = Vec::from(*b"RIFF");
        out.extend((36 + data.len() as u32).to_le_bytes());
        out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
        out.extend(44_100u32.to_le_bytes());
        out.extend((44_100u32 * 4).to_le_bytes());
        out.extend(b"\x04\0\x10\0data");
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(data);
        let path = dir.join("a.wav");
        std::fs::write(&path, out).unwrap();
        path
    }

    #[test]
    fn of_several_files_one_that_is_broken_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let good = wav(dir.path(), 1, |_| -20.0);
        let bad = dir.path().join("bad.mp3");
        std::fs::write(&bad, b"words").unwrap();
        match run(Job::Probes { paths: vec![bad, good] }).unwrap() {
            Found::Probes(found) => assert!(matches!(found[..], [Err(_), Ok(Found::Probe { .. })]), "{found:?}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_opens_as_far_as_the_player_can_begin_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = wav(dir.path(), 3, |_| -20.0);
        assert!(matches!(run(Job::Open { path: path.clone() }), Ok(Found::Opened)));
        // Cut short behind what its header says.
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(matches!(run(Job::Open { path: path.clone() }), Ok(Found::Opened)));
        std::fs::write(&path, "words").unwrap();
        assert!(run(Job::Open { path }).is_err());
        assert!(run(Job::Open { path: dir.path().join("none.wav") }).is_err());
    }

    #[test]
    fn loudness_is_that_of_the_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        // EBU Tech 3341: a stereo tone of −23 dBFS is −23 LUFS; the last 20 s are 10 dB softer.
        let path = wav(dir.path(), 40, |second| if second < 20 { -23.0 } else { -33.0 });
        let Ok(Found::Loudness(loudness)) = run(Job::Loudness { path, secs: 40.0 }) else { panic!("no loudness") };
        let whole = 10.0 * ((10f32.powf(-2.3) + 10f32.powf(-3.3)) / 2.0).log10();
        assert!((loudness.lufs.unwrap() - whole).abs() < 0.3, "{loudness:?} against {whole}");
        assert!((loudness.range.unwrap() - 10.0).abs() < 1.0, "{loudness:?}");
        assert!((loudness.peak.unwrap() + 23.0).abs() < 0.2, "{loudness:?}");
    }

    #[test]
    fn listening_and_describing_hear_the_same_middle() {
        let dir = tempfile::tempdir().unwrap();
        let path = wav(dir.path(), 70, |second| -20.0 - second as f32 / 10.0);
        for secs in [70.0, 0.0] {
            let heard = listen(&path, secs, strobe_image).unwrap();
            let other = middle(&path, secs).unwrap();
            assert_eq!((heard.middle.len(), heard.middle == other, heard.cut), (30 * 44_100, true, false));
        }
        // A file that is taken for far longer than it is: as much is heard of it.
        let heard = listen(&path, 7000.0, strobe_image).unwrap();
        assert_eq!((heard.images.len(), heard.middle.len(), heard.cut), (3, 30 * 44_100, false));
        assert_eq!(middle(&path, 7000.0).unwrap().len(), 30 * 44_100);
        let Ok(Found::Strobes { images, sound, .. }) = run(Job::Listen { path: path.clone(), secs: 70.0 }) else {
            panic!("not heard")
        };
        let Ok(Found::Sound(again)) = run(Job::Describe { path, secs: 70.0 }) else { panic!("not described") };
        assert_eq!((images.len(), sound), (3, again));
    }

    #[test]
    fn a_file_that_is_cut_short_is_heard_as_far_as_it_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = wav(dir.path(), 90, |second| -20.0 - second as f32 / 10.0);
        let whole = std::fs::read(&path).unwrap();
        // Of 90 s the segments begin at 12, 30 and 48 s; three need 60 s at least, one 30.
        for (there, images, middle) in [(70, 3, 30), (61, 3, 30), (45, 1, 30), (25, 1, 25), (10, 1, 10), (2, 1, 2)] {
            std::fs::write(&path, &whole[..44 + there * 44_100 * 4]).unwrap();
            let Ok(Heard { images: drawn, cut, middle: heard }) = listen(&path, 90.0, strobe_image) else {
                panic!("nothing is heard of {there} s")
            };
            let secs = heard.len() as f64 / 44_100.0;
            assert!(drawn.len() == images && cut, "{there}: {} {cut}", drawn.len());
            assert!((secs - f64::from(middle)).abs() < 1.1, "{there}: {secs}");
            let Ok(Found::Sound(sound)) = run(Job::Describe { path: path.clone(), secs: 90.0 }) else {
                panic!("{there} s are not described")
            };
            assert!(sound.energy.is_some(), "{there}");
        }
        // Nothing but the header.
        std::fs::write(&path, &whole[..44]).unwrap();
        let silent = |found| matches!(found, Ok(Found::Strobes { images, .. }) if images.is_empty());
        let found = run(Job::Listen { path, secs: 90.0 });
        assert!(found.is_err() || silent(found));
    }

    #[test]
    fn a_full_image_is_of_the_same_segments() {
        let dir = tempfile::tempdir().unwrap();
        let path = wav(dir.path(), 65, |second| if second < 30 { -200.0 } else { -20.0 });
        let Ok(Found::Full(images)) = run(Job::Full { path, secs: 65.0 }) else { panic!("not heard") };
        // From 7, 17.5 and 28 s; the last begins with two seconds of silence.
        assert_eq!(images.iter().map(Vec::len).collect::<Vec<_>>(), [full::PACKED; 3]);
        // 1 kHz is 15 of 49.9 mels, between bands 37 and 38 of 128: loud there from the second on, and nowhere before.
        let loud = |image: &[u8]| {
            let band = &image[38 * full::STEPS / 2..39 * full::STEPS / 2];
            band.iter().position(|b| *b >> 4 > 12).map(|at| at as f64 * 2.0 * 512.0 / f64::from(full::RATE))
        };
        for (image, secs) in images.iter().zip([23.0, 12.5, 2.0]) {
            assert!(loud(image).is_some_and(|at| (at - secs).abs() < 0.2), "{:?} where {secs} belongs", loud(image));
        }
    }

    #[test]
    fn a_long_file_has_its_time() {
        let job = |secs| Job::Loudness { path: PathBuf::new(), secs }.patience();
        assert_eq!(job(7200.0), Duration::from_secs(7230));
        assert_eq!(job(f64::INFINITY), job(0.0));
        assert_eq!(job(1e300), PATIENCE + Duration::from_secs(24 * 3600));
        assert_eq!(Job::Describe { path: PathBuf::new(), secs: 7200.0 }.patience(), PATIENCE);
    }
}
