//! `jukebox model`: listing, using, restoring and measuring models; a running player switches to another model.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jukebox::analysis::model::SHIPPED;
use jukebox_encoder::train::{self, Clips, Config, Job};
use jukebox_encoder::{Architecture, Device, Input};
use pty::Player;
use support::Home;

/// An encoder of strobe images, independent of the shipped one.
static STROBE: &[u8] = include_bytes!("../models/strobe.safetensors");

/// An encoder of strobe images with its dimensions reversed.
fn reversed(home: &Home) -> PathBuf {
    let turn = std::array::from_fn(|i| std::array::from_fn(|j| f32::from(u8::from(i + j == 31))));
    let latents: Vec<[f32; 32]> = (0..50).map(|i| std::array::from_fn(|d| (i * (d + 1)) as f32)).collect();
    let path = home.dir.path().join("reversed.safetensors");
    std::fs::write(&path, jukebox_encoder::turned(STROBE, &turn, &latents).unwrap()).unwrap();
    path
}

/// An encoder of strobe images with one tensor filled with a number.
fn poisoned(tensor: &str, number: f32) -> Vec<u8> {
    let mut bytes = STROBE.to_vec();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let names: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let place = |n: usize| 8 + header + names[tensor]["data_offsets"][n].as_u64().unwrap() as usize;
    bytes[place(0)..place(1)].as_chunks_mut::<4>().0.iter_mut().for_each(|b| *b = number.to_le_bytes());
    bytes
}

fn hash(weights: &[u8]) -> String {
    jukebox_encoder::Card::read(weights).unwrap().hash
}

/// A pack of 20 clips: two genres of the encoder of strobe images, and one that it does not know.
fn pack(home: &Home) -> String {
    let dir = home.dir.path().join("pack");
    std::fs::create_dir(&dir).unwrap();
    let mut rows = String::from("row\ttrack_id\tgenre\tsplit\n");
    let mut images = Vec::new();
    for i in 0..20usize {
        let genre = ["hip hop", "ROCK", "Gregorian"][i % 3];
        rows += &format!("{i}\t{}\t{genre}\ttest\n", i / 2 * 3 + i % 3);
        images.extend((0..8192usize).map(|b| ((b / 64 * (i % 3 + 1) + b * i) % 251) as u8));
    }
    std::fs::write(dir.join("clips.tsv"), rows).unwrap();
    std::fs::write(dir.join("mel128.q4.zst"), zstd::encode_all(&images[..], 1).unwrap()).unwrap();
    format!("strobe:{}", dir.display())
}

#[test]
fn models_are_listed_shown_used_and_rolled_back() {
    let home = Home::new();
    let listed = home.run(&["model", "list"]).code(0);
    assert!(listed.out.contains("* shipped") && listed.out.contains("paper-1d"), "{}", listed.out);
    assert!(listed.out.contains("2233032"), "the paper's parameters: {}", listed.out);
    assert!(home.run(&["model", "show"]).code(0).out.contains(&hash(SHIPPED)));

    let file = reversed(&home);
    let own = hash(&std::fs::read(&file).unwrap());
    let used = home.run(&["model", "use", file.to_str().unwrap()]).code(0);
    let name = used.out.split_whitespace().next().unwrap().to_string();
    assert!(
        name.starts_with("strobe-20") && used.out.contains("`jukebox model use shipped` goes back"),
        "{}",
        used.out
    );
    let rows: serde_json::Value = serde_json::from_str(&home.run(&["model", "list", "--json"]).code(0).out).unwrap();
    let in_use: Vec<&str> =
        rows.as_array().unwrap().iter().filter(|r| r["in_use"] == true).map(|r| r["hash"].as_str().unwrap()).collect();
    assert_eq!(in_use, [own.as_str()]);
    assert!(home.run(&["model", "show", &own[..8]]).code(0).out.contains(", in use"));
    let back = home.run(&["model", "use", "previous"]).code(0);
    assert!(back.out.starts_with("shipped is now in use"), "{}", back.out);
    assert!(home.run(&["model", "use", "shipped"]).code(0).out.contains("already in use"));

    let nobody = home.run(&["model", "use", "nobody"]).code(1);
    assert!(nobody.err.contains("there is no model `nobody`") && nobody.err.contains(&name), "{}", nobody.err);
    std::fs::write(home.home().join("data/models/cut.safetensors"), &SHIPPED[..9000]).unwrap();
    assert!(home.run(&["model", "list"]).code(0).out.contains("cut  damaged: "));
    assert!(home.run(&["model", "use", "cut"]).code(1).err.contains("cut.safetensors is not usable"));
    home.run(&["model", "use"]).code(2);
}

