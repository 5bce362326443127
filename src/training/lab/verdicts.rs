//! What the runs, and other pages, say of the paper's claims: the table of all claims in docs/paper.md.

use std::fmt::Write as _;

use super::answer::{Answer, Judgement, Predicts, Verdict};
use super::arm::Experiment;
use super::claim::{Claim, Ours};
use super::claims;
use super::comparison::compared;
use super::effects::Arms;
use super::estimate::Estimate;
use super::factors::{INPUT, NORM};
use super::generalises;
use super::groups::{EPOCHS, narrowed, telling, words};
use super::measures::Measure;
use super::record::{Record, Setting};
use super::trained_heads;

/// The run that repeats the paper's accuracy.
const WHOLE: &str = "`jukebox lab fig3 --data fma:DIR --full --only baseline --epochs 48 --seeds 1` (a GPU; about four days on two cores)";

/// The splits of FMA-small that `fma:` and `strobe:` have.
const OFFICIAL: &str = "FMA's official split, theirs was random";
const PACK: &str = "the split of the images' pack, theirs was random";

/// Number of the authors' validation clips: the output of `len(val_split)` in `latent_analysis.ipynb` of their repository.
const THEIR_CLIPS: f64 = 900.0;

/// All claims with what the paper has for each, what came out here, and the verdict.
pub fn table(records: &[Record]) -> String {
    let mut out = String::from("| claim | theirs | ours | verdict |\n|---|---|---|---|\n");
    for claim in claims::all() {
        let judged = judged(claim, records);
        let (ours, verdict) = (judged.ours(), judged.verdict.words);
        let _ = writeln!(out, "| {}: {} | {} | {ours} | {verdict} |", claim.place, claim.words, claim.theirs);
    }
    out
}

/// What came of a claim.
pub fn judged(claim: &Claim, records: &[Record]) -> Judgement {
    match &claim.ours {
        Ours::Accuracy(theirs) => accuracy(*theirs, records),
        Ours::Arms(comparison) => compared(comparison, records),
        Ours::Decibels(predicts) => decibels(*predicts, records),
        Ours::Generalises => generalises::judged(records),
        Ours::Head(head) => trained_heads::judged(*head, records),
        Ours::Known(words, answer, more) => {
            Judgement { verdict: Verdict::new(*answer, more), ..Judgement::open(words) }
        }
        Ours::Measured { words, page, answer, more } => {
            let name = page.rsplit('/').next().unwrap_or(page);
            let from = format!("{words} ([{name}]({page}))");
            Judgement { verdict: Verdict::new(*answer, more), ..Judgement::open(&from) }
        }
        Ours::Open(how) => Judgement::open(how),
    }
}

/// How much batch normalisation does with powers and with decibels.
fn decibels(predicts: Predicts, records: &[Record]) -> Judgement {
    let groups = telling(Experiment::Ablation, records);
    let found = groups.iter().find_map(|group| {
        let (arms, first) = (Arms::of(group), group.iter().find(|r| !r.is_pilot())?);
        // An interaction is half of it.
        let difference = |arms: &Arms| {
            let half = arms.interaction(INPUT, NORM)?;
            Some(Estimate { value: 2.0 * half.value, error: 2.0 * half.error, ..half })
        };
        let (best, late) = (difference(&arms)?, difference(&Arms::by(group, Measure::Late))?);
        let [powers, decibels] = [false, true].map(|log| arms.simple(NORM, INPUT, log));
        let figures = format!(
            "batch normalisation: {} points with powers, {} with decibels; difference {} in the best epoch, {} in the last three",
            powers?.points(),
            decibels?.points(),
            best.points(),
            late.points()
        );
        let setting = words(&first.setting, first.config.epochs);
        let verdict = predicts.lasting(best, late).narrowed(&narrowed(&first.setting, first.config.epochs));
        Some(Judgement::of(figures, setting, String::new(), verdict))
    });
    found.unwrap_or_else(|| Judgement::open(&format!("not run: `{}`", Experiment::Ablation.command())))
}

