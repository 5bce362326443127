//! How long a clip takes to learn from, on this machine and now.

use std::time::Duration;

use jukebox_encoder::train::{self, Clips, Job};

use super::{DataSet, Options, Progress, Stage};
use crate::clock::Clock;

/// How many steps are timed, after one that warms up; and for how long at most.
const TIMED_STEPS: usize = 6;
const TIMED: Duration = Duration::from_secs(60);

/// How long one clip takes to learn from, by the first steps of a training that is thrown away.
pub(super) fn time_a_clip(
    options: &Options,
    data: &DataSet,
    training: &Clips,
    validation: &Clips,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Duration, String> {
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
                // So few steps that only a whole epoch tells.
                let few = steps <= 2;
                !stopped && (few || step < steps && step <= TIMED_STEPS && now - since.0 < TIMED)
            }
            train::Progress::Epoch(report) => {
                // So little data that an epoch has but one step.
                took.get_or_insert(Duration::from_secs_f64(report.seconds.max(0.0)).div_f64(training.len() as f64));
                false
            }
        }
    });
    match (took, result) {
        _ if stopped => Err("stopped before the training began".into()),
        (Some(took), _) => Ok(took),
        (None, Err(e)) => Err(format!("{e:#}")),
        (None, Ok(_)) => Ok(Duration::ZERO),
    }
}
