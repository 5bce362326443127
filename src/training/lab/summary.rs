//! The first lines of docs/paper.md: what the paper claims, what held and what did not, and what the ablation says. They
//! are made of the judgements that stand in the table of all claims.

use std::fmt::Write as _;

use super::answer::{Answer, Judgement};
use super::arm::Experiment;
use super::claim::Claim;
use super::claims;
use super::effects::Arms;
use super::estimate::Estimate;
use super::factors::{FACTORS, INPUT, NORM};
use super::groups::{telling, words};
use super::record::Record;
use super::verdicts::judged;

/// The lines.
pub fn summary(records: &[Record]) -> String {
    let all: Vec<(&Claim, Judgement)> = claims::all().map(|claim| (claim, judged(claim, records))).collect();
    let headlines: Vec<&(&Claim, Judgement)> = all.iter().filter(|(claim, _)| claim.headline).collect();
    let claimed: Vec<&str> = headlines.iter().map(|(claim, _)| claim.words).collect();
    let those = |answers: &[Answer]| {
        let own = headlines.iter().filter(|(_, judged)| answers.contains(&judged.verdict.answer));
        let told: Vec<String> = own.map(|(claim, judged)| told(claim, judged)).collect();
        if told.is_empty() { "none".to_string() } else { told.join("; ") }
    };
    let others = all.iter().filter(|(claim, judged)| !claim.headline && judged.verdict.answer == Answer::Open).count();
    let mut out = String::new();
    let _ = writeln!(out, "- **Claimed**: {}.", claimed.join("; "));
    let _ = writeln!(out, "- **Held**: {}.", those(&[Answer::Held]));
    let _ = writeln!(out, "- **Did not hold**: {}.", those(&[Answer::Failed]));
    let undecided = [Answer::Consistent, Answer::Mixed, Answer::Unclear, Answer::Diverged, Answer::Incomparable];
    let _ = writeln!(out, "- **Undecided**: {}.", those(&undecided));
    let open = match those(&[Answer::Open]) {
        open if open == "none" => "of these none".into(),
        open => open,
    };
    let _ = writeln!(out, "- **Not tested**: {open}; {others} more of [all claims](#every-claim).");
    if let Some(line) = ablation(records) {
        let _ = writeln!(out, "- **The ablation** {line}");
    }
    let mut settings: Vec<&str> = Vec::new();
    for setting in headlines.iter().filter_map(|(_, judged)| judged.setting.as_deref()) {
        if !settings.contains(&setting) {
            settings.push(setting);
        }
    }
    if !settings.is_empty() {
        let _ = writeln!(
            out,
            "- **Measured** on {}; the paper's networks are 512 wide and see 128 × 1280.",
            settings.join("; and on ")
        );
    }
    out
}

/// A claim with the figures that answer it, and the verdict where its list does not say all.
fn told(claim: &Claim, judged: &Judgement) -> String {
    let verdict = (!judged.verdict.is_plain()).then_some(judged.verdict.words.as_str());
    let figures = (!judged.figures.is_empty()).then_some(judged.figures.as_str());
    let more: Vec<&str> = figures.into_iter().chain(verdict).collect();
    if more.is_empty() { claim.words.into() } else { format!("{} ({})", claim.words, more.join(": ")) }
}

