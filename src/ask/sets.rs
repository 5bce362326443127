//! Sets of tracks: their signatures, distances between them, and the neighbours of a track.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answers::Answers;
use super::error::{SetError, TrackError};
use super::report::{Neighbour, SignatureCard};
use super::set::{Set, Side};
use crate::describe::compare::{Comparison, Difference};
use crate::latent::{
    self, Choice, DimReport, Member, Near, Signature, SignatureReport, Yardstick, compare::differences, lexicon,
    searcher,
};
use crate::library::Song;
use crate::library::signatures::Saved;
use crate::queue::{self};
use crate::track::TrackId;

/// The most tracks of a set whose words are compared.
const WORDED: usize = 512;
/// About how many tracks represent the library in comparisons with a set.
const LIBRARY_SAMPLE: usize = 2048;

impl Answers {
    /// The `count` tracks nearest to a file by the signature of that one track, the nearest first; the track itself
    /// and its other files left out.
    ///
    /// # Errors
    /// What is missing: the file is not known, not analysed yet, or alone.
    pub fn similar(&self, path: &Path, count: usize) -> Result<Vec<Neighbour>, TrackError> {
        let song = self.catalog.of_path(path).ok_or_else(|| TrackError::NotInLibrary(path.into()))?;
        let row = self.space.row(song.track).ok_or_else(|| TrackError::NotAnalysed(path.into()))?;
        let member = Member { row, group: 0 };
        let signature = Signature::of(&self.space, &[member], &Choice::Auto, self.prior)
            .ok_or_else(|| TrackError::NoSignature(path.into()))?;
        let yardstick = Yardstick::of(&self.space, &signature, &[member], &Choice::Auto, self.prior);
        let others = |other: u32| other != row;
        let hits = match Near::track(&self.space, &signature) {
            Some(near) => searcher::nearest(self.searcher.as_deref(), &self.space, &near, count, &others),
            None => self.space.scan(&signature.scorer(), count, &others),
        };
        let neighbours: Vec<Neighbour> = hits
            .into_iter()
            .filter_map(|hit| {
                let song = self.file_of(self.space.id(hit.row)?)?;
                let words = self.space.said(hit.row);
                Some(neighbour(song, hit.distance, yardstick.fit(hit.distance), words))
            })
            .collect();
        if neighbours.is_empty() {
            return Err(TrackError::Alone(path.into()));
        }
        Ok(neighbours)
    }

    /// The signature of a set; of the whole library, how it differs from the model's reference.
    ///
    /// # Errors
    /// When none of it is analysed, or a name or dimension does not exist.
    pub fn signature(&self, side: &Side) -> Result<SignatureCard, SetError> {
        if side.set == Set::Library {
            return Ok(SignatureCard { missing: 0, library: true, report: self.library() });
        }
        let Resolved { tracks, choice, missing } = self.resolve(side)?;
        let report = self.describe(&tracks, &choice).ok_or_else(|| self.why_none(side, &choice, &tracks))?;
        let analysed = tracks.iter().filter(|&&t| self.space.row(t).is_some()).count();
        Ok(SignatureCard { missing: missing + tracks.len() - analysed, library: false, report })
    }

    /// The signature of some tracks with its confidence; `None` when none of them has a latent.
    pub fn describe(&self, tracks: &[TrackId], choice: &Choice) -> Option<SignatureReport> {
        let mut report = queue::signature_report(&self.catalog, &self.space, tracks, choice, self.prior);
        let rows: Vec<u32> = tracks.iter().filter_map(|&track| self.space.row(track)).take(WORDED).collect();
        report.words = lexicon::shared(self.lexicon(), self.space.tags(), &rows);
        let names = self.names();
        let moods = report.moods.iter_mut().flat_map(|mood| &mut mood.dims);
        report.dims.iter_mut().chain(moods).for_each(|dim| dim.name = names.label(dim.dim.saturating_sub(1)));
        (report.members > 0).then_some(report)
    }

