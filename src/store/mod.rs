//! Data that jukebox keeps and can make again: file records and latents in sled, images in files of their own.
//!
//! One thread owns a [`Store`]; everybody else reads the copy in memory. A damaged store is never fatal: it is
//! set aside and an empty one takes its place, with a note for the user. The store does not know what a record
//! means, and it holds nothing that the user made; that is in `library::journal`.

mod error;
mod generation;
pub mod images;
mod lock;
mod older;
mod open;
pub mod private;
mod record;
mod sealed;
mod sled_store;
mod trees;
mod values;

pub use error::StoreError;
pub use generation::Generation;
pub use images::ImageCache;
pub use open::wait_until_free;
pub use record::{FileRecord, LatentRecord, Outcome};
pub use sealed::ValueError;
pub use sled_store::{Opened, Store};
