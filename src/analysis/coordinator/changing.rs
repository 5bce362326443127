//! Going over to another encoder while the player runs: the new one hears everything again, from the strobe cache, and the
//! old one's latents are used until it is through (docs/design.md, "What must hold on disk").

use std::fs;
use std::time::{Duration, Instant};

use super::Coordinator;
use crate::analysis::embed::{Task, Unfit};
use crate::analysis::model::Model;
use crate::paths::Paths;
use crate::sound::trial;
use crate::track::Stat;

/// How often the user's model is looked at: one stat.
const LOOK: Duration = Duration::from_secs(1);
/// Images of the library that a model is tried on.
const TRIED: usize = 16;

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
        self.use_proven();
        // Looked at before it is read: what changes in between is noticed next time.
        let file = stat(&self.options.paths);
        if file == self.model_file {
            return;
        }
        self.model_file = file;
        match Model::in_use(&self.options.paths) {
            Ok(model) if model.card.hash == self.model.card.hash => {
                // The same under another path, or written again.
                self.model = model;
                self.trying.take_if(|model| model.card.hash != self.model.card.hash);
                self.proven = None;
                if std::mem::take(&mut self.encoder_down) {
                    self.plan();
                }
            }
            Ok(model) => self.try_model(model),
            // Said once; the one in use goes on.
            Err(why) => self.note(true, why),
        }
    }

    /// The model in use hears some images before it hears the library, if it has heard nothing yet: it may have been put in
    /// use while no jukebox ran.
    pub(super) fn prove(&mut self) {
        if self.options.listen && self.model.path.is_some() && self.shelf.heard_nothing() {
            self.unproven = true;
            self.try_model(self.model.clone());
        }
    }

    /// Has a model hear some images of the library, and some that are always the same, before it is used: weights that look
    /// well may still make no numbers. The shipped one is tested.
    fn try_model(&mut self, model: Model) {
        self.proven = None;
        if model.path.is_none() {
            (self.trying, self.proven) = (None, Some(model));
            return self.use_proven();
        }
        let own = self.cache.as_ref().map(|cache| cache.sample(TRIED)).unwrap_or_default();
        let images = own.iter().chain(&trial::images()).map(|image| image.to_vec()).collect();
        if self.tasks.send(Task::Try { model: model.source(), images }).is_ok() {
            self.embedding += 1;
            self.trying = Some(model);
        }
    }

    /// What came of it.
    pub(super) fn tried(&mut self, hash: &str, verdict: Result<(), Unfit>) {
        let Some(model) = self.trying.take_if(|model| model.card.hash == hash) else { return };
        let own = hash == self.model.card.hash;
        let file = Model::file(&self.options.paths);
        match verdict {
            Ok(()) if own => {
                self.unproven = false;
                self.plan();
            }
            Ok(()) => {
                self.proven = Some(model);
                self.use_proven();
            }
            Err(Unfit::Numbers(why)) => {
                let instead = if own { "the shipped encoder" } else { "the encoder so far" };
                let text = format!("{}: not used: {why}; {instead} is, `jukebox model use` another", file.display());
                self.note(true, text);
                if own {
                    self.unproven = false;
                    self.proven = Model::shipped().ok();
                    self.use_proven();
                }
            }
            Err(Unfit::Unknown(why)) => {
                self.untried = true;
                self.say_no_worker(format!(
                    "{}: not used before it was tried: {why}; the next scan tries",
                    file.display()
                ));
            }
        }
    }

    /// Tries the model again that could not be tried.
    pub(super) fn try_again(&mut self) {
        if std::mem::take(&mut self.untried) {
            if self.unproven {
                return self.try_model(self.model.clone());
            }
            self.model_file = None;
            self.look_for_model(true);
        }
    }

    /// Goes over to a model that can serve. Where the store does not let it, it waits.
    fn use_proven(&mut self) {
        let Some(model) = self.proven.take() else { return };
        if let Err(why) = self.change_model(model.clone()) {
            self.proven = Some(model);
            if !self.write_fault {
                self.write_fault = true;
                self.note(true, format!("the new encoder waits: {why}"));
            }
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
        self.aside.clear();
        (self.heard, self.idle) = (false, false);
        self.space_stale = true;
        self.plan();
        Ok(())
    }

    /// Everything that can be heard has been.
    pub(super) fn complete(&mut self) {
        if self.shelf.heard_nothing() && self.shelf.serves_previous(&self.catalog) {
            // An encoder that could hear none of what the one before has heard takes no place.
            return;
        }
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
