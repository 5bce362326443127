//! How far scanning and analysis are, as the screen shows it: in steps of two seconds. More often is not readable, and
//! each step costs a frame.

use std::time::Duration;

use crate::app::msg::Progress;

/// The least time between two steps of one stage.
const STEP: Duration = Duration::from_secs(2);

/// The progress that is shown.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    shown: Progress,
    /// When it was taken.
    at: Option<Duration>,
    /// Whether there is news that is not shown yet.
    stale: bool,
    /// How many steps there were.
    count: u64,
}

impl Steps {
    /// What is shown.
    pub fn shown(&self) -> &Progress {
        &self.shown
    }

    /// A number that changes with every step.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the next step is due, if there is news.
    pub fn due(&self) -> Option<Duration> {
        self.at.filter(|_| self.stale).map(|at| at + STEP)
    }

    /// Shows how far things are if that is due; another stage is shown at once.
    pub fn renew(&mut self, progress: &Progress, now: Duration) {
        self.stale = *progress != self.shown;
        let due = progress.stage != self.shown.stage || self.at.is_none_or(|at| now >= at + STEP);
        if self.stale && due {
            self.shown = progress.clone();
            (self.at, self.stale) = (Some(now), false);
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_move_every_two_seconds_and_a_stage_at_once() {
        let listening = |done| Progress { stage: "listening".into(), done, total: 90, ..Progress::default() };
        let at = Duration::from_millis;
        let mut steps = Steps::default();
        steps.renew(&listening(1), at(100));
        assert_eq!((steps.shown().done, steps.due()), (1, None));
        for ms in [600, 1100, 1600, 2099] {
            steps.renew(&listening(ms), at(ms as u64));
            assert_eq!((steps.shown().done, steps.due()), (1, Some(at(2100))), "{ms}");
        }
        steps.renew(&listening(2099), at(2100));
        assert_eq!((steps.shown().done, steps.due(), steps.count()), (2099, None, 2));
        // What goes back to what is shown is no news.
        steps.renew(&listening(7), at(2200));
        steps.renew(&listening(2099), at(2300));
        assert_eq!(steps.due(), None);
        steps.renew(&Progress::default(), at(2400));
        assert_eq!((steps.shown().stage.as_str(), steps.due(), steps.count()), ("", None, 3));
    }
}
