//! What the info panel says of a track beyond its tags and its descriptors.

use std::path::{Path, PathBuf};

use super::answers::Answers;
use super::report::Neighbour;
use crate::latent::Why;
use crate::queue::{self, Context, Situation};

/// How many of the nearest tracks are named.
const NEAREST: usize = 3;

/// What is known of a track.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection {
    /// The file that it is about.
    pub path: PathBuf,
    /// Why it fits what the queue follows; `None` where that is not known.
    pub why: Option<Why>,
    /// The encoder's words for it.
    pub words: Vec<String>,
    /// The tracks that sound most like it, the nearest first.
    pub near: Vec<Neighbour>,
}

impl Answers {
    /// Looks at the file at a path. Of one that is not analysed only its path is known.
    pub fn inspect(&self, path: &Path) -> Inspection {
        let nothing = Inspection { path: path.to_path_buf(), ..Inspection::default() };
        let Some(song) = self.catalog.of_path(path) else { return nothing };
        let Some(row) = self.space.row(song.track) else { return nothing };
        let (playlist, choice) = self.followed().clone();
        let context = Context {
            catalog: self.catalog.clone(),
            space: self.space.clone(),
            situation: Situation { playlist, ..Situation::default() },
            choice,
            prior: self.prior,
            taste: self.counting_taste(),
            ..Context::default()
        };
        Inspection {
            why: queue::why_fits(&context, song.track),
            words: self.space.said(row),
            // The only analysed track has no neighbours.
            near: self.similar(path, NEAREST).unwrap_or_default(),
            ..nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::latent::{Choice, DIMS, Reference, Space};
    use crate::library::signatures::Signatures;
    use crate::library::{Catalog, Song};
    use crate::track::TrackId;

    #[test]
    fn a_track_is_told_with_the_three_nearest_and_why_it_fits() {
        let id = |n: u8| TrackId([n; 16]);
        let path = |n: u8| PathBuf::from(format!("/m/{n}.mp3"));
        let songs = (0..40).map(|n| Arc::new(Song::bare(path(n), id(n)))).collect();
        // Track 39 is not analysed; the others lie on a line.
        let latents = (0..39).map(|n| (id(n), [f32::from(n); DIMS])).collect();
        let space = Space::build("x".into(), Arc::new(Reference::default()), latents);
        let catalog = Arc::new(Catalog::new(songs));
        let mut answers = Answers::new(catalog, Arc::new(space), Signatures::in_dir("/nonexistent".into()));
        let seen = answers.inspect(&path(20));
        let near: Vec<u8> = seen.near.iter().map(|near| near.title.parse().unwrap()).collect();
        assert_eq!((near.len(), seen.why.is_none()), (3, true), "{near:?}");
        assert!(near.iter().all(|n| (10..=30).contains(n) && *n != 20), "{near:?}");
        answers.follow(vec![id(20), id(22)], Choice::Auto);
        assert!(answers.inspect(&path(21)).why.is_some_and(|why| why.fit.is_some()));
        for unknown in [path(39), path(99)] {
            assert_eq!(answers.inspect(&unknown), Inspection { path: unknown, ..Inspection::default() });
        }
    }
}
