//! File records as the version before wrote them, read so that an upgrade lists and listens to nothing again.

use serde::{Deserialize, Serialize};

use super::values::{FileRecord, Outcome, whole};
use crate::track::{More, Probe, Stat, Tags, TrackId, codec_named};

/// The version of these records.
pub(super) const FILE_VERSION: u8 = 2;

#[derive(Serialize, Deserialize)]
struct OldRecord {
    stat: Stat,
    outcome: OldOutcome,
    listen_fault: Option<String>,
    added: u64,
    tags_version: u8,
    gone_since: Option<u64>,
}

#[derive(Serialize, Deserialize)]
enum OldOutcome {
    Probed(Box<OldProbe>),
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

/// Without ReplayGain.
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

/// The record in the bytes between version and checksum.
pub(super) fn file(body: &[u8]) -> Option<FileRecord> {
    let OldRecord { stat, outcome, listen_fault, added, tags_version, gone_since } = whole(body)?;
    let outcome = match outcome {
        OldOutcome::Failed { why, strikes } => Outcome::Failed { why, strikes },
        OldOutcome::Probed(probe) => {
            let OldProbe { track, secs, rate, channels, codec, tags, tag_fault } = *probe;
            let OldTags { title, artist, artists, album, album_artist, album_artists, compilation, .. } = tags;
            let OldTags { genres, year, track: number, disc, lyrics, art, more, .. } = tags;
            let replaygain = None;
            let tags = Tags {
                title,
                artist,
                artists,
                album,
                album_artist,
                album_artists,
                compilation,
                genres,
                year,
                track: number,
                disc,
                lyrics,
                art,
                replaygain,
                more,
            };
            let codec = codec_named(&codec);
            Outcome::Probed(Probe { track, secs, rate, channels, codec, tags: tags.into(), tag_fault })
        }
    };
    Some(FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since })
}

/// A record's bytes as the version before wrote them.
#[cfg(test)]
pub(super) fn bytes_of(record: &FileRecord) -> Vec<u8> {
    let outcome = match record.outcome.clone() {
        Outcome::Failed { why, strikes } => OldOutcome::Failed { why, strikes },
        Outcome::Probed(Probe { track, secs, rate, channels, codec, tags, tag_fault }) => {
            let t = (*tags).clone();
            let tags = OldTags {
                title: t.title,
                artist: t.artist,
                artists: t.artists,
                album: t.album,
                album_artist: t.album_artist,
                album_artists: t.album_artists,
                compilation: t.compilation,
                genres: t.genres,
                year: t.year,
                track: t.track,
                disc: t.disc,
                lyrics: t.lyrics,
                art: t.art,
                more: t.more,
            };
            let codec = codec.into();
            OldOutcome::Probed(Box::new(OldProbe { track, secs, rate, channels, codec, tags, tag_fault }))
        }
    };
    let FileRecord { stat, listen_fault, added, tags_version, gone_since, .. } = record.clone();
    let old = OldRecord { stat, outcome, listen_fault, added, tags_version, gone_since };
    postcard::to_stdvec(&old).unwrap()
}
