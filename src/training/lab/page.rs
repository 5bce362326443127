//! What saved runs say, as Markdown for docs/paper.md: a summary, a part for each experiment, and a table of all claims,
//! between marks. The same runs give the same text.

use std::fmt::Write as _;

use super::arm::{Arm, Experiment};
use super::effects::{Arms, Estimate, Measure, name};
use super::factors::FACTORS;
use super::groups::{closest, settings};
use super::record::Record;
use super::{summary, verdicts};
use crate::picture::{Curve, curves_over, standalone};

/// The parts of the page, by the names of their marks.
pub const PARTS: [&str; 5] = ["summary", "ablation", "fig3", "table4", "claims"];

/// The name of the figure beside the page.
pub const FIGURE: &str = "paper/fig3.svg";

/// Curves of others, to draw behind: name and accuracies by epoch.
pub type Others = Vec<(String, Vec<(f64, f64)>)>;

/// The text of a part.
pub fn part(part: &str, records: &[Record]) -> String {
    match part {
        "summary" => summary::summary(records),
        "ablation" => experiment(Experiment::Ablation, records),
        "fig3" => experiment(Experiment::Fig3, records),
        "table4" => experiment(Experiment::Table4, records),
        _ => verdicts::table(records),
    }
}

/// The page with each part between its marks written anew.
///
/// # Errors
/// When a mark is missing.
pub fn written(page: &str, records: &[Record]) -> Result<String, String> {
    let mut page = page.to_string();
    for name in PARTS {
        let (begin, end) = (format!("<!-- lab:{name} -->\n"), format!("<!-- /lab:{name} -->"));
        let missing = || format!("the marks `{}` and `{end}` are missing", begin.trim());
        let from = page.find(&begin).ok_or_else(missing)? + begin.len();
        let to = from + page[from..].find(&end).ok_or_else(missing)?;
        page.replace_range(from..to, &part(name, records));
    }
    Ok(page)
}

