//! What is told of the heads of a training: how well its decoder guesses images, and its linear head descriptors.

use std::fmt::Write;

use jukebox_encoder::train::EpochReport;

use super::{DataSet, Part};
use crate::picture::{self, Curve};
use crate::text;

/// An epoch's line about the heads; empty without them.
pub fn words(epoch: &EpochReport) -> String {
    let image = epoch.reconstruction.map(|error| format!("reconstruction {error:.3}"));
    let sound = epoch.mean_described().map(|r2| format!("descriptors R² {r2:.3}"));
    image.into_iter().chain(sound).collect::<Vec<_>>().join(", ")
}

/// The same in few columns.
pub fn short(epoch: &EpochReport) -> String {
    let image = epoch.reconstruction.map(|error| format!("reconstruction {error:.2}"));
    let of = if image.is_some() { "" } else { "descriptors " };
    let sound = epoch.mean_described().map(|r2| format!("{of}R² {r2:.2}"));
    image.into_iter().chain(sound).collect::<Vec<_>>().join(", ")
}

/// Rows for the table of a report about the epoch that is kept: a name, and its value.
pub(super) fn rows(epoch: &EpochReport) -> Vec<(&'static str, String)> {
    let image = epoch.reconstruction.map(|error| format!("{error:.3}, where guessing each band's mean is 1"));
    let sound = epoch.mean_described().map(|r2| format!("{r2:.3}, the mean of those that have one, see below"));
    let named = [("error of the decoder's images", image), ("R² of the descriptors", sound)];
    named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The names of the descriptors of the clips, and of how many validation clips each is known.
pub(super) fn known(data: &DataSet) -> Vec<(String, usize)> {
    let names = &data.clips.descriptor_names;
    let is_known = |clip: usize, d: usize| {
        data.clips.descriptors.get(clip * names.len() + d).is_some_and(|descriptor| descriptor.is_finite())
    };
    let count = |d: usize| data.split.of(Part::Validation).filter(|clip| is_known(*clip, d)).count();
    names.iter().enumerate().map(|(d, name)| (name.clone(), count(d))).collect()
}

/// The section of a report about the descriptors, in the epoch that is kept; empty where none are guessed. `known` is as
/// [`known`] returns it.
pub(super) fn section(epoch: &EpochReport, known: &[(String, usize)]) -> String {
    let mut out = String::new();
    if epoch.described.is_empty() {
        return out;
    }
    out.push_str(
        "\n## Descriptors\n\nHow much of each descriptor's variance a linear guess from the 32 numbers explains, on the validation \
         clips of which it is known; below 0 it is worse than the mean.\n\n\
         | descriptor | validation clips | R² |\n|---|---|---|\n",
    );
    for ((name, clips), r2) in known.iter().zip(&epoch.described) {
        let r2 = r2.map_or_else(|| "too few are known, or all alike".to_string(), |r2| format!("{r2:.3}"));
        let _ = writeln!(out, "| {} | {clips} | {r2} |", text::sanitize(name));
    }
    out
}

/// Name, heading, explanation and SVG of a picture.
type Shown = (&'static str, &'static str, String, String);

/// The pictures of a report about the heads. `mark` is the epoch that is kept, and `drawn` what its decoder guesses
/// ([`super::reconstructions::drawn`]).
pub(super) fn pictures(epochs: &[EpochReport], mark: Option<f64>, drawn: Option<&str>) -> Vec<Shown> {
    let curve = |name: &str, of: &dyn Fn(&EpochReport) -> Option<f64>| Curve {
        name: name.into(),
        points: epochs.iter().filter_map(|e| Some((e.epoch as f64, of(e)?))).collect(),
    };
    let image = curve("error", &|e| e.reconstruction);
    let sound = curve("mean R²", &EpochReport::mean_described);
    let told = [
        (
            "reconstruction",
            "Reconstruction",
            "Squared error of the decoder's images of validation clips; guessing each band's mean is 1.",
            image,
        ),
        (
            "descriptors",
            "Descriptors by epoch",
            "Explained share of the descriptors' variance on validation clips, the mean over those that have one.",
            sound,
        ),
    ];
    let curves = told.into_iter().filter(|(.., curve)| !curve.points.is_empty());
    let mut all: Vec<Shown> = curves
        .map(|(name, heading, words, curve)| {
            (name, heading, words.into(), picture::curves(&[curve], "epoch", &|v| format!("{v:.2}"), mark))
        })
        .collect();
    if let Some(svg) = drawn {
        let words = "The coarse images of a few validation clips, and below each what the decoder of the epoch that is kept guesses of it \
                     from the 32 numbers. Blue is quieter than the band's mean over the training clips, red louder.";
        // Beside the curve of its error, which is the first.
        all.insert(all.len().min(1), ("reconstructions", "Reconstructions", words.into(), svg.into()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_without_heads_says_nothing_of_them() {
        let plain = EpochReport { epoch: 1, loss: 1.0, ..EpochReport::default() };
        assert_eq!(
            (words(&plain) + &short(&plain), rows(&plain).len(), section(&plain, &[]).as_str()),
            (String::new(), 0, "")
        );
        assert!(pictures(&[plain], None, None).is_empty());
    }

    #[test]
    fn heads_are_told_in_line_table_section_and_pictures() {
        let described = vec![Some(0.5), None, Some(-0.1)];
        let epoch = EpochReport { epoch: 1, reconstruction: Some(0.71), described, ..EpochReport::default() };
        assert_eq!(words(&epoch), "reconstruction 0.710, descriptors R² 0.200");
        assert_eq!(short(&epoch), "reconstruction 0.71, R² 0.20");
        assert_eq!(short(&EpochReport { reconstruction: None, ..epoch.clone() }), "descriptors R² 0.20");
        assert!(rows(&epoch)[0].1.starts_with("0.710") && rows(&epoch)[1].1.starts_with("0.200"));
        let section = section(&epoch, &[("tempo", 40), ("key", 19), ("energy", 38)].map(|(d, n)| (d.to_string(), n)));
        for row in
            ["| tempo | 40 | 0.500 |", "| key | 19 | too few are known, or all alike |", "| energy | 38 | -0.100 |"]
        {
            assert!(section.lines().any(|line| line == row), "no `{row}` in:\n{section}");
        }
        let names =
            |drawn| pictures(std::slice::from_ref(&epoch), Some(1.0), drawn).iter().map(|p| p.0).collect::<Vec<_>>();
        assert_eq!(names(None), ["reconstruction", "descriptors"]);
        assert_eq!(names(Some("<svg></svg>")), ["reconstruction", "reconstructions", "descriptors"]);
    }
}
