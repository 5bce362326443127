//! Convolution on plain slices, forward and backward, one image at a time. All sums run in a fixed order, so that
//! results do not depend on threads.
//!
//! There is no im2col. An image is laid out once as padded *planes*, one for each channel and each phase of the stride.
//! The input element under a given kernel position is then at the same offset from each output element, so a
//! convolution is a sum of shifted planes ([`Gather`]). Rows of planes are slightly longer than rows of the result; the
//! surplus elements are computed and discarded, or are zero.

use pulp::{Arch, Simd, WithSimd};

use super::Window;

/// Elements processed together: twice the widest SIMD register.
const LANES: usize = 32;
/// Number of output channels that share a load.
const BLOCK: usize = 4;

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Number of images.
    pub n: usize,
    /// Channels, rows and columns of the input.
    pub input: [usize; 3],
    pub out: usize,
    pub kernel: [usize; 2],
    pub window: Window,
}

impl Shape {
    /// Rows and columns of the output.
    pub fn size(&self) -> [usize; 2] {
        [0, 1].map(|i| {
            let room = self.input[i + 1] + 2 * self.window.padding[i];
            room.checked_sub(self.kernel[i]).map_or(0, |rest| rest / self.window.stride[i] + 1)
        })
    }

    fn image(&self) -> usize {
        self.input.iter().product()
    }

    /// Number of elements under the kernel.
    fn depth(&self) -> usize {
        self.input[0] * self.kernel[0] * self.kernel[1]
    }
}

/// Memory layout of the planes and the result.
struct Layout {
    shape: Shape,
    /// Rows and columns of the result.
    size: [usize; 2],
    /// Number of rows of a plane; `pitch`: their length.
    rows: usize,
    pitch: usize,
    /// For every kernel element (channel, row, column), the offset into the planes for the first output element.
    taps: Vec<usize>,
    /// From the first output element to past the last, in rows of `pitch`, rounded up to whole
    /// lanes.
    span: usize,
    /// The largest offset of a tap within its plane.
    reach: usize,
}

impl Layout {
    fn of(shape: Shape) -> Layout {
        let [sh, sw] = shape.window.stride;
        let [ph, pw] = shape.window.padding;
        let [c, h, w] = shape.input;
        let [kh, kw] = shape.kernel;
        let size = shape.size();
        let (rows, pitch) = ((h + 2 * ph).div_ceil(sh), (w + 2 * pw).div_ceil(sw));
        let mut taps = Vec::with_capacity(shape.depth());
        for channel in 0..c {
            for ky in 0..kh {
                for kx in 0..kw {
                    let plane = (channel * sh + ky % sh) * sw + kx % sw;
                    taps.push((plane * rows + ky / sh) * pitch + kx / sw);
                }
            }
        }
        let span = (size[0].saturating_sub(1) * pitch + size[1]).next_multiple_of(LANES);
        let reach = (kh - 1) / sh * pitch + (kw - 1) / sw;
        Layout { shape, size, rows, pitch, taps, span, reach }
    }

    /// Number of elements of all planes, with space for the last lanes.
    fn planes(&self) -> usize {
        let [sh, sw] = self.shape.window.stride;
        self.shape.input[0] * sh * sw * self.rows * self.pitch + LANES + self.pitch
    }

    /// Calls `each` for every row of the image and every column phase of the stride, with the offset of the first
    /// element in the image, its offset in the planes, and the number of elements, which are `stride` apart in the
    /// image.
    fn lines(&self, mut each: impl FnMut(usize, usize, usize)) {
        let [sh, sw] = self.shape.window.stride;
        let [ph, pw] = self.shape.window.padding;
        let [c, h, w] = self.shape.input;
        for channel in 0..c {
            for y in 0..h {
                let row = y + ph;
                for phase in 0..sw {
                    // The first column x with (x + pw) % sw == phase.
                    let x = (phase + sw - pw % sw) % sw;
                    if x >= w {
                        continue;
                    }
                    let plane = (channel * sh + row % sh) * sw + phase;
                    let to = (plane * self.rows + row / sh) * self.pitch + (x + pw) / sw;
                    each((channel * h + y) * w + x, to, (w - x).div_ceil(sw));
                }
            }
        }
    }

    fn lay_out(&self, image: &[f32], planes: &mut [f32]) {
        let stride = self.shape.window.stride[1];
        self.lines(|from, to, count| {
            let to = &mut planes[to..to + count];
            if stride == 1 {
                to.copy_from_slice(&image[from..from + count]);
            } else {
                to.iter_mut().zip(image[from..].iter().step_by(stride)).for_each(|(t, f)| *t = *f);
            }
        });
    }

    fn gather_up(&self, planes: &[f32], image: &mut [f32]) {
        let stride = self.shape.window.stride[1];
        self.lines(|to, from, count| {
            let from = &planes[from..from + count];
            image[to..].iter_mut().step_by(stride).zip(from).for_each(|(t, f)| *t = *f);
        });
    }

