//! The loop: messages and keys in, effects and frames out. [`Ui`] is the part that needs no terminal.

use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, after, never, select, unbounded};
use crossterm::event::Event;
use ratatui::layout::Size;

use crate::app::commands::screen::ScreenAction;
use crate::app::commands::session::SessionAction;
use crate::app::outcomes::Asker;
use crate::app::{Effect, Model, Msg, update};
use crate::clock::Clock;

use super::colour::Depth;
use super::keymap::Keymap;
use super::pages::PANES;
use super::screen::{Request, Screen};
use super::terminal::{self, Tty};
use super::theme::Theme;

/// The least time between two frames: 30 a second.
const FRAME: Duration = Duration::from_millis(33);
/// The clock's step.
const TICK: Duration = Duration::from_secs(1);
/// How long a digit waits for a key that makes it a count.
const DIGIT: Duration = Duration::from_millis(500);
/// How often the reader of the keys looks whether there still is a terminal.
const GLANCE: Duration = Duration::from_secs(10);
/// How many messages are taken in before the screen is looked at again.
const BATCH: usize = 256;

/// What the loop is plugged into.
pub trait Host {
    /// Do this. It must not block: the screen waits.
    fn effect(&mut self, effect: Effect);
    /// A turn of the loop is over. It must cost the same however long the queue is.
    fn changed(&mut self, _model: &Model) {}
}

/// Why the loop ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Exit {
    /// It was told to.
    Quit,
    /// The terminal went away, and why. The session was saved.
    TerminalGone(String),
}

/// The session on a screen, without a terminal.
pub struct Ui {
    /// The session.
    pub model: Model,
    /// The screen's state.
    pub screen: Screen,
    /// The colours.
    pub theme: Theme,
    depth: Depth,
    themes: Option<PathBuf>,
    dirty: bool,
    anew: bool,
    suspend: bool,
    ended: bool,
}

impl Ui {
    /// A session on a screen. `themes` is the user's themes directory; a theme that cannot be loaded is told in the
    /// status line and the default serves.
    pub fn new(mut model: Model, keymap: Keymap, theme: &str, depth: Depth, themes: Option<PathBuf>) -> Ui {
        model.themes = super::theme::names(themes.as_deref());
        model.views = PANES.iter().map(|pane| pane.id()).collect();
        let mut ui = Ui {
            model,
            screen: Screen::new(keymap),
            theme: Theme::fallback(depth),
            depth,
            themes,
            dirty: true,
            anew: false,
            suspend: false,
            ended: false,
        };
        ui.load_theme(theme);
        ui.screen.settle(&ui.model);
        ui
    }

    /// Takes a message in.
    pub fn message(&mut self, msg: Msg, host: &mut dyn Host) {
        let before = self.face();
        // These come often and mostly change nothing that is seen.
        let quiet = matches!(msg, Msg::Tick { .. } | Msg::Player(crate::audio::Event::Position { .. }));
        let effects = update(&mut self.model, msg);
        let stirred = effects.iter().any(|e| !matches!(e, Effect::Save(_) | Effect::SavePlace(_)));
        self.run_effects(effects, host);
        self.settle();
        self.dirty |= !quiet || stirred || self.face() != before;
    }

    /// Takes a key, a paste or a new size in.
    pub fn event(&mut self, event: Event, host: &mut dyn Host) {
        match event {
            Event::Key(key) => {
                let msgs = self.screen.handle_key(key, &self.model);
                self.asked(msgs, host);
            }
            Event::Paste(text) => {
                let msgs = self.screen.paste(&text, &self.model);
                self.asked(msgs, host);
            }
            Event::Resize(width, height) => {
                self.resize(Size { width, height });
                // The terminal may have forgotten cells, also where it ends at the size that was drawn for.
                self.anew = true;
            }
            _ => return,
        }
        self.settle();
        self.dirty = true;
    }

    /// Half a second passed after a digit.
    pub fn timeout(&mut self, host: &mut dyn Host) {
        let msgs = self.screen.timeout(&self.model);
        self.asked(msgs, host);
        self.dirty = true;
    }

