//! `ear`: it learns from a teacher without genres, its dimensions get their words, and going on with it keeps them.

mod toy;

use jukebox_encoder::concepts::ALL;
use jukebox_encoder::train::{Clips, Config, Job, train};
use jukebox_encoder::{Architecture, Card, Device, Encoder, Input};

/// Numbers of the toy teacher's vector.
const WIDE: usize = 24;

/// Every tag that a concept asks for.
fn tags() -> Vec<String> {
    let mut tags: Vec<String> = ALL.iter().flat_map(|c| c.tags.iter().map(|(tag, _)| (*tag).to_owned())).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// Patches whose loudness in each of twelve groups of bands is random; the teacher's numbers and tags are sums of those levels.
fn patches(n: usize, seed: u64) -> Clips {
    told(n, seed, 12)
}

/// The same, but the teacher hears only the first `told` groups of bands; the levels of the others are common to the four patches of a track.
fn told(n: usize, seed: u64, told: usize) -> Clips {
    let mut mixing = fastrand::Rng::with_seed(7);
    let mut table =
        |rows: usize| -> Vec<[f32; 12]> { (0..rows).map(|_| std::array::from_fn(|_| mixing.f32() - 0.5)).collect() };
    let (vector, logit) = (table(WIDE), table(tags().len()));
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut clips = Clips::of(Input::Patch);
    let mut track = [0.0; 12];
    for i in 0..n {
        if i % 4 == 0 {
            track[told..].iter_mut().for_each(|level| *level = rng.f32());
        }
        let levels: [f32; 12] = std::array::from_fn(|group| if group < told { rng.f32() } else { track[group] });
        for band in 0..96 {
            let level = |rng: &mut fastrand::Rng| (2.0 + 11.0 * levels[band / 8] + 2.0 * rng.f32()) as u8;
            clips.strobes.extend((0..93).map(|_| level(&mut rng) << 4 | level(&mut rng)));
        }
        let heard = &levels[..told];
        let sum = |row: &[f32; 12]| row.iter().zip(heard).map(|(w, l)| 4.0 * w * (l - 0.5)).sum::<f32>();
        clips.teacher.extend(vector.iter().map(sum));
        clips.logits.extend(logit.iter().map(sum));
        clips.genres.push(0);
        clips.tracks.push((i / 4) as u32);
    }
    clips
}

/// Without the contrast: what `patches` calls a track are four patches that have nothing in common.
fn config() -> Config {
    Config { width: 3, epochs: 4, batch: 32, shard: 16, rate: 6e-3, contrast: 0.0, ..Config::of(Architecture::Ear) }
}

#[test]
fn a_teacher_is_enough_to_learn_from() {
    let (training, validation, config, tags) = (patches(704, 1), patches(96, 2), config(), tags());
    let job = Job { tags: &tags, ..toy::job(&[], &training, &validation, &config) };
    let trained = train(&job, &mut |_| true).expect("trains");
    let best = trained.epochs.iter().rfind(|e| e.best).expect("a best epoch");
    assert!(best.validation > 0.5, "the share of the teacher's variance that is explained: {best:?}");
    let card = Card::read(&trained.weights).expect("a good file");
    assert!(card.unit && card.genres.is_empty() && card.input() == Some(Input::Patch));
    assert_eq!((card.tags.len(), card.axes.len()), (tags.len(), 32));
    assert_eq!((card.axes[0].low.as_str(), card.axes[0].high.as_str()), ("acoustic", "electronic"));

    // What the file says of new patches: probabilities of tags that follow the teacher's, latents that follow their words.
    let encoder = Encoder::load(&trained.weights, Device::Cpu).expect("loads");
    let heard = encoder.encode(&validation.images()).expect("hears");
    let (mut right, mut all) = (0, 0);
    for (said, logits) in heard.iter().zip(validation.logits.chunks_exact(tags.len())) {
        assert!(said.tags.iter().all(|p| (0.0..=1.0).contains(p)) && said.genres.is_empty());
        right += said.tags.iter().zip(logits).filter(|(p, l)| l.abs() > 0.3 && (**p > 0.5) == (**l > 0.0)).count();
        all += logits.iter().filter(|l| l.abs() > 0.3).count();
    }
    assert!(right * 10 > all * 8, "{right} of {all} tags");
    let guessed = encoder.guess(&validation.images()[..1]).expect("guesses");
    assert_eq!((guessed[0].vector.len(), guessed[0].logits.len()), (WIDE, tags.len()));

    // Going on keeps tags, words and the meaning of the dimensions.
    let further = Config { epochs: 1, rate: 3e-4, ..config.clone() };
    let next = Job { config: &further, start: Some(&trained.weights), ..job };
    let next = train(&next, &mut |_| true).expect("goes on").weights;
    assert_eq!(Card::read(&next).expect("a good file").axes, card.axes);
    let again = Encoder::load(&next, Device::Cpu).expect("loads").encode(&validation.images()).expect("hears");
    for d in 0..32 {
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (a, b) in heard.iter().zip(&again) {
            (ab, aa, bb) = (ab + a.latent[d] * b.latent[d], aa + a.latent[d].powi(2), bb + b.latent[d].powi(2));
        }
        assert!(ab / (aa * bb).sqrt() > 0.8, "dimension {d} means something else now");
    }
}

#[test]
fn a_contrast_draws_the_patches_of_a_track_together() {
    let (training, validation, tags) = (told(704, 1, 6), told(96, 2, 6), tags());
    let found = |contrast: f32| {
        let config = Config { contrast, ..config() };
        let job = Job { tags: &tags, ..toy::job(&[], &training, &validation, &config) };
        let weights = train(&job, &mut |_| true).expect("trains").weights;
        let heard = Encoder::load(&weights, Device::Cpu).expect("loads").encode(&validation.images()).expect("hears");
        let alike = |a: usize, b: usize| {
            let dot =
                |a: usize, b: usize| heard[a].latent.iter().zip(&heard[b].latent).map(|(x, y)| x * y).sum::<f32>();
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
        };
        let nearest = |own: usize| {
            (0..heard.len()).filter(|b| *b != own).max_by(|a, b| alike(own, *a).total_cmp(&alike(own, *b)))
        };
        (0..heard.len()).filter(|own| nearest(*own).is_some_and(|b| b / 4 == own / 4)).count()
    };
    let (without, with) = (found(0.0), found(1.0));
    assert!(with > without + 20, "of 96 patches the nearest is of the same track: {without}, with the contrast {with}");
}

#[test]
fn what_an_ear_cannot_learn_from_is_refused() {
    let (training, none, config, tags) = (patches(16, 1), Clips::of(Input::Patch), config(), tags());
    let refused = |job: &Job, why: &str| {
        let said = train(job, &mut |_| true).expect_err("cannot train").to_string();
        assert!(said.contains(why), "{said}");
    };
    let job = Job { tags: &tags, ..toy::job(&[], &training, &none, &config) };
    refused(
        &Job { training: &Clips { teacher: Vec::new(), ..training.clone() }, ..job },
        "neither genres nor a teacher",
    );
    refused(&Job { training: &Clips { logits: vec![0.0; 5], ..training.clone() }, ..job }, "5 logits for 16 clips");
    refused(&Job { training: &Clips { tracks: vec![1], ..training.clone() }, ..job }, "1 tracks for 16 clips");
    refused(&Job { training: &toy::clips(12, 1), ..job }, "hears 96 mel bands");
}
