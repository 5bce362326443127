//! The screen of a player without a terminal: shown on the one that is attached to it, if any.

use std::io::{self, Write};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, never};
use crossterm::event::Event;
use ratatui::layout::Size;

use crate::app::Model;
use crate::ask::screen::{Attached, Colours, Link, Pictures, Shown, Terminal, Way};

use super::art::{Art, Protocol};
use super::cells::CellWriter;
use super::colour::Depth;
use super::front::Front;
use super::gone::TerminalError;
use super::ground::Ground;
use super::screen::Screen;
use super::terminal::{present, titled};
use super::theme::{Display, Theme};
use super::view::pictured;

/// The size of the screen that nobody has seen yet.
const UNSEEN: Size = Size { width: 80, height: 24 };
/// How many blocks may wait to be written before no further frame is drawn.
const BEHIND: usize = 2;

/// The stage: empty, or with the terminal that is attached.
pub struct Stage {
    arrivals: Receiver<Attached>,
    /// Whether windows are to have titles.
    titled: bool,
    guest: Option<Guest>,
}

/// An attached terminal.
struct Guest {
    screen: ratatui::Terminal<CellWriter<Wire>>,
    events: Receiver<io::Result<Event>>,
    output: Sender<Shown>,
    link: Arc<Link>,
    /// The title that was set last.
    title: String,
}

/// The way to an attached terminal.
struct Wire {
    output: Sender<Shown>,
    link: Arc<Link>,
    bytes: Vec<u8>,
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        self.link.sent();
        let bytes = std::mem::take(&mut self.bytes);
        self.output.send(Shown::Bytes(bytes)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Stage {
    /// An empty stage. `titled`: whether the windows of terminals are to have titles.
    pub fn new(arrivals: Receiver<Attached>, titled: bool) -> Stage {
        Stage { arrivals, titled, guest: None }
    }
}

impl Front for Stage {
    fn watched(&self) -> bool {
        self.guest.is_some()
    }

    fn ready(&self) -> bool {
        self.guest.as_ref().is_some_and(|guest| guest.link.waiting() < BEHIND)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.guest.as_ref().map_or(UNSEEN, |guest| size(&guest.link)))
    }

    fn cell(&self) -> Option<(u16, u16)> {
        self.guest.as_ref()?.link.cell()
    }

    fn draw(&mut self, model: &Model, screen: &Screen, theme: &Theme, anew: bool) -> io::Result<()> {
        let Some(guest) = &mut self.guest else { return Ok(()) };
        present(&mut guest.screen, anew, |frame| pictured(model, screen, theme, frame))
    }

    fn title(&mut self, title: &str) -> io::Result<()> {
        let Some(guest) = self.guest.as_mut().filter(|guest| self.titled && guest.title != title) else {
            return Ok(());
        };
        guest.title = title.to_owned();
        guest.screen.backend_mut().send(&titled(title))
    }

    fn suspend(&mut self) -> io::Result<()> {
        let Some(guest) = &mut self.guest else { return Ok(()) };
        guest.title.clear();
        guest.output.send(Shown::Suspend).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn alive(&self) -> bool {
        true
    }

    fn events(&self) -> Receiver<io::Result<Event>> {
        self.guest.as_ref().map_or_else(never, |guest| guest.events.clone())
    }

    fn arrivals(&self) -> Receiver<Attached> {
        self.arrivals.clone()
    }

    fn attach(&mut self, attached: Attached) -> Option<Terminal> {
        let Attached { terminal, events, output, link } = attached;
        self.detach("another terminal shows the player now");
        let wire = Wire { output: output.clone(), link: link.clone(), bytes: Vec::new() };
        let known = link.clone();
        let mut writer = CellWriter::new(wire, move || Ok(size(&known)));
        writer.use_art(art(&terminal));
        // It fails only where the size is not known.
        let screen = ratatui::Terminal::new(writer).ok()?;
        self.guest = Some(Guest { screen, events, output, link, title: String::new() });
        Some(terminal)
    }

    fn detach(&mut self, why: &str) {
        if let Some(guest) = self.guest.take() {
            let _ = guest.output.send(Shown::Bye(why.to_owned()));
        }
    }

    fn lost(&mut self, _why: TerminalError) -> Result<(), TerminalError> {
        self.guest = None;
        Ok(())
    }
}

fn size(link: &Link) -> Size {
    let (width, height) = link.size();
    Size { width, height }
}

/// What a terminal displays.
pub fn display(terminal: &Terminal) -> Display {
    let ground = if terminal.light { Ground::Light } else { Ground::Dark };
    Display { ground, ..Display::from(depth(terminal)) }
}

fn depth(terminal: &Terminal) -> Depth {
    match terminal.colours {
        Colours::Mono => Depth::Mono,
        Colours::Sixteen => Depth::Sixteen,
        Colours::Indexed => Depth::Indexed,
        Colours::True => Depth::True,
    }
}

/// How a terminal shows pictures.
pub fn art(terminal: &Terminal) -> Option<Art> {
    let Pictures { way, cell, guessed, wrapped } = terminal.pictures?;
    let protocol = match way {
        Way::Blocks => Protocol::Blocks,
        Way::Kitty => Protocol::Kitty,
        Way::Iterm => Protocol::Iterm,
        Way::Sixel => Protocol::Sixel,
    };
    Some(Art { protocol, cell, guessed, wrapped, depth: depth(terminal) }.checked())
}

/// The terminal of this process, as a player without one is told of it.
pub(super) fn terminal(
    (width, height): (u16, u16),
    cell: Option<(u16, u16)>,
    depth: Depth,
    ground: Ground,
    art: Option<Art>,
) -> Terminal {
    let colours = match depth {
        Depth::Mono => Colours::Mono,
        Depth::Sixteen => Colours::Sixteen,
        Depth::Indexed => Colours::Indexed,
        Depth::True => Colours::True,
    };
    let pictures = art.map(|Art { protocol, cell, guessed, wrapped, .. }| {
        let way = match protocol {
            Protocol::Blocks => Way::Blocks,
            Protocol::Kitty => Way::Kitty,
            Protocol::Iterm => Way::Iterm,
            Protocol::Sixel => Way::Sixel,
        };
        Pictures { way, cell, guessed, wrapped }
    });
    Terminal { size: (width, height), cell, colours, light: ground == Ground::Light, pictures }
}

#[cfg(test)]
#[path = "stage_tests.rs"]
mod tests;
