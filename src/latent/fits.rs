//! How well every track fits what the queue follows, for the bars of the lists.

use std::sync::Arc;

use crate::track::TrackId;

use super::Space;

/// The byte of a track whose fit is unknown.
const UNKNOWN: u8 = u8::MAX;
/// The byte of a full fit.
const FULL: f32 = 250.0;

/// The fit of every track of a space, in steps of 0.4 %.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fits {
    /// In ascending order; those of the space.
    tracks: Arc<[TrackId]>,
    fits: Vec<u8>,
}

impl Fits {
    /// The fits of a space's rows, 0 to 1 each; none where the queue follows nothing.
    pub fn new(space: &Space, fits: Option<Vec<f32>>) -> Fits {
        let Some(fits) = fits else { return Fits::default() };
        let code = |fit: f32| if fit.is_finite() { (fit.clamp(0.0, 1.0) * FULL).round() as u8 } else { UNKNOWN };
        Fits { tracks: space.ids(), fits: fits.into_iter().map(code).collect() }
    }

    /// Whether nothing is known of any track.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Whether they are those of the tracks of a space, whatever is known of them.
    pub fn are_of(&self, space: &Space) -> bool {
        *self.tracks == *space.ids()
    }

    /// The fit of a track, 0 to 1; `None` where it is unknown.
    pub fn of(&self, track: TrackId) -> Option<f32> {
        let row = self.tracks.binary_search(&track).ok()?;
        self.fits.get(row).filter(|&&fit| fit != UNKNOWN).map(|&fit| f32::from(fit) / FULL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Reference;

    #[test]
    fn every_track_has_its_own_fit() {
        let tracks = (1..=3u8).rev().map(|n| (TrackId([n; 16]), [f32::from(n); super::super::DIMS])).collect();
        let space = Space::build("x".into(), Arc::new(Reference::default()), tracks);
        let fits = Fits::new(&space, Some(vec![0.0, 1.0, f32::NAN]));
        let of = |n: u8| fits.of(TrackId([n; 16]));
        assert_eq!((of(1), of(2), of(3), of(4)), (Some(0.0), Some(1.0), None, None));
        assert!(!fits.is_empty() && Fits::new(&space, None).is_empty());
        let more = (1..=4u8).map(|n| (TrackId([n; 16]), [f32::from(n); super::super::DIMS])).collect();
        let more = Space::build("x".into(), Arc::new(Reference::default()), more);
        assert!(fits.are_of(&space) && !fits.are_of(&more) && !Fits::default().are_of(&space));
    }
}
