//! An approximate nearest-neighbour index of the whole space: which tracks sound most like a point, all 32 dimensions
//! weighted equally, without measuring every track.
//!
//! A hierarchical navigable small world graph (Malkov and Yashunin 2018, from the crate instant-distance) over the squared
//! Euclidean distance of [`Space::point`]. The graph cannot grow, delete or filter, and it can lose small, separate
//! styles. [`super::Searcher`] compensates. Tracks with identical points are one node.

use instant_distance::{Builder, HnswMap, Search};

use crate::track::TrackId;

use super::Latent;
use super::scan::Nearest;
use super::scorer::Scorer;
use super::space::Space;

/// The largest share of the library that may have been added or removed since the index was built: each of those that
/// came is measured by itself, which costs as much as scanning tens of tracks, and ranks shift.
const MOST_CHANGED: f64 = 0.05;

/// How many candidates are kept; more take longer and find more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// While building (HNSW's ef of construction).
    pub construction: usize,
    /// While searching (HNSW's ef).
    pub search: usize,
}

impl Default for Effort {
    /// With these the recall of 20 is at least 0.99 on generated libraries (`examples/search_table.rs`).
    fn default() -> Self {
        Effort { construction: 100, search: 256 }
    }
}

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
    effort: Effort,
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
        Index::build_with(space, seed, Effort::default())
    }

    /// Like [`Index::build`], with more or less effort.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn build_with(space: &Space, seed: u64, effort: Effort) -> Result<Index, rayon::ThreadPoolBuildError> {
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
        let builder = Builder::default().seed(seed).ef_construction(effort.construction).ef_search(effort.search);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "index-build".into()).build()?;
        let graph = pool.install(|| builder.build(distinct, groups));
        let ids = points.into_iter().map(|(_, id)| id).collect();
        let mut index = Index { generation: space.generation().to_string(), effort, graph, ids, islands: Vec::new() };
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
    pub(super) fn delta(&self, space: &Space) -> Option<Vec<u32>> {
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

    /// Offers the tracks near a point that the space still has and `keep` accepts, measured by a scorer. Islands are left
    /// out, although a search for another point may come across one: they are measured anyway.
    pub(super) fn offer(
        &self,
        space: &Space,
        scorer: &Scorer,
        point: &Latent,
        keep: &dyn Fn(u32) -> bool,
        nearest: &mut Nearest,
    ) {
        let mut search = Search::default();
        let tracks = self.graph.search(&Point(*point), &mut search).flat_map(|found| self.of(*found.value));
        let reached = tracks.filter(|id| self.islands.binary_search(id).is_err());
        for row in reached.filter_map(|&id| space.row(id)) {
            nearest.offer(row, &[space.distance(scorer, row)], keep);
        }
    }

    /// With how much effort it is searched.
    pub(super) fn effort(&self) -> Effort {
        self.effort
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fastrand::Rng;

    use super::*;
    use crate::latent::{DIMS, Searcher};

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
        let space = searcher.space();
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
        let searcher = Searcher::with(space, Some(index.clone()));
        assert!(searcher.indexed() && index.len() == 2000);
        let recall = recall(&searcher);
        println!("recall@20 {recall}");
        assert!(recall >= 0.99, "{recall}");
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
