//! Makes on a thread of its own what the first picks and the signature view need of the library: for 100,000 tracks that takes
//! seconds, which whoever asks first would wait for. It begins as soon as a session has both songs and latents, and again whenever
//! there are twice as many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError};

use crate::ask::answers::Answers;
use crate::queue::Versions;

/// What is made ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Number of preparations that were begun.
    count: usize,
    /// Songs and latents that there were when the last one began.
    of: (usize, usize),
    /// Gives what the one that runs makes.
    running: Option<Receiver<Made>>,
    made: Made,
}

/// The groups of versions of one song, perhaps of a smaller library.
#[derive(Debug, Default)]
struct Made {
    /// They are as new as the preparation with this number.
    number: usize,
    versions: Arc<Versions>,
}

impl Ahead {
    /// Begins, unless one runs or the library has not grown much since the last one.
    pub fn begin(&mut self, answers: &Answers) {
        self.begin_with(answers, Answers::prepare);
    }

    fn begin_with(&mut self, answers: &Answers, prepare: impl FnOnce(&Answers) -> Arc<Versions> + Send + 'static) {
        self.look();
        let (songs, latents) = (answers.catalog.len(), answers.space.len());
        let grown = songs >= 2 * self.of.0 || latents >= 2 * self.of.1;
        if self.running.is_some() || songs == 0 || latents == 0 || !grown {
            return;
        }
        (self.count, self.of) = (self.count + 1, (songs, latents));
        let (answers, number) = (answers.clone(), self.count);
        let (send, running) = crossbeam_channel::bounded(1);
        let work = move || drop(send.send(Made { number, versions: prepare(&answers) }));
        // A panic is in the log; what could not be made is made on its first use.
        let work = move || drop(catch_unwind(AssertUnwindSafe(work)));
        let thread = std::thread::Builder::new().name("ahead".into()).spawn(work);
        self.running = thread.is_ok().then_some(running);
    }

    /// Takes what was made meanwhile.
    fn look(&mut self) {
        match self.running.as_ref().map(Receiver::try_recv) {
            Some(Ok(made)) => {
                self.running = None;
                self.keep(made);
            }
            Some(Err(TryRecvError::Disconnected)) => self.running = None,
            Some(Err(TryRecvError::Empty)) | None => {}
        }
    }

    fn keep(&mut self, made: Made) {
        if made.number > self.made.number {
            self.made = made;
        }
    }

    /// The newest versions that were made. If there are none, those that are being made are waited for. If they know fewer than
    /// half of the songs and none are being made, because that failed, they are made at once.
    pub fn versions(&mut self, answers: &Answers) -> Arc<Versions> {
        self.begin(answers);
        if self.made.versions.tracks() == 0 {
            match self.running.take().and_then(|running| running.recv().ok()) {
                Some(made) => self.keep(made),
                None => self.renew(answers),
            }
        } else if self.running.is_none() && 2 * self.made.versions.tracks() < answers.catalog.len() {
            self.renew(answers);
        }
        self.made.versions.clone()
    }

    /// Makes those of the library as it is now, unless that was done.
    pub fn renew(&mut self, answers: &Answers) {
        self.made = Made { number: self.count, versions: answers.versions() };
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::Sender;

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

    /// Begins where there is reason to, with one that ends when [`end`] lets it.
    fn begin(ahead: &mut Ahead, gate: &Receiver<()>, answers: &Answers) {
        let gate = gate.clone();
        ahead.begin_with(answers, move |answers| {
            let _ = gate.recv();
            answers.prepare()
        });
    }

    /// Lets the one that runs end.
    fn end(ahead: &mut Ahead, open: &Sender<()>) {
        open.send(()).unwrap();
        let made = ahead.running.take().expect("one that runs").recv().unwrap();
        ahead.keep(made);
    }

    #[test]
    fn it_begins_again_when_the_library_has_doubled_and_none_runs() {
        let (open, gate) = crossbeam_channel::unbounded();
        let mut ahead = Ahead::default();
        for tracks in [20, 30, 90] {
            begin(&mut ahead, &gate, &answers(tracks));
        }
        assert_eq!(ahead.count, 1, "it runs");
        end(&mut ahead, &open);
        begin(&mut ahead, &gate, &answers(39));
        assert_eq!((ahead.count, ahead.made.versions.tracks()), (1, 20), "it has not doubled");
        begin(&mut ahead, &gate, &answers(40));
        assert_eq!(ahead.count, 2);
        // While it runs, those of before serve at once.
        assert_eq!(ahead.versions(&answers(90)).tracks(), 20);
        end(&mut ahead, &open);
        assert_eq!((ahead.versions(&answers(79)).tracks(), ahead.count), (40, 2));
        // Songs are found sooner than they are heard.
        let found = answers(80).with_space(answers(41).space);
        begin(&mut ahead, &gate, &found);
        assert_eq!(ahead.count, 3);
        // What was made of the library meanwhile is newer.
        ahead.renew(&answers(100));
        end(&mut ahead, &open);
        assert_eq!((ahead.versions(&found).tracks(), ahead.count), (100, 3));
    }

    #[test]
    fn the_first_ones_are_waited_for() {
        let few = answers(20);
        let mut ahead = Ahead::default();
        ahead.begin(&few);
        assert_eq!((ahead.versions(&few).tracks(), ahead.count), (20, 1));
        // Where they could not be made, whoever asks makes them.
        let mut ahead = Ahead::default();
        ahead.begin_with(&few, |_| panic!("as a broken library might"));
        assert_eq!((ahead.versions(&few).tracks(), ahead.count), (20, 1));
    }

    #[test]
    fn it_begins_again_when_the_same_songs_have_twice_as_many_latents() {
        let (open, gate) = crossbeam_channel::unbounded();
        let mut ahead = Ahead::default();
        for (latents, count) in [(10, 1), (19, 1), (20, 2), (39, 2), (40, 3)] {
            begin(&mut ahead, &gate, &answers(40).with_space(answers(latents).space));
            assert_eq!(ahead.count, count, "{latents} latents");
            if ahead.running.is_some() {
                end(&mut ahead, &open);
            }
        }
    }

    #[test]
    fn versions_of_less_than_half_the_library_are_made_again() {
        let mut ahead = Ahead::default();
        ahead.renew(&answers(20));
        ahead.begin_with(&answers(30), |_| panic!("as a broken library might"));
        assert!(ahead.running.as_ref().unwrap().recv().is_err());
        assert_eq!(ahead.versions(&answers(40)).tracks(), 20, "they know half");
        assert_eq!(ahead.versions(&answers(41)).tracks(), 41);
        assert_eq!(ahead.count, 1, "the library has not doubled since the last attempt");
    }

    #[test]
    fn without_latents_it_does_not_begin() {
        let songs = answers(20).with_space(Arc::default());
        let mut ahead = Ahead::default();
        ahead.begin(&songs);
        assert!(ahead.count == 0 && ahead.running.is_none());
        assert_eq!(ahead.versions(&songs).tracks(), 20);
    }
}
