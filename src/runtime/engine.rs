//! The engine thread: holds the newest catalog and space, asks the playlist engines, answers questions about the
//! library. A panic loses only the question that caused it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use super::ahead::Ahead;
pub use super::asks::Ask;
pub use super::directors::Plugins;
use super::expand;
use super::fitted::Fitted;
use super::lists::Readings;
use super::mixes;
use super::next::Usually;
use super::past::Past;
use super::playlists;
use super::set_error::SetError;
use super::sets;
use super::start_error::StartError;
use super::trials::{self, Trials};
use crate::app::effect::{Mixing, Rediscovering};
use crate::app::msg::{Msg, Situation};
use crate::app::state::lists::{Counted, Placing};
use crate::ask::answers::Answers;
use crate::ask::duplicates::{self, Kind, SHOWN};
use crate::ask::known::Known;
use crate::ask::map::Charts;
use crate::ask::protocol::{Reply, Request};
use crate::ask::rediscover::rediscovered;
use crate::ask::taste;
use crate::clock::{Clock, SystemClock};
use crate::config::Weights;
use crate::latent::{Choice, Fits};
use crate::library::Song;
use crate::library::dimensions::OwnNames;
use crate::library::filter::Language;
use crate::library::journal::{Entry, Event, Tallies};
use crate::library::lyrics::Words;
use crate::library::playlist::smart::Smart;
use crate::library::playlists::Playlists;
use crate::library::rows::Rows;
use crate::library::signatures::Signatures;
use crate::queue::Director;
use crate::queue::taste::Learner;

/// The number of tracks whose match to a question is explained.
const EXPLAINED: usize = 40;
/// How long no further trial must be asked for until it is found out how far the last one is to be trusted.
const REST: Duration = Duration::from_millis(300);

/// Starts the thread; it ends when every sender is gone.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    plugins: Plugins,
    (signatures, playlists, named): (PathBuf, Playlists, OwnNames),
    own: (Language, Tallies, Learner),
    (usually, words): (Usually, Words),
    weights: Weights,
    messages: Sender<Msg>,
) -> Result<Sender<Ask>, StartError> {
    let (sender, asked) = crossbeam_channel::unbounded();
    let answers = Answers::new(Arc::default(), Arc::default(), Signatures::in_dir(signatures))
        .with_own(own.0, own.1)
        .with_lyrics(words)
        .with_names(named)
        .with_taste(own.2);
    std::thread::Builder::new()
        .name("engine".into())
        .spawn(move || run(&plugins, (answers, playlists), usually, weights, &asked, &messages))
        .map_err(StartError::thread("the engine's thread"))?;
    Ok(sender)
}

