//! The list of a queue's items, which counts its changes.

use std::ops::{Deref, DerefMut};

use super::Item;

/// A vector whose every mutable access increments [`Items::revision`], so that changes are detected
/// without comparing long lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    list: Vec<Item>,
    revision: u64,
}

impl Items {
    /// Changes whenever the items may have changed.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }
}

impl Deref for Items {
    type Target = Vec<Item>;

    fn deref(&self) -> &Vec<Item> {
        &self.list
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut Vec<Item> {
        self.revision += 1;
        &mut self.list
    }
}
