//! The index's thread, at low priority: builds an index of a large library's space when nothing has been added for a while,
//! measures what it finds, and hands it to the engine's thread with every space that it serves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::asks::Ask;
use crate::app::msg::Msg;
use crate::app::state::log::Matter;
use crate::latent::index::{Effort, Index};
use crate::latent::searcher::{CROSSING, Recall, Searcher};
use crate::latent::{Prior, Space};
use crate::library::Catalog;
use crate::notice::Kind;
use crate::queue;
use crate::worker::niceness;

/// The niceness of the thread and of the one that builds.
const NICE: i32 = 15;
/// Seed of the graph, so that the same space always gets the same one.
const SEED: u64 = 1;

/// A word to the thread.
pub(super) enum Word {
    /// The songs changed, and with them the albums that signatures depend on.
    Catalog(Arc<Catalog>),
    /// The latents changed.
    Space(Arc<Space>),
}

/// When an index is built, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The number of tracks from which there is one.
    pub crossing: usize,
    /// How much effort it is built and searched with.
    pub effort: Effort,
    /// How long no space must have come: while a library is listened to, an index would soon be stale, and take time from
    /// the listening.
    pub calm: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Terms { crossing: CROSSING, effort: Effort::default(), calm: Duration::from_secs(20) }
    }
}

/// Starts the thread; it ends when every sender is gone.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(terms: Terms, engine: Sender<Ask>, messages: Sender<Msg>) -> std::io::Result<Sender<Word>> {
    let (sender, words) = crossbeam_channel::unbounded();
    let work = move || {
        // On Linux a thread's own, and that of those that it starts: what plays and what is analysed come first.
        let _ = rustix::process::nice(niceness(NICE));
        let (catalog, space) = (Arc::default(), Arc::default());
        run(Keeper { terms, engine, messages, catalog, space, index: None, lacks: false }, &words);
    };
    std::thread::Builder::new().name("index".into()).spawn(work)?;
    Ok(sender)
}

