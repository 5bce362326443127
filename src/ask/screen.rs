//! A terminal that shows a player which has none of its own: what the terminal is, what is typed in it, and what it is to
//! show. It goes over the control socket: from the terminal one line of JSON an event, to it blocks of bytes.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use serde::{Deserialize, Serialize};

/// The largest block, in bytes: a frame with a cover takes some hundred thousand.
const BLOCK: usize = 64 * 1024 * 1024;
/// The most columns and the most rows of a terminal that are drawn: a screen takes memory for every cell.
pub const LARGEST: u16 = 1000;
/// The kinds of blocks.
const BYTES: u8 = 0;
const SUSPEND: u8 = 1;
const BYE: u8 = 2;

/// A terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The pixels of a cell, across and down, if the system knows them.
    pub cell: Option<(u16, u16)>,
    /// How many colours it shows.
    pub colours: Colours,
    /// Whether its own background is light.
    pub light: bool,
    /// How it shows pictures; `None` for not at all.
    pub pictures: Option<Pictures>,
}

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colours {
    /// None.
    Mono,
    /// The 16 of ANSI.
    Sixteen,
    /// 256.
    Indexed,
    /// 24 bits.
    True,
}

/// How a terminal shows pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pictures {
    /// The protocol.
    pub way: Way,
    /// The pixels of a cell, across and down.
    pub cell: (u16, u16),
    /// Whether that is only assumed.
    pub guessed: bool,
    /// Whether sequences are wrapped for tmux.
    pub wrapped: bool,
}

/// A protocol of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// Cells of half blocks.
    Blocks,
    /// Kitty's.
    Kitty,
    /// iTerm2's.
    Iterm,
    /// Sixels.
    Sixel,
}

/// An attached terminal, as the ui loop gets it. It is let go by dropping it.
#[derive(Debug)]
pub struct Attached {
    /// What it is.
    pub terminal: Terminal,
    /// What is typed in it; an error when it is gone.
    pub events: Receiver<io::Result<Event>>,
    /// What it is to show.
    pub output: Sender<Shown>,
    /// What both ends know of it.
    pub link: std::sync::Arc<Link>,
}

/// What both ends of an attached terminal know.
#[derive(Debug, Default)]
pub struct Link {
    /// Blocks that were not written yet.
    waiting: AtomicUsize,
    /// Columns and rows.
    size: AtomicU32,
    /// The pixels of a cell, and whether they are known.
    cell: AtomicU64,
}

impl Link {
    /// The link to a terminal.
    pub fn of(terminal: &Terminal) -> Link {
        let link = Link::default();
        link.resize(terminal.size, terminal.cell);
        link
    }

    /// The terminal has another size, of which at most [`LARGEST`] counts.
    pub fn resize(&self, (columns, rows): (u16, u16), cell: Option<(u16, u16)>) {
        let (columns, rows) = (columns.min(LARGEST), rows.min(LARGEST));
        self.size.store((u32::from(columns) << 16) | u32::from(rows), Ordering::SeqCst);
        let cell = cell.map_or(0, |(x, y)| (1 << 32) | (u64::from(x) << 16) | u64::from(y));
        self.cell.store(cell, Ordering::SeqCst);
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let size = self.size.load(Ordering::SeqCst);
        ((size >> 16) as u16, size as u16)
    }

    /// The pixels of a cell, if they are known.
    pub fn cell(&self) -> Option<(u16, u16)> {
        let cell = self.cell.load(Ordering::SeqCst);
        (cell >> 32 != 0).then_some(((cell >> 16) as u16, cell as u16))
    }

    /// A block was handed over.
    pub fn sent(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
    }

