//! Works out trials on the engine's thread: the rows of a signature, and what the queue's next request would bring. The
//! picks are made by the same director, from the same context, as those of a request of the queue.

use std::sync::Arc;

use crate::app::effect::Trying;
use crate::app::sets::Whom;
use crate::ask::answers::Answers;
use crate::ask::set::{Set, Side};
use crate::ask::trial::{Beside, Tried, rows};
use crate::clock::{Clock, SystemClock};
use crate::config::Weights;
use crate::latent::{Choice, confidence};
use crate::library::playlists::Playlists;
use crate::queue::{Context, Director, Guide, Situation, Versions, members};
use crate::track::TrackId;

use super::lists;
use super::set_error::SetError;

/// Everything that picks depend on beside the library: what was asked, and what was learned.
pub(super) struct Request {
    /// The session.
    pub situation: Situation,
    /// The dimensions.
    pub choice: Choice,
    /// Number of the request.
    pub number: u64,
    /// The groups of versions of one song.
    pub versions: Arc<Versions>,
    /// The weights of the policy's terms.
    pub weights: Weights,
    /// What usually comes next.
    pub next: Option<Arc<dyn Guide>>,
}

/// The context of a request for picks, of the queue or of a trial.
pub(super) fn context(answers: &Answers, request: Request) -> Context {
    let Request { situation, choice, number, versions, weights, next } = request;
    // The seed depends only on the session, so that a refill can be reproduced.
    let seed = situation.heard.len() as u64 + number;
    let context = answers.context(situation, seed, SystemClock::new().moment());
    Context { versions, choice, weights, next, ..context }
}

/// What trials need between requests.
pub(super) struct Trials {
    /// A director of its own: a trial must not change what scripts of engines remember of the queue.
    director: Director,
    /// The newest trial whose confidence was not worked out yet: its request, tracks and choice.
    untrusted: Option<(u64, Vec<TrackId>, Choice)>,
}

impl Trials {
    pub fn new(director: Director) -> Trials {
        Trials { director, untrusted: None }
    }

    /// Works a trial out; `request` makes the rest of the request for picks from situation and choice.
    ///
    /// # Errors
    /// The set cannot be found, or nothing of it is analysed.
    pub fn tried(
        &mut self,
        answers: &Answers,
        playlists: &Playlists,
        trying: Trying,
        request: impl FnOnce(Situation, Choice) -> Request,
    ) -> Result<Tried, SetError> {
        self.untrusted = None;
        let Trying { request: number, whom, beside, engine, mut situation, choice, want, .. } = trying;
        let (label, tracks, own) = set(answers, playlists, &whom, &situation)?;
        let choice = choice.unwrap_or(own);
        situation.playlist.clone_from(&tracks);
        let context = context(answers, request(situation, choice.clone()));
        let Some((signature, members)) = context.signature(&tracks) else {
            return Err(SetError::Unanalysed(label));
        };
        let rows = rows(&answers.space, &signature, &choice, context.situation.playing);
        // Scripts remember what the queue's own have left, and nothing of earlier trials.
        self.director.forget();
        let (picks, note) = self.director.picks(&context, &engine, want);
        let note = note.or_else(|| self.director.take_scarce());
        // They are said when the queue asks.
        drop(self.director.take_lines());
        let compared = beside.map(|other| {
            let side =
                Side { label: label.clone(), set: Set::Tracks(tracks.clone()), choice: Some(choice.to_string()) };
            compared(answers, playlists, &side, &other, &context.situation)
        });
        // A comparison that fails does not hide the signature.
        let (beside, fault) = match compared {
            Some(Ok(beside)) => (Some(beside), None),
            Some(Err(why)) => (None, Some(why.to_string())),
            None => (None, None),
        };
        self.untrusted = Some((number, tracks.clone(), choice.clone()));
        Ok(Tried {
            label,
            members: members.len(),
            tracks,
            choice,
            soft: signature.soft,
            rows,
            library: answers.histograms(),
            picks,
            note: fault.or(note),
            beside,
        })
    }

    /// Whether a confidence is owed.
    pub fn owes(&self) -> bool {
        self.untrusted.is_some()
    }

    /// How far the last trial is to be trusted: the number of its request and the leave-one-out AUC.
    pub fn trusted(&mut self, answers: &Answers) -> Option<(u64, Option<f64>)> {
        let (request, tracks, choice) = self.untrusted.take()?;
        let members = members(&answers.catalog, &answers.space, &tracks);
        Some((request, confidence(&answers.space, &members, &choice, answers.prior)))
    }
}

/// The label, the tracks and the own choice of a set.
fn set(
    answers: &Answers,
    playlists: &Playlists,
    whom: &Whom,
    situation: &Situation,
) -> Result<(String, Vec<TrackId>, Choice), SetError> {
    match whom {
        Whom::Followed => Ok(("what the queue follows".into(), situation.playlist.clone(), Choice::Auto)),
        Whom::Queue => Ok(("your tracks of the queue".into(), situation.playlist.clone(), Choice::Auto)),
        Whom::Set(side) => {
            let (tracks, choice) = answers.tracks_of(side)?;
            if tracks.is_empty() {
                return Err(SetError::Absent(side.label.clone()));
            }
            Ok((side.label.clone(), tracks, choice))
        }
        Whom::Playlist(name) => {
            let list = lists::one(answers, playlists, name.clone());
            if list.songs.is_empty() {
                let why = Box::new(SetError::Playlist(list.about));
                return Err(SetError::Named { name: name.clone(), why });
            }
            let mut tracks: Vec<TrackId> = list.songs.iter().map(|song| song.track).collect();
            let mut seen = std::collections::HashSet::new();
            tracks.retain(|track| seen.insert(*track));
            Ok((name.clone(), tracks, Choice::Auto))
        }
    }
}

/// Another set beside one.
fn compared(
    answers: &Answers,
    playlists: &Playlists,
    side: &Side,
    other: &Whom,
    situation: &Situation,
) -> Result<Beside, SetError> {
    let other = match other {
        Whom::Set(side) => side.clone(),
        whom => {
            let (label, tracks, _) = set(answers, playlists, whom, situation)?;
            Side { label, set: Set::Tracks(tracks), choice: None }
        }
    };
    let found = answers.compare(side, &other)?;
    let dims = found.dims.iter().map(|d| (d.b.dim.saturating_sub(1), d.b.mean, d.b.spread)).collect();
    Ok(Beside { label: found.b, members: found.members_b, distance: found.distance, dims })
}
