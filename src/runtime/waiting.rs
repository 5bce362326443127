//! The clients of the control socket that wait for the outcome of a command or for the state of the session.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender};

use super::engine::Ask;
use crate::app::Msg;
use crate::app::face::Face;
use crate::app::outcomes::{Asker, Outcome};
use crate::ask::protocol::{Reply, Request};

/// The waiting clients.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    last: AtomicU64,
    waiting: Mutex<HashMap<Asker, Sender<Told>>>,
}

/// An answer to a client.
#[derive(Debug)]
enum Told {
    /// The outcome of a command.
    Outcome(Outcome),
    /// The state of the session.
    Face(Box<Face>),
}

impl Waiting {
    /// Hands a command to the session and waits for its outcome, at most `patience`.
    pub(super) fn carry_out(&self, command: Msg, session: &Sender<Msg>, patience: Duration) -> Reply {
        match self.hand_over(|asker| command.on_behalf(Some(asker)), session, patience) {
            Ok(Told::Outcome(Ok(said))) => said.map_or(Reply::Done, Reply::Said),
            Ok(Told::Outcome(Err(why))) => Reply::Error(why),
            Ok(Told::Face(face)) => Reply::Status(Box::new(face.into_status())),
            Err(Lost::Ending) => ending(),
            Err(Lost::Late) => {
                let secs = patience.as_secs();
                Reply::Error(format!("the player took the command but has not finished it after {secs} seconds"))
            }
        }
    }

    /// Asks for the state of the session, waiting at most `patience`. The texts are made on the calling thread.
    pub(super) fn look(&self, session: &Sender<Msg>, patience: Duration) -> Reply {
        match self.hand_over(Msg::Look, session, patience) {
            Ok(Told::Face(face)) => Reply::Status(Box::new(face.into_status())),
            Ok(Told::Outcome(_)) | Err(Lost::Ending) => ending(),
            Err(Lost::Late) => late(patience),
        }
    }

    fn hand_over(
        &self,
        message: impl FnOnce(Asker) -> Msg,
        session: &Sender<Msg>,
        patience: Duration,
    ) -> Result<Told, Lost> {
        let asker = self.last.fetch_add(1, Ordering::Relaxed);
        let (sender, told) = crossbeam_channel::bounded(1);
        self.waiting().insert(asker, sender);
        let told = session
            .send(message(asker))
            .map_err(|_| Lost::Ending)
            .and_then(|()| told.recv_timeout(patience).map_err(|_| Lost::Late));
        self.waiting().remove(&asker);
        told
    }

    /// Reports the outcome to the client that waits for it, unless it has given up.
    pub(super) fn answer(&self, asker: Asker, outcome: Outcome) {
        self.tell(asker, Told::Outcome(outcome));
    }

    /// Sends the state of the session to the client that asked.
    pub(super) fn show(&self, asker: Asker, face: Box<Face>) {
        self.tell(asker, Told::Face(face));
    }

    fn tell(&self, asker: Asker, what: Told) {
        if let Some(sender) = self.waiting().remove(&asker) {
            let _ = sender.try_send(what);
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<Asker, Sender<Told>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no answer.
enum Lost {
    /// The session is gone.
    Ending,
    /// The session did not answer in time.
    Late,
}

/// Asks the engine a question about the library, waiting at most `patience`. A player that is ending answers at once: its
/// engine is gone, or drops what it was asked.
pub(super) fn question(engine: &Sender<Ask>, request: Request, patience: Duration) -> Reply {
    let (reply, answer) = crossbeam_channel::bounded(1);
    let _ = engine.send(Ask::Question { request, reply });
    answer.recv_timeout(patience).unwrap_or_else(|e| match e {
        RecvTimeoutError::Disconnected => ending(),
        RecvTimeoutError::Timeout => late(patience),
    })
}

/// The reply of a player that is ending.
pub(super) fn ending() -> Reply {
    Reply::Error("the player is ending".into())
}

/// The reply when no answer came in time.
pub(super) fn late(patience: Duration) -> Reply {
    Reply::Error(format!("the player did not answer within {} seconds", patience.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only ends a test that hangs: what it would be answered then is another text.
    const SOON: Duration = Duration::from_secs(180);

    fn why(reply: Reply) -> String {
        match reply {
            Reply::Error(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_player_that_is_ending_answers_at_once() {
        let waiting = Waiting::default();
        let (session, _) = crossbeam_channel::unbounded();
        assert_eq!(why(waiting.look(&session, SOON)), "the player is ending");
        assert_eq!(why(waiting.carry_out(Msg::Themes, &session, SOON)), "the player is ending");
        assert!(waiting.waiting().is_empty());
        // The engine is gone, or goes with the question.
        let (engine, asked) = crossbeam_channel::unbounded();
        drop(asked);
        assert_eq!(why(question(&engine, Request::Cards, SOON)), "the player is ending");
        let (engine, asked) = crossbeam_channel::unbounded();
        let ends = std::thread::spawn(move || drop(asked.recv()));
        assert_eq!(why(question(&engine, Request::Cards, SOON)), "the player is ending");
        ends.join().unwrap();
    }

    #[test]
    fn an_outcome_reaches_the_one_who_waits_and_a_late_one_nobody() {
        let waiting = Waiting::default();
        let (session, inbox) = crossbeam_channel::unbounded::<Msg>();
        let reply = std::thread::scope(|scope| {
            let asking = scope.spawn(|| waiting.carry_out(Msg::Themes, &session, SOON));
            let Msg::For { asker, .. } = inbox.recv().unwrap() else { panic!("for nobody") };
            waiting.answer(asker, Err("no".into()));
            waiting.answer(asker, Ok(None));
            asking.join().unwrap()
        });
        assert_eq!(why(reply), "no");
        let late = why(waiting.carry_out(Msg::Themes, &session, Duration::ZERO));
        assert!(late.contains("has not finished it"), "{late}");
        assert_eq!(why(waiting.look(&session, Duration::ZERO)), "the player did not answer within 0 seconds");
        let (engine, _asked) = crossbeam_channel::unbounded();
        let late = why(question(&engine, Request::Cards, Duration::ZERO));
        assert_eq!(late, "the player did not answer within 0 seconds");
        assert!(waiting.waiting().is_empty());
    }
}
