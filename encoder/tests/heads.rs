//! The heads of a training, which guess images and descriptors from the latent: they learn, are measured as they are
//! trained, resume, show what they guess, and leave the encoder's file alone.

mod toy;

use std::fs;

use jukebox_encoder::recipe::{Levels, Norm};
use jukebox_encoder::train::{Clips, Config, EpochReport, Job, Progress, Reconstruction, train};
use jukebox_encoder::{Architecture, Augment, Device, Encoder, Input, SMALL};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// Random powers of 64 × 64 and three genres. Of the three descriptors one is known of all clips, one of every second, and
/// one of none.
fn powers(n: usize, seed: u64) -> Clips {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut clips = Clips { bands: SMALL, steps: SMALL, power: true, ..Clips::default() };
    clips.descriptor_names = ["all", "half", "none"].map(String::from).to_vec();
    for i in 0..n {
        clips.strobes.extend((0..SMALL * SMALL).flat_map(|_| rng.u16(0x1000..0x4400).to_le_bytes()));
        clips.genres.push((i % 3) as u16);
        let half = if i % 2 == 0 { 1000.0 * rng.f32() } else { f32::NAN };
        clips.descriptors.extend([rng.f32() - 5.0, half, f32::NAN]);
    }
    clips
}

/// The paper's network at its narrowest with both heads, one step an epoch for eight clips.
fn config(input: Levels) -> Config {
    let authors = Config::authors(Architecture::Paper);
    let mut config = Config { width: 32, epochs: 1, batch: 8, shard: 8, decode: 0.5, describe: 0.25, ..authors };
    config.recipe.input = input;
    config
}

#[test]
fn images_and_descriptors_are_guessed_better_and_better() {
    let described = |n, seed| {
        let mut clips = toy::clips(n, seed);
        clips.descriptor_names = ["class", "level", "unknown"].map(String::from).to_vec();
        // The teacher's numbers in other units; the level of every third clip is unknown.
        let rows = clips.teacher.chunks_exact(2).enumerate();
        let level = |i: usize, x: f32| if i.is_multiple_of(3) { f32::NAN } else { 120.0 + 40.0 * x };
        clips.descriptors = rows.flat_map(|(i, t)| [2.0 * t[0] + 7.0, level(i, t[1]), f32::NAN]).collect();
        Clips { teacher: Vec::new(), ..clips }
    };
    let (genres, training, validation) = (toy::genres(), described(192, 1), described(48, 2));
    let config = Config { decode: 1.0, describe: 1.0, augment: Augment::none(), ..toy::config(6) };
    let trained = train(&toy::job(&genres, &training, &validation, &config), &mut |_| true).expect("trains");
    let (first, last) = (&trained.epochs[0], &trained.epochs[5]);
    assert!(
        last.decoder_loss < first.decoder_loss && last.descriptor_loss < first.descriptor_loss,
        "{first:?} {last:?}"
    );
    let reconstruction = last.reconstruction.expect("a decoder");
    assert!(reconstruction < 0.9, "better than each band's mean: {reconstruction}");
    let [Some(class), Some(_), None] = last.described[..] else { panic!("{:?}", last.described) };
    assert!(class > 0.5, "{class}");
    let best = trained.epochs.iter().map(|e| e.validation).fold(0.0, f64::max);
    assert!(best > 0.8, "the genres are learned beside: {best}");
}

#[test]
fn a_step_and_the_validation_measure_the_same() {
    let (genres, clips) = (toy::genres(), powers(40, 3));
    for input in [Levels::Log, Levels::Power] {
        // One step of all clips, so slow that nothing changes in it: what was trained on is what is then measured.
        let config = Config { rate: 1e-12, batch: 40, shard: 40, ..config(input) };
        let trained = train(&toy::job(&genres, &clips, &clips, &config), &mut |_| true).expect("trains");
        let report = &trained.epochs[0];
        let (decoder, descriptors) = (report.decoder_loss.expect("one"), report.descriptor_loss.expect("one"));
        // The mean square of the images is 1, and that of each known descriptor too.
        let reconstruction = report.reconstruction.expect("a decoder");
        assert!((decoder - reconstruction).abs() < 2e-3 * decoder, "{input}: {decoder} {reconstruction}");
        let [Some(all), Some(half), None] = report.described[..] else { panic!("{:?}", report.described) };
        let error = (40.0 * (1.0 - all) + 20.0 * (1.0 - half)) / 60.0;
        assert!((descriptors - error).abs() < 2e-3 * descriptors, "{input}: {descriptors} {error}");
        let sum = report.genre_loss + 0.5 * decoder + 0.25 * descriptors;
        assert!((report.loss - sum).abs() < 1e-4 * sum, "{input}: {} {sum}", report.loss);
    }
}

