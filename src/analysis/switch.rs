//! The encoder in use, and the one that is to take its place while the player runs: it is tried on some images first. Then it
//! hears everything again, from the image cache as far as that has what it hears, and the old one's latents are served until it is through
//! (docs/design.md, "What must hold on disk").

use std::fs;
use std::time::{Duration, Instant};

use super::embed::Unfit;
use super::messages::Options;
use super::model::Model;
use crate::paths::Paths;
use crate::track::Stat;

/// How often the user's model file is looked at: one stat.
const LOOK: Duration = Duration::from_secs(1);

/// What a look at the user's model file found.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing new.
    Same,
    /// The model in use, under another path or written again.
    Rewritten,
    /// Another model, to be tried.
    Another(Box<Model>),
    /// What is there cannot be used: why, for the user. The model in use goes on.
    Unusable(String),
}

/// What came of trying a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// It is not the one that is waited for.
    Stale,
    /// The model in use is good.
    Good,
    /// The new model is good, and [`Switch::take_proven`] gives it.
    Proven,
    /// It cannot be used: why, for the user. The shipped one may have taken its place in [`Switch::take_proven`].
    Unfit(String),
    /// The encoder could not be run: why, for the user.
    Untried(String),
}

/// The encoder in use and the next one.
pub(super) struct Switch {
    paths: Paths,
    /// Another model is taken up while the program runs.
    follows: bool,
    pub model: Model,
    /// The user's model file as it was when it was read; none where there was none.
    file: Option<Stat>,
    looked_at: Instant,
    /// A model that is being tried before it is used.
    trying: Option<Model>,
    /// One that can serve, until the store takes it.
    proven: Option<Model>,
    /// The model in use was not tried yet, and has heard nothing: nothing is heard until it was.
    unproven: bool,
    /// The encoder could not be run to try a model: that is done at the next scan.
    untried: bool,
}

impl Switch {
    /// Reads the model in use, or the shipped one where the user's cannot be used; why it cannot, for the user.
    ///
    /// # Errors
    /// When even the shipped one cannot be used.
    pub fn new(options: &Options) -> Result<(Switch, Option<String>), String> {
        let paths = options.paths.clone();
        // Looked at before it is read: what changes in between is noticed.
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

    /// Whether the model in use may listen to the library.
    pub fn may_listen(&self) -> bool {
        !self.unproven
    }

    /// Whether to look at the user's model file: `now`, or because it is time. A scan that ends by itself ends with the model
    /// that it began with.
    pub fn is_due(&mut self, now: bool) -> bool {
        let due = self.follows && (now || self.looked_at.elapsed() > LOOK);
        if due {
            self.looked_at = Instant::now();
        }
        due
    }

    /// Looks at the user's model file.
    pub fn look(&mut self) -> Look {
        // Looked at before it is read: what changes in between is noticed next time.
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

    /// The model in use is to be tried before it hears the library: it may have been put in use while no jukebox ran. The
    /// shipped one is tested; none to be tried then.
    pub fn doubt(&mut self) -> Option<Model> {
        self.unproven = self.model.path.is_some();
        self.unproven.then(|| self.model.clone())
    }

    /// Takes up a model. The shipped one is proven; any other is to be tried: weights that look well may still make no
    /// numbers. Whether it is to be tried.
    pub fn take_up(&mut self, model: Model) -> bool {
        let to_try = model.path.is_some();
        (self.trying, self.proven) = if to_try { (Some(model), None) } else { (None, Some(model)) };
        to_try
    }

    /// What came of trying the model with a hash.
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

    /// A model that could not be tried is to be tried again: the model in use, if that is it. Any other is found by the next
    /// [`Switch::look`].
    pub fn take_untried(&mut self) -> Option<Model> {
        let untried = std::mem::take(&mut self.untried);
        if untried && !self.unproven {
            self.file = None;
        }
        (untried && self.unproven).then(|| self.model.clone())
    }

    /// The model that can serve, if there is one.
    pub fn take_proven(&mut self) -> Option<Model> {
        self.proven.take()
    }

    /// What [`Switch::take_proven`] gave cannot be used now: it waits.
    pub fn wait(&mut self, model: Model) {
        self.proven = Some(model);
    }
}

/// The user's model file as it is now; none where there is none.
fn stat(paths: &Paths) -> Option<Stat> {
    fs::metadata(Model::file(paths)).ok().map(|m| Stat::of(&m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::model::SHIPPED;

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
        assert!(matches!(switch.tried(&hash, Err(Unfit::Unknown("no memory".into()))), Trial::Untried(_)));
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
        let verdict = Err(Unfit::Numbers("all the same".into()));
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
