//! Tests: missing or invalid data is reported with the file; a run is not overwritten, can be resumed, and is published
//! completely.

use std::fs;
use std::path::Path;

use jukebox_encoder::strobe::BYTES;
use tempfile::TempDir;

use super::*;

/// Writes a set of `n` clips of two genres that differ in their bands; three fifths are for training, one fifth each
/// for validation and test.
pub(super) fn write_set(directory: &Path, n: usize) {
    let mut rows = String::from("row\ttrack_id\tgenre\tsplit\n");
    let (mut images, mut teacher) = (Vec::new(), Vec::new());
    for i in 0..n {
        let genre = if i % 2 == 0 { "Low" } else { "High" };
        let split = ["training", "training", "validation", "training", "test"][i / 2 % 5];
        rows += &format!("{i}\t{}\t{genre}\t{split}\n", 100 + i);
        for band in 0..128 {
            let byte = if (band < 64) == (genre == "Low") { 0xcb } else { 0x10 + (i % 7) as u8 };
            images.extend([byte; 64]);
        }
        for k in 0..128u16 {
            // Half floats from 1.0 up.
            teacher.extend((0x3c00 + (i as u16 * 7 + k) % 64).to_le_bytes());
        }
    }
    fs::write(directory.join("clips.tsv"), rows).expect("written");
    let packed = zstd::encode_all(&images[..], 1).expect("packed");
    fs::write(directory.join("mel128.q4.zst"), packed).expect("written");
    fs::write(directory.join("vggish128.f16"), teacher).expect("written");
}

fn set(n: usize) -> (TempDir, String) {
    let directory = tempfile::tempdir().expect("a directory");
    write_set(directory.path(), n);
    let data = format!("strobe:{}", directory.path().display());
    (directory, data)
}

fn refused(data: &str, what: &str) {
    let said = DataSet::read(data).expect_err(what).to_string();
    assert!(said.contains(what), "`{said}` does not say `{what}`");
}

#[test]
fn a_set_is_read() {
    let (_keep, data) = set(20);
    let set = DataSet::read(&data).expect("a good set");
    assert_eq!(set.genres, ["High", "Low"]);
    let parts = [Part::Training, Part::Validation, Part::Test].map(|p| set.part(p));
    assert_eq!(parts.each_ref().map(|p| p.len()), [12, 4, 4]);
    assert_eq!(parts[1].genres, [1, 0, 1, 0]);
    assert!(parts.iter().all(|p| p.strobes.len() == p.len() * BYTES && p.teacher.len() == p.len() * 128));
    for component in 0..128 {
        let column: Vec<f32> = parts[0].teacher.iter().skip(component).step_by(128).copied().collect();
        let mean = column.iter().sum::<f32>() / 12.0;
        let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 12.0;
        assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{component}: {mean} {variance}");
    }
}

#[test]
fn what_is_missing_is_named() {
    refused("fma", "write strobe:DIR");
    refused("strobe:", "write strobe:DIR");
    refused("strobe:/nowhere/at/all", "/nowhere/at/all/clips.tsv");
    let (directory, data) = set(20);
    fs::remove_file(directory.path().join("vggish128.f16")).expect("removed");
    assert!(DataSet::read(&data).expect("a teacher is optional").part(Part::Training).teacher.is_empty());
    fs::remove_file(directory.path().join("mel128.q4.zst")).expect("removed");
    refused(&data, "mel128.q4.zst");
}

#[test]
fn other_splits_and_several_clips_of_a_track_are_read() {
    let (directory, data) = set(20);
    let path = directory.path().join("clips.tsv");
    let good = fs::read_to_string(&path).expect("readable");
    let only = good.replace("training", "test").replace("validation", "test").replace("\t101\t", "\t103\t");
    fs::write(&path, only).expect("written");
    let set = DataSet::read(&data).expect("a set to measure on");
    let parts = Part::ALL.map(|p| set.part(p).len());
    assert_eq!(parts, [0, 0, 20]);
    // Without training clips the teacher's vectors are standardised over all clips.
    assert!(set.clips.teacher.iter().all(|x| x.is_finite() && x.abs() < 20.0));
    assert_eq!((set.tracks.len(), set.track[1], set.track[3], set.tracks[1].name.as_str()), (19, 1, 1, "103"));
    assert_eq!(set.tracks_of(Part::Test).len(), 20);
    let refusal = set.summary().can_teach().expect_err("nothing to learn from").to_string();
    assert!(refusal.contains("it has nothing to train on"), "{refusal}");
}

