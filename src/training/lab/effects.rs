//! Means of arms, and what the four factors of the ablation do, with standard errors.
//!
//! An arm's accuracy is the mean over its seeds, of the best validation accuracy of any epoch unless another measure is
//! asked for. Its variance is pooled from the differences between seeds if any arm has several, and otherwise that of a
//! share of n clips, p(1 − p)/n. The latter is too large for comparisons: all arms are measured on the same clips.

use super::factors::{FACTORS, Factors};
use super::record::Record;

/// An estimate with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// Number of runs, or of pairs of arms, that it is the mean of.
    pub n: usize,
}

impl Estimate {
    /// The difference of two independent estimates.
    pub fn minus(self, other: Estimate) -> Estimate {
        Estimate { value: self.value - other.value, error: self.error.hypot(other.error), n: self.n.min(other.n) }
    }

    /// In points, such as `−12.3 ± 1.7`.
    pub fn points(self) -> String {
        format!("{:+.1} ± {:.1}", 100.0 * self.value, 100.0 * self.error).replace('-', "−")
    }

    /// In percent, such as `45.9 ± 1.7`.
    pub fn percent(self) -> String {
        format!("{:.1} ± {:.1}", 100.0 * self.value, 100.0 * self.error)
    }

    /// Whether it lies more than two standard errors from 0: −1, 0 or 1.
    pub fn sign(self) -> i8 {
        match self.value.abs() > 2.0 * self.error {
            true if self.value > 0.0 => 1,
            true => -1,
            false => 0,
        }
    }
}

/// An accuracy of a finished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// On the validation clips, in the best epoch.
    Best,
    /// On the validation clips, in the last epoch.
    Last,
    /// On the test clips.
    Test,
}

impl Measure {
    fn of(self, record: &Record) -> Option<f64> {
        match self {
            Measure::Best => record.best(),
            Measure::Last => record.curve.last().map(|p| p.validation),
            Measure::Test => record.test,
        }
    }

    /// The number of clips that it is a share of.
    fn clips(self, record: &Record) -> usize {
        let [_, validation, test] = record.parts.unwrap_or([0, record.setting.counts[1], 0]);
        if self == Measure::Test { test } else { validation }
    }
}

/// The finished runs of a setting, by arm.
pub struct Arms<'a> {
    measure: Measure,
    runs: Vec<&'a Record>,
    /// The variance of a run about its arm's mean, if several seeds tell it.
    spread: Option<f64>,
}

