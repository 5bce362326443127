//! Whether the authors' network does as well on clips that it has not seen: its two losses after the last epoch.

use super::answer::{Answer, Judgement, Verdict};
use super::arm::Experiment;
use super::estimate::Estimate;
use super::groups::{narrowed, telling, words};
use super::record::Record;

/// The arm that is the authors' recipe, and the same for longer.
const ARMS: [&str; 2] = ["baseline", "baseline-100"];
/// The share of the training loss up to which a higher validation loss is of no consequence.
const SAME: f64 = 0.05;

/// What came of the claim, from the closest setting in which the recipe has two finished seeds.
pub fn judged(records: &[Record]) -> Judgement {
    let groups = telling(Experiment::Fig3, records);
    let found = groups.iter().find_map(|group| in_setting(group));
    found.unwrap_or_else(|| {
        let once = groups.iter().any(|group| !losses(group, ARMS[0]).is_empty());
        Judgement::missing(&Experiment::Fig3.command(), &ARMS[..1], once)
    })
}

fn in_setting(group: &[&Record]) -> Option<Judgement> {
    let [usual, long] = ARMS.map(|arm| losses(group, arm));
    let first = group.iter().find(|r| r.arm == ARMS[0])?;
    let gap = Estimate::of(&usual.iter().map(|[training, validation]| validation - training).collect::<Vec<_>>())?;
    let [training, validation] = means(&usual)?;
    let mut figures = format!(
        "training loss {training:.3}, validation loss {validation:.3}, difference {} in the last epoch of `{}`",
        gap.number(),
        ARMS[0]
    );
    let mut verdict = match gap.sign() {
        _ if gap.value + gap.half() <= SAME * training => Verdict::new(Answer::Held, ""),
        1 => Verdict::new(Answer::Failed, ""),
        _ => Verdict::new(Answer::Unclear, &format!(" (95 %: ± {:.3})", gap.half())),
    };
    if let Some([late, other]) = means(&long) {
        figures += &format!("; {late:.3} and {other:.3} in that of `{}`", ARMS[1]);
        if verdict.answer == Answer::Held && other - late > SAME * late {
            verdict = Verdict::new(Answer::Mixed, ": it learns its clips by heart later");
        }
    }
    let (setting, epochs) = (&first.setting, first.config.epochs);
    let verdict = verdict.narrowed(&narrowed(setting, epochs));
    Some(Judgement::of(figures, words(setting, epochs), String::new(), verdict))
}

/// Training and validation loss in the last epoch of each run of an arm that ended well.
fn losses(group: &[&Record], arm: &str) -> Vec<[f64; 2]> {
    let own = group.iter().filter(|r| r.arm == arm && r.finished && !r.diverged);
    own.filter_map(|r| r.curve.last()).map(|point| [point.loss, point.validation_loss]).collect()
}

/// The means of both; `None` without a run.
fn means(losses: &[[f64; 2]]) -> Option<[f64; 2]> {
    let mean = |i: usize| losses.iter().map(|both| both[i]).sum::<f64>() / losses.len() as f64;
    (!losses.is_empty()).then(|| [mean(0), mean(1)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::record;

    fn run(arm: &str, seed: u64, training: f64, validation: f64) -> Record {
        let mut run = record(arm, seed, &[0.2, 0.4]);
        (run.curve[1].loss, run.curve[1].validation_loss) = (training, validation);
        run
    }

    #[test]
    fn equal_losses_are_told_from_clips_learned_by_heart() {
        let of = |runs: &[Record]| judged(runs);
        let alike = [run("baseline", 1, 1.8, 1.8), run("baseline", 2, 1.8, 1.802), run("baseline", 3, 1.8, 1.798)];
        let held = of(&alike);
        let figures =
            "training loss 1.800, validation loss 1.800, difference 0.000 ± 0.001 in the last epoch of `baseline`";
        assert_eq!(held.figures.replace("−0.000", "0.000"), figures);
        assert_eq!(held.verdict.words, "at 12 of 48 epochs, scaled down: held");
        let later = of(&[&alike[..], &[run("baseline-100", 1, 0.9, 1.6)]].concat());
        assert!(later.figures.ends_with("; 0.900 and 1.600 in that of `baseline-100`"), "{}", later.figures);
        assert_eq!(later.verdict.words, "at 12 of 48 epochs, scaled down: mixed: it learns its clips by heart later");
        let apart = of(&[run("baseline", 1, 1.0, 1.6), run("baseline", 2, 1.0, 1.62)]);
        assert!(apart.verdict.words.ends_with("did not hold"), "{}", apart.verdict.words);
        let once = of(&alike[..1]).ours();
        assert_eq!(once, "needs two seeds: `jukebox lab fig3 --data strobe:DIR --only baseline --seeds 2`");
        assert_eq!(of(&[]).ours(), "not run: `jukebox lab fig3 --data strobe:DIR --only baseline`");
    }
}