/// Patches of random levels and three genres. Of the two descriptors one is known of the first 22 clips, one of the first 20.
fn patches(n: usize, seed: u64) -> Clips {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut clips = Clips::of(Input::Patch);
    clips.descriptor_names = ["more", "less"].map(String::from).to_vec();
    for i in 0..n {
        clips.strobes.extend((0..Input::Patch.bytes()).map(|_| rng.u8(..)));
        clips.genres.push((i % 3) as u16);
        let known = |first: usize, value: f32| if i < first { value } else { f32::NAN };
        clips.descriptors.extend([known(22, rng.f32()), known(20, 100.0 * rng.f32())]);
    }
    clips
}

#[test]
fn shards_that_know_more_and_less_add_up_to_the_mean_over_all_that_is_known() {
    let (genres, clips) = (toy::genres(), patches(60, 4));
    // Nothing is normalised or dropped, so that a clip is seen alike in any shard and in the validation; and so slow that
    // nothing changes. Of thirty shards of two clips at least eight have none of the 22 of which something is known.
    let ear = Config::of(Architecture::Ear);
    let mut config = Config { width: 4, epochs: 1, batch: 20, shard: 2, rate: 1e-12, dropout: 0.0, ..ear };
    (config.augment, config.decode, config.describe) = (Augment::none(), 0.5, 0.25);
    config.recipe.norm = Some(Norm::Off);
    let trained = train(&toy::job(&genres, &clips, &clips, &config), &mut |_| true).expect("trains");
    let report = &trained.epochs[0];
    let [Some(more), Some(less)] = report.described[..] else { panic!("{:?}", report.described) };
    // Each descriptor has a variance of 1 over the clips that it is known of.
    let error = (22.0 * (1.0 - more) + 20.0 * (1.0 - less)) / 42.0;
    let descriptors = report.descriptor_loss.expect("one");
    assert!((descriptors - error).abs() < 2e-3 * error, "{descriptors} {error}");
    let (decoder, reconstruction) = (report.decoder_loss.expect("one"), report.reconstruction.expect("a decoder"));
    assert!((decoder - reconstruction).abs() < 2e-3 * decoder, "{decoder} {reconstruction}");
}

/// The losses of decoder and descriptors, the error of the images, and R² of each descriptor.
type Told = (Option<f64>, Option<f64>, Option<f64>, Vec<Option<f64>>);

/// What the reports say of the heads.
fn heads(epochs: &[EpochReport]) -> Vec<Told> {
    let one = |e: &EpochReport| (e.decoder_loss, e.descriptor_loss, e.reconstruction, e.described.clone());
    epochs.iter().map(one).collect()
}

#[test]
fn resuming_equals_never_having_stopped() {
    let (genres, training, validation) = (toy::genres(), powers(8, 1), powers(20, 2));
    let mut config = Config { epochs: 2, batch: 4, shard: 4, rate: 1e-3, ..config(Levels::Log) };
    config.augment.mixup = 0.2;
    let place = std::env::temp_dir().join(format!("jukebox-heads-{}.safetensors", std::process::id()));
    let job = toy::job(&genres, &training, &validation, &config);
    let whole = train(&job, &mut |_| true).expect("trains");
    let job = Job { checkpoint: Some(&place), resume: true, ..job };
    // Stopped after every step.
    let rest = (0..20).find_map(|_| match train(&job, &mut |p| !matches!(p, Progress::Step { .. })) {
        Ok(trained) if trained.finished => Some(trained),
        _ => None,
    });
    let rest = rest.expect("it ends");
    assert!(rest.weights == whole.weights, "the same bytes");
    assert_eq!(heads(&rest.epochs), heads(&whole.epochs));
    assert_eq!((rest.reconstructions.len(), &rest.reconstructions), (6, &whole.reconstructions));
    // Every second of twenty clips is too few for an R².
    let told = |e: &EpochReport| matches!(e.described[..], [Some(_), None, None]);
    assert!(whole.epochs.iter().all(|e| e.reconstruction.is_some() && told(e)));
    let mut other = training.clone();
    other.descriptors[0] += 1.0;
    let said = train(&Job { training: &other, ..job }, &mut |_| true).expect_err("other descriptors");
    assert!(format!("{said:#}").contains("other clips"), "{said:#}");
    fs::remove_file(&place).expect("a checkpoint");
}

