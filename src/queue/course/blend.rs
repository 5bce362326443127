//! Blends: a target near some sets and away from others, followed like a playlist.

use crate::latent::Signature;
use crate::queue::policy::standard;
use crate::queue::reasons::Reasons;
use crate::queue::{Context, EngineError, Proposal};
use crate::track::TrackId;

use super::plan::Blend;

/// The weight of a set to be unlike, relative to one to be like.
const PUSH: f32 = 0.5;

/// The tracks with the highest score: the mean over the sets to be like, minus half the mean over the others. A set's
/// score is its negative signature distance (the log-likelihood ratio of set against library) in standard deviations
/// over the library; otherwise sets of many tracks, which discriminate more sharply, would count more. A set to be
/// unlike counts only where a track is more like it than like the library: without that limit the farthest outlier
/// would win.
///
/// # Errors
/// When no set to be like has been analysed.
pub(in crate::queue) fn propose(context: &Context, blend: &Blend, want: usize) -> Result<Vec<Proposal>, EngineError> {
    let space = &context.space;
    // Parts that are not analysed yet, or have left the library, are ignored.
    let known = |sets: &[Vec<TrackId>]| -> Vec<_> { sets.iter().filter_map(|set| context.signature(set)).collect() };
    let (plus, minus) = (known(&blend.plus), known(&blend.minus));
    if plus.is_empty() {
        return Err(EngineError::NoBlend);
    }
    let ratios = |signature: &Signature| -> Vec<f32> {
        space.distances(&signature.scorer()).into_iter().map(|distance| -distance).collect()
    };
    let likes: Vec<Vec<f32>> = plus
        .iter()
        .map(|(signature, _)| {
            let ratios = ratios(signature);
            let (mean, sd) = standard(&ratios);
            ratios.iter().map(|r| (r - mean) / sd).collect()
        })
        .collect();
    let unlikes: Vec<Vec<f32>> = minus
        .iter()
        .map(|(signature, _)| {
            let ratios = ratios(signature);
            let (_, sd) = standard(&ratios);
            ratios.iter().map(|r| r.max(0.0) / sd).collect()
        })
        .collect();
    let mean = |sets: &[Vec<f32>], row: usize| {
        if sets.is_empty() { 0.0 } else { sets.iter().map(|set| set[row]).sum::<f32>() / sets.len() as f32 }
    };
    let mut standing = context.standing();
    standing.extend(blend.plus.iter().chain(&blend.minus).flatten());
    let mut scores: Vec<(f32, u32)> = (0..space.len() as u32)
        .filter(|&row| space.id(row).is_some_and(|id| !standing.contains(&id) && context.lists(id)))
        .map(|row| (mean(&likes, row as usize) - PUSH * mean(&unlikes, row as usize), row))
        .collect();
    scores.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scores.truncate(want);
    let reasons: Vec<Reasons> =
        plus.iter().map(|(signature, members)| Reasons::new(context, signature, members)).collect();
    // The reasons come from the part that the track is most like.
    let nearest = |row: u32| {
        let like = |i: &usize| likes[*i][row as usize];
        (0..likes.len()).max_by(|a, b| like(a).total_cmp(&like(b))).map(|i| reasons[i].why(context, row))
    };
    let proposal = |(score, row): (f32, u32)| Some(Proposal { id: space.id(row)?, score, why: nearest(row)? });
    Ok(scores.into_iter().filter_map(proposal).collect())
}
