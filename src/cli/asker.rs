//! Asks questions of the running player through its socket or, when none runs, of the store.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, anyhow, bail};

use super::local::{Local, Unopened};
use crate::ask::answers::Answers;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::{About, Place};
use crate::ask::set::{Set, Side};
use crate::audio::cue;
use crate::config::Config;
use crate::describe::Cards;
use crate::library::playlist::Entry;
use crate::paths::Paths;
use crate::runtime::socket;
use crate::track::TrackId;

/// The error for a reply of an unexpected kind, which means that the running player is another
/// version.
pub const OTHER_ANSWER: &str = "the running jukebox gave an unexpected answer; it may be another version";

/// Entries or tracks per request; the size of a request is limited.
const AT_ONCE: usize = 500;

/// How long to wait for an answer while a player holds the store but cannot be reached: it opens its socket shortly
/// after the store, and releases the store shortly after closing the socket.
const STARTING: Duration = Duration::from_secs(3);

/// Who can answer a question.
pub enum Who<T> {
    /// The running player, with its reply.
    Player(Reply),
    /// The store, opened here because no player holds it.
    Store(T),
}

/// Sends the request to the running player; if none runs, opens the store.
///
/// # Errors
/// When neither the player nor the store can be reached.
pub fn player_or<T>(paths: &Paths, request: &Request, open: impl Fn() -> Result<T, Unopened>) -> Result<Who<T>> {
    let begun = Instant::now();
    loop {
        if let Some(reply) = socket::ask(&paths.socket(), request)? {
            return Ok(Who::Player(reply));
        }
        match open() {
            Ok(store) => return Ok(Who::Store(store)),
            Err(Unopened::Held { .. }) if begun.elapsed() < STARTING => std::thread::sleep(Duration::from_millis(50)),
            Err(why) => return Err(why.into()),
        }
    }
}

/// Asks the running player, or the store if none runs. The store is opened on first use and kept
/// open.
pub struct Asker<'a> {
    paths: &'a Paths,
    config: &'a Config,
    local: Option<(Local, Answers)>,
}

impl<'a> Asker<'a> {
    /// Creates an asker; the store is opened only when a question needs it.
    pub fn new(paths: &'a Paths, config: &'a Config) -> Asker<'a> {
        Asker { paths, config, local: None }
    }

    /// Asks one question. Files that the store does not know yet are analysed first.
    ///
    /// # Errors
    /// When the reply is an error, or neither the player nor the store can be reached.
    pub fn ask(&mut self, request: Request) -> Result<Reply> {
        let (local, answers) = match self.local.take() {
            Some(open) => open,
            None => match player_or(self.paths, &request, || Local::open(self.paths, self.config))? {
                Who::Player(reply) => return refused(reply),
                Who::Store(local) => {
                    let answers = local.answers();
                    (local, answers)
                }
            },
        };
        let (local, mut answers) = learned(local, answers, &request)?;
        if let Request::Rename { dim, name } = &request {
            let said = answers.rename(dim, name);
            self.local = Some((local, answers));
            return said.map(Reply::Said).map_err(Error::msg);
        }
        if let Request::Note(event) = request {
            answers.note(&local.record(event)?);
            self.local = Some((local, answers));
            return Ok(Reply::Done);
        }
        if matches!(request, Request::Taste | Request::Triplet { .. }) {
            answers.learn();
        }
        let reply = answers.reply(&request);
        self.local = Some((local, answers));
        refused(reply)
    }

    /// Closes the store until the next question, so that other processes can use it.
    pub fn rest(&mut self) {
        self.local = None;
    }

    /// The place of each playlist entry, in order; `None` for one that is not in the library.
    ///
    /// # Errors
    /// When neither the player nor the store can be reached.
    pub fn places(&mut self, entries: &[Entry]) -> Result<Vec<Option<Place>>> {
        let mut places = Vec::with_capacity(entries.len());
        for some in entries.chunks(AT_ONCE) {
            match self.ask(Request::Find(some.to_vec()))? {
                Reply::Places(found) if found.len() == some.len() => places.extend(found),
                _ => bail!(OTHER_ANSWER),
            }
        }
        Ok(places)
    }

    /// Details of tracks by id; tracks that are not in the library are missing from the map.
    ///
    /// # Errors
    /// When neither the player nor the store can be reached.
    pub fn about(&mut self, tracks: &[TrackId]) -> Result<HashMap<TrackId, About>> {
        let mut known = HashMap::new();
        for some in tracks.chunks(AT_ONCE) {
            match self.ask(Request::Songs(some.to_vec()))? {
                Reply::Songs(found) if found.len() == some.len() => {
                    known.extend(some.iter().zip(found).filter_map(|(track, about)| Some((*track, about?))));
                }
                _ => bail!(OTHER_ANSWER),
            }
        }
        Ok(known)
    }

    /// The cards that describe the dimensions.
    ///
    /// # Errors
    /// When neither the player nor the store can be reached.
    pub fn cards(&mut self) -> Result<Arc<Cards>> {
        match self.ask(Request::Cards)? {
            Reply::Cards(cards) => Ok(cards),
            _ => Err(anyhow!(OTHER_ANSWER)),
        }
    }
}

fn refused(reply: Reply) -> Result<Reply> {
    if let Reply::Error(why) = reply { Err(anyhow!(why)) } else { Ok(reply) }
}

/// Analyses the files named in a request that the store does not know yet. Directories are answered with what is
/// already known.
fn learned(mut local: Local, answers: Answers, request: &Request) -> Result<(Local, Answers)> {
    let of = |side: &Side| match &side.set {
        Set::Files { paths, .. } => paths.clone(),
        _ => Vec::new(),
    };
    let named: Vec<PathBuf> = match request {
        Request::Similar { path, .. } | Request::Tags(path) => vec![path.clone()],
        Request::Signature(side) | Request::Save { side, .. } => of(side),
        Request::Compare(a, b) => [of(a), of(b)].concat(),
        _ => Vec::new(),
    };
    let unknown = |path: &PathBuf| {
        let heard = answers.catalog.of_path(path).is_some_and(|song| answers.space.row(song.track).is_some());
        !heard && cue::is_there(path)
    };
    let files: Vec<PathBuf> = named.into_iter().filter(unknown).collect();
    if files.is_empty() {
        return Ok((local, answers));
    }
    local.learn(&files)?;
    let answers = local.answers();
    Ok((local, answers))
}
