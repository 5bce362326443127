//! The user's configuration, read from TOML and never written. The repository's `config.toml` documents the
//! defaults and is built into the program.

mod changes;
mod contradictions;
mod encoding;
mod error;
mod faults;
mod keys;
mod limits;
mod ranges;
mod read;
pub mod times;

pub use changes::{Changes, NewTheme};
pub use error::{ConfigError, LimitError, SettingError, SettingFault};
pub use faults::{Examined, Places, examine};
pub use keys::{Bound, Keys};
pub use limits::{Kind, LimitSet, MOST_SHARES};
pub use ranges::MOST_WORKERS;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

pub use encoding::{TagEncoding, UnknownEncoding};

/// The documented default configuration, as shipped.
pub const DEFAULT: &str = include_str!("../../config.toml");

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[library]`
    pub library: Library,
    /// `[player]`
    pub player: Player,
    /// `[queue]`
    pub queue: Queue,
    /// `[analysis]`
    pub analysis: Analysis,
    /// `[train]`
    pub train: Train,
    /// `[ui]`
    pub ui: Ui,
    /// `[hooks]`
    pub hooks: Hooks,
    /// `[history]`
    pub history: History,
    /// `[limits.NAME]`: named sets of limits of the queue.
    pub limits: BTreeMap<String, LimitSet>,
    /// `[filters]`: name → filter, used as `@name`.
    pub filters: BTreeMap<String, String>,
    /// `[engines.NAME]`: the options of a plugin, which says itself which it has.
    pub engines: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// `[keys]`: keys → command.
    pub keys: Keys,
}

/// `[hooks]`: programs that are started when something happens; empty for none.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hooks {
    /// Another track plays.
    pub on_track: String,
    /// Playback was started, paused or stopped.
    pub on_state: String,
}

impl Hooks {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        [&self.on_track, &self.on_state].iter().any(|line| !line.trim().is_empty())
    }
}

/// `[history]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// The file that every finished listen is appended to; empty for none.
    pub log: PathBuf,
}

/// `[library]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Library {
    /// The music directory; empty means not set.
    pub music: PathBuf,
    /// Whether the scan follows symbolic links.
    pub follow_links: bool,
    /// Seconds between two scans of a directory that cannot be watched.
    pub poll: u64,
    /// The encoding of tag texts that do not declare one.
    pub tag_encoding: TagEncoding,
}

/// `[player]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Player {
    /// Volume in percent.
    pub volume: u8,
    /// The id of the output, as listed by `:device`; empty for the default output.
    pub device: String,
    /// "off", "track", "album" or "smart".
    pub replaygain: String,
    /// dB added to every ReplayGain value.
    pub preamp: f32,
    /// Whether a gain is reduced so that the track's peak does not clip.
    pub clip_guard: bool,
    /// Length of the crossfade in seconds; 0 plays tracks without a gap.
    pub crossfade: f32,
    /// Whether the desktop's media controls (MPRIS) are served.
    pub mpris: bool,
    /// Whether the desktop notifies of every track that begins.
    pub notifications: bool,
    /// Seconds of the fade when pausing or stopping.
    pub fade: f32,
    /// Whether both channels get the mean of left and right.
    pub mono: bool,
    /// Balance from −100 (left) to 100 (right).
    pub balance: i8,
}

/// `[queue]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Whether the queue fills itself.
    pub auto: bool,
    /// Number of upcoming tracks after a refill.
    pub ahead: usize,
    /// Refill when fewer upcoming tracks than this are left.
    pub refill: usize,
    /// Name of the engine that proposes tracks.
    pub engine: String,
    /// Whether the learned taste is used.
    pub taste: bool,
    /// Automatic tracks keep so many tracks between two of one artist; 0 for no such limit.
    pub artist_spacing: usize,
    /// The same for an album.
    pub album_spacing: usize,
    /// The same for a title, by whomever.
    pub title_spacing: usize,
    /// What was played within so many days does not come; 0 for no such limit.
    pub not_heard_days: u32,
    /// What is not proposed.
    pub leave_out: Vec<Kind>,
    /// `[queue.weights]`
    pub weights: Weights,
}

/// `[queue.weights]`: the weight of each term of the queue's policy, in standard deviations of the signature distance
/// over the candidates (docs/design.md, "Queue policy").
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// The engine's own score; for the engine `signature`, the signature distance.
    pub fit: f32,
    /// Closeness to the previous track.
    pub closeness: f32,
    /// The penalty for consecutive tracks by one artist.
    pub run: f32,
    /// The penalty for consecutive tracks from one album.
    pub album: f32,
    /// The penalty for the most recently played track.
    pub heard: f32,
    /// Number of tracks after which that penalty is halved.
    pub heard_half_life: f32,
    /// The user's ratings, loves and plays: this much for love or five stars.
    pub liked: f32,
    /// The learned prediction of the next track, used only if it was measured to be better.
    pub next: f32,
    /// A requested direction or journey.
    pub course: f32,
}

/// `[analysis]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Analysis {
    /// Number of decoding workers, at most [`MOST_WORKERS`]; 0 chooses automatically.
    pub workers: usize,
    /// "auto", "cpu" or "cuda".
    pub device: String,
    /// Whether the loudness of whole files is measured when idle.
    pub loudness: bool,
}

