//! The interface of playlist engines, built-in or scripted.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::config::Weights;
use crate::latent::{Choice, Member, Prior, Signature, Space};
use crate::library::Catalog;
use crate::track::TrackId;

use super::versions::Versions;
use super::{Proposal, Situation, Taste};

/// What an engine may know: an immutable snapshot.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The library.
    pub catalog: Arc<Catalog>,
    /// The latent space.
    pub space: Arc<Space>,
    /// Which tracks are versions of one song; may lag behind the library.
    pub versions: Arc<Versions>,
    /// The session.
    pub situation: Situation,
    /// Which dimensions the user wants.
    pub choice: Choice,
    /// The prior of a set's variance (see [`super::prior`]).
    pub prior: Prior,
    /// The weights of the policy's terms.
    pub weights: Weights,
    /// How much each dimension counts for the user.
    pub taste: Arc<Taste>,
    /// Random seed, so that the same context gives the same queue.
    pub seed: u64,
    /// Finds songs by the filter language.
    pub find: Find,
    /// What usually comes next in the user's own history, once a model of it has proven itself.
    pub next: Option<Arc<dyn Guide>>,
    /// A direction or a journey that was asked for.
    pub course: Option<Arc<dyn Guide>>,
}

/// A term of the policy that changes from pick to pick.
pub trait Guide: fmt::Debug + Send + Sync {
    /// The score of each candidate (its row in the space; `None` without a latent), in standard deviations, higher is
    /// better, after the tracks of `tail` (heard, playing, ahead, the latest last) and with `picked` picks of this
    /// request made. `None` when nothing can be said; as long as `rows` otherwise.
    fn values(&self, context: &Context, tail: &[TrackId], picked: usize, rows: &[Option<u32>]) -> Option<Vec<f32>>;
}

/// Finds songs by the filter language, at most the given number, in library order; an error is one line. Plays, ratings and sound are known above this room, so it is given from there.
#[derive(Clone)]
pub struct Find(Arc<Search>);

type Search = dyn Fn(&str, usize) -> Result<Vec<TrackId>, String> + Send + Sync;

impl Find {
    /// Wraps a function.
    pub fn new(find: impl Fn(&str, usize) -> Result<Vec<TrackId>, String> + Send + Sync + 'static) -> Find {
        Find(Arc::new(find))
    }

    /// The first `count` matching tracks.
    ///
    /// # Errors
    /// The error in the filter.
    pub fn tracks(&self, filter: &str, count: usize) -> Result<Vec<TrackId>, String> {
        (self.0)(filter, count)
    }
}

impl Default for Find {
    fn default() -> Find {
        Find::new(|_, _| Err("nothing to search in".into()))
    }
}

impl fmt::Debug for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Find")
    }
}

impl Context {
    /// The tracks that have a latent, as members of a set; an artist's tracks are one group, a track without an artist
    /// is its own.
    pub fn members(&self, tracks: &[TrackId]) -> Vec<Member> {
        members(&self.catalog, &self.space, tracks)
    }

    /// What the signature is made of: the playlist, or the playing track when the user has chosen none.
    pub fn anchor(&self) -> &[TrackId] {
        if self.situation.playlist.is_empty() { self.situation.playing.as_slice() } else { &self.situation.playlist }
    }

    /// The signature of some tracks under the user's choice of dimensions and by their taste, with the members that have
    /// a latent.
    pub fn signature(&self, tracks: &[TrackId]) -> Option<(Signature, Vec<Member>)> {
        let members = self.members(tracks);
        Some((self.signature_of(&members, &self.mates(&members))?, members))
    }

    /// The signature of members, with the other tracks of a single one's album beside it ([`Context::mates`]).
    pub(super) fn signature_of(&self, members: &[Member], mates: &[u32]) -> Option<Signature> {
        let signature = Signature::beside(&self.space, members, mates, &self.choice, self.prior)?;
        Some(signature.weighted(&self.taste.weights))
    }

    /// The rows of the other tracks of a single member's album; none for a set.
    pub(super) fn mates(&self, members: &[Member]) -> Vec<u32> {
        let [one] = members else { return Vec::new() };
        let Some(song) = self.space.id(one.row).and_then(|id| self.catalog.of_track(id)) else { return Vec::new() };
        let mut rows: Vec<u32> =
            self.catalog.album_of(song).filter_map(|s| self.space.row(s.track)).filter(|&row| row != one.row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Whether a track is in the catalog and the user has rejected neither it nor its artist.
    pub fn wanted(&self, id: TrackId) -> bool {
        let s = &self.situation;
        let off = |artist: &str| !s.artists_off.is_empty() && s.artists_off.contains(&artist.to_lowercase());
        self.catalog.of_track(id).is_some_and(|song| !off(song.artist())) && !s.refused.contains(&id)
    }

    /// Every track in the queue: playlist, playing and upcoming.
    pub fn standing(&self) -> HashSet<TrackId> {
        let s = &self.situation;
        s.playlist.iter().chain(&s.playing).chain(&s.ahead).copied().collect()
    }
}

/// The members of a set of tracks, for a signature (see [`Context::members`]).
pub fn members(catalog: &Catalog, space: &Space, tracks: &[TrackId]) -> Vec<Member> {
    let mut seen = HashSet::new();
    // A saved set may name tracks by their former identities.
    let current = |id: &TrackId| if space.row(*id).is_some() { *id } else { catalog.current(*id) };
    tracks
        .iter()
        .map(current)
        .filter(|&id| seen.insert(id))
        .filter_map(|id| Some(Member { row: space.row(id)?, group: group(catalog, id) }))
        .collect()
}

fn group(catalog: &Catalog, id: TrackId) -> u64 {
    let mut hasher = DefaultHasher::new();
    match catalog.of_track(id).map(|song| song.artist()).filter(|artist| !artist.is_empty()) {
        Some(artist) => artist.to_lowercase().hash(&mut hasher),
        None => id.0.hash(&mut hasher),
    }
    hasher.finish()
}

/// A playlist engine. It proposes; the policy picks, so engines need not handle repeats, versions or runs of an artist.
pub trait Engine {
    /// The name that `:engine` takes.
    fn name(&self) -> &str;

    /// Up to `want` tracks of the catalog, in any order; a higher score is better.
    ///
    /// # Errors
    /// Why there are none, in words for the user.
    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, String>;
}
