//! Matrix products of weights and shifted planes, in tiles that fit the caches.

use pulp::{Simd, WithSimd};

use super::planes::LANES;

/// The most rows that share a load: with two registers of columns each, all sums fit 16 registers.
const ROWS: usize = 6;
/// Number of weights of a slab, which should stay in the second cache while a tile is computed.
const SLAB: usize = 64 << 10;
/// Limits of a slab's depth; a panel of two registers of columns should stay in the first cache.
const DEPTH: [usize; 2] = [64, 256];

/// Divides `n` into as few parts as possible of at most `most`, of nearly equal sizes.
fn parts(n: usize, most: usize) -> impl Iterator<Item = [usize; 2]> + Clone {
    let count = n.div_ceil(most.max(1));
    (0..count).map(move |i| [i * n / count, (i + 1) * n / count])
}

/// A matrix `[rows][depth]` in slabs of depth, a slab in blocks of rows, a block as `[depth][rows]`.
pub(super) struct Weights {
    rows: usize,
    depth: usize,
    values: Vec<f32>,
}

impl Weights {
    pub fn of(rows: usize, depth: usize, weight: impl Fn(usize, usize) -> f32) -> Weights {
        let mut own = Weights { rows, depth, values: Vec::with_capacity(rows * depth) };
        for [from, to] in own.slabs() {
            for [first, end] in parts(rows, ROWS) {
                for k in from..to {
                    own.values.extend((first..end).map(|m| weight(m, k)));
                }
            }
        }
        own
    }

    fn slabs(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        parts(self.depth, (SLAB / self.rows.max(1)).clamp(DEPTH[0], DEPTH[1]))
    }
}

/// `out[m][p] = Σ_k weight[m][k] · from[taps[k] + at + p]` for `p` below `count`, a multiple of
/// [`LANES`](super::planes::LANES).
pub(super) struct Gather<'a> {
    pub from: &'a [f32],
    pub taps: &'a [usize],
    pub weights: &'a Weights,
    pub at: usize,
    pub count: usize,
    pub out: &'a mut [f32],
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Gather { from, taps, weights, at, count, out } = self;
        let width = 2 * S::F32_LANES;
        let mut panel = [[simd.splat_f32s(0.0); 2]; DEPTH[1]];
        for [first, end] in weights.slabs() {
            let slab = &weights.values[first * weights.rows..end * weights.rows];
            let panel = &mut panel[..end - first];
            for p in (0..count).step_by(width) {
                for (to, tap) in panel.iter_mut().zip(&taps[first..end]) {
                    let (seen, _) = S::as_simd_f32s(&from[tap + at + p..tap + at + p + width]);
                    *to = [seen[0], seen[1]];
                }
                let mut rest = slab;
                for [m, after] in parts(weights.rows, ROWS) {
                    let rows = after - m;
                    let (own, others) = rest.split_at(rows * panel.len());
                    rest = others;
                    let out = &mut out[m * count + p..];
                    let add = first > 0;
                    match rows {
                        6 => block::<S, 6>(simd, own, panel, out, count, add),
                        5 => block::<S, 5>(simd, own, panel, out, count, add),
                        4 => block::<S, 4>(simd, own, panel, out, count, add),
                        3 => block::<S, 3>(simd, own, panel, out, count, add),
                        2 => block::<S, 2>(simd, own, panel, out, count, add),
                        _ => block::<S, 1>(simd, own, panel, out, count, add),
                    }
                }
            }
        }
    }
}

/// `out[i] (+)= Σ_k weights[k][i] · panel[k]` for the rows of a block, `stride` apart.
#[inline(always)]
fn block<S: Simd, const R: usize>(
    simd: S,
    weights: &[f32],
    panel: &[[S::f32s; 2]],
    out: &mut [f32],
    stride: usize,
    add: bool,
) {
    let mut sums = [[simd.splat_f32s(0.0); 2]; R];
    for (weights, seen) in weights.as_chunks::<R>().0.iter().zip(panel) {
        for i in 0..R {
            let weight = simd.splat_f32s(weights[i]);
            sums[i][0] = simd.mul_add_e_f32s(weight, seen[0], sums[i][0]);
            sums[i][1] = simd.mul_add_e_f32s(weight, seen[1], sums[i][1]);
        }
    }
    store(simd, sums, out, stride, add);
}

