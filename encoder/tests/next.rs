//! The next-track network: its plain loops against Burn's own gradients, and its file.

// The network's insides are no part of the public interface; their tests live here for the reason that all tests do
// (`[lib] test = false`).
#[path = "../core/src/next/network.rs"]
#[allow(dead_code)]
mod network;
#[path = "../core/src/parameters.rs"]
#[allow(dead_code)]
mod parameters;
// What `parameters` uses of the crate, and what that uses.
#[path = "../core/src/fault.rs"]
#[allow(dead_code)]
mod fault;
#[path = "../core/src/recipe.rs"]
#[allow(dead_code)]
mod recipe;
#[path = "../core/src/net/recurrent.rs"]
mod recurrent;

use burn::backend::{Autodiff, Flex};
use burn::tensor::{Tensor, TensorData, activation};
use jukebox_encoder::DIMS;
use jukebox_encoder::next::{Card, Example, HIDDEN, INPUTS, NextTrack, Options, STEPS, Step, train};

use parameters::Parameters;
use recurrent::Gru;

type A = Autodiff<Flex>;

fn numbers(rng: &mut fastrand::Rng, n: usize) -> Vec<f32> {
    (0..n).map(|_| 2.0 * rng.f32() - 1.0).collect()
}

/// Every parameter at random, so that none of them is at a place where its gradient vanishes.
fn shaken(seed: u64) -> Parameters {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut parameters = Parameters::random(&network::specs(), seed);
    parameters.values.iter_mut().flatten().for_each(|v| *v += 0.3 * (rng.f32() - 0.5));
    parameters
}

#[test]
fn the_loss_and_its_gradients_are_burns() {
    for (n, dropped) in [(STEPS, false), (STEPS, true), (3, true), (1, false)] {
        let mut rng = fastrand::Rng::with_seed(n as u64);
        let parameters = shaken(7);
        let steps: Vec<[f32; INPUTS]> =
            (0..n).map(|_| numbers(&mut rng, INPUTS).try_into().expect("as many")).collect();
        let drop: [f32; HIDDEN] = std::array::from_fn(|i| if dropped && i % 4 == 0 { 0.0 } else { 1.25 });
        let candidates: Vec<([f32; DIMS], f32)> =
            (0..20).map(|i| (numbers(&mut rng, DIMS).try_into().expect("as many"), -0.1 * i as f32)).collect();

        let trace = network::forward(&parameters, &steps, Some(&drop));
        let mut ours = Parameters::zeros(&network::specs());
        let lost = network::loss(&parameters, &trace, &candidates, Some(&drop), Some(&mut ours));

        let device = Default::default();
        let specs = network::specs();
        let leaves: Vec<Tensor<A, 1>> = parameters
            .values
            .iter()
            .map(|v| Tensor::from_data(TensorData::new(v.clone(), [v.len()]), &device).require_grad())
            .collect();
        let matrix = |i: usize| leaves[i].clone().reshape([specs[i].shape[0], specs[i].shape[1]]);
        let plain =
            |values: Vec<f32>, shape: [usize; 2]| Tensor::<A, 2>::from_data(TensorData::new(values, shape), &device);
        let x = plain(steps.concat(), [n, INPUTS]);
        let gru =
            Gru { input: matrix(0), input_bias: leaves[1].clone(), hidden: matrix(2), hidden_bias: leaves[3].clone() };
        let states = gru.run(x.clone().swap_dims(0, 1).reshape([1, INPUTS, 1, n]));
        let last = states.slice([0..1, 0..HIDDEN, 0..1, n - 1..n]).reshape([1, HIDDEN]);
        let out = (last * plain(drop.to_vec(), [1, HIDDEN])).matmul(matrix(4)) + leaves[5].clone().unsqueeze();
        let z = x.slice([0..n, 0..DIMS]);
        let lags = matrix(6).slice([0..n, 0..DIMS]).flip([0]);
        let mean = out.clone().slice([0..1, 0..DIMS])
            + (lags * z.clone()).sum_dim(0)
            + z.mean_dim(0) * leaves[7].clone().unsqueeze();
        let precision = out.slice([0..1, DIMS..2 * DIMS]).neg().exp();
        let tracks = plain(candidates.iter().flat_map(|(z, _)| *z).collect(), [20, DIMS]);
        let off = tracks - mean;
        let score = (off.clone() * off * precision).sum_dim(1).mul_scalar(-0.5) * leaves[8].clone().exp().unsqueeze();
        let logits = score - plain(candidates.iter().map(|(_, drawn)| *drawn).collect(), [20, 1]);
        let theirs = activation::log_softmax(logits, 0).slice([0..1, 0..1]).sum().neg();

        let away = (theirs.clone().into_scalar() - lost).abs();
        assert!(away < 1e-4 * lost.abs().max(1.0), "the loss after {n}: {away}");
        let gradients = theirs.backward();
        for ((leaf, ours), spec) in leaves.iter().zip(&ours.values).zip(&specs) {
            let theirs: Vec<f32> = leaf.grad(&gradients).expect("a gradient").into_data().to_vec().expect("f32");
            let size = theirs.iter().fold(1e-3f32, |m, g| m.max(g.abs()));
            let away = theirs.iter().zip(ours).fold(0.0f32, |m, (a, b)| m.max((a - b).abs()));
            assert!(away <= 2e-4 * size, "{} after {n}: {away} of {size}", spec.name);
            // The first state is zero: of one track nothing comes through its weights.
            let one = n == 1 && spec.name == "state.weight";
            assert!(one || ours.iter().any(|g| *g != 0.0), "{} gets none", spec.name);
        }
    }
}

