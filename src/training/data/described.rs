//! The descriptors of a data set's tracks, which `jukebox train --describe` has an encoder guess: the program's own, or
//! those of a data set.
//!
//! Of the program's own, a circular one becomes two numbers, the cosine and the sine of its turn, since its ends meet: the
//! tempo, whose turn is its logarithm up to octaves, and the key.

use std::collections::BTreeSet;
use std::f32::consts::TAU;

use super::{DataError, DataSet};
use crate::latent::named::{NAMED, NamedValues};
use crate::training::split::Part;

/// The names of the numbers that [`numbers`] returns.
pub(super) fn names() -> Vec<String> {
    let of = |name: &str, circular: bool| match circular {
        true => vec![format!("{name} (cosine)"), format!("{name} (sine)")],
        false => vec![name.to_string()],
    };
    NAMED.iter().flat_map(|named| of(named.name, named.circular)).collect()
}

/// The program's own descriptors of a track; NaN where unknown.
pub(super) fn numbers(values: &NamedValues) -> Vec<f32> {
    let of = |value: f32, circular: bool| match circular {
        true => vec![(TAU * value).cos(), (TAU * value).sin()],
        false => vec![value],
    };
    NAMED.iter().zip(values).flat_map(|(named, value)| of(*value, named.circular)).collect()
}

/// Refuses data that has no descriptors, before it is read.
///
/// # Errors
/// What to use instead.
pub(super) fn can_have(data: &str) -> Result<(), DataError> {
    match data.strip_prefix("strobe:").or(data.strip_prefix("distil:")) {
        None => Ok(()),
        Some(_) => Err(DataError::NoDescriptors(data.into())),
    }
}

/// How more tracks of a library get descriptors.
pub(super) const SCANNED: &str = "`jukebox scan` measures them";
/// How more files do.
pub(super) const MEASURED: &str = "they are measured of files that can be decoded and are not silent";

/// Names the descriptors of a set whose clips have them, leaves out those that no clip has, and notes how many tracks have
/// any.
///
/// # Errors
/// When too few tracks have any; `how` says how more would.
pub(super) fn named(mut set: DataSet, names: &[String], how: &'static str) -> Result<DataSet, DataError> {
    let clips = &mut set.clips;
    let rows: Vec<&[f32]> = clips.descriptors.chunks_exact(names.len().max(1)).collect();
    let kept: Vec<usize> = (0..names.len()).filter(|d| rows.iter().any(|row| row[*d].is_finite())).collect();
    let known = rows.iter().zip(&set.track).filter(|(row, _)| row.iter().any(|x| x.is_finite()));
    let tracks = known.map(|(_, track)| *track).collect::<BTreeSet<u32>>().len();
    let descriptors = rows.iter().flat_map(|row| kept.iter().map(move |d| row[*d])).collect();
    clips.descriptors = descriptors;
    clips.descriptor_names = kept.iter().map(|d| names[*d].clone()).collect();
    let (all, words) = (set.tracks.len(), clips.descriptor_names.join(", "));
    set.notes.push(format!("{tracks} of {all} tracks have descriptors: {words}"));
    check(&set, how)?;
    Ok(set)
}

/// Checks that descriptors are known of some tracks to train on and of some to validate on.
fn check(set: &DataSet, how: &'static str) -> Result<(), DataError> {
    let wide = set.clips.descriptor_names.len().max(1);
    let rows: Vec<&[f32]> = set.clips.descriptors.chunks_exact(wide).collect();
    let known = |part: Part| {
        let of = |i: usize| rows.get(i).is_some_and(|row| row.iter().any(|x| x.is_finite()));
        set.split.of(part).filter(|i| of(*i)).map(|i| set.track[i]).collect::<BTreeSet<u32>>().len()
    };
    let [training, validation] = [Part::Training, Part::Validation].map(known);
    if training >= 2 && validation >= 2 {
        return Ok(());
    }
    Err(DataError::FewDescriptors { data: set.name.clone(), training, validation, how })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_become_two_numbers_each() {
        let names = names();
        assert_eq!((names.len(), names[0].as_str(), names[3].as_str()), (15, "tempo (cosine)", "key (sine)"));
        let mut values = [f32::NAN; NAMED.len()];
        (values[0], values[3]) = (0.25, 1500.0);
        let numbers = numbers(&values);
        assert_eq!(numbers.len(), names.len());
        assert!(numbers[0].abs() < 1e-6 && (numbers[1] - 1.0).abs() < 1e-6, "a quarter of an octave");
        assert_eq!((names[5].as_str(), numbers[5]), ("brightness", 1500.0));
        assert_eq!(numbers.iter().filter(|x| x.is_nan()).count(), 12);
    }

    #[test]
    fn images_alone_are_refused() {
        for data in ["strobe:/x", "distil:/y"] {
            let why = can_have(data).unwrap_err().to_string();
            assert!(why.contains("--describe") && why.contains(data) && why.contains("--data library"), "{why}");
        }
        assert!(["library", "tree:/x", "fma:/x", "taught:musicnn"].iter().all(|data| can_have(data).is_ok()));
    }
}
