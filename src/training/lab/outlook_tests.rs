//! The outlook and transfer on a few generated clips: they end, they can be stopped anywhere, and measure whole tracks.

use std::path::Path;

use jukebox_encoder::train::Clips;
use jukebox_encoder::{Architecture, Augment, Input};

use super::arm::{Experiment, arms};
use super::only::chosen;
use super::outlook::{PLAIN, SCRATCH};
use super::record::{self, Record};
use super::schedule::Schedule;
use super::work::{Plan, Told, run};
use super::{Asked, ClipsError, LabError, Stock, Take, page, reconstructed};
use crate::sound::views;
use crate::training::{DataSet, Device, Part, Source, Split};

static STROBE: &[u8] = include_bytes!("../../../models/strobe.safetensors");
static EAR: &[u8] = include_bytes!("../../../models/ear.safetensors");

/// Tracks of two genres that differ in their bands, each with so many images, and two descriptors, the second of which is
/// known of every other track. Of five tracks two are validated on and one is for the test.
fn set(tracks: usize, each: usize, image: Input) -> DataSet {
    let mut clips = Clips { descriptor_names: vec!["low".into(), "high".into()], ..Clips::of(image) };
    let mut random = fastrand::Rng::with_seed(3);
    let mut split = Split::default();
    for clip in 0..tracks * each {
        let track = clip / each;
        let low = track.is_multiple_of(2);
        for band in 0..clips.bands {
            let level = if (band < clips.bands / 2) == low { 0xcc } else { 0x33 };
            clips.strobes.extend((0..clips.steps / 2).map(|_| level + random.u8(0..3)));
        }
        clips.genres.push(u16::from(!low));
        let other = if track % 4 < 2 { track as f32 } else { f32::NAN };
        clips.descriptors.extend([f32::from(u8::from(low)), other]);
        split.0.push(match track % 5 {
            1 | 2 => Part::Validation,
            4 => Part::Test,
            _ => Part::Training,
        });
    }
    let artist = |i: usize| Source { name: i.to_string(), artist: format!("Ann {}", i / 2), ..Source::default() };
    DataSet {
        genres: vec!["Low".into(), "High".into()],
        tags: Vec::new(),
        split,
        clips,
        tracks: (0..tracks).map(artist).collect(),
        track: (0..tracks * each).map(|clip| (clip / each) as u32).collect(),
        labels: (0..tracks).map(|i| vec![(i % 2) as u16]).collect(),
        notes: Vec::new(),
        image,
        name: "toys".into(),
    }
}

fn asked(epochs: usize) -> Asked {
    Asked { width: 24, epochs, rate: None, command: "jukebox lab".into() }
}

fn plan<'a>(stock: &'a Stock, root: &Path, experiment: Experiment, only: &[&str], start: Option<&'a [u8]>) -> Plan<'a> {
    let only: Vec<String> = only.iter().map(|w| (*w).to_string()).collect();
    let mut arms = chosen(experiment, &only).unwrap();
    // A smaller network; one that begins from an encoder has the width of that.
    for arm in arms.iter_mut().filter(|arm| !arm.starts) {
        arm.config.width = 4;
    }
    Plan {
        schedule: Schedule {
            setting: stock.setting(experiment, &asked(2)),
            arms,
            seeds: Some(1),
            usual: experiment.seeds(),
            root: root.to_owned(),
        },
        stock,
        device: Device::Cpu,
        jobs: 2,
        version: "0".into(),
        start,
    }
}

/// Every run, without timings.
fn kept(root: &Path) -> Vec<Record> {
    let mut records = record::all(root).unwrap();
    records.iter_mut().flat_map(|r| &mut r.curve).for_each(|point| point.seconds = 0.0);
    records
}

