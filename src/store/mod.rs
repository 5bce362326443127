//! Persistent data that can be rebuilt from the music: file records and latents in sled, images in separate files.
//!
//! One thread owns a [`Store`]; all others read the copy in memory. Damage is never fatal: a damaged store is set aside
//! and replaced by an empty one, with a note for the user. The store does not interpret records and holds no user data,
//! which is in `library::journal`.

mod error;
pub mod exported;
mod generation;
pub mod images;
mod lock;
mod older;
mod open;
mod pictures;
pub mod private;
mod record;
mod sealed;
mod sled_store;
mod trees;
mod values;

pub use error::StoreError;
pub use generation::{Generation, GenerationError};
pub use images::ImageCache;
pub use open::wait_until_free;
pub use pictures::Pictures;
pub use record::{FileRecord, LatentRecord, Outcome};
pub use sealed::ValueError;
pub use sled_store::{Opened, Store};
