//! The session's worker threads, which carry out effects and send messages back. Started once, stopped once.

mod ahead;
mod answerer;
mod art;
mod asks;
mod change_error;
mod changes;
mod covers;
pub mod diary;
mod directors;
pub mod engine;
mod expand;
mod fitted;
mod followers;
mod gate;
mod hooks;
mod import;
mod index;
pub mod learned;
pub mod learned_error;
mod listens;
mod lists;
mod lyrics;
mod maps;
mod mixes;
mod moods;
mod mpris;
mod next;
mod notebook;
mod notifications;
pub(crate) mod orders;
mod past;
pub(crate) mod playlists;
mod plugins;
mod reader;
pub mod sessions;
mod set_error;
mod sets;
pub mod settings;
pub mod signals;
mod signatures;
mod snapshot;
pub mod socket;
pub mod start_error;
mod tracer;
mod training;
mod trials;
mod waiting;
mod ways;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use self::answerer::{answerer, wished};
use self::art::Art;
use self::diary::{Diary, Line};
use self::engine::Ask;
use self::followers::Followers;
use self::gate::Gate;
use self::next::Usually;
use self::notebook::Notebook;
use self::past::Past;
use self::snapshot::Snapshots;
use self::socket::Server;
use self::socket::SocketError;
use self::start_error::StartError;
use self::waiting::Waiting;
use self::ways::{Ways, pass};
use crate::analysis::jobs::Job;
use crate::analysis::pool::{self, Idler};
use crate::analysis::{Analysis, Options, Order, coordinator::HELD};
use crate::app::effect::{MoodOrder, PlaylistOrder};
use crate::app::outcomes::Asker;
use crate::app::state::bounds::Until;
use crate::app::{Effect, Msg};
use crate::ask::fields;
use crate::ask::screen::Attached;
use crate::audio::output::OutputKind;
use crate::audio::player::Player;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::library::dimensions::OwnNames;
use crate::library::journal::Tallies;
use crate::library::lyrics::Words;
use crate::library::playlists::Playlists;
use crate::paths::Paths;
use crate::queue::plugin::Shelf;
use crate::store::{Pictures, wait_until_free};
use crate::track::TrackId;

/// How long writing may take at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// The parameters of [`Runtime::start`].
pub struct Setup {
    /// The program's directories.
    pub paths: Paths,
    /// The configuration.
    pub config: Config,
    /// Its file, which need not exist.
    pub config_file: PathBuf,
    /// The music directory, canonical.
    pub root: PathBuf,
    /// Whether to use the silent sink.
    pub silent: bool,
}

/// The result of [`Runtime::start`].
pub struct Started {
    /// The workers.
    pub runtime: Runtime,
    /// The sender to the session's inbox.
    pub messages: Sender<Msg>,
    /// The inbox.
    pub inbox: Receiver<Msg>,
    /// The tracks heard last according to the journal, each once, the latest last.
    pub heard: Vec<TrackId>,
    /// Plays, ratings and the like, summed over the journal.
    pub tallies: Tallies,
}

/// The running workers.
pub struct Runtime {
    /// The gate, with the player behind it.
    gate: Gate,
    analysis: Analysis,
    lyrics: reader::Reader<()>,
    covers: covers::Covers,
    follow_links: bool,
    training: Sender<training::Ask>,
    maps: Sender<maps::Word>,
    tracer: tracer::Tracer,
    engine: Sender<Ask>,
    notebook: Notebook,
    messages: Sender<Msg>,
    waiting: Arc<Waiting>,
    followers: Arc<Followers>,
    /// The log of listens, if the user wants one.
    listens: Option<listens::Log>,
    server: Option<Server>,
    /// Directories for what could not be written at the end.
    refuges: Vec<PathBuf>,
}

