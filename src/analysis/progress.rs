//! How far scanning and analysis are: done, total, rate, time left.

use std::collections::VecDeque;
use std::time::Duration;

/// How far it is. `stage` is empty when idle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// What is being done: "scanning", "reading tags", "listening", "listening again with
    /// the shipped encoder", "describing", "keeping images", "measuring loudness"; empty when idle.
    pub stage: String,
    /// Files done.
    pub done: usize,
    /// Files known to be done in all.
    pub total: usize,
    /// Files a second, over the last half minute.
    pub rate: f64,
    /// Seconds left, when that can be said.
    pub left: Option<f64>,
    /// Tracks that have a latent.
    pub latents: usize,
    /// Tracks that have descriptors.
    pub described: usize,
    /// Tracks whose loudness is known.
    pub measured: usize,
    /// Files whose tags were read since the start.
    pub read: usize,
    /// Tracks in the library.
    pub tracks: usize,
}

/// Measures the rate of a stage over the last half minute.
#[derive(Debug, Default)]
pub struct Meter {
    stage: &'static str,
    marks: VecDeque<(Duration, usize)>,
}

impl Meter {
    const WINDOW: Duration = Duration::from_secs(30);

    /// When it was last told something.
    pub fn last(&self) -> Option<Duration> {
        self.marks.back().map(|&(at, _)| at)
    }

    /// Notes that `done` are done of a stage at a time; gives files a second and seconds left of `total`.
    pub fn note(&mut self, stage: &'static str, done: usize, total: usize, now: Duration) -> (f64, Option<f64>) {
        // A new stage, or a count that began anew, has its own rate.
        if stage != self.stage || self.marks.back().is_some_and(|&(_, d)| d > done) {
            self.stage = stage;
            self.marks.clear();
        }
        self.marks.push_back((now, done));
        while self.marks.len() > 2 && now.saturating_sub(self.marks[0].0) > Self::WINDOW {
            self.marks.pop_front();
        }
        let (since, before) = self.marks[0];
        let secs = now.saturating_sub(since).as_secs_f64();
        if secs < 0.5 {
            return (0.0, None);
        }
        let rate = (done - before) as f64 / secs;
        (rate, (rate > 0.0).then(|| total.saturating_sub(done) as f64 / rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_half_minute() {
        let mut meter = Meter::default();
        let at = Duration::from_secs;
        assert_eq!(meter.note("listening", 0, 100, at(0)), (0.0, None));
        assert_eq!(meter.note("listening", 20, 100, at(10)), (2.0, Some(40.0)));
        for s in 11..=60 {
            meter.note("listening", 20, 100, at(s));
        }
        assert_eq!(meter.note("listening", 20, 100, at(61)), (0.0, None));
        assert_eq!(meter.note("reading tags", 5, 9, at(62)), (0.0, None));
    }
}
