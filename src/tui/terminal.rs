//! The terminal: entering it, drawing on it, and restoring it however the program ends.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use crossbeam_channel::Sender;
use crossterm::event::Event;
use crossterm::{cursor, event, execute, terminal};
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::app::Model;
use crate::clock::Clock;
use crate::config::Covers;
use crate::text;

use super::art::{Answers, Art};
use super::background::{Background, Line};
use super::cells::CellWriter;
use super::colour::Depth;
use super::gallery::{Keeps, Placement};
use super::gone::TerminalError;
use super::guard;
use super::screen::Screen;
use super::theme::Theme;
use super::view::pictured;

/// Whether the terminal is entered, so that it has to be restored.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether the terminal reports the mouse while it is entered.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Asks for clicks, the wheel and drags, with coordinates of any size; not for every movement, which nothing here needs.
const REPORT_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// Whether the window's title was saved, so that it is to come back.
static TITLED: AtomicBool = AtomicBool::new(false);

/// How the terminal keeps pictures ([`Keeps::code`]).
static PICTURED: AtomicU8 = AtomicU8::new(0);

/// Saves the window's title on the terminal's stack of titles.
const SAVE_TITLE: &[u8] = b"\x1b[22;2t";
/// The longest title that is set, in characters.
const LONGEST_TITLE: usize = 200;

/// Restores the terminal to its original state. May be called any number of times and from any thread, such as by a
/// panic hook or the signal thread. Does not lock standard output, as a blocked writer may hold that lock.
pub fn restore() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        // Nothing can be done about a terminal that is gone.
        let keeps = Keeps::of_code(PICTURED.load(Ordering::SeqCst));
        let _ = rustix::io::write(rustix::stdio::stdout(), keeps.forget());
        let _ = rustix::io::write(rustix::stdio::stdout(), guard::leave(TITLED.load(Ordering::SeqCst)));
        let _ = terminal::disable_raw_mode();
        guard::left();
    }
}

/// Standard output while the terminal is entered. Later writes are discarded: the buffers of a dying thread must not
/// reach the restored terminal.
#[derive(Debug)]
struct Gate(io::Stdout);

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ENTERED.load(Ordering::SeqCst) { self.0.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if ENTERED.load(Ordering::SeqCst) { self.0.flush() } else { Ok(()) }
    }
}

/// Replaces control characters in the cells of a frame, a last safeguard in case a text was not sanitised before.
fn clean(cells: &mut Buffer) {
    for cell in &mut cells.content {
        match text::printable(cell.symbol()) {
            Cow::Owned(safe) if !safe.is_empty() => cell.set_symbol(&safe),
            Cow::Borrowed(whole) if !whole.contains('\t') => cell,
            _ => cell.set_symbol(" "),
        };
    }
}

