//! The encoder that ships, and what its model card says of it.

use jukebox_encoder::strobe::BYTES;
use jukebox_encoder::{Card, Device, Encoder};

const WEIGHTS: &[u8] = include_bytes!("../../models/strobe.safetensors");
const MODEL_CARD: &str = include_str!("../../models/strobe.md");

#[test]
fn it_hears_silence_noise_and_a_hum_as_different_things() {
    let encoder = Encoder::load(WEIGHTS, Device::Cpu).expect("the shipped file");
    let silence = vec![0; BYTES];
    let mut rng = fastrand::Rng::with_seed(1);
    let noise: Vec<u8> = (0..BYTES).map(|_| rng.u8(..)).collect();
    let hum: Vec<u8> = (0..BYTES).map(|i| if i < BYTES / 4 { 0xcc } else { 0x11 }).collect();
    let heard = encoder.encode(&[&silence, &noise, &hum]).expect("images");
    for (i, a) in heard.iter().enumerate() {
        assert!(a.latent.iter().chain(&a.genres).all(|x| x.is_finite()));
        for b in &heard[..i] {
            let away: f32 = a.latent.iter().zip(&b.latent).map(|(x, y)| (x - y).powi(2)).sum();
            assert!(away.sqrt() > 1.0, "two of them lie {} apart", away.sqrt());
        }
    }
}

#[test]
fn the_model_card_states_the_figures_of_the_file() {
    assert!(WEIGHTS.len() < 5 << 20);
    let card = Card::read(WEIGHTS).expect("the shipped file");
    assert_eq!(card.genres.len(), 8);
    assert_eq!(card.reference.len(), 50);
    let facts = &card.facts;
    for share in [facts.validation.expect("validated"), facts.test.expect("tested")] {
        let figure = format!("{:.1} %", 100.0 * share);
        assert!(MODEL_CARD.contains(&figure), "the card does not say {figure}");
    }
    let how = format!("--epochs {} --seed {}", facts.epochs, facts.seed);
    assert!(MODEL_CARD.contains(&how), "the card does not say {how}");
    assert!(MODEL_CARD.contains(&card.hash), "the card does not name the file {}", card.hash);
}
