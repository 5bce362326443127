use std::path::Path;
use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::training::judging::Compared;
use crate::training::tests::write_set;
use crate::training::{Config, begun, latest_unfinished};

/// A judge with preset answers that records which methods were called.
#[derive(Default)]
struct Fake {
    publish: bool,
    full: bool,
    asked: Vec<&'static str>,
}

impl Judge for Fake {
    fn align(&mut self, weights: Vec<u8>, _: &DataSet) -> Result<Aligned, Fault> {
        self.asked.push("align");
        let mut correlation = vec![0.95; 32];
        correlation[6] = 0.5;
        Ok(Aligned { weights, correlation })
    }

    fn judge(&mut self, candidate: &[u8], _: &DataSet) -> Result<Judgement, Fault> {
        assert!(jukebox_encoder::Card::read(candidate).is_ok());
        self.asked.push("judge");
        let measures = vec![Compared { name: "genre P@10".into(), values: [0.4, 0.5], difference: Some([0.02, 0.18]) }];
        Ok(Judgement { publish: self.publish, why: "It finds *more*.".into(), measures })
    }

    fn publish(&mut self, _: &Path) -> Result<Published, Fault> {
        if self.full {
            let cause = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(Fault::Unwritten { path: "models/current".into(), cause });
        }
        self.asked.push("publish");
        Ok(Published { name: "new".into(), previous: "old".into() })
    }
}

struct Place {
    dir: TempDir,
    data: DataSet,
    clock: ManualClock,
}

impl Place {
    fn new() -> Place {
        Place::of(40)
    }

    /// With so many clips, a fifth of them to validate on.
    fn of(clips: usize) -> Place {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), clips);
        let data = DataSet::read(&format!("strobe:{}", dir.path().display())).unwrap();
        Place { dir, data, clock: ManualClock::default() }
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("runs/1")
    }

    fn night(&self) -> Night<'_> {
        let mut options = Options::new(format!("strobe:{}", self.dir.path().display()), self.out());
        options.device = crate::training::Device::Cpu;
        options.config = Config { width: 2, epochs: 3, batch: 8, shard: 4, ..options.config };
        let notes = vec!["left out: <Spoken>".to_string()];
        Night {
            options,
            limit: None,
            publish: false,
            device: "a test".into(),
            notes,
            clock: &self.clock,
            since: self.clock.now(),
        }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.out().join(name)).unwrap()
    }
}

#[test]
fn a_better_encoder_is_published_and_the_report_says_so() {
    let place = Place::new();
    let mut judge = Fake { publish: true, ..Fake::default() };
    let mut stages = Vec::new();
    let ended = run(&place.night(), &place.data, &mut judge, &mut |p| {
        if let Progress::Stage(stage) = p {
            stages.push(*stage);
        }
        true
    })
    .unwrap();
    assert_eq!(judge.asked, ["align", "judge", "publish"]);
    assert_eq!(stages, [Stage::Learning, Stage::Aligning, Stage::Judging, Stage::Reporting]);
    assert_eq!((ended.stop, ended.published.as_ref().map(|p| p.name.as_str())), (Stop::Finished, Some("new")));
    assert!(ended.outcome.finished && ended.outcome.test.is_some());
    let report = place.read("report.md");
    for words in [
        "**Published** as `new`",
        "It finds \\*more\\*.",
        "3 of 3: all epochs are done",
        "left out: \\<Spoken\\>",
        "7 (0.50)",
        "| genre P@10 | 40.0 % | 50.0 % | +2.0 to +18.0 points |",
        "jukebox model use old",
        "| High | 4 |",
    ] {
        assert!(report.contains(words), "no `{words}` in:\n{report}");
    }
    for picture in ["loss", "accuracy", "confusion", "dimensions", "guard"] {
        assert!(report.contains(&format!("({picture}.svg)")), "{picture}");
        assert!(place.read(&format!("{picture}.svg")).starts_with("<svg "), "{picture}");
    }
    assert_eq!(latest_unfinished(&place.dir.path().join("runs")), None);
}