#[test]
fn the_outlook_can_be_stopped_anywhere_and_measures_whole_tracks() {
    let only = [PLAIN, "decoder-1", "described", "pitch-resampled", "pitch-rolled", "windows-3", "windows-drawn"];
    let stock =
        Stock::of(set(60, views::count(true), Input::Strobe), Experiment::Outlook, &arms(Experiment::Outlook), false);
    let stock = stock.unwrap();
    assert_eq!(stock.images, "strobe images, 128 × 128");
    let [whole, parts] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    assert!(run(&plan(&stock, whole.path(), Experiment::Outlook, &only, None), &|_| true).unwrap());
    let again = plan(&stock, parts.path(), Experiment::Outlook, &only, None);
    let mut rounds = 0;
    // Stopped after every step, within an epoch and between two.
    while !run(&again, &|told| !matches!(told, Told::Step)).unwrap() {
        rounds += 1;
        assert!(rounds < 100, "it never ends");
    }
    assert!(rounds > 3, "{rounds}");
    assert_eq!(kept(parts.path()), kept(whole.path()));

    let records = record::all(whole.path()).unwrap();
    assert_eq!(records.len(), only.len());
    for record in &records {
        // 24 tracks of each of two parts, and 12 for the test, however many windows of them there are.
        assert_eq!((record.setting.counts, record.parts), ([24, 24], Some([24, 24, 12])), "{}", record.arm);
        let outcome = record.outcome.as_ref().unwrap();
        for (share, tracks) in [(outcome.validation, 24.0), (record.test.unwrap(), 12.0)] {
            assert!((share * tracks - (share * tracks).round()).abs() < 1e-4, "{}: {share}", record.arm);
        }
        // Of each track is kept what makes up the shares.
        let [validation, test] = outcome.said.as_ref().unwrap();
        for (part, share) in [(validation, outcome.validation), (test, record.test.unwrap())] {
            let right: f64 = part.rights().map(|(_, right)| right).sum();
            assert!((right / part.said.len() as f64 - share).abs() < 1e-6, "{}: {share}", record.arm);
        }
        // Those of other artists are more than ten.
        assert!(outcome.precision.is_some_and(|p| (0.0..=1.0).contains(&p)), "{}: {outcome:?}", record.arm);
        assert_eq!(outcome.reconstruction.is_some(), record.arm == "decoder-1");
        assert_eq!(outcome.last_reconstruction.is_some(), record.arm == "decoder-1");
        assert_eq!(outcome.described.is_some(), record.arm == "described");
        // The second descriptor is known of half of the tracks, too few of those that are validated on.
        let named: Vec<&str> = outcome.last_described.keys().map(String::as_str).collect();
        assert_eq!(named, if record.arm == "described" { &["low"][..] } else { &[] }, "{}", record.arm);
    }
    // With one window, a track is a clip: what its best epoch reached is what the end is measured at.
    let plain = records.iter().find(|r| r.arm == PLAIN).unwrap();
    assert!((plain.outcome.as_ref().unwrap().validation - plain.best().unwrap()).abs() < 1e-6);
    // Nothing is left but the records and the picture of the decoder's guesses, and nothing was published.
    let left: Vec<_> = std::fs::read_dir(whole.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [plain.setting.directory().as_str()]);
    for run in std::fs::read_dir(whole.path().join(&left[0])).unwrap().map(|e| e.unwrap().path()) {
        let pictures = usize::from(run.ends_with("decoder-1-s1"));
        assert_eq!(std::fs::read_dir(&run).unwrap().count(), 1 + pictures, "{}", run.display());
    }
    let decoder = reconstructed::run(&records).unwrap();
    let drawn = |root: &Path| std::fs::read_to_string(reconstructed::left(root, decoder)).unwrap();
    let svg = drawn(whole.path());
    // Of each of the two genres, three clips above their guesses, and the scale.
    assert!(svg.contains("xmlns=") && svg.contains(">decoder-1, seed 1, toys</text>"), "{svg}");
    assert_eq!((svg.matches(">Low</text>").count(), svg.matches("<image ").count()), (3, 2 * 6 + 1), "{svg}");
    assert_eq!(drawn(parts.path()), svg, "the same after it was stopped");
    let text = page::part("outlook", &records);
    assert!(text.contains("24 tracks to train on, 24 to validate on, 12 to test on, of 2 genres, strobe"), "{text}");
    assert!(
        text.contains("**Partial**: 7 of 12 arms") && text.contains("`windows-3` by the window in the middle"),
        "{text}"
    );
}

#[test]
fn arms_begin_from_an_encoder_that_shipped() {
    let (home, stock) = (tempfile::tempdir().unwrap(), set(20, views::count(false), Input::Strobe));
    let only = ["strobe-frozen", "strobe-fine-tuned", "described-fine-tuned"];
    let named: Vec<String> = only.iter().map(|w| (*w).to_string()).collect();
    let stock = Stock::of(stock, Experiment::Outlook, &chosen(Experiment::Outlook, &named).unwrap(), false).unwrap();
    let refused = run(&plan(&stock, home.path(), Experiment::Outlook, &only, None), &|_| true).unwrap_err();
    assert!(matches!(refused, LabError::NoStart(_)), "{refused}");
    assert!(run(&plan(&stock, home.path(), Experiment::Outlook, &only, Some(STROBE)), &|_| true).unwrap());
    let records = record::all(home.path()).unwrap();
    assert!(records.len() == 3 && records.iter().all(|r| r.finished && r.outcome.is_some() && r.config.width == 24));
    // What is finished stays, but is not taken for what begins from another encoder.
    assert!(run(&plan(&stock, home.path(), Experiment::Outlook, &only, Some(STROBE)), &|_| true).unwrap());
    let another = [STROBE, &[0]].concat();
    let refused = run(&plan(&stock, home.path(), Experiment::Outlook, &only, Some(&another)), &|_| true).unwrap_err();
    assert!(matches!(refused, LabError::OtherClips { .. }), "{refused}");
    // Without views at other pitches, the arm that needs them is refused.
    let pitched = chosen(Experiment::Outlook, &["pitch-resampled".into()]).unwrap();
    let refused = Stock::of(set(20, 3, Input::Strobe), Experiment::Outlook, &pitched, false).err().unwrap();
    assert!(matches!(refused, ClipsError::NoPitches(_)), "{refused}");
}

