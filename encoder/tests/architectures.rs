//! Every architecture: its cost, and that it trains, is saved, loaded, resumed and embeds.

mod toy;

use std::collections::HashSet;

use jukebox_encoder::strobe::bytes;
use jukebox_encoder::train::{Clips, Config, Job, train};
use jukebox_encoder::{Architecture, Card, DIMS, Device, Encoder, Layer, MEL_STEPS, What};

/// Narrow, so that the test is quick; what is narrow is measured apart.
fn config(arch: Architecture) -> Config {
    let width = if arch.is_paper() { 32 } else { 4 };
    Config { width, epochs: 2, batch: 6, shard: 3, rate: 3e-3, seed: 3, agree: 0.0, ..Config::of(arch) }
}

/// The toy's images, each step as often as it takes.
fn clips(steps: usize, n: usize, seed: u64) -> Clips {
    let clips = Clips { teacher: Vec::new(), ..toy::clips(n, seed) };
    let wide = steps / clips.steps;
    let nibbles = clips.strobes.iter().flat_map(|b| [b >> 4, b & 15]).flat_map(|v| std::iter::repeat_n(v, wide));
    let nibbles: Vec<u8> = nibbles.collect();
    let strobes = nibbles.chunks_exact(2).map(|p| p[0] << 4 | p[1]).collect();
    Clips { steps, strobes, ..clips }
}

#[test]
fn the_papers_network_has_the_papers_size() {
    let (parameters, macs) = Architecture::Paper.cost(8);
    assert_eq!(parameters, 2_233_032, "the count of the paper's Tables 2 and 3");
    assert_eq!(macs / 10_000_000, 2234, "22.34 GMAC a clip");
    assert_eq!(Architecture::PaperAvg.cost(8), (parameters, macs));
    assert_eq!(Architecture::Paper3x1.cost(8), (795_336, 2_115_658_240), "the count of the authors' commit 0d324f0");
    for arch in Architecture::ALL {
        let (parameters, macs) = arch.cost(8);
        println!("{arch}: {parameters} parameters, {macs} MACs");
        assert!(parameters <= 3_000_000, "{arch} has {parameters}");
        assert_eq!(Architecture::named(arch.name()), Some(arch));
    }
    let names: HashSet<&str> = Architecture::ALL.iter().map(|a| a.name()).collect();
    assert_eq!(names.len(), Architecture::ALL.len());
}

#[test]
fn the_network_that_was_taken_for_1d_has_its_authors_shapes() {
    // Of every convolution: kernel, then bands and steps of its result.
    let convolutions = |size: [usize; 2]| -> Vec<([usize; 2], [usize; 2])> {
        let layers = Architecture::Paper3x1.layers(512, size, 8).expect("it takes them");
        assert!(layers.iter().all(|l| l.what != What::MaxPool), "mean pools");
        let of = |l: &Layer| Some((l.window?[0], [l.shape[1], l.shape[2]]));
        layers.iter().filter(|l| l.what == What::Convolution).filter_map(of).collect()
    };
    let (first, middle, last) = ([3, 11], [3, 1], [2, 4]);
    let kernels = [first, middle, middle, middle, middle, middle, last];
    let with = |sizes: [[usize; 2]; 7]| -> Vec<([usize; 2], [usize; 2])> { kernels.into_iter().zip(sizes).collect() };
    assert_eq!(
        convolutions([128, 1280]),
        with([[64, 256], [32, 128], [16, 64], [8, 32], [4, 16], [2, 8], [1, 1]]),
        "as in their commit 0d324f0, each followed by a pool of two steps"
    );
    // Smaller images: strides and pools are left out at the end.
    assert_eq!(convolutions([128, 128]), with([[64, 128], [32, 64], [16, 32], [8, 16], [4, 8], [2, 4], [1, 1]]));
    assert_eq!(convolutions([64, 64]), with([[32, 64], [16, 32], [8, 16], [4, 8], [2, 4], [2, 4], [1, 1]]));
}