/// Draws a frame with `draw`, and shows the pictures that it returns above the cells; `anew` repaints every cell.
pub(super) fn present<W: Write>(
    terminal: &mut Terminal<CellWriter<W>>,
    anew: bool,
    draw: impl FnOnce(&mut Frame<'_>) -> Vec<Placement>,
) -> io::Result<()> {
    if anew {
        // Not `clear`: it queries the cursor's position, and the thread that reads keys would get the reply.
        let size = terminal.size()?;
        terminal.resize(size.into())?;
    }
    let mut pictures = Vec::new();
    terminal.backend_mut().hold();
    terminal.draw(|frame| {
        pictures = draw(frame);
        clean(frame.buffer_mut());
    })?;
    terminal.backend_mut().hang(pictures)
}

/// The sequence that names the window.
pub(super) fn titled(title: &str) -> String {
    let safe: String = text::sanitize(title).chars().take(LONGEST_TITLE).collect();
    format!("\x1b]2;{safe}\x07")
}

/// The entered terminal; restored when dropped.
pub struct Tty {
    terminal: Terminal<CellWriter<Gate>>,
    /// Whether the window is to have a title.
    titled: bool,
    /// The title that was set last.
    title: String,
}

impl Tty {
    /// Enters raw mode and the alternate screen, with bracketed paste and, with `mouse`, reports of the mouse. With
    /// `titled` the window's title is saved, so that [`Tty::title`] can set another.
    ///
    /// # Errors
    /// One line: stdin or stdout is not a terminal, or it cannot be drawn on.
    pub fn enter(mouse: bool, titled: bool) -> Result<Tty, TerminalError> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(TerminalError::None);
        }
        if std::env::var_os("TERM").is_some_and(|t| t == "dumb") {
            return Err(TerminalError::Dumb);
        }
        MOUSE.store(mouse, Ordering::SeqCst);
        // The console has no window, and its older versions print a title among the text.
        let titled = titled && std::env::var_os("TERM").is_none_or(|t| t != "linux");
        guard::start();
        prepare(titled).map_err(TerminalError::Unprepared)?;
        let size = || terminal::size().map(|(width, height)| Size { width, height });
        match Terminal::new(CellWriter::new(Gate(io::stdout()), size)) {
            Ok(terminal) => Ok(Tty { terminal, titled, title: String::new() }),
            Err(e) => {
                restore();
                Err(TerminalError::Sizeless(e))
            }
        }
    }

    /// Finds out what background the terminal has, and how it shows pictures if `covers` leaves that open. Call before
    /// keys are read: what was typed meanwhile is returned.
    pub fn background(&mut self, clock: &dyn Clock, covers: Covers) -> Background {
        let pictures = Art::asks(covers, variable);
        Background::find(&mut Ends, clock, pictures, variable)
    }

    /// Decides how pictures are shown, by what the terminal answered.
    pub fn art(&mut self, covers: Covers, answers: Answers) -> Option<Art> {
        let art = Art::choose(covers, Depth::detect(variable), answers, self.cell(), variable);
        let keeps = Keeps::of(art);
        PICTURED.store(keeps.code(), Ordering::SeqCst);
        guard::pictured(keeps);
        self.terminal.backend_mut().use_art(art);
        art
    }

    /// The pixels of a cell, across and down, if the system knows them.
    pub fn cell(&self) -> Option<(u16, u16)> {
        let size = terminal::window_size().ok()?;
        let side = |pixels: u16, cells: u16| pixels.checked_div(cells).filter(|side| *side > 0);
        Some((side(size.width, size.columns)?, side(size.height, size.rows)?))
    }

    /// Names the window, where it is to have a title, if it is not called so already.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn title(&mut self, title: &str) -> io::Result<()> {
        if !self.titled || self.title == title {
            return Ok(());
        }
        self.title = title.to_owned();
        self.terminal.backend_mut().send(&titled(title))
    }

    /// Draws a frame; `anew` repaints every cell.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, model: &Model, screen: &Screen, theme: &Theme, anew: bool) -> io::Result<()> {
        present(&mut self.terminal, anew, |frame| pictured(model, screen, theme, frame))
    }

    /// Draws a frame with `draw`; `anew` repaints every cell.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn frame(&mut self, anew: bool, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        present(&mut self.terminal, anew, |frame| {
            draw(frame);
            Vec::new()
        })
    }

    /// Passes on what a player has drawn for this terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.terminal.backend_mut().pass(bytes)
    }

    /// The terminal's size in columns and rows.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Restores the terminal and stops the program until the shell continues it (`fg`), then enters
    /// the terminal again.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        // Stop the whole process group, as Ctrl-Z normally does: under `make run` the shell waits for make, not for us.
        rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
        self.title.clear();
        prepare(self.titled)
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        restore();
    }
}

/// The entered terminal's two ends.
struct Ends;

impl Line for Ends {
    fn send(&mut self, question: &[u8]) -> io::Result<()> {
        let mut left = question;
        while !left.is_empty() {
            let sent = rustix::io::retry_on_intr(|| rustix::io::write(rustix::stdio::stdout(), left))?;
            left = left.get(sent.max(1)..).unwrap_or_default();
        }
        Ok(())
    }

    fn receive(&mut self, limit: Duration) -> io::Result<Vec<u8>> {
        let keys = rustix::stdio::stdin();
        let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: limit.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&keys, PollFlags::IN)], Some(&limit)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            Ok(_) => {}
            Err(e) => return Err(e.into()),
        }
        let mut buffer = [0; 1024];
        match rustix::io::retry_on_intr(|| rustix::io::read(keys, &mut buffer))? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(buffer.get(..read).unwrap_or_default().to_vec()),
        }
    }
}

/// A variable of the environment.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether the terminal still exists. This detects its end where no hang-up signal is sent.
pub fn alive() -> bool {
    rustix::termios::tcgetattr(rustix::stdio::stdin()).is_ok()
}

/// Waits on a separate thread until the terminal is gone, and then sends that once as a failed event. Nothing else
/// reports it: SIGHUP is only sent for a controlling terminal, and crossterm takes a terminal that is gone for an idle
/// one and spins in its loop. The thread uses no CPU time while it waits.
///
/// # Errors
/// The thread cannot be started.
pub fn watch(events: Sender<io::Result<Event>>) -> io::Result<()> {
    let wait = move || {
        let why = match until_gone(rustix::stdio::stdin(), rustix::stdio::stdout()) {
            Ok(()) => io::Error::other("hung up"),
            Err(e) => e.into(),
        };
        let _ = events.send(Err(why));
    };
    std::thread::Builder::new().name("terminal".into()).spawn(wait).map(|_| ())
}

