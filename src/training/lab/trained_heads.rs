//! What the runs of the outlook say of the heads that the paper gave up: a decoder (§6.1) and descriptors (§6.2).

use std::collections::BTreeMap;

use super::answer::{Answer, Judgement, Verdict};
use super::arm::Experiment;
use super::effects::Arms;
use super::estimate::Estimate;
use super::groups::{telling, words};
use super::measures::Measure;
use super::music;
use super::outlook::{DECODER, DECODERS, DESCRIBED, PLAIN};
use super::record::Record;

/// The descriptor of which the paper doubts that a spectrogram tells it.
const DANCE: &str = "danceability";

/// A head of which a claim says that it is hard to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// The decoder, beside the genres.
    Decoder,
    /// The guess of descriptors, from scratch and from a network that knows genres.
    Descriptors,
}

/// What came of the claim, from the closest setting that has all of its arms with two seeds or more.
pub fn judged(head: Head, records: &[Record]) -> Judgement {
    let groups = telling(Experiment::Outlook, records);
    let found = music::judged(Experiment::Outlook, &groups, |group| match head {
        Head::Decoder => decoder(group),
        Head::Descriptors => descriptors(group),
    });
    found.unwrap_or_else(|| {
        let (arms, measures) = match head {
            Head::Decoder => ([DECODER, PLAIN], [Measure::Reconstruction, Measure::Both]),
            Head::Descriptors => (DESCRIBED, [Measure::Described; 2]),
        };
        let has_run = |group: &Vec<&Record>| {
            arms.iter().zip(measures).all(|(arm, measure)| Arms::by(group, measure).mean(arm).is_some())
        };
        Judgement::missing(&Experiment::Outlook.command(), &arms, groups.iter().any(has_run))
    })
}

/// Whether it guesses images better than by the mean of each band, and what that costs.
fn decoder(group: &[&Record]) -> Option<Judgement> {
    if let Some(judgement) = lost(group, DECODER) {
        return Some(judgement);
    }
    let error = Arms::by(group, Measure::Reconstruction).together(&DECODERS)?;
    let cost = |measure: Measure| Arms::by(group, measure).against(DECODER, PLAIN);
    let (cost, late) = (cost(Measure::Both)?, cost(Measure::Late)?);
    let figures = format!(
        "the decoder's error is {} of that of the bands' means ({} runs), at {} points of accuracy of `{DECODER}` against `{PLAIN}` on \
         validation and test tracks, {} in the last three epochs",
        error.number(),
        error.n,
        cost.points(),
        late.points()
    );
    let below = Estimate { value: error.value - 1.0, ..error };
    let verdict = match (below.sign(), cost.sign().min(late.sign())) {
        (-1, -1) => Verdict::new(Answer::Mixed, ": it learns, and genres suffer"),
        (-1, _) => Verdict::new(Answer::Failed, ", for a target in decibels"),
        (1, _) => Verdict::new(Answer::Held, ""),
        _ => Verdict::new(Answer::Unclear, &format!(" from guessing the means (95 %: ± {:.2})", below.half())),
    };
    told(group, DECODER, figures, verdict)
}

/// Whether the descriptors are guessed better than by their means, from scratch and from a network of genres.
fn descriptors(group: &[&Record]) -> Option<Judgement> {
    let [scratch, tuned] = DESCRIBED;
    if let Some(judgement) = lost(group, scratch).or_else(|| lost(group, tuned)) {
        return Some(judgement);
    }
    let [one, other] = [seeded(group, Measure::Described, scratch)?, seeded(group, Measure::Described, tuned)?];
    let figures = format!(
        "of the program's own descriptors a share of {} of the variance is explained from scratch, of {} from a network of genres at \
         a tenth of the rate, for the new head too{}",
        one.number(),
        other.number(),
        extremes(group, scratch)
    );
    // The claim is about other features.
    let more = match (one.sign(), other.sign()) {
        (1, _) => "; the program's own descriptors are learned",
        (_, 1) => "; the program's own descriptors are learned only from a network of genres",
        _ => "; that the program's own descriptors are learned is not shown",
    };
    let verdict = Verdict::new(Answer::Open, &format!(" with EchoNest's features{more}"));
    told(group, scratch, figures, verdict)
}

/// Of an arm's descriptors those whose variance is explained best and worst in the last epochs, with danceability, which the
/// paper doubts; empty where no run kept them.
fn extremes(group: &[&Record], arm: &str) -> String {
    let mut shares: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for outcome in group.iter().filter(|r| r.arm == arm).filter_map(|r| r.outcome.as_ref()) {
        outcome.last_described.iter().for_each(|(name, share)| shares.entry(name).or_default().push(*share));
    }
    let mut means: Vec<(&str, f64)> =
        shares.into_iter().map(|(name, own)| (name, own.iter().sum::<f64>() / own.len() as f64)).collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told = |named: Option<&(&str, f64)>| named.map(|(name, mean)| format!("{name} {mean:.2}").replace('-', "−"));
    let ends = [told(means.first()), told(means.iter().find(|(name, _)| *name == DANCE)), told(means.last())];
    let mut ends: Vec<String> = ends.into_iter().flatten().collect();
    ends.dedup();
    if ends.is_empty() { String::new() } else { format!(" (from scratch: {})", ends.join(", ")) }
}

/// The mean of an arm by a measure of which only seeds tell the error; `None` without several.
fn seeded(group: &[&Record], measure: Measure, arm: &str) -> Option<Estimate> {
    let arms = Arms::by(group, measure);
    arms.mean(arm).filter(|_| arms.between_seeds())
}