    /// Copies the rows of a result or its gradient into rows of `pitch` with zeros between, after `before` leading
    /// zeros per channel.
    fn spread(&self, result: &[f32], before: usize, out: &mut [f32]) {
        let [oh, ow] = self.size;
        let channel = self.channel(before);
        for (own, out) in result.chunks_exact((oh * ow).max(1)).zip(out.chunks_exact_mut(channel)) {
            for (line, row) in own.chunks_exact(ow).enumerate() {
                out[before + line * self.pitch..][..ow].copy_from_slice(row);
            }
        }
    }

    /// Number of elements of a plane, rounded up to whole lanes.
    fn plane(&self) -> usize {
        (self.rows * self.pitch).next_multiple_of(LANES)
    }

    /// Number of elements per channel written by [`Layout::spread`], with trailing zeros for at least a plane.
    fn channel(&self, before: usize) -> usize {
        before + self.plane().max(self.span) + LANES
    }
}

/// `out[m][p] = Σ_k weight[m][k] · from[taps[k] + p]` for `p` below `span`, a multiple of [`LANES`]. `weights` holds blocks
/// of [`BLOCK`] results, `[block][k][BLOCK]`.
struct Gather<'a> {
    from: &'a [f32],
    taps: &'a [usize],
    weights: &'a [f32],
    span: usize,
    out: &'a mut [f32],
}

impl WithSimd for Gather<'_> {
    type Output = ();

    // The registers are named explicitly because the compiler would otherwise split the sums.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Gather { from, taps, weights, span, out } = self;
        let step = 2 * S::F32_LANES;
        for (weights, out) in weights.chunks_exact(taps.len() * BLOCK).zip(out.chunks_mut(span * BLOCK)) {
            let weights = weights.as_chunks::<BLOCK>().0;
            for p in (0..span).step_by(step) {
                let mut sums = [[simd.splat_f32s(0.0); 2]; BLOCK];
                for (tap, weights) in taps.iter().zip(weights) {
                    let (seen, _) = S::as_simd_f32s(&from[tap + p..tap + p + step]);
                    let (left, right) = (seen[0], seen[1]);
                    for i in 0..BLOCK {
                        let weight = simd.splat_f32s(weights[i]);
                        sums[i][0] = simd.mul_add_e_f32s(weight, left, sums[i][0]);
                        sums[i][1] = simd.mul_add_e_f32s(weight, right, sums[i][1]);
                    }
                }
                for i in 0..BLOCK {
                    let (row, _) = S::as_mut_simd_f32s(&mut out[i * span + p..i * span + p + step]);
                    row[0] = sums[i][0];
                    row[1] = sums[i][1];
                }
            }
        }
    }
}

/// `out[m][k] += Σ_p grad[m][p] · from[taps[k] + p]`.
struct Correlate<'a> {
    from: &'a [f32],
    taps: &'a [usize],
    grad: &'a [f32],
    results: usize,
    /// Distance in elements between output channels in `grad`.
    channel: usize,
    span: usize,
    out: &'a mut [f32],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Correlate { from, taps, grad, results, channel, span, out } = self;
        let zero = simd.splat_f32s(0.0);
        for m in (0..results).step_by(2) {
            // A last row without a partner is paired with itself.
            let other = (m + 1).min(results - 1);
            let (g0, _) = S::as_simd_f32s(&grad[m * channel..m * channel + span]);
            let (g1, _) = S::as_simd_f32s(&grad[other * channel..other * channel + span]);
            for k in (0..taps.len()).step_by(2) {
                let beside = (k + 1).min(taps.len() - 1);
                let (s0, _) = S::as_simd_f32s(&from[taps[k]..taps[k] + span]);
                let (s1, _) = S::as_simd_f32s(&from[taps[beside]..taps[beside] + span]);
                let mut sums = [[zero; 2]; 4];
                let pairs = g0.as_chunks::<2>().0.iter().zip(g1.as_chunks::<2>().0);
                let seen = s0.as_chunks::<2>().0.iter().zip(s1.as_chunks::<2>().0);
                for ((g0, g1), (s0, s1)) in pairs.zip(seen) {
                    for i in 0..2 {
                        sums[0][i] = simd.mul_add_e_f32s(g0[i], s0[i], sums[0][i]);
                        sums[1][i] = simd.mul_add_e_f32s(g0[i], s1[i], sums[1][i]);
                        sums[2][i] = simd.mul_add_e_f32s(g1[i], s0[i], sums[2][i]);
                        sums[3][i] = simd.mul_add_e_f32s(g1[i], s1[i], sums[3][i]);
                    }
                }
                for (i, sum) in sums.into_iter().enumerate() {
                    let (m, k) = (m + i / 2, k + i % 2);
                    if m < results && k < taps.len() {
                        out[m * taps.len() + k] += simd.reduce_sum_f32s(simd.add_f32s(sum[0], sum[1]));
                    }
                }
            }
        }
    }
}

/// Weights in blocks, `[block][k][BLOCK]`, padded with zeros.
fn blocks(results: usize, depth: usize, weight: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let mut out = vec![0.0; results.div_ceil(BLOCK) * depth * BLOCK];
    for m in 0..results {
        for k in 0..depth {
            out[(m / BLOCK * depth + k) * BLOCK + m % BLOCK] = weight(m, k);
        }
    }
    out
}

