//! Evaluates a next-track model: how high it ranks the actual next tracks of held-out sessions,
//! compared with rankings that ignore order.
//!
//! The target is ranked among a uniform sample of the whole library. Oversampling tracks near the
//! previous ones would reward a model for ranking by distance in reverse, even on histories without
//! any pattern (Krichene & Rendle 2020, "On Sampled Metrics for Item Recommendation").

use jukebox_encoder::next::{NextTrack, STEPS, Step};

use super::report::{Difference, MODEL, Report, Row, Verdict};
use crate::latent::{Choice, DIMS, Latent, Member, Prior, Scorer, Signature, Space};
use crate::measure::Bootstrap;
use crate::track::TrackId;

/// The target is ranked among at most this many tracks, itself included.
const CROWD: usize = 1000;
/// A target counts as a hit when it is among this many first.
const HIT: usize = 10;
const DRAWS: usize = 2000;

/// Names of the rankings that the model is compared with.
const LAST: &str = "last track";
const THREE: &str = "mean of three";
const ALL: &str = "mean of eight";
const SIGNATURE: &str = "signature";
const POPULARITY: &str = "popularity";
const RANDOM: &str = "random";
/// All rankings, in the order of the report's rows.
const NAMES: [&str; 7] = [MODEL, LAST, THREE, ALL, SIGNATURE, POPULARITY, RANDOM];
/// The model must have a higher mean reciprocal rank than each of these: all rankings that use the
/// preceding tracks regardless of their order. A model that only beats the last track would add
/// nothing to the signature that the queue already uses.
const RIVALS: [&str; 4] = [LAST, THREE, ALL, SIGNATURE];

/// A held-out transition: some tracks and the one that followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Rows of the preceding tracks, the latest last; at least one.
    pub tail: Vec<u32>,
    /// Row of the track that followed.
    pub target: u32,
    /// Number of the session, by which the bootstrap resamples.
    pub session: u32,
}

/// Ranks the target of every trial by each ranking and writes results and verdict into `report`.
/// `counts` has the number of plays for each row of `library`.
pub fn judge(model: &NextTrack, library: &[Latent], trials: &[Trial], counts: &[u32], seed: u64, report: &mut Report) {
    let ids = (0..library.len() as u128).map(|i| TrackId(i.to_be_bytes()));
    let space = Space::build(String::new(), Default::default(), ids.zip(library.iter().copied()).collect());
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut ranks: [Vec<f64>; NAMES.len()] = Default::default();
    let mut among = 0;
    for trial in trials {
        let crowd = crowd(library.len(), trial, &mut rng);
        among += 1 + crowd.len();
        let Some(scores) = scores(model, library, &space, trial, &crowd, counts, &mut rng) else { continue };
        for (ranks, scores) in ranks.iter_mut().zip(scores) {
            ranks.push(rank(&scores));
        }
    }
    let groups: Vec<u32> = trials.iter().map(|t| t.session).collect();
    let found = |of: &dyn Fn(f64) -> f64, i: usize| ranks[i].iter().map(|r| Some(of(*r))).collect::<Vec<_>>();
    let (reciprocal, hit) = (|r: f64| 1.0 / r, |r: f64| f64::from(u8::from(r <= HIT as f64)));
    let draw = Bootstrap { rounds: DRAWS, seed };
    let mean = |values: &[Option<f64>]| values.iter().flatten().sum::<f64>() / values.len().max(1) as f64;
    report.held_out = trials.len();
    report.candidates = among as f64 / trials.len().max(1) as f64;
    report.rows = (0..NAMES.len())
        .map(|i| Row { name: NAMES[i].into(), mrr: mean(&found(&reciprocal, i)), hits: mean(&found(&hit, i)) })
        .collect();
    let own = found(&reciprocal, 0);
    report.differences = RIVALS
        .iter()
        .filter_map(|rival| {
            let i = NAMES.iter().position(|n| n == rival)?;
            let mrr = draw.paired(&own, &found(&reciprocal, i), &groups)?;
            Some(Difference { to: (*rival).into(), mrr })
        })
        .collect();
    report.verdict = verdict(&report.differences);
}

/// `Verdict::Used` when the lower bound of every difference is above 0; otherwise names the rival
/// with the lowest bound.
fn verdict(differences: &[Difference]) -> Verdict {
    let low = |d: &Difference| d.mrr.range.map_or(f64::NEG_INFINITY, |[low, _]| low);
    match differences.iter().min_by(|a, b| low(a).total_cmp(&low(b))) {
        Some(d) if low(d) > 0.0 => Verdict::Used,
        Some(d) => Verdict::NoBetter { than: d.to.clone() },
        None => Verdict::FewSessions,
    }
}

