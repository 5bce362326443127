//! The recipe: three steps equal PyTorch's, every choice trains, is saved, loaded and resumed, and those that contradict
//! each other are refused.
#![allow(clippy::panic)]

mod toy;

use std::collections::BTreeMap;

use jukebox_encoder::recipe::{Head, Levels, Norm, Optimiser, Order, Pooling, Schedule};
use jukebox_encoder::train::{Clips, Config, Job, Progress, train, untrained};
use jukebox_encoder::{Architecture, Augment, Card, Device, Encoder, Input, Recipe, SMALL, What};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

/// What `scripts/paper_steps.py` printed.
const EXPECTED: &str = include_str!("recipe/expected.tsv");

/// The script's generator: that of Numerical Recipes.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    fn uniform(&mut self, n: usize, bound: f64, middle: f64) -> Vec<f32> {
        let mut one = || middle + bound * (2.0 * f64::from(self.next()) / f64::from(1 << 24) - 1.0);
        (0..n).map(|_| one() as f32).collect()
    }
}

/// The script's images: half floats from 0.0005 to 4, 64 × 64, the genres in turn.
fn clips(n: usize, genres: u16, seed: u32) -> Clips {
    let mut random = Random(seed);
    let half = |random: &mut Random| (0x1000 + random.next() % (0x4400 - 0x1000)) as u16;
    Clips {
        bands: SMALL,
        steps: SMALL,
        power: true,
        strobes: (0..n * SMALL * SMALL).flat_map(|_| half(&mut random).to_le_bytes()).collect(),
        genres: (0..n as u16).map(|i| i % genres).collect(),
        ..Clips::default()
    }
}

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("genre {i}")).collect()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn floats(file: &SafeTensors, name: &str) -> Vec<f32> {
    let view = file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
    view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// An encoder's file with the script's weights.
fn start(file: &[u8], normalised: bool) -> Vec<u8> {
    let (_, metadata) = SafeTensors::read_metadata(file).expect("a file");
    let own = SafeTensors::deserialize(file).expect("a file");
    let mut random = Random(11);
    let mut values: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    for i in 1..=7 {
        let shape = own.tensor(&format!("conv{i}.weight")).expect("a convolution").shape().to_vec();
        assert_eq!(shape[0], 32, "the narrowest width");
        let fan_in: usize = shape[1..].iter().product();
        let weight = random.uniform(32 * fan_in, (6.0 / fan_in as f64).sqrt(), 0.0);
        values.insert(format!("conv{i}.weight"), weight);
        if normalised {
            values.insert(format!("conv{i}.gamma"), random.uniform(32, 0.1, 1.0));
            values.insert(format!("conv{i}.beta"), random.uniform(32, 0.1, 0.0));
        } else {
            values.insert(format!("conv{i}.bias"), random.uniform(32, (1.0 / fan_in as f64).sqrt(), 0.0));
        }
    }
    for name in ["genre.hidden", "genre.hidden2", "genre.hidden3", "genre.out"] {
        let shape = own.tensor(&format!("{name}.weight")).expect("a dense layer").shape().to_vec();
        let bound = (1.0 / shape[0] as f64).sqrt();
        values.insert(format!("{name}.weight"), random.uniform(shape[0] * shape[1], bound, 0.0));
        values.insert(format!("{name}.bias"), random.uniform(shape[1], bound, 0.0));
    }
    if normalised {
        values.insert("input.mean".into(), vec![-20.0; SMALL]);
        values.insert("input.std".into(), vec![12.0; SMALL]);
    }
    let replaced: Vec<(String, Vec<usize>, Vec<u8>)> = own
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            let data = values.get(&name).map_or_else(|| view.data().to_vec(), |v| bytes(v));
            (name, view.shape().to_vec(), data)
        })
        .collect();
    let views = replaced.iter().map(|(name, shape, data)| {
        (name.as_str(), TensorView::new(safetensors::Dtype::F32, shape.clone(), data).expect("of its shape"))
    });
    safetensors::serialize(views, metadata.metadata().clone()).expect("a file")
}

