//! The words that architectures are written in. An architecture is one function over a [`Net`]; walked by [`Plan`] it
//! gives names, shapes and cost, by [`Tracked`] a training pass, by [`Frozen`] an inference.

use crate::kernels::Window;

mod frozen;
mod plan;
mod recurrent;
mod tracked;

pub(crate) use frozen::Frozen;
pub(crate) use plan::{Kind, Plan};
pub(crate) use tracked::Tracked;

/// A convolution: channels that come out, and kernel, stride and padding as `[bands, steps]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conv {
    pub out: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
}

impl Conv {
    /// Stride 1, borders kept.
    pub fn new(out: usize, kernel: [usize; 2]) -> Conv {
        Conv { out, kernel, stride: [1, 1], padding: kernel.map(|k| k / 2) }
    }

    /// The same with another stride.
    pub fn stride(self, stride: [usize; 2]) -> Conv {
        Conv { stride, ..self }
    }

    /// The same with another padding.
    pub fn padding(self, padding: [usize; 2]) -> Conv {
        Conv { padding, ..self }
    }

    /// Stride and padding.
    pub fn window(&self) -> Window {
        Window { stride: self.stride, padding: self.padding }
    }

    /// Height and width of what comes out; 0 where the kernel does not fit.
    pub fn size(&self, [h, w]: [usize; 2]) -> [usize; 2] {
        let one = |i: usize, n: usize| {
            (n + 2 * self.padding[i]).checked_sub(self.kernel[i]).map_or(0, |rest| rest / self.stride[i] + 1)
        };
        [one(0, h), one(1, w)]
    }
}

/// How neighbouring numbers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pool {
    Max,
    Mean,
}

/// What an architecture is walked by. Everything is `[N, channels, bands, steps]`.
pub(crate) trait Net {
    type X: Clone;

    /// Steps of the time axis at this point.
    fn steps(&self, x: &Self::X) -> usize;

    /// Convolution; normalisation with scale and offset (or a bias alone where the architecture has no
    /// normalisation); + `residual` where there is one; ReLU where asked for.
    fn conv(&mut self, name: &str, x: Self::X, conv: Conv, residual: Option<Self::X>, relu: bool) -> Self::X;

    /// Every channel times a factor, plus an offset; + `residual` where there is one.
    fn scale(&mut self, name: &str, x: Self::X, residual: Option<Self::X>) -> Self::X;

    /// Bands at this point.
    fn bands(&self, x: &Self::X) -> usize;

    /// Convolution and ReLU.
    fn layer(&mut self, name: &str, x: Self::X, conv: Conv) -> Self::X {
        self.conv(name, x, conv, None, true)
    }

    /// Pools windows of `[bands, steps]`, the stride equal to the window.
    fn pool(&mut self, x: Self::X, pool: Pool, window: [usize; 2]) -> Self::X;

    /// A recurrent layer over time (GRU; Cho et al. 2014): `[N, C, 1, T]` → `[N, hidden, 1, T]`.
    fn recurrent(&mut self, name: &str, x: Self::X, hidden: usize) -> Self::X;

    /// The channels of both.
    fn concat(&mut self, a: Self::X, b: Self::X) -> Self::X;

    /// `[N, C, H, T]` → `[N, C·H, 1, T]`: the place on the frequency axis becomes a channel.
    fn bands_to_channels(&mut self, x: Self::X) -> Self::X;

    /// `[N, C, H, T]` → `[N, 2·C·H, 1, 1]`: the means over time, then the maxima.
    fn over_time(&mut self, x: Self::X) -> Self::X;
}
