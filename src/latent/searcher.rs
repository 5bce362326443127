//! Finds the tracks nearest to a point or to one track: with the index where that is trusted, else by the exact scan.
//!
//! What the graph gives are candidates only. Each is measured as the scan would measure it, in the space at hand, in which
//! ranks may have shifted a little since the graph was built; tracks that came later or that the graph lost are measured one
//! by one, and removed ones dropped. How many of the nearest are found so is measured after every build ([`Recall`]).

use std::fmt;
use std::sync::Arc;

use fastrand::Rng;

use super::choice::Choice;
use super::dim::Shape;
use super::index::Index;
use super::prior::Prior;
use super::scan::{Hit, Nearest};
use super::scorer::Scorer;
use super::signature::{Member, Signature};
use super::space::Space;
use super::{DIMS, Latent};

/// Library size from which the index is faster than the exact scan; `examples/search_table.rs` measures it.
pub const CROSSING: usize = 200_000;
/// The largest number of tracks wanted that the index is used for: the graph gives some more candidates than these.
pub const MOST_WANTED: usize = 50;
/// An index that finds fewer of the nearest than this is not used: of a list of 20 one in five would then lack a track,
/// and the exact scan never does.
pub const FLOOR: f64 = 0.99;
/// Number of random tracks whose neighbours are searched for to measure the recall, and of neighbours of each: of 4,000
/// neighbours 0.99 is known to about 0.002.
const QUERIES: usize = 200;
const NEIGHBOURS: usize = 20;
/// Seed of their choice, so that a library always gets the same verdict.
const SEED: u64 = 23;
/// The largest share of the tracks that the graph may have lost: all of them are measured at every search.
const MOST_LOST: f64 = 0.05;
/// The least mean of 1/v − 1 that a place is worked out with: a signature hardly narrower than the library has none.
const LEAST_NARROW: f32 = 0.05;

/// A kind of question; the index may be good at one and not at the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What is nearest to a point, all dimensions weighted equally.
    Point,
    /// What is nearest to a track, by the signature of that track alone.
    Track,
}

/// Something that tracks are to be near to.
#[derive(Clone, Debug)]
pub struct Near {
    question: Question,
    /// Where the graph is searched, as a [`Space::point`].
    around: Latent,
    /// What is measured.
    scorer: Scorer,
}

impl Near {
    /// A point ([`Space::point`]).
    pub fn point(point: &Latent) -> Near {
        Near { question: Question::Point, around: *point, scorer: Scorer::around(point, 0..DIMS as u8) }
    }

    /// The signature of a single track. `None` where the graph cannot help: the signature is of several tracks, or measures
    /// other dimensions than all of the encoder's.
    ///
    /// In each dimension such a signature is one normal density of mean m and variance v, and the distance, ln of the
    /// library's density − ln of that one, is up to the library's tails (1/v − 1)·z²/2 − m/v·z and a constant. With the
    /// mean w of 1/v − 1 in place of each it is a Euclidean distance round m/(v·w), further out than the track itself;
    /// there the graph is searched.
    pub fn track(space: &Space, signature: &Signature) -> Option<Near> {
        if signature.members.len() != 1 || signature.scored.len() != DIMS {
            return None;
        }
        let mut around = [0.0; DIMS];
        let (mut sum, mut shares) = (0.0, 0.0);
        for dim in &signature.scored {
            let Shape::Normal { mean, var, .. } = dim.shape else { return None };
            let at = usize::from(dim.dim);
            let share = space.says(at, 1.0);
            // A score of 1 is one standard deviation of the points.
            *around.get_mut(at)? = share.sqrt() * mean / var;
            sum += share * (1.0 / var - 1.0);
            shares += share;
        }
        let narrower = (sum / shares).max(LEAST_NARROW);
        around.iter_mut().for_each(|at| *at /= narrower);
        Some(Near { question: Question::Track, around, scorer: signature.scorer() })
    }

