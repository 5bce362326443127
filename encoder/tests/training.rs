//! Training: it learns, it can be repeated, it can be left and taken up.

mod toy;

use std::fs;

use jukebox_encoder::train::{Clips, Config, Job, Progress, train};
use jukebox_encoder::{DIMS, Device, Encoder};
use safetensors::SafeTensors;

#[test]
fn a_separable_set_is_learned() {
    let trained = toy::trained(6, 1);
    assert!(trained.finished);
    let (first, last) = (&trained.epochs[0], &trained.epochs[5]);
    assert!(last.loss < 0.8 * first.loss, "{first:?} {last:?}");
    let best = trained.epochs.iter().rfind(|e| e.best).expect("a best epoch");
    assert!(best.validation > 0.9, "{best:?}");
    // The frozen, rotated, reloaded encoder still knows it.
    let encoder = Encoder::load(&trained.weights, Device::Cpu).expect("a good file");
    let clips = toy::clips(30, 9);
    let images: Vec<&[u8]> = clips.strobes.chunks_exact(8192).collect();
    let right = encoder
        .encode(&images)
        .expect("good images")
        .iter()
        .zip(&clips.genres)
        .filter(|(e, g)| e.genres.iter().all(|p| *p <= e.genres[usize::from(**g)]))
        .count();
    assert!(right >= 27, "{right} of 30");
}

#[test]
fn a_seed_gives_one_file() {
    let [a, b, c] = [7, 7, 8].map(|seed| toy::trained(2, seed).weights);
    assert!(a == b, "the same seed gives the same bytes");
    assert!(a != c, "another seed gives others");
}

#[test]
fn resuming_equals_never_having_stopped() {
    let (genres, training, validation, config) = (toy::genres(), toy::clips(96, 1), toy::clips(24, 2), toy::config(4));
    let place = std::env::temp_dir().join(format!("jukebox-resume-{}", std::process::id()));
    fs::create_dir_all(&place).expect("a directory");
    let checkpoint = place.join("checkpoint.safetensors");
    let whole = train(&toy::job(&genres, &training, &validation, &config), &mut |_| true).expect("trains");

    let job = Job { checkpoint: Some(&checkpoint), ..toy::job(&genres, &training, &validation, &config) };
    // Left in the middle of the third epoch: the two that are done count.
    let stop = &mut |p: Progress| !matches!(p, Progress::Step { epoch: 3, step: 2, .. });
    let part = train(&job, stop).expect("trains");
    assert!(!part.finished);
    assert_eq!(part.epochs.len(), 2);
    let job = Job { resume: true, ..job };
    let rest = train(&job, &mut |_| true).expect("resumes");
    assert!(rest.finished);
    assert!(rest.weights == whole.weights, "the same bytes");

    // Cut off in the middle of an epoch, with the state written at every step: nothing is done twice or left out.
    fs::remove_file(&checkpoint).expect("a checkpoint");
    let often = Job { every: std::time::Duration::ZERO, resume: false, ..job };
    let stop = &mut |p: Progress| !matches!(p, Progress::Step { epoch: 2, step: 2, .. });
    assert_eq!(train(&often, stop).expect("trains").epochs.len(), 1);
    let mut first = None;
    let rest = train(&Job { resume: true, ..often }, &mut |p| {
        if let Progress::Step { epoch, step, .. } = p {
            first.get_or_insert((epoch, step));
        }
        true
    });
    let rest = rest.expect("resumes");
    assert_eq!(first, Some((2, 3)));
    assert!(rest.weights == whole.weights, "the same bytes");
    let losses = |t: &jukebox_encoder::train::Trained| t.epochs.iter().map(|e| e.loss).collect::<Vec<_>>();
    assert_eq!(losses(&rest), losses(&whole));

    let other = Config { rate: 1.0, ..config.clone() };
    let said = train(&Job { config: &other, ..job }, &mut |_| true).expect_err("another configuration");
    assert!(format!("{said:#}").contains("another configuration"), "{said:#}");
    let fewer = toy::clips(93, 1);
    let said = train(&Job { training: &fewer, ..job }, &mut |_| true).expect_err("other clips");
    assert!(format!("{said:#}").contains("other clips"), "{said:#}");
    let bytes = fs::read(&checkpoint).expect("a checkpoint");
    fs::write(&checkpoint, &bytes[..bytes.len() / 2]).expect("a shorter one");
    let said = train(&job, &mut |_| true).expect_err("a damaged checkpoint");
    assert!(format!("{said:#}").contains("checkpoint"), "{said:#}");
    fs::remove_dir_all(&place).expect("cleaned up");
}

