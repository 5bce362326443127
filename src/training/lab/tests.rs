//! The lab on a few generated clips: it ends, it can be stopped anywhere, and comes to the same.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jukebox_encoder::train::Clips;
use jukebox_encoder::{Input, SMALL, halves};

use super::arm::Experiment;
use super::fixture::record;
use super::only::chosen;
use super::record::{self, Record};
use super::schedule::{Schedule, settings};
use super::work::{Plan, Told, run};
use super::{Asked, Parts, Stock, page};
use crate::training::{Config, DataSet, Device, Part, Source, Split};

/// Strobe images of two genres that differ in their bands: of twelve, two for validation, two for the test.
fn set(n: usize) -> DataSet {
    let mut clips = Clips::of(Input::Strobe);
    let mut random = fastrand::Rng::with_seed(3);
    let mut split = Split::default();
    for i in 0..n {
        let low = i % 2 == 0;
        for band in 0..clips.bands {
            let level = if (band < 64) == low { 0xcc } else { 0x33 };
            clips.strobes.extend((0..clips.steps / 2).map(|_| level + random.u8(0..3)));
        }
        clips.genres.push(u16::from(!low));
        split.0.push(match i % 12 {
            2 | 5 => Part::Validation,
            8 | 11 => Part::Test,
            _ => Part::Training,
        });
    }
    DataSet {
        genres: vec!["Low".into(), "High".into()],
        tags: Vec::new(),
        split,
        clips,
        tracks: (0..n).map(|i| Source { name: i.to_string(), ..Source::default() }).collect(),
        track: (0..n as u32).collect(),
        labels: (0..n).map(|i| vec![(i % 2) as u16]).collect(),
        notes: Vec::new(),
        image: Input::Strobe,
        name: "toys".into(),
    }
}

fn stock() -> Stock {
    Stock::of(set(24), Experiment::Fig3, &[], false).unwrap()
}

fn plan<'a>(stock: &'a Stock, root: &Path, experiment: Experiment, only: &[&str], epochs: usize) -> Plan<'a> {
    let asked = Asked { width: 32, epochs, rate: None, command: "jukebox lab".into() };
    let only: Vec<String> = only.iter().map(|w| (*w).to_string()).collect();
    Plan {
        schedule: Schedule {
            setting: stock.setting(experiment, &asked),
            arms: chosen(experiment, &only).unwrap(),
            seeds: Some(1),
            usual: 1,
            root: root.to_owned(),
        },
        stock,
        device: Device::Cpu,
        jobs: 2,
        version: "0".into(),
        start: None,
    }
}

/// Loss, validation accuracy and validation loss of every epoch.
type Curve = Vec<(f64, f64, f64)>;

/// The curves of every run, without timings.
fn curves(root: &Path) -> Vec<(String, Curve)> {
    let of =
        |r: Record| (r.name(), r.curve.iter().map(|p| (p.loss, p.validation, p.validation_loss)).collect::<Vec<_>>());
    record::all(root).unwrap().into_iter().map(of).collect()
}

#[test]
fn small_images_are_means_of_powers() {
    let set = set(3);
    let image = set.clips.image(0);
    // Of the lowest two bands and first two steps: 128 bands of 64 bytes.
    let nibbles = [image[0] >> 4, image[0] & 15, image[64] >> 4, image[64] & 15];
    let power = |v: u8| 2000.0 * 10f32.powf(8.0 * ((16.0 * f32::from(v) + 8.0) / 255.0 - 1.0));
    let mean = nibbles.map(power).iter().sum::<f32>() / 4.0;
    let stock = Stock::of(set, Experiment::Ablation, &[], false).unwrap();
    let Parts { training, test, .. } = &stock.own;
    assert_eq!((training.bands, training.steps, training.power), (SMALL, SMALL, true));
    assert!(test.is_empty(), "no test clip is even at hand");
    let first = halves::powers(training.image(0)).next().unwrap();
    assert!((first / mean - 1.0).abs() < 1e-3, "{first} where {mean} belongs");
    assert!(stock.images.starts_with("relative powers, averaged to 64"), "{}", stock.images);
}

