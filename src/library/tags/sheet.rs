//! The tags of a piece of a file: from its entry in the cue sheet, otherwise from the sheet's
//! header, otherwise from the file.

use std::sync::Arc;

use super::fields::{decibels, disc, genres, join, peak, year};
use crate::audio::cue::{About, Sheet};
use crate::text::sanitize;
use crate::track::{List, More, ReplayGain, Tags};

/// The tags of track number `track`; `file` are those of the audio file.
pub(super) fn tags(sheet: &Sheet, track: u32, file: Tags) -> Tags {
    let nothing = About::default();
    let own = sheet.entries.iter().find(|entry| entry.number == track).map_or(&nothing, |entry| &entry.about);
    let all = &sheet.about;
    let title = clean(&own.title).unwrap_or_else(|| format!("Track {track}").into());
    let by_all: Option<Arc<str>> = clean(&all.performer);
    let artist = clean(&own.performer).or_else(|| by_all.clone()).or(file.artist);
    let album_artist = by_all.clone().or(file.album_artist);
    let remark = |key: &str| own.remarks.get(key).or_else(|| all.remarks.get(key)).map(String::as_str);
    let own_genres = genres(remark("GENRE").into_iter());
    let several = album_artist.as_deref().is_some_and(is_various);
    let gains = file.replaygain.as_deref().copied().unwrap_or_default();
    let replaygain = ReplayGain {
        track: remark("REPLAYGAIN_TRACK_GAIN").and_then(decibels),
        track_peak: remark("REPLAYGAIN_TRACK_PEAK").and_then(peak),
        // A file with the whole album was measured as one track.
        album: remark("REPLAYGAIN_ALBUM_GAIN").and_then(decibels).or(gains.album).or(gains.track),
        album_peak: remark("REPLAYGAIN_ALBUM_PEAK").and_then(peak).or(gains.album_peak).or(gains.track_peak),
    };
    let before = file.more.map(|more| *more).unwrap_or_default();
    let composer = clean(&own.songwriter).or_else(|| clean(&all.songwriter)).or(before.composer);
    // The recording id in the file is not that of this piece.
    let more = More { composer, mbid_track: None, ..before };
    Tags {
        title: Some(title),
        artists: if artist.as_deref() == join(&file.artists).as_deref() { file.artists } else { List::default() },
        artist,
        // Of an audiobook divided by its chapters, the title of the file is that of the book.
        album: clean(&all.title).or(file.album).or_else(|| file.title.map(Arc::from)),
        album_artists: if by_all.is_some() { List::default() } else { file.album_artists },
        album_artist,
        compilation: file.compilation || several,
        genres: if own_genres.is_empty() { file.genres } else { own_genres.into() },
        year: remark("DATE").and_then(year).or(file.year),
        track: Some(track),
        disc: remark("DISCNUMBER").and_then(disc).or(file.disc),
        // Lyrics in the file do not belong to a single piece.
        lyrics: false,
        art: file.art,
        replaygain: (replaygain != ReplayGain::default()).then(|| Box::new(replaygain)),
        more: (more != More::default()).then(|| Box::new(more)),
    }
}

fn clean<T: From<String>>(text: &Option<String>) -> Option<T> {
    text.as_deref().map(sanitize).filter(|text| !text.is_empty()).map(Into::into)
}

fn is_various(artist: &str) -> bool {
    ["various", "various artists", "va"].contains(&artist.to_lowercase().as_str())
}
