//! Measures how long one clip takes in training on this machine.

use std::time::Duration;

use jukebox_encoder::train::{self, Clips, Job};

use super::fault::Fault;
use super::{DataSet, Options, Progress, Stage};
use crate::clock::Clock;

/// Maximum number of timed steps, after one warm-up step; `TIMED`: maximum time for them.
const TIMED_STEPS: usize = 6;
const TIMED: Duration = Duration::from_secs(60);

/// The time per clip, from the first steps of a training that is discarded.
pub(super) fn time_a_clip(
    options: &Options,
    data: &DataSet,
    training: &Clips,
    validation: &Clips,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Duration, Fault> {
    let job = Job {
        genres: &data.genres,
        tags: &data.tags,
        training,
        validation,
        config: &options.config,
        device: options.device,
        start: options.start.as_deref(),
        checkpoint: None,
        every: Duration::MAX,
        resume: false,
        data: "",
    };
    let batch = options.config.clips_a_step().min(training.len());
    let (mut warm, mut took, mut stopped) = (None, None, false);
    let result = train::train(&job, &mut |step| {
        stopped |= !progress(&Progress::Stage(Stage::Timing));
        let now = clock.now();
        match step {
            train::Progress::Step { step, steps, .. } => {
                let since = *warm.get_or_insert((now, step));
                if step > since.1 {
                    took = Some((now - since.0).div_f64(((step - since.1) * batch) as f64));
                }
                // With at most two steps per epoch, only a whole epoch is timed.
                let few = steps <= 2;
                !stopped && (few || step < steps && step <= TIMED_STEPS && now - since.0 < TIMED)
            }
            train::Progress::Epoch(report) => {
                // The data is so small that an epoch has only one or two steps.
                took.get_or_insert(Duration::from_secs_f64(report.seconds.max(0.0)).div_f64(training.len() as f64));
                false
            }
        }
    });
    match (took, result) {
        _ if stopped => Err(Fault::NotBegun),
        (Some(took), _) => Ok(took),
        (None, Err(e)) => Err(e.into()),
        (None, Ok(_)) => Ok(Duration::ZERO),
    }
}
