//! Operations on the user's playlists, signatures and moods. One that cannot be written waits, like journal entries, and later ones
//! wait behind it.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::change_error::ChangeError;
use super::changes::{Changes, Files};
use super::{moods, playlists, signatures};
use crate::app::effect::{MoodOrder, PlaylistOrder, SignatureOrder};
use crate::app::msg::Msg;
use crate::library::moods::Moods;
use crate::library::playlists::Playlists;
use crate::library::signatures::Signatures;
use crate::paths::Paths;
use crate::store::private;

/// The most orders that wait; further ones are refused with an error.
const MOST: usize = 100;
/// Size of the test file in bytes, about that of a small playlist.
const PROBE: usize = 4096;

/// An operation on files of the user.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Playlists(PlaylistOrder),
    Moods(MoodOrder),
    Signatures(SignatureOrder),
}

impl Order {
    /// What it changes, in words; `None` for orders that never wait.
    fn change(&self) -> Option<String> {
        match self {
            Order::Playlists(order) => playlists::change(order),
            Order::Moods(order) => moods::change(order),
            Order::Signatures(order) => Some(signatures::change(order)),
        }
    }

    /// The step of the session that it belongs to.
    fn step(&self) -> Option<u64> {
        match self {
            Order::Playlists(PlaylistOrder::Step(step, _))
            | Order::Moods(MoodOrder::Step(step, _))
            | Order::Signatures(SignatureOrder::Step(step, _)) => Some(*step),
            Order::Playlists(_) | Order::Moods(_) | Order::Signatures(_) => None,
        }
    }
}

/// Carries orders out.
pub(crate) struct Clerk {
    files: Files,
    changes: Changes,
    /// A test file, written to find out whether the disk can be written to.
    probe: PathBuf,
    waiting: VecDeque<Order>,
    why: String,
}

impl Clerk {
    pub fn new(paths: &Paths) -> Clerk {
        Clerk {
            files: Files {
                lists: Playlists::in_dir(paths.playlists()),
                signatures: Signatures::in_dir(paths.signatures()),
                moods: Moods::in_file(paths.moods()),
            },
            changes: Changes::default(),
            probe: paths.data.join("room"),
            waiting: VecDeque::new(),
            why: String::new(),
        }
    }

    /// Carries out an order, or keeps it if the disk cannot be written to. Returns the answers.
    pub fn take(&mut self, order: Order) -> Vec<Msg> {
        let Some(change) = order.change() else { return self.carry_out(&order).unwrap_or_else(refused) };
        if self.waiting.is_empty() {
            match self.carry_out(&order) {
                Ok(answers) => return answers,
                Err(why) if self.disk_takes_something() => return self.refuse(&order, why),
                Err(why) => self.why = why.to_string(),
            }
        }
        if self.waiting.len() >= MOST {
            return self.refuse(&order, ChangeError::TooMany { why: self.why.clone(), change });
        }
        self.waiting.push_back(order);
        // Not an error: it is kept and will be carried out.
        vec![Msg::obstacle(format!("{}: {change} is changed as soon as it can be written", self.why))]
    }

    /// Carries out the waiting orders, in order, as long as they can be written. Returns the answers.
    pub fn retry(&mut self) -> Vec<Msg> {
        let mut answers = Vec::new();
        while let Some(order) = self.waiting.front().cloned() {
            match self.carry_out(&order) {
                Ok(messages) => answers.extend(messages),
                // The disk is not the reason: waiting does not help.
                Err(why) if self.disk_takes_something() => answers.extend(self.refuse(&order, why)),
                Err(why) => {
                    self.why = why.to_string();
                    return answers;
                }
            }
            self.waiting.pop_front();
        }
        self.why.clear();
        answers
    }

    /// The waiting changes, in words.
    pub fn left(&self) -> Vec<String> {
        self.waiting.iter().filter_map(Order::change).collect()
    }

    /// Why orders wait; empty when none does.
    pub fn why(&self) -> &str {
        &self.why
    }

    fn carry_out(&mut self, order: &Order) -> Result<Vec<Msg>, ChangeError> {
        match order.clone() {
            Order::Playlists(order) => playlists::carry_out(&self.files, &mut self.changes, order),
            Order::Moods(order) => moods::carry_out(&self.files, &mut self.changes, order),
            Order::Signatures(order) => signatures::carry_out(&self.files, &mut self.changes, order),
        }
    }

    /// The answers to an order that is not carried out: the error, and what becomes of the step that it belongs to.
    fn refuse(&self, order: &Order, why: ChangeError) -> Vec<Msg> {
        let mut answers = refused(why);
        answers.extend(order.step().map(Msg::StepFailed));
        if let Order::Playlists(PlaylistOrder::Undo { step, what }) = order
            && self.may_undo(*step)
        {
            answers.push(Msg::StepStays { step: *step, what: what.clone() });
        }
        answers
    }

    /// Whether a change can be undone later: it was carried out, or it still waits for that.
    fn may_undo(&self, step: u64) -> bool {
        self.changes.has(step) || self.waiting.iter().any(|order| order.step() == Some(step))
    }