#[test]
fn an_ablation_with_its_pilots_ends_and_is_not_done_twice() {
    let (home, stock) = (tempfile::tempdir().unwrap(), stock());
    let plan = plan(&stock, home.path(), Experiment::Ablation, &["corners"], 2);
    let before = plan.schedule.list().unwrap();
    assert_eq!((before.len(), before.iter().map(|r| r.epochs[0]).sum::<usize>()), (12 + 4, 0));
    let steps = AtomicUsize::new(0);
    let tell = |told: &Told| {
        steps.fetch_add(usize::from(*told == Told::Step), Ordering::Relaxed);
        true
    };
    assert!(run(&plan, &tell).unwrap());
    // 16 clips are one step an epoch.
    assert_eq!(steps.swap(0, Ordering::Relaxed), 16 * 2);
    assert!(run(&plan, &tell).unwrap());
    assert_eq!(steps.into_inner(), 0, "nothing is done twice");

    let records = record::all(home.path()).unwrap();
    assert!(records.len() == 16 && records.iter().all(|r| r.finished && r.curve.len() == 2));
    let chosen = records.iter().find(|r| r.arm == "log-logits-plain-shuffled").unwrap();
    let pilots = records.iter().filter(|r| r.arm.starts_with("pilot-log-plain"));
    let best = pilots.max_by(|a, b| a.best().unwrap().total_cmp(&b.best().unwrap())).unwrap();
    let reached = |rate: f64| records.iter().any(|r| r.is_pilot() && r.config.rate == rate && r.best() == best.best());
    assert!(reached(chosen.config.rate), "{}", chosen.config.rate);
    // No weights are left.
    let left = std::fs::read_dir(home.path().join(chosen.setting.directory()).join("log-logits-plain-shuffled-s1"));
    assert_eq!(left.unwrap().count(), 1);
    let text = page::part("ablation", &records);
    assert!(text.contains("**Partial**: 4 of 16") && text.contains("Scaled down"), "{text}");
}

#[test]
fn runs_are_listed_without_their_clips() {
    let (home, stock) = (tempfile::tempdir().unwrap(), stock());
    let asked = |epochs, command: &str| Asked { width: 32, epochs, rate: None, command: command.into() };
    let found = |asked: &Asked| settings(home.path(), Experiment::Fig3, asked).unwrap();
    let none = found(&asked(1, "jukebox lab"));
    assert_eq!((none.len(), none[0].data.as_str(), none[0].experiment.as_str()), (1, "", "fig3"));

    let plan = plan(&stock, home.path(), Experiment::Fig3, &["baseline"], 1);
    assert!(run(&plan, &|_| true).unwrap());
    // The number of seeds is no part of a setting.
    for command in ["jukebox lab", "jukebox lab --seeds 3"] {
        assert_eq!(found(&asked(1, command)), std::slice::from_ref(&plan.schedule.setting), "{command}");
    }
    for other in [asked(2, "jukebox lab"), asked(1, "jukebox lab --full")] {
        assert_eq!(found(&other)[0].data, "", "{other:?}");
    }
    let rows = plan.schedule.list().unwrap();
    assert_eq!(rows.iter().map(|row| row.epochs).collect::<Vec<_>>(), [[1, 1]]);
}

#[test]
fn a_run_that_is_taken_up_again_has_the_same_curve() {
    let (whole, parts, stock) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), stock());
    // Dropout, running statistics, and 1-D: everything that has a state of its own.
    let only = ["bn", "dropout", "1d"];
    assert!(run(&plan(&stock, whole.path(), Experiment::Fig3, &only, 3), &|_| true).unwrap());
    let plan = plan(&stock, parts.path(), Experiment::Fig3, &only, 3);
    let mut rounds = 0;
    // Stopped after every step, within an epoch and between two.
    while !run(&plan, &|told| !matches!(told, Told::Step)).unwrap() {
        rounds += 1;
        assert!(rounds < 50, "it never ends");
    }
    assert!(rounds > 3, "{rounds}");
    assert_eq!(curves(parts.path()), curves(whole.path()));
    assert!(curves(whole.path()).iter().all(|(_, curve)| curve.len() == 3));
}

