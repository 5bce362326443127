//! What an engine gets to see of a library and a session.

use super::answers::Answers;
use crate::clock::Moment;
use crate::queue::{Context, Find, Situation};

impl Answers {
    /// The context of a request for picks with the dimensions chosen by test, the usual weights, and neither versions nor a
    /// prediction of what comes next.
    pub fn context(&self, situation: Situation, seed: u64, time: Moment) -> Context {
        let known = self.clone();
        let find = Find::new(move |filter, count| {
            let first = |why: String| why.lines().next().unwrap_or_default().to_owned();
            let found = known.filtered(filter).map_err(first)?;
            Ok(found.tracks().take(count).collect())
        });
        Context {
            find,
            catalog: self.catalog.clone(),
            space: self.space.clone(),
            tallies: self.tallies.clone(),
            time,
            seed,
            situation,
            prior: self.prior,
            taste: self.counting_taste(),
            ..Context::default()
        }
    }
}
