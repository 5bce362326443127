//! `:repeat`, `:shuffle`, `:continue` and `:consume`.

use crate::notice::Kind;
use crate::queue::{Mode, Queue, Repeat, Shuffle};

use super::super::state::auto::AutoQueue;
use super::super::state::order::Order;

/// Sets a mode. Returns the notice.
pub(in crate::app) fn set(
    order: &mut Order,
    queue: &mut Queue,
    auto: &mut AutoQueue,
    mode: Mode,
) -> (Kind, &'static str) {
    let before = order.modes;
    let modes = mode.applied(before);
    order.modes = modes;
    if modes.shuffle != before.shuffle {
        order.arrange(queue);
    }
    if modes.repeat == Repeat::All && before.repeat != Repeat::All {
        queue.clear_auto();
        auto.withdraw();
    }
    if modes.repeat != Repeat::All && before.repeat == Repeat::All {
        auto.replace();
    }
    let said = match mode {
        Mode::Repeat(_) => match modes.repeat {
            Repeat::Off => "repeat: off",
            _ if modes.consume => {
                return (Kind::Obstacle, "repeat has no effect while consume is on: what was played leaves the queue");
            }
            Repeat::All => "repeat: the queue begins anew at its end; nothing is added by itself",
            Repeat::One => "repeat: this track again and again",
        },
        Mode::Shuffle(_) => match modes.shuffle {
            Shuffle::Off => "shuffle: off; what you added comes in its order",
            Shuffle::Tracks => "shuffle: tracks",
            Shuffle::Albums => "shuffle: albums, each in its order",
        },
        Mode::Continue(_) if modes.go_on => "continue: the next track follows by itself",
        Mode::Continue(_) => "continue: off; the music stops after each track",
        Mode::Consume(_) if modes.consume && modes.repeat != Repeat::Off => {
            "consume: what was played leaves the queue, so nothing repeats"
        }
        Mode::Consume(_) if modes.consume => "consume: what was played leaves the queue",
        Mode::Consume(_) => "consume: off; what was played stays",
    };
    (Kind::Success, said)
}
