//! The encoders that ship, and what their model cards say of them.

use jukebox_encoder::{Card, Device, Encoder, Input};

const EAR: &[u8] = include_bytes!("../../models/ear.safetensors");
const EAR_CARD: &str = include_str!("../../models/ear.md");
const STROBE: &[u8] = include_bytes!("../../models/strobe.safetensors");
const STROBE_CARD: &str = include_str!("../../models/strobe.md");

#[test]
fn they_hear_silence_noise_and_a_hum_as_different_things() {
    for weights in [EAR, STROBE] {
        let encoder = Encoder::load(weights, Device::Cpu).expect("a file that ships");
        let size = encoder.card().input().map_or(0, Input::bytes);
        let silence = vec![0; size];
        let mut rng = fastrand::Rng::with_seed(1);
        let noise: Vec<u8> = (0..size).map(|_| rng.u8(..)).collect();
        let hum: Vec<u8> = (0..size).map(|i| if i < size / 4 { 0xcc } else { 0x11 }).collect();
        let heard = encoder.encode(&[&silence, &noise, &hum]).expect("images");
        for (i, a) in heard.iter().enumerate() {
            assert!(a.latent.iter().chain(&a.genres).chain(&a.tags).all(|x| x.is_finite()));
            for b in &heard[..i] {
                let away: f32 = a.latent.iter().zip(&b.latent).map(|(x, y)| (x - y).powi(2)).sum();
                assert!(away.sqrt() > 1.0, "two of them lie {} apart", away.sqrt());
            }
        }
    }
}

#[test]
fn the_default_has_fifty_tags_and_a_word_for_every_dimension() {
    let card = Card::read(EAR).expect("the shipped file");
    assert!(card.unit && card.input() == Some(Input::Patch));
    assert!(card.parameters <= 600_000 && card.macs <= 60_000_000, "{} {}", card.parameters, card.macs);
    assert_eq!((card.tags.len(), card.axes.len(), card.genres.len()), (50, 32, 0));
    let mut names: Vec<&str> = card.axes.iter().map(|a| a.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 32, "a name for each");
    assert!(card.axes.iter().all(|a| !a.low.is_empty() && !a.high.is_empty() && a.low != a.high));
    // Nothing is stretched: the shares of the dimensions add up to a track's length, 1.
    let spread: f32 = (0..32).map(|d| card.reference.iter().map(|r| r[d] * r[d]).sum::<f32>() / 50.0).sum();
    assert!((0.8..1.1).contains(&spread), "{spread}");
}

#[test]
fn the_model_cards_state_the_figures_of_the_files() {
    for (weights, text) in [(EAR, EAR_CARD), (STROBE, STROBE_CARD)] {
        assert!(weights.len() < 5 << 20);
        let card = Card::read(weights).expect("a file that ships");
        assert_eq!(card.reference.len(), 50);
        let facts = &card.facts;
        let test = facts.test.or(facts.validation);
        for share in [facts.validation.expect("validated"), test.expect("tested")] {
            let figure = format!("{:.1} %", 100.0 * share);
            assert!(text.contains(&figure), "the card does not say {figure}");
        }
        assert!(text.contains(&format!("seed {}", facts.seed)), "the card does not say the seed");
        assert!(text.contains(&format!("{} epochs", facts.epochs)), "the card does not say the epochs");
        assert!(text.contains(&card.hash), "the card does not name the file {}", card.hash);
    }
}
