use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::notice::Kind;
use crate::training::Lock;
use crate::training::standing::{STANDING, Standing};

/// What a fake was asked for.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Vec<String>>>);

impl Runner for Fake {
    fn start(&mut self, arguments: &[String], _: &Path) -> io::Result<()> {
        self.0.lock().unwrap().push(arguments.join(" "));
        Ok(())
    }

    fn stop(&mut self, pid: i32) -> io::Result<()> {
        self.0.lock().unwrap().push(format!("stop {pid}"));
        Ok(())
    }

    fn ask(&mut self, arguments: &[String]) -> Result<String, OrderError> {
        self.0.lock().unwrap().push(arguments.join(" "));
        if arguments.iter().any(|one| one == "nope") {
            Err(OrderError::Said("there is no model nope".into()))
        } else {
            Ok("done".into())
        }
    }
}

struct Place {
    home: TempDir,
    desk: Desk,
    fake: Fake,
    inbox: Receiver<Msg>,
}

impl Place {
    fn new() -> Place {
        let home = tempfile::tempdir().unwrap();
        let (messages, inbox) = unbounded();
        let fake = Fake::default();
        let desk = Desk::new(&Paths::under(home.path()), Box::new(fake.clone()), Local::utc(), messages);
        Place { home, desk, fake, inbox }
    }

    fn run(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let directory = self.desk.paths.runs().join(name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("config.json"), "{}").unwrap();
        files.iter().for_each(|(file, text)| fs::write(directory.join(file), text).unwrap());
        directory
    }

    /// The kind of the notice after an order, and its text.
    fn said(&mut self, order: TrainOrder) -> (Kind, String) {
        self.desk.take(&order, None);
        match self.inbox.try_recv() {
            Ok(Msg::Notice { kind, text }) => (kind, text),
            other => panic!("{other:?}"),
        }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.fake.0.lock().unwrap())
    }
}

const STOPPED: &str = r#"{"finished": false, "outcome": {"stop": "asked"}}"#;

#[test]
fn a_training_is_started_once_and_asked_to_stop_once() {
    let mut place = Place::new();
    assert_eq!(place.said(TrainOrder::Stop), (Kind::Error, "no training is running".into()));
    let (kind, text) = place.said(TrainOrder::Start(vec!["--for".into(), "6h".into()]));
    assert!(kind == Kind::Success && text.contains("goes on when you quit"), "{text}");
    assert_eq!(place.asked(), ["train --background --for 6h"]);
    let directory = place.desk.paths.runs().join("1");
    let lock = Lock::take(&place.desk.paths.train_lock(), &directory).unwrap();
    assert!(place.said(TrainOrder::Start(Vec::new())).1.contains("running already"));
    assert!(place.said(TrainOrder::Stop).1.contains("stops at the next step"));
    assert_eq!(place.asked(), [format!("stop {}", std::process::id())]);
    // A second signal would end it at once.
    assert!(place.said(TrainOrder::Stop).1.contains("already"));
    drop(lock);
    // Another player may have asked.
    place.desk.stopping = None;
    place.run("1", &[]);
    let standing = Standing { pid: std::process::id(), stopping: true, ..Standing::default() };
    fs::write(directory.join(STANDING), serde_json::to_string(&standing).unwrap()).unwrap();
    let _lock = Lock::take(&place.desk.paths.train_lock(), &directory).unwrap();
    assert!(place.said(TrainOrder::Stop).1.contains("already"));
    assert_eq!(place.asked(), Vec::<String>::new());
}

#[test]
fn until_one_that_was_started_has_ended_no_other_is() {
    let mut place = Place::new();
    let start = || TrainOrder::Start(Vec::new());
    assert_eq!(place.said(start()).0, Kind::Success);
    for order in [start(), TrainOrder::Stop] {
        let (kind, text) = place.said(order);
        assert!(kind == Kind::Error && text.contains("begins at this moment"), "{text}");
    }
    place.desk.ended(false);
    assert_eq!(place.said(start()).0, Kind::Success);
    assert_eq!(place.asked().len(), 2);
}