    /// What is measured.
    pub fn scorer(&self) -> &Scorer {
        &self.scorer
    }
}

/// The share of the nearest tracks that an index finds, 0 to 1, for either question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recall {
    /// Of [`Question::Point`].
    pub point: f64,
    /// Of [`Question::Track`].
    pub track: f64,
}

impl Recall {
    /// That of a question.
    pub fn of(self, question: Question) -> f64 {
        match question {
            Question::Point => self.point,
            Question::Track => self.track,
        }
    }
}

/// A space with an index of it, if there is one.
pub struct Searcher {
    space: Arc<Space>,
    /// The index and the rows that its graph does not lead to.
    index: Option<(Arc<Index>, Vec<u32>)>,
    /// Whether the graph lost too much.
    lossy: bool,
    /// What was measured; `None` where the index is used whatever it finds.
    recall: Option<Recall>,
}

impl fmt::Debug for Searcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indexed = self.indexed();
        f.debug_struct("Searcher").field("indexed", &indexed).field("recall", &self.recall).finish_non_exhaustive()
    }
}

impl Searcher {
    /// A searcher that uses an index, built of this space or of an earlier one, however little it finds. Where it is stale
    /// (another generation, or too much has changed) the scan is used, and another one has to be built.
    pub fn with(space: Arc<Space>, index: Option<Arc<Index>>) -> Searcher {
        let index = index.and_then(|index| {
            let delta = index.delta(&space)?;
            Some((index, delta))
        });
        Searcher { space, index, lossy: false, recall: None }
    }

    /// A searcher that uses an index only for questions of which it finds enough by what was measured ([`FLOOR`]).
    pub fn checked(space: Arc<Space>, index: Arc<Index>, recall: Recall) -> Searcher {
        let lossy = index.lost() as f64 > MOST_LOST * index.len() as f64;
        Searcher { lossy, recall: Some(recall), ..Searcher::with(space, Some(index)) }
    }

    /// The space that is searched.
    pub fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// Whether there is an index that is not stale.
    pub fn indexed(&self) -> bool {
        self.index.is_some()
    }

    /// Whether the index is used for a question.
    pub fn trusted(&self, question: Question) -> bool {
        self.indexed() && !self.lossy && self.recall.is_none_or(|recall| recall.of(question) >= FLOOR)
    }

    /// What the index is used for and what it finds, for a person; an error if there is a question that it is not good
    /// enough for.
    ///
    /// # Errors
    /// The same words.
    pub fn words(&self) -> Result<String, String> {
        let tracks = self.space.len();
        let (Some((index, _)), Some(recall)) = (&self.index, self.recall) else {
            return Ok(format!("exact scan of {tracks} tracks"));
        };
        let told = |name: &str, question| {
            let used = if self.trusted(question) { "" } else { ", not used" };
            format!("{name} {:.1} %{used}", 100.0 * recall.of(question))
        };
        let mut words = format!(
            "index of {} tracks finds of the {NEIGHBOURS} nearest: {}; {}",
            index.len(),
            told("to a point", Question::Point),
            told("to a track", Question::Track)
        );
        if self.lossy {
            words += &format!("; its graph does not reach {} tracks", index.lost());
        }
        if self.trusted(Question::Point) && self.trusted(Question::Track) {
            return Ok(words);
        }
        Err(format!("{words} (below {:.0} % the exact scan answers, which is slower and finds all)", 100.0 * FLOOR))
    }

    /// Measures how many of the nearest tracks the index finds, beside the exact scan, for random tracks of the space; a
    /// search that the graph cannot answer alone finds none. Takes some hundred scans. The prior is that of the signatures
    /// ([`Signature::of`]).
    pub fn measure(&self, prior: Prior) -> Recall {
        let space = &self.space;
        let point = |row: u32| Some(Near::point(&space.point(row)));
        let track = |row: u32| {
            let signature = Signature::of(space, &[Member { row, group: 0 }], &Choice::Auto, prior)?;
            Near::track(space, &signature)
        };
        Recall { point: self.share_found(&point), track: self.share_found(&track) }
    }

