//! Matroska and WebM (RFC 9559): the first audio track that can be decoded, and the clusters with its blocks.

use super::bytes::{Bytes, be};
use super::ebml::{Element, children};
use super::mp4;
use super::page::identify;
use super::payload::Payload;
use super::segment::{CHAPTERS, CLUSTER, EBML, INFO, SEGMENT, TRACKS, Tops, time};
use crate::audio::AudioError;

/// The first bytes of a file.
pub(super) const MAGIC: &[u8; 4] = b"\x1a\x45\xdf\xa3";

/// The most elements examined in a file.
const MOST: usize = 2_000_000;
/// The longest configuration of a codec, in bytes.
const CONFIG: usize = 1 << 20;
/// Units of delays and durations of frames, per second.
pub(super) const NANOS: u64 = 1_000_000_000;

/// The audio track.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::audio) struct Track {
    /// The number by which its blocks are marked.
    pub number: u64,
    /// Short name of the codec.
    pub codec: &'static str,
    /// Sample rate in Hz, and number of channels.
    pub rate: u32,
    pub channels: u16,
    /// PCM only: bits of a sample, whether they are a floating-point number, and whether the high byte comes first.
    pub bits: u16,
    pub float: bool,
    pub big: bool,
    /// The codec's configuration, in the form in which other containers have it.
    pub config: Vec<u8>,
    /// What the decoder puts in front of the music, and the length of a frame where stated, in nanoseconds.
    pub delay: u64,
    pub each: u64,
    /// Bytes that every frame begins with, and which its blocks leave out.
    pub prefix: Vec<u8>,
}

/// A cluster: the range of its content, and its time in units of [`Matroska::scale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::audio) struct Cluster {
    pub at: u64,
    pub end: u64,
    pub time: u64,
}

/// What a file states about its audio.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) struct Matroska {
    pub track: Track,
    pub clusters: Vec<Cluster>,
    /// Nanoseconds in a unit of time.
    pub scale: u64,
    /// When the first block of the track begins, in these units: positions count from there.
    pub begin: i64,
    /// Length of the music in samples, as far as units of time allow; 0 if unknown.
    pub length: u64,
    /// The file is shorter than it states.
    pub cut: bool,
    /// It is broken, and has no cluster behind that.
    pub torn: bool,
    /// The range of its chapters.
    pub chapters: Option<(u64, u64)>,
}

impl Matroska {
    /// Reads the elements of a file.
    pub fn read(bytes: &Bytes<'_>) -> Result<Matroska, AudioError> {
        let (at, end, cut) = segment(bytes)?;
        let (mut scale, mut nanos, mut known, mut clusters) = (1_000_000, 0.0, None, Vec::new());
        let (mut tops, mut left, mut chapters) = (Tops::new(bytes, (at, end)), MOST, None);
        while let Some((element, stop)) = tops.next(&mut left)? {
            let inside = (element.body, stop);
            match element.id {
                INFO => (scale, nanos) = lasts(bytes, inside, &mut left)?,
                TRACKS => children(bytes, inside, &mut left, &mut |child, left| {
                    if child.id == 0xae && known.is_none() {
                        known = track(bytes, (child.body, child.end.unwrap_or(stop)), left)?;
                    }
                    Ok(())
                })?,
                CLUSTER => clusters.push(Cluster { at: inside.0, end: stop, time: time(bytes, inside)? }),
                CHAPTERS if chapters.is_none() => chapters = Some(inside),
                _ => {}
            }
        }
        let track: Track =
            known.ok_or_else(|| AudioError::Unsupported("matroska without a known audio track".into()))?;
        let secs = (nanos - track.delay as f64).max(0.0) / NANOS as f64;
        let length = (secs * f64::from(track.rate)).round() as u64;
        Ok(Matroska { track, clusters, scale, begin: 0, length, cut, torn: tops.torn, chapters })
    }

    /// The position at a time, in samples.
    pub fn samples(&self, time: i64) -> i64 {
        self.of_nanos((i128::from(time) - i128::from(self.begin)) * i128::from(self.scale))
    }