    /// Tells the size of the terminal.
    pub fn resize(&mut self, size: Size) {
        self.screen.resize(size);
        self.screen.settle(&self.model);
        self.dirty = true;
    }

    /// Whether it was told to end.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Whether something is to be drawn; asking takes note that it will be.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Fits the screen to the session, and tells it where the screen stands.
    fn settle(&mut self) {
        // The song that the cursor stood on is found once there are songs.
        if !self.model.catalog.is_empty()
            && let Some(view) = self.model.resumed.take()
        {
            self.screen.take_up(view, &self.model);
        }
        self.screen.settle(&self.model);
        self.model.view = self.screen.place();
    }

    fn asked(&mut self, msgs: Vec<Msg>, host: &mut dyn Host) {
        for msg in msgs {
            self.message(msg, host);
        }
        match self.screen.take_request() {
            Some(Request::Redraw) => self.anew = true,
            Some(Request::Suspend) => self.suspend = true,
            None => {}
        }
    }

    fn run_effects(&mut self, effects: Vec<Effect>, host: &mut dyn Host) {
        for effect in effects {
            match effect {
                Effect::Theme(name) => self.load_theme(&name),
                Effect::Screen(action) => self.command(&action, None, host),
                Effect::For { asker, effect } => match *effect {
                    Effect::Theme(name) => {
                        self.model.outcomes.begin(asker);
                        self.load_theme(&name);
                        self.model.outcomes.pause();
                        self.message(Msg::Ended(asker), host);
                    }
                    Effect::Screen(action) => {
                        self.command(&action, Some(asker), host);
                        self.message(Msg::Ended(asker), host);
                    }
                    other => host.effect(Effect::For { asker, effect: Box::new(other) }),
                },
                Effect::Quit => {
                    self.ended = true;
                    host.effect(Effect::Quit);
                }
                other => host.effect(other),
            }
        }
    }

    /// A command of the screen that came from outside it, perhaps on behalf of somebody who waits for the outcome.
    fn command(&mut self, action: &ScreenAction, asker: Option<Asker>, host: &mut dyn Host) {
        let msgs = self.screen.command(action, &self.model);
        self.asked(msgs.into_iter().map(|msg| msg.on_behalf(asker)).collect(), host);
        self.dirty = true;
    }

    fn load_theme(&mut self, name: &str) {
        match Theme::load(name, self.themes.as_deref(), self.depth) {
            Ok((theme, warnings)) => {
                self.theme = theme;
                if let Some(first) = warnings.first() {
                    self.model.complain(first);
                }
            }
            Err(why) => self.model.complain(why),
        }
        self.dirty = true;
    }

    /// What time alone changes on the screen.
    fn face(&self) -> (u64, bool) {
        (self.model.play.position as u64, self.model.notice.is_some())
    }
}

/// Runs until the command `quit` comes, the senders of `rx` are gone, or the terminal is. Keys are read on a thread of
/// their own, so a terminal that hangs cannot keep the loop from ending: whoever catches signals sends `quit`.
///
/// # Errors
/// One line: the terminal cannot be entered.
pub fn run(ui: &mut Ui, rx: &Receiver<Msg>, clock: &dyn Clock, host: &mut dyn Host) -> Result<Exit, String> {
    let mut tty = Tty::enter()?;
    let (keys, events) = unbounded();
    start_keys(keys)?;
    let outcome = turn(ui, rx, &events, &mut tty, clock, host);
    drop(tty);
    Ok(match outcome {
        Ok(()) => Exit::Quit,
        Err(why) => {
            // The session is kept as if the user had quit.
            if !ui.ended {
                ui.message(Msg::command(SessionAction::Quit), host);
            }
            Exit::TerminalGone(why)
        }
    })
}

/// Starts the threads that forward the terminal's events and tell when it is gone.
///
/// # Errors
/// One line: a thread cannot be started.
pub(super) fn start_keys(keys: Sender<std::io::Result<Event>>) -> Result<(), String> {
    let explain = |e: std::io::Error| format!("no thread for the keys: {e}");
    terminal::watch(keys.clone()).map_err(explain)?;
    let read = move || read_keys(&keys);
    std::thread::Builder::new().name("keys".into()).spawn(read).map(|_| ()).map_err(explain)
}

