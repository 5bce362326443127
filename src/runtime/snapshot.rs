//! Reads the copy of the catalog that a start shows first, and writes it for the next one (see
//! [`crate::library::snapshot`]).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::analysis::give_back;
use crate::library::{Catalog, snapshot};
use crate::paths::Paths;

/// A catalog is written once no newer one has arrived for this long.
const CALM: Duration = Duration::from_secs(2);

/// Reads the last catalog and writes the newest one on a thread of its own. A failure to do so only makes a start slower,
/// so it is not reported.
pub(super) struct Snapshots {
    catalogs: Sender<Arc<Catalog>>,
    last: Receiver<Arc<Catalog>>,
}

impl Snapshots {
    /// Starts the thread, which begins with reading: the rest of the start goes on meanwhile.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(paths: &Paths, root: &Path) -> std::io::Result<Snapshots> {
        let (sender, catalogs) = crossbeam_channel::unbounded();
        let (found, last) = crossbeam_channel::bounded(1);
        let (file, root) = (paths.catalog_of(root), root.to_path_buf());
        let work = move || {
            let catalog = snapshot::read(&file, &root).filter(|catalog| !catalog.is_empty());
            catalog.into_iter().for_each(|catalog| drop(found.send(Arc::new(catalog))));
            drop(found);
            run(&file, &root, &catalogs);
        };
        std::thread::Builder::new().name("snapshot".into()).spawn(work)?;
        Ok(Snapshots { catalogs: sender, last })
    }

    /// The catalog as last written, once; waits until it has been read.
    pub(super) fn last(&self) -> Option<Arc<Catalog>> {
        self.last.recv().ok()
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
