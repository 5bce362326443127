//! Runs a tagger on patches, on every core.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jukebox_encoder::{Encoder, Guess};

use super::fault::TaughtError;

/// Called with the number of patches processed so far and the total.
pub type Asked<'a> = dyn FnMut(usize, usize) + 'a;

/// Number of images that a thread takes at a time.
const CHUNK: usize = 28;
/// Interval between calls of `told`.
const PAUSE: Duration = Duration::from_millis(500);

/// An imported tagger.
pub struct Teacher<'a> {
    /// Its name.
    pub name: String,
    /// One instance of the same encoder per thread.
    pub encoders: Vec<Encoder>,
    /// Called with the progress.
    pub told: &'a mut Asked<'a>,
}

impl Teacher<'_> {
    /// The tagger's output for each image, in order.
    pub(super) fn ask(&mut self, images: &[&[u8]]) -> Result<Vec<Guess>, TaughtError> {
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let one = |encoder: &Encoder| -> Result<Vec<(usize, Vec<Guess>)>, TaughtError> {
            let mut out = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(own) = images.chunks(CHUNK).nth(at) else { return Ok(out) };
                out.push((at, encoder.guess(own)?));
                done.fetch_add(own.len(), Ordering::Relaxed);
            }
        };
        let one = &one;
        let (encoders, told) = (&mut self.encoders, &mut self.told);
        let results = std::thread::scope(|scope| {
            let threads: Vec<_> = encoders.iter_mut().map(|encoder| scope.spawn(move || one(encoder))).collect();
            while threads.iter().any(|t| !t.is_finished()) {
                told(done.load(Ordering::Relaxed), images.len());
                std::thread::sleep(PAUSE);
            }
            let joined = threads.into_iter().map(|t| t.join().unwrap_or(Err(TaughtError::Panicked)));
            joined.collect::<Result<Vec<_>, _>>()
        });
        let mut chunks: Vec<(usize, Vec<Guess>)> = results?.into_iter().flatten().collect();
        (self.told)(images.len(), images.len());
        chunks.sort_by_key(|(at, _)| *at);
        Ok(chunks.into_iter().flat_map(|(_, guesses)| guesses).collect())
    }
}