/// Forwards the terminal's events until nobody listens, it fails, or the terminal is gone: whoever goes on without it (a
/// training) is not to have a thread left that turns round in crossterm's loop.
fn read_keys(keys: &Sender<std::io::Result<Event>>) {
    loop {
        let event = match crossterm::event::poll(GLANCE) {
            Ok(true) => crossterm::event::read(),
            Ok(false) if terminal::alive() => continue,
            Ok(false) => return,
            Err(e) => Err(e),
        };
        let failed = event.is_err();
        if keys.send(event).is_err() || failed {
            return;
        }
    }
}

fn turn(
    ui: &mut Ui,
    rx: &Receiver<Msg>,
    events: &Receiver<std::io::Result<Event>>,
    tty: &mut Tty,
    clock: &dyn Clock,
    host: &mut dyn Host,
) -> Result<(), String> {
    let gone = |e: std::io::Error| e.to_string();
    ui.resize(tty.size().map_err(gone)?);
    let mut drawn: Option<Duration> = None;
    let mut asked: Option<Duration> = None;
    let mut ticked = clock.now();
    let mut typed = ticked;
    loop {
        let now = clock.now();
        ui.model.now = now;
        if ui.suspend {
            ui.suspend = false;
            tty.suspend().map_err(gone)?;
            ui.resize(tty.size().map_err(gone)?);
            (ui.dirty, ui.anew) = (true, true);
        }
        if drawn.is_none_or(|at| now >= at + FRAME) && ui.take_dirty() {
            let anew = std::mem::take(&mut ui.anew);
            tty.draw(&ui.model, &ui.screen, &ui.theme, anew).map_err(gone)?;
            drawn = Some(now);
        }
        // The earliest of: the next frame, the next tick, a digit's end. None of them: sleep until something comes.
        let frame = ui.dirty.then(|| drawn.map_or(now, |at| at + FRAME));
        let tick = ui.model.wants_tick().then(|| ticked + TICK);
        let digit = ui.screen.waits().then(|| typed + DIGIT);
        let wake = [frame, tick, digit].into_iter().flatten().min();
        let timer = wake.map_or_else(never, |at| after(at.saturating_sub(clock.now())));
        let mut closed = false;
        select! {
            recv(rx) -> msg => match msg {
                Ok(msg) => ui.at(clock.now()).message(msg, host),
                Err(_) => closed = true,
            },
            recv(events) -> event => {
                typed = clock.now();
                let event = event.map_err(|_| "its reader ended".to_string())?.map_err(gone)?;
                ui.at(typed).event(event, host);
            },
            recv(timer) -> _ => {}
        }
        // What else has come belongs to the same frame; of many sizes only the last is drawn.
        for msg in rx.try_iter().take(BATCH) {
            ui.message(msg, host);
        }
        for event in events.try_iter().take(BATCH) {
            typed = clock.now();
            ui.event(event.map_err(gone)?, host);
        }
        let now = clock.now();
        if ui.screen.waits() && now >= typed + DIGIT {
            ui.timeout(host);
        }
        if now >= ticked + TICK && ui.model.wants_tick() {
            ticked = now;
            ui.message(Msg::Tick { now }, host);
            if !terminal::alive() {
                return Err("hung up".into());
            }
        }
        // Nothing wakes the loop for it: where nothing plays, no hour matters.
        if asked.is_none_or(|at: Duration| now >= at + TICK) {
            asked = Some(now);
            let hour = clock.hour();
            if ui.model.moods.hour != Some(hour) {
                ui.message(Msg::Hour(hour), host);
            }
        }
        host.changed(&ui.model);
        if closed || ui.ended {
            return Ok(());
        }
    }
}

impl Ui {
    /// Sets the time before something is taken in: while the loop slept no tick told it.
    fn at(&mut self, now: Duration) -> &mut Ui {
        self.model.now = now;
        self
    }
}
