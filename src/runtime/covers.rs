//! Reads covers in a worker process, and brings them into the form that the terminal takes.

use std::io;
use std::sync::Arc;

use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{Idler, Outcome};
use crate::app::msg::Msg;
use crate::app::state::covers::Wanted;
use crate::library::cover::Read;
use crate::picture::Drawn;
use crate::text;
use crate::track::FileFault;

use super::reader::{Reader, why_not};

/// The running reader of covers.
pub(super) struct Covers {
    reader: Reader<Wanted>,
    follow_links: bool,
}

impl Covers {
    /// Starts its thread. `idler`'s worker reads, through symbolic links if `follow_links` is set; `tell` sends to the
    /// session.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(idler: Idler, follow_links: bool, tell: impl Fn(Msg) + Send + 'static) -> io::Result<Covers> {
        let reader = Reader::start("covers", idler, move |done, wanted| tell(answer(wanted, done.outcome)))?;
        Ok(Covers { reader, follow_links })
    }

    /// Has a cover read, and no other any more; answered by `Msg::Cover`.
    pub fn ask(&self, wanted: Wanted) {
        let job =
            Job::Cover { path: wanted.path.to_path_buf(), follow_links: self.follow_links, within: wanted.within };
        self.reader.ask(job, wanted);
    }
}

/// Translates the worker's outcome. A picture that is not what was asked for is none: a picture may have taken over the
/// worker that decoded it.
fn answer(wanted: Wanted, outcome: Outcome) -> Msg {
    let Read { picture, mut faults } = match outcome {
        Outcome::Found(Found::Cover(read)) => *read,
        // What is gone has no cover either.
        Outcome::Refused(FileFault::Missing) => Read::default(),
        other => Read { picture: None, faults: vec![format!("its cover was not read: {}", why_not(other))] },
    };
    faults.iter_mut().for_each(|fault| *fault = text::sanitize(fault));
    let (width, height) = (usize::from(wanted.within.0), usize::from(wanted.within.1));
    let fits = picture.filter(|picture| picture.is_sound() && picture.width <= width && picture.height <= height);
    let found = fits.map(|picture| Arc::new(Drawn::of(picture, wanted.form)));
    Msg::Cover { wanted: Box::new(wanted), found, faults }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Form, Raster};
    use crate::worker::WorkerSpec;
    use std::path::Path;
    use std::time::Duration;

    fn wanted() -> Wanted {
        Wanted { path: Path::new("/m/a.mp3").into(), within: (4, 4), form: Form::Pixels }
    }

    fn told(outcome: Outcome) -> (Option<Vec<u8>>, Vec<String>) {
        match answer(wanted(), outcome) {
            Msg::Cover { found, faults, .. } => (found.map(|drawn| drawn.bytes.clone()), faults),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_picture_is_taken_if_it_is_what_was_asked_for() {
        let of = |width, height, bytes: usize| {
            let picture = Some(Raster { width, height, rgb: vec![1; bytes] });
            told(Outcome::Found(Found::Cover(Box::new(Read { picture, faults: vec!["a\x1bb".into()] }))))
        };
        assert_eq!(of(4, 2, 24), (Some(vec![1; 24]), vec![text::sanitize("a\x1bb")]));
        for (width, height, bytes) in [(4, 2, 23), (5, 2, 30), (0, 0, 0), (usize::MAX, 2, 6)] {
            assert_eq!(of(width, height, bytes).0, None, "{width}×{height}");
        }
        assert_eq!(told(Outcome::Refused(FileFault::Missing)), (None, vec![]));
        let (none, faults) = told(Outcome::NoWorker("no memory".into()));
        assert_eq!((none, faults), (None, vec!["its cover was not read: no memory".to_string()]));
    }

    #[test]
    fn a_picture_that_ends_its_reader_is_answered_all_the_same() {
        let ready = r"printf '\0jukebox worker\2\2\0\0\0\0\0'";
        let script = format!("{ready}; kill -SEGV $$");
        let spec =
            WorkerSpec { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()], env: vec![], log: None };
        let (tell, told) = crossbeam_channel::unbounded();
        let idler = Idler::start("covers-test", spec).unwrap();
        let covers = Covers::start(idler, false, move |msg| drop(tell.send(msg))).unwrap();
        covers.ask(wanted());
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(Msg::Cover { wanted: of, found: None, faults }) if *of == wanted() => {
                assert!(faults[0].contains("its reader died"), "{faults:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}
