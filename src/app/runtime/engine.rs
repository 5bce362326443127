//! The engine thread: holds the newest catalog and space, asks the playlist engines, answers questions about the
//! library. A question that makes it panic costs that question.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use crate::app::answer::Answers;
use crate::app::msg::{Msg, Situation};
use crate::app::report::{Neighbour, SignatureCard};
use crate::latent::{Choice, Space};
use crate::library::Catalog;
use crate::queue::{Context, Director};
use crate::track::TrackId;

/// What the engine thread is told and asked.
#[derive(Debug)]
pub enum Ask {
    /// The library changed.
    Catalog(Arc<Catalog>),
    /// Latents were added.
    Space(Arc<Space>),
    /// Answered by `Msg::Picks`.
    Propose {
        /// Number of the request.
        request: u64,
        /// The engine's name.
        engine: String,
        /// The session.
        situation: Situation,
        /// Which dimensions.
        choice: Choice,
        /// How many tracks.
        want: usize,
    },
    /// Answered by `Msg::Signature`.
    Describe {
        /// Members.
        playlist: Vec<TrackId>,
        /// Which dimensions.
        choice: Choice,
    },
    /// From the socket.
    Similar {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
        /// Where the answer goes.
        reply: Sender<Result<Vec<Neighbour>, String>>,
    },
    /// From the socket.
    Signature {
        /// The members.
        paths: Vec<PathBuf>,
        /// Dimensions counted from 1.
        dims: Vec<u8>,
        /// Where the answer goes.
        reply: Sender<Result<SignatureCard, String>>,
    },
}

/// Starts the thread; it ends when every sender is gone.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(plugins: Vec<PathBuf>, messages: Sender<Msg>) -> Result<Sender<Ask>, String> {
    let (sender, asked) = crossbeam_channel::unbounded();
    std::thread::Builder::new()
        .name("engine".into())
        .spawn(move || run(&plugins, &asked, &messages))
        .map_err(|e| format!("cannot start the engine's thread: {e}"))?;
    Ok(sender)
}

fn run(plugins: &[PathBuf], asked: &Receiver<Ask>, messages: &Sender<Msg>) {
    let mut engine = Engine {
        answers: Answers::new(Arc::default(), Arc::default()),
        director: Director::new(plugins.to_vec()),
        // Fault injection for the tests: the first proposal panics.
        fault: std::env::var_os("JUKEBOX_FAULT").is_some_and(|f| f == "panic:engine"),
    };
    for ask in asked {
        let request = match &ask {
            Ask::Propose { request, .. } => Some(*request),
            _ => None,
        };
        let answered = catch_unwind(AssertUnwindSafe(|| engine.answer(ask)));
        let message = match answered {
            Ok(message) => message,
            Err(_) => {
                // Whatever state it was in is not to be trusted any more.
                engine.director = Director::new(plugins.to_vec());
                let text = "the playlist engine broke over a question and was started anew; see the log".to_string();
                let _ = messages.send(Msg::Notice { error: true, text });
                request.map(|request| Msg::Picks { request, picks: Vec::new(), note: None })
            }
        };
        if let Some(message) = message
            && messages.send(message).is_err()
        {
            return;
        }
    }
}

struct Engine {
    answers: Answers,
    director: Director,
    fault: bool,
}

impl Engine {
    fn answer(&mut self, ask: Ask) -> Option<Msg> {
        match ask {
            Ask::Catalog(catalog) => self.answers.catalog = catalog,
            Ask::Space(space) => self.answers = Answers::new(self.answers.catalog.clone(), space),
            Ask::Propose { request, engine, situation, choice, want } => {
                assert!(!std::mem::take(&mut self.fault), "fault injected by JUKEBOX_FAULT");
                let context = Context {
                    catalog: self.answers.catalog.clone(),
                    space: self.answers.space.clone(),
                    // A refill of the same session is to be the same: the seed is the session's own history.
                    seed: situation.heard.len() as u64 + request,
                    situation,
                    choice,
                    prior: self.answers.prior,
                };
                let (picks, note) = self.director.picks(&context, &engine, want);
                return Some(Msg::Picks { request, picks, note });
            }
            Ask::Describe { playlist, choice } => {
                return Some(match self.answers.describe(&playlist, &choice) {
                    Some(report) => Msg::Signature(Box::new(report)),
                    None => Msg::Notice {
                        error: false,
                        text: "no signature yet: nothing of the playlist is analysed".into(),
                    },
                });
            }
            // Whoever asked may have gone; that is no fault.
            Ask::Similar { path, count, reply } => drop(reply.send(self.answers.similar(&path, count))),
            Ask::Signature { paths, dims, reply } => drop(reply.send(self.answers.signature(&paths, &dims))),
        }
        None
    }
}
