//! While a scan holds the store, answers other commands (`search`, `similar`, `status` and the others) through the
//! control socket as a player would, so that they need not wait for it to finish.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{local, print};
use crate::analysis::Update;
use crate::ask::answers::Answers;
use crate::ask::fields;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::{SCANNING, Status};
use crate::config::Config;
use crate::latent::Space;
use crate::library::Catalog;
use crate::library::dimensions::OwnNames;
use crate::library::journal::{Journal, Tallies};
use crate::library::signatures::Signatures;
use crate::paths::Paths;
use crate::queue::taste::Learner;
use crate::runtime::socket::Server;

/// The scan's side of the control socket.
pub(super) struct Questions {
    known: Arc<Known>,
    socket: PathBuf,
    server: Option<Server>,
}

/// What the answers are based on.
struct Known {
    now: Mutex<Now>,
    /// Built from `now` on the first question, and reused until the scan reports something new.
    answers: Mutex<Option<Answers>>,
    signatures: Signatures,
    named: OwnNames,
    filters: BTreeMap<String, String>,
    journal: PathBuf,
}

#[derive(Default)]
struct Now {
    catalog: Arc<Catalog>,
    space: Arc<Space>,
    status: Status,
    faults: HashSet<PathBuf>,
}

impl Questions {
    /// Creates the state; the socket opens with the first catalog, which shows that the scan holds
    /// the store.
    pub(super) fn new(root: &Path, paths: &Paths, config: &Config) -> Questions {
        let status = Status {
            pid: Some(std::process::id()),
            state: SCANNING.into(),
            music: root.to_string_lossy().into_owned(),
            ..Status::default()
        };
        let known = Known {
            now: Mutex::new(Now { status, ..Now::default() }),
            answers: Mutex::default(),
            signatures: Signatures::in_dir(paths.signatures()),
            named: OwnNames::in_file(paths.dimensions()),
            filters: config.filters.clone(),
            journal: paths.journal(),
        };
        Questions { known: Arc::new(known), socket: paths.socket(), server: None }
    }

    /// Takes in an update from the scan.
    pub(super) fn note(&mut self, update: &Update) {
        let mut now = lock(&self.known.now);
        match update {
            Update::Catalog(catalog) => {
                now.status.songs = catalog.len();
                now.catalog = catalog.clone();
                drop(now);
                self.listen();
            }
            Update::Space(space) => {
                now.status.latents = space.len();
                now.space = space.clone();
            }
            Update::Progress(p) => {
                let status = &mut now.status;
                (status.stage, status.done, status.total) = (p.stage.clone(), p.done, p.total);
                (status.described, status.measured) = (p.described, p.measured);
            }
            Update::Fault { path, .. } => drop(now.faults.insert(path.clone())),
            Update::FaultGone(path) => drop(now.faults.remove(path)),
            Update::Unsupported(files) => now.status.unsupported.clone_from(&files.counts),
            _ => {}
        }
    }

    fn listen(&mut self) {
        if self.server.is_some() {
            return;
        }
        let known = self.known.clone();
        match Server::start(&self.socket, Arc::new(move |request| known.reply(request).into())) {
            Ok(server) => self.server = Some(server),
            // Not fatal: the scan continues, and other commands report that the store is in use.
            Err(why) => print::note(&why.to_string()),
        }
    }
}

impl Known {
    fn reply(&self, request: Request) -> Reply {
        match request {
            Request::Command(_)
            | Request::Open(_)
            | Request::Add { .. }
            | Request::Follow
            | Request::Attach(_)
            | Request::Import { .. } => Reply::Error(format!(
                "no player is running, but a scan (pid {}) holds the library; `jukebox status` shows its progress",
                std::process::id()
            )),
            Request::Status => {
                let now = lock(&self.now);
                Reply::Status(Box::new(Status { faults: now.faults.len(), ..now.status.clone() }))
            }
            Request::Note(event) if event.is_of_taste() => {
                let mut answers = lock(&self.answers);
                match local::record(&self.journal, event) {
                    Ok(entry) => {
                        answers.iter_mut().for_each(|answers| answers.note(&entry));
                        Reply::Done
                    }
                    Err(why) => Reply::Error(why.to_string()),
                }
            }
            question => self.answer(&question),
        }
    }

    fn answer(&self, question: &Request) -> Reply {
        let mut known = lock(&self.answers);
        let (catalog, space) = {
            let now = lock(&self.now);
            (now.catalog.clone(), now.space.clone())
        };
        let fresh = known.take().filter(|a| Arc::ptr_eq(&a.catalog, &catalog) && Arc::ptr_eq(&a.space, &space));
        let mut answers = fresh.unwrap_or_else(|| {
            // An unreadable journal counts as empty.
            let entries = Journal::read(&self.journal).unwrap_or_default();
            Answers::new(catalog, space, self.signatures.clone())
                .with_own(fields::language(&self.filters), Tallies::new(&entries))
                .with_taste(Learner::new(&entries))
                .with_names(self.named.clone())
        });
        if matches!(question, Request::Taste | Request::Triplet { .. }) {
            answers.learn();
        }
        let reply = match question {
            Request::Rename { dim, name } => answers.rename(dim, name).map_or_else(Reply::Error, Reply::Said),
            question => answers.reply(question),
        };
        *known = Some(answers);
        reply
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Song;
    use crate::library::journal::Event;
    use crate::runtime::socket::ask;
    use crate::track::TrackId;

    #[test]
    fn a_scan_answers_as_soon_as_it_holds_the_store() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        let mut questions = Questions::new(Path::new("/m"), &paths, &Config::default());
        assert!(matches!(ask(&paths.socket(), &Request::Status), Ok(None)), "it may still be somebody else's");
        questions.note(&Update::Catalog(Arc::default()));
        let search = Request::Search { text: "song".into(), fuzzy: false, count: 9 };
        assert!(matches!(ask(&paths.socket(), &search), Ok(Some(Reply::Found { all: 0, .. }))));
        // What the scan finds is visible immediately.
        let song = Arc::new(Song::bare("/m/a song.ogg", TrackId([1; 16])));
        questions.note(&Update::Catalog(Arc::new(Catalog::new(vec![song]))));
        questions.note(&Update::Fault { path: "/m/b.ogg".into(), why: "no music".into() });
        assert!(matches!(ask(&paths.socket(), &search), Ok(Some(Reply::Found { all: 1, .. }))));
        let Ok(Some(Reply::Status(status))) = ask(&paths.socket(), &Request::Status) else { panic!("no status") };
        assert_eq!((&*status.state, &*status.music, status.songs, status.faults), (SCANNING, "/m", 1, 1));
        // There is no player to command, but events about taste are recorded.
        let Ok(Some(Reply::Error(why))) = ask(&paths.socket(), &Request::Command("next".into())) else {
            panic!("done?")
        };
        assert!(why.contains("scan"), "{why}");
        let import = Request::Import { entries: Vec::new(), known: 0 };
        let Ok(Some(Reply::Error(why))) = ask(&paths.socket(), &import) else { panic!("imported?") };
        assert!(why.contains("scan"), "{why}");
        let said = Request::Note(Event::TasteLess { dim: 3 });
        std::fs::create_dir_all(paths.journal().parent().unwrap_or(Path::new("/"))).unwrap();
        assert!(matches!(ask(&paths.socket(), &said), Ok(Some(Reply::Done))));
        assert_eq!(Journal::read(&paths.journal()).unwrap().len(), 1);
        drop(questions);
        assert!(matches!(ask(&paths.socket(), &Request::Status), Ok(None)));
    }
}
