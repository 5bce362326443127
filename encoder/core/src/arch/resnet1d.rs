//! `resnet1d`: a residual network over time, mel bands as channels (the paper's §6.4).
//!
//! ```text
//! [N, 128, 1, T]
//! stem   conv 7, stride 2            → [N,  w, T/2]
//! a      two residual blocks         → [N,  w, T/2]
//! b–d    conv 3 stride 2, two blocks → [N, 2w, T/16]
//! pool   mean and max over time      → [N, 4w]
//! ```

use crate::net::{Conv, Net};

pub(super) fn body<N: Net>(net: &mut N, x: N::X, w: usize) -> N::X {
    let x = net.bands_to_channels(x);
    let mut x = net.layer("stem", x, Conv::new(w, [1, 7]).stride([1, 2]));
    for (stage, c) in [("a", w), ("b", w), ("c", 2 * w), ("d", 2 * w)] {
        if stage != "a" {
            x = net.layer(&format!("{stage}0"), x, Conv::new(c, [1, 3]).stride([1, 2]));
        }
        for block in 1..=2 {
            let y = net.layer(&format!("{stage}{block}a"), x.clone(), Conv::new(c, [1, 3]));
            x = net.conv(&format!("{stage}{block}b"), y, Conv::new(c, [1, 3]), Some(x), true);
        }
    }
    net.over_time(x)
}
