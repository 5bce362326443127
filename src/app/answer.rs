//! Questions about a library at one moment: what is near, what do these agree on. Pure; the running player and the
//! command line both ask here.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::report::{Neighbour, SignatureCard};
use crate::latent::{Choice, Member, Prior, Signature, SignatureReport, Space, Yardstick};
use crate::library::{Catalog, Song};
use crate::queue;
use crate::track::TrackId;

/// A library and its latent space.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The songs.
    pub catalog: Arc<Catalog>,
    /// Their latents.
    pub space: Arc<Space>,
    /// What the library's albums teach about a set's variance.
    pub prior: Prior,
}

impl Answers {
    /// A library at one moment.
    pub fn new(catalog: Arc<Catalog>, space: Arc<Space>) -> Answers {
        let prior = queue::prior(&catalog, &space);
        Answers { catalog, space, prior }
    }

    /// The `count` tracks nearest to a file by the signature of that one track, the nearest first; the track itself
    /// and its other files left out.
    ///
    /// # Errors
    /// What is missing: the file is not known, not analysed yet, or alone.
    pub fn similar(&self, path: &Path, count: usize) -> Result<Vec<Neighbour>, String> {
        let name = path.display();
        let song =
            self.catalog.of_path(path).ok_or_else(|| format!("{name}: not in the library; `jukebox scan` it"))?;
        let row = self.space.row(song.track).ok_or_else(|| format!("{name}: not analysed yet"))?;
        let member = Member { row, group: 0 };
        let signature = Signature::of(&self.space, &[member], &Choice::Auto, self.prior)
            .ok_or_else(|| format!("{name}: has no signature"))?;
        let yardstick = Yardstick::of(&self.space, &signature, &[member], &Choice::Auto, self.prior);
        let hits = self.space.scan(&signature.scorer(), count, &|r| r != row);
        let neighbours: Vec<Neighbour> = hits
            .into_iter()
            .filter_map(|hit| {
                let song = self.catalog.of_track(self.space.id(hit.row)?)?;
                Some(neighbour(song, hit.distance, yardstick.fit(hit.distance)))
            })
            .collect();
        if neighbours.is_empty() {
            return Err(format!("nothing to compare {name} with: no other track is analysed yet"));
        }
        Ok(neighbours)
    }

    /// The signature of some files; `dims` counted from 1, empty lets the test choose.
    ///
    /// # Errors
    /// When none of them is analysed, or a dimension does not exist.
    pub fn signature(&self, paths: &[PathBuf], dims: &[u8]) -> Result<SignatureCard, String> {
        let tracks: Vec<TrackId> = paths.iter().filter_map(|p| self.catalog.of_path(p)).map(|s| s.track).collect();
        let choice = if dims.is_empty() {
            Choice::Auto
        } else {
            let text = dims.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
            super::action::choice(&text)?.unwrap_or_default()
        };
        let report = self.describe(&tracks, &choice).ok_or("none of these files is analysed yet")?;
        Ok(SignatureCard { missing: paths.len().saturating_sub(report.members), report })
    }

    /// The signature of some tracks with its confidence; `None` when none of them has a latent.
    pub fn describe(&self, tracks: &[TrackId], choice: &Choice) -> Option<SignatureReport> {
        let report = queue::signature_report(&self.catalog, &self.space, tracks, choice, self.prior);
        (report.members > 0).then_some(report)
    }
}

fn neighbour(song: &Arc<Song>, distance: f32, fit: f32) -> Neighbour {
    Neighbour {
        path: song.path.to_string_lossy().into_owned(),
        bytes: song.path.to_str().is_none().then(|| song.path.as_os_str().as_bytes().to_vec()),
        title: song.title(),
        artist: song.artist().into(),
        album: song.album().into(),
        genres: song.tags.genres.clone(),
        distance,
        fit,
    }
}
