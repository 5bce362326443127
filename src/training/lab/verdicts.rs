//! What the runs say of the paper's claims: the summary of docs/paper.md, and its table of all claims.

use std::fmt::Write as _;

use super::arm::Experiment;
use super::claims::{CLAIMS, Claim, Comparison, HEADLINES, Ours};
use super::effects::{Arms, Estimate, Measure};
use super::groups::{closest, words};
use super::record::{Record, Setting};

/// The claims that no command here tests, for the summary.
const UNTESTED: &str = "51.4 % on FMA-small at full width, neighbours that are alike in percussion, a decoder \
                        that does not train, EchoNest features that do not converge";

/// The run that repeats the paper's accuracy, and its images.
const WHOLE: &str = "jukebox lab fig3 --data fma:DIR --full --only baseline --epochs 48";
const IMAGES: &str = "powers, 128 × 1280";
const WIDTH: usize = 512;

/// Number of the authors' validation clips.
const THEIR_CLIPS: f64 = 900.0;

/// What stands where nothing can be said.
const NOTHING: &str = "–";

impl Comparison {
    /// The difference in one setting.
    fn of(&self, group: &[&Record]) -> Option<Estimate> {
        let arms = Arms::by(group, self.measure);
        let [first, second] = self.arms.map(|arm| arms.accuracy(arm));
        Some(first?.minus(second?))
    }
}