    /// The distance between two sets over the dimensions that either uses. The library uses those of the other set.
    ///
    /// # Errors
    /// When one of them cannot be found or nothing of it is analysed.
    pub fn compare(&self, a: &Side, b: &Side) -> Result<Comparison, SetError> {
        let (x, y) = match (self.members_of(a)?, self.members_of(b)?) {
            (Some(x), Some(y)) => (x, y),
            (Some(x), None) => {
                let y = self.everything(&x)?;
                (x, y)
            }
            (None, Some(y)) => {
                let x = self.everything(&y)?;
                (x, y)
            }
            (None, None) => return Err(SetError::Itself),
        };
        let names = self.names();
        let dims: Vec<Difference> = differences(&x, &y)
            .into_iter()
            .filter_map(|(dim, distance)| {
                let (a, b) = (DimReport::of(x.dim(dim)?), DimReport::of(y.dim(dim)?));
                let name = names.label(a.dim.saturating_sub(1));
                Some(Difference { a: DimReport { name: name.clone(), ..a }, b: DimReport { name, ..b }, distance })
            })
            .collect();
        if dims.is_empty() {
            return Err(SetError::NothingShared);
        }
        Ok(Comparison {
            a: a.label.clone(),
            b: b.label.clone(),
            members_a: if a.set == Set::Library { self.space.len() } else { x.members.len() },
            members_b: if b.set == Set::Library { self.space.len() } else { y.members.len() },
            distance: latent::compare(&x, &y),
            dims,
        })
    }

    /// Saves a set with its choice under a name. Returns the number of its tracks.
    ///
    /// # Errors
    /// The name is invalid or taken, none of its tracks is in the library, or the file cannot be written.
    pub fn save(&self, name: &str, side: &Side) -> Result<usize, SetError> {
        let Resolved { tracks, choice, .. } = self.resolve(side)?;
        let members: Vec<_> =
            tracks.iter().filter_map(|&t| Some((t, self.catalog.of_track(t)?.path.as_ref()))).collect();
        if members.is_empty() {
            return Err(SetError::NothingToSave);
        }
        let count = members.len();
        self.signatures.save(name, &Saved::new(members, choice.to_string()))?;
        Ok(count)
    }

    /// The tracks of a saved signature that are in the library, its choice, and how many tracks are missing.
    ///
    /// # Errors
    /// There is no such signature, or its file cannot be read or has invalid dimensions.
    pub fn saved(&self, name: &str) -> Result<(Vec<TrackId>, Choice, usize), SetError> {
        let saved = self.signatures.load(name)?;
        let choice = match saved.choice.trim() {
            "" => Choice::Auto,
            text => {
                let fault = |cause| SetError::SavedChoice { name: name.into(), cause };
                self.names().choice(text).map_err(fault)?
            }
        };
        let mut seen = HashSet::new();
        let tracks: Vec<TrackId> = saved
            .members
            .iter()
            .filter_map(|member| {
                let known = member.track.parse().ok().and_then(|track| self.catalog.of_track(track));
                // If the track is unknown, the one now at its path takes its place.
                known.or_else(|| self.catalog.of_path(&member.path)).map(|song| song.track)
            })
            .filter(|&track| seen.insert(track))
            .collect();
        let missing = saved.members.len().saturating_sub(tracks.len());
        Ok((tracks, choice, missing))
    }

    /// The tracks of a set that are in the library, and its choice of dimensions.
    ///
    /// # Errors
    /// When a name or a dimension does not exist.
    pub fn tracks_of(&self, side: &Side) -> Result<(Vec<TrackId>, Choice), SetError> {
        self.resolve(side).map(|found| (found.tracks, found.choice))
    }

    /// The tracks of a set, its choice of dimensions, and how many of its files are not in the library.
    fn resolve(&self, side: &Side) -> Result<Resolved, SetError> {
        let asked = side.choice.as_deref().map(|text| self.names().choice(text)).transpose()?;
        let (tracks, own, missing) = match &side.set {
            Set::Tracks(tracks) => (tracks.clone(), Choice::Auto, 0),
            Set::Files { paths, albums } => {
                let (tracks, missing) = self.files(paths, *albums);
                (tracks, Choice::Auto, missing)
            }
            Set::Artist(artist) => (self.of_artist(artist), Choice::Auto, 0),
            Set::Saved(name) => self.saved(name)?,
            Set::Library => (self.catalog.tracks().collect(), Choice::All, 0),
        };
        Ok(Resolved { tracks, choice: asked.unwrap_or(own), missing })
    }

