//! The library that queues are made from: metadata of each track by its row in the latent space, and the spaces in
//! which queues are measured.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::latent::{Latent, Prior, Space};
use crate::library::Catalog;
use crate::queue::{self, Context, Versions};
use crate::track::TrackId;

use crate::eval::corpus::{Corpus, Item, Relations};
use crate::eval::error::EvalError;
use crate::eval::row::{Points, Row};

/// Number of random pairs sampled.
const PAIRS: usize = 100_000;
/// Root mean square difference below which two tracks count as one recording.
const SAME_SOUND: f64 = 0.05;

/// A library whose tracks all have a latent.
#[derive(Debug)]
pub struct Library {
    /// The songs.
    pub catalog: Arc<Catalog>,
    /// The space in which queues are made.
    pub space: Arc<Space>,
    /// The prior of a set's variance, fitted to the albums.
    pub prior: Prior,
    /// Artist, album and genre by row.
    pub about: Relations,
    /// Work number by row: versions of one song share a number.
    works: Vec<u32>,
    versions: Arc<Versions>,
    /// The spaces in which queues are measured: the latent first, then those that took no part in making the queues.
    pub views: Vec<View>,
    /// The vectors used by the other ways to make a queue: the latent ([`Space::point`]) first, then each other
    /// system's, unscaled.
    pub vectors: Vec<Vectors>,
}

/// Vectors for nearest-neighbour search, by row.
#[derive(Debug)]
pub struct Vectors {
    /// The system's name; "" for the latent.
    pub name: String,
    points: Points,
}

impl Vectors {
    /// The Euclidean distance of two rows.
    pub fn distance(&self, a: u32, b: u32) -> f32 {
        let pairs = self.points.row(a as usize).iter().zip(self.points.row(b as usize));
        pairs.map(|(x, y)| (x - y) * (x - y)).sum::<f32>().sqrt()
    }
}

/// A space in which queues are measured: the scores of each row.
#[derive(Debug)]
pub struct View {
    /// Its name.
    pub name: String,
    scored: Points,
    /// The mean difference of two random tracks.
    pub random: f64,
    /// The median difference of two random tracks.
    pub median: f64,
}

impl View {
    fn of(name: &str, scored: Points, seed: u64) -> View {
        let mut view = View { name: name.into(), scored, random: 0.0, median: 0.0 };
        let n = view.scored.len() as u32;
        let all = n as usize * (n as usize).saturating_sub(1) / 2;
        let mut differences: Vec<f64> = if all <= PAIRS {
            (0..n).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| view.difference(a, b)).collect()
        } else {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut pair = || (random.u32(..n), random.u32(..n));
            (0..PAIRS).map(|_| pair()).filter(|(a, b)| a != b).map(|(a, b)| view.difference(a, b)).collect()
        };
        differences.sort_by(f64::total_cmp);
        view.random = differences.iter().sum::<f64>() / differences.len().max(1) as f64;
        view.median = differences.get(differences.len() / 2).copied().unwrap_or(0.0);
        view
    }

    /// The root mean square difference of two rows: about √2 for two random tracks.
    pub fn difference(&self, a: u32, b: u32) -> f64 {
        let (a, b) = (self.scored.row(a as usize), self.scored.row(b as usize));
        let squares: f32 = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum();
        f64::from(squares / a.len().max(1) as f32).sqrt()
    }

    /// The scores of a row.
    pub fn row(&self, row: u32) -> &[f32] {
        self.scored.row(row as usize)
    }
}