/// The accuracy of the authors' recipe against theirs. Only whole images, the full width and as many epochs as theirs
/// answer the claim.
fn accuracy(theirs: f64, records: &[Record]) -> Judgement {
    let as_large = |s: &Setting| s.is_whole() && s.is_wide() && s.epochs >= EPOCHS;
    let mut groups = telling(Experiment::Fig3, records);
    groups.sort_by_key(|g| !as_large(&g[0].setting));
    let found = groups.iter().find_map(|group| {
        let (arms, first) = (Arms::of(group), group.iter().find(|r| r.arm == "baseline")?);
        let mean = arms.mean_of_sample("baseline");
        (mean.is_some() || arms.has_diverged("baseline")).then_some((mean, first))
    });
    let Some((mean, first)) = found else {
        return Judgement::open(&format!("not run: {WHOLE}; {OFFICIAL}"));
    };
    let setting = words(&first.setting, first.config.epochs);
    let figures = mean.map_or("`baseline` diverged".into(), |mean| format!("{} %", mean.percent()));
    let error = (theirs * (1.0 - theirs) / THEIR_CLIPS).sqrt();
    let theirs = Estimate { value: theirs, error, freedom: f64::INFINITY, n: 1 };
    let verdict = match mean.map(|mean| mean.minus(theirs).sign()) {
        _ if !as_large(&first.setting) => Verdict::new(Answer::Open, &format!(" at full size: {WHOLE}")),
        None => Verdict::new(Answer::Diverged, ""),
        Some(-1) => Verdict::new(Answer::Failed, ""),
        Some(_) => Verdict::new(Answer::Held, ""),
    };
    let more = if first.setting.command.contains("--data fma:") { OFFICIAL } else { PACK };
    Judgement::of(figures, setting, more.into(), verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::factors::Factors;
    use crate::training::lab::fixture::{ended, record};

    fn row(words: &str, records: &[Record]) -> String {
        table(records).lines().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words}")).to_string()
    }

    #[test]
    fn arms_answer_a_claim() {
        let runs = [
            record("baseline", 1, &[0.3, 0.5]),
            record("bn", 1, &[0.2, 0.21]),
            record("dropout", 1, &[0.2, 0.48]),
            record("1d", 1, &[0.4, 0.6]),
        ];
        let bn = row("severely limits", &runs);
        let setting = "fma-small, powers, averaged to 64 × 64, width 32, 12 epochs";
        let scale = "at 12 of 48 epochs, scaled down: ";
        assert!(
            bn.ends_with(&format!(
                "| −29.0 ± 6.4 points in the best epoch, −19.5 ± 6.3 in the last three ({setting}) | at 12 of 48 epochs, scaled down: held |"
            )),
            "{bn}"
        );
        let dropout = row("early in a session", &runs);
        assert!(
            dropout.ends_with(&format!("({setting}) | {scale}no difference found (95 %: ± 13.9 points) |")),
            "{dropout}"
        );
        let plane = row("2-D convolutions beat", &runs);
        assert!(
            plane.contains(&format!(
                "| −10.0 ± 7.0 points in the best epoch, −10.0 ± 7.0 in the last three ({setting}; networks of "
            )),
            "{plane}"
        );
        assert!(
            plane.ends_with(&format!(" parameters) | {scale}no difference found (95 %: ± 13.7 points) |")),
            "{plane}"
        );
        let reached = row("51.4 % genre accuracy", &runs);
        assert!(reached.contains("| 50.0 ± 5.0 % (fma-small, powers,") && reached.contains(PACK), "{reached}");
        assert!(reached.ends_with(&format!("| not tested at full size: {WHOLE} |")), "{reached}");
        // Neither a run that has only begun nor other music says anything.
        let changed = |change: &dyn Fn(&mut Setting)| {
            let mut runs = runs.clone();
            runs.iter_mut().for_each(|run| change(&mut run.setting));
            row("severely limits", &runs)
        };
        for said in [changed(&|s| s.epochs = 1), changed(&|s| s.data = "mine".into())] {
            assert!(said.contains("| not run: `") && said.ends_with("| not tested |"), "{said}");
        }
    }

    #[test]
    fn what_was_not_run_says_how() {
        let text = table(&[]);
        assert!(text.lines().skip(2).all(|l| l.matches(" | ").count() == 3), "four columns: {text}");
        assert!(!text.contains("| – |"), "a reason or a command: {text}");
        let accuracy = row("51.4 % genre", &[]);
        assert!(accuracy.ends_with(&format!("| not run: {WHOLE}; {OFFICIAL} | not tested |")), "{accuracy}");
        let long = row("deterioration", &[]);
        assert!(long.contains("`jukebox lab fig3 --data strobe:DIR --only dropout-100,baseline-100`"), "{long}");
        let wide = row("mel bands as channels generalise", &[]);
        assert!(wide.contains("`jukebox lab table4 --data strobe:DIR --width 64 --only paper-1d,paper`"), "{wide}");
        assert!(row("with decibels it hurts less", &[]).contains("not run: `jukebox lab ablation --data strobe:DIR`"));
        let reason = "| argued | no arm keeps the steps of a clip apart up to its head | not tested |";
        assert!(row("one vector for a clip", &[]).ends_with(reason), "{}", row("one vector for a clip", &[]));
    }

    #[test]
    fn small_batches_are_told_from_few_steps() {
        let pairs = [("bn-batch64", 0.2), ("batch64", 0.3), ("bn", 0.2), ("baseline", 0.7)];
        let runs: Vec<Record> = pairs.iter().map(|(arm, reached)| record(arm, 1, &[*reached])).collect();
        let said = row("in batches of 64", &runs);
        // −10 − (−50) points.
        let figures = "| (bn-batch64 − batch64) − (bn − baseline): +40.0 ± 8.6 points in the best epoch, +40.0 ± 8.6 in the last three (";
        assert!(said.contains(figures), "{said}");
        assert!(said.ends_with("| at 12 of 48 epochs, scaled down: held |"), "{said}");
        assert!(row("in batches of 64", &runs[..3]).contains("--only bn-batch64,batch64,bn,baseline`"));
    }

    #[test]
    fn a_difference_that_the_last_epochs_do_not_have_is_mixed() {
        let runs = [record("baseline", 1, &[0.2, 0.7, 0.2]), record("1d", 1, &[0.3, 0.3, 0.3])];
        let said = row("2-D convolutions beat", &runs);
        assert!(said.contains("| +40.0 ± 6.5 points in the best epoch, +6.7 ± 6.6 in the last three ("), "{said}");
        assert!(said.ends_with("| at 12 of 48 epochs, scaled down: mixed: depends on the epoch |"), "{said}");
    }

    #[test]
    fn dropout_prevents_a_fall_only_if_there_is_one() {
        let long = |arm: &str, late: f64| record(arm, 1, &[[0.6].as_slice(), &[late; 30]].concat());
        // Of short runs, whose seeds fall in many ways, nothing is taken.
        let short = [record("baseline", 1, &[0.5, 0.1]), record("baseline", 2, &[0.5, 0.5])];
        let runs = |without: f64| [&short[..], &[long("dropout-100", 0.55), long("baseline-100", without)]].concat();
        let fell = row("deterioration", &runs(0.2));
        let figures = "−5.0 ± 7.0 points in `dropout-100`, −40.0 ± 6.3 in `baseline-100`, difference +35.0 ± 9.4 (";
        assert!(fell.contains(figures) && fell.ends_with("| scaled down: held |"), "{fell}");
        let none = row("deterioration", &runs(0.58));
        assert!(none.ends_with("| scaled down: nothing to prevent: `baseline-100` does not fall |"), "{none}");
    }

    #[test]
    fn networks_of_other_size_are_told_and_called_scaled_down() {
        let tested =
            |arm: &str, test: f64| Record { test: Some(test), parts: Some([400, 100, 100]), ..record(arm, 1, &[0.5]) };
        let runs = [
            tested("paper", 0.4),
            tested("paper-augmented", 0.6),
            tested("resnet1d-augmented", 0.8),
            tested("densenet1d-augmented", 0.8),
        ];
        let same = row("augmentation raises", &runs);
        assert!(
            same.contains("| +20.0 ± 6.9 points on test clips (fma-small,") && same.ends_with("| held |"),
            "{same}"
        );
        let other = row("a ResNet beats a CNN", &runs);
        assert!(other.contains("; networks of 2,451,528 and ") && other.ends_with("| scaled down: held |"), "{other}");
        let neither = row("a DenseNet beats a ResNet", &runs);
        assert!(neither.contains("; networks of 984,072 and 2,451,528 parameters)"), "{neither}");
        assert!(
            neither.ends_with("| no difference found (95 %: ± 11.1 points) |"),
            "both have their own width: {neither}"
        );
        let pitch = ["paper", "paper-augmented", "paper-1d", "paper-1d-augmented"].map(|arm| tested(arm, 0.5));
        let pitch = row("2-D convolutions give invariance", &pitch);
        assert!(pitch.contains("; networks of "), "{pitch}");
        // Of four shares of a hundred clips.
        assert!(pitch.ends_with("| scaled down: no difference found (95 %: ± 19.6 points) |"), "{pitch}");
    }

    #[test]
    fn an_arm_that_diverged_is_told() {
        let lost = Record { diverged: true, ..record("bn", 1, &[0.5]) };
        let said = row("severely limits", &[record("baseline", 1, &[0.5]), lost]);
        assert!(said.contains("| `bn` diverged (fma-small,") && said.ends_with("| diverged |"), "{said}");
    }

    #[test]
    fn what_only_seeds_tell_needs_two() {
        let run = |arm: &str, seed: u64, error: f64| {
            let mut run = ended(arm, seed, 0.7);
            run.outcome.as_mut().unwrap().reconstruction = Some(error);
            run
        };
        let runs = [run("described-decoder", 1, 0.4), run("decoder-1", 1, 0.6), run("decoder-1", 2, 0.6)];
        let said = |runs: &[Record]| row("with them it rebuilds better", runs);
        let command = "`jukebox lab outlook --data tree:DIR --only described-decoder,decoder-1";
        assert!(said(&runs[..1]).contains(&format!("| not run: {command}` |")), "{}", said(&runs[..1]));
        let once = said(&runs[..2]);
        assert!(once.contains(&format!("| needs two seeds: {command} --seeds 2` |")), "{once}");
        assert!(once.ends_with("| not tested |") && said(&runs).ends_with("| held |"), "{once}");
    }

    #[test]
    fn batch_normalisation_is_told_with_powers_and_with_decibels() {
        let corners = [(0b0000, 0.5), (0b0010, 0.1), (0b1000, 0.5), (0b1010, 0.6)];
        let runs: Vec<Record> =
            corners.iter().map(|(n, reached)| record(&Factors::of(*n).name(), 1, &[*reached])).collect();
        let said = row("with decibels it hurts less", &runs);
        let figures = "−40.0 ± 5.8 points with powers, +10.0 ± 7.0 with decibels; difference +50.0 ± 9.1 in the best epoch, +50.0 ± 9.1 in \
                       the last three (";
        assert!(said.contains(figures) && said.ends_with("| at 12 of 48 epochs, scaled down: held |"), "{said}");
    }

    #[test]
    fn only_at_full_size_the_accuracy_is_compared_with_theirs() {
        let at = |reached: f64, epochs: usize| {
            let mut run = record("baseline", 1, &[reached]);
            (run.setting.width, run.setting.images, run.setting.epochs) = (512, "powers, 128 × 1280".into(), epochs);
            (run.setting.data, run.setting.command) = ("FMA-small".into(), "jukebox lab fig3 --data fma:DIR".into());
            run.setting.counts[1] = 800;
            row("51.4 % genre", &[record("baseline", 1, &[0.9]), run])
        };
        assert!(at(0.5, 48).ends_with("| held |") && at(0.4, 48).ends_with("| did not hold |"), "{}", at(0.4, 48));
        assert!(
            at(0.5, 48).contains(OFFICIAL) && at(0.5, 12).contains("| not tested at full size: "),
            "{}",
            at(0.5, 12)
        );
    }
}
