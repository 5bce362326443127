//! The learning curve: accumulated progress of a training. No I/O, so that screen and plain lines show the same.

use std::time::Duration;

use super::{EpochReport, Genre, Progress, Stage};

/// Maximum number of loss points kept; beyond it neighbours are averaged.
const POINTS: usize = 1024;
/// Maximum number of notes kept.
const NOTES: usize = 8;
/// Weight of the newest step in the moving average of the step time.
const NEWEST: f64 = 0.1;

/// The state of a training; unknown values are `None` or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Title in words: data and encoder.
    pub title: String,
    /// The device, in words.
    pub device: String,
    /// Clips per step.
    pub batch: usize,
    /// The current stage.
    pub stage: Stage,
    /// The genres of the data.
    pub genres: Vec<Genre>,
    /// Recall of each genre on the validation clips.
    pub accuracy: Vec<Option<f64>>,
    /// Total number of epochs; 0 while unknown.
    pub epochs: usize,
    /// Epoch and step number of the last step, and steps per epoch.
    pub at: (usize, usize, usize),
    /// Epoch (with its fraction) and loss of the steps, downsampled.
    pub losses: Vec<(f64, f64)>,
    /// The completed epochs.
    pub done: Vec<EpochReport>,
    /// The learning rate of the last step.
    pub rate: Option<f64>,
    /// Latest time at which it stops, in seconds since the Unix epoch.
    pub ends: Option<i64>,
    /// The most recent messages for the user.
    pub notes: Vec<String>,
    /// Steps per point of `losses`, and the sum and number of the losses for the next point.
    thin: usize,
    next: (f64, usize),
    /// Mean time of a step, and the time between an epoch's last step and its end.
    step_seconds: Option<f64>,
    closing_seconds: Option<f64>,
    /// When the last step ended.
    last: Option<Duration>,
    /// Whether an epoch has ended since the last step.
    between: bool,
    began: Option<Duration>,
    now: Duration,
}

impl Curve {
    /// The curve of a training that starts.
    pub fn new(title: impl Into<String>, device: impl Into<String>, batch: usize) -> Curve {
        Curve { title: title.into(), device: device.into(), batch, thin: 1, ..Curve::default() }
    }

    /// Adds a progress message received at `now` of a monotonic clock.
    pub fn take(&mut self, progress: &Progress, now: Duration) {
        self.began.get_or_insert(now);
        self.now = now;
        match progress {
            Progress::Stage(stage) => self.stage = *stage,
            Progress::Ready { genres, clips, .. } => {
                self.genres.clone_from(genres);
                self.batch = self.batch.min(clips[0]);
            }
            Progress::Plan { epochs, ends } => (self.epochs, self.ends) = (*epochs, *ends),
            Progress::Earlier(epochs) => {
                self.done.clone_from(epochs);
                self.losses = epochs.iter().map(|e| (e.epoch as f64, e.loss)).collect();
            }
            Progress::Step { epoch, step, steps, loss, rate } => {
                self.at = (*epoch, *step, *steps);
                self.rate = rate.or(self.rate);
                self.point(*epoch as f64 - 1.0 + *step as f64 / (*steps).max(1) as f64, *loss);
                if let Some(last) = self.last.filter(|_| !self.between) {
                    let took = now.saturating_sub(last).as_secs_f64();
                    self.step_seconds = Some(self.step_seconds.map_or(took, |mean| mean + NEWEST * (took - mean)));
                }
                (self.last, self.between) = (Some(now), false);
            }
            Progress::Epoch(report) => {
                if let Some(last) = self.last {
                    self.closing_seconds = Some(now.saturating_sub(last).as_secs_f64());
                }
                // With one step per epoch there are no consecutive steps: the step takes the whole epoch.
                if self.at.2 == 1 {
                    (self.step_seconds, self.closing_seconds) = (Some(report.seconds), Some(0.0));
                }
                self.between = true;
                if !report.recalls.is_empty() {
                    self.accuracy = report.recalls.iter().map(|r| r.is_finite().then_some(*r)).collect();
                }
                self.done.push(report.clone());
            }
            Progress::Genres(accuracy) => self.accuracy.clone_from(accuracy),
            Progress::Note(line) => {
                self.notes.push(line.clone());
                let extra = self.notes.len().saturating_sub(NOTES);
                self.notes.drain(..extra);
            }
        }
    }

    fn point(&mut self, x: f64, loss: f64) {
        self.next = (self.next.0 + loss, self.next.1 + 1);
        if self.next.1 < self.thin.max(1) {
            return;
        }
        self.losses.push((x, self.next.0 / self.next.1 as f64));
        self.next = (0.0, 0);
        if self.losses.len() >= POINTS {
            self.losses = self.losses.chunks(2).map(|p| (p[p.len() - 1].0, mean(p))).collect();
            self.thin = self.thin.max(1) * 2;
        }
    }

    /// Share of all steps that are done, 0 to 1.
    pub fn share(&self) -> Option<f64> {
        let (epoch, step, steps) = self.at;
        let all = (self.epochs * steps) as f64;
        (all > 0.0 && epoch > 0).then(|| (((epoch - 1) * steps + step) as f64 / all).min(1.0))
    }

