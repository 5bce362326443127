//! An encoder's file and what it makes of images.

mod toy;

use jukebox_encoder::strobe::BYTES;
use jukebox_encoder::{Card, DIMS, Device, Encoder, Facts, device, turned, with_facts};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

fn message(weights: &[u8]) -> String {
    let card = Card::read(weights).expect_err("a bad file");
    let load = Encoder::load(weights, Device::Cpu).err().expect("a bad file");
    assert!(format!("{load:#}").contains(&format!("{card:#}")));
    format!("{card:#}")
}

#[test]
fn one_embedding_does_not_depend_on_the_others() {
    let encoder = Encoder::load(&toy::trained(1, 1).weights, Device::Cpu).expect("a good file");
    let clips = toy::clips(40, 3);
    let images: Vec<&[u8]> = clips.strobes.chunks_exact(BYTES).collect();
    let all = encoder.encode(&images).expect("good images");
    assert_eq!(all.len(), 40);
    assert_eq!(all, encoder.encode(&images).expect("good images"));
    let backwards: Vec<&[u8]> = images.iter().rev().copied().collect();
    let backwards = encoder.encode(&backwards).expect("good images");
    assert!(backwards.iter().rev().eq(all.iter()));
    for (i, image) in images.iter().enumerate().step_by(13) {
        assert_eq!(encoder.encode(&[image]).expect("a good image"), [all[i].clone()]);
    }
    assert!(encoder.encode(&[]).expect("no image").is_empty());
    for one in &all {
        assert!(one.latent.iter().all(|x| x.is_finite()));
        assert!((one.genres.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn an_image_of_another_size_is_an_error() {
    let encoder = Encoder::load(&toy::trained(1, 1).weights, Device::Cpu).expect("a good file");
    let error = encoder.encode(&[&[0; 100]]).expect_err("a bad image");
    assert!(error.to_string().contains("8192 bytes, not 100"), "{error}");
}

#[test]
fn latents_are_decorrelated_and_of_unit_variance_over_the_training_clips() {
    let weights = toy::trained(3, 1).weights;
    let encoder = Encoder::load(&weights, Device::Cpu).expect("a good file");
    let clips = toy::clips(192, 1);
    let images: Vec<&[u8]> = clips.strobes.chunks_exact(BYTES).collect();
    let all = encoder.encode(&images).expect("good images");
    let n = all.len() as f32;
    let moment = |a: usize, b: usize| all.iter().map(|e| e.latent[a] * e.latent[b]).sum::<f32>() / n;
    for a in 0..DIMS {
        assert!((moment(a, a) - 1.0).abs() < 0.05, "variance of {a}: {}", moment(a, a));
    }
    let off: f32 = (0..DIMS).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| moment(a, b).abs()).sum();
    let mean = off / (DIMS * (DIMS - 1) / 2) as f32;
    assert!(mean < 0.1, "mean correlation {mean}");
    for d in 0..DIMS {
        let column: Vec<f32> = encoder.card().reference.iter().map(|r| r[d]).collect();
        assert_eq!(column.len(), 50);
        assert!(column.is_sorted());
        assert!(column[0] < 0.0 && column[49] > 0.0);
    }
}

#[test]
fn the_card_says_what_the_file_holds_and_facts_do_not_change_the_numbers() {
    let weights = toy::trained(1, 1).weights;
    let card = Card::read(&weights).expect("a good file");
    assert_eq!((card.arch.name(), card.genres.len()), ("strobe", 3));
    assert_eq!(card.hash, blake3::hash(&weights).to_hex().to_string());
    assert_eq!(card.facts.data, "toys");
    assert!(card.facts.validation.is_some() && card.facts.test.is_none());
    let facts = Facts { test: Some(0.5), ..card.facts.clone() };
    let other = with_facts(&weights, &facts).expect("a good file");
    assert_eq!(other, with_facts(&weights, &facts).expect("a good file"), "a file is one sequence of bytes");
    assert_eq!(with_facts(&other, &card.facts).expect("a good file"), weights, "a round trip is exact");
    let read = Card::read(&other).expect("a good file");
    assert_eq!((read.facts.test, &read.reference), (Some(0.5), &card.reference));
    let image = &toy::clips(1, 5).strobes[..];
    let [a, b] = [&weights, &other].map(|w| {
        let encoder = Encoder::load(w, Device::Cpu).expect("a good file");
        encoder.encode(&[image]).expect("a good image")
    });
    assert_eq!(a, b);
}

#[test]
fn damaged_files_are_clear_errors() {
    let weights = toy::trained(1, 1).weights;
    assert!(message(&[]).contains("no safetensors file"));
    assert!(message(b"ID3\x04 certainly some music, long enough to be a header").contains("no safetensors file"));
    for cut in [7, 8, 100, weights.len() / 2, weights.len() - 1] {
        let said = message(&weights[..cut]);
        assert!(said.contains("damaged or cut off"), "cut at {cut}: {said}");
    }
    assert!(message(&vec![0; (64 << 20) + 1]).contains("larger than 64 MiB"));
    let mut flipped = weights.clone();
    let end = flipped.len();
    flipped[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(message(&flipped).contains("not finite"));
}

/// The file with one tensor under another name or shape, or without it, and with another header.
fn rewritten(weights: &[u8], tensor: &str, shape: Option<&[usize]>, header: impl Fn(String) -> String) -> Vec<u8> {
    let (_, metadata) = SafeTensors::read_metadata(weights).expect("a good file");
    let text = metadata.metadata().clone().expect("metadata").remove("jukebox").expect("a header");
    let file = SafeTensors::deserialize(weights).expect("a good file");
    let views: Vec<(String, TensorView)> = file
        .tensors()
        .into_iter()
        .filter_map(|(name, view)| match shape {
            Some(shape) if name == tensor => {
                let n: usize = shape.iter().product();
                let view = TensorView::new(view.dtype(), shape.to_vec(), &view.data()[..4 * n]);
                Some((name, view.expect("a shape")))
            }
            None if name == tensor => None,
            _ => Some((name, view)),
        })
        .collect();
    let metadata = [("jukebox".to_owned(), header(text))].into();
    safetensors::serialize(views, Some(metadata)).expect("a file")
}

#[test]
fn forged_files_are_clear_errors() {
    let weights = toy::trained(1, 1).weights;
    let same = |h| h;
    let said = message(&rewritten(&weights, "a1.weight", Some(&[1, 2, 3, 3]), same));
    assert!(said.contains("`a1.weight` has the shape [1, 2, 3, 3], not [2, 2, 3, 3]"), "{said}");
    let said = message(&rewritten(&weights, "transform", None, same));
    assert!(said.contains("`transform` is missing"), "{said}");
    let none = "no such tensor";
    let said = message(&rewritten(&weights, none, None, |h| h.replace("\"width\":2", "\"width\":4000000000")));
    assert!(said.contains("width 4000000000 is out of range"), "{said}");
    let said = message(&rewritten(&weights, none, None, |h| h.replace("\"width\":2", "\"width\":4")));
    assert!(said.contains("has the shape"), "{said}");
    let said = message(&rewritten(&weights, none, None, |h| h.replace("\"strobe\"", "\"parrot\"")));
    assert!(said.contains("architecture `parrot` is unknown"), "{said}");
    let said = message(&rewritten(&weights, none, None, |h| h.replace("\"format\":1", "\"format\":9")));
    assert!(said.contains("format 9"), "{said}");
    let said = message(&rewritten(&weights, none, None, |_| "{".into()));
    assert!(said.contains("header cannot be understood"), "{said}");
}

#[test]
fn devices_are_found_without_a_panic() {
    let report = device::report();
    assert_ne!(report.gpu.is_some(), report.why_not.is_some());
    let weights = toy::trained(1, 1).weights;
    let auto = Encoder::load(&weights, Device::Auto).expect("the CPU at least");
    assert_eq!(auto.device(), report.gpu.as_deref().unwrap_or("CPU"));
    if report.gpu.is_none() {
        let error = Encoder::load(&weights, Device::Cuda).err().expect("no GPU");
        assert!(error.to_string().contains("no GPU"), "{error}");
    }
}

#[test]
fn turned_dimensions_are_the_same_numbers_in_other_places() {
    let weights = toy::trained(1, 1).weights;
    let clips = toy::clips(60, 4);
    let encoder = Encoder::load(&weights, Device::Cpu).expect("a good file");
    let before: Vec<[f32; DIMS]> =
        encoder.encode(&clips.images()).expect("good images").iter().map(|e| e.latent).collect();
    // The dimensions in reverse order, the first one upside down.
    let mut turn = [[0.0; DIMS]; DIMS];
    for (d, row) in turn.iter_mut().enumerate() {
        row[DIMS - 1 - d] = if d == 0 { -1.0 } else { 1.0 };
    }
    let other = turned(&weights, &turn, &before).expect("a turn");
    let encoder = Encoder::load(&other, Device::Cpu).expect("a good file");
    for (old, new) in before.iter().zip(encoder.encode(&clips.images()).expect("good images")) {
        assert!((old[0] + new.latent[DIMS - 1]).abs() < 1e-5);
        assert!((1..DIMS).all(|d| (old[d] - new.latent[DIMS - 1 - d]).abs() < 1e-5));
    }
    let reference = &encoder.card().reference;
    assert!((0..DIMS).all(|d| reference.iter().map(|r| r[d]).is_sorted()));
    let mut column: Vec<f32> = before.iter().map(|l| l[3]).collect();
    column.sort_by(f32::total_cmp);
    assert!((reference[0][DIMS - 4] - column[0]).abs() < 1e-5, "measured on the latents that were given");
    assert!(turned(&weights, &turn, &[]).is_err());
    turn[0][0] = f32::NAN;
    assert!(turned(&weights, &turn, &before).is_err());
}
