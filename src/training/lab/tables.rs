//! The parts of docs/paper.md that have an experiment each: its settings, arms, effects and pilots as Markdown.

use std::fmt::Write as _;

use super::arm::{Arm, Experiment, arms as arms_of};
use super::effects::{Arms, name};
use super::estimate::Estimate;
use super::factors::FACTORS;
use super::figure3;
use super::groups::{arms_run, command, settings};
use super::measures::Measure;
use super::record::Record;
use crate::text::thousands;

/// The part of an experiment: for each setting what it is, its arms, and what follows from them.
pub fn experiment(experiment: Experiment, records: &[Record]) -> String {
    let groups = settings(experiment, records);
    if groups.is_empty() {
        return format!("Not run. Command: `{}`\n", experiment.command());
    }
    let most = groups.iter().map(|group| arms_run(group)).max();
    let mut out = String::new();
    for group in groups {
        heading(&mut out, experiment, &group);
        let arms = Arms::of(&group);
        let all = most == Some(arms_run(&group));
        table(&mut out, experiment, &group, &arms, all);
        match experiment {
            Experiment::Ablation => {
                effects(&mut out, &arms, &Arms::by(&group, Measure::Late), all);
                pilots(&mut out, "input, normalisation, rate", &group);
            }
            Experiment::Table4 => {
                random_split(&mut out, &group);
                pilots(&mut out, "architecture, rate", &group);
            }
            Experiment::Fig3 if figure3::runs(records).is_some_and(|drawn| drawn[0].setting == group[0].setting) => {
                let drawn = figure3::ARMS.map(|arm| format!("`{arm}`")).join(", ");
                let _ = writeln!(
                    out,
                    "\n![Validation accuracy by epoch]({})\n\nFirst seed of {drawn}; grey: the authors' own curves, read \
                     off their figure (`authors.tsv`) and named by their colours there, because it has no legend.",
                    figure3::FILE
                );
            }
            Experiment::Fig3 | Experiment::Outlook | Experiment::Transfer => {}
        }
    }
    out
}

fn heading(out: &mut String, experiment: Experiment, group: &[&Record]) {
    let s = &group[0].setting;
    let [training, validation] = s.counts;
    if !out.is_empty() {
        out.push('\n');
    }
    // An arm with a split of its own has other numbers.
    let test = group.iter().filter_map(|r| r.parts).find(|parts| parts.starts_with(&s.counts));
    let clips = match test {
        Some([.., test]) => format!("{training} training, {validation} validation and {test} test clips"),
        None => format!("{training} training and {validation} validation clips"),
    };
    let width = if experiment == Experiment::Table4 { "the paper's networks of width" } else { "width" };
    let _ = writeln!(
        out,
        "{}: {clips} of {} genres, {}; {width} {}, {} epochs.",
        s.data, s.genres, s.images, s.width, s.epochs
    );
    if !s.is_wide() || !s.is_whole() {
        let _ = writeln!(out, "Scaled down: the paper's networks are 512 wide and see 128 × 1280.");
    }
    out.push_str(&command(experiment, group));
    if experiment == Experiment::Table4 {
        let _ = writeln!(out, "Verdicts are given by the test clips, which chose neither the epoch nor the rate.");
    }
}

