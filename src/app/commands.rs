//! The commands table. It drives the `:` line, the keymap, the control socket, completion and the help screen.

/// What kind of word a command takes, for completion and usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// A file or directory of the library.
    Path,
    /// `30`, `+5`, `-5`, `1:20`.
    Time,
    /// `80`, `+5`, `-5`.
    Percent,
    /// `off`, `track`, `album`, `smart`.
    ReplayGain,
    /// `4`, `off`.
    Seconds,
    /// `-30`, `0`, `30`.
    Balance,
    /// Number or id of an output.
    Output,
    /// `45m`, `track`, `album`, `off`.
    Sleep,
    /// Queue entries: `3` is the third ahead.
    Entry,
    /// Two queue entries: which, and before which.
    Move,
    /// `on` or `off`.
    Switch,
    /// Name of a playlist engine.
    Engine,
    /// Name of a theme.
    Theme,
    /// `3,7,tempo`, `-5`, `auto`, `off`, or a verb (see `sets::VERBS`).
    Dims,
    /// One dimension: `7`, `tempo`.
    Dim,
    /// `on`, `off`, `undo`, `reset`.
    Taste,
    /// How many times.
    Count,
    /// What to do with playlists (see `playlist::VERBS`).
    Playlist,
    /// `0` to `5`, `80`, `off`.
    Rating,
    /// `artist,-year`
    Sort,
    /// Number of a view, 1 to 7.
    View,
    /// `off`, `all`, `one`.
    Repeat,
    /// `off`, `tracks`, `albums`.
    Shuffle,
    /// A dimension and `up` or `down`, how many tracks; `off`.
    Direction,
    /// One end or two, in quotes, how many tracks; `off`.
    Journey,
    /// Names with `+` or `-`; `off`.
    Blend,
    /// A saved signature and hours; `list`, `delete NAME`, `off`.
    Mood,
    /// A filter (see `library::filter`).
    Filter,
    /// A dimension, or none for the one that counts most.
    Less,
    /// A queue entry whose artist is meant, or `off`.
    Artist,
    /// Free text.
    Text,
}

impl ArgKind {
    /// How the argument stands in a usage line.
    pub fn usage(self) -> &'static str {
        match self {
            ArgKind::Path => "[PATH]",
            ArgKind::Time => "TIME",
            ArgKind::Percent => "[PERCENT]",
            ArgKind::ReplayGain => "[off|track|album|smart]",
            ArgKind::Seconds => "[SECONDS|off]",
            ArgKind::Balance => "[-100…100]",
            ArgKind::Output => "[N|ID|default]",
            ArgKind::Sleep => "[TIME|track|album|off]",
            ArgKind::Entry => "[N…]",
            ArgKind::Move => "N TO",
            ArgKind::Switch => "[on|off]",
            ArgKind::Engine => "[NAME]",
            ArgKind::Theme => "[NAME]",
            ArgKind::Dims => "[LIST|off|auto]",
            ArgKind::Dim => "[N|NAME]",
            ArgKind::Taste => "[on|off|undo|reset]",
            ArgKind::Count => "[N]",
            ArgKind::Playlist => "[VERB NAME]",
            ArgKind::Rating => "0-5|PERCENT|off",
            ArgKind::Sort => "KEY,…",
            ArgKind::View => "N",
            ArgKind::Repeat => "[off|all|one]",
            ArgKind::Shuffle => "[off|tracks|albums]",
            ArgKind::Direction => "[DIM up|down [N]|off]",
            ArgKind::Journey => "[[A] B] [N]|off",
            ArgKind::Blend => "[+A -B …|off]",
            ArgKind::Mood => "[NAME H-H|list|delete NAME|off]",
            ArgKind::Filter => "[FILTER]",
            ArgKind::Less => "[DIM]",
            ArgKind::Artist => "[N|off]",
            ArgKind::Text => "[TEXT]",
        }
    }
}

/// Who carries a command out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The session: it works from anywhere, the socket too.
    Session,
    /// The screen: cursors, pages, popups.
    Screen,
}

/// One command.
#[derive(Clone, Copy, Debug)]
pub struct CommandSpec {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its argument, if it takes one.
    pub arg: Option<ArgKind>,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Who carries it out.
    pub scope: Scope,
}

const fn session(
    name: &'static str,
    aliases: &'static [&'static str],
    arg: Option<ArgKind>,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec { name, aliases, arg, doc, scope: Scope::Session }
}

const fn screen(
    name: &'static str,
    aliases: &'static [&'static str],
    arg: Option<ArgKind>,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec { name, aliases, arg, doc, scope: Scope::Screen }
}

