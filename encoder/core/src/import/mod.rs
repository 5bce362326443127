//! The public tagger MSD_musicnn (Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio
//! tagging", 2019; ISC licence) as an encoder, converted from the user's own download and never shipped.
//!
//! Its 200 numbers are mapped to 32 by a frozen linear map ([`Axes`]) that is shipped. The map was fitted so that each
//! dimension matches that of the shipped encoder and has the same meaning.

mod axes;
mod checkpoint;
mod layers;

use anyhow::{Context, Result, ensure};

pub use axes::Axes;

use crate::DIMS;
use crate::arch::{Arch, Architecture, musicnn};
use crate::kernels::EPSILON;
use crate::model::{Model, Moment};
use crate::parameters::Parameters;
use crate::weights::{self, Facts, Words};

/// Length of the tagger's vector.
pub const VECTOR: usize = musicnn::VECTOR;

/// Its tags, in the order of its outputs.
#[rustfmt::skip]
pub const TAGS: [&str; 50] = [
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock", "jazz",
    "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow", "electronica", "80s",
    "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic",
    "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening", "sexy", "catchy",
    "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy",
];

/// Converts a TensorFlow checkpoint of MSD_musicnn to an encoder's file, from the bytes of its `.index` and its
/// `.data-00000-of-00001`. `full` evaluates every band and frame, with nearly four times the multiply-accumulates;
/// otherwise every second one.
///
/// # Errors
/// When the checkpoint is damaged, or is that of another network.
pub fn musicnn(index: &[u8], data: &[u8], axes: &Axes, full: bool) -> Result<Vec<u8>> {
    let tensors = checkpoint::read(index, data).context("the checkpoint cannot be read")?;
    let kind = if full { Architecture::MusicnnFull } else { Architecture::Musicnn };
    let arch = Arch { tags: TAGS.len(), ..Arch::of(kind, 0) };
    let mut layers = layers::Layers::of(&tensors);
    let standard = layers.input()?;
    let mut values = Vec::new();
    for spec in arch.plan().specs {
        let own = match spec.name.as_str() {
            "latent.weight" => axes.weight.concat(),
            name => layers.tensor(name)?,
        };
        ensure!(own.len() == spec.len(), "`{}` has {} numbers, not {}", spec.name, own.len(), spec.len());
        ensure!(own.iter().all(|v| v.is_finite()), "`{}` holds a number that is not finite", spec.name);
        values.push(own);
    }
    // The latent is exactly the map's output: its bias is stored as the negated mean, and the scale
    // is 1.
    let moment = Moment { mean: axes.bias.iter().map(|b| -b).collect(), var: vec![1.0 - EPSILON; DIMS] };
    let model = Model {
        arch,
        parameters: Parameters { values },
        moments: vec![moment],
        standard,
        transform: crate::rotation::identity(),
    };
    let words =
        Words { genres: Vec::new(), tags: TAGS.iter().map(|t| (*t).into()).collect(), axes: axes.words.clone() };
    let data = "Last.fm tags of the Million Song Dataset (MSD_musicnn, Pons and Serra 2019; ISC licence), imported";
    weights::write(&model, &words, &axes.reference, &Facts { data: data.into(), ..Facts::default() })
}
