//! The built-in engine `albums`: whole albums in order, the one nearest to the playlist next.
//!
//! An album has at least four tracks. Nearness is the Bhattacharyya distance between the album's signature and the
//! playlist's ([`compare`]). Albums heard recently, or by the artist just heard, are penalised. The rest of the last
//! track's album comes before any other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::latent::{Signature, compare};
use crate::library::Catalog;
use crate::library::albums::Album;
use crate::track::TrackId;

use super::error::EngineError;
use super::policy::standardised;
use super::versions::song_key;
use super::{Context, Engine, Proposal, Why};

/// The fewest tracks that make an album.
const FEWEST: usize = 4;
/// Number of albums compared as sets: those whose tracks are nearest on average.
const COMPARED: usize = 200;
/// The half-life of the penalty for a heard album, as a multiple of a track's.
const SLOWER: f32 = 4.0;

/// The engine `albums`.
#[derive(Debug, Default)]
pub struct AlbumsEngine {
    /// The albums of a catalog, cached until the catalog changes.
    known: Option<(Arc<Catalog>, Arc<Vec<Whole>>)>,
}

/// An album worth playing as a whole.
#[derive(Debug)]
struct Whole {
    artist: String,
    title: String,
    /// Its tracks without duplicates, in order of disc and track number.
    tracks: Vec<TrackId>,
    /// Song keys, by which other editions are recognised.
    songs: HashSet<(String, String)>,
}

impl AlbumsEngine {
    /// The name that `:engine` takes.
    pub const NAME: &'static str = "albums";

    fn albums(&mut self, catalog: &Arc<Catalog>) -> Arc<Vec<Whole>> {
        if let Some((_, albums)) = self.known.as_ref().filter(|(known, _)| Arc::ptr_eq(known, catalog)) {
            return albums.clone();
        }
        let albums = Arc::new(catalog.albums().into_iter().filter_map(whole).collect::<Vec<_>>());
        self.known = Some((catalog.clone(), albums.clone()));
        albums
    }
}

fn whole(album: Album) -> Option<Whole> {
    let mut seen = HashSet::new();
    let tracks: Vec<TrackId> = album.songs.iter().map(|s| s.track).filter(|&t| seen.insert(t)).collect();
    let songs = album.songs.iter().filter_map(|s| song_key(s)).collect();
    (tracks.len() >= FEWEST).then_some(Whole { artist: album.artist, title: album.title, tracks, songs })
}

impl Engine for AlbumsEngine {
    fn name(&self) -> &str {
        Self::NAME
    }

    /// Proposes in playing order, which [`super::policy::in_order`] keeps; the score only encodes
    /// that order.
    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, EngineError> {
        let anchor = context.anchor();
        if anchor.is_empty() {
            return Err(EngineError::NoStart);
        }
        let Some((playlist, _)) = context.signature(anchor) else {
            return Err(EngineError::NotAnalysed);
        };
        let albums = self.albums(&context.catalog);
        let mut standing = Standing::of(context);
        let mut out: Vec<Proposal> = Vec::with_capacity(want);
        let situation = &context.situation;
        let last = situation.ahead.last().or(situation.playing.as_ref());
        let begun = last.and_then(|last| {
            let of = |album: &&Whole| album.tracks.contains(last);
            let album = albums.iter().find(of)?;
            let place = album.tracks.iter().position(|t| t == last)?;
            Some((album, place + 1))
        });
        if let Some((album, from)) = begun {
            out.extend(play(album, from).filter(|p| context.wanted(p.id)));
            standing.artist = Some(album.artist.clone());
        }
        let mut near = near(context, &albums, &playlist, &standing);
        while out.len() < want {
            let value = |&(album, score): &(&Whole, f32)| {
                let again = standing.artist.as_ref().is_some_and(|artist| *artist == album.artist);
                score - if again { context.weights.run } else { 0.0 }
            };
            let best = (0..near.len()).max_by(|&a, &b| value(&near[a]).total_cmp(&value(&near[b])).then(b.cmp(&a)));
            let Some(best) = best else { break };
            let (album, _) = near.remove(best);
            if !standing.holds(album) {
                out.extend(play(album, 0).filter(|p| context.wanted(p.id)));
                standing.follow(album);
            }
        }
        if out.is_empty() {
            return Err(EngineError::NoAlbum(FEWEST));
        }
        out.truncate(want);
        (0..).zip(&mut out).for_each(|(place, proposal)| proposal.score = -(place as f32));
        Ok(out)
    }
}

/// Proposals for an album's tracks from index `from` on.
fn play(album: &Whole, from: usize) -> impl Iterator<Item = Proposal> + '_ {
    let all = album.tracks.len();
    album.tracks.iter().enumerate().skip(from).map(move |(place, &id)| {
        let why = Why {
            engine: AlbumsEngine::NAME.into(),
            text: format!("{}, {} of {all}", album.title, place + 1),
            ..Why::default()
        };
        Proposal { id, score: 0.0, why }
    })
}

/// The contents of the queue.
struct Standing {
    tracks: HashSet<TrackId>,
    songs: HashSet<(String, String)>,
    artist: Option<String>,
}

impl Standing {
    fn of(context: &Context) -> Standing {
        let tracks = context.standing();
        let songs = tracks.iter().filter_map(|&id| song_key(context.catalog.of_track(id)?)).collect();
        Standing { tracks, songs, artist: None }
    }

