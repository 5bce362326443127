//! The list of a queue's items, which counts its changes.

use std::ops::{Deref, DerefMut};

use super::Item;

/// A vector whose every mutable use raises [`Items::revision`], so that nobody need compare two long queues.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    list: Vec<Item>,
    revision: u64,
}

impl Items {
    /// A number that differs whenever the items may have changed.
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
