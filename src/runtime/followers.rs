//! Those that follow what happens in the player: clients of the control socket and hooks.

use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::ask::event::Happening;

/// How many announcements a follower may be behind before it is left behind.
const BEHIND: usize = 256;

/// The followers of the session.
#[derive(Debug, Default)]
pub(super) struct Followers {
    all: Mutex<Vec<Follower>>,
}

#[derive(Debug)]
struct Follower {
    channel: Sender<Arc<Vec<Happening>>>,
    /// Whether it has not been told yet how everything is.
    fresh: bool,
}

impl Followers {
    /// Joins; the session must then be sent `Msg::Announce`. The channel closes when the follower does not keep up, or
    /// the player ends.
    pub(super) fn join(&self) -> Receiver<Arc<Vec<Happening>>> {
        let (channel, receiver) = bounded(BEHIND);
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(Follower { channel, fresh: true });
        receiver
    }

    /// Tells every follower what has changed, without waiting for any. Those who have joined since hear instead how
    /// everything is, which is empty until the session has heard of them.
    pub(super) fn tell(&self, changed: Vec<Happening>, everything: Vec<Happening>) {
        let (changed, everything) = (Arc::new(changed), Arc::new(everything));
        self.all.lock().unwrap_or_else(PoisonError::into_inner).retain_mut(|follower| {
            let news = if follower.fresh { &everything } else { &changed };
            follower.fresh &= everything.is_empty();
            news.is_empty() || follower.channel.try_send(news.clone()).is_ok()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(volume: u8) -> Happening {
        Happening::Volume { volume }
    }

    fn heard(follower: &Receiver<Arc<Vec<Happening>>>) -> Vec<Happening> {
        follower.try_iter().flat_map(|happened| (*happened).clone()).collect()
    }

    #[test]
    fn who_does_not_keep_up_is_left_behind_and_the_others_hear_all() {
        let followers = Followers::default();
        let (slow, quick, gone) = (followers.join(), followers.join(), followers.join());
        drop(gone);
        followers.tell(Vec::new(), vec![volume(0)]);
        for n in 1..=BEHIND {
            followers.tell(vec![volume((n % 100) as u8)], Vec::new());
            assert_eq!(heard(&quick).last(), Some(&volume((n % 100) as u8)));
        }
        assert_eq!(slow.iter().count(), BEHIND, "and then its channel is closed");
    }

    #[test]
    fn who_joins_hears_how_everything_is_and_nobody_else_hears_it_again() {
        let followers = Followers::default();
        let first = followers.join();
        followers.tell(vec![volume(1)], vec![volume(1)]);
        assert_eq!(heard(&first), [volume(1)]);
        let second = followers.join();
        followers.tell(vec![volume(2)], Vec::new());
        followers.tell(vec![volume(3)], vec![volume(3), volume(7)]);
        followers.tell(vec![volume(4)], vec![volume(4), volume(7)]);
        assert_eq!(heard(&first), [volume(2), volume(3), volume(4)]);
        assert_eq!(heard(&second), [volume(3), volume(7), volume(4)], "everything once, and then what changes");
    }
}
