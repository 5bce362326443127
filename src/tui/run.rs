//! The ui loop: takes messages and keys, and produces effects and frames. [`Ui`] is the part that needs no terminal.

mod seen;

use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::{Receiver, after, never, select, unbounded};
use crossterm::event::Event;
use ratatui::layout::Size;

use crate::app::commands::screen::ScreenAction;
use crate::app::commands::session::SessionAction;
use crate::app::outcomes::Asker;
use crate::app::{Effect, Model, Msg, update};
use crate::clock::Clock;
use crate::config::{Changes, Covers};
use crate::library::lyrics::Lit;
use crate::notice::Kind;

use super::colour::Depth;
use super::events::start_keys;
use super::ground::Ground;
use super::haste::{self, Haste};
use super::keymap::Keymap;
use super::looks::Looks;
use super::pages::{PANES, help_subjects};
use super::prompt::Prompt;
use super::screen::{Request, Screen};
use super::terminal::{self, Tty};
use super::theme::{Display, Theme};
use super::title::title;

/// Interval of `Msg::Tick`.
const TICK: Duration = Duration::from_secs(1);
/// How long after a digit a further key makes it a count.
const DIGIT: Duration = Duration::from_millis(500);
/// Maximum number of queued messages, and of queued events, handled before the next frame.
const BATCH: usize = 256;

/// The environment of the loop.
pub trait Host {
    /// Carries out an effect. Must not block: the screen is not drawn meanwhile.
    fn effect(&mut self, effect: Effect);
    /// Called after every turn of the loop. Its cost must not depend on the length of the queue.
    fn changed(&mut self, _model: &Model) {}
}

/// Why the loop ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Exit {
    /// The session has quit, or all senders of messages are gone.
    Quit,
    /// The terminal is gone, for this reason; the session was told to quit, which saves it.
    TerminalGone(String),
}

/// A session and its screen, without a terminal.
pub struct Ui {
    /// The session.
    pub model: Model,
    /// The screen's state.
    pub screen: Screen,
    /// The colours.
    pub theme: Theme,
    /// Whether the terminal's window is named after what plays.
    pub titled: bool,
    /// How covers are shown.
    pub covers: Covers,
    looks: Looks,
    /// How soon the next frame is to be drawn.
    haste: Haste,
    /// What of the lyrics sounded in the last frame.
    lit: Option<Lit>,
    anew: bool,
    suspend: bool,
    ended: bool,
}

impl Ui {
    /// Creates the ui of a session. `themes` is the user's themes directory. If `theme` cannot be loaded, a notice says
    /// why, and the default theme is used.
    pub fn new(mut model: Model, keymap: Keymap, theme: &str, depth: Depth, themes: Option<PathBuf>) -> Ui {
        let display = Display::from(depth);
        let looks = Looks::new(display, themes);
        model.themes = looks.names();
        model.views = PANES.iter().map(|pane| pane.id()).collect();
        model.topics = help_subjects();
        let mut ui = Ui {
            model,
            screen: Screen::new(keymap),
            theme: Theme::fallback(display),
            titled: false,
            covers: Covers::default(),
            looks,
            haste: Haste::Now,
            lit: None,
            anew: false,
            suspend: false,
            ended: false,
        };
        ui.load_theme(theme);
        ui.screen.settle(&ui.model);
        ui
    }

    /// Takes notice of the terminal's background, on which the theme `auto` depends.
    pub fn stand_on(&mut self, ground: Ground) {
        self.looks.stand_on(ground, &mut self.theme);
        self.want(Haste::Now);
    }

    /// Handles a message.
    pub fn message(&mut self, msg: Msg, host: &mut dyn Host) {
        let (before, steps) = (self.face(), self.screen.progress.count());
        let haste = Haste::of(&msg, &self.model);
        let effects = update(&mut self.model, msg);
        let stirred = effects.iter().any(haste::stirs);
        self.run_effects(effects, host);
        if let Some(rows) = self.model.arranged.take() {
            self.screen.arranged(*rows, &self.model);
        }
        if let Some(songs) = self.model.map.within.take() {
            self.screen.chosen_on_map(songs);
        }
        self.settle(host);
        if self.screen.progress.count() != steps {
            self.want(Haste::Soon);
        }
        let sings = self.model.lit() != self.lit;
        self.want(if stirred || sings || self.face() != before { Haste::Now } else { haste });
        self.lit = self.model.lit();
    }

    /// Tells the session what comes on the screen or leaves it: only then lyrics, sound, trainings and the map are read.
    fn attend(&mut self, host: &mut dyn Host) {
        for msg in self.screen.attended(&self.model) {
            self.message(msg, host);
        }
    }