impl Runtime {
    /// Starts every worker.
    ///
    /// # Errors
    /// When a thread cannot be started. Lesser faults arrive as notices.
    pub fn start(setup: Setup) -> Result<Started, StartError> {
        let Setup { paths, config, config_file, root, silent } = setup;
        let (messages, inbox) = crossbeam_channel::unbounded();
        // First of all: what it reads is the first screen.
        let snapshots = Snapshots::start(&paths, &root).map_err(StartError::thread("the thread 'snapshot'"))?;
        // Another command may still hold the store for a moment, and write the journal meanwhile.
        wait_until_free(&paths.store(), HELD);
        let (diary, entries) = Diary::start(&paths, &root, messages.clone())?;
        let Past { tallies, taste, recent, heard } = Past::of(&entries);
        drop(entries);
        let own = (fields::language(&config.filters), tallies.clone(), taste);
        let usually = Usually::start(&paths, recent, messages.clone())?;
        let (words, asked) = Words::in_file(paths.lyrics());
        let engine = engine::start(
            engine::Plugins {
                dirs: vec![paths.plugins()],
                options: config.engines.clone(),
                states: Shelf::in_dir(paths.plugin_states()),
            },
            (paths.signatures(), Playlists::in_dir(paths.playlists()), OwnNames::in_file(paths.dimensions())),
            own,
            (usually, words.clone()),
            config.queue.weights,
            messages.clone(),
        )?;
        let device = Some(config.player.device.clone()).filter(|id| !id.is_empty());
        let started = if silent { Player::start(OutputKind::Silent) } else { Player::start_on(device) };
        let (player, events) = started.map_err(StartError::thread("the player's thread"))?;
        let opener = Idler::start("open", pool::spec("open"))?;
        let out = messages.clone();
        let told = move |event| drop(out.send(Msg::Player(event)));
        let gate = Gate::start(opener, move |command| player.send(command), told)
            .map_err(StartError::thread("the thread before the player"))?;
        let out = messages.clone();
        let reader = Idler::start("lyrics-read", pool::prompt_reader(config.library.tag_encoding))?;
        let lyrics =
            lyrics::start(reader, move |msg| drop(out.send(msg))).map_err(StartError::thread("the thread 'lyrics'"))?;
        let training = training::start(&paths, &config_file, messages.clone())
            .map_err(StartError::thread("the thread 'training'"))?;
        let (out, follow_links) = (messages.clone(), config.library.follow_links);
        let reader = Idler::start("covers-read", pool::prompt_reader(config.library.tag_encoding))?;
        let covers = covers::Covers::start(reader, follow_links, move |msg| drop(out.send(msg)))
            .map_err(StartError::thread("the thread 'covers'"))?;
        let out = messages.clone();
        let (library, catalogs) = crossbeam_channel::unbounded();
        let (worker, follow_links) = (pool::reader(config.library.tag_encoding), config.library.follow_links);
        let readers = words::Readers { words, asked, catalogs, worker, follow_links };
        words::start(readers, SystemClock::new(), move |msg| drop(out.send(msg)))
            .map_err(StartError::thread("the thread 'lyrics-words'"))?;
        let gate_words = gate.words();
        let maps = maps::start(paths.maps(), engine.clone(), messages.clone())
            .map_err(StartError::thread("the thread 'map'"))?;
        let index = index::start(index::Terms::default(), engine.clone(), messages.clone())
            .map_err(StartError::thread("the thread 'index'"))?;
        let out = messages.clone();
        let reader = Idler::start("spectrogram-read", pool::reader(config.library.tag_encoding))?;
        let tracer = tracer::Tracer::start(reader, move |msg| drop(out.send(msg)))
            .map_err(StartError::thread("the thread 'spectrogram'"))?;
        let ways = Arc::new(Ways {
            messages: messages.clone(),
            engine: engine.clone(),
            gate: gate_words,
            library,
            maps: maps.clone(),
            index,
            snapshots,
        });
        let of_preview = ways.clone();
        let options = Options {
            paths: paths.clone(),
            root: root.clone(),
            follow_links: config.library.follow_links,
            poll: Duration::from_secs(config.library.poll),
            workers: config.analysis.workers,
            device: config.analysis.device.clone(),
            tag_encoding: config.library.tag_encoding,
            watch: true,
            full: false,
            listen: true,
            loudness: config.analysis.loudness,
        };
        let (analysis, updates) = Analysis::start_after(move || of_preview.preview(), options)?;
        let out = messages.clone();
        forward("player-events", events, move |event| out.send(Msg::Player(event)).is_ok())?;
        forward("updates", updates, move |update| pass(update, &ways))?;
        let followers: Arc<Followers> = Arc::default();
        if config.hooks.any() {
            hooks::start(config.hooks.clone(), followers.join(), messages.clone())?;
            let _ = messages.send(Msg::Announce);
        }
        let reader = pool::prompt_reader(config.library.tag_encoding);
        let art = Arc::new(Art::new(reader, Pictures::in_dir(paths.covers()), config.library.follow_links));
        if config.player.mpris {
            let out = messages.clone();
            let wish = move |wish| drop(out.send(wished(wish)));
            mpris::start(followers.join(), art.clone(), wish, |why| crate::out::note(&why))?;
            let _ = messages.send(Msg::Announce);
        }
        if config.player.notifications {
            notifications::start(followers.join(), art)?;
            let _ = messages.send(Msg::Announce);
        }
        let log = Some(&config.history.log).filter(|log| !log.as_os_str().is_empty());
        // A name alone is a file among the user's data.
        let listens = log
            .map(|log| listens::Log::start(paths.data.join(sets::home_relative(log)), messages.clone()))
            .transpose()?;
        let runtime = Runtime {
            gate,
            analysis,
            lyrics,
            training,
            covers,
            follow_links,
            maps,
            tracer,
            notebook: Notebook::new(diary, engine.clone(), messages.clone(), paths.journal()),
            engine,
            messages: messages.clone(),
            waiting: Arc::default(),
            followers,
            listens,
            server: None,
            refuges: vec![paths.runtime.clone(), std::env::temp_dir()],
        };
        runtime.notebook.diary.write(Line::Playlists(PlaylistOrder::Names, None));
        runtime.notebook.diary.write(Line::Moods(MoodOrder::Names, None));
        Ok(Started { runtime, messages, inbox, heard, tallies })
    }

