//! The map's thread, at low priority: reads the places of the library's tracks when the map is first shown, or lays the map
//! out, and places new tracks while it is shown. One thread for all of it, so that a map is never made twice.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::asks::Ask;
use crate::app::effect::MapOrder;
use crate::app::msg::Msg;
use crate::ask::map::{News, file};
use crate::latent::Space;
use crate::latent::map::{self, GivenUp, Places};
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
    let inbox = Inbox { words, waiting: Mutex::default() };
    while let Some(word) = inbox.next() {
        // Of several spaces only the last matters.
        for word in std::iter::once(word).chain(inbox.waiting()) {
            maker.take(word);
        }
        if catch_unwind(AssertUnwindSafe(|| maker.see_to_it(&inbox))).is_err() {
            // The panic itself is in the log. The same space would end the same way.
            maker.broken = Some(maker.space.clone());
            maker.refit = false;
            maker.tell(News::Failed("laying it out failed; see the log".into()));
        }
    }
}

/// The words to the thread, which it also looks at while it works: a large map takes minutes.
struct Inbox<'a> {
    words: &'a Receiver<Word>,
    /// Those that came meanwhile.
    waiting: Mutex<VecDeque<Word>>,
}

impl Inbox<'_> {
    /// Waits for the next word; `None` when nobody can send one any more.
    fn next(&self) -> Option<Word> {
        let waiting = self.kept().pop_front();
        waiting.or_else(|| self.words.recv().ok())
    }

    /// The other words that are there.
    fn waiting(&self) -> Vec<Word> {
        self.kept().drain(..).chain(self.words.try_iter()).collect()
    }

    /// Whether the work is still wanted: nobody stops it, and the player has not ended.
    fn goes_on(&self) -> bool {
        let mut waiting = self.kept();
        loop {
            match self.words.try_recv() {
                Ok(word) => waiting.push_back(word),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        !waiting.iter().any(|word| matches!(word, Word::Order(MapOrder::Stop)))
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Word>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// Whether the user stopped the work.
    stopped: bool,
    /// A space that cannot be laid out.
    broken: Option<Arc<Space>>,
}

impl Maker {
    fn new(dir: PathBuf, engine: Sender<Ask>, messages: Sender<Msg>) -> Maker {
        let (space, places) = (Arc::default(), Arc::default());
        Maker {
            dir,
            engine,
            messages,
            space,
            places,
            kept: 0,
            shown: false,
            refit: false,
            stopped: false,
            broken: None,
        }
    }

    fn take(&mut self, word: Word) {
        match word {
            Word::Space(space) => self.space = space,
            // A map that was stopped is laid out when that is asked for: it takes long. New tracks are placed soon.
            Word::Order(MapOrder::Show) => (self.shown, self.stopped) = (true, self.stopped && self.places.is_empty()),
            Word::Order(MapOrder::Hide) => {
                self.shown = false;
                self.keep(1);
            }
            Word::Order(MapOrder::Refit) => (self.refit, self.stopped) = (true, false),
            Word::Order(MapOrder::Stop) => {
                (self.refit, self.stopped) = (false, true);
                self.tell(News::Stopped);
            }
        }
    }

    fn tell(&self, news: News) {
        let _ = self.messages.send(Msg::Map(news));
    }

    /// Makes what is lacking: the map, if it is wanted, and places for new tracks.
    fn see_to_it(&mut self, inbox: &Inbox<'_>) {
        let refit = std::mem::take(&mut self.refit);
        let broken = self.broken.as_ref().is_some_and(|broken| Arc::ptr_eq(broken, &self.space));
        if self.space.is_empty() || !(refit || self.shown && !broken) {
            return;
        }
        if self.places.is_empty() || self.places.generation() != self.space.generation() {
            self.places = Arc::new(file::read(&self.dir, self.space.generation()).unwrap_or_default());
            self.kept = self.places.len();
            if !self.places.is_empty() {
                self.hand_out();
            }
        }
        // A map that is kept is shown all the same: it was laid out for another encoder that is in use again.
        if self.stopped && !refit {
            return;
        }
        let told = Told::new(self.messages.clone());
        let told = |share: f32| {
            told.share(share);
            inbox.goes_on()
        };
        let made = refit || self.places.is_empty() || self.places.is_outgrown(self.space.len());
        match self.made(made, &told) {
            Ok(None) => {}
            Ok(Some(places)) => {
                self.places = Arc::new(places);
                self.hand_out();
                // While the library is listened to, not every track is a reason to write.
                self.keep(if made { 0 } else { (self.places.len() / 100).max(1) });
            }
            // The word that stopped it is still to be taken, or the player ends.
            Err(GivenUp) => {}
        }
    }

    /// The map of the space with every track, laid out anew or extended; `None` where nothing has changed.
    fn made(&self, anew: bool, told: &map::Told<'_>) -> Result<Option<Places>, GivenUp> {
        match anew {
            true => Places::fit(&self.space, told).map(Some),
            false => self.places.extended(&self.space, told),
        }
    }

    fn hand_out(&self) {
        // First the engine, which will be asked for a part of it.
        let _ = self.engine.send(Ask::Places(self.places.clone()));
        let tracks = self.places.len().min(self.space.len());
        let (later, bounds) = (self.places.later(), self.places.bounds());
        self.tell(News::Ready { tracks, later, bounds });
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
    fn the_work_is_given_up_when_the_user_stops_it_and_when_the_player_ends() {
        let dir = tempfile::tempdir().unwrap();
        let (engine, asks) = crossbeam_channel::unbounded();
        let (messages, told) = crossbeam_channel::unbounded();
        let (words, received) = crossbeam_channel::unbounded();
        let inbox = Inbox { words: &received, waiting: Mutex::default() };
        let mut maker = Maker::new(dir.path().to_path_buf(), engine, messages);
        maker.take(Word::Space(space(40)));
        maker.take(Word::Order(MapOrder::Show));
        words.send(Word::Order(MapOrder::Stop)).unwrap();
        maker.see_to_it(&inbox);
        assert!(maker.places.is_empty() && asks.is_empty());
        inbox.waiting().into_iter().for_each(|word| maker.take(word));
        assert!(told.try_iter().any(|msg| matches!(msg, Msg::Map(News::Stopped))));
        // Neither more tracks nor another look at it begin anew.
        maker.take(Word::Space(space(44)));
        maker.take(Word::Order(MapOrder::Show));
        maker.see_to_it(&inbox);
        assert!(maker.places.is_empty() && file::read(dir.path(), "made").is_none());
        maker.take(Word::Order(MapOrder::Refit));
        maker.see_to_it(&inbox);
        assert_eq!((maker.places.len(), maker.places.later()), (44, 0));
        // That another encoder's map was stopped does not hide this one's.
        maker.take(Word::Order(MapOrder::Stop));
        maker.places = Arc::default();
        maker.see_to_it(&inbox);
        assert_eq!(maker.places.len(), 44);
        maker.take(Word::Order(MapOrder::Show));
        drop(words);
        maker.take(Word::Space(space(60)));
        maker.see_to_it(&inbox);
        assert_eq!((maker.places.len(), file::read(dir.path(), "made").map(|kept| kept.len())), (44, Some(44)));
        assert!(inbox.next().is_none(), "the thread ends");
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