#[test]
fn a_trained_encoder_is_a_start() {
    let first = toy::trained(4, 1);
    let (genres, training, validation, config) = (toy::genres(), toy::clips(96, 5), toy::clips(24, 6), toy::config(1));
    let cold = toy::job(&genres, &training, &validation, &config);
    let warm = Job { start: Some(&first.weights), ..cold };
    let [cold, warm] = [cold, warm].map(|job| train(&job, &mut |_| true).expect("trains").epochs[0].genre_loss);
    assert!(warm < cold, "{warm} {cold}");
    // Going on with an encoder leaves its dimensions where they are.
    let gentle = Config { rate: 1e-4, ..config.clone() };
    let own = Clips { teacher: Vec::new(), ..toy::clips(192, 1) };
    let on = Job { start: Some(&first.weights), ..toy::job(&genres, &own, &validation, &gentle) };
    let on = train(&on, &mut |_| true).expect("trains").weights;
    let [before, after] = [&first.weights, &on].map(|w| {
        let encoder = Encoder::load(w, Device::Cpu).expect("a good file");
        encoder.encode(&own.images()).expect("good images").into_iter().map(|e| e.latent).collect::<Vec<_>>()
    });
    for d in 0..3 {
        let product: f32 = before.iter().zip(&after).map(|(a, b)| a[d] * b[d]).sum();
        let size = |all: &[[f32; DIMS]]| all.iter().map(|l| l[d] * l[d]).sum::<f32>().sqrt();
        let alike = product / (size(&before) * size(&after));
        assert!(alike > 0.95, "dimension {d}: {alike}");
    }
    let (two, none) = (&genres[..2], Clips::default());
    let training = Clips {
        genres: training.genres.iter().map(|g| g % 2).collect(),
        teacher: Vec::new(),
        strobes: training.strobes.clone(),
        ..Clips::default()
    };
    let other = Job { genres: two, start: Some(&first.weights), ..toy::job(two, &training, &none, &config) };
    train(&other, &mut |_| true).expect("other genres, no teacher, no validation");
}

#[test]
fn clips_that_do_not_fit_together_are_errors() {
    let (genres, training, validation, config) = (toy::genres(), toy::clips(12, 1), toy::clips(3, 2), toy::config(1));
    let job = toy::job(&genres, &training, &validation, &config);
    let refused = |job: &Job, why: &str| {
        let said = format!("{:#}", train(job, &mut |_| true).expect_err(why));
        assert!(said.contains(why), "{said}");
    };
    refused(&Job { training: &Clips::default(), ..job }, "too few");
    let short = Clips { strobes: training.strobes[1..].to_vec(), ..training.clone() };
    refused(&Job { training: &short, ..job }, "bytes of images");
    let unnamed = Clips { genres: vec![7; 12], ..training.clone() };
    refused(&Job { training: &unnamed, ..job }, "without a name");
    let wild = Clips { teacher: vec![f32::NAN; 24], ..training.clone() };
    refused(&Job { training: &wild, ..job }, "not finite");
    let none = Config { epochs: 0, ..config.clone() };
    refused(&Job { config: &none, ..job }, "too small");
    let odd = Clips { variants: vec![0; training.strobes.len() + 1], ..training.clone() };
    refused(&Job { training: &odd, ..job }, "bytes of further images for 12 clips");
    let frozen = Config { frozen: true, ..config.clone() };
    refused(&Job { config: &frozen, ..job }, "no encoder to keep frozen");
    let said = train(&job, &mut |_| false).expect_err("stopped at once");
    assert!(said.to_string().contains("before the first epoch"), "{said}");
}

/// The largest difference between the parameters of two encoders, without those of the genre head.
fn moved(one: &[u8], other: &[u8]) -> f32 {
    let [one, other] = [one, other].map(|bytes| SafeTensors::deserialize(bytes).expect("a good file"));
    let own = |name: &&str| !name.starts_with("genre.") && !name.ends_with(".mean") && !name.ends_with(".var");
    let mut most = 0.0f32;
    for name in one.names().into_iter().filter(own).filter(|name| !["transform", "reference"].contains(name)) {
        let [a, b] = [&one, &other].map(|file| file.tensor(name).expect("a tensor").data().to_vec());
        let number = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let pairs = a.chunks_exact(4).zip(b.chunks_exact(4));
        most = pairs.map(|(a, b)| (number(a) - number(b)).abs()).fold(most, f32::max);
    }
    most
}

#[test]
fn a_frozen_encoder_learns_new_classes_and_keeps_its_parameters() {
    let start = toy::trained(4, 1).weights;
    // Other names for the classes, and in another order.
    let genres = ["Ticks", "Wind", "Drone"].map(String::from).to_vec();
    let renamed =
        |clips: Clips| Clips { genres: clips.genres.iter().map(|g| 2 - g).collect(), teacher: Vec::new(), ..clips };
    let (training, validation) = (renamed(toy::clips(192, 1)), renamed(toy::clips(48, 2)));
    let trained = |frozen: bool| {
        let config = Config { frozen, ..toy::config(12) };
        let job = Job { start: Some(&start), ..toy::job(&genres, &training, &validation, &config) };
        train(&job, &mut |_| true).expect("trains")
    };
    let frozen = trained(true);
    let best = frozen.epochs.iter().map(|e| e.validation).fold(0.0, f64::max);
    assert!(best > 0.8, "{best}");
    let [kept, tuned] = [frozen, trained(false)].map(|trained| moved(&start, &trained.weights));
    assert!(kept < 1e-5 && tuned > 1e-3, "{kept} {tuned}");
}
