//! What songs are sorted by beside their tags: the journal's totals, the descriptors, the fit.

use crate::latent::{Fits, Space, named};
use crate::library::Song;
use crate::library::journal::Tallies;
use crate::library::playlist::sort::{Facts, SortKey};

/// The places of descriptors among the named dimensions.
const TEMPO: usize = 0;
const BRIGHTNESS: usize = 3;
const ENERGY: usize = 10;

/// What is known of songs.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Plays and ratings.
    pub tallies: &'a Tallies,
    /// The descriptors.
    pub space: &'a Space,
    /// How well they fit what the queue follows.
    pub fits: &'a Fits,
}

impl Known<'_> {
    /// A descriptor of a song, in its own unit.
    fn sound(&self, song: &Song, place: usize) -> Option<f32> {
        let values = self.space.named(self.space.row(song.track)?);
        values.get(place).copied().filter(|value| value.is_finite())
    }

    /// Beats per minute, 80 to 160.
    pub fn tempo(&self, song: &Song) -> Option<f32> {
        self.sound(song, TEMPO).map(named::bpm)
    }

    /// How forceful it sounds, 0 to 1.
    pub fn energy(&self, song: &Song) -> Option<f32> {
        self.sound(song, ENERGY)
    }

    /// The spectral centroid in Hz.
    pub fn brightness(&self, song: &Song) -> Option<f32> {
        self.sound(song, BRIGHTNESS)
    }
}

impl Facts for Known<'_> {
    fn value(&self, song: &Song, key: SortKey) -> Option<f64> {
        match key {
            SortKey::Tempo => self.tempo(song).map(f64::from),
            SortKey::Energy => self.energy(song).map(f64::from),
            SortKey::Brightness => self.brightness(song).map(f64::from),
            SortKey::Fit => self.fits.of(song.track).map(f64::from),
            SortKey::Plays => Some(self.tallies.of_song(song).plays.into()),
            SortKey::Rating => self.tallies.of_song(song).rating.map(f64::from),
            SortKey::Title
            | SortKey::Artist
            | SortKey::Album
            | SortKey::Year
            | SortKey::Length
            | SortKey::Added
            | SortKey::Track
            | SortKey::Path => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::latent::{DIMS, NAMED, Reference};
    use crate::library::journal::{Entry, Event};
    use crate::track::TrackId;

    #[test]
    fn the_places_are_those_of_the_descriptors() {
        let names = [TEMPO, BRIGHTNESS, ENERGY].map(|place| NAMED[place].name);
        assert_eq!(names, ["tempo", "brightness", "energy"]);
    }

    #[test]
    fn what_is_known_of_a_track_is_found_and_the_rest_is_missing() {
        let id = |n: u8| TrackId([n; 16]);
        let tracks = (1..=2u8).map(|n| (id(n), [f32::from(n); DIMS])).collect();
        let mut values = [f32::NAN; NAMED.len()];
        (values[TEMPO], values[ENERGY]) = (named::turns_of_tempo(120.0), 0.7);
        let space = Space::build("x".into(), Arc::new(Reference::default()), tracks)
            .with_named(|track| (track == id(1)).then_some(values));
        let fits = Fits::new(&space, Some(vec![0.5, f32::NAN]));
        let rated = Entry { at: 1, event: Event::Rated { track: id(1), rating: Some(80) } };
        let tallies = Tallies::new([&rated]);
        let known = Known { tallies: &tallies, space: &space, fits: &fits };
        let of = |n: u8, key| known.value(&Song::bare("/m/a.mp3", id(n)), key);
        assert!((of(1, SortKey::Tempo).unwrap() - 120.0).abs() < 0.01);
        assert_eq!(
            (of(1, SortKey::Fit), of(1, SortKey::Rating), of(1, SortKey::Plays)),
            (Some(0.5), Some(80.0), Some(0.0))
        );
        assert_eq!((of(1, SortKey::Brightness), of(2, SortKey::Tempo), of(9, SortKey::Energy)), (None, None, None));
        assert_eq!((of(2, SortKey::Fit), of(2, SortKey::Rating)), (None, None));
    }
}
