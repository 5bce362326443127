//! Listening histories as ListenBrainz and Last.fm export them. Only files are read; nothing is fetched.

mod archive;
mod error;
mod lastfm;
mod listen;
mod listenbrainz;

use std::path::Path;

pub use error::{ContentError, ExportError};
pub use listen::{History, Listen};

/// A service that exports histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The zip file of its export, or JSON and JSON lines out of it.
    ListenBrainz,
    /// CSV or JSON of the usual exporters.
    LastFm,
}

impl Service {
    /// The name that users know.
    pub fn name(self) -> &'static str {
        match self {
            Service::ListenBrainz => "ListenBrainz",
            Service::LastFm => "Last.fm",
        }
    }

    /// Reads an export: a file, a zip archive, or a directory with the files of one.
    ///
    /// # Errors
    /// It cannot be read, or there is no listen in it.
    pub fn read(self, path: &Path) -> Result<History, ExportError> {
        let (endings, expected): (&[&str], _) = match self {
            Service::ListenBrainz => (&["json", "jsonl"], "the export of ListenBrainz is a .zip, or the .jsonl in it"),
            Service::LastFm => (&["json", "csv"], "an export of Last.fm is a .csv or a .json"),
        };
        let mut all = History::default();
        archive::each(path, endings, &mut |name, text| {
            let read = match self {
                Service::ListenBrainz => listenbrainz::parse(text),
                Service::LastFm => lastfm::parse(text),
            };
            let read = read.map_err(|cause| ExportError::Content { place: name.into(), cause, expected })?;
            all.listens.extend(read.listens);
            all.unread += read.unread;
            Ok(())
        })?;
        if all.listens.is_empty() {
            return Err(ExportError::Empty { path: path.to_path_buf(), expected });
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_listens_is_named_with_what_is_expected() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("user.json");
        std::fs::write(&file, "{\"user_name\": \"me\"}").unwrap();
        for service in [Service::ListenBrainz, Service::LastFm] {
            let why = service.read(&file).unwrap_err().to_string();
            assert!(why.contains("user.json") && why.contains(service.name()), "{why}");
            assert!(service.read(&dir.path().join("none.csv")).unwrap_err().to_string().contains("none.csv"));
        }
    }
}
