//! Where a session is shown: on the terminal of its process, or on none until one is attached.

use std::io;

use crossbeam_channel::{Receiver, never};
use crossterm::event::Event;
use ratatui::layout::Size;

use crate::app::Model;
use crate::ask::screen::{Attached, Terminal};
use crate::config::Covers;

use super::art::{Answers, Art};
use super::gone::TerminalError;
use super::late::Reply;
use super::screen::Screen;
use super::terminal::{self, Tty};
use super::theme::Theme;

/// A place where a session is shown.
pub trait Front {
    /// Whether anybody looks; for nobody nothing is drawn.
    fn watched(&self) -> bool;
    /// Whether it takes another frame now.
    fn ready(&self) -> bool;
    /// Its size in columns and rows.
    ///
    /// # Errors
    /// It is gone.
    fn size(&self) -> io::Result<Size>;
    /// The pixels of a cell, across and down, if they are known.
    fn cell(&self) -> Option<(u16, u16)>;
    /// Draws a frame; `anew` repaints every cell.
    ///
    /// # Errors
    /// It is gone.
    fn draw(&mut self, model: &Model, screen: &Screen, theme: &Theme, anew: bool) -> io::Result<()>;
    /// Names the window.
    ///
    /// # Errors
    /// It is gone.
    fn title(&mut self, title: &str) -> io::Result<()>;
    /// Leaves it to the shell, until the shell goes on.
    ///
    /// # Errors
    /// It is gone.
    fn suspend(&mut self) -> io::Result<()>;
    /// Whether it still exists, where nothing else tells.
    fn alive(&self) -> bool;
    /// Keys, mouse, changes of the size; an error when it is gone.
    fn events(&self) -> Receiver<io::Result<Event>>;
    /// What it answers late.
    fn replies(&self) -> Receiver<Reply> {
        never()
    }
    /// Decides anew how pictures are shown, by what it answered late. `None` where that stays as it was.
    fn pictured(&mut self, _covers: Covers, _answers: Answers) -> Option<Art> {
        None
    }
    /// Terminals that want to be attached.
    fn arrivals(&self) -> Receiver<Attached> {
        never()
    }
    /// Shows the session on a terminal from now on; what it is. `None` where that is not possible.
    fn attach(&mut self, _terminal: Attached) -> Option<Terminal> {
        None
    }
    /// Lets the terminal go while the session goes on, where it can.
    fn detach(&mut self, _why: &str) {}
    /// It is gone.
    ///
    /// # Errors
    /// Why, where the session ends with it.
    fn lost(&mut self, why: TerminalError) -> Result<(), TerminalError> {
        Err(why)
    }
}

/// The terminal of the process, and what is typed in it.
pub(super) struct Own<'a> {
    pub tty: &'a mut Tty,
    pub events: Receiver<io::Result<Event>>,
    pub replies: Receiver<Reply>,
}

impl Front for Own<'_> {
    fn watched(&self) -> bool {
        true
    }

    fn ready(&self) -> bool {
        true
    }

    fn size(&self) -> io::Result<Size> {
        self.tty.size()
    }

    fn cell(&self) -> Option<(u16, u16)> {
        self.tty.cell()
    }

    fn draw(&mut self, model: &Model, screen: &Screen, theme: &Theme, anew: bool) -> io::Result<()> {
        self.tty.draw(model, screen, theme, anew)
    }

    fn title(&mut self, title: &str) -> io::Result<()> {
        self.tty.title(title)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.tty.suspend()
    }

    fn alive(&self) -> bool {
        terminal::alive()
    }

    fn replies(&self) -> Receiver<Reply> {
        self.replies.clone()
    }

    fn pictured(&mut self, covers: Covers, answers: Answers) -> Option<Art> {
        self.tty.art(covers, answers)
    }

    fn events(&self) -> Receiver<io::Result<Event>> {
        self.events.clone()
    }
}
