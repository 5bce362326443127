//! The jobs that touch untrusted bytes. They run in a worker process: a file that kills its worker costs that
//! file and nothing else (DESIGN §4).

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::audio::decode::Decoder;
use crate::audio::resample::Resampler;
use crate::audio::segment::{RATE, Segments};
use crate::audio::{self, AudioError};
use crate::config::TagEncoding;
use crate::library::tags;
use crate::sound::{Descriptors, Loudness, describe, full, loudness, segments, strobe};
use crate::track::{Probe, Stat, codec_named};
use crate::worker::Limits;

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
/// How much of a file's beginning and of its end is decoded before the player opens it, in seconds.
const TASTE: f64 = 1.0;
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
    Probes(Vec<Result<Found, String>>),
    /// Answer to [`Job::Extras`].
    Extras(tags::Extras),
    /// The file changed while it was being read; ask again later.
    Changed,
}

/// Limits of a decoding worker: 2 GiB of address space, the lowest priority.
pub const LIMITS: Limits = Limits { address_space: Some(2 << 30), nice: 19, parent_death: true };

/// Limits of the worker that opens a file before the player does: the music waits for it, so its priority is the player's.
pub const LIMITS_OPEN: Limits = Limits { nice: 0, ..LIMITS };

/// Does one job.
///
/// # Errors
/// One line that says what is wrong with the file.
pub fn run(job: Job) -> Result<Found, String> {
    if let Job::Probes { paths } = job {
        return Ok(Found::Probes(paths.into_iter().map(|path| run(Job::Probe { path })).collect()));
    }
    let before = stat(job.path())?;
    let found = match &job {
        Job::Probe { path } => {
            let sound = audio::probe::probe(path).map_err(|e| e.to_string())?;
            let (tags, tag_fault) = tags::read(path, encoding().fixed());
            let audio::probe::Sound { track, former, secs, rate, channels, codec } = sound;
            let codec = codec_named(&codec);
            let probe = Probe { track, former, secs, rate, channels, codec, tags: tags.into(), tag_fault };
            Found::Probe { stat: before, probe: Box::new(probe) }
        }
        Job::Open { path } => {
            open(path)?;
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
    Ok(if stat(job.path())? == before { found } else { Found::Changed })
}

/// The encoding that this worker was told.
fn encoding() -> TagEncoding {
    std::env::var(TAG_ENCODING).ok().and_then(|name| TagEncoding::named(&name).ok()).unwrap_or_default()
}

fn stat(path: &Path) -> Result<Stat, String> {
    audio::cue::stat(path).map_err(|e| e.to_string())
}

/// Decodes the beginning of a file, and its end where it can be gone to at once. Only what keeps the player from beginning is an error: an end
/// that cannot be reached or decoded is found by the player as well, when it is there.
fn open(path: &Path) -> Result<(), String> {
    let mut decoder = Decoder::open(path).map_err(|e| e.to_string())?;
    taste(&mut decoder).map_err(|e| e.to_string())?;
    // To a place in these the reader goes through all that lies before it: of a long one on a slow disk that takes longer than
    // anybody waits for the music.
    let linear = matches!(decoder.info().codec, "mp1" | "mp2" | "mp3" | "aac");
    if let Some(secs) = decoder.info().secs.filter(|_| !linear)
        && decoder.seek((secs - TASTE).max(0.0)).is_ok()
    {
        let _ = taste(&mut decoder);
    }
    Ok(())
}

/// Decodes on for a moment, or to the end.
fn taste(decoder: &mut Decoder) -> Result<(), AudioError> {
    // A little more: the end that is sought may be an estimate.
    let enough = 2.0 * TASTE * f64::from(decoder.info().rate) * f64::from(decoder.info().channels);
    let (mut block, mut samples) = (Vec::new(), 0);
    while (samples as f64) < enough && decoder.next(&mut block)? {
        samples += block.len();
        block.clear();
    }
    Ok(())
}

/// What was heard of a file.
struct Heard {
    /// The images of its segments, silent ones left out.
    images: Vec<Vec<u8>>,
    /// The file is cut short.
    cut: bool,
    /// The samples of the middle segment, or of the last one before it that could be read.
    middle: Vec<f32>,
}

/// Draws the packed picture of a segment's samples at [`RATE`]; none for silence.
type Draw = fn(&[f32]) -> Result<Option<Vec<u8>>, String>;

fn strobe_image(samples: &[f32]) -> Result<Option<Vec<u8>>, String> {
    Ok(strobe(samples).map(|image| image.pack().to_vec()))
}

fn full_image(samples: &[f32]) -> Result<Option<Vec<u8>>, String> {
    let mut half = Vec::with_capacity(samples.len() / 2 + 1);
    let mut resampler = Resampler::new(RATE, full::RATE, 1).map_err(|e| e.to_string())?;
    resampler.push(samples, &mut half).and_then(|()| resampler.finish(&mut half)).map_err(|e| e.to_string())?;
    Ok(full::full(&half))
}

/// Draws a picture of every segment.
fn listen(path: &Path, secs: f64, draw: Draw) -> Result<Heard, String> {
    let mut heard = Heard { images: Vec::new(), cut: false, middle: Vec::new() };
    let mut reader = Segments::open(path).map_err(|e| e.to_string())?;
    let plan = segments::plan(secs);
    for (read, span) in plan.iter().enumerate() {
        let samples = match reader.read(span.start, span.secs) {
            Ok(samples) => {
                heard.cut |= reader.truncated();
                samples
            }
            // Beyond the end of a file that is shorter than it says: what was read so far must do.
            Err(_) if read > 0 => {
                heard.cut = true;
                break;
            }
            Err(_) => {
                heard.cut = true;
                reader.read(0.0, segments::SEGMENT_SECS).map_err(|e| e.to_string())?
            }
        };
        heard.images.extend(draw(&samples)?);
        if read <= plan.len() / 2 && !samples.is_empty() {
            heard.middle = samples;
        }
    }
    Ok(heard)
}

/// The samples of the middle segment; of the beginning where there is no middle.
fn middle(path: &Path, secs: f64) -> Result<Vec<f32>, String> {
    let mut reader = Segments::open(path).map_err(|e| e.to_string())?;
    let plan = segments::plan(secs);
    if let Some(span) = plan.get(plan.len() / 2) {
        match reader.read(span.start, span.secs) {
            Ok(samples) if !samples.is_empty() => return Ok(samples),
            _ => {}
        }
    }
    reader.read(0.0, segments::SEGMENT_SECS).map_err(|e| e.to_string())
}

/// The loudness of a whole file, all channels at its own rate; of what there is when its end is damaged.
fn measure(path: &Path) -> Result<Loudness, String> {
    let mut decoder = Decoder::open(path).map_err(|e| e.to_string())?;
    let (channels, rate) = (decoder.info().channels, decoder.info().rate);
    let mut meter = loudness::Meter::new(channels, rate)
        .ok_or_else(|| format!("{channels} channels at {rate} Hz have no loudness"))?;
    let (mut block, mut any) = (Vec::new(), false);
    loop {
        block.clear();
        match decoder.next(&mut block) {
            Ok(true) => meter.add(&block),
            Ok(false) => break,
            Err(_) if any => break,
            Err(e) => return Err(e.to_string()),
        }
        any = true;
    }
    Ok(meter.finish())
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

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
        // A file that says it is far longer than it is.
        let heard = listen(&path, 7000.0, strobe_image).unwrap();
        assert!(heard.cut || heard.images.is_empty());
        assert_eq!(middle(&path, 7000.0).unwrap().len(), 30 * 44_100);
        let Ok(Found::Strobes { images, sound, .. }) = run(Job::Listen { path: path.clone(), secs: 70.0 }) else {
            panic!("not heard")
        };
        let Ok(Found::Sound(again)) = run(Job::Describe { path, secs: 70.0 }) else { panic!("not described") };
        assert_eq!((images.len(), sound), (3, again));
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
