//! Pictures as pixels: fitting them into a box, and writing them as PNG or sixels.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

/// A picture of `width` × `height` pixels, in rows from the top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raster {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue of each pixel: 3 × `width` × `height` bytes.
    pub rgb: Vec<u8>,
}

impl Raster {
    /// A picture of these pixels; `None` unless there are as many as its sides say, and at least one.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Option<Raster> {
        let bytes = width.checked_mul(height)?.checked_mul(3)?;
        (bytes > 0 && rgb.len() == bytes).then_some(Raster { width, height, rgb })
    }

    /// Whether it has as many pixels as its sides say, and at least one: it may come from another process.
    pub fn is_sound(&self) -> bool {
        self.width.checked_mul(self.height).and_then(|n| n.checked_mul(3)).is_some_and(|n| n > 0 && n == self.rgb.len())
    }

    /// Red, green and blue of a pixel; black outside of the picture.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.width + x);
        let inside = x < self.width && y < self.height;
        self.rgb.get(at..).filter(|_| inside).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
    }

    /// The same picture, as large as it can be within a box of these sides without changing its shape.
    #[must_use]
    pub fn within(&self, width: usize, height: usize) -> Raster {
        let (width, height) = fitted((self.width, self.height), (width, height));
        self.scaled(width, height)
    }

    /// The same picture in other sides, of at least 1. Each pixel is the mean of those that it stands for.
    #[must_use]
    pub fn scaled(&self, width: usize, height: usize) -> Raster {
        let (width, height) = (width.max(1), height.max(1));
        // The pixels from which one of the smaller picture is made; one at least.
        let range = |at: usize, of: usize, all: usize| {
            let from = at * all / of;
            from..((at + 1) * all / of).max(from + 1)
        };
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut count) = ([0u64; 3], 0);
                for row in range(y, height, self.height) {
                    for column in range(x, width, self.width) {
                        let pixel = self.pixel(column, row);
                        sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += u64::from(level));
                        count += 1;
                    }
                }
                rgb.extend(sum.map(|sum| ((sum + count / 2) / count.max(1)) as u8));
            }
        }
        Raster { width, height, rgb }
    }

    /// The picture as a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let rows = self.rgb.chunks(3 * self.width.max(1));
        // No filter.
        let raw: Vec<u8> = rows.flat_map(|row| [0].into_iter().chain(row.iter().copied())).collect();
        png(self.width, self.height, &raw)
    }
}

/// The largest sides of the shape of `of` within those of a box; at least 1.
fn fitted(of: (usize, usize), within: (usize, usize)) -> (usize, usize) {
    let (of, within) = ((of.0.max(1) as u128, of.1.max(1) as u128), (within.0.max(1), within.1.max(1)));
    let side = |other: usize, own: u128, its: u128| ((other as u128 * own + its / 2) / its).max(1) as usize;
    if of.0 * within.1 as u128 > of.1 * within.0 as u128 {
        (within.0, side(within.0, of.1, of.0).min(within.1))
    } else {
        (side(within.1, of.0, of.1).min(within.0), within.1)
    }
}

/// A PNG file of rows of red, green and blue in bytes, each row after the byte of its filter.
pub(super) fn png(width: usize, height: usize, raw: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(raw);
    let packed = encoder.finish().unwrap_or_default();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend((width as u32).to_be_bytes());
    head.extend((height as u32).to_be_bytes());
    // Eight bits a channel, red, green and blue, the only methods, not interlaced.
    head.extend([8, 2, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", &head), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        out.extend((data.len() as u32).to_be_bytes());
        let from = out.len();
        out.extend(kind);
        out.extend(data);
        let sum = crc32fast::hash(&out[from..]);
        out.extend(sum.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_within_a_box() {
        for (of, within, sides) in [
            ((600, 600), (60, 60), (60, 60)),
            ((600, 300), (60, 60), (60, 30)),
            ((300, 600), (60, 60), (30, 60)),
            ((3, 9000), (48, 57), (1, 57)),
            ((9000, 1), (48, 57), (48, 1)),
            ((2, 2), (6, 5), (5, 5)),
            ((0, 0), (0, 0), (1, 1)),
        ] {
            assert_eq!(fitted(of, within), sides, "{of:?} in {within:?}");
        }
    }

    #[test]
    fn a_pixel_is_the_mean_of_those_it_stands_for() {
        let rgb = [[10, 0, 0], [30, 0, 0], [200, 100, 0], [200, 102, 0]].concat();
        let picture = Raster::new(2, 2, rgb.clone()).unwrap();
        assert_eq!(picture.scaled(1, 2).rgb, [20, 0, 0, 200, 101, 0]);
        assert_eq!(picture.scaled(2, 2), picture);
        assert_eq!(picture.scaled(4, 2).rgb[..12], [10, 0, 0, 10, 0, 0, 30, 0, 0, 30, 0, 0]);
        assert_eq!((picture.pixel(1, 1), picture.pixel(2, 0)), ([200, 102, 0], [0; 3]));
        assert_eq!(Raster::new(2, 3, rgb), None);
        assert!(picture.is_sound() && !Raster { width: usize::MAX, ..picture }.is_sound());
    }
}
