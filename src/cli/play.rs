//! `jukebox [DIR|FILE…]` without a subcommand: the player in the terminal.

use std::fs::{File, OpenOptions};
use std::io::IsTerminal;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};
use clap::Args;

use super::named::{self, Named};
use super::{attach, demo, local};
use crate::app::commands::session::SessionAction;
use crate::app::{Effect, Model, Msg};
use crate::ask::protocol::{Reply, Request};
use crate::ask::screen::Attached;
use crate::audio::cue;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::files;
use crate::paths::Paths;
use crate::queue::director;
use crate::runtime::sessions::Sessions;
use crate::runtime::settings::Settings;
use crate::runtime::socket;
use crate::runtime::{Runtime, Setup, Started, signals};
use crate::store::private;
use crate::text;
use crate::tui::{self, Depth, Exit, Host, Keymap, Stage, Ui};

/// Options of the player.
#[derive(Debug, Args)]
pub struct PlayArgs {
    /// Your music directory, or files, playlists or cue sheets to play
    #[arg(value_name = "DIR|FILE")]
    pub paths: Vec<PathBuf>,
    /// Play into a silent, clocked sink instead of the sound card
    #[arg(long)]
    pub no_audio: bool,
    /// Play without a terminal; `jukebox` then shows the screen, and `:detach` leaves it
    #[arg(long)]
    pub headless: bool,
    /// Read this configuration instead of ~/.config/jukebox/config.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// Opens the player, or passes the files to the one that is running.
///
/// # Errors
/// When the music or the terminal cannot be used.
pub fn run(args: PlayArgs, config: Config, paths: Paths) -> Result<()> {
    let library = local::music_dir(None, &config);
    let (mut dirs, mut files) = (Vec::new(), Vec::new());
    for named in named::look_up(&args.paths, library.as_ref().ok().and_then(Option::as_deref))? {
        match named {
            Named::Dir(dir) => dirs.push(dir),
            Named::File(file) => files.push(file),
        }
    }
    if dirs.len() > 1 {
        bail!("name one music directory; put links into it to play from several (library.follow_links)");
    }
    match hand_over(&files, &dirs, &paths)? {
        Handed::Nobody => {}
        Handed::Taken => return Ok(()),
        Handed::Headless(_) if !args.headless => {
            terminal_is_usable()?;
            catch_panics();
            return attach::run(&config, &paths, mouse(&config));
        }
        Handed::Headless(pid) => bail!(running(pid, "`jukebox` shows its screen")),
    }
    let file = args.config.clone().unwrap_or_else(|| paths.config_file());
    let keys = Keymap::new(&config.ui.preset, &config.keys);
    let (keymap, warnings) = keys.map_err(|why| anyhow!("{}: {why}", file.display()))?;
    let conflict = first_conflict(&file, &warnings);
    if !args.headless {
        terminal_is_usable()?;
    }
    let (mut greeting, mut incomplete) = (None, false);
    let root = match dirs.first() {
        Some(dir) => local::music_dir(Some(dir), &config)?,
        None if files.is_empty() => library?,
        None => library?.filter(|root| files.iter().any(|f| f.starts_with(root))).or_else(|| around(&files)),
    };
    if let Some(root) = &root {
        let all = files.len();
        files.retain(|file| file.starts_with(root));
        if files.len() < all {
            let (n, dir) = (all - files.len(), root.display());
            let are = text::either(n, "is", "are");
            let text = format!("{n} of {all} files {are} outside the library ({dir}) and {are} left out");
            greeting = Some(Msg::obstacle(text));
        }
    }
    let root = match root {
        Some(root) => root,
        // A service that is started at login is not to play music that nobody asked for.
        None if args.headless => {
            bail!("no music directory: name one (`jukebox --headless DIR`), or set library.music in {}", file.display())
        }
        None => {
            let (dir, first) = demo::begin(&paths)?;
            let text = "no music directory: this is the demo library; start `jukebox DIR` to play yours";
            greeting = Some(Msg::hint(text));
            files.extend(first);
            incomplete = true;
            dir
        }
    };
    let start = Start { files, greeting, incomplete, headless: args.headless };
    open(
        Setup { paths, config, config_file: file.clone(), root, silent: args.no_audio },
        file,
        (keymap, conflict),
        start,
    )
}

/// The first warning about the keys of a file, and how many there are.
fn first_conflict(file: &Path, warnings: &[String]) -> Option<String> {
    let first = format!("{}: {}", file.display(), warnings.first()?);
    Some(match warnings.len() {
        1 => first,
        n => format!("{first} ({} more: `jukebox doctor`)", n - 1),
    })
}

/// The deepest directory that contains all files; the first file's own directory if that would be
/// the home directory, one above it, or a directory near the root.
fn around(files: &[PathBuf]) -> Option<PathBuf> {
    let first = files.first()?;
    let first = cue::split(first).map_or(first.as_path(), |(sheet, _)| sheet).parent()?;
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let all = first.ancestors().find(|dir| files.iter().all(|file| file.starts_with(dir)))?;
    let too_much = all.components().count() < 3 || home.is_some_and(|home| home.starts_with(all));
    Some(if too_much { first } else { all }.to_path_buf())
}

/// What became of the files that were handed to a running player.
enum Handed {
    /// None is running.
    Nobody,
    /// It took them.
    Taken,
    /// There were none, and it has no screen of its own. Its process id.
    Headless(Option<u32>),
}

/// Passes the files to a player that is already running.
fn hand_over(files: &[PathBuf], dirs: &[PathBuf], paths: &Paths) -> Result<Handed> {
    let request = if files.is_empty() { Request::Status } else { Request::Open(files.to_vec()) };
    match socket::ask(&paths.socket(), &request)? {
        None => Ok(Handed::Nobody),
        Some(Reply::Error(why)) => Err(anyhow!(why)),
        Some(Reply::Status(status)) if !status.of_player() => Err(anyhow!(
            "a scan is running{}; start the player when it has finished, or stop it: what it has found is kept",
            status.pid.map_or(String::new(), |pid| format!(" (pid {pid})"))
        )),
        Some(Reply::Status(status)) if status.headless && dirs.is_empty() => Ok(Handed::Headless(status.pid)),
        Some(Reply::Status(status)) => {
            let hint = if dirs.is_empty() { "`jukebox status` shows it" } else { "quit it to open another library" };
            Err(anyhow!(running(status.pid, hint)))
        }
        Some(Reply::Said(said)) => {
            super::print::note(&said);
            Ok(Handed::Taken)
        }
        Some(_) => Ok(Handed::Taken),
    }
}

/// That another player is running, and what to do.
fn running(pid: Option<u32>, hint: &str) -> String {
    format!("jukebox is already running{}; {hint}", pid.map_or(String::new(), |pid| format!(" (pid {pid})")))
}

/// # Errors
/// The reason why the terminal cannot show the player.
pub(super) fn terminal_is_usable() -> Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        bail!("not a terminal; use `jukebox scan`, `similar`, `signature` or `status`");
    }
    match std::env::var("TERM").as_deref() {
        Err(_) | Ok("" | "dumb") => {
            Err(anyhow!("this terminal cannot draw (TERM is unset or dumb); set TERM, for instance xterm-256color"))
        }
        Ok(_) => Ok(()),
    }
}

