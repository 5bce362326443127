//! Keys and their notation.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
}

/// How many keys at the beginning are digits of a count, which does not begin with 0.
pub fn count_digits(keys: &[Key]) -> usize {
    match keys.first().and_then(|key| key.digit()) {
        None | Some(0) => 0,
        Some(_) => keys.iter().take_while(|key| key.digit().is_some()).count(),
    }
}

/// Parses a sequence of keys: names and characters separated by spaces (`ctrl-w q`, `g g`), or up to three characters
/// in a row (`gg`).
///
/// # Errors
/// One line: a word that is not a key, or an empty text.
pub fn parse(text: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match (key(word), word.contains('-')) {
            (Some(key), _) => keys.push(key),
            (None, false) if word.chars().count() <= 3 => {
                keys.extend(word.chars().map(|c| Key::new(KeyCode::Char(c), KeyModifiers::NONE)));
            }
            _ => return Err(format!("no key '{word}'; keys look like x, gg, space, ctrl-n, shift-left, f1")),
        }
    }
    if keys.is_empty() { Err("an empty key".into()) } else { Ok(keys) }
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

    #[test]
    fn shift_is_the_character_itself() {
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(vec![Key::from(shifted)], parse("G").unwrap());
        assert_eq!(parse("shift-g").unwrap(), parse("G").unwrap());
        assert_eq!(parse("ctrl-D").unwrap(), parse("ctrl-d").unwrap());
        assert_eq!(parse("g g").unwrap(), parse("gg").unwrap());
    }
}
