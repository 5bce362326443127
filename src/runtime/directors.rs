//! Where the user's plugins are, and the directors that run them.

use std::path::PathBuf;

use crate::queue::Director;
use crate::queue::plugin::{Given, Shelf};

/// Where plugins are, and what they are started with.
#[derive(Clone, Debug, Default)]
pub struct Plugins {
    /// The directories of the user's plugins.
    pub dirs: Vec<PathBuf>,
    /// The options that the user set.
    pub options: Given,
    /// Where they keep what they remember.
    pub states: Shelf,
}

impl Plugins {
    /// The director of the queue.
    pub(super) fn director(&self) -> Director {
        Director::new(self.dirs.clone()).with(self.options.clone(), self.states.clone())
    }

    /// The director of trials, which must not change what plugins remember.
    pub(super) fn director_of_trials(&self) -> Director {
        Director::new(self.dirs.clone()).with(self.options.clone(), self.states.clone().fixed())
    }
}
