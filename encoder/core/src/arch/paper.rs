//! `paper`: Tower & Vegner's Table 2; `paper-1d`: the same layers over time; `paper-3x1`: what its authors probably ran as
//! 1-D.
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
//! Where fewer steps or bands are left, a pool is skipped: a strobe image of 128 × 128 keeps its steps in the first
//! layer (stride 2×1 → 64 × 128) and comes to 1 × 1 without the last pool; one averaged to 64 × 64 skips one more.
//!
//! ReLU after every convolution, no normalisation. The table states a stride of 1×1 for the pools, but only a stride
//! equal to the window yields the shapes of the paper's Figure 2 and a result of 32 numbers. A width below 512 scales
//! all channels, to no fewer than 32.

use crate::DIMS;
use crate::net::{Conv, Net, Pool};

/// Channels of the six layers before the last, at a width of 512.
const CHANNELS: [usize; 6] = [512, 256, 256, 128, 64, 32];

/// The fewest channels of a layer: fewer than the 32 numbers would be a bottleneck of its own.
const FEWEST: usize = DIMS;

fn channels(width: usize) -> [usize; 6] {
    CHANNELS.map(|c| (c * width / CHANNELS[0]).max(FEWEST))
}

/// The stride over time of the first layer: 5 as in the paper, or 1 where the image has a tenth of the steps.
fn stride(steps: usize) -> usize {
    if steps >= 640 { 5 } else { 1 }
}

pub(super) fn body<N: Net>(net: &mut N, x: N::X, width: usize, pool: Pool) -> N::X {
    let channels = channels(width);
    let stride = stride(net.steps(&x));
    let mut x = net.layer("conv1", x, Conv::new(channels[0], [3, 11]).stride([2, stride]));
    for (i, &c) in channels[1..].iter().enumerate() {
        x = net.layer(&format!("conv{}", i + 2), x, Conv::new(c, [3, 3]));
        // The last layer's kernel needs 2 × 4.
        if net.bands(&x) >= 4 && net.steps(&x) >= 8 {
            x = net.pool(x, pool, [2, 2]);
        }
    }
    let x = net.layer("conv7", x, Conv::new(DIMS, [2, 4]).padding([0, 0]));
    match net.steps(&x) {
        0 | 1 => x,
        left => net.pool(x, pool, [1, left]),
    }
}

/// Mel bands are channels (the paper's §6.3, Ulyanov & Lebedev), and kernels extend over time only. A strobe image has
/// a tenth of the steps, so it is pooled only while enough of them are left; the rest is averaged at the end.
pub(super) fn over_time<N: Net>(net: &mut N, x: N::X, width: usize, pool: Pool) -> N::X {
    let channels = channels(width);
    let x = net.bands_to_channels(x);
    let mut x = net.layer("conv1", x, Conv::new(channels[0], [1, 11]).stride([1, 5]));
    for (i, &c) in channels[1..].iter().enumerate() {
        x = net.layer(&format!("conv{}", i + 2), x, Conv::new(c, [1, 3]));
        if net.steps(&x) >= 8 {
            x = net.pool(x, pool, [1, 2]);
        }
    }
    let x = net.layer("conv7", x, Conv::new(DIMS, [1, 4]).padding([0, 0]));
    let left = net.steps(&x);
    net.pool(x, Pool::Mean, [1, left])
}

/// `paper-3x1`: the network of the authors' commit 0d324f0 ("3x1 conv"), probably the one that the paper's Figure 3 calls
/// "1D convolution over just time": of all commits it alone has one-dimensional kernels in a network of 512 channels. Its
/// five middle layers have kernels of 3×1 on (mel, time), and so extend over frequency alone. A smaller network was tried
/// with `Conv1d` before (commit 0752119; their log: "Run 49: Swapped for Conv1D, no further changes. Faster convergence,
/// better accuracy (42%)"), but its kernels are written as 3×10.
///
/// ```text
/// [N, 1, 128, 1280]
/// conv 3×11, 512, stride 2×5, padding 1×5; pool 1×2   → [N, 512, 64, 128]
/// conv 3×1, 256, stride 2×1; pool 1×2                 → [N, 256, 32, 64]
/// conv 3×1, 256, stride 2×1; pool 1×2                 → [N, 256, 16, 32]
/// conv 3×1, 128, stride 2×1; pool 1×2                 → [N, 128, 8, 16]
/// conv 3×1, 64, stride 2×1; pool 1×2                  → [N, 64, 4, 8]
/// conv 3×1, 32, stride 2×1; pool 1×2                  → [N, 32, 2, 4]
/// conv 2×4, 32, no padding                            → [N, 32, 1, 1]   the 32 numbers
/// ```
/// Everything above is the authors', the mean pools and the two-dimensional first and last layers included. Ours is what
/// smaller images need: the stride of the first layer, and strides and pools that are skipped where the last kernel
/// would not find its 2 × 4.
pub(super) fn over_bands<N: Net>(net: &mut N, x: N::X, width: usize, pool: Pool) -> N::X {
    let channels = channels(width);
    let stride = stride(net.steps(&x));
    let x = net.layer("conv1", x, Conv::new(channels[0], [3, 11]).stride([2, stride]));
    let mut x = halved(net, x, pool);
    for (i, &c) in channels[1..].iter().enumerate() {
        // The last layer's kernel needs 2 × 4.
        let stride = if net.bands(&x) >= 4 { 2 } else { 1 };
        x = net.layer(&format!("conv{}", i + 2), x, Conv::new(c, [3, 1]).stride([stride, 1]));
        x = halved(net, x, pool);
    }
    net.layer("conv7", x, Conv::new(DIMS, [2, 4]).padding([0, 0]))
}

/// Pools two steps, if 4 are left.
fn halved<N: Net>(net: &mut N, x: N::X, pool: Pool) -> N::X {
    if net.steps(&x) >= 8 { net.pool(x, pool, [1, 2]) } else { x }
}