/// A row for every arm, with what is missing if `missing`. Long arms are not counted as missing, and belong to the setting of
/// as many epochs as are usual.
fn table(out: &mut String, experiment: Experiment, group: &[&Record], arms: &Arms, missing: bool) {
    let mut all = arms_of(experiment);
    let usual = group[0].setting.epochs == experiment.epochs();
    all.retain(|arm| arm.epochs.is_none() || usual || group.iter().any(|r| r.arm == arm.name));
    let usual: Vec<&Arm> = all.iter().filter(|arm| arm.epochs.is_none()).collect();
    let done = usual.iter().filter(|arm| group.iter().any(|r| r.arm == arm.name && r.finished)).count();
    if done < usual.len() {
        let _ = writeln!(out, "\n**Partial**: {done} of {} arms have a finished run.", usual.len());
    }
    let errors = arms.errors();
    let best = format!("best validation accuracy ± SE ({errors})");
    let tested = (experiment == Experiment::Table4).then(|| Arms::by(group, Measure::Test));
    // Table 4 has a width for each architecture, networks of many sizes, and test clips, by which it is judged.
    let left_out: &[usize] = if tested.is_some() { &[6] } else { &[1, 2, 7] };
    let line = |out: &mut String, cells: [&str; 9]| {
        let kept = cells.iter().enumerate().filter(|(i, _)| !left_out.contains(i));
        let _ = writeln!(out, "| {} |", kept.map(|(_, cell)| *cell).collect::<Vec<_>>().join(" | "));
    };
    out.push('\n');
    let (late, test) = ("in the last three epochs ± SE", "test accuracy ± SE");
    line(out, ["arm", "width", "parameters", "rate", "seeds", &best, late, test, "seconds an epoch"]);
    let _ = writeln!(out, "|{}", "---|".repeat(9 - left_out.len()));
    for Arm { name, .. } in &all {
        let own: Vec<&&Record> = group.iter().filter(|r| r.arm == *name).collect();
        let Some(first) = own.first() else {
            if missing {
                line(out, [name, "–", "–", "–", "–", &format!("not run: `--only {name}`"), "–", "–", "–"]);
            }
            continue;
        };
        let seeds = |diverged: bool| {
            let own = own.iter().filter(|r| r.finished && r.diverged == diverged).map(|r| r.seed.to_string());
            own.collect::<Vec<_>>().join(", ")
        };
        let (ended, lost) = (seeds(false), seeds(true));
        // A long arm varies as arms of its own length do.
        let alike: Vec<&Record> = group.iter().copied().filter(|r| r.config.epochs == first.config.epochs).collect();
        let by = |measure| Arms::by(&alike, measure).mean(name);
        let accuracy = match by(Measure::Best) {
            Some(accuracy) if lost.is_empty() => format!("{} %", accuracy.percent()),
            Some(accuracy) => format!("{} %; seed {lost} diverged", accuracy.percent()),
            None if !lost.is_empty() => "diverged".into(),
            None => format!("partial: {} of {} epochs", first.curve.len(), first.config.epochs),
        };
        let test = tested.as_ref().and_then(|tested| tested.mean(name));
        let [late, test] =
            [by(Measure::Late), test].map(|mean| mean.map_or("–".into(), |mean| format!("{} %", mean.percent())));
        let points: Vec<f64> = own.iter().flat_map(|r| r.curve.iter().map(|p| p.seconds)).collect();
        let seconds = points.iter().sum::<f64>() / points.len().max(1) as f64;
        let ended = if ended.is_empty() { "–" } else { &ended };
        let (width, rate) = (first.config.width.to_string(), format!("{:.0e}", first.config.rate));
        let size = first.parameters().map_or("–".into(), thousands);
        line(out, [name, &width, &size, &rate, ended, &accuracy, &late, &test, &format!("{seconds:.0}")]);
    }
}

/// What a random split makes of the accuracy, which the paper's authors had and others do not.
fn random_split(out: &mut String, group: &[&Record]) {
    let arms = Arms::by(group, Measure::Test);
    let run = |arm: &str| Some((arms.mean_of_sample(arm)?, group.iter().find(|r| r.arm == arm)?.config.rate));
    if let (Some((random, rate)), Some((own, other))) = (run("paper-random"), run("paper")) {
        let rates = if rate == other {
            format!("the rate is the same, {rate:.0e}")
        } else {
            format!("the rates are {rate:.0e} and {other:.0e}, so that a part of the difference may be theirs")
        };
        let difference = random.minus(own);
        let _ = writeln!(
            out,
            "\nOn a random split, as the paper's authors had it, `paper` comes to {} points more (95 %: ± {:.1}); the test clips are \
             others, and {rates}.",
            difference.points(),
            100.0 * difference.half()
        );
    }
}

/// Main effects and interactions, in the best epoch and in the last ones. `missing`: also those of which no pair was run.
fn effects(out: &mut String, arms: &Arms, late: &Arms, missing: bool) {
    if arms.complete() < 16 {
        let _ = writeln!(out, "\nPartial effects, of the pairs of arms that are there:");
    }
    let _ = writeln!(
        out,
        "\n| effect on the accuracy, points | best epoch ± SE | last three epochs ± SE | pairs |\n|---|---|---|---|"
    );
    let row = |out: &mut String, name: &str, found: [Option<Estimate>; 2]| {
        let [Some(best), Some(late)] = found else {
            if missing {
                let _ = writeln!(out, "| {name} | not run | – | 0 |");
            }
            return;
        };
        let _ = writeln!(out, "| {name} | {} | {} | {} |", best.points(), late.points(), best.n);
    };
    (0..FACTORS.len()).for_each(|factor| row(out, &name(factor), [arms, late].map(|arms| arms.main(factor))));
    for (first, one) in FACTORS.iter().enumerate() {
        for (second, other) in FACTORS.iter().enumerate().skip(first + 1) {
            let name = format!("{} × {}", one.0, other.0);
            row(out, &name, [arms, late].map(|arms| arms.interaction(first, second)));
        }
    }
}