#[test]
fn an_arm_of_its_own_length_and_the_network_over_frequency_are_trained() {
    let (home, stock) = (tempfile::tempdir().unwrap(), stock());
    let mut plan = plan(&stock, home.path(), Experiment::Fig3, &["dropout-100", "3x1"], 1);
    assert_eq!(plan.schedule.arms[0].epochs, Some(100));
    plan.schedule.arms[0].epochs = Some(2);
    assert_eq!(plan.schedule.list().unwrap().iter().map(|r| r.epochs).collect::<Vec<_>>(), [[0, 2], [0, 1]]);
    assert!(run(&plan, &|_| true).unwrap());
    let records = record::all(home.path()).unwrap();
    let found = records.iter().map(|r| (r.arm.as_str(), r.curve.len(), r.config.epochs, r.finished));
    assert_eq!(found.collect::<Vec<_>>(), [("3x1", 1, 1, true), ("dropout-100", 2, 2, true)]);
    assert_eq!(records[0].setting, records[1].setting);
    assert!(records.iter().all(|r| r.test.is_none() && r.parts.is_none()));
    let text = page::part("fig3", &records);
    assert!(text.contains("**Partial**: 1 of 8 arms"), "long arms are not missed: {text}");
    assert!(text.contains("| dropout-100 |") && !text.contains("baseline-100"), "it is of the usual setting: {text}");
}

#[test]
fn table_4_trains_on_strobe_images_and_is_measured_on_the_test_clips_at_its_end() {
    let arms = chosen(Experiment::Table4, &["paper-random".into()]).unwrap();
    let (home, stock) = (tempfile::tempdir().unwrap(), Stock::of(set(24), Experiment::Table4, &arms, false).unwrap());
    assert_eq!((stock.images.as_str(), stock.own.training.power), ("strobe images, 128 × 128", false));
    let plan = plan(&stock, home.path(), Experiment::Table4, &["crnn", "paper-random"], 2);
    // Stopped after every step, within an epoch and between two.
    let mut rounds = 0;
    while !run(&plan, &|told| !matches!(told, Told::Step)).unwrap() {
        rounds += 1;
        let early = record::all(home.path()).unwrap();
        assert!(early.iter().all(|r| r.test.is_none() || r.finished), "measured before its end");
        assert!(rounds < 50, "it never ends");
    }
    let records = record::all(home.path()).unwrap();
    let of = |arm: &str| records.iter().find(|r| r.arm == arm).unwrap();
    // 24 tracks: a tenth and an eighth of the rest, rounded up.
    assert_eq!((of("crnn").parts, of("paper-random").parts), (Some([16, 4, 4]), Some([18, 3, 3])));
    assert_eq!((of("crnn").config.width, of("paper-random").config.width), (32, 32));
    for record in &records {
        let [_, _, clips] = record.parts.unwrap_or_default();
        assert!(record.finished && record.test.is_some() != record.is_pilot(), "{}", record.arm);
        let right = record.test.unwrap_or(0.0) * clips as f64;
        assert!((right - right.round()).abs() < 1e-4, "a share of {clips} clips: {:?}", record.test);
    }
    let pilots = records.iter().filter(|r| r.is_pilot()).map(|r| r.arm.as_str());
    assert_eq!(pilots.collect::<Vec<_>>(), ["pilot-crnn-1e-3", "pilot-crnn-3e-3", "pilot-crnn-3e-4"]);
    assert_eq!(of("paper-random").config.rate, 1e-4);
    // The clips of the two splits are the same.
    let clips = |parts: &Parts| {
        let all = [&parts.training, &parts.validation, &parts.test].map(|part| part.images());
        let mut all: Vec<Vec<u8>> = all.concat().into_iter().map(<[u8]>::to_vec).collect();
        all.sort();
        all
    };
    assert!(clips(&stock.own) == clips(&stock.random) && stock.own.test != stock.random.test);
    let none = Stock::of(set(24), Experiment::Table4, &chosen(Experiment::Table4, &["crnn".into()]).unwrap(), false);
    assert_eq!(none.unwrap().random, Parts::default(), "made only for the arm that needs it");
    let text = page::part("table4", &records);
    assert!(text.contains("16 training, 4 validation and 4 test clips") && text.contains("| crnn | 32 | "), "{text}");
}