/// What the player begins with.
struct Start {
    /// Files to play.
    files: Vec<PathBuf>,
    greeting: Option<Msg>,
    /// The library is the demo library, of which pieces may be missing.
    incomplete: bool,
    /// Without a terminal.
    headless: bool,
}

fn open(setup: Setup, config_file: PathBuf, (keymap, conflict): (Keymap, Option<String>), start: Start) -> Result<()> {
    let (paths, root) = (setup.paths.clone(), setup.root.clone());
    for dir in [&paths.data, &paths.cache, &paths.state] {
        private::dir(dir).map_err(|e| {
            anyhow!("{}: cannot be created: {e}; set HOME or JUKEBOX_HOME to a writable place", dir.display())
        })?;
    }
    let log = files::with(OpenOptions::new().create(true).append(true).mode(0o600), &paths.log());
    let (log, _) = log.map_err(|e| anyhow!("{}: no log: {e}", paths.log().display()))?;
    if start.headless {
        super::print::note("playing without a screen: `jukebox` shows it, `jukebox send quit` ends it");
        // Whoever started it, such as a service manager, is told of troubles.
        if let Ok(stderr) = rustix::io::fcntl_dupfd_cloexec(std::io::stderr().as_fd(), 3) {
            super::print::tell_trouble(stderr);
        }
    }
    // Messages on stderr (from ALSA, panics of threads, or anything else) go to the log, not onto
    // the screen.
    let quiet = quiet_stderr(Some(log));
    catch_panics();
    // Limits heap fragmentation in a process that may run for days.
    jukebox_encoder::memory::large_blocks_apart();
    let config = setup.config.clone();
    let mut model = Model::new(&config, Some(setup.root.clone()));
    let sessions = Sessions::of(&paths, &setup.root);
    let Started { runtime, messages, inbox, heard, tallies } = Runtime::start(setup)?;
    // The session continues this history.
    model.heard = heard;
    model.tallies = tallies;
    model.headless = start.headless;
    let tell = |notice: Msg| drop(messages.send(notice));
    let (engines, faults) = director::names(&[paths.plugins()]);
    model.engines = engines;
    faults.into_iter().for_each(|text| tell(Msg::error(text)));
    let (session, notes) = sessions.load();
    notes.into_iter().for_each(|text| tell(Msg::error(text)));
    model.resume_later(session, start.files);
    start.greeting.into_iter().for_each(tell);
    conflict.into_iter().for_each(|text| tell(Msg::error(text)));
    if start.incomplete {
        demo::complete(root, messages.clone());
    }
    let quit = messages.clone();
    signals::start(move || drop(quit.send(Msg::command(SessionAction::Quit))), tui::terminal::restore)?;
    runtime.run(Effect::Player(crate::audio::Command::Shape(model.sounds.shape(model.play.volume))));
    let themes = paths.config.join("themes");
    let watched = Settings::watch(config_file, themes.clone(), paths.plugins(), messages.clone());
    let _settings = watched.inspect_err(|why| tell(Msg::error(why.to_string())));
    let depth = Depth::detect(|name| std::env::var(name).ok());
    let mut ui = Ui::new(model, keymap, &config.ui.theme, depth, Some(themes));
    ui.screen.columns.clone_from(&config.ui.columns.queue);
    ui.titled = config.ui.title;
    ui.covers = config.ui.covers;
    let (screens, arrivals) = crossbeam_channel::unbounded();
    let screens = start.headless.then_some(screens);
    let mut host = Plugged { runtime, paths, listening: false, messages, screens };
    let clock = SystemClock::new();
    ui.model.log.begin(clock.second_of_day());
    let ended = if start.headless {
        let mut stage = Stage::new(arrivals, config.ui.title);
        Ok(tui::show(&mut ui, &mut stage, &inbox, &clock, &mut host))
    } else {
        tui::run(&mut ui, mouse(&config), &inbox, &clock, &mut host).map_err(Error::from)
    };
    let kept = host.runtime.stop();
    tui::terminal::restore();
    drop(quiet);
    let why = match (ended, ui.model.fatal.take()) {
        (Err(why), _) => why,
        (_, Some(why)) => anyhow!(why),
        (Ok(Exit::Quit | Exit::TerminalGone(_)), None) => return kept.map_err(Error::msg),
    };
    kept.unwrap_or_else(|unsaved| super::print::error(&unsaved));
    Err(why)
}

