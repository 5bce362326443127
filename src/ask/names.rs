//! Resolves names in `:journey` and `:blend`: a path, title, artist, album, saved signature or description of sound.

use std::path::Path;
use std::sync::Arc;

use super::answers::Answers;
use super::error::{NameError, SetError};
use crate::library::Song;
use crate::queue;
use crate::track::TrackId;

/// Tracks, or a name to be resolved to tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Tracks.
    Tracks {
        /// What the user calls them.
        label: String,
        /// The tracks.
        tracks: Vec<TrackId>,
    },
    /// A file, a title, an artist, an album or a saved signature.
    Named(String),
}

impl Answers {
    /// The tracks of a part, with a label.
    ///
    /// # Errors
    /// The name is unknown or ambiguous.
    pub fn part(&self, part: &Part) -> Result<(String, Vec<TrackId>), NameError> {
        match part {
            Part::Tracks { label, tracks } => Ok((label.clone(), tracks.clone())),
            Part::Named(name) => self.named(name),
        }
    }

    /// The single track of a part; of several, the one nearest to their signature.
    ///
    /// # Errors
    /// The name is unknown or ambiguous, or it means several tracks of which none is analysed.
    pub fn one(&self, part: &Part) -> Result<TrackId, NameError> {
        // A title takes precedence over an album or an artist.
        if let Part::Named(name) = part
            && let Some(track) = self.titled(name)?
        {
            return Ok(track);
        }
        let (label, tracks) = self.part(part)?;
        if let [track] = tracks[..] {
            return Ok(track);
        }
        let members = queue::members(&self.catalog, &self.space, &tracks);
        let signature = crate::latent::Signature::of(&self.space, &members, &Default::default(), self.prior);
        let not_analysed = || SetError::NotAnalysed(label.clone());
        let scorer = signature.map(|s| s.scorer()).ok_or_else(not_analysed)?;
        let distance = |row: u32| self.space.distance(&scorer, row);
        let nearest = members.iter().map(|m| m.row).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        Ok(nearest.and_then(|row| self.space.id(row)).ok_or_else(not_analysed)?)
    }

    fn named(&self, name: &str) -> Result<(String, Vec<TrackId>), NameError> {
        if self.signatures.names().iter().any(|saved| saved == name) {
            let (tracks, _, missing) = self.saved(name)?;
            return match tracks.is_empty() {
                true => Err(NameError::Gone { name: name.into(), missing }),
                false => Ok((name.to_string(), tracks)),
            };
        }
        let songs = self.catalog.songs();
        let matching = |fits: &dyn Fn(&Song) -> bool| -> Vec<TrackId> {
            let mut tracks: Vec<TrackId> = songs.iter().filter(|s| fits(s)).map(|s| s.track).collect();
            let mut seen = std::collections::HashSet::new();
            tracks.retain(|t| seen.insert(*t));
            tracks
        };
        let path = Path::new(name);
        let under = if path.is_absolute() { matching(&|s| s.path.starts_with(path)) } else { Vec::new() };
        let wanted = name.to_lowercase();
        let is = |text: &str| text.to_lowercase() == wanted;
        let artist = || matching(&|s| is(s.artist()));
        let album = || matching(&|s| is(s.album()));
        for tracks in [under, artist(), album()] {
            if !tracks.is_empty() {
                return Ok((label(name), tracks));
            }
        }
        if let Some(track) = self.titled(name)? {
            return Ok((label(name), vec![track]));
        }
        // A description of the sound.
        if let Some(tracks) = self.sounding(name) {
            return Ok((label(name), tracks));
        }
        // The unambiguous start of a name.
        let begun = |text: &str| text.to_lowercase().starts_with(&wanted);
        let mut names: Vec<String> = songs
            .iter()
            .flat_map(|s| [s.artist().to_string(), s.album().to_string(), s.title()])
            .filter(|text| !wanted.is_empty() && begun(text))
            .collect();
        names.sort();
        names.dedup();
        match &names[..] {
            [] => Err(NameError::Unknown(name.into())),
            [one] => self.named(one),
            _ => Err(NameError::Ambiguous { name: name.into(), candidates: names }),
        }
    }

    /// The track of a path, a title, or `Title by Artist`; `None` if there is none. Ambiguous titles are errors.
    fn titled(&self, name: &str) -> Result<Option<TrackId>, NameError> {
        if let Some(song) = self.catalog.of_path(Path::new(name)) {
            return Ok(Some(song.track));
        }
        let wanted = name.to_lowercase();
        let by = |song: &Song| format!("{} by {}", song.title(), song.artist());
        let found: Vec<&Arc<Song>> = self
            .catalog
            .songs()
            .iter()
            .filter(|s| {
                let title = s.title().to_lowercase();
                // The longer name is built only for the few songs whose title fits.
                wanted.starts_with(&title) && (title == wanted || by(s).to_lowercase() == wanted)
            })
            .collect();
        let Some(first) = found.first() else { return Ok(None) };
        // Several tracks of one artist under one title are versions of one song.
        if found.iter().any(|s| s.artist().to_lowercase() != first.artist().to_lowercase()) {
            let mut names: Vec<String> = found.iter().map(|s| by(s)).collect();
            names.sort();
            names.dedup();
            return Err(NameError::Ambiguous { name: name.into(), candidates: names });
        }
        Ok(Some(first.track))
    }
}

fn label(name: &str) -> String {
    crate::text::sanitize(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::library::Catalog;
    use crate::library::signatures::Signatures;

    fn answers() -> Answers {
        let mut songs = fixture::catalog(40).songs().to_vec();
        songs.push(fixture::song(900, "Other", "Elsewhere", "Only Here"));
        songs.push(fixture::song(901, "Other", "Elsewhere", "Twice"));
        songs.push(fixture::song(902, "Another", "Apart", "Twice"));
        let nowhere = Signatures::in_dir("/nonexistent/signatures".into());
        Answers::new(Arc::new(Catalog::new(songs)), Arc::default(), nowhere)
    }

    fn one(name: &str) -> Result<String, NameError> {
        let answers = answers();
        let track = answers.one(&Part::Named(name.into()))?;
        Ok(answers.catalog.of_track(track).unwrap().title())
    }

    #[test]
    fn titles_and_paths_name_one_track() {
        assert_eq!(one("only here").unwrap(), "Only Here");
        assert_eq!(one("/music/Other/Elsewhere/900 Only Here.flac").unwrap(), "Only Here");
        assert_eq!(one("Only He").unwrap(), "Only Here", "the beginning of just one");
        assert_eq!(one("Twice").unwrap_err().to_string(), "'Twice' could be \"Twice by Another\", \"Twice by Other\"");
        assert_eq!(one("twice by another").unwrap(), "Twice");
        assert!(matches!(one("Nowhere"), Err(NameError::Unknown(name)) if name == "Nowhere"));
        assert!(one("").is_err() && matches!(one("S"), Err(NameError::Ambiguous { .. })));
        let middle = one("Nina Simone").unwrap_err().to_string();
        assert_eq!(middle, "nothing of Nina Simone is analysed yet", "an artist's middle needs latents");
    }

    #[test]
    fn artists_albums_and_directories_name_several() {
        let answers = answers();
        let count = |name: &str| answers.part(&Part::Named(name.into())).unwrap().1.len();
        assert_eq!(count("nina simone"), 30);
        assert_eq!(count("Elsewhere"), 2);
        assert_eq!(count("/music/Other"), 2);
        assert_eq!(count("only here"), 1);
    }
}
