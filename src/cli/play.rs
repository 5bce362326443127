//! `jukebox [DIR|FILE…]` without a subcommand: the player in the terminal.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::IsTerminal;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};
use clap::Args;

use super::{attach, demo, local};
use crate::app::commands::session::SessionAction;
use crate::app::state::model::HEARD;
use crate::app::{Effect, Model, Msg};
use crate::ask::protocol::{Reply, Request};
use crate::ask::screen::Attached;
use crate::audio::cue;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::files;
use crate::library::playlist;
use crate::paths::Paths;
use crate::queue::director;
use crate::runtime::sessions::Sessions;
use crate::runtime::settings::Settings;
use crate::runtime::socket;
use crate::runtime::{Runtime, Setup, Started, signals};
use crate::store::private;
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
    let (dirs, mut files) = sort_out(&args.paths, library.as_ref().ok().and_then(Option::as_deref))?;
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
            let text = format!("{n} of {all} files are outside the library ({dir}) and are left out");
            greeting = Some(Msg::obstacle(text));
        }
    }
    let root = match root {
        Some(root) => root,
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

/// A file's path as the library lists it: canonical except for links inside the library.
fn listed(file: &Path, library: Option<&Path>) -> std::io::Result<PathBuf> {
    let found = cue::canonicalize(file)?;
    let named = std::path::absolute(file)?;
    let plain = !named.components().any(|part| part == std::path::Component::ParentDir);
    let inside = library.filter(|root| plain && !found.starts_with(root)).and_then(|root| {
        let above = named.ancestors().skip(1).find(|dir| dir.canonicalize().is_ok_and(|dir| dir == root))?;
        Some(root.join(named.strip_prefix(above).ok()?))
    });
    Ok(inside.unwrap_or(found))
}

/// Audio files that cue sheets split into pieces, per directory that was searched.
#[derive(Default)]
struct Apart(HashMap<PathBuf, HashMap<PathBuf, Vec<PathBuf>>>);

impl Apart {
    /// The pieces into which a cue sheet in the file's directory, or in the one above, splits this file. The library
    /// lists the pieces instead of the file.
    fn pieces(&mut self, file: &Path) -> Option<&Vec<PathBuf>> {
        let dirs: Vec<PathBuf> = file.ancestors().skip(1).take(2).map(Path::to_path_buf).collect();
        for dir in &dirs {
            self.0.entry(dir.clone()).or_insert_with(|| Apart::look(dir));
        }
        dirs.into_iter().find_map(|dir| self.0.get(&dir)?.get(file))
    }

    fn look(dir: &Path) -> HashMap<PathBuf, Vec<PathBuf>> {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut sheets: Vec<PathBuf> = entries.filter(|path| cue::is_sheet(path)).collect();
        sheets.sort_unstable();
        let mut files: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
        for sheet in sheets {
            let mut own: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
            for (name, piece) in cue::pieces(&sheet, true).unwrap_or_default() {
                own.entry(piece.file).or_default().push(name);
            }
            // If several sheets split the same file, the first one counts.
            for (file, pieces) in own {
                files.entry(file).or_insert(pieces);
            }
        }
        files
    }

    /// The file, or its pieces, as the library lists them.
    fn listed(&mut self, path: &Path, library: Option<&Path>) -> Vec<PathBuf> {
        let Ok(file) = listed(path, library) else { return Vec::new() };
        if let Some(pieces) = self.pieces(&file) {
            return pieces.clone();
        }
        let inside = match crate::audio::probe::probe(&file) {
            Ok(sound) if cue::split(&file).is_none() => cue::pieces_inside(&file, sound.secs),
            _ => Vec::new(),
        };
        if inside.is_empty() { vec![file] } else { inside }
    }
}

/// Splits the arguments into directories and files, canonical except for links inside the library.
fn sort_out(arguments: &[PathBuf], library: Option<&Path>) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut dirs, mut files, mut apart) = (Vec::new(), Vec::new(), Apart::default());
    for path in arguments {
        match cue::canonicalize(path) {
            Ok(found) if found.is_dir() => dirs.push(found),
            Ok(found) if cue::split(&found).is_some() => files.extend(listed(path, library)),
            Ok(found) if cue::is_sheet(&found) => {
                let pieces = cue::pieces(&found, true).map_err(|e| anyhow!("{}: {e}", path.display()))?;
                if pieces.is_empty() {
                    let why = "each of its tracks is a file of its own; name the directory to play them";
                    bail!("{}: {why}", path.display());
                }
                let sheet = listed(path, library).unwrap_or(found);
                files.extend(pieces.iter().filter_map(|(name, _)| Some(sheet.join(name.file_name()?))));
            }
            Ok(found) if crate::track::is_audio(&found) => files.extend(apart.listed(path, library)),
            Ok(found) if playlist::is_playlist(&found) => {
                // Missing entries are skipped; `jukebox playlist check` reports them.
                let playable = |file: &PathBuf| cue::is_track(file) && cue::is_there(file);
                let read = |entry: PathBuf| playlist::located(entry, cue::is_there);
                let entries = playlist::paths(&found)?.into_iter().map(read).filter(playable);
                files.extend(entries.flat_map(|entry| apart.listed(&entry, library)));
                if files.is_empty() {
                    bail!(
                        "{}: none of its files exists; `jukebox playlist import` finds those that moved",
                        path.display()
                    );
                }
            }
            Ok(_) => {
                bail!("{}: neither a directory nor a music file that jukebox plays", path.display());
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                bail!("{}: no such directory or file; name your music directory", path.display());
            }
            Err(e) => bail!("{}: {e}", path.display()),
        }
    }
    if dirs.len() > 1 {
        bail!("name one music directory; put links into it to play from several (library.follow_links)");
    }
    // `album.*` matches both a cue sheet and the audio file that it splits.
    let mut named = HashSet::new();
    files.retain(|file| cue::split(file).is_none() || named.insert(file.clone()));
    Ok((dirs, files))
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
    // Each track once, at its latest position in the history, which the session continues.
    let mut seen = std::collections::HashSet::new();
    model.heard = heard.into_iter().rev().filter(|track| seen.insert(*track)).take(HEARD).collect();
    model.heard.reverse();
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
