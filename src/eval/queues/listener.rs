//! A simulated listener, whose taste is known: it tells what a weight of the user's ratings, loves and plays would bring.
//!
//! What a track is worth to the listener is the sum of a part of its artist, one of its genre and one of its own, each drawn
//! from a normal distribution. The journal knows little of it: plays, more of what is liked, and for one track in ten a rating
//! that is off by chance.

use std::collections::HashMap;
use std::sync::Arc;

use fastrand::Rng;

use crate::latent::simulation::normal;
use crate::library::journal::{Entry, Event, Tallies};

use super::library::Library;

/// The parts of artist, genre and track.
const PARTS: [f64; 3] = [0.7, 0.5, 0.5];
/// One track in so many is rated.
const RATED: usize = 10;
/// A rating by one more standard deviation of worth, in points of 100, and how far it is off by chance.
const POINTS: (f64, f64) = (20.0, 10.0);
/// From this worth on every second track is loved.
const LOVED: f64 = 1.5;
/// The most plays of a track.
const PLAYS: u32 = 30;

/// A listener of one library.
#[derive(Clone, Debug)]
pub struct Listener {
    /// What each row is worth to the listener, in standard deviations over the library.
    worth: Vec<f64>,
    /// What the journal knows.
    tallies: Arc<Tallies>,
}

impl Listener {
    /// A listener drawn by a seed.
    pub fn of(library: &Library, seed: u64) -> Listener {
        let mut rng = Rng::with_seed(seed);
        let mut drawn: HashMap<(bool, u32), f64> = HashMap::new();
        let mut worth = Vec::with_capacity(library.len());
        for row in 0..library.len() {
            let mut part = |key: Option<(bool, u32)>| match key {
                Some(key) => *drawn.entry(key).or_insert_with(|| f64::from(normal(&mut rng))),
                None => f64::from(normal(&mut rng)),
            };
            let artist = part(Some((true, library.about.artist[row])));
            let genre = part(library.about.genre[row].map(|genre| (false, genre)));
            worth.push(PARTS[0] * artist + PARTS[1] * genre + PARTS[2] * part(None));
        }
        let n = worth.len().max(1) as f64;
        let mean = worth.iter().sum::<f64>() / n;
        let sd = (worth.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt().max(1e-9);
        worth.iter_mut().for_each(|w| *w = (*w - mean) / sd);
        let mut entries = Vec::new();
        for (row, worth) in (0..).zip(&worth) {
            let Some(track) = library.space.id(row) else { continue };
            let mut note = |event| entries.push(Entry { at: 1, event });
            // Twice as often for one more standard deviation; most tracks seldom or never.
            let often = (0.7 * worth - 0.5).exp() * f64::from(-rng.f32().max(1e-6).ln());
            let plays = (often.floor() as u32).min(PLAYS);
            (0..plays).for_each(|_| note(Event::Played { track, secs: 200.0, whole: true }));
            if rng.usize(..RATED) == 0 {
                let points = 50.0 + POINTS.0 * worth + POINTS.1 * f64::from(normal(&mut rng));
                // Whole stars.
                let rating = (points.clamp(0.0, 100.0) / 20.0).round() as u8 * 20;
                note(Event::Rated { track, rating: Some(rating) });
            }
            if *worth > LOVED && rng.bool() {
                note(Event::Loved { track, loved: true });
            }
        }
        Listener { worth, tallies: Tallies::new(&entries).into() }
    }

    /// What the journal knows.
    pub fn tallies(&self) -> Arc<Tallies> {
        self.tallies.clone()
    }

    /// What the tracks of these rows are worth to the listener, in the mean; `None` for no rows.
    pub fn liking(&self, rows: &[u32]) -> Option<f64> {
        let sum: f64 = rows.iter().filter_map(|&row| self.worth.get(row as usize)).sum();
        (!rows.is_empty()).then(|| sum / rows.len() as f64)
    }
}