/// Blocks until either end of the terminal is gone.
fn until_gone(keys: impl AsFd, screen: impl AsFd) -> rustix::io::Result<()> {
    loop {
        // No events are requested: hang-ups and errors are always reported.
        let mut ends = [PollFd::new(&keys, PollFlags::empty()), PollFd::new(&screen, PollFlags::empty())];
        match poll(&mut ends, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e),
            Ok(_) if ends.iter().any(|end| !end.revents().is_empty()) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn prepare(titled: bool) -> io::Result<()> {
    guard::entered(titled);
    let screen = || {
        // From here on the terminal has to be restored, even if the rest fails.
        TITLED.store(false, Ordering::SeqCst);
        ENTERED.store(true, Ordering::SeqCst);
        let mut out = Gate(io::stdout());
        execute!(out, terminal::EnterAlternateScreen, event::EnableBracketedPaste, cursor::Hide)?;
        if MOUSE.load(Ordering::SeqCst) {
            out.write_all(REPORT_MOUSE)?;
        }
        if titled {
            // Only a title that was saved is taken back: another one would be another program's.
            TITLED.store(true, Ordering::SeqCst);
            out.write_all(SAVE_TITLE)?;
        }
        out.flush()
    };
    in_steps((terminal::enable_raw_mode, guard::left), (screen, restore))
}

/// Takes two steps of a set-up, each with what takes it back when it fails. The first may have been taken in part.
fn in_steps<T>(
    (raw, cooked): (impl FnOnce() -> io::Result<()>, impl FnOnce()),
    (screen, restore): (impl FnOnce() -> io::Result<T>, impl FnOnce()),
) -> io::Result<T> {
    raw().inspect_err(|_| cooked())?;
    screen().inspect_err(|_| restore())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_end_that_goes_is_noticed_though_it_is_no_controlling_terminal() {
        use portable_pty::{PtySize, native_pty_system};
        let open = || {
            let pair = native_pty_system().openpty(PtySize::default()).unwrap();
            let line = pair.master.tty_name().unwrap();
            (pair, std::fs::File::options().read(true).write(true).open(line).unwrap())
        };
        for first in [true, false] {
            let ((one, keys), (other, screen)) = (open(), open());
            let (gone, told) = crossbeam_channel::bounded(1);
            let wait = std::thread::spawn(move || {
                let noticed = until_gone(&keys, &screen);
                gone.send(()).unwrap();
                noticed
            });
            let (goes, stays) = if first { (one, other) } else { (other, one) };
            assert!(told.try_recv().is_err());
            drop(goes);
            assert_eq!(wait.join().unwrap(), Ok(()));
            drop(stays);
        }
    }

    #[test]
    fn restoring_what_was_never_entered_does_nothing() {
        restore();
        restore();
        assert!(!ENTERED.load(Ordering::SeqCst));
        // The closed gate discards bytes, and reports them as written.
        assert_eq!(Gate(io::stdout()).write(b"\x1b[31m").ok(), Some(5));
    }

    #[test]
    fn a_set_up_that_fails_is_taken_back_as_far_as_it_came() {
        use std::cell::RefCell;
        let outcome = |raw: bool, screen: bool| {
            let done = RefCell::new(Vec::new());
            let step = |name: &'static str, well: bool| {
                done.borrow_mut().push(name);
                if well { Ok(()) } else { Err(io::Error::other(name)) }
            };
            let back = |name: &'static str| done.borrow_mut().push(name);
            let entered =
                in_steps((|| step("raw", raw), || back("forget")), (|| step("screen", screen), || back("restore")));
            let why = entered.err().map(|e| e.to_string());
            (done.into_inner(), why)
        };
        assert_eq!(outcome(true, true), (vec!["raw", "screen"], None));
        assert_eq!(outcome(false, true), (vec!["raw", "forget"], Some("raw".into())));
        assert_eq!(outcome(true, false), (vec!["raw", "screen", "restore"], Some("screen".into())));
    }

    #[test]
    fn no_cell_holds_a_command() {
        let mut cells = Buffer::with_lines(["日本 ok"]);
        for (at, symbol) in ["\x1b[2J", "\u{9b}", "\u{202e}", "é", "\t"].into_iter().enumerate() {
            cells[(at as u16, 0)].set_symbol(symbol);
        }
        clean(&mut cells);
        let row: Vec<&str> = cells.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(row[..5], ["?[2J", "?", " ", "é", " "]);
    }
}
