//! The state of the queue that candidates are scored against: its contents and how it ends.

use std::collections::HashSet;

use crate::latent::Latent;
use crate::track::TrackId;

use super::Context;
use super::candidate::{Candidate, sound_alike};
use super::limits::{RUN_MEMORY, Tail, latest};
use super::versions::song_key;

/// Number of heard songs whose other versions are left out.
const VERSION_MEMORY: usize = 50;
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
    /// What limits look at in them.
    pub limited: Tail,
}

impl Standing {
    /// The state at the beginning of a request.
    pub fn of(context: &Context) -> Standing {
        let s = &context.situation;
        let heard = &s.heard[s.heard.len().saturating_sub(VERSION_MEMORY)..];
        let works = Works::of(context, s.playlist.iter().chain(&s.playing).chain(&s.ahead));
        let heard = Works::of(context, heard);
        let sounds = context.standing().into_iter().filter_map(|id| sound(context, id)).collect();
        let tail = latest(s);
        let last = tail.last().and_then(|&id| sound(context, id));
        Standing { works, heard, sounds, last, tail, limited: Tail::of(&context.catalog, s) }
    }

    /// Appends a pick.
    pub fn follow(&mut self, pick: &Candidate) {
        self.tail.push(pick.proposal.id);
        self.limited.add(&pick.artist, pick.album, pick.title());
        self.limited.shares.follow(pick.genres);
        self.last = pick.z;
    }

    /// Whether the limits let a candidate come next.
    pub fn allows(&self, candidate: &Candidate) -> bool {
        self.limited.is_apart(&candidate.artist, candidate.album, candidate.title(), false)
            && self.limited.shares.allow(candidate.genres)
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
        if artist.is_empty() { 0.0 } else { grown(self.limited.recent.iter().rev().map(|(a, _)| a == artist)) }
    }

    /// Strength of the current run of an album; 0 for none.
    pub fn album_run(&self, album: u64) -> f32 {
        if album == 0 { 0.0 } else { grown(self.limited.recent.iter().rev().map(|(_, a)| *a == album)) }
    }

    /// Number of consecutive tracks by an artist at the end of the queue.
    pub fn in_a_row(&self, artist: &str) -> u32 {
        let run = self.limited.recent.iter().rev().take_while(|(a, _)| a == artist).count() as u32;
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