    /// The tracks of files and directories, or of the files' whole albums; and how many paths are not in the library.
    fn files(&self, paths: &[PathBuf], albums: bool) -> (Vec<TrackId>, usize) {
        let songs = self.catalog.songs();
        let mut seen = HashSet::new();
        let mut tracks = Vec::new();
        let mut missing = 0;
        for path in paths {
            let found: Vec<&Arc<Song>> = match self.catalog.of_path(path) {
                Some(song) if albums => songs.iter().filter(|s| s.album_key() == song.album_key()).collect(),
                Some(song) => vec![song],
                None => songs.iter().filter(|s| s.path.starts_with(path)).collect(),
            };
            missing += usize::from(found.is_empty());
            tracks.extend(found.iter().map(|s| s.track).filter(|&t| seen.insert(t)));
        }
        (tracks, missing)
    }

    fn of_artist(&self, artist: &str) -> Vec<TrackId> {
        let artist = artist.to_lowercase();
        let mut seen = HashSet::new();
        let songs = self.catalog.songs().iter().filter(|s| s.artist().to_lowercase() == artist);
        songs.map(|s| s.track).filter(|&t| seen.insert(t)).collect()
    }

    /// The signature of a set; `None` for the whole library, which has none of its own.
    fn members_of(&self, side: &Side) -> Result<Option<Signature>, SetError> {
        if side.set == Set::Library {
            return Ok(None);
        }
        let Resolved { tracks, choice, .. } = self.resolve(side)?;
        let members = queue::members(&self.catalog, &self.space, &tracks);
        let signature = Signature::of(&self.space, &members, &choice, self.prior);
        signature.map(Some).ok_or_else(|| self.why_none(side, &choice, &tracks))
    }

    /// The signature of a sample of the library in the dimensions of another signature.
    fn everything(&self, other: &Signature) -> Result<Signature, SetError> {
        let step = self.space.len().div_ceil(LIBRARY_SAMPLE).max(1);
        let members: Vec<Member> =
            (0..self.space.len() as u32).step_by(step).map(|row| Member { row, group: u64::from(row) }).collect();
        let dims = Choice::dims(other.dims.iter().map(|d| d.dim));
        Signature::of(&self.space, &members, &dims, self.prior).ok_or(SetError::EmptySpace)
    }

    /// How the library differs from the model's reference, the most informative dimensions first.
    fn library(&self) -> SignatureReport {
        let names = self.names();
        let mut dims: Vec<DimReport> = (1u8..)
            .zip(self.space.departures())
            .map(|(dim, d)| DimReport {
                dim,
                name: names.label(dim.saturating_sub(1)),
                mean: d.mean,
                spread: d.spread,
                weight: 1.0,
                info: d.info(),
                p_value: 1.0,
                ..DimReport::default()
            })
            .collect();
        dims.sort_by(|a, b| b.info.total_cmp(&a.info).then(a.dim.cmp(&b.dim)));
        SignatureReport { members: self.space.len(), effective: self.space.len() as f64, dims, ..Default::default() }
    }

    fn why_none(&self, side: &Side, choice: &Choice, tracks: &[TrackId]) -> SetError {
        let analysed = tracks.iter().any(|&t| self.space.row(t).is_some());
        match (&side.set, analysed) {
            (_, true) => SetError::NotInDimensions(choice.clone()),
            (Set::Files { .. }, _) if tracks.is_empty() => SetError::NotInLibrary,
            (Set::Files { .. }, _) => SetError::FilesNotAnalysed,
            _ => SetError::NotAnalysed(side.label.clone()),
        }
    }
}

/// A set resolved to tracks.
struct Resolved {
    tracks: Vec<TrackId>,
    choice: Choice,
    missing: usize,
}

fn neighbour(song: &Arc<Song>, distance: f32, fit: f32, words: Vec<String>) -> Neighbour {
    Neighbour {
        path: song.path.to_string_lossy().into_owned(),
        bytes: song.path.to_str().is_none().then(|| song.path.as_os_str().as_bytes().to_vec()),
        title: song.title(),
        artist: song.artist().into(),
        album: song.album().into(),
        genres: song.tags.genres.to_vec(),
        distance,
        fit,
        words,
    }
}

#[cfg(test)]
mod tests;
