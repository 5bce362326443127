//! What the output's callback pulls: it pops samples from the ring and applies fades, volume and balance. It runs on the
//! device's real-time thread, so it never waits, allocates, locks or panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rtrb::{Consumer, Producer};

use crate::audio::Shape;
use crate::clock::Clock;

/// Channels of the ring and of every output.
pub(crate) const CHANNELS: usize = 2;
/// Duration of the fade that avoids a click at a cut, in seconds.
const CUT: f32 = 0.005;
/// Duration of a volume change over the full range, in seconds.
const SWEEP: f32 = 0.05;
/// A track starts when the ring holds this many seconds beyond what the output requests at a time: a decoder that has
/// only just started could not keep up otherwise.
const PRIMED: f32 = 0.1;
/// The bits of [`Shared::taken`] that hold a round; the others hold a frame.
const ROUND: u32 = 16;
/// The bits of [`Shared::ear`] that hold milliseconds; the others hold frames.
const CLOCK: u32 = 24;

/// The state that the callback and the threads share, all of it atomic.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Frames that have left the ring, played or dropped.
    pub popped: AtomicU64,
    /// Frames that were put into the ring.
    pub pushed: AtomicU64,
    /// Frames that the output has requested.
    pub pulled: AtomicU64,
    /// The last order to drop the ring's content: four times its round, plus one if what follows is to fade in, plus
    /// two if the fades are those of a pause instead of a cut.
    pub(super) order: AtomicU64,
    /// The round of the last order that the decoder has taken, and the frame up to which the ring's content was stale then, in one
    /// number so that they are consistent. Until an order is taken, everything that is pushed is stale.
    pub(super) taken: AtomicU64,
    /// Paused.
    pub paused: AtomicBool,
    /// Gains of the two channels, as the bits of an f32.
    pub(super) left: AtomicU32,
    pub(super) right: AtomicU32,
    /// Both channels play the mean of both.
    pub(super) mono: AtomicBool,
    /// The fade of a pause in seconds, as the bits of an f32.
    pub(super) fade: AtomicU32,
    /// Number of dropouts in the middle of a track: the ring ran dry, or the device reported one.
    pub underruns: Arc<AtomicU64>,
    /// The decode thread has nothing left to decode or to put into the ring.
    pub idle: AtomicBool,
    /// Nothing is left to decode unless a follower comes: an empty ring is the end, not a dropout.
    pub over: AtomicBool,
    /// A track is being opened after silence or in place of another, and none of it is in the ring yet: an empty ring
    /// is not a dropout then either.
    pub opening: AtomicBool,
    /// When the decode thread called the decoder, in milliseconds of the clock plus one; 0 while it is not in a call.
    pub busy: AtomicU64,
    /// That call is for the follower, and the end of the current track is not marked yet.
    pub ahead: AtomicBool,
    /// Number of commands not yet carried out and of marks not yet received.
    pub pending: Arc<AtomicUsize>,
    /// The frame that was heard at the last callback, and when that was in milliseconds, in one number so that they are consistent;
    /// 0 for an output that does not state its delay.
    pub(super) ear: AtomicU64,
    /// The spectrum is shown.
    pub tap: AtomicBool,
}

impl Shared {
    /// Orders all samples of earlier rounds to be dropped, in the ring or still to come. The decoder must be given the
    /// round next.
    pub fn drop_for(&self, round: u64, fade_in: bool, slow: bool) {
        self.order.store(round << 2 | u64::from(slow) << 1 | u64::from(fade_in), Ordering::Release);
    }

    /// The decoder has taken a round: what it pushes from now on belongs to it.
    pub fn take(&self, round: u64) {
        let frame = self.pushed.load(Ordering::Acquire);
        self.taken.store(frame << ROUND | round & ((1 << ROUND) - 1), Ordering::Release);
    }

    /// Whether stale samples are still in the ring.
    pub fn is_blocked(&self) -> bool {
        self.taken.load(Ordering::Acquire) >> ROUND > self.popped.load(Ordering::Acquire)
    }