#[test]
fn a_few_validation_clips_are_shown_as_the_best_epoch_guesses_them() {
    let (genres, training, validation) = (toy::genres(), powers(8, 1), powers(6, 2));
    let learned = |decode: f32, seed: u64, validation: &Clips| {
        let config = Config { epochs: 3, rate: 1e-3, decode, seed, ..config(Levels::Log) };
        train(&toy::job(&genres, &training, validation, &config), &mut |_| true).expect("trains")
    };
    // What is kept is not what the last epoch left.
    let trained = (1..=10).map(|seed| learned(0.5, seed, &validation)).find(|trained| !trained.epochs[2].best);
    let trained = trained.expect("one whose best epoch is not the last");
    let clips: Vec<usize> = trained.reconstructions.iter().map(|one| one.clip).collect();
    assert_eq!(clips, [0, 3, 1, 4, 2, 5], "by genre");
    // These are all clips, so that their error is the epoch's.
    let (mut error, mut of_mean) = (0.0, 0.0);
    for one in &trained.reconstructions {
        assert_eq!((one.own.len(), one.guessed.len()), (16 * Reconstruction::STEPS, 16 * Reconstruction::STEPS));
        for (own, guessed) in one.own.iter().zip(&one.guessed) {
            error += f64::from(guessed - own).powi(2);
            of_mean += f64::from(*own).powi(2);
        }
    }
    let best = trained.epochs.iter().rfind(|epoch| epoch.best).expect("an epoch");
    let told = best.reconstruction.expect("a decoder");
    assert!((error / of_mean - told).abs() < 1e-5 * told, "{} {told}", error / of_mean);
    assert!(learned(0.0, 1, &validation).reconstructions.is_empty(), "without a decoder");
    assert!(learned(0.5, 1, &Clips::default()).reconstructions.is_empty(), "without validation clips");
}

#[test]
fn the_file_has_no_heads_and_is_none_the_worse_for_them() {
    let (genres, training, validation) = (toy::genres(), powers(8, 1), powers(4, 2));
    let config = Config { rate: 1e-3, ..config(Levels::Log) };
    let trained = train(&toy::job(&genres, &training, &validation, &config), &mut |_| true).expect("trains");
    let (_, metadata) = SafeTensors::read_metadata(&trained.weights).expect("a file");
    let file = SafeTensors::deserialize(&trained.weights).expect("a file");
    assert!(file.names().iter().all(|name| !name.contains("decode") && !name.contains("describe")));
    // The same with them.
    let ones: Vec<u8> = [1.0f32; 32 * 256].iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut tensors = file.tensors();
    for (name, shape) in [("decode.hidden.weight", vec![32, 256]), ("describe.weight", vec![32, 3])] {
        let size = 4 * shape.iter().product::<usize>();
        tensors.push((name.into(), TensorView::new(Dtype::F32, shape, &ones[..size]).expect("of its shape")));
    }
    let with = safetensors::serialize(tensors, metadata.metadata().clone()).expect("a file");
    assert_ne!(with, trained.weights);
    let [with, without] = [&with, &trained.weights].map(|weights| {
        let encoder = Encoder::load(weights, Device::Cpu).expect("a good file");
        encoder.encode(&validation.images()).expect("good images")
    });
    assert_eq!(with, without);
    // And it says what the training measured.
    let right = without.iter().zip(&validation.genres).filter(|(e, own)| {
        let own = e.genres[usize::from(**own)];
        e.genres.iter().all(|p| *p <= own)
    });
    let accuracy = right.count() as f64 / validation.len() as f64;
    assert!((accuracy - trained.epochs[0].validation).abs() < 1e-9, "{accuracy}");
}

