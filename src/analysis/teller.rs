//! Messages to the rest of the program, and a record of the files whose faults were reported.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crossbeam_channel::Sender;

use super::messages::Update;
use crate::notice::Kind;
use crate::track::FileFault;

/// Sends [`Update`]s.
pub(super) struct Teller {
    updates: Sender<Update>,
    /// Files whose fault was reported and not withdrawn.
    faulty: HashSet<PathBuf>,
}

impl Teller {
    pub fn new(updates: Sender<Update>) -> Teller {
        Teller { updates, faulty: HashSet::new() }
    }

    /// Sends an update.
    pub fn tell(&self, update: Update) {
        let _ = self.updates.send(update);
    }

    /// Sends a notice for the user.
    pub fn note(&self, kind: Kind, text: String) {
        self.tell(Update::Note { kind, text });
    }

    /// Reports why a file cannot be used.
    pub fn fault(&mut self, path: PathBuf, why: impl Into<FileFault>) {
        let why = why.into();
        self.faulty.insert(path.clone());
        self.tell(Update::Fault { path, why });
    }

    /// Reports why a file is not read in this scan; `None` reports nothing.
    pub fn outside(&mut self, path: PathBuf, why: Option<String>) {
        if let Some(why) = why {
            self.fault(path, FileFault::Outside(why));
        }
    }

    /// Withdraws the fault of a file that is readable again or gone. Sends nothing unless a fault was reported, since a
    /// first scan has 100,000 good files.
    pub fn well(&mut self, path: &Path) {
        if self.faulty.remove(path) {
            self.tell(Update::FaultGone(path.to_path_buf()));
        }
    }

    /// Records a fault that was reported by other code, so that [`Teller::well`] withdraws it.
    pub fn note_fault(&mut self, path: PathBuf) {
        self.faulty.insert(path);
    }

    /// The files whose fault was reported and not withdrawn.
    pub fn faulty(&self) -> &HashSet<PathBuf> {
        &self.faulty
    }
}