fn run(
    plugins: &Plugins,
    (answers, playlists): (Answers, Playlists),
    usually: Usually,
    weights: Weights,
    asked: &Receiver<Ask>,
    messages: &Sender<Msg>,
) {
    let names = answers.signatures.names();
    let mut engine = Engine {
        answers,
        playlists,
        readings: Readings::default(),
        director: plugins.director(),
        trials: Trials::new(plugins.director_of_trials()),
        usually,
        weights,
        charts: Charts::default(),
        told: false,
        fitted: None,
        fits: Arc::default(),
        owed: false,
        ahead: Ahead::default(),
        taste_noted: false,
        // Fault injection for the tests: the first proposal panics.
        fault: std::env::var_os("JUKEBOX_FAULT").is_some_and(|f| f == "panic:engine"),
        mixing: None,
    };
    let _ = messages.send(Msg::SavedNames(names));
    let mut next = None;
    loop {
        if next.is_none() && asked.is_empty() && engine.owed {
            tell_owed(&mut engine, messages);
        }
        // Takes a moment, which the next key would have to wait for.
        if next.is_none() && engine.trials.owes() {
            next = asked.recv_timeout(REST).ok();
            if next.is_none() {
                tell_trust(&mut engine, messages);
            }
        }
        // Learns taste while idle.
        if next.is_none() && asked.is_empty() && catch_unwind(AssertUnwindSafe(|| engine.learn(messages))).is_err() {
            engine.answers.taste = Arc::default();
            let text = "learning your taste failed; it is not used until the next start; see the log".to_string();
            let _ = messages.send(Msg::engine_error(text));
        }
        let Some(mut ask) = next.take().or_else(|| asked.recv().ok()) else { break };
        // If letters are typed faster than filters are answered, only the last filter matters; so with the rows
        // of the library, the track of the info panel and trials.
        while ask.is_typed() && next.is_none() {
            match asked.try_recv() {
                Ok(later) if later.supersedes(&ask) => ask = later,
                Ok(other) => next = Some(other),
                Err(_) => break,
            }
        }
        let request = match &ask {
            Ask::Propose { request, .. } => Some(*request),
            _ => None,
        };
        let trial = if let Ask::For { ask, .. } = &ask { ask.trial() } else { ask.trial() };
        let (ask, asker) = match ask {
            Ask::For { asker, ask } => (*ask, Some(asker)),
            ask => (ask, None),
        };
        let (found, findings) = crossbeam_channel::unbounded();
        let out = if asker.is_some() { &found } else { messages };
        let answered = catch_unwind(AssertUnwindSafe(|| engine.answer(ask, out)));
        let broke = answered.is_err().then(|| {
            let text = "the playlist engine crashed and was restarted; see the log";
            Msg::engine_error(text)
        });
        findings.try_iter().chain(broke).for_each(|msg| drop(messages.send(msg.on_behalf(asker))));
        if let Some(asker) = asker {
            let _ = messages.send(Msg::Ended(asker));
        }
        if answered.is_err() {
            // Its state is unreliable after a panic.
            engine.director = plugins.director();
            engine.trials = Trials::new(plugins.director_of_trials());
            if let Some(request) = request {
                let _ = messages.send(Msg::Picks { request, picks: Vec::new(), note: None });
            }
            if let Some(request) = trial {
                let _ = messages.send(Msg::Tried { request, tried: Err("the engine crashed; see the log".into()) });
            }
        }
    }
}

/// Sends the cards that are owed. Where they cannot be made, reasons do with fewer words.
fn tell_owed(engine: &mut Engine, messages: &Sender<Msg>) {
    engine.owed = false;
    // The panic itself is in the log.
    let _ = catch_unwind(AssertUnwindSafe(|| engine.tell_cards(false, messages)));
}

/// Sends how far the last trial is to be trusted. Where that cannot be found out, it stays unknown.
fn tell_trust(engine: &mut Engine, messages: &Sender<Msg>) {
    let trusted = catch_unwind(AssertUnwindSafe(|| engine.trials.trusted(&engine.answers)));
    if let Ok(Some((request, confidence))) = trusted {
        let _ = messages.send(Msg::Trusted { request, confidence });
    }
}

struct Engine {
    answers: Answers,
    playlists: Playlists,
    readings: Readings,
    director: Director,
    trials: Trials,
    usually: Usually,
    weights: Weights,
    /// The map.
    charts: Charts,
    /// Whether the cards of this space and catalog were sent.
    told: bool,
    /// Whether they are to be sent as soon as nothing else is asked.
    owed: bool,
    /// What is made before it is asked for: the groups of versions of one song, perhaps of an older library.
    ahead: Ahead,
    /// What the fits that were last sent are of.
    fitted: Option<Fitted>,
    /// Those fits.
    fits: Arc<Fits>,
    /// Whether any event about taste occurred since the start.
    taste_noted: bool,
    fault: bool,
    /// The day's mixes, to be made as soon as there are latents.
    mixing: Option<Box<Mixing>>,
}

