//! Data sets from real audio: generated folders with typical layouts, decoded like a worker would, and external images
//! if they exist.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jukebox::analysis::jobs::{self, Found, Job};
use jukebox::analysis::model::SHIPPED;
use jukebox::clock::{Clock, SystemClock};
use jukebox::track::Probe;
use jukebox::training::incumbent::Incumbent;
use jukebox::training::models::Models;
use jukebox::training::night::{self, Night};
use jukebox::training::{
    Config, DataError, DataSet, Device, Each, EachSound, Genres, ListenError, Listener, Options, Part, Progress,
    Reading, Unheard,
};
use jukebox_encoder::recipe::Levels;
use jukebox_encoder::{Architecture, Card, Input};

/// What a job says of a file that it cannot read.
fn refused(why: impl ToString) -> Unheard {
    Unheard::Refused(why.to_string())
}

/// Does in this process what the program does in worker processes.
struct Here;

impl Listener for Here {
    fn probe(&mut self, files: &[PathBuf]) -> Result<Vec<Result<Probe, Unheard>>, ListenError> {
        let probe = |path: &PathBuf| match jobs::run(Job::Probe { path: path.clone() }).map_err(refused)? {
            Found::Probe { probe, .. } => Ok(*probe),
            other => panic!("{other:?}"),
        };
        Ok(files.iter().map(probe).collect())
    }

    fn listen(&mut self, files: &[(PathBuf, f64)], input: Input, each: &mut Each<'_>) -> Result<(), ListenError> {
        for (place, (path, secs)) in files.iter().enumerate() {
            let job = Job::Draw { path: path.clone(), secs: *secs, input };
            each(
                place,
                jobs::run(job).map_err(refused).map(|found| match found {
                    Found::Drawn(images) => images,
                    other => panic!("{other:?}"),
                }),
            )?;
        }
        Ok(())
    }

    fn views(&mut self, files: &[(PathBuf, f64)], pitched: bool, each: &mut Each<'_>) -> Result<(), ListenError> {
        for (place, (path, secs)) in files.iter().enumerate() {
            let job = Job::Views { path: path.clone(), secs: *secs, pitched };
            each(
                place,
                jobs::run(job).map_err(refused).map(|found| match found {
                    Found::Drawn(images) => images,
                    other => panic!("{other:?}"),
                }),
            )?;
        }
        Ok(())
    }

    fn describe(&mut self, files: &[(PathBuf, f64)], each: &mut EachSound<'_>) -> Result<(), ListenError> {
        for (place, (path, secs)) in files.iter().enumerate() {
            let job = Job::Describe { path: path.clone(), secs: *secs };
            each(
                place,
                jobs::run(job).map_err(refused).map(|found| match found {
                    Found::Sound(sound) => sound,
                    other => panic!("{other:?}"),
                }),
            )?;
        }
        Ok(())
    }
}

/// Panics if it has to decode anything.
struct Deaf;

impl Listener for Deaf {
    fn probe(&mut self, files: &[PathBuf]) -> Result<Vec<Result<Probe, Unheard>>, ListenError> {
        Here.probe(files)
    }

    fn listen(&mut self, files: &[(PathBuf, f64)], _: Input, _: &mut Each<'_>) -> Result<(), ListenError> {
        panic!("{files:?} are listened to again")
    }

    fn views(&mut self, files: &[(PathBuf, f64)], _: bool, _: &mut Each<'_>) -> Result<(), ListenError> {
        panic!("{files:?} are listened to again")
    }

    fn describe(&mut self, files: &[(PathBuf, f64)], _: &mut EachSound<'_>) -> Result<(), ListenError> {
        panic!("{files:?} are described again")
    }
}

fn gather(data: &str, image: Input, cache: &Path, listener: &mut dyn Listener) -> Result<DataSet, DataError> {
    read(data, image, false, cache, listener)
}