/// Whether clicks and the wheel are heeded.
fn mouse(config: &Config) -> bool {
    config.ui.mouse && std::env::var_os("NO_MOUSE").is_none()
}

/// The ui loop's connections: effects go to the runtime, the model's state to the control socket.
struct Plugged {
    runtime: Runtime,
    paths: Paths,
    listening: bool,
    messages: crossbeam_channel::Sender<Msg>,
    /// Where terminals are handed that want to be attached; `None` for a player with a screen of its own.
    screens: Option<crossbeam_channel::Sender<Attached>>,
}

impl Host for Plugged {
    fn effect(&mut self, effect: Effect) {
        self.runtime.run(effect);
    }

    fn changed(&mut self, model: &Model) {
        // A first catalog means that this process holds the store, so an existing socket belongs to
        // a dead player.
        if !self.listening && model.opened {
            self.listening = true;
            if let Err(text) = self.runtime.listen(&self.paths, self.screens.clone()) {
                let _ = self.messages.send(Msg::error(text));
            }
        }
    }
}

/// Installs a panic hook: a panic on the ui thread restores the terminal before the message is printed. On other
/// threads the message goes to the log, and the thread's owner handles the failure.
pub(super) fn catch_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() == Some("main") {
            tui::terminal::restore();
        }
        tell(info);
    }));
}

/// Redirects stderr until dropped.
pub struct QuietStderr(Option<OwnedFd>);

/// Redirects file descriptor 2 to `log`, or to `/dev/null`.
pub fn quiet_stderr(log: Option<File>) -> QuietStderr {
    let Some(target) = log.or_else(|| OpenOptions::new().write(true).open("/dev/null").ok()) else {
        return QuietStderr(None);
    };
    let Ok(saved) = rustix::io::fcntl_dupfd_cloexec(std::io::stderr().as_fd(), 3) else { return QuietStderr(None) };
    let redirected = rustix::stdio::dup2_stderr(&target).is_ok();
    QuietStderr(redirected.then_some(saved))
}

impl Drop for QuietStderr {
    fn drop(&mut self) {
        if let Some(saved) = &self.0 {
            let _ = rustix::stdio::dup2_stderr(saved);
        }
    }
}
