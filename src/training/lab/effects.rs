//! Means of arms, and what the four factors of the ablation do, with standard errors.
//!
//! An arm's accuracy is the mean over its seeds, of the best validation accuracy of any epoch unless another measure is
//! asked for; runs that diverged do not enter it. Its variance is pooled from the differences between seeds if any arm has
//! several, and otherwise that of a share of n clips, p(1 − p)/n. The latter is too large where arms are measured on the
//! same clips. Where they are not, and where the clips are few, it belongs to the difference beside the former.

use super::estimate::{Estimate, NORMAL};
use super::factors::{FACTORS, Factors};
use super::measures::Measure;
use super::record::Record;
use crate::measure::Bootstrap;

/// A run that did not diverge.
struct Run<'a> {
    arm: &'a str,
    value: f64,
    /// The variance that it has because its clips are a sample.
    sampling: f64,
    /// The artist of each of its tracks and whether that is right, if the run kept it.
    rights: Option<Vec<(u32, f64)>>,
}

/// How artists are drawn anew.
const DRAW: Bootstrap = Bootstrap { rounds: 1000, seed: 1 };

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
        let run = |r: &'a Record| {
            let (value, sampling) = measure.of(r)?;
            Some(Run { arm: r.arm.as_str(), value, sampling, rights: measure.rights(r) })
        };
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

    /// One arm's mean minus another's. Where all runs of both kept what they say of the same tracks, its error is that of drawing
    /// the tracks' artists anew, beside that between seeds; elsewhere the two means count as independent.
    pub fn against(&self, one: &str, other: &str) -> Option<Estimate> {
        let difference = self.mean(one)?.minus(self.mean(other)?);
        Some(self.paired(one, other).map_or(difference, |paired| Estimate { value: difference.value, ..paired }))
    }

    fn paired(&self, one: &str, other: &str) -> Option<Estimate> {
        let (a, b) = (self.rights(one)?, self.rights(other)?);
        let artists = |rights: &[(u32, f64)]| rights.iter().map(|right| right.0).collect::<Vec<u32>>();
        let groups = artists(&a);
        if groups != artists(&b) {
            return None;
        }
        let items: Vec<Option<[f64; 2]>> = a.iter().zip(&b).map(|(a, b)| Some([a.1 - b.1, 1.0])).collect();
        let drawn = DRAW.of_sums(&items, &groups, |[sum, tracks]| sum / tracks)?;
        let [low, high] = drawn.range?;
        let runs = |arm: &str| self.runs.iter().filter(|run| run.arm == arm).count();
        let (seeds, others) = (runs(one), runs(other));
        let (spread, freedom) = self.spread.unwrap_or((0.0, f64::INFINITY));
        let between = spread * (1.0 / seeds as f64 + 1.0 / others as f64);
        let sampling = ((high - low) / (2.0 * NORMAL)).powi(2);
        let variances = [(between, freedom), (sampling, (drawn.groups - 1) as f64)];
        Some(Estimate::with(drawn.mean, variances, seeds.min(others)))
    }

    /// The artist of each track of an arm's runs, and the share of the runs that are right; `None` if a run did not keep that.
    fn rights(&self, arm: &str) -> Option<Vec<(u32, f64)>> {
        let own = self.runs.iter().filter(|run| run.arm == arm).map(|run| run.rights.as_deref());
        let own: Vec<&[(u32, f64)]> = own.collect::<Option<_>>()?;
        let first = *own.first()?;
        let alike = |run: &&[(u32, f64)]| run.iter().map(|right| right.0).eq(first.iter().map(|right| right.0));
        if !own.iter().all(alike) {
            return None;
        }
        let share = |track: usize| own.iter().map(|run| run[track].1).sum::<f64>() / own.len() as f64;
        Some((0..first.len()).map(|track| (first[track].0, share(track))).collect())
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
    use crate::training::lab::said::Said;

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
    fn tracks_that_both_arms_know_are_compared_one_by_one() {
        // A hundred tracks by twenty artists; of each artist's five, an arm is right about so many.
        let run = |arm: &str, seed: u64, right: usize, artists: u32| {
            let tracks = 0..100usize;
            let artist = tracks.clone().map(|track| track as u32 / 5 % artists).collect();
            let said = tracks.map(|track| usize::from(track % 5 >= right)).collect();
            let mut run = ended(arm, seed, right as f64 / 5.0);
            run.outcome.as_mut().unwrap().said =
                Some([Said { artists: artist, genres: vec![0; 100], said }, Said::default()]);
            run
        };
        let of = |runs: &[Record]| {
            let records: Vec<&Record> = runs.iter().collect();
            let arms = Arms::by(&records, Measure::Both);
            arms.against("windows-3", "plain").unwrap()
        };
        // Every artist has one track more: drawing others changes nothing, and there is no spread between seeds.
        let both = of(&[run("windows-3", 1, 4, 20), run("plain", 1, 3, 20)]);
        assert!((both.value - 0.2).abs() < 1e-9 && both.error < 1e-9 && both.sign() == 1, "{both:?}");
        // Between seeds the variance is 0.2²/2, of a mean of two half of that, and so twice.
        let seeds =
            [run("windows-3", 1, 4, 20), run("windows-3", 2, 3, 20), run("plain", 1, 3, 20), run("plain", 2, 2, 20)];
        let seeds = of(&seeds);
        assert!((seeds.error - 0.02f64.sqrt()).abs() < 1e-9 && seeds.freedom == 2.0, "{seeds:?}");
        // A record without them, or of other tracks, leaves two shares of a hundred.
        let mut old = run("plain", 1, 3, 20);
        old.outcome.as_mut().unwrap().said = None;
        for other in [old, run("plain", 1, 3, 10)] {
            let apart = of(&[run("windows-3", 1, 4, 20), other]);
            assert!((apart.error - (0.0016f64 + 0.0024).sqrt()).abs() < 1e-9, "{apart:?}");
        }
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
}