impl Engine {
    /// Answers a message. Answers to a session that is gone are dropped.
    fn answer(&mut self, ask: Ask, messages: &Sender<Msg>) {
        let tell = |msg: Msg| drop(messages.send(msg));
        match ask {
            Ask::Catalog(catalog) => {
                self.answers = self.answers.clone().with_catalog(catalog);
                self.told = false;
                self.ahead.begin(&self.answers);
            }
            Ask::Space(space) => {
                // A restored queue has reasons, whose words come from the cards, although nothing is asked for it.
                self.owed |= self.answers.space.is_empty() && !space.is_empty();
                self.answers = self.answers.clone().with_space(space);
                self.told = false;
                self.ahead.begin(&self.answers);
                tell(Msg::Names(self.answers.names()));
                if let Some(mixing) = self.mixing.take() {
                    self.answer(Ask::Mix(mixing), messages);
                }
            }
            Ask::Searcher(searcher) => self.answers.search_with(searcher),
            Ask::Propose { request, engine, situation, choice, want } => {
                assert!(!std::mem::take(&mut self.fault), "fault injected by JUKEBOX_FAULT");
                self.answers.follow(situation.playlist.clone(), choice.clone());
                let ready = self.ready(&situation, request, messages);
                let context = trials::context(&self.answers, ready(*situation, choice));
                let (picks, note) = self.director.picks(&context, &engine, want);
                if let Some(text) = self.director.take_scarce() {
                    tell(Msg::Scarce { request, text });
                }
                tell(Msg::Picks { request, picks, note });
                self.director.take_lines().into_iter().for_each(|line| tell(Msg::Logged(line)));
                // The cards, which the reasons need, are made after the picks.
                self.tell_cards(false, messages);
                self.tell_fits(messages);
                self.ahead.renew(&self.answers);
            }
            Ask::Try(trying) => {
                let request = trying.request;
                let ready = self.ready(&trying.situation, trying.number, messages);
                let tried = self.trials.tried(&self.answers, &self.playlists, *trying, ready);
                tell(Msg::Tried { request, tried: tried.map(Box::new).map_err(|why| why.to_string()) });
                self.tell_cards(false, messages);
            }
            Ask::Describe { playlist, choice } => {
                self.answers.follow(playlist.clone(), choice.clone());
                match self.answers.describe(&playlist, &choice) {
                    Some(report) => tell(Msg::Signature(Box::new(report))),
                    // The page says that nothing is chosen.
                    None if playlist.is_empty() => {}
                    None => tell(Msg::obstacle("no signature yet: nothing of the playlist is analysed")),
                }
                self.tell_cards(false, messages);
                self.tell_fits(messages);
            }
            Ask::Noted(entry) => {
                self.note(&entry, messages);
                self.usually.note(&entry, &self.answers.catalog, &self.answers.space);
            }
            Ask::Imported(past) => {
                let Past { tallies, taste, recent, .. } = *past;
                self.answers.recall(tallies, taste);
                self.usually.renew(recent, &self.answers.catalog, &self.answers.space);
            }
            Ask::Files => {
                tell(Msg::SavedNames(self.answers.signatures.names()));
                if self.answers.read_names() {
                    tell(Msg::Names(self.answers.names()));
                    self.tell_cards(true, messages);
                }
            }
            Ask::Settled => {
                self.owed |= !self.told && !self.answers.space.is_empty();
                self.usually.settle(&self.answers.catalog, &self.answers.space);
            }
            Ask::Expand(expanding) => {
                let ready = self.ready(&expanding.situation, 0, messages);
                let name = expanding.name.clone();
                tell(match expand::songs(&self.answers, &self.playlists, *expanding, ready) {
                    Ok(songs) => Msg::Expand { name, songs },
                    // It names the playlist itself.
                    Err(SetError::Playlist(why)) if !why.is_empty() => Msg::error(why),
                    Err(why) => Msg::error(format!("{name}: {why}")),
                });
            }
            Ask::Rediscover(wanted) => {
                let Rediscovering { count, days, situation } = *wanted;
                let ready = self.ready(&situation, 0, messages);
                let context = trials::context(&self.answers, ready(situation, Choice::Auto));
                tell(match rediscovered(&context, count, days) {
                    Ok(songs) => Msg::Queue {
                        name: "rediscovered".into(),
                        songs,
                        notes: String::new(),
                        placing: Placing::Append,
                    },
                    Err(why) => Msg::obstacle(why),
                });
            }
            Ask::Mix(mixing) => {
                let now = SystemClock::new().moment();
                if !mixing.asked && self.answers.space.is_empty() {
                    // The library is still being read.
                    self.mixing = Some(mixing);
                } else if mixes::are_due(&self.playlists, &mixing, now) {
                    let ready = self.ready(&mixing.situation, 0, messages);
                    mixes::made(&self.answers, *mixing, now, ready).into_iter().for_each(tell);
                }
            }
            Ask::Smart { name, smart, placing } => tell(match self.answers.smart(&smart) {
                Ok(songs) => {
                    let notes = self.answers.not_understood(&smart.filter);
                    Msg::Queue { name, songs, notes: notes.iter().map(|note| format!("; {note}")).collect(), placing }
                }
                Err(why) => Msg::error(format!("{name}: {}", why.line())),
            }),
            Ask::Playlist { name, playlist, placing } => {
                tell(playlists::find(&self.answers.catalog, name, &playlist, placing));
            }
            Ask::Count(line) => {
                let count = |songs: Vec<Arc<Song>>| (songs.len(), songs.iter().map(|song| song.secs).sum());
                let found = match Smart::typed(&line) {
                    Ok(smart) => self.answers.smart(&smart).map(count).map_err(|why| why.line()),
                    Err(why) => Err(why.to_string()),
                };
                tell(Msg::Counted(Counted { line, found }));
            }
            Ask::ReadySearch { fuzzy } => self.answers.ready_search(fuzzy),
            Ask::Filter { text, followed, choice } => {
                self.answers.follow(followed, choice);
                let found = self.answers.filtered(&text).map(Arc::new);
                let nothing = found.as_ref().is_ok_and(|songs| songs.is_empty());
                let hint = if nothing { self.answers.near_miss(&text) } else { None };
                tell(Msg::Filtered { text, found, hint });
            }
            Ask::Lists => tell(Msg::Lists(self.readings.all(&self.answers, &self.playlists))),
            Ask::Cards => self.tell_cards(true, messages),
            Ask::Arrange(wanted) => {
                let Answers { tallies, space, .. } = &self.answers;
                let known = Known { tallies, space, fits: &self.fits };
                tell(Msg::Arranged(Box::new(Rows::of(*wanted, &known))));
            }
            Ask::Places(places) => {
                self.charts.put(places.clone());
                self.answers = self.answers.clone().with_places(places);
            }
            Ask::Chart(wanted) => {
                let Answers { tallies, space, catalog, .. } = &self.answers;
                let known = Known { tallies, space, fits: &self.fits };
                let find = |text: &str| self.answers.filtered(text);
                tell(Msg::Charted(Box::new(self.charts.chart(*wanted, catalog, &known, &find))));
            }
            Ask::Within(area) => tell(Msg::Within(self.charts.within(&area, &self.answers.catalog))),
            Ask::Inspect(path) => tell(Msg::Inspected(Box::new(self.answers.inspect(&path)))),
            Ask::Words(path) => tell(match self.answers.tags(&path) {
                Ok(card) => Msg::Told { title: "Words".into(), lines: card.lines(false) },
                Err(text) => Msg::error(text),
            }),
            Ask::Explain(words) => tell(match self.answers.find(&words, EXPLAINED) {
                Ok(found) => {
                    Msg::Explained { title: format!("find {words}"), lines: found.lines(), notes: found.notes }
                }
                Err(text) => Msg::error(text),
            }),
            Ask::Rename { dim, name } => match self.answers.rename(&dim, &name) {
                Ok(text) => {
                    tell(Msg::Names(self.answers.names()));
                    self.tell_cards(true, messages);
                    tell(Msg::success(text));
                }
                Err(text) => tell(Msg::error(text)),
            },
            Ask::Duplicates => {
                let groups = self.answers.duplicates(Kind::All);
                tell(match groups.is_empty() {
                    true => Msg::hint(duplicates::summary(&groups)),
                    false => {
                        Msg::Told { title: duplicates::summary(&groups), lines: duplicates::lines(&groups, SHOWN) }
                    }
                });
            }
            Ask::Taste => {
                self.learn(messages);
                let lines = taste::lines(&self.answers.taste_report(), &self.answers.cards());
                tell(Msg::Told { title: "Taste".into(), lines });
            }
            // Unwrapped in the loop.
            Ask::For { ask, .. } => self.answer(*ask, messages),
            Ask::Sets(order) => sets::carry_out(&self.answers, order).into_iter().for_each(tell),
            // The asker may be gone; its answer is dropped.
            Ask::Question { request: Request::Rename { dim, name }, reply } => {
                let said = self.answers.rename(&dim, &name);
                tell(Msg::Names(self.answers.names()));
                self.tell_cards(true, messages);
                drop(reply.send(said.map_or_else(Reply::Error, Reply::Said)));
            }
            Ask::Question { request, reply } => {
                if matches!(request, Request::Taste | Request::Triplet { .. }) {
                    self.learn(messages);
                }
                drop(reply.send(self.answers.reply(&request)));
                if matches!(request, Request::Save { .. }) {
                    tell(Msg::SavedNames(self.answers.signatures.names()));
                }
            }
        }
    }