    /// Whether the disk can be written to. An order's error does not tell: the same one may be about a single file, which
    /// waiting does not help, or about all of them. So this is tried out.
    fn disk_takes_something(&self) -> bool {
        let taken = private::replace(&self.probe, &[0; PROBE]).is_ok();
        let _ = std::fs::remove_file(&self.probe);
        taken
    }
}

fn refused(why: ChangeError) -> Vec<Msg> {
    vec![Msg::error(why.to_string())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::playlist::{Entry, Playlist};
    use crate::notice::Kind;

    fn save(name: &str) -> Order {
        let entries = vec![Entry { path: "/m/a.flac".into(), ..Entry::default() }];
        Order::Playlists(PlaylistOrder::Save(name.into(), Box::new(Playlist { entries, ..Playlist::default() }), false))
    }

    fn texts(answers: &[Msg]) -> String {
        let text = |m: &Msg| if let Msg::Notice { text, .. } = m { text.clone() } else { String::new() };
        answers.iter().map(text).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn an_undo_waits_behind_the_change_that_it_undoes() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let mut clerk = Clerk::new(&paths);
        std::fs::write(&paths.data, b"").unwrap();
        let Order::Playlists(night) = save("night") else { panic!("a playlist") };
        let undo = || Order::Playlists(PlaylistOrder::Undo { step: 1, what: "playlist save night".into() });
        clerk.take(Order::Playlists(PlaylistOrder::Step(1, Box::new(night))));
        clerk.take(undo());
        assert_eq!((clerk.left().len(), clerk.retry().len()), (2, 0));
        std::fs::remove_file(&paths.data).unwrap();
        let said = texts(&clerk.retry());
        assert!(said.contains("saved night: 1 track") && said.contains("undone: playlist save night"), "{said}");
        assert!(Playlists::in_dir(paths.playlists()).names().is_empty() && clerk.left().is_empty());
        // It was undone; a change that fails is no step.
        assert!(matches!(&clerk.take(undo())[..], [Msg::Notice { kind: Kind::Error, .. }]));
        let fails = PlaylistOrder::Step(2, Box::new(PlaylistOrder::Delete("nope".into())));
        let answers = clerk.take(Order::Playlists(fails));
        assert!(matches!(&answers[..], [Msg::Notice { kind: Kind::Error, .. }, Msg::StepFailed(2)]), "{answers:?}");
    }

    #[test]
    fn an_undo_that_is_refused_while_its_change_waits_stays_the_last_step() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let mut clerk = Clerk::new(&paths);
        std::fs::write(&paths.data, b"").unwrap();
        let Order::Playlists(night) = save("night") else { panic!("a playlist") };
        clerk.take(Order::Playlists(PlaylistOrder::Step(1, Box::new(night))));
        for n in 1..MOST {
            clerk.take(save(&format!("list-{n}")));
        }
        let undo = |step| Order::Playlists(PlaylistOrder::Undo { step, what: "playlist save night".into() });
        let answers = clerk.take(undo(1));
        assert!(texts(&answers).contains("too many changes are waiting"), "{answers:?}");
        assert!(matches!(&answers[1..], [Msg::StepStays { step: 1, .. }]), "{answers:?}");
        assert!(matches!(&clerk.take(undo(2))[..], [Msg::Notice { kind: Kind::Error, .. }]), "there is no such change");
        let moved = SignatureOrder::Rename("a".into(), "b".into());
        let answers = clerk.take(Order::Signatures(SignatureOrder::Step(3, Box::new(moved))));
        assert!(matches!(&answers[1..], [Msg::StepFailed(3)]), "{answers:?}");
        // Once there is room, it is undone.
        std::fs::remove_file(&paths.data).unwrap();
        clerk.retry();
        assert_eq!(clerk.take(undo(1)).len(), 2);
        assert!(!Playlists::in_dir(paths.playlists()).names().contains(&"night".to_string()));
    }

    #[test]
    fn what_the_disk_does_not_take_is_done_later_and_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let mut clerk = Clerk::new(&paths);
        // A file where the directory should be: nothing can be made there, whoever asks.
        std::fs::write(&paths.data, b"").unwrap();
        assert!(
            texts(&clerk.take(save("night"))).contains("the playlist night is changed as soon as it can be written")
        );
        clerk.take(Order::Playlists(PlaylistOrder::Rename("night".into(), "dusk".into())));
        assert_eq!((clerk.left().len(), clerk.retry().len(), clerk.why().is_empty()), (2, 0, false));
        std::fs::remove_file(&paths.data).unwrap();
        assert!(texts(&clerk.retry()).contains("night is now dusk"));
        assert_eq!((clerk.left().len(), clerk.why()), (0, ""));
        assert_eq!(Playlists::in_dir(paths.playlists()).names(), ["dusk"]);
        // What fails for another reason is refused at once.
        assert!(texts(&clerk.take(save("dusk"))).contains("already"));
        assert!(clerk.left().is_empty());
        assert_eq!(std::fs::read_dir(&paths.data).unwrap().count(), 1, "nothing is left of the trial");
    }
}