impl Library {
    /// Arranges a corpus by the rows of `space`. `rows` are other systems' vectors, in the order of the corpus.
    ///
    /// # Errors
    /// When the space and the corpus do not contain the same tracks.
    pub fn of(corpus: &Corpus, catalog: Catalog, space: Space, rows: &[Row], seed: u64) -> Result<Library, EvalError> {
        let places: HashMap<TrackId, usize> =
            corpus.items.iter().enumerate().filter_map(|(place, item)| Some((item.track?, place))).collect();
        let order: Option<Vec<usize>> =
            (0..space.len() as u32).map(|row| places.get(&space.id(row)?).copied()).collect();
        let order = order.filter(|order| order.len() == corpus.items.len());
        let order = order.ok_or(EvalError::OtherTracks)?;
        let items: Vec<Item> = order.iter().map(|&place| corpus.items[place].clone()).collect();
        let arranged = |points: &Points| Points {
            dims: points.dims,
            values: order.iter().flat_map(|&place| points.row(place).iter().copied()).collect(),
        };
        let latents: Vec<Latent> = (0..space.len() as u32).map(|row| space.point(row)).collect();
        let latent = Points::of_latents(&latents);
        let mut views = vec![View::of("latent", latent.clone(), seed)];
        let mut vectors = vec![Vectors { name: String::new(), points: latent }];
        if let Some(points) = &Row::descriptors(corpus).points {
            views.push(View::of("descriptors", arranged(points).scored(), seed));
        }
        for row in rows {
            let Some(points) = &row.points else { continue };
            views.push(View::of(&row.name, arranged(points).scored(), seed));
            vectors.push(Vectors { name: row.name.clone(), points: arranged(points) });
        }
        let versions = Versions::of(&catalog, &space);
        Ok(Library {
            prior: queue::prior(&catalog, &space),
            about: Relations::of(&items),
            works: works(&versions, &catalog, &space),
            versions: versions.into(),
            catalog: catalog.into(),
            space: space.into(),
            views,
            vectors,
        })
    }

    /// The library as an engine's context, with nothing playing.
    pub fn context(&self) -> Context {
        let (catalog, space) = (self.catalog.clone(), self.space.clone());
        Context { catalog, space, prior: self.prior, versions: self.versions.clone(), ..Context::default() }
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.works.len()
    }

    /// Whether there are no tracks.
    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
    }

    /// The view of the latent.
    pub fn latent(&self) -> &View {
        &self.views[0]
    }

    /// The tracks of these rows.
    pub fn tracks(&self, rows: &[u32]) -> Vec<TrackId> {
        rows.iter().filter_map(|&row| self.space.id(row)).collect()
    }

    /// The rows of these tracks.
    pub fn rows(&self, tracks: &[TrackId]) -> Vec<u32> {
        tracks.iter().filter_map(|&track| self.space.row(track)).collect()
    }

    /// Whether two rows are versions of one song, or one recording.
    pub fn same(&self, a: u32, b: u32) -> bool {
        self.works[a as usize] == self.works[b as usize] || self.latent().difference(a, b) < SAME_SOUND
    }
}

/// Tracks that must not follow: those already queued, other versions of their songs, and tracks that sound the same.
pub struct Barred<'a> {
    library: &'a Library,
    works: HashSet<u32>,
    rows: Vec<u32>,
}

impl<'a> Barred<'a> {
    /// The tracks barred by a seed.
    pub fn by(library: &'a Library, rows: &[u32]) -> Barred<'a> {
        let mut barred = Barred { library, works: HashSet::new(), rows: Vec::new() };
        rows.iter().for_each(|&row| barred.add(row));
        barred
    }

    /// Adds a queued track.
    pub fn add(&mut self, row: u32) {
        self.works.insert(self.library.works[row as usize]);
        self.rows.push(row);
    }

    /// Whether a track is barred.
    pub fn holds(&self, row: u32) -> bool {
        let view = self.library.latent();
        self.works.contains(&self.library.works[row as usize])
            || self.rows.iter().any(|&there| view.difference(row, there) < SAME_SOUND)
    }
}

/// Numbers the works: versions of one song as the player detects them, plus songs with the same name by one artist that
/// it misses.
fn works(versions: &Versions, catalog: &Catalog, space: &Space) -> Vec<u32> {
    let mut numbers = HashMap::new();
    let work = |row: u32| {
        let id = space.id(row);
        let group = id.and_then(|id| versions.group(id)).map(Work::Group);
        let named = || id.and_then(|id| queue::song_key(catalog.of_track(id)?)).map(Work::Named);
        // A song without a name is a separate work.
        let key = group.or_else(named).unwrap_or(Work::Row(row));
        let next = numbers.len() as u32;
        *numbers.entry(key).or_insert(next)
    };
    (0..space.len() as u32).map(work).collect()
}

#[derive(PartialEq, Eq, Hash)]
enum Work {
    Group(u32),
    Named((String, String)),
    Row(u32),
}
