//! Those that follow what happens in the player: clients of the control socket and hooks.

use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::ask::event::Happening;

/// How many happenings a follower may be behind before it is left behind.
const BEHIND: usize = 256;

/// The followers of the session.
#[derive(Debug, Default)]
pub(super) struct Followers {
    channels: Mutex<Vec<Sender<Arc<Happening>>>>,
}

impl Followers {
    /// Joins. The channel closes when the follower does not keep up, or the player ends.
    pub(super) fn join(&self) -> Receiver<Arc<Happening>> {
        let (sender, receiver) = bounded(BEHIND);
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Tells every follower, without waiting for any.
    pub(super) fn tell(&self, happened: Vec<Happening>) {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        for happening in happened.into_iter().map(Arc::new) {
            channels.retain(|channel| channel.try_send(happening.clone()).is_ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_keep_up_is_left_behind_and_the_others_hear_all() {
        let followers = Followers::default();
        let (slow, gone) = (followers.join(), followers.join());
        drop(gone);
        let volume = |volume| Happening::Volume { volume };
        for n in 0..BEHIND {
            followers.tell(vec![volume((n % 100) as u8)]);
        }
        let quick = followers.join();
        followers.tell(vec![volume(7), volume(8)]);
        assert_eq!(quick.try_iter().map(|h| (*h).clone()).collect::<Vec<_>>(), [volume(7), volume(8)]);
        assert_eq!(slow.iter().count(), BEHIND, "and then its channel is closed");
    }
}
