//! The memory layout of a convolution.
//!
//! An image is laid out once as padded *planes*, one for each channel and each phase of the stride. The input element
//! under a given kernel position is then at the same offset from each output element, so a convolution is a sum of
//! shifted planes. Rows of planes are slightly longer than rows of the result; the surplus elements are computed and
//! discarded, or are zero.

use super::Window;

/// Elements processed together: a multiple of twice the widest SIMD register.
pub(super) const LANES: usize = 32;

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

    /// Number of elements of an image.
    pub fn image(&self) -> usize {
        self.input.iter().product()
    }

    /// Number of elements of an image's result.
    pub fn result(&self) -> usize {
        self.out * self.size().iter().product::<usize>()
    }

    /// Number of elements under the kernel.
    pub fn depth(&self) -> usize {
        self.input[0] * self.kernel[0] * self.kernel[1]
    }
}

/// See the module documentation.
pub(super) struct Layout {
    pub shape: Shape,
    /// Rows and columns of the result.
    pub size: [usize; 2],
    /// Number of rows of a plane; `pitch`: their length.
    pub rows: usize,
    pub pitch: usize,
    /// For every kernel element (channel, row, column), the offset into the planes for the first output element.
    pub taps: Vec<usize>,
    /// From the first output element to past the last, in rows of `pitch`, rounded up to whole lanes.
    pub span: usize,
    /// The largest offset of a tap within its plane: the zeros before each channel of a gradient that is laid out.
    pub reach: usize,
}

/// A part of a row of planes within a tile: its row, its first column, its place in the tile, its length.
struct Piece {
    line: usize,
    column: usize,
    from: usize,
    count: usize,
}

impl Layout {
    pub fn of(shape: Shape) -> Layout {
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
    pub fn planes(&self) -> usize {
        let [sh, sw] = self.shape.window.stride;
        self.shape.input[0] * sh * sw * self.rows * self.pitch + LANES + self.pitch
    }

    /// Number of elements of a plane, rounded up to whole lanes.
    pub fn plane(&self) -> usize {
        (self.rows * self.pitch).next_multiple_of(LANES)
    }

    /// Number of elements per channel written by [`Layout::spread`], with trailing zeros for at least a plane.
    pub fn channel(&self) -> usize {
        self.reach + self.plane().max(self.span) + LANES
    }

    /// Copies an image into planes that are zero between its rows.
    pub fn lay_out(&self, image: &[f32], planes: &mut [f32]) {
        let [sh, sw] = self.shape.window.stride;
        let [ph, pw] = self.shape.window.padding;
        let [c, h, w] = self.shape.input;
        for channel in 0..c {
            for y in 0..h {
                let own = &image[(channel * h + y) * w..][..w];
                let row = y + ph;
                for phase in 0..sw {
                    // The first column x with (x + pw) % sw == phase.
                    let x = (phase + sw - pw % sw) % sw;
                    if x >= w {
                        continue;
                    }
                    let plane = (channel * sh + row % sh) * sw + phase;
                    let to = (plane * self.rows + row / sh) * self.pitch + (x + pw) / sw;
                    let to = &mut planes[to..to + (w - x).div_ceil(sw)];
                    if sw == 1 {
                        to.copy_from_slice(own);
                    } else {
                        to.iter_mut().zip(own[x..].iter().step_by(sw)).for_each(|(t, f)| *t = *f);
                    }
                }
            }
        }
    }

    /// Copies the rows of a result's gradient into rows of `pitch` with zeros between, after `reach` leading zeros per
    /// channel; 0 where a result `kept` is not above 0.
    pub fn spread(&self, grad: &[f32], kept: Option<&[f32]>, out: &mut [f32]) {
        let [oh, ow] = self.size;
        let place = oh * ow;
        for (m, out) in out.chunks_exact_mut(self.channel()).enumerate() {
            for line in 0..oh {
                let at = m * place + line * ow;
                let (row, to) = (&grad[at..at + ow], &mut out[self.reach + line * self.pitch..][..ow]);
                match kept {
                    Some(kept) => {
                        let kept = &kept[at..at + ow];
                        to.iter_mut()
                            .zip(row.iter().zip(kept))
                            .for_each(|(t, (g, y))| *t = if *y > 0.0 { *g } else { 0.0 });
                    }
                    None => to.copy_from_slice(row),
                }
            }
        }
    }

    /// The rows of planes that a tile of `count` elements at `at` covers.
    fn pieces(&self, at: usize, count: usize) -> impl Iterator<Item = Piece> {
        let pitch = self.pitch.max(1);
        (at / pitch..(at + count).div_ceil(pitch)).map(move |line| {
            let begin = (line * pitch).max(at);
            let end = ((line + 1) * pitch).min(at + count);
            Piece { line, column: begin - line * pitch, from: begin - at, count: end - begin }
        })
    }

    /// Copies a tile of results, `[out][count]` from element `at`, to their places; adds the bias and applies a ReLU, if
    /// requested.
    pub fn put(&self, tile: &[f32], [at, count]: [usize; 2], bias: Option<&[f32]>, relu: bool, y: &mut [f32]) {
        let [oh, ow] = self.size;
        let least = if relu { 0.0 } else { f32::NEG_INFINITY };
        for piece in self.pieces(at, count).filter(|p| p.line < oh && p.column < ow) {
            let (wide, place) = (piece.count.min(ow - piece.column), piece.line * ow + piece.column);
            for (m, (tile, y)) in tile.chunks_exact(count).zip(y.chunks_exact_mut(oh * ow)).enumerate() {
                let (own, to) = (&tile[piece.from..piece.from + wide], &mut y[place..place + wide]);
                match bias {
                    None if !relu => to.copy_from_slice(own),
                    _ => {
                        let add = bias.map_or(0.0, |b| b[m]);
                        let one = |x: f32| if x + add > least { x + add } else { least };
                        to.iter_mut().zip(own).for_each(|(t, f)| *t = one(*f));
                    }
                }
            }
        }
    }

    /// Copies a tile of the planes of a phase of the stride, `[channels][count]` from element `at`, to the image.
    pub fn put_back(&self, tile: &[f32], [at, count]: [usize; 2], phase: usize, image: &mut [f32]) {
        let [sh, sw] = self.shape.window.stride;
        let [ph, pw] = self.shape.window.padding;
        let [_, h, w] = self.shape.input;
        let [py, px] = [phase / sw, phase % sw];
        // The first column of the plane that lies in the image.
        let first = pw.saturating_sub(px).div_ceil(sw);
        for piece in self.pieces(at, count) {
            let Some(row) = (piece.line * sh + py).checked_sub(ph).filter(|row| *row < h) else { continue };
            let skip = first.saturating_sub(piece.column);
            let x = (piece.column + skip) * sw + px - pw;
            if skip >= piece.count || x >= w {
                continue;
            }
            let (from, wide) = (piece.from + skip, (piece.count - skip).min((w - x).div_ceil(sw)));
            for (tile, image) in tile.chunks_exact(count).zip(image.chunks_exact_mut(h * w)) {
                let (own, to) = (&tile[from..from + wide], &mut image[row * w + x..(row + 1) * w]);
                if sw == 1 {
                    to[..wide].copy_from_slice(own);
                } else {
                    to.iter_mut().step_by(sw).zip(own).for_each(|(t, f)| *t = *f);
                }
            }
        }
    }
}