impl<'a> Arms<'a> {
    /// Of records of one setting, by their best epochs; unfinished runs do not count.
    pub fn of(records: &[&'a Record]) -> Arms<'a> {
        Arms::by(records, Measure::Best)
    }

    /// The same by another measure.
    pub fn by(records: &[&'a Record], measure: Measure) -> Arms<'a> {
        let counts = |r: &&&Record| r.finished && !r.is_pilot() && measure.of(r).is_some();
        let runs: Vec<&Record> = records.iter().filter(counts).copied().collect();
        let mut names: Vec<&str> = runs.iter().map(|r| r.arm.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let (mut squares, mut freedom) = (0.0, 0);
        for name in names {
            let own: Vec<f64> = runs.iter().filter(|r| r.arm == name).filter_map(|r| measure.of(r)).collect();
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            squares += own.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
            freedom += own.len() - 1;
        }
        Arms { measure, runs, spread: (freedom > 0).then(|| squares / freedom as f64) }
    }

    /// Whether standard errors are those between seeds.
    pub fn between_seeds(&self) -> bool {
        self.spread.is_some()
    }

    /// An arm's accuracy; `None` if no run of it is finished.
    pub fn accuracy(&self, arm: &str) -> Option<Estimate> {
        let own: Vec<&&Record> = self.runs.iter().filter(|r| r.arm == arm).collect();
        let n = own.len();
        let value = own.iter().filter_map(|r| self.measure.of(r)).sum::<f64>() / n.max(1) as f64;
        let clips = self.measure.clips(own.first()?).max(1) as f64;
        let variance = self.spread.unwrap_or(value * (1.0 - value) / clips);
        Some(Estimate { value, error: (variance / n as f64).sqrt(), n })
    }

    /// The effect of a factor (by its place in [`FACTORS`]): the mean difference, high minus low, over all pairs of arms
    /// that differ in it alone. `None` without such a pair.
    pub fn main(&self, factor: usize) -> Option<Estimate> {
        let all = (0..16).filter(|n| n >> (3 - factor) & 1 == 0);
        let differences = all.filter_map(|low| self.difference(low, factor));
        mean(differences.collect(), 1.0)
    }

    /// The interaction of two factors: half the difference between the effects of the second where the first is high and
    /// where it is low.
    pub fn interaction(&self, first: usize, second: usize) -> Option<Estimate> {
        let bits = |n: usize| (n >> (3 - first) & 1, n >> (3 - second) & 1);
        let all = (0..16).filter(|n| bits(*n) == (0, 0));
        let quads = all.filter_map(|low| {
            let high = self.difference(low | 1 << (3 - first), second)?;
            Some(high.minus(self.difference(low, second)?))
        });
        mean(quads.collect(), 0.5)
    }

    /// The arm at which a factor is high minus the arm `low`.
    fn difference(&self, low: usize, factor: usize) -> Option<Estimate> {
        let of = |n: usize| self.accuracy(&Factors::of(n).name());
        Some(of(low | 1 << (3 - factor))?.minus(of(low)?))
    }

    /// Number of the sixteen arms that are there.
    pub fn complete(&self) -> usize {
        (0..16).filter(|n| self.accuracy(&Factors::of(*n).name()).is_some()).count()
    }
}

/// The mean of independent estimates, times a factor.
fn mean(all: Vec<Estimate>, factor: f64) -> Option<Estimate> {
    let n = all.len();
    let scale = factor / n.max(1) as f64;
    let value = scale * all.iter().map(|e| e.value).sum::<f64>();
    let error = scale * all.iter().map(|e| e.error.powi(2)).sum::<f64>().sqrt();
    (n > 0).then_some(Estimate { value, error, n })
}

/// The name of an effect, such as `input: log − power`.
pub fn name(factor: usize) -> String {
    let (name, [low, high]) = FACTORS[factor];
    format!("{name}: {high} − {low}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::lab::fixture::record;

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
        let records = [record("bn", 1, &[0.2]), record("bn", 2, &[0.3]), record("baseline", 1, &[0.4])];
        let arms = Arms::of(&records.iter().collect::<Vec<_>>());
        let bn = arms.accuracy("bn").unwrap();
        // The variance is 0.005 with one degree of freedom; of a mean of two it is half of that.
        assert!(arms.between_seeds() && (bn.value - 0.25).abs() < 1e-9 && (bn.error - 0.05).abs() < 1e-9);
        assert_eq!(bn.percent(), "25.0 ± 5.0");
        assert_eq!(bn.minus(arms.accuracy("baseline").unwrap()).points(), "−15.0 ± 8.7");
        let last = Arms::by(&records.iter().collect::<Vec<_>>(), Measure::Last);
        assert_eq!(last.accuracy("bn"), arms.accuracy("bn"), "they have one epoch");
        let unfinished = Record { finished: false, ..record("dropout", 1, &[0.9]) };
        assert_eq!(Arms::of(&[&unfinished]).accuracy("dropout"), None);
    }

    #[test]
    fn the_last_epoch_and_the_test_clips_are_measures_of_their_own() {
        let run = Record { test: Some(0.4), parts: Some([50, 100, 25]), ..record("crnn", 1, &[0.2, 0.6, 0.5]) };
        let none = record("strobe", 1, &[0.5]);
        let of = |measure| Arms::by(&[&run, &none], measure);
        assert_eq!(of(Measure::Best).accuracy("crnn").map(Estimate::percent).as_deref(), Some("60.0 ± 4.9"));
        assert_eq!(of(Measure::Last).accuracy("crnn").map(Estimate::percent).as_deref(), Some("50.0 ± 5.0"));
        assert_eq!(of(Measure::Test).accuracy("crnn").map(Estimate::percent).as_deref(), Some("40.0 ± 9.8"));
        assert_eq!(of(Measure::Test).accuracy("strobe"), None);
    }
}
