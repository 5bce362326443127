//! The pictures on the terminal. A picture is sent once, and again only after its cells were written over.
//!
//! Kitty keeps pictures above the text, by number, until they are deleted; what iTerm2 and sixels draw stands in the
//! cells, and goes when these are written. The cells below a picture are blank.

use std::sync::Arc;

use ratatui::layout::Rect;
use ratatui::style::Color;

use super::art::{Art, Protocol};
use super::colour::code;
use crate::picture::{Drawn, base64};

/// The number of the first picture, of those that kitty keeps for this terminal.
const FIRST: u32 = 0x6a62_0001;
/// The most letters of a part of a picture for kitty.
const PART: usize = 4096;
/// Takes all pictures from kitty.
const FORGET: &[u8] = b"\x1b_Ga=d,d=A,q=2\x1b\\";
/// The same through tmux.
const FORGET_WRAPPED: &[u8] = b"\x1bPtmux;\x1b\x1b_Ga=d,d=A,q=2\x1b\x1b\\\x1b\\";

/// How a terminal keeps pictures that have to be taken from it at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeps {
    /// Not at all.
    #[default]
    None,
    /// Until it is told.
    Directly,
    /// The same, told through tmux.
    Wrapped,
}

impl Keeps {
    /// How pictures shown in this way are kept.
    pub fn of(art: Option<Art>) -> Keeps {
        match art {
            Some(Art { protocol: Protocol::Kitty, wrapped: false, .. }) => Keeps::Directly,
            Some(Art { protocol: Protocol::Kitty, wrapped: true, .. }) => Keeps::Wrapped,
            _ => Keeps::None,
        }
    }

    /// What takes them away.
    pub fn forget(self) -> &'static [u8] {
        match self {
            Keeps::None => b"",
            Keeps::Directly => FORGET,
            Keeps::Wrapped => FORGET_WRAPPED,
        }
    }

    /// As a number, for those who can only keep one.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What a number stands for.
    pub fn of_code(code: u8) -> Keeps {
        [Keeps::None, Keeps::Directly, Keeps::Wrapped].get(usize::from(code)).copied().unwrap_or_default()
    }
}

/// A picture and where it is.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The cells that it takes.
    pub area: Rect,
    /// The picture.
    pub drawn: Arc<Drawn>,
    /// What its cells are filled with when it goes.
    pub ground: Color,
}

impl PartialEq for Placement {
    fn eq(&self, other: &Placement) -> bool {
        self.area == other.area && Arc::ptr_eq(&self.drawn, &other.drawn)
    }
}

/// A picture on the terminal.
#[derive(Debug)]
struct Shown {
    placement: Placement,
    number: u32,
    /// Whether some of its cells were written over.
    damaged: bool,
}

/// The pictures on the terminal.
#[derive(Debug, Default)]
pub struct Gallery {
    art: Option<Art>,
    shown: Vec<Shown>,
}

impl Gallery {
    /// Shows pictures in this way from now on.
    pub fn use_art(&mut self, art: Option<Art>) {
        self.art = art;
    }

    /// A cell was written.
    pub fn written(&mut self, x: u16, y: u16) {
        for shown in &mut self.shown {
            shown.damaged |= shown.placement.area.contains((x, y).into());
        }
    }

    /// The screen was cleared.
    pub fn cleared(&mut self) {
        self.shown.iter_mut().for_each(|shown| shown.damaged = true);
        // Some terminals take the pictures away with the text, others do not.
        if self.art.is_none_or(|art| art.protocol != Protocol::Kitty) {
            self.shown.clear();
        }
    }

