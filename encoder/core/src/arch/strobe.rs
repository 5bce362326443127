//! `strobe`: a small residual 2-D network.
//!
//! ```text
//! [N, 1, 128, 128]  mel band × time step
//! stem   conv 5×4, stride 2×4          → [N,  w, 64, 32]
//! a      residual block (two 3×3)      → [N,  w, 64, 32]
//! b      conv 3×3 stride 2, block      → [N, 2w, 32, 16]
//! c      conv 3×3 stride 2, block      → [N, 4w, 16,  8]
//! pool   mean and max over time        → [N, 2·4w·16]     (the place on the frequency axis is kept)
//! pool   mean and max over time        → [N, 2·4w·16]     (the frequency axis is kept)

use crate::net::{Conv, Net};

pub(super) fn body<N: Net>(net: &mut N, x: N::X, w: usize) -> N::X {
    // The stem divides time into whole strides without padding; all other layers are padded.
    let x = net.layer("stem", x, Conv::new(w, [5, 4]).stride([2, 4]).padding([2, 0]));
    let x = block(net, "a", x, w);
    let x = net.layer("b0", x, Conv::new(2 * w, [3, 3]).stride([2, 2]));
    let x = block(net, "b", x, 2 * w);
    let x = net.layer("c0", x, Conv::new(4 * w, [3, 3]).stride([2, 2]));
    let x = block(net, "c", x, 4 * w);
    net.over_time(x)
}

/// Two convolutions with a residual connection (He et al. 2016).
fn block<N: Net>(net: &mut N, name: &str, x: N::X, w: usize) -> N::X {
    let y = net.layer(&format!("{name}1"), x.clone(), Conv::new(w, [3, 3]));
    net.conv(&format!("{name}2"), y, Conv::new(w, [3, 3]), Some(x), true)
}