/// What the pilots reached, and what their names say.
fn pilots(out: &mut String, names: &str, group: &[&Record]) {
    let own: Vec<&&Record> = group.iter().filter(|r| r.is_pilot()).collect();
    if own.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| pilot: {names} | epochs | best validation accuracy |\n|---|---|---|");
    for record in own {
        let best = match record.best().filter(|_| !record.diverged) {
            Some(best) => format!("{:.1} %", 100.0 * best),
            None => "diverged".into(),
        };
        let _ = writeln!(out, "| {} | {} | {best} |", record.arm.trim_start_matches("pilot-"), record.curve.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::factors::Factors;
    use crate::training::lab::fixture::record;

    #[test]
    fn a_part_of_the_arms_is_marked_partial() {
        let done = [0b0000, 0b1000].map(|n| record(&Factors::of(n).name(), 1, &[0.2 + 0.1 * f64::from(n as u8 / 8)]));
        let pilot = record("pilot-log-bn-3e-4", 1, &[0.25]);
        let half = Record { finished: false, ..record("power-logits-plain-fixed", 1, &[0.3]) };
        let runs: Vec<Record> = done.into_iter().chain([pilot, half]).collect();
        let text = experiment(Experiment::Ablation, &runs);
        assert!(text.contains("**Partial**: 2 of 16 arms have a finished run."), "{text}");
        assert!(text.contains("| power-sigmoid-plain-fixed | 1e-4 | 1 | 20.0 ± 4.0 % | 20.0 ± 4.0 % | 1 |"), "{text}");
        assert!(text.contains("| power-logits-plain-fixed | 1e-4 | – | partial: 1 of 12 epochs | – | 1 |"), "{text}");
        assert!(text.contains("not run: `--only log-logits-bn-shuffled`"), "{text}");
        assert!(text.contains("| input: log − power | +10.0 ± 6.1 | +10.0 ± 6.1 | 1 |"), "{text}");
        assert!(
            text.contains("| input × head | not run | – | 0 |") && text.contains("| log-bn-3e-4 | 1 | 25.0 % |"),
            "{text}"
        );
    }

    #[test]
    fn a_setting_of_whole_images_has_a_table_of_its_own() {
        let small = record("power-sigmoid-bn-fixed", 1, &[0.2]);
        let mut whole = record("log-sigmoid-bn-fixed", 1, &[0.3]);
        (whole.setting.width, whole.setting.images) = (64, "powers, 128 × 1280".into());
        let text = experiment(Experiment::Ablation, &[small, whole]);
        assert_eq!(text.matches("**Partial**: 1 of 16 arms have a finished run.").count(), 2, "{text}");
        assert!(text.contains("genres, powers, 128 × 1280; width 64, 12 epochs."), "{text}");
        assert!(text.contains("Command: `jukebox lab --only log-sigmoid-bn-fixed`; version 0."), "{text}");
    }

    #[test]
    fn what_is_missing_is_listed_where_most_was_run() {
        let of = |n: usize, images: &str| {
            let mut run = record(&Factors::of(n).name(), 1, &[0.2]);
            run.setting.images = images.into();
            run
        };
        let (small, whole) = ("powers, 64 × 64", "powers, 128 × 1280");
        let text = experiment(Experiment::Ablation, &[of(0, small), of(2, small), of(0, whole)]);
        assert_eq!(text.matches("not run: `--only log-logits-bn-shuffled`").count(), 1, "{text}");
        let own = text.split("fma-small: ").find(|own| own.contains(whole)).unwrap();
        assert!(own.contains("**Partial**: 1 of 16") && !own.contains("not run"), "{own}");
    }

    #[test]
    fn long_arms_are_listed_and_not_missed() {
        let eight = ["baseline", "bn", "dropout", "bn-batch8", "bn-batch64", "batch64", "1d", "3x1"];
        let mut runs: Vec<Record> = eight.map(|arm| record(arm, 1, &[0.5])).to_vec();
        let text = experiment(Experiment::Fig3, &runs);
        assert!(!text.contains("**Partial**") && text.contains("not run: `--only dropout-100`"), "{text}");
        runs.push(Record { finished: false, ..record("dropout-100", 1, &[0.3]) });
        assert!(experiment(Experiment::Fig3, &runs).contains("| partial: 1 of 100 epochs |"));
        assert!(
            experiment(Experiment::Fig3, &runs).contains("`jukebox lab`, and with `--only dropout-100`; version 0.")
        );
        runs.truncate(8);
        runs.iter_mut().for_each(|run| run.setting.epochs = 48);
        assert!(!experiment(Experiment::Fig3, &runs).contains("dropout-100"), "they belong to the usual setting");
    }

    #[test]
    fn runs_that_diverged_are_told_and_not_counted() {
        let lost = |arm: &str, seed: u64| Record { diverged: true, ..record(arm, seed, &[0.9]) };
        let text = experiment(Experiment::Fig3, &[record("bn", 1, &[0.2]), lost("bn", 2), lost("1d", 1)]);
        assert!(text.contains("| bn | 1e-4 | 1 | 20.0 ± 4.0 %; seed 2 diverged | 20.0 ± 4.0 % | 1 |"), "{text}");
        assert!(text.contains("| 1d | 1e-4 | – | diverged | – | 1 |"), "{text}");
        let text = experiment(Experiment::Ablation, &[lost("pilot-log-bn-1e-3", 1)]);
        assert!(text.contains("| log-bn-1e-3 | 1 | diverged |"), "{text}");
    }

    #[test]
    fn the_figure_is_linked_under_the_setting_that_it_draws() {
        let small = record("baseline", 1, &[0.5]);
        let mut whole = record("baseline", 1, &[0.5]);
        (whole.setting.images, whole.setting.epochs) = ("powers, 128 × 1280".into(), 48);
        let text = experiment(Experiment::Fig3, &[small, whole]);
        assert_eq!((text.matches("genres, ").count(), text.matches(figure3::FILE).count()), (2, 1));
        let own = text.split("fma-small: ").find(|own| own.contains(figure3::FILE)).unwrap();
        assert!(own.contains("128 × 1280; width"), "{own}");
    }

    #[test]
    fn table_4_has_widths_and_test_clips() {
        let tested = |arm: &str, parts: [usize; 3]| Record {
            test: Some(0.4),
            parts: Some(parts),
            ..record(arm, 1, &[0.3, 0.5])
        };
        let runs = [tested("paper-random", [450, 90, 60]), tested("strobe", [400, 100, 100])];
        let text = experiment(Experiment::Table4, &runs);
        assert!(text.contains("400 training, 100 validation and 100 test clips of 8 genres"), "{text}");
        assert!(text.contains("the paper's networks of width 32, 12 epochs.\nScaled down"), "{text}");
        // Each by the number of its own clips.
        assert!(text.contains("| strobe | 24 | 371,992 | 3e-3 | 1 | 50.0 ± 5.0 % | 40.0 ± 4.9 % | 1 |"), "{text}");
        let random = text.lines().find(|l| l.starts_with("| paper-random | 32 | ")).unwrap();
        assert!(random.ends_with(" | 1e-4 | 1 | 50.0 ± 5.3 % | 40.0 ± 6.3 % | 1 |"), "{text}");
        assert!(text.contains("| crnn | – | – | – | – | not run: `--only crnn` | – | – |"), "{text}");
        let columns = |line: &str| line.matches('|').count();
        assert!(text.lines().filter(|l| l.starts_with('|')).all(|l| columns(l) == 9), "{text}");
        assert!(!text.contains("On a random split"), "{text}");
        let both = [runs[0].clone(), Record { test: Some(0.3), ..tested("paper", [400, 100, 100]) }];
        let text = experiment(Experiment::Table4, &both);
        // √(0.4 · 0.6/60 + 0.3 · 0.7/100)
        assert!(
            text.contains("`paper` comes to +10.0 ± 7.8 points more (95 %: ± 15.3); the test clips are others"),
            "{text}"
        );
        assert!(text.contains("and the rate is the same, 1e-4."), "{text}");
        let mut tuned = both;
        tuned[1].config.rate = 1e-3;
        assert!(experiment(Experiment::Table4, &tuned).contains("and the rates are 1e-4 and 1e-3, so that"));
    }
}
