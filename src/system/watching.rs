//! The words in which changes in directories are asked for and answered.

/// What is to be reported of a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// That it was moved or deleted itself.
    pub itself: bool,
    /// That an entry was created, deleted or moved.
    pub names: bool,
    /// That a file in it was written.
    pub contents: bool,
}

impl Wanted {
    /// The directory itself only.
    pub const ITSELF: Wanted = Wanted { itself: true, names: false, contents: false };
    /// Its entries only.
    pub const NAMES: Wanted = Wanted { itself: false, names: true, contents: false };
    /// Everything.
    pub const ALL: Wanted = Wanted { itself: true, names: true, contents: true };
}

/// What ended a wait for changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something is to be read, or neither of both when the time was over.
    By {
        /// Changes were reported.
        changes: bool,
        /// The descriptor beside them has something.
        beside: bool,
    },
    /// A signal: nothing is known.
    Interrupted,
    /// The owner is gone, or waiting is no longer possible.
    Ended,
}

/// How many directories of a library the system watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watches {
    /// Up to this many.
    AtMost(u64),
    /// As many as there are.
    Any,
    /// None: it does not report changes.
    None,
}
