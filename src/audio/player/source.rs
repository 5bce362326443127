//! The end of the line: what an output pulls. It pops samples that were decoded before, shapes them with fades and
//! volume, and never waits, allocates, locks or panics: it runs in the device's callback.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rtrb::Consumer;

/// Channels of the ring and of every output.
pub(crate) const CHANNELS: usize = 2;
/// A fade that hides a cut, in seconds.
const FADE: f32 = 0.005;
/// A whole sweep of the volume, in seconds.
const SWEEP: f32 = 0.05;
/// Frames handed to a device at a time.
const BLOCK: usize = 64;

/// What the callback and the threads tell each other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Frames that have left the ring, heard or dropped.
    pub popped: AtomicU64,
    /// Frames that were put into the ring.
    pub pushed: AtomicU64,
    /// Twice the frame up to which the ring's content is stale; plus one when what comes then is to be faded in.
    pub skip: AtomicU64,
    /// Hold.
    pub paused: AtomicBool,
    /// Gain as the bits of an f32.
    pub gain: AtomicU32,
    /// How often there was nothing to hear in the middle of a track: the ring ran dry here, or the device said so.
    pub underruns: Arc<AtomicU64>,
    /// Nothing is left to decode, so a dry ring is the end and not a fault.
    pub idle: AtomicBool,
    /// When the feeder called the decoder that has not answered yet, in milliseconds, plus one; 0 when it waits.
    pub busy: AtomicU64,
    /// Commands that are not yet carried out.
    pub pending: Arc<AtomicUsize>,
}

impl Shared {
    /// Marks what is in the ring up to `frame` as stale.
    pub fn skip_to(&self, frame: u64, fade_in: bool) {
        self.skip.store(frame << 1 | u64::from(fade_in), Ordering::Release);
    }
}

/// Perceived loudness is about cubic in the amplitude.
pub(crate) fn gain(percent: u8) -> f32 {
    let v = f32::from(percent.min(100)) / 100.0;
    v * v * v
}

/// The source that an output pulls: interleaved stereo at `rate`, without end.
pub(crate) struct Source {
    ring: Consumer<f32>,
    shared: Arc<Shared>,
    rate: u32,
    popped: u64,
    /// The last skip order that was carried out.
    seen: u64,
    /// Fade, 0 to 1, and its change per frame.
    fade: f32,
    fade_step: f32,
    gain: f32,
    gain_step: f32,
    /// The last frame given, and how much of it is left when the ring is dry.
    last: [f32; CHANNELS],
    rest: f32,
    /// The frame before came from the ring: if none comes now, that is a break. After a seek it is not.
    flows: bool,
    block: [f32; BLOCK * CHANNELS],
    next: usize,
}

impl Source {
    pub fn new(ring: Consumer<f32>, shared: Arc<Shared>, rate: u32) -> Source {
        let fade = if shared.paused.load(Ordering::Acquire) { 0.0 } else { 1.0 };
        let gain = f32::from_bits(shared.gain.load(Ordering::Acquire));
        Source {
            ring,
            shared,
            rate,
            popped: 0,
            seen: 0,
            fade,
            fade_step: 1.0 / (FADE * rate as f32).max(1.0),
            gain,
            gain_step: 1.0 / (SWEEP * rate as f32).max(1.0),
            last: [0.0; CHANNELS],
            rest: 0.0,
            flows: false,
            block: [0.0; BLOCK * CHANNELS],
            next: BLOCK * CHANNELS,
        }
    }

    /// Frames that can be pulled before the ring is dry.
    pub fn ready(&self) -> usize {
        self.ring.slots() / CHANNELS
    }

    /// What the threads see of this source.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Sample rate in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Fills `out` (interleaved stereo).
    pub fn render(&mut self, out: &mut [f32]) {
        let skip = self.shared.skip.load(Ordering::Acquire);
        let paused = self.shared.paused.load(Ordering::Acquire);
        let gain = f32::from_bits(self.shared.gain.load(Ordering::Acquire));
        for frame in out.chunks_exact_mut(CHANNELS) {
            let [left, right] = self.frame(skip, paused);
            self.gain += (gain - self.gain).clamp(-self.gain_step, self.gain_step);
            frame[0] = left * self.gain;
            frame[1] = right * self.gain;
        }
        self.shared.popped.store(self.popped, Ordering::Release);
    }

    /// The next frame, without volume.
    fn frame(&mut self, skip: u64, paused: bool) -> [f32; CHANNELS] {
        if skip != self.seen && (self.fade <= 0.0 || self.popped >= skip >> 1 || self.ring.is_empty()) {
            self.drop_stale(skip, paused);
        }
        let stale = skip != self.seen;
        let down = stale || paused;
        if down && self.fade <= 0.0 {
            return self.fade_rest();
        }
        self.fade = (self.fade + if down { -self.fade_step } else { self.fade_step }).clamp(0.0, 1.0);
        let mut frame = [0.0; CHANNELS];
        if self.ring.pop_entire_slice(&mut frame).is_err() {
            return self.dry(stale);
        }
        self.popped += 1;
        self.flows = true;
        (self.last, self.rest) = (frame.map(|x| x * self.fade), 1.0);
        self.last
    }

    /// Drops what is stale and, once all of it is gone, gets ready for what comes.
    fn drop_stale(&mut self, skip: u64, paused: bool) {
        let stale = (skip >> 1).saturating_sub(self.popped);
        let n = (self.ring.slots() / CHANNELS).min(stale as usize);
        if let Ok(chunk) = self.ring.read_chunk(n * CHANNELS) {
            chunk.commit_all();
            self.popped += n as u64;
        }
        if self.popped >= skip >> 1 {
            self.seen = skip;
            self.flows = false;
            self.fade = if paused || skip & 1 == 1 { 0.0 } else { 1.0 };
        }
    }

    /// The ring is dry: the last frame dies away, and what comes later is faded in.
    fn dry(&mut self, stale: bool) -> [f32; CHANNELS] {
        if std::mem::take(&mut self.flows) && !stale && !self.shared.idle.load(Ordering::Relaxed) {
            self.shared.underruns.fetch_add(1, Ordering::Relaxed);
        }
        self.fade = 0.0;
        self.fade_rest()
    }

    fn fade_rest(&mut self) -> [f32; CHANNELS] {
        self.rest = (self.rest - self.fade_step).max(0.0);
        self.last.map(|x| x * self.rest)
    }
}

impl Iterator for Source {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.next >= BLOCK * CHANNELS {
            let mut block = self.block;
            self.render(&mut block);
            (self.block, self.next) = (block, 0);
        }
        self.next += 1;
        self.block.get(self.next - 1).copied()
    }
}

impl rodio::Source for Source {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        rodio::ChannelCount::MIN.saturating_add(CHANNELS as u16 - 1)
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        rodio::SampleRate::new(self.rate).unwrap_or(rodio::SampleRate::MIN)
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
