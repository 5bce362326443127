//! Convolution on plain slices, forward and backward, one image at a time, as matrix products ([`product`](super::product))
//! over the image's shifted planes ([`planes`](super::planes)): there is no im2col of a whole image. All sums run in a
//! fixed order, so that results do not depend on threads.

use pulp::Arch;

use super::planes::{LANES, Layout, Shape};
use super::product::{Correlate, Gather, Weights};
use super::threads::each;

/// Number of elements per channel that are computed at a time. An odd number of lanes, because rows a power of two apart
/// would share few places in a cache.
const TILE: usize = 7 * LANES;
/// Number of groups of images whose gradients of the weight are summed apart, and the most threads of a backward pass.
const GROUPS: usize = 16;
/// Multiply-accumulates below which a second thread does not pay.
const FEW: usize = 4 << 20;

/// Forward pass; the result is `[N, out, oh, ow]`, with a bias and a ReLU if requested.
pub(super) fn convolve(
    s: &Shape,
    x: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    relu: bool,
    threads: usize,
) -> Vec<f32> {
    let layout = Layout::of(*s);
    let (depth, image, result) = (s.depth(), s.image(), s.result());
    let mut y = vec![0.0; s.n * result];
    if y.is_empty() || depth == 0 {
        return y;
    }
    let weights = Weights::of(s.out, depth, |m, k| weight[m * depth + k]);
    let items: Vec<_> = x.chunks_exact(image).zip(y.chunks_exact_mut(result)).collect();
    let scratch = || (vec![0.0; layout.planes()], vec![0.0; s.out * TILE]);
    each(items, enough(s, threads), scratch, |(planes, tile), (x, y)| {
        layout.lay_out(x, planes);
        for at in (0..layout.span).step_by(TILE) {
            let count = TILE.min(layout.span - at);
            let out = &mut tile[..s.out * count];
            let (from, taps, weights) = (&planes[..], &layout.taps[..], &weights);
            Arch::new().dispatch(Gather { from, taps, weights, at, count, out });
            layout.put(out, [at, count], bias, relu, y);
        }
    });
    y
}

/// What a backward pass starts from.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub x: &'a [f32],
    pub weight: &'a [f32],
    /// The result, if it had a ReLU.
    pub y: Option<&'a [f32]>,
    /// The gradient of the result.
    pub grad: &'a [f32],
}

/// The gradients of a convolution.
pub(super) struct Slopes {
    /// If requested.
    pub x: Option<Vec<f32>>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Backward pass; `image` requests the gradient of the image.
pub(super) fn convolve_back(s: &Shape, given: Given, image: bool, threads: usize) -> Slopes {
    let (depth, size, result) = (s.depth(), s.image(), s.result());
    let mut x = image.then(|| vec![0.0; given.x.len()]);
    let (mut weight, mut bias) = (vec![0.0; s.out * depth], vec![0.0; s.out]);
    if given.grad.is_empty() || weight.is_empty() || size == 0 {
        return Slopes { x, weight, bias };
    }
    let layout = Layout::of(*s);
    let back = image.then(|| Back::of(&layout, given.weight));
    let group = s.n.div_ceil(GROUPS);
    let mut for_x = x.as_deref_mut().map(|x| x.chunks_mut(group * size));
    let groups = given.x.chunks(group * size).zip(given.grad.chunks(group * result)).enumerate();
    let groups = groups.map(|(i, (x, grad))| Group {
        x,
        y: given.y.map(|y| &y[i * group * result..][..grad.len()]),
        grad,
        for_x: for_x.as_mut().and_then(Iterator::next),
    });
    let scratch = || Scratch::of(&layout);
    let sums = each(groups.collect(), enough(s, threads), scratch, |scratch, group| {
        scratch.group(&layout, back.as_ref(), group)
    });
    for sum in &sums {
        for (m, row) in weight.chunks_exact_mut(depth).enumerate() {
            let panel = &sum.weight[m / sum.width * depth * sum.width..];
            row.iter_mut().zip(panel[m % sum.width..].iter().step_by(sum.width)).for_each(|(t, f)| *t += f);
        }
        bias.iter_mut().zip(&sum.bias).for_each(|(t, f)| *t += f);
    }
    Slopes { x, weight, bias }
}

/// The number of threads that pay.
fn enough(s: &Shape, threads: usize) -> usize {
    if s.n * s.result() * s.depth() < FEW { 1 } else { threads }
}

/// Some images of a backward pass.
struct Group<'a> {
    x: &'a [f32],
    y: Option<&'a [f32]>,
    grad: &'a [f32],
    for_x: Option<&'a mut [f32]>,
}

