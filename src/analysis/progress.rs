//! Progress of scanning and analysis: done, total, rate, time left.

use std::collections::VecDeque;
use std::time::Duration;

/// As many analysed tracks are enough to pick from, …
const ENOUGH: usize = 60;
/// … and so is this part of a smaller library.
const ENOUGH_OF: usize = 5;

/// Whether so few tracks of a library are analysed that what is picked from them is soon outdated.
pub fn is_few(latents: usize, tracks: usize) -> bool {
    latents < ENOUGH.min(tracks.div_ceil(ENOUGH_OF))
}

/// The progress. `stage` is empty when idle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The current stage: "scanning", "reading tags", "listening", "listening again with the shipped encoder",
    /// "describing", "keeping images", "measuring loudness"; empty when idle.
    pub stage: String,
    /// Files done.
    pub done: usize,
    /// Total number of files, as far as known.
    pub total: usize,
    /// Files per second, over the last half minute.
    pub rate: f64,
    /// Estimated seconds left, if known.
    pub left: Option<f64>,
    /// Tracks that have a latent.
    pub latents: usize,
    /// Tracks that have descriptors.
    pub described: usize,
    /// Tracks whose loudness was measured, or tried to be.
    pub measured: usize,
    /// Files whose tags were read since the start.
    pub read: usize,
    /// Tracks in the library.
    pub tracks: usize,
    /// Whether the library is being analysed for the first time and few of its tracks have a latent ([`is_few`]).
    pub few: bool,
}

impl Progress {
    /// Whether files may still be found, and tracks get latents: not while idle, nor during the work that comes last.
    pub fn is_growing(&self) -> bool {
        const LAST: [Stage; 4] = [Stage::Idle, Stage::Describing, Stage::KeepingImages, Stage::MeasuringLoudness];
        !LAST.iter().any(|stage| stage.name() == self.stage)
    }
}

/// A stage of the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing.
    #[default]
    Idle,
    /// Walking the directory.
    Scanning,
    /// Probing files.
    ReadingTags,
    /// Listening to tracks.
    Listening,
    /// Embedding the library again with another encoder.
    ListeningAgain,
    /// Computing missing descriptors.
    Describing,
    /// Making images that the cache lacks.
    KeepingImages,
    /// Measuring the loudness of whole files.
    MeasuringLoudness,
}

impl Stage {
    /// Its name; empty when idle.
    fn name(self) -> &'static str {
        match self {
            Stage::Idle => "",
            Stage::Scanning => "scanning",
            Stage::ReadingTags => "reading tags",
            Stage::Listening => "listening",
            Stage::ListeningAgain => "listening again",
            Stage::Describing => "describing",
            Stage::KeepingImages => "keeping images",
            Stage::MeasuringLoudness => "measuring loudness",
        }
    }
}

/// Counts of finished work.
pub(super) struct Done {
    /// Tracks that have a latent, have descriptors, and were measured for loudness.
    pub latents: usize,
    pub described: usize,
    pub measured: usize,
    /// Files read since the start.
    pub read: usize,
    /// Tracks in the library.
    pub tracks: usize,
    /// Whether the latents of the encoder before are used until another encoder has as many.
    pub again: bool,
}

/// Builds [`Progress`] from the counts.
#[derive(Debug, Default)]
pub(super) struct Reporter {
    meter: Meter,
    stage: Stage,
    last: Progress,
    /// Files that had been read when the stage was last idle.
    read_before: usize,
}

impl Reporter {
    /// Tracks with a latent at the last report.
    pub fn latents(&self) -> usize {
        self.last.latents
    }

    /// Whether this stage was reported within the last half second: more often is not readable.
    pub fn is_recent(&self, stage: Stage, now: Duration) -> bool {
        let recent = self.meter.last().is_some_and(|at| now.saturating_sub(at) < Duration::from_millis(500));
        stage == self.stage && recent
    }

    /// The progress, if it changed. `left`: what remains of the stage; `encoder`: the name of the encoder in use.
    pub fn report(
        &mut self,
        stage: Stage,
        left: usize,
        all: Done,
        encoder: impl FnOnce() -> String,
        now: Duration,
    ) -> Option<Progress> {
        let Done { latents, described, measured, read, tracks, again } = all;
        self.stage = stage;
        let done = match stage {
            Stage::Idle => {
                self.read_before = read;
                0
            }
            Stage::Scanning => 0,
            Stage::ReadingTags => read - self.read_before,
            Stage::Listening | Stage::ListeningAgain => latents,
            Stage::Describing => described,
            Stage::KeepingImages => latents.saturating_sub(left),
            Stage::MeasuringLoudness => measured,
        };
        let total = done + left;
        let few = match stage {
            // What is still to be read counts as well: the first files that were found are not the library.
            Stage::ReadingTags => !again && is_few(latents, tracks + left),
            Stage::Scanning | Stage::Listening => !again && is_few(latents, tracks),
            // Everything has been analysed, as far as possible.
            _ => false,
        };
        let (rate, left) = match stage {
            Stage::Idle => (0.0, None),
            stage => self.meter.note(stage, done, total, now),
        };
        let stage = match stage {
            Stage::ListeningAgain => format!("{} with {}", stage.name(), encoder()),
            stage => stage.name().into(),
        };
        let progress = Progress { stage, done, total, rate, left, latents, described, measured, read, tracks, few };
        if progress == self.last {
            return None;
        }
        self.last = progress.clone();
        Some(progress)
    }
}

