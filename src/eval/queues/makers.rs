//! The makers of queues: the player and the baselines. All of them exclude tracks already queued, their other versions
//! and their duplicates, so that the comparison is fair; only the player does more.

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::config;
use crate::queue::{Context, Director, Engine, Find, SignatureEngine, Situation};
use crate::track::TrackId;

use super::library::{Barred, Library};
use super::listener::Listener;
use super::seeds::Seed;

/// A way to make a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The player: refills as the session asks for them, picked by the policy.
    Player,
    /// The engine's proposals in their order, without the policy.
    Scan,
    /// The tracks nearest to the seed by the sum of Euclidean distances, in order (the paper, §5.2; bliss's
    /// `closest_to_songs`), in the library's vectors with this index.
    Nearest(usize),
    /// Each track is the nearest unused one to its predecessor (bliss's `song_to_song`), in the vectors with this
    /// index.
    Chain(usize),
    /// Random tracks.
    Random,
}

impl Maker {
    /// All makers that are possible with a library.
    pub fn all(library: &Library) -> Vec<Maker> {
        let others = (0..library.vectors.len()).flat_map(|i| [Maker::Nearest(i), Maker::Chain(i)]);
        [Maker::Player, Maker::Scan].into_iter().chain(others).chain([Maker::Random]).collect()
    }

    /// Its name.
    pub fn name(self, library: &Library) -> String {
        let of = |way: &str, i: usize| match library.vectors[i].name.as_str() {
            "" => way.to_string(),
            name => format!("{way}, {name}"),
        };
        match self {
            Maker::Player => "player".into(),
            Maker::Scan => "signature scan".into(),
            Maker::Nearest(i) => of("nearest", i),
            Maker::Chain(i) => of("chain", i),
            Maker::Random => "random".into(),
        }
    }
}

/// The settings of the player.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// When and how far it refills, and the weights of its policy.
    pub queue: config::Queue,
    /// Tracks per queue.
    pub length: usize,
    /// Random seed.
    pub seed: u64,
}

/// Makes queues of one library.
pub struct Workshop<'a> {
    library: &'a Library,
    setup: &'a Setup,
    context: Context,
    director: Director,
    /// The engine that the player asks.
    engine: String,
    /// What the director said of requests that the engine did not answer.
    notes: Vec<String>,
}

