//! Pools on plain slices, forward and backward: windows that do not overlap, whose stride is their size.

use super::pass::Pool;
use super::threads::each;

/// The sizes of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Number of channels of all images.
    pub channels: usize,
    /// Rows and columns of each.
    pub size: [usize; 2],
    pub window: [usize; 2],
}

/// Number of elements below which a second thread does not pay.
const FEW: usize = 1 << 20;

impl Shape {
    /// Rows and columns of the result; what is left over at the edges is not seen.
    pub fn out(&self) -> [usize; 2] {
        [0, 1].map(|i| self.size[i] / self.window[i].max(1))
    }

    /// Number of elements of a channel, before and after.
    fn places(&self) -> [usize; 2] {
        [self.size, self.out()].map(|[h, w]| h * w)
    }

    fn enough(&self, threads: usize) -> usize {
        if self.channels * self.places()[0] < FEW { 1 } else { threads }
    }

    /// The parts of all rows of a channel that are seen, in groups of a window's rows.
    fn rows<'a>(&self, x: &'a [f32]) -> impl Iterator<Item = impl Iterator<Item = &'a [f32]>> {
        let (wide, seen) = (self.size[1], self.out()[1] * self.window[1]);
        x.chunks_exact(self.window[0] * wide).map(move |rows| rows.chunks_exact(wide).map(move |row| &row[..seen]))
    }
}

/// The result of every window.
pub(super) fn pool(s: &Shape, kind: Pool, x: &[f32], threads: usize) -> Vec<f32> {
    let [before, after] = s.places();
    let mut y = vec![0.0; s.channels * after];
    if y.is_empty() {
        return y;
    }
    let items: Vec<_> = x.chunks_exact(before).zip(y.chunks_exact_mut(after)).collect();
    let scale = 1.0 / (s.window[0] * s.window[1]) as f32;
    each(
        items,
        s.enough(threads),
        || (),
        |(), (x, y)| match kind {
            Pool::Max => {
                y.fill(f32::NEG_INFINITY);
                reduce(s, x, y, f32::max);
            }
            Pool::Mean => {
                reduce(s, x, y, |a, b| a + b);
                y.iter_mut().for_each(|y| *y *= scale);
            }
        },
    );
    y
}

/// Combines every element of `y` with its window.
fn reduce(s: &Shape, x: &[f32], y: &mut [f32], both: impl Fn(f32, f32) -> f32) {
    for (rows, y) in s.rows(x).zip(y.chunks_exact_mut(s.out()[1])) {
        for row in rows {
            if s.window[1] == 2 {
                y.iter_mut().zip(row.as_chunks::<2>().0).for_each(|(y, x)| *y = both(*y, both(x[0], x[1])));
            } else {
                let own = y.iter_mut().zip(row.chunks_exact(s.window[1]));
                own.for_each(|(y, x)| *y = x.iter().fold(*y, |y, x| both(y, *x)));
            }
        }
    }
}

/// The gradient of the image, from the image, the result and the result's gradient; of equal maxima, the first has it.
pub(super) fn pool_back(s: &Shape, kind: Pool, [x, y, grad]: [&[f32]; 3], threads: usize) -> Vec<f32> {
    let [before, after] = s.places();
    let mut for_x = vec![0.0; s.channels * before];
    if grad.is_empty() {
        return for_x;
    }
    let seen = x.chunks_exact(before).zip(y.chunks_exact(after));
    let items: Vec<_> = for_x.chunks_exact_mut(before).zip(grad.chunks_exact(after)).zip(seen).collect();
    let scratch = || vec![0.0; s.out()[1]];
    each(items, s.enough(threads), scratch, |left, ((for_x, grad), (x, y))| match kind {
        Pool::Mean => spread(s, grad, for_x, left),
        Pool::Max => choose(s, [x, y, grad], for_x, left),
    });
    for_x
}

/// Every element of a window gets the same share.
fn spread(s: &Shape, grad: &[f32], for_x: &mut [f32], shares: &mut [f32]) {
    let [high, wide] = s.window;
    let scale = 1.0 / (high * wide) as f32;
    for (rows, grad) in for_x.chunks_exact_mut(high * s.size[1]).zip(grad.chunks_exact(shares.len())) {
        shares.iter_mut().zip(grad).for_each(|(share, g)| *share = g * scale);
        for row in rows.chunks_exact_mut(s.size[1]) {
            if wide == 2 {
                row.as_chunks_mut::<2>().0.iter_mut().zip(&*shares).for_each(|(x, share)| *x = [*share; 2]);
            } else {
                row.chunks_exact_mut(wide).zip(&*shares).for_each(|(x, share)| x.fill(*share));
            }
        }
    }
}

/// The first element of a window that equals its maximum gets all; `left` is what has not been given yet.
fn choose(s: &Shape, [x, y, grad]: [&[f32]; 3], for_x: &mut [f32], left: &mut [f32]) {
    let [high, wide] = s.window;
    let own = y.chunks_exact(left.len()).zip(grad.chunks_exact(left.len()));
    for ((rows, (y, grad)), seen) in for_x.chunks_exact_mut(high * s.size[1]).zip(own).zip(s.rows(x)) {
        left.copy_from_slice(grad);
        for (row, x) in rows.chunks_exact_mut(s.size[1]).zip(seen) {
            if wide == 2 {
                let pairs = row.as_chunks_mut::<2>().0.iter_mut().zip(x.as_chunks::<2>().0);
                pairs.zip(y.iter().zip(&mut *left)).for_each(|((to, x), (y, left))| {
                    to[0] = if x[0] == *y { *left } else { 0.0 };
                    *left = if x[0] == *y { 0.0 } else { *left };
                    to[1] = if x[1] == *y { *left } else { 0.0 };
                    *left = if x[1] == *y { 0.0 } else { *left };
                });
            } else {
                let windows = row.chunks_exact_mut(wide).zip(x.chunks_exact(wide));
                windows.zip(y.iter().zip(&mut *left)).for_each(|((to, x), (y, left))| {
                    for (to, _) in to.iter_mut().zip(x).filter(|(_, x)| *x == y) {
                        *to = std::mem::take(left);
                    }
                });
            }
        }
    }
}