    /// What is to be sent before the cells of a frame and after them, so that these pictures are on the terminal. Neither
    /// moves the cursor nor changes the style. Nothing where they are already.
    pub fn turn(&mut self, wanted: Vec<Placement>) -> (Vec<u8>, Vec<u8>) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let Some(art) = self.art else { return (before, after) };
        let shown = std::mem::take(&mut self.shown);
        let (stay, go): (Vec<Shown>, Vec<Shown>) = shown.into_iter().partition(|own| wanted.contains(&own.placement));
        for gone in &go {
            before.extend(remove(art, gone));
        }
        self.shown = stay;
        for placement in wanted {
            match self.shown.iter_mut().find(|own| own.placement == placement) {
                Some(own) if !own.damaged => {}
                Some(own) => {
                    own.damaged = false;
                    after.extend(place(art, own));
                }
                None => {
                    let mut numbers = FIRST..;
                    let number = numbers.find(|n| self.shown.iter().all(|own| own.number != *n)).unwrap_or(FIRST);
                    let own = Shown { placement, number, damaged: false };
                    after.extend(place(art, &own));
                    self.shown.push(own);
                }
            }
        }
        (apart(before), apart(after))
    }
}

/// The same without an effect on the cursor and the style.
fn apart(sequence: Vec<u8>) -> Vec<u8> {
    if sequence.is_empty() { sequence } else { [b"\x1b7", &sequence[..], b"\x1b8"].concat() }
}

/// The sequence that goes to a cell.
fn go_to(x: u16, y: u16) -> String {
    format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1)
}

/// Passes a sequence through tmux, if that is needed. Its cursor is not the terminal's, so a way to a cell belongs into it.
fn wrapped(art: Art, sequence: Vec<u8>) -> Vec<u8> {
    if !art.wrapped {
        return sequence;
    }
    let doubled = sequence.into_iter().flat_map(|byte| std::iter::repeat_n(byte, if byte == 0x1b { 2 } else { 1 }));
    [&b"\x1bPtmux;"[..], &doubled.collect::<Vec<u8>>(), b"\x1b\\"].concat()
}

/// The sequence that takes a picture from the terminal.
fn remove(art: Art, shown: &Shown) -> Vec<u8> {
    let Placement { area, ground, .. } = &shown.placement;
    let mut out = Vec::new();
    match art.protocol {
        Protocol::Kitty => {
            out.extend(wrapped(art, format!("\x1b_Ga=d,d=I,i={},q=2\x1b\\", shown.number).into_bytes()));
        }
        Protocol::Blocks => {}
        Protocol::Iterm | Protocol::Sixel => {
            out.extend(format!("\x1b[0;{}m", code(*ground, 10)).bytes());
            for y in area.top()..area.bottom() {
                out.extend(go_to(area.x, y).bytes());
                out.extend(std::iter::repeat_n(b' ', usize::from(area.width)));
            }
        }
    }
    out
}

/// The sequence that shows a picture.
fn place(art: Art, shown: &Shown) -> Vec<u8> {
    let Placement { area, drawn, .. } = &shown.placement;
    let mut out = go_to(area.x, area.y).into_bytes();
    match art.protocol {
        Protocol::Blocks => return Vec::new(),
        Protocol::Sixel => out.extend(&drawn.bytes),
        Protocol::Iterm => {
            let (size, data) = (drawn.bytes.len(), base64(&drawn.bytes));
            let (width, height) = (area.width, area.height);
            let fit = "preserveAspectRatio=1;doNotMoveCursor=1";
            let head = format!("\x1b]1337;File=inline=1;size={size};width={width};height={height};{fit}:");
            out.extend(head.bytes().chain(data.bytes()).chain([0x07]));
        }
        Protocol::Kitty => {
            // Without knowing its cells, the terminal is to scale the picture to them.
            let scale = if art.guessed { format!(",c={},r={}", area.width, area.height) } else { String::new() };
            let mut head = format!("a=T,f=100,i={},q=2,C=1{scale},", shown.number);
            let data = base64(&drawn.bytes).into_bytes();
            let mut parts = data.chunks(PART).peekable();
            while let Some(part) = parts.next() {
                let more = u8::from(parts.peek().is_some());
                out.extend(format!("\x1b_G{head}m={more};").bytes().chain(part.iter().copied()).chain(*b"\x1b\\"));
                head.clear();
            }
        }
    }
    wrapped(art, out)
}

#[cfg(test)]
#[path = "gallery_tests.rs"]
mod tests;
