//! Keys and their notation.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use thiserror::Error;

use crate::text::meant;

/// A key with its modifiers. Shift with a character is the shifted character without a modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Shift, Control and Alt; other modifiers are dropped.
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

    /// The value of a digit without a modifier.
    pub fn digit(self) -> Option<u32> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => c.to_digit(10),
            _ => None,
        }
    }

    /// How it is written, as [`parse`] reads it; `None` for a key that cannot be written or seen.
    pub fn name(&self) -> Option<String> {
        let name = match self.code {
            KeyCode::Char(' ') => "space".to_string(),
            KeyCode::Char(c) => Some(c.to_string()).filter(|name| crate::text::sanitize(name) == *name)?,
            KeyCode::F(n) => format!("f{n}"),
            code => NAMES.iter().find(|(named, _)| *named == code)?.1.to_string(),
        };
        let modifiers =
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")];
        let held = modifiers.iter().filter(|(modifier, _)| self.modifiers.contains(*modifier));
        Some(held.map(|(_, prefix)| *prefix).collect::<String>() + &name)
    }
}

/// The keys that have a name, but for `space` and the function keys.
const NAMES: [(KeyCode, &str); 14] = [
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::Backspace, "backspace"),
    (KeyCode::Delete, "delete"),
    (KeyCode::Insert, "insert"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::PageUp, "pageup"),
    (KeyCode::PageDown, "pagedown"),
];

/// How many keys at the beginning are digits of a count, which does not begin with 0.
pub fn count_digits(keys: &[Key]) -> usize {
    match keys.first().and_then(|key| key.digit()) {
        None | Some(0) => 0,
        Some(_) => keys.iter().take_while(|key| key.digit().is_some()).count(),
    }
}

/// Why a text is no sequence of keys.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A word that is no key.
    #[error("no key '{}'; {}", .0, instead(.0))]
    Unknown(String),
    /// There is no key in it.
    #[error("an empty key")]
    Empty,
}

/// Parses a sequence of keys: names and characters separated by spaces (`ctrl-w q`, `g g`), or up to three characters
/// in a row (`gg`).
///
/// # Errors
/// One line: a word that is not a key, or an empty text.
pub fn parse(text: &str) -> Result<Vec<Key>, KeyError> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match (key(word), word.contains('-')) {
            (Some(key), _) => keys.push(key),
            (None, false) if word.chars().count() <= 3 => {
                keys.extend(word.chars().map(|c| Key::new(KeyCode::Char(c), KeyModifiers::NONE)));
            }
            _ => return Err(KeyError::Unknown(word.into())),
        }
    }
    if keys.is_empty() { Err(KeyError::Empty) } else { Ok(keys) }
}

/// The key that is meant by a word that is none, or what keys look like.
fn instead(word: &str) -> String {
    match meant_key(word) {
        Some(near) => format!("did you mean {near}?"),
        None => "keys look like x, gg, space, ctrl-n, shift-left, f1".into(),
    }
}

fn meant_key(word: &str) -> Option<String> {
    let mut parts: Vec<&str> = word.split('-').collect();
    let last = parts.pop()?;
    let modifier = |part: &str| meant(part, ["ctrl", "alt", "shift", "meta"]);
    let mut near = parts.into_iter().map(modifier).collect::<Option<Vec<&str>>>()?;
    let names = NAMES.iter().map(|(_, name)| *name).chain(["space"]);
    near.push(if key(last).is_some() { last } else { meant(last, names)? });
    let near = near.join("-");
    key(&near).is_some().then_some(near)
}

fn key(word: &str) -> Option<Key> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = word;
    // `-` alone is a key, and so is the last character of `ctrl--`.
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
            "return" => KeyCode::Enter,
            "escape" => KeyCode::Esc,
            "del" => KeyCode::Delete,
            name => match NAMES.iter().find(|(_, known)| *known == name) {
                Some((code, _)) => *code,
                None => KeyCode::F(name.strip_prefix('f')?.parse().ok().filter(|n| (1..=24).contains(n))?),
            },
        },
    };
    Some(Key::new(code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_is_the_character_itself() {
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(vec![Key::from(shifted)], parse("G").unwrap());
        assert_eq!(parse("shift-g").unwrap(), parse("G").unwrap());
        assert_eq!(parse("ctrl-D").unwrap(), parse("ctrl-d").unwrap());
        assert_eq!(parse("g g").unwrap(), parse("gg").unwrap());
    }

    #[test]
    fn a_slip_in_a_key_is_told_the_key() {
        let near = ["crtl-n", "shfit-left", "pagdown", "ctrl-entre", "hyper-x", "qwertz", "-", "x--"].map(meant_key);
        let expected = ["ctrl-n", "shift-left", "pagedown", "ctrl-enter"].map(|name| Some(name.to_string()));
        assert_eq!(near[..4], expected);
        assert_eq!(near[4..], [None, None, None, None]);
    }

    #[test]
    fn a_name_is_read_as_the_key_it_names() {
        let codes = NAMES.iter().map(|(code, _)| *code);
        let codes = codes.chain([KeyCode::Char('x'), KeyCode::Char('-'), KeyCode::Char('ß'), KeyCode::F(12)]);
        let modifiers = [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT | KeyModifiers::CONTROL];
        let mut names = Vec::new();
        for key in codes.flat_map(|code| modifiers.map(|held| Key::new(code, held))) {
            let name = key.name().unwrap();
            assert_eq!(parse(&name).unwrap(), [key], "{name}");
            names.push(name);
        }
        assert!(names.contains(&"ctrl-alt-x".to_string()) && names.contains(&"f12".to_string()), "{names:?}");
        let named = |code| Key::new(code, KeyModifiers::NONE).name();
        assert_eq!(named(KeyCode::Char(' ')).as_deref(), Some("space"));
        for unseen in [KeyCode::Null, KeyCode::CapsLock, KeyCode::Char('\u{202e}'), KeyCode::Char('\u{7}')] {
            assert_eq!(named(unseen), None, "{unseen:?}");
        }
    }
}