/// What the sixteen arms say, in the closest setting in which all have ended: which factors have an effect, and what
/// batch normalisation does with either input.
fn ablation(records: &[Record]) -> Option<String> {
    let groups = telling(Experiment::Ablation, records);
    let (group, arms) = groups
        .iter()
        .map(|group| (group, Arms::of(group)))
        .find(|(_, arms)| arms.complete() + arms.lost().len() == 16)?;
    let of = |(factor, (name, [low, high])): (usize, &(&str, [&str; 2]))| {
        let effect = arms.main(factor)?;
        Some((effect.sign() != 0, format!("{name} ({high} − {low}) {}", effect.points())))
    };
    let effects: Vec<(bool, String)> = FACTORS.iter().enumerate().map(of).collect::<Option<_>>()?;
    let those = |clear: bool| {
        let own: Vec<&str> = effects.iter().filter(|(is, _)| *is == clear).map(|(_, text)| text.as_str()).collect();
        if own.is_empty() { "none".to_string() } else { own.join(", ") }
    };
    let [powers, decibels] = [false, true].map(|log| arms.simple(NORM, INPUT, log).map(Estimate::points));
    let first = group.iter().find(|r| !r.is_pilot())?;
    let lost = arms.lost();
    let lost = if lost.is_empty() { String::new() } else { format!(" Diverged: {}.", lost.join(", ")) };
    Some(format!(
        "({}). Effects whose 95 % interval leaves 0 out, in points: {}; others: {}. Batch normalisation: {} with powers, {} with decibels.{lost}",
        words(&first.setting, first.config.epochs),
        those(true),
        those(false),
        powers?,
        decibels?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::factors::Factors;
    use crate::training::lab::fixture::record;
    use crate::training::lab::verdicts::table;

    fn line<'a>(text: &'a str, name: &str) -> &'a str {
        text.lines().find(|l| l.contains(&format!("**{name}**"))).unwrap_or_else(|| panic!("{name}: {text}"))
    }

    #[test]
    fn headlines_are_sorted_by_what_came_of_them() {
        let runs = [
            record("baseline", 1, &[0.3, 0.6]),
            record("bn", 1, &[0.2, 0.21]),
            record("baseline-100", 1, &[0.3, 0.6]),
            record("dropout-100", 1, &[0.2, 0.58]),
            record("1d", 1, &[0.9]),
        ];
        let text = summary(&runs);
        let held = "batch normalisation severely limits learning (−39.0 ± 6.4 points in the best epoch, −24.5 ± 6.4 in the last \
                    three: at 12 of 48 epochs, scaled down: held)";
        assert_eq!(line(&text, "Held"), format!("- **Held**: {held}."));
        let failed = line(&text, "Did not hold");
        let plane = "2-D convolutions beat 1-D ones (−30.0 ± 5.7 points in the best epoch, −45.0 ± 5.8 in the last three: at 12 of 48 \
                     epochs, scaled down: did not hold)";
        assert!(
            failed.starts_with(&format!("- **Did not hold**: {plane}; neighbours are alike in percussion")),
            "{failed}"
        );
        let unclear = "(−2.0 ± 7.0 points in the best epoch, −6.0 ± 7.0 in the last three: scaled \
                       down: no difference found (95 %: ± 13.6 points))";
        let undecided = format!("- **Undecided**: dropout neither helps nor hurts {unclear}.");
        assert_eq!(line(&text, "Undecided"), undecided, "{text}");
        let open = line(&text, "Not tested");
        assert!(open.contains("51.4 % genre accuracy on FMA-small (60.0 ± 4.9 %: not tested at full size"), "{open}");
        assert!(open.contains("; a decoder beside"), "{open}");
        let measured = line(&text, "Measured");
        let images = "fma-small, powers, averaged to 64 × 64, width 32";
        let both = format!("- **Measured** on {images}, 12 epochs; and on {images}, 100 epochs; the");
        assert!(measured.starts_with(&both), "{measured}");
        let mut slight = [record("baseline", 1, &[0.5]), record("bn", 1, &[0.405])];
        slight.iter_mut().for_each(|run| run.setting.counts[1] = 10_000);
        let slight = summary(&slight);
        let mixed = "in the last three: at 12 of 48 epochs, scaled down: mixed: it hurts, not severely)";
        assert!(line(&slight, "Undecided").contains(mixed), "{slight}");
    }

    #[test]
    fn the_table_says_the_same() {
        let runs = [record("baseline", 1, &[0.6]), record("bn", 1, &[0.2]), record("1d", 1, &[0.9])];
        for records in [&runs[..], &[]] {
            let (text, table) = (summary(records), table(records));
            let verdict = |line: &str| line.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default().to_string();
            for claim in claims::all().filter(|claim| claim.headline) {
                let row = table.lines().find(|l| l.contains(&format!(": {} |", claim.words))).unwrap();
                let said = verdict(row);
                let list = match said.rsplit("scaled down: ").next().unwrap_or_default() {
                    said if said.starts_with("held") => "Held",
                    said if said.starts_with("did not hold") => "Did not hold",
                    said if said.starts_with("not tested") => "Not tested",
                    _ => "Undecided",
                };
                let lists = ["Held", "Did not hold", "Undecided", "Not tested"];
                let found: Vec<&str> =
                    lists.into_iter().filter(|name| line(&text, name).contains(claim.words)).collect();
                assert_eq!(found, [list], "{}", claim.words);
            }
            // The open rows are counted: those named, and the others.
            let open = table.lines().filter(|row| verdict(row).starts_with("not tested")).count();
            let rest = line(&text, "Not tested").rsplit("; ").next().unwrap();
            let others: usize = rest.split(' ').next().unwrap().parse().unwrap();
            let named = claims::all().filter(|c| c.headline && line(&text, "Not tested").contains(c.words)).count();
            assert_eq!(named + others, open);
        }
        assert!(line(&summary(&[]), "Held").ends_with("none."));
    }

    #[test]
    fn the_ablation_answers_once_all_its_arms_are_there() {
        // Decibels help, batch normalisation harms with powers alone, nothing else matters.
        let reached = |f: Factors| 0.3 + 0.2 * f64::from(u8::from(f.log)) - 0.1 * f64::from(u8::from(f.norm && !f.log));
        let run = |n: usize| {
            let mut run = record(&Factors::of(n).name(), 1, &[reached(Factors::of(n))]);
            run.setting.counts[1] = 10_000;
            run
        };
        let mut runs: Vec<Record> = (0..15).map(run).collect();
        assert!(!summary(&runs).contains("The ablation"));
        runs.push(run(15));
        let text = summary(&runs);
        let said = line(&text, "The ablation");
        let effects =
            "leaves 0 out, in points: input (log − power) +25.0 ± 0.2, batch normalisation (bn − plain) −5.0 ± 0.2;";
        assert!(said.contains(effects), "{said}");
        assert!(said.contains("; others: head (logits − sigmoid) +0.0 ± 0.2, order (shuffled − fixed) +0.0 ± 0.2."));
        assert!(said.ends_with(". Batch normalisation: −10.0 ± 0.3 with powers, +0.0 ± 0.4 with decibels."), "{said}");
        runs[15].diverged = true;
        let text = summary(&runs);
        let said = line(&text, "The ablation");
        assert!(said.ends_with(" with decibels. Diverged: log-logits-bn-shuffled."), "{said}");
    }
}