#[test]
fn a_run_is_gone_on_with_by_name_or_the_last_one() {
    let mut place = Place::new();
    assert!(place.said(TrainOrder::Resume(None)).1.contains("no run can be gone on with"));
    let asked = crate::training::Begun {
        data: "library".into(),
        config: crate::training::Config::default(),
        device: crate::training::Device::Cpu,
        version: String::new(),
    };
    let config = serde_json::to_string(&asked).unwrap();
    let of = |outcome| [("config.json", config.as_str()), ("outcome.json", outcome)];
    let older = place.run("1", &of(STOPPED));
    place.run("2", &of(r#"{"finished": true, "outcome": {"published": null}}"#));
    place.said(TrainOrder::Resume(None));
    assert_eq!(place.asked(), [format!("train --background --resume --out {}", older.display())]);
    let (kind, text) = place.said(TrainOrder::Resume(Some("2".into())));
    assert!(kind == Kind::Error && text.contains("kept aside"), "{text}");
    assert!(place.said(TrainOrder::Resume(Some("3".into()))).1.contains("no run '3'"));
    assert!(place.said(TrainOrder::Publish(None)).1.contains("no run can be published"));
    fs::write(older.join("model.safetensors"), "a model").unwrap();
    assert_eq!(place.said(TrainOrder::Publish(None)), (Kind::Success, "done".into()));
    assert_eq!(place.asked(), [format!("model use -- {}/model.safetensors", older.display())]);
}

#[test]
fn runs_are_told_while_they_are_on_the_screen_and_only_when_they_change() {
    let mut place = Place::new();
    let directory = place.run("1", &[("outcome.json", STOPPED)]);
    place.desk.look();
    assert!(place.inbox.is_empty(), "nobody looks");
    place.desk.take(&TrainOrder::Watch(true), None);
    place.desk.look();
    let Ok(Msg::Runs(board)) = place.inbox.try_recv() else { panic!("nothing was told") };
    assert_eq!((board.runs.len(), board.in_use.as_str(), &board.before), (1, "shipped", &None));
    place.desk.look();
    assert!(place.inbox.is_empty(), "nothing has changed");
    fs::write(directory.join("outcome.json"), "{").unwrap();
    place.desk.look();
    let Ok(Msg::Runs(board)) = place.inbox.try_recv() else { panic!("the change was not told") };
    assert!(matches!(board.runs[0].state, State::Damaged(_)));
    place.desk.take(&TrainOrder::Watch(false), None);
    place.run("2", &[]);
    place.desk.look();
    assert!(place.inbox.is_empty());
}

#[test]
fn the_end_of_a_training_is_told_with_what_it_said_last() {
    let mut place = Place::new();
    fs::create_dir_all(&place.desk.paths.data).unwrap();
    fs::write(place.desk.paths.train_log(), "library\nno genre has enough artists: tag some\n\n").unwrap();
    let Msg::Notice { kind: Kind::Error, text } = place.desk.ended(false) else { panic!("no error") };
    let more = format!("; more in {}", place.desk.paths.train_log().display());
    assert_eq!(text, format!("the training has failed: no genre has enough artists: tag some{more}"));
    // The error is told, not the advice after it.
    let output = "library\njukebox: the library is empty.\n  To do: scan it\n";
    fs::write(place.desk.paths.train_log(), output).unwrap();
    let Msg::Notice { text, .. } = place.desk.ended(false) else { panic!("no notice") };
    assert_eq!(text, format!("the training has failed: the library is empty{more}"));
    assert!(matches!(place.desk.ended(true), Msg::Notice { kind: Kind::Hint, .. }));
    // An asker is told the outcome.
    place.desk.take(&TrainOrder::Stop, Some(7));
    assert!(matches!(place.inbox.try_recv(), Ok(Msg::For { asker: 7, .. })));
    assert!(matches!(place.inbox.try_recv(), Ok(Msg::Ended(7))));
    assert!(place.home.path().exists());
}

#[test]
fn the_encoder_in_use_is_changed_by_the_command_for_it() {
    let mut place = Place::new();
    assert_eq!(place.said(TrainOrder::Use("nope".into())), (Kind::Error, "there is no model nope".into()));
    assert_eq!(place.said(TrainOrder::Rollback), (Kind::Success, "done".into()));
    assert_eq!(place.asked(), ["model use -- nope", "model use -- previous"]);
    place.desk.take(&TrainOrder::Models, None);
    let Ok(Msg::Told { lines, .. }) = place.inbox.try_recv() else { panic!("no list") };
    assert!(lines.iter().any(|line| line.starts_with("shipped") && line.contains("in use")), "{lines:?}");
}
