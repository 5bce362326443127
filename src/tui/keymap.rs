//! Keys: sequences of them stand for command lines. The defaults are cmus' letters, vim's motions, mpv's arrows.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::{action, commands};

/// One key with its modifiers. Shift of a character is the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// With which modifiers.
    pub modifiers: KeyModifiers,
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Key {
        Key::new(event.code, event.modifiers)
    }
}

impl Key {
    fn new(code: KeyCode, modifiers: KeyModifiers) -> Key {
        let known = KeyModifiers::SHIFT | KeyModifiers::CONTROL | KeyModifiers::ALT;
        let mut modifiers = modifiers & known;
        let mut code = code;
        if code == KeyCode::BackTab {
            (code, modifiers) = (KeyCode::Tab, modifiers | KeyModifiers::SHIFT);
        }
        if let KeyCode::Char(c) = code {
            modifiers -= KeyModifiers::SHIFT;
            if modifiers.contains(KeyModifiers::CONTROL) {
                code = KeyCode::Char(c.to_ascii_lowercase());
            }
        }
        Key { code, modifiers }
    }
}

/// The keys that jukebox ships with.
const DEFAULTS: &[(&str, &str)] = &[
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
    ("tab", "focus-next"),
    ("1", "view 1"),
    ("2", "view 2"),
    ("3", "view 3"),
    ("4", "view 4"),
    ("5", "view 5"),
    ("6", "view 6"),
    ("7", "view 7"),
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

/// One binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// As written: `gg`, `ctrl-d`.
    pub text: String,
    /// The command line that it stands for.
    pub command: String,
    keys: Vec<Key>,
}

/// What a sequence of keys means so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// This command line.
    Command(&'a str),
    /// Nothing yet; more keys may come.
    Prefix,
    /// Nothing.
    Nothing,
}

/// All bindings. No sequence is the beginning of another, so none needs a time-out.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        let mut map = Keymap { bindings: Vec::new() };
        for (keys, command) in DEFAULTS {
            // A test proves that every default can be read.
            let _ = map.bind(keys, command);
        }
        map
    }
}

impl Keymap {
    /// The defaults under the user's own keys, one by one; `noop` unbinds. The strings are warnings about those
    /// that could not be understood.
    pub fn new(keys: &BTreeMap<String, String>) -> (Keymap, Vec<String>) {
        let mut map = Keymap::default();
        let bound = keys.iter().map(|(keys, command)| map.bind(keys, command));
        let warnings = bound.filter_map(Result::err).collect();
        (map, warnings)
    }

    /// Every binding, in the order they were made.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// What keys mean.
    pub fn meaning(&self, keys: &[Key]) -> Meaning<'_> {
        match self.bindings.iter().find(|b| b.keys.starts_with(keys)) {
            Some(b) if b.keys.len() == keys.len() => Meaning::Command(&b.command),
            Some(_) => Meaning::Prefix,
            None => Meaning::Nothing,
        }
    }

    /// Binds a sequence. Longer and shorter sequences that begin alike go: the latest word counts.
    ///
    /// # Errors
    /// The keys or the command are not known.
    fn bind(&mut self, text: &str, command: &str) -> Result<(), String> {
        let keys = parse(text)?;
        let line = command.trim().trim_start_matches(':');
        let unbinds = line == "noop";
        if !unbinds {
            let first = line.split_whitespace().next().unwrap_or_default();
            // Commands that act on the selection need no argument here.
            let bare = ["remove", "jump"].contains(&line);
            let known = commands::find(first)
                .map(|_| ())
                .and_then(|()| if bare { Ok(()) } else { action::parse(line).map(|_| ()) });
            known.map_err(|why| format!("keys: \"{text}\": {why}"))?;
        }
        self.bindings.retain(|b| !b.keys.starts_with(&keys) && !keys.starts_with(&b.keys));
        if !unbinds {
            self.bindings.push(Binding { text: text.to_string(), command: line.to_string(), keys });
        }
        Ok(())
    }
}

