//! The way of cells to the terminal, in as few bytes as possible.
//!
//! Unlike ratatui's own backend this one remembers from frame to frame in which style the terminal writes and whether
//! the cursor shows. It sends only what differs, and nothing for a frame in which nothing changed: a player is looked at
//! for hours, often over a network.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use super::art::Art;
use super::colour::code;
use super::gallery::{Gallery, Placement};

/// A frame of more bytes is sent as a synchronized update, so that no part of it is seen alone. A shorter one arrives
/// in one piece anyway.
const LONG: usize = 256;
/// What begins and ends a synchronized update.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Each modifier with the codes that turn it on and off. Two of them may share the code that turns them off.
const MODIFIERS: [(Modifier, &str, &str); 9] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::SLOW_BLINK, "5", "25"),
    (Modifier::RAPID_BLINK, "6", "25"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

/// The style in which the terminal writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    /// After a reset.
    const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Pen {
        Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// The parameters of the sequence that makes this style of another.
    fn after(self, other: Pen) -> String {
        let mut codes = Vec::new();
        let mut kept = other.modifier;
        for (modifier, _, off) in MODIFIERS {
            if kept.contains(modifier) && !self.modifier.contains(modifier) {
                codes.push(off.to_string());
                MODIFIERS.iter().filter(|(_, _, same)| *same == off).for_each(|(gone, ..)| kept.remove(*gone));
            }
        }
        let on = MODIFIERS.iter().filter(|(m, ..)| self.modifier.contains(*m) && !kept.contains(*m));
        codes.extend(on.map(|(_, on, _)| on.to_string()));
        if self.fg != other.fg {
            codes.push(code(self.fg, 0));
        }
        if self.bg != other.bg {
            codes.push(code(self.bg, 10));
        }
        codes.join(";")
    }

    /// The same after a reset, which is shorter where much has to be turned off.
    fn afresh(self) -> String {
        if self == Pen::PLAIN { String::new() } else { format!("0;{}", self.after(Pen::PLAIN)) }
    }
}

/// A ratatui backend that writes to a terminal.
pub struct CellWriter<W: Write> {
    out: W,
    /// Asks for the size of the terminal.
    size: Box<dyn Fn() -> io::Result<Size>>,
    /// What is to be sent with the next flush.
    frame: Vec<u8>,
    /// The style in which the terminal writes; `None` when unknown.
    pen: Option<Pen>,
    /// Whether the cursor shows; `None` when unknown.
    shown: Option<bool>,
    /// Where the cursor was left to be seen.
    cursor: Option<Position>,
    /// The row in which the terminal writes, as far as it is known: also from the last frame, in which case the column alone
    /// is sent, half as many bytes.
    row: Option<u16>,
    /// Where in it the next character goes, as far as this frame has determined it.
    column: Option<u16>,
    /// The pictures above the cells.
    gallery: Gallery,
    /// Whether the frame waits for its pictures.
    held: bool,
}

impl<W: Write> CellWriter<W> {
    /// A writer to a terminal whose size a function tells.
    pub fn new(out: W, size: impl Fn() -> io::Result<Size> + 'static) -> CellWriter<W> {
        let (frame, gallery) = (Vec::new(), Gallery::default());
        let size = Box::new(size);
        CellWriter {
            out,
            size,
            frame,
            pen: None,
            shown: None,
            cursor: None,
            row: None,
            column: None,
            gallery,
            held: false,
        }
    }

    /// Shows pictures in this way from now on.
    pub fn use_art(&mut self, art: Option<Art>) {
        self.gallery.use_art(art);
    }

    /// Keeps the next frame back until [`CellWriter::hang`] sends it with its pictures.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Sends the frame that was kept back, so that these pictures and no others are on the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn hang(&mut self, pictures: Vec<Placement>) -> io::Result<()> {
        let (before, after) = self.gallery.turn(pictures);
        if !before.is_empty() || !after.is_empty() {
            // The pictures give the cursor back, but a terminal that does not must not misplace the next cells.
            (self.row, self.column) = (None, None);
        }
        self.frame = [before, std::mem::take(&mut self.frame), after].concat();
        self.held = false;
        self.flush()
    }

    /// Sends a sequence that neither moves the cursor nor changes the style.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn send(&mut self, sequence: &str) -> io::Result<()> {
        self.out.write_all(sequence.as_bytes())?;
        self.out.flush()
    }

    /// Passes on what another writer has made for this terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()
    }

    fn push(&mut self, sequence: &str) {
        self.frame.extend_from_slice(sequence.as_bytes());
    }

    fn go_to(&mut self, x: u16, y: u16) {
        if self.row != Some(y) {
            self.push(&format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1));
        } else if self.column != Some(x) {
            self.push(&format!("\x1b[{}G", u32::from(x) + 1));
        }
        (self.row, self.column) = (Some(y), Some(x));
    }

    fn paint(&mut self, pen: Pen) {
        if self.pen == Some(pen) {
            return;
        }
        let afresh = pen.afresh();
        let codes = match self.pen.map(|before| pen.after(before)) {
            Some(codes) if codes.len() < afresh.len() => codes,
            _ => afresh,
        };
        self.push(&format!("\x1b[{codes}m"));
        self.pen = Some(pen);
    }

    /// Ends a frame. Where it ended decides whether the row is still known: some terminals go to the next one with the
    /// last column already, or with a character that they take to be wider.
    fn settle(&mut self) {
        let width = (self.size)().map_or(0, |size| size.width);
        if self.column.is_none_or(|column| column >= width) {
            self.row = None;
        }
        self.column = None;
    }

    fn show(&mut self, shown: bool) {
        if self.shown != Some(shown) {
            self.push(if shown { "\x1b[?25h" } else { "\x1b[?25l" });
            self.shown = Some(shown);
        }
    }
}