fn trains_saves_loads_and_embeds(arch: Architecture) {
    let steps = arch.steps().unwrap_or(128);
    let (genres, training, validation) = (toy::genres(), clips(steps, 6, 1), clips(steps, 3, 2));
    let config = config(arch);
    let place = tempfile(arch);
    let job = Job { checkpoint: Some(&place), ..toy::job(&genres, &training, &validation, &config) };
    let whole = train(&Job { checkpoint: None, ..job }, &mut |_| true).expect("trains");
    assert!(whole.epochs.iter().all(|e| e.loss.is_finite()));

    // Left after the first epoch, taken up again: the same bytes.
    let mut epochs = 0;
    let stop = &mut |p: jukebox_encoder::train::Progress| {
        epochs += usize::from(matches!(p, jukebox_encoder::train::Progress::Epoch(_)));
        epochs == 0
    };
    assert!(!train(&job, stop).expect("trains").finished);
    let rest = train(&Job { resume: true, ..job }, &mut |_| true).expect("resumes");
    assert!(rest.weights == whole.weights, "{arch}: resuming changes the result");
    std::fs::remove_file(&place).expect("a checkpoint");

    let card = Card::read(&whole.weights).expect("a good file");
    assert_eq!((card.arch, card.width, card.steps), (arch, config.width, steps));
    assert!(card.parameters > 1000 && card.macs > 10_000, "{card:?}");
    let encoder = Encoder::load(&whole.weights, Device::Cpu).expect("a good file");
    let images = training.images();
    let all = encoder.encode(&images).expect("good images");
    assert_eq!(all.len(), 6);
    for (one, image) in all.iter().zip(&images) {
        assert!(one.latent.iter().all(|x| x.is_finite()));
        assert!((one.genres.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let alone = &encoder.encode(&[image]).expect("a good image")[0];
        let away = (0..DIMS).map(|d| (alone.latent[d] - one.latent[d]).abs()).fold(0.0, f32::max);
        assert!(away < 1e-3, "{arch}: alone or with others it is {away} away");
    }
    // What was trained hears differences.
    assert!(all[0].latent != all[1].latent);
    let error = encoder.encode(&[&[0; 100]]).expect_err("a bad image");
    assert!(error.to_string().contains(&bytes(card.steps).to_string()), "{error}");
}

fn tempfile(arch: Architecture) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("jukebox-{arch}-{}.safetensors", std::process::id()))
}

macro_rules! each {
    ($($name:ident: $arch:ident,)*) => {$(
        #[test]
        fn $name() {
            trains_saves_loads_and_embeds(Architecture::$arch);
        }
    )*};
}

each! {
    strobe: Strobe,
    paper: Paper,
    paper_avg: PaperAvg,
    paper_1d: Paper1d,
    paper_3x1: Paper3x1,
    resnet1d: Resnet1d,
    densenet1d: Densenet1d,
    crnn: Crnn,
}

#[test]
fn the_papers_networks_take_full_mels_and_none_takes_a_patch() {
    let (genres, none) = (toy::genres(), Clips::default());
    for arch in [Architecture::Paper, Architecture::Paper1d, Architecture::Paper3x1] {
        let config = Config { epochs: 1, ..config(arch) };
        let training = clips(MEL_STEPS, 6, 1);
        let trained = train(&toy::job(&genres, &training, &none, &config), &mut |_| true).expect("full mels");
        assert_eq!(Card::read(&trained.weights).expect("a good file").steps, MEL_STEPS);
        let wide = clips(2 * MEL_STEPS, 6, 1);
        let said = train(&toy::job(&genres, &wide, &none, &config), &mut |_| true).expect_err("twice as long");
        assert!(said.to_string().contains("does not take images of 128 bands and 2560 steps"), "{said}");
    }
    let config = Config { epochs: 1, ..config(Architecture::Ear) };
    let said = train(&toy::job(&genres, &toy::clips(6, 1), &none, &config), &mut |_| true).expect_err("strobe images");
    assert!(said.to_string().contains("hears 96 mel bands"), "{said}");
}

#[test]
fn shares_of_genres_are_taught() {
    let (genres, none, config) = (toy::genres(), Clips::default(), toy::config(6));
    let clips = toy::clips(48, 1);
    // Every clip is taught as the next class: what it is told beats what it is called.
    let targets =
        clips.genres.iter().flat_map(|g| (0..3).map(move |k| f32::from(u8::from(k == (g + 1) % 3)))).collect();
    let training = Clips { targets, ..clips.clone() };
    let trained = train(&toy::job(&genres, &training, &none, &config), &mut |_| true).expect("trains");
    let encoder = Encoder::load(&trained.weights, Device::Cpu).expect("a good file");
    let heard = encoder.encode(&clips.images()).expect("good images");
    let next = heard.iter().zip(&clips.genres).filter(|(e, g)| e.genres[usize::from((**g + 1) % 3)] > 0.5).count();
    assert!(next > 36, "{next} of 48");
    let bad = Clips { targets: vec![0.5; 7], ..clips };
    let said = train(&toy::job(&genres, &bad, &none, &config), &mut |_| true).expect_err("seven shares");
    assert!(said.to_string().contains("7 shares of genres"), "{said}");
}