fn read(
    data: &str,
    image: Input,
    describe: bool,
    cache: &Path,
    listener: &mut dyn Listener,
) -> Result<DataSet, DataError> {
    let genres = Genres::new(&BTreeMap::new()).unwrap();
    let (library, teacher) = (None, None);
    let reading = &mut Reading { image, genres: &genres, least: None, cache, library, teacher, describe, listener };
    DataSet::gather(data, reading)
}

#[test]
fn an_fma_folder_is_read_and_heard_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("fma");
    let cache = dir.path().join("cache");
    fs::create_dir_all(root.join("fma_metadata")).unwrap();
    let mut table = String::from(
        ",album,album,artist,artist,set,set,track,track\n,id,title,id,name,split,subset,genre_top,title\n\
         track_id,,,,,,,,\n",
    );
    for i in 0..8u32 {
        let id = 2 + 999 * i;
        let (style, genre) = if i % 2 == 0 { ("tone", "Folk") } else { ("noise", "Rock") };
        let split = ["training", "training", "validation", "test"][i as usize / 2];
        table += &format!("{id},{i},Album {i},{i},Artist {i},{split},small,{genre},Title {i}\n");
        let file = root.join(format!("fma_small/{:03}/{id:06}.mp3", id / 1000));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // The type is determined by the content, not the name.
        fs::write(file, support::wav(style, 30.0, i + 1)).unwrap();
    }
    fs::write(root.join("fma_metadata/tracks.csv"), table).unwrap();
    let data = format!("fma:{}", root.display());
    for image in Input::ALL {
        let set = gather(&data, image, &cache, &mut Here).unwrap();
        assert_eq!(set.notes, [""; 0]);
        assert_eq!((set.genres.join(" "), set.tracks.len()), ("Folk Rock".into(), 8));
        // One image per segment, or seven patches.
        let each = if image == Input::Patch { 7 } else { 1 };
        assert_eq!(Part::ALL.map(|part| set.part(part).len()), [4 * each, 2 * each, 2 * each]);
        assert_eq!((set.clips.steps, set.clips.strobes.len()), (image.steps(), 8 * each * image.bytes()));
        // Two noises are more similar to each other than to a tone, so images belong to the right
        // clips.
        let clip = |i: usize| set.clips.image(i * each);
        let away =
            |a: usize, b: usize| clip(a).iter().zip(clip(b)).map(|(x, y)| u64::from(x.abs_diff(*y))).sum::<u64>();
        assert!(away(1, 7) < away(1, 6) && away(0, 6) < away(0, 7));
        assert_eq!(gather(&data, image, &cache, &mut Deaf).unwrap(), set);
    }
    // Without echonest.csv the clips are described by what is heard: noises are brighter than tones.
    let set = read(&data, Input::Strobe, true, &cache, &mut Here).unwrap();
    let names = &set.clips.descriptor_names;
    let brightness = names.iter().position(|name| name == "brightness").unwrap();
    let of = |clip: usize| set.clips.descriptors[clip * names.len() + brightness];
    assert!((0..4).all(|i| of(2 * i) < of(2 * i + 1)), "{:?}", set.clips.descriptors);
    let again = read(&data, Input::Strobe, true, &cache, &mut Deaf).unwrap();
    assert_eq!(again.clips.descriptor_names, *names);
}

/// A tree of two genres with artists of each in every part: eight to train on, and two in each of the others.
fn tree(dir: &Path) -> String {
    let mut left = BTreeMap::from_iter(Part::ALL.into_iter().flat_map(|part| {
        let of_each = if part == Part::Training { 4 } else { 1 };
        ["Folk", "Rock"].map(|genre| ((part.name(), genre), of_each))
    }));
    let mut artists = 0u32..;
    while left.values().any(|left| *left > 0)
        && let Some(n) = artists.next()
    {
        let (genre, style) = if n % 2 == 0 { ("Folk", "tone") } else { ("Rock", "noise") };
        let folder = format!("{genre}/artist {n}");
        // Without a tag that names an artist, the folder decides the part.
        let part = Part::of_artist(&format!("\0{folder}"));
        let Some(left) = left.get_mut(&(part.name(), genre)).filter(|left| **left > 0) else { continue };
        *left -= 1;
        fs::create_dir_all(dir.join(&folder)).unwrap();
        fs::write(dir.join(folder).join("a.wav"), support::wav(style, 2.0, n + 1)).unwrap();
    }
    format!("tree:{}", dir.display())
}