    /// The frame up to which an order makes the ring's content stale, once the decoder has taken it.
    fn stale_to(&self, order: u64) -> Option<u64> {
        let (taken, mask) = (self.taken.load(Ordering::Acquire), (1 << ROUND) - 1);
        (taken & mask == order >> 2 & mask).then_some(taken >> ROUND)
    }

    /// Sets volume, balance and the rest.
    pub fn shape(&self, shape: &Shape) {
        let volume = gain(shape.volume);
        let side = |sign: f32| (1.0 + sign * f32::from(shape.balance.clamp(-100, 100)) / 100.0).clamp(0.0, 1.0);
        self.left.store((volume * side(-1.0)).to_bits(), Ordering::Release);
        self.right.store((volume * side(1.0)).to_bits(), Ordering::Release);
        self.mono.store(shape.mono, Ordering::Release);
        self.fade.store(shape.fade.to_bits(), Ordering::Release);
    }

    /// The frame that is heard at time `now` of the clock: frames that left the ring, less those that the device still
    /// holds.
    pub fn heard(&self, rate: u32, now: Duration) -> u64 {
        let (ear, popped) = (self.ear.load(Ordering::Acquire), self.popped.load(Ordering::Acquire));
        if ear == 0 {
            return popped;
        }
        let mask = (1 << CLOCK) - 1;
        let passed = (now.as_millis() as u64).wrapping_sub(ear & mask) & mask;
        popped.min((ear >> CLOCK).saturating_add(passed * u64::from(rate) / 1000))
    }
}

/// The amplitude for a volume in percent: perceived loudness is roughly the cube root of amplitude.
pub(crate) fn gain(percent: u8) -> f32 {
    let v = f32::from(percent.min(100)) / 100.0;
    v * v * v
}

/// The source that an output pulls from: interleaved stereo at `rate`, without end.
pub(crate) struct Source {
    ring: Consumer<f32>,
    shared: Arc<Shared>,
    rate: u32,
    clock: Arc<dyn Clock>,
    popped: u64,
    /// Frames rendered since the last one from the ring.
    silent: u64,
    /// The last order that was carried out.
    seen: u64,
    /// The fade, 0 to 1; its change per frame at a cut; whether the fade is that of a pause instead of a cut.
    fade: f32,
    cut_step: f32,
    pausing: bool,
    /// Gains of the channels, and the share of the mean in both (0 stereo, 1 mono).
    gains: [f32; CHANNELS],
    mono: f32,
    gain_step: f32,
    /// The last frame rendered, and the fraction of it that is left while it fades out.
    last: [f32; CHANNELS],
    rest: f32,
    /// The ring was filled enough to start, and has not run dry since: if no frame comes now, that is a dropout.
    flows: bool,
    /// Receives the mean of both channels while the spectrum is shown.
    tap: Producer<f32>,
}

impl Source {
    pub fn new(
        (ring, tap): (Consumer<f32>, Producer<f32>),
        shared: Arc<Shared>,
        rate: u32,
        clock: Arc<dyn Clock>,
    ) -> Source {
        let paused = shared.paused.load(Ordering::Acquire);
        let gains = [&shared.left, &shared.right].map(|g| f32::from_bits(g.load(Ordering::Acquire)));
        let mono = f32::from(u8::from(shared.mono.load(Ordering::Acquire)));
        Source {
            ring,
            shared,
            rate,
            clock,
            popped: 0,
            silent: 0,
            seen: 0,
            fade: if paused { 0.0 } else { 1.0 },
            cut_step: 1.0 / (CUT * rate as f32).max(1.0),
            pausing: paused,
            gains,
            mono,
            gain_step: 1.0 / (SWEEP * rate as f32).max(1.0),
            last: [0.0; CHANNELS],
            rest: 0.0,
            flows: false,
            tap,
        }
    }

