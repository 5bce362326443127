//! Figure 3 of docs/paper.md: curves of runs over those of the paper's authors.

use super::arm::Experiment;
use super::fault::PageError;
use super::groups::closest;
use super::record::Record;
use crate::picture::{Curve, curves_over, standalone};

/// The name of the figure beside the page.
pub const FILE: &str = "paper/fig3.svg";

/// Curves of others, to draw behind: name and accuracies by epoch.
pub type Others = Vec<(String, Vec<(f64, f64)>)>;

/// The arms that Figure 3 draws: those of the paper's, and as many as have a colour.
pub const ARMS: [&str; 5] = ["baseline", "bn", "dropout", "1d", "3x1"];

/// The runs of the setting that it draws, the closest to the paper's; `None` without a finished run.
pub fn runs(records: &[Record]) -> Option<Vec<&Record>> {
    closest(Experiment::Fig3, records).into_iter().next()
}

/// The figure as SVG: the first seed of each of its arms, over the curves of others. `None` without a finished run.
pub fn drawn(records: &[Record], others: &Others) -> Option<String> {
    let group = runs(records)?;
    let curve = |(name, points): (&str, Vec<(f64, f64)>)| Curve { name: name.into(), points };
    let of = |arm: &str| {
        let record = group.iter().filter(|r| r.arm == arm).min_by_key(|r| r.seed)?;
        let points = record.curve.iter().map(|p| (p.epoch as f64, p.validation)).collect();
        Some(curve((arm, points)))
    };
    let ours: Vec<Curve> = ARMS.into_iter().filter_map(of).collect();
    let named = |name: &str| format!("authors: {name}");
    let behind: Vec<Curve> = others.iter().map(|(name, points)| curve((&named(name), points.clone()))).collect();
    Some(standalone(&curves_over(&behind, &ours, "epoch", &|v| format!("{:.0} %", 100.0 * v), None)))
}

/// Reads curves of others: a header, then a name, an epoch and an accuracy a line, separated by tabs.
///
/// # Errors
/// The line that cannot be read.
pub fn others(text: &str) -> Result<Others, PageError> {
    let mut all: Others = Vec::new();
    for (i, line) in text.lines().enumerate().skip(1).filter(|(_, l)| !l.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).filter(|x| x.is_finite());
        let (Some(epoch), Some(accuracy)) = (number(1), number(2)) else {
            return Err(PageError::Curve(i + 1));
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
    use crate::training::lab::fixture::record;

    #[test]
    fn the_figure_has_ours_over_the_authors() {
        let others = others("curve\tepoch\taccuracy\nred\t1\t0.23\nred\t2\t0.24\n").unwrap();
        assert_eq!(others, [("red".to_string(), vec![(1.0, 0.23), (2.0, 0.24)])]);
        assert_eq!(drawn(&[], &others), None);
        let svg = drawn(&[record("baseline", 1, &[0.2, 0.4])], &others).unwrap();
        assert!(
            svg.contains("class=\"line n\"") && svg.contains("class=\"line a\"") && svg.contains("baseline"),
            "{svg}"
        );
        assert!(svg.contains(">authors: red<"), "{svg}");
        assert_eq!(super::others("h\nred\tone\t0.2"), Err(PageError::Curve(2)));
    }
}