#[test]
fn weights_that_make_no_numbers_are_never_used() {
    let home = Home::new();
    for n in 0..3 {
        home.wav(&format!("{n}.wav"), "tone", 6.0, n);
    }
    let music = home.music.display().to_string();
    home.run(&["scan", &music]).code(0);
    let data = pack(&home);
    // Overflow, finite but huge, and identical output for everything.
    for (number, why) in [(3e38, "is unusable"), (1e12, "is unusable"), (0.0, "the same for")] {
        let weights = poisoned("transform", number);
        let file = home.dir.path().join("bad.safetensors");
        std::fs::write(&file, &weights).unwrap();
        let said = home.run(&["model", "use", file.to_str().unwrap()]).code(1);
        assert!(said.err.contains("cannot be used: ") && said.err.contains(why), "{number}: {}", said.err);
        let kept = std::fs::read_dir(home.home().join("data/models")).map_or(0, Iterator::count);
        assert_eq!(kept, 0, "neither used nor kept");
        if number > 0.0 {
            let args = ["model", "test", file.to_str().unwrap(), "--data", &data, "--device", "cpu"];
            let said = home.run(&args).code(1);
            assert!(said.err.contains("bad.safetensors: ") && said.err.contains("is unusable"), "{}", said.err);
        }
        // A model placed there by other means is tested too, and the shipped one is used instead.
        std::fs::create_dir_all(home.home().join("data/models")).unwrap();
        std::fs::write(home.home().join("data/models/current"), &weights).unwrap();
        let scanned = home.run(&["scan", &music]).code(0);
        assert!(scanned.err.contains("models/current: not used: ") && scanned.err.contains(why), "{}", scanned.err);
        assert!(scanned.out.contains("3 songs, 3 with a latent; 0 analysed"), "{}", scanned.out);
        std::fs::remove_file(home.home().join("data/models/current")).unwrap();
    }
}

#[test]
fn a_model_is_measured_on_a_pack_with_other_genres() {
    let home = Home::new();
    let data = pack(&home);
    let strobe = home.dir.path().join("strobe.safetensors");
    std::fs::write(&strobe, STROBE).unwrap();
    let strobe = strobe.to_str().unwrap();
    let ran = home.run(&["model", "test", strobe, "--data", &data, "--device", "cpu", "--json"]).code(0);
    let exam: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(exam["unknown_to_model"], serde_json::json!(["Gregorian"]));
    assert_eq!((exam["split"].as_str(), exam["clips"].as_u64()), (Some("test"), Some(20)));
    assert_eq!(exam["genres"].as_array().unwrap().len(), 2);
    let judged = exam["judged"].as_u64().unwrap() as f64;
    let (p, error) = (exam["accuracy"].as_f64().unwrap(), exam["standard_error"].as_f64().unwrap());
    assert!((error - (p * (1.0 - p) / judged).sqrt()).abs() < 1e-9);
    assert!(exam["accuracy_unrestricted"].as_f64().unwrap() <= p);
    let told = home.run(&["model", "test", strobe, "--data", &data, "--device", "cpu", "--split", "all"]).code(0);
    assert!(told.out.contains("macro-F1") && told.out.contains("left out: Gregorian"), "{}", told.out);
    let none = home.run(&["model", "test", strobe, "--data", &data, "--split", "validation"]).code(1);
    assert!(none.err.contains("--split"), "{}", none.err);
    home.run(&["model", "test", strobe, "--data", &data, "--split", "sunday"]).code(2);

    let file = reversed(&home);
    let file = file.to_str().unwrap();
    let both = home.run(&["model", "compare", strobe, file, "--data", &data, "--device", "cpu"]).code(0);
    assert!(both.out.contains("1: ") && both.out.contains("(like 32: +1.00)"), "{}", both.out);
    assert!(both.out.contains("second − first: +0.0 points"), "a turn changes no genre: {}", both.out);
}

/// The generation of the present answers.
fn generation(home: &Home) -> String {
    let cards = home.run(&["dims", "--json"]).code(0);
    let cards: serde_json::Value = serde_json::from_str(&cards.out).unwrap();
    cards["generation"].as_str().unwrap().to_string()
}