/// The gradients of a group: of the weight as of [`Correlate`], in panels of `width` results.
struct Sums {
    width: usize,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// The memory of a backward pass.
struct Scratch {
    planes: Vec<f32>,
    spread: Vec<f32>,
    turned: Vec<f32>,
    tile: Vec<f32>,
}

impl Scratch {
    fn of(layout: &Layout) -> Scratch {
        let s = &layout.shape;
        Scratch {
            planes: vec![0.0; layout.planes()],
            spread: vec![0.0; s.out * layout.channel()],
            turned: vec![0.0; Correlate::scratch(s.out)],
            tile: vec![0.0; s.input[0] * TILE],
        }
    }

    fn group(&mut self, layout: &Layout, back: Option<&Back>, group: Group) -> Sums {
        let s = &layout.shape;
        let (size, result, channel) = (s.image(), s.result(), layout.channel());
        let weight = vec![0.0; s.depth() * s.out.next_multiple_of(LANES)];
        let mut sums = Sums { width: LANES, weight, bias: vec![0.0; s.out] };
        let mut for_x = group.for_x;
        for (i, (x, grad)) in group.x.chunks_exact(size).zip(group.grad.chunks_exact(result)).enumerate() {
            layout.lay_out(x, &mut self.planes);
            layout.spread(grad, group.y.map(|y| &y[i * result..(i + 1) * result]), &mut self.spread);
            for (sum, row) in sums.bias.iter_mut().zip(self.spread.chunks_exact(channel)) {
                *sum += total(row);
            }
            sums.width = Arch::new().dispatch(Correlate {
                from: &self.planes,
                taps: &layout.taps,
                grad: &self.spread[layout.reach..],
                results: s.out,
                channel,
                span: layout.span,
                out: &mut sums.weight,
                turned: &mut self.turned,
            });
            if let (Some(back), Some(for_x)) = (back, for_x.as_deref_mut()) {
                back.run(layout, &self.spread, &mut self.tile, &mut for_x[i * size..(i + 1) * size]);
            }
        }
        sums
    }
}

/// The sum in parallel lanes, which the compiler keeps in registers.
fn total(row: &[f32]) -> f32 {
    let (whole, rest) = row.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for own in whole {
        sums.iter_mut().zip(own).for_each(|(sum, x)| *sum += x);
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// The gradient of the planes. For each phase of the stride, the planes of all channels are correlated with the same
/// gradient elements, using the flipped kernel elements of that phase.
struct Back {
    /// Per phase of the stride: the taps into the channels of [`Layout::spread`], and the weights.
    phases: Vec<(Vec<usize>, Weights)>,
}

impl Back {
    fn of(layout: &Layout, weight: &[f32]) -> Back {
        let s = layout.shape;
        let ([sh, sw], [kh, kw]) = (s.window.stride, s.kernel);
        let phases = (0..sh * sw).map(|phase| {
            let mut taps = Vec::new();
            let mut places = Vec::new();
            for out in 0..s.out {
                for ky in (phase / sw..kh).step_by(sh) {
                    for kx in (phase % sw..kw).step_by(sw) {
                        taps.push(out * layout.channel() + layout.reach - (ky / sh * layout.pitch + kx / sw));
                        places.push((out, ky * kw + kx));
                    }
                }
            }
            let weights = Weights::of(s.input[0], taps.len(), |c, k| {
                let (out, place) = places[k];
                weight[(out * s.input[0] + c) * kh * kw + place]
            });
            (taps, weights)
        });
        Back { phases: phases.collect() }
    }

    /// Computes the gradient of an image, which is 0 before, from the spread gradient; `tile` is scratch space.
    fn run(&self, layout: &Layout, spread: &[f32], tile: &mut [f32], image: &mut [f32]) {
        let span = layout.plane();
        for (phase, (taps, weights)) in self.phases.iter().enumerate().filter(|(_, (taps, _))| !taps.is_empty()) {
            for at in (0..span).step_by(TILE) {
                let count = TILE.min(span - at);
                let out = &mut tile[..layout.shape.input[0] * count];
                let from = spread;
                Arch::new().dispatch(Gather { from, taps, weights, at, count, out });
                layout.put_back(out, [at, count], phase, image);
            }
        }
    }
}
