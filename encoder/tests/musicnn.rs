//! The imported tagger, on a made-up checkpoint: `tests/musicnn/reference.py` makes the same and writes what
//! scripts/teacher.py says of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod musicnn {
    pub mod table;
}

use jukebox_encoder::import::{self, Axes, TAGS, VECTOR};
use jukebox_encoder::{Architecture, Axis, Card, DIMS, Device, Encoder, Input};
use musicnn::table;

/// Numbers from −0.5 to 0.5.
fn numbers(seed: u32, count: usize) -> Vec<f32> {
    let mut x = seed;
    let next = || {
        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(x >> 8) / f64::from(1 << 24) - 0.5
    };
    std::iter::repeat_with(next).take(count).map(|v| v as f32).collect()
}

fn shapes() -> Vec<(String, Vec<usize>)> {
    let mut all: Vec<(String, Vec<usize>)> = Vec::new();
    let channels = [1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200];
    for (i, c) in channels.into_iter().enumerate() {
        let name = if i == 0 { "batch_normalization".into() } else { format!("batch_normalization_{i}") };
        all.extend(["beta", "gamma", "moving_mean", "moving_variance"].map(|part| (format!("{name}/{part}"), vec![c])));
    }
    let kernels = [
        [7, 38, 1, 204],
        [7, 67, 1, 204],
        [128, 1, 1, 51],
        [64, 1, 1, 51],
        [32, 1, 1, 51],
        [7, 561, 1, 64],
        [7, 64, 1, 64],
        [7, 64, 1, 64],
    ];
    for (i, shape) in kernels.into_iter().enumerate() {
        let name = if i == 0 { "conv2d".into() } else { format!("conv2d_{i}") };
        all.push((format!("{name}/bias"), vec![shape[3]]));
        all.push((format!("{name}/kernel"), shape.to_vec()));
    }
    for (name, shape) in [("dense", [1506, 200]), ("dense_1", [200, 50])] {
        all.push((format!("{name}/bias"), vec![shape[1]]));
        all.push((format!("{name}/kernel"), shape.to_vec()));
    }
    all.sort();
    all
}

/// The tensors of `reference.py`, in the order of their names.
fn tensors() -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let all = shapes().into_iter().zip(1..);
    all.map(|((name, shape), seed)| {
        let mut values = numbers(seed, shape.iter().product());
        let fan_in = shape[..shape.len() - 1].iter().product::<usize>() as f32;
        let change: &dyn Fn(f32) -> f32 = match name.as_str() {
            n if n.ends_with("moving_variance") => &|v| 1.0 + v,
            "batch_normalization/gamma" => &|v| 0.5 + 0.2 * v,
            n if n.ends_with("gamma") => &|v| 2.0 * v,
            n if n.ends_with("kernel") => &|v| v * 3.0 / fan_in.sqrt(),
            _ => &|v| v,
        };
        values.iter_mut().for_each(|v| *v = change(*v));
        (name, shape, values)
    })
    .collect()
}

/// A map that takes the first 32 numbers.
fn axes() -> Axes {
    let vectors: Vec<Vec<f32>> = (0..2000).map(|i| numbers(i + 1, VECTOR)).collect();
    let latents: Vec<[f32; DIMS]> = vectors.iter().map(|v| std::array::from_fn(|d| v[d])).collect();
    let words: Vec<Axis> = (0..DIMS)
        .map(|d| Axis { name: format!("word{d}"), low: format!("little{d}"), high: format!("much{d}") })
        .collect();
    Axes::fit(&vectors, &latents, &(0..2000).collect::<Vec<u32>>(), &words).unwrap()
}

fn encoder(full: bool) -> (Vec<u8>, Encoder) {
    let (index, data) = table::write(&tensors());
    let file = import::musicnn(&index, &data, &axes(), full).unwrap();
    let encoder = Encoder::load(&file, Device::Cpu).unwrap();
    (file, encoder)
}

