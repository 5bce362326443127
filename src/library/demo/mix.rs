//! Mixes the instruments of a demo piece: panning, echo, reverb and the final level.

use super::synth::{RATE, samples};

/// A stereo mix, one buffer per channel.
#[derive(Clone, Debug)]
pub struct Mix {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Mix {
    /// A silent mix of a length in seconds.
    pub fn silent(secs: f32) -> Mix {
        Mix { left: vec![0.0; samples(secs)], right: vec![0.0; samples(secs)] }
    }

    /// Adds a mono sound from second `at` on; `pan` from −1 (left) to 1 (right). What exceeds the
    /// end is cut off.
    pub fn add(&mut self, sound: &[f32], at: f32, gain: f32, pan: f32) {
        let start = samples(at).min(self.left.len());
        // Equal-power panning: the squared gains add up to `gain` squared.
        let (left, right) = (gain * ((1.0 - pan) / 2.0).sqrt(), gain * ((1.0 + pan) / 2.0).sqrt());
        for ((l, r), x) in self.left[start..].iter_mut().zip(&mut self.right[start..]).zip(sound) {
            *l += left * x;
            *r += right * x;
        }
    }

    /// Adds another mix on top.
    pub fn layer(&mut self, other: &Mix, gain: f32) {
        for (mine, theirs) in [(&mut self.left, &other.left), (&mut self.right, &other.right)] {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += gain * b);
        }
    }

    /// Multiplies all samples by `gain(seconds)`.
    pub fn gain(&mut self, gain: impl Fn(f32) -> f32) {
        for (i, (l, r)) in self.left.iter_mut().zip(&mut self.right).enumerate() {
            let g = gain(i as f32 / RATE);
            *l *= g;
            *r *= g;
        }
    }

    /// Ping-pong echo: one every `secs`, alternating sides, each `feedback` times as loud as the
    /// one before.
    pub fn echo(&mut self, secs: f32, feedback: f32) {
        let lag = samples(secs).max(1);
        let (mut l, mut r) = (self.left.clone(), self.right.clone());
        for i in lag..l.len() {
            let (from_left, from_right) = (l[i - lag], r[i - lag]);
            l[i] += feedback * from_right;
            r[i] += feedback * from_left;
        }
        (self.left, self.right) = (l, r);
    }

    /// Adds reverberation: `wet` is its level, `tail` (0 to 1) its length, and `damping` (0 to 1)
    /// how fast high frequencies decay. Schroeder's reverberator with Moorer's damped comb filters.
    pub fn room(&mut self, wet: f32, tail: f32, damping: f32) {
        // Lengths without common factors, and longer on the right to widen the stereo image.
        const COMBS: [usize; 6] = [1116, 1277, 1356, 1422, 1557, 1617];
        const ALLPASSES: [usize; 3] = [556, 341, 225];
        let feedback = 0.7 + 0.28 * tail.clamp(0.0, 1.0);
        for (side, wider) in [(&mut self.left, 0), (&mut self.right, 23)] {
            let mut room = vec![0.0f32; side.len()];
            // Side by side: each of them waits for its own last sample.
            let mut lines = COMBS.map(|length| vec![0.0f32; length + wider]);
            let (mut at, mut soft) = ([0; COMBS.len()], [0.0f32; COMBS.len()]);
            for (out, x) in room.iter_mut().zip(side.iter()) {
                for ((line, at), soft) in lines.iter_mut().zip(&mut at).zip(&mut soft) {
                    let heard = line[*at];
                    // The constant keeps the tail out of the subnormal numbers, which are slow.
                    *soft = heard + damping * (*soft - heard) + 1e-15;
                    line[*at] = x + feedback * *soft;
                    *at = if *at + 1 == line.len() { 0 } else { *at + 1 };
                    *out += heard;
                }
            }
            for length in ALLPASSES {
                let mut line = vec![0.0f32; length + wider];
                let mut at = 0;
                for out in &mut room {
                    let heard = line[at];
                    let into = *out + 0.5 * heard;
                    line[at] = into;
                    at = if at + 1 == line.len() { 0 } else { at + 1 };
                    *out = heard - 0.5 * into;
                }
            }
            side.iter_mut().zip(&room).for_each(|(dry, wet_sample)| *dry += wet * 0.2 * wet_sample);
        }
    }