fn experiment(experiment: Experiment, records: &[Record]) -> String {
    let groups = settings(experiment, records);
    if groups.is_empty() {
        return format!("Not run. Command: `{}`\n", experiment.command());
    }
    let mut out = String::new();
    for group in groups {
        heading(&mut out, experiment, &group);
        let arms = Arms::of(&group);
        table(&mut out, experiment, &group, &arms);
        match experiment {
            Experiment::Ablation => {
                effects(&mut out, &arms);
                pilots(&mut out, "input, normalisation, rate", &group);
            }
            Experiment::Table4 => pilots(&mut out, "architecture, rate", &group),
            Experiment::Fig3 => {
                let drawn = DRAWN.map(|arm| format!("`{arm}`")).join(", ");
                let _ = writeln!(
                    out,
                    "\n![Validation accuracy by epoch]({FIGURE})\n\nFirst seed of {drawn}; grey: the authors' own curves, read \
                     off their figure (`authors.tsv`)."
                );
            }
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
    if s.width < 512 || !s.images.ends_with("128 × 1280") {
        let _ = writeln!(out, "Scaled down: the paper's networks are 512 wide and see 128 × 1280.");
    }
    let mut versions: Vec<&str> = group.iter().map(|r| r.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    let _ = writeln!(out, "Command: `{}`; version {}.", s.command, versions.join(", "));
}

/// A row for every arm, with what is missing. Long arms are not counted as missing.
fn table(out: &mut String, experiment: Experiment, group: &[&Record], arms: &Arms) {
    let all = super::arm::arms(experiment);
    let usual: Vec<&Arm> = all.iter().filter(|arm| arm.epochs.is_none()).collect();
    let done = usual.iter().filter(|arm| group.iter().any(|r| r.arm == arm.name && r.finished)).count();
    if done < usual.len() {
        let _ = writeln!(out, "\n**Partial**: {done} of {} arms are finished.", usual.len());
    }
    let between = if arms.between_seeds() { "between seeds, pooled" } else { "√(p(1 − p)/n)" };
    let best = format!("best validation accuracy ± SE ({between})");
    let tested = (experiment == Experiment::Table4).then(|| Arms::by(group, Measure::Test));
    // Table 4 has a width for each architecture, and test clips.
    let line = |out: &mut String, cells: [&str; 7]| {
        let kept = cells.iter().enumerate().filter(|(i, _)| tested.is_some() || ![1, 5].contains(i));
        let _ = writeln!(out, "| {} |", kept.map(|(_, cell)| *cell).collect::<Vec<_>>().join(" | "));
    };
    out.push('\n');
    line(out, ["arm", "width", "rate", "seeds", &best, "test accuracy ± SE", "seconds an epoch"]);
    let _ = writeln!(out, "|{}", "---|".repeat(if tested.is_some() { 7 } else { 5 }));
    for Arm { name, .. } in &all {
        let own: Vec<&&Record> = group.iter().filter(|r| r.arm == *name).collect();
        let Some(first) = own.first() else {
            line(out, [name, "–", "–", "–", &format!("not run: `--only {name}`"), "–", "–"]);
            continue;
        };
        let seeds: Vec<String> = own.iter().filter(|r| r.finished).map(|r| r.seed.to_string()).collect();
        let accuracy = match arms.mean(name) {
            Some(accuracy) => format!("{} %", accuracy.percent()),
            None if own.iter().any(|r| r.diverged) => "diverged".into(),
            None => format!("partial: {} of {} epochs", first.curve.len(), first.config.epochs),
        };
        let test = tested.as_ref().and_then(|tested| tested.mean(name));
        let test = test.map_or("–".into(), |test| format!("{} %", test.percent()));
        let points: Vec<f64> = own.iter().flat_map(|r| r.curve.iter().map(|p| p.seconds)).collect();
        let seconds = points.iter().sum::<f64>() / points.len().max(1) as f64;
        let seeds = if seeds.is_empty() { "–".into() } else { seeds.join(", ") };
        let (width, rate) = (first.config.width.to_string(), format!("{:.0e}", first.config.rate));
        line(out, [name, &width, &rate, &seeds, &accuracy, &test, &format!("{seconds:.0}")]);
    }
}

/// Main effects and interactions.
fn effects(out: &mut String, arms: &Arms) {
    if arms.complete() < 16 {
        let _ = writeln!(out, "\nPartial effects, of the pairs of arms that are there:");
    }
    let _ = writeln!(out, "\n| effect on the accuracy, points | ± SE | pairs |\n|---|---|---|");
    let row = |out: &mut String, name: &str, found: Option<Estimate>| {
        let Some(found) = found else {
            let _ = writeln!(out, "| {name} | not run | 0 |");
            return;
        };
        let _ = writeln!(out, "| {name} | {} | {} |", found.points(), found.n);
    };
    (0..FACTORS.len()).for_each(|factor| row(out, &name(factor), arms.main(factor)));
    for (first, one) in FACTORS.iter().enumerate() {
        for (second, other) in FACTORS.iter().enumerate().skip(first + 1) {
            let name = format!("{} × {}", one.0, other.0);
            row(out, &name, arms.interaction(first, second));
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
        let best = match record.best() {
            Some(best) => format!("{:.1} %", 100.0 * best),
            None => "diverged".into(),
        };
        let _ = writeln!(out, "| {} | {} | {best} |", record.arm.trim_start_matches("pilot-"), record.curve.len());
    }
}

/// The arms that Figure 3 draws: those of the paper's, and as many as have a colour.
const DRAWN: [&str; 5] = ["baseline", "bn", "dropout", "1d", "3x1"];

/// Figure 3: the first seed of each of its arms in the closest setting, over the curves of others. `None` without a run.
pub fn figure(records: &[Record], others: &Others) -> Option<String> {
    let group = closest(Experiment::Fig3, records).into_iter().next()?;
    let curve = |(name, points): (&str, Vec<(f64, f64)>)| Curve { name: name.into(), points };
    let of = |arm: &str| {
        let record = group.iter().filter(|r| r.arm == arm).min_by_key(|r| r.seed)?;
        let points = record.curve.iter().map(|p| (p.epoch as f64, p.validation)).collect();
        Some(curve((arm, points)))
    };
    let ours: Vec<Curve> = DRAWN.into_iter().filter_map(of).collect();
    let behind: Vec<Curve> = others.iter().map(|(name, points)| curve((name, points.clone()))).collect();
    Some(standalone(&curves_over(&behind, &ours, "epoch", &|v| format!("{:.0} %", 100.0 * v), None)))
}

/// Reads curves of others: a header, then a name, an epoch and an accuracy a line, separated by tabs.
///
/// # Errors
/// The line that cannot be read.
pub fn others(text: &str) -> Result<Others, String> {
    let mut all: Others = Vec::new();
    for (i, line) in text.lines().enumerate().skip(1).filter(|(_, l)| !l.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).filter(|x| x.is_finite());
        let (Some(epoch), Some(accuracy)) = (number(1), number(2)) else {
            return Err(format!("line {}: a curve's name, an epoch and an accuracy are wanted", i + 1));
        };
        match all.iter_mut().find(|(name, _)| name == fields[0]) {
            Some((_, points)) => points.push((epoch, accuracy)),
            None => all.push((fields[0].into(), vec![(epoch, accuracy)])),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::factors::Factors;
    use crate::training::lab::fixture::record;

    const PAGE: &str = "# P\n<!-- lab:summary -->\nstale\n<!-- /lab:summary -->\n<!-- lab:ablation -->\n<!-- /lab:ablation -->\n\
                        between\n<!-- lab:fig3 -->\n<!-- /lab:fig3 -->\n<!-- lab:table4 -->\n<!-- /lab:table4 -->\n\
                        <!-- lab:claims -->\n<!-- /lab:claims -->\nend\n";

    #[test]
    fn without_runs_the_page_says_so_and_how() {
        let page = written(PAGE, &[]).unwrap();
        assert!(page.contains("Not run. Command: `jukebox lab ablation --data strobe:DIR`"), "{page}");
        assert!(page.contains("Not run. Command: `jukebox lab table4 --data strobe:DIR --width 64`"), "{page}");
        assert!(page.contains("- **Held**: nothing was run yet."));
        assert!(page.contains("between\n") && page.ends_with("end\n") && !page.contains("stale"));
        assert_eq!(written(&page, &[]).unwrap(), page, "writing again changes nothing");
        assert!(written("# P\n", &[]).unwrap_err().contains("lab:summary"));
    }

    #[test]
    fn a_part_of_the_arms_is_marked_partial() {
        let done = [0b0000, 0b1000].map(|n| record(&Factors::of(n).name(), 1, &[0.2 + 0.1 * f64::from(n as u8 / 8)]));
        let pilot = record("pilot-log-bn-3e-4", 1, &[0.25]);
        let half = Record { finished: false, ..record("power-logits-plain-fixed", 1, &[0.3]) };
        let runs: Vec<Record> = done.into_iter().chain([pilot, half]).collect();
        let text = part("ablation", &runs);
        assert!(text.contains("**Partial**: 2 of 16 arms are finished."), "{text}");
        assert!(text.contains("| power-sigmoid-plain-fixed | 1e-4 | 1 | 20.0 ± 4.0 % | 1 |"), "{text}");
        assert!(text.contains("| power-logits-plain-fixed | 1e-4 | – | partial: 1 of 12 epochs | 1 |"), "{text}");
        assert!(text.contains("not run: `--only log-logits-bn-shuffled`"), "{text}");
        assert!(text.contains("| input: log − power | +10.0 ± 6.1 | 1 |"), "{text}");
        assert!(
            text.contains("| input × head | not run | 0 |") && text.contains("| log-bn-3e-4 | 1 | 25.0 % |"),
            "{text}"
        );
    }

    #[test]
    fn a_setting_of_whole_images_has_a_table_of_its_own() {
        let small = record("power-sigmoid-bn-fixed", 1, &[0.2]);
        let mut whole = record("log-sigmoid-bn-fixed", 1, &[0.3]);
        (whole.setting.width, whole.setting.images) = (64, "powers, 128 × 1280".into());
        let text = part("ablation", &[small, whole]);
        assert_eq!(text.matches("**Partial**: 1 of 16 arms are finished.").count(), 2, "{text}");
        assert!(text.contains("genres, powers, 128 × 1280; width 64, 12 epochs."), "{text}");
    }

    #[test]
    fn long_arms_are_listed_and_not_missed() {
        let eight = ["baseline", "bn", "dropout", "bn-batch8", "bn-batch64", "batch64", "1d", "3x1"];
        let mut runs: Vec<Record> = eight.map(|arm| record(arm, 1, &[0.5])).to_vec();
        let text = part("fig3", &runs);
        assert!(!text.contains("**Partial**") && text.contains("not run: `--only dropout-100`"), "{text}");
        runs.push(Record { finished: false, ..record("dropout-100", 1, &[0.3]) });
        assert!(part("fig3", &runs).contains("| partial: 1 of 100 epochs |"));
    }

    #[test]
    fn table_4_has_widths_and_test_clips() {
        let tested = |arm: &str, parts: [usize; 3]| Record {
            test: Some(0.4),
            parts: Some(parts),
            ..record(arm, 1, &[0.3, 0.5])
        };
        let runs = [tested("paper-random", [450, 90, 60]), tested("strobe", [400, 100, 100])];
        let text = part("table4", &runs);
        assert!(text.contains("400 training, 100 validation and 100 test clips of 8 genres"), "{text}");
        assert!(text.contains("the paper's networks of width 32, 12 epochs.\nScaled down"), "{text}");
        // Each by the number of its own clips.
        assert!(text.contains("| strobe | 24 | 3e-3 | 1 | 50.0 ± 5.0 % | 40.0 ± 4.9 % | 1 |"), "{text}");
        assert!(text.contains("| paper-random | 32 | 1e-4 | 1 | 50.0 ± 5.3 % | 40.0 ± 6.3 % | 1 |"), "{text}");
        assert!(text.contains("| crnn | – | – | – | not run: `--only crnn` | – | – |"), "{text}");
        let columns = |line: &str| line.matches('|').count();
        assert!(text.lines().filter(|l| l.starts_with('|')).all(|l| columns(l) == 8), "{text}");
    }

    #[test]
    fn the_figure_has_ours_over_the_authors() {
        let others = others("curve\tepoch\taccuracy\nred\t1\t0.23\nred\t2\t0.24\n").unwrap();
        assert_eq!(others, [("red".to_string(), vec![(1.0, 0.23), (2.0, 0.24)])]);
        assert_eq!(figure(&[], &others), None);
        let svg = figure(&[record("baseline", 1, &[0.2, 0.4])], &others).unwrap();
        assert!(
            svg.contains("class=\"line n\"") && svg.contains("class=\"line a\"") && svg.contains("baseline"),
            "{svg}"
        );
        assert!(super::others("h\nred\tone\t0.2").unwrap_err().contains("line 2"));
    }
}