    /// Time alone has passed: shows what has become due.
    pub fn refresh(&mut self, now: Duration) {
        let steps = self.screen.progress.count();
        self.model.now = now;
        self.screen.settle(&self.model);
        if self.screen.progress.count() != steps {
            self.want(Haste::Soon);
        }
    }

    fn want(&mut self, haste: Haste) {
        self.haste = self.haste.max(haste);
    }

    /// Handles a key, a paste or a resize; ignores other events.
    pub fn event(&mut self, event: Event, host: &mut dyn Host) {
        self.want(Haste::of_event(&event));
        match event {
            Event::Key(key) => {
                let msgs = self.screen.handle_key(key, &self.model);
                self.asked(msgs, host);
            }
            Event::Paste(text) => {
                let msgs = self.screen.paste(&text, &self.model);
                self.asked(msgs, host);
            }
            Event::Mouse(mouse) => {
                let msgs = self.screen.handle_mouse(mouse, &self.model);
                self.asked(msgs, host);
            }
            Event::Resize(width, height) => {
                self.resize(Size { width, height });
                // The terminal may have lost cells, even if it ends up at the size that was last drawn.
                self.anew = true;
            }
            _ => return,
        }
        self.settle(host);
        self.attend(host);
        self.preview();
    }

    /// Handles the timeout of digits; call when no key has followed them for half a second.
    pub fn timeout(&mut self, host: &mut dyn Host) {
        let msgs = self.screen.timeout(&self.model);
        self.asked(msgs, host);
        self.settle(host);
        self.attend(host);
        self.want(Haste::Now);
    }

    /// Sets the size of the terminal.
    pub fn resize(&mut self, size: Size) {
        self.screen.resize(size);
        self.screen.settle(&self.model);
        self.want(Haste::Now);
    }

    /// Whether the session has quit.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Whether a frame has to be drawn; resets the flag.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.haste) != Haste::Never
    }

    /// When the next frame is due, if one is; `drawn` is when the last one was drawn.
    pub fn frame_due(&self, drawn: Option<Duration>) -> Option<Duration> {
        self.haste.due(drawn)
    }

    /// Adapts the screen to the model, asks for what it lacks, and copies focus and cursors to the model, which saves
    /// them.
    fn settle(&mut self, host: &mut dyn Host) {
        // The saved view names a song, which can only be found once the catalog has songs.
        if !self.model.catalog.is_empty()
            && let Some(view) = self.model.resumed.take()
        {
            self.screen.take_up(view, &self.model);
        }
        self.screen.settle(&self.model);
        self.screen.note_in(&mut self.model);
        self.screen.wanted_covers().for_each(|wanted| self.model.covers.touch(wanted));
        for msg in self.screen.requests(&self.model) {
            self.message(msg, host);
        }
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
                Effect::Themes => self.renew_theme(),
                Effect::Settings(changes) => self.configure(&changes),
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

    /// Carries out a screen command from outside the screen, on behalf of `asker` if a client waits for the outcome.
    fn command(&mut self, action: &ScreenAction, asker: Option<Asker>, host: &mut dyn Host) {
        let msgs = self.screen.command(action, &self.model);
        self.asked(msgs.into_iter().map(|msg| msg.on_behalf(asker)).collect(), host);
        self.attend(host);
        self.want(Haste::Now);
    }

    fn load_theme(&mut self, name: &str) {
        match self.looks.load(name) {
            Ok((theme, mistake)) => {
                self.theme = theme;
                if let Some(mistake) = mistake {
                    self.model.complain(mistake);
                }
            }
            Err(why) => self.model.complain(why),
        }
        self.want(Haste::Now);
    }

    /// Shows the theme that the `:` line names, and the one in use again when it names none.
    fn preview(&mut self) {
        let named = self.screen.prompt.as_ref().and_then(Prompt::theme);
        // Only what there is: half a name needs no look at the disk.
        let named = named.filter(|name| self.model.themes.contains(name));
        self.looks.preview(named.as_deref(), &mut self.theme);
    }

    /// Loads the theme in use anew, because theme files have changed.
    fn renew_theme(&mut self) {
        self.model.themes = self.looks.names();
        match self.looks.renew(&mut self.theme) {
            Ok(Some(name)) => self.model.notify(Kind::Hint, format!("theme {name}: loaded anew")),
            Ok(None) => {}
            Err(why) => self.model.complain(format!("{why}; the colours stay as they were")),
        }
        self.want(Haste::Now);
    }

    /// Carries out what another version of the configuration changes at once.
    fn configure(&mut self, changes: &Changes) {
        if let Some(theme) = &changes.theme {
            match self.looks.load(&theme.name) {
                Ok((loaded, mistake)) => {
                    self.theme = loaded;
                    mistake.into_iter().for_each(|mistake| self.model.complain(mistake));
                }
                Err(why) => self.model.complain(format!("{}: {why}", theme.place)),
            }
        }
        if let Some((preset, keys)) = &changes.keys {
            match Keymap::new(preset, keys) {
                Ok((keymap, warnings)) => {
                    self.screen.keymap = keymap;
                    warnings
                        .first()
                        .into_iter()
                        .for_each(|first| self.model.complain(format!("{}: {first}", changes.file)));
                }
                Err(why) => self.model.complain(format!("{}: {why}; the keys stay as they were", changes.file)),
            }
        }
        if let Some(columns) = &changes.columns {
            self.screen.columns.clone_from(columns);
        }
        self.want(Haste::Now);
    }

    /// The parts of a frame that frequent messages change: the position in whole seconds, and
    /// whether there is a notice.
    fn face(&self) -> (u64, bool) {
        (self.model.play.position as u64, self.model.notice.is_some())
    }
}

