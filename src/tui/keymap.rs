//! The keymap: sequences of keys bound to command lines, by default like those of cmus, vim (motions) and mpv (arrows).

use std::collections::BTreeMap;

use crate::app::commands::{self, Line};
use crate::config::Bound;

use super::keys::{Binding, Key, parse};
use super::pages::PANES;

/// The default keys that the help page lists before those of the views, in its order.
const PLAYING: &[(&str, &str)] = &[
    ("space", "toggle"),
    ("c", "toggle"),
    (">", "next"),
    ("b", "next"),
    ("<", "previous"),
    ("z", "previous"),
    ("x", "seek 0"),
    ("v", "stop"),
    ("right", "seek +5"),
    ("left", "seek -5"),
    ("shift-right", "seek +60"),
    ("shift-left", "seek -60"),
    (".", "seek +60"),
    (",", "seek -60"),
    ("+", "volume +5"),
    ("=", "volume +5"),
    ("-", "volume -5"),
    ("enter", "confirm"),
    ("e", "enqueue"),
    ("E", "enqueue-next"),
    ("m", "mark"),
    ("D", "remove"),
    ("delete", "remove"),
    ("S", "shuffle"),
    ("r", "repeat"),
    ("C", "continue"),
    ("*0", "rate off"),
    ("*1", "rate 1"),
    ("*2", "rate 2"),
    ("*3", "rate 3"),
    ("*4", "rate 4"),
    ("*5", "rate 5"),
    ("**", "love"),
    ("K", "keep"),
    ("X", "not"),
    ("B", "not-artist"),
    ("L", "less"),
    ("u", "undo"),
    ("A", "auto"),
    ("s", "signature"),
    ("w", "why"),
    ("dc", "calmer"),
    ("dw", "wilder"),
    ("db", "brighter"),
    ("dd", "darker"),
    ("df", "faster"),
    ("ds", "slower"),
    ("dl", "louder"),
    ("dq", "quieter"),
    ("do", "direction off"),
    ("J", "journey"),
    ("i", "goto-playing"),
    ("j", "down"),
    ("down", "down"),
    ("k", "up"),
    ("up", "up"),
    ("gg", "top"),
    ("home", "top"),
    ("G", "bottom"),
    ("end", "bottom"),
    ("ctrl-d", "half-page-down"),
    ("ctrl-u", "half-page-up"),
    ("ctrl-f", "page-down"),
    ("pagedown", "page-down"),
    ("ctrl-b", "page-up"),
    ("pageup", "page-up"),
    ("}", "album-next"),
    ("{", "album-previous"),
    ("h", "column-left"),
    ("l", "column-right"),
    ("y", "by"),
    ("tab", "focus-next"),
    ("I", "info"),
];

/// The default keys that the help page lists after those of the views.
const TYPING: &[(&str, &str)] = &[
    ("/", "search"),
    ("F", "type-filter"),
    ("Z", "type-fuzzy"),
    ("n", "search-next"),
    ("N", "search-previous"),
    (":", "command-line"),
    ("?", "help"),
    ("f1", "help"),
    ("esc", "cancel"),
    ("q", "ask-quit"),
    ("ctrl-c", "ask-quit"),
    ("ctrl-l", "redraw"),
    ("ctrl-z", "suspend"),
];

/// What the keys typed so far mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning<'a> {
    /// They are bound to this command.
    Command(&'a Line),
    /// They begin a longer sequence.
    Prefix,
    /// They are not bound.
    Nothing,
}

/// All bindings. No sequence is a prefix of another, so none needs a timeout.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        let mut map = Keymap { bindings: Vec::new() };
        for (keys, command) in defaults() {
            // Errors are ignored: a test checks that every default is valid.
            let _ = map.bind(&keys, &command);
        }
        map
    }
}

/// All defaults; the first nine views are bound to their numbers.
fn defaults() -> impl Iterator<Item = (String, String)> {
    let fixed = |&(keys, command): &(&str, &str)| (keys.to_string(), command.to_string());
    let views = (1..=PANES.len().min(9)).map(|n| (n.to_string(), format!("view {n}")));
    PLAYING.iter().map(fixed).chain(views).chain(TYPING.iter().map(fixed))
}