    fn share_found(&self, near: &dyn Fn(u32) -> Option<Near>) -> f64 {
        let (mut rng, rows) = (Rng::with_seed(SEED), self.space.len() as u32);
        let (mut found, mut all) = (0, 0);
        for _ in 0..QUERIES.min(self.space.len()) {
            let query = rng.u32(..rows);
            let keep = |row: u32| row != query;
            // Where the graph is never asked, it misses nothing.
            let Some(near) = near(query) else { continue };
            let right = self.space.scan(&near.scorer, NEIGHBOURS, &keep);
            let farthest = right.last().map_or(f32::NEG_INFINITY, |hit| hit.distance);
            let is_right = |hit: &Hit| hit.distance <= farthest || right.iter().any(|r| r.row == hit.row);
            all += right.len();
            found +=
                self.by_index(&near, NEIGHBOURS, &keep).map_or(0, |hits| hits.iter().filter(|h| is_right(h)).count());
        }
        found as f64 / all.max(1) as f64
    }

    /// The `k` rows nearest to a point ([`Space::point`]) for which `keep` is true, nearest first, by the mean squared
    /// difference over the 32 dimensions ([`Scorer::around`]).
    pub fn nearest(&self, point: &Latent, k: usize, keep: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        self.find(&Near::point(point), k, keep)
    }

    /// The `k` rows nearest to something for which `keep` is true, nearest first. With the index nearly all are correct
    /// ([`FLOOR`]), without it all.
    pub fn find(&self, near: &Near, k: usize, keep: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let hits = if self.trusted(near.question) { self.by_index(near, k, keep) } else { None };
        hits.unwrap_or_else(|| self.space.scan(&near.scorer, k, keep))
    }

    /// The same by the index alone; `None` where too many are wanted or `keep` rejects too much of what the graph finds.
    fn by_index(&self, near: &Near, k: usize, keep: &dyn Fn(u32) -> bool) -> Option<Vec<Hit>> {
        let (index, delta) = self.index.as_ref().filter(|_| k <= MOST_WANTED)?;
        let mut nearest = Nearest::new(k, index.effort().search + delta.len());
        index.offer(&self.space, &near.scorer, &near.around, keep, &mut nearest);
        if nearest.len() < k {
            return None;
        }
        for &row in delta {
            nearest.offer(row, &[self.space.distance(&near.scorer, row)], keep);
        }
        Some(nearest.into_hits())
    }
}