/// Every command, in the order of the help screen.
pub const COMMANDS: &[CommandSpec] = &[
    session("play", &[], Some(ArgKind::Path), "play the selection or a path now; alone: go on"),
    session("toggle", &[], None, "pause or go on"),
    session("pause", &[], None, "hold the music"),
    session("stop", &[], None, "stop"),
    session("next", &[], None, "play what comes next"),
    session("previous", &["prev"], None, "play what was before"),
    session("seek", &[], Some(ArgKind::Time), "go to a time, or by so many seconds: 1:20, +5, -5"),
    session("volume", &["vol"], Some(ArgKind::Percent), "set or change the volume: 80, +5, -5, +2dB, -2dB"),
    session("replaygain", &[], Some(ArgKind::ReplayGain), "play everything about equally loud; alone: how it is"),
    session("crossfade", &[], Some(ArgKind::Seconds), "tracks fade into each other; not those of an album in order"),
    session("mono", &[], Some(ArgKind::Switch), "the same on both sides"),
    session("balance", &[], Some(ArgKind::Balance), "more of the left (-30) or of the right (30)"),
    session("device", &["output"], Some(ArgKind::Output), "play to another output; alone: which there are"),
    session("spectrum", &[], Some(ArgKind::Switch), "show how loud the low and the high notes are"),
    session("sleep", &[], Some(ArgKind::Sleep), "stop after a time (45m), this track or this album"),
    session("enqueue", &["add"], Some(ArgKind::Path), "add to what you chose, before automatic tracks"),
    session("enqueue-next", &[], Some(ArgKind::Path), "add right after the playing track"),
    session("remove", &[], Some(ArgKind::Entry), "take tracks out of the queue"),
    session("jump", &[], Some(ArgKind::Entry), "play a track of the queue now"),
    session("clear", &[], None, "empty the queue; the playing track goes on"),
    session("shuffle", &["random"], Some(ArgKind::Shuffle), "the order of what you added; alone: the next kind"),
    session("repeat", &[], Some(ArgKind::Repeat), "the queue or the track again and again; alone: the next kind"),
    session("continue", &[], Some(ArgKind::Switch), "whether the next track follows by itself"),
    session("consume", &[], Some(ArgKind::Switch), "whether what was played leaves the queue"),
    session("move", &[], Some(ArgKind::Move), "put a track of the queue before another: move 5 1"),
    session("sort", &[], Some(ArgKind::Sort), "sort what you chose: artist,album,track; -year counts down"),
    session(
        "playlist",
        &["pl"],
        Some(ArgKind::Playlist),
        "open, append, save, add, smart, list, delete, rename, export",
    ),
    session(
        "save",
        &["save!"],
        Some(ArgKind::Path),
        "write the queue into a .m3u8, .m3u, .pls or .xspf; save! over one",
    ),
    session("rate", &[], Some(ArgKind::Rating), "rate the selection, or what plays: 0 to 5 stars, 80, off"),
    session("love", &[], None, "love the selection, or what plays; again: no more"),
    session("keep", &[], Some(ArgKind::Entry), "make an automatic track your own: what follows goes by it too"),
    session("not", &[], Some(ArgKind::Entry), "not this: takes a track out and does not bring it again"),
    session("not-artist", &[], Some(ArgKind::Artist), "nothing more by this artist tonight; off: all again"),
    session("less", &[], Some(ArgKind::Less), "count a dimension less: less tempo; alone: the one that spoke most"),
    session("undo", &[], None, "take the last keep, not, not-artist or less back"),
    session("auto", &[], Some(ArgKind::Switch), "whether the queue fills itself"),
    session("engine", &[], Some(ArgKind::Engine), "who proposes tracks"),
    session(
        "signature",
        &["sig"],
        Some(ArgKind::Dims),
        "show; go by dimensions (3,7,tempo), without (-5), all (off), by test (auto)",
    ),
    session(
        "direction",
        &[],
        Some(ArgKind::Direction),
        "the next tracks climb or fall: tempo up, 7 down 20; off ends it",
    ),
    session("calmer", &[], Some(ArgKind::Count), "the next tracks calm down: energy down"),
    session("wilder", &[], Some(ArgKind::Count), "energy up"),
    session("brighter", &[], Some(ArgKind::Count), "brightness up"),
    session("darker", &[], Some(ArgKind::Count), "brightness down"),
    session("faster", &[], Some(ArgKind::Count), "tempo up, from 80 to 160 beats a minute"),
    session("slower", &[], Some(ArgKind::Count), "tempo down"),
    session("louder", &[], Some(ArgKind::Count), "loudness up"),
    session("quieter", &[], Some(ArgKind::Count), "loudness down"),
    session(
        "journey",
        &[],
        Some(ArgKind::Journey),
        "from what plays, or the first named or marked, to the last: \"So What\" 12",
    ),
    session("blend", &[], Some(ArgKind::Blend), "follow what is like +these and unlike -those; off goes back"),
    session("mood", &[], Some(ArgKind::Mood), "follow a saved signature at some hours: late-night 22-2"),
    session("dims", &[], Some(ArgKind::Dim), "what the dimensions mean; with a number or name, its card"),
    session(
        "taste",
        &[],
        Some(ArgKind::Taste),
        "what was learned of your taste; switch it, take the last back, begin anew",
    ),
    session(
        "filter",
        &[],
        Some(ArgKind::Filter),
        "show only what passes: ~a beatles, genre=jazz & plays=0; alone: all",
    ),
    session("duplicates", &[], None, "songs of which there is more than one file or version"),
    session("rescan", &[], None, "compare the music directory with the library now"),
    session("theme", &[], Some(ArgKind::Theme), "change the colours"),
    session("quit", &["q", "q!", "wq", "exit"], None, "end; the session is kept"),
    screen("why", &[], Some(ArgKind::Entry), "why a track stands in the queue"),
    screen("answer", &[], None, "the last answer again: a comparison or a list"),
    screen("errors", &[], None, "files that cannot be used, and why"),
    screen("help", &[], None, "keys and commands"),
    screen("library", &[], None, "go to the library"),
    screen("queue", &[], None, "go to the queue"),
    screen("view", &[], Some(ArgKind::View), "1 library, 2 queue, 3 signature, 4 why, 5 errors, 6 help, 7 dimensions"),
    screen("focus-next", &[], None, "go to the other list"),
    screen("goto-playing", &[], None, "go to the playing track"),
    screen("find", &[], Some(ArgKind::Text), "find in the list; alone: the next"),
    screen("find-back", &[], Some(ArgKind::Text), "find backwards"),
    screen("search-next", &[], None, "the next that matches"),
    screen("search-previous", &[], None, "the one before that matches"),
    screen("up", &[], Some(ArgKind::Count), "up"),
    screen("down", &[], Some(ArgKind::Count), "down"),
    screen("half-page-up", &[], Some(ArgKind::Count), "half a page up"),
    screen("half-page-down", &[], Some(ArgKind::Count), "half a page down"),
    screen("page-up", &[], Some(ArgKind::Count), "a page up"),
    screen("page-down", &[], Some(ArgKind::Count), "a page down"),
    screen("album-previous", &[], Some(ArgKind::Count), "to the album before"),
    screen("album-next", &[], Some(ArgKind::Count), "to the next album"),
    screen("top", &[], Some(ArgKind::Count), "to the first, or to the Nth"),
    screen("bottom", &[], Some(ArgKind::Count), "to the last, or to the Nth"),
    screen("mark", &[], None, "mark the track for what comes next"),
    screen("cancel", &[], None, "close, unmark, forget the search"),
    screen("confirm", &[], None, "play the selection; in the queue: jump there"),
    screen("command-line", &[], None, "type a command"),
    screen("type-fuzzy", &[], None, "type letters of artist, title, album in order; the best matches first"),
    screen("type-filter", &[], None, "type a filter; the library narrows meanwhile"),
    screen("search", &[], None, "type what to find"),
    screen("search-back", &[], None, "type what to find backwards"),
    screen("ask-quit", &[], None, "end, asking first while music plays"),
    screen("redraw", &[], None, "draw everything anew"),
    screen("suspend", &[], None, "leave to the shell; fg comes back"),
];