/// Runs, with reports of the mouse where `mouse`, until the session quits, the senders of `rx` are gone, or the terminal
/// is. Keys are read on a separate thread, so a read that blocks cannot keep the loop from ending when the signal thread
/// sends `quit`.
///
/// # Errors
/// One line: the terminal cannot be entered, or a thread cannot be started.
pub fn run(
    ui: &mut Ui,
    mouse: bool,
    rx: &Receiver<Msg>,
    clock: &dyn Clock,
    host: &mut dyn Host,
) -> Result<Exit, String> {
    let mut tty = Tty::enter(mouse, ui.titled)?;
    let (keys, events) = unbounded();
    let found = tty.background(clock, ui.covers);
    ui.stand_on(found.ground);
    ui.screen.art = tty.art(ui.covers, found.pictures);
    start_keys(keys, found.typed, found.late)?;
    let outcome = turn(ui, rx, &events, &mut tty, clock, host);
    drop(tty);
    Ok(match outcome {
        Ok(()) => Exit::Quit,
        Err(why) => {
            // End the session as if the user had quit, so that it is saved.
            if !ui.ended {
                ui.message(Msg::command(SessionAction::Quit), host);
            }
            Exit::TerminalGone(why)
        }
    })
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
        ui.at(now, clock);
        if ui.suspend {
            ui.suspend = false;
            tty.suspend().map_err(gone)?;
            ui.resize(tty.size().map_err(gone)?);
            (ui.haste, ui.anew) = (Haste::Now, true);
        }
        if ui.frame_due(drawn).is_some_and(|at| now >= at) && ui.take_dirty() {
            let anew = std::mem::take(&mut ui.anew);
            if anew {
                ui.measure(tty.cell(), host);
            }
            tty.draw(&ui.model, &ui.screen, &ui.theme, anew).map_err(gone)?;
            tty.title(&title(&ui.model)).map_err(gone)?;
            drawn = Some(now);
        }
        // Wake up for the next frame, step of the progress, tick or digit timeout, whichever is first; if none is due,
        // sleep until a message or event arrives.
        let (frame, step) = (ui.frame_due(drawn), ui.screen.progress.due());
        let tick = ui.model.wants_tick().then(|| ticked + TICK);
        let digit = ui.screen.waits().then(|| typed + DIGIT);
        let song = ui.lyrics_due();
        let wake = [frame, step, tick, digit, song].into_iter().flatten().min();
        let timer = wake.map_or_else(never, |at| after(at.saturating_sub(clock.now())));
        let mut closed = false;
        select! {
            recv(rx) -> msg => match msg {
                Ok(msg) => ui.at(clock.now(), clock).message(msg, host),
                Err(_) => closed = true,
            },
            recv(events) -> event => {
                typed = clock.now();
                let event = event.map_err(|_| "its reader ended".to_string())?.map_err(gone)?;
                ui.at(typed, clock).event(event, host);
            },
            recv(timer) -> _ => {}
        }
        // Handle what else has arrived before drawing: of several resizes only the last is drawn.
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
        if ui.screen.progress.due().is_some_and(|at| now >= at) {
            ui.refresh(now);
        }
        if song.is_some_and(|at| now >= at) {
            ui.light(now);
        }
        // The hour is checked at most once per `TICK`, but has no timer of its own: it matters only
        // while something plays, and then ticks wake the loop.
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
    /// Sets the model's time before a message or event is handled: without ticks it is not updated
    /// while the loop sleeps, and the machine may have slept too.
    fn at(&mut self, now: Duration, clock: &dyn Clock) -> &mut Ui {
        self.model.now = now;
        self.model.log.tune(now, clock.unix());
        self
    }
}
