//! The encoder in use, and its replacement while the player runs: the new one is tried on some images, then embeds
//! everything again, from the image cache where that has its kind of images. Until it is done the old latents are
//! served (docs/design.md, "What must hold on disk").

use std::fs;
use std::time::{Duration, Instant};

use super::embed::Unfit;
use super::error::ModelError;
use super::messages::Options;
use super::model::Model;
use crate::paths::Paths;
use crate::track::Stat;

/// Interval of checks of the user's model file (one stat).
const LOOK: Duration = Duration::from_secs(1);

/// The result of checking the user's model file.
#[derive(Debug)]
pub(super) enum Look {
    /// Unchanged.
    Same,
    /// Still the model in use, at another path or written again.
    Rewritten,
    /// Another model, which is to be tried.
    Another(Box<Model>),
    /// The file cannot be used. The model in use stays.
    Unusable(ModelError),
}

/// The result of trying a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// It is not the model being waited for.
    Stale,
    /// The model in use is usable.
    Good,
    /// The new model is usable; [`Switch::take_proven`] returns it.
    Proven,
    /// The model is unusable; the reason, for the user. [`Switch::take_proven`] may return the shipped one instead.
    Unfit(String),
    /// The encoder could not be run; the reason, for the user.
    Untried(String),
}

/// The encoder in use and the next one.
pub(super) struct Switch {
    paths: Paths,
    /// Whether model changes are followed while the program runs.
    follows: bool,
    pub model: Model,
    /// Stat of the user's model file when it was read; `None` if there was none.
    file: Option<Stat>,
    looked_at: Instant,
    /// The model that is being tried.
    trying: Option<Model>,
    /// A usable model that the store has not accepted yet.
    proven: Option<Model>,
    /// The model in use has not been tried and has no latents yet: nothing is embedded until it has been tried.
    unproven: bool,
    /// The encoder could not be run to try a model; the next scan tries again.
    untried: bool,
}

impl Switch {
    /// Reads the model in use; where it cannot be used, the shipped one, together with the reason.
    ///
    /// # Errors
    /// When even the shipped one cannot be used.
    pub fn new(options: &Options) -> Result<(Switch, Option<ModelError>), ModelError> {
        let paths = options.paths.clone();
        // Stat first, then read: a change in between is then noticed.
        let file = stat(&paths);
        let (model, fault) = match Model::in_use(&paths) {
            Ok(model) => (model, None),
            Err(why) => (Model::shipped()?, Some(why)),
        };
        let switch = Switch {
            paths,
            follows: options.watch,
            model,
            file,
            looked_at: Instant::now(),
            trying: None,
            proven: None,
            unproven: false,
            untried: false,
        };
        Ok((switch, fault))
    }

    /// Whether the model in use may embed the library.
    pub fn may_listen(&self) -> bool {
        !self.unproven
    }

    /// Whether to check the user's model file, because of `now` or because the interval has passed. A one-off scan
    /// keeps the model that it started with.
    pub fn is_due(&mut self, now: bool) -> bool {
        let due = self.follows && (now || self.looked_at.elapsed() > LOOK);
        if due {
            self.looked_at = Instant::now();
        }
        due
    }

    /// Checks the user's model file.
    pub fn look(&mut self) -> Look {
        // Stat first, then read: a change in between is noticed next time.
        let file = stat(&self.paths);
        if file == self.file {
            return Look::Same;
        }
        self.file = file;
        match Model::in_use(&self.paths) {
            Ok(model) if model.card.hash == self.model.card.hash => {
                self.model = model;
                self.trying.take_if(|model| model.card.hash != self.model.card.hash);
                self.proven = None;
                Look::Rewritten
            }
            Ok(model) => Look::Another(Box::new(model)),
            Err(why) => Look::Unusable(why),
        }
    }

    /// Requires the model in use to be tried before it embeds the library, as it may have been selected while no
    /// jukebox ran. Returns it, or `None` for the shipped one, which is known to be usable.
    pub fn doubt(&mut self) -> Option<Model> {
        self.unproven = self.model.path.is_some();
        self.unproven.then(|| self.model.clone())
    }

    /// Accepts a new model; returns whether it has to be tried. The shipped one need not be; the weights of any other
    /// may load and still produce unusable output.
    pub fn take_up(&mut self, model: Model) -> bool {
        let to_try = model.path.is_some();
        (self.trying, self.proven) = if to_try { (Some(model), None) } else { (None, Some(model)) };
        to_try
    }

