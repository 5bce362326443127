//! An approximate nearest-neighbour index of the whole space: which tracks sound most like a point, all 32 dimensions
//! weighted equally, without measuring every track.
//!
//! A hierarchical navigable small world graph (Malkov and Yashunin 2018, from the crate instant-distance) over the squared
//! Euclidean distance of normal scores. The graph cannot grow, delete or filter, and it can lose small, separate styles. A
//! Euclidean distance of [`Space::point`]. The graph cannot grow, delete or filter, and it can lose small, separate
//! styles. A [`Searcher`] compensates: it measures tracks one by one that were added later or that the graph lost,
//! drops removed ones, and measures every candidate again in the current space, where ranks have shifted a little.
//! Tracks with identical points are one node. Where that is not cheap or correct, and below [`CROSSING`], it uses the
//! exact scan.

use std::sync::Arc;

use instant_distance::{Builder, HnswMap, Search};

use crate::track::TrackId;

use super::scan::Hit;
use super::scan::Nearest;
use super::scorer::Scorer;
use super::space::Space;
use super::{DIMS, Latent};

/// Library size from which the index is faster than the exact scan; `examples/search_table.rs` measures it.
pub const CROSSING: usize = 200_000;
/// The largest `k` that the index is used for; larger queries are scanned exactly.
pub const MOST_WANTED: usize = 50;
/// Candidates kept while searching (HNSW's ef); the recall of 20 is at least 0.99 (`examples/search_table.rs`).
const EF_SEARCH: usize = 80;
/// Candidates kept while building; more take longer and give a better graph.
const EF_CONSTRUCTION: usize = 100;
/// The largest share of the library that may have been added or removed since the index was built.
const MOST_CHANGED: f64 = 0.05;

/// One track's point, aligned to cache lines.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Point(Latent);

impl instant_distance::Point for Point {
    fn distance(&self, other: &Self) -> f32 {
        // Eight partial sums vectorise; a single sum would not.
        let mut sums = [0.0f32; 8];
        let (a, _) = self.0.as_chunks::<8>();
        let (b, _) = other.0.as_chunks::<8>();
        for (a, b) in a.iter().zip(b) {
            for i in 0..8 {
                sums[i] += (a[i] - b[i]) * (a[i] - b[i]);
            }
        }
        sums.iter().sum()
    }
}

/// The range of `Index::ids` that holds the tracks of one point.
#[derive(Clone, Copy)]
struct Group {
    first: u32,
    len: u32,
}

/// A graph over the tracks of one space.
pub struct Index {
    generation: String,
    graph: HnswMap<Point, Group>,
    /// Every track, grouped by point.
    ids: Vec<TrackId>,
    /// Tracks that the graph does not reach, sorted: a small style far from all others can become disconnected.
    islands: Vec<TrackId>,
}

impl Index {
    /// Builds the index of a space. Single-threaded, so that playback is not disturbed and the same seed gives the same
    /// graph; takes minutes for 100,000 tracks, so call it in the background.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn build(space: &Space, seed: u64) -> Result<Index, rayon::ThreadPoolBuildError> {
        let mut points: Vec<(Latent, TrackId)> =
            (0..space.len() as u32).filter_map(|row| Some((space.point(row), space.id(row)?))).collect();
        let order = |a: &Latent, b: &Latent| a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne());
        points.sort_by(|(a, x), (b, y)| order(a, b).unwrap_or_else(|| x.cmp(y)));
        let (mut distinct, mut groups, mut first) = (Vec::new(), Vec::new(), 0);
        for alike in points.chunk_by(|(a, _), (b, _)| order(a, b).is_none()) {
            distinct.push(Point(alike[0].0));
            groups.push(Group { first, len: alike.len() as u32 });
            first += alike.len() as u32;
        }
        let builder = Builder::default().seed(seed).ef_construction(EF_CONSTRUCTION).ef_search(EF_SEARCH);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "index".into()).build()?;
        let graph = pool.install(|| builder.build(distinct, groups));
        let ids = points.into_iter().map(|(_, id)| id).collect();
        let mut index = Index { generation: space.generation().to_string(), graph, ids, islands: Vec::new() };
        index.islands = index.unreached();
        Ok(index)
    }

    /// The tracks whose points a search for that very point does not find.
    fn unreached(&self) -> Vec<TrackId> {
        let mut search = Search::default();
        let mut out = Vec::new();
        for (id, point) in self.graph.iter() {
            let found = self.graph.search(point, &mut search).any(|found| found.pid == id);
            if !found && let Some(group) = self.graph.values.get(id.into_inner() as usize) {
                out.extend_from_slice(self.of(*group));
            }
        }
        out.sort_unstable();
        out
    }

    fn of(&self, group: Group) -> &[TrackId] {
        &self.ids[group.first as usize..(group.first + group.len) as usize]
    }

    /// Number of points: tracks with identical points count once.
    pub fn points(&self) -> usize {
        self.graph.values.len()
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Number of tracks that the graph does not reach; every query measures them.
    pub fn lost(&self) -> usize {
        self.islands.len()
    }

    /// The rows of a space that the graph does not reach, ascending: tracks added later and the islands. `None` when
    /// the index does not serve that space: another generation, or too much has been added or removed.
    fn delta(&self, space: &Space) -> Option<Vec<u32>> {
        if self.generation != space.generation() {
            return None;
        }
        let mut known = self.ids.clone();
        known.sort_unstable();
        let is_new = |id: TrackId| known.binary_search(&id).is_err();
        let rows = 0..space.len() as u32;
        let new = rows.clone().filter(|&row| space.id(row).is_some_and(is_new)).count();
        let gone = self.len() + new - space.len();
        if (new + gone) as f64 > MOST_CHANGED * space.len() as f64 {
            return None;
        }
        let is_island = |id: TrackId| self.islands.binary_search(&id).is_ok();
        Some(rows.filter(|&row| space.id(row).is_some_and(|id| is_new(id) || is_island(id))).collect())
    }

    /// Offers the tracks near a point that the space still has and `keep` accepts.
    fn offer(&self, space: &Space, scorer: &Scorer, point: &Latent, keep: &dyn Fn(u32) -> bool, nearest: &mut Nearest) {
        let mut search = Search::default();
        let tracks = self.graph.search(&Point(*point), &mut search).flat_map(|found| self.of(*found.value));
        for row in tracks.filter_map(|&id| space.row(id)) {
            nearest.offer(row, &[scorer.distance(&space.point(row))], keep);
        }
    }
}

