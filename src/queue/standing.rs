//! The state of the queue that candidates are scored against: its contents and how it ends.

use std::collections::HashSet;

use crate::latent::Latent;
use crate::track::TrackId;

use super::Context;
use super::candidate::{Candidate, album, sound_alike};
use super::limits::{Shares, Spacing};
use super::versions::song_key;

/// Number of heard songs whose other versions are left out.
const VERSION_MEMORY: usize = 50;
/// Number of last tracks that are searched for a run.
const RUN_MEMORY: usize = 12;
/// Number of later tracks after which a track counts half for a run.
const RUN_HALF_LIFE: f32 = 4.0;

/// The contents of the queue and how it ends.
pub(super) struct Standing {
    /// The playlist, the playing track and the upcoming ones.
    works: Works,
    /// The tracks heard lately.
    heard: Works,
    sounds: Vec<Latent>,
    last: Option<Latent>,
    /// Heard, playing and upcoming tracks, the latest last.
    tail: Vec<TrackId>,
    /// Artist and album of the last tracks, the latest last.
    recent: Vec<(String, u64)>,
    /// How far tracks of one artist, album or title are kept apart.
    spacing: Spacing,
    /// The names of the last songs, the latest last; empty without a spacing of titles.
    titles: Vec<Option<String>>,
    /// How much of what is picked may be of a genre.
    pub shares: Shares,
}

impl Standing {
    /// The state at the beginning of a request.
    pub fn of(context: &Context) -> Standing {
        let s = &context.situation;
        let spacing = s.limits.spacing;
        let lately = |count: usize| &s.heard[s.heard.len().saturating_sub(count)..];
        let heard = lately(VERSION_MEMORY);
        let before = lately(VERSION_MEMORY.max(spacing.widest()));
        let mut tail: Vec<TrackId> = before.iter().chain(&s.playing).chain(&s.ahead).copied().collect();
        // The playing track is often also the last one heard.
        tail.dedup();
        let song = |id: TrackId| context.catalog.of_track(id);
        let works = Works::of(context, s.playlist.iter().chain(&s.playing).chain(&s.ahead));
        let heard = Works::of(context, heard);
        let sounds = context.standing().into_iter().filter_map(|id| sound(context, id)).collect();
        let latest = |count: usize| tail[tail.len().saturating_sub(count)..].iter();
        let recent = latest(RUN_MEMORY.max(spacing.artist).max(spacing.album))
            .map(|&id| song(id).map_or_else(Default::default, |s| (s.artist().to_lowercase(), album(s))))
            .collect();
        let titles = latest(spacing.title).map(|&id| Some(song_key(song(id)?)?.1)).collect();
        let last = tail.last().and_then(|&id| sound(context, id));
        Standing { works, heard, sounds, last, tail, recent, spacing, titles, shares: Shares::of(context) }
    }

    /// Appends a picked track; `title` is its song's name, if known.
    pub fn follow(&mut self, id: TrackId, artist: &str, album: u64, title: Option<&str>, z: Option<Latent>) {
        self.tail.push(id);
        self.recent.push((artist.to_owned(), album));
        if self.spacing.title > 0 {
            self.titles.push(title.map(str::to_owned));
        }
        self.last = z;
    }

    /// Whether a track lies as far from those of its artist (in lower case), album and title as the limits want. If
    /// `whole`, what goes on with the album just before may follow it: albums are played in their order.
    pub fn is_apart(&self, artist: &str, album: u64, title: Option<&str>, whole: bool) -> bool {
        let spacing = self.spacing;
        let last = |count: usize| self.recent.iter().rev().take(count);
        let goes_on = || whole && album > 0 && self.recent.last().is_some_and(|(_, last)| *last == album);
        let artist_near = || !artist.is_empty() && last(spacing.artist).any(|(other, _)| other == artist);
        let album_near = || album > 0 && last(spacing.album).any(|(_, other)| *other == album);
        let mut titles = self.titles.iter().rev().take(spacing.title);
        let title_near = title.is_some() && titles.any(|other| other.as_deref() == title);
        !title_near && (!(artist_near() || album_near()) || goes_on())
    }

    /// Heard, playing and upcoming tracks, the latest last.
    pub fn tail(&self) -> &[TrackId] {
        &self.tail
    }

    /// The point of the last track; `None` when it has no latent.
    pub fn last(&self) -> Option<&Latent> {
        self.last.as_ref()
    }

    /// Strength of the current run of an artist (see [`grown`]); 0 for an unknown artist.
    pub fn artist_run(&self, artist: &str) -> f32 {
        if artist.is_empty() { 0.0 } else { grown(self.recent.iter().rev().map(|(a, _)| a == artist)) }
    }

    /// Strength of the current run of an album; 0 for none.
    pub fn album_run(&self, album: u64) -> f32 {
        if album == 0 { 0.0 } else { grown(self.recent.iter().rev().map(|(_, a)| *a == album)) }
    }

    /// Number of consecutive tracks by an artist at the end of the queue.
    pub fn in_a_row(&self, artist: &str) -> u32 {
        let run = self.recent.iter().rev().take_while(|(a, _)| a == artist).count() as u32;
        if artist.is_empty() { 0 } else { run }
    }

    /// Whether the queue already contains a candidate: itself, another version of it, or a track of
    /// the same sound. A track in the history excludes its other versions, but not itself.
    pub fn holds(&self, candidate: &Candidate) -> bool {
        self.works.hold(candidate)
            || (candidate.heard == 0.0 && self.heard.hold(candidate))
            || candidate.z.as_ref().is_some_and(|z| self.sounds.iter().any(|s| sound_alike(s, z)))
    }
}

/// A set of songs, regardless of version: by name and by version group.
struct Works {
    songs: HashSet<(String, String)>,
    groups: HashSet<u32>,
}

impl Works {
    fn of<'a>(context: &Context, tracks: impl IntoIterator<Item = &'a TrackId>) -> Works {
        let mut works = Works { songs: HashSet::new(), groups: HashSet::new() };
        for &id in tracks {
            works.songs.extend(context.catalog.of_track(id).and_then(|song| song_key(song)));
            works.groups.extend(context.versions.group(id));
        }
        works
    }

    fn hold(&self, candidate: &Candidate) -> bool {
        candidate.song.as_ref().is_some_and(|song| self.songs.contains(song))
            || candidate.group.is_some_and(|group| self.groups.contains(&group))
    }
}

/// Strength of a run, given whether the last track belongs to it, the one before, and so on: with r
/// the sum of 2^(−n/4) over the tracks n back that do, (r + r²)/2. One track counts 1, two in a row
/// 2.6, three 4.5, and one after two others 0.6.
fn grown(heard: impl Iterator<Item = bool>) -> f32 {
    let r: f32 = (0..RUN_MEMORY)
        .zip(heard)
        .filter(|&(_, heard)| heard)
        .map(|(n, _)| 0.5f32.powf(n as f32 / RUN_HALF_LIFE))
        .sum();
    (r + r * r) / 2.0
}

pub(super) fn sound(context: &Context, id: TrackId) -> Option<Latent> {
    context.space.row(id).map(|row| context.space.point(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_grows_and_fades() {
        let of = |heard: &[bool]| grown(heard.iter().copied());
        assert_eq!((of(&[]), of(&[false; 12]), of(&[true])), (0.0, 0.0, 1.0));
        let two = of(&[true, true]);
        assert!((two - 2.616).abs() < 0.01 && of(&[true; 3]) > 1.7 * two);
        assert!(of(&[false, false, true]) < 0.7 && of(&[false, true, false, true]) > of(&[false, true]));
    }
}
