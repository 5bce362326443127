//! `musicnn`: the public tagger MSD_musicnn (Pons and Serra 2019), imported, never trained here.
//!
//! ```text
//! [N, 1, 96, T]
//! timbre   conv 38×7 and 67×7 → scale → max over bands → [N, 204, 1, T] each
//! rhythm   conv 1×128, 1×64, 1×32 → scale → max over bands → [N, 51, 1, T] each
//! front    the five concatenated                        → [N, 561, 1, T]
//! middle   three conv 1×7 of 64, the last two residual  → [N,  64, 1, T] each
//! pool     mean and max over time of front and middle   → [N, 2·753]
//! vector   scale → dense → scale                        → [N, 200]
//! ```
//!
//! Every convolution is followed by ReLU and then by a scale, which is the frozen batch normalisation, in its authors'
//! order. Kernels over an even number of steps get a leading tap of 0, so that their padding is the same on both sides.
//!
//! Evaluating only every second band and step of the front takes about a quarter of the multiply-accumulates. Nearest
//! neighbours are as good; the tags deviate more from the original's (docs/measurements.md).

use crate::net::{Conv, Net, Pool};

/// Length of the vector.
pub(crate) const VECTOR: usize = 200;
/// Name, channels and kernel (bands × steps) of each convolution of the front.
pub(crate) const FRONT: [(&str, usize, [usize; 2]); 5] = [
    ("timbre1", 204, [38, 7]),
    ("timbre2", 204, [67, 7]),
    ("rhythm1", 51, [1, 129]),
    ("rhythm2", 51, [1, 65]),
    ("rhythm3", 51, [1, 33]),
];
/// Names of the convolutions of the middle.
pub(crate) const MIDDLE: [&str; 3] = ["middle1", "middle2", "middle3"];
const CHANNELS: usize = 64;

/// `step` 1 evaluates every band and frame, 2 every second of both.
pub(super) fn body<N: Net>(net: &mut N, x: N::X, step: usize) -> N::X {
    let [timbre1, timbre2, rhythm1, rhythm2, rhythm3] = FRONT.map(|(name, channels, kernel)| {
        let conv = Conv::new(channels, kernel).stride([step, step]).padding([0, kernel[1] / 2]);
        let y = net.layer(name, x.clone(), conv);
        let y = net.scale(&format!("{name}.scale"), y, None);
        let bands = net.bands(&y);
        net.pool(y, Pool::Max, [bands, 1])
    });
    let timbre = net.concat(timbre1, timbre2);
    let rhythm = net.concat(rhythm1, rhythm2);
    let rhythm = net.concat(rhythm, rhythm3);
    let front = net.concat(timbre, rhythm);
    let (mut all, mut last) = (front.clone(), front);
    for (i, name) in MIDDLE.into_iter().enumerate() {
        let y = net.layer(name, last.clone(), Conv::new(CHANNELS, [1, 7]));
        last = net.scale(&format!("{name}.scale"), y, (i > 0).then_some(last));
        all = net.concat(all, last.clone());
    }
    let x = net.over_time(all);
    let x = net.scale("pooled.scale", x, None);
    let x = net.layer("vector", x, Conv::new(VECTOR, [1, 1]));
    net.scale("vector.scale", x, None)
}