/// Waits until the running player's answers are of an encoder, and checks that the program says so too.
#[track_caller]
fn changes_to(home: &Home, weights: &[u8]) {
    let (wanted, begun) = (hash(weights)[..16].to_string(), Instant::now());
    let now = || home.ask(&"Cards".into()).is_some_and(|reply| reply["Cards"]["generation"] == wanted.as_str());
    while !now() {
        assert!(begun.elapsed() < pty::PATIENCE, "it never went over to {wanted}");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(generation(home), wanted);
}

#[test]
fn a_running_player_goes_over_to_another_encoder_and_back() {
    let home = Home::new();
    for n in 0..6 {
        home.wav(&format!("tones/tone{n}.wav"), "tone", 6.0, n);
        home.wav(&format!("noises/noise{n}.wav"), "noise", 6.0, n);
    }
    let music = home.music.display().to_string();
    home.run(&["scan", &music]).code(0);
    assert_eq!(generation(&home), hash(SHIPPED)[..16]);
    let mut player = Player::start(&home, &["--no-audio", &music], 200, 60, &[]);
    player.wait_for("tones");
    player.keys("gg\r");
    player.wait_until("a playing track", |s| s.contains('▶'));
    let file = reversed(&home);
    let other = std::fs::read(&file).unwrap();
    home.run(&["model", "use", file.to_str().unwrap()]).code(0);
    changes_to(&home, &other);
    player.wait_until("automatic tracks", |s| s.matches('~').count() >= 3);
    home.run(&["model", "use", "shipped"]).code(0);
    changes_to(&home, SHIPPED);
    // So is one whose output is not finite.
    std::fs::write(home.home().join("data/models/current"), poisoned("transform", 3e38)).unwrap();
    player.wait_until("the trial", |s| s.contains("not used: its output for"));
    assert_eq!(generation(&home), hash(SHIPPED)[..16]);
    // A damaged model is reported, and the previous one stays in use.
    std::fs::write(home.home().join("data/models/current"), b"no model").unwrap();
    player.wait_until("the damage", |s| s.contains("not a usable model"));
    assert_eq!(generation(&home), hash(SHIPPED)[..16]);
    player.keys(":q!\r");
    assert_eq!(player.wait_end(), 0);
}

/// A small untrained encoder of patches with two tags.
fn ear(home: &Home) -> PathBuf {
    let mut training = Clips::of(Input::Patch);
    for i in 0..24usize {
        training.strobes.extend((0..Input::Patch.bytes()).map(|b| ((b / 93 * (i % 5 + 1) + b * i) % 251) as u8));
        training.genres.push(0);
        training.teacher.extend([i as f32 / 24.0, (i % 3) as f32]);
        training.logits.extend([i as f32 - 12.0, (i % 5) as f32 - 2.0]);
    }
    let config = Config { width: 2, ..Config::of(Architecture::Ear) };
    let weights = train::untrained(&Job {
        genres: &[],
        tags: &["calm".into(), "loud".into()],
        training: &training,
        validation: &Clips::of(Input::Patch),
        config: &config,
        device: Device::Cpu,
        start: None,
        checkpoint: None,
        every: Duration::MAX,
        resume: false,
        data: "nothing",
    });
    let path = home.dir.path().join("ear.safetensors");
    std::fs::write(&path, weights.unwrap()).unwrap();
    path
}

#[test]
fn an_encoder_that_hears_other_images_listens_once_more_and_the_old_one_finds_its_own() {
    let home = Home::new();
    let names = ["a.wav", "b.wav", "c.wav"];
    let files: Vec<PathBuf> =
        (0..3).map(|n| home.wav(names[n], ["tone", "noise"][n % 2], 40.0, n as u32 + 1)).collect();
    let music = home.music.display().to_string();
    let file = reversed(&home);
    home.run(&["model", "use", file.to_str().unwrap()]).code(0);
    home.run(&["scan", &music]).code(0);
    let before = generation(&home);
    let caches = ["strobes.bin", "patches.bin"].map(|name| home.home().join("cache").join(name));
    assert!(caches[0].exists() && !caches[1].exists());

    let file = ear(&home);
    let used = home.run(&["model", "use", file.to_str().unwrap()]).code(0);
    assert!(used.out.starts_with("ear-20"), "{}", used.out);
    let scanned = home.run(&["scan", &music]).code(0);
    assert!(scanned.out.contains("3 songs, 3 with a latent"), "{} {}", scanned.out, scanned.err);
    let after = generation(&home);
    assert_ne!(after, before);
    // A track has seven patches of 8,928 bytes.
    let size = std::fs::metadata(&caches[1]).unwrap().len();
    assert!((3 * 62_496..3 * 64 * 1024).contains(&size), "{size} bytes");
    let near = home.run(&["similar", files[0].to_str().unwrap()]).code(0);
    assert!(near.out.contains('b') && near.out.contains('c'), "{}", near.out);

    // The images of both kinds are kept: switching back and forth decodes nothing again.
    let sizes = || caches.each_ref().map(|cache| std::fs::metadata(cache).unwrap().len());
    let kept = sizes();
    for wanted in [before, after] {
        home.run(&["model", "use", "previous"]).code(0);
        home.run(&["scan", &music]).code(0);
        assert_eq!((generation(&home), sizes()), (wanted, kept));
    }
}
