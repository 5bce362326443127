//! Keys that were typed before crossterm reads them: bytes become the events that it would make of them. Its own parser
//! is not public.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

const ESC: u8 = 0x1b;
const PASTE: &[u8] = b"\x1b[200~";
const PASTED: &[u8] = b"\x1b[201~";

/// The events of these bytes. A sequence that is not known is left out.
pub fn events(bytes: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut at = bytes;
    while !at.is_empty() {
        if let Some(text) = at.strip_prefix(PASTE) {
            let end = text.windows(PASTED.len()).position(|part| part == PASTED).unwrap_or(text.len());
            let (text, after) = text.split_at(end);
            events.push(Event::Paste(String::from_utf8_lossy(text).into_owned()));
            at = after.strip_prefix(PASTED).unwrap_or_default();
            continue;
        }
        let (event, used) = next(at);
        events.extend(event.map(Event::Key));
        at = at.get(used.max(1)..).unwrap_or_default();
    }
    events
}

/// The first key, and how many bytes it takes.
fn next(bytes: &[u8]) -> (Option<KeyEvent>, usize) {
    match *bytes {
        [ESC, b'[', ref parameters @ ..] => {
            let (key, used) = sequence(parameters);
            (key, used + 2)
        }
        [ESC, b'O', last, ..] => (named(last).map(KeyEvent::from), 3),
        [ESC, ESC, ..] | [ESC] => (Some(KeyCode::Esc.into()), 1),
        [ESC, ref other @ ..] => {
            let (key, used) = next(other);
            let alt = |key: KeyEvent| KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT);
            (key.map(alt), used + 1)
        }
        [b'\r', ..] => (Some(KeyCode::Enter.into()), 1),
        [b'\t', ..] => (Some(KeyCode::Tab.into()), 1),
        [0x7f, ..] => (Some(KeyCode::Backspace.into()), 1),
        [0, ..] => (Some(control(' ')), 1),
        [byte @ 0x01..=0x1a, ..] => (Some(control(char::from(byte - 1 + b'a'))), 1),
        [byte @ 0x1c..=0x1f, ..] => (Some(control(char::from(byte - 0x1c + b'4'))), 1),
        _ => character(bytes),
    }
}

fn control(key: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL)
}

/// A character in UTF-8; a byte that begins none is left out.
fn character(bytes: &[u8]) -> (Option<KeyEvent>, usize) {
    let valid = bytes.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    let shifted = |c: char| if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    (valid.map(|c| KeyEvent::new(KeyCode::Char(c), shifted(c))), valid.map_or(1, char::len_utf8))
}

/// A control sequence behind its `ESC [`: `5~`, `A`, `1;5C` (Control and →).
fn sequence(bytes: &[u8]) -> (Option<KeyEvent>, usize) {
    let Some(end) = bytes.iter().position(|byte| (0x40..=0x7e).contains(byte)) else { return (None, bytes.len()) };
    let (parameters, rest) = bytes.split_at(end);
    let numbers: Vec<u8> = std::str::from_utf8(parameters)
        .map(|text| text.split(';').map(|number| number.parse().unwrap_or(1)).collect())
        .unwrap_or_default();
    let first = numbers.first().copied().unwrap_or(1);
    let code = match rest.first() {
        Some(b'Z') => Some(KeyCode::BackTab),
        Some(b'~') => match first {
            1 | 7 => Some(KeyCode::Home),
            2 => Some(KeyCode::Insert),
            3 => Some(KeyCode::Delete),
            4 | 8 => Some(KeyCode::End),
            5 => Some(KeyCode::PageUp),
            6 => Some(KeyCode::PageDown),
            11..=15 => Some(KeyCode::F(first - 10)),
            17..=21 => Some(KeyCode::F(first - 11)),
            23 | 24 => Some(KeyCode::F(first - 12)),
            _ => None,
        },
        Some(last) => named(*last),
        None => None,
    };
    // One more than the sum of shift (1), Alt (2) and Control (4).
    let held = numbers.get(1).map_or(0, |number| number.saturating_sub(1));
    let bits = [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)];
    let mut modifiers: KeyModifiers = bits.into_iter().filter(|(bit, _)| held & bit != 0).map(|(_, key)| key).collect();
    if code == Some(KeyCode::BackTab) {
        modifiers |= KeyModifiers::SHIFT;
    }
    (code.map(|code| KeyEvent::new(code, modifiers)), end + 1)
}

/// The key of a sequence's last letter.
fn named(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::{Key, parse};

    /// The keys of these bytes, which are all keys.
    fn keys(bytes: &[u8]) -> Vec<Key> {
        let key = |event| if let Event::Key(key) = event { Key::from(key) } else { panic!("{event:?}") };
        events(bytes).into_iter().map(key).collect()
    }

    #[test]
    fn bytes_are_the_keys_that_were_typed() {
        for (bytes, typed) in [
            (&b"jG q"[..], "j G space q"),
            (b":q!\r", ": q ! enter"),
            (b"\x7f\t\x1b[Z", "backspace tab shift-tab"),
            (b"\x04\x1a\x00", "ctrl-d ctrl-z ctrl-space"),
            (b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D", "up down ctrl-right shift-left"),
            (b"\x1b[5~\x1b[6~\x1b[3~\x1b[H\x1b[4~", "pageup pagedown delete home end"),
            (b"\x1bOP\x1b[15~\x1b[17~\x1b[24~", "f1 f5 f6 f12"),
            (b"\x1bx\x1b\x1b", "alt-x esc esc"),
            ("é日".as_bytes(), "é 日"),
        ] {
            assert_eq!(keys(bytes), parse(typed).unwrap(), "{typed}");
        }
    }

    #[test]
    fn a_paste_is_one_event() {
        let paste = |text: &str| Event::Paste(text.into());
        assert_eq!(events(b"\x1b[200~a song\x1b[201~"), [paste("a song")]);
        assert_eq!(events(b"\x1b[200~unfinished"), [paste("unfinished")]);
        assert_eq!(events(b"a\x1b[200~b\x1b[201~c").len(), 3);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(keys(b"a\x1b[99~b\x1bO!c\xff\xfed"), parse("a b c d").unwrap());
        assert_eq!(events(b"\x1b[12"), []);
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..2000 {
            let length = rng.usize(..16);
            let byte = |_| [ESC, b'[', b'O', b';', rng.u8(..)][rng.usize(..5)];
            let bytes: Vec<u8> = (0..length).map(byte).collect();
            assert!(events(&bytes).len() <= bytes.len());
        }
    }
}