#[test]
fn table_4_wants_strobe_images_and_test_clips() {
    let refused = |set: DataSet| Stock::of(set, Experiment::Table4, &[], false).err().unwrap().to_string();
    assert!(refused(DataSet { image: Input::Power, ..set(6) }).contains("use strobe:DIR, tree:DIR or fma:DIR"));
    let outlook = Stock::of(DataSet { image: Input::Power, ..set(6) }, Experiment::Outlook, &[], false);
    let outlook = outlook.err().unwrap().to_string();
    assert!(outlook.contains("the outlook takes") && !outlook.contains("Table 4"), "{outlook}");
    let all = |from: Part, to: Part| {
        let mut set = set(12);
        set.split.0.iter_mut().filter(|part| **part == from).for_each(|part| *part = to);
        set
    };
    assert!(refused(all(Part::Test, Part::Training)).contains("no test clips, on which Table 4 is measured: use"));
    let refused = refused(all(Part::Validation, Part::Test));
    assert!(refused.contains("8 clips to train on and 0 to validate on, and two and one are needed: use"), "{refused}");
}

/// Leaves a plan's pilots as if they had been run: each with what it had reached and whether it diverged.
fn piloted(plan: &Plan, results: &[(f64, bool)]) {
    for (pilot, (reached, diverged)) in plan.schedule.arms[0].pilots.iter().zip(results) {
        let config = Config { epochs: 2, width: 32, seed: 1, ..pilot.config.clone() };
        let (setting, curve) = (plan.schedule.setting.clone(), record(&pilot.name, 1, &[*reached]).curve);
        let run = Record { setting, config, curve, diverged: *diverged, ..record(&pilot.name, 1, &[]) };
        let place = record::directory(&plan.schedule.root, &plan.schedule.setting, &pilot.name, 1);
        std::fs::create_dir_all(&place).unwrap();
        record::write(&place, &run).unwrap();
    }
}

#[test]
fn a_pilot_that_diverged_chooses_no_rate() {
    let (home, stock) = (tempfile::tempdir().unwrap(), stock());
    let plan = plan(&stock, home.path(), Experiment::Ablation, &["log-logits-plain-fixed"], 2);
    piloted(&plan, &[(0.2, false), (0.4, false), (0.9, true)]);
    let rates = Mutex::new(Vec::new());
    let stopped = run(&plan, &|told| {
        if let Told::Rate { rate, .. } = told {
            rates.lock().unwrap().push(*rate);
        }
        !matches!(told, Told::Begins { .. })
    });
    assert_eq!((stopped.unwrap(), rates.into_inner().unwrap()), (false, vec![3e-4]));
    let rows = plan.schedule.list().unwrap();
    assert_eq!(rows.iter().map(|row| row.diverged).collect::<Vec<_>>(), [false, false, true, false]);

    piloted(&plan, &[(0.2, true), (0.4, true), (0.9, true)]);
    let refused = run(&plan, &|_| true).unwrap_err().to_string();
    assert!(refused.contains("all its pilots diverged; run it by itself at a lower rate"), "{refused}");
    assert!(refused.ends_with("--only log-logits-plain-fixed --rate 1e-5"), "{refused}");
}

#[test]
fn another_configuration_is_not_mixed_in() {
    let (home, stock) = (tempfile::tempdir().unwrap(), stock());
    let mut plan = plan(&stock, home.path(), Experiment::Fig3, &["baseline"], 1);
    assert!(run(&plan, &|_| true).unwrap());
    plan.schedule.arms[0].config.rate = 0.5;
    let refused = run(&plan, &|_| true).unwrap_err().to_string();
    assert!(refused.contains("another configuration") && refused.contains("baseline-s1"), "{refused}");
    // Another width is another setting.
    plan.schedule.setting.width = 40;
    assert!(run(&plan, &|_| true).unwrap());
    assert_eq!(record::all(home.path()).unwrap().len(), 2);
}