    /// Prepares what a request for picks with this number needs beside situation and choice.
    fn ready(
        &mut self,
        situation: &Situation,
        number: u64,
        messages: &Sender<Msg>,
    ) -> impl FnOnce(Situation, Choice) -> trials::Request + use<> {
        self.answers.heed_taste(situation.taste);
        if !self.answers.taste.has_looked() {
            self.learn(messages);
        }
        let Answers { catalog, space, .. } = &self.answers;
        let next = self.usually.guide(situation.playing, catalog, space, &|msg| drop(messages.send(msg)));
        // They take a moment, so while the library grows they are made beside, and after the picks.
        let (versions, weights) = (self.ahead.versions(&self.answers), self.weights);
        move |situation, choice| trials::Request { situation, choice, number, versions, weights, next }
    }

    /// Adds an entry of the journal. Explicit statements about taste take effect at once.
    fn note(&mut self, entry: &Entry, messages: &Sender<Msg>) {
        if entry.event == Event::TasteUndone {
            let last = self.answers.taste.history().last();
            let text = taste::taken_back(last, &self.answers.catalog, &self.answers.names());
            let _ = messages.send(Msg::TasteUndone { error: last.is_none(), text });
        }
        self.answers.note(entry);
        self.taste_noted |= entry.event.is_of_taste();
        if matches!(entry.event, Event::TasteLess { .. } | Event::TasteUndone | Event::TasteReset) {
            self.learn(messages);
        }
    }

