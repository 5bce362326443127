//! The ui loop: takes messages and keys, and produces effects and frames. [`Ui`] is the part that needs no terminal.

mod opened;
mod seen;
pub mod turn;

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::Event;
use ratatui::layout::Size;

use crate::app::commands::screen::ScreenAction;
use crate::app::outcomes::Asker;
use crate::app::{Effect, Model, Msg, update};
use crate::clock::Clock;
use crate::config::{Changes, Covers};
use crate::library::lyrics::Lit;
use crate::notice::Kind;

use super::colour::Depth;
use super::gone::TerminalError;
use super::ground::Ground;
use super::haste::{self, Haste};
use super::keymap::Keymap;
use super::looks::Looks;
use super::pages::{PANES, help_subjects};
use super::prompt::Prompt;
use super::screen::{Request, Screen};
use super::theme::{Display, Theme};

use opened::Opened;

/// The environment of the loop.
pub trait Host {
    /// Carries out an effect. Must not block: the screen is not drawn meanwhile.
    fn effect(&mut self, effect: Effect);
    /// Called after every turn of the loop. Its cost must not depend on the length of the queue.
    fn changed(&mut self, _model: &Model) {}
}

/// Why the loop ended.
#[derive(Debug)]
pub enum Exit {
    /// The session has quit, or all senders of messages are gone.
    Quit,
    /// The terminal is gone, for this reason; the session was told to quit, which saves it.
    TerminalGone(TerminalError),
}

/// A session and its screen, without a terminal.
#[cfg_attr(test, derive(Clone))]
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
    /// What the commands of clients have opened, until their outcomes are known.
    opened: Opened,
    /// How soon the next frame is to be drawn.
    haste: Haste,
    /// What of the lyrics sounded in the last frame.
    lit: Option<Lit>,
    anew: bool,
    suspend: bool,
    detach: bool,
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
            opened: Opened::default(),
            haste: Haste::Now,
            lit: None,
            anew: false,
            suspend: false,
            detach: false,
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
            Some(Request::Detach) => self.detach = true,
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
                Effect::Answer { asker, outcome } => {
                    let outcome = self.opened.told(asker, outcome, &self.screen, &self.model);
                    host.effect(Effect::Answer { asker, outcome });
                }
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
        let msgs = self.screen.command(action, asker.is_some(), &self.model);
        self.asked(msgs.into_iter().map(|msg| msg.on_behalf(asker)).collect(), host);
        self.attend(host);
        if let Some(asker) = asker {
            self.opened.note(action, asker, &self.screen);
        }
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
            Err(why) => self.model.complain(why.to_string()),
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

impl Ui {
    /// Sets the model's time before a message or event is handled: without ticks it is not updated
    /// while the loop sleeps, and the machine may have slept too.
    fn at(&mut self, now: Duration, clock: &dyn Clock) -> &mut Ui {
        self.model.now = now;
        self.model.log.tune(now, clock.unix());
        self
    }
}
