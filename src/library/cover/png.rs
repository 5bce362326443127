//! PNG (ISO/IEC 15948): all kinds of pixels, interlaced or not. Chunks beside the pixels' are not unpacked, and of the
//! pixels no more is unpacked than the sides say.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;

use super::error::PictureError;
use super::limits::{check, faded};
use crate::picture::Raster;

/// How far from the upper left corner each pass of Adam7 begins, and how far apart its pixels are.
const ADAM7: [Pass; 7] = [
    Pass { x: 0, y: 0, across: 8, down: 8 },
    Pass { x: 4, y: 0, across: 8, down: 8 },
    Pass { x: 0, y: 4, across: 4, down: 8 },
    Pass { x: 2, y: 0, across: 4, down: 4 },
    Pass { x: 0, y: 2, across: 2, down: 4 },
    Pass { x: 1, y: 0, across: 2, down: 2 },
    Pass { x: 0, y: 1, across: 1, down: 2 },
];
/// A picture that is not interlaced is one pass.
const PLAIN: [Pass; 1] = [Pass { x: 0, y: 0, across: 1, down: 1 }];

#[derive(Clone, Copy)]
struct Pass {
    x: usize,
    y: usize,
    across: usize,
    down: usize,
}

/// The head of a file.
struct Head {
    width: usize,
    height: usize,
    /// Bits of a sample.
    depth: usize,
    /// The kind of pixels, as the format numbers them.
    kind: u8,
    interlaced: bool,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Head, PictureError> {
        let &[a, b, c, d, e, f, g, h, depth, kind, 0, 0, interlace] = bytes else {
            return Err(PictureError::Head);
        };
        let known = match kind {
            0 => [1, 2, 4, 8, 16].contains(&depth),
            2 | 4 | 6 => [8, 16].contains(&depth),
            3 => [1, 2, 4, 8].contains(&depth),
            _ => false,
        };
        if !known || interlace > 1 {
            return Err(PictureError::Pixels);
        }
        let side = |bytes| u32::from_be_bytes(bytes) as usize;
        let (width, height) = (side([a, b, c, d]), side([e, f, g, h]));
        check(width, height)?;
        Ok(Head { width, height, depth: usize::from(depth), kind, interlaced: interlace == 1 })
    }

    /// Samples of a pixel.
    fn samples(&self) -> usize {
        match self.kind {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    /// Bits of a pixel.
    fn bits(&self) -> usize {
        self.samples() * self.depth
    }
}

/// The colours that a file lists, and how opaque each is.
#[derive(Default)]
struct Palette<'a> {
    colours: &'a [u8],
    alpha: &'a [u8],
}

impl Palette<'_> {
    fn colour(&self, index: u8) -> [u8; 3] {
        let index = usize::from(index);
        let rgb: [u8; 3] =
            self.colours.get(3 * index..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        let alpha = self.alpha.get(index).copied().unwrap_or(255);
        rgb.map(|level| faded(level, alpha))
    }
}

/// Decodes a PNG.
///
/// # Errors
/// It is damaged, cut off, or too large.
pub(super) fn decode(bytes: &[u8]) -> Result<Raster, PictureError> {
    let mut head = None;
    let mut palette = Palette::default();
    let mut parts = Vec::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let Some((kind, after)) = after.split_first_chunk::<4>() else { break };
        let length = u32::from_be_bytes(*length) as usize;
        let data = after.get(..length).unwrap_or(after);
        match (kind, head.is_none()) {
            (b"IHDR", true) => head = Some(Head::read(data)?),
            (b"PLTE", _) => palette.colours = data,
            (b"tRNS", _) => palette.alpha = data,
            (b"IDAT", _) => parts.push(data),
            (b"IEND", _) => break,
            _ => {}
        }
        // Behind the data is a check sum.
        rest = after.get(length.saturating_add(4)..).unwrap_or_default();
    }
    let head = head.ok_or(PictureError::NoHead)?;
    let mut pixels = ZlibDecoder::new(Parts { parts, at: 0 });
    let mut picture = Raster { width: head.width, height: head.height, rgb: vec![0; 3 * head.width * head.height] };
    let passes: &[Pass] = if head.interlaced { &ADAM7 } else { &PLAIN };
    for pass in passes {
        fill(&mut picture, &head, &palette, *pass, &mut pixels)?;
    }
    Ok(picture)
}