#[test]
fn every_architecture_trains_on_a_tree_to_its_report() {
    let dir = tempfile::tempdir().unwrap();
    let (data, cache) = (tree(&dir.path().join("music")), dir.path().join("cache"));
    let clock = SystemClock::new();
    let sets = Input::ALL.map(|image| gather(&data, image, &cache, &mut Here).unwrap());
    for arch in Architecture::ALL {
        for set in &sets {
            let steps = set.image.steps();
            // Powers are for the paper's networks, which see them as they are or in decibels.
            let input =
                set.image.is_power().then_some(if arch == Architecture::Paper { Levels::Log } else { Levels::Power });
            let papers = matches!(arch, Architecture::Paper | Architecture::PaperAvg);
            if !arch.takes(set.clips.bands, steps) || input.is_some() && !papers {
                continue;
            }
            assert!(Part::ALL.iter().all(|part| !set.part(*part).is_empty()));
            let out = dir.path().join(format!("{}-{steps}-{}", arch.name(), set.image.bytes()));
            let mut options = Options::new(&data, &out);
            let (width, epochs, batch, shard) = ((arch.width() / 32).max(2), 2, 8, 4);
            let usual = match input {
                Some(_) => Config::authors(arch),
                None => Config::of(arch),
            };
            options.config = Config { width, epochs, batch, shard, ..usual };
            options.config.recipe.input = input.unwrap_or_default();
            options.device = Device::Cpu;
            let models = Models::new(&dir.path().join("models"), SHIPPED);
            let mut judge = Incumbent { models, weights: SHIPPED.to_vec(), device: Device::Cpu, unix: 0 };
            // Stopped after an epoch, then resumed.
            let mut night = |resume: bool, go_on: bool| {
                let options = Options { resume, ..options.clone() };
                let (device, notes, since) = ("here".into(), set.notes.clone(), clock.now());
                let night = Night { options, limit: None, publish: false, device, notes, clock: &clock, since };
                night::run(&night, set, &mut judge, &mut |p| go_on || !matches!(p, Progress::Epoch(_)))
            };
            let what = format!("{} of {steps} steps", arch.name());
            let ended = night(false, false).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert!(!ended.outcome.finished && ended.outcome.model.exists(), "{what}");
            let ended = night(true, true).unwrap_or_else(|e| panic!("{what}, gone on with: {e}"));
            let measured = ended.outcome.test.unwrap_or_else(|| panic!("{what}: not measured"));
            assert!(ended.outcome.finished && measured.clips == set.part(Part::Test).len(), "{what}");
            let report = fs::read_to_string(&ended.report).unwrap();
            assert!(report.contains("2 of 2: all epochs are done"), "{what}: {report}");
            let card = Card::read(&fs::read(&ended.outcome.model).unwrap()).unwrap();
            assert_eq!((card.arch, card.steps, card.facts.test), (arch, steps, Some(measured.accuracy)), "{what}");
        }
    }
}

#[test]
fn the_images_at_hand_are_read() {
    let shared = std::env::var_os("JUKEBOX_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let pack = shared.join("data/fma-small");
    if !pack.join("clips.tsv").exists() {
        eprintln!("SKIPPED: no images in {} (set JUKEBOX_SHARED)", pack.display());
        return;
    }
    let set = DataSet::read(&format!("strobe:{}", pack.display())).unwrap();
    let summary = set.summary();
    assert_eq!((set.genres.len(), set.clips.len(), summary.all.tracks), (8, 7194, 7194));
    assert_eq!(summary.parts.iter().map(|p| p.clips).sum::<usize>(), 7194);
    summary.can_teach().unwrap();
}