#[test]
fn heads_are_trained_and_told_of() {
    let mut place = Place::of(100);
    let clips = &mut place.data.clips;
    clips.descriptors = (0..clips.genres.len()).map(|i| (i % 7) as f32).collect();
    clips.descriptor_names = vec!["place".into()];
    // Nobody asks for them.
    run(&place.night(), &place.data, &mut Fake::default(), &mut |_| true).unwrap();
    let (log, config, report) = (place.read("log.jsonl"), place.read("config.json"), place.read("report.md"));
    let all = [log, config, report].concat();
    for word in ["reconstruction", "describe", "decode", "Descriptors"] {
        assert!(!all.contains(word), "`{word}` in:\n{all}");
    }
    let mut night = place.night();
    night.options.out = place.dir.path().join("runs/2");
    (night.options.config.decode, night.options.config.describe) = (0.5, 0.25);
    run(&night, &place.data, &mut Fake::default(), &mut |_| true).unwrap();
    let read = |name: &str| std::fs::read_to_string(night.options.out.join(name)).unwrap();
    let report = read("report.md");
    for words in [
        "| weight of the decoder | 0.5 |",
        "| weight of the descriptors | 0.25 |",
        "| error of the decoder's images | ",
        "(reconstruction.svg)",
        "(reconstructions.svg)",
        "(descriptors.svg)",
        "| descriptor | validation clips | R² |\n|---|---|---|\n| place | 20 | ",
    ] {
        assert!(report.contains(words), "no `{words}` in:\n{report}");
    }
    // Of each of the two genres, three clips above their guesses, and the scale.
    let drawn = read("reconstructions.svg");
    assert!(drawn.starts_with("<svg ") && drawn.contains(">High</text>"), "{drawn}");
    assert_eq!(drawn.matches("<image ").count(), 2 * 6 + 1, "{drawn}");
    let epoch: crate::training::EpochReport = serde_json::from_str(read("log.jsonl").lines().last().unwrap()).unwrap();
    assert!(epoch.reconstruction.is_some_and(f64::is_finite) && epoch.described[0].is_some_and(f64::is_finite));
    assert_eq!(begun(&night.options.out).unwrap().config, night.options.config);
}

#[test]
fn a_worse_one_is_kept_aside_unless_it_is_forced() {
    let place = Place::new();
    let mut judge = Fake::default();
    let ended = run(&place.night(), &place.data, &mut judge, &mut |_| true).unwrap();
    assert_eq!((ended.published, judge.asked.len()), (None, 2));
    assert!(ended.outcome.model.exists() && place.read("report.md").contains("Kept aside"));
    let mut night = place.night();
    (night.publish, night.options.resume) = (true, true);
    let mut judge = Fake::default();
    let ended = run(&night, &place.data, &mut judge, &mut |_| true).unwrap();
    assert!(ended.published.is_some());
    assert!(place.read("report.md").contains("`--publish`"));
}

#[test]
fn what_is_stopped_by_hand_is_kept_not_judged_and_goes_on() {
    let place = Place::new();
    let mut judge = Fake { publish: true, ..Fake::default() };
    let mut asked = false;
    let ended = run(&place.night(), &place.data, &mut judge, &mut |p| {
        asked |= matches!(p, Progress::Epoch(_));
        !asked
    })
    .unwrap();
    assert_eq!((ended.stop, ended.outcome.epochs, ended.outcome.finished), (Stop::Asked, 1, false));
    assert!(judge.asked.is_empty() && ended.judgement.is_none());
    assert!(place.read("report.md").contains("--resume --out"));
    assert_eq!(latest_unfinished(&place.dir.path().join("runs")), Some(place.out()));

    let mut night = place.night();
    night.options.resume = true;
    night.options.config = begun(&place.out()).unwrap().config;
    let mut earlier = 0;
    let ended = run(&night, &place.data, &mut judge, &mut |p| {
        if let Progress::Earlier(epochs) = p {
            earlier = epochs.len();
        }
        true
    })
    .unwrap();
    assert_eq!((ended.stop, ended.outcome.epochs, earlier), (Stop::Finished, 3, 1));
}

#[test]
fn asked_before_the_first_epoch_leaves_a_run_that_can_begin_again() {
    let place = Place::new();
    let said = run(&place.night(), &place.data, &mut Fake::default(), &mut |p| !matches!(p, Progress::Step { .. }));
    let said = said.unwrap_err().to_string();
    assert!(said.contains("before the first epoch") && said.contains("; continue with `jukebox train"), "{said}");
    let mut night = place.night();
    night.options.resume = true;
    assert!(run(&night, &place.data, &mut Fake::default(), &mut |_| true).unwrap().outcome.finished);
}

#[test]
fn the_time_limit_stops_with_the_best_so_far_and_judges_it() {
    let place = Place::new();
    let mut night = place.night();
    night.limit = Some(Limit::For(Duration::from_secs(1000)));
    let mut judge = Fake { publish: true, ..Fake::default() };
    let mut ends = Vec::new();
    let ended = run(&night, &place.data, &mut judge, &mut |p| {
        match p {
            Progress::Plan { ends: at, .. } => ends.push(*at),
            // The clock stands still while the first steps are timed, so all epochs seem to fit.
            // After the second epoch a third one would no longer fit.
            Progress::Epoch(_) => place.clock.advance(Duration::from_secs(400)),
            _ => {}
        }
        true
    })
    .unwrap();
    assert_eq!((ended.stop, ended.outcome.epochs), (Stop::Time, 2));
    assert!(ended.published.is_some(), "what there was time for is judged");
    assert_eq!(ends, [Some(1_700_001_000)]);
    assert!(place.read("report.md").contains("2 of 3: the time was up"));
    assert_eq!(latest_unfinished(&place.dir.path().join("runs")), Some(place.out()));
}