impl Keymap {
    /// The defaults, overridden one by one by the user's keys in file order; `noop` unbinds.
    ///
    /// # Errors
    /// One line about the first invalid key or command in the file, with its line number.
    pub fn new(keys: &BTreeMap<String, Bound>) -> Result<Keymap, String> {
        let mut map = Keymap::default();
        let mut keys: Vec<_> = keys.iter().collect();
        keys.sort_by_key(|(_, bound)| bound.line);
        for (keys, Bound { command, line }) in keys {
            map.bind(keys, command).map_err(|why| format!("line {line}: [keys] {why}"))?;
        }
        Ok(map)
    }

    /// Every binding, in the order they were made.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Looks up a sequence of keys.
    pub fn meaning(&self, keys: &[Key]) -> Meaning<'_> {
        match self.bindings.iter().find(|b| b.keys.starts_with(keys)) {
            Some(b) if b.keys.len() == keys.len() => Meaning::Command(&b.line),
            Some(_) => Meaning::Prefix,
            None => Meaning::Nothing,
        }
    }

    /// Binds a sequence, replacing every binding that it is a prefix of, or that is a prefix of it.
    ///
    /// # Errors
    /// The keys or the command are invalid.
    fn bind(&mut self, text: &str, command: &str) -> Result<(), String> {
        let keys = parse(text)?;
        let line = match command.trim() {
            "noop" => None,
            command => Some(commands::parse(command).map_err(|why| format!("\"{text}\": {why}"))?),
        };
        self.bindings.retain(|b| !b.keys.starts_with(&keys) && !keys.starts_with(&b.keys));
        self.bindings.extend(line.map(|line| Binding { text: text.to_string(), line, keys }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(keys: &[(&str, &str)]) -> Result<Keymap, String> {
        let bound = |(i, (key, command)): (usize, &(&str, &str))| {
            (key.to_string(), Bound { command: command.to_string(), line: i + 3 })
        };
        Keymap::new(&keys.iter().enumerate().map(bound).collect())
    }

    /// The command line that `keys` are bound to.
    fn command(map: &Keymap, keys: &str) -> Option<String> {
        match map.meaning(&parse(keys).unwrap()) {
            Meaning::Command(line) => Some(format!("{} {}", line.command.name, line.argument).trim_end().to_string()),
            Meaning::Prefix | Meaning::Nothing => None,
        }
    }

    #[test]
    fn every_default_is_understood_and_unique() {
        let mut map = Keymap { bindings: Vec::new() };
        for (keys, command) in defaults() {
            map.bind(&keys, &command).unwrap();
        }
        assert_eq!(map.bindings().len(), defaults().count());
        assert_eq!(map, Keymap::default());
        assert_eq!(map.meaning(&parse("g").unwrap()), Meaning::Prefix);
        assert_eq!(command(&map, "gg").as_deref(), Some("top"));
        assert_eq!(map.meaning(&parse("g x").unwrap()), Meaning::Nothing);
        assert_eq!(command(&map, "-").as_deref(), Some("volume -5"));
    }

    #[test]
    fn users_override_one_by_one() {
        let map = with(&[("ctrl-n", "next"), ("x", "noop"), ("j", "seek +10")]).unwrap();
        assert_eq!(command(&map, "ctrl-n").as_deref(), Some("next"));
        assert_eq!(map.meaning(&parse("x").unwrap()), Meaning::Nothing);
        assert_eq!(command(&map, "j").as_deref(), Some("seek +10"));
        assert_eq!(command(&map, "k").as_deref(), Some("up"));
        // A shorter sequence replaces a longer one.
        let map = with(&[("g", "top")]).unwrap();
        assert_eq!(command(&map, "g").as_deref(), Some("top"));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let mistake = |key: &str, line: &str| with(&[("x", "next"), (key, line)]).unwrap_err();
        assert!(mistake("hyper-x", "next").starts_with("line 4: [keys] no key 'hyper-x'"));
        assert_eq!(mistake("y", "frobnicate"), "line 4: [keys] \"y\": no command 'frobnicate'; :help lists them");
        assert!(mistake("Y", "seek soon").contains("seek wants seconds"));
        assert!(mistake("", "next").contains("an empty key"));
        let two = with(&[("y", "frobnicate"), ("a", "no such thing")]).unwrap_err();
        assert!(two.starts_with("line 3"), "the first in the file: {two}");
    }
}
