//! File records as the version before wrote them, read so that an upgrade lists and listens to nothing again.

use serde::{Deserialize, Serialize};

use super::values::{FileRecord, Outcome, whole};
use crate::track::{Probe, Stat, Tags, TrackId, codec_named};

/// The version of these records.
pub(super) const FILE_VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct OldRecord {
    stat: Stat,
    outcome: OldOutcome,
    listen_fault: Option<String>,
    gone_since: Option<u64>,
}

#[derive(Serialize, Deserialize)]
enum OldOutcome {
    Probed(OldProbe),
    Failed { why: String, strikes: u8 },
}

#[derive(Serialize, Deserialize)]
struct OldProbe {
    track: TrackId,
    secs: f64,
    rate: u32,
    channels: u16,
    codec: String,
    tags: OldTags,
    tag_fault: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct OldTags {
    title: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    album_artist: Option<String>,
    genres: Vec<String>,
    year: Option<i32>,
    track: Option<u32>,
    disc: Option<u32>,
}

/// The record in the bytes between version and checksum. When it was added is not known: its mtime is taken.
pub(super) fn file(body: &[u8]) -> Option<FileRecord> {
    let OldRecord { stat, outcome, listen_fault, gone_since } = whole(body)?;
    let outcome = match outcome {
        OldOutcome::Failed { why, strikes } => Outcome::Failed { why, strikes },
        OldOutcome::Probed(OldProbe { track, secs, rate, channels, codec, tags, tag_fault }) => {
            let OldTags { title, artist, album, album_artist, genres, year, track: number, disc } = tags;
            let tags =
                Tags { title, artist, album, album_artist, genres, year, track: number, disc, ..Tags::default() };
            let codec = codec_named(&codec);
            Outcome::Probed(Probe { track, secs, rate, channels, codec, tags: tags.into(), tag_fault })
        }
    };
    let added = u64::try_from(stat.mtime_ns / 1_000_000_000).unwrap_or(0);
    Some(FileRecord { stat, outcome, listen_fault, added, tags_version: 1, gone_since })
}

/// A record's bytes as the version before wrote them.
#[cfg(test)]
pub(super) fn bytes_of(record: &FileRecord) -> Vec<u8> {
    let outcome = match record.outcome.clone() {
        Outcome::Failed { why, strikes } => OldOutcome::Failed { why, strikes },
        Outcome::Probed(Probe { track, secs, rate, channels, codec, tags, tag_fault }) => {
            let Tags { title, artist, album, album_artist, genres, year, track: number, disc, .. } = (*tags).clone();
            let tags = OldTags { title, artist, album, album_artist, genres, year, track: number, disc };
            OldOutcome::Probed(OldProbe { track, secs, rate, channels, codec: codec.into(), tags, tag_fault })
        }
    };
    let (stat, gone_since) = (record.stat, record.gone_since);
    let old = OldRecord { stat, outcome, listen_fault: record.listen_fault.clone(), gone_since };
    postcard::to_stdvec(&old).unwrap()
}
