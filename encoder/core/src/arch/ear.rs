//! `ear`: a small residual 2-D network on 3 s of sound at full rate, distilled from a music tagger.
//!
//! ```text
//! [N, 1, 96, 186]  mel band × frame
//! stem   conv 7×5, stride 2              → [N,  w, 48, 93]
//! a      conv 3×3 stride 2, residual 3×3 → [N, 2w, 24, 47]
//! b      the same                        → [N, 4w, 12, 24]
//! c      the same                        → [N, 8w,  6, 12]
//! pool   mean and max over time          → [N, 2·8w·6]     (the frequency axis is kept)
//! ```

use crate::net::{Conv, Net};

pub(super) fn body<N: Net>(net: &mut N, x: N::X, w: usize) -> N::X {
    let mut x = net.layer("stem", x, Conv::new(w, [7, 5]).stride([2, 2]));
    for (name, c) in [("a", 2 * w), ("b", 4 * w), ("c", 8 * w)] {
        x = net.layer(&format!("{name}1"), x, Conv::new(c, [3, 3]).stride([2, 2]));
        x = net.conv(&format!("{name}2"), x.clone(), Conv::new(c, [3, 3]), Some(x), true);
    }
    net.over_time(x)
}
