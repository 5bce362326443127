//! The end of the line: what an output pulls. It pops samples that were decoded before, shapes them with fades, volume
//! and balance, and never waits, allocates, locks or panics: it runs in the device's callback.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rtrb::{Consumer, Producer};

use crate::audio::Shape;
use crate::clock::Clock;

/// Channels of the ring and of every output.
pub(crate) const CHANNELS: usize = 2;
/// A fade that hides a cut, in seconds.
const CUT: f32 = 0.005;
/// A whole sweep of the volume, in seconds.
const SWEEP: f32 = 0.05;
/// A track begins when so much of it waits in the ring, in seconds, beside what is asked for at once: the decoder has
/// hardly begun when the output asks, and what it has given by then would break off.
const PRIMED: f32 = 0.1;
/// The bits of [`Shared::taken`] that hold a round; the others hold a frame.
const ROUND: u32 = 16;
/// The bits of [`Shared::ear`] that hold milliseconds; the others hold frames.
const CLOCK: u32 = 24;

/// What the callback and the threads tell each other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Frames that have left the ring, heard or dropped.
    pub popped: AtomicU64,
    /// Frames that were put into the ring.
    pub pushed: AtomicU64,
    /// Frames that the output has asked for.
    pub pulled: AtomicU64,
    /// The last order to drop what is in the ring: four times its round; plus one when what comes then is to be faded in,
    /// plus two when the fades at both ends are that of a pause and not those of a cut.
    pub(super) order: AtomicU64,
    /// The last order that the decoder has taken, and the frame up to which the ring's content was stale then. In one
    /// number, so that the two are of one moment. Until an order is taken, all that comes is stale.
    pub(super) taken: AtomicU64,
    /// Hold.
    pub paused: AtomicBool,
    /// Gains of the two sides, as the bits of an f32.
    pub(super) left: AtomicU32,
    pub(super) right: AtomicU32,
    /// Both sides get the mean of both.
    pub(super) mono: AtomicBool,
    /// The fade of a pause in seconds, as the bits of an f32.
    pub(super) fade: AtomicU32,
    /// How often there was nothing to hear in the middle of a track: the ring ran dry here, or the device said so.
    pub underruns: Arc<AtomicU64>,
    /// Nothing is left to decode or to put into the ring.
    pub idle: AtomicBool,
    /// Nothing is left to decode unless a follower comes: what is in the ring may be all, and a dry one is the end and no fault.
    pub over: AtomicBool,
    /// A track is being opened behind silence or in place of another, and nothing of it is in the ring yet: a dry ring is no
    /// fault then either.
    pub opening: AtomicBool,
    /// When the feeder called the decoder that has not answered yet, in milliseconds, plus one; 0 when it waits.
    pub busy: AtomicU64,
    /// It is called for the follower, while the track before is not marked as ended yet.
    pub ahead: AtomicBool,
    /// Commands that are not yet carried out, and marks that are not yet taken.
    pub pending: Arc<AtomicUsize>,
    /// The frame that was heard when the device asked last, and when that was in milliseconds; 0 where an output says
    /// nothing of its delay. In one number, so that the two are of one moment.
    pub(super) ear: AtomicU64,
    /// Somebody wants to see the sound.
    pub tap: AtomicBool,
}

impl Shared {
    /// Orders that what is in the ring, and what still comes of it, is dropped. The decoder must be told of the round next.
    pub fn drop_for(&self, round: u64, fade_in: bool, slow: bool) {
        self.order.store(round << 2 | u64::from(slow) << 1 | u64::from(fade_in), Ordering::Release);
    }

    /// The decoder has heard of a round: what it puts into the ring from now on is of it.
    pub fn take(&self, round: u64) {
        let frame = self.pushed.load(Ordering::Acquire);
        self.taken.store(frame << ROUND | round & ((1 << ROUND) - 1), Ordering::Release);
    }

    /// Whether what the decoder has to make way for is still in the ring.
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

    /// The frame of the ring that is heard at a time of the clock: what left the ring, less what the device still holds.
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
    clock: Arc<dyn Clock>,
    popped: u64,
    /// Frames given since one left the ring.
    silent: u64,
    /// The last order that was carried out.
    seen: u64,
    /// Fade, 0 to 1; its change per frame at a cut; whether it is a pause's and not a cut's.
    fade: f32,
    cut_step: f32,
    pausing: bool,
    /// Gains of the sides, and the share of the mean in both.
    gains: [f32; CHANNELS],
    mono: f32,
    gain_step: f32,
    /// The last frame given, and how much of it is left when the ring is dry.
    last: [f32; CHANNELS],
    rest: f32,
    /// Enough has been in the ring to begin, and it has not run dry since: if no frame comes now, that is a break.
    flows: bool,
    /// Where the mean of both sides goes while somebody wants to see it.
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

    /// Whether so many frames can be pulled. What an order made stale does not count; the first pull drops it, and until
    /// then it may leave no room in the ring for what comes.
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

    /// Frames that must be in the ring to begin, when so many are asked for at once.
    fn primed(&self, frames: usize) -> usize {
        (frames + (PRIMED * self.rate as f32) as usize).min(self.ring.buffer().capacity() / CHANNELS)
    }

    /// Whether nothing will be put into its ring any more.
    #[cfg(test)]
    pub fn is_abandoned(&self) -> bool {
        self.ring.is_abandoned()
    }

    /// What the threads see of this source.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The player's time.
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
                // There is room for so many.
                let _ = self.tap.push((frame[0] + frame[1]) / 2.0);
            }
        }
    }

    /// Notes that the last frame given will be heard when the device has played so many frames from now on.
    pub fn heard_after(&mut self, frames: u64) {
        let ear = self.popped.saturating_sub(frames.saturating_sub(self.silent));
        let now = self.clock.now().as_millis() as u64 & ((1 << CLOCK) - 1);
        self.shared.ear.store(ear << CLOCK | now, Ordering::Release);
    }

    /// The next frame, without volume. Nothing begins before `primed` frames are there.
    fn frame(&mut self, paused: bool, pause_step: f32, primed: usize) -> [f32; CHANNELS] {
        let order = self.shared.order.load(Ordering::Acquire);
        if order != self.seen {
            self.obey(order, paused);
        }
        self.silent += 1;
        let stale = order != self.seen;
        let down = stale || paused;
        if down && !self.flows {
            // Nothing sounds that could fade out.
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

    /// Whether enough is in the ring to begin: so much, or all that there is going to be.
    fn begins(&mut self, primed: usize) -> bool {
        // In this order: it is not over before the decoder puts something in.
        let held = self.held();
        self.flows = held >= primed || held > 0 && self.shared.over.load(Ordering::Acquire);
        self.flows
    }

    /// Drops what an order made stale, once it has faded out, and gets ready for what comes.
    fn obey(&mut self, order: u64, paused: bool) {
        // In this order: what was in the ring before the order was taken is stale, and nothing else is.
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

    /// The ring is dry: the last frame dies away, and what comes later is faded in.
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
