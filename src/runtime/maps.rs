//! The map's thread, at low priority: reads the places of the library's tracks when the map is first shown, or lays the map
//! out, and places new tracks while it is shown. One thread for all of it, so that a map is never made twice.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crossbeam_channel::{Receiver, Sender};

use super::asks::Ask;
use crate::app::effect::MapOrder;
use crate::app::msg::Msg;
use crate::ask::map::{News, file};
use crate::latent::Space;
use crate::latent::map::Places;
use crate::worker::niceness;

/// The niceness of the thread and of those that it starts.
const NICE: i32 = 15;

/// A word to the thread.
pub(super) enum Word {
    /// The latents changed.
    Space(Arc<Space>),
    /// What is to happen.
    Order(MapOrder),
}

/// Starts the thread; it ends when every sender is gone. Maps are kept in `dir`.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(dir: PathBuf, engine: Sender<Ask>, messages: Sender<Msg>) -> std::io::Result<Sender<Word>> {
    let (sender, words) = crossbeam_channel::unbounded();
    let work = move || {
        // On Linux a thread's own: what plays and what is analysed come first.
        let _ = rustix::process::nice(niceness(NICE));
        run(Maker::new(dir, engine, messages), &words);
    };
    std::thread::Builder::new().name("map".into()).spawn(work)?;
    Ok(sender)
}

fn run(mut maker: Maker, words: &Receiver<Word>) {
    while let Ok(word) = words.recv() {
        // Of several spaces only the last matters.
        for word in std::iter::once(word).chain(words.try_iter()) {
            maker.take(word);
        }
        if catch_unwind(AssertUnwindSafe(|| maker.see_to_it())).is_err() {
            // The panic itself is in the log. The same space would end the same way.
            maker.broken = Some(maker.space.clone());
            maker.refit = false;
            maker.tell(News::Failed("laying it out failed; see the log".into()));
        }
    }
}

/// What makes the map.
struct Maker {
    dir: PathBuf,
    engine: Sender<Ask>,
    messages: Sender<Msg>,
    space: Arc<Space>,
    places: Arc<Places>,
    /// The number of tracks that were kept last.
    kept: usize,
    shown: bool,
    refit: bool,
    /// A space that cannot be laid out.
    broken: Option<Arc<Space>>,
}

impl Maker {
    fn new(dir: PathBuf, engine: Sender<Ask>, messages: Sender<Msg>) -> Maker {
        let (space, places) = (Arc::default(), Arc::default());
        Maker { dir, engine, messages, space, places, kept: 0, shown: false, refit: false, broken: None }
    }

    fn take(&mut self, word: Word) {
        match word {
            Word::Space(space) => self.space = space,
            Word::Order(MapOrder::Show) => self.shown = true,
            Word::Order(MapOrder::Hide) => {
                self.shown = false;
                self.keep(1);
            }
            Word::Order(MapOrder::Refit) => self.refit = true,
        }
    }

    fn tell(&self, news: News) {
        let _ = self.messages.send(Msg::Map(news));
    }

    /// Makes what is lacking: the map, if it is wanted, and places for new tracks.
    fn see_to_it(&mut self) {
        let refit = std::mem::take(&mut self.refit);
        let broken = self.broken.as_ref().is_some_and(|broken| Arc::ptr_eq(broken, &self.space));
        if self.space.is_empty() || !(refit || self.shown && !broken) {
            return;
        }
        let (space, told) = (self.space.clone(), Told::new(self.messages.clone()));
        let told = |share: f32| told.share(share);
        let mut places = self.places.clone();
        let mut changed = false;
        if places.is_empty() || places.generation() != space.generation() {
            places = Arc::new(file::read(&self.dir, space.generation()).unwrap_or_default());
            (self.kept, changed) = (places.len(), true);
        }
        let made = refit || places.is_empty() || places.is_outgrown(space.len());
        if made {
            (places, changed) = (Arc::new(Places::fit(&space, &told)), true);
        }
        if let Some(more) = places.extended(&space, &told) {
            changed = true;
            places = Arc::new(more);
        }
        if !changed {
            return;
        }
        self.places = places;
        // First the engine, which will be asked for a part of it.
        let _ = self.engine.send(Ask::Places(self.places.clone()));
        let (tracks, later, bounds) = (self.space.len(), self.places.later(), self.places.bounds());
        self.tell(News::Ready { tracks, later, bounds });
        // While the library is listened to, not every track is a reason to write.
        self.keep(if made { 0 } else { (self.places.len() / 100).max(1) });
    }

