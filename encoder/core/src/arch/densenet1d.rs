//! `densenet1d`: every layer of a block takes the outputs of all layers before it (Huang et al. 2017); convolutions
//! over time, with mel bands as channels (the paper's §6.4).
//!
//! ```text
//! [N, 128, 1, T]
//! stem    conv 7, stride 2                                  → [N, 4g, T/2]
//! a–c     4, 6, 8 layers: conv 1 to 4g, conv 3 to g, concatenated with the input
//! between conv 1 to half the channels, mean pool of two steps
//! pool    mean and max over time
//! ```

use crate::net::{Conv, Net, Pool};

pub(super) fn body<N: Net>(net: &mut N, x: N::X, growth: usize) -> N::X {
    let x = net.bands_to_channels(x);
    let mut channels = 4 * growth;
    let mut x = net.layer("stem", x, Conv::new(channels, [1, 7]).stride([1, 2]));
    for (stage, layers) in [("a", 4), ("b", 6), ("c", 8)] {
        if stage != "a" {
            channels /= 2;
            x = net.layer(&format!("{stage}0"), x, Conv::new(channels, [1, 1]));
            x = net.pool(x, Pool::Mean, [1, 2]);
        }
        for layer in 1..=layers {
            let y = net.layer(&format!("{stage}{layer}a"), x.clone(), Conv::new(4 * growth, [1, 1]));
            let y = net.layer(&format!("{stage}{layer}b"), y, Conv::new(growth, [1, 3]));
            x = net.concat(x, y);
            channels += growth;
        }
    }
    net.over_time(x)
}
