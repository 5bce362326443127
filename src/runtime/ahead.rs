//! Makes on a thread of its own, as soon as a session has both songs and latents, what the first picks and the signature
//! view need of the library: for 100,000 tracks that takes seconds, which whoever asks first would wait for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Receiver;

use crate::ask::answers::Answers;
use crate::queue::Versions;

/// What is made ahead, once a session.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    begun: bool,
    /// Gives the versions, once.
    made: Option<Receiver<Arc<Versions>>>,
}

impl Ahead {
    /// Begins, unless that was done or there is nothing to begin with.
    pub fn begin(&mut self, answers: &Answers) {
        if self.begun || answers.catalog.is_empty() || answers.space.is_empty() {
            return;
        }
        self.begun = true;
        let answers = answers.clone();
        let (send, made) = crossbeam_channel::bounded(1);
        // A panic is in the log; what could not be made is made on its first use.
        let work = move || drop(catch_unwind(AssertUnwindSafe(|| drop(send.send(answers.prepare())))));
        let thread = std::thread::Builder::new().name("ahead".into()).spawn(work);
        self.made = thread.is_ok().then_some(made);
    }

    /// The versions of the library: those made ahead, which are waited for, if they are not of a much smaller one.
    pub fn versions(&mut self, answers: &Answers) -> Arc<Versions> {
        let made = self.made.take().and_then(|made| made.recv().ok());
        made.filter(|made| made.tracks() * 2 >= answers.catalog.len()).unwrap_or_else(|| answers.versions())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::latent::{DIMS, Space};
    use crate::library::signatures::Signatures;

    fn answers(tracks: u16) -> Answers {
        let catalog = fixture::catalog(tracks);
        let latents = catalog.tracks().zip(1u8..).map(|(track, n)| (track, [f32::from(n) / 9.0; DIMS])).collect();
        let space = Arc::new(Space::build("test".into(), Arc::default(), latents));
        Answers::new(catalog, space, Signatures::in_dir("/nonexistent".into()))
    }

    #[test]
    fn what_was_made_ahead_serves_until_the_library_has_doubled() {
        let (few, more, many) = (answers(20), answers(30), answers(50));
        for (later, tracks) in [(&few, 20), (&more, 20), (&many, 50)] {
            let mut ahead = Ahead::default();
            ahead.begin(&few);
            ahead.begin(&many);
            assert_eq!(ahead.versions(later).tracks(), tracks);
            assert_eq!(ahead.versions(later).tracks(), later.catalog.len(), "they are given once");
        }
    }

    #[test]
    fn without_latents_it_does_not_begin() {
        let songs = answers(20).with_space(Arc::default());
        let mut ahead = Ahead::default();
        ahead.begin(&songs);
        assert!(!ahead.begun && ahead.made.is_none());
        assert_eq!(ahead.versions(&songs).tracks(), 20);
    }
}