/// The gradient with respect to the planes. For each phase of the stride, the planes of all channels are correlated
/// with the same gradient elements, using the flipped kernel elements of that phase.
struct Back {
    /// Per phase of the stride: the taps into the channels of [`Layout::spread`], and the weights in blocks.
    phases: Vec<(Vec<usize>, Vec<f32>)>,
}

impl Back {
    fn of(layout: &Layout, weight: &[f32], before: usize) -> Back {
        let s = layout.shape;
        let ([sh, sw], [kh, kw]) = (s.window.stride, s.kernel);
        let channel = layout.channel(before);
        let phases = (0..sh * sw).map(|phase| {
            let mut taps = Vec::new();
            let mut places = Vec::new();
            for out in 0..s.out {
                for ky in (phase / sw..kh).step_by(sh) {
                    for kx in (phase % sw..kw).step_by(sw) {
                        taps.push(out * channel + before - (ky / sh * layout.pitch + kx / sw));
                        places.push((out, ky * kw + kx));
                    }
                }
            }
            let weights = blocks(s.input[0], taps.len(), |c, k| {
                let (out, place) = places[k];
                weight[(out * s.input[0] + c) * kh * kw + place]
            });
            (taps, weights)
        });
        Back { phases: phases.collect() }
    }

    /// Computes the gradient of the planes from the spread gradient; `sums` is scratch space.
    fn run(&self, layout: &Layout, spread: &[f32], sums: &mut [f32], planes: &mut [f32]) {
        let (span, own) = (layout.plane(), layout.rows * layout.pitch);
        for (phase, (taps, weights)) in self.phases.iter().enumerate() {
            if taps.is_empty() {
                sums.fill(0.0);
            } else {
                let from = spread;
                Arch::new().dispatch(Gather { from, taps, weights, span, out: sums });
            }
            for (channel, sums) in sums.chunks_exact(span).take(layout.shape.input[0]).enumerate() {
                let plane = channel * self.phases.len() + phase;
                planes[plane * own..(plane + 1) * own].copy_from_slice(&sums[..own]);
            }
        }
    }
}

/// Forward pass; the result is `[N, out, oh, ow]`.
pub(super) fn convolve(s: &Shape, x: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let layout = Layout::of(*s);
    let ([oh, ow], depth) = (layout.size, s.depth());
    let weights = blocks(s.out, depth, |m, k| weight[m * depth + k]);
    let mut planes = vec![0.0; layout.planes()];
    let mut sums = vec![0.0; s.out.next_multiple_of(BLOCK) * layout.span];
    let mut y = Vec::with_capacity(s.n * s.out * oh * ow);
    for image in x.chunks_exact(s.image()) {
        layout.lay_out(image, &mut planes);
        let (from, taps, weights, span) = (&planes[..], &layout.taps[..], &weights[..], layout.span);
        Arch::new().dispatch(Gather { from, taps, weights, span, out: &mut sums });
        for (channel, sums) in sums.chunks_exact(layout.span).take(s.out).enumerate() {
            let add = bias.map_or(0.0, |b| b[channel]);
            for line in 0..oh {
                y.extend(sums[line * layout.pitch..][..ow].iter().map(|v| v + add));
            }
        }
    }
    y
}

/// The gradients of the image (if requested) and of the weight.
pub(super) fn convolve_back(
    s: &Shape,
    x: &[f32],
    weight: &[f32],
    grad: &[f32],
    image: bool,
) -> (Option<Vec<f32>>, Vec<f32>) {
    let layout = Layout::of(*s);
    let ([oh, ow], depth) = (layout.size, s.depth());
    let before = layout.reach;
    let channel = layout.channel(before);
    let back = image.then(|| Back::of(&layout, weight, before));
    let mut planes = vec![0.0; layout.planes()];
    let mut spread = vec![0.0; s.out * channel];
    let mut sums = vec![0.0; s.input[0].next_multiple_of(BLOCK) * layout.plane()];
    let mut for_planes = vec![0.0; layout.planes()];
    let mut for_weight = vec![0.0; s.out * depth];
    let mut for_image = image.then(|| vec![0.0; x.len()]);
    let (image, result) = (s.image(), (s.out * oh * ow).max(1));
    for (i, (x, grad)) in x.chunks_exact(image).zip(grad.chunks_exact(result)).enumerate() {
        layout.lay_out(x, &mut planes);
        layout.spread(grad, before, &mut spread);
        Arch::new().dispatch(Correlate {
            from: &planes,
            taps: &layout.taps,
            grad: &spread[before..],
            results: s.out,
            channel,
            span: layout.span,
            out: &mut for_weight,
        });
        if let (Some(back), Some(for_image)) = (&back, &mut for_image) {
            back.run(&layout, &spread, &mut sums, &mut for_planes);
            layout.gather_up(&for_planes, &mut for_image[i * image..(i + 1) * image]);
        }
    }
    (for_image, for_weight)
}
