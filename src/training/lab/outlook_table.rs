//! The parts of docs/paper.md about the outlook and about transfer: for each setting a row for every arm, against the arm
//! from which they differ.

use std::fmt::Write as _;

use super::arm::{Experiment, arms as arms_of};
use super::effects::Arms;
use super::estimate::Estimate;
use super::groups::{arms_run, command, settings};
use super::measures::Measure;
use super::outlook::{PLAIN, SCRATCH, WINDOWS};
use super::record::Record;
use super::said::balanced;

/// The part of an experiment that goes beyond the paper.
pub fn part(experiment: Experiment, records: &[Record]) -> String {
    let groups = settings(experiment, records);
    if groups.is_empty() {
        return format!("Not run. Command: `{}`\n", experiment.command());
    }
    let most = groups.iter().map(|group| arms_run(group)).max();
    let table = |group: &Vec<&Record>| table(experiment, group, most == Some(arms_run(group)));
    groups.iter().map(table).collect::<Vec<_>>().join("\n")
}

/// The arm that the others are compared with.
fn beside(experiment: Experiment) -> &'static str {
    if experiment == Experiment::Transfer { SCRATCH } else { PLAIN }
}

/// A row for every arm; for those that were not run only if `missing`.
fn table(experiment: Experiment, group: &[&Record], missing: bool) -> String {
    let mut out = heading(experiment, group);
    let all = arms_of(experiment);
    let done = all.iter().filter(|arm| group.iter().any(|r| r.arm == arm.name && r.finished)).count();
    if done < all.len() {
        let _ = writeln!(out, "\n**Partial**: {done} of {} arms have a finished run.", all.len());
    }
    let by = |measure| Arms::by(group, measure);
    let (tracks, test, both) = (by(Measure::Tracks), by(Measure::Test), by(Measure::Both));
    let precision = by(Measure::Precision);
    let (decoded, described) = (by(Measure::Reconstruction), by(Measure::Described));
    let errors = tracks.errors();
    let beside = beside(experiment);
    let _ = writeln!(
        out,
        "\n| arm | seeds | validation accuracy ± SE ({errors}) | test accuracy ± SE | both ± SE | both − `{beside}`, points | \
         both, balanced | genre P@10 ± SE | decoder's error | R² of descriptors | seconds an epoch |\n|{}",
        "---|".repeat(11)
    );
    for name in all.iter().map(|arm| arm.name.as_str()) {
        let own: Vec<&Record> = group.iter().copied().filter(|r| r.arm == name).collect();
        let Some(first) = own.first() else {
            if missing {
                let _ = writeln!(out, "| {name} | – | not run: `--only {name}` |{}", " – |".repeat(8));
            }
            continue;
        };
        let percent = |arms: &Arms| arms.mean(name).map(|mean| format!("{} %", mean.percent()));
        let against = if name == beside { None } else { both.against(name, beside) };
        // Without several seeds their error is not known.
        let number = |arms: &Arms| {
            let mean = arms.mean(name)?;
            Some(if arms.between_seeds() { mean.number() } else { format!("{:.3}", mean.value).replace('-', "−") })
        };
        let reached = match (percent(&tracks), lost(&own)) {
            (Some(reached), lost) if lost.is_empty() => reached,
            (Some(reached), lost) => format!("{reached}; seed {lost} diverged"),
            (None, lost) if !lost.is_empty() => "diverged".into(),
            (None, _) => format!("partial: {} of {} epochs", first.curve.len(), first.config.epochs),
        };
        let points: Vec<f64> = own.iter().flat_map(|r| r.curve.iter().map(|p| p.seconds)).collect();
        let seconds = points.iter().sum::<f64>() / points.len().max(1) as f64;
        let cells = [
            Some(name.to_string()),
            Some(seeds(&own, false)).filter(|seeds| !seeds.is_empty()),
            Some(reached),
            percent(&test),
            percent(&both),
            against.map(Estimate::points),
            balance(&own),
            percent(&precision),
            number(&decoded),
            number(&described),
            Some(format!("{seconds:.1}")),
        ];
        let cells = cells.map(|cell| cell.unwrap_or_else(|| "–".into()));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    windows(&mut out, group);
    older(&mut out, group);
    out
}

/// The mean balanced accuracy of the runs that kept what they say of each track.
fn balance(own: &[&Record]) -> Option<String> {
    let known = own.iter().filter(|r| r.finished && !r.diverged).filter_map(|r| r.outcome.as_ref()?.said.as_ref());
    let known: Vec<f64> = known.filter_map(|parts| balanced(parts)).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    (!known.is_empty()).then(|| format!("{:.1} %", 100.0 * mean))
}

/// The seeds of runs that ended well, or of those that diverged.
fn seeds(own: &[&Record], diverged: bool) -> String {
    let own = own.iter().filter(|r| r.finished && r.diverged == diverged).map(|r| r.seed.to_string());
    own.collect::<Vec<_>>().join(", ")
}

/// The seeds of runs that diverged.
fn lost(own: &[&Record]) -> String {
    seeds(own, true)
}

/// What the setting is, and the command.
fn heading(experiment: Experiment, group: &[&Record]) -> String {
    let s = &group[0].setting;
    let [training, validation] = s.counts;
    let said = group.iter().find_map(|r| r.outcome.as_ref()?.said.as_ref());
    let parts = said.map_or(String::new(), |[validation, test]| {
        format!(
            "Validation: {}; test: {}. Where both arms kept what they say of each track, their difference is taken track by track, and \
             its error by drawing artists anew.\n",
            validation.words(),
            test.words()
        )
    });
    let tested = group.iter().find_map(|r| r.parts).map_or(String::new(), |[.., test]| format!(", {test} to test on"));
    format!(
        "{}: {training} tracks to train on, {validation} to validate on{tested}, of {} genres, {}; {} epochs.\n{}\
         Verdicts are given by validation and test tracks together, because either part is small; the validation tracks chose the epoch.\n{parts}",
        s.data,
        s.genres,
        s.images,
        s.epochs,
        command(experiment, group)
    )
}

/// Of the arm that learns from three windows, what comes of learning and what of averaging.
fn windows(out: &mut String, group: &[&Record]) {
    let (whole, middle) = (Arms::by(group, Measure::Tracks), Arms::of(group));
    let of = || {
        let (averaged, alone) = (whole.mean(WINDOWS)?, middle.mean(WINDOWS)?);
        Some((averaged, alone, alone.minus(middle.mean(PLAIN)?)))
    };
    if let Some((averaged, alone, gain)) = of() {
        let alone = Estimate::percent(alone);
        let _ = writeln!(
            out,
            "\n`{WINDOWS}` by the window in the middle alone: {alone} % in its best epoch, {} points against `{PLAIN}`; by all three: {} %.",
            gain.points(),
            averaged.percent()
        );
    }
}

/// That figures of heads are of another epoch where records do not have those of the last one.
fn older(out: &mut String, group: &[&Record]) {
    let mut outcomes = group.iter().filter_map(|r| r.outcome.as_ref());
    let of_best = outcomes.any(|own| {
        (own.reconstruction.is_some() && own.last_reconstruction.is_none())
            || (own.described.is_some() && own.last_described.is_empty())
    });
    if of_best {
        let _ = writeln!(
            out,
            "\nDecoder's errors and R² of descriptors are those of the last epoch, but of runs that did not keep these they are those of \
             the epoch that is best for genres."
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::{ended, record};
    use crate::training::lab::said::Said;

    #[test]
    fn every_arm_has_a_row_and_is_compared() {
        assert_eq!(part(Experiment::Outlook, &[]), "Not run. Command: `jukebox lab outlook --data tree:DIR`\n");
        assert_eq!(part(Experiment::Transfer, &[]), "Not run. Command: `jukebox lab transfer --data tree:DIR`\n");
        let tested = |arm: &str, seed: u64, validation: f64| {
            let mut run = ended(arm, seed, validation);
            (run.test, run.parts) = (Some(validation - 0.1), Some([400, 100, 50]));
            run
        };
        let mut decoder = tested("decoder-1", 1, 0.8);
        decoder.outcome.as_mut().unwrap().reconstruction = Some(0.5);
        decoder.outcome.as_mut().unwrap().precision = Some(0.6);
        decoder.outcome.as_mut().unwrap().said =
            Some([Said { artists: vec![0, 0, 1], genres: vec![0, 0, 1], said: vec![0, 0, 0] }, Said::default()]);
        let half = Record { finished: false, outcome: None, ..record("described", 1, &[0.3]) };
        let mut windows = tested("windows-3", 1, 0.8);
        windows.curve = record("windows-3", 1, &[0.6, 0.75]).curve;
        let lost = Record { diverged: true, outcome: None, ..record("pitch-rolled", 1, &[0.3]) };
        let runs = [tested(PLAIN, 1, 0.7), tested(PLAIN, 2, 0.72), decoder, half, windows, lost];
        let text = part(Experiment::Outlook, &runs);
        assert!(
            text.starts_with("emotify: 400 tracks to train on, 100 to validate on, 50 to test on, of 8 genres, "),
            "{text}"
        );
        let parts =
            "Validation: 3 tracks by 2 artists, 66.7 % of one genre; test: 0 tracks by 0 artists, 0.0 % of one genre.";
        assert!(text.contains(parts), "{text}");
        assert!(text.contains("**Partial**: 4 of 12 arms have a finished run."), "{text}");
        let head = "validation accuracy ± SE (seeds and tracks) | test accuracy ± SE | both ± SE | both − `plain`, points | both, balanced |";
        assert!(text.contains(head), "{text}");
        // The variance between seeds is 0.02²/2, that of a share of the tracks p(1 − p)/n.
        for row in [
            "| plain | 1, 2 | 71.0 ± 4.6 % | 61.0 ± 7.0 % | 67.7 ± 3.9 % | – | – | – | – | – | 1.0 |",
            "| decoder-1 | 1 | 80.0 ± 4.2 % | 70.0 ± 6.6 % | 76.7 ± 3.7 % | +9.0 ± 5.4 | 50.0 % | 60.0 ± 4.9 % | 0.500 | – | 1.0 |",
            "| described | – | partial: 1 of 40 epochs | – | – | – | – | – | – | – | 1.0 |",
            "| pitch-rolled | – | diverged | – | – | – | – | – | – | – | 1.0 |",
            "| strobe-frozen | – | not run: `--only strobe-frozen` | – | – | – | – | – | – | – | – |",
        ] {
            assert!(text.lines().any(|line| line == row), "no `{row}` in:\n{text}");
        }
        let alone = "`windows-3` by the window in the middle alone: 75.0 ± 4.6 % in its best epoch, +4.0 ± 6.5 points against `plain`; by all \
                     three: 80.0 ± 4.2 %.";
        assert!(text.contains(alone), "{text}");
        assert!(text.ends_with("they are those of the epoch that is best for genres.\n"), "{text}");
        let columns = |line: &str| line.matches(" |").count();
        assert!(text.lines().filter(|l| l.starts_with("| ")).all(|l| columns(l) == 11), "{text}");
    }

    #[test]
    fn transfer_is_compared_with_the_same_network_from_scratch() {
        let text = part(Experiment::Transfer, &[ended(SCRATCH, 1, 0.6), ended("frozen", 1, 0.7)]);
        // √(0.6 · 0.4/100 + 0.7 · 0.3/100)
        assert!(text.contains("| frozen | 1 | 70.0 ± 4.6 % | – | 70.0 ± 4.6 % | +10.0 ± 6.7 | – |"), "{text}");
        assert!(text.contains("**Partial**: 2 of 3 arms") && text.contains("not run: `--only fine-tuned`"), "{text}");
    }
}