fn steps_equal_pytorch(name: &str, config: &Config) {
    let (genres, training, none) = (names(8), clips(16, 8, 7), Clips { power: true, ..Clips::default() });
    let job = Job { validation: &none, ..toy::job(&genres, &training, &none, config) };
    let begin = start(&untrained(&job).expect("a network"), config.recipe.norm == Some(Norm::Running));
    let mut losses = Vec::new();
    let trained = train(&Job { start: Some(&begin), ..job }, &mut |progress| {
        if let Progress::Step { loss, .. } = progress {
            losses.push(loss);
        }
        true
    });
    let weights = trained.expect("trains").weights;
    let file = SafeTensors::deserialize(&weights).expect("a file");
    let (mut compared, mut apart) = (0, Vec::new());
    for line in EXPECTED.lines().filter(|l| l.starts_with(&format!("{name}\t"))) {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| fields[at].parse::<f64>().expect("a number");
        if fields[1] == "loss" {
            let (step, expected) = (number(2) as usize, number(3));
            let off = (losses[step - 1] - expected).abs();
            assert!(off < 1e-4, "{name}, step {step}: a loss of {} instead of {expected}", losses[step - 1]);
            continue;
        }
        let (before, after) = (number(3), number(4));
        let own = f64::from(floats(&file, fields[1])[number(2) as usize]);
        compared += 1;
        // A step of Adam is as long as the rate whatever the gradient is: one that is nearly 0 may turn its sign.
        let off = (own - after).abs();
        assert!(off < 1e-4 * (1.0 + after.abs()), "{line}: {own}");
        if off > 0.1 * (after - before).abs().max(1e-5) {
            apart.push(format!("{line}: {own}"));
        }
    }
    assert!(compared > 100, "{name}: {compared}");
    assert!(apart.len() * 20 <= compared, "{name}: {} of {compared} differ:\n{}", apart.len(), apart.join("\n"));
}

#[test]
fn three_steps_of_the_authors_recipe_equal_pytorchs() {
    steps_equal_pytorch("authors", &Config { width: 32, epochs: 3, ..Config::authors(Architecture::Paper) });
}

#[test]
fn three_steps_with_batch_normalisation_equal_pytorchs() {
    let mut config = Config { width: 32, epochs: 3, ..Config::authors(Architecture::Paper) };
    let pool = Some(Pooling::Max);
    config.recipe =
        Recipe { input: Levels::Log, pool, norm: Some(Norm::Running), head: Head::Logits, ..config.recipe.clone() };
    steps_equal_pytorch("normalised", &config);
}

/// Trains for two epochs, whole and resumed after every step; the same bytes, which load and embed.
fn trains(what: &str, config: &Config, training: &Clips, validation: &Clips) {
    let genres = names(3);
    let place = std::env::temp_dir().join(format!("jukebox-recipe-{what}-{}.safetensors", std::process::id()));
    let job = toy::job(&genres, training, validation, config);
    let whole = train(&job, &mut |_| true).unwrap_or_else(|e| panic!("{what}: {e:#}"));
    assert!(whole.epochs.iter().all(|e| e.loss.is_finite()), "{what}");
    let job = Job { checkpoint: Some(&place), resume: true, ..job };
    let rest = (0..20).find_map(|_| match train(&job, &mut |p| !matches!(p, Progress::Step { .. })) {
        Ok(trained) if trained.finished => Some(trained),
        _ => None,
    });
    let rest = rest.unwrap_or_else(|| panic!("{what}: it never ends"));
    assert!(rest.weights == whole.weights, "{what}: resuming changes the result");
    std::fs::remove_file(&place).expect("a checkpoint");
    let card = Card::read(&whole.weights).expect("a good file");
    assert_eq!((card.levels, card.bands, card.steps), (config.recipe.input, training.bands, training.steps), "{what}");
    let encoder = Encoder::load(&whole.weights, Device::Cpu).expect("a good file");
    let heard = encoder.encode(&validation.images()).expect("good images");
    let right = heard.iter().zip(&validation.genres).filter(|(e, g)| {
        let own = e.genres[usize::from(**g)];
        // The first of equal ones counts, as in training.
        e.genres.iter().position(|p| *p >= e.genres.iter().copied().fold(0.0, f32::max)) == Some(usize::from(**g))
            && own.is_finite()
    });
    let accuracy = right.count() as f64 / validation.len() as f64;
    let best = whole.epochs.iter().rfind(|e| e.best).expect("an epoch").validation;
    assert!((accuracy - best).abs() < 1e-9, "{what}: the file reaches {accuracy}, the training {best}");
}

#[test]
fn every_choice_trains_and_resumes() {
    let (training, validation) = (clips(8, 3, 1), clips(4, 3, 2));
    let authors = Config { width: 32, epochs: 2, batch: 4, shard: 4, ..Config::authors(Architecture::Paper) };
    let with = |change: &dyn Fn(&mut Config)| {
        let mut config = authors.clone();
        change(&mut config);
        config
    };
    let all: [(&str, Config); 10] = [
        ("authors", authors.clone()),
        ("log", with(&|c| c.recipe.input = Levels::Log)),
        ("running", with(&|c| c.recipe.norm = Some(Norm::Running))),
        ("recomputed", with(&|c| c.recipe.norm = Some(Norm::Recomputed))),
        ("dropout", with(&|c| (c.recipe.dropout_convolutions, c.recipe.dropout_head) = (0.2, 0.3))),
        ("relu", with(&|c| (c.recipe.head, c.recipe.pool) = (Head::Relu, Some(Pooling::Max)))),
        ("sgd", with(&|c| (c.recipe.optimiser, c.decay, c.recipe.clip) = (Optimiser::Sgd, 0.01, Some(1.0)))),
        (
            "cycle",
            with(&|c| (c.recipe.schedule, c.recipe.order, c.average) = (Schedule::OneCycle, Order::Shuffled, 0.9)),
        ),
        ("1d", Config { arch: Architecture::Paper1d, ..authors.clone() }),
        ("3x1", Config { arch: Architecture::Paper3x1, ..authors.clone() }),
    ];
    for (what, config) in &all {
        trains(what, config, &training, &validation);
    }
}

