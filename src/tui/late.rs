//! Answers of the terminal that come when keys are read already, as those of a terminal that has just been started or
//! of a busy machine do. To crossterm one is Alt-] or Alt-_, then its text letter by letter, and each letter would be a
//! command.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::ground;

/// An answer: the key that its first two bytes are, how it goes on, what else it may hold, and its most letters.
#[derive(Clone, Copy, Debug)]
struct Answer {
    first: char,
    beginning: &'static str,
    holds: fn(char) -> bool,
    longest: usize,
}

impl Answer {
    /// What its text says: nothing if it cannot be read, or that pictures are not known.
    fn says(self, text: &str) -> Option<Reply> {
        if self.first == COLOUR.first {
            ground::parse(text.strip_prefix(COLOUR.beginning)?).map(Reply::Colour)
        } else {
            text.ends_with(";OK").then_some(Reply::Kitty)
        }
    }
}

/// The background's colour.
const COLOUR: Answer =
    Answer { first: ']', beginning: "11;", holds: |c| c.is_ascii_hexdigit() || "rg:/#".contains(c), longest: 40 };
/// Whether kitty's pictures are known, perhaps with a reason why not.
const GRAPHICS: Answer =
    Answer { first: '_', beginning: "Gi=31", holds: |c| c == ' ' || c.is_ascii_graphic(), longest: 100 };

/// What a late answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The background's colour, red, green, blue.
    Colour([u8; 3]),
    /// The terminal knows kitty's pictures.
    Kitty,
}

/// Keeps such answers out of the keys, and says what they were.
#[derive(Debug, Default)]
pub struct Late {
    /// The answers that are still to come.
    expected: Vec<Answer>,
    /// The one that `held` may be the beginning of.
    begun: Option<Answer>,
    /// Events that may be its beginning.
    held: Vec<Event>,
    /// What the last answer said.
    reply: Option<Reply>,
}

impl Late {
    /// Answers about the background's colour and about pictures may still come, or never.
    pub fn expected(colour: bool, graphics: bool) -> Late {
        let each = [colour.then_some(COLOUR), graphics.then_some(GRAPHICS)];
        Late { expected: each.into_iter().flatten().collect(), ..Late::default() }
    }

    /// Whether events are held back. They come in one go if they are an answer: when nothing follows, call
    /// [`Late::release`].
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// The events that were held back: they are no answer.
    pub fn release(&mut self) -> Vec<Event> {
        self.begun = None;
        std::mem::take(&mut self.held)
    }

    /// What an answer said that has come since the last call.
    pub fn reply(&mut self) -> Option<Reply> {
        self.reply.take()
    }

    /// Takes an event; what is to be handled now, in order.
    pub fn pass(&mut self, event: Event) -> Vec<Event> {
        let Some(begun) = self.begun else {
            self.begun = match pressed(&event) {
                Some((KeyCode::Char(c), KeyModifiers::ALT)) => {
                    self.expected.iter().find(|answer| answer.first == c).copied()
                }
                _ => None,
            };
            if self.begun.is_none() {
                return vec![event];
            }
            self.held.push(event);
            return Vec::new();
        };
        let fits = match pressed(&event) {
            // BEL, or ESC \.
            Some((KeyCode::Char('g'), KeyModifiers::CONTROL) | (KeyCode::Char('\\'), KeyModifiers::ALT)) => {
                if self.held.len() > begun.beginning.len() {
                    self.expected.retain(|answer| answer.first != begun.first);
                    let text: String = self.release().iter().skip(1).filter_map(letter).collect();
                    self.reply = begun.says(&text);
                    return Vec::new();
                }
                false
            }
            Some((KeyCode::Char(c), KeyModifiers::NONE | KeyModifiers::SHIFT)) => self.continues(begun, c),
            _ => false,
        };
        self.held.push(event);
        if fits { Vec::new() } else { self.release() }
    }

    /// Whether a letter can be the next one of an answer.
    fn continues(&self, answer: Answer, letter: char) -> bool {
        // The key that it begins with is the first of them.
        match answer.beginning.chars().nth(self.held.len() - 1) {
            Some(wanted) => letter == wanted,
            None => self.held.len() < answer.longest && (answer.holds)(letter),
        }
    }
}

fn letter(event: &Event) -> Option<char> {
    if let (KeyCode::Char(c), _) = pressed(event)? { Some(c) } else { None }
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
            let mut late = Late::expected(true, false);
            let around = [b"j", answer, b"k"].concat();
            assert_eq!(pass(&mut late, &around), typed::events(b"jk"), "{}", String::from_utf8_lossy(answer));
            assert!(matches!(late.reply(), Some(Reply::Colour(_))) && late.reply().is_none());
            assert_eq!(pass(&mut late, answer), typed::events(answer), "there is only one");
        }
    }

    #[test]
    fn both_answers_are_swallowed_in_any_order() {
        let graphics: [&[u8]; 2] = [b"\x1b_Gi=31;OK\x1b\\", b"\x1b_Gi=31;EINVAL: no pictures\x1b\\"];
        let colour = b"\x1b]11;#fdf6e3\x07";
        for answer in graphics {
            for both in [[answer, colour].concat(), [colour, answer].concat()] {
                let mut late = Late::expected(true, true);
                assert_eq!(pass(&mut late, &[b"j", &both[..], b"k"].concat()), typed::events(b"jk"));
                assert!(!late.holds());
                late.reply();
                assert_eq!(pass(&mut late, answer), typed::events(answer), "there is only one");
            }
            assert_eq!(pass(&mut Late::expected(true, false), answer), typed::events(answer));
        }
    }

    #[test]
    fn a_late_answer_is_told() {
        let told = |answer: &[u8]| {
            let mut late = Late::expected(true, true);
            pass(&mut late, answer);
            late.reply()
        };
        assert_eq!(told(b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\"), Some(Reply::Colour([0xfd, 0xf6, 0xe3])));
        assert_eq!(told(b"\x1b]11;#102030\x07"), Some(Reply::Colour([0x10, 0x20, 0x30])));
        assert_eq!(told(b"\x1b]11;rgb:ff\x07"), None, "a colour that cannot be read");
        assert_eq!(told(b"\x1b_Gi=31;OK\x1b\\"), Some(Reply::Kitty));
        assert_eq!(told(b"\x1b_Gi=31;EINVAL: no pictures\x1b\\"), None);
        assert_eq!(told(b"j"), None);
    }

    #[test]
    fn keys_that_are_no_answer_come_through_in_order() {
        for keys in ["\x1b]x", "\x1b]11q", "\x1b]\x1b]1", "\x1b]12;rgb:f", "rgb:\x07\x1b\\", "\x1b]11;rgb:\r"] {
            let keys = keys.as_bytes();
            let mut late = Late::expected(true, false);
            let mut came = pass(&mut late, keys);
            came.extend(late.release());
            assert_eq!(came, typed::events(keys), "{}", String::from_utf8_lossy(keys));
        }
        let mut late = Late::expected(true, false);
        let long = [&b"\x1b]11;"[..], &[b'f'; 60]].concat();
        assert_eq!(pass(&mut late, &long), typed::events(&long));
        assert!(!late.holds());
    }

    #[test]
    fn alone_it_is_a_key_that_is_let_go() {
        let mut late = Late::expected(true, false);
        assert!(pass(&mut late, b"\x1b]").is_empty() && late.holds());
        assert_eq!(late.release(), typed::events(b"\x1b]"));
        assert!(!late.holds());
        // Where no answer is expected nothing is held.
        assert_eq!(pass(&mut Late::default(), b"\x1b]1"), typed::events(b"\x1b]1"));
    }
}