impl<W: Write> Backend for CellWriter<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut blanked = None;
        for (x, y, cell) in content {
            if blanked == Some((x, y)) {
                continue;
            }
            let (symbol, wide) = (cell.symbol(), crate::text::width(cell.symbol()) != 1);
            self.paint(Pen::of(cell));
            // A character that only a variation selector makes wide is narrow in some terminals, which would go on
            // showing what stood in its second column. In the others a blank after it would take half of it away.
            if wide && symbol.contains('\u{fe0f}') {
                let second = x.saturating_add(1);
                self.go_to(second, y);
                self.push(" ");
                self.column = None;
                blanked = Some((second, y));
            }
            self.gallery.written(x, y);
            self.go_to(x, y);
            self.push(symbol);
            // How far a wide character moves the cursor is not the same in every terminal.
            self.column = if wide { None } else { x.checked_add(1) };
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false);
        self.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true);
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // The answer would come among the keys, which another thread reads.
        Err(io::Error::new(io::ErrorKind::Unsupported, "the terminal is not asked for its cursor"))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if !self.frame.is_empty() || self.cursor != Some(position) {
            (self.row, self.column) = (None, None);
            self.go_to(position.x, position.y);
            self.cursor = Some(position);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        // A terminal clears with its background. Whoever had it meanwhile may have left another style or cursor.
        (self.pen, self.shown, self.cursor) = (None, None, None);
        (self.row, self.column) = (None, None);
        self.gallery.cleared();
        self.paint(Pen::PLAIN);
        self.push(match clear_type {
            ClearType::All => "\x1b[2J",
            ClearType::AfterCursor => "\x1b[J",
            ClearType::BeforeCursor => "\x1b[1J",
            ClearType::CurrentLine => "\x1b[2K",
            ClearType::UntilNewLine => "\x1b[K",
        });
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        (self.size)()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held {
            return Ok(());
        }
        let mut frame = std::mem::take(&mut self.frame);
        if frame.is_empty() {
            return Ok(());
        }
        self.settle();
        if frame.len() > LONG {
            frame = [BEGIN, &frame, END].concat();
        }
        self.out.write_all(&frame)?;
        self.out.flush()
    }
}

#[cfg(test)]
impl CellWriter<Vec<u8>> {
    /// Takes what was sent.
    pub fn take_sent(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

#[cfg(test)]
#[path = "cells_tests.rs"]
mod tests;