    /// Whether `frames` frames can be pulled. Stale frames do not count; the next pull drops them, and until then they
    /// may leave no room in the ring for new ones.
    pub fn is_ready(&self, frames: usize) -> bool {
        let order = self.shared.order.load(Ordering::Acquire);
        if order == self.seen {
            return self.held() >= if self.flows { frames } else { self.primed(frames) };
        }
        let stale = self.shared.stale_to(order).map_or(0, |until| until.saturating_sub(self.popped) as usize);
        let room = (self.ring.buffer().capacity() / CHANNELS).saturating_sub(stale);
        self.held().saturating_sub(stale) >= self.primed(frames).min(room) || self.shared.over.load(Ordering::Acquire)
    }

    /// Frames in the ring.
    fn held(&self) -> usize {
        self.ring.slots() / CHANNELS
    }

    /// Frames that must be in the ring to start, if `frames` are requested at a time.
    fn primed(&self, frames: usize) -> usize {
        (frames + (PRIMED * self.rate as f32) as usize).min(self.ring.buffer().capacity() / CHANNELS)
    }

    /// Whether the other end of its ring is gone.
    #[cfg(test)]
    pub fn is_abandoned(&self) -> bool {
        self.ring.is_abandoned()
    }

    /// The state shared with the threads.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The player's clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Sample rate in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Fills `out` (interleaved stereo).
    pub fn render(&mut self, out: &mut [f32]) {
        let shared = &self.shared;
        let paused = shared.paused.load(Ordering::Acquire);
        let gains = [&shared.left, &shared.right].map(|g| f32::from_bits(g.load(Ordering::Acquire)));
        let mono = f32::from(u8::from(shared.mono.load(Ordering::Acquire)));
        let pause_step = 1.0 / (f32::from_bits(shared.fade.load(Ordering::Acquire)) * self.rate as f32).max(1.0);
        let pause_step = pause_step.min(self.cut_step);
        let step = self.gain_step;
        let primed = self.primed(out.len() / CHANNELS);
        for frame in out.chunks_exact_mut(CHANNELS) {
            let [mut left, mut right] = self.frame(paused, pause_step, primed);
            self.mono += (mono - self.mono).clamp(-step, step);
            if self.mono > 0.0 {
                let mean = (left + right) / 2.0;
                (left, right) = (left + (mean - left) * self.mono, right + (mean - right) * self.mono);
            }
            for (now, then) in self.gains.iter_mut().zip(gains) {
                *now += (then - *now).clamp(-step, step);
            }
            (frame[0], frame[1]) = (left * self.gains[0], right * self.gains[1]);
        }
        self.shared.popped.store(self.popped, Ordering::Release);
        self.shared.pulled.fetch_add((out.len() / CHANNELS) as u64, Ordering::AcqRel);
        if self.shared.tap.load(Ordering::Relaxed) {
            let n = self.tap.slots().min(out.len() / CHANNELS);
            for frame in out.chunks_exact(CHANNELS).take(n) {
                // Cannot fail: `n` slots are free.
                let _ = self.tap.push((frame[0] + frame[1]) / 2.0);
            }
        }
    }

    /// Records that the last rendered frame will be heard after the device has played `frames` more frames.
    pub fn heard_after(&mut self, frames: u64) {
        let ear = self.popped.saturating_sub(frames.saturating_sub(self.silent));
        let now = self.clock.now().as_millis() as u64 & ((1 << CLOCK) - 1);
        self.shared.ear.store(ear << CLOCK | now, Ordering::Release);
    }