impl<'a> Workshop<'a> {
    /// A workshop for a library and the player's settings.
    pub fn new(library: &'a Library, setup: &'a Setup) -> Workshop<'a> {
        let context = Context { weights: setup.queue.weights, ..library.context() };
        let (director, engine) = (Director::new(Vec::new()), SignatureEngine::NAME.into());
        Workshop { library, setup, context, director, engine, notes: Vec::new() }
    }

    /// A workshop whose player asks this engine or chain of engines, which may be of the user's plugins in `dirs`. Scripts
    /// search by `find`.
    #[must_use]
    pub fn asking(self, engine: &str, dirs: Vec<PathBuf>, find: Find) -> Workshop<'a> {
        let context = Context { find, ..self.context };
        Workshop { context, director: Director::new(dirs), engine: engine.into(), ..self }
    }

    /// A workshop whose player knows what a listener heard and rated.
    #[must_use]
    pub fn heard_by(self, listener: &Listener) -> Workshop<'a> {
        let context = Context { tallies: listener.tallies(), ..self.context };
        Workshop { context, ..self }
    }

    /// One line for each request so far that the engine did not answer.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The rows of a queue after a seed; fewer than requested when no tracks are left.
    pub fn make(&mut self, maker: Maker, seed: &Seed) -> Vec<u32> {
        match maker {
            Maker::Player => self.play(seed),
            Maker::Scan => self.scan(seed),
            Maker::Nearest(i) => {
                let vectors = &self.library.vectors[i];
                let sum = |row: u32| seed.rows.iter().map(|&own| vectors.distance(own, row)).sum::<f32>();
                let mut order: Vec<(f32, u32)> = (0..self.library.len() as u32).map(|row| (sum(row), row)).collect();
                order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                self.first(seed, order.into_iter().map(|(_, row)| row))
            }
            Maker::Chain(i) => self.chain(i, seed),
            Maker::Random => {
                let own = seed.rows.first().map_or(0, |&row| u64::from(row) + 1);
                let mut rows: Vec<u32> = (0..self.library.len() as u32).collect();
                fastrand::Rng::with_seed(self.setup.seed.wrapping_add(own << 20)).shuffle(&mut rows);
                self.first(seed, rows.into_iter())
            }
        }
    }

    /// Simulates a session (`app::update`) without playback: the seed is queued by hand and played, every track is
    /// played to its end, and whenever fewer than `queue.refill` tracks are ahead, the queue is filled up to
    /// `queue.ahead`.
    fn play(&mut self, seed: &Seed) -> Vec<u32> {
        // What a script remembers of one queue must not shape the next.
        self.director.forget();
        let (ahead, refill) = (self.setup.queue.ahead, self.setup.queue.refill);
        let playlist = self.library.tracks(&seed.rows);
        let mut waiting: VecDeque<TrackId> = playlist.iter().copied().collect();
        let mut playing = waiting.pop_front();
        let (mut heard, mut picked): (Vec<TrackId>, Vec<TrackId>) = (Vec::new(), Vec::new());
        let (mut request, mut spent) = (0, false);
        while let Some(now) = playing {
            if !spent && waiting.len() < refill.max(1) && waiting.len() < ahead {
                request += 1;
                let want = ahead - waiting.len();
                self.context.seed = heard.len() as u64 + request;
                self.context.situation = Situation {
                    playlist: playlist.clone(),
                    playing,
                    ahead: waiting.iter().copied().collect(),
                    heard: heard.clone(),
                    ..Situation::default()
                };
                let (picks, note) = self.director.picks(&self.context, &self.engine, want);
                self.notes.extend(note);
                // After a short answer the session asks again only when more is known, which never happens here.
                spent = picks.len() < want;
                picked.extend(picks.iter().map(|pick| pick.id));
                waiting.extend(picks.iter().map(|pick| pick.id));
            }
            if picked.len() >= self.setup.length {
                break;
            }
            heard.retain(|track| *track != now);
            heard.push(now);
            playing = waiting.pop_front();
        }
        picked.truncate(self.setup.length);
        self.library.rows(&picked)
    }

    fn scan(&mut self, seed: &Seed) -> Vec<u32> {
        let playlist = self.library.tracks(&seed.rows);
        self.context.situation = Situation { playing: playlist.last().copied(), playlist, ..Situation::default() };
        // Enough to allow for barred tracks, although a reason is computed for each proposal.
        let want = 10 * self.setup.length + 100;
        let mut proposals = SignatureEngine::default().propose(&self.context, want).unwrap_or_default();
        proposals.sort_by(|a, b| b.score.total_cmp(&a.score));
        let rows: Vec<u32> = proposals.iter().filter_map(|p| self.library.space.row(p.id)).collect();
        self.first(seed, rows.into_iter())
    }

    fn chain(&self, vectors: usize, seed: &Seed) -> Vec<u32> {
        let vectors = &self.library.vectors[vectors];
        let mut barred = Barred::by(self.library, &seed.rows);
        let mut left: Vec<u32> = (0..self.library.len() as u32).collect();
        let mut queue = Vec::with_capacity(self.setup.length);
        // bliss ranks the first track by its distances from all seed tracks.
        let mut from = seed.rows.clone();
        while queue.len() < self.setup.length {
            let distance = |row: u32| from.iter().map(|&own| vectors.distance(own, row)).sum::<f32>();
            let nearest = left.iter().map(|&row| (distance(row), row)).min_by(|a, b| a.0.total_cmp(&b.0));
            let Some((_, row)) = nearest else { break };
            left.retain(|&other| other != row);
            if !barred.holds(row) {
                barred.add(row);
                queue.push(row);
                from = vec![row];
            }
        }
        queue
    }

    /// The first tracks of an order that are not barred.
    fn first(&self, seed: &Seed, order: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut barred = Barred::by(self.library, &seed.rows);
        let mut queue = Vec::with_capacity(self.setup.length);
        for row in order {
            if queue.len() == self.setup.length {
                break;
            }
            if !barred.holds(row) {
                barred.add(row);
                queue.push(row);
            }
        }
        queue
    }
}
