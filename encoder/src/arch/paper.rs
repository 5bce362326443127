//! `paper`: Tower & Vegner's Table 2, and `paper-1d`: the same layers over time.
//!
//! ```text
//! [N, 1, 128, 1280]
//! conv 3×11, 512, stride 2×5, padding 1×5   → [N, 512, 64, 256]
//! conv 3×3, 256; pool 2×2                   → [N, 256, 32, 128]
//! conv 3×3, 256; pool 2×2                   → [N, 256, 16, 64]
//! conv 3×3, 128; pool 2×2                   → [N, 128, 8, 32]
//! conv 3×3, 64; pool 2×2                    → [N, 64, 4, 16]
//! conv 3×3, 32; pool 2×2                    → [N, 32, 2, 8]
//! conv 2×4, 32, no padding                  → [N, 32, 1, 5]
//! pool 1×5                                  → [N, 32, 1, 1]   the 32 numbers
//! ```
//! ReLU after every convolution, no normalisation. The table states a stride of 1×1 for the pools, but only a stride
//! equal to the window yields the shapes of the paper's Figure 2 and a result of 32 numbers. A width below 512 scales
//! all channels but the last.

use crate::DIMS;
use crate::net::{Conv, Net, Pool};

/// Channels of the six layers before the last, at a width of 512.
const CHANNELS: [usize; 6] = [512, 256, 256, 128, 64, 32];

fn channels(width: usize) -> [usize; 6] {
    CHANNELS.map(|c| (c * width / CHANNELS[0]).max(1))
}

pub(super) fn body<N: Net>(net: &mut N, x: N::X, width: usize, pool: Pool) -> N::X {
    let channels = channels(width);
    let mut x = net.layer("conv1", x, Conv::new(channels[0], [3, 11]).stride([2, 5]));
    for (i, &c) in channels[1..].iter().enumerate() {
        x = net.layer(&format!("conv{}", i + 2), x, Conv::new(c, [3, 3]));
        x = net.pool(x, pool, [2, 2]);
    }
    let x = net.layer("conv7", x, Conv::new(DIMS, [2, 4]).padding([0, 0]));
    net.pool(x, pool, [1, 5])
}

/// Mel bands are channels (the paper's §6.3, Ulyanov & Lebedev), and kernels extend over time only. A strobe image has
/// a tenth of the steps, so it is pooled only while enough of them are left; the rest is averaged at the end.
pub(super) fn over_time<N: Net>(net: &mut N, x: N::X, width: usize) -> N::X {
    let channels = channels(width);
    let x = net.bands_to_channels(x);
    let mut x = net.layer("conv1", x, Conv::new(channels[0], [1, 11]).stride([1, 5]));
    for (i, &c) in channels[1..].iter().enumerate() {
        x = net.layer(&format!("conv{}", i + 2), x, Conv::new(c, [1, 3]));
        if net.steps(&x) >= 8 {
            x = net.pool(x, Pool::Max, [1, 2]);
        }
    }
    let x = net.layer("conv7", x, Conv::new(DIMS, [1, 4]).padding([0, 0]));
    let left = net.steps(&x);
    net.pool(x, Pool::Mean, [1, left])
}