    /// A block was written.
    pub fn written(&self) {
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    /// Blocks that were handed over and not written yet.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

/// What a terminal is to show or do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Bytes for it.
    Bytes(Vec<u8>),
    /// It is to be left to the shell until the shell goes on.
    Suspend,
    /// It is let go, for this reason.
    Bye(String),
}

impl Shown {
    /// Writes a block: its kind, its length (four bytes, little-endian), its bytes.
    ///
    /// # Errors
    /// The other end is gone.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, bytes): (u8, &[u8]) = match self {
            Shown::Bytes(bytes) => (BYTES, bytes),
            Shown::Suspend => (SUSPEND, &[]),
            Shown::Bye(why) => (BYE, why.as_bytes()),
        };
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        to.write_all(&[&[kind], length.to_le_bytes().as_slice(), bytes].concat())
    }

    /// Reads a block; `None` at the end.
    ///
    /// # Errors
    /// The other end is gone in the middle, or is another version.
    pub fn read(from: &mut impl Read) -> io::Result<Option<Shown>> {
        let mut head = [0; 5];
        match from.read(&mut head[..1])? {
            0 => return Ok(None),
            _ => from.read_exact(&mut head[1..])?,
        }
        let [kind, a, b, c, d] = head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > BLOCK {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the player is another version"));
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes)?;
        match kind {
            BYTES => Ok(Some(Shown::Bytes(bytes))),
            SUSPEND => Ok(Some(Shown::Suspend)),
            BYE => Ok(Some(Shown::Bye(String::from_utf8_lossy(&bytes).into_owned()))),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the player is another version")),
        }
    }
}

/// What comes from a terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key, a paste or the mouse.
    Event(Event),
    /// It has another size: columns and rows, and the pixels of a cell.
    Size((u16, u16), Option<(u16, u16)>),
}

/// The same as a line.
#[derive(Serialize, Deserialize)]
enum Line {
    /// Code, modifiers, kind.
    Key(Code, u8, u8),
    Paste(String),
    /// Kind, button, column, row, modifiers.
    Mouse(u8, u8, u16, u16, u8),
    Size((u16, u16), Option<(u16, u16)>),
}

#[derive(Serialize, Deserialize)]
enum Code {
    Char(char),
    F(u8),
    /// Index in [`NAMED`].
    Named(u8),
}

/// The keys without a character.
const NAMED: [KeyCode; 21] = [
    KeyCode::Backspace,
    KeyCode::Enter,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Delete,
    KeyCode::Insert,
    KeyCode::Null,
    KeyCode::Esc,
    KeyCode::CapsLock,
    KeyCode::PrintScreen,
    KeyCode::Pause,
    KeyCode::Menu,
    KeyCode::KeypadBegin,
];
const KINDS: [KeyEventKind; 3] = [KeyEventKind::Press, KeyEventKind::Repeat, KeyEventKind::Release];
const BUTTONS: [MouseButton; 3] = [MouseButton::Left, MouseButton::Right, MouseButton::Middle];
/// What the mouse does with and without a button.
const WITH_BUTTON: [fn(MouseButton) -> MouseEventKind; 3] =
    [MouseEventKind::Down, MouseEventKind::Up, MouseEventKind::Drag];
const WITHOUT: [MouseEventKind; 5] = [
    MouseEventKind::Moved,
    MouseEventKind::ScrollDown,
    MouseEventKind::ScrollUp,
    MouseEventKind::ScrollLeft,
    MouseEventKind::ScrollRight,
];

/// The index of a value.
fn index<T: PartialEq>(of: &[T], value: &T) -> Option<u8> {
    of.iter().position(|each| each == value).and_then(|at| u8::try_from(at).ok())
}

impl Input {
    /// The line for it; `None` for what no player heeds.
    pub fn line(&self) -> Option<String> {
        let line = match self {
            Input::Event(Event::Key(KeyEvent { code, modifiers, kind, .. })) => {
                let code = match code {
                    KeyCode::Char(c) => Code::Char(*c),
                    KeyCode::F(n) => Code::F(*n),
                    code => Code::Named(index(&NAMED, code)?),
                };
                Line::Key(code, modifiers.bits(), index(&KINDS, kind)?)
            }
            Input::Event(Event::Paste(text)) => Line::Paste(text.clone()),
            Input::Event(Event::Mouse(MouseEvent { kind, column, row, modifiers })) => {
                let mut pairs = (0u8..)
                    .zip(WITH_BUTTON)
                    .flat_map(|(at, with)| (0u8..).zip(BUTTONS).map(move |(button, of)| (at, button, with(of))));
                let bare = || Some((index(&WITHOUT, kind)? + WITH_BUTTON.len() as u8, 0, *kind));
                let (at, button, _) = pairs.find(|(.., each)| each == kind).or_else(bare)?;
                Line::Mouse(at, button, *column, *row, modifiers.bits())
            }
            Input::Event(Event::Resize(columns, rows)) => Line::Size((*columns, *rows), None),
            Input::Event(Event::FocusGained | Event::FocusLost) => return None,
            Input::Size(size, cell) => Line::Size(*size, *cell),
        };
        serde_json::to_string(&line).ok().map(|line| line + "\n")
    }

