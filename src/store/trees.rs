//! The trees of the database, and guards for calls into sled that may panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sled::{Batch, Db, Tree};

use super::error::StoreError;

/// The format of the whole database; a database with another one is set aside and rebuilt.
const FORMAT: u32 = 1;
pub(super) const FORMAT_KEY: &str = "format";
const CREATED_KEY: &str = "created_by";

/// The trees: `meta` (format, created_by, current generation), `files` (path bytes → `FileRecord`), `sounds` (track id
/// → sealed bytes; created if an older store lacks it), and one `latents-<generation>` per generation (track id →
/// `LatentRecord`).
#[derive(Debug)]
pub(super) struct Trees {
    pub(super) db: Db,
    pub(super) meta: Tree,
    pub(super) files: Tree,
    pub(super) sounds: Tree,
}

impl Trees {
    /// Opens the trees of a database and checks its format.
    pub(super) fn open(db: Db) -> Result<Trees, StoreError> {
        let (meta, files, sounds) = (db.open_tree("meta")?, db.open_tree("files")?, db.open_tree("sounds")?);
        let trees = Trees { db, meta, files, sounds };
        match trees.meta.get(FORMAT_KEY)? {
            Some(found) if *found == FORMAT.to_be_bytes() => {}
            // Neither format nor files: a new database, or one whose process was killed before the
            // first flush.
            None if trees.files.iter().next().transpose()?.is_none() => {
                let mut batch = Batch::default();
                batch.insert(FORMAT_KEY, &FORMAT.to_be_bytes());
                batch.insert(CREATED_KEY, concat!("jukebox ", env!("CARGO_PKG_VERSION")));
                trees.meta.apply_batch(batch)?;
                trees.db.flush()?;
            }
            found => {
                let found = found.and_then(|v| Some(u32::from_be_bytes(v.as_ref().try_into().ok()?)));
                let found = found.map_or("unknown".to_owned(), |v| v.to_string());
                return Err(StoreError::Damaged(format!("its format is {found}, this jukebox writes {FORMAT}")));
            }
        }
        Ok(trees)
    }
}

/// Turns a panic inside sled, which some damage causes, into an error. Unwind safety: only sled's own state is
/// affected, and the database is not used after the error.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(StoreError::Damaged(panic_text(&*panic))))
}

/// Closes a possibly damaged database; flushing it may panic.
pub(super) fn close(trees: Trees) {
    let _ = catch_unwind(AssertUnwindSafe(move || drop(trees)));
}

/// A one-line error from a panic's message.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    format!("sled gave up: {}", text.lines().next().unwrap_or_default())
}