#[test]
fn transfer_averages_the_patches_of_a_track() {
    let (home, only) = (tempfile::tempdir().unwrap(), [SCRATCH, "frozen"]);
    let stock = Stock::of(set(20, 2, Input::Patch), Experiment::Transfer, &arms(Experiment::Transfer), false).unwrap();
    assert_eq!(stock.images, "patches of 3 s, 96 × 186");
    assert!(run(&plan(&stock, home.path(), Experiment::Transfer, &only, Some(EAR)), &|_| true).unwrap());
    let records = record::all(home.path()).unwrap();
    assert_eq!(records.iter().map(|r| r.arm.as_str()).collect::<Vec<_>>(), ["frozen", SCRATCH]);
    for record in &records {
        assert_eq!((record.setting.counts, record.parts), ([8, 8], Some([8, 8, 4])));
        assert!(
            record.outcome.as_ref().is_some_and(|outcome| (outcome.validation * 8.0).fract() < 1e-4),
            "{:?}",
            record.outcome
        );
    }
    assert!(page::part("transfer", &records).contains("**Partial**: 2 of 3 arms"));
    let refused = Stock::of(set(20, 3, Input::Strobe), Experiment::Transfer, &[], false).err().unwrap();
    assert!(refused.to_string().contains("use tree:DIR or fma:DIR"), "{refused}");
}

#[test]
fn a_rate_that_is_given_is_a_tenth_for_fine_tuning_as_without_it() {
    let of = |experiment: Experiment, rate: Option<f64>| -> Vec<(String, f64)> {
        let setting = Asked { rate, ..asked(1) }.setting(experiment);
        let schedule =
            Schedule { setting, arms: arms(experiment), seeds: Some(1), usual: 1, root: std::path::PathBuf::new() };
        schedule.mains().unwrap().into_iter().map(|run| (run.arm, run.config.rate)).collect()
    };
    let given = |experiment| of(experiment, Some(1e-3));
    let own = |name: &str, rate: f64| (name.to_string(), rate);
    assert_eq!(given(Experiment::Transfer), [own(SCRATCH, 1e-3), own("frozen", 1e-3), own("fine-tuned", 1e-3 / 10.0)]);
    let outlook = given(Experiment::Outlook);
    let tenth = outlook.iter().filter(|(_, rate)| *rate < 1e-3).map(|(name, _)| name.as_str());
    assert_eq!(tenth.collect::<Vec<_>>(), ["strobe-fine-tuned", "described-fine-tuned"]);
    for experiment in [Experiment::Transfer, Experiment::Outlook] {
        let usual = of(experiment, None);
        assert_eq!(of(experiment, Some(usual[0].1)), usual);
    }
}

#[test]
fn every_arm_of_the_outlook_changes_one_thing() {
    let all = arms(Experiment::Outlook);
    let plain = &all[0];
    assert_eq!((plain.name.as_str(), plain.take, plain.starts), (PLAIN, Take::Middle, false));
    assert_eq!((&plain.config.augment, plain.config.arch), (&Augment::none(), Architecture::Strobe));
    for arm in &all {
        let mut config = arm.config.clone();
        let rolled = std::mem::replace(&mut config.augment, Augment::none()) != Augment::none();
        let heads = config.decode > 0.0 || config.describe > 0.0;
        let begins = arm.starts;
        (config.decode, config.describe) = (0.0, 0.0);
        if begins {
            assert!(config.frozen || config.rate < plain.config.rate, "{}", arm.name);
            (config.frozen, config.rate) = (false, plain.config.rate);
        }
        assert_eq!(config, plain.config, "{}", arm.name);
        let changed = [rolled, heads, begins, arm.take != Take::Middle].into_iter().filter(|is| *is).count();
        let expected = match arm.name.as_str() {
            PLAIN => 0,
            "described-fine-tuned" => 2,
            _ => 1,
        };
        assert_eq!(changed, expected, "{}", arm.name);
    }
    let transfer = arms(Experiment::Transfer);
    assert!(transfer.iter().all(|arm| arm.config.arch == Architecture::Ear && arm.config.contrast == 0.0));
    assert_eq!(transfer.iter().filter(|arm| arm.starts).count(), 2);
}