#[inline(always)]
fn store<S: Simd, const R: usize>(simd: S, sums: [[S::f32s; 2]; R], out: &mut [f32], stride: usize, add: bool) {
    for (i, sums) in sums.into_iter().enumerate() {
        let (row, _) = S::as_mut_simd_f32s(&mut out[i * stride..i * stride + 2 * S::F32_LANES]);
        for (to, sum) in row.iter_mut().zip(sums) {
            *to = if add { simd.add_f32s(*to, sum) } else { sum };
        }
    }
}

/// Number of elements that [`Correlate`] takes at a time, and of taps while their elements stay in the second cache.
const CHUNK: usize = 256;
const TAPS: usize = 32 * ROWS;

/// `out[k][m] += Σ_p grad[m][p] · from[taps[k] + p]` for `p` below `span`. `out` is in panels of as many results as are
/// computed together, which is returned; a panel is `[k][m]`.
pub(super) struct Correlate<'a> {
    pub from: &'a [f32],
    pub taps: &'a [usize],
    pub grad: &'a [f32],
    /// Number of results, and the distance between them in `grad`.
    pub results: usize,
    pub channel: usize,
    pub span: usize,
    pub out: &'a mut [f32],
    /// Scratch space of [`Correlate::scratch`] elements.
    pub turned: &'a mut [f32],
}

impl Correlate<'_> {
    /// The size of the scratch space.
    pub fn scratch(results: usize) -> usize {
        results.next_multiple_of(LANES) * CHUNK
    }
}

impl WithSimd for Correlate<'_> {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let Correlate { from, taps, grad, results, channel, span, out, turned } = self;
        let width = 2 * S::F32_LANES;
        for [p, end] in parts(span, CHUNK) {
            let from = &from[p..];
            let panels = turned.chunks_exact_mut((end - p) * width).take(results.div_ceil(width));
            for (panel, to) in panels.enumerate() {
                turn(
                    to,
                    width,
                    (panel * width..(panel + 1) * width)
                        .map(|m| if m < results { &grad[m * channel + p..m * channel + end] } else { &[] }),
                );
            }
            for [first, last] in parts(taps.len(), TAPS) {
                let panels = turned.chunks_exact((end - p) * width).zip(out.chunks_exact_mut(taps.len() * width));
                for (panel, out) in panels.take(results.div_ceil(width)) {
                    let panel = S::as_simd_f32s(panel).0.as_chunks::<2>().0;
                    for [k, after] in parts(last - first, ROWS).map(|part| part.map(|k| first + k)) {
                        let (taps, out) = (&taps[k..after], &mut out[k * width..]);
                        match taps.len() {
                            6 => correlate::<S, 6>(simd, from, taps, panel, out),
                            5 => correlate::<S, 5>(simd, from, taps, panel, out),
                            4 => correlate::<S, 4>(simd, from, taps, panel, out),
                            3 => correlate::<S, 3>(simd, from, taps, panel, out),
                            2 => correlate::<S, 2>(simd, from, taps, panel, out),
                            _ => correlate::<S, 1>(simd, from, taps, panel, out),
                        }
                    }
                }
            }
        }
        width
    }
}

/// Writes rows side by side, `width` of them; an empty one stands for zeros.
#[inline(always)]
fn turn<'a>(panel: &mut [f32], width: usize, rows: impl Iterator<Item = &'a [f32]>) {
    for (lane, row) in rows.enumerate() {
        let to = panel[lane..].iter_mut().step_by(width);
        if row.is_empty() {
            to.for_each(|t| *t = 0.0);
        } else {
            to.zip(row).for_each(|(t, g)| *t = *g);
        }
    }
}

#[inline(always)]
fn correlate<S: Simd, const R: usize>(simd: S, from: &[f32], taps: &[usize], panel: &[[S::f32s; 2]], out: &mut [f32]) {
    let rows: [&[f32]; R] = std::array::from_fn(|i| &from[taps[i]..taps[i] + panel.len()]);
    let mut sums = [[simd.splat_f32s(0.0); 2]; R];
    for (p, grad) in panel.iter().enumerate() {
        for i in 0..R {
            let seen = simd.splat_f32s(rows[i][p]);
            sums[i][0] = simd.mul_add_e_f32s(seen, grad[0], sums[i][0]);
            sums[i][1] = simd.mul_add_e_f32s(seen, grad[1], sums[i][1]);
        }
    }
    store(simd, sums, out, 2 * S::F32_LANES, true);
}
