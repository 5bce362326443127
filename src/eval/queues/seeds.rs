//! Seeds of queues: single tracks, and several tracks of an album or an artist.

use std::collections::BTreeMap;

use super::library::Library;

/// Number of tracks in a seed of several.
const SET: std::ops::RangeInclusive<usize> = 3..=5;

/// The tracks that a queue starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct Seed {
    /// The rows of its tracks, in playing order.
    pub rows: Vec<u32>,
    /// The bootstrap group: the first track's artist.
    pub group: u32,
    /// The genre of more than half of its tracks, if any.
    pub genre: Option<u32>,
}

impl Seed {
    /// The seed with these rows.
    pub fn of(library: &Library, rows: Vec<u32>) -> Seed {
        let genres: Vec<u32> = rows.iter().filter_map(|&row| library.about.genre[row as usize]).collect();
        let most = |genre: &&u32| 2 * genres.iter().filter(|g| g == genre).count() > rows.len();
        let genre = genres.iter().find(most).copied();
        let group = rows.first().map_or(0, |&row| library.about.artist[row as usize]);
        Seed { rows, group, genre }
    }

    /// Whether one of its tracks is by the artist of `row`.
    pub fn shares_artist(&self, library: &Library, row: u32) -> bool {
        self.rows.iter().any(|&own| library.about.artist[own as usize] == library.about.artist[row as usize])
    }
}

/// Random single tracks; all tracks if there are no more than `count`.
pub fn ones(library: &Library, count: usize, seed: u64) -> Vec<Seed> {
    let mut rows = fastrand::Rng::with_seed(seed).choose_multiple(0..library.len() as u32, count);
    rows.sort_unstable();
    rows.into_iter().map(|row| Seed::of(library, vec![row])).collect()
}

/// Sets of three to five random tracks, each from a random album or artist. Versions of one song count once. An artist
/// whose tracks form a single album is left out in favour of the album.
pub fn sets(library: &Library, count: usize, seed: u64) -> Vec<Seed> {
    let about = &library.about;
    let mut albums: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut artists: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for row in 0..library.len() {
        if let Some(album) = about.album[row] {
            albums.entry(album).or_default().push(row as u32);
        }
        if about.artist_known[row] {
            artists.entry(about.artist[row]).or_default().push(row as u32);
        }
    }
    let mut found: Vec<Vec<u32>> = Vec::new();
    for mut rows in albums.into_values().chain(artists.into_values()) {
        let mut kept: Vec<u32> = Vec::with_capacity(rows.len());
        rows.retain(|&row| {
            let new = kept.iter().all(|&there| !library.same(there, row));
            kept.extend(new.then_some(row));
            new
        });
        if rows.len() >= *SET.start() && !found.contains(&rows) {
            found.push(rows);
        }
    }
    let mut random = fastrand::Rng::with_seed(seed);
    let mut chosen = random.choose_multiple(0..found.len(), count);
    chosen.sort_unstable();
    let draw = |i: usize| {
        let size = random.usize(SET).min(found[i].len());
        let mut rows = random.choose_multiple(found[i].iter().copied(), size);
        random.shuffle(&mut rows);
        Seed::of(library, rows)
    };
    chosen.into_iter().map(draw).collect()
}
