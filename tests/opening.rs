//! A worker process opens each unverified file before the player does.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use jukebox::analysis::jobs::{Found, Job};
use jukebox::worker::{Worker, WorkerError, WorkerSpec};
use support::Home;

/// Long enough for a busy machine; only a failing test waits this long.
const PATIENT: Duration = Duration::from_secs(180);

#[test]
fn a_worker_opens_what_can_be_played_and_refuses_the_rest() {
    let home = Home::new();
    let good = home.wav("good.wav", "tone", 20.0, 1);
    let bad = home.music.join("bad.mp3");
    std::fs::write(&bad, "no music at all").unwrap();
    let args = ["__worker".into(), "open".into()].into();
    let spec = WorkerSpec { program: support::program().into(), args, env: vec![], log: None };
    let mut worker: Worker<Job, Found> = Worker::new(spec);
    for _ in 0..3 {
        let begun = Instant::now();
        let found = worker.call(&Job::Open { path: good.clone() }, PATIENT);
        println!("opened in {:?}", begun.elapsed());
        assert!(matches!(found, Ok(Found::Opened)), "{found:?}");
        assert!(matches!(worker.call(&Job::Open { path: bad.clone() }, PATIENT), Err(WorkerError::Refused(_))));
    }
}