/// The `k` rows of a space nearest to something for which `keep` is true, by a searcher if it is one of this very space.
pub fn nearest(
    searcher: Option<&Searcher>,
    space: &Arc<Space>,
    near: &Near,
    k: usize,
    keep: &dyn Fn(u32) -> bool,
) -> Vec<Hit> {
    match searcher.filter(|searcher| Arc::ptr_eq(&searcher.space, space)) {
        Some(searcher) => searcher.find(near, k, keep),
        None => space.scan(&near.scorer, k, keep),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::index::Effort;
    use crate::track::TrackId;

    /// Tracks of twelve styles that overlap.
    fn space(tracks: usize) -> Arc<Space> {
        let mut rng = Rng::with_seed(7);
        let mut point = || -> Latent { std::array::from_fn(|_| rng.f32() + rng.f32() - 1.0) };
        let styles: Vec<Latent> = (0..12).map(|_| point()).collect();
        let tracks = (0..tracks).map(|i| {
            let own = point();
            (TrackId((i as u128).to_be_bytes()), std::array::from_fn(|d| styles[i % 12][d] + own[d]))
        });
        Arc::new(Space::build("g".into(), Arc::default(), tracks.collect()))
    }

    fn index(space: &Space, effort: Effort) -> Arc<Index> {
        Arc::new(Index::build_with(space, 1, effort).expect("a thread"))
    }

    #[test]
    fn a_good_index_finds_what_the_scan_finds_and_a_poor_one_is_not_used() {
        let space = space(1500);
        let good = index(&space, Effort::default());
        let recall = Searcher::with(space.clone(), Some(good.clone())).measure(Prior::default());
        println!("{recall:?}");
        let searcher = Searcher::checked(space.clone(), good.clone(), recall);
        assert!(recall.point >= FLOOR && searcher.trusted(Question::Point), "{recall:?}");
        assert_eq!(searcher.words().is_ok(), searcher.trusted(Question::Track));
        // Five candidates are not even as many as are wanted.
        let poor = index(&space, Effort { search: 5, ..Effort::default() });
        let recall = Searcher::with(space.clone(), Some(poor.clone())).measure(Prior::default());
        assert_eq!(recall, Recall { point: 0.0, track: 0.0 });
        let searcher = Searcher::checked(space.clone(), poor, recall);
        assert!(searcher.indexed() && !searcher.trusted(Question::Point) && !searcher.trusted(Question::Track));
        let words = searcher.words().unwrap_err();
        assert!(words.contains("to a point 0.0 %, not used; to a track 0.0 %, not used"), "{words}");
        let near = Near::point(&space.point(9));
        let exact = space.scan(near.scorer(), 20, &|_| true);
        assert_eq!(nearest(Some(&searcher), &space, &near, 20, &|_| true), exact);
        // One question may be answered by the index and the other by the scan.
        let half = Searcher::checked(space, good, Recall { point: FLOOR, track: 0.9 });
        assert!(half.trusted(Question::Point) && !half.trusted(Question::Track));
        assert!(half.words().unwrap_err().contains("to a point 99.0 %; to a track 90.0 %, not used"));
    }

    #[test]
    fn a_track_s_nearest_are_found_where_its_signature_is_densest() {
        let space = space(1500);
        let searcher = Searcher::with(space.clone(), Some(index(&space, Effort::default())));
        let (mut found, mut all) = (0, 0);
        for row in (0..1500).step_by(50) {
            let member = Member { row, group: 0 };
            let signature = Signature::of(&space, &[member], &Choice::Auto, Prior::default()).expect("a signature");
            let near = Near::track(&space, &signature).expect("all of the encoder's dimensions");
            let exact = space.scan(&signature.scorer(), 5, &|other| other != row);
            let hits = searcher.find(&near, 5, &|other| other != row);
            assert!(hits.is_sorted() && hits.len() == 5);
            all += exact.len();
            found += hits.iter().filter(|hit| exact.iter().any(|e| e.row == hit.row)).count();
        }
        println!("{found} of {all}");
        assert!(found * 100 >= all * 97, "{found} of {all}");
    }

    #[test]
    fn a_searcher_of_another_space_or_a_stale_index_leaves_it_to_the_scan() {
        let (space, other) = (space(600), space(500));
        let built = index(&space, Effort::default());
        let near = Near::point(&other.point(3));
        let exact = other.scan(near.scorer(), 9, &|_| true);
        let searcher = Searcher::with(space.clone(), Some(built.clone()));
        assert!(searcher.indexed());
        assert_eq!(nearest(Some(&searcher), &other, &near, 9, &|_| true), exact);
        assert_eq!(nearest(None, &other, &near, 9, &|_| true), exact);
        // A sixth of what it knows is gone.
        let stale = Searcher::checked(other.clone(), built, Recall { point: 1.0, track: 1.0 });
        assert!(!stale.indexed() && !stale.trusted(Question::Point));
        assert_eq!(nearest(Some(&stale), &other, &near, 9, &|_| true), exact);
        let several = [Member { row: 1, group: 1 }, Member { row: 2, group: 2 }];
        let signature = Signature::of(&space, &several, &Choice::Auto, Prior::default()).expect("a signature");
        assert!(Near::track(&space, &signature).is_none(), "the graph is of no help for sets");
    }
}
