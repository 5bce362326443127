use tempfile::TempDir;

use super::*;
use crate::training::{Begun, Config, Device, Lock, Stage};

struct Home(TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    fn lock(&self) -> PathBuf {
        self.0.path().join("train.lock")
    }

    fn reader(&self) -> Reader {
        Reader::new(&self.0.path().join("runs"), &self.lock(), Local::utc())
    }

    fn directory(&self, name: &str) -> PathBuf {
        self.0.path().join("runs").join(name)
    }

    /// Writes a run with these files beside what was asked for.
    fn run(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let directory = self.directory(name);
        fs::create_dir_all(&directory).unwrap();
        let asked =
            Begun { data: "library".into(), config: Config::default(), device: Device::Cpu, version: String::new() };
        fs::write(directory.join(ASKED), serde_json::to_string(&asked).unwrap()).unwrap();
        files.iter().for_each(|(file, text)| fs::write(directory.join(file), text).unwrap());
        directory
    }

    fn only(&self) -> Run {
        let board = self.reader().read();
        assert_eq!(board.runs.len(), 1);
        Run::clone(&board.runs[0])
    }
}

fn standing(change: impl Fn(&mut Standing)) -> String {
    let mut standing = Standing { pid: std::process::id(), stage: Stage::Learning, epochs: 4, ..Standing::default() };
    change(&mut standing);
    serde_json::to_string(&standing).unwrap()
}

#[test]
fn what_became_of_a_run_follows_from_its_files() {
    let asked = r#"{"finished": false, "outcome": {"stop": "asked", "why": null, "published": null}}"#;
    let refused = r#"{"finished": true, "outcome": {"why": "Not published: \u001b[31mworse.", "published": null,
        "correlation": [0.9, null, 0.5]}}"#;
    let cut = r#"{"finished": false, "outcome": {"stop": "time", "why": "Not published: worse.", "published": null}}"#;
    let published = r#"{"finished": true, "outcome": {"why": "Published: better.", "published": "ear-2026-11-23"}}"#;
    let failed = standing(|s| s.fault = Some("cannot write checkpoint".into()));
    let plain = standing(|_| {});
    for (files, state) in [
        (vec![], State::Lost),
        (vec![(STANDING, plain.as_str())], State::Lost),
        (vec![(STANDING, "{\"pid\": ")], State::Lost),
        (vec![(STANDING, failed.as_str())], State::Failed("cannot write checkpoint".into())),
        (vec![(STANDING, plain.as_str()), (OUTCOME, asked)], State::Stopped),
        (vec![(OUTCOME, asked), (STANDING, failed.as_str())], State::Failed("cannot write checkpoint".into())),
        (vec![(OUTCOME, refused)], State::Aside),
        (vec![(OUTCOME, cut)], State::Aside),
        (vec![(OUTCOME, published), (STANDING, plain.as_str())], State::Published("ear-2026-11-23".into())),
    ] {
        let home = Home::new();
        home.run("1", &files);
        assert_eq!(home.only().state, state, "{files:?}");
    }
    let home = Home::new();
    home.run("1", &[(OUTCOME, refused)]);
    let run = home.only();
    assert_eq!((run.changed(), run.data.as_str(), run.goes_on()), (vec![2, 3], "library", false));
    assert!(run.verdict.as_ref().is_some_and(|why| why.contains("worse.") && !why.contains('\u{1b}')));
    let home = Home::new();
    home.run("1", &[(OUTCOME, cut)]);
    assert!(home.only().goes_on(), "its time was up");
    for (file, says) in [(OUTCOME, OUTCOME), (ASKED, ASKED)] {
        let home = Home::new();
        home.run("1", &[(file, "{ what is this")]);
        assert!(matches!(home.only().state, State::Damaged(why) if why.contains(says)), "{file}");
    }
}

#[test]
fn only_a_lock_that_is_held_makes_a_run_one_that_runs() {
    let home = Home::new();
    let directory = home.run("1", &[(STANDING, &standing(|_| {}))]);
    // Left by a process that was killed.
    fs::write(home.lock(), format!("{}\n{}\n", std::process::id(), directory.display())).unwrap();
    assert_eq!((home.only().state, home.reader().read().holder), (State::Lost, None));
    let _lock = Lock::take(&home.lock(), &directory).unwrap();
    assert_eq!(home.only().state, State::Running);
    fs::write(directory.join(STANDING), standing(|s| s.stopping = true)).unwrap();
    assert_eq!(home.only().state, State::Stopping);
    // What an earlier process has left says nothing about this one.
    fs::write(directory.join(STANDING), standing(|s| (s.pid, s.stopping) = (1, true))).unwrap();
    let run = home.only();
    assert_eq!((run.state, run.standing), (State::Running, None));
}

#[test]
fn a_run_elsewhere_that_is_being_trained_stands_first() {
    let home = Home::new();
    home.run("2026-01-01", &[]);
    home.run("2026-01-02", &[]);
    let elsewhere = home.0.path().join("mine");
    fs::create_dir(&elsewhere).unwrap();
    let names = |board: &Board| board.runs.iter().map(|run| run.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&home.reader().read()), ["2026-01-02", "2026-01-01"]);
    let _lock = Lock::take(&home.lock(), &elsewhere).unwrap();
    let board = home.reader().read();
    assert_eq!(names(&board), ["mine", "2026-01-02", "2026-01-01"]);
    assert_eq!(board.running().map(|run| run.name.as_str()), Some("mine"));
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let home = Home::new();
    let directory = home.run("1", &[]);
    home.run("2", &[]);
    let mut reader = home.reader();
    let (first, second) = (reader.read(), reader.read());
    assert!(second.is(&first) && second.runs.len() == 2);
    fs::write(directory.join(STANDING), standing(|_| {})).unwrap();
    let third = reader.read();
    assert!(Arc::ptr_eq(&first.runs[0], &third.runs[0]) && !Arc::ptr_eq(&first.runs[1], &third.runs[1]));
    assert!(!third.is(&first));
    fs::remove_dir_all(home.directory("2")).unwrap();
    assert_eq!(reader.read().runs.len(), 1);
    assert_eq!(Home::new().reader().read(), Board::default());
}
