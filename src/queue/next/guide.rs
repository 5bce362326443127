//! The next-track model as a term of the queue policy.

use std::collections::HashMap;
use std::sync::Arc;

use jukebox_encoder::next::{NextTrack, STEPS, Step};

use super::history::Play;
use crate::queue::engine::{Context, Guide};
use crate::queue::policy::standardised;
use crate::track::TrackId;

/// Scores candidates by how likely the model finds them as the next track.
#[derive(Clone, Debug)]
pub struct Usual {
    model: Arc<NextTrack>,
    /// The plays of the current session, the latest last.
    session: Vec<Play>,
}

impl Usual {
    /// Creates a guide from a model and the plays of the current session.
    pub fn new(model: Arc<NextTrack>, session: Vec<Play>) -> Usual {
        Usual { model, session }
    }

    /// The model's input: up to `STEPS` tracks of `tail`, the latest last, back to the start of
    /// the session. Completion, skips and gaps are known only for tracks already played.
    fn steps(&self, context: &Context, tail: &[TrackId], picked: usize) -> Vec<Step> {
        let session: HashMap<TrackId, &Play> = self.session.iter().map(|p| (p.track, p)).collect();
        let situation = &context.situation;
        let standing = picked + situation.ahead.len() + usize::from(situation.playing.is_some());
        let mut steps = Vec::with_capacity(STEPS);
        for (back, id) in tail.iter().rev().enumerate() {
            let heard = session.get(id);
            if steps.len() == STEPS || (back >= standing && heard.is_none()) {
                break;
            }
            let Some(row) = context.space.row(*id) else { continue };
            let sound = Step::of(context.space.z(row));
            steps.push(match heard.filter(|_| back >= standing) {
                Some(p) => Step { completion: p.completion, skipped: p.skipped, gap: p.gap, ..sound },
                None => sound,
            });
        }
        steps.reverse();
        steps
    }
}

impl Guide for Usual {
    fn values(&self, context: &Context, tail: &[TrackId], picked: usize, rows: &[Option<u32>]) -> Option<Vec<f32>> {
        if self.model.card().generation != context.space.generation() {
            return None;
        }
        let guess = self.model.guess(&self.steps(context, tail, picked))?;
        let known: Vec<f32> = rows.iter().flatten().map(|&row| guess.score(&context.space.z(row))).collect();
        let mut scores = standardised(&known).into_iter();
        Some(rows.iter().map(|row| row.and_then(|_| scores.next()).unwrap_or(0.0)).collect())
    }
}