/// That an arm diverged in all its runs.
fn lost(group: &[&Record], arm: &str) -> Option<Judgement> {
    let arms = Arms::of(group);
    let lost = arms.mean(arm).is_none() && arms.has_diverged(arm);
    if !lost {
        return None;
    }
    told(group, arm, format!("`{arm}` diverged"), Verdict::new(Answer::Diverged, ""))
}

/// A judgement with its setting.
fn told(group: &[&Record], arm: &str, figures: String, verdict: Verdict) -> Option<Judgement> {
    let first = group.iter().find(|r| r.arm == arm)?;
    let setting = words(&first.setting, first.config.epochs);
    Some(Judgement::of(figures, setting, String::new(), verdict))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::ended;

    #[test]
    fn a_decoder_that_learns_at_no_cost_is_not_hard_to_train() {
        let run = |arm: &str, seed: u64, validation: f64, error: Option<f64>| {
            let mut run = ended(arm, seed, validation);
            run.outcome.as_mut().unwrap().reconstruction = error;
            run
        };
        let runs = |costs: f64, error: f64| {
            [
                run(PLAIN, 1, 0.70, None),
                run(PLAIN, 2, 0.72, None),
                run(DECODER, 1, 0.70 - costs, Some(error)),
                run(DECODER, 2, 0.72 - costs, Some(error + 0.02)),
            ]
        };
        let of = |runs: &[Record]| {
            let judged = judged(Head::Decoder, runs);
            (judged.figures.clone(), judged.verdict.words.clone(), judged.ours())
        };
        let (figures, verdict, ours) = of(&runs(0.0, 0.6));
        // Between seeds the variance is 0.02²/2, of a mean of two half of that; accuracies are shares of 100 tracks as well.
        let said = "the decoder's error is 0.610 ± 0.010 of that of the bands' means (2 runs), at +0.0 ± 6.6 points of accuracy of \
                    `decoder-1` against `plain` on validation and test tracks, +0.0 ± 6.6 in the last three epochs";
        assert_eq!((figures.as_str(), verdict.as_str()), (said, "did not hold, for a target in decibels"));
        assert!(ours.ends_with("(emotify, strobe images, 128 × 128, width 32, 40 epochs)"), "{ours}");
        assert_eq!(of(&runs(0.2, 0.6)).1, "mixed: it learns, and genres suffer");
        assert_eq!(of(&runs(0.0, 1.5)).1, "held");
        // Between 1.0 and 1.02 two runs do not tell.
        let unclear = "no difference found from guessing the means (95 %: ± 0.13)";
        assert_eq!(of(&runs(0.0, 1.0)).1, unclear);
        // Other arms with a decoder count as well, each run once.
        let others = [1, 2].map(|seed| run("decoder-0.1", seed, 0.7, Some(0.4)));
        let (more, ..) = of(&[&runs(0.0, 0.6)[..], &others].concat());
        assert!(
            more.starts_with("the decoder's error is 0.505 ± 0.061 of that of the bands' means (4 runs)"),
            "{more}"
        );
        let open = of(&[runs(0.0, 0.6)[0].clone(), runs(0.0, 0.6)[2].clone()]);
        assert_eq!(
            open.2, "needs two seeds: `jukebox lab outlook --data tree:DIR --only decoder-1,plain --seeds 2`",
            "one seed tells no error"
        );
        let open = of(&runs(0.0, 0.6)[2..]);
        assert_eq!(open.2, "not run: `jukebox lab outlook --data tree:DIR --only decoder-1,plain`");
        let lost = Record { diverged: true, ..runs(0.0, 0.6)[2].clone() };
        assert_eq!(of(&[lost]).1, "diverged");
    }

    #[test]
    fn descriptors_are_told_from_scratch_and_from_genres() {
        let run = |arm: &str, seed: u64, r2: f64| {
            let mut run = ended(arm, seed, 0.7);
            run.outcome.as_mut().unwrap().described = Some(r2);
            run
        };
        let of = |scratch: f64, tuned: f64| {
            let of = |arm, r2: f64| [run(arm, 1, r2 - 0.01), run(arm, 2, r2 + 0.01)];
            let [one, other] = DESCRIBED;
            judged(Head::Descriptors, &[of(one, scratch), of(other, tuned)].concat())
        };
        let both = of(0.2, 0.3);
        let said = "a share of 0.200 ± 0.010 of the variance is explained from scratch, of 0.300 ± 0.010 from a network of genres";
        assert!(both.figures.contains(said) && both.figures.ends_with("for the new head too"), "{}", both.figures);
        let untested =
            |of: Judgement| of.verdict.words.trim_start_matches("not tested with EchoNest's features; ").to_string();
        assert_eq!(untested(both), "the program's own descriptors are learned");
        assert_eq!(untested(of(0.0, 0.3)), "the program's own descriptors are learned only from a network of genres");
        assert_eq!(untested(of(-0.5, 0.0)), "that the program's own descriptors are learned is not shown");
        let mut known = run(DESCRIBED[0], 1, 0.3);
        known.outcome.as_mut().unwrap().last_described =
            [("loudness", 0.9), (DANCE, 0.1), ("tempo", -0.2)].map(|(name, share)| (name.to_string(), share)).into();
        assert_eq!(extremes(&[&known], DESCRIBED[0]), " (from scratch: loudness 0.90, danceability 0.10, tempo −0.20)");
        let once = DESCRIBED.map(|arm| run(arm, 1, 0.2));
        let once = judged(Head::Descriptors, &once).ours();
        assert!(once.starts_with("needs two seeds: `jukebox lab outlook"), "{once}");
        let none = judged(Head::Descriptors, &[]).ours();
        assert!(none.starts_with("not run") && none.ends_with("--only described,described-fine-tuned`"), "{none}");
    }
}
