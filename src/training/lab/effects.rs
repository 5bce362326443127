//! Means of arms, and what the four factors of the ablation do, with standard errors.
//!
//! An arm's accuracy is the mean over its seeds, of the best validation accuracy of any epoch unless another measure is
//! asked for; runs that diverged do not enter it. Its variance is pooled from the differences between seeds if any arm has
//! several, and otherwise that of a share of n clips, p(1 − p)/n. The latter is too large where arms are measured on the
//! same clips. Where they are not, and where the clips are few, it belongs to the difference beside the former.

use super::estimate::Estimate;
use super::factors::{FACTORS, Factors};
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
    fn of(self, record: &Record) -> Option<(f64, f64)> {
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

/// A run that did not diverge.
struct Run<'a> {
    arm: &'a str,
    value: f64,
    /// The variance that it has because its clips are a sample.
    sampling: f64,
}

/// The finished runs of a setting, by arm.
pub struct Arms<'a> {
    runs: Vec<Run<'a>>,
    /// The arms of those that diverged.
    diverged: Vec<&'a str>,
    /// The variance of a run about its arm's mean and its degrees of freedom, if several seeds tell them.
    spread: Option<(f64, f64)>,
    /// Whether the clips are so few that their choice counts.
    small: bool,
}

impl<'a> Arms<'a> {
    /// Of records of one setting, by their best epochs; unfinished runs do not count.
    pub fn of(records: &[&'a Record]) -> Arms<'a> {
        Arms::by(records, Measure::Best)
    }

    /// The same by another measure.
    pub fn by(records: &[&'a Record], measure: Measure) -> Arms<'a> {
        let finished = records.iter().copied().filter(|r| r.finished && !r.is_pilot());
        let (lost, kept): (Vec<&Record>, Vec<&Record>) = finished.partition(|r| r.diverged);
        let run = |r: &'a Record| measure.of(r).map(|(value, sampling)| Run { arm: r.arm.as_str(), value, sampling });
        let runs: Vec<Run> = kept.into_iter().filter_map(run).collect();
        let mut names: Vec<&str> = runs.iter().map(|run| run.arm).collect();
        names.sort_unstable();
        names.dedup();
        let (mut squares, mut freedom) = (0.0, 0);
        for name in names {
            let own: Vec<f64> = runs.iter().filter(|run| run.arm == name).map(|run| run.value).collect();
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            squares += own.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
            freedom += own.len() - 1;
        }
        let freedom = freedom as f64;
        let diverged = lost.into_iter().map(|r| r.arm.as_str()).collect();
        let small = records.first().is_some_and(|r| r.setting.is_small());
        Arms { runs, diverged, spread: (freedom > 0.0).then_some((squares / freedom, freedom)), small }
    }

    /// Whether standard errors are those between seeds.
    pub fn between_seeds(&self) -> bool {
        self.spread.is_some()
    }

    /// Whether a run of an arm diverged.
    pub fn has_diverged(&self, arm: &str) -> bool {
        self.diverged.contains(&arm)
    }

    /// What standard errors are made of, in words.
    pub fn errors(&self) -> &'static str {
        match (self.spread, self.small) {
            (None, _) => "√(p(1 − p)/n)",
            (Some(_), false) => "between seeds, pooled",
            (Some(_), true) => "seeds and tracks",
        }
    }

    /// An arm's mean, to be compared with another on the same clips; `None` if no run of it ended well. That few clips are a
    /// sample counts as well.
    pub fn mean(&self, arm: &str) -> Option<Estimate> {
        self.estimate(arm, self.small || self.spread.is_none())
    }

    /// An arm's mean, to be compared with one on other clips: that the clips are a sample counts as well.
    pub fn mean_of_sample(&self, arm: &str) -> Option<Estimate> {
        self.estimate(arm, true)
    }

    /// The mean of all runs of some arms, with the error that the differences between them tell; `None` of fewer than two runs.
    pub fn together(&self, arms: &[&str]) -> Option<Estimate> {
        let own = self.runs.iter().filter(|run| arms.contains(&run.arm)).map(|run| run.value);
        Estimate::of(&own.collect::<Vec<_>>())
    }

    /// An arm's mean. `sampled`: the clips are a sample, the same for all seeds, which belongs to its error.
    fn estimate(&self, arm: &str, sampled: bool) -> Option<Estimate> {
        let own: Vec<&Run> = self.runs.iter().filter(|run| run.arm == arm).collect();
        let n = own.len();
        let mean = |of: fn(&Run) -> f64| own.iter().map(|run| of(run)).sum::<f64>() / n as f64;
        let (spread, freedom) = self.spread.unwrap_or((0.0, f64::INFINITY));
        let sampling = if sampled { mean(|run| run.sampling) } else { 0.0 };
        let variances = [(spread / n as f64, freedom), (sampling, f64::INFINITY)];
        (n > 0).then(|| Estimate::with(mean(|run| run.value), variances, n))
    }

    /// The effect of a factor (by its place in [`FACTORS`]): the mean difference, high minus low, over all pairs of arms
    /// that differ in it alone. `None` without such a pair.
    pub fn main(&self, factor: usize) -> Option<Estimate> {
        let all = (0..16).filter(|n| bit(*n, factor) == 0);
        self.over(all, factor)
    }

    /// The same over the pairs in which another factor is high, or low.
    pub fn simple(&self, factor: usize, other: usize, high: bool) -> Option<Estimate> {
        let all = (0..16).filter(|n| bit(*n, factor) == 0 && bit(*n, other) == usize::from(high));
        self.over(all, factor)
    }

    /// The interaction of two factors: half the difference between the effects of the second where the first is high and
    /// where it is low.
    pub fn interaction(&self, first: usize, second: usize) -> Option<Estimate> {
        let all = (0..16).filter(|n| (bit(*n, first), bit(*n, second)) == (0, 0));
        let quads = all.filter_map(|low| {
            let high = self.difference(low | 1 << (3 - first), second)?;
            Some(high.minus(self.difference(low, second)?))
        });
        Estimate::mean(&quads.collect::<Vec<_>>(), 0.5)
    }

    /// The mean effect of a factor over pairs of arms, each by the one that is low.
    fn over(&self, all: impl Iterator<Item = usize>, factor: usize) -> Option<Estimate> {
        Estimate::mean(&all.filter_map(|low| self.difference(low, factor)).collect::<Vec<_>>(), 1.0)
    }

    /// The arm at which a factor is high minus the arm `low`.
    fn difference(&self, low: usize, factor: usize) -> Option<Estimate> {
        let of = |n: usize| self.mean(&Factors::of(n).name());
        Some(of(low | 1 << (3 - factor))?.minus(of(low)?))
    }

    /// Number of the sixteen arms that are there.
    pub fn complete(&self) -> usize {
        (0..16).filter(|n| self.mean(&Factors::of(*n).name()).is_some()).count()
    }

    /// Those of the sixteen that are not there because they diverged.
    pub fn lost(&self) -> Vec<String> {
        let names = (0..16).map(|n| Factors::of(n).name());
        names.filter(|name| self.mean(name).is_none() && self.has_diverged(name)).collect()
    }
}

/// The level of a factor in an arm's number.
fn bit(number: usize, factor: usize) -> usize {
    number >> (3 - factor) & 1
}

/// The name of an effect, such as `input: log − power`.
pub fn name(factor: usize) -> String {
    let (name, [low, high]) = FACTORS[factor];
    format!("{name}: {high} − {low}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::{ended, record};

    /// Accuracies made of effects.
    fn made(number: usize) -> f64 {
        let f = Factors::of(number);
        let (log, norm) = (f64::from(u8::from(f.log)), f64::from(u8::from(f.norm)));
        0.3 + 0.1 * log - 0.04 * norm + 0.06 * log * norm
    }

    #[test]
    fn effects_are_found_again() {
        let records: Vec<Record> =
            (0..16).map(|n| record(&Factors::of(n).name(), 1, &[made(n) - 0.01, made(n)])).collect();
        let arms = Arms::of(&records.iter().collect::<Vec<_>>());
        assert!(arms.complete() == 16 && !arms.between_seeds());
        let close = |found: Option<Estimate>, value: f64| (found.unwrap().value - value).abs() < 1e-9;
        // Where the other factor is high half of the time.
        assert!(close(arms.main(0), 0.13) && close(arms.main(1), 0.0) && close(arms.main(2), -0.01));
        assert!(close(arms.interaction(0, 2), 0.03) && close(arms.interaction(2, 0), 0.03));
        assert!(close(arms.interaction(1, 3), 0.0));
        let main = arms.main(0).unwrap();
        // Sixteen runs of a share of 100 clips each: 2·√(p(1 − p)/100)/√16 for p near 0.37.
        assert!(main.n == 8 && (main.error - 0.0235).abs() < 0.002, "{main:?}");
        assert_eq!((main.sign(), arms.main(1).unwrap().sign()), (1, 0));
    }

    #[test]
    fn a_part_of_the_arms_gives_what_pairs_there_are() {
        let some = [0b0000, 0b1000, 0b0010];
        let records: Vec<Record> = some.map(|n| record(&Factors::of(n).name(), 1, &[made(n)])).to_vec();
        let arms = Arms::of(&records.iter().collect::<Vec<_>>());
        assert_eq!((arms.complete(), arms.main(0).map(|e| e.n), arms.main(1)), (3, Some(1), None));
        assert_eq!(arms.interaction(0, 2), None);
    }

    #[test]
    fn seeds_tell_the_spread() {
        let mut records = [record("bn", 1, &[0.2]), record("bn", 2, &[0.3]), record("baseline", 1, &[0.4])];
        let few = Arms::of(&records.iter().collect::<Vec<_>>());
        // Other clips than these hundred would differ too: by 0.2 · 0.8/100 and 0.3 · 0.7/100, in the mean 0.00185.
        assert_eq!(few.mean("bn").unwrap().percent(), "25.0 ± 6.6");
        assert_eq!((few.mean("bn"), few.errors()), (few.mean_of_sample("bn"), "seeds and tracks"));
        records.iter_mut().for_each(|run| run.setting.counts[1] = 1000);
        let arms = Arms::of(&records.iter().collect::<Vec<_>>());
        assert_eq!(arms.errors(), "between seeds, pooled");
        let bn = arms.mean("bn").unwrap();
        // The variance is 0.005 with one degree of freedom; of a mean of two it is half of that.
        assert!(arms.between_seeds() && (bn.value - 0.25).abs() < 1e-9 && (bn.error - 0.05).abs() < 1e-9);
        assert_eq!(bn.percent(), "25.0 ± 5.0");
        assert_eq!(bn.minus(arms.mean("baseline").unwrap()).points(), "−15.0 ± 8.7");
        assert_eq!(arms.mean_of_sample("bn").unwrap().percent(), "25.0 ± 5.2");
        let alone = Arms::of(&[&records[0]]);
        assert_eq!(alone.mean_of_sample("bn"), alone.mean("bn"), "of one seed nothing else is known");
        let unfinished = Record { finished: false, ..record("dropout", 1, &[0.9]) };
        assert_eq!(Arms::of(&[&unfinished]).mean("dropout"), None);
    }

    #[test]
    fn a_run_that_diverged_is_in_no_mean() {
        let lost = Record { diverged: true, ..record("bn", 2, &[0.9]) };
        let arms = [record("bn", 1, &[0.2]), lost, Record { diverged: true, ..record("dropout", 1, &[0.9]) }];
        let arms = Arms::of(&arms.iter().collect::<Vec<_>>());
        assert_eq!((arms.mean("bn").map(|e| (e.value, e.n)), arms.mean("dropout")), (Some((0.2, 1)), None));
        assert!(arms.has_diverged("bn") && arms.has_diverged("dropout") && !arms.has_diverged("baseline"));
        assert!(!arms.between_seeds());
    }

    #[test]
    fn an_effect_is_found_at_either_level_of_another_factor() {
        let records: Vec<Record> = (0..16).map(|n| record(&Factors::of(n).name(), 1, &[made(n)])).collect();
        let arms = Arms::of(&records.iter().collect::<Vec<_>>());
        let close = |found: Option<Estimate>, value: f64| {
            let found = found.unwrap();
            found.n == 4 && (found.value - value).abs() < 1e-9
        };
        assert!(close(arms.simple(2, 0, false), -0.04) && close(arms.simple(2, 0, true), 0.02));
        assert_eq!(Arms::of(&[&records[0]]).simple(2, 0, false), None);
    }

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