/// Levels of 187 frames, frame by frame, as a patch of bands.
fn patch() -> Vec<f32> {
    let frames: Vec<f32> = numbers(1000, 187 * 96).iter().map(|v| 3.0 * (v + 0.5)).collect();
    (0..96).flat_map(|band| frames.iter().skip(band).step_by(96).copied().collect::<Vec<_>>()).collect()
}

#[test]
fn it_says_what_the_reference_says() {
    let expected: Vec<f32> = include_str!("musicnn/expected.txt").lines().map(|line| line.parse().unwrap()).collect();
    let (_, encoder) = encoder(true);
    let said = encoder.guess_levels(&patch()).unwrap();
    assert_eq!((said.vector.len(), said.logits.len(), expected.len()), (VECTOR, TAGS.len(), VECTOR + TAGS.len()));
    for (i, (found, expected)) in said.vector.iter().chain(&said.logits).zip(&expected).enumerate() {
        assert!((found - expected).abs() < 1e-3, "number {i}: {found} for {expected}");
    }
}

#[test]
fn packed_patches_give_tags_and_a_latent_with_words() {
    for full in [false, true] {
        let (file, encoder) = encoder(full);
        let card = Card::read(&file).unwrap();
        assert_eq!(card.arch, if full { Architecture::MusicnnFull } else { Architecture::Musicnn });
        assert!(card.unit && card.input() == Some(Input::Patch) && card.tags == TAGS && card.axes[3].name == "word3");
        let image: Vec<u8> = numbers(7, Input::Patch.bytes()).iter().map(|v| (255.0 * (v + 0.5)) as u8).collect();
        let (heard, said) = (&encoder.encode(&[&image]).unwrap()[0], &encoder.guess(&[&image]).unwrap()[0]);
        for (tag, logit) in heard.tags.iter().zip(&said.logits) {
            assert!((tag - 1.0 / (1.0 + (-logit).exp())).abs() < 1e-6);
        }
        // The map was fitted on the first numbers of vectors, with a little ridge.
        for (d, (found, of)) in heard.latent.iter().zip(&said.vector).enumerate() {
            assert!((found - of).abs() < 0.2 * of.abs() + 0.02, "dimension {d}: {found} for {of}");
        }
        // A packed patch is the same as its levels, unpacked: frame 2k in the high nibble.
        let levels: Vec<f32> = image.iter().flat_map(|b| [b >> 4, b & 15]).map(|v| 0.4 * f32::from(v)).collect();
        let unpacked = encoder.guess_levels(&levels).unwrap();
        assert!(unpacked.vector.iter().zip(&said.vector).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}

#[test]
fn a_damaged_checkpoint_is_an_error() {
    let (index, data) = table::write(&tensors());
    let axes = axes();
    for cut in [0, 20, index.len() / 2, index.len() - 1] {
        import::musicnn(&index[..cut], &data, &axes, false).unwrap_err();
    }
    import::musicnn(&index, &data[..data.len() - 4], &axes, false).unwrap_err();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..300 {
        // Any byte may be wrong; some of them change only a name's letter or a checksum, which is not read.
        let mut damaged = index.clone();
        let at = random.usize(..damaged.len());
        damaged[at] ^= 1 << random.u8(..8);
        let _ = import::musicnn(&damaged, &data, &axes, false);
    }
    let other: Vec<_> = tensors().into_iter().filter(|(name, ..)| name != "conv2d_3/kernel").collect();
    let (index, data) = table::write(&other);
    let why = format!("{:#}", import::musicnn(&index, &data, &axes, false).unwrap_err());
    assert!(why.contains("lacks `conv2d_3/kernel`"), "{why}");
}

#[test]
fn axes_survive_their_file() {
    let axes = axes();
    assert_eq!(Axes::read(&axes.write().unwrap()).unwrap(), axes);
    assert!(Axes::read(b"none").is_err());
    assert!(Axes::fit(&[vec![0.0; VECTOR]], &[[0.0; DIMS]], &[0], &[]).is_err());
}