    /// The best epoch so far, which is kept.
    pub fn best(&self) -> Option<&EpochReport> {
        self.done.iter().rfind(|e| e.best)
    }

    /// Clips per second while learning.
    pub fn clips_a_second(&self) -> Option<f64> {
        self.step_seconds.filter(|s| *s > 0.0).map(|s| self.batch as f64 / s)
    }

    /// Time since the first message.
    pub fn elapsed(&self) -> Duration {
        self.began.map_or(Duration::ZERO, |began| self.now.saturating_sub(began))
    }

    /// Estimated time for the remaining epochs.
    pub fn left(&self) -> Option<Duration> {
        let (epoch, step, steps) = self.at;
        if self.epochs == 0 || epoch == 0 {
            return None;
        }
        let done = (epoch - 1) * steps + step;
        let step_seconds = self.step_seconds?;
        let closings = self.epochs.saturating_sub(if self.between { epoch } else { epoch - 1 }) as f64;
        // Until the first epoch is done, its validation is assumed to take a tenth of it.
        let closing = self.closing_seconds.unwrap_or(0.1 * steps as f64 * step_seconds);
        let seconds = (self.epochs * steps).saturating_sub(done) as f64 * step_seconds + closings * closing;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

fn mean(points: &[(f64, f64)]) -> f64 {
    points.iter().map(|p| p.1).sum::<f64>() / points.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn epoch(epoch: usize, best: bool) -> Progress {
        let (loss, validation) = (1.0, 0.1 * epoch as f64);
        Progress::Epoch(EpochReport {
            epoch,
            loss,
            genre_loss: loss,
            validation,
            validation_loss: 1.0,
            best,
            recalls: vec![0.25, f64::NAN],
            rate: 1e-3,
            seconds: 1.0,
            ..EpochReport::default()
        })
    }

    fn step(epoch: usize, step: usize) -> Progress {
        Progress::Step { epoch, step, steps: 10, loss: 2.0, rate: None }
    }

    #[test]
    fn time_left_follows_the_steps() {
        let mut curve = Curve::new("x", "CPU", 64);
        assert_eq!((curve.share(), curve.left(), curve.clips_a_second()), (None, None, None));
        curve.take(&Progress::Plan { epochs: 2, ends: None }, Duration::ZERO);
        for s in 1..=10 {
            curve.take(&step(1, s), SECOND * 2 * s as u32);
        }
        assert_eq!(curve.clips_a_second(), Some(32.0));
        assert_eq!(curve.share(), Some(0.5));
        // Ten steps of two seconds, and two closings whose time is estimated.
        assert_eq!(curve.left(), Some(SECOND * 24));
        curve.take(&epoch(1, true), SECOND * 26);
        assert_eq!(curve.left(), Some(SECOND * 26));
        // The closing does not count as a slow step.
        curve.take(&step(2, 1), SECOND * 28);
        assert_eq!(curve.clips_a_second(), Some(32.0));
        assert_eq!((curve.left(), curve.elapsed()), (Some(SECOND * 24), SECOND * 28));
    }

    #[test]
    fn the_best_epoch_and_the_last_notes_are_kept() {
        let mut curve = Curve::new("x", "CPU", 64);
        for (n, best) in [(1, true), (2, true), (3, false)] {
            curve.take(&epoch(n, best), SECOND);
        }
        assert_eq!(curve.best().map(|e| e.epoch), Some(2));
        assert_eq!(curve.accuracy, [Some(0.25), None]);
        for n in 0..20 {
            curve.take(&Progress::Note(n.to_string()), SECOND);
        }
        assert_eq!((curve.notes.len(), curve.notes.last().map(String::as_str)), (NOTES, Some("19")));
    }

    #[test]
    fn epochs_of_one_step_have_a_speed() {
        let mut curve = Curve::new("x", "CPU", 64);
        curve.take(&Progress::Ready { clips: [24, 8, 8], genres: Vec::new(), teacher: false }, SECOND);
        curve.take(&Progress::Plan { epochs: 3, ends: None }, SECOND);
        curve.take(&Progress::Step { epoch: 1, step: 1, steps: 1, loss: 2.0, rate: None }, SECOND);
        curve.take(&epoch(1, true), SECOND * 2);
        assert_eq!((curve.clips_a_second(), curve.left()), (Some(24.0), Some(SECOND * 2)));
    }

    #[test]
    fn many_steps_become_few_points() {
        let mut curve = Curve::new("x", "CPU", 64);
        for e in 1..=1000 {
            for s in 1..=10 {
                curve.take(&step(e, s), SECOND);
            }
        }
        assert!((POINTS / 2..POINTS).contains(&curve.losses.len()), "{}", curve.losses.len());
        assert!(curve.losses.windows(2).all(|w| w[0].0 < w[1].0) && curve.losses.iter().all(|p| p.1 == 2.0));
        assert!(curve.losses.last().is_some_and(|p| p.0 > 980.0));
    }
}