/// The first lines of the page: what the paper claims, what held, what did not, what was not tested.
pub fn summary(records: &[Record]) -> String {
    let (mut held, mut failed, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let group = closest(Experiment::Fig3, records).into_iter().next();
    for claim in CLAIMS.iter().filter(|c| HEADLINES.contains(&c.words)) {
        let Ours::Arms(comparison) = &claim.ours else { continue };
        let Some(difference) = group.as_deref().and_then(|g| comparison.of(g)) else {
            open.push(claim.words.to_string());
            continue;
        };
        let words = format!("{} ({} points)", claim.words, difference.points());
        if difference.sign() == comparison.predicts { held.push(words) } else { failed.push(words) }
    }
    let list = |all: &[String], none: &str| if all.is_empty() { none.to_string() } else { all.join("; ") };
    let run = if held.is_empty() && failed.is_empty() { "nothing was run yet" } else { "none" };
    let mut out = String::new();
    let _ = writeln!(out, "- **Claimed**: 51.4 % genre accuracy on FMA-small; {}.", HEADLINES.join("; "));
    let _ = writeln!(out, "- **Held** (difference of more, or for dropout less, than 2 SE): {}.", list(&held, run));
    let _ = writeln!(out, "- **Did not hold**: {}.", list(&failed, run));
    let untested = if open.is_empty() { UNTESTED.to_string() } else { format!("{}; {UNTESTED}", open.join("; ")) };
    let _ = writeln!(out, "- **Not tested**: {untested}.");
    if let Some(first) = group.as_deref().and_then(|g| g.first()) {
        let s = &first.setting;
        let scaled = if s.width < WIDTH { "; the paper's width is 512, on 128 × 1280" } else { "" };
        let _ = writeln!(out, "- Measured at width {} on {} ({}){scaled}.", s.width, s.data, s.images);
    }
    out
}

/// All claims with what the paper has for each, what came out here, and the verdict.
pub fn table(records: &[Record]) -> String {
    let mut out = String::from("| claim | theirs | ours | verdict |\n|---|---|---|---|\n");
    for claim in CLAIMS {
        let (ours, verdict) = judged(claim, records);
        let _ = writeln!(out, "| {}: {} | {} | {ours} | {verdict} |", claim.place, claim.words, claim.theirs);
    }
    out
}

/// What came out of a claim, and the verdict.
fn judged(claim: &Claim, records: &[Record]) -> (String, String) {
    match &claim.ours {
        Ours::Accuracy(theirs) => accuracy(*theirs, records),
        Ours::Arms(comparison) => {
            let groups = closest(comparison.experiment, records);
            let found = groups.iter().find_map(|g| Some((comparison.of(g)?, &g.first()?.setting)));
            let command = format!("{} --only {}", comparison.experiment.command(), comparison.arms.join(","));
            difference(found, comparison.measure, comparison.predicts, &command)
        }
        Ours::Interaction([first, second], predicts) => {
            let groups = closest(Experiment::Ablation, records);
            let found =
                groups.iter().find_map(|g| Some((Arms::of(g).interaction(*first, *second)?, &g.first()?.setting)));
            difference(found, Measure::Best, *predicts, &Experiment::Ablation.command())
        }
        Ours::Known(words, verdict) => ((*words).into(), (*verdict).into()),
        Ours::Measured { words, page, verdict, .. } => {
            let name = page.rsplit('/').next().unwrap_or(page);
            (format!("{words} ([{name}]({page}))"), (*verdict).into())
        }
        Ours::Untested => ("not tested here".into(), NOTHING.into()),
    }
}

/// A difference, where it was found, and whether it has the sign that the claim predicts.
fn difference(found: Option<(Estimate, &Setting)>, measure: Measure, predicts: i8, command: &str) -> (String, String) {
    let Some((found, setting)) = found else { return (format!("not run: `{command}`"), NOTHING.into()) };
    let of = match measure {
        Measure::Best => "",
        Measure::Last => " in the last epoch",
        Measure::Test => " on test clips",
    };
    let verdict = match found.sign() {
        sign if sign == predicts => "held",
        0 => "did not hold: not distinguishable",
        _ => "did not hold",
    };
    (format!("{} points{of} ({})", found.points(), words(setting)), verdict.into())
}

/// The accuracy of the authors' recipe against theirs.
fn accuracy(theirs: f64, records: &[Record]) -> (String, String) {
    let groups = closest(Experiment::Fig3, records);
    let of = |group: &[&Record]| Arms::of(group).accuracy("baseline");
    let whole = |setting: &Setting| setting.width >= WIDTH && setting.images == IMAGES;
    let mut found: Vec<(Estimate, &Setting)> =
        groups.iter().filter_map(|g| Some((of(g)?, &g.first()?.setting))).collect();
    found.sort_by_key(|(_, setting)| !whole(setting));
    let Some((ours, setting)) = found.into_iter().next() else {
        return (format!("not run: `{WHOLE}`"), NOTHING.into());
    };
    let error = (theirs * (1.0 - theirs) / THEIR_CLIPS).sqrt();
    let verdict = match ours.minus(Estimate { value: theirs, error, n: 1 }).sign() {
        _ if !whole(setting) => format!("not run at full width: `{WHOLE}`"),
        -1 => "did not hold".into(),
        _ => "held".into(),
    };
    (format!("{} % ({})", ours.percent(), words(setting)), verdict)
}

/// The figures that claims take from other pages, each with its page as seen from docs/paper.md.
pub fn figures() -> impl Iterator<Item = (&'static str, &'static str)> {
    CLAIMS.iter().flat_map(|claim| match &claim.ours {
        Ours::Measured { page, figures, .. } => figures.iter().map(|figure| (*page, *figure)).collect(),
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::arm::arms;
    use crate::training::lab::factors::Factors;
    use crate::training::lab::fixture::record;

    fn row(words: &str, records: &[Record]) -> String {
        table(records).lines().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words}")).to_string()
    }

    #[test]
    fn claims_hold_or_not() {
        let runs = [
            record("baseline", 1, &[0.3, 0.5]),
            record("bn", 1, &[0.2, 0.21]),
            record("dropout", 1, &[0.2, 0.48]),
            record("1d", 1, &[0.6]),
        ];
        let text = summary(&runs);
        let line = |name: &str| text.lines().find(|l| l.contains(name)).unwrap().to_string();
        let held = line("**Held**");
        assert!(
            held.contains("severely limits learning (−29.0 ± 6.4 points)") && held.contains("dropout neither"),
            "{held}"
        );
        assert!(line("**Did not hold**").contains("2-D convolutions beat 1-D ones (−10.0"), "{text}");
        assert!(line("**Not tested**").contains("51.4 %") && text.contains("width 32"), "{text}");

        let bn = row("severely limits", &runs);
        assert!(bn.ends_with("| −29.0 ± 6.4 points (toys, width 32, powers, averaged to 64 × 64) | held |"), "{bn}");
        assert!(row("neither helps", &runs).ends_with("| held |"));
        assert!(row("2-D convolutions beat", &runs).ends_with("| did not hold: not distinguishable |"));
        let reached = row("51.4 % genre accuracy", &runs);
        assert!(reached.contains("| 50.0 ± 5.0 % (toys, width 32,") && reached.contains("not run at full width"));
    }

    #[test]
    fn what_was_not_run_says_how() {
        let text = table(&[]);
        assert!(text.lines().skip(2).all(|l| l.matches(" | ").count() == 3), "four columns: {text}");
        assert!(row("51.4 % genre", &[]).contains(&format!("not run: `{WHOLE}`")));
        let long = row("deterioration", &[]);
        assert!(long.contains("`jukebox lab fig3 --data strobe:DIR --only dropout-100,baseline-100`"), "{long}");
        assert!(row("with decibels it hurts less", &[]).contains("not run: `jukebox lab ablation --data strobe:DIR`"));
        // Every command has the arms that it names.
        for claim in CLAIMS {
            if let Ours::Arms(Comparison { experiment, arms: names, .. }) = &claim.ours {
                let all = arms(*experiment);
                assert!(names.iter().all(|name| all.iter().any(|arm| arm.name == *name)), "{}", claim.words);
            }
        }
        assert!(HEADLINES.iter().all(|words| CLAIMS.iter().any(|claim| claim.words == *words)));
    }

    #[test]
    fn a_claim_is_judged_by_its_own_measure_in_the_closest_setting_that_has_it() {
        // Better at its best, worse at its end.
        let runs = [record("dropout-100", 1, &[0.5, 0.5]), record("baseline-100", 1, &[0.6, 0.1])];
        let long = row("deterioration", &runs);
        assert!(long.contains("| +40.0 ± 5.8 points in the last epoch (") && long.ends_with("| held |"), "{long}");

        let tested =
            |arm: &str, test: f64| Record { test: Some(test), parts: Some([400, 100, 100]), ..record(arm, 1, &[0.5]) };
        let pair = [tested("paper", 0.4), tested("paper-augmented", 0.6)];
        let mut wide = tested("paper", 0.1);
        wide.setting.width = 512;
        let all: Vec<Record> = pair.into_iter().chain([wide]).collect();
        let line = row("augmentation raises", &all);
        assert!(line.contains("| +20.0 ± 6.9 points on test clips (toys, width 32,"), "{line}");

        let corners = [(0b0000, 0.5), (0b0010, 0.1), (0b1000, 0.5), (0b1010, 0.6)];
        let runs: Vec<Record> =
            corners.iter().map(|(n, reached)| record(&Factors::of(*n).name(), 1, &[*reached])).collect();
        // 10 − (−40) points, halved.
        assert!(row("hurts less", &runs).contains("| +25.0 ±"), "{}", row("with decibels", &runs));
    }

    #[test]
    fn at_full_size_the_accuracy_is_compared_with_theirs() {
        let at = |reached: f64| {
            let mut run = record("baseline", 1, &[reached]);
            (run.setting.width, run.setting.images) = (512, IMAGES.into());
            run.setting.counts[1] = 800;
            row("51.4 % genre", &[record("baseline", 1, &[0.9]), run])
        };
        assert!(at(0.5).ends_with("| held |") && at(0.4).ends_with("| did not hold |"), "{}", at(0.4));
    }

    #[test]
    fn figures_of_other_pages_are_in_the_words() {
        for claim in CLAIMS {
            if let Ours::Measured { words, figures, .. } = &claim.ours {
                assert!(!figures.is_empty() && figures.iter().all(|figure| words.contains(figure)), "{words}");
            }
        }
        assert!(figures().count() > 20);
    }
}
