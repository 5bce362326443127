//! What is measured of the runs of the lab.

use super::estimate::Estimate;
use super::record::Record;

/// What is measured of a finished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The accuracy on the validation clips in the best epoch.
    Best,
    /// The mean of that in the last three epochs, which no epoch's luck flatters.
    Late,
    /// How far the last epochs lie below the best: the mean accuracy of the last ten minus that of the best one, 0 or less.
    Fall,
    /// The accuracy on the test clips.
    Test,
    /// The accuracy on the validation tracks as wholes.
    Tracks,
    /// That on validation and test tracks together, of which the former chose the epoch: either part alone is small.
    Both,
    /// Genre precision at 10 of the validation tracks.
    Precision,
    /// The error of the decoder's images in the last epoch, where guessing each band's mean is 1.
    Reconstruction,
    /// The explained share of the descriptors' variance in the last epoch.
    Described,
}

/// The last epochs of [`Measure::Late`].
const LATE: usize = 3;
/// Those of [`Measure::Fall`].
const FALLEN: usize = 10;

impl Measure {
    /// The value of a run, and the variance that it has because its clips are a sample.
    pub fn of(self, record: &Record) -> Option<(f64, f64)> {
        let [_, validation, test] = record.parts.unwrap_or([0, record.setting.counts[1], 0]);
        let outcome = record.outcome.as_ref();
        let share = |p: f64, clips: usize| (p, p * (1.0 - p) / clips.max(1) as f64);
        match self {
            Measure::Best => record.best().map(|best| share(best, validation)),
            Measure::Late => record.late(LATE).map(|late| share(late, validation)),
            Measure::Fall => {
                let (late, of_late) = share(record.late(FALLEN)?, validation);
                let (best, of_best) = share(record.best()?, validation);
                Some((late - best, of_late + of_best))
            }
            Measure::Test => record.test.map(|p| share(p, test)),
            Measure::Tracks => Some(share(outcome?.validation, validation)),
            Measure::Both => {
                let (own, other) = (outcome?.validation, record.test.unwrap_or(0.0));
                let test = if record.test.is_some() { test } else { 0 };
                let all = validation + test;
                Some(share((own * validation as f64 + other * test as f64) / all.max(1) as f64, all))
            }
            // The variance of a mean of numbers from 0 to 1 is this at most.
            Measure::Precision => outcome?.precision.map(|p| share(p, validation)),
            // Only seeds tell how far these are to be trusted.
            Measure::Reconstruction => outcome?.rebuilt().map(|error| (error, 0.0)),
            Measure::Described => outcome?.explained().map(|r2| (r2, 0.0)),
        }
    }

    /// The artist of each track that it is a share of, and whether what is said of it is right, 1 or 0, if the run kept that.
    pub fn rights(self, record: &Record) -> Option<Vec<(u32, f64)>> {
        let [validation, test] = record.outcome.as_ref()?.said.as_ref()?;
        match self {
            Measure::Tracks => Some(validation.rights().collect()),
            Measure::Test => Some(test.rights().collect()),
            Measure::Both => Some(validation.rights().chain(test.rights()).collect()),
            Measure::Best | Measure::Late | Measure::Fall => None,
            Measure::Precision | Measure::Reconstruction | Measure::Described => None,
        }
    }

    /// Whether it has a standard error only if there are several seeds.
    pub fn needs_seeds(self) -> bool {
        matches!(self, Measure::Reconstruction | Measure::Described)
    }

    /// What a difference of it is of; empty for an accuracy on validation clips.
    fn words(self) -> &'static str {
        match self {
            Measure::Best | Measure::Late | Measure::Fall | Measure::Tracks => "",
            Measure::Test => " on test clips",
            Measure::Both => " on validation and test tracks",
            Measure::Precision => " of genre P@10",
            Measure::Reconstruction => " in the decoder's error",
            Measure::Described => " in the share of variance",
        }
    }

    /// A difference of it, in points or, of what is no share of clips, as a number.
    pub fn told(self, difference: Estimate) -> String {
        let number = if self.needs_seeds() { difference.number() } else { format!("{} points", difference.points()) };
        format!("{number}{}", self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::effects::Arms;
    use crate::training::lab::fixture::{ended, record};

    #[test]
    fn the_fall_of_a_run_and_its_test_clips_are_measures_of_their_own() {
        let run = Record { test: Some(0.4), parts: Some([50, 100, 25]), ..record("crnn", 1, &[0.2, 0.6, 0.5]) };
        let none = record("strobe", 1, &[0.5]);
        let of = |measure| Arms::by(&[&run, &none], measure);
        assert_eq!(of(Measure::Best).mean("crnn").map(Estimate::percent).as_deref(), Some("60.0 ± 4.9"));
        assert_eq!(of(Measure::Test).mean("crnn").map(Estimate::percent).as_deref(), Some("40.0 ± 9.8"));
        assert_eq!(of(Measure::Test).mean("strobe"), None);
        // Of Emotify's 79 and 68 tracks: 45 and 48 of them.
        let emotify = Record { test: Some(48.0 / 68.0), parts: Some([253, 79, 68]), ..ended("plain", 1, 45.0 / 79.0) };
        let both = Arms::by(&[&emotify], Measure::Both).mean("plain").unwrap();
        assert!((both.value - 93.0 / 147.0).abs() < 1e-9 && both.percent() == "63.3 ± 4.0", "{both:?}");
        let alone = ended("plain", 1, 0.5);
        assert_eq!(
            Arms::by(&[&alone], Measure::Both).mean("plain").map(Estimate::percent).as_deref(),
            Some("50.0 ± 5.0")
        );
        // Its epochs are fewer than ten: 43.3 − 60.0, each ± 5.
        assert_eq!(of(Measure::Fall).mean("crnn").map(Estimate::points).as_deref(), Some("−16.7 ± 7.0"));
        assert_eq!(of(Measure::Late).mean("crnn").map(Estimate::percent).as_deref(), Some("43.3 ± 5.0"));
        let mut long = vec![0.9];
        long.extend([0.1; 20]);
        long.extend([0.8; 10]);
        let long = record("baseline", 1, &long);
        let fall = Arms::by(&[&long], Measure::Fall).mean("baseline").unwrap();
        assert!((fall.value + 0.1).abs() < 1e-9, "the last ten epochs alone: {}", fall.value);
        let four = record("baseline", 1, &[0.9, 0.1, 0.2, 0.3]);
        let late = Arms::by(&[&four], Measure::Late).mean("baseline").unwrap();
        assert!((late.value - 0.2).abs() < 1e-9, "the last three alone: {}", late.value);
    }
}