/// A library, and what comes after a track: the one that lies opposite.
fn history() -> (Vec<[f32; DIMS]>, Vec<Example>) {
    let mut rng = fastrand::Rng::with_seed(1);
    let half: Vec<[f32; DIMS]> = (0..50).map(|_| numbers(&mut rng, DIMS).try_into().expect("as many")).collect();
    let library: Vec<[f32; DIMS]> = half.iter().copied().chain(half.iter().map(|z| z.map(|x| -x))).collect();
    let examples = (0..400u32)
        .map(|i| Example { steps: vec![Step::of(library[i as usize % 100])], target: (i + 50) % 100 })
        .collect();
    (library, examples)
}

#[test]
fn it_learns_and_survives_its_file() {
    let (library, examples) = history();
    let model = train(&library, &examples, Options { seed: 3 }).expect("examples");
    let again = train(&library, &examples, Options { seed: 3 }).expect("examples");
    assert_eq!(model, again, "the same history and seed make the same network");
    let card = Card { generation: "g".into(), mrr: Some(0.5), proven: true, ..model.card().clone() };
    assert_eq!((card.trained, card.seed), (400, 3));
    let bytes = model.write(&card).expect("bytes");
    let read = NextTrack::read(&bytes).expect("its own file");
    assert_eq!(read.card(), &card);
    assert_eq!(read.write(&card).expect("bytes"), bytes);
    let found = (0..100)
        .filter(|&i| {
            let guess = read.guess(&[Step::of(library[i])]).expect("a step");
            assert_eq!(Some(&guess), model.guess(&[Step::of(library[i])]).as_ref());
            let own = guess.score(&library[(i + 50) % 100]);
            (0..100).filter(|&j| j != i && guess.score(&library[j]) > own).count() < 3
        })
        .count();
    assert!(found >= 90, "{found} of 100 opposites found");
    assert_eq!(read.guess(&[]), None);
    let long = vec![Step::of(library[0]); 20];
    assert_eq!(read.guess(&long), read.guess(&long[..STEPS]), "eight steps are heard");
}

#[test]
fn what_teaches_nothing_makes_no_network() {
    let (library, examples) = history();
    let options = Options { seed: 1 };
    assert_eq!(train(&library, &[], options), None);
    assert_eq!(train(&library[..1], &examples[..1], options), None);
    assert_eq!(train(&library, &[Example { target: 100, ..examples[0].clone() }], options), None);
    assert_eq!(train(&library, &[Example { steps: vec![], ..examples[0].clone() }], options), None);
}

#[test]
fn a_damaged_file_is_refused_in_words() {
    let (library, examples) = history();
    let model = train(&library, &examples[..40], Options { seed: 3 }).expect("examples");
    let bytes = model.write(&Card::default()).expect("bytes");
    let why = |bytes: &[u8]| format!("{:#}", NextTrack::read(bytes).expect_err("damage"));
    assert!(why(&[]).contains("damaged or cut off"));
    for cut in (0..bytes.len()).step_by(997) {
        assert!(why(&bytes[..cut]).contains("damaged or cut off"), "cut at {cut}");
    }
    let mut infinite = bytes.clone();
    let end = infinite.len();
    infinite[end - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(why(&infinite).contains("not finite"));
    let encoder = include_bytes!("../../models/strobe.safetensors");
    assert!(why(encoder).contains("header cannot be understood"), "an encoder is no next-track network");
}