#[test]
fn wrong_lines_are_named_by_number() {
    let (directory, data) = set(20);
    let path = directory.path().join("clips.tsv");
    let good = fs::read_to_string(&path).expect("readable");
    let with = |from: &str, to: &str| fs::write(&path, good.replacen(from, to, 1)).expect("written");
    with("row\t", "line\t");
    refused(&data, "the first line must be");
    with("3\t103\tHigh\ttraining", "3\t103\tHigh");
    refused(&data, "line 5: 3 fields instead of 4");
    with("3\t103\tHigh\ttraining", "7\t103\tHigh\ttraining");
    refused(&data, "line 5: row `7` instead of 3");
    with("3\t103\tHigh\ttraining", "3\t103\tHigh\thome");
    refused(&data, "line 5: split `home`");
    with("3\t103\tHigh\ttraining", "3\t103\t\ttraining");
    refused(&data, "line 5: the genre is empty");
    // Rows 2 and 5 are for training and for validation.
    with("5\t105\tHigh\tvalidation", "5\t102\tHigh\tvalidation");
    refused(&data, "line 7: track `102` has the split training in an earlier line and validation in this one");
    fs::write(&path, good.replace("High", "Low")).expect("written");
    let one =
        DataSet::read(&data).expect("may be measured on").summary().can_teach().expect_err("one genre").to_string();
    assert!(one.contains("Low is its only genre"), "{one}");
}

#[test]
fn damaged_images_and_vectors_are_noticed() {
    let (directory, data) = set(20);
    let images = directory.path().join("mel128.q4.zst");
    let good = fs::read(&images).expect("readable");
    fs::write(&images, &good[..good.len() / 2]).expect("written");
    refused(&data, "mel128.q4.zst is not a zstd file, or damaged");
    fs::write(&images, b"not zstd").expect("written");
    refused(&data, "mel128.q4.zst is not a zstd file, or damaged");
    for bytes in [19 * BYTES, 21 * BYTES] {
        fs::write(&images, zstd::encode_all(&vec![0; bytes][..], 1).expect("packed")).expect("written");
        refused(&data, "20 clips in clips.tsv need 163840 bytes");
    }
    fs::write(&images, good).expect("written");
    let teacher = directory.path().join("vggish128.f16");
    let mut vectors = fs::read(&teacher).expect("readable");
    fs::write(&teacher, &vectors[1..]).expect("written");
    refused(&data, "vggish128.f16: 20 clips");
    vectors[3 * 256 + 1] = 0x7c;
    vectors[3 * 256] = 0;
    fs::write(&teacher, vectors).expect("written");
    refused(&data, "vggish128.f16: row 3 holds a number that is not finite");
}

fn options(data: &str, out: &Path) -> Options {
    let mut options = Options::new(data, out);
    options.device = Device::Cpu;
    options.config = Config { width: 2, epochs: 2, batch: 8, shard: 4, ..options.config };
    options
}

#[test]
fn a_run_is_left_and_resumed() {
    let (directory, data) = set(40);
    let out = directory.path().join("runs/first");
    let options = options(&data, &out);
    let left = train(&options, &mut |p| !matches!(p, Progress::Epoch(_))).expect("one epoch");
    assert_eq!((left.epochs, left.finished, left.test), (1, false, None));
    let said = train(&options, &mut |_| true).expect_err("there is a run already").to_string();
    assert!(said.contains("--resume"), "{said}");

    let mut ready = None;
    let resumed = Options { resume: true, ..options.clone() };
    let outcome = train(&resumed, &mut |p| {
        if let Progress::Ready { clips, .. } = p {
            ready = Some(*clips);
        }
        true
    })
    .expect("resumes");
    assert_eq!(ready, Some([24, 8, 8]));
    assert!(outcome.finished);
    let test = outcome.test.expect("measured on the test clips");
    assert_eq!(test.clips, 8);
    let log = fs::read_to_string(out.join("log.jsonl")).expect("a log");
    assert_eq!(log.lines().count(), 2);
    assert!(out.join("config.json").exists());

    let model = fs::read(&outcome.model).expect("the model");
    let card = jukebox_encoder::Card::read(&model).expect("an encoder");
    assert_eq!(card.genres, ["High", "Low"]);
    assert_eq!(card.facts.test, Some(test.accuracy));
}

#[test]
fn an_untrained_encoder_can_be_measured() {
    let (directory, data) = set(40);
    let report = untrained(&options(&data, directory.path()), Part::Test).expect("measured");
    assert_eq!(report.clips, 8);
    assert!((0.0..=1.0).contains(&report.precision));
}