#[test]
fn the_paper_takes_strobe_images_as_they_are() {
    // 128 × 128 → 64 × 128 → … → 1 × 1, without the last pool.
    let layers = Architecture::Paper.layers(512, [128, 128], 8).expect("it takes them");
    let shapes: Vec<[usize; 3]> = layers.iter().filter(|l| l.what != What::Dense).map(|l| l.shape).collect();
    assert_eq!(shapes.first(), Some(&[512, 64, 128]));
    assert_eq!(shapes.last(), Some(&[32, 1, 1]));
    assert_eq!(layers.iter().filter(|l| l.what == What::MaxPool).count(), 5);
    assert_eq!(layers.iter().map(|l| l.parameters).sum::<usize>(), 2_233_032, "as with full images");
    let clips = |n, seed| Clips { teacher: Vec::new(), ..toy::clips(n, seed) };
    let config = Config { width: 32, epochs: 2, batch: 6, shard: 3, ..Config::of(Architecture::Paper) };
    trains("strobe", &config, &clips(6, 1), &clips(3, 2));
}

#[test]
fn no_layer_is_narrower_than_the_latent() {
    let channels = |width| -> Vec<usize> {
        let layers = Architecture::Paper.layers(width, [128, 1280], 8).expect("it takes them");
        layers.iter().filter(|l| l.what == What::Convolution).map(|l| l.shape[0]).collect()
    };
    assert_eq!(channels(512), [512, 256, 256, 128, 64, 32, 32]);
    assert_eq!(channels(128), [128, 64, 64, 32, 32, 32, 32]);
    assert_eq!(channels(64), [64, 32, 32, 32, 32, 32, 32]);
}

#[test]
fn what_contradicts_itself_is_refused() {
    let (genres, training, none) = (names(3), clips(12, 3, 1), Clips::default());
    let authors = Config { width: 32, epochs: 1, batch: 6, shard: 6, ..Config::authors(Architecture::Paper) };
    let refused = |config: &Config, training: &Clips, why: &str| {
        let said = train(&toy::job(&genres, training, &none, config), &mut |_| true).expect_err(why);
        assert!(format!("{said:#}").contains(why), "{said:#}");
    };
    let of = |change: &dyn Fn(&mut Recipe)| {
        let mut config = authors.clone();
        change(&mut config.recipe);
        config
    };
    refused(&of(&|r| r.input = Levels::Log4), &training, "the images are powers");
    refused(&authors, &Clips { teacher: Vec::new(), ..toy::clips(12, 1) }, "the images are of 4 bits");
    refused(&Config { augment: Augment::default(), ..authors.clone() }, &training, "is not augmented");
    let running = of(&|r| r.norm = Some(Norm::Running));
    refused(&Config { average: 0.9, ..running }, &training, "switch averaging off");
    refused(&of(&|r| r.dropout_head = 1.0), &training, "dropout");
    refused(&of(&|r| r.clip = Some(0.0)), &training, "clipped");
    let config = Config { arch: Architecture::Strobe, ..authors.clone() };
    refused(&config, &training, "hears 128 mel bands, these images have 64");
    assert!(Architecture::Paper.takes(Input::Power.bands(), Input::Power.steps()));
}

#[test]
fn names_are_read_back() {
    assert_eq!("running".parse::<Norm>(), Ok(Norm::Running));
    assert!("batch".parse::<Norm>().expect_err("unknown").to_string().contains("off, running, recomputed"));
    for levels in Levels::ALL {
        assert_eq!(levels.name().parse::<Levels>(), Ok(*levels));
    }
    let config = Config::authors(Architecture::Paper);
    let text = serde_json::to_string(&config).expect("JSON");
    assert!(text.contains("\"input\":\"power\"") && text.contains("\"head\":\"sigmoid\""), "{text}");
    assert_eq!(serde_json::from_str::<Config>(&text).expect("a configuration"), config);
    // A configuration of before has no recipe: the usual one.
    let mut old: serde_json::Value = serde_json::to_value(Config::default()).expect("JSON");
    old.as_object_mut().expect("an object").remove("recipe");
    assert_eq!(serde_json::from_value::<Config>(old).expect("a configuration"), Config::default());
}