    /// Whether the queue contains any of the album's tracks, or most of its songs in another edition.
    fn holds(&self, album: &Whole) -> bool {
        let again = album.songs.iter().filter(|song| self.songs.contains(*song)).count();
        album.tracks.iter().any(|t| self.tracks.contains(t)) || 2 * again > album.tracks.len()
    }

    fn follow(&mut self, album: &Whole) {
        self.tracks.extend(&album.tracks);
        self.songs.extend(album.songs.iter().cloned());
        self.artist = Some(album.artist.clone());
    }
}

/// The albums nearest to a signature with their scores: nearness in standard deviations over them, minus the penalty
/// for having been heard recently.
fn near<'a>(
    context: &Context,
    albums: &'a [Whole],
    playlist: &Signature,
    standing: &Standing,
) -> Vec<(&'a Whole, f32)> {
    let space = &context.space;
    let distances = space.distances(&playlist.scorer());
    let mut known: Vec<(f32, &Whole)> = albums
        .iter()
        .filter(|album| !standing.holds(album) && album.tracks.iter().any(|&track| context.allowed(track)))
        .filter_map(|album| {
            let rows: Vec<u32> = album.tracks.iter().filter_map(|&t| space.row(t)).collect();
            // Skips albums of which less than half has latents.
            (2 * rows.len() >= album.tracks.len())
                .then(|| (rows.iter().map(|&r| distances[r as usize]).sum::<f32>() / rows.len() as f32, album))
        })
        .collect();
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    known.truncate(COMPARED);
    let compared: Vec<(f32, &Whole)> = known
        .into_iter()
        .filter_map(|(_, album)| {
            let (signature, _) = context.signature(&album.tracks)?;
            let distance = compare(&signature, playlist) as f32;
            distance.is_finite().then_some((-distance, album))
        })
        .collect();
    let heard: HashMap<TrackId, usize> =
        context.situation.heard.iter().rev().enumerate().rev().map(|(ago, &id)| (id, ago)).collect();
    let scores = standardised(&compared.iter().map(|c| c.0).collect::<Vec<_>>());
    let waits = |album: &Whole| {
        let ago = album.tracks.iter().filter_map(|t| heard.get(t)).min();
        ago.map_or(0.0, |&ago| 0.5f32.powf(ago as f32 / (SLOWER * context.weights.heard_half_life)))
    };
    compared
        .into_iter()
        .zip(scores)
        .map(|((_, album), score)| (album, score - context.weights.heard * waits(album)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Latent;
    use crate::library::Song;
    use crate::queue::director::Director;
    use crate::queue::fixture::{context_of, id, latents};
    use crate::track::Tags;

    /// 32 tracks: eight albums of four by eight artists, two albums per style; file paths are in
    /// reverse order.
    fn context(playlist: &[u8]) -> Context {
        let song = |n: u8| {
            let tags = Tags {
                title: Some(format!("Song {n}").into()),
                artist: Some(format!("Artist {}", n / 4).into()),
                album: Some(format!("Album {}", n / 4).into()),
                track: Some(u32::from(n % 4) + 1),
                ..Tags::default()
            };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/music/{:03}.flac", 200 - n), id(n)) })
        };
        let latents: Vec<(TrackId, Latent)> = latents();
        context_of((0..32).map(song).collect(), latents, playlist)
    }

    fn picked(context: &Context, want: usize) -> Vec<u8> {
        let (picks, note) = Director::new(Vec::new()).picks(context, AlbumsEngine::NAME, want);
        assert_eq!(note, None);
        picks.iter().map(|p| p.id.0[1]).collect()
    }

    #[test]
    fn albums_come_whole_in_order_the_nearest_first() {
        // The playlist is from album 0 of style 0; the other album of that style is 1.
        let context = context(&[1, 2]);
        let picks = picked(&context, 12);
        assert_eq!(picks[..2], [2, 3], "the rest of what was begun by the playing track");
        assert_eq!(picks[2..6], [4, 5, 6, 7]);
        assert!(picks[6..10].windows(2).all(|w| w[1] == w[0] + 1) && picks[6].is_multiple_of(4), "{picks:?}");
        let (picks, _) = Director::new(Vec::new()).picks(&context, AlbumsEngine::NAME, 3);
        assert_eq!(picks[2].why.text, "Album 1, 1 of 4");
    }

    #[test]
    fn a_refill_finishes_the_album_and_begins_none_again() {
        let mut context = context(&[0]);
        let whole = picked(&context, 20);
        context.situation.ahead = whole[..6].iter().map(|&n| id(n)).collect();
        assert_eq!(picked(&context, 14), whole[6..], "cut in the middle of an album");
    }

    #[test]
    fn what_was_heard_lately_waits_and_too_few_are_said() {
        let mut context = context(&[0]);
        context.situation.heard = (4..8).map(id).collect();
        let picks = picked(&context, 7);
        assert_eq!(picks[..3], [1, 2, 3]);
        assert!(picks[3..].iter().all(|n| !(4..8).contains(n)), "{picks:?}");
        // Three tracks are not enough for an album.
        let mut context = self::context(&[0]);
        context.catalog = Arc::new(Catalog::new(context.catalog.songs()[..3].to_vec()));
        let (_, note) = Director::new(Vec::new()).picks(&context, AlbumsEngine::NAME, 4);
        assert!(note.unwrap().contains("no album of 4 tracks"));
    }
}