    /// Keeps the places, if their number differs by this from what was kept last. Without a file they are made again.
    fn keep(&mut self, least: usize) {
        let len = self.places.len();
        if len == 0 || len.abs_diff(self.kept) < least {
            return;
        }
        self.kept = len;
        if let Err(e) = file::write(&self.dir, &self.places) {
            let _ = self.messages.send(Msg::obstacle(format!("the map is not kept: {}: {e}", self.dir.display())));
        }
    }
}

/// Tells every percent once.
struct Told {
    messages: Sender<Msg>,
    percent: AtomicU32,
}

impl Told {
    fn new(messages: Sender<Msg>) -> Told {
        Told { messages, percent: AtomicU32::new(0) }
    }

    fn share(&self, share: f32) {
        let percent = (share.clamp(0.0, 1.0) * 100.0) as u32;
        if self.percent.fetch_max(percent, Ordering::Relaxed) < percent {
            let _ = self.messages.send(Msg::Map(News::Working(percent as f32 / 100.0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::latent::Latent;
    use crate::track::TrackId;

    fn space(tracks: u8) -> Arc<Space> {
        let latent = |n: u8| -> Latent {
            let mut rng = fastrand::Rng::with_seed(n.into());
            std::array::from_fn(|_| rng.f32())
        };
        let tracks = (0..tracks).map(|n| (TrackId([n; 16]), latent(n))).collect();
        Arc::new(Space::build("made".into(), Arc::default(), tracks))
    }

    /// Waits for the next map: the number of its tracks, how many came later, and the places.
    fn ready(messages: &Receiver<Msg>, asks: &Receiver<Ask>) -> (usize, usize, Arc<Places>) {
        loop {
            match messages.recv_timeout(Duration::from_secs(300)) {
                Ok(Msg::Map(News::Ready { tracks, later, .. })) => match asks.try_recv() {
                    Ok(Ask::Places(places)) => return (tracks, later, places),
                    other => panic!("{other:?}"),
                },
                Ok(Msg::Map(News::Working(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_map_is_made_when_it_is_shown_kept_and_laid_out_anew_only_when_asked() {
        let dir = tempfile::tempdir().unwrap();
        let begin = || {
            let (engine, asks) = crossbeam_channel::unbounded();
            let (messages, told) = crossbeam_channel::unbounded();
            (start(dir.path().to_path_buf(), engine, messages).unwrap(), told, asks)
        };
        let (maps, told, asks) = begin();
        maps.send(Word::Space(space(20))).unwrap();
        maps.send(Word::Order(MapOrder::Show)).unwrap();
        let (tracks, later, first) = ready(&told, &asks);
        assert_eq!((tracks, later), (20, 0));
        maps.send(Word::Space(space(24))).unwrap();
        let (tracks, later, more) = ready(&told, &asks);
        assert_eq!((tracks, later), (24, 4));
        assert!(first.all().all(|(track, place)| more.of(track) == Some(place)), "no track moves");
        // Another start, after the end of this one, reads what was kept.
        drop(maps);
        while told.recv_timeout(Duration::from_secs(300)).is_ok() {}
        let (maps, told, asks) = begin();
        maps.send(Word::Space(space(24))).unwrap();
        maps.send(Word::Order(MapOrder::Show)).unwrap();
        assert_eq!(ready(&told, &asks).2, more);
        maps.send(Word::Order(MapOrder::Refit)).unwrap();
        assert_eq!(ready(&told, &asks).1, 0, "all of them are laid out together");
    }
}