/// Reads a sequence of keys: names and characters apart by spaces (`ctrl-w q`, `g g`), or characters in a row
/// (`gg`).
///
/// # Errors
/// The name that is none.
pub fn parse(text: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match (key(word), word.contains('-')) {
            (Some(key), _) => keys.push(key),
            (None, false) if word.chars().count() <= 3 => {
                keys.extend(word.chars().map(|c| Key::new(KeyCode::Char(c), KeyModifiers::NONE)));
            }
            _ => return Err(format!("keys: no key '{word}'; keys look like x, gg, space, ctrl-n, shift-left, f1")),
        }
    }
    if keys.is_empty() { Err("keys: an empty key".into()) } else { Ok(keys) }
}

fn key(word: &str) -> Option<Key> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = word;
    // A lone `-` is a key, and so is the last one of `ctrl--`.
    while let Some((name, tail)) = rest.split_once('-').filter(|(n, t)| !n.is_empty() && !t.is_empty()) {
        modifiers |= match name.to_ascii_lowercase().as_str() {
            "ctrl" | "c" => KeyModifiers::CONTROL,
            "alt" | "a" | "meta" => KeyModifiers::ALT,
            "shift" | "s" => KeyModifiers::SHIFT,
            _ => return None,
        };
        rest = tail;
    }
    let mut chars = rest.chars();
    let code = match (chars.next(), chars.next()) {
        (Some(c), None) if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::Char(c.to_ascii_uppercase()),
        (Some(c), None) => KeyCode::Char(c),
        _ => match rest.to_ascii_lowercase().as_str() {
            "space" => KeyCode::Char(' '),
            "enter" | "return" => KeyCode::Enter,
            "esc" | "escape" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "backspace" => KeyCode::Backspace,
            "delete" | "del" => KeyCode::Delete,
            "insert" => KeyCode::Insert,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pageup" => KeyCode::PageUp,
            "pagedown" => KeyCode::PageDown,
            name => KeyCode::F(name.strip_prefix('f')?.parse().ok().filter(|n| (1..=24).contains(n))?),
        },
    };
    Some(Key::new(code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(keys: &[(&str, &str)]) -> (Keymap, Vec<String>) {
        Keymap::new(&keys.iter().map(|(k, c)| (k.to_string(), c.to_string())).collect())
    }

    fn meaning<'a>(map: &'a Keymap, keys: &str) -> Meaning<'a> {
        map.meaning(&parse(keys).unwrap())
    }

    #[test]
    fn every_default_is_understood_and_unique() {
        let map = Keymap::default();
        assert_eq!(map.bindings().len(), DEFAULTS.len());
        assert_eq!(meaning(&map, "g"), Meaning::Prefix);
        assert_eq!(meaning(&map, "gg"), Meaning::Command("top"));
        assert_eq!(meaning(&map, "g x"), Meaning::Nothing);
        assert_eq!(meaning(&map, "-"), Meaning::Command("volume -5"));
    }

    #[test]
    fn users_override_one_by_one() {
        let (map, warnings) = with(&[("ctrl-n", "next"), ("x", "noop"), ("j", "seek +10")]);
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(meaning(&map, "ctrl-n"), Meaning::Command("next"));
        assert_eq!(meaning(&map, "x"), Meaning::Nothing);
        assert_eq!(meaning(&map, "j"), Meaning::Command("seek +10"));
        assert_eq!(meaning(&map, "k"), Meaning::Command("up"));
        // A shorter sequence takes the longer one's place.
        let (map, _) = with(&[("g", "top")]);
        assert_eq!(meaning(&map, "g"), Meaning::Command("top"));
    }

    #[test]
    fn mistakes_are_named() {
        let (_, warnings) = with(&[("hyper-x", "next"), ("y", "frobnicate"), ("Y", "seek soon"), ("", "next")]);
        assert_eq!(warnings.len(), 4);
        assert!(warnings.iter().any(|w| w.contains("no key 'hyper-x'")), "{warnings:?}");
        assert!(warnings.iter().any(|w| w.contains("\"y\": no command 'frobnicate'")), "{warnings:?}");
        assert!(warnings.iter().any(|w| w.contains("seek wants seconds")), "{warnings:?}");
    }

    #[test]
    fn shift_is_the_character_itself() {
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(vec![Key::from(shifted)], parse("G").unwrap());
        assert_eq!(parse("shift-g").unwrap(), parse("G").unwrap());
        assert_eq!(parse("ctrl-D").unwrap(), parse("ctrl-d").unwrap());
        assert_eq!(parse("g g").unwrap(), parse("gg").unwrap());
    }
}