/// Finds a command by its name, an alias, or an abbreviation that fits only one command.
///
/// # Errors
/// One line: no such command, or which ones the abbreviation could mean.
pub fn find(word: &str) -> Result<&'static CommandSpec, String> {
    let exact = COMMANDS.iter().find(|c| c.name == word || c.aliases.contains(&word));
    if let Some(spec) = exact {
        return Ok(spec);
    }
    let fits: Vec<_> = COMMANDS.iter().filter(|c| c.name.starts_with(word)).collect();
    match fits.as_slice() {
        [] => Err(format!("no command '{}'; :help lists them", crate::text::sanitize(word))),
        [one] => Ok(one),
        many => {
            let names: Vec<_> = many.iter().take(5).map(|c| c.name).collect();
            let more = if many.len() > 5 { " …" } else { "" };
            Err(format!("'{word}' could be {}{more}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_documented() {
        let mut seen = HashSet::new();
        for spec in COMMANDS {
            for name in std::iter::once(&spec.name).chain(spec.aliases) {
                assert!(seen.insert(*name), "{name} stands twice");
            }
            assert!(!spec.doc.is_empty() && spec.doc.len() <= 80, "{}", spec.name);
        }
    }

    #[test]
    fn abbreviations_must_be_unique() {
        assert_eq!(find("q").map(|c| c.name), Ok("quit"));
        assert_eq!(find("vol").map(|c| c.name), Ok("volume"));
        assert_eq!(find("resc").map(|c| c.name), Ok("rescan"));
        assert_eq!(find("enqueue").map(|c| c.name), Ok("enqueue"));
        assert_eq!(find("p").unwrap_err(), "'p' could be play, pause, previous, playlist, page-up …");
        assert!(find("frobnicate").unwrap_err().contains("no command 'frobnicate'"));
    }
}
