//! The trial: a signature with a choice of dimensions that is looked at before it counts. The queue is not touched until
//! the user keeps it.

use crate::app::sets::Whom;
use crate::ask::trial::Tried;
use crate::latent::Choice;
use crate::track::TrackId;

use super::auto::AutoQueue;

/// What is tried, and what is known of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trial {
    /// Whose signature it is.
    pub whom: Whom,
    /// The set to compare it with.
    pub beside: Option<Whom>,
    /// The choice that the user tries; `None` while nothing was changed.
    pub edits: Option<Choice>,
    /// The last answer. While a newer one is awaited, it stays.
    pub tried: Option<Box<Tried>>,
    /// Why there is no answer.
    pub fault: Option<String>,
    /// Leave-one-out AUC of what was answered; `None` until it is known and with too few tracks.
    pub confidence: Option<f64>,
    /// Whether it is on the screen, so that it follows the queue.
    pub seen: bool,
    /// The newest request's number.
    pub(in crate::app) request: u64,
    /// The number of the request that was answered last.
    pub(in crate::app) answered: u64,
    /// The number of the first request about `whom`.
    looked: u64,
    /// Counts what the user changed.
    pub(in crate::app) changes: u64,
    /// What the newest request was about; `None` to ask again.
    pub(in crate::app) asked: Option<About>,
}

/// All that an answer depends on.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct About {
    /// The user's changes of the trial.
    pub changes: u64,
    /// The tracks that the user chose, as [`crate::queue::Queue::chosen`].
    pub chosen: u64,
    /// What is followed instead of them: its name and the number of its tracks.
    pub following: Option<(String, usize)>,
    /// The number of the course in progress.
    pub course: Option<u32>,
    /// The choice in force.
    pub choice: Choice,
    /// The playing track.
    pub playing: Option<TrackId>,
    /// The engine.
    pub engine: String,
    /// Whether taste counts.
    pub taste: bool,
    /// How many tracks were refused.
    pub refused: usize,
    /// How often the limits were changed.
    pub limits: u64,
    /// The number of songs.
    pub songs: usize,
    /// The number of latents, rounded so that an analysis in progress does not ask at every track.
    pub latents: usize,
}

impl Trial {
    /// Whether something is tried that does not count yet.
    pub fn changed(&self) -> bool {
        self.edits.is_some() || self.whom != Whom::Followed
    }

    /// Whether a newer answer is awaited.
    pub fn waits(&self) -> bool {
        self.answered < self.request
    }

    /// The choice that is tried. A saved signature brings its own.
    pub fn choice(&self, auto: &AutoQueue) -> Choice {
        if let Some(choice) = &self.edits {
            return choice.clone();
        }
        match (&self.whom, &self.tried) {
            (Whom::Followed | Whom::Queue, _) => auto.choice.clone(),
            (Whom::Set(_) | Whom::Playlist(_), Some(tried)) if self.answered >= self.looked => tried.choice.clone(),
            (Whom::Set(_) | Whom::Playlist(_), _) => Choice::Auto,
        }
    }
}

/// Transitions used by commands and `update`.
impl Trial {
    /// Tries a choice; the one in force is no change.
    pub(in crate::app) fn try_choice(&mut self, choice: Choice, auto: &AutoQueue) {
        let in_force = matches!(self.whom, Whom::Followed) && choice == auto.choice;
        self.edits = (!in_force).then_some(choice);
        self.changes += 1;
    }

    /// Looks at the signature of another set, with its own choice.
    pub(in crate::app) fn look_at(&mut self, whom: Whom) {
        self.whom = whom;
        self.edits = None;
        self.looked = self.request + 1;
        self.changes += 1;
    }

    /// Compares with a set, or no longer.
    pub(in crate::app) fn compare(&mut self, beside: Option<Whom>) {
        self.beside = beside;
        self.changes += 1;
    }

    /// Gives up what was tried. Returns whether there was anything.
    pub(in crate::app) fn give_up(&mut self) -> bool {
        let changed = self.changed();
        self.whom = Whom::Followed;
        self.edits = None;
        self.changes += u64::from(changed);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::set::{Set, Side};

    fn side() -> Whom {
        Whom::Set(Side { label: "late-night".into(), set: Set::Saved("late-night".into()), choice: None })
    }

    #[test]
    fn the_choice_in_force_is_no_change() {
        let (mut trial, auto) = (Trial::default(), AutoQueue::default());
        trial.try_choice(Choice::Without(vec![4]), &auto);
        assert!(trial.changed() && trial.choice(&auto) == Choice::Without(vec![4]));
        trial.try_choice(Choice::Auto, &auto);
        assert!(!trial.changed(), "back where it was");
        assert_eq!(trial.changes, 2, "it is looked at again");
    }

    #[test]
    fn another_set_brings_its_own_choice_once_it_was_read() {
        let (mut trial, auto) = (Trial::default(), AutoQueue { choice: Choice::dims([2]), ..AutoQueue::default() });
        trial.look_at(side());
        trial.request = 1;
        assert_eq!((trial.changed(), trial.waits(), trial.choice(&auto)), (true, true, Choice::Auto));
        trial.tried = Some(Box::new(Tried { choice: Choice::dims([6]), ..Tried::default() }));
        trial.answered = 1;
        assert_eq!(trial.choice(&auto), Choice::dims([6]));
        trial.look_at(Whom::Queue);
        assert_eq!(trial.choice(&auto), auto.choice);
    }

    #[test]
    fn what_is_given_up_leaves_nothing() {
        let (mut trial, auto) = (Trial::default(), AutoQueue::default());
        assert!(!trial.give_up() && trial.changes == 0);
        trial.look_at(side());
        trial.try_choice(Choice::All, &auto);
        assert!(trial.give_up() && !trial.changed());
        assert_eq!(trial.choice(&auto), auto.choice);
    }
}
