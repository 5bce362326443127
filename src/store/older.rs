//! Reads file records written by earlier versions, so that an upgrade does not analyse the library again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::record::{FileRecord, Outcome};
use super::sealed::whole;
use crate::track::{FileFault, More, Probe, Stat, Tags, TrackId, codec_named};

/// The record version without ReplayGain.
const WITHOUT_GAIN: u8 = 2;
/// The record version that knew only a track's former identity.
const WITHOUT_FORMER: u8 = 3;

#[derive(Serialize, Deserialize)]
struct OldRecord<T> {
    stat: Stat,
    outcome: OldOutcome<T>,
    listen_fault: Option<FileFault>,
    added: u64,
    tags_version: u16,
    gone_since: Option<u64>,
}

#[derive(Serialize, Deserialize)]
enum OldOutcome<T> {
    Probed(Box<OldProbe<T>>),
    Failed { why: FileFault, strikes: u8 },
}

#[derive(Serialize, Deserialize)]
struct OldProbe<T> {
    track: TrackId,
    secs: f64,
    rate: u32,
    channels: u16,
    codec: String,
    tags: T,
    tag_fault: Option<String>,
}

/// Tags without ReplayGain.
#[derive(Serialize, Deserialize)]
struct OldTags {
    title: Option<String>,
    artist: Option<String>,
    artists: Vec<String>,
    album: Option<String>,
    album_artist: Option<String>,
    album_artists: Vec<String>,
    compilation: bool,
    genres: Vec<String>,
    year: Option<i32>,
    track: Option<u32>,
    disc: Option<u32>,
    lyrics: bool,
    art: bool,
    more: Option<Box<More>>,
}

/// Decodes the bytes between version and checksum; `None` for invalid bytes or an unknown version.
pub(super) fn file(version: u8, body: &[u8]) -> Option<FileRecord> {
    match version {
        WITHOUT_GAIN => Some(record(whole::<OldRecord<OldTags>>(body)?)),
        WITHOUT_FORMER => Some(record(whole::<OldRecord<Tags>>(body)?)),
        _ => None,
    }
}

/// Whether records of this version can be read.
pub(super) fn is_known(version: u8) -> bool {
    matches!(version, WITHOUT_GAIN | WITHOUT_FORMER)
}

fn record<T: Into<Tags>>(old: OldRecord<T>) -> FileRecord {
    let OldRecord { stat, outcome, listen_fault, added, tags_version, gone_since } = old;
    let outcome = match outcome {
        OldOutcome::Failed { why, strikes } => Outcome::Failed { why, strikes },
        OldOutcome::Probed(probe) => {
            let OldProbe { track, secs, rate, channels, codec, tags, tag_fault } = *probe;
            let (codec, tags) = (codec_named(&codec), Arc::new(tags.into()));
            // Its file is probed again, which gives the track its present identity.
            Outcome::Probed(Probe { track, former: track, secs, rate, channels, codec, tags, tag_fault })
        }
    };
    FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since }
}

impl From<OldTags> for Tags {
    fn from(old: OldTags) -> Tags {
        let OldTags { title, artist, artists, album, album_artist, album_artists, compilation, .. } = old;
        let OldTags { genres, year, track, disc, lyrics, art, more, .. } = old;
        Tags {
            title: title.map(Into::into),
            artist: artist.map(Into::into),
            artists: artists.into(),
            album: album.map(Into::into),
            album_artist: album_artist.map(Into::into),
            album_artists: album_artists.into(),
            compilation,
            genres: genres.into(),
            year,
            track,
            disc,
            lyrics,
            art,
            replaygain: None,
            more,
        }
    }
}

#[cfg(test)]
impl From<Tags> for OldTags {
    fn from(t: Tags) -> OldTags {
        OldTags {
            title: t.title.as_deref().map(Into::into),
            artist: t.artist.as_deref().map(Into::into),
            artists: t.artists.to_vec(),
            album: t.album.as_deref().map(Into::into),
            album_artist: t.album_artist.as_deref().map(Into::into),
            album_artists: t.album_artists.to_vec(),
            compilation: t.compilation,
            genres: t.genres.to_vec(),
            year: t.year,
            track: t.track,
            disc: t.disc,
            lyrics: t.lyrics,
            art: t.art,
            more: t.more,
        }
    }
}

/// A record as earlier versions would have written it, with the version.
#[cfg(test)]
pub(super) fn bytes_of(record: &FileRecord) -> [(u8, Vec<u8>); 2] {
    let with_gain = postcard::to_stdvec(&old::<Tags>(record)).unwrap();
    [(WITHOUT_GAIN, postcard::to_stdvec(&old::<OldTags>(record)).unwrap()), (WITHOUT_FORMER, with_gain)]
}

#[cfg(test)]
fn old<T: From<Tags>>(record: &FileRecord) -> OldRecord<T> {
    let outcome = match record.outcome.clone() {
        Outcome::Failed { why, strikes } => OldOutcome::Failed { why, strikes },
        Outcome::Probed(Probe { track, secs, rate, channels, codec, tags, tag_fault, .. }) => {
            let (codec, tags) = (codec.into(), (*tags).clone().into());
            OldOutcome::Probed(Box::new(OldProbe { track, secs, rate, channels, codec, tags, tag_fault }))
        }
    };
    let FileRecord { stat, listen_fault, added, tags_version, gone_since, .. } = record.clone();
    OldRecord { stat, outcome, listen_fault, added, tags_version, gone_since }
}
