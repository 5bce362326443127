//! Courses: what the user asked of the next tracks beyond fitting the playlist. A *direction* rises
//! or falls along a dimension, a *journey* goes from one track to another. Both are a pool of
//! tracks and even steps through it, which become one of the policy's terms
//! ([`Term::Course`](crate::latent::Term)). A *blend* is a target made of several sets.
//!
//! The progress of a course does not depend on later changes to the queue: each pick records its
//! step, and a refill continues from the last step that was picked, wherever that track is by then.

mod blend;
mod direction;
mod journey;
mod leg;
mod plan;
mod steps;

use crate::latent::{Step, Way};

use self::leg::along;
use super::{Context, EngineError, Proposal};

pub(super) use blend::propose as propose_blend;
pub use direction::value;
pub use journey::Line;
pub use plan::{Blend, Course, FEWEST, MOST, MOST_VIA, Mark, USUAL, goes_round};

/// Picks up to `want` of the next steps of a course, with a note for the user. Fewer when the library has no more.
///
/// # Errors
/// Why the course cannot be followed.
pub(super) fn picks(
    context: &Context,
    course: &Course,
    want: usize,
) -> Result<(Vec<Proposal>, Option<String>), EngineError> {
    let want = want.min(course.left());
    let (picks, note) = match course.way {
        Way::Direction { dim, up } => {
            let (picks, note) = along(context, direction::leg(context, course, dim, up)?, want);
            ((course.picked.at + 1..).zip(picks).collect(), note)
        }
        Way::Journey { .. } => journey::picks(context, course, want)?,
    };
    let step = |(at, mut pick): (u16, Proposal)| {
        pick.why.step = Some(Step { course: course.number, way: course.way, at, of: course.steps });
        pick
    };
    Ok((picks.into_iter().map(step).collect(), note))
}

#[cfg(test)]
mod tests;