    /// Learns the taste again if it may have changed, and reports when something was learned for the first time.
    fn learn(&mut self, messages: &Sender<Msg>) {
        let before = self.answers.taste.taste().learned;
        let learned = self.answers.learn() && !before && self.answers.taste.taste().learned;
        // Learning from the old journal at the start is not reported.
        if learned && self.taste_noted {
            let _ = messages.send(Msg::hint("your taste was learned; :taste shows it"));
        }
    }

    /// Sends how well every track fits, unless that is known already.
    fn tell_fits(&mut self, messages: &Sender<Msg>) {
        let (tracks, choice) = self.answers.followed();
        let (space, weights) = (&self.answers.space, self.answers.counting_taste().weights);
        let same = |of: &Fitted| {
            (&of.tracks, &of.choice, of.weights) == (tracks, choice, weights) && Arc::ptr_eq(&of.space, space)
        };
        if self.fitted.as_ref().is_some_and(same) {
            return;
        }
        self.fits = Arc::new(Fits::new(space, self.answers.fits()));
        self.fitted = Some(Fitted { tracks: tracks.clone(), choice: choice.clone(), space: space.clone(), weights });
        let _ = messages.send(Msg::Fits(self.fits.clone()));
    }

    fn tell_cards(&mut self, again: bool, messages: &Sender<Msg>) {
        self.owed = false;
        if again || !std::mem::replace(&mut self.told, true) {
            self.told = true;
            let _ = messages.send(Msg::Cards(self.answers.cards()));
        }
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
