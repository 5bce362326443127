//! Playback order: repeat, shuffle, continue and consume, as in cmus and mpd.

use serde::{Deserialize, Serialize};

/// What happens at the end of a track or of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeat {
    /// Playback stops, unless the queue is filled automatically.
    #[default]
    Off,
    /// The queue starts again at its end; nothing is added automatically.
    All,
    /// The current track repeats until another one is chosen.
    One,
}

impl Repeat {
    /// Its name in the status and in the event `modes`.
    pub fn name(self) -> &'static str {
        match self {
            Repeat::Off => "off",
            Repeat::All => "all",
            Repeat::One => "track",
        }
    }
}

/// The order of the items added by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shuffle {
    /// The order of addition.
    #[default]
    Off,
    /// Random tracks.
    Tracks,
    /// Random albums, each in its own order.
    Albums,
}

impl Shuffle {
    /// The argument of `:shuffle` that chooses it.
    pub fn word(self) -> &'static str {
        match self {
            Shuffle::Off => "off",
            Shuffle::Tracks => "tracks",
            Shuffle::Albums => "albums",
        }
    }
}

/// All playback modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modes {
    /// What repeats.
    pub repeat: Repeat,
    /// The order of the items added by hand.
    pub shuffle: Shuffle,
    /// Whether the next track follows automatically.
    #[serde(rename = "continue")]
    pub go_on: bool,
    /// Whether played items are removed from the queue.
    pub consume: bool,
}

impl Default for Modes {
    fn default() -> Modes {
        Modes { repeat: Repeat::Off, shuffle: Shuffle::Off, go_on: true, consume: false }
    }
}

impl Modes {
    /// The modes that differ from the default, in words.
    pub fn words(&self) -> Vec<&'static str> {
        let shuffle = match self.shuffle {
            Shuffle::Off => None,
            Shuffle::Tracks => Some("shuffle"),
            Shuffle::Albums => Some("shuffle albums"),
        };
        let repeat = match self.repeat {
            Repeat::Off => None,
            Repeat::All => Some("repeat"),
            Repeat::One => Some("repeat one"),
        };
        let stops = (!self.go_on).then_some("stops after each");
        let consume = self.consume.then_some("consume");
        [shuffle, repeat, stops, consume].into_iter().flatten().collect()
    }
}

/// A command that sets one of the modes; `None` cycles to the next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `:repeat off|all|one`.
    Repeat(Option<Repeat>),
    /// `:shuffle off|tracks|albums`.
    Shuffle(Option<Shuffle>),
    /// `:continue on|off`.
    Continue(Option<bool>),
    /// `:consume on|off`.
    Consume(Option<bool>),
}

impl Mode {
    /// The modes after this command.
    pub fn applied(self, modes: Modes) -> Modes {
        let next_repeat = match modes.repeat {
            Repeat::Off => Repeat::All,
            Repeat::All => Repeat::One,
            Repeat::One => Repeat::Off,
        };
        let next_shuffle = match modes.shuffle {
            Shuffle::Off => Shuffle::Tracks,
            Shuffle::Tracks => Shuffle::Albums,
            Shuffle::Albums => Shuffle::Off,
        };
        match self {
            Mode::Repeat(to) => Modes { repeat: to.unwrap_or(next_repeat), ..modes },
            Mode::Shuffle(to) => Modes { shuffle: to.unwrap_or(next_shuffle), ..modes },
            Mode::Continue(to) => Modes { go_on: to.unwrap_or(!modes.go_on), ..modes },
            Mode::Consume(to) => Modes { consume: to.unwrap_or(!modes.consume), ..modes },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_round_and_the_words_say_what_is_unusual() {
        let mut modes = Modes::default();
        assert!(modes.words().is_empty());
        let mut seen = Vec::new();
        for _ in 0..3 {
            modes = Mode::Repeat(None).applied(modes);
            modes = Mode::Shuffle(None).applied(modes);
            seen.push(modes.words().join(", "));
        }
        assert_eq!(seen, ["shuffle, repeat", "shuffle albums, repeat one", ""]);
        modes = Mode::Continue(Some(false)).applied(Mode::Consume(None).applied(modes));
        assert_eq!(modes.words(), ["stops after each", "consume"]);
        let text = serde_json::to_string(&modes).unwrap();
        assert_eq!(text, r#"{"repeat":"off","shuffle":"off","continue":false,"consume":true}"#);
        assert_eq!(serde_json::from_str::<Modes>("{}").unwrap(), Modes::default());
    }
}