#[test]
fn the_epochs_are_chosen_by_the_speed_of_the_first_steps() {
    let place = Place::new();
    let run_in = |seconds: u64, agree: f32| {
        let _ = std::fs::remove_dir_all(place.out());
        let mut night = place.night();
        night.options.config.epochs = 30;
        night.options.config.agree = agree;
        night.limit = Some(Limit::For(Duration::from_secs(seconds)));
        let notes = Mutex::new(Vec::new());
        let ended = run(&night, &place.data, &mut Fake::default(), &mut |p| {
            match p {
                // A step of 8 clips takes 8 seconds; the work after an epoch takes none.
                Progress::Stage(Stage::Timing) | Progress::Step { .. } => place.clock.advance(Duration::from_secs(8)),
                Progress::Note(note) => notes.lock().unwrap().push(note.clone()),
                _ => {}
            }
            true
        });
        (ended, notes.into_inner().unwrap())
    };
    let (ended, notes) = run_in(300, 0.0);
    let ended = ended.unwrap();
    let chosen = begun(&place.out()).unwrap().config.epochs;
    // 32 s for the timing, 24 training clips at 1 s each plus (8 + 24) / 3 s after each epoch, and 39 s at the end.
    assert_eq!(chosen, 6);
    assert_eq!((ended.outcome.epochs, ended.stop), (chosen, Stop::Finished));
    // With two views per clip, a step has 4 clips and takes as long, as do the timing and the end.
    run_in(300, 0.5).0.unwrap();
    assert_eq!(begun(&place.out()).unwrap().config.epochs, 2);
    assert!(notes[0].contains(&format!("{chosen} of the recipe's 30 epochs fit")), "{notes:?}");
    let (said, _) = run_in(60, 0.0);
    let said = said.unwrap_err().to_string();
    assert!(said.contains("give it more time"), "{said}");
    assert!(!place.out().exists(), "nothing was begun");
}

#[test]
fn a_full_disk_leaves_what_was_there_and_says_how_to_go_on() {
    let place = Place::new();
    let fill = |name: &str| std::os::unix::fs::symlink("/dev/full", place.out().join(name)).unwrap();
    let free = |name: &str| drop(std::fs::remove_file(place.out().join(name)));
    let mut resume = false;
    let mut go = |full: &str, at: usize, judge_full: bool| {
        let mut night = place.night();
        night.options.resume = std::mem::replace(&mut resume, true);
        let mut judge = Fake { publish: true, full: judge_full, ..Fake::default() };
        let said = run(&night, &place.data, &mut judge, &mut |p| {
            if let Progress::Step { epoch, step: 1, .. } = p
                && *epoch == at
            {
                fill(full);
            }
            true
        });
        said.expect_err("the disk is full").to_string()
    };
    let checkpoint = || std::fs::read(place.out().join("checkpoint.safetensors")).unwrap();
    let said = go("checkpoint.new", 2, false);
    assert!(
        said.contains("checkpoint.safetensors")
            && said.contains("make room, then continue with `jukebox train --resume"),
        "{said}"
    );
    let first = checkpoint();
    free("checkpoint.new");
    // The log is appended to after the checkpoint is written, so that epoch is not lost.
    std::fs::remove_file(place.out().join("log.jsonl")).unwrap();
    let said = go("log.jsonl", 2, false);
    // The device that is always full is rejected as a log.
    assert!(said.contains("log.jsonl") && said.contains("not a regular file") && said.contains("--resume"), "{said}");
    assert_ne!(checkpoint(), first);
    free("log.jsonl");
    let said = go("model.safetensors.new", 3, false);
    assert!(said.contains("model.safetensors") && said.contains("not a regular file"), "{said}");
    let last = checkpoint();
    let said = go("", 9, true);
    assert!(said.contains("models/current") && said.contains("is kept as") && said.contains("make room"), "{said}");
    fill("report.md.new");
    let said = go("", 9, false);
    assert!(said.contains("report.md") && said.contains("not a regular file"), "{said}");
    assert_eq!(checkpoint(), last);
    let mut night = place.night();
    night.options.resume = true;
    assert!(run(&night, &place.data, &mut Fake::default(), &mut |_| true).unwrap().outcome.finished);
    assert_eq!(place.read("log.jsonl").lines().count(), 3);
}