    /// Finishes the mix and returns interleaved 16-bit stereo: a high-pass filter at 25 Hz, soft
    /// clipping, fades of `fade_in` and `fade_out` seconds, and the loudest sample scaled to `peak`
    /// (0 to 1) of full scale.
    pub fn finish(mut self, fade_in: f32, fade_out: f32, peak: f32) -> Vec<i16> {
        let secs = self.left.len() as f32 / RATE;
        for side in [&mut self.left, &mut self.right] {
            let (mut last, mut out) = (0.0, 0.0);
            for x in side.iter_mut() {
                out = 0.9965 * (out + *x - last);
                last = *x;
                *x = out;
            }
        }
        let loud = self.rms().max(1e-9);
        // Soft clipping: peaks above about four times the RMS level are compressed, quieter samples
        // barely change.
        let bend = |x: f32| {
            let y = x / (4.0 * loud);
            y / (1.0 + y * y).sqrt()
        };
        self.left.iter_mut().chain(&mut self.right).for_each(|x| *x = bend(*x));
        self.gain(|t| (t / fade_in.max(1e-3)).min((secs - t) / fade_out.max(1e-3)).clamp(0.0, 1.0));
        let highest = self.left.iter().chain(&self.right).fold(1e-9f32, |m, x| m.max(x.abs()));
        let scale = 32_767.0 * peak.clamp(0.0, 1.0) / highest;
        self.left.iter().zip(&self.right).flat_map(|(l, r)| [*l, *r]).map(|x| (x * scale).round() as i16).collect()
    }

    fn rms(&self) -> f32 {
        let n = (2 * self.left.len()).max(1) as f64;
        let sum: f64 = self.left.iter().chain(&self.right).map(|&x| f64::from(x) * f64::from(x)).sum();
        (sum / n).sqrt() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sound_in_time_and_space() {
        let mut mix = Mix::silent(1.0);
        mix.add(&[1.0, 1.0], 0.5, 1.0, -1.0);
        mix.add(&[1.0; 10], 2.0, 1.0, 0.0);
        let start = samples(0.5);
        assert_eq!((mix.left[start - 1], mix.left[start], mix.right[start]), (0.0, 1.0, 0.0));
        mix.echo(0.25, 0.5);
        assert_eq!((mix.left[samples(0.75)], mix.right[samples(0.75)]), (0.0, 0.5));
    }

    #[test]
    fn a_room_rings_and_falls_silent() {
        let mut mix = Mix::silent(3.0);
        mix.add(&[1.0], 0.0, 1.0, 0.0);
        mix.room(1.0, 0.5, 0.3);
        let energy = |from: f32, to: f32| mix.left[samples(from)..samples(to)].iter().map(|x| x * x).sum::<f32>();
        assert!(energy(0.1, 0.5) > 1e-4);
        assert!(energy(2.5, 3.0) < 1e-3 * energy(0.1, 0.5));
    }

    #[test]
    fn finishing_sets_peak_and_fades() {
        let mut mix = Mix::silent(2.0);
        mix.add(&super::super::synth::tone(super::super::synth::Wave::Saw, samples(2.0), |_| 200.0), 0.0, 9.0, 0.3);
        let pcm = mix.finish(0.1, 0.5, 0.8);
        assert_eq!(pcm.len(), 2 * samples(2.0));
        let highest = pcm.iter().map(|x| x.unsigned_abs()).max();
        assert_eq!(highest, Some(26_214));
        assert_eq!((pcm[0], pcm[1]), (0, 0));
        assert!(pcm[pcm.len() - 100..].iter().all(|x| x.unsigned_abs() < 200));
        assert!(Mix::silent(0.1).finish(0.1, 0.1, 0.8).iter().all(|&x| x == 0), "silence stays silence");
    }
}
