//! An answer of the terminal that comes when keys are read already. To crossterm it is Alt-], then its text letter by
//! letter, and each letter would be a command.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// How the answer goes on behind Alt-].
const BEGINNING: &str = "11;";
/// The most letters of an answer.
const LONGEST: usize = 40;

/// Keeps such an answer out of the keys.
#[derive(Debug, Default)]
pub struct Late {
    /// Whether the answer is still to come.
    expected: bool,
    /// Events that may be its beginning.
    held: Vec<Event>,
}

impl Late {
    /// An answer is still to come, or never.
    pub fn expected() -> Late {
        Late { expected: true, held: Vec::new() }
    }

    /// Whether events are held back. They come in one go if they are an answer: when nothing follows, call
    /// [`Late::release`].
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// The events that were held back: they are no answer.
    pub fn release(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.held)
    }

    /// Takes an event; what is to be handled now, in order.
    pub fn pass(&mut self, event: Event) -> Vec<Event> {
        if !self.expected {
            return vec![event];
        }
        let begins = self.held.is_empty();
        let fits = match pressed(&event) {
            Some((KeyCode::Char(']'), KeyModifiers::ALT)) => begins,
            // BEL, or ESC \.
            Some((KeyCode::Char('g'), KeyModifiers::CONTROL) | (KeyCode::Char('\\'), KeyModifiers::ALT)) => {
                if self.held.len() > BEGINNING.len() {
                    *self = Late::default();
                    return Vec::new();
                }
                false
            }
            Some((KeyCode::Char(c), KeyModifiers::NONE | KeyModifiers::SHIFT)) => !begins && self.continues(c),
            _ => false,
        };
        self.held.push(event);
        if fits { Vec::new() } else { self.release() }
    }

    /// Whether a letter can be the next one of the answer.
    fn continues(&self, letter: char) -> bool {
        // Alt-] is the first of them.
        match BEGINNING.chars().nth(self.held.len() - 1) {
            Some(wanted) => letter == wanted,
            None => self.held.len() < LONGEST && (letter.is_ascii_hexdigit() || "rg:/#".contains(letter)),
        }
    }
}

fn pressed(event: &Event) -> Option<(KeyCode, KeyModifiers)> {
    if let Event::Key(KeyEvent { code, modifiers, .. }) = event { Some((*code, *modifiers)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::typed;

    /// Passes these bytes; what came out.
    fn pass(late: &mut Late, bytes: &[u8]) -> Vec<Event> {
        // As crossterm reads them: ESC and a letter are Alt and the letter.
        typed::events(bytes).into_iter().flat_map(|event| late.pass(event)).collect()
    }

    #[test]
    fn a_late_answer_is_swallowed_once() {
        for answer in [&b"\x1b]11;rgb:bbbb/cccc/dddd\x07"[..], b"\x1b]11;rgba:FF/e/1/0\x1b\\", b"\x1b]11;#fdf6e3\x07"] {
            let mut late = Late::expected();
            let around = [b"j", answer, b"k"].concat();
            assert_eq!(pass(&mut late, &around), typed::events(b"jk"), "{}", String::from_utf8_lossy(answer));
            assert_eq!(pass(&mut late, answer), typed::events(answer), "there is only one");
        }
    }

    #[test]
    fn keys_that_are_no_answer_come_through_in_order() {
        for keys in ["\x1b]x", "\x1b]11q", "\x1b]\x1b]1", "\x1b]12;rgb:f", "rgb:\x07\x1b\\", "\x1b]11;rgb:\r"] {
            let keys = keys.as_bytes();
            let mut late = Late::expected();
            let mut came = pass(&mut late, keys);
            came.extend(late.release());
            assert_eq!(came, typed::events(keys), "{}", String::from_utf8_lossy(keys));
        }
        let mut late = Late::expected();
        let long = [&b"\x1b]11;"[..], &[b'f'; 60]].concat();
        assert_eq!(pass(&mut late, &long), typed::events(&long));
        assert!(!late.holds());
    }

    #[test]
    fn alone_it_is_a_key_that_is_let_go() {
        let mut late = Late::expected();
        assert!(pass(&mut late, b"\x1b]").is_empty() && late.holds());
        assert_eq!(late.release(), typed::events(b"\x1b]"));
        assert!(!late.holds());
        // Where no answer is expected nothing is held.
        assert_eq!(pass(&mut Late::default(), b"\x1b]1"), typed::events(b"\x1b]1"));
    }
}
