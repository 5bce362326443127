//! `crnn`: convolutions, then a recurrent layer (the paper's §6.5; the shape follows Choi et al.
//! 2017).
//!
//! ```text
//! [N, 1, 128, T]
//! conv 3×3, w;  pool 4×2   → [N,  w, 32, T/2]
//! conv 3×3, 2w; pool 4×2   → [N, 2w,  8, T/4]
//! conv 3×3, 4w; pool 4×1   → [N, 4w,  2, T/4]
//! bands into channels      → [N, 8w,  1, T/4]
//! GRU of 4w                → [N, 4w,  1, T/4]
//! pool mean and max over time
//! ```

use crate::net::{Conv, Net, Pool};

pub(super) fn body<N: Net>(net: &mut N, x: N::X, w: usize) -> N::X {
    let mut x = x;
    for (name, c, window) in [("conv1", w, [4, 2]), ("conv2", 2 * w, [4, 2]), ("conv3", 4 * w, [4, 1])] {
        x = net.layer(name, x, Conv::new(c, [3, 3]));
        x = net.pool(x, Pool::Max, window);
    }
    let x = net.bands_to_channels(x);
    let x = net.recurrent("gru", x, 4 * w);
    net.over_time(x)
}
