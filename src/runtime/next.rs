//! What usually comes next, while the player runs: the model is made anew by a thread and a process of the lowest
//! priority when enough was heard since, and read by the engine's thread when it changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

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

/// The history is looked at, and perhaps learned from, at most so often.
const EVERY: Duration = Duration::from_secs(3600);

/// A library whose history may be learned from.
type Library = (Arc<Catalog>, Arc<Space>);

/// What the engine's thread knows of it.
#[derive(Debug)]
pub struct Usually {
    published: Published,
    recent: Recent,
    learner: Sender<Library>,
    /// Whether the analysis had nothing left to do once: before, the processor is needed.
    settled: bool,
    clock: SystemClock,
}

impl Usually {
    /// Starts the thread that learns; it ends with this.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(paths: &Paths, entries: &[Entry], messages: Sender<Msg>) -> Result<Usually, String> {
        // One library waits at most: the thread looks rarely, and only at the latest.
        let (learner, libraries) = crossbeam_channel::bounded(1);
        let own = paths.clone();
        std::thread::Builder::new()
            .name("next".into())
            .spawn(move || run(&own, &libraries, &messages))
            .map_err(|e| format!("cannot start the thread that learns what comes next: {e}"))?;
        Ok(Usually {
            published: Published::of(paths),
            recent: Recent::of(entries, &|_| None),
            learner,
            settled: false,
            clock: SystemClock::new(),
        })
    }

    /// The analysis has nothing left to do.
    pub fn settle(&mut self, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        self.settled = true;
        self.offer(catalog, space);
    }

    /// A line of the journal was written.
    pub fn note(&mut self, entry: &Entry, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        let played = self.recent.note(entry, &|track| catalog.of_track(track).map(|song| song.secs));
        if played && self.settled {
            self.offer(catalog, space);
        }
    }

    fn offer(&self, catalog: &Arc<Catalog>, space: &Arc<Space>) {
        // A thread that is busy needs no other.
        let _ = self.learner.try_send((catalog.clone(), space.clone()));
    }

    /// The guide for a request, where a model has proven itself in this space; a damaged file is told once.
    pub fn guide(
        &mut self,
        playing: Option<TrackId>,
        catalog: &Catalog,
        space: &Space,
        tell: &dyn Fn(Msg),
    ) -> Option<Arc<dyn Guide>> {
        let model = self.published.model().unwrap_or_else(|text| {
            tell(Msg::Notice { error: true, text });
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
            Ok(Some(text)) => drop(messages.send(Msg::Notice { error: false, text })),
            Err(text) => {
                crate::out::note(&text);
                drop(messages.send(Msg::Notice { error: true, text }));
            }
        }
    }
}

/// Makes the model anew where that is due; what is to be told of it.
fn renew(paths: &Paths, sounds: &Sounds) -> Result<Option<String>, String> {
    let published = Published::of(paths);
    // One that is damaged is written anew.
    let last = published.report().unwrap_or_default();
    let lesson = learned::lesson(paths, sounds)?;
    if !due(last.as_ref(), &lesson) {
        return Ok(None);
    }
    let report = published.publish(learned::learn(&lesson)?, SystemClock::new().unix())?;
    Ok(news(last.as_ref(), &report).map(str::to_owned))
}

/// What has changed for the user.
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