/// Measures the rate of a stage over the last half minute.
#[derive(Debug, Default)]
struct Meter {
    stage: Stage,
    marks: VecDeque<(Duration, usize)>,
}

impl Meter {
    const WINDOW: Duration = Duration::from_secs(30);

    /// The time of the last sample.
    fn last(&self) -> Option<Duration> {
        self.marks.back().map(|&(at, _)| at)
    }

    /// Adds a sample; returns files per second and the estimated seconds left.
    fn note(&mut self, stage: Stage, done: usize, total: usize, now: Duration) -> (f64, Option<f64>) {
        // A new stage, or a count that restarted, has its own rate.
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
        assert_eq!(meter.note(Stage::Listening, 0, 100, at(0)), (0.0, None));
        assert_eq!(meter.note(Stage::Listening, 20, 100, at(10)), (2.0, Some(40.0)));
        for s in 11..=60 {
            meter.note(Stage::Listening, 20, 100, at(s));
        }
        assert_eq!(meter.note(Stage::Listening, 20, 100, at(61)), (0.0, None));
        assert_eq!(meter.note(Stage::ReadingTags, 5, 9, at(62)), (0.0, None));
    }

    #[test]
    fn a_stage_is_reported_when_it_is_news() {
        let mut reporter = Reporter::default();
        let all = |latents, read| Done { latents, described: 2, measured: 1, read, tracks: 9, again: false };
        let mut report = |stage, left, all, secs| {
            reporter.report(stage, left, all, || "crnn 12345678".into(), Duration::from_secs(secs))
        };
        let first = report(Stage::ReadingTags, 6, all(0, 3), 0).unwrap();
        assert_eq!((first.stage.as_str(), first.done, first.total, first.tracks), ("reading tags", 3, 9, 9));
        assert_eq!(report(Stage::Idle, 0, all(3, 9), 1).unwrap().stage, "");
        assert_eq!(report(Stage::Idle, 0, all(3, 9), 2), None, "no news");
        let again = report(Stage::ListeningAgain, 6, all(3, 9), 3).unwrap();
        assert_eq!((again.stage.as_str(), again.done, again.total), ("listening again with crnn 12345678", 3, 9));
        // Only what was read since there was nothing to do counts.
        assert_eq!(report(Stage::ReadingTags, 1, all(3, 11), 4).unwrap().done, 2);
        assert!(reporter.is_recent(Stage::ReadingTags, Duration::from_millis(4400)));
        assert!(!reporter.is_recent(Stage::ReadingTags, Duration::from_millis(4600)));
        assert!(!reporter.is_recent(Stage::Listening, Duration::from_millis(4400)));
    }

    #[test]
    fn a_library_grows_until_all_was_listened_to() {
        let growing = |stage: &str| Progress { stage: stage.into(), ..Progress::default() }.is_growing();
        for stage in ["scanning", "reading tags", "listening", "listening again with crnn 12345678"] {
            assert!(growing(stage), "{stage}");
        }
        for stage in ["", "describing", "keeping images", "measuring loudness"] {
            assert!(!growing(stage), "{stage}");
        }
    }

    #[test]
    fn few_are_less_than_sixty_or_a_fifth_while_the_library_is_analysed_first() {
        assert!(is_few(59, 4000) && !is_few(60, 4000) && is_few(19, 100) && !is_few(20, 100) && !is_few(0, 0));
        let few = |stage, left, latents, tracks, again| {
            let all = Done { latents, described: 0, measured: 0, read: 0, tracks, again };
            Reporter::default().report(stage, left, all, String::new, Duration::ZERO).is_some_and(|p| p.few)
        };
        assert!(few(Stage::Listening, 90, 10, 100, false) && !few(Stage::Listening, 80, 20, 100, false));
        assert!(few(Stage::ReadingTags, 900, 10, 20, false), "most of the library is still to be read");
        assert!(!few(Stage::ReadingTags, 1, 10, 20, false));
        assert!(!few(Stage::Listening, 90, 10, 100, true), "another encoder's latents are used meanwhile");
        assert!(!few(Stage::ListeningAgain, 90, 10, 100, false));
        assert!(!few(Stage::Idle, 0, 10, 100, false), "there will be no more");
    }
}
