//! The next-track model while the player runs: a thread has it trained again, in a process of the lowest priority, once
//! enough has been heard since; the engine thread reads it when it has changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::learned_error::LearnedError;
use super::start_error::StartError;
use crate::app::msg::Msg;
use crate::clock::{Clock, SystemClock};
use crate::latent::Space;
use crate::library::Catalog;
use crate::library::journal::Entry;
use crate::paths::Paths;
use crate::queue::Guide;
use crate::queue::next::{Recent, Report, Sounds, Usual, Verdict, due, speaks};
use crate::runtime::learned::{self, Published};
use crate::track::TrackId;

/// The least time between two checks of the history, which may start a training.
const EVERY: Duration = Duration::from_secs(3600);

/// The library in whose space the history is learned.
type Library = (Arc<Catalog>, Arc<Space>);

/// The engine thread's part: the model, the recent plays, and a way to the learning thread.
#[derive(Debug)]
pub struct Usually {
    published: Published,
    recent: Recent,
    learner: Sender<Library>,
    /// Whether the analysis was idle once: before, it needs the processor.
    settled: bool,
    clock: SystemClock,
}

impl Usually {
    /// Starts the learning thread, which ends when this is dropped. `recent` are the latest plays of the journal.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(paths: &Paths, recent: Recent, messages: Sender<Msg>) -> Result<Usually, StartError> {
        // At most one library waits for the thread.
        let (learner, libraries) = crossbeam_channel::bounded(1);
        let own = paths.clone();
        std::thread::Builder::new()
            .name("next".into())
            .spawn(move || run(&own, &libraries, &messages))
            .map_err(StartError::thread("the thread that learns what comes next"))?;
        Ok(Usually { published: Published::of(paths), recent, learner, settled: false, clock: SystemClock::new() })
    }

    /// The analysis has nothing left to do.
    pub fn settle(&mut self, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        self.settled = true;
        self.offer(catalog, space);
    }

    /// An entry was added to the journal.
    pub fn note(&mut self, entry: &Entry, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        let played = self.recent.note(entry, &|track| catalog.of_track(track).map(|song| song.secs));
        if played && self.settled {
            self.offer(catalog, space);
        }
    }

    /// Entries were imported; these are the recent plays of the whole journal.
    pub fn renew(&mut self, recent: Recent, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        self.recent = recent;
        if self.settled {
            self.offer(catalog, space);
        }
    }

    fn offer(&self, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        // If the channel is full, the thread has work already.
        let _ = self.learner.try_send((catalog.clone(), space.clone()));
    }

    /// The guide for a request, if there is a model that has proven useful in this space; reports a damaged file once.
    pub fn guide(
        &mut self,
        playing: Option<TrackId>,
        catalog: &Catalog,
        space: &Space,
        tell: &dyn Fn(Msg),
    ) -> Option<Arc<dyn Guide>> {
        let model = self.published.model().unwrap_or_else(|text| {
            tell(Msg::error(text));
            None
        })?;
        let secs = playing.and_then(|track| catalog.of_track(track)).map_or(0.0, |song| song.secs);
        let mut session = self.recent.session(self.clock.unix(), secs.max(0.0) as u64);
        session.iter_mut().for_each(|play| play.track = catalog.current(play.track));
        speaks(&model, space).then(|| Arc::new(Usual::new(model, session)) as Arc<dyn Guide>)
    }
}

fn run(paths: &Paths, libraries: &Receiver<Library>, messages: &Sender<Msg>) {
    let mut looked: Option<Instant> = None;
    for (catalog, space) in libraries {
        if space.is_empty() || looked.is_some_and(|at| at.elapsed() < EVERY) {
            continue;
        }
        looked = Some(Instant::now());
        match renew(paths, &Sounds::of(&space, &catalog)) {
            Ok(None) => {}
            Ok(Some(text)) => drop(messages.send(Msg::hint(text))),
            Err(why) => {
                let text = why.to_string();
                crate::out::note(&text);
                drop(messages.send(Msg::error(text)));
            }
        }
    }
}

/// Trains the model again if that is due. Returns a notice, if anything changed for the user.
fn renew(paths: &Paths, sounds: &Sounds) -> Result<Option<String>, LearnedError> {
    let published = Published::of(paths);
    // A damaged report is written again.
    let last = published.report().unwrap_or_default();
    let lesson = learned::lesson(paths, sounds)?;
    if !due(last.as_ref(), &lesson) {
        return Ok(None);
    }
    let report = published.publish(learned::learn(&lesson)?, SystemClock::new().unix())?;
    Ok(news(last.as_ref(), &report).map(str::to_owned))
}

/// The notice when the model comes into use or goes out of use.
fn news(last: Option<&Report>, now: &Report) -> Option<&'static str> {
    match (last.is_some_and(|l| l.verdict == Verdict::Used), now.verdict == Verdict::Used) {
        (false, true) => Some("your history predicts what comes next: the queue uses it too (`jukebox next-track`)"),
        (true, false) => {
            Some("your history no longer predicts what comes next: the queue ignores it (`jukebox next-track`)")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_is_told() {
        let of = |verdict| Report { verdict, ..Report::default() };
        let no = || of(Verdict::NoBetter { than: "last track".into() });
        assert_eq!(news(None, &no()), None);
        assert!(news(None, &of(Verdict::Used)).unwrap().starts_with("your history predicts"));
        assert_eq!(news(Some(&of(Verdict::Used)), &of(Verdict::Used)), None);
        assert!(news(Some(&of(Verdict::Used)), &no()).unwrap().contains("no longer"));
    }
}
