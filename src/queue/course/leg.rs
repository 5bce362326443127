//! The next steps of a course: the tracks to choose from, and how the policy picks among them.

use std::sync::Arc;

use super::steps::Steps;
use crate::queue::reasons::Reasons;
use crate::queue::{Context, Proposal, Why, policy};

/// What the policy needs for the next steps of a course.
pub(super) struct Leg {
    /// Rows to choose from, each with its score.
    pub pool: Vec<(u32, f32)>,
    /// The steps.
    pub steps: Steps,
    /// A note for the user.
    pub note: Option<String>,
}

/// Lets the policy pick along a leg, and adds what each pick has in common with the playlist.
pub(super) fn along(context: &Context, leg: Leg, want: usize) -> (Vec<Proposal>, Option<String>) {
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