#[test]
fn a_pretrained_encoder_gets_heads() {
    let (genres, training, validation) = (toy::genres(), powers(8, 1), powers(20, 2));
    let plain = Config { decode: 0.0, describe: 0.0, rate: 1e-3, ..config(Levels::Log) };
    let first = train(&toy::job(&genres, &training, &validation, &plain), &mut |_| true).expect("trains");
    assert_eq!(heads(&first.epochs), [(None, None, None, Vec::new())]);
    let config = Config { rate: 1e-12, ..config(Levels::Log) };
    let job = Job { start: Some(&first.weights), ..toy::job(&genres, &training, &validation, &config) };
    let second = train(&job, &mut |_| true).expect("goes on");
    assert!(second.epochs[0].reconstruction.is_some() && second.epochs[0].described[0].is_some());
    // Apart from the scale of its logits, which is fitted anew, the network is the one that it began with.
    let tensor = |weights: &[u8]| {
        let file = SafeTensors::deserialize(weights).expect("a file");
        let view = file.tensor("conv3.weight").expect("a convolution");
        view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect::<Vec<f32>>()
    };
    let (before, after) = (tensor(&first.weights), tensor(&second.weights));
    assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn a_student_without_genres_has_heads_too() {
    let (none, mut rng) = (Vec::new(), fastrand::Rng::with_seed(6));
    let mut clips = Clips::of(Input::Patch);
    for i in 0..20 {
        clips.strobes.extend((0..Input::Patch.bytes()).map(|_| rng.u8(..)));
        clips.genres.push(0);
        clips.teacher.extend([(i % 2) as f32, (i % 3) as f32]);
        clips.descriptors.push((i % 4) as f32);
    }
    clips.descriptor_names.push("quarter".into());
    let config =
        Config { width: 4, epochs: 2, batch: 8, shard: 4, decode: 1.0, describe: 1.0, ..Config::of(Architecture::Ear) };
    let trained = train(&toy::job(&none, &clips, &clips, &config), &mut |_| true).expect("trains");
    for (decoder, descriptor, reconstruction, described) in heads(&trained.epochs) {
        assert!(decoder.is_some_and(f64::is_finite) && descriptor.is_some_and(f64::is_finite));
        assert!(reconstruction.is_some_and(f64::is_finite) && described[0].is_some_and(f64::is_finite));
    }
}

#[test]
fn without_weights_nothing_is_different() {
    let (genres, validation) = (toy::genres(), powers(4, 2));
    let config = Config { decode: 0.0, describe: 0.0, rate: 1e-3, ..config(Levels::Power) };
    let known = powers(8, 1);
    let unknown = Clips { descriptors: Vec::new(), descriptor_names: Vec::new(), ..known.clone() };
    let [known, unknown] = [&known, &unknown]
        .map(|clips| train(&toy::job(&genres, clips, &validation, &config), &mut |_| true).expect("trains").weights);
    assert!(known == unknown, "the same bytes");
    let text = serde_json::to_string(&config).expect("JSON");
    assert!(!text.contains("decode") && !text.contains("describe"), "{text}");
    assert_eq!(serde_json::from_str::<Config>(&text).expect("a configuration"), config);
    let both = Config { decode: 0.5, describe: 2.0, ..config };
    let text = serde_json::to_string(&both).expect("JSON");
    assert_eq!(serde_json::from_str::<Config>(&text).expect("a configuration"), both);
}

#[test]
fn what_cannot_be_guessed_is_refused() {
    let (genres, training) = (toy::genres(), powers(8, 1));
    let refused = |config: &Config, training: &Clips, validation: &Clips, why: &str| {
        let said = train(&toy::job(&genres, training, validation, config), &mut |_| true).expect_err(why);
        assert!(format!("{said:#}").contains(why), "{said:#}");
    };
    let config = config(Levels::Log);
    let none = Clips { descriptors: Vec::new(), descriptor_names: Vec::new(), ..training.clone() };
    refused(&config, &none, &none, "needs descriptors of the clips, and these have none");
    let unknown = Clips { descriptors: vec![f32::NAN; 24], ..training.clone() };
    refused(&config, &unknown, &training, "known of the training clips, and differ");
    let fewer = Clips { descriptors: vec![1.0; 23], ..training.clone() };
    refused(&config, &fewer, &training, "23 descriptors for 8 clips");
    refused(&config, &training, &none, "other descriptors than those of the training clips");
    refused(&Config { decode: -1.0, ..config.clone() }, &training, &training, "`decode` is -1");
    refused(&Config { describe: f32::NAN, ..config }, &training, &training, "`describe` is NaN");
}
