//! The interface `org.mpris.MediaPlayer2.Player`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use zbus::object_server::SignalEmitter;
use zbus::wire::{ObjectPath, Variant};

use super::shown::Shown;
use super::wish::{Wish, Wisher};

/// The player as an object on the bus.
pub(super) struct Player {
    pub shown: Arc<Mutex<Shown>>,
    pub wish: Wisher,
}

impl Player {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, line: impl Into<String>) {
        (self.wish)(Wish::Line(line.into()));
    }
}

// Names, types and meanings are those of the MPRIS D-Bus Interface Specification 2.2; times are microseconds.
#[zbus::interface(name = "org.mpris.MediaPlayer2.Player")]
impl Player {
    fn next(&self) {
        self.line("next");
    }

    fn previous(&self) {
        self.line("previous");
    }

    fn pause(&self) {
        self.line("pause");
    }

    fn play_pause(&self) {
        self.line("toggle");
    }

    fn stop(&self) {
        self.line("stop");
    }

    fn play(&self) {
        self.line("play");
    }

    fn seek(&self, offset: i64) {
        let secs = offset as f64 / 1e6;
        self.line(format!("seek {secs:+.1}"));
    }

    fn set_position(&self, track: ObjectPath<'_>, position: i64) {
        // The specification has a request ignored that is about a track which has ended meanwhile, or that names no place
        // in it.
        let meant = {
            let shown = self.shown();
            let within = position >= 0 && shown.length().is_none_or(|length| position <= length);
            within && track == shown.id()
        };
        if meant {
            self.line(format!("seek {:.1}", position as f64 / 1e6));
        }
    }

    fn open_uri(&self, uri: String) {
        (self.wish)(Wish::Open(uri));
    }

    #[zbus(signal)]
    pub async fn seeked(emitter: &SignalEmitter<'_>, position: i64) -> zbus::Result<()>;

    #[zbus(property)]
    fn playback_status(&self) -> &'static str {
        self.shown().status()
    }

    #[zbus(property)]
    fn loop_status(&self) -> &'static str {
        self.shown().looping()
    }

    #[zbus(property)]
    fn set_loop_status(&self, status: String) -> zbus::fdo::Result<()> {
        let word = match status.as_str() {
            "None" => "off",
            "Track" => "one",
            "Playlist" => "all",
            _ => return Err(zbus::fdo::Error::InvalidArgs("None, Track or Playlist".into())),
        };
        self.line(format!("repeat {word}"));
        Ok(())
    }

    #[zbus(property)]
    fn shuffle(&self) -> bool {
        self.shown().shuffle
    }

    #[zbus(property)]
    fn set_shuffle(&self, on: bool) {
        self.line(if on { "shuffle tracks" } else { "shuffle off" });
    }

    #[zbus(property)]
    fn metadata(&self) -> HashMap<&'static str, Variant<'static>> {
        self.shown().metadata()
    }

    #[zbus(property)]
    fn volume(&self) -> f64 {
        f64::from(self.shown().volume) / 100.0
    }

    #[zbus(property)]
    fn set_volume(&self, volume: f64) {
        if volume.is_finite() {
            self.line(format!("volume {:.0}", (volume * 100.0).clamp(0.0, 100.0)));
        }
    }

    #[zbus(property(emits_changed_signal = "false"))]
    fn position(&self) -> i64 {
        self.shown().position(Instant::now())
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn rate(&self) -> f64 {
        1.0
    }

    #[zbus(property)]
    fn set_rate(&self, rate: f64) {
        // There is only the normal rate. As the specification says, 0 pauses.
        if rate == 0.0 {
            self.line("pause");
        }
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn minimum_rate(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn maximum_rate(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_go_next(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_go_previous(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_play(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_pause(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_seek(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_control(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown::Changed;
    use super::*;
    use crate::ask::event::Happening;
    use crate::ask::report::Playing;

    /// A player whose track has so many seconds, and what is wished of it.
    fn playing(duration: f64) -> (Player, crossbeam_channel::Receiver<Wish>) {
        let (wishes, wished) = crossbeam_channel::unbounded();
        let mut shown = Shown::default();
        let track = Some(Playing { title: "a".into(), duration, ..Playing::default() });
        shown.take(&Happening::Track { track, moved: false }, Instant::now(), &mut Changed::default());
        let wish: Wisher = Arc::new(move |wish| drop(wishes.send(wish)));
        (Player { shown: Arc::new(Mutex::new(shown)), wish }, wished)
    }

    fn lines(wished: &crossbeam_channel::Receiver<Wish>) -> Vec<String> {
        let line = |wish| match wish {
            Wish::Line(line) => line,
            Wish::Open(uri) => uri,
        };
        wished.try_iter().map(line).collect()
    }

    #[test]
    fn a_position_outside_the_track_is_ignored() {
        let (player, wished) = playing(60.0);
        let id = player.shown().id();
        for position in [-1, 60_000_001, i64::MAX] {
            player.set_position(id.clone(), position);
        }
        player.set_position(ObjectPath::try_from("/another").unwrap(), 5_000_000);
        assert!(lines(&wished).is_empty());
        player.set_position(id.clone(), 5_000_000);
        player.set_position(id, 60_000_000);
        assert_eq!(lines(&wished), ["seek 5.0", "seek 60.0"]);
        // Where the length is not known, the player decides.
        let (player, wished) = playing(0.0);
        let id = player.shown().id();
        player.set_position(id, 90_000_000);
        assert_eq!(lines(&wished), ["seek 90.0"]);
    }

    #[test]
    fn only_the_normal_rate_is_played_and_a_rate_of_nothing_pauses() {
        let (player, wished) = playing(60.0);
        for rate in [1.0, 2.0, -1.0, f64::NAN] {
            player.set_rate(rate);
        }
        assert!(lines(&wished).is_empty());
        player.set_rate(0.0);
        assert_eq!(lines(&wished), ["pause"]);
    }
}
