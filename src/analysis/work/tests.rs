//! Tests of the order in which workers get their jobs.

use std::sync::Arc;

use super::*;
use crate::library::{Catalog, Song};
use crate::track::Tags;

struct Case {
    _dir: tempfile::TempDir,
    work: Work,
    shelf: Shelf,
    catalog: Catalog,
}

/// Seventy tracks are known, sixty of them rock by as many artists; the tags of 5,000 other files are to be read.
fn case() -> Case {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::of_test("/m".into(), &dir.path().join("home"));
    let (shelf, _) = Shelf::open(&options.paths.store(), "aa".parse().unwrap()).unwrap();
    let teller = Teller::new(crossbeam_channel::unbounded().0);
    let mut work = Work::start(&options, &Model::shipped().unwrap(), &teller).unwrap();
    (0..5000).for_each(|n| work.probe(format!("/m/late/{n}").into()));
    let song = |n: u128| {
        let genre = if n < 60 { "Rock" } else { "Jazz" };
        let tags = Tags {
            artist: Some(format!("artist {n}").into()),
            album: Some("album".into()),
            genres: [String::from(genre)].into(),
            ..Tags::default()
        };
        let path = format!("/m/{n}/album/{genre}");
        Arc::new(Song { tags: tags.into(), secs: 90.0, ..Song::bare(path, TrackId(n.to_be_bytes())) })
    };
    Case { _dir: dir, work, shelf, catalog: Catalog::new((0..70).map(song).collect()) }
}

impl Case {
    /// All jobs that are given out, `probes` or the genre of what is listened to.
    fn jobs(&mut self) -> Vec<String> {
        self.work.listening.agenda = Agenda::for_picks(&self.catalog, self.work.seed.as_deref(), |_| true);
        let next = || match self.work.next_job(&self.shelf, true)? {
            Job::Listen { path, .. } => Some(path.file_name()?.to_string_lossy().into_owned()),
            _ => Some("probes".to_string()),
        };
        std::iter::from_fn(next).collect()
    }
}

/// The jobs, with equal ones in a row counted.
fn runs(jobs: &[String]) -> Vec<(&str, usize)> {
    jobs.chunk_by(|a, b| a == b).map(|run| (run[0].as_str(), run.len())).collect()
}

#[test]
fn while_nothing_plays_tags_are_read_first() {
    let mut case = case();
    let jobs = case.jobs();
    let listened = jobs.iter().position(|job| job != "probes").unwrap();
    assert!(jobs[listened..].iter().all(|job| job != "probes"));
    assert_eq!(jobs.len() - listened, 70);
}

#[test]
fn what_is_like_the_playing_track_is_listened_to_between_probes() {
    let mut case = case();
    case.work.prefer("/m/7/album/Rock".into(), true);
    let jobs = case.jobs();
    let probes = jobs.iter().filter(|job| *job == "probes").count();
    assert!(probes > 80, "{probes}");
    let runs = runs(&jobs);
    // The seed at once, then forty tracks related to it in turn with messages of probes.
    assert_eq!(runs[0], ("Rock", 1));
    for pair in runs[1..81].chunks(2) {
        assert_eq!(pair, [("probes", 1), ("Rock", 1)]);
    }
    // Then the spread, more rarely, until all tags have been read.
    let end = runs.iter().rposition(|run| run.0 == "probes").unwrap();
    for run in &runs[81..end] {
        assert!(matches!(run, ("probes", SPREAD_AFTER) | ("Rock" | "Jazz", 1)), "{runs:?}");
    }
    assert!(end > 83, "{runs:?}");
    assert_eq!(jobs.iter().filter(|job| *job != "probes").count(), 70);
}
