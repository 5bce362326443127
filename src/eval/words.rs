//! Whether the encoder's words are correct: each named dimension against the concept of its name, and the tag head
//! against its teacher.

use jukebox_encoder::Axis;
use jukebox_encoder::concepts::{ALL, Concept};

use super::findings::{Axes, AxisFound, TagHead};
use super::row::Points;
use crate::measure;

/// An encoder's words for the tracks of a corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// The name of each dimension; empty if they have no names.
    pub axes: Vec<Axis>,
    /// The names of its tags; empty without a tag head.
    pub tags: Vec<String>,
    /// The probability of each tag, for each track.
    pub probabilities: Vec<Option<Vec<f32>>>,
}

/// Tags whose values for the tracks of a corpus are known.
pub struct Tagged<'a> {
    /// Their source.
    pub whose: &'a str,
    /// Their names.
    pub names: &'a [String],
    /// Logits, for each track.
    pub logits: Vec<Option<Vec<f32>>>,
}

impl Heard {
    /// The output of its own tag head, as logits.
    pub fn tagged(&self) -> Tagged<'_> {
        let logit = |p: &f32| {
            let p = p.clamp(1e-6, 1.0 - 1e-6);
            (p / (1.0 - p)).ln()
        };
        let logits =
            self.probabilities.iter().map(|row| row.as_ref().map(|row| row.iter().map(logit).collect())).collect();
        Tagged { whose: "its own tag head", names: &self.tags, logits }
    }
}

/// Correlation from which a dimension counts as following its concept.
pub const FOLLOWS: f64 = 0.5;

/// How well each named dimension follows its concept; `None` without names.
pub fn axes(axes: &[Axis], latents: &Points, tagged: &Tagged) -> Option<Axes> {
    if axes.iter().all(|axis| axis.name.is_empty()) {
        return None;
    }
    let known: Vec<usize> = (0..latents.len()).filter(|&t| tagged.logits.get(t).is_some_and(Option::is_some)).collect();
    let columns: Vec<Vec<f64>> = (0..tagged.names.len())
        .map(|tag| {
            let value =
                |&t: &usize| tagged.logits[t].as_ref().and_then(|row| row.get(tag)).map_or(0.0, |v| f64::from(*v));
            standard(known.iter().map(value).collect())
        })
        .collect();
    let variances: Vec<f64> = (0..latents.dims).map(|d| variance(latents, d)).collect();
    let all: f64 = variances.iter().sum();
    let of = |(dim, axis): (usize, &Axis)| {
        let concept = ALL.iter().find(|c| c.name == axis.name);
        let target = concept.and_then(|concept| target(concept, tagged.names, &columns));
        let values: Vec<f64> = known.iter().map(|&t| f64::from(latents.row(t)[dim])).collect();
        AxisFound {
            dim: dim + 1,
            name: axis.name.clone(),
            low: axis.low.clone(),
            high: axis.high.clone(),
            share: variances[dim] / all.max(f64::MIN_POSITIVE),
            correlation: target.and_then(|target| measure::dimensions::pearson(&values, &target)),
        }
    };
    let named = axes.iter().enumerate().take(latents.dims).filter(|(_, axis)| !axis.name.is_empty());
    let lines: Vec<AxisFound> = named.map(of).collect();
    let correlations: Vec<f64> = lines.iter().filter_map(|l| l.correlation).collect();
    Some(Axes {
        tags: tagged.whose.into(),
        tracks: known.len(),
        follow: correlations.iter().filter(|r| **r >= FOLLOWS).count(),
        mean: (!correlations.is_empty()).then(|| correlations.iter().sum::<f64>() / correlations.len() as f64),
        lines,
    })
}

/// The concept's value for each track; `None` if a tag that it needs is missing.
fn target(concept: &Concept, names: &[String], columns: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut sum = vec![0.0; columns.first()?.len()];
    for (tag, weight) in concept.tags {
        let column = &columns[names.iter().position(|name| name == tag)?];
        sum.iter_mut().zip(column).for_each(|(s, v)| *s += f64::from(*weight) * v);
    }
    Some(sum)
}

/// A tag counts as present in a track if it is among this many of the most probable ones.
const TOP: usize = 3;
/// A tag counts if at least this many tracks have it and this many do not.
const FEWEST: usize = 5;