/// Reads the pixels of a pass.
fn fill(to: &mut Raster, head: &Head, palette: &Palette, pass: Pass, from: &mut impl Read) -> io::Result<()> {
    let (columns, rows) = (
        head.width.saturating_sub(pass.x).div_ceil(pass.across),
        head.height.saturating_sub(pass.y).div_ceil(pass.down),
    );
    if columns == 0 {
        return Ok(());
    }
    let bytes = (columns * head.bits()).div_ceil(8);
    // How far back the byte of the pixel to the left is.
    let back = (head.bits() / 8).max(1);
    let (mut above, mut row) = (vec![0; bytes], vec![0; bytes]);
    for n in 0..rows {
        let mut filter = [0];
        from.read_exact(&mut filter)?;
        from.read_exact(&mut row)?;
        unfilter(filter[0], &mut row, &above, back)?;
        let start = ((pass.y + n * pass.down) * head.width + pass.x) * 3;
        let line = to.rgb.get_mut(start..).unwrap_or_default();
        for (column, pixel) in line.chunks_mut(3 * pass.across).take(columns).enumerate() {
            if let Some(place) = pixel.first_chunk_mut() {
                *place = colour(head, palette, &row, column);
            }
        }
        std::mem::swap(&mut above, &mut row);
    }
    Ok(())
}

/// Takes the prediction back with which a row was stored.
fn unfilter(filter: u8, row: &mut [u8], above: &[u8], back: usize) -> io::Result<()> {
    for at in 0..row.len() {
        let before = |of: &[u8]| at.checked_sub(back).and_then(|at| of.get(at)).copied().unwrap_or(0);
        let (left, up, corner) = (before(row), above.get(at).copied().unwrap_or(0), before(above));
        let guess = match filter {
            0 => 0,
            1 => left,
            2 => up,
            3 => u16::midpoint(left.into(), up.into()) as u8,
            4 => paeth(left, up, corner),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "a filter of no known kind")),
        };
        row[at] = row[at].wrapping_add(guess);
    }
    Ok(())
}

/// Which of three neighbours is nearest to what their slope predicts.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let [a, b, c] = [left, up, corner].map(|one| (guess - i16::from(one)).abs());
    match () {
        () if a <= b && a <= c => left,
        () if b <= c => up,
        () => corner,
    }
}

/// The colour of a pixel of a row.
fn colour(head: &Head, palette: &Palette, row: &[u8], column: usize) -> [u8; 3] {
    // Of a sample of two bytes the first is enough.
    let sample = |n: usize| {
        let bit = (column * head.samples() + n) * head.depth;
        let byte = row.get(bit / 8).copied().unwrap_or(0);
        if head.depth >= 8 { byte } else { (byte >> (8 - head.depth - bit % 8)) & ((1 << head.depth) - 1) }
    };
    let grey = || if head.depth >= 8 { sample(0) } else { sample(0) * (255 / ((1 << head.depth) - 1)) };
    match head.kind {
        2 => [sample(0), sample(1), sample(2)],
        3 => palette.colour(sample(0)),
        4 => [faded(grey(), sample(1)); 3],
        6 => [0, 1, 2].map(|n| faded(sample(n), sample(3))),
        _ => [grey(); 3],
    }
}

/// Parts of a file that belong together.
struct Parts<'a> {
    parts: Vec<&'a [u8]>,
    at: usize,
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.parts.get_mut(self.at) {
            if !part.is_empty() {
                return part.read(buffer);
            }
            self.at += 1;
        }
        Ok(0)
    }
}