    /// Opens the control socket. Only the process that holds the store may: the analysis's first catalog tells. Terminals that
    /// want to show the screen are handed to `screens`; without it the player has a screen of its own.
    ///
    /// # Errors
    /// One line when the socket cannot be made; the player works without it.
    pub fn listen(&mut self, paths: &Paths, screens: Option<Sender<Attached>>) -> Result<(), SocketError> {
        let answer = answerer(
            screens,
            (self.messages.clone(), self.engine.clone()),
            self.notebook.clone(),
            self.waiting.clone(),
            self.followers.clone(),
        );
        self.server = Some(Server::start(&paths.socket(), answer)?);
        Ok(())
    }

    /// Carries out an effect, except those of the screen (theme, settings, screen commands, quit).
    pub fn run(&self, effect: Effect) {
        match effect {
            Effect::For { asker, effect } => self.run_for(*effect, asker),
            Effect::Answer { asker, outcome } => self.waiting.answer(asker, outcome),
            Effect::Announce { changed, all } => self.followers.tell(changed, all),
            Effect::Face { asker, face } => self.waiting.show(asker, face),
            Effect::Player(command) => self.gate.send(command),
            Effect::Propose { request, engine, situation, choice, want } => {
                let _ = self.engine.send(Ask::Propose { request, engine, situation, choice, want });
            }
            Effect::Until { minute, asked } => drop(self.messages.send(until(minute, asked))),
            Effect::Signature { playlist, choice } => {
                let _ = self.engine.send(Ask::Describe { playlist, choice });
            }
            Effect::Try(trying) => drop(self.engine.send(Ask::Try(trying))),
            Effect::Sets(order) => drop(self.engine.send(Ask::Sets(order))),
            Effect::ReadySearch { fuzzy } => drop(self.engine.send(Ask::ReadySearch { fuzzy })),
            Effect::Filter { text, followed, choice } => {
                let _ = self.engine.send(Ask::Filter { text, followed, choice });
            }
            Effect::Expand(expanding) => drop(self.engine.send(Ask::Expand(expanding))),
            Effect::Rediscover(wanted) => drop(self.engine.send(Ask::Rediscover(wanted))),
            Effect::Mix(mixing) => drop(self.engine.send(Ask::Mix(mixing))),
            Effect::Smart { name, smart, placing } => drop(self.engine.send(Ask::Smart { name, smart, placing })),
            Effect::Playlist { name, playlist, placing } => {
                let _ = self.engine.send(Ask::Playlist { name, playlist, placing });
            }
            Effect::Count(line) => drop(self.engine.send(Ask::Count(line))),
            Effect::Lyrics(path) => self.lyrics.ask(Job::Lyrics { path, follow_links: self.follow_links }, ()),
            Effect::Cover(wanted) => self.covers.ask(*wanted),
            Effect::Train(order) => drop(self.training.send((order, None))),
            Effect::Map(order) => drop(self.maps.send(maps::Word::Order(order))),
            Effect::Chart(wanted) => drop(self.engine.send(Ask::Chart(wanted))),
            Effect::Within(area) => drop(self.engine.send(Ask::Within(area))),
            Effect::Trace(piece) => self.tracer.trace(piece),
            Effect::Figures(paths) => self.tracer.draw(paths),
            Effect::Lists => drop(self.engine.send(Ask::Lists)),
            Effect::Cards => drop(self.engine.send(Ask::Cards)),
            Effect::Duplicates => drop(self.engine.send(Ask::Duplicates)),
            Effect::Words(path) => drop(self.engine.send(Ask::Words(path))),
            Effect::Arrange(wanted) => drop(self.engine.send(Ask::Arrange(wanted))),
            Effect::Inspect(path) => drop(self.engine.send(Ask::Inspect(path))),
            Effect::Explain(words) => drop(self.engine.send(Ask::Explain(words))),
            Effect::Rename { dim, name } => drop(self.engine.send(Ask::Rename { dim, name })),
            Effect::Prefer { path, chosen } => self.analysis.order(Order::Prefer { path, chosen }),
            Effect::Suspect { path, missing } => self.analysis.order(Order::Suspect { path, missing }),
            Effect::Rescan(number) => self.analysis.order(Order::Rescan(number)),
            Effect::Heard { song, secs, whole, ended } => {
                if let Some(log) = &self.listens {
                    log.heard(&song, secs, whole, SystemClock::new().unix());
                }
                if let Some(event) = listens::event(song.track, secs, whole, ended) {
                    self.notebook.note(event);
                }
            }
            Effect::Note(event) => self.notebook.note(event),
            Effect::Taste => drop(self.engine.send(Ask::Taste)),
            Effect::Playlists(order) => self.notebook.diary.write(Line::Playlists(order, None)),
            Effect::Moods(order) => self.notebook.diary.write(Line::Moods(order, None)),
            Effect::Signatures(order) => self.notebook.diary.write(Line::Signatures(order, None)),
            Effect::Save(session) => self.notebook.diary.write(Line::Session(session)),
            Effect::SavePlace(place) => self.notebook.diary.write(Line::Place(place)),
            Effect::Theme(_) | Effect::Themes | Effect::Settings(_) | Effect::Screen(_) | Effect::Quit => {}
        }
    }