    /// Nanoseconds as samples.
    pub fn of_nanos(&self, nanos: i128) -> i64 {
        let samples = (nanos * i128::from(self.track.rate) + i128::from(NANOS / 2)).div_euclid(i128::from(NANOS));
        samples.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    pub(super) fn payload(&self, bytes: &Bytes<'_>) -> Result<Payload, AudioError> {
        let Track { codec, rate, channels, .. } = self.track;
        let ranges: Vec<(u64, u64)> =
            self.clusters.iter().map(|cluster| (cluster.at, cluster.end - cluster.at)).collect();
        Payload::of_ranges(bytes, (codec, rate, channels), self.secs(), &ranges)
    }

    /// Length of the music in seconds; 0 if unknown.
    pub(super) fn secs(&self) -> f64 {
        self.length as f64 / f64::from(self.track.rate.max(1))
    }
}

/// The range of the segment's content, and whether the file is shorter than it states.
fn segment(bytes: &Bytes<'_>) -> Result<(u64, u64, bool), AudioError> {
    let none = || AudioError::Unsupported("not a matroska file".into());
    let head = Element::at(bytes, 0)?.filter(|head| head.id == EBML).ok_or_else(none)?;
    let mut at = head.end.ok_or_else(none)?;
    // There may be something empty before it.
    for _ in 0..16 {
        let Some(element) = Element::at(bytes, at)? else { break };
        if element.id == SEGMENT {
            let said = element.end.unwrap_or(bytes.size);
            return Ok((element.body, said.min(bytes.size), said > bytes.size));
        }
        at = element.end.ok_or_else(none)?;
    }
    Err(AudioError::Broken("matroska without a segment".into()))
}

/// Reads a track; `None` if it is no audio track, or one that cannot be decoded.
fn track(bytes: &Bytes<'_>, range: (u64, u64), left: &mut usize) -> Result<Option<Track>, AudioError> {
    let mut found = Track { rate: 8000, channels: 1, ..Track::default() };
    let (mut kind, mut codec, mut opaque) = (0, Vec::new(), false);
    children(bytes, range, left, &mut |child, left| {
        match child.id {
            0xd7 => found.number = child.number(bytes)?,
            0x83 => kind = child.number(bytes)?,
            0x86 => codec = child.content(bytes, 64)?,
            0x63a2 => found.config = child.content(bytes, CONFIG)?,
            0x56aa => found.delay = child.number(bytes)?.min(NANOS),
            0x23_e383 => found.each = child.number(bytes)?.min(NANOS),
            0xe1 => children(bytes, (child.body, child.end.unwrap_or(child.body)), left, &mut |child, _| {
                match child.id {
                    0xb5 => found.rate = child.float(bytes)?.round() as u32,
                    0x9f => found.channels = u16::try_from(child.number(bytes)?).unwrap_or(0),
                    0x6264 => found.bits = u16::try_from(child.number(bytes)?).unwrap_or(0),
                    _ => {}
                }
                Ok(())
            })?,
            0x6d80 => match encoding(bytes, (child.body, child.end.unwrap_or(child.body)), left)? {
                Some(prefix) => found.prefix = prefix,
                None => opaque = true,
            },
            _ => {}
        }
        Ok(())
    })?;
    if kind != 2 || opaque {
        return Ok(None);
    }
    settle(&mut found, String::from_utf8_lossy(&codec).trim_end_matches('\0'));
    Ok((!found.codec.is_empty()).then_some(found))
}

/// What an encoding of blocks leaves out at the front of every frame; `None` for one that cannot be undone here.
fn encoding(bytes: &Bytes<'_>, range: (u64, u64), left: &mut usize) -> Result<Option<Vec<u8>>, AudioError> {
    let (mut prefix, mut known, mut count) = (Vec::new(), true, 0);
    children(bytes, range, left, &mut |one, left| {
        count += 1;
        children(bytes, (one.body, one.end.unwrap_or(one.body)), left, &mut |part, left| {
            match part.id {
                // Compression, by zlib unless it says otherwise; 3 leaves out what every frame begins with.
                0x5034 => {
                    let mut algorithm = 0;
                    children(bytes, (part.body, part.end.unwrap_or(part.body)), left, &mut |field, _| {
                        match field.id {
                            0x4254 => algorithm = field.number(bytes)?,
                            0x4255 => prefix = field.content(bytes, 4096)?,
                            _ => {}
                        }
                        Ok(())
                    })?;
                    known &= algorithm == 3;
                }
                0x5035 => known = false,
                _ => {}
            }
            Ok(())
        })
    })?;
    Ok((known && count <= 1).then_some(prefix))
}

/// Fills in what the codec's name and its configuration say; the short name stays empty if it cannot be decoded.
fn settle(track: &mut Track, name: &str) {
    let config = &track.config;
    match name {
        "A_OPUS" | "A_VORBIS" => {
            let head = if name == "A_OPUS" { Some(config.clone()) } else { vorbis(config) };
            let Some((head, ((codec, rate, channels, _), _))) =
                head.and_then(|head| Some((head.clone(), identify(&head)?)))
            else {
                return;
            };
            (track.codec, track.rate, track.channels, track.config) = (codec, rate, channels, head);
        }
        "A_FLAC" => {
            // The marker, the header of the first block, and the description of the stream.
            let Some(info) = config.get(8..42).filter(|_| config.starts_with(b"fLaC")) else { return };
            let info = info.to_vec();
            track.rate = (be(&info[10..18]) >> 44) as u32;
            track.channels = (be(&info[10..18]) >> 41 & 7) as u16 + 1;
            (track.codec, track.config) = ("flac", info);
        }
        "A_ALAC" => {
            let config = mp4::cookie(config).to_vec();
            (track.rate, track.channels) = mp4::cookie_format(&config).unwrap_or((track.rate, track.channels));
            (track.codec, track.config) = ("alac", config);
        }
        "A_MPEG/L1" => track.codec = "mp1",
        "A_MPEG/L2" => track.codec = "mp2",
        "A_MPEG/L3" => track.codec = "mp3",
        "A_PCM/INT/LIT" | "A_PCM/INT/BIG" if matches!(track.bits, 8 | 16 | 24 | 32) => {
            (track.codec, track.big) = ("pcm", name.ends_with("BIG"));
        }
        "A_PCM/FLOAT/IEEE" if matches!(track.bits, 32 | 64) => (track.codec, track.float) = ("pcm", true),
        _ if name.starts_with("A_AAC") => {
            track.codec = "aac";
            if let Some((rate, channels)) = mp4::audio_config(config) {
                (track.rate, track.channels) = (rate, channels);
            }
        }
        _ => {}
    }
}

/// The first and the third of the three packets that Vorbis begins with, one behind the other.
fn vorbis(config: &[u8]) -> Option<Vec<u8>> {
    let (&count, mut rest) = config.split_first()?;
    let mut lengths = [0, 0];
    for length in &mut lengths {
        loop {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            *length += usize::from(byte);
            if byte < 255 {
                break;
            }
        }
    }
    let (first, second) = (rest.get(..lengths[0])?, lengths[0].checked_add(lengths[1])?);
    (count == 2).then(|| [first, rest.get(second..).unwrap_or_default()].concat())
}

/// The nanoseconds in a unit of time, and how many of them a file lasts; 0 if unknown.
fn lasts(bytes: &Bytes<'_>, info: (u64, u64), left: &mut usize) -> Result<(u64, f64), AudioError> {
    let (mut scale, mut duration) = (1_000_000, 0.0);
    children(bytes, info, left, &mut |child, _| {
        match child.id {
            0x2a_d7b1 => scale = child.number(bytes)?.clamp(1, NANOS),
            0x4489 => duration = child.float(bytes)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((scale, if duration.is_finite() { duration.clamp(0.0, 1e12) * scale as f64 } else { 0.0 }))
}