    /// Handles the result of trying the model with this hash.
    pub fn tried(&mut self, hash: &str, verdict: Result<(), Unfit>) -> Trial {
        let Some(model) = self.trying.take_if(|model| model.card.hash == hash) else { return Trial::Stale };
        let own = hash == self.model.card.hash;
        let file = Model::file(&self.paths);
        let file = file.display();
        match verdict {
            Ok(()) if own => {
                self.unproven = false;
                Trial::Good
            }
            Ok(()) => {
                self.proven = Some(model);
                Trial::Proven
            }
            Err(Unfit::Numbers(why)) => {
                let instead = if own { "the shipped encoder" } else { "the encoder so far" };
                if own {
                    self.unproven = false;
                    self.proven = Model::shipped().ok();
                }
                Trial::Unfit(format!("{file}: not used: {why}; {instead} is, `jukebox model use` another"))
            }
            Err(Unfit::Unknown(why)) => {
                self.untried = true;
                Trial::Untried(format!("{file}: not used before it was tried: {why}; the next scan tries"))
            }
        }
    }

    /// The model to try again if a trial could not run: the model in use, if it was that one. Any other is found by the
    /// next [`Switch::look`].
    pub fn take_untried(&mut self) -> Option<Model> {
        let untried = std::mem::take(&mut self.untried);
        if untried && !self.unproven {
            self.file = None;
        }
        (untried && self.unproven).then(|| self.model.clone())
    }

    /// The usable model, if there is one.
    pub fn take_proven(&mut self) -> Option<Model> {
        self.proven.take()
    }

    /// Puts back a model from [`Switch::take_proven`] that cannot be used yet.
    pub fn wait(&mut self, model: Model) {
        self.proven = Some(model);
    }
}

/// Stat of the user's model file; `None` if there is none.
fn stat(paths: &Paths) -> Option<Stat> {
    fs::metadata(Model::file(paths)).ok().map(|m| Stat::of(&m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::error::EncodeError;
    use crate::analysis::model::SHIPPED;
    use crate::latent::soundness::SoundnessError;

    /// A switch where the user's model file holds these bytes.
    fn switch(own: Option<&[u8]>) -> (tempfile::TempDir, Switch) {
        let home = tempfile::tempdir().unwrap();
        let options = Options { watch: true, ..Options::of_test("/music".into(), home.path()) };
        put(&options.paths, own);
        let (switch, _) = Switch::new(&options).unwrap();
        (home, switch)
    }

    fn put(paths: &Paths, own: Option<&[u8]>) {
        fs::create_dir_all(paths.models()).unwrap();
        own.into_iter().for_each(|bytes| fs::write(Model::file(paths), bytes).unwrap());
    }

    /// The shipped weights with other facts: another model.
    fn other() -> Vec<u8> {
        let facts = jukebox_encoder::Facts { seed: 7, ..Default::default() };
        jukebox_encoder::with_facts(SHIPPED, &facts).unwrap()
    }

    #[test]
    fn a_model_of_the_users_listens_once_it_was_tried() {
        let (_home, mut switch) = switch(Some(SHIPPED));
        let doubted = switch.doubt().unwrap();
        assert!(!switch.may_listen() && switch.take_up(doubted.clone()));
        let hash = doubted.card.hash;
        assert_eq!(switch.tried("another", Ok(())), Trial::Stale);
        let unknown = Err(Unfit::Unknown(EncodeError::Short { got: 0, wanted: 7 }));
        assert!(matches!(switch.tried(&hash, unknown), Trial::Untried(_)));
        let again = switch.take_untried().unwrap();
        assert!(switch.take_untried().is_none() && switch.take_up(again));
        assert_eq!(switch.tried(&hash, Ok(())), Trial::Good);
        assert!(switch.may_listen());
    }

    #[test]
    fn the_shipped_model_takes_the_place_of_one_that_makes_no_numbers() {
        let (_home, mut switch) = switch(Some(&other()));
        let doubted = switch.doubt().unwrap();
        switch.take_up(doubted.clone());
        let verdict = Err(Unfit::Numbers(SoundnessError::Same { images: 9 }));
        assert!(matches!(switch.tried(&doubted.card.hash, verdict), Trial::Unfit(_)));
        let shipped = switch.take_proven().unwrap();
        assert!(shipped.path.is_none() && switch.may_listen());
        // The store does not take it yet.
        switch.wait(shipped);
        assert!(switch.take_proven().is_some_and(|model| model.path.is_none()));
    }

    #[test]
    fn a_look_tells_another_model_from_the_same_and_from_what_is_none() {
        let (_home, mut switch) = switch(None);
        assert!(switch.doubt().is_none() && switch.may_listen(), "the shipped one");
        assert!(matches!(switch.look(), Look::Same));
        put(&switch.paths.clone(), Some(SHIPPED));
        assert!(matches!(switch.look(), Look::Rewritten) && switch.model.path.is_some());
        put(&switch.paths.clone(), Some(b"no model"));
        assert!(matches!(switch.look(), Look::Unusable(_)));
        put(&switch.paths.clone(), Some(&other()));
        let Look::Another(model) = switch.look() else { panic!("another") };
        let hash = model.card.hash.clone();
        assert!(switch.take_up(*model) && switch.take_proven().is_none());
        assert_eq!(switch.tried(&hash, Ok(())), Trial::Proven);
        assert_eq!(switch.take_proven().map(|model| model.card.hash), Some(hash));
    }
}