fn run(mut keeper: Keeper, words: &Receiver<Word>) {
    loop {
        let next = match keeper.lacks {
            true => words.recv_timeout(keeper.terms.calm),
            false => words.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            // Of several spaces only the last matters.
            Ok(word) => {
                let before = keeper.space.clone();
                std::iter::once(word).chain(words.try_iter()).for_each(|word| keeper.take(word));
                if !Arc::ptr_eq(&before, &keeper.space) {
                    keeper.serve();
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                if catch_unwind(AssertUnwindSafe(|| keeper.build())).is_err() {
                    // The panic itself is in the log. The same space would end the same way.
                    (keeper.lacks, keeper.index) = (false, None);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What keeps the index.
struct Keeper {
    terms: Terms,
    engine: Sender<Ask>,
    messages: Sender<Msg>,
    catalog: Arc<Catalog>,
    space: Arc<Space>,
    /// The index with what it finds.
    index: Option<(Arc<Index>, Recall)>,
    /// Whether one has to be built.
    lacks: bool,
}

impl Keeper {
    fn take(&mut self, word: Word) {
        match word {
            Word::Catalog(catalog) => self.catalog = catalog,
            Word::Space(space) => self.space = space,
        }
    }

    /// Hands out the index for the space at hand, or finds that another one has to be built.
    fn serve(&mut self) {
        let large = self.space.len() >= self.terms.crossing;
        // A stale index gives its memory back before another one is built.
        let served = self.index.take().filter(|_| large).and_then(|(index, recall)| {
            let searcher = Searcher::checked(self.space.clone(), index.clone(), recall);
            searcher.indexed().then_some((searcher, (index, recall)))
        });
        self.lacks = large && served.is_none();
        if let Some((searcher, kept)) = served {
            self.index = Some(kept);
            let _ = self.engine.send(Ask::Searcher(Arc::new(searcher)));
        }
    }

    fn build(&mut self) {
        self.lacks = false;
        let built = match Index::build_with(&self.space, SEED, self.terms.effort) {
            Ok(built) => Arc::new(built),
            Err(e) => return self.tell(format!("the index of the library cannot be built: {e}")),
        };
        let unchecked = Searcher::with(self.space.clone(), Some(built.clone()));
        let prior: Prior = queue::prior(&self.catalog, &self.space);
        let recall = unchecked.measure(prior);
        if let Err(words) = Searcher::checked(self.space.clone(), built.clone(), recall).words() {
            self.tell(words);
        }
        self.index = Some((built, recall));
        self.serve();
    }

    /// Puts a fault into the log on the screen and the file.
    fn tell(&self, text: String) {
        crate::out::note(&text);
        let _ = self.messages.send(Msg::Report { matter: Matter::Engine, kind: Kind::Hint, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Latent;
    use crate::latent::searcher::{Near, Question, nearest};
    use crate::track::TrackId;

    /// Only ends a test that hangs.
    const PATIENCE: Duration = Duration::from_secs(300);

    fn space(generation: &str, tracks: usize) -> Arc<Space> {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut latent = || -> Latent { std::array::from_fn(|_| rng.f32() + rng.f32() - 1.0) };
        let tracks = (0..tracks as u128).map(|i| (TrackId(i.to_be_bytes()), latent())).collect();
        Arc::new(Space::build(generation.into(), Arc::default(), tracks))
    }

    /// A thread whose index begins at 500 tracks.
    fn started(effort: Effort) -> (Sender<Word>, Receiver<Ask>, Receiver<Msg>) {
        let (engine, asks) = crossbeam_channel::unbounded();
        let (messages, told) = crossbeam_channel::unbounded();
        let terms = Terms { crossing: 500, effort, calm: Duration::ZERO };
        (start(terms, engine, messages).unwrap(), asks, told)
    }

    fn searcher(asks: &Receiver<Ask>) -> Arc<Searcher> {
        match asks.recv_timeout(PATIENCE) {
            Ok(Ask::Searcher(searcher)) => searcher,
            other => panic!("{other:?}"),
        }
    }

    /// The share of the 20 nearest to every tenth track that are found.
    fn found(searcher: &Searcher) -> f64 {
        let space = searcher.space();
        let (mut found, mut all) = (0, 0);
        for row in (0..space.len() as u32).step_by(10) {
            let near = Near::point(&space.point(row));
            let exact = space.scan(near.scorer(), 20, &|_| true);
            let hits = nearest(Some(searcher), space, &near, 20, &|_| true);
            all += exact.len();
            found += hits.iter().filter(|hit| exact.iter().any(|e| e.row == hit.row)).count();
        }
        f64::from(found as u32) / f64::from(all as u32)
    }

    #[test]
    fn an_index_is_built_from_the_crossing_on_serves_what_grows_and_gives_way_when_it_is_stale() {
        let (words, asks, _told) = started(Effort::default());
        words.send(Word::Space(space("a", 499))).unwrap();
        let first = space("a", 600);
        words.send(Word::Space(first.clone())).unwrap();
        let built = searcher(&asks);
        assert!(Arc::ptr_eq(built.space(), &first) && built.trusted(Question::Point));
        assert!(found(&built) >= 0.99);
        // Two in a hundred more: the same index serves.
        let grown = space("a", 612);
        words.send(Word::Space(grown.clone())).unwrap();
        let serves = searcher(&asks);
        assert!(Arc::ptr_eq(serves.space(), &grown) && serves.trusted(Question::Point));
        assert!(serves.words().unwrap_or_else(|words| words).starts_with("index of 600 tracks"));
        assert!(found(&serves) >= 0.99);
        // A third more, and then another encoder: each gets an index of its own.
        for (next, of) in [(space("a", 800), "index of 800 tracks"), (space("b", 700), "index of 700 tracks")] {
            words.send(Word::Space(next.clone())).unwrap();
            let rebuilt = searcher(&asks);
            assert!(Arc::ptr_eq(rebuilt.space(), &next));
            assert!(rebuilt.words().unwrap_or_else(|words| words).starts_with(of));
        }
        drop(words);
        assert!(asks.recv_timeout(PATIENCE).is_err(), "nothing more is handed out, and the thread ends");
    }

    #[test]
    fn an_index_that_finds_too_little_is_said_and_not_used() {
        // A search for 20 that keeps five candidates.
        let (words, asks, told) = started(Effort { search: 5, ..Effort::default() });
        words.send(Word::Space(space("a", 600))).unwrap();
        let poor = searcher(&asks);
        assert!(!poor.trusted(Question::Point) && !poor.trusted(Question::Track));
        assert_eq!(found(&poor), 1.0, "the exact scan answers");
        let Ok(Msg::Report { text, .. }) = told.recv_timeout(PATIENCE) else { panic!("it is said") };
        assert!(text.contains("to a point 0.0 %, not used"), "{text}");
    }
}