/// Sampled rows that the target is ranked against, without the target and the tracks before it.
fn crowd(library: usize, trial: &Trial, rng: &mut fastrand::Rng) -> Vec<u32> {
    let other = |row: &u32| *row != trial.target && !trial.tail.contains(row);
    let all = 0..library as u32;
    if library <= CROWD {
        return all.filter(other).collect();
    }
    rng.choose_multiple(all, CROWD + STEPS).into_iter().filter(other).take(CROWD - 1).collect()
}

/// The scores of each ranking, higher is likelier: the target's first, then those of the crowd.
/// `None` when the model has no prediction.
fn scores(
    model: &NextTrack,
    library: &[Latent],
    space: &Space,
    trial: &Trial,
    crowd: &[u32],
    counts: &[u32],
    rng: &mut fastrand::Rng,
) -> Option<[Vec<f32>; NAMES.len()]> {
    let rows = || std::iter::once(trial.target).chain(crowd.iter().copied());
    let z = |row: u32| &library[row as usize];
    // Completion, skips and gaps are omitted, since the queue mostly predicts after tracks that
    // have not been played yet.
    let steps: Vec<Step> = trial.tail.iter().map(|&row| Step::of(*z(row))).collect();
    let guess = model.guess(&steps)?;
    let near = |n: usize| {
        let tail = &trial.tail[trial.tail.len().saturating_sub(n)..];
        let mean: Latent = std::array::from_fn(|d| tail.iter().map(|&row| z(row)[d]).sum::<f32>() / tail.len() as f32);
        rows().map(|row| -squares(z(row), &mean)).collect::<Vec<f32>>()
    };
    let members: Vec<Member> = trial.tail.iter().map(|&row| Member { row, group: u64::from(row) }).collect();
    let signature = Signature::of(space, &members, &Choice::Auto, Prior::default());
    let scorer = signature.as_ref().map(Signature::scorer).unwrap_or_else(|| Scorer::euclid(&[0.0; DIMS], 0..0));
    Some([
        rows().map(|row| guess.score(z(row))).collect(),
        near(1),
        near(3),
        near(STEPS),
        rows().map(|row| -space.distance(&scorer, row)).collect(),
        rows().map(|row| counts[row as usize] as f32).collect(),
        rows().map(|_| rng.f32()).collect(),
    ])
}

fn squares(a: &Latent, b: &Latent) -> f32 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// The rank of the first score among all, counted from 1; each tie adds half a rank.
fn rank(scores: &[f32]) -> f64 {
    let Some((own, others)) = scores.split_first() else { return 1.0 };
    let better = others.iter().filter(|s| *s > own).count();
    let equal = others.iter().filter(|s| *s == own).count();
    1.0 + better as f64 + equal as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Interval;

    #[test]
    fn ties_count_half() {
        assert_eq!(rank(&[0.5, 0.1, 0.9, 0.5, 0.5]), 3.0);
        assert_eq!((rank(&[0.5]), rank(&[0.5, f32::NAN])), (1.0, 1.0));
    }

    #[test]
    fn the_crowd_holds_neither_the_target_nor_what_was_just_heard() {
        let trial = Trial { tail: vec![4, 5], target: 7, session: 0 };
        let mut rng = fastrand::Rng::with_seed(1);
        assert_eq!(crowd(9, &trial, &mut rng), [0, 1, 2, 3, 6, 8]);
        let mut many = crowd(50_000, &trial, &mut rng);
        many.sort_unstable();
        many.dedup();
        assert_eq!(many.len(), CROWD - 1);
    }

    #[test]
    fn it_must_find_more_than_every_rival_for_sure() {
        let of =
            |to: &str, range| Difference { to: to.into(), mrr: Interval { mean: 0.1, range, values: 9, groups: 9 } };
        assert_eq!(verdict(&[of("a", Some([0.01, 0.2])), of("b", Some([0.02, 0.2]))]), Verdict::Used);
        let no = Verdict::NoBetter { than: "b".into() };
        assert_eq!(verdict(&[of("a", Some([0.01, 0.2])), of("b", Some([0.0, 0.2]))]), no);
        assert_eq!(verdict(&[of("b", None)]), no);
        assert_eq!(verdict(&[]), Verdict::FewSessions);
    }
}
