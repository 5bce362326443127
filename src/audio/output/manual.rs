//! An output that a test pulls by hand.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::opened::{Opened, Rates, Running};
use crate::audio::player::source::{CHANNELS, Source};

/// The longest that [`ManualSink::pull`] waits for the decoder; only a failing test reaches it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The player's side of a manual output.
pub struct ManualOutput {
    rate: u32,
    to: Sender<Source>,
}

/// The test's side of a manual output: nothing is heard and no time passes unless it pulls.
pub struct ManualSink {
    from: Receiver<Source>,
    source: Option<Source>,
}

impl ManualOutput {
    /// An output at `rate` Hz (stereo), and the sink to pull from.
    pub fn new(rate: u32) -> (ManualOutput, ManualSink) {
        let (to, from) = crossbeam_channel::unbounded();
        (ManualOutput { rate, to }, ManualSink { from, source: None })
    }

    pub(in crate::audio) fn open(&self) -> Opened {
        self.open_at(self.rate, Vec::new())
    }

    /// Opens it like a device that supports these rates.
    pub(in crate::audio) fn open_at(&self, rate: u32, rates: Rates) -> Opened {
        let to = self.to.clone();
        let start = move |source| {
            to.send(source).map_err(|_| "the manual sink is gone")?;
            Ok(Box::new(()) as Running)
        };
        Opened { name: "manual".into(), silent: false, paced: false, rate, rates, start: Box::new(start) }
    }
}

impl ManualSink {
    /// Pulls this many frames (interleaved stereo). Waits for commands to be carried out and for the decoder to
    /// keep up, so that what comes does not depend on the machine's speed; gives silence when nothing plays.
    pub fn pull(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames * CHANNELS];
        for piece in out.chunks_mut(256 * CHANNELS) {
            self.wait(piece.len() / CHANNELS);
            if let Some(source) = &mut self.source {
                source.render(piece);
            }
        }
        out
    }

    /// Pulls like a device, without waiting.
    pub fn rush(&mut self, frames: usize) {
        if let Some(source) = &mut self.source {
            source.render(&mut vec![0.0; frames * CHANNELS]);
        }
    }

    /// Whether the decoder of the pulled stream is still running.
    #[cfg(test)]
    pub(in crate::audio) fn is_held(&self) -> bool {
        self.source.as_ref().is_some_and(|s| !s.is_abandoned())
    }

    /// Whether a track is being opened that has produced nothing yet.
    #[cfg(test)]
    pub(in crate::audio) fn is_opening(&self) -> bool {
        self.source.as_ref().is_some_and(|s| s.shared().opening.load(Ordering::Acquire))
    }

    /// Number of dropouts in the middle of a track.
    pub fn underruns(&self) -> u64 {
        self.source.as_ref().map_or(0, |s| s.shared().underruns.load(Ordering::Relaxed))
    }

    /// Waits until commands are carried out and `frames` frames can be pulled, or nothing is playing.
    pub(in crate::audio) fn wait(&mut self, frames: usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Ok(source) = self.from.try_recv() {
                self.source = Some(source);
            }
            if let Some(source) = &self.source {
                let shared = source.shared();
                let settled = shared.pending.load(Ordering::Acquire) == 0;
                let still = shared.paused.load(Ordering::Acquire) || shared.idle.load(Ordering::Acquire);
                if settled && (still || source.is_ready(frames)) && self.from.is_empty() {
                    return;
                }
            }
            if Instant::now() >= deadline {
                return;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}
