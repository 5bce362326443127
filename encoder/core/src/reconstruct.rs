//! What the decoder of a training ([`crate::heads`]) guesses of a few validation clips, for pictures.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::DIMS;
use crate::aims::Aims;
use crate::encode::Inference;
use crate::evaluate::spread;
use crate::job::{Clips, Reconstruction};
use crate::kernels::Kernels;
use crate::model::Model;

/// The most clips.
const MOST: usize = 6;

/// Reconstructions of some of the validation clips; none without a decoder. `model` has the heads of the training, and `clips` are
/// the validation clips that `aims` knows.
pub(crate) fn some<B: Kernels>(
    model: &Model,
    clips: &Clips,
    aims: &Aims,
    device: &B::Device,
) -> Result<Vec<Reconstruction>> {
    if !model.arch.heads.decode || clips.is_empty() {
        return Ok(Vec::new());
    }
    let picked = picked(&clips.genres);
    let images: Vec<&[u8]> = picked.iter().map(|&clip| clips.image(clip)).collect();
    let (_, latents) = Inference::<B>::new(model, device.clone()).heard(&images, |_, _| ())?;
    let dense = model.dense();
    let one = |(&clip, latent): (&usize, &[f32; DIMS])| Reconstruction {
        clip,
        own: aims.validation[clip].image.clone(),
        guessed: dense.guessed(latent).image,
    };
    Ok(picked.iter().zip(&latents).map(one).collect())
}

/// Clips of all genres or, where there are more than clips to pick, of some: about as many of each, evenly spaced among its clips.
/// In the order of the genres.
fn picked(genres: &[u16]) -> Vec<usize> {
    let mut by_genre: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (clip, genre) in genres.iter().enumerate() {
        by_genre.entry(*genre).or_default().push(clip);
    }
    let by_genre: Vec<Vec<usize>> = by_genre.into_values().collect();
    let shown = spread(by_genre.len(), MOST);
    let mut out = Vec::with_capacity(MOST);
    for (place, genre) in shown.iter().enumerate() {
        // What cannot be shared evenly goes to the first.
        let share = MOST / shown.len() + usize::from(place < MOST % shown.len());
        let own = &by_genre[*genre];
        out.extend(spread(own.len(), share).into_iter().map(|i| own[i]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_spread_over_the_genres_and_within_them() {
        assert!(picked(&[]).is_empty());
        assert_eq!(picked(&[3]), [0]);
        assert_eq!(picked(&[0; 12]), [0, 2, 4, 6, 8, 10]);
        assert_eq!(picked(&[0, 1].repeat(6)), [0, 4, 8, 1, 5, 9]);
        assert_eq!(picked(&[0, 1, 2, 3].repeat(2)), [0, 4, 1, 5, 2, 3], "two of the first two genres");
        assert_eq!(picked(&[0, 5, 0, 0, 0, 0, 0]), [0, 3, 5, 1], "a genre of one clip has no more");
        let many: Vec<u16> = (0..24).map(|clip| clip % 12).collect();
        assert_eq!(picked(&many), [0, 2, 4, 6, 8, 10], "of every other genre the first");
    }
}
