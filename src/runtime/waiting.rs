//! Where clients of the control socket wait for what becomes of their commands.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::Sender;

use crate::app::Msg;
use crate::app::outcomes::Asker;
use crate::ask::protocol::Reply;

/// Those who wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    last: AtomicU64,
    waiting: Mutex<HashMap<Asker, Sender<Result<(), String>>>>,
}

impl Waiting {
    /// Hands a command to the session and waits for its outcome, at most `patience`.
    pub(super) fn carry_out(&self, command: Msg, session: &Sender<Msg>, patience: Duration) -> Reply {
        let asker = self.last.fetch_add(1, Ordering::Relaxed);
        let (sender, outcome) = crossbeam_channel::bounded(1);
        self.waiting().insert(asker, sender);
        let taken = session.send(command.on_behalf(Some(asker)));
        let outcome = outcome.recv_timeout(patience);
        self.waiting().remove(&asker);
        match (taken, outcome) {
            (Err(_), _) => Reply::Error("the player is ending".into()),
            (_, Ok(Ok(()))) => Reply::Done,
            (_, Ok(Err(why))) => Reply::Error(why),
            (_, Err(_)) => {
                let secs = patience.as_secs();
                Reply::Error(format!("the player took the command but has not finished it after {secs} seconds"))
            }
        }
    }

    /// Tells the one who waits; whoever has given up hears nothing.
    pub(super) fn answer(&self, asker: Asker, outcome: Result<(), String>) {
        if let Some(sender) = self.waiting().remove(&asker) {
            let _ = sender.try_send(outcome);
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<Asker, Sender<Result<(), String>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