    /// The next frame, before volume is applied. Nothing starts before `primed` frames are in the ring.
    fn frame(&mut self, paused: bool, pause_step: f32, primed: usize) -> [f32; CHANNELS] {
        let order = self.shared.order.load(Ordering::Acquire);
        if order != self.seen {
            self.obey(order, paused);
        }
        self.silent += 1;
        let stale = order != self.seen;
        let down = stale || paused;
        if down && !self.flows {
            // Nothing is playing that could fade out.
            self.fade = 0.0;
        }
        if down && self.fade <= 0.0 || !self.flows && !self.begins(primed) {
            return self.fade_rest();
        }
        if down {
            self.pausing = !stale || order & 2 != 0;
        }
        let step = if self.pausing { pause_step } else { self.cut_step };
        self.fade = (self.fade + if down { -step } else { step }).clamp(0.0, 1.0);
        let mut frame = [0.0; CHANNELS];
        if self.ring.pop_entire_slice(&mut frame).is_err() {
            return self.dry(stale);
        }
        self.popped += 1;
        self.silent = 0;
        (self.last, self.rest) = (frame.map(|x| x * self.fade), 1.0);
        self.last
    }

    /// Whether the ring holds enough to start: `primed` frames, or the last ones there will be.
    fn begins(&mut self, primed: usize) -> bool {
        // The order of these reads matters: `over` becomes false before the decoder pushes anything.
        let held = self.held();
        self.flows = held >= primed || held > 0 && self.shared.over.load(Ordering::Acquire);
        self.flows
    }

    /// Carries out an order: drops stale frames, once they have faded out, and prepares for what comes next.
    fn obey(&mut self, order: u64, paused: bool) {
        // `held` is read first: exactly what was in the ring before the order was taken is stale.
        let held = self.held();
        let Some(until) = self.shared.stale_to(order) else {
            if held == 0 {
                (self.flows, self.fade) = (false, 0.0);
            }
            return;
        };
        let stale = until.saturating_sub(self.popped);
        if stale > 0 && held > 0 && self.flows && self.fade > 0.0 {
            return;
        }
        let n = held.min(stale as usize);
        if let Ok(chunk) = self.ring.read_chunk(n * CHANNELS) {
            chunk.commit_all();
            self.popped += n as u64;
        }
        if self.popped >= until {
            self.seen = order;
            self.flows = false;
            self.pausing = paused || order & 2 != 0;
            self.fade = if paused || order & 1 == 1 { 0.0 } else { 1.0 };
        }
    }

    /// The ring is empty: the last frame fades out, and later ones fade in.
    fn dry(&mut self, stale: bool) -> [f32; CHANNELS] {
        let of = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if !stale && !of(&self.shared.over) && !of(&self.shared.opening) {
            self.shared.underruns.fetch_add(1, Ordering::Relaxed);
        }
        (self.flows, self.pausing, self.fade) = (false, false, 0.0);
        self.fade_rest()
    }

    fn fade_rest(&mut self) -> [f32; CHANNELS] {
        self.rest = (self.rest - self.cut_step).max(0.0);
        self.last.map(|x| x * self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn what_is_sent_is_kept_for_the_spectrum_only_while_that_is_shown() {
        let (mut ring, samples) = rtrb::RingBuffer::new(4000);
        for _ in 0..2000 {
            // The two channels differ; their mean is a quarter.
            let pushed = [0.75f32, -0.25].map(|x| ring.push(x));
            assert!(pushed.iter().all(Result::is_ok));
        }
        let (tapped, mut tap) = rtrb::RingBuffer::new(500);
        let shared = Arc::new(Shared { over: AtomicBool::new(true), ..Shared::default() });
        shared.shape(&Shape { volume: 50, ..Shape::default() });
        let mut source = Source::new((samples, tapped), shared.clone(), 1000, Arc::new(SystemClock::new()));
        let mut out = [0.0; 200];
        source.render(&mut out);
        assert_eq!((tap.slots(), out[0]), (0, 0.75 * 0.125), "nobody looks");
        shared.tap.store(true, Ordering::Release);
        for _ in 0..20 {
            source.render(&mut out);
        }
        // After the volume; and what nobody takes is left out.
        assert_eq!(tap.slots(), 500);
        assert!((0..500).all(|_| tap.pop() == Ok(0.25 * 0.125)));
        shared.tap.store(false, Ordering::Release);
        source.render(&mut out);
        assert_eq!(tap.slots(), 0);
    }
}