/// Compares the tag head with a teacher's labels of the same tracks; `None` if they have nothing in
/// common.
pub fn tag_head(heard: &Heard, teacher: &Tagged) -> Option<TagHead> {
    let shared: Vec<(usize, usize)> = teacher
        .names
        .iter()
        .enumerate()
        .filter_map(|(theirs, name)| Some((heard.tags.iter().position(|own| own == name)?, theirs)))
        .collect();
    let tracks: Vec<(&[f32], &[f32])> = heard
        .probabilities
        .iter()
        .zip(&teacher.logits)
        .filter_map(|(own, theirs)| Some((own.as_deref()?, theirs.as_deref()?)))
        .filter(|(own, theirs)| own.len() == heard.tags.len() && theirs.len() == teacher.names.len())
        .collect();
    let present: Vec<Vec<usize>> = tracks.iter().map(|(_, logits)| top(logits, TOP)).collect();
    let mut by_tag: Vec<(String, f64)> = Vec::new();
    for &(own, theirs) in &shared {
        let split = |has: bool| -> Vec<f32> {
            // `auc` treats smaller values as nearer.
            tracks
                .iter()
                .zip(&present)
                .filter(|(_, p)| p.contains(&theirs) == has)
                .map(|((own_row, _), _)| -own_row[own])
                .collect()
        };
        let (with, without) = (split(true), split(false));
        if with.len() >= FEWEST && without.len() >= FEWEST {
            by_tag.extend(measure::auc(&with, &without).map(|auc| (teacher.names[theirs].clone(), auc)));
        }
    }
    if by_tag.is_empty() {
        return None;
    }
    by_tag.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    let off = |(own, theirs): &(&[f32], &[f32])| {
        let gap = |&(o, t): &(usize, usize)| f64::from((own[o] - 1.0 / (1.0 + (-theirs[t]).exp())).abs());
        shared.iter().map(gap).sum::<f64>() / shared.len() as f64
    };
    Some(TagHead {
        teacher: teacher.whose.into(),
        tracks: tracks.len(),
        auc: by_tag.iter().map(|(_, auc)| auc).sum::<f64>() / by_tag.len() as f64,
        off: tracks.iter().map(off).sum::<f64>() / tracks.len() as f64,
        by_tag,
    })
}

/// The indexes of the `k` largest values.
pub(super) fn top(values: &[f32], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    order.truncate(k);
    order
}

fn variance(points: &Points, dim: usize) -> f64 {
    let n = points.len().max(1) as f64;
    let values = || (0..points.len()).map(|t| f64::from(points.row(t)[dim]));
    let mean = values().sum::<f64>() / n;
    values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n
}

/// Scales to mean 0 and variance 1; zeros for a constant column.
fn standard(mut column: Vec<f64>) -> Vec<f64> {
    let n = column.len().max(1) as f64;
    let mean = column.iter().sum::<f64>() / n;
    column.iter_mut().for_each(|v| *v -= mean);
    let deviation = (column.iter().map(|v| v * v).sum::<f64>() / n).sqrt();
    column.iter_mut().for_each(|v| *v /= if deviation > 0.0 { deviation } else { 1.0 });
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixty tracks whose first latent dimension follows its name, and whose second has a name unrelated to any tag.
    fn library() -> (Vec<Axis>, Points, Heard) {
        let [of_tags, unspoken, ..] = &ALL;
        let place = |i: usize| ((i * 37) % 60) as f32 / 60.0;
        let name = |name: &str| Axis { name: name.into(), low: "low".into(), high: "high".into() };
        let values = (0..60).flat_map(|i| [place(i), -place(i), 0.1]).collect();
        let says = |i: usize, weight: f32| 0.5 + 0.3 * weight.signum() * (2.0 * place(i) - 1.0);
        let probabilities =
            (0..60).map(|i| Some(of_tags.tags.iter().map(|(_, weight)| says(i, *weight)).collect())).collect();
        let tags = of_tags.tags.iter().map(|(tag, _)| tag.to_string()).collect();
        let axes = vec![name(of_tags.name), name(unspoken.name), Axis::default()];
        (axes, Points { dims: 3, values }, Heard { axes: Vec::new(), tags, probabilities })
    }

    #[test]
    fn a_dimension_is_held_against_its_name() {
        let (names, latents, heard) = library();
        let found = axes(&names, &latents, &heard.tagged()).unwrap();
        assert_eq!((found.lines.len(), found.follow, found.tracks), (2, 1, 60));
        assert!(found.lines[0].correlation.unwrap() > 0.95, "{found:?}");
        assert_eq!(found.lines[1].correlation, None, "its tags are not known");
        assert!((found.lines[0].share - 0.5).abs() < 1e-6);
        assert!(axes(&[Axis::default()], &latents, &heard.tagged()).is_none());
    }

    #[test]
    fn a_tag_head_is_held_against_its_teacher() {
        let (_, _, heard) = library();
        let own = heard.tags[0].clone();
        let names: Vec<String> = [own.as_str(), "a", "b", "c", "d"].map(String::from).into();
        // The tag is among the first three where the head's probability is highest.
        let first = |i: usize| heard.probabilities[i].as_ref().unwrap()[0];
        let logits = |i: usize| Some(vec![if first(i) > 0.6 { 1.0 } else { -2.0 }, 0.0, -3.0, -0.1, -0.2]);
        let teacher = Tagged { whose: "T", names: &names, logits: (0..60).map(logits).collect() };
        let found = tag_head(&heard, &teacher).unwrap();
        assert_eq!((found.by_tag.len(), found.auc, &found.by_tag[0].0), (1, 1.0, &own));
        let backwards = |p: &Option<Vec<f32>>| p.as_ref().map(|p| p.iter().map(|p| 1.0 - p).collect());
        let backwards = Heard { probabilities: heard.probabilities.iter().map(backwards).collect(), ..heard.clone() };
        assert!(tag_head(&backwards, &teacher).unwrap().auc < 0.01);
        let unheard = Tagged { logits: vec![None; 60], ..teacher };
        assert_eq!(tag_head(&heard, &unheard), None);
    }
}
