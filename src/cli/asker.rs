//! Asking: the running player through its socket, or the store where none runs.

use std::path::PathBuf;
use std::sync::Arc;

use super::local::Local;
use crate::app::answer::Answers;
use crate::app::control::{self, Reply, Request};
use crate::app::sets::{Set, Side};
use crate::config::Config;
use crate::describe::Cards;
use crate::paths::Paths;

/// The running player answered something else than what was asked: it is another version.
pub const OTHER_ANSWER: &str = "the running jukebox gave an answer to another question";

/// Asks the running player, or the store where none runs; the store is opened once.
pub struct Asker<'a> {
    paths: &'a Paths,
    config: &'a Config,
    local: Option<(Local, Answers)>,
}

impl<'a> Asker<'a> {
    /// Nothing is opened yet.
    pub fn new(paths: &'a Paths, config: &'a Config) -> Asker<'a> {
        Asker { paths, config, local: None }
    }

    /// Asks. Files that the store does not know yet are listened to first.
    ///
    /// # Errors
    /// The answer, when it is that something is wrong; or when neither player nor store can be asked.
    pub fn ask(&mut self, request: Request) -> Result<Reply, String> {
        if self.local.is_none()
            && let Some(reply) = control::ask(&self.paths.socket(), &request)?
        {
            return refused(reply);
        }
        let (local, answers) = match self.local.take() {
            Some(open) => open,
            None => {
                let local = Local::open(self.paths, self.config)?;
                let answers = local.answers();
                (local, answers)
            }
        };
        let (local, answers) = learned(local, answers, &request)?;
        let reply = answers.reply(&request);
        self.local = Some((local, answers));
        refused(reply)
    }

    /// What the dimensions mean.
    ///
    /// # Errors
    /// When neither player nor store can be asked.
    pub fn cards(&mut self) -> Result<Arc<Cards>, String> {
        match self.ask(Request::Cards)? {
            Reply::Cards(cards) => Ok(cards),
            _ => Err(OTHER_ANSWER.into()),
        }
    }
}

fn refused(reply: Reply) -> Result<Reply, String> {
    if let Reply::Error(why) = reply { Err(why) } else { Ok(reply) }
}

/// Listens to the files of a question that are not known yet; directories are asked about as they are known.
fn learned(mut local: Local, answers: Answers, request: &Request) -> Result<(Local, Answers), String> {
    let of = |side: &Side| match &side.set {
        Set::Files { paths, .. } => paths.clone(),
        _ => Vec::new(),
    };
    let named: Vec<PathBuf> = match request {
        Request::Similar { path, .. } => vec![path.clone()],
        Request::Signature(side) | Request::Save { side, .. } => of(side),
        Request::Compare(a, b) => [of(a), of(b)].concat(),
        _ => Vec::new(),
    };
    let unknown = |path: &PathBuf| {
        let heard = answers.catalog.of_path(path).is_some_and(|song| answers.space.row(song.track).is_some());
        !heard && path.is_file()
    };
    let files: Vec<PathBuf> = named.into_iter().filter(unknown).collect();
    if files.is_empty() {
        return Ok((local, answers));
    }
    local.learn(&files)?;
    let answers = local.answers();
    Ok((local, answers))
}
