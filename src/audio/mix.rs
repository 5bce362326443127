//! Downmixing any number of channels to stereo.

/// Weight of a centre or surround channel: −3 dB (ITU-R BS.775).
const SIDE: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Appends interleaved `input` with this number of channels to `out` as stereo. Mono goes to both sides. Further
/// channels are taken in the usual order (left, right, centre, bass, then pairs; four are left, right and a pair) and
/// scaled so that the sum cannot clip. The bass channel is left out, as is usual.
pub(crate) fn to_stereo(input: &[f32], channels: usize, out: &mut Vec<f32>) {
    match channels {
        0 => {}
        1 => out.extend(input.iter().flat_map(|&x| [x, x])),
        2 => out.extend_from_slice(input),
        n => {
            let weights: Vec<[f32; 2]> = (0..n).map(|c| weight(c, n)).collect();
            let total: f32 = weights.iter().map(|w| w[0]).sum::<f32>().max(1.0);
            for frame in input.chunks_exact(n) {
                for side in 0..2 {
                    out.push(frame.iter().zip(&weights).map(|(x, w)| x * w[side]).sum::<f32>() / total);
                }
            }
        }
    }
}

/// The weights of channel `c` of `n` in the left and the right output channel.
fn weight(c: usize, n: usize) -> [f32; 2] {
    let pair = |c: usize| if c.is_multiple_of(2) { [SIDE, 0.0] } else { [0.0, SIDE] };
    match (c, n) {
        (0, _) => [1.0, 0.0],
        (1, _) => [0.0, 1.0],
        (_, 4) => pair(c),
        (2, _) => [SIDE, SIDE],
        (3 | 4, 5) | (5 | 6, 7) => pair(c + 1),
        (3, _) => [0.0, 0.0],
        (4, 7) => [SIDE, SIDE],
        _ => pair(c),
    }
}

#[cfg(test)]
mod tests {
    use super::to_stereo;

    fn mix(input: &[f32], channels: usize) -> Vec<f32> {
        let mut out = Vec::new();
        to_stereo(input, channels, &mut out);
        out
    }

    #[test]
    fn sides_stay_sides_and_nothing_clips() {
        assert_eq!(mix(&[0.5, -0.5], 1), [0.5, 0.5, -0.5, -0.5]);
        assert_eq!(mix(&[0.5, -0.5], 2), [0.5, -0.5]);
        for n in 3..=8 {
            let loud = mix(&vec![1.0; n], n);
            assert!(loud.iter().all(|&x| x > 0.3 && x <= 1.0), "{n}: {loud:?}");
            let mut left = vec![0.0; n];
            left[0] = 1.0;
            let left = mix(&left, n);
            assert!(left[0] > 0.2 && left[1] == 0.0, "{n}: {left:?}");
            assert!((loud[0] - loud[1]).abs() < 1e-6, "{n}");
        }
        assert!(mix(&[], 0).is_empty());
    }
}
