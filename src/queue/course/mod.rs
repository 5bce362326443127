//! Courses: what the user asked of the next tracks beyond fitting the playlist. A *direction* rises or falls along a
//! dimension, a *journey* goes from one track to another; both are a pool of tracks and even steps through it, which the
//! policy weighs as one of its terms ([`Term::Course`](crate::latent::Term)). A *blend* is a target made of several sets.
//!
//! The progress of a course does not depend on later changes to the queue: each pick knows its step, and a refill continues
//! from the last step that was picked, wherever that track is by then.

mod blend;
mod direction;
mod journey;
mod steps;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::latent::{ALL_DIMS, Step, Way};
use crate::track::TrackId;

use super::signature_engine::Reasons;
use super::{Context, Proposal, Why, policy};

pub use blend::Blend;
pub(super) use blend::propose as propose_blend;
pub use direction::{goes_round, value};
pub use journey::Line;

/// The fewest tracks of a course.
pub const FEWEST: u16 = 3;
/// The most.
pub const MOST: u16 = 100;
/// How many there are when the user does not say.
pub const USUAL: u16 = 12;

/// A direction or a journey, and how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Tells the courses of a session apart.
    pub number: u32,
    /// Where it leads.
    pub way: Way,
    /// In how many tracks.
    pub steps: u16,
    /// The last step that was picked.
    #[serde(default)]
    pub picked: Mark,
    /// The last step that was played or plays.
    #[serde(default)]
    pub reached: Mark,
}

/// A step of a course that was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which one, counted from 1; 0 before the first.
    pub at: u16,
    /// Its track; none before the first.
    pub track: Option<TrackId>,
}

impl Course {
    /// A course that begins.
    pub fn new(number: u32, way: Way, steps: u16) -> Course {
        Course { number, way, steps: steps.clamp(FEWEST, MOST), picked: Mark::default(), reached: Mark::default() }
    }

    /// A course that was written down; `None` when it makes no sense.
    pub fn checked(self) -> Option<Course> {
        let sound = match self.way {
            Way::Direction { dim, .. } => usize::from(dim) < ALL_DIMS && !goes_round(dim),
            Way::Journey { from, to } => from != to,
        };
        (sound && (FEWEST..=MOST).contains(&self.steps) && self.picked.at <= self.steps).then_some(self)
    }

    /// How many steps are still to be picked.
    pub fn left(&self) -> usize {
        usize::from(self.steps.saturating_sub(self.picked.at))
    }

    /// What stood ahead gives way: it goes on from the last step that was played.
    pub fn rewind(&mut self) {
        self.picked = self.reached;
    }

    /// Takes note of an answer's picks. One that holds others behind the steps says that the library has no more of
    /// them, and the course ends with what there is.
    pub fn note<'a>(&mut self, picks: impl IntoIterator<Item = (TrackId, &'a Why)>) {
        let mut others = false;
        for (track, why) in picks {
            match self.own(why) {
                Some(step) => self.picked = Mark { at: step.at, track: Some(track) },
                None => others = true,
            }
        }
        if others {
            self.picked.at = self.steps;
        }
    }

    /// Takes note of what plays.
    pub fn reach(&mut self, track: TrackId, why: &Why) {
        if let Some(step) = self.own(why).filter(|step| step.at >= self.reached.at) {
            self.reached = Mark { at: step.at, track: Some(track) };
        }
    }

    /// The step that a pick is of this course.
    pub fn own<'a>(&self, why: &'a Why) -> Option<&'a Step> {
        why.step.as_ref().filter(|step| step.course == self.number)
    }
}

/// What the policy needs for the next steps of a course.
struct Leg {
    /// Rows to choose from, each with its score.
    pool: Vec<(u32, f32)>,
    /// The steps.
    steps: steps::Steps,
    /// What the user should know.
    note: Option<String>,
}

/// Picks up to `want` of the next steps of a course, with a note for the user. Fewer when the library has no more.
///
/// # Errors
/// Why the course cannot be followed.
pub(super) fn picks(
    context: &Context,
    course: &Course,
    want: usize,
) -> Result<(Vec<Proposal>, Option<String>), String> {
    let want = want.min(course.left());
    let (picks, note) = match course.way {
        Way::Direction { dim, up } => along(context, direction::leg(context, course, dim, up)?, want),
        Way::Journey { from, to } => journey::picks(context, course, from, to, want)?,
    };
    let step = |(n, mut pick): (usize, Proposal)| {
        let at = course.picked.at + n as u16 + 1;
        // The end of a journey is its last step, also where the library had too little for those before.
        let at = if matches!(course.way, Way::Journey { to, .. } if to == pick.id) { course.steps } else { at };
        pick.why.step = Some(Step { course: course.number, way: course.way, at, of: course.steps });
        pick
    };
    Ok((picks.into_iter().enumerate().map(step).collect(), note))
}

/// Has the policy pick along a leg, and says what the picks have in common with the playlist.
fn along(context: &Context, leg: Leg, want: usize) -> (Vec<Proposal>, Option<String>) {
    let guided = Context { course: Some(Arc::new(leg.steps)), ..context.clone() };
    let proposal = |(row, score)| Some(Proposal { id: context.space.id(row)?, score, why: Why::default() });
    let mut picks = policy::pick(&guided, leg.pool.into_iter().filter_map(proposal).collect(), want);
    if let Some((signature, members)) = context.signature(context.anchor()) {
        let reasons = Reasons::new(context, &signature, &members);
        for pick in &mut picks {
            let Some(row) = context.space.row(pick.id) else { continue };
            let (terms, run) = (std::mem::take(&mut pick.why.terms), pick.why.run);
            pick.why = Why { terms, run, ..reasons.why(context, row) };
        }
    }
    (picks, leg.note)
}

#[cfg(test)]
mod tests;