/// `[train]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Train {
    /// A genre with fewer artists than this is merged into its parent genre, or left out.
    pub least_artists: usize,
    /// The same for a genre with fewer tracks.
    pub least_tracks: usize,
    /// Aliases of genres; a value of "" leaves the tracks out.
    pub genres: BTreeMap<String, String>,
}

/// `[ui]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ui {
    /// Name of the theme.
    pub theme: String,
    /// Whether clicks and the wheel are heeded.
    pub mouse: bool,
    /// `[ui.columns]`.
    pub columns: Columns,
    /// Name of the preset of keys.
    pub preset: String,
    /// Whether the terminal's window is named after what plays.
    pub title: bool,
    /// How covers are shown.
    pub covers: Covers,
}

/// How covers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Covers {
    /// In the best way that the terminal says to know.
    #[default]
    Auto,
    /// By kitty's graphics protocol.
    Kitty,
    /// As sixels.
    Sixel,
    /// As iTerm2's inline images.
    Iterm,
    /// As half blocks.
    Blocks,
    /// Not at all.
    Off,
}

/// `[ui.columns]`: the columns of the lists, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Columns {
    /// Those of the queue; on a narrow screen only those that matter most are shown.
    pub queue: Vec<Column>,
}

/// A column of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// The title.
    Title,
    /// The artist.
    Artist,
    /// The album.
    Album,
    /// Why it was picked.
    Why,
    /// How well it fits, as a bar; with the percentage where there is room.
    Fit,
    /// The length.
    Length,
    /// The year.
    Year,
    /// Beats per minute.
    Tempo,
    /// How forceful it sounds, 0 to 1.
    Energy,
    /// The spectral centroid in Hz.
    Brightness,
    /// How often it was played.
    Plays,
    /// The rating, as stars.
    Rating,
    /// The day when it was first seen.
    Added,
}

impl Default for Columns {
    fn default() -> Self {
        use Column::*;
        Columns { queue: vec![Title, Artist, Album, Why, Fit, Length] }
    }
}
impl Default for Library {
    fn default() -> Self {
        Library { music: PathBuf::new(), follow_links: false, poll: 180, tag_encoding: TagEncoding::default() }
    }
}
impl Default for Player {
    fn default() -> Self {
        Player {
            volume: 80,
            device: String::new(),
            replaygain: "smart".into(),
            preamp: 0.0,
            clip_guard: true,
            crossfade: 0.0,
            mpris: true,
            notifications: false,
            fade: 0.15,
            mono: false,
            balance: 0,
        }
    }
}
impl Default for Queue {
    fn default() -> Self {
        Queue {
            auto: true,
            ahead: 15,
            refill: 10,
            engine: "signature".into(),
            taste: true,
            artist_spacing: 0,
            album_spacing: 0,
            title_spacing: 0,
            not_heard_days: 0,
            leave_out: Kind::ALL.to_vec(),
            weights: Weights::default(),
        }
    }
}
impl Default for Weights {
    fn default() -> Self {
        Weights {
            fit: 1.0,
            closeness: 0.25,
            run: 0.75,
            album: 0.25,
            heard: 10.0,
            heard_half_life: 40.0,
            liked: 0.25,
            next: 0.5,
            course: 3.0,
        }
    }
}
impl Default for Analysis {
    fn default() -> Self {
        Analysis { workers: 0, device: "auto".into(), loudness: true }
    }
}
impl Default for Train {
    fn default() -> Self {
        Train { least_artists: 5, least_tracks: 20, genres: BTreeMap::new() }
    }
}
impl Default for Ui {
    fn default() -> Self {
        Ui {
            theme: "auto".into(),
            mouse: true,
            title: true,
            covers: Covers::default(),
            columns: Columns::default(),
            preset: "default".into(),
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_the_default() {
        assert_eq!(Config::parse(DEFAULT), Ok(Config::default()));
    }

    #[test]
    fn genres_are_the_users_own() {
        let config = Config::parse("[train.genres]\n\"Chiptune\" = \"Electronic\"\n\"Audiobook\" = \"\"").unwrap();
        assert_eq!(config.train.genres["Chiptune"], "Electronic");
        assert_eq!((config.train.genres["Audiobook"].as_str(), config.train.least_artists), ("", 5));
    }

    #[test]
    fn mistakes_name_their_line() {
        let e = Config::parse("[queue]\nahed = 3\n").unwrap_err().to_string();
        assert!(e.starts_with("line 2: unknown field `ahed`"), "{e}");
        let e = Config::parse("[library]\npoll = 60\ntag_encoding = \"klingon\"\n").unwrap_err().to_string();
        assert!(e.starts_with("line 3: library.tag_encoding must be \"auto\" or an encoding"), "{e}");
        assert!(Config::parse("[player]\nvolume = 101").unwrap_err().to_string().contains("0 to 100"));
        assert!(
            Config::parse("[player]\nreplaygain = \"loud\"")
                .unwrap_err()
                .to_string()
                .contains("player.replaygain must be")
        );
        assert!(Config::parse("[player]\ncrossfade = -1.0").is_err() && Config::parse("[player]\nfade = nan").is_err());
        assert!(Config::parse("[queue]\nahead = 3").unwrap_err().to_string().contains("refill"));
        assert!(
            Config::parse("[queue.weights]\nrun = -1.0")
                .unwrap_err()
                .to_string()
                .contains("queue.weights.run is -1.0; it must be 0")
        );
        assert!(Config::parse("[queue.weights]\nheard = nan").is_err());
    }
}
