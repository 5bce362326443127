//! The end of the queue, on which it depends which track the limits let come next: how far tracks lie apart, and how much of what is
//! picked is of a genre.

use crate::library::{Catalog, Song};
use crate::queue::candidate::album;
use crate::queue::{Situation, song_key};
use crate::track::TrackId;

use super::rules::Spacing;
use super::shares::Shares;

/// Number of last tracks that are searched for a run.
pub(in crate::queue) const RUN_MEMORY: usize = 12;
/// Number of heard tracks that belong to the end of the queue, if no limit looks at more.
const HEARD: usize = 50;

/// The end of the queue, to which picks are added.
#[derive(Clone, Debug)]
pub struct Tail {
    /// How far tracks of one artist, album or title are kept apart.
    spacing: Spacing,
    /// Artist (in lower case) and album of the last tracks, the latest last.
    pub(in crate::queue) recent: Vec<(String, u64)>,
    /// The names of the last songs, the latest last; empty without a spacing of titles.
    titles: Vec<Option<String>>,
    /// How much of what is picked may be of a genre.
    pub(in crate::queue) shares: Shares,
}

impl Tail {
    /// The end of the queue in this situation.
    pub fn of(catalog: &Catalog, situation: &Situation) -> Tail {
        let (spacing, ids) = (situation.limits.spacing, latest(situation));
        let last = |count: usize| ids[ids.len().saturating_sub(count)..].iter().map(|&id| catalog.of_track(id));
        let names = |song: &Song| (song.artist().to_lowercase(), album(song));
        let recent = last(RUN_MEMORY.max(spacing.artist).max(spacing.album));
        Tail {
            spacing,
            recent: recent.map(|song| song.map_or_else(Default::default, |song| names(song))).collect(),
            titles: last(spacing.title).map(|song| Some(song_key(song?)?.1)).collect(),
            shares: Shares::of(catalog, situation),
        }
    }

    /// Whether the limits let a song come next. If `whole`, what goes on with the album just before may
    /// follow it.
    pub fn allows(&self, song: &Song, whole: bool) -> bool {
        let key = song_key(song);
        let title = key.as_ref().map(|(_, title)| title.as_str());
        self.is_apart(&song.artist().to_lowercase(), album(song), title, whole)
            && self.shares.allow(self.shares.genres(song))
    }

    /// Adds a picked song.
    pub fn follow(&mut self, song: &Song) {
        self.pass(song);
        self.shares.follow(self.shares.genres(song));
    }

    /// Adds a song that was not picked.
    pub(in crate::queue) fn pass(&mut self, song: &Song) {
        let key = song_key(song);
        self.add(&song.artist().to_lowercase(), album(song), key.as_ref().map(|(_, title)| title.as_str()));
    }

    /// Whether a track lies as far from those of its artist (in lower case), album and title as the limits want. If
    /// `whole`, what goes on with the album just before may follow it: albums are played in their order.
    pub(in crate::queue) fn is_apart(&self, artist: &str, album: u64, title: Option<&str>, whole: bool) -> bool {
        let spacing = self.spacing;
        let last = |count: usize| self.recent.iter().rev().take(count);
        let goes_on = || whole && album > 0 && self.recent.last().is_some_and(|(_, last)| *last == album);
        let artist_near = || !artist.is_empty() && last(spacing.artist).any(|(other, _)| other == artist);
        let album_near = || album > 0 && last(spacing.album).any(|(_, other)| *other == album);
        let mut titles = self.titles.iter().rev().take(spacing.title);
        let title_near = title.is_some() && titles.any(|other| other.as_deref() == title);
        !title_near && (!(artist_near() || album_near()) || goes_on())
    }

    /// Adds a track of this artist, album and title to those that others are kept apart from.
    pub(in crate::queue) fn add(&mut self, artist: &str, album: u64, title: Option<&str>) {
        self.recent.push((artist.to_owned(), album));
        if self.spacing.title > 0 {
            self.titles.push(title.map(str::to_owned));
        }
    }
}

/// The tracks heard lately, the playing and the upcoming ones, the latest last.
pub(in crate::queue) fn latest(situation: &Situation) -> Vec<TrackId> {
    let heard = HEARD.max(situation.limits.spacing.widest());
    let heard = &situation.heard[situation.heard.len().saturating_sub(heard)..];
    let mut tail: Vec<TrackId> = heard.iter().chain(&situation.playing).chain(&situation.ahead).copied().collect();
    // The playing track is often also the last one heard.
    tail.dedup();
    tail
}
