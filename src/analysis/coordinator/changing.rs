//! Going over to another encoder while the player runs: the new one hears everything again, from the strobe cache, and the
//! old one's latents are used until it is through (DESIGN §4).

use std::fs;
use std::time::{Duration, Instant};

use super::Coordinator;
use crate::analysis::model::Model;
use crate::paths::Paths;
use crate::track::Stat;

/// How often the user's model is looked at: one stat.
const LOOK: Duration = Duration::from_secs(1);

/// The user's model file as it is now; `None` where there is none.
pub(super) fn stat(paths: &Paths) -> Option<Stat> {
    fs::metadata(Model::file(paths)).ok().map(|m| Stat::of(&m))
}

impl Coordinator {
    /// Notices that another model is to be used; now, or when it is time.
    pub(super) fn look_for_model(&mut self, now: bool) {
        // A scan that ends by itself ends with the model that it began with.
        if !self.options.watch || !(now || self.model_looked_at.elapsed() > LOOK) {
            return;
        }
        self.model_looked_at = Instant::now();
        // Looked at before it is read: what changes in between is noticed next time.
        let file = stat(&self.options.paths);
        if file == self.model_file {
            return;
        }
        let before = std::mem::replace(&mut self.model_file, file);
        match Model::in_use(&self.options.paths) {
            Ok(model) if model.card.hash == self.model.card.hash => {
                // The same under another path, or written again.
                self.model = model;
            }
            Ok(model) => {
                if let Err(why) = self.change_model(model) {
                    self.model_file = before;
                    if !self.write_fault {
                        self.write_fault = true;
                        self.note(true, format!("the new encoder waits: {why}"));
                    }
                }
            }
            // Said once; the one in use goes on.
            Err(why) => self.note(true, why),
        }
    }

    fn change_model(&mut self, model: Model) -> Result<(), String> {
        let generation = model.generation()?;
        self.shelf.change_generation(generation, self.model.reference()).map_err(|e| e.to_string())?;
        self.note(
            false,
            format!("listening again with {}; until it is through, the encoder so far is used", model.name()),
        );
        self.model = model;
        self.write_fault = false;
        // Another encoder may be well where the last one failed.
        self.encoder_down = false;
        (self.heard, self.idle) = (false, false);
        self.space_stale = true;
        self.plan();
        Ok(())
    }

    /// Everything that can be heard has been.
    pub(super) fn complete(&mut self) {
        match self.shelf.complete_generation() {
            Ok(false) => {}
            Ok(true) => {
                self.space_stale = true;
                self.publish(true);
                self.note(false, format!("now in use: {}", self.model.name()));
            }
            Err(_) => {
                self.space_stale = true;
                self.note(true, "the store cannot be written: what was heard is kept in memory only".into());
            }
        }
    }
}
