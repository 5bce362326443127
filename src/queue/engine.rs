//! The interface of playlist engines, built-in or scripted.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::clock::Moment;
use crate::config::Weights;
use crate::latent::{Choice, Member, Prior, Searcher, Signature, Space};
use crate::library::Catalog;
use crate::library::journal::Tallies;
use crate::track::TrackId;

use super::error::EngineError;
use super::limits::Gate;
use super::versions::Versions;
use super::{Proposal, Situation, Taste};

/// The input of an engine: an immutable snapshot.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The library.
    pub catalog: Arc<Catalog>,
    /// The latent space.
    pub space: Arc<Space>,
    /// An index of the space, if there is one.
    pub searcher: Option<Arc<Searcher>>,
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
    /// The user's learned weights of the dimensions.
    pub taste: Arc<Taste>,
    /// Random seed, so that the same context gives the same queue.
    pub seed: u64,
    /// Finds songs by the filter language.
    pub find: Find,
    /// What the limits of the session let pass.
    pub gate: Gate,
    /// Plays, ratings and the like.
    pub tallies: Arc<Tallies>,
    /// The time of the request.
    pub time: Moment,
    /// Predicts what usually comes next in the user's history; `None` until a model has proven
    /// itself.
    pub next: Option<Arc<dyn Guide>>,
    /// The direction or journey that was asked for.
    pub course: Option<Arc<dyn Guide>>,
}

/// A term of the policy that changes from pick to pick.
pub trait Guide: fmt::Debug + Send + Sync {
    /// Scores each candidate of `rows` (its row in the space; `None` without a latent), in standard
    /// deviations, higher is better. `tail` holds the tracks before the next pick (heard, playing,
    /// upcoming, picked), the latest last; `picked` is the number of picks already made in this
    /// request. `None` when the guide has no opinion, otherwise one finite value per row.
    fn values(&self, context: &Context, tail: &[TrackId], picked: usize, rows: &[Option<u32>]) -> Option<Vec<f32>>;
}

/// Finds songs by the filter language, at most the given number, in library order; an error is one
/// line. The function is injected, because plays, ratings and sound, which filters can refer to,
/// are known only to higher layers.
#[derive(Clone)]
pub struct Find(Arc<Search>);

type Search = dyn Fn(&str, usize) -> Found + Send + Sync;

/// The tracks that pass a filter, or what is wrong with it, in one line for the author of a script.
type Found = Result<Vec<TrackId>, String>;

impl Find {
    /// Wraps a function from filter and maximum count to tracks.
    pub fn new(find: impl Fn(&str, usize) -> Found + Send + Sync + 'static) -> Find {
        Find(Arc::new(find))
    }

    /// The first `count` matching tracks.
    ///
    /// # Errors
    /// The error in the filter.
    pub fn tracks(&self, filter: &str, count: usize) -> Found {
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
    /// The tracks that have a latent, as members of a set. All tracks of an artist form one group;
    /// a track without an artist is a group of its own.
    pub fn members(&self, tracks: &[TrackId]) -> Vec<Member> {
        members(&self.catalog, &self.space, tracks)
    }

    /// The tracks from which the signature is made: the playlist, or the playing track when the
    /// user has chosen none.
    pub fn anchor(&self) -> &[TrackId] {
        if self.situation.playlist.is_empty() { self.situation.playing.as_slice() } else { &self.situation.playlist }
    }

    /// The signature of some tracks with the user's choice and weights of dimensions, and the
    /// members that have a latent. `None` when none has.
    pub fn signature(&self, tracks: &[TrackId]) -> Option<(Signature, Vec<Member>)> {
        let members = self.members(tracks);
        Some((self.signature_of(&members, &self.mates(&members))?, members))
    }

    /// The signature of members; for a single one, the other tracks of its album (`mates`, see
    /// [`Context::mates`]) are taken into account.
    pub(super) fn signature_of(&self, members: &[Member], mates: &[u32]) -> Option<Signature> {
        let signature = Signature::beside(&self.space, members, mates, &self.choice, self.prior)?;
        Some(signature.weighted(&self.taste.weights))
    }

    /// The rows of the other tracks of a single member's album, sorted; empty for several members.
    pub(super) fn mates(&self, members: &[Member]) -> Vec<u32> {
        let [one] = members else { return Vec::new() };
        let Some(song) = self.space.id(one.row).and_then(|id| self.catalog.of_track(id)) else { return Vec::new() };
        let mut rows: Vec<u32> =
            self.catalog.album_of(song).filter_map(|s| self.space.row(s.track)).filter(|&row| row != one.row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Whether a track is in the catalog, neither it nor its artist has been rejected by the user, and the limits let it
    /// pass.
    pub fn wanted(&self, id: TrackId) -> bool {
        let s = &self.situation;
        let off = |artist: &str| !s.artists_off.is_empty() && s.artists_off.contains(&artist.to_lowercase());
        self.catalog.of_track(id).is_some_and(|song| !off(song.artist()))
            && !s.refused.contains(&id)
            && self.allowed(id)
    }

    /// Whether the limits let a track pass, apart from how far tracks are to lie apart, which depends on those before.
    pub fn allowed(&self, id: TrackId) -> bool {
        let played = || self.tallies.of_song(self.catalog.of_track(id)?).last_played;
        self.gate.lets(id, played)
    }

    /// Whether a track can be a candidate: it is in the catalog, and the limits let it pass.
    pub fn lists(&self, id: TrackId) -> bool {
        self.catalog.of_track(id).is_some() && self.allowed(id)
    }

    /// The tracks of the playlist, the playing one and the upcoming ones.
    pub fn standing(&self) -> HashSet<TrackId> {
        let s = &self.situation;
        s.playlist.iter().chain(&s.playing).chain(&s.ahead).copied().collect()
    }
}

/// The members of a set of tracks without duplicates, for a signature (see [`Context::members`]).
pub fn members(catalog: &Catalog, space: &Space, tracks: &[TrackId]) -> Vec<Member> {
    let mut seen = HashSet::new();
    // A saved set may refer to tracks by former identities.
    let current = |id: &TrackId| if space.row(*id).is_some() { *id } else { catalog.current(*id) };
    tracks
        .iter()
        .map(current)
        .filter(|&id| seen.insert(id))
        .filter_map(|id| Some(Member { row: space.row(id)?, group: group(catalog, id) }))
        .collect()
}

/// What all tracks of an artist have in common; a track without an artist has it alone.
pub(super) fn group(catalog: &Catalog, id: TrackId) -> u64 {
    let mut hasher = DefaultHasher::new();
    match catalog.of_track(id).map(|song| song.artist()).filter(|artist| !artist.is_empty()) {
        Some(artist) => artist.to_lowercase().hash(&mut hasher),
        None => id.0.hash(&mut hasher),
    }
    hasher.finish()
}

/// A playlist engine. It proposes and the policy picks, so engines need not handle repeats,
/// versions or runs of an artist.
pub trait Engine {
    /// The name that `:engine` takes.
    fn name(&self) -> &str;

    /// Proposes up to `want` tracks of the catalog, in any order; a higher score is better.
    ///
    /// # Errors
    /// Why there are none.
    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, EngineError>;
}
