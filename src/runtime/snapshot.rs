//! Writes the copy of the catalog that the next start shows first (see [`crate::library::snapshot`]).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::analysis::give_back;
use crate::library::{Catalog, snapshot};
use crate::paths::Paths;

/// A catalog is written once no newer one has arrived for this long.
const CALM: Duration = Duration::from_secs(2);

/// Writes the newest catalog on a thread of its own. A failure to write only makes the next start slower, so it is not
/// reported.
pub(super) struct Snapshots {
    catalogs: Sender<Arc<Catalog>>,
    file: PathBuf,
    root: PathBuf,
}

impl Snapshots {
    /// Starts the thread.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(paths: &Paths, root: &Path) -> std::io::Result<Snapshots> {
        let (sender, catalogs) = crossbeam_channel::unbounded();
        let (file, root) = (paths.catalog_of(root), root.to_path_buf());
        let (to, of) = (file.clone(), root.clone());
        std::thread::Builder::new().name("snapshot".into()).spawn(move || run(&to, &of, &catalogs))?;
        Ok(Snapshots { catalogs: sender, file, root })
    }

    /// The catalog as last written.
    pub(super) fn last(&self) -> Option<Arc<Catalog>> {
        snapshot::read(&self.file, &self.root).filter(|catalog| !catalog.is_empty()).map(Arc::new)
    }

    /// Takes a newer catalog.
    pub(super) fn keep(&self, catalog: Arc<Catalog>) {
        let _ = self.catalogs.send(catalog);
    }
}

fn run(file: &Path, root: &Path, catalogs: &Receiver<Arc<Catalog>>) {
    let mut newest = None;
    loop {
        let next = match newest {
            None => catalogs.recv().map_err(Into::into),
            Some(_) => catalogs.recv_timeout(CALM),
        };
        match next {
            Ok(catalog) => newest = Some(catalog),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(catalog) = newest.take() {
                    let _ = snapshot::write(file, root, &catalog);
                    drop(catalog);
                    // By now the first copy has been replaced; it and reading the store have freed much memory.
                    give_back();
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
