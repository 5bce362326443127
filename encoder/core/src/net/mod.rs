//! The operations of which architectures consist. An architecture is a function over a [`Net`]: evaluated with [`Plan`]
//! it yields names, shapes and cost, with [`Tracked`] a training pass, and with [`Frozen`] inference.

use crate::kernels::Window;

mod frozen;
mod plan;
mod recurrent;
mod tracked;

pub(crate) use crate::kernels::Pool;
pub(crate) use frozen::Frozen;
pub(crate) use plan::{Kind, Plan, Row};
pub(crate) use tracked::{Noise, Tracked};

/// A convolution: output channels, and kernel, stride and padding as `[bands, steps]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conv {
    pub out: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
}

impl Conv {
    /// Stride 1, padded to keep the size.
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

    /// Height and width of the output; 0 if the kernel does not fit.
    pub fn size(&self, [h, w]: [usize; 2]) -> [usize; 2] {
        let one = |i: usize, n: usize| {
            (n + 2 * self.padding[i]).checked_sub(self.kernel[i]).map_or(0, |rest| rest / self.stride[i] + 1)
        };
        [one(0, h), one(1, w)]
    }
}

/// The operations available to an architecture. All values have the shape `[N, channels, bands,
/// steps]`.
pub(crate) trait Net {
    type X: Clone;

    /// Number of time steps of `x`.
    fn steps(&self, x: &Self::X) -> usize;

    /// Convolution, then normalisation with scale and offset (or only a bias if the architecture has no normalisation),
    /// then adds `residual` if given, then ReLU if `relu`.
    fn conv(&mut self, name: &str, x: Self::X, conv: Conv, residual: Option<Self::X>, relu: bool) -> Self::X;

    /// Multiplies every channel by a factor and adds an offset, then adds `residual` if given.
    fn scale(&mut self, name: &str, x: Self::X, residual: Option<Self::X>) -> Self::X;

    /// Number of bands of `x`.
    fn bands(&self, x: &Self::X) -> usize;

    /// Convolution and ReLU.
    fn layer(&mut self, name: &str, x: Self::X, conv: Conv) -> Self::X {
        self.conv(name, x, conv, None, true)
    }

    /// Pools windows of `[bands, steps]`, the stride equal to the window.
    fn pool(&mut self, x: Self::X, pool: Pool, window: [usize; 2]) -> Self::X;

    /// A recurrent layer over time (GRU; Cho et al. 2014): `[N, C, 1, T]` → `[N, hidden, 1, T]`.
    fn recurrent(&mut self, name: &str, x: Self::X, hidden: usize) -> Self::X;

    /// Concatenates the channels.
    fn concat(&mut self, a: Self::X, b: Self::X) -> Self::X;

    /// `[N, C, H, T]` → `[N, C·H, 1, T]`: each band of a channel becomes a channel.
    fn bands_to_channels(&mut self, x: Self::X) -> Self::X;

    /// `[N, C, H, T]` → `[N, 2·C·H, 1, 1]`: the means over time, then the maxima.
    fn over_time(&mut self, x: Self::X) -> Self::X;
}