    /// What a line says; `None` for what is none.
    pub fn read(line: &[u8]) -> Option<Input> {
        let event = match serde_json::from_slice(line).ok()? {
            Line::Key(code, modifiers, kind) => {
                let code = match code {
                    Code::Char(c) => KeyCode::Char(c),
                    Code::F(n) => KeyCode::F(n),
                    Code::Named(at) => *NAMED.get(usize::from(at))?,
                };
                let kind = *KINDS.get(usize::from(kind))?;
                Event::Key(KeyEvent::new_with_kind(code, KeyModifiers::from_bits_truncate(modifiers), kind))
            }
            Line::Paste(text) => Event::Paste(text),
            Line::Mouse(at, button, column, row, modifiers) => {
                let at = usize::from(at);
                let kind = match WITH_BUTTON.get(at) {
                    Some(with) => with(*BUTTONS.get(usize::from(button))?),
                    None => *WITHOUT.get(at - WITH_BUTTON.len())?,
                };
                Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::from_bits_truncate(modifiers) })
            }
            Line::Size(size, cell) => return Some(Input::Size(size, cell)),
        };
        Some(Input::Event(event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_survives_its_line() {
        let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
        let mouse = |kind| Event::Mouse(MouseEvent { kind, column: 300, row: 2, modifiers: KeyModifiers::CONTROL });
        let mut events = vec![
            key(KeyCode::Char('ü'), KeyModifiers::ALT | KeyModifiers::SHIFT),
            key(KeyCode::F(12), KeyModifiers::NONE),
            Event::Key(KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Release)),
            Event::Paste("a\nb \"c\"".into()),
        ];
        events.extend(NAMED.map(|code| key(code, KeyModifiers::NONE)));
        events.extend(WITHOUT.map(mouse));
        events.extend(WITH_BUTTON.iter().flat_map(|with| BUTTONS.map(|button| mouse(with(button)))));
        for event in events {
            let input = Input::Event(event);
            let line = input.line().unwrap();
            assert!(line.ends_with('\n') && line.matches('\n').count() == 1, "{line}");
            assert_eq!(Input::read(line.as_bytes()), Some(input));
        }
        let size = Input::Size((80, 24), Some((9, 20)));
        assert_eq!(Input::read(size.line().unwrap().as_bytes()), Some(size));
        assert_eq!(Input::Event(Event::FocusGained).line(), None);
        for nonsense in
            ["", "{}", "{\"Key\":[{\"Named\":99},0,0]}", "{\"Key\":[{\"Named\":1},0,9]}", "{\"Mouse\":[9,0,1,1,0]}"]
        {
            assert_eq!(Input::read(nonsense.as_bytes()), None, "{nonsense}");
        }
    }

    #[test]
    fn what_is_shown_survives_its_block() {
        let all = [Shown::Bytes(vec![27, 0, 255]), Shown::Suspend, Shown::Bye("détaché".into()), Shown::Bytes(vec![])];
        let mut bytes = Vec::new();
        all.iter().for_each(|shown| shown.write(&mut bytes).unwrap());
        let mut from = bytes.as_slice();
        let read: Vec<Shown> = std::iter::from_fn(|| Shown::read(&mut from).unwrap()).collect();
        assert_eq!(read, all);
        assert!(Shown::read(&mut &bytes[..3]).is_err() && Shown::read(&mut &bytes[..6]).is_err(), "cut off");
        assert!(Shown::read(&mut [9, 0, 0, 0, 0].as_slice()).is_err(), "of another version");
        assert!(Shown::read(&mut [0, 255, 255, 255, 255].as_slice()).is_err(), "too long");
    }

    #[test]
    fn both_ends_know_the_size_and_what_waits() {
        let terminal =
            Terminal { size: (300, 65_535), cell: None, colours: Colours::True, light: false, pictures: None };
        let link = Link::of(&terminal);
        assert_eq!((link.size(), link.cell(), link.waiting()), ((300, LARGEST), None, 0));
        link.resize((80, 24), Some((0, 20)));
        assert_eq!((link.size(), link.cell()), ((80, 24), Some((0, 20))));
        link.sent();
        link.sent();
        link.written();
        assert_eq!(link.waiting(), 1);
    }
}
