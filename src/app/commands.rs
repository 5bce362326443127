//! The commands table. It drives the `:` line, the keymap, the control socket, completion and the help screen.

use crate::latent::DIMS;

use super::model::Model;

/// What kind of word a command takes, for completion and usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// A file or directory of the library.
    Path,
    /// `30`, `+5`, `-5`, `1:20`.
    Time,
    /// `80`, `+5`, `-5`.
    Percent,
    /// Queue entries: `3` is the third ahead.
    Entry,
    /// `on` or `off`.
    Switch,
    /// Name of a playlist engine.
    Engine,
    /// Name of a theme.
    Theme,
    /// `3,7,12`, `auto` or `off`.
    Dims,
    /// How many times.
    Count,
    /// Number of a view, 1 to 6.
    View,
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
            ArgKind::Entry => "[N…]",
            ArgKind::Switch => "[on|off]",
            ArgKind::Engine => "[NAME]",
            ArgKind::Theme => "[NAME]",
            ArgKind::Dims => "[LIST|off|auto]",
            ArgKind::Count => "[N]",
            ArgKind::View => "N",
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
    session("volume", &["vol"], Some(ArgKind::Percent), "set or change the volume: 80, +5, -5"),
    session("enqueue", &["add"], Some(ArgKind::Path), "add to what you chose, before automatic tracks"),
    session("enqueue-next", &[], Some(ArgKind::Path), "add right after the playing track"),
    session("remove", &[], Some(ArgKind::Entry), "take tracks out of the queue"),
    session("jump", &[], Some(ArgKind::Entry), "play a track of the queue now"),
    session("clear", &[], None, "empty the queue; the playing track goes on"),
    session("auto", &[], Some(ArgKind::Switch), "whether the queue fills itself"),
    session("engine", &[], Some(ArgKind::Engine), "who proposes tracks"),
    session("signature", &["sig"], Some(ArgKind::Dims), "show, restrict (3,7,12), free (off) or choose (auto)"),
    session("rescan", &[], None, "compare the music directory with the library now"),
    session("theme", &[], Some(ArgKind::Theme), "change the colours"),
    session("quit", &["q", "q!", "wq", "exit"], None, "end; the session is kept"),
    screen("why", &[], Some(ArgKind::Entry), "why a track stands in the queue"),
    screen("errors", &[], None, "files that cannot be used, and why"),
    screen("help", &[], None, "keys and commands"),
    screen("library", &[], None, "go to the library"),
    screen("queue", &[], None, "go to the queue"),
    screen("view", &[], Some(ArgKind::View), "1 library, 2 queue, 3 signature, 4 why, 5 errors, 6 help"),
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

/// Whole lines that complete what was typed so far (without the colon), the likeliest first.
pub fn complete(line: &str, model: &Model) -> Vec<String> {
    let Some((word, rest)) = line.split_once(' ') else {
        let mut names: Vec<String> =
            COMMANDS.iter().filter(|c| c.name.starts_with(line)).map(|c| c.name.to_string()).collect();
        // Whoever types an alias in full wants that.
        names.extend(COMMANDS.iter().filter(|c| c.aliases.contains(&line)).map(|_| line.to_string()));
        return names;
    };
    let Ok(spec) = find(word) else { return Vec::new() };
    let rest = rest.trim_start();
    let words = |list: Vec<String>| {
        list.into_iter().filter(|w| w.starts_with(rest)).map(|w| format!("{} {w}", spec.name)).collect()
    };
    match spec.arg {
        Some(ArgKind::Theme) => words(model.themes.clone()),
        Some(ArgKind::Engine) => words(model.engines.clone()),
        Some(ArgKind::Switch) => words(vec!["on".into(), "off".into()]),
        Some(ArgKind::Dims) => words(dims(rest, model)),
        Some(ArgKind::View) => words((1..=6).map(|n| n.to_string()).collect()),
        _ => Vec::new(),
    }
}

/// Completions of a list of dimensions: the words, then the last number's, those of the shown signature first.
fn dims(rest: &str, model: &Model) -> Vec<String> {
    let (head, last) = rest.rsplit_once(',').map_or(("", rest), |(h, l)| (h, l));
    let lead = if head.is_empty() { String::new() } else { format!("{head},") };
    let used: Vec<&str> = head.split(',').collect();
    let shown = model.signature.iter().flat_map(|s| s.dims.iter().map(|d| d.dim.to_string()));
    let mut numbers: Vec<String> = shown.collect();
    for n in (1..=DIMS).map(|n| n.to_string()) {
        if !numbers.contains(&n) {
            numbers.push(n);
        }
    }
    let words = if head.is_empty() { vec!["auto".to_string(), "off".to_string()] } else { Vec::new() };
    let numbers = numbers.into_iter().filter(|n| n.starts_with(last) && !used.contains(&n.as_str()));
    words.into_iter().chain(numbers.map(|n| format!("{lead}{n}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::{DimReport, SignatureReport};
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
        assert_eq!(find("p").unwrap_err(), "'p' could be play, pause, previous, page-up, page-down");
        assert!(find("frobnicate").unwrap_err().contains("no command 'frobnicate'"));
    }

    #[test]
    fn completes_commands_and_their_words() {
        let mut model = Model { themes: vec!["mono".into(), "terminal".into()], ..Model::default() };
        assert_eq!(complete("sig", &model), ["signature", "sig"]);
        assert_eq!(complete("theme m", &model), ["theme mono"]);
        assert_eq!(complete("auto ", &model), ["auto on", "auto off"]);
        assert_eq!(complete("signature of", &model), ["signature off"]);
        let dim = |dim| DimReport { dim, ..DimReport::default() };
        model.signature = Some(SignatureReport { dims: vec![dim(7), dim(12)], ..SignatureReport::default() });
        let offered = complete("sig 3,", &model);
        assert_eq!(offered[..3], ["signature 3,7", "signature 3,12", "signature 3,1"]);
        assert!(!offered.contains(&"signature 3,3".to_string()));
        assert!(complete("nonsense ", &model).is_empty());
    }
}