/// Answers which tracks of a space are nearest to a point, with the index where it is faster, else by the exact scan.
pub struct Searcher {
    space: Arc<Space>,
    /// The index and the rows that its graph does not lead to.
    index: Option<(Arc<Index>, Vec<u32>)>,
}

impl Searcher {
    /// A searcher of a space, with an index that was built of it or of an earlier one. The index is not used below
    /// [`CROSSING`] tracks or when it is stale: then build another.
    pub fn new(space: Arc<Space>, index: Option<Arc<Index>>) -> Searcher {
        let index = index.filter(|_| space.len() >= CROSSING);
        Searcher::with(space, index)
    }

    /// A searcher that uses the index at any size, unless it is stale.
    pub fn with(space: Arc<Space>, index: Option<Arc<Index>>) -> Searcher {
        let index = index.and_then(|index| {
            let delta = index.delta(&space)?;
            Some((index, delta))
        });
        Searcher { space, index }
    }

    /// Whether an index is in use.
    pub fn indexed(&self) -> bool {
        self.index.is_some()
    }

    /// The `k` rows nearest to a point ([`Space::point`]) for which `keep` is true, nearest first, by the mean squared
    /// difference over the 32 dimensions ([`Scorer::around`]). With an index 99 of 100 are correct, without one all.
    pub fn nearest(&self, point: &Latent, k: usize, keep: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let scorer = Scorer::around(point, 0..DIMS as u8);
        if let Some((index, delta)) = self.index.as_ref().filter(|_| k <= MOST_WANTED) {
            let mut nearest = Nearest::new(k, EF_SEARCH + delta.len());
            index.offer(&self.space, &scorer, point, keep, &mut nearest);
            // Otherwise `keep` rejected too much of what the graph found.
            if nearest.len() == k {
                for &row in delta {
                    nearest.offer(row, &[scorer.distance(&self.space.point(row))], keep);
                }
                return nearest.into_hits();
            }
        }
        self.space.scan(&scorer, k, keep)
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn id(i: usize) -> TrackId {
        TrackId((i as u128).to_be_bytes())
    }

    /// Tracks around twenty styles.
    fn clustered(tracks: usize) -> Vec<(TrackId, Latent)> {
        let mut rng = Rng::with_seed(5);
        let mut point = |spread: f32| -> Latent { std::array::from_fn(|_| spread * (rng.f32() + rng.f32() - 1.0)) };
        let styles: Vec<Latent> = (0..20).map(|_| point(2.0)).collect();
        (0..tracks)
            .map(|i| {
                let offset = point(1.0);
                (id(i), std::array::from_fn(|d| styles[i % 20][d] + offset[d]))
            })
            .collect()
    }

    fn space(tracks: &[(TrackId, Latent)]) -> Arc<Space> {
        Space::build("g".into(), Arc::default(), tracks.to_vec()).into()
    }

    /// The share of the 20 nearest that a searcher finds, over queries spread over the library.
    fn recall(searcher: &Searcher) -> f64 {
        let space = &searcher.space;
        let queries: Vec<u32> = (0..space.len() as u32).step_by(space.len() / 50).collect();
        let found: usize = queries
            .iter()
            .map(|&query| {
                let point = space.z(query);
                let exact = space.scan(&Scorer::euclid(&point, 0..32), 20, &|row| row != query);
                let hits = searcher.nearest(&point, 20, &|row| row != query);
                assert!(hits.is_sorted() && hits.len() == 20);
                hits.iter().filter(|h| exact.iter().any(|e| e.row == h.row)).count()
            })
            .sum();
        found as f64 / (20 * queries.len()) as f64
    }

    #[test]
    fn the_index_finds_what_the_scan_finds() {
        let tracks = clustered(2000);
        let space = space(&tracks);
        let index = Arc::new(Index::build(&space, 1).expect("a thread"));
        let searcher = Searcher::with(space.clone(), Some(index.clone()));
        assert!(searcher.indexed() && index.len() == 2000);
        let recall = recall(&searcher);
        println!("recall@20 {recall}");
        assert!(recall >= 0.99, "{recall}");
        // Below the crossing the scan is sooner.
        assert!(!Searcher::new(space, Some(index)).indexed());
    }

    #[test]
    fn what_came_is_found_and_what_went_is_not() {
        let tracks = clustered(2000);
        let index = Arc::new(Index::build(&space(&tracks[..1960]), 1).expect("a thread"));
        let today = space(&tracks[40..]);
        let searcher = Searcher::with(today.clone(), Some(index.clone()));
        assert!(searcher.indexed());
        assert!(recall(&searcher) >= 0.99);
        for i in [1970, 1999] {
            let row = today.row(id(i)).expect("a row");
            assert_eq!(searcher.nearest(&today.z(row), 1, &|_| true)[0].row, row, "a track that came later");
        }
        // A filter that leaves less than the graph finds: the scan answers.
        let few = |row: u32| row.is_multiple_of(400);
        let hits = searcher.nearest(&today.z(3), 4, &few);
        assert_eq!(hits, today.scan(&Scorer::euclid(&today.z(3), 0..32), 4, &few));
        // More wanted than the graph gives.
        assert_eq!(searcher.nearest(&today.z(3), 300, &|_| true).len(), 300);
        // Too much has changed, or everything.
        assert!(!Searcher::with(space(&tracks[500..]), Some(index.clone())).indexed());
        let other = Space::build("h".into(), Arc::default(), tracks);
        assert!(!Searcher::with(other.into(), Some(index)).indexed());
    }

    #[test]
    fn what_the_graph_lost_is_found_all_the_same() {
        // Ten narrow styles far from all others, and one track that the index knows but the graph does not.
        let mut tracks = clustered(1001);
        for (i, (_, latent)) in tracks.iter_mut().enumerate().filter(|(i, _)| i % 5 == 0) {
            let style = (i / 5) % 10;
            *latent = std::array::from_fn(|d| if d % 10 == style { 50.0 } else { -50.0 } + 1e-3 * latent[d]);
        }
        let mut index = Index::build(&space(&tracks[..1000]), 1).expect("a thread");
        index.ids.push(id(1000));
        index.islands.push(id(1000));
        let space = space(&tracks);
        let searcher = Searcher::with(space.clone(), Some(index.into()));
        for row in 0..space.len() as u32 {
            assert_eq!(searcher.nearest(&space.z(row), 1, &|_| true)[0].row, row);
        }
    }

    #[test]
    fn tracks_exactly_alike_are_one_point_and_all_found() {
        let mut tracks = clustered(500);
        let again = tracks[7].1;
        tracks.extend((500..560).map(|i| (id(i), again)));
        let space = space(&tracks);
        let index = Arc::new(Index::build(&space, 1).expect("a thread"));
        assert_eq!((index.len(), index.points()), (560, 500));
        let searcher = Searcher::with(space.clone(), Some(index));
        let hits = searcher.nearest(&space.z(7), 50, &|_| true);
        assert!(hits.len() == 50 && hits.iter().all(|h| h.distance == 0.0));
    }

    #[test]
    fn the_same_seed_makes_the_same_index_and_nothing_makes_an_empty_one() {
        let space = space(&clustered(300));
        let find = |seed| {
            let index = Index::build(&space, seed).expect("a thread");
            let mut search = Search::default();
            let found: Vec<f32> = index.graph.search(&Point(space.z(9)), &mut search).map(|f| f.distance).collect();
            found
        };
        assert_eq!(find(3), find(3));
        let nothing = Arc::new(Space::default());
        let index = Index::build(&nothing, 1).expect("a thread");
        assert!(index.is_empty());
        assert!(Searcher::with(nothing, Some(index.into())).nearest(&[0.0; DIMS], 5, &|_| true).is_empty());
    }
}