    /// Carries out an effect for a client that waits for the outcome.
    fn run_for(&self, effect: Effect, asker: Asker) {
        let ask = match effect {
            Effect::Playlists(order) => return self.notebook.diary.write(Line::Playlists(order, Some(asker))),
            Effect::Moods(order) => return self.notebook.diary.write(Line::Moods(order, Some(asker))),
            Effect::Signatures(order) => return self.notebook.diary.write(Line::Signatures(order, Some(asker))),
            Effect::Train(order) => return drop(self.training.send((order, Some(asker)))),
            Effect::Try(trying) => Ask::Try(trying),
            Effect::Sets(order) => Ask::Sets(order),
            Effect::Filter { text, followed, choice } => Ask::Filter { text, followed, choice },
            Effect::Expand(expanding) => Ask::Expand(expanding),
            Effect::Rediscover(wanted) => Ask::Rediscover(wanted),
            Effect::Mix(mixing) => Ask::Mix(mixing),
            Effect::Smart { name, smart, placing } => Ask::Smart { name, smart, placing },
            Effect::Playlist { name, playlist, placing } => Ask::Playlist { name, playlist, placing },
            Effect::Cards => Ask::Cards,
            Effect::Duplicates => Ask::Duplicates,
            Effect::Words(path) => Ask::Words(path),
            Effect::Explain(words) => Ask::Explain(words),
            Effect::Rename { dim, name } => Ask::Rename { dim, name },
            Effect::Taste => Ask::Taste,
            Effect::Note(event) => return self.notebook.note_for(event, asker),
            Effect::Until { minute, asked } => {
                let _ = self.messages.send(until(minute, asked).on_behalf(Some(asker)));
                return drop(self.messages.send(Msg::Ended(asker)));
            }
            other => {
                self.run(other);
                return drop(self.messages.send(Msg::Ended(asker)));
            }
        };
        let _ = self.engine.send(Ask::For { asker, ask: Box::new(ask) });
    }

    /// Stops every worker, after pending data has been written.
    ///
    /// # Errors
    /// Which of the user's data could not be written, where it is kept instead, and why.
    pub fn stop(self) -> Result<(), String> {
        drop(self.server);
        self.gate.send(crate::audio::Command::Quit);
        let left = self.notebook.diary.flush(FAREWELL);
        let unsaved = diary::farewell(left, &self.refuges);
        // After the journal: the log may lie on a disk that does not answer, and after a signal there is little time.
        if let Some(log) = &self.listens {
            log.flush(FAREWELL);
        }
        self.analysis.stop(Duration::from_millis(700));
        unsaved.map_or(Ok(()), Err)
    }
}

fn forward<T: Send + 'static>(
    name: &str,
    from: Receiver<T>,
    mut pass: impl FnMut(T) -> bool + Send + 'static,
) -> Result<(), StartError> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            for item in from {
                if !pass(item) {
                    return;
                }
            }
        })
        .map(|_| ())
        .map_err(StartError::thread(&format!("the thread '{name}'")))
}

/// How long it is until a time of day, in minutes after midnight; a day from now if it is just that time.
fn until(minute: u16, asked: Until) -> Msg {
    let (then, now) = (60 * u64::from(minute), SystemClock::new().second_of_day());
    let secs = if then > now { then - now } else { then + 86_400 - now };
    Msg::Until { minute, secs: secs as f64, asked }
}
